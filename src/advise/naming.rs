//! How advice calls devices and backups.

use crate::model::{BackupIndex, BackupReport, Device, Report};
use crate::words::numbers;

/// What a person calls the device of a backup; short enough for a sentence.
pub(super) fn name(backup: &BackupReport) -> String {
    let name = backup.device.name.clone();
    shortened(name.unwrap_or_else(|| backup.folder_name()))
}

/// The same of a device of which there may be no backup.
pub(super) fn of_device(report: &Report, device: &Device) -> String {
    let newest = device.backups.first();
    match (&device.name, newest) {
        (Some(name), _) => shortened(name.clone()),
        (None, Some(newest)) => name(&report.backups[*newest]),
        (None, None) => "a device without a name".to_owned(),
    }
}

fn shortened(name: String) -> String {
    const LONGEST: usize = 40;
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

/// The day of a backup in brackets, where it is not the newest row of its device; begins with a space.
pub(super) fn dated(report: &Report, index: BackupIndex) -> String {
    let is_newest = report
        .devices
        .iter()
        .any(|device| device.backups.first() == Some(&index));
    match day(report, index).filter(|_| !is_newest) {
        Some(day) => format!(" (backup of {day})"),
        None => String::new(),
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
