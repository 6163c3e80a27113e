//! A row of a manifest of either format.

use sha1::{Digest, Sha1};
use unicode_normalization::UnicodeNormalization;

use crate::model::{FileId, WrappedKey};

/// What a row is (contract §4 rule 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKind {
    File,
    Directory,
    Symlink,
    /// Neither: a row that only explains a payload, such as flag 16 with NULL (F§9.1).
    Other,
}

/// One row, borrowed from the manifest.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    pub kind: RowKind,
    pub domain: Option<&'a [u8]>,
    pub path: Option<&'a [u8]>,
    /// The fileID as it stands there.
    pub id_text: Option<&'a [u8]>,
    /// The same, if it is one.
    pub id: Option<FileId>,
    /// Whether the restore demands a payload (F§1.4).
    pub required: bool,
    /// Flag 16.
    pub changed: bool,
    /// `Size`, where known and not negative.
    pub size: Option<u64>,
    /// `Birth` and `LastModified`, in Unix seconds.
    pub birth: Option<i64>,
    pub modified: Option<i64>,
    pub dataless: bool,
    pub digest: Option<[u8; 20]>,
    pub key: Option<WrappedKey>,
    /// Whether there is a key at all, of whatever form.
    pub has_key: bool,
    /// Whether there is a blob that could not be decoded.
    pub undecodable: bool,
    /// Whether the id is stored beside the names, so that they can disagree.
    pub id_is_stored: bool,
}

impl Row<'_> {
    /// Whether it is a regular file.
    pub fn is_file(&self) -> bool {
        self.kind == RowKind::File
    }
}

/// SHA-1 of no bytes at all.
pub(super) const OF_NOTHING: [u8; 20] = [
    0xda, 0x39, 0xa3, 0xee, 0x5e, 0x6b, 0x4b, 0x0d, 0x32, 0x55, 0xbf, 0xef, 0x95, 0x60, 0x18, 0x90,
    0xaf, 0xd8, 0x07, 0x09,
];

/// Whether a row's id is not the hash of its names: as they stand, decomposed, or composed (F§8).
pub(super) fn is_mismatch(row: &Row<'_>) -> bool {
    let (Some(id), Some(domain), Some(path)) = (row.id, row.domain, row.path) else {
        return false;
    };
    if FileId::of(domain, path) == id {
        return false;
    }
    // Far beyond what a device has as a path; its normal forms are not worth the time.
    if domain.len() + path.len() > 4096 {
        return true;
    }
    let (Ok(domain), Ok(path)) = (str::from_utf8(domain), str::from_utf8(path)) else {
        return true;
    };
    let hash = |characters: &mut dyn Iterator<Item = char>| {
        let mut hash = Sha1::new();
        let mut buffer = [0; 4];
        characters.for_each(|character| hash.update(character.encode_utf8(&mut buffer)));
        FileId::from_bytes(hash.finalize().into())
    };
    let text = || domain.chars().chain(['-']).chain(path.chars());
    hash(&mut text().nfd()) != id && hash(&mut text().nfc()) != id
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A file of 5 bytes, which requires a payload.
    pub fn row<'a>(domain: &'a [u8], path: &'a [u8], id: FileId) -> Row<'a> {
        Row {
            kind: RowKind::File,
            domain: Some(domain),
            path: Some(path),
            id_text: None,
            id: Some(id),
            required: true,
            changed: false,
            size: Some(5),
            birth: None,
            modified: None,
            dataless: false,
            digest: None,
            key: None,
            has_key: false,
            undecodable: false,
            id_is_stored: true,
        }
    }

    #[test]
    fn ids_match_in_any_normal_form() {
        let composed = "K\u{fc}che".as_bytes();
        let decomposed = "Ku\u{308}che".as_bytes();
        for stored in [composed, decomposed] {
            for hashed in [composed, decomposed] {
                assert!(!is_mismatch(&row(b"D", stored, FileId::of(b"D", hashed))));
            }
        }
        assert!(is_mismatch(&row(b"D", b"a", FileId::of(b"D", b"b"))));
        assert!(is_mismatch(&row(b"D", b"\xff", FileId::of(b"D", b"b"))));
    }

    #[test]
    fn the_digest_of_nothing_is_that() {
        assert_eq!(OF_NOTHING, <[u8; 20]>::from(Sha1::digest(b"")));
    }
}
