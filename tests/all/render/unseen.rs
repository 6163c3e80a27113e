//! `--json` shows every character: what a name has of those that act on a terminal or deceive a reader is
//! escaped, and is the same text to whoever reads the document.

use std::ffi::OsStr;
use std::path::PathBuf;

use serde_json::Value;

use crate::harness::{Ended as _, NOW, Run, program};
use crate::support::{BackupBuilder, empty_folder};

const NAME: &str = "a\u{7f}\u{85}\u{9b}\u{ad}b\u{200b}\u{200e}\u{2028}\u{2029}\u{202e}\u{2066}\u{feff}c\u{e0041}📱";
const ESCAPED: &str = "a\\u007f\\u0085\\u009b\\u00adb\\u200b\\u200e\\u2028\\u2029\\u202e\\u2066\\ufeffc\\udb40\\udc41📱";

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn no_document_has_a_character_that_nobody_sees() {
    let world = empty_folder();
    let root = world.path().join("Backup");
    let write = |date: &str, folder: &str| -> PathBuf {
        BackupBuilder::new("00008030-001122334455667A")
            .device(NAME, "iPhone16,1", None, "18.5", "22F76")
            .date(date)
            .folder_name(folder)
            .file("HomeDomain", NAME, b"x")
            .remove_payload("HomeDomain", NAME)
            .write(&root)
    };
    let old = write("2026-10-01T10:00:00Z", "old");
    let new = write("2026-11-01T10:00:00Z", "new");
    let [root, old, new] = [&root, &old, &new].map(|path| path.as_os_str());
    let said = |words: &[&str], paths: &[&OsStr]| -> String {
        let mut command = program();
        command
            .env_remove("BKSCAN_NO_STATE")
            .env("XDG_STATE_HOME", world.path().join("state"))
            .args(words)
            .args(paths);
        Run::from(command.ended().unwrap()).stdout
    };
    for (words, paths) in [
        (&["--json", "--now", NOW][..], &[root][..]),
        (&["clean", "--json"], &[root]),
        (&["show", "--json"], &[old]),
        (&["diff", "--json", "--list"], &[old, new]),
        (&["history", "--json"], &[root]),
    ] {
        let said = said(words, paths);
        assert!(said.contains(ESCAPED), "{words:?}: {said}");
        let seen = |c: char| c == '\n' || !bkscan::words::unseen::is_unseen(c);
        assert!(said.chars().all(seen), "{words:?}: {said}");
        let document: Value = serde_json::from_str(&said).unwrap();
        assert!(has(&document, NAME), "{words:?}: {said}");
    }
}

/// Whether one of the texts in it is this.
fn has(value: &Value, text: &str) -> bool {
    match value {
        Value::String(own) => own == text,
        Value::Array(all) => all.iter().any(|one| has(one, text)),
        Value::Object(all) => all.values().any(|one| has(one, text)),
        _ => false,
    }
}
