//! What earlier runs found: `history.db` in the state folder, SQLite with a row a run and a row a
//! backup, in the order in which they were recorded; and of which backups it is not to speak any more.
//! Every access opens it anew, so that no lock outlives it.

use std::collections::{BTreeSet, HashMap};
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, Row, TransactionBehavior, params};

use crate::model::{
    Level, PastBackup, PastProblem, PastRun, Remembered, StorageGroup, Udid, Verdict,
};
use crate::system;

use super::StateFolder;
use super::database;
use super::database::{Cause, Database, Result};

const FILE: &str = "history.db";

/// The steps of the schema. Tables that have their rows by run need no index, and a run that was
/// recorded keeps its number for ever.
const STEPS: &[&str] = &[
    "
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
",
    "
    CREATE TABLE volume (
        run INTEGER NOT NULL,
        root INTEGER NOT NULL,
        number INTEGER NOT NULL,
        PRIMARY KEY (run, root)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE identity (
        run INTEGER NOT NULL,
        backup INTEGER NOT NULL,
        manifest_date TEXT,
        status_uuid TEXT,
        volume INTEGER,
        has_groups INTEGER NOT NULL,
        PRIMARY KEY (run, backup)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE backup_group (
        run INTEGER NOT NULL,
        backup INTEGER NOT NULL,
        position INTEGER NOT NULL,
        name TEXT NOT NULL,
        files INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        PRIMARY KEY (run, backup, position)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE span (
        run INTEGER NOT NULL,
        problem INTEGER NOT NULL,
        seconds INTEGER NOT NULL,
        PRIMARY KEY (run, problem)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE forgotten (
        id INTEGER PRIMARY KEY,
        path ANY NOT NULL,
        udid TEXT,
        last_run INTEGER NOT NULL
    ) STRICT;
",
];

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

    /// Has what all runs so far saw of a backup in its folders be forgotten: it is kept, and not spoken of.
    /// Of one that `is_there` the last run that saw it still counts, so that its loss is told.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn forget(
        &self,
        wanted: &Remembered,
        is_there: bool,
    ) -> std::result::Result<(), HistoryError> {
        let opened = self.database.open(true);
        let forgotten = opened.and_then(|connection| match connection {
            Some(mut connection) => forget(&mut connection, wanted, is_there),
            None => Ok(()),
        });
        forgotten.map_err(|cause| self.error("the backup could not be forgotten in", cause))
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
        let mut add = whole.prepare("INSERT INTO volume VALUES (?1, ?2, ?3)")?;
        for (at, volume) in (0_i64..).zip(&run.volumes) {
            if let Some(volume) = volume {
                add.execute(params![id, at, volume.cast_signed()])?;
            }
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
        insert_identities(&whole, id, run)?;
        let mut add = whole.prepare("INSERT INTO problem VALUES (?1, ?2, ?3, ?4, ?5)")?;
        let mut add_span = whole.prepare("INSERT INTO span VALUES (?1, ?2, ?3)")?;
        for (at, problem) in (0_i64..).zip(&run.problems) {
            let subject = Name(&problem.subject);
            add.execute(params![id, at, subject, problem.id, number(problem.count)])?;
            if let Some(span) = problem.span {
                add_span.execute(params![id, at, number(span)])?;
            }
        }
    }
    whole.commit()?;
    Ok(())
}

/// What the backups of a run are known again by, and what a person would miss of them.
fn insert_identities(connection: &Connection, id: i64, run: &PastRun) -> Result<()> {
    let mut add = connection.prepare("INSERT INTO identity VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    let sql = "INSERT INTO backup_group VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let mut add_group = connection.prepare(sql)?;
    for (at, backup) in (0_i64..).zip(&run.backups) {
        add.execute(params![
            id,
            at,
            backup.manifest_date.map(|date| date.to_string()),
            backup.status_uuid,
            backup.volume.map(u64::cast_signed),
            backup.keepsakes.is_some(),
        ])?;
        let groups = backup.keepsakes.iter().flatten();
        for (place, group) in (0_i64..).zip(groups) {
            let (files, bytes) = (number(group.files), number(group.bytes));
            add_group.execute(params![id, at, place, group.name, files, bytes])?;
        }
    }
    Ok(())
}

fn forget(connection: &mut Connection, wanted: &Remembered, is_there: bool) -> Result<()> {
    let whole = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let udid = wanted.backup.udid.as_ref().map(Udid::as_str);
    let now = Name(wanted.backup.path.as_os_str());
    let last_run: i64 = match is_there {
        true => whole.query_row(
            "SELECT coalesce(max(run), 0) - 1 FROM backup WHERE path = ?1 AND udid IS ?2",
            params![now, udid],
            |row| row.get(0),
        )?,
        false => whole.query_row("SELECT coalesce(max(id), 0) FROM run", [], |row| row.get(0))?,
    };
    for path in &wanted.paths {
        whole.execute(
            "INSERT INTO forgotten (path, udid, last_run) VALUES (?1, ?2, ?3)",
            params![Name(path.as_os_str()), udid, last_run],
        )?;
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
            volumes: vec![],
            backups: vec![],
            problems: vec![],
        });
    }
    // The first columns are the key: the run, and as many more as are told.
    let mut each = |keys: usize,
                    sql: &str,
                    add: fn(&mut PastRun, &Row<'_>) -> rusqlite::Result<()>|
     -> Result<()> {
        let mut statement = connection.prepare(sql)?;
        let mut rows = statement.query([first, last])?;
        let mut before: Option<Vec<i64>> = None;
        while let Some(row) = rows.next()? {
            let key = (0..=keys).map(|at| row.get(at));
            let key = key.collect::<rusqlite::Result<Vec<i64>>>()?;
            let run = key.first().and_then(|run| ids.binary_search(run).ok());
            match run.and_then(|at| runs.get_mut(at)) {
                Some(run) if before.as_ref() < Some(&key) => add(run, row)?,
                _ => return Err(Cause::Damaged("it has rows that belong to no run")),
            }
            before = Some(key);
        }
        Ok(())
    };
    each(
        1,
        "SELECT run, position, path FROM root \
         WHERE run BETWEEN ?1 AND ?2 ORDER BY run, position",
        |run, row| {
            run.roots.push(path(row, 2)?);
            run.volumes.push(None);
            Ok(())
        },
    )?;
    each(
        1,
        "SELECT run, root, number FROM volume \
         WHERE run BETWEEN ?1 AND ?2 ORDER BY run, root",
        |run, row| {
            *of(&mut run.volumes, row)? = Some(row.get::<_, i64>(2)?.cast_unsigned());
            Ok(())
        },
    )?;
    each(
        1,
        "SELECT run, position, path, udid, name, product, verdict, last_backup, files, \
         logical_bytes, allocated_bytes FROM backup \
         WHERE run BETWEEN ?1 AND ?2 ORDER BY run, position",
        |run, row| {
            run.backups.push(backup(row)?);
            Ok(())
        },
    )?;
    each(
        1,
        "SELECT run, backup, manifest_date, status_uuid, volume, has_groups FROM identity \
         WHERE run BETWEEN ?1 AND ?2 ORDER BY run, backup",
        |run, row| {
            let backup = of(&mut run.backups, row)?;
            backup.manifest_date = word(row, 2, |word| word.parse().ok())?;
            backup.status_uuid = row.get(3)?;
            backup.volume = row.get::<_, Option<i64>>(4)?.map(i64::cast_unsigned);
            backup.keepsakes = row.get::<_, bool>(5)?.then(Vec::new);
            Ok(())
        },
    )?;
    each(
        2,
        "SELECT run, backup, position, name, files, bytes FROM backup_group \
         WHERE run BETWEEN ?1 AND ?2 ORDER BY run, backup, position",
        |run, row| {
            let groups = of(&mut run.backups, row)?.keepsakes.as_mut();
            groups.ok_or_else(|| meaningless(1))?.push(StorageGroup {
                name: row.get(3)?,
                files: count(row, 4)?,
                bytes: count(row, 5)?,
            });
            Ok(())
        },
    )?;
    each(
        1,
        "SELECT run, position, subject, id, count FROM problem \
         WHERE run BETWEEN ?1 AND ?2 ORDER BY run, position",
        |run, row| {
            run.problems.push(PastProblem {
                subject: row.get::<_, OwnedName>(2)?.0,
                id: row.get(3)?,
                count: count(row, 4)?,
                span: None,
            });
            Ok(())
        },
    )?;
    each(
        1,
        "SELECT run, problem, seconds FROM span \
         WHERE run BETWEEN ?1 AND ?2 ORDER BY run, problem",
        |run, row| {
            of(&mut run.problems, row)?.span = Some(count(row, 2)?);
            Ok(())
        },
    )?;
    mark_forgotten(connection, &ids, &mut runs)?;
    Ok(runs)
}

/// That of the things of a run which the second column of a row speaks of.
fn of<'a, T>(all: &'a mut [T], row: &Row<'_>) -> rusqlite::Result<&'a mut T> {
    let at = usize::try_from(row.get::<_, i64>(1)?).ok();
    at.and_then(|at| all.get_mut(at))
        .ok_or_else(|| meaningless(1))
}

/// Marks what the user said is not to be spoken of any more.
fn mark_forgotten(connection: &Connection, ids: &[i64], runs: &mut [PastRun]) -> Result<()> {
    let mut forgotten: HashMap<(PathBuf, Option<Udid>), i64> = HashMap::new();
    let mut statement = connection.prepare("SELECT path, udid, last_run FROM forgotten")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let last = forgotten
            .entry((path(row, 0)?, word(row, 1, Udid::parse)?))
            .or_default();
        *last = row.get::<_, i64>(2)?.max(*last);
    }
    if forgotten.is_empty() {
        return Ok(());
    }
    for (id, run) in ids.iter().zip(runs) {
        for backup in &mut run.backups {
            let last = forgotten.get(&(backup.path.clone(), backup.udid.clone()));
            backup.forgotten = last.is_some_and(|last| last >= id);
        }
    }
    Ok(())
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
        manifest_date: None,
        status_uuid: None,
        volume: None,
        keepsakes: None,
        forgotten: false,
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
            None => system::path_bytes(self.0).into(),
        })
    }
}

impl FromSql for OwnedName {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<OwnedName> {
        let name = match value {
            ValueRef::Blob(bytes) => system::path_from_bytes(bytes),
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
