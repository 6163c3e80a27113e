//! Reads runs.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, Row};

use crate::model::{Level, PastBackup, PastProblem, PastRun, StorageGroup, Udid, Verdict};
use crate::state::database::{Cause, Result};

use super::columns::{self, OwnedName, count, level, meaningless, needed, path, time, word};

pub(super) fn last_run(
    connection: &Connection,
    roots: &[PathBuf],
    level: Level,
) -> Result<Option<PastRun>> {
    let wanted: BTreeSet<&Path> = roots.iter().map(PathBuf::as_path).collect();
    let mut runs = connection.prepare("SELECT id, level FROM run ORDER BY id DESC")?;
    let mut its_roots = connection.prepare("SELECT path FROM root WHERE run = ?1")?;
    let mut runs = runs.query([])?;
    while let Some(run) = runs.next()? {
        let id: i64 = run.get(0)?;
        if columns::level(run, 1)? < level {
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
pub(super) fn load(connection: &Connection, first: i64, last: i64) -> Result<Vec<PastRun>> {
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
            let key = (0..=keys).map(|column| row.get(column));
            let key = key.collect::<rusqlite::Result<Vec<i64>>>()?;
            let run = key.first().and_then(|run| ids.binary_search(run).ok());
            match run.and_then(|position| runs.get_mut(position)) {
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
    let position = usize::try_from(row.get::<_, i64>(1)?).ok();
    position
        .and_then(|position| all.get_mut(position))
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
