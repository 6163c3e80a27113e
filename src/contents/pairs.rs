//! Compares payloads of two backups byte for byte, whole (contract §10): stored bytes where both are
//! stored alike, else what they decrypt to. Judges nothing.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

use rayon::prelude::*;

use crate::crypto::{self, ClassKeys, Decrypted};
use crate::facts::databases::Known;
use crate::model::progress::{Event, Monitor};
use crate::model::{
    Amount, ContentsDiff, DatabaseState, FileId, ManifestFormat, Which, WrappedKey,
};
use crate::system;

use super::databases;
use super::holes::Shared;
use super::places::{Places, ShardFolders};

/// Bytes of a read, and of each buffer of a task.
const AT_ONCE: usize = 64 << 10;

/// A shorter payload has no holes that count.
const LARGE: u64 = 1 << 20;

/// After how many bytes it is told what was read.
const TELL_EVERY: u64 = 64 << 20;

/// One of the two backups.
pub struct Side<'a> {
    /// Its folder.
    pub folder: &'a Path,
    /// The manifest's format: it tells where payloads are.
    pub format: ManifestFormat,
    /// State `moving`: a payload in `Snapshot/` counts before the one in its final place.
    pub moving: bool,
    /// Whether its payloads are encrypted.
    pub encrypted: bool,
    /// Its keys, where a password opened them.
    pub keys: Option<&'a ClassKeys>,
}

/// A payload of one of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its name.
    pub id: FileId,
    /// `Size`, where it is known.
    pub size: Option<u64>,
    /// The key that its row names.
    pub key: Option<WrappedKey>,
}

/// What came of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The same bytes.
    Same,
    /// Other bytes.
    Other,
    /// It could not be read in this one.
    Unreadable(Which),
    /// It is not there in this one, or something else in its place.
    Absent(Which),
    /// Its key is not at hand, or it is only in a cloud.
    NotCompared,
    /// The run was stopped.
    Stopped,
}

/// Compares pairs, sorted by the ids in the old one; gives what came of each, in their order. `one_keybag`:
/// whether stored bytes of encrypted payloads may be compared with each other.
pub fn compare(
    old: &Side<'_>,
    new: &Side<'_>,
    one_keybag: bool,
    pairs: &[(Stored, Stored)],
    monitor: &Monitor<'_>,
) -> Vec<Outcome> {
    let bytes = pairs.iter().filter_map(|(old, _)| old.size);
    monitor.tell(Event::Reading {
        files: pairs.len() as u64,
        bytes: bytes.fold(0, u64::saturating_add),
    });
    let places = [old, new].map(|side| Places::find(side.folder, side.format, side.moving));
    let job = Job {
        sides: [old, new],
        one_keybag,
        places: &places,
        monitor,
    };
    pairs
        .par_chunk_by(|one, next| one.0.id.shard() == next.0.id.shard())
        .flat_map_iter(|shard| job.shard(shard))
        .collect()
}

/// The payloads that lie in a backup in their place, sorted by id, with their lengths in place of `Size`:
/// where no list names them. Never fails: what cannot be listed or looked at, and what is a link, is not
/// found, so that it has to be compared with what was counted.
pub fn lying(side: &Side<'_>) -> Vec<Stored> {
    let places = Places::find(side.folder, side.format, side.moving);
    let ids = places.ids(|_| true);
    let of_shard = |ids: &[FileId]| {
        let folders = ids.first().map(|id| places.open(id.shard()));
        let stored = ids.iter().filter_map(|id| {
            let path = folders.as_ref()?.path(*id)?;
            Some(Stored {
                id: *id,
                size: Some(path.symlink_metadata().ok()?.len()),
                key: None,
            })
        });
        stored.collect::<Vec<_>>()
    };
    ids.par_chunk_by(|one, next| one.shard() == next.shard())
        .flat_map_iter(of_shard)
        .collect()
}

impl Side<'_> {
    /// What SQLite says of a database that is this payload; nothing where it is not there, or no key is at hand.
    pub fn database(&self, known: &Known, stored: &Stored) -> Option<DatabaseState> {
        let key = match self.encrypted {
            false => None,
            true => Some(self.keys?.unwrap(stored.key.as_ref()?).ok()?),
        };
        let places = Places::find(self.folder, self.format, self.moving);
        databases::known(&places, known, key)
    }
}

/// How many payloads of a backup are only in iCloud, by their placeholders.
pub fn in_cloud(side: &Side<'_>) -> u64 {
    let places = Places::find(side.folder, side.format, side.moving);
    places.ids_in_cloud().len() as u64
}

/// Whether two files can be read and have the same bytes.
pub fn are_same(paths: [&Path; 2]) -> bool {
    let opened = paths.map(system::open_regular);
    let [Ok(old), Ok(new)] = opened else {
        return false;
    };
    let holes = Shared::default();
    let outcome = side_by_side(&mut [old, new], &holes, &mut buffers(), || false);
    outcome == Ok(Outcome::Same)
}

/// Each of the old ones with that of the same name among the new ones, if there is one. Both are sorted by
/// their names.
pub fn by_name<'a>(
    old: &'a [Stored],
    new: &'a [Stored],
) -> impl Iterator<Item = (&'a Stored, Option<&'a Stored>)> {
    let mut others = new.iter().peekable();
    old.iter().map(move |stored| {
        while others.next_if(|other| other.id < stored.id).is_some() {}
        let same = others.next_if(|other| other.id == stored.id);
        (stored, same)
    })
}

impl Outcome {
    /// Where a pair that was read is counted; nothing where one was not there, or the run was stopped.
    pub fn sum_of(self, sums: &mut ContentsDiff) -> Option<&mut Amount> {
        Some(match self {
            Outcome::Same => &mut sums.same,
            Outcome::Other => &mut sums.other,
            Outcome::Unreadable(Which::Old) => &mut sums.unreadable_old,
            Outcome::Unreadable(Which::New) => &mut sums.unreadable_new,
            Outcome::NotCompared => &mut sums.not_compared,
            Outcome::Absent(_) | Outcome::Stopped => return None,
        })
    }
}

struct Job<'a> {
    sides: [&'a Side<'a>; 2],
    one_keybag: bool,
    places: &'a [Places; 2],
    monitor: &'a Monitor<'a>,
}

/// The open folders of one shard of a backup.
#[derive(Default)]
struct Open {
    shard: Option<u8>,
    folders: ShardFolders,
}

impl Job<'_> {
    fn shard(&self, pairs: &[(Stored, Stored)]) -> Vec<Outcome> {
        let mut open = [Open::default(), Open::default()];
        let mut buffers = buffers();
        let mut told = (0, 0_u64);
        let outcomes = pairs.iter().map(|(old, new)| {
            if self.monitor.is_stopped() {
                return Outcome::Stopped;
            }
            for (position, stored) in [old, new].into_iter().enumerate() {
                let shard = stored.id.shard();
                if open[position].shard != Some(shard) {
                    open[position] = Open {
                        shard: Some(shard),
                        folders: self.places[position].open(shard),
                    };
                }
            }
            let outcome = self.pair([old, new], &open, &mut buffers);
            told = (told.0 + 1, told.1.saturating_add(old.size.unwrap_or(0)));
            if told.1 >= TELL_EVERY {
                self.tell(std::mem::take(&mut told));
            }
            outcome.unwrap_or_else(|outcome| outcome)
        });
        let outcomes = outcomes.collect();
        self.tell(told);
        outcomes
    }

    fn tell(&self, (files, bytes): (u64, u64)) {
        self.monitor.tell(Event::Read { files, bytes });
    }

    /// # Errors
    /// What came of it before all bytes were read.
    fn pair(
        &self,
        stored: [&Stored; 2],
        open: &[Open; 2],
        buffers: &mut [Vec<u8>; 2],
    ) -> Result<Outcome, Outcome> {
        const SIDES: [Which; 2] = [Which::Old, Which::New];
        let file = |position: usize| -> Result<(File, u64), Outcome> {
            let which = SIDES[position];
            let folders = &open[position].folders;
            let Some(path) = folders.path(stored[position].id) else {
                return Err(match folders.closed {
                    Some(_) => Outcome::Unreadable(which),
                    None => Outcome::Absent(which),
                });
            };
            let unreadable = |_| Outcome::Unreadable(which);
            let found = path.symlink_metadata().map_err(unreadable)?;
            if system::is_cloud_only(&found) {
                return Err(Outcome::NotCompared);
            }
            let file = system::open_regular(&path).map_err(unreadable)?;
            Ok((file, found.len()))
        };
        let (mut files, lengths) = {
            let ((old, of_old), (new, of_new)) = (file(0)?, file(1)?);
            ([old, new], [of_old, of_new])
        };
        let holes = match lengths.iter().all(|length| *length > LARGE) {
            true => Shared::of([&files[0], &files[1]]),
            false => Shared::default(),
        };
        let encrypted = self.sides.map(|side| side.encrypted);
        let alike = encrypted == [false; 2] || encrypted == [true; 2] && self.one_keybag;
        if alike {
            let outcome = match lengths[0] == lengths[1] {
                true => self.bytes(&mut files, &holes, buffers)?,
                false => Outcome::Other,
            };
            // The same file may be stored with another key.
            let may_be_sealed_anew = encrypted == [true; 2] && outcome == Outcome::Other;
            if !may_be_sealed_anew || self.sides.iter().any(|side| side.keys.is_none()) {
                return Ok(outcome);
            }
        }
        let [old, new] = files;
        let mut plain = [
            self.plain(0, stored[0], old, lengths[0])?,
            self.plain(1, stored[1], new, lengths[1])?,
        ];
        match plain[0].len == plain[1].len {
            true => self.bytes(&mut plain, &holes, buffers),
            false => Ok(Outcome::Other),
        }
    }

    /// What a payload of one side decrypts to, or is.
    fn plain(
        &self,
        position: usize,
        stored: &Stored,
        mut file: File,
        length: u64,
    ) -> Result<Plain, Outcome> {
        let side = self.sides[position];
        let which = [Which::Old, Which::New][position];
        let unreadable = |_: io::Error| Outcome::Unreadable(which);
        file.rewind().map_err(unreadable)?;
        if !side.encrypted {
            return Ok(Plain {
                input: Input::AsItIs(file),
                len: length,
            });
        }
        let key = side.keys.zip(stored.key.as_ref());
        let key = key.and_then(|(keys, key)| keys.unwrap(key).ok());
        let key = key.ok_or(Outcome::NotCompared)?;
        let whole = length - length % crypto::BLOCK;
        let mut last = Vec::new();
        let from = whole.saturating_sub(2 * crypto::BLOCK);
        file.seek(SeekFrom::Start(from)).map_err(unreadable)?;
        (&mut file)
            .take(whole - from)
            .read_to_end(&mut last)
            .map_err(unreadable)?;
        let len = match crypto::padding(&key, &last) {
            Some(padding) => whole.saturating_sub(padding as u64),
            // Some tools leave the padding out, or write zeros.
            None => stored.size.unwrap_or(whole).min(whole),
        };
        Ok(Plain {
            input: Input::Decrypted(Box::new(Decrypted::new(file, key, len))),
            len,
        })
    }

    fn bytes<R: Read + Seek>(
        &self,
        inputs: &mut [R; 2],
        holes: &Shared,
        buffers: &mut [Vec<u8>; 2],
    ) -> Result<Outcome, Outcome> {
        side_by_side(inputs, holes, buffers, || self.monitor.is_stopped())
    }
}

/// Reads two inputs side by side from their start, to their end or to where they differ; of holes of both as
/// much as shows that they are the same.
///
/// # Errors
/// What came of it before the end.
fn side_by_side<R: Read + Seek>(
    inputs: &mut [R; 2],
    holes: &Shared,
    buffers: &mut [Vec<u8>; 2],
    is_stopped: impl Fn() -> bool,
) -> Result<Outcome, Outcome> {
    let [old, new] = inputs;
    let [of_old, of_new] = buffers;
    let read = |input: &mut R, buffer: &mut [u8], which| {
        fill(input, buffer).map_err(|_| Outcome::Unreadable(which))
    };
    let go_to = |input: &mut R, offset, which| match input.seek(SeekFrom::Start(offset)) {
        Ok(_) => Ok(()),
        Err(_) => Err(Outcome::Unreadable(which)),
    };
    go_to(old, 0, Which::Old)?;
    go_to(new, 0, Which::New)?;
    let mut offset = 0;
    loop {
        if is_stopped() {
            return Err(Outcome::Stopped);
        }
        let count = read(old, of_old, Which::Old)?;
        let other = read(new, of_new, Which::New)?;
        if of_old[..count] != of_new[..other] {
            return Ok(Outcome::Other);
        }
        if count == 0 {
            return Ok(Outcome::Same);
        }
        let end = offset + count as u64;
        let next = holes.beyond(offset..end);
        if next > end {
            go_to(old, next, Which::Old)?;
            go_to(new, next, Which::New)?;
        }
        offset = next;
    }
}

fn buffers() -> [Vec<u8>; 2] {
    [vec![0; AT_ONCE], vec![0; AT_ONCE]]
}

/// The plain bytes of a payload.
struct Plain {
    input: Input,
    len: u64,
}

enum Input {
    AsItIs(File),
    Decrypted(Box<Decrypted<File>>),
}

impl Read for Plain {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.input {
            Input::AsItIs(file) => file.read(buffer),
            Input::Decrypted(plain) => plain.read(buffer),
        }
    }
}

impl Seek for Plain {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match &mut self.input {
            Input::AsItIs(file) => file.seek(to),
            Input::Decrypted(plain) => plain.seek(to),
        }
    }
}

/// Reads until the buffer is full or the input ends.
fn fill(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut count = 0;
    while count < buffer.len() {
        match input.read(&mut buffer[count..]) {
            Ok(0) => break,
            Ok(more) => count += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(count)
}
