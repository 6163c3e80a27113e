//! A SQLite database that is only looked at, as it lies in a backup: `Manifest.db`, or the database of an
//! app.
//!
//! Opened with `mode=ro&immutable=1`, which leaves no side file and takes no lock (F§1.5). One that is
//! encrypted is decrypted into memory, and nowhere else. The only files written are private copies in a
//! temporary folder (contract §4 rule 9).

use std::fmt;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once, PoisonError};

use rusqlite::limits::Limit;
use rusqlite::{Connection, ErrorCode, MAIN_DB, OpenFlags};

use crate::crypto::{self, Decrypted};
use crate::model::secret::Key;
use crate::system::{self, PrivateFolder, inside};

use super::pages::{self, Input};

/// Most bytes that SQLite may take for what it does, in all databases together.
const HEAP: u64 = 50_000_000;

/// Most bytes that a database may decrypt to; SQLite has the same bound for anything in memory.
pub const MOST_DECRYPTED: u64 = 2_000_000_000;

/// What is said of an encrypted file that is no database.
pub const NO_DATABASE: &str = "what it decrypts to is no SQLite database";

/// A database to read: the backup's own, a private copy of it with its `-wal`, or an encrypted one.
pub struct Database {
    store: Store,
    /// Its bytes, those of the `-wal` included.
    size: u64,
}

enum Store {
    /// A file that SQLite can read.
    File {
        path: PathBuf,
        /// Whether all its pages are in the file itself.
        is_whole: bool,
        uri: String,
        flags: OpenFlags,
        /// Keeps the copy until it is no longer needed, and removes it then.
        _copy: Option<PrivateFolder>,
    },
    /// A file that has to be decrypted. It is so once, for the one connection that all share.
    Encrypted {
        path: PathBuf,
        key: Key,
        /// The bytes that are there; what its size has more are zeros.
        len: u64,
        connection: Mutex<Option<Connection>>,
    },
}

/// A database whose end is gone.
struct Cut {
    /// Its length as its header has it.
    whole: u64,
    /// Bytes of the pages that are there; in one that is there in part, zeros would look like rows.
    kept: u64,
}

/// Why something could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseError {
    /// It is no database, or none with a manifest in it.
    NoManifest(String),
    /// The database is damaged.
    Damage(String),
    /// It is beyond our reader; no damage.
    BeyondReader(String),
    /// It could not be opened or read (permission, I/O).
    Denied(String),
}

impl DatabaseError {
    /// In words.
    pub fn why(&self) -> &str {
        match self {
            DatabaseError::NoManifest(why)
            | DatabaseError::Damage(why)
            | DatabaseError::BeyondReader(why)
            | DatabaseError::Denied(why) => why,
        }
    }
}

/// Why no private copy of a database was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoCopy(String);

impl NoCopy {
    fn of(what: &str, temp: &Path, error: &io::Error) -> NoCopy {
        NoCopy(format!(
            "{what} could not be made in {}: {}",
            temp.display(),
            system::in_words(error)
        ))
    }
}

impl fmt::Display for NoCopy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Lets databases be decrypted into memory, which SQLite's own memory is otherwise too small for. Once
/// a database was opened it is too late: SQLite only ever lowers its bound. Called before a scan that has
/// passwords.
pub fn expect_decryption() {
    bound_heap(HEAP + MOST_DECRYPTED);
}

/// Bounds what SQLite takes from memory, for the whole process; the first bound holds.
fn bound_heap(bytes: u64) {
    static BOUND: Once = Once::new();
    BOUND.call_once(|| {
        // It takes a connection to say so. Where none can be made none needs a bound.
        let bound = format!("PRAGMA hard_heap_limit = {bytes}");
        let _ =
            Connection::open_in_memory().and_then(|connection| connection.execute_batch(&bound));
    });
}

impl Database {
    /// The database at `path` as it is, without its `-wal`.
    pub fn immutable(path: &Path) -> Database {
        Database {
            size: path.symlink_metadata().map_or(0, |found| found.len()),
            store: Store::File {
                path: path.to_owned(),
                is_whole: true,
                uri: uri(path, "mode=ro&immutable=1"),
                flags: OpenFlags::SQLITE_OPEN_READ_ONLY,
                _copy: None,
            },
        }
    }

    /// The database that the file at `path` decrypts to.
    ///
    /// # Errors
    /// When it does not decrypt to a database, or cannot be read.
    pub fn decrypted(path: &Path, key: Key) -> Result<Database, DatabaseError> {
        let denied = |error: io::Error| DatabaseError::Denied(system::in_words(&error));
        let mut file = system::open_regular(path).map_err(denied)?;
        let stored = file.metadata().map_err(denied)?.len();
        let mut last = Vec::new();
        let end = stored - stored % crypto::BLOCK;
        (file.seek(SeekFrom::Start(end.saturating_sub(2 * crypto::BLOCK)))).map_err(denied)?;
        ((&mut file).take(2 * crypto::BLOCK).read_to_end(&mut last)).map_err(denied)?;
        let padding = crypto::padding(&key, &last);
        let mut header = Vec::new();
        let head = Decrypted::new(file, key.clone(), end);
        (head.take(pages::HEADER as u64).read_to_end(&mut header)).map_err(denied)?;
        if !is_sqlite(&header) {
            return Err(DatabaseError::NoManifest(NO_DATABASE.to_owned()));
        }
        let unpadded = padding.map_or(end, |padding| end - padding as u64);
        // Some tools leave the padding out, or write zeros (F§11.3); then the header knows better.
        let counted = pages::counted_len(&header)
            .filter(|len| (end.saturating_sub(2 * crypto::BLOCK)..=end).contains(len));
        let len = counted.unwrap_or(unpadded);
        Ok(Database {
            size: len,
            store: Store::Encrypted {
                path: path.to_owned(),
                key,
                len,
                connection: Mutex::new(None),
            },
        })
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
    ) -> Result<Option<Database>, NoCopy> {
        let mut wal = path.as_os_str().to_owned();
        wal.push("-wal");
        let wal = PathBuf::from(wal);
        match wal.symlink_metadata() {
            Ok(metadata) if metadata.is_file() && metadata.len() > 0 => {}
            _ => return Ok(None),
        }
        let failed = |error: io::Error| NoCopy::of("a private copy with the -wal", temp, &error);
        let folder = folder_for_copy(temp, scanned, failed)?;
        let copy = folder.path().join("Manifest.db");
        let mut size: u64 = 0;
        for (from, to) in [
            (path, &copy),
            (&wal, &folder.path().join("Manifest.db-wal")),
        ] {
            let mut source = system::open_regular(from).map_err(failed)?;
            let mut target = system::private_file(to).map_err(failed)?;
            size = size.saturating_add(io::copy(&mut source, &mut target).map_err(failed)?);
        }
        Ok(Some(Database {
            size,
            store: Store::File {
                uri: uri(&copy, "mode=rw"),
                path: copy,
                is_whole: false,
                flags: OpenFlags::SQLITE_OPEN_READ_WRITE,
                _copy: Some(folder),
            },
        }))
    }

    /// A private copy of the database at `path` with zeros for its end that is gone, in the folder `temp`, which
    /// must not be inside what is `scanned`: SQLite reads nothing of a file that is shorter than its header says.
    /// `None` where it is not shorter, or the header speaks of more than any device would write.
    ///
    /// # Errors
    /// Why the copy could not be made, such as a full disk.
    pub fn filled_copy(
        path: &Path,
        temp: &Path,
        scanned: &[PathBuf],
    ) -> Result<Option<Database>, NoCopy> {
        let Some(Cut { whole, kept }) = Database::immutable(path).cut() else {
            return Ok(None);
        };
        let failed = |error: io::Error| NoCopy::of("a private copy", temp, &error);
        let folder = folder_for_copy(temp, scanned, failed)?;
        let copy = folder.path().join("Manifest.db");
        let mut source = system::open_regular(path).map_err(failed)?.take(kept);
        let mut target = system::private_file(&copy).map_err(failed)?;
        io::copy(&mut source, &mut target).map_err(failed)?;
        // The last zero makes all those before it, without taking room for them.
        (target.seek(SeekFrom::Start(whole - 1))).map_err(failed)?;
        target.write_all(&[0]).map_err(failed)?;
        let mut filled = Database::immutable(&copy);
        if let Store::File { _copy, .. } = &mut filled.store {
            *_copy = Some(folder);
        }
        Ok(Some(filled))
    }

    /// An encrypted one with zeros for its end that is gone, as [`Database::filled_copy`] has it; any other one as
    /// it is.
    pub fn filled(mut self) -> Database {
        let cut = self.cut();
        if let (Some(cut), Store::Encrypted { len, .. }) = (cut, &mut self.store) {
            *len = cut.kept;
            self.size = cut.whole;
            self.release();
        }
        self
    }

    /// What is there of it, where its header counts more.
    fn cut(&self) -> Option<Cut> {
        let mut input = self.input()?;
        let mut header = [0; pages::HEADER];
        input.bytes.read_exact(&mut header).ok()?;
        let page = pages::page_size(&header)? as u64;
        let whole = pages::counted_len(&header).filter(|_| is_sqlite(&header))?;
        (input.len < whole && whole <= MOST_DECRYPTED).then_some(Cut {
            whole,
            kept: input.len - input.len % page,
        })
    }

    /// Gives back the memory of what was decrypted; where it is needed again, it is decrypted again.
    pub fn release(&self) {
        if let Store::Encrypted { connection, .. } = &self.store {
            *connection.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }

    /// Its bytes, those of the `-wal` included.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Whether several connections can read it at once.
    pub fn is_shared(&self) -> bool {
        matches!(self.store, Store::File { .. })
    }

    /// Its pages, where all of them are in one file that can be opened.
    pub fn input(&self) -> Option<Input> {
        match &self.store {
            Store::File {
                path,
                is_whole: true,
                ..
            } => {
                let file = system::open_regular(path).ok()?;
                let len = file.metadata().ok()?.len();
                let bytes = Box::new(file);
                Some(Input { bytes, len })
            }
            Store::File { .. } => None,
            Store::Encrypted { path, key, len, .. } => {
                let len = *len;
                let bytes = Box::new(decrypted(path, key, len).ok()?);
                Some(Input { bytes, len })
            }
        }
    }

    /// Works with a connection: with one of its own, or with the one that there is.
    ///
    /// # Errors
    /// Those of `work`, and when there can be no connection.
    pub fn with<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, DatabaseError>,
    ) -> Result<T, DatabaseError> {
        match &self.store {
            Store::File { uri, flags, .. } => {
                bound_heap(HEAP);
                let flags = *flags | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
                let connection = Connection::open_with_flags(uri, flags).map_err(trouble)?;
                limit(&connection)?;
                work(&connection)
            }
            Store::Encrypted {
                path,
                key,
                len,
                connection,
            } => {
                let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
                match &mut *connection {
                    Some(connection) => work(connection),
                    none => work(none.insert(self.in_memory(path, key, *len, true)?)),
                }
            }
        }
    }

    /// What an encrypted one decrypts to, to be changed in memory, in which it stays; `None` of any other one.
    ///
    /// # Errors
    /// When it cannot be read, or does not fit into memory.
    pub fn to_change(&self) -> Result<Option<Connection>, DatabaseError> {
        match &self.store {
            Store::File { .. } => Ok(None),
            Store::Encrypted { path, key, len, .. } => {
                self.in_memory(path, key, *len, false).map(Some)
            }
        }
    }

    /// A connection to what the file decrypts to, all of it in memory.
    fn in_memory(
        &self,
        path: &Path,
        key: &Key,
        len: u64,
        read_only: bool,
    ) -> Result<Connection, DatabaseError> {
        if self.size > MOST_DECRYPTED {
            return Err(DatabaseError::BeyondReader(format!(
                "it decrypts to {} bytes, and bkscan takes {MOST_DECRYPTED} at most into memory",
                self.size
            )));
        }
        expect_decryption();
        let beyond = |_| DatabaseError::BeyondReader("it does not fit into memory".to_owned());
        let size = usize::try_from(self.size).map_err(beyond)?;
        let denied = |error: io::Error| DatabaseError::Denied(system::in_words(&error));
        let input = decrypted(path, key, len).map_err(denied)?;
        let input = input.chain(io::repeat(0).take(self.size.saturating_sub(len)));
        let input = NoWal { input, offset: 0 };
        let mut connection = Connection::open_in_memory().map_err(trouble)?;
        limit(&connection)?;
        (connection.deserialize_read_exact(MAIN_DB, input, size, read_only)).map_err(trouble)?;
        limit(&connection)?;
        Ok(connection)
    }

    /// Whether SQLite's `integrity_check` finds all of it sound, its indices included, at which `quick_check` does
    /// not look.
    ///
    /// # Errors
    /// When it cannot run to its end for another reason than damage.
    pub fn is_sound_throughout(&self) -> Result<bool, DatabaseError> {
        let answer = self.with(|connection| {
            let first = connection.query_row("PRAGMA integrity_check(1)", [], |row| {
                row.get::<_, String>(0)
            });
            first.map_err(trouble)
        });
        match answer {
            Ok(answer) => Ok(answer == "ok"),
            Err(DatabaseError::NoManifest(_) | DatabaseError::Damage(_)) => Ok(false),
            Err(trouble) => Err(trouble),
        }
    }

    /// Runs SQLite's `quick_check`; the answer is its first complaint, if it has one. A file that is cut
    /// within its last page, where SQLite takes zeros for what is gone, is complained of, too.
    ///
    /// # Errors
    /// When it cannot run at all.
    pub fn quick_check(&self) -> Result<Option<String>, DatabaseError> {
        if let Some(complaint) = self.input().and_then(pages::cut) {
            return Ok(Some(complaint));
        }
        let answer: String = self.with(|connection| {
            let first = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0));
            first.map_err(trouble)
        })?;
        let complaint = answer.trim_start_matches("*** in database main ***\n");
        Ok((answer != "ok").then(|| complaint.replace('\n', "; ")))
    }
}

/// A folder of our own in `temp`, for a private copy.
fn folder_for_copy(
    temp: &Path,
    scanned: &[PathBuf],
    failed: impl Fn(io::Error) -> NoCopy,
) -> Result<PrivateFolder, NoCopy> {
    temp.canonicalize().map_err(&failed)?;
    if inside::is_within(temp, scanned.iter().map(PathBuf::as_path)) {
        return Err(NoCopy(format!(
            "the folder for temporary files, {}, is inside what is scanned; nothing is written there",
            temp.display()
        )));
    }
    system::private_folder(temp).map_err(failed)
}

/// Whether bytes begin like a SQLite database.
pub fn is_sqlite(bytes: &[u8]) -> bool {
    bytes.starts_with(b"SQLite format 3\0")
}

/// Nothing in a schema that somebody else wrote may run or grow without bounds. These hold before the
/// schema is read, which some of the pragmas do.
fn limit(connection: &Connection) -> Result<(), DatabaseError> {
    for (limit, most) in [
        (Limit::SQLITE_LIMIT_LENGTH, 8 << 20),
        // A check of a schema of thousands of tables takes a program that long, and minutes.
        (Limit::SQLITE_LIMIT_VDBE_OP, 100_000),
    ] {
        connection.set_limit(limit, most).map_err(trouble)?;
    }
    // Pages are read once, so that a larger cache only takes memory.
    connection
        .execute_batch(
            "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA cache_size = -512; \
             PRAGMA temp_store = MEMORY;",
        )
        .map_err(trouble)
}

/// The plain bytes of an encrypted file.
fn decrypted(path: &Path, key: &Key, len: u64) -> io::Result<Decrypted<File>> {
    let file = system::open_regular(path)?;
    Ok(Decrypted::new(file, key.clone(), len))
}

/// A database as if it had never been in WAL mode, in which SQLite does not take one from memory: bytes 18
/// and 19 of its header say so.
struct NoWal<R> {
    input: R,
    offset: u64,
}

impl<R: Read> Read for NoWal<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        for place in 18..20 {
            let inside = usize::try_from(place - self.offset.min(place)).unwrap_or(usize::MAX);
            if self.offset <= place && inside < count {
                buffer[inside] = 1;
            }
        }
        self.offset += count as u64;
        Ok(count)
    }
}

/// What an error of SQLite means for us.
pub(super) fn trouble(error: rusqlite::Error) -> DatabaseError {
    let text = error.to_string();
    let beyond = [
        "no such collation",
        "no such function",
        "no such module",
        "unsupported file format",
        // What we forbid a schema to do.
        "unsafe use of",
        // A table without rowids, which no device makes.
        "no such column: rowid",
    ];
    if beyond.iter().any(|known| text.contains(known)) {
        return DatabaseError::BeyondReader(text);
    }
    // What SQLite says of a page that the file ends within.
    const SHORT_READ: i32 = 522;
    if error.sqlite_error().map(|error| error.extended_code) == Some(SHORT_READ) {
        return DatabaseError::Damage("the file ends within a page".to_owned());
    }
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => DatabaseError::NoManifest(text),
        Some(ErrorCode::DatabaseCorrupt) => DatabaseError::Damage(text),
        Some(
            ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::PermissionDenied
            | ErrorCode::AuthorizationForStatementDenied
            | ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked,
        ) => DatabaseError::Denied(text),
        Some(ErrorCode::OutOfMemory | ErrorCode::TooBig | ErrorCode::DiskFull) => {
            DatabaseError::BeyondReader(text)
        }
        // Such as a column that the table does not have.
        _ => DatabaseError::NoManifest(text),
    }
}

/// A `file:` URI for SQLite, percent-encoded byte by byte: backups lie under `Application Support`,
/// and a name may hold `?`, `#` and `%`.
fn uri(path: &Path, parameters: &str) -> String {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut uri = "file://".to_owned();
    for byte in system::uri_path(&absolute).unwrap_or_default() {
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
