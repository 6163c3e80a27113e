//! Bytes and folders that no device makes: always a finding or a reason, never a look outside the
//! backup, never a change.

use std::fs;
#[cfg(unix)]
use std::os::unix::fs::symlink;

use serde_json::json;

use crate::harness::{finding, finding_ids, only_backup, run, scan};
#[cfg(unix)]
use crate::support::payload_path;
use crate::support::{BackupBuilder, Row, empty_folder, file_id, tree_digest};
use crate::verify::findings::{bytes_of, date, expect, judged, not_checked, run_with_temp, set};

const UDID: &str = "00008130-000A1C2E3F40801E";
const PHOTO: (&str, &str) = ("CameraRollDomain", "Media/DCIM/1.JPG");

fn small() -> BackupBuilder {
    let bare = BackupBuilder::new(UDID).bare();
    bare.file(PHOTO.0, PHOTO.1, &[7; 100])
}

/// Its photo is listed and not there.
fn no_photo(builder: BackupBuilder) -> BackupBuilder {
    builder.remove_payload(PHOTO.0, PHOTO.1)
}

#[cfg(unix)]
#[test]
fn a_link_in_place_of_snapshot_is_not_followed() {
    let [world, elsewhere] = [(); 2].map(|()| empty_folder());
    let other = Row::file("HomeDomain", "only elsewhere", b"x").no_payload();
    let other = small().add(other).write(elsewhere.path());
    let backup = small().snapshot_state("moving").write(world.path());
    symlink(other, backup.join("Snapshot")).unwrap();
    let document = scan(world.path(), &[]);
    let backup = only_backup(&document);
    assert_eq!(finding_ids(backup), ["move-interrupted"].into());
    assert_eq!(backup["manifest"]["files"], 1);
}

#[cfg(unix)]
#[test]
fn a_link_in_place_of_a_shard_is_named() {
    let [world, elsewhere] = [(); 2].map(|()| empty_folder());
    let place = payload_path(&small().write(world.path()), PHOTO.0, PHOTO.1);
    let shard = place.parent().unwrap();
    fs::rename(shard, elsewhere.path().join("shard")).unwrap();
    symlink(elsewhere.path().join("shard"), shard).unwrap();
    let document = scan(world.path(), &[]);
    let backup = only_backup(&document);
    let ids = ["file-missing", "misplaced-file"].into();
    assert_eq!(finding_ids(backup), ids);
    let example = &finding(backup, "misplaced-file")["examples"][0];
    assert_eq!(
        example["path"],
        shard.file_name().unwrap().to_str().unwrap()
    );
}

#[cfg(unix)]
#[test]
fn a_link_to_itself_is_said_to_lead_nowhere() {
    let world = empty_folder();
    let link = world.path().join("Backup");
    symlink(&link, &link).unwrap();
    let run = run([world.path()]);
    assert_eq!(run.code, 3);
    assert!(run.stderr.contains("is a link to it"), "{}", run.stderr);
    assert!(!run.stderr.contains("No backup under"), "{}", run.stderr);
}

/// Neither damage nor a row that is missing, of which an orphan could be the payload.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere")]
fn a_row_that_is_too_large_leaves_open_what_it_holds() {
    let sql = "INSERT INTO Files VALUES ('00', 'HomeDomain', 'huge', 1, zeroblob(9000000))";
    let backup = expect("unverified 0").judge("too large", small().sql(sql));
    assert!(not_checked(&backup, "manifest-damaged").contains("too big"));
    assert_eq!(backup["manifest"]["files"], 1);
    let orphan = "00/0000000000000000000000000000000000000000";
    let backup = judged(small().sql(sql).raw(orphan, "x"));
    assert_eq!(finding_ids(&backup), [].into(), "{backup:#}");
    assert!(not_checked(&backup, "orphan-file").contains("could not be read in full"));
}

#[test]
fn an_mbdb_of_nothing_but_its_header_or_of_zeros_is_cut() {
    let with = |bytes: &[u8]| small().mbdb().raw("Manifest.mbdb", bytes);
    for bytes in [&b"mbdb"[..], b"mbdb\x05", b"mbdb\x05\x00\x00"] {
        let backup = judged(with(bytes));
        let ids = finding_ids(&backup);
        assert!(ids.contains("manifest-unreadable"), "{ids:?}");
    }
    let zeros = [bytes_of(small().mbdb(), "Manifest.mbdb"), vec![0; 500]].concat();
    expect("corrupt 2: error manifest-unreadable").of("zeros after it", with(&zeros));
    expect("unverified 0").of("a newer version", with(b"mbdb\x06\x00"));
}

#[test]
fn never_more_than_ten_examples() {
    let mut builder = small();
    for number in 0..12 {
        let row = |kind: &str| Row::file("HomeDomain", &format!("{kind} {number}"), b"x");
        let invalid = row("invalid").id(&format!("id {number}"));
        builder = builder.add(invalid).add(row("gone").no_payload());
    }
    let backup = judged(builder);
    let missing = finding(&backup, "file-missing");
    assert_eq!(missing["count"], 24);
    assert_eq!(missing["examples"].as_array().unwrap().len(), 10);
    let message = missing["message"].as_str().unwrap();
    assert!(message.starts_with("24 of 25 files are missing"));
    assert!(message.contains("the rest can be read"), "{message}");
}

#[test]
fn where_all_are_gone_there_is_no_rest() {
    let changed = Row::file("HomeDomain", "changed", b"x").flags(17);
    let backup = judged(no_photo(small().add(changed.no_payload())));
    let message = &finding(&backup, "file-missing")["message"];
    assert_eq!(message, "1 of 1 file is missing (100 bytes, a photo)");
}

#[test]
fn a_backup_in_a_folder_named_backup_has_nothing_beside_it() {
    let world = empty_folder();
    small().folder_name("Backup").write(world.path());
    let document = scan(world.path(), &[]);
    assert_eq!(only_backup(&document)["verdict"], "complete");
    assert_eq!(document["beside"], json!([]));
    assert_eq!(document["problems"], json!([]));
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere")]
fn what_is_odd_invents_nothing() {
    let sql = "UPDATE Files SET flags = NULL WHERE relativePath = 'Media/DCIM/1.JPG'";
    let with_another = small().file("HomeDomain", "a", b"a file").sql(sql);
    let ahead = set("Last Backup Date", date("2031-01-01T00:00:00Z"));
    expect("complete 0")
        .of("a row without flags is no file", no_photo(with_another))
        .of("a clock that ran ahead", small().info(ahead));
    let garbage = small().raw("Status.plist", "garbage");
    let garbage = garbage.date("2026-11-22T11:00:00Z");
    expect("incomplete 2: error status-unreadable")
        .of("no running backup", garbage.mtime("2026-11-22T11:50:00Z"));
    let update = small().snapshot_state("uploading");
    expect("unverified 0: note state-unknown")
        .of("an update in no known state", update.backup_state("weird"));
}

#[test]
fn nothing_is_copied_into_what_is_scanned() {
    let world = empty_folder();
    let backup = small().write(world.path());
    // Looks damaged, and has a -wal that is not empty.
    let mut database = fs::read(backup.join("Manifest.db")).unwrap();
    database.truncate(database.len() - 4096);
    fs::write(backup.join("Manifest.db"), database).unwrap();
    fs::write(backup.join("Manifest.db-wal"), [1; 100]).unwrap();
    let before = tree_digest(world.path());
    let document = run_with_temp(world.path(), &backup);
    assert_eq!(tree_digest(world.path()), before);
    let judged = only_backup(&document);
    assert_eq!(judged["verdict"], "unverified");
    assert!(not_checked(judged, "manifest-damaged").contains("is inside what is scanned"));
}

#[test]
fn absurd_names_are_cut() {
    let name = "A".repeat(100_000);
    let world = empty_folder();
    let builder = small().device(&name, "iPhone16,1", None, "17.5.1", "21F90");
    builder.write(world.path());
    let document = scan(world.path(), &[]);
    let shown = only_backup(&document)["device"]["name"].as_str().unwrap();
    assert_eq!(shown.len(), 255);
    let screen = run([world.path()]).stdout;
    let longest = screen.lines().map(|line| line.chars().count()).max();
    assert!(longest <= Some(120), "{screen}");
}

#[test]
fn upper_case_ids_get_their_names_too() {
    let sql = "UPDATE Files SET fileID = upper(fileID)";
    let backup = judged(no_photo(small()).sql(sql));
    let missing = finding(&backup, "file-missing");
    assert_eq!(missing["examples"][0]["path"], PHOTO.1);
}

#[test]
fn without_manifest_plist_the_shape_of_locked_files_is_not_judged() {
    let builder = small().encrypted().payload(PHOTO.0, PHOTO.1, [1; 17]);
    let backup = judged(builder.without("Manifest.plist"));
    assert_eq!(finding_ids(&backup), ["manifest-plist-missing"].into());
    let why = not_checked(&backup, "payload-truncated");
    assert!(why.contains("not known whether files are encrypted"));
}

#[test]
fn a_flat_backup_that_was_being_moved_is_whole_in_two_places() {
    let in_snapshot = format!("Snapshot/{}", file_id(PHOTO.0, PHOTO.1));
    let gone = || no_photo(small().mbdb());
    let below = || gone().raw(&in_snapshot, [7; 100]);
    expect("interrupted 0: warning move-interrupted").of("moved", below().snapshot_state("moving"));
    expect("corrupt 2: error file-missing ×1, warning move-interrupted")
        .of("gone", gone().snapshot_state("moving"));
    // Finished, what is in there is left over and stands for nothing.
    expect("corrupt 2: error file-missing ×1, note leftover").of("finished", below());
}

#[cfg(unix)]
#[test]
fn a_link_beside_a_backup_is_named_in_any_folder() {
    let world = empty_folder();
    small().write(world.path());
    symlink("/", world.path().join("everything")).unwrap();
    let document = scan(world.path(), &[]);
    assert_eq!(document["beside"][0]["kind"], "link");
    let problem = document["problems"][0]["message"].as_str().unwrap();
    let words = "is a link and was not followed";
    assert!(problem.contains(words), "{problem}");
    assert_eq!(document["exit_code"], 0);
}

#[cfg(unix)]
#[test]
fn a_file_with_names_in_two_backups_counts_once_in_all() {
    let world = empty_folder();
    let one = small().write(world.path());
    let other = small().folder_name("other").date("2023-01-01T00:00:00Z");
    let other = other.write(world.path());
    let place = |backup| payload_path(backup, PHOTO.0, PHOTO.1);
    fs::write(place(&one), vec![7; 100_000]).unwrap();
    fs::remove_file(place(&other)).unwrap();
    fs::hard_link(place(&one), place(&other)).unwrap();
    let document = scan(world.path(), &[]);
    let backups = document["backups"].as_array().unwrap().iter();
    let sizes = backups.map(|backup| backup["size"]["allocated_bytes"].as_u64().unwrap());
    let all = document["summary"]["allocated_bytes"].as_u64().unwrap();
    let twice: u64 = sizes.sum();
    assert!(twice - all >= 100_000, "{all} of {twice}");
}
