//! What stands in the ledger's tables, and how it is read and changed: in short transactions, so that
//! two runs at once are safe and neither waits long.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use crate::model::Known;
use crate::state::database::{Cause, Result};
use crate::system;

use super::entries::{self, Checksum, Shard};

/// The steps of the schema. `parent` is the inode of the folder around a backup's. The id of a shard is
/// that of its folder times 256 and its own number.
pub const STEPS: &[&str] = &["
    PRAGMA application_id = 1651208044;
    CREATE TABLE folder (
        id INTEGER PRIMARY KEY,
        path BLOB NOT NULL UNIQUE,
        parent INTEGER,
        read_at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE shard (
        id INTEGER PRIMARY KEY,
        entries BLOB NOT NULL
    ) STRICT;
"];

/// What the first step sets.
const APPLICATION: i64 = 1_651_208_044;

/// What was read of shards, by the path of their backup and their number.
pub type SeenShards = HashMap<(Vec<u8>, u8), Checksum>;

/// Makes sure that the file is a ledger.
pub fn check(connection: &Connection) -> Result<()> {
    match connection.pragma_query_value(None, "application_id", |row| row.get(0))? {
        APPLICATION => Ok(()),
        _ => Err(Cause::Damaged("another program made it")),
    }
}

/// The path of a backup's folder, as it is kept: links resolved.
pub fn path_of(folder: &Path) -> Vec<u8> {
    let real = system::canonical(folder).or_else(|_| std::path::absolute(folder));
    let real = real.unwrap_or_else(|_| folder.to_owned());
    system::path_bytes(real.as_os_str())
}

/// The inode of the folder around a folder, as it is kept.
fn parent_of(folder: &Path) -> Option<i64> {
    let identity = system::identity(&system::place(folder).0).ok().flatten();
    identity.map(|(_, inode)| inode.cast_signed())
}

/// What is kept of a shard, as it stands there; nothing where nothing is.
pub fn read(connection: &Connection, shard: Shard<'_>) -> Result<Option<Vec<u8>>> {
    let sql = "SELECT entries FROM shard \
               WHERE id = ((SELECT id FROM folder WHERE path = ?1) << 8) + ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let entries = statement.query_row(params![shard.folder, shard.number], |row| row.get(0));
    Ok(entries.optional()?)
}

/// Remembers shards of a backup that was read at `now`. Where one is not as it was `seen`, another run
/// has learned meanwhile.
pub fn write(
    connection: &mut Connection,
    folder: &Path,
    now: Timestamp,
    shards: Vec<(u8, Vec<Known>)>,
    seen: &mut SeenShards,
) -> Result<()> {
    /// Bytes that are written in one transaction.
    const AT_ONCE: usize = 4 << 20;
    let path = path_of(folder);
    if shards.is_empty() {
        // To the day: each change costs a wait for the disk.
        let sql = "UPDATE folder SET read_at = ?2 WHERE path = ?1 AND abs(read_at - ?2) >= 86400";
        connection.execute(sql, params![path, now.as_second()])?;
        return Ok(());
    }
    let mut shards = shards.into_iter().peekable();
    loop {
        let part = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let sql = "INSERT INTO folder (path, parent, read_at) VALUES (?1, ?2, ?3) \
                   ON CONFLICT DO UPDATE SET parent = excluded.parent, read_at = excluded.read_at \
                   RETURNING id";
        let values = params![path, parent_of(folder), now.as_second()];
        let id: i64 = part.query_row(sql, values, |row| row.get(0))?;
        let mut written = 0;
        while written < AT_ONCE
            && let Some((number, known)) = shards.next()
        {
            let shard = Shard {
                folder: &path,
                number,
            };
            let seen = seen.remove(&(path.clone(), number));
            let theirs = read(&part, shard)?.and_then(|bytes| shard.decode(&bytes));
            let known = match theirs {
                Some((checksum, theirs)) if seen != Some(checksum) => entries::merge(theirs, known),
                _ => known,
            };
            let bytes = shard.encode(&known);
            written += bytes.len();
            let row = (id << 8) + i64::from(number);
            match known.is_empty() {
                true => part.execute("DELETE FROM shard WHERE id = ?1", [row])?,
                false => part.execute("REPLACE INTO shard VALUES (?1, ?2)", params![row, bytes])?,
            };
        }
        part.commit()?;
        if shards.peek().is_none() {
            return Ok(());
        }
    }
}

/// Forgets backups that are not there any more, although the folder that held them is: another one in
/// its place may be where a disk that is away was mounted.
pub fn forget_gone(connection: &mut Connection) -> Result<()> {
    let mut gone: Vec<i64> = Vec::new();
    {
        let mut statement =
            connection.prepare("SELECT id, path, parent FROM folder ORDER BY id")?;
        let mut rows = statement.query([])?;
        let mut last = None;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            // In a damaged file pages may go in circles.
            if last.replace(id) >= Some(id) {
                return Err(Cause::Damaged("its backups are out of order"));
            }
            let path = system::path_from_bytes(row.get_ref(1)?.as_blob().unwrap_or_default());
            let parent: Option<i64> = row.get(2)?;
            if path.is_some_and(|path| is_gone(&PathBuf::from(path), parent)) {
                gone.push(id);
            }
        }
    }
    if gone.is_empty() {
        return Ok(());
    }
    let all = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for folder in gone {
        forget(&all, folder)?;
    }
    all.commit()?;
    vacuum(connection)
}

fn is_gone(path: &Path, parent: Option<i64>) -> bool {
    let absent = path.symlink_metadata().err();
    absent.is_some_and(|error| system::is_absence(&error))
        && parent.is_some()
        && parent_of(path) == parent
}

/// Forgets a backup; false where there is none of that id.
fn forget(transaction: &Transaction<'_>, folder: i64) -> Result<bool> {
    let shards = [folder << 8, (folder << 8) + 255];
    transaction.execute("DELETE FROM shard WHERE id BETWEEN ?1 AND ?2", shards)?;
    Ok(transaction.execute("DELETE FROM folder WHERE id = ?1", [folder])? > 0)
}

/// Drops backups, those read longest ago first, until all that is left takes no more than `most` bytes;
/// of the backup in `folder`, which was read just now, as many shards as are too many. Tells whether
/// that had to be.
pub fn shrink(connection: &mut Connection, folder: &Path, most: u64) -> Result<bool> {
    let path = path_of(folder);
    let (mut dropped, mut cut) = (false, false);
    while used(connection)? > most {
        let one = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let oldest = "SELECT id FROM folder WHERE path != ?1 ORDER BY read_at, id LIMIT 1";
        let oldest = one
            .query_row(oldest, [&path], |row| row.get(0))
            .optional()?;
        dropped = match oldest {
            Some(oldest) => forget(&one, oldest)?,
            None => {
                cut = true;
                let last = "DELETE FROM shard WHERE id = (SELECT max(id) FROM shard)";
                one.execute(last, [])? > 0
            }
        };
        if !dropped {
            return Err(Cause::Damaged("it does not become smaller"));
        }
        one.commit()?;
    }
    if dropped {
        vacuum(connection)?;
    }
    Ok(cut)
}

/// Bytes of the pages that hold anything.
fn used(connection: &Connection) -> Result<u64> {
    let sql = "SELECT (page_count - freelist_count) * page_size \
               FROM pragma_page_count, pragma_freelist_count, pragma_page_size";
    let bytes: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    Ok(u64::try_from(bytes).unwrap_or(0))
}

/// Gives free pages back to the disk.
fn vacuum(connection: &Connection) -> Result<()> {
    let mut statement = connection.prepare("PRAGMA incremental_vacuum")?;
    let mut rows = statement.query([])?;
    // It goes on page by page.
    while rows.next()?.is_some() {}
    Ok(())
}
