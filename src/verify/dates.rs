//! When a device was backed up, and for how long it has had no good backup. Pure.

use jiff::{SignedDuration, Timestamp};

use crate::model::{BackupIndex, BackupReport, Device, Verdict};

use super::evidence::DeviceEvidence;
use super::standing;

/// When a device was backed up.
pub(super) struct Dates {
    /// The date of its newest good backup.
    pub(super) good: Option<Timestamp>,
    /// The newest date of any.
    pub(super) seen: Timestamp,
}

/// When the device was backed up; nothing while it is at work, and where one of its backups may be
/// newer than what is known.
pub(super) fn dates(evidence: &DeviceEvidence<'_>) -> Option<Dates> {
    let members = evidence
        .device
        .backups
        .iter()
        .map(|index| &evidence.backups[*index]);
    let members: Vec<_> = members.filter(|backup| !backup.only_info).collect();
    let mut good = None;
    for backup in &members {
        let date = backup.last_backup.map(|last| last.at);
        let date = date.filter(|date| standing::is_plausible(*date, evidence.now));
        match backup.verdict {
            Verdict::InProgress => return None,
            Verdict::Complete | Verdict::Unverified => {
                good = good.max(Some(date?));
            }
            Verdict::Unreadable => {
                date?;
            }
            Verdict::Incomplete | Verdict::Corrupt | Verdict::Interrupted => {}
        }
    }
    let dates = members.iter();
    let dates = dates.filter_map(|backup| standing::newest_date(backup, evidence.now));
    Some(Dates {
        good,
        seen: dates.max()?,
    })
}

/// For how long a device has had no good backup, or none at all where none is good; nothing where that
/// cannot be known.
pub fn without_backup(
    device: &Device,
    backups: &[BackupReport],
    now: Timestamp,
) -> Option<SignedDuration> {
    let evidence = DeviceEvidence {
        device,
        backups,
        now,
        stale_before: None,
    };
    let dates = dates(&evidence)?;
    Some(now.duration_since(dates.good.unwrap_or(dates.seen)))
}

/// A device that was not seen within these 180 days may be out of use, and what its backups tell of it is old.
const SEEN_WITHIN: SignedDuration = SignedDuration::from_hours(180 * 24);

/// The newest good backup of a device, if it is new enough to tell what the device is like.
pub fn recent_good(
    device: &Device,
    backups: &[BackupReport],
    now: Timestamp,
) -> Option<BackupIndex> {
    let is_recent = |index: &BackupIndex| {
        let date = standing::date(&backups[*index], now);
        date.is_some_and(|date| now.duration_since(date) <= SEEN_WITHIN)
    };
    device.newest_good.filter(is_recent)
}

/// Whether the device was backed up within 180 days.
pub fn is_current(device: &Device, backups: &[BackupReport], now: Timestamp) -> bool {
    let dates = device
        .backups
        .iter()
        .filter_map(|index| standing::newest_date(&backups[*index], now));
    dates
        .max()
        .is_some_and(|seen| now.duration_since(seen) <= SEEN_WITHIN)
}
