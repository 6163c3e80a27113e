//! The ledger in the state folder: where it is, that losing it loses no scan, that runs do not hinder
//! each other, and that it forgets what is gone.

use std::process::Stdio;

use rusqlite::{Connection, OpenFlags};

use super::*;

/// Scans where something is in the way of the ledger, and gives what is told of it on stderr. The
/// document is that of a run without a ledger; with `--quiet` nothing is told; what is damaged is told
/// as ever.
fn trouble(world: &World, args: &[&str]) -> Vec<String> {
    let expected = world.run([SCAN, &["--no-state"]].concat());
    assert_eq!((expected.code, expected.stderr.as_str()), (0, ""));
    let found = world.run([SCAN, args].concat());
    assert_eq!(found.code, 0, "{found:?}");
    assert_eq!(judged(&found), judged(&expected));
    let lines: Vec<String> = found.stderr.lines().map(str::to_owned).collect();
    let quiet = world.run([CONTENTS, &["--quiet"], args].concat());
    let nothing = (0, String::new(), String::new());
    assert_eq!((quiet.code, quiet.stdout, quiet.stderr), nothing);

    flip(&world.payload(SETTING), 0);
    let found = world.run([SCAN, args].concat());
    assert_eq!(outcome(&document(&found)), MISMATCH, "{found:?}");
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

/// Every column of every table: the table, its name, and its type.
fn columns(db: &Connection) -> Vec<[String; 3]> {
    let columns = "SELECT schema.name, column.name, column.type
                   FROM sqlite_schema AS schema, pragma_table_info(schema.name) AS column
                   WHERE schema.type = 'table'";
    let mut select = db.prepare(columns).unwrap();
    let rows = select.query_map((), |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]));
    rows.unwrap().map(Result::unwrap).collect()
}

/// Whether any row of any table has this text in it.
fn remembers(ledger: &Path, text: &str) -> bool {
    let db = Connection::open_with_flags(ledger, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let columns = columns(&db);
    assert!(!columns.is_empty());
    columns.iter().any(|[table, column, _]| {
        let has_text = format!("instr(CAST(\"{column}\" AS BLOB), CAST(?1 AS BLOB)) > 0");
        let count = format!("SELECT count(*) FROM \"{table}\" WHERE {has_text}");
        let count = db.query_one(&count, [text], |row| row.get::<_, i64>(0));
        count.unwrap() > 0
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
    let mine = ["mine/history.db", "mine/ledger.db"].map(|name| world.path(name));
    assert_eq!(files(&world.path("mine")), mine);
    flip(&world.payload(PHOTO), 0);
    let document = world.scan(&["--state-dir", "mine"]);
    assert_eq!(outcome(&document), CHANGED);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn at_other_levels_and_without_state_it_is_not_touched() {
    let world = World::new();
    let commands = [
        &["backups", "--now", NOW][..],
        &["backups", "--level", "quick", "--now", NOW],
        &[CONTENTS, &["--no-state"]].concat(),
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
    environment.env("BKSCAN_NO_STATE", "true").args(SCAN);
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
/// that nobody could keep these from writing. They know what scans have read all the same.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn show_and_clean_remember_nothing_and_compare_with_it() {
    for command in ["show", "clean"] {
        let world = World::new();
        let phone = format!("backups/{PHONE}");
        let args = [&[command, &phone], &CONTENTS[1..]].concat();
        let run = world.run(&args);
        assert_eq!(run.code, 0, "{run:?}");
        assert_eq!(files(&world.path("state")).len(), 0, "{command}");

        world.scan(&[]);
        flip(&world.payload(PHOTO), 0);
        let run = world.run([&args[..], &["--json"]].concat());
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
    let scan = || world.output(world.command().env("SUDO_UID", "1000").args(SCAN));
    assert_eq!(scan().code, 0);
    assert!(!world.path("state").exists());
    world.scan(&[]);
    let before = fs::read(world.ledger()).unwrap();
    assert_eq!(scan().code, 0);
    assert!(fs::read(world.ledger()).unwrap() == before);
}

// ---- What is in its way ----

/// `run` checks that nothing changes below the scanned folder. What is in the way of the state folder is
/// one trouble, whatever would have been kept there (contract §9: it becomes one line on stderr).
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_state_folder_that_cannot_be_used_is_one_line() {
    let world = World::new();
    fs::write(world.path("file"), "mine").unwrap();
    let [inside, deep] = ["", "/state"].map(|below| format!("backups/{PHONE}{below}"));
    for (folder, named) in [
        ("file", "file"),
        ("file/state", "file"),
        ("backups", "backups"),
        ("backups/state", "backups"),
        (&inside, "backups"),
        (&deep, "backups"),
    ] {
        let lines = trouble(&world, &["--state-dir", folder]);
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].contains(named), "{lines:?}");
    }
    assert_eq!(fs::read(world.path("file")).unwrap(), b"mine");
}

/// A ledger that lies in what is scanned, from before that was scanned.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_ledger_inside_what_is_scanned_is_not_written() {
    let world = World::known();
    fs::rename(world.state(), world.root().join("state")).unwrap();
    let run = world.run([SCAN, &["--state-dir", "backups/state"]].concat());
    assert_eq!(run.code, 0, "{run:?}");
    assert_ne!(run.stderr, "");
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
    let text = "This is a note of the user's.";
    fs::write(world.path("text/ledger.db"), text).unwrap();
    for args in [
        &["--no-state"][..],
        &["--state-dir", "file"],
        &["--state-dir", "file/state"],
        &["--state-dir", "backups/state"],
        &["--state-dir", "folder"],
        &["--state-dir", "text"],
    ] {
        let document = document(&world.run([SCAN, args].concat()));
        let backup = only_backup(&document);
        let is_told = not_checked(backup).contains_key("content-changed");
        let is_checked = is_checked(backup, "content-changed");
        assert_eq!((is_told, is_checked), (true, false), "{args:?}");
    }
}

/// Whatever is in place of the ledger: one line that names it. What is not bkscan's stays as it is.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_broken_ledger_is_one_line_and_no_failed_scan() {
    let world = World::known();
    let whole = fs::read(world.ledger()).unwrap();
    let mut torn = whole.clone();
    torn[100..].fill(0xa5);
    let text = b"This is not a database. It is a note of the user's, and not a short one.";
    let words = "CREATE TABLE folder(x); CREATE TABLE shard(x); CREATE TABLE payload(x)";
    let ways: [(&str, &[u8]); 6] = [
        ("text", text),
        ("header only", &whole[..16]),
        ("cut", &whole[..whole.len() / 2]),
        ("torn", &torn),
        ("of another program", &foreign("CREATE TABLE url(x)")),
        ("of another program, with the same words", &foreign(words)),
    ];
    for (what, bytes) in ways {
        let world = World::known();
        let known = world.path("known");
        fs::copy(world.ledger(), &known).unwrap();
        fs::write(world.ledger(), bytes).unwrap();
        trouble_with_it(&world);
        if what.contains("program") || what == "text" {
            assert_eq!(fs::read(world.ledger()).unwrap(), bytes, "{what}");
        }
        // Put back, it is as good as before.
        fs::copy(&known, world.ledger()).unwrap();
        flip(&world.payload(PHOTO), 0);
        assert_eq!(world.outcome(), CHANGED, "{what}");
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_ledger_of_a_newer_bkscan_is_one_line() {
    let world = World::known();
    let newer = Connection::open(world.ledger()).unwrap();
    newer.pragma_update(None, "user_version", 999).unwrap();
    let line = trouble_with_it(&world);
    assert!(line.contains("newer"), "{line}");
    let version = newer.query_one("PRAGMA user_version", (), |row| row.get(0));
    assert_eq!(version, Ok(999));
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
    make_pipe(&world.ledger());
    trouble_with_it(&world);
}

/// An empty file is what is left where the disk was full as it was made.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn an_empty_ledger_is_filled_and_a_lost_one_made_anew() {
    let world = World::known();
    fs::write(world.ledger(), b"").unwrap();
    assert_eq!(compared(&world.scan(&[]))[2], [0, 0]);
    assert_eq!(compared(&world.scan(&[]))[2], [2, 105_000]);
    fs::remove_file(world.ledger()).unwrap();
    flip(&world.payload(PHOTO), 0);
    let document = world.scan(&[]);
    assert_eq!(outcome(&document), WELL);
    assert_eq!(compared(&document)[2], [0, 0]);
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
    let world = World::known();
    let whole = fs::read(world.ledger()).unwrap();
    // Bytes that are not zero hold something.
    let places: Vec<usize> = (0..whole.len()).filter(|at| whole[*at] != 0).collect();
    for at in places.iter().step_by(places.len() / 40) {
        let mut bytes = whole.clone();
        bytes[*at] ^= 4;
        fs::write(world.ledger(), &bytes).unwrap();
        let run = world.run(SCAN);
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
    for [table, column, kind] in columns(&db) {
        if kind != "BLOB" {
            continue;
        }
        let blobs = format!("SELECT \"{column}\" FROM \"{table}\" ORDER BY rowid");
        let mut blobs = db.prepare(&blobs).unwrap();
        let blobs = blobs.query_map((), |row| row.get(0)).unwrap();
        let blobs: Vec<Vec<u8>> = blobs.map(Result::unwrap).collect();
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
    let run = world.run(SCAN);
    assert!(run.stderr.lines().count() <= 1, "{run:?}");
    let document = document(&run);
    for backup in backups(&document) {
        assert_eq!(outcome_of(&document, backup), WELL);
    }
}

/// What is told of it names nobody's folders where nothing personal may be told.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn with_redact_no_line_names_a_path() {
    let world = World::known();
    let text = "This is not a database, and has never been one.";
    fs::write(world.ledger(), text).unwrap();
    for folder in [&[][..], &["--state-dir", "backups/state"]] {
        let run = world.run([SCAN, &["--redact"], folder].concat());
        assert_ne!(run.stderr, "");
        for word in [world.folder.path().to_str().unwrap(), "backups", "bkscan/"] {
            assert!(!run.stderr.contains(word), "{run:?}");
        }
    }
}

/// A user whom permissions bind.
#[cfg(unix)]
mod bound {
    use super::*;
    use crate::harness::{bound, set_mode};

    fn scan(world: &World) -> Run {
        world.output(bound(world.folder.path()).args(SCAN))
    }

    #[test]
    fn a_ledger_that_cannot_be_written() {
        let world = World::new();
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
        let world = World::new();
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
        let world = World::new();
        set_mode(&world.payload(PHOTO), 0);
        let run = scan(&world);
        set_mode(&world.payload(PHOTO), 0o644);
        let document = document(&run);
        let expected = "unreadable 3: warning not-readable ×1";
        assert_eq!(outcome(&document), expected, "{run:?}");
        assert_eq!(compared(&document), [[2, 5300], [1, 300], [0, 0]]);
        // With permission again nothing is lost, and nothing was learned that is not so.
        assert_eq!(outcome(&self::document(&scan(&world))), WELL);
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
    let start = |below: &str| {
        let mut command = world.command();
        command.arg(format!("backups{below}")).args(&SCAN[1..]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.started().unwrap()
    };
    for _ in 0..2 {
        for child in ["/0", "/1", "/2", "/3", ""].map(start) {
            let run = Run::from(child.wait_with_output().unwrap());
            assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
            let document = document(&run);
            for backup in backups(&document) {
                assert_eq!(outcome_of(&document, backup), WELL);
                assert_eq!(amount(backup, "read"), [3, 105_300]);
            }
        }
    }
    assert_eq!(tree_digest(&world.root()), before);
    let document = world.scan(&[]);
    for backup in backups(&document) {
        assert_eq!(amount(backup, "compared_with_ledger"), [2, 105_000]);
    }
    assert_eq!(backups(&document).len(), 8);
}

/// A folder that came back from another disk has other inodes: it is learned anew, whatever it holds.
#[test]
fn a_restored_folder_is_learned_anew() {
    let world = World::known();
    fs::rename(world.phone(), world.path("away")).unwrap();
    copy_folder(&world.path("away"), &world.phone());
    flip(&world.payload(PHOTO), 9);
    let document = world.scan(&[]);
    assert_eq!(outcome(&document), WELL);
    assert_eq!(compared(&document), [[3, 105_300], [1, 300], [0, 0]]);
    let document = world.scan(&[]);
    assert_eq!(compared(&document)[2], [2, 105_000]);
    flip(&world.payload(PHOTO), 9);
    assert_eq!(world.outcome(), CHANGED);
}

/// What is gone is forgotten, what is only away is not.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_backup_that_is_gone_is_forgotten() {
    let world = World::new();
    let pad = bare().folder_name(IPAD);
    let pad = pad.file(PHOTO.0, PHOTO.1, &bytes(9000));
    pad.write(&world.root());
    let remembered = || [PHONE, IPAD, "third"].map(|name| remembers(&world.ledger(), name));
    world.scan(&[]);
    assert_eq!(remembered(), [true, true, false]);
    fs::remove_dir_all(world.root().join(IPAD)).unwrap();
    world.scan(&[]);
    assert_eq!(remembered(), [true, false, false]);

    // The disk that it is on is away while another one is scanned.
    fs::rename(world.root(), world.path("away")).unwrap();
    phone().folder_name("third").write(&world.path("disk"));
    fs::create_dir(world.root()).unwrap();
    fs::remove_dir(world.root()).unwrap();
    let mut command = world.command();
    command.arg("disk").args(&SCAN[1..]);
    assert!(command.ended().unwrap().status.success());
    assert_eq!(remembered(), [true, false, true]);
    fs::rename(world.path("away"), world.root()).unwrap();
    flip(&world.payload(PHOTO), 0);
    assert_eq!(world.outcome(), CHANGED);
    assert_eq!(remembered(), [true, false, true]);
}

mod slow {
    use super::*;

    #[test]
    #[ignore = "takes seconds: .ci/run runs it"]
    fn a_ledger_locked_by_another_process() {
        let world = World::known();
        let other = Connection::open(world.ledger()).unwrap();
        other.execute_batch("BEGIN EXCLUSIVE").unwrap();
        let run = world.run(SCAN);
        assert_eq!(run.code, 0, "{run:?}");
        assert!(one_line(&run).contains("ledger.db"), "{run:?}");
        assert_eq!(outcome(&document(&run)), WELL);
        other.execute_batch("ROLLBACK").unwrap();
        drop(other);
        flip(&world.payload(PHOTO), 0);
        assert_eq!(world.outcome(), CHANGED);
    }

    /// A backup that is gone gives back the room that it took in the ledger.
    #[test]
    #[ignore = "takes seconds: .ci/run runs it"]
    fn what_is_forgotten_takes_no_room() {
        let world = World::new();
        let scanned = || {
            world.scan(&[]);
            fs::metadata(world.ledger()).unwrap().len()
        };
        let small = scanned();
        let many = (0..6000).fold(bare().folder_name(IPAD), |builder, number| {
            builder.file(CHAT.0, &format!("Documents/{number}"), b"x")
        });
        many.write(&world.root());
        let large = scanned();
        // A SHA-1, the id, and three numbers for each file.
        assert!(large - small >= 6000 * 40, "{small} {large}");
        assert!(large - small <= 6000 * 200, "{small} {large}");
        fs::remove_dir_all(world.root().join(IPAD)).unwrap();
        let after = scanned();
        assert!(after <= small + 65_536, "{small} {large} {after}");
        assert_eq!(compared(&world.scan(&[]))[2], [2, 105_000]);
    }
}
