//! An open folder, and what is in it.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::file::is_cloud_only;
use super::stat::Stamp;
#[cfg(unix)]
use super::unix as imp;
#[cfg(windows)]
use super::windows as imp;

/// An open folder. What is in it is opened relative to it where the system can: that is quicker than
/// by full path, and nobody can put a link on the way meanwhile.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    handle: imp::FolderHandle,
}

impl Folder {
    /// Opens a folder; links on the way to it are followed.
    ///
    /// # Errors
    /// When it cannot be opened, or is none.
    pub fn open(path: PathBuf) -> io::Result<Folder> {
        let handle = imp::FolderHandle::open(&path)?;
        Ok(Folder { path, handle })
    }

    /// Opens a folder in this one; a link is none.
    ///
    /// # Errors
    /// When it cannot be opened, or is none.
    pub fn folder(&self, name: &OsStr) -> io::Result<Folder> {
        let path = self.path.join(name);
        let handle = self.handle.folder(name, &path)?;
        Ok(Folder { path, handle })
    }

    /// Opens a file in this folder to read it, without following a link in its place and without
    /// waiting for anything.
    ///
    /// # Errors
    /// When it cannot be opened, or is not a regular file: [`io::ErrorKind::InvalidInput`].
    pub fn file(&self, name: &str) -> io::Result<(File, Stamp)> {
        let file = self.handle.file(name, || self.path.join(name))?;
        let stamp = Stamp::of(&file)?;
        Ok((file, stamp))
    }

    /// Tells the names of all that is in this folder.
    ///
    /// # Errors
    /// When it cannot be listed to its end.
    pub fn each_name(&self, mut each: impl FnMut(&OsStr)) -> io::Result<()> {
        self.handle.each_name(&self.path, &mut each)
    }

    /// Whether the content of a file in this folder is kept in a cloud, as [`is_cloud_only`]. Opens
    /// nothing.
    pub fn is_cloud_only(&self, name: &str) -> bool {
        let found = self.path.join(name).symlink_metadata();
        found.is_ok_and(|found| is_cloud_only(&found))
    }

    /// What it is opened by.
    pub(super) fn handle(&self) -> &imp::FolderHandle {
        &self.handle
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }
}
