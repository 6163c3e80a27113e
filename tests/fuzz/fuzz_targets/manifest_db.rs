//! Manifest.db, as a file. How to run it: `tests/fuzz/run`.

#![no_main]

use std::path::Path;
use std::sync::LazyLock;

use tempfile::TempDir;

#[allow(dead_code, reason = "each target uses its own part")]
#[path = "../../all/read/readers.rs"]
mod readers;

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
    let _ = readers::read_database(bytes, FOLDER.path());
});
