//! Whether a backup counts as a good one of its device, and of when it is. Pure.

use std::cmp::Reverse;

use jiff::{SignedDuration, Timestamp};

use crate::model::{BackupIndex, BackupReport, DateSource};

use super::manifest::INDEX_SHORT;
use super::plists::TOOL_MADE;

/// The newest good backup of those in `members`, if there is one.
pub fn newest_good(
    backups: &[BackupReport],
    members: &[BackupIndex],
    now: Timestamp,
) -> Option<BackupIndex> {
    let good = members
        .iter()
        .copied()
        .filter(|index| is_good(&backups[*index]));
    // The first of several with the same date; one of which nobody knows whose it is, if there is no other.
    good.max_by_key(|index| {
        let backup = &backups[*index];
        (!is_disputed(backup), date(backup, now), Reverse(*index))
    })
}

/// Whether it is a whole backup of the device, as far as can be seen. A folder with nothing but Info.plist
/// is a copy of nothing, whatever else is said of it; so is what a tool made, and a list that was cut is no
/// list.
pub fn is_good(backup: &BackupReport) -> bool {
    let is_doubtful = [TOOL_MADE, INDEX_SHORT]
        .iter()
        .any(|check| backup.has(check.id));
    !backup.only_info && !backup.in_trash && !is_doubtful && backup.verdict.is_good()
}

/// When the device wrote it. Only dates from the manifest or the status, and only those that are not
/// in the future, count.
pub fn date(backup: &BackupReport, now: Timestamp) -> Option<Timestamp> {
    let told = backup
        .last_backup
        .filter(|last| matches!(last.source, DateSource::Manifest | DateSource::Status))
        .map(|last| last.at);
    let date = told.or(backup.status_date)?;
    is_plausible(date, now).then_some(date)
}

/// The newest date that anything in the backup tells, unless it is in the future: a backup that may
/// go must be older than the other one by all of them.
pub fn newest_date(backup: &BackupReport, now: Timestamp) -> Option<Timestamp> {
    [
        backup.last_backup.map(|last| last.at),
        backup.status_date,
        backup.info_date,
    ]
    .into_iter()
    .flatten()
    .filter(|date| is_plausible(*date, now))
    .max()
}

/// Whether a date is not in the future, but for a day that clocks may differ by.
pub fn is_plausible(date: Timestamp, now: Timestamp) -> bool {
    date.duration_since(now) <= SignedDuration::from_hours(24)
}

/// Whether the places that name the device of a backup disagree, its two lists among them: then nothing is
/// known of it.
pub fn is_disputed(backup: &BackupReport) -> bool {
    backup.is_disputed
}
