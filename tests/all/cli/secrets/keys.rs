//! The keys of a backup, worked out from the backup alone (F§11.1, F§11.2), so that a test knows what
//! must be nowhere, and can write a manifest of its own.

use std::fs;
use std::path::Path;

use aes::Aes256;
use aes::cipher::{Array, BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _};
use aes_kw::{KeyInit as _, KwAes256};
use pbkdf2::pbkdf2_hmac_array;
use plist::Value;
use sha1::Sha1;
use sha2::Sha256;

type Key = [u8; 32];

/// What opens a backup.
pub struct Keys {
    /// What the password becomes in two steps, the second of which wraps the class keys.
    pub derived: [Key; 2],
    /// Those that the password opens, by class.
    pub classes: Vec<(u32, Key)>,
    pub manifest: Key,
}

impl Keys {
    /// Fails where the password does not open the backup.
    pub fn of(backup: &Path, password: &str) -> Keys {
        let plist = Value::from_file(backup.join("Manifest.plist")).unwrap();
        let plist = plist.as_dictionary().unwrap();
        let parts = parts(plist["BackupKeyBag"].as_data().unwrap());
        let value = |tag: &[u8; 4]| parts.iter().find(|part| part.0 == *tag).unwrap().1;
        let first = pbkdf2_hmac_array::<Sha256, 32>(
            password.as_bytes(),
            value(b"DPSL"),
            number(value(b"DPIC")),
        );
        let second = pbkdf2_hmac_array::<Sha1, 32>(&first, value(b"SALT"), number(value(b"ITER")));
        let mut classes = Vec::new();
        let (mut class, mut wrap) = (0, 0);
        for (tag, value) in parts {
            match &tag {
                b"CLAS" => class = number(value),
                b"WRAP" => wrap = number(value),
                b"WPKY" if wrap == 2 => classes.push((class, unwrapped(&second, value))),
                _ => {}
            }
        }
        let wrapped = plist["ManifestKey"].as_data().unwrap();
        let class = u32::from_le_bytes(wrapped[..4].try_into().unwrap());
        let (_, with) = classes.iter().find(|one| one.0 == class).unwrap();
        Keys {
            derived: [first, second],
            manifest: unwrapped(with, &wrapped[4..]),
            classes,
        }
    }

    /// All keys, each with its name.
    pub fn all(&self) -> Vec<(String, Key)> {
        let classes = self.classes.iter();
        let classes = classes.map(|(class, key)| (format!("the key of class {class}"), *key));
        [
            ("the first derived key".to_owned(), self.derived[0]),
            ("the second derived key".to_owned(), self.derived[1]),
            ("the key of the manifest".to_owned(), self.manifest),
        ]
        .into_iter()
        .chain(classes)
        .collect()
    }

    /// What `Manifest.db` holds, its padding included.
    pub fn open_manifest(&self, backup: &Path) -> Vec<u8> {
        let mut bytes = fs::read(backup.join("Manifest.db")).unwrap();
        let (blocks, rest) = Array::slice_as_chunks_mut(&mut bytes);
        assert!(rest.is_empty());
        cbc::Decryptor::<Aes256>::new((&self.manifest).into(), (&[0; 16]).into())
            .decrypt_blocks(blocks);
        bytes
    }

    /// These whole blocks as they stand in `Manifest.db`.
    pub fn seal_manifest(&self, plain: &[u8]) -> Vec<u8> {
        let mut bytes = plain.to_vec();
        let (blocks, rest) = Array::slice_as_chunks_mut(&mut bytes);
        assert!(rest.is_empty());
        cbc::Encryptor::<Aes256>::new((&self.manifest).into(), (&[0; 16]).into())
            .encrypt_blocks(blocks);
        bytes
    }
}

/// Tags and values of a keybag, in order.
fn parts(mut bag: &[u8]) -> Vec<([u8; 4], &[u8])> {
    let mut parts = Vec::new();
    while !bag.is_empty() {
        let len = number(&bag[4..8]) as usize;
        parts.push((bag[..4].try_into().unwrap(), &bag[8..8 + len]));
        bag = &bag[8 + len..];
    }
    parts
}

fn number(bytes: &[u8]) -> u32 {
    u32::from_be_bytes(bytes.try_into().unwrap())
}

fn unwrapped(with: &Key, wrapped: &[u8]) -> Key {
    let mut key = [0; 32];
    KwAes256::new(with.into())
        .unwrap_key(wrapped, &mut key)
        .expect("the password opens it");
    key
}

/// Writes a file, and leaves it as old as it was.
pub fn overwrite(path: &Path, bytes: &[u8]) {
    let modified = fs::metadata(path).unwrap().modified().unwrap();
    fs::write(path, bytes).unwrap();
    let file = fs::OpenOptions::new().write(true).open(path).unwrap();
    file.set_modified(modified).unwrap();
}
