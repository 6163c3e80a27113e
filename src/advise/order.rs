//! What comes first where there is little room, and what is left out there.

use std::cmp::Reverse;

use crate::model::{Advice, Report};
use crate::verify::device::NEXT_BACKUP_MAY_NOT_FIT;

use super::trouble::{self, Trouble};
use super::{apps, icloud, ids, mend, save, superseded, undecided};

/// What belongs on one screen, most important first: what saves data; what makes room; what frees and what
/// only its owner can decide, most bytes first. What is drastic, or seldom helps, only where a device fails
/// again and again.
pub fn on_screen(report: &Report) -> Vec<&Advice> {
    let failing: Vec<_> = trouble::find(report);
    let failing = || failing.iter().filter(|trouble| trouble.fails_again());
    let is_about = |item: &Advice, trouble: &Trouble<'_>| item.backups.contains(&trouble.index);
    let mut items = report.advice.iter();
    let disk_is_short = items.any(|item| item.id == NEXT_BACKUP_MAY_NOT_FIT.id);
    let to_save = save::backups(&report.advice);
    let are_many = to_save.len() >= save::MANY_BACKUPS;
    let belongs = |item: &&Advice| match item.id {
        // Worth knowing where room is needed, and in the way where it is not.
        apps::ID | icloud::ID => disk_is_short,
        // What saves the data has said it.
        ids::STABLE_CONNECTION => false,
        // There is enough to say of what is to be saved, which is to be kept until there is something better.
        undecided::ID if are_many => !item.backups.iter().all(|index| to_save.contains(index)),
        ids::UPDATE_IOS if are_many => false,
        id if ids::is_drastic(id) => failing().any(|trouble| is_about(item, trouble)),
        _ => true,
    };
    let mut items: Vec<&Advice> = report.advice.iter().filter(belongs).collect();
    items.sort_by_key(|item| rank(item.step, item.id, item.bytes));
    items
}

/// The place of a piece of advice among others, most important first.
pub fn rank(step: u8, id: &str, bytes: Option<u64>) -> impl Ord {
    match (step, id) {
        (_, save::ID) => (0, Reverse(None)),
        (_, id) if id == NEXT_BACKUP_MAY_NOT_FIT.id => (1, Reverse(None)),
        (_, superseded::ID | undecided::ID) => (2, Reverse(bytes)),
        (_, mend::ID) => (3, Reverse(Some(u64::MAX))),
        (1, _) => (3, Reverse(None)),
        (2..=3, _) => (4, Reverse(None)),
        (step, _) => (step + 1, Reverse(None)),
    }
}
