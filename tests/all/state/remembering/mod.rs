//! What bkscan remembers of its scans and what it makes of that, from the outside: the state
//! folder, `bkscan history`, `--fail-on new`, the nightly mail.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::find::discovery::put;
use crate::harness::{Ended as _, NOW, Run, at_home, files};
use crate::support::{BackupBuilder, empty_folder, payload_path, tree_digest};

mod failing;
mod forgotten;
mod gone;
mod history;
mod mail;
mod new;
mod shrank;
mod state;

const PHONE: &str = "00008130-000A1C2E3F40801E";
const IPAD: &str = "00008103-0012345678901234";
const CAMERA: &str = "CameraRollDomain";

/// A folder with backups, and a user's home beside it in which scans are remembered.
struct World {
    folder: TempDir,
}

impl World {
    /// One healthy backup in the folder `backups`.
    fn new() -> World {
        let world = World::empty();
        phone().write(&world.root());
        world
    }

    fn empty() -> World {
        let folder = empty_folder();
        fs::create_dir(folder.path().join("backups")).unwrap();
        World { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What is scanned.
    fn root(&self) -> PathBuf {
        self.path("backups")
    }

    /// The healthy backup.
    fn phone(&self) -> PathBuf {
        self.root().join(PHONE)
    }

    /// Where runs are remembered, if nothing else is said.
    fn state(&self) -> PathBuf {
        self.path("state").join("bkscan")
    }

    /// The program as this user has it.
    fn command(&self) -> Command {
        at_home(self.folder.path())
    }

    /// Runs the program as it is typed in the folder around `backups`, which stays as it was.
    fn run<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Run {
        self.output(self.command().args(args))
    }

    fn output(&self, command: &mut Command) -> Run {
        let before = tree_digest(&self.root());
        let run = run(command.ended().expect("the program starts"));
        assert_eq!(tree_digest(&self.root()), before, "the scan changed it");
        run
    }

    /// The same for what is typed in a shell.
    fn typed(&self, line: &str) -> Run {
        self.run(words(line))
    }

    /// The same at that time.
    fn at(&self, now: &str, line: &str) -> Run {
        self.typed(&format!("{line} --now {now}"))
    }

    /// Scans with `--json`; gives the exit code, which is that of the document too.
    fn code(&self, line: &str) -> i32 {
        self.code_at(NOW, line)
    }

    fn code_at(&self, now: &str, line: &str) -> i32 {
        let run = self.at(now, &format!("{line} --json"));
        assert_eq!(run.stderr, "", "{line}");
        assert_eq!(parsed(&run)["exit_code"], run.code, "{line}");
        run.code
    }

    /// The exit code of `bkscan backups --fail-on new`.
    fn new_code(&self) -> i32 {
        self.code("backups --fail-on new")
    }

    /// Those of as many such nights in a row as are compared with.
    fn new_codes<const NIGHTS: usize>(&self) -> [i32; NIGHTS] {
        self.codes("backups --fail-on new")
    }

    fn codes<const NIGHTS: usize>(&self, line: &str) -> [i32; NIGHTS] {
        [(); NIGHTS].map(|()| self.code(line))
    }

    /// The document of `history --json`.
    fn history(&self, line: &str) -> Value {
        document(&self.typed(&format!("history --json {line}")))
    }

    /// How many verdicts are remembered.
    fn remembered(&self) -> usize {
        runs(&self.history("")).len()
    }

    /// The one database in the state folder.
    fn database(&self) -> PathBuf {
        let mut databases = files(&self.state());
        let magic =
            |path: &_| fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"SQLite format 3\0"));
        databases.retain(magic);
        assert_eq!(databases.len(), 1, "{databases:?}");
        databases.remove(0)
    }
}

/// The words of a line in a shell.
fn words(line: &str) -> Vec<String> {
    shell_words::split(line).unwrap()
}

/// A healthy backup with three photos.
fn phone() -> BackupBuilder {
    with_photos(BackupBuilder::new(PHONE))
}

fn ipad() -> BackupBuilder {
    with_photos(BackupBuilder::new(IPAD)).device("Anna's iPad", "iPad13,16", None, "17.1", "21B80")
}

/// A night of November 2026.
fn night(day: u32) -> String {
    format!("2026-11-{day:02}T03:30:00Z")
}

fn with_photos(builder: BackupBuilder) -> BackupBuilder {
    let bare = builder.bare().no_empty_shards();
    (1..=3).fold(bare, |builder, number| {
        builder.file(CAMERA, &photo(number), &[7; 5000])
    })
}

fn photo(number: u32) -> String {
    format!("Media/DCIM/{number}.JPG")
}

/// Takes a photo away.
fn damage(backup: &Path, number: u32) {
    fs::remove_file(payload_path(backup, CAMERA, &photo(number))).unwrap();
}

/// Puts it back.
fn heal(backup: &Path, number: u32) {
    put(&payload_path(backup, CAMERA, &photo(number)), &[7; 5000]);
}

fn run(output: Output) -> Run {
    let run = Run::from(output);
    assert!(!run.stderr.contains("panicked"), "{run:?}");
    run
}

/// Fails where it ended with another code, or said something on stderr.
#[track_caller]
fn assert_code(run: &Run, code: i32) {
    assert_eq!((run.code, run.stderr.as_str()), (code, ""), "{run:?}");
}

#[track_caller]
fn document(run: &Run) -> Value {
    assert_code(run, 0);
    parsed(run)
}

fn parsed(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("no JSON ({error}): {run:?}"))
}

/// The document of a scan, without the state of the disk, which other programs change.
fn judged(run: &Run) -> Value {
    let mut document = parsed(run);
    for root in document["roots"].as_array_mut().unwrap() {
        assert!(root["volume"].take().is_object());
    }
    document
}

fn list(value: &Value) -> std::slice::Iter<'_, Value> {
    value.as_array().unwrap().iter()
}

/// All runs of all devices of a history.
fn runs(history: &Value) -> Vec<&Value> {
    let devices = list(&history["devices"]);
    devices.flat_map(|device| list(&device["runs"])).collect()
}

/// One field of all runs.
fn all<'a>(history: &'a Value, field: &str) -> Vec<&'a str> {
    let runs = runs(history).into_iter();
    runs.map(|run| run[field].as_str().unwrap()).collect()
}

/// A message on stderr of one line.
fn one_line(run: &Run) -> &str {
    let line = run.stderr.strip_suffix('\n').unwrap_or_default();
    assert!(!line.is_empty() && !line.contains('\n'), "{run:?}");
    line
}

/// Whether this user may do everything.
#[cfg(unix)]
fn is_root(world: &World) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(world.folder.path()).unwrap().uid() == 0
}

/// Says that something cannot be tried on this system.
#[cfg(unix)]
#[expect(clippy::print_stderr, reason = "a test that did nothing says so")]
fn skip(why: &str) {
    eprintln!("not checked here: {why}");
}
