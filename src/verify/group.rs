//! Groups backups by device, and knows when each was backed up and what its next backup needs. Pure.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::model::{BackupReport, Device, Finding, Udid, Verdict};

use super::check::Run;
use super::evidence::DeviceEvidence;
use super::registry;
use super::standing;
use super::state::LEFTOVER;

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
        .map(|at| &evidence.backups[*at]);
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
/// What the next backup of a device in use needs, and what there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextBackup {
    /// The backup whose size it is estimated from, by index.
    pub at: usize,
    /// Bytes that it may need where it only updates that one.
    pub update: u64,
    /// Bytes that it takes where all is sent anew, about.
    pub full: u64,
    /// Bytes that are free.
    pub free: u64,
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

/// What the next backup of a device needs; nothing where that cannot be known: for a device that is
/// out of use or at work, and for copies that are kept where no new backup goes.
pub fn next_backup(
    device: &Device,
    backups: &[BackupReport],
    now: Timestamp,
) -> Option<NextBackup> {
    let members = || device.backups.iter().map(|at| &backups[*at]);
    if !is_current(device, backups, now)
        || members().any(|backup| backup.verdict == Verdict::InProgress)
    {
        return None;
    }
    let at = reference(device, backups)?;
    // Where several folders are of one device, nobody knows which one the next run goes to.
    let free = members()
        .filter(|backup| !backup.archived)
        .filter_map(|backup| backup.disk)
        .filter(|disk| disk.total > 0 && !disk.read_only)
        .map(|disk| disk.available)
        .max()?;
    let full = full_size(&backups[at]);
    Some(NextBackup {
        at,
        update: needed_for_update(full),
        full,
        free,
    })
}

/// What a backup takes without what earlier runs and other tools left in its folder.
fn full_size(backup: &BackupReport) -> u64 {
    let leftovers = backup.findings.iter();
    let leftovers = leftovers.filter(|finding| finding.id == LEFTOVER.id);
    leftovers.fold(backup.usage.allocated, |rest, finding| {
        rest.saturating_sub(finding.bytes)
    })
}

/// Bytes that the next backup of a device may need where it only updates one of `newest` bytes:
/// what the device asks for beside its upload (F§3), and a guess at the upload.
fn needed_for_update(newest: u64) -> u64 {
    const MIB: u64 = 1024 * 1024;
    128 * MIB + (2048 * MIB).max(newest / 20)
}

/// Groups backups by device, in the order of identifiers; newest first within one. A backup whose
/// device is unknown stands alone. `stale_before` tells of a device before which time its newest good
/// backup is stale, if ever.
pub fn group(
    backups: &[BackupReport],
    now: Timestamp,
    stale_before: impl Fn(Option<&Udid>) -> Option<Timestamp>,
) -> Vec<Device> {
    let mut by_udid: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    let mut unknown = Vec::new();
    for (at, backup) in backups.iter().enumerate() {
        match &backup.udid {
            Some(udid) => by_udid.entry(udid.clone()).or_default().push(at),
            None => unknown.push((None, vec![at])),
        }
    }
    let known = by_udid
        .into_iter()
        .map(|(udid, backups)| (Some(udid), backups));
    known
        .chain(unknown)
        .map(|(udid, mut members)| {
            members.sort_by_key(|at| Reverse(backups[*at].last_backup.map(|backup| backup.at)));
            let name = members
                .iter()
                .find_map(|at| backups[*at].device.name.clone());
            let stale_before = stale_before(udid.as_ref());
            let device = Device {
                asked_if_stale: stale_before.is_some(),
                newest_good: standing::newest_good(backups, &members, now),
                udid,
                name,
                backups: members,
                findings: vec![],
            };
            Device {
                findings: judge(&DeviceEvidence {
                    device: &device,
                    backups,
                    now,
                    stale_before,
                }),
                ..device
            }
        })
        .collect()
}

fn judge(evidence: &DeviceEvidence<'_>) -> Vec<Finding> {
    let found = registry::all().filter_map(|check| match check.run {
        Run::Device(run) => Some(check.finding(run(evidence)?)),
        Run::Backup(_) | Run::Elsewhere => None,
    });
    found.collect()
}

/// Whether the device was backed up within 180 days: an older one may be out of use.
pub fn is_current(device: &Device, backups: &[BackupReport], now: Timestamp) -> bool {
    const SEEN_WITHIN: SignedDuration = SignedDuration::from_hours(180 * 24);
    let dates = device
        .backups
        .iter()
        .filter_map(|at| standing::newest_date(&backups[*at], now));
    dates
        .max()
        .is_some_and(|seen| now.duration_since(seen) <= SEEN_WITHIN)
}

/// The backup whose size tells how large a full one of the device is: the newest that came to its
/// end, else the newest that holds anything and could be looked at.
pub fn reference(device: &Device, backups: &[BackupReport]) -> Option<usize> {
    let newest = |fits: &dyn Fn(Verdict) -> bool| {
        let members = device.backups.iter().copied();
        let mut fitting =
            members.filter(|at| !backups[*at].only_info && fits(backups[*at].verdict));
        fitting.next()
    };
    newest(&|verdict| verdict >= Verdict::Corrupt)
        .or_else(|| newest(&|verdict| verdict == Verdict::Incomplete))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::tests::{backup, now, time};

    /// What is said of the backup of device A where one of before 23 Oct 2026 is stale.
    fn stale(case: &str) -> Option<String> {
        let backups: Vec<_> = case.split(';').map(backup).collect();
        let devices = group(&backups, now(), |udid| {
            udid.map(Udid::as_str).map(|_| time("2026-10-23"))
        });
        let findings = devices[0].findings.iter();
        let mut found =
            findings.filter(|finding| finding.id == crate::verify::device::BACKUP_STALE.id);
        found.next().map(|finding| finding.message.clone())
    }

    #[test]
    fn a_backup_is_stale_when_nothing_good_came_after_it() {
        for (case, expected) in [
            (
                "A complete 2026-10-22",
                Some("the newest good backup is 31 days old"),
            ),
            ("A complete 2026-10-23", None),
            ("A complete 2026-10-24", None),
            (
                "A unverified 2026-09-01 enc",
                Some("the newest good backup is 82 days old"),
            ),
            // What an interrupted run left whole may be of any age.
            (
                "A interrupted 2026-09-01",
                Some("there is no good backup, and the last attempt was 82 days ago"),
            ),
            ("A interrupted 2026-11-21", None),
            (
                "A complete 2026-09-01; A interrupted 2026-11-21",
                Some("the newest good backup is 82 days old"),
            ),
            // A run that did not finish is none.
            (
                "A complete 2026-09-01; A incomplete 2026-11-21",
                Some("the newest good backup is 82 days old"),
            ),
            ("A complete 2026-09-01; A complete 2026-11-21 arch", None),
            ("A complete 2026-11-21; A complete 2020-01-01", None),
            (
                "A corrupt 2026-09-01",
                Some("there is no good backup, and the last attempt was 82 days ago"),
            ),
            ("A corrupt 2026-11-21", None),
            // At work, or perhaps newer than can be seen.
            ("A complete 2026-09-01; A in-progress 2026-11-22", None),
            ("A complete 2026-09-01; A unreadable -", None),
            ("A complete 2026-09-01; A complete -", None),
            ("A complete 2026-12-24; A complete 2026-09-01", None),
            (
                "A complete 2026-09-01; A unreadable 2026-08-01",
                Some("the newest good backup is 82 days old"),
            ),
            // Out of use for longer than a year; a run that failed says it is not.
            (
                "A complete 2025-11-22",
                Some("the newest good backup is 365 days old"),
            ),
            ("A complete 2025-11-21", None),
            (
                "A complete 2025-09-01; A incomplete 2026-11-21",
                Some("the newest good backup is 447 days old"),
            ),
            (
                "A complete 2025-09-01; A incomplete 2026-11-21 info-only",
                None,
            ),
        ] {
            assert_eq!(stale(case).as_deref(), expected, "{case}");
        }
    }

    #[test]
    fn without_a_span_nothing_is_stale() {
        let backups = [backup("A complete 2026-01-01")];
        assert_eq!(group(&backups, now(), |_| None)[0].findings, []);
    }
}
