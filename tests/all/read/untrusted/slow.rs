//! What takes long or needs rights that not everybody has. Run with `--ignored`, as `.ci/run` does.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use super::moving::many;
use super::{document, run_in_time, scan_only, small};
use crate::harness::{Ended as _, NOW, alone, finding_ids, only_backup, program};
use crate::support::empty_folder;

/// Runs a script in a mount namespace of its own; `None` where that is not allowed.
fn in_own_mounts(script: &str, path: &Path) -> Option<std::process::Output> {
    let own = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["-m", "sh", "-c", script, "sh"]).arg(path);
        alone(&mut command).env("BKSCAN", env!("CARGO_BIN_EXE_bkscan"));
        command.env("NOW", NOW).ended()
    };
    let may = own("mount -t tmpfs tmpfs \"$1\"").ok()?;
    may.status.success().then(|| own(script).unwrap())
}

#[test]
#[ignore = "mounts; .ci/run"]
fn a_folder_mounted_into_itself_is_gone_through_to_an_end() {
    let world = empty_folder();
    let backup = small().write(world.path());
    fs::create_dir_all(backup.join("aa/loop")).unwrap();
    let script = "mount --rbind \"$1\" \"$1/aa/loop\" && exec timeout 100 \"$BKSCAN\" \"$1\" --json --now \"$NOW\"";
    let Some(output) = in_own_mounts(script, &backup) else {
        return;
    };
    let document = document(&output.into());
    assert_eq!(only_backup(&document)["verdict"], "complete");
    let found = finding_ids(only_backup(&document));
    // The mounted one has a manifest of its own.
    assert_eq!(found, ["misplaced-file", "nested-backup"].into());
}

/// What is mounted inside a backup is not part of it: a removal must not empty it.
#[test]
#[ignore = "mounts; .ci/run"]
fn what_is_mounted_inside_a_backup_is_not_removed_with_it() {
    let world = empty_folder();
    let keep = empty_folder();
    // Any other file would keep the backup before the mount is met.
    let name = ".DS_Store";
    let kept = File::create(keep.path().join(name)).unwrap();
    // Else the backup would stay because somebody wrote to it just now.
    kept.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_500_000_000))
        .unwrap();
    small().write(world.path());
    let older = small().folder_name("older").date("2023-01-01T00:00:00Z");
    let older = older.write(world.path());
    fs::create_dir_all(older.join("aa/mounted")).unwrap();
    let script = format!(
        "mount --bind '{}' \"$1/older/aa/mounted\" && exec \"$BKSCAN\" clean --delete --yes \"$1\"",
        keep.path().display()
    );
    let Some(output) = in_own_mounts(&script, world.path()) else {
        return;
    };
    assert!(keep.path().join(name).exists(), "{output:?}");
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

/// Contract §1 and §4: a disk that is away could not be looked at, and nothing on it is missing.
#[test]
#[ignore = "needs mounts of its own; .ci/run"]
fn a_disk_that_vanishes_is_not_damage() {
    for delay in ["0.002", "0.005", "0.01", "0.02", "0.03", "0.05"] {
        let world = empty_folder();
        fs::create_dir(world.path().join("disk")).unwrap();
        many().write(&world.path().join("model"));
        let script = format!(
            "mount -t tmpfs tmpfs \"$1/disk\" && cp -a \"$1\"/model/* \"$1/disk\" && \
             {{ (sleep {delay}; umount -l \"$1/disk\") & \
             timeout 100 \"$BKSCAN\" \"$1/disk\" --json --now \"$NOW\"; }}"
        );
        let Some(output) = in_own_mounts(&script, world.path()) else {
            return;
        };
        let document = document(&output.into());
        for backup in document["backups"].as_array().unwrap() {
            let known = ["complete", "unreadable"];
            let verdict = backup["verdict"].as_str().unwrap();
            assert!(known.contains(&verdict), "after {delay} s: {backup:#}");
        }
    }
}

/// Every file that the program opens, by its own word to the system: none is where links lead.
#[test]
#[ignore = "needs strace; .ci/run"]
fn nothing_is_opened_where_links_lead() {
    use std::os::unix::fs::symlink;

    let world = empty_folder();
    let outside = tempfile::Builder::new().prefix("outside").tempdir();
    let outside = outside.unwrap();
    let whole = small().write(outside.path());
    for name in "Info.plist Status.plist Manifest.plist Manifest.db".split(' ') {
        let backup = small().folder_name(&format!("linked {name}"));
        let backup = backup.write(world.path());
        fs::remove_file(backup.join(name)).unwrap();
        symlink(whole.join(name), backup.join(name)).unwrap();
    }
    let backup = small().snapshot_state("moving").write(world.path());
    for name in "Snapshot aa folder Manifest.db-wal Manifest.db-journal".split(' ') {
        symlink(&whole, backup.join(name)).unwrap();
    }
    let trace = world.path().join("trace");
    let mut strace = Command::new("strace");
    let calls = "trace=openat,open,getdents64,readlink";
    strace
        .args(["-f", "-y", "-qq", "-e", calls, "-o"])
        .arg(&trace);
    strace.arg(program().get_program()).arg(world.path());
    strace.args(["--json", "--now", NOW]);
    if Command::new("strace").arg("-V").ended().is_err() {
        return;
    }
    let run = run_in_time(&mut strace);
    assert_eq!(run.code, 2, "{run:?}");
    let trace = fs::read_to_string(trace).unwrap();
    assert!(trace.contains("Manifest.db"), "the trace shows nothing");
    let outside = outside.path().to_str().unwrap();
    let is_led = |line: &&str| line.contains(outside) && !line.contains("readlink");
    let led: Vec<&str> = trace.lines().filter(is_led).collect();
    assert!(led.is_empty(), "{}", led.join("\n"));
    scan_only(world.path(), &[]);
}
