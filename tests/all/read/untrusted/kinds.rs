//! Folders, links, pipes, sockets and devices where files belong, in place of each file of a backup
//! and of the backup itself. A pipe must not make the program wait, and no link may be followed.

use std::fs::{self, File, FileTimes};
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use serde_json::Value;
use tempfile::TempDir;

use super::{DAMAGE, Make, PHOTO, World, backup, run_in_time, scan, scan_only, small};
use crate::harness::{Ended as _, NOW, finding, program};
use crate::support::{BackupBuilder, empty_folder, file_id, payload_path};

const MARKER: &str = "only outside of the backup";

/// What stands where a file belongs: `link to the file` leads to that very file, kept outside, and an
/// `endless device` stands there only where the user may make one.
const KINDS: &str = "folder,pipe,socket,dangling link,link to itself,link to the file,link to a pipe,\
                     link to an endless device,link to own memory,endless device";
const NO_FOLDERS: &str = KINDS.split_at("folder,".len()).1;

pub(super) fn make_pipe(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status().unwrap();
    assert!(made.success(), "mkfifo {}", path.display());
}

/// A place outside of all that is scanned.
struct Elsewhere {
    folder: TempDir,
    count: u32,
    /// Files that were read long ago, and must not be read now.
    untouched: Vec<PathBuf>,
}

impl Elsewhere {
    fn new() -> Elsewhere {
        Elsewhere {
            folder: empty_folder(),
            count: 0,
            untouched: Vec::new(),
        }
    }

    fn new_path(&mut self) -> PathBuf {
        self.count += 1;
        self.folder.path().join(self.count.to_string())
    }

    /// Replaces what is at `path`, which need not be there; `false` where it cannot be made.
    fn put(&mut self, kind: &str, path: &Path) -> bool {
        let (outside, device) = (self.new_path(), self.new_path());
        if kind == "endless device" {
            let mut node = Command::new("mknod");
            node.arg(&device).args(["c", "1", "5"]);
            if !node.ended().is_ok_and(|made| made.status.success()) {
                return false;
            }
        }
        if path.is_dir() {
            fs::rename(path, &outside).unwrap();
        } else if path.exists() {
            // The text outside is what the backup has, so only not reading it keeps it from showing.
            fs::copy(path, &outside).unwrap();
            fs::remove_file(path).unwrap();
        }
        match kind {
            "folder" => fs::create_dir(path).unwrap(),
            "pipe" => make_pipe(path),
            "socket" => {
                // Deep paths are too long for a socket, but not for a rename.
                let short = self.new_path();
                drop(UnixListener::bind(&short).unwrap());
                fs::rename(short, path).unwrap();
            }
            "dangling link" => symlink(self.new_path(), path).unwrap(),
            "link to itself" => symlink(path, path).unwrap(),
            "link to the file" => {
                if outside.is_file() {
                    make_old(&outside);
                    self.untouched.push(outside.clone());
                }
                symlink(outside, path).unwrap();
            }
            "link to a pipe" => {
                let pipe = self.new_path();
                make_pipe(&pipe);
                symlink(pipe, path).unwrap();
            }
            "link to an endless device" => symlink("/dev/zero", path).unwrap(),
            "link to own memory" => symlink("/proc/self/mem", path).unwrap(),
            "endless device" => fs::rename(device, path).unwrap(),
            other => panic!("no kind is called {other}"),
        }
        true
    }

    /// On a file system that notes no reading this proves nothing.
    fn assert_unread(&self) {
        let control = self.folder.path().join("control");
        fs::write(&control, MARKER).unwrap();
        make_old(&control);
        fs::read(&control).unwrap();
        for path in self.untouched.iter().filter(|_| was_read(&control)) {
            assert!(!was_read(path), "{} was read", path.display());
        }
    }
}

/// Makes a file look as if it was last read long ago: then reading it is noted everywhere.
pub(super) fn make_old(path: &Path) {
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let file = File::options().write(true).open(path).unwrap();
    file.set_times(FileTimes::new().set_accessed(old)).unwrap();
}

pub(super) fn was_read(path: &Path) -> bool {
    path.metadata().unwrap().atime() != 1_000_000_000
}

/// What stands in a place of which backup, its verdict and its findings.
type Case<'a> = (&'a str, Make, &'static str, &'static [&'static str]);

fn moving() -> BackupBuilder {
    small().snapshot_state("moving").snapshot(small())
}

const PLIST: &[&str] = &["manifest-plist-unreadable"];
const LIST: &[&str] = &["manifest-unreadable"];
const MOVED_PLIST: &[&str] = &["manifest-plist-unreadable", "move-interrupted"];
const MOVED_LIST: &[&str] = &["manifest-unreadable", "move-interrupted"];

/// Contract §4 rule 4: what is no file is there, but unreadable. Rule 5: in state `moving` what is
/// in `Snapshot/` counts first.
const METADATA: [Case<'static>; 11] = [
    ("Info.plist", small, "complete", &["info-unreadable"]),
    ("Status.plist", small, "incomplete", &["status-unreadable"]),
    ("Manifest.plist", small, "corrupt", PLIST),
    ("Manifest.db", small, "corrupt", LIST),
    ("Manifest.mbdb", || small().mbdb(), "corrupt", LIST),
    // The database counts where there are both (rule 1).
    ("Manifest.mbdb", small, "complete", &[]),
    ("Manifest.db-wal", small, "complete", &["wal-present"]),
    ("Manifest.db-shm", small, "complete", &["wal-present"]),
    ("Manifest.db-journal", small, "complete", &[]),
    ("Snapshot/Manifest.plist", moving, "corrupt", MOVED_PLIST),
    ("Snapshot/Manifest.db", moving, "corrupt", MOVED_LIST),
];

/// Puts every kind in the place of a case, and judges all at once, named by the case's number and the kind.
fn judge_all(cases: &[Case<'_>], kinds: &str) -> Value {
    let mut world = World::new();
    let mut elsewhere = Elsewhere::new();
    for (number, (place, builder, verdict, findings)) in cases.iter().enumerate() {
        for kind in kinds.split(',') {
            let name = format!("{number} {} {kind}", place.replace('/', " "));
            let backup = world.add(&name, builder(), verdict, findings);
            if !elsewhere.put(kind, &backup.join(place)) {
                fs::remove_dir_all(backup).unwrap();
                world.expected.pop();
            }
        }
    }
    let document = world.judge();
    assert!(!document.to_string().contains(MARKER), "{document:#}");
    elsewhere.assert_unread();
    document
}

#[test]
fn what_is_no_file_is_an_unreadable_metadata_file() {
    judge_all(&METADATA, KINDS);
}

#[test]
fn a_link_to_metadata_outside_shows_nothing_of_it() {
    let mut world = World::new();
    let mut elsewhere = Elsewhere::new();
    for (place, verdict, finding) in [
        ("Info.plist", "complete", "info-unreadable"),
        ("Manifest.plist", "corrupt", "manifest-plist-unreadable"),
        ("Manifest.db", "corrupt", "manifest-unreadable"),
    ] {
        let backup = world.add(&format!("{place} away"), small(), verdict, &[finding]);
        let folder = elsewhere.new_path();
        fs::create_dir(&folder).unwrap();
        let other = small().device(MARKER, "iPhone16,1", None, "17.5.1", "21F90");
        let other = other.file("AppDomain-net.example", MARKER, b"x");
        let other = other.write(&folder).join(place);
        make_old(&other);
        fs::remove_file(backup.join(place)).unwrap();
        symlink(&other, backup.join(place)).unwrap();
        elsewhere.untouched.push(other);
    }
    let document = world.judge();
    assert!(!document.to_string().contains(MARKER), "{document:#}");
    elsewhere.assert_unread();
}

#[test]
fn a_payload_that_is_no_file_is_not_missing() {
    const NO_FILE: &[&str] = &["payload-not-a-file"];
    const MOVED: &[&str] = &["payload-not-a-file", "move-interrupted"];
    let flat: &str = &file_id(PHOTO.0, PHOTO.1);
    let shard: &str = &format!("{}/{flat}", &flat[..2]);
    let in_snapshot = format!("Snapshot/{shard}");
    let cases: [Case<'_>; 4] = [
        (shard, small, "corrupt", NO_FILE),
        (flat, || small().mbdb(), "corrupt", NO_FILE),
        (shard, || small().encrypted(), "corrupt", NO_FILE),
        // What is in `Snapshot/` counts first.
        (&in_snapshot, moving, "corrupt", MOVED),
    ];
    let document = judge_all(&cases, KINDS);
    for kind in ["pipe", "socket", "link to an endless device"] {
        let name = format!("0 {} {kind}", shard.replace('/', " "));
        let found = finding(backup(&document, &name), "payload-not-a-file");
        assert_eq!(found["count"], 1);
        assert_eq!(found["examples"][0]["path"], PHOTO.1);
    }
}

#[test]
fn a_shard_that_is_no_folder_holds_nothing() {
    const MISPLACED: &[&str] = &["file-missing", "misplaced-file"];
    let shard = &file_id(PHOTO.0, PHOTO.1)[..2];
    judge_all(&[(shard, small, "corrupt", MISPLACED)], NO_FOLDERS);
    // An empty one is as good as none.
    let empty: Case<'_> = (shard, small, "corrupt", &["file-missing"]);
    judge_all(&[empty], "folder");
}

#[test]
fn a_snapshot_that_is_no_folder_is_none() {
    let moving = || small().snapshot_state("moving");
    let cases: [Case<'_>; 2] = [
        ("Snapshot", small, "complete", &[]),
        ("Snapshot", moving, "interrupted", &["move-interrupted"]),
    ];
    judge_all(&cases, NO_FOLDERS);
}

#[test]
fn a_damaged_database_with_a_pipe_as_its_wal_is_judged_without_it() {
    const FINDINGS: &[&str] = &["manifest-damaged", "wal-present"];
    let damaged = || small().sql(DAMAGE);
    judge_all(&[("Manifest.db-wal", damaged, "corrupt", FINDINGS)], KINDS);
}

#[test]
fn links_in_circles_are_not_gone_through() {
    let mut world = World::new();
    // At the top nothing is compared; in a shard it does not belong there.
    let top = world.add("top", small(), "complete", &[]);
    symlink(".", top.join("here")).unwrap();
    symlink("..", top.join("up")).unwrap();
    symlink("/", top.join("everything")).unwrap();
    let inside = world.add("inside", small(), "complete", &["misplaced-file"]);
    let place = payload_path(&inside, PHOTO.0, PHOTO.1);
    symlink("..", place.with_file_name("loop")).unwrap();
    let left = world.add("leftover", small(), "complete", &["leftover"]);
    fs::create_dir_all(left.join("Snapshot/aa")).unwrap();
    symlink("/", left.join("Snapshot/all")).unwrap();
    symlink("../..", left.join("Snapshot/aa/loop")).unwrap();
    let document = world.judge();
    for name in ["top", "inside", "leftover"] {
        // Three property lists, the manifest and the photo.
        assert_eq!(backup(&document, name)["size"]["files"], 5, "{name}");
    }
}

#[test]
fn a_path_that_is_no_folder_could_not_be_looked_at() {
    let folder = empty_folder();
    let mut elsewhere = Elsewhere::new();
    let mut paths = ["/dev/zero", "/proc/self/mem", "/dev/null"]
        .map(PathBuf::from)
        .to_vec();
    for kind in ["pipe", "socket", "link to a pipe", "link to itself"] {
        let path = folder.path().join(kind);
        elsewhere.put(kind, &path);
        paths.push(path);
    }
    for path in paths.iter().filter(|path| path.symlink_metadata().is_ok()) {
        for words in [&[][..], &["clean"], &["show"]] {
            let run = run_in_time(program().args(words).arg(path).args(["--now", NOW]));
            assert_eq!(run.code, 3, "{words:?} {path:?} {run:?}");
            let shown = path.to_str().unwrap();
            assert!(run.stderr.contains(shown), "{words:?} {run:?}");
        }
    }
}

#[test]
fn a_place_for_backups_that_is_no_folder_holds_none() {
    for name in ["Backup", "MobileSync"] {
        for kind in ["pipe", "socket", "link to a pipe"] {
            let folder = empty_folder();
            Elsewhere::new().put(kind, &folder.path().join(name));
            let document = scan_only(folder.path(), &[]);
            assert_eq!(document["exit_code"], 3, "{name} {kind}");
        }
    }
}

#[test]
fn pipes_and_sockets_beside_backups_are_left_alone() {
    let folder = empty_folder();
    let place = folder.path().join("Backup");
    small().write(&place);
    make_pipe(&place.join("pipe"));
    make_pipe(&place.join("Info.plist"));
    drop(UnixListener::bind(place.join("socket")).unwrap());
    symlink("/dev/zero", place.join("zero")).unwrap();
    let document = scan(folder.path(), &[]);
    assert_eq!(document["exit_code"], 0);
    assert_eq!(document["backups"].as_array().unwrap().len(), 1);
    assert_eq!(document["backups"][0]["verdict"], "complete");
}
