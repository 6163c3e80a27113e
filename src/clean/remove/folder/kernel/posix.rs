//! Other Unix systems, with what POSIX has: a mount is told by its device, an attribute by what it
//! forbids, and a rename that replaces nothing is not there.

use std::ffi::OsStr;
use std::io;

use rustix::fd::BorrowedFd;
use rustix::fs::AtFlags;
use rustix::io::Errno;

use crate::clean::remove::entry::Look;
use crate::clean::remove::folder::stat::look_of;

pub fn look(folder: BorrowedFd<'_>, name: &OsStr) -> io::Result<Look> {
    let flags = AtFlags::SYMLINK_NOFOLLOW;
    Ok(look_of(&rustix::fs::statat(folder, name, flags)?))
}

pub fn look_at(folder: BorrowedFd<'_>) -> io::Result<Look> {
    Ok(look_of(&rustix::fs::fstat(folder)?))
}

pub fn rename_new(_folder: BorrowedFd<'_>, _from: &OsStr, _to: &OsStr) -> Result<(), Errno> {
    Err(Errno::NOSYS)
}
