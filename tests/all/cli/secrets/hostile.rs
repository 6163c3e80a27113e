//! Keybags, keys and manifests that no device writes: always a finding or a reason, never the end of the
//! program (contract §2 to §4; F§11). What is judged is written beside each.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use plist::Value as Plist;
use serde_json::Value;

use super::keys::Keys;
use super::{PASSWORD, PHONE, World, document, not_checked, scan_with, verdicts, with_password};
use crate::cli::configured::of;
use crate::harness::NOW;
use crate::support::{BackupBuilder, Row, file_id};

const PHOTO: (&str, &str) = ("CameraRollDomain", "Media/DCIM/100APPLE/IMG_0001.JPG");

fn small() -> BackupBuilder {
    BackupBuilder::new(PHONE)
        .bare()
        .no_empty_shards()
        .file(PHOTO.0, PHOTO.1, &[7; 100])
}

fn encrypted() -> BackupBuilder {
    small().encrypted_with(PASSWORD)
}

/// An encrypted backup with another keybag.
fn bag(edit: impl FnOnce(&mut Vec<u8>) + 'static) -> BackupBuilder {
    encrypted().manifest_plist(|plist| match plist.get_mut("BackupKeyBag") {
        Some(Plist::Data(bytes)) => edit(bytes),
        other => panic!("{other:?}"),
    })
}

/// One with another value under a key of Manifest.plist; `None` takes it away.
fn plist(key: &'static str, value: Option<Plist>) -> BackupBuilder {
    encrypted().manifest_plist(move |plist| {
        match value {
            Some(value) => plist.insert(key.to_owned(), value),
            None => plist.remove(key),
        };
    })
}

/// Where the part of a keybag begins that is the `count`-th with this tag.
fn place(bag: &[u8], tag: &[u8; 4], count: usize) -> usize {
    let mut places = (0..bag.len()).filter(|at| bag[*at..].starts_with(tag));
    places.nth(count).unwrap()
}

/// Another length for a part, which stays where it is.
fn length(tag: &'static [u8; 4], count: usize, len: u32) -> BackupBuilder {
    bag(move |bag| {
        let at = place(bag, tag, count) + 4;
        bag[at..at + 4].copy_from_slice(&len.to_be_bytes());
    })
}

/// Another value for a part, with its length.
fn value(tag: &'static [u8; 4], count: usize, value: impl Into<Vec<u8>>) -> BackupBuilder {
    let value = value.into();
    bag(move |bag| {
        let at = place(bag, tag, count);
        let len = u32::from_be_bytes(bag[at + 4..at + 8].try_into().unwrap()) as usize;
        let new = u32::try_from(value.len()).unwrap().to_be_bytes();
        let part = [&tag[..], &new, &value].concat();
        bag.splice(at..at + 8 + len, part);
    })
}

fn number(tag: &'static [u8; 4], count: usize, number: u32) -> BackupBuilder {
    value(tag, count, number.to_be_bytes())
}

const UNREADABLE: &str = "corrupt: manifest-unreadable";
const LOCKED: &str = "unverified";
const WRONG: &str = "unverified: password-wrong";

/// What is made, and what is said of it with the password and without.
type Case = (&'static str, BackupBuilder, &'static str, &'static str);

/// Writes all beside each other, looks with the password and without, and compares.
#[track_caller]
fn check(cases: Vec<Case>) {
    let world = World::new();
    let mut expected = Vec::new();
    for (name, builder, open, locked) in cases {
        builder.folder_name(name).write(&world.backups());
        expected.push((name, [open, locked]));
    }
    compare(&world, &expected);
}

#[track_caller]
fn compare(world: &World, expected: &[(&str, [&str; 2])]) {
    let mut wrong = Vec::new();
    for (level, password, at) in [
        ("standard", PASSWORD, 0),
        ("contents", PASSWORD, 0),
        ("standard", "", 1),
    ] {
        let document = scan_with(world, password, &["--level", level, "--no-state"]);
        let said = verdicts(&document);
        for (name, expected) in expected {
            if said[name] != expected[at] {
                let problems = &document["problems"];
                wrong.push(format!(
                    "{name} at {level} {password:?}: {} instead of {}: {problems}",
                    said[name], expected[at]
                ));
            }
            // Never silence: a finding, or a reason why nothing was checked.
            let backup = of(&document, name);
            let told = !backup["findings"].as_array().unwrap().is_empty()
                || not_checked(backup).contains_key("file-missing");
            if !told && expected[at] != "complete" {
                wrong.push(format!("{name} at {level} {password:?}: nothing is told"));
            }
        }
        assert_eq!(said.len(), expected.len());
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

// ---- Keybags ----

/// Contract §4: "keybag or ManifestKey malformed" is `manifest-unreadable`, with a password and without.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_malformed_keybag_makes_the_manifest_unreadable() {
    let both = |name, builder| (name, builder, UNREADABLE, UNREADABLE);
    check(vec![
        both("first tag of 4 GiB", length(b"VERS", 0, u32::MAX)),
        both("salt of 4 GiB", length(b"SALT", 0, u32::MAX)),
        both("key of 4 GiB", length(b"WPKY", 3, u32::MAX)),
        both("last key of 4 GiB", length(b"WPKY", 10, u32::MAX)),
        both("a byte too long", length(b"WPKY", 10, 41)),
        both("empty", bag(Vec::clear)),
        both("half a tag", bag(|bag| bag.truncate(2))),
        both("a tag without a length", bag(|bag| bag.truncate(6))),
        both("a tag and no value", bag(|bag| bag.truncate(8))),
        both("cut", bag(|bag| bag.truncate(bag.len() - 1))),
        both(
            "noise",
            bag(|bag| *bag = (0..1 << 20).map(|at: u32| ((at * 31) >> 3) as u8).collect()),
        ),
        both("zeros", bag(|bag| *bag = vec![0; 1 << 20])),
        both("a word", plist("BackupKeyBag", Some("keybag".into()))),
        both("none", plist("BackupKeyBag", None)),
        both(
            "no classes",
            bag(|bag| bag.truncate(place(bag, b"UUID", 1))),
        ),
        both(
            "no salt",
            bag(|bag| {
                let at = place(bag, b"SALT", 0);
                bag.drain(at..at + 28);
            }),
        ),
        both("rounds of three bytes", value(b"ITER", 0, [0, 0, 1])),
        both("rounds of nine bytes", value(b"ITER", 0, [0; 9])),
        both("a short key", value(b"WPKY", 3, [1; 39])),
        both("no key", value(b"WPKY", 3, [])),
        both("a key of one block", value(b"WPKY", 3, [1; 8])),
    ]);
}

/// What is well formed, but of no use.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_strange_keybag_is_told_of() {
    check(vec![
        // No rounds are no derivation, however they are counted.
        (
            "no rounds at first",
            number(b"DPIC", 0, 0),
            UNREADABLE,
            UNREADABLE,
        ),
        ("no rounds", number(b"ITER", 0, 0), UNREADABLE, UNREADABLE),
        // "refused with a message": nothing is said against the backup.
        (
            "endless at first",
            number(b"DPIC", 0, u32::MAX),
            LOCKED,
            LOCKED,
        ),
        ("endless", number(b"ITER", 0, u32::MAX), LOCKED, LOCKED),
        (
            "just too many at first",
            number(b"DPIC", 0, 20_000_001),
            LOCKED,
            LOCKED,
        ),
        (
            "just too many",
            number(b"ITER", 0, 1_000_001),
            LOCKED,
            LOCKED,
        ),
        // The keys do not fit the password then.
        ("other rounds", number(b"ITER", 0, 2), WRONG, LOCKED),
        ("empty salt", value(b"SALT", 0, []), UNREADABLE, UNREADABLE),
        (
            "long salt",
            value(b"SALT", 0, vec![1; 100_000]),
            WRONG,
            LOCKED,
        ),
        // The class of ManifestKey, the fourth from the end, is not there.
        (
            "another class",
            number(b"CLAS", 7, u32::MAX),
            UNREADABLE,
            LOCKED,
        ),
        ("class 0", number(b"CLAS", 7, 0), UNREADABLE, LOCKED),
        // "`ManifestKey` present or (`IsEncrypted` true)" (F§5).
        (
            "said to be open",
            plist("IsEncrypted", Some(false.into())),
            "complete",
            LOCKED,
        ),
        ("not said", plist("IsEncrypted", None), "complete", LOCKED),
        // Tags that nobody knows.
        (
            "more tags",
            bag(|bag| bag.extend(b"XTRA\0\0\0\0LAST\0\0\0\x01x")),
            "complete",
            LOCKED,
        ),
        // Other types of keybag are of no backup, but this one opens.
        (
            "another version",
            number(b"VERS", 0, u32::MAX),
            "complete",
            LOCKED,
        ),
    ]);
}

/// Thousands of classes cost neither minutes nor memory.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn thousands_of_classes_do_no_harm() {
    let many = bag(|bag| {
        let group = bag[place(bag, b"UUID", 1)..place(bag, b"UUID", 2)].to_vec();
        for class in 0..3_000_u32 {
            let at = place(&group, b"CLAS", 0) + 8;
            let mut group = group.clone();
            group[at..at + 4].copy_from_slice(&(1_000 + class).to_be_bytes());
            bag.extend(group);
        }
    });
    let twice = bag(|bag| {
        let group = bag[place(bag, b"UUID", 8)..place(bag, b"UUID", 9)].to_vec();
        bag.extend(group.repeat(500));
    });
    check(vec![
        ("many", many, "complete", LOCKED),
        ("twice", twice, "complete", LOCKED),
    ]);
}

// ---- ManifestKey ----

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_malformed_manifest_key_makes_the_manifest_unreadable() {
    let key = |len: usize| {
        plist(
            "ManifestKey",
            Some(Plist::Data(
                [&[4, 0, 0, 0][..], &[7; 60]].concat()[..len].to_vec(),
            )),
        )
    };
    let class = |class: u32| {
        encrypted().manifest_plist(move |plist| match plist.get_mut("ManifestKey") {
            Some(Plist::Data(bytes)) => bytes[..4].copy_from_slice(&class.to_le_bytes()),
            other => panic!("{other:?}"),
        })
    };
    let both = |name, builder| (name, builder, UNREADABLE, UNREADABLE);
    check(vec![
        both("empty", key(0)),
        both("three bytes", key(3)),
        both("a class alone", key(4)),
        both("43 bytes", key(43)),
        both("45 bytes", key(45)),
        both("64 bytes", key(64)),
        both("a word", plist("ManifestKey", Some("key".into()))),
        // Of the right shape: that it opens nothing is only seen with the password.
        ("noise", key(44), UNREADABLE, LOCKED),
        ("class 0", class(0), UNREADABLE, LOCKED),
        ("class 3", class(3), UNREADABLE, LOCKED),
        // The password opens that class too (F§11.1), and the key is not wrapped with it.
        ("class of the keychain", class(6), UNREADABLE, LOCKED),
        ("class of nobody", class(u32::MAX), UNREADABLE, LOCKED),
    ]);
}

// ---- Manifests ----

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_manifest_that_decrypts_to_no_database_is_unreadable() {
    let raw = |bytes: Vec<u8>| encrypted().raw("Manifest.db", bytes);
    let missing = "incomplete: manifest-missing";
    check(vec![
        ("0", raw(vec![]), missing, missing),
        // Not a multiple of 16.
        ("1", raw(vec![1]), UNREADABLE, UNREADABLE),
        ("15", raw(vec![1; 15]), UNREADABLE, UNREADABLE),
        ("17", raw(vec![1; 17]), UNREADABLE, UNREADABLE),
        ("4097", raw(vec![1; 4097]), UNREADABLE, UNREADABLE),
        // "decrypted but not SQLite".
        ("16", raw(vec![1; 16]), UNREADABLE, LOCKED),
        ("32", raw(vec![1; 32]), UNREADABLE, LOCKED),
        // As long as a database without padding.
        (
            "zeros",
            raw(vec![0; 1 << 20]),
            UNREADABLE,
            "unverified: manifest-unpadded",
        ),
    ]);
}

/// Header, page size and page count as they like, encrypted with the right key.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_manifest_that_decrypts_to_half_a_database_is_told_of() {
    /// The place of the page size and of the page count in the header.
    const PAGE_SIZE: usize = 16;
    const PAGE_COUNT: usize = 28;
    // The same without encryption: what is said of it is said of the encrypted one.
    let open = World::new();
    let world = World::new();
    let mut expected = Vec::new();
    let mut add = |name: &'static str, said: &'static str, edit: &dyn Fn(&mut Vec<u8>)| {
        let path = encrypted().folder_name(name).write(&world.backups());
        let keys = Keys::of(&path, PASSWORD);
        let mut plain = keys.open_manifest(&path);
        // The padding.
        plain.truncate(plain.len() - 16);
        edit(&mut plain);
        let twin = small().folder_name(name).raw("Manifest.db", plain.clone());
        twin.write(&open.backups());
        plain.extend([16; 16]);
        overwrite(&path.join("Manifest.db"), &keys.seal_manifest(&plain));
        expected.push((name, [said, LOCKED]));
    };
    let damaged = "corrupt: manifest-damaged";
    add("as it was", "complete", &|_| {});
    // Not even a table that could be missing.
    add("magic", UNREADABLE, &|plain| plain.truncate(16));
    add("header", damaged, &|plain| plain.truncate(96));
    add("a page", damaged, &|plain| plain.truncate(4096));
    add("half", damaged, &|plain| {
        plain.truncate(plain.len() / 8192 * 4096)
    });
    add("other magic", UNREADABLE, &|plain| plain[0] = b's');
    add("page size 0", UNREADABLE, &|plain| {
        plain[PAGE_SIZE..PAGE_SIZE + 2].fill(0)
    });
    add("page size 3", UNREADABLE, &|plain| plain[PAGE_SIZE + 1] = 3);
    add("page size 65536", damaged, &|plain| {
        plain[PAGE_SIZE..PAGE_SIZE + 2].copy_from_slice(&[0, 1]);
    });
    add("count 0", "complete", &|plain| {
        plain[PAGE_COUNT..PAGE_COUNT + 4].fill(0)
    });
    add("count 1", damaged, &|plain| {
        plain[PAGE_COUNT..PAGE_COUNT + 4].copy_from_slice(&[0, 0, 0, 1]);
    });
    add("count of 16 TiB", damaged, &|plain| {
        plain[PAGE_COUNT..PAGE_COUNT + 4].fill(0xff)
    });
    add("zeros behind it", "complete", &|plain| {
        plain.extend([0; 8192])
    });
    add("a schema of noise", damaged, &|plain| {
        plain[100..4096].fill(0xa5)
    });
    compare(&world, &expected);
    let document = open.scan(&[]);
    let twins = verdicts(&document);
    for (name, [said, _]) in expected {
        assert_eq!(twins[name], said, "{name}, not encrypted");
    }
}

/// Writes a file, and leaves it as old as it was.
fn overwrite(path: &Path, bytes: &[u8]) {
    let modified = fs::metadata(path).unwrap().modified().unwrap();
    fs::write(path, bytes).unwrap();
    let file = fs::OpenOptions::new().write(true).open(path).unwrap();
    file.set_modified(modified).unwrap();
}

/// "With the password an encrypted backup goes through every check of an open one": so of a strange
/// database the same is said, whether it was encrypted or not.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_strange_database_is_judged_as_an_open_one() {
    let statements = [
        ("no table", "DROP TABLE Files"),
        ("no tables", "DROP TABLE Files; DROP TABLE Properties"),
        (
            "a view",
            "ALTER TABLE Files RENAME TO F; CREATE VIEW Files AS SELECT * FROM F",
        ),
        (
            "an endless view",
            "DROP TABLE Files; CREATE VIEW Files AS WITH RECURSIVE n (fileID) AS \
            (SELECT 1 UNION ALL SELECT fileID + 1 FROM n) \
            SELECT fileID, 'D' AS domain, 'p' AS relativePath, 1 AS flags, NULL AS file FROM n",
        ),
        (
            "no column",
            "DROP INDEX FilesRelativePathIdx; ALTER TABLE Files DROP COLUMN relativePath",
        ),
        (
            "another column",
            "ALTER TABLE Files ADD COLUMN more DEFAULT 'x'",
        ),
        ("no rows", "DELETE FROM Files"),
        (
            "a huge row",
            "INSERT INTO Files VALUES ('00', 'D', 'p', 1, zeroblob(9000000))",
        ),
        (
            "other types",
            "UPDATE Files SET fileID = rowid, domain = x'ff00'",
        ),
        (
            "broken rule",
            "CREATE TABLE t (a); INSERT INTO t VALUES (NULL); \
            PRAGMA writable_schema = ON; \
            UPDATE sqlite_schema SET sql = 'CREATE TABLE t (a NOT NULL)' WHERE name = 't'",
        ),
    ];
    let (open, sealed) = (World::new(), World::new());
    for (name, statement) in statements {
        small()
            .sql(statement)
            .folder_name(name)
            .write(&open.backups());
        encrypted()
            .sql(statement)
            .folder_name(name)
            .write(&sealed.backups());
    }
    let whole = open.scan(&[]);
    let expected = verdicts(&whole);
    let opened = scan_with(&sealed, PASSWORD, &[]);
    assert_eq!(verdicts(&opened), expected);
    assert_eq!(opened["exit_code"], whole["exit_code"]);
    for name in ["no table", "no tables"] {
        assert_eq!(expected[name], UNREADABLE);
    }
    assert_eq!(expected["broken rule"], "corrupt: manifest-damaged");
    let locked = scan_with(&sealed, "", &[]);
    assert!(verdicts(&locked).values().all(|said| said == LOCKED));
}

// ---- Payloads ----

/// Contract §4: `payload-truncated` is a length that is no multiple of 16, `payload-empty` none at all.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn each_length_of_a_payload_has_its_finding() {
    let world = World::new();
    let mut builder = BackupBuilder::new(PHONE).bare().no_empty_shards();
    let path = |len: usize| format!("Media/DCIM/100APPLE/{len:02}.JPG");
    for len in 0..=48 {
        builder = builder.file(PHOTO.0, &path(len), &[7; 40]).payload(
            PHOTO.0,
            &path(len),
            vec![0x5a; len],
        );
    }
    builder.encrypted_with(PASSWORD).write(&world.backups());
    let found = |document: &Value, id: &str| -> BTreeSet<String> {
        let findings = document["backups"][0]["findings"].as_array().unwrap();
        let of_id = findings.iter().find(|finding| finding["id"] == id);
        let examples = of_id.map(|finding| finding["examples"].as_array().unwrap().clone());
        let examples = examples.unwrap_or_default();
        examples
            .iter()
            .map(|example| example["file_id"].as_str().unwrap().to_owned())
            .collect()
    };
    let ids = |lengths: &mut dyn Iterator<Item = usize>| -> BTreeSet<String> {
        lengths.map(|len| file_id(PHOTO.0, &path(len))).collect()
    };
    for (password, level) in [
        (PASSWORD, "standard"),
        (PASSWORD, "contents"),
        ("", "standard"),
        ("", "contents"),
    ] {
        let mut command = with_password(&world, password);
        command.args(["show", "--json", "--now", NOW, "--level", level]);
        let document = document(&world.output(command.arg(format!("Backup/{PHONE}"))));
        let odd = ids(&mut (0..=48).filter(|len| len % 16 != 0));
        assert_eq!(
            found(&document, "payload-truncated"),
            odd,
            "{password} {level}"
        );
        let empty = ids(&mut std::iter::once(0).filter(|_| password == PASSWORD));
        assert_eq!(
            found(&document, "payload-empty"),
            empty,
            "{password} {level}"
        );
        let padding = found(&document, "padding-invalid");
        if (password, level) == (PASSWORD, "contents") {
            assert_eq!(padding, ids(&mut [16, 32, 48].into_iter()));
        } else {
            assert_eq!(padding, BTreeSet::new(), "{password} {level}");
        }
        assert_eq!(document["backups"][0]["verdict"], "corrupt");
        assert_eq!(document["exit_code"], 2);
        let missing = found(&document, "file-missing");
        assert_eq!(missing, BTreeSet::new(), "{password} {level}");
    }
}

/// A key of a file that opens nothing is told of (F§11.1), and no matter of the others. Of a class that
/// there is no key for nothing can be told.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn keys_of_files_that_open_nothing_are_told_apart_from_what_cannot_be_told() {
    let world = World::new();
    let key = |class: u32, fill: u8| [&class.to_le_bytes()[..], &[fill; 40]].concat();
    let mut builder = small();
    let strange = [
        ("noise", key(4, 0x5a)),
        ("zeros", vec![0; 44]),
        ("class 0", key(0, 1)),
        ("keychain", key(7, 1)),
        ("nobody", key(u32::MAX, 1)),
    ];
    for (name, key) in &strange {
        let row = Row::file("HomeDomain", &format!("Library/{name}.db"), &[3; 100]);
        builder = builder.add(row.key_bytes(key.clone()));
    }
    builder.encrypted_with(PASSWORD).write(&world.backups());
    for level in ["standard", "contents"] {
        let document = scan_with(&world, PASSWORD, &["--level", level]);
        assert_eq!(document["exit_code"], 2);
        let backup = of(&document, PHONE);
        let findings = backup["findings"].as_array().unwrap();
        let errors: Vec<_> = findings
            .iter()
            .filter(|finding| finding["severity"] == "error")
            .collect();
        // Those of classes 4 and 7, which the keybag has.
        assert_eq!(errors.len(), 1, "{findings:?}");
        assert_eq!(errors[0]["id"], "key-invalid");
        assert_eq!(errors[0]["count"], 2);
        // What could not be decrypted was not found to be sound.
        if level == "contents" {
            let padding = findings
                .iter()
                .find(|finding| finding["id"] == "padding-invalid");
            let told = padding.is_some_and(|finding| finding["count"] == strange.len())
                || not_checked(backup).contains_key("padding-invalid")
                || findings.iter().any(|finding| {
                    finding["id"] == "record-undecodable" && finding["count"] == strange.len()
                });
            assert!(told, "{backup:#}");
        }
    }
}
