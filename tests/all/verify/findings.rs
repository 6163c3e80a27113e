//! One deliberately broken backup for each finding that needs neither password nor contents, and
//! exactly what is said about it (contract §3, §4; F§1.2, F§1.3).

use std::fs;

use plist::Value as Plist;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::harness::{Ended as _, NOW, finding, only_backup, program, scan};
use crate::support::{BackupBuilder, Row, file_id, flat_payload_path};

/// The device of all backups here.
pub const UDID: &str = "00008130-000A1C2E3F40801E";
/// Domains of each kind, and the one file of each that [`small`] has.
pub const PHOTO: (&str, &str) = ("CameraRollDomain", "Media/DCIM/100APPLE/IMG_0001.JPG");
pub const SETTING: (&str, &str) = ("HomeDomain", "Library/Preferences/a.plist");
pub const NOTE: (&str, &str) = ("AppDomain-net.example.app", "Documents/note.txt");
/// What [`small`] has as its photo.
pub const JPEG: &[u8] = b"\xff\xd8\xff\xe0 stands for a photo \xff\xd9";

/// A healthy backup of three files whose sizes all agree, so that nothing at all is said about it.
/// It lacks empty shards for speed alone: 256 folders a backup take their time, above all on Windows.
pub fn small() -> BackupBuilder {
    BackupBuilder::new(UDID)
        .bare()
        .no_empty_shards()
        .file(PHOTO.0, PHOTO.1, JPEG)
        .file(SETTING.0, SETTING.1, b"a setting")
        .file(NOTE.0, NOTE.1, b"a note")
}

/// Writes the backup alone into a folder and scans that.
pub fn scanned(builder: BackupBuilder, args: &[&str]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    builder.write(folder.path());
    scan(folder.path(), args)
}

/// The backup as judged at `standard`.
pub fn judged(builder: BackupBuilder) -> Value {
    only_backup(&scanned(builder, &[])).clone()
}

/// What one file of this backup holds.
pub fn bytes_of(builder: BackupBuilder, relative: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    fs::read(builder.write(folder.path()).join(relative)).unwrap()
}

/// The place of a payload below a backup, with `/`.
pub fn place((domain, path): (&str, &str)) -> String {
    let id = file_id(domain, path);
    format!("{}/{id}", &id[..2])
}

/// A backup and what must be said about it: `verdict exit-code`, then every finding as
/// `severity id`, with `×count` where the count is part of what the test holds.
pub type Case = (
    &'static str,
    BackupBuilder,
    &'static str,
    &'static [&'static str],
);

/// Scans each backup and fails with a list of all that came out otherwise.
pub fn check(cases: Vec<Case>, args: &[&str]) {
    let mut wrong = Vec::new();
    for (name, builder, outcome, expected) in cases {
        let document = scanned(builder, args);
        let backup = only_backup(&document);
        let found = findings(backup, expected);
        let mut expected: Vec<String> = expected.iter().map(|&one| one.to_owned()).collect();
        expected.sort();
        let verdict = backup["verdict"].as_str().unwrap();
        let got = format!("{verdict} {}", document["exit_code"]);
        if got != outcome || found != expected {
            wrong.push(format!(
                "{name}:\n  want {outcome} {expected:?}\n  got  {got} {found:?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// All findings as `severity id`, sorted, with the count where `expected` has one for the same id.
fn findings(backup: &Value, expected: &[&str]) -> Vec<String> {
    let list = backup["findings"].as_array().unwrap();
    let mut found: Vec<String> = list
        .iter()
        .map(|finding| {
            let [severity, id] = ["severity", "id"].map(|key| finding[key].as_str().unwrap());
            let name = format!("{severity} {id}");
            let counted = expected.iter().any(|one| {
                one.split_once(" ×")
                    .is_some_and(|(same, _)| same.ends_with(id))
            });
            if counted {
                format!("{name} ×{}", finding["count"])
            } else {
                name
            }
        })
        .collect();
    found.sort();
    found
}

/// A photo that is listed with this size; what is stored comes from the caller.
fn photo(number: u32) -> Row {
    let path = format!("Media/DCIM/100APPLE/IMG_{number:04}.HEIC");
    Row::file(PHOTO.0, &path, b"stands for a photo")
}

/// A date for Info.plist, Status.plist or Manifest.plist.
pub fn date(rfc3339: &str) -> Plist {
    let time = std::time::SystemTime::from(crate::support::timestamp(rfc3339));
    Plist::Date(time.into())
}

/// Which page of a database is overwritten.
#[derive(Clone, Copy, Debug)]
pub enum Page {
    /// The root of the index over the flags.
    Index,
    FirstLeaf,
    MiddleLeaf,
    LastLeaf,
}

/// The Manifest.db of [`hundred`] with one page overwritten; the leaves are those of `Files`.
pub fn overwritten(db: &[u8], page: Page) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("copy.db");
    fs::write(&path, db).unwrap();
    let tree = if matches!(page, Page::Index) {
        "FilesFlagsIdx"
    } else {
        "Files"
    };
    let sql = "SELECT rootpage FROM sqlite_schema WHERE name = ?1";
    let root: u32 = Connection::open(&path)
        .unwrap()
        .query_row(sql, [tree], |row| row.get(0))
        .unwrap();
    let start = |page: u32| (page as usize - 1) * 4096;
    let root_page = &db[start(root)..start(root) + 4096];
    let number = |at: usize| u32::from_be_bytes(root_page[at..at + 4].try_into().unwrap());
    let short = |at: usize| usize::from(u16::from_be_bytes([root_page[at], root_page[at + 1]]));
    // An inner page of a table: its cells begin with the number of the page below, and the number
    // of the last one is in its head.
    let child = |cell: usize| number(short(12 + 2 * cell));
    let page = match page {
        Page::Index => root,
        Page::FirstLeaf => child(0),
        Page::MiddleLeaf => child(short(3) / 2),
        Page::LastLeaf => number(8),
    };
    let mut db = db.to_vec();
    db[start(page)..start(page) + 4096].fill(0xa5);
    db
}

/// A backup of a hundred small files, all of the same app.
pub fn hundred() -> BackupBuilder {
    (0..100).fold(
        BackupBuilder::new(UDID).bare().no_empty_shards(),
        |builder, number| builder.file(NOTE.0, &format!("Documents/{number}.txt"), b"a note"),
    )
}

fn hundred_with(db: &[u8]) -> BackupBuilder {
    // Listed by no row, but with a damaged manifest nobody can know that (rule 8).
    hundred()
        .raw("Manifest.db", db)
        .raw(place(("HomeDomain", "unlisted")).as_str(), *b"orphan")
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_is_damaged_makes_a_backup_corrupt() {
    let db = bytes_of(hundred(), "Manifest.db");
    let mbdb = bytes_of(small().mbdb(), "Manifest.mbdb");
    let encrypted = bytes_of(small().encrypted(), "Manifest.db");
    let odd = [&encrypted[..], b"x"].concat();
    let unlike = |domain: &str, path: &str| Row::file(domain, path, b"").size(9);
    let without_payload = || small().remove_payload(PHOTO.0, PHOTO.1);
    check(
        vec![
            (
                "Manifest.plist is text",
                small().raw("Manifest.plist", *b"not a plist"),
                "corrupt 2",
                &["error manifest-plist-unreadable"],
            ),
            (
                "Manifest.plist is cut",
                small().raw(
                    "Manifest.plist",
                    &bytes_of(small(), "Manifest.plist")[..200],
                ),
                "corrupt 2",
                &["error manifest-plist-unreadable"],
            ),
            (
                "Manifest.db is text",
                small().raw("Manifest.db", *b"not a database at all"),
                "corrupt 2",
                &["error manifest-unreadable"],
            ),
            (
                "no table Files",
                small().sql("DROP TABLE Files"),
                "corrupt 2",
                &["error manifest-unreadable"],
            ),
            (
                "Manifest.mbdb is cut within its last record",
                small().mbdb().raw("Manifest.mbdb", &mbdb[..mbdb.len() - 5]),
                "corrupt 2",
                &["error manifest-unreadable"],
            ),
            (
                "Manifest.mbdb is text",
                small().mbdb().raw("Manifest.mbdb", *b"not a list of files"),
                "corrupt 2",
                &["error manifest-unreadable"],
            ),
            (
                "encrypted, size not a multiple of 16",
                small().encrypted().raw("Manifest.db", odd),
                "corrupt 2",
                &["error manifest-unreadable"],
            ),
            (
                "encrypted, key bag malformed",
                small().encrypted().manifest_plist(|plist| {
                    plist.insert(
                        "BackupKeyBag".into(),
                        Plist::Data(b"VERS\0\0\xff\xff".to_vec()),
                    );
                }),
                "corrupt 2",
                &["error manifest-unreadable"],
            ),
            (
                "encrypted, no key bag",
                small()
                    .encrypted()
                    .manifest_plist(|plist| _ = plist.remove("BackupKeyBag")),
                "corrupt 2",
                &["error manifest-unreadable"],
            ),
            (
                "encrypted, ManifestKey too short",
                small().encrypted().manifest_plist(|plist| {
                    plist.insert("ManifestKey".into(), Plist::Data(vec![4; 43]));
                }),
                "corrupt 2",
                &["error manifest-unreadable"],
            ),
            (
                "an index is damaged",
                hundred_with(&overwritten(&db, Page::Index)),
                "corrupt 2",
                &["error manifest-damaged"],
            ),
            (
                "some rows are lost",
                hundred_with(&overwritten(&db, Page::FirstLeaf)),
                "corrupt 2",
                &["error manifest-damaged"],
            ),
            (
                "a photo is missing",
                without_payload(),
                "corrupt 2",
                &["error file-missing ×1"],
            ),
            (
                "an empty file is missing, too",
                small().add(Row::file("HomeDomain", "empty", b"").no_payload()),
                "corrupt 2",
                &["error file-missing ×1"],
            ),
            (
                "iOS 9: a photo is missing",
                without_payload().mbdb(),
                "corrupt 2",
                &["error file-missing ×1"],
            ),
            (
                "iOS 10.0: a photo is missing",
                without_payload().encrypted_ios10_0(),
                "corrupt 2",
                &["error file-missing ×1"],
            ),
            (
                "encrypted payload cut",
                small().encrypted().payload(PHOTO.0, PHOTO.1, [7; 33]),
                "corrupt 2",
                &["error payload-truncated ×1"],
            ),
            (
                "a folder in place of a payload",
                without_payload().raw(&format!("{}/x", place(PHOTO)), *b""),
                "corrupt 2",
                &["error payload-not-a-file ×1"],
            ),
            (
                "a photo, an attachment and a file with a digest are empty",
                small()
                    .payload(PHOTO.0, PHOTO.1, *b"")
                    .add(unlike("MediaDomain", "Library/SMS/Attachments/a.jpg"))
                    .payload(SETTING.0, SETTING.1, *b""),
                "corrupt 2",
                &["error payload-empty ×3"],
            ),
            (
                "a photo of iOS 9 is empty",
                small().mbdb().payload(PHOTO.0, PHOTO.1, *b""),
                "corrupt 2",
                &["error payload-empty ×1"],
            ),
        ],
        &[],
    );
}

/// It has the head of a database, so it is one (contract §4: "rows cannot be read").
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_database_that_was_cut_is_damaged() {
    let db = bytes_of(hundred(), "Manifest.db");
    let cut = |len: usize| hundred_with(&db[..len]);
    let damaged: &[&str] = &["error manifest-damaged"];
    check(
        vec![
            (
                "within a page",
                cut(db.len() / 2 + 100),
                "corrupt 2",
                damaged,
            ),
            (
                "of its last page",
                cut(db.len() - 4096),
                "corrupt 2",
                damaged,
            ),
        ],
        &[],
    );
}

/// The fileID could point anywhere (F§8): it is never joined to a path, and counts as missing.
#[test]
fn a_file_id_that_is_no_hash_counts_as_missing() {
    for id in [
        "../../../../etc/passwd",
        "",
        "3d0d7e5fb2ce288813306e4d4636395e047a3dzz",
    ] {
        let backup = judged(small().add(Row::file("HomeDomain", "x", b"x").id(id)));
        assert_eq!(finding(&backup, "file-missing")["count"], 1, "{id:?}");
        assert_eq!(backup["verdict"], "corrupt", "{id:?}");
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_run_that_did_not_end_or_a_part_that_is_not_there_makes_a_backup_incomplete() {
    let first_run = || small().snapshot_state("uploading").backup_state("empty");
    let no_manifest = |builder: BackupBuilder| {
        builder
            .without("Manifest.plist")
            .without("Manifest.db")
            .without(&place(PHOTO))
    };
    check(
        vec![
            (
                "a first run that ended early",
                no_manifest(first_run()),
                "incomplete 2",
                &[
                    "error manifest-missing",
                    "error manifest-plist-missing",
                    "error never-finished",
                ],
            ),
            (
                "a forced full run",
                first_run(),
                "incomplete 2",
                &["error never-finished"],
            ),
            (
                "an update without an earlier backup",
                no_manifest(small().snapshot_state("uploading")),
                "incomplete 2",
                &[
                    "error manifest-missing",
                    "error manifest-plist-missing",
                    "error never-finished",
                ],
            ),
            (
                "an update beside an empty manifest",
                small().snapshot_state("uploading").raw("Manifest.db", *b""),
                "incomplete 2",
                &["error manifest-missing", "error never-finished"],
            ),
            (
                "no Status.plist",
                small().without("Status.plist"),
                "incomplete 2",
                &["error status-missing"],
            ),
            (
                "Status.plist is text",
                small().raw("Status.plist", *b"finished"),
                "incomplete 2",
                &["error status-unreadable"],
            ),
            (
                "no Manifest.plist",
                small().without("Manifest.plist"),
                "incomplete 2",
                &["error manifest-plist-missing"],
            ),
            (
                "Manifest.plist made ready by a tool (F§6.4)",
                small().raw("Manifest.plist", *b""),
                "incomplete 2",
                &["error manifest-plist-missing"],
            ),
            (
                "no Manifest.db",
                small().without("Manifest.db"),
                "incomplete 2",
                &["error manifest-missing"],
            ),
            (
                "Manifest.db of 0 bytes",
                small().raw("Manifest.db", *b""),
                "incomplete 2",
                &["error manifest-missing"],
            ),
            (
                "Manifest.mbdb of 0 bytes",
                small().mbdb().raw("Manifest.mbdb", *b""),
                "incomplete 2",
                &["error manifest-missing"],
            ),
            (
                "encrypted, without Manifest.db",
                small().encrypted().without("Manifest.db"),
                "incomplete 2",
                &["error manifest-missing"],
            ),
        ],
        &[],
    );
}

/// A run stopped at the passcode prompt (F§2.2): Info.plist and nothing else.
#[test]
fn a_folder_with_nothing_but_info_plist_is_incomplete() {
    let info = bytes_of(small(), "Info.plist");
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join(UDID);
    fs::create_dir(&backup).unwrap();
    fs::write(backup.join("Info.plist"), info).unwrap();
    let file = fs::File::options()
        .write(true)
        .open(backup.join("Info.plist"))
        .unwrap();
    file.set_modified(std::time::UNIX_EPOCH).unwrap();
    drop(file);
    let document = scan(folder.path(), &[]);
    let backup = only_backup(&document);
    assert_eq!(backup["verdict"], "incomplete", "{backup:#}");
    assert_eq!(document["exit_code"], 2);
    finding(backup, "status-missing");
    finding(backup, "manifest-missing");
    finding(backup, "manifest-plist-missing");
}

fn warnings() -> Vec<Case> {
    vec![
        (
            "an update was cut short",
            small()
                .snapshot_state("uploading")
                .raw("Snapshot/12/half", *b"half a file"),
            "interrupted 0",
            &["warning update-interrupted"],
        ),
        (
            "moving was cut short",
            small().snapshot_state("moving"),
            "interrupted 0",
            &["warning move-interrupted"],
        ),
        (
            "cleaning up was cut short",
            small().snapshot_state("removing"),
            "interrupted 0",
            &["warning cleanup-interrupted"],
        ),
        (
            "a later attempt left its date in Info.plist",
            small().info(|plist| {
                plist.insert("Last Backup Date".into(), date("2024-05-02T10:00:01Z"));
            }),
            "complete 0",
            &["warning later-attempt-failed"],
        ),
        (
            "no Info.plist",
            small().without("Info.plist"),
            "complete 0",
            &["warning info-missing"],
        ),
        (
            "Info.plist is text",
            small().raw("Info.plist", *b"not a plist"),
            "complete 0",
            &["warning info-unreadable"],
        ),
    ]
}

#[test]
fn warnings_leave_the_exit_code_at_0() {
    check(warnings(), &[]);
}

#[test]
fn warnings_count_with_fail_on_warning() {
    for (name, builder, _, _) in warnings() {
        assert_eq!(
            scanned(builder, &["--fail-on", "warning"])["exit_code"],
            1,
            "{name}"
        );
    }
    assert_eq!(scanned(small(), &["--fail-on", "warning"])["exit_code"], 0);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn notes_change_neither_verdict_nor_exit_code() {
    let other_id = file_id("HomeDomain", "another path");
    let elsewhere = format!("00/{}", file_id(NOTE.0, NOTE.1));
    let unlisted = place(("HomeDomain", "unlisted"));
    let trouble = (
        "HomeDomain",
        "Library/Application Support/FileProvider/backup/backup_manifest.db",
    );
    let flat = flat_payload_path("".as_ref(), "HomeDomain", "unlisted");
    check(
        vec![
            ("nothing to say", small(), "complete 0", &[]),
            (
                "Snapshot/ in a finished backup",
                small().raw("Snapshot/12/left", *b"left"),
                "complete 0",
                &["note leftover"],
            ),
            (
                "unpacked by idevicebackup2",
                small().raw("_unback_/HomeDomain/a", *b"a"),
                "complete 0",
                &["note leftover"],
            ),
            (
                "a decrypted manifest",
                small().raw("Manifest.db-decrypted", *b"SQLite format 3\0"),
                "complete 0",
                &["note leftover"],
            ),
            (
                "sizes of databases and of app files differ",
                small()
                    .add(Row::file("HomeDomain", "a.db", b"SQLite format 3\0 short").size(9_999))
                    .add(Row::file(NOTE.0, "long", b"longer than it was").size(3)),
                "complete 0",
                &["note size-differs ×2"],
            ),
            (
                "an empty app file and a file with the digest of nothing",
                small()
                    .add(Row::file(NOTE.0, "app", b"").size(9))
                    .add(Row::file("HomeDomain", "digest", b"").size(9).stored(*b"")),
                "complete 0",
                &["note size-differs ×2"],
            ),
            (
                "nobody listed it",
                small().raw(&unlisted, *b"orphan"),
                "complete 0",
                &["note orphan-file ×1"],
            ),
            (
                "iOS 9: nobody listed it",
                small().mbdb().raw(flat.to_str().unwrap(), *b"orphan"),
                "complete 0",
                &["note orphan-file ×1"],
            ),
            (
                "the id is that of another path",
                small().add(Row::file("HomeDomain", "x", b"x").id(&other_id)),
                "complete 0",
                &["note file-id-mismatch ×1"],
            ),
            (
                "in the wrong shard: missing where it belongs",
                small()
                    .remove_payload(NOTE.0, NOTE.1)
                    .raw(&elsewhere, *b"a note"),
                "corrupt 2",
                &["error file-missing ×1", "note misplaced-file ×1"],
            ),
            (
                "the record of a file cannot be read",
                small().add(Row::file("HomeDomain", "x", b"x").blob(*b"bplist00 no")),
                "complete 0",
                &["note record-undecodable ×1"],
            ),
            (
                "somebody opened Manifest.db",
                small()
                    .raw("Manifest.db-wal", [7; 64])
                    .raw("Manifest.db-shm", [0; 64]),
                "complete 0",
                &["note wal-present"],
            ),
            (
                "not missed on the device either (F§9.1)",
                small().add(Row::file(trouble.0, trouble.1, b"x").no_payload()),
                "complete 0",
                &["note known-trouble-file"],
            ),
            (
                "of 1970 and of no device (F§12)",
                small()
                    .date("1970-01-01T00:00:00Z")
                    .manifest_plist(|plist| {
                        plist.insert(
                            "Lockdown".into(),
                            Plist::Dictionary(plist::Dictionary::new()),
                        );
                    }),
                "unverified 0",
                &["note tool-made"],
            ),
            (
                "the folder is named after another device",
                small().folder_name("00008030-001122334455667A"),
                "complete 0",
                &["note udid-mismatch"],
            ),
            (
                "Info.plist names another device",
                small().info(|plist| {
                    plist.insert(
                        "Unique Identifier".into(),
                        "00008030-001122334455667A".into(),
                    );
                }),
                "complete 0",
                &["note udid-mismatch"],
            ),
            (
                "running",
                small()
                    .snapshot_state("uploading")
                    .date("2026-11-22T11:00:00Z")
                    .mtime("2026-11-22T11:30:00Z"),
                "in-progress 0",
                &["note backup-running", "note update-interrupted"],
            ),
        ],
        &[],
    );
}

/// A list that can be read to its end and requires no file, whatever else it has.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_list_without_a_file_is_empty() {
    let bare = || BackupBuilder::new(UDID).bare().no_empty_shards();
    let folders = || bare().add(Row::directory("HomeDomain", "Library"));
    let gone = |path| Row::file("HomeDomain", path, b"x").flags(17).no_payload();
    let header = *b"mbdb\x05\0";
    let lost: &[&str] = &[
        "error index-empty ×1",
        "warning index-short ×3",
        "note orphan-file ×3",
    ];
    let damaged = overwritten(&bytes_of(hundred(), "Manifest.db"), Page::Index);
    check(
        vec![
            ("folders", folders(), "corrupt 2", &["error index-empty ×1"]),
            (
                "folders, iOS 9",
                folders().mbdb(),
                "corrupt 2",
                &["error index-empty ×1"],
            ),
            ("no row", bare(), "corrupt 2", &["error index-empty ×1"]),
            (
                "only what changed while it was uploaded",
                bare().add(gone("a")).add(gone("b")),
                "corrupt 2",
                &["error index-empty ×1"],
            ),
            (
                "the rows of all files are gone",
                small().sql("DELETE FROM Files WHERE flags = 1"),
                "corrupt 2",
                lost,
            ),
            (
                "iOS 9: nothing but the header",
                small().mbdb().raw("Manifest.mbdb", header),
                "corrupt 2",
                lost,
            ),
            // And what looks like it.
            (
                "a single file of 0 bytes",
                bare().file("HomeDomain", "a", b""),
                "complete 0",
                &[],
            ),
            (
                "a run that did not finish",
                folders().snapshot_state("uploading"),
                "interrupted 0",
                &["warning update-interrupted"],
            ),
            (
                "a first run that did not finish",
                folders().backup_state("empty"),
                "incomplete 2",
                &["error never-finished"],
            ),
            (
                "a list that could not be read whole",
                hundred_with(&damaged),
                "corrupt 2",
                &["error manifest-damaged"],
            ),
        ],
        &[],
    );
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_list_that_cannot_be_the_whole_one_is_short() {
    let unlisted = |builder: BackupBuilder, count: usize| {
        (0..count).fold(builder, |builder, number| {
            let id = file_id("HomeDomain", &format!("unlisted {number}"));
            builder.raw(&format!("{}/{id}", &id[..2]), *b"orphan")
        })
    };
    let flat = |builder: BackupBuilder, count: usize| {
        (0..count).fold(builder, |builder, number| {
            let id = file_id("HomeDomain", &format!("unlisted {number}"));
            builder.raw(&id, *b"orphan")
        })
    };
    let rootless = |count: usize| {
        (0..count).fold(
            BackupBuilder::new(UDID).bare().no_empty_shards(),
            |builder, number| {
                let path = format!("Documents/{number}.txt");
                builder.add(Row::file(NOTE.0, &path, b"a note").no_parents())
            },
        )
    };
    let short: &[&str] = &["warning index-short ×4", "note orphan-file ×4"];
    let rows: &[&str] = &["warning index-short ×1"];
    check(
        vec![
            ("four of seven", unlisted(small(), 4), "unverified 0", short),
            (
                "four of seven, iOS 9",
                flat(small().mbdb(), 4),
                "unverified 0",
                short,
            ),
            ("twenty rows", rootless(20), "unverified 0", rows),
            (
                "the roots are gone",
                hundred().sql("DELETE FROM Files WHERE relativePath = ''"),
                "unverified 0",
                rows,
            ),
            (
                "NULL is no root",
                hundred().sql("UPDATE Files SET relativePath = NULL WHERE relativePath = ''"),
                "unverified 0",
                rows,
            ),
            (
                "both",
                unlisted(rootless(20), 21),
                "unverified 0",
                &["warning index-short ×21", "note orphan-file ×21"],
            ),
            // And what looks like it.
            (
                "three of six",
                unlisted(small(), 3),
                "complete 0",
                &["note orphan-file ×3"],
            ),
            ("nineteen rows", rootless(19), "complete 0", &[]),
            ("one root is enough", hundred(), "complete 0", &[]),
            (
                "iOS 9 without a root",
                rootless(20).mbdb(),
                "complete 0",
                &[],
            ),
            (
                "a run that did not finish",
                unlisted(rootless(20), 21).snapshot_state("uploading"),
                "interrupted 0",
                &["warning update-interrupted", "note orphan-file ×21"],
            ),
        ],
        &[],
    );
}

/// Contract §4: the known databases, each with where it lies. Health data has another one that may be
/// empty.
const DATABASES: &[(&str, &str)] = &[
    ("HomeDomain", "Library/SMS/sms.db"),
    (
        "AppDomainGroup-group.net.whatsapp.WhatsApp.shared",
        "ChatStorage.sqlite",
    ),
    (
        "AppDomainGroup-group.net.whatsapp.WhatsAppSMB.shared",
        "ChatStorage.sqlite",
    ),
    ("HomeDomain", "Library/AddressBook/AddressBook.sqlitedb"),
    ("HomeDomain", "Library/CallHistoryDB/CallHistory.storedata"),
    ("AppDomainGroup-group.com.apple.notes", "NoteStore.sqlite"),
    ("HomeDomain", "Library/Notes/notes.sqlite"),
    ("HealthDomain", "Health/healthdb_secure.sqlite"),
    ("HomeDomain", "Library/Calendar/Calendar.sqlitedb"),
    (
        "AppDomainGroup-group.com.apple.VoiceMemos.shared",
        "Recordings/CloudRecordings.db",
    ),
    (
        "AppDomainGroup-group.com.apple.VoiceMemos.shared",
        "Recordings/Recordings.db",
    ),
    (
        "AppDomainGroup-group.com.apple.VoiceMemos",
        "Recordings/CloudRecordings.db",
    ),
    (
        "AppDomainGroup-group.com.apple.VoiceMemos",
        "Recordings/Recordings.db",
    ),
];

/// Those among the media, which must not be empty anyway.
const MEDIA_DATABASES: &[(&str, &str)] = &[
    ("CameraRollDomain", "Media/PhotoData/Photos.sqlite"),
    ("MediaDomain", "Media/Recordings/CloudRecordings.db"),
    ("MediaDomain", "Media/Recordings/Recordings.db"),
    ("MediaDomain", "Library/Recordings/CloudRecordings.db"),
    ("MediaDomain", "Library/Recordings/Recordings.db"),
];

/// A file of which nothing is stored, with the digest of nothing where it has one.
fn emptied(domain: &str, path: &str, size: i64) -> Row {
    Row::file(domain, path, b"").size(size).stored(*b"")
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_known_database_that_is_empty_has_lost_its_content() {
    const DATALESS: i64 = 0x4000_0000;
    let with = |databases: &[(&str, &str)], row: &dyn Fn(&str, &str) -> Row| {
        (databases.iter()).fold(small(), |builder, (domain, path)| {
            builder.add(row(domain, path))
        })
    };
    let health = ("HealthDomain", "Health/healthdb.sqlite");
    check(
        vec![
            (
                "from 512 bytes on",
                with(DATABASES, &|domain, path| emptied(domain, path, 512)),
                "corrupt 2",
                &["error payload-empty ×13"],
            ),
            (
                "of iOS 9",
                with(DATABASES, &|domain, path| emptied(domain, path, 512)).mbdb(),
                "corrupt 2",
                &["error payload-empty ×13"],
            ),
            (
                "among the media",
                with(MEDIA_DATABASES, &|domain, path| emptied(domain, path, 1)),
                "corrupt 2",
                &["error payload-empty ×5"],
            ),
            // And what looks like it.
            (
                "below 512 bytes",
                with(DATABASES, &|domain, path| emptied(domain, path, 511)),
                "complete 0",
                &["note size-differs ×13"],
            ),
            (
                "only in iCloud",
                with(DATABASES, &|domain, path| {
                    emptied(domain, path, 9_999_999).st_flags(DATALESS)
                }),
                "complete 0",
                &["note size-differs ×13"],
            ),
            (
                "changed while it was uploaded",
                with(DATABASES, &|domain, path| {
                    emptied(domain, path, 9_999_999).flags(17)
                }),
                "complete 0",
                &["note size-differs ×13"],
            ),
            (
                "the other one of Health, its -wal, and a namesake",
                small()
                    .add(emptied(health.0, health.1, 4096))
                    .add(emptied("HomeDomain", "Library/SMS/sms.db-wal", 4096))
                    .add(emptied(NOTE.0, "Library/SMS/sms.db", 4096)),
                "complete 0",
                &["note size-differs ×3"],
            ),
        ],
        &[],
    );
    let backup = judged(with(&DATABASES[..2], &|domain, path| {
        emptied(domain, path, 4096)
    }));
    let message = &finding(&backup, "payload-empty")["message"];
    assert_eq!(
        message,
        "2 files are empty although the device recorded 8 kB, the databases of Messages and WhatsApp \
         among them"
    );
    let backup = judged(with(&DATABASES[..1], &|domain, path| {
        emptied(domain, path, 4096)
    }));
    let message = &finding(&backup, "payload-empty")["message"];
    assert_eq!(
        message,
        "1 file is empty although the device recorded 4 kB: the database of Messages"
    );
}

#[test]
fn a_large_file_that_is_empty_is_named() {
    const DATALESS: i64 = 0x4000_0000;
    let app = |path: &str, size| emptied(NOTE.0, path, size);
    check(
        vec![
            (
                "from 1 MB on",
                small().add(app("large", 1_000_000)),
                "complete 0",
                &["note emptied-file ×1"],
            ),
            (
                "the database of Health that may be empty",
                small().add(emptied("HealthDomain", "Health/healthdb.sqlite", 2_000_000)),
                "complete 0",
                &["note emptied-file ×1"],
            ),
            // And what looks like it.
            (
                "below 1 MB, only in iCloud, changed, and beside a database",
                small()
                    .add(app("small", 999_999))
                    .add(app("far", 2_000_000).st_flags(DATALESS))
                    .add(app("changed", 2_000_000).flags(17))
                    .add(app("a.db-wal", 2_000_000))
                    .add(app("a.db-shm", 2_000_000))
                    .add(app("a.db-journal", 2_000_000)),
                "complete 0",
                &["note size-differs ×6"],
            ),
            (
                "a photo, for which it is an error",
                small().add(emptied(PHOTO.0, "Media/DCIM/a.MOV", 2_000_000)),
                "corrupt 2",
                &["error payload-empty ×1"],
            ),
            (
                "not empty",
                small().add(Row::file(NOTE.0, "large", b"x").size(2_000_000)),
                "complete 0",
                &["note size-differs ×1"],
            ),
        ],
        &[],
    );
    let folder = tempfile::tempdir().unwrap();
    small().add(app("large", 1_200_000)).write(folder.path());
    let screen = |args: &[&str]| {
        let output = program()
            .arg(folder.path())
            .args(["--now", NOW])
            .args(args)
            .ended()
            .unwrap();
        assert_eq!(output.status.code(), Some(0));
        String::from_utf8(output.stdout).unwrap()
    };
    let words = "1 large file is empty although the device recorded 1.2 MB.";
    let told = screen(&[]).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains(words), "{told}");
    assert_eq!(screen(&["--quiet"]), "");
}

/// Any one mark tells (F§12, F§19a).
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn each_mark_of_a_tool_is_enough() {
    let status = |key: &'static str, value: Plist| {
        small().status(move |plist| _ = plist.insert(key.into(), value))
    };
    let undated = || small().manifest_plist(|plist| _ = plist.remove("Date"));
    let lockdown = |lockdown: Plist| {
        small().manifest_plist(move |plist| _ = plist.insert("Lockdown".into(), lockdown))
    };
    let manifest_date = |at: &'static str| {
        small().manifest_plist(move |plist| _ = plist.insert("Date".into(), date(at)))
    };
    let zeros = "00000000-0000-0000-0000-000000000000";
    let made: &[&str] = &["note tool-made"];
    check(
        vec![
            (
                "the manifest's date",
                manifest_date("1970-01-01T00:00:00Z"),
                "unverified 0",
                made,
            ),
            (
                "the status's date",
                status("Date", date("1970-01-01T00:00:00Z")),
                "unverified 0",
                made,
            ),
            (
                "an identifier of zeros",
                status("UUID", zeros.into()),
                "unverified 0",
                made,
            ),
            (
                "no device",
                lockdown(Plist::Dictionary(plist::Dictionary::new())),
                "unverified 0",
                made,
            ),
            (
                "no date, and Info.plist without a key",
                undated().info(plist::Dictionary::clear),
                "unverified 0",
                made,
            ),
            (
                "no date and no Info.plist",
                undated().without("Info.plist"),
                "unverified 0",
                &["note tool-made", "warning info-missing"],
            ),
            (
                "no date, and Info.plist of 0 bytes",
                undated().raw("Info.plist", *b""),
                "unverified 0",
                &["note tool-made", "warning info-unreadable"],
            ),
            // And what looks like it.
            (
                "a second later",
                manifest_date("1970-01-01T00:00:01Z"),
                "complete 0",
                &[],
            ),
            (
                "no identifier",
                small().status(|plist| _ = plist.remove("UUID")),
                "complete 0",
                &[],
            ),
            (
                "an identifier with zeros",
                status("UUID", "00000000-0000-0000-0000-000000000001".into()),
                "complete 0",
                &[],
            ),
            (
                "no Lockdown at all",
                small().manifest_plist(|plist| _ = plist.remove("Lockdown")),
                "complete 0",
                &[],
            ),
            (
                "a Lockdown of one key",
                lockdown(Plist::Dictionary(plist::Dictionary::from_iter([(
                    "Any", "key",
                )]))),
                "complete 0",
                &[],
            ),
            ("no date alone", undated(), "complete 0", &[]),
            (
                "no date, and Info.plist with a key that nobody looks at",
                undated().info(|plist| {
                    plist.clear();
                    plist.insert("GUID".into(), "x".into());
                }),
                "complete 0",
                &[],
            ),
            (
                "Info.plist without a key alone",
                small().info(plist::Dictionary::clear),
                "complete 0",
                &[],
            ),
        ],
        &[],
    );
}

/// Every condition of F§9.3 holds: a photo, not SQLite, present, shorter than on the phone.
#[test]
fn a_photo_that_was_cut_is_shorter_than_recorded() {
    let backup = judged(small().add(photo(7).size(4_000_000)));
    assert_eq!(backup["verdict"], "complete");
    let found = finding(&backup, "shorter-than-recorded");
    assert_eq!(
        (&found["count"], &found["severity"]),
        (&json!(1), &json!("note"))
    );
}

#[test]
fn a_state_that_is_not_known_is_at_best_unverified() {
    let without = |key: &'static str| {
        small().status(move |plist| {
            plist.remove(key).unwrap();
        })
    };
    let version = |version: &'static str| {
        small().status(move |plist| {
            plist.insert("Version".into(), version.into());
        })
    };
    check(
        vec![
            (
                "an invented SnapshotState",
                small().snapshot_state("new"),
                "unverified 0",
                &["note state-unknown"],
            ),
            (
                "an invented BackupState",
                small().backup_state("finished"),
                "unverified 0",
                &["note state-unknown"],
            ),
            (
                "no SnapshotState",
                without("SnapshotState"),
                "unverified 0",
                &["note state-unknown"],
            ),
            (
                "no BackupState",
                without("BackupState"),
                "unverified 0",
                &["note state-unknown"],
            ),
            (
                "4.0",
                version("4.0"),
                "unverified 0",
                &["note state-unsupported"],
            ),
            (
                "10.1",
                version("10.1"),
                "unverified 0",
                &["note state-unsupported"],
            ),
            (
                "of ancient tools",
                small().backup_state("old"),
                "unverified 0",
                &["note state-unsupported"],
            ),
        ],
        &[],
    );
}

/// The pairs of iOS 2 and 3 are recognised, and nothing is said to be missing (F§12).
#[test]
fn what_is_too_old_to_check_is_unverified() {
    let id = file_id("HomeDomain", "Library/SMS/sms.db");
    for endings in [&["mdinfo", "mddata"][..], &["mdbackup"]] {
        let mut old = small()
            .without("Manifest.db")
            .without(&place(PHOTO))
            .without(&place(SETTING))
            .without(&place(NOTE))
            .status(|plist| {
                plist.clear();
                plist.insert("Backup Success".into(), true.into());
            });
        for ending in endings {
            old = old.raw(&format!("{id}.{ending}"), *b"old");
        }
        let document = scanned(old, &[]);
        let backup = only_backup(&document);
        finding(backup, "format-too-old");
        assert_eq!(backup["verdict"], "unverified", "{endings:?}: {backup:#}");
        assert_eq!(document["exit_code"], 0, "{endings:?}");
    }
}

/// "812 of 48,310 files are missing (3.1 GB, nearly all photos); the rest can be read"
#[test]
fn what_is_missing_is_named_with_its_scale_its_kind_and_examples() {
    let missing = |number| photo(number).size(1_550_000_000).no_payload();
    let backup = judged(small().add(missing(1)).add(missing(2)));
    let found = finding(&backup, "file-missing");
    assert_eq!(found["count"], 2);
    assert_eq!(found["bytes"], 3_100_000_000_u64);
    let message = found["message"].as_str().unwrap();
    for part in [
        "2 of 5 files are missing",
        "3.1 GB",
        "photos",
        "the rest can be read",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert!(!message.contains("selective"), "{message}");
    let example = |number: u32| {
        let path = format!("Media/DCIM/100APPLE/IMG_{number:04}.HEIC");
        json!({
            "domain": PHOTO.0,
            "path": path,
            "file_id": file_id(PHOTO.0, &path),
            "bytes": 1_550_000_000,
        })
    };
    let examples = found["examples"].as_array().unwrap();
    assert_eq!(examples.len(), 2);
    assert!(
        examples.contains(&example(1)) && examples.contains(&example(2)),
        "{found:#}"
    );
}

#[test]
fn one_missing_file_is_spoken_of_as_one() {
    let backup = judged(small().remove_payload(PHOTO.0, PHOTO.1));
    let message = finding(&backup, "file-missing")["message"]
        .as_str()
        .unwrap();
    assert!(message.contains("1 of 3 files is missing"), "{message}");
}

#[test]
fn a_finding_has_at_most_ten_examples_but_counts_all() {
    let mut builder = small();
    for number in 0..1_200 {
        builder = builder.add(photo(number).size(1_000_000).no_payload());
    }
    let backup = judged(builder);
    let found = finding(&backup, "file-missing");
    assert_eq!(found["count"], 1_200);
    assert_eq!(found["examples"].as_array().unwrap().len(), 10);
    let message = found["message"].as_str().unwrap();
    for part in ["1,200 of 1,203 files are missing", "1.2 GB"] {
        assert!(message.contains(part), "{message}");
    }
}

/// Whole domains without any of their files, and every other with all of them (contract §4).
#[test]
fn domains_that_are_missing_as_a_whole_look_like_a_selective_copy() {
    let looks_selective = |builder: BackupBuilder| {
        let backup = judged(builder);
        let message = finding(&backup, "file-missing")["message"]
            .as_str()
            .unwrap();
        message.contains("selective copy")
    };
    let gone = |number| photo(number).no_payload();
    let no_photos = || {
        small()
            .remove_payload(PHOTO.0, PHOTO.1)
            .add(gone(2))
            .add(gone(3))
    };
    assert!(looks_selective(no_photos()));
    assert!(looks_selective(
        no_photos().remove_payload(SETTING.0, SETTING.1)
    ));
    // One photo is there.
    assert!(!looks_selective(no_photos().add(photo(4))));
    // Another domain lacks one of two.
    let half = no_photos().add(Row::file(NOTE.0, "another", b"x").no_payload());
    assert!(!looks_selective(half));
}

#[test]
fn bytes_and_examples_of_what_nobody_listed() {
    let unlisted = ("HomeDomain", "unlisted");
    let backup = judged(small().raw(&place(unlisted), *b"orphan"));
    let found = finding(&backup, "orphan-file");
    assert_eq!(found["bytes"], 6);
    assert_eq!(
        found["examples"][0]["file_id"],
        file_id(unlisted.0, unlisted.1)
    );
    assert_eq!(found["examples"][0]["bytes"], 6);
}

/// Whatever `bytes` of it means, it means the same for the same file in each domain.
#[test]
fn bytes_of_sizes_that_differ_do_not_depend_on_the_domain() {
    let database = b"SQLite format 3\0 and so on";
    let row = |domain| Row::file(domain, "a.sqlite", database).size(4_096);
    let backup = judged(
        small()
            .add(row(PHOTO.0))
            .add(row(NOTE.0))
            .add(row("MediaDomain")),
    );
    let found = finding(&backup, "size-differs");
    let bytes = [0, 1, 2].map(|at: usize| &found["examples"][at]["bytes"]);
    assert!(bytes[0] == bytes[1] && bytes[1] == bytes[2], "{found:#}");
}

#[test]
fn what_is_left_over_is_counted_with_files_and_bytes() {
    let builder = small()
        .raw("Snapshot/12/a", *b"12345")
        .raw("Snapshot/34/b", *b"678");
    let backup = judged(builder);
    let found = finding(&backup, "leftover");
    assert_eq!(found["bytes"], 8);
    assert!(
        found["message"].as_str().unwrap().contains("2 files"),
        "{found:#}"
    );
}

/// Contract §7: whatever was found and whatever not, both lists together speak of each check once.
#[test]
fn a_check_is_either_checked_or_not_checked() {
    for builder in [
        small(),
        small().encrypted(),
        small().raw("Manifest.db", *b"junk"),
    ] {
        let backup = judged(builder);
        let checked = backup["checked"].as_array().unwrap();
        for not in backup["not_checked"].as_array().unwrap() {
            assert!(!checked.contains(&not["id"]), "{not} in {checked:?}");
            assert!(!not["why"].as_str().unwrap().is_empty(), "{not}");
        }
        assert!(!checked.is_empty());
    }
}

/// What people read names the verdict and every error in words of the same finding.
#[test]
fn the_screen_says_what_json_says() {
    let folder = tempfile::tempdir().unwrap();
    small()
        .remove_payload(PHOTO.0, PHOTO.1)
        .write(folder.path());
    let output = program()
        .arg(folder.path())
        .args(["--now", NOW])
        .ended()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let screen = String::from_utf8(output.stdout).unwrap();
    assert!(screen.to_lowercase().contains("corrupt"), "{screen}");
    assert!(screen.contains("1 of 3 files"), "{screen}");
}

/// What is no part of a backup, at the top, in a folder and in a payload folder; and what is.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn files_of_nobody_are_foreign_content() {
    let shard = &place(PHOTO)[..2];
    let hex = file_id("HomeDomain", "unlisted");
    let foreign: &[&str] = &["note foreign-content ×1"];
    let whole = |name, builder, found| (name, builder, "complete 0", found);
    check(
        vec![
            whole("at the top", small().raw("readme.txt", *b"x"), foreign),
            whole("a hidden one", small().raw(".mine", *b"x"), foreign),
            whole("in a folder", small().raw("mine/a/b.jpg", *b"x"), foreign),
            whole("iOS 9", small().mbdb().raw("readme.txt", *b"x"), foreign),
            whole(
                "two, one in a folder",
                small().raw("a", *b"x").raw("b/c", *b"x"),
                &["note foreign-content ×2"],
            ),
            whole(
                "a folder whose name is that of clutter alone",
                small().raw(".DS_Store/a.jpg", *b"x"),
                foreign,
            ),
            whole(
                "a copy of a metadata file",
                small().raw("Status.plist.bak", *b"x"),
                foreign,
            ),
            whole(
                "a payload in a folder of another name",
                small().raw(&format!("mine/{hex}"), *b"x"),
                foreign,
            ),
            whole(
                "in a payload folder it is misplaced, as ever",
                small().raw(&format!("{shard}/a.jpg"), *b"x"),
                &["note misplaced-file ×1"],
            ),
            whole(
                "in a folder of a payload folder, too",
                small().raw(&format!("{shard}/mine/a.jpg"), *b"x"),
                &["note misplaced-file ×1"],
            ),
            whole(
                "a file in place of a payload folder",
                small().raw("00", *b"x"),
                &["note misplaced-file ×1"],
            ),
            whole(
                "what another tool left",
                small()
                    .raw("_unback_/a/b.jpg", *b"x")
                    .raw("Manifest.db-decrypted", *b"x")
                    .raw("Snapshot/mine.txt", *b"x"),
                &["note leftover ×3"],
            ),
            whole(
                "what SQLite writes beside a manifest, and the index of iOS 4",
                small()
                    .raw("Manifest.db-journal", *b"x")
                    .raw("Manifest.mbdx", *b"x"),
                &[],
            ),
            whole(
                "the place of a file that is in a cloud",
                small().raw(".readme.txt.icloud", *b"x"),
                &[],
            ),
            whole(
                "names in another case, as some disks have them",
                small().raw("MANIFEST.MBDX", *b"x"),
                &[],
            ),
        ],
        &[],
    );
}

#[test]
fn foreign_content_is_told_with_its_scale_and_the_first_name() {
    let builder = (0..12).fold(small(), |builder, number| {
        builder.raw(&format!("mine/{number:02}.jpg"), [7; 1000])
    });
    let backup = judged(builder);
    let found = finding(&backup, "foreign-content");
    assert_eq!(
        found["message"],
        "12 files (12 kB) in this folder are no part of the backup, the first is mine/00.jpg"
    );
    assert_eq!(found["bytes"], 12_000);
    let examples = found["examples"].as_array().unwrap();
    let names: Vec<_> = examples
        .iter()
        .map(|one| one["path"].as_str().unwrap())
        .collect();
    let expected: Vec<_> = (0..10)
        .map(|number| format!("mine/{number:02}.jpg"))
        .collect();
    assert_eq!(names, expected);
    let backup = judged(small().raw("a.txt", *b"mine"));
    assert_eq!(
        finding(&backup, "foreign-content")["message"],
        "1 file (4 bytes) in this folder is no part of the backup: a.txt"
    );
}

/// Only the names go: what there is, how much of it and which case it is are still said.
#[test]
fn without_names_a_sentence_says_all_the_rest() {
    let builder = small()
        .raw("my secret.unback/a", *b"12345")
        .raw("Snapshot/34/b", *b"678")
        .status(|status| {
            status.insert("SnapshotState".to_owned(), "my secret state".into());
            status.insert("BackupState".to_owned(), "renewed".into());
            status.remove("Version");
        })
        .info(|info| {
            let other = "C0FFEE".repeat(7)[..40].into();
            info.insert("Unique Identifier".to_owned(), other);
        });
    let document = scanned(builder, &["--redact"]);
    let backup = only_backup(&document);
    for (id, message) in [
        (
            "state-unknown",
            "Status.plist tells no state that is known: SnapshotState is another word, BackupState is \
             \"renewed\", Version is missing or no text",
        ),
        (
            "udid-mismatch",
            "The device's identifier is not the same everywhere: the folder's name identifier-1, \
             Info.plist identifier-2, Manifest.plist identifier-1",
        ),
    ] {
        assert_eq!(finding(backup, id)["message"], message);
    }
    let document = scanned(
        small()
            .raw("my secret.unback/a", *b"12345")
            .raw("Snapshot/34/b", *b"678"),
        &["--redact"],
    );
    assert_eq!(
        finding(only_backup(&document), "leftover")["message"],
        "Left over from a failed run or another tool (2 files, 8 bytes); not part of the backup"
    );
    let running = small()
        .snapshot_state("uploading")
        .mtime("2026-11-22T11:50:00Z")
        .date("2026-11-22T11:50:00Z");
    let document = scanned(running, &["--redact"]);
    assert_eq!(
        finding(only_backup(&document), "backup-running")["message"],
        "A backup of this device is running (last change 10 minutes ago); look again when it is done"
    );
}

/// Names are personal.
#[test]
fn foreign_names_are_not_told_where_they_must_not_be() {
    let builder = small()
        .raw("my secret diary.txt", *b"x")
        .raw("my secret phone/Info.plist", *b"x")
        .raw("my secret phone/Status.plist", *b"x");
    let document = scanned(builder, &["--redact"]);
    let backup = &document["backups"][0];
    assert_eq!(
        finding(backup, "foreign-content")["message"],
        "1 file (1 byte) in this folder is no part of the backup"
    );
    assert_eq!(
        finding(backup, "nested-backup")["message"],
        "Another backup, or a part of one, lies in this folder (2 bytes)"
    );
    assert!(!document.to_string().contains("secret"), "{document:#}");
}
