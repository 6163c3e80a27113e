//! Checks of a device, which know all its backups (contract §3).

use jiff::SignedDuration;

use crate::model::Severity;
use crate::words::numbers;

use super::check::{Check, Explanation, Run, ToldOfDevice};
use super::dates::dates;
use super::next_backup::next_backup;
use super::outcome::Details;

/// In the order of their findings.
pub(super) const CHECKS: &[Check] = &[
    BACKUP_STALE,
    NEXT_BACKUP_MAY_NOT_FIT,
    BACKUP_GONE,
    BACKUP_SHRANK,
];

pub(crate) const BACKUP_STALE: Check = Check {
    id: "backup-stale",
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
    told_of_device: Some(ToldOfDevice::with("{device} has no recent backup")),
    run: Run::Device(|evidence| {
        const IN_USE_WITHIN: SignedDuration = SignedDuration::from_hours(365 * 24);
        let before = evidence.stale_before?;
        let dates = dates(evidence)?;
        let age = |date| evidence.now.duration_since(date);
        let newest = dates.good.unwrap_or(dates.seen);
        (age(dates.seen) <= IN_USE_WITHIN && newest < before).then(|| Details {
            count: 1,
            message: match dates.good {
                Some(good) => format!("the newest good backup is {} old", numbers::age(age(good))),
                None => format!(
                    "no backup is finished and whole, and the last attempt was {} ago",
                    numbers::age(age(dates.seen))
                ),
            },
            ..Details::default()
        })
    }),
    ..Check::USUAL
};

pub(crate) const NEXT_BACKUP_MAY_NOT_FIT: Check = Check {
    id: "next-backup-may-not-fit",
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
    told_of_device: Some(ToldOfDevice {
        command: Some("clean"),
        ..ToldOfDevice::with("the next backup of {device} may not fit")
    }),
    run: Run::Device(|evidence| {
        let next = next_backup(evidence.device, evidence.backups, evidence.now)?;
        (next.free < next.update).then(|| Details {
            count: 1,
            message: format!(
                "{} free on the disk of its newest backup, and the next one may need {}",
                numbers::size(next.free),
                numbers::size(next.update)
            ),
            bytes: next.update - next.free,
            ..Details::default()
        })
    }),
    ..Check::USUAL
};

pub(crate) const BACKUP_GONE: Check = Check {
    id: "backup-gone",
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
    told_of_device: Some(ToldOfDevice {
        one: "a backup of {device} is gone",
        several: "{count} backups of {device} are gone",
        advice: " Look in the trash and on other disks, and do not let the next backup run over what is \
                 left before you have a copy.",
        advice_without_any: " Look in the trash and on other disks.",
        command: None,
    }),
    ..Check::USUAL
};

pub(crate) const BACKUP_SHRANK: Check = Check {
    id: "backup-shrank",
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
    told_of_device: Some(ToldOfDevice {
        advice: " Keep every older copy until you know where the files are.",
        advice_without_any: " Keep every older copy until you know where the files are.",
        ..ToldOfDevice::with("the newest backup of {device} holds much less than before")
    }),
    ..Check::USUAL
};
