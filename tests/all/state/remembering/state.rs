//! The state folder: where it is, when it is not used, and that no trouble with it fails a scan.

use super::*;

/// What a scan of the healthy backup says whether it is remembered or not.
const SCAN: [&str; 4] = ["backups", "--json", "--now", NOW];

/// The line on stderr of a scan that could not be remembered; it is as good as any other, and with
/// `--quiet` there is no line.
fn trouble(world: &World, args: &[&str]) -> String {
    let expected = world.run([&SCAN[..], &["--no-state"]].concat());
    assert_eq!((expected.code, expected.stderr.as_str()), (0, ""));
    let run = world.run([&SCAN, args].concat());
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(judged(&run), judged(&expected));
    let line = one_line(&run).to_owned();
    let quiet = world.run([&["backups", "--now", NOW, "--quiet"], args].concat());
    assert_eq!(
        (quiet.code, quiet.stdout, quiet.stderr),
        (0, "".into(), "".into())
    );
    line
}

/// A damaged backup is told as ever, and all that is wrong with it counts as new.
fn damage_is_told(world: &World, args: &[&str]) {
    damage(&world.phone(), 1);
    for more in [
        &[][..],
        &["--fail-on", "new"],
        &["--quiet", "--fail-on", "new"],
    ] {
        let run = world.run([&["backups", "--now", NOW], args, more].concat());
        assert_eq!(run.code, 2, "{run:?}");
        assert!(run.stdout.contains("1 of 3 files"), "{run:?}");
        assert!(run.stderr.lines().count() <= 1, "{run:?}");
    }
    heal(&world.phone(), 1);
}

#[test]
fn a_scan_is_remembered_in_one_file_in_the_users_state_folder() {
    let world = World::new();
    assert_eq!(world.code(&["backups"]), 0);
    assert_eq!(files(&world.path("state")), [world.database()]);
    assert_eq!(world.database().parent().unwrap(), world.state());
    assert_eq!(world.code(&["backups"]), 0);
    assert_eq!(files(&world.path("state")), [world.database()]);
    assert_eq!(files(&world.path("home")).len(), 0);
    assert_eq!(files(&world.path("config")).len(), 0);
}

#[cfg(unix)]
#[test]
fn without_xdg_state_home_it_is_below_the_home() {
    let world = World::new();
    let local = world.path("home").join(".local/state/bkscan");
    // A relative path there is none, says XDG.
    for xdg in [None, Some(""), Some("backups"), Some("relative")] {
        let mut command = world.command();
        match xdg {
            Some(value) => command.env("XDG_STATE_HOME", value),
            None => command.env_remove("XDG_STATE_HOME"),
        };
        let run = world.output(command.args(SCAN));
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{xdg:?}");
        assert_eq!(files(&local).len(), 1, "{xdg:?}");
        assert_eq!(files(&world.path("home")).len(), 1, "{xdg:?}");
        fs::remove_dir_all(world.path("home")).unwrap();
        assert!(!world.path("state").exists() && !world.path("relative").exists());
    }
}

#[test]
fn another_folder_can_be_named() {
    let world = World::new();
    damage(&world.phone(), 1);
    let typed = [
        "backups",
        "--fail-on",
        "new",
        "--state-dir",
        "my state/deep",
    ];
    assert_eq!(world.code(&typed), 2);
    assert_eq!(world.code(&typed), 0);
    let mut environment = world.command();
    environment.env("BKSCAN_STATE_DIR", world.path("my state/deep"));
    let run = world.output(environment.args(["backups", "--fail-on", "new", "--now", NOW]));
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(files(&world.path("my state")).len(), 1);
    assert!(!world.path("state").exists());

    // What is typed counts before the environment.
    let mut both = world.command();
    both.env("BKSCAN_STATE_DIR", world.path("my state/deep"));
    both.args(["backups", "--fail-on", "new", "--state-dir", "third"]);
    assert_eq!(world.output(&mut both).code, 2);
    assert_eq!(files(&world.path("third")).len(), 1);

    let of = |folder| runs(&world.history(&["--state-dir", folder])).len();
    assert_eq!((of("my state/deep"), of("third")), (3, 1));
    assert_eq!(world.remembered(), 0);
}

#[test]
fn no_state_makes_no_file() {
    let world = World::new();
    for args in [
        &["backups", "--no-state"][..],
        &["backups", "--no-state", "--fail-on", "new", "--quiet"],
        &["--no-state", "backups", "--json"],
    ] {
        assert_eq!(world.run(args).code, 0);
    }
    let mut environment = world.command();
    environment.env("BKSCAN_NO_STATE", "true").arg("backups");
    assert_eq!(world.output(&mut environment).code, 0);
    fs::create_dir(world.path("config")).unwrap();
    fs::create_dir(world.path("config/bkscan")).unwrap();
    fs::write(world.path("config/bkscan/config.toml"), "no-state = true\n").unwrap();
    assert_eq!(world.run(["backups"]).code, 0);
    assert!(!world.path("state").exists());
    assert_eq!(files(&world.path("home")).len(), 0);
}

/// Only scans are remembered; what else the program does makes no file.
#[test]
fn what_is_no_scan_makes_no_file() {
    let world = World::new();
    for args in [
        &["history"][..],
        &["history", "--json"],
        &["history", "backups"],
        &["show", "backups"],
        &["clean", "backups"],
        &["explain"],
        &["config", "show"],
        &["schedule", "cron", "backups"],
        &["backups", "--fail-on", "nothing"],
        &["--help"],
    ] {
        world.run(args);
        assert!(!world.path("state").exists(), "{args:?}");
        assert_eq!(files(&world.path("home")).len(), 0, "{args:?}");
    }
    assert_eq!(world.code(&["backups"]), 0);
    let before = fs::read(world.database()).unwrap();
    for args in [
        &["show", "backups"][..],
        &["clean", "backups"],
        &["history"],
        &["config", "show"],
    ] {
        assert_eq!(world.run(args).code, 0, "{args:?}");
        assert_eq!(files(&world.state()), [world.database()], "{args:?}");
        assert!(fs::read(world.database()).unwrap() == before, "{args:?}");
    }
}

/// Root for another user writes nothing, which that user could not write to later.
#[cfg(unix)]
#[test]
fn under_sudo_no_file_is_made() {
    use std::os::unix::fs::MetadataExt;
    let world = World::new();
    if fs::metadata(world.folder.path()).unwrap().uid() != 0 {
        return skip("not root");
    }
    let args = [&SCAN[..], &["--state-dir", "named"]].concat();
    for args in [&SCAN[..], &args] {
        let run = world.output(world.command().env("SUDO_UID", "1000").args(args));
        assert_eq!(run.code, 0, "{run:?}");
        assert!(run.stderr.lines().count() <= 1, "{run:?}");
        let mut quiet = world.command();
        quiet.env("SUDO_UID", "1000").args(args).arg("--quiet");
        assert_eq!(world.output(&mut quiet).stderr, "");
    }
    assert!(!world.path("state").exists() && !world.path("named").exists());
    assert_eq!(files(&world.path("home")).len(), 0);

    // Nor is one changed that is there.
    assert_eq!(world.code(&["backups"]), 0);
    let before = fs::read(world.database()).unwrap();
    let run = world.output(world.command().env("SUDO_UID", "1000").args(SCAN));
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(files(&world.state()), [world.database()]);
    assert!(fs::read(world.database()).unwrap() == before);
}

/// What was removed is noted where that user says, and nowhere else.
#[cfg(unix)]
#[test]
fn under_sudo_a_removal_leaves_nothing_in_another_users_folders() {
    use std::os::unix::fs::MetadataExt;
    use std::time::{Duration, UNIX_EPOCH};
    let world = World::new();
    if fs::metadata(world.folder.path()).unwrap().uid() != 0 {
        return skip("not root");
    }
    let remove = |name: &str, args: &[&str]| {
        let lone = world.root().join(name);
        fs::create_dir_all(&lone).unwrap();
        let info = lone.join("Info.plist");
        fs::copy(world.phone().join("Info.plist"), &info).unwrap();
        // Not just now, when a backup might be running.
        let long_ago = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        fs::File::options()
            .write(true)
            .open(&info)
            .and_then(|file| file.set_modified(long_ago))
            .unwrap();
        let mut command = world.command();
        command
            .env("SUDO_UID", "1000")
            .args(["clean", "backups", "--delete", "--yes"]);
        let output = command.args(args).ended().unwrap();
        assert!(!lone.exists(), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let said = remove("first", &[]);
    assert_eq!(
        said,
        "bkscan: what was removed could not be noted in removals.jsonl: there is no state folder \
         (--state-dir names one)\n"
    );
    assert!(!world.path("state").exists() && !world.path("home").exists());
    assert_eq!(remove("second", &["--state-dir", "named"]), "");
    assert!(world.path("named").join("removals.jsonl").exists());
}

/// `run` checks that nothing changes below the scanned folder.
#[test]
fn a_state_folder_inside_what_is_scanned_is_not_used() {
    let world = World::new();
    let backup = format!("backups/{PHONE}");
    let shard = payload_path(&world.phone(), CAMERA, &photo(1));
    fs::create_dir(world.root().join("empty")).unwrap();
    for folder in [
        "backups",
        "backups/state",
        "backups/empty",
        "state/../backups/empty",
        backup.as_str(),
        &format!("{backup}/state"),
        shard.parent().unwrap().to_str().unwrap(),
    ] {
        trouble(&world, &["--state-dir", folder]);
        damage_is_told(&world, &["--state-dir", folder]);
    }
}

#[cfg(unix)]
#[test]
fn a_link_into_what_is_scanned_is_seen_through() {
    let world = World::new();
    fs::create_dir(world.root().join("empty")).unwrap();
    std::os::unix::fs::symlink(world.root().join("empty"), world.path("link")).unwrap();
    trouble(&world, &["--state-dir", "link"]);
    trouble(&world, &["--state-dir", "link/state"]);
}

/// A state folder that was there before the folder around it is scanned stays as it is, too.
#[test]
fn a_database_inside_what_is_scanned_is_not_written() {
    let world = World::new();
    let inside = world.root().join("state");
    let before = world.command().args(["backups", "--now", NOW]).ended();
    assert!(before.unwrap().status.success());
    fs::rename(world.state(), &inside).unwrap();
    trouble(&world, &["--state-dir", "backups/state"]);
    assert_eq!(
        runs(&world.history(&["--state-dir", "backups/state"])).len(),
        1
    );
}

#[test]
fn a_file_in_place_of_the_state_folder_or_of_one_above_it() {
    let world = World::new();
    fs::write(world.path("file"), "mine").unwrap();
    for folder in ["file", "file/state"] {
        let line = trouble(&world, &["--state-dir", folder]);
        assert!(line.contains("file"), "{line}");
        damage_is_told(&world, &["--state-dir", folder]);
        let history = world.run(["history", "--state-dir", folder]);
        assert!(history.stderr.lines().count() <= 1, "{history:?}");
    }
    assert_eq!(fs::read(world.path("file")).unwrap(), b"mine");
}

/// Whatever is in place of the database: one line that names it, and it is not touched.
#[test]
fn a_broken_database_is_one_line_and_left_as_it_is() {
    let whole = {
        let world = World::new();
        assert_eq!(world.code(&["backups"]), 0);
        fs::read(world.database()).unwrap()
    };
    assert!(whole.len() > 8192, "{}", whole.len());
    let mut torn = whole.clone();
    torn[100..].fill(0xa5);
    let other = |sql| {
        let file = tempfile::NamedTempFile::new().unwrap();
        let other = rusqlite::Connection::open(file.path()).unwrap();
        other.execute_batch(sql).unwrap();
        drop(other);
        fs::read(file.path()).unwrap()
    };
    let ways: &[(&str, &[u8])] = &[
        (
            "text",
            b"This is not a database. It is a note of the user's, and not a short one.",
        ),
        ("header only", &whole[..16]),
        ("cut", &whole[..whole.len() / 2]),
        ("torn", &torn),
        ("of another program", &other("CREATE TABLE url(x)")),
        (
            "of another program, with the same words",
            &other("CREATE TABLE run(x); CREATE TABLE backup(x)"),
        ),
    ];
    for (what, bytes) in ways {
        let world = World::new();
        assert_eq!(world.code(&["backups"]), 0);
        let database = world.database();
        fs::write(&database, bytes).unwrap();
        let line = trouble(&world, &[]);
        let name = database.file_name().unwrap().to_str().unwrap();
        assert!(line.contains(name), "{what}: {line}");
        damage_is_told(&world, &[]);
        assert_eq!(fs::read(&database).unwrap(), *bytes, "{what}");
        assert_eq!(files(&world.state()).len(), 1, "{what}");
        let history = world.run(["history"]);
        assert_ne!(history.code, 0, "{what}: {history:?}");
        assert!(one_line(&history).contains(name), "{what}: {history:?}");
    }
}

#[test]
fn a_database_of_a_newer_bkscan_is_one_line_and_left_as_it_is() {
    let world = World::new();
    assert_eq!(world.code(&["backups"]), 0);
    let database = world.database();
    let newer = rusqlite::Connection::open(&database).unwrap();
    newer.pragma_update(None, "user_version", 999).unwrap();
    drop(newer);
    let before = fs::read(&database).unwrap();
    let line = trouble(&world, &[]);
    assert!(line.contains("newer"), "{line}");
    damage_is_told(&world, &[]);
    let history = world.run(["history"]);
    assert_ne!(history.code, 0, "{history:?}");
    assert!(one_line(&history).contains("newer"), "{history:?}");
    assert!(fs::read(&database).unwrap() == before);
    assert_eq!(files(&world.state()), [database]);
}

#[test]
fn a_folder_in_place_of_the_database() {
    let world = World::new();
    assert_eq!(world.code(&["backups"]), 0);
    let database = world.database();
    fs::remove_file(&database).unwrap();
    fs::create_dir(&database).unwrap();
    trouble(&world, &[]);
    damage_is_told(&world, &[]);
    assert_eq!(files(&world.state()).len(), 0);
}

/// An empty file is what is left where the disk was full as it was made.
#[test]
fn an_empty_database_is_filled() {
    let world = World::new();
    assert_eq!(world.code(&["backups"]), 0);
    fs::write(world.database(), b"").unwrap();
    assert_eq!(world.code(&["backups"]), 0);
    assert_eq!(world.remembered(), 1);
}

/// Scans at once over the same folder: all are remembered and all say the same.
#[test]
fn many_scans_at_once_are_all_remembered() {
    for many in [2, 8] {
        let world = World::new();
        let expected = world.run([&SCAN[..], &["--no-state"]].concat());
        let children: Vec<_> = (0..many)
            .map(|_| {
                let mut command = world.command();
                command.args(SCAN).stdout(std::process::Stdio::piped());
                command.stderr(std::process::Stdio::piped());
                command.started().unwrap()
            })
            .collect();
        for child in children {
            let run = run(child.wait_with_output().unwrap());
            assert_eq!((run.code, run.stderr.as_str()), (0, ""));
            assert_eq!(judged(&run), judged(&expected));
        }
        assert_eq!(world.remembered(), many);
        assert_eq!(files(&world.state()), [world.database()]);
        assert_eq!(world.code(&["backups"]), 0);
    }
}

/// A user whom permissions bind, without a home.
#[cfg(unix)]
mod bound {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::process::CommandExt;

    use super::*;

    /// No system has a user of this number.
    const NOBODY: u32 = 1_234_567;

    /// The command as somebody who is not root, and a world for that user.
    fn world() -> (World, impl Fn(&World) -> Command) {
        let world = World::new();
        let program = world.path("program");
        fs::copy(env!("CARGO_BIN_EXE_bkscan"), &program).unwrap();
        set_mode(&program, 0o755);
        set_mode(world.folder.path(), 0o777);
        let is_root = fs::metadata(world.folder.path()).unwrap().uid() == 0;
        (world, move |world| {
            let usual = world.command();
            let mut command = Command::new(world.path("program"));
            for (name, value) in usual.get_envs() {
                match value {
                    Some(value) => command.env(name, value),
                    None => command.env_remove(name),
                };
            }
            command.current_dir(world.folder.path());
            if is_root {
                command.uid(NOBODY).gid(NOBODY);
            }
            command
        })
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_state_folder_that_cannot_be_made_or_written() {
        let (world, command) = world();
        let scan = || world.output(command(&world).args(SCAN));
        let closed = world.path("state");
        fs::create_dir(&closed).unwrap();
        set_mode(&closed, 0o555);
        let run = scan();
        assert_eq!(run.code, 0, "{run:?}");
        assert!(one_line(&run).contains("state"), "{run:?}");

        set_mode(&closed, 0o777);
        assert_eq!(scan().stderr, "");
        let database = world.database();
        let before = fs::read(&database).unwrap();
        // As long as the folder can be written to, SQLite could still leave files there.
        for (folder, file) in [(0o755, 0o444), (0o555, 0o444), (0o555, 0o644), (0o755, 0)] {
            set_mode(&database, file);
            set_mode(&world.state(), folder);
            let run = scan();
            assert_eq!(run.code, 0, "{run:?}");
            let name = database.file_name().unwrap().to_str().unwrap();
            assert!(one_line(&run).contains(name), "{run:?}");
            let quiet = world.output(command(&world).args(SCAN).arg("--quiet"));
            assert_eq!((quiet.code, quiet.stderr.as_str()), (0, ""));
            let history = world.output(command(&world).args(["history", "--json"]));
            if file == 0 {
                assert!(one_line(&history).contains(name), "{history:?}");
            } else {
                assert_eq!(runs(&document(&history)).len(), 1, "{folder:o} {file:o}");
            }
        }
        set_mode(&world.state(), 0o755);
        set_mode(&database, 0o644);
        assert!(fs::read(&database).unwrap() == before);
        assert_eq!(files(&world.state()), [database]);
    }

    /// What the last run had is known although this one cannot be remembered.
    #[test]
    fn a_read_only_database_is_compared_with() {
        let (world, command) = world();
        damage(&world.phone(), 1);
        let scan = || {
            let args = ["backups", "--fail-on", "new", "--now", NOW];
            world.output(command(&world).args(args))
        };
        assert_eq!(scan().code, 2);
        set_mode(&world.database(), 0o444);
        let run = scan();
        assert_eq!(run.code, 0, "{run:?}");
        one_line(&run);
    }

    /// What may not be read is a known problem on the second night.
    #[test]
    fn a_backup_that_may_not_be_read_is_new_for_one_night() {
        let (world, command) = world();
        let status = world.phone().join("Status.plist");
        set_mode(&status, 0);
        let scan = |args: &[&str]| {
            let usual = ["backups", "--now", NOW];
            world.output(command(&world).args(usual).args(args)).code
        };
        assert_eq!(scan(&["--fail-on", "new"]), 3);
        assert_eq!(scan(&["--fail-on", "new"]), 0);
        assert_eq!(scan(&[]), 3);
        set_mode(&status, 0o644);
        assert_eq!(scan(&["--fail-on", "new"]), 0);
        set_mode(&status, 0);
        assert_eq!(scan(&["--fail-on", "new"]), 3);
        set_mode(&status, 0o644);
    }

    #[test]
    fn without_any_home_there_is_no_state() {
        let (world, command) = world();
        if fs::metadata(world.folder.path()).unwrap().uid() != 0 {
            return skip("not root: this user has a home");
        }
        let homeless = |args: &[&str]| {
            let mut command = command(&world);
            for name in ["HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"] {
                command.env_remove(name);
            }
            world.output(command.args(SCAN).args(args))
        };
        let run = homeless(&[]);
        assert_eq!(run.code, 0, "{run:?}");
        one_line(&run);
        let quiet = homeless(&["--quiet"]);
        assert_eq!((quiet.code, quiet.stderr.as_str()), (0, ""));
        let none = homeless(&["--no-state"]);
        assert_eq!((none.code, none.stderr.as_str()), (0, ""));
        let named = homeless(&["--state-dir", "named"]);
        assert_eq!((named.code, named.stderr.as_str()), (0, ""));
        assert_eq!(files(&world.path("named")).len(), 1);
    }
}

/// Runs a script with a small disk at the state folder that only it sees: `$0` is the folder, `$1`
/// the program, and `scan` a scan of the healthy backup. `None`: nothing can be mounted here.
#[cfg(target_os = "linux")]
fn on_a_small_disk(world: &World, script: &str) -> Option<Run> {
    fs::create_dir_all(world.state()).unwrap();
    let mounted = |script: &str| {
        let script = format!(
            "mount -t tmpfs -o size=192k none \"$0\" || exit 99
             program=$1
             scan() {{ \"$program\" backups --now {NOW} \"$@\"; }}
             fill() {{ cat /dev/zero > \"$0/filler\" 2> filled || :; }}
             {script}"
        );
        let mut unshare = Command::new("unshare");
        unshare.args(["--mount", "--propagation", "private", "sh", "-c", &script]);
        let command = world.command();
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => unshare.env(name, value),
                None => unshare.env_remove(name),
            };
        }
        unshare.arg(world.state()).arg(command.get_program());
        unshare.current_dir(world.folder.path()).ended()
    };
    if !mounted("true").is_ok_and(|tried| tried.status.success()) {
        skip("nothing can be mounted: not root, or no unshare");
        return None;
    }
    Some(run(mounted(script).unwrap()))
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_full_from_the_start() {
    let world = World::new();
    let script = "fill; scan --json; code=$?; scan --quiet > quiet 2>&1; exit $code";
    let Some(run) = on_a_small_disk(&world, script) else {
        return;
    };
    let expected = world.run([&SCAN[..], &["--no-state"]].concat());
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(judged(&run), judged(&expected));
    one_line(&run);
    assert_eq!(fs::read_to_string(world.path("quiet")).unwrap(), "");
}

/// Each scan is either remembered or told not to be, none is lost, and with room again it goes on.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_becomes_full_and_has_room_again() {
    let world = World::new();
    let script = r#"
        scan > /dev/null || exit 90
        fill
        for i in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29; do
            scan > /dev/null || exit 91
        done
        rm "$0/filler"
        scan > /dev/null 2> last || exit 92
        "$1" history --json
    "#;
    let Some(run) = on_a_small_disk(&world, script) else {
        return;
    };
    assert_eq!(run.code, 0, "{run:?}");
    let not_remembered = run.stderr.lines().count();
    assert!((1..=30).contains(&not_remembered), "{run:?}");
    let history = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(runs(&history).len(), 32 - not_remembered, "{run:?}");
    assert_eq!(fs::read_to_string(world.path("last")).unwrap(), "");
}

/// What is told of it names nobody's folders where nothing personal may be told.
#[test]
fn with_redact_no_line_names_a_path() {
    let world = World::new();
    fs::create_dir_all(world.state()).unwrap();
    fs::create_dir(world.path("file")).unwrap();
    fs::write(world.path("file/state"), "mine").unwrap();
    assert_eq!(world.code(&["backups", "--state-dir", "broken"]), 0);
    for database in files(&world.path("broken")) {
        fs::write(database, "This is not a database, and has never been one.").unwrap();
    }
    let above = world.folder.path().to_str().unwrap();
    for folder in ["backups/state", "file/state", "broken"] {
        for args in [&["backups", "--now", NOW][..], &["history"]] {
            let run = world.run([args, &["--redact", "--state-dir", folder]].concat());
            if args != ["history"] {
                one_line(&run);
            }
            for word in [above, folder] {
                assert!(!run.stderr.contains(word), "{args:?}: {run:?}");
            }
        }
    }
}

mod slow {
    use super::*;

    #[test]
    #[ignore = "waits for another program: .ci/run runs it"]
    fn a_database_locked_by_another_process() {
        let world = World::new();
        assert_eq!(world.code(&["backups"]), 0);
        let other = rusqlite::Connection::open(world.database()).unwrap();
        other.execute_batch("BEGIN EXCLUSIVE").unwrap();
        let run = world.run(SCAN);
        assert_eq!(run.code, 0, "{run:?}");
        assert!(one_line(&run).contains("another program"), "{run:?}");
        other.execute_batch("ROLLBACK").unwrap();
        drop(other);
        assert_eq!(world.code(&["backups"]), 0);
        assert_eq!(world.remembered(), 2);
    }
}
