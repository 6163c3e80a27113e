//! Encrypted backups as those meet them who know the password, or not: each way to give it, what is
//! judged with it, what is shown, and what nothing shows. Through the program, from the promises alone
//! (contract §1 to §4, §7, §8; F§9.2, F§11; screens.md).

#[cfg(target_os = "linux")]
mod asked;
#[cfg(target_os = "linux")]
mod cleaned;
mod eras;
mod hostile;
mod judged;
mod keys;
mod screens;
#[cfg(target_os = "linux")]
mod stopped;
mod traces;
mod ways;
mod wrong;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::cli::configured::{self, PHONE, SPARE, TABLET, World};
use crate::harness::{Ended as _, NOW, Run, finding_ids};
use crate::support::BackupBuilder;

/// No word of this is part of any other text in these tests.
const PASSWORD: &str = "Zwieback quokka 91";

/// Files of two groups.
const PHOTO: (&str, &str) = ("CameraRollDomain", "Media/DCIM/100APPLE/IMG_0001.JPG");
const SETTING: (&str, &str) = ("HomeDomain", "Library/Preferences/a.plist");

/// A backup of these two alone, in a folder of this name.
fn two(folder: &str) -> BackupBuilder {
    BackupBuilder::new(PHONE)
        .folder_name(folder)
        .bare()
        .no_empty_shards()
        .file(PHOTO.0, PHOTO.1, &[7; 100])
        .file(SETTING.0, SETTING.1, &[8; 31])
}

/// A small encrypted backup that [`PASSWORD`] opens.
fn sealed(udid: &str, name: &str, day: &str) -> BackupBuilder {
    configured::backup(udid, name, day).encrypted_with(PASSWORD)
}

/// That of the phone.
fn phone(day: &str) -> BackupBuilder {
    sealed(PHONE, "Anna's iPhone", day)
}

/// That of the phone in a folder `older`.
fn older(day: &str) -> BackupBuilder {
    phone(day).folder_name("older")
}

/// The same backup without its one file.
fn lacking(builder: BackupBuilder) -> BackupBuilder {
    builder.remove_payload("HomeDomain", "Library/note.txt")
}

/// A world with these backups.
fn world_of(backups: impl IntoIterator<Item = BackupBuilder>) -> World {
    let world = World::new();
    for backup in backups {
        backup.write(&world.backups());
    }
    world
}

/// A file with this text that nobody else can read, beside the backups.
fn private(world: &World, name: &str, text: impl AsRef<[u8]>) {
    let path = world.path(name);
    fs::write(&path, text).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
}

/// A command that prints the file with the name of the device, which [`per_device`] makes.
const PER_DEVICE: &str = if cfg!(windows) {
    "type of-%BKSCAN_UDID%"
} else {
    "cat \"of-$BKSCAN_UDID\""
};

/// What [`PER_DEVICE`] prints for these devices.
fn per_device(world: &World, passwords: &[(&str, &str)]) {
    for (udid, password) in passwords {
        private(world, &format!("of-{udid}"), format!("{password}\n"));
    }
}

/// Runs on Windows, too: there another shell runs the command.
#[test]
fn a_command_is_asked_for_each_device_by_its_udid() {
    let spare = configured::backup(SPARE, "Spare", "2026-09-01").encrypted_with("another");
    let world = world_of([phone("2026-11-10"), spare]);
    per_device(&world, &[(PHONE, PASSWORD), (SPARE, "another")]);
    let run = world.run(&[
        "Backup",
        "--json",
        "--now",
        NOW,
        "--password-command",
        PER_DEVICE,
    ]);
    assert_eq!(run.stderr, "", "{run:?}");
    let document = document(&run);
    assert_eq!(document["exit_code"], 0);
    assert_eq!(document["summary"]["verdicts"]["complete"], 2);
}

/// `bkscan WORDS --now NOW` with the password in the environment.
fn run_with(world: &World, password: &str, words: &[&str]) -> Run {
    let mut command = world.command();
    command.env("BKSCAN_PASSWORD", password).args(words);
    world.output(command.args(["--now", NOW]))
}

/// Starts it, and what it says can be read.
fn piped(command: &mut Command) -> Child {
    let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    piped.started().unwrap()
}

/// The document of a scan with the password in the environment.
fn scan_with(world: &World, password: &str, args: &[&str]) -> Value {
    let words = [&["Backup", "--json"], args].concat();
    document(&run_with(world, password, &words))
}

/// The document of a run, whose exit code it has, and that did not panic.
#[track_caller]
fn document(run: &Run) -> Value {
    assert!(!run.stderr.contains("panicked"), "{run:?}");
    let document: Value = serde_json::from_str(&run.stdout)
        .unwrap_or_else(|error| panic!("no JSON ({error}): {run:?}"));
    assert_eq!(document["exit_code"], run.code, "{run:?}");
    document
}

fn list(value: &Value) -> std::slice::Iter<'_, Value> {
    value.as_array().unwrap().iter()
}

/// What this makes of each entry.
fn each<'a, T>(value: &'a Value, make: impl FnMut(&'a Value) -> T) -> Vec<T> {
    list(value).map(make).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// Verdict and findings of each backup, by its folder: `corrupt: file-missing`.
fn verdicts(document: &Value) -> BTreeMap<&str, String> {
    let one = |backup: &Value| {
        let ids: Vec<_> = finding_ids(backup).into_iter().collect();
        match text(&backup["verdict"]) {
            verdict if ids.is_empty() => verdict.to_owned(),
            verdict => format!("{verdict}: {}", ids.join(" ")),
        }
    };
    let backups = list(&document["backups"]).map(|backup| (last(&backup["path"]), one(backup)));
    backups.collect()
}

/// Fails where other backups are there, or something else is said of one.
#[track_caller]
fn assert_verdicts(document: &Value, expected: &[(&str, &str)], what: &str) {
    let said = verdicts(document);
    let said = said.iter().map(|(folder, said)| (*folder, said.as_str()));
    let expected: BTreeMap<_, _> = expected.iter().copied().collect();
    assert_eq!(said.collect::<BTreeMap<_, _>>(), expected, "{what}");
}

/// The last part of a path.
fn last(path: &Value) -> &str {
    text(path).rsplit(['/', '\\']).next().unwrap()
}

/// The ids that were not checked, each with its reason.
fn not_checked(backup: &Value) -> BTreeMap<&str, &str> {
    let ids = list(&backup["not_checked"]).map(|one| (text(&one["id"]), text(&one["why"])));
    ids.collect()
}

/// How many payloads there are below a backup with a `Manifest.db`, and how many bytes: all files in
/// folders of two letters.
fn payloads(backup: &Path) -> (u64, u64) {
    let entries = walkdir::WalkDir::new(backup)
        .max_depth(2)
        .into_iter()
        .flatten();
    let is_shard = |folder: &Path| folder.file_name().is_some_and(|name| name.len() == 2);
    let payloads = entries.filter(|entry| entry.path().parent().is_some_and(is_shard));
    payloads.fold((0, 0), |(files, bytes), entry| {
        (files + 1, bytes + entry.metadata().unwrap().len())
    })
}

/// `storage` added up: files and bytes.
fn stored(backup: &Value) -> (u64, u64) {
    list(&backup["storage"]).fold((0, 0), |sum, group| {
        let number = |key: &str| group[key].as_u64().unwrap();
        (sum.0 + number("files"), sum.1 + number("bytes"))
    })
}
