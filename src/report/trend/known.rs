//! What a run has in common with the one before. Pure.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::PathBuf;

use crate::model::{PastRun, Report};
use crate::verify::device::BACKUP_GONE;

use super::span::{has_doubled, span};
use super::subject::{BLOCKED, Places, device_subject};

/// Marks what the last run had too, of the same count or a larger one, and notes when that was. What
/// grows by itself is new again when its span has doubled. `canonical` are the roots of [`Ground`](super::Ground).
pub fn mark_known(report: &mut Report, canonical: &[PathBuf], last: Option<&PastRun>) {
    let Some(last) = last else {
        let mut of_devices = report.devices.iter_mut();
        let all = of_devices.by_ref().flat_map(|device| &mut device.findings);
        all.for_each(|finding| finding.known = false);
        return;
    };
    report.last_run = Some(last.at);
    let places = Places::new(&report.roots, canonical);
    let mut counts: HashMap<(&OsStr, &str), u64> = HashMap::new();
    for problem in &last.problems {
        let most = counts.entry((&problem.subject, &problem.id)).or_default();
        *most = (*most).max(problem.count);
    }
    let is_known = |subject: &OsStr, id: &str, count: u64| {
        let before = counts.get(&(subject, id));
        before.is_some_and(|before| *before >= count)
    };
    for device in &mut report.devices {
        let subject = device_subject(device, &report.backups, &places);
        let mut findings = std::mem::take(&mut device.findings);
        for finding in &mut findings {
            let known = is_known(&subject, finding.id, finding.count);
            let mut before = last.problems.iter();
            let before = before.find(|before| before.is(&subject, finding.id));
            let before = before.and_then(|before| before.span);
            let span = span(finding, device, &report.backups, report.started_at);
            let has_grown =
                (before.zip(span)).is_some_and(|(before, now)| has_doubled(before, now));
            // Which backups are gone is another question than how many.
            let is_other = finding.id == BACKUP_GONE.id && !finding.known;
            finding.known = known && !has_grown && !is_other;
        }
        device.findings = findings;
    }
    for backup in &mut report.backups {
        let subject = places.subject(&backup.path);
        for finding in &mut backup.findings {
            finding.known = is_known(&subject, finding.id, finding.count);
        }
    }
    for problem in report.problems.iter_mut().filter(|found| found.blocking) {
        problem.known = is_known(&places.subject(&problem.path), BLOCKED, 1);
    }
}
