//! What is done to the lists that Apple writes: property lists and Manifest.db.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::time::{Duration, SystemTime};

use plist::{Dictionary, Uid, Value};
use rusqlite::Connection;

use super::{Scene, bytes};
use crate::support::Chance;

/// A value that may not be what is expected.
fn odd_value(chance: &mut Chance, depth: usize) -> Value {
    let texts = [
        "",
        "finished",
        "uploading",
        "new",
        "10.0",
        "9.99999999999999999999",
        "-1",
        "../../../../etc/passwd",
        "\u{1b}[2J\u{7}\u{202e}\u{2066}x",
        "00008110-00CA00CA00CA00CA",
        "1970-01-01T00:00:00Z",
        "\u{fffd}\u{10ffff}",
    ];
    let seconds = chance.number() % (1 << chance.between(1, 36));
    match chance.below(14) {
        0 => Value::Boolean(chance.percent(50)),
        1 => Value::Integer(chance.number().into()),
        2 => Value::Integer(i64::MIN.into()),
        3 => Value::Integer(0.into()),
        4 => Value::Real(*chance.pick(&[f64::NAN, f64::INFINITY, -0.0, 1e300, 5e-324])),
        5 => Value::Date((SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).into()),
        6 => Value::Date((SystemTime::UNIX_EPOCH - Duration::from_secs(seconds)).into()),
        7 => Value::Data(vec![]),
        8 => {
            let count = chance.below(2000);
            Value::Data(chance.bytes(count))
        }
        9 => Value::Uid(Uid::new(chance.number())),
        10 => Value::String("long ".repeat(chance.between(1, 20_000))),
        11 if depth < 4 => {
            let count = chance.below(5);
            Value::Array((0..count).map(|_| odd_value(chance, depth + 1)).collect())
        }
        12 if depth < 4 => {
            let mut inner = Dictionary::new();
            inner.insert("Device Name".to_owned(), odd_value(chance, depth + 1));
            inner.insert(String::new(), odd_value(chance, depth + 1));
            Value::Dictionary(inner)
        }
        _ => Value::String((*chance.pick(&texts)).to_owned()),
    }
}

/// Puts an odd value in place of one somewhere in it, takes one away, or adds one.
fn spoil(chance: &mut Chance, list: &mut Dictionary) -> String {
    let keys: Vec<String> = list.keys().cloned().collect();
    if keys.is_empty() || chance.percent(10) {
        let value = odd_value(chance, 0);
        list.insert("Unexpected".to_owned(), value);
        return "one more value".to_owned();
    }
    let key = chance.pick(&keys).clone();
    if chance.percent(20) {
        list.remove(&key);
        return format!("no {key}");
    }
    match list.get_mut(&key) {
        Some(Value::Dictionary(inner)) if chance.percent(70) => {
            format!("{key}, {}", spoil(chance, inner))
        }
        _ => {
            let value = odd_value(chance, 0);
            let words = format!("{key} = {value:.40?}");
            list.insert(key, value);
            words
        }
    }
}

pub fn plist(chance: &mut Chance, _: &Scene<'_>, path: &Path) -> io::Result<String> {
    let mut list =
        Value::from_reader(io::Cursor::new(bytes::read(path)?)).map_err(io::Error::other)?;
    let words = match list.as_dictionary_mut() {
        Some(dictionary) if chance.percent(95) => spoil(chance, dictionary),
        _ => {
            list = odd_value(chance, 0);
            "another value altogether".to_owned()
        }
    };
    let file = File::create(path)?;
    let written = match chance.percent(50) || has_far_date(&list) {
        true => list.to_writer_binary(file),
        false => list.to_writer_xml(file),
    };
    written.map_err(io::Error::other)?;
    Ok(words)
}

/// Whether there is a date that the crate cannot write as text.
fn has_far_date(value: &Value) -> bool {
    /// From 1900 to 2099, on the safe side.
    const SPAN: Range<i64> = -2_208_988_800..4_102_444_800;
    match value {
        Value::Array(values) => values.iter().any(has_far_date),
        Value::Dictionary(values) => values.values().any(has_far_date),
        Value::Date(date) => {
            let time = SystemTime::from(*date);
            let seconds = |since: Duration| i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
            let seconds = match time.duration_since(SystemTime::UNIX_EPOCH) {
                Ok(since) => seconds(since),
                Err(before) => -seconds(before.duration()),
            };
            !SPAN.contains(&seconds)
        }
        _ => false,
    }
}

const STATEMENTS: &[&str] = &[
    "DELETE FROM Files WHERE rowid % 2 = 0",
    "DELETE FROM Files",
    "DROP TABLE Files",
    "DROP TABLE Properties",
    "UPDATE Files SET file = NULL",
    "UPDATE Files SET file = zeroblob(length(file))",
    "UPDATE Files SET file = substr(file, 1, length(file) / 2)",
    "UPDATE Files SET file = CAST(file AS TEXT)",
    "UPDATE Files SET file = (SELECT file FROM Files WHERE flags = 2 LIMIT 1)",
    "UPDATE Files SET flags = flags + 1",
    "UPDATE Files SET flags = 'one'",
    "UPDATE Files SET flags = NULL",
    "UPDATE Files SET flags = -9223372036854775808",
    "UPDATE Files SET flags = 2.5 WHERE rowid = 2",
    "UPDATE Files SET domain = NULL WHERE rowid % 2 = 1",
    "UPDATE Files SET domain = 'CameraRollDomain'",
    "UPDATE Files SET domain = domain || char(27) || '[31m' || char(10)",
    "UPDATE Files SET domain = zeroblob(40)",
    "UPDATE Files SET relativePath = '../../../' || relativePath",
    "UPDATE Files SET relativePath = NULL",
    "UPDATE Files SET relativePath = CAST(x'ff00fe' AS TEXT)",
    "UPDATE Files SET relativePath = replace(hex(zeroblob(40000)), '0', 'p') WHERE flags = 1",
    "UPDATE Files SET fileID = upper(fileID)",
    "UPDATE Files SET fileID = '../' || fileID",
    "UPDATE Files SET fileID = substr(fileID, 2) WHERE rowid % 3 = 0",
    "UPDATE OR IGNORE Files SET fileID = NULL",
    "UPDATE OR IGNORE Files SET fileID = CAST(fileID AS BLOB)",
    "INSERT INTO Files SELECT NULL, domain, relativePath, flags, file FROM Files",
    "INSERT OR IGNORE INTO Files SELECT printf('%040x', rowid), domain, relativePath, flags, file FROM Files",
    "ALTER TABLE Files RENAME COLUMN file TO blob",
    "ALTER TABLE Files RENAME TO files2",
    "ALTER TABLE Files ADD COLUMN more TEXT DEFAULT 'x'",
    "CREATE TRIGGER t AFTER INSERT ON Files BEGIN DELETE FROM Files; END",
    "ALTER TABLE Files RENAME TO Old; CREATE VIEW Files AS SELECT * FROM Old",
    "PRAGMA encoding = 'UTF-16'; VACUUM",
    "PRAGMA page_size = 512; VACUUM",
    "PRAGMA page_size = 65536; VACUUM",
    "PRAGMA auto_vacuum = 2; VACUUM",
    "PRAGMA journal_mode = WAL",
    "PRAGMA user_version = -1",
    "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 1",
    "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE TABLE Files (a)'",
    "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 2147483647 WHERE type = 'index'",
];

pub fn sql(chance: &mut Chance, scene: &Scene<'_>, path: &Path) -> io::Result<String> {
    let is_database = |path: &Path| {
        let facts = path.symlink_metadata();
        path.ends_with("Manifest.db")
            && facts.is_ok_and(|facts| facts.is_file() && facts.len() < 1 << 22)
    };
    let mut entries = scene.entries.iter().map(|entry| entry.as_path());
    let database = match is_database(path) {
        true => Some(path),
        false => entries.find(|entry| is_database(entry)),
    };
    let database = database.ok_or(io::ErrorKind::NotFound)?;
    let connection = Connection::open(database).map_err(io::Error::other)?;
    let statement = *chance.pick(STATEMENTS);
    connection
        .execute_batch(statement)
        .map_err(io::Error::other)?;
    Ok(format!("{statement} in {database:?}, not"))
}
