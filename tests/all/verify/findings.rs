//! One deliberately broken backup for each finding that needs neither password nor contents, and
//! exactly what is said about it (contract §3, §4; F§1.2, F§1.3).

use std::fs;
use std::path::Path;

use plist::{Dictionary, Value as Plist};
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::harness::{Ended as _, NOW, Run, finding, only_backup, program, scan};
use crate::support::{BackupBuilder, Row, empty_folder, file_id};

/// The device of all backups here.
pub const UDID: &str = "00008130-000A1C2E3F40801E";
/// The files that say what is in a backup.
pub const INFO: &str = "Info.plist";
pub const STATUS: &str = "Status.plist";
pub const PLIST: &str = "Manifest.plist";
pub const DB: &str = "Manifest.db";
pub const MBDB: &str = "Manifest.mbdb";
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
    let folder = empty_folder();
    builder.write(folder.path());
    scan(folder.path(), args)
}

/// The backup as judged at `standard`.
pub fn judged(builder: BackupBuilder) -> Value {
    only_backup(&scanned(builder, &[])).clone()
}

/// Why this check was not made; empty if it was.
pub fn not_checked(backup: &Value, id: &str) -> String {
    let mut list = backup["not_checked"].as_array().unwrap().iter();
    let entry = list.find(|entry| entry["id"] == id);
    entry
        .map_or("", |entry| entry["why"].as_str().unwrap())
        .to_owned()
}

/// The document of a scan whose temporary files would lie in a folder of its own.
pub fn run_with_temp(root: &Path, temp: &Path) -> Value {
    let mut command = program();
    command.arg(root).args(["--json", "--now", NOW]);
    for name in ["TMPDIR", "TMP", "TEMP"] {
        command.env(name, temp);
    }
    let run: Run = command.ended().unwrap().into();
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document["exit_code"], run.code, "{run:?}");
    document
}

/// What one file of this backup holds.
pub fn bytes_of(builder: BackupBuilder, relative: &str) -> Vec<u8> {
    let folder = empty_folder();
    fs::read(builder.write(folder.path()).join(relative)).unwrap()
}

/// The place of a payload below a backup, with `/`.
pub fn place((domain, path): (&str, &str)) -> String {
    let id = file_id(domain, path);
    format!("{}/{id}", &id[..2])
}

/// What must be said of each of some backups: `verdict exit-code: severity id, severity id` with all
/// findings in any order, and with `×count` where the count is part of what the test holds.
#[derive(Clone, Copy)]
pub struct Expected<'a> {
    said: &'a str,
    args: &'a [&'a str],
}

pub fn expect(said: &str) -> Expected<'_> {
    Expected { said, args: &[] }
}

impl<'a> Expected<'a> {
    /// With these arguments of the program.
    pub fn given(self, args: &'a [&'a str]) -> Self {
        Self { args, ..self }
    }

    /// Scans [`small`] with this change.
    pub fn with(self, name: &str, change: impl FnOnce(BackupBuilder) -> BackupBuilder) -> Self {
        self.of(name, change(small()))
    }

    /// Scans this one.
    pub fn of(self, name: &str, builder: BackupBuilder) -> Self {
        self.judge(name, builder);
        self
    }

    /// Scans this one, of which more is to be asked.
    pub fn judge(self, name: &str, builder: BackupBuilder) -> Value {
        let document = scanned(builder, self.args);
        let backup = only_backup(&document);
        let (outcome, expected) = self.said.split_once(": ").unwrap_or((self.said, ""));
        let mut expected: Vec<&str> = expected.split(", ").filter(|one| !one.is_empty()).collect();
        expected.sort_unstable();
        let got = format!(
            "{} {}",
            backup["verdict"].as_str().unwrap(),
            document["exit_code"]
        );
        assert_eq!(got, outcome, "{name}: {backup:#}");
        assert_eq!(findings(backup, &expected), expected, "{name}: {backup:#}");
        backup.clone()
    }
}

/// All findings as `severity id`, sorted, with the count where `expected` has one for the same id.
fn findings(backup: &Value, expected: &[&str]) -> Vec<String> {
    let list = backup["findings"].as_array().unwrap().iter();
    let told = |finding: &Value| {
        let [severity, id] = ["severity", "id"].map(|key| finding[key].as_str().unwrap());
        let counted = format!(" {id} ×");
        if expected.iter().any(|one| one.contains(&counted)) {
            return format!("{severity} {id} ×{}", finding["count"]);
        }
        format!("{severity} {id}")
    };
    let mut found: Vec<String> = list.map(told).collect();
    found.sort();
    found
}

/// The change of a plist that gives this key this value.
pub fn set(key: &'static str, value: impl Into<Plist>) -> impl FnOnce(&mut Dictionary) + 'static {
    let value = value.into();
    move |plist| _ = plist.insert(key.to_owned(), value)
}

/// The change of a plist that takes away this key, which is there.
pub fn unset(key: &'static str) -> impl FnOnce(&mut Dictionary) + 'static {
    move |plist| drop(plist.remove(key).unwrap())
}

/// The photo is listed and not there.
pub fn no_photo(builder: BackupBuilder) -> BackupBuilder {
    builder.remove_payload(PHOTO.0, PHOTO.1)
}

/// The photo has other bytes.
pub fn photo_of(builder: BackupBuilder, bytes: &[u8]) -> BackupBuilder {
    builder.payload(PHOTO.0, PHOTO.1, bytes)
}

/// The photo has no whole number of blocks.
pub fn odd_photo(builder: BackupBuilder) -> BackupBuilder {
    photo_of(builder, &[7; 33])
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
    let folder = empty_folder();
    let path = folder.path().join("copy.db");
    fs::write(&path, db).unwrap();
    let tree = match page {
        Page::Index => "FilesFlagsIdx",
        _ => "Files",
    };
    let sql = "SELECT rootpage FROM sqlite_schema WHERE name = ?1";
    let copy = Connection::open(&path).unwrap();
    let root: u32 = copy.query_row(sql, [tree], |row| row.get(0)).unwrap();
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
    let name = |number: u32| format!("Documents/{number}.txt");
    let bare = BackupBuilder::new(UDID).bare().no_empty_shards();
    (0..100).fold(bare, |builder, number| {
        builder.file(NOTE.0, &name(number), b"a note")
    })
}

fn hundred_with(db: &[u8]) -> BackupBuilder {
    // Listed by no row, but with a damaged manifest nobody can know that (rule 8).
    let unlisted = place(("HomeDomain", "unlisted"));
    hundred().raw(DB, db).raw(&unlisted, "orphan")
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_is_damaged_makes_a_backup_corrupt() {
    const TEXT: &str = "not a database at all";
    let plist = bytes_of(small(), PLIST);
    expect("corrupt 2: error manifest-plist-unreadable")
        .with("Manifest.plist is text", |b| b.raw(PLIST, "not a plist"))
        .with("Manifest.plist is cut", |b| b.raw(PLIST, &plist[..200]));

    let mbdb = bytes_of(small().mbdb(), MBDB);
    let cut = &mbdb[..mbdb.len() - 5];
    let odd = [&bytes_of(small().encrypted(), DB)[..], b"x"].concat();
    let malformed = ("BackupKeyBag", b"VERS\0\0\xff\xff".to_vec());
    let short = ("ManifestKey", vec![4; 43]);
    let encrypted = small().encrypted();
    let keys = |(key, bytes)| {
        small()
            .encrypted()
            .manifest_plist(set(key, Plist::Data(bytes)))
    };
    let no_keys = small().encrypted().manifest_plist(unset("BackupKeyBag"));
    expect("corrupt 2: error manifest-unreadable")
        .with("Manifest.db is text", |b| b.raw(DB, TEXT))
        .with("no table Files", |b| b.sql("DROP TABLE Files"))
        .with("a record of mbdb is cut", |b| b.mbdb().raw(MBDB, cut))
        .with("Manifest.mbdb is text", |b| b.mbdb().raw(MBDB, TEXT))
        .of("encrypted, not a multiple of 16", encrypted.raw(DB, odd))
        .of("encrypted, key bag malformed", keys(malformed))
        .of("encrypted, no key bag", no_keys)
        .of("encrypted, ManifestKey too short", keys(short));

    // What has the head of a database is one (contract §4: "rows cannot be read").
    let db = bytes_of(hundred(), DB);
    let index = hundred_with(&overwritten(&db, Page::Index));
    let rows = hundred_with(&overwritten(&db, Page::FirstLeaf));
    let middle = hundred_with(&overwritten(&db, Page::MiddleLeaf));
    let within = hundred_with(&db[..db.len() / 2 + 100]);
    let last = hundred_with(&db[..db.len() - 4096]);
    expect("corrupt 2: error manifest-damaged")
        .of("an index is damaged", index)
        .of("some rows are lost", rows)
        .of("some in the middle are lost", middle)
        .of("a database that was cut within a page", within)
        .of("a database without its last page", last);

    let empty = Row::file("HomeDomain", "empty", b"").no_payload();
    expect("corrupt 2: error file-missing ×1")
        .with("a photo is missing", no_photo)
        .with("an empty file is missing, too", |b| b.add(empty))
        .with("iOS 9: a photo is missing", |b| no_photo(b.mbdb()))
        .of("iOS 10.0", no_photo(small().encrypted_ios10_0()));
    expect("corrupt 2: error payload-truncated ×1")
        .with("encrypted payload cut", |b| odd_photo(b.encrypted()));
    let inside = format!("{}/x", place(PHOTO));
    expect("corrupt 2: error payload-not-a-file ×1")
        .with("a folder", |b| no_photo(b).raw(&inside, ""));
    expect("corrupt 2: error payload-empty ×1")
        .with("a photo of iOS 9 is empty", |b| photo_of(b.mbdb(), b""));
    let attachment = Row::file("MediaDomain", "Library/SMS/Attachments/a.jpg", b"").size(9);
    let three = photo_of(small(), b"").payload(SETTING.0, SETTING.1, "");
    expect("corrupt 2: error payload-empty ×3").of(
        "and an attachment and what has a digest",
        three.add(attachment),
    );
}

/// The fileID could point anywhere (F§8): it is never joined to a path, and counts as missing.
#[test]
fn a_file_id_that_is_no_hash_counts_as_missing() {
    let no_hex = "3d0d7e5fb2ce288813306e4d4636395e047a3dzz";
    for id in ["../../../../etc/passwd", "", no_hex] {
        let backup = judged(small().add(Row::file("HomeDomain", "x", b"x").id(id)));
        assert_eq!(finding(&backup, "file-missing")["count"], 1, "{id:?}");
        assert_eq!(backup["verdict"], "corrupt", "{id:?}");
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_run_that_did_not_end_or_a_part_that_is_not_there_makes_a_backup_incomplete() {
    let first_run = || small().snapshot_state("uploading").backup_state("empty");
    let update = || small().snapshot_state("uploading");
    let no_manifest = |b: BackupBuilder| b.without(PLIST).without(DB).without(&place(PHOTO));
    let neither = "error manifest-missing, error manifest-plist-missing, error never-finished";
    expect(&format!("incomplete 2: {neither}"))
        .of("a first run that ended early", no_manifest(first_run()))
        .of("an update of nothing", no_manifest(update()));
    expect("incomplete 2: error never-finished").of("a forced full run", first_run());
    expect("incomplete 2: error manifest-missing, error never-finished")
        .of("an update beside an empty manifest", update().raw(DB, ""));
    expect("incomplete 2: error status-missing").with("no Status.plist", |b| b.without(STATUS));
    expect("incomplete 2: error status-unreadable")
        .with("Status.plist is text", |b| b.raw(STATUS, "finished"));
    expect("incomplete 2: error manifest-plist-missing")
        .with("no Manifest.plist", |b| b.without(PLIST))
        .with("made ready by a tool (F§6.4)", |b| b.raw(PLIST, ""));
    expect("incomplete 2: error manifest-missing")
        .with("no Manifest.db", |b| b.without(DB))
        .with("Manifest.db of 0 bytes", |b| b.raw(DB, ""))
        .with("Manifest.mbdb of 0 bytes", |b| b.mbdb().raw(MBDB, ""))
        .with("encrypted, no manifest", |b| b.encrypted().without(DB));
}

/// A run stopped at the passcode prompt (F§2.2): Info.plist and nothing else.
#[test]
fn a_folder_with_nothing_but_info_plist_is_incomplete() {
    let info = bytes_of(small(), INFO);
    let folder = empty_folder();
    let place = folder.path().join(UDID).join(INFO);
    fs::create_dir(folder.path().join(UDID)).unwrap();
    fs::write(&place, info).unwrap();
    let file = fs::File::options().write(true).open(place).unwrap();
    file.set_modified(std::time::UNIX_EPOCH).unwrap();
    let document = scan(folder.path(), &[]);
    let backup = only_backup(&document);
    assert_eq!(backup["verdict"], "incomplete", "{backup:#}");
    assert_eq!(document["exit_code"], 2);
    for id in ["status", "manifest", "manifest-plist"] {
        finding(backup, &format!("{id}-missing"));
    }
}

#[test]
fn warnings_leave_the_exit_code_at_0_unless_they_are_to_count() {
    let state = |state| small().snapshot_state(state);
    let later = || set("Last Backup Date", date("2024-05-02T10:00:01Z"));
    let fail_on: &[&str] = &["--fail-on", "warning"];
    for (code, args) in [(0, &[][..]), (1, fail_on)] {
        let is = |verdict: &str, id: &str, builder| {
            let said = format!("{verdict} {code}: warning {id}");
            expect(&said).given(args).of(id, builder);
        };
        let half = state("uploading").raw("Snapshot/12/half", "half a file");
        is("interrupted", "update-interrupted", half);
        is("interrupted", "move-interrupted", state("moving"));
        is("interrupted", "cleanup-interrupted", state("removing"));
        is("complete", "later-attempt-failed", small().info(later()));
        is("complete", "info-missing", small().without(INFO));
        is("complete", "info-unreadable", small().raw(INFO, "no plist"));
    }
    expect("complete 0").given(fail_on).with("healthy", |b| b);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn notes_change_neither_verdict_nor_exit_code() {
    const ANOTHER: &str = "00008030-001122334455667A";
    let path = "Library/Application Support/FileProvider/backup/backup_manifest.db";
    let elsewhere = format!("00/{}", file_id(NOTE.0, NOTE.1));
    let unlisted = place(("HomeDomain", "unlisted"));
    let flat = file_id("HomeDomain", "unlisted");
    let wrong_shard = small().remove_payload(NOTE.0, NOTE.1);
    let home = |path: &str, content: &[u8]| Row::file("HomeDomain", path, content);
    let other_id = home("x", b"x").id(&file_id("HomeDomain", "another path"));
    let database = home("a.db", b"SQLite format 3\0 short").size(9_999);
    let longer = Row::file(NOTE.0, "long", b"longer than it was").size(3);
    let empty = Row::file(NOTE.0, "app", b"").size(9);
    let nothing = home("digest", b"").size(9).stored("");
    let undecodable = home("x", b"x").blob("bplist00 no");
    let trouble = home(path, b"x").no_payload();
    let decrypted = small().raw("Manifest.db-decrypted", "SQLite format 3\0");
    let identifier = set("Unique Identifier", ANOTHER);

    expect("complete 0").with("nothing to say", |b| b);
    expect("complete 0: note leftover")
        .with("Snapshot/, finished", |b| b.raw("Snapshot/12/left", "left"))
        .with("unpacked", |b| b.raw("_unback_/HomeDomain/a", "a"))
        .of("a decrypted manifest", decrypted);
    expect("complete 0: note size-differs ×2")
        .with("of a database and an app", |b| b.add(database).add(longer))
        .with("the digest of nothing", |b| b.add(empty).add(nothing));
    expect("complete 0: note orphan-file ×1")
        .with("nobody listed it", |b| b.raw(&unlisted, "orphan"))
        .with("nor on iOS 9", |b| b.mbdb().raw(&flat, "orphan"));
    expect("complete 0: note file-id-mismatch ×1")
        .with("the id is that of another path", |b| b.add(other_id));
    expect("corrupt 2: error file-missing ×1, note misplaced-file ×1")
        .of("in the wrong shard", wrong_shard.raw(&elsewhere, "a note"));
    expect("complete 0: note record-undecodable ×1")
        .with("the record of a file", |b| b.add(undecodable));
    let opened = small().raw("Manifest.db-wal", [7; 64]);
    expect("complete 0: note wal-present").of(
        "Manifest.db was opened",
        opened.raw("Manifest.db-shm", [0; 64]),
    );
    expect("complete 0: note known-trouble-file")
        .with("a file that devices miss, too (F§9.1)", |b| b.add(trouble));
    let tool_made = small().manifest_plist(set("Lockdown", Dictionary::new()));
    expect("unverified 0: note tool-made")
        .of("no device (F§12)", tool_made.date("1970-01-01T00:00:00Z"));
    expect("complete 0: note udid-mismatch")
        .with("the folder is another's", |b| b.folder_name(ANOTHER))
        .of("Info.plist is another's", small().info(identifier));
    expect("in-progress 0: note backup-running, note update-interrupted").with("running", |b| {
        let begun = b.snapshot_state("uploading").date("2026-11-22T11:00:00Z");
        begun.mtime("2026-11-22T11:30:00Z")
    });
}

/// A list that can be read to its end and requires no file, whatever else it has.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_list_without_a_file_is_empty() {
    let bare = || BackupBuilder::new(UDID).bare().no_empty_shards();
    let folders = || bare().add(Row::directory("HomeDomain", "Library"));
    let gone = |path| Row::file("HomeDomain", path, b"x").flags(17).no_payload();
    let changed = bare().add(gone("a")).add(gone("b"));
    let no_files = "DELETE FROM Files WHERE flags = 1";
    let damaged = overwritten(&bytes_of(hundred(), DB), Page::Index);
    expect("corrupt 2: error index-empty ×1")
        .of("folders", folders())
        .of("folders, iOS 9", folders().mbdb())
        .of("no row", bare())
        .of("only what changed while it was uploaded", changed);
    expect("corrupt 2: error index-empty ×1, warning index-short ×3, note orphan-file ×3")
        .with("the rows of all files are gone", |b| b.sql(no_files))
        .with("iOS 9: a header", |b| b.mbdb().raw(MBDB, "mbdb\x05\0"));
    // And what looks like it.
    let single = bare().file("HomeDomain", "a", b"");
    let uploading = folders().snapshot_state("uploading");
    let first_run = folders().backup_state("empty");
    expect("complete 0").of("a single file of 0 bytes", single);
    expect("interrupted 0: warning update-interrupted").of("a run that did not finish", uploading);
    expect("incomplete 2: error never-finished").of("a first run that did not finish", first_run);
    expect("corrupt 2: error manifest-damaged").of("a damaged list", hundred_with(&damaged));
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_list_that_cannot_be_the_whole_one_is_short() {
    let add_unlisted = |builder, count: usize, place: fn(&str) -> String| {
        (0..count).fold(builder, |builder: BackupBuilder, number| {
            let id = file_id("HomeDomain", &format!("unlisted {number}"));
            builder.raw(&place(&id), "orphan")
        })
    };
    let unlisted = |builder, count| add_unlisted(builder, count, |id| format!("{}/{id}", &id[..2]));
    let flat = add_unlisted(small().mbdb(), 4, str::to_owned);
    let rootless = |count: usize| {
        let bare = BackupBuilder::new(UDID).bare().no_empty_shards();
        (0..count).fold(bare, |builder, number| {
            let path = format!("Documents/{number}.txt");
            builder.add(Row::file(NOTE.0, &path, b"a note").no_parents())
        })
    };
    let no_roots = hundred().sql("DELETE FROM Files WHERE relativePath = ''");
    let null = "UPDATE Files SET relativePath = NULL WHERE relativePath = ''";
    expect("unverified 0: warning index-short ×4, note orphan-file ×4")
        .of("four of seven", unlisted(small(), 4))
        .of("four of seven, iOS 9", flat);
    expect("unverified 0: warning index-short ×1")
        .of("twenty rows", rootless(20))
        .of("the roots are gone", no_roots)
        .of("NULL is no root", hundred().sql(null));
    expect("unverified 0: warning index-short ×21, note orphan-file ×21")
        .of("both", unlisted(rootless(20), 21));
    // And what looks like it.
    let unfinished = unlisted(rootless(20), 21).snapshot_state("uploading");
    expect("complete 0: note orphan-file ×3").of("three of six", unlisted(small(), 3));
    expect("complete 0")
        .of("nineteen rows", rootless(19))
        .of("one root is enough", hundred())
        .of("iOS 9 without a root", rootless(20).mbdb());
    expect("interrupted 0: warning update-interrupted, note orphan-file ×21")
        .of("a run that did not finish", unfinished);
}

/// Contract §4: the known databases, each with where it lies. Health data has another one that may be
/// empty.
const DATABASES: &[(&str, &str)] = &[
    ("HomeDomain", "Library/SMS/sms.db"),
    (WHATSAPP, "ChatStorage.sqlite"),
    (WHATSAPP_BUSINESS, "ChatStorage.sqlite"),
    ("HomeDomain", "Library/AddressBook/AddressBook.sqlitedb"),
    ("HomeDomain", "Library/CallHistoryDB/CallHistory.storedata"),
    ("AppDomainGroup-group.com.apple.notes", "NoteStore.sqlite"),
    ("HomeDomain", "Library/Notes/notes.sqlite"),
    ("HealthDomain", "Health/healthdb_secure.sqlite"),
    ("HomeDomain", "Library/Calendar/Calendar.sqlitedb"),
    (SHARED_MEMOS, "Recordings/CloudRecordings.db"),
    (SHARED_MEMOS, "Recordings/Recordings.db"),
    (MEMOS, "Recordings/CloudRecordings.db"),
    (MEMOS, "Recordings/Recordings.db"),
];
const WHATSAPP: &str = "AppDomainGroup-group.net.whatsapp.WhatsApp.shared";
const WHATSAPP_BUSINESS: &str = "AppDomainGroup-group.net.whatsapp.WhatsAppSMB.shared";
const SHARED_MEMOS: &str = "AppDomainGroup-group.com.apple.VoiceMemos.shared";
const MEMOS: &str = "AppDomainGroup-group.com.apple.VoiceMemos";

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

/// `SF_DATALESS`: the content is only in iCloud.
pub const DATALESS: i64 = 0x4000_0000;

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_known_database_that_is_empty_has_lost_its_content() {
    let with = |databases: &[(&str, &str)], size, change: fn(Row) -> Row| {
        let row = |(domain, path): &(&str, &str)| change(emptied(domain, path, size));
        databases.iter().map(row).fold(small(), BackupBuilder::add)
    };
    let all = |size, change| with(DATABASES, size, change);
    // The other one of Health, a -wal, and a namesake.
    let health = emptied("HealthDomain", "Health/healthdb.sqlite", 4096);
    let wal = emptied("HomeDomain", "Library/SMS/sms.db-wal", 4096);
    let namesake = emptied(NOTE.0, "Library/SMS/sms.db", 4096);
    expect("corrupt 2: error payload-empty ×13")
        .of("from 512 bytes on", all(512, |row| row))
        .of("of iOS 9", all(512, |row| row).mbdb());
    expect("corrupt 2: error payload-empty ×5")
        .of("among the media", with(MEDIA_DATABASES, 1, |row| row));
    // And what looks like it.
    let far = all(9_999_999, |row| row.st_flags(DATALESS));
    let changed = all(9_999_999, |row| row.flags(17));
    expect("complete 0: note size-differs ×13")
        .of("below 512 bytes", all(511, |row| row))
        .of("only in iCloud", far)
        .of("changed meanwhile", changed);
    expect("complete 0: note size-differs ×3")
        .with("others", |b| b.add(health).add(wal).add(namesake));
    let told = |count| {
        told(
            with(&DATABASES[..count], 4096, |row| row),
            "payload-empty",
            &[],
        )
    };
    assert_eq!(
        told(2),
        "2 files are empty although the device recorded 8 kB, the databases of Messages and WhatsApp \
         among them"
    );
    let one = "1 file is empty although the device recorded 4 kB: the database of Messages";
    assert_eq!(told(1), one);
}

#[test]
fn a_large_file_that_is_empty_is_named() {
    let app = |path: &str, size| emptied(NOTE.0, path, size);
    let health = emptied("HealthDomain", "Health/healthdb.sqlite", 2_000_000);
    let movie = emptied(PHOTO.0, "Media/DCIM/a.MOV", 2_000_000);
    let not_empty = Row::file(NOTE.0, "large", b"x").size(2_000_000);
    expect("complete 0: note emptied-file ×1")
        .with("from 1 MB on", |b| b.add(app("large", 1_000_000)))
        .with("the one of Health that may be empty", |b| b.add(health));
    // And what looks like it.
    let far = app("far", 2_000_000).st_flags(DATALESS);
    let not_lost = small().add(app("small", 999_999)).add(far);
    let not_lost = not_lost.add(app("changed", 2_000_000).flags(17));
    let beside = ["a.db-wal", "a.db-shm", "a.db-journal"].map(|path| app(path, 2_000_000));
    expect("complete 0: note size-differs ×6")
        .of("what is small, far, changed, or beside a database", {
            beside.into_iter().fold(not_lost, BackupBuilder::add)
        });
    expect("corrupt 2: error payload-empty ×1")
        .with("a photo, for which it is an error", |b| b.add(movie));
    expect("complete 0: note size-differs ×1").with("not empty", |b| b.add(not_empty));

    let folder = empty_folder();
    small().add(app("large", 1_200_000)).write(folder.path());
    let told = screen(folder.path(), &[], 0);
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = "1 large file is empty although the device recorded 1.2 MB.";
    assert!(told.contains(words), "{told}");
    assert_eq!(screen(folder.path(), &["--quiet"], 0), "");
}

/// What people read of a scan that ends with this code.
fn screen(root: &Path, args: &[&str], code: i32) -> String {
    let mut command = program();
    let output = command.arg(root).args(["--now", NOW]).args(args).ended();
    let run: Run = output.unwrap().into();
    assert_eq!(run.code, code);
    run.stdout
}

/// Any one mark tells (F§12, F§19a).
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn each_mark_of_a_tool_is_enough() {
    let status = |key, value: Plist| small().status(set(key, value));
    let lockdown = |lockdown: Dictionary| small().manifest_plist(set("Lockdown", lockdown));
    let manifest_date = |at| small().manifest_plist(set("Date", date(at)));
    let undated = || small().manifest_plist(unset("Date"));
    let zeros = "00000000-0000-0000-0000-000000000000";
    let epoch = "1970-01-01T00:00:00Z";
    let no_key = undated().info(Dictionary::clear);
    let odd_key = undated().info(Dictionary::clear).info(set("GUID", "x"));
    expect("unverified 0: note tool-made")
        .of("the manifest's date", manifest_date(epoch))
        .of("the status's date", status("Date", date(epoch)))
        .of("an identifier of zeros", status("UUID", zeros.into()))
        .of("no device", lockdown(Dictionary::new()))
        .of("no date, and Info.plist without a key", no_key);
    expect("unverified 0: note tool-made, warning info-missing")
        .of("no date and no Info.plist", undated().without(INFO));
    expect("unverified 0: note tool-made, warning info-unreadable")
        .of("no date, Info.plist of 0 bytes", undated().raw(INFO, ""));
    // And what looks like it.
    let nearly_zeros = "00000000-0000-0000-0000-000000000001".into();
    let one_key = lockdown(Dictionary::from_iter([("Any", "key")]));
    expect("complete 0")
        .of("a second later", manifest_date("1970-01-01T00:00:01Z"))
        .with("no identifier", |b| b.status(unset("UUID")))
        .of("not only zeros", status("UUID", nearly_zeros))
        .with("no Lockdown", |b| b.manifest_plist(unset("Lockdown")))
        .of("a Lockdown of one key", one_key)
        .of("no date alone", undated())
        .of("no date, and a key that nobody looks at", odd_key)
        .with("Info.plist without a key", |b| b.info(Dictionary::clear));
}

/// Every condition of F§9.3 holds: a photo, not SQLite, present, shorter than on the phone.
#[test]
fn a_photo_that_was_cut_is_shorter_than_recorded() {
    let backup = judged(small().add(photo(7).size(4_000_000)));
    assert_eq!(backup["verdict"], "complete");
    let found = finding(&backup, "shorter-than-recorded");
    assert_eq!(found["count"], 1);
    assert_eq!(found["severity"], "note");
}

#[test]
fn a_state_that_is_not_known_is_at_best_unverified() {
    let version = |version: &'static str| small().status(set("Version", version));
    expect("unverified 0: note state-unknown")
        .with("an invented SnapshotState", |b| b.snapshot_state("new"))
        .with("an invented BackupState", |b| b.backup_state("finished"))
        .with("no SnapshotState", |b| b.status(unset("SnapshotState")))
        .with("no BackupState", |b| b.status(unset("BackupState")));
    expect("unverified 0: note state-unsupported")
        .of("4.0", version("4.0"))
        .of("10.1", version("10.1"))
        .with("of ancient tools", |b| b.backup_state("old"));
}

/// The pairs of iOS 2 and 3 are recognised, and nothing is said to be missing (F§12).
#[test]
fn what_is_too_old_to_check_is_unverified() {
    let id = file_id("HomeDomain", "Library/SMS/sms.db");
    for endings in [&["mdinfo", "mddata"][..], &["mdbackup"]] {
        let mut old = small().without(DB);
        for file in [PHOTO, SETTING, NOTE] {
            old = old.without(&place(file));
        }
        let success = set("Backup Success", true);
        old = old.status(Dictionary::clear).status(success);
        for ending in endings {
            old = old.raw(&format!("{id}.{ending}"), "old");
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
    let rest = "the rest can be read";
    for part in ["2 of 5 files are missing", "3.1 GB", "photos", rest] {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert!(!message.contains("selective"), "{message}");
    let example = |number: u32| {
        let path = format!("Media/DCIM/100APPLE/IMG_{number:04}.HEIC");
        let id = file_id(PHOTO.0, &path);
        json!({ "domain": PHOTO.0, "path": path, "file_id": id, "bytes": 1_550_000_000 })
    };
    let examples = found["examples"].as_array().unwrap();
    assert_eq!(examples.len(), 2);
    assert!(examples.contains(&example(1)), "{found:#}");
    assert!(examples.contains(&example(2)), "{found:#}");

    let one = told(no_photo(small()), "file-missing", &[]);
    assert!(one.contains("1 of 3 files is missing"), "{one}");
}

/// What is said of this finding.
fn told(builder: BackupBuilder, id: &str, args: &[&str]) -> String {
    let document = scanned(builder, args);
    let message = &finding(only_backup(&document), id)["message"];
    message.as_str().unwrap().to_owned()
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
    let no_photos = || {
        let gone = |number| photo(number).no_payload();
        no_photo(small()).add(gone(2)).add(gone(3))
    };
    let two_domains = no_photos().remove_payload(SETTING.0, SETTING.1);
    let half = no_photos().add(Row::file(NOTE.0, "another", b"x").no_payload());
    for (what, builder, expected) in [
        ("all photos", no_photos(), true),
        ("another domain as well", two_domains, true),
        ("one photo is there", no_photos().add(photo(4)), false),
        ("another domain lacks one of two", half, false),
    ] {
        let message = told(builder, "file-missing", &[]);
        let selective = message.contains("selective copy");
        assert_eq!(selective, expected, "{what}: {message}");
    }
}

#[test]
fn bytes_and_examples_of_what_nobody_listed() {
    let unlisted = ("HomeDomain", "unlisted");
    let backup = judged(small().raw(&place(unlisted), "orphan"));
    let found = finding(&backup, "orphan-file");
    let example = &found["examples"][0];
    assert_eq!((&found["bytes"], &example["bytes"]), (&json!(6), &json!(6)));
    assert_eq!(example["file_id"], file_id(unlisted.0, unlisted.1));
}

/// Whatever `bytes` of it means, it means the same for the same file in each domain.
#[test]
fn bytes_of_sizes_that_differ_do_not_depend_on_the_domain() {
    let database = b"SQLite format 3\0 and so on";
    let row = |domain| Row::file(domain, "a.sqlite", database).size(4_096);
    let rows = [PHOTO.0, NOTE.0, "MediaDomain"].map(row);
    let backup = judged(rows.into_iter().fold(small(), BackupBuilder::add));
    let found = finding(&backup, "size-differs");
    let bytes = [0, 1, 2].map(|at: usize| &found["examples"][at]["bytes"]);
    assert!(bytes[0] == bytes[1] && bytes[1] == bytes[2], "{found:#}");
}

#[test]
fn what_is_left_over_is_counted_with_files_and_bytes() {
    let builder = small().raw("Snapshot/12/a", "12345");
    let backup = judged(builder.raw("Snapshot/34/b", "678"));
    let found = finding(&backup, "leftover");
    assert_eq!(found["bytes"], 8);
    let message = found["message"].as_str().unwrap();
    assert!(message.contains("2 files"), "{message}");
}

/// Contract §7: whatever was found and whatever not, both lists together speak of each check once.
#[test]
fn a_check_is_either_checked_or_not_checked() {
    for builder in [small(), small().encrypted(), small().raw(DB, "junk")] {
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
    let folder = empty_folder();
    no_photo(small()).write(folder.path());
    let screen = screen(folder.path(), &[], 2);
    assert!(screen.to_lowercase().contains("corrupt"), "{screen}");
    assert!(screen.contains("1 of 3 files"), "{screen}");
}

/// What is no part of a backup, at the top, in a folder and in a payload folder; and what is.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn files_of_nobody_are_foreign_content() {
    let shard = &place(PHOTO)[..2];
    let hex = format!("mine/{}", file_id("HomeDomain", "unlisted"));
    let inside = format!("{shard}/a.jpg");
    let deeper = format!("{shard}/mine/a.jpg");
    expect("complete 0: note foreign-content ×1")
        .with("at the top", |b| b.raw("readme.txt", "x"))
        .with("a hidden one", |b| b.raw(".mine", "x"))
        .with("in a folder", |b| b.raw("mine/a/b.jpg", "x"))
        .with("iOS 9", |b| b.mbdb().raw("readme.txt", "x"))
        .with("a folder like clutter", |b| b.raw(".DS_Store/a.jpg", "x"))
        .with("a metadata file's copy", |b| b.raw("Status.plist.bak", "x"))
        .with("a payload in another folder", |b| b.raw(&hex, "x"));
    expect("complete 0: note foreign-content ×2")
        .with("two, one in a folder", |b| b.raw("a", "x").raw("b/c", "x"));
    expect("complete 0: note misplaced-file ×1")
        .with("in a payload folder, as ever", |b| b.raw(&inside, "x"))
        .with("deeper in a payload folder", |b| b.raw(&deeper, "x"))
        .with("a file in place of a payload folder", |b| b.raw("00", "x"));
    let left = small().raw("_unback_/a/b.jpg", "x");
    let left = left.raw("Manifest.db-decrypted", "x");
    expect("complete 0: note leftover ×3")
        .of("what another tool left", left.raw("Snapshot/mine.txt", "x"));
    expect("complete 0")
        .with("of SQLite", |b| b.raw("Manifest.db-journal", "x"))
        .with("the index of iOS 4", |b| b.raw("Manifest.mbdx", "x"))
        .with("a list in a cloud as well", |b| {
            b.raw(".Manifest.db.icloud", "x")
        })
        .with("in another case", |b| b.raw("MANIFEST.MBDX", "x"));
}

#[test]
fn foreign_content_is_told_with_its_scale_and_the_first_name() {
    let name = |number: u32| format!("mine/{number:02}.jpg");
    let add = |builder: BackupBuilder, number| builder.raw(&name(number), [7; 1000]);
    let backup = judged((0..12).fold(small(), add));
    let found = finding(&backup, "foreign-content");
    assert_eq!(
        found["message"],
        "12 files (12 kB) in this folder are no part of the backup, the first is mine/00.jpg"
    );
    assert_eq!(found["bytes"], 12_000);
    let examples = found["examples"].as_array().unwrap().iter();
    let names: Vec<_> = examples.map(|one| one["path"].as_str().unwrap()).collect();
    assert_eq!(names, (0..10).map(name).collect::<Vec<_>>());
    assert_eq!(
        told(small().raw("a.txt", "mine"), "foreign-content", &[]),
        "1 file (4 bytes) in this folder is no part of the backup: a.txt"
    );
}

/// Only the names go: what there is, how much of it and which case it is are still said.
#[test]
fn without_names_a_sentence_says_all_the_rest() {
    let left = || {
        small()
            .raw("my secret.unback/a", "12345")
            .raw("Snapshot/34/b", "678")
    };
    let unknown = set("SnapshotState", "my secret state");
    let odd = left().status(unknown).status(set("BackupState", "renewed"));
    let other = &"C0FFEE".repeat(7)[..40];
    let odd = odd
        .status(unset("Version"))
        .info(set("Unique Identifier", other));
    let document = scanned(odd, &["--redact"]);
    for (id, message) in [
        (
            "state-unknown",
            "Status.plist tells no state that is known: SnapshotState is another word, BackupState is \
             another word, Version is missing or no text",
        ),
        (
            "udid-mismatch",
            "The device's identifier is not the same everywhere: the folder's name identifier-1, \
             Info.plist identifier-2, Manifest.plist identifier-1",
        ),
    ] {
        assert_eq!(finding(only_backup(&document), id)["message"], message);
    }
    let when = "2026-11-22T11:50:00Z";
    let running = small().snapshot_state("uploading").mtime(when).date(when);
    assert_eq!(
        told(left(), "leftover", &["--redact"]),
        "Left over from a failed run or another tool (2 files, 8 bytes); not part of the backup"
    );
    assert_eq!(
        told(running, "backup-running", &["--redact"]),
        "A backup of this device is running (last change 10 minutes ago); look again when it is done"
    );
}

/// Names are personal.
#[test]
fn foreign_names_are_not_told_where_they_must_not_be() {
    let builder = small().raw("my secret diary.txt", "x");
    let builder = builder.raw("my secret phone/Info.plist", "x");
    let builder = builder.raw("my secret phone/Status.plist", "x");
    let document = scanned(builder, &["--redact"]);
    for (id, message) in [
        (
            "foreign-content",
            "1 file (1 byte) in this folder is no part of the backup",
        ),
        (
            "nested-backup",
            "Another backup, or a part of one, lies in this folder (2 bytes)",
        ),
    ] {
        assert_eq!(finding(&document["backups"][0], id)["message"], message);
    }
    assert!(!document.to_string().contains("secret"), "{document:#}");
}
