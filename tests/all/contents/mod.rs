//! `--level contents` as its users meet it: every payload is read to its end and compared with the
//! device's checksum, with the padding, with SQLite's check and with what earlier runs read
//! (contract §2, §4; F§9, F§10, F§11.3, F§18).

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Ended as _, NOW, Run, at_home, files, finding, finding_ids, only_backup};
use crate::support::{BackupBuilder, empty_folder, payload_path, tree_digest};

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
const PASS: Option<&str> = Some(PASSWORD);

/// Domain and path of a file on the device.
type Name = (&'static str, &'static str);

/// A file that no checksum is known of, of 100,000 bytes: more than one read.
const PHOTO: Name = ("CameraRollDomain", "Media/DCIM/100APPLE/IMG_0001.HEIC");
/// Another one, of 5,000 bytes.
const CHAT: Name = ("AppDomain-net.example.chat", "Documents/chat.txt");
/// A file with a checksum of the device, of 300 bytes.
const SETTING: Name = ("HomeDomain", "Library/Preferences/net.example.plist");

/// Outcomes of a scan.
const WELL: &str = "complete 0:";
const UNVERIFIED: &str = "unverified 0:";
const CHANGED: &str = "corrupt 2: error content-changed ×1";
const MISMATCH: &str = "corrupt 2: error digest-mismatch ×1";

/// Scans as they are typed: for people, and for a document.
const CONTENTS: &[&str] = &["backups", "--level", "contents", "--now", NOW];
const SCAN: &[&str] = &["backups", "--level", "contents", "--now", NOW, "--json"];

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

fn encrypted() -> BackupBuilder {
    phone().encrypted_with(PASSWORD)
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
        let folder = empty_folder();
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

    /// The same, of which is remembered what was read.
    fn known() -> World {
        let world = World::new();
        assert_eq!(world.outcome(), WELL);
        world
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
        at_home(self.folder.path())
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

    /// The document of [`SCAN`] with these arguments, about which nothing is to be said on stderr.
    fn scan(&self, args: &[&str]) -> Value {
        self.scan_with(None, args)
    }

    /// The same with a password.
    fn scan_with(&self, password: Option<&str>, args: &[&str]) -> Value {
        let mut command = self.command_with(password);
        let run = self.output(command.args(SCAN).args(args));
        assert_eq!(run.stderr, "", "{args:?}");
        document(&run)
    }

    /// What a scan says of the only backup.
    fn outcome(&self) -> String {
        outcome(&self.scan(&[]))
    }

    fn outcome_at_standard(&self, password: Option<&str>) -> String {
        let mut command = self.command_with(password);
        command.args(["backups", "--json", "--no-state", "--now", NOW]);
        outcome(&document(&self.output(&mut command)))
    }
}

/// What a first scan of a backup says.
fn outcome_at_first(builder: BackupBuilder, password: Option<&str>) -> String {
    outcome(&World::of(builder).scan_with(password, &[]))
}

/// The document of a scan; what it says of the contents makes sense in itself.
fn document(run: &Run) -> Value {
    let document: Value = serde_json::from_str(&run.stdout)
        .unwrap_or_else(|error| panic!("no JSON ({error}): {run:?}"));
    assert_eq!(document["exit_code"], run.code, "{run:?}");
    for backup in backups(&document) {
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

fn backups(document: &Value) -> &[Value] {
    document["backups"].as_array().unwrap()
}

/// Files and bytes that a field of `contents` tells.
fn amount(backup: &Value, name: &str) -> [u64; 2] {
    let amount = &backup["contents"][name];
    let number = |unit| amount[unit].as_u64();
    ["files", "bytes"]
        .map(|unit| number(unit).unwrap_or_else(|| panic!("no {unit} of {name}: {backup:#}")))
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
    let mut told = Vec::new();
    for finding in backup["findings"].as_array().unwrap() {
        let [severity, id] = ["severity", "id"].map(|key| finding[key].as_str().unwrap());
        if severity != "note" {
            told.push(format!(" {severity} {id} ×{}", finding["count"]));
        }
    }
    told.sort();
    let verdict = backup["verdict"].as_str().unwrap();
    let code = &document["exit_code"];
    format!("{verdict} {code}:{}", told.join(","))
}

/// The reasons why something was not checked, by id.
fn not_checked(backup: &Value) -> BTreeMap<&str, &str> {
    let mut reasons = BTreeMap::new();
    for entry in backup["not_checked"].as_array().unwrap() {
        let [id, why] = ["id", "why"].map(|key| entry[key].as_str().unwrap());
        assert_ne!(why, "", "{entry}");
        reasons.insert(id, why);
    }
    reasons
}

/// Domain and path of a finding's examples, in order.
fn named(finding: &Value) -> Vec<(&str, &str)> {
    let mut named = Vec::new();
    for one in finding["examples"].as_array().unwrap() {
        let [domain, path] = ["domain", "path"].map(|key| one[key].as_str().unwrap());
        named.push((domain, path));
    }
    named.sort();
    named
}

fn is_checked(backup: &Value, id: &str) -> bool {
    let checked = backup["checked"].as_array().unwrap();
    checked.iter().any(|one| one == id)
}

/// The document without the state of the disk, which other programs change.
fn without_disk(run: &Run) -> Value {
    let mut document = document(run);
    for root in document["roots"].as_array_mut().unwrap() {
        root["volume"].take();
    }
    document
}

/// A message of one line on stderr.
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
    let time = modified(path);
    let mut file = OpenOptions::new().write(true).open(path).unwrap();
    file.write_all(bytes).unwrap();
    file.set_modified(time).unwrap();
}

/// Gives a file another length, but no other time.
fn set_len(path: &Path, len: u64) {
    let time = modified(path);
    let file = OpenOptions::new().write(true).open(path).unwrap();
    file.set_len(len).unwrap();
    file.set_modified(time).unwrap();
}

fn modified(path: &Path) -> SystemTime {
    fs::metadata(path).unwrap().modified().unwrap()
}

fn set_modified(path: &Path, time: SystemTime) {
    let file = OpenOptions::new().write(true).open(path).unwrap();
    file.set_modified(time).unwrap();
}

/// Copies a file as `cp -p` does: the time is the same, the inode another one.
fn copy(from: &Path, to: &Path) {
    fs::copy(from, to).unwrap();
    set_modified(to, modified(from));
}

fn copy_folder(from: &Path, to: &Path) {
    for path in files(from) {
        let to = to.join(path.strip_prefix(from).unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        copy(&path, &to);
    }
}

/// The text in one line, so that it can be searched whatever the width.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(unix)]
fn make_pipe(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status().unwrap();
    assert!(made.success());
}

/// Says that something cannot be tried on this system.
#[cfg(unix)]
#[expect(clippy::print_stderr, reason = "a test that did nothing says so")]
fn skip(why: &str) {
    eprintln!("not checked here: {why}");
}
