//! The files of a job that its user has installed, in the folders where systemd and launchd look for them.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use super::replace_file::{Readers, beside};

/// What is in the file, where there is one: text in a file of its own, not behind a link.
///
/// # Errors
/// When it cannot be read, or is another thing.
pub fn read(path: &Path) -> io::Result<Option<String>> {
    match path.symlink_metadata() {
        Ok(found) if found.is_file() => fs::read_to_string(path).map(Some),
        Ok(_) => Err(io::Error::other("it is no file, but a link or a folder")),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Makes the folder around a file, with those around it.
///
/// # Errors
/// When it cannot be made.
pub fn make_folder_of(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) => fs::create_dir_all(folder),
        None => Ok(()),
    }
}

/// Writes the file, as a whole and for this user alone: a job may hold what only its user is to know. Only where
/// it `replaces` one is it put over what is there; a link there is never followed.
///
/// # Errors
/// When it cannot be written. Nothing has changed then.
pub fn write(path: &Path, text: &str, replaces: bool) -> io::Result<()> {
    let file = beside(path, text, Readers::Owner)?;
    match replaces {
        true => file.persist(path)?,
        false => file.persist_noclobber(path)?,
    }
    Ok(())
}

/// Removes the file. Whoever calls it has just read it: it is one that bkscan wrote.
///
/// # Errors
/// When it cannot be removed.
pub fn remove(path: &Path) -> io::Result<()> {
    fs::remove_file(path)
}
