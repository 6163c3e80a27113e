//! Nothing wrong, nothing said: healthy backups of each era, and the oddities of F§9, F§10, F§11,
//! F§18 and F§19 that look like damage to somebody who reads everything.

use plist::{Dictionary, Uid, Value as Plist};

use super::*;
use crate::support::{DigestForm, Padding, Row, file_id};
use crate::verify::findings::{Page, bytes_of, hundred, overwritten};

/// The usual rows with a checksum in a backup that is not encrypted; Health data is in the others only.
const WITH_DIGEST: [Name; 11] = [
    ("HomeDomain", "Library/SMS/sms.db"),
    ("HomeDomain", "Library/AddressBook/AddressBook.sqlitedb"),
    (
        "HomeDomain",
        "Library/Preferences/com.apple.springboard.plist",
    ),
    (
        "HomeDomain",
        "Library/Preferences/com.apple.mobilephone.plist",
    ),
    ("HomeDomain", "Library/Preferences/.GlobalPreferences.plist"),
    (
        "HomeDomain",
        "Library/Preferences/com.apple.mobilesafari.plist",
    ),
    ("HomeDomain", "Library/Calendar/.store.lock"),
    ("KeychainDomain", "keychain-backup.plist"),
    (
        "WirelessDomain",
        "Library/Preferences/com.apple.ipTelephony.plist",
    ),
    (
        "SystemPreferencesDomain",
        "SystemConfiguration/preferences.plist",
    ),
    ("HealthDomain", "Health/healthdb_secure.sqlite"),
];

/// Files and bytes of these payloads, as many of them as there are.
fn on_disk(backup: &Path, names: Option<&[Name]>) -> [u64; 2] {
    let ids = names.map(|names| names.iter().map(|(domain, path)| file_id(domain, path)));
    let ids: Option<Vec<String>> = ids.map(Iterator::collect);
    let mut sum = [0, 0];
    for path in files(backup) {
        let name = path.file_name().unwrap().to_str().unwrap().to_lowercase();
        let is_payload = name.len() == 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_payload && ids.as_ref().is_none_or(|ids| ids.contains(&name)) {
            sum[0] += 1;
            sum[1] += fs::metadata(&path).unwrap().len();
        }
    }
    sum
}

fn usual() -> BackupBuilder {
    BackupBuilder::new(PHONE).no_empty_shards()
}

/// Each era, open and encrypted, with and without the password: all is read, what has a checksum is
/// compared with it, and in the second run all the rest with what the first one read.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn every_era_is_read_to_its_end_and_known_in_the_second_run() {
    let password = Some(PASSWORD);
    let encrypted = || usual().encrypted_with(PASSWORD);
    let ios10 = || usual().encrypted_ios10_0_with(PASSWORD);
    for (era, builder, password, verdict, checksums) in [
        ("10 and later", usual(), None, "complete", 10),
        ("4 to 9", usual().mbdb(), None, "complete", 10),
        ("encrypted", encrypted(), password, "complete", 11),
        ("locked", encrypted(), None, "unverified", 0),
        (
            "manifest not padded",
            encrypted().manifest_padding(Padding::None),
            password,
            "complete",
            11,
        ),
        (
            "manifest padded with zeros",
            encrypted().manifest_padding(Padding::Zeros),
            password,
            "complete",
            11,
        ),
        (
            "4 to 9, encrypted",
            encrypted().mbdb(),
            password,
            "complete",
            11,
        ),
        ("4 to 9, locked", encrypted().mbdb(), None, "complete", 11),
        ("10.0 and 10.1", ios10(), password, "unverified", 0),
        ("10.0 and 10.1, locked", ios10(), None, "unverified", 0),
        (
            "opened by nothing",
            usual().encrypted(),
            None,
            "unverified",
            0,
        ),
    ] {
        // The same everywhere; Wine starts programs slowly.
        if cfg!(windows) && !["10 and later", "encrypted"].contains(&era) {
            continue;
        }
        let world = World::of(builder);
        let all = on_disk(&world.phone(), None);
        let digest = match checksums {
            0 => [0, 0],
            _ => on_disk(&world.phone(), Some(&WITH_DIGEST)),
        };
        assert_eq!(digest[0], checksums, "{era}");
        let rest = [all[0] - digest[0], all[1] - digest[1]];
        for known in [[0, 0], rest] {
            let document = world.scan_with(password, &[]);
            assert_eq!(outcome(&document), format!("{verdict} 0:"), "{era}");
            assert_eq!(compared(&document), [all, digest, known], "{era}");
            let backup = only_backup(&document);
            assert_eq!(amount(backup, "all"), all, "{era}");
            let storage = backup["storage"].as_array().unwrap().iter();
            let stored = storage.fold([0, 0], |sum, group| {
                let of = |key: &str| group[key].as_u64().unwrap();
                [sum[0] + of("files"), sum[1] + of("bytes")]
            });
            assert_eq!(stored, all, "{era}");
            for none in ["cloud_only", "changed_meanwhile", "left_out"] {
                assert_eq!(amount(backup, none), [0, 0], "{era}");
            }
        }
    }
}

/// Nothing of it is said to be checked at another level.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
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

fn is_checked(backup: &Value, id: &str) -> bool {
    let checked = backup["checked"].as_array().unwrap();
    checked.iter().any(|one| one == id)
}

/// What of these ids is not checked in a first run, without those that the ledger is for.
fn unseen(builder: BackupBuilder, password: Option<&str>) -> Vec<&'static str> {
    let document = World::of(builder).scan_with(password, &[]);
    let backup = only_backup(&document);
    let reasons = not_checked(backup);
    let ids = IDS.into_iter().filter(|id| *id != "content-changed");
    let unseen = ids.filter(|id| {
        assert_ne!(reasons.contains_key(id), is_checked(backup, id), "{id}");
        reasons.contains_key(id)
    });
    unseen.collect()
}

/// What could not be compared is told with the reason (contract §2).
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_is_not_checked_is_told() {
    let encrypted = || usual().encrypted_with(PASSWORD);
    let none: [&str; 0] = [];
    assert_eq!(unseen(usual(), None), none);
    assert_eq!(unseen(usual().mbdb(), None), none);
    assert_eq!(unseen(encrypted(), Some(PASSWORD)), none);
    assert_eq!(unseen(encrypted().mbdb(), Some(PASSWORD)), none);
    // Checksums and keys stand in what is locked, or cannot be decoded.
    let ios10 = || usual().encrypted_ios10_0_with(PASSWORD);
    for (builder, password, id) in [
        (encrypted(), None, "digest-mismatch"),
        (encrypted(), None, "padding-invalid"),
        (encrypted().mbdb(), None, "padding-invalid"),
        (ios10(), Some(PASSWORD), "digest-mismatch"),
        (ios10(), Some(PASSWORD), "padding-invalid"),
    ] {
        assert!(unseen(builder, password).contains(&id), "{password:?} {id}");
    }
    // With Manifest.mbdb they do not.
    let of_ios_9 = unseen(encrypted().mbdb(), None);
    assert!(!of_ios_9.contains(&"digest-mismatch"), "{of_ios_9:?}");
}

/// Nobody looked into databases that nobody could decrypt.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn locked_databases_are_not_called_checked() {
    let encrypted = || usual().encrypted_with(PASSWORD);
    let mut wrong = Vec::new();
    for (era, builder, password) in [
        ("locked", encrypted(), None),
        ("locked, noise", usual().encrypted(), None),
        ("of iOS 9, locked", encrypted().mbdb(), None),
        (
            "of iOS 10.0",
            usual().encrypted_ios10_0_with(PASSWORD),
            Some(PASSWORD),
        ),
        ("wrong password", encrypted(), Some("x")),
        ("of iOS 9, wrong password", encrypted().mbdb(), Some("x")),
    ] {
        if !unseen(builder, password).contains(&"app-database-damaged") {
            wrong.push(era.to_owned());
        }
    }
    assert_all(&wrong);
}

/// A row whose checksum is not that of what is stored.
fn other(domain: &str, path: &str) -> Row {
    Row::file(domain, path, b"an older version").digest_bytes([1; 20])
}

/// The `file` column with a `Digest` of any length: nothing but 20 bytes is a SHA-1.
fn with_digest(path: &str, digest: &[u8]) -> Vec<u8> {
    let uid = |number| Plist::Uid(Uid::new(number));
    let class = Dictionary::from_iter([
        ("$classname", Plist::from("MBFile")),
        (
            "$classes",
            Plist::Array(vec!["MBFile".into(), "NSObject".into()]),
        ),
    ]);
    let root = Dictionary::from_iter([
        ("RelativePath", uid(2)),
        ("Digest", uid(3)),
        ("Size", 300.into()),
        ("Mode", 0o100_644.into()),
        ("Flags", 0.into()),
        ("ProtectionClass", 3.into()),
        ("UserID", 501.into()),
        ("GroupID", 501.into()),
        ("LastModified", 1_700_000_000.into()),
        ("$class", uid(4)),
    ]);
    let objects = vec![
        "$null".into(),
        root.into(),
        path.into(),
        Plist::Data(digest.to_vec()),
        class.into(),
    ];
    let archive = Dictionary::from_iter([
        ("$version", Plist::from(100_000)),
        ("$archiver", "NSKeyedArchiver".into()),
        ("$top", Dictionary::from_iter([("root", uid(1))]).into()),
        ("$objects", Plist::Array(objects)),
    ]);
    let mut bytes = Vec::new();
    Plist::Dictionary(archive)
        .to_writer_binary(&mut bytes)
        .unwrap();
    bytes
}

/// Neither the files that change while they are uploaded (flag 16), nor the one that no device of iOS
/// 17 can read, nor those without a checksum are ever said to have the wrong bytes.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_checksum_counts_only_where_it_is_one() {
    let trouble = "Library/Application Support/FileProvider/backup/backup_manifest.db";
    let home = |content: &[u8]| Row::file("HomeDomain", "a", content);
    let evicted = home(b"").size(70_000).st_flags(0x4000_0000);
    let photo = Row::file(PHOTO.0, "Media/DCIM/2.JPG", &bytes(300));
    let raw = |digest: &[u8]| home(&bytes(300)).blob(with_digest("a", digest));
    let rows = [
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
    ];
    let mut wrong = Vec::new();
    for (name, row) in rows {
        let encrypted = phone().encrypted_with(PASSWORD).add(row.clone());
        for (builder, password) in [(phone().add(row), None), (encrypted, Some(PASSWORD))] {
            let outcome = outcome(&World::of(builder).scan_with(password, &[]));
            if outcome != "complete 0:" {
                wrong.push(format!("{name}, {password:?}: {outcome}"));
            }
        }
    }
    assert_all(&wrong);
}

/// What is stored of short and even lengths, and what cannot be decrypted, has no bad padding.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn padding_is_right_for_every_length_and_unknown_without_a_key() {
    let chat = |path: &str, len| Row::file(CHAT.0, path, &bytes(len));
    let encrypted = || phone().encrypted_with(PASSWORD);
    let lengths = [0, 1, 15, 16, 17, 31, 32, 33, 65_535, 65_536, 65_552];
    let of_each_length = || {
        lengths.iter().fold(encrypted(), |builder, len| {
            builder.add(chat(&format!("Documents/{len}"), *len))
        })
    };
    let keyless = |row: Row| encrypted().add(row);
    let cases: Vec<(&str, BackupBuilder, &str)> = vec![
        ("each length", of_each_length(), "complete 0:"),
        ("each length, mbdb", of_each_length().mbdb(), "complete 0:"),
        (
            "an empty file of 0 bytes",
            keyless(chat("Documents/empty", 0).stored(b"".as_slice())),
            "complete 0:",
        ),
        (
            "not padded, but it could be",
            keyless(Row::file(CHAT.0, "Documents/even", &[1; 32])).payload_padding(
                CHAT.0,
                "Documents/even",
                Padding::None,
            ),
            "complete 0:",
        ),
        (
            "no key",
            keyless(chat("Documents/a", 40).without_key()),
            "complete 0:",
        ),
        (
            "a key of 43 bytes",
            keyless(chat("Documents/a", 40).key_bytes(vec![3; 43])),
            "complete 0:",
        ),
        (
            "a key of 45 bytes",
            keyless(chat("Documents/a", 40).key_bytes(vec![3; 45])),
            "complete 0:",
        ),
        (
            "a key of no bytes",
            keyless(chat("Documents/a", 40).key_bytes(vec![])),
            "complete 0:",
        ),
        (
            "a class key that does not unwrap",
            encrypted().damage_class_key(3),
            "unverified 0:",
        ),
        (
            "a class that only the device opens",
            encrypted().class_wrap(3, 1),
            "unverified 0:",
        ),
    ];
    let mut wrong = Vec::new();
    for (name, builder, expected) in cases {
        let document = World::of(builder).scan_with(Some(PASSWORD), &[]);
        let outcome = outcome(&document);
        if outcome != expected {
            wrong.push(format!("{name}: {outcome}"));
        }
    }
    assert_all(&wrong);
}

/// Names in upper case, files that no row lists, clutter: all that is a payload is read.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn odd_names_are_read_too() {
    let id = file_id(SETTING.0, SETTING.1);
    let upper = format!("{}/{}", &id[..2], id.to_uppercase());
    let unlisted = file_id("HomeDomain", "unlisted");
    let orphan = format!("{}/{unlisted}", &unlisted[..2]);
    let world = World::of(
        phone()
            .without(&format!("{}/{id}", &id[..2]))
            .raw(&upper, bytes(300))
            .raw(&orphan, *b"orphan")
            .raw(&format!("{}/.DS_Store", &id[..2]), *b"clutter")
            .raw("Manifest.db-shm", vec![0; 32768]),
    );
    let first = world.scan(&[]);
    assert_eq!(outcome(&first), "complete 0:");
    let all = [4, 105_306];
    assert_eq!(compared(&first), [all, [1, 300], [0, 0]]);
    assert_eq!(compared(&world.scan(&[])), [all, [1, 300], [3, 105_006]]);
}

/// Where the run stopped while files were put in place, what is in `Snapshot/` counts first; before
/// that, what is at the top.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_stopped_run_is_compared_with_the_manifest_that_counts() {
    let old = || phone().file(SETTING.0, SETTING.1, &bytes(301));
    let uploaded = || bare().file(SETTING.0, SETTING.1, &bytes(300));
    let encrypted = |builder: BackupBuilder| builder.encrypted_with(PASSWORD);
    let moving = "interrupted 0: warning move-interrupted ×1";
    let uploading = "interrupted 0: warning update-interrupted ×1";
    let removing = "interrupted 0: warning cleanup-interrupted ×1";
    for (state, builder, expected) in [
        ("moving", old().snapshot(phone()), moving),
        (
            "moving",
            encrypted(old()).snapshot(encrypted(phone())),
            moving,
        ),
        ("uploading", old().snapshot(uploaded()), uploading),
        (
            "uploading",
            encrypted(old()).snapshot(encrypted(uploaded())),
            uploading,
        ),
        ("removing", phone(), removing),
    ] {
        let world = World::of(builder.snapshot_state(state));
        for _ in 0..2 {
            let document = world.scan_with(Some(PASSWORD), &[]);
            assert_eq!(outcome(&document), expected, "{state}");
        }
    }
}

/// What is wrong with the rest of a backup is no matter of contents: nothing is added, nothing is lost,
/// and where the list of files is damaged no file is.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_standard_says_is_said_and_nothing_else() {
    let db = bytes_of(hundred(), "Manifest.db");
    let damaged = |page| hundred().raw("Manifest.db", overwritten(&db, page));
    let encrypted = || phone().encrypted_with(PASSWORD);
    let mut wrong = Vec::new();
    for (name, builder, password) in [
        ("no status", phone().without("Status.plist"), None),
        ("no info", phone().without("Info.plist"), None),
        ("no manifest", phone().without("Manifest.db"), None),
        ("an empty one", phone().raw("Manifest.db", Vec::new()), None),
        ("text", phone().raw("Manifest.db", *b"text"), None),
        ("no plist", phone().without("Manifest.plist"), None),
        (
            "no plist, locked",
            encrypted().without("Manifest.plist"),
            None,
        ),
        ("no table", phone().sql("DROP TABLE Files"), None),
        ("first leaf", damaged(Page::FirstLeaf), None),
        ("last leaf", damaged(Page::LastLeaf), None),
        ("index", damaged(Page::Index), None),
        (
            "cut mbdb",
            phone().mbdb().raw("Manifest.mbdb", *b"mbdb\x05\0"),
            None,
        ),
        ("wrong password", encrypted(), Some("x")),
        ("bad salt", encrypted().damage_salt(), Some(PASSWORD)),
        (
            "bad manifest key",
            encrypted().damage_manifest_key(),
            Some(PASSWORD),
        ),
        (
            "a bit of it",
            encrypted().flip_in_manifest(0),
            Some(PASSWORD),
        ),
        ("no files", bare(), None),
        (
            "old",
            bare().raw("00/a.mdinfo", *b"x").without("Manifest.db"),
            None,
        ),
        (
            "unfinished",
            phone().snapshot_state("uploading").backup_state("empty"),
            None,
        ),
    ] {
        let world = World::of(builder);
        let mut standard = world.command_with(password);
        standard.args(["backups", "--json", "--no-state", "--now", NOW]);
        let standard = outcome(&document(&world.output(&mut standard)));
        for _ in 0..2 {
            let contents = outcome(&world.scan_with(password, &[]));
            if contents != standard {
                wrong.push(format!("{name}: {standard} but {contents}"));
            }
        }
    }
    assert_all(&wrong);
}

/// The samples that come with the source: what is wrong with them is no matter of contents.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_samples_say_the_same_as_at_standard() {
    let state = tempfile::tempdir().unwrap();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/MobileSync");
    let told = |args: &[&str]| {
        let mut command = program();
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
        let backups = document["backups"].as_array().unwrap().iter();
        backups
            .map(|backup| {
                let path = backup["path"].as_str().unwrap();
                (path.to_owned(), outcome_of(&document, backup))
            })
            .collect::<Vec<_>>()
    };
    let standard = told(&[]);
    assert_eq!(standard.len(), 10);
    for _ in 0..2 {
        assert_eq!(told(&["--level", "contents"]), standard);
    }
}
