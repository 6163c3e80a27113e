//! Schemas that are edited by hand: what is taken for usual without SQLite has to be so for it.

use std::fs;

use rusqlite::Connection;

use super::{Outcome, judge};
use crate::support::empty_folder;

const FILES: &str = "CREATE TABLE Files (fileID TEXT PRIMARY KEY, domain TEXT, relativePath TEXT, flags \
                     INTEGER, file BLOB)";

/// What comes of a database whose schema was edited by this statement.
fn edited(edit: &str) -> Outcome {
    let folder = empty_folder();
    let path = folder.path().join("new.db");
    let db = Connection::open(&path).unwrap();
    db.execute_batch(&format!(
        "{FILES}; CREATE INDEX FilesDomainIdx ON Files(domain);
         CREATE INDEX FilesFlagsIdx ON Files(flags);
         CREATE TABLE Properties (key TEXT PRIMARY KEY, value BLOB);
         INSERT INTO Files VALUES ('a', 'b', 'c', 1, x'00'), ('d', 'b', 'e', 2, NULL);
         INSERT INTO Properties VALUES ('a', x'00'); PRAGMA writable_schema = ON; {edit};"
    ))
    .unwrap();
    drop(db);
    let bytes = fs::read(&path).unwrap();
    fs::remove_file(path).unwrap();
    judge(&bytes, folder.path())
}

/// As [`edited`], with this statement for the index of domains.
fn index(sql: &str) -> Outcome {
    let sql = sql.replace('\'', "''");
    edited(&format!(
        "UPDATE sqlite_schema SET sql = '{sql}' WHERE name = 'FilesDomainIdx'"
    ))
}

#[test]
fn statements_as_devices_may_write_them() {
    assert_eq!(edited("SELECT 1"), Outcome::BothFindItSound);
    for sql in [
        "CREATE INDEX FilesDomainIdx ON Files(domain)",
        "create index filesdomainidx on files (domain, relativePath)",
        "CREATE\tINDEX\nFilesDomainIdx\r\nON Files ( domain )",
        "CREATE INDEX \"FilesDomainIdx\" ON [Files](domain COLLATE NOCASE)",
        "CREATE INDEX FilesDomainIdx ON Files(domain) WHERE domain > 'b'",
        "CREATE INDEX FilesDomainIdx ON Files(domain) -- by domain",
        "CREATE INDEX FilesDomainIdx ON Files(domain) ",
    ] {
        assert_eq!(index(sql), Outcome::BothFindItSound, "{sql}");
    }
}

#[test]
fn statements_that_sqlite_refuses() {
    for sql in [
        " CREATE INDEX FilesDomainIdx ON Files(domain)",
        "CREATE INDEX FilesDomainIdx ON Files(domain);;x",
        "CREATE INDEX FilesOtherIdx ON Files(domain)",
        "CREATE INDEX FilesDomainIdx ON Files(other)",
        "CREATE INDEX FilesDomainIdx ON Properties(key)",
        "CREATE\u{b}INDEX FilesDomainIdx ON Files(domain)",
        "CREATE INDEX FilesDomainIdx ON Files(domain",
        "CREATE TABLE FilesDomainIdx (domain)",
        "",
    ] {
        assert_eq!(index(sql), Outcome::BothRefuseIt, "{sql:?}");
    }
    for edit in [
        "UPDATE sqlite_schema SET name = 'FilesFlagsIdx' WHERE name = 'FilesDomainIdx'",
        "UPDATE sqlite_schema SET tbl_name = 'Properties' WHERE name = 'FilesDomainIdx'",
        "UPDATE sqlite_schema SET type = 'table' WHERE name = 'FilesDomainIdx'",
        "UPDATE sqlite_schema SET name = 'sqlite_autoindex_Files_2' WHERE name = 'sqlite_autoindex_Files_1'",
        "UPDATE sqlite_schema SET rowid = 0 WHERE name = 'FilesDomainIdx'",
        "UPDATE sqlite_schema SET rootpage = 1 WHERE name = 'FilesDomainIdx'",
        "UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = \
         'FilesFlagsIdx') WHERE name = 'FilesDomainIdx'",
        "DELETE FROM sqlite_schema WHERE name = 'FilesDomainIdx'",
        "DELETE FROM sqlite_schema WHERE name = 'Properties'",
        "DELETE FROM sqlite_schema WHERE name = 'sqlite_autoindex_Files_1'",
        "INSERT INTO sqlite_schema SELECT * FROM sqlite_schema WHERE name = 'FilesDomainIdx'",
        "INSERT INTO sqlite_schema SELECT * FROM sqlite_schema WHERE name = 'Properties'",
    ] {
        assert_eq!(edited(edit), Outcome::BothRefuseIt, "{edit}");
    }
}

#[test]
fn tables_whose_rows_are_not_of_their_types() {
    let retyped = |table: &str, sql: &str| {
        edited(&format!(
            "UPDATE sqlite_schema SET sql = '{sql}' WHERE name = '{table}'"
        ))
    };
    // What is kept in a column without a type is refused in one of text.
    for (table, column, value) in [("Files", "domain", "7"), ("Properties", "key", "1.5")] {
        let folder = empty_folder();
        let path = folder.path().join("new.db");
        let db = Connection::open(&path).unwrap();
        let usual = match table {
            "Files" => FILES,
            _ => "CREATE TABLE Properties (key TEXT PRIMARY KEY, value BLOB)",
        };
        let first = FILES
            .replace("domain TEXT", "domain")
            .replace("key TEXT", "key");
        db.execute_batch(&format!(
            "{first}; CREATE TABLE Properties (key PRIMARY KEY, value BLOB);
             INSERT INTO {table} ({column}) VALUES ({value});
             PRAGMA writable_schema = ON;
             UPDATE sqlite_schema SET sql = '{usual}' WHERE name = '{table}';
             UPDATE sqlite_schema SET sql = '{FILES}' WHERE name = 'Files';"
        ))
        .unwrap();
        drop(db);
        let bytes = fs::read(&path).unwrap();
        fs::remove_file(path).unwrap();
        assert_eq!(
            judge(&bytes, folder.path()),
            Outcome::BothRefuseIt,
            "{table}"
        );
    }
    let strict = "CREATE TABLE Properties (key TEXT PRIMARY KEY, value INT) STRICT";
    assert_eq!(retyped("Properties", strict), Outcome::BothRefuseIt);
    // Of a file that is only read SQLite does not look at such rules.
    let ruled = "CREATE TABLE Properties (key TEXT PRIMARY KEY, value BLOB CHECK (value IS NULL))";
    assert_eq!(retyped("Properties", ruled), Outcome::BothFindItSound);
    let unruly = "CREATE TABLE Properties (key TEXT PRIMARY KEY, value BLOB, more NOT NULL)";
    assert_eq!(retyped("Properties", unruly), Outcome::BothRefuseIt);
}
