//! Which devices have a backup that failed or is stale, and what was seen of it.

use std::cmp::Reverse;

use crate::facts::products;
use crate::model::{
    Amount, BackupIndex, BackupReport, Device, Finding, Report, Seen, Severity, Verdict,
};
use crate::verify::contents::PAYLOAD_READ_ERROR;
use crate::verify::device::{BACKUP_STALE, NEXT_BACKUP_MAY_NOT_FIT};
use crate::verify::encryption::KEY_INVALID;
use crate::verify::files::{PAYLOAD_EMPTY, PAYLOAD_TRUNCATED};
use crate::verify::standing;
use crate::verify::state::{LATER_ATTEMPT_FAILED, NEVER_FINISHED};
use crate::words::numbers;

use crate::verify::{self, Check, First, Likely};

use super::naming;

/// What is found of payloads that are there and cannot be read any more.
const LOST: [&Check; 4] = [
    &PAYLOAD_EMPTY,
    &PAYLOAD_TRUNCATED,
    &KEY_INVALID,
    &PAYLOAD_READ_ERROR,
];

/// A device whose newest backup failed, so that nothing good has come after it, or is stale.
#[derive(Clone, Copy)]
pub struct Trouble<'a> {
    pub report: &'a Report,
    pub device: &'a Device,
    /// The failed backup, or the stale one.
    pub index: BackupIndex,
    /// Whether it did not fail, and is merely too old.
    pub is_stale: bool,
}

/// All devices in trouble, in the report's order.
pub fn find(report: &Report) -> Vec<Trouble<'_>> {
    let devices = report.devices.iter();
    devices
        .filter_map(|device| {
            let failed = failed(report, device);
            Some(Trouble {
                report,
                device,
                index: failed.or_else(|| stale(device))?,
                is_stale: failed.is_none(),
            })
        })
        .collect()
}

/// The newest good backup of a device, or the newest where none is good, if it is stale.
fn stale(device: &Device) -> Option<BackupIndex> {
    let mut findings = device.findings.iter();
    let is_stale =
        findings.any(|finding| finding.id == BACKUP_STALE.id && finding.severity > Severity::Note);
    let newest = device.newest_good.or(device.backups.first().copied());
    newest.filter(|_| is_stale)
}

/// The newest failed backup of a device. Where there is a good one, only a run that came later
/// counts, not a copy; and nothing while the device is at work.
fn failed(report: &Report, device: &Device) -> Option<BackupIndex> {
    let backup = |index: BackupIndex| &report.backups[index];
    let date = |index: BackupIndex| standing::newest_date(backup(index), report.started_at);
    let members = || device.backups.iter().copied();
    if members().any(|index| backup(index).verdict == Verdict::InProgress) {
        return None;
    }
    let counts = |index: BackupIndex| match device.newest_good {
        Some(good) if good != index => {
            let is_copy = backup(index).archived || backup(index).only_info;
            !is_copy && date(good).is_some() && date(index) > date(good)
        }
        _ => true,
    };
    members()
        .filter(|index| has_failed(backup(*index)) && counts(*index))
        .max_by_key(|index| (date(*index), Reverse(*index)))
}

fn has_failed(backup: &BackupReport) -> bool {
    match backup.verdict {
        Verdict::Incomplete | Verdict::Corrupt | Verdict::Interrupted => true,
        Verdict::Complete | Verdict::Unverified => backup.has(LATER_ATTEMPT_FAILED.id),
        Verdict::InProgress | Verdict::Unreadable => false,
    }
}

impl Trouble<'_> {
    /// The failed backup.
    pub fn backup(&self) -> &BackupReport {
        &self.report.backups[self.index]
    }

    /// The device's name.
    pub fn name(&self) -> String {
        naming::name(self.report, self.backup())
    }

    /// `iPhone`, `iPad`, `iPod touch` or `device`.
    pub fn kind(&self) -> &'static str {
        products::kind(self.backup().device.product_type.as_deref())
    }

    /// `iOS 17.1`, on newer iPads `iPadOS 17.1`.
    pub fn system(&self) -> Option<String> {
        let device = &self.backup().device;
        let version = device.ios_version.as_deref()?;
        let name = products::system(device.product_type.as_deref(), Some(version));
        Some(format!("{name} {version}"))
    }

    /// Whether a run broke off, as against a backup that was damaged since.
    pub fn was_cut_short(&self) -> bool {
        let backup = self.backup();
        backup.verdict == Verdict::Interrupted
            || backup.has(NEVER_FINISHED.id)
            || backup.has(LATER_ATTEMPT_FAILED.id)
    }

    /// What has to be done before the device is backed up again, by what `explain` says of the findings.
    pub fn first(&self) -> First {
        let backup = self.backup();
        let is_bad = matches!(backup.verdict, Verdict::Incomplete | Verdict::Corrupt);
        if is_bad && backup.blocks_next_run {
            return First::MoveAway;
        }
        let ids = self.findings().map(|finding| finding.id);
        verify::first(ids).unwrap_or(match backup.verdict {
            _ if is_bad => First::Copy,
            Verdict::Interrupted => First::Leave,
            _ => First::Unlock,
        })
    }

    /// How many files of a backup lie in the folder: payloads, or whatever else there is beside the few files
    /// that tell about it, such as payloads under other names.
    pub fn files(&self) -> u64 {
        const OF_ITS_OWN: u64 = 16;
        let backup = self.backup();
        match backup.payloads.max(backup.payloads_anywhere) {
            0 if backup.usage.files > OF_ITS_OWN => backup.usage.files,
            payloads => payloads,
        }
    }

    /// Those of them that are not known to have lost their content, and how long they are.
    pub fn readable(&self) -> Amount {
        let backup = self.backup();
        let is_lost = |finding: &&Finding| LOST.iter().any(|check| check.id == finding.id);
        let lost: Vec<&Finding> = backup.findings.iter().filter(is_lost).collect();
        let of_payloads = backup.storage.iter().map(|group| group.bytes);
        let bytes = match of_payloads.fold(0, u64::saturating_add) {
            0 => backup.usage.logical,
            bytes => bytes,
        };
        let files = lost.iter().map(|finding| finding.count);
        // An empty one has no bytes here, whatever was recorded.
        let with_bytes = lost.iter().filter(|finding| finding.id != PAYLOAD_EMPTY.id);
        let lost_bytes = with_bytes.map(|finding| finding.bytes);
        Amount {
            files: files.fold(self.files(), u64::saturating_sub),
            bytes: lost_bytes.fold(bytes, u64::saturating_sub),
        }
    }

    /// Whether files are missing, cut or altered in a backup that was finished: no run failed.
    pub fn is_damaged(&self) -> bool {
        !self.is_stale && self.backup().verdict == Verdict::Corrupt
    }

    /// Whether runs of the device failed on several days, as the history tells.
    pub fn fails_again(&self) -> bool {
        self.device.failed_days > 1 && self.backup().verdict != Verdict::Corrupt
    }

    /// Warnings and errors of the backup.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        let findings = self.backup().findings.iter();
        findings.filter(|finding| finding.severity > Severity::Note)
    }

    /// What Apple's software has likely said.
    pub fn likely(&self) -> Option<Likely> {
        let mut findings = self.device.findings.iter();
        if self.was_cut_short() && findings.any(|finding| finding.id == NEXT_BACKUP_MAY_NOT_FIT.id)
        {
            return Some(Likely::DISK_FULL);
        }
        self.findings()
            .find_map(|finding| verify::with_id(finding.id)?.likely)
    }

    /// What was seen: date, state, finding ids.
    pub fn seen(&self) -> Seen {
        Seen {
            device: self.name(),
            what: self.what(),
        }
    }

    fn what(&self) -> String {
        let backup = self.backup();
        let date = standing::newest_date(backup, self.report.started_at);
        let dated = |what: &str| match date {
            Some(date) => format!("{what} of {}", numbers::day(date, &self.report.zone)),
            None => format!("{what} without a date"),
        };
        let what = match backup.verdict {
            _ if self.is_stale => {
                let day = naming::day(self.report, self.index);
                let since = day.map(|day| format!(" since {day}")).unwrap_or_default();
                let id = BACKUP_STALE.id;
                return format!("no good backup{since} ({id})");
            }
            Verdict::Interrupted => {
                dated("the run") + " did not finish; the backup before it is still there"
            }
            Verdict::Incomplete if backup.has(NEVER_FINISHED.id) => {
                dated("the run") + " did not finish"
            }
            Verdict::Incomplete => dated("the backup") + " is not complete",
            Verdict::Corrupt => dated("the backup") + " is damaged",
            _ => dated("a run") + " did not come to its end; the backup before it is still there",
        };
        let ids: Vec<_> = self.findings().map(|finding| finding.id).collect();
        match ids.as_slice() {
            [] => what,
            ids => format!("{what} ({})", ids.join(", ")),
        }
    }
}
