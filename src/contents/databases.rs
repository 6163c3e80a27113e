//! Has SQLite check the databases of well-known apps (F§8, F§13), one after the other. What it says of
//! a database without its `-wal` (F§18), or of indexes that the device makes with extensions of its
//! own, is no damage.

use std::path::Path;

use crate::facts::databases::{Known, apps};
use crate::model::secret::Key;
use crate::model::{AppDatabase, DatabaseState, FileId, Payload};
use crate::read::database::{Database, DatabaseError, MOST_DECRYPTED, NO_DATABASE};

use super::job::Job;
use super::places::Places;

/// Checks those that are there and whose shard is read; of an encrypted backup only with its keys.
pub fn check(job: &Job<'_>, places: &Places) -> Vec<AppDatabase> {
    let mut checked = Vec::new();
    if job.encrypted && job.keys.is_none() {
        return checked;
    }
    for (name, domain, path) in apps() {
        let id = FileId::of(domain.as_bytes(), path.as_bytes());
        let there = job.payload(id).filter(|_| job.has(id.shard()));
        // An encrypted file of nothing has a block of padding (F§9.2).
        let empty = if job.encrypted { 16 } else { 0 };
        let Some(payload) = there.filter(|found| found.size > empty && !found.is_cloud_only) else {
            continue;
        };
        if job.monitor.is_stopped() {
            break;
        }
        let wal = FileId::of(domain.as_bytes(), format!("{path}-wal").as_bytes());
        let wal = job.payload(wal).map_or(0, |wal| wal.size);
        let state = match (places.open(id.shard()).path(id), key(job, payload)) {
            (Some(path), Ok(key)) => state(&path, payload.size, key, wal),
            (Some(_), Err(why)) => DatabaseState::Unjudged(why.to_owned()),
            (None, _) => DatabaseState::Unjudged("it went away meanwhile".to_owned()),
        };
        checked.push(AppDatabase {
            name,
            id,
            bytes: payload.size,
            state,
        });
    }
    checked
}

/// The key of a database, where it is encrypted.
fn key(job: &Job<'_>, payload: &Payload) -> Result<Option<Key>, &'static str> {
    let Some(keys) = job.keys.filter(|_| job.encrypted) else {
        return Ok(None);
    };
    let mut seals = job.seals(payload.id.shard()).iter();
    let seal = seals.find(|seal| seal.id == payload.id);
    let key = seal.and_then(|seal| seal.key.as_ref());
    let key = key.and_then(|key| keys.unwrap(key).ok());
    key.map(Some).ok_or("its key does not open")
}

/// What SQLite says of a database that is a payload, decrypted where there is a key; nothing where it is not
/// there, or only in a cloud.
pub(super) fn known(places: &Places, known: &Known, key: Option<Key>) -> Option<DatabaseState> {
    let id = known.id();
    let folders = places.open(id.shard());
    let path = folders.path(id).filter(|_| !folders.is_cloud_only(id))?;
    let size = path.symlink_metadata().ok()?.len();
    let wal = FileId::of(
        known.domain.as_bytes(),
        format!("{}-wal", known.path).as_bytes(),
    );
    let wal = places.open(wal.shard()).path(wal);
    let wal = wal.and_then(|wal| wal.symlink_metadata().ok());
    Some(state(&path, size, key, wal.map_or(0, |wal| wal.len())))
}

/// What SQLite says of a database of `size` stored bytes, decrypted where there is a key. `wal`: the stored
/// bytes of its `-wal`.
fn state(path: &Path, size: u64, key: Option<Key>, wal: u64) -> DatabaseState {
    if size > MOST_DECRYPTED {
        return DatabaseState::Unjudged("it is larger than 2 GB".to_owned());
    }
    // An encrypted file of nothing has a block of padding (F§9.2).
    let empty = if key.is_some() { 16 } else { 0 };
    let answer = match key {
        None => Database::immutable(path).quick_check(),
        Some(key) => Database::decrypted(path, key).and_then(|opened| opened.quick_check()),
    };
    judge(answer, wal > empty)
}

pub(super) fn judge(answer: Result<Option<String>, DatabaseError>, has_wal: bool) -> DatabaseState {
    /// Longer names of tables are not needed to know what is meant.
    const LONGEST: usize = 300;
    let (complaint, is_damage) = match answer {
        Ok(None) => return DatabaseState::Sound,
        Ok(Some(complaint)) | Err(DatabaseError::Damage(complaint)) => {
            let is_damage = !is_no_damage(&complaint);
            (complaint, is_damage)
        }
        // Other errors of SQL are about what our SQLite does not know.
        Err(DatabaseError::NoManifest(why)) => {
            let is_damage = why.contains("file is not a database") || why == NO_DATABASE;
            (why, is_damage)
        }
        Err(DatabaseError::Denied(why)) => return DatabaseState::Unreadable(why),
        Err(DatabaseError::BeyondReader(why)) => (why, false),
    };
    let complaint: String = complaint.chars().take(LONGEST).collect();
    if !is_damage {
        DatabaseState::Unjudged(complaint)
    } else if has_wal {
        DatabaseState::Unjudged(format!(
            "its -wal is a file of its own in the backup, and without it SQLite says: {complaint}"
        ))
    } else {
        DatabaseState::Damaged(complaint)
    }
}

/// Whether SQLite complains of something that is no damage to the file: of indexes that are virtual
/// tables, which the device makes with its own extensions, or of values that a table's own rules do not
/// allow, which some version of SQLite stored nevertheless.
fn is_no_damage(complaint: &str) -> bool {
    let virtual_tables = [
        "FTS",
        "fts",
        "inverted index",
        "tokenizer",
        "vtable constructor",
        "In RTree",
    ];
    let virtual_table = virtual_tables.iter().any(|words| complaint.contains(words));
    let kinds = ["NULL", "NUMERIC", "TEXT", "non-"];
    let value =
        complaint.contains(" value in ") && kinds.iter().any(|kind| complaint.starts_with(kind));
    virtual_table || value || complaint.starts_with("CHECK constraint failed in ")
}
