//! Databases of apps that are large enough to be damaged: a sound one, a damaged one, and one that
//! is sound with its `-wal` file only.

use super::{noise, sqlite};

const PAGE: usize = 4096;

/// Where a page of [`database`] begins that holds rows and nothing else, as the five that follow do.
/// `PRAGMA quick_check` complains of any bit that is flipped in the first 100 bytes of such a page,
/// and of any 16 bytes of it that become others, as those of a flipped bit in ciphertext do.
pub const DATABASE_LEAF: usize = 4 * PAGE;

/// A sound database of 11 pages of 4096 bytes, with a table of 3,000 rows that are as small as can
/// be: most of its bytes say how it is built, so that little of it can change unnoticed.
pub fn database() -> Vec<u8> {
    sqlite::app_database(&format!("{CREATE} {};", insert(1, 3000)))
}

/// The same with zeros in the middle of a page, as a sector that was lost leaves them:
/// `PRAGMA quick_check` complains.
pub fn damaged_database() -> Vec<u8> {
    let mut bytes = database();
    let at = DATABASE_LEAF + 2048;
    bytes[at..at + 512].fill(0);
    bytes
}

/// A database, and the `-wal` file without which `PRAGMA quick_check` complains of it: it was copied
/// while its app moved pages from there into the database, and had come as far as the fourth.
pub fn database_needing_wal() -> (Vec<u8>, Vec<u8>) {
    let before = database();
    let after = sqlite::app_database(&format!(
        "{CREATE} {};
         BEGIN; DELETE FROM message WHERE id <= 1000; {}; COMMIT;",
        insert(1, 3000),
        insert(3001, 4000),
    ));
    assert_eq!(before.len(), after.len(), "no page came or went");
    let moved = 4 * PAGE;
    let database = [&after[..moved], &before[moved..]].concat();
    (database, wal(&before, &after))
}

const CREATE: &str = "CREATE TABLE message (id INTEGER PRIMARY KEY, date INTEGER);";

fn insert(first: u32, last: u32) -> String {
    format!(
        "WITH RECURSIVE ids (id) AS (VALUES ({first}) UNION ALL SELECT id + 1 FROM ids WHERE id < {last})
         INSERT INTO message SELECT id, 7 * id FROM ids"
    )
}

/// Makes the `-wal` file of one transaction between these two states. SQLite's own would differ each
/// time: it begins with random numbers. The format is that of <https://sqlite.org/fileformat2.html>,
/// section 4.
fn wal(before: &[u8], after: &[u8]) -> Vec<u8> {
    let salts = noise::bytes("wal salts", 8);
    let page_size = u32::try_from(PAGE).expect("a page size");
    let mut wal = Vec::new();
    // The checksums are big-endian; the version of the format; the page size; no checkpoint so far.
    for number in [0x377f_0683, 3_007_000, page_size, 0] {
        wal.extend(number.to_be_bytes());
    }
    wal.extend_from_slice(&salts);
    let mut sum = Checksum::default();
    sum.add(&wal);
    wal.extend(sum.bytes());
    let pages = || before.chunks(PAGE).zip(after.chunks(PAGE)).enumerate();
    let changed: Vec<_> = pages().filter(|(_, (old, new))| old != new).collect();
    for (position, (index, (_, page))) in changed.iter().enumerate() {
        let number = |index: usize| u32::try_from(index).expect("few pages").to_be_bytes();
        let is_last = position + 1 == changed.len();
        // The last frame says how many pages there are after the transaction.
        let pages = if is_last { after.len() / PAGE } else { 0 };
        let head = [number(index + 1), number(pages)].concat();
        sum.add(&head);
        sum.add(page);
        wal.extend(head);
        wal.extend_from_slice(&salts);
        wal.extend(sum.bytes());
        wal.extend_from_slice(page);
    }
    wal
}

/// The running checksum of a `-wal` file.
#[derive(Default)]
struct Checksum(u32, u32);

impl Checksum {
    /// Adds a multiple of 8 bytes.
    fn add(&mut self, bytes: &[u8]) {
        for pair in bytes.chunks_exact(8) {
            let number = |at: usize| {
                let bytes = pair[at..at + 4].try_into().expect("4 bytes");
                u32::from_be_bytes(bytes)
            };
            self.0 = self.0.wrapping_add(number(0)).wrapping_add(self.1);
            self.1 = self.1.wrapping_add(number(4)).wrapping_add(self.0);
        }
    }

    fn bytes(&self) -> Vec<u8> {
        [self.0.to_be_bytes(), self.1.to_be_bytes()].concat()
    }
}
