//! The rows of a table straight from the pages of a SQLite file: several pages a read, and no program
//! to run for each row, as SQLite does it.
//!
//! It takes only what devices write, and is all or nothing: at anything unusual it gives up, and SQLite
//! reads the table, which also tells what is damaged. Every length and page number is checked. Rowids
//! have to ascend, so that no page is gone through twice, the rows of a page have to fit into it, and
//! nothing larger than a row is kept.
//!
//! Source: the SQLite file format, <https://www.sqlite.org/fileformat2.html>.

use std::io::{Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicU32, Ordering};

use rusqlite::types::ValueRef;

/// Columns of the one table that is read here.
pub const COLUMNS: usize = 5;

/// Longest row that is read; SQLite has the same bound here.
const LONGEST: usize = 8 << 20;

/// Length of the header of a database file.
pub const HEADER: usize = 100;

/// What is wrong with the length of a database file: it ends before the pages that its header counts,
/// or, where the header's count does not hold, within a page. `None` also where it cannot be read.
pub fn cut(mut input: Input) -> Option<String> {
    let mut header = [0; HEADER];
    input.bytes.read_exact(&mut header).ok()?;
    let len = input.len;
    let whole = match counted_len(&header) {
        Some(counted) => counted,
        None => len.next_multiple_of(page_size(&header)? as u64),
    };
    (len < whole).then(|| format!("it has {len} bytes of {whole}: it is cut off"))
}

/// Length in bytes of the pages that a header counts. The count holds if it was written together with
/// the change counter.
pub fn counted_len(header: &[u8]) -> Option<u64> {
    let holds = u32_at(header, 24) == u32_at(header, 92);
    let pages = u32_at(header, 28).filter(|pages| holds && *pages > 0)?;
    Some(u64::from(pages) * page_size(header)? as u64)
}

fn page_size(header: &[u8]) -> Option<usize> {
    match u16_at(header, 16)? {
        1 => Some(65_536),
        size if size >= 512 && size.is_power_of_two() => Some(usize::from(size)),
        _ => None,
    }
}

/// Most leaves of a table: sixteen times the largest manifest that bkscan is measured with.
const MAX_LEAVES: usize = 4_000_000;

/// Most pages that hold the rest of long rows, in all parts of a table; records of devices are short.
pub const MAX_OVERFLOW: u32 = 1_000_000;

/// Pages that are read at once where they lie side by side.
const AT_ONCE: u32 = 16;

const INTERIOR: u8 = 5;
const LEAF: u8 = 13;

/// A database file, or what an encrypted one decrypts to.
pub struct Input {
    /// Its bytes.
    pub bytes: Box<dyn Source>,
    /// How many there are.
    pub len: u64,
}

/// Bytes that can be read in any order.
pub trait Source: Read + Seek + Send {}

impl<T: Read + Seek + Send> Source for T {}

/// An open database file whose header holds what devices write there.
pub struct Pages {
    file: Box<dyn Source>,
    page_size: usize,
    /// Bytes of a page without what is reserved at its end.
    usable: usize,
    /// How many pages the file has.
    count: u32,
}

/// A page that is a node of the table.
struct Node<'a> {
    page: &'a [u8],
    cells: &'a [u8],
}

impl Pages {
    /// The pages of a file; `None` where its header is unusual.
    pub fn of(input: Input) -> Option<Pages> {
        let mut file = input.bytes;
        let mut header = [0; HEADER];
        file.read_exact(&mut header).ok()?;
        let page_size = page_size(&header)?;
        let count = u32_at(&header, 28)?;
        let versions = (1..=2).contains(&header[18]) && (1..=2).contains(&header[19]);
        let fractions = header[21..24] == [64, 32, 32];
        let utf8 = u32_at(&header, 56)? == 1;
        let whole = input.len == u64::from(count) * page_size as u64;
        let usable = page_size - usize::from(header[20]);
        (header.starts_with(b"SQLite format 3\0") && versions && fractions && utf8 && whole)
            .then_some(Pages {
                file,
                page_size,
                usable,
                count,
            })
            .filter(|pages| pages.usable >= 480)
    }

    /// Reads pages that lie side by side, the first of which is number `first`.
    fn read(&mut self, first: u32, count: u32, bytes: &mut Vec<u8>) -> Option<()> {
        let past = first.checked_add(count)?;
        if first < 2 || past > self.count.checked_add(1)? {
            return None;
        }
        bytes.resize(count as usize * self.page_size, 0);
        let start = u64::from(first - 1) * self.page_size as u64;
        self.file.seek(SeekFrom::Start(start)).ok()?;
        self.file.read_exact(bytes).ok()
    }

    fn node<'a>(&self, page: &'a [u8], kind: u8) -> Option<Node<'a>> {
        let header = if kind == LEAF { 8 } else { 12 };
        let cells = usize::from(u16_at(page, 3)?);
        let pointers = page.get(header..header + 2 * cells)?;
        (page[0] == kind).then_some(Node {
            page: page.get(..self.usable)?,
            cells: pointers,
        })
    }

    /// The leaves of the table whose root is page `root`, in the order of their rows.
    pub fn leaves(&mut self, root: u32) -> Option<Vec<u32>> {
        let mut level = vec![root];
        let mut page = Vec::new();
        // The levels of a tree are all of one kind. Twenty levels hold more than any file can.
        for _ in 0..20 {
            self.read(*level.first()?, 1, &mut page)?;
            if page[0] == LEAF {
                return Some(level);
            }
            let mut below = Vec::new();
            let mut last = None;
            for number in level {
                self.read(number, 1, &mut page)?;
                let node = self.node(&page, INTERIOR)?;
                for cell in node.offsets() {
                    below.push(u32_at(node.page, cell)?);
                    let mut key = node.page.get(cell + 4..)?;
                    ascend(&mut last, varint(&mut key)?)?;
                }
                below.push(u32_at(node.page, 8)?);
                if below.len() > MAX_LEAVES {
                    return None;
                }
            }
            level = below;
        }
        None
    }

    /// Hands over the columns of each row on these leaves, as long as `visit` says to go on, and tells
    /// the first and the last rowid. `overflow`: how many pages may still hold the rest of a row.
    pub fn rows(
        &mut self,
        leaves: &[u32],
        overflow: &AtomicU32,
        mut visit: impl FnMut([ValueRef<'_>; COLUMNS]) -> bool,
    ) -> Option<Option<(i64, i64)>> {
        let (mut pages, mut row) = (Vec::new(), Vec::new());
        let (mut first_rowid, mut last) = (None, None);
        let mut rest = leaves;
        while let Some(first) = rest.first() {
            let together = (0..AT_ONCE)
                .zip(rest)
                .take_while(|(more, page)| first.checked_add(*more) == Some(**page))
                .count();
            self.read(*first, together as u32, &mut pages)?;
            for page in pages.chunks_exact(self.page_size) {
                let node = self.node(page, LEAF)?;
                let mut room = self.usable;
                for offset in node.offsets() {
                    let cell = self.cell(node.page, offset)?;
                    room = room.checked_sub(cell.local.len())?;
                    ascend(&mut last, cell.rowid)?;
                    first_rowid = first_rowid.or(last);
                    let record = self.record(&cell, overflow, &mut row)?;
                    if !visit(columns(record)?) {
                        return Some(first_rowid.zip(last));
                    }
                }
            }
            rest = &rest[together..];
        }
        Some(first_rowid.zip(last))
    }

    /// The cell of a leaf at `offset`.
    fn cell<'a>(&self, page: &'a [u8], offset: usize) -> Option<Cell<'a>> {
        let mut rest = page.get(offset..)?;
        let len = usize::try_from(varint(&mut rest)?).ok()?;
        let rowid = varint(&mut rest)?;
        let most = self.usable - 35;
        if len <= most {
            let local = rest.get(..len)?;
            return Some(Cell {
                rowid,
                len,
                local,
                next: 0,
            });
        }
        let least = (self.usable - 12) * 32 / 255 - 23;
        let local = least + (len - least) % (self.usable - 4);
        let local = if local <= most { local } else { least };
        Some(Cell {
            rowid,
            len,
            local: rest.get(..local)?,
            next: u32_at(rest, local)?,
        })
    }

    /// The whole record of a cell; what does not fit on its page is gathered in `row`.
    fn record<'a>(
        &mut self,
        cell: &Cell<'a>,
        overflow: &AtomicU32,
        row: &'a mut Vec<u8>,
    ) -> Option<&'a [u8]> {
        if cell.len == cell.local.len() {
            return Some(cell.local);
        }
        if cell.len > LONGEST {
            return None;
        }
        row.clear();
        row.extend_from_slice(cell.local);
        let mut next = cell.next;
        let mut page = Vec::new();
        while row.len() < cell.len {
            let one_less = |left: u32| left.checked_sub(1);
            (overflow.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less)).ok()?;
            self.read(next, 1, &mut page)?;
            next = u32_at(&page, 0)?;
            let part = (cell.len - row.len()).min(self.usable - 4);
            row.extend_from_slice(&page[4..4 + part]);
        }
        (next == 0).then_some(row.as_slice())
    }
}

/// A row as a leaf has it.
struct Cell<'a> {
    rowid: u64,
    /// Length of its record.
    len: usize,
    /// What of it is on the leaf.
    local: &'a [u8],
    /// The page that the rest begins on, if there is one.
    next: u32,
}

/// Takes the next rowid, which has to be greater than the last one.
fn ascend(last: &mut Option<i64>, rowid: u64) -> Option<()> {
    // Rowids have a sign.
    let rowid = rowid as i64;
    let greater = last.is_none_or(|last| last < rowid);
    *last = Some(rowid);
    greater.then_some(())
}

impl<'a> Node<'a> {
    /// Where its cells begin.
    fn offsets(&self) -> impl Iterator<Item = usize> + 'a {
        self.cells
            .chunks_exact(2)
            .map(|pair| usize::from(u16::from_be_bytes([pair[0], pair[1]])))
    }
}

/// Takes a record apart: a header of types, then the values.
fn columns(record: &[u8]) -> Option<[ValueRef<'_>; COLUMNS]> {
    let mut rest = record;
    let header = usize::try_from(varint(&mut rest)?).ok()?;
    let types_end = record.len() - header.min(record.len());
    let mut values = record.get(header..)?;
    let mut columns = [ValueRef::Null; COLUMNS];
    for column in &mut columns {
        if rest.len() <= types_end {
            return None;
        }
        *column = value(varint(&mut rest)?, &mut values)?;
    }
    (rest.len() == types_end && values.is_empty()).then_some(columns)
}

/// A value of the given type, taken off the front of `values`.
fn value<'a>(kind: u64, values: &mut &'a [u8]) -> Option<ValueRef<'a>> {
    let mut take = |len: usize| -> Option<&'a [u8]> {
        let (value, rest) = values.split_at_checked(len)?;
        *values = rest;
        Some(value)
    };
    Some(match kind {
        0 => ValueRef::Null,
        1..=6 => {
            let bytes = take([1, 2, 3, 4, 6, 8][kind as usize - 1])?;
            // The first byte has the sign.
            let first = i64::from(bytes[0] as i8);
            let number = bytes[1..]
                .iter()
                .fold(first, |number, byte| number << 8 | i64::from(*byte));
            ValueRef::Integer(number)
        }
        7 => ValueRef::Real(f64::from_be_bytes(take(8)?.try_into().ok()?)),
        8 => ValueRef::Integer(0),
        9 => ValueRef::Integer(1),
        10 | 11 => return None,
        blob if blob % 2 == 0 => ValueRef::Blob(take(usize::try_from((blob - 12) / 2).ok()?)?),
        text => ValueRef::Text(take(usize::try_from((text - 13) / 2).ok()?)?),
    })
}

/// A number of up to nine bytes, seven bits each and eight in the last, taken off the front.
fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for index in 0..9 {
        let byte = *bytes.get(index)?;
        if index == 8 {
            number = number << 8 | u64::from(byte);
        } else {
            number = number << 7 | u64::from(byte & 0x7f);
        }
        if byte < 0x80 || index == 8 {
            *bytes = &bytes[index + 1..];
            return Some(number);
        }
    }
    None
}

fn u16_at(bytes: &[u8], offset: usize) -> Option<u16> {
    let bytes = bytes.get(offset..)?.first_chunk()?;
    Some(u16::from_be_bytes(*bytes))
}

fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    let bytes = bytes.get(offset..)?.first_chunk()?;
    Some(u32::from_be_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_the_format_has_them() {
        for (bytes, number) in [
            (&[0x7f][..], 0x7f),
            (&[0x81, 0x00], 0x80),
            (&[0x82, 0x2c], 300),
            (&[0xff; 9], u64::MAX),
        ] {
            let mut rest = bytes;
            assert_eq!((varint(&mut rest), rest.len()), (Some(number), 0));
            let mut cut = &bytes[..bytes.len() - 1];
            assert_eq!(varint(&mut cut), None);
        }
    }

    #[test]
    fn values_are_of_the_type_that_is_recorded() {
        use ValueRef::{Blob, Integer, Null, Real, Text};
        // Ten bytes: the size of the header, one type a column, and four bytes of values.
        let read = |types: [u8; 5], values: &[u8]| {
            let record = [&[6], &types[..], values].concat();
            columns(&record).map(|columns| format!("{columns:?}"))
        };
        let is = |columns: [ValueRef<'_>; 5]| Some(format!("{columns:?}"));
        assert_eq!(
            read([0, 1, 8, 9, 17], &[0xfe, b'a', b'b']),
            is([Null, Integer(-2), Integer(0), Integer(1), Text(b"ab")])
        );
        assert_eq!(
            read(
                [2, 3, 5, 16, 13],
                &[1, 0, 0xff, 0xff, 0xff, 0, 0, 0, 1, 0, 0, 7, 8]
            ),
            is([
                Integer(256),
                Integer(-1),
                Integer(0x1_0000),
                Blob(&[7, 8]),
                Text(b"")
            ])
        );
        let one = 1_f64.to_be_bytes();
        let values = [&one[..], &[0x80, 0, 0, 0], &[0x80, 0, 0, 0, 0, 0, 0, 0]].concat();
        assert_eq!(
            read([7, 4, 6, 0, 0], &values),
            is([
                Real(1.0),
                Integer(-(1 << 31)),
                Integer(i64::MIN),
                Null,
                Null
            ])
        );
        // A reserved type, a byte too few, a byte too many.
        assert_eq!(read([10, 0, 0, 0, 0], &[]), None);
        assert_eq!(read([1, 0, 0, 0, 0], &[]), None);
        assert_eq!(read([1, 0, 0, 0, 0], &[1, 2]), None);
        // More columns, and fewer, than the table has.
        assert_eq!(columns(&[7, 0, 0, 0, 0, 0, 0]).map(|_| ()), None);
        assert_eq!(columns(&[5, 0, 0, 0, 0]).map(|_| ()), None);
        assert_eq!(columns(&[200, 0, 0, 0, 0, 0]).map(|_| ()), None);
    }
}
