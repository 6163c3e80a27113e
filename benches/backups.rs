//! Makes large backups to measure with, through the builder that makes the tests' ones:
//!
//! `cargo bench --bench backups -- FOLDER KIND [FILES]`, where KIND is
//! - `plain`: one backup of FILES files (300,000), and 27 rows of folders for every hundred;
//! - `set`: twelve backups of FILES files (25,000) each;
//! - `linked`: two backups of FILES files (300,000) each, whose payloads are hard links to the same
//!   files;
//! - `later`: two backups of one device and FILES files (300,000) each, the second a month after the
//!   first and with all that the first has, of which 120,000 are photos;
//! - `manifest`: one backup of FILES files (300,000) and a Manifest.db of 1.2 GB.

#[path = "../tests/support/mod.rs"]
mod support;

use std::fs;
use std::path::Path;

use support::{BackupBuilder, Row};

const UDID: &str = "00008130-000A1C2E3F40801E";
const KINDS: &str = "plain, set, linked, later or manifest";

fn main() {
    // `cargo bench` adds an option of its own.
    let args: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| arg != "--bench")
        .collect();
    let [folder, kind, rest @ ..] = args.as_slice() else {
        panic!("a folder and a kind are needed: {KINDS}");
    };
    let folder = Path::new(folder);
    let files = rest.first().map(|files| files.parse().expect("a number"));
    let so_many = |usual| files.unwrap_or(usual);
    let backup = || BackupBuilder::new(UDID);
    match kind.as_str() {
        "plain" => write(folder, backup(), so_many(300_000), 27),
        "set" => {
            for number in 0..12 {
                let name = format!("00008130-{number:016X}");
                write(folder, BackupBuilder::new(&name), so_many(25_000), 27);
            }
        }
        "linked" => {
            write(folder, backup(), so_many(300_000), 27);
            link(&folder.join(UDID), &folder.join(format!("{UDID}-copy")));
        }
        "later" => {
            let first = backup().folder_name(&format!("{UDID}-copy"));
            let first = first.date("2026-05-12T20:00:00Z");
            write(folder, first, so_many(300_000), 27);
            let second = backup().date("2026-06-12T20:00:00Z");
            write(folder, second, so_many(300_000), 27);
        }
        "manifest" => write(folder, backup(), so_many(300_000), 350),
        other => panic!("{other} is no kind: {KINDS}"),
    }
}

/// Writes a backup with so many files, and `folders` rows of folders for every hundred of them.
fn write(parent: &Path, backup: BackupBuilder, files: usize, folders: usize) {
    let rows = (0..files).flat_map(move |number| {
        let before = number * folders / 100;
        let after = (number + 1) * folders / 100;
        let folders = (before..after).map(folder);
        folders.chain([file(number)])
    });
    backup.keys_in_one_order().stream(rows).write(parent);
}

/// A hundred domains, in runs as devices write them, whose paths are about as long as real ones.
fn domain(number: usize) -> String {
    match number / 1000 % 100 {
        0..40 => "CameraRollDomain".to_owned(),
        40..45 => "HomeDomain".to_owned(),
        45..60 => "MediaDomain".to_owned(),
        app => format!("AppDomain-com.example.application{app}"),
    }
}

fn folder(number: usize) -> Row {
    let path = format!(
        "Library/Application Support/Store/{:04}/{number:08}",
        number % 997
    );
    Row::directory(&domain(number * 3), &path).no_parents()
}

fn file(number: usize) -> Row {
    let path = format!(
        "Media/DCIM/{:03}APPLE/Attachments/{:02x}/IMG_{number:08}.HEIC",
        100 + number / 1000 % 900,
        number % 256
    );
    // 300 to 6,600 bytes, about 3.4 kB on the average.
    let size = 300 + number * 7919 % 6300;
    // One a minute, beginning with 2017.
    let taken = 1_483_228_800 + 60 * number as i64;
    Row::file(&domain(number), &path, &vec![number as u8; size])
        .born(taken)
        .modified(taken)
        .no_parents()
}

/// A copy of a backup whose payloads are hard links to its files.
fn link(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a new folder");
    for entry in fs::read_dir(from).expect("a backup") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("its kind").is_dir() {
            link(&entry.path(), &target);
        } else if entry.file_name().len() == 40 {
            fs::hard_link(entry.path(), target).expect("a hard link");
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}
