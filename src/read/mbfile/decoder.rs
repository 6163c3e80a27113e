//! Decodes records one after the other, and knows the layouts of those before.

use crate::read::bplist::Bplist;

use super::archive::{Archive, Look};
use super::record::MbFile;
use super::skeleton::Skeleton;
use super::through_crate::through_crate;

/// Larger blobs are not decoded; the largest known has 1,850 bytes.
const LIMIT: usize = 1 << 20;

/// Decodes blobs. What it answers depends on the blob alone: those before it only save time.
#[derive(Default)]
pub struct Decoder {
    known: Vec<Skeleton>,
    /// Which of them fitted last.
    last: usize,
    /// Which of them goes next.
    oldest: usize,
    /// How many in a row have fitted none.
    misses: usize,
    /// What was looked at for the last one that fitted none.
    looked_at: Vec<Look>,
}

impl Decoder {
    /// How many layouts are known at a time: with and without a digest, with and without attributes.
    const MOST: usize = 4;
    /// After so many misses in a row, layouts are hardly worth their time: from then on one of those that are
    /// known is tried at a time.
    const PATIENCE: usize = 8;
    /// And then one in so many is learned.
    const SELDOM: usize = 127;

    /// Decodes a blob; `None` where it is no keyed archive with a dictionary at its root.
    pub fn decode(&mut self, blob: &[u8]) -> Option<MbFile> {
        if blob.len() > LIMIT {
            return None;
        }
        self.borrowed(blob).or_else(|| through_crate(blob))
    }

    /// The fast reader alone. `None` also for shapes that it leaves to the crate.
    pub fn borrowed(&mut self, blob: &[u8]) -> Option<MbFile> {
        let list = Bplist::new(blob)?;
        match self.known_like(&list) {
            Some(known) => known.archive(list)?.read(),
            None => self.find(list)?.read(),
        }
    }

    /// Whether a blob is laid out as one that is known.
    pub fn knows(&self, blob: &[u8]) -> bool {
        let fits = |list: Bplist<'_>| self.known.iter().any(|known| known.fits(&list));
        Bplist::new(blob).is_some_and(fits)
    }

    /// What is known that the list is laid out like.
    fn known_like(&mut self, list: &Bplist<'_>) -> Option<&Skeleton> {
        let count = self.known.len();
        let fits = |at: &usize| self.known[*at].fits(list);
        let found = match self.misses > Decoder::PATIENCE {
            // The one that fitted last, then the others.
            false => (self.last..count).chain(0..self.last).find(fits)?,
            true => Some(self.misses.checked_rem(count)?).filter(fits)?,
        };
        self.last = found;
        self.misses = 0;
        self.known.get(found)
    }

    /// Finds out how the list is laid out, and learns it.
    fn find<'a>(&mut self, list: Bplist<'a>) -> Option<Archive<'a>> {
        self.misses += 1;
        if self.misses > Decoder::PATIENCE && !self.misses.is_multiple_of(Decoder::SELDOM) {
            return Archive::find(list, |_| {});
        }
        let looked_at = &mut self.looked_at;
        looked_at.clear();
        let archive = Archive::find(list, |look| {
            // One more shows that it was too much.
            if looked_at.len() <= Skeleton::MOST {
                looked_at.push(look);
            }
        })?;
        if let Some(skeleton) = Skeleton::of(&archive, looked_at) {
            self.learn(skeleton);
        }
        Some(archive)
    }

    fn learn(&mut self, skeleton: Skeleton) {
        match self.known.get_mut(self.oldest) {
            Some(oldest) => *oldest = skeleton,
            None => self.known.push(skeleton),
        }
        self.last = self.oldest;
        self.oldest = (self.oldest + 1) % Decoder::MOST;
    }
}

/// What the fast reader alone says of a blob, without any before it.
pub fn borrowed(blob: &[u8]) -> Option<MbFile> {
    Archive::find(Bplist::new(blob)?, |_| {})?.read()
}
