//! Keybags, keys and manifests that no device writes: always a finding or a reason, never the end of the
//! program (contract §2 to §4; F§11). What is judged is written beside each.
#![cfg(not(windows))]

use std::collections::BTreeSet;

use plist::Value as Plist;

use super::keys::{Keys, overwrite};
use super::*;
use crate::cli::configured::of;
use crate::support::{Row, file_id};

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
        set(bag, at, &len.to_be_bytes());
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
type Case = (&'static str, BackupBuilder, [&'static str; 2]);

/// Something of which the same is said with the password and without.
fn broken(name: &'static str, builder: BackupBuilder) -> Case {
    (name, builder, [UNREADABLE, UNREADABLE])
}

/// Something of which this is said with the password, and without it no more than that it is locked.
fn locked(name: &'static str, builder: BackupBuilder, open: &'static str) -> Case {
    (name, builder, [open, LOCKED])
}

/// Writes all beside each other, looks with the password and without, and compares.
#[track_caller]
fn check(cases: Vec<Case>) {
    let world = World::new();
    let mut expected = Vec::new();
    for (name, builder, said) in cases {
        builder.folder_name(name).write(&world.backups());
        expected.push((name, said));
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
        let verdicts = verdicts(&document);
        assert_eq!(verdicts.len(), expected.len());
        for (name, expected) in expected {
            let (said, expected) = (&verdicts[name], expected[at]);
            let what = format!("{name} at {level} {password:?}");
            if said != expected {
                let problems = &document["problems"];
                wrong.push(format!("{what}: {said} instead of {expected}: {problems}"));
            }
            // Never silence: a finding, or a reason why nothing was checked.
            let backup = of(&document, name);
            let told = list(&backup["findings"]).len() > 0
                || not_checked(backup).contains_key("file-missing");
            if !told && expected != "complete" {
                wrong.push(format!("{what}: nothing is told"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

// ---- Keybags ----

/// Contract §4: "keybag or ManifestKey malformed" is `manifest-unreadable`, with a password and without.
#[test]
fn a_malformed_keybag_makes_the_manifest_unreadable() {
    let noise = |at: u32| ((at * 31) >> 3) as u8;
    let without_salt = |bag: &mut Vec<u8>| {
        let at = place(bag, b"SALT", 0);
        bag.drain(at..at + 28);
    };
    let without_classes = |bag: &mut Vec<u8>| bag.truncate(place(bag, b"UUID", 1));
    check(vec![
        broken("first tag of 4 GiB", length(b"VERS", 0, u32::MAX)),
        broken("salt of 4 GiB", length(b"SALT", 0, u32::MAX)),
        broken("key of 4 GiB", length(b"WPKY", 3, u32::MAX)),
        broken("last key of 4 GiB", length(b"WPKY", 10, u32::MAX)),
        broken("a byte too long", length(b"WPKY", 10, 41)),
        broken("empty", bag(Vec::clear)),
        broken("half a tag", bag(|bag| bag.truncate(2))),
        broken("a tag without a length", bag(|bag| bag.truncate(6))),
        broken("a tag and no value", bag(|bag| bag.truncate(8))),
        broken("cut", bag(|bag| bag.truncate(bag.len() - 1))),
        broken(
            "noise",
            bag(move |bag| *bag = (0..1 << 20).map(noise).collect()),
        ),
        broken("zeros", bag(|bag| *bag = vec![0; 1 << 20])),
        broken("a word", plist("BackupKeyBag", Some("keybag".into()))),
        broken("none", plist("BackupKeyBag", None)),
        broken("no classes", bag(without_classes)),
        broken("no salt", bag(without_salt)),
        broken("rounds of three bytes", value(b"ITER", 0, [0, 0, 1])),
        broken("rounds of nine bytes", value(b"ITER", 0, [0; 9])),
        broken("a short key", value(b"WPKY", 3, [1; 39])),
        broken("no key", value(b"WPKY", 3, [])),
        broken("a key of one block", value(b"WPKY", 3, [1; 8])),
    ]);
}

/// What is well formed, but of no use.
#[test]
fn a_strange_keybag_is_told_of() {
    let unknown = b"XTRA\0\0\0\0LAST\0\0\0\x01x";
    check(vec![
        // No rounds are no derivation, however they are counted.
        broken("no rounds at first", number(b"DPIC", 0, 0)),
        broken("no rounds", number(b"ITER", 0, 0)),
        broken("empty salt", value(b"SALT", 0, [])),
        // "refused with a message": nothing is said against the backup.
        locked("endless at first", number(b"DPIC", 0, u32::MAX), LOCKED),
        locked("endless", number(b"ITER", 0, u32::MAX), LOCKED),
        locked("too many at first", number(b"DPIC", 0, 20_000_001), LOCKED),
        locked("just too many", number(b"ITER", 0, 1_000_001), LOCKED),
        // The keys do not fit the password then.
        locked("other rounds", number(b"ITER", 0, 2), WRONG),
        locked("long salt", value(b"SALT", 0, vec![1; 100_000]), WRONG),
        // The class of ManifestKey, the fourth from the end, is not there.
        locked("another class", number(b"CLAS", 7, u32::MAX), UNREADABLE),
        locked("class 0", number(b"CLAS", 7, 0), UNREADABLE),
        // "`ManifestKey` present or (`IsEncrypted` true)" (F§5).
        locked("open", plist("IsEncrypted", Some(false.into())), "complete"),
        locked("not said", plist("IsEncrypted", None), "complete"),
        // Tags that nobody knows.
        locked("more tags", bag(move |bag| bag.extend(unknown)), "complete"),
        // Other types of keybag are of no backup, but this one opens.
        locked("version", number(b"VERS", 0, u32::MAX), "complete"),
    ]);
}

/// Thousands of classes cost neither minutes nor memory.
#[test]
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
        locked("many", many, "complete"),
        locked("twice", twice, "complete"),
    ]);
}

// ---- ManifestKey ----

#[test]
fn a_malformed_manifest_key_makes_the_manifest_unreadable() {
    let key = |len: usize| {
        let bytes = [&[4, 0, 0, 0][..], &[7; 60]].concat();
        plist("ManifestKey", Some(Plist::Data(bytes[..len].to_vec())))
    };
    let class = |class: u32| {
        encrypted().manifest_plist(move |plist| match plist.get_mut("ManifestKey") {
            Some(Plist::Data(bytes)) => bytes[..4].copy_from_slice(&class.to_le_bytes()),
            other => panic!("{other:?}"),
        })
    };
    check(vec![
        broken("empty", key(0)),
        broken("three bytes", key(3)),
        broken("a class alone", key(4)),
        broken("43 bytes", key(43)),
        broken("45 bytes", key(45)),
        broken("64 bytes", key(64)),
        broken("a word", plist("ManifestKey", Some("key".into()))),
        // Of the right shape: that it opens nothing is only seen with the password.
        locked("noise", key(44), UNREADABLE),
        locked("class 0", class(0), UNREADABLE),
        locked("class 3", class(3), UNREADABLE),
        // The password opens that class too (F§11.1), and the key is not wrapped with it.
        locked("class of the keychain", class(6), UNREADABLE),
        locked("class of nobody", class(u32::MAX), UNREADABLE),
    ]);
}

// ---- Manifests ----

#[test]
fn a_manifest_that_decrypts_to_no_database_is_unreadable() {
    let raw = |bytes: Vec<u8>| encrypted().raw("Manifest.db", bytes);
    let missing = "incomplete: manifest-missing";
    check(vec![
        ("0", raw(vec![]), [missing, missing]),
        // Not a multiple of 16.
        broken("1", raw(vec![1])),
        broken("15", raw(vec![1; 15])),
        broken("17", raw(vec![1; 17])),
        broken("4097", raw(vec![1; 4097])),
        // "decrypted but not SQLite".
        locked("16", raw(vec![1; 16]), UNREADABLE),
        locked("32", raw(vec![1; 32]), UNREADABLE),
        // As long as a database without padding.
        (
            "zeros",
            raw(vec![0; 1 << 20]),
            [UNREADABLE, "unverified: manifest-unpadded"],
        ),
    ]);
}

/// What a manifest is called, what is said of it, and what is changed in it.
type Edited = (&'static str, &'static str, fn(&mut Vec<u8>));

fn set(bytes: &mut [u8], at: usize, new: &[u8]) {
    bytes[at..at + new.len()].copy_from_slice(new);
}

/// Header, page size and page count as they like, encrypted with the right key.
#[test]
fn a_manifest_that_decrypts_to_half_a_database_is_told_of() {
    let damaged = "corrupt: manifest-damaged";
    // The page size stands at 16 in the header, the page count at 28.
    let cases: [Edited; 14] = [
        ("as it was", "complete", |_| {}),
        // Not even a table that could be missing.
        ("magic", UNREADABLE, |plain| plain.truncate(16)),
        ("header", damaged, |plain| plain.truncate(96)),
        ("a page", damaged, |plain| plain.truncate(4096)),
        ("half", damaged, |all| all.truncate(all.len() / 8192 * 4096)),
        ("other magic", UNREADABLE, |plain| plain[0] = b's'),
        ("page size 0", UNREADABLE, |plain| plain[16..18].fill(0)),
        ("page size 3", UNREADABLE, |plain| plain[17] = 3),
        ("page size 65536", damaged, |all| set(all, 16, &[0, 1])),
        ("count 0", "complete", |plain| plain[28..32].fill(0)),
        ("count 1", damaged, |all| set(all, 28, &[0, 0, 0, 1])),
        ("count of 16 TiB", damaged, |plain| plain[28..32].fill(0xff)),
        ("zeros behind it", "complete", |all| all.extend([0; 8192])),
        ("a schema of noise", damaged, |all| {
            all[100..4096].fill(0xa5)
        }),
    ];
    // The same without encryption: what is said of it is said of the encrypted one.
    let (open, world) = (World::new(), World::new());
    for (name, _, edit) in cases {
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
    }
    compare(&world, &cases.map(|(name, said, _)| (name, [said, LOCKED])));
    let expected = cases.map(|(name, said, _)| (name, said));
    assert_verdicts(&open.scan(&[]), &expected, "not encrypted");
}

/// "With the password an encrypted backup goes through every check of an open one": so of a strange
/// database the same is said, whether it was encrypted or not.
#[test]
fn a_strange_database_is_judged_as_an_open_one() {
    let view = "ALTER TABLE Files RENAME TO F; CREATE VIEW Files AS SELECT * FROM F";
    let endless = "DROP TABLE Files; CREATE VIEW Files AS WITH RECURSIVE n (fileID) AS \
        (SELECT 1 UNION ALL SELECT fileID + 1 FROM n) \
        SELECT fileID, 'D' AS domain, 'p' AS relativePath, 1 AS flags, NULL AS file FROM n";
    let column = "DROP INDEX FilesRelativePathIdx; ALTER TABLE Files DROP COLUMN relativePath";
    let huge = "INSERT INTO Files VALUES ('00', 'D', 'p', 1, zeroblob(9000000))";
    let rule = "CREATE TABLE t (a); INSERT INTO t VALUES (NULL); PRAGMA writable_schema = ON; \
        UPDATE sqlite_schema SET sql = 'CREATE TABLE t (a NOT NULL)' WHERE name = 't'";
    let types = "UPDATE Files SET fileID = rowid, domain = x'ff00'";
    let statements = [
        ("no table", "DROP TABLE Files"),
        ("no tables", "DROP TABLE Files; DROP TABLE Properties"),
        ("a view", view),
        ("an endless view", endless),
        ("no column", column),
        (
            "another column",
            "ALTER TABLE Files ADD COLUMN more DEFAULT 'x'",
        ),
        ("no rows", "DELETE FROM Files"),
        ("a huge row", huge),
        ("other types", types),
        ("broken rule", rule),
    ];
    let all = |backup: fn() -> BackupBuilder| {
        let one = |(name, statement)| backup().sql(statement).folder_name(name);
        world_of(statements.map(one))
    };
    let (open, sealed) = (all(small), all(encrypted));
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
fn each_length_of_a_payload_has_its_finding() {
    let path = |len: usize| format!("Media/DCIM/100APPLE/{len:02}.JPG");
    let none = BackupBuilder::new(PHONE).bare().no_empty_shards();
    let builder = (0..=48).fold(none, |builder, len| {
        let photo = builder.file(PHOTO.0, &path(len), &[7; 40]);
        photo.payload(PHOTO.0, &path(len), vec![0x5a; len])
    });
    let world = world_of([builder.encrypted_with(PASSWORD)]);
    let folder = format!("Backup/{PHONE}");
    for level in ["standard", "contents"] {
        for password in [PASSWORD, ""] {
            let words = ["show", "--json", "--level", level, &folder];
            let document = document(&run_with(&world, password, &words));
            let expect = |id: &str, lengths: &dyn Fn(usize) -> bool| {
                let findings = list(&document["backups"][0]["findings"]);
                let mut found = BTreeSet::new();
                for finding in findings.filter(|one| one["id"] == id) {
                    found.extend(each(&finding["examples"], |one| {
                        text(&one["file_id"]).to_owned()
                    }));
                }
                let lengths = (0..=48).filter(|len| lengths(*len));
                let expected = lengths.map(|len| file_id(PHOTO.0, &path(len)));
                assert_eq!(found, expected.collect(), "{id} {password} {level}");
            };
            let opened = password == PASSWORD;
            let contents = opened && level == "contents";
            expect("payload-truncated", &|len| len % 16 != 0);
            expect("payload-empty", &|len| len == 0 && opened);
            expect("padding-invalid", &|len| {
                [16, 32, 48].contains(&len) && contents
            });
            expect("file-missing", &|_| false);
            assert_eq!(document["backups"][0]["verdict"], "corrupt");
            assert_eq!(document["exit_code"], 2);
        }
    }
}

/// A key of a file that opens nothing is told of (F§11.1), and no matter of the others. Of a class that
/// there is no key for nothing can be told.
#[test]
fn keys_of_files_that_open_nothing_are_told_apart_from_what_cannot_be_told() {
    let key = |class: u32, fill: u8| [&class.to_le_bytes()[..], &[fill; 40]].concat();
    let strange = [
        ("noise", key(4, 0x5a)),
        ("zeros", vec![0; 44]),
        ("class 0", key(0, 1)),
        ("keychain", key(7, 1)),
        ("nobody", key(u32::MAX, 1)),
    ];
    let builder = strange.iter().fold(small(), |builder, (name, key)| {
        let row = Row::file("HomeDomain", &format!("Library/{name}.db"), &[3; 100]);
        builder.add(row.key_bytes(key.clone()))
    });
    let world = world_of([builder.encrypted_with(PASSWORD)]);
    for level in ["standard", "contents"] {
        let document = scan_with(&world, PASSWORD, &["--level", level]);
        assert_eq!(document["exit_code"], 2);
        let backup = of(&document, PHONE);
        let mut errors = each(&backup["findings"], |one| {
            (text(&one["id"]), &one["count"], &one["severity"])
        });
        errors.retain(|(_, _, severity)| *severity == "error");
        // Those of classes 4 and 7, which the keybag has.
        let expected = [("key-invalid", &2.into(), &"error".into())];
        assert_eq!(errors, expected, "{backup:#}");
        // What could not be decrypted was not found to be sound.
        let counted = |one: &Value| {
            ["padding-invalid", "record-undecodable"].contains(&text(&one["id"]))
                && one["count"] == strange.len()
        };
        let told = not_checked(backup).contains_key("padding-invalid")
            || list(&backup["findings"]).any(counted);
        assert!(told || level == "standard", "{backup:#}");
    }
}
