//! What comes first where there is little room, and what is left out there.

use std::cmp::Reverse;

use crate::model::Advice;
use crate::verify::device::NEXT_BACKUP_MAY_NOT_FIT;

use super::{apps, icloud, superseded, undecided};

/// What belongs on one screen, most important first: what frees space here, most bytes first; whether
/// the next backup fits; what to do with the device; and last what is drastic or seldom helps.
pub fn on_screen(advice: &[Advice]) -> Vec<&Advice> {
    let disk_is_short = advice
        .iter()
        .any(|item| item.id == NEXT_BACKUP_MAY_NOT_FIT.id);
    // Worth knowing where room is needed, and in the way where it is not.
    let only_then = |item: &Advice| [apps::ID, icloud::ID].contains(&item.id);
    let mut items: Vec<&Advice> = advice
        .iter()
        .filter(|item| disk_is_short || !only_then(item))
        .collect();
    items.sort_by_key(|item| rank(item.step, item.id, item.bytes));
    items
}

/// The place of a piece of advice among others, most important first.
pub fn rank(step: u8, id: &str, bytes: Option<u64>) -> impl Ord {
    match (step, id) {
        (_, superseded::ID | undecided::ID) => (0, Reverse(bytes)),
        (_, id) if id == NEXT_BACKUP_MAY_NOT_FIT.id => (1, Reverse(None)),
        (2..=4, _) => (2, Reverse(None)),
        (8, _) => (3, Reverse(None)),
        (1, _) => (4, Reverse(None)),
        _ => (5, Reverse(None)),
    }
}
