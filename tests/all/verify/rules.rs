//! The rules of contract §4 that settle what the facts leave open, how verdicts come before one
//! another (§3), when a backup counts as running, the limits of a reader (§2), and level `quick`.
#![cfg(not(windows))]

use std::fs::{self, File};
use std::path::Path;

use plist::Value as Plist;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::harness::{finding, finding_ids, only_backup, scan};
use crate::support::{BackupBuilder, Row, empty_folder, file_id, timestamp, tree_digest};
use crate::verify::findings::{
    DB, INFO, JPEG, MBDB, NOTE, PHOTO, PLIST, Page, STATUS, UDID, bytes_of, date, expect, hundred,
    judged, no_photo, not_checked, odd_photo, overwritten, photo_of, place, run_with_temp, scanned,
    set, small, unset,
};

// Rule 1

#[test]
fn a_database_counts_before_a_list_of_ios_9_unless_it_is_empty() {
    for (what, builder, format) in [
        ("an empty database", small().mbdb().raw(DB, ""), "mbdb"),
        ("an empty list", small().raw(MBDB, "mbdb\x05\0"), "sqlite"),
        ("junk", small().raw(MBDB, "junk"), "sqlite"),
        ("a list of 0 bytes", small().raw(MBDB, ""), "sqlite"),
    ] {
        let backup = expect("complete 0").judge(what, builder);
        assert_eq!(backup["manifest_format"], format, "{what}");
    }
}

// Rules 2, 3, 10

#[test]
fn without_manifest_plist_a_database_that_is_not_sqlite_may_be_encrypted() {
    let odd = || odd_photo(small().encrypted());
    expect("incomplete 2: error manifest-plist-missing").of("gone", odd().without(PLIST));
    expect("corrupt 2: error manifest-plist-unreadable").of("unreadable", odd().raw(PLIST, "junk"));
    expect("incomplete 2: error file-missing ×1, error manifest-plist-missing")
        .with("files are still looked for", |b| no_photo(b.without(PLIST)));
}

#[test]
fn in_a_plain_database_of_an_encrypted_backup_only_presence_is_checked() {
    let plain = bytes_of(small(), DB);
    let in_place = || small().encrypted().raw(DB, &plain[..]);
    let old = || small().encrypted_ios10_0();
    expect("unverified 0")
        .of("10.0: odd length", odd_photo(old()))
        .of("10.0: empty", photo_of(old(), b""))
        .of("in place: odd length", odd_photo(in_place()))
        .of("in place: empty", photo_of(in_place(), b""));
    expect("corrupt 2: error file-missing ×1")
        .of("in place: missing", in_place().without(&place(PHOTO)));
}

#[test]
fn an_encrypted_list_of_ios_9_can_be_complete_and_is_checked() {
    let encrypted = || small().encrypted().mbdb();
    expect("complete 0").of("whole", encrypted());
    expect("corrupt 2: error file-missing ×1").of("missing", no_photo(encrypted()));
    let backup = judged(odd_photo(encrypted()));
    assert_eq!(finding(&backup, "payload-truncated")["count"], 1);
    assert_eq!(backup["verdict"], "corrupt");
}

/// Rule 10: 40 hex digits in their own shard, listed or not. Other names are a note (F§11.4).
#[test]
fn in_a_locked_backup_payloads_are_known_by_name_and_shard() {
    let unlisted = place(("HomeDomain", "nobody knows"));
    let elsewhere = format!("00/{}", file_id(NOTE.0, NOTE.1));
    let locked = || small().encrypted();
    expect("corrupt 2: error payload-truncated ×1")
        .of("in its shard", locked().raw(&unlisted, [7; 33]));
    expect("unverified 0: note misplaced-file ×1")
        .of("no payload's name", locked().raw("00/notes.txt", [7; 33]))
        .of("in another shard", locked().raw(&elsewhere, [7; 32]));
    expect("unverified 0").of("payloads of 0 bytes", photo_of(locked(), b""));
}

/// A locked backup says which checks it could not make.
#[test]
fn a_locked_backup_says_what_was_not_checked() {
    let backup = judged(small().encrypted());
    for id in ["file-missing", "payload-empty", "orphan-file"] {
        assert!(!not_checked(&backup, id).is_empty(), "{id}");
    }
    assert_eq!(backup["encrypted"], true);
    assert_eq!(backup["manifest"], Value::Null);
}

// Rule 4

#[test]
fn a_folder_in_place_of_a_metadata_file_is_there_but_unreadable() {
    let folder = |name: &str| {
        let small = if name == MBDB {
            small().mbdb()
        } else {
            small()
        };
        small.without(name).raw(&format!("{name}/x"), "x")
    };
    for (name, said) in [
        (INFO, "complete 0: warning info-unreadable"),
        (STATUS, "incomplete 2: error status-unreadable"),
        (PLIST, "corrupt 2: error manifest-plist-unreadable"),
        (DB, "corrupt 2: error manifest-unreadable"),
        (MBDB, "corrupt 2: error manifest-unreadable"),
    ] {
        expect(&format!("{said}, note foreign-content ×1")).of(name, folder(name));
    }
    expect("complete 0: warning info-unreadable")
        .with("Info.plist of 0 bytes", |b| b.raw(INFO, ""));
    expect("incomplete 2: error status-unreadable")
        .with("Status.plist of 0 bytes", |b| b.raw(STATUS, ""));
}

#[test]
fn a_link_in_place_of_a_file_is_never_followed() {
    for (name, id, verdict) in [
        (INFO, "info-unreadable", "complete"),
        (STATUS, "status-unreadable", "incomplete"),
        (PLIST, "manifest-plist-unreadable", "corrupt"),
        (DB, "manifest-unreadable", "corrupt"),
        (&place(PHOTO), "payload-not-a-file", "corrupt"),
    ] {
        let folder = empty_folder();
        let backup = small().write(&folder.path().join("Backup"));
        // What the link leads to is as good as what was there.
        let aside = folder.path().join("aside");
        fs::rename(backup.join(name), &aside).unwrap();
        std::os::unix::fs::symlink(&aside, backup.join(name)).unwrap();
        let document = scan(&folder.path().join("Backup"), &[]);
        let backup = only_backup(&document);
        assert_eq!(finding_ids(backup), [id].into(), "{name}");
        assert_eq!(backup["verdict"], verdict, "{name}");
    }
}

// Rule 5

/// An update in the middle of moving: of the files that the new manifest lists, the photo was
/// moved, the video was not.
fn moving() -> BackupBuilder {
    let moved = format!("Snapshot/{}", place(PHOTO));
    let old = small().snapshot_state("moving").date(OLD);
    old.snapshot(uploaded()).without(&moved)
}

const VIDEO: (&str, &str) = ("CameraRollDomain", "Media/DCIM/100APPLE/IMG_0002.MOV");

fn uploaded() -> BackupBuilder {
    let later = small().date("2024-06-01T10:00:00Z");
    later.file(VIDEO.0, VIDEO.1, b"stands for a video")
}

#[test]
fn while_moving_the_snapshot_counts_before_the_top() {
    let video = format!("Snapshot/{}", place(VIDEO));
    let moved = moving()
        .raw(PLIST, bytes_of(uploaded(), PLIST))
        .raw(DB, bytes_of(uploaded(), DB))
        .without("Snapshot/Manifest.plist")
        .without("Snapshot/Manifest.db");
    let first_run = moving().without(PLIST).without(DB);
    let damaged_top = moving().raw(DB, "junk").raw(PLIST, "junk");
    let damaged_below = moving().raw("Snapshot/Manifest.db", "junk");
    let empty_top = moving().raw(&place(VIDEO), "");
    let empty_below = moving().raw(&video, "");
    let empty_below = empty_below.raw(&place(VIDEO), "stands for a video");
    let state = |state| small().snapshot_state(state);
    let locked = || state("moving").snapshot(small().encrypted());
    expect("interrupted 0: warning move-interrupted")
        .of("files in both places", moving())
        .of("a first run: no manifest at the top yet", first_run)
        .of("a damaged manifest at the top does not count", damaged_top)
        .of("the manifest was moved already", moved)
        .of("empty at the top, whole in the snapshot", empty_top)
        .of("encrypted since", locked());
    // The facts are those of the snapshot.
    let backup = judged(moving());
    assert_eq!(backup["manifest"]["files"], 4);
    let last = json!({ "at": "2024-06-01T10:00:00Z", "source": "manifest" });
    assert_eq!(backup["last_backup"], last);
    assert_eq!(judged(locked())["encrypted"], true);
    expect("corrupt 2: error file-missing ×1, warning move-interrupted")
        .of("in neither place", moving().without(&video));
    expect("corrupt 2: error payload-empty ×1, warning move-interrupted")
        .of("empty in the snapshot, whole at the top", empty_below);
    expect("corrupt 2: error manifest-unreadable, warning move-interrupted")
        .of("the manifest in the snapshot is damaged", damaged_below);
    // While uploading, the snapshot does not count, and while cleaning up the top does.
    expect("interrupted 0: warning update-interrupted")
        .of("uploading", state("uploading").snapshot(uploaded()));
    let removing = state("removing").snapshot(uploaded());
    expect("interrupted 0: warning cleanup-interrupted")
        .of("cleaning up", removing.raw("Snapshot/Manifest.db", "junk"));
}

// Rule 7

#[test]
fn rows_are_what_their_bits_say() {
    let row = |path, flags| {
        Row::file("HomeDomain", path, b"x")
            .flags(flags)
            .no_payload()
    };
    let builder = small()
        .add(row("2 wins over 1", 3))
        .add(row("2 wins over 4", 6))
        .add(row("4 wins over 1", 5))
        .add(row("neither bit nor blob", 0).null_blob())
        .add(row("a blob alone", 0));
    let backup = judged(builder);
    // Only the last is a file that must be there.
    let missing = finding(&backup, "file-missing");
    assert_eq!(missing["count"], 1, "{backup:#}");
    assert_eq!(missing["examples"][0]["path"], "a blob alone");
    let plain = judged(small());
    let more = [("records", 5), ("files", 1), ("directories", 2)];
    for (kind, more) in more.into_iter().chain([("symlinks", 1)]) {
        let [count, before] = [&backup, &plain].map(|of| of["manifest"][kind].as_u64().unwrap());
        assert_eq!(count, before + more, "{kind}");
    }
}

#[test]
fn negative_sizes_are_unknown() {
    let unknown = Row::file(PHOTO.0, "Media/DCIM/a.JPG", b"").size(-1);
    let least = Row::file(PHOTO.0, "Media/DCIM/b.JPG", b"abc").size(i64::MIN);
    let backup = judged(small().add(unknown).add(least));
    assert_eq!(finding_ids(&backup).len(), 0, "{backup:#}");
    let recorded = |backup: &Value| backup["manifest"]["recorded_bytes"].clone();
    assert_eq!(recorded(&backup), recorded(&judged(small())));
}

#[test]
fn sums_saturate() {
    let huge = |path: &str| Row::file(NOTE.0, path, b"x").size(i64::MAX).no_payload();
    let backup = judged(small().add(huge("a")).add(huge("b")).add(huge("c")));
    let most = u64::try_from(i64::MAX).unwrap();
    let missing = finding(&backup, "file-missing");
    assert!(backup["manifest"]["recorded_bytes"].as_u64().unwrap() >= most);
    assert!(missing["bytes"].as_u64().unwrap() >= most);
    assert_eq!(missing["count"], 3);
}

// Rule 8 is held by the damaged manifests of findings.rs, and by this.

/// Rows on either side of a damaged page can be read, so they are judged.
#[test]
fn with_a_damaged_manifest_the_rows_that_can_be_read_are_judged() {
    let db = bytes_of(hundred(), DB);
    let (first, last) = ("Documents/0.txt", "Documents/99.txt");
    for (page, gone) in [
        (Page::FirstLeaf, &[last][..]),
        (Page::MiddleLeaf, &[first, last]),
        (Page::LastLeaf, &[first]),
        (Page::Index, &[first, last]),
    ] {
        let damaged = hundred().raw(DB, overwritten(&db, page));
        let without = |builder: BackupBuilder, path: &&str| builder.without(&place((NOTE.0, path)));
        let backup = judged(gone.iter().fold(damaged, without));
        assert!(!not_checked(&backup, "orphan-file").is_empty(), "{page:?}");
        let expected = ["file-missing", "manifest-damaged"].into();
        assert_eq!(finding_ids(&backup), expected, "{page:?}");
        let missing = finding(&backup, "file-missing");
        assert_eq!(missing["count"], gone.len(), "{page:?}");
        let files = backup["manifest"]["files"].as_u64().unwrap();
        assert!(files >= 90, "{page:?}: {files} files");
    }
}

#[test]
fn with_a_list_of_ios_9_that_was_cut_the_rows_before_are_judged() {
    let mut list = bytes_of(hundred().mbdb(), MBDB);
    list.truncate(list.len() - 5);
    let first = file_id(NOTE.0, "Documents/0.txt");
    let backup = judged(hundred().mbdb().raw(MBDB, list).without(&first));
    let expected = ["file-missing", "manifest-unreadable"].into();
    assert_eq!(finding_ids(&backup), expected);
    assert_eq!(backup["manifest"]["files"], 99);
}

// Rule 9

/// A manifest and a `-wal` in which every page is, with `change` made: what lies on the disk while
/// some program has the database open.
fn with_wal(db: &[u8], change: &str) -> (Vec<u8>, Vec<u8>) {
    let folder = empty_folder();
    let path = folder.path().join(DB);
    fs::write(&path, db).unwrap();
    let connection = Connection::open(&path).unwrap();
    let setting = "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; VACUUM;";
    connection.execute_batch(setting).unwrap();
    connection.execute_batch(change).unwrap();
    let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
    let (db, wal) = (read(DB), read("Manifest.db-wal"));
    assert!(wal.len() > db.len());
    connection.close().unwrap();
    (db, wal)
}

const WAL: &str = "Manifest.db-wal";

#[test]
fn the_wal_is_not_read_as_long_as_the_database_is_sound() {
    let gone = "DELETE FROM Files; DROP TABLE Properties;";
    let (db, wal) = with_wal(&bytes_of(hundred(), DB), gone);
    let with_wal = hundred().raw(DB, db).raw(WAL, wal);
    let backup = expect("complete 0: note wal-present").judge("sound", with_wal);
    assert_eq!(backup["manifest"]["files"], 100, "{backup:#}");
}

#[test]
fn a_database_that_only_looks_damaged_is_judged_with_its_wal() {
    let (db, wal) = with_wal(&bytes_of(hundred(), DB), "");
    let damaged = &overwritten(&db, Page::FirstLeaf)[..];
    let with = |db: &[u8], wal: &[u8]| hundred().raw(DB, db).raw(WAL, wal);
    expect("complete 0: note wal-present").of("the -wal mends it", with(damaged, &wal));
    expect("corrupt 2: error manifest-damaged, note wal-present")
        .of("the -wal is junk", with(damaged, &[7; 9_000]));
    let backup = judged(with(damaged, b""));
    assert_eq!(backup["verdict"], "corrupt");
    finding(&backup, "manifest-damaged");
    // So is one that is cut, or has nothing but its head, with all the rest in the -wal.
    for start in [damaged, &db[..db.len() / 2], &fresh(&db)] {
        let backup = judged(with(start, &wal));
        assert_eq!(backup["verdict"], "complete", "{backup:#}");
        assert_eq!(backup["manifest"]["files"], 100, "{backup:#}");
    }
}

/// The head of a database with nothing in it.
fn fresh(db: &[u8]) -> Vec<u8> {
    let mut head = db[..4096].to_vec();
    // One page; an empty leaf of a table.
    head[28..32].copy_from_slice(&1_u32.to_be_bytes());
    head[100..].fill(0);
    head[100] = 13;
    head[105..107].copy_from_slice(&4096_u16.to_be_bytes());
    head
}

/// What the `-wal` says is what counts then: a file that it lists and that is not there.
#[test]
fn examples_from_a_wal_have_their_names() {
    let insert = "INSERT INTO Files SELECT '0123456789012345678901234567890123456789',
                  'HomeDomain', 'x', 1, file FROM Files WHERE relativePath = 'Documents/1.txt';";
    let (db, wal) = with_wal(&bytes_of(hundred(), DB), insert);
    let damaged = overwritten(&db, Page::FirstLeaf);
    let backup = judged(hundred().raw(DB, damaged).raw(WAL, wal));
    let found = finding(&backup, "file-missing");
    assert_eq!(found["count"], 1);
    let example = &found["examples"][0];
    assert_eq!(
        [&example["domain"], &example["path"]],
        ["HomeDomain", "x"],
        "{found:#}"
    );
}

#[test]
fn a_copy_that_does_not_fit_is_not_damage() {
    let (db, wal) = with_wal(&bytes_of(hundred(), DB), "");
    let folder = empty_folder();
    let damaged = overwritten(&db, Page::FirstLeaf);
    hundred()
        .raw(DB, damaged)
        .raw(WAL, wal)
        .write(folder.path());
    let before = tree_digest(folder.path());
    let document = run_with_temp(folder.path(), &folder.path().join("not").join("there"));
    assert_eq!(tree_digest(folder.path()), before);
    let backup = only_backup(&document);
    assert!(
        !finding_ids(backup).contains("manifest-damaged"),
        "{backup:#}"
    );
    assert_eq!(backup["verdict"], "unverified", "{backup:#}");
    assert!(
        !not_checked(backup, "manifest-damaged").is_empty(),
        "{backup:#}"
    );
    assert_eq!(document["exit_code"], 0);
}

// The limits of a reader (§2)

/// A binary plist with these values as they are encoded.
fn bplist(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let len = u8::try_from(entries.len()).unwrap();
    let mut dict = vec![0xd0 | len];
    dict.extend(1..=2 * len);
    let keys = entries.iter().map(|(key, _)| text(key));
    let values = entries.iter().map(|(_, value)| value.to_vec());
    let mut out = b"bplist00".to_vec();
    let mut offsets = Vec::new();
    for object in [dict].into_iter().chain(keys).chain(values) {
        offsets.extend(u16::try_from(out.len()).unwrap().to_be_bytes());
        out.extend(object);
    }
    let table = u64::try_from(out.len()).unwrap();
    out.extend(offsets);
    out.extend([0, 0, 0, 0, 0, 0, 2, 1]);
    for number in [u64::from(2 * len + 1), 0, table] {
        out.extend(number.to_be_bytes());
    }
    out
}

fn text(text: &str) -> Vec<u8> {
    let len = u8::try_from(text.len()).unwrap();
    let mut object = if len < 15 {
        vec![0x50 | len]
    } else {
        vec![0x5f, 0x10, len]
    };
    object.extend(text.as_bytes());
    object
}

fn time(seconds_since_2001: f64) -> Vec<u8> {
    [&[0x33][..], &seconds_since_2001.to_be_bytes()].concat()
}

/// The plists of a healthy backup, in all of which `odd` is the value of one key.
fn plists(odd_date: &[u8], odd: &[u8]) -> [(&'static str, &'static str, Vec<u8>); 3] {
    let [no, finished, new, uuid] = [vec![8], text("finished"), text("new"), text("0")];
    let status: [(&str, &[u8]); 7] = [
        ("UUID", &uuid),
        ("IsFullBackup", &no),
        ("Version", &text("3.3")),
        ("BackupState", &new),
        ("Date", odd_date),
        ("SnapshotState", &finished),
        ("Odd", odd),
    ];
    let manifest: [(&str, &[u8]); 4] = [
        ("Version", &text("10.0")),
        ("Date", odd_date),
        ("IsEncrypted", &no),
        ("Odd", odd),
    ];
    let info: [(&str, &[u8]); 4] = [
        ("Unique Identifier", &text(UDID)),
        ("Target Type", &text("Device")),
        ("Last Backup Date", odd_date),
        ("Odd", odd),
    ];
    [
        (STATUS, "status-unreadable", bplist(&status)),
        (PLIST, "manifest-plist-unreadable", bplist(&manifest)),
        (INFO, "info-unreadable", bplist(&info)),
    ]
}

#[test]
fn the_plists_made_here_are_sound() {
    for (name, _, bytes) in plists(&time(736_250_000.0), &text("odd")) {
        expect("complete 0").of(name, small().raw(name, bytes));
    }
}

#[test]
fn what_the_plist_reader_cannot_read_is_not_damage() {
    let good_date = time(736_250_000.0);
    for (what, date, value) in [
        ("a date that is no number", &time(f64::NAN), text("odd")),
        ("half of a pair in UTF-16", &good_date, vec![0x61, 0xd8, 0]),
        ("a set", &good_date, vec![0xc0]),
        ("a date beyond all time", &time(1e300), text("odd")),
    ] {
        for (name, id, bytes) in plists(date, &value) {
            let case = format!("{what} in {name}");
            // Rule 10: it is for display.
            if name == INFO {
                expect("complete 0").of(&case, small().raw(name, bytes));
                continue;
            }
            let backup = expect("unverified 0").judge(&case, small().raw(name, bytes));
            assert!(!not_checked(&backup, id).is_empty(), "{case}");
        }
    }
}

#[test]
fn a_collation_that_sqlite_does_not_know_is_not_damage() {
    let index = "CREATE INDEX FilesFlagsIdx ON Files(domain COLLATE APPLE)";
    let table = "CREATE TABLE Files (fileID TEXT PRIMARY KEY, domain TEXT COLLATE APPLE, \
                 relativePath TEXT, flags INTEGER, file BLOB)";
    for (name, schema) in [("FilesFlagsIdx", index), ("Files", table)] {
        let change = format!(
            "PRAGMA writable_schema = ON;
             UPDATE sqlite_schema SET sql = '{schema}' WHERE name = '{name}';
             PRAGMA writable_schema = OFF;"
        );
        let backup = expect("unverified 0").judge(name, small().sql(&change));
        assert!(
            !not_checked(&backup, "manifest-damaged").is_empty(),
            "{name}"
        );
    }
}

#[test]
fn a_row_whose_columns_are_of_other_types_stops_nothing() {
    let change = "UPDATE Files SET domain = x'ff', relativePath = 7 WHERE flags = 2;
                  UPDATE Files SET file = 5 WHERE relativePath = 'Documents/note.txt';";
    let backup = judged(no_photo(small()).sql(change));
    let missing = finding(&backup, "file-missing");
    assert_eq!(missing["count"], 1);
    assert_eq!(missing["examples"][0]["path"], PHOTO.1);
}

// Verdicts (§3)

#[test]
fn verdicts_come_before_one_another() {
    let missing = || no_photo(small());
    let uploading = missing().snapshot_state("uploading");
    let unknown = missing().snapshot_state("unheard-of");
    let newer = missing().status(set("Version", "4.0"));
    let removing = small().encrypted().snapshot_state("removing");
    let locked = small().encrypted();
    expect("incomplete 2: error file-missing ×1, error status-missing")
        .of("incomplete before corrupt", missing().without(STATUS));
    expect("corrupt 2: error file-missing ×1, warning update-interrupted")
        .of("corrupt before interrupted", uploading);
    expect("corrupt 2: error file-missing ×1, note state-unknown")
        .of("corrupt before unverified", unknown);
    expect("corrupt 2: error file-missing ×1, note state-unsupported")
        .of("corrupt before unverified: of a newer version", newer);
    expect("interrupted 0: warning cleanup-interrupted")
        .of("interrupted before unverified", removing);
    expect("unverified 0: warning info-missing")
        .of("unverified before complete", locked.without(INFO));
}

// backup-running (§3)

/// An update begun at `date` that has written last at `mtime`.
fn uploading(date: &str, mtime: &str) -> BackupBuilder {
    small().snapshot_state("uploading").date(date).mtime(mtime)
}

const RECENT: &str = "2026-11-22T10:00:00Z";
const FRESH: &str = "2026-11-22T11:30:00Z";
const OLD: &str = "2024-05-01T10:00:00Z";
/// The day after tomorrow.
const TOO_LATE: &str = "2026-11-24T12:00:00Z";

fn running(backup: &Value) -> bool {
    let running = finding_ids(backup).contains("backup-running");
    assert_eq!(running, backup["verdict"] == "in-progress", "{backup:#}");
    running
}

#[test]
fn running_is_what_is_not_finished_and_changed_within_the_hour() {
    let is = |expected: bool, name: &str, builder| {
        assert_eq!(running(&judged(builder)), expected, "{name}");
    };
    let yes = |name: &str, builder| is(true, name, builder);
    let no = |name: &str, builder| is(false, name, builder);

    let update = || uploading(RECENT, FRESH);
    let begun = |date| uploading(date, FRESH);
    let wrote = |mtime| uploading(RECENT, mtime);
    // Status.plist is of the day after tomorrow.
    let future = |info| begun(TOO_LATE).info(set("Last Backup Date", date(info)));
    let newer = begun(OLD).info(set("Last Backup Date", date(RECENT)));
    let undated = begun(OLD).info(unset("Last Backup Date"));
    let undated = undated.status(unset("Date"));
    yes("uploading", update());
    yes("59 minutes ago", wrote("2026-11-22T11:01:00Z"));
    no("61 minutes ago", wrote("2026-11-22T10:59:00Z"));
    yes("begun nearly 7 days ago", begun("2026-11-15T12:01:00Z"));
    no("begun more than 7 days ago", begun("2026-11-15T11:59:00Z"));
    no("changed the day after tomorrow", wrote(TOO_LATE));
    yes("a date in the future does not count", future(RECENT));
    no("nor in place of an older one", future(OLD));
    yes("the newer date counts", newer);
    yes("no date at all", undated);
    yes("moving", update().snapshot_state("moving"));
    yes("removing", update().snapshot_state("removing"));
    yes("an unknown state", update().snapshot_state("unheard-of"));
    yes("a first run", update().backup_state("empty"));
    yes("no Status.plist", update().without(STATUS));

    let finished = || update().snapshot_state("finished");
    no("finished", finished());
    yes("no Manifest.plist", finished().without(PLIST));
    yes("Manifest.plist empty", finished().raw(PLIST, ""));
    yes("no manifest", finished().without(DB));
    yes("manifest empty", finished().raw(DB, ""));
    no("two hours ago, no Info.plist", finished().without(INFO));

    // A backup that says it finished then, with files of the last hour.
    let finished_at = |date: &str| small().date(date).mtime(FRESH);
    let no_info = |date: &str| finished_at(date).without(INFO);
    let minutes_ago = || finished_at("2026-11-22T11:01:00Z");
    let undated = no_info(FRESH).status(unset("Date"));
    yes("59 minutes ago, no Info.plist", minutes_ago().without(INFO));
    yes("and Info.plist of 0 bytes", minutes_ago().raw(INFO, ""));
    no("with Info.plist", minutes_ago());
    no("an unreadable Info.plist", minutes_ago().raw(INFO, "junk"));
    no("an hour ago, no Info", no_info("2026-11-22T11:00:00Z"));
    no("the day after tomorrow, no Info.plist", no_info(TOO_LATE));
    no("copied within the hour", no_info("2026-11-01T11:00:00Z"));
    no("finished without a date, no Info.plist", undated);
}

#[test]
fn one_fresh_file_anywhere_is_enough_unless_it_is_clutter() {
    let fresh = place(PHOTO);
    let clutter = format!("{}._x", &fresh[..3]);
    for (name, expected) in [
        (fresh.as_str(), true),
        (STATUS, true),
        ("Snapshot/12/half", true),
        (".DS_Store", false),
        ("Thumbs.db", false),
        (&clutter, false),
    ] {
        let folder = empty_folder();
        let mut builder = uploading(RECENT, "2026-11-20T10:00:00Z");
        for added in [".DS_Store", "Thumbs.db", &clutter, "Snapshot/12/half"] {
            builder = builder.raw(added, "x");
        }
        let backup = builder.write(folder.path());
        touch(&backup.join(name), FRESH);
        let document = scan(folder.path(), &[]);
        assert_eq!(running(only_backup(&document)), expected, "{name}");
    }
}

fn touch(path: &Path, when: &str) {
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(timestamp(when).into()).unwrap();
}

#[test]
fn in_a_running_backup_every_finding_is_a_note() {
    let recent = || small().date(RECENT).mtime(FRESH);
    let update = || recent().snapshot_state("uploading");
    let first_run = update().backup_state("empty").without(DB).without(PLIST);
    let of_first_run = "note manifest-missing, note manifest-plist-missing, note never-finished";
    let of_update = "note file-missing ×1, note update-interrupted";
    let of_none = "note info-missing, note status-missing";
    for (name, builder, notes) in [
        ("files are missing", no_photo(update()), of_update),
        ("a first run", first_run, of_first_run),
        ("no plists", recent().without(STATUS).without(INFO), of_none),
    ] {
        let said = format!("in-progress 0: note backup-running, {notes}");
        let fail_on = &["--fail-on", "warning"];
        expect(&said).given(fail_on).of(name, builder);
    }
}

// later-attempt-failed (§4)

#[test]
fn a_later_attempt_is_more_than_a_day_after_both_dates() {
    let attempt = |info, status| {
        let attempt = small().info(set("Last Backup Date", date(info)));
        attempt.status(set("Date", date(status)))
    };
    let archived = format!("{UDID}-20240801-101010");
    let archived = attempt("2024-05-09T10:00:00Z", OLD).folder_name(&archived);
    let not_after = attempt("2024-05-09T10:00:00Z", "2024-05-08T18:00:00Z");
    expect("complete 0")
        .of("24 hours", attempt("2024-05-02T10:00:00Z", OLD))
        .of("not after the status", not_after)
        .of("before", attempt("2023-05-09T10:00:00Z", OLD))
        .of("archived", archived);
    expect("complete 0: warning later-attempt-failed")
        .of("a second more", attempt("2024-05-02T10:00:01Z", OLD));
}

// Level quick (§2)

#[test]
fn quick_judges_plists_state_and_the_head_of_the_manifest() {
    let missing = || no_photo(small());
    let locked = || small().encrypted();
    let odd = [&bytes_of(locked(), DB)[..], b"\0"].concat();
    let keybag = set("BackupKeyBag", Plist::Data(vec![1, 2, 3]));
    let db = overwritten(&bytes_of(hundred(), DB), Page::FirstLeaf);
    let updating = missing().snapshot_state("uploading");
    let first_run = missing().snapshot_state("uploading").backup_state("empty");
    let quick = |said| expect(said).given(&["--level", "quick"]);
    quick("unverified 0")
        .of("healthy", small())
        .of("encrypted", locked())
        .of("iOS 9", small().mbdb())
        .of("no row is looked at", missing())
        .of("nor is a payload", odd_photo(locked()))
        .of("nor the inside of a database", hundred().raw(DB, db));
    quick("corrupt 2: error manifest-unreadable")
        .of("no database", small().raw(DB, "not a database"))
        .of("no list of files", small().mbdb().raw(MBDB, "not a list"))
        .of("encrypted size", locked().raw(DB, odd))
        .of("key bag", locked().manifest_plist(keybag));
    quick("incomplete 2: error status-missing").of("no Status.plist", missing().without(STATUS));
    quick("incomplete 2: error never-finished").of("never finished", first_run);
    quick("interrupted 0: warning update-interrupted").of("interrupted", updating);
    quick("in-progress 0: note backup-running, note update-interrupted")
        .of("running", uploading(RECENT, FRESH));
}

#[test]
fn quick_says_what_it_did_not_check_and_still_measures() {
    let [quick, standard] = ["quick", "standard"].map(|level| {
        let document = scanned(small(), &["--level", level]);
        assert_eq!(document["level"], level);
        only_backup(&document).clone()
    });
    assert_eq!(quick["size"], standard["size"]);
    assert!(quick["size"]["logical_bytes"].as_u64().unwrap() > 41);
    let of_rows = ["file-missing", "manifest-damaged", "orphan-file"];
    for id in of_rows.into_iter().chain(["payload-empty"]) {
        assert!(!not_checked(&quick, id).is_empty(), "{id}");
        assert!(not_checked(&standard, id).is_empty(), "{id}");
    }
    assert_eq!(quick["manifest"], Value::Null);
    assert_eq!(standard["manifest"]["files"], 3);
    let bytes = JPEG.len() + "a setting".len() + "a note".len();
    assert_eq!(standard["manifest"]["recorded_bytes"], bytes);
}

/// One folder may be seen in two places: a private copy is not written into what is scanned by the other
/// one. Run by `.ci/run` where it may mount.
#[cfg(target_os = "linux")]
#[test]
#[ignore = "needs to mount"]
fn no_copy_is_written_through_a_bind_mount() {
    let (db, wal) = with_wal(&bytes_of(hundred(), DB), "");
    let folder = empty_folder();
    let root = folder.path().join("scan");
    let [inner, temp] = [root.join("inner"), folder.path().join("temp")];
    fs::create_dir_all(&inner).unwrap();
    fs::create_dir(&temp).unwrap();
    let damaged = overwritten(&db, Page::FirstLeaf);
    hundred().raw(DB, damaged).raw(WAL, wal).write(&root);
    let bind = |command: &str, paths: &[&Path]| {
        let done = std::process::Command::new(command).args(paths).status();
        assert!(done.unwrap().success(), "{command}");
    };
    bind("mount", &[Path::new("--bind"), &inner, &temp]);
    let before = tree_digest(&root);
    let document = run_with_temp(&root, &temp);
    let after = tree_digest(&root);
    bind("umount", &[&temp]);
    assert_eq!(after, before);
    let why = only_backup(&document)["not_checked"].to_string();
    assert!(why.contains("is inside what is scanned"), "{why}");
}
