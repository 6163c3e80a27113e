//! Databases that no device writes: other kinds of tables, schemas that call what is not there,
//! headers that lie, and pages that lead in circles.

use std::fs;
use std::path::Path;

use rusqlite::Connection;

use super::{DAMAGE, PHOTO, World, backup, scan, small};
use crate::harness::finding_ids;
use crate::support::empty_folder;

/// Renames `Files` and makes another one of that name, with these columns.
fn other_files(columns: &str) -> String {
    format!(
        "ALTER TABLE Files RENAME TO Old; CREATE TABLE Files ({columns}); \
         INSERT INTO Files SELECT fileID, domain, relativePath, flags, file FROM Old; DROP TABLE Old"
    )
}

/// Adds a line to the schema as it is, whatever SQLite would say to it.
fn schema_line(kind: &str, name: &str, table: &str, root: u32, sql: &str) -> String {
    format!(
        "PRAGMA writable_schema = ON; INSERT INTO sqlite_schema VALUES \
         ('{kind}', '{name}', '{table}', {root}, '{}')",
        sql.replace('\'', "''")
    )
}

const COLUMNS: &str = "fileID TEXT, domain TEXT, relativePath TEXT, flags INTEGER, file BLOB";
const UNDECODABLE: &[&str] = &["record-undecodable"];

#[test]
fn what_is_called_files_and_is_no_table_is_no_manifest() {
    let mut world = World::new();
    let without_end = "CREATE VIEW Files AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) \
        SELECT i AS rowid, i AS fileID, 'D' AS domain, i AS relativePath, 1 AS flags, \
        zeroblob(1000000) AS file FROM n";
    let trigger = "CREATE TRIGGER Files AFTER INSERT ON Old BEGIN SELECT 1; END";
    let module = "CREATE VIRTUAL TABLE Files USING evil(x)";
    let virtual_table = schema_line("table", "Files", "Files", 0, module);
    for (name, sql) in [
        ("a view", "CREATE VIEW Files AS SELECT * FROM Old"),
        ("of itself", "CREATE VIEW Files AS SELECT * FROM Files"),
        ("a view without end", without_end),
        ("an index", "CREATE INDEX Files ON Old(domain)"),
        ("a trigger", trigger),
        ("nothing", ""),
        ("a virtual table", &virtual_table),
    ] {
        let builder = small().sql("ALTER TABLE Files RENAME TO Old;").sql(sql);
        world.add(name, builder, "corrupt", &["manifest-unreadable"]);
    }
    world.judge();
}

#[test]
fn what_stands_beside_the_table_does_not_matter() {
    let trigger = "CREATE TRIGGER Files AFTER INSERT ON Files BEGIN DELETE FROM Files; END";
    let statistics = "ANALYZE; DELETE FROM sqlite_stat1; INSERT INTO sqlite_stat1 VALUES \
        ('Files', 'FilesDomainIdx', '-1 99999999999999999999 sz=0 noskipscan unordered'), \
        ('Files', NULL, 'none'), (NULL, x'00', x'ff'), ('nowhere', 'nothing', '1 1')";
    let case = "ALTER TABLE Files RENAME TO f; ALTER TABLE f RENAME TO FILES";
    let version = "PRAGMA user_version = -2147483648; PRAGMA application_id = -1";
    let apart = "UPDATE Files SET rowid = CASE WHEN flags = 1 \
        THEN -9223372036854775807 - 1 ELSE 9223372036854775807 - rowid END";
    let tables = (0..300).map(|number| format!("CREATE TABLE t{number} (a, b, c, d);"));
    let more_columns = other_files(&format!("{COLUMNS}, more TEXT DEFAULT 'x'")).replace(
        "INSERT INTO Files",
        "INSERT INTO Files(fileID, domain, relativePath, flags, file)",
    );
    let other_types = "fileID BLOB, domain ANY, relativePath, flags, file TEXT COLLATE NOCASE";
    let mut world = World::new();
    for (name, sql) in [
        ("a trigger of its name", trigger),
        ("a view of itself", "CREATE VIEW v AS SELECT * FROM v"),
        ("of nothing", "CREATE VIEW v AS SELECT evil(x) FROM nowhere"),
        ("statistics", statistics),
        ("another case", case),
        ("a version", version),
        ("rows far apart", apart),
        ("many tables", &tables.collect::<String>()),
        ("more columns", &more_columns),
        ("other types", &other_files(other_types)),
    ] {
        world.add(name, small().sql(sql), "complete", &[]);
    }
    world.judge();
}

/// A reader's limit is no damage (contract §2), and a function or collation that is not there is one.
#[test]
fn a_schema_that_calls_what_is_not_there_is_no_damage() {
    let module = "CREATE VIRTUAL TABLE other USING evil(x)";
    let mut cases = vec![("module", schema_line("table", "other", "other", 0, module))];
    for (name, on) in [
        ("index", "(evil(domain))"),
        ("partial", "(domain) WHERE evil(file)"),
        ("order", "(domain COLLATE evil)"),
    ] {
        cases.push((name, odd_index(on)));
    }
    let collated = COLUMNS.replace(
        " TEXT, domain TEXT",
        " TEXT COLLATE evil, domain TEXT COLLATE evil",
    );
    let foreign = ", FOREIGN KEY (domain) REFERENCES nowhere(x)";
    for (name, columns, more) in [
        ("check", COLUMNS, ", CHECK (evil(file))"),
        ("collation", &collated, ""),
        ("default", COLUMNS, ", x DEFAULT (evil())"),
        ("computed", COLUMNS, ", x AS (evil(file))"),
        ("foreign", COLUMNS, foreign),
    ] {
        let sql = other_files(COLUMNS)
            + &format!(
                "; PRAGMA writable_schema = ON; UPDATE sqlite_schema \
                 SET sql = 'CREATE TABLE Files ({columns}{more})' WHERE name = 'Files'"
            );
        cases.push((name, sql));
    }
    let folder = empty_folder();
    for (name, sql) in &cases {
        small().folder_name(name).sql(sql).write(folder.path());
    }
    let document = scan(folder.path(), &[]);
    for (name, _) in cases {
        let backup = backup(&document, name);
        assert_eq!(finding_ids(backup), [].into(), "{name}: {backup:#}");
        let verdict = backup["verdict"].as_str().unwrap();
        let is_good = ["complete", "unverified"].contains(&verdict);
        assert!(is_good, "{name}: {verdict}");
    }
    assert_eq!(document["backups"].as_array().unwrap().len(), 9);
}

/// Makes an index that SQLite itself would not make.
fn odd_index(on: &str) -> String {
    format!(
        "CREATE INDEX odd ON Files(domain); PRAGMA writable_schema = ON; \
         UPDATE sqlite_schema SET sql = 'CREATE INDEX odd ON Files{on}' WHERE name = 'odd'"
    )
}

#[test]
fn tables_of_other_kinds_and_what_is_beyond_the_reader_are_no_damage() {
    let computed = "ALTER TABLE Files RENAME TO Old; \
        CREATE TABLE Files (fileID TEXT, domain TEXT, relativePath TEXT, was BLOB, \
        flags INTEGER AS (1), file BLOB AS (x'00') STORED); \
        INSERT INTO Files SELECT fileID, domain, relativePath, file FROM Old \
        WHERE flags = 1; DROP TABLE Old";
    let without = "ALTER TABLE Files RENAME TO Old; \
        CREATE TABLE Files (fileID TEXT PRIMARY KEY, domain TEXT, relativePath TEXT, \
        flags INTEGER, file BLOB) WITHOUT ROWID; INSERT INTO Files SELECT * FROM Old; DROP TABLE Old";
    let long = "PRAGMA writable_schema = ON; INSERT INTO sqlite_schema VALUES ('view', 'v', 'v', 0, \
        'CREATE VIEW v AS SELECT 1 /*' || replace(hex(zeroblob(4500000)), '0', 'x') || '*/')";
    let forbidden = odd_index("(load_extension(domain))");
    let flags = |kind| other_files(&format!("fileID, domain, relativePath, flags {kind}, file"));
    let mut world = World::new();
    for (name, sql, verdict, findings) in [
        // That such a function is not called is a rule of our own, so it is our limit too.
        ("a forbidden call", &forbidden, "unverified", &[][..]),
        ("a schema beyond all", &long.into(), "unverified", &[]),
        ("no rowids", &without.into(), "unverified", &[]),
        // The device judges rows in SQL (F§1.4), where the text `2` is the number 2.
        ("flags that are TEXT", &flags("TEXT"), "complete", &[]),
        ("flags that are REAL", &flags("REAL"), "complete", &[]),
        // Columns that are computed are read as they come out.
        ("computed", &computed.into(), "complete", UNDECODABLE),
    ] {
        world.add(name, small().sql(sql), verdict, findings);
    }
    world.judge();
}

/// Rewrites a database in another encoding, with the same rows.
fn in_encoding(path: &Path, encoding: &str) {
    let folder = empty_folder();
    let to = folder.path().join("new.db");
    let place = path.to_str().unwrap().replace(' ', "%20");
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY | rusqlite::OpenFlags::SQLITE_OPEN_URI;
    let old = Connection::open_with_flags(format!("file://{place}?immutable=1"), flags).unwrap();
    let new = Connection::open(&to).unwrap();
    let made = format!("PRAGMA encoding = '{encoding}'; CREATE TABLE Files ({COLUMNS})");
    new.execute_batch(&made).unwrap();
    let mut rows = old.prepare("SELECT * FROM Files").unwrap();
    let mut rows = rows.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let column = |at| row.get::<_, rusqlite::types::Value>(at).unwrap();
        let insert = "INSERT INTO Files VALUES (?, ?, ?, ?, ?)";
        new.execute(insert, [0, 1, 2, 3, 4].map(column)).unwrap();
    }
    new.close().unwrap();
    fs::copy(to, path).unwrap();
}

#[cfg(unix)]
#[test]
fn any_encoding_of_text_is_read() {
    let mut world = World::new();
    for encoding in ["UTF-16le", "UTF-16be"] {
        let builder = small().file("HomeDomain", "Küche/電話 📱", b"x");
        let builder = builder.remove_payload(PHOTO.0, PHOTO.1);
        let path = world.add(encoding, builder, "corrupt", &["file-missing"]);
        in_encoding(&path.join("Manifest.db"), encoding);
    }
    let document = world.judge();
    let missing = &backup(&document, "UTF-16le")["findings"][0];
    assert_eq!(missing["examples"][0]["path"], PHOTO.1);
}

/// A healthy backup whose Manifest.db is then changed: damage of one kind or none that can be told.
fn altered(
    world: &mut World,
    name: &str,
    finding: Option<&'static str>,
    change: impl FnOnce(&mut Vec<u8>),
) {
    let verdict = finding.map_or("unverified", |_| "corrupt");
    let path = world.add(name, small(), verdict, finding.as_slice());
    let path = path.join("Manifest.db");
    let mut bytes = fs::read(&path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

fn put(bytes: &mut [u8], at: usize, number: u32) {
    bytes[at..at + 4].copy_from_slice(&number.to_be_bytes());
}

#[test]
fn a_header_that_lies_is_damage() {
    // Places in SQLite's header: the page size, the pages, the first free page and how many there
    // are, the schema's format.
    let (page_size, pages, free, frees, format) = (16, 28, 32, 36, 44);
    let (damaged, unreadable) = (Some("manifest-damaged"), Some("manifest-unreadable"));
    let mut world = World::new();
    for count in [1 << 31, u32::MAX, 1000] {
        let name = format!("{count} pages");
        altered(&mut world, &name, damaged, |bytes| put(bytes, pages, count));
    }
    for (size, finding) in [
        // SQLite takes it for no database.
        (0_u16, unreadable),
        (2, unreadable),
        (3, unreadable),
        (256, unreadable),
        (5000, unreadable),
        // Pages of 512 and 65,536 bytes: those of this file are not.
        (512, damaged),
        (1, damaged),
    ] {
        let name = format!("pages of {size} bytes");
        altered(&mut world, &name, finding, |bytes| {
            bytes[page_size..page_size + 2].copy_from_slice(&size.to_be_bytes());
        });
    }
    for (first, count) in [(1, 5), (2, 5), (u32::MAX, 1), (1, u32::MAX)] {
        let name = format!("{count} free pages from {first}");
        altered(&mut world, &name, damaged, |bytes| {
            put(bytes, free, first);
            put(bytes, frees, count);
        });
    }
    altered(&mut world, "a circle of free pages", damaged, |bytes| {
        let number = (bytes.len() / 4096 + 1) as u32;
        let mut page = vec![0; 4096];
        put(&mut page, 0, number);
        bytes.extend(page);
        put(bytes, pages, number);
        put(bytes, free, number);
        put(bytes, frees, 1000);
    });
    altered(&mut world, "a format from the future", None, |bytes| {
        put(bytes, format, 99);
    });
    world.judge();
}

#[test]
fn values_of_any_type_are_taken_as_they_are() {
    let mut world = World::new();
    let empty = &["index-empty"][..];
    for (name, change, verdict, findings) in [
        // NULL requires nothing, and text that begins with no number is 0: a file by its blob.
        ("text", "flags = 'none'", "complete", &[][..]),
        ("blob", "flags = x'ff'", "complete", &[]),
        ("real", "flags = 1.5", "complete", &[]),
        ("least", "flags = -9223372036854775807 - 1", "complete", &[]),
        ("odd", "flags = 9223372036854775784 + 1", "complete", &[]),
        ("null", "flags = NULL", "corrupt", empty),
        ("blob of number", "file = 7", "complete", UNDECODABLE),
        ("blob of text", "file = 'text'", "complete", UNDECODABLE),
        ("blob of nothing", "file = x''", "complete", UNDECODABLE),
    ] {
        let sql = other_files("fileID, domain, relativePath, flags, file")
            + &format!("; UPDATE Files SET {change} WHERE flags = 1");
        world.add(name, small().sql(&sql), verdict, findings);
    }
    world.judge();
}

#[test]
fn all_rows_may_be_of_one_file() {
    let sql = other_files(COLUMNS)
        + "; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5000) \
           INSERT INTO Files SELECT fileID, domain, relativePath, flags, file FROM Files, n \
           WHERE flags = 1";
    let mut world = World::new();
    world.add("one", small().sql(&sql), "complete", &[]);
    let gone = small().sql(&sql).remove_payload(PHOTO.0, PHOTO.1);
    world.add("gone", gone, "corrupt", &["file-missing"]);
    let document = world.judge();
    assert_eq!(backup(&document, "one")["manifest"]["files"], 5001);
}

#[test]
fn a_wal_of_noise_mends_nothing_and_breaks_nothing() {
    let mut world = World::new();
    let noise = |at: u32| (at.wrapping_mul(at) >> 7) as u8;
    let noise: Vec<u8> = (0..200_000).map(noise).collect();
    let damaged = small().sql(DAMAGE).raw("Manifest.db-wal", noise.clone());
    let findings = &["manifest-damaged", "wal-present"];
    world.add("damaged", damaged, "corrupt", findings);
    let whole = small().raw("Manifest.db-wal", noise.clone());
    let whole = whole.raw("Manifest.db-journal", noise);
    world.add("whole", whole, "complete", &["wal-present"]);
    world.judge();
}
