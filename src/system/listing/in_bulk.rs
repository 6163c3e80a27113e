//! Folders listed many entries a call, as `dua-core` does it: by getattrlistbulk(2) on macOS, and by
//! FILE_ID_BOTH_DIR_INFO on Windows. What these calls leave out is asked for only where it matters. On other
//! systems its portable way is taken, and only to try what stands here.

use std::fmt;
use std::io;
use std::iter::Peekable;
use std::path::Path;

use dua_core::{Entry, Error, Metadata, Options};

use crate::system::stat::{FileFacts, Kind};
#[cfg(unix)]
use crate::system::unix as imp;
#[cfg(windows)]
use crate::system::windows as imp;

use super::Listed;

type Entries<'a> = Box<dyn Iterator<Item = Result<Entry, Error>> + 'a>;

pub(super) struct Listing<'a> {
    dir: &'a Path,
    entries: Peekable<Entries<'a>>,
}

impl fmt::Debug for Listing<'_> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_tuple("Listing").field(&self.dir).finish()
    }
}

impl<'a> Listing<'a> {
    /// Nothing where the disk does not offer it, as some network disks do not.
    pub(super) fn open(dir: &'a Path) -> io::Result<Option<Listing<'a>>> {
        let entries = entries(dir)?;
        let mut listing = Listing {
            dir,
            entries: entries.peekable(),
        };
        let is_offered = match listing.entries.peek() {
            Some(Err(error)) => !is_refusal(error.io_error()),
            _ => true,
        };
        Ok(is_offered.then_some(listing))
    }

    pub(super) fn each(self, mut each: impl FnMut(Listed<'_>)) -> io::Result<()> {
        let mut placeholders = imp::Placeholders::new();
        for entry in self.entries {
            let entry = entry.map_err(|error| of_system(&error))?;
            let listed = Kind::from_listing(&entry);
            let mut facts = match entry.metadata {
                Some(metadata) => metadata.map(|found| facts(listed, &found)),
                None => Err(io::ErrorKind::Unsupported.into()),
            };
            if let Ok(facts) = &mut facts
                && may_be_cloud_only(facts)
            {
                facts.is_cloud_only = placeholders.holds(self.dir, &entry.file_name);
            }
            let kind = match &facts {
                Ok(facts) => Some(facts.kind),
                // What it could not look at may be anything.
                Err(_) => Some(listed).filter(|kind| *kind != Kind::Other),
            };
            each(Listed {
                name: &entry.file_name,
                kind,
                facts,
            });
        }
        Ok(())
    }
}

/// Whether a file may be a placeholder of a cloud: not all of its content has blocks.
pub(super) fn may_be_cloud_only(facts: &FileFacts) -> bool {
    facts.is_file() && facts.allocated < facts.length
}

/// Whether an error says that the disk does not offer this way to list a folder.
fn is_refusal(error: &io::Error) -> bool {
    let code = error.raw_os_error();
    code.is_some_and(|code| imp::NO_BULK.contains(&code))
}

/// What the system said, without the path that is put in front of it.
fn of_system(error: &Error) -> io::Error {
    let error = error.io_error();
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}

impl Kind {
    fn from_listing(entry: &Entry) -> Kind {
        let kind = entry.file_type;
        if kind.is_file() {
            Kind::File
        } else if kind.is_dir() {
            Kind::Folder
        } else if kind.is_symlink() {
            Kind::Link
        } else {
            Kind::Other
        }
    }
}

#[cfg(any(windows, target_os = "macos"))]
fn entries(dir: &Path) -> io::Result<Entries<'_>> {
    #[cfg_attr(windows, allow(unused_mut))]
    let mut options = Options::default();
    #[cfg(target_os = "macos")]
    {
        options.apfs_clone_metadata = true;
    }
    let entries = dua_core::read_dir(dir, options).map_err(|error| of_system(&error))?;
    Ok(Box::new(entries))
}

/// A walk that ends at the first level.
#[cfg(not(any(windows, target_os = "macos")))]
fn entries(dir: &Path) -> io::Result<Entries<'_>> {
    std::fs::read_dir(dir)?;
    // It follows no link, not even to where it starts.
    let dir = dir.canonicalize()?;
    let order = dua_core::Order::ParentFirst;
    let walk = dua_core::walk(&dir, 1, order, Options::default(), |entry| entry.depth == 0);
    Ok(Box::new(walk.skip(1)))
}

#[cfg(windows)]
fn facts(kind: Kind, found: &Metadata) -> FileFacts {
    FileFacts {
        kind,
        length: found.len(),
        allocated: found.allocated_size(),
        modified: found.modified().ok(),
        identity: found.hard_link_id(),
        links: None,
        is_cloud_only: false,
        content: None,
    }
}

#[cfg(target_os = "macos")]
fn facts(kind: Kind, found: &Metadata) -> FileFacts {
    use crate::system::stat::SharedContent;

    FileFacts {
        kind,
        length: found.len(),
        allocated: found.allocated_size(),
        modified: found.modified().ok(),
        identity: Some((found.dev(), found.ino())),
        links: Some(found.nlink()),
        is_cloud_only: false,
        content: found.clone_id().map(|id| SharedContent {
            id: id.get(),
            allocated: found.data_allocated_size(),
        }),
    }
}

#[cfg(not(any(windows, target_os = "macos")))]
fn facts(_kind: Kind, found: &Metadata) -> FileFacts {
    imp::facts(found, Default::default)
}
