//! `frees`, proven on a file system: what a removal gives back is the number that was told.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::harness::{Ended as _, Run, program, scan};
use crate::support::BackupBuilder;

const UDID: &str = "00008130-000A1C2E3F40801E";

/// Bytes in use on the file system that `path` is on.
fn used(path: &Path) -> u64 {
    fs4::total_space(path).unwrap() - fs4::free_space(path).unwrap()
}

/// Run by `.ci/run` on fresh file systems: `BKSCAN_MOUNT=<empty mount> cargo test frees -- --ignored`
#[test]
#[ignore = "needs a file system of its own: BKSCAN_MOUNT names an empty one"]
fn the_disk_gives_back_what_was_told() {
    let mount = std::env::var_os("BKSCAN_MOUNT").expect("BKSCAN_MOUNT names an empty mount");
    let mount = PathBuf::from(mount);
    let backups = mount.join("Backup");
    let photo = |number: u8| vec![number; 300_000 + usize::from(number)];
    let phone = |date: &str| {
        let builder = BackupBuilder::new(UDID).date(date);
        (0..6).fold(builder, |builder, number| {
            let path = format!("Media/DCIM/{number}.JPG");
            builder.file("CameraRollDomain", &path, &photo(number))
        })
    };
    let newest = phone("2026-11-20T08:00:00Z").write(&backups);
    let history = backups.join("iMazing.Versions").join("1");
    fs::create_dir_all(&history).unwrap();
    for (name, date) in [
        ("older", "2025-11-20T08:00:00Z"),
        ("oldest", "2024-11-20T08:00:00Z"),
    ] {
        let older = phone(date).folder_name(name).write(&backups);
        // Two photos are shared with the newest backup, one with the history, one has two names in
        // the backup itself; two are its own.
        let link = |from: &Path, to: &Path| {
            let _ = fs::remove_file(to);
            fs::hard_link(from, to).unwrap();
        };
        let place = |backup: &Path, number: u8| {
            let path = format!("Media/DCIM/{number}.JPG");
            crate::support::payload_path(backup, "CameraRollDomain", &path)
        };
        link(&place(&newest, 0), &place(&older, 0));
        link(&place(&newest, 1), &place(&older, 1));
        link(&place(&older, 2), &history.join(format!("{name}-2")));
        link(&place(&older, 3), &older.join("00").join("0".repeat(40)));
    }
    // Blocks are counted once they are on the disk.
    fs::File::open(&mount).unwrap().sync_all().unwrap();
    std::process::Command::new("sync").status().unwrap();
    let document = scan(&backups, &[]);
    let removable = &document["summary"]["removable"];
    assert_eq!(
        removable["backups"].as_array().unwrap().len(),
        2,
        "{document:#}"
    );
    assert_eq!(removable["exact"], true);
    let told = removable["bytes"].as_u64().unwrap();
    assert!(told > 1_000_000);
    let before = used(&mount);
    let run: Run = program()
        .arg("clean")
        .arg(&backups)
        .args(["--delete", "--yes", "--json"])
        .ended()
        .unwrap()
        .into();
    assert_eq!(run.code, 0, "{run:?}");
    std::process::Command::new("sync").status().unwrap();
    assert_eq!(before - used(&mount), told);
    // And that is what it says afterwards.
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let done = document["done"].as_array().unwrap();
    let freed = done
        .iter()
        .map(|done| done["freed_bytes"].as_u64().unwrap());
    assert_eq!(freed.sum::<u64>(), told, "{document:#}");
}
