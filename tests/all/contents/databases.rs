//! `app-database-damaged`: the databases of apps that people would miss most, and all that is no
//! damage of theirs.

use rusqlite::Connection;

use super::*;
use crate::support::{
    DATABASE_LEAF, Padding, Row, damaged_database, database, database_needing_wal, file_id,
};

const MESSAGES: Name = ("HomeDomain", "Library/SMS/sms.db");
const PHOTOS: Name = ("CameraRollDomain", "Media/PhotoData/Photos.sqlite");

/// Those that are looked into (F§8, F§13).
const DATABASES: [Name; 8] = [
    MESSAGES,
    (
        "AppDomainGroup-group.net.whatsapp.WhatsApp.shared",
        "ChatStorage.sqlite",
    ),
    PHOTOS,
    ("HomeDomain", "Library/AddressBook/AddressBook.sqlitedb"),
    ("HomeDomain", "Library/CallHistoryDB/CallHistory.storedata"),
    ("AppDomainGroup-group.com.apple.notes", "NoteStore.sqlite"),
    ("HealthDomain", "Health/healthdb.sqlite"),
    ("HealthDomain", "Health/healthdb_secure.sqlite"),
];

const ONE: &str = "complete 0: warning app-database-damaged ×1";
const WELL: &str = "complete 0:";

/// Open, encrypted, and of iOS 9.
fn each_way(
    name: &str,
    build: impl Fn(BackupBuilder) -> BackupBuilder,
    expected: &str,
) -> Vec<String> {
    let mut wrong = Vec::new();
    let encrypted = || phone().encrypted_with(PASSWORD);
    for (way, builder, password) in [
        ("open", phone(), None),
        ("encrypted", encrypted(), Some(PASSWORD)),
        ("iOS 9", phone().mbdb(), None),
        ("iOS 9, encrypted", encrypted().mbdb(), Some(PASSWORD)),
    ] {
        let document = World::of(build(builder)).scan_with(password, &["--no-state"]);
        let found = outcome(&document);
        if found != expected {
            wrong.push(format!("{name}, {way}: {found}"));
        }
    }
    wrong
}

/// Damaged on the device already: its checksum is that of the damaged one.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn each_database_is_looked_into() {
    let mut wrong = Vec::new();
    for (domain, path) in DATABASES {
        let with =
            |bytes: Vec<u8>| move |builder: BackupBuilder| builder.file(domain, path, &bytes);
        wrong.extend(each_way(path, with(damaged_database()), ONE));
        wrong.extend(each_way(path, with(database()), WELL));
    }
    assert_all(&wrong);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn several_are_one_finding_that_names_them() {
    let damaged = damaged_database();
    let all = |builder| {
        DATABASES
            .iter()
            .fold(builder, |builder: BackupBuilder, (domain, path)| {
                builder.file(domain, path, &damaged)
            })
    };
    assert_all(&each_way(
        "all",
        all,
        "complete 0: warning app-database-damaged ×8",
    ));
    let world = World::of(all(phone()));
    let document = world.scan(&[]);
    let told = finding(only_backup(&document), "app-database-damaged");
    assert_eq!(told["bytes"], 8 * damaged.len());
    let mut named: Vec<_> = told["examples"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| ["domain", "path"].map(|key| one[key].as_str().unwrap()))
        .collect();
    named.sort();
    let mut expected: Vec<_> = DATABASES.map(|(domain, path)| [domain, path]).into();
    expected.sort();
    assert_eq!(named, expected);
    let message = told["message"].as_str().unwrap();
    assert!(message.contains("Messages"), "{told}");
    let code = |args: &[&str]| world.run([&SCAN[..], &["--now", NOW], args].concat()).code;
    assert_eq!(code(&["--fail-on", "warning"]), 1);
    assert_eq!(code(&[]), 0);
}

/// Without the password nobody can look into them.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_locked_one_is_not_judged() {
    let encrypted = || {
        let builder = phone().encrypted_with(PASSWORD);
        builder.file(MESSAGES.0, MESSAGES.1, &damaged_database())
    };
    let look = |builder| outcome(&World::of(builder).scan(&[]));
    assert_eq!(look(encrypted()), "unverified 0:");
    assert_eq!(look(encrypted().mbdb()), WELL);
}

/// A bit that was flipped on this disk, in a page of rows.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_flipped_bit_on_the_disk() {
    let flipped = |(domain, path): Name| {
        move |builder: BackupBuilder| {
            let builder = builder.file(domain, path, &database());
            builder.flip_in_payload(domain, path, DATABASE_LEAF + 14)
        }
    };
    let mut wrong = each_way("without a checksum", flipped(PHOTOS), ONE);
    let both = "corrupt 2: error digest-mismatch ×1, warning app-database-damaged ×1";
    wrong.extend(each_way("with one", flipped(MESSAGES), both));
    assert_all(&wrong);
}

/// F§18: the database alone may be half of it.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn one_that_needs_its_wal_is_not_damaged() {
    let (half, wal) = database_needing_wal();
    let mut wrong = Vec::new();
    for (domain, path) in [MESSAGES, PHOTOS] {
        let with = |wal: Vec<u8>| {
            let half = half.clone();
            move |builder: BackupBuilder| {
                let builder = builder.file(domain, path, &half);
                builder.file(domain, &format!("{path}-wal"), &wal)
            }
        };
        // Whether the two are put together or the complaint is passed over: no damage either way.
        for verdict in each_way(path, with(wal.clone()), WELL) {
            if !verdict.ends_with("unverified 0:") {
                wrong.push(verdict);
            }
        }
        // An empty one, 16 bytes where it is encrypted, holds nothing that could be missing.
        wrong.extend(each_way(path, with(Vec::new()), ONE));
    }
    assert_all(&wrong);
}

/// What devices have and this computer has not: other ways to sort and to cut words. And what is no
/// database at all, or none of those.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_only_the_device_knows_is_no_damage() {
    let sorted = made(
        "CREATE TABLE ABPerson (First TEXT);
         CREATE INDEX names ON ABPerson (First COLLATE NOCASE);
         INSERT INTO ABPerson VALUES ('a'), ('b');
         PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = replace(sql, 'NOCASE', 'CNLOCALIZED');",
    );
    let cut = made(
        "CREATE VIRTUAL TABLE ABPersonFullTextSearch USING fts4 (First, tokenize=simple);
         INSERT INTO ABPersonFullTextSearch VALUES ('a');
         PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = replace(sql, 'tokenize=simple', 'tokenize=ab_cf_tokenizer');",
    );
    let module = made(
        "CREATE VIRTUAL TABLE words USING fts4 (First);
         PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = replace(sql, 'USING fts4', 'USING of_the_device');",
    );
    let function = made(
        "CREATE TABLE message (guid TEXT, text TEXT);
         CREATE INDEX short ON message (length(text));
         INSERT INTO message VALUES ('a', 'b');
         PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = replace(sql, 'length(', 'guid_of(');",
    );
    let contacts = ("HomeDomain", "Library/AddressBook/AddressBook.sqlitedb");
    let mut wrong = Vec::new();
    for (what, (domain, path), bytes) in [
        ("sorted in the device's way", contacts, sorted),
        ("cut into words in the device's way", contacts, cut),
        ("a module of the device", contacts, module),
        ("a function of the device", MESSAGES, function),
        ("empty", MESSAGES, Vec::new()),
        (
            "of another app",
            ("AppDomain-net.example.chat", "Documents/ChatStorage.sqlite"),
            damaged_database(),
        ),
        (
            "of this name elsewhere",
            ("AppDomain-net.example.chat", "Library/SMS/sms.db"),
            damaged_database(),
        ),
    ] {
        let with = |builder: BackupBuilder| builder.file(domain, path, &bytes);
        for verdict in each_way(what, with, WELL) {
            // A reader's limit is told as such (contract §2).
            if !verdict.ends_with("unverified 0:") {
                wrong.push(verdict);
            }
        }
    }
    assert_all(&wrong);
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
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_database_without_padding_is_whole() {
    let encrypted = || {
        let builder = phone().encrypted_with(PASSWORD);
        builder.file(PHOTOS.0, PHOTOS.1, &database())
    };
    for padding in [Padding::None, Padding::Zeros] {
        let builder = encrypted().payload_padding(PHOTOS.0, PHOTOS.1, padding);
        let document = World::of(builder).scan_with(Some(PASSWORD), &[]);
        let ids = finding_ids(only_backup(&document));
        assert!(!ids.contains("app-database-damaged"), "{padding:?}");
    }
    // A key that is missing or wrong is not the database's fault.
    for row in [
        Row::file(PHOTOS.0, PHOTOS.1, &database()).without_key(),
        Row::file(PHOTOS.0, PHOTOS.1, &database()).key_bytes(vec![3; 44]),
    ] {
        let builder = phone().encrypted_with(PASSWORD).add(row);
        let document = World::of(builder).scan_with(Some(PASSWORD), &[]);
        let ids = finding_ids(only_backup(&document));
        assert!(!ids.contains("app-database-damaged"), "{ids:?}");
    }
}

/// Under a name in upper case, as some disks have them, and in `Snapshot/` where that counts first.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn it_is_looked_into_where_it_is() {
    let id = file_id(PHOTOS.0, PHOTOS.1);
    let shard = &id[..2];
    let upper = phone().file(PHOTOS.0, PHOTOS.1, &damaged_database());
    let upper = upper.without(&format!("{shard}/{id}")).raw(
        &format!("{shard}/{}", id.to_uppercase()),
        damaged_database(),
    );
    assert_eq!(outcome(&World::of(upper).scan(&[])), ONE);

    let with = |bytes: Vec<u8>| bare().file(PHOTOS.0, PHOTOS.1, &bytes);
    let stopped = "interrupted 0:";
    let damaged = "warning app-database-damaged ×1, warning move-interrupted ×1";
    for (old, new, expected) in [
        (
            database(),
            damaged_database(),
            format!("{stopped} {damaged}"),
        ),
        (
            damaged_database(),
            database(),
            format!("{stopped} warning move-interrupted ×1"),
        ),
    ] {
        let builder = with(old).snapshot(with(new)).snapshot_state("moving");
        assert_eq!(outcome(&World::of(builder).scan(&[])), expected);
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
            let place = world.payload(PHOTOS);
            let modified = fs::metadata(&place).unwrap().modified().unwrap();
            let file = OpenOptions::new().write(true).open(&place).unwrap();
            file.set_len(len).unwrap();
            file.set_modified(modified).unwrap();
            drop(file);
            let mut command = world.command();
            command.args(SCAN).args(["--now", NOW]);
            // Without `output`, which would read it twice more.
            let run = Run::from(command.ended().unwrap());
            let document = document(&run);
            let is_told = not_checked(only_backup(&document)).contains_key("app-database-damaged");
            let found = outcome(&document);
            if len == 2_000_000_000 {
                assert_eq!((found.as_str(), is_told), (ONE, false));
            } else {
                assert!([WELL, "unverified 0:"].contains(&found.as_str()), "{found}");
                assert!(is_told, "{document:#}");
            }
        }
    }
}
