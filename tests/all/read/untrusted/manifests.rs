//! Databases that no device writes: other kinds of tables, schemas that call what is not there,
//! headers that lie, and pages that lead in circles.

use std::fs;
use std::path::Path;

use rusqlite::Connection;

use super::{DAMAGE, PHOTO, World, backup, scan, small};
use crate::harness::finding_ids;

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

#[test]
fn what_is_called_files_and_is_no_table_is_no_manifest() {
    let mut world = World::new();
    let unreadable = &["manifest-unreadable"];
    let gone = "ALTER TABLE Files RENAME TO Old;";
    for (name, sql) in [
        ("a view", "CREATE VIEW Files AS SELECT * FROM Old"),
        (
            "a view of itself",
            "CREATE VIEW Files AS SELECT * FROM Files",
        ),
        (
            "a view without end",
            "CREATE VIEW Files AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) \
             SELECT i AS rowid, i AS fileID, 'D' AS domain, i AS relativePath, 1 AS flags, \
             zeroblob(1000000) AS file FROM n",
        ),
        ("an index", "CREATE INDEX Files ON Old(domain)"),
        (
            "a trigger",
            "CREATE TRIGGER Files AFTER INSERT ON Old BEGIN SELECT 1; END",
        ),
        ("nothing", ""),
    ] {
        let builder = small().sql(gone).sql(sql);
        world.add(name, builder, "corrupt", unreadable);
    }
    let module = "CREATE VIRTUAL TABLE Files USING evil(x)";
    let virtual_table = schema_line("table", "Files", "Files", 0, module);
    let builder = small().sql(gone).sql(&virtual_table);
    world.add("a virtual table", builder, "corrupt", unreadable);
    world.judge();
}

#[test]
fn what_stands_beside_the_table_does_not_matter() {
    let mut world = World::new();
    for (name, sql) in [
        (
            "a trigger of its name",
            "CREATE TRIGGER Files AFTER INSERT ON Files BEGIN DELETE FROM Files; END",
        ),
        ("a view of itself", "CREATE VIEW v AS SELECT * FROM v"),
        (
            "a view of what is not there",
            "CREATE VIEW v AS SELECT evil(x) FROM nowhere",
        ),
        (
            "statistics",
            "ANALYZE; DELETE FROM sqlite_stat1; INSERT INTO sqlite_stat1 VALUES \
             ('Files', 'FilesDomainIdx', '-1 99999999999999999999 sz=0 noskipscan unordered'), \
             ('Files', NULL, 'none'), (NULL, x'00', x'ff'), ('nowhere', 'nothing', '1 1')",
        ),
        (
            "another case",
            "ALTER TABLE Files RENAME TO f; ALTER TABLE f RENAME TO FILES",
        ),
        (
            "a version",
            "PRAGMA user_version = -2147483648; PRAGMA application_id = -1",
        ),
        (
            "rows far apart",
            "UPDATE Files SET rowid = CASE WHEN flags = 1 \
             THEN -9223372036854775807 - 1 ELSE 9223372036854775807 - rowid END",
        ),
        ("many tables", &many_tables(300)),
    ] {
        world.add(name, small().sql(sql), "complete", &[]);
    }
    let other = other_files(&format!("{COLUMNS}, more TEXT DEFAULT 'x'")).replace(
        "INSERT INTO Files",
        "INSERT INTO Files(fileID, domain, relativePath, flags, file)",
    );
    world.add("more columns", small().sql(&other), "complete", &[]);
    world.add(
        "other order",
        small().sql(&other_files(
            "fileID BLOB, domain ANY, relativePath, flags, file TEXT COLLATE NOCASE",
        )),
        "complete",
        &[],
    );
    world.judge();
}

fn many_tables(count: u32) -> String {
    let tables = (0..count).map(|number| format!("CREATE TABLE t{number} (a, b, c, d);"));
    tables.collect()
}

/// A reader's limit is no damage (contract §2), and a function or collation that is not there is one.
#[test]
fn a_schema_that_calls_what_is_not_there_is_no_damage() {
    let folder = tempfile::tempdir().unwrap();
    let make = |name: &str, sql: &str| {
        small().folder_name(name).sql(sql).write(folder.path());
    };
    let index = |sql: &str| {
        format!(
            "CREATE INDEX odd ON Files(domain); PRAGMA writable_schema = ON; \
             UPDATE sqlite_schema SET sql = '{sql}' WHERE name = 'odd'"
        )
    };
    let table = |sql: &str| {
        let sql = sql.replace('\'', "''");
        other_files(COLUMNS)
            + &format!(
                "; PRAGMA writable_schema = ON; \
                 UPDATE sqlite_schema SET sql = '{sql}' WHERE name = 'Files'"
            )
    };
    make("index", &index("CREATE INDEX odd ON Files(evil(domain))"));
    make(
        "partial",
        &index("CREATE INDEX odd ON Files(domain) WHERE evil(file)"),
    );
    make(
        "order",
        &index("CREATE INDEX odd ON Files(domain COLLATE evil)"),
    );
    make(
        "check",
        &table(&format!(
            "CREATE TABLE Files ({COLUMNS}, CHECK (evil(file)))"
        )),
    );
    make(
        "collation",
        &table(
            "CREATE TABLE Files (fileID TEXT COLLATE evil, domain TEXT COLLATE evil, \
         relativePath TEXT, flags INTEGER, file BLOB)",
        ),
    );
    make(
        "default",
        &table(&format!(
            "CREATE TABLE Files ({COLUMNS}, x DEFAULT (evil()))"
        )),
    );
    make(
        "computed",
        &table(&format!(
            "CREATE TABLE Files ({COLUMNS}, x AS (evil(file)))"
        )),
    );
    make(
        "foreign key",
        &table(&format!(
            "CREATE TABLE Files ({COLUMNS}, FOREIGN KEY (domain) REFERENCES nowhere(x))"
        )),
    );
    make(
        "module",
        &schema_line(
            "table",
            "other",
            "other",
            0,
            "CREATE VIRTUAL TABLE other USING evil(x)",
        ),
    );
    let document = scan(folder.path(), &[]);
    let mut wrong = Vec::new();
    for backup in document["backups"].as_array().unwrap() {
        let good = ["complete", "unverified"]
            .iter()
            .any(|good| backup["verdict"] == *good);
        if !(finding_ids(backup).is_empty() && good) {
            wrong.push(format!("{} {}", backup["path"], backup["findings"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(document["backups"].as_array().unwrap().len(), 9);
}

/// That such a function is not called is a rule of our own, so it is our limit too.
#[test]
fn a_schema_that_calls_what_must_not_run_is_no_damage() {
    let sql = "CREATE INDEX odd ON Files(domain); PRAGMA writable_schema = ON; \
               UPDATE sqlite_schema SET sql = 'CREATE INDEX odd ON Files(load_extension(domain))' \
               WHERE name = 'odd'";
    let mut world = World::new();
    world.add("unsafe", small().sql(sql), "unverified", &[]);
    world.judge();
}

/// The device judges rows in SQL (F§1.4), where the text `2` is the number 2.
#[test]
fn flags_of_another_type_are_the_numbers_that_sql_makes_of_them() {
    let mut world = World::new();
    for kind in ["TEXT", "REAL"] {
        let sql = other_files(&format!("fileID, domain, relativePath, flags {kind}, file"));
        world.add(kind, small().sql(&sql), "complete", &[]);
    }
    world.judge();
}

/// Columns that are computed are read as they come out.
#[test]
fn a_computed_column_is_read() {
    let mut world = World::new();
    let sql = "ALTER TABLE Files RENAME TO Old; \
               CREATE TABLE Files (fileID TEXT, domain TEXT, relativePath TEXT, was BLOB, \
               flags INTEGER AS (1), file BLOB AS (x'00') STORED); \
               INSERT INTO Files SELECT fileID, domain, relativePath, file FROM Old \
               WHERE flags = 1; DROP TABLE Old";
    let findings = &["record-undecodable"];
    world.add("computed", small().sql(sql), "complete", findings);
    world.judge();
}

#[test]
fn a_table_without_rowids_is_no_damage() {
    let mut world = World::new();
    let sql = "ALTER TABLE Files RENAME TO Old; \
               CREATE TABLE Files (fileID TEXT PRIMARY KEY, domain TEXT, relativePath TEXT, \
               flags INTEGER, file BLOB) WITHOUT ROWID; \
               INSERT INTO Files SELECT * FROM Old; DROP TABLE Old";
    world.add("without", small().sql(sql), "unverified", &[]);
    world.judge();
}

/// Rewrites a database in another encoding, with the same rows.
fn in_encoding(path: &Path, encoding: &str) {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("new.db");
    let uri = format!(
        "file://{}?immutable=1",
        path.to_str().unwrap().replace(' ', "%20")
    );
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY | rusqlite::OpenFlags::SQLITE_OPEN_URI;
    let old = Connection::open_with_flags(uri, flags).unwrap();
    let new = Connection::open(&to).unwrap();
    new.execute_batch(&format!(
        "PRAGMA encoding = '{encoding}'; CREATE TABLE Files ({COLUMNS})"
    ))
    .unwrap();
    let mut rows = old.prepare("SELECT * FROM Files").unwrap();
    let mut rows = rows.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let column = |at| row.get::<_, rusqlite::types::Value>(at).unwrap();
        let all = [column(0), column(1), column(2), column(3), column(4)];
        new.execute("INSERT INTO Files VALUES (?, ?, ?, ?, ?)", all)
            .unwrap();
    }
    new.close().unwrap();
    fs::copy(to, path).unwrap();
}

#[cfg(unix)]
#[test]
fn any_encoding_of_text_is_read() {
    let mut world = World::new();
    for encoding in ["UTF-16le", "UTF-16be"] {
        let builder = small()
            .file("HomeDomain", "Küche/電話 📱", b"x")
            .remove_payload(PHOTO.0, PHOTO.1);
        let path = world.add(encoding, builder, "corrupt", &["file-missing"]);
        in_encoding(&path.join("Manifest.db"), encoding);
    }
    let document = world.judge();
    let missing = &backup(&document, "UTF-16le")["findings"][0];
    assert_eq!(missing["examples"][0]["path"], PHOTO.1);
}

/// A healthy backup whose Manifest.db is then changed.
fn altered(
    world: &mut World,
    name: &str,
    findings: &[&'static str],
    change: impl FnOnce(&mut Vec<u8>),
) {
    let verdict = if findings.is_empty() {
        "complete"
    } else {
        "corrupt"
    };
    let path = world
        .add(name, small(), verdict, findings)
        .join("Manifest.db");
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
    let mut world = World::new();
    for count in [1 << 31, u32::MAX, 1000] {
        let name = format!("{count} pages");
        altered(&mut world, &name, &["manifest-damaged"], |bytes| {
            put(bytes, pages, count);
        });
    }
    for size in [0_u16, 2, 3, 256, 5000] {
        // SQLite takes it for no database.
        let name = format!("pages of {size} bytes");
        altered(&mut world, &name, &["manifest-unreadable"], |bytes| {
            bytes[page_size..page_size + 2].copy_from_slice(&size.to_be_bytes());
        });
    }
    for (first, count) in [(1, 5), (2, 5), (u32::MAX, 1), (1, u32::MAX)] {
        let name = format!("{count} free pages from {first}");
        altered(&mut world, &name, &["manifest-damaged"], |bytes| {
            put(bytes, free, first);
            put(bytes, frees, count);
        });
    }
    altered(
        &mut world,
        "a circle of free pages",
        &["manifest-damaged"],
        |bytes| {
            let number = (bytes.len() / 4096 + 1) as u32;
            let mut page = vec![0; 4096];
            put(&mut page, 0, number);
            bytes.extend(page);
            put(bytes, pages, number);
            put(bytes, free, number);
            put(bytes, frees, 1000);
        },
    );
    let path = world.add("a format from the future", small(), "unverified", &[]);
    let path = path.join("Manifest.db");
    let mut bytes = fs::read(&path).unwrap();
    put(&mut bytes, format, 99);
    fs::write(path, bytes).unwrap();
    // Pages of 512 and 65,536 bytes: those of this file are not.
    for size in [512_u16, 1] {
        let path = small()
            .folder_name(&format!("pages of {size}"))
            .write(world.path());
        let path = path.join("Manifest.db");
        let mut bytes = fs::read(&path).unwrap();
        bytes[page_size..page_size + 2].copy_from_slice(&size.to_be_bytes());
        fs::write(path, bytes).unwrap();
        world.expected.push(super::Expected {
            name: format!("pages of {size}"),
            verdict: "corrupt",
            findings: ["manifest-damaged"].into(),
        });
    }
    world.judge();
}

#[test]
fn text_of_a_schema_beyond_all_measure_is_beyond_the_reader() {
    let text =
        "'CREATE VIEW v AS SELECT 1 /*' || replace(hex(zeroblob(4500000)), '0', 'x') || '*/'";
    let sql = format!(
        "PRAGMA writable_schema = ON; INSERT INTO sqlite_schema VALUES ('view', 'v', 'v', 0, {text})"
    );
    let mut world = World::new();
    world.add("long", small().sql(&sql), "unverified", &[]);
    world.judge();
}

#[test]
fn values_of_any_type_are_taken_as_they_are() {
    let mut world = World::new();
    // NULL requires nothing, and text that begins with no number is 0: a file by its blob.
    for (name, flags) in [
        ("text", "'none'"),
        ("blob", "x'ff'"),
        ("real", "1.5"),
        ("negative", "-9223372036854775807 - 1"),
        ("unknown bits", "9223372036854775784 + 1"),
    ] {
        let sql = other_files("fileID, domain, relativePath, flags, file")
            + &format!("; UPDATE Files SET flags = {flags} WHERE flags = 1");
        world.add(name, small().sql(&sql), "complete", &[]);
    }
    let sql = other_files("fileID, domain, relativePath, flags, file")
        + "; UPDATE Files SET flags = NULL WHERE flags = 1";
    world.add("null", small().sql(&sql), "corrupt", &["index-empty"]);
    for (name, blob) in [("number", "7"), ("text", "'text'"), ("nothing", "x''")] {
        let sql = other_files("fileID, domain, relativePath, flags, file")
            + &format!("; UPDATE Files SET file = {blob} WHERE flags = 1");
        let findings = &["record-undecodable"];
        world.add(
            &format!("blob of {name}"),
            small().sql(&sql),
            "complete",
            findings,
        );
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
    let noise: Vec<u8> = (0..200_000_u32)
        .map(|at| (at.wrapping_mul(at) >> 7) as u8)
        .collect();
    let damaged = small().sql(DAMAGE).raw("Manifest.db-wal", noise.clone());
    let findings = &["manifest-damaged", "wal-present"];
    world.add("damaged", damaged, "corrupt", findings);
    let whole = small()
        .raw("Manifest.db-wal", noise.clone())
        .raw("Manifest.db-journal", noise);
    world.add("whole", whole, "complete", &["wal-present"]);
    world.judge();
}
