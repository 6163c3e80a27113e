//! Groups backups by device, and judges what is about a device and not about one backup. Pure.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::model::{BackupReport, Device, Effect, Finding, Severity, Udid, Verdict};
use crate::plan;
use crate::verify::Explanation;
use crate::words::numbers;

/// One check of a device: its id and what a finding of it means.
pub struct DeviceCheck {
    /// The id of its finding; never renamed or reused.
    pub id: &'static str,
    /// How bad the finding is.
    pub severity: Severity,
    /// What a finding of it is, in words for people.
    pub explanation: Explanation,
    run: fn(&Evidence<'_>) -> Option<Found>,
}

/// What is known of one device.
struct Evidence<'a> {
    device: &'a Device,
    backups: &'a [BackupReport],
    now: Timestamp,
    stale_before: Option<Timestamp>,
}

/// When a device was backed up.
struct Dates {
    /// The date of its newest good backup.
    good: Option<Timestamp>,
    /// The newest date of any.
    seen: Timestamp,
}

impl Evidence<'_> {
    /// When the device was backed up; nothing while it is at work, and where one of its backups may be
    /// newer than what is known.
    fn dates(&self) -> Option<Dates> {
        let members = self.device.backups.iter().map(|at| &self.backups[*at]);
        let members: Vec<_> = members.filter(|backup| !backup.only_info).collect();
        let mut good = None;
        for backup in &members {
            let date = backup.last_backup.map(|last| last.at);
            let date = date.filter(|date| plan::is_plausible(*date, self.now));
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
        let dates = dates.filter_map(|backup| plan::newest_date(backup, self.now));
        Some(Dates {
            good,
            seen: dates.max()?,
        })
    }
}

/// What a check found: a sentence, and the bytes it is about.
struct Found {
    message: String,
    bytes: u64,
}

/// The id of the finding, and of the advice, that a disk is too full for the next backup.
pub const NEXT_BACKUP: &str = "next-backup-may-not-fit";

/// The id of the finding that a device was not backed up for long.
pub const STALE: &str = "backup-stale";

/// The id of the finding that a backup is not there any more.
pub const GONE: &str = "backup-gone";

/// The id of the finding that the newest good backup holds much less than one did before.
pub const SHRANK: &str = "backup-shrank";

/// The checks of devices, in the order of their findings.
pub const CHECKS: &[DeviceCheck] = &[
    BACKUP_STALE,
    NEXT_BACKUP_MAY_NOT_FIT,
    BACKUP_GONE,
    BACKUP_SHRANK,
];

const BACKUP_STALE: DeviceCheck = DeviceCheck {
    id: STALE,
    severity: Severity::Warning,
    explanation: Explanation {
        meaning: "The newest good backup of this device is older than you allow. The backups that \
                  are there are not affected.",
        certainty: "The date is the one that the device wrote into its backup. Only with \
                    --stale-after, and only for devices with a backup in the last 365 days: an older \
                    one counts as out of use. A run that came later and did not finish does not \
                    count.",
        source: "--stale-after SPAN, or stale-after of the device in the configuration file \
                 (bkscan config show).",
        action: "Connect the device with a cable and back it up.\n\
                 If it should have been backed up over Wi-Fi: connect it to power, and see whether it \
                 and this computer are on the same network.\n\
                 A device that is rarely in use can have a longer span of its own in the \
                 configuration file.",
    },
    run: |evidence| {
        const IN_USE_WITHIN: SignedDuration = SignedDuration::from_hours(365 * 24);
        let before = evidence.stale_before?;
        let dates = evidence.dates()?;
        let age = |date| evidence.now.duration_since(date);
        let newest = dates.good.unwrap_or(dates.seen);
        (age(dates.seen) <= IN_USE_WITHIN && newest < before).then(|| Found {
            message: match dates.good {
                Some(good) => format!("the newest good backup is {} old", numbers::age(age(good))),
                None => format!(
                    "there is no good backup, and the last attempt was {} ago",
                    numbers::age(age(dates.seen))
                ),
            },
            bytes: 0,
        })
    },
};

const NEXT_BACKUP_MAY_NOT_FIT: DeviceCheck = DeviceCheck {
    id: NEXT_BACKUP,
    severity: Severity::Warning,
    explanation: Explanation {
        meaning: "The disk that holds this device's backup is so full that the next backup may not \
                  fit. The backups that are there are not affected.",
        certainty: "The free space is measured. How much the next backup adds is an estimate: 128 \
                    MiB, and the larger of 2 GiB and 5 % of the newest backup. Only devices with a \
                    backup in the last 180 days are looked at. Space that a Mac could make by \
                    itself counts as taken.",
        source: "The device's own backup code asks the computer for its free space and stops with \
                 error 105 where less is free than it wants to send and 128 MiB; it may ask for 2 \
                 GiB more.",
        action: "Free space on that disk: bkscan clean shows which old backups could go.\n\
                 On the device, delete apps that are not used any more: Settings > General > iPhone \
                 Storage.\n\
                 Then back up the device again.",
    },
    run: |evidence| {
        let next = next_backup(evidence.device, evidence.backups, evidence.now)?;
        (next.free < next.update).then(|| Found {
            message: format!(
                "{} free on the disk of its newest backup, and the next one may need {}",
                numbers::size(next.free),
                numbers::size(next.update)
            ),
            bytes: next.update - next.free,
        })
    },
};

const BACKUP_GONE: DeviceCheck = DeviceCheck {
    id: GONE,
    severity: Severity::Warning,
    explanation: Explanation {
        meaning: "A backup that an earlier run saw is not there any more, and bkscan did not remove \
                  it. A warning where what is left is not known to hold as much; a note, told once, \
                  where another good backup of the device does.",
        certainty: "Certain that it was there and is in none of the folders that were looked at: a \
                    backup is known again by its device, its date and the number of its run, \
                    wherever it lies. Only where each folder is on the same disk as then, can be \
                    read and is not empty. Whether it was deleted or moved elsewhere cannot be seen.",
        source: "The history of earlier runs over the same paths, of this user on this computer: \
                 bkscan history. A backup that the device's next run replaced in its folder counts \
                 as there.",
        action: "Look in the trash, on other disks and in Time Machine: a folder can often be had back \
                 from there.\n\
                 Keep what is left: copy its folder to another disk before the device is backed up \
                 again, for a run may write over it.\n\
                 If it is gone on purpose, say so: bkscan history --forget BACKUP. Else it is told \
                 until it is back, or for 30 days after it was last seen.",
    },
    // Judged by the history, which knows earlier runs.
    run: |_| None,
};

const BACKUP_SHRANK: DeviceCheck = DeviceCheck {
    id: SHRANK,
    severity: Severity::Warning,
    explanation: Explanation {
        meaning: "The newest good backup of this device holds less than half of what an earlier one \
                  held of its photos, or of all that a person would miss. It may be whole in itself: \
                  then the device had lost it before it was backed up.",
        certainty: "A fact about the two backups: less than half of the files and of the bytes, and \
                    at least 50 files fewer than in a run of the last 180 days. Why cannot be seen: \
                    the photos may have moved to iCloud, or may have been deleted from the device.",
        source: "The history of earlier runs of this user on this computer: bkscan history. Only runs \
                 that could read both lists of files.",
        action: "Keep every older copy of this device until you know where the files are: in the \
                 trash, on other disks, in Time Machine.\n\
                 Look on the device whether they are there, and in Settings > your name > iCloud \
                 whether photos and messages are kept there.\n\
                 If it is as you want it, say so: bkscan history --forget BACKUP.",
    },
    // Judged by the history, which knows earlier runs.
    run: |_| None,
};

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
    let evidence = Evidence {
        device,
        backups,
        now,
        stale_before: None,
    };
    let dates = evidence.dates()?;
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
    let leftovers = leftovers.filter(|finding| finding.id == "leftover");
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
                newest_good: plan::newest_good(backups, &members, now),
                udid,
                name,
                backups: members,
                findings: vec![],
            };
            Device {
                findings: judge(&Evidence {
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

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    CHECKS
        .iter()
        .filter_map(|check| {
            let found = (check.run)(evidence)?;
            Some(Finding {
                id: check.id,
                severity: check.severity,
                effect: Effect::Nothing,
                count: 1,
                bytes: found.bytes,
                message: found.message,
                unnamed: None,
                examples: vec![],
                hint: None,
                known: false,
            })
        })
        .collect()
}

/// Whether the device was backed up within 180 days: an older one may be out of use.
pub fn is_current(device: &Device, backups: &[BackupReport], now: Timestamp) -> bool {
    const SEEN_WITHIN: SignedDuration = SignedDuration::from_hours(180 * 24);
    let dates = device
        .backups
        .iter()
        .filter_map(|at| plan::newest_date(&backups[*at], now));
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
        let mut found = findings.filter(|finding| finding.id == STALE);
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
