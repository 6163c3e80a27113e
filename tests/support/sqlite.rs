//! SQLite files: Manifest.db (F§7.1) and the small databases that stand for those of apps.

use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;
use rusqlite::types::{Null, ToSqlOutput, ValueRef};

use super::empty_folder::empty_folder;
use super::row::Resolved;

/// Places in the header, of four bytes each.
const CHANGE_COUNTER: usize = 24;
const VERSION_VALID_FOR: usize = 92;
const SQLITE_VERSION: usize = 96;

const SCHEMA: &str = "
    PRAGMA user_version = 2;
    CREATE TABLE Files (fileID TEXT PRIMARY KEY, domain TEXT, relativePath TEXT, flags INTEGER, file BLOB);
    CREATE INDEX FilesDomainIdx ON Files(domain);
    CREATE INDEX FilesRelativePathIdx ON Files(relativePath);
    CREATE INDEX FilesFlagsIdx ON Files(flags);
    CREATE TABLE Properties (key TEXT PRIMARY KEY, value BLOB);";

/// Makes Manifest.db with these rows and properties, then runs `statements` on it.
pub fn manifest_db(
    rows: &[Resolved],
    streamed: impl Iterator<Item = Resolved>,
    properties: &[(&str, Vec<u8>)],
    statements: &[String],
) -> Vec<u8> {
    database(|db| {
        db.execute_batch(SCHEMA)?;
        db.execute_batch("BEGIN")?;
        for row in rows {
            insert(db, row)?;
        }
        for row in streamed {
            insert(db, &row)?;
        }
        db.execute_batch("COMMIT")?;
        for (key, value) in properties {
            db.execute("INSERT INTO Properties VALUES (?1, ?2)", (key, value))?;
        }
        db.execute_batch("PRAGMA journal_mode = WAL;")?;
        for statement in statements {
            db.execute_batch(statement)?;
        }
        Ok(())
    })
}

/// Makes the database of an app, with whatever these statements put into it.
pub fn app_database(statements: &str) -> Vec<u8> {
    database(|db| {
        db.execute_batch(statements)?;
        db.execute_batch("PRAGMA journal_mode = WAL;")
    })
}

fn insert(db: &Connection, row: &Resolved) -> rusqlite::Result<()> {
    let mut insert = db.prepare_cached("INSERT INTO Files VALUES (?1, ?2, ?3, ?4, ?5)")?;
    let id = &row.id;
    if row.names {
        let path = ToSqlOutput::Borrowed(ValueRef::Text(&row.facts.path));
        insert.execute((id, &row.facts.domain, path, row.flags, &row.blob))?;
    } else {
        insert.execute((id, Null, Null, row.flags, &row.blob))?;
    }
    Ok(())
}

/// Gives the bytes of a database filled by `fill`, in pages of 4096 bytes and with nothing left
/// in a `-wal` file.
///
/// It is made in a folder of its own, so that no side file ever appears in a backup.
fn database(fill: impl FnOnce(&Connection) -> rusqlite::Result<()>) -> Vec<u8> {
    let folder = empty_folder();
    let path = folder.path().join("new.db");
    make(&path, fill).expect("SQL that works");
    let mut bytes = fs::read(&path).expect("the database just made");
    fix_header(&mut bytes);
    bytes
}

fn make(
    path: &Path,
    fill: impl FnOnce(&Connection) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    // The reader under test limits SQLite's memory for the whole process: two large ones might not fit.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _one = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let db = Connection::open(path)?;
    db.execute_batch(
        "PRAGMA page_size = 4096; PRAGMA auto_vacuum = 1;
         PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY;",
    )?;
    fill(&db)?;
    db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);")?;
    db.close().map_err(|(_, error)| error)
}

/// Makes the header independent of the SQLite that wrote it, so that digests of app databases do
/// not change with an update of that library. The number is SQLite 3.43.2.
fn fix_header(bytes: &mut [u8]) {
    let mut set = |at: usize, value: u32| {
        bytes[at..at + 4].copy_from_slice(&value.to_be_bytes());
    };
    // These two must agree for the page count in the header to be believed.
    set(CHANGE_COUNTER, 1);
    set(VERSION_VALID_FOR, 1);
    set(SQLITE_VERSION, 3_043_002);
}
