//! What earlier runs read, payload by payload: `ledger.db` in the state folder. It is made when there is
//! something to remember. Nothing about it fails a scan: what goes wrong is kept as one line, and what
//! cannot be read was as if never read before.

mod entries;
mod tables;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use rusqlite::Connection;

use crate::model::Known;
use crate::model::sources;

use super::database::{self, Cause, Database, Result, in_bounds};
use super::folder::StateFolder;
use entries::Shard;
use tables::{STEPS, SeenShards};

const FILE: &str = "ledger.db";

/// Most bytes that the file usually takes: what is remembered of 16 million payloads.
pub const MOST: u64 = 1 << 30;

/// Why nothing is known of earlier runs.
#[derive(Debug)]
pub struct NotKnown(String);

impl fmt::Display for NotKnown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The ledger, open for a run. Threads take turns.
#[derive(Debug)]
pub struct Ledger {
    database: Database,
    now: Timestamp,
    most: u64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// None where there is no file yet.
    connection: Option<Connection>,
    /// The shards that this run knows.
    seen: SeenShards,
    /// The first thing that went wrong.
    trouble: Option<String>,
}

impl Ledger {
    /// Opens the ledger of a state folder, for a run at the time `now`. It may take `most` bytes, or for a
    /// moment as many as one backup takes more. The state folder must not lie in what is scanned:
    /// [`path`](Ledger::path) tells before where the file is.
    ///
    /// # Errors
    /// One line that says why it cannot be used: it is damaged, another program's, a newer bkscan's, or
    /// locked. It is left as it is.
    pub fn open(
        folder: &StateFolder,
        now: Timestamp,
        most: u64,
    ) -> std::result::Result<Ledger, NotKnown> {
        Ledger::of(database(folder), now, most)
    }

    fn of(database: Database, now: Timestamp, most: u64) -> std::result::Result<Ledger, NotKnown> {
        let ledger = Ledger {
            database,
            now,
            most,
            state: Mutex::default(),
        };
        match ledger.connect(false) {
            Ok(connection) => ledger.lock().connection = connection,
            Err(cause) => {
                let why = ledger.line("what earlier runs read is not known from", &cause);
                return Err(NotKnown(why));
            }
        }
        Ok(ledger)
    }

    /// Where the file of a state folder is, if there can be one.
    pub fn path(folder: &StateFolder) -> Option<PathBuf> {
        database(folder).path()
    }

    /// How many bytes the file takes; 0 where there is none.
    pub fn bytes(&self) -> u64 {
        let found = self.database.path().and_then(|path| path.metadata().ok());
        found.map_or(0, |found| found.len())
    }

    /// The first thing that went wrong, in one line that names the file.
    pub fn trouble(&self) -> Option<String> {
        self.lock().trouble.clone()
    }

    /// Forgets backups that are gone: not there any more, although the folder that held them is. A disk
    /// that is away is no reason.
    pub fn forget_gone(&self) {
        let done = match &mut self.lock().connection {
            Some(connection) => in_bounds(connection, tables::forget_gone),
            None => Ok(()),
        };
        if let Err(cause) = done {
            self.tell(self.line("backups that are gone were not forgotten in", &cause));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn connect(&self, make: bool) -> Result<Option<Connection>> {
        let connection = self.database.open(make)?;
        connection.as_ref().map_or(Ok(()), tables::check)?;
        Ok(connection)
    }

    fn line(&self, tried: &str, cause: &Cause) -> String {
        database::line(tried, &self.file(), cause)
    }

    fn file(&self) -> PathBuf {
        self.database.path().unwrap_or_else(|| FILE.into())
    }

    /// Keeps what went wrong, if it is the first thing.
    fn tell(&self, line: String) {
        let mut state = self.lock();
        (state.trouble).get_or_insert_with(|| line.replace(char::is_control, " "));
    }

    /// Remembers shards; tells whether some had to be dropped at once.
    fn write(&self, folder: &Path, shards: Vec<(u8, Vec<Known>)>) -> Result<bool> {
        let mut state = self.lock();
        if state.connection.is_none() && !shards.is_empty() {
            state.connection = self.connect(true)?;
        }
        let State {
            connection, seen, ..
        } = &mut *state;
        let Some(connection) = connection else {
            return Ok(false);
        };
        tables::write(connection, folder, self.now, shards, seen)?;
        in_bounds(connection, |connection| {
            tables::shrink(connection, folder, self.most)
        })
    }
}

impl sources::Ledger for Ledger {
    fn known(&self, folder: &Path, shard: u8) -> Vec<Known> {
        let path = tables::path_of(folder);
        let shard = Shard {
            folder: &path,
            number: shard,
        };
        let read = {
            let state = self.lock();
            match &state.connection {
                Some(connection) => tables::read(connection, shard),
                None => Ok(None),
            }
        };
        match read.map(|bytes| bytes.map(|bytes| shard.decode(&bytes))) {
            Ok(Some(Some((checksum, known)))) => {
                let number = shard.number;
                self.lock().seen.insert((path, number), checksum);
                return known;
            }
            Ok(Some(None)) => self.tell(format!(
                "a part of {} was damaged; what it held is learned anew",
                self.file().display()
            )),
            Ok(None) => {}
            Err(cause) => {
                self.tell(self.line("what earlier runs read is not known from", &cause));
                // Whoever holds it would be waited for at every shard.
                self.lock().connection = None;
            }
        }
        Vec::new()
    }

    fn learn(&self, folder: &Path, shards: Vec<(u8, Vec<Known>)>) {
        let tried = "what was read is not remembered in";
        if lies_in(&self.file(), folder) {
            self.tell(format!(
                "{tried} {}: it lies in a backup; name another folder with --state-dir",
                self.file().display()
            ));
            return;
        }
        match self.write(folder, shards) {
            Ok(false) => {}
            Ok(true) => self.tell(format!(
                "not all that was read is remembered: {} would take more than {} bytes",
                self.file().display(),
                self.most
            )),
            Err(cause) => self.tell(self.line(tried, &cause)),
        }
    }
}

fn database(folder: &StateFolder) -> Database {
    let mut database = Database::new(folder.clone(), FILE, STEPS);
    // Pages that become free can be given back to the disk.
    database.beginning = "PRAGMA auto_vacuum = INCREMENTAL";
    database
}

/// Whether a file, which need not be there yet, lies in a folder, all links resolved.
fn lies_in(file: &Path, folder: &Path) -> bool {
    let real = file.ancestors().find_map(|path| path.canonicalize().ok());
    let around = folder.canonicalize().ok();
    real.zip(around)
        .is_some_and(|(real, around)| real.starts_with(around))
}

#[cfg(test)]
mod tests;
