//! `bkscan history --forget`: what is gone on purpose is not told any more.

use super::*;

const TOLD: &str = "backup-gone";

/// The iPad as its owner calls it.
fn named(builder: BackupBuilder) -> BackupBuilder {
    with_photos(builder).device("Anna\u{2019}s iPad", "iPad13,16", None, "17.1", "21B80")
}

/// A world in which the iPad's backup was seen on 1 Nov 2026 and is gone.
fn gone() -> World {
    let world = World::new();
    let ipad = named(BackupBuilder::new(IPAD)).write(&world.root());
    assert!(!is_told(&world, 1));
    fs::remove_dir_all(ipad).unwrap();
    world
}

/// A world in which three backups of the iPad were seen on 1 Nov 2026, of which these are gone.
fn three(gone: &[&str]) -> World {
    let world = World::new();
    for (folder, year) in [(IPAD, 2024), ("older", 2023), ("oldest", 2022)] {
        let ipad = named(BackupBuilder::new(IPAD)).folder_name(folder);
        let ipad = ipad.date(&format!("{year}-05-01T10:00:00Z"));
        // Each holds something that the others do not.
        ipad.file(CAMERA, &photo(year), &[9; 900])
            .write(&world.root());
    }
    assert!(!is_told(&world, 1));
    for folder in gone {
        fs::remove_dir_all(world.root().join(folder)).unwrap();
    }
    world
}

fn is_told(world: &World, day: u32) -> bool {
    let run = world.at(&night(day), "backups --json");
    assert_code(&run, 0);
    run.stdout.contains(TOLD)
}

/// What a command says that is refused.
#[track_caller]
fn refused(world: &World, line: &str, code: i32) -> String {
    let run = world.typed(line);
    let said = (run.code, run.stdout.as_str());
    assert_eq!(said, (code, ""), "{line}: {run:?}");
    run.stderr
}

#[cfg(not(windows))]
#[test]
fn it_is_named_as_any_backup_is() {
    let path = format!("backups/{IPAD}");
    for words in [
        path.as_str(),
        IPAD,
        "00008103",
        "'anna\u{2019}s ipad'",
        // A space that was not quoted.
        "Anna\u{2019}s iPad",
    ] {
        let world = gone();
        assert!(is_told(&world, 2));
        let run = world.typed(&format!("history --forget {words}"));
        assert_code(&run, 0);
        let begin = "The backup of 1 May 2024 of Anna\u{2019}s iPad (";
        assert!(run.stdout.starts_with(begin), "{words}: {run:?}");
        let forgotten = " on 1 Nov 2026, is forgotten: ";
        assert!(run.stdout.contains(forgotten), "{words}: {run:?}");
        for day in [3, 4] {
            assert!(!is_told(&world, day), "{words}");
        }
        // It is still there in the history.
        assert_eq!(world.history(&path)["devices"][0]["udid"], IPAD);
    }
}

/// The command for several names all of them.
#[cfg(unix)]
#[test]
fn the_command_for_several_forgets_them_all() {
    let world = three(&["older", "oldest"]);
    let told = parsed(&world.at(&night(2), "backups --json"));
    let mut findings = list(&told["devices"][0]["findings"]);
    let gone = findings.find(|finding| finding["id"] == TOLD).unwrap();
    let hint = gone["hint"].as_str().unwrap();
    let root = world.root().canonicalize().unwrap();
    let [older, oldest] = ["older", "oldest"].map(|name| root.join(name).display().to_string());
    let words = words(hint);
    assert_eq!(words, ["bkscan", "history", "--forget", &older, &oldest]);
    assert_code(&world.run(&words[1..]), 0);
    assert!(!is_told(&world, 3), "{hint}");
}

/// The command that the mail shows does it.
#[cfg(unix)]
#[test]
fn the_command_that_is_shown_can_be_copied() {
    let world = gone();
    let scan = |day| world.at(&night(day), "backups --json --state-dir 'my state'");
    assert!(!scan(1).stdout.contains(TOLD));
    let ipad = with_photos(BackupBuilder::new(IPAD)).write(&world.root());
    scan(2);
    fs::remove_dir_all(ipad).unwrap();
    let told = parsed(&scan(3));
    let hint = told["devices"][0]["findings"][0]["hint"].as_str().unwrap();
    let words = words(hint);
    assert_eq!(words[0], "bkscan");
    assert_code(&world.run(&words[1..]), 0);
    assert!(!scan(4).stdout.contains(TOLD), "{hint}");
    assert!(world.path("my state").join("history.db").exists());
    // The usual history knows nothing of that.
    assert!(is_told(&world, 5));
}

/// Else a later loss of it would be silent.
#[cfg(not(windows))]
#[test]
fn what_is_there_is_not_forgotten() {
    let world = three(&["older"]);
    let text = "is not gone: --forget is for what is gone, or holds less than an earlier run saw; nothing \
                was done\n";
    let phone = world.phone().display().to_string();
    for word in [IPAD, "backups/oldest", &phone, "test iphone"] {
        let said = refused(&world, &format!("history --forget '{word}'"), 64);
        assert_eq!(said, format!("bkscan: {word} {text}"));
    }
    fs::remove_dir_all(world.root().join("oldest")).unwrap();
    assert!(is_told(&world, 2));
    let said = refused(&world, "history --redact --forget 'test iphone'", 64);
    assert_eq!(said, format!("bkscan: that backup {text}"));
}

/// Of several backups of a device the one is meant that is gone.
#[cfg(not(windows))]
#[test]
fn the_name_of_a_device_means_what_is_gone_of_it() {
    let name = "history --forget \"anna's ipad\"";
    let world = three(&["older"]);
    assert!(is_told(&world, 2));
    let run = world.typed(name);
    assert_code(&run, 0);
    let begin = "The backup of 1 May 2023 of Anna\u{2019}s iPad (";
    assert!(run.stdout.starts_with(begin), "{run:?}");
    assert!(!is_told(&world, 3));
    // Of two that are gone, it could be either, and none that is there.
    let world = three(&["older", "oldest"]);
    let said = refused(&world, name, 64);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 3, "{said}");
    let several = "bkscan: anna's ipad could be any of these; name one:";
    assert_eq!(lines[0], several);
    assert!(lines[1].contains("backups/older  "), "{said}");
    assert!(lines[2].contains("backups/oldest  "), "{said}");
    // Both are named at once.
    let run = world.typed("history --forget older oldest");
    assert_code(&run, 0);
    let starts: Vec<&str> = run.stdout.lines().map(|line| &line[..26]).collect();
    let expected = ["The backup of 1 May 2023 o", "The backup of 1 May 2022 o"];
    assert_eq!(starts, expected);
    assert!(!is_told(&world, 3));
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_is_seen_again_is_remembered_again() {
    let world = gone();
    assert_eq!(world.run(["history", "--forget", IPAD]).code, 0);
    assert!(!is_told(&world, 3));
    let ipad = with_photos(BackupBuilder::new(IPAD)).write(&world.root());
    assert!(!is_told(&world, 4));
    fs::remove_dir_all(ipad).unwrap();
    assert!(is_told(&world, 5));
}

#[test]
fn what_nobody_saw_and_what_could_be_several_is_told_with_names() {
    let world = gone();
    let said = refused(&world, "history --forget nobody", 3);
    let first = "bkscan: no backup is called nobody; there are:";
    assert_eq!(said.lines().next(), Some(first));
    assert_eq!(said.lines().count(), 3, "{said}");
    for named in [PHONE, IPAD, "Anna\u{2019}s iPad", "Test iPhone"] {
        assert!(said.contains(named), "{said}");
    }
    let said = refused(&world, "history --forget 000081", 64);
    assert!(said.contains("000081 could be any of these"), "{said}");
    assert_eq!(said.lines().count(), 3, "{said}");
    // Nothing was forgotten, and nothing personal is told where that is asked for.
    assert!(is_told(&world, 2));
    let said = refused(&world, "history --redact --forget nobody", 3);
    assert!(!said.contains("Anna") && !said.contains(PHONE), "{said}");
    let run = world.typed(&format!("history --redact --forget {IPAD}"));
    assert_code(&run, 0);
    let said = "That backup is forgotten until a scan sees it again.\n";
    assert_eq!(run.stdout, said);
}

#[cfg(not(windows))]
#[test]
fn it_goes_with_the_history_and_nothing_else() {
    let forget = format!("--forget {IPAD}");
    let world = World::new();
    let said = refused(&world, &format!("history {forget}"), 3);
    assert!(said.contains("nothing to forget"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(!world.path("state").exists());
    let world = gone();
    for command in [
        "backups",
        &format!("show {IPAD}"),
        "clean backups",
        "explain",
        "history backups",
        "history --json",
    ] {
        refused(&world, &format!("{command} {forget}"), 64);
    }
    refused(&world, "history --forget", 64);
    let run = world.typed(&format!("{forget} --state-dir state/bkscan history"));
    assert_eq!(run.code, 0, "{run:?}");
}
