//! `clean` as its users meet it (contract §5, §7, §8, §9): what goes, what stays, what is asked, what
//! is told. Runs the real program by the real clock, on backups of years ago.
#![cfg(unix)]

use std::borrow::BorrowMut;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{
    MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, chown, symlink,
};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

use bkscan::state::StateFolder;
use rustix::fs::OFlags;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Ended as _, NOW, Run, program, scan, set_mode};
use crate::support::{BackupBuilder, empty_folder, payload_path, tree_digest};

const PHONE: &str = "00008130-000A1C2E3F40801E";
const TABLET: &str = "00008103-0012345678901234";
const SPARE: &str = "00008030-001122334455667A";
/// An archived copy of the phone, by its name.
const ARCHIVED: &str = "00008130-000A1C2E3F40801E-20230101-080000";
const DOMAIN: &str = "HomeDomain";
const CAMERA: &str = "CameraRollDomain";
const IMAGE: &str = "Media/DCIM/1.JPG";
const NOBODY: u32 = 65_534;
/// What a stopped removal of `oldest` leaves.
const LEFT: &str = ".bkscan-removing-oldest";
/// The same of `older`, of which nothing is gone yet.
const WHOLE: &str = ".bkscan-removing-older";

/// A folder `Backup` with backups in it, and a state folder that nothing else uses.
struct World {
    folder: TempDir,
    /// Said where something is wrong.
    case: String,
}

impl World {
    fn of<const N: usize>(backups: [BackupBuilder; N]) -> World {
        let folder = empty_folder();
        let case = String::new();
        let world = World { folder, case };
        fs::create_dir(world.backups()).unwrap();
        for backup in backups {
            world.add(backup);
        }
        world
    }

    /// A newest backup, and one that it supersedes: the folder `older`.
    fn pair() -> World {
        World::of([newest(), older()])
    }

    /// The pair, `oldest`, which goes too, and the only backup of another phone.
    fn four() -> World {
        World::of([newest(), older(), phone_in("oldest", "2023-06-14"), spare()])
    }

    fn case(mut self, case: &str) -> World {
        case.clone_into(&mut self.case);
        self
    }

    fn add(&self, backup: BackupBuilder) -> PathBuf {
        backup.write(&self.backups())
    }

    /// As the program notes before it gives a folder the name under which it is removed.
    fn note_begun(&self, name: &str) {
        let metadata = fs::metadata(self.path(name)).unwrap();
        let state = StateFolder::new(self.state().join("bkscan"));
        let begun = state.record_begun((metadata.dev(), metadata.ino()));
        begun.unwrap();
    }

    /// Something beside `Backup`.
    fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn backups(&self) -> PathBuf {
        self.beside("Backup")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.backups().join(name)
    }

    fn state(&self) -> PathBuf {
        self.beside("state")
    }

    /// `bkscan`, without a terminal.
    fn program(&self) -> Command {
        let mut command = program();
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command.env("XDG_STATE_HOME", self.state());
        command
    }

    /// `bkscan clean ARGS`
    fn bare(&self, args: &[&str]) -> Command {
        let mut command = self.program();
        command.arg("clean").args(args);
        command
    }

    /// `bkscan clean …/Backup ARGS`
    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.bare(&[text(&self.backups())]);
        command.args(args);
        command
    }

    /// Runs it: it ends with this code, exactly these are gone, and nothing else changed in `Backup`.
    #[track_caller]
    fn gone(&self, mut command: impl BorrowMut<Command>, code: i32, gone: &[&str]) -> Run {
        let command = command.borrow_mut();
        let mut left = self.digests();
        for name in gone {
            assert!(left.remove(*name).is_some(), "{name} was there");
        }
        let run = output(command);
        let args: Vec<&OsStr> = command.get_args().collect();
        let seen = format!("{} {args:?}: {run:#?}", self.case);
        let now = self.digests();
        assert!(now.keys().eq(left.keys()), "left: {:?} {seen}", now.keys());
        assert_eq!(now, left, "{seen}");
        assert_eq!(run.code, code, "{seen}");
        run
    }

    /// Runs it: it ends with this code, and nothing at all changed, in the state folder neither.
    #[track_caller]
    fn still(&self, command: impl BorrowMut<Command>, code: i32) -> Run {
        let before = tree_digest(self.folder.path());
        let run = self.gone(command, code, &[]);
        let now = tree_digest(self.folder.path());
        assert_eq!(now, before, "{}: something changed", self.case);
        run
    }

    #[track_caller]
    fn clean(&self, args: &[&str], code: i32) -> Run {
        self.still(self.command(args), code)
    }

    /// The document of a plan, in which exactly this is to be done.
    #[track_caller]
    fn plan(&self, args: &[&str], expected: &[&str]) -> Value {
        let document = document(&self.still(self.command(args).arg("--json"), 0));
        assert_eq!(planned(&document), expected, "{} {args:?}", self.case);
        document
    }

    #[track_caller]
    fn delete(&self, args: &[&str], code: i32, gone: &[&str]) -> Run {
        let backups = self.backups();
        self.delete_in(&[&[text(&backups)], args].concat(), code, gone)
    }

    /// `bkscan clean ARGS --delete --yes`
    #[track_caller]
    fn delete_in(&self, args: &[&str], code: i32, gone: &[&str]) -> Run {
        self.gone(self.bare(args).args(["--delete", "--yes"]), code, gone)
    }

    #[track_caller]
    fn delete_json(&self, args: &[&str], code: i32, expected: &[&str]) -> Value {
        let mut command = self.command(args);
        self.done(
            command.args(["--json", "--delete", "--yes"]),
            code,
            expected,
        )
    }

    /// The document of what was done: exactly this, and nothing else changed.
    #[track_caller]
    fn done(&self, command: impl BorrowMut<Command>, code: i32, expected: &[&str]) -> Value {
        let gone = expected
            .iter()
            .filter_map(|done| done.strip_suffix(" removed"));
        let gone: Vec<&str> = gone.collect();
        let document = document(&self.gone(command, code, &gone));
        assert_eq!(outcomes(&document), expected, "{}", self.case);
        document
    }

    /// With a terminal as stdin, into which this was typed. After that comes the end of input, so that
    /// one question too many does not wait for ever.
    #[track_caller]
    fn typing(&self, args: &[&str], typed: &str, code: i32, gone: &[&str]) -> Run {
        let (slave, mut master) = terminal();
        write!(master, "{typed}\u{4}\u{4}\u{4}").unwrap();
        self.gone(self.command(args).stdin(slave), code, gone)
    }

    /// What is in `Backup`, each with its digest.
    fn digests(&self) -> BTreeMap<String, String> {
        let entries = fs::read_dir(self.backups()).unwrap();
        let digest = |entry: fs::DirEntry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, tree_digest(&entry.path()))
        };
        entries.map(|entry| digest(entry.unwrap())).collect()
    }

    /// The lines of the list of removals.
    fn removals(&self) -> Vec<Value> {
        let path = self.state().join("bkscan/removals.jsonl");
        let file = File::open(path).unwrap();
        let lines = serde_json::Deserializer::from_reader(file).into_iter();
        lines.map(Result::unwrap).collect()
    }
}

/// A healthy backup of the phone of this day, without the empty folders that only cost time here.
fn phone(day: &str) -> BackupBuilder {
    device(PHONE, "Kitchen iPhone", day)
}

fn phone_in(folder: &str, day: &str) -> BackupBuilder {
    phone(day).folder_name(folder)
}

fn newest() -> BackupBuilder {
    phone("2025-11-20")
}

fn older() -> BackupBuilder {
    phone_in("older", "2024-06-14")
}

/// The only backup of another phone.
fn spare() -> BackupBuilder {
    device(SPARE, "Spare phone", "2022-09-22")
}

fn device(udid: &str, name: &str, day: &str) -> BackupBuilder {
    BackupBuilder::new(udid)
        .device(name, "iPhone16,1", None, "18.5", "22F76")
        .date(&format!("{day}T08:00:00Z"))
        .bare()
        .file(DOMAIN, "Library/note.txt", &[7; 5000])
        .file(CAMERA, IMAGE, &[8; 90_000])
        .no_empty_shards()
}

/// A photo of it is not there.
fn corrupt(backup: BackupBuilder) -> BackupBuilder {
    backup.remove_payload(CAMERA, IMAGE)
}

fn photo(backup: &Path) -> PathBuf {
    payload_path(backup, CAMERA, IMAGE)
}

fn output(command: &mut Command) -> Run {
    let run: Run = command.ended().expect("the program starts").into();
    assert!(!run.stderr.contains("panicked"), "{run:#?}");
    run
}

fn document(run: &Run) -> Value {
    let document: Value = serde_json::from_str(&run.stdout)
        .unwrap_or_else(|error| panic!("no JSON ({error}): {run:#?}"));
    assert_eq!(document["exit_code"], run.code, "{run:#?}");
    document
}

/// A terminal to read from, and its other end, to type on.
pub fn terminal() -> (File, File) {
    // No program that another test starts holds it open.
    #[cfg(target_os = "linux")]
    let alone = OpenptFlags::CLOEXEC;
    #[cfg(not(target_os = "linux"))]
    let alone = OpenptFlags::empty();
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | alone).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let mut options = OpenOptions::new();
    options.custom_flags(i32::try_from(OFlags::NOCTTY.bits()).unwrap());
    let slave = options.read(true).write(true);
    let slave = slave.open(OsStr::from_bytes(name.as_bytes())).unwrap();
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

/// A file to read this from, which is no terminal.
fn piped(text: &str) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file.rewind().unwrap();
    file
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The text with one space wherever it has some.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn said(run: &Run) -> String {
    format!("{}{}", run.stdout, run.stderr)
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().expect(name)
}

/// The name of the folder that an item of a document is about.
fn folder(item: &Value) -> &str {
    let path = Path::new(item["path"].as_str().unwrap());
    path.file_name().unwrap().to_str().unwrap()
}

/// The names of the folders in the plan, with what is done, in order.
fn planned(document: &Value) -> Vec<String> {
    let plan = list(document, "plan").iter();
    let told = |item: &Value| format!("{} {}", item["action"].as_str().unwrap(), folder(item));
    let mut planned: Vec<String> = plan.map(told).collect();
    planned.sort();
    planned
}

fn removing(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| format!("remove {name}")).collect()
}

/// The outcome of each folder, in order of names.
fn outcomes(document: &Value) -> Vec<String> {
    let done = list(document, "done").iter();
    let outcome = |item: &Value| {
        assert_eq!(item["why"].is_null(), item["outcome"] == "removed");
        format!("{} {}", folder(item), item["outcome"].as_str().unwrap())
    };
    let mut outcomes: Vec<String> = done.map(outcome).collect();
    outcomes.sort();
    outcomes
}

/// Why a folder stays.
fn why<'a>(document: &'a Value, name: &str) -> &'a str {
    let done = list(document, "done");
    let found = done.iter().find(|item| folder(item) == name);
    let found = found.unwrap_or_else(|| panic!("{name} in {done:#?}"));
    found["why"].as_str().unwrap()
}

/// The reason codes of an item of the plan.
fn codes(item: &Value) -> Vec<&str> {
    let mut codes = Vec::new();
    for reason in list(item, "reasons") {
        codes.push(reason["code"].as_str().unwrap());
    }
    codes
}

/// Allocated bytes, once the blocks are on the disk.
fn allocated(folder: &Path) -> u64 {
    let entries = walkdir::WalkDir::new(folder).into_iter();
    let bytes = entries.map(|entry| {
        let entry = entry.unwrap();
        File::open(entry.path()).unwrap().sync_all().unwrap();
        bytes_of(entry.path())
    });
    bytes.sum()
}

fn bytes_of(path: &Path) -> u64 {
    fs::metadata(path).unwrap().blocks() * 512
}

/// Whether the disk is one where a removal gives back exactly what was told.
fn is_exact(document: &Value) -> bool {
    document["roots"][0]["volume"]["shares_blocks"] == false
}

fn set_mtime(path: &Path, time: SystemTime) {
    let file = OpenOptions::new().write(true).open(path).unwrap();
    file.set_modified(time).unwrap();
}

#[expect(clippy::print_stderr, reason = "a test that did nothing says so")]
fn skip(why: &str) {
    eprintln!("not checked here: {why}");
}

// ---- 1: the plan ----

#[test]
fn the_plan_changes_nothing_and_says_what_would_go_and_what_stays() {
    let world = World::four();
    for columns in ["100", "80", "60"] {
        let run = world.still(world.command(&[]).env("COLUMNS", columns), 0);
        assert_eq!(run.stderr, "");
        let said = words(&run.stdout);
        let place = |part: &str| said.find(part).expect(part);
        place("nothing has been deleted");
        place("--delete");
        for order in [
            ["can go", "14 Jun 2024", "you decide"],
            ["can go", "14 Jun 2023", "you decide"],
            ["you decide", "Spare phone", "stays"],
        ] {
            let places = order.map(place);
            assert!(places.is_sorted(), "{order:?}: {}", run.stdout);
        }
        assert!(place("stays") < place("newest good backup"), "{run:#?}");
        assert!(place("stays") < place("2 of 4 can go"), "{run:#?}");
    }
}

#[test]
fn the_json_plan_has_each_entry_exactly_and_nothing_done() {
    let world = World::pair();
    world.add(spare());
    let bytes = allocated(&world.path("older"));
    let run = world.still(world.command(&[]).arg("--json"), 0);
    assert_eq!(run.stderr, "");
    let document = document(&run);
    assert_eq!(
        document["plan"],
        json!([{
            "path": text(&world.path("older")),
            "action": "remove",
            "frees": { "bytes": bytes, "exact": is_exact(&document) },
            "reasons": [{
                "code": "superseded-by",
                "text": "that of 20 Nov 2025 holds all of it",
                "by": text(&world.path(PHONE)),
            }],
        }])
    );
    assert!(document.get("done").is_none(), "{document:#}");
    assert_eq!(document["level"], "standard");
    assert_eq!(list(&document, "backups").len(), 3);
}

#[test]
fn it_judges_at_standard_also_when_quick_was_asked_for() {
    let document = World::pair().plan(&["--level", "quick"], &["remove older"]);
    assert_eq!(document["level"], "standard");
}

#[test]
fn nothing_to_do_is_no_failure() {
    let world = World::of([newest(), spare()]);
    world.clean(&[], 0);
    world.delete(&[], 0, &[]);
    let document = world.delete_json(&[], 0, &[]);
    assert_eq!(document["plan"], json!([]));
}

#[test]
fn a_missing_path_and_no_backups_are_told_with_3() {
    let world = World::of([]);
    for args in [&[][..], &["--delete", "--yes"]] {
        world.clean(args, 3);
        let missing = world.still(world.bare(&["not-here"]).args(args), 3);
        assert!(missing.stderr.contains("not-here"), "{missing:#?}");
    }
}

#[test]
fn redacted_the_plan_names_nothing() {
    let world = World::pair();
    let leftover = phone_in(".bkscan-removing-kitchen", "2023-06-14");
    world.add(leftover.without("Status.plist"));
    for args in [
        &[][..],
        &["--json"],
        &["--only", "older"],
        &["--device", "Kitchen iPhone"],
    ] {
        let said = said(&world.clean(&[&["--redact"], args].concat(), 0));
        for secret in ["Kitchen", "kitchen", PHONE, text(world.folder.path())] {
            assert!(!said.contains(secret), "{secret} in {said}");
        }
    }
}

/// The command that the plan ends with does what the plan says.
#[test]
fn the_command_that_is_shown_does_what_was_planned() {
    for (args, gone) in [
        (&[][..], &["older", "oldest"][..]),
        (&["--only", "oldest"], &["oldest"]),
        (&["--older-than", "1d"], &["older", "oldest"]),
        (&["--device", "Kitchen iPhone"], &["older", "oldest"]),
        (&["--keep-last", "2"], &["oldest"]),
    ] {
        let world = World::four();
        world.add(device(TABLET, "Hall iPad", "2025-11-20"));
        if args.contains(&"--device") {
            world.add(device(TABLET, "Hall iPad", "2024-11-20").folder_name("tablet"));
        }
        let plan = world.clean(args, 0).stdout;
        let mut lines = plan.lines();
        let shown = lines.find(|line| line.trim_start().starts_with("bkscan clean"));
        let shown = shown.unwrap_or_else(|| panic!("a command in {plan}"));
        let shown = shown.replace("asks once, then deletes for good", "");
        let words = shell_words::split(&shown).unwrap();
        assert_eq!(words[..2], ["bkscan", "clean"]);
        let mut command = world.bare(&[]);
        world.gone(command.args(&words[2..]).arg("--yes"), 0, gone);
    }
}

// ---- 2: removing ----

#[test]
fn delete_removes_exactly_what_was_planned() {
    let world = World::four();
    let run = world.delete(&[], 0, &["older", "oldest"]);
    assert_eq!(run.stderr, "");
    let said = words(&run.stdout);
    assert!(said.contains("Deleted 2 of 2: "), "{said}");
    assert!(said.contains("Free now "), "{said}");
    world.delete(&[], 0, &[]);
}

#[test]
fn the_document_and_the_state_folder_say_what_was_done() {
    let world = World::pair();
    let path = world.path("older");
    let bytes = allocated(&path);
    assert!(bytes > 90_000);
    let run = world.delete(&["--json"], 0, &["older"]);
    assert_eq!(run.stderr, "");
    let document = document(&run);
    let expected = json!([
        { "path": text(&path), "outcome": "removed", "why": null, "freed_bytes": bytes },
    ]);
    assert_eq!(document["done"], expected);
    assert_eq!(planned(&document), ["remove older"]);
    let lines = world.removals();
    assert_eq!(lines.len(), 1, "{lines:#?}");
    for (name, value) in expected[0].as_object().unwrap() {
        assert_eq!(lines[0][name], *value, "{lines:#?}");
    }
    let line = lines[0].to_string();
    assert!(line.contains("20"), "it says when: {line}");
    world.add(older());
    world.delete(&[], 0, &["older"]);
    assert_eq!(world.removals().len(), 2);
}

#[test]
fn bytes_that_have_another_name_elsewhere_are_not_freed() {
    let world = World::pair();
    let older = world.path("older");
    // One has its other name outside; one has both its names in the backup.
    let outside = world.beside("photo");
    fs::hard_link(photo(&older), &outside).unwrap();
    let note = payload_path(&older, DOMAIN, "Library/note.txt");
    fs::hard_link(&note, note.with_file_name("0".repeat(40))).unwrap();
    let expected = allocated(&older) - bytes_of(&outside) - bytes_of(&note);
    let kept = fs::read(&outside).unwrap();
    let document = world.delete_json(&["--threads", "8"], 0, &["older removed"]);
    assert_eq!(document["done"][0]["freed_bytes"], expected);
    assert_eq!(fs::read(&outside).unwrap(), kept);
    assert_eq!(fs::metadata(&outside).unwrap().nlink(), 1);
}

#[test]
fn links_and_odd_files_in_a_backup_go_without_what_they_lead_to() {
    let world = World::pair();
    let outside = world.beside("outside");
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
    world.delete(&[], 0, &["older"]);
    assert_eq!(tree_digest(&outside), kept);
}

// ---- 3: usage ----

#[test]
fn usage_errors_end_with_64_and_change_nothing() {
    let world = World::pair();
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
        let run = world.clean(args, 64);
        assert_eq!(run.stdout, "", "{args:?}");
        assert_ne!(run.stderr, "", "{args:?}");
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
        world.gone(world.program().args(words), 0, &["older"]);
    }
}

#[test]
fn options_of_clean_are_refused_elsewhere() {
    let world = World::pair();
    for words in [
        &["Backup", "--delete"][..],
        &["Backup", "--delete", "--yes"],
        &["--only", "older"],
        &["show", "Backup/older", "--device", "Kitchen iPhone"],
        &["Backup", "--older-than", "1y"],
    ] {
        let run = world.still(world.program().args(words), 64);
        assert!(run.stderr.contains("goes with bkscan clean"), "{run:#?}");
    }
}

#[test]
fn yes_through_a_pipe_is_no_terminal() {
    let world = World::pair();
    let answer = piped("yes\nyes\n");
    world.still(world.command(&["--delete"]).stdin(answer), 64);
}

// ---- 4: --only ----

#[test]
fn only_takes_paths_names_and_udids() {
    let world = World::four();
    let older = world.path("older");
    for (words, expected) in [
        (&["older"][..], &["older"][..]),
        (&[text(&older)], &["older"]),
        (&["Backup/older"], &["older"]),
        (&["./Backup/../Backup/older/"], &["older"]),
        (&["older", "oldest"], &["older", "oldest"]),
        (&["oldest", "--only", "older"], &["older", "oldest"]),
        (&["older", "older", text(&older)], &["older"]),
        (&[SPARE], &[SPARE]),
        (&["00008030"], &[SPARE]),
        (&["00008030-001122334455667a"], &[SPARE]),
        (&["Spare phone"], &[SPARE]),
        (&["Spare", "phone"], &[SPARE]),
        (&["older", "Spare", "phone"], &[SPARE, "older"]),
        (&["Spare", "phone", "older"], &[SPARE, "older"]),
        // The start of a name that only one has; case does not matter.
        (&["Spare"], &[SPARE]),
        (&["sp"], &[SPARE]),
        (&["SPARE", "PHONE"], &[SPARE]),
        (&["older", "spare"], &[SPARE, "older"]),
    ] {
        let run = world.still(world.command(&["--json", "--only"]).args(words), 0);
        assert_eq!(planned(&document(&run)), removing(expected), "{words:?}");
    }
    world.delete(&["--only", "oldest"], 0, &["oldest"]);
}

/// Without a PATH, a backup named by its path is found, and judged beside its neighbours.
#[test]
fn only_by_path_needs_no_other_path() {
    for word in ["Backup/older", "./Backup/older/", "Backup/../Backup/older"] {
        let world = World::four();
        world.delete_in(&["--only", word], 0, &["older"]);
    }
}

/// A path behind `--only` is none of the words that it takes.
#[test]
fn a_path_behind_only_is_told_to_stand_before_it() {
    const RULE: &str = "bkscan: --only takes every word after it: write the path before it, as in";
    let world = World::four();
    fs::create_dir(world.beside("Old folder")).unwrap();
    let delete = ["--delete", "--yes"];
    let phone = "Kitchen iPhone";
    let of_phone = "Backup --only 'Kitchen iPhone'";
    for (before, named, path, call) in [
        (&[][..], "older", "Backup", "Backup --only older"),
        (&delete, phone, "Backup", of_phone),
        // All of them are there.
        (&[], "Backup/older", ".", ". --only Backup/older"),
        (&["--redact"], "older", "Backup", "PATH --only BACKUP"),
    ] {
        let mut command = world.bare(before);
        let run = world.still(command.args(["--only", named, path]), 64);
        assert_eq!(run.stderr, format!("{RULE} bkscan clean {call}\n"));
        assert_eq!(run.stdout, "");
    }
    // What holds no backups is no path.
    let run = world.clean(&["--only", "older", "Old folder"], 3);
    assert!(run.stderr.contains("is called Old folder;"), "{run:#?}");
}

#[test]
fn an_ambiguous_name_ends_with_64_and_the_candidates() {
    let world = World::four();
    for (word, candidates) in [
        ("Kitchen iPhone", &[PHONE, "older", "oldest"][..]),
        ("kitchen iphone", &[PHONE, "older", "oldest"]),
        ("0000", &[PHONE, "older", "oldest", SPARE]),
    ] {
        for more in [&[][..], &["--delete", "--yes"]] {
            let run = world.clean(&[&["--only", word], more].concat(), 64);
            for candidate in candidates {
                let path = world.path(candidate);
                assert!(run.stderr.contains(text(&path)), "{candidate}: {run:#?}");
            }
            assert_eq!(run.stdout, "");
        }
    }
    // Of each candidate there is what tells it from the others: folder, device, model and date.
    let run = world.clean(&["--only", "Kitchen"], 64);
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
    assert_eq!(run.stderr, said.concat());
}

/// Phones write curly apostrophes into names, and keyboards straight ones.
#[test]
fn apostrophes_quotes_and_case_do_not_matter_in_names() {
    const NAME: &str = "Zoé\u{2019}s \u{201c}old\u{201d} iPhone";
    let world = World::pair();
    world.add(device(SPARE, NAME, "2022-09-22"));
    for name in [
        "Zoé's \"old\" iPhone",
        "zoé\u{2019}s \u{201e}OLD\u{201c} iphone",
        "Zoe\u{301}\u{2018}s",
        "zoé's \"o",
    ] {
        world.plan(&["--only", name], &[&format!("remove {SPARE}")]);
        world.plan(&["--device", name], &[]);
    }
    let args = ["--only", SPARE, "--delete", "--yes"];
    for typed in [
        "zoé's \"OLD\" iphone\n",
        "Zoé\u{2019}s  \u{201c}old\u{201d} iPhone\n",
    ] {
        world.typing(&args, typed, 0, &[SPARE]);
        world.add(device(SPARE, NAME, "2022-09-22"));
    }
    // The start of a name is not the name, where an only copy would go.
    world.typing(&args, "zoé's\n", 2, &[]);
}

#[test]
fn an_unknown_name_ends_with_3_and_the_names_there_are() {
    let world = World::four();
    for words in [
        &["garden"][..],
        &["older", "garden"],
        &["older", "garden", "oldest"],
        &["Backup"],
        &["/"],
    ] {
        for tail in [&[][..], &["--delete", "--yes"]] {
            let run = world.clean(&[&["--only"], words, tail].concat(), 3);
            for name in ["Kitchen iPhone", "older", "oldest", "Spare phone"] {
                assert!(run.stderr.contains(name), "{words:?} {name}: {run:#?}");
            }
        }
    }
}

#[test]
fn the_newest_good_backup_of_several_stays_although_it_was_named() {
    let kept = format!("{PHONE} refused");
    for (words, expected) in [
        (&[PHONE][..], &[&*kept][..]),
        (&[PHONE, "older"], &[&kept, "older removed"]),
        (&["older", PHONE], &[&kept, "older removed"]),
    ] {
        let args = [&["--only"], words].concat();
        let document = World::four().delete_json(&args, 2, expected);
        let mut done = list(&document, "done").iter();
        assert!(done.all(|item| item["outcome"] == "removed" || item["freed_bytes"] == 0));
    }
    let run = World::four().delete(&["--only", PHONE], 2, &[]);
    assert!(run.stdout.contains("Kept Kitchen iPhone"), "{run:#?}");
    assert!(run.stdout.contains("newest good backup"), "{run:#?}");
}

/// What was not named is what is left: it stays, and the document says of all the same as the screen.
#[test]
fn the_newest_one_stays_as_what_it_is_where_all_others_were_named() {
    const ARGS: [&str; 3] = ["--only", "beach", "beach2"];
    let world = World::pair();
    for (name, day) in [("beach", "2023-06-14"), ("beach2", "2022-06-14")] {
        world.add(phone_in(name, day).file(CAMERA, "Media/DCIM/2.JPG", &[7; 3000]));
    }
    let document = world.plan(&ARGS, &["remove beach", "remove beach2"]);
    let decided = |backup: &Value| {
        let decision = &backup["decision"];
        json!([decision["action"], codes(decision), backup["flags"]])
    };
    let decisions: Vec<Value> = list(&document, "backups").iter().map(decided).collect();
    let expected = [
        json!(["keep", ["newest-good"], ["old"]]),
        json!(["keep", ["holds-more"], ["old"]]),
        json!(["keep", ["holds-more"], ["old"]]),
        json!(["remove", ["superseded-by"], ["old", "superseded"]]),
    ];
    assert_eq!(decisions, expected, "{document:#}");
    let path = |name: &str| text(&world.path(name)).to_owned();
    let summary = &document["summary"];
    let asked = json!([path("beach"), path("beach2")]);
    assert_eq!(summary["on_request"]["backups"], asked);
    assert_eq!(summary["removable"]["backups"], json!([path("older")]));

    let shown = world.clean(&ARGS, 0).stdout;
    assert!(!shown.contains("would be left"), "{shown}");
    assert!(!shown.contains("you decide"), "{shown}");
    let (_, staying) = shown.split_once("   stays").unwrap();
    assert!(staying.contains("newest good backup"), "{shown}");
}

/// All backups of a device by name: none of them stands in for another.
#[test]
fn of_all_backups_of_a_device_each_has_its_name_typed() {
    let world = World::four();
    let kept = format!("{PHONE} refused");
    let expected = [&kept, "older refused", "oldest refused"];
    let document = world.delete_json(&["--only", PHONE, "older", "oldest"], 2, &expected);
    let why =
        "no good backup of its device would be left, and its name has to be typed on a terminal";
    let done = list(&document, "done");
    assert!(done.iter().all(|done| done["why"] == why), "{done:#?}");
}

/// Backups that only the user can decide about stay until they are named, and then go.
#[test]
fn what_is_on_request_goes_only_by_name() {
    let old = || phone("2023-01-01");
    let unlisted = old().without("Manifest.plist");
    let [newer, locked] = [newest(), old()].map(BackupBuilder::encrypted);
    for (name, code, newest, made) in [
        ("unlisted", "incomplete", newest(), unlisted),
        (ARCHIVED, "archived", newest(), old()),
        ("locked", "newer-not-checked", newer, locked),
        ("damaged", "corrupt", newest(), corrupt(old())),
    ] {
        let world = World::of([newest, made.folder_name(name)]).case(name);
        let document = world.delete_json(&[], 0, &[]);
        assert_eq!(document["plan"], json!([]), "{name}");
        let asked = &document["summary"]["on_request"]["backups"];
        assert_eq!(asked, &json!([text(&world.path(name))]), "{name}");

        let document = world.delete_json(&["--only", name], 0, &[&format!("{name} removed")]);
        assert_eq!(codes(&document["plan"][0]), ["named", code], "{name}");
    }
}

// ---- 5: questions ----

#[test]
fn an_only_copy_is_not_removed_without_a_terminal() {
    let world = World::four();
    let kept = format!("{SPARE} refused");
    let document = world.plan(&["--only", SPARE], &[&format!("remove {SPARE}")]);
    assert_eq!(codes(&document["plan"][0])[0], "named");
    for args in [&["--only", SPARE][..], &["--only", "Spare", "phone"]] {
        let document = world.delete_json(args, 2, &[&kept]);
        assert_eq!(document["done"][0]["freed_bytes"], 0);
        assert!(why(&document, SPARE).contains("terminal"), "{document:#}");
    }
    let run = world.delete(&["--only", SPARE], 2, &[]);
    assert!(run.stdout.contains("Kept Spare phone"), "{run:#?}");
    // The name through a pipe is not typed.
    let mut command = world.command(&["--only", SPARE, "--delete", "--yes"]);
    world.gone(command.stdin(piped("Spare phone\nyes\n")), 2, &[]);
    // The others go on.
    world.delete_json(&["--only", SPARE, "older"], 2, &[&kept, "older removed"]);
}

#[test]
fn an_only_copy_goes_when_the_name_of_its_device_is_typed() {
    for (args, typed) in [
        (&["--delete", "--yes"][..], "Spare phone\n"),
        // Whether the usual question comes too, is open.
        (&["--delete"], "Spare phone\nyes\n"),
    ] {
        let args = [&["--only", SPARE], args].concat();
        let run = World::four().typing(&args, typed, 0, &[SPARE]);
        assert!(run.stderr.contains("Spare phone"), "{run:#?}");
    }
}

#[test]
fn an_only_copy_stays_when_something_else_is_typed_or_the_input_ends() {
    let yes = &["--delete", "--yes"][..];
    let asked = &["--delete"][..];
    let mut cases = vec![
        (yes, ""),
        (asked, ""),
        (&["--delete", "--yes", "--quiet"], ""),
        (&["--delete", "--yes", "--json"], ""),
        // Also where the answer to the usual question would be yes.
        (asked, "\u{4}yes\n"),
        // The end of input within a line.
        (yes, "Spare\u{4}"),
    ];
    for typed in [
        "yes\nyes\n",
        "\n\n",
        "Spare\nyes\n",
        "Spare phone 2\nyes\n",
        "Kitchen iPhone\nyes\n",
        "y\ny\n",
    ] {
        cases.extend([(yes, typed), (asked, typed)]);
    }
    for (args, typed) in cases {
        let world = World::four().case(&format!("{typed:?}"));
        world.typing(&[&["--only", SPARE], args].concat(), typed, 2, &[]);
    }
}

/// What cannot be seen cannot be typed: the folder's name is, then, or nothing.
#[test]
fn an_only_copy_whose_device_has_no_visible_name_does_not_go_by_return_alone() {
    for name in ["", " ", "\u{200b}", "\u{202e}\u{7}"] {
        for typed in ["\n", " \n"] {
            let world = World::pair().case(&format!("{name:?}, typed {typed:?}"));
            world.add(device(SPARE, name, "2022-09-22"));
            let args = ["--only", SPARE, "--delete", "--yes"];
            world.typing(&args, typed, 2, &[]);
        }
    }
}

/// Several only copies: each has its own question, and one answer does not stand for another.
#[test]
fn each_only_copy_is_asked_about_by_its_own_name() {
    let world = World::four();
    world.add(device(TABLET, "Hall iPad", "2022-01-01"));
    let args = ["--only", SPARE, TABLET, "older", "--delete", "--yes"];
    world.typing(&args, "Spare phone\nSpare phone\n", 2, &[SPARE, "older"]);
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
        let world = World::four().case(&format!("{typed:?}"));
        let run = world.typing(&["--delete"], typed, 0, gone);
        assert!(said(&run).contains("Type yes"), "{typed:?}: {run:#?}");
        // What is said next begins on a line of its own, also after Ctrl-D.
        assert_eq!(run.stderr.ends_with('\n'), typed.is_empty(), "{run:#?}");
        // The plan is seen before the question.
        assert!(run.stdout.contains("can go"), "{typed:?}: {run:#?}");
    }
}

#[test]
fn the_question_names_the_backup_and_its_size() {
    let one = "Delete 1 backup for good (Kitchen iPhone, 14 Jun 2024, ";
    let two = "Delete 2 backups for good (";
    for (world, question) in [(World::pair(), one), (World::four(), two)] {
        let run = world.typing(
            &["--delete"],
            "no
",
            0,
            &[],
        );
        assert!(said(&run).contains(question), "{run:#?}");
    }
}

#[test]
fn with_yes_a_terminal_is_asked_nothing() {
    World::four().typing(&["--delete", "--yes"], "no\n", 0, &["older", "oldest"]);
}

/// `--json` gives one document, also when the answer was no.
#[test]
fn an_answer_of_no_still_gives_the_document() {
    let run = World::pair().typing(&["--delete", "--json"], "no\n", 0, &[]);
    assert_eq!(planned(&document(&run)), ["remove older"]);
}

/// What was refused is told and counts, also when the answer about the rest was no.
#[test]
fn an_answer_of_no_does_not_hide_what_was_refused() {
    let args = ["--only", PHONE, "older", "--delete"];
    let run = World::four().typing(&args, "no\n", 2, &[]);
    assert!(said(&run).contains("newest good backup"), "{run:#?}");
}

// ---- 6: narrower sets and rules to keep ----

fn two_devices() -> World {
    let tablet = |day| device(TABLET, "Hall iPad", day);
    World::of([
        newest(),
        phone_in("b", "2025-06-01"),
        phone_in("c", "2024-06-01"),
        phone_in(ARCHIVED, "2023-01-01"),
        tablet("2025-10-01"),
        tablet("2024-10-01").folder_name("tablet"),
    ])
}

#[test]
fn device_and_age_narrow_the_plan_and_rules_keep() {
    let world = two_devices();
    for (args, expected) in [
        (&[][..], &["b", "c", "tablet"][..]),
        (&["--device", "Kitchen iPhone"], &["b", "c"]),
        (&["--device", PHONE], &["b", "c"]),
        (&["--device", "Hall iPad"], &["tablet"]),
        (&["--device", "hall ipad"], &["tablet"]),
        (&["--older-than", "2y"], &["c", "tablet"]),
        (&["--older-than", "2y1mo"], &["c", "tablet"]),
        (&["--older-than", "2y2mo"], &["c"]),
        (&["--older-than", "10y"], &[]),
        (&["--older-than", "2y", "--device", PHONE], &["c"]),
        (&["--only", "b", "--older-than", "2y"], &[]),
        (&["--only", "b", "c", "--older-than", "2y"], &["c"]),
        (&["--only", "tablet", "--device", PHONE], &[]),
        (&["--keep-last", "2"], &["c"]),
        (&["--keep-last", "3"], &[]),
        (&["--keep-last", "9"], &[]),
        (&["--keep-within", "2y"], &["c", "tablet"]),
        (&["--keep-within", "3y"], &[]),
        (&["--keep-within", "1y6mo"], &["c", "tablet"]),
        (&["--include-archived"], &[ARCHIVED, "b", "c", "tablet"]),
        (&["--include-archived", "--keep-last", "3"], &[ARCHIVED]),
        (&["--include-archived", "--older-than", "3y"], &[ARCHIVED]),
    ] {
        let run = world.still(world.command(args).args(["--json", "--now", NOW]), 0);
        assert_eq!(planned(&document(&run)), removing(expected), "{args:?}");
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
        two_devices().delete(args, 0, gone);
    }
}

#[test]
fn an_unknown_device_ends_with_3_and_two_of_one_name_with_64() {
    let world = two_devices();
    let run = world.clean(&["--delete", "--yes", "--device", "Garden iPod"], 3);
    // Each once, however many backups it has.
    let said = format!(
        "bkscan: no device is called Garden iPod; there are:\nbkscan:   {TABLET}  Hall iPad\n\
         bkscan:   {PHONE}  Kitchen iPhone\n"
    );
    assert_eq!(run.stderr, said);
    for (option, what) in [("--device", "device"), ("--only", "backup")] {
        let run = world.clean(&["--redact", option, "Garden iPod"], 3);
        assert_eq!(run.stderr, format!("bkscan: no {what} is called that\n"));
    }
    world.add(device(SPARE, "Hall iPad", "2022-01-01"));
    for name in ["Hall iPad", "hall"] {
        let run = world.clean(&["--delete", "--yes", "--device", name], 64);
        let said = format!(
            "bkscan: {name} could be any of these; name one by its UDID:\n\
             bkscan:   {SPARE}  Hall iPad, iPhone 15 Pro, 1 Jan 2022\n\
             bkscan:   {TABLET}  Hall iPad, iPhone 15 Pro, 1 Oct 2025\n"
        );
        assert_eq!(run.stderr, said);
    }
}

#[test]
fn a_locked_backup_stands_in_for_another_only_when_trusted() {
    let world = World::of([newest().encrypted(), older().encrypted()]);
    world.delete(&[], 0, &[]);
    world.delete(&["--trust-locked"], 0, &["older"]);
}

/// An encrypted backup holds more than a later plain one.
#[test]
fn an_encrypted_backup_is_not_given_up_for_a_plain_one() {
    let world = World::of([newest(), older().encrypted()]);
    world.delete(&["--trust-locked"], 0, &[]);
    world.delete(&["--only", "older"], 2, &[]);
}

/// Without Manifest.plist nothing tells but the rows: the files of an encrypted backup have keys.
#[test]
fn what_may_be_encrypted_is_not_given_up_for_a_plain_one() {
    for (case, made) in [
        ("a list with keys", older().mbdb().encrypted()),
        ("a list with encrypted blobs", older().encrypted_ios10_0()),
        ("a list that is encrypted", older().encrypted()),
    ] {
        let world = World::of([newest(), made.without("Manifest.plist")]).case(case);
        let document = world.plan(&[], &[]);
        let backup = &document["backups"][1];
        assert_eq!(backup["encrypted"], Value::Null, "{case}");
        let decision = &backup["decision"];
        let text = "may be encrypted: then it has more in it than the newer, not encrypted backup of \
                    20 Nov 2025";
        assert_eq!(decision["action"], "keep", "{case}");
        assert_eq!(codes(decision), ["encrypted-kept"], "{case}");
        assert_eq!(decision["reasons"][0]["text"], text, "{case}");
        assert_eq!(document["summary"]["on_request"]["backups"], json!([]));
        let run = output(program().arg(world.backups()));
        assert!(run.stdout.contains("may be encrypted"), "{case}: {run:#?}");
        world.delete(&["--only", "older"], 2, &[]);
    }
}

/// An option that narrows what was named is told as the reason.
#[test]
fn what_was_named_and_is_too_new_is_told_to_be_left_out() {
    let world = World::pair();
    let args = ["--only", "older", "--older-than", "50y"];
    let shown = words(&world.clean(&args, 0).stdout);
    let named = "you named it, but --older-than leaves";
    assert!(shown.contains(named), "{shown}");
    assert!(!shown.contains("you decide"), "{shown}");
    let run = world.delete(&args, 0, &[]);
    let kept = "Kept Kitchen iPhone, 14 Jun 2024: --older-than leaves it out.";
    assert!(run.stdout.contains(kept), "{run:#?}");
}

/// What is there is not said to be unknown.
#[test]
fn a_path_in_a_trash_is_told_to_lie_there() {
    let world = World::pair();
    let trash = world.path(".Trash");
    fs::create_dir(&trash).unwrap();
    let gone = phone_in("gone", "2023-06-14").write(&trash);
    let said = words(&world.clean(&["--only", text(&gone)], 3).stderr);
    let gone = gone.display();
    let expected =
        format!("{gone} lies in a trash, and bkscan removes nothing there; nothing was done");
    assert!(said.replace("bkscan: ", "").contains(&expected), "{said}");
    assert!(!said.contains("no backup is called"), "{said}");
}

/// No call is shown that would be refused.
#[test]
fn with_a_path_that_is_missing_no_call_is_shown() {
    let run = World::pair().clean(&["missing"], 3);
    assert!(!run.stdout.contains("bkscan clean"), "{run:#?}");
    let end = "To carry this out: the same call with --delete, without the path that could not be \
               looked at.";
    assert!(words(&run.stdout).ends_with(end), "{run:#?}");
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
        let world = World::pair().case(folder);
        symlink("Backup", world.beside("link")).unwrap();
        let mut command = world.bare(roots);
        command.current_dir(world.beside(folder));
        world.gone(command.args(["--delete", "--yes"]), 0, &["older"]);
        assert!(world.beside("link").is_symlink());
    }
}

/// A MobileSync whose `Backup` is a link, as people make to have their backups on another disk.
#[test]
fn a_backup_folder_that_is_a_link_on_the_way_is_followed() {
    for root in ["MobileSync", "MobileSync/Backup", "MobileSync/Backup/"] {
        let world = World::pair();
        let sync = world.beside("MobileSync");
        fs::create_dir(&sync).unwrap();
        symlink("../Backup", sync.join("Backup")).unwrap();
        world.delete_in(&[root], 0, &["older"]);
        assert!(sync.join("Backup").is_symlink());
    }
}

/// Also where the path that was not quoted begins like a folder that is there.
#[test]
fn a_path_with_an_unquoted_space_is_put_together() {
    for its_beginning_is_there in [false, true] {
        let world = World::pair();
        let spaced = world.beside("Application Support");
        fs::rename(world.backups(), &spaced).unwrap();
        if its_beginning_is_there {
            fs::create_dir(world.beside("Application")).unwrap();
        }
        let run = output(&mut world.bare(&["Application", "Support", "--delete", "--yes"]));
        assert_eq!(run.code, 0, "{its_beginning_is_there}: {run:#?}");
        assert!(!spaced.join("older").exists());
        assert!(spaced.join(PHONE).exists());
        let note = "bkscan: taken as one path: Application Support (quote it to be sure)\n";
        assert_eq!(run.stderr.matches(note).count(), 1, "{run:#?}");
    }
}

/// With `--delete` one path that is not there, or a word that means nothing, keeps all: whoever mistyped
/// it may have meant what the others rest on.
#[test]
fn with_delete_every_path_has_to_be_there() {
    const NOTHING: &str = "bkscan: nothing was deleted: with --delete every path has to be there\n";
    let world = World::pair();
    for name in ["My old", "My old big disk"] {
        newest().write(&world.beside(name));
        older().write(&world.beside(name));
    }
    let away = world.beside("away");
    symlink(&away, world.beside("link")).unwrap();
    let away = away.display();
    let linked = format!("{away} is not there: link is a link to it. Is the disk connected?");
    let told = |args: &[&str], said: &str| {
        let run = world.still(world.bare(args).args(["--delete", "--yes"]), 3);
        assert_eq!(run.stdout, "", "{args:?}");
        let is_told = run.stderr.contains(&format!("bkscan: {said}\n"));
        assert!(is_told, "{said} of {args:?}: {run:#?}");
        run.stderr
    };
    let bakup = "Bakup does not exist; did you mean Backup?";
    let odler = "Backup/odler does not exist; did you mean Backup/older?";
    let disk = "disk does not exist; did you mean My old big disk?";
    for (roots, said) in [
        (&["Backup", "Bakup"][..], bakup),
        (&["Bakup", "Backup"], bakup),
        (&["Backup", "elsewhere"], "elsewhere does not exist"),
        (&["Backup", "Backup/odler"], odler),
        (&["Backup", "link"], &linked),
        // The shortest run wins, and the rest is missing.
        (&["My", "old", "big", "disk"], disk),
    ] {
        for more in [&[][..], &["--json"], &["--quiet"], &["--only", "older"]] {
            let said = told(&[roots, more].concat(), said);
            assert!(said.ends_with(NOTHING), "{roots:?} {more:?}: {said}");
        }
    }
    for (word, meant) in [
        ("odler", "older"),
        ("Ktichen iPhone", "Kitchen iPhone"),
        ("Backup/oldr", "Backup/older"),
    ] {
        let said = format!("no backup is called {word}; did you mean {meant}? There are:");
        told(&["Backup", "--only", "older", word], &said);
    }
    let oldr = "Backup/oldr does not exist; did you mean Backup/older?";
    told(&["--only", "Backup/older", "Backup/oldr"], oldr);
    // Without --delete the plan is made of what is there.
    let run = world.still(world.bare(&["Backup", "Bakup"]), 3);
    assert!(run.stdout.contains("1 of 2 can go"), "{run:#?}");
    // And what is there goes.
    world.delete(&[], 0, &["older"]);
}

/// A folder that is there, but shows no backup, may be where a disk belongs.
#[test]
fn with_delete_every_path_has_to_show_its_backups() {
    let world = World::pair();
    fs::create_dir(world.beside("empty")).unwrap();
    fs::write(world.beside("file"), "").unwrap();
    for (name, what) in [
        ("empty", "No backup under empty"),
        ("file", "file is a file and not a folder"),
    ] {
        let command = || world.bare(&["Backup", name, "--delete", "--yes"]);
        for more in [&[][..], &["--quiet"]] {
            let run = world.still(command().args(more), 3);
            assert_eq!(run.stdout, "", "{name}");
            assert!(run.stderr.contains(&format!("bkscan: {what}")), "{run:#?}");
            let end = format!(
                "bkscan: nothing was deleted: something is wrong with {name}, and --delete needs every \
                 path to be right\n"
            );
            assert!(run.stderr.ends_with(&end), "{run:#?}");
        }
        let document = world.done(command().arg("--json"), 3, &["older refused"]);
        assert!(why(&document, "older").contains(what), "{document:#}");
    }
}

#[test]
fn backups_in_several_folders_are_judged_together() {
    let world = World::pair();
    let copies = world.beside("copies");
    phone_in("copy", "2023-06-14").write(&copies);
    let spare = spare().write(&copies);
    let kept = tree_digest(&spare);
    world.delete_in(&["Backup", "copies"], 0, &["older"]);
    assert_eq!(fs::read_dir(&copies).unwrap().count(), 1);
    assert_eq!(tree_digest(&spare), kept);
    assert_eq!(world.removals().len(), 2);
}

/// Looked at alone, a backup has no newer one beside it.
#[test]
fn one_backup_alone_is_never_enough() {
    let world = World::pair();
    for name in ["older", PHONE] {
        world.delete_in(&[text(&world.path(name))], 0, &[]);
    }
}

#[test]
fn a_backup_given_by_a_link_to_it_is_refused() {
    for root in ["link-to-older", "link-to-older/"] {
        let world = World::pair();
        let link = world.beside("link-to-older");
        symlink("Backup/older", &link).unwrap();
        let newest = world.path(PHONE);
        let run = world.delete_in(&[root, text(&newest)], 2, &[]);
        assert!(link.is_symlink(), "{root}: {run:#?}");
        assert!(run.stdout.contains("link"), "{root}: {run:#?}");
    }
}

/// Not even when it has the name that a removal gives, or is named.
#[test]
fn a_link_beside_backups_is_never_followed() {
    let world = World::pair();
    let elsewhere = world.beside("elsewhere");
    let target = phone_in("linked", "2022-06-14").write(&elsewhere);
    let kept = tree_digest(&elsewhere);
    symlink(&target, world.path("linked")).unwrap();
    symlink(&elsewhere, world.path(".bkscan-removing-linked")).unwrap();
    symlink(&target, world.path(".bkscan-removing-other")).unwrap();
    let document = world.delete_json(&[], 0, &["older removed"]);
    assert_eq!(planned(&document), ["remove older"]);
    world.delete(&["--only", "linked"], 3, &[]);
    assert_eq!(tree_digest(&elsewhere), kept);
}

// ---- 8: obstacles of the file system ----

/// An attribute of ext4 and others, taken off again in the end.
struct Attribute {
    path: PathBuf,
    letter: char,
}

impl Attribute {
    /// `None`: it cannot be set here.
    fn set(path: PathBuf, letter: char) -> Option<Attribute> {
        let attribute = Attribute { path, letter };
        let is_set = attribute.change('+');
        if !is_set {
            skip("attributes cannot be set: not root, or the file system has none");
        }
        is_set.then_some(attribute)
    }

    fn change(&self, sign: char) -> bool {
        let mut command = Command::new("chattr");
        let change = format!("{sign}{}", self.letter);
        let done = command.arg(change).arg(&self.path).ended();
        done.is_ok_and(|done| done.status.success())
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
            let world = World::four().case(&format!("{what} +{letter}"));
            let place = place(&world.path("older"));
            let Some(attribute) = Attribute::set(place, letter) else {
                return;
            };
            let document = world.delete_json(&[], 2, &["older refused", "oldest removed"]);
            drop(attribute);
            let why = why(&document, "older");
            assert!(why.contains("locked"), "{what} +{letter}: {why}");
            // Once unlocked, it goes.
            world.delete(&[], 0, &["older"]);
        }
    }
}

#[test]
fn a_locked_folder_around_the_backups_keeps_all() {
    let world = World::four();
    let Some(_attribute) = Attribute::set(world.backups(), 'i') else {
        return;
    };
    world.delete_json(&[], 2, &["older refused", "oldest refused"]);
}

/// Gives a command the environment of another one.
fn set_envs_of(other: &Command, command: &mut Command) {
    for (name, value) in other.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
}

/// The command where `setup` has mounted something, which only it sees and which ends with it. `$b` is the
/// folder of the backups; `after` runs there too. `None`: nothing can be mounted.
fn mounted(world: &World, setup: &str, command: &Command, after: &str) -> Option<Command> {
    let unshare = |script: &str, folder: &Path| {
        let mut unshare = Command::new("unshare");
        unshare.args(["--mount", "--propagation", "private", "sh", "-c"]);
        unshare.args([script, "sh", text(folder)]);
        unshare
    };
    let probe = world.beside("probe");
    fs::create_dir_all(&probe).unwrap();
    let tried = unshare("mount -t tmpfs none \"$1\"", &probe).ended();
    if !tried.is_ok_and(|done| done.status.success()) {
        skip("nothing can be mounted: not root, or no unshare");
        return None;
    }
    let script = format!(
        "b=$1; shift; {{ {setup}; }} || exit 99; \"$@\"; code=$?; {{ {after}; }} || exit 98; \
         exit $code"
    );
    let mut inside = unshare(&script, &world.backups());
    inside.arg(command.get_program()).args(command.get_args());
    set_envs_of(command, &mut inside);
    inside.current_dir(world.folder.path()).stdin(Stdio::null());
    Some(inside)
}

#[test]
fn something_mounted_in_a_backup_keeps_it_whole() {
    for setup in [
        // Another device.
        "mount -t tmpfs none $b/older/empty && echo kept > $b/older/empty/.DS_Store && \
         touch -t 202401010000 $b/older/empty/.DS_Store",
        // The same device, with a user's files in it.
        "mount --bind $b/../outside $b/older/empty",
        // A shard of its own, seen twice.
        "mount --bind $b/older/SHARD $b/older/SHARD",
        // One file.
        "mount --bind $b/../outside/.DS_Store $b/older/Info.plist",
        // The backup itself.
        "mount --bind $b/older $b/older",
    ] {
        let world = World::four().case(setup);
        let older = world.path("older");
        fs::create_dir(older.join("empty")).unwrap();
        let [outside, info] = [world.beside("outside"), older.join("Info.plist")];
        fs::create_dir(&outside).unwrap();
        fs::copy(&info, outside.join(".DS_Store")).unwrap();
        let mtime = fs::metadata(&info).unwrap().modified().unwrap();
        set_mtime(&outside.join(".DS_Store"), mtime);
        let kept = tree_digest(&outside);
        let photo = photo(&older);
        let shard = photo.parent().unwrap().file_name().unwrap();
        let setup = setup.replace("SHARD", shard.to_str().unwrap());
        let after = match setup.contains("tmpfs") {
            true => "test -f $b/older/empty/.DS_Store",
            false => "true",
        };
        let command = world.command(&["--json", "--delete", "--yes"]);
        let Some(command) = mounted(&world, &setup, &command, after) else {
            return;
        };
        world.done(command, 2, &["older refused", "oldest removed"]);
        assert_eq!(tree_digest(&outside), kept, "{setup}");
    }
}

#[test]
fn a_disk_that_can_only_be_read_keeps_all() {
    for (setup, expected) in [
        (
            "mount --bind $b $b && mount -o remount,ro,bind $b",
            ["older refused", "oldest refused"],
        ),
        // Only one of the backups.
        (
            "mount --bind $b/older $b/older && mount -o remount,ro,bind $b/older",
            ["older refused", "oldest removed"],
        ),
    ] {
        let world = World::four().case(setup);
        let command = world.command(&["--json", "--delete", "--yes"]);
        let Some(command) = mounted(&world, setup, &command, "true") else {
            return;
        };
        let document = world.done(command, 2, &expected);
        if expected[1] == "oldest refused" {
            assert!(why(&document, "older").contains("read"), "{document:#}");
        }
    }
}

/// A newer backup on another disk does not make the older one go, but it may be named.
#[test]
fn a_newer_backup_on_another_disk_is_no_reason_until_the_older_is_named() {
    for (args, outcomes) in [
        (&[][..], &[][..]),
        (&["--only", "older"], &["older removed"]),
    ] {
        let world = World::of([older()]);
        let [other, elsewhere] = ["other", "newest"].map(|name| world.beside(name));
        fs::create_dir(&other).unwrap();
        newest().write(&elsewhere);
        let kept = tree_digest(&elsewhere);
        let mut command = world.command(&[text(&other)]);
        command.args(args).args(["--json", "--delete", "--yes"]);
        let setup = "mount -t tmpfs none $b/../other && cp -a $b/../newest/. $b/../other";
        let after = format!("test -f $b/../other/{PHONE}/Status.plist");
        let Some(command) = mounted(&world, setup, &command, &after) else {
            return;
        };
        let document = world.done(command, 0, outcomes);
        assert_eq!(tree_digest(&elsewhere), kept);
        if !outcomes.is_empty() {
            let expected = ["named", "other-volume"];
            assert_eq!(codes(&document["plan"][0]), expected);
        }
    }
}

// ---- 9: names ----

#[test]
fn a_long_name_is_no_hindrance() {
    for name in [
        "x".repeat(255),
        "x".repeat(240),
        "é".repeat(120),
        "照".repeat(85),
    ] {
        let world = World::of([newest(), phone_in(&name, "2024-06-14")]).case(&name);
        world.delete_json(&[], 0, &[&format!("{name} removed")]);
    }
}

#[test]
fn a_name_that_is_not_utf_8_is_no_hindrance() {
    let world = World::pair();
    let odd = world.backups().join(OsStr::from_bytes(b"old\xff\xfe"));
    if fs::rename(world.path("older"), &odd).is_err() {
        return skip("this file system takes only UTF-8");
    }
    let name = odd.file_name().unwrap().to_string_lossy();
    world.delete(&[], 0, &[&name]);
}

/// A folder of somebody else's under the name that a removal would take.
#[test]
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
    for files in photos {
        for numbers in [&[""][..], &["", "-2"]] {
            let world = World::pair().case(&format!("{files:?} under {numbers:?}"));
            for number in numbers {
                for file in files {
                    write_photo(&world.path(&format!("{WHOLE}{number}")).join(file));
                }
            }
            world.delete(&[], 0, &["older"]);
        }
    }
    let world = World::pair().case("a file");
    write_photo(&world.path(WHOLE));
    world.delete(&[], 0, &["older"]);
}

/// Somebody else's, with the folders above it.
fn write_photo(path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, b"a photo").unwrap();
}

// ---- 10: stopped removals ----

/// What a removal leaves that was stopped half way.
fn stopped(world: &World, name: &str) -> PathBuf {
    let left = world.add(phone_in(name, "2023-06-14"));
    for file in [
        left.join("Status.plist"),
        left.join("Info.plist"),
        photo(&left),
    ] {
        fs::remove_file(file).unwrap();
    }
    left
}

#[test]
fn a_stopped_removal_is_told_planned_and_finished() {
    let world = World::pair();
    let left = stopped(&world, LEFT);
    // Folders' own blocks count, as for a backup.
    let bytes = allocated(&left);
    let document = scan(&world.backups(), &[]);
    let beside = list(&document, "beside");
    assert_eq!(beside[0]["path"], text(&left));
    assert_eq!(beside[0]["kind"], "removal-unfinished");
    assert_eq!(beside.len(), 1);
    assert_eq!(list(&document, "backups").len(), 2);
    assert_eq!(document["exit_code"], 0);

    let expected = ["finish .bkscan-removing-oldest", "remove older"];
    let document = world.plan(&[], &expected);
    let mut plan = list(&document, "plan").iter();
    let finish = plan.find(|item| item["action"] == "finish").unwrap();
    assert_eq!(finish["path"], text(&left));
    assert_eq!(finish["reasons"], json!([]));
    let frees = json!({ "bytes": bytes, "exact": is_exact(&document) });
    assert_eq!(finish["frees"], frees);
    let said = world.clean(&[], 0);
    assert!(said.stdout.contains(LEFT), "{said:#?}");

    let expected = [".bkscan-removing-oldest removed", "older removed"];
    let document = world.delete_json(&[], 0, &expected);
    let mut done = list(&document, "done").iter();
    let done = done.find(|item| item["path"] == text(&left)).unwrap();
    assert_eq!(done["freed_bytes"], bytes);
}

#[test]
fn a_stopped_removal_is_finished_wherever_it_stopped() {
    type Stop = fn(&Path);
    let empty: Stop = |left| {
        fs::remove_dir_all(left).unwrap();
        fs::create_dir(left).unwrap();
    };
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
        ("with nothing left in it", empty),
        ("with clutter alone left", |left| {
            fs::remove_dir_all(left).unwrap();
            fs::create_dir(left).unwrap();
            fs::write(left.join(".DS_Store"), b"x").unwrap();
        }),
        ("with payloads alone left", |left| {
            for name in [
                "Status.plist",
                "Info.plist",
                "Manifest.plist",
                "Manifest.db",
            ] {
                fs::remove_file(left.join(name)).unwrap();
            }
        }),
    ];
    for (what, stop) in stops {
        let world = World::of([newest()]).case(what);
        stop(&world.add(phone_in(LEFT, "2023-06-14")));
        world.delete(&[], 0, &[LEFT]);
    }
}

#[test]
fn what_a_stopped_removal_frees_leaves_out_what_has_another_name() {
    let world = World::of([newest()]);
    let left = stopped(&world, LEFT);
    let note = payload_path(&left, DOMAIN, "Library/note.txt");
    fs::hard_link(&note, world.beside("note")).unwrap();
    let expected = allocated(&left) - bytes_of(&note);
    let document = world.plan(&[], &[&format!("finish {LEFT}")]);
    assert_eq!(document["plan"][0]["frees"]["bytes"], expected);
    let document = world.delete_json(&[], 0, &[&format!("{LEFT} removed")]);
    assert_eq!(document["done"][0]["freed_bytes"], expected);
}

/// It was begun with a yes; that no backup of the device is left any more does not matter.
#[test]
fn a_begun_removal_is_finished_without_a_newer_backup() {
    let world = World::of([spare()]);
    stopped(&world, LEFT);
    world.delete(&[], 0, &[LEFT]);
}

/// That there is no backup any more is told as ever.
#[test]
fn a_stopped_removal_is_finished_where_it_is_all_there_is() {
    let world = World::of([]);
    stopped(&world, LEFT);
    let run = world.delete(&[], 3, &[LEFT]);
    assert!(run.stderr.contains("No backup under "), "{run:#?}");
    assert!(!run.stderr.contains("nothing was deleted"), "{run:#?}");
}

#[test]
fn a_stopped_removal_is_none_of_those_that_were_named() {
    let world = World::pair();
    stopped(&world, LEFT);
    world.delete(&["--only", "older"], 0, &["older"]);
}

/// Stopped between the rename and the first file: nothing is gone yet.
#[test]
fn a_whole_folder_of_a_stopped_removal_goes_if_a_newer_good_backup_is_there() {
    let world = World::of([newest(), older().folder_name(WHOLE)]);
    world.note_begun(WHOLE);
    world.plan(&[], &[&format!("finish {WHOLE}")]);
    world.delete(&[], 0, &[WHOLE]);
}

#[test]
fn a_whole_folder_that_nobody_noted_stays_and_the_screen_names_it() {
    let world = World::of([newest(), older().folder_name(WHOLE)]);
    let run = world.delete(&[], 0, &[]);
    assert!(run.stderr.contains("to have it judged again"), "{run:#?}");
    let assert_told = || {
        let run = output(program().arg(world.backups()));
        let told = run.stdout.contains("! A removal was stopped and left ");
        assert!(told && run.stdout.contains(WHOLE), "{run:#?}");
    };
    assert_told();
    // Even where it is all there is.
    fs::remove_dir_all(world.path(PHONE)).unwrap();
    assert_told();
}

#[test]
fn what_changed_since_a_stopped_removal_was_looked_at_stays() {
    let world = World::of([newest(), older().folder_name(WHOLE)]);
    world.note_begun(WHOLE);
    // While the question is open.
    let (answer, mut terminal) = terminal();
    let mut command = world.command(&["--delete"]);
    command.stdin(answer).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::piped()).started().unwrap();
    wait_for(child.stderr.as_mut().unwrap(), "Type yes: ");
    File::create(world.path(WHOLE).join("new")).unwrap();
    terminal.write_all(b"yes\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(world.path(WHOLE).join("new").exists());
    assert!(world.path(WHOLE).join("Status.plist").exists());
}

/// Another backup inside the one that would go is not lost with it, and neither is the one that
/// stands in.
#[test]
fn a_backup_that_holds_another_one_stays() {
    for (folder, name) in [("", "inner"), ("Backup", "inner"), ("06", "inner")] {
        let world = World::pair().case(folder);
        let inner = device(TABLET, "Kitchen tablet", "2022-01-01");
        inner
            .folder_name(name)
            .write(&world.path("older").join(folder));
        world.plan(&[], &[]);
        world.delete(&[], 0, &[]);
    }
    // The one that stands in lies in the one that goes; both are named as paths.
    let world = World::of([older()]);
    newest().folder_name("inner").write(&world.path("older"));
    world.delete_in(&["Backup", "Backup/older/inner"], 0, &[]);
    // Or it is reached by a link.
    let world = World::of([older()]);
    newest().write(&world.path("older/x"));
    symlink("Backup/older/x", world.beside("MobileSync")).unwrap();
    world.delete_in(&["."], 0, &[]);
}

#[test]
fn a_whole_folder_of_a_stopped_removal_stays_if_nothing_newer_and_good_is_there() {
    let whole = || older().folder_name(WHOLE);
    for (what, other, whole) in [
        ("none of the device", spare(), whole()),
        ("an older one", phone("2023-06-14"), whole()),
        ("one of the same time", phone("2024-06-14"), whole()),
        ("a corrupt one", corrupt(newest()), whole()),
        // An encrypted backup holds more than a plain one, here too.
        ("only a plain one", newest(), whole().encrypted()),
    ] {
        let world = World::of([other, whole]).case(what);
        world.note_begun(WHOLE);
        world.plan(&[], &[]);
        for run in [world.clean(&[], 0), world.delete(&[], 0, &[])] {
            let said = words(&said(&run));
            assert!(said.contains(WHOLE), "{what}: {run:#?}");
            assert!(said.contains("stays"), "{what}: {run:#?}");
        }
    }
}

#[test]
fn a_whole_folder_of_a_stopped_removal_stays_while_it_is_written_to() {
    let world = World::of([newest(), older().folder_name(WHOLE)]);
    world.note_begun(WHOLE);
    set_mtime(&photo(&world.path(WHOLE)), SystemTime::now());
    world.delete(&[], 2, &[]);
}

// ---- 11: the state folder ----

#[test]
fn a_state_folder_that_takes_nothing_costs_one_line_and_nothing_else() {
    type Spoil = fn(&World, &mut Command);
    let full: Spoil = |world, _| {
        let folder = world.state().join("bkscan");
        fs::create_dir_all(&folder).unwrap();
        symlink("/dev/full", folder.join("removals.jsonl")).unwrap();
    };
    let a_file: Spoil = |world, _| fs::write(world.state(), b"x").unwrap();
    let none: Spoil = |_, command| {
        command.env_remove("XDG_STATE_HOME");
        command.env("HOME", "/dev/null");
    };
    let cases: [(&str, Spoil, &[&str]); 5] = [
        ("full", full, &[]),
        ("full", full, &["--json"]),
        ("full", full, &["--quiet"]),
        ("a file", a_file, &[]),
        ("none", none, &[]),
    ];
    for (what, spoil, args) in cases {
        if what == "full" && !Path::new("/dev/full").exists() {
            skip("this system has no /dev/full");
            continue;
        }
        let world = World::four().case(what);
        let mut command = world.command(args);
        spoil(&world, command.args(["--delete", "--yes"]));
        let run = world.gone(&mut command, 0, &["older", "oldest"]);
        assert_eq!(run.stderr.lines().count(), 1, "{what}: {run:#?}");
    }
}

// ---- 12: two cleanings ----

/// The lock is of the folder, however it is reached.
#[test]
fn a_second_cleaning_ends_with_3_and_removes_nothing() {
    for (root, args, gone) in [
        ("Backup", &[][..], &["older", "oldest"][..]),
        ("Backup", &["--quiet"], &["older", "oldest"]),
        ("Backup", &["--only", "older"], &["older"]),
        ("link", &[], &["older", "oldest"]),
    ] {
        let world = World::four();
        symlink("Backup", world.beside("link")).unwrap();
        let folder = File::open(world.backups()).unwrap();
        if folder.try_lock().is_err() {
            return skip("folders cannot be locked here");
        }
        let args = [&[root], args, &["--delete", "--yes"]].concat();
        let run = world.gone(world.bare(&args), 3, &[]);
        assert!(run.stderr.contains("another bkscan"), "{run:#?}");
        // --json gives one document, here too.
        let run = world.gone(world.bare(&args).arg("--json"), 3, &[]);
        assert_eq!(planned(&document(&run)), removing(gone));
        // To look at it needs no lock.
        world.clean(&[], 0);
        drop(folder);
        world.gone(world.bare(&args), 0, gone);
    }
}

// ---- 13: written to within the hour ----

#[test]
fn a_backup_written_to_within_the_hour_stays() {
    let world = World::pair();
    set_mtime(&photo(&world.path("older")), SystemTime::now());
    let document = world.delete_json(&[], 0, &[]);
    assert_eq!(document["plan"], json!([]));
    world.delete_json(&["--only", "older"], 2, &["older refused"]);
}

#[test]
fn a_backup_whose_stand_in_was_written_to_within_the_hour_stays() {
    for file in ["Status.plist", "Manifest.db", "Info.plist"] {
        let world = World::four().case(file);
        set_mtime(&world.path(PHONE).join(file), SystemTime::now());
        let said = words(&world.delete(&[], 2, &[]).stdout);
        assert!(said.contains("Kept Kitchen iPhone"), "{said}");
        assert!(said.contains(&format!("{file} changed")), "{said}");
        assert!(said.contains("Try again after "), "{said}");
    }
}

#[test]
fn clutter_that_changed_does_not_count() {
    for clutter in [".DS_Store", "._Info.plist", "Thumbs.db", "desktop.ini"] {
        let world = World::pair().case(clutter);
        for backup in [world.path("older"), world.path(PHONE)] {
            fs::write(backup.join(clutter), b"x").unwrap();
            fs::write(photo(&backup).with_file_name(clutter), b"x").unwrap();
        }
        world.delete(&[], 0, &["older"]);
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
        let program = world.beside("bkscan");
        fs::copy(env!("CARGO_BIN_EXE_bkscan"), &program).unwrap();
        set_mode(&program, 0o755);
        fs::create_dir(world.state()).unwrap();
        let closed = Vec::new();
        let bound = Bound {
            world,
            program,
            closed,
        };
        if bound.is_root() {
            for entry in walkdir::WalkDir::new(bound.world.backups()) {
                chown(entry.unwrap().path(), Some(NOBODY), Some(NOBODY)).unwrap();
            }
            set_mode(&bound.world.state(), 0o777);
        }
        bound
    }

    fn is_root(&self) -> bool {
        fs::metadata(self.world.folder.path()).unwrap().uid() == 0
    }

    /// Has the path this mode until the end.
    fn close(&mut self, path: PathBuf, mode: u32) {
        set_mode(&path, mode);
        self.closed.push(path);
    }

    fn open(&mut self) {
        for path in self.closed.drain(..) {
            let _ = fs::set_permissions(path, fs::Permissions::from_mode(0o755));
        }
    }

    fn delete_json(&self, outcomes: &[&str]) -> Value {
        let mut command = self.delete(&[&self.world.backups()]);
        self.world.done(command.arg("--json"), 2, outcomes)
    }

    /// `bkscan clean PATHS --delete --yes`
    fn delete(&self, paths: &[&Path]) -> Command {
        let usual = self.world.bare(&[]);
        let mut command = Command::new(&self.program);
        command.arg("clean").args(paths).args(["--delete", "--yes"]);
        command.current_dir("/").stdin(Stdio::null());
        set_envs_of(&usual, &mut command);
        if self.is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }
}

impl Drop for Bound {
    fn drop(&mut self) {
        self.open();
    }
}

#[test]
fn a_folder_around_the_backups_that_may_not_be_changed_keeps_all() {
    let mut bound = Bound::new();
    bound.close(bound.world.backups(), 0o555);
    let document = bound.delete_json(&["older refused", "oldest refused"]);
    assert_eq!(document["done"][0]["freed_bytes"], 0);
}

/// Nothing tells beforehand that in a sticky folder only the owner may rename what is his.
#[test]
fn a_backup_that_cannot_be_renamed_stays() {
    let bound = Bound::new();
    if !bound.is_root() {
        return skip("it takes root to give files away");
    }
    for (path, mode) in [
        (bound.world.backups(), 0o1777),
        (bound.world.path("older"), 0o777),
    ] {
        set_mode(&path, mode);
        chown(path, Some(0), Some(0)).unwrap();
    }
    let document = bound.delete_json(&["older refused", "oldest removed"]);
    let why = &document["done"][0]["why"];
    assert_eq!(why, "it could not be renamed: Operation not permitted");
}

#[test]
fn a_folder_in_a_backup_that_may_not_be_changed_keeps_it_whole() {
    let mut bound = Bound::new();
    let photo = photo(&bound.world.path("older"));
    bound.close(photo.parent().unwrap().to_owned(), 0o555);
    bound.delete_json(&["older refused", "oldest removed"]);
}

/// A path that was asked for and may not be looked into, or of which that holds for the folder in which
/// its backups are: nobody knows what is there, and nothing goes.
#[test]
fn a_path_that_may_not_be_read_keeps_all() {
    for closed in ["copies", "copies/Backup"] {
        let mut bound = Bound::new();
        let [backups, copies] = [bound.world.backups(), bound.world.beside("copies")];
        let copy = phone_in("copy", "2023-06-14").write(&copies.join("Backup"));
        bound.close(bound.world.beside(closed), 0);
        let mut command = bound.delete(&[&backups, &copies]);
        let run = bound.world.gone(&mut command, 3, &[]);
        assert_eq!(run.stdout, "");
        let end = format!("something is wrong with {}, and --delete", copies.display());
        assert!(run.stderr.contains(&end), "{run:#?}");
        let refused = ["older refused", "oldest refused"];
        bound.world.done(command.arg("--json"), 3, &refused);
        bound.open();
        assert!(copy.join("Status.plist").exists());
    }
}

/// A folder that may not be read hides what is in it: the backup cannot be judged, and stays.
#[test]
fn a_backup_that_may_not_be_read_stays_and_the_others_go() {
    let mut bound = Bound::new();
    let older = bound.world.path("older");
    let photo = photo(&older);
    bound.close(photo.parent().unwrap().to_owned(), 0);
    let mut command = bound.delete(&[&bound.world.backups()]);
    let run = output(command.arg("--json"));
    assert_eq!(run.code, 3, "{run:#?}");
    assert_eq!(outcomes(&document(&run)), ["oldest removed"]);
    bound.open();
    assert!(photo.exists());
    assert!(older.join("Status.plist").exists());
}

// ---- 15: what is not whole ----

#[test]
fn incomplete_backups_older_than_the_newest_good_one_go() {
    let broken = |name: &str, day: &str| {
        phone_in(name, day)
            .snapshot_state("uploading")
            .backup_state("empty")
            .without("Manifest.db")
    };
    let nothing_arrived =
        |backup: BackupBuilder| corrupt(backup.remove_payload(DOMAIN, "Library/note.txt"));
    let world = World::of([
        phone("2025-06-20"),
        nothing_arrived(broken("before", "2024-06-14")),
        // What its files are nobody can tell: only its owner decides.
        broken("with-files", "2024-07-14"),
        nothing_arrived(broken("after", "2025-11-20")),
    ]);
    let document = world.plan(&[], &["remove before"]);
    let reason = &document["plan"][0]["reasons"][0];
    assert_eq!(reason["code"], "incomplete");
    assert_eq!(reason["by"], text(&world.path(PHONE)));
    world.delete(&[], 0, &["before"]);
}

#[test]
fn incomplete_backups_without_a_good_one_stay() {
    let world = World::of([newest(), older()].map(|backup| backup.without("Manifest.db")));
    world.note_begun(PHONE);
    world.note_begun("older");
    world.delete(&[], 0, &[]);
}

/// All files may well be there where only one small file got lost.
#[test]
fn a_backup_that_lacks_only_its_status_stays() {
    let odd = phone_in("odd-status", "2023-06-14").raw("Status.plist", "not a plist");
    let world = World::of([newest(), older().without("Status.plist"), odd]);
    world.delete(&[], 0, &[]);
}

#[test]
fn a_corrupt_backup_is_never_a_reason_and_never_goes_by_itself() {
    // An older corrupt one stays although there is a newer good one.
    let world = World::of([newest(), corrupt(older())]);
    world.delete(&["--include-archived", "--trust-locked"], 0, &[]);
    // A good one stays although there is a newer corrupt one, also when it is named.
    let world = World::of([corrupt(newest()), older()]);
    world.delete(&[], 0, &[]);
    world.delete(&["--only", "older"], 2, &[]);
    // Nor the corrupt one, of which no newer good one is there.
    world.delete(&["--only", PHONE], 2, &[]);
}

#[test]
fn a_folder_with_nothing_but_info_plist_goes() {
    for clutter in [None, Some(".DS_Store")] {
        let world = World::of([newest()]);
        let made = spare().write(&world.beside("elsewhere"));
        let empty = world.path(SPARE);
        fs::create_dir(&empty).unwrap();
        fs::rename(made.join("Info.plist"), empty.join("Info.plist")).unwrap();
        if let Some(clutter) = clutter {
            fs::write(empty.join(clutter), b"x").unwrap();
        }
        let document = world.plan(&[], &[&format!("remove {SPARE}")]);
        assert_eq!(codes(&document["plan"][0]), ["not-a-copy"]);
        world.delete(&[], 0, &[SPARE]);
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
        write_photo(&world.path(file));
    }
    world.delete(&["--include-archived"], 0, &["older"]);
}

// ---- 16: quiet ----

#[test]
fn quiet_prints_nothing_when_all_went_well() {
    let world = World::four();
    stopped(&world, LEFT);
    for run in [
        world.clean(&["--quiet"], 0),
        world.delete(&["--quiet"], 0, &["older", "oldest", LEFT]),
        world.delete(&["--quiet"], 0, &[]),
    ] {
        assert_eq!(said(&run), "");
    }
}

#[test]
fn quiet_says_what_was_refused_and_no_more() {
    let world = World::four();
    for (named, kept, gone) in [
        (&[SPARE, "older"][..], "Kept Spare phone", &["older"][..]),
        (&[PHONE], "Kept Kitchen iPhone", &[]),
    ] {
        let args = [&["--quiet", "--only"], named].concat();
        let said = said(&world.delete(&args, 2, gone));
        assert!(said.contains(kept), "{said}");
        assert!(!said.contains("can go"), "{said}");
        assert!(!said.contains("Deleted"), "{said}");
    }
}

/// Also of one that is corrupt and the only one, and young.
#[test]
fn what_goes_for_good_with_what_was_named_is_told() {
    let photo = ("CameraRollDomain", "Media/DCIM/100APPLE/IMG_0001.JPG");
    let other = ("CameraRollDomain", "Media/DCIM/100APPLE/IMG_0002.JPG");
    let world = empty_folder();
    BackupBuilder::new(PHONE)
        .bare()
        .date("2026-11-20T10:00:00Z")
        .file(photo.0, photo.1, &[7; 100])
        .file(other.0, other.1, &[8; 100])
        .remove_payload(other.0, other.1)
        .folder_name("damaged")
        .write(&world.path().join("Backup"));
    let mut command = program();
    command.current_dir(world.path());
    command.args([
        "clean", "Backup", "--only", "damaged", "--json", "--now", NOW,
    ]);
    let run: Run = command.ended().unwrap().into();
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document["backups"][0]["verdict"], "corrupt", "{run:?}");
    assert_eq!(
        document["backups"][0]["only_here"]["groups"],
        json!([{ "group": "Photos", "files": 1, "bytes": 100, "of_files": 1, "of_bytes": 100 }])
    );
}
