//! What is kept of a run. Pure.

use std::ffi::OsString;
use std::path::Path;

use crate::model::{
    BackupReport, DateSource, Finding, PastBackup, PastProblem, PastRun, Report, Severity, Udid,
    Verdict,
};
use crate::verify::device::{BACKUP_GONE, BACKUP_SHRANK, BACKUP_STALE};

use super::ground::Ground;
use super::shrank;
use super::span::{last_new, span};
use super::subject::{BLOCKED, Places, device_subject};

/// The longest `UUID` of a Status.plist that is kept; a device writes 36 characters.
const LONGEST_UUID: usize = 64;

/// What to keep of a run. `last` is the run before: its problems that this one could not have seen are
/// kept, too. Of a run that was stopped nothing is kept. The report must not be redacted.
pub fn run_of(report: &Report, ground: &Ground<'_>, last: Option<&PastRun>) -> Option<PastRun> {
    if report.cancelled {
        return None;
    }
    let places = Places::new(&report.roots, ground.roots);
    let before = last.map_or(&[][..], |last| &last.problems);
    let mut problems = Vec::new();
    let problem = |subject: OsString, id: &str, count| PastProblem {
        subject,
        id: id.to_owned(),
        count,
        span: None,
    };
    for backup in &report.backups {
        for finding in backup
            .findings
            .iter()
            .filter(|found| is_kept(found, backup))
        {
            let subject = places.subject(&backup.path);
            problems.push(problem(subject, finding.id, finding.count));
        }
    }
    for device in &report.devices {
        let subject = device_subject(device, &report.backups, &places);
        let findings = device.findings.iter();
        for finding in findings.filter(|finding| finding.severity > Severity::Note) {
            let same = |before: &&PastProblem| before.is(&subject, finding.id);
            let before = before.iter().find(same).and_then(|before| before.span);
            let now = span(finding, device, &report.backups, report.started_at);
            problems.push(PastProblem {
                span: now.map(|now| last_new(before, now)),
                ..problem(subject.clone(), finding.id, finding.count)
            });
        }
    }
    for closed in report.problems.iter().filter(|problem| problem.blocking) {
        problems.push(problem(places.subject(&closed.path), BLOCKED, 1));
    }
    for problem in before {
        let has = |other: &PastProblem| other.is(&problem.subject, &problem.id);
        if is_out_of_sight(problem, report, &places, ground) && !problems.iter().any(has) {
            problems.push(problem.clone());
        }
    }
    Some(PastRun {
        at: report.started_at,
        level: report.level,
        roots: ground.roots.to_vec(),
        volumes: ground.volumes.to_vec(),
        backups: kept(report, ground),
        problems,
    })
}

/// What to keep of the backups of a report, in its order.
pub fn kept(report: &Report, ground: &Ground<'_>) -> Vec<PastBackup> {
    let places = Places::new(&report.roots, ground.roots);
    let keep = |backup: &BackupReport| {
        let path = places.canonical(&backup.path);
        let is_manifest = |source| source == DateSource::Manifest;
        let of_manifest = backup.last_backup.filter(|last| is_manifest(last.source));
        let uuid = backup.status_uuid.clone();
        PastBackup {
            udid: backup.udid.clone(),
            name: backup.device.name.clone(),
            product: (backup.device.product_name.as_ref())
                .or(backup.device.product_type.as_ref())
                .cloned(),
            verdict: backup.verdict,
            last_backup: backup.last_backup.map(|last| last.at),
            files: backup.usage.files,
            logical: backup.usage.logical,
            allocated: backup.usage.allocated,
            manifest_date: of_manifest.map(|last| last.at),
            status_uuid: uuid.filter(|uuid| uuid.len() <= LONGEST_UUID),
            volume: (ground.volume_of)(&path),
            keepsakes: backup.keepsakes.clone(),
            forgotten: false,
            path,
        }
    };
    report.backups.iter().map(keep).collect()
}

fn is_kept(finding: &Finding, backup: &BackupReport) -> bool {
    finding.severity > Severity::Note || backup.is_closed()
}

/// Whether a run could not have seen an earlier problem: its backup was being written or closed, its
/// disk was away, its list was not read, or nobody asked whether the device is stale. Then it is not
/// over.
fn is_out_of_sight(
    problem: &PastProblem,
    report: &Report,
    places: &Places,
    ground: &Ground<'_>,
) -> bool {
    let is_hidden =
        |backup: &BackupReport| backup.verdict == Verdict::InProgress || backup.is_closed();
    let mut backups = report.backups.iter();
    let backup = backups.find(|backup| places.subject(&backup.path) == problem.subject);
    let mut devices = report.devices.iter();
    let device =
        devices.find(|device| device_subject(device, &report.backups, places) == problem.subject);
    match (backup, device) {
        _ if problem.id == BLOCKED => false,
        _ if problem.id == BACKUP_GONE.id && ground.volumes.contains(&None) => true,
        (_, Some(device)) if problem.id == BACKUP_STALE.id && !device.asked_if_stale => true,
        (_, Some(device))
            if problem.id == BACKUP_SHRANK.id && !shrank::is_judged(device, report) =>
        {
            true
        }
        (Some(backup), _) => is_hidden(backup),
        (None, Some(device)) => {
            let mut members = device.backups.iter();
            members.any(|index| is_hidden(&report.backups[*index]))
        }
        (None, None) => {
            let is_device = problem.subject.to_str().and_then(Udid::parse).is_some();
            let mut away = report.problems.iter().filter(|away| away.blocking);
            away.any(|away| {
                let path = places.canonical(&away.path);
                is_device || Path::new(&problem.subject).starts_with(path)
            })
        }
    }
}
