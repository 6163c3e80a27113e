//! `--fail-on new`: only what the last run over the same roots did not have.
#![cfg(not(windows))]

use super::*;

#[test]
fn known_damage_is_exit_0_until_there_is_more() {
    let world = World::new();
    assert_eq!(world.new_code(), 0);
    damage(&world.phone(), 1);
    assert_eq!(
        world.new_codes(),
        [2, 0, 0],
        "new, and known for two nights"
    );
    damage(&world.phone(), 2);
    assert_eq!(world.new_codes(), [2, 0], "more of the same kind");
    heal(&world.phone(), 2);
    assert_eq!(world.new_code(), 0, "less of it");
    put(&payload_path(&world.phone(), CAMERA, &photo(2)), b"");
    assert_eq!(world.new_codes(), [2, 0], "another kind: an empty photo");
    heal(&world.phone(), 2);
    heal(&world.phone(), 1);
    assert_eq!(world.new_code(), 0, "healed");
    damage(&world.phone(), 1);
    assert_eq!(world.new_code(), 2, "damaged again");
}

#[test]
fn the_same_damage_in_another_backup_is_new() {
    let world = World::new();
    let ipad = ipad().write(&world.root());
    damage(&world.phone(), 1);
    assert_eq!(world.new_code(), 2, "all is new without an earlier run");
    heal(&world.phone(), 1);
    damage(&ipad, 1);
    assert_eq!(world.new_codes(), [2, 0]);
}

/// Every scan is remembered, whatever it prints and fails on.
#[test]
fn a_run_is_compared_with_the_last_one_of_any_kind() {
    for (now, args) in [
        (NOW, ""),
        (NOW, "--quiet"),
        (NOW, "--fail-on warning"),
        (NOW, "--json --redact"),
        (NOW, "--threads 1 --old-after 1d"),
        ("2031-01-01T00:00:00Z", ""),
        ("2025-01-01T00:00:00Z", ""),
    ] {
        let world = World::new();
        damage(&world.phone(), 1);
        let run = world.at(now, &format!("backups {args}"));
        assert_eq!(run.code, 2, "{now} {args}: {run:?}");
        assert_eq!(world.new_code(), 0, "{now} {args}");
        assert_eq!(world.remembered(), 2, "{now} {args}");
    }
}

/// The last run is the one that was recorded last, whatever the clock said.
#[test]
fn a_clock_that_was_set_back_changes_nothing() {
    let world = World::new();
    let new = |now| world.code_at(now, "backups --fail-on new");
    assert_eq!(new("2031-01-01T00:00:00Z"), 0);
    damage(&world.phone(), 1);
    assert_eq!(new("2026-11-22T00:00:00Z"), 2);
    assert_eq!(new("2025-01-01T00:00:00Z"), 0);
    assert_eq!(new("2027-01-01T00:00:00Z"), 0);
    heal(&world.phone(), 1);
    assert_eq!(new("2026-11-22T00:00:00Z"), 0);
    damage(&world.phone(), 1);
    assert_eq!(new("2026-11-22T00:00:00Z"), 2);
}

/// What fails without `new` fails with it removed: the known damage is not hidden for good.
#[test]
fn known_damage_fails_where_new_was_not_asked_for_and_where_nothing_is_known() {
    let world = World::new();
    damage(&world.phone(), 1);
    for (line, code) in [
        ("backups --fail-on new", 2),
        ("backups", 2),
        ("backups --fail-on error", 2),
        ("backups --fail-on warning", 2),
        ("backups --fail-on new", 0),
        ("backups --fail-on new --no-state", 2),
        ("backups --fail-on new --no-state", 2),
        ("backups --fail-on new", 0),
    ] {
        assert_eq!(world.code(line), code, "{line}");
    }
    assert_eq!(world.remembered(), 6);
}

#[test]
fn warnings_count_where_they_are_asked_for() {
    let world = World::new();
    fs::remove_file(world.phone().join("Info.plist")).unwrap();
    let both = "backups --fail-on warning,new";
    assert_eq!(world.codes(both), [1, 0]);
    assert_eq!(world.code("backups --fail-on warning"), 1);
    damage(&world.phone(), 1);
    assert_eq!(world.codes(both), [2, 0], "an error beside a known warning");

    let world = World::new();
    fs::remove_file(world.phone().join("Info.plist")).unwrap();
    assert_eq!(world.new_code(), 0, "a warning is no error");
    damage(&world.phone(), 1);
    assert_eq!(world.code("backups"), 2);
    heal(&world.phone(), 1);
    let (status, aside) = (world.phone().join("Status.plist"), world.path("aside"));
    fs::rename(&status, &aside).unwrap();
    assert_eq!(world.code(both), 2, "incomplete");
    fs::rename(&aside, &status).unwrap();
    assert_eq!(world.code(both), 0, "the warning is as before");
}

/// A device that is stale stays so as the days pass; it is told once, and when the time has doubled again.
#[test]
fn a_stale_device_is_new_for_one_night_and_again_after_twice_as_long() {
    // The nights, and `!` where it is told.
    let once = "11-20 11-25! 11-26 11-27";
    // 19 days; 34.7; twice that is 69.5 days, and twice the 69.7 of then 139.5.
    let again = "03-20 04-05! 05-09 05-10! 05-11 07-18 07-19! 07-20";
    for (after, nights) in [("265d", once), ("30d", again)] {
        let world = World::empty();
        phone().date("2026-03-01T10:00:00Z").write(&world.root());
        let line = format!("backups --stale-after {after} --fail-on warning,new");
        for night in nights.split(' ') {
            let now = format!("2026-{}T03:30:00Z", night.trim_end_matches('!'));
            let code = i32::from(night.ends_with('!'));
            assert_eq!(world.code_at(&now, &line), code, "{after}, {night}");
        }
    }
}

#[test]
fn a_path_that_is_away_is_new_for_one_night() {
    let world = World::new();
    let both = || world.typed("backups away --fail-on new").code;
    assert_eq!([both(), both()], [3, 0], "away two nights in a row");
    damage(&world.phone(), 1);
    assert_eq!([both(), both()], [2, 0]);
    fs::create_dir(world.path("away")).unwrap();
    ipad().write(&world.path("away"));
    assert_eq!(both(), 0, "there again");
    fs::remove_dir_all(world.path("away")).unwrap();
    assert_eq!(both(), 3, "away again");
}

/// A root that is a link to a disk is the same one while that disk is away.
#[cfg(unix)]
#[test]
fn a_root_whose_link_leads_nowhere_is_known_again() {
    use std::os::unix::fs::symlink;
    let world = World::new();
    ipad().write(&world.path("disk/copies"));
    symlink("disk", world.path("first")).unwrap();
    symlink("first/copies", world.path("second")).unwrap();
    let mobile = world.path("anna/MobileSync");
    fs::create_dir_all(&mobile).unwrap();
    symlink("../../disk/copies", mobile.join("Backup")).unwrap();
    damage(&world.phone(), 1);
    for typed in ["second", "first/copies", "disk/copies", "anna/MobileSync"] {
        let _ = fs::remove_dir_all(world.path("state"));
        let both = || world.at(NOW, &format!("backups {typed} --quiet --fail-on new"));
        assert_eq!([both().code, both().code], [2, 0]);
        fs::rename(world.path("disk"), world.path("drawer")).unwrap();
        let run = both();
        assert_eq!(run.code, 3, "{run:?}");
        assert!(run.stdout.contains("1 known problem as before"), "{run:?}");
        assert_eq!(both().code, 0, "{typed}: away for two nights");
        fs::rename(world.path("drawer"), world.path("disk")).unwrap();
        assert_eq!(both().code, 0, "{typed}: there again");
    }
    // One that is a link to itself leads nowhere for ever, and the scan ends all the same.
    let world = World::new();
    symlink("circle", world.path("circle")).unwrap();
    let circle = || world.typed("backups circle/deep --fail-on new").code;
    assert_eq!([circle(), circle()], [3, 0]);
}

#[test]
fn that_there_is_no_backup_is_new_for_one_night() {
    let world = World::empty();
    assert_eq!(world.typed("backups --fail-on new").code, 3);
    assert_eq!(world.typed("backups --fail-on new").code, 0);
    assert_eq!(world.typed("backups").code, 3);
    damage(&phone().write(&world.root()), 1);
    assert_eq!(world.new_code(), 2);
}

#[test]
fn runs_over_other_roots_are_not_compared_with() {
    let world = World::new();
    ipad().write(&world.path("other"));
    damage(&world.phone(), 1);
    assert_eq!(world.new_code(), 2);
    assert_eq!(world.code("other --fail-on new"), 0);
    assert_eq!(world.new_code(), 0, "another root in between");
    let both = "backups other --fail-on new";
    assert_eq!(world.codes(both), [2, 0], "no run had both roots");
    damage(&world.phone(), 2);
    assert_eq!(world.code(both), 2);
    assert_eq!(world.new_codes(), [2, 0], "of this root alone it is new");
}

/// A run that looked less deep could not see what this one sees; one that looked deeper could.
#[test]
fn runs_that_looked_less_deep_are_not_compared_with() {
    let quick = "backups --level quick --fail-on new";
    let world = World::new();
    damage(&world.phone(), 1);
    assert_eq!(world.new_code(), 2);
    assert_eq!(world.code(quick), 0, "not seen at this level");
    assert_eq!(world.new_code(), 0, "the last one at this level had it");

    let world = World::new();
    let (status, aside) = (world.phone().join("Status.plist"), world.path("aside"));
    fs::rename(&status, &aside).unwrap();
    assert_eq!(world.codes(quick), [2, 0]);
    assert_eq!(world.new_code(), 2, "the first one at this level");
    assert_eq!(world.code(quick), 0);
    fs::rename(&aside, &status).unwrap();
    assert_eq!(world.code(quick), 0);
    fs::remove_file(&status).unwrap();
    assert_eq!(world.code(quick), 2, "the last run did not have it");
}

/// The same folders are the same roots, however they are typed.
#[test]
fn roots_are_the_same_in_any_spelling_and_order() {
    let world = World::new();
    ipad().write(&world.path("My Backups"));
    damage(&world.phone(), 1);
    assert_eq!(world.code("backups 'My Backups' --fail-on new"), 2);
    let absolute = world.root().display().to_string();
    for typed in [
        "'My Backups' backups",
        "backups 'My Backups' backups",
        "./backups './My Backups'",
        "backups/ 'My Backups/'",
        &format!("'{absolute}' 'My Backups'"),
        &format!("'{absolute}/../backups/.' 'My Backups'"),
        &format!("'{absolute}' backups 'My Backups'"),
    ] {
        assert_eq!(world.code(&format!("{typed} --fail-on new")), 0, "{typed}");
    }
    let unquoted = world.at(NOW, "backups My Backups --fail-on new");
    assert_eq!(unquoted.code, 0, "{unquoted:?}");
    let mut elsewhere = world.command();
    elsewhere.current_dir(world.root());
    elsewhere.args([".", "../My Backups", "--fail-on", "new", "--now", NOW]);
    assert_eq!(world.output(&mut elsewhere).code, 0);
}

#[cfg(unix)]
#[test]
fn a_root_is_the_same_through_a_link() {
    let world = World::new();
    std::os::unix::fs::symlink(world.root(), world.path("link")).unwrap();
    damage(&world.phone(), 1);
    assert_eq!(world.new_code(), 2);
    assert_eq!(world.code("link --fail-on new"), 0);
    assert_eq!(world.code("link backups --fail-on new"), 0);
    damage(&world.phone(), 2);
    assert_eq!(world.code("link --fail-on new"), 2);
    assert_eq!(world.new_code(), 0);
}

#[cfg(unix)]
#[test]
fn a_root_whose_name_is_no_text_is_known_again() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;
    let world = World::empty();
    let root = |byte| world.root().join(OsString::from_vec(vec![b'b', byte]));
    for byte in [0xfe, 0xff] {
        if fs::create_dir(root(byte)).is_err() {
            return skip("names are text here");
        }
        damage(&phone().write(&root(byte)), 1);
    }
    let code = |byte| {
        let mut command = world.command();
        command.args(words("--fail-on new --now")).arg(NOW);
        world.output(command.arg(root(byte))).code
    };
    // A lossy name would be the same.
    assert_eq!([0xff, 0xff, 0xfe, 0xff].map(code), [2, 0, 2, 0]);
    let history = world.history("");
    assert_eq!(runs(&history).len(), 4);
    for hex in all(&history, "path_hex") {
        assert!(hex.contains("62ff2f") || hex.contains("62fe2f"), "{hex}");
    }
    for path in all(&history, "path") {
        assert!(path.contains("b\u{fffd}"), "{path}");
    }
}

#[test]
fn a_word_that_is_none_is_a_usage_error() {
    let world = World::new();
    for word in ["newer", "new,", "''", "old", "note"] {
        let run = world.typed(&format!("backups --fail-on {word}"));
        assert_eq!(run.code, 64, "{word}: {run:?}");
    }
    assert!(!world.path("state").exists());
}

/// The document says the same as before: what is known is no part of it, but for the exit code.
#[test]
fn the_document_does_not_depend_on_earlier_runs() {
    let world = World::new();
    damage(&world.phone(), 1);
    let [first, second] = [1, 2].map(|_| judged(&world.at(NOW, "backups --json")));
    assert_eq!(second, first);
    let mut new = judged(&world.at(NOW, "backups --json --fail-on new"));
    assert_eq!(new["exit_code"].take(), 0);
    new["exit_code"] = 2.into();
    assert_eq!(new, first);
}

/// A run that was stopped saw a part only: it is neither remembered nor compared with.
#[cfg(target_os = "linux")]
#[test]
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
