//! Files: what the system tells of them, and how they are opened.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::stat::{FileFacts, Stamp, not_regular};
#[cfg(unix)]
use super::unix as imp;
#[cfg(windows)]
use super::windows as imp;

/// Device and inode (volume and file index) of what is at `path`, links followed.
///
/// # Errors
/// When it cannot be looked at.
pub fn identity(path: &Path) -> io::Result<Option<(u64, u64)>> {
    let metadata = path.metadata()?;
    Ok(facts(&metadata, || path.to_owned()).identity)
}

/// Opens a file to read it, without following a link in its place and without waiting for anything
/// (a FIFO would block).
///
/// # Errors
/// When it cannot be opened, or is not a regular file.
pub fn open_regular(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    no_follow(&mut options);
    let file = options.open(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(not_regular())
    }
}

/// Opens a file to read it, links followed and without waiting for anything; `/dev/null` and its like
/// pass for a file.
///
/// # Errors
/// When it cannot be opened, or is a folder, a FIFO, or another thing that may never have an end.
pub fn open_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    imp::no_wait(&mut options);
    let file = options.open(path)?;
    match imp::is_pipe(&file.metadata()?) {
        true => Err(not_regular()),
        false => Ok(file),
    }
}

/// The bytes of an open file that are holes: nothing is stored for them, and they read as zeros. 0 where the
/// system does not tell.
pub fn holes(file: &File) -> u64 {
    let mut bytes = 0;
    let told = imp::each_hole(file, |hole| bytes += hole.end - hole.start);
    told.map_or(0, |()| bytes)
}

/// The holes of an open file that take long to be read, in their order; none where the system does not tell.
/// Where it is read next is not where it was.
pub fn large_holes(file: &File) -> Vec<Range<u64>> {
    const LARGE: u64 = 1 << 20;
    let mut holes = Vec::new();
    let told = imp::each_hole(file, |hole| {
        if hole.end - hole.start >= LARGE {
            holes.push(hole);
        }
    });
    told.map_or_else(|_| Vec::new(), |()| holes)
}

impl Stamp {
    /// What the system tells of an open file now.
    ///
    /// # Errors
    /// When the system does not tell, or it is not a regular file: [`io::ErrorKind::InvalidInput`].
    pub fn of(file: &File) -> io::Result<Stamp> {
        imp::stamp(file)?.ok_or_else(not_regular)
    }
}

/// Whether both are open files of one inode: then they have the same bytes.
///
/// # Errors
/// When the system does not tell.
pub fn is_same_file(one: &File, other: &File) -> io::Result<bool> {
    Ok(imp::identity_of(one)? == imp::identity_of(other)?)
}

/// Has the next read of a file come from its disk, and not from what the system remembers of it,
/// where the system can be asked for that.
pub fn read_afresh(file: &File) {
    imp::read_afresh(file);
}

/// Has a file be opened without following a link in its place, and without waiting for anything.
pub fn no_follow(options: &mut OpenOptions) {
    imp::no_follow(options);
}

/// What the system tells of a file. `path` is asked for only where the answer needs it.
pub fn facts(metadata: &Metadata, path: impl FnOnce() -> PathBuf) -> FileFacts {
    imp::facts(metadata, path)
}

/// Whether the file's content is kept in a cloud and would be fetched if it were opened.
pub fn is_cloud_only(metadata: &Metadata) -> bool {
    imp::is_cloud_only(metadata)
}

/// Has the file that is made readable and writable for this user alone.
pub fn keep_private(options: &mut OpenOptions) {
    imp::keep_private(options);
}
