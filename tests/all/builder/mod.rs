//! Checks the backups that the other tests are built on against the format notes, without the
//! code that makes them.

mod databases;
mod sealed;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::support::{
    BackupBuilder, DigestForm, Row, file_id, flat_payload_path, payload_path, tree_digest,
};
use plist::{Dictionary, Value};
use rusqlite::{Connection, OpenFlags};
use sha1::{Digest as _, Sha1};
use tempfile::TempDir;

const UDID: &str = "00008130-000A1B2C3D4E001C";
const DATE: &str = "2024-05-01T10:00:00Z";

fn write(builder: BackupBuilder) -> (TempDir, PathBuf) {
    let parent = tempfile::tempdir().unwrap();
    let backup = builder.write(parent.path());
    (parent, backup)
}

fn healthy() -> (TempDir, PathBuf) {
    write(BackupBuilder::new(UDID))
}

/// Every file below the folder with its content, by relative path.
fn files(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let relative = path.strip_prefix(root).unwrap().to_owned();
                files.insert(relative, fs::read(&path).unwrap());
            }
        }
    }
    files
}

fn plist(path: &Path) -> Dictionary {
    Value::from_file(path).unwrap().into_dictionary().unwrap()
}

fn text<'a>(plist: &'a Dictionary, key: &str) -> &'a str {
    plist.get(key).unwrap().as_string().unwrap()
}

fn open(backup: &Path) -> Connection {
    let path = backup.join("Manifest.db").display().to_string();
    let path = path.replace('\\', "/");
    let uri = format!("file:///{}?immutable=1", path.trim_start_matches('/'));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(uri, flags).unwrap()
}

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

    fn in_domain(&self, domain: &str) -> bool {
        self.domain.as_deref() == Some(domain)
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
    rows(backup)
        .into_iter()
        .find(|row| row.in_domain(domain) && row.path.as_deref() == Some(path))
        .unwrap()
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
        value
            .as_data()
            .or_else(|| value.as_dictionary()?.get("NS.data")?.as_data())
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
        ("healthy", |builder| builder),
        ("mbdb", BackupBuilder::mbdb),
        ("encrypted", BackupBuilder::encrypted),
        ("iOS 10.0", BackupBuilder::encrypted_ios10_0),
        ("encrypted mbdb", |builder| builder.encrypted().mbdb()),
        ("with a password", |builder| builder.encrypted_with("p")),
        ("iOS 10.0 with one", |builder| {
            builder.encrypted_ios10_0_with("p")
        }),
        ("mbdb with one", |builder| {
            builder.encrypted_with("p").mbdb()
        }),
        ("damaged", |builder| {
            let builder = builder.encrypted_with("p").damage_salt();
            builder.damage_manifest_key().damage_class_key(2)
        }),
    ];
    for (name, variant) in variants {
        let (_one, first) = write(variant(BackupBuilder::new(UDID)));
        let (_two, second) = write(variant(BackupBuilder::new(UDID)));
        assert!(files(&first) == files(&second), "{name}");
    }
}

#[test]
fn status_has_six_keys_in_189_bytes() {
    let (_parent, backup) = healthy();
    let path = backup.join("Status.plist");
    let bytes = fs::read(&path).unwrap();
    assert!(bytes.starts_with(b"bplist00"));
    assert_eq!(bytes.len(), 189);
    let status = plist(&path);
    assert_eq!(status.len(), 6);
    assert_eq!(text(&status, "Version"), "3.3");
    assert_eq!(text(&status, "BackupState"), "new");
    assert_eq!(text(&status, "SnapshotState"), "finished");
    assert_eq!(text(&status, "UUID").len(), 36);
    assert_eq!(
        status.get("IsFullBackup").unwrap().as_boolean(),
        Some(false)
    );
}

#[test]
fn plists_agree_about_device_and_date() {
    let (_parent, backup) = healthy();
    let info_bytes = fs::read(backup.join("Info.plist")).unwrap();
    assert!(info_bytes.starts_with(b"<?xml"));
    let info = plist(&backup.join("Info.plist"));
    assert_eq!(text(&info, "Device Name"), "Test iPhone");
    assert_eq!(text(&info, "Product Name"), "iPhone 15 Pro");
    assert_eq!(text(&info, "Product Type"), "iPhone16,1");
    assert_eq!(text(&info, "Product Version"), "17.5.1");
    assert_eq!(text(&info, "Build Version"), "21F90");
    assert_eq!(text(&info, "Target Identifier"), UDID);
    let manifest_bytes = fs::read(backup.join("Manifest.plist")).unwrap();
    assert!(manifest_bytes.starts_with(b"bplist00"));
    let manifest = plist(&backup.join("Manifest.plist"));
    assert_eq!(text(&manifest, "Version"), "10.0");
    assert_eq!(
        manifest.get("IsEncrypted").unwrap().as_boolean(),
        Some(false)
    );
    assert!(manifest.get("ManifestKey").is_none());
    // The size of the one real bag of this kind that was looked at (F§11.1).
    let bag = manifest.get("BackupKeyBag").unwrap().as_data().unwrap();
    assert_eq!(bag.len(), 1336);
    let lockdown = manifest.get("Lockdown").unwrap().as_dictionary().unwrap();
    assert_eq!(text(lockdown, "UniqueDeviceID"), UDID);
    assert_eq!(text(lockdown, "DeviceName"), "Test iPhone");
    let status = plist(&backup.join("Status.plist"));
    for (plist, key) in [
        (info, "Last Backup Date"),
        (status, "Date"),
        (manifest, "Date"),
    ] {
        let date = plist.get(key).unwrap().as_date().unwrap();
        assert_eq!(date.to_xml_format(), DATE);
    }
}

#[test]
fn options_reach_the_plists() {
    let (parent, backup) = write(
        BackupBuilder::new(UDID)
            .folder_name("renamed")
            .device("Test iPad", "iPad13,1", None, "16.2", "20C65")
            .date("2023-01-02T03:04:05Z")
            .snapshot_state("uploading")
            .backup_state("empty")
            .info(|info| {
                info.insert("Phone Number".into(), "1".into());
            })
            .info(|info| {
                info.remove("GUID");
            })
            .status(|status| {
                status.remove("UUID");
            })
            .manifest_plist(|manifest| {
                manifest.remove("Applications");
            }),
    );
    assert_eq!(backup, parent.path().join("renamed"));
    let info = plist(&backup.join("Info.plist"));
    assert_eq!(text(&info, "Product Type"), "iPad13,1");
    assert_eq!(text(&info, "Phone Number"), "1");
    assert!(info.get("GUID").is_none());
    assert!(info.get("Product Name").is_none());
    let status = plist(&backup.join("Status.plist"));
    assert_eq!(text(&status, "SnapshotState"), "uploading");
    assert_eq!(text(&status, "BackupState"), "empty");
    assert!(status.get("UUID").is_none());
    let manifest = plist(&backup.join("Manifest.plist"));
    assert!(manifest.get("Applications").is_none());
    let date = manifest.get("Date").unwrap().as_date().unwrap();
    assert_eq!(date.to_xml_format(), "2023-01-02T03:04:05Z");
}

#[test]
fn database_header_is_that_of_a_device() {
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
}

#[test]
fn database_schema_is_that_of_a_device() {
    let (_parent, backup) = healthy();
    let db = open(&backup);
    let one = |sql: &str| {
        db.query_one(sql, (), |row| row.get::<_, String>(0))
            .unwrap()
    };
    assert_eq!(one("PRAGMA integrity_check"), "ok");
    let sql_of = |name: &str| {
        one(&format!(
            "SELECT sql FROM sqlite_master WHERE name='{name}'"
        ))
    };
    assert_eq!(
        sql_of("Files"),
        "CREATE TABLE Files (fileID TEXT PRIMARY KEY, domain TEXT, relativePath TEXT, \
         flags INTEGER, file BLOB)"
    );
    assert_eq!(
        sql_of("Properties"),
        "CREATE TABLE Properties (key TEXT PRIMARY KEY, value BLOB)"
    );
    for (index, column) in [
        ("FilesDomainIdx", "domain"),
        ("FilesRelativePathIdx", "relativePath"),
        ("FilesFlagsIdx", "flags"),
    ] {
        assert!(sql_of(index).ends_with(&format!("Files({column})")));
    }
    assert_eq!(one("SELECT count(*) || '' FROM Properties"), "0");
}

#[test]
fn file_ids_are_the_known_ones() {
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
        (
            "HomeDomain",
            "Library/AddressBook/AddressBook.sqlitedb",
            "31bb7ba8914766d4ba40d6dfb6113c8b614be442",
        ),
        (
            "AppDomainGroup-group.net.whatsapp.WhatsApp.shared",
            "ChatStorage.sqlite",
            "7c7fba66680ef796b916b067077cc246adacf01d",
        ),
    ] {
        assert_eq!(file_id(domain, path), id);
        let (_parent, backup) = healthy();
        assert!(payload_path(&backup, domain, path).is_file());
        assert!(backup.join(&id[..2]).join(id).is_file());
    }
    assert!(file_id("CameraRollDomain", "").starts_with("be1f28f4"));
}

#[test]
fn every_row_fits_its_payload_and_the_folders_above_it() {
    let (_parent, backup) = healthy();
    let rows = rows(&backup);
    assert!((40..=80).contains(&rows.len()), "{} rows", rows.len());
    let mut payloads: Vec<PathBuf> = Vec::new();
    for row in &rows {
        let (Some(domain), Some(path)) = (&row.domain, &row.path) else {
            assert_eq!(row.flags, 16);
            assert!(row.domain.is_none() && row.path.is_none() && row.blob.is_none());
            continue;
        };
        assert_eq!(row.id, file_id(domain, path), "{domain} {path}");
        let file = MbFile::read(row.blob.as_ref().unwrap());
        assert_eq!(
            file.get("RelativePath").unwrap().as_string(),
            Some(&path[..])
        );
        let kind = match file.number("Mode") & 0o170_000 {
            0o100_000 => 1,
            0o040_000 => 2,
            0o120_000 => 4,
            other => panic!("mode {other:o}"),
        };
        assert_eq!(row.flags & 7, kind, "{domain} {path}");
        if !path.is_empty() {
            let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
            let parent_row = rows
                .iter()
                .find(|row| row.in_domain(domain) && row.path.as_deref() == Some(parent));
            assert_eq!(parent_row.map(|row| row.flags), Some(2), "{domain} {path}");
        }
        let payload = Path::new(&row.id[..2]).join(&row.id);
        assert_eq!(backup.join(&payload).is_file(), row.needs_payload());
        if row.needs_payload() {
            payloads.push(payload);
        }
    }
    payloads.sort();
    let mut found = files(&backup);
    for name in [
        "Info.plist",
        "Manifest.db",
        "Manifest.plist",
        "Status.plist",
    ] {
        assert!(found.remove(Path::new(name)).is_some(), "{name}");
    }
    assert_eq!(found.keys().cloned().collect::<Vec<_>>(), payloads);
}

#[test]
fn all_shard_folders_are_there_or_only_the_used_ones() {
    let shards = |backup: &Path| {
        fs::read_dir(backup)
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().path().is_dir())
            .count()
    };
    let (_parent, backup) = healthy();
    assert_eq!(shards(&backup), 256);
    for shard in 0..=255 {
        assert!(backup.join(format!("{shard:02x}")).is_dir());
    }
    let builder = || BackupBuilder::new(UDID).bare().no_empty_shards();
    let (_parent, backup) = write(builder().file("HomeDomain", "a", b"a"));
    assert_eq!(shards(&backup), 1);
    let (_parent, backup) = write(
        builder()
            .file("HomeDomain", "a", b"a")
            .remove_payload("HomeDomain", "a"),
    );
    assert_eq!(shards(&backup), 0);
}

#[test]
fn digests_are_those_of_stored_bytes_in_digesting_domains_only() {
    let (_parent, backup) = healthy();
    let mut forms = BTreeMap::new();
    for row in rows(&backup).into_iter().filter(DbRow::needs_payload) {
        let domain = row.domain.clone().unwrap();
        let file = MbFile::read(row.blob.as_ref().unwrap());
        let has_digest = !["AppDomain", "CameraRollDomain", "MediaDomain"]
            .iter()
            .any(|prefix| domain.starts_with(prefix));
        assert_eq!(file.fields.contains_key("Digest"), has_digest, "{domain}");
        if has_digest {
            let stored = fs::read(backup.join(&row.id[..2]).join(&row.id)).unwrap();
            assert_eq!(file.bytes("Digest").unwrap(), sha1(&stored));
            let archived = file.get("Digest").unwrap().as_dictionary().is_some();
            *forms.entry(archived).or_insert(0) += 1;
        }
        assert!(!file.fields.contains_key("EncryptionKey"));
    }
    assert!(forms[&true] > 1 && forms[&false] > 1, "both forms are used");
}

#[test]
fn usual_rows_hold_the_oddities_of_healthy_backups() {
    let (_parent, backup) = healthy();
    let rows = rows(&backup);
    let stored = |row: &DbRow| fs::metadata(backup.join(&row.id[..2]).join(&row.id)).unwrap();
    let count = |what: &dyn Fn(&DbRow, &MbFile) -> bool| {
        let with_blob = rows.iter().filter(|row| row.blob.is_some());
        with_blob
            .filter(|row| what(row, &MbFile::read(row.blob.as_ref().unwrap())))
            .count()
    };
    let differs = |row: &DbRow, file: &MbFile| {
        row.needs_payload() && stored(row).len().cast_signed() - file.number("Size") != 0
    };
    assert_eq!(count(&differs), 4, "three databases and a WAL");
    assert_eq!(
        count(&|row, file| {
            row.needs_payload() && file.number("Size") == 0 && stored(row).len() == 0
        }),
        2
    );
    assert_eq!(count(&|_, file| file.number("GroupID") == -2), 1);
    assert_eq!(count(&|row, _| row.flags == 4), 1);
    assert_eq!(count(&|row, _| row.flags == 17), 1);
    assert_eq!(rows.iter().filter(|row| row.flags == 16).count(), 1);
    assert_eq!(
        count(&|_, file| file.bytes("ExtendedAttributes").is_some()),
        3
    );
    let path_count = |part: &str| {
        let paths = rows.iter().filter_map(|row| row.path.as_deref());
        paths.filter(|path| path.contains(part)).count()
    };
    assert_eq!(path_count("u\u{308}"), 1, "decomposed");
    assert_eq!(path_count("'"), 1);
    assert_eq!(path_count("\""), 1);
    assert_eq!(path_count("%"), 1);
    let plugin = rows.iter().filter(|row| {
        let domain = row.domain.as_deref().unwrap_or_default();
        domain.starts_with("AppDomainPlugin-")
    });
    assert!(plugin.clone().count() > 3);
    assert!(plugin.into_iter().all(|row| row.flags == 2));
    let link = rows.iter().find(|row| row.flags == 4).unwrap();
    let link = MbFile::read(link.blob.as_ref().unwrap());
    let target = link.get("Target").unwrap().as_string().unwrap();
    assert!(target.starts_with("/private/var/"));
}

#[test]
fn key_order_varies() {
    let (_parent, backup) = healthy();
    let blobs = rows(&backup).into_iter().filter_map(|row| row.blob);
    let orders: std::collections::BTreeSet<Vec<String>> = blobs
        .map(|blob| MbFile::read(&blob).fields.keys().cloned().collect())
        .collect();
    assert!(orders.len() > 20, "{} orders", orders.len());
}

#[test]
fn payloads_are_small_and_databases_open() {
    let (parent, backup) = healthy();
    let sms = payload_path(&backup, "HomeDomain", "Library/SMS/sms.db");
    let copy = parent.path().join("sms.db");
    fs::copy(sms, &copy).unwrap();
    let db = Connection::open(copy).unwrap();
    let text: String = db
        .query_one("SELECT text FROM message", (), |row| row.get(0))
        .unwrap();
    assert_eq!(text, "Test");
    let total: usize = files(&backup).values().map(Vec::len).sum();
    let manifest = fs::metadata(backup.join("Manifest.db")).unwrap().len();
    assert!(total - usize::try_from(manifest).unwrap() < 100_000);
}

#[test]
fn encrypted_backups_have_the_right_lengths() {
    let (_parent, plain) = healthy();
    let (_parent2, backup) = write(
        BackupBuilder::new(UDID)
            .encrypted()
            .file("HomeDomain", "Library/15", &[0; 15])
            .file("HomeDomain", "Library/16", &[0; 16])
            .file("HomeDomain", "Library/0", &[]),
    );
    for (name, len) in [("15", 16), ("16", 32), ("0", 16)] {
        let path = payload_path(&backup, "HomeDomain", &format!("Library/{name}"));
        assert_eq!(fs::metadata(path).unwrap().len(), len, "{name}");
    }
    let db = fs::read(backup.join("Manifest.db")).unwrap();
    assert_eq!(db.len() % 4096, 16);
    assert!(!db.starts_with(b"SQLite"));
    for row in rows(&plain).into_iter().filter(DbRow::needs_payload) {
        let place = Path::new(&row.id[..2]).join(&row.id);
        let before = fs::metadata(plain.join(&place)).unwrap().len();
        let after = fs::metadata(backup.join(&place)).unwrap().len();
        assert_eq!(after, (before / 16 + 1) * 16);
    }
    let manifest = plist(&backup.join("Manifest.plist"));
    assert_eq!(
        manifest.get("IsEncrypted").unwrap().as_boolean(),
        Some(true)
    );
    let key = manifest.get("ManifestKey").unwrap().as_data().unwrap();
    assert_eq!(key.len(), 44);
    assert!((1..=4).contains(&u32::from_le_bytes(key[..4].try_into().unwrap())));
    let bag = key_bag(&manifest);
    for tag in ["DPWT", "DPIC", "DPSL", "SALT", "ITER"] {
        assert!(bag[0].contains_key(tag), "{tag}");
    }
}

/// The header of the key bag, then its classes.
fn key_bag(manifest: &Dictionary) -> Vec<BTreeMap<String, Vec<u8>>> {
    let mut rest = manifest.get("BackupKeyBag").unwrap().as_data().unwrap();
    let mut groups = vec![BTreeMap::new()];
    while !rest.is_empty() {
        let tag = String::from_utf8(rest[..4].to_vec()).unwrap();
        let len = u32::from_be_bytes(rest[4..8].try_into().unwrap());
        let (value, after) = rest[8..].split_at(usize::try_from(len).unwrap());
        if tag == "UUID" && groups.last().unwrap().contains_key("UUID") {
            groups.push(BTreeMap::new());
        }
        groups.last_mut().unwrap().insert(tag, value.to_vec());
        rest = after;
    }
    groups
}

#[test]
fn key_bag_has_eleven_classes() {
    let (_parent, backup) = healthy();
    let bag = key_bag(&plist(&backup.join("Manifest.plist")));
    assert_eq!(bag.len(), 12);
    assert!(!bag[0].contains_key("DPIC"));
    assert_eq!(bag[0]["SALT"].len(), 20);
    assert_eq!(bag[0]["HMCK"].len(), 40);
    for (class, group) in (1_u32..).zip(&bag[1..]) {
        assert_eq!(group["CLAS"], class.to_be_bytes());
        assert_eq!(group["WPKY"].len(), 40);
        let wrap: u32 = if class <= 4 { 2 } else { 3 };
        assert_eq!(group["WRAP"], wrap.to_be_bytes());
    }
}

/// F§11.1: with both bits the password opens the outer layer.
#[test]
fn key_bag_of_an_encrypted_backup_is_in_descending_order() {
    let (_parent, backup) = write(BackupBuilder::new(UDID).encrypted());
    let bag = key_bag(&plist(&backup.join("Manifest.plist")));
    let number = |bytes: &[u8]| u32::from_be_bytes(bytes.try_into().unwrap());
    let classes: Vec<_> = bag[1..]
        .iter()
        .map(|group| (number(&group["CLAS"]), number(&group["WRAP"])))
        .collect();
    assert_eq!(
        classes,
        [
            (11, 3),
            (10, 3),
            (9, 3),
            (8, 2),
            (7, 2),
            (6, 2),
            (5, 3),
            (4, 2),
            (3, 2),
            (2, 2),
            (1, 2),
        ]
    );
}

#[test]
fn ios_10_0_hides_the_file_column_only() {
    let (_parent, backup) = write(BackupBuilder::new(UDID).encrypted_ios10_0());
    let manifest = plist(&backup.join("Manifest.plist"));
    assert_eq!(
        manifest.get("IsEncrypted").unwrap().as_boolean(),
        Some(true)
    );
    assert!(manifest.get("ManifestKey").is_none());
    let status = plist(&backup.join("Status.plist"));
    assert_eq!(text(&status, "Version"), "3.2");
    let row = row(&backup, "HomeDomain", "Library/SMS/sms.db");
    assert!(!row.blob.unwrap().starts_with(b"bplist"));
    let payload = payload_path(&backup, "HomeDomain", "Library/SMS/sms.db");
    assert_eq!(fs::metadata(payload).unwrap().len() % 4096, 16);
    let keys: Vec<String> = open(&backup)
        .prepare("SELECT key FROM Properties ORDER BY key")
        .unwrap()
        .query_map((), |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(keys, ["passwordHash", "salt"]);
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

/// Reads Manifest.mbdb to its very end.
fn mbdb_records(backup: &Path) -> Vec<MbdbRecord> {
    let bytes = fs::read(backup.join("Manifest.mbdb")).unwrap();
    let mut rest = bytes.strip_prefix(b"mbdb\x05\x00").unwrap();
    let mut records = Vec::new();
    while !rest.is_empty() {
        let take = |len: usize, rest: &mut &[u8]| {
            let (value, after) = rest.split_at(len);
            *rest = after;
            value.to_vec()
        };
        let number = |len: usize, rest: &mut &[u8]| {
            let bytes = take(len, rest);
            bytes
                .iter()
                .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
        };
        let string = |rest: &mut &[u8]| match number(2, rest) {
            0xffff => None,
            len => Some(take(usize::try_from(len).unwrap(), rest)),
        };
        let domain = string(&mut rest).unwrap();
        let path = string(&mut rest).unwrap();
        let target = string(&mut rest);
        let digest = string(&mut rest);
        let key = string(&mut rest);
        let mode = number(2, &mut rest);
        let _inode = number(8, &mut rest);
        let _uid = number(4, &mut rest);
        let gid = number(4, &mut rest);
        let _times = take(12, &mut rest);
        let size = number(8, &mut rest);
        let class = number(1, &mut rest);
        let properties = number(1, &mut rest);
        for _ in 0..properties {
            assert_eq!(string(&mut rest).unwrap(), b"com.apple.TextEncoding");
            assert_eq!(string(&mut rest).unwrap().len(), 15);
        }
        records.push(MbdbRecord {
            domain,
            path,
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
    let (_parent, backup) = write(
        BackupBuilder::new(UDID)
            .mbdb()
            .add(Row::file("MediaDomain", "", b"odd").raw_path(odd)),
    );
    let records = mbdb_records(&backup);
    let folders = fs::read_dir(&backup).unwrap();
    assert!(
        folders
            .into_iter()
            .all(|entry| entry.unwrap().path().is_file())
    );
    let sms = flat_payload_path(&backup, "HomeDomain", "Library/SMS/sms.db");
    let sms = fs::read(sms).unwrap();
    let record = |domain: &[u8], path: &[u8]| {
        let mut records = records.iter();
        records
            .find(|record| record.domain == domain && record.path == path)
            .unwrap()
    };
    let sms_record = record(b"HomeDomain", b"Library/SMS/sms.db");
    assert_eq!(sms_record.digest, Some(sha1(&sms)));
    assert_eq!(sms_record.mode & 0xf000, 0x8000);
    assert_ne!(sms_record.size, u64::try_from(sms.len()).unwrap());
    assert_eq!(sms_record.class, 3);
    assert_eq!(record(b"MediaDomain", odd).size, 3);
    assert!(records.iter().any(|record| record.gid == 0xffff_fffe));
    assert_eq!(
        records.iter().map(|record| record.properties).sum::<u64>(),
        3
    );
    assert!(records.iter().all(|record| record.key.is_none()));
    for record in &records {
        let is_link = record.mode & 0xf000 == 0xa000;
        assert_eq!(record.target.is_some(), is_link);
        let id = sha1(&[&record.domain[..], b"-", &record.path].concat());
        let id: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
        let is_file = record.mode & 0xf000 == 0x8000;
        assert_eq!(backup.join(id).is_file(), is_file);
    }
    let status = plist(&backup.join("Status.plist"));
    assert_eq!(text(&status, "Version"), "2.4");
    let manifest = plist(&backup.join("Manifest.plist"));
    assert_eq!(text(&manifest, "Version"), "9.1");
    assert!(!backup.join("Manifest.db").exists());
}

#[test]
fn encrypted_mbdb_has_a_key_per_file() {
    let (_parent, backup) = write(BackupBuilder::new(UDID).mbdb().encrypted());
    let records = mbdb_records(&backup);
    for record in &records {
        let is_file = record.mode & 0xf000 == 0x8000;
        assert_eq!(record.key.as_ref().map(Vec::len), is_file.then_some(44));
        if let Some(key) = &record.key {
            let class = u32::from_le_bytes(key[..4].try_into().unwrap());
            assert_eq!(u64::from(class), record.class);
        }
    }
    let sms = flat_payload_path(&backup, "HomeDomain", "Library/SMS/sms.db");
    assert_eq!(fs::metadata(sms).unwrap().len() % 4096, 16);
    let manifest = plist(&backup.join("Manifest.plist"));
    assert!(manifest.get("ManifestKey").is_none());
    assert!(!key_bag(&manifest)[0].contains_key("DPIC"));
}

#[test]
fn row_options_reach_the_row() {
    let domain = "CameraRollDomain";
    let file = |path: &str| Row::file(domain, path, b"12345");
    let (_parent, backup) = write(
        BackupBuilder::new(UDID)
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
    assert!(rows.iter().any(|row| row.path.as_deref() == Some("digest")));
    assert!(!rows.iter().any(|row| row.path.as_deref() == Some("deep")));
    assert!(rows.iter().any(|row| row.path.as_deref() == Some("")));
    assert_eq!(rows.len(), 13);
}

#[test]
fn an_added_row_replaces_a_usual_one() {
    let (_parent, backup) =
        write(BackupBuilder::new(UDID).file("HomeDomain", "Library/SMS/sms.db", b"mine"));
    let path = payload_path(&backup, "HomeDomain", "Library/SMS/sms.db");
    assert_eq!(fs::read(path).unwrap(), b"mine");
}

#[test]
fn overrides_are_applied_last() {
    let (_parent, backup) = write(
        BackupBuilder::new(UDID)
            .sql("DELETE FROM Files")
            .sql("INSERT INTO Properties VALUES ('a', 'b')")
            .payload("HomeDomain", "Library/SMS/sms.db", b"short")
            .remove_payload("MediaDomain", "Library/x")
            .file("MediaDomain", "Library/x", b"x")
            .without("Info.plist")
            .without("Status.plist")
            .raw("Status.plist", b"odd")
            .raw("Snapshot/ab/file", b"left"),
    );
    assert!(rows(&backup).is_empty());
    let path = payload_path(&backup, "HomeDomain", "Library/SMS/sms.db");
    assert_eq!(fs::read(path).unwrap(), b"short");
    assert!(!payload_path(&backup, "MediaDomain", "Library/x").exists());
    assert!(!backup.join("Info.plist").exists());
    assert_eq!(fs::read(backup.join("Status.plist")).unwrap(), b"odd");
    assert_eq!(fs::read(backup.join("Snapshot/ab/file")).unwrap(), b"left");
}

#[test]
fn snapshot_holds_what_was_uploaded() {
    let uploaded = BackupBuilder::new(UDID)
        .bare()
        .file("HomeDomain", "a", b"new");
    let (_parent, backup) = write(
        BackupBuilder::new(UDID)
            .snapshot_state("moving")
            .snapshot(uploaded),
    );
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
    for (builder, expected) in [
        (BackupBuilder::new(UDID), DATE),
        (
            BackupBuilder::new(UDID).date("2022-02-02T02:02:02Z"),
            "2022-02-02T02:02:02Z",
        ),
        (
            BackupBuilder::new(UDID).mtime("2021-01-01T00:00:00Z"),
            "2021-01-01T00:00:00Z",
        ),
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
    let mut bytes = fs::read(&status).unwrap();
    bytes[100] ^= 1;
    fs::write(&status, &bytes).unwrap();
    let file = fs::OpenOptions::new().write(true).open(&status).unwrap();
    file.set_modified(modified).unwrap();
    assert_ne!(tree_digest(&backup), before, "content alone");
    bytes[100] ^= 1;
    fs::write(&status, &bytes).unwrap();
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
