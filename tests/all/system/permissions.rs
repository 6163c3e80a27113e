//! What may not be read is said to be so: never missing, never "no backups" (contract §4, F§2.3).
//!
//! Root may read everything, so a test that runs as root runs the program as somebody else.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use bkscan::find::places::not_permitted;
use bkscan::system::System;
use serde_json::Value;
use tempfile::TempDir;

use crate::find::discovery::{NEW, OLD, put, small};
use crate::harness::{Ended as _, NOW, Run, finding, finding_ids, program, set_mode};
use crate::support::{BackupBuilder, empty_folder, payload_path, tree_digest};

/// "nobody" on the usual systems; all that matters is that it is not root.
const NOBODY: u32 = 65_534;
const DOMAIN: &str = "HomeDomain";
const FILE: &str = "Library/note.txt";

/// A folder that everybody may look into, and a copy of the program that everybody may run.
struct World {
    folder: TempDir,
    program: PathBuf,
    closed: Vec<(PathBuf, u32)>,
}

impl World {
    fn new() -> World {
        let folder = empty_folder();
        set_mode(folder.path(), 0o755);
        let bin = folder.path().join("bin");
        fs::create_dir(&bin).unwrap();
        let program = bin.join("bkscan");
        fs::copy(env!("CARGO_BIN_EXE_bkscan"), &program).unwrap();
        set_mode(&program, 0o755);
        fs::create_dir(folder.path().join("data")).unwrap();
        World {
            folder,
            program,
            closed: Vec::new(),
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The command as a user whom permission bits bind.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        if fs::metadata(self.folder.path()).unwrap().uid() == 0 {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }

    fn test(&self, how: &str, path: &Path) -> bool {
        let mut command = self.command(Path::new("/bin/sh"));
        command.args(["-c", "test \"$1\" \"$2\"", "sh", how]);
        command.arg(path).status().unwrap().success()
    }

    /// Takes permissions away, and makes sure that they are.
    fn close(&mut self, path: PathBuf, mode: u32) {
        let before = fs::metadata(&path).unwrap().mode() & 0o7777;
        for how in ["-r", "-x"] {
            let executable = how == "-r" || path.is_dir();
            assert!(!executable || self.test(how, &path), "{how} {path:?}");
        }
        set_mode(&path, mode);
        for (how, bit) in [("-r", 0o4), ("-x", 0o1)] {
            let allowed = mode & bit != 0;
            assert_eq!(self.test(how, &path), allowed, "{how} {mode:o} {path:?}");
        }
        self.closed.push((path, before));
    }

    fn scan(&self, path: &Path, args: &[&str]) -> (Run, Value) {
        let before = tree_digest(&self.data());
        let environment = program();
        let mut command = self.command(&self.program);
        for (name, value) in environment.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.arg(path).args(["--json", "--now", NOW]).args(args);
        command.current_dir("/");
        let run: Run = command.ended().expect("the program starts").into();
        assert_eq!(tree_digest(&self.data()), before, "the scan changed it");
        let document: Value = serde_json::from_str(&run.stdout)
            .unwrap_or_else(|error| panic!("no JSON ({error}): {run:?}"));
        assert_eq!(document["exit_code"], run.code);
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
        (run, document)
    }
}

impl Drop for World {
    /// Gives the permissions back, so that the folder can be removed.
    fn drop(&mut self) {
        for (path, mode) in self.closed.drain(..).rev() {
            let _ = fs::set_permissions(path, fs::Permissions::from_mode(mode));
        }
    }
}

fn backup<'a>(document: &'a Value, name: &str) -> &'a Value {
    let mut backups = document["backups"].as_array().unwrap().iter();
    let is_named = |backup: &&Value| backup["path"].as_str().unwrap().ends_with(name);
    backups.find(is_named).expect("the backup")
}

fn ids(backup: &Value) -> Vec<&str> {
    finding_ids(backup).into_iter().collect()
}

fn payload(phone: &Path) -> PathBuf {
    payload_path(phone, DOMAIN, FILE)
}

fn shard(phone: &Path) -> PathBuf {
    payload(phone).parent().unwrap().to_owned()
}

/// Scans one backup, a place in which is closed.
fn scan_closed(
    phone: BackupBuilder,
    place: impl Fn(&Path) -> PathBuf,
    args: &[&str],
) -> (World, Run, Value) {
    let mut world = World::new();
    let phone = phone.write(&world.data());
    world.close(place(&phone), 0);
    let (run, document) = world.scan(&world.data(), args);
    (world, run, document)
}

type Place = fn(&Path) -> PathBuf;

/// A part of a backup that may not be opened: `not-readable`, verdict `unreadable`, exit 3, and
/// nothing else is said to be wrong; the backup beside it is judged.
#[test]
fn a_closed_part_of_a_backup() {
    let parts: &[(&str, Place, u32)] = &[
        ("shard", shard, 0),
        ("shard, names only", shard, 0o444),
        ("shard, no names", shard, 0o311),
        ("Status.plist", |phone| phone.join("Status.plist"), 0),
        ("Manifest.plist", |phone| phone.join("Manifest.plist"), 0),
        ("Manifest.db", |phone| phone.join("Manifest.db"), 0),
    ];
    for (what, place, mode) in parts {
        for args in [&[][..], &["--fail-on", "warning"], &["--threads", "1"]] {
            let mut world = World::new();
            let phone = small(NEW).write(&world.data().join("Backup"));
            small(OLD).write(&world.data().join("Backup"));
            world.close(place(&phone), *mode);
            let (run, document) = world.scan(&world.data(), args);
            let phone = backup(&document, NEW);
            assert_eq!(ids(phone), ["not-readable"], "{what}");
            assert_eq!(phone["verdict"], "unreadable", "{what}");
            let found = finding(phone, "not-readable");
            assert_eq!(found["severity"], "warning", "{what}");
            let message = found["message"].as_str().unwrap();
            assert!(!message.contains("os error"), "{message}");
            assert_eq!(run.code, 3, "{what} {args:?}: {run:?}");
            assert_eq!(backup(&document, OLD)["verdict"], "complete", "{what}");
        }
    }
}

/// Info.plist is for display alone.
#[test]
fn a_closed_info_plist_changes_no_verdict() {
    let info = |phone: &Path| phone.join("Info.plist");
    let (_world, run, document) = scan_closed(small(NEW), info, &[]);
    let phone = backup(&document, NEW);
    assert_eq!(ids(phone), [""; 0]);
    assert_eq!((&phone["verdict"], run.code), (&"complete".into(), 0));
    let not_checked = phone["not_checked"].as_array().unwrap();
    let left_out = not_checked
        .iter()
        .find(|left| left["id"] == "info-unreadable");
    let why = left_out.unwrap()["why"].as_str().unwrap();
    assert!(why.contains("Info.plist could not be opened"), "{why}");
}

/// A backup whose own folder is closed is one thing that could not be opened.
#[test]
fn a_closed_backup_counts_once() {
    let mut world = World::new();
    let phone = small(NEW).write(&world.data().join("Backup"));
    world.close(phone, 0);
    let (run, document) = world.scan(&world.data(), &[]);
    let found = finding(backup(&document, NEW), "not-readable");
    assert_eq!((run.code, &found["count"]), (3, &1.into()), "{found:#}");
    let message = found["message"].as_str().unwrap();
    let (before, after) = message.split_once(" (").unwrap();
    assert_eq!(before, "The backup's folder could not be opened");
    let end = "); what is in it was not judged";
    assert!(after.ends_with(end), "{message}");
}

/// The same for a backup with Manifest.mbdb, and at `--level quick`.
#[test]
fn a_closed_manifest_of_ios_9_and_at_quick() {
    for (builder, name, level) in [
        (small(OLD).mbdb(), "Manifest.mbdb", "standard"),
        (small(OLD).mbdb(), "Manifest.mbdb", "quick"),
        (small(OLD), "Manifest.db", "quick"),
        (small(OLD), "Status.plist", "quick"),
        (small(OLD).encrypted(), "Manifest.db", "standard"),
    ] {
        let place = |phone: &Path| phone.join(name);
        let (_world, run, document) = scan_closed(builder, place, &["--level", level]);
        let phone = backup(&document, OLD);
        assert_eq!(phone["verdict"], "unreadable", "{name} at {level}");
        assert_eq!(ids(phone), ["not-readable"], "{name} at {level}");
        assert_eq!(run.code, 3);
    }
}

/// What is really gone is missing, and errors make exit 2 whatever else could not be looked at.
#[test]
fn an_error_beside_a_closed_shard() {
    let gone = "Library/gone.txt";
    let phone = small(NEW).file(DOMAIN, gone, b"gone");
    let phone = phone.remove_payload(DOMAIN, gone);
    let (_world, run, document) = scan_closed(phone, shard, &[]);
    let phone = backup(&document, NEW);
    assert_eq!(phone["verdict"], "unreadable");
    assert_eq!(finding(phone, "file-missing")["count"], 1);
    assert_eq!(run.code, 2);
}

/// A payload that may not be opened is there; nothing at `standard` says otherwise.
#[test]
fn a_closed_payload_is_there() {
    let (_world, _, document) = scan_closed(small(NEW), payload, &[]);
    let errors = backup(&document, NEW)["findings"].as_array().unwrap();
    assert!(errors.iter().all(|finding| finding["severity"] != "error"));
}

/// Neither one that has nothing to do with backups, nor a trash or a snapshot, wherever it lies.
#[test]
fn closed_folders_elsewhere_do_not_count() {
    let trashes = [
        ".Trashes",
        "MobileSync/.snapshot",
        "MobileSync/Backup/#recycle",
    ];
    for inside in [&["private"][..], &trashes] {
        let mut world = World::new();
        let backup = world.data().join("MobileSync/Backup");
        small(NEW).write(&backup);
        for closed in inside {
            fs::create_dir(world.data().join(closed)).unwrap();
            world.close(world.data().join(closed), 0);
        }
        for root in [world.data(), world.data().join("MobileSync"), backup] {
            let (run, document) = world.scan(&root, &[]);
            assert_eq!(run.code, 0, "{run:?}");
            assert_eq!(document["summary"]["verdicts"]["complete"], 1);
            assert_eq!(document["beside"], Value::Array(vec![]));
            // That one is told of, and a trash is not even that.
            let is_told = inside == ["private"] && root == world.data();
            let problems = document["problems"].as_array().unwrap();
            assert_eq!(problems.len(), usize::from(is_told), "{document:#}");
        }
    }
}

/// A closed `Snapshot/` of a run that was moving files hides payloads; none is called missing.
#[test]
fn a_closed_snapshot_hides_no_payload() {
    let uploaded = BackupBuilder::new(NEW).bare().file(DOMAIN, FILE, b"new");
    let phone = small(NEW).snapshot_state("moving").snapshot(uploaded);
    let snapshot = |phone: &Path| phone.join("Snapshot");
    let (_world, run, document) = scan_closed(phone, snapshot, &[]);
    let phone = backup(&document, NEW);
    assert_eq!(phone["verdict"], "unreadable", "{phone:#}");
    assert!(!finding_ids(phone).contains("file-missing"), "{phone:#}");
    assert_eq!(run.code, 3);
}

/// `unreadable` goes before `in-progress`, and `--quiet` says why the exit code is 3.
#[test]
fn a_closed_part_of_a_running_backup() {
    let phone = small(NEW).snapshot_state("uploading");
    let phone = phone
        .date("2026-11-20T00:00:00Z")
        .mtime("2026-11-22T11:30:00Z");
    let (world, run, document) = scan_closed(phone, shard, &[]);
    let phone = backup(&document, NEW);
    let ids = finding_ids(phone);
    assert!(ids.contains("backup-running") && ids.contains("not-readable"));
    assert_eq!(phone["verdict"], "unreadable");
    assert_eq!(run.code, 3);
    let mut quiet = world.command(&world.program);
    quiet.current_dir("/").arg(world.data());
    let quiet = quiet.args(["--quiet", "--now", NOW]).ended();
    let quiet: Run = quiet.unwrap().into();
    assert_eq!(quiet.code, 3);
    assert!(quiet.stdout.contains("unreadable"), "{quiet:?}");
}

/// The Full Disk Access screen of macOS, word for word (screens.md 4); no other system has one.
#[test]
fn the_full_disk_access_screen() {
    let path = Path::new("/Users/anna/Library/Application Support/MobileSync/Backup");
    let screen = r#"macOS does not let Terminal look into
        /Users/anna/Library/Application Support/MobileSync/Backup
        (Operation not permitted). This says nothing about your backups.

Allow it once:
  1. open "x-apple.systempreferences:com.apple.preference.security?Privacy_AllFiles"
     (System Settings > Privacy & Security > Full Disk Access)
  2. Switch Terminal on; if it is not in the list, add it with "+".
  3. Quit Terminal (Command-Q), open it again, repeat the command.
sudo does not help. A job started by launchd or cron needs this for itself:
see bkscan schedule launchd"#;
    let said = not_permitted(System::Mac, &path.display().to_string(), true, "Terminal");
    assert_eq!(said, screen);
    for (system, privacy) in [(System::Mac, false), (System::Other, true)] {
        let said = not_permitted(system, &path.display().to_string(), privacy, "Terminal");
        assert!(!said.contains("Full Disk Access"), "{said}");
        assert!(said.contains(path.to_str().unwrap()), "{said}");
    }
}

mod slow {
    use super::*;

    /// A closed folder on the way is told of with its path and exit 3, never as "No backup".
    #[test]
    #[ignore = "takes seconds: .ci/run runs it"]
    fn closed_folders_on_the_way() {
        let (mobile, backups) = ("MobileSync", "MobileSync/Backup");
        let (phone, notes) = (format!("{backups}/{NEW}"), "MobileSync/Backup/notes");
        for (closed, root) in [
            (phone.as_str(), backups),
            (&phone, mobile),
            (&phone, &phone),
            (backups, backups),
            (backups, mobile),
            (backups, "."),
            (mobile, mobile),
            (mobile, backups),
            (mobile, "."),
            (notes, "."),
        ] {
            for mode in [0, 0o444, 0o311] {
                let mut world = World::new();
                let store = world.data().join(backups);
                small(NEW).write(&store);
                small(OLD).write(&store);
                put(&store.join("notes/today.txt"), b"");
                world.close(world.data().join(closed), mode);
                // A folder that may be entered but not listed lets a path through it be used.
                let passable = mode & 1 != 0 && root.len() > closed.len();
                let root = world.data().join(root);
                let (run, document) = world.scan(&root, &[]);
                let seen = format!("{closed} {mode:o} from {root:?}: {run:?}");
                if passable {
                    assert_eq!(run.code, 0, "{seen}");
                    continue;
                }
                if mode != 0 && closed == notes {
                    // What there is to see in it depends on the mode.
                    continue;
                }
                assert_eq!(run.code, 3, "{seen}");
                assert!(!run.stderr.contains("No backup under"), "{seen}");
                let name = Path::new(closed).file_name().unwrap().to_str().unwrap();
                let is_named = |entry: &Value| {
                    let path = entry["path"].as_str().unwrap();
                    let is_below = path.starts_with(root.to_str().unwrap());
                    let is_it = path.trim_end_matches("/.").ends_with(name);
                    is_it && entry["verdict"] != "complete"
                        || is_below && entry["verdict"].is_null()
                };
                let backups = document["backups"].as_array().unwrap();
                let mut all = document["problems"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .chain(backups);
                assert!(all.any(is_named), "{seen}");
                for entry in backups {
                    let verdict = entry["verdict"].as_str().unwrap();
                    assert!(["complete", "unreadable"].contains(&verdict), "{seen}");
                }
                if closed == phone && !root.ends_with(NEW) {
                    assert_eq!(backup(&document, OLD)["verdict"], "complete");
                }
            }
        }
    }
}
