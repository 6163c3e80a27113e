//! `BackupKeyBag` of Manifest.plist (F§11.1).

use super::cipher::Key;
use super::setup::{Encryption, Format, Setup};
use super::{cipher, noise};

/// Classes 1 to 4 protect files, 5 to 11 the keychain.
const CLASSES: u32 = 11;

/// Wrapped with the password's key, or also with one that never leaves the device: then the password
/// opens the outer layer.
const WRAP_PASSWORD: u32 = 2;
const WRAP_PASSWORD_AND_DEVICE: u32 = 3;
/// The classes that have both in an encrypted backup; in another one all those of the keychain do.
const OF_THE_DEVICE: [u32; 4] = [5, 9, 10, 11];
const LAST_FILE_CLASS: u32 = 4;

/// Makes a key bag; one is there in unencrypted backups too (F§5).
///
/// Salts and the HMAC are noise, and without a password the wrapped keys.
pub fn keybag(setup: &Setup) -> Vec<u8> {
    let seed = format!("keybag {}", setup.udid);
    let mut salt = noise::bytes(&format!("{seed} salt"), 20);
    let (first_rounds, rounds) = setup.rounds;
    let first = (setup.encryption == Encryption::Current && setup.format == Format::Db)
        .then(|| (noise::bytes(&format!("{seed} dpsl"), 20), first_rounds));
    let password_key = setup.password.as_ref().map(|password| {
        let first = first.as_ref().map(|(salt, rounds)| (&salt[..], *rounds));
        cipher::password_key(password, first, &salt, rounds)
    });
    if setup.keybag.salt_damaged {
        salt[10] ^= 1;
    }
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
    value(&mut bag, b"SALT", &salt);
    number(&mut bag, b"ITER", rounds);
    if let Some((salt, rounds)) = first {
        // The format notes do not say what DPWT holds, only that it is there.
        number(&mut bag, b"DPWT", 0);
        number(&mut bag, b"DPIC", rounds);
        value(&mut bag, b"DPSL", &salt);
    }
    let mut classes: Vec<u32> = (1..=CLASSES).collect();
    if setup.is_encrypted() {
        classes.reverse();
    }
    for class in classes {
        let takes_device = match setup.is_encrypted() {
            true => OF_THE_DEVICE.contains(&class),
            false => class > LAST_FILE_CLASS,
        };
        let usual_wrap = match takes_device {
            true => WRAP_PASSWORD_AND_DEVICE,
            false => WRAP_PASSWORD,
        };
        let wrap = *setup.keybag.wraps.get(&class).unwrap_or(&usual_wrap);
        let seed = format!("{seed} class {class}");
        let mut key = match &password_key {
            Some(_) if wrap & WRAP_PASSWORD == 0 => {
                cipher::wrapped(&cipher::class_key(setup, class), &cipher::device_key(setup))
            }
            Some(with) => cipher::wrapped(&cipher::class_key(setup, class), with),
            None => noise::bytes(&format!("{seed} key"), 40),
        };
        if setup.keybag.damaged.contains(&class) {
            key[20] ^= 1;
        }
        value(
            &mut bag,
            b"UUID",
            &noise::bytes(&format!("{seed} uuid"), 16),
        );
        number(&mut bag, b"CLAS", class);
        number(&mut bag, b"WRAP", wrap);
        number(&mut bag, b"KTYP", 0);
        value(&mut bag, b"WPKY", &key);
    }
    bag
}

/// Makes a key as `ManifestKey` and `EncryptionKey` hold it: the class, little-endian, and 40
/// bytes of wrapped key (F§7.3), which are noise where no password opens the backup.
pub fn wrapped_key(setup: &Setup, class: i64, key: &Key, seed: &str) -> Vec<u8> {
    let class = u32::try_from(class).expect("a protection class");
    let mut bytes = class.to_le_bytes().to_vec();
    bytes.extend(match &setup.password {
        Some(_) => cipher::wrapped(key, &cipher::class_key(setup, class)),
        None => noise::bytes(&format!("key {seed}"), 40),
    });
    bytes
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
