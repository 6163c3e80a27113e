//! The encryption of a device (F§11.2, F§11.3), for backups that a password opens.
//!
//! The keys themselves are noise that depends on nothing but the backup and the file, so that the
//! same calls give the same bytes.

use aes::Aes256;
use aes::cipher::{Array, BlockModeEncrypt as _, KeyIvInit as _};
use aes_kw::{KeyInit as _, KwAes256};
use pbkdf2::pbkdf2_hmac_array;
use sha1::Sha1;
use sha2::Sha256;

use super::noise;
use super::setup::Setup;

/// A key of AES-256.
pub type Key = [u8; 32];

/// How bytes are brought to whole blocks of 16 before they are encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Padding {
    /// 1 to 16 bytes that say how many they are, as devices do.
    #[default]
    Pkcs7,
    /// Not at all; what is no whole number of blocks is filled with zeros.
    None,
    /// As with `None`, then a block of 16 zeros.
    Zeros,
}

/// Derives the key that class keys are wrapped with; `first` is the salt and the rounds of the
/// derivation that only iOS 10.2 and later know.
pub fn password_key(password: &[u8], first: Option<(&[u8], u32)>, salt: &[u8], rounds: u32) -> Key {
    match first {
        Some((first_salt, first_rounds)) => {
            let first = pbkdf2_hmac_array::<Sha256, 32>(password, first_salt, first_rounds);
            pbkdf2_hmac_array::<Sha1, 32>(&first, salt, rounds)
        }
        None => pbkdf2_hmac_array::<Sha1, 32>(password, salt, rounds),
    }
}

/// Gives the key of a protection class, of any number.
pub fn class_key(setup: &Setup, class: u32) -> Key {
    key(&format!("class key {} {class}", setup.udid))
}

/// Gives the key that Manifest.db is encrypted with.
pub fn manifest_key(setup: &Setup) -> Key {
    key(&format!("manifest key {}", setup.udid))
}

/// Gives the key that the payload of this name is encrypted with.
pub fn file_key(setup: &Setup, id: &str) -> Key {
    key(&format!("file key {} {id}", setup.udid))
}

/// Gives a key that never leaves the device.
pub fn device_key(setup: &Setup) -> Key {
    key(&format!("device key {}", setup.udid))
}

fn key(seed: &str) -> Key {
    let bytes = noise::bytes(seed, 32);
    bytes.try_into().expect("32 bytes")
}

/// Wraps a key as RFC 3394 says, which makes 40 bytes of it.
pub fn wrapped(key: &Key, with: &Key) -> Vec<u8> {
    let mut wrapped = vec![0; 40];
    KwAes256::new(with.into())
        .wrap_key(key, &mut wrapped)
        .expect("a key of whole blocks");
    wrapped
}

/// Encrypts Manifest.db or the content of a file.
pub fn encrypted(key: &Key, plain: &[u8], padding: Padding) -> Vec<u8> {
    let mut bytes = plain.to_vec();
    match padding {
        Padding::Pkcs7 => {
            let count = noise::padded_len(plain.len()) - plain.len();
            let byte = u8::try_from(count).expect("1 to 16");
            bytes.extend(std::iter::repeat_n(byte, count));
        }
        Padding::None => bytes.resize(plain.len().next_multiple_of(16), 0),
        Padding::Zeros => bytes.resize(plain.len().next_multiple_of(16) + 16, 0),
    }
    let (blocks, rest) = Array::slice_as_chunks_mut(&mut bytes);
    assert!(rest.is_empty(), "whole blocks");
    cbc::Encryptor::<Aes256>::new(key.into(), (&[0; 16]).into()).encrypt_blocks(blocks);
    bytes
}
