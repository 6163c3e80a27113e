//! `bkscan report`: the page of a document that was saved.

#![cfg(not(windows))]

use std::fs;

use serde_json::{Value, json};

use super::super::one;
use crate::cli::configured::{PHONE, SPARE, World, backup, corrupt};
use crate::harness::{NOW, words};

use super::*;

/// Fails unless `bkscan report saved.json` makes this page of this text, and says nothing.
#[track_caller]
fn gives(world: &World, text: &[u8], args: &[&str], html: &str) {
    fs::write(world.path("saved.json"), text).unwrap();
    let _ = fs::remove_file(world.path("report.html"));
    let run = world.run(&[&words("report saved.json --html report.html"), args].concat());
    assert_eq!(run.all(), (0, "", ""), "{args:?}");
    let page = fs::read_to_string(world.path("report.html")).unwrap();
    assert!(page == html, "{args:?}: another page");
}

/// Three backups of two devices, one of them damaged, one locked.
fn three() -> World {
    let world = one();
    let backups = world.backups();
    let damaged = corrupt(PHONE, "2026-03-01");
    damaged.folder_name("older").write(&backups);
    let spare = backup(SPARE, "Spare", "2023-09-22");
    spare.encrypted().write(&backups);
    world
}

/// The same, and its page.
fn three_scanned() -> (World, Made) {
    let world = three();
    let made = scanned(&world, &["--no-state"]);
    (world, made)
}

/// Whatever the verdicts are, the page was made: that is success.
#[test]
fn the_page_of_the_document_is_that_of_the_run() {
    let world = three();
    for (day, args, code, history) in [
        (NOW, "--no-state", 2, false),
        (NOW, "", 2, false),
        ("2026-11-25T12:00:00Z", "", 2, true),
        ("2026-11-26T12:00:00Z", "--redact --no-state", 2, false),
        ("2026-11-27T12:00:00Z", "--level contents", 2, true),
        ("2026-11-27T13:00:00Z", "--level quick", 0, true),
    ] {
        let made = made(&world, &[&["Backup", "--now", day], &*words(args)].concat());
        assert_eq!(made.run.code, code, "{day} {args}");
        let no_state = words(args).into_iter().filter(|arg| *arg == "--no-state");
        let no_state: Vec<&str> = no_state.collect();
        gives(&world, made.run.stdout.as_bytes(), &no_state, &made.html);
        let is_told = made.page.id("history").is_some();
        assert_eq!(is_told, history, "{day} {args}");
    }
}

#[test]
fn the_page_is_the_same_however_the_document_is_spelled() {
    let (world, made) = three_scanned();
    let text = &made.run.stdout;
    for text in [
        text.clone(),
        made.document.to_string(),
        format!("\u{feff}{text}"),
        text.replace('\n', "\r\n"),
    ] {
        gives(&world, text.as_bytes(), &["--no-state"], &made.html);
    }
}

/// A later version may add names, and changes none (contract §7).
#[test]
fn what_a_later_version_adds_is_passed_over() {
    fn add(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.values_mut().for_each(add);
                members.insert("added_later".to_owned(), json!({ "a": [1, null] }));
            }
            Value::Array(members) => members.iter_mut().for_each(add),
            _ => {}
        }
    }
    let (world, made) = three_scanned();
    let mut document = made.document.clone();
    add(&mut document);
    let deep = ["[".repeat(100_000), "]".repeat(100_000)].concat();
    let text = made.document.to_string();
    let text = text.replacen('{', &format!("{{\"added_later\":{deep},"), 1);
    for text in [document.to_string(), text] {
        gives(&world, text.as_bytes(), &["--no-state"], &made.html);
    }
    // Findings, reasons and groups that are not known yet are shown by what the document says of them.
    let mut document = made.document;
    let backup = &mut document["backups"][0];
    backup["findings"] = json!([{
        "id": "found-later", "severity": "error", "count": 3, "bytes": 5000,
        "message": "3 files are of a new kind of wrong", "examples": [], "hint": null
    }]);
    let reason = json!({ "code": "new", "text": "for a new reason", "by": null });
    backup["decision"]["reasons"] = json!([reason]);
    backup["flags"] = json!(["new-flag"]);
    backup["checked"] = json!(["found-later"]);
    document["beside"] = json!([{ "path": "Backup/new", "kind": "new-kind", "bytes": 7 }]);
    document["advice"][0]["id"] = json!("new-advice");
    document["advice"][0]["step"] = json!(9);
    let page = page_of(&world, &document, &["--no-state"]);
    let card = card_of(&page, &document["backups"][0]).text();
    let kind = "3 files are of a new kind of wrong";
    for words in ["found-later", kind, "for a new reason"] {
        assert!(card.contains(words), "{words}: {card}");
    }
    assert!(page.only("body").text().contains("Backup/new"));
}

#[test]
fn from_standard_input_and_to_standard_output() {
    let (world, made) = three_scanned();
    let text = made.run.stdout.as_bytes();
    let report = |html: &str, text: &[u8]| {
        let mut command = world.command();
        command.args(["report", "-", "--html", html, "--no-state"]);
        fed(&mut command, text)
    };
    assert_eq!(report("in.html", text).all(), (0, "", ""));
    assert!(fs::read_to_string(world.path("in.html")).unwrap() == made.html);
    fs::write(world.path("saved.json"), text).unwrap();
    let of_file = world.run(&words("report saved.json --html - --no-state"));
    for run in [of_file, report("-", text)] {
        assert_eq!((run.code, &*run.stderr), (0, ""));
        assert!(run.stdout == made.html);
    }
    assert!(!world.path("-").exists());
    // A document that comes in this way has no name to be told.
    let mut command = world.command();
    let run = fed(command.args(words("report - --html none.html")), b"");
    assert_eq!((run.code, &*run.stdout), (3, ""), "{run:?}");
    assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
    assert!(!world.path("none.html").exists());
}

/// `show --json` and `clean --json` are the same document with additions.
#[test]
fn the_documents_of_show_and_clean() {
    let world = three();
    for (args, cards) in [("show Backup/older", 1), ("clean Backup", 3)] {
        let run = world.run(&[&*words(args), &["--json", "--now", NOW]].concat());
        let document = serde_json::from_str(&run.stdout).unwrap();
        let page = page_of(&world, &document, &[]);
        assert_eq!(page.named("article").len(), cards, "{args}");
    }
}

#[test]
fn an_earlier_page_is_replaced() {
    let (world, made) = three_scanned();
    let read = |name: &str| fs::read_to_string(world.path(name)).unwrap();
    fs::write(world.path("saved.json"), &made.run.stdout).unwrap();
    let longer = format!("<!DOCTYPE html>{}", "x".repeat(1_000_000));
    fs::write(world.path("out.html"), longer).unwrap();
    let args = words("report saved.json --html out.html --no-state");
    assert_eq!(world.run(&args).code, 0);
    assert!(read("out.html") == made.html);
    let document = read("saved.json");
    assert!(document == made.run.stdout, "the document changed");
    let names = words("Backup out.html page.html saved.json");
    assert_eq!(listing(world.folder.path()), names);
}

/// The user's own command line, unquoted (contract §1).
#[test]
fn a_path_with_spaces_that_was_not_quoted() {
    let (world, made) = three_scanned();
    let place = "My Reports/of this week.json";
    fs::create_dir(world.path("My Reports")).unwrap();
    fs::write(world.path(place), &made.run.stdout).unwrap();
    let line = "report My Reports/of this week.json --html out.html --no-state";
    let run = world.run(&words(line));
    assert_eq!((run.code, &*run.stdout), (0, ""), "{run:?}");
    assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
    assert!(run.stderr.contains(place), "{run:?}");
    assert!(fs::read_to_string(world.path("out.html")).unwrap() == made.html);
    // Options stand before or after the command word.
    let mut before = world.command();
    before.args(words("--html before.html --no-state report"));
    let run = world.output(before.arg(world.path(place)));
    assert_eq!((run.code, &*run.stderr), (0, ""), "{run:?}");
    assert!(fs::read_to_string(world.path("before.html")).unwrap() == made.html);
}
