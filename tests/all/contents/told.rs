//! What people are told of all this: the screen, `show`, `explain`, `history`, the nightly mail.

use super::*;
use crate::support::{Padding, Row, damaged_database};

const CONTENTS: [&str; 5] = ["backups", "--level", "contents", "--now", NOW];

/// The text in one line, so that it can be searched whatever the width.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn screen(world: &World, args: &[&str]) -> String {
    let run = world.run([&CONTENTS, args].concat());
    assert_eq!(run.stderr, "", "{args:?}");
    flat(&run.stdout)
}

/// How much was read, and with what it was compared (issue; contract §2).
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_screen_says_what_was_read_and_compared_with_what() {
    let world = World::new();
    let first = screen(&world, &[]);
    for part in [
        "Read to the end: 105 kB",
        "300 bytes compared with the device's checksums",
        "105 kB without anything to compare with",
    ] {
        assert!(first.contains(part), "{part}: {first}");
    }
    // That is what was asked for: it is not offered again.
    assert!(!first.contains("(--level contents)"), "{first}");
    let second = screen(&world, &[]);
    for part in [
        "Read to the end: 105 kB",
        "300 bytes compared with the device's checksums",
        "105 kB compared with an earlier run",
    ] {
        assert!(second.contains(part), "{part}: {second}");
    }
    assert!(!second.contains("without anything"), "{second}");
    // The size of what is remembered is shown, and only where there is such.
    let size = fs::metadata(world.ledger()).unwrap().len();
    let size = format!("{} kB", (size + 500) / 1000);
    assert!(second.contains(&format!("takes {size}")), "{second}");
    let forgetful = screen(&world, &["--no-state"]);
    assert!(
        forgetful.contains("105 kB without anything to compare with"),
        "{forgetful}"
    );
    assert!(!forgetful.contains("remembered"), "{forgetful}");
    // At another level nothing was read, and that is said with what to do.
    let standard = flat(&world.run(["backups", "--now", NOW]).stdout);
    assert!(!standard.contains("Read to the end"), "{standard}");
    assert!(
        standard.contains("what is inside files (--level contents)"),
        "{standard}"
    );
}

/// Two backups are told in one sum; a locked one has nothing to compare with.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_sum_of_several_and_a_locked_one() {
    let world = World::new();
    let locked = BackupBuilder::new(IPAD).bare().encrypted_with(PASSWORD);
    // 300 bytes become 304.
    let locked = locked.file(SETTING.0, SETTING.1, &bytes(300));
    locked.no_empty_shards().write(&world.root());
    let text = screen(&world, &[]);
    assert!(text.contains("Read to the end: 106 kB"), "{text}");
    assert!(
        text.contains("300 bytes compared with the device's checksums"),
        "{text}"
    );
    let mut command = world.command_with(Some(PASSWORD));
    let text = flat(&world.output(command.args(CONTENTS)).stdout);
    assert!(
        text.contains("604 bytes compared with the device's checksums"),
        "{text}"
    );
}

/// Each width, and a terminal without UTF-8.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn no_line_is_too_long() {
    let world = World::of(phone().flip_in_payload(SETTING.0, SETTING.1, 0));
    world.scan(&[]);
    flip(&world.payload(PHOTO), 0);
    for columns in ["100", "80", "60"] {
        let mut command = world.command();
        command.args(CONTENTS).env("COLUMNS", columns);
        let run = world.output(command.env("LC_ALL", "C"));
        assert_eq!(run.code, 2);
        // What is to be copied is never broken.
        let prose = run.stdout.lines().filter(|line| !line.contains("bkscan "));
        for line in prose {
            let limit: usize = columns.parse().unwrap();
            assert!(line.chars().count() <= limit, "{columns}: {line}");
            assert!(line.is_ascii(), "{line}");
        }
    }
}

/// A damaged backup says which files, how many bytes, and what it means for a restore.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn findings_are_told_in_words_on_the_screen_and_in_show() {
    let world = World::of(
        phone()
            .encrypted_with(PASSWORD)
            .file("HomeDomain", "Library/SMS/sms.db", &damaged_database())
            .payload_padding(CHAT.0, CHAT.1, Padding::Zeros)
            .flip_in_payload(SETTING.0, SETTING.1, 0),
    );
    world.scan(&[]);
    flip(&world.payload(PHOTO), 0);
    let mut command = world.command_with(Some(PASSWORD));
    let run = world.output(command.args(CONTENTS));
    assert_eq!((run.code, run.stderr.as_str()), (2, ""));
    let text = flat(&run.stdout);
    assert!(text.contains("1 file"), "{text}");
    assert!(text.contains("Messages"), "{text}");
    assert!(!text.contains("panicked"), "{text}");

    let mut show = world.command_with(Some(PASSWORD));
    show.args(["show", "--level", "contents", "--now", NOW]);
    let run = world.output(show.arg(format!("backups/{PHONE}")));
    assert_eq!((run.code, run.stderr.as_str()), (2, ""));
    let text = flat(&run.stdout);
    for (id, path) in [
        ("digest-mismatch (error)", SETTING.1),
        ("content-changed (error)", PHOTO.1),
        ("padding-invalid (warning)", CHAT.1),
        ("app-database-damaged (warning)", "Library/SMS/sms.db"),
    ] {
        let at = text.find(id).unwrap_or_else(|| panic!("{id}: {text}"));
        assert!(text[at..].contains(path), "{id}: {text}");
    }
}

/// Who reads one backup to its end is told what that came to, as with a scan (contract §2: every report
/// says what was checked and what was not).
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn show_says_what_was_read_and_compared_with_what() {
    let world = World::new();
    world.scan(&[]);
    let phone = format!("backups/{PHONE}");
    let show = ["show", &phone, "--level", "contents", "--now", NOW];
    let run = world.run([&show[..], &["--json"]].concat());
    let expected = [[3, 105_300], [1, 300], [2, 105_000]];
    assert_eq!(compared(&document(&run)), expected);
    let text = flat(&world.run(show).stdout);
    for part in [
        "105 kB",
        "300 bytes compared with the device's checksums",
        "with an earlier run",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

/// What is said to be copied shows what it is said to show.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_command_beside_a_finding_leads_to_it() {
    let world = World::of(phone().flip_in_payload(SETTING.0, SETTING.1, 0));
    let document = world.scan(&[]);
    let told = finding(only_backup(&document), "digest-mismatch");
    let hint = told["hint"].as_str().unwrap();
    let words = shell_words::split(hint).unwrap();
    assert_eq!(words[..2], ["bkscan", "show"], "{hint}");
    let run = world.run([&words[1..], &["--now".to_owned(), NOW.to_owned()]].concat());
    assert!(
        run.stdout.contains("digest-mismatch (error)"),
        "{hint}: {run:?}"
    );
}

/// The mail of a night names a command, too.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_command_in_the_mail_leads_to_it() {
    let world = World::of(phone().flip_in_payload(SETTING.0, SETTING.1, 0));
    let mail = world.run([&CONTENTS[..], &["--quiet"]].concat());
    assert_eq!(mail.code, 2);
    let line = mail
        .stdout
        .lines()
        .find(|line| line.trim_start().starts_with("bkscan show"));
    let command = line.unwrap().split(" · ").next().unwrap();
    let words = shell_words::split(command).unwrap();
    let run = world.run([&words[1..], &["--now".to_owned(), NOW.to_owned()]].concat());
    assert!(
        run.stdout.contains("digest-mismatch (error)"),
        "{command}: {run:?}"
    );
}

/// A quiet run says nothing while all is well, not even that it learned, and else what is wrong.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn quiet_is_silent_when_all_is_well() {
    let world = World::of(phone().encrypted_with(PASSWORD).payload_padding(
        CHAT.0,
        CHAT.1,
        Padding::Zeros,
    ));
    let quiet = |args: &[&str]| {
        let mut command = world.command_with(Some(PASSWORD));
        command.args(CONTENTS).arg("--quiet").args(args);
        let run = world.output(&mut command);
        assert_eq!(run.stderr, "");
        (run.code, run.stdout)
    };
    let silent = (0, String::new());
    assert_eq!(quiet(&[]), silent);
    assert_eq!(quiet(&[]), silent);
    let (code, told) = quiet(&["--fail-on", "warning"]);
    assert_eq!(code, 1);
    assert!(told.contains("bkscan explain padding-invalid"), "{told}");
    flip(&world.payload(PHOTO), 0);
    let (code, told) = quiet(&[]);
    assert_eq!(code, 2);
    assert!(told.contains("Test iPhone is corrupt"), "{told}");
    assert!(told.contains("bkscan explain content-changed"), "{told}");
    // With `new` it is told once.
    let (code, told) = quiet(&["--fail-on", "new"]);
    assert_eq!((code, told), silent);
    flip(&world.payload(CHAT), 0);
    let (code, told) = quiet(&["--fail-on", "new"]);
    assert_eq!(code, 2, "{told}");
}

/// Nothing personal is told, of the files least of all.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn redacted_it_names_no_file() {
    let world = World::of(phone().flip_in_payload(SETTING.0, SETTING.1, 0).file(
        PHOTO.0,
        "Media/DCIM/Anna at the sea.JPG",
        &bytes(900),
    ));
    world.scan(&[]);
    let sea = ("CameraRollDomain", "Media/DCIM/Anna at the sea.JPG");
    flip(&world.payload(sea), 0);
    for more in [&[][..], &["--json"], &["--quiet"]] {
        let run = world.run([&CONTENTS[..], &["--redact"], more].concat());
        assert_eq!(run.code, 2, "{run:?}");
        let paths = [world.folder.path().to_str().unwrap().to_owned()];
        for word in ["Anna", "sea", PHONE, "Test iPhone"]
            .into_iter()
            .chain(paths.iter().map(String::as_str))
        {
            assert!(!run.stdout.contains(word), "{word}: {run:?}");
        }
    }
}

/// Each id has its page, with the severity of contract §4.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn each_finding_is_explained() {
    let world = World::empty();
    let list = world.run(["explain"]).stdout;
    for (id, severity, effect) in [
        ("digest-mismatch", "error", "corrupt"),
        ("payload-read-error", "error", "corrupt"),
        ("content-changed", "error", "corrupt"),
        ("padding-invalid", "warning", "does not change the verdict"),
        (
            "app-database-damaged",
            "warning",
            "does not change the verdict",
        ),
    ] {
        let line = list.lines().find(|line| line.trim().starts_with(id));
        assert!(
            line.is_some_and(|line| line.contains(severity)),
            "{id}: {list}"
        );
        let run = world.run(["explain", id]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{id}");
        let head = run.stdout.lines().next().unwrap();
        assert!(head.contains(id) && head.contains(severity), "{head}");
        assert!(head.contains(effect), "{head}");
        for part in ["What it means", "How sure", "What to do"] {
            assert!(run.stdout.contains(part), "{id}: {}", run.stdout);
        }
    }
}

/// Runs at this level are in the history as any others; what it shows is what the run found.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn runs_at_contents_are_in_the_history() {
    let world = World::new();
    let scan = |day: u32, args: &[&str]| {
        let now = format!("2026-11-{day:02}T03:30:00Z");
        world.run([&["backups", "--now", &now], args].concat()).code
    };
    let contents = ["--level", "contents"];
    assert_eq!(scan(1, &contents), 0);
    flip(&world.payload(PHOTO), 0);
    assert_eq!(scan(2, &[]), 0);
    assert_eq!(scan(3, &contents), 2);
    assert_eq!(scan(4, &[&contents[..], &["--no-state"]].concat()), 0);
    flip(&world.payload(PHOTO), 0);
    assert_eq!(scan(5, &contents), 0);
    let run = world.run(["history", "--json"]);
    let history: Value = serde_json::from_str(&run.stdout).unwrap();
    let runs = history["devices"][0]["runs"].as_array().unwrap();
    let told: Vec<_> = runs
        .iter()
        .map(|run| [&run["at"], &run["verdict"]].map(|value| value.as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            ["2026-11-01T03:30:00Z", "complete"],
            ["2026-11-02T03:30:00Z", "complete"],
            ["2026-11-03T03:30:00Z", "corrupt"],
            ["2026-11-05T03:30:00Z", "complete"],
        ]
    );
    let text = world.run(["history"]).stdout;
    assert_eq!(text.matches("complete").count(), 3, "{text}");
    assert_eq!(text.matches("corrupt").count(), 1, "{text}");
}

/// Prometheus is told of them by their ids.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn metrics_have_the_findings() {
    let world = World::of(phone().flip_in_payload(SETTING.0, SETTING.1, 0));
    world.scan(&[]);
    flip(&world.payload(PHOTO), 0);
    let run = world.run([&CONTENTS[..], &["--metrics", "bkscan.prom", "--quiet"]].concat());
    assert_eq!(run.code, 2);
    let text = fs::read_to_string(world.path("bkscan.prom")).unwrap();
    for id in ["digest-mismatch", "content-changed"] {
        let line = text
            .lines()
            .find(|line| line.starts_with("bkscan_backup_findings") && line.contains(id));
        assert!(
            line.is_some_and(|line| line.ends_with(" 1")),
            "{id}: {text}"
        );
    }
}

/// One file is one file, in the reasons, too.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn one_file_has_and_several_have() {
    let row = Row::file(CHAT.0, CHAT.1, &bytes(5000)).key_bytes(vec![3; 44]);
    let world = World::of(phone().encrypted_with(PASSWORD).add(row));
    let document = world.scan_with(Some(PASSWORD), &[]);
    let reasons = not_checked(only_backup(&document));
    let why = reasons["padding-invalid"];
    assert_eq!(why, "no key opens 1 file");
}
