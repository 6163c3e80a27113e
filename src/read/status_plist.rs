//! Status.plist (F§6): how far the last run came.

use std::io::Read;
use std::path::Path;

use ::plist::Dictionary;

use crate::model::{PlistFile, Status};

use super::plist;

const WANTED: &plist::Wanted = &[
    &["Version"],
    &["BackupState"],
    &["SnapshotState"],
    &["UUID"],
    &["Date"],
];

/// A healthy one has 189 bytes.
const READING: plist::Reading = plist::Reading {
    wanted: WANTED,
    limit: 16 << 20,
    for_display: false,
};

/// Reads the file. A file of 0 bytes is there, but unreadable (contract §4 rule 4).
pub fn read(path: &Path) -> PlistFile<Status> {
    plist::read_file(path, READING).map(|list| status(list.wanted))
}

/// Reads what `input` gives, which should be `len` bytes.
pub fn read_from(input: impl Read, len: u64) -> PlistFile<Status> {
    plist::read_from(input, len, READING).map(|list| status(list.wanted))
}

fn status(dictionary: Dictionary) -> Status {
    let text = |key| plist::text(&dictionary, key);
    Status {
        version: text("Version"),
        backup_state: text("BackupState"),
        snapshot_state: text("SnapshotState"),
        uuid: text("UUID"),
        date: plist::date(&dictionary, "Date"),
    }
}
