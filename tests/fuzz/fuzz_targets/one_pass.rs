//! Manifest.db, in one pass and by SQLite: what SQLite refuses must not pass. The bytes are a seed and changes of
//! a small database, so that most of it stays sound. How to run it: `tests/fuzz/run`.

#![no_main]

use std::path::Path;
use std::sync::LazyLock;

use tempfile::TempDir;

#[allow(dead_code, reason = "each target uses its own part")]
#[path = "../../all/read/readers.rs"]
mod readers;

/// Databases of few pages: mapped and not, with long rows, free pages, other tables.
const BASES: [&[u8]; 4] = [
    include_bytes!("../bases/long-rows"),
    include_bytes!("../bases/mapped"),
    include_bytes!("../bases/without-rowids"),
    include_bytes!("../bases/usual"),
];

/// In memory, where the system has such a place.
static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        TempDir::new_in(memory).unwrap()
    } else {
        TempDir::new().unwrap()
    }
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((base, changes)) = bytes.split_first() else {
        return;
    };
    let mut database = BASES[usize::from(*base) % BASES.len()].to_vec();
    // A place of three bytes, and what is there then.
    for change in changes.chunks_exact(4) {
        let at = u32::from_be_bytes([0, change[0], change[1], change[2]]) as usize;
        let len = database.len();
        database[at % len] = change[3];
    }
    let _ = readers::read_database(&database, FOLDER.path());
});
