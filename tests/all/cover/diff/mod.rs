//! `bkscan diff`: what one backup holds that another one does not.

mod chance;
#[cfg(not(windows))]
mod compared;
#[cfg(not(windows))]
mod named;
mod screens;

use std::path::PathBuf;

use serde_json::Value;

use crate::cli::reference::differences;
use crate::harness::{Ended as _, NOW, Run, program, run};
use crate::support::{BackupBuilder, Row, empty_folder, tree_digest};

const UDID: &str = "00008130-000A1C2E3F40801E";

/// Text without its line ends.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Two backups in a folder of their own.
struct Pair {
    world: tempfile::TempDir,
    old: PathBuf,
    new: PathBuf,
}

impl Pair {
    fn write(old: BackupBuilder, new: BackupBuilder) -> Pair {
        let world = empty_folder();
        let old = old.folder_name("old").write(world.path());
        let new = new.folder_name("new").write(world.path());
        Pair { world, old, new }
    }

    /// Runs `bkscan diff OLD NEW ARGS`, and makes sure that nothing changed.
    fn run(&self, args: &[&str]) -> Run {
        self.run_with(args, None)
    }

    fn run_with(&self, args: &[&str], password: Option<&str>) -> Run {
        let before = tree_digest(self.world.path());
        let mut command = program();
        command.arg("diff").args([&self.old, &self.new]);
        command.args(["--now", NOW]).args(args);
        if let Some(password) = password {
            command.env("BKSCAN_PASSWORD", password);
        }
        let run: Run = command.ended().unwrap().into();
        let root = self.world.path();
        assert_eq!(tree_digest(root), before, "{args:?} changed something");
        run
    }

    /// The document; its exit code is that of the program, and its names are those of the schema.
    fn document(&self, args: &[&str], password: Option<&str>) -> Value {
        let run = self.run_with(&[args, &["--json"]].concat(), password);
        let document: Value = serde_json::from_str(&run.stdout)
            .unwrap_or_else(|error| panic!("no JSON ({error}): {run:?}"));
        assert_eq!(document["exit_code"], run.code, "{run:?}");
        let schema = run_schema();
        let mut told = Vec::new();
        differences(&schema, &schema, &document, "", &mut told);
        assert_eq!(told, [""; 0]);
        document
    }
}

fn run_schema() -> Value {
    let schema = run(["schema", "diff"]);
    assert_eq!((schema.code, schema.stderr.as_str()), (0, ""));
    serde_json::from_str(&schema.stdout).unwrap()
}

fn older() -> BackupBuilder {
    BackupBuilder::new(UDID).bare().date("2025-05-12T10:00:00Z")
}

fn newer() -> BackupBuilder {
    BackupBuilder::new(UDID).bare().date("2026-11-18T10:00:00Z")
}

/// Payloads of which no row says what they are, and which are not in the newer one, may be anything.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere")]
fn files_that_no_list_names_are_not_held() {
    let nameless = |path: &str| {
        let row = Row::file("HomeDomain", path, b"").null_names();
        row.stored(vec![7; 5_000_000])
    };
    let [older, newer] = [older, newer].map(|made| move || made().file("HomeDomain", "x", b"x"));
    let one = || older().add(nameless("a"));
    let unlisted = |builder: BackupBuilder| {
        let path = "1a/1a00000000000000000000000000000000000001";
        builder.raw(path, vec![7; 10_000_000])
    };
    for (case, old, new, code) in [
        ("rows without names", one().add(nameless("b")), newer(), 1),
        ("too small to matter", one(), newer(), 0),
        ("no row at all", unlisted(older()), newer(), 1),
        ("there, too", unlisted(older()), unlisted(newer()), 0),
    ] {
        let pair = Pair::write(old, new);
        let document = pair.document(&[], None);
        assert_eq!(document["exit_code"], code, "{case}");
        assert_eq!(document["covers"], code == 0, "{case}");
        let told = pair.run(&[]).stdout;
        let words = "that no file list names (10.0 MB)";
        assert_eq!(one_line(&told).contains(words), code == 1, "{case}: {told}");
        let not_compared = document["not_compared"].as_array().unwrap();
        assert_eq!(not_compared.len(), usize::from(code == 1), "{case}");
        // `clean` says the same.
        let world = pair.world.path().to_str().unwrap();
        let clean = run(["clean", world, "--now", NOW, "--json"]);
        let plan: Value = serde_json::from_str(&clean.stdout).unwrap();
        let goes = plan["summary"]["removable"]["backups"].as_array().unwrap();
        assert_eq!(goes.len(), usize::from(code == 0), "{case}");
    }
}
