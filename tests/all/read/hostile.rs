//! Bytes and folders that no device makes: always a finding or a reason, never a look outside the
//! backup, never a change.

use std::fs;

use serde_json::Value;

use crate::harness::{Ended as _, NOW, finding, finding_ids, only_backup, program, scan};
use crate::support::{BackupBuilder, Row};

const UDID: &str = "00008130-000A1C2E3F40801E";
const PHOTO: (&str, &str) = ("CameraRollDomain", "Media/DCIM/1.JPG");

fn small() -> BackupBuilder {
    BackupBuilder::new(UDID)
        .bare()
        .file(PHOTO.0, PHOTO.1, &[7; 100])
}

fn judged(builder: BackupBuilder) -> Value {
    let world = tempfile::tempdir().unwrap();
    builder.write(world.path());
    only_backup(&scan(world.path(), &[])).clone()
}

fn why_not(backup: &Value, id: &str) -> String {
    let list = backup["not_checked"].as_array().unwrap();
    let found = list.iter().find(|check| check["id"] == id);
    found.unwrap_or_else(|| panic!("{id} was checked: {backup:#}"))["why"].to_string()
}

#[cfg(unix)]
#[test]
fn a_link_in_place_of_snapshot_is_not_followed() {
    let world = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let other = small()
        .add(Row::file("HomeDomain", "only elsewhere", b"x").no_payload())
        .write(elsewhere.path());
    let backup = small().snapshot_state("moving").write(world.path());
    std::os::unix::fs::symlink(other, backup.join("Snapshot")).unwrap();
    let document = scan(world.path(), &[]);
    let backup = only_backup(&document);
    assert_eq!(finding_ids(backup), ["move-interrupted"].into());
    assert_eq!(backup["manifest"]["files"], 1);
}

#[cfg(unix)]
#[test]
fn a_link_in_place_of_a_shard_is_named() {
    let world = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let backup = small().write(world.path());
    let place = crate::support::payload_path(&backup, PHOTO.0, PHOTO.1);
    let shard = place.parent().unwrap();
    let name = shard.file_name().unwrap().to_str().unwrap().to_owned();
    fs::rename(shard, elsewhere.path().join("shard")).unwrap();
    std::os::unix::fs::symlink(elsewhere.path().join("shard"), shard).unwrap();
    let document = scan(world.path(), &[]);
    let backup = only_backup(&document);
    assert_eq!(
        finding_ids(backup),
        ["file-missing", "misplaced-file"].into()
    );
    assert_eq!(
        finding(backup, "misplaced-file")["examples"][0]["path"],
        name.as_str()
    );
}

#[cfg(unix)]
#[test]
fn a_link_to_itself_is_said_to_lead_nowhere() {
    let world = tempfile::tempdir().unwrap();
    let link = world.path().join("Backup");
    std::os::unix::fs::symlink(&link, &link).unwrap();
    let run = crate::harness::run([world.path()]);
    assert_eq!(run.code, 3);
    assert!(run.stderr.contains("is a link to it"), "{}", run.stderr);
    assert!(!run.stderr.contains("No backup under"), "{}", run.stderr);
}

#[test]
fn a_row_that_is_too_large_is_no_damage() {
    let sql = "INSERT INTO Files VALUES ('00', 'HomeDomain', 'huge', 1, zeroblob(9000000))";
    let backup = judged(small().sql(sql));
    assert_eq!(finding_ids(&backup).len(), 0, "{backup:#}");
    assert_eq!(backup["verdict"], "unverified");
    assert!(why_not(&backup, "manifest-damaged").contains("too big"));
    assert_eq!(backup["manifest"]["files"], 1);
}

#[test]
fn a_row_without_flags_requires_nothing() {
    let sql = "UPDATE Files SET flags = NULL WHERE relativePath = 'Media/DCIM/1.JPG'";
    let with_another = small().file("HomeDomain", "a", b"a file");
    let backup = judged(with_another.sql(sql).remove_payload(PHOTO.0, PHOTO.1));
    assert_eq!(finding_ids(&backup).len(), 0, "{backup:#}");
    assert_eq!(backup["verdict"], "complete");
}

#[test]
fn an_mbdb_of_nothing_but_its_header_or_of_zeros_is_cut() {
    let mbdb = || small().mbdb();
    for bytes in [&b"mbdb"[..], b"mbdb\x05", b"mbdb\x05\x00\x00"] {
        let backup = judged(mbdb().raw("Manifest.mbdb", bytes));
        assert!(
            finding_ids(&backup).contains("manifest-unreadable"),
            "{backup:#}"
        );
    }
    let world = tempfile::tempdir().unwrap();
    let whole = fs::read(mbdb().write(world.path()).join("Manifest.mbdb")).unwrap();
    let backup = judged(mbdb().raw("Manifest.mbdb", [whole, vec![0; 500]].concat()));
    assert_eq!(finding_ids(&backup), ["manifest-unreadable"].into());
    let newer = judged(mbdb().raw("Manifest.mbdb", b"mbdb\x06\x00"));
    assert_eq!(finding_ids(&newer).len(), 0, "{newer:#}");
    assert_eq!(newer["verdict"], "unverified");
}

#[test]
fn never_more_than_ten_examples() {
    let mut builder = small();
    for number in 0..12 {
        let invalid = format!("invalid {number}");
        let gone = format!("gone {number}");
        builder = builder
            .add(Row::file("HomeDomain", &invalid, b"x").id(&format!("id {number}")))
            .add(Row::file("HomeDomain", &gone, b"x").no_payload());
    }
    let backup = judged(builder);
    let missing = finding(&backup, "file-missing");
    assert_eq!(missing["count"], 24);
    assert_eq!(missing["examples"].as_array().unwrap().len(), 10);
    let message = missing["message"].as_str().unwrap();
    assert!(
        message.starts_with("24 of 25 files are missing"),
        "{message}"
    );
    assert!(message.contains("the rest can be read"), "{message}");
}

#[test]
fn where_all_are_gone_there_is_no_rest() {
    let backup = judged(
        small()
            .add(
                Row::file("HomeDomain", "changed", b"x")
                    .flags(17)
                    .no_payload(),
            )
            .remove_payload(PHOTO.0, PHOTO.1),
    );
    let message = finding(&backup, "file-missing")["message"]
        .as_str()
        .unwrap();
    assert_eq!(message, "1 of 1 file is missing (100 bytes, a photo)");
}

#[test]
fn a_backup_in_a_folder_named_backup_has_nothing_beside_it() {
    let world = tempfile::tempdir().unwrap();
    small().folder_name("Backup").write(world.path());
    let document = scan(world.path(), &[]);
    assert_eq!(only_backup(&document)["verdict"], "complete");
    assert_eq!(document["beside"], Value::Array(vec![]));
    assert_eq!(document["problems"], Value::Array(vec![]));
}

#[test]
fn a_status_that_cannot_be_read_is_no_running_backup() {
    let builder = small()
        .raw("Status.plist", b"garbage")
        .mtime("2026-11-22T11:50:00Z");
    let backup = judged(builder.date("2026-11-22T11:00:00Z"));
    assert_eq!(backup["verdict"], "incomplete");
    assert_eq!(finding_ids(&backup), ["status-unreadable"].into());
}

#[test]
fn an_update_in_no_known_state_is_unverified() {
    let backup = judged(small().snapshot_state("uploading").backup_state("weird"));
    assert_eq!(finding_ids(&backup), ["state-unknown"].into());
    assert_eq!(backup["verdict"], "unverified");
}

#[test]
fn a_clock_that_ran_ahead_invents_no_failed_attempt() {
    let ahead = |info: &mut plist::Dictionary| {
        let date = std::time::SystemTime::from(crate::support::timestamp("2031-01-01T00:00:00Z"));
        info.insert(
            "Last Backup Date".to_owned(),
            plist::Value::Date(date.into()),
        );
    };
    let backup = judged(small().info(ahead));
    assert_eq!(finding_ids(&backup).len(), 0, "{backup:#}");
}

#[test]
fn nothing_is_copied_into_what_is_scanned() {
    let world = tempfile::tempdir().unwrap();
    let backup = small().write(world.path());
    // Looks damaged, and has a -wal that is not empty.
    let mut database = fs::read(backup.join("Manifest.db")).unwrap();
    database.truncate(database.len() - 4096);
    fs::write(backup.join("Manifest.db"), database).unwrap();
    fs::write(backup.join("Manifest.db-wal"), [1; 100]).unwrap();
    let before = crate::support::tree_digest(world.path());
    let output = program()
        .arg(world.path())
        .args(["--json", "--now", NOW])
        .env("TMPDIR", &backup)
        .env("TMP", &backup)
        .env("TEMP", &backup)
        .ended()
        .unwrap();
    assert_eq!(crate::support::tree_digest(world.path()), before);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let judged = only_backup(&document);
    assert_eq!(judged["verdict"], "unverified");
    assert!(why_not(judged, "manifest-damaged").contains("is inside what is scanned"));
}

#[test]
fn absurd_names_are_cut() {
    let name = "A".repeat(100_000);
    let world = tempfile::tempdir().unwrap();
    small()
        .device(&name, "iPhone16,1", None, "17.5.1", "21F90")
        .write(world.path());
    let document = scan(world.path(), &[]);
    let shown = only_backup(&document)["device"]["name"].as_str().unwrap();
    assert_eq!(shown.len(), 255);
    let screen = crate::harness::run([world.path()]);
    assert!(
        screen
            .stdout
            .lines()
            .all(|line| line.chars().count() <= 120),
        "{}",
        screen.stdout
    );
}

#[test]
fn upper_case_ids_get_their_names_too() {
    let sql = "UPDATE Files SET fileID = upper(fileID)";
    let backup = judged(small().sql(sql).remove_payload(PHOTO.0, PHOTO.1));
    assert_eq!(
        finding(&backup, "file-missing")["examples"][0]["path"],
        PHOTO.1
    );
}

#[test]
fn without_manifest_plist_the_shape_of_locked_files_is_not_judged() {
    let builder = small()
        .encrypted()
        .payload(PHOTO.0, PHOTO.1, vec![1; 17])
        .without("Manifest.plist");
    let backup = judged(builder);
    assert_eq!(finding_ids(&backup), ["manifest-plist-missing"].into());
    assert!(
        why_not(&backup, "payload-truncated").contains("not known whether files are encrypted")
    );
}

#[test]
fn orphans_are_not_told_where_rows_are_missing() {
    let sql = "INSERT INTO Files VALUES ('00', 'HomeDomain', 'huge', 1, zeroblob(9000000))";
    let orphan = "00/0000000000000000000000000000000000000000";
    let backup = judged(small().sql(sql).raw(orphan, b"x"));
    assert_eq!(finding_ids(&backup).len(), 0, "{backup:#}");
    assert!(why_not(&backup, "orphan-file").contains("could not be read in full"));
}

#[test]
fn a_flat_backup_that_was_being_moved_is_whole_in_two_places() {
    let moving = || small().mbdb().snapshot_state("moving");
    let id = crate::support::file_id(PHOTO.0, PHOTO.1);
    let in_snapshot = format!("Snapshot/{id}");
    let moved = moving()
        .remove_payload(PHOTO.0, PHOTO.1)
        .raw(&in_snapshot, vec![7; 100]);
    assert_eq!(finding_ids(&judged(moved)), ["move-interrupted"].into());
    let gone = moving().remove_payload(PHOTO.0, PHOTO.1);
    let gone = judged(gone);
    assert_eq!(
        finding_ids(&gone),
        ["file-missing", "move-interrupted"].into()
    );
    // Finished, what is in there is left over and stands for nothing.
    let finished = small()
        .mbdb()
        .remove_payload(PHOTO.0, PHOTO.1)
        .raw(&in_snapshot, vec![7; 100]);
    assert_eq!(
        finding_ids(&judged(finished)),
        ["file-missing", "leftover"].into()
    );
}

#[cfg(unix)]
#[test]
fn a_link_beside_a_backup_is_named_in_any_folder() {
    let world = tempfile::tempdir().unwrap();
    small().write(world.path());
    std::os::unix::fs::symlink("/", world.path().join("everything")).unwrap();
    let document = scan(world.path(), &[]);
    assert_eq!(document["beside"][0]["kind"], "link");
    let problem = document["problems"][0]["message"].as_str().unwrap();
    assert!(
        problem.contains("is a link and was not followed"),
        "{problem}"
    );
    assert_eq!(document["exit_code"], 0);
}

#[cfg(unix)]
#[test]
fn a_file_with_names_in_two_backups_counts_once_in_all() {
    let world = tempfile::tempdir().unwrap();
    let one = small().write(world.path());
    let other = small()
        .folder_name("other")
        .date("2023-01-01T00:00:00Z")
        .write(world.path());
    let place = |backup: &std::path::Path| crate::support::payload_path(backup, PHOTO.0, PHOTO.1);
    fs::write(place(&one), vec![7; 100_000]).unwrap();
    fs::remove_file(place(&other)).unwrap();
    fs::hard_link(place(&one), place(&other)).unwrap();
    let document = scan(world.path(), &[]);
    let backups = document["backups"].as_array().unwrap();
    let sizes = backups
        .iter()
        .map(|backup| backup["size"]["allocated_bytes"].as_u64().unwrap());
    let all = document["summary"]["allocated_bytes"].as_u64().unwrap();
    let twice: u64 = sizes.sum();
    assert!(twice - all >= 100_000, "{all} of {twice}");
}
