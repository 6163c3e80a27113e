//! Folders with so many files that making them takes longer than a change should wait for. `.ci/long` runs them.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use super::{document, run_in_time, small};
use crate::harness::{NOW, alone, finding, finding_ids, only_backup};
use crate::support::{BackupBuilder, empty_folder};

fn scan_within(root: &Path, kilobytes: u32) -> serde_json::Value {
    let mut command = Command::new("sh");
    let limit = format!("ulimit -v {kilobytes} && exec \"$@\"");
    alone(&mut command).args(["-c", &limit, "sh", env!("CARGO_BIN_EXE_bkscan")]);
    command.arg(root).args(["--json", "--now", NOW]);
    command
        .args(["--threads", "2"])
        .env("MALLOC_ARENA_MAX", "1");
    document(&run_in_time(&mut command))
}

/// A backup with a million files that no row names, judged in bounded memory.
fn with_a_million_orphans(flat: bool, builder: BackupBuilder) {
    let world = empty_folder();
    let backup = builder.write(world.path());
    for shard in 0..=255_u8 {
        let folder = match flat {
            true => backup.clone(),
            false => backup.join(format!("{shard:02x}")),
        };
        fs::create_dir_all(&folder).unwrap();
        for number in 0..3907 {
            File::create(folder.join(format!("{shard:02x}{number:038x}"))).unwrap();
        }
    }
    let document = scan_within(world.path(), 204_800);
    let judged = only_backup(&document);
    // More payloads without a row than with one: the list cannot be the whole one.
    assert_eq!(judged["verdict"], "unverified");
    assert_eq!(finding_ids(judged), ["index-short", "orphan-file"].into());
    assert_eq!(finding(judged, "orphan-file")["count"], 256 * 3907);
}

#[test]
#[ignore = "makes a million files; .ci/long"]
fn a_million_orphans_are_counted_in_bounded_memory() {
    with_a_million_orphans(false, small());
}

#[test]
#[ignore = "makes a million files; .ci/long"]
fn a_million_orphans_in_one_folder_are_counted_in_bounded_memory() {
    with_a_million_orphans(true, small().mbdb());
}

#[test]
#[ignore = "makes 200,000 folders; .ci/long"]
fn two_hundred_thousand_empty_folders_are_gone_through() {
    for (place, findings) in [
        ("", vec![]),
        ("aa", vec!["misplaced-file"]),
        ("Snapshot", vec!["leftover"]),
    ] {
        let world = empty_folder();
        let backup = small().write(world.path()).join(place);
        fs::create_dir_all(&backup).unwrap();
        for number in 0..200_000 {
            fs::create_dir(backup.join(format!("folder {number}"))).unwrap();
        }
        let document = scan_within(world.path(), 204_800);
        let judged = only_backup(&document);
        assert_eq!(judged["verdict"], "complete", "{place}");
        let findings = findings.into_iter().collect();
        assert_eq!(finding_ids(judged), findings, "{place}");
    }
}
