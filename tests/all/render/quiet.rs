//! The nightly mail: what `--quiet` says, literally.

use bkscan::model::{Finding, Problem, Report, Severity, Verdict};
use bkscan::render::screen::quiet;

use crate::render::screens::{files_missing, four, style, warning};
use crate::support::empty_folder;

/// The mail of a scan that began at half past three.
fn mail(mut report: Report, only_new: bool) -> String {
    report.started_at = "2026-11-22T03:30:00Z".parse().unwrap();
    let mut bytes = Vec::new();
    quiet::write(&report, only_new, &style(80), &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// The four backups of the first screen, where Finder keeps them; the iPad's lacks files. There was a run
/// the night before.
fn one_corrupt() -> Report {
    let mut report = four();
    let place = "/Users/anna/Library/Application Support/MobileSync/Backup";
    for backup in &mut report.backups {
        backup.path = format!("{place}/{}", backup.folder_name()).into();
    }
    report.last_run = Some("2026-11-21T03:30:00Z".parse().unwrap());
    report
}

/// What the mail says of the iPad, with this after what is missing.
fn of_ipad(more: &str) -> String {
    format!(
        "\
✖ iPad, last backup 2 Mar 2024: 812 of 48,310 files are missing (3.1 GB, nearly all photos); the rest can be read.{more}
  /Users/anna/Library/Application Support/MobileSync/Backup/00008103-0012345678901234
  bkscan show 00008103-0012345678901234
  bkscan explain file-missing
"
    )
}

const CORRUPT: &str = "bkscan: iPad is corrupt, 3 other backups are fine (22 Nov 2026, 03:30)\n";

/// The finding of the iPad's backup.
fn missing(report: &mut Report) -> &mut Finding {
    &mut report.backups[3].findings[0]
}

fn stale() -> Finding {
    warning("backup-stale", "the newest good backup is 45 days old")
}

#[test]
fn a_problem_is_a_headline_and_a_short_paragraph() {
    let mut report = one_corrupt();
    let expected = format!("{CORRUPT}{}", of_ipad(" New since the last run."));
    assert_eq!(mail(report.clone(), false), expected);
    assert_eq!(mail(report.clone(), true), expected);

    missing(&mut report).known = true;
    let known = format!("{CORRUPT}{}", of_ipad(""));
    assert_eq!(mail(report.clone(), false), known);
    assert_eq!(mail(report.clone(), true), "");

    // Nothing to compare with: nothing is called new.
    missing(&mut report).known = false;
    report.last_run = None;
    assert_eq!(mail(report, false), known);
}

#[test]
fn only_what_is_new_is_told_where_that_is_asked_for() {
    let mut report = one_corrupt();
    missing(&mut report).known = true;
    let mut devices = report.devices.iter_mut();
    let old = devices.find(|device| device.name.as_deref() == Some("Old phone"));
    old.unwrap().findings = vec![stale()];
    assert_eq!(
        mail(report, true),
        "\
bkscan: Old phone has no recent backup, 3 backups are fine, 1 known problem as before (22 Nov 2026, 03:30)
! Old phone: the newest good backup is 45 days old. New since the last run.
  bkscan explain backup-stale
"
    );
}

/// What is new of a backup that had troubles before is named.
#[test]
fn new_findings_beside_known_ones_are_named() {
    let mut report = one_corrupt();
    missing(&mut report).known = true;
    let new = warning("info-missing", "There is no Info.plist");
    report.backups[3].findings.push(new);
    let told = " There is no Info.plist. New since the last run: info-missing.";
    let expected = format!("{CORRUPT}{}", of_ipad(told));
    assert_eq!(mail(report, true), expected);
}

/// Worst first, and beyond three the headline only counts them.
#[test]
fn many_problems_are_counted() {
    let mut report = one_corrupt();
    report.last_run = None;
    for device in &mut report.devices {
        device.findings = vec![stale()];
    }
    let message =
        "/Volumes/Backup is not there: nothing is at /Volumes/Backup. Is the disk connected?";
    report.problems.push(Problem {
        path: "/Volumes/Backup".into(),
        message: message.to_owned(),
        blocking: true,
        known: false,
    });
    let ipad = of_ipad("");
    assert_eq!(
        mail(report, false),
        format!(
            "\
bkscan: iPad is corrupt, something could not be looked at, Old phone has no recent backup, 2 more problems, 3 other backups are fine (22 Nov 2026, 03:30)
{ipad}! {message}
  bkscan
! Old phone: the newest good backup is 45 days old.
  bkscan explain backup-stale
! iPad has no recent backup: the newest good backup is 45 days old.
  bkscan explain backup-stale
! Anna's iPhone has no recent backup: the newest good backup is 45 days old.
  bkscan explain backup-stale
"
        )
    );
}

/// A mail that could not be written is sent the next night.
#[cfg(target_os = "linux")]
#[test]
fn what_nobody_was_told_of_is_still_new() {
    use crate::harness::{Ended as _, program, words};

    let state = empty_folder();
    let run = |full: bool| {
        let mut command = program();
        command
            .env_remove("BKSCAN_NO_STATE")
            .current_dir(env!("CARGO_MANIFEST_DIR"));
        command.args(words(
            "testdata/MobileSync --quiet --fail-on new --state-dir",
        ));
        if full {
            let disk = std::fs::File::options().write(true).open("/dev/full");
            command.stdout(disk.unwrap());
        }
        let output = command.arg(state.path()).ended().unwrap();
        (output.status.code(), output.stdout.is_empty())
    };
    assert_eq!(run(true), (Some(3), true));
    assert_eq!(run(false), (Some(2), false));
    assert_eq!(run(false), (Some(0), true));
}

/// What a severity hushes is not called fine, and a copy that is put aside is told from the backup.
#[test]
fn a_corrupt_backup_is_never_fine() {
    let mut report = one_corrupt();
    missing(&mut report).severity = Severity::Note;
    let archived = &mut report.backups[1];
    archived.archived = true;
    archived.verdict = Verdict::Corrupt;
    archived.findings = vec![files_missing()];
    let headline = "bkscan: Anna's iPhone (archived) is corrupt, 2 other backups are fine (22 Nov 2026, 03:30)";
    assert_eq!(mail(report, false).lines().next(), Some(headline));
}

/// What was stopped says so first, and what it did not come to is not called fine.
#[test]
fn a_stopped_run_says_so_first() {
    let mut report = one_corrupt();
    report.cancelled = true;
    let told = mail(report.clone(), false);
    let first = "bkscan: stopped before the end, iPad is corrupt, 3 other backups are fine (22 Nov";
    assert!(told.starts_with(first), "{told}");
    let last = "\n! Stopped before the end: other backups were not looked at.\n";
    assert!(told.ends_with(last), "{told}");
    report.backups.clear();
    report.devices.clear();
    let expected = "bkscan: stopped before the end (22 Nov 2026, 03:30)\n\
        ! Stopped before the end: no backup was looked at yet.\n";
    assert_eq!(mail(report, false), expected);
}

/// Two backups of a device with the same trouble are one fact, and two paragraphs.
#[test]
fn what_is_alike_is_said_once() {
    let told = |verdict: Verdict, finding: Finding| {
        let mut report = one_corrupt();
        for backup in &mut report.backups[..2] {
            backup.verdict = verdict;
            backup.findings = vec![finding.clone()];
        }
        mail(report, false)
    };
    let corrupt = told(Verdict::Corrupt, files_missing());
    let first =
        "bkscan: 2 backups of Anna's iPhone are corrupt, iPad is corrupt, 1 other backup is fine";
    assert!(corrupt.starts_with(first), "{corrupt}");
    let paragraphs = corrupt.matches("✖ Anna's iPhone, last backup");
    assert_eq!(paragraphs.count(), 2);
    let finding = warning("info-missing", "Info.plist is missing");
    let warned = told(Verdict::Complete, finding);
    let words = "2 backups of Anna's iPhone are complete but have a warning";
    assert!(warned.contains(words), "{warned}");
}
