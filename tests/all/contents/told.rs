//! What people are told of all this: the screen, `show`, `explain`, `history`, the nightly mail.

#![cfg(not(windows))]

use super::*;
use crate::support::{Padding, Row, damaged_database};

/// The exit code, and what a run says on stdout; on stderr it says nothing.
fn told(world: &World, password: Option<&str>, args: &[&str]) -> (i32, String) {
    let run = world.output(world.command_with(password).args(args));
    assert_eq!(run.stderr, "", "{args:?}");
    (run.code, run.stdout)
}

fn screen(world: &World, password: Option<&str>, args: &[&str]) -> String {
    flat(&told(world, password, &[CONTENTS, args].concat()).1)
}

/// Fails if one of these is not in the text.
#[track_caller]
fn assert_has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part}: {text}");
    }
}

/// A phone, the setting of which has a flipped bit.
fn damaged() -> BackupBuilder {
    phone().flip_in_payload(SETTING.0, SETTING.1, 0)
}

const WITH_DIGEST: &str = "300 bytes compared with the device's checksums";
const WITHOUT: &str = "105 kB without anything to compare with";

/// How much was read, and with what it was compared, also where one backup is shown (contract §2: every
/// report says what was checked and what was not).
#[test]
fn the_screen_and_show_say_what_was_read_and_compared_with_what() {
    let world = World::new();
    let first = screen(&world, None, &[]);
    let read = "Read to the end: 105 kB";
    assert_has(&first, &[read, WITH_DIGEST, WITHOUT]);
    // That is what was asked for: it is not offered again.
    assert!(!first.contains("(--level contents)"), "{first}");
    let second = screen(&world, None, &[]);
    let known = "105 kB compared with an earlier run";
    assert_has(&second, &[read, WITH_DIGEST, known]);
    assert!(!second.contains("without anything"), "{second}");
    // The size of what is remembered is shown, and only where there is such.
    let size = fs::metadata(world.ledger()).unwrap().len();
    assert_has(&second, &[&format!("takes {} kB", (size + 500) / 1000)]);
    let forgetful = screen(&world, None, &["--no-state"]);
    assert_has(&forgetful, &[WITHOUT]);
    assert!(!forgetful.contains("remembered"), "{forgetful}");
    // At another level nothing was read, and that is said with what to do.
    let standard = flat(&world.run(["backups", "--now", NOW]).stdout);
    assert!(!standard.contains("Read to the end"), "{standard}");
    assert_has(&standard, &["what is inside files (--level contents)"]);

    let phone = format!("backups/{PHONE}");
    let show = [&["show", &phone], &CONTENTS[1..]].concat();
    let run = world.run([&show[..], &["--json"]].concat());
    let expected = [[3, 105_300], [1, 300], [2, 105_000]];
    assert_eq!(compared(&document(&run)), expected);
    let text = flat(&world.run(show).stdout);
    assert_has(&text, &["105 kB", WITH_DIGEST, "with an earlier run"]);
}

/// Two backups are told in one sum; a locked one has nothing to compare with.
#[test]
fn the_sum_of_several_and_a_locked_one() {
    let world = World::new();
    let locked = BackupBuilder::new(IPAD).bare().encrypted_with(PASSWORD);
    // 300 bytes become 304.
    let locked = locked.file(SETTING.0, SETTING.1, &bytes(300));
    locked.no_empty_shards().write(&world.root());
    let text = screen(&world, None, &[]);
    assert_has(&text, &["Read to the end: 106 kB", WITH_DIGEST]);
    let opened = screen(&world, PASS, &[]);
    assert_has(&opened, &["604 bytes compared with the device's checksums"]);
}

/// Each width, and a terminal without UTF-8.
#[test]
fn no_line_is_too_long() {
    let world = World::of(damaged());
    world.scan(&[]);
    flip(&world.payload(PHOTO), 0);
    for columns in ["100", "80", "60"] {
        let mut command = world.command();
        command.args(CONTENTS).env("COLUMNS", columns);
        let run = world.output(command.env("LC_ALL", "C"));
        assert_eq!(run.code, 2);
        let limit: usize = columns.parse().unwrap();
        // What is to be copied is never broken.
        for line in run.stdout.lines().filter(|line| !line.contains("bkscan ")) {
            assert!(line.chars().count() <= limit, "{columns}: {line}");
            assert!(line.is_ascii(), "{line}");
        }
    }
}

/// A damaged backup says which files, how many bytes, and what it means for a restore.
#[test]
fn findings_are_told_in_words_on_the_screen_and_in_show() {
    let sealed = damaged().encrypted_with(PASSWORD);
    let sealed = sealed.file("HomeDomain", "Library/SMS/sms.db", &damaged_database());
    let world = World::of(sealed.payload_padding(CHAT.0, CHAT.1, Padding::Zeros));
    world.scan(&[]);
    flip(&world.payload(PHOTO), 0);
    let (code, text) = told(&world, PASS, CONTENTS);
    let text = flat(&text);
    assert_eq!(code, 2, "{text}");
    assert_has(&text, &["1 file", "Messages"]);
    assert!(!text.contains("panicked"), "{text}");
    let phone = format!("backups/{PHONE}");
    let show = [&["show", &phone], &CONTENTS[1..]].concat();
    let (code, text) = told(&world, PASS, &show);
    let text = flat(&text);
    assert_eq!(code, 2, "{text}");
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

/// What is said to be copied, beside a finding and in the mail of a night, shows what it is said to show.
#[test]
fn the_commands_that_are_told_lead_to_the_finding() {
    let world = World::of(damaged());
    let document = world.scan(&[]);
    let told = finding(only_backup(&document), "digest-mismatch");
    let mail = world.run([CONTENTS, &["--quiet"]].concat());
    assert_eq!(mail.code, 2);
    let mut lines = mail.stdout.lines();
    let line = lines.find(|line| line.trim_start().starts_with("bkscan show"));
    let of_mail = line.unwrap().split(" · ").next().unwrap();
    for command in [told["hint"].as_str().unwrap(), of_mail] {
        let words = shell_words::split(command).unwrap();
        assert_eq!(words[..2], ["bkscan", "show"], "{command}");
        let words = words[1..].iter().map(String::as_str);
        let run = world.run(words.chain(["--now", NOW]));
        let is_told = run.stdout.contains("digest-mismatch (error)");
        assert!(is_told, "{command}: {run:?}");
    }
}

/// A quiet run says nothing while all is well, not even that it learned, and else what is wrong.
#[test]
fn quiet_is_silent_when_all_is_well() {
    let padding = encrypted().payload_padding(CHAT.0, CHAT.1, Padding::Zeros);
    let world = World::of(padding);
    let quiet = |args| told(&world, PASS, &[CONTENTS, &["--quiet"], args].concat());
    let silent = (0, String::new());
    assert_eq!(quiet(&[]), silent);
    assert_eq!(quiet(&[]), silent);
    let (code, told) = quiet(&["--fail-on", "warning"]);
    assert_eq!(code, 1);
    assert_has(&told, &["bkscan explain padding-invalid"]);
    flip(&world.payload(PHOTO), 0);
    let (code, told) = quiet(&[]);
    assert_eq!(code, 2);
    let lines = ["Test iPhone is corrupt", "bkscan explain content-changed"];
    assert_has(&told, &lines);
    // With `new` it is told once.
    assert_eq!(quiet(&["--fail-on", "new"]), silent);
    flip(&world.payload(CHAT), 0);
    let (code, told) = quiet(&["--fail-on", "new"]);
    assert_eq!(code, 2, "{told}");
}

/// Nothing personal is told, of the files least of all.
#[test]
fn redacted_it_names_no_file() {
    let sea = (PHOTO.0, "Media/DCIM/Anna at the sea.JPG");
    let world = World::of(damaged().file(sea.0, sea.1, &bytes(900)));
    world.scan(&[]);
    flip(&world.payload(sea), 0);
    let path = world.folder.path().to_str().unwrap();
    for more in [&[][..], &["--json"], &["--quiet"]] {
        let run = world.run([CONTENTS, &["--redact"], more].concat());
        assert_eq!(run.code, 2, "{run:?}");
        for word in ["Anna", "sea", PHONE, "Test iPhone", path] {
            assert!(!run.stdout.contains(word), "{word}: {run:?}");
        }
    }
}

/// Each id has its page, with the severity of contract §4.
#[test]
fn each_finding_is_explained() {
    let world = World::empty();
    let list = world.run(["explain"]).stdout;
    let no_effect = "does not change the verdict";
    for (id, severity, effect) in [
        ("digest-mismatch", "error", "corrupt"),
        ("payload-read-error", "error", "corrupt"),
        ("content-changed", "error", "corrupt"),
        ("padding-invalid", "warning", no_effect),
        ("app-database-damaged", "warning", no_effect),
    ] {
        let mut lines = list.lines();
        let line = lines.find(|line| line.trim().starts_with(id));
        assert_has(line.unwrap_or_else(|| panic!("{id}: {list}")), &[severity]);
        let run = world.run(["explain", id]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{id}");
        let head = run.stdout.lines().next().unwrap();
        assert_has(head, &[id, severity, effect]);
        assert_has(&run.stdout, &["What it means", "How sure", "What to do"]);
    }
}

/// Runs at this level are in the history as any others; what it shows is what the run found.
#[test]
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
    let runs = history["devices"][0]["runs"].as_array().unwrap().iter();
    let told = runs.map(|run| [&run["at"], &run["verdict"]].map(|value| value.as_str().unwrap()));
    let expected = [
        ["2026-11-01T03:30:00Z", "complete"],
        ["2026-11-02T03:30:00Z", "complete"],
        ["2026-11-03T03:30:00Z", "corrupt"],
        ["2026-11-05T03:30:00Z", "complete"],
    ];
    assert_eq!(told.collect::<Vec<_>>(), expected);
    let text = world.run(["history"]).stdout;
    assert_eq!(text.matches("complete").count(), 1, "{text}");
    assert_eq!(text.matches(", before corrupt").count(), 1, "{text}");
}

/// Prometheus is told of them by their ids.
#[test]
fn metrics_have_the_findings() {
    let world = World::of(damaged());
    world.scan(&[]);
    flip(&world.payload(PHOTO), 0);
    let run = world.run([CONTENTS, &["--metrics", "bkscan.prom", "--quiet"]].concat());
    assert_eq!(run.code, 2);
    let text = fs::read_to_string(world.path("bkscan.prom")).unwrap();
    for id in ["digest-mismatch", "content-changed"] {
        let is_it = |line: &&str| line.starts_with("bkscan_backup_findings") && line.contains(id);
        let line = text.lines().find(is_it).unwrap_or_default();
        assert!(line.ends_with(" 1"), "{id}: {text}");
    }
}

/// One file is one file, in the reasons, too.
#[test]
fn one_file_has_and_several_have() {
    let row = Row::file(CHAT.0, CHAT.1, &bytes(5000)).key_bytes(vec![3; 44]);
    let world = World::of(encrypted().add(row));
    let document = world.scan_with(PASS, &[]);
    let reasons = not_checked(only_backup(&document));
    assert_eq!(reasons["padding-invalid"], "no key opens 1 file");
}
