//! Turns a report into what its reader can do (contract §6): the eight steps of the guide, each with
//! what was seen in these backups. Pure. Claims only what the files show.

mod device;
mod guide;
mod icloud;
mod storage;
mod trouble;

use std::cmp::Reverse;

use crate::model::{Advice, BackupReport, Report};
use crate::system::System;
use crate::verify::device::NEXT_BACKUP_MAY_NOT_FIT;
use crate::words::numbers;

pub use guide::{STEPS, Step};

/// Everything that there is to advise, in the order of the guide.
pub fn advise(report: &Report, system: System) -> Vec<Advice> {
    let mut advice = storage::advise(report, system);
    advice.extend(device::advise(report, system));
    advice
}

/// What belongs on one screen, most important first: what frees space here, most bytes first; whether
/// the next backup fits; what to do with the device; and last what is drastic or seldom helps.
pub fn on_screen(advice: &[Advice]) -> Vec<&Advice> {
    let disk_is_short = advice
        .iter()
        .any(|item| item.id == NEXT_BACKUP_MAY_NOT_FIT.id);
    // Worth knowing where room is needed, and in the way where it is not.
    let only_then = |item: &Advice| [storage::LARGEST_APPS, icloud::ID].contains(&item.id);
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
        (_, storage::REMOVE_OLD | storage::DECIDE) => (0, Reverse(bytes)),
        (_, id) if id == NEXT_BACKUP_MAY_NOT_FIT.id => (1, Reverse(None)),
        (2..=4, _) => (2, Reverse(None)),
        (8, _) => (3, Reverse(None)),
        (1, _) => (4, Reverse(None)),
        _ => (5, Reverse(None)),
    }
}

/// What a person calls the device of a backup; short enough for a sentence.
fn name(backup: &BackupReport) -> String {
    const LONGEST: usize = 40;
    let name = backup
        .device
        .name
        .clone()
        .unwrap_or_else(|| backup.folder_name());
    match name.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &name[..end]),
        None => name,
    }
}

/// The devices of several backups, each once, in the order they come.
fn names(report: &Report, members: &[usize]) -> Vec<String> {
    let mut names = Vec::new();
    for at in members {
        let name = name(&report.backups[*at]);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The day a backup was made, as its reader writes it.
fn day(report: &Report, at: usize) -> Option<String> {
    let last = report.backups[at].last_backup?;
    Some(numbers::day(last.at, &report.zone))
}

/// `a`, `a and b`, `a, b and c`.
fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests;
