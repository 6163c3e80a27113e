//! The schema that devices give a manifest (F§7.1), known without SQLite: an encrypted database then need not
//! be decrypted into memory.

use std::sync::atomic::AtomicU32;

use rusqlite::types::ValueRef;

use crate::read::database::Database;
use crate::read::pages::{COLUMNS, Pages, Trees};

use super::schema::Schema;

/// The schema of a database, if there is nothing in it but what devices make.
pub(super) fn look(database: &Database) -> Option<Schema> {
    // Pages for the rest of rows, of which devices make none here.
    const OVERFLOW: u32 = 16;
    let mut pages = Pages::of(database.input()?)?;
    let leaves = pages.leaves(1)?;
    let mut known = Known::default();
    let mut is_known = true;
    pages.rows(&leaves, &AtomicU32::new(OVERFLOW), |row| {
        is_known = known.add(row).is_some();
        is_known
    })?;
    known.schema().filter(|_| is_known)
}

/// A table that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Table {
    root: u32,
    /// Whether SQLite's own index of it was found.
    has_key: bool,
}

/// What was found so far.
#[derive(Default)]
struct Known {
    files: Option<Table>,
    properties: Option<Table>,
    /// Names of indices that a statement makes, each of which there is once.
    names: Vec<String>,
    /// The page that each index begins on, and that of its table.
    indices: Vec<(u32, u32)>,
}

impl Known {
    /// Adds an entry of the schema; nothing where it is not known, or does not fit to those before it.
    fn add(&mut self, [kind, name, table, root, sql]: [ValueRef<'_>; COLUMNS]) -> Option<()> {
        let (ValueRef::Text(kind), ValueRef::Integer(root)) = (kind, root) else {
            return None;
        };
        let (ValueRef::Text(name), ValueRef::Text(table)) = (name, table) else {
            return None;
        };
        let (name, table) = (str::from_utf8(name).ok()?, str::from_utf8(table).ok()?);
        let root = u32::try_from(root).ok().filter(|root| *root > 1)?;
        let sql = match sql {
            // SQLite takes none that begins with a space.
            ValueRef::Text(sql) if sql.trim_ascii() == sql => {
                Some(plain(str::from_utf8(sql).ok()?))
            }
            ValueRef::Null => None,
            _ => return None,
        };
        let found = match table {
            "Files" => &mut self.files,
            "Properties" => &mut self.properties,
            _ => return None,
        };
        match (kind, sql, found) {
            (b"table", Some(sql), found @ None) if name == table => {
                let usual = if table == "Files" { FILES } else { PROPERTIES };
                let has_key = false;
                *found = is(&sql, usual).then_some(Table { root, has_key });
                found.map(|_| ())
            }
            (b"index", None, Some(found)) if !found.has_key => {
                found.has_key = name == format!("sqlite_autoindex_{table}_1");
                self.indices.push((root, found.root));
                found.has_key.then_some(())
            }
            (b"index", Some(sql), Some(found)) if table == "Files" => {
                let is_new = !self
                    .names
                    .iter()
                    .any(|other| other.eq_ignore_ascii_case(name));
                self.names.push(name.to_owned());
                self.indices.push((root, found.root));
                (is_new && is_index(&sql, name)).then_some(())
            }
            _ => None,
        }
    }

    fn schema(self) -> Option<Schema> {
        let files = self.files.filter(|files| files.has_key)?;
        let keyless = |table: &Table| !table.has_key;
        if self.properties.as_ref().is_some_and(keyless) {
            return None;
        }
        let properties = self.properties.map(|table| table.root);
        let (indices, counted) = self.indices.into_iter().unzip();
        Some(Schema {
            trees: Trees {
                rows: files.root,
                tables: [1].into_iter().chain(properties).collect(),
                indices,
            },
            counted: Vec::into_iter(counted).map(Some).collect(),
            keyed: properties,
        })
    }
}

/// The statement that makes the table of files, plain.
const FILES: &str = "create table files(fileid text primary key,domain text,relativepath text,\
                     flags integer,file blob)";

/// The statement that makes the table of properties, plain.
const PROPERTIES: &str = "create table properties(key text primary key,value blob)";

/// Whether a table of files is as every known device makes it: only then is it certain, without SQLite,
/// what is in which column.
pub(super) fn is_usual(sql: &str) -> bool {
    is(&plain(sql), FILES)
}

fn is(plain: &str, usual: &str) -> bool {
    plain.eq_ignore_ascii_case(usual)
}

/// Whether a plain statement makes an index of this name of columns of the files.
fn is_index(plain: &str, name: &str) -> bool {
    const COLUMNS: [&str; 5] = ["fileid", "domain", "relativepath", "flags", "file"];
    // No word of SQL begins like that; and as the table is called no index can be.
    let is_name = name.starts_with("Files")
        && name != "Files"
        && (name.bytes()).all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let head = format!("create index {name} on files(");
    let Some((before, columns)) = plain.split_at_checked(head.len()) else {
        return false;
    };
    let Some(columns) = columns.strip_suffix(')') else {
        return false;
    };
    let is_column = |column: &str| COLUMNS.iter().any(|known| is(column, known));
    let columns = || columns.split(',');
    is_name && is(before, &head) && columns().count() <= COLUMNS.len() && columns().all(is_column)
}

/// A statement with no more space in it than it takes.
fn plain(sql: &str) -> String {
    let mut plain = sql.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    for mark in ["(", ")", ","] {
        let spaced = [format!(" {mark}"), format!("{mark} ")];
        spaced
            .iter()
            .for_each(|spaced| plain = plain.replace(spaced, mark));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_devices_make_is_a_usual_table() {
        let usual = "CREATE TABLE Files (fileID TEXT PRIMARY KEY, domain TEXT,\n relativePath TEXT, \
                     flags INTEGER, file BLOB)";
        assert!(is_usual(usual));
        assert!(!is_usual(&usual.replace("flags INTEGER", "flagsINTEGER")));
        assert!(!is_usual(&usual.replace("file BLOB", "file BLOB, more")));
        assert!(!is_usual(&(usual.to_owned() + " WITHOUT ROWID")));
    }

    /// An entry: kind, name, table, root page, statement.
    type Entry = (&'static str, &'static str, &'static str, i64, &'static str);

    const TABLE: Entry = (
        "table",
        "Files",
        "Files",
        3,
        "CREATE TABLE Files (fileID TEXT PRIMARY KEY, domain TEXT, relativePath TEXT, flags INTEGER, file BLOB)",
    );
    const KEY: Entry = ("index", "sqlite_autoindex_Files_1", "Files", 4, "");
    const INDEX: Entry = (
        "index",
        "FilesDomainsRelativePathIdx",
        "Files",
        5,
        "CREATE INDEX FilesDomainsRelativePathIdx ON Files(domain, relativePath)",
    );
    const MORE: Entry = (
        "table",
        "Properties",
        "Properties",
        6,
        "CREATE TABLE Properties (key TEXT PRIMARY KEY, value BLOB)",
    );
    const MORE_KEY: Entry = (
        "index",
        "sqlite_autoindex_Properties_1",
        "Properties",
        7,
        "",
    );

    fn of(entries: &[Entry]) -> Option<Schema> {
        let mut known = Known::default();
        for (kind, name, table, root, sql) in entries {
            let text = |text: &'static str| ValueRef::Text(text.as_bytes());
            let sql = if sql.is_empty() {
                ValueRef::Null
            } else {
                text(sql)
            };
            known.add([
                text(kind),
                text(name),
                text(table),
                ValueRef::Integer(*root),
                sql,
            ])?;
        }
        known.schema()
    }

    #[test]
    fn the_schema_of_devices_is_known() {
        let schema = of(&[TABLE, KEY, INDEX, MORE, MORE_KEY]).unwrap();
        let expected = Schema {
            trees: Trees {
                rows: 3,
                tables: vec![1, 6],
                indices: vec![4, 5, 7],
            },
            counted: vec![Some(3), Some(3), Some(6)],
            keyed: Some(6),
        };
        assert_eq!(schema, expected);
        assert_eq!(of(&[TABLE, KEY]).map(|schema| schema.keyed), Some(None));
    }

    #[test]
    fn any_other_schema_is_left_to_sqlite() {
        let is_known = |entries: &[Entry]| of(entries).is_some();
        // Something is missing, twice there, or before what it is of.
        assert!(!is_known(&[TABLE]));
        assert!(!is_known(&[TABLE, KEY, MORE]));
        assert!(!is_known(&[MORE, MORE_KEY]));
        assert!(!is_known(&[TABLE, TABLE, KEY]));
        assert!(!is_known(&[TABLE, KEY, KEY]));
        assert!(!is_known(&[TABLE, KEY, INDEX, INDEX]));
        assert!(!is_known(&[KEY, TABLE]));
        // Names and pages.
        let name = |entry: Entry, name| (entry.0, name, entry.2, entry.3, entry.4);
        assert!(!is_known(&[name(TABLE, "Filez"), KEY]));
        assert!(!is_known(&[TABLE, name(KEY, "sqlite_autoindex_Files_2")]));
        assert!(!is_known(&[TABLE, KEY, name(INDEX, "FilesDomainIdx")]));
        let kind = |entry: Entry, kind| (kind, entry.1, entry.2, entry.3, entry.4);
        assert!(!is_known(&[kind(TABLE, "view"), KEY]));
        let sql = |entry: Entry, sql| (entry.0, entry.1, entry.2, entry.3, sql);
        let spaced = " CREATE INDEX FilesDomainsRelativePathIdx ON Files(domain)";
        assert!(!is_known(&[TABLE, KEY, sql(INDEX, spaced)]));
        assert!(is_known(&[TABLE, KEY, sql(INDEX, &spaced[1..])]));
        for root in [0, 1, -3, i64::MAX] {
            assert!(!is_known(&[
                (TABLE.0, TABLE.1, TABLE.2, root, TABLE.4),
                KEY
            ]));
        }
    }

    #[test]
    fn an_index_is_of_columns_of_the_files_and_of_nothing_else() {
        let is = |sql: &str| is_index(&plain(sql), "FilesIdx");
        assert!(is("CREATE INDEX FilesIdx ON Files(domain)"));
        assert!(is("create  index filesidx\non FILES ( flags , fileID )"));
        for sql in [
            "CREATE UNIQUE INDEX FilesIdx ON Files(domain)",
            "CREATE INDEX FilesIdx ON Files(domain) WHERE flags = 1",
            "CREATE INDEX FilesIdx ON Files(domain DESC)",
            "CREATE INDEX FilesIdx ON Files(lower(domain))",
            "CREATE INDEX FilesIdx ON Files(other)",
            "CREATE INDEX FilesIdx ON Files()",
            "CREATE INDEX FilesIdx ON Files(flags,flags,flags,flags,flags,flags)",
            "CREATE INDEX FilesIdx ON Properties(key)",
            "CREATE INDEX FilesIdy ON Files(domain)",
            "CREATE INDEX FilesIdx",
        ] {
            assert!(!is(sql), "{sql}");
        }
        // A name that may be a word of SQL.
        assert!(!is_index("create index files on files(domain)", "Files"));
        assert!(!is_index("create index select on files(domain)", "select"));
        assert!(!is_index(
            "create index Files-x on files(domain)",
            "Files-x"
        ));
    }
}
