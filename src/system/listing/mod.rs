//! The one place that lists folders of what is scanned.

#[cfg(any(windows, target_os = "macos", test))]
mod in_bulk;
mod one_by_one;
#[cfg(test)]
mod tests;

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirEntry};
use std::io;
use std::path::Path;

use super::stat::{FileFacts, Kind};

/// An entry of a folder.
#[derive(Debug)]
pub struct Listed<'a> {
    /// Its name; any bytes where the system allows that.
    pub name: &'a OsStr,
    /// What it is; nothing where the system does not even tell that.
    pub kind: Option<Kind>,
    /// All facts about it, or why the system tells none: it may be gone, or must not be looked at.
    pub facts: io::Result<FileFacts>,
}

/// A folder that was opened to be listed once, with all facts about what is in it.
#[derive(Debug)]
pub struct Listing<'a>(Way<'a>);

/// The ways to list a folder. All tell the same, but for what [`FileFacts`] says.
#[derive(Debug)]
enum Way<'a> {
    /// One call an entry.
    OneByOne(one_by_one::Listing<'a>),
    /// Many entries a call.
    #[cfg(any(windows, target_os = "macos", test))]
    InBulk(Box<in_bulk::Listing<'a>>),
}

impl<'a> Listing<'a> {
    /// Opens a folder; a link to one is followed.
    ///
    /// # Errors
    /// When it cannot be opened, or is none.
    pub fn open(dir: &'a Path) -> io::Result<Listing<'a>> {
        #[cfg(any(windows, target_os = "macos"))]
        if let Some(listing) = in_bulk::Listing::open(dir)? {
            return Ok(Listing(Way::InBulk(Box::new(listing))));
        }
        one_by_one::Listing::open(dir).map(|listing| Listing(Way::OneByOne(listing)))
    }

    /// Tells each entry, in any order. Links are not followed, and nothing is opened.
    ///
    /// # Errors
    /// When the folder cannot be listed to its end.
    pub fn each(self, each: impl FnMut(Listed<'_>)) -> io::Result<()> {
        match self.0 {
            Way::OneByOne(listing) => listing.each(each),
            #[cfg(any(windows, target_os = "macos", test))]
            Way::InBulk(listing) => listing.each(each),
        }
    }
}

/// An entry of a folder of which no more than its name and its kind is wanted.
#[derive(Debug)]
pub struct Named(DirEntry);

impl Named {
    /// Its name; any bytes where the system allows that.
    pub fn name(&self) -> OsString {
        self.0.file_name()
    }

    /// What it is; without a call of the system on nearly all disks.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn kind(&self) -> io::Result<Kind> {
        self.0.file_type().map(Kind::from)
    }
}

/// Names and kinds of what is in a folder, in any order: it costs no call an entry.
///
/// # Errors
/// When the folder cannot be opened, or is none.
pub fn list_names(dir: &Path) -> io::Result<impl Iterator<Item = io::Result<Named>>> {
    Ok(fs::read_dir(dir)?.map(|entry| entry.map(Named)))
}
