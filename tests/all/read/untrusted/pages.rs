//! Pages of SQLite files made by hand, to say what SQLite itself would never write.

/// Bytes of a page.
pub const PAGE: usize = 4096;

const LEAF: u8 = 0x0d;
const INTERIOR: u8 = 0x05;

/// A number as SQLite writes it: seven bits a byte, the highest first.
pub fn varint(number: u64) -> Vec<u8> {
    let mut bytes = vec![(number & 0x7f) as u8];
    let mut rest = number >> 7;
    while rest > 0 {
        bytes.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    bytes.reverse();
    bytes
}

/// A page of a table with these cells, the first one first.
fn page(kind: u8, cells: &[Vec<u8>], right: Option<u32>) -> Vec<u8> {
    let mut page = vec![0; PAGE];
    let mut end = PAGE;
    let start = if right.is_some() { 12 } else { 8 };
    for (at, cell) in cells.iter().enumerate() {
        end -= cell.len();
        page[end..end + cell.len()].copy_from_slice(cell);
        let pointer = start + 2 * at;
        page[pointer..pointer + 2].copy_from_slice(&(end as u16).to_be_bytes());
    }
    assert!(start + 2 * cells.len() <= end, "too many cells");
    page[0] = kind;
    page[3..5].copy_from_slice(&(cells.len() as u16).to_be_bytes());
    page[5..7].copy_from_slice(&(end as u16).to_be_bytes());
    if let Some(right) = right {
        page[8..12].copy_from_slice(&right.to_be_bytes());
    }
    page
}

/// A page that has these pages below it, each with the last rowid there, and one at the end.
pub fn interior(below: &[(u32, u64)], right: u32) -> Vec<u8> {
    let cell = |(child, key): &(u32, u64)| [&child.to_be_bytes()[..], &varint(*key)].concat();
    let cells: Vec<_> = below.iter().map(cell).collect();
    page(INTERIOR, &cells, Some(right))
}

/// A page with rows.
pub fn leaf(cells: &[Vec<u8>]) -> Vec<u8> {
    page(LEAF, cells, None)
}

/// A value of a row.
pub enum Value<'a> {
    Text(&'a str),
    /// One byte.
    Small(u8),
    Null,
    /// A blob of which no more is there than follows on this page: how long it says it is.
    Claimed(u64),
}

/// The header and the values of a row, without the end of one that is only claimed.
fn record(values: &[Value<'_>]) -> (Vec<u8>, u64) {
    let (mut types, mut body, mut claimed) = (Vec::new(), Vec::new(), 0);
    for value in values {
        match value {
            Value::Text(text) => {
                types.extend(varint(13 + 2 * text.len() as u64));
                body.extend(text.as_bytes());
            }
            Value::Small(byte) => {
                types.extend(varint(1));
                body.push(*byte);
            }
            Value::Null => types.extend(varint(0)),
            Value::Claimed(len) => {
                types.extend(varint(12 + 2 * len));
                claimed = *len;
            }
        }
    }
    // The header's own length is one byte here.
    let mut bytes = vec![types.len() as u8 + 1];
    bytes.extend(types);
    bytes.extend(body);
    let whole = bytes.len() as u64 + claimed;
    (bytes, whole)
}

/// A row that is whole on its page.
pub fn row(rowid: u64, values: &[Value<'_>]) -> Vec<u8> {
    let (bytes, len) = record(values);
    [varint(len), varint(rowid), bytes].concat()
}

/// A row that goes on at another page.
pub fn long_row(rowid: u64, values: &[Value<'_>], overflow: u32) -> Vec<u8> {
    let (mut bytes, len) = record(values);
    // How much of a long row lies on the leaf: by SQLite's file format, for pages of 4096 bytes.
    let (usable, least) = (PAGE as u64, (PAGE as u64 - 12) * 32 / 255 - 23);
    let local = least + (len - least) % (usable - 4);
    let local = if local > usable - 35 { least } else { local };
    bytes.resize(local as usize, 0);
    let next = overflow.to_be_bytes();
    [varint(len), varint(rowid), bytes, next.to_vec()].concat()
}

/// A page with the end of a long row, which says where that goes on.
pub fn overflow(next: u32) -> Vec<u8> {
    let mut page = vec![0; PAGE];
    page[..4].copy_from_slice(&next.to_be_bytes());
    page
}

/// The first page of a database that has nothing but a table `Files`, whose root is page 2.
fn first_page() -> Vec<u8> {
    let folder = crate::support::empty_folder();
    let path = folder.path().join("new.db");
    let db = rusqlite::Connection::open(&path).unwrap();
    let table = "PRAGMA page_size = 4096; \
         CREATE TABLE Files (fileID TEXT, domain TEXT, relativePath TEXT, flags INTEGER, file BLOB)";
    db.execute_batch(table).unwrap();
    db.close().unwrap();
    let mut bytes = std::fs::read(path).unwrap();
    bytes.truncate(PAGE);
    bytes
}

/// A database of these pages, the first of them number 2, the root of `Files`.
pub fn database(pages: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = first_page();
    let count = pages.len() as u32 + 1;
    bytes[28..32].copy_from_slice(&count.to_be_bytes());
    bytes.extend(pages.concat());
    bytes
}
