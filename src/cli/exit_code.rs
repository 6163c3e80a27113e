//! The exit codes of contract §8.

use crate::config::FailOn;
use crate::model::{BackupReport, Report, Severity, Verdict};

/// The command line was wrong.
pub const USAGE: u8 = 64;
/// Something that was asked for could not be looked at.
pub const COULD_NOT_LOOK: u8 = 3;

/// The exit code of a scan. `signal` is the number of the signal that stopped it, or 0.
pub fn of(report: &Report, fail_on: FailOn, signal: usize) -> u8 {
    let blocked = report.problems.iter().any(|problem| problem.blocking);
    judge(report, &report.backups, blocked, fail_on, signal)
}

/// The exit code of a scan that is about one backup alone.
pub fn of_one(report: &Report, at: usize, fail_on: FailOn, signal: usize) -> u8 {
    judge(
        report,
        std::slice::from_ref(&report.backups[at]),
        false,
        fail_on,
        signal,
    )
}

fn judge(
    report: &Report,
    backups: &[BackupReport],
    blocked: bool,
    fail_on: FailOn,
    signal: usize,
) -> u8 {
    if report.cancelled {
        // As a shell says it: 130 after Ctrl-C, 143 after a request to end.
        return 128 + u8::try_from(signal).unwrap_or(2);
    }
    let verdicts = |wanted: &[Verdict]| {
        backups
            .iter()
            .any(|backup| wanted.contains(&backup.verdict))
    };
    let severities = |severity| {
        let mut findings = backups.iter().flat_map(|backup| &backup.findings);
        findings.any(|finding| finding.severity == severity)
    };
    if verdicts(&[Verdict::Incomplete, Verdict::Corrupt]) || severities(Severity::Error) {
        2
    } else if verdicts(&[Verdict::Unreadable]) || blocked {
        COULD_NOT_LOOK
    } else if fail_on == FailOn::Warning
        && (verdicts(&[Verdict::Interrupted]) || severities(Severity::Warning))
    {
        1
    } else {
        0
    }
}
