//! Which pages of a file are used: each must be once, and for what the map says.

use std::sync::atomic::{AtomicU64, Ordering};

use super::file::File;
use super::maps::{self, Maps, Use};

/// Which pages were found in use so far; one bit a page.
pub struct Usage {
    words: Vec<AtomicU64>,
    count: u32,
    maps: Maps,
}

impl Usage {
    /// None so far, but for the pages that are neither free nor part of a tree: the maps, and the locked
    /// page.
    pub fn of(file: &mut File) -> Option<Usage> {
        let header = file.header;
        let words = header.count as usize / 64 + 1;
        let usage = Usage {
            words: (0..words).map(|_| AtomicU64::new(0)).collect(),
            count: header.count,
            maps: Maps::read(file)?,
        };
        let locked = Some(header.locked()).filter(|locked| *locked <= header.count);
        for page in maps::pages(&header).chain(locked) {
            usage.first_use(page)?;
        }
        Some(usage)
    }

    /// Uses a page; `None` if there is no such page, it is in use already, or a map says something else.
    pub fn take(&self, page: u32, used: Use) -> Option<()> {
        self.first_use(page)?;
        self.maps.agree(page, used).then_some(())
    }

    fn first_use(&self, page: u32) -> Option<()> {
        let index = page.checked_sub(1).filter(|_| page <= self.count)?;
        let bit = 1 << (index % 64);
        let before = self.words[index as usize / 64].fetch_or(bit, Ordering::Relaxed);
        (before & bit == 0).then_some(())
    }

    /// Whether every page is in use.
    pub fn is_complete(&self) -> bool {
        let words = self.words.iter().map(|word| word.load(Ordering::Relaxed));
        words.map(u64::count_ones).sum::<u32>() == self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(count: u32) -> Usage {
        Usage {
            words: (0..=count / 64).map(|_| AtomicU64::new(0)).collect(),
            count,
            maps: Maps::default(),
        }
    }

    #[test]
    fn a_page_is_used_once() {
        let usage = usage(128);
        for page in [1, 64, 65, 128] {
            assert_eq!(usage.take(page, Use::Root), Some(()));
            assert_eq!(usage.take(page, Use::Root), None);
        }
        assert_eq!(usage.take(0, Use::Root), None);
        assert_eq!(usage.take(129, Use::Root), None);
    }

    #[test]
    fn all_pages_have_to_be_in_use() {
        for count in [1, 63, 64, 65, 200] {
            let usage = usage(count);
            for page in 1..=count {
                assert!(!usage.is_complete());
                usage.take(page, Use::Free).unwrap();
            }
            assert!(usage.is_complete());
        }
    }
}
