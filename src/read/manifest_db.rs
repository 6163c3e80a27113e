//! Manifest.db (F§7): SQLite, iOS 10 and later.
//!
//! Opened with `mode=ro&immutable=1`, which leaves no side file and takes no lock (F§1.5). Rows are
//! read in rowid order over ranges, each on its own connection, because every other order costs a
//! seek a row. The only files written are private copies in a temporary folder (contract §4 rule 9).

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension};
use tempfile::TempDir;

use crate::model::{FileId, Listing};
use crate::platform;
use crate::progress::{Event, Monitor};

use super::manifest::Names;
use super::mbfile;
use super::tally::{self, Budget, Row, RowKind, Tally};

/// A database to read: the backup's own, or a private copy with its `-wal`.
pub struct Database {
    uri: String,
    flags: OpenFlags,
    /// Keeps the copy until it is no longer needed, and removes it then.
    _copy: Option<TempDir>,
}

/// Why something could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It is no database, or none with a manifest in it.
    NoManifest(String),
    /// The database is damaged.
    Damage(String),
    /// It is beyond our reader; no damage.
    BeyondReader(String),
    /// It could not be opened or read (permission, I/O).
    Denied(String),
}

impl Database {
    /// The database at `path` as it is, without its `-wal`.
    pub fn immutable(path: &Path) -> Database {
        Database {
            uri: uri(path, "mode=ro&immutable=1"),
            flags: OpenFlags::SQLITE_OPEN_READ_ONLY,
            _copy: None,
        }
    }

    /// A private copy of the database at `path` together with its `-wal`, in the folder `temp`, which
    /// must not be inside what is `scanned`; `None` if there is no `-wal` or it is empty.
    ///
    /// # Errors
    /// Why the copy could not be made, such as a full disk.
    pub fn with_wal(
        path: &Path,
        temp: &Path,
        scanned: &[PathBuf],
    ) -> Result<Option<Database>, String> {
        let mut wal = path.as_os_str().to_owned();
        wal.push("-wal");
        let wal = PathBuf::from(wal);
        match wal.symlink_metadata() {
            Ok(metadata) if metadata.is_file() && metadata.len() > 0 => {}
            _ => return Ok(None),
        }
        let failed = |error: std::io::Error| {
            format!(
                "a private copy with the -wal could not be made in {}: {error}",
                temp.display()
            )
        };
        let real = temp.canonicalize().map_err(failed)?;
        let roots = scanned.iter().filter_map(|root| root.canonicalize().ok());
        if roots.into_iter().any(|root| real.starts_with(root)) {
            return Err(format!(
                "the folder for temporary files, {}, is inside what is scanned; nothing is written there",
                temp.display()
            ));
        }
        let folder = tempfile::Builder::new()
            .prefix("bkscan-")
            .tempdir_in(temp)
            .map_err(failed)?;
        let copy = folder.path().join("Manifest.db");
        for (from, to) in [
            (path, &copy),
            (&wal, &folder.path().join("Manifest.db-wal")),
        ] {
            let mut source = platform::open_regular(from).map_err(failed)?;
            let mut target = fs::File::create_new(to).map_err(failed)?;
            std::io::copy(&mut source, &mut target).map_err(failed)?;
        }
        Ok(Some(Database {
            uri: uri(&copy, "mode=rw"),
            flags: OpenFlags::SQLITE_OPEN_READ_WRITE,
            _copy: Some(folder),
        }))
    }

    fn open(&self) -> Result<Connection, Trouble> {
        let flags = self.flags | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.uri, flags).map_err(trouble)?;
        // Nothing in a schema that somebody else wrote may run or grow without bounds. Pages are read
        // once, so that a larger cache only takes memory.
        connection
            .execute_batch(
                "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; \
                 PRAGMA hard_heap_limit = 100000000; PRAGMA cache_size = -512;",
            )
            .map_err(trouble)?;
        connection
            .set_limit(Limit::SQLITE_LIMIT_LENGTH, 8 << 20)
            .map_err(trouble)?;
        Ok(connection)
    }

    /// Reads all rows. Rows that cannot be read are left out and named in the listing's `damage`.
    /// `opaque`: blobs are encrypted and not decoded.
    ///
    /// # Errors
    /// When there is no `Files` table, or nothing can be read at all.
    pub fn rows(
        &self,
        opaque: bool,
        keep: usize,
        monitor: &Monitor<'_>,
    ) -> Result<Listing, Trouble> {
        let connection = self.open()?;
        let root: Option<i64> = connection
            .query_row(
                "SELECT rootpage FROM sqlite_schema \
                 WHERE type = 'table' AND name = 'Files' COLLATE NOCASE",
                [],
                |row| row.get(0),
            )
            .optional()
            .map_err(trouble)?;
        // A virtual table has no root page.
        if root.is_none_or(|page| page == 0) {
            return Err(Trouble::NoManifest(
                "it has no table named Files".to_owned(),
            ));
        }
        connection.prepare(ROWS).map_err(trouble)?;
        let ranges =
            bounds(&connection)?.map_or_else(Vec::new, |(first, last)| ranges(first, last));
        drop(connection);
        let budget = Budget::usual();
        let parts: Vec<_> = ranges
            .into_par_iter()
            .map(|range| {
                let mut reader = RangeReader {
                    connection: self.open()?,
                    tally: Tally::new(keep, &budget),
                    opaque,
                    monitor,
                    damage: None,
                    beyond: None,
                    probes: PROBES,
                };
                reader.read(range)?;
                Ok((reader.tally.finish(), (reader.damage, reader.beyond)))
            })
            .collect::<Result<_, Trouble>>()?;
        let (tallies, troubles): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        let (damage, beyond): (Vec<_>, Vec<_>) = troubles.into_iter().unzip();
        let mut listing = tally::join(tallies);
        listing.opaque = opaque;
        listing.damage = damage.into_iter().flatten().take(1).collect();
        listing.unjudged = beyond.into_iter().flatten().next();
        Ok(listing)
    }

    /// Runs SQLite's `quick_check`; the answer is its first complaint, if it has one.
    ///
    /// # Errors
    /// When it cannot run at all.
    pub fn quick_check(&self) -> Result<Option<String>, Trouble> {
        let answer: String = self
            .open()?
            .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
            .map_err(trouble)?;
        let complaint = answer.trim_start_matches("*** in database main ***\n");
        Ok((answer != "ok").then(|| complaint.replace('\n', "; ")))
    }

    /// Looks up domain and path of files again; those that cannot be found are left out.
    pub fn names(&self, ids: &[FileId]) -> Names {
        const NAMES: &str = "SELECT domain, relativePath FROM Files WHERE fileID = ?1";
        let mut names = Names::new();
        let Ok(connection) = self.open() else {
            return names;
        };
        let Ok(mut statement) = connection.prepare(NAMES) else {
            return names;
        };
        for id in ids {
            let text = id.to_string();
            for spelling in [text.to_uppercase(), text] {
                let found = statement.query_row([spelling], |row| {
                    let text = |at| -> Result<String, rusqlite::Error> {
                        let bytes = bytes(row.get_ref(at)?);
                        Ok(bytes.map(tally::shortened).unwrap_or_default())
                    };
                    Ok((text(0)?, text(1)?))
                });
                names.extend(found.map(|names| (*id, names)));
            }
        }
        names
    }
}

/// No index is named: they differ between iOS versions (F§7.1).
const ROWS: &str = "SELECT rowid, fileID, domain, relativePath, flags, file FROM Files NOT INDEXED \
                    WHERE rowid BETWEEN ?1 AND ?2";

/// The first and the last rowid; `None` where there is no row. Where an end is damaged, a bound that
/// the rowids of a device's manifest keep: they begin at 1, and a row takes more than a byte.
fn bounds(connection: &Connection) -> Result<Option<(i64, i64)>, Trouble> {
    let end = |function: &str, bound: i64| -> Result<Option<i64>, Trouble> {
        let sql = format!("SELECT {function}(rowid) FROM Files NOT INDEXED");
        match connection
            .query_row(&sql, [], |row| row.get(0))
            .map_err(trouble)
        {
            Err(Trouble::Damage(_)) => Ok(Some(bound)),
            answer => answer,
        }
    };
    let size = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
    let size = connection
        .query_row(size, [], |row| row.get(0))
        .map_err(trouble)?;
    Ok(end("min", 1)?
        .zip(end("max", size)?)
        .filter(|(first, last)| first <= last))
}

/// Splits rowids into ranges that keep a few threads busy; the same ones on every machine.
fn ranges(first: i64, last: i64) -> Vec<(i64, i64)> {
    const ROWS_A_RANGE: i128 = 16_384;
    const MOST: i128 = 64;
    let (first, last) = (i128::from(first), i128::from(last));
    let width = last - first + 1;
    let count = (width / ROWS_A_RANGE).clamp(1, MOST);
    (0..count)
        .map(|at| {
            (
                first + width * at / count,
                first + width * (at + 1) / count - 1,
            )
        })
        .map(|(from, to)| (from as i64, to as i64))
        .collect()
}

struct RangeReader<'a> {
    connection: Connection,
    tally: Tally<'a>,
    opaque: bool,
    monitor: &'a Monitor<'a>,
    damage: Option<String>,
    /// A row that is beyond our reader; no damage.
    beyond: Option<String>,
    /// How many more times to look for rows behind a damaged page.
    probes: u32,
}

/// Enough to get past hundreds of damaged pages, and not enough to hang on a hostile file.
const PROBES: u32 = 10_000;

impl RangeReader<'_> {
    /// Reads a range of rowids. One damaged page does not hide the rows behind it: where reading
    /// breaks off, it goes on with the next row that can be reached.
    fn read(&mut self, (first, last): (i64, i64)) -> Result<(), Trouble> {
        let mut from = first;
        while let Err((unread, error)) = self.read_until_error(from, last) {
            match trouble(error) {
                denied @ Trouble::Denied(_) => return Err(denied),
                Trouble::NoManifest(why) | Trouble::Damage(why) => {
                    self.damage.get_or_insert(why);
                }
                Trouble::BeyondReader(why) => {
                    self.beyond.get_or_insert(why);
                }
            }
            match self.next_readable(unread, last) {
                Some(next) => from = next,
                None => break,
            }
        }
        Ok(())
    }

    /// The first rowid behind `bad` from which on a row can be read: found in growing steps, then by
    /// halving the last one.
    fn next_readable(&mut self, mut bad: i64, last: i64) -> Option<i64> {
        let mut step: i64 = 1;
        let mut good = loop {
            let probe = bad.checked_add(step).filter(|probe| *probe <= last)?;
            if self.can_read(probe, last)? {
                break probe;
            }
            bad = probe;
            step = step.saturating_mul(2);
        };
        while good - bad > 1 {
            let middle = bad + (good - bad) / 2;
            if self.can_read(middle, last)? {
                good = middle;
            } else {
                bad = middle;
            }
        }
        Some(good)
    }

    /// Whether the first row from `first` on can be read; `None` when there have been enough probes.
    fn can_read(&mut self, first: i64, last: i64) -> Option<bool> {
        self.probes = self.probes.checked_sub(1)?;
        let mut statement = self.connection.prepare_cached(ROWS).ok()?;
        let mut rows = statement.query([first, last]).ok()?;
        Some(rows.next().is_ok())
    }

    /// Reads until the end or an error; then tells the first rowid that was not read.
    fn read_until_error(&mut self, first: i64, last: i64) -> Result<(), (i64, rusqlite::Error)> {
        const TELL_EVERY: u64 = 4096;
        let mut next = first;
        let mut statement = self
            .connection
            .prepare_cached(ROWS)
            .map_err(|error| (next, error))?;
        let mut rows = statement
            .query([first, last])
            .map_err(|error| (next, error))?;
        let mut told = 0;
        loop {
            let row = match rows.next() {
                Ok(Some(row)) => row,
                Ok(None) => break,
                Err(error) => return Err((next, error)),
            };
            let rowid: i64 = row.get(0).map_err(|error| (next, error))?;
            let added = add(&mut self.tally, row, self.opaque);
            if let Err(why) = added.map_err(|error| (next, error))? {
                self.beyond = Some(why);
                return Ok(());
            }
            next = rowid.saturating_add(1);
            told += 1;
            if told == TELL_EVERY {
                self.monitor.tell(Event::Rows { rows: told });
                told = 0;
                if self.monitor.is_stopped() {
                    return Ok(());
                }
            }
        }
        self.monitor.tell(Event::Rows { rows: told });
        Ok(())
    }
}

/// The bytes of text or of a blob.
fn bytes(value: ValueRef<'_>) -> Option<&[u8]> {
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(bytes),
        _ => None,
    }
}

/// Flag bits of F§7.2.
const DIRECTORY: i64 = 2;
const SYMLINK: i64 = 4;
const FILE: i64 = 1;
const CHANGED: i64 = 16;

/// Adds a row; the inner error says that there is no more room for any.
fn add(
    tally: &mut Tally<'_>,
    row: &rusqlite::Row<'_>,
    opaque: bool,
) -> Result<Result<(), String>, rusqlite::Error> {
    let id_text = bytes(row.get_ref(1)?);
    // What is no number counts as 0, as in SQL; NULL fits no condition (F§1.4, F§7.2).
    let known_flags = match row.get_ref(4)? {
        ValueRef::Integer(flags) => Some(flags),
        ValueRef::Null => None,
        _ => Some(0),
    };
    let flags = known_flags.unwrap_or(0);
    let file = row.get_ref(5)?;
    let has_blob = file != ValueRef::Null;
    let kind = if flags & DIRECTORY != 0 {
        RowKind::Directory
    } else if flags & SYMLINK != 0 {
        RowKind::Symlink
    } else if flags & FILE != 0 || has_blob {
        RowKind::File
    } else {
        RowKind::Other
    };
    let wanted = kind == RowKind::File && has_blob && !opaque;
    let file = if wanted {
        mbfile::decode(bytes(file).unwrap_or_default())
    } else {
        None
    };
    Ok(tally.add(&Row {
        kind,
        domain: bytes(row.get_ref(2)?),
        path: bytes(row.get_ref(3)?),
        id_text,
        id: id_text.and_then(FileId::parse),
        required: has_blob
            && known_flags.is_some_and(|flags| flags & (DIRECTORY | SYMLINK | CHANGED) == 0),
        changed: flags & CHANGED != 0,
        size: file
            .and_then(|file| file.size)
            .and_then(|size| u64::try_from(size).ok()),
        dataless: file.is_some_and(|file| file.is_dataless()),
        digest: file.and_then(|file| file.digest),
        undecodable: wanted && file.is_none(),
        id_is_stored: !opaque,
    }))
}

/// What an error of SQLite means for us.
fn trouble(error: rusqlite::Error) -> Trouble {
    let text = error.to_string();
    let beyond = [
        "no such collation",
        "no such function",
        "no such module",
        "unsupported file format",
    ];
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => Trouble::NoManifest(text),
        Some(ErrorCode::DatabaseCorrupt) => Trouble::Damage(text),
        Some(
            ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::PermissionDenied
            | ErrorCode::AuthorizationForStatementDenied
            | ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked,
        ) => Trouble::Denied(text),
        Some(ErrorCode::OutOfMemory | ErrorCode::TooBig | ErrorCode::DiskFull) => {
            Trouble::BeyondReader(text)
        }
        _ if beyond.iter().any(|known| text.contains(known)) => Trouble::BeyondReader(text),
        // Such as a column that the table does not have.
        _ => Trouble::NoManifest(text),
    }
}

/// A `file:` URI for SQLite, percent-encoded byte by byte: backups lie under `Application Support`,
/// and a name may hold `?`, `#` and `%`.
fn uri(path: &Path, parameters: &str) -> String {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut uri = "file://".to_owned();
    for byte in platform::uri_path(&absolute).unwrap_or_default() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte) {
            uri.push(byte as char);
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri + "?" + parameters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_cover_every_rowid_once() {
        for (first, last) in [
            (1, 1),
            (1, 16_384),
            (1, 380_000),
            (-5, 5),
            (i64::MIN, i64::MAX),
            (7, 7_000_000),
        ] {
            let ranges = ranges(first, last);
            assert_eq!(ranges[0].0, first);
            assert_eq!(ranges[ranges.len() - 1].1, last);
            for pair in ranges.windows(2) {
                assert_eq!(pair[0].1 + 1, pair[1].0);
            }
            assert!(ranges.len() <= 64);
        }
    }

    #[test]
    fn uris_are_encoded_byte_by_byte() {
        let path = Path::new("/Users/anna/Application Support/100% a?b#c/Manifest.db");
        let uri = uri(path, "mode=ro");
        assert!(
            uri.ends_with(
                "/Users/anna/Application%20Support/100%25%20a%3Fb%23c/Manifest.db?mode=ro"
            ),
            "{uri}"
        );
    }
}
