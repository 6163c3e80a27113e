//! How a run ends, on every system.

use super::page::samples;
use crate::harness::{Ended as _, program, run, words};

/// Usage errors are 64, said on stderr; what comes with a later piece does not exist yet.
#[test]
fn usage_errors() {
    let samples = samples();
    let path = samples.to_str().unwrap();
    for args in [
        "--nonsense",
        "-z",
        "--level",
        "--level deep",
        "--level content",
        "--now yesterday",
        "--now 2026-11-22",
        "--threads 0",
        "--threads -1",
        "--threads many",
        "--fail-on note",
        "--fail-on warning,all",
        "--stale-after 5m",
        "--metrics",
        "--color pink",
        "--json=yes",
        "--old-after 5m",
        "--keep-last 0",
        "--delete",
    ] {
        let run = run([&[path], &*words(args)].concat());
        assert_eq!((run.code, &*run.stdout), (64, ""), "{args}: {run:?}");
        assert!(!run.stderr.is_empty(), "{args}");
    }
}

/// A reader who leaves early is no error: nothing on stderr, no panic.
#[test]
fn a_closed_pipe_ends_quietly() {
    let samples = samples();
    let path = samples.to_str().unwrap();
    for args in [
        &[path][..],
        &[path, "--json"],
        &[path, "--quiet"],
        &["--help"],
        &["--version"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = program().args(args).stdout(writer).ended().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(stderr, "", "{args:?}");
        assert_ne!(output.status.code(), Some(101), "{args:?}");
    }
}
