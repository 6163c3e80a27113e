//! What `--metrics` writes, held literally. Prometheus' own tool looks at it in `.ci/metrics`.

use std::path::Path;

use bkscan::model::{Finding, Problem, Report, Verdict};
use bkscan::render::metrics;
use bkscan::report::redact;
use bkscan::system::System;
use bkscan::system::inside;
use bkscan::verify::group;

use crate::harness::words;
use crate::render::screens::{four, hold, plain_backup, report, warning};

/// Four backups, with a finding about a device.
fn sample() -> Report {
    let mut report = four();
    for backup in &mut report.backups {
        // With the same separators on every system.
        backup.path = format!("/b/{}", backup.folder_name()).into();
    }
    report.devices[1].findings.push(about("backup-stale", 1));
    report
}

fn about(id: &'static str, count: u64) -> Finding {
    Finding {
        count,
        ..warning(id, "of Anna")
    }
}

/// The samples of one metric, without its name.
fn samples<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
    text.lines()
        .filter_map(|line| line.strip_prefix(name)?.strip_prefix(['{', ' ']))
        .collect()
}

#[test]
fn four_backups() {
    hold("metrics", &metrics::text(&sample()));
}

#[test]
fn nothing_personal_with_redact() {
    let mut report = sample();
    redact::redact(&mut report, System::Mac);
    let text = metrics::text(&report);
    for personal in ["Anna", "iPad", "Old phone", "\"0000", "/b"] {
        assert!(!text.contains(personal), "{text}");
    }
    hold("metrics-redacted", &text);
}

#[test]
fn without_a_backup_the_run_is_still_told() {
    let mut report = report(vec![]);
    report.roots[0].volume = None;
    assert_eq!(
        metrics::text(&report),
        "\
# HELP bkscan_last_run_timestamp_seconds When the last run ended.
# TYPE bkscan_last_run_timestamp_seconds gauge
bkscan_last_run_timestamp_seconds 1795348804
# HELP bkscan_last_run_duration_seconds How long it took.
# TYPE bkscan_last_run_duration_seconds gauge
bkscan_last_run_duration_seconds 4.1
# HELP bkscan_last_run_success 1 if everything that was asked for could be looked at, else 0; whatever the backups are.
# TYPE bkscan_last_run_success gauge
bkscan_last_run_success 1
# EOF
"
    );
}

#[test]
fn success_is_about_the_run_and_not_about_the_backups() {
    type Change = fn(&mut Report);
    fn problem(report: &mut Report, blocking: bool) {
        report.problems.push(Problem {
            path: "/b".into(),
            message: String::new(),
            blocking,
            known: false,
        });
    }
    let cases: [(&str, Change, &str); 6] = [
        (
            "corrupt",
            |report| report.backups[0].verdict = Verdict::Corrupt,
            "1",
        ),
        (
            "running",
            |report| report.backups[0].verdict = Verdict::InProgress,
            "1",
        ),
        (
            "unreadable",
            |report| report.backups[0].verdict = Verdict::Unreadable,
            "0",
        ),
        ("cancelled", |report| report.cancelled = true, "0"),
        ("a problem", |report| problem(report, false), "1"),
        ("in the way", |report| problem(report, true), "0"),
    ];
    for (name, change, expected) in cases {
        let mut report = four();
        change(&mut report);
        let text = metrics::text(&report);
        let success = samples(&text, "bkscan_last_run_success");
        assert_eq!(success, [expected], "{name}");
        let end = format!("\nbkscan_last_run_success {expected}\n# EOF\n");
        assert!(text.ends_with(&end), "{name}: {text}");
    }
}

#[test]
fn a_clock_that_was_set_back_gives_no_negative_duration() {
    let mut report = report(vec![]);
    report.finished_at = "2026-11-22T11:00:00Z".parse().unwrap();
    let text = metrics::text(&report);
    assert_eq!(samples(&text, "bkscan_last_run_duration_seconds"), ["0"]);
}

#[test]
fn what_is_not_known_is_not_there() {
    let mut backup = plain_backup("");
    backup.path = "/b/one".into();
    backup.device.name = None;
    backup.last_backup = None;
    backup.verdict = Verdict::Unreadable;
    backup.findings.push(about("not-readable", 3));
    let text = metrics::text(&report(vec![backup]));
    let names = "allocated_bytes logical_bytes files frees_bytes last_backup_timestamp_seconds";
    for name in words(names) {
        assert!(!text.contains(&format!("bkscan_backup_{name}")), "{text}");
    }
    assert_eq!(
        samples(&text, "bkscan_backup_findings"),
        [r#"udid="",device="",path="/b/one",severity="warning",id="not-readable"} 3"#]
    );
    assert_eq!(samples(&text, "bkscan_backup_verdict").len(), 7);
    let verdict = r#"path="/b/one",verdict="unreadable"} 1"#;
    assert!(text.contains(verdict), "{text}");
}

#[test]
fn no_name_or_path_breaks_a_line_or_gives_a_series_twice() {
    let name = "a\"b\\c\nd\u{202e}e\u{1b}[2J 📱";
    let paths = [
        "/b/\"q\\\"",
        "/b/x\ny",
        "/b/xy",
        "/b/x%0Ay",
        "/b/x\u{200b}y",
    ];
    let backups = paths.map(|path| {
        let mut backup = plain_backup(name);
        backup.path = path.into();
        backup
    });
    let mut report = report(backups.to_vec());
    report.devices = group::group(&report.backups, report.started_at, |_| None);
    for device in &mut report.devices {
        device.findings.push(about("backup-stale", 1));
    }
    report.roots.push(report.roots[0].clone());
    let text = metrics::text(&report);
    let device = r#"udid="",device="a\"b\\cde[2J 📱""#;
    let spelled = words(r#"/b/\"q\\\" /b/x%0Ay /b/xy /b/x%250Ay /b/x%E2%80%8By"#).into_iter();
    let files = spelled.map(|path| format!(r#"{device},path="{path}"}} 48310"#));
    let expected: Vec<_> = files.collect();
    assert_eq!(samples(&text, "bkscan_backup_files"), expected);
    // Five devices of the same name and none with an identifier, and a path given twice.
    let stale = format!(r#"{device},severity="warning",id="backup-stale"}} 1"#);
    assert_eq!(samples(&text, "bkscan_device_findings"), [stale]);
    let is_known = |line: &str| line.starts_with("bkscan_") || line.starts_with("# ");
    assert!(text.lines().all(is_known), "{text}");
    let free = samples(&text, "bkscan_volume_available_bytes");
    assert_eq!(free, [r#"path="/b"} 12400000000"#]);
}

#[test]
fn what_was_scanned_is_every_folder_from_a_path_to_its_backups() {
    let mut backup = plain_backup("iPhone");
    backup.path = "/b/MobileSync/Backup/one".into();
    let report = report(vec![backup]);
    let mut scanned = inside::scanned(&report);
    scanned.sort();
    scanned.dedup();
    let expected = words("/b /b/MobileSync /b/MobileSync/Backup /b/MobileSync/Backup/one");
    assert_eq!(scanned, Vec::from_iter(expected.into_iter().map(Path::new)));
}
