//! What lies in a folder on the way to backups, by names and kinds.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::facts::names;
use crate::model::{FileId, Udid};
use crate::system::{self, Kind};

/// One entry of a folder.
pub(super) struct Entry {
    pub(super) name: OsString,
    pub(super) path: PathBuf,
    pub(super) kind: Kind,
}

/// The entries of a folder by name, and what went wrong. Not with a walker: that would open, and to
/// sort them read, all folders in it before it stops at its depth, and a backup has 256.
pub(super) fn list(dir: &Path) -> (Vec<Entry>, Vec<io::Error>) {
    list_where(dir, |_, _| true)
}

/// The same without files that have the name of a payload.
pub(super) fn list_without_payloads(dir: &Path) -> (Vec<Entry>, Vec<io::Error>) {
    list_where(dir, |name, kind| {
        kind != Kind::File || FileId::parse(name.as_encoded_bytes()).is_none()
    })
}

/// The folders in a folder of a backup; `see` is told the names of all that is in it.
pub(super) fn list_seeing(dir: &Path, mut see: impl FnMut(&str)) -> (Vec<Entry>, Vec<io::Error>) {
    list_where(dir, |name, kind| {
        see(&name.to_string_lossy());
        kind == Kind::Folder
    })
}

fn list_where(
    dir: &Path,
    mut is_wanted: impl FnMut(&OsStr, Kind) -> bool,
) -> (Vec<Entry>, Vec<io::Error>) {
    let mut entries = Vec::new();
    let mut errors = Vec::new();
    match system::list_names(dir) {
        Ok(listing) => {
            for entry in listing {
                match entry.and_then(|entry| Ok((entry.kind()?, entry.name()))) {
                    Ok((kind, name)) => {
                        if is_wanted(&name, kind) {
                            let path = dir.join(&name);
                            entries.push(Entry { name, path, kind });
                        }
                    }
                    Err(error) => errors.push(error),
                }
            }
        }
        Err(error) => errors.push(error),
    }
    entries.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    (entries, errors)
}

/// Whether a file is an alias that Finder made: bookmark data.
pub(super) fn is_alias(path: &Path) -> bool {
    let mut magic = [0; 4];
    let read = system::open_regular(path).and_then(|mut file| file.read_exact(&mut magic));
    read.is_ok() && magic == *b"book"
}

/// Whether a folder is named after a device and there is nothing in it but clutter.
pub(super) fn is_empty_of_device(dir: &Path) -> bool {
    let name = dir.file_name().unwrap_or_default().to_string_lossy();
    let (entries, errors) = list(dir);
    let is_clutter =
        |entry: &Entry| names::is_clutter(&entry.name) || names::is_clutter_folder(&entry.name);
    Udid::from_folder_name(&name).is_some() && errors.is_empty() && entries.iter().all(is_clutter)
}
