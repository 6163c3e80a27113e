//! Where a payload lies: names made from domain and path (F§8).

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use sha1::{Digest as _, Sha1};

/// Gives the fileID, 40 lower-case hex digits, of a path as it is: nothing is decomposed here.
pub fn file_id(domain: &str, path: &str) -> String {
    raw_file_id(domain, path.as_bytes())
}

/// Gives the fileID of a path that need not be UTF-8.
pub fn raw_file_id(domain: &str, path: &[u8]) -> String {
    let mut hash = Sha1::new();
    hash.update(domain);
    hash.update("-");
    hash.update(path);
    hex(&hash.finalize())
}

/// Gives the payload's place in a backup with Manifest.db: `ab/abcd…`.
pub fn payload_path(backup: &Path, domain: &str, path: &str) -> PathBuf {
    let id = file_id(domain, path);
    backup.join(&id[..2]).join(id)
}

/// Gives the payload's place in a backup with Manifest.mbdb: `abcd…`.
pub fn flat_payload_path(backup: &Path, domain: &str, path: &str) -> PathBuf {
    backup.join(file_id(domain, path))
}

/// Gives lower-case hex digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes all that is written");
        text
    })
}
