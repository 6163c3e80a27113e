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
use std::process::Command;

use serde_json::Value;

use crate::cli::configured::{self, World};
use crate::harness::{NOW, Run, finding_ids};
use crate::support::BackupBuilder;

const PHONE: &str = "00008130-000A1C2E3F40801E";
const SPARE: &str = "00008030-001122334455667A";
const TABLET: &str = "00008103-0012345678901234";
/// No word of this is part of any other text in these tests.
const PASSWORD: &str = "Zwieback quokka 91";

/// A small encrypted backup that [`PASSWORD`] opens.
fn sealed(udid: &str, name: &str, day: &str) -> BackupBuilder {
    configured::backup(udid, name, day).encrypted_with(PASSWORD)
}

/// That of the phone.
fn phone(day: &str) -> BackupBuilder {
    sealed(PHONE, "Anna's iPhone", day)
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

/// The program with the password in its environment.
fn with_password(world: &World, password: &str) -> Command {
    let mut command = world.command();
    command.env("BKSCAN_PASSWORD", password);
    command
}

/// `bkscan Backup --json --now NOW ARGS` with the password in the environment.
fn scan_with(world: &World, password: &str, args: &[&str]) -> Value {
    let mut command = with_password(world, password);
    command.args(["Backup", "--json", "--now", NOW]).args(args);
    document(&world.output(&mut command))
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

/// Verdict and findings of each backup, by its folder: `corrupt: file-missing`.
fn verdicts(document: &Value) -> BTreeMap<&str, String> {
    let backups = document["backups"].as_array().unwrap().iter();
    let one = |backup: &'_ Value| {
        let ids: Vec<_> = finding_ids(backup).into_iter().collect();
        let verdict = backup["verdict"].as_str().unwrap();
        if ids.is_empty() {
            verdict.to_owned()
        } else {
            format!("{verdict}: {}", ids.join(" "))
        }
    };
    backups
        .map(|backup| (last(&backup["path"]), one(backup)))
        .collect()
}

/// The last part of a path.
fn last(path: &Value) -> &str {
    path.as_str().unwrap().rsplit(['/', '\\']).next().unwrap()
}

/// The ids that were not checked, each with its reason.
fn not_checked(backup: &Value) -> BTreeMap<&str, &str> {
    let list = backup["not_checked"].as_array().unwrap().iter();
    list.map(|one| (one["id"].as_str().unwrap(), one["why"].as_str().unwrap()))
        .collect()
}

/// How many payloads there are below a backup with a `Manifest.db`, and how many bytes: all files in
/// folders of two letters.
fn payloads(backup: &Path) -> (u64, u64) {
    let mut sum = (0, 0);
    for entry in fs::read_dir(backup).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name().len() == 2 && entry.file_type().unwrap().is_dir() {
            for file in fs::read_dir(entry.path()).unwrap() {
                sum.0 += 1;
                sum.1 += file.unwrap().metadata().unwrap().len();
            }
        }
    }
    sum
}

/// `storage` added up: files and bytes.
fn stored(backup: &Value) -> (u64, u64) {
    let groups = backup["storage"].as_array().unwrap().iter();
    groups.fold((0, 0), |sum, group| {
        let number = |key: &str| group[key].as_u64().unwrap();
        (sum.0 + number("files"), sum.1 + number("bytes"))
    })
}
