//! Adds runs, and what is to be forgotten.

use rusqlite::{Connection, TransactionBehavior, params};

use crate::model::{PastRun, Remembered, Udid};
use crate::state::database::Result;

use super::columns::{Name, number};

pub(super) fn insert(connection: &mut Connection, run: &PastRun) -> Result<()> {
    let whole = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    whole.execute(
        "INSERT INTO run (at, level) VALUES (?1, ?2)",
        params![run.at.to_string(), run.level.as_str()],
    )?;
    let id = whole.last_insert_rowid();
    {
        let mut add = whole.prepare("INSERT INTO root VALUES (?1, ?2, ?3)")?;
        for (position, root) in (0_i64..).zip(&run.roots) {
            add.execute(params![id, position, Name(root.as_os_str())])?;
        }
        let mut add = whole.prepare("INSERT INTO volume VALUES (?1, ?2, ?3)")?;
        for (position, volume) in (0_i64..).zip(&run.volumes) {
            if let Some(volume) = volume {
                add.execute(params![id, position, volume.cast_signed()])?;
            }
        }
        let mut add = whole
            .prepare("INSERT INTO backup VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)")?;
        for (position, backup) in (0_i64..).zip(&run.backups) {
            add.execute(params![
                id,
                position,
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
        for (position, problem) in (0_i64..).zip(&run.problems) {
            let subject = Name(&problem.subject);
            add.execute(params![
                id,
                position,
                subject,
                problem.id,
                number(problem.count)
            ])?;
            if let Some(span) = problem.span {
                add_span.execute(params![id, position, number(span)])?;
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
    for (position, backup) in (0_i64..).zip(&run.backups) {
        add.execute(params![
            id,
            position,
            backup.manifest_date.map(|date| date.to_string()),
            backup.status_uuid,
            backup.volume.map(u64::cast_signed),
            backup.keepsakes.is_some(),
        ])?;
        let groups = backup.keepsakes.iter().flatten();
        for (place, group) in (0_i64..).zip(groups) {
            let (files, bytes) = (number(group.files), number(group.bytes));
            add_group.execute(params![id, position, place, group.name, files, bytes])?;
        }
    }
    Ok(())
}

pub(super) fn forget(
    connection: &mut Connection,
    wanted: &Remembered,
    is_there: bool,
) -> Result<()> {
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
