//! The cells of a node: records, or the beginnings of those that do not fit on a page.

use super::file::{File, Window};
use super::numbers::{u32_at, varint};

/// Longest record that is read; SQLite has the same bound here.
const LONGEST: usize = 8 << 20;

/// A record as a node has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell<'a> {
    /// Its rowid; 0 in an index, which has none.
    pub rowid: i64,
    /// Length of the record.
    pub len: usize,
    /// What of it is on the page.
    pub local: &'a [u8],
    /// The page that the rest begins on, if there is one.
    pub next: u32,
    /// Where it ends on the page.
    pub end: usize,
}

/// The cell of a leaf of a table, at `offset`. Pages are given without what is reserved at their end.
#[inline]
pub fn of_table(page: &[u8], offset: usize) -> Option<Cell<'_>> {
    let mut rest = page.get(offset..)?;
    let len = length(&mut rest)?;
    // Rowids have a sign.
    let rowid = varint(&mut rest)? as i64;
    let most = page.len() - 35;
    record(page, rest, len, most).map(|cell| Cell { rowid, ..cell })
}

/// The record of an index, at `offset`: of a leaf, or behind the page below of another node.
#[inline]
pub fn of_index(page: &[u8], offset: usize) -> Option<Cell<'_>> {
    let mut rest = page.get(offset..)?;
    let len = length(&mut rest)?;
    let most = (page.len() - 12) * 64 / 255 - 23;
    record(page, rest, len, most)
}

/// The length of a record. SQLite takes nine bytes here for another number than elsewhere; no device writes
/// that many.
#[inline]
fn length(bytes: &mut &[u8]) -> Option<u64> {
    let before = bytes.len();
    let len = varint(bytes)?;
    (before - bytes.len() < 9).then_some(len)
}

/// A record of `len` bytes whose beginning is at the start of `rest`; `most`: how long one may be that is
/// whole on its page.
#[inline]
fn record<'a>(page: &'a [u8], rest: &'a [u8], len: u64, most: usize) -> Option<Cell<'a>> {
    let len = usize::try_from(len).ok().filter(|len| *len <= LONGEST)?;
    let (here, next) = if len <= most {
        (len, 0)
    } else {
        let least = (page.len() - 12) * 32 / 255 - 23;
        let here = least + (len - least) % (page.len() - 4);
        let here = if here <= most { here } else { least };
        (here, u32_at(rest, here)?)
    };
    let local = rest.get(..here)?;
    // A record begins with the length of its own header, which is never less than two bytes.
    if local.first().is_some_and(|header| *header < 2) {
        return None;
    }
    let pointer = if here < len { 4 } else { 0 };
    Some(Cell {
        rowid: 0,
        len,
        local,
        next,
        end: page.len() - rest.len() + here + pointer,
    })
}

impl Cell<'_> {
    /// Follows the pages that hold what of the record is not on the page of the cell. `take` gets each of
    /// them, and the one before it, if there is one; `part` what it holds of the record.
    pub fn follow(
        &self,
        window: &Window,
        file: &mut File,
        mut take: impl FnMut(u32, Option<u32>) -> Option<()>,
        mut part: impl FnMut(&[u8]),
    ) -> Option<()> {
        let usable = file.header.usable;
        let (mut left, mut next, mut before) = (self.len - self.local.len(), self.next, None);
        while left > 0 {
            take(next, before)?;
            before = Some(next);
            let page = match window.page(next) {
                Some(page) => page,
                None => file.page(next)?,
            };
            let here = left.min(usable - 4);
            part(page.get(4..4 + here)?);
            next = u32_at(page, 0)?;
            left -= here;
        }
        (next == 0).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page of 512 bytes with these bytes at 100.
    fn page(bytes: &[u8]) -> Vec<u8> {
        let mut page = vec![7; 512];
        page[100..100 + bytes.len()].copy_from_slice(bytes);
        page
    }

    #[test]
    fn short_records_are_whole_on_their_page() {
        // 3 bytes, rowid 300.
        let bytes = page(&[3, 0x82, 0x2c, 2, 1, 9]);
        let cell = of_table(&bytes, 100).unwrap();
        let expected = Cell {
            rowid: 300,
            len: 3,
            local: &[2, 1, 9],
            next: 0,
            end: 106,
        };
        assert_eq!(cell, expected);
        let cell = of_index(&bytes, 102).map(|cell| (cell.len, cell.end));
        assert_eq!(cell, Some((44, 147)));
        let negative = page(&[&[2][..], &[0xff; 9], &[2, 1]].concat());
        assert_eq!(of_table(&negative, 100).map(|cell| cell.rowid), Some(-1));
    }

    #[test]
    fn long_records_go_on_elsewhere() {
        // By SQLite's file format, for 512 bytes: at most 477 on the page in a table, 102 in an index, and
        // at least 39 of one that is longer.
        let longest = page(&[0x83, 0x5d, 5]);
        let cell = of_table(&longest, 0x10).map(|cell| cell.len);
        assert_eq!(cell, Some(7));
        let table = |len: [u8; 2]| {
            let mut page = vec![7; 512];
            page[..3].copy_from_slice(&[len[0], len[1], 5]);
            of_table(&page, 0).map(|cell| (cell.len, cell.local.len(), cell.next, cell.end))
        };
        assert_eq!(table([0x83, 0x5d]), Some((477, 477, 0, 480)));
        // 39 + (478 - 39) % 508 = 478 is more than 477.
        assert_eq!(table([0x83, 0x5e]), Some((478, 39, 0x0707_0707, 46)));
        // 39 + (600 - 39) % 508 = 92.
        assert_eq!(table([0x84, 0x58]), Some((600, 92, 0x0707_0707, 99)));
        let index = |len: u8| {
            let mut page = vec![7; 512];
            page[0] = len;
            of_index(&page, 0).map(|cell| (cell.len, cell.local.len(), cell.end))
        };
        assert_eq!(index(102), Some((102, 102, 103)));
        // 39 + (103 - 39) % 508 = 103 is more than 102.
        assert_eq!(index(103), Some((103, 39, 44)));
    }

    #[test]
    fn what_cannot_be_a_record_is_none() {
        // A header of one byte, and of none; but a record of nothing has no header.
        assert_eq!(of_table(&page(&[3, 5, 1, 0, 0]), 100), None);
        assert_eq!(of_table(&page(&[3, 5, 0, 0, 0]), 100), None);
        assert_eq!(
            of_table(&page(&[0, 5, 1]), 100).map(|cell| cell.end),
            Some(102)
        );
        // A length in nine bytes, one in eight, and one that is beyond what SQLite takes.
        let zeros = [0x80; 8];
        let nine = page(&[&zeros[..], &[3, 5, 2, 1, 9]].concat());
        assert_eq!(of_table(&nine, 100), None);
        assert!(of_table(&nine, 101).is_some());
        assert_eq!(of_table(&page(&[0x84, 0x80, 0x80, 0x01, 5]), 100), None);
        assert!(of_table(&page(&[0x84, 0x80, 0x80, 0x00, 5]), 100).is_some());
        // Beyond the end of the page.
        let mut end = page(&[]);
        end[508..].copy_from_slice(&[4, 5, 2, 1]);
        assert_eq!(of_table(&end, 508), None);
        assert_eq!(of_table(&end, 513), None);
    }
}
