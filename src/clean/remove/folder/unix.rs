//! Folders as handles, on Unix: everything in one is reached relative to it, and no link is
//! followed.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use rustix::fd::{BorrowedFd, OwnedFd};
use rustix::fs::{Access, AtFlags, CWD, Dir, Mode, OFlags};
use rustix::io::{Errno, retry_on_intr};

use crate::clean::remove::entry::{Kind, Look};

use super::kernel;

/// How systems and file systems say that they do not know a rename that replaces nothing.
const UNSUPPORTED: [Errno; 4] = [Errno::INVAL, Errno::NOSYS, Errno::NOTSUP, Errno::OPNOTSUPP];

/// An open folder.
#[derive(Debug)]
pub struct Folder {
    dir: Dir,
    own: Look,
}

impl Folder {
    /// Opens a folder whose path has no link in it. The file is another handle of it, to lock.
    pub fn top(path: &Path) -> io::Result<(File, Folder)> {
        let file = File::from(open(CWD, path.as_os_str())?);
        let dir = Dir::read_from(&file)?;
        let own = kernel::look_at(dir.fd()?)?;
        Ok((file, Folder { dir, own }))
    }

    /// Opens the folder `name` in `above`.
    pub fn open(above: &Folder, name: &OsStr) -> io::Result<Folder> {
        let dir = Dir::new(open(above.dir.fd()?, name)?)?;
        let own = kernel::look_at(dir.fd()?)?;
        Ok(Folder { dir, own })
    }

    /// What the system told of the folder when it was opened.
    pub fn own(&self) -> Look {
        self.own
    }

    /// What the system tells of the folder now.
    pub fn look_at_own(&self) -> io::Result<Look> {
        kernel::look_at(self.dir.fd()?)
    }

    /// What stands at `name`.
    pub fn look(&self, name: &OsStr) -> io::Result<Look> {
        kernel::look(self.dir.fd()?, name)
    }

    /// The name of the next entry.
    pub fn next_name(&mut self) -> Option<io::Result<OsString>> {
        loop {
            let entry = match self.dir.read()? {
                Ok(entry) => entry,
                Err(error) => return Some(Err(error.into())),
            };
            let name = entry.file_name().to_bytes();
            if name != b"." && name != b".." {
                return Some(Ok(OsString::from_vec(name.to_vec())));
            }
        }
    }

    /// Fails where entries of this folder could not be listed or removed by us.
    pub fn check_writable(&self) -> io::Result<()> {
        let access = Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK;
        let flags = AtFlags::EACCESS;
        Ok(rustix::fs::accessat(self.dir.fd()?, ".", access, flags)?)
    }

    /// Removes something that is not a folder.
    pub fn unlink(&self, name: &OsStr, _kind: Kind) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(
            self.dir.fd()?,
            name,
            AtFlags::empty(),
        )?)
    }

    /// Removes an empty folder.
    pub fn remove_empty(&self, name: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(
            self.dir.fd()?,
            name,
            AtFlags::REMOVEDIR,
        )?)
    }

    /// Renames an entry, never over another.
    pub fn rename_new(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        match kernel::rename_new(self.dir.fd()?, from, to) {
            Err(error) if UNSUPPORTED.contains(&error) => {}
            renamed => return Ok(renamed?),
        }
        self.rename_checked(from, to)
    }

    /// Renames an entry after looking that there is no other. Something that is put there in
    /// between keeps a folder from being renamed; but for an empty folder, which would be lost.
    pub fn rename_checked(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        let folder = self.dir.fd()?;
        match rustix::fs::statat(folder, to, AtFlags::SYMLINK_NOFOLLOW) {
            Err(Errno::NOENT) => Ok(rustix::fs::renameat(folder, from, folder, to)?),
            Err(error) => Err(error.into()),
            Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        }
    }
}

fn open(above: BorrowedFd<'_>, name: &OsStr) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(retry_on_intr(|| {
        rustix::fs::openat(above, name, flags, Mode::empty())
    })?)
}
