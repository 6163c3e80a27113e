//! What is kept of a run, and what it is compared with: literal runs, without a disk.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::subject::Places;
use super::*;
use crate::model::{
    BackupReport, Described, DeviceHistory, Finding, Level, PastBackup, PastProblem, PastRun,
    Problem, Report, Root, Severity, Udid, Verdict,
};
use crate::plan::tests as cases;
use crate::verify::device::BACKUP_STALE;

mod missing;

const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

/// All on volume 7, and nothing removed.
fn run_of(report: &Report, roots: &[PathBuf], last: Option<&PastRun>) -> Option<PastRun> {
    let ground = Ground {
        roots,
        volumes: &vec![Some(7); roots.len()],
        volume_of: &|_| Some(7),
        removals: &[],
        forget: &|_| None,
    };
    super::run_of(report, &ground, last)
}

/// Backups below `Backup`, which is `/real/Backup`.
fn report() -> (Report, Vec<PathBuf>) {
    let mut phone = cases::backup("a corrupt 2026-11-20");
    phone.path = "Backup/phone".into();
    phone.device = Described {
        name: Some("Anna's iPhone".to_owned()),
        product_type: Some("iPhone16,1".to_owned()),
        product_name: Some("iPhone 15 Pro".to_owned()),
        ..Described::default()
    };
    phone.findings = vec![
        Finding {
            count: 812,
            ..cases::finding("file-missing", Severity::Error)
        },
        cases::finding("leftover", Severity::Note),
    ];
    let mut locked_out = cases::backup("- unreadable -");
    locked_out.path = "Backup/locked out".into();
    locked_out.device.product_type = Some("iPad0,0".to_owned());
    locked_out.findings = vec![
        cases::finding("not-readable", Severity::Warning),
        cases::finding("state-unknown", Severity::Note),
    ];
    let mut report = cases::report(vec![phone, locked_out]);
    report.roots[0].path = "Backup".into();
    for (device, id) in report.devices.iter_mut().zip(["of-phone", "of-unknown"]) {
        device.findings = vec![cases::finding(id, Severity::Warning)];
    }
    let problem = |path: &str, blocking| Problem {
        path: path.into(),
        message: String::new(),
        blocking,
        known: false,
    };
    report.problems = vec![problem("Backup", true), problem("Backup/link", false)];
    (report, vec!["/real/Backup".into()])
}

fn problem(subject: &str, id: &str, count: u64) -> PastProblem {
    // With the separator of the system below the root.
    let subject = match subject.strip_prefix("/real/Backup/") {
        Some(rest) => Path::new("/real/Backup").join(rest),
        None => subject.into(),
    };
    PastProblem {
        subject: subject.into(),
        id: id.to_owned(),
        count,
        span: None,
    }
}

#[test]
fn a_run_is_kept_with_canonical_paths_and_without_notes() {
    let (report, roots) = report();
    let expected = PastRun {
        at: at("2026-11-22T12:00:00Z"),
        level: Level::Standard,
        roots: vec!["/real/Backup".into()],
        volumes: vec![Some(7)],
        backups: vec![
            PastBackup {
                path: "/real/Backup/phone".into(),
                udid: Udid::parse(A),
                name: Some("Anna's iPhone".to_owned()),
                product: Some("iPhone 15 Pro".to_owned()),
                verdict: Verdict::Corrupt,
                last_backup: Some(at("2026-11-20T12:00:00Z")),
                files: 10,
                logical: 1000,
                allocated: 1000,
                manifest_date: Some(at("2026-11-20T12:00:00Z")),
                status_uuid: None,
                volume: Some(7),
                keepsakes: None,
                forgotten: false,
            },
            PastBackup {
                path: "/real/Backup/locked out".into(),
                udid: None,
                name: None,
                product: Some("iPad0,0".to_owned()),
                verdict: Verdict::Unreadable,
                last_backup: None,
                files: 10,
                logical: 1000,
                allocated: 1000,
                manifest_date: None,
                status_uuid: None,
                volume: Some(7),
                keepsakes: None,
                forgotten: false,
            },
        ],
        problems: vec![
            problem("/real/Backup/phone", "file-missing", 812),
            problem("/real/Backup/locked out", "not-readable", 1),
            problem("/real/Backup/locked out", "state-unknown", 1),
            problem(A, "of-phone", 1),
            problem("/real/Backup/locked out", "of-unknown", 1),
            problem("/real/Backup", "blocked", 1),
        ],
    };
    assert_eq!(run_of(&report, &roots, None), Some(expected));
}

#[test]
fn a_run_that_was_stopped_is_not_kept() {
    let (report, roots) = report();
    let report = Report {
        cancelled: true,
        ..report
    };
    assert_eq!(run_of(&report, &roots, None), None);
}

/// Ids of what is marked as known, and of what is not.
fn marks(report: &Report) -> [Vec<&str>; 2] {
    let backups = report.backups.iter().flat_map(|backup| &backup.findings);
    let devices = report.devices.iter().flat_map(|device| &device.findings);
    let findings = backups.chain(devices).map(|found| (found.id, found.known));
    let problems = report.problems.iter();
    let problems = problems.map(|problem| (problem.path.to_str().unwrap(), problem.known));
    let (known, new): (Vec<_>, Vec<_>) = findings.chain(problems).partition(|(_, known)| *known);
    [known, new].map(|marks| marks.into_iter().map(|(id, _)| id).collect())
}

#[test]
fn what_the_last_run_had_too_is_known() {
    let (mut report, roots) = report();
    let last = run_of(&report, &roots, None).unwrap();
    mark_known(&mut report, &roots, Some(&last));
    assert_eq!(report.last_run, Some(at("2026-11-22T12:00:00Z")));
    assert_eq!(
        marks(&report),
        [
            vec![
                "file-missing",
                "not-readable",
                "state-unknown",
                "of-phone",
                "of-unknown",
                "Backup"
            ],
            vec!["leftover", "Backup/link"],
        ]
    );
}

#[test]
fn more_of_it_other_subjects_and_other_findings_are_new() {
    let (mut report, roots) = report();
    let last = run_of(&report, &roots, None).unwrap();
    for (count, known) in [(811, true), (812, true), (813, false)] {
        report.backups[0].findings[0].count = count;
        mark_known(&mut report, &roots, Some(&last));
        assert_eq!(report.backups[0].findings[0].known, known, "{count}");
    }
    report.backups[0].findings[0].count = 812;
    report.backups[0].path = "Backup/another".into();
    report.backups[1].findings[0].id = "another";
    report.devices[0].udid = Udid::parse(B);
    report.problems[0].path = "Backup/another".into();
    mark_known(&mut report, &roots, Some(&last));
    assert_eq!(marks(&report)[0], ["state-unknown", "of-unknown"]);
}

/// The problems that a run keeps of the one before, where the report has none of its own.
fn kept(change: impl FnOnce(&mut Report), before: &[PastProblem]) -> Vec<String> {
    let (mut report, roots) = report();
    for backup in &mut report.backups {
        backup.verdict = Verdict::Complete;
        backup.findings.clear();
    }
    for device in &mut report.devices {
        device.findings.clear();
        device.asked_if_stale = true;
    }
    report.problems.clear();
    let last = PastRun {
        problems: before.to_vec(),
        ..run_of(&report, &roots, None).unwrap()
    };
    change(&mut report);
    let run = run_of(&report, &roots, Some(&last)).unwrap();
    run.problems.into_iter().map(|problem| problem.id).collect()
}

#[test]
fn what_a_run_could_not_see_is_not_over() {
    let before = [
        problem("/real/Backup/phone", "file-missing", 812),
        problem("/real/Backup/gone", "info-missing", 1),
        problem(A, "backup-stale", 1),
        problem(B, "next-backup-may-not-fit", 1),
        problem("/real/Backup", "blocked", 1),
    ];
    let nothing: [&str; 0] = [];
    assert_eq!(kept(|_| {}, &before), nothing);
    for verdict in [Verdict::InProgress, Verdict::Unreadable] {
        let hide = |report: &mut Report| report.backups[0].verdict = verdict;
        assert_eq!(kept(hide, &before), ["file-missing", "backup-stale"]);
    }
    let not_asked = |report: &mut Report| report.devices[0].asked_if_stale = false;
    assert_eq!(kept(not_asked, &before), ["backup-stale"]);
    let away = |report: &mut Report| {
        report.problems = vec![Problem {
            path: "Backup".into(),
            message: String::new(),
            blocking: true,
            known: false,
        }];
        report.backups.clear();
        report.devices.clear();
    };
    assert_eq!(
        kept(away, &before),
        [
            "blocked",
            "file-missing",
            "info-missing",
            "backup-stale",
            "next-backup-may-not-fit"
        ]
    );
    // What is still seen is not kept twice.
    let still = |report: &mut Report| {
        report.backups[0].verdict = Verdict::Unreadable;
        report.backups[0].findings = vec![cases::finding("file-missing", Severity::Error)];
    };
    assert_eq!(kept(still, &before), ["file-missing", "backup-stale"]);
}

#[test]
fn without_a_last_run_all_is_new() {
    let (mut report, roots) = report();
    mark_known(&mut report, &roots, None);
    assert_eq!(report.last_run, None);
    assert_eq!(marks(&report)[0], [""; 0]);
}

#[test]
fn a_backup_is_known_again_from_another_working_directory() {
    for (given, path, expected) in [
        (&["."][..], "./x/phone", "/0/x/phone"),
        (&["Backup"], "Backup", "/0"),
        (&["Backup/"], "Backup/phone", "/0/phone"),
        (&["a", "a/b"], "a/b/phone", "/1/phone"),
        (&["a/b", "a"], "a/b/phone", "/0/phone"),
        (&["a"], "/elsewhere/phone", "/elsewhere/phone"),
    ] {
        let root = |path: &&str| Root {
            path: path.into(),
            is_default: false,
            volume: None,
        };
        let roots: Vec<Root> = given.iter().map(root).collect();
        let canonical: Vec<PathBuf> = (0..given.len())
            .map(|index| format!("/{index}").into())
            .collect();
        let found = Places::new(&roots, &canonical).canonical(Path::new(path));
        assert_eq!(found, Path::new(expected), "{path}");
        // Comparing paths does not see that.
        assert!(!found.to_str().unwrap().ends_with(['/', '\\']), "{path}");
    }
}

/// Runs as lines: a time, then backups apart by `;`: path, device, name (or `-`), verdict, bytes.
fn runs(lines: &[&str]) -> Vec<PastRun> {
    let run = |line: &&str| {
        let (time, backups) = line.split_once(' ').unwrap();
        let backup = |words: &str| {
            let words: Vec<&str> = words.split_whitespace().collect();
            let [path, device, name, verdict, bytes] = words[..] else {
                panic!("{words:?}");
            };
            let mut all = Verdict::ALL.into_iter();
            PastBackup {
                path: path.into(),
                udid: Udid::parse(&device.repeat(40)),
                name: (name != "-").then(|| name.to_owned()),
                product: (name != "-").then(|| format!("{name}-product")),
                verdict: all.find(|known| known.as_str() == verdict).unwrap(),
                last_backup: None,
                files: 1,
                logical: 1,
                allocated: bytes.parse().unwrap(),
                manifest_date: None,
                status_uuid: None,
                volume: None,
                keepsakes: None,
                forgotten: false,
            }
        };
        PastRun {
            at: at(&format!("{time}:00Z")),
            level: Level::Standard,
            roots: vec![],
            volumes: vec![],
            backups: backups.split(';').map(backup).collect(),
            problems: vec![],
        }
    };
    lines.iter().map(run).collect()
}

/// `device name: path +since +month, …: path=change …`
fn told(runs: &[PastRun], filter: &[&str]) -> Vec<String> {
    let filter: Vec<PathBuf> = filter.iter().map(PathBuf::from).collect();
    let number = |number: Option<i64>| number.map_or("?".to_owned(), |number| number.to_string());
    let device = |device: &DeviceHistory| {
        let folders = device.folders.iter().map(|folder| {
            let [since, month] = [folder.since_previous, folder.per_month].map(number);
            format!("{} {since} {month}", folder.path.display())
        });
        let runs = device.runs.iter().map(|run| {
            let path = device.folders[run.folder].path.display();
            format!("{path}={}", number(run.change))
        });
        format!(
            "{} {}: {}: {}",
            device.udid.as_ref().map_or("-", |udid| &udid.as_str()[..1]),
            device.name.as_deref().unwrap_or("-"),
            folders.collect::<Vec<_>>().join(", "),
            runs.collect::<Vec<_>>().join(" ")
        )
    };
    devices(runs, &filter).iter().map(device).collect()
}

#[test]
fn devices_are_in_the_order_of_identifiers_and_runs_in_that_of_recording() {
    let runs = runs(&[
        "2026-11-03T03:30 /b/y - Y complete 7; /b/2 b Old complete 10; /b/1 a One complete 20",
        "2026-11-01T03:30 /b/2 b New complete 15; /b/x - - complete 1",
        "2026-11-02T03:30 /b/2 b - complete 11; /c/1 a One complete 30; /b/1 a One complete 25",
    ]);
    assert_eq!(
        told(&runs, &[]),
        [
            "a One: /b/1 5 ?, /c/1 ? ?: /b/1=? /c/1=? /b/1=5",
            "b New: /b/2 -4 ?: /b/2=? /b/2=5 /b/2=-4",
            "- -: /b/x ? ?: /b/x=?",
            "- Y: /b/y ? ?: /b/y=?",
        ]
    );
    assert_eq!(
        devices(&runs, &[])[1].product.as_deref(),
        Some("New-product")
    );
}

#[test]
fn a_filter_leaves_what_lies_below_it() {
    let runs = runs(&[
        "2026-11-03T03:30 /b/1 a A complete 1; /b/12 b B complete 1; /c/1/2 c C complete 1",
    ]);
    for (filter, expected) in [
        (&["/b/1"][..], &["a A: /b/1 ? ?: /b/1=?"][..]),
        (
            &["/c/1", "/b/12/"],
            &["b B: /b/12 ? ?: /b/12=?", "c C: /c/1/2 ? ?: /c/1/2=?"],
        ),
        (&["/elsewhere"], &[]),
    ] {
        assert_eq!(told(&runs, filter), expected, "{filter:?}");
    }
}

#[test]
fn growth_in_a_month_needs_two_weeks() {
    for (lines, expected) in [
        // Identical times divide by nothing.
        (
            &[
                "2026-11-01T00:00 /1 a A complete 1",
                "2026-11-01T00:00 /1 a A complete 9",
            ][..],
            "/1 8 ?",
        ),
        (
            &[
                "2026-11-01T00:01 /1 a A complete 0",
                "2026-11-15T00:00 /1 a A complete 14",
            ],
            "/1 14 ?",
        ),
        (
            &[
                "2026-11-01T00:00 /1 a A complete 0",
                "2026-11-15T00:00 /1 a A complete 1400",
            ],
            "/1 1400 3044",
        ),
        // By time, not in the order of recording, and only from the first to the last.
        (
            &[
                "2026-11-15T00:00 /1 a A complete 1400",
                "2026-11-10T00:00 /1 a A complete 999999",
                "2026-11-01T00:00 /1 a A complete 2800",
            ],
            "/1 -997199 -3044",
        ),
        // Of runs of one time the first recorded at the beginning, the last recorded at the end.
        (
            &[
                "2026-11-01T00:00 /1 a A complete 100",
                "2026-11-01T00:00 /1 a A complete 7",
                "2026-11-15T00:00 /1 a A complete 8",
                "2026-11-15T00:00 /1 a A complete 1500",
            ],
            "/1 1492 3044",
        ),
        // A run that could not look measured nothing.
        (
            &[
                "2026-10-01T00:00 /1 a A unreadable 0",
                "2026-11-01T00:00 /1 a A complete 100",
                "2026-11-08T00:00 /1 a A unreadable 0",
                "2026-11-15T00:00 /1 a A complete 1500",
                "2026-12-15T00:00 /1 a A unreadable 0",
            ],
            "/1 1400 3044",
        ),
        // No sum is too large.
        (
            &[
                "2026-11-01T00:00 /1 a A complete 0",
                "2026-11-15T00:00 /1 a A complete 18446744073709551615",
            ],
            "/1 9223372036854775807 9223372036854775807",
        ),
        (
            &[
                "2026-11-01T00:00 /1 a A complete 18446744073709551615",
                "2026-11-15T00:00 /1 a A complete 0",
            ],
            "/1 -9223372036854775808 -9223372036854775808",
        ),
    ] {
        let told = told(&runs(lines), &[]).concat();
        assert_eq!(told.split(": ").nth(1), Some(expected), "{lines:?}");
    }
}

/// `known` or `new`, for a device that is stale in runs on these days, one after another, from an old
/// file that kept no spans if `first` is so; its newest good backup is of 1 Jan 2026.
fn stale_nights(days: &[&str], is_old: bool) -> Vec<&'static str> {
    let roots = vec![PathBuf::from("/real/b")];
    let mut last: Option<PastRun> = None;
    let mut told = Vec::new();
    for day in days {
        let mut report = cases::report(vec![cases::backup("a complete 2026-01-01")]);
        report.started_at = at(&format!("{day}T12:00:00Z"));
        report.devices[0].findings = vec![cases::finding(BACKUP_STALE.id, Severity::Warning)];
        mark_known(&mut report, &roots, last.as_ref());
        let known = report.devices[0].findings[0].known;
        told.push(if known { "known" } else { "new" });
        let is_first = last.is_none();
        let mut run = run_of(&report, &roots, last.as_ref()).unwrap();
        if is_old && is_first {
            run.problems[0].span = None;
        }
        last = Some(run);
    }
    told
}

#[test]
fn what_grows_by_itself_is_new_again_when_its_span_doubles() {
    let days = [
        "2026-02-01", // 31 days
        "2026-02-02",
        "2026-03-03", // 61
        "2026-03-04", // 62: twice 31
        "2026-03-05",
        "2026-05-04", // 123
        "2026-05-05", // 124: twice 62
        "2026-05-06",
    ];
    let expected = [
        "new", "known", "known", "new", "known", "known", "new", "known",
    ];
    assert_eq!(stale_nights(&days, false), expected);
    // A file of the first version tells no span: it begins with the next run.
    let days = [
        "2026-02-01",
        "2026-02-02",
        "2026-03-05",
        "2026-03-06",
        "2026-03-07",
    ];
    let expected = ["new", "known", "known", "new", "known"];
    assert_eq!(stale_nights(&days, true), expected);
    // A clock that was set back.
    let days = ["2026-04-01", "2026-02-02", "2026-04-02"];
    assert_eq!(stale_nights(&days, false), ["new", "known", "known"]);
}
