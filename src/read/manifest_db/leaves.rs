//! The rows of the manifest from the leaves of their table, without SQLite, where the file is as devices
//! write it.

use std::sync::atomic::AtomicU32;

use rayon::prelude::*;

use crate::model::Listing;
use crate::read::budget::Budget;
use crate::read::pages::{MAX_OVERFLOW, Pages};
use crate::read::tally::Tally;

use super::columns::add;
use super::run::{Part, Run, Told};

impl Run<'_> {
    /// Reads the table at page `root` from its pages; `None` where anything about them is unusual.
    pub(super) fn through_pages(self, root: i64) -> Option<Listing> {
        const LEAVES_A_PART: usize = 256;
        const MOST: usize = 64;
        let pages = || Pages::of(self.database.input()?);
        let leaves = pages()?.leaves(u32::try_from(root).ok()?)?;
        let budget = Budget::usual(self.wanted);
        let overflow = AtomicU32::new(MAX_OVERFLOW);
        let parts = leaves
            .par_chunks(leaves.len().div_ceil(MOST).max(LEAVES_A_PART))
            .map(|leaves| {
                let mut tally = Tally::new(self.wanted, &budget);
                let mut beyond = None;
                let mut told = Told::new(self.monitor);
                let rowids = pages()?.rows(leaves, &overflow, |columns| {
                    beyond = add(&mut tally, columns, self.opaque).err();
                    beyond.is_none() && told.go_on()
                })?;
                Some((rowids, (tally.finish(), None, beyond)))
            })
            .collect::<Option<Vec<_>>>()?;
        let (rowids, parts): (Vec<_>, Vec<Part<'_>>) = parts.into_iter().unzip();
        // A leaf that two parts have would count twice.
        let rowids: Vec<_> = rowids.into_iter().flatten().collect();
        let ascend = rowids.windows(2).all(|pair| pair[0].1 < pair[1].0);
        ascend.then(|| self.join(parts))
    }
}
