//! Tells in a report what it lacks of what earlier runs saw. Pure.

use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::model::{Device, Effect, Finding, PastBackup, PastRun, Report, Severity, Udid};
use crate::verify::device::{BACKUP_GONE, BACKUP_SHRANK};
use crate::words::numbers;

use super::gone::{self, Gone, Left};
use super::ground::Ground;
use super::shrank::{self, Shrank};

/// How many backups a sentence names.
const NAMED: usize = 3;

/// Adds to the devices of a report what is gone and what shrank since earlier runs; a device of which
/// nothing is left is added, too. `runs` are all that are remembered, in the order in which they were
/// recorded. A problem with what lies in the place of one that is gone blocks. The report must not be
/// redacted. Tells whether there was anything to add.
pub fn tell_missing(report: &mut Report, runs: &[PastRun], ground: &Ground<'_>) -> bool {
    let mut found: Vec<(Option<Udid>, &PastBackup, Finding)> = Vec::new();
    let gone = gone::find(report, runs, ground);
    for members in by_device(&gone) {
        let (lacking, covered): (Vec<_>, Vec<_>) =
            (members.iter().copied()).partition(|gone| gone.left > Left::Enough);
        for (severity, members) in [(Severity::Warning, lacking), (Severity::Note, covered)] {
            if let [first, ..] = members.as_slice() {
                let finding = of_gone(severity, &members, &report.zone, ground);
                found.push((first.backup.udid.clone(), first.backup, finding));
            }
        }
    }
    // Where a backup was is something that is none: nobody looked at what was asked for.
    let places: Vec<&Path> = gone.iter().map(|gone| &*gone.backup.path).collect();
    let mut problems = report.problems.iter_mut();
    let there = problems
        .by_ref()
        .filter(|problem| places.contains(&&*problem.path));
    there.for_each(|problem| problem.blocking = true);
    for device in &report.devices {
        if let Some(shrank) = shrank::find(device, report, runs) {
            let finding = of_shrank(&shrank, &report.zone, ground);
            found.push((device.udid.clone(), shrank.backup, finding));
        }
    }
    let any = !found.is_empty();
    for (udid, backup, finding) in found {
        let index = place_of(report, udid.as_ref(), backup);
        report.devices[index].findings.push(finding);
    }
    any
}

/// Backups of one device together; those of no known device each alone.
fn by_device<'a, 'b>(gone: &'b [Gone<'a>]) -> Vec<Vec<&'b Gone<'a>>> {
    let mut devices: Vec<Vec<&Gone<'a>>> = Vec::new();
    for gone in gone {
        let udid = &gone.backup.udid;
        let same = |device: &&mut Vec<&Gone<'a>>| {
            let first = device.first().map(|first| &first.backup.udid);
            udid.is_some() && first == Some(udid)
        };
        match devices.iter_mut().find(same) {
            Some(device) => device.push(gone),
            None => devices.push(vec![gone]),
        }
    }
    devices
}

/// Where the device is in a report; it is added where it is not. Devices are in the order of
/// identifiers, those without one last.
fn place_of(report: &mut Report, udid: Option<&Udid>, backup: &PastBackup) -> usize {
    let known = |device: &Device| udid.is_some() && device.udid.as_ref() == udid;
    if let Some(index) = report.devices.iter().position(known) {
        return index;
    }
    let is_behind = |device: &Device| match (&device.udid, udid) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(other), Some(own)) => other > own,
    };
    let behind = report.devices.iter().position(is_behind);
    let index = behind.unwrap_or(report.devices.len());
    let device = Device {
        udid: udid.cloned(),
        name: backup.name.clone(),
        backups: vec![],
        newest_good: None,
        findings: vec![],
        asked_if_stale: true,
        failed_days: 0,
    };
    report.devices.insert(index, device);
    index
}

fn of_gone(
    severity: Severity,
    gone: &[&Gone<'_>],
    zone: &TimeZone,
    ground: &Ground<'_>,
) -> Finding {
    let worst = gone.iter().map(|gone| gone.left).max();
    let left = match worst.unwrap_or(Left::Nothing) {
        Left::Nothing => "no good backup of this device is left",
        Left::Less => "no backup that is left is known to hold as much",
        Left::Enough => "a good backup that is left holds as much",
    };
    let (message, unnamed) = (
        told(gone, left, zone, Places::Named),
        told(gone, left, zone, Places::LeftOut),
    );
    let paths: Vec<&Path> = gone.iter().map(|gone| &*gone.backup.path).collect();
    Finding {
        count: gone.len() as u64,
        bytes: gone.iter().fold(0, |sum: u64, gone| {
            sum.saturating_add(gone.backup.allocated)
        }),
        known: gone.iter().all(|gone| !gone.is_first),
        ..finding(BACKUP_GONE.id, severity, (message, unnamed), &paths, ground)
    }
}

/// Whether a sentence says where something was.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Places {
    Named,
    LeftOut,
}

impl Places {
    /// `which was in /srv/Backup/phone on 20 Nov 2026`.
    fn seen(self, backup: &PastBackup, seen: Timestamp, zone: &TimeZone) -> String {
        let day = numbers::day(seen, zone);
        match self {
            Places::Named => format!("which was in {} on {day}", backup.path.display()),
            Places::LeftOut => format!("which was there on {day}"),
        }
    }
}

/// What is gone, and what is left.
fn told(gone: &[&Gone<'_>], left: &str, zone: &TimeZone, places: Places) -> String {
    let named = gone.iter().map(|gone| {
        let (which, what) = (which(gone.backup, zone), size(gone.backup));
        let seen = places.seen(gone.backup, gone.seen, zone);
        format!("{which} ({what}), {seen}")
    });
    match gone.len() {
        1 => format!(
            "the backup {}, is gone, and {left}",
            named.collect::<String>()
        ),
        count => {
            let named = named.take(NAMED).map(|named| format!("the one {named}"));
            let more = count.checked_sub(NAMED).filter(|more| *more > 0);
            let more = more.map(|more| format!("and {} more", numbers::count(more as u64)));
            let named: Vec<String> = named.chain(more).collect();
            format!(
                "{} backups are gone, and {left}: {}",
                numbers::count(count as u64),
                named.join("; ")
            )
        }
    }
}

/// `of 20 Nov 2026`, or that nobody knows when it was made.
fn which(backup: &PastBackup, zone: &TimeZone) -> String {
    match backup.last_backup {
        Some(at) => format!("of {}", numbers::day(at, zone)),
        None => "without a date".to_owned(),
    }
}

fn size(backup: &PastBackup) -> String {
    let files = numbers::counted(backup.files, "file", "files");
    format!("{files}, {}", numbers::size(backup.allocated))
}

fn of_shrank(shrank: &Shrank<'_>, zone: &TimeZone, ground: &Ground<'_>) -> Finding {
    let what = match shrank.is_photos {
        true => "photos and videos",
        false => "photos, attachments and other files that a person would miss",
    };
    let (now, then) = (shrank.now, shrank.then);
    let backup = shrank.backup;
    let tell = |places: Places| {
        format!(
            "the newest good backup holds {} {what} ({}), and the one {} ({}), {}, held {} ({})",
            numbers::count(now.files),
            numbers::size(now.bytes),
            which(backup, zone),
            size(backup),
            places.seen(backup, shrank.seen, zone),
            numbers::count(then.files),
            numbers::size(then.bytes),
        )
    };
    Finding {
        bytes: shrank.then.bytes.saturating_sub(shrank.now.bytes),
        ..finding(
            BACKUP_SHRANK.id,
            Severity::Warning,
            (tell(Places::Named), tell(Places::LeftOut)),
            &[&*backup.path],
            ground,
        )
    }
}

fn finding(
    id: &'static str,
    severity: Severity,
    (message, unnamed): (String, String),
    paths: &[&Path],
    ground: &Ground<'_>,
) -> Finding {
    Finding {
        id,
        severity,
        effect: Effect::Nothing,
        count: 1,
        bytes: 0,
        message,
        unnamed: Some(unnamed),
        examples: vec![],
        hint: (ground.forget)(paths),
        known: false,
    }
}
