//! What is gone and what shrank, as tables in words.
//!
//! A line is a run: its day, the volumes of the roots `/one` and `/two` (a number, or `-` for one that is
//! away or empty), then backups apart by `;`: folder, device, day, number of the run, and words: a verdict,
//! `groups` as `Photos=8000/40G`. The last line is the report.

use super::*;
use crate::model::{
    Beside, BesideKind, DateSource, PastRemoval, Problem, Remembered, StorageGroup,
};
use crate::verify::group;

fn roots() -> Vec<PathBuf> {
    vec!["/one".into(), "/two".into()]
}

/// `8000/40G` of a group.
fn group(word: &str) -> StorageGroup {
    let (name, amount) = word.split_once('=').unwrap();
    let (files, bytes) = amount.split_once('/').unwrap();
    let bytes = match bytes.strip_suffix('G') {
        Some(bytes) => bytes.parse::<u64>().unwrap() * 1_000_000_000,
        None => bytes.parse().unwrap(),
    };
    StorageGroup {
        name: name.replace('_', " "),
        files: files.parse().unwrap(),
        bytes,
    }
}

/// A backup such as `/one/phone a 2026-11-20 U1 complete Photos=8000/40G`; `nothing` knows that there are
/// no keepsakes.
fn backup(words: &str) -> BackupReport {
    let words: Vec<&str> = words.split_whitespace().collect();
    let [path, device, day, uuid, rest @ ..] = words.as_slice() else {
        panic!("{words:?}");
    };
    let of_verdict = |word: &&&str| Verdict::ALL.iter().any(|known| known.as_str() == **word);
    let verdict = rest.iter().find(of_verdict).unwrap_or(&"complete");
    let mut backup = cases::backup(&format!("{device} {verdict} {day}"));
    backup.path = path.into();
    backup.device.name = (*device != "-").then(|| format!("Phone {device}"));
    backup.status_uuid = (*uuid != "-").then(|| format!("{uuid}-000"));
    backup.usage.files = 48_310;
    backup.usage.allocated = 86_400_000_000;
    for word in rest {
        match *word {
            "nothing" => backup.keepsakes = Some(vec![]),
            "info-only" => backup.usage.files = 1,
            "by-info" => {
                let last = backup.last_backup.as_mut().unwrap();
                last.source = DateSource::Info;
            }
            word if word.contains('=') => {
                backup.keepsakes.get_or_insert_default().push(group(word));
            }
            word => assert_eq!(word, *verdict),
        }
    }
    backup
}

/// A report of a line, and the volumes of its roots.
fn line(text: &str) -> (Report, Vec<Option<u64>>) {
    let mut words = text.splitn(4, ' ');
    let [day, one, two] = [(); 3].map(|()| words.next().unwrap());
    let backups = words.next().unwrap_or_default().split(';');
    let backups = backups.filter(|words| !words.trim().is_empty());
    let mut report = cases::report(backups.map(backup).collect());
    report.started_at = at(&format!("{day}T03:30:00Z"));
    report.devices = group::group(&report.backups, report.started_at, |_| None);
    report.roots = roots()
        .into_iter()
        .map(|path| Root {
            path,
            is_default: false,
            volume: None,
        })
        .collect();
    (
        report,
        [one, two].map(|volume| volume.parse().ok()).to_vec(),
    )
}

/// What may be special of a case.
#[derive(Default)]
struct Special<'a> {
    removals: &'a [PastRemoval],
    beside: &'a [&'a str],
    /// Runs, by number, of which the backups in this folder are forgotten.
    forgotten: &'a [(usize, &'a str)],
    /// A place with which something is wrong, and whether it could not be looked at.
    trouble: Option<(&'a str, bool)>,
    /// The volume of every place, where it is not that of its root.
    around: Option<u64>,
    /// Whether the runs are of the first version, which kept less.
    is_old: bool,
}

/// The report of the last line, with what it lacks of the others.
fn told_by(lines: &[&str], special: &Special<'_>) -> Report {
    let (now, before) = lines.split_last().unwrap();
    let roots = roots();
    let mut runs: Vec<PastRun> = Vec::new();
    let told = |text: &str, runs: &[PastRun], is_last: bool| {
        let (mut report, volumes) = line(text);
        let beside = special.beside.iter().filter(|_| is_last);
        report.beside = beside
            .map(|path| Beside {
                path: path.into(),
                kind: BesideKind::RemovalUnfinished,
                bytes: 0,
            })
            .collect();
        let trouble = special.trouble.filter(|_| is_last);
        report
            .problems
            .extend(trouble.map(|(path, blocking)| Problem {
                path: path.into(),
                message: "it is empty".to_owned(),
                blocking,
                known: false,
            }));
        let volume_of = |path: &Path| {
            let position = roots.iter().position(|root| path.starts_with(root));
            match special.around.filter(|_| is_last) {
                Some(volume) => Some(volume),
                None => position.and_then(|position| volumes[position]),
            }
        };
        let ground = Ground {
            roots: &roots,
            volumes: &volumes,
            volume_of: &volume_of,
            removals: special.removals,
            forget: &|paths| {
                let paths = paths.iter().map(|path| path.display().to_string());
                Some(format!("forget {}", paths.collect::<Vec<_>>().join(" ")))
            },
        };
        tell_missing(&mut report, runs, &ground);
        mark_known(&mut report, &roots, runs.last());
        let run = super::super::run_of(&report, &ground, runs.last()).unwrap();
        (report, run)
    };
    for (index, text) in before.iter().enumerate() {
        let mut run = told(text, &runs, false).1;
        if special.is_old {
            run.volumes.fill(None);
            for backup in &mut run.backups {
                backup.keepsakes = None;
                backup.volume = None;
                backup.manifest_date = None;
                backup.status_uuid = None;
            }
        }
        runs.push(run);
        let forgotten = special.forgotten.iter().filter(|(run, _)| *run == index);
        for (_, path) in forgotten {
            let backups = runs.iter_mut().flat_map(|run| &mut run.backups);
            let wanted = backups.filter(|backup| backup.path == Path::new(path));
            wanted.for_each(|backup| backup.forgotten = true);
        }
    }
    told(now, &runs, true).0
}

/// What is said of devices: `a warning 1: …`, with `known` where it is.
fn told(lines: &[&str], special: &Special<'_>) -> Vec<String> {
    let report = told_by(lines, special);
    let devices = report.devices.iter().flat_map(|device| {
        let udid = device.udid.as_ref().map_or("-", |udid| &udid.as_str()[..1]);
        device.findings.iter().map(move |finding| {
            let known = if finding.known { " known" } else { "" };
            format!(
                "{udid} {} {}{known}",
                finding.severity.as_str(),
                finding.count
            )
        })
    });
    devices.collect()
}

const NOTHING: [&str; 0] = [];

#[test]
fn a_backup_that_is_not_there_any_more_is_gone() {
    let before = "2026-11-20 1 1 /one/x a 2026-11-19 U1; /two/y b 2026-11-19 U2";
    for (now, expected) in [
        // All is as it was.
        (
            "2026-11-21 1 1 /one/x a 2026-11-19 U1; /two/y b 2026-11-19 U2",
            &NOTHING[..],
        ),
        // The only one of its device, and one of another device is no help.
        ("2026-11-21 1 1 /two/y b 2026-11-19 U2", &["a warning 1"]),
        ("2026-11-21 1 1", &["a warning 1", "b warning 1"]),
        // In another folder, or below another path.
        (
            "2026-11-21 1 1 /one/old/x a 2026-11-19 U1; /two/y b 2026-11-19 U2",
            &NOTHING,
        ),
        (
            "2026-11-21 1 1 /two/x a 2026-11-19 U1; /two/y b 2026-11-19 U2",
            &NOTHING,
        ),
        // A later run of the device, in whatever state.
        (
            "2026-11-21 1 1 /one/x a 2026-11-21 U3; /two/y b 2026-11-19 U2",
            &NOTHING,
        ),
        (
            "2026-11-21 1 1 /one/x a - - incomplete; /two/y b 2026-11-19 U2",
            &NOTHING,
        ),
        (
            "2026-11-21 1 1 /one/x a 2026-11-19 U3 in-progress; /two/y b 2026-11-19 U2",
            &NOTHING,
        ),
        (
            "2026-11-21 1 1 /one/x - - - unreadable; /two/y b 2026-11-19 U2",
            &NOTHING,
        ),
        // An earlier one is another one, and so is one of another device.
        (
            "2026-11-21 1 1 /one/x a 2026-10-19 U0; /two/y b 2026-11-19 U2",
            &["a warning 1"],
        ),
        (
            "2026-11-21 1 1 /one/x c 2026-11-19 U1; /two/y b 2026-11-19 U2",
            &["a warning 1"],
        ),
        // Elsewhere, a later one is no more than what is left.
        (
            "2026-11-21 1 1 /one/z a 2026-11-21 U3; /two/y b 2026-11-19 U2",
            &["a warning 1"],
        ),
        // Its run has another number, or it has another date.
        (
            "2026-11-21 1 1 /one/z a 2026-11-19 U3; /two/y b 2026-11-19 U2",
            &["a warning 1"],
        ),
        (
            "2026-11-21 1 1 /one/z a 2026-11-18 U1; /two/y b 2026-11-19 U2",
            &["a warning 1"],
        ),
        // Without its Status.plist the date tells, and without a date the number.
        (
            "2026-11-21 1 1 /one/z a 2026-11-19 -; /two/y b 2026-11-19 U2",
            &NOTHING,
        ),
        (
            "2026-11-21 1 1 /one/z a - U1; /two/y b 2026-11-19 U2",
            &NOTHING,
        ),
        // A disk that is away, empty, or another one: nothing can be said of any.
        ("2026-11-21 1 -", &NOTHING),
        ("2026-11-21 - 1 /two/y b 2026-11-19 U2", &NOTHING),
        ("2026-11-21 2 1 /two/y b 2026-11-19 U2", &NOTHING),
        ("2026-11-21 1 2 /two/y b 2026-11-19 U2", &NOTHING),
    ] {
        assert_eq!(told(&[before, now], &Special::default()), expected, "{now}");
    }
}

#[test]
fn what_cannot_be_known_to_be_gone_is_not_told() {
    let gone = |before: &str, special: &Special<'_>| told(&[before, "2026-11-21 1 1"], special);
    let usual = Special::default();
    assert_eq!(
        gone("2026-11-20 1 1 /one/x a 2026-11-19 U1", &usual),
        ["a warning 1"]
    );
    // A root that was away then may be away or be there now.
    assert_eq!(
        gone("2026-11-20 1 - /one/x a 2026-11-19 U1", &usual),
        ["a warning 1"]
    );
    let now = ["2026-11-20 1 - /one/x a 2026-11-19 U1", "2026-11-21 1 -"];
    assert_eq!(told(&now, &usual), ["a warning 1"]);
    // The disk that it was on, behind a link in the root.
    let around = Special {
        around: Some(9),
        ..Special::default()
    };
    assert_eq!(
        gone("2026-11-20 1 1 /one/x a 2026-11-19 U1", &around),
        NOTHING
    );
    // Where nobody could look.
    let closed = |path| Special {
        trouble: Some((path, true)),
        ..Special::default()
    };
    let seen = "2026-11-20 1 1 /one/x/a a 2026-11-19 U1";
    assert_eq!(gone(seen, &closed("/one/x")), NOTHING);
    assert_eq!(gone(seen, &closed("/one/y")), ["a warning 1"]);
    // The first version did not keep the volumes.
    let old = Special {
        is_old: true,
        ..Special::default()
    };
    assert_eq!(gone("2026-11-20 1 1 /one/x a 2026-11-19 U1", &old), NOTHING);
    // Nothing but Info.plist.
    assert_eq!(
        gone(
            "2026-11-20 1 1 /one/x a 2026-11-19 U1 incomplete info-only",
            &usual
        ),
        NOTHING
    );
    // One without a device is known by its place alone, and told with its device unknown.
    assert_eq!(
        gone("2026-11-20 1 1 /one/x - 2026-11-19 U1", &usual),
        ["- warning 1"]
    );
    let stays = ["2026-11-20 1 1 /one/x - - -", "2026-11-21 1 1 /one/x - - -"];
    assert_eq!(told(&stays, &usual), NOTHING);
}

#[test]
fn a_backup_that_moved_is_known_by_what_the_first_version_kept() {
    let old = Special {
        is_old: true,
        ..Special::default()
    };
    let lines = [
        "2026-11-19 1 1 /one/x a 2026-11-18 U1 by-info",
        "2026-11-20 1 1 /one/y a 2026-11-18 U1 by-info",
    ];
    assert_eq!(told(&lines, &old), NOTHING);
}

/// An empty folder or a dead link in the place of a backup is no reason to be silent.
#[test]
fn what_lies_in_the_place_of_a_backup_that_is_gone_blocks() {
    let lines = ["2026-11-20 1 1 /one/x a 2026-11-19 U1", "2026-11-21 1 1"];
    for (place, blocks) in [("/one/x", true), ("/one/y", false)] {
        let empty = Special {
            trouble: Some((place, false)),
            ..Special::default()
        };
        let report = told_by(&lines, &empty);
        assert_eq!(report.problems[0].blocking, blocks, "{place}");
        assert_eq!(report.devices[0].findings[0].id, "backup-gone");
    }
}

#[test]
fn what_bkscan_removed_is_not_gone() {
    let removal = |path: &str, day: &str, uuid: &str, at_day: &str| PastRemoval {
        at: at(&format!("{at_day}T12:00:00Z")),
        path: path.into(),
        udid: Udid::parse(A),
        last_backup: (day != "-").then(|| at(&format!("{day}T12:00:00Z"))),
        status_uuid: (uuid != "-").then(|| format!("{uuid}-000")),
    };
    let lines = ["2026-11-20 1 1 /one/x a 2026-11-19 U1", "2026-11-21 1 1"];
    for (removal, is_gone) in [
        (removal("/one/x", "2026-11-19", "U1", "2026-11-20"), false),
        // Whatever the clock said then.
        (removal("/one/x", "2026-11-19", "U1", "2020-01-01"), false),
        // An earlier one of the same folder, or one elsewhere.
        (removal("/one/x", "2026-10-19", "U0", "2026-11-20"), true),
        (removal("/one/y", "2026-11-19", "U1", "2026-11-20"), true),
        // A line of the first version tells no more than the place.
        (removal("/one/x", "-", "-", "2026-11-20"), false),
        (removal("/one/x", "-", "-", "2026-11-19"), true),
        // What a removal that was stopped had left.
        (
            removal("/one/.bkscan-removing-x", "-", "-", "2026-11-20"),
            false,
        ),
        (
            removal("/one/.bkscan-removing-x-2", "-", "-", "2026-11-20"),
            false,
        ),
        (
            removal("/one/.bkscan-removing-xyz", "-", "-", "2026-11-20"),
            true,
        ),
        (
            removal("/two/.bkscan-removing-x", "-", "-", "2026-11-20"),
            true,
        ),
    ] {
        let special = Special {
            removals: std::slice::from_ref(&removal),
            ..Special::default()
        };
        let expected = if is_gone { &["a warning 1"][..] } else { &[] };
        assert_eq!(told(&lines, &special), expected, "{removal:?}");
    }
    let begun = Special {
        beside: &["/one/.bkscan-removing-x"],
        ..Special::default()
    };
    assert_eq!(told(&lines, &begun), NOTHING);
}

#[test]
fn what_another_good_backup_covers_is_a_note_and_told_once() {
    for (gone, left, expected) in [
        ("Photos=100/1G", "Photos=100/1G", "note"),
        ("Photos=100/1G Notes=0/0", "Photos=200/2G Files=1/1", "note"),
        ("nothing", "nothing", "note"),
        ("Photos=100/1G", "Photos=99/1G", "warning"),
        ("Photos=100/2G", "Photos=100/1G", "warning"),
        ("Photos=100/1G Notes=1/1", "Photos=100/1G", "warning"),
        ("Photos=100/1G", "nothing", "warning"),
        // Not known of one of them.
        ("", "Photos=100/1G", "warning"),
        ("Photos=100/1G", "", "warning"),
        // What is left is not good, or its groups are shared out among several.
        ("Photos=100/1G", "Photos=100/1G corrupt", "warning"),
        (
            "Photos=100/1G Notes=1/1",
            "Photos=100/1G; /one/z a 2026-11-17 U3 Notes=1/1",
            "warning",
        ),
    ] {
        let [first, second, third] = ["20", "21", "22"].map(|day| {
            let gone = format!("/one/x a 2026-11-18 U1 {gone}; ");
            let gone = if day == "20" { &gone } else { "" };
            format!("2026-11-{day} 1 1 {gone}/one/y a 2026-11-19 U2 {left}")
        });
        let case = format!("{gone} and {left}");
        let special = Special::default();
        let once = told(&[&first, &second], &special);
        assert_eq!(once, [format!("a {expected} 1")], "{case}");
        let twice = told(&[&first, &second, &third], &special);
        let expected = match expected {
            "note" => vec![],
            expected => vec![format!("a {expected} 1 known")],
        };
        assert_eq!(twice, expected, "{case}");
    }
}

/// What a run in progress will hold is not known before it has ended.
#[test]
fn while_the_device_is_at_work_nothing_is_said() {
    let lines = [
        "2026-11-20 1 1 /one/x a 2026-11-18 U1 Photos=1/1; /one/y a 2026-11-19 U2 Photos=1/1",
        "2026-11-21 1 1 /one/y a 2026-11-21 U3 in-progress",
        "2026-11-22 1 1 /one/y a 2026-11-21 U3 Photos=1/1",
        "2026-11-23 1 1 /one/y a 2026-11-21 U3 Photos=1/1",
    ];
    let special = Special::default();
    assert_eq!(told(&lines[..2], &special), NOTHING);
    assert_eq!(told(&lines[..3], &special), ["a note 1"]);
    assert_eq!(told(&lines, &special), NOTHING);
}

#[test]
fn it_is_told_until_it_is_back_or_for_thirty_days() {
    let seen = "2026-10-01 1 1 /one/x a 2026-09-30 U1";
    let special = Special::default();
    let first = "2026-10-02 1 1";
    assert_eq!(
        told(&[seen, first, "2026-10-03 1 1"], &special),
        ["a warning 1 known"]
    );
    assert_eq!(
        told(&[seen, first, "2026-10-31 1 1"], &special),
        ["a warning 1 known"]
    );
    assert_eq!(told(&[seen, first, "2026-11-01 1 1"], &special), NOTHING);
    // Back again, and then gone again: both are news.
    let back = "2026-10-04 1 1 /two/x a 2026-09-30 U1";
    assert_eq!(told(&[seen, first, back], &special), NOTHING);
    assert_eq!(
        told(&[seen, first, back, "2026-11-01 1 1"], &special),
        ["a warning 1"]
    );
    // The first run that could have seen it tells it, however late it comes.
    let away = "2026-10-02 - 1";
    assert_eq!(told(&[seen, "2027-01-01 1 1"], &special), ["a warning 1"]);
    assert_eq!(
        told(&[seen, away, "2027-01-01 1 1"], &special),
        ["a warning 1"]
    );
    assert_eq!(
        told(&[seen, away, "2027-01-01 1 1", "2027-01-02 1 1"], &special),
        NOTHING
    );
    // While its disk is away it is not over.
    assert_eq!(
        told(&[seen, first, away, "2026-10-05 1 1"], &special),
        ["a warning 1 known"]
    );
}

#[test]
fn another_one_that_is_gone_is_new_beside_a_known_one() {
    let lines = [
        "2026-11-18 1 1 /one/x a 2026-11-01 U1; /one/y a 2026-11-02 U2; /one/z b 2026-11-03 U3",
        "2026-11-19 1 1 /one/y a 2026-11-02 U2; /one/z b 2026-11-03 U3",
        "2026-11-20 1 1 /one/z b 2026-11-03 U3",
        "2026-11-21 1 1 /one/z b 2026-11-03 U3",
    ];
    let special = Special::default();
    assert_eq!(told(&lines[..2], &special), ["a warning 1"]);
    assert_eq!(told(&lines[..3], &special), ["a warning 2"]);
    assert_eq!(told(&lines, &special), ["a warning 2 known"]);
}

#[test]
fn what_is_forgotten_is_not_told_until_it_is_seen_again() {
    let special = Special {
        forgotten: &[(1, "/one/x")],
        ..Special::default()
    };
    let lines = [
        "2026-11-18 1 1 /one/x a 2026-11-01 U1; /one/y a 2026-11-02 U2",
        "2026-11-19 1 1 /one/y a 2026-11-02 U2",
        "2026-11-20 1 1 /one/y a 2026-11-02 U2",
    ];
    assert_eq!(told(&lines, &special), NOTHING);
    assert_eq!(told(&lines, &Special::default()), ["a warning 1 known"]);
    let again = [lines[0], lines[1], lines[0], lines[1]];
    assert_eq!(told(&again, &special), ["a warning 1"]);
}

#[test]
fn the_sentence_says_which_where_and_when() {
    let sentence = |lines: &[&str]| {
        let report = told_by(lines, &Special::default());
        let finding = &report.devices[0].findings[0];
        let slashes = |text: &String| text.replace('\\', "/");
        (
            slashes(&finding.message),
            finding.bytes,
            finding.hint.as_ref().map(slashes),
        )
    };
    let one = "/one/x a 2026-11-01 U1 Photos=1/1";
    let two = "/one/y a 2026-11-02 U2 Photos=1/1";
    assert_eq!(
        sentence(&[&format!("2026-11-18 1 1 {one}"), "2026-11-19 1 1"]),
        (
            "the backup of 1 Nov 2026 (48,310 files, 86.4 GB), which was in /one/x on 18 Nov 2026, is \
             gone, and no good backup of this device is left"
                .to_owned(),
            86_400_000_000,
            Some("forget /one/x".to_owned())
        )
    );
    let before = format!("2026-11-18 1 1 {one}; {two}");
    assert_eq!(
        sentence(&[&before, "2026-11-19 1 1 /one/y a 2026-11-02 U2"]).0,
        "the backup of 1 Nov 2026 (48,310 files, 86.4 GB), which was in /one/x on 18 Nov 2026, is gone, \
         and no backup that is left is known to hold as much"
    );
    assert_eq!(
        sentence(&[&before, &format!("2026-11-19 1 1 {two}")]).0,
        "the backup of 1 Nov 2026 (48,310 files, 86.4 GB), which was in /one/x on 18 Nov 2026, is gone, \
         and a good backup that is left holds as much"
    );
    let (message, bytes, _) = sentence(&[&before, "2026-11-19 1 1"]);
    assert_eq!(bytes, 172_800_000_000);
    assert_eq!(
        message,
        "2 backups are gone, and no good backup of this device is left: the one of 1 Nov 2026 (48,310 \
         files, 86.4 GB), which was in /one/x on 18 Nov 2026; the one of 2 Nov 2026 (48,310 files, \
         86.4 GB), which was in /one/y on 18 Nov 2026"
    );
    let many: Vec<String> = (1..=5).map(|n| format!("/one/{n} a - U{n}")).collect();
    let (message, ..) = sentence(&[
        &format!("2026-11-18 1 1 {}", many.join(";")),
        "2026-11-19 1 1",
    ]);
    assert!(message.starts_with("5 backups are gone, and "), "{message}");
    assert!(
        message.contains(": the one without a date (48,310 files"),
        "{message}"
    );
    assert!(
        message.ends_with("in /one/3 on 18 Nov 2026; and 2 more"),
        "{message}"
    );
}

/// A device of which nothing is left has its place among the others, and no backup.
#[test]
fn a_device_without_a_backup_is_told_of() {
    let lines = [
        "2026-11-18 1 1 /one/x b 2026-11-01 U1; /one/y a 2026-11-02 U2; /one/z c 2026-11-03 U3; \
         /one/- - - U4",
        "2026-11-19 1 1 /one/y a 2026-11-02 U2; /one/z c 2026-11-03 U3; /one/- - - U4",
    ];
    let report = told_by(&lines, &Special::default());
    let devices: Vec<_> = report
        .devices
        .iter()
        .map(|device| {
            (
                device.name.as_deref(),
                device.backups.len(),
                device.findings.len(),
            )
        })
        .collect();
    assert_eq!(
        devices,
        [
            (Some("Phone a"), 1, 0),
            (Some("Phone b"), 0, 1),
            (Some("Phone c"), 1, 0),
            (None, 1, 0)
        ]
    );
    assert_eq!(report.devices_there(), 3);
}

#[test]
fn less_than_half_and_fifty_files_fewer_is_much_less() {
    let shrank = |then: &str, now: &str| {
        let lines = [
            format!("2026-11-18 1 1 /one/x a 2026-11-01 U1 {then}"),
            format!("2026-11-19 1 1 /one/x a 2026-11-19 U2 {now}"),
        ];
        let lines = lines.each_ref().map(String::as_str);
        !told(&lines, &Special::default()).is_empty()
    };
    for (then, now, expected) in [
        ("Photos=99/1000", "Photos=49/499", true),
        // 49 files fewer; exactly half of the files; exactly half of the bytes.
        ("Photos=97/1000", "Photos=48/499", false),
        ("Photos=100/1000", "Photos=50/499", false),
        ("Photos=100/1000", "Photos=49/500", false),
        ("Photos=100/1000", "nothing", true),
        ("Photos=49/1000", "nothing", false),
        ("Photos=50/1000", "nothing", true),
        // By itself no other group counts; together with all it does.
        ("Photos=60/1000 Files=900/9000", "Files=900/9000", true),
        ("Photos=900/9000 Files=60/1000", "Photos=900/9000", false),
        (
            "Photos=40/1000 Files=40/1000 Notes=40/1000",
            "Notes=40/1000",
            true,
        ),
        // More of it is no loss.
        ("Photos=49/499", "Photos=9900/1000", false),
        // Not known of one of them.
        ("", "nothing", false),
        ("Photos=9900/1000", "", false),
        // Of what is no good backup nothing is said.
        ("Photos=9900/1000 corrupt", "nothing", false),
        ("Photos=9900/1000", "nothing corrupt", false),
    ] {
        assert_eq!(shrank(then, now), expected, "{then} then {now}");
    }
}

/// A run over another disk, which is away, saw a later one: this one did not shrink from that.
#[test]
fn an_older_backup_is_not_compared_with_a_later_one() {
    let later = "2026-11-18 1 1 /two/x a 2026-11-18 U2 Photos=200/1000";
    let of = |date: &str| {
        let now = format!("2026-11-19 1 - /one/x a {date} U1 Photos=60/300");
        told(&[later, &now], &Special::default())
    };
    assert_eq!(of("2026-05-01"), NOTHING);
    assert_eq!(of("2026-11-19"), ["a warning 1"]);
}

#[test]
fn it_is_compared_with_every_run_of_180_days_that_saw_the_device() {
    let now = "2026-11-19 1 1 /one/x a 2026-11-19 U2 nothing";
    let of = |lines: &[&str], special: &Special<'_>| told(&[lines, &[now]].concat(), special);
    let usual = Special::default();
    let long = |day: &str| format!("{day} 1 1 /one/x a 2026-05-01 U1 Photos=100/1000");
    assert_eq!(of(&[&long("2026-05-23")], &usual), ["a warning 1"]);
    assert_eq!(of(&[&long("2026-05-22")], &usual), NOTHING);
    // Also where the runs after it knew less, and it goes on being told.
    let between = "2026-11-18 1 1 /one/x a 2026-11-18 U3 nothing";
    assert_eq!(
        of(&[&long("2026-11-01"), between], &usual),
        ["a warning 1 known"]
    );
    // Another device, or an older backup of it in that run, is nothing to compare with.
    let other =
        "2026-11-18 1 1 /one/x b 2026-05-01 U1 Photos=100/1000; /one/x a 2026-06-01 U4 nothing";
    assert_eq!(of(&[other], &usual), ["b warning 1"]);
    let older =
        "2026-11-18 1 1 /one/x a 2026-11-18 U3 nothing; /one/y a 2026-05-01 U1 Photos=100/9";
    let both = "2026-11-19 1 1 /one/x a 2026-11-19 U2 nothing; /one/y a 2026-05-01 U1 Photos=100/9";
    assert_eq!(told(&[older, both], &usual), NOTHING);
    // By what the first version kept nothing shrinks, and what is forgotten is no measure.
    let old = Special {
        is_old: true,
        ..Special::default()
    };
    assert_eq!(of(&[&long("2026-11-01")], &old), NOTHING);
    let forgotten = Special {
        forgotten: &[(0, "/one/x")],
        ..Special::default()
    };
    assert_eq!(of(&[&long("2026-11-01")], &forgotten), NOTHING);
    // A run whose list could not be read does not end it.
    let locked = "2026-11-18 1 1 /one/x a 2026-11-18 U3";
    let lines = [&long("2026-11-01"), between, locked];
    assert_eq!(of(&lines, &usual), ["a warning 1 known"]);
}

#[test]
fn the_sentence_says_what_was_held_when_and_where() {
    let lines = [
        "2026-11-17 1 1 /one/x a 2026-11-01 U1 Photos=8000/40G Notes=7/7",
        "2026-11-18 1 1 /one/x a 2026-11-02 U2 Photos=7000/39G Notes=7/7",
        "2026-11-19 1 1 /one/x a 2026-11-19 U3 Photos=1204/3G Notes=7/7",
    ];
    let report = told_by(&lines, &Special::default());
    let finding = &report.devices[0].findings[0];
    assert_eq!(
        (finding.id, finding.bytes, finding.hint.is_some()),
        ("backup-shrank", 37_000_000_000, true)
    );
    assert_eq!(
        finding.message.replace('\\', "/"),
        "the newest good backup holds 1,204 photos and videos (3.0 GB), and the one of 1 Nov 2026 \
         (48,310 files, 86.4 GB), which was in /one/x on 17 Nov 2026, held 8,000 (40.0 GB)"
    );
}

/// What may be forgotten: `folders: day of the backup, day of the last run`.
#[test]
fn what_the_history_can_speak_of_is_one_line_a_backup() {
    let roots = roots();
    let lines = [
        "2026-11-15 1 1 /one/x a 2026-11-01 U1; /one/c a 2026-11-01 U1",
        "2026-11-16 1 1 /one/x-old a 2026-11-01 U1; /one/c a 2026-11-01 U1; /one/x a 2026-11-16 U2",
        "2026-11-17 1 1 /one/x a 2026-11-17 U3; /two/x b 2026-11-01 U4",
        "2026-11-18 1 1 /one/moved b 2026-11-01 U4; /two/x a 2026-11-01 U5",
    ];
    let runs: Vec<PastRun> = lines
        .iter()
        .map(|text| {
            let (report, _) = line(text);
            run_of(&report, &roots, None).unwrap()
        })
        .collect();
    let line = |known: &Remembered| {
        let paths = known
            .paths
            .iter()
            .map(|path| path.to_str().unwrap().replace('\\', "/"));
        let made = known.backup.last_backup.unwrap().to_string();
        format!(
            "{}: {}, {}",
            paths.collect::<Vec<_>>().join(" "),
            &made[..10],
            &known.seen.to_string()[..10]
        )
    };
    let known: Vec<String> = remembered(&runs).iter().map(line).collect();
    assert_eq!(
        known,
        [
            "/one/x: 2026-11-17, 2026-11-17",
            "/one/c: 2026-11-01, 2026-11-16",
            "/one/x-old: 2026-11-01, 2026-11-16",
            "/one/moved /two/x: 2026-11-01, 2026-11-18",
            "/two/x: 2026-11-01, 2026-11-18",
        ]
    );
}
