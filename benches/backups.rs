//! Makes large backups to measure with, through the builder that makes the tests' ones:
//!
//! `cargo bench --bench backups -- FOLDER KIND [FILES]`, where KIND is
//! - `plain`: one backup of FILES files (300,000), and 27 rows of folders for every hundred;
//! - `set`: twelve backups of FILES files (25,000) each;
//! - `linked`: two backups of FILES files (300,000) each, whose payloads are hard links to the same
//!   files;
//! - `manifest`: one backup of FILES files (300,000) and a Manifest.db of 1.2 GB.

#[path = "../tests/support/mod.rs"]
mod support;

use std::fs;
use std::path::Path;

use support::{BackupBuilder, Row};

const UDID: &str = "00008130-000A1C2E3F40801E";

fn main() {
    // `cargo bench` adds an option of its own.
    let args: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| arg != "--bench")
        .collect();
    let [folder, kind, rest @ ..] = args.as_slice() else {
        panic!("a folder and a kind are needed: plain, set, linked or manifest");
    };
    let folder = Path::new(folder);
    let files = rest.first().map(|files| files.parse().expect("a number"));
    match kind.as_str() {
        "plain" => write(folder, UDID, files.unwrap_or(300_000), 27),
        "set" => {
            for number in 0..12 {
                let name = format!("00008130-{number:016X}");
                write(folder, &name, files.unwrap_or(25_000), 27);
            }
        }
        "linked" => {
            write(folder, UDID, files.unwrap_or(300_000), 27);
            link(&folder.join(UDID), &folder.join(format!("{UDID}-copy")));
        }
        "manifest" => write(folder, UDID, files.unwrap_or(300_000), 350),
        other => panic!("{other} is no kind: plain, set, linked or manifest"),
    }
}

/// Writes a backup with so many files, and `folders` rows of folders for every hundred of them.
fn write(parent: &Path, udid: &str, files: usize, folders: usize) {
    let rows = (0..files).flat_map(move |number| {
        let before = number * folders / 100;
        let after = (number + 1) * folders / 100;
        let folders = (before..after).map(folder);
        folders.chain([file(number)])
    });
    BackupBuilder::new(udid).stream(rows).write(parent);
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
    Row::file(&domain(number), &path, &vec![number as u8; size]).no_parents()
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
