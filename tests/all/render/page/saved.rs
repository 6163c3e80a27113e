//! `bkscan report`: the page of a document that was saved.

use std::fs;

use serde_json::{Value, json};

use crate::cli::configured::{PHONE, SPARE, World, backup, corrupt, phone};
use crate::harness::{NOW, Run};

use super::*;

/// What `bkscan report FILE --html report.html ARGS` makes, and how it ended.
fn report(world: &World, file: &str, args: &[&str]) -> (Run, String) {
    let _ = fs::remove_file(world.path("report.html"));
    let run = world.run(&[&["report", file, "--html", "report.html"], args].concat());
    let html = fs::read_to_string(world.path("report.html")).unwrap_or_default();
    (run, html)
}

/// Three backups of two devices, one of them damaged, one locked.
fn three() -> World {
    let world = World::new();
    let backups = world.backups();
    phone("2026-11-10").write(&backups);
    corrupt(PHONE, "2026-03-01")
        .folder_name("older")
        .write(&backups);
    backup(SPARE, "Spare", "2023-09-22")
        .encrypted()
        .write(&backups);
    world
}

/// Whatever the verdicts are, the page was made: that is success.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_page_of_the_document_is_that_of_the_run() {
    let world = three();
    for (args, code) in [
        (&["--no-state"][..], 2),
        (&[], 2),
        (&["--now", "2026-11-25T12:00:00Z"], 2),
        (
            &["--now", "2026-11-26T12:00:00Z", "--redact", "--no-state"],
            2,
        ),
        (&["--now", "2026-11-27T12:00:00Z", "--level", "contents"], 2),
        (&["--now", "2026-11-27T13:00:00Z", "--level", "quick"], 0),
    ] {
        let mut all = vec!["Backup"];
        if !args.contains(&"--now") {
            all.extend(["--now", NOW]);
        }
        all.extend(args);
        let made = made(&world, &all);
        assert_eq!(made.run.code, code, "{args:?}");
        fs::write(world.path("saved.json"), &made.run.stdout).unwrap();
        let state: &[&str] = match args.contains(&"--no-state") {
            true => &["--no-state"],
            false => &[],
        };
        let (run, html) = report(&world, "saved.json", state);
        assert_eq!(
            (run.code, run.stdout.as_str(), run.stderr.as_str()),
            (0, "", ""),
            "{args:?}"
        );
        assert!(html == made.html, "{args:?}: another page");
        assert_eq!(
            made.page.id("history").is_some(),
            state.is_empty() && !args.is_empty(),
            "{args:?}"
        );
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_page_is_the_same_however_the_document_is_spelled() {
    let world = three();
    let made = scanned(&world, &["--no-state"]);
    let page = |text: &[u8]| {
        fs::write(world.path("saved.json"), text).unwrap();
        let (run, html) = report(&world, "saved.json", &["--no-state"]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        assert!(html == made.html, "another page");
    };
    let text = made.run.stdout.as_bytes();
    page(text);
    page(made.document.to_string().as_bytes());
    page(&[b"\xef\xbb\xbf", text].concat());
    page(made.run.stdout.replace('\n', "\r\n").as_bytes());
}

/// A later version may add names, and changes none (contract §7).
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_a_later_version_adds_is_passed_over() {
    let world = three();
    let made = scanned(&world, &["--no-state"]);
    let mut document = made.document.clone();
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
    add(&mut document);
    let (run, html) = reported(&world, &document, &["--no-state"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(html == made.html, "another page");
    let deep = [vec!['['; 100_000], vec![']'; 100_000]].concat();
    let deep: String = deep.into_iter().collect();
    let text = made.document.to_string();
    let text = text.replacen('{', &format!("{{\"added_later\":{deep},"), 1);
    fs::write(world.path("saved.json"), text).unwrap();
    let (run, html) = report(&world, "saved.json", &["--no-state"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(html == made.html, "another page");
    // Findings, reasons and groups that are not known yet are shown by what the document says of them.
    let mut document = made.document;
    let backup = &mut document["backups"][0];
    backup["findings"] = json!([{
        "id": "found-later", "severity": "error", "count": 3, "bytes": 5000,
        "message": "3 files are of a new kind of wrong", "examples": [], "hint": null
    }]);
    backup["decision"]["reasons"] =
        json!([{ "code": "new", "text": "for a new reason", "by": null }]);
    backup["flags"] = json!(["new-flag"]);
    backup["checked"] = json!(["found-later"]);
    document["beside"] = json!([{ "path": "Backup/new", "kind": "new-kind", "bytes": 7 }]);
    document["advice"][0]["id"] = json!("new-advice");
    document["advice"][0]["step"] = json!(9);
    let (run, html) = reported(&world, &document, &["--no-state"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let page = sound(&html, &document);
    let card = card_of(&page, &document["backups"][0]).text();
    for words in [
        "found-later",
        "3 files are of a new kind of wrong",
        "for a new reason",
    ] {
        assert!(card.contains(words), "{words}: {card}");
    }
    assert!(page.only("body").text().contains("Backup/new"));
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn from_standard_input_and_to_standard_output() {
    let world = three();
    let made = scanned(&world, &["--no-state"]);
    let text = made.run.stdout.as_bytes();
    let mut report = world.command();
    report.args(["report", "-", "--html", "in.html", "--no-state"]);
    let run = fed(&mut report, text);
    assert_eq!(
        (run.code, run.stdout.as_str(), run.stderr.as_str()),
        (0, "", "")
    );
    assert!(fs::read_to_string(world.path("in.html")).unwrap() == made.html);
    fs::write(world.path("saved.json"), text).unwrap();
    let run = world.run(&["report", "saved.json", "--html", "-", "--no-state"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(run.stdout == made.html);
    let mut report = world.command();
    report.args(["report", "-", "--html", "-", "--no-state"]);
    let run = fed(&mut report, text);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(run.stdout == made.html);
    assert!(!world.path("-").exists());
    // A document that comes in this way has no name to be told.
    let mut report = world.command();
    report.args(["report", "-", "--html", "none.html"]);
    let run = fed(&mut report, b"");
    assert_eq!((run.code, run.stdout.as_str()), (3, ""), "{run:?}");
    assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
    assert!(!world.path("none.html").exists());
}

/// `show --json` and `clean --json` are the same document with additions.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_documents_of_show_and_clean() {
    let world = three();
    let show = world.run(&["show", "Backup/older", "--json", "--now", NOW]);
    let clean = world.run(&["clean", "Backup", "--json", "--now", NOW]);
    for (run, cards) in [(show, 1), (clean, 3)] {
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        let (run, html) = reported(&world, &document, &[]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        let page = sound(&html, &document);
        assert_eq!(page.named("article").len(), cards);
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn an_earlier_page_is_replaced() {
    let world = three();
    let made = scanned(&world, &["--no-state"]);
    fs::write(world.path("saved.json"), &made.run.stdout).unwrap();
    fs::write(world.path("out.html"), vec![b'x'; 1_000_000]).unwrap();
    let args = ["report", "saved.json", "--html", "out.html", "--no-state"];
    assert_eq!(world.run(&args).code, 0);
    assert!(fs::read_to_string(world.path("out.html")).unwrap() == made.html);
    let saved = fs::read_to_string(world.path("saved.json")).unwrap();
    assert!(saved == made.run.stdout, "the document changed");
    assert_eq!(
        listing(world.folder.path()),
        ["Backup", "out.html", "page.html", "saved.json"]
    );
}

/// The user's own command line, unquoted (contract §1).
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_path_with_spaces_that_was_not_quoted() {
    let world = three();
    let made = scanned(&world, &["--no-state"]);
    fs::create_dir(world.path("My Reports")).unwrap();
    fs::write(world.path("My Reports/of this week.json"), &made.run.stdout).unwrap();
    let typed = ["My", "Reports/of", "this", "week.json"];
    let run = world.run(
        &[
            &["report"],
            &typed[..],
            &["--html", "out.html", "--no-state"],
        ]
        .concat(),
    );
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{run:?}");
    assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
    assert!(
        run.stderr.contains("My Reports/of this week.json"),
        "{run:?}"
    );
    assert!(fs::read_to_string(world.path("out.html")).unwrap() == made.html);
    // Options stand before or after the command word.
    let quoted = world.path("My Reports/of this week.json");
    let mut before = world.command();
    before
        .args(["--html", "before.html", "--no-state", "report"])
        .arg(quoted);
    let run = world.output(&mut before);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    assert!(fs::read_to_string(world.path("before.html")).unwrap() == made.html);
}
