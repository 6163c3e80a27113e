//! One backup with each fault that can be mended, and each that cannot: what is said, what lies there
//! afterwards, and that the old one is as it was.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use plist::{Dictionary, Value as Plist};
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Ended as _, NOW, Run, files, finding_ids, only_backup, program, scan};
use crate::support::{
    BackupBuilder, Padding, Row, empty_folder, file_id, flat_payload_path, payload_path,
    tree_digest,
};

const UDID: &str = "00008130-000A1C2E3F40801E";
const PHOTO: (&str, &str) = ("CameraRollDomain", "Media/DCIM/100APPLE/IMG_0001.JPG");
const OTHER: (&str, &str) = ("CameraRollDomain", "Media/DCIM/100APPLE/IMG_0002.JPG");
const SETTING: (&str, &str) = ("HomeDomain", "Library/Preferences/a.plist");
const PASSWORD: &str = "correct horse";

/// Two photos and a setting.
fn small() -> BackupBuilder {
    BackupBuilder::new(UDID)
        .bare()
        .file(PHOTO.0, PHOTO.1, &[7; 5000])
        .file(OTHER.0, OTHER.1, &[8; 300])
        .file(SETTING.0, SETTING.1, b"a setting")
}

/// A backup in a folder, and a folder that it may be mended into.
struct World {
    folder: TempDir,
    backup: PathBuf,
}

impl World {
    fn of(builder: BackupBuilder) -> World {
        let folder = empty_folder();
        let backup = builder.write(&folder.path().join("old"));
        World { folder, backup }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn result(&self) -> PathBuf {
        self.path("new").join(UDID)
    }

    /// `bkscan mend BACKUP --to new ARGS`. The old backup is as it was afterwards.
    fn run(&self, args: &[&str]) -> Run {
        self.run_to(&self.path("new"), args)
    }

    fn run_to(&self, to: &Path, args: &[&str]) -> Run {
        let before = tree_digest(&self.backup);
        let mut command = program();
        command.arg("mend").arg(&self.backup).arg("--to").arg(to);
        let run: Run = command
            .args(["--now", NOW])
            .args(args)
            .ended()
            .unwrap()
            .into();
        assert_eq!(tree_digest(&self.backup), before, "{run:?}");
        run
    }

    /// The document of a mend that went well: the result is complete for a scan, and the record is beside it.
    fn mended(&self, args: &[&str]) -> Value {
        let run = self.run(&[&["--json"], args].concat());
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        let of_scan: Vec<&str> = args
            .iter()
            .copied()
            .filter(|arg| *arg != "--link")
            .collect();
        let scanned = scan(&self.path("new"), &of_scan);
        let backup = only_backup(&scanned);
        assert_eq!(backup["verdict"], "complete", "{backup:#}");
        let record = fs::read(self.path(&format!("new/{UDID}.mended.json"))).unwrap();
        let record: Value = serde_json::from_slice(&record).unwrap();
        assert_eq!(record, document);
        document["mended"].clone()
    }

    /// What a mend that is refused says; nothing is left.
    fn refused(&self, args: &[&str]) -> String {
        let run = self.run(args);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{run:?}");
        assert_eq!(files(&self.path("new")), [""; 0].map(PathBuf::from));
        run.stderr
    }
}

/// What is lost and what is mended, in short.
fn told(mended: &Value) -> Value {
    let rows = mended["lost"]["rows"].as_array().unwrap();
    let lost: Vec<String> = rows
        .iter()
        .map(|row| format!("{} {}", row["path"].as_str().unwrap(), row["reason"]).replace('"', ""))
        .collect();
    let repairs = mended["repairs"].as_array().unwrap();
    let repairs: Vec<String> = repairs
        .iter()
        .map(|one| format!("{} {}", one["kind"].as_str().unwrap(), one["count"]))
        .collect();
    json!({ "lost": lost, "repairs": repairs })
}

/// Domain, path, flags and blob of a row.
type Columns = (String, String, i64, Option<Vec<u8>>);

/// All rows of a list by their fileIDs.
fn rows(list: &Path) -> BTreeMap<String, Columns> {
    let db = Connection::open_with_flags(
        format!("file:{}?mode=ro&immutable=1", list.display()),
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI,
    )
    .unwrap();
    let check: String = db
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(check, "ok");
    let mut all = db
        .prepare("SELECT fileID, domain, relativePath, flags, file FROM Files")
        .unwrap();
    let all = all.query_map([], |row| {
        Ok((
            row.get(0)?,
            (row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?),
        ))
    });
    all.unwrap().map(Result::unwrap).collect()
}

/// Names of tables and indices, and the version.
fn schema(list: &Path) -> (Vec<String>, i64) {
    let db = Connection::open_with_flags(
        format!("file:{}?mode=ro&immutable=1", list.display()),
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI,
    )
    .unwrap();
    let mut names = db
        .prepare("SELECT name FROM sqlite_schema ORDER BY name")
        .unwrap();
    let names = names.query_map([], |row| row.get(0)).unwrap();
    let version = db.query_row("PRAGMA user_version", [], |row| row.get(0));
    (names.map(Result::unwrap).collect(), version.unwrap())
}

const OF_A_DEVICE: [&str; 7] = [
    "Files",
    "FilesDomainIdx",
    "FilesFlagsIdx",
    "FilesRelativePathIdx",
    "Properties",
    "sqlite_autoindex_Files_1",
    "sqlite_autoindex_Properties_1",
];

/// Both bytes of the header that say how it is written stand for a WAL, and no side file lies beside it.
fn is_as_devices_write_it(list: &Path) {
    let bytes = fs::read(list).unwrap();
    assert_eq!(bytes[18..20], [2, 2]);
    let (names, version) = schema(list);
    assert_eq!(names, OF_A_DEVICE);
    assert_eq!(version, 2);
    let folder = list.parent().unwrap();
    let left: Vec<_> = files(folder)
        .into_iter()
        .filter(|path| path.to_string_lossy().contains("Manifest.db-"))
        .collect();
    assert_eq!(left, [""; 0].map(PathBuf::from));
}

fn plist(path: &Path) -> Dictionary {
    Plist::from_file(path).unwrap().into_dictionary().unwrap()
}

#[test]
fn rows_without_a_payload_go_and_everything_else_stays_as_it_is() {
    let world = World::of(small().remove_payload(PHOTO.0, PHOTO.1));
    let mended = world.mended(&[]);
    let expected = json!({
        "lost": ["Media/DCIM/100APPLE/IMG_0001.JPG file-missing"],
        "repairs": ["rows-removed 1"],
    });
    assert_eq!(told(&mended), expected);
    assert_eq!(mended["kept"], json!({ "files": 2, "bytes": 309 }));
    assert_eq!(
        mended["lost"]["by_group"],
        json!([{ "group": "Photos", "files": 1, "bytes": 5000 }])
    );
    assert_eq!(mended["source"], world.backup.to_str().unwrap());
    assert_eq!(mended["result"], world.result().to_str().unwrap());
    let list = world.result().join("Manifest.db");
    is_as_devices_write_it(&list);
    let mut before = rows(&world.backup.join("Manifest.db"));
    before.remove(&file_id(PHOTO.0, PHOTO.1)).unwrap();
    assert_eq!(rows(&list), before);
    for name in ["Info.plist", "Manifest.plist", "Status.plist"] {
        let [old, new] = [&world.backup, &world.result()].map(|at| fs::read(at.join(name)));
        assert_eq!(old.unwrap(), new.unwrap(), "{name}");
    }
    assert_eq!(
        fs::read(payload_path(&world.result(), OTHER.0, OTHER.1)).unwrap(),
        [8; 300]
    );
    // All 256 folders, as a device has them.
    let folders = fs::read_dir(world.result()).unwrap();
    let folders = folders.filter(|entry| entry.as_ref().unwrap().path().is_dir());
    assert_eq!(folders.count(), 256);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_plan_says_the_same_and_writes_nothing() {
    let world = World::of(small().remove_payload(PHOTO.0, PHOTO.1));
    let run = world.run(&["--plan", "--json"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(!world.path("new").exists());
    let plan: Value = serde_json::from_str(&run.stdout).unwrap();
    let mut planned = plan["mended"].clone();
    assert_eq!(
        (&planned["result"], &planned["verdict"]),
        (&Value::Null, &Value::Null)
    );
    let mut mended = world.mended(&[]);
    for different in [
        "result",
        "verdict",
        "available_bytes",
        "payloads",
        "needs_bytes",
    ] {
        planned[different].take();
        mended[different].take();
    }
    assert_eq!(planned, mended);
    let run = world.run_to(&world.path("other"), &["--plan"]);
    for text in [
        "lost for good  1 file, 5 kB",
        "Photos: 1 file, 5 kB",
        "CameraRollDomain Media/DCIM/100APPLE/IMG_0001.JPG (file-missing)",
        "To make it: the same call without --plan.",
    ] {
        assert!(run.stdout.contains(text), "{text}: {}", run.stdout);
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_was_done_is_told_without_a_promise() {
    let world = World::of(small().remove_payload(PHOTO.0, PHOTO.1));
    let run = world.run(&["--yes"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let text = run.stdout.replace('\n', " ");
    assert!(
        text.contains(
            "is complete and consistent by the device's own rules; whether the device takes it, only the \
             device can say."
        ),
        "{text}"
    );
    assert!(
        text.contains("Lost for good: 1 file (5 kB): Photos 1 (5 kB)."),
        "{text}"
    );
    assert!(!text.contains("will restore"), "{text}");
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn there_is_nothing_to_mend_in_a_healthy_backup() {
    for builder in [small(), BackupBuilder::new(UDID), small().mbdb()] {
        let world = World::of(builder);
        let run = world.run(&["--yes"]);
        assert_eq!(run.code, 0, "{run:?}");
        assert!(run.stdout.starts_with("Nothing to mend: "), "{run:?}");
        assert!(!world.path("new").exists());
        let run = world.run(&["--json"]);
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(document["mended"], Value::Null);
    }
}

#[test]
fn payloads_come_back_into_their_place() {
    let world = World::of(small());
    let [photo, other, setting] =
        [PHOTO, OTHER, SETTING].map(|(domain, path)| payload_path(&world.backup, domain, path));
    // Flattened, in a wrong shard, and with an ending.
    let name = |path: &Path| path.file_name().unwrap().to_owned();
    fs::rename(&photo, world.backup.join(name(&photo))).unwrap();
    fs::rename(&other, world.backup.join("00").join(name(&other))).unwrap();
    let ended = setting.with_extension("plist");
    fs::rename(&setting, ended).unwrap();
    let mended = world.mended(&[]);
    let expected = json!({ "lost": [], "repairs": ["payloads-moved 3"] });
    assert_eq!(told(&mended), expected);
    for ((domain, path), bytes) in [
        (PHOTO, &[7; 5000][..]),
        (OTHER, &[8; 300]),
        (SETTING, b"a setting"),
    ] {
        let stored = fs::read(payload_path(&world.result(), domain, path)).unwrap();
        assert!(stored == bytes, "{path}");
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_may_be_another_version_is_not_taken() {
    // In `Snapshot/` of a run that is over lies a newer version.
    let world = World::of(small().remove_payload(PHOTO.0, PHOTO.1));
    let id = file_id(PHOTO.0, PHOTO.1);
    let snapshot = world.backup.join("Snapshot").join(&id[..2]);
    fs::create_dir_all(&snapshot).unwrap();
    fs::write(snapshot.join(&id), [9; 4999]).unwrap();
    let mended = world.mended(&[]);
    let expected = json!({
        "lost": ["Media/DCIM/100APPLE/IMG_0001.JPG file-missing"],
        "repairs": ["rows-removed 1"],
    });
    assert_eq!(told(&mended), expected);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_a_cloud_holds_is_not_given_up() {
    let world = World::of(small().remove_payload(PHOTO.0, PHOTO.1));
    let other = payload_path(&world.backup, OTHER.0, OTHER.1);
    let placeholder = format!(".{}.icloud", file_id(OTHER.0, OTHER.1));
    fs::write(other.with_file_name(placeholder), "").unwrap();
    fs::rename(&other, world.path("downloaded")).unwrap();
    for options in [&["--yes"][..], &["--plan"]] {
        let run = world.run(options);
        assert_eq!(run.code, 2, "{run:?}");
        assert_eq!(
            run.stderr.replace('\n', " ").trim(),
            "bkscan: it cannot be mended yet: 1 of its files is in a cloud, and only placeholders are here; \
             download it first, nothing of it is lost (bkscan explain payload-in-cloud)"
        );
    }
    // Once it is here, the rest can be mended.
    fs::rename(world.path("downloaded"), &other).unwrap();
    let mended = world.mended(&[]);
    assert_eq!(
        told(&mended)["lost"],
        json!(["Media/DCIM/100APPLE/IMG_0001.JPG file-missing"])
    );
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_state_that_is_not_finished_is_brought_to_its_end() {
    let status = |mended: &World| {
        let status = plist(&mended.result().join("Status.plist"));
        let text = |key: &str| status[key].as_string().unwrap().to_owned();
        assert_eq!(status.len(), 6);
        [
            text("SnapshotState"),
            text("BackupState"),
            text("Version"),
            text("UUID"),
        ]
    };
    for (builder, repairs) in [
        (small().without("Status.plist"), "status-written 1"),
        (small().raw("Status.plist", ""), "status-written 1"),
        (small().raw("Status.plist", "no list"), "status-written 1"),
        (
            small().snapshot_state("uploading").backup_state("empty"),
            "status-written 1",
        ),
        (small().snapshot_state("uploading"), "state-restored 1"),
        (small().snapshot_state("removing"), "state-restored 1"),
    ] {
        let world = World::of(builder);
        let mended = world.mended(&[]);
        assert_eq!(told(&mended), json!({ "lost": [], "repairs": [repairs] }));
        let [state, backup, version, uuid] = status(&world);
        assert_eq!([state, backup, version], ["finished", "new", "3.3"]);
        assert_eq!(uuid.len(), 36, "{uuid}");
        assert!(uuid.chars().any(|letter| letter != '0' && letter != '-'));
    }
    let world = World::of(small().without("Status.plist"));
    world.mended(&[]);
    let bytes = fs::read(world.result().join("Status.plist")).unwrap();
    assert_eq!(bytes.len(), 189);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn files_that_were_being_moved_are_taken_from_both_places() {
    let uploaded = BackupBuilder::new(UDID)
        .bare()
        .file(PHOTO.0, PHOTO.1, &[9; 70])
        .file("HomeDomain", "Library/new.plist", b"new")
        .file(SETTING.0, SETTING.1, b"a setting")
        .remove_payload(SETTING.0, SETTING.1)
        .date("2024-06-01T10:00:00Z");
    let world = World::of(small().snapshot_state("moving").snapshot(uploaded));
    let mended = world.mended(&[]);
    assert_eq!(
        told(&mended),
        json!({ "lost": [], "repairs": ["state-restored 1"] })
    );
    let read = |(domain, path)| fs::read(payload_path(&world.result(), domain, path)).unwrap();
    assert_eq!(read(PHOTO), [9; 70]);
    assert_eq!(read(("HomeDomain", "Library/new.plist")), b"new");
    assert_eq!(read(SETTING), b"a setting");
    assert!(!world.result().join("Snapshot").exists());
    let [old, new] = [
        world.backup.join("Snapshot/Manifest.plist"),
        world.result().join("Manifest.plist"),
    ]
    .map(|path| fs::read(path).unwrap());
    assert_eq!(old, new);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn manifest_plist_is_made_of_the_other_lists_where_nothing_was_encrypted() {
    for builder in [
        small().without("Manifest.plist"),
        small().raw("Manifest.plist", ""),
        small().without("Manifest.plist").mbdb(),
    ] {
        let world = World::of(builder);
        let mended = world.mended(&[]);
        assert_eq!(
            told(&mended),
            json!({ "lost": [], "repairs": ["manifest-rebuilt 1"] })
        );
        let made = plist(&world.result().join("Manifest.plist"));
        assert_eq!(made["Version"].as_string(), Some("10.0"));
        assert_eq!(made["IsEncrypted"].as_boolean(), Some(false));
        let status = plist(&world.backup.join("Status.plist"));
        assert_eq!(made["Date"], status["Date"]);
        let info = plist(&world.backup.join("Info.plist"));
        let lockdown = made["Lockdown"].as_dictionary().unwrap();
        for (key, of_info) in [
            ("DeviceName", "Device Name"),
            ("ProductType", "Product Type"),
            ("ProductVersion", "Product Version"),
            ("BuildVersion", "Build Version"),
            ("SerialNumber", "Serial Number"),
        ] {
            assert_eq!(lockdown[key], info[of_info], "{key}");
        }
        assert_eq!(lockdown["UniqueDeviceID"].as_string(), Some(UDID));
    }
    let world = World::of(small().without("Manifest.plist").without("Info.plist"));
    let said = world.refused(&[]);
    assert!(
        said.contains("neither Status.plist nor Info.plist says which device"),
        "{said}"
    );
    let locked = small().encrypted_with(PASSWORD).without("Manifest.plist");
    let said = World::of(locked).refused(&[]);
    assert!(
        said.contains("the keys were in Manifest.plist, which is gone"),
        "{said}"
    );
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn info_plist_is_made_of_manifest_plist() {
    let world = World::of(small().without("Info.plist"));
    let mended = world.mended(&[]);
    assert_eq!(
        told(&mended),
        json!({ "lost": [], "repairs": ["info-rebuilt 1"] })
    );
    let made = plist(&world.result().join("Info.plist"));
    let lockdown = plist(&world.backup.join("Manifest.plist"));
    let lockdown = lockdown["Lockdown"].as_dictionary().unwrap();
    assert_eq!(made["Device Name"], lockdown["DeviceName"]);
    assert_eq!(made["Product Version"], lockdown["ProductVersion"]);
    assert_eq!(made["Unique Identifier"].as_string(), Some(UDID));
    assert_eq!(made["Target Type"].as_string(), Some("Device"));
    let bytes = fs::read(world.result().join("Info.plist")).unwrap();
    assert!(bytes.starts_with(b"<?xml"));
}

/// With so many rows that a page can go without all of them.
fn many() -> BackupBuilder {
    let photos = (0..400).map(|number| {
        let path = format!("Media/DCIM/101APPLE/IMG_{number:04}.JPG");
        Row::file("CameraRollDomain", &path, &[number as u8; 40])
    });
    photos.fold(small(), BackupBuilder::add)
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_damaged_list_is_written_anew_from_what_can_be_read() {
    let world = World::of(many());
    let list = world.backup.join("Manifest.db");
    let whole = rows(&list);
    let mut bytes = fs::read(&list).unwrap();
    // A leaf of the table in the middle of the file is no page any more.
    let pages = bytes.len() / 4096;
    let is_leaf = |page: &usize| bytes[page * 4096] == 13;
    let leaf = (pages / 2..pages).find(is_leaf).unwrap();
    bytes[leaf * 4096..leaf * 4096 + 64].fill(0xff);
    fs::write(&list, bytes).unwrap();
    let scanned = scan(&world.path("old"), &[]);
    assert!(finding_ids(only_backup(&scanned)).contains("manifest-damaged"));
    let mended = world.mended(&[]);
    let repairs = mended["repairs"].as_array().unwrap();
    assert_eq!(repairs.len(), 1, "{repairs:?}");
    assert_eq!(repairs[0]["kind"], "database-rebuilt");
    let new = world.result().join("Manifest.db");
    is_as_devices_write_it(&new);
    let kept = rows(&new);
    assert!(
        kept.len() > 300 && kept.len() < whole.len(),
        "{}",
        kept.len()
    );
    assert_eq!(repairs[0]["count"], kept.len());
    for (id, row) in &kept {
        assert_eq!(row, &whole[id]);
    }
    let behind = mended["left_behind"]["files"].as_u64().unwrap();
    assert_eq!(behind as usize, whole.len() - kept.len());
    // It is said to whoever reads the screen, too.
    let said = world.run_to(&world.path("again"), &[]);
    let said = said.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = format!("Not in the new backup: {behind} files (");
    assert!(said.contains(&words), "{said}");
    assert!(
        said.contains("No row says what these are, so keep the old one"),
        "{said}"
    );
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_schema_that_no_device_makes_is_not_run() {
    let world = World::of(
        small()
            .sql(
                "CREATE TRIGGER more AFTER DELETE ON Files BEGIN \
                 INSERT INTO Files VALUES ('00', 'x', 'y', 1, x'00'); END",
            )
            .remove_payload(PHOTO.0, PHOTO.1),
    );
    let mended = world.mended(&[]);
    assert_eq!(told(&mended)["repairs"], json!(["rows-removed 1"]));
    let list = world.result().join("Manifest.db");
    is_as_devices_write_it(&list);
    let mut before = rows(&world.backup.join("Manifest.db"));
    before.remove(&file_id(PHOTO.0, PHOTO.1)).unwrap();
    assert_eq!(rows(&list), before);
}

/// A file with the password that nobody else can read.
fn password(world: &World) -> String {
    let path = world.path("password");
    fs::write(&path, PASSWORD).unwrap();
    #[cfg(unix)]
    crate::harness::set_mode(&path, 0o600);
    path.to_str().unwrap().to_owned()
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn an_encrypted_list_stays_encrypted_with_its_own_key() {
    // Of class 4, and wrapped with no key of the keybag.
    let key: Vec<u8> = [4, 0, 0, 0].into_iter().chain([5; 40]).collect();
    let damaged = || {
        let key = key.clone();
        small()
            .encrypted_with(PASSWORD)
            .add(Row::file("HomeDomain", "Library/cut", &[1; 100]))
            .add(Row::file("HomeDomain", "Library/key", &[2; 50]).key_bytes(key))
            .payload_length("HomeDomain", "Library/cut", 33)
            .remove_payload(PHOTO.0, PHOTO.1)
    };
    for builder in [damaged(), damaged().manifest_padding(Padding::None)] {
        let world = World::of(builder);
        let said = world.refused(&[]);
        assert!(
            said.contains("takes the password (--ask-password)"),
            "{said}"
        );
        let file = password(&world);
        let mended = world.mended(&["--password-file", &file]);
        let lost = json!([
            "Media/DCIM/100APPLE/IMG_0001.JPG file-missing",
            "Library/cut payload-truncated",
            "Library/key key-invalid",
        ]);
        assert_eq!(told(&mended)["lost"], lost);
        let list = fs::read(world.result().join("Manifest.db")).unwrap();
        assert_eq!(list.len() % 16, 0);
        assert_ne!(list.len() % 4096, 0, "it is padded");
        assert!(!list.starts_with(b"SQLite"));
        let [old, new] =
            [&world.backup, &world.result()].map(|at| fs::read(at.join("Manifest.plist")).unwrap());
        assert_eq!(old, new);
        let scanned = scan(&world.path("new"), &["--password-file", &file]);
        let before = scan(&world.path("old"), &["--password-file", &file]);
        let records = |document: &Value| {
            let records = &only_backup(document)["manifest"]["records"];
            records.as_u64().unwrap()
        };
        assert_eq!(records(&scanned), records(&before) - 3);
        assert!(!finding_ids(only_backup(&scanned)).contains("manifest-unpadded"));
        let wrong = world.path("wrong");
        fs::write(&wrong, "another").unwrap();
        #[cfg(unix)]
        crate::harness::set_mode(&wrong, 0o600);
        let args = ["--password-file", wrong.to_str().unwrap()];
        let run = world.run_to(&world.path("other"), &args);
        assert_eq!(run.code, 3, "{run:?}");
    }
}

#[test]
fn a_list_of_ios_9_gets_its_name_and_loses_rows() {
    let world = World::of(small().mbdb().remove_payload(PHOTO.0, PHOTO.1));
    fs::rename(
        world.backup.join("Manifest.mbdb"),
        world.backup.join("Manifest.db"),
    )
    .unwrap();
    let mended = world.mended(&[]);
    let expected = json!({
        "lost": ["Media/DCIM/100APPLE/IMG_0001.JPG file-missing"],
        "repairs": ["rows-removed 1", "list-renamed 1"],
    });
    assert_eq!(told(&mended), expected);
    assert!(!world.result().join("Manifest.db").exists());
    let old = fs::read(world.backup.join("Manifest.db")).unwrap();
    let new = fs::read(world.result().join("Manifest.mbdb")).unwrap();
    assert!(new.starts_with(b"mbdb\x05\x00") && new.len() < old.len());
    let stored = fs::read(flat_payload_path(&world.result(), OTHER.0, OTHER.1)).unwrap();
    assert_eq!(stored, [8; 300]);
    let cut = World::of(small().mbdb());
    let list = cut.backup.join("Manifest.mbdb");
    let bytes = fs::read(&list).unwrap();
    fs::write(&list, &bytes[..bytes.len() - 10]).unwrap();
    let mended = cut.mended(&[]);
    assert_eq!(mended["repairs"][0]["kind"], "database-rebuilt");
    let new = fs::read(cut.result().join("Manifest.mbdb")).unwrap();
    assert!(bytes.starts_with(&new));
}

#[cfg(unix)]
#[test]
fn hard_links_are_made_only_where_they_are_asked_for() {
    use std::os::unix::fs::MetadataExt as _;

    let inode = |path: PathBuf| path.metadata().unwrap().ino();
    let world = World::of(small().remove_payload(PHOTO.0, PHOTO.1));
    let mended = world.mended(&["--link"]);
    let means = mended["payloads"].as_str().unwrap();
    let [old, new] =
        [&world.backup, &world.result()].map(|at| inode(payload_path(at, OTHER.0, OTHER.1)));
    assert_eq!(means == "linked", old == new, "{means}");
    // A list is never the same file: the device writes into it.
    for name in ["Manifest.db", "Info.plist", "Status.plist"] {
        let [old, new] = [&world.backup, &world.result()].map(|at| inode(at.join(name)));
        assert_ne!(old, new, "{name}");
    }
}

#[test]
fn the_new_backup_never_lies_where_it_must_not() {
    let world = World::of(small().remove_payload(PHOTO.0, PHOTO.1));
    let inside = world.backup.join("x");
    let holder = world.path("old");
    // Windows goes up by the name alone.
    let up_again = match cfg!(windows) {
        true => "lies inside the backup that is to be mended",
        false => "goes up again behind a folder that is not there",
    };
    for (to, said) in [
        (
            world.backup.clone(),
            "lies inside the backup that is to be mended",
        ),
        (
            inside.clone(),
            "lies inside the backup that is to be mended",
        ),
        (inside.join("../y"), up_again),
        (holder.clone(), "is the folder that holds the backup"),
    ] {
        let run = world.run_to(&to, &["--yes"]);
        assert_eq!(run.code, 2, "{run:?}");
        assert!(run.stderr.contains(said), "{}", run.stderr);
    }
    let other = BackupBuilder::new("00008103-0012345678901234")
        .bare()
        .write(&world.path("others"));
    let run = world.run_to(&other.join("sub"), &[]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(
        run.stderr.contains("lies inside a backup ("),
        "{}",
        run.stderr
    );
    fs::write(world.path("file"), "").unwrap();
    let run = world.run_to(&world.path("file"), &[]);
    assert!(
        run.code == 2 && run.stderr.contains("is no folder"),
        "{run:?}"
    );
    // What is there is never written over.
    fs::create_dir_all(world.result()).unwrap();
    let run = world.run(&[]);
    assert!(
        run.code == 2 && run.stderr.contains("is there already"),
        "{run:?}"
    );
    fs::remove_dir(world.result()).unwrap();
    let record = world.path(&format!("new/{UDID}.mended.json"));
    fs::write(&record, "mine").unwrap();
    let run = world.run(&[]);
    assert!(
        run.code == 2 && run.stderr.contains("is the record of an earlier mend"),
        "{run:?}"
    );
    assert_eq!(fs::read(&record).unwrap(), b"mine");
    let run: Run = program()
        .arg("mend")
        .arg(&world.backup)
        .ended()
        .unwrap()
        .into();
    assert!(run.code == 64 && run.stderr.contains("--to DIR"), "{run:?}");
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_cannot_be_mended_is_said_to_be_so() {
    for (builder, said) in [
        (small().without("Manifest.db"), "it has no list of files"),
        (
            small().raw("Manifest.db", "no database at all"),
            "its list of files cannot be read",
        ),
        (
            small().status(|status| {
                status.insert("Version".into(), "4.0".into());
            }),
            "Written by a newer version than is known here",
        ),
        (
            small()
                .remove_payload(PHOTO.0, PHOTO.1)
                .remove_payload(OTHER.0, OTHER.1)
                .remove_payload(SETTING.0, SETTING.1),
            "no file that its list names is left in it",
        ),
        (
            small().manifest_plist(|plist| {
                plist.insert("Lockdown".into(), Dictionary::new().into());
            }),
            "Made by a tool",
        ),
    ] {
        let world = World::of(builder);
        let stderr = world.refused(&[]);
        assert!(stderr.contains(said), "{said}: {stderr}");
    }
}

#[test]
fn what_a_stopped_mend_left_is_told_and_goes_with_the_next() {
    let world = World::of(small().remove_payload(PHOTO.0, PHOTO.1));
    let left = world.path("new").join(format!(".bkscan-mending-{UDID}"));
    fs::create_dir_all(left.join("0a")).unwrap();
    fs::write(left.join("Manifest.db"), "half").unwrap();
    let scanned = scan(&world.folder.path().join("."), &[]);
    let kinds: Vec<_> = scanned["beside"]
        .as_array()
        .unwrap()
        .iter()
        .map(|beside| beside["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["mend-unfinished"]);
    assert_eq!(scanned["backups"].as_array().unwrap().len(), 1);
    // What is not of a mend stays, and nothing is mended.
    fs::write(left.join("diary.txt"), "mine").unwrap();
    let run = world.run(&[]);
    assert!(
        run.code == 2 && run.stderr.contains("holds diary.txt"),
        "{run:?}"
    );
    fs::remove_file(left.join("diary.txt")).unwrap();
    world.mended(&[]);
    assert!(!left.exists());
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn files_whose_bytes_are_altered_go_where_they_are_read() {
    let world = World::of(small().flip_in_payload(SETTING.0, SETTING.1, 3));
    let run = world.run(&[]);
    assert!(run.stdout.starts_with("Nothing to mend: "), "{run:?}");
    let mended = world.mended(&["--level", "contents"]);
    let expected = json!({
        "lost": ["Library/Preferences/a.plist digest-mismatch"],
        "repairs": ["rows-removed 1"],
    });
    assert_eq!(told(&mended), expected);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_file_that_devices_cannot_read_is_no_fault_by_itself() {
    let path = "Library/Application Support/FileProvider/backup/backup_manifest.db";
    let lacking = || {
        small()
            .file("HomeDomain", path, b"odd")
            .remove_payload("HomeDomain", path)
    };
    let run = World::of(lacking()).run(&[]);
    assert!(run.stdout.starts_with("Nothing to mend: "), "{run:?}");
    let mended = World::of(lacking().remove_payload(PHOTO.0, PHOTO.1)).mended(&[]);
    let lost = json!([
        "Media/DCIM/100APPLE/IMG_0001.JPG file-missing",
        format!("{path} known-trouble-file"),
    ]);
    assert_eq!(told(&mended)["lost"], lost);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn nothing_personal_is_told_where_that_is_asked_for() {
    let world = World::of(small().remove_payload(PHOTO.0, PHOTO.1));
    let run = world.run(&["--json", "--redact"]);
    assert_eq!(run.code, 0, "{run:?}");
    for personal in [UDID, "IMG_0001", world.folder.path().to_str().unwrap()] {
        assert!(!run.stdout.contains(personal), "{personal}: {}", run.stdout);
    }
    // The record is beside the backup, and has the names.
    let record = world.path(&format!("new/{UDID}.mended.json"));
    assert!(fs::read_to_string(record).unwrap().contains("IMG_0001"));
}
