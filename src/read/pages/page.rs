//! A page that is a node of a tree: its cells and its free blocks have to fill it, and none may lie on
//! another one.

use super::header::HEADER;
use super::numbers::{u16_at, u32_at};

/// A node of a table above its leaves.
pub const TABLE: u8 = 5;
/// A leaf of a table.
pub const TABLE_LEAF: u8 = 13;
/// A node of an index above its leaves.
pub const INDEX: u8 = 2;
/// A leaf of an index.
pub const INDEX_LEAF: u8 = 10;

/// Fewest bytes that a cell or a free block takes.
const LEAST: usize = 4;

/// A page that is a node of a tree.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    /// Its bytes, without what is reserved.
    pub page: &'a [u8],
    /// Where its header begins: the first page has that of the file before it.
    start: usize,
    /// Where its cells are, two bytes each.
    cells: &'a [u8],
}

impl<'a> Node<'a> {
    /// The node on page `number`; `None` where it is of another kind.
    pub fn of(page: &'a [u8], number: u32, usable: usize, kind: u8) -> Option<Node<'a>> {
        let start = start(number);
        let header = if is_leaf(kind) { 8 } else { 12 };
        let cells = usize::from(u16_at(page, start + 3)?);
        let first = start + header;
        let cells = page.get(first..first + 2 * cells)?;
        (page[start] == kind).then_some(Node {
            page: page.get(..usable)?,
            start,
            cells,
        })
    }

    /// Where its cells begin.
    pub fn offsets(&self) -> impl Iterator<Item = usize> + use<'a> {
        self.cells
            .chunks_exact(2)
            .map(|pair| usize::from(u16::from_be_bytes([pair[0], pair[1]])))
    }

    /// How many cells it has.
    pub fn len(&self) -> usize {
        self.cells.len() / 2
    }

    /// The page below it that is behind all its cells, if it is no leaf.
    pub fn last_child(&self) -> Option<u32> {
        u32_at(self.page, self.start + 8)
    }

    /// Where the part of the page begins that cells and free blocks share.
    fn content(&self) -> Option<usize> {
        let content = match u16_at(self.page, self.start + 5)? {
            0 => 65_536,
            content => usize::from(content),
        };
        let header = if is_leaf(self.page[self.start]) {
            8
        } else {
            12
        };
        let pointers_end = self.start + header + self.cells.len();
        (pointers_end..=self.page.len())
            .contains(&content)
            .then_some(content)
    }
}

fn is_leaf(kind: u8) -> bool {
    kind >= INDEX_LEAF
}

/// Where the header of a node begins.
fn start(number: u32) -> usize {
    if number == 1 { HEADER } else { 0 }
}

/// The kind of a page, which may be none of a node.
pub fn kind(page: &[u8], number: u32) -> Option<u8> {
    page.get(start(number)).copied()
}

/// Which bytes of a page are taken; one bit a byte.
pub struct Cover {
    words: Vec<u64>,
    /// How many are taken.
    sum: usize,
}

impl Cover {
    /// For pages of so many bytes.
    pub fn new(page_size: usize) -> Cover {
        Cover {
            words: vec![0; page_size.div_ceil(64)],
            sum: 0,
        }
    }

    /// Goes through a page: each byte behind the start of its content belongs to one cell, to one free
    /// block, or is counted as lost. `each` gets where a cell begins, and tells where it ends.
    #[inline]
    pub fn check(
        &mut self,
        node: &Node<'_>,
        mut each: impl FnMut(usize) -> Option<usize>,
    ) -> Option<()> {
        let content = node.content()?;
        let end = node.page.len();
        self.words.fill(0);
        self.sum = 0;
        self.free_blocks(node, content)?;
        for offset in node.offsets() {
            if offset < content || offset > end - LEAST {
                return None;
            }
            self.take(offset, each(offset)?.max(offset + LEAST), end)?;
        }
        let lost = usize::from(node.page[node.start + 7]);
        (self.sum + lost == end - content).then_some(())
    }

    /// The free blocks name one another in the order in which they lie.
    fn free_blocks(&mut self, node: &Node<'_>, content: usize) -> Option<()> {
        let mut block = usize::from(u16_at(node.page, node.start + 1)?);
        let mut least = content;
        while block != 0 {
            let size = usize::from(u16_at(node.page, block + 2)?);
            if block < least || size < LEAST {
                return None;
            }
            self.take(block, block + size, node.page.len())?;
            // What lies between is no block, so it cannot be larger than what is lost; but as SQLite has
            // it, room for another one is.
            least = block + size + LEAST;
            block = usize::from(u16_at(node.page, block)?);
        }
        Some(())
    }

    /// Takes the bytes from `from` to before `to`.
    #[inline]
    fn take(&mut self, from: usize, to: usize, end: usize) -> Option<()> {
        if from >= to || to > end {
            return None;
        }
        self.sum += to - from;
        let (first, last) = (from / 64, (to - 1) / 64);
        let begin = !0 << (from % 64);
        let finish = !0 >> (63 - (to - 1) % 64);
        if first == last {
            return self.mark(first, begin & finish);
        }
        self.mark(first, begin)?;
        for word in first + 1..last {
            self.mark(word, !0)?;
        }
        self.mark(last, finish)
    }

    #[inline]
    fn mark(&mut self, word: usize, bits: u64) -> Option<()> {
        let word = self.words.get_mut(word)?;
        let free = *word & bits == 0;
        *word |= bits;
        free.then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: usize = 512;

    /// A leaf of an index with these cells (where, how long) and free blocks, whose content begins at 400.
    fn leaf(cells: &[(u16, usize)], blocks: &[(u16, u16)], lost: u8) -> Vec<u8> {
        let mut page = vec![0; SIZE];
        page[0] = INDEX_LEAF;
        page[3..5].copy_from_slice(&(cells.len() as u16).to_be_bytes());
        page[5..7].copy_from_slice(&400_u16.to_be_bytes());
        page[7] = lost;
        for (at, (offset, _)) in cells.iter().enumerate() {
            page[8 + 2 * at..10 + 2 * at].copy_from_slice(&offset.to_be_bytes());
        }
        let mut link = 1;
        for (offset, size) in blocks {
            page[link..link + 2].copy_from_slice(&offset.to_be_bytes());
            link = usize::from(*offset);
            page[link..link + 4].fill(0);
            page[link + 2..link + 4].copy_from_slice(&size.to_be_bytes());
        }
        page
    }

    fn fits(cells: &[(u16, usize)], blocks: &[(u16, u16)], lost: u8) -> bool {
        let page = leaf(cells, blocks, lost);
        let node = Node::of(&page, 9, SIZE, INDEX_LEAF).unwrap();
        let end = |offset: usize| {
            let cell = cells.iter().find(|cell| usize::from(cell.0) == offset);
            cell.map(|cell| offset + cell.1)
        };
        Cover::new(SIZE).check(&node, end).is_some()
    }

    #[test]
    fn cells_fill_a_page() {
        assert!(fits(&[(400, 64), (464, 48)], &[], 0));
        assert!(fits(&[(464, 48), (400, 64)], &[], 0));
        // A byte short, a byte too long, one on the other, twice the same.
        assert!(!fits(&[(400, 64), (464, 47)], &[], 0));
        assert!(!fits(&[(400, 64), (464, 49)], &[], 0));
        assert!(!fits(&[(400, 65), (464, 48)], &[], 0));
        assert!(!fits(&[(400, 112), (400, 112)], &[], 0));
        assert!(!fits(&[(400, 100), (400, 12)], &[], 0));
        // As many bytes as there are, but some of them twice, or before the content.
        assert!(!fits(&[(400, 60), (430, 52)], &[], 0));
        assert!(!fits(&[(396, 4), (404, 108)], &[], 0));
        assert!(!fits(&[(400, 30), (431, 82)], &[(420, 12)], 0));
        // A cell takes four bytes, whatever it holds.
        assert!(fits(&[(400, 108), (508, 1)], &[], 0));
        assert!(!fits(&[(400, 109), (509, 3)], &[], 0));
        // Before the content.
        assert!(!fits(&[(399, 65), (464, 48)], &[], 0));
    }

    #[test]
    fn no_cell_reaches_into_what_is_reserved() {
        let fits = |usable: usize, len: usize| {
            let page = leaf(&[(400, 0)], &[], 0);
            let node = Node::of(&page, 9, usable, INDEX_LEAF).unwrap();
            Cover::new(SIZE).check(&node, |offset| Some(offset + len))
        };
        assert_eq!(fits(500, 100), Some(()));
        assert_eq!(fits(500, 101), None);
        assert_eq!(fits(500, 112), None);
        // Nor where as many bytes are left free before it.
        let page = leaf(&[(404, 0)], &[], 0);
        let node = Node::of(&page, 9, 500, INDEX_LEAF).unwrap();
        assert_eq!(Cover::new(SIZE).check(&node, |_| Some(504)), None);
    }

    #[test]
    fn what_is_lost_is_counted() {
        assert!(fits(&[(403, 61), (464, 46)], &[], 5));
        assert!(!fits(&[(403, 61), (464, 46)], &[], 4));
        assert!(!fits(&[(403, 61), (464, 46)], &[], 6));
        assert!(!fits(&[(400, 64), (464, 48)], &[], 1));
    }

    #[test]
    fn free_blocks_lie_in_order_and_apart() {
        let one = (400, 64);
        assert!(fits(&[one], &[(464, 48)], 0));
        assert!(fits(&[one, (480, 16)], &[(464, 16), (496, 16)], 0));
        // Out of order, on a cell, before the content, too small, beyond the end.
        assert!(!fits(&[one, (480, 16)], &[(496, 16), (464, 16)], 0));
        assert!(!fits(&[one, (480, 16)], &[(464, 17), (496, 16)], 0));
        assert!(!fits(&[(404, 108)], &[(396, 8)], 0));
        assert!(!fits(&[one, (467, 45)], &[(464, 3)], 0));
        assert!(!fits(&[one], &[(464, 49)], 0));
        // As near as no two of them may be, and as they may.
        assert!(!fits(&[one], &[(464, 16), (480, 32)], 0));
        assert!(!fits(&[one], &[(464, 16), (483, 29)], 3));
        assert!(fits(&[one], &[(464, 16), (484, 28)], 4));
        // One that names itself.
        let mut page = leaf(&[one], &[(464, 48)], 0);
        page[464..466].copy_from_slice(&464_u16.to_be_bytes());
        let node = Node::of(&page, 9, SIZE, INDEX_LEAF).unwrap();
        assert_eq!(Cover::new(SIZE).check(&node, |_| Some(464)), None);
    }

    #[test]
    fn content_begins_behind_the_pointers_and_within_the_page() {
        let with_content = |content: u16, cells: usize| {
            let mut page = leaf(&[], &[], 0);
            page[3..5].copy_from_slice(&(cells as u16).to_be_bytes());
            page[5..7].copy_from_slice(&content.to_be_bytes());
            let node = Node::of(&page, 9, SIZE, INDEX_LEAF);
            node.and_then(|node| node.content())
        };
        assert_eq!(with_content(512, 0), Some(512));
        assert_eq!(with_content(513, 0), None);
        assert_eq!(with_content(0, 0), None);
        assert_eq!(with_content(20, 6), Some(20));
        assert_eq!(with_content(19, 6), None);
        assert_eq!(with_content(512, 253), None);
        let large = vec![[INDEX_LEAF, 0, 0, 0, 0, 0, 0, 0]; 8192].concat();
        let node = Node::of(&large, 9, 65_536, INDEX_LEAF).unwrap();
        assert_eq!(node.content(), Some(65_536));
    }

    #[test]
    fn a_node_is_of_its_kind_and_the_first_page_has_a_header_before_it() {
        let mut page = vec![0; SIZE];
        page[100] = TABLE;
        page[100 + 8..100 + 12].copy_from_slice(&[0, 0, 1, 4]);
        let node = Node::of(&page, 1, SIZE, TABLE).unwrap();
        assert_eq!((node.last_child(), node.len()), (Some(260), 0));
        assert_eq!(kind(&page, 1), Some(TABLE));
        assert_eq!(kind(&page, 2), Some(0));
        assert!(Node::of(&page, 1, SIZE, INDEX).is_none());
        assert!(Node::of(&page, 2, SIZE, TABLE).is_none());
    }
}
