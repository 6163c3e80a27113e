//! Groups backups by device, and judges what is about a device and not about one backup. Pure.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::human;
use crate::model::{BackupReport, Device, Effect, Finding, Severity, Verdict};
use crate::plan;
use crate::verify::Explanation;

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
}

/// What a check found: a sentence, and the bytes it is about.
struct Found {
    message: String,
    bytes: u64,
}

/// The id of the finding, and of the advice, that a disk is too full for the next backup.
pub const NEXT_BACKUP: &str = "next-backup-may-not-fit";

/// The checks of devices, in the order of their findings.
pub const CHECKS: &[DeviceCheck] = &[DeviceCheck {
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
                human::size(next.free),
                human::size(next.update)
            ),
            bytes: next.update - next.free,
        })
    },
}];

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
/// device is unknown stands alone.
pub fn group(backups: &[BackupReport], now: Timestamp) -> Vec<Device> {
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
            let device = Device {
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
