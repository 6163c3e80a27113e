//! What the system tells of files.

use std::fs::FileType;
use std::io;
use std::time::SystemTime;

/// What an entry of a folder is. Links are not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file; on Windows all that is neither a folder nor a link.
    File,
    /// A folder.
    Folder,
    /// A symbolic link, or a junction.
    Link,
    /// A FIFO, a socket or a device.
    Other,
}

impl From<FileType> for Kind {
    fn from(kind: FileType) -> Kind {
        if kind.is_file() {
            Kind::File
        } else if kind.is_dir() {
            Kind::Folder
        } else if kind.is_symlink() {
            Kind::Link
        } else {
            Kind::Other
        }
    }
}

/// All that the system tells of an entry of a folder: of a link itself, not of what it leads to. Each is told
/// by stat(2), by getattrlistbulk(2) on macOS, and by FILE_ID_BOTH_DIR_INFO on Windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileFacts {
    /// What it is.
    pub kind: Kind,
    /// Bytes of its content (`st_size`, ATTR_FILE_DATALENGTH, EndOfFile); of what is no file, whatever the
    /// system says.
    pub length: u64,
    /// Bytes of the blocks it takes on the disk (`st_blocks`, ATTR_FILE_ALLOCSIZE, AllocationSize).
    pub allocated: u64,
    /// When its content was changed; nothing where the system does not tell.
    pub modified: Option<SystemTime>,
    /// Device and inode, or volume and file index; nothing where it has none.
    pub identity: Option<(u64, u64)>,
    /// How many names it has. Nothing where the system tells it only of an open file: when a folder is listed
    /// on Windows.
    pub links: Option<u64>,
    /// Whether its content is kept in a cloud and would be fetched if it were opened (SF_DATALESS on macOS;
    /// FILE_ATTRIBUTE_OFFLINE and both FILE_ATTRIBUTE_RECALL_ON on Windows).
    pub is_cloud_only: bool,
    /// Which content it has together with other files, where the system tells that: when a folder of APFS is
    /// listed.
    pub content: Option<SharedContent>,
}

impl FileFacts {
    /// Whether it is a regular file.
    pub fn is_file(&self) -> bool {
        self.kind == Kind::File
    }

    /// Whether it is known to have more than one name.
    pub fn has_other_names(&self) -> bool {
        self.links.is_some_and(|links| links > 1)
    }

    /// Whether it is a folder.
    pub fn is_folder(&self) -> bool {
        self.kind == Kind::Folder
    }
}

/// A content that was cloned: each file that has it takes all of the same blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharedContent {
    /// Its number on its device (ATTR_CMNEXT_CLONEID of a file that may share blocks).
    pub id: u64,
    /// Bytes of its blocks, which is what the files have in common (ATTR_FILE_DATAALLOCSIZE).
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
