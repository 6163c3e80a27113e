//! A backup is bytes that somebody else wrote: whatever they are, there is a finding or a message,
//! in bounded time and memory, and nothing outside the backup is read. Every expected result is
//! derived from the contract.
//!
//! What a backup is judged as is written down when it is made; many lie beside each other and are
//! judged in one run, because starting the program costs more than judging a small backup.

mod circles;
#[cfg(unix)]
mod kinds;
#[cfg(target_os = "linux")]
mod limits;
#[cfg(target_os = "linux")]
mod long;
mod manifests;
mod metadata;
mod moving;
mod names;
mod pages;
#[cfg(target_os = "linux")]
mod slow;
mod values;
#[cfg(target_os = "linux")]
mod whole;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{Ended as _, NOW, Run, finding_ids, program};
use crate::support::{BackupBuilder, empty_folder, tree_digest};

const UDID: &str = "00008130-000A1C2E3F40801E";
const PHOTO: (&str, &str) = ("CameraRollDomain", "Media/DCIM/1.JPG");

/// Makes a table of Manifest.db break its own rule, which SQLite's `quick_check` complains of.
const DAMAGE: &str = "CREATE TABLE t (a); INSERT INTO t VALUES (NULL); \
                      PRAGMA writable_schema = ON; \
                      UPDATE sqlite_schema SET sql = 'CREATE TABLE t (a NOT NULL)' WHERE name = 't'";

/// A run that is still going after this long hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// How a backup is made.
type Make = fn() -> BackupBuilder;

/// A small healthy backup.
fn small() -> BackupBuilder {
    BackupBuilder::new(UDID)
        .bare()
        .no_empty_shards()
        .file(PHOTO.0, PHOTO.1, &[7; 100])
}

/// Runs a command to its end, and stops it where it does not come to one.
fn run_in_time(command: &mut Command) -> Run {
    let [mut out, mut err] = [(); 2].map(|()| tempfile::tempfile().unwrap());
    command.stdin(std::process::Stdio::null());
    command.stdout(out.try_clone().unwrap());
    command.stderr(err.try_clone().unwrap());
    let mut child = command.started().expect("the program starts");
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if start.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("still running after {PATIENCE:?}: {command:?}");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let text = |file: &mut File| {
        let mut text = String::new();
        file.rewind().unwrap();
        file.read_to_string(&mut text).expect("UTF-8");
        text
    };
    let (stdout, stderr) = (text(&mut out), text(&mut err));
    for word in ["panicked", "memory allocation", "overflow"] {
        assert!(!stderr.contains(word), "{stderr}");
    }
    let code = status.code();
    let code = code.unwrap_or_else(|| panic!("{status}: {stderr}"));
    Run {
        code,
        stdout,
        stderr,
    }
}

/// The JSON document of a run; its exit code is the process's.
fn document(run: &Run) -> Value {
    let document: Value = serde_json::from_str(&run.stdout)
        .unwrap_or_else(|error| panic!("no JSON ({error}): {run:?}"));
    assert_eq!(document["exit_code"], run.code, "{run:?}");
    document
}

/// Scans, and makes sure that nothing below `root` changed.
fn scan(root: &Path, args: &[&str]) -> Value {
    let before = tree_digest(root);
    let document = scan_only(root, args);
    assert_eq!(tree_digest(root), before, "{} changed", root.display());
    document
}

/// Scans what is too large to be read for a comparison.
fn scan_only(root: &Path, args: &[&str]) -> Value {
    let mut command = program();
    command.arg(root).args(["--json", "--now", NOW]).args(args);
    document(&run_in_time(&mut command))
}

/// Backups beside each other, and what each must be judged as.
struct World {
    folder: TempDir,
    expected: Vec<Expected>,
}

struct Expected {
    name: String,
    verdict: &'static str,
    findings: BTreeSet<&'static str>,
}

impl World {
    fn new() -> World {
        World {
            folder: empty_folder(),
            expected: Vec::new(),
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Makes a backup and says what it must be judged as.
    fn add(
        &mut self,
        name: &str,
        builder: BackupBuilder,
        verdict: &'static str,
        findings: &[&'static str],
    ) -> PathBuf {
        self.expected.push(Expected {
            name: name.to_owned(),
            verdict,
            findings: findings.iter().copied().collect(),
        });
        builder.folder_name(name).write(self.path())
    }

    /// Scans once and compares.
    fn judge(self) -> Value {
        let document = scan(self.path(), &[]);
        self.compare(&document);
        document
    }

    fn compare(&self, document: &Value) {
        let mut wrong = Vec::new();
        for Expected {
            name,
            verdict,
            findings,
        } in &self.expected
        {
            let backup = backup(document, name);
            let (told, found) = (&backup["verdict"], finding_ids(backup));
            if told != verdict || found != *findings {
                let all = &backup["findings"];
                wrong.push(format!(
                    "{name}: {told} {found:?} instead of {verdict} {findings:?}: {all}"
                ));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        let backups = document["backups"].as_array().unwrap();
        assert_eq!(backups.len(), self.expected.len());
        backups.iter().for_each(assert_verdict_by_the_contract);
        let any = |verdicts: &[&str]| {
            let mut expected = self.expected.iter();
            expected.any(|expected| verdicts.contains(&expected.verdict))
        };
        // Contract §8: the first that applies of 2, 3, 0.
        let code = match () {
            () if any(&["incomplete", "corrupt"]) => 2,
            () if any(&["unreadable"]) => 3,
            () => 0,
        };
        assert_eq!(document["exit_code"], code);
    }
}

/// The backup of this folder name.
fn backup<'a>(document: &'a Value, name: &str) -> &'a Value {
    let mut backups = document["backups"].as_array().unwrap().iter();
    let is_named = |backup: &&Value| {
        let path = Path::new(backup["path"].as_str().unwrap());
        path.file_name().is_some_and(|last| last == name)
    };
    let backup = backups.find(is_named);
    backup.unwrap_or_else(|| panic!("no backup {name} in {document:#}"))
}

fn assert_verdict_by_the_contract(backup: &Value) {
    let verdict = verdict_by_the_contract(backup);
    assert_eq!(backup["verdict"], verdict, "{backup:#}");
}

/// The verdict that the contract (§3 and §4) makes of a backup's findings.
fn verdict_by_the_contract(backup: &Value) -> &'static str {
    const INCOMPLETE: &str = "never-finished status-missing status-unreadable manifest-plist-missing \
        manifest-missing";
    const CORRUPT: &str = "manifest-plist-unreadable manifest-unreadable manifest-damaged file-missing \
        payload-truncated payload-not-a-file payload-empty index-empty key-invalid digest-mismatch \
        payload-read-error content-changed";
    const INTERRUPTED: &str = "update-interrupted move-interrupted cleanup-interrupted";
    const UNVERIFIED: &str = "state-unknown state-unsupported format-too-old tool-made index-short";
    let findings = finding_ids(backup);
    let any = |ids: &str| ids.split(' ').any(|id| findings.contains(id));
    // What could not be checked at this level, as opposed to what a deeper one would.
    let unseen = backup["not_checked"].as_array().unwrap().iter();
    let mut unseen = unseen.filter(|check| check["why"] != "only at --level contents");
    match () {
        () if any("not-readable") => "unreadable",
        () if any("backup-running") => "in-progress",
        () if any(INCOMPLETE) => "incomplete",
        () if any(CORRUPT) => "corrupt",
        () if any(INTERRUPTED) => "interrupted",
        () if any(UNVERIFIED) || unseen.next().is_some() => "unverified",
        () => "complete",
    }
}
