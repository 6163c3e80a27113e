//! How advice calls devices and backups.

use crate::model::{BackupIndex, BackupReport, Report};
use crate::words::numbers;

/// What a person calls the device of a backup; short enough for a sentence.
pub(super) fn name(backup: &BackupReport) -> String {
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
pub(super) fn names(report: &Report, members: &[BackupIndex]) -> Vec<String> {
    let mut names = Vec::new();
    for index in members {
        let name = name(&report.backups[*index]);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The day a backup was made, as its reader writes it.
pub(super) fn day(report: &Report, index: BackupIndex) -> Option<String> {
    let last = report.backups[index].last_backup?;
    Some(numbers::day(last.at, &report.zone))
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
