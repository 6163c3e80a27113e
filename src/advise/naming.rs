//! How advice calls devices and backups.

use crate::model::{BackupIndex, BackupReport, Device, Report};
use crate::words::{self, numbers};

/// What a person calls the device of a backup; short enough for a sentence. Where another device is called
/// the same, its model tells which is meant, or else its folder.
pub(super) fn name(report: &Report, backup: &BackupReport) -> String {
    let own = title(backup);
    let others = report.backups.iter();
    let others = others.filter(|other| other.udid != backup.udid && title(other) == own);
    let others: Vec<&BackupReport> = others.collect();
    let product = |backup: &BackupReport| backup.device.product_name.clone();
    match product(backup) {
        _ if others.is_empty() => own,
        Some(model)
            if others
                .iter()
                .all(|other| product(other).as_ref() != Some(&model)) =>
        {
            format!("{own} ({model})")
        }
        _ => format!("{own} ({})", backup.folder_name()),
    }
}

fn title(backup: &BackupReport) -> String {
    let name = backup.device.name.clone();
    shortened(name.unwrap_or_else(|| backup.folder_name()))
}

/// The same of a device of which there may be no backup.
pub(super) fn of_device(report: &Report, device: &Device) -> String {
    let newest = device.backups.first();
    match (&device.name, newest) {
        (_, Some(newest)) => name(report, &report.backups[*newest]),
        (Some(name), None) => shortened(name.clone()),
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
        let name = name(report, &report.backups[*index]);
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

/// The day of these backups in brackets, where one is not the newest row of its device; nothing where they are
/// of several days: then each has its own. Begins with a space.
pub(super) fn dated_together(report: &Report, members: &[BackupIndex]) -> Option<String> {
    let dated = |index: &BackupIndex| dated(report, *index);
    let first = dated(members.first()?);
    let is_same = members.iter().all(|index| dated(index) == first);
    is_same.then(|| first.replacen("(backup of", "(backups of", 1))
}

/// From how many devices on they are counted where nothing depends on who is meant.
pub(super) const MANY_DEVICES: usize = 4;

/// The same as [`words::listed`] of a few devices; `5 devices` of many.
pub(super) fn listed_or_counted(names: &[String]) -> String {
    match names.len() {
        MANY_DEVICES.. => format!("{} devices", names.len()),
        _ => words::listed(names),
    }
}
