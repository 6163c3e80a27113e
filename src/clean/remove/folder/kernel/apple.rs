//! What macOS tells beyond POSIX: flags of files; and a rename that replaces nothing. A folder
//! cannot be mounted a second time there, so the device tells a mount.

use std::ffi::OsStr;
use std::io;

use rustix::fd::BorrowedFd;
use rustix::fs::{AtFlags, RenameFlags, Stat};
use rustix::io::Errno;

use crate::clean::remove::entry::{Look, PayloadKey};
use crate::clean::remove::folder::stat::look_of;

/// `UF_IMMUTABLE` and `SF_IMMUTABLE` of chflags(2).
const IMMUTABLE: u32 = 0x0000_0002 | 0x0002_0000;
/// `UF_APPEND` and `SF_APPEND` of chflags(2).
const APPEND: u32 = 0x0000_0004 | 0x0004_0000;

pub fn look(folder: BorrowedFd<'_>, name: &OsStr) -> io::Result<Look> {
    let flags = AtFlags::SYMLINK_NOFOLLOW;
    Ok(with_flags(&rustix::fs::statat(folder, name, flags)?))
}

pub fn look_at(folder: BorrowedFd<'_>) -> io::Result<Look> {
    Ok(with_flags(&rustix::fs::fstat(folder)?))
}

fn with_flags(stat: &Stat) -> Look {
    let seal = if stat.st_flags & IMMUTABLE != 0 {
        Some(PayloadKey::Immutable)
    } else if stat.st_flags & APPEND != 0 {
        Some(PayloadKey::AppendOnly)
    } else {
        None
    };
    Look {
        seal,
        ..look_of(stat)
    }
}

pub fn rename_new(folder: BorrowedFd<'_>, from: &OsStr, to: &OsStr) -> Result<(), Errno> {
    rustix::fs::renameat_with(folder, from, folder, to, RenameFlags::NOREPLACE)
}
