//! The rules of contract §4 that settle what the facts leave open, how verdicts come before one
//! another (§3), when a backup counts as running, the limits of a reader (§2), and level `quick`.

use std::fs::{self, File};
use std::path::Path;
use std::time::SystemTime;

use plist::Value as Plist;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::harness::{Ended as _, NOW, Run, finding, finding_ids, only_backup, program, scan};
use crate::support::{BackupBuilder, Row, file_id, timestamp, tree_digest};
use crate::verify::findings::{
    Case, JPEG, NOTE, PHOTO, Page, UDID, bytes_of, check, date, hundred, judged, overwritten,
    place, scanned, small,
};

// Rule 1

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_database_counts_before_a_list_of_ios_9_unless_it_is_empty() {
    let format = |builder| {
        let backup = judged(builder);
        assert_eq!(backup["verdict"], "complete", "{backup:#}");
        assert_eq!(finding_ids(&backup).len(), 0, "{backup:#}");
        backup["manifest_format"].clone()
    };
    assert_eq!(format(small().mbdb().raw("Manifest.db", *b"")), "mbdb");
    assert_eq!(
        format(small().raw("Manifest.mbdb", *b"mbdb\x05\x00")),
        "sqlite"
    );
    assert_eq!(format(small().raw("Manifest.mbdb", *b"junk")), "sqlite");
    assert_eq!(format(small().raw("Manifest.mbdb", *b"")), "sqlite");
}

// Rules 2, 3, 10

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn without_manifest_plist_a_database_that_is_not_sqlite_may_be_encrypted() {
    let odd = || small().encrypted().payload(PHOTO.0, PHOTO.1, [7; 33]);
    check(
        vec![
            (
                "gone",
                odd().without("Manifest.plist"),
                "incomplete 2",
                &["error manifest-plist-missing"],
            ),
            (
                "unreadable",
                odd().raw("Manifest.plist", *b"junk"),
                "corrupt 2",
                &["error manifest-plist-unreadable"],
            ),
            (
                "gone, and the database is plain: files are still looked for",
                small()
                    .without("Manifest.plist")
                    .remove_payload(PHOTO.0, PHOTO.1),
                "incomplete 2",
                &["error file-missing ×1", "error manifest-plist-missing"],
            ),
        ],
        &[],
    );
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn in_a_plain_database_of_an_encrypted_backup_only_presence_is_checked() {
    let in_place = || {
        let plain = bytes_of(small(), "Manifest.db");
        small().encrypted().raw("Manifest.db", plain)
    };
    let truncated = |builder: BackupBuilder| builder.payload(PHOTO.0, PHOTO.1, [7; 33]);
    let empty = |builder: BackupBuilder| builder.payload(PHOTO.0, PHOTO.1, *b"");
    check(
        vec![
            (
                "10.0: odd length",
                truncated(small().encrypted_ios10_0()),
                "unverified 0",
                &[],
            ),
            (
                "10.0: empty",
                empty(small().encrypted_ios10_0()),
                "unverified 0",
                &[],
            ),
            (
                "in place: odd length",
                truncated(in_place()),
                "unverified 0",
                &[],
            ),
            ("in place: empty", empty(in_place()), "unverified 0", &[]),
            (
                "in place: missing",
                in_place().without(&place(PHOTO)),
                "corrupt 2",
                &["error file-missing ×1"],
            ),
        ],
        &[],
    );
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn an_encrypted_list_of_ios_9_can_be_complete_and_is_checked() {
    let encrypted = || small().encrypted().mbdb();
    check(
        vec![
            ("whole", encrypted(), "complete 0", &[]),
            (
                "missing",
                encrypted().remove_payload(PHOTO.0, PHOTO.1),
                "corrupt 2",
                &["error file-missing ×1"],
            ),
        ],
        &[],
    );
    let backup = judged(encrypted().payload(PHOTO.0, PHOTO.1, [7; 33]));
    assert_eq!(finding(&backup, "payload-truncated")["count"], 1);
    assert_eq!(backup["verdict"], "corrupt");
}

/// Rule 10: 40 hex digits in their own shard, listed or not. Other names are a note (F§11.4).
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn in_a_locked_backup_payloads_are_known_by_name_and_shard() {
    let unlisted = ("HomeDomain", "nobody knows");
    let elsewhere = format!("00/{}", file_id(NOTE.0, NOTE.1));
    check(
        vec![
            (
                "in its shard",
                small().encrypted().raw(&place(unlisted), [7; 33]),
                "corrupt 2",
                &["error payload-truncated ×1"],
            ),
            (
                "no name of a payload",
                small().encrypted().raw("00/notes.txt", [7; 33]),
                "unverified 0",
                &["note misplaced-file ×1"],
            ),
            (
                "a name of the right form in another shard",
                small().encrypted().raw(&elsewhere, [7; 32]),
                "unverified 0",
                &["note misplaced-file ×1"],
            ),
            (
                "payloads of 0 bytes",
                small().encrypted().payload(PHOTO.0, PHOTO.1, *b""),
                "unverified 0",
                &[],
            ),
        ],
        &[],
    );
}

/// A locked backup says which checks it could not make.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_locked_backup_says_what_was_not_checked() {
    let backup = judged(small().encrypted());
    for id in ["file-missing", "payload-empty", "orphan-file"] {
        assert!(!not_checked(&backup, id).is_empty(), "{id}");
    }
    assert_eq!(
        (&backup["encrypted"], &backup["manifest"]),
        (&json!(true), &Value::Null)
    );
}

/// Why this check was not made; empty if it was.
fn not_checked(backup: &Value, id: &str) -> String {
    let list = backup["not_checked"].as_array().unwrap();
    let entry = list.iter().find(|entry| entry["id"] == id);
    entry
        .map_or("", |entry| entry["why"].as_str().unwrap())
        .to_owned()
}

// Rule 4

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_folder_in_place_of_a_metadata_file_is_there_but_unreadable() {
    let folder =
        |builder: BackupBuilder, name: &str| builder.without(name).raw(&format!("{name}/x"), *b"x");
    check(
        vec![
            (
                "Info.plist",
                folder(small(), "Info.plist"),
                "complete 0",
                &["warning info-unreadable", "note foreign-content ×1"],
            ),
            (
                "Status.plist",
                folder(small(), "Status.plist"),
                "incomplete 2",
                &["error status-unreadable", "note foreign-content ×1"],
            ),
            (
                "Manifest.plist",
                folder(small(), "Manifest.plist"),
                "corrupt 2",
                &["error manifest-plist-unreadable", "note foreign-content ×1"],
            ),
            (
                "Manifest.db",
                folder(small(), "Manifest.db"),
                "corrupt 2",
                &["error manifest-unreadable", "note foreign-content ×1"],
            ),
            (
                "Manifest.mbdb",
                folder(small().mbdb(), "Manifest.mbdb"),
                "corrupt 2",
                &["error manifest-unreadable", "note foreign-content ×1"],
            ),
            (
                "Info.plist of 0 bytes",
                small().raw("Info.plist", *b""),
                "complete 0",
                &["warning info-unreadable"],
            ),
            (
                "Status.plist of 0 bytes",
                small().raw("Status.plist", *b""),
                "incomplete 2",
                &["error status-unreadable"],
            ),
        ],
        &[],
    );
}

#[cfg(unix)]
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_link_in_place_of_a_file_is_never_followed() {
    let cases: [(&str, &str, &str); 5] = [
        ("Info.plist", "info-unreadable", "complete"),
        ("Status.plist", "status-unreadable", "incomplete"),
        ("Manifest.plist", "manifest-plist-unreadable", "corrupt"),
        ("Manifest.db", "manifest-unreadable", "corrupt"),
        (&place(PHOTO), "payload-not-a-file", "corrupt"),
    ];
    for (name, id, verdict) in cases {
        let folder = tempfile::tempdir().unwrap();
        let backup = small().write(&folder.path().join("Backup"));
        // What the link leads to is as good as what was there.
        let aside = folder.path().join("aside");
        fs::rename(backup.join(name), &aside).unwrap();
        std::os::unix::fs::symlink(&aside, backup.join(name)).unwrap();
        let document = scan(&folder.path().join("Backup"), &[]);
        let backup = only_backup(&document);
        assert_eq!(
            finding_ids(backup).into_iter().collect::<Vec<_>>(),
            [id],
            "{name}"
        );
        assert_eq!(backup["verdict"], verdict, "{name}");
    }
}

// Rule 5

/// An update in the middle of moving: of the files that the new manifest lists, the photo was
/// moved, the video was not.
fn moving() -> BackupBuilder {
    let old = small()
        .snapshot_state("moving")
        .date("2024-05-01T10:00:00Z");
    old.snapshot(uploaded())
        .without(&format!("Snapshot/{}", place(PHOTO)))
}

const VIDEO: (&str, &str) = ("CameraRollDomain", "Media/DCIM/100APPLE/IMG_0002.MOV");

fn uploaded() -> BackupBuilder {
    small()
        .file(VIDEO.0, VIDEO.1, b"stands for a video")
        .date("2024-06-01T10:00:00Z")
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn while_moving_the_snapshot_counts_before_the_top() {
    let video = format!("Snapshot/{}", place(VIDEO));
    check(
        vec![
            (
                "files in both places",
                moving(),
                "interrupted 0",
                &["warning move-interrupted"],
            ),
            (
                "a first run: no manifest at the top yet",
                moving().without("Manifest.plist").without("Manifest.db"),
                "interrupted 0",
                &["warning move-interrupted"],
            ),
            (
                "the manifest at the top is damaged, but does not count",
                moving()
                    .raw("Manifest.db", *b"junk")
                    .raw("Manifest.plist", *b"junk"),
                "interrupted 0",
                &["warning move-interrupted"],
            ),
            (
                "the manifest was moved already",
                moving()
                    .raw("Manifest.plist", bytes_of(uploaded(), "Manifest.plist"))
                    .raw("Manifest.db", bytes_of(uploaded(), "Manifest.db"))
                    .without("Snapshot/Manifest.plist")
                    .without("Snapshot/Manifest.db"),
                "interrupted 0",
                &["warning move-interrupted"],
            ),
            (
                "in neither place",
                moving().without(&video),
                "corrupt 2",
                &["error file-missing ×1", "warning move-interrupted"],
            ),
            (
                "empty in the snapshot, whole at the top",
                moving()
                    .raw(&video, *b"")
                    .raw(&place(VIDEO), *b"stands for a video"),
                "corrupt 2",
                &["error payload-empty ×1", "warning move-interrupted"],
            ),
            (
                "empty at the top, whole in the snapshot",
                moving().raw(&place(VIDEO), *b""),
                "interrupted 0",
                &["warning move-interrupted"],
            ),
            (
                "the manifest in the snapshot is damaged",
                moving().raw("Snapshot/Manifest.db", *b"junk"),
                "corrupt 2",
                &["error manifest-unreadable", "warning move-interrupted"],
            ),
            (
                "encrypted since the snapshot",
                small()
                    .snapshot_state("moving")
                    .snapshot(small().encrypted()),
                "interrupted 0",
                &["warning move-interrupted"],
            ),
            (
                "while uploading, the snapshot does not count",
                small().snapshot_state("uploading").snapshot(uploaded()),
                "interrupted 0",
                &["warning update-interrupted"],
            ),
            (
                "while cleaning up, the top counts",
                small()
                    .snapshot_state("removing")
                    .snapshot(uploaded())
                    .raw("Snapshot/Manifest.db", *b"junk"),
                "interrupted 0",
                &["warning cleanup-interrupted"],
            ),
        ],
        &[],
    );
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn while_moving_the_facts_are_those_of_the_snapshot() {
    let backup = judged(moving());
    assert_eq!(backup["manifest"]["files"], 4);
    let last = json!({ "at": "2024-06-01T10:00:00Z", "source": "manifest" });
    assert_eq!(backup["last_backup"], last);
    let locked = judged(
        small()
            .snapshot_state("moving")
            .snapshot(small().encrypted()),
    );
    assert_eq!(locked["encrypted"], true);
}

// Rule 7

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn rows_are_what_their_bits_say() {
    let row = |path: &str, flags| {
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
    assert_eq!(finding(&backup, "file-missing")["count"], 1, "{backup:#}");
    assert_eq!(
        finding(&backup, "file-missing")["examples"][0]["path"],
        "a blob alone"
    );
    let count = |kind: &str| backup["manifest"][kind].as_u64().unwrap();
    let plain = judged(small());
    let before = |kind: &str| plain["manifest"][kind].as_u64().unwrap();
    assert_eq!(count("records"), before("records") + 5);
    assert_eq!(count("files"), before("files") + 1);
    assert_eq!(count("directories"), before("directories") + 2);
    assert_eq!(count("symlinks"), before("symlinks") + 1);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn negative_sizes_are_unknown() {
    let unknown = Row::file(PHOTO.0, "Media/DCIM/a.JPG", b"").size(-1);
    let least = Row::file(PHOTO.0, "Media/DCIM/b.JPG", b"abc").size(i64::MIN);
    let backup = judged(small().add(unknown).add(least));
    assert_eq!(finding_ids(&backup).len(), 0, "{backup:#}");
    let recorded = |backup: &Value| backup["manifest"]["recorded_bytes"].clone();
    assert_eq!(recorded(&backup), recorded(&judged(small())));
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn sums_saturate() {
    let huge = |path: &str| Row::file(NOTE.0, path, b"x").size(i64::MAX).no_payload();
    let backup = judged(small().add(huge("a")).add(huge("b")).add(huge("c")));
    let most = u64::try_from(i64::MAX).unwrap();
    assert!(backup["manifest"]["recorded_bytes"].as_u64().unwrap() >= most);
    assert!(finding(&backup, "file-missing")["bytes"].as_u64().unwrap() >= most);
    assert_eq!(finding(&backup, "file-missing")["count"], 3);
}

// Rule 8 is held by the damaged manifests of findings.rs, and by this.

/// Rows on either side of a damaged page can be read, so they are judged.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn with_a_damaged_manifest_the_rows_that_can_be_read_are_judged() {
    let db = bytes_of(hundred(), "Manifest.db");
    let (first, last) = ("Documents/0.txt", "Documents/99.txt");
    let mut wrong = Vec::new();
    for (page, gone) in [
        (Page::FirstLeaf, &[last][..]),
        (Page::MiddleLeaf, &[first, last]),
        (Page::LastLeaf, &[first]),
        (Page::Index, &[first, last]),
    ] {
        let mut builder = hundred().raw("Manifest.db", overwritten(&db, page));
        for path in gone {
            builder = builder.without(&place((NOTE.0, path)));
        }
        let backup = judged(builder);
        assert!(
            !not_checked(&backup, "orphan-file").is_empty(),
            "{backup:#}"
        );
        let ids: Vec<_> = finding_ids(&backup).into_iter().collect();
        let files = &backup["manifest"]["files"];
        if ids != ["file-missing", "manifest-damaged"]
            || finding(&backup, "file-missing")["count"] != gone.len()
            || files.as_u64().unwrap() < 90
        {
            wrong.push(format!("{page:?}: {ids:?}, {files} files"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn with_a_list_of_ios_9_that_was_cut_the_rows_before_are_judged() {
    let mut list = bytes_of(hundred().mbdb(), "Manifest.mbdb");
    list.truncate(list.len() - 5);
    let first = file_id(NOTE.0, "Documents/0.txt");
    let backup = judged(hundred().mbdb().raw("Manifest.mbdb", list).without(&first));
    let ids: Vec<_> = finding_ids(&backup).into_iter().collect();
    assert_eq!(ids, ["file-missing", "manifest-unreadable"]);
    assert_eq!(backup["manifest"]["files"], 99);
}

// Rule 9

/// A manifest and a `-wal` in which every page is, with `change` made: what lies on the disk while
/// some program has the database open.
fn with_wal(db: &[u8], change: &str) -> (Vec<u8>, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Manifest.db");
    fs::write(&path, db).unwrap();
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; VACUUM;")
        .unwrap();
    connection.execute_batch(change).unwrap();
    let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
    let (db, wal) = (read("Manifest.db"), read("Manifest.db-wal"));
    assert!(wal.len() > db.len());
    connection.close().unwrap();
    (db, wal)
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_wal_is_not_read_as_long_as_the_database_is_sound() {
    let gone = "DELETE FROM Files; DROP TABLE Properties;";
    let (db, wal) = with_wal(&bytes_of(hundred(), "Manifest.db"), gone);
    let backup = judged(hundred().raw("Manifest.db", db).raw("Manifest.db-wal", wal));
    assert_eq!(backup["manifest"]["files"], 100, "{backup:#}");
    assert_eq!(backup["verdict"], "complete");
    assert_eq!(
        finding_ids(&backup).into_iter().collect::<Vec<_>>(),
        ["wal-present"]
    );
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_database_that_only_looks_damaged_is_judged_with_its_wal() {
    let (db, wal) = with_wal(&bytes_of(hundred(), "Manifest.db"), "");
    let damaged = overwritten(&db, Page::FirstLeaf);
    let with = |wal: &[u8]| {
        hundred()
            .raw("Manifest.db", &damaged[..])
            .raw("Manifest.db-wal", wal)
    };
    let cases: Vec<Case> = vec![
        (
            "the -wal mends it",
            with(&wal),
            "complete 0",
            &["note wal-present"],
        ),
        (
            "the -wal is junk",
            with(&[7; 9_000]),
            "corrupt 2",
            &["error manifest-damaged", "note wal-present"],
        ),
    ];
    check(cases, &[]);
    let backup = judged(with(b""));
    assert_eq!(backup["verdict"], "corrupt");
    finding(&backup, "manifest-damaged");
    let mended = judged(with(&wal));
    assert_eq!(mended["manifest"]["files"], 100, "{mended:#}");
    // So is one that is cut, or has nothing but its head, with all the rest in the -wal.
    for start in [&db[..db.len() / 2], &fresh(&db)] {
        let builder = hundred()
            .raw("Manifest.db", start)
            .raw("Manifest.db-wal", &wal[..]);
        let backup = judged(builder);
        assert_eq!(backup["verdict"], "complete", "{backup:#}");
        assert_eq!(backup["manifest"]["files"], 100);
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
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn examples_from_a_wal_have_their_names() {
    let insert = "INSERT INTO Files SELECT '0123456789012345678901234567890123456789',
                  'HomeDomain', 'x', 1, file FROM Files WHERE relativePath = 'Documents/1.txt';";
    let (db, wal) = with_wal(&bytes_of(hundred(), "Manifest.db"), insert);
    let damaged = overwritten(&db, Page::FirstLeaf);
    let backup = judged(
        hundred()
            .raw("Manifest.db", damaged)
            .raw("Manifest.db-wal", wal),
    );
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
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_copy_that_does_not_fit_is_not_damage() {
    let (db, wal) = with_wal(&bytes_of(hundred(), "Manifest.db"), "");
    let folder = tempfile::tempdir().unwrap();
    let damaged = overwritten(&db, Page::FirstLeaf);
    hundred()
        .raw("Manifest.db", damaged)
        .raw("Manifest.db-wal", wal)
        .write(folder.path());
    let nowhere = folder.path().join("not").join("there");
    let before = tree_digest(folder.path());
    let run: Run = program()
        .arg(folder.path())
        .args(["--json", "--now", NOW])
        .env("TMPDIR", &nowhere)
        .env("TMP", &nowhere)
        .env("TEMP", &nowhere)
        .ended()
        .unwrap()
        .into();
    assert_eq!(tree_digest(folder.path()), before);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
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
    assert_eq!(run.code, 0);
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
        ("Status.plist", "status-unreadable", bplist(&status)),
        (
            "Manifest.plist",
            "manifest-plist-unreadable",
            bplist(&manifest),
        ),
        ("Info.plist", "info-unreadable", bplist(&info)),
    ]
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_plists_made_here_are_sound() {
    for (name, _, bytes) in plists(&time(736_250_000.0), &text("odd")) {
        let backup = judged(small().raw(name, bytes));
        assert_eq!(backup["verdict"], "complete", "{name}: {backup:#}");
        assert_eq!(finding_ids(&backup).len(), 0, "{name}: {backup:#}");
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_the_plist_reader_cannot_read_is_not_damage() {
    let good_date = time(736_250_000.0);
    let odd: [(&str, Vec<u8>, Vec<u8>); 4] = [
        ("a date that is no number", time(f64::NAN), text("odd")),
        (
            "half of a pair in UTF-16",
            good_date.clone(),
            vec![0x61, 0xd8, 0x00],
        ),
        ("a set", good_date.clone(), vec![0xc0]),
        ("a date beyond all time", time(1e300), text("odd")),
    ];
    let mut wrong = Vec::new();
    for (what, date, value) in odd {
        for (name, id, bytes) in plists(&date, &value) {
            let document = scanned(small().raw(name, bytes), &[]);
            let backup = only_backup(&document);
            let found = (&backup["verdict"], &document["exit_code"]);
            let limit = not_checked(backup, id);
            if found != (&json!("unverified"), &json!(0))
                || finding_ids(backup).contains(id)
                || limit.is_empty()
            {
                wrong.push(format!(
                    "{what} in {name}: {found:?}, {limit:?}, {backup:#}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
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
        let document = scanned(small().sql(&change), &[]);
        let backup = only_backup(&document);
        let errors: Vec<_> = finding_ids(backup).into_iter().collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
        assert_eq!(backup["verdict"], "unverified", "{name}: {backup:#}");
        assert!(
            !not_checked(backup, "manifest-damaged").is_empty(),
            "{name}: {backup:#}"
        );
        assert_eq!(document["exit_code"], 0);
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_row_whose_columns_are_of_other_types_stops_nothing() {
    let change = "UPDATE Files SET domain = x'ff', relativePath = 7 WHERE flags = 2;
                  UPDATE Files SET file = 5 WHERE relativePath = 'Documents/note.txt';";
    let backup = judged(small().sql(change).remove_payload(PHOTO.0, PHOTO.1));
    assert_eq!(finding(&backup, "file-missing")["count"], 1);
    assert_eq!(
        finding(&backup, "file-missing")["examples"][0]["path"],
        PHOTO.1
    );
}

// Verdicts (§3)

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn verdicts_come_before_one_another() {
    let missing = |builder: BackupBuilder| builder.remove_payload(PHOTO.0, PHOTO.1);
    check(
        vec![
            (
                "incomplete before corrupt",
                missing(small()).without("Status.plist"),
                "incomplete 2",
                &["error file-missing ×1", "error status-missing"],
            ),
            (
                "corrupt before interrupted",
                missing(small()).snapshot_state("uploading"),
                "corrupt 2",
                &["error file-missing ×1", "warning update-interrupted"],
            ),
            (
                "corrupt before unverified",
                missing(small()).snapshot_state("unheard-of"),
                "corrupt 2",
                &["error file-missing ×1", "note state-unknown"],
            ),
            (
                "corrupt before unverified: of a newer version",
                missing(small()).status(|plist| {
                    plist.insert("Version".into(), "4.0".into());
                }),
                "corrupt 2",
                &["error file-missing ×1", "note state-unsupported"],
            ),
            (
                "interrupted before unverified",
                small().encrypted().snapshot_state("removing"),
                "interrupted 0",
                &["warning cleanup-interrupted"],
            ),
            (
                "unverified before complete",
                small().encrypted().without("Info.plist"),
                "unverified 0",
                &["warning info-missing"],
            ),
        ],
        &[],
    );
}

// backup-running (§3)

/// An update begun at `date` that has written last at `mtime`.
fn uploading(date: &str, mtime: &str) -> BackupBuilder {
    small().snapshot_state("uploading").date(date).mtime(mtime)
}

const RECENT: &str = "2026-11-22T10:00:00Z";
const FRESH: &str = "2026-11-22T11:30:00Z";

fn running(backup: &Value) -> bool {
    let running = finding_ids(backup).contains("backup-running");
    assert_eq!(running, backup["verdict"] == "in-progress", "{backup:#}");
    running
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn running_is_what_is_not_finished_and_changed_within_the_hour() {
    let cases: Vec<(&str, BackupBuilder, bool)> = vec![
        ("uploading", uploading(RECENT, FRESH), true),
        (
            "59 minutes ago",
            uploading(RECENT, "2026-11-22T11:01:00Z"),
            true,
        ),
        (
            "61 minutes ago",
            uploading(RECENT, "2026-11-22T10:59:00Z"),
            false,
        ),
        (
            "begun nearly 7 days ago",
            uploading("2026-11-15T12:01:00Z", FRESH),
            true,
        ),
        (
            "begun more than 7 days ago",
            uploading("2026-11-15T11:59:00Z", FRESH),
            false,
        ),
        (
            "changed the day after tomorrow",
            uploading(RECENT, "2026-11-24T12:00:00Z"),
            false,
        ),
        (
            "dates of the day after tomorrow do not count",
            future(true),
            true,
        ),
        ("nor in place of an older one", future(false), false),
        (
            "the newer date counts",
            uploading("2024-05-01T10:00:00Z", FRESH).info(|plist| {
                plist.insert("Last Backup Date".into(), date(RECENT));
            }),
            true,
        ),
        (
            "no date at all",
            uploading("2024-05-01T10:00:00Z", FRESH)
                .info(|plist| _ = plist.remove("Last Backup Date"))
                .status(|plist| _ = plist.remove("Date")),
            true,
        ),
        (
            "moving",
            uploading(RECENT, FRESH).snapshot_state("moving"),
            true,
        ),
        (
            "removing",
            uploading(RECENT, FRESH).snapshot_state("removing"),
            true,
        ),
        (
            "an unknown state",
            uploading(RECENT, FRESH).snapshot_state("unheard-of"),
            true,
        ),
        (
            "a first run",
            uploading(RECENT, FRESH).backup_state("empty"),
            true,
        ),
        (
            "no Status.plist",
            uploading(RECENT, FRESH).without("Status.plist"),
            true,
        ),
        (
            "finished",
            uploading(RECENT, FRESH).snapshot_state("finished"),
            false,
        ),
        (
            "finished, no Manifest.plist",
            finished().without("Manifest.plist"),
            true,
        ),
        (
            "finished, Manifest.plist empty",
            finished().raw("Manifest.plist", *b""),
            true,
        ),
        (
            "finished two hours ago, no Info.plist",
            finished().without("Info.plist"),
            false,
        ),
        (
            "finished 59 minutes ago, no Info.plist",
            finished_at("2026-11-22T11:01:00Z").without("Info.plist"),
            true,
        ),
        (
            "finished 59 minutes ago, Info.plist of 0 bytes",
            finished_at("2026-11-22T11:01:00Z").raw("Info.plist", *b""),
            true,
        ),
        (
            "finished 59 minutes ago, with Info.plist",
            finished_at("2026-11-22T11:01:00Z"),
            false,
        ),
        (
            "finished 59 minutes ago, an Info.plist that cannot be read",
            finished_at("2026-11-22T11:01:00Z").raw("Info.plist", *b"junk"),
            false,
        ),
        (
            "finished an hour ago, no Info.plist",
            finished_at("2026-11-22T11:00:00Z").without("Info.plist"),
            false,
        ),
        (
            "finished the day after tomorrow, no Info.plist",
            finished_at("2026-11-24T11:00:00Z").without("Info.plist"),
            false,
        ),
        (
            "copied within the hour without its Info.plist",
            finished_at("2026-11-01T11:00:00Z").without("Info.plist"),
            false,
        ),
        (
            "finished without a date, no Info.plist",
            finished_at(FRESH)
                .status(|plist| _ = plist.remove("Date"))
                .without("Info.plist"),
            false,
        ),
        (
            "finished, no manifest",
            finished().without("Manifest.db"),
            true,
        ),
        (
            "finished, manifest empty",
            finished().raw("Manifest.db", *b""),
            true,
        ),
    ];
    let mut wrong = Vec::new();
    for (name, builder, expected) in cases {
        if running(&judged(builder)) != expected {
            wrong.push(format!("{name}: running should be {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A backup that says it finished then, with files of the last hour.
fn finished_at(date: &str) -> BackupBuilder {
    small().date(date).mtime(FRESH)
}

fn finished() -> BackupBuilder {
    uploading(RECENT, FRESH).snapshot_state("finished")
}

/// Status.plist is of the day after tomorrow, Info.plist of today or of 2024.
fn future(recent: bool) -> BackupBuilder {
    uploading("2026-11-24T12:00:00Z", FRESH).info(move |plist| {
        let when = if recent {
            RECENT
        } else {
            "2024-05-01T10:00:00Z"
        };
        plist.insert("Last Backup Date".into(), date(when));
    })
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn one_fresh_file_anywhere_is_enough_unless_it_is_clutter() {
    let fresh = place(PHOTO);
    let clutter = format!("{}._x", &fresh[..3]);
    for (name, expected) in [
        (fresh.as_str(), true),
        ("Status.plist", true),
        ("Snapshot/12/half", true),
        (".DS_Store", false),
        ("Thumbs.db", false),
        (&clutter, false),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let builder = uploading(RECENT, "2026-11-20T10:00:00Z");
        let builder = builder
            .raw(".DS_Store", *b"x")
            .raw("Thumbs.db", *b"x")
            .raw(&clutter, *b"x");
        let backup = builder.raw("Snapshot/12/half", *b"x").write(folder.path());
        touch(&backup.join(name), FRESH);
        let document = scan(folder.path(), &[]);
        assert_eq!(running(only_backup(&document)), expected, "{name}");
    }
}

fn touch(path: &Path, when: &str) {
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::from(timestamp(when)))
        .unwrap();
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn in_a_running_backup_every_finding_is_a_note() {
    let fresh = |builder: BackupBuilder| builder.date(RECENT).mtime(FRESH);
    check(
        vec![
            (
                "files are missing",
                fresh(
                    small()
                        .snapshot_state("uploading")
                        .remove_payload(PHOTO.0, PHOTO.1),
                ),
                "in-progress 0",
                &[
                    "note backup-running",
                    "note file-missing ×1",
                    "note update-interrupted",
                ],
            ),
            (
                "a first run",
                fresh(small().snapshot_state("uploading").backup_state("empty"))
                    .without("Manifest.db")
                    .without("Manifest.plist"),
                "in-progress 0",
                &[
                    "note backup-running",
                    "note manifest-missing",
                    "note manifest-plist-missing",
                    "note never-finished",
                ],
            ),
            (
                "no plists",
                fresh(small()).without("Status.plist").without("Info.plist"),
                "in-progress 0",
                &[
                    "note backup-running",
                    "note info-missing",
                    "note status-missing",
                ],
            ),
        ],
        &["--fail-on", "warning"],
    );
}

// later-attempt-failed (§4)

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_later_attempt_is_more_than_a_day_after_both_dates() {
    let attempt = |info: &'static str, status: &'static str| {
        small()
            .info(|plist| _ = plist.insert("Last Backup Date".into(), date(info)))
            .status(|plist| _ = plist.insert("Date".into(), date(status)))
    };
    let same = "2024-05-01T10:00:00Z";
    let said: &[&str] = &["warning later-attempt-failed"];
    let archived = format!("{UDID}-20240801-101010");
    check(
        vec![
            (
                "24 hours",
                attempt("2024-05-02T10:00:00Z", same),
                "complete 0",
                &[],
            ),
            (
                "a second more",
                attempt("2024-05-02T10:00:01Z", same),
                "complete 0",
                said,
            ),
            (
                "not after the status",
                attempt("2024-05-09T10:00:00Z", "2024-05-08T18:00:00Z"),
                "complete 0",
                &[],
            ),
            (
                "before",
                attempt("2023-05-09T10:00:00Z", same),
                "complete 0",
                &[],
            ),
            (
                "archived",
                attempt("2024-05-09T10:00:00Z", same).folder_name(&archived),
                "complete 0",
                &[],
            ),
        ],
        &[],
    );
}

// Level quick (§2)

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn quick_judges_plists_state_and_the_head_of_the_manifest() {
    let missing = || small().remove_payload(PHOTO.0, PHOTO.1);
    let mut odd = bytes_of(small().encrypted(), "Manifest.db");
    odd.push(0);
    let db = overwritten(&bytes_of(hundred(), "Manifest.db"), Page::FirstLeaf);
    check(
        vec![
            ("healthy", small(), "unverified 0", &[]),
            ("encrypted", small().encrypted(), "unverified 0", &[]),
            ("iOS 9", small().mbdb(), "unverified 0", &[]),
            ("no row is looked at", missing(), "unverified 0", &[]),
            (
                "nor is a payload",
                small().encrypted().payload(PHOTO.0, PHOTO.1, [7; 33]),
                "unverified 0",
                &[],
            ),
            (
                "nor the inside of a database",
                hundred().raw("Manifest.db", db),
                "unverified 0",
                &[],
            ),
            (
                "no database",
                small().raw("Manifest.db", *b"not a database"),
                "corrupt 2",
                &["error manifest-unreadable"],
            ),
            (
                "no list of files",
                small().mbdb().raw("Manifest.mbdb", *b"not a list"),
                "corrupt 2",
                &["error manifest-unreadable"],
            ),
            (
                "encrypted size",
                small().encrypted().raw("Manifest.db", odd),
                "corrupt 2",
                &["error manifest-unreadable"],
            ),
            (
                "key bag",
                small().encrypted().manifest_plist(|plist| {
                    plist.insert("BackupKeyBag".into(), Plist::Data(vec![1, 2, 3]));
                }),
                "corrupt 2",
                &["error manifest-unreadable"],
            ),
            (
                "no Status.plist",
                missing().without("Status.plist"),
                "incomplete 2",
                &["error status-missing"],
            ),
            (
                "never finished",
                missing().snapshot_state("uploading").backup_state("empty"),
                "incomplete 2",
                &["error never-finished"],
            ),
            (
                "interrupted",
                missing().snapshot_state("uploading"),
                "interrupted 0",
                &["warning update-interrupted"],
            ),
            (
                "running",
                uploading(RECENT, FRESH),
                "in-progress 0",
                &["note backup-running", "note update-interrupted"],
            ),
        ],
        &["--level", "quick"],
    );
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn quick_says_what_it_did_not_check_and_still_measures() {
    let [quick, standard] = ["quick", "standard"].map(|level| {
        let document = scanned(small(), &["--level", level]);
        assert_eq!(document["level"], level);
        only_backup(&document).clone()
    });
    assert_eq!(quick["size"], standard["size"]);
    assert!(quick["size"]["logical_bytes"].as_u64().unwrap() > 41);
    for id in [
        "file-missing",
        "manifest-damaged",
        "orphan-file",
        "payload-empty",
    ] {
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
    let (db, wal) = with_wal(&bytes_of(hundred(), "Manifest.db"), "");
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("scan");
    let [inner, temp] = [root.join("inner"), folder.path().join("temp")];
    fs::create_dir_all(&inner).unwrap();
    fs::create_dir(&temp).unwrap();
    let damaged = overwritten(&db, Page::FirstLeaf);
    hundred()
        .raw("Manifest.db", damaged)
        .raw("Manifest.db-wal", wal)
        .write(&root);
    let bind = |command: &str, paths: &[&Path]| {
        let done = std::process::Command::new(command).args(paths).status();
        assert!(done.unwrap().success(), "{command}");
    };
    bind("mount", &[Path::new("--bind"), &inner, &temp]);
    let before = tree_digest(&root);
    let run: Run = program()
        .arg(&root)
        .args(["--json", "--now", NOW])
        .env("TMPDIR", &temp)
        .ended()
        .unwrap()
        .into();
    let after = tree_digest(&root);
    bind("umount", &[&temp]);
    assert_eq!(after, before);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let why = only_backup(&document)["not_checked"].to_string();
    assert!(why.contains("is inside what is scanned"), "{why}");
}
