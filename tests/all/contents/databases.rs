//! `app-database-damaged`: the databases of apps that people would miss most, and all that is no
//! damage of theirs.

#![cfg(not(windows))]

use rusqlite::Connection;

use super::*;
use crate::support::{
    DATABASE_LEAF, Padding, Row, damaged_database, database, database_needing_wal, file_id,
};

const MESSAGES: Name = ("HomeDomain", "Library/SMS/sms.db");
const WHATSAPP: Name = (
    "AppDomainGroup-group.net.whatsapp.WhatsApp.shared",
    "ChatStorage.sqlite",
);
const PHOTOS: Name = ("CameraRollDomain", "Media/PhotoData/Photos.sqlite");

/// Those that are looked into (F§8, F§13).
const DATABASES: [Name; 8] = [
    MESSAGES,
    WHATSAPP,
    PHOTOS,
    ("HomeDomain", "Library/AddressBook/AddressBook.sqlitedb"),
    ("HomeDomain", "Library/CallHistoryDB/CallHistory.storedata"),
    ("AppDomainGroup-group.com.apple.notes", "NoteStore.sqlite"),
    ("HealthDomain", "Health/healthdb.sqlite"),
    ("HealthDomain", "Health/healthdb_secure.sqlite"),
];

const ONE: &str = "complete 0: warning app-database-damaged ×1";

/// What is said of it open, encrypted, and of iOS 9.
fn each_way(build: impl Fn(BackupBuilder) -> BackupBuilder) -> Vec<(&'static str, String)> {
    let ways = [
        ("open", phone(), None),
        ("encrypted", encrypted(), PASS),
        ("iOS 9", phone().mbdb(), None),
        ("iOS 9, encrypted", encrypted().mbdb(), PASS),
    ];
    let outcomes = ways.map(|(way, builder, password)| {
        let document = World::of(build(builder)).scan_with(password, &["--no-state"]);
        (way, outcome(&document))
    });
    outcomes.into()
}

/// Fails if it is otherwise in any of these ways.
fn check(name: &str, build: impl Fn(BackupBuilder) -> BackupBuilder, expected: &str) {
    for (way, found) in each_way(build) {
        assert_eq!(found, expected, "{name}, {way}");
    }
}

/// Fails if damage is told; that it cannot be known may be (contract §2: a reader's limit is told as such).
fn check_no_damage(name: &str, build: impl Fn(BackupBuilder) -> BackupBuilder) {
    for (way, found) in each_way(build) {
        let is_damaged = ![WELL, UNVERIFIED].contains(&&found[..]);
        assert!(!is_damaged, "{name}, {way}: {found}");
    }
}

/// Damaged on the device already: its checksum is that of the damaged one.
#[test]
fn each_database_is_looked_into() {
    for (domain, path) in DATABASES {
        let with = |bytes: Vec<u8>| move |it: BackupBuilder| it.file(domain, path, &bytes);
        check(path, with(damaged_database()), ONE);
        check(path, with(database()), WELL);
    }
}

#[test]
fn several_are_one_finding_that_names_them() {
    let damaged = damaged_database();
    let all = |builder: BackupBuilder| {
        let rows = DATABASES.map(|(domain, path)| Row::file(domain, path, &damaged));
        rows.into_iter().fold(builder, BackupBuilder::add)
    };
    check("all", all, "complete 0: warning app-database-damaged ×8");
    let world = World::of(all(phone()));
    let document = world.scan(&[]);
    let told = finding(only_backup(&document), "app-database-damaged");
    assert_eq!(told["bytes"], 8 * damaged.len());
    let mut expected = DATABASES;
    expected.sort();
    assert_eq!(named(told), expected);
    let message = told["message"].as_str().unwrap();
    assert!(message.contains("Messages"), "{told}");
    assert_eq!(world.run(SCAN).code, 0);
    let strict = world.run([SCAN, &["--fail-on", "warning"]].concat());
    assert_eq!(strict.code, 1);
}

/// Without the password nobody can look into them.
#[test]
fn a_locked_one_is_not_judged() {
    let locked = || encrypted().file(MESSAGES.0, MESSAGES.1, &damaged_database());
    assert_eq!(outcome_at_first(locked(), None), UNVERIFIED);
    assert_eq!(outcome_at_first(locked().mbdb(), None), WELL);
}

/// A bit that was flipped on this disk, in a page of rows.
#[test]
fn a_flipped_bit_on_the_disk() {
    let both = "corrupt 2: error digest-mismatch ×1, warning app-database-damaged ×1";
    for (name, (domain, path), expected) in [
        ("without a checksum", PHOTOS, ONE),
        ("with one", MESSAGES, both),
    ] {
        let flipped = |builder: BackupBuilder| {
            let builder = builder.file(domain, path, &database());
            builder.flip_in_payload(domain, path, DATABASE_LEAF + 14)
        };
        check(name, flipped, expected);
    }
}

/// F§18: the database alone may be half of it.
#[test]
fn one_that_needs_its_wal_is_not_damaged() {
    let (half, wal) = database_needing_wal();
    for (domain, path) in [MESSAGES, PHOTOS] {
        let with = |builder: BackupBuilder, wal: &[u8]| {
            let builder = builder.file(domain, path, &half);
            builder.file(domain, &format!("{path}-wal"), wal)
        };
        // Whether the two are put together or the complaint is passed over: no damage either way.
        check_no_damage(path, |builder| with(builder, &wal));
        // An empty one, 16 bytes where it is encrypted, holds nothing that could be missing.
        check(path, |builder| with(builder, &[]), ONE);
    }
}

/// What devices have and this computer has not: other ways to sort and to cut words. And what is no
/// database at all, or none of those.
#[test]
fn what_only_the_device_knows_is_no_damage() {
    // What is made, and what of its schema becomes something else.
    let made = |statements: &str, [known, unknown]: [&str; 2]| {
        made(&format!(
            "{statements};
             PRAGMA writable_schema = ON;
             UPDATE sqlite_schema SET sql = replace(sql, '{known}', '{unknown}');"
        ))
    };
    let sorted = "CREATE TABLE ABPerson (First TEXT);
                  CREATE INDEX names ON ABPerson (First COLLATE NOCASE);
                  INSERT INTO ABPerson VALUES ('a'), ('b')";
    let sorted = made(sorted, ["NOCASE", "CNLOCALIZED"]);
    let cut = "CREATE VIRTUAL TABLE ABPersonFullTextSearch USING fts4 (First, tokenize=simple);
               INSERT INTO ABPersonFullTextSearch VALUES ('a')";
    let cut = made(cut, ["tokenize=simple", "tokenize=ab_cf_tokenizer"]);
    let module = "CREATE VIRTUAL TABLE words USING fts4 (First)";
    let module = made(module, ["USING fts4", "USING of_the_device"]);
    let function = "CREATE TABLE message (guid TEXT, text TEXT);
                    CREATE INDEX short ON message (length(text));
                    INSERT INTO message VALUES ('a', 'b')";
    let function = made(function, ["length(", "guid_of("]);
    let contacts = ("HomeDomain", "Library/AddressBook/AddressBook.sqlitedb");
    let other_app = (CHAT.0, "Documents/ChatStorage.sqlite");
    let elsewhere = (CHAT.0, MESSAGES.1);
    for (what, (domain, path), bytes) in [
        ("sorted in the device's way", contacts, sorted),
        ("cut into words in the device's way", contacts, cut),
        ("a module of the device", contacts, module),
        ("a function of the device", MESSAGES, function),
        ("empty", MESSAGES, Vec::new()),
        ("of another app", other_app, damaged_database()),
        ("of this name elsewhere", elsewhere, damaged_database()),
    ] {
        check_no_damage(what, |builder| builder.file(domain, path, &bytes));
    }
}

fn made(statements: &str) -> Vec<u8> {
    let file = tempfile::NamedTempFile::new().unwrap();
    let db = Connection::open(file.path()).unwrap();
    db.execute_batch(statements).unwrap();
    drop(db);
    fs::read(file.path()).unwrap()
}

/// Bytes after the last page, as decryption without padding leaves them, are no damage.
#[test]
fn a_database_without_padding_is_whole() {
    let whole = || Row::file(PHOTOS.0, PHOTOS.1, &database());
    let padded = |padding| {
        let builder = encrypted().add(whole());
        builder.payload_padding(PHOTOS.0, PHOTOS.1, padding)
    };
    let wrong_key = whole().key_bytes(vec![3; 44]);
    for (what, builder) in [
        ("not padded", padded(Padding::None)),
        ("padded with zeros", padded(Padding::Zeros)),
        // A key that is missing or wrong is not the database's fault.
        ("no key", encrypted().add(whole().without_key())),
        ("a wrong key", encrypted().add(wrong_key)),
    ] {
        let document = World::of(builder).scan_with(PASS, &[]);
        let ids = finding_ids(only_backup(&document));
        assert!(!ids.contains("app-database-damaged"), "{what}: {ids:?}");
    }
}

/// Under a name in upper case, as some disks have them, and in `Snapshot/` where that counts first.
#[test]
fn it_is_looked_into_where_it_is() {
    let id = file_id(PHOTOS.0, PHOTOS.1);
    let shard = &id[..2];
    let upper = phone().file(PHOTOS.0, PHOTOS.1, &damaged_database());
    let upper = upper.without(&format!("{shard}/{id}"));
    let place = format!("{shard}/{}", id.to_uppercase());
    let upper = upper.raw(&place, damaged_database());
    assert_eq!(outcome_at_first(upper, None), ONE);

    let with = |bytes: Vec<u8>| bare().file(PHOTOS.0, PHOTOS.1, &bytes);
    let moved = "warning move-interrupted ×1";
    let damaged = format!("interrupted 0: warning app-database-damaged ×1, {moved}");
    let sound = format!("interrupted 0: {moved}");
    for (what, old, new, expected) in [
        ("the new one", database(), damaged_database(), damaged),
        ("the old one", damaged_database(), database(), sound),
    ] {
        let moving = with(old).snapshot(with(new)).snapshot_state("moving");
        assert_eq!(outcome_at_first(moving, None), expected, "{what}");
    }
}

mod slow {
    use super::*;

    /// More than 2 GB is beyond the check, and said to be. The file is sparse, but it is read.
    #[test]
    #[ignore = "reads 4 GB"]
    fn one_of_more_than_2_gb_is_not_judged() {
        for len in [2_000_000_000, 2_000_000_001] {
            let world = World::of(phone().file(PHOTOS.0, PHOTOS.1, &damaged_database()));
            set_len(&world.payload(PHOTOS), len);
            let mut command = world.command();
            command.args(SCAN);
            // Without `output`, which would read it twice more.
            let run = Run::from(command.ended().unwrap());
            let document = document(&run);
            let is_told = not_checked(only_backup(&document)).contains_key("app-database-damaged");
            let found = outcome(&document);
            if len == 2_000_000_000 {
                assert_eq!((found.as_str(), is_told), (ONE, false));
            } else {
                assert!([WELL, UNVERIFIED].contains(&found.as_str()), "{found}");
                assert!(is_told, "{document:#}");
            }
        }
    }
}
