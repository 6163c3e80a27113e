//! Values that no device writes: names of files, sizes and dates.

use std::fs::{self, OpenOptions};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use plist::{Dictionary, Value as Plist};
use serde_json::json;

use super::{PHOTO, World, backup, scan_only, small};
use crate::harness::{finding, only_backup};
use crate::support::{BackupBuilder, Row, empty_folder, payload_path, timestamp};

#[test]
fn a_file_id_of_anything_but_forty_hex_digits_leads_nowhere() {
    let outside = format!("/{}", "a".repeat(39));
    let up = format!("../{}", "a".repeat(37));
    let nuls = "\0".repeat(40);
    let mut ids = vec!["", ".", "..", "00", "/etc/passwd", &outside, &up, &nuls];
    ids.extend([
        "../../../../../../../../../../etc/passwd",
        "00/0000000000000000000000000000000000000",
        "éééééééééééééééééééé",
        "０１２３４５６７８９０１２",
        "0000000000000000000000000000000000000000\0",
        " 000000000000000000000000000000000000000",
        "+000000000000000000000000000000000000000",
        "C:\\000000000000000000000000000000000000",
        "\u{1b}[2J00000000000000000000000000000000000",
    ]);
    let mut builder = small();
    for (number, id) in ids.iter().enumerate() {
        let path = format!("file {number}");
        builder = builder.add(Row::file("HomeDomain", &path, b"x").id(id));
    }
    // What is no text at all: NULL, a number, a blob, and eight million letters.
    for (name, value) in [
        ("null", "NULL"),
        ("blob", "zeroblob(40)"),
        ("long", "replace(hex(zeroblob(100000)), '0', 'a')"),
    ] {
        builder = builder.sql(&format!(
            "INSERT INTO Files VALUES ({value}, 'HomeDomain', '{name}', 1, x'00'); \
             UPDATE Files SET file = (SELECT file FROM Files WHERE flags = 1 LIMIT 1) \
             WHERE relativePath = '{name}';"
        ));
    }
    let mut world = World::new();
    world.add("ids", builder, "corrupt", &["file-missing"]);
    // In upper case it is one, and the payload is found (F§9.4).
    let upper = small().sql("UPDATE Files SET fileID = upper(fileID)");
    world.add("upper", upper, "complete", &[]);
    // A column without a type keeps a number. The payload of the only file is then listed by no row.
    let number = "CREATE TABLE Other (fileID, domain, relativePath, flags, file); \
                  INSERT INTO Other SELECT 12, domain, relativePath, flags, file FROM Files; \
                  DROP TABLE Files; ALTER TABLE Other RENAME TO Files";
    let findings = &["file-missing", "index-short", "orphan-file"];
    world.add("number", small().sql(number), "corrupt", findings);
    let document = world.judge();
    let missing = finding(backup(&document, "ids"), "file-missing");
    assert_eq!(missing["count"], ids.len() + 3);
    assert!(!document.to_string().contains("root:"), "{document:#}");
}

/// Rows of an app with these recorded sizes, each stored as one byte.
fn sized(sizes: [i64; 3]) -> impl Iterator<Item = Row> {
    let rows = ["a", "b", "c"].into_iter().zip(sizes);
    rows.map(|(path, size)| Row::file("AppDomain-net.example", path, b"x").size(size))
}

#[test]
fn sizes_at_the_ends_of_their_type_are_added_up_without_wrapping() {
    let largest = [i64::MAX; 3];
    let large = sized(largest).fold(small(), BackupBuilder::add);
    let gone = sized(largest)
        .map(Row::no_payload)
        .fold(small(), BackupBuilder::add);
    // Contract §4 rule 7: negative sizes are unknown.
    let negative = sized([-1, i64::MIN, -0x8000_0000]).fold(small(), BackupBuilder::add);
    let photo = Row::file(PHOTO.0, "Media/DCIM/2.JPG", b"x").size(i64::MAX);
    let photo = small().add(photo);
    let mut world = World::new();
    world.add("large", large, "complete", &["size-differs"]);
    world.add("negative", negative, "complete", &[]);
    world.add("photo", photo, "complete", &["shorter-than-recorded"]);
    world.add("gone", gone, "corrupt", &["file-missing"]);
    let document = world.judge();
    let recorded = |name| &backup(&document, name)["manifest"]["recorded_bytes"];
    assert_eq!(*recorded("large"), json!(u64::MAX));
    assert_eq!(*recorded("negative"), json!(100));
    let missing = finding(backup(&document, "gone"), "file-missing");
    assert_eq!(missing["bytes"], json!(u64::MAX));
}

/// The `file` column with a size that no 64 bits with a sign can hold.
fn blob_with_size(size: u64) -> Vec<u8> {
    let uid = |number| Plist::Uid(plist::Uid::new(number));
    let file = Dictionary::from_iter([
        ("$class", uid(3)),
        ("RelativePath", uid(2)),
        ("Size", size.into()),
        ("Mode", 0o100_644.into()),
    ]);
    let names = Plist::Array(vec!["MBFile".into(), "NSObject".into()]);
    let class = Dictionary::from_iter([("$classname", "MBFile".into()), ("$classes", names)]);
    let objects = vec!["$null".into(), file.into(), "a".into(), class.into()];
    let archive = Dictionary::from_iter([
        ("$archiver", "NSKeyedArchiver".into()),
        ("$version", 100_000.into()),
        ("$top", Dictionary::from_iter([("root", uid(1))]).into()),
        ("$objects", Plist::Array(objects)),
    ]);
    let mut bytes = Vec::new();
    Plist::from(archive).to_writer_binary(&mut bytes).unwrap();
    bytes
}

#[test]
fn a_size_of_two_to_the_63_is_unknown() {
    let mut world = World::new();
    for size in [1 << 63, u64::MAX] {
        let row = Row::file("AppDomain-net.example", "a", b"x").blob(blob_with_size(size));
        let name = format!("db {size}");
        world.add(&name, small().add(row), "complete", &[]);
    }
    // The only 100 of the file: its size, which is the photo's.
    let path = world.add("mbdb", small().mbdb(), "complete", &[]);
    let path = path.join("Manifest.mbdb");
    let mut bytes = fs::read(&path).unwrap();
    let hundred = 100_u64.to_be_bytes();
    let at = bytes.windows(8).position(|eight| eight == hundred).unwrap();
    bytes[at..at + 8].copy_from_slice(&(1_u64 << 63).to_be_bytes());
    fs::write(&path, bytes).unwrap();
    let document = world.judge();
    for (name, recorded) in [("db 9223372036854775808", 100), ("mbdb", 0)] {
        let manifest = &backup(&document, name)["manifest"];
        assert_eq!(manifest["recorded_bytes"], recorded, "{name}");
    }
}

/// Files that are nearly all holes, as large as the file system lets them be; at most 2^62 bytes.
#[cfg(unix)]
#[test]
fn files_of_exabytes_are_added_up_without_wrapping() {
    let (app, names) = ("AppDomain-net.example", ["0", "1", "2", "3", "4", "5"]);
    let world = empty_folder();
    let builder = names
        .iter()
        .fold(small(), |builder, name| builder.file(app, name, b"x"));
    let path = builder.write(world.path());
    let mut size: u64 = 1 << 62;
    for name in names {
        let place = payload_path(&path, app, name);
        let file = OpenOptions::new().write(true).open(&place).unwrap();
        while file.set_len(size).is_err() {
            size /= 2;
        }
        let time = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        file.set_modified(time).unwrap();
    }
    let document = scan_only(world.path(), &[]);
    let judged = only_backup(&document);
    assert_eq!(judged["verdict"], "complete");
    assert_eq!(finding(judged, "size-differs")["count"], 6);
    let sum = (u128::from(size) * 6).min(u128::from(u64::MAX));
    let logical = u128::from(judged["size"]["logical_bytes"].as_u64().unwrap());
    // Beside them there are only the metadata and a photo.
    assert!(logical >= sum && logical - sum < 1 << 20, "{logical} {sum}");
}

fn with_dates(date: SystemTime) -> BackupBuilder {
    let set = |key: &'static str| {
        let date = Plist::Date(date.into());
        move |plist: &mut Dictionary| _ = plist.insert(key.to_owned(), date)
    };
    let builder = small().info(set("Last Backup Date"));
    builder.status(set("Date")).manifest_plist(set("Date"))
}

#[test]
fn dates_from_any_age_are_no_damage() {
    // Windows has no times before 1601; up to its end, dates there are left to other tests.
    let before = |seconds| UNIX_EPOCH.checked_sub(Duration::from_secs(seconds));
    let after = |seconds| Some(UNIX_EPOCH + Duration::from_secs(seconds));
    let mut world = World::new();
    for (name, date) in [
        ("1969", before(1)),
        ("1904", before(2_082_844_800)),
        ("1602", before(11_612_937_600)),
        ("0001", before(62_135_596_800)),
        ("2106", after(u64::from(u32::MAX))),
        ("9999", after(253_402_300_799)),
    ] {
        if let Some(date) = date {
            world.add(name, with_dates(date), "complete", &[]);
        }
    }
    let document = world.judge();
    for backup in document["backups"].as_array().unwrap() {
        // None of them can make another one superfluous that has no later usable date.
        assert_eq!(backup["manifest"]["files"], 1);
    }
    for name in ["2106", "9999"] {
        let decision = &backup(&document, name)["decision"];
        assert_eq!(decision["action"], "keep", "{decision:#}");
    }
}

/// Replaces the date of a binary property list by another number of seconds since 2001.
fn with_seconds(mut bytes: Vec<u8>, seconds: f64) -> Vec<u8> {
    let mut objects = bytes.windows(9).enumerate();
    let in_this_century = |eight: &[u8]| {
        let seconds = f64::from_be_bytes(eight.try_into().unwrap());
        (7e8..8e8).contains(&seconds)
    };
    let date = objects.find(|(_, object)| object[0] == 0x33 && in_this_century(&object[1..]));
    let at = date.expect("a date").0 + 1;
    bytes[at..at + 8].copy_from_slice(&seconds.to_be_bytes());
    bytes
}

#[test]
fn dates_that_are_no_numbers_are_beyond_the_reader() {
    let mut world = World::new();
    let values = [f64::NAN, f64::INFINITY, -1e300, 1e300, f64::MAX];
    for (number, seconds) in values.into_iter().enumerate() {
        for name in ["Manifest.plist", "Status.plist"] {
            let backup = format!("{number} {name}");
            let path = world.add(&backup, small(), "unverified", &[]).join(name);
            let bytes = with_seconds(fs::read(&path).unwrap(), seconds);
            fs::write(&path, bytes).unwrap();
        }
    }
    world.judge();
}

#[test]
fn files_of_any_age_are_no_running_backup() {
    let mut world = World::new();
    // Two days ahead and more are ignored (contract §3), also in a state that may be running.
    let now = SystemTime::from(timestamp(crate::harness::NOW));
    let after = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
    for (name, time) in [
        ("1901", UNIX_EPOCH - Duration::from_secs(1 << 31)),
        ("1969", UNIX_EPOCH - Duration::from_nanos(1)),
        ("2038", after(1 << 31)),
        ("2446", after(15_032_385_535)),
        ("in two days", now + Duration::from_secs(2 * 86_400)),
    ] {
        let builder = small()
            .date("2023-11-14T22:13:20Z")
            .snapshot_state("moving");
        let path = world.add(name, builder, "interrupted", &["move-interrupted"]);
        let payload = payload_path(&path, PHOTO.0, PHOTO.1);
        for place in [path.join("Info.plist"), path.join("Manifest.db"), payload] {
            let file = OpenOptions::new().write(true).open(place).unwrap();
            file.set_modified(time).unwrap();
        }
    }
    world.judge();
}
