//! The rows of the manifest through SQLite, over ranges of rowids, each on its own connection. Gets past
//! damaged pages to the rows behind them.

use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use rusqlite::Connection;
use rusqlite::types::ValueRef;

use crate::model::Listing;
use crate::model::progress::Monitor;
use crate::read::budget::Budget;
use crate::read::database::{Database, DatabaseError, trouble};
use crate::read::pages::COLUMNS;
use crate::read::tally::Tally;

use super::columns::{add, bytes};
use super::run::{Part, Run, Told};

/// No index is named: they differ between iOS versions (F§7.1).
const ROWS: &str = "SELECT rowid, fileID, domain, relativePath, flags, file FROM Files NOT INDEXED \
                    WHERE rowid BETWEEN ?1 AND ?2";

/// The same rows, to see whether there is any: without reading more than the page it is on.
const ROWID: &str = "SELECT rowid FROM Files NOT INDEXED WHERE rowid BETWEEN ?1 AND ?2";

/// The first and the last rowid; `None` where there is no row. Where an end is damaged, a bound that
/// the rowids of a device's manifest keep: they begin at 1, and a row takes more than a byte.
fn bounds(connection: &Connection) -> Result<Option<(i64, i64)>, DatabaseError> {
    let end = |function: &str, bound: i64| -> Result<Option<i64>, DatabaseError> {
        let sql = format!("SELECT {function}(rowid) FROM Files NOT INDEXED");
        match connection
            .query_row(&sql, [], |row| row.get(0))
            .map_err(trouble)
        {
            Err(DatabaseError::Damage(_)) => Ok(Some(bound)),
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
        .map(|number| {
            (
                first + width * number / count,
                first + width * (number + 1) / count - 1,
            )
        })
        .map(|(from, to)| (from as i64, to as i64))
        .collect()
}

impl Run<'_> {
    /// Reads all rows. Those that cannot be read are left out and named in the listing's `damage`.
    ///
    /// # Errors
    /// When nothing can be read at all.
    pub fn through_sqlite(self) -> Result<Listing, DatabaseError> {
        let bounds = self.database.with(|connection| {
            connection.prepare(ROWS).map_err(trouble)?;
            bounds(connection)
        })?;
        let ranges = bounds.map_or_else(Vec::new, |(first, last)| ranges(first, last));
        let budget = Budget::usual(self.wanted);
        // No row shares its bytes with another. Text that is kept as UTF-16 gets longer.
        let unread = AtomicU64::new(self.database.size().saturating_mul(2));
        let part = |range| {
            self.database.with(|connection| {
                let mut tally = Tally::new(self.wanted, &budget);
                let mut reader = RangeReader {
                    connection,
                    take: |columns: Columns<'_>| add(&mut tally, columns, self.opaque),
                    told: Told::new(self.monitor),
                    unread: &unread,
                    damage: None,
                    beyond: None,
                    probes: PROBES,
                };
                reader.read(range)?;
                let (damage, beyond) = (reader.damage, reader.beyond);
                Ok((tally.finish(), damage, beyond))
            })
        };
        let parts: Result<Vec<Part<'_>>, DatabaseError> = match self.database.is_shared() {
            true => ranges.into_par_iter().map(part).collect(),
            // Threads that wait for the one connection could be needed elsewhere.
            false => ranges.into_iter().map(part).collect(),
        };
        Ok(self.join(parts?))
    }
}

/// Hands over every row that can be read, in the order of rowids: fileID, domain, relativePath, flags, file.
/// Gets past damage as the reading for a scan does.
///
/// # Errors
/// When nothing can be read at all, or with the words of `visit`, which so ends it.
pub fn each_past_damage(
    database: &Database,
    monitor: &Monitor<'_>,
    visit: impl FnMut(Columns<'_>) -> Result<(), String>,
) -> Result<(), DatabaseError> {
    let unread = AtomicU64::new(database.size().saturating_mul(2));
    database.with(|connection| {
        connection.prepare(ROWS).map_err(trouble)?;
        let Some(range) = bounds(connection)? else {
            return Ok(());
        };
        let mut reader = RangeReader {
            connection,
            take: visit,
            told: Told::new(monitor),
            unread: &unread,
            damage: None,
            beyond: None,
            probes: PROBES,
        };
        reader.read(range)?;
        reader
            .beyond
            .map_or(Ok(()), |why| Err(DatabaseError::BeyondReader(why)))
    })
}

/// The columns of a row: fileID, domain, relativePath, flags, file.
pub type Columns<'a> = [ValueRef<'a>; COLUMNS];

struct RangeReader<'a, 'c, T> {
    connection: &'c Connection,
    /// Takes a row, or says why no more are taken.
    take: T,
    told: Told<'a>,
    /// Bytes of the file that rows may still be made of, in all ranges.
    unread: &'a AtomicU64,
    damage: Option<String>,
    /// A row that is beyond our reader; no damage.
    beyond: Option<String>,
    /// How many more times to look for rows behind a damaged page.
    probes: u32,
}

/// Enough to get past hundreds of damaged pages, and not enough to hang on a hostile file.
const PROBES: u32 = 10_000;

impl<T: FnMut(Columns<'_>) -> Result<(), String>> RangeReader<'_, '_, T> {
    /// Reads a range of rowids. One damaged page does not hide the rows behind it: where reading
    /// breaks off, it goes on with the next row that can be reached.
    fn read(&mut self, (first, last): (i64, i64)) -> Result<(), DatabaseError> {
        let mut from = first;
        while let Err((unread, error)) = self.read_until_error(from, last) {
            match trouble(error) {
                denied @ DatabaseError::Denied(_) => return Err(denied),
                DatabaseError::NoManifest(why) | DatabaseError::Damage(why) => {
                    self.damage.get_or_insert(why);
                }
                DatabaseError::BeyondReader(why) => {
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
        let mut statement = self.connection.prepare_cached(ROWID).ok()?;
        let mut rows = statement.query([first, last]).ok()?;
        Some(rows.next().is_ok())
    }

    /// Reads until the end or an error; then tells the first rowid that was not read.
    fn read_until_error(&mut self, first: i64, last: i64) -> Result<(), (i64, rusqlite::Error)> {
        let mut next = first;
        let mut statement = self
            .connection
            .prepare_cached(ROWS)
            .map_err(|error| (next, error))?;
        let mut rows = statement
            .query([first, last])
            .map_err(|error| (next, error))?;
        loop {
            let row = match rows.next() {
                Ok(Some(row)) => row,
                Ok(None) => break,
                Err(error) => return Err((next, error)),
            };
            let (rowid, columns) = values(row).map_err(|error| (next, error))?;
            let len = columns.iter().filter_map(|column| bytes(*column));
            let len = len.fold(0, |sum: u64, bytes| sum.saturating_add(bytes.len() as u64));
            let less = |left: u64| left.checked_sub(len);
            let spent = self
                .unread
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less)
                .is_err();
            // Pages that are used twice give the same rows again, or rows without end.
            if rowid < next || spent {
                self.damage
                    .get_or_insert_with(|| "its rows go in a circle".to_owned());
                return Ok(());
            }
            if let Err(why) = (self.take)(columns) {
                self.beyond = Some(why);
                return Ok(());
            }
            next = rowid.saturating_add(1);
            if !self.told.go_on() {
                return Ok(());
            }
        }
        Ok(())
    }
}

/// The rowid and the columns of a row.
fn values<'a>(row: &'a rusqlite::Row<'_>) -> rusqlite::Result<(i64, Columns<'a>)> {
    let mut columns = [ValueRef::Null; COLUMNS];
    for (number, column) in columns.iter_mut().enumerate() {
        *column = row.get_ref(number + 1)?;
    }
    Ok((row.get(0)?, columns))
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
}
