//! What Linux tells beyond POSIX: mounts and attributes, with statx(2); and a rename that replaces
//! nothing.

use std::ffi::OsStr;
use std::io;

use rustix::fd::BorrowedFd;
use rustix::fs::{AtFlags, FileType, RawMode, RenameFlags, Statx, StatxAttributes, StatxFlags};
use rustix::io::Errno;

use crate::clean::remove::entry::{Identity, Kind, Look, PayloadKey};
use crate::clean::remove::folder::stat::look_of;

pub fn look(folder: BorrowedFd<'_>, name: &OsStr) -> io::Result<Look> {
    look_with(folder, name, AtFlags::SYMLINK_NOFOLLOW)
}

pub fn look_at(folder: BorrowedFd<'_>) -> io::Result<Look> {
    look_with(folder, OsStr::new(""), AtFlags::EMPTY_PATH)
}

fn look_with(folder: BorrowedFd<'_>, name: &OsStr, flags: AtFlags) -> io::Result<Look> {
    let wanted = StatxFlags::TYPE
        | StatxFlags::NLINK
        | StatxFlags::INO
        | StatxFlags::BLOCKS
        | StatxFlags::MNT_ID;
    match rustix::fs::statx(folder, name, flags | AtFlags::NO_AUTOMOUNT, wanted) {
        Ok(found) => Ok(look_of_statx(&found)),
        // Before Linux 4.11: a mount is told by its device only, an attribute by what it forbids.
        Err(Errno::NOSYS) => Ok(look_of(&rustix::fs::statat(folder, name, flags)?)),
        Err(error) => Err(error.into()),
    }
}

fn look_of_statx(found: &Statx) -> Look {
    let kind = match FileType::from_raw_mode(RawMode::from(found.stx_mode)) {
        FileType::Directory => Kind::Folder,
        FileType::Symlink => Kind::Link,
        _ => Kind::File,
    };
    // Before Linux 5.8 no mount is told: then one from the same device is not told apart.
    let told = StatxFlags::from_bits_retain(found.stx_mask);
    let mount = told
        .contains(StatxFlags::MNT_ID)
        .then_some(found.stx_mnt_id);
    let seal = if found.stx_attributes.contains(StatxAttributes::IMMUTABLE) {
        Some(PayloadKey::Immutable)
    } else if found.stx_attributes.contains(StatxAttributes::APPEND) {
        Some(PayloadKey::AppendOnly)
    } else {
        None
    };
    Look {
        identity: Identity {
            device: rustix::fs::makedev(found.stx_dev_major, found.stx_dev_minor),
            inode: found.stx_ino,
            kind,
        },
        links: u64::from(found.stx_nlink),
        allocated: found.stx_blocks.saturating_mul(512),
        mount,
        seal,
    }
}

pub fn rename_new(folder: BorrowedFd<'_>, from: &OsStr, to: &OsStr) -> Result<(), Errno> {
    rustix::fs::renameat_with(folder, from, folder, to, RenameFlags::NOREPLACE)
}
