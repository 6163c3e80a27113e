//! `clean` as its users meet it (contract §5, §7, §8, §9): what goes, what stays, what is asked, what
//! is told. Runs the real program by the real clock, on backups of years ago.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

use bkscan::state::StateFolder;
use rustix::fs::OFlags;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

use crate::harness::{Ended as _, NOW, Run, program, scan};
use crate::support::{BackupBuilder, payload_path, tree_digest};

const PHONE: &str = "00008130-000A1C2E3F40801E";
const TABLET: &str = "00008103-0012345678901234";
const SPARE: &str = "00008030-001122334455667A";
/// An archived copy of the phone, by its name.
const ARCHIVED: &str = "00008130-000A1C2E3F40801E-20230101-080000";
const DOMAIN: &str = "HomeDomain";
const NOBODY: u32 = 65_534;

/// A folder `Backup` with backups in it, and a state folder that nothing else uses.
struct World {
    folder: TempDir,
}

impl World {
    /// As the program notes before it gives a folder the name under which it is removed.
    fn note_begun(&self, name: &str) {
        let metadata = fs::metadata(self.path(name)).unwrap();
        let state = StateFolder::new(self.state().join("bkscan"));
        state
            .record_begun((metadata.dev(), metadata.ino()))
            .unwrap();
    }

    fn new() -> World {
        let world = World {
            folder: tempdir().unwrap(),
        };
        fs::create_dir(world.backups()).unwrap();
        world
    }

    /// A newest backup, and one that it supersedes: the folder `older`.
    fn pair() -> World {
        let world = World::new();
        phone("2025-11-20").write(&world.backups());
        phone("2024-06-14")
            .folder_name("older")
            .write(&world.backups());
        world
    }

    /// The pair, `oldest`, which goes too, and the only backup of another phone.
    fn four() -> World {
        let world = World::pair();
        phone("2023-06-14")
            .folder_name("oldest")
            .write(&world.backups());
        spare().write(&world.backups());
        world
    }

    fn backups(&self) -> PathBuf {
        self.folder.path().join("Backup")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.backups().join(name)
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// `bkscan clean`, without a terminal.
    fn bare(&self) -> Command {
        let mut command = program();
        command
            .arg("clean")
            .current_dir(self.folder.path())
            .env("XDG_STATE_HOME", self.state())
            .stdin(Stdio::null());
        command
    }

    /// `bkscan clean …/Backup ARGS`
    fn command<A: AsRef<OsStr>>(&self, args: &[A]) -> Command {
        let mut command = self.bare();
        command.arg(self.backups()).args(args);
        command
    }

    fn clean<A: AsRef<OsStr>>(&self, args: &[A]) -> Run {
        output(&mut self.command(args))
    }

    fn delete(&self, args: &[&str]) -> Run {
        output(self.command(args).args(["--delete", "--yes"]))
    }

    fn json<A: AsRef<OsStr>>(&self, args: &[A]) -> (Run, Value) {
        document(self.command(args).arg("--json"))
    }

    fn delete_json(&self, args: &[&str]) -> (Run, Value) {
        document(self.command(args).args(["--json", "--delete", "--yes"]))
    }

    /// What is in `Backup`, each with its digest.
    fn digests(&self) -> BTreeMap<String, String> {
        let entries = fs::read_dir(self.backups()).unwrap();
        entries
            .map(|entry| {
                let entry = entry.unwrap();
                let name = entry.file_name().to_string_lossy().into_owned();
                (name, tree_digest(&entry.path()))
            })
            .collect()
    }

    /// Makes sure that exactly these are gone, and that nothing else changed.
    fn assert_gone(&self, mut before: BTreeMap<String, String>, gone: &[&str], run: &Run) {
        for name in gone {
            assert!(before.remove(*name).is_some(), "{name} was there");
        }
        let names =
            |map: &BTreeMap<String, String>| -> Vec<String> { map.keys().cloned().collect() };
        let now = self.digests();
        assert_eq!(names(&now), names(&before), "{run:#?}");
        assert_eq!(now, before, "{run:#?}");
    }

    /// The lines of the list of removals.
    fn removals(&self) -> Vec<Value> {
        let path = self.state().join("bkscan/removals.jsonl");
        let text = fs::read_to_string(path).unwrap();
        let lines = text.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

/// A healthy backup of the phone of this day, without the empty folders that only cost time here.
fn phone(day: &str) -> BackupBuilder {
    device(PHONE, "Kitchen iPhone", day)
}

fn device(udid: &str, name: &str, day: &str) -> BackupBuilder {
    BackupBuilder::new(udid)
        .device(name, "iPhone16,1", None, "18.5", "22F76")
        .date(&format!("{day}T08:00:00Z"))
        .bare()
        .file(DOMAIN, "Library/note.txt", &[7; 5000])
        .file("CameraRollDomain", "Media/DCIM/1.JPG", &[8; 90_000])
        .no_empty_shards()
}

/// The only backup of another phone.
fn spare() -> BackupBuilder {
    device(SPARE, "Spare phone", "2022-09-22")
}

fn photo(backup: &Path) -> PathBuf {
    payload_path(backup, "CameraRollDomain", "Media/DCIM/1.JPG")
}

fn output(command: &mut Command) -> Run {
    let run: Run = command.ended().expect("the program starts").into();
    assert!(!run.stderr.contains("panicked"), "{run:#?}");
    run
}

fn document(command: &mut Command) -> (Run, Value) {
    let run = output(command);
    let document: Value = serde_json::from_str(&run.stdout)
        .unwrap_or_else(|error| panic!("no JSON ({error}): {run:#?}"));
    assert_eq!(document["exit_code"], run.code, "{run:#?}");
    (run, document)
}

/// A terminal to read from, and its other end, to type on.
pub fn terminal() -> (File, File) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let slave = OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(i32::try_from(OFlags::NOCTTY.bits()).unwrap())
        .open(OsStr::from_bytes(name.as_bytes()))
        .unwrap();
    (slave, File::from(master))
}

/// Reads until a text was told.
pub fn wait_for(mut from: impl Read, text: &str) {
    let mut told = Vec::new();
    while !told.ends_with(text.as_bytes()) {
        let mut byte = [0];
        from.read_exact(&mut byte).unwrap();
        told.push(byte[0]);
    }
}

/// Runs a command with a terminal as its stdin, into which this was typed. After that comes the end
/// of input, so that one question too many does not wait for ever.
fn typing(command: &mut Command, typed: &str) -> Run {
    let (slave, mut master) = terminal();
    master
        .write_all(format!("{typed}\u{4}\u{4}\u{4}").as_bytes())
        .unwrap();
    let run = output(command.stdin(slave));
    drop(master);
    run
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The names of the folders in the plan, with what is done, in order of names.
fn planned(document: &Value) -> Vec<String> {
    let plan = document["plan"].as_array().expect("plan is a list");
    let mut planned: Vec<String> = plan
        .iter()
        .map(|item| {
            let path = Path::new(item["path"].as_str().unwrap());
            let name = path.file_name().unwrap().to_str().unwrap();
            format!("{} {name}", item["action"].as_str().unwrap())
        })
        .collect();
    planned.sort();
    planned
}

/// The outcome of each folder, in order of names.
fn outcomes(document: &Value) -> Vec<String> {
    let done = document["done"].as_array().expect("done is a list");
    let mut outcomes: Vec<String> = done
        .iter()
        .map(|item| {
            let path = Path::new(item["path"].as_str().unwrap());
            let name = path.file_name().unwrap().to_str().unwrap();
            assert_eq!(item["why"].is_null(), item["outcome"] == "removed");
            format!("{name} {}", item["outcome"].as_str().unwrap())
        })
        .collect();
    outcomes.sort();
    outcomes
}

/// Why a folder stays.
fn why<'a>(document: &'a Value, name: &str) -> &'a str {
    let done = document["done"].as_array().expect("done is a list");
    let found = done
        .iter()
        .find(|item| item["path"].as_str().unwrap().ends_with(name));
    let found = found.unwrap_or_else(|| panic!("{name} in {done:#?}"));
    found["why"].as_str().unwrap()
}

/// The reason codes of an item of the plan.
fn codes(item: &Value) -> Vec<&str> {
    let reasons = item["reasons"].as_array().unwrap().iter();
    reasons
        .map(|reason| reason["code"].as_str().unwrap())
        .collect()
}

/// Allocated bytes, once the blocks are on the disk: of the files, and of the folders.
fn allocated(folder: &Path) -> (u64, u64) {
    let mut sum = (0, 0);
    for entry in walkdir::WalkDir::new(folder) {
        let entry = entry.unwrap();
        File::open(entry.path()).unwrap().sync_all().unwrap();
        let bytes = entry.metadata().unwrap().blocks() * 512;
        match entry.file_type().is_dir() {
            true => sum.1 += bytes,
            false => sum.0 += bytes,
        }
    }
    sum
}

/// Whether the disk is one where a removal gives back exactly what was told.
fn is_exact(document: &Value) -> bool {
    document["roots"][0]["volume"]["shares_blocks"] == false
}

fn touch(path: &Path) {
    let file = OpenOptions::new().write(true).open(path).unwrap();
    file.set_modified(SystemTime::now()).unwrap();
}

fn set_mtime(path: &Path, time: SystemTime) {
    let file = OpenOptions::new().write(true).open(path).unwrap();
    file.set_modified(time).unwrap();
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[expect(clippy::print_stderr, reason = "a test that did nothing says so")]
fn skip(why: &str) {
    eprintln!("not checked here: {why}");
}

// ---- 1: the plan ----

#[test]
fn the_plan_changes_nothing_and_says_what_would_go_and_what_stays() {
    let world = World::four();
    let before = tree_digest(world.folder.path());
    for columns in ["100", "80", "60"] {
        let run = output(world.command::<&str>(&[]).env("COLUMNS", columns));
        assert_eq!(
            tree_digest(world.folder.path()),
            before,
            "something changed"
        );
        assert_eq!(run.code, 0, "{run:#?}");
        assert_eq!(run.stderr, "");
        let words: Vec<&str> = run.stdout.split_whitespace().collect();
        let said = words.join(" ");
        let place = |part: &str| {
            said.find(part)
                .unwrap_or_else(|| panic!("{part} in {}", run.stdout))
        };
        place("nothing has been deleted");
        let (can_go, asked, stays) = (place("can go"), place("you decide"), place("stays"));
        assert!(can_go < place("14 Jun 2024") && place("14 Jun 2024") < asked);
        assert!(can_go < place("14 Jun 2023") && place("14 Jun 2023") < asked);
        assert!(asked < place("Spare phone"), "{}", run.stdout);
        assert!(place("Spare phone") < stays, "{}", run.stdout);
        assert!(stays < place("newest good backup"), "{}", run.stdout);
        assert!(place("2 of 4 can go") > stays, "{}", run.stdout);
        place("--delete");
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_json_plan_has_each_entry_exactly_and_nothing_done() {
    let world = World::pair();
    spare().write(&world.backups());
    let (files, folders) = allocated(&world.path("older"));
    let before = tree_digest(world.folder.path());
    let (run, document) = world.json::<&str>(&[]);
    assert_eq!(
        tree_digest(world.folder.path()),
        before,
        "something changed"
    );
    assert_eq!(run.code, 0);
    assert_eq!(run.stderr, "");
    assert_eq!(
        document["plan"],
        json!([{
            "path": text(&world.path("older")),
            "action": "remove",
            "frees": { "bytes": files + folders, "exact": is_exact(&document) },
            "reasons": [{
                "code": "superseded-by",
                "text": "that of 20 Nov 2025 holds all of it",
                "by": text(&world.path(PHONE)),
            }],
        }])
    );
    assert!(document.get("done").is_none(), "{document:#}");
    assert_eq!(document["level"], "standard");
    assert_eq!(document["backups"].as_array().unwrap().len(), 3);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn it_judges_at_standard_also_when_quick_was_asked_for() {
    let world = World::pair();
    let (run, document) = world.json(&["--level", "quick"]);
    assert_eq!(run.code, 0);
    assert_eq!(document["level"], "standard");
    assert_eq!(planned(&document), ["remove older"]);
}

#[test]
fn nothing_to_do_is_no_failure() {
    let world = World::new();
    phone("2025-11-20").write(&world.backups());
    spare().write(&world.backups());
    let before = world.digests();
    for args in [&[][..], &["--delete", "--yes"]] {
        let run = world.clean(args);
        assert_eq!(run.code, 0, "{run:#?}");
        world.assert_gone(before.clone(), &[], &run);
    }
    let (_, document) = world.json(&["--delete", "--yes"]);
    assert_eq!(document["plan"], json!([]));
    assert_eq!(document["done"], json!([]));
}

#[test]
fn a_missing_path_and_no_backups_are_told_with_3() {
    let world = World::new();
    for args in [&[][..], &["--delete", "--yes"]] {
        assert_eq!(world.clean(args).code, 3);
        let missing = output(world.bare().arg("not-here").args(args));
        assert_eq!(missing.code, 3, "{missing:#?}");
        assert!(missing.stderr.contains("not-here"), "{missing:#?}");
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn redacted_the_plan_names_nothing() {
    let world = World::pair();
    let leftover = world.path(".bkscan-removing-kitchen");
    phone("2023-06-14")
        .folder_name(".bkscan-removing-kitchen")
        .without("Status.plist")
        .write(&world.backups());
    for args in [
        &["--redact"][..],
        &["--redact", "--json"],
        &["--redact", "--only", "older"],
        &["--redact", "--device", "Kitchen iPhone"],
    ] {
        let run = world.clean(args);
        assert_eq!(run.code, 0, "{run:#?}");
        let said = format!("{}{}", run.stdout, run.stderr);
        for secret in ["Kitchen", "kitchen", PHONE, text(world.folder.path())] {
            assert!(!said.contains(secret), "{secret} in {said}");
        }
    }
    assert!(leftover.is_dir());
}

/// The command that the plan ends with does what the plan says.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_command_that_is_shown_does_what_was_planned() {
    let mut wrong = Vec::new();
    for (args, gone) in [
        (&[][..], &["older", "oldest"][..]),
        (&["--only", "oldest"], &["oldest"]),
        (&["--older-than", "1d"], &["older", "oldest"]),
        (&["--device", "Kitchen iPhone"], &["older", "oldest"]),
        (&["--keep-last", "2"], &["oldest"]),
    ] {
        let world = World::four();
        device(TABLET, "Hall iPad", "2025-11-20").write(&world.backups());
        if args.contains(&"--device") {
            device(TABLET, "Hall iPad", "2024-11-20")
                .folder_name("tablet")
                .write(&world.backups());
        }
        let before = world.digests();
        let plan = world.clean(args);
        let shown = plan
            .stdout
            .lines()
            .find(|line| line.trim_start().starts_with("bkscan clean"))
            .unwrap_or_else(|| panic!("a command in {}", plan.stdout));
        let shown = shown.replace("asks once, then deletes for good", "");
        let words = shell_words::split(&shown).unwrap();
        assert_eq!(words[..2], ["bkscan", "clean"]);
        let run = output(world.bare().args(&words[2..]).arg("--yes"));
        assert_eq!(run.code, 0, "{args:?}: {shown}: {run:#?}");
        let mut expected = before;
        expected.retain(|name, _| !gone.contains(&name.as_str()));
        let left = world.digests();
        if left != expected {
            let left: Vec<&String> = left.keys().collect();
            wrong.push(format!(
                "{args:?} shows {}, which leaves {left:?}",
                shown.trim()
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

// ---- 2: removing ----

#[test]
fn delete_removes_exactly_what_was_planned() {
    let world = World::four();
    let before = world.digests();
    let run = world.delete(&[]);
    assert_eq!(run.code, 0, "{run:#?}");
    assert_eq!(run.stderr, "");
    let said = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("Deleted 2 of 2: "), "{said}");
    assert!(said.contains("Free now "), "{said}");
    world.assert_gone(before, &["older", "oldest"], &run);
    let again = world.delete(&[]);
    assert_eq!(again.code, 0, "{again:#?}");
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_json_document_says_what_was_done() {
    let world = World::pair();
    let (files, folders) = allocated(&world.path("older"));
    assert!(files > 90_000);
    let before = world.digests();
    let (run, document) = world.delete_json(&[]);
    assert_eq!(run.code, 0);
    assert_eq!(run.stderr, "");
    let expected = json!([{
        "path": text(&world.path("older")),
        "outcome": "removed",
        "why": null,
        "freed_bytes": files + folders,
    }]);
    assert_eq!(document["done"], expected);
    assert_eq!(planned(&document), ["remove older"]);
    world.assert_gone(before, &["older"], &run);
}

#[test]
fn each_removal_is_noted_in_the_state_folder() {
    let world = World::pair();
    let (_, document) = world.delete_json(&[]);
    let lines = world.removals();
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert_eq!(lines[0]["path"], text(&world.path("older")));
    assert_eq!(lines[0]["outcome"], "removed");
    assert_eq!(lines[0]["freed_bytes"], document["done"][0]["freed_bytes"]);
    assert!(
        lines[0].to_string().contains("20"),
        "it says when: {lines:#?}"
    );
    phone("2024-06-14")
        .folder_name("older")
        .write(&world.backups());
    world.delete(&[]);
    assert_eq!(world.removals().len(), 2);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn bytes_that_have_another_name_elsewhere_are_not_freed() {
    let world = World::pair();
    let older = world.path("older");
    // One has its other name outside; one has both its names in the backup.
    fs::hard_link(photo(&older), world.folder.path().join("photo")).unwrap();
    let note = payload_path(&older, DOMAIN, "Library/note.txt");
    fs::hard_link(&note, note.with_file_name("0".repeat(40))).unwrap();
    let (files, folders) = allocated(&older);
    let bytes = |path: &Path| fs::metadata(path).unwrap().blocks() * 512;
    let expected = files + folders - bytes(&photo(&older)) - bytes(&note);
    let kept = fs::read(photo(&older)).unwrap();
    let (run, document) = world.delete_json(&["--threads", "8"]);
    assert_eq!(run.code, 0, "{run:#?}");
    assert_eq!(document["done"][0]["freed_bytes"], expected);
    let photo = world.folder.path().join("photo");
    assert_eq!(fs::read(&photo).unwrap(), kept);
    assert_eq!(fs::metadata(&photo).unwrap().nlink(), 1);
}

#[test]
fn links_and_odd_files_in_a_backup_go_without_what_they_lead_to() {
    let world = World::pair();
    let outside = world.folder.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("holiday.jpg"), b"photo").unwrap();
    let kept = tree_digest(&outside);
    let older = world.path("older");
    symlink(&outside, older.join("Shared")).unwrap();
    symlink(outside.join("holiday.jpg"), older.join("one")).unwrap();
    symlink("nowhere", older.join("two")).unwrap();
    let fifo = Command::new("mkfifo").arg(older.join("pipe")).status();
    if !fifo.is_ok_and(|status| status.success()) {
        skip("no mkfifo");
    }
    let before = world.digests();
    let run = world.delete(&[]);
    assert_eq!(run.code, 0, "{run:#?}");
    world.assert_gone(before, &["older"], &run);
    assert_eq!(tree_digest(&outside), kept);
}

// ---- 3: usage ----

#[test]
fn usage_errors_end_with_64_and_change_nothing() {
    let world = World::pair();
    let before = tree_digest(world.folder.path());
    for args in [
        &["--now", NOW, "--delete", "--yes"][..],
        &["--now", NOW, "--delete"],
        &["--delete"],
        &["--delete", "--json"],
        &["--delete", "--quiet"],
        &["--delete", "--only", "older"],
        &["--yes"],
        &["--redact", "--delete", "--yes"],
        &["--keep-last", "0"],
        &["--keep-last", "0", "--delete", "--yes"],
        &["--older-than", "5m"],
        &["--older-than", "5m", "--delete", "--yes"],
        &["--keep-within", "5m", "--delete", "--yes"],
        &["--delete", "--yes", "--only"],
        &["--delete", "--yes", "--only", ""],
        &["--delete", "--yes", "--nonsense"],
    ] {
        let run = world.clean(args);
        assert_eq!(run.code, 64, "{args:?}: {run:#?}");
        assert_eq!(run.stdout, "", "{args:?}");
        assert_ne!(run.stderr, "", "{args:?}");
        assert_eq!(tree_digest(world.folder.path()), before, "{args:?}");
        if args.contains(&"5m") {
            assert!(run.stderr.contains("mo or min"), "{run:#?}");
        }
        if args == ["--delete"] {
            assert!(run.stderr.contains("--yes"), "{run:#?}");
        }
    }
}

#[test]
fn options_stand_before_and_after_the_command_word() {
    for words in [
        &["--delete", "--yes", "clean", "Backup"][..],
        &["--yes", "clean", "--delete", "Backup"],
        &["clean", "Backup", "--delete", "--yes"],
        &["--older-than", "1y", "clean", "Backup", "--delete", "--yes"],
    ] {
        let world = World::pair();
        let before = world.digests();
        let run = output(
            program()
                .current_dir(world.folder.path())
                .env("XDG_STATE_HOME", world.state())
                .args(words),
        );
        assert_eq!(run.code, 0, "{words:?}: {run:#?}");
        world.assert_gone(before, &["older"], &run);
    }
}

#[test]
fn options_of_clean_are_refused_elsewhere() {
    for words in [
        &["Backup", "--delete"][..],
        &["Backup", "--delete", "--yes"],
        &["--only", "older"],
        &["show", "Backup/older", "--device", "Kitchen iPhone"],
        &["Backup", "--older-than", "1y"],
    ] {
        let world = World::pair();
        let before = world.digests();
        let run = output(program().current_dir(world.folder.path()).args(words));
        assert_eq!(run.code, 64, "{words:?}: {run:#?}");
        assert!(run.stderr.contains("goes with bkscan clean"), "{run:#?}");
        assert_eq!(world.digests(), before);
    }
}

#[test]
fn yes_through_a_pipe_is_no_terminal() {
    let world = World::pair();
    let before = tree_digest(world.folder.path());
    let answer = world.folder.path().parent().unwrap();
    let mut answer = tempfile::tempfile_in(answer).unwrap();
    answer.write_all(b"yes\nyes\n").unwrap();
    std::io::Seek::rewind(&mut answer).unwrap();
    let run = output(world.command(&["--delete"]).stdin(answer));
    assert_eq!(run.code, 64, "{run:#?}");
    assert_eq!(tree_digest(world.folder.path()), before);
}

// ---- 4: --only ----

#[test]
fn only_takes_paths_names_and_udids() {
    let world = World::four();
    let older = world.path("older");
    let spare = format!("remove {SPARE}");
    for (words, expected) in [
        (&["older"][..], &["remove older"][..]),
        (&[text(&older)], &["remove older"]),
        (&["Backup/older"], &["remove older"]),
        (&["./Backup/../Backup/older/"], &["remove older"]),
        (&["older", "oldest"], &["remove older", "remove oldest"]),
        (
            &["oldest", "--only", "older"],
            &["remove older", "remove oldest"],
        ),
        (&["older", "older", text(&older)], &["remove older"]),
        (&[SPARE], &[&spare]),
        (&["00008030"], &[&spare]),
        (&["00008030-001122334455667a"], &[&spare]),
        (&["Spare phone"], &[&spare]),
        (&["Spare", "phone"], &[&spare]),
        (&["older", "Spare", "phone"], &[&spare, "remove older"]),
        (&["Spare", "phone", "older"], &[&spare, "remove older"]),
        // The start of a name that only one has; case does not matter.
        (&["Spare"], &[&spare]),
        (&["sp"], &[&spare]),
        (&["SPARE", "PHONE"], &[&spare]),
        (&["older", "spare"], &[&spare, "remove older"]),
    ] {
        let args = [&["--only"], words].concat();
        let (run, document) = world.json(&args);
        assert_eq!(run.code, 0, "{words:?}: {run:#?}");
        assert_eq!(planned(&document), expected, "{words:?}");
    }
    let before = world.digests();
    let run = world.delete(&["--only", "oldest"]);
    assert_eq!(run.code, 0, "{run:#?}");
    world.assert_gone(before, &["oldest"], &run);
}

/// Without a PATH, a backup named by its path is found, and judged beside its neighbours.
#[test]
fn only_by_path_needs_no_other_path() {
    for word in ["Backup/older", "./Backup/older/", "Backup/../Backup/older"] {
        let world = World::four();
        let before = world.digests();
        let run = output(world.bare().args(["--delete", "--yes", "--only", word]));
        assert_eq!(run.code, 0, "{word}: {run:#?}");
        world.assert_gone(before, &["older"], &run);
    }
}

/// A path behind `--only` is none of the words that it takes.
#[test]
fn a_path_behind_only_is_told_to_stand_before_it() {
    const RULE: &str = "bkscan: --only takes every word after it: write the path before it, as in";
    let world = World::four();
    fs::create_dir(world.folder.path().join("Old folder")).unwrap();
    let before = tree_digest(world.folder.path());
    for (words, call) in [
        (
            &["--only", "older", "Backup"][..],
            "bkscan clean Backup --only older",
        ),
        (
            &["--delete", "--yes", "--only", "Kitchen iPhone", "Backup"],
            "bkscan clean Backup --only 'Kitchen iPhone'",
        ),
        // All of them are there.
        (
            &["--only", "Backup/older", "."],
            "bkscan clean . --only Backup/older",
        ),
        (
            &["--redact", "--only", "older", "Backup"],
            "bkscan clean PATH --only BACKUP",
        ),
    ] {
        let run = output(world.bare().args(words));
        let said = format!("{RULE} {call}\n");
        assert_eq!((run.code, run.stderr), (64, said), "{words:?}");
        assert_eq!(run.stdout, "");
    }
    // What holds no backups is no path.
    let run = world.clean(&["--only", "older", "Old folder"]);
    assert_eq!(run.code, 3, "{run:#?}");
    assert!(run.stderr.contains("is called Old folder;"), "{run:#?}");
    assert_eq!(tree_digest(world.folder.path()), before);
}

#[test]
fn an_ambiguous_name_ends_with_64_and_the_candidates() {
    let world = World::four();
    let before = tree_digest(world.folder.path());
    for (word, candidates) in [
        ("Kitchen iPhone", &[PHONE, "older", "oldest"][..]),
        ("kitchen iphone", &[PHONE, "older", "oldest"]),
        ("0000", &[PHONE, "older", "oldest", SPARE]),
    ] {
        for args in [
            &["--only", word][..],
            &["--only", word, "--delete", "--yes"],
        ] {
            let run = world.clean(args);
            assert_eq!(run.code, 64, "{args:?}: {run:#?}");
            for candidate in candidates {
                let path = world.path(candidate);
                assert!(run.stderr.contains(text(&path)), "{candidate}: {run:#?}");
            }
            assert_eq!(run.stdout, "");
        }
    }
    assert_eq!(tree_digest(world.folder.path()), before);
}

/// Of each candidate there is what tells it from the others: folder, device, model and date.
#[test]
fn candidates_are_told_with_model_date_and_folder() {
    let world = World::four();
    let run = world.clean(&["--only", "Kitchen"]);
    let line = |name: &str, day: &str| {
        let path = world.path(name).display().to_string();
        format!("bkscan:   {path}  Kitchen iPhone, iPhone 15 Pro, {day}\n")
    };
    let said = [
        "bkscan: Kitchen could be any of these; name one:\n".to_owned(),
        line(PHONE, "20 Nov 2025"),
        line("older", "14 Jun 2024"),
        line("oldest", "14 Jun 2023"),
    ];
    assert_eq!((run.code, run.stderr), (64, said.concat()));
}

/// Phones write curly apostrophes into names, and keyboards straight ones.
#[test]
fn apostrophes_quotes_and_case_do_not_matter_in_names() {
    let world = World::pair();
    device(
        SPARE,
        "Zoé\u{2019}s \u{201c}old\u{201d} iPhone",
        "2022-09-22",
    )
    .write(&world.backups());
    let spare = format!("remove {SPARE}");
    for name in [
        "Zoé's \"old\" iPhone",
        "zoé\u{2019}s \u{201e}OLD\u{201c} iphone",
        "Zoe\u{301}\u{2018}s",
        "zoé's \"o",
    ] {
        let (run, document) = world.json(&["--only", name]);
        assert_eq!(
            (run.code, planned(&document)),
            (0, vec![spare.clone()]),
            "{name}"
        );
        let (run, document) = world.json(&["--device", name]);
        assert_eq!((run.code, planned(&document)), (0, vec![]), "{name}");
    }
    for typed in [
        "zoé's \"OLD\" iphone\n",
        "Zoé\u{2019}s  \u{201c}old\u{201d} iPhone\n",
    ] {
        let mut command = world.command(&["--only", SPARE, "--delete", "--yes"]);
        let before = world.digests();
        let run = typing(&mut command, typed);
        assert_eq!(run.code, 0, "{run:#?}");
        world.assert_gone(before, &[SPARE], &run);
        device(
            SPARE,
            "Zoé\u{2019}s \u{201c}old\u{201d} iPhone",
            "2022-09-22",
        )
        .write(&world.backups());
    }
    // The start of a name is not the name, where an only copy would go.
    let before = world.digests();
    let mut command = world.command(&["--only", SPARE, "--delete", "--yes"]);
    let run = typing(&mut command, "zoé's\n");
    assert_eq!(run.code, 2, "{run:#?}");
    world.assert_gone(before, &[], &run);
}

#[test]
fn an_unknown_name_ends_with_3_and_the_names_there_are() {
    let world = World::four();
    let before = tree_digest(world.folder.path());
    for words in [
        &["garden"][..],
        &["older", "garden"],
        &["older", "garden", "oldest"],
        &["Backup"],
        &["/"],
    ] {
        for tail in [&[][..], &["--delete", "--yes"]] {
            let run = world.clean(&[&["--only"], words, tail].concat());
            assert_eq!(run.code, 3, "{words:?}: {run:#?}");
            for name in ["Kitchen iPhone", "older", "oldest", "Spare phone"] {
                assert!(run.stderr.contains(name), "{words:?} {name}: {run:#?}");
            }
        }
    }
    assert_eq!(tree_digest(world.folder.path()), before);
}

#[test]
fn the_newest_good_backup_of_several_stays_although_it_was_named() {
    for words in [&[PHONE][..], &[PHONE, "older"], &["older", PHONE]] {
        let world = World::four();
        let before = world.digests();
        let (run, document) = world.delete_json(&[&["--only"], words].concat());
        assert_eq!(run.code, 2, "{run:#?}");
        let kept = format!("{PHONE} refused");
        match words.contains(&"older") {
            false => {
                assert_eq!(outcomes(&document), [kept]);
                world.assert_gone(before, &[], &run);
            }
            true => {
                assert_eq!(outcomes(&document), [kept, "older removed".to_owned()]);
                world.assert_gone(before, &["older"], &run);
            }
        }
        let freed = document["done"].as_array().unwrap().iter();
        assert!(
            freed
                .clone()
                .all(|item| item["outcome"] == "removed" || item["freed_bytes"] == 0)
        );
    }
    let world = World::four();
    let run = world.delete(&["--only", PHONE]);
    assert_eq!(run.code, 2, "{run:#?}");
    assert!(run.stdout.contains("Kept Kitchen iPhone"), "{run:#?}");
    assert!(run.stdout.contains("newest good backup"), "{run:#?}");
}

/// What was not named is what is left: it stays, and the document says of all the same as the screen.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_newest_one_stays_as_what_it_is_where_all_others_were_named() {
    let world = World::pair();
    let add = |day: &str, name: &str| {
        let backup = phone(day).folder_name(name);
        let backup = backup.file("CameraRollDomain", "Media/DCIM/2.JPG", &[7; 3000]);
        backup.write(&world.backups());
    };
    add("2023-06-14", "beach");
    add("2022-06-14", "beach2");
    let (_, document) = world.json(&["--only", "beach", "beach2"]);
    let decisions = document["backups"].as_array().unwrap().iter();
    let decisions: Vec<Value> = decisions
        .map(|backup| {
            let decision = &backup["decision"];
            json!([decision["action"], codes(decision), backup["flags"]])
        })
        .collect();
    let expected = [
        json!(["keep", ["newest-good"], ["old"]]),
        json!(["keep", ["holds-more"], ["old"]]),
        json!(["keep", ["holds-more"], ["old"]]),
        json!(["remove", ["superseded-by"], ["old", "superseded"]]),
    ];
    assert_eq!(decisions, expected, "{document:#}");
    let paths = |names: &[&str]| -> Value {
        names
            .iter()
            .map(|name| text(&world.path(name)).to_owned())
            .collect()
    };
    let summary = &document["summary"];
    assert_eq!(
        summary["on_request"]["backups"],
        paths(&["beach", "beach2"])
    );
    assert_eq!(summary["removable"]["backups"], paths(&["older"]));

    let run = world.clean(&["--only", "beach", "beach2"]);
    assert!(!run.stdout.contains("would be left"), "{run:#?}");
    assert!(!run.stdout.contains("you decide"), "{run:#?}");
    let (_, staying) = run.stdout.split_once("   stays").unwrap();
    assert!(staying.contains("newest good backup"), "{run:#?}");
}

/// All backups of a device by name: none of them stands in for another.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn of_all_backups_of_a_device_each_has_its_name_typed() {
    let world = World::four();
    let before = world.digests();
    let (run, document) = world.delete_json(&["--only", PHONE, "older", "oldest"]);
    assert_eq!(run.code, 2, "{run:#?}");
    let kept = format!("{PHONE} refused");
    let expected = [&kept, "older refused", "oldest refused"];
    assert_eq!(outcomes(&document), expected);
    let why =
        "no good backup of its device would be left, and its name has to be typed on a terminal";
    let done = document["done"].as_array().unwrap();
    assert!(done.iter().all(|done| done["why"] == why), "{done:#?}");
    world.assert_gone(before, &[], &run);
}

/// Backups that only the user can decide about stay until they are named, and then go.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_is_on_request_goes_only_by_name() {
    type Make = fn(&Path);
    let worlds: [(&str, &str, Make); 4] = [
        ("unlisted", "incomplete", |backups| {
            phone("2025-11-20").write(backups);
            phone("2023-01-01")
                .without("Manifest.plist")
                .folder_name("unlisted")
                .write(backups);
        }),
        (ARCHIVED, "archived", |backups| {
            phone("2025-11-20").write(backups);
            phone("2023-01-01").folder_name(ARCHIVED).write(backups);
        }),
        ("locked", "newer-not-checked", |backups| {
            phone("2025-11-20").encrypted().write(backups);
            phone("2023-01-01")
                .encrypted()
                .folder_name("locked")
                .write(backups);
        }),
        ("damaged", "corrupt", |backups| {
            phone("2025-11-20").write(backups);
            phone("2023-01-01")
                .folder_name("damaged")
                .remove_payload("CameraRollDomain", "Media/DCIM/1.JPG")
                .write(backups);
        }),
    ];
    for (name, code, make) in worlds {
        let world = World::new();
        make(&world.backups());
        let before = world.digests();
        let (run, document) = world.delete_json(&[]);
        assert_eq!(run.code, 0, "{name}: {run:#?}");
        assert_eq!(document["plan"], json!([]), "{name}");
        world.assert_gone(before.clone(), &[], &run);
        let asked = &document["summary"]["on_request"]["backups"];
        assert_eq!(asked, &json!([text(&world.path(name))]), "{name}");

        let (run, document) = world.delete_json(&["--only", name]);
        assert_eq!(run.code, 0, "{name}: {run:#?}");
        assert_eq!(codes(&document["plan"][0]), ["named", code], "{name}");
        assert_eq!(outcomes(&document), [format!("{name} removed")]);
        world.assert_gone(before, &[name], &run);
    }
}

// ---- 5: questions ----

#[test]
fn an_only_copy_is_not_removed_without_a_terminal() {
    let world = World::four();
    let before = world.digests();
    let (run, document) = world.json(&["--only", SPARE]);
    assert_eq!(run.code, 0, "{run:#?}");
    assert_eq!(codes(&document["plan"][0])[0], "named");
    for args in [&["--only", SPARE][..], &["--only", "Spare", "phone"]] {
        let (run, document) = world.delete_json(args);
        assert_eq!(run.code, 2, "{run:#?}");
        assert_eq!(outcomes(&document), [format!("{SPARE} refused")]);
        assert_eq!(document["done"][0]["freed_bytes"], 0);
        assert!(why(&document, SPARE).contains("terminal"), "{document:#}");
        world.assert_gone(before.clone(), &[], &run);
    }
    let run = world.delete(&["--only", SPARE]);
    assert_eq!(run.code, 2, "{run:#?}");
    assert!(run.stdout.contains("Kept Spare phone"), "{run:#?}");
    // The name through a pipe is not typed.
    let mut typed = tempfile::tempfile().unwrap();
    typed.write_all(b"Spare phone\nyes\n").unwrap();
    std::io::Seek::rewind(&mut typed).unwrap();
    let mut command = world.command(&["--only", SPARE, "--delete", "--yes"]);
    let run = output(command.stdin(typed));
    assert_eq!(run.code, 2, "{run:#?}");
    world.assert_gone(before.clone(), &[], &run);
    // The others go on.
    let (run, document) = world.delete_json(&["--only", SPARE, "older"]);
    assert_eq!(run.code, 2, "{run:#?}");
    let expected = [format!("{SPARE} refused"), "older removed".to_owned()];
    assert_eq!(outcomes(&document), expected);
    world.assert_gone(before, &["older"], &run);
}

#[test]
fn an_only_copy_goes_when_the_name_of_its_device_is_typed() {
    for (args, typed) in [
        (&["--delete", "--yes"][..], "Spare phone\n"),
        // Whether the usual question comes too, is open.
        (&["--delete"], "Spare phone\nyes\n"),
    ] {
        let world = World::four();
        let before = world.digests();
        let mut command = world.command(&["--only", SPARE]);
        let run = typing(command.args(args), typed);
        assert_eq!(run.code, 0, "{args:?}: {run:#?}");
        assert!(run.stderr.contains("Spare phone"), "{run:#?}");
        world.assert_gone(before, &[SPARE], &run);
    }
}

#[test]
fn an_only_copy_stays_when_something_else_is_typed() {
    for args in [&["--delete", "--yes"][..], &["--delete"]] {
        for typed in [
            "yes\nyes\n",
            "\n\n",
            "Spare\nyes\n",
            "Spare phone 2\nyes\n",
            "Kitchen iPhone\nyes\n",
            "y\ny\n",
        ] {
            let world = World::four();
            let before = world.digests();
            let mut command = world.command(&["--only", SPARE]);
            let run = typing(command.args(args), typed);
            world.assert_gone(before, &[], &run);
            assert_eq!(run.code, 2, "{args:?} {typed:?}: {run:#?}");
        }
    }
}

#[test]
fn an_only_copy_stays_at_the_end_of_input() {
    let mut wrong = Vec::new();
    for (args, typed) in [
        (&["--delete", "--yes"][..], ""),
        (&["--delete"], ""),
        (&["--delete", "--yes", "--quiet"], ""),
        (&["--delete", "--yes", "--json"], ""),
        // Also where the answer to the usual question would be yes.
        (&["--delete"], "\u{4}yes\n"),
        // The end of input within a line.
        (&["--delete", "--yes"], "Spare\u{4}"),
    ] {
        let world = World::four();
        let before = world.digests();
        let mut command = world.command(&["--only", SPARE]);
        let run = typing(command.args(args), typed);
        let stayed = world.digests() == before;
        if !stayed || run.code != 2 {
            wrong.push(format!("{args:?} {typed:?}: {} stayed: {stayed}", run.code));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What cannot be seen cannot be typed: the folder's name is, then, or nothing.
#[test]
fn an_only_copy_whose_device_has_no_visible_name_does_not_go_by_return_alone() {
    let mut wrong = Vec::new();
    for name in ["", " ", "\u{200b}", "\u{202e}\u{7}"] {
        for typed in ["\n", " \n"] {
            let world = World::pair();
            device(SPARE, name, "2022-09-22").write(&world.backups());
            let before = world.digests();
            let mut command = world.command(&["--only", SPARE, "--delete", "--yes"]);
            let run = typing(&mut command, typed);
            if world.digests() != before || run.code != 2 {
                wrong.push(format!("{name:?}, typed {typed:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "gone: {wrong:#?}");
}

/// Several only copies: each has its own question, and one answer does not stand for another.
#[test]
fn each_only_copy_is_asked_about_by_its_own_name() {
    let make = || {
        let world = World::four();
        device(TABLET, "Hall iPad", "2022-01-01").write(&world.backups());
        world
    };
    let named = ["--only", SPARE, TABLET, "older", "--delete", "--yes"];
    let world = make();
    let before = world.digests();
    let run = typing(&mut world.command(&named), "Spare phone\nSpare phone\n");
    let gone = world.digests();
    // Which comes first is open; one of the two was answered wrongly.
    assert_eq!(run.code, 2, "{run:#?}");
    assert!(gone.contains_key(TABLET), "{run:#?}");
    assert!(!gone.contains_key("older"), "{run:#?}");
    assert_eq!(gone[PHONE], before[PHONE]);
    assert_eq!(gone[TABLET], before[TABLET]);
}

#[test]
fn the_usual_question_deletes_with_yes_alone() {
    for (typed, gone) in [
        ("yes\n", &["older", "oldest"][..]),
        ("  yes \n", &["older", "oldest"]),
        ("no\n", &[]),
        ("y\n", &[]),
        ("\n", &[]),
        ("yess\n", &[]),
        ("Kitchen iPhone\n", &[]),
        ("no\nyes\n", &[]),
        ("", &[]),
    ] {
        let world = World::four();
        let before = world.digests();
        let run = typing(&mut world.command(&["--delete"]), typed);
        assert_eq!(run.code, 0, "{typed:?}: {run:#?}");
        world.assert_gone(before, gone, &run);
        let said = format!("{}{}", run.stdout, run.stderr);
        assert!(said.contains("Type yes"), "{typed:?}: {run:#?}");
        // What is said next begins on a line of its own, also after Ctrl-D.
        assert_eq!(run.stderr.ends_with('\n'), typed.is_empty(), "{run:#?}");
        // The plan is seen before the question.
        assert!(run.stdout.contains("can go"), "{typed:?}: {run:#?}");
    }
}

#[test]
fn the_question_names_the_backup_and_its_size() {
    let world = World::pair();
    let run = typing(&mut world.command(&["--delete"]), "no\n");
    let said = format!("{}{}", run.stdout, run.stderr);
    let question = "Delete 1 backup for good (Kitchen iPhone, 14 Jun 2024, ";
    assert!(said.contains(question), "{run:#?}");
    let world = World::four();
    let run = typing(&mut world.command(&["--delete"]), "no\n");
    let said = format!("{}{}", run.stdout, run.stderr);
    let question = "Delete 2 backups for good (";
    assert!(said.contains(question), "{run:#?}");
}

#[test]
fn with_yes_a_terminal_is_asked_nothing() {
    let world = World::four();
    let before = world.digests();
    let run = typing(&mut world.command(&["--delete", "--yes"]), "no\n");
    assert_eq!(run.code, 0, "{run:#?}");
    world.assert_gone(before, &["older", "oldest"], &run);
}

/// `--json` gives one document, also when the answer was no.
#[test]
fn an_answer_of_no_still_gives_the_document() {
    let world = World::pair();
    let before = world.digests();
    let run = typing(&mut world.command(&["--delete", "--json"]), "no\n");
    assert_eq!(run.code, 0, "{run:#?}");
    world.assert_gone(before, &[], &run);
    let document: Value = serde_json::from_str(&run.stdout)
        .unwrap_or_else(|error| panic!("no JSON ({error}): {run:#?}"));
    assert_eq!(planned(&document), ["remove older"]);
}

/// What was refused is told and counts, also when the answer about the rest was no.
#[test]
fn an_answer_of_no_does_not_hide_what_was_refused() {
    let world = World::four();
    let before = world.digests();
    let mut command = world.command(&["--only", PHONE, "older", "--delete"]);
    let run = typing(&mut command, "no\n");
    world.assert_gone(before, &[], &run);
    assert_eq!(run.code, 2, "{run:#?}");
    let said = format!("{}{}", run.stdout, run.stderr);
    assert!(said.contains("newest good backup"), "{run:#?}");
}

// ---- 6: narrower sets and rules to keep ----

fn two_devices() -> World {
    let world = World::new();
    let backups = world.backups();
    phone("2025-11-20").write(&backups);
    phone("2025-06-01").folder_name("b").write(&backups);
    phone("2024-06-01").folder_name("c").write(&backups);
    phone("2023-01-01").folder_name(ARCHIVED).write(&backups);
    let tablet = |day| device(TABLET, "Hall iPad", day);
    tablet("2025-10-01").write(&backups);
    tablet("2024-10-01").folder_name("tablet").write(&backups);
    world
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn device_and_age_narrow_the_plan_and_rules_keep() {
    let world = two_devices();
    let archived = format!("remove {ARCHIVED}");
    for (args, expected) in [
        (&[][..], &["remove b", "remove c", "remove tablet"][..]),
        (&["--device", "Kitchen iPhone"], &["remove b", "remove c"]),
        (&["--device", PHONE], &["remove b", "remove c"]),
        (&["--device", "Hall iPad"], &["remove tablet"]),
        (&["--device", "hall ipad"], &["remove tablet"]),
        (&["--older-than", "2y"], &["remove c", "remove tablet"]),
        (&["--older-than", "2y1mo"], &["remove c", "remove tablet"]),
        (&["--older-than", "2y2mo"], &["remove c"]),
        (&["--older-than", "10y"], &[]),
        (&["--older-than", "2y", "--device", PHONE], &["remove c"]),
        (&["--only", "b", "--older-than", "2y"], &[]),
        (&["--only", "b", "c", "--older-than", "2y"], &["remove c"]),
        (&["--only", "tablet", "--device", PHONE], &[]),
        (&["--keep-last", "2"], &["remove c"]),
        (&["--keep-last", "3"], &[]),
        (&["--keep-last", "9"], &[]),
        (&["--keep-within", "2y"], &["remove c", "remove tablet"]),
        (&["--keep-within", "3y"], &[]),
        (&["--keep-within", "1y6mo"], &["remove c", "remove tablet"]),
        (
            &["--include-archived"],
            &[&archived, "remove b", "remove c", "remove tablet"],
        ),
        (&["--include-archived", "--keep-last", "3"], &[&archived]),
        (&["--include-archived", "--older-than", "3y"], &[&archived]),
    ] {
        let args = [&["--now", NOW], args].concat();
        let (run, document) = world.json(&args);
        assert_eq!(planned(&document), expected, "{args:?}");
        assert_eq!(run.code, 0, "{args:?}: {run:#?}");
    }
}

#[test]
fn device_age_and_rules_hold_for_the_removal() {
    for (args, gone) in [
        (&["--device", "Hall iPad"][..], &["tablet"][..]),
        (&["--device", PHONE], &["b", "c"]),
        (&["--older-than", "100y"], &[]),
        (&["--keep-last", "2"], &["c"]),
        (&["--keep-within", "100y"], &[]),
        (&["--include-archived"], &[ARCHIVED, "b", "c", "tablet"]),
    ] {
        let world = two_devices();
        let before = world.digests();
        let run = world.delete(args);
        assert_eq!(run.code, 0, "{args:?}: {run:#?}");
        world.assert_gone(before, gone, &run);
    }
}

#[test]
fn an_unknown_device_ends_with_3_and_two_of_one_name_with_64() {
    let world = two_devices();
    let before = tree_digest(world.folder.path());
    let run = world.delete(&["--device", "Garden iPod"]);
    assert_eq!(run.code, 3, "{run:#?}");
    // Each once, however many backups it has.
    let said = format!(
        "bkscan: no device is called Garden iPod; there are:\nbkscan:   {TABLET}  Hall iPad\n\
         bkscan:   {PHONE}  Kitchen iPhone\n"
    );
    assert_eq!(run.stderr, said);
    assert_eq!(tree_digest(world.folder.path()), before);
    for (option, told) in [
        ("--device", "bkscan: no device is called that\n"),
        ("--only", "bkscan: no backup is called that\n"),
    ] {
        let run = world.clean(&["--redact", option, "Garden iPod"]);
        assert_eq!((run.code, run.stderr.as_str()), (3, told), "{run:#?}");
    }
    device(SPARE, "Hall iPad", "2022-01-01").write(&world.backups());
    let before = tree_digest(world.folder.path());
    for name in ["Hall iPad", "hall"] {
        let run = world.delete(&["--device", name]);
        let said = format!(
            "bkscan: {name} could be any of these; name one by its UDID:\n\
             bkscan:   {SPARE}  Hall iPad, iPhone 15 Pro, 1 Jan 2022\n\
             bkscan:   {TABLET}  Hall iPad, iPhone 15 Pro, 1 Oct 2025\n"
        );
        assert_eq!((run.code, run.stderr), (64, said));
    }
    assert_eq!(tree_digest(world.folder.path()), before);
}

#[test]
fn a_locked_backup_stands_in_for_another_only_when_trusted() {
    let world = World::new();
    phone("2025-11-20").encrypted().write(&world.backups());
    phone("2024-06-14")
        .encrypted()
        .folder_name("older")
        .write(&world.backups());
    let before = world.digests();
    let run = world.delete(&[]);
    assert_eq!(run.code, 0, "{run:#?}");
    world.assert_gone(before.clone(), &[], &run);
    let run = world.delete(&["--trust-locked"]);
    assert_eq!(run.code, 0, "{run:#?}");
    world.assert_gone(before, &["older"], &run);
}

/// An encrypted backup holds more than a later plain one.
#[test]
fn an_encrypted_backup_is_not_given_up_for_a_plain_one() {
    let world = World::new();
    phone("2025-11-20").write(&world.backups());
    phone("2024-06-14")
        .encrypted()
        .folder_name("locked")
        .write(&world.backups());
    let before = world.digests();
    let run = world.delete(&["--trust-locked"]);
    assert_eq!(run.code, 0, "{run:#?}");
    world.assert_gone(before.clone(), &[], &run);
    let run = world.delete(&["--only", "locked"]);
    assert_eq!(run.code, 2, "{run:#?}");
    world.assert_gone(before, &[], &run);
}

/// Without Manifest.plist nothing tells but the rows: the files of an encrypted backup have keys.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_may_be_encrypted_is_not_given_up_for_a_plain_one() {
    let older = || phone("2024-06-14").folder_name("older");
    for (case, made) in [
        ("a list with keys", older().mbdb().encrypted()),
        (
            "a list whose blobs are encrypted",
            older().encrypted_ios10_0(),
        ),
        ("a list that is encrypted", older().encrypted()),
    ] {
        let world = World::new();
        phone("2025-11-20").write(&world.backups());
        made.without("Manifest.plist").write(&world.backups());
        let (_, document) = world.json::<&str>(&[]);
        let backup = &document["backups"][1];
        assert_eq!(backup["encrypted"], Value::Null, "{case}");
        assert_eq!(backup["decision"]["action"], "keep", "{case}");
        assert_eq!(codes(&backup["decision"]), ["encrypted-kept"], "{case}");
        assert_eq!(
            backup["decision"]["reasons"][0]["text"],
            "may be encrypted: then it has more in it than the newer, not encrypted backup of 20 Nov 2025",
            "{case}"
        );
        assert_eq!(document["summary"]["on_request"]["backups"], json!([]));
        let run = output(program().arg(world.backups()));
        assert!(run.stdout.contains("may be encrypted"), "{case}: {run:#?}");
        let before = world.digests();
        let run = world.delete(&["--only", "older"]);
        assert_eq!(run.code, 2, "{case}: {run:#?}");
        world.assert_gone(before, &[], &run);
    }
}

/// An option that narrows what was named is told as the reason.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_was_named_and_is_too_new_is_told_to_be_left_out() {
    let world = World::pair();
    let words = ["--only", "older", "--older-than", "50y"];
    let run = world.clean(&words);
    let shown: Vec<&str> = run.stdout.split_whitespace().collect();
    let shown = shown.join(" ");
    assert!(
        shown.contains("you named it, but --older-than leaves"),
        "{run:#?}"
    );
    assert!(!shown.contains("you decide"), "{run:#?}");
    let before = world.digests();
    let run = world.delete(&words);
    assert_eq!(run.code, 0, "{run:#?}");
    let kept = "Kept Kitchen iPhone, 14 Jun 2024: --older-than leaves it out.";
    assert!(run.stdout.contains(kept), "{run:#?}");
    world.assert_gone(before, &[], &run);
}

/// What is there is not said to be unknown.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_path_in_a_trash_is_told_to_lie_there() {
    let world = World::pair();
    let trash = world.backups().join(".Trash");
    fs::create_dir(&trash).unwrap();
    phone("2023-06-14").folder_name("gone").write(&trash);
    let gone = trash.join("gone");
    let run = world.clean(&["--only", text(&gone)]);
    assert_eq!(run.code, 3, "{run:#?}");
    let said: Vec<&str> = run.stderr.split_whitespace().collect();
    let expected = format!(
        "bkscan: {} lies in a trash, and bkscan removes nothing there; nothing was done",
        gone.display()
    );
    assert!(
        said.join(" ")
            .replace("bkscan: ", "")
            .contains(&expected.replace("bkscan: ", "")),
        "{run:#?}"
    );
    assert!(!run.stderr.contains("no backup is called"), "{run:#?}");
}

/// No call is shown that would be refused.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn with_a_path_that_is_missing_no_call_is_shown() {
    let world = World::pair();
    let run = world.clean(&["missing"]);
    assert_eq!(run.code, 3, "{run:#?}");
    assert!(!run.stdout.contains("bkscan clean"), "{run:#?}");
    let shown: Vec<&str> = run.stdout.split_whitespace().collect();
    let words = "To carry this out: the same call with --delete, without the path that could not be \
                 looked at.";
    assert!(shown.join(" ").ends_with(words), "{run:#?}");
}

// ---- 7: spellings of the path ----

#[test]
fn however_the_path_is_spelled_the_same_goes() {
    let spellings: [(&str, &[&str]); 13] = [
        (".", &["."]),
        (".", &["Backup"]),
        (".", &["./Backup/"]),
        (".", &["Backup//"]),
        (".", &["Backup/../Backup"]),
        (".", &["Backup/older/.."]),
        (".", &["link"]),
        (".", &["link/"]),
        (".", &["link", "Backup"]),
        ("Backup", &["."]),
        ("Backup/older", &[".."]),
        ("Backup", &["older", PHONE]),
        ("Backup/older", &[".", "../00008130-000A1C2E3F40801E"]),
    ];
    for (folder, roots) in spellings {
        let world = World::pair();
        symlink("Backup", world.folder.path().join("link")).unwrap();
        let before = world.digests();
        let mut command = world.bare();
        command.current_dir(world.folder.path().join(folder));
        let run = output(command.args(roots).args(["--delete", "--yes"]));
        assert_eq!(run.code, 0, "{folder} {roots:?}: {run:#?}");
        world.assert_gone(before, &["older"], &run);
        assert!(world.folder.path().join("link").is_symlink());
    }
}

/// A MobileSync whose `Backup` is a link, as people make to have their backups on another disk.
#[test]
fn a_backup_folder_that_is_a_link_on_the_way_is_followed() {
    for root in ["MobileSync", "MobileSync/Backup", "MobileSync/Backup/"] {
        let world = World::pair();
        let sync = world.folder.path().join("MobileSync");
        fs::create_dir(&sync).unwrap();
        symlink("../Backup", sync.join("Backup")).unwrap();
        let before = world.digests();
        let run = output(world.bare().args([root, "--delete", "--yes"]));
        assert_eq!(run.code, 0, "{root}: {run:#?}");
        world.assert_gone(before, &["older"], &run);
        assert!(sync.join("Backup").is_symlink());
    }
}

#[test]
fn a_path_with_an_unquoted_space_is_put_together() {
    let world = World::pair();
    let spaced = world.folder.path().join("Application Support");
    fs::rename(world.backups(), &spaced).unwrap();
    let mut command = world.bare();
    let run = output(command.args(["Application", "Support", "--delete", "--yes"]));
    assert_eq!(run.code, 0, "{run:#?}");
    assert!(!spaced.join("older").exists());
    assert!(spaced.join(PHONE).exists());
    assert!(run.stderr.contains("Application Support"), "{run:#?}");
}

/// The path that was not quoted begins like a folder that is there.
#[test]
fn a_path_with_an_unquoted_space_is_put_together_beside_its_beginning() {
    let world = World::pair();
    let spaced = world.folder.path().join("Application Support");
    fs::rename(world.backups(), &spaced).unwrap();
    fs::create_dir(world.folder.path().join("Application")).unwrap();
    let mut command = world.bare();
    let run = output(command.args(["Application", "Support", "--delete", "--yes"]));
    assert_eq!(run.code, 0, "{run:#?}");
    assert!(!spaced.join("older").exists());
    assert!(spaced.join(PHONE).exists());
    let note = "bkscan: taken as one path: Application Support (quote it to be sure)\n";
    assert_eq!(run.stderr.matches(note).count(), 1, "{run:#?}");
}

/// With `--delete` one path that is not there, or a word that means nothing, keeps all: whoever mistyped
/// it may have meant what the others rest on.
#[test]
fn with_delete_every_path_has_to_be_there() {
    const NOTHING: &str = "bkscan: nothing was deleted: with --delete every path has to be there\n";
    let world = World::pair();
    let path = |name: &str| world.folder.path().join(name);
    for name in ["My old", "My old big disk"] {
        phone("2025-11-20").write(&path(name));
        phone("2024-06-14").folder_name("older").write(&path(name));
    }
    symlink(path("away"), path("link")).unwrap();
    let away = path("away").display().to_string();
    let before = tree_digest(world.folder.path());
    for (words, said) in [
        (
            &["Backup", "Bakup"][..],
            "Bakup does not exist; did you mean Backup?\n".to_owned(),
        ),
        (
            &["Bakup", "Backup"],
            "Bakup does not exist; did you mean Backup?\n".to_owned(),
        ),
        (
            &["Backup", "elsewhere"],
            "elsewhere does not exist\n".to_owned(),
        ),
        (
            &["Backup", "Backup/odler"],
            "Backup/odler does not exist; did you mean Backup/older?\n".to_owned(),
        ),
        (
            &["Backup", "link"],
            format!("{away} is not there: link is a link to it. Is the disk connected?\n"),
        ),
        // The shortest run wins, and the rest is missing.
        (
            &["My", "old", "big", "disk"],
            "disk does not exist; did you mean My old big disk?\n".to_owned(),
        ),
    ] {
        for more in [&[][..], &["--json"], &["--quiet"], &["--only", "older"]] {
            let mut command = world.bare();
            let run = output(command.args(words).args(["--delete", "--yes"]).args(more));
            assert_eq!(
                (run.code, run.stdout.as_str()),
                (3, ""),
                "{words:?} {more:?} {run:#?}"
            );
            assert!(run.stderr.contains(&format!("bkscan: {said}")), "{run:#?}");
            assert!(run.stderr.ends_with(NOTHING), "{run:#?}");
            assert_eq!(
                tree_digest(world.folder.path()),
                before,
                "{words:?} {more:?}"
            );
        }
    }
    for (words, said) in [
        (
            &["Backup", "--only", "older", "odler"][..],
            "no backup is called odler; did you mean older? There are:\n",
        ),
        (
            &["Backup", "--only", "older", "Ktichen iPhone"],
            "no backup is called Ktichen iPhone; did you mean Kitchen iPhone? There are:\n",
        ),
        (
            &["Backup", "--only", "older", "Backup/oldr"],
            "no backup is called Backup/oldr; did you mean Backup/older? There are:\n",
        ),
        (
            &["--only", "Backup/older", "Backup/oldr"],
            "Backup/oldr does not exist; did you mean Backup/older?\n",
        ),
    ] {
        let run = output(world.bare().args(["--delete", "--yes"]).args(words));
        assert_eq!(
            (run.code, run.stdout.as_str()),
            (3, ""),
            "{words:?} {run:#?}"
        );
        assert!(run.stderr.contains(&format!("bkscan: {said}")), "{run:#?}");
        assert_eq!(tree_digest(world.folder.path()), before, "{words:?}");
    }
    // Without --delete the plan is made of what is there.
    let run = output(world.bare().args(["Backup", "Bakup"]));
    assert_eq!(run.code, 3, "{run:#?}");
    assert!(run.stdout.contains("1 of 2 can go"), "{run:#?}");
    // And what is there goes.
    let digests = world.digests();
    let run = world.delete(&[]);
    assert_eq!(run.code, 0, "{run:#?}");
    world.assert_gone(digests, &["older"], &run);
}

/// A folder that is there, but shows no backup, may be where a disk belongs.
#[test]
fn with_delete_every_path_has_to_show_its_backups() {
    let world = World::pair();
    fs::create_dir(world.folder.path().join("empty")).unwrap();
    fs::write(world.folder.path().join("file"), "").unwrap();
    let before = tree_digest(world.folder.path());
    for (name, what) in [
        ("empty", "No backup under empty"),
        ("file", "file is not a folder"),
    ] {
        for more in [&[][..], &["--quiet"]] {
            let mut command = world.bare();
            let run = output(
                command
                    .args(["Backup", name, "--delete", "--yes"])
                    .args(more),
            );
            assert_eq!((run.code, run.stdout.as_str()), (3, ""), "{run:#?}");
            assert!(run.stderr.contains(&format!("bkscan: {what}")), "{run:#?}");
            let end = format!(
                "bkscan: nothing was deleted: something is wrong with {name}, and --delete needs every \
                 path to be right\n"
            );
            assert!(run.stderr.ends_with(&end), "{run:#?}");
            assert_eq!(tree_digest(world.folder.path()), before);
        }
        let mut command = world.bare();
        let words = ["Backup", name, "--delete", "--yes", "--json"];
        let (run, document) = document(command.args(words));
        assert_eq!(run.code, 3, "{run:#?}");
        assert_eq!(outcomes(&document), ["older refused"]);
        assert!(why(&document, "older").contains(what), "{document:#}");
        assert_eq!(tree_digest(world.folder.path()), before);
    }
}

#[test]
fn backups_in_several_folders_are_judged_together() {
    let world = World::pair();
    let copies = world.folder.path().join("copies");
    phone("2023-06-14").folder_name("copy").write(&copies);
    spare().write(&copies);
    let kept = tree_digest(&copies.join(SPARE));
    let before = world.digests();
    let run = output(world.bare().args(["Backup", "copies", "--delete", "--yes"]));
    assert_eq!(run.code, 0, "{run:#?}");
    world.assert_gone(before, &["older"], &run);
    assert_eq!(fs::read_dir(&copies).unwrap().count(), 1);
    assert_eq!(tree_digest(&copies.join(SPARE)), kept);
    assert_eq!(world.removals().len(), 2);
}

/// Looked at alone, a backup has no newer one beside it.
#[test]
fn one_backup_alone_is_never_enough() {
    let world = World::pair();
    let before = world.digests();
    for name in ["older", PHONE] {
        let path = world.path(name);
        let run = output(world.bare().arg(path).args(["--delete", "--yes"]));
        assert_eq!(run.code, 0, "{run:#?}");
        world.assert_gone(before.clone(), &[], &run);
    }
}

#[test]
fn a_backup_given_by_a_link_to_it_is_refused() {
    for root in ["link-to-older", "link-to-older/"] {
        let world = World::pair();
        let link = world.folder.path().join("link-to-older");
        symlink("Backup/older", &link).unwrap();
        let before = world.digests();
        let newest = world.path(PHONE);
        let mut command = world.bare();
        command.arg(root).arg(newest).args(["--delete", "--yes"]);
        let run = output(&mut command);
        world.assert_gone(before, &[], &run);
        assert!(link.is_symlink(), "{root}: {run:#?}");
        assert_eq!(run.code, 2, "{root}: {run:#?}");
        assert!(run.stdout.contains("link"), "{root}: {run:#?}");
    }
}

/// Not even when it has the name that a removal gives, or is named.
#[test]
fn a_link_beside_backups_is_never_followed() {
    let world = World::pair();
    let elsewhere = world.folder.path().join("elsewhere");
    let target = phone("2022-06-14").folder_name("linked").write(&elsewhere);
    let kept = tree_digest(&elsewhere);
    symlink(&target, world.path("linked")).unwrap();
    symlink(&elsewhere, world.path(".bkscan-removing-linked")).unwrap();
    symlink(&target, world.path(".bkscan-removing-other")).unwrap();
    let before = world.digests();
    let (run, document) = world.delete_json(&[]);
    assert_eq!(run.code, 0, "{run:#?}");
    assert_eq!(planned(&document), ["remove older"]);
    world.assert_gone(before.clone(), &["older"], &run);
    let before = world.digests();
    let run = world.delete(&["--only", "linked"]);
    assert_eq!(run.code, 3, "{run:#?}");
    world.assert_gone(before, &[], &run);
    assert_eq!(tree_digest(&elsewhere), kept);
}

// ---- 8: obstacles of the file system ----

/// An attribute of ext4 and others, taken off again in the end.
struct Attribute {
    path: PathBuf,
    letter: char,
}

impl Attribute {
    fn set(path: &Path, letter: char) -> Option<Attribute> {
        let attribute = Attribute {
            path: path.to_owned(),
            letter,
        };
        attribute.change('+').then_some(attribute)
    }

    fn change(&self, sign: char) -> bool {
        let mut command = Command::new("chattr");
        command
            .arg(format!("{sign}{}", self.letter))
            .arg(&self.path);
        command.ended().is_ok_and(|done| done.status.success())
    }
}

impl Drop for Attribute {
    fn drop(&mut self) {
        self.change('-');
    }
}

#[test]
fn a_file_or_folder_that_is_locked_keeps_its_backup_whole() {
    type Place = fn(&Path) -> PathBuf;
    let shard: Place = |backup| photo(backup).parent().unwrap().to_owned();
    let places: [(&str, Place); 5] = [
        ("a file", photo),
        ("a folder", shard),
        ("the backup", |backup| backup.to_owned()),
        ("Info.plist", |backup| backup.join("Info.plist")),
        ("Manifest.db", |backup| backup.join("Manifest.db")),
    ];
    for letter in ['i', 'a'] {
        for (what, place) in &places {
            let world = World::four();
            let before = world.digests();
            let Some(attribute) = Attribute::set(&place(&world.path("older")), letter) else {
                return skip("attributes cannot be set: not root, or the file system has none");
            };
            let (run, document) = world.delete_json(&[]);
            drop(attribute);
            let seen = format!("{what} +{letter}: {run:#?}");
            assert_eq!(run.code, 2, "{seen}");
            let expected = ["older refused", "oldest removed"];
            assert_eq!(outcomes(&document), expected, "{seen}");
            assert!(why(&document, "older").contains("locked"), "{seen}");
            world.assert_gone(before, &["oldest"], &run);
            // Once unlocked, it goes.
            let run = world.delete(&[]);
            assert_eq!(run.code, 0, "{run:#?}");
            assert!(!world.path("older").exists());
        }
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_locked_folder_around_the_backups_keeps_all() {
    let world = World::four();
    let before = world.digests();
    let Some(attribute) = Attribute::set(&world.backups(), 'i') else {
        return skip("attributes cannot be set: not root, or the file system has none");
    };
    let (run, document) = world.delete_json(&[]);
    drop(attribute);
    assert_eq!(run.code, 2, "{run:#?}");
    assert_eq!(outcomes(&document), ["older refused", "oldest refused"]);
    world.assert_gone(before, &[], &run);
}

/// Runs the program where `setup` has mounted something, which only it sees and which ends with it.
/// `$1` is the folder of the backups; `after` runs there too. `None`: nothing can be mounted.
fn mounted(world: &World, setup: &str, command: &Command, after: &str) -> Option<Run> {
    let probe = world.folder.path().join("probe");
    fs::create_dir_all(&probe).unwrap();
    let unshare = || {
        let mut unshare = Command::new("unshare");
        unshare.args(["--mount", "--propagation", "private", "sh", "-c"]);
        unshare
    };
    let mut tried = unshare();
    tried.args(["mount -t tmpfs none \"$1\"", "sh"]).arg(&probe);
    if !tried.ended().is_ok_and(|done| done.status.success()) {
        skip("nothing can be mounted: not root, or no unshare");
        return None;
    }
    let script = format!(
        "b=$1; shift; {{ {setup}; }} || exit 99; \"$@\"; code=$?; {{ {after}; }} || exit 98; \
         exit $code"
    );
    let mut inside = unshare();
    inside.arg(script).arg("sh").arg(world.backups());
    inside.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => inside.env(name, value),
            None => inside.env_remove(name),
        };
    }
    inside.current_dir(world.folder.path()).stdin(Stdio::null());
    let run = output(&mut inside);
    assert!(run.code < 98, "the set-up failed: {run:#?}");
    Some(run)
}

#[test]
fn something_mounted_in_a_backup_keeps_it_whole() {
    let shard = |world: &World| {
        let photo = photo(&world.path("older"));
        let shard = photo.parent().unwrap().file_name().unwrap();
        shard.to_str().unwrap().to_owned()
    };
    let mounts = [
        // Another device.
        (
            "mount -t tmpfs none $b/older/EMPTY && echo kept > $b/older/EMPTY/.DS_Store && \
             touch -t 202401010000 $b/older/EMPTY/.DS_Store",
            "test -f $b/older/EMPTY/.DS_Store",
        ),
        // The same device, with a user's files in it.
        ("mount --bind $b/../outside $b/older/EMPTY", "true"),
        // A shard of its own, seen twice.
        ("mount --bind $b/older/SHARD $b/older/SHARD", "true"),
        // One file.
        (
            "mount --bind $b/../outside/.DS_Store $b/older/Info.plist",
            "true",
        ),
        // The backup itself.
        ("mount --bind $b/older $b/older", "true"),
    ];
    for (setup, after) in mounts {
        let world = World::four();
        fs::create_dir(world.path("older").join("empty")).unwrap();
        let outside = world.folder.path().join("outside");
        fs::create_dir(&outside).unwrap();
        fs::write(outside.join(".DS_Store"), b"photo").unwrap();
        fs::copy(
            world.path("older").join("Info.plist"),
            outside.join(".DS_Store"),
        )
        .unwrap();
        let mtime = fs::metadata(world.path("older").join("Info.plist")).unwrap();
        set_mtime(&outside.join(".DS_Store"), mtime.modified().unwrap());
        let kept = tree_digest(&outside);
        let before = world.digests();
        let setup = setup
            .replace("EMPTY", "empty")
            .replace("SHARD", &shard(&world));
        let after = after.replace("EMPTY", "empty");
        let command = world.command(&["--json", "--delete", "--yes"]);
        let Some(run) = mounted(&world, &setup, &command, &after) else {
            return;
        };
        let document: Value = serde_json::from_str(&run.stdout).expect("a document");
        let seen = format!("{setup}: {run:#?}");
        world.assert_gone(before, &["oldest"], &run);
        assert_eq!(tree_digest(&outside), kept, "{seen}");
        assert_eq!(run.code, 2, "{seen}");
        let outcomes = outcomes(&document);
        assert_eq!(outcomes, ["older refused", "oldest removed"], "{seen}");
    }
}

#[test]
fn a_disk_that_can_only_be_read_keeps_all() {
    let setups = [
        "mount --bind $b $b && mount -o remount,ro,bind $b",
        // Only one of the backups.
        "mount --bind $b/older $b/older && mount -o remount,ro,bind $b/older",
    ];
    for (at, setup) in setups.iter().enumerate() {
        let world = World::four();
        let before = world.digests();
        let command = world.command(&["--json", "--delete", "--yes"]);
        let Some(run) = mounted(&world, setup, &command, "true") else {
            return;
        };
        let document: Value = serde_json::from_str(&run.stdout).expect("a document");
        assert_eq!(run.code, 2, "{run:#?}");
        match at {
            0 => {
                let expected = ["older refused", "oldest refused"];
                assert_eq!(outcomes(&document), expected);
                assert!(why(&document, "older").contains("read"), "{run:#?}");
                world.assert_gone(before, &[], &run);
            }
            _ => {
                let expected = ["older refused", "oldest removed"];
                assert_eq!(outcomes(&document), expected);
                world.assert_gone(before, &["oldest"], &run);
            }
        }
    }
}

/// A newer backup on another disk does not make the older one go, but it may be named.
#[test]
fn a_newer_backup_on_another_disk_is_no_reason_until_the_older_is_named() {
    for (args, code, gone) in [(&[][..], 0, &[][..]), (&["--only", "older"], 0, &["older"])] {
        let world = World::new();
        phone("2024-06-14")
            .folder_name("older")
            .write(&world.backups());
        let other = world.folder.path().join("other");
        let newest = world.folder.path().join("newest");
        fs::create_dir(&other).unwrap();
        phone("2025-11-20").write(&newest);
        let before = world.digests();
        let kept = tree_digest(&newest);
        let mut command = world.command::<&str>(&[]);
        command
            .arg(&other)
            .args(args)
            .args(["--json", "--delete", "--yes"]);
        let setup = "mount -t tmpfs none $b/../other && cp -a $b/../newest/. $b/../other";
        let after = format!("test -f $b/../other/{PHONE}/Status.plist");
        let Some(run) = mounted(&world, setup, &command, &after) else {
            return;
        };
        assert_eq!(run.code, code, "{run:#?}");
        world.assert_gone(before, gone, &run);
        assert_eq!(tree_digest(&newest), kept);
        if !gone.is_empty() {
            let document: Value = serde_json::from_str(&run.stdout).unwrap();
            let expected = ["named", "other-volume"];
            assert_eq!(codes(&document["plan"][0]), expected);
        }
    }
}

// ---- 9: names ----

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_long_name_is_no_hindrance() {
    for name in [
        "x".repeat(255),
        "x".repeat(240),
        "é".repeat(120),
        "照".repeat(85),
    ] {
        let world = World::new();
        phone("2025-11-20").write(&world.backups());
        phone("2024-06-14")
            .folder_name(&name)
            .write(&world.backups());
        let before = world.digests();
        let (run, document) = world.delete_json(&[]);
        assert_eq!(run.code, 0, "{run:#?}");
        assert_eq!(outcomes(&document), [format!("{name} removed")]);
        world.assert_gone(before, &[name.as_str()], &run);
    }
}

#[test]
fn a_name_that_is_not_utf_8_is_no_hindrance() {
    let world = World::new();
    phone("2025-11-20").write(&world.backups());
    let made = phone("2024-06-14")
        .folder_name("older")
        .write(&world.backups());
    let odd = world.backups().join(OsStr::from_bytes(b"old\xff\xfe"));
    if fs::rename(made, &odd).is_err() {
        return skip("this file system takes only UTF-8");
    }
    let kept = tree_digest(&world.path(PHONE));
    let run = world.delete(&[]);
    assert_eq!(run.code, 0, "{run:#?}");
    assert!(!odd.exists(), "{run:#?}");
    assert_eq!(fs::read_dir(world.backups()).unwrap().count(), 1);
    assert_eq!(tree_digest(&world.path(PHONE)), kept);
}

/// A folder of somebody else's under the name that a removal would take.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_taken_name_is_left_alone_and_another_is_taken() {
    let photos: [&[&str]; 6] = [
        &["holiday.jpg"],
        &["Summer/holiday.jpg"],
        // Months, as people and cameras name folders.
        &["06/holiday.jpg", "07/holiday.jpg"],
        &["100APPLE/IMG_0001.JPG"],
        &["holiday.jpg", "06/IMG_0002.JPG"],
        &["Snapshot/holiday.jpg"],
    ];
    let mut wrong = Vec::new();
    for files in &photos {
        for several in [false, true] {
            let world = World::pair();
            for number in ["", "-2"] {
                if number.is_empty() || several {
                    let taken = world.path(&format!(".bkscan-removing-older{number}"));
                    for file in *files {
                        let file = taken.join(file);
                        fs::create_dir_all(file.parent().unwrap()).unwrap();
                        fs::write(file, b"a photo").unwrap();
                    }
                }
            }
            let mut expected = world.digests();
            expected.remove("older");
            let (run, _) = world.delete_json(&[]);
            if world.digests() != expected || run.code != 0 {
                wrong.push(*files);
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "of somebody else, and touched: {wrong:#?}"
    );
}

#[test]
fn a_file_under_the_name_that_a_removal_would_take_is_left_alone() {
    let world = World::pair();
    fs::write(world.path(".bkscan-removing-older"), b"a note").unwrap();
    let before = world.digests();
    let run = world.delete(&[]);
    assert_eq!(run.code, 0, "{run:#?}");
    world.assert_gone(before, &["older"], &run);
}

// ---- 10: stopped removals ----

/// What a removal leaves that was stopped half way.
fn stopped(world: &World, name: &str) -> PathBuf {
    let made = phone("2023-06-14")
        .folder_name("to-be-stopped")
        .write(&world.backups());
    let left = world.path(name);
    fs::rename(made, &left).unwrap();
    for file in ["Status.plist", "Info.plist"] {
        fs::remove_file(left.join(file)).unwrap();
    }
    fs::remove_file(photo(&left)).unwrap();
    left
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_stopped_removal_is_told_planned_and_finished() {
    let world = World::pair();
    let left = stopped(&world, ".bkscan-removing-oldest");
    let (files, folders) = allocated(&left);
    let document = scan(&world.backups(), &[]);
    let beside = &document["beside"];
    assert_eq!(beside[0]["path"], text(&left));
    assert_eq!(beside[0]["kind"], "removal-unfinished");
    assert_eq!(beside.as_array().unwrap().len(), 1);
    assert_eq!(document["backups"].as_array().unwrap().len(), 2);
    assert_eq!(document["exit_code"], 0);

    let before = world.digests();
    let (run, document) = world.json::<&str>(&[]);
    assert_eq!(run.code, 0);
    let expected = ["finish .bkscan-removing-oldest", "remove older"];
    assert_eq!(planned(&document), expected);
    let plan = document["plan"].as_array().unwrap();
    let finish = plan.iter().find(|item| item["action"] == "finish").unwrap();
    assert_eq!(finish["path"], text(&left));
    assert_eq!(finish["reasons"], json!([]));
    world.assert_gone(before.clone(), &[], &run);
    let said = world.clean::<&str>(&[]);
    assert!(said.stdout.contains(".bkscan-removing-oldest"), "{said:#?}");

    let (run, document) = world.delete_json(&[]);
    assert_eq!(run.code, 0, "{run:#?}");
    let expected = [".bkscan-removing-oldest removed", "older removed"];
    assert_eq!(outcomes(&document), expected);
    let done = document["done"].as_array().unwrap();
    let done = done
        .iter()
        .find(|item| item["path"] == text(&left))
        .unwrap();
    assert_eq!(done["freed_bytes"], files + folders);
    world.assert_gone(before, &[".bkscan-removing-oldest", "older"], &run);
}

#[test]
fn a_stopped_removal_is_finished_wherever_it_stopped() {
    type Stop = fn(&Path);
    let stops: [(&str, Stop); 5] = [
        ("after the first file", |left| {
            fs::remove_file(left.join("Status.plist")).unwrap();
        }),
        ("with only folders left", |left| {
            for entry in walkdir::WalkDir::new(left) {
                let entry = entry.unwrap();
                if entry.file_type().is_file() {
                    fs::remove_file(entry.path()).unwrap();
                }
            }
        }),
        ("with nothing left in it", |left| {
            fs::remove_dir_all(left).unwrap();
            fs::create_dir(left).unwrap();
        }),
        ("with clutter alone left", |left| {
            fs::remove_dir_all(left).unwrap();
            fs::create_dir(left).unwrap();
            fs::write(left.join(".DS_Store"), b"x").unwrap();
        }),
        ("with one payload left", |left| {
            for file in [
                "Status.plist",
                "Info.plist",
                "Manifest.plist",
                "Manifest.db",
            ] {
                fs::remove_file(left.join(file)).unwrap();
            }
        }),
    ];
    for (what, stop) in stops {
        let world = World::new();
        phone("2025-11-20").write(&world.backups());
        let left = phone("2023-06-14")
            .folder_name(".bkscan-removing-oldest")
            .write(&world.backups());
        stop(&left);
        let before = world.digests();
        let run = world.delete(&[]);
        assert_eq!(run.code, 0, "{what}: {run:#?}");
        world.assert_gone(before, &[".bkscan-removing-oldest"], &run);
    }
}

/// An encrypted backup holds more than a plain one, here too.
#[test]
fn a_whole_encrypted_folder_of_a_stopped_removal_stays_if_only_a_plain_one_is_newer() {
    let world = World::new();
    phone("2025-11-20").write(&world.backups());
    phone("2024-06-14")
        .encrypted()
        .folder_name(".bkscan-removing-older")
        .write(&world.backups());
    let before = world.digests();
    let run = world.delete(&[]);
    assert_eq!(run.code, 0, "{run:#?}");
    world.assert_gone(before, &[], &run);
}

#[test]
fn a_whole_folder_of_a_stopped_removal_stays_while_it_is_written_to() {
    let world = World::new();
    phone("2025-11-20").write(&world.backups());
    let name = ".bkscan-removing-older";
    let left = phone("2024-06-14")
        .folder_name(name)
        .write(&world.backups());
    touch(&photo(&left));
    let before = world.digests();
    let run = world.delete(&[]);
    world.assert_gone(before, &[], &run);
}

/// As for a backup: folders' own blocks count in the plan.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_a_stopped_removal_frees_counts_its_folders() {
    let world = World::pair();
    let left = stopped(&world, ".bkscan-removing-oldest");
    let (files, folders) = allocated(&left);
    let (_, document) = world.json::<&str>(&[]);
    let plan = document["plan"].as_array().unwrap();
    let finish = plan.iter().find(|item| item["action"] == "finish").unwrap();
    let expected = json!({ "bytes": files + folders, "exact": is_exact(&document) });
    assert_eq!(finish["frees"], expected);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_a_stopped_removal_frees_leaves_out_what_has_another_name() {
    let world = World::new();
    phone("2025-11-20").write(&world.backups());
    let left = stopped(&world, ".bkscan-removing-oldest");
    let note = payload_path(&left, DOMAIN, "Library/note.txt");
    fs::hard_link(&note, world.folder.path().join("note")).unwrap();
    let (files, folders) = allocated(&left);
    let shared = fs::metadata(&note).unwrap().blocks() * 512;
    let (_, document) = world.json::<&str>(&[]);
    let told = &document["plan"][0]["frees"]["bytes"];
    assert_eq!(*told, files + folders - shared);
    let (_, document) = world.delete_json(&[]);
    assert_eq!(document["done"][0]["freed_bytes"], files + folders - shared);
}

/// It was begun with a yes; that no backup of the device is left any more does not matter.
#[test]
fn a_begun_removal_is_finished_without_a_newer_backup() {
    let world = World::new();
    spare().write(&world.backups());
    stopped(&world, ".bkscan-removing-oldest");
    let before = world.digests();
    let run = world.delete(&[]);
    assert_eq!(run.code, 0, "{run:#?}");
    world.assert_gone(before, &[".bkscan-removing-oldest"], &run);
}

#[test]
fn a_stopped_removal_is_none_of_those_that_were_named() {
    let world = World::pair();
    stopped(&world, ".bkscan-removing-oldest");
    let before = world.digests();
    let run = world.delete(&["--only", "older"]);
    assert_eq!(run.code, 0, "{run:#?}");
    world.assert_gone(before, &["older"], &run);
}

/// Stopped between the rename and the first file: nothing is gone yet.
#[test]
fn a_whole_folder_of_a_stopped_removal_goes_if_a_newer_good_backup_is_there() {
    let world = World::new();
    phone("2025-11-20").write(&world.backups());
    let name = ".bkscan-removing-older";
    phone("2024-06-14")
        .folder_name(name)
        .write(&world.backups());
    world.note_begun(name);
    let before = world.digests();
    let (run, document) = world.json::<&str>(&[]);
    assert_eq!(run.code, 0);
    assert_eq!(planned(&document), [format!("finish {name}")]);
    let run = world.delete(&[]);
    assert_eq!(run.code, 0, "{run:#?}");
    world.assert_gone(before, &[name], &run);
}

#[test]
fn a_whole_folder_that_nobody_noted_stays_and_the_screen_names_it() {
    let world = World::new();
    phone("2025-11-20").write(&world.backups());
    let name = ".bkscan-removing-older";
    phone("2024-06-14")
        .folder_name(name)
        .write(&world.backups());
    let before = world.digests();
    let run = world.delete(&[]);
    assert_eq!(run.code, 0, "{run:#?}");
    assert!(run.stderr.contains("to have it judged again"), "{run:#?}");
    assert_eq!(world.digests(), before);
    let told = |run: &Run| {
        let told = run.stdout.contains("! A removal was stopped and left ");
        assert!(told && run.stdout.contains(name), "{run:#?}");
    };
    let scanned = || output(program().arg(world.backups()));
    told(&scanned());
    // Even where it is all there is.
    fs::remove_dir_all(world.path(PHONE)).unwrap();
    told(&scanned());
}

#[test]
fn what_changed_since_a_stopped_removal_was_looked_at_stays() {
    let world = World::new();
    phone("2025-11-20").write(&world.backups());
    let name = ".bkscan-removing-older";
    phone("2024-06-14")
        .folder_name(name)
        .write(&world.backups());
    world.note_begun(name);
    // While the question is open.
    let (answer, mut terminal) = terminal();
    let mut command = world.command(&["--delete"]);
    let child = command
        .stdin(answer)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .started();
    let mut child = child.unwrap();
    wait_for(child.stderr.as_mut().unwrap(), "Type yes: ");
    File::create(world.path(name).join("new")).unwrap();
    terminal.write_all(b"yes\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(world.path(name).join("new").exists());
    assert!(world.path(name).join("Status.plist").exists());
}

/// Another backup inside the one that would go is not lost with it, and neither is the one that
/// stands in.
#[test]
fn a_backup_that_holds_another_one_stays() {
    for inner in ["inner", "Backup/inner", "06/inner"] {
        let world = World::pair();
        let below = world.path("older").join(inner);
        let other = device(TABLET, "Kitchen tablet", "2022-01-01");
        other
            .folder_name(inner.rsplit('/').next().unwrap())
            .write(below.parent().unwrap());
        let before = world.digests();
        let (run, document) = world.json::<&str>(&[]);
        assert_eq!((run.code, planned(&document)), (0, vec![]), "{inner}");
        let run = world.delete(&[]);
        assert_eq!(run.code, 0, "{inner}: {run:#?}");
        assert_eq!(world.digests(), before, "{inner}");
    }
    // The one that stands in lies in the one that goes; both are named as paths.
    let world = World::new();
    phone("2024-06-14")
        .folder_name("older")
        .write(&world.backups());
    phone("2025-11-20")
        .folder_name("inner")
        .write(&world.path("older"));
    let before = world.digests();
    let run = output(
        world
            .bare()
            .args(["Backup", "Backup/older/inner", "--delete", "--yes"]),
    );
    assert_eq!(run.code, 0, "{run:#?}");
    assert_eq!(world.digests(), before);
    // Or it is reached by a link.
    fs::rename(world.path("older/inner"), world.path("older/x")).unwrap();
    let world = World::new();
    phone("2024-06-14")
        .folder_name("older")
        .write(&world.backups());
    phone("2025-11-20").write(&world.path("older/x"));
    symlink("Backup/older/x", world.folder.path().join("MobileSync")).unwrap();
    let before = world.digests();
    let run = output(world.bare().args([".", "--delete", "--yes"]));
    assert_eq!(run.code, 0, "{run:#?}");
    assert_eq!(world.digests(), before);
}

#[test]
fn a_whole_folder_of_a_stopped_removal_stays_if_nothing_newer_and_good_is_there() {
    type Make = fn(&Path);
    let name = ".bkscan-removing-older";
    let worlds: [(&str, Make); 4] = [
        ("none of the device", |backups| {
            spare().write(backups);
        }),
        ("an older one", |backups| {
            phone("2023-06-14").write(backups);
        }),
        ("one of the same time", |backups| {
            phone("2024-06-14").write(backups);
        }),
        ("a corrupt one", |backups| {
            phone("2025-11-20")
                .remove_payload("CameraRollDomain", "Media/DCIM/1.JPG")
                .write(backups);
        }),
    ];
    for (what, make) in worlds {
        let world = World::new();
        make(&world.backups());
        phone("2024-06-14")
            .folder_name(name)
            .write(&world.backups());
        world.note_begun(name);
        let before = world.digests();
        let (run, document) = world.json::<&str>(&[]);
        assert_eq!(planned(&document), [""; 0], "{what}: {run:#?}");
        for args in [&[][..], &["--delete", "--yes"]] {
            let run = world.clean(args);
            world.assert_gone(before.clone(), &[], &run);
            assert_eq!(run.code, 0, "{what}: {run:#?}");
            let said = format!("{}{}", run.stdout, run.stderr);
            let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(said.contains(name), "{what}: {run:#?}");
            assert!(said.contains("stays"), "{what}: {run:#?}");
        }
    }
}

// ---- 11: the state folder ----

#[test]
fn a_full_state_folder_costs_one_line_and_nothing_else() {
    if !Path::new("/dev/full").exists() {
        return skip("this system has no /dev/full");
    }
    for args in [&[][..], &["--json"], &["--quiet"]] {
        let world = World::four();
        let folder = world.state().join("bkscan");
        fs::create_dir_all(&folder).unwrap();
        symlink("/dev/full", folder.join("removals.jsonl")).unwrap();
        let before = world.digests();
        let run = world.delete(args);
        assert_eq!(run.code, 0, "{run:#?}");
        assert_eq!(run.stderr.lines().count(), 1, "{run:#?}");
        world.assert_gone(before, &["older", "oldest"], &run);
    }
}

#[test]
fn a_state_folder_that_cannot_be_made_costs_one_line_and_nothing_else() {
    let world = World::four();
    fs::write(world.state(), b"a file").unwrap();
    let before = world.digests();
    let run = world.delete(&[]);
    assert_eq!(run.code, 0, "{run:#?}");
    assert_eq!(run.stderr.lines().count(), 1, "{run:#?}");
    world.assert_gone(before, &["older", "oldest"], &run);
}

#[test]
fn without_any_state_folder_it_costs_one_line_and_nothing_else() {
    let world = World::pair();
    let before = world.digests();
    let mut command = world.command(&["--delete", "--yes"]);
    command
        .env_remove("XDG_STATE_HOME")
        .env("HOME", "/dev/null");
    let run = output(&mut command);
    assert_eq!(run.code, 0, "{run:#?}");
    assert_eq!(run.stderr.lines().count(), 1, "{run:#?}");
    world.assert_gone(before, &["older"], &run);
}

// ---- 12: two cleanings ----

#[test]
fn a_second_cleaning_ends_with_3_and_removes_nothing() {
    for args in [&[][..], &["--quiet"], &["--only", "older"]] {
        let world = World::four();
        let before = world.digests();
        let folder = File::open(world.backups()).unwrap();
        if folder.try_lock().is_err() {
            return skip("folders cannot be locked here");
        }
        let run = world.delete(args);
        assert_eq!(run.code, 3, "{args:?}: {run:#?}");
        assert!(run.stderr.contains("another bkscan"), "{run:#?}");
        world.assert_gone(before.clone(), &[], &run);
        // To look at it needs no lock.
        let run = world.clean::<&str>(&[]);
        assert_eq!(run.code, 0, "{run:#?}");
        drop(folder);
        let run = world.delete(args);
        assert_eq!(run.code, 0, "{run:#?}");
    }
}

/// `--json` gives one document, here too.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_second_cleaning_still_gives_the_document() {
    let world = World::pair();
    let folder = File::open(world.backups()).unwrap();
    if folder.try_lock().is_err() {
        return skip("folders cannot be locked here");
    }
    let (run, document) = world.delete_json(&[]);
    assert_eq!(run.code, 3, "{run:#?}");
    assert_eq!(planned(&document), ["remove older"]);
}

/// The lock is of the folder, however it is reached.
#[test]
fn a_second_cleaning_is_seen_through_a_link() {
    let world = World::pair();
    let before = world.digests();
    symlink("Backup", world.folder.path().join("link")).unwrap();
    let folder = File::open(world.backups()).unwrap();
    if folder.try_lock().is_err() {
        return skip("folders cannot be locked here");
    }
    let run = output(world.bare().args(["link", "--delete", "--yes"]));
    assert_eq!(run.code, 3, "{run:#?}");
    world.assert_gone(before, &[], &run);
}

// ---- 13: written to within the hour ----

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_backup_written_to_within_the_hour_stays() {
    let world = World::pair();
    touch(&photo(&world.path("older")));
    let before = world.digests();
    let (run, document) = world.delete_json(&[]);
    assert_eq!(document["plan"], json!([]));
    assert_eq!(run.code, 0, "{run:#?}");
    world.assert_gone(before.clone(), &[], &run);
    let (run, document) = world.delete_json(&["--only", "older"]);
    assert_eq!(run.code, 2, "{run:#?}");
    assert_eq!(outcomes(&document), ["older refused"]);
    world.assert_gone(before, &[], &run);
}

#[test]
fn a_backup_whose_stand_in_was_written_to_within_the_hour_stays() {
    for file in ["Status.plist", "Manifest.db", "Info.plist"] {
        let world = World::four();
        touch(&world.path(PHONE).join(file));
        let before = world.digests();
        let run = world.delete(&[]);
        world.assert_gone(before, &[], &run);
        assert_eq!(run.code, 2, "{file}: {run:#?}");
        let said = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("Kept Kitchen iPhone"), "{said}");
        assert!(said.contains(&format!("{file} changed")), "{said}");
        assert!(said.contains("Try again after "), "{said}");
    }
}

#[test]
fn clutter_that_changed_does_not_count() {
    for clutter in [".DS_Store", "._Info.plist", "Thumbs.db", "desktop.ini"] {
        let world = World::pair();
        for name in ["older", PHONE] {
            fs::write(world.path(name).join(clutter), b"x").unwrap();
            let shard = photo(&world.path(name));
            fs::write(shard.with_file_name(clutter), b"x").unwrap();
        }
        let before = world.digests();
        let run = world.delete(&[]);
        assert_eq!(run.code, 0, "{clutter}: {run:#?}");
        world.assert_gone(before, &["older"], &run);
    }
}

// ---- 14: permissions ----

/// The program as somebody whom permissions bind.
struct Bound {
    world: World,
    program: PathBuf,
    closed: Vec<PathBuf>,
}

impl Bound {
    fn new() -> Bound {
        let world = World::four();
        set_mode(world.folder.path(), 0o755);
        let program = world.folder.path().join("bkscan");
        fs::copy(env!("CARGO_BIN_EXE_bkscan"), &program).unwrap();
        set_mode(&program, 0o755);
        fs::create_dir(world.state()).unwrap();
        let bound = Bound {
            world,
            program,
            closed: Vec::new(),
        };
        if bound.is_root() {
            for entry in walkdir::WalkDir::new(bound.world.backups()) {
                let path = entry.unwrap().into_path();
                std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
            }
            set_mode(&bound.world.state(), 0o777);
        }
        bound
    }

    fn is_root(&self) -> bool {
        fs::metadata(self.world.folder.path()).unwrap().uid() == 0
    }

    fn close(&mut self, path: PathBuf) {
        set_mode(&path, 0o555);
        self.closed.push(path);
    }

    fn delete_json(&self) -> (Run, Value) {
        let words = ["--json", "--delete", "--yes"];
        document(&mut self.with(&[&self.world.backups()], &words))
    }

    /// `bkscan clean PATHS ARGS`
    fn with(&self, paths: &[&Path], args: &[&str]) -> Command {
        let mut usual = self.world.bare();
        usual.args(paths).args(args);
        let mut command = Command::new(&self.program);
        command
            .args(usual.get_args())
            .current_dir("/")
            .stdin(Stdio::null());
        for (name, value) in usual.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        if self.is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }
}

impl Drop for Bound {
    fn drop(&mut self) {
        for path in self.closed.drain(..) {
            let _ = fs::set_permissions(path, fs::Permissions::from_mode(0o755));
        }
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_folder_around_the_backups_that_may_not_be_changed_keeps_all() {
    let mut bound = Bound::new();
    let before = bound.world.digests();
    bound.close(bound.world.backups());
    let (run, document) = bound.delete_json();
    assert_eq!(run.code, 2, "{run:#?}");
    assert_eq!(outcomes(&document), ["older refused", "oldest refused"]);
    assert_eq!(document["done"][0]["freed_bytes"], 0);
    bound.world.assert_gone(before, &[], &run);
}

/// Nothing tells beforehand that in a sticky folder only the owner may rename what is his.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_backup_that_cannot_be_renamed_stays() {
    let bound = Bound::new();
    if !bound.is_root() {
        return skip("it takes root to give files away");
    }
    set_mode(&bound.world.backups(), 0o1777);
    let older = bound.world.path("older");
    set_mode(&older, 0o777);
    for path in [bound.world.backups(), older] {
        std::os::unix::fs::chown(path, Some(0), Some(0)).unwrap();
    }
    let before = bound.world.digests();
    let (run, document) = bound.delete_json();
    assert_eq!(run.code, 2, "{run:#?}");
    assert_eq!(outcomes(&document), ["older refused", "oldest removed"]);
    let why = document["done"][0]["why"].as_str().unwrap();
    assert_eq!(why, "it could not be renamed: Operation not permitted");
    bound.world.assert_gone(before, &["oldest"], &run);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_folder_in_a_backup_that_may_not_be_changed_keeps_it_whole() {
    let mut bound = Bound::new();
    let shard = photo(&bound.world.path("older"));
    bound.close(shard.parent().unwrap().to_owned());
    let before = bound.world.digests();
    let (run, document) = bound.delete_json();
    assert_eq!(run.code, 2, "{run:#?}");
    assert_eq!(outcomes(&document), ["older refused", "oldest removed"]);
    bound.world.assert_gone(before, &["oldest"], &run);
}

/// A path that was asked for and may not be looked into, or of which that holds for the folder in which
/// its backups are: nobody knows what is there, and nothing goes.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_path_that_may_not_be_read_keeps_all() {
    for closed in ["copies", "copies/Backup"] {
        let mut bound = Bound::new();
        let copies = bound.world.folder.path().join("copies");
        phone("2023-06-14")
            .folder_name("copy")
            .write(&copies.join("Backup"));
        let closed = bound.world.folder.path().join(closed);
        set_mode(&closed, 0);
        bound.closed.push(closed.clone());
        let before = bound.world.digests();
        let paths = [bound.world.backups(), copies.clone()];
        let run = output(&mut bound.with(&[&paths[0], &paths[1]], &["--delete", "--yes"]));
        assert_eq!((run.code, run.stdout.as_str()), (3, ""), "{run:#?}");
        let end = format!("something is wrong with {}, and --delete", copies.display());
        assert!(run.stderr.contains(&end), "{run:#?}");
        bound.world.assert_gone(before.clone(), &[], &run);
        let json = ["--delete", "--yes", "--json"];
        let (run, document) = document(&mut bound.with(&[&paths[0], &paths[1]], &json));
        assert_eq!(run.code, 3, "{run:#?}");
        assert_eq!(outcomes(&document), ["older refused", "oldest refused"]);
        bound.world.assert_gone(before, &[], &run);
        set_mode(&closed, 0o755);
        assert!(copies.join("Backup/copy/Status.plist").exists());
    }
}

/// A folder that may not be read hides what is in it: the backup cannot be judged, and stays.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_backup_that_may_not_be_read_stays_and_the_others_go() {
    let mut bound = Bound::new();
    let shard = photo(&bound.world.path("older"));
    let shard = shard.parent().unwrap().to_owned();
    set_mode(&shard, 0);
    bound.closed.push(shard.clone());
    let (run, document) = bound.delete_json();
    assert_eq!(run.code, 3, "{run:#?}");
    assert_eq!(outcomes(&document), ["oldest removed"]);
    set_mode(&shard, 0o755);
    assert!(photo(&bound.world.path("older")).exists());
    assert!(bound.world.path("older/Status.plist").exists());
}

// ---- 15: what is not whole ----

#[test]
fn incomplete_backups_older_than_the_newest_good_one_go() {
    let world = World::new();
    let backups = world.backups();
    phone("2025-06-20").write(&backups);
    let broken = |day: &str, name: &str| {
        phone(day)
            .folder_name(name)
            .snapshot_state("uploading")
            .backup_state("empty")
            .without("Manifest.db")
    };
    let nothing_arrived = |builder: BackupBuilder| {
        builder
            .remove_payload(DOMAIN, "Library/note.txt")
            .remove_payload("CameraRollDomain", "Media/DCIM/1.JPG")
    };
    nothing_arrived(broken("2024-06-14", "before")).write(&backups);
    // What its files are nobody can tell: only its owner decides.
    broken("2024-07-14", "with-files").write(&backups);
    nothing_arrived(broken("2025-11-20", "after")).write(&backups);
    let (run, document) = world.json::<&str>(&[]);
    assert_eq!(run.code, 0, "{run:#?}");
    assert_eq!(planned(&document), ["remove before"]);
    let reason = &document["plan"][0]["reasons"][0];
    assert_eq!(reason["code"], "incomplete");
    assert_eq!(reason["by"], text(&world.path(PHONE)));
    let before = world.digests();
    let run = world.delete(&[]);
    assert_eq!(run.code, 0, "{run:#?}");
    world.assert_gone(before, &["before"], &run);
}

#[test]
fn incomplete_backups_without_a_good_one_stay() {
    let world = World::new();
    for (day, name) in [("2025-11-20", PHONE), ("2024-06-14", "older")] {
        phone(day)
            .folder_name(name)
            .without("Manifest.db")
            .write(&world.backups());
        world.note_begun(name);
    }
    let before = world.digests();
    let run = world.delete(&[]);
    assert_eq!(run.code, 0, "{run:#?}");
    world.assert_gone(before, &[], &run);
}

/// All files may well be there where only one small file got lost.
#[test]
fn a_backup_that_lacks_only_its_status_stays() {
    let world = World::new();
    phone("2025-11-20").write(&world.backups());
    phone("2024-06-14")
        .folder_name("no-status")
        .without("Status.plist")
        .write(&world.backups());
    phone("2023-06-14")
        .folder_name("odd-status")
        .raw("Status.plist", "not a plist")
        .write(&world.backups());
    let before = world.digests();
    let run = world.delete(&[]);
    assert_eq!(run.code, 0, "{run:#?}");
    world.assert_gone(before, &[], &run);
}

#[test]
fn a_corrupt_backup_is_never_a_reason_and_never_goes_by_itself() {
    let corrupt = |day| phone(day).remove_payload("CameraRollDomain", "Media/DCIM/1.JPG");
    // An older corrupt one stays although there is a newer good one.
    let world = World::new();
    phone("2025-11-20").write(&world.backups());
    corrupt("2024-06-14")
        .folder_name("corrupt")
        .write(&world.backups());
    let before = world.digests();
    let run = world.delete(&["--include-archived", "--trust-locked"]);
    assert_eq!(run.code, 0, "{run:#?}");
    world.assert_gone(before, &[], &run);
    // A good one stays although there is a newer corrupt one, also when it is named.
    let world = World::new();
    corrupt("2025-11-20").write(&world.backups());
    phone("2024-06-14")
        .folder_name("good")
        .write(&world.backups());
    let before = world.digests();
    let run = world.delete(&[]);
    assert_eq!(run.code, 0, "{run:#?}");
    world.assert_gone(before.clone(), &[], &run);
    let run = world.delete(&["--only", "good"]);
    assert_eq!(run.code, 2, "{run:#?}");
    world.assert_gone(before.clone(), &[], &run);
    // Nor the corrupt one, of which no newer good one is there.
    let run = world.delete(&["--only", PHONE]);
    assert_eq!(run.code, 2, "{run:#?}");
    world.assert_gone(before, &[], &run);
}

#[test]
fn a_folder_with_nothing_but_info_plist_goes() {
    for clutter in [false, true] {
        let world = World::new();
        phone("2025-11-20").write(&world.backups());
        let elsewhere = world.folder.path().join("elsewhere");
        let made = spare().write(&elsewhere);
        let empty = world.path(SPARE);
        fs::create_dir(&empty).unwrap();
        fs::rename(made.join("Info.plist"), empty.join("Info.plist")).unwrap();
        if clutter {
            fs::write(empty.join(".DS_Store"), b"x").unwrap();
        }
        let before = world.digests();
        let (run, document) = world.json::<&str>(&[]);
        assert_eq!(run.code, 0, "{run:#?}");
        assert_eq!(planned(&document), [format!("remove {SPARE}")]);
        assert_eq!(codes(&document["plan"][0]), ["not-a-copy"]);
        let run = world.delete(&[]);
        assert_eq!(run.code, 0, "{run:#?}");
        world.assert_gone(before, &[SPARE], &run);
    }
}

/// Whatever a person put beside the backups is theirs.
#[test]
fn other_things_beside_backups_stay() {
    let world = World::pair();
    for file in [
        "holiday.jpg",
        "Photos/holiday.jpg",
        "iMazing.Versions/1/x",
        "x.zip",
        ".hidden/y",
    ] {
        let file = world.path(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, b"mine").unwrap();
    }
    let before = world.digests();
    let run = world.delete(&["--include-archived"]);
    assert_eq!(run.code, 0, "{run:#?}");
    world.assert_gone(before, &["older"], &run);
}

// ---- 16: quiet ----

#[test]
fn quiet_prints_nothing_when_all_went_well() {
    let world = World::four();
    stopped(&world, ".bkscan-removing-x");
    let before = world.digests();
    let run = world.clean(&["--quiet"]);
    assert_eq!((run.code, &*run.stdout, &*run.stderr), (0, "", ""));
    let run = world.delete(&["--quiet"]);
    assert_eq!((run.code, &*run.stdout, &*run.stderr), (0, "", ""));
    world.assert_gone(before, &["older", "oldest", ".bkscan-removing-x"], &run);
    let run = world.delete(&["--quiet"]);
    assert_eq!((run.code, &*run.stdout, &*run.stderr), (0, "", ""));
}

#[test]
fn quiet_says_what_was_refused_and_no_more() {
    let world = World::four();
    let run = world.delete(&["--quiet", "--only", SPARE, "older"]);
    assert_eq!(run.code, 2, "{run:#?}");
    let said = format!("{}{}", run.stdout, run.stderr);
    assert!(said.contains("Kept Spare phone"), "{run:#?}");
    assert!(!said.contains("can go"), "{run:#?}");
    assert!(!said.contains("Deleted"), "{run:#?}");
    assert!(!world.path("older").exists());
    let paths: Vec<OsString> = vec!["--quiet".into(), "--only".into(), PHONE.into()];
    let run = output(world.command(&paths).args(["--delete", "--yes"]));
    assert_eq!(run.code, 2, "{run:#?}");
    let said = format!("{}{}", run.stdout, run.stderr);
    assert!(said.contains("Kept Kitchen iPhone"), "{run:#?}");
    assert!(!said.contains("can go"), "{run:#?}");
}
