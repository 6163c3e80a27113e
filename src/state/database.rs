//! The SQLite files in the state folder: how they are made, opened and brought to the newest schema, and
//! how troubles with them become one line. A rollback journal and not a WAL, because the folder may be
//! on a network.

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::system::{self, SYSTEM, System};

use super::folder::StateFolder;
use super::own_file::in_time;

/// A file of the state folder.
#[derive(Clone, Debug)]
pub struct Database {
    folder: StateFolder,
    name: &'static str,
    /// How to get from each version of the schema to the next one; a new file begins before the first.
    /// Steps are only added: files that went through the others exist.
    steps: &'static [&'static str],
    /// Pragmas for a new file, set before the first step.
    pub beginning: &'static str,
    /// How long to wait for another bkscan.
    pub patience: Duration,
    /// Most bytes that such a file may have.
    pub largest: u64,
}

/// Most bytes of a value: of a million payloads in one shard of the ledger.
const LARGEST_VALUE: i32 = 64 << 20;

/// Most bytes of a statement, also of those in the schema of a file.
const LONGEST_SQL: i32 = 16 << 10;

/// Most steps of a statement before the tables are known to be ours.
const STEPS_OF_SCHEMA: i32 = 10_000;

/// What SQLite keeps beside a file.
const BESIDE: [&str; 3] = ["-journal", "-wal", "-shm"];

/// Why a file could not be read or added to.
#[derive(Debug)]
pub enum Cause {
    /// The folder or the file could not be looked at or made.
    Io(io::Error),
    /// Something other than a file is in its place.
    NotAFile,
    /// It has another name, too: what is written there would be written elsewhere.
    Shared,
    /// What SQLite keeps beside it, under its name and this ending, is not a plain file with one name.
    Beside(&'static str),
    /// It has a schema that is not known here: its version.
    Newer(i64),
    /// What is in it is not what was written.
    Damaged(&'static str),
    /// What SQLite says.
    Sql(rusqlite::Error),
}

pub type Result<T> = std::result::Result<T, Cause>;

impl Database {
    pub fn new(
        folder: StateFolder,
        name: &'static str,
        steps: &'static [&'static str],
    ) -> Database {
        Database {
            folder,
            name,
            steps,
            beginning: "",
            patience: Duration::from_secs(5),
            largest: u64::MAX,
        }
    }

    /// Where it is, if there can be one.
    pub fn path(&self) -> Option<PathBuf> {
        self.folder.path().map(|folder| folder.join(self.name))
    }

    /// Opens the file, which then has the newest schema; nothing where there is no file, or an empty
    /// one, and none is to be made.
    pub fn open(&self, make: bool) -> Result<Option<Connection>> {
        let Some(path) = self.path() else {
            return match make {
                true => self.folder.made().map(|_| None).map_err(Cause::Io),
                false => Ok(None),
            };
        };
        let (look, file) = (self.clone(), path.clone());
        if !in_time(move || Ok(look.is_ready(&file, make))).map_err(Cause::Io)?? {
            return Ok(None);
        }
        // SQLite follows no link then, not even to the folder.
        let (around, name) = system::place(&path);
        let around = system::canonical(&around).ok();
        // SQLite does not know all the ways in which Windows spells the place of a network folder.
        let around = around.filter(|around| !around.to_string_lossy().starts_with(r"\\"));
        let path = around.map_or(path, |around| around.join(name));
        // A file that may only be read is opened to be read.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let mut connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(self.patience)?;
        // Else each transaction ends with deleting its journal, which fails there while anybody looks at it.
        if SYSTEM == System::Windows {
            connection.execute_batch("PRAGMA journal_mode = TRUNCATE;")?;
        }
        for (limit, most) in [
            (Limit::SQLITE_LIMIT_LENGTH, LARGEST_VALUE),
            (Limit::SQLITE_LIMIT_SQL_LENGTH, LONGEST_SQL),
        ] {
            connection.set_limit(limit, most)?;
        }
        // Until the tables are known to be ours nothing has to take long: a schema that does has thousands
        // of things in it.
        connection.progress_handler(STEPS_OF_SCHEMA, Some(|| true))?;
        connection.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;")?;
        for off in [
            DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER,
            DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW,
        ] {
            connection.set_db_config(off, false)?;
        }
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        let pages: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
        if pages == 0 {
            connection.execute_batch(self.beginning)?;
        }
        check(&connection, self.steps)?;
        migrate(&mut connection, self.steps)?;
        connection.progress_handler(0, None::<fn() -> bool>)?;
        Ok(Some(connection))
    }

    /// Looks at the file before SQLite does, which would wait for a FIFO; makes it where it is missing.
    /// Whether there is one then.
    fn is_ready(&self, path: &Path, make: bool) -> Result<bool> {
        // The system drops all locks that a process has on a file when it closes the file once: here
        // it is made and closed, so no other thread may have begun to use it.
        static MAKING: Mutex<()> = Mutex::new(());
        let _alone = MAKING.lock();
        let is_shared =
            |found: &Metadata| system::facts(found, || path.to_owned()).has_other_names();
        match path.symlink_metadata() {
            Ok(found) if !found.is_file() => return Err(Cause::NotAFile),
            Ok(found) if is_shared(&found) => return Err(Cause::Shared),
            Ok(found) if found.len() > self.largest => {
                return Err(Cause::Damaged("it is larger than any that bkscan makes"));
            }
            Ok(found) if found.len() == 0 && !make => return Ok(false),
            Ok(_) => {}
            Err(error) if system::is_absence(&error) && !make => return Ok(false),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.folder.make_private(path).map_err(Cause::Io)?;
            }
            Err(error) => return Err(Cause::Io(error)),
        }
        for ending in BESIDE {
            let mut beside = path.as_os_str().to_owned();
            beside.push(ending);
            match Path::new(&beside).symlink_metadata() {
                Ok(found) if !found.is_file() || is_shared(&found) => {
                    return Err(Cause::Beside(ending));
                }
                // SQLite says whatever else is wrong with it.
                _ => {}
            }
        }
        Ok(true)
    }
}

/// Does work that goes through rows, and ends it where it takes too long: what was altered by hand can have
/// rows without end.
pub fn in_bounds<T>(
    connection: &mut Connection,
    work: impl FnOnce(&mut Connection) -> Result<T>,
) -> Result<T> {
    const DEADLINE: Duration = Duration::from_secs(20);
    const AGAIN: Duration = Duration::from_millis(100);
    let handle = connection.get_interrupt_handle();
    let (done, ended) = mpsc::channel::<()>();
    // Where no thread can be had, nobody watches.
    let watch = thread::Builder::new().spawn(move || {
        let mut patience = DEADLINE;
        while ended.recv_timeout(patience) == Err(mpsc::RecvTimeoutError::Timeout) {
            // Between two statements it would not be heard.
            handle.interrupt();
            patience = AGAIN;
        }
    });
    let result = work(connection);
    drop(done);
    // None of it may come to the next access.
    let _ = watch.map(thread::JoinHandle::join);
    result
}

/// Makes sure that a file has the schema that the steps made which it has gone through, and nothing
/// beside: a trigger or a view would be a program of somebody else's.
fn check(connection: &Connection, steps: &[&str]) -> Result<()> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let taken = usize::try_from(version).ok();
    // What is none of ours at all is told by whoever takes the steps.
    let Some(taken) = taken.and_then(|taken| steps.get(..taken)) else {
        return Ok(());
    };
    if taken.is_empty() {
        return Ok(());
    }
    let made = Connection::open_in_memory()?;
    taken.iter().try_for_each(|step| made.execute_batch(step))?;
    // In one go, while nobody takes another step.
    if schema(connection)? == schema(&made)? {
        return Ok(());
    }
    let now: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    match now == version {
        true => Err(Cause::Damaged("its tables are not those that bkscan made")),
        // Another bkscan took a step meanwhile.
        false => check(connection, steps),
    }
}

/// What was made in a database: its kind, its name, that of its table, and by which words.
fn schema(connection: &Connection) -> Result<Vec<[String; 4]>> {
    let sql = "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema \
               ORDER BY 1, 2, 3 LIMIT 1000";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| {
        let words = |sql: String| sql.split_whitespace().collect::<Vec<_>>().join(" ");
        Ok([row.get(0)?, row.get(1)?, row.get(2)?, words(row.get(3)?)])
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Takes the steps that the file has not gone through, each in one transaction with its version.
pub fn migrate(connection: &mut Connection, steps: &[&str]) -> Result<()> {
    let to_take = |connection: &Connection| -> Result<Option<(i64, &str)>> {
        let version = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        match usize::try_from(version) {
            Ok(taken) if taken <= steps.len() => Ok(steps.get(taken).map(|sql| (version, *sql))),
            Ok(_) => Err(Cause::Newer(version)),
            Err(_) => Err(Cause::Damaged("it has no version")),
        }
    };
    while to_take(connection)?.is_some() {
        let step = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Another bkscan may have taken it while this one waited.
        if let Some((version, sql)) = to_take(&step)? {
            if version == 0 && !is_empty(&step)? {
                return Err(Cause::Damaged("another program made it"));
            }
            step.execute_batch(sql)?;
            step.pragma_update(None, "user_version", version + 1)?;
        }
        step.commit()?;
    }
    Ok(())
}

/// Whether nothing was ever made in it.
fn is_empty(connection: &Connection) -> Result<bool> {
    let sql = "SELECT NOT EXISTS (SELECT * FROM sqlite_schema)";
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}

impl From<rusqlite::Error> for Cause {
    fn from(error: rusqlite::Error) -> Cause {
        Cause::Sql(error)
    }
}

/// One line that says what was tried, names the file, says what is wrong, and what to do.
pub fn line(tried: &str, file: &Path, cause: &Cause) -> String {
    const AWAY: &str = "move it away, and a new one is made";
    const RIGHTS: &str = "check that you may write it and the folder it is in, or name another \
                          folder with --state-dir";
    let (cause, advice) = match cause {
        Cause::Io(error) => (system::in_words(error), RIGHTS),
        Cause::NotAFile => ("it is not a file".to_owned(), AWAY),
        Cause::Shared => ("it has another name, too".to_owned(), AWAY),
        Cause::Beside(ending) => (
            format!(
                "what lies beside it with {ending} after its name is not a plain file of its own"
            ),
            "move that away",
        ),
        Cause::Damaged(why) => (format!("it is damaged ({why})"), AWAY),
        Cause::Newer(version) => (
            format!("a newer bkscan wrote it (its version {version})"),
            "it is left as it is; use that bkscan, or name another folder with --state-dir",
        ),
        Cause::Sql(error) => match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => (
                "another program is at work in it".to_owned(),
                "try again when that one is done",
            ),
            Some(ErrorCode::DiskFull) => (error.to_string(), "free space on its disk"),
            Some(ErrorCode::OperationInterrupted) => {
                ("it takes longer than any that bkscan made".to_owned(), AWAY)
            }
            // What SQLite says names the file again.
            Some(ErrorCode::CannotOpen) => ("it cannot be opened".to_owned(), RIGHTS),
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => (error.to_string(), RIGHTS),
            Some(ErrorCode::SystemIoFailure | ErrorCode::OutOfMemory) => (
                error.to_string(),
                "check its disk, or name another folder with --state-dir",
            ),
            _ => (format!("it is damaged, or not bkscan's ({error})"), AWAY),
        },
    };
    let line = format!("{tried} {}: {cause}; {advice}", file.display());
    line.replace(char::is_control, " ")
}
