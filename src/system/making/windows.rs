//! The same on Windows, where safe code reaches what is in a folder by its path alone.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

use crate::system::windows::{FolderHandle, no_follow};

/// Nothing: a new file is used by those who may use its folder.
#[derive(Clone, Copy, Debug)]
pub struct Mode;

pub fn mode_of(_metadata: &Metadata) -> Option<Mode> {
    None
}

#[derive(Debug)]
pub struct Handle;

impl Handle {
    pub fn open(path: &Path) -> io::Result<Handle> {
        match path.metadata()?.is_dir() {
            true => Ok(Handle),
            false => Err(io::ErrorKind::NotADirectory.into()),
        }
    }

    pub fn folder(&self, _name: &str, path: &Path, _like: Option<Mode>) -> io::Result<Handle> {
        fs::create_dir(path)?;
        Ok(Handle)
    }

    pub fn file(&self, _name: &str, path: &Path, _like: Option<Mode>) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        no_follow(&mut options);
        options.open(path)
    }

    /// ReFS could, with calls that are not safe.
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
        _name: &str,
        path: &Path,
        _from: &FolderHandle,
        _from_name: &str,
        from_path: &Path,
    ) -> io::Result<()> {
        match from_path.symlink_metadata()?.is_file() {
            true => fs::hard_link(from_path, path),
            false => Err(io::ErrorKind::InvalidInput.into()),
        }
    }

    /// Windows settles only what was opened to be written.
    pub fn to_sync(&self, _name: &str, path: &Path) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.write(true);
        no_follow(&mut options);
        options.open(path)
    }

    /// A folder cannot be opened for that in safe code.
    pub fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}
