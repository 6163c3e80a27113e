//! A new folder that is being filled: for what `mend` writes. Where the system can, everything is made relative
//! to an open folder, no link is followed, and nothing that is there is ever written over.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::folder::Folder;
#[cfg(unix)]
use unix as imp;
#[cfg(windows)]
use windows as imp;

/// Who may do what with a file or folder, as its source has it.
pub type Mode = imp::Mode;

/// A folder to make something in.
#[derive(Debug)]
pub struct NewFolder {
    path: PathBuf,
    handle: imp::Handle,
}

impl NewFolder {
    /// Opens a folder that is there; links on the way to it are followed.
    ///
    /// # Errors
    /// When it cannot be opened, or is none.
    pub fn open(path: PathBuf) -> io::Result<NewFolder> {
        let handle = imp::Handle::open(&path)?;
        Ok(NewFolder { path, handle })
    }

    /// Opens the folder at `path`, which is made with those above it where it is missing.
    ///
    /// # Errors
    /// When something else is in the way, or it cannot be made.
    pub fn open_or_make(path: &Path) -> io::Result<NewFolder> {
        match NewFolder::open(path.to_owned()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            opened => return opened,
        }
        let (above, name) = super::path::place(path);
        if name.is_empty() {
            return Err(io::ErrorKind::NotFound.into());
        }
        let name = name.to_str().ok_or(io::ErrorKind::InvalidFilename)?;
        NewFolder::open_or_make(&above)?.folder(name, None)
    }

    /// Makes a folder in this one, and opens it; `like` what the other folder is that it is a copy of.
    ///
    /// # Errors
    /// When it cannot be made, or something of that name is there.
    pub fn folder(&self, name: &str, like: Option<Mode>) -> io::Result<NewFolder> {
        let path = self.path.join(name);
        let handle = self.handle.folder(name, &path, like)?;
        Ok(NewFolder { path, handle })
    }

    /// Makes an empty file in this folder.
    ///
    /// # Errors
    /// When it cannot be made, or something of that name is there.
    pub fn file(&self, name: &str, like: Option<Mode>) -> io::Result<File> {
        self.handle.file(name, &self.path.join(name), like)
    }

    /// Makes a file that shares its blocks with `source` until one of them is written to. Where the disk cannot,
    /// it is made empty and given back.
    ///
    /// # Errors
    /// When it cannot be made, or something of that name is there.
    pub fn clone_of(&self, name: &str, source: &File) -> io::Result<Option<File>> {
        let like = mode_of(source);
        self.handle
            .clone_of(name, &self.path.join(name), source, like)
    }

    /// Gives a regular file in `from` a second name in this folder.
    ///
    /// # Errors
    /// When the disk has no second names, it is another disk, or something of that name is there;
    /// [`io::ErrorKind::InvalidInput`] where it is no regular file.
    pub fn link(&self, name: &str, from: &Folder, from_name: &str) -> io::Result<()> {
        let source = from.path().join(from_name);
        self.handle.link(
            name,
            &self.path.join(name),
            from.handle(),
            from_name,
            &source,
        )
    }

    /// Has a file in this folder hold what was written into it after the power fails.
    ///
    /// # Errors
    /// When it cannot be opened, or the system says so.
    pub fn sync_file(&self, name: &str) -> io::Result<()> {
        self.handle.to_sync(name, &self.path.join(name))?.sync_all()
    }

    /// Has what was made in this folder be there after the power fails, as far as the system can.
    ///
    /// # Errors
    /// When the system says so.
    pub fn sync(&self) -> io::Result<()> {
        self.handle.sync()
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Who may do what with an open file; nothing where the system does not tell.
pub fn mode_of(file: &File) -> Option<Mode> {
    imp::mode_of(&file.metadata().ok()?)
}

/// The same of a folder.
pub fn mode_of_folder(path: &Path) -> Option<Mode> {
    imp::mode_of(&path.metadata().ok()?)
}

/// Whether an error says that a file is larger than the disk can have one: on FAT that is 4 GB.
pub fn is_too_large(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::FileTooLarge
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write as _;

    use super::*;

    #[test]
    fn nothing_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a").join("b");
        let new = NewFolder::open_or_make(&path).unwrap();
        assert_eq!(new.path(), path);
        new.file("x", None).unwrap().write_all(b"first").unwrap();
        let again = new.file("x", None).unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
        let inner = new.folder("y", None).unwrap();
        let again = new.folder("y", None).unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
        let source = File::open(path.join("x")).unwrap();
        let again = new.clone_of("x", &source).unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
        let from = Folder::open(path.clone()).unwrap();
        inner.link("z", &from, "x").unwrap();
        assert_eq!(fs::read(path.join("y/z")).unwrap(), b"first");
        let again = inner.link("z", &from, "x").unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
        new.sync_file("x").unwrap();
        new.sync().unwrap();
    }

    #[test]
    fn what_cannot_be_cloned_is_made_empty() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("x"), "bytes").unwrap();
        let source = File::open(folder.path().join("x")).unwrap();
        let new = NewFolder::open(folder.path().to_owned()).unwrap();
        let cloned = new.clone_of("y", &source).unwrap();
        let expected = if cloned.is_none() { "bytes" } else { "" };
        assert_eq!(
            fs::read_to_string(folder.path().join("y")).unwrap(),
            expected
        );
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed_and_modes_are_kept() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};

        let folder = tempfile::tempdir().unwrap();
        let below = |name: &str| folder.path().join(name);
        fs::write(below("x"), "bytes").unwrap();
        fs::set_permissions(below("x"), fs::Permissions::from_mode(0o600)).unwrap();
        symlink(below("x"), below("link")).unwrap();
        symlink(below("nowhere"), below("dangling")).unwrap();
        let new = NewFolder::open(folder.path().to_owned()).unwrap();
        assert!(new.file("dangling", None).is_err());
        assert!(!below("nowhere").exists());
        assert!(new.folder("dangling", None).is_err());
        let from = Folder::open(folder.path().to_owned()).unwrap();
        let linked = new.link("y", &from, "link").unwrap_err();
        assert_eq!(linked.kind(), io::ErrorKind::InvalidInput);
        let source = File::open(below("x")).unwrap();
        new.clone_of("z", &source).unwrap();
        let mode = below("z").metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
