//! What is kept of a run, what a run has in common with the one before and what it lacks of earlier
//! ones, and how each device developed over the runs. Pure.

mod again;
mod forget;
mod gone;
mod missed;
mod shrank;

use std::collections::{BTreeMap, HashMap};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::model::{
    BackupReport, DateSource, Device, DeviceHistory, DeviceRun, Finding, FolderHistory, PastBackup,
    PastProblem, PastRemoval, PastRun, Report, Root, Severity, Udid, Verdict,
};
use crate::verify::dates;
use crate::verify::device::{BACKUP_GONE, BACKUP_SHRANK, BACKUP_STALE};

pub use forget::{remembered, was_more};
pub use missed::tell_missing;

/// The id of what could not be looked at.
pub const BLOCKED: &str = "blocked";

const DAY: i64 = 24 * 60 * 60;

/// How far apart the first and the last run of a folder must be for its growth in a month, in seconds.
const LONG_ENOUGH: i64 = 14 * DAY;

/// 30.44 days in seconds.
const MONTH: i64 = 3044 * DAY / 100;

/// The longest `UUID` of a Status.plist that is kept; a device writes 36 characters.
const LONGEST_UUID: usize = 64;

/// What only the system can tell of where a report comes from.
pub struct Ground<'a> {
    /// The roots with all links resolved (absolute where that fails), one for each of
    /// [`Report::roots`] in that order.
    pub roots: &'a [PathBuf],
    /// For each of them the volume that it is on, by a number that lasts; nothing where it cannot be
    /// read or is empty.
    pub volumes: &'a [Option<u64>],
    /// The volume of what is at a path, else of the nearest folder around it; nothing where that cannot
    /// be looked into.
    pub volume_of: &'a dyn Fn(&Path) -> Option<u64>,
    /// What bkscan removed.
    pub removals: &'a [PastRemoval],
    /// The call that has backups be forgotten which the history knows by these paths.
    pub forget: &'a dyn Fn(&[&Path]) -> Option<String>,
}

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
fn kept(report: &Report, ground: &Ground<'_>) -> Vec<PastBackup> {
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

impl PastProblem {
    fn is(&self, subject: &OsStr, id: &str) -> bool {
        self.subject == subject && self.id == id
    }
}

/// For how many seconds what a finding tells has lasted, where it grows by itself as time passes.
fn span(
    finding: &Finding,
    device: &Device,
    backups: &[BackupReport],
    now: Timestamp,
) -> Option<u64> {
    if finding.id != BACKUP_STALE.id {
        return None;
    }
    let age = dates::without_backup(device, backups, now)?;
    u64::try_from(age.as_secs()).ok()
}

/// For how long it had lasted when it was last new, where it was new after `before` seconds and has
/// lasted for `now`.
fn last_new(before: Option<u64>, now: u64) -> u64 {
    match before {
        Some(before) if !has_doubled(before, now) => before,
        _ => now,
    }
}

/// Whether what grows by itself has grown so much that it is worth telling again.
fn has_doubled(before: u64, now: u64) -> bool {
    now >= before.saturating_mul(2)
}

/// Marks what the last run had too, of the same count or a larger one, and notes when that was. What
/// grows by itself is new again when its span has doubled. `canonical` are the roots of [`Ground`].
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
        |backup: &BackupReport| matches!(backup.verdict, Verdict::InProgress | Verdict::Unreadable);
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
            members.any(|at| is_hidden(&report.backups[*at]))
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

fn is_kept(finding: &Finding, backup: &BackupReport) -> bool {
    finding.severity > Severity::Note || backup.verdict == Verdict::Unreadable
}

/// A device without a UDID has one backup, and is known by it.
fn device_subject(device: &Device, backups: &[BackupReport], places: &Places) -> OsString {
    match (&device.udid, device.backups.first()) {
        (Some(udid), _) => udid.as_str().into(),
        (None, Some(at)) => places.subject(&backups[*at].path),
        (None, None) => OsString::new(),
    }
}

/// Turns paths below the roots as they were given into paths below the canonical ones: the same backup
/// must be known again from another working directory.
struct Places(Vec<(PathBuf, PathBuf)>);

impl Places {
    fn new(roots: &[Root], canonical: &[PathBuf]) -> Places {
        let given = roots.iter().map(|root| root.path.clone());
        Places(given.zip(canonical.iter().cloned()).collect())
    }

    fn canonical(&self, path: &Path) -> PathBuf {
        let rests = self.0.iter().filter_map(|(given, canonical)| {
            let rest = path.strip_prefix(given).ok()?;
            Some((canonical, rest))
        });
        match rests.min_by_key(|(_, rest)| rest.components().count()) {
            Some((canonical, rest)) if rest.as_os_str().is_empty() => canonical.clone(),
            Some((canonical, rest)) => canonical.join(rest),
            None => path.to_owned(),
        }
    }

    fn subject(&self, path: &Path) -> OsString {
        self.canonical(path).into_os_string()
    }
}

/// How each device developed, in the order of identifiers; backups whose device is unknown stand
/// alone, after the others by their paths. Where there is a filter, only backups at or below one of
/// its paths count.
pub fn devices(runs: &[PastRun], filter: &[PathBuf]) -> Vec<DeviceHistory> {
    let wanted = |path: &Path| filter.is_empty() || filter.iter().any(|at| path.starts_with(at));
    let mut devices: BTreeMap<Who<'_>, DeviceHistory> = BTreeMap::new();
    for run in runs {
        for backup in run.backups.iter().filter(|backup| wanted(&backup.path)) {
            let who = match &backup.udid {
                Some(udid) => Who::Known(udid),
                None => Who::Unknown(&backup.path),
            };
            let device = devices.entry(who).or_insert_with(|| DeviceHistory {
                udid: backup.udid.clone(),
                name: None,
                product: None,
                folders: vec![],
                runs: vec![],
            });
            add(device, run, backup);
        }
    }
    let mut devices: Vec<DeviceHistory> = devices.into_values().collect();
    for DeviceHistory { folders, runs, .. } in &mut devices {
        for (at, folder) in folders.iter_mut().enumerate() {
            folder.per_month = per_month(runs.iter().filter(|run| run.folder == at));
        }
    }
    devices
}

/// Devices with an identifier come first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Who<'a> {
    Known(&'a Udid),
    Unknown(&'a Path),
}

fn add(device: &mut DeviceHistory, run: &PastRun, backup: &PastBackup) {
    let DeviceHistory { folders, runs, .. } = device;
    let known = folders.iter().position(|known| known.path == backup.path);
    let folder = known.unwrap_or_else(|| {
        folders.push(FolderHistory {
            path: backup.path.clone(),
            since_previous: None,
            per_month: None,
        });
        folders.len() - 1
    });
    let mut entry = DeviceRun {
        at: run.at,
        folder,
        verdict: backup.verdict,
        allocated: backup.allocated,
        change: None,
    };
    if is_measured(&entry) {
        let mut before = runs.iter().rev();
        let before = before.find(|before| before.folder == folder && is_measured(before));
        entry.change = before.map(|before| change(before, &entry));
        folders[folder].since_previous = entry.change;
    }
    runs.push(entry);
    device.name = backup.name.clone().or(device.name.take());
    device.product = backup.product.clone().or(device.product.take());
}

fn is_measured(run: &DeviceRun) -> bool {
    run.verdict != Verdict::Unreadable
}

fn change(from: &DeviceRun, to: &DeviceRun) -> i64 {
    saturating(i128::from(to.allocated) - i128::from(from.allocated))
}

fn per_month<'a>(runs: impl Iterator<Item = &'a DeviceRun> + Clone) -> Option<i64> {
    let measured = runs.filter(|run| is_measured(run));
    let first = measured.clone().min_by_key(|run| run.at)?;
    let last = measured.max_by_key(|run| run.at)?;
    let seconds = last.at.duration_since(first.at).as_secs();
    (seconds >= LONG_ENOUGH).then(|| {
        let bytes = i128::from(change(first, last));
        saturating(bytes * i128::from(MONTH) / i128::from(seconds))
    })
}

fn saturating(bytes: i128) -> i64 {
    let limit = if bytes < 0 { i64::MIN } else { i64::MAX };
    i64::try_from(bytes).unwrap_or(limit)
}

#[cfg(test)]
mod tests;
