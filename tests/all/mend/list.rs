//! What a backup lists, read from the notes on the format alone (F§7, F§11, F§12): nothing in here is bkscan's.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use plist::{Dictionary, Value};
use rusqlite::types::{Type, ValueRef};
use rusqlite::{Connection, MAIN_DB};
use sha1::{Digest as _, Sha1};

use crate::builder::sealed::{class_keys, content_key, decrypt};

/// One row of a list, of either format.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub id: String,
    pub domain: String,
    pub path: String,
    /// Whether the device wants a file for it (F§1.4).
    pub is_required: bool,
    /// All that the list says of it, as it stands there.
    pub record: Vec<Cell>,
    pub digest: Option<Vec<u8>>,
    pub key: Option<Vec<u8>>,
}

/// A value of a row: texts of devices need not be UTF-8.
pub type Cell = (Type, Vec<u8>);

pub type Keys = BTreeMap<u32, [u8; 32]>;

/// A list, and what opens the files on it.
pub struct List {
    pub rows: Vec<Row>,
    /// Those of the classes, where it is encrypted.
    pub keys: Option<Keys>,
    is_mbdb: bool,
}

impl List {
    /// Where the payload of this row lies (F§8): the device chooses by the kind of the list.
    pub fn place(&self, row: &Row) -> PathBuf {
        match self.is_mbdb {
            true => PathBuf::from(&row.id),
            false => Path::new(&row.id[..2]).join(&row.id),
        }
    }
}

/// A plist, which must be a dictionary.
pub fn dictionary(path: &Path) -> Result<Dictionary, String> {
    let why = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let value = Value::from_file(path).map_err(|error| why(&error))?;
    value.into_dictionary().ok_or_else(|| why(&"no dictionary"))
}

/// A text of a plist.
pub fn text<'a>(list: &'a Dictionary, key: &str) -> Result<&'a str, String> {
    let value = list.get(key).and_then(Value::as_string);
    value.ok_or_else(|| format!("no {key}"))
}

/// Says so where it does not hold.
pub fn must(holds: bool, words: &str) -> Result<(), String> {
    holds.then_some(()).ok_or_else(|| words.to_owned())
}

/// Reads the list alone.
pub fn read(backup: &Path, password: Option<&str>) -> Result<List, String> {
    let manifest = dictionary(&backup.join("Manifest.plist"))?;
    // F§5: either of the two says so.
    let is_true = manifest.get("IsEncrypted").and_then(Value::as_boolean);
    let is_encrypted = is_true == Some(true) || manifest.contains_key("ManifestKey");
    let keys = match (is_encrypted, password) {
        (true, Some(password)) => Some(class_keys(backup, password)),
        (true, None) => return Err("encrypted".to_owned()),
        _ => None,
    };
    let [db, mbdb] = ["Manifest.db", "Manifest.mbdb"].map(|name| backup.join(name));
    let is_mbdb = !db.exists();
    let rows = if is_mbdb {
        let bytes = fs::read(mbdb).map_err(|error| error.to_string())?;
        records(&bytes).ok_or("Manifest.mbdb is cut or no list")?
    } else {
        must(!mbdb.exists(), "two lists")?;
        let bytes = fs::read(db).map_err(|error| error.to_string())?;
        rows(plain(&manifest, keys.as_ref(), bytes)?)?
    };
    Ok(List {
        rows,
        keys,
        is_mbdb,
    })
}

/// Manifest.db as the device has it: opened with `ManifestKey`, without what pads it (F§11.3).
fn plain(manifest: &Dictionary, keys: Option<&Keys>, bytes: Vec<u8>) -> Result<Vec<u8>, String> {
    let Some(keys) = keys else {
        return Ok(bytes);
    };
    must(
        bytes.len().is_multiple_of(16),
        "Manifest.db: no whole blocks",
    )?;
    let key = manifest.get("ManifestKey").and_then(Value::as_data);
    let key = key.and_then(|key| content_key(keys, key));
    let mut plain = decrypt(&key.ok_or("no ManifestKey that opens")?, &bytes);
    let count = plain.last().copied().map_or(0, usize::from);
    let is_padded = (1..=16).contains(&count) && plain.ends_with(&vec![count as u8; count]);
    must(is_padded, "Manifest.db is not padded")?;
    plain.truncate(plain.len() - count);
    Ok(plain)
}

/// A database in memory. What says that its changes lie beside it would not open there: the format is that
/// of <https://sqlite.org/fileformat2.html>.
pub fn opened(mut bytes: Vec<u8>) -> Result<Connection, String> {
    must(bytes.starts_with(b"SQLite format 3\0"), "no database")?;
    bytes[18..20].fill(1);
    let mut db = Connection::open_in_memory().map_err(|error| error.to_string())?;
    let len = bytes.len();
    db.deserialize_read_exact(MAIN_DB, &*bytes, len, true)
        .map_err(|error| error.to_string())?;
    Ok(db)
}

fn rows(bytes: Vec<u8>) -> Result<Vec<Row>, String> {
    must(
        bytes.len() >= 4096 && bytes.len().is_multiple_of(4096),
        "no whole pages",
    )?;
    // F§7.1: how a real one is built.
    let [size, text, vacuum] = [16, 56, 52].map(|at| &bytes[at..at + 4]);
    must(size[..2] == 4096_u16.to_be_bytes(), "another page size")?;
    must(size[2..] == [2, 2], "no header of a WAL database")?;
    must(text == 1_u32.to_be_bytes(), "not UTF-8")?;
    must(vacuum != [0; 4], "no auto_vacuum")?;
    let db = opened(bytes)?;
    sound(&db)?;
    let rows = all_rows(&db).map_err(|error| error.to_string())?;
    rows.into_iter().map(Row::of_cells).collect()
}

/// Fails where SQLite finds fault with it, or a table or an index of a real one is not there.
fn sound(db: &Connection) -> Result<(), String> {
    let words = |sql: &str| {
        let mut query = db.prepare(sql)?;
        let words = query.query_map((), |row| row.get::<_, String>(0))?;
        words.collect::<rusqlite::Result<Vec<String>>>()
    };
    let answer = words("PRAGMA integrity_check").map_err(|error| error.to_string())?;
    must(answer == ["ok"], &format!("SQLite complains: {answer:?}"))?;
    let names = words("SELECT name FROM sqlite_schema").map_err(|error| error.to_string())?;
    let has = |name: &str| names.iter().any(|other| other == name);
    // iOS 27 has an index of domain and path in place of that of the domain.
    let by_domain = has("FilesDomainIdx") || has("FilesDomainsRelativePathIdx");
    let others = [
        "Files",
        "Properties",
        "FilesRelativePathIdx",
        "FilesFlagsIdx",
    ];
    let is_whole = by_domain && others.into_iter().all(has);
    must(is_whole, &format!("only {names:?}"))
}

/// The columns of a row.
pub const COLUMNS: &str = "fileID, domain, relativePath, flags, file";

/// The values of a row of [`COLUMNS`].
pub fn cells(row: &rusqlite::Row<'_>) -> rusqlite::Result<Vec<Cell>> {
    let cell = |at: usize| {
        let value = row.get_ref(at)?;
        let bytes = match value {
            ValueRef::Null => Vec::new(),
            ValueRef::Integer(number) => number.to_be_bytes().to_vec(),
            ValueRef::Real(number) => number.to_be_bytes().to_vec(),
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.to_vec(),
        };
        Ok((value.data_type(), bytes))
    };
    (0..5).map(cell).collect()
}

fn all_rows(db: &Connection) -> rusqlite::Result<Vec<Vec<Cell>>> {
    let mut query = db.prepare(&format!("SELECT {COLUMNS} FROM Files"))?;
    let rows = query.query_map((), cells)?;
    rows.collect()
}

impl Row {
    /// A row of Manifest.db (F§7).
    pub fn of_cells(record: Vec<Cell>) -> Result<Row, String> {
        let text = |at: usize| String::from_utf8_lossy(&record[at].1).into_owned();
        let (kind, flags) = &record[3];
        let flags = <[u8; 8]>::try_from(&**flags).ok();
        let flags = flags.filter(|_| *kind == Type::Integer);
        let flags = i64::from_be_bytes(flags.ok_or("flags that are no number")?);
        let has_record = record[4].0 != Type::Null;
        let [digest, key] = secrets(&record[4].1).unwrap_or_default();
        Ok(Row {
            id: text(0),
            domain: text(1),
            path: text(2),
            is_required: flags & 54 == 0 && has_record,
            digest,
            key,
            record,
        })
    }
}

/// `Digest` and `EncryptionKey` of a record (F§7.3), in any of their forms.
fn secrets(blob: &[u8]) -> Option<[Option<Vec<u8>>; 2]> {
    let archive = Value::from_reader(std::io::Cursor::new(blob)).ok()?;
    let archive = archive.as_dictionary()?;
    let objects = archive.get("$objects")?.as_array()?;
    let meant = |value: &Value| match value {
        Value::Uid(uid) => objects.get(usize::try_from(uid.get()).ok()?).cloned(),
        value => Some(value.clone()),
    };
    let root = meant(archive.get("$top")?.as_dictionary()?.get("root")?)?;
    let root = root.into_dictionary()?;
    let bytes = |key: &str| match meant(root.get(key)?)? {
        Value::Data(bytes) => Some(bytes),
        Value::Dictionary(inner) => meant(inner.get("NS.data")?)?.into_data(),
        _ => None,
    };
    Some(["Digest", "EncryptionKey"].map(bytes))
}

/// The records of Manifest.mbdb (F§12).
fn records(bytes: &[u8]) -> Option<Vec<Row>> {
    let mut rest = bytes.strip_prefix(b"mbdb\x05\x00")?;
    let mut rows = Vec::new();
    while !rest.is_empty() {
        let whole = rest;
        let mut strings: Vec<Option<&[u8]>> = Vec::new();
        for _ in 0..5 {
            strings.push(string(&mut rest)?);
        }
        // Mode; inode, owner and times; size; protection class.
        let [mode, _, _, _, count] = [2, 28, 8, 1, 1].map(|len| rest.split_off(..len));
        for _ in 0..2 * usize::from(count?[0]) {
            string(&mut rest)?;
        }
        let [domain, path] = [strings[0]?, strings[1]?];
        let hash = Sha1::digest([domain, b"-", path].concat());
        let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        rows.push(Row {
            id: hash.iter().map(|byte| format!("{byte:02x}")).collect(),
            domain: lossy(domain),
            path: lossy(path),
            is_required: mode?[0] & 0xf0 == 0x80,
            record: vec![(Type::Blob, whole[..whole.len() - rest.len()].to_vec())],
            digest: strings[3].map(<[u8]>::to_vec),
            key: strings[4].map(<[u8]>::to_vec),
        });
    }
    Some(rows)
}

/// A string with its length before it; `Some(None)`: there is none.
fn string<'a>(rest: &mut &'a [u8]) -> Option<Option<&'a [u8]>> {
    let length = rest.split_off(..2)?;
    match u16::from_be_bytes([length[0], length[1]]) {
        0xffff => Some(None),
        length => rest.split_off(..usize::from(length)).map(Some),
    }
}
