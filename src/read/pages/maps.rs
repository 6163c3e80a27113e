//! The pointer map of a file that can be made smaller (auto_vacuum): what each page is used for, and by
//! which other one.

use super::file::File;
use super::header::Header;
use super::numbers::u32_at;

/// What a page is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// A tree begins on it.
    Root,
    /// It is free.
    Free,
    /// The rest of a record, whose beginning is on that page, begins on it.
    Overflow(u32),
    /// The rest of a record goes on there from that page.
    Further(u32),
    /// It is a node of a tree, below that page.
    Child(u32),
}

impl Use {
    /// Its number in the map, and the other page.
    fn entry(self) -> (u8, u32) {
        match self {
            Use::Root => (1, 0),
            Use::Free => (2, 0),
            Use::Overflow(page) => (3, page),
            Use::Further(page) => (4, page),
            Use::Child(page) => (5, page),
        }
    }
}

/// Bytes of an entry: a number, and the other page.
const ENTRY: usize = 5;

/// The maps of a file.
#[derive(Default)]
pub struct Maps {
    /// The entries of all pages, from page 0 on; nothing where there is no map.
    entries: Vec<u8>,
}

impl Maps {
    /// Reads the maps of a file, where it has some; `None` where the header says what cannot be.
    pub fn read(file: &mut File) -> Option<Maps> {
        let header = file.header;
        if header.greatest_root == 0 {
            return (!header.is_incremental).then(Maps::default);
        }
        let mut entries = vec![0; ENTRY * (header.count as usize + 1)];
        for map in pages(&header) {
            let mapped = entries_of(&header).min((header.count - map) as usize);
            let page = file.page(map)?.get(..ENTRY * mapped)?;
            let start = ENTRY * (map as usize + 1);
            entries[start..start + page.len()].copy_from_slice(page);
        }
        Some(Maps { entries })
    }

    /// Whether they say the same of a page; where there are none, they do.
    pub fn agree(&self, page: u32, used: Use) -> bool {
        // The first page is in no map.
        if self.entries.is_empty() || page == 1 {
            return true;
        }
        let start = ENTRY * page as usize;
        let (number, other) = used.entry();
        self.entries.get(start) == Some(&number) && u32_at(&self.entries, start + 1) == Some(other)
    }
}

/// How many pages a map tells of, which are those that follow it.
fn entries_of(header: &Header) -> usize {
    header.usable / ENTRY
}

/// The pages that hold maps.
pub fn pages(header: &Header) -> impl Iterator<Item = u32> + use<> {
    let (each, count, locked) = (entries_of(header) + 1, header.count, header.locked());
    let has_maps = header.greatest_root != 0;
    let firsts = (2..=count).step_by(each).filter(move |_| has_maps);
    // Where the locked page would be one, it is the next.
    firsts
        .map(move |page| page + u32::from(page == locked))
        .filter(move |page| *page <= count)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pages of 1024 bytes, 204 of which a map tells of.
    fn header(count: u32) -> Header {
        Header {
            page_size: 1024,
            usable: 1024,
            count,
            first_free: 0,
            free: 0,
            greatest_root: 3,
            is_incremental: false,
        }
    }

    #[test]
    fn maps_are_the_second_page_and_those_behind_what_it_tells_of() {
        let at = |count| pages(&header(count)).collect::<Vec<_>>();
        assert_eq!(at(1), [0; 0]);
        assert_eq!(at(206), [2]);
        assert_eq!(at(207), [2, 207]);
        let none = Header {
            greatest_root: 0,
            ..header(500)
        };
        assert_eq!(pages(&none).count(), 0);
    }

    #[test]
    fn no_map_is_on_the_locked_page() {
        let header = header(1_048_900);
        // Every 205th page from the second one on.
        assert_eq!(
            (header.locked(), (header.locked() - 2) % 205),
            (1_048_577, 0)
        );
        let near = pages(&header).filter(|page| page.abs_diff(1_048_577) < 206);
        assert_eq!(near.collect::<Vec<_>>(), [1_048_372, 1_048_578, 1_048_782]);
    }

    #[test]
    fn a_page_is_used_as_its_entry_says() {
        let mut entries = vec![0; 5 * 9];
        entries[5 * 7..5 * 8].copy_from_slice(&[5, 0, 0, 1, 2]);
        let maps = Maps { entries };
        assert!(maps.agree(7, Use::Child(258)));
        assert!(!maps.agree(7, Use::Child(257)));
        assert!(!maps.agree(7, Use::Further(258)));
        assert!(!maps.agree(8, Use::Root));
        assert!(!maps.agree(9, Use::Root));
        assert!(maps.agree(1, Use::Root));
        assert!(Maps::default().agree(7, Use::Root));
    }
}
