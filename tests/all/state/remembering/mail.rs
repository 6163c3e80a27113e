//! `--quiet`, the nightly mail: no byte when the exit code is 0, else a headline and a short
//! paragraph a problem, worst first, with the next command.
#![cfg(not(windows))]

use super::*;
use crate::support::Row;

const OLD_PHONE: &str = "00008030-001122334455667A";

/// The four backups of the screens. The iPad's has 2 of its 9 files no more: photos of 3.1 GB.
fn four() -> World {
    let world = World::empty();
    let add = |builder: BackupBuilder, day: &str| {
        let builder = builder.date(&format!("{day}T20:00:00Z"));
        builder.write(&world.root());
    };
    let anna = || phone().device("Anna's iPhone", "iPhone16,1", None, "26.1", "23B85");
    add(anna(), "2026-11-20");
    add(anna().folder_name(&format!("{PHONE}.old")), "2025-06-14");
    let old = with_photos(BackupBuilder::new(OLD_PHONE)).encrypted();
    add(
        old.device("Old phone", "iPhone12,1", None, "17.4", "21E219"),
        "2023-09-22",
    );
    let ipad = ipad().device("iPad", "iPad13,16", None, "17.1", "21B80");
    let more = |ipad: BackupBuilder, number| ipad.file(CAMERA, &photo(number), &[7; 100]);
    let row = |number| Row::file(CAMERA, &photo(number), b"").no_payload();
    let lost = |number, size| row(number).size(size);
    let ipad = (10..14).fold(ipad, more).add(lost(20, 3_000_000_000));
    add(ipad.add(lost(21, 100_000_000)), "2024-03-02");
    world
}

/// The mail of a night.
fn mail(world: &World, more: &str) -> (i32, String) {
    let run = world.at(&night(22), &format!("backups --quiet {more}"));
    assert_eq!(run.stderr, "", "{more}");
    (run.code, run.stdout)
}

const HEADLINE: &str = "bkscan: iPad is corrupt, 3 other backups are fine (22 Nov 2026, 03:30)\n";
const MISSING: &str = "✖ iPad, last backup 2 Mar 2024: 2 of 9 files are missing (3.1 GB, all photos); the rest can be read.";
const NEXT: &str = "
  backups/00008103-0012345678901234
  bkscan show backups/00008103-0012345678901234
  bkscan explain file-missing
";

#[test]
fn the_mail_is_the_one_of_the_screens() {
    let world = four();
    // The first night has nothing to compare with, and calls nothing new.
    let first = format!("{HEADLINE}{MISSING}{NEXT}");
    let nothing = (0, String::new());
    assert_eq!(mail(&world, ""), (2, first.clone()));
    assert_eq!(mail(&world, ""), (2, first), "known");
    assert_eq!(mail(&world, "--fail-on new"), nothing);

    // Healthy one night, damaged the next.
    damage(&world.root().join(IPAD), 10);
    let worse = MISSING.replace("2 of 9", "3 of 9");
    let more = format!("{HEADLINE}{worse} New since the last run.{NEXT}");
    assert_eq!(mail(&world, "--fail-on new"), (2, more));
    assert_eq!(mail(&world, "--fail-on new"), nothing);
    assert_eq!(mail(&world, ""), (2, format!("{HEADLINE}{worse}{NEXT}")));

    // Only what is new is told where that is asked for.
    damage(&world.phone(), 1);
    let expected = format!(
        "bkscan: Anna's iPhone is corrupt, 2 other backups are fine, 1 known problem as before (22 Nov 2026, 03:30)
✖ Anna's iPhone, last backup 20 Nov 2026: 1 of 3 files is missing (5 kB, a photo); the rest can be read. New since the last run.
  backups/{PHONE}
  bkscan show backups/{PHONE}
  bkscan explain file-missing
"
    );
    assert_eq!(mail(&world, "--fail-on new"), (2, expected));
}

#[test]
fn the_worst_comes_first() {
    let world = four();
    fs::remove_file(world.root().join(OLD_PHONE).join("Info.plist")).unwrap();
    let (code, text) = mail(&world, "--fail-on warning");
    assert_eq!(code, 2);
    let lines = text.lines().filter(|line| !line.starts_with("  "));
    let starts = lines.map(|line| line.split([',', ':']).next().unwrap());
    let starts: Vec<&str> = starts.collect();
    assert_eq!(starts.len(), 3, "{text}");
    assert_eq!(starts[..2], ["bkscan", "✖ iPad"], "{text}");
    assert!(starts[2].starts_with("! "), "{text}");
    assert!(text.contains("bkscan explain info-missing"), "{text}");
}

#[test]
fn no_byte_when_the_exit_code_is_0() {
    let world = World::new();
    let quiet = |line: &str| {
        let run = world.at(NOW, &format!("--quiet {line}"));
        assert_code(&run, 0);
        assert_eq!(run.stdout, "", "{line}");
    };
    fs::rename(world.root(), world.path("My Disk")).unwrap();
    fs::create_dir(world.root()).unwrap();
    quiet("'My Disk'");
    quiet("'My Disk' --fail-on warning");
    quiet("'My Disk' --fail-on warning,new");
    quiet("'My Disk' --level quick --advice all --redact");
    // The note about the path that was meant is no problem either.
    quiet("My Disk");
    // What is beside the backups, too, and a locked one.
    put(&world.path("My Disk").join("note.txt"), b"mine");
    quiet("'My Disk'");
    fs::remove_file(world.path("My Disk").join(PHONE).join("Info.plist")).unwrap();
    quiet("'My Disk'");
}

#[test]
fn a_path_that_is_away_is_told_with_what_to_do() {
    let world = World::new();
    let run = world.at(NOW, "backups Disk --quiet --fail-on new");
    assert_eq!(run.code, 3, "{run:?}");
    let said = run.stdout + &run.stderr;
    assert!(said.contains("Disk") && said.contains("bkscan"), "{said}");
    let told = said.matches("does not exist").count();
    assert_eq!(told, 1, "told once: {said}");
    let run = world.at(NOW, "backups Disk --quiet --fail-on new");
    assert_code(&run, 0);
    assert_eq!(run.stdout, "");
}

/// A subject that says no more than "is complete" would be a mail about nothing.
#[test]
fn a_warning_about_a_good_backup_is_not_told_as_its_verdict() {
    let world = World::new();
    fs::remove_file(world.phone().join("Info.plist")).unwrap();
    let (code, text) = mail(&world, "--fail-on warning");
    assert_eq!(code, 1);
    let begin = "bkscan: Test iPhone is complete but has a warning (22 Nov 2026, 03:30)\n\
                 ! Test iPhone, last backup 1 May 2024: Info.plist is missing";
    assert!(text.starts_with(begin), "{text}");
}
