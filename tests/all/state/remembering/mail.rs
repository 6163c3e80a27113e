//! `--quiet`, the nightly mail: no byte when the exit code is 0, else a headline and a short
//! paragraph a problem, worst first, with the next command.

use super::*;
use crate::support::Row;

const ANNA: &str = "00008130-000A1C2E3F40801E";
const OLD_PHONE: &str = "00008030-001122334455667A";

/// The four backups of the screens. The iPad's has 2 of its 9 files no more: photos of 3.1 GB.
fn four() -> World {
    let world = World::empty();
    let anna = |folder: &str, date| {
        with_photos(BackupBuilder::new(ANNA))
            .device("Anna's iPhone", "iPhone16,1", None, "26.1", "23B85")
            .folder_name(folder)
            .date(date)
    };
    anna(ANNA, "2026-11-20T20:00:00Z").write(&world.root());
    anna(&format!("{ANNA}.old"), "2025-06-14T20:00:00Z").write(&world.root());
    with_photos(BackupBuilder::new(OLD_PHONE))
        .encrypted()
        .device("Old phone", "iPhone12,1", None, "17.4", "21E219")
        .date("2023-09-22T20:00:00Z")
        .write(&world.root());
    let mut ipad = with_photos(BackupBuilder::new(IPAD))
        .device("iPad", "iPad13,16", None, "17.1", "21B80")
        .date("2024-03-02T20:00:00Z");
    for number in 10..14 {
        ipad = ipad.file(CAMERA, &photo(number), &[7; 100]);
    }
    for (number, size) in [(20, 3_000_000_000), (21, 100_000_000)] {
        let row = Row::file(CAMERA, &photo(number), b"").size(size);
        ipad = ipad.add(row.no_payload());
    }
    ipad.write(&world.root());
    world
}

/// The mail of a night, with `/` in every path.
fn mail(world: &World, args: &[&str]) -> (i32, String) {
    let night = ["backups", "--quiet", "--now", "2026-11-22T03:30:00Z"];
    let run = world.run([&night[..], args].concat());
    assert_eq!(run.stderr, "", "{args:?}");
    (run.code, run.stdout.replace('\\', "/"))
}

const HEADLINE: &str = "bkscan: iPad is corrupt, 3 other backups are fine (22 Nov 2026, 03:30)\n";
const MISSING: &str = "✖ iPad, last backup 2 Mar 2024: 2 of 9 files are missing (3.1 GB, all photos); the rest can be read.";
const NEXT: &str = "
  backups/00008103-0012345678901234
  bkscan show backups/00008103-0012345678901234 · bkscan explain file-missing
";

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_mail_is_the_one_of_the_screens() {
    let world = four();
    // The first night has nothing to compare with, and calls nothing new.
    let first = format!("{HEADLINE}{MISSING}{NEXT}");
    assert_eq!(mail(&world, &[]), (2, first.clone()));
    assert_eq!(mail(&world, &[]), (2, first.clone()), "known");
    assert_eq!(mail(&world, &["--fail-on", "new"]), (0, String::new()));

    // Healthy one night, damaged the next.
    let lost = payload_path(&world.root().join(IPAD), CAMERA, &photo(10));
    fs::remove_file(&lost).unwrap();
    let worse = MISSING.replace("2 of 9", "3 of 9");
    let more = format!("{HEADLINE}{worse} New since the last run.{NEXT}");
    assert_eq!(mail(&world, &["--fail-on", "new"]), (2, more));
    assert_eq!(mail(&world, &["--fail-on", "new"]), (0, String::new()));
    assert_eq!(mail(&world, &[]), (2, format!("{HEADLINE}{worse}{NEXT}")));
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn only_what_is_new_is_told_where_that_is_asked_for() {
    let world = four();
    assert_eq!(mail(&world, &["--fail-on", "new"]).0, 2);
    let anna = world.root().join(ANNA);
    damage(&anna, 1);
    let expected = format!(
        "bkscan: Anna's iPhone is corrupt, 2 other backups are fine, 1 known problem as before (22 Nov 2026, 03:30)
✖ Anna's iPhone, last backup 20 Nov 2026: 1 of 3 files is missing (5 kB, a photo); the rest can be read. New since the last run.
  backups/{ANNA}
  bkscan show backups/{ANNA} · bkscan explain file-missing
"
    );
    assert_eq!(mail(&world, &["--fail-on", "new"]), (2, expected));
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_worst_comes_first() {
    let world = four();
    fs::remove_file(world.root().join(OLD_PHONE).join("Info.plist")).unwrap();
    let (code, text) = mail(&world, &["--fail-on", "warning"]);
    assert_eq!(code, 2);
    let starts: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with("  "))
        .map(|line| line.split([',', ':']).next().unwrap())
        .collect();
    assert_eq!(starts.len(), 3, "{text}");
    assert_eq!(starts[..2], ["bkscan", "✖ iPad"], "{text}");
    assert!(starts[2].starts_with("! "), "{text}");
    assert!(text.contains("bkscan explain info-missing"), "{text}");
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn no_byte_when_the_exit_code_is_0() {
    let world = World::new();
    let quiet = |args: &[&str]| {
        let run = world.run([&["--quiet", "--now", NOW], args].concat());
        assert_eq!(
            (run.code, run.stdout.as_str(), run.stderr.as_str()),
            (0, "", ""),
            "{args:?}"
        );
    };
    fs::rename(world.root(), world.path("My Disk")).unwrap();
    fs::create_dir(world.root()).unwrap();
    quiet(&["My Disk"]);
    quiet(&["My Disk", "--fail-on", "warning"]);
    quiet(&["My Disk", "--fail-on", "warning,new"]);
    quiet(&["My Disk", "--level", "quick", "--advice", "all", "--redact"]);
    // The note about the path that was meant is no problem either.
    quiet(&["My", "Disk"]);
    // What is beside the backups, too, and a locked one.
    put(&world.path("My Disk").join("note.txt"), b"mine");
    quiet(&["My Disk"]);
    fs::remove_file(world.path("My Disk").join(PHONE).join("Info.plist")).unwrap();
    quiet(&["My Disk"]);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_path_that_is_away_is_told_with_what_to_do() {
    let world = World::new();
    let args = [
        "backups",
        "Disk",
        "--quiet",
        "--fail-on",
        "new",
        "--now",
        NOW,
    ];
    let run = world.run(args);
    assert_eq!(run.code, 3, "{run:?}");
    let said = run.stdout + &run.stderr;
    assert!(said.contains("Disk"), "{said}");
    assert!(said.contains("bkscan"), "{said}");
    assert_eq!(
        said.matches("does not exist").count(),
        1,
        "told once: {said}"
    );
    let run = world.run(args);
    assert_eq!(
        (run.code, run.stdout, run.stderr),
        (0, String::new(), String::new())
    );
}

/// A subject that says no more than "is complete" would be a mail about nothing.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_warning_about_a_good_backup_is_not_told_as_its_verdict() {
    let world = World::new();
    fs::remove_file(world.phone().join("Info.plist")).unwrap();
    let (code, text) = mail(&world, &["--fail-on", "warning"]);
    assert_eq!(code, 1);
    let mut lines = text.lines();
    let headline = "bkscan: Test iPhone is complete but has a warning (22 Nov 2026, 03:30)";
    assert_eq!(lines.next(), Some(headline));
    let told = "! Test iPhone, last backup 1 May 2024: Info.plist is missing";
    assert!(lines.next().unwrap().starts_with(told), "{text}");
}
