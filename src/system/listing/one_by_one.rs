//! Folders listed with one call an entry, made relative to the open folder: by full path that takes a third
//! longer. On Windows each entry is opened for it.

use std::fs::{self, ReadDir};
use std::io;
use std::path::Path;

use crate::system::file::facts;
use crate::system::stat::Kind;

use super::Listed;

#[derive(Debug)]
pub(super) struct Listing<'a> {
    dir: &'a Path,
    entries: ReadDir,
}

impl<'a> Listing<'a> {
    pub(super) fn open(dir: &'a Path) -> io::Result<Listing<'a>> {
        let entries = fs::read_dir(dir)?;
        Ok(Listing { dir, entries })
    }

    pub(super) fn each(self, mut each: impl FnMut(Listed<'_>)) -> io::Result<()> {
        for entry in self.entries {
            // An error is no end: a listing may go on behind it, and may fail for ever.
            let entry = entry?;
            let name = entry.file_name();
            let facts = (entry.metadata()).map(|found| facts(&found, || self.dir.join(&name)));
            let kind = match &facts {
                Ok(facts) => Some(facts.kind),
                Err(_) => entry.file_type().ok().map(Kind::from),
            };
            let name = name.as_os_str();
            each(Listed { name, kind, facts });
        }
        Ok(())
    }
}
