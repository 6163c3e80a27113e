//! What is printed where there is no room for it: that is no success. Where nobody wants to read on, it is.

use std::fs::File;
use std::process::Stdio;

use crate::harness::{Ended as _, program};

/// Whatever prints, and its exit code where all of it can be printed.
const CALLS: [(&[&str], i32); 18] = [
    (&["--help"], 0),
    (&["-h"], 0),
    (&["--version"], 0),
    (&["-V"], 0),
    (&["show", "--version"], 0),
    (&["help"], 0),
    (&["help", "clean"], 0),
    (&["clean", "--help"], 0),
    (&["schema"], 0),
    (&["schema", "diff"], 0),
    (&["man"], 0),
    (&["completions", "bash"], 0),
    (&["completions", "fish"], 0),
    (&["explain"], 0),
    (&["explain", "file-missing"], 0),
    (&["config", "show"], 0),
    (&["testdata/MobileSync"], 2),
    (&["testdata/MobileSync", "--json"], 2),
];

#[test]
fn a_full_disk_is_told() {
    let samples = "testdata/MobileSync/Backup/00008103-0012345678901234";
    let others = [
        &["clean", "testdata/MobileSync"][..],
        &["clean", "testdata/MobileSync", "--json"],
        &["show", samples],
        &[
            "diff",
            samples,
            "testdata/MobileSync/Backup/00008130-000A1C2E3F40801E",
        ],
        &["schedule", "cron", "testdata/MobileSync"],
        &["testdata/MobileSync", "--quiet"],
    ];
    let calls = CALLS.iter().map(|(call, _)| *call);
    for call in calls.chain(others) {
        let disk = File::options().write(true).open("/dev/full").unwrap();
        let mut command = program();
        command.current_dir(env!("CARGO_MANIFEST_DIR")).args(call);
        let output = command.stdout(disk).ended().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{call:?}: {said}");
        let why = "bkscan: the result could not be written: ";
        assert!(said.contains(why), "{call:?}: {said}");
    }
}

#[test]
fn a_closed_pipe_ends_quietly() {
    for (call, code) in CALLS {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = program();
        command.current_dir(env!("CARGO_MANIFEST_DIR")).args(call);
        command.stdout(Stdio::from(writer));
        let output = command.ended().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            (output.status.code(), said.as_str()),
            (Some(code), ""),
            "{call:?}"
        );
    }
}
