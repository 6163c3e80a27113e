//! The trees of a manifest, as SQLite understands its schema.

use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::read::database::{DatabaseError, trouble};
use crate::read::pages::Trees;

/// What a manifest is made of, besides the rows of its files.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Schema {
    /// Its trees.
    pub(super) trees: Trees,
    /// Of each index the table that it has to have as many records as, where that is to be looked at.
    pub(super) counted: Vec<Option<u32>>,
    /// A table with a key of text and a value, whose rows SQLite did not look at.
    pub(super) keyed: Option<u32>,
}

/// A tree of the schema.
struct Entry {
    is_index: bool,
    root: u32,
}

/// Looks at the schema, and asks SQLite for the rows of all tables but that of the files, whose root is page
/// `files`; nothing where a table is damaged, or there is anything but tables and their indices.
///
/// # Errors
/// When it cannot be read.
pub(super) fn look(connection: &Connection, files: u32) -> Result<Option<Schema>, DatabaseError> {
    // What makes it impossible to check the whole file is wrong with it, whatever its parts are.
    connection
        .prepare("PRAGMA quick_check(1)")
        .map_err(trouble)?;
    let (Some(mut entries), Some(tables)) = (entries(connection)?, tables(connection)?) else {
        return Ok(None);
    };
    let mut schema = Schema {
        trees: Trees {
            rows: files,
            tables: vec![1],
            indices: Vec::new(),
        },
        counted: Vec::new(),
        keyed: None,
    };
    for Table { name, has_rowid } in tables {
        let is_root_schema = name == SCHEMA;
        let root = match entries.remove(&name.to_ascii_lowercase()) {
            None if is_root_schema => 1,
            Some(Entry {
                is_index: false,
                root,
            }) if !is_root_schema => root,
            _ => return Ok(None),
        };
        let is_files = root == files;
        if is_files && !has_rowid || !is_files && !is_sound(connection, &name)? {
            return Ok(None);
        }
        if has_rowid && !is_files && !is_root_schema {
            schema.trees.tables.push(root);
        }
        for Index { name, is_partial } in indices(connection, &name)? {
            let root = match entries.remove(&name.to_ascii_lowercase()) {
                Some(Entry {
                    is_index: true,
                    root,
                }) => root,
                // The table itself.
                None if !has_rowid && !schema.trees.indices.contains(&root) => root,
                _ => return Ok(None),
            };
            schema.trees.indices.push(root);
            schema
                .counted
                .push((is_files && !is_partial).then_some(files));
        }
        if !has_rowid && !schema.trees.indices.contains(&root) {
            return Ok(None);
        }
    }
    Ok(entries.is_empty().then_some(schema))
}

/// The table that holds the schema.
const SCHEMA: &str = "sqlite_schema";

/// All entries of the schema by name, in lower-case letters; nothing where they are not all tables and
/// indices, or two have one name.
fn entries(connection: &Connection) -> Result<Option<BTreeMap<String, Entry>>, DatabaseError> {
    const ENTRIES: &str = "SELECT type, name, rootpage FROM sqlite_schema";
    let mut statement = connection.prepare(ENTRIES).map_err(trouble)?;
    let mut rows = statement.query([]).map_err(trouble)?;
    let mut entries = BTreeMap::new();
    while let Some(row) = rows.next().map_err(trouble)? {
        let kind: String = row.get(0).map_err(trouble)?;
        let name: String = row.get(1).map_err(trouble)?;
        let root: u32 = row.get(2).map_err(trouble)?;
        let is_index = match kind.as_str() {
            "table" => false,
            "index" => true,
            _ => return Ok(None),
        };
        let entry = Entry { is_index, root };
        let before = entries.insert(name.to_ascii_lowercase(), entry);
        if before.is_some() || root < 2 {
            return Ok(None);
        }
    }
    Ok(Some(entries))
}

/// A table as SQLite knows it.
struct Table {
    name: String,
    has_rowid: bool,
}

/// All tables, that of the schema among them; nothing where one is a view or virtual.
fn tables(connection: &Connection) -> Result<Option<Vec<Table>>, DatabaseError> {
    const TABLES: &str = "SELECT name, type, wr FROM pragma_table_list WHERE schema = 'main'";
    let mut statement = connection.prepare(TABLES).map_err(trouble)?;
    let mut rows = statement.query([]).map_err(trouble)?;
    let mut tables = Vec::new();
    while let Some(row) = rows.next().map_err(trouble)? {
        let kind: String = row.get(1).map_err(trouble)?;
        if kind != "table" {
            return Ok(None);
        }
        let without_rowid: bool = row.get(2).map_err(trouble)?;
        tables.push(Table {
            name: row.get(0).map_err(trouble)?,
            has_rowid: !without_rowid,
        });
    }
    Ok(Some(tables))
}

/// An index as SQLite knows it.
struct Index {
    name: String,
    /// Whether it has some of the rows only.
    is_partial: bool,
}

/// The indices of a table.
fn indices(connection: &Connection, table: &str) -> Result<Vec<Index>, DatabaseError> {
    const INDICES: &str = "SELECT name, partial FROM pragma_index_list(?1)";
    let mut statement = connection.prepare(INDICES).map_err(trouble)?;
    let index = |row: &rusqlite::Row<'_>| {
        Ok(Index {
            name: row.get(0)?,
            is_partial: row.get(1)?,
        })
    };
    let indices = statement.query_map([table], index).map_err(trouble)?;
    indices.collect::<Result<_, _>>().map_err(trouble)
}

/// Whether SQLite finds nothing wrong with a table.
fn is_sound(connection: &Connection, table: &str) -> Result<bool, DatabaseError> {
    const CHECK: &str = "SELECT quick_check FROM pragma_quick_check(?1)";
    let answer: String = connection
        .query_row(CHECK, [table], |row| row.get(0))
        .map_err(trouble)?;
    Ok(answer == "ok")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(statements: &str) -> Option<Schema> {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(statements).unwrap();
        // Files is the first table.
        look(&connection, 2).unwrap()
    }

    const FILES: &str = "CREATE TABLE Files (fileID TEXT PRIMARY KEY, domain TEXT);";

    #[test]
    fn trees_are_those_of_all_tables_and_indices() {
        let more = "CREATE INDEX d ON Files(domain);
                    CREATE TABLE Properties (key TEXT PRIMARY KEY, value BLOB);
                    CREATE TABLE plain (a INTEGER PRIMARY KEY, b);
                    INSERT INTO plain (b) VALUES (7);";
        let schema = of(&(FILES.to_owned() + more)).unwrap();
        assert_eq!(schema.trees.rows, 2);
        let sorted = |pages: &[u32]| {
            let mut pages = pages.to_vec();
            pages.sort_unstable();
            pages
        };
        assert_eq!(sorted(&schema.trees.tables), [1, 5, 7]);
        assert_eq!(sorted(&schema.trees.indices), [3, 4, 6]);
        let pairs = schema.trees.indices.iter().zip(&schema.counted);
        let counted: Vec<u32> = pairs
            .filter(|(_, counted)| **counted == Some(2))
            .map(|(root, _)| *root)
            .collect();
        assert_eq!(sorted(&counted), [3, 4]);
    }

    #[test]
    fn a_table_without_rowids_is_an_index() {
        let more = "CREATE TABLE w (a TEXT PRIMARY KEY, b UNIQUE) WITHOUT ROWID;";
        let schema = of(&(FILES.to_owned() + more)).unwrap();
        assert_eq!(schema.trees.tables, [1]);
        let mut indices = schema.trees.indices;
        indices.sort_unstable();
        assert_eq!(indices, [3, 4, 5]);
    }

    #[test]
    fn an_index_of_some_rows_need_not_have_all() {
        let more = "CREATE INDEX part ON Files(domain) WHERE domain > 'D';";
        let schema = of(&(FILES.to_owned() + more)).unwrap();
        let counted = schema.counted.iter().flatten();
        assert_eq!((schema.counted.len(), counted.count()), (2, 1));
    }

    #[test]
    fn views_triggers_and_virtual_tables_are_left_to_sqlite() {
        for more in [
            "CREATE VIEW v AS SELECT 1;",
            "CREATE TRIGGER t AFTER INSERT ON Files BEGIN SELECT 1; END;",
            "CREATE VIRTUAL TABLE f USING fts5(a);",
            "CREATE VIRTUAL TABLE r USING rtree(a, b, c);",
        ] {
            assert_eq!(of(&(FILES.to_owned() + more)), None, "{more}");
        }
    }

    #[test]
    fn a_table_that_breaks_its_own_rules_is_left_to_sqlite() {
        let sound = "CREATE TABLE o (a INT CHECK (a > 1) NOT NULL); INSERT INTO o VALUES (2);";
        assert!(of(&(FILES.to_owned() + sound)).is_some());
        let broken = "CREATE TABLE o (a INT CHECK (a > 1)); PRAGMA ignore_check_constraints = ON;
                      INSERT INTO o VALUES (1); PRAGMA ignore_check_constraints = OFF;";
        assert_eq!(of(&(FILES.to_owned() + broken)), None);
    }
}
