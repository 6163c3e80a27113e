//! `BackupKeyBag` of Manifest.plist (F§11.1).

use super::noise;
use super::setup::{Encryption, Format, Setup};

/// Far fewer rounds than a device uses (10,000,000 and about 10,000), so that tests with a
/// password are quick; readers take the numbers from here.
const DPIC: u32 = 10;
const ITER: u32 = 1;

/// Classes 1 to 4 protect files, 5 to 11 the keychain.
const CLASSES: u32 = 11;
const LAST_FILE_CLASS: u32 = 4;

/// Wrapped with the password's key, or also with one that never leaves the device.
const WRAP_PASSWORD: u32 = 2;
const WRAP_PASSWORD_AND_DEVICE: u32 = 3;

/// Makes a key bag; one is there in unencrypted backups too (F§5).
///
/// Salts, the HMAC and the wrapped keys are noise.
pub fn keybag(setup: &Setup) -> Vec<u8> {
    let seed = format!("keybag {}", setup.udid);
    let mut bag = Vec::new();
    number(&mut bag, b"VERS", 5);
    number(&mut bag, b"TYPE", 1);
    value(
        &mut bag,
        b"UUID",
        &noise::bytes(&format!("{seed} uuid"), 16),
    );
    value(
        &mut bag,
        b"HMCK",
        &noise::bytes(&format!("{seed} hmac"), 40),
    );
    number(&mut bag, b"WRAP", 0);
    value(
        &mut bag,
        b"SALT",
        &noise::bytes(&format!("{seed} salt"), 20),
    );
    number(&mut bag, b"ITER", ITER);
    if setup.encryption == Encryption::Current && setup.format == Format::Db {
        // The format notes do not say what DPWT holds, only that it is there.
        number(&mut bag, b"DPWT", 0);
        number(&mut bag, b"DPIC", DPIC);
        value(
            &mut bag,
            b"DPSL",
            &noise::bytes(&format!("{seed} dpsl"), 20),
        );
    }
    for class in 1..=CLASSES {
        let wrap = if class <= LAST_FILE_CLASS {
            WRAP_PASSWORD
        } else {
            WRAP_PASSWORD_AND_DEVICE
        };
        let seed = format!("{seed} class {class}");
        value(
            &mut bag,
            b"UUID",
            &noise::bytes(&format!("{seed} uuid"), 16),
        );
        number(&mut bag, b"CLAS", class);
        number(&mut bag, b"WRAP", wrap);
        number(&mut bag, b"KTYP", 0);
        value(&mut bag, b"WPKY", &noise::bytes(&format!("{seed} key"), 40));
    }
    bag
}

/// Makes a key as `ManifestKey` and `EncryptionKey` hold it: the class, little-endian, and 40
/// bytes of wrapped key, here noise (F§7.3).
pub fn wrapped_key(class: i64, seed: &str) -> Vec<u8> {
    let class = u32::try_from(class).expect("a protection class");
    let mut key = class.to_le_bytes().to_vec();
    key.extend(noise::bytes(&format!("key {seed}"), 40));
    key
}

fn number(bag: &mut Vec<u8>, tag: &[u8; 4], number: u32) {
    value(bag, tag, &number.to_be_bytes());
}

fn value(bag: &mut Vec<u8>, tag: &[u8; 4], bytes: &[u8]) {
    let len = u32::try_from(bytes.len()).expect("a short value");
    bag.extend_from_slice(tag);
    bag.extend_from_slice(&len.to_be_bytes());
    bag.extend_from_slice(bytes);
}
