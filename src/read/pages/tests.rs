//! Files that are made by hand, page by page: what is sound passes, and what has one thing wrong does not.

use std::io::Cursor;

use super::{Input, Pass, Trees};

const SIZE: usize = 512;

/// A database of pages of 512 bytes; the first one is number 1.
#[derive(Clone)]
struct Made(Vec<Vec<u8>>);

/// A node of this kind whose header is at `start`, with these cells, the first one first.
fn node(start: usize, kind: u8, cells: &[Vec<u8>], right: Option<u32>) -> Vec<u8> {
    let mut page = vec![0; SIZE];
    let (mut end, mut pointer) = (SIZE, start + if right.is_some() { 12 } else { 8 });
    for cell in cells {
        end -= cell.len();
        page[end..end + cell.len()].copy_from_slice(cell);
        page[pointer..pointer + 2].copy_from_slice(&(end as u16).to_be_bytes());
        pointer += 2;
    }
    page[start] = kind;
    page[start + 3..start + 5].copy_from_slice(&(cells.len() as u16).to_be_bytes());
    page[start + 5..start + 7].copy_from_slice(&(end as u16).to_be_bytes());
    if let Some(right) = right {
        page[start + 8..start + 12].copy_from_slice(&right.to_be_bytes());
    }
    page
}

/// A leaf of a table with these rowids, whose records have two bytes.
fn rows(rowids: &[u8]) -> Vec<u8> {
    let cells: Vec<_> = rowids.iter().map(|id| vec![2, *id, 2, 0]).collect();
    node(0, 13, &cells, None)
}

/// A node of a table with these pages below it, each with its greatest rowid, and one behind them.
fn above(below: &[(u8, u8)], right: u32) -> Vec<u8> {
    let cells: Vec<_> = (below.iter())
        .map(|(page, key)| vec![0, 0, 0, *page, *key])
        .collect();
    node(0, 5, &cells, Some(right))
}

/// A leaf of an index with so many records.
fn index(count: usize) -> Vec<u8> {
    node(0, 10, &vec![vec![3, 2, 1, 7]; count], None)
}

impl Made {
    /// Behind a schema without entries, these pages.
    fn of(pages: &[Vec<u8>]) -> Made {
        let mut first = node(100, 13, &[], None);
        first[..16].copy_from_slice(b"SQLite format 3\0");
        first[16..24].copy_from_slice(&[2, 0, 1, 1, 0, 64, 32, 32]);
        first[31] = pages.len() as u8 + 1;
        first[47] = 4;
        first[59] = 1;
        Made([&[first], pages].concat())
    }

    /// The same with other bytes at a place of a page.
    fn with(&self, page: usize, at: usize, bytes: &[u8]) -> Made {
        let mut made = self.clone();
        made.0[page - 1][at..at + bytes.len()].copy_from_slice(bytes);
        made
    }

    /// The same with another page.
    fn replaced(&self, page: usize, by: Vec<u8>) -> Made {
        let mut made = self.clone();
        made.0[page - 1] = by;
        made
    }

    /// The rows that a pass finds, and how many records it finds in each index.
    fn pass(&self, root: u32, indices: &[u32]) -> Option<(Vec<Vec<u8>>, Vec<u64>)> {
        let bytes = self.0.concat();
        let input = || {
            let len = bytes.len() as u64;
            let bytes = Box::new(Cursor::new(bytes.clone()));
            Some(Input { bytes, len })
        };
        let trees = Trees {
            rows: root,
            tables: vec![1],
            indices: indices.to_vec(),
        };
        let pass = Pass::begin(&input, &trees, |_, _| Some(()))?;
        let mut rows = Vec::new();
        for part in pass.parts() {
            pass.part(part, |row| {
                rows.push(row.to_vec());
                Some(())
            })?;
        }
        let found = pass.finish(|| true)?;
        assert_eq!(found.rows_of(root), Some(rows.len() as u64));
        assert_eq!(found.rows_of(1), Some(0));
        Some((rows, found.records))
    }

    /// Whether it passes as one whose rows begin on page 2 and which has an index on page 3.
    fn is_sound(&self) -> bool {
        self.pass(2, &[3]).is_some()
    }
}

/// A table of three leaves on two levels, and an index.
fn usual() -> Made {
    Made::of(&[
        above(&[(6, 3), (4, 5)], 5),
        index(6),
        rows(&[4, 5]),
        rows(&[7]),
        rows(&[1, 2, 3]),
    ])
}

#[test]
fn a_sound_file_passes_with_all_its_rows() {
    let row = vec![2, 0];
    assert_eq!(usual().pass(2, &[3]), Some((vec![row; 6], vec![6])));
    let empty = Made::of(&[rows(&[]), index(0)]);
    assert_eq!(empty.pass(2, &[3]), Some((vec![], vec![0])));
}

#[test]
fn rows_are_handed_over_in_the_order_of_rowids() {
    let leaf = |rowid: u8| node(0, 13, &[vec![3, rowid, 3, 1, rowid]], None);
    let made = Made::of(&[
        above(&[(5, 1), (3, 2), (6, 3)], 4),
        leaf(2),
        leaf(4),
        leaf(1),
        leaf(3),
    ]);
    let (rows, _) = made.pass(2, &[]).unwrap();
    assert_eq!(rows, [[3, 1, 1], [3, 1, 2], [3, 1, 3], [3, 1, 4]]);
}

#[test]
fn rowids_ascend_within_the_bounds_of_the_node_above() {
    for (page, rowids) in [
        (6, &[1, 3, 2][..]),
        (6, &[1, 1, 3]),
        (6, &[1, 4]),
        (4, &[3, 5]),
        (4, &[4, 6]),
        (5, &[5]),
    ] {
        assert!(
            !usual().replaced(page, rows(rowids)).is_sound(),
            "{rowids:?}"
        );
    }
    assert!(usual().replaced(4, rows(&[4])).is_sound());
    for keys in [[(6, 5), (4, 5)], [(6, 5), (4, 3)], [(6, 2), (4, 5)]] {
        assert!(!usual().replaced(2, above(&keys, 5)).is_sound(), "{keys:?}");
    }
}

#[test]
fn leaves_are_on_one_level_and_nodes_of_one_kind() {
    let deep = |below: Vec<u8>| usual().replaced(5, below).0;
    let made = |last: Vec<u8>| Made::of(&[&deep(last)[1..], &[rows(&[7])]].concat());
    assert!(!made(above(&[], 7)).is_sound());
    assert!(!made(above(&[(7, 7)], 7)).is_sound());
    assert!(!usual().with(4, 0, &[10]).is_sound());
    assert!(!usual().with(3, 0, &[13]).is_sound());
    assert!(!usual().with(2, 0, &[2]).is_sound());
    assert!(!usual().with(1, 100, &[10]).is_sound());
    // Nothing on a leaf below a node, and no page below one but the last.
    assert!(!usual().replaced(4, rows(&[])).is_sound());
    let alone = Made::of(&[above(&[], 4), index(1), rows(&[1])]);
    assert!(!alone.is_sound());
}

#[test]
fn every_page_is_used_once() {
    let more = |page: Vec<u8>| Made([&usual().0[..], &[page]].concat()).with(1, 31, &[7]);
    assert!(!more(rows(&[])).is_sound());
    assert!(more(rows(&[])).pass(2, &[3, 7]).is_none());
    assert!(more(index(0)).pass(2, &[3, 7]).is_some());
    // Twice below one node, and no page at all.
    for page in [4, 6, 2, 1, 3, 0, 7] {
        let other = above(&[(6, 3), (4, 5)], page);
        assert!(!usual().replaced(2, other).is_sound(), "{page}");
    }
    assert!(usual().pass(2, &[3, 3]).is_none());
    assert!(usual().pass(2, &[2]).is_none());
    assert!(usual().pass(2, &[9]).is_none());
    assert!(usual().pass(2, &[]).is_none());
}

/// A table whose row goes on at pages 4 and 5, and an index whose record goes on at page 6.
fn long() -> Made {
    // 1,300 bytes, of which 39 + (1300 - 39) % 508 = 284 are here, and 1,016 on two pages.
    let row = [&[0x8a, 0x14, 1, 2][..], &[0; 283], &[0, 0, 0, 4]].concat();
    // 600 bytes: 39 + (600 - 39) % 508 = 92 here.
    let record = [&[0x84, 0x58, 2][..], &[0; 91], &[0, 0, 0, 6]].concat();
    let page = |next: u8| [&[0, 0, 0, next][..], &[5; SIZE - 4]].concat();
    Made::of(&[
        node(0, 13, &[row], None),
        node(0, 10, &[record], None),
        page(5),
        page(0),
        page(0),
    ])
}

#[test]
fn long_records_go_on_to_their_end_and_no_further() {
    let (rows, records) = long().pass(2, &[3]).unwrap();
    let expected = [&[2][..], &[0; 283], &[5; 1016]].concat();
    assert_eq!((rows, records), (vec![expected], vec![1]));
    // Nowhere, to itself, to one that is in use, beyond the end.
    for next in [0, 4, 2, 6, 7] {
        assert!(!long().with(4, 3, &[next]).is_sound(), "{next}");
    }
    // Further than it takes, to one that is in use or is not.
    assert!(!long().with(5, 3, &[2]).is_sound());
    assert!(!long().with(6, 3, &[3]).is_sound());
    let more = Made([&long().0[..], &[vec![0; SIZE]]].concat()).with(1, 31, &[7]);
    for page in [5, 6] {
        assert!(!more.with(page, 3, &[7]).is_sound(), "{page}");
    }
    // The first page of each.
    let pointer = |page: usize| {
        let page = &long().0[page - 1];
        let at = |bytes: &[u8]| page.windows(4).rposition(|found| found == bytes);
        at(&[0, 0, 0, 4]).or(at(&[0, 0, 0, 6])).unwrap()
    };
    assert!(!long().with(2, pointer(2) + 3, &[5]).is_sound());
    assert!(!long().with(3, pointer(3) + 3, &[4]).is_sound());
}

#[test]
fn free_pages_are_as_many_as_the_header_says() {
    let trunk = |next: u8, named: &[u8]| {
        let mut page = vec![0; SIZE];
        page[3] = next;
        page[7] = named.len() as u8;
        for (at, number) in named.iter().enumerate() {
            page[11 + 4 * at] = *number;
        }
        page
    };
    let with = |first: Vec<u8>, second: Vec<u8>, count: u8| {
        let nothing = vec![1; SIZE];
        let pages = [&usual().0[..], &[first, nothing.clone(), second, nothing]].concat();
        let made = Made(pages).with(1, 31, &[10]);
        made.with(1, 35, &[7]).with(1, 39, &[count])
    };
    assert!(with(trunk(9, &[8]), trunk(0, &[10]), 4).is_sound());
    assert!(with(trunk(9, &[]), trunk(0, &[10, 8]), 4).is_sound());
    for (first, second, count) in [
        (trunk(9, &[8]), trunk(0, &[10]), 3),
        (trunk(9, &[8]), trunk(0, &[10]), 5),
        (trunk(9, &[8]), trunk(0, &[]), 3),
        (trunk(9, &[8]), trunk(0, &[8]), 4),
        (trunk(9, &[8]), trunk(7, &[10]), 4),
        (trunk(9, &[8]), trunk(0, &[11]), 4),
        (trunk(9, &[8]), trunk(0, &[0]), 4),
        (trunk(9, &[8]), trunk(0, &[6]), 4),
        (trunk(9, &[8]), trunk(11, &[10]), 4),
    ] {
        assert!(!with(first, second, count).is_sound());
    }
}

#[test]
fn a_page_names_as_many_free_ones_as_sqlite_takes() {
    // Of 512 bytes four are reserved, so that 125 numbers are taken, while the page has room for one more.
    let with = |count: u8| {
        let mut first = node(100, 13, &[], None);
        let mut empty = rows(&[]);
        for (page, start) in [(&mut first, 100), (&mut empty, 0)] {
            page[start + 5..start + 7].copy_from_slice(&508_u16.to_be_bytes());
        }
        let mut trunk = vec![0; SIZE];
        trunk[7] = count;
        for number in 0..count {
            trunk[usize::from(number) * 4 + 11] = number + 4;
        }
        let free = vec![vec![0; SIZE]; usize::from(count)];
        let mut made = Made::of(&[&[empty, trunk][..], &free].concat());
        made.0[0][100..].copy_from_slice(&first[100..]);
        let made = made.with(1, 20, &[4]).with(1, 35, &[3]);
        made.with(1, 39, &[count + 1]).pass(2, &[]).is_some()
    };
    assert!(with(125));
    assert!(!with(126));
}

/// The long rows once more, in a file whose second page says what the others are for.
fn mapped() -> Made {
    let pages: Vec<Vec<u8>> = (long().0.iter().skip(1))
        .map(|page| {
            let mut page = page.clone();
            let ends = page.windows(4).rposition(|found| found == [0, 0, 0, 4]);
            let ends = ends.filter(|_| page[0] == 13);
            let other = page.windows(4).rposition(|found| found == [0, 0, 0, 6]);
            if let Some(at) = ends.or(other) {
                page[at + 3] += 1;
            }
            if page[..4] == [0, 0, 0, 5] {
                page[3] = 6;
            }
            page
        })
        .collect();
    let mut map = vec![0; SIZE];
    let used = [(1, 0), (1, 0), (3, 3), (4, 5), (3, 4)];
    for (at, (kind, other)) in used.iter().enumerate() {
        map[5 * at] = *kind;
        map[5 * at + 4] = *other;
    }
    Made::of(&[&[map], &pages[..]].concat()).with(1, 55, &[4])
}

#[test]
fn the_map_says_what_each_page_is_for() {
    let is_sound = |made: Made| made.pass(3, &[4]).is_some();
    assert!(is_sound(mapped()));
    for entry in 0..5 {
        for at in [0, 4] {
            let byte = mapped().0[1][5 * entry + at] ^ 2;
            assert!(
                !is_sound(mapped().with(2, 5 * entry + at, &[byte])),
                "{entry}, {at}"
            );
        }
    }
    // What it says of pages that there are not is no matter.
    assert!(is_sound(mapped().with(2, 25, &[9])));
    // The greatest root is another one, or there is no map.
    for greatest in [0, 3, 5] {
        assert!(!is_sound(mapped().with(1, 55, &[greatest])), "{greatest}");
    }
    // The map is in use.
    assert!(!is_sound(mapped().with(5, 3, &[2])));
}

#[test]
fn pages_are_not_given_back_where_there_is_no_map() {
    assert!(!usual().with(1, 67, &[1]).is_sound());
    assert!(mapped().with(1, 67, &[1]).pass(3, &[4]).is_some());
}
