//! What earlier runs found: `history.db` in the state folder, SQLite with a row a run and a row a
//! backup, in the order in which they were recorded; and of which backups it is not to speak any more.
//! Every access opens it anew, so that no lock outlives it.

mod add;
mod columns;
mod load;
mod schema;

use std::fmt;
use std::path::PathBuf;

use rusqlite::Connection;

use crate::model::{Level, PastRun, Remembered};

use super::database::{self, Cause, Database, Result, in_bounds};
use super::folder::StateFolder;
use add::{forget, insert};
use load::{last_run, load};
use schema::STEPS;

const FILE: &str = "history.db";

/// All of it is read: 70 years of nightly runs over eight backups.
const LARGEST: u64 = 256 << 20;

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

impl StateFolder {
    /// What earlier runs found.
    pub fn history(&self) -> History {
        History::new(self.clone())
    }
}

impl History {
    fn new(folder: StateFolder) -> History {
        let mut database = Database::new(folder, FILE, STEPS);
        database.largest = LARGEST;
        History { database }
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
                Some(mut connection) => {
                    in_bounds(&mut connection, |connection| insert(connection, run))
                }
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
            Some(mut connection) => in_bounds(&mut connection, |connection| {
                forget(connection, wanted, is_there)
            }),
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
                Some(mut connection) => in_bounds(&mut connection, |connection| {
                    wanted(&*connection.unchecked_transaction()?)
                }),
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

impl fmt::Display for HistoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&database::line(self.tried, &self.file, &self.cause))
    }
}

impl std::error::Error for HistoryError {}

#[cfg(test)]
mod tests;
