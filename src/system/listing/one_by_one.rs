//! Folders listed with one call an entry, made relative to the open folder: by full path that takes a third
//! longer. On Windows each entry is opened for it.

use std::fs::{self, ReadDir};
use std::io;
use std::path::Path;

use crate::system::file::facts;
use crate::system::stat::Kind;

use super::Listed;

#[derive(Debug)]
pub(super) struct Listing(ReadDir);

impl Listing {
    pub(super) fn open(dir: &Path) -> io::Result<Listing> {
        fs::read_dir(dir).map(Listing)
    }

    pub(super) fn each(self, mut each: impl FnMut(Listed<'_>)) -> io::Result<()> {
        for entry in self.0 {
            // An error is no end: a listing may go on behind it, and may fail for ever.
            let entry = entry?;
            let facts = entry.metadata().map(|found| facts(&found, || entry.path()));
            let kind = match &facts {
                Ok(facts) => Some(facts.kind),
                Err(_) => entry.file_type().ok().map(Kind::from),
            };
            each(Listed {
                name: &entry.file_name(),
                kind,
                facts,
            });
        }
        Ok(())
    }
}
