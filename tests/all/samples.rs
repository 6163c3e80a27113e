//! The samples in `testdata/`: what the builder writes, and what a fresh clone's first run says.

use std::collections::BTreeMap;
use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use crate::harness::{Ended as _, NOW, program, scan};
use crate::support::{BackupBuilder, Row, empty_folder};

/// The folder that holds the samples.
fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata")
}

const PHONE: &str = "00008130-000A1C2E3F40801E";
const ARCHIVED: &str = "00008130-000A1C2E3F40801E-20250614-101500";
const RENAMED: &str = "00008130-000A1C2E3F40801E.old";
const OLD_PHONE: &str = "00008030-001122334455667A";
const IPAD: &str = "00008103-0012345678901234";
const NEW_PHONE: &str = "00008140-000B2D4F60718293";
const INTERRUPTED: &str = "00008101-000C3E5A7B9D0F12";
const MINI: &str = "00008101-0004D5E6F7081920";
const MINI_BEFORE: &str = "00008101-0004D5E6F7081920.before";
const IOS_9: &str = "5c0ffee05c0ffee05c0ffee05c0ffee05c0ffee0";

/// Every verdict that a checked-out tree can show. Dates are long past, so that the fresh times of a
/// clone do not make any of them look like a backup that is running.
fn samples() -> Vec<BackupBuilder> {
    let phone = |date| {
        BackupBuilder::new(PHONE)
            .device(
                "Sample iPhone",
                "iPhone16,1",
                Some("iPhone 15 Pro"),
                "18.5",
                "22F76",
            )
            .date(date)
    };
    let ipad = || {
        let mut ipad = BackupBuilder::new(IPAD)
            .device(
                "Sample iPad",
                "iPad13,16",
                Some("iPad Air (5th generation)"),
                "17.1",
                "21B80",
            )
            .date("2024-03-02T18:20:00Z");
        for number in 0..40_u8 {
            let path = format!(
                "Media/DCIM/101APPLE/IMG_{:04}.JPG",
                1000 + u32::from(number)
            );
            ipad = ipad.file("CameraRollDomain", &path, &photo(number));
            if number % 2 == 0 {
                ipad = ipad.remove_payload("CameraRollDomain", &path);
            }
        }
        ipad
    };
    // The newer backup of it does not hold all the photos that the older one does.
    let mini = |date, photos: RangeInclusive<u8>| {
        let mini = BackupBuilder::new(MINI).date(date).bare().device(
            "Mini",
            "iPhone13,1",
            Some("iPhone 12 mini"),
            "18.5",
            "22F76",
        );
        photos.fold(mini, |mini, number| {
            let path = format!("Media/DCIM/100APPLE/IMG_{:04}.JPG", u32::from(number));
            // Each has a length of its own.
            let content = [photo(number), vec![number; usize::from(number)]].concat();
            mini.file("CameraRollDomain", &path, &content)
        })
    };
    vec![
        phone("2026-05-20T19:04:00Z"),
        phone("2025-06-14T08:15:00Z").folder_name(ARCHIVED),
        phone("2025-01-03T21:40:00Z").folder_name(RENAMED),
        BackupBuilder::new(OLD_PHONE)
            .device(
                "Old iPhone",
                "iPhone12,1",
                Some("iPhone 11"),
                "17.4",
                "21E219",
            )
            .date("2023-09-22T06:30:00Z")
            .encrypted_with("sample"),
        ipad(),
        BackupBuilder::new(NEW_PHONE)
            .device(
                "New iPhone",
                "iPhone17,3",
                Some("iPhone 16"),
                "18.5",
                "22F76",
            )
            .date("2026-04-11T11:00:00Z")
            .bare()
            .snapshot_state("uploading")
            .backup_state("empty")
            .without("Manifest.plist")
            .without("Manifest.db")
            .raw(
                "Snapshot/3d/3d0d7e5fb2ce288813306e4d4636395e047a3d28",
                photo(3),
            ),
        BackupBuilder::new(INTERRUPTED)
            .device(
                "Kitchen iPhone",
                "iPhone13,2",
                Some("iPhone 12"),
                "16.7.8",
                "20H343",
            )
            .date("2026-03-01T07:00:00Z")
            .snapshot_state("uploading")
            .raw(
                "Snapshot/12/12b144c0bd44f2b3dffd9186d3f9c05b917cee25",
                photo(5),
            ),
        mini("2026-05-02T10:30:00Z", 1..=3),
        mini("2025-05-12T17:20:00Z", 1..=8).folder_name(MINI_BEFORE),
        BackupBuilder::new(IOS_9)
            .device(
                "iPhone of 2014",
                "iPhone7,2",
                Some("iPhone 6"),
                "9.3.5",
                "13G36",
            )
            .date("2016-10-09T15:00:00Z")
            .mbdb()
            .add(Row::file(
                "AppDomain-com.example.notes",
                "Documents/a.txt",
                b"a note",
            )),
    ]
}

/// Something with the first bytes of a JPEG file.
fn photo(number: u8) -> Vec<u8> {
    [&[0xff, 0xd8, 0xff, 0xe0][..], &[number; 60]].concat()
}

fn write_all(parent: &Path) {
    for sample in samples() {
        sample.no_empty_shards().write(parent);
    }
}

/// Every file below `root` by its relative path. In a database the bytes that SQLite sets to its
/// own version and change counters are left out.
fn contents(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in walkdir::WalkDir::new(root).follow_links(false) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let relative = entry.path().strip_prefix(root).unwrap();
            let name = relative.to_str().unwrap().replace('\\', "/");
            let mut bytes = fs::read(entry.path()).unwrap();
            if bytes.starts_with(b"SQLite format 3\0") {
                bytes[24..28].fill(0);
                bytes[92..100].fill(0);
            }
            files.insert(name, bytes);
        }
    }
    files
}

/// Writes the samples anew: `cargo test --test all write_samples -- --ignored`
#[test]
#[ignore = "writes testdata/MobileSync; run it after a change to the builder or to the samples"]
fn write_samples() {
    let backups = testdata().join("MobileSync").join("Backup");
    if backups.exists() {
        fs::remove_dir_all(&backups).unwrap();
    }
    fs::create_dir_all(&backups).unwrap();
    write_all(&backups);
}

#[test]
fn the_samples_are_what_the_builder_writes() {
    let made = empty_folder();
    write_all(made.path());
    let made = contents(made.path());
    let kept = contents(&testdata().join("MobileSync").join("Backup"));
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        names(&kept),
        names(&made),
        "run write_samples (see this file)"
    );
    for (name, bytes) in &kept {
        assert!(
            *bytes == made[name],
            "{name} differs: run write_samples (see this file)"
        );
    }
    let size: usize = kept.values().map(Vec::len).sum();
    assert!(size <= 2_000_000, "{size} bytes are too many for a clone");
}

#[test]
fn every_verdict_that_a_clone_can_show_is_there() {
    let document = scan(&testdata().join("MobileSync"), &[]);
    let judged: Vec<(&str, &str, Vec<&str>)> = document["backups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|backup| {
            let folder = backup["path"]
                .as_str()
                .unwrap()
                .rsplit(['/', '\\'])
                .next()
                .unwrap();
            let findings = backup["findings"].as_array().unwrap();
            let serious = findings
                .iter()
                .filter(|finding| finding["severity"] != "note");
            (
                folder,
                backup["verdict"].as_str().unwrap(),
                serious
                    .map(|finding| finding["id"].as_str().unwrap())
                    .collect(),
            )
        })
        .collect();
    assert_eq!(
        judged,
        [
            (OLD_PHONE, "unverified", vec![]),
            (MINI, "complete", vec![]),
            (MINI_BEFORE, "complete", vec![]),
            (INTERRUPTED, "interrupted", vec!["update-interrupted"]),
            (IPAD, "corrupt", vec!["file-missing"]),
            (PHONE, "complete", vec![]),
            (ARCHIVED, "complete", vec![]),
            (RENAMED, "complete", vec![]),
            (
                NEW_PHONE,
                "incomplete",
                vec![
                    "never-finished",
                    "manifest-plist-missing",
                    "manifest-missing"
                ]
            ),
            (IOS_9, "complete", vec![]),
        ]
    );
    assert_eq!(document["exit_code"], 2);
}

#[test]
fn a_fresh_clone_is_judged_the_same_now_and_in_an_hour() {
    let clone = empty_folder();
    let backups = clone.path().join("MobileSync").join("Backup");
    fs::create_dir_all(&backups).unwrap();
    // What git does: every file gets the time of the checkout.
    for sample in samples() {
        sample.no_empty_shards().mtime(NOW).write(&backups);
    }
    let verdicts = |now: &str| {
        let output = program()
            .arg(clone.path())
            .args(["--json", "--now", now])
            .ended()
            .unwrap();
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        document["summary"]["verdicts"].clone()
    };
    let now = verdicts(NOW);
    assert_eq!(now["in-progress"], 0);
    assert_eq!(now["complete"], 6);
    assert_eq!(verdicts("2026-11-22T13:00:01Z"), now);
}
