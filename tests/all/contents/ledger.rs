//! The ledger in the state folder: where it is, that losing it loses no scan, that runs do not hinder
//! each other, and that it forgets what is gone.

use std::process::Stdio;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use super::*;

const CHANGED: &str = "corrupt 2: error content-changed ×1";
const WELL: &str = "complete 0:";

/// The arguments of a scan as `scan` has them.
fn typed() -> Vec<&'static str> {
    [&SCAN[..], &["--now", NOW]].concat()
}

/// Scans where something is in the way of the ledger, and gives what is told of it on stderr. The
/// document is that of a run without a ledger; with `--quiet` nothing is told; what is damaged is told
/// as ever.
fn trouble(world: &World, args: &[&str]) -> Vec<String> {
    let run = |more: &[&str]| world.run([&typed(), args, more].concat());
    let expected = world.run([&typed()[..], &["--no-state"]].concat());
    assert_eq!((expected.code, expected.stderr.as_str()), (0, ""));
    let found = run(&[]);
    assert_eq!(found.code, 0, "{found:?}");
    assert_eq!(judged(&found), judged(&expected));
    let lines: Vec<String> = found.stderr.lines().map(str::to_owned).collect();
    let quiet = ["backups", "--level", "contents", "--quiet", "--now", NOW];
    let quiet = world.run([&quiet, args].concat());
    let nothing = (0, String::new(), String::new());
    assert_eq!((quiet.code, quiet.stdout, quiet.stderr), nothing);

    flip(&world.payload(SETTING), 0);
    let found = run(&[]);
    let mismatch = "corrupt 2: error digest-mismatch ×1";
    assert_eq!(outcome(&document(&found)), mismatch, "{found:?}");
    flip(&world.payload(SETTING), 0);
    lines
}

/// The same where it is the ledger alone that something is in the way of: that is one line.
fn trouble_with_it(world: &World) -> String {
    let lines = trouble(world, &[]);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("ledger.db"), "{lines:?}");
    lines.into_iter().next().unwrap()
}

/// The document without what it says of `content-changed`, for which there is another test.
pub fn judged(run: &Run) -> Value {
    let mut document = without_disk(run);
    for backup in document["backups"].as_array_mut().unwrap() {
        let checked = backup["checked"].as_array_mut().unwrap();
        checked.retain(|id| id != "content-changed");
        let not_checked = backup["not_checked"].as_array_mut().unwrap();
        not_checked.retain(|check| check["id"] != "content-changed");
    }
    document
}

/// A database of another program.
fn foreign(sql: &str) -> Vec<u8> {
    let file = tempfile::NamedTempFile::new().unwrap();
    let db = Connection::open(file.path()).unwrap();
    db.execute_batch(sql).unwrap();
    drop(db);
    fs::read(file.path()).unwrap()
}

/// Whether any row of any table has this text in it.
fn remembers(ledger: &Path, text: &str) -> bool {
    let db = Connection::open_with_flags(ledger, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let tables: Vec<String> = db
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
        .unwrap()
        .query_map((), |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert!(!tables.is_empty());
    let text = text.as_bytes();
    tables.iter().any(|table| {
        let mut select = db.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
        let columns = select.column_count();
        let mut rows = select.query(()).unwrap();
        let mut found = false;
        while let Some(row) = rows.next().unwrap() {
            for column in 0..columns {
                if let ValueRef::Text(bytes) | ValueRef::Blob(bytes) = row.get_ref(column).unwrap()
                {
                    found |= bytes.windows(text.len()).any(|window| window == text);
                }
            }
        }
        found
    })
}

// ---- Where it is, and when it is not ----

#[test]
fn it_is_one_file_in_the_state_folder_that_is_the_users_alone() {
    let world = World::new();
    let state = [world.state().join("history.db"), world.ledger()];
    for _ in 0..2 {
        world.scan(&[]);
        assert_eq!(files(&world.path("state")), state);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(world.ledger()).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{mode:o}");
    }
    assert_eq!(files(&world.path("home")).len(), 0);
    assert_eq!(files(&world.path("config")).len(), 0);

    world.scan(&["--state-dir", "mine"]);
    assert_eq!(
        files(&world.path("mine")),
        ["history.db", "ledger.db"].map(|name| world.path("mine").join(name))
    );
    flip(&world.payload(PHOTO), 0);
    let document = world.scan(&["--state-dir", "mine"]);
    assert_eq!(outcome(&document), CHANGED);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn at_other_levels_and_without_state_it_is_not_touched() {
    let world = World::new();
    let forgetful = ["--level", "contents", "--no-state"];
    let commands = [
        &["backups", "--now", NOW][..],
        &["backups", "--level", "quick", "--now", NOW],
        &[&["backups", "--now", NOW], &forgetful[..]].concat(),
        &["show", &format!("backups/{PHONE}"), "--now", NOW],
        &["clean", "backups", "--now", NOW],
        &["history"],
        &["explain", "content-changed"],
        &["config", "show", "--level", "contents"],
    ];
    for args in commands {
        assert_eq!(world.run(args).code, 0, "{args:?}");
        assert!(!world.ledger().exists(), "{args:?}");
    }
    let mut environment = world.command();
    environment.env("BKSCAN_NO_STATE", "true").args(typed());
    assert_eq!(world.output(&mut environment).code, 0);
    assert!(!world.ledger().exists());

    world.scan(&[]);
    let before = fs::read(world.ledger()).unwrap();
    for args in commands {
        assert_eq!(world.run(args).code, 0, "{args:?}");
        assert!(fs::read(world.ledger()).unwrap() == before, "{args:?}");
    }
}

/// A state folder is a matter of scans, says contract §1: `--no-state` goes with no other command, so
/// that nobody could keep these from writing.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn show_and_clean_remember_nothing() {
    let mut wrong = Vec::new();
    for command in ["show", "clean"] {
        let world = World::new();
        let phone = format!("backups/{PHONE}");
        let run = world.run([command, &phone, "--level", "contents", "--now", NOW]);
        assert_eq!(run.code, 0, "{run:?}");
        let made = files(&world.path("state"));
        if !made.is_empty() {
            wrong.push(format!("{command}: {made:?}"));
        }
    }
    assert_all(&wrong);
}

/// They know what scans have read all the same.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn show_and_clean_compare_with_it() {
    let world = World::new();
    world.scan(&[]);
    flip(&world.payload(PHOTO), 0);
    for command in ["show", "clean"] {
        let phone = format!("backups/{PHONE}");
        let json = ["--level", "contents", "--json", "--now", NOW];
        let run = world.run([&[command, &phone], &json[..]].concat());
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        let ids = finding_ids(only_backup(&document));
        assert!(ids.contains("content-changed"), "{command}: {run:?}");
    }
}

/// Root for another user writes nothing, which that user could not write to later.
#[cfg(unix)]
#[test]
fn under_sudo_nothing_is_written() {
    use std::os::unix::fs::MetadataExt as _;
    let world = World::new();
    if fs::metadata(world.folder.path()).unwrap().uid() != 0 {
        return skip("not root");
    }
    let scan = || world.output(world.command().env("SUDO_UID", "1000").args(typed()));
    assert_eq!(scan().code, 0);
    assert!(!world.path("state").exists());
    world.scan(&[]);
    let before = fs::read(world.ledger()).unwrap();
    assert_eq!(scan().code, 0);
    assert!(fs::read(world.ledger()).unwrap() == before);
}

// ---- What is in its way ----

/// `run` checks that nothing changes below the scanned folder.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_state_folder_inside_what_is_scanned_is_not_used() {
    let world = World::new();
    for folder in [
        "backups",
        "backups/state",
        &format!("backups/{PHONE}"),
        &format!("backups/{PHONE}/state"),
    ] {
        let lines = trouble(&world, &["--state-dir", folder]);
        assert!(lines[0].contains("backups"), "{lines:?}");
    }
}

/// A ledger that lies in what is scanned, from before that was scanned.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_ledger_inside_what_is_scanned_is_not_written() {
    let world = World::new();
    world.scan(&[]);
    fs::rename(world.state(), world.root().join("state")).unwrap();
    let lines = trouble_inside(&world);
    assert!(!lines.is_empty());
}

fn trouble_inside(world: &World) -> Vec<String> {
    let run = world.run([&typed()[..], &["--state-dir", "backups/state"]].concat());
    assert_eq!(run.code, 0, "{run:?}");
    run.stderr.lines().map(str::to_owned).collect()
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_file_in_place_of_the_state_folder() {
    let world = World::new();
    fs::write(world.path("file"), "mine").unwrap();
    for folder in ["file", "file/state"] {
        let lines = trouble(&world, &["--state-dir", folder]);
        assert!(lines[0].contains("file"), "{lines:?}");
    }
    assert_eq!(fs::read(world.path("file")).unwrap(), b"mine");
}

/// What is in the way of the state folder is one trouble, whatever would have been kept there (contract
/// §9: it becomes one line on stderr).
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_state_folder_that_cannot_be_used_is_one_line() {
    let world = World::new();
    fs::write(world.path("file"), "mine").unwrap();
    for folder in ["file", "file/state", "backups", "backups/state"] {
        let run = world.run([&typed()[..], &["--state-dir", folder]].concat());
        assert_eq!(run.code, 0, "{run:?}");
        one_line(&run);
    }
}

/// Where nothing could be compared with earlier runs, that is not called checked (contract §2: what was
/// not, and why).
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn without_a_ledger_nothing_is_compared_with_it() {
    let world = World::new();
    fs::write(world.path("file"), "mine").unwrap();
    fs::create_dir_all(world.path("folder/ledger.db")).unwrap();
    fs::create_dir_all(world.path("text")).unwrap();
    fs::write(
        world.path("text/ledger.db"),
        "This is a note of the user's.",
    )
    .unwrap();
    let mut wrong = Vec::new();
    for args in [
        &["--no-state"][..],
        &["--state-dir", "file"],
        &["--state-dir", "file/state"],
        &["--state-dir", "backups/state"],
        &["--state-dir", "folder"],
        &["--state-dir", "text"],
    ] {
        let document = document(&world.run([&typed()[..], args].concat()));
        let backup = only_backup(&document);
        let checked = backup["checked"].as_array().unwrap();
        let is_checked = checked.iter().any(|id| id == "content-changed");
        if is_checked || !not_checked(backup).contains_key("content-changed") {
            wrong.push(format!("{args:?}"));
        }
    }
    assert_all(&wrong);
}

/// Whatever is in place of the ledger: one line that names it. What is not bkscan's stays as it is.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_broken_ledger_is_one_line_and_no_failed_scan() {
    let whole = {
        let world = World::new();
        world.scan(&[]);
        fs::read(world.ledger()).unwrap()
    };
    let mut torn = whole.clone();
    torn[100..].fill(0xa5);
    let ways: &[(&str, &[u8])] = &[
        (
            "text",
            b"This is not a database. It is a note of the user's, and not a short one.",
        ),
        ("header only", &whole[..16]),
        ("cut", &whole[..whole.len() / 2]),
        ("torn", &torn),
        ("of another program", &foreign("CREATE TABLE url(x)")),
        (
            "of another program, with the same words",
            &foreign("CREATE TABLE folder(x); CREATE TABLE shard(x); CREATE TABLE payload(x)"),
        ),
    ];
    for (what, bytes) in ways {
        let world = World::new();
        world.scan(&[]);
        let known = world.path("known");
        fs::copy(world.ledger(), &known).unwrap();
        fs::write(world.ledger(), bytes).unwrap();
        trouble_with_it(&world);
        if what.contains("program") || *what == "text" {
            assert_eq!(fs::read(world.ledger()).unwrap(), *bytes, "{what}");
        }
        // Put back, it is as good as before.
        fs::copy(&known, world.ledger()).unwrap();
        flip(&world.payload(PHOTO), 0);
        assert_eq!(outcome(&world.scan(&[])), CHANGED, "{what}");
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_ledger_of_a_newer_bkscan_is_one_line() {
    let world = World::new();
    world.scan(&[]);
    let newer = newer(&world);
    let line = trouble_with_it(&world);
    assert!(line.contains("newer"), "{line}");
    let version: i64 = newer
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    assert_eq!(version, 999);
}

fn newer(world: &World) -> Connection {
    let newer = Connection::open(world.ledger()).unwrap();
    newer.pragma_update(None, "user_version", 999).unwrap();
    newer
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_folder_in_place_of_the_ledger() {
    let world = World::new();
    fs::create_dir_all(world.ledger()).unwrap();
    trouble_with_it(&world);
    assert!(world.ledger().is_dir());
    assert_eq!(files(&world.state()), [world.state().join("history.db")]);
}

/// Nothing waits for somebody to write into a pipe.
#[cfg(unix)]
#[test]
fn a_pipe_in_place_of_the_ledger() {
    let world = World::new();
    fs::create_dir_all(world.state()).unwrap();
    let made = Command::new("mkfifo").arg(world.ledger()).status().unwrap();
    assert!(made.success());
    trouble_with_it(&world);
}

/// An empty file is what is left where the disk was full as it was made.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn an_empty_ledger_is_filled_and_a_lost_one_made_anew() {
    let world = World::new();
    world.scan(&[]);
    fs::write(world.ledger(), b"").unwrap();
    assert_eq!(compared(&world.scan(&[]))[2], [0, 0]);
    assert_eq!(compared(&world.scan(&[]))[2], [2, 105_000]);
    fs::remove_file(world.ledger()).unwrap();
    flip(&world.payload(PHOTO), 0);
    let document = world.scan(&[]);
    assert_eq!(
        (outcome(&document).as_str(), compared(&document)[2]),
        (WELL, [0, 0])
    );
    assert_eq!(compared(&world.scan(&[]))[2], [2, 105_000]);
    // And without the other file that is there.
    fs::remove_dir_all(world.state()).unwrap();
    assert_eq!(compared(&world.scan(&[]))[2], [0, 0]);
}

/// A disk that loses bits may lose them here: what cannot be believed is no alarm. Each byte that is
/// flipped is one of another place; whatever it held, the backup is whole.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_flipped_bit_in_the_ledger_is_never_an_alarm() {
    let world = World::new();
    world.scan(&[]);
    let whole = fs::read(world.ledger()).unwrap();
    // Bytes that are not zero hold something.
    let places: Vec<usize> = (0..whole.len()).filter(|at| whole[*at] != 0).collect();
    for at in places.iter().step_by(places.len() / 40) {
        let mut bytes = whole.clone();
        bytes[*at] ^= 4;
        fs::write(world.ledger(), &bytes).unwrap();
        let run = world.run(typed());
        assert!(run.stderr.lines().count() <= 1, "{at}: {run:?}");
        assert_eq!(outcome(&document(&run)), WELL, "{at}");
    }
}

/// A row of the ledger that was exchanged for one of another file or backup is no alarm either.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn rows_of_the_ledger_in_each_others_place_are_no_alarm() {
    let world = World::new();
    phone().folder_name("other").write(&world.root());
    world.scan(&[]);
    let db = Connection::open(world.ledger()).unwrap();
    let tables: Vec<(String, String)> = db
        .prepare(
            "SELECT schema.name, column.name
             FROM sqlite_schema AS schema, pragma_table_info(schema.name) AS column
             WHERE schema.type = 'table' AND column.type = 'BLOB'",
        )
        .unwrap()
        .query_map((), |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    for (table, column) in &tables {
        let blobs: Vec<Vec<u8>> = db
            .prepare(&format!(
                "SELECT \"{column}\" FROM \"{table}\" ORDER BY rowid"
            ))
            .unwrap()
            .query_map((), |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        if blobs.len() < 3 {
            continue;
        }
        for (number, blob) in blobs.iter().cycle().skip(1).take(blobs.len()).enumerate() {
            let nth =
                format!("SELECT rowid FROM \"{table}\" ORDER BY rowid LIMIT 1 OFFSET {number}");
            let set = format!("UPDATE \"{table}\" SET \"{column}\" = ?1 WHERE rowid = ({nth})");
            db.execute(&set, [blob]).unwrap();
        }
    }
    drop(db);
    let run = world.run(typed());
    assert!(run.stderr.lines().count() <= 1, "{run:?}");
    let document = document(&run);
    for backup in document["backups"].as_array().unwrap() {
        assert_eq!(outcome_of(&document, backup), WELL);
    }
}

/// What is told of it names nobody's folders where nothing personal may be told.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn with_redact_no_line_names_a_path() {
    let world = World::new();
    world.scan(&[]);
    fs::write(
        world.ledger(),
        "This is not a database, and has never been one.",
    )
    .unwrap();
    for folder in [None, Some("backups/state")] {
        let mut args = typed();
        args.push("--redact");
        args.extend(folder.iter().flat_map(|folder| ["--state-dir", folder]));
        let run = world.run(&args);
        assert_ne!(run.stderr, "");
        for word in [world.folder.path().to_str().unwrap(), "backups", "bkscan/"] {
            assert!(!run.stderr.contains(word), "{run:?}");
        }
    }
}

/// A user whom permissions bind.
#[cfg(unix)]
mod bound {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    use std::os::unix::process::CommandExt as _;

    use super::*;

    /// No system has a user of this number.
    const NOBODY: u32 = 1_234_567;

    /// A world for that user, and a scan.
    fn world() -> World {
        let world = World::new();
        let program = world.path("program");
        fs::copy(env!("CARGO_BIN_EXE_bkscan"), &program).unwrap();
        set_mode(&program, 0o755);
        set_mode(world.folder.path(), 0o777);
        world
    }

    fn scan(world: &World) -> Run {
        let usual = world.command();
        let mut command = Command::new(world.path("program"));
        for (name, value) in usual.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.current_dir(world.folder.path()).args(typed());
        if fs::metadata(world.folder.path()).unwrap().uid() == 0 {
            command.uid(NOBODY).gid(NOBODY);
        }
        world.output(&mut command)
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_ledger_that_cannot_be_written() {
        let world = world();
        assert_eq!(scan(&world).stderr, "");
        let before = fs::read(world.ledger()).unwrap();
        for mode in [0o444, 0] {
            set_mode(&world.ledger(), mode);
            let run = scan(&world);
            assert_eq!(outcome(&document(&run)), WELL, "{mode:o}");
            assert!(one_line(&run).contains("ledger.db"), "{mode:o} {run:?}");
            assert!(fs::read(world.ledger()).unwrap() == before);
        }
        set_mode(&world.ledger(), 0o600);
        let run = scan(&world);
        assert_eq!(run.stderr, "");
        assert_eq!(compared(&document(&run))[2], [2, 105_000]);
    }

    #[test]
    fn a_state_folder_that_cannot_be_made() {
        let world = world();
        let closed = world.path("state");
        fs::create_dir(&closed).unwrap();
        set_mode(&closed, 0o555);
        let run = scan(&world);
        assert_eq!(outcome(&document(&run)), WELL);
        assert!(run.stderr.contains("ledger.db"), "{run:?}");
        set_mode(&closed, 0o755);
    }

    /// A payload that may not be read is no payload that cannot be read.
    #[test]
    fn a_payload_without_permission_is_not_readable() {
        let world = world();
        set_mode(&world.payload(PHOTO), 0);
        let run = scan(&world);
        set_mode(&world.payload(PHOTO), 0o644);
        let document = document(&run);
        let expected = "unreadable 3: warning not-readable ×1";
        assert_eq!(outcome(&document), expected, "{run:?}");
        assert_eq!(compared(&document), [[2, 5300], [1, 300], [0, 0]]);
        // With permission again nothing is lost, and nothing was learned that is not so.
        let run = scan(&world);
        assert_eq!(outcome(&self::document(&run)), WELL);
    }
}

// ---- Runs at once, and what is gone ----

/// All say the same, and all is remembered.
#[test]
fn runs_at_once_do_not_hinder_each_other() {
    let world = World::empty();
    for number in 0..4 {
        let root = world.root().join(format!("{number}"));
        for name in ["a", "b"] {
            phone().folder_name(name).write(&root);
        }
    }
    let before = tree_digest(&world.root());
    let start = |path: &str| {
        let mut command = world.command();
        command.args([path, "--level", "contents", "--json", "--now", NOW]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.started().unwrap()
    };
    let paths = [
        "backups/0",
        "backups/1",
        "backups/2",
        "backups/3",
        "backups",
    ];
    for _ in 0..2 {
        let runs: Vec<_> = paths.iter().map(|path| start(path)).collect();
        for child in runs {
            let run = Run::from(child.wait_with_output().unwrap());
            assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
            let document = document(&run);
            for backup in document["backups"].as_array().unwrap() {
                assert_eq!(outcome_of(&document, backup), WELL);
                assert_eq!(amount(backup, "read"), [3, 105_300]);
            }
        }
    }
    assert_eq!(tree_digest(&world.root()), before);
    let document = world.scan(&[]);
    for backup in document["backups"].as_array().unwrap() {
        assert_eq!(amount(backup, "compared_with_ledger"), [2, 105_000]);
    }
    assert_eq!(document["backups"].as_array().unwrap().len(), 8);
}

/// What is gone is forgotten, what is only away is not.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_backup_that_is_gone_is_forgotten() {
    let world = World::new();
    let pad = bare()
        .folder_name(IPAD)
        .file(PHOTO.0, PHOTO.1, &bytes(9000));
    pad.write(&world.root());
    world.scan(&[]);
    assert!(remembers(&world.ledger(), PHONE) && remembers(&world.ledger(), IPAD));
    fs::remove_dir_all(world.root().join(IPAD)).unwrap();
    world.scan(&[]);
    assert!(remembers(&world.ledger(), PHONE) && !remembers(&world.ledger(), IPAD));

    // The disk that it is on is away while another one is scanned.
    fs::rename(world.root(), world.path("away")).unwrap();
    phone().folder_name("third").write(&world.path("disk"));
    fs::create_dir(world.root()).unwrap();
    fs::remove_dir(world.root()).unwrap();
    let mut command = world.command();
    command.args(["disk", "--level", "contents", "--json", "--now", NOW]);
    assert!(command.ended().unwrap().status.success());
    assert!(remembers(&world.ledger(), PHONE) && remembers(&world.ledger(), "third"));
    fs::rename(world.path("away"), world.root()).unwrap();
    flip(&world.payload(PHOTO), 0);
    assert_eq!(outcome(&world.scan(&[])), CHANGED);
    assert!(remembers(&world.ledger(), "third"));
}

mod slow {
    use super::*;

    #[test]
    #[ignore = "takes seconds: .ci/run runs it"]
    fn a_ledger_locked_by_another_process() {
        let world = World::new();
        world.scan(&[]);
        let other = Connection::open(world.ledger()).unwrap();
        other.execute_batch("BEGIN EXCLUSIVE").unwrap();
        let run = world.run(typed());
        assert_eq!(run.code, 0, "{run:?}");
        assert!(one_line(&run).contains("ledger.db"), "{run:?}");
        assert_eq!(outcome(&document(&run)), WELL);
        other.execute_batch("ROLLBACK").unwrap();
        drop(other);
        flip(&world.payload(PHOTO), 0);
        assert_eq!(outcome(&world.scan(&[])), CHANGED);
    }

    /// A backup that is gone gives back the room that it took in the ledger.
    #[test]
    #[ignore = "takes seconds: .ci/run runs it"]
    fn what_is_forgotten_takes_no_room() {
        let world = World::new();
        world.scan(&[]);
        let small = fs::metadata(world.ledger()).unwrap().len();
        let many = (0..6000).fold(bare().folder_name(IPAD), |builder, number| {
            builder.file(CHAT.0, &format!("Documents/{number}"), b"x")
        });
        many.write(&world.root());
        world.scan(&[]);
        let large = fs::metadata(world.ledger()).unwrap().len();
        // A SHA-1, the id, and three numbers for each file.
        assert!(large - small >= 6000 * 40, "{small} {large}");
        assert!(large - small <= 6000 * 200, "{small} {large}");
        fs::remove_dir_all(world.root().join(IPAD)).unwrap();
        world.scan(&[]);
        let after = fs::metadata(world.ledger()).unwrap().len();
        assert!(after <= small + 65_536, "{small} {large} {after}");
        assert_eq!(compared(&world.scan(&[]))[2], [2, 105_000]);
    }
}
