//! Which devices have a backup that failed, and what was seen of it.

use std::cmp::Reverse;

use crate::human;
use crate::model::{BackupReport, Device, Finding, Report, Severity, Verdict};
use crate::{plan, products};

use super::apple::{self, Likely};
use super::storage;

/// A device whose newest backup failed: nothing good has come after it.
pub struct Trouble<'a> {
    pub report: &'a Report,
    pub device: &'a Device,
    /// The failed backup, by index.
    pub at: usize,
}

/// All devices in trouble, in the report's order.
pub fn find(report: &Report) -> Vec<Trouble<'_>> {
    let devices = report.devices.iter();
    devices
        .filter_map(|device| {
            Some(Trouble {
                report,
                device,
                at: failed(report, device)?,
            })
        })
        .collect()
}

/// The newest failed backup of a device, unless a good one is newer.
fn failed(report: &Report, device: &Device) -> Option<usize> {
    let date = |at: usize| plan::newest_date(&report.backups[at], report.started_at);
    let outdated = |at: usize| {
        let good = device.newest_good.filter(|good| *good != at);
        good.is_some_and(|good| date(at).is_some_and(|date_of| Some(date_of) < date(good)))
    };
    device
        .backups
        .iter()
        .copied()
        .filter(|at| has_failed(&report.backups[*at]) && !outdated(*at))
        .max_by_key(|at| (date(*at), Reverse(*at)))
}

fn has_failed(backup: &BackupReport) -> bool {
    match backup.verdict {
        Verdict::Incomplete | Verdict::Corrupt | Verdict::Interrupted => true,
        Verdict::Complete | Verdict::Unverified => backup.has("later-attempt-failed"),
        Verdict::InProgress | Verdict::Unreadable => false,
    }
}

impl Trouble<'_> {
    /// The failed backup.
    pub fn backup(&self) -> &BackupReport {
        &self.report.backups[self.at]
    }

    /// The device's name.
    pub fn name(&self) -> String {
        super::name(self.backup())
    }

    /// `iPhone`, `iPad`, `iPod touch` or `device`.
    pub fn kind(&self) -> &'static str {
        products::kind(self.backup().device.product_type.as_deref())
    }

    /// Whether a run broke off, as against a backup that was damaged since.
    pub fn was_cut_short(&self) -> bool {
        let backup = self.backup();
        backup.verdict == Verdict::Interrupted
            || backup.has("never-finished")
            || backup.has("later-attempt-failed")
    }

    /// Warnings and errors of the backup.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        let findings = self.backup().findings.iter();
        findings.filter(|finding| finding.severity > Severity::Note)
    }

    /// What Apple's software has likely said.
    pub fn likely(&self) -> Option<Likely> {
        let mut findings = self.device.findings.iter();
        if self.was_cut_short() && findings.any(|finding| finding.id == storage::NEXT_BACKUP) {
            return Some(apple::DISK_FULL);
        }
        self.findings()
            .find_map(|finding| apple::likely(finding.id))
    }

    /// What was seen, as one sentence: device, date, state, finding ids.
    pub fn seen(&self) -> String {
        let backup = self.backup();
        let date = plan::newest_date(backup, self.report.started_at);
        let dated = |what: &str, link: &str| match date {
            Some(date) => format!("{what} {link} {}", human::day(date, &self.report.zone)),
            None => format!("{what} without a date"),
        };
        let what = match backup.verdict {
            Verdict::Interrupted => {
                dated("the run", "of") + " did not finish; the backup before it is whole"
            }
            Verdict::Incomplete if backup.has("never-finished") => {
                dated("the run", "of") + " did not finish, and there is no backup before it"
            }
            Verdict::Incomplete => dated("the backup", "of") + " is not complete",
            Verdict::Corrupt => dated("the backup", "of") + " is damaged",
            _ => {
                dated("the attempt", "of")
                    + " did not come to its end; the backup before it is whole"
            }
        };
        let ids: Vec<_> = self.findings().map(|finding| finding.id).collect();
        let mut facts = vec![ids.join(", ")];
        if let Some(state) = &backup.snapshot_state {
            facts.push(format!("state {state}"));
        }
        facts.retain(|fact| !fact.is_empty());
        format!("{}: {what} ({}).", self.name(), facts.join("; "))
    }
}
