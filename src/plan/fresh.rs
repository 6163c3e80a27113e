//! Whether a folder was only copied here within the hour (contract §5). Pure.

use jiff::{SignedDuration, Timestamp};

use crate::model::{BackupReport, DateSource, RUNNING_WITHIN, Verdict};
use crate::verify::state::BACKUP_RUNNING;

/// A device that is at work on a backup has given it a date within this time.
const LONG_AGO: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Whether a backup is a fresh copy: all its files are of the last hour although it was made long ago, so
/// that they were copied and no device is at work on it. Without any date of its own nobody can know.
pub fn is_fresh_copy(backup: &BackupReport, now: Timestamp) -> bool {
    let is_running = backup.has(BACKUP_RUNNING.id) || backup.verdict == Verdict::InProgress;
    let told = backup
        .last_backup
        .filter(|last| last.source != DateSource::Mtime)
        .map(|last| last.at);
    let dates = [told, backup.status_date, backup.info_date];
    let mut dates = dates.into_iter().flatten().peekable();
    let is_old = dates.peek().is_some() && dates.all(|date| now.duration_since(date) > LONG_AGO);
    let is_new_here = backup
        .oldest_change
        .is_some_and(|change| now.duration_since(change) < RUNNING_WITHIN);
    !is_running && is_old && is_new_here
}

/// The same of one whose state says that it was finished: only then does nothing hang on whether a device is
/// at work on it after all, with a wrong clock.
pub fn is_finished_copy(backup: &BackupReport, now: Timestamp) -> bool {
    backup.snapshot_state.as_deref() == Some("finished") && is_fresh_copy(backup, now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{LastBackup, Severity};
    use crate::plan::tests::{backup, finding, now, time};

    /// Made a month ago and copied here half an hour ago.
    fn copied() -> BackupReport {
        BackupReport {
            oldest_change: now().checked_sub(SignedDuration::from_mins(30)).ok(),
            status_date: Some(time("2026-10-20")),
            info_date: Some(time("2026-10-20")),
            ..backup("A complete 2026-10-20")
        }
    }

    fn from_now(days: i64, seconds: i64) -> Option<Timestamp> {
        let span = SignedDuration::from_secs(days * 24 * 60 * 60 + seconds);
        now().checked_add(span).ok()
    }

    #[test]
    fn a_copy_of_an_old_backup_is_fresh_for_an_hour() {
        assert!(is_fresh_copy(&copied(), now()));
        for (oldest, expected) in [
            (from_now(0, -3_599), true),
            (from_now(0, -3_600), false),
            (from_now(-30, 0), false),
            (None, false),
        ] {
            let backup = BackupReport {
                oldest_change: oldest,
                ..copied()
            };
            assert_eq!(is_fresh_copy(&backup, now()), expected, "{oldest:?}");
        }
    }

    #[test]
    fn all_its_dates_are_more_than_a_week_ago() {
        let week = from_now(-7, 0);
        let longer = from_now(-7, -1);
        let status = |date| BackupReport {
            status_date: date,
            ..copied()
        };
        let info = |date| BackupReport {
            info_date: date,
            ..copied()
        };
        let manifest = |date: Option<Timestamp>, source| BackupReport {
            last_backup: date.map(|at| LastBackup { at, source }),
            ..copied()
        };
        for (date, expected) in [(week, false), (longer, true), (from_now(30, 0), false)] {
            assert_eq!(is_fresh_copy(&status(date), now()), expected, "{date:?}");
            assert_eq!(is_fresh_copy(&info(date), now()), expected, "{date:?}");
            let manifest = manifest(date, DateSource::Manifest);
            assert_eq!(is_fresh_copy(&manifest, now()), expected, "{date:?}");
        }
        // When its files were written is no date of its own.
        assert!(is_fresh_copy(
            &manifest(from_now(0, 0), DateSource::Mtime),
            now()
        ));
        let dateless = BackupReport {
            status_date: None,
            info_date: None,
            ..manifest(from_now(-30, 0), DateSource::Mtime)
        };
        assert!(!is_fresh_copy(&dateless, now()));
    }

    #[test]
    fn only_a_finished_one_is_a_finished_copy() {
        let with = |state: Option<&str>| BackupReport {
            snapshot_state: state.map(str::to_owned),
            ..copied()
        };
        assert!(is_finished_copy(&with(Some("finished")), now()));
        for state in [None, Some("uploading"), Some("moving"), Some("new")] {
            assert!(is_fresh_copy(&with(state), now()));
            assert!(!is_finished_copy(&with(state), now()), "{state:?}");
        }
    }

    #[test]
    fn one_that_is_running_is_no_copy() {
        let running = BackupReport {
            findings: vec![finding(BACKUP_RUNNING.id, Severity::Note)],
            ..copied()
        };
        assert!(!is_fresh_copy(&running, now()));
        let running = BackupReport {
            verdict: Verdict::InProgress,
            ..copied()
        };
        assert!(!is_fresh_copy(&running, now()));
    }
}
