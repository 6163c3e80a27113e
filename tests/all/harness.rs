//! Runs the program and looks at what came of it. Every run through here also makes sure that
//! nothing in the scanned folder changed.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};
use std::time::Duration;

use bkscan::cli::exit_code;
use bkscan::model::options::FailOn;
use bkscan::report::document::Document;
use bkscan::{Monitor, ScanOptions, Sources};
use serde_json::Value;

use crate::support::tree_digest;

/// The time that counts as now: years after the builder's backups, so that none looks like one that
/// is running.
pub const NOW: &str = "2026-11-22T12:00:00Z";

/// Tests over as many cases as every run has time for, and in a module `slow` over all of them, for
/// `.ci/run`: `name: few, all;` calls `over::name(few)` and `over::name(all)`.
macro_rules! in_two_sizes {
    ($($(#[$attribute:meta])* $name:ident: $few:expr, $all:expr;)+) => {
        $(
            #[test]
            $(#[$attribute])*
            fn $name() {
                over::$name($few);
            }
        )+

        mod slow {
            use super::*;

            $(
                #[test]
                #[ignore = "over all cases: .ci/run runs it"]
                fn $name() {
                    over::$name($all);
                }
            )+
        }
    };
}

/// Every file below a folder; none if there is no folder. On Windows without the journals that SQLite leaves
/// beside a database, empty.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let is_left = |path: &PathBuf| cfg!(windows) && path.to_string_lossy().ends_with("-journal");
    walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| !entry.file_type().is_dir())
        .map(walkdir::DirEntry::into_path)
        .filter(|path| !is_left(path))
        .collect()
}

/// What a run of the program came to.
#[derive(Debug)]
pub struct Run {
    /// The exit code.
    pub code: i32,
    /// What it wrote to stdout.
    pub stdout: String,
    /// What it wrote to stderr.
    pub stderr: String,
}

/// What was written, without how much of the disk is free, which other programs change.
pub fn lasting(text: &str) -> String {
    let is_lasting = |line: &&str| !line.contains(" free of ") && !line.contains("available_bytes");
    let lines = text.lines().filter(is_lasting);
    lines.collect::<Vec<_>>().join("\n")
}

impl From<Output> for Run {
    fn from(output: Output) -> Run {
        Run {
            code: output.status.code().expect("the program ended by itself"),
            stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
        }
    }
}

/// The program, with an environment that no test depends on by accident.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bkscan"));
    alone(&mut command);
    command
}

/// The same environment for whatever starts the program. What that keeps for itself is no matter of whoever
/// runs the tests.
pub fn alone(command: &mut Command) -> &mut Command {
    const STATE: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/state");
    command
        .env_remove("NO_COLOR")
        .env_remove("BKSCAN_PASSWORD")
        .env("BKSCAN_NO_STATE", "true")
        .env("XDG_CONFIG_HOME", "/nowhere")
        .env("XDG_STATE_HOME", STATE)
        .env("LOCALAPPDATA", STATE)
        .env("LC_ALL", "C.UTF-8")
        .env("TZ", "UTC")
}

/// Starts programs where so many tests do at once.
pub trait Ended {
    /// As [`Command::output`], and starts the program again where the system could not for the moment:
    /// what was not started has done nothing.
    fn ended(&mut self) -> io::Result<Output>;

    /// The same for [`Command::spawn`].
    fn started(&mut self) -> io::Result<Child>;
}

impl Ended for Command {
    fn ended(&mut self) -> io::Result<Output> {
        again(|| self.output())
    }

    fn started(&mut self) -> io::Result<Child> {
        again(|| self.spawn())
    }
}

/// Starts a program again where the system could not for the moment.
fn again<T>(mut start: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    /// `ERROR_INTERNAL_ERROR`: Wine's answer now and then where many programs start at once.
    const INTERNAL_ERROR: i32 = 1359;
    for _ in 0..50 {
        match start() {
            // A child of another test still has the copy open that was just written.
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => {}
            Err(error) if cfg!(windows) && error.raw_os_error() == Some(INTERNAL_ERROR) => {}
            started => return started,
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    start()
}

/// Runs the program with these arguments as they are.
pub fn run<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Run {
    program()
        .args(args)
        .ended()
        .expect("the program starts")
        .into()
}

/// The document of `bkscan ROOT --json --now NOW ARGS`. Fails if anything below `root` changed. Without
/// arguments nothing is started: the library gives the same document, and most tests ask for no more.
pub fn scan(root: &Path, args: &[&str]) -> Value {
    let before = tree_digest(root);
    let document = match args {
        [] => scanned_here(root),
        _ => printed(root, args),
    };
    assert_eq!(
        tree_digest(root),
        before,
        "the scan changed {}",
        root.display()
    );
    document
}

/// The document, by the library alone.
fn scanned_here(root: &Path) -> Value {
    let now = NOW.parse().expect("a time");
    let options = ScanOptions::new(vec![root.to_owned()], now);
    let scanned = bkscan::scan(&options, Sources::default(), &Monitor::silent());
    let report = scanned.expect("threads start");
    let exit = exit_code::of(&report, FailOn::default(), 0);
    serde_json::to_value(Document::of(&report, exit.number())).expect("a document")
}

/// The document, as the program prints it. Fails if the exit code of the process is another one.
fn printed(root: &Path, args: &[&str]) -> Value {
    let run: Run = program()
        .arg(root)
        .args(["--json", "--now", NOW])
        .args(args)
        .ended()
        .expect("the program starts")
        .into();
    let document: Value = serde_json::from_str(&run.stdout)
        .unwrap_or_else(|error| panic!("no JSON ({error}): {run:?}"));
    assert_eq!(document["exit_code"], run.code, "{run:?}");
    document
}

#[test]
fn the_library_gives_the_document_that_the_program_prints() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/MobileSync");
    let [here, printed] = [scanned_here(&samples), printed(&samples, &[])].map(|mut document| {
        // What is free changes while others write.
        document["roots"][0]["volume"].take();
        document
    });
    assert_eq!(here, printed);
}

/// The only backup of a document.
pub fn only_backup(document: &Value) -> &Value {
    let backups = document["backups"].as_array().expect("backups is a list");
    assert_eq!(backups.len(), 1, "{document:#}");
    &backups[0]
}

/// The ids of a backup's findings.
pub fn finding_ids(backup: &Value) -> BTreeSet<&str> {
    let findings = backup["findings"].as_array().expect("findings is a list");
    findings
        .iter()
        .map(|finding| finding["id"].as_str().expect("an id"))
        .collect()
}

/// The finding with this id.
pub fn finding<'a>(backup: &'a Value, id: &str) -> &'a Value {
    let findings = backup["findings"].as_array().expect("findings is a list");
    findings
        .iter()
        .find(|finding| finding["id"] == id)
        .unwrap_or_else(|| panic!("no {id} in {backup:#}"))
}

impl Run {
    /// The exit code, stdout and stderr, to be compared at once.
    pub fn all(&self) -> (i32, &str, &str) {
        (self.code, &self.stdout, &self.stderr)
    }
}

/// The words of a command line in which none has a space.
pub fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

/// Runs the program in this folder.
#[cfg(not(windows))]
pub fn run_in(folder: &Path, args: &[&str]) -> Run {
    let mut command = program();
    let output = command.current_dir(folder).args(args).ended();
    output.expect("the program starts").into()
}

/// The program as somebody has it whose home, state and settings lie in `folder`, and who is there.
pub fn at_home(folder: &Path) -> Command {
    let mut command = program();
    let state = folder.join("state");
    let config = folder.join("config");
    command
        .env_remove("BKSCAN_NO_STATE")
        .env_remove("SUDO_UID")
        .env("HOME", folder.join("home"))
        .env("XDG_STATE_HOME", &state)
        .env("LOCALAPPDATA", &state)
        .env("XDG_CONFIG_HOME", &config)
        .env("APPDATA", &config)
        .current_dir(folder);
    command
}

/// Gives a file or folder these permissions.
#[cfg(unix)]
pub fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// What [`at_home`] gives, for a user whom permissions bind: all may write into `folder`, which gets a copy of
/// the program.
#[cfg(unix)]
pub fn bound(folder: &Path) -> Command {
    use std::os::unix::fs::MetadataExt as _;
    use std::os::unix::process::CommandExt as _;

    /// No system has a user of this number.
    const NOBODY: u32 = 1_234_567;
    let program = folder.join("program");
    if !program.exists() {
        std::fs::copy(env!("CARGO_BIN_EXE_bkscan"), &program).unwrap();
        set_mode(&program, 0o755);
        set_mode(folder, 0o777);
    }
    let mut command = Command::new(program);
    same_environment(&mut command, &at_home(folder));
    command.current_dir(folder);
    if folder.metadata().unwrap().uid() == 0 {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

/// Gives a command the environment of another one.
#[cfg(unix)]
pub fn same_environment(command: &mut Command, other: &Command) {
    for (name, value) in other.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
}
