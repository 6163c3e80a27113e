//! Status.plist (F§6): how far the last run came.

use std::io::Read;
use std::path::Path;

use ::plist::Dictionary;

use crate::model::{PlistFile, Status};

use super::plist;

/// A healthy one has 189 bytes.
const LIMIT: u64 = 16 << 20;

const WANTED: &plist::Wanted = &[
    &["Version"],
    &["BackupState"],
    &["SnapshotState"],
    &["UUID"],
    &["Date"],
];

/// Reads the file. A file of 0 bytes is there, but unreadable (contract §4 rule 4).
pub fn read(path: &Path) -> PlistFile<Status> {
    plist::read_file(path, LIMIT, WANTED).map(|list| status(list.wanted))
}

/// Reads what `input` gives, which should be `len` bytes.
pub fn read_from(input: impl Read, len: u64) -> PlistFile<Status> {
    plist::read_from(input, len, LIMIT, WANTED).map(|list| status(list.wanted))
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
