//! What somebody else put in the place of bkscan's own files: it is one line on stderr, it stays as it is, and
//! the scan goes on without it.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::Connection;
use tempfile::TempDir;

use crate::harness::{Ended as _, NOW, Run, program};
use crate::support::{BackupBuilder, empty_folder};

const AWAY: &str = "move it away, and a new one is made";

/// A backup that was scanned once, and the state folder of that.
fn world() -> (TempDir, PathBuf) {
    let folder = empty_folder();
    BackupBuilder::new("00008130-000A1C2E3F40801E")
        .file("HomeDomain", "Library/note.txt", b"note")
        .write(&folder.path().join("Backup"));
    let run = scan(folder.path(), &["Backup"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let state = folder.path().join("state");
    for file in ["history.db", "ledger.db"] {
        assert!(state.join(file).is_file(), "{file}");
    }
    (folder, state)
}

fn scan(folder: &Path, words: &[&str]) -> Run {
    let mut command = program();
    command.env_remove("BKSCAN_NO_STATE").current_dir(folder);
    command
        .args(words)
        .args(["--level", "contents", "--now", NOW]);
    command.args(["--state-dir", "state"]);
    command.ended().expect("the program starts").into()
}

/// Scans, and expects this about one of the files, which stays as it is.
fn refused(world: &TempDir, file: &str, cause: &str, advice: &str) {
    let path = world.path().join("state").join(file);
    let head = |path: &Path| {
        let mut head = vec![0; 1 << 16];
        let read = File::open(path).unwrap().read_at(&mut head, 0).unwrap();
        head.truncate(read);
        (head, path.metadata().unwrap().len())
    };
    let before = head(&path);
    let run = scan(world.path(), &["Backup"]);
    let tried = match file {
        "history.db" => "the history could not be read from",
        _ => "what earlier runs read is not known from",
    };
    let expected = format!("bkscan: {tried} {}: {cause}; {advice}\n", path.display());
    assert_eq!((run.code, run.stderr), (0, expected));
    assert!(run.stdout.contains("complete"), "{}", run.stdout);
    assert_eq!(head(&path), before);
}

#[test]
fn nothing_waits_for_a_pipe_beside_a_database() {
    for file in ["history.db", "ledger.db"] {
        for ending in ["-journal", "-wal", "-shm"] {
            let (world, state) = world();
            let made = Command::new("mkfifo")
                .arg(state.join(format!("{file}{ending}")))
                .status();
            assert!(made.unwrap().success());
            let cause = format!(
                "what lies beside it with {ending} after its name is not a plain file of its own"
            );
            refused(&world, file, &cause, "move that away");
            let clean = scan(world.path(), &["clean", "Backup"]);
            assert_eq!(clean.code, 0, "{clean:?}");
        }
    }
}

/// A pipe has no end that one could wait for, and what opens it has nothing to say.
#[test]
fn a_pipe_is_no_configuration_file() {
    let (world, _) = world();
    let made = Command::new("mkfifo")
        .arg(world.path().join("pipe"))
        .status();
    assert!(made.unwrap().success());
    let run = scan(world.path(), &["Backup", "--config", "pipe"]);
    assert_eq!(run.code, 64, "{run:?}");
    assert!(
        run.stderr.starts_with("bkscan: the configuration file "),
        "{run:?}"
    );
    assert!(
        run.stderr
            .ends_with("/pipe could not be read: not a regular file\n"),
        "{run:?}"
    );
}

#[test]
fn a_schema_that_bkscan_did_not_make_is_not_used() {
    let other = "it is damaged (its tables are not those that bkscan made)";
    for (file, table) in [("history.db", "run"), ("ledger.db", "folder")] {
        for sql in [
            format!("CREATE TRIGGER t AFTER INSERT ON {table} BEGIN DELETE FROM {table}; END"),
            "CREATE VIEW endless AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) \
             SELECT i FROM n"
                .to_owned(),
            format!("CREATE INDEX i ON {table} (id)"),
            format!("ALTER TABLE {table} ADD COLUMN more INTEGER"),
        ] {
            let (world, state) = world();
            let connection = Connection::open(state.join(file)).unwrap();
            connection.execute_batch(&sql).unwrap();
            drop(connection);
            refused(&world, file, other, AWAY);
        }
    }
}

/// A schema is read before anything can be compared: one of thousands of tables is not read to its end.
#[test]
fn a_schema_without_end_is_not_read() {
    for file in ["history.db", "ledger.db"] {
        let (world, state) = world();
        let connection = Connection::open(state.join(file)).unwrap();
        let many: String = (0..5_000)
            .map(|n| format!("CREATE TABLE t{n} (a);"))
            .collect();
        connection
            .execute_batch(&format!("BEGIN; {many} COMMIT"))
            .unwrap();
        drop(connection);
        refused(
            &world,
            file,
            "it takes longer than any that bkscan made",
            AWAY,
        );
    }
}

#[test]
fn a_history_is_not_read_that_is_larger_than_any() {
    let (world, state) = world();
    let file = OpenOptions::new()
        .write(true)
        .open(state.join("history.db"))
        .unwrap();
    file.set_len(1 << 40).unwrap();
    let cause = "it is damaged (it is larger than any that bkscan makes)";
    refused(&world, "history.db", cause, AWAY);
}

mod slow {
    use super::*;

    /// Pages that lead to one another again and again: as many rows as no computer ever reads.
    #[test]
    #[ignore = "waits until bkscan gives up: .ci/run runs it"]
    fn rows_without_end_are_given_up() {
        let (world, state) = world();
        let path = state.join("history.db");
        let connection = Connection::open(&path).unwrap();
        connection
            .execute("INSERT INTO forgotten VALUES (1, 'x', NULL, 0)", [])
            .unwrap();
        let number = |sql: &str| {
            connection
                .query_row(sql, [], |row| row.get::<_, u32>(0))
                .unwrap()
        };
        let root = number("SELECT rootpage FROM sqlite_schema WHERE name = 'forgotten'");
        let pages = number("PRAGMA page_count");
        let size = number("PRAGMA page_size");
        drop(connection);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(&path)
            .unwrap();
        let at = |page: u32| u64::from(page - 1) * u64::from(size);
        let mut leaf = vec![0; size as usize];
        file.read_exact_at(&mut leaf, at(root)).unwrap();
        // Twelve pages, each of which has 400 times the next one below it; the last is the one with the row.
        const DEEP: u32 = 12;
        let interior = |child: u32| {
            const CELLS: u16 = 400;
            let mut page = vec![0; size as usize];
            let start = size as u16 - 5 * CELLS;
            page[0] = 5;
            page[3..5].copy_from_slice(&CELLS.to_be_bytes());
            page[5..7].copy_from_slice(&start.to_be_bytes());
            page[8..12].copy_from_slice(&child.to_be_bytes());
            for cell in 0..CELLS {
                let offset = start + 5 * cell;
                let pointer = 12 + 2 * usize::from(cell);
                page[pointer..pointer + 2].copy_from_slice(&offset.to_be_bytes());
                let offset = usize::from(offset);
                page[offset..offset + 4].copy_from_slice(&child.to_be_bytes());
                page[offset + 4] = 1;
            }
            page
        };
        file.write_all_at(&interior(pages + 1), at(root)).unwrap();
        for level in 1..DEEP {
            file.write_all_at(&interior(pages + level + 1), at(pages + level))
                .unwrap();
        }
        file.write_all_at(&leaf, at(pages + DEEP)).unwrap();
        file.write_all_at(&(pages + DEEP).to_be_bytes(), 28)
            .unwrap();
        refused(
            &world,
            "history.db",
            "it takes longer than any that bkscan made",
            AWAY,
        );
    }
}
