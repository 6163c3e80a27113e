//! `--fail-on new`: only what the last run over the same roots did not have.

use super::*;

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn known_damage_is_exit_0_until_there_is_more() {
    let world = World::new();
    assert_eq!(world.new_code(), 0);
    damage(&world.phone(), 1);
    assert_eq!(world.new_code(), 2, "new damage");
    assert_eq!(world.new_code(), 0, "known");
    assert_eq!(world.new_code(), 0, "known for two nights");
    damage(&world.phone(), 2);
    assert_eq!(world.new_code(), 2, "more of the same kind");
    assert_eq!(world.new_code(), 0);
    heal(&world.phone(), 2);
    assert_eq!(world.new_code(), 0, "less of it");
    heal(&world.phone(), 1);
    assert_eq!(world.new_code(), 0, "healed");
    damage(&world.phone(), 1);
    assert_eq!(world.new_code(), 2, "damaged again");
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn another_kind_of_damage_beside_a_known_one_is_new() {
    let world = World::new();
    damage(&world.phone(), 1);
    assert_eq!(world.new_code(), 2);
    put(&payload_path(&world.phone(), CAMERA, &photo(2)), b"");
    assert_eq!(world.new_code(), 2, "an empty photo");
    assert_eq!(world.new_code(), 0);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_same_damage_in_another_backup_is_new() {
    let world = World::new();
    let ipad = with_photos(BackupBuilder::new(IPAD)).write(&world.root());
    damage(&world.phone(), 1);
    assert_eq!(world.new_code(), 2);
    heal(&world.phone(), 1);
    damage(&ipad, 1);
    assert_eq!(world.new_code(), 2);
    assert_eq!(world.new_code(), 0);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn without_an_earlier_run_all_is_new() {
    let world = World::new();
    damage(&world.phone(), 1);
    assert_eq!(world.new_code(), 2);
}

/// Every scan is remembered, whatever it prints and fails on.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_run_is_compared_with_the_last_one_of_any_kind() {
    for args in [
        &["backups", "--now", NOW][..],
        &["backups", "--now", NOW, "--quiet"],
        &["backups", "--now", NOW, "--fail-on", "warning"],
        &["backups", "--now", NOW, "--json", "--redact"],
        &[
            "backups",
            "--now",
            NOW,
            "--threads",
            "1",
            "--old-after",
            "1d",
        ],
        &["backups", "--now", "2031-01-01T00:00:00Z"],
        &["backups", "--now", "2025-01-01T00:00:00Z"],
    ] {
        let world = World::new();
        damage(&world.phone(), 1);
        assert_eq!(world.run(args).code, 2, "{args:?}");
        assert_eq!(world.new_code(), 0, "{args:?}");
        assert_eq!(world.remembered(), 2, "{args:?}");
    }
}

/// The last run is the one that was recorded last, whatever the clock said.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_clock_that_was_set_back_changes_nothing() {
    let world = World::new();
    let new = ["backups", "--fail-on", "new"];
    assert_eq!(world.code_at("2031-01-01T00:00:00Z", &new), 0);
    damage(&world.phone(), 1);
    assert_eq!(world.code_at("2026-11-22T00:00:00Z", &new), 2);
    assert_eq!(world.code_at("2025-01-01T00:00:00Z", &new), 0);
    assert_eq!(world.code_at("2027-01-01T00:00:00Z", &new), 0);
    heal(&world.phone(), 1);
    assert_eq!(world.code_at("2026-11-22T00:00:00Z", &new), 0);
    damage(&world.phone(), 1);
    assert_eq!(world.code_at("2026-11-22T00:00:00Z", &new), 2);
}

/// What fails without `new` fails with it removed: the known damage is not hidden for good.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn known_damage_fails_where_new_was_not_asked_for() {
    let world = World::new();
    damage(&world.phone(), 1);
    assert_eq!(world.new_code(), 2);
    assert_eq!(world.code(&["backups"]), 2);
    assert_eq!(world.code(&["backups", "--fail-on", "error"]), 2);
    assert_eq!(world.code(&["backups", "--fail-on", "warning"]), 2);
    assert_eq!(world.new_code(), 0);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn warnings_count_where_they_are_asked_for() {
    let world = World::new();
    fs::remove_file(world.phone().join("Info.plist")).unwrap();
    let both = ["backups", "--fail-on", "warning,new"];
    assert_eq!(world.code(&both), 1);
    assert_eq!(world.code(&both), 0);
    assert_eq!(world.code(&["backups", "--fail-on", "warning"]), 1);
    damage(&world.phone(), 1);
    assert_eq!(world.code(&both), 2, "an error beside a known warning");
    assert_eq!(world.code(&both), 0);

    let world = World::new();
    fs::remove_file(world.phone().join("Info.plist")).unwrap();
    assert_eq!(world.new_code(), 0, "a warning is no error");
    damage(&world.phone(), 1);
    assert_eq!(world.code(&["backups"]), 2);
    heal(&world.phone(), 1);
    let status = world.phone().join("Status.plist");
    let whole = fs::read(&status).unwrap();
    fs::remove_file(&status).unwrap();
    assert_eq!(world.code(&both), 2, "incomplete");
    put(&status, &whole);
    assert_eq!(world.code(&both), 0, "the warning is as before");
}

/// A device that is stale stays so as the days pass; it is told once.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_stale_device_is_new_for_one_night() {
    let world = World::empty();
    phone().date("2026-03-01T10:00:00Z").write(&world.root());
    let night = |day| {
        let now = format!("2026-11-{day}T03:30:00Z");
        let args = [
            "backups",
            "--stale-after",
            "265d",
            "--fail-on",
            "warning,new",
        ];
        world.code_at(&now, &args)
    };
    assert_eq!(night("20"), 0);
    assert_eq!(night("25"), 1);
    assert_eq!(night("26"), 0);
    assert_eq!(night("27"), 0);
}

/// It goes on growing by itself: when it has doubled it is told again.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_stale_device_is_new_again_after_twice_as_long() {
    let world = World::empty();
    phone().date("2026-03-01T10:00:00Z").write(&world.root());
    let night = |now: &str| {
        let args = [
            "backups",
            "--stale-after",
            "30d",
            "--fail-on",
            "warning,new",
        ];
        world.code_at(&format!("{now}T03:30:00Z"), &args)
    };
    // 19 days; 34.7; twice that is 69.5 days, and twice the 69.7 of then 139.5.
    assert_eq!(night("2026-03-20"), 0);
    assert_eq!(night("2026-04-05"), 1);
    assert_eq!(night("2026-05-09"), 0);
    assert_eq!(night("2026-05-10"), 1);
    assert_eq!(night("2026-05-11"), 0);
    assert_eq!(night("2026-07-18"), 0);
    assert_eq!(night("2026-07-19"), 1);
    assert_eq!(night("2026-07-20"), 0);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_path_that_is_away_is_new_for_one_night() {
    let world = World::new();
    let both = ["backups", "away", "--fail-on", "new"];
    let run = world.run(both);
    assert_eq!(run.code, 3, "{run:?}");
    let run = world.run(both);
    assert_eq!(run.code, 0, "away two nights in a row: {run:?}");
    damage(&world.phone(), 1);
    assert_eq!(world.run(both).code, 2);
    assert_eq!(world.run(both).code, 0);
    fs::create_dir(world.path("away")).unwrap();
    with_photos(BackupBuilder::new(IPAD)).write(&world.path("away"));
    assert_eq!(world.run(both).code, 0, "there again");
    fs::remove_dir_all(world.path("away")).unwrap();
    assert_eq!(world.run(both).code, 3, "away again");
}

/// A root that is a link to a disk is the same one while that disk is away.
#[cfg(unix)]
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_root_whose_link_leads_nowhere_is_known_again() {
    let world = World::new();
    with_photos(BackupBuilder::new(IPAD)).write(&world.path("disk/copies"));
    std::os::unix::fs::symlink("disk", world.path("first")).unwrap();
    std::os::unix::fs::symlink("first/copies", world.path("second")).unwrap();
    let mobile = world.path("anna/MobileSync");
    fs::create_dir_all(&mobile).unwrap();
    std::os::unix::fs::symlink("../../disk/copies", mobile.join("Backup")).unwrap();
    damage(&world.phone(), 1);
    for typed in ["second", "first/copies", "disk/copies", "anna/MobileSync"] {
        let _ = fs::remove_dir_all(world.path("state"));
        let both = [
            "backups",
            typed,
            "--quiet",
            "--fail-on",
            "new",
            "--now",
            NOW,
        ];
        assert_eq!(world.run(both).code, 2);
        assert_eq!(world.run(both).code, 0);
        fs::rename(world.path("disk"), world.path("drawer")).unwrap();
        let run = world.run(both);
        assert_eq!(run.code, 3, "{run:?}");
        assert!(run.stdout.contains("1 known problem as before"), "{run:?}");
        assert_eq!(world.run(both).code, 0, "{typed}: away for two nights");
        fs::rename(world.path("drawer"), world.path("disk")).unwrap();
        assert_eq!(world.run(both).code, 0, "{typed}: there again");
    }
}

/// It leads nowhere for ever, and the scan ends all the same.
#[cfg(unix)]
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_root_that_is_a_link_to_itself() {
    let world = World::new();
    std::os::unix::fs::symlink("circle", world.path("circle")).unwrap();
    let both = ["backups", "circle/deep", "--fail-on", "new"];
    assert_eq!(world.run(both).code, 3);
    assert_eq!(world.run(both).code, 0);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn that_there_is_no_backup_is_new_for_one_night() {
    let world = World::empty();
    assert_eq!(world.run(["backups", "--fail-on", "new"]).code, 3);
    assert_eq!(world.run(["backups", "--fail-on", "new"]).code, 0);
    assert_eq!(world.run(["backups"]).code, 3);
    damage(&phone().write(&world.root()), 1);
    assert_eq!(world.new_code(), 2);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn runs_over_other_roots_are_not_compared_with() {
    let world = World::new();
    let other = world.path("other");
    with_photos(BackupBuilder::new(IPAD)).write(&other);
    damage(&world.phone(), 1);
    assert_eq!(world.new_code(), 2);
    assert_eq!(world.code(&["other", "--fail-on", "new"]), 0);
    assert_eq!(world.new_code(), 0, "another root in between");
    let both = ["backups", "other", "--fail-on", "new"];
    assert_eq!(world.code(&both), 2, "no run had both roots");
    assert_eq!(world.code(&both), 0);
    damage(&world.phone(), 2);
    assert_eq!(world.code(&both), 2);
    assert_eq!(world.new_code(), 2, "of this root alone it is new");
    assert_eq!(world.new_code(), 0);
}

/// A run that looked less deep could not see what this one sees; one that looked deeper could.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn runs_that_looked_less_deep_are_not_compared_with() {
    let quick = ["backups", "--level", "quick", "--fail-on", "new"];
    let world = World::new();
    damage(&world.phone(), 1);
    assert_eq!(world.new_code(), 2);
    assert_eq!(world.code(&quick), 0, "not seen at this level");
    assert_eq!(world.new_code(), 0, "the last one at this level had it");

    let world = World::new();
    let status = world.phone().join("Status.plist");
    let whole = fs::read(&status).unwrap();
    fs::remove_file(&status).unwrap();
    assert_eq!(world.code(&quick), 2);
    assert_eq!(world.code(&quick), 0);
    assert_eq!(world.new_code(), 2, "the first one at this level");
    assert_eq!(world.code(&quick), 0);
    put(&status, &whole);
    assert_eq!(world.code(&quick), 0);
    fs::remove_file(&status).unwrap();
    assert_eq!(world.code(&quick), 2, "the last run did not have it");
}

/// The same folders are the same roots, however they are typed.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn roots_are_the_same_in_any_spelling_and_order() {
    let world = World::new();
    let other = world.path("My Backups");
    with_photos(BackupBuilder::new(IPAD)).write(&other);
    damage(&world.phone(), 1);
    let first = ["backups", "My Backups", "--fail-on", "new"];
    assert_eq!(world.code(&first), 2);
    let absolute = world.root().to_str().unwrap().to_owned();
    let dotted = world.path("backups/../backups/.");
    for typed in [
        &["My Backups", "backups"][..],
        &["backups", "My Backups", "backups"],
        &["./backups", "./My Backups"],
        &["backups/", "My Backups/"],
        &[absolute.as_str(), "My Backups"],
        &[dotted.to_str().unwrap(), "My Backups"],
        &[absolute.as_str(), "backups", "My Backups"],
    ] {
        let args = [typed, &["--fail-on", "new"]].concat();
        assert_eq!(world.code(&args), 0, "{typed:?}");
    }
    let unquoted = world.run(["backups", "My", "Backups", "--fail-on", "new", "--now", NOW]);
    assert_eq!(unquoted.code, 0, "{unquoted:?}");
    let mut elsewhere = world.command();
    elsewhere.current_dir(world.root());
    elsewhere.args([".", "../My Backups", "--fail-on", "new", "--now", NOW]);
    assert_eq!(world.output(&mut elsewhere).code, 0);
}

#[cfg(unix)]
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_root_is_the_same_through_a_link() {
    let world = World::new();
    std::os::unix::fs::symlink(world.root(), world.path("link")).unwrap();
    damage(&world.phone(), 1);
    assert_eq!(world.new_code(), 2);
    assert_eq!(world.code(&["link", "--fail-on", "new"]), 0);
    assert_eq!(world.code(&["link", "backups", "--fail-on", "new"]), 0);
    damage(&world.phone(), 2);
    assert_eq!(world.code(&["link", "--fail-on", "new"]), 2);
    assert_eq!(world.new_code(), 0);
}

#[cfg(unix)]
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_root_whose_name_is_no_text_is_known_again() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;
    let world = World::empty();
    let name = |byte| OsString::from_vec(vec![b'b', byte]);
    for byte in [0xfe, 0xff] {
        let root = world.root().join(name(byte));
        if fs::create_dir(&root).is_err() {
            return skip("names are text here");
        }
        damage(&phone().write(&root), 1);
    }
    let code = |byte| {
        let mut command = world.command();
        command.arg(world.root().join(name(byte)));
        world
            .output(command.args(["--fail-on", "new", "--now", NOW]))
            .code
    };
    assert_eq!(code(0xff), 2);
    assert_eq!(code(0xff), 0);
    assert_eq!(code(0xfe), 2, "a lossy name would be the same");
    assert_eq!(code(0xff), 0);
    let history = world.history(&[]);
    let runs = runs(&history);
    assert_eq!(runs.len(), 4);
    for run in runs {
        let hex = run["path_hex"].as_str().unwrap();
        assert!(hex.contains("62ff2f") || hex.contains("62fe2f"), "{run}");
        assert!(run["path"].as_str().unwrap().contains("b\u{fffd}"), "{run}");
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn with_no_state_nothing_is_known() {
    let world = World::new();
    damage(&world.phone(), 1);
    assert_eq!(world.new_code(), 2);
    assert_eq!(world.new_code(), 0);
    let args = ["backups", "--fail-on", "new", "--no-state"];
    assert_eq!(world.code(&args), 2);
    assert_eq!(world.code(&args), 2);
    assert_eq!(world.new_code(), 0);
    assert_eq!(world.remembered(), 3);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_word_that_is_none_is_a_usage_error() {
    let world = World::new();
    for word in ["newer", "new,", "", "old", "note"] {
        let run = world.run(["backups", "--fail-on", word]);
        assert_eq!(run.code, 64, "{word}: {run:?}");
    }
    assert!(!world.path("state").exists());
}

/// The document says the same as before: what is known is no part of it, but for the exit code.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_document_does_not_depend_on_earlier_runs() {
    let world = World::new();
    damage(&world.phone(), 1);
    let args = ["backups", "--json", "--now", NOW];
    let first = judged(&world.run(args));
    assert_eq!(judged(&world.run(args)), first);
    let mut new = judged(&world.run([&args[..], &["--fail-on", "new"]].concat()));
    assert_eq!(new["exit_code"].take(), 0);
    new["exit_code"] = 2.into();
    assert_eq!(new, first);
}

/// A run that was stopped saw a part only: it is neither remembered nor compared with.
#[cfg(target_os = "linux")]
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_stopped_run_is_not_remembered() {
    use crate::system::signals::Held;
    let world = World::new();
    fs::rename(world.root(), world.path("My Disk")).unwrap();
    fs::create_dir(world.root()).unwrap();
    damage(&world.path("My Disk").join(PHONE), 1);
    let args = ["My", "Disk", "--fail-on", "new", "--now", NOW];
    assert_eq!(world.run(args).code, 2);
    for (name, number, code) in [("INT", 2, 130), ("TERM", 15, 143)] {
        let mut held = Held::start(world.command().args(args));
        held.signal(name, number);
        assert_eq!(held.end().status.code(), Some(code));
        assert_eq!(world.remembered(), 1, "SIG{name}");
    }
    assert_eq!(world.run(args).code, 0);
}
