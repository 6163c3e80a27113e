//! What earlier runs found: `history.db` in the state folder, SQLite with a row a run and a row a
//! backup, in the order in which they were recorded. Every access opens it anew, so that no lock
//! outlives it.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, Row, TransactionBehavior, params};

use crate::model::{Level, PastBackup, PastProblem, PastRun, Udid, Verdict};
use crate::platform;

use super::StateFolder;
use super::database::{self, Cause, Database, Result};

const FILE: &str = "history.db";

/// The steps of the schema. Tables that have their rows by run need no index, and a run that was
/// recorded keeps its number for ever.
const STEPS: &[&str] = &["
    CREATE TABLE run (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL,
        level TEXT NOT NULL
    ) STRICT;
    CREATE TABLE root (
        run INTEGER NOT NULL,
        position INTEGER NOT NULL,
        path ANY NOT NULL,
        PRIMARY KEY (run, position)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE backup (
        run INTEGER NOT NULL,
        position INTEGER NOT NULL,
        path ANY NOT NULL,
        udid TEXT,
        name TEXT,
        product TEXT,
        verdict TEXT NOT NULL,
        last_backup TEXT,
        files INTEGER NOT NULL,
        logical_bytes INTEGER NOT NULL,
        allocated_bytes INTEGER NOT NULL,
        PRIMARY KEY (run, position)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE problem (
        run INTEGER NOT NULL,
        position INTEGER NOT NULL,
        subject ANY NOT NULL,
        id TEXT NOT NULL,
        count INTEGER NOT NULL,
        PRIMARY KEY (run, position)
    ) STRICT, WITHOUT ROWID;
"];

/// The runs that were recorded in a state folder.
#[derive(Clone, Debug)]
pub struct History {
    database: Database,
}

/// Why the history could not be read or added to: one line that names the file, what was tried, and
/// what to do.
#[derive(Debug)]
pub struct HistoryError {
    file: PathBuf,
    tried: &'static str,
    cause: Cause,
}

impl History {
    pub(super) fn new(folder: StateFolder) -> History {
        History {
            database: Database::new(folder, FILE, STEPS),
        }
    }

    /// Where it is, if there can be one.
    pub fn path(&self) -> Option<PathBuf> {
        self.database.path()
    }

    /// The last run that looked at these roots, in whatever order, and as deep as `level` or deeper.
    ///
    /// # Errors
    /// When it cannot be read. A file that is not there holds no runs.
    pub fn last_run(
        &self,
        roots: &[PathBuf],
        level: Level,
    ) -> std::result::Result<Option<PastRun>, HistoryError> {
        self.read(|connection| last_run(connection, roots, level))
    }

    /// All runs, in the order in which they were recorded.
    ///
    /// # Errors
    /// When it cannot be read. A file that is not there holds no runs.
    pub fn runs(&self) -> std::result::Result<Vec<PastRun>, HistoryError> {
        self.read(|connection| load(connection, 0, i64::MAX))
    }

    /// Adds a run, wholly or not at all. The folder and the file are made if they are not there.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn record(&self, run: &PastRun) -> std::result::Result<(), HistoryError> {
        let recorded = self
            .database
            .open(true)
            .and_then(|connection| match connection {
                Some(mut connection) => insert(&mut connection, run),
                None => Ok(()),
            });
        recorded.map_err(|cause| self.error("this run could not be added to the history", cause))
    }

    fn read<T: Default>(
        &self,
        wanted: impl FnOnce(&Connection) -> Result<T>,
    ) -> std::result::Result<T, HistoryError> {
        let read = self
            .database
            .open(false)
            .and_then(|connection| match connection {
                // In one transaction, so that no run appears meanwhile.
                Some(connection) => wanted(&*connection.unchecked_transaction()?),
                None => Ok(T::default()),
            });
        read.map_err(|cause| self.error("the history could not be read from", cause))
    }

    fn error(&self, tried: &'static str, cause: Cause) -> HistoryError {
        HistoryError {
            file: self.path().unwrap_or_else(|| FILE.into()),
            tried,
            cause,
        }
    }
}

fn insert(connection: &mut Connection, run: &PastRun) -> Result<()> {
    let whole = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    whole.execute(
        "INSERT INTO run (at, level) VALUES (?1, ?2)",
        params![run.at.to_string(), run.level.as_str()],
    )?;
    let id = whole.last_insert_rowid();
    {
        let mut add = whole.prepare("INSERT INTO root VALUES (?1, ?2, ?3)")?;
        for (at, root) in (0_i64..).zip(&run.roots) {
            add.execute(params![id, at, Name(root.as_os_str())])?;
        }
        let mut add = whole
            .prepare("INSERT INTO backup VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)")?;
        for (at, backup) in (0_i64..).zip(&run.backups) {
            add.execute(params![
                id,
                at,
                Name(backup.path.as_os_str()),
                backup.udid.as_ref().map(Udid::as_str),
                backup.name,
                backup.product,
                backup.verdict.as_str(),
                backup.last_backup.map(|at| at.to_string()),
                number(backup.files),
                number(backup.logical),
                number(backup.allocated),
            ])?;
        }
        let mut add = whole.prepare("INSERT INTO problem VALUES (?1, ?2, ?3, ?4, ?5)")?;
        for (at, problem) in (0_i64..).zip(&run.problems) {
            let subject = Name(&problem.subject);
            add.execute(params![id, at, subject, problem.id, number(problem.count)])?;
        }
    }
    whole.commit()?;
    Ok(())
}

fn last_run(connection: &Connection, roots: &[PathBuf], level: Level) -> Result<Option<PastRun>> {
    let wanted: BTreeSet<&Path> = roots.iter().map(PathBuf::as_path).collect();
    let mut runs = connection.prepare("SELECT id, level FROM run ORDER BY id DESC")?;
    let mut its_roots = connection.prepare("SELECT path FROM root WHERE run = ?1")?;
    let mut runs = runs.query([])?;
    while let Some(run) = runs.next()? {
        let id: i64 = run.get(0)?;
        if self::level(run, 1)? < level {
            continue;
        }
        let its = its_roots.query_map([id], |row| path(row, 0))?;
        let its = its.collect::<rusqlite::Result<Vec<PathBuf>>>()?;
        if its.iter().map(PathBuf::as_path).collect::<BTreeSet<_>>() == wanted {
            return Ok(load(connection, id, id)?.pop());
        }
    }
    Ok(None)
}

/// The runs whose numbers are `first` to `last`.
fn load(connection: &Connection, first: i64, last: i64) -> Result<Vec<PastRun>> {
    let mut ids: Vec<i64> = Vec::new();
    let mut runs: Vec<PastRun> = Vec::new();
    let sql = "SELECT id, at, level FROM run WHERE id BETWEEN ?1 AND ?2 ORDER BY id";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([first, last])?;
    while let Some(row) = rows.next()? {
        let id = row.get(0)?;
        // In a damaged file pages may go in circles.
        if ids.last().is_some_and(|last| *last >= id) {
            return Err(Cause::Damaged("its runs are out of order"));
        }
        ids.push(id);
        runs.push(PastRun {
            at: time(row, 1)?,
            level: level(row, 2)?,
            roots: vec![],
            backups: vec![],
            problems: vec![],
        });
    }
    let mut each = |sql: &str, add: fn(&mut PastRun, &Row<'_>) -> rusqlite::Result<()>| {
        let mut statement = connection.prepare(sql)?;
        let mut rows = statement.query([first, last])?;
        let mut before = None;
        while let Some(row) = rows.next()? {
            let key: (i64, i64) = (row.get(0)?, row.get(1)?);
            let run = ids.binary_search(&key.0).ok();
            match run.and_then(|at| runs.get_mut(at)) {
                Some(run) if before < Some(key) => add(run, row)?,
                _ => return Err(Cause::Damaged("it has rows that belong to no run")),
            }
            before = Some(key);
        }
        Ok(())
    };
    each(
        "SELECT run, position, path FROM root \
         WHERE run BETWEEN ?1 AND ?2 ORDER BY run, position",
        |run, row| {
            run.roots.push(path(row, 2)?);
            Ok(())
        },
    )?;
    each(
        "SELECT run, position, path, udid, name, product, verdict, last_backup, files, \
         logical_bytes, allocated_bytes FROM backup \
         WHERE run BETWEEN ?1 AND ?2 ORDER BY run, position",
        |run, row| {
            run.backups.push(backup(row)?);
            Ok(())
        },
    )?;
    each(
        "SELECT run, position, subject, id, count FROM problem \
         WHERE run BETWEEN ?1 AND ?2 ORDER BY run, position",
        |run, row| {
            run.problems.push(PastProblem {
                subject: row.get::<_, OwnedName>(2)?.0,
                id: row.get(3)?,
                count: count(row, 4)?,
            });
            Ok(())
        },
    )?;
    Ok(runs)
}

fn backup(row: &Row<'_>) -> rusqlite::Result<PastBackup> {
    Ok(PastBackup {
        path: path(row, 2)?,
        udid: word(row, 3, Udid::parse)?,
        name: row.get(4)?,
        product: row.get(5)?,
        verdict: needed(row, 6, |word| {
            let mut all = Verdict::ALL.into_iter();
            all.find(|verdict| verdict.as_str() == word)
        })?,
        last_backup: word(row, 7, |word| word.parse().ok())?,
        files: count(row, 8)?,
        logical: count(row, 9)?,
        allocated: count(row, 10)?,
    })
}

/// A path or another name of the system: text where it is UTF-8, so that people can read it, else the
/// bytes as the system keeps them.
struct Name<'a>(&'a OsStr);

struct OwnedName(OsString);

impl ToSql for Name<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0.to_str() {
            Some(text) => text.into(),
            None => platform::path_bytes(self.0).into(),
        })
    }
}

impl FromSql for OwnedName {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<OwnedName> {
        let name = match value {
            ValueRef::Blob(bytes) => platform::path_from_bytes(bytes),
            value => Some(value.as_str()?.into()),
        };
        name.map(OwnedName).ok_or(FromSqlError::InvalidType)
    }
}

fn path(row: &Row<'_>, at: usize) -> rusqlite::Result<PathBuf> {
    Ok(row.get::<_, OwnedName>(at)?.0.into())
}

/// A number as SQLite can keep it.
fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn count(row: &Row<'_>, at: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(at)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(at, number))
}

fn time(row: &Row<'_>, at: usize) -> rusqlite::Result<Timestamp> {
    needed(row, at, |word| word.parse().ok())
}

fn level(row: &Row<'_>, at: usize) -> rusqlite::Result<Level> {
    needed(row, at, |word| {
        let mut all = [Level::Quick, Level::Standard, Level::Contents].into_iter();
        all.find(|level| level.as_str() == word)
    })
}

/// A word that is there and means something.
fn needed<T>(row: &Row<'_>, at: usize, meaning: fn(&str) -> Option<T>) -> rusqlite::Result<T> {
    word(row, at, meaning)?.ok_or_else(|| meaningless(at))
}

/// A word that means something, if it is there.
fn word<T>(
    row: &Row<'_>,
    at: usize,
    meaning: impl Fn(&str) -> Option<T>,
) -> rusqlite::Result<Option<T>> {
    let Some(word) = row.get_ref(at)?.as_str_or_null()? else {
        return Ok(None);
    };
    meaning(word).map(Some).ok_or_else(|| meaningless(at))
}

fn meaningless(at: usize) -> rusqlite::Error {
    let error = FromSqlError::Other("a word that means nothing".into());
    rusqlite::Error::FromSqlConversionFailure(at, rusqlite::types::Type::Text, Box::new(error))
}

impl fmt::Display for HistoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&database::line(self.tried, &self.file, &self.cause))
    }
}

impl std::error::Error for HistoryError {}

#[cfg(test)]
mod tests;
