//! Checks the backups that the other tests are built on against the format notes, without the
//! code that makes them.

mod databases;
pub mod sealed;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use plist::{Dictionary, Value};
use rusqlite::{Connection, OpenFlags};
use serde_json::json;
use sha1::{Digest as _, Sha1};
use tempfile::TempDir;

use crate::support::{
    BackupBuilder, DigestForm, Row, empty_folder, file_id, flat_payload_path, payload_path,
    tree_digest,
};

const UDID: &str = "00008130-000A1B2C3D4E001C";
const DATE: &str = "2024-05-01T10:00:00Z";
const SMS: (&str, &str) = ("HomeDomain", "Library/SMS/sms.db");

fn builder() -> BackupBuilder {
    BackupBuilder::new(UDID)
}

fn write(builder: BackupBuilder) -> (TempDir, PathBuf) {
    let parent = empty_folder();
    let backup = builder.write(parent.path());
    (parent, backup)
}

fn healthy() -> (TempDir, PathBuf) {
    write(builder())
}

/// Every file below the folder with its content, by relative path.
fn files(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = walkdir::WalkDir::new(root).into_iter().map(Result::unwrap);
    let files = entries.filter(|entry| !entry.path().is_dir());
    let relative = |path: &Path| path.strip_prefix(root).unwrap().to_owned();
    let with_content = |path: &Path| (relative(path), fs::read(path).unwrap());
    files.map(|entry| with_content(entry.path())).collect()
}

fn plist(path: &Path) -> Dictionary {
    Value::from_file(path).unwrap().into_dictionary().unwrap()
}

fn text<'a>(plist: &'a Dictionary, key: &str) -> &'a str {
    plist.get(key).unwrap().as_string().unwrap()
}

fn data<'a>(plist: &'a Dictionary, key: &str) -> &'a [u8] {
    plist.get(key).unwrap().as_data().unwrap()
}

/// What the plist of this name says of some keys; `null` stands for one that is not there.
#[track_caller]
fn assert_says(backup: &Path, name: &str, expected: serde_json::Value) {
    let found = serde_json::to_value(plist(&backup.join(name))).unwrap();
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(&found[key], value, "{key} of {name}");
    }
}

fn open(backup: &Path) -> Connection {
    let path = backup.join("Manifest.db").display().to_string();
    let path = path.replace('\\', "/");
    let uri = format!("file:///{}?immutable=1", path.trim_start_matches('/'));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(uri, flags).unwrap()
}

#[derive(Clone)]
struct DbRow {
    id: String,
    domain: Option<String>,
    path: Option<String>,
    flags: i64,
    blob: Option<Vec<u8>>,
}

impl DbRow {
    /// The rule of F§1.4.
    fn needs_payload(&self) -> bool {
        self.flags & 54 == 0 && self.blob.is_some()
    }

    /// Where its payload is below the backup.
    fn place(&self) -> PathBuf {
        Path::new(&self.id[..2]).join(&self.id)
    }

    fn is_of(&self, domain: &str, path: &str) -> bool {
        self.domain.as_deref() == Some(domain) && self.path.as_deref() == Some(path)
    }
}

fn rows(backup: &Path) -> Vec<DbRow> {
    let db = open(backup);
    let mut query = db.prepare("SELECT * FROM Files").unwrap();
    let rows = query.query_map((), |row| {
        Ok(DbRow {
            id: row.get(0)?,
            domain: row.get(1)?,
            path: row.get(2)?,
            flags: row.get(3)?,
            blob: row.get(4)?,
        })
    });
    rows.unwrap().map(Result::unwrap).collect()
}

fn row(backup: &Path, domain: &str, path: &str) -> DbRow {
    let mut rows = rows(backup).into_iter();
    rows.find(|row| row.is_of(domain, path)).unwrap()
}

/// An MBFile with its references followed.
struct MbFile {
    fields: Dictionary,
    objects: Vec<Value>,
}

impl MbFile {
    fn read(blob: &[u8]) -> Self {
        assert!(blob.starts_with(b"bplist00"));
        let archive = Value::from_reader(std::io::Cursor::new(blob)).unwrap();
        let archive = archive.as_dictionary().unwrap();
        assert_eq!(text(archive, "$archiver"), "NSKeyedArchiver");
        let version = archive.get("$version").unwrap();
        assert_eq!(version.as_signed_integer(), Some(100_000));
        let objects = archive.get("$objects").unwrap().as_array().unwrap().clone();
        assert_eq!(objects[0].as_string(), Some("$null"));
        let top = archive.get("$top").unwrap().as_dictionary().unwrap();
        let root = top.get("root").unwrap().as_uid().unwrap();
        assert_eq!(root.get(), 1);
        let fields = objects[1].as_dictionary().unwrap().clone();
        let file = Self { fields, objects };
        let class = file.get("$class").unwrap().as_dictionary().unwrap();
        assert_eq!(text(class, "$classname"), "MBFile");
        file
    }

    fn of(backup: &Path, domain: &str, path: &str) -> Self {
        Self::read(&row(backup, domain, path).blob.unwrap())
    }

    fn get(&self, key: &str) -> Option<&Value> {
        let value = self.fields.get(key)?;
        match value.as_uid() {
            Some(uid) => self.objects.get(usize::try_from(uid.get()).unwrap()),
            None => Some(value),
        }
    }

    fn number(&self, key: &str) -> i64 {
        assert!(self.fields.get(key).unwrap().as_uid().is_none(), "{key}");
        self.fields.get(key).unwrap().as_signed_integer().unwrap()
    }

    fn bytes(&self, key: &str) -> Option<&[u8]> {
        let value = self.get(key)?;
        let archived = || value.as_dictionary()?.get("NS.data")?.as_data();
        value.as_data().or_else(archived)
    }
}

fn sha1(bytes: &[u8]) -> Vec<u8> {
    Sha1::digest(bytes).to_vec()
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn same_calls_give_the_same_bytes() {
    type Variant = fn(BackupBuilder) -> BackupBuilder;
    let variants: [(&str, Variant); 9] = [
        ("healthy", |it| it),
        ("mbdb", BackupBuilder::mbdb),
        ("encrypted", BackupBuilder::encrypted),
        ("iOS 10.0", BackupBuilder::encrypted_ios10_0),
        ("encrypted mbdb", |it| it.encrypted().mbdb()),
        ("with a password", |it| it.encrypted_with("p")),
        ("iOS 10.0 with one", |it| it.encrypted_ios10_0_with("p")),
        ("mbdb with one", |it| it.encrypted_with("p").mbdb()),
        ("damaged", |it| {
            let it = it.encrypted_with("p").damage_salt();
            it.damage_manifest_key().damage_class_key(2)
        }),
    ];
    for (name, variant) in variants {
        let (_one, first) = write(variant(builder()));
        let (_two, second) = write(variant(builder()));
        assert!(files(&first) == files(&second), "{name}");
    }
}

#[test]
fn the_plists_are_those_of_a_device() {
    let (_parent, backup) = healthy();
    let bytes = ["Info", "Manifest", "Status"]
        .map(|name| fs::read(backup.join(format!("{name}.plist"))).unwrap());
    assert!(bytes[0].starts_with(b"<?xml"));
    assert!(bytes[1].starts_with(b"bplist00"));
    assert!(bytes[2].starts_with(b"bplist00"));
    assert_eq!(bytes[2].len(), 189);
    let info = json!({
        "Device Name": "Test iPhone", "Product Name": "iPhone 15 Pro", "Product Type": "iPhone16,1",
        "Product Version": "17.5.1", "Build Version": "21F90", "Target Identifier": UDID,
        "Last Backup Date": DATE,
    });
    assert_says(&backup, "Info.plist", info);
    let manifest = json!({
        "Version": "10.0", "IsEncrypted": false, "ManifestKey": null, "Date": DATE,
    });
    assert_says(&backup, "Manifest.plist", manifest);
    let manifest = plist(&backup.join("Manifest.plist"));
    // The size of the one real bag of this kind that was looked at (F§11.1).
    assert_eq!(data(&manifest, "BackupKeyBag").len(), 1336);
    let lockdown = manifest.get("Lockdown").unwrap().as_dictionary().unwrap();
    assert_eq!(text(lockdown, "UniqueDeviceID"), UDID);
    assert_eq!(text(lockdown, "DeviceName"), "Test iPhone");
    let mut status = plist(&backup.join("Status.plist"));
    let uuid = status.remove("UUID").unwrap();
    assert_eq!(uuid.as_string().unwrap().len(), 36);
    let others = json!({
        "Version": "3.3", "BackupState": "new", "SnapshotState": "finished", "IsFullBackup": false,
        "Date": DATE,
    });
    assert_eq!(serde_json::to_value(status).unwrap(), others);
}

#[test]
fn options_reach_the_plists() {
    let options = builder()
        .folder_name("renamed")
        .device("Test iPad", "iPad13,1", None, "16.2", "20C65")
        .date("2023-01-02T03:04:05Z")
        .snapshot_state("uploading")
        .backup_state("empty")
        .info(|info| drop(info.insert("Phone Number".into(), "1".into())))
        .info(|info| drop(info.remove("GUID")))
        .status(|status| drop(status.remove("UUID")))
        .manifest_plist(|manifest| drop(manifest.remove("Applications")));
    let (parent, backup) = write(options);
    assert_eq!(backup, parent.path().join("renamed"));
    let info = json!({
        "Product Type": "iPad13,1", "Phone Number": "1", "GUID": null, "Product Name": null,
    });
    assert_says(&backup, "Info.plist", info);
    let status = json!({ "SnapshotState": "uploading", "BackupState": "empty", "UUID": null });
    assert_says(&backup, "Status.plist", status);
    let manifest = json!({ "Applications": null, "Date": "2023-01-02T03:04:05Z" });
    assert_says(&backup, "Manifest.plist", manifest);
}

#[test]
fn manifest_db_is_that_of_a_device() {
    let (_parent, backup) = healthy();
    let db = fs::read(backup.join("Manifest.db")).unwrap();
    let number = |at: usize| u32::from_be_bytes(db[at..at + 4].try_into().unwrap());
    assert!(db.starts_with(b"SQLite format 3\0"));
    assert_eq!(u16::from_be_bytes([db[16], db[17]]), 4096);
    assert_eq!((db[18], db[19]), (2, 2), "WAL format");
    assert_eq!(usize::try_from(number(28)).unwrap() * 4096, db.len());
    assert_eq!(number(24), number(92), "the page count is valid");
    assert_ne!(number(52), 0, "auto_vacuum is on");
    assert_eq!(number(56), 1, "UTF-8");
    assert_eq!(number(60), 2, "user_version");
    assert_eq!(number(64), 0, "auto_vacuum is full");
    for name in ["Manifest.db-wal", "Manifest.db-shm", "Manifest.db-journal"] {
        assert!(!backup.join(name).exists(), "{name}");
    }

    let db = open(&backup);
    let one = |sql: &str| -> String { db.query_one(sql, (), |row| row.get(0)).unwrap() };
    assert_eq!(one("PRAGMA integrity_check"), "ok");
    assert_eq!(one("SELECT count(*) || '' FROM Properties"), "0");
    let sql_of = |name| {
        let sql = format!("SELECT sql FROM sqlite_master WHERE name='{name}'");
        one(&sql)
    };
    let files = "CREATE TABLE Files (fileID TEXT PRIMARY KEY, domain TEXT, relativePath TEXT, \
                 flags INTEGER, file BLOB)";
    assert_eq!(sql_of("Files"), files);
    let properties = "CREATE TABLE Properties (key TEXT PRIMARY KEY, value BLOB)";
    assert_eq!(sql_of("Properties"), properties);
    assert!(sql_of("FilesDomainIdx").ends_with("Files(domain)"));
    assert!(sql_of("FilesRelativePathIdx").ends_with("Files(relativePath)"));
    assert!(sql_of("FilesFlagsIdx").ends_with("Files(flags)"));
}

#[test]
fn file_ids_are_the_known_ones() {
    let known = "\
        3d0d7e5fb2ce288813306e4d4636395e047a3d28 HomeDomain Library/SMS/sms.db
        12b144c0bd44f2b3dffd9186d3f9c05b917cee25 CameraRollDomain Media/PhotoData/Photos.sqlite
        31bb7ba8914766d4ba40d6dfb6113c8b614be442 HomeDomain Library/AddressBook/AddressBook.sqlitedb
        7c7fba66680ef796b916b067077cc246adacf01d AppDomainGroup-group.net.whatsapp.WhatsApp.shared \
        ChatStorage.sqlite";
    let (_parent, backup) = healthy();
    for line in known.lines() {
        let [id, domain, path] = line.split_whitespace().collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        assert_eq!(file_id(domain, path), id);
        assert!(payload_path(&backup, domain, path).is_file(), "{line}");
        assert!(backup.join(&id[..2]).join(id).is_file(), "{line}");
    }
    assert!(file_id("CameraRollDomain", "").starts_with("be1f28f4"));
}

#[test]
fn every_row_fits_its_payload_its_digest_and_the_folders_above_it() {
    let (_parent, backup) = healthy();
    let rows = rows(&backup);
    assert!((40..=80).contains(&rows.len()), "{} rows", rows.len());
    let plists_and_manifest = "Info.plist Manifest.db Manifest.plist Status.plist";
    let mut expected: Vec<PathBuf> = plists_and_manifest.split(' ').map(PathBuf::from).collect();
    let mut forms = BTreeMap::new();
    for row in &rows {
        let (Some(domain), Some(path)) = (&row.domain, &row.path) else {
            assert_eq!(row.flags, 16);
            assert!(row.domain.is_none() && row.path.is_none() && row.blob.is_none());
            continue;
        };
        assert_eq!(row.id, file_id(domain, path), "{domain} {path}");
        let file = MbFile::read(row.blob.as_ref().unwrap());
        assert_eq!(file.get("RelativePath").unwrap().as_string().unwrap(), path);
        let kind = match file.number("Mode") & 0o170_000 {
            0o100_000 => 1,
            0o040_000 => 2,
            0o120_000 => 4,
            other => panic!("mode {other:o}"),
        };
        assert_eq!(row.flags & 7, kind, "{domain} {path}");
        if !path.is_empty() {
            let above = path.rsplit_once('/').map_or("", |(above, _)| above);
            let above = rows.iter().find(|row| row.is_of(domain, above));
            assert_eq!(above.map(|row| row.flags), Some(2), "{domain} {path}");
        }
        assert_eq!(backup.join(row.place()).is_file(), row.needs_payload());
        if !row.needs_payload() {
            continue;
        }
        expected.push(row.place());
        let without = ["AppDomain", "CameraRollDomain", "MediaDomain"];
        let has_digest = !without.iter().any(|prefix| domain.starts_with(prefix));
        assert_eq!(file.fields.contains_key("Digest"), has_digest, "{domain}");
        if has_digest {
            let stored = fs::read(backup.join(row.place())).unwrap();
            assert_eq!(file.bytes("Digest").unwrap(), sha1(&stored));
            let archived = file.get("Digest").unwrap().as_dictionary().is_some();
            *forms.entry(archived).or_insert(0) += 1;
        }
        assert!(!file.fields.contains_key("EncryptionKey"));
    }
    assert!(forms[&true] > 1 && forms[&false] > 1, "both forms are used");
    expected.sort();
    assert_eq!(files(&backup).into_keys().collect::<Vec<_>>(), expected);
}

#[test]
fn all_shard_folders_are_there_or_only_the_used_ones() {
    let shards = |backup: &Path| {
        let entries = fs::read_dir(backup).unwrap().map(Result::unwrap);
        entries.filter(|entry| entry.path().is_dir()).count()
    };
    let (_parent, backup) = healthy();
    assert_eq!(shards(&backup), 256);
    for shard in 0..=255 {
        assert!(backup.join(format!("{shard:02x}")).is_dir());
    }
    let bare = || builder().bare().no_empty_shards();
    let one = || bare().file("HomeDomain", "a", b"a");
    let (_parent, backup) = write(one());
    assert_eq!(shards(&backup), 1);
    let (_parent, backup) = write(one().remove_payload("HomeDomain", "a"));
    assert_eq!(shards(&backup), 0);
}

#[test]
fn usual_rows_hold_the_oddities_of_healthy_backups() {
    let (_parent, backup) = healthy();
    let rows = rows(&backup);
    let mut files = Vec::new();
    for row in rows.iter().filter(|row| row.blob.is_some()) {
        files.push((row, MbFile::read(row.blob.as_ref().unwrap())));
    }
    let count = |what: &dyn Fn(&DbRow, &MbFile) -> bool| {
        files.iter().filter(|(row, file)| what(row, file)).count()
    };
    // What is stored, and what the row says.
    let sizes = |row: &DbRow, file: &MbFile| {
        let stored = fs::metadata(backup.join(row.place())).ok();
        stored.map(|stored| (stored.len().cast_signed(), file.number("Size")))
    };
    let differ = |row: &_, file: &_| sizes(row, file).is_some_and(|(stored, size)| stored != size);
    assert_eq!(count(&differ), 4, "three databases and a WAL");
    assert_eq!(count(&|row, file| sizes(row, file) == Some((0, 0))), 2);
    assert_eq!(count(&|_, file| file.number("GroupID") == -2), 1);
    assert_eq!(count(&|row, _| row.flags == 4), 1);
    assert_eq!(count(&|row, _| row.flags == 17), 1);
    assert_eq!(rows.iter().filter(|row| row.flags == 16).count(), 1);
    let attributes = count(&|_, file| file.bytes("ExtendedAttributes").is_some());
    assert_eq!(attributes, 3);
    for part in ["u\u{308}", "'", "\"", "%"] {
        let paths = rows.iter().filter_map(|row| row.path.as_deref());
        let count = paths.filter(|path| path.contains(part)).count();
        assert_eq!(count, 1, "{part}");
    }
    let is_plugin = |domain: &str| domain.starts_with("AppDomainPlugin-");
    let mut plugin = rows.clone();
    plugin.retain(|row| row.domain.as_deref().is_some_and(is_plugin));
    assert!(plugin.len() > 3);
    assert!(plugin.iter().all(|row| row.flags == 2));
    let (_, link) = files.iter().find(|(row, _)| row.flags == 4).unwrap();
    let target = link.get("Target").unwrap().as_string().unwrap();
    assert!(target.starts_with("/private/var/"));
    let orders = files.iter().map(|(_, file)| file.fields.keys().collect());
    let orders: BTreeSet<Vec<_>> = orders.collect();
    assert!(orders.len() > 20, "{} orders of keys", orders.len());
}

#[test]
fn payloads_are_small_and_databases_open() {
    let (parent, backup) = healthy();
    let copy = parent.path().join("sms.db");
    fs::copy(payload_path(&backup, SMS.0, SMS.1), &copy).unwrap();
    let db = Connection::open(copy).unwrap();
    let text = "SELECT text FROM message";
    let text = db.query_one(text, (), |row| row.get::<_, String>(0));
    assert_eq!(text.unwrap(), "Test");
    let mut files = files(&backup);
    files.remove(Path::new("Manifest.db")).unwrap();
    assert!(files.values().map(Vec::len).sum::<usize>() < 100_000);
}

#[test]
fn encrypted_backups_have_the_right_lengths() {
    let (_parent, plain) = healthy();
    let encrypted = builder().encrypted();
    let encrypted = encrypted.file("HomeDomain", "Library/15", &[0; 15]);
    let encrypted = encrypted.file("HomeDomain", "Library/16", &[0; 16]);
    let (_parent2, backup) = write(encrypted.file("HomeDomain", "Library/0", &[]));
    for (name, len) in [("15", 16), ("16", 32), ("0", 16)] {
        let path = payload_path(&backup, "HomeDomain", &format!("Library/{name}"));
        assert_eq!(fs::metadata(path).unwrap().len(), len, "{name}");
    }
    let db = fs::read(backup.join("Manifest.db")).unwrap();
    assert_eq!(db.len() % 4096, 16);
    assert!(!db.starts_with(b"SQLite"));
    for row in rows(&plain).into_iter().filter(DbRow::needs_payload) {
        let len = |backup: &Path| fs::metadata(backup.join(row.place())).unwrap().len();
        assert_eq!(len(&backup), (len(&plain) / 16 + 1) * 16);
    }
    assert_says(&backup, "Manifest.plist", json!({ "IsEncrypted": true }));
    let manifest = plist(&backup.join("Manifest.plist"));
    let key = data(&manifest, "ManifestKey");
    assert_eq!(key.len(), 44);
    assert!((1..=4).contains(&u32::from_le_bytes(key[..4].try_into().unwrap())));
    for tag in ["DPWT", "DPIC", "DPSL", "SALT", "ITER"] {
        assert!(key_bag(&backup)[0].contains_key(tag), "{tag}");
    }
}

/// The header of the key bag, then its classes.
fn key_bag(backup: &Path) -> Vec<BTreeMap<String, Vec<u8>>> {
    let manifest = plist(&backup.join("Manifest.plist"));
    let mut rest = data(&manifest, "BackupKeyBag");
    let mut groups = vec![BTreeMap::new()];
    while !rest.is_empty() {
        let tag = String::from_utf8(rest[..4].to_vec()).unwrap();
        let len = usize::try_from(number(&rest[4..8])).unwrap();
        let (value, after) = rest[8..].split_at(len);
        if tag == "UUID" && groups.last().unwrap().contains_key("UUID") {
            groups.push(BTreeMap::new());
        }
        groups.last_mut().unwrap().insert(tag, value.to_vec());
        rest = after;
    }
    groups
}

fn number(bytes: &[u8]) -> u32 {
    u32::from_be_bytes(bytes.try_into().unwrap())
}

/// In an encrypted backup in descending order. F§11.1: with both bits the password opens the outer layer.
#[test]
fn key_bag_has_eleven_classes() {
    let (_parent, backup) = healthy();
    let bag = key_bag(&backup);
    let classes = |bag: &[BTreeMap<String, Vec<u8>>]| {
        let classes = bag[1..].iter();
        Vec::from_iter(classes.map(|class| ["CLAS", "WRAP"].map(|tag| number(&class[tag]))))
    };
    let expected = (1..=11).map(|class| [class, if class <= 4 { 2 } else { 3 }]);
    assert_eq!(classes(&bag), expected.collect::<Vec<_>>());
    assert!(!bag[0].contains_key("DPIC"));
    assert_eq!(bag[0]["SALT"].len(), 20);
    assert_eq!(bag[0]["HMCK"].len(), 40);
    assert!(bag[1..].iter().all(|class| class["WPKY"].len() == 40));

    let (_parent, backup) = write(builder().encrypted());
    let wraps = [3, 3, 3, 2, 2, 2, 3, 2, 2, 2, 2];
    let expected = (1..=11).rev().zip(wraps).map(|(class, wrap)| [class, wrap]);
    assert_eq!(classes(&key_bag(&backup)), expected.collect::<Vec<_>>());
}

struct MbdbRecord {
    domain: Vec<u8>,
    path: Vec<u8>,
    target: Option<Vec<u8>>,
    digest: Option<Vec<u8>>,
    key: Option<Vec<u8>>,
    mode: u64,
    gid: u64,
    size: u64,
    class: u64,
    properties: u64,
}

impl MbdbRecord {
    fn id(&self) -> String {
        let id = sha1(&[&self.domain[..], b"-", &self.path].concat());
        id.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn is_file(&self) -> bool {
        self.mode & 0xf000 == 0x8000
    }
}

/// Reads Manifest.mbdb to its very end.
fn mbdb_records(backup: &Path) -> Vec<MbdbRecord> {
    fn number(rest: &mut &[u8], len: usize) -> u64 {
        let bytes = rest.split_off(..len).unwrap().iter();
        bytes.fold(0, |sum, byte| sum << 8 | u64::from(*byte))
    }
    fn string(rest: &mut &[u8]) -> Option<Vec<u8>> {
        let len = Some(number(rest, 2)).filter(|len| *len != 0xffff)?;
        let bytes = rest.split_off(..usize::try_from(len).unwrap());
        Some(bytes.unwrap().to_vec())
    }
    let bytes = fs::read(backup.join("Manifest.mbdb")).unwrap();
    let mut rest = bytes.strip_prefix(b"mbdb\x05\x00").unwrap();
    let mut records = Vec::new();
    while !rest.is_empty() {
        let [domain, path, target, digest, key] = [(); 5].map(|()| string(&mut rest));
        let [mode, _inode, _uid, gid] = [2, 8, 4, 4].map(|len| number(&mut rest, len));
        let _times = [4; 3].map(|len| number(&mut rest, len));
        let [size, class, properties] = [8, 1, 1].map(|len| number(&mut rest, len));
        for _ in 0..properties {
            assert_eq!(string(&mut rest).unwrap(), b"com.apple.TextEncoding");
            assert_eq!(string(&mut rest).unwrap().len(), 15);
        }
        records.push(MbdbRecord {
            domain: domain.unwrap(),
            path: path.unwrap(),
            target,
            digest,
            key,
            mode,
            gid,
            size,
            class,
            properties,
        });
    }
    records
}

#[test]
fn mbdb_lists_flat_payloads() {
    let odd: &[u8] = b"Library/\xff\xfe.bin";
    let row = Row::file("MediaDomain", "", b"odd").raw_path(odd);
    let (_parent, backup) = write(builder().mbdb().add(row));
    let records = mbdb_records(&backup);
    let mut entries = fs::read_dir(&backup).unwrap();
    assert!(entries.all(|entry| entry.unwrap().path().is_file()));
    let sms = fs::read(flat_payload_path(&backup, SMS.0, SMS.1)).unwrap();
    let record = |domain: &str, path: &[u8]| {
        let is_it = |one: &&MbdbRecord| one.domain == domain.as_bytes() && one.path == path;
        records.iter().find(is_it).unwrap()
    };
    let sms_record = record(SMS.0, SMS.1.as_bytes());
    assert_eq!(sms_record.digest, Some(sha1(&sms)));
    assert!(sms_record.is_file());
    assert_ne!(sms_record.size, u64::try_from(sms.len()).unwrap());
    assert_eq!(sms_record.class, 3);
    assert_eq!(record("MediaDomain", odd).size, 3);
    assert!(records.iter().any(|record| record.gid == 0xffff_fffe));
    let properties: u64 = records.iter().map(|record| record.properties).sum();
    assert_eq!(properties, 3);
    assert!(records.iter().all(|record| record.key.is_none()));
    for record in &records {
        let is_link = record.mode & 0xf000 == 0xa000;
        assert_eq!(record.target.is_some(), is_link);
        assert_eq!(backup.join(record.id()).is_file(), record.is_file());
    }
    assert_says(&backup, "Status.plist", json!({ "Version": "2.4" }));
    assert_says(&backup, "Manifest.plist", json!({ "Version": "9.1" }));
    assert!(!backup.join("Manifest.db").exists());
}

#[test]
fn encrypted_mbdb_has_a_key_per_file() {
    let (_parent, backup) = write(builder().mbdb().encrypted());
    for record in mbdb_records(&backup) {
        let key = record.key.as_ref();
        assert_eq!(key.map(Vec::len), record.is_file().then_some(44));
        if let Some(key) = key {
            let class = u32::from_le_bytes(key[..4].try_into().unwrap());
            assert_eq!(u64::from(class), record.class);
        }
    }
    let sms = flat_payload_path(&backup, SMS.0, SMS.1);
    assert_eq!(fs::metadata(sms).unwrap().len() % 4096, 16);
    assert_says(&backup, "Manifest.plist", json!({ "ManifestKey": null }));
    assert!(!key_bag(&backup)[0].contains_key("DPIC"));
}

#[test]
fn row_options_reach_the_row() {
    let domain = "CameraRollDomain";
    let file = |path: &str| Row::file(domain, path, b"12345");
    let (_parent, backup) = write(
        builder()
            .bare()
            .add(file("digest/inline").digest(DigestForm::Inline))
            .add(file("digest/bytes").digest_bytes([7; 20]))
            .add(file("dataless").size(99).st_flags(0x4000_0000).stored(b""))
            .add(file("size").size(-1))
            .add(file("blob").blob(b"nonsense"))
            .add(file("null blob").null_blob())
            .add(file("gone").no_payload())
            .add(file("id").id("../../etc"))
            .add(file("upper").id(&"AB".repeat(20)))
            .add(Row::directory(domain, "folder").stored(b"odd"))
            .add(file("deep/down").no_parents()),
    );
    let mbfile = |path: &str| MbFile::of(&backup, domain, path);
    let stored = |path: &str| fs::read(payload_path(&backup, domain, path)).ok();
    let inline = mbfile("digest/inline");
    assert_eq!(inline.fields["Digest"].as_data(), Some(&sha1(b"12345")[..]));
    assert_eq!(mbfile("digest/bytes").bytes("Digest"), Some(&[7; 20][..]));
    assert_eq!(mbfile("dataless").number("Flags"), 0x4000_0000);
    assert_eq!(mbfile("dataless").number("Size"), 99);
    assert_eq!(stored("dataless"), Some(Vec::new()));
    assert_eq!(mbfile("size").number("Size"), -1);
    assert_eq!(row(&backup, domain, "blob").blob.unwrap(), b"nonsense");
    assert!(row(&backup, domain, "null blob").blob.is_none());
    assert!(stored("null blob").is_some());
    assert!(stored("gone").is_none());
    assert_eq!(row(&backup, domain, "id").id, "../../etc");
    assert!(stored("id").is_none());
    assert!(backup.join("ab").join("ab".repeat(20)).is_file());
    assert!(stored("folder").is_some());
    let rows = rows(&backup);
    for (path, is_there) in [("digest", true), ("deep", false), ("", true)] {
        let found = rows.iter().any(|row| row.path.as_deref() == Some(path));
        assert_eq!(found, is_there, "{path}");
    }
    assert_eq!(rows.len(), 13);
}

#[test]
fn an_added_row_replaces_a_usual_one_and_overrides_are_applied_last() {
    let mine = builder().file(SMS.0, SMS.1, b"mine");
    let (_parent, backup) = write(mine);
    let sms = |backup: &Path| fs::read(payload_path(backup, SMS.0, SMS.1)).unwrap();
    assert_eq!(sms(&backup), b"mine");

    let overridden = builder()
        .sql("DELETE FROM Files")
        .sql("INSERT INTO Properties VALUES ('a', 'b')")
        .payload(SMS.0, SMS.1, b"short")
        .remove_payload("MediaDomain", "Library/x")
        .file("MediaDomain", "Library/x", b"x")
        .without("Info.plist")
        .without("Status.plist")
        .raw("Status.plist", b"odd")
        .raw("Snapshot/ab/file", b"left");
    let (_parent, backup) = write(overridden);
    assert!(rows(&backup).is_empty());
    assert_eq!(sms(&backup), b"short");
    assert!(!payload_path(&backup, "MediaDomain", "Library/x").exists());
    assert!(!backup.join("Info.plist").exists());
    assert_eq!(fs::read(backup.join("Status.plist")).unwrap(), b"odd");
    assert_eq!(fs::read(backup.join("Snapshot/ab/file")).unwrap(), b"left");
}

#[test]
fn snapshot_holds_what_was_uploaded() {
    let uploaded = builder().bare().file("HomeDomain", "a", b"new");
    let (_parent, backup) = write(builder().snapshot_state("moving").snapshot(uploaded));
    let snapshot = backup.join("Snapshot");
    assert!(payload_path(&snapshot, "HomeDomain", "a").is_file());
    assert_eq!(rows(&snapshot).len(), 2);
    assert!(snapshot.join("Manifest.plist").is_file());
    assert!(snapshot.join("00").is_dir());
    assert!(!snapshot.join("Status.plist").exists());
    assert!(!snapshot.join("Info.plist").exists());
}

#[test]
fn files_have_the_time_asked_for() {
    let [date, mtime] = ["2022-02-02T02:02:02Z", "2021-01-01T00:00:00Z"];
    for (builder, expected) in [
        (builder(), DATE),
        (builder().date(date), date),
        (builder().mtime(mtime), mtime),
    ] {
        let expected = SystemTime::from(expected.parse::<jiff::Timestamp>().unwrap());
        let (_parent, backup) = write(builder.raw("Snapshot/.DS_Store", b""));
        for path in files(&backup).keys() {
            let metadata = fs::metadata(backup.join(path)).unwrap();
            assert_eq!(metadata.modified().unwrap(), expected, "{}", path.display());
        }
    }
}

#[test]
fn tree_digest_sees_every_change() {
    let (_parent, backup) = healthy();
    let before = tree_digest(&backup);
    assert_eq!(tree_digest(&backup), before);
    let status = backup.join("Status.plist");
    let modified = fs::metadata(&status).unwrap().modified().unwrap();
    let whole = fs::read(&status).unwrap();
    let mut flipped = whole.clone();
    flipped[100] ^= 1;
    fs::write(&status, &flipped).unwrap();
    let file = fs::OpenOptions::new().write(true).open(&status).unwrap();
    file.set_modified(modified).unwrap();
    assert_ne!(tree_digest(&backup), before, "content alone");
    fs::write(&status, &whole).unwrap();
    assert_ne!(tree_digest(&backup), before, "time alone");
    file.set_modified(modified).unwrap();
    assert_eq!(tree_digest(&backup), before);
    fs::write(backup.join("Manifest.db-shm"), b"").unwrap();
    assert_ne!(tree_digest(&backup), before, "a new file");
}

#[cfg(unix)]
#[test]
fn tree_digest_takes_links_and_closed_folders() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let (_parent, backup) = healthy();
    symlink(&backup, backup.join("loop")).unwrap();
    let linked = tree_digest(&backup);
    fs::remove_file(backup.join("loop")).unwrap();
    symlink("nowhere", backup.join("loop")).unwrap();
    let dangling = tree_digest(&backup);
    assert_ne!(linked, dangling);
    let shard = backup.join("3d");
    let permissions = fs::metadata(&shard).unwrap().permissions();
    fs::set_permissions(&shard, fs::Permissions::from_mode(0o000)).unwrap();
    let closed = tree_digest(&backup);
    fs::set_permissions(&shard, permissions).unwrap();
    assert_ne!(closed, dangling);
}
