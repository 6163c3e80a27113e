//! The exit codes of contract §8.

use crate::model::options::FailOn;
use crate::model::{BackupReport, Device, Effect, Finding, Report, Severity, Verdict};

/// The command line was wrong.
pub const USAGE: u8 = 64;
/// Something that was asked for could not be looked at.
pub const COULD_NOT_LOOK: u8 = 3;

/// The exit code of a scan. `signal` is the number of the signal that stopped it, or 0.
pub fn of(report: &Report, fail_on: FailOn, signal: usize) -> u8 {
    let seen = Seen {
        backups: &report.backups,
        devices: &report.devices,
        blocked: report
            .problems
            .iter()
            .any(|problem| problem.blocking && !(fail_on.only_new && problem.known)),
    };
    judge(report, &seen, fail_on, signal)
}

/// The exit code of a scan that is about one backup alone.
pub fn of_one(report: &Report, at: usize, fail_on: FailOn, signal: usize) -> u8 {
    let seen = Seen {
        backups: std::slice::from_ref(&report.backups[at]),
        devices: &[],
        blocked: false,
    };
    judge(report, &seen, fail_on, signal)
}

/// The exit code of a cleaning: 2 where something was refused or failed in part.
pub fn of_clean(report: &Report, undone: bool, signal: usize) -> u8 {
    let unreadable = |backup: &BackupReport| backup.verdict == Verdict::Unreadable;
    if report.cancelled || signal != 0 {
        128 + u8::try_from(signal).unwrap_or(2)
    } else if undone {
        2
    } else if report.problems.iter().any(|problem| problem.blocking)
        || report.backups.iter().any(unreadable)
    {
        COULD_NOT_LOOK
    } else {
        0
    }
}

/// The one of two that comes first in contract §8.
pub fn worse(one: u8, other: u8) -> u8 {
    let place = |code: u8| match code {
        130.. => 5,
        USAGE => 4,
        2 => 3,
        COULD_NOT_LOOK => 2,
        1 => 1,
        _ => 0,
    };
    if place(other) > place(one) {
        other
    } else {
        one
    }
}

/// What the exit code is about.
struct Seen<'a> {
    backups: &'a [BackupReport],
    devices: &'a [Device],
    blocked: bool,
}

fn judge(report: &Report, seen: &Seen<'_>, fail_on: FailOn, signal: usize) -> u8 {
    if report.cancelled {
        // As a shell says it: 130 after Ctrl-C, 143 after a request to end.
        return 128 + u8::try_from(signal).unwrap_or(2);
    }
    let counts = |finding: &&Finding| !(fail_on.only_new && finding.known);
    let has = |severity| {
        let of_backups = seen.backups.iter().flat_map(|backup| &backup.findings);
        let of_devices = seen.devices.iter().flat_map(|device| &device.findings);
        let mut findings = of_backups.chain(of_devices).filter(counts);
        findings.any(|finding| finding.severity == severity)
    };
    let is_closed = |backup: &BackupReport| {
        let mut why = backup.findings.iter().filter(counts);
        backup.verdict == Verdict::Unreadable
            && why.any(|finding| finding.effect == Effect::CouldNotCheck)
    };
    // What makes a backup incomplete or corrupt is an error, unless the user says otherwise.
    if has(Severity::Error) {
        2
    } else if seen.blocked || seen.backups.iter().any(is_closed) {
        COULD_NOT_LOOK
    } else if fail_on.warnings && has(Severity::Warning) {
        1
    } else {
        0
    }
}
