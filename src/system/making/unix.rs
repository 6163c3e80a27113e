//! The same on Unix: relative to open folders.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fd::OwnedFd;
use rustix::fs::{AtFlags, CWD, FileType, Mode as UnixMode, OFlags};

use crate::system::unix::FolderHandle;

/// The bits of `st_mode` that say who may do what.
#[derive(Clone, Copy, Debug)]
pub struct Mode(UnixMode);

/// What any new file or folder may be used for: the process takes off what its owner does not want.
const FILE: UnixMode = UnixMode::from_raw_mode(0o666);
const FOLDER: UnixMode = UnixMode::from_raw_mode(0o777);

pub fn mode_of(metadata: &Metadata) -> Option<Mode> {
    let bits = u16::try_from(metadata.mode() & 0o777).ok()?;
    Some(Mode(UnixMode::from_raw_mode(bits.into())))
}

#[derive(Debug)]
pub struct Handle(OwnedFd);

impl Handle {
    pub fn open(path: &Path) -> io::Result<Handle> {
        let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Handle(rustix::fs::openat(
            CWD,
            path,
            flags,
            UnixMode::empty(),
        )?))
    }

    pub fn folder(&self, name: &str, _path: &Path, like: Option<Mode>) -> io::Result<Handle> {
        // Whoever made it can write into it, whatever the other one allows.
        let mode = like.map_or(FOLDER, |Mode(mode)| mode | UnixMode::RWXU);
        rustix::fs::mkdirat(&self.0, name, mode)?;
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(Handle(rustix::fs::openat(
            &self.0,
            name,
            flags,
            UnixMode::empty(),
        )?))
    }

    pub fn file(&self, name: &str, _path: &Path, like: Option<Mode>) -> io::Result<File> {
        let mode = like.map_or(FILE, |Mode(mode)| mode | UnixMode::RUSR | UnixMode::WUSR);
        let flags =
            OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(rustix::fs::openat(&self.0, name, flags, mode)?.into())
    }

    #[cfg(target_vendor = "apple")]
    pub fn clone_of(
        &self,
        name: &str,
        path: &Path,
        source: &File,
        like: Option<Mode>,
    ) -> io::Result<Option<File>> {
        use rustix::io::Errno;

        let flags = rustix::fs::CloneFlags::NOFOLLOW;
        match rustix::fs::fclonefileat(source, &self.0, name, flags) {
            Ok(()) => Ok(None),
            Err(error @ (Errno::EXIST | Errno::NOSPC | Errno::DQUOT)) => Err(error.into()),
            // Another disk, or one that has no clones.
            Err(_) => self.file(name, path, like).map(Some),
        }
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub fn clone_of(
        &self,
        name: &str,
        path: &Path,
        source: &File,
        like: Option<Mode>,
    ) -> io::Result<Option<File>> {
        use rustix::io::Errno;

        let file = self.file(name, path, like)?;
        match rustix::fs::ioctl_ficlone(&file, source) {
            Ok(()) => Ok(None),
            Err(error @ (Errno::NOSPC | Errno::DQUOT)) => Err(error.into()),
            // Another disk, or one that has no clones.
            Err(_) => Ok(Some(file)),
        }
    }

    #[cfg(not(any(target_vendor = "apple", target_os = "linux", target_os = "android")))]
    pub fn clone_of(
        &self,
        name: &str,
        path: &Path,
        _source: &File,
        like: Option<Mode>,
    ) -> io::Result<Option<File>> {
        self.file(name, path, like).map(Some)
    }

    pub fn link(
        &self,
        name: &str,
        _path: &Path,
        from: &FolderHandle,
        from_name: &str,
        _from_path: &Path,
    ) -> io::Result<()> {
        let found = rustix::fs::statat(from.fd(), from_name, AtFlags::SYMLINK_NOFOLLOW)?;
        if FileType::from_raw_mode(found.st_mode) != FileType::RegularFile {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        // What is a link by now gets a second name itself, and is seen to be one when the copy is judged.
        Ok(rustix::fs::linkat(
            from.fd(),
            from_name,
            &self.0,
            name,
            AtFlags::empty(),
        )?)
    }

    pub fn to_sync(&self, name: &str, _path: &Path) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        Ok(rustix::fs::openat(&self.0, name, flags, UnixMode::empty())?.into())
    }

    pub fn sync(&self) -> io::Result<()> {
        match rustix::fs::fsync(&self.0) {
            // Some disks do not know it of folders.
            Err(rustix::io::Errno::INVAL) => Ok(()),
            synced => Ok(synced?),
        }
    }
}
