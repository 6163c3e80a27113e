//! Groups backups by device, and makes the checks of devices. Pure.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::model::{BackupIndex, BackupReport, Device, Finding, Udid};

use super::check::Run;
use super::evidence::DeviceEvidence;
use super::registry;
use super::standing;

/// Groups backups by device, in the order of identifiers; newest first within one. A backup whose
/// device is unknown stands alone. `stale_before` tells of a device before which time its newest good
/// backup is stale, if ever.
pub fn group(
    backups: &[BackupReport],
    now: Timestamp,
    stale_before: impl Fn(Option<&Udid>) -> Option<Timestamp>,
) -> Vec<Device> {
    let mut by_udid: BTreeMap<_, Vec<BackupIndex>> = BTreeMap::new();
    let mut unknown = Vec::new();
    for (index, backup) in BackupIndex::all(backups.len()).zip(backups) {
        match &backup.udid {
            Some(udid) => by_udid.entry(udid.clone()).or_default().push(index),
            None => unknown.push((None, vec![index])),
        }
    }
    let known = by_udid
        .into_iter()
        .map(|(udid, backups)| (Some(udid), backups));
    known
        .chain(unknown)
        .map(|(udid, mut members)| {
            members
                .sort_by_key(|index| Reverse(backups[*index].last_backup.map(|backup| backup.at)));
            let name = members
                .iter()
                .find_map(|index| backups[*index].device.name.clone());
            let stale_before = stale_before(udid.as_ref());
            let device = Device {
                asked_if_stale: stale_before.is_some(),
                failed_days: 0,
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
                Some("no backup is finished and whole, and the last attempt was 82 days ago"),
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
                Some("no backup is finished and whole, and the last attempt was 82 days ago"),
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
