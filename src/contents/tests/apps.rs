//! The databases of apps.

use std::fs;

use rusqlite::Connection;

use crate::contents::databases::judge;
use crate::facts::databases::apps;
use crate::model::options::Subset;
use crate::model::{AppDatabase, DatabaseState, FileId};
use crate::read::database::DatabaseError;

use super::world::World;

fn app(name: &str) -> FileId {
    let (_, domain, path) = apps().find(|app| app.0 == name).unwrap();
    FileId::of(domain.as_bytes(), path.as_bytes())
}

fn wal_of(name: &str) -> FileId {
    let (_, domain, path) = apps().find(|app| app.0 == name).unwrap();
    FileId::of(domain.as_bytes(), format!("{path}-wal").as_bytes())
}

/// A database that these statements make.
fn database(sql: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new.db");
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch(sql).unwrap();
    drop(connection);
    fs::read(path).unwrap()
}

fn messages() -> Vec<u8> {
    database(
        "PRAGMA page_size = 1024; CREATE TABLE message (id INTEGER PRIMARY KEY, text TEXT);
         WITH RECURSIVE ids (id) AS (VALUES (1) UNION ALL SELECT id + 1 FROM ids WHERE id < 500)
         INSERT INTO message SELECT id, 'text ' || id FROM ids;",
    )
}

/// One with a page of zeros.
fn damaged() -> Vec<u8> {
    let mut bytes = messages();
    bytes[3072..4096].fill(0);
    bytes
}

fn states(world: &World) -> Vec<(&'static str, DatabaseState)> {
    let (contents, _) = world.read();
    let states = contents.databases.into_iter();
    states.map(|found| (found.name, found.state)).collect()
}

#[test]
fn ids_are_the_known_ones() {
    for (name, id) in [
        ("Messages", "3d0d7e5fb2ce288813306e4d4636395e047a3d28"),
        ("WhatsApp", "7c7fba66680ef796b916b067077cc246adacf01d"),
        ("Photos", "12b144c0bd44f2b3dffd9186d3f9c05b917cee25"),
        ("Contacts", "31bb7ba8914766d4ba40d6dfb6113c8b614be442"),
        ("Call history", "5a4935c78a5255723f707230a451d79c540d2741"),
        ("Notes", "4f98687d8ab0d6d1a371110e6b7300f6e465bef2"),
    ] {
        assert_eq!(app(name).to_string(), id, "{name}");
    }
}

#[test]
fn sqlite_checks_each_of_them() {
    let mut world = World::new();
    world.put(app("Messages"), &messages());
    world.put(app("Contacts"), &damaged());
    world.put(
        app("Photos"),
        b"no database, but some text that is longer than a header",
    );
    world.put(app("Notes"), b"");
    world.put(app("Health"), &messages()[..3000]);
    let states = states(&world);
    let names: Vec<_> = states.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["Messages", "Photos", "Contacts", "Health"]);
    assert_eq!(states[0].1, DatabaseState::Sound);
    let DatabaseState::Damaged(complaint) = &states[1].1 else {
        panic!("{:?}", states[1]);
    };
    assert_eq!(complaint, "file is not a database");
    let DatabaseState::Damaged(complaint) = &states[2].1 else {
        panic!("{:?}", states[2]);
    };
    assert!(complaint.contains("page 4"), "{complaint}");
    let DatabaseState::Damaged(complaint) = &states[3].1 else {
        panic!("{:?}", states[3]);
    };
    assert!(complaint.ends_with("it is cut off"), "{complaint}");
    // Nothing beside them.
    let shard = world.path(app("Contacts"));
    assert_eq!(shard.parent().unwrap().read_dir().unwrap().count(), 1);
}

#[test]
fn nothing_is_said_of_one_whose_wal_is_a_file_of_its_own() {
    let mut world = World::new();
    world.put(app("Messages"), &damaged());
    world.put(wal_of("Messages"), b"some pages");
    world.put(app("Contacts"), &damaged());
    world.put(wal_of("Contacts"), b"");
    world.put(app("Photos"), &messages());
    world.put(wal_of("Photos"), b"some pages");
    let states = states(&world);
    let DatabaseState::Unjudged(why) = &states[0].1 else {
        panic!("{:?}", states[0]);
    };
    assert!(why.starts_with("its -wal is a file of its own"), "{why}");
    assert_eq!(states[1], ("Photos", DatabaseState::Sound));
    assert!(
        matches!(states[2].1, DatabaseState::Damaged(_)),
        "{states:?}"
    );
}

#[test]
fn an_index_with_an_extension_of_the_device_is_no_damage() {
    // Tables that only the device can read, as it makes them.
    let foreign = |from: &str, to: &str, sql: &str| {
        database(&format!(
            "{sql} PRAGMA writable_schema = ON; \
             UPDATE sqlite_schema SET sql = replace(sql, '{from}', '{to}');"
        ))
    };
    for bytes in [
        foreign(
            "tokenize=porter",
            "tokenize=ab_cf",
            "CREATE VIRTUAL TABLE one USING fts4(text, tokenize=porter); \
             INSERT INTO one VALUES ('words');",
        ),
        foreign(
            "porter",
            "ab_cf",
            "CREATE VIRTUAL TABLE one USING fts5(text, tokenize='porter'); \
             INSERT INTO one VALUES ('words');",
        ),
        database(
            "CREATE VIRTUAL TABLE one USING fts4(text); INSERT INTO one VALUES ('some words'); \
             INSERT INTO one_content VALUES (7, 'words that are in no index');",
        ),
        database(
            "CREATE VIRTUAL TABLE one USING fts5(text); INSERT INTO one VALUES ('some words'); \
             INSERT INTO one_content VALUES (7, 'words that are in no index');",
        ),
        database(
            "CREATE VIRTUAL TABLE one USING rtree(id, low, high); \
             INSERT INTO one VALUES (1, 2, 3); DELETE FROM one_rowid;",
        ),
        foreign(
            "nocase",
            "ab_cf",
            "CREATE TABLE one (a COLLATE nocase); CREATE INDEX two ON one (a); \
             INSERT INTO one VALUES ('x');",
        ),
    ] {
        let mut world = World::new();
        world.put(app("Contacts"), &bytes);
        let states = states(&world);
        assert!(
            !matches!(states[0].1, DatabaseState::Damaged(_)),
            "{states:?}"
        );
    }
}

#[test]
fn values_that_a_table_should_not_hold_are_no_damage() {
    let bytes = database(
        "CREATE TABLE one (id INTEGER PRIMARY KEY, a); INSERT INTO one (a) VALUES (NULL), (7); \
         PRAGMA writable_schema = ON; \
         UPDATE sqlite_schema SET sql = 'CREATE TABLE one (id INTEGER PRIMARY KEY, a TEXT NOT NULL)';",
    );
    let mut world = World::new();
    world.put(app("Messages"), &bytes);
    assert_eq!(
        states(&world),
        [(
            "Messages",
            DatabaseState::Unjudged("NULL value in one.a".to_owned())
        )]
    );
}

#[test]
fn only_damage_is_damage() {
    let text = |text: &str| text.to_owned();
    let damaged = DatabaseState::Damaged;
    let unjudged = DatabaseState::Unjudged;
    for (answer, expected) in [
        (Ok(None), DatabaseState::Sound),
        (
            Ok(Some(text("Tree 2 page 4"))),
            damaged(text("Tree 2 page 4")),
        ),
        (
            Err(DatabaseError::Damage(text("malformed"))),
            damaged(text("malformed")),
        ),
        (
            Err(DatabaseError::NoManifest(text("file is not a database"))),
            damaged(text("file is not a database")),
        ),
        (
            Err(DatabaseError::NoManifest(text("unknown tokenizer: ab_cf"))),
            unjudged(text("unknown tokenizer: ab_cf")),
        ),
        (
            Err(DatabaseError::BeyondReader(text("no such module: x"))),
            unjudged(text("no such module: x")),
        ),
        (
            Err(DatabaseError::Denied(text("not permitted"))),
            DatabaseState::Unreadable(text("not permitted")),
        ),
        (
            Ok(Some(text("TEXT value in message.date"))),
            unjudged(text("TEXT value in message.date")),
        ),
        (
            Ok(Some(text("CHECK constraint failed in message"))),
            unjudged(text("CHECK constraint failed in message")),
        ),
        (Ok(Some("x".repeat(1000))), damaged("x".repeat(300))),
    ] {
        assert_eq!(judge(answer, false), expected);
    }
}

#[test]
fn one_that_is_too_large_is_not_read() {
    let mut world = World::new();
    world.measured(app("Messages"), 2_000_000_001);
    let path = world.path(app("Messages"));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, b"").unwrap();
    assert_eq!(
        states(&world),
        [(
            "Messages",
            DatabaseState::Unjudged("it is larger than 2 GB".to_owned())
        )]
    );
}

#[test]
fn databases_of_other_days_and_of_locked_backups_are_not_checked() {
    let mut world = World::new();
    world.put(app("Messages"), &messages());
    world.put(app("WhatsApp"), &messages());
    let shards = [app("Messages").shard(), app("WhatsApp").shard()];
    assert_eq!(shards, [0x3d, 0x7c]);
    let day = |day: &str| Subset::weekly(day.parse().unwrap(), &jiff::tz::TimeZone::UTC);
    let days = (16..23).map(|date| day(&format!("2026-11-{date}T12:00:00Z")));
    let days = days.map(|day| {
        world.subset = Some(day);
        states(&world).into_iter().map(|(name, _)| name).collect()
    });
    let days: Vec<Vec<&str>> = days.filter(|names: &Vec<&str>| !names.is_empty()).collect();
    // 0x3d is 61, and 61 % 7 = 5; 0x7c is 124, and 124 % 7 = 5: the same day.
    assert_eq!(days, [["Messages", "WhatsApp"]]);
    world.subset = None;
    world.encrypted = true;
    assert_eq!(states(&world), []);
}

#[test]
fn where_and_how_large_is_told() {
    let mut world = World::new();
    let bytes = messages();
    world.put(app("Messages"), &bytes);
    assert_eq!(
        world.read().0.databases,
        [AppDatabase {
            name: "Messages",
            id: app("Messages"),
            bytes: bytes.len() as u64,
            state: DatabaseState::Sound,
        }]
    );
}
