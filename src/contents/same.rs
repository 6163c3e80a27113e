//! Compares payloads of a backup with those of another one that should hold the same bytes: their ends,
//! or all of them; decrypted where they are encrypted and their keys are at hand. Judges neither.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use walkdir::WalkDir;

use crate::crypto::{self, ClassKeys, Decrypted};
use crate::facts::databases::Known;
use crate::model::progress::{Event, Monitor};
use crate::model::{DatabaseState, FileId, ManifestFormat, PayloadKey, Sample};
use crate::system::{self, Stamp};

use super::databases;
use super::holes::Shared;
use super::payload::{self, Disk, NotRead};
use super::places::{Places, ShardFolders};

/// So many bytes are compared at each end of a payload.
const END: usize = 4096;
/// So many at a time where all are compared.
const AT_ONCE: usize = 64 << 10;

/// A shorter payload has no holes that count.
const LARGE: u64 = 1 << 20;

/// What it takes to read the payloads of a backup.
#[derive(Debug)]
pub enum Lock {
    /// They are not encrypted, or nobody knows: then they are compared as they are stored.
    Plain,
    /// They are encrypted, and their keys are not at hand.
    Closed,
    /// They are encrypted, and the keys of these ones are at hand, sorted by id.
    Open(Arc<ClassKeys>, Vec<PayloadKey>),
}

/// One of two backups whose payloads are compared.
pub struct Side {
    places: Places,
    /// The payloads that it is about, sorted.
    ids: Vec<FileId>,
    /// The folders of those of them that are not in their place.
    elsewhere: HashMap<FileId, PathBuf>,
    /// What it takes to read them.
    pub lock: Lock,
}

/// Two payloads that should hold the same, by the first 64 bits of their ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Twin {
    /// That of the backup that goes.
    pub old: u64,
    /// That of the other one.
    pub new: u64,
    /// Whether nothing is asked of the other one but that there is something in it.
    pub may_differ: bool,
}

/// What is not the same.
#[derive(Debug, Default)]
pub struct Unlike {
    /// Which, as indices, in their order.
    pub twins: Vec<usize>,
    /// What is the matter with each: `has other bytes there`.
    pub why: Sample<String>,
}

impl Side {
    /// So many words of what is the matter are kept.
    const TOLD: usize = 3;

    /// The payloads of these names in the backup at `folder`; the names are sorted. `moving`: those in
    /// `Snapshot/` count before others.
    pub fn find(folder: &Path, format: ManifestFormat, moving: bool, names: &[u64]) -> Side {
        let places = Places::find(folder, format, moving);
        Side {
            ids: places.ids(|id| names.binary_search(&id.prefix()).is_ok()),
            places,
            elsewhere: HashMap::new(),
            lock: Lock::Plain,
        }
    }

    /// Takes in those of these names, sorted, that lie elsewhere in the folder and not in their place: of several the
    /// longest, as it counts. No link is followed.
    pub fn find_elsewhere(&mut self, folder: &Path, names: &[u64]) {
        let mut longest: HashMap<FileId, (u64, PathBuf)> = HashMap::new();
        for entry in WalkDir::new(folder)
            .follow_root_links(false)
            .into_iter()
            .flatten()
        {
            let (above, name) = system::place(entry.path());
            let id = FileId::parse(name.to_string_lossy().as_bytes());
            let id = id.filter(|id| names.binary_search(&id.prefix()).is_ok());
            let found = entry.metadata().ok().filter(|found| found.is_file());
            let Some((id, found)) = id.zip(found) else {
                continue;
            };
            let known = longest.get(&id).map_or(0, |(length, _)| *length);
            if found.len() > known && above != folder.join(format!("{:02x}", id.shard())) {
                longest.insert(id, (found.len(), above));
            }
        }
        let is_in_place = |id: FileId| self.places.open(id.shard()).path(id).is_some();
        longest.retain(|id, _| !is_in_place(*id));
        let elsewhere = longest.into_iter().map(|(id, (_, folder))| (id, folder));
        self.elsewhere = elsewhere.collect();
        self.ids.extend(self.elsewhere.keys());
        self.ids.sort_unstable();
        self.ids.dedup();
    }

    /// Whether it is about this payload.
    pub fn has(&self, id: FileId) -> bool {
        self.ids.binary_search(&id).is_ok()
    }

    /// The one payload whose name begins like this; nothing where there is none or more.
    pub fn id(&self, name: u64) -> Option<FileId> {
        let start = self.ids.partition_point(|id| id.prefix() < name);
        let mut fitting = self.ids[start..]
            .iter()
            .take_while(|id| id.prefix() == name);
        let first = fitting.next().copied();
        first.filter(|_| fitting.next().is_none())
    }

    /// What SQLite says of a database that is a payload; nothing where there is none, or it cannot be opened
    /// because no key is at hand.
    pub fn database(&self, known: &Known) -> Option<DatabaseState> {
        let id = known.id();
        let key = match &self.lock {
            Lock::Plain => None,
            Lock::Closed => return None,
            Lock::Open(keys, seals) => {
                let position = seals.binary_search_by_key(&id, |seal| seal.id).ok()?;
                Some(keys.unwrap(&seals[position].key?).ok()?)
            }
        };
        databases::known(&self.places, known, key)
    }

    /// Opens a payload.
    fn file(&self, folders: &ShardFolders, name: u64) -> Result<Stored, String> {
        let id = self.id(name).ok_or("no one file of its name is there")?;
        let elsewhere = self.elsewhere.get(&id);
        let elsewhere = elsewhere.map(|folder| ShardFolders::one(folder.clone()));
        let folders = elsewhere.as_ref().unwrap_or(folders);
        if folders.is_cloud_only(id) {
            return Err("it is only in a cloud".to_owned());
        }
        let opened = payload::open(&Disk, folders, id);
        let (file, stamp) = opened.map_err(|why| match why {
            NotRead::Denied(why) => why,
            NotRead::Unreadable => "the disk does not give it".to_owned(),
            NotRead::Moving | NotRead::Stopped => "it is no file any more".to_owned(),
        })?;
        Ok(Stored { id, file, stamp })
    }

    /// What a payload says, whatever it is stored as; nothing where it cannot be decrypted because no
    /// key is at hand.
    fn plain(&self, stored: Stored) -> Result<Option<Plain>, String> {
        let Stored {
            id,
            mut file,
            stamp,
        } = stored;
        let (keys, seals) = match &self.lock {
            Lock::Plain => return Ok(Some(Plain::new(file, stamp.size))),
            Lock::Closed => return Ok(None),
            Lock::Open(keys, seals) => (keys, seals),
        };
        let position = seals.binary_search_by_key(&id, |seal| seal.id);
        let key = position.ok().and_then(|position| seals[position].key);
        let key = key.and_then(|key| keys.unwrap(&key).ok());
        let key = key.ok_or("its key does not open")?;
        if !stamp.size.is_multiple_of(crypto::BLOCK) {
            return Err("it is cut off".to_owned());
        }
        let start = stamp.size.saturating_sub(2 * crypto::BLOCK);
        let mut last = [0; 2 * crypto::BLOCK as usize];
        let last = &mut last[..(stamp.size - start) as usize];
        read_at(&mut file, start, last)?;
        // Where it does not end in padding, all of it counts (F§11.3).
        let padding = crypto::padding(&key, last).unwrap_or(0) as u64;
        let len = stamp.size - padding;
        Ok(Some(Plain::new(Decrypted::new(file, key, len), len)))
    }
}

/// An open payload.
struct Stored {
    id: FileId,
    file: File,
    stamp: Stamp,
}

trait Input: Read + Seek {}

impl<T: Read + Seek> Input for T {}

/// What a payload says.
struct Plain {
    input: Box<dyn Input>,
    len: u64,
}

impl Plain {
    fn new(input: impl Input + 'static, len: u64) -> Plain {
        Plain {
            input: Box::new(input),
            len,
        }
    }
}

fn read_at(
    input: &mut (impl Read + Seek + ?Sized),
    offset: u64,
    bytes: &mut [u8],
) -> Result<(), String> {
    let read = input
        .seek(SeekFrom::Start(offset))
        .and_then(|_| input.read_exact(bytes));
    read.map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => "it ends too early".to_owned(),
        _ => system::in_words(&error),
    })
}

/// Compares payloads, which come in the order of the old ones' names, on as many threads as the current
/// pool has. `whole`: all of their bytes. Where it is stopped, what it tells is only a part.
pub fn compare(
    old: &Side,
    new: &Side,
    twins: &[Twin],
    whole: bool,
    monitor: &Monitor<'_>,
) -> Unlike {
    monitor.tell(Event::Comparing {
        files: twins.len() as u64,
    });
    let parts: Vec<Unlike> = (0..=u8::MAX)
        .into_par_iter()
        .map(|shard| {
            let of = |twin: &Twin| (twin.old >> 56).cmp(&u64::from(shard));
            let start = twins.partition_point(|twin| of(twin).is_lt());
            let end = twins.partition_point(|twin| of(twin).is_le());
            let mut task = Task {
                old,
                new,
                whole,
                monitor,
                last: None,
                buffers: Default::default(),
            };
            task.shard(shard, twins, start..end)
        })
        .collect();
    let mut all = Unlike::default();
    for part in parts {
        all.twins.extend(part.twins);
        all.why.append(part.why);
    }
    all
}

/// The comparison of a shard of the old backup.
struct Task<'a> {
    old: &'a Side,
    new: &'a Side,
    whole: bool,
    monitor: &'a Monitor<'a>,
    /// The folders of the new one's shard that was last looked into.
    last: Option<(u8, ShardFolders)>,
    buffers: [Vec<u8>; 2],
}

impl Task<'_> {
    fn shard(&mut self, shard: u8, twins: &[Twin], range: std::ops::Range<usize>) -> Unlike {
        const TELL_EVERY: u64 = 256;
        let mut unlike = Unlike {
            twins: Vec::new(),
            why: Sample::new(Side::TOLD),
        };
        if range.is_empty() {
            return unlike;
        }
        let folders = self.old.places.open(shard);
        let mut untold = 0;
        for index in range {
            if self.monitor.is_stopped() {
                break;
            }
            if let Err(why) = self.twin(&folders, twins[index]) {
                unlike.twins.push(index);
                unlike.why.push(why);
            }
            untold += 1;
            if untold == TELL_EVERY {
                self.monitor.tell(Event::Compared { files: untold });
                untold = 0;
            }
        }
        self.monitor.tell(Event::Compared { files: untold });
        unlike
    }

    /// Whether two payloads are the same.
    ///
    /// # Errors
    /// What is the matter, as what is said of the old one.
    fn twin(&mut self, folders: &ShardFolders, twin: Twin) -> Result<(), String> {
        let there = |why: String| format!("could not be read there ({why})");
        let here = |why: String| format!("could not be read ({why})");
        let shard = (twin.new >> 56) as u8;
        let of_new = match self.last.take() {
            Some((last, folders)) if last == shard => folders,
            _ => self.new.places.open(shard),
        };
        let new = self.new.file(&of_new, twin.new);
        self.last = Some((shard, of_new));
        let new = new.map_err(there)?;
        if twin.may_differ {
            return match new.stamp.size {
                0 => Err("is empty there".to_owned()),
                _ => Ok(()),
            };
        }
        let old = self.old.file(folders, twin.old).map_err(here)?;
        if system::is_same_file(&old.file, &new.file).unwrap_or(false) {
            return Ok(());
        }
        let lengths = (old.stamp.size, new.stamp.size);
        let holes = match self.whole && lengths.0 > LARGE {
            true => Shared::of([&old.file, &new.file]),
            false => Shared::default(),
        };
        let old = self.old.plain(old).map_err(here)?;
        let new = self.new.plain(new).map_err(there)?;
        match (old, new) {
            (Some(old), Some(new)) => self.bytes(old, new, &holes),
            (None, None) if lengths.0 == lengths.1 => Ok(()),
            (None, None) => Err("has another length there".to_owned()),
            (None, Some(_)) => Err(here("its key is not at hand".to_owned())),
            (Some(_), None) => Err(there("its key is not at hand".to_owned())),
        }
    }

    /// Whether all that there is of the old one stands at the same place in the new one. One that was cut
    /// off may have less.
    fn bytes(&mut self, mut old: Plain, mut new: Plain, holes: &Shared) -> Result<(), String> {
        if old.len > new.len {
            return Err("is shorter there".to_owned());
        }
        let end = END as u64;
        let ranges = match self.whole || old.len <= 2 * end {
            true => [0..old.len, 0..0],
            false => [0..end, old.len - end..old.len],
        };
        for range in ranges {
            let mut offset = range.start;
            while offset < range.end {
                if self.monitor.is_stopped() {
                    return Ok(());
                }
                let count = (range.end - offset).min(AT_ONCE as u64);
                let [one, other] = &mut self.buffers;
                for (buffer, plain, side) in
                    [(&mut *one, &mut old, ""), (&mut *other, &mut new, " there")]
                {
                    buffer.resize(count as usize, 0);
                    let read = read_at(plain.input.as_mut(), offset, buffer);
                    read.map_err(|why| format!("could not be read{side} ({why})"))?;
                }
                if one != other {
                    return Err("has other bytes there".to_owned());
                }
                offset = holes.beyond(offset..offset + count);
            }
        }
        Ok(())
    }
}
