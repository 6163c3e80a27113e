//! What the system tells of files.

use std::io;

/// What only the system can tell of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileFacts {
    /// Device and inode, or volume and file index.
    pub identity: Option<(u64, u64)>,
    /// How many names the file has.
    pub links: u64,
    /// Bytes of the blocks it takes on the disk.
    pub allocated: u64,
}

/// What an open file tells of itself. Where any of it is another than before, its bytes may be, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Its length in bytes.
    pub size: u64,
    /// When it was modified: nanoseconds since 1970, negative before.
    pub modified: i64,
    /// Its inode, or its index on its volume; 0 where it has none.
    pub inode: u64,
}

/// What is no file that could be read.
pub(super) fn not_regular() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")
}
