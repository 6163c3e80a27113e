//! Reads one payload to its end, a second time where that is asked for, and tells how far it is.

use std::fs::File;
use std::io::{self, ErrorKind, Read};

use sha1::{Digest, Sha1};

use crate::model::progress::{Event, Monitor};
use crate::model::{FileId, Payload};
use crate::system::{self, Folder, Stamp};

use super::places::{Letters, Name, ShardFolders};

/// Bytes of a read, and of the buffer of a task: more are not quicker.
const AT_ONCE: usize = 64 << 10;

/// What opens files: the system, or in tests what stands in for it.
pub trait Files: Sync {
    /// An open file.
    type File: Read;

    /// Opens a file of a folder, as [`Folder::file`] does.
    fn open(&self, folder: &Folder, name: &str) -> io::Result<(Self::File, Stamp)>;

    /// What is told of an open file now.
    fn stamp(&self, file: &Self::File) -> io::Result<Stamp>;

    /// As [`system::read_afresh`].
    fn read_afresh(&self, file: &Self::File);

    /// As [`system::holes`].
    fn holes(&self, _file: &Self::File) -> u64 {
        0
    }
}

/// The files of the system.
pub struct Disk;

impl Files for Disk {
    type File = File;

    fn open(&self, folder: &Folder, name: &str) -> io::Result<(File, Stamp)> {
        folder.file(name)
    }

    fn stamp(&self, file: &File) -> io::Result<Stamp> {
        Stamp::of(file)
    }

    fn read_afresh(&self, file: &File) {
        system::read_afresh(file);
    }

    fn holes(&self, file: &File) -> u64 {
        system::holes(file)
    }
}

/// What a payload is that was read to its end.
pub struct Seen {
    pub stamp: Stamp,
    /// SHA-1 of its bytes.
    pub sha1: [u8; 20],
    /// Its last bytes.
    pub tail: Tail,
}

/// Why a payload was not read to its end.
#[derive(Debug)]
pub enum NotRead {
    /// It is another file than when it was measured, or gone.
    Moving,
    /// It could not be opened, or whatever it lies on went away; says why.
    Denied(String),
    /// The disk does not give its bytes.
    Unreadable,
    /// The run was stopped.
    Stopped,
}

/// The last two blocks of a payload.
#[derive(Default)]
pub struct Tail {
    bytes: [u8; 32],
    len: usize,
}

impl Tail {
    fn add(&mut self, chunk: &[u8]) {
        let chunk = &chunk[chunk.len().saturating_sub(self.bytes.len())..];
        let stay = self.len.min(self.bytes.len() - chunk.len());
        self.bytes.copy_within(self.len - stay..self.len, 0);
        self.bytes[stay..stay + chunk.len()].copy_from_slice(chunk);
        self.len = stay + chunk.len();
    }

    /// At most 32 bytes; fewer of a shorter payload.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// Opens a payload where it is first found.
pub fn open<F: Files>(
    files: &F,
    folders: &ShardFolders,
    id: FileId,
) -> Result<(F::File, Stamp), NotRead> {
    for folder in &folders.open {
        for letters in Letters::ALL {
            match files.open(folder, Name::of(id, letters).as_str()) {
                Ok(opened) => return Ok(opened),
                Err(error) if system::is_absence(&error) => {}
                // No regular file any more.
                Err(error) if error.kind() == ErrorKind::InvalidInput => {
                    return Err(NotRead::Moving);
                }
                Err(error) if system::is_damage(&error) => {
                    return Err(NotRead::Unreadable);
                }
                Err(error) => return Err(NotRead::Denied(system::in_words(&error))),
            }
        }
    }
    Err(match &folders.closed {
        Some(error) => NotRead::Denied(system::in_words(error)),
        None => NotRead::Moving,
    })
}

/// Reads the payloads of a shard.
pub struct Reader<'a, F> {
    files: &'a F,
    /// Where they lie.
    pub folders: ShardFolders,
    buffer: Vec<u8>,
    told: Told<'a>,
}

impl<'a, F: Files> Reader<'a, F> {
    pub fn new(files: &'a F, folders: ShardFolders, monitor: &'a Monitor<'a>) -> Reader<'a, F> {
        Reader {
            files,
            folders,
            buffer: vec![0; AT_ONCE],
            told: Told {
                monitor,
                files: 0,
                bytes: 0,
            },
        }
    }

    /// Reads a payload, once more where the disk did not give all of it.
    pub fn read(&mut self, payload: &Payload) -> Result<Seen, NotRead> {
        let mut told = 0;
        let seen = self.attempt(payload, false, &mut told);
        // Nothing of it is told twice, and all of it once, whatever came of it.
        self.told.add(1, payload.size.saturating_sub(told));
        match seen {
            Err(NotRead::Unreadable) => self.attempt(payload, true, &mut told),
            seen => seen,
        }
    }

    /// Reads once more what had unexpected bytes.
    pub fn read_again(&mut self, payload: &Payload, first: &Seen) -> Result<Seen, NotRead> {
        let again = self.attempt(payload, true, &mut { payload.size })?;
        match again.stamp == first.stamp {
            true => Ok(again),
            false => Err(NotRead::Moving),
        }
    }

    /// Reads a payload from where it lies; `carefully`: from the disk itself, and only if nobody writes
    /// to it meanwhile. `told` is how many of its bytes are told already.
    fn attempt(
        &mut self,
        payload: &Payload,
        carefully: bool,
        told: &mut u64,
    ) -> Result<Seen, NotRead> {
        let (mut file, stamp) = open(self.files, &self.folders, payload.id)?;
        if stamp.size != payload.size {
            return Err(NotRead::Moving);
        }
        if carefully {
            self.files.read_afresh(&file);
        }
        let mut sha1 = Sha1::new();
        let mut tail = Tail::default();
        let mut read = 0;
        // Not until the end of the file shows: that would be one more call of the system a payload.
        while read < stamp.size {
            if self.told.monitor.is_stopped() {
                return Err(NotRead::Stopped);
            }
            let left = usize::try_from(stamp.size - read).unwrap_or(usize::MAX);
            let most = left.min(self.buffer.len());
            let chunk = match file.read(&mut self.buffer[..most]) {
                Ok(0) => return Err(NotRead::Unreadable),
                Ok(count) => &self.buffer[..count],
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if system::is_damage(&error) => return Err(NotRead::Unreadable),
                Err(error) => return Err(NotRead::Denied(system::in_words(&error))),
            };
            sha1.update(chunk);
            tail.add(chunk);
            read += chunk.len() as u64;
            if read > *told {
                self.told.add(0, read - *told);
                *told = read;
            }
        }
        if carefully && self.files.stamp(&file).ok() != Some(stamp) {
            return Err(NotRead::Moving);
        }
        Ok(Seen {
            stamp,
            sha1: sha1.finalize().into(),
            tail,
        })
    }
}

/// Tells what was read, now and then.
struct Told<'a> {
    monitor: &'a Monitor<'a>,
    files: u64,
    bytes: u64,
}

impl Told<'_> {
    fn add(&mut self, files: u64, bytes: u64) {
        const TELL_EVERY: u64 = 64 << 20;
        self.files += files;
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes >= TELL_EVERY {
            self.tell();
        }
    }

    fn tell(&mut self) {
        let files = std::mem::take(&mut self.files);
        let bytes = std::mem::take(&mut self.bytes);
        if files > 0 || bytes > 0 {
            self.monitor.tell(Event::Read { files, bytes });
        }
    }
}

impl Drop for Told<'_> {
    fn drop(&mut self) {
        self.tell();
    }
}
