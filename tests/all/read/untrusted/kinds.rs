//! Folders, links, pipes, sockets and devices where files belong, in place of each file of a backup
//! and of the backup itself. A pipe must not make the program wait, and no link may be followed.

use std::fs::{self, File, FileTimes};
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use super::{DAMAGE, Make, PHOTO, World, backup, document, run_in_time, scan, small};
use crate::harness::{Ended as _, NOW, finding, program};
use crate::support::{BackupBuilder, file_id, payload_path};

const MARKER: &str = "only outside of the backup";

/// What stands where a file belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Folder,
    Pipe,
    Socket,
    DanglingLink,
    LinkToItself,
    /// A link to the very file that belongs here, kept outside.
    LinkToTheFile,
    LinkToPipe,
    LinkToEndlessDevice,
    LinkToOwnMemory,
    /// Only where the user may make one.
    EndlessDevice,
}

const KINDS: [Kind; 10] = [
    Kind::Folder,
    Kind::Pipe,
    Kind::Socket,
    Kind::DanglingLink,
    Kind::LinkToItself,
    Kind::LinkToTheFile,
    Kind::LinkToPipe,
    Kind::LinkToEndlessDevice,
    Kind::LinkToOwnMemory,
    Kind::EndlessDevice,
];

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
            folder: tempfile::tempdir().unwrap(),
            count: 0,
            untouched: Vec::new(),
        }
    }

    fn new_path(&mut self) -> PathBuf {
        self.count += 1;
        self.folder.path().join(self.count.to_string())
    }

    /// Replaces what is at `path`, which need not be there; `false` where it cannot be made.
    fn put(&mut self, kind: Kind, path: &Path) -> bool {
        let (outside, device) = (self.new_path(), self.new_path());
        if kind == Kind::EndlessDevice {
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
            Kind::Folder => fs::create_dir(path).unwrap(),
            Kind::Pipe => make_pipe(path),
            Kind::Socket => {
                // Deep paths are too long for a socket, but not for a rename.
                let short = self.new_path();
                drop(UnixListener::bind(&short).unwrap());
                fs::rename(short, path).unwrap();
            }
            Kind::DanglingLink => symlink(self.new_path(), path).unwrap(),
            Kind::LinkToItself => symlink(path, path).unwrap(),
            Kind::LinkToTheFile => {
                if outside.is_file() {
                    make_old(&outside);
                    self.untouched.push(outside.clone());
                }
                symlink(outside, path).unwrap();
            }
            Kind::LinkToPipe => {
                let pipe = self.new_path();
                make_pipe(&pipe);
                symlink(pipe, path).unwrap();
            }
            Kind::LinkToEndlessDevice => symlink("/dev/zero", path).unwrap(),
            Kind::LinkToOwnMemory => symlink("/proc/self/mem", path).unwrap(),
            Kind::EndlessDevice => fs::rename(device, path).unwrap(),
        }
        true
    }

    /// On a file system that notes no reading this proves nothing; then only what is shown is looked
    /// at.
    fn assert_unread(&self) {
        let control = self.folder.path().join("control");
        fs::write(&control, MARKER).unwrap();
        make_old(&control);
        fs::read(&control).unwrap();
        if !was_read(&control) {
            return;
        }
        for path in &self.untouched {
            assert!(!was_read(path), "{} was read", path.display());
        }
    }
}

/// Makes a file look as if it was last read long ago: then reading it is noted even where the
/// system does not note every time.
fn make_old(path: &Path) {
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let times = FileTimes::new().set_accessed(old);
    File::options()
        .write(true)
        .open(path)
        .unwrap()
        .set_times(times)
        .unwrap();
}

fn was_read(path: &Path) -> bool {
    path.metadata().unwrap().atime() != 1_000_000_000
}

/// A backup with something in the place of each of its files.
struct Case {
    place: &'static str,
    builder: Make,
    verdict: &'static str,
    findings: &'static [&'static str],
}

fn moving() -> BackupBuilder {
    small().snapshot_state("moving").snapshot(small())
}

/// Contract §4 rule 4: what is no file is there, but unreadable. Rule 5: in state `moving` what is
/// in `Snapshot/` counts first.
const METADATA: [Case; 11] = [
    Case {
        place: "Info.plist",
        builder: small,
        verdict: "complete",
        findings: &["info-unreadable"],
    },
    Case {
        place: "Status.plist",
        builder: small,
        verdict: "incomplete",
        findings: &["status-unreadable"],
    },
    Case {
        place: "Manifest.plist",
        builder: small,
        verdict: "corrupt",
        findings: &["manifest-plist-unreadable"],
    },
    Case {
        place: "Manifest.db",
        builder: small,
        verdict: "corrupt",
        findings: &["manifest-unreadable"],
    },
    Case {
        place: "Manifest.mbdb",
        builder: || small().mbdb(),
        verdict: "corrupt",
        findings: &["manifest-unreadable"],
    },
    // The database counts where there are both (rule 1).
    Case {
        place: "Manifest.mbdb",
        builder: small,
        verdict: "complete",
        findings: &[],
    },
    Case {
        place: "Manifest.db-wal",
        builder: small,
        verdict: "complete",
        findings: &["wal-present"],
    },
    Case {
        place: "Manifest.db-shm",
        builder: small,
        verdict: "complete",
        findings: &["wal-present"],
    },
    Case {
        place: "Manifest.db-journal",
        builder: small,
        verdict: "complete",
        findings: &[],
    },
    Case {
        place: "Snapshot/Manifest.plist",
        builder: moving,
        verdict: "corrupt",
        findings: &["manifest-plist-unreadable", "move-interrupted"],
    },
    Case {
        place: "Snapshot/Manifest.db",
        builder: moving,
        verdict: "corrupt",
        findings: &["manifest-unreadable", "move-interrupted"],
    },
];

/// Puts every kind in the place of a case, and judges all at once.
fn judge_all(cases: &[Case], kinds: &[Kind]) {
    let mut world = World::new();
    let mut elsewhere = Elsewhere::new();
    for (number, case) in cases.iter().enumerate() {
        for kind in kinds {
            let place = case.place.replace('/', " ");
            let name = format!("{number} {place} {kind:?}");
            let backup = world.add(&name, (case.builder)(), case.verdict, case.findings);
            if !elsewhere.put(*kind, &backup.join(case.place)) {
                fs::remove_dir_all(backup).unwrap();
                world.expected.pop();
            }
        }
    }
    let document = world.judge();
    assert!(!document.to_string().contains(MARKER), "{document:#}");
    elsewhere.assert_unread();
}

#[test]
fn what_is_no_file_is_an_unreadable_metadata_file() {
    judge_all(&METADATA, &KINDS);
}

#[test]
fn a_link_to_metadata_outside_shows_nothing_of_it() {
    let mut world = World::new();
    let mut elsewhere = Elsewhere::new();
    let named = |name: &str| {
        small()
            .device(name, "iPhone16,1", None, "17.5.1", "21F90")
            .file("AppDomain-net.example", name, b"x")
    };
    for (place, verdict, finding) in [
        ("Info.plist", "complete", "info-unreadable"),
        ("Manifest.plist", "corrupt", "manifest-plist-unreadable"),
        ("Manifest.db", "corrupt", "manifest-unreadable"),
    ] {
        let backup = world.add(&format!("{place} away"), small(), verdict, &[finding]);
        let other = tempfile::tempdir_in(elsewhere.folder.path())
            .unwrap()
            .keep();
        let other = named(MARKER).write(&other).join(place);
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
    let mut world = World::new();
    let mut elsewhere = Elsewhere::new();
    let flat: &str = &file_id(PHOTO.0, PHOTO.1);
    let shard = format!("{}/{flat}", &flat[..2]);
    let in_snapshot = format!("Snapshot/{shard}");
    let cases: [(&str, Make, &[&'static str]); 4] = [
        (&shard, small, &["payload-not-a-file"]),
        (flat, || small().mbdb(), &["payload-not-a-file"]),
        (&shard, || small().encrypted(), &["payload-not-a-file"]),
        // What is in `Snapshot/` counts first.
        (
            &in_snapshot,
            moving,
            &["payload-not-a-file", "move-interrupted"],
        ),
    ];
    for (number, (place, builder, findings)) in cases.into_iter().enumerate() {
        for kind in KINDS {
            let name = format!("{number} {kind:?}");
            let backup = world.add(&name, builder(), "corrupt", findings);
            if !elsewhere.put(kind, &backup.join(place)) {
                fs::remove_dir_all(backup).unwrap();
                world.expected.pop();
            }
        }
    }
    let document = world.judge();
    for kind in ["Pipe", "Socket", "LinkToEndlessDevice"] {
        let found = finding(
            backup(&document, &format!("0 {kind}")),
            "payload-not-a-file",
        );
        assert_eq!(found["count"], 1);
        assert_eq!(found["examples"][0]["path"], PHOTO.1);
    }
    elsewhere.assert_unread();
}

#[test]
fn a_shard_that_is_no_folder_holds_nothing() {
    let mut world = World::new();
    let mut elsewhere = Elsewhere::new();
    let shard = &file_id(PHOTO.0, PHOTO.1)[..2];
    for kind in KINDS {
        let name = format!("{kind:?}");
        let findings: &[&str] = match kind {
            // An empty one is as good as none.
            Kind::Folder => &["file-missing"],
            _ => &["file-missing", "misplaced-file"],
        };
        let backup = world.add(&name, small(), "corrupt", findings);
        if !elsewhere.put(kind, &backup.join(shard)) {
            fs::remove_dir_all(backup).unwrap();
            world.expected.pop();
        }
    }
    world.judge();
}

#[test]
fn a_snapshot_that_is_no_folder_is_none() {
    for (state, verdict, findings) in [
        ("finished", "complete", &[][..]),
        ("moving", "interrupted", &["move-interrupted"]),
    ] {
        let mut world = World::new();
        let mut elsewhere = Elsewhere::new();
        for kind in KINDS.into_iter().filter(|kind| *kind != Kind::Folder) {
            let name = format!("{kind:?}");
            let backup = world.add(&name, small().snapshot_state(state), verdict, findings);
            if !elsewhere.put(kind, &backup.join("Snapshot")) {
                fs::remove_dir_all(backup).unwrap();
                world.expected.pop();
            }
        }
        world.judge();
    }
}

#[test]
fn a_damaged_database_with_a_pipe_as_its_wal_is_judged_without_it() {
    let mut world = World::new();
    let mut elsewhere = Elsewhere::new();
    for kind in KINDS {
        let name = format!("{kind:?}");
        let findings = &["manifest-damaged", "wal-present"];
        let backup = world.add(&name, small().sql(DAMAGE), "corrupt", findings);
        if !elsewhere.put(kind, &backup.join("Manifest.db-wal")) {
            fs::remove_dir_all(backup).unwrap();
            world.expected.pop();
        }
    }
    world.judge();
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
    let folder = tempfile::tempdir().unwrap();
    let mut elsewhere = Elsewhere::new();
    let mut paths = vec![
        PathBuf::from("/dev/zero"),
        PathBuf::from("/proc/self/mem"),
        PathBuf::from("/dev/null"),
    ];
    for kind in [
        Kind::Pipe,
        Kind::Socket,
        Kind::LinkToPipe,
        Kind::LinkToItself,
    ] {
        let path = folder.path().join(format!("{kind:?}"));
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
        for kind in [Kind::Pipe, Kind::Socket, Kind::LinkToPipe] {
            let folder = tempfile::tempdir().unwrap();
            Elsewhere::new().put(kind, &folder.path().join(name));
            let mut command = program();
            command.arg(folder.path()).args(["--json", "--now", NOW]);
            let run = run_in_time(&mut command);
            assert_eq!(document(&run)["exit_code"], 3, "{name} {kind:?}");
        }
    }
}

#[test]
fn pipes_and_sockets_beside_backups_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
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
