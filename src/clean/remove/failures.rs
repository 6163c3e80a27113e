//! What could not be done of many things.

use std::io;
use std::path::PathBuf;

/// So many failures are kept; the others are counted.
const KEEP: usize = 10;

/// The first few, and how many.
#[derive(Debug, Default)]
pub(super) struct Failures {
    pub(super) first: Vec<(PathBuf, io::Error)>,
    pub(super) count: u64,
}

impl Failures {
    pub(super) fn add(&mut self, path: impl FnOnce() -> PathBuf, error: io::Error) {
        self.count += 1;
        if self.first.len() < KEEP {
            self.first.push((path(), error));
        }
    }

    pub(super) fn append(&mut self, other: Failures) {
        self.count += other.count;
        let room = KEEP.saturating_sub(self.first.len());
        self.first.extend(other.first.into_iter().take(room));
    }
}
