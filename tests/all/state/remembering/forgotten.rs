//! `bkscan history --forget`: what is gone on purpose is not told any more.

use super::*;

const TOLD: &str = "backup-gone";

/// A world in which the iPad's backup was seen on 1 Nov 2026 and is gone.
fn gone() -> World {
    let world = World::new();
    let ipad =
        BackupBuilder::new(IPAD).device("Anna\u{2019}s iPad", "iPad13,16", None, "17.1", "21B80");
    with_photos(ipad).write(&world.root());
    assert!(!is_told(&world, 1));
    fs::remove_dir_all(world.root().join(IPAD)).unwrap();
    world
}

fn is_told(world: &World, day: u32) -> bool {
    let now = format!("2026-11-{day:02}T03:30:00Z");
    let run = world.run(["backups", "--json", "--now", &now]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    run.stdout.contains(TOLD)
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn it_is_named_as_any_backup_is() {
    let folder = gone().root().join(IPAD);
    let path = Path::new("backups").join(IPAD);
    for words in [
        &[path.to_str().unwrap()][..],
        &[IPAD],
        &["00008103"],
        &["anna\u{2019}s ipad"],
        // A space that was not quoted.
        &["Anna\u{2019}s", "iPad"],
    ] {
        let world = gone();
        assert!(is_told(&world, 2));
        let run = world.run([&["history", "--forget"], words].concat());
        assert_eq!(
            (run.code, run.stderr.as_str()),
            (0, ""),
            "{words:?}: {run:?}"
        );
        let begin = "The backup of 1 May 2024 of Anna\u{2019}s iPad (";
        assert!(run.stdout.starts_with(begin), "{run:?}");
        assert!(
            run.stdout.contains(" on 1 Nov 2026, is forgotten: "),
            "{run:?}"
        );
        assert!(!is_told(&world, 3), "{words:?}");
        assert!(!is_told(&world, 4), "{words:?}");
        // It is still there in the history.
        assert_eq!(
            world.history(&[path.to_str().unwrap()])["devices"][0]["udid"],
            IPAD
        );
    }
    assert!(!folder.exists());
}

/// The command for several names all of them.
#[cfg(unix)]
#[test]
fn the_command_for_several_forgets_them_all() {
    let world = three(&["older", "oldest"]);
    let told = parsed(&world.run(["backups", "--json", "--now", "2026-11-02T03:30:00Z"]));
    let findings = told["devices"][0]["findings"].as_array().unwrap();
    let gone = findings.iter().find(|finding| finding["id"] == TOLD);
    let hint = gone.unwrap()["hint"].as_str().unwrap();
    let [older, oldest] = ["older", "oldest"].map(|name| {
        let root = world.root().canonicalize().unwrap();
        root.join(name).to_str().unwrap().to_owned()
    });
    let words = shell_words::split(hint).unwrap();
    assert_eq!(words, ["bkscan", "history", "--forget", &older, &oldest]);
    let run = world.run(&words[1..]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{hint}: {run:?}");
    assert!(!is_told(&world, 3), "{hint}");
}

/// The command that the mail shows does it.
#[cfg(unix)]
#[test]
fn the_command_that_is_shown_can_be_copied() {
    let world = gone();
    let state = world.path("my state");
    let scan = |now: &str| {
        let args = ["backups", "--json", "--now", now, "--state-dir", "my state"];
        world.run(args)
    };
    assert!(!scan("2026-11-01T03:30:00Z").stdout.contains(TOLD));
    let ipad = with_photos(BackupBuilder::new(IPAD)).write(&world.root());
    scan("2026-11-02T03:30:00Z");
    fs::remove_dir_all(ipad).unwrap();
    let told = parsed(&scan("2026-11-03T03:30:00Z"));
    let hint = told["devices"][0]["findings"][0]["hint"].as_str().unwrap();
    let words = shell_words::split(hint).unwrap();
    assert_eq!(words[0], "bkscan");
    let run = world.run(&words[1..]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{hint}: {run:?}");
    assert!(
        !scan("2026-11-04T03:30:00Z").stdout.contains(TOLD),
        "{hint}"
    );
    assert!(state.join("history.db").exists());
    // The usual history knows nothing of that.
    assert!(is_told(&world, 5));
}

/// A world in which three backups of the iPad were seen on 1 Nov 2026, of which these are gone.
fn three(gone: &[&str]) -> World {
    let world = World::new();
    for (folder, date) in [
        (IPAD, "2024-05-01T10:00:00Z"),
        ("older", "2023-05-01T10:00:00Z"),
        ("oldest", "2022-05-01T10:00:00Z"),
    ] {
        let ipad = BackupBuilder::new(IPAD).folder_name(folder).date(date);
        let ipad = ipad.device("Anna\u{2019}s iPad", "iPad13,16", None, "17.1", "21B80");
        // Each holds something that the others do not.
        let number = u32::try_from(folder.len()).unwrap();
        let ipad = with_photos(ipad).file(CAMERA, &photo(9000 + number), &[9; 900]);
        ipad.write(&world.root());
    }
    assert!(!is_told(&world, 1));
    for folder in gone {
        fs::remove_dir_all(world.root().join(folder)).unwrap();
    }
    world
}

/// Else a later loss of it would be silent.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_is_there_is_not_forgotten() {
    let world = three(&["older"]);
    for word in [
        IPAD,
        "backups/oldest",
        world.phone().to_str().unwrap(),
        "test iphone",
    ] {
        let run = world.run(["history", "--forget", word]);
        assert_eq!((run.code, run.stdout.as_str()), (64, ""), "{run:?}");
        let text = format!(
            "bkscan: {word} is not gone: --forget is for what is gone, or holds less than an earlier run \
             saw; nothing was done\n"
        );
        assert_eq!(run.stderr, text);
    }
    fs::remove_dir_all(world.root().join("oldest")).unwrap();
    assert!(is_told(&world, 2));
    let run = world.run(["history", "--redact", "--forget", "test iphone"]);
    let text = "bkscan: that backup is not gone: --forget is for what is gone, or holds less than an \
                earlier run saw; nothing was done\n";
    assert_eq!((run.code, run.stderr.as_str()), (64, text));
}

/// Of several backups of a device the one is meant that is gone.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_name_of_a_device_means_what_is_gone_of_it() {
    let name = ["history", "--forget", "anna's ipad"];
    let world = three(&["older"]);
    assert!(is_told(&world, 2));
    let run = world.run(name);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    let begin = "The backup of 1 May 2023 of Anna\u{2019}s iPad (";
    assert!(run.stdout.starts_with(begin), "{run:?}");
    assert!(!is_told(&world, 3));
    // Of two that are gone, it could be either, and none that is there.
    let world = three(&["older", "oldest"]);
    let run = world.run(name);
    assert_eq!((run.code, run.stdout.as_str()), (64, ""), "{run:?}");
    let lines: Vec<&str> = run.stderr.lines().collect();
    let [first, one, other] = lines.as_slice() else {
        panic!("{run:?}");
    };
    assert_eq!(
        *first,
        "bkscan: anna's ipad could be any of these; name one:"
    );
    assert!(one.contains("backups/older  "), "{run:?}");
    assert!(other.contains("backups/oldest  "), "{run:?}");
    // Both are named at once.
    let run = world.run(["history", "--forget", "older", "oldest"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    let starts: Vec<&str> = run.stdout.lines().map(|line| &line[..26]).collect();
    assert_eq!(
        starts,
        ["The backup of 1 May 2023 o", "The backup of 1 May 2022 o"]
    );
    assert!(!is_told(&world, 3));
}

#[test]
fn what_is_seen_again_is_remembered_again() {
    let world = gone();
    assert_eq!(world.run(["history", "--forget", IPAD]).code, 0);
    assert!(!is_told(&world, 3));
    with_photos(BackupBuilder::new(IPAD)).write(&world.root());
    assert!(!is_told(&world, 4));
    fs::remove_dir_all(world.root().join(IPAD)).unwrap();
    assert!(is_told(&world, 5));
}

#[test]
fn what_nobody_saw_and_what_could_be_several_is_told_with_names() {
    let world = gone();
    let run = world.run(["history", "--forget", "nobody"]);
    assert_eq!((run.code, run.stdout.as_str()), (3, ""), "{run:?}");
    let first = "bkscan: no backup is called nobody; there are:";
    assert_eq!(run.stderr.lines().next(), Some(first));
    assert_eq!(run.stderr.lines().count(), 3, "{run:?}");
    for named in [PHONE, IPAD, "Anna\u{2019}s iPad", "Test iPhone"] {
        assert!(run.stderr.contains(named), "{run:?}");
    }
    let run = world.run(["history", "--forget", "000081"]);
    assert_eq!((run.code, run.stdout.as_str()), (64, ""), "{run:?}");
    assert!(
        run.stderr.contains("000081 could be any of these"),
        "{run:?}"
    );
    assert_eq!(run.stderr.lines().count(), 3, "{run:?}");
    // Nothing was forgotten, and nothing personal is told where that is asked for.
    assert!(is_told(&world, 2));
    let run = world.run(["history", "--redact", "--forget", "nobody"]);
    assert_eq!((run.code, run.stdout.as_str()), (3, ""), "{run:?}");
    assert!(
        !run.stderr.contains("Anna") && !run.stderr.contains(PHONE),
        "{run:?}"
    );
    let run = world.run(["history", "--redact", "--forget", IPAD]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    assert_eq!(
        run.stdout,
        "That backup is forgotten until a scan sees it again.\n"
    );
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn without_a_run_there_is_nothing_to_forget() {
    let world = World::new();
    let run = world.run(["history", "--forget", PHONE]);
    assert_eq!((run.code, run.stdout.as_str()), (3, ""), "{run:?}");
    assert!(one_line(&run).contains("nothing to forget"), "{run:?}");
    assert!(!world.path("state").exists());
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn it_goes_with_the_history_and_nothing_else() {
    let world = gone();
    for args in [
        &["backups", "--forget", IPAD][..],
        &["show", IPAD, "--forget", IPAD],
        &["clean", "backups", "--forget", IPAD],
        &["explain", "--forget", IPAD],
        &["history", "backups", "--forget", IPAD],
        &["history", "--json", "--forget", IPAD],
        &["history", "--forget"],
    ] {
        let run = world.run(args);
        assert_eq!(
            (run.code, run.stdout.as_str()),
            (64, ""),
            "{args:?}: {run:?}"
        );
    }
    let run = world.run(["--forget", IPAD, "--state-dir", "state/bkscan", "history"]);
    assert_eq!(run.code, 0, "{run:?}");
}
