//! The name of a payload.

use std::fmt;

use sha1::{Digest, Sha1};

/// Name of a payload: SHA-1 of `domain-relativePath` (F§8).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileId([u8; 20]);

impl Ord for FileId {
    /// The order of the bytes, as whole numbers: ids are sorted a million at a time.
    fn cmp(&self, other: &FileId) -> std::cmp::Ordering {
        self.numbers().cmp(&other.numbers())
    }
}

impl PartialOrd for FileId {
    fn partial_cmp(&self, other: &FileId) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl FileId {
    /// The id of a file, from the bytes of its domain and relative path.
    pub fn of(domain: &[u8], relative_path: &[u8]) -> FileId {
        let mut hash = Sha1::new();
        hash.update(domain);
        hash.update(b"-");
        hash.update(relative_path);
        FileId(hash.finalize().into())
    }

    /// Reads 40 hex digits, in any case; anything else is no id.
    pub fn parse(text: &[u8]) -> Option<FileId> {
        let text: &[u8; 40] = text.try_into().ok()?;
        let mut id = [0; 20];
        let mut all = 0;
        // No branch a digit: which kind comes next cannot be foretold.
        for (byte, pair) in id.iter_mut().zip(text.chunks_exact(2)) {
            let (high, low) = (DIGITS[usize::from(pair[0])], DIGITS[usize::from(pair[1])]);
            all |= high | low;
            *byte = high << 4 | low & 0x0f;
        }
        (all & NO_DIGIT == 0).then_some(FileId(id))
    }

    /// The shard folder that holds it: its first two hex digits as a number.
    pub const fn shard(self) -> u8 {
        self.0[0]
    }

    fn numbers(&self) -> (u128, u32) {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t] = self.0;
        (
            u128::from_be_bytes([a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]),
            u32::from_be_bytes([q, r, s, t]),
        )
    }

    /// Its first 64 bits.
    pub const fn prefix(self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
    }

    /// Its 20 bytes.
    pub const fn bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// The id from its 20 bytes.
    pub const fn from_bytes(bytes: [u8; 20]) -> FileId {
        FileId(bytes)
    }
}

/// What stands in [`DIGITS`] for a byte that is no hex digit.
const NO_DIGIT: u8 = 0x80;

/// The value of each byte as a hex digit.
const DIGITS: [u8; 256] = {
    let mut digits = [NO_DIGIT; 256];
    let mut value = 0;
    while value < 16 {
        digits[b"0123456789abcdef"[value] as usize] = value as u8;
        digits[b"0123456789ABCDEF"[value] as usize] = value as u8;
        value += 1;
    }
    digits
};

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_ids_are_the_known_ones() {
        // F§8, handy known ids.
        for (domain, path, id) in [
            (
                "HomeDomain",
                "Library/SMS/sms.db",
                "3d0d7e5fb2ce288813306e4d4636395e047a3d28",
            ),
            (
                "CameraRollDomain",
                "Media/PhotoData/Photos.sqlite",
                "12b144c0bd44f2b3dffd9186d3f9c05b917cee25",
            ),
        ] {
            let computed = FileId::of(domain.as_bytes(), path.as_bytes());
            assert_eq!(computed.to_string(), id);
            assert_eq!(FileId::parse(id.as_bytes()), Some(computed));
            assert_eq!(FileId::parse(id.to_uppercase().as_bytes()), Some(computed));
        }
        let root = FileId::of(b"CameraRollDomain", b"");
        assert!(root.to_string().starts_with("be1f28f4"));
    }

    #[test]
    fn only_forty_hex_digits_are_an_id() {
        for text in [
            &b""[..],
            b"../../../../../../../../../../etc/passwd",
            b"3d0d7e5fb2ce288813306e4d4636395e047a3d2",
            b"3d0d7e5fb2ce288813306e4d4636395e047a3d28a",
            b"zd0d7e5fb2ce288813306e4d4636395e047a3d28",
        ] {
            assert_eq!(FileId::parse(text), None);
        }
    }
}
