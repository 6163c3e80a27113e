//! The exit codes of contract §8.

use std::process::ExitCode;

use crate::model::options::FailOn;
use crate::model::{BackupIndex, BackupReport, Device, Effect, Finding, Report, Severity, Verdict};

/// How the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit(u8);

impl Exit {
    /// Nothing is wrong.
    pub const WELL: Exit = Exit(0);
    /// There are warnings and they count; of `diff`: the new one does not hold all of the old one.
    pub const WARNED: Exit = Exit(1);
    /// There are errors; of `clean`: something was refused, or failed in part.
    pub const FAILED: Exit = Exit(2);
    /// Something that was asked for could not be looked at.
    pub const COULD_NOT_LOOK: Exit = Exit(3);
    /// The command line was wrong.
    pub const USAGE: Exit = Exit(64);
    /// Ctrl-C.
    pub const INTERRUPTED: Exit = Exit::after(2);

    /// A signal stopped it. As a shell says it: 130 after Ctrl-C, 143 after a request to end, 129
    /// where its terminal is gone.
    pub const fn after(signal: usize) -> Exit {
        match signal {
            1 => Exit(128 + 1),
            15 => Exit(128 + 15),
            _ => Exit(128 + 2),
        }
    }

    /// The number, as the system knows it.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// Whether it is 0.
    pub const fn is_well(self) -> bool {
        self.0 == 0
    }

    /// The same as a plugin of Nagios says it: 3 for whatever is neither well, a warning nor critical.
    pub const fn of_plugin(self) -> Exit {
        match self.0 {
            0..=2 => self,
            _ => Exit::COULD_NOT_LOOK,
        }
    }

    /// The one of two that comes first in contract §8.
    pub fn worse(self, other: Exit) -> Exit {
        let place = |exit: Exit| match exit {
            Exit(129..) => 5,
            Exit::USAGE => 4,
            Exit::FAILED => 3,
            Exit::COULD_NOT_LOOK => 2,
            Exit::WARNED => 1,
            Exit(_) => 0,
        };
        if place(other) > place(self) {
            other
        } else {
            self
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        exit.0.into()
    }
}

/// The exit code of a scan. `signal` is the number of the signal that stopped it, or 0.
pub fn of(report: &Report, fail_on: FailOn, signal: usize) -> Exit {
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
pub fn of_one(report: &Report, index: BackupIndex, fail_on: FailOn, signal: usize) -> Exit {
    let seen = Seen {
        backups: std::slice::from_ref(&report.backups[index]),
        devices: &[],
        blocked: false,
    };
    judge(report, &seen, fail_on, signal)
}

/// The exit code of a cleaning: 2 where something was refused or failed in part.
pub fn of_clean(report: &Report, undone: bool, signal: usize) -> Exit {
    if report.cancelled || signal != 0 {
        Exit::after(signal)
    } else if undone {
        Exit::FAILED
    } else if report.problems.iter().any(|problem| problem.blocking)
        || report.backups.iter().any(BackupReport::is_closed)
    {
        Exit::COULD_NOT_LOOK
    } else {
        Exit::WELL
    }
}

/// What the exit code is about.
struct Seen<'a> {
    backups: &'a [BackupReport],
    devices: &'a [Device],
    blocked: bool,
}

fn judge(report: &Report, seen: &Seen<'_>, fail_on: FailOn, signal: usize) -> Exit {
    if report.cancelled {
        return Exit::after(signal);
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
        why.any(|finding| match finding.effect {
            Effect::CouldNotCheck => backup.verdict == Verdict::Unreadable,
            effect => effect == Effect::NotOpened,
        })
    };
    // What makes a backup incomplete or corrupt is an error, unless the user says otherwise.
    if has(Severity::Error) {
        Exit::FAILED
    } else if seen.blocked || seen.backups.iter().any(is_closed) {
        Exit::COULD_NOT_LOOK
    } else if fail_on.warnings && has(Severity::Warning) {
        Exit::WARNED
    } else {
        Exit::WELL
    }
}
