//! On how many days runs of a device failed, one after the other up to now. Pure.

use std::collections::BTreeSet;
use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::model::{PastBackup, PastRun, Report, Udid, Verdict};
use crate::verify::state::FAILED_RUNS;

use super::ground::Ground;
use super::kept::run_of;

/// What tells one run of a device from another.
type Attempt = (Option<String>, Option<Timestamp>, u64, u64);

/// Notes of each device on how many days its runs failed: each counts once, on the day of the scan that saw
/// it first, however many scans saw it. A run that did not fail begins a new count. `runs` are all that are
/// remembered, in the order in which they were recorded. The report must not be redacted.
pub fn count_failed_days(report: &mut Report, runs: &[PastRun], ground: &Ground<'_>) {
    let now = run_of(report, ground, None);
    let zone = report.zone.clone();
    for device in &mut report.devices {
        let Some(udid) = &device.udid else { continue };
        let runs = || runs.iter().chain(&now);
        let own = runs()
            .flat_map(|run| &run.backups)
            .filter(|backup| is_of(backup, udid));
        let folders: BTreeSet<&PathBuf> = own.map(|backup| &backup.path).collect();
        let days = folders
            .iter()
            .map(|folder| failed_days(folder, udid, runs(), &zone));
        device.failed_days = days.max().unwrap_or(0);
    }
}

fn is_of(backup: &PastBackup, udid: &Udid) -> bool {
    backup.udid.as_ref() == Some(udid)
}

fn failed_days<'a>(
    folder: &PathBuf,
    udid: &Udid,
    runs: impl Iterator<Item = &'a PastRun>,
    zone: &TimeZone,
) -> u32 {
    let mut attempts: BTreeSet<Attempt> = BTreeSet::new();
    let mut days: BTreeSet<Date> = BTreeSet::new();
    for run in runs {
        let mut backups = run.backups.iter();
        let here = backups.find(|backup| backup.path == *folder && is_of(backup, udid));
        let Some(backup) = here.filter(|backup| backup.verdict != Verdict::InProgress) else {
            continue;
        };
        if !has_failed(run, backup) {
            attempts.clear();
            days.clear();
        } else if attempts.insert(attempt(backup)) {
            days.insert(run.at.to_zoned(zone.clone()).date());
        }
    }
    u32::try_from(days.len()).unwrap_or(u32::MAX)
}

/// Whether the last run of the device into this folder failed, as this scan saw it.
fn has_failed(run: &PastRun, backup: &PastBackup) -> bool {
    let mut problems = run.problems.iter();
    problems.any(|problem| {
        problem.subject == backup.path.as_os_str()
            && FAILED_RUNS.iter().any(|check| check.id == problem.id)
    })
}

fn attempt(backup: &PastBackup) -> Attempt {
    (
        backup.status_uuid.clone(),
        backup.last_backup,
        backup.files,
        backup.logical,
    )
}
