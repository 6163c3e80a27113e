//! `--level contents` as its users meet it: every payload is read to its end and compared with the
//! device's checksum, with the padding, with SQLite's check and with what earlier runs read
//! (contract §2, §4; F§9, F§10, F§11.3, F§18).

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Ended as _, NOW, Run, finding, finding_ids, only_backup, program};
use crate::support::{BackupBuilder, payload_path, tree_digest};

mod broken;
mod changed;
mod databases;
#[cfg(target_os = "linux")]
mod disks;
mod healthy;
#[cfg(target_os = "linux")]
mod hollow;
mod ledger;
#[cfg(target_os = "linux")]
mod stopped;
mod told;
mod weekly;

const PHONE: &str = "00008130-000A1C2E3F40801E";
const IPAD: &str = "00008103-0012345678901234";
const PASSWORD: &str = "correct horse";

/// Domain and path of a file on the device.
type Name = (&'static str, &'static str);

/// A file that no checksum is known of, of 100,000 bytes: more than one read.
const PHOTO: Name = ("CameraRollDomain", "Media/DCIM/100APPLE/IMG_0001.HEIC");
/// Another one, of 5,000 bytes.
const CHAT: Name = ("AppDomain-net.example.chat", "Documents/chat.txt");
/// A file with a checksum of the device, of 300 bytes.
const SETTING: Name = ("HomeDomain", "Library/Preferences/net.example.plist");

/// The ids that only this level has.
const IDS: [&str; 5] = [
    "digest-mismatch",
    "payload-read-error",
    "content-changed",
    "padding-invalid",
    "app-database-damaged",
];

/// Bytes that differ from place to place and end with none that could be padding.
fn bytes(len: usize) -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..len).map(|at| (at % 251) as u8).collect();
    if let Some(last) = bytes.last_mut() {
        *last = 0xff;
    }
    bytes
}

/// A healthy backup of three files whose sizes all agree, so that nothing at all is said about it.
fn phone() -> BackupBuilder {
    bare()
        .file(PHOTO.0, PHOTO.1, &bytes(100_000))
        .file(CHAT.0, CHAT.1, &bytes(5000))
        .file(SETTING.0, SETTING.1, &bytes(300))
}

/// One without files, and without the empty folders that only cost time here.
fn bare() -> BackupBuilder {
    BackupBuilder::new(PHONE).bare().no_empty_shards()
}

/// A folder with backups, and a user's home beside it in which is remembered what was read.
struct World {
    folder: TempDir,
}

impl World {
    fn empty() -> World {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("backups")).unwrap();
        World { folder }
    }

    /// One backup, that of the phone, in the folder `backups`.
    fn of(backup: BackupBuilder) -> World {
        let world = World::empty();
        backup.write(&world.root());
        world
    }

    /// The healthy one.
    fn new() -> World {
        World::of(phone())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn root(&self) -> PathBuf {
        self.path("backups")
    }

    fn phone(&self) -> PathBuf {
        self.root().join(PHONE)
    }

    /// The place of a payload of the phone.
    fn payload(&self, name: Name) -> PathBuf {
        payload_path(&self.phone(), name.0, name.1)
    }

    /// Where runs are remembered, if nothing else is said.
    fn state(&self) -> PathBuf {
        self.path("state").join("bkscan")
    }

    fn ledger(&self) -> PathBuf {
        self.state().join("ledger.db")
    }

    /// The program as this user has it.
    fn command(&self) -> Command {
        let mut command = program();
        command
            .env_remove("BKSCAN_NO_STATE")
            .env_remove("SUDO_UID")
            .env("HOME", self.path("home"))
            .env("XDG_STATE_HOME", self.path("state"))
            .env("LOCALAPPDATA", self.path("state"))
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env("APPDATA", self.path("config"))
            .current_dir(self.folder.path());
        command
    }

    /// The same, knowing the password.
    fn command_with(&self, password: Option<&str>) -> Command {
        let mut command = self.command();
        if let Some(password) = password {
            command.env("BKSCAN_PASSWORD", password);
        }
        command
    }

    /// Runs a command, which changes nothing in the folder `backups`.
    fn output(&self, command: &mut Command) -> Run {
        let before = tree_digest(&self.root());
        let run = Run::from(command.ended().expect("the program starts"));
        assert_eq!(tree_digest(&self.root()), before, "the scan changed it");
        assert!(!run.stderr.contains("panicked"), "{run:?}");
        run
    }

    /// Runs the program as it is typed in the folder around `backups`.
    fn run<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Run {
        self.output(self.command().args(args))
    }

    /// The document of `bkscan backups --level contents --json --now NOW ARGS`, about which nothing
    /// is to be said on stderr.
    fn scan(&self, args: &[&str]) -> Value {
        self.scan_with(None, args)
    }

    /// The same with a password.
    fn scan_with(&self, password: Option<&str>, args: &[&str]) -> Value {
        let mut command = self.command_with(password);
        command.args(SCAN).args(["--now", NOW]).args(args);
        let run = self.output(&mut command);
        assert_eq!(run.stderr, "", "{args:?}");
        document(&run)
    }
}

const SCAN: [&str; 4] = ["backups", "--level", "contents", "--json"];

/// The document of a scan; what it says of the contents makes sense in itself.
fn document(run: &Run) -> Value {
    let document: Value = serde_json::from_str(&run.stdout)
        .unwrap_or_else(|error| panic!("no JSON ({error}): {run:?}"));
    assert_eq!(document["exit_code"], run.code, "{run:?}");
    for backup in document["backups"].as_array().unwrap() {
        if backup["contents"].is_null() {
            continue;
        }
        for unit in 0..2 {
            let of = |name| amount(backup, name)[unit];
            let told = of("read") + of("cloud_only") + of("changed_meanwhile") + of("left_out");
            assert!(told <= of("all"), "{backup:#}");
            let compared = of("compared_with_digest") + of("compared_with_ledger");
            assert!(compared <= of("read"), "{backup:#}");
        }
    }
    document
}

/// Files and bytes that a field of `contents` tells.
fn amount(backup: &Value, name: &str) -> [u64; 2] {
    let amount = &backup["contents"][name];
    ["files", "bytes"].map(|unit| {
        amount[unit]
            .as_u64()
            .unwrap_or_else(|| panic!("no {unit} of {name}: {backup:#}"))
    })
}

/// What was read, and what of it was compared with a checksum and with the ledger.
fn compared(document: &Value) -> [[u64; 2]; 3] {
    let backup = only_backup(document);
    ["read", "compared_with_digest", "compared_with_ledger"].map(|name| amount(backup, name))
}

/// The only backup of a document in a line: verdict, exit code, and every error and warning.
fn outcome(document: &Value) -> String {
    outcome_of(document, only_backup(document))
}

fn outcome_of(document: &Value, backup: &Value) -> String {
    let findings = backup["findings"].as_array().unwrap().iter();
    let mut told: Vec<String> = findings
        .filter(|finding| finding["severity"] != "note")
        .map(|finding| {
            let [severity, id] = ["severity", "id"].map(|key| finding[key].as_str().unwrap());
            format!(" {severity} {id} ×{}", finding["count"])
        })
        .collect();
    told.sort();
    let verdict = backup["verdict"].as_str().unwrap();
    let code = &document["exit_code"];
    format!("{verdict} {code}:{}", told.join(","))
}

/// The reasons why something was not checked, by id.
fn not_checked(backup: &Value) -> BTreeMap<&str, &str> {
    let list = backup["not_checked"].as_array().unwrap();
    let text = |entry: &'_ Value, key| entry[key].as_str().map(str::to_owned).unwrap();
    list.iter()
        .map(|entry| {
            assert_ne!(text(entry, "why"), "", "{entry}");
            (
                entry["id"].as_str().unwrap(),
                entry["why"].as_str().unwrap(),
            )
        })
        .collect()
}

/// The document without the state of the disk, which other programs change.
fn without_disk(run: &Run) -> Value {
    let mut document = document(run);
    for root in document["roots"].as_array_mut().unwrap() {
        root["volume"].take();
    }
    document
}

/// A message on stderr of one line.
fn one_line(run: &Run) -> &str {
    let line = run.stderr.strip_suffix('\n').unwrap_or_default();
    assert!(!line.is_empty() && !line.contains('\n'), "{run:?}");
    line
}

/// Flips a bit as a failing disk does: size, time and inode stay what they were.
fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 1;
    overwrite(path, &bytes);
}

/// Writes other bytes into a file, whose time stays what it was.
fn overwrite(path: &Path, bytes: &[u8]) {
    use std::io::Write as _;
    let modified = fs::metadata(path).unwrap().modified().unwrap();
    let mut file = OpenOptions::new().write(true).open(path).unwrap();
    file.write_all(bytes).unwrap();
    file.set_modified(modified).unwrap();
}

/// Every file below a folder; none if there is no folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| !entry.file_type().is_dir())
        .map(walkdir::DirEntry::into_path)
        .collect()
}

/// Fails with a list of all that came out otherwise than expected.
fn assert_all(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Says that something cannot be tried on this system.
#[cfg(unix)]
#[expect(clippy::print_stderr, reason = "a test that did nothing says so")]
fn skip(why: &str) {
    eprintln!("not checked here: {why}");
}
