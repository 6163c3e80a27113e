//! Manifest.db (F§7): SQLite, iOS 10 and later.
//!
//! Rows are read in the order of rowids, because every other order costs a seek a row, and in parts, to
//! keep several threads busy. Where the file is as devices write it, one pass over its pages also shows that
//! it is sound (`sound`); where that gives up, SQLite judges the file, and the rows come from the pages alone
//! (`leaves`) or through SQLite (`ranges`), which also gets past damage.

mod columns;
mod leaves;
mod ranges;
mod run;
mod schema;
mod sound;
mod usual;

use rusqlite::OptionalExtension;
use rusqlite::types::ValueRef;

use crate::model::progress::Monitor;
use crate::model::{FileId, Listing};

use super::database::{Database, DatabaseError, trouble};
use super::file_names::{Names, shortened};
use super::mbfile::Decoder;
use super::row::Row;
use super::wanted::Wanted;

pub use columns::is_required;
pub use ranges::{Columns, each_past_damage};

use columns::{bytes, row};
use run::Run;
use usual::is_usual;

/// The table that lists the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// The page that it begins on.
    root: i64,
    /// Whether it is as every known device makes it.
    is_usual: bool,
}

impl Table {
    /// Whether it is as every known device makes it; only then its rows can be read without SQLite.
    pub fn is_usual(self) -> bool {
        self.is_usual
    }
}

/// Finds the table of files.
///
/// # Errors
/// When there is none, or nothing can be read at all.
pub fn table(database: &Database) -> Result<Table, DatabaseError> {
    const FILES: &str = "SELECT rootpage, coalesce(sql, '') FROM sqlite_schema \
                         WHERE type = 'table' AND name = 'Files' COLLATE NOCASE";
    let found: Option<(i64, String)> = database.with(|connection| {
        let found = connection.query_row(FILES, [], |row| Ok((row.get(0)?, row.get(1)?)));
        found.optional().map_err(trouble)
    })?;
    match found {
        // A virtual table has no root page.
        None | Some((0, _)) => Err(DatabaseError::NoManifest(
            "it has no table named Files".to_owned(),
        )),
        Some((root, sql)) => Ok(Table {
            root,
            is_usual: is_usual(&sql),
        }),
    }
}

/// Reads all rows. Rows that cannot be read are left out and named in the listing's `damage`.
/// `opaque`: blobs are encrypted and not decoded.
///
/// # Errors
/// When nothing can be read at all.
pub fn rows(
    database: &Database,
    table: Table,
    opaque: bool,
    wanted: Wanted<'_>,
    monitor: &Monitor<'_>,
) -> Result<Listing, DatabaseError> {
    let run = Run {
        database,
        opaque,
        wanted,
        monitor,
    };
    let usual = table.is_usual.then_some(table.root);
    match usual.and_then(|root| run.through_pages(root)) {
        Some(listing) => Ok(listing),
        None => run.through_sqlite(),
    }
}

/// Reads all rows of a file whose every page is sound, in one pass; `None` where that is not certain or
/// anything about the file is unusual: then SQLite has to judge it. What is sound here is so by SQLite's
/// `quick_check`, and the rows are those of [`rows`]. A run that is stopped gives the rows so far.
pub fn sound_rows(
    database: &Database,
    opaque: bool,
    wanted: Wanted<'_>,
    monitor: &Monitor<'_>,
) -> Option<Listing> {
    // A private copy with a -wal is no file by itself.
    drop(database.input()?);
    let through_sqlite = || {
        let table = table(database).ok().filter(|table| table.is_usual)?;
        let files = u32::try_from(table.root).ok()?;
        let schema = database.with(|connection| schema::look(connection, files));
        schema.ok()?
    };
    let schema = usual::look(database).or_else(through_sqlite)?;
    let run = Run {
        database,
        opaque,
        wanted,
        monitor,
    };
    run.in_one_pass(&schema)
}

/// Looks up domain and path of files again; those that cannot be found are left out.
pub fn names(database: &Database, ids: &[FileId]) -> Names {
    const NAMES: &str = "SELECT domain, relativePath FROM Files WHERE fileID = ?1";
    let mut names = Names::new();
    // Where nothing can be read there are none.
    let _ = database.with(|connection| {
        let mut statement = connection.prepare(NAMES).map_err(trouble)?;
        for id in ids {
            let text = id.to_string();
            for spelling in [text.to_uppercase(), text] {
                let found = statement.query_row([spelling], |row| {
                    let text = |column| -> Result<String, rusqlite::Error> {
                        let bytes = bytes(row.get_ref(column)?);
                        Ok(bytes.map(shortened).unwrap_or_default())
                    };
                    Ok((text(0)?, text(1)?))
                });
                names.extend(found.map(|names| (*id, names)));
            }
        }
        Ok(())
    });
    names
}

/// Hands over each row once more, as far as they can be read: in the order of rowids, up to damage.
/// `opaque`: blobs are encrypted and not decoded.
pub fn each(database: &Database, opaque: bool, visit: &mut dyn FnMut(&Row<'_>)) {
    const ROWS: &str = "SELECT fileID, domain, relativePath, flags, file FROM Files NOT INDEXED";
    let mut decoder = Decoder::default();
    let _ = database.with(|connection| {
        let mut statement = connection.prepare(ROWS).map_err(trouble)?;
        let mut rows = statement.query([]).map_err(trouble)?;
        while let Some(found) = rows.next().map_err(trouble)? {
            let mut columns = [ValueRef::Null; 5];
            for (number, column) in columns.iter_mut().enumerate() {
                *column = found.get_ref(number).map_err(trouble)?;
            }
            visit(&row(columns, opaque, &mut decoder));
        }
        Ok(())
    });
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;
    use proptest::sample::Index;
    use proptest::test_runner::RngSeed;

    use crate::model::Record;

    use std::fs;
    use std::path::Path;

    use rusqlite::Connection;

    use super::*;

    /// What a device's table may hold, and what it never does but SQLite takes.
    type Values = (Option<Vec<u8>>, u8, Vec<u8>, Option<i64>, Option<Vec<u8>>);

    fn any_row() -> impl Strategy<Value = Values> {
        let long = prop_oneof![8 => 0..300_usize, 1 => 300..9000_usize];
        (
            option::weighted(0.95, vec(prop_oneof![b'0'..=b'9', b'a'..=b'f'], 40)),
            0..5_u8,
            vec(any::<u8>(), 0..60),
            option::weighted(
                0.95,
                prop_oneof![9 => (0..32_i64).boxed(), 1 => any::<i64>().boxed()],
            ),
            option::weighted(0.9, long.prop_flat_map(|len| vec(any::<u8>(), len..=len))),
        )
    }

    /// Writes a table of these rows, some of which are deleted again.
    fn table(path: &Path, page_size: u32, rows: &[Values], delete: usize) {
        let db = Connection::open(path).unwrap();
        db.execute_batch(&format!(
            "PRAGMA page_size = {page_size}; PRAGMA auto_vacuum = 1; PRAGMA synchronous = OFF;
             CREATE TABLE Files (fileID TEXT PRIMARY KEY, domain TEXT, relativePath TEXT, flags \
             INTEGER, file BLOB); BEGIN;"
        ))
        .unwrap();
        let mut insert = db
            .prepare("INSERT OR IGNORE INTO Files VALUES (?1, ?2, CAST(?3 AS TEXT), ?4, ?5)")
            .unwrap();
        for (id, domain, path, flags, file) in rows {
            let id = id.as_ref().map(|id| String::from_utf8_lossy(id));
            let domain = format!("Domain{domain}");
            insert.execute((id, domain, path, flags, file)).unwrap();
        }
        db.execute_batch(&format!(
            "DELETE FROM Files WHERE rowid % 7 < {delete}; COMMIT;"
        ))
        .unwrap();
    }

    /// A listing without how it was split into parts.
    fn whole(listing: &Listing) -> (Vec<Record>, String) {
        let mut records: Vec<_> = (0..=255).flat_map(|shard| listing.shard(shard)).collect();
        records.sort_unstable_by_key(|record| (record.id, record.size));
        let rest = Listing {
            runs: Vec::new(),
            ..listing.clone()
        };
        (records, format!("{rest:?}"))
    }

    fn both(path: &Path) -> (Option<Listing>, Result<Listing, DatabaseError>) {
        let database = Database::immutable(path);
        let run = Run {
            database: &database,
            opaque: false,
            wanted: Wanted {
                keyless: true,
                seals: true,
                ..Wanted::examples(5)
            },
            monitor: &Monitor::silent(),
        };
        let table = super::table(&database);
        let pages = table.ok().and_then(|table| run.through_pages(table.root));
        (pages, run.through_sqlite())
    }

    #[test]
    fn a_leaf_that_is_named_twice_is_left_to_sqlite() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Manifest.db");
        let row = |number: u8| {
            let id = format!("{number:040}").into_bytes();
            (Some(id), 0, vec![number; 50], Some(1), Some(vec![7; 60]))
        };
        let rows: Vec<Values> = (0..20).map(row).collect();
        table(&path, 512, &rows, 0);
        assert_eq!(both(&path).0.unwrap().counts.records, 20);
        let mut bytes = fs::read(&path).unwrap();
        // The root of the table is an interior page; its second child becomes the first once more.
        let interior = |page: &&[u8]| page[0] == 5;
        let root = bytes
            .chunks_exact(512)
            .position(|page| interior(&page))
            .unwrap()
            * 512;
        let cell = |bytes: &[u8], number: usize| {
            let pointer = [bytes[root + 12 + 2 * number], bytes[root + 13 + 2 * number]];
            root + usize::from(u16::from_be_bytes(pointer))
        };
        let (first, second) = (cell(&bytes, 0), cell(&bytes, 1));
        bytes.copy_within(first..first + 4, second);
        fs::write(&path, &bytes).unwrap();
        let (pages, sqlite) = both(&path);
        assert!(pages.is_none());
        assert!(sqlite.unwrap().counts.records < 20);
    }

    fn config(cases: u32) -> ProptestConfig {
        ProptestConfig {
            cases: if cfg!(windows) { cases / 10 } else { cases },
            rng_seed: RngSeed::Fixed(20_261_122),
            failure_persistence: None,
            ..ProptestConfig::default()
        }
    }

    proptest! {
        #![proptest_config(config(50))]

        #[test]
        fn pages_and_sqlite_give_the_same_rows(
            page_size in prop_oneof![Just(512), Just(1024), Just(4096), Just(65_536)],
            rows in vec(any_row(), 0..400),
            delete in 0..7_usize,
        ) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("Manifest.db");
            table(&path, page_size, &rows, delete);
            let (pages, sqlite) = both(&path);
            let pages = pages.expect("these are usual files");
            prop_assert_eq!(whole(&pages), whole(&sqlite.unwrap()));
        }
    }

    proptest! {
        #![proptest_config(config(8))]

        /// Where `quick_check` finds nothing, and both readers get through.
        #[test]
        fn pages_and_sqlite_give_the_same_rows_of_broken_files(
            page_size in prop_oneof![Just(512), Just(4096)],
            rows in vec(any_row(), 1..100),
            changes in vec(vec((any::<Index>(), any::<u8>()), 1..4), 60),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("Manifest.db");
            table(&path, page_size, &rows, 2);
            let bytes = fs::read(&path).unwrap();
            for change in changes {
                let mut bytes = bytes.clone();
                for (index, value) in change {
                    let len = bytes.len();
                    bytes[index.index(len)] = value;
                }
                fs::write(&path, &bytes).unwrap();
                if Database::immutable(&path).quick_check() != Ok(None) {
                    continue;
                }
                if let (Some(pages), Ok(sqlite)) = both(&path)
                    && sqlite.damage.is_empty()
                    && sqlite.unjudged.is_none()
                {
                    prop_assert_eq!(whole(&pages), whole(&sqlite));
                }
            }
        }
    }
}
