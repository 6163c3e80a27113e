//! Backups that a password opens, opened here as F§11.2 says.

use aes::Aes256;
use aes::cipher::{Array, BlockModeDecrypt as _, KeyIvInit as _};
use aes_kw::{KeyInit as _, KwAes256};
use pbkdf2::pbkdf2_hmac_array;
use sha2::Sha256;

use super::*;
use crate::support::{Padding, empty_folder};

const PASSWORD: &str = "Gru\u{df} aus K\u{f6}ln";

type Key = [u8; 32];

fn unwrap(key: &Key, wrapped: &[u8]) -> Option<Key> {
    let mut plain = [0; 32];
    let kek = KwAes256::new(key.into());
    kek.unwrap_key(wrapped, &mut plain).ok()?;
    Some(plain)
}

/// The keys of all classes that this password opens.
pub fn class_keys(backup: &Path, password: &str) -> BTreeMap<u32, Key> {
    let bag = key_bag(backup);
    let header = &bag[0];
    let mut derived = password.as_bytes().to_vec();
    if let Some(salt) = header.get("DPSL") {
        let rounds = number(&header["DPIC"]);
        derived = pbkdf2_hmac_array::<Sha256, 32>(&derived, salt, rounds).to_vec();
    }
    let rounds = number(&header["ITER"]);
    let derived = pbkdf2_hmac_array::<Sha1, 32>(&derived, &header["SALT"], rounds);
    let mut keys = BTreeMap::new();
    for class in &bag[1..] {
        let key = class.get("WPKY").and_then(|key| unwrap(&derived, key));
        if let (Some(key), Some(class)) = (key, class.get("CLAS")) {
            keys.insert(number(class), key);
        }
    }
    keys
}

/// Opens `ManifestKey` or an `EncryptionKey`.
pub fn content_key(classes: &BTreeMap<u32, Key>, key: &[u8]) -> Option<Key> {
    let (class, wrapped) = key.split_first_chunk::<4>()?;
    unwrap(classes.get(&u32::from_le_bytes(*class))?, wrapped)
}

/// Decrypts all blocks; what pads them stays.
pub fn decrypt(key: &Key, bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let (blocks, rest) = Array::slice_as_chunks_mut(&mut bytes);
    assert!(rest.is_empty());
    cbc::Decryptor::<Aes256>::new(key.into(), (&[0; 16]).into()).decrypt_blocks(blocks);
    bytes
}

/// Takes away a padding of PKCS#7, which must be there.
pub fn unpadded(mut bytes: Vec<u8>) -> Vec<u8> {
    let count = *bytes.last().unwrap();
    assert!((1..=16).contains(&count));
    let len = bytes.len() - usize::from(count);
    assert!(bytes.split_off(len).iter().all(|byte| *byte == count));
    bytes
}

pub fn manifest_key(backup: &Path, classes: &BTreeMap<u32, Key>) -> Option<Key> {
    let manifest = plist(&backup.join("Manifest.plist"));
    content_key(classes, manifest.get("ManifestKey")?.as_data()?)
}

/// Manifest.db as it is after decryption, with what pads it.
fn manifest(backup: &Path, password: &str) -> Vec<u8> {
    let key = manifest_key(backup, &class_keys(backup, password)).unwrap();
    decrypt(&key, &fs::read(backup.join("Manifest.db")).unwrap())
}

/// A folder with a plain copy of Manifest.db.
fn opened(backup: &Path, password: &str) -> TempDir {
    let folder = empty_folder();
    let db = unpadded(manifest(backup, password));
    fs::write(folder.path().join("Manifest.db"), db).unwrap();
    folder
}

fn stored(backup: &Path, domain: &str, path: &str) -> Vec<u8> {
    fs::read(payload_path(backup, domain, path)).unwrap()
}

/// The payload as it is after decryption, with what pads it.
fn payload(backup: &Path, domain: &str, path: &str) -> Vec<u8> {
    let classes = class_keys(backup, PASSWORD);
    let file = MbFile::of(opened(backup, PASSWORD).path(), domain, path);
    let key = content_key(&classes, file.bytes("EncryptionKey").unwrap()).unwrap();
    decrypt(&key, &stored(backup, domain, path))
}

#[test]
fn a_password_opens_all_of_a_backup() {
    let (_parent, plain) = healthy();
    let (_parent, backup) = write(builder().encrypted_with(PASSWORD));
    let classes = class_keys(&backup, PASSWORD);
    assert!(classes.keys().copied().eq(1..=11), "{:?}", classes.keys());
    let distinct: BTreeSet<_> = classes.values().collect();
    assert_eq!(distinct.len(), 11);
    assert!(class_keys(&backup, "Gruss aus Koeln").is_empty());

    let folder = opened(&backup, PASSWORD);
    let db = open(folder.path());
    let check = db.query_one("PRAGMA integrity_check", (), |row| row.get::<_, String>(0));
    assert_eq!(check.unwrap(), "ok");
    let (mut files, mut health) = (0, 0);
    for row in rows(folder.path()) {
        let Some(blob) = &row.blob else { continue };
        let file = MbFile::read(blob);
        let key = file.bytes("EncryptionKey");
        assert_eq!(key.is_some(), row.flags & 1 == 1);
        let place = row.place();
        if !row.needs_payload() {
            assert!(!backup.join(place).exists());
            continue;
        }
        let key = key.unwrap();
        let class = file.number("ProtectionClass").to_le_bytes();
        assert_eq!(key[..4], class[..4]);
        let key = content_key(&classes, key).unwrap();
        let bytes = fs::read(backup.join(&place)).unwrap();
        if let Some(digest) = file.bytes("Digest") {
            assert_eq!(digest, sha1(&bytes));
        }
        let content = unpadded(decrypt(&key, &bytes));
        if row.domain.as_deref() == Some("HealthDomain") {
            assert!(content.starts_with(b"SQLite format 3\0"));
            health += 1;
        } else {
            assert_eq!(content, fs::read(plain.join(place)).unwrap());
        }
        files += 1;
    }
    let of_plain = rows(&plain).into_iter().filter(DbRow::needs_payload);
    assert_eq!((files, health), (of_plain.count() + 1, 1));
}

#[test]
fn a_password_opens_an_old_backup() {
    let (_parent, plain) = write(builder().mbdb());
    let (_parent, backup) = write(builder().mbdb().encrypted_with(PASSWORD));
    let classes = class_keys(&backup, PASSWORD);
    assert_eq!(classes.len(), 11);
    let mut files = 0;
    for record in mbdb_records(&backup) {
        let id = record.id();
        let Some(key) = record.key else { continue };
        let key = content_key(&classes, &key).unwrap();
        let bytes = fs::read(backup.join(&id)).unwrap();
        if let Some(digest) = record.digest {
            assert_eq!(digest, sha1(&bytes));
        }
        let content = unpadded(decrypt(&key, &bytes));
        if record.domain != b"HealthDomain" {
            assert_eq!(content, fs::read(plain.join(id)).unwrap());
        }
        files += 1;
    }
    assert!(files > 10, "{files}");
}

#[test]
fn ios_10_0_hides_the_file_column_only() {
    let (_parent, noise) = write(builder().encrypted_ios10_0());
    let (_parent2, backup) = write(builder().encrypted_ios10_0_with(PASSWORD));
    for backup in [&noise, &backup] {
        let manifest = json!({ "IsEncrypted": true, "ManifestKey": null });
        assert_says(backup, "Manifest.plist", manifest);
        assert_says(backup, "Status.plist", json!({ "Version": "3.2" }));
        let sms = row(backup, SMS.0, SMS.1).blob.unwrap();
        assert!(!sms.starts_with(b"bplist"));
        assert_eq!(stored(backup, SMS.0, SMS.1).len() % 4096, 16);
        let keys = "SELECT group_concat(key ORDER BY key) FROM Properties";
        let keys = open(backup).query_one(keys, (), |row| row.get::<_, String>(0));
        assert_eq!(keys.unwrap(), "passwordHash,salt");
    }
    assert_eq!(class_keys(&backup, PASSWORD).len(), 11);
    assert!(class_keys(&backup, "other").is_empty());
    assert!(!key_bag(&backup)[0].contains_key("DPIC"));
    let property = |key: &str| -> Vec<u8> {
        let sql = "SELECT value FROM Properties WHERE key = ?1";
        let db = open(&backup);
        db.query_one(sql, [key], |row| row.get(0)).unwrap()
    };
    let salted = [PASSWORD.as_bytes(), &property("salt")].concat();
    assert_eq!(property("passwordHash"), Sha256::digest(salted).to_vec());
}

#[test]
fn the_manifest_is_padded_as_asked_for() {
    let write = |padding| {
        let builder = builder().encrypted_with(PASSWORD);
        let (_parent, backup) = write(builder.manifest_padding(padding));
        manifest(&backup, PASSWORD)
    };
    let plain = write(Padding::None);
    assert!(plain.starts_with(b"SQLite format 3\0"));
    assert_eq!(plain.len() % 4096, 0);
    assert_eq!(write(Padding::Pkcs7), [&plain[..], &[16; 16]].concat());
    assert_eq!(write(Padding::Zeros), [&plain[..], &[0; 16]].concat());
}

#[test]
fn payloads_are_padded_as_asked_for() {
    let domain = "HomeDomain";
    let mut builder = builder().bare().encrypted_with(PASSWORD);
    let contents: [(&str, &[u8]); 3] = [("empty", b""), ("odd", b"odd"), ("whole", &[7; 32])];
    let paddings = [Padding::Pkcs7, Padding::None, Padding::Zeros];
    for (name, content) in contents {
        for padding in paddings {
            let path = format!("{name} {padding:?}");
            builder = builder.file(domain, &path, content);
            builder = builder.payload_padding(domain, &path, padding);
        }
    }
    let (_parent, backup) = write(builder.add(Row::file(domain, "nothing", b"").stored(b"")));
    for (path, expected) in [
        ("empty Pkcs7", vec![16; 16]),
        ("empty None", vec![]),
        ("empty Zeros", vec![0; 16]),
        ("odd Pkcs7", [&b"odd"[..], &[13; 13]].concat()),
        ("odd None", [&b"odd"[..], &[0; 13]].concat()),
        ("odd Zeros", [&b"odd"[..], &[0; 29]].concat()),
        ("whole Pkcs7", [[7; 16], [7; 16], [16; 16]].concat()),
        ("whole None", vec![7; 32]),
        ("whole Zeros", [[7; 16], [7; 16], [0; 16]].concat()),
        ("nothing", vec![]),
    ] {
        assert_eq!(payload(&backup, domain, path), expected, "{path}");
    }
}

#[test]
fn rounds_are_those_asked_for() {
    let builder = || builder().bare().rounds(123, 45);
    let (_parent, backup) = write(builder().encrypted_with(PASSWORD));
    let bag = key_bag(&backup);
    assert_eq!(["DPIC", "ITER"].map(|tag| number(&bag[0][tag])), [123, 45]);
    assert_eq!(class_keys(&backup, PASSWORD).len(), 11);
    // Nothing is derived for noise.
    let (_parent, backup) = write(builder().encrypted().rounds(u32::MAX, u32::MAX));
    assert_eq!(number(&key_bag(&backup)[0]["DPIC"]), u32::MAX);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn each_part_can_be_damaged_alone() {
    let sealed = || builder().bare().encrypted_with(PASSWORD);
    let two = sealed().damage_class_key(2).damage_class_key(3);
    let of_manifest = sealed().damage_class_key(4);
    let wraps = sealed().class_wrap(1, 1).class_wrap(3, 3);
    let all = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
    // Which classes do not open, and whether the manifest does.
    let cases: [(&str, BackupBuilder, &[u32], bool); 7] = [
        ("nothing", sealed(), &[], true),
        ("the keys of two classes", two, &[2, 3], true),
        ("that of the manifest", of_manifest, &[4], false),
        ("one wrapped by the device, one by both", wraps, &[1], true),
        ("one by the device", sealed().class_wrap(7, 1), &[7], true),
        ("the manifest's", sealed().damage_manifest_key(), &[], false),
        ("the salt", sealed().damage_salt(), &all, false),
    ];
    for (what, builder, closed, manifest_opens) in cases {
        let (_parent, backup) = write(builder);
        let classes = class_keys(&backup, PASSWORD);
        let opens = manifest_key(&backup, &classes).is_some();
        let mut expected = all.to_vec();
        expected.retain(|class| !closed.contains(class));
        assert_eq!(classes.into_keys().collect::<Vec<_>>(), expected, "{what}");
        assert_eq!(opens, manifest_opens, "{what}");
    }
}

/// Where two files differ, and in which bits.
fn differences(one: &[u8], other: &[u8]) -> Vec<(usize, u8)> {
    assert_eq!(one.len(), other.len());
    let pairs = one.iter().zip(other).map(|(one, other)| one ^ other);
    pairs.enumerate().filter(|(_, bits)| *bits != 0).collect()
}

#[test]
fn one_bit_is_flipped_in_what_is_stored() {
    let eras: [fn(BackupBuilder) -> BackupBuilder; 4] = [
        |it| it,
        BackupBuilder::mbdb,
        |it| it.encrypted_with(PASSWORD),
        |it| it.encrypted_with(PASSWORD).mbdb(),
    ];
    for era in eras {
        let small = || {
            let builder = builder().bare().no_empty_shards();
            era(builder.file("HomeDomain", "a", &[1; 5000]))
        };
        let (_parent, whole) = write(small());
        let flipped = small().flip_in_manifest(100).flip_in_manifest(17);
        let (_parent, flipped) = write(flipped.flip_in_payload("HomeDomain", "a", 4095));
        let others = files(&flipped);
        let mut found = BTreeMap::new();
        for (path, bytes) in files(&whole) {
            let name = path.file_name().unwrap().to_str().unwrap();
            found.insert(name.to_owned(), differences(&bytes, &others[&path]));
        }
        found.retain(|_, differences| !differences.is_empty());
        let manifest = found.iter().find(|(name, _)| name.starts_with("Manifest."));
        assert_eq!(manifest.unwrap().1, &[(17, 1), (100, 1)]);
        assert_eq!(found[&file_id("HomeDomain", "a")], [(4095, 1)]);
        assert_eq!(found.len(), 2);
    }
}

#[test]
fn a_record_has_the_key_that_it_is_given() {
    let file = |path: &str| Row::file("HomeDomain", path, b"content");
    let sealed = builder().bare().encrypted_with(PASSWORD);
    let sealed = sealed.add(file("short").key_bytes([3; 43]));
    let sealed = sealed.add(file("none").without_key());
    let (_parent, backup) = write(sealed.add(file("class 9").protection_class(9)));
    let folder = opened(&backup, PASSWORD);
    let mbfile = |path: &str| MbFile::of(folder.path(), "HomeDomain", path);
    assert_eq!(mbfile("short").bytes("EncryptionKey"), Some(&[3; 43][..]));
    assert_eq!(mbfile("none").bytes("EncryptionKey"), None);
    let key = mbfile("class 9").bytes("EncryptionKey").unwrap().to_vec();
    assert_eq!((key.len(), &key[..4]), (44, &[9, 0, 0, 0][..]));
    for path in ["short", "none", "class 9"] {
        let stored = stored(&backup, "HomeDomain", path);
        assert_eq!(mbfile(path).bytes("Digest"), Some(&sha1(&stored)[..]));
        assert_eq!(stored.len(), 16);
    }
}

#[test]
fn sql_runs_before_the_manifest_is_encrypted() {
    let builder = builder().encrypted_with(PASSWORD);
    let (_parent, backup) = write(builder.sql("DELETE FROM Files"));
    assert!(rows(opened(&backup, PASSWORD).path()).is_empty());
}
