//! Files beyond a GiB: they have a page that SQLite locks, which holds nothing.

use std::fs::{self, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use bkscan::model::progress::Monitor;
use bkscan::read::database::Database;
use bkscan::read::{Wanted, manifest_db};
use rusqlite::Connection;

use crate::support::empty_folder;

const PAGE: u64 = 65_536;
const LOCKED: u32 = 16_385;
const COUNT: u32 = 16_390;

/// Makes a file of [`COUNT`] pages, all of which but the first few are free, or none of which but `left_out`
/// is not; its bytes are not there until they are written.
fn make(path: &Path, left_out: u32) {
    let db = Connection::open(path).unwrap();
    db.execute_batch(
        "PRAGMA page_size = 65536; CREATE TABLE Files (fileID TEXT PRIMARY KEY, domain TEXT, relativePath \
         TEXT, flags INTEGER, file BLOB); INSERT INTO Files VALUES ('a', 'b', 'c', 1, x'00');",
    )
    .unwrap();
    db.close().unwrap();
    let used = (fs::metadata(path).unwrap().len() / PAGE) as u32;
    let mut file = OpenOptions::new().write(true).open(path).unwrap();
    file.set_len(u64::from(COUNT) * PAGE).unwrap();
    let mut write = |at: u64, numbers: &[u32]| {
        let bytes: Vec<u8> = numbers
            .iter()
            .flat_map(|number| number.to_be_bytes())
            .collect();
        file.seek(SeekFrom::Start(at)).unwrap();
        file.write_all(&bytes).unwrap();
    };
    let free: Vec<u32> = (used + 1..=COUNT)
        .filter(|page| *page != left_out)
        .collect();
    let [first, second, named @ ..] = &free[..] else {
        unreachable!()
    };
    write(28, &[COUNT, *first, free.len() as u32]);
    let (one, other) = named.split_at(10_000);
    for (trunk, next, named) in [(*first, *second, one), (*second, 0, other)] {
        let start = u64::from(trunk - 1) * PAGE;
        write(start, &[&[next, named.len() as u32], named].concat());
    }
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "a file may take a GiB there")]
fn the_locked_page_holds_nothing() {
    let folder = empty_folder();
    let path = folder.path().join("Manifest.db");
    // A page that is not locked is missed when it is in no use; the locked one when it is.
    for (left_out, sound) in [(LOCKED, true), (LOCKED + 1, false)] {
        make(&path, left_out);
        let database = Database::immutable(&path);
        let wanted = Wanted::examples(3);
        let rows = manifest_db::sound_rows(&database, false, wanted, &Monitor::silent());
        assert_eq!(rows.map(|rows| rows.counts.records), sound.then_some(1));
        assert_eq!(database.quick_check() == Ok(None), sound);
        fs::remove_file(&path).unwrap();
    }
}
