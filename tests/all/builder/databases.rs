//! The databases of apps: what SQLite says of them.

use super::*;
use crate::support::{
    DATABASE_LEAF, damaged_database, database, database_needing_wal, empty_folder,
};

/// The answer of `quick_check`, or the error in place of one.
fn quick_check(bytes: &[u8], wal: Option<&[u8]>) -> String {
    let folder = empty_folder();
    let path = folder.path().join("app.db");
    fs::write(&path, bytes).unwrap();
    if let Some(wal) = wal {
        fs::write(folder.path().join("app.db-wal"), wal).unwrap();
    }
    let db = Connection::open(path).unwrap();
    let answer = db.query_row("PRAGMA quick_check(1)", (), |row| row.get(0));
    answer.unwrap_or_else(|error| error.to_string())
}

#[test]
fn a_sound_database_passes_and_a_damaged_one_does_not() {
    let sound = database();
    assert_eq!(sound.len(), 11 * 4096);
    assert_eq!(quick_check(&sound, None), "ok");
    let complaint = quick_check(&damaged_database(), None);
    assert!(complaint.contains("out of order"), "{complaint}");
}

#[test]
fn a_change_in_a_page_of_rows_is_noticed() {
    let sound = database();
    for at in (0..100).step_by(7) {
        let mut bytes = sound.clone();
        bytes[DATABASE_LEAF + at] ^= 1;
        assert_ne!(quick_check(&bytes, None), "ok", "the bit in byte {at}");
    }
    for block in (0..6 * 256).step_by(61) {
        let mut bytes = sound.clone();
        let at = DATABASE_LEAF + 16 * block;
        for (count, byte) in bytes[at..at + 16].iter_mut().enumerate() {
            *byte = byte.wrapping_mul(37).wrapping_add(89 + count as u8);
        }
        assert_ne!(quick_check(&bytes, None), "ok", "block {block}");
    }
}

#[test]
fn a_database_may_need_its_wal() {
    let (bytes, wal) = database_needing_wal();
    assert_eq!(database_needing_wal(), (bytes.clone(), wal.clone()));
    let complaint = quick_check(&bytes, None);
    assert!(complaint.contains("out of order"), "{complaint}");
    assert_eq!(quick_check(&bytes, Some(&wal)), "ok");
}
