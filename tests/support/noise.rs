//! Bytes that look random and are always the same.
//!
//! They are the keys and salts of all backups. In those that no password opens they stand for
//! wrapped keys and ciphertext, too, which have the right lengths and nothing more.

use sha1::{Digest as _, Sha1};

use super::names::hex;

/// Gives `len` bytes that depend on `seed` only.
pub fn bytes(seed: &str, len: usize) -> Vec<u8> {
    let mut noise = Vec::with_capacity(len + 20);
    let mut block: u64 = 0;
    while noise.len() < len {
        let mut hash = Sha1::new();
        hash.update(seed);
        hash.update(block.to_be_bytes());
        noise.extend_from_slice(&hash.finalize());
        block += 1;
    }
    noise.truncate(len);
    noise
}

/// Gives bytes as long as AES-CBC with PKCS#7 padding makes of `plain`, which is always longer:
/// nothing becomes 16 bytes (F§9.2).
pub fn ciphertext(seed: &str, plain: &[u8]) -> Vec<u8> {
    let seed = format!("{seed} {}", hex(&Sha1::digest(plain)));
    bytes(&seed, padded_len(plain.len()))
}

/// Gives the length after padding to whole blocks of 16, at least one byte being added.
pub fn padded_len(plain: usize) -> usize {
    (plain / 16 + 1) * 16
}

/// Gives a UUID of version 4 in upper case.
pub fn uuid(seed: &str) -> String {
    let mut raw = bytes(seed, 16);
    raw[6] = (raw[6] & 0x0f) | 0x40;
    raw[8] = (raw[8] & 0x3f) | 0x80;
    let digits = hex(&raw).to_uppercase();
    [
        &digits[..8],
        &digits[8..12],
        &digits[12..16],
        &digits[16..20],
        &digits[20..],
    ]
    .join("-")
}
