//! Manifest.db as devices write it (F§7.1): rows taken out of a copy, or a new one filled with the rows of a
//! damaged one, each column as it stands there.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, params_from_iter};

use crate::mend::gone::Gone;
use crate::model::progress::Monitor;
use crate::read::database::{Database, DatabaseError};
use crate::read::manifest_db;

const FILES: &str = "CREATE TABLE Files (fileID TEXT PRIMARY KEY, domain TEXT, relativePath TEXT, \
                     flags INTEGER, file BLOB)";
const PROPERTIES: &str = "CREATE TABLE Properties (key TEXT PRIMARY KEY, value BLOB)";

/// The indices of iOS 10 to 26, beside that of the primary key.
const INDICES: [&str; 3] = [
    "CREATE INDEX FilesDomainIdx ON Files(domain)",
    "CREATE INDEX FilesRelativePathIdx ON Files(relativePath)",
    "CREATE INDEX FilesFlagsIdx ON Files(flags)",
];

/// Those of iOS 27.
const INDICES_27: [&str; 3] = [
    "CREATE INDEX FilesDomainsRelativePathIdx ON Files(domain, relativePath)",
    "CREATE INDEX FilesRelativePathIdx ON Files(relativePath)",
    "CREATE INDEX FilesFlagsIdx ON Files(flags)",
];

/// What is known of a database beside its rows.
pub struct Schema {
    /// Whether it has the tables and indices of a device, and nothing else: then it may be changed as it is.
    pub is_usual: bool,
    /// Whether it has those of iOS 27.
    is_new: bool,
    user_version: i64,
    properties: Vec<(rusqlite::types::Value, rusqlite::types::Value)>,
}

/// A statement without what makes no difference.
fn plain(sql: &str) -> String {
    let letters = sql.chars().filter(|letter| !letter.is_whitespace());
    letters
        .filter(|letter| !"\"`[]".contains(*letter))
        .collect::<String>()
        .to_lowercase()
}

impl Schema {
    /// What can be read of it; of the rest what is usual.
    pub fn of(database: &Database) -> Schema {
        let statements = |connection: &Connection| {
            let mut all =
                connection.prepare("SELECT coalesce(sql, ''), name FROM sqlite_schema")?;
            let all = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            all.collect::<rusqlite::Result<Vec<(String, String)>>>()
        };
        let version = |connection: &Connection| -> rusqlite::Result<i64> {
            connection.query_row("PRAGMA user_version", [], |row| row.get(0))
        };
        let properties = |connection: &Connection| {
            let mut all = connection.prepare("SELECT key, value FROM Properties")?;
            let all = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            all.collect::<rusqlite::Result<Vec<_>>>()
        };
        let read = database.with(|connection| {
            Ok((
                statements(connection).unwrap_or_default(),
                version(connection).ok(),
                properties(connection).unwrap_or_default(),
            ))
        });
        let (statements, version, properties) = read.unwrap_or_default();
        let mut own: Vec<String> = (statements.iter())
            .filter(|(_, name)| !name.starts_with("sqlite_autoindex_"))
            .map(|(sql, _)| plain(sql))
            .collect();
        own.sort();
        let of = |indices: [&str; 3]| {
            let tables = [FILES, PROPERTIES].into_iter();
            let mut all: Vec<String> = tables.chain(indices).map(plain).collect();
            all.sort();
            all
        };
        let is_known_version = |version: &i64| (1..=9).contains(version);
        Schema {
            is_usual: own == of(INDICES) || own == of(INDICES_27),
            is_new: statements
                .iter()
                .any(|(_, name)| name == "FilesDomainsRelativePathIdx"),
            user_version: version.filter(is_known_version).unwrap_or(2),
            properties,
        }
    }
}

/// Nothing in a database that somebody else wrote may run by itself.
fn bind(connection: &Connection) -> rusqlite::Result<()> {
    for (config, on) in [
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
    ] {
        connection.set_db_config(config, on)?;
    }
    connection.execute_batch(
        "PRAGMA synchronous = OFF; PRAGMA cache_size = -16000; PRAGMA cell_size_check = ON;",
    )
}

/// Opens a database of our own that is there, to write to it.
///
/// # Errors
/// When SQLite says so.
pub fn open(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = Connection::open_with_flags(path, flags)?;
    bind(&connection)?;
    Ok(connection)
}

/// An empty one in memory.
///
/// # Errors
/// When SQLite says so.
pub fn in_memory() -> rusqlite::Result<Connection> {
    let connection = Connection::open_in_memory()?;
    bind(&connection)?;
    Ok(connection)
}

/// Deletes the rows that go.
///
/// # Errors
/// When SQLite says so.
pub fn take_out(connection: &Connection, gone: &Gone) -> rusqlite::Result<()> {
    /// F§1.4.
    const ROWS: &str = "SELECT rowid, fileID, coalesce((flags & 22) = 0 AND file IS NOT NULL, 0) \
                        FROM Files NOT INDEXED";
    connection.execute_batch("PRAGMA temp_store = MEMORY; BEGIN")?;
    let mut rowids: Vec<i64> = Vec::new();
    {
        let mut statement = connection.prepare(ROWS)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if gone.takes(bytes(row.get_ref(1)?), row.get(2)?) {
                rowids.push(row.get(0)?);
            }
        }
    }
    {
        let mut delete = connection.prepare("DELETE FROM Files WHERE rowid = ?1")?;
        for rowid in rowids {
            delete.execute([rowid])?;
        }
    }
    connection.execute_batch("COMMIT")
}

/// Fills an empty database with every row of `from` that can be read and stays, past damage.
///
/// # Errors
/// When nothing can be read, or a row cannot be written.
pub fn fill(
    connection: &Connection,
    from: &Database,
    schema: &Schema,
    gone: &Gone,
    monitor: &Monitor<'_>,
) -> Result<(), DatabaseError> {
    let not_written = |error: rusqlite::Error| DatabaseError::Denied(error.to_string());
    let indices = if schema.is_new { INDICES_27 } else { INDICES };
    let begin = || {
        connection.execute_batch(
            "PRAGMA page_size = 4096; PRAGMA auto_vacuum = 1; PRAGMA temp_store = MEMORY; \
             PRAGMA journal_mode = OFF; BEGIN",
        )?;
        // All indices before the rows: to sort them afterwards takes memory, or files in a folder of anybody.
        for statement in [FILES].into_iter().chain(indices).chain([PROPERTIES]) {
            connection.execute_batch(statement)?;
        }
        connection.pragma_update(None, "user_version", schema.user_version)
    };
    begin().map_err(not_written)?;
    {
        let insert = "INSERT OR IGNORE INTO Files VALUES (?1, ?2, ?3, ?4, ?5)";
        let mut insert = connection.prepare(insert).map_err(not_written)?;
        manifest_db::each_past_damage(from, monitor, |columns| {
            if !gone.takes(bytes(columns[0]), manifest_db::is_required(columns)) {
                let values = columns.map(ToSqlOutput::Borrowed);
                let inserted = insert.execute(params_from_iter(values));
                inserted.map_err(|error| error.to_string())?;
            }
            Ok(())
        })?;
    }
    let end = || {
        for (key, value) in &schema.properties {
            connection.execute(
                "INSERT OR IGNORE INTO Properties VALUES (?1, ?2)",
                (key, value),
            )?;
        }
        connection.execute_batch("COMMIT")
    };
    end().map_err(not_written)
}

/// Has a file say that it is written with a WAL, as those of devices do.
///
/// # Errors
/// When SQLite says so.
pub fn settle(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA wal_checkpoint(TRUNCATE)")
}

fn bytes(value: ValueRef<'_>) -> Option<&[u8]> {
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(bytes),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A database with this schema, at a path.
    fn made(folder: &Path, schema: &[&str]) -> std::path::PathBuf {
        let path = folder.join("Manifest.db");
        let _ = std::fs::remove_file(&path);
        let db = Connection::open(&path).unwrap();
        for statement in schema {
            db.execute_batch(statement).unwrap();
        }
        path
    }

    #[test]
    fn only_the_schema_of_a_device_is_changed_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let usual = |more: &[&str], indices: [&str; 3]| {
            let all = [&[FILES, PROPERTIES][..], &indices, more].concat();
            Schema::of(&Database::immutable(&made(folder.path(), &all)))
        };
        assert!(usual(&[], INDICES).is_usual);
        let of_27 = usual(&["PRAGMA user_version = 3"], INDICES_27);
        assert!(of_27.is_usual && of_27.is_new && of_27.user_version == 3);
        for more in [
            "CREATE TABLE x (y)",
            "CREATE VIEW x AS SELECT 1",
            "CREATE INDEX x ON Files(file)",
            "CREATE TRIGGER x AFTER DELETE ON Files BEGIN DELETE FROM Files; END",
        ] {
            assert!(!usual(&[more], INDICES).is_usual, "{more}");
        }
        let lacking = made(folder.path(), &[FILES, PROPERTIES]);
        assert!(!Schema::of(&Database::immutable(&lacking)).is_usual);
        // Nothing that can be read: what is usual.
        std::fs::write(&lacking, "no database").unwrap();
        let none = Schema::of(&Database::immutable(&lacking));
        assert!(!none.is_usual && !none.is_new && none.user_version == 2);
    }
}
