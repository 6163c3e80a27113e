//! The first 100 bytes of a database file: how it is divided into pages.

use std::io::Read;

use super::numbers::{u16_at, u32_at};
use super::source::Input;

/// Length of the header of a database file.
pub const HEADER: usize = 100;

/// Most pages of a file that is read here: sixteen times the largest manifest that bkscan is measured with.
const MOST_PAGES: u32 = 4_000_000;

/// What a header says, where it says what devices write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Bytes of a page.
    pub page_size: usize,
    /// Bytes of a page without what is reserved at its end.
    pub usable: usize,
    /// How many pages there are.
    pub count: u32,
    /// The page that the list of free pages begins on; 0 where there are none.
    pub first_free: u32,
    /// How many pages are free.
    pub free: u32,
    /// The greatest page that a tree begins on, which is only kept where pages are mapped; else 0.
    pub greatest_root: u32,
    /// Whether free pages are given back when that is asked for.
    pub is_incremental: bool,
}

impl Header {
    /// The header of a file of `len` bytes; `None` where anything about it is unusual, or the file ends
    /// before its pages do.
    pub fn of(header: &[u8; HEADER], len: u64) -> Option<Header> {
        let page_size = page_size(header)?;
        let usable = page_size - usize::from(header[20]);
        let count = match counted_len(header) {
            Some(counted) => (counted <= len).then(|| counted / page_size as u64),
            // As SQLite has it.
            None => len
                .is_multiple_of(page_size as u64)
                .then(|| len / page_size as u64),
        };
        let count = u32::try_from(count?).ok()?;
        let versions = (1..=2).contains(&header[18]) && (1..=2).contains(&header[19]);
        let fractions = header[21..24] == [64, 32, 32];
        // SQLite looks at the last byte of the one, and at two bits of the other, where nothing is UTF-8, too.
        let format = header[47] <= 4;
        let utf8 = header[59] & 3 <= 1;
        let usual = header.starts_with(b"SQLite format 3\0") && versions && fractions;
        (usual && format && utf8 && usable >= 480 && (1..=MOST_PAGES).contains(&count)).then_some(
            Header {
                page_size,
                usable,
                count,
                first_free: u32_at(header, 32)?,
                free: u32_at(header, 36)?,
                greatest_root: u32_at(header, 52)?,
                is_incremental: u32_at(header, 64)? != 0,
            },
        )
    }

    /// The page that holds nothing, because SQLite locks bytes there; a file may end before it.
    pub fn locked(&self) -> u32 {
        const LOCKED: u32 = 0x4000_0000;
        LOCKED / self.page_size as u32 + 1
    }
}

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

/// Bytes of a page, as a header has it.
pub fn page_size(header: &[u8]) -> Option<usize> {
    match u16_at(header, 16)? {
        1 => Some(65_536),
        size if size >= 512 && size.is_power_of_two() => Some(usize::from(size)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seven pages of 1024 bytes, two of them free, mapped, with the last root on page 5.
    fn usual() -> [u8; HEADER] {
        let mut header = [0; HEADER];
        header[..16].copy_from_slice(b"SQLite format 3\0");
        header[16..24].copy_from_slice(&[4, 0, 2, 2, 12, 64, 32, 32]);
        for (at, number) in [
            (24, 9),
            (28, 7),
            (32, 6),
            (36, 2),
            (44, 4),
            (52, 5),
            (56, 1),
            (92, 9),
        ] {
            header[at + 3] = number;
        }
        header
    }

    const SAID: Header = Header {
        page_size: 1024,
        usable: 1012,
        count: 7,
        first_free: 6,
        free: 2,
        greatest_root: 5,
        is_incremental: false,
    };

    #[test]
    fn a_header_says_how_a_file_is_divided() {
        assert_eq!(Header::of(&usual(), 7 * 1024), Some(SAID));
        assert_eq!(SAID.locked(), 1_048_577);
        // What lies behind the last page is none of it.
        assert_eq!(Header::of(&usual(), 8 * 1024 + 1), Some(SAID));
        assert_eq!(Header::of(&usual(), 7 * 1024 - 1), None);
    }

    #[test]
    fn a_count_that_is_stale_gives_way_to_the_length_of_the_file() {
        let mut stale = usual();
        stale[95] = 8;
        let nine = Header { count: 9, ..SAID };
        assert_eq!(Header::of(&stale, 9 * 1024), Some(nine));
        assert_eq!(Header::of(&stale, 9 * 1024 + 1), None);
        let mut none = usual();
        none[31] = 0;
        assert_eq!(Header::of(&none, 9 * 1024), Some(nine));
    }

    #[test]
    fn what_no_device_writes_is_left_to_sqlite() {
        // Magic, page size, versions, reserved, fractions, format, encoding.
        for (at, byte) in [
            (0, b'Q'),
            (16, 5),
            (16, 1),
            (18, 3),
            (19, 0),
            (21, 65),
            (22, 0),
            (23, 31),
            (47, 5),
            (59, 2),
            (59, 3),
        ] {
            let mut header = usual();
            header[at] = byte;
            assert_eq!(Header::of(&header, 7 * 1024), None, "{at}");
        }
        let mut header = usual();
        header[16..18].copy_from_slice(&[2, 0]);
        header[20] = 32;
        let small = Header::of(&header, 7 * 512).map(|header| header.usable);
        assert_eq!(small, Some(480));
        header[20] = 33;
        assert_eq!(Header::of(&header, 7 * 512), None);
        // More pages than any manifest has.
        let mut large = usual();
        large[28..32].copy_from_slice(&4_000_001_u32.to_be_bytes());
        assert_eq!(Header::of(&large, 1 << 40), None);
    }
}
