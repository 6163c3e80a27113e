//! Nothing wrong, nothing said: healthy backups of each era, and the oddities of F§9, F§10, F§11,
//! F§18 and F§19 that look like damage to somebody who reads everything.

#![cfg(not(windows))]

use plist::Value as Plist;
use rusqlite::Connection;

use super::*;
use crate::support::{DigestForm, Padding, Row, empty_folder, file_id};
use crate::verify::findings::{Page, bytes_of, hundred, overwritten};

/// The usual rows with a checksum in a backup that is not encrypted; Health data is in the others only.
const WITH_DIGEST: &str = "
    HomeDomain-Library/SMS/sms.db
    HomeDomain-Library/AddressBook/AddressBook.sqlitedb
    HomeDomain-Library/Preferences/com.apple.springboard.plist
    HomeDomain-Library/Preferences/com.apple.mobilephone.plist
    HomeDomain-Library/Preferences/.GlobalPreferences.plist
    HomeDomain-Library/Preferences/com.apple.mobilesafari.plist
    HomeDomain-Library/Calendar/.store.lock
    KeychainDomain-keychain-backup.plist
    WirelessDomain-Library/Preferences/com.apple.ipTelephony.plist
    SystemPreferencesDomain-SystemConfiguration/preferences.plist
    HealthDomain-Health/healthdb_secure.sqlite";

/// The ids that only this level has.
const IDS: [&str; 5] = [
    "digest-mismatch",
    "payload-read-error",
    "content-changed",
    "padding-invalid",
    "app-database-damaged",
];

/// Files and bytes of all payloads, or of those with these ids.
fn on_disk(backup: &Path, ids: Option<&[String]>) -> [u64; 2] {
    let mut sum = [0, 0];
    for path in files(backup) {
        let name = path.file_name().unwrap().to_str().unwrap().to_lowercase();
        let is_payload = name.len() == 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_payload && ids.is_none_or(|ids| ids.contains(&name)) {
            sum[0] += 1;
            sum[1] += fs::metadata(&path).unwrap().len();
        }
    }
    sum
}

fn usual() -> BackupBuilder {
    BackupBuilder::new(PHONE).no_empty_shards()
}

fn sealed() -> BackupBuilder {
    usual().encrypted_with(PASSWORD)
}

fn ios10() -> BackupBuilder {
    usual().encrypted_ios10_0_with(PASSWORD)
}

/// Each era, open and encrypted, with and without the password: all is read, what has a checksum is
/// compared with it, and in the second run all the rest with what the first one read.
#[test]
fn every_era_is_read_to_its_end_and_known_in_the_second_run() {
    let names = WITH_DIGEST.split_whitespace();
    let ids = names.map(|name| name.split_once('-').unwrap());
    let ids: Vec<String> = ids.map(|(domain, path)| file_id(domain, path)).collect();
    let paddings = [Padding::None, Padding::Zeros];
    let [not_padded, zeros] = paddings.map(|padding| sealed().manifest_padding(padding));
    let noise = usual().encrypted();
    for (era, builder, password, verdict, checksums) in [
        ("10 and later", usual(), None, WELL, 10),
        ("4 to 9", usual().mbdb(), None, WELL, 10),
        ("encrypted", sealed(), PASS, WELL, 11),
        ("locked", sealed(), None, UNVERIFIED, 0),
        ("manifest not padded", not_padded, PASS, WELL, 11),
        ("manifest padded with zeros", zeros, PASS, WELL, 11),
        ("4 to 9, encrypted", sealed().mbdb(), PASS, WELL, 11),
        ("4 to 9, locked", sealed().mbdb(), None, WELL, 11),
        ("10.0 and 10.1", ios10(), PASS, UNVERIFIED, 0),
        ("10.0 and 10.1, locked", ios10(), None, UNVERIFIED, 0),
        ("opened by nothing", noise, None, UNVERIFIED, 0),
    ] {
        let world = World::of(builder);
        let all = on_disk(&world.phone(), None);
        let digest = match checksums {
            0 => [0, 0],
            _ => on_disk(&world.phone(), Some(&ids)),
        };
        assert_eq!(digest[0], checksums, "{era}");
        let rest = [all[0] - digest[0], all[1] - digest[1]];
        for known in [[0, 0], rest] {
            let document = world.scan_with(password, &[]);
            assert_eq!(outcome(&document), verdict, "{era}");
            assert_eq!(compared(&document), [all, digest, known], "{era}");
            let backup = only_backup(&document);
            assert_eq!(amount(backup, "all"), all, "{era}");
            let mut stored = [0, 0];
            for group in backup["storage"].as_array().unwrap() {
                stored[0] += group["files"].as_u64().unwrap();
                stored[1] += group["bytes"].as_u64().unwrap();
            }
            assert_eq!(stored, all, "{era}");
            for none in ["cloud_only", "changed_meanwhile", "left_out"] {
                assert_eq!(amount(backup, none), [0, 0], "{era}");
            }
        }
    }
}

/// Nothing of it is said to be checked at another level.
#[test]
fn no_other_level_checks_any_of_it() {
    let world = World::of(usual());
    for level in ["quick", "standard"] {
        let run = world.run(["backups", "--level", level, "--json", "--now", NOW]);
        let document = document(&run);
        let backup = only_backup(&document);
        assert_eq!(backup["contents"], Value::Null);
        for id in IDS {
            assert!(not_checked(backup).contains_key(id), "{level} {id}");
            assert!(!is_checked(backup, id), "{level} {id}");
        }
    }
}

/// What of these ids is not checked in a first run, without those that the ledger is for.
fn unseen(builder: BackupBuilder, password: Option<&str>) -> Vec<&'static str> {
    let document = World::of(builder).scan_with(password, &[]);
    let backup = only_backup(&document);
    let reasons = not_checked(backup);
    let mut ids = IDS.to_vec();
    ids.retain(|id| *id != "content-changed");
    for id in &ids {
        assert_ne!(reasons.contains_key(id), is_checked(backup, id), "{id}");
    }
    ids.retain(|id| reasons.contains_key(id));
    ids
}

/// What could not be compared is told with the reason (contract §2): where checksums and keys stand in
/// what is locked, or cannot be decoded, and of databases that nobody could decrypt.
#[test]
fn what_is_not_checked_is_told() {
    let all = ["digest-mismatch", "padding-invalid", "app-database-damaged"];
    let old = || sealed().mbdb();
    let cases: [(&str, BackupBuilder, Option<&str>, &[&str]); 10] = [
        ("open", usual(), None, &[]),
        ("of iOS 9", usual().mbdb(), None, &[]),
        ("encrypted", sealed(), PASS, &[]),
        ("of iOS 9, encrypted", old(), PASS, &[]),
        ("locked", sealed(), None, &all),
        ("locked, noise", usual().encrypted(), None, &all),
        // With Manifest.mbdb the checksums are not locked.
        ("of iOS 9, locked", old(), None, &all[1..]),
        ("of iOS 10.0", ios10(), PASS, &all),
        ("wrong password", sealed(), Some("x"), &all),
        ("of iOS 9, wrong password", old(), Some("x"), &all[1..]),
    ];
    for (what, builder, password, expected) in cases {
        assert_eq!(unseen(builder, password), expected, "{what}");
    }
}

/// A row whose checksum is not that of what is stored.
fn other(domain: &str, path: &str) -> Row {
    Row::file(domain, path, b"an older version").digest_bytes([1; 20])
}

/// The `file` column of `a` with a `Digest` of any length: nothing but 20 bytes is a SHA-1.
fn with_digest(digest: &[u8]) -> Vec<u8> {
    let row = Row::file("HomeDomain", "a", &bytes(300)).digest(DigestForm::UidData);
    let backup = World::of(bare().add(row));
    let db = Connection::open(backup.phone().join("Manifest.db")).unwrap();
    let file = "SELECT file FROM Files WHERE relativePath = 'a'";
    let file: Vec<u8> = db.query_one(file, (), |row| row.get(0)).unwrap();
    let mut archive = Plist::from_reader(std::io::Cursor::new(file)).unwrap();
    let objects = archive.as_dictionary_mut().unwrap().get_mut("$objects");
    let mut objects = objects.unwrap().as_array_mut().unwrap().iter_mut();
    *objects.find(|object| object.as_data().is_some()).unwrap() = Plist::Data(digest.to_vec());
    let mut bytes = Vec::new();
    archive.to_writer_binary(&mut bytes).unwrap();
    bytes
}

/// Neither the files that change while they are uploaded (flag 16), nor the one that no device of iOS
/// 17 can read, nor those without a checksum are ever said to have the wrong bytes.
#[test]
fn a_checksum_counts_only_where_it_is_one() {
    let trouble = "Library/Application Support/FileProvider/backup/backup_manifest.db";
    let home = |content: &[u8]| Row::file("HomeDomain", "a", content);
    let evicted = home(b"").size(70_000).st_flags(0x4000_0000);
    let photo = Row::file(PHOTO.0, "Media/DCIM/2.JPG", &bytes(300));
    let raw = |digest: &[u8]| home(&bytes(300)).blob(with_digest(digest));
    for (name, row) in [
        ("flags 17", other("HomeDomain", "a").flags(17)),
        ("flags 16", other("HomeDomain", "a").flags(16)),
        ("flags 49", other("HomeDomain", "a").flags(49)),
        ("the known trouble file", other("HomeDomain", trouble)),
        ("no checksum", home(b"x").digest(DigestForm::None)),
        ("a photo that has one", photo.digest(DigestForm::Inline)),
        ("an empty file", home(b"")),
        ("dataless", evicted),
        // Without a key, as all that is not encrypted.
        ("32 bytes", raw(&[1; 32])),
        ("19 bytes", raw(&[1; 19])),
        ("no bytes", raw(&[])),
    ] {
        let open = outcome_at_first(phone().add(row.clone()), None);
        assert_eq!(open, WELL, "{name}");
        let encrypted = outcome_at_first(encrypted().add(row), PASS);
        assert_eq!(encrypted, WELL, "{name}, encrypted");
    }
}

/// What is stored of short and even lengths, and what cannot be decrypted, has no bad padding.
#[test]
fn padding_is_right_for_every_length_and_unknown_without_a_key() {
    let chat = |path: &str, len| Row::file(CHAT.0, path, &bytes(len));
    let lengths = [0, 1, 15, 16, 17, 31, 32, 33, 65_535, 65_536, 65_552];
    let of_each_length = || {
        let rows = lengths.map(|len| chat(&format!("Documents/{len}"), len));
        rows.into_iter().fold(encrypted(), BackupBuilder::add)
    };
    let even = encrypted().file(CHAT.0, "Documents/even", &[1; 32]);
    let even = even.payload_padding(CHAT.0, "Documents/even", Padding::None);
    let with = |row: Row| encrypted().add(row);
    let key = |len| with(chat("Documents/a", 40).key_bytes(vec![3; len]));
    let empty = chat("Documents/empty", 0).stored(b"".as_slice());
    let damaged = encrypted().damage_class_key(3);
    let of_device = encrypted().class_wrap(3, 1);
    for (name, builder, expected) in [
        ("each length", of_each_length(), WELL),
        ("each length, mbdb", of_each_length().mbdb(), WELL),
        ("an empty file of 0 bytes", with(empty), WELL),
        ("not padded, but it could be", even, WELL),
        ("no key", with(chat("Documents/a", 40).without_key()), WELL),
        ("a key of 43 bytes", key(43), WELL),
        ("a key of 45 bytes", key(45), WELL),
        ("a key of no bytes", key(0), WELL),
        ("a class key that does not unwrap", damaged, UNVERIFIED),
        ("a class that only the device opens", of_device, UNVERIFIED),
    ] {
        assert_eq!(outcome_at_first(builder, PASS), expected, "{name}");
    }
}

/// Names in upper case, files that no row lists, clutter: all that is a payload is read.
#[test]
fn odd_names_are_read_too() {
    let id = file_id(SETTING.0, SETTING.1);
    let upper = format!("{}/{}", &id[..2], id.to_uppercase());
    let unlisted = file_id("HomeDomain", "unlisted");
    let orphan = format!("{}/{unlisted}", &unlisted[..2]);
    let phone = phone().without(&format!("{}/{id}", &id[..2]));
    let phone = phone.raw(&upper, bytes(300)).raw(&orphan, *b"orphan");
    let phone = phone.raw(&format!("{}/.DS_Store", &id[..2]), *b"clutter");
    let world = World::of(phone.raw("Manifest.db-shm", vec![0; 32768]));
    let first = world.scan(&[]);
    assert_eq!(outcome(&first), WELL);
    let all = [4, 105_306];
    assert_eq!(compared(&first), [all, [1, 300], [0, 0]]);
    assert_eq!(compared(&world.scan(&[])), [all, [1, 300], [3, 105_006]]);
}

/// Where the run stopped while files were put in place, what is in `Snapshot/` counts first; before
/// that, what is at the top.
#[test]
fn a_stopped_run_is_compared_with_the_manifest_that_counts() {
    let old = || phone().file(SETTING.0, SETTING.1, &bytes(301));
    let uploaded = || bare().file(SETTING.0, SETTING.1, &bytes(300));
    let sealed = |builder: BackupBuilder| builder.encrypted_with(PASSWORD);
    let uploading = sealed(old()).snapshot(sealed(uploaded()));
    for (state, builder, interrupted) in [
        ("moving", old().snapshot(phone()), "move"),
        ("moving", sealed(old()).snapshot(encrypted()), "move"),
        ("uploading", old().snapshot(uploaded()), "update"),
        ("uploading", uploading, "update"),
        ("removing", phone(), "cleanup"),
    ] {
        let world = World::of(builder.snapshot_state(state));
        for _ in 0..2 {
            let outcome = outcome(&world.scan_with(PASS, &[]));
            let expected = format!("interrupted 0: warning {interrupted}-interrupted ×1");
            assert_eq!(outcome, expected, "{state}");
        }
    }
}

/// What is wrong with the rest of a backup is no matter of contents: nothing is added, nothing is lost,
/// and where the list of files is damaged no file is.
#[test]
fn what_standard_says_is_said_and_nothing_else() {
    let db = bytes_of(hundred(), "Manifest.db");
    let damaged = |page| hundred().raw("Manifest.db", overwritten(&db, page));
    let cut = phone().mbdb().raw("Manifest.mbdb", *b"mbdb\x05\0");
    let no_plist = encrypted().without("Manifest.plist");
    let old = bare().raw("00/a.mdinfo", *b"x").without("Manifest.db");
    let unfinished = phone().snapshot_state("uploading").backup_state("empty");
    for (name, builder, password) in [
        ("no status", phone().without("Status.plist"), None),
        ("no info", phone().without("Info.plist"), None),
        ("no manifest", phone().without("Manifest.db"), None),
        ("an empty one", phone().raw("Manifest.db", Vec::new()), None),
        ("text", phone().raw("Manifest.db", *b"text"), None),
        ("no plist", phone().without("Manifest.plist"), None),
        ("no plist, locked", no_plist, None),
        ("no table", phone().sql("DROP TABLE Files"), None),
        ("first leaf", damaged(Page::FirstLeaf), None),
        ("last leaf", damaged(Page::LastLeaf), None),
        ("index", damaged(Page::Index), None),
        ("cut mbdb", cut, None),
        ("wrong password", encrypted(), Some("x")),
        ("bad salt", encrypted().damage_salt(), PASS),
        ("bad manifest key", encrypted().damage_manifest_key(), PASS),
        ("a bit of it", encrypted().flip_in_manifest(0), PASS),
        ("no files", bare(), None),
        ("old", old, None),
        ("unfinished", unfinished, None),
    ] {
        let world = World::of(builder);
        let standard = world.outcome_at_standard(password);
        for _ in 0..2 {
            let contents = outcome(&world.scan_with(password, &[]));
            assert_eq!(contents, standard, "{name}");
        }
    }
}

/// The samples that come with the source: what is wrong with them is no matter of contents.
#[test]
fn the_samples_say_the_same_as_at_standard() {
    let state = empty_folder();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/MobileSync");
    let told = |args: &[&str]| {
        let mut command = crate::harness::program();
        command
            .env_remove("BKSCAN_NO_STATE")
            .env("BKSCAN_PASSWORD", "sample")
            .arg(&samples)
            .args(["--json", "--now", NOW, "--state-dir"])
            .arg(state.path())
            .args(args);
        let run = Run::from(command.ended().unwrap());
        assert_eq!(run.stderr, "", "{args:?}");
        let document = document(&run);
        let told = |backup: &Value| (backup["path"].clone(), outcome_of(&document, backup));
        backups(&document).iter().map(told).collect::<Vec<_>>()
    };
    let standard = told(&[]);
    assert_eq!(standard.len(), 10);
    for _ in 0..2 {
        assert_eq!(told(&["--level", "contents"]), standard);
    }
}
