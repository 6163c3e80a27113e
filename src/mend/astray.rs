//! Payloads that lie in the folder under another place or name: flattened, in a wrong shard, with an ending.
//!
//! A name of forty hex digits says what it is. What lies in `Snapshot/`, in another backup within this one, or in
//! an unpacked copy may be another version of the file: there size and, where it is recorded, digest have to be
//! those of the row. Of an encrypted one whose name has got an ending, and which has no digest, its own key has to
//! open it to a file of that size. Placeholders of a cloud are no payloads. No link is followed.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use sha1::{Digest, Sha1};
use walkdir::{DirEntry, WalkDir};

use crate::compare::{self, Rules};
use crate::facts::names;
use crate::model::progress::Monitor;
use crate::model::secret::Key;
use crate::model::{
    FileId, Listing, Payload, PayloadKind, Record, Traits, WrappedKey, stored_length,
};
use crate::read::database::Database;
use crate::scan::closely::Closely;
use crate::verify::files::{
    FILE_MISSING, KNOWN_TROUBLE_FILE, PAYLOAD_EMPTY, PAYLOAD_IN_CLOUD, PAYLOAD_NOT_A_FILE,
    PAYLOAD_TRUNCATED,
};
use crate::{crypto, read, system};

use crate::mendable::{LostRow, id_of};

/// Of these rows the payload is not in its place, or what is there can be told from it by its length.
const MAY_LIE_ELSEWHERE: [&str; 6] = [
    FILE_MISSING.id,
    PAYLOAD_NOT_A_FILE.id,
    PAYLOAD_IN_CLOUD.id,
    PAYLOAD_TRUNCATED.id,
    PAYLOAD_EMPTY.id,
    KNOWN_TROUBLE_FILE.id,
];

/// A payload that lies elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its name.
    pub id: FileId,
    /// Its length in bytes.
    pub size: u64,
    /// Where it lies, below the backup's folder.
    pub from: PathBuf,
}

/// A file that may be one of them.
struct Candidate {
    size: u64,
    from: PathBuf,
    /// Whether only its bytes can say so.
    in_doubt: bool,
    /// Whether nothing but an ending at its name makes that so.
    has_ending: bool,
}

/// What a row says of the bytes of its payload.
#[derive(Clone, Copy, Default)]
struct Sealed {
    digest: Option<[u8; 20]>,
    key: Option<WrappedKey>,
}

/// Looks for the payloads of rows that would go.
pub fn find(close: &Closely, rows: &[LostRow], monitor: &Monitor<'_>) -> Vec<Found> {
    let wanted: HashMap<u64, FileId> = (rows.iter())
        .filter(|row| MAY_LIE_ELSEWHERE.contains(&row.reason))
        .filter_map(|row| id_of(&row.file))
        .map(|id| (id.prefix(), id))
        .collect();
    let Some(listing) = close.manifest.listing().filter(|_| !wanted.is_empty()) else {
        return Vec::new();
    };
    if !may_lie_elsewhere(close) {
        return Vec::new();
    }
    let folder = &close.metadata.folder;
    let candidates = candidates(folder, close.metadata.in_snapshot, &wanted, monitor);
    let in_doubt = |all: &&Vec<Candidate>| all.iter().any(|candidate| candidate.in_doubt);
    let ids: HashSet<FileId> = candidates
        .iter()
        .filter(|(_, all)| in_doubt(all))
        .map(|(id, _)| *id)
        .collect();
    let seals = seals(close, &ids);
    let encrypted = close.metadata.encrypted() == Some(true);
    let rules = Rules {
        listed: true,
        encrypted,
        presence_only: false,
        keep: 0,
        largest: 0,
        keepsakes: false,
        names: false,
    };
    let mut found = Vec::new();
    for (id, mut all) in candidates {
        let Some(record) = record(listing, id) else {
            continue;
        };
        // What is certain first, then what has the recorded length, then by place.
        let recorded = stored_length(record.size, encrypted);
        all.sort_by(|one, other| {
            let key = |one: &Candidate| (one.in_doubt, one.size != recorded);
            (key(one).cmp(&key(other))).then_with(|| one.from.cmp(&other.from))
        });
        let fits = |candidate: &Candidate| {
            has_shape(&record, candidate.size, &rules)
                && (!candidate.in_doubt
                    || is_proven(close, candidate, &record, seals.get(&id).copied()))
        };
        found.extend(all.into_iter().find(fits).map(|candidate| Found {
            id,
            size: candidate.size,
            from: candidate.from,
        }));
    }
    found
}

/// Whether there are more files than the payloads in their place and the few that tell about a backup.
fn may_lie_elsewhere(close: &Closely) -> bool {
    let own = names::METADATA.iter().filter(|name| {
        let found = close.metadata.folder.join(name).symlink_metadata();
        found.is_ok_and(|found| found.is_file())
    });
    close.report.usage.files > close.report.payloads + own.count() as u64
        || close.report.payloads_anywhere > close.report.payloads
}

fn record(listing: &Listing, id: FileId) -> Option<Record> {
    let records = listing.shard(id.shard());
    records.into_iter().find(|record| record.id == id)
}

/// Whether a scan would take a file of this length for the payload.
fn has_shape(record: &Record, size: u64, rules: &Rules) -> bool {
    let payload = Payload {
        id: record.id,
        size,
        kind: PayloadKind::File,
        is_cloud_only: false,
    };
    let (seen, _) = compare::compare(&[*record], &[payload], true, rules);
    seen.truncated.count == 0 && seen.empty.count == 0
}

/// Whether its bytes are those that the row speaks of.
fn is_proven(
    close: &Closely,
    candidate: &Candidate,
    record: &Record,
    sealed: Option<Sealed>,
) -> bool {
    let encrypted = close.metadata.encrypted() == Some(true);
    let path = close.metadata.folder.join(&candidate.from);
    let is_as_long = record.traits.has(Traits::SIZE_KNOWN)
        && candidate.size == stored_length(record.size, encrypted);
    let sealed = sealed.unwrap_or_default();
    match sealed.digest {
        Some(digest) => sha1(&path).is_some_and(|own| own == digest),
        None if encrypted => {
            // Other bytes have another key, which little would show.
            candidate.has_ending
                && is_as_long
                && (close.keys.as_ref()).is_none_or(|keys| {
                    let key = sealed.key.and_then(|key| keys.unwrap(&key).ok());
                    key.is_some_and(|key| is_padded(&path, &key, record.size))
                })
        }
        None => is_as_long,
    }
}

/// Whether what a file decrypts to has this length: its padding tells.
fn is_padded(path: &Path, key: &Key, size: u64) -> bool {
    let last = || {
        let mut file = system::open_regular(path)?;
        let stored = file.metadata()?.len();
        let from = stored.saturating_sub(2 * crypto::BLOCK);
        file.seek(SeekFrom::Start(from))?;
        let mut last = Vec::new();
        file.take(2 * crypto::BLOCK).read_to_end(&mut last)?;
        io::Result::Ok((stored, last))
    };
    let Ok((stored, last)) = last() else {
        return false;
    };
    let padding = crypto::padding(key, &last);
    padding.is_some_and(|padding| stored.checked_sub(padding as u64) == Some(size))
}

fn sha1(path: &Path) -> Option<[u8; 20]> {
    let mut file = system::open_regular(path).ok()?;
    let mut hash = Sha1::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        match file.read(&mut buffer).ok()? {
            0 => return Some(hash.finalize().into()),
            count => hash.update(&buffer[..count]),
        }
    }
}

/// What rows say of these.
fn seals(close: &Closely, ids: &HashSet<FileId>) -> HashMap<FileId, Sealed> {
    let mut seals = HashMap::new();
    if !ids.is_empty() {
        let opened: Option<&Database> = close.opened.as_ref();
        read::manifest::each(&close.metadata, opened, &mut |row| {
            if let Some(id) = row.id.filter(|id| ids.contains(id)) {
                let (digest, key) = (row.digest, row.key);
                seals.insert(id, Sealed { digest, key });
            }
        });
    }
    seals
}

/// All files that may be one of those that are wanted.
fn candidates(
    folder: &Path,
    in_snapshot: bool,
    wanted: &HashMap<u64, FileId>,
    monitor: &Monitor<'_>,
) -> BTreeMap<FileId, Vec<Candidate>> {
    let mut found: BTreeMap<FileId, Vec<Candidate>> = BTreeMap::new();
    let is_none = |entry: &DirEntry| {
        entry.file_type().is_dir() && names::is_clutter_folder(entry.file_name())
    };
    let walk = WalkDir::new(folder).follow_links(false).into_iter();
    // Folders below which only bytes can say what something is.
    let mut doubtful: Vec<PathBuf> = Vec::new();
    for entry in walk.filter_entry(|entry| !is_none(entry)).flatten() {
        if monitor.is_stopped() {
            break;
        }
        let Ok(from) = entry.path().strip_prefix(folder) else {
            continue;
        };
        if entry.file_type().is_dir() {
            if !from.as_os_str().is_empty() && is_doubtful(entry.path(), from, in_snapshot) {
                doubtful.push(from.to_owned());
            }
            continue;
        }
        if !entry.file_type().is_file() {
            continue;
        }
        let name = entry.file_name().to_string_lossy();
        let own = FileId::parse(name.as_bytes()).and_then(|id| wanted.get(&id.prefix()));
        let mut ids: Vec<(FileId, bool)> = own.map(|id| (*id, false)).into_iter().collect();
        if ids.is_empty() && FileId::parse(name.as_bytes()).is_none() {
            let place: Vec<_> = from.iter().map(|part| part.to_string_lossy()).collect();
            let place = place.join("/");
            let renamed = names::ids_of_renamed(&place);
            ids.extend(renamed.filter_map(|prefix| Some((*wanted.get(&prefix)?, true))));
        }
        if ids.is_empty() {
            continue;
        }
        let Ok(metadata) = entry.metadata() else {
            continue;
        };
        if system::is_cloud_only(&metadata) {
            continue;
        }
        let is_elsewhere = doubtful.iter().any(|folder| from.starts_with(folder));
        let begins = name.as_bytes().get(..names::FILE_ID_DIGITS);
        let begins = begins.and_then(FileId::parse);
        for (id, is_renamed) in ids {
            found.entry(id).or_default().push(Candidate {
                size: metadata.len(),
                from: from.to_owned(),
                in_doubt: is_renamed || is_elsewhere,
                has_ending: begins == Some(id) && !is_elsewhere,
            });
        }
    }
    found
}

/// Whether a folder holds what may be another version of a payload.
fn is_doubtful(path: &Path, from: &Path, in_snapshot: bool) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_at_top = from.components().count() == 1;
    if is_at_top && name == "Snapshot" {
        return !in_snapshot;
    }
    if names::companion(&name).is_some() {
        return true;
    }
    let mut inside = names::Inside::default();
    for entry in fs::read_dir(path).into_iter().flatten().flatten() {
        inside.add(&entry.file_name().to_string_lossy());
    }
    let is_shard = is_at_top && names::shard_number(&name).is_some();
    // In `moving` the folder `Snapshot/` has a manifest of its own, and is this backup's.
    !is_shard && (inside.is_backup(&name) || inside.has_manifest())
}
