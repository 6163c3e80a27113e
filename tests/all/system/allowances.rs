//! What the system allows this user: files of no length, and no more threads.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::harness::{Ended as _, NOW, Run, alone, lasting};
use crate::support::{BackupBuilder, empty_folder};

const PHONE: &str = "00008130-000A1C2E3F40801E";
const NOBODY: u32 = 65_534;

/// A backup, and a copy of the program that everybody may run.
fn world() -> (TempDir, PathBuf) {
    let folder = empty_folder();
    let mode = |path: &Path| fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    mode(folder.path());
    let program = folder.path().join("bkscan");
    fs::copy(env!("CARGO_BIN_EXE_bkscan"), &program).unwrap();
    mode(&program);
    BackupBuilder::new(PHONE).write(&folder.path().join("Backup"));
    let state = folder.path().join("state");
    fs::create_dir(&state).unwrap();
    fs::set_permissions(state, fs::Permissions::from_mode(0o777)).unwrap();
    (folder, program)
}

/// Runs it where a limit holds, as `ulimit` of bash sets it.
fn limited(folder: &Path, program: &Path, limit: &str, user: Option<u32>, args: &[&str]) -> Run {
    let mut command = Command::new("bash");
    alone(&mut command).env_remove("BKSCAN_NO_STATE");
    command.args(["-c", &format!("ulimit {limit} && exec \"$0\" \"$@\"")]);
    command.arg(program).args(args).current_dir(folder);
    if let Some(user) = user {
        command.uid(user).gid(user);
    }
    command.ended().expect("bash starts").into()
}

/// Writing fails then, and the system would end the program.
#[test]
fn where_no_file_may_be_written_the_scan_goes_on() {
    let (world, program) = world();
    let args = ["Backup", "--now", NOW, "--level", "contents"];
    let own = ["--state-dir", "state", "--metrics", "a.prom"];
    let free = limited(world.path(), &program, "-S -f unlimited", None, &args);
    assert_eq!(free.code, 0, "{free:?}");
    let run = limited(
        world.path(),
        &program,
        "-f 0",
        None,
        &[&args[..], &own].concat(),
    );
    assert_eq!(run.code, 0, "{run:?}");
    let lines: Vec<_> = run.stderr.lines().collect();
    assert_eq!(lines.len(), 2, "{run:?}");
    assert!(
        lines[0].contains("ledger.db") || lines[0].contains("history.db"),
        "{run:?}"
    );
    assert!(
        lines[1].contains("the metrics file a.prom could not be written: "),
        "{run:?}"
    );
    assert!(run.stdout.contains("complete"), "{run:?}");
}

#[test]
fn where_no_thread_may_be_started_the_scan_goes_on_without() {
    let (world, program) = world();
    let is_root = fs::metadata(world.path()).unwrap().uid() == 0;
    let user = is_root.then_some(NOBODY);
    for args in [
        &["Backup", "--threads", "4"][..],
        &[
            "Backup",
            "--threads",
            "4",
            "--state-dir",
            "state",
            "--level",
            "contents",
        ],
        &["clean", "Backup", "--threads", "4"],
    ] {
        let args = [args, &["--now", NOW]].concat();
        // Twice, so that both have something to remember.
        let free = || limited(world.path(), &program, "-S -c 0", user, &args);
        let [_, free] = [free(), free()];
        let run = limited(world.path(), &program, "-u 1", user, &args);
        assert_eq!(run.code, free.code, "{run:?}");
        assert_eq!(lasting(&run.stdout), lasting(&free.stdout));
        assert_eq!(run.stderr, free.stderr);
        assert!(!run.stdout.is_empty(), "{run:?}");
    }
}
