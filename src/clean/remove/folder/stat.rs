//! What POSIX tells of a file.

use rustix::fs::{FileType, RawMode, Stat};

use crate::clean::remove::entry::{Identity, Kind, Look};

/// The same in our words.
#[allow(clippy::unnecessary_cast, reason = "the types differ between systems")]
pub fn look_of(stat: &Stat) -> Look {
    let kind = match FileType::from_raw_mode(stat.st_mode as RawMode) {
        FileType::Directory => Kind::Folder,
        FileType::Symlink => Kind::Link,
        _ => Kind::File,
    };
    Look {
        identity: Identity {
            device: stat.st_dev as u64,
            inode: stat.st_ino as u64,
            kind,
        },
        links: stat.st_nlink as u64,
        allocated: (stat.st_blocks as u64).saturating_mul(512),
        mount: None,
        seal: None,
    }
}
