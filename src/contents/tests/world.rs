//! A folder of payloads made by hand, and a ledger in memory.

use std::collections::BTreeMap;
use std::fs::{self, FileTimes};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use rayon::ThreadPoolBuilder;
use sha1::{Digest, Sha1};
use tempfile::TempDir;

use crate::contents::payload::Files;
use crate::contents::{Job, read, read_from};
use crate::crypto::ClassKeys;
use crate::model::options::Subset;
use crate::model::progress::Monitor;
use crate::model::sources;
use crate::model::{
    Contents, Denied, FileId, Known, ManifestFormat, Payload, PayloadKey, PayloadKind, Subjects,
};

/// An id in that shard, the `number`th there.
pub fn id(shard: u8, number: u8) -> FileId {
    FileId::from_bytes(std::array::from_fn(|index| match index {
        0 => shard,
        1 => 0xab,
        19 => number,
        _ => 0,
    }))
}

pub fn sha1(bytes: &[u8]) -> [u8; 20] {
    Sha1::digest(bytes).into()
}

/// The ids of subjects, all of which are kept.
pub fn ids(subjects: &Subjects) -> Vec<FileId> {
    assert_eq!(subjects.count, subjects.first.len() as u64);
    subjects.first.iter().filter_map(|one| one.id).collect()
}

/// A ledger in memory.
#[derive(Default)]
pub struct Memory {
    pub shards: Mutex<BTreeMap<u8, Vec<Known>>>,
    /// What was learned, each time.
    pub learned: Mutex<Vec<Vec<u8>>>,
}

impl Memory {
    pub fn of(&self, id: FileId) -> Option<Known> {
        let shards = self.shards.lock().unwrap();
        let mut known = shards.get(&id.shard())?.iter();
        known.find(|known| known.id == id).copied()
    }

    pub fn put(&self, known: Known) {
        let mut shards = self.shards.lock().unwrap();
        let shard = shards.entry(known.id.shard()).or_default();
        shard.push(known);
        shard.sort_by_key(|known| known.id);
    }
}

impl sources::Ledger for Memory {
    fn known(&self, _folder: &Path, shard: u8) -> Vec<Known> {
        let shards = self.shards.lock().unwrap();
        shards.get(&shard).cloned().unwrap_or_default()
    }

    fn learn(&self, _folder: &Path, shards: Vec<(u8, Vec<Known>)>) {
        let numbers = shards.iter().map(|(number, _)| *number).collect();
        self.learned.lock().unwrap().push(numbers);
        self.shards.lock().unwrap().extend(shards);
    }
}

/// A backup's folder, and what is known of it.
pub struct World {
    pub now: Timestamp,
    pub folder: TempDir,
    pub format: ManifestFormat,
    pub moving: bool,
    pub payloads: BTreeMap<FileId, Payload>,
    pub seals: Vec<PayloadKey>,
    pub keys: Option<ClassKeys>,
    pub encrypted: bool,
    pub ledger: Option<Memory>,
    pub subset: Option<Subset>,
    pub keep: usize,
}

impl World {
    pub fn new() -> World {
        World {
            folder: tempfile::tempdir().unwrap(),
            format: ManifestFormat::Sqlite,
            moving: false,
            payloads: BTreeMap::new(),
            seals: Vec::new(),
            keys: None,
            encrypted: false,
            ledger: None,
            subset: None,
            now: "2026-11-22T12:00:00Z".parse().unwrap(),
            keep: 10,
        }
    }

    pub fn remembering() -> World {
        World {
            ledger: Some(Memory::default()),
            ..World::new()
        }
    }

    pub fn memory(&self) -> &Memory {
        self.ledger.as_ref().unwrap()
    }

    /// Where a payload lies, relative to the folder.
    pub fn place(&self, id: FileId) -> PathBuf {
        let name = id.to_string();
        match self.format {
            ManifestFormat::Sqlite => Path::new(&name[..2]).join(&name),
            ManifestFormat::Mbdb => name.into(),
        }
    }

    pub fn path(&self, id: FileId) -> PathBuf {
        self.folder.path().join(self.place(id))
    }

    /// Writes a payload where it belongs, as a file of an hour ago.
    pub fn put(&mut self, id: FileId, bytes: &[u8]) {
        self.put_at(id, &self.place(id), bytes);
    }

    /// Writes a payload somewhere in the folder.
    pub fn put_at(&mut self, id: FileId, place: &Path, bytes: &[u8]) {
        let path = self.folder.path().join(place);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        set_modified(&path, 3600);
        self.measured(id, bytes.len() as u64);
    }

    /// Has a payload be measured, whatever is there.
    pub fn measured(&mut self, id: FileId, size: u64) -> &mut Payload {
        let payload = Payload {
            id,
            size,
            kind: PayloadKind::File,
            is_cloud_only: false,
        };
        self.payloads.insert(id, payload);
        self.payloads.get_mut(&id).unwrap()
    }

    pub fn seal(&mut self, seal: PayloadKey) {
        self.seals.push(seal);
        self.seals.sort_by_key(|seal| seal.id);
    }

    /// Has a row give a digest of a payload.
    pub fn digest(&mut self, id: FileId, digest: [u8; 20]) {
        self.seal(PayloadKey {
            is_empty: false,
            id,
            digest: Some(digest),
            key: None,
        });
    }

    /// Flips a bit of a payload; size, time and inode stay.
    pub fn flip(&self, id: FileId) {
        let path = self.path(id);
        let modified = path.metadata().unwrap().modified().unwrap();
        let mut bytes = fs::read(&path).unwrap();
        bytes[0] ^= 1;
        fs::write(&path, bytes).unwrap();
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.set_times(FileTimes::new().set_modified(modified))
            .unwrap();
    }

    fn with<T: Send>(
        &self,
        threads: usize,
        monitor: &Monitor<'_>,
        work: impl FnOnce(&Job<'_>) -> T + Send,
    ) -> T {
        let mut shards = vec![Vec::new(); 256];
        for payload in self.payloads.values() {
            shards[usize::from(payload.id.shard())].push(*payload);
        }
        let job = Job {
            folder: self.folder.path(),
            format: self.format,
            moving: self.moving,
            shards: &shards,
            seals: &self.seals,
            encrypted: self.encrypted,
            keys: self.keys.as_ref(),
            ledger: self.ledger.as_ref().map(|ledger| ledger as _),
            subset: self.subset,
            now: self.now,
            keep: self.keep,
            monitor,
        };
        let pool = ThreadPoolBuilder::new().num_threads(threads);
        pool.build().unwrap().install(|| work(&job))
    }

    pub fn read(&self) -> (Contents, Denied) {
        self.read_on(2, &Monitor::silent())
    }

    pub fn read_on(&self, threads: usize, monitor: &Monitor<'_>) -> (Contents, Denied) {
        self.with(threads, monitor, read)
    }

    pub fn read_from<F: Files>(&self, files: &F) -> (Contents, Denied) {
        self.with(2, &Monitor::silent(), |job| read_from(job, files))
    }

    /// Reads, and makes sure that nothing is wrong.
    pub fn read_well(&self) -> Contents {
        let (contents, denied) = self.read();
        assert_eq!(denied.places.count, 0, "{denied:?}");
        for (wrong, what) in [
            (&contents.mismatched, "mismatched"),
            (&contents.unreadable, "unreadable"),
            (&contents.changed, "changed"),
            (&contents.padding, "padding"),
        ] {
            assert_eq!(wrong.count, 0, "{what}: {wrong:?}");
        }
        contents
    }
}

/// Sets when a file was modified, in seconds after some time in the past.
pub fn set_modified(path: &Path, seconds: u64) {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + seconds);
    let file = fs::File::options().write(true).open(path).unwrap();
    let times = FileTimes::new().set_modified(time);
    file.set_times(times).unwrap();
}

/// What a mutex holds, whatever became of other threads.
pub fn held<T: Clone>(mutex: &Mutex<T>) -> T {
    mutex.lock().unwrap_or_else(PoisonError::into_inner).clone()
}
