//! The state folder: where it is, when it is not used, and that no trouble with it fails a scan.

use super::*;
#[cfg(unix)]
use crate::harness::same_environment;

/// What a scan of the healthy backup says whether it is remembered or not.
const SCAN: [&str; 4] = ["backups", "--json", "--now", NOW];

/// The same of one that is not remembered.
fn forgetful(world: &World) -> Value {
    let run = world.at(NOW, "backups --json --no-state");
    assert_code(&run, 0);
    judged(&run)
}

/// The line on stderr of a scan that could not be remembered; it is as good as any other, and with
/// `--quiet` there is no line.
fn trouble(world: &World, more: &str) -> String {
    let run = world.at(NOW, &format!("backups --json {more}"));
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(judged(&run), forgetful(world));
    let quiet = world.at(NOW, &format!("backups --quiet {more}"));
    assert_code(&quiet, 0);
    assert_eq!(quiet.stdout, "");
    one_line(&run).to_owned()
}

/// A damaged backup is told as ever, and all that is wrong with it counts as new.
fn damage_is_told(world: &World, more: &str) {
    damage(&world.phone(), 1);
    for fail_on in ["", "--fail-on new", "--quiet --fail-on new"] {
        let run = world.at(NOW, &format!("backups {more} {fail_on}"));
        assert_eq!(run.code, 2, "{run:?}");
        assert!(run.stdout.contains("1 of 3 files"), "{run:?}");
        assert!(run.stderr.lines().count() <= 1, "{run:?}");
    }
    heal(&world.phone(), 1);
}

/// A world with a run that is remembered in this database.
fn remembering() -> (World, PathBuf) {
    let world = World::new();
    assert_eq!(world.code("backups"), 0);
    let database = world.database();
    (world, database)
}

#[test]
fn a_scan_is_remembered_in_one_file_in_the_users_state_folder() {
    let (world, database) = remembering();
    assert_eq!(database.parent().unwrap(), world.state());
    let made = files(&world.path("state"));
    assert_eq!(made, [database]);
    assert_eq!(world.code("backups"), 0);
    assert_eq!(files(&world.path("state")), made);
    for other in ["home", "config"] {
        assert_eq!(files(&world.path(other)).len(), 0, "{other}");
    }
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
        assert_code(&world.output(command.args(SCAN)), 0);
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
    let typed = "backups --fail-on new --state-dir 'my state/deep'";
    assert_eq!(world.code(typed), 2);
    assert_eq!(world.code(typed), 0);
    let environment = |line: &str| {
        let mut command = world.command();
        command.env("BKSCAN_STATE_DIR", world.path("my state/deep"));
        command.args(words(line)).args(["--now", NOW]);
        world.output(&mut command).code
    };
    assert_eq!(environment("backups --fail-on new"), 0);
    assert_eq!(files(&world.path("my state")).len(), 1);
    assert!(!world.path("state").exists());

    // What is typed counts before the environment.
    assert_eq!(environment("backups --fail-on new --state-dir third"), 2);
    assert_eq!(files(&world.path("third")).len(), 1);

    let of = |folder| runs(&world.history(&format!("--state-dir {folder}"))).len();
    assert_eq!((of("'my state/deep'"), of("third")), (3, 1));
    assert_eq!(world.remembered(), 0);
}

#[test]
fn no_state_makes_no_file() {
    let world = World::new();
    for line in [
        "backups --no-state",
        "backups --no-state --fail-on new --quiet",
        "--no-state backups --json",
    ] {
        assert_eq!(world.typed(line).code, 0, "{line}");
    }
    let mut environment = world.command();
    environment.env("BKSCAN_NO_STATE", "true").arg("backups");
    assert_eq!(world.output(&mut environment).code, 0);
    put(
        &world.path("config/bkscan/config.toml"),
        b"no-state = true\n",
    );
    assert_eq!(world.typed("backups").code, 0);
    assert!(!world.path("state").exists());
    assert_eq!(files(&world.path("home")).len(), 0);
}

/// Only scans are remembered; what else the program does makes no file.
#[test]
fn what_is_no_scan_makes_no_file() {
    let world = World::new();
    let harmless = ["show backups", "clean backups", "history", "config show"];
    let others = "history --json|history backups|explain|schedule cron backups|--help";
    let usage = "backups --fail-on nothing";
    for line in others.split('|').chain([usage]).chain(harmless) {
        world.typed(line);
        assert!(!world.path("state").exists(), "{line}");
        assert_eq!(files(&world.path("home")).len(), 0, "{line}");
    }
    assert_eq!(world.code("backups"), 0);
    let before = fs::read(world.database()).unwrap();
    for line in harmless {
        assert_eq!(world.typed(line).code, 0, "{line}");
        assert_eq!(files(&world.state()), [world.database()], "{line}");
        assert!(fs::read(world.database()).unwrap() == before, "{line}");
    }
}

/// Root for another user writes nothing, which that user could not write to later.
#[cfg(unix)]
#[test]
fn under_sudo_no_file_is_made() {
    let world = World::new();
    if !is_root(&world) {
        return skip("not root");
    }
    let sudo = |line: &str| {
        let mut command = world.command();
        command.env("SUDO_UID", "1000").args(SCAN).args(words(line));
        world.output(&mut command)
    };
    for folder in ["", "--state-dir named"] {
        let run = sudo(folder);
        assert_eq!(run.code, 0, "{run:?}");
        assert!(run.stderr.lines().count() <= 1, "{run:?}");
        assert_eq!(sudo(&format!("{folder} --quiet")).stderr, "");
    }
    assert!(!world.path("state").exists() && !world.path("named").exists());
    assert_eq!(files(&world.path("home")).len(), 0);

    // Nor is one changed that is there.
    assert_eq!(world.code("backups"), 0);
    let before = fs::read(world.database()).unwrap();
    let run = sudo("");
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(files(&world.state()), [world.database()]);
    assert!(fs::read(world.database()).unwrap() == before);
}

/// What was removed is noted where that user says, and nowhere else.
#[cfg(unix)]
#[test]
fn under_sudo_a_removal_leaves_nothing_in_another_users_folders() {
    use std::time::{Duration, UNIX_EPOCH};
    let world = World::new();
    if !is_root(&world) {
        return skip("not root");
    }
    let remove = |name: &str, args: &[&str]| {
        let lone = world.root().join(name);
        let info = lone.join("Info.plist");
        put(&info, &fs::read(world.phone().join("Info.plist")).unwrap());
        // Not just now, when a backup might be running.
        let long_ago = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let info = fs::File::options().write(true).open(&info).unwrap();
        info.set_modified(long_ago).unwrap();
        let mut command = world.command();
        command.env("SUDO_UID", "1000");
        command.args(words("clean backups --delete --yes"));
        let output = command.args(args).ended().unwrap();
        assert!(!lone.exists(), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let said = "bkscan: what was removed could not be noted in removals.jsonl: there is no state \
                folder (--state-dir names one)\n";
    assert_eq!(remove("first", &[]), said);
    assert!(!world.path("state").exists() && !world.path("home").exists());
    assert_eq!(remove("second", &["--state-dir", "named"]), "");
    assert!(world.path("named").join("removals.jsonl").exists());
}

/// `run` checks that nothing changes below the scanned folder.
#[test]
fn a_state_folder_inside_what_is_scanned_is_not_used() {
    let world = World::new();
    let shard = payload_path(&world.phone(), CAMERA, &photo(1));
    fs::create_dir(world.root().join("empty")).unwrap();
    for folder in [
        "backups",
        "backups/state",
        "backups/empty",
        "state/../backups/empty",
        &format!("backups/{PHONE}"),
        &format!("backups/{PHONE}/state"),
        shard.parent().unwrap().to_str().unwrap(),
    ] {
        trouble(&world, &format!("--state-dir '{folder}'"));
        damage_is_told(&world, &format!("--state-dir '{folder}'"));
    }
    // A link into it is seen through.
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(world.root().join("empty"), world.path("link")).unwrap();
        trouble(&world, "--state-dir link");
        trouble(&world, "--state-dir link/state");
    }
}

/// A state folder that was there before the folder around it is scanned stays as it is, too.
#[test]
fn a_database_inside_what_is_scanned_is_not_written() {
    let world = World::new();
    assert_eq!(world.at(NOW, "backups").code, 0);
    fs::rename(world.state(), world.root().join("state")).unwrap();
    trouble(&world, "--state-dir backups/state");
    assert_eq!(runs(&world.history("--state-dir backups/state")).len(), 1);
}

#[test]
fn a_file_in_place_of_the_state_folder_or_of_one_above_it() {
    let world = World::new();
    fs::write(world.path("file"), "mine").unwrap();
    for named in ["--state-dir file", "--state-dir file/state"] {
        let line = trouble(&world, named);
        assert!(line.contains("file"), "{line}");
        damage_is_told(&world, named);
        let history = world.typed(&format!("history {named}"));
        assert!(history.stderr.lines().count() <= 1, "{history:?}");
    }
    assert_eq!(fs::read(world.path("file")).unwrap(), b"mine");
}

/// Whatever is in place of the database: one line that names it, and it is not touched.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_broken_database_is_one_line_and_left_as_it_is() {
    let (_world, database) = remembering();
    let whole = fs::read(&database).unwrap();
    assert!(whole.len() > 8192, "{}", whole.len());
    let torn = [&whole[..100], &vec![0xa5; whole.len() - 100]].concat();
    let changed = |file: &Path, sql| {
        let database = rusqlite::Connection::open(file).unwrap();
        database.execute_batch(sql).unwrap();
        drop(database);
        fs::read(file).unwrap()
    };
    let other = |sql| changed(tempfile::NamedTempFile::new().unwrap().path(), sql);
    let note = b"This is not a database. It is a note of the user's, and not a short one.";
    let same_words = other("CREATE TABLE run(x); CREATE TABLE backup(x)");
    let name = database.file_name().unwrap().to_str().unwrap();
    for (what, bytes, said) in [
        ("text", &note[..], name),
        ("header only", &whole[..16], name),
        ("cut", &whole[..whole.len() / 2], name),
        ("torn", &torn, name),
        ("of another program", &other("CREATE TABLE url(x)"), name),
        ("of another program, with the same words", &same_words, name),
        (
            "newer",
            &changed(&database, "PRAGMA user_version = 999"),
            "newer",
        ),
    ] {
        let (world, database) = remembering();
        fs::write(&database, bytes).unwrap();
        let line = trouble(&world, "");
        assert!(line.contains(said), "{what}: {line}");
        damage_is_told(&world, "");
        assert!(fs::read(&database).unwrap() == bytes, "{what}");
        assert_eq!(files(&world.state()), [database], "{what}");
        let history = world.typed("history");
        assert_ne!(history.code, 0, "{what}: {history:?}");
        assert!(one_line(&history).contains(said), "{what}: {history:?}");
    }
}

#[test]
fn a_folder_in_place_of_the_database() {
    let (world, database) = remembering();
    fs::remove_file(&database).unwrap();
    fs::create_dir(&database).unwrap();
    trouble(&world, "");
    damage_is_told(&world, "");
    assert_eq!(files(&world.state()).len(), 0);
}

/// An empty file is what is left where the disk was full as it was made.
#[test]
fn an_empty_database_is_filled() {
    let (world, database) = remembering();
    fs::write(database, b"").unwrap();
    assert_eq!(world.code("backups"), 0);
    assert_eq!(world.remembered(), 1);
}

/// Scans at once over the same folder: all are remembered and all say the same.
#[test]
fn many_scans_at_once_are_all_remembered() {
    use std::process::Stdio;
    for many in [2, 8] {
        let world = World::new();
        let expected = forgetful(&world);
        let scan = |_| {
            let mut command = world.command();
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            command.args(SCAN).started().unwrap()
        };
        for child in (0..many).map(scan).collect::<Vec<_>>() {
            let run = run(child.wait_with_output().unwrap());
            assert_code(&run, 0);
            assert_eq!(judged(&run), expected);
        }
        assert_eq!(world.remembered(), many);
        assert_eq!(files(&world.state()), [world.database()]);
        assert_eq!(world.code("backups"), 0);
    }
}

/// A user whom permissions bind, without a home.
#[cfg(unix)]
mod bound {
    use super::*;
    use crate::harness::{bound, set_mode};

    /// The command as that user has it.
    fn command(world: &World, line: &str) -> Command {
        let mut command = bound(world.folder.path());
        command.args(words(line));
        command
    }

    fn typed(world: &World, line: &str) -> Run {
        world.output(&mut command(world, line))
    }

    #[test]
    fn a_state_folder_that_cannot_be_made_or_written() {
        let world = World::new();
        let scan = |more: &str| typed(&world, &format!("backups --json --now {NOW} {more}"));
        let closed = world.path("state");
        fs::create_dir(&closed).unwrap();
        set_mode(&closed, 0o555);
        let run = scan("");
        assert_eq!(run.code, 0, "{run:?}");
        assert!(one_line(&run).contains("state"), "{run:?}");

        set_mode(&closed, 0o777);
        assert_eq!(scan("").stderr, "");
        let database = world.database();
        let name = database.file_name().unwrap().to_str().unwrap();
        let before = fs::read(&database).unwrap();
        // As long as the folder can be written to, SQLite could still leave files there.
        for (folder, file) in [(0o755, 0o444), (0o555, 0o444), (0o555, 0o644), (0o755, 0)] {
            set_mode(&database, file);
            set_mode(&world.state(), folder);
            let run = scan("");
            assert_eq!(run.code, 0, "{run:?}");
            assert!(one_line(&run).contains(name), "{run:?}");
            assert_code(&scan("--quiet"), 0);
            let history = typed(&world, "history --json");
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
        let world = World::new();
        damage(&world.phone(), 1);
        let scan = || typed(&world, &format!("backups --fail-on new --now {NOW}"));
        assert_eq!(scan().code, 2);
        set_mode(&world.database(), 0o444);
        let run = scan();
        assert_eq!(run.code, 0, "{run:?}");
        one_line(&run);
    }

    /// What may not be read is a known problem on the second night.
    #[test]
    fn a_backup_that_may_not_be_read_is_new_for_one_night() {
        let world = World::new();
        let status = world.phone().join("Status.plist");
        for (mode, fail_on, code) in [
            (0, "--fail-on new", 3),
            (0, "--fail-on new", 0),
            (0, "", 3),
            (0o644, "--fail-on new", 0),
            (0, "--fail-on new", 3),
        ] {
            set_mode(&status, mode);
            let run = typed(&world, &format!("backups --now {NOW} {fail_on}"));
            assert_eq!(run.code, code, "{mode:o} {fail_on}: {run:?}");
        }
        set_mode(&status, 0o644);
    }

    #[test]
    fn without_any_home_there_is_no_state() {
        let world = World::new();
        if !is_root(&world) {
            return skip("not root: this user has a home");
        }
        let homeless = |more: &str| {
            let mut command = command(&world, &format!("backups --json --now {NOW} {more}"));
            for name in ["HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"] {
                command.env_remove(name);
            }
            world.output(&mut command)
        };
        let run = homeless("");
        assert_eq!(run.code, 0, "{run:?}");
        one_line(&run);
        for more in ["--quiet", "--no-state", "--state-dir named"] {
            assert_code(&homeless(more), 0);
        }
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
        same_environment(&mut unshare, &command);
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
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(judged(&run), forgetful(&world));
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
    put(&world.path("file/state"), b"mine");
    assert_eq!(world.code("backups --state-dir broken"), 0);
    for database in files(&world.path("broken")) {
        fs::write(database, "This is not a database, and has never been one.").unwrap();
    }
    let above = world.folder.path().to_str().unwrap();
    for folder in ["backups/state", "file/state", "broken"] {
        let scan = world.at(NOW, &format!("backups --redact --state-dir {folder}"));
        one_line(&scan);
        let history = world.typed(&format!("history --redact --state-dir {folder}"));
        for run in [scan, history] {
            for word in [above, folder] {
                assert!(!run.stderr.contains(word), "{folder}: {run:?}");
            }
        }
    }
}

mod slow {
    use super::*;

    #[test]
    #[ignore = "waits for another program: .ci/run runs it"]
    fn a_database_locked_by_another_process() {
        let (world, database) = remembering();
        let other = rusqlite::Connection::open(database).unwrap();
        other.execute_batch("BEGIN EXCLUSIVE").unwrap();
        let run = world.run(SCAN);
        assert_eq!(run.code, 0, "{run:?}");
        assert!(one_line(&run).contains("another program"), "{run:?}");
        other.execute_batch("ROLLBACK").unwrap();
        drop(other);
        assert_eq!(world.code("backups"), 0);
        assert_eq!(world.remembered(), 2);
    }
}
