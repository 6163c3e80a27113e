//! From the password to the keys of files (F§11.2).

use std::collections::BTreeMap;

use aes_kw::{KeyInit, KwAes256};
use pbkdf2::pbkdf2_hmac;
use sha1::Sha1;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::model::{Keybag, WrappedKey};
use crate::secret::{Key, Password};

/// Most rounds that are gone through: twice what devices write in the first derivation, a hundred times
/// in the second (F§11.2). More would only keep us busy.
const MOST_FIRST_ROUNDS: u32 = 20_000_000;
const MOST_ROUNDS: u32 = 1_000_000;

/// Protection classes of files; the others belong to the keychain (F§11.1).
const FILE_CLASSES: std::ops::RangeInclusive<u32> = 1..=4;

/// `WRAP` of keys that the password alone opens; with bit 1 it takes the device, too.
const BY_PASSWORD: u32 = 2;

/// The keys of the protection classes that a password opened.
#[derive(Debug)]
pub struct ClassKeys(BTreeMap<u32, Key>);

/// Why a keybag was not opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotOpened {
    /// No file key of it unwraps: the password is a wrong one.
    WrongPassword,
    /// It was not tried; says why.
    Refused(String),
}

/// Why a key does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyTrouble {
    /// There is no opened key of its protection class.
    NoClass(u32),
    /// It is damaged, or wrapped with another key.
    DoesNotUnwrap(u32),
}

/// Opens a keybag. Takes about a second with the rounds that devices write, for each form of the
/// password that is tried.
///
/// # Errors
/// When the password is wrong, or the keybag asks for too much.
pub fn open(keybag: &Keybag, password: &Password) -> Result<ClassKeys, NotOpened> {
    let first_rounds = keybag.first.as_ref().map_or(0, |(_, rounds)| *rounds);
    for (tag, rounds, most) in [
        ("DPIC", first_rounds, MOST_FIRST_ROUNDS),
        ("ITER", keybag.rounds, MOST_ROUNDS),
    ] {
        if rounds > most {
            return Err(NotOpened::Refused(format!(
                "the keybag asks for {rounds} rounds ({tag}), and bkscan goes through {most} at most"
            )));
        }
    }
    if !keybag.classes.iter().any(is_for_files) {
        return Err(NotOpened::Refused(
            "the keybag has no key for files that a password opens".to_owned(),
        ));
    }
    for form in password.forms() {
        let keys = unwrap_classes(keybag, &derive(keybag, &form));
        if keys.keys().any(|class| FILE_CLASSES.contains(class)) {
            return Ok(ClassKeys(keys));
        }
    }
    Err(NotOpened::WrongPassword)
}

fn is_for_files(class: &crate::model::ClassKey) -> bool {
    class.wrap == BY_PASSWORD && FILE_CLASSES.contains(&class.key.class)
}

/// The key that the class keys are wrapped with.
fn derive(keybag: &Keybag, password: &[u8]) -> Key {
    let mut first = Zeroizing::new([0; 32]);
    let password = match &keybag.first {
        Some((salt, rounds)) => {
            pbkdf2_hmac::<Sha256>(password, salt, *rounds, first.as_mut());
            first.as_slice()
        }
        None => password,
    };
    let mut key = Zeroizing::new([0; 32]);
    pbkdf2_hmac::<Sha1>(password, &keybag.salt, keybag.rounds, key.as_mut());
    Key::new(*key)
}

/// The class keys that unwrap. Of the keychain's none is needed, and of files' one may be damaged.
fn unwrap_classes(keybag: &Keybag, key: &Key) -> BTreeMap<u32, Key> {
    let by_password = keybag
        .classes
        .iter()
        .filter(|class| class.wrap == BY_PASSWORD);
    by_password
        .filter_map(|class| Some((class.key.class, unwrap(key, &class.key.wrapped)?)))
        .collect()
}

/// RFC 3394: `None` where the integrity check fails.
fn unwrap(key: &Key, wrapped: &[u8; 40]) -> Option<Key> {
    let mut bytes = Zeroizing::new([0; 32]);
    KwAes256::new(key.bytes().into())
        .unwrap_key(wrapped, bytes.as_mut())
        .ok()?;
    Some(Key::new(*bytes))
}

impl ClassKeys {
    /// Opens `ManifestKey` or the `EncryptionKey` of a record.
    ///
    /// # Errors
    /// When it does not open.
    pub fn unwrap(&self, key: &WrappedKey) -> Result<Key, KeyTrouble> {
        let class = self.0.get(&key.class);
        let class = class.ok_or(KeyTrouble::NoClass(key.class))?;
        unwrap(class, &key.wrapped).ok_or(KeyTrouble::DoesNotUnwrap(key.class))
    }
}
