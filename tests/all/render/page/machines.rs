//! `bkscan report` of several documents: one page of many machines, worst first.

#![cfg(not(windows))]

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::{Value, json};

use super::super::one;
use crate::cli::configured::{TABLET, World, corrupt};
use crate::harness::{NOW, words};
use crate::support::tree_digest;

use super::*;

/// Two hours after [`NOW`]: all documents are fresh.
const SOON: &str = "2026-11-22T14:00:00Z";

/// A document as a scan writes it: one phone whose backup is whole.
fn well(world: &World) -> Value {
    let run = world.run(&words(&format!("Backup --json --no-state --now {NOW}")));
    assert_eq!(run.code, 0, "{run:?}");
    serde_json::from_str(&run.stdout).unwrap()
}

/// The same of a tablet that lacks a photo, and a phone that is well.
fn damaged() -> (World, Value) {
    let world = one();
    corrupt(TABLET, "2026-11-01").write(&world.backups());
    let run = world.run(&words(&format!("Backup --json --no-state --now {NOW}")));
    assert_eq!(run.code, 2, "{run:?}");
    let document = serde_json::from_str(&run.stdout).unwrap();
    (world, document)
}

fn save(world: &World, name: &str, document: &Value) {
    fs::create_dir_all(world.path("hosts")).unwrap();
    let file = world.path("hosts").join(format!("{name}.json"));
    fs::write(file, document.to_string()).unwrap();
}

/// The page of all documents in `hosts`, made at [`SOON`], and what was said.
fn page_of_all(world: &World, args: &[&str]) -> (Run, String) {
    let mut files = listing(&world.path("hosts"));
    // As a shell sorts them, or not.
    files.sort();
    let files: Vec<String> = files.iter().map(|name| format!("hosts/{name}")).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let more = ["--html", "fleet.html", "--now", SOON];
    let run = world.run(&[&["report"], &files[..], &more, args].concat());
    let html = fs::read_to_string(world.path("fleet.html")).unwrap_or_default();
    (run, html)
}

fn read(html: &str) -> Element {
    sound(html, &Value::Null)
}

/// The machines of the table in this section, in their order; none where there is no such section.
fn machines(page: &Element, section: &str) -> Vec<String> {
    let heading = |element: &&&Element| element.get("aria-labelledby") == Some(section);
    let all = page.all();
    let Some(section) = all.iter().find(heading) else {
        return vec![];
    };
    let name = |row: &Element| row.elements().first().map(|_| head_of(row));
    let rows = section.only("tbody").elements();
    rows.into_iter().filter_map(name).collect()
}

/// What a row calls its machine.
fn head_of(row: &Element) -> String {
    let cell = row.elements()[0];
    let mut text = cell.text();
    for path in cell.named("p") {
        text = text.replace(&path.text(), "");
    }
    text
}

/// The text of the row of this machine.
fn row(page: &Element, name: &str) -> String {
    let rows = page.named("tr").into_iter();
    let mut found = rows.filter(|row| head_of(row) == name);
    found
        .next()
        .unwrap_or_else(|| panic!("no row of {name}"))
        .text()
}

/// What is told of this machine below the table.
fn told(page: &Element, name: &str) -> String {
    let articles = page.named("article").into_iter();
    let mut found = articles.filter(|one| one.only("h3").text() == name);
    found
        .next()
        .unwrap_or_else(|| panic!("nothing on {name}"))
        .text()
}

/// Seven kinds of machines, each two or more of it among 200.
#[test]
fn two_hundred_machines_worst_first() {
    let (world, bad) = damaged();
    let fine = well(&one());
    let mut silent = fine.clone();
    silent["finished_at"] = json!("2026-11-14T12:00:00Z");
    let mut late = fine.clone();
    late["finished_at"] = json!("2026-12-24T12:00:00Z");
    let mut away = fine.clone();
    away["exit_code"] = json!(3);
    away["problems"] = json!([{ "path": "/Volumes/B", "message": "/Volumes/B is not there" }]);
    let mut warned = fine.clone();
    let mut finding = bad["backups"][0]["findings"][0].clone();
    finding["id"] = json!("backup-stale");
    finding["severity"] = json!("warning");
    finding["message"] = json!("the newest good backup is 40 days old");
    warned["devices"][0]["findings"] = json!([finding]);
    let mut open = fine.clone();
    open["backups"][0]["verdict"] = json!("unverified");
    for number in 0..200 {
        let document = match number {
            17 | 150 => &bad,
            3 => &silent,
            80 => &late,
            40 => &away,
            90 => &warned,
            5 => &open,
            _ => &fine,
        };
        save(&world, &format!("host{number:03}"), document);
    }
    fs::write(world.path("hosts/host120.json"), "no document").unwrap();
    let (run, html) = page_of_all(&world, &[]);
    assert_eq!((run.code, &*run.stdout), (3, ""), "{run:?}");
    assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
    let unread = "bkscan: hosts/host120.json is no document of bkscan --json";
    assert!(run.stderr.starts_with(unread), "{run:?}");
    let page = read(&html);
    assert_eq!(
        page.only("h1").text(),
        "iPhone and iPad backups of 200 machines"
    );
    assert_eq!(
        page.only("header").named("p")[0].text(),
        "7 of 200 machines need a look: 2 with a damaged or incomplete backup, 1 without a document that \
         could be read, 2 not heard of within two days, 1 that could not be looked at in full, 1 with a warning."
    );
    assert!(
        page.only("header")
            .text()
            .contains("201 devices · 201 backups"),
        "{}",
        page.only("header").text()
    );
    assert_eq!(
        machines(&page, "look"),
        words("host017 host150 host120 host003 host080 host040 host090")
    );
    assert_eq!(machines(&page, "open"), ["host005"]);
    let fine = machines(&page, "fine");
    assert_eq!(fine.len(), 192);
    assert_eq!(fine[..3], words("host000 host001 host002"));
    assert_eq!(fine[191], "host199");
    let told_of = page.named("article").len();
    assert_eq!(
        told_of, 7,
        "those that are fine have no more than their row"
    );

    assert!(row(&page, "host017").contains("✖ corrupt1 corrupt, 1 complete"));
    let bad = told(&page, "host017");
    for words in [
        "There is no good backup. The last one: ✖ corrupt, 1 Nov 2026 (21 days).",
        "error file-missing",
        "1 of 1 file is missing (4 bytes).",
    ] {
        assert!(bad.contains(words), "{words}: {bad}");
    }
    let fine = row(&page, "host000");
    for words in [
        "Backup",
        "✔ complete",
        "Anna's iPhone: ",
        "(",
        "2 hours ago",
    ] {
        assert!(fine.contains(words), "{words}: {fine}");
    }
    assert!(row(&page, "host003").contains("silent for 8 days, since 14 Nov 2026"));
    let silent = told(&page, "host003");
    assert!(
        silent.contains("Nothing has been heard since 14 Nov 2026, 12:00 UTC, 8 days ago"),
        "{silent}"
    );
    assert!(row(&page, "host080").contains("in the future: 24 Dec 2026"));
    assert!(told(&page, "host080").contains("a clock is wrong"));
    assert!(told(&page, "host040").contains("/Volumes/B is not there"));
    let warned = told(&page, "host090");
    assert!(warned.contains("warning backup-stale"), "{warned}");
    assert!(warned.contains("the newest good backup is 40 days old."));
    assert!(row(&page, "host120").contains("! not read"));
    assert!(told(&page, "host120").contains("Nothing is known: its document is no document of"));
    assert!(html.len() < 300_000, "{}", html.len());
}

/// A machine is not fine because nobody looked.
#[test]
fn a_machine_that_did_not_look_is_not_fine() {
    let world = one();
    let fine = well(&world);
    save(&world, "fine", &fine);
    let mut stopped = fine.clone();
    stopped["cancelled"] = json!(true);
    save(&world, "stopped", &stopped);
    for code in [3, 64, 129, 130, 143] {
        let mut silent = fine.clone();
        silent["exit_code"] = json!(code);
        save(&world, &format!("with-{code}"), &silent);
    }
    // What was passed over on purpose, by a program that said no more of it.
    let mut passed = fine.clone();
    passed["problems"] = json!([{ "path": "x", "message": "x is a link" }]);
    save(&world, "passed-over", &passed);
    // A path that is away, and was told of before.
    let line = format!("Backup missing --json --fail-on new --now {NOW}");
    for code in [3, 0] {
        let run = world.run(&words(&line));
        assert_eq!(run.code, code, "{run:?}");
        save(&world, "known", &serde_json::from_str(&run.stdout).unwrap());
    }
    let (run, html) = page_of_all(&world, &[]);
    assert_eq!(run.all(), (0, "", ""));
    let page = read(&html);
    assert_eq!(
        page.only("header").named("p")[0].text(),
        "7 of 9 machines need a look: 7 that could not be looked at in full."
    );
    let unseen = "known stopped with-129 with-130 with-143 with-3 with-64";
    assert_eq!(machines(&page, "look"), words(unseen));
    assert_eq!(machines(&page, "open"), ["passed-over"]);
    assert_eq!(machines(&page, "fine"), ["fine"]);
    for (name, words) in [
        ("known", "missing does not exist"),
        ("stopped", "The run was stopped before its end"),
        (
            "with-3",
            "Its run ended with exit code 3: not all could be looked at.",
        ),
        ("passed-over", "x is a link"),
    ] {
        let told = told(&page, name);
        assert!(told.contains(words), "{name}: {told}");
    }
}

/// Nothing else is new by itself: a page of yesterday's documents is another one tomorrow.
#[test]
fn a_document_that_was_fine_is_not_when_it_is_old() {
    let world = one();
    let document = well(&world);
    for name in ["a", "b"] {
        save(&world, name, &document);
    }
    for (now, headline) in [
        ("2026-11-22T12:00:00Z", "All 2 machines are well."),
        ("2026-11-24T12:00:00Z", "All 2 machines are well."),
        (
            "2026-11-24T12:00:01Z",
            "2 of 2 machines need a look: 2 not heard of within two days.",
        ),
        ("2026-11-21T12:00:00Z", "All 2 machines are well."),
        (
            "2026-11-21T11:59:59Z",
            "2 of 2 machines need a look: 2 not heard of within two days.",
        ),
    ] {
        let line = format!("report hosts/a.json hosts/b.json --html fleet.html --now {now}");
        let run = world.run(&words(&line));
        assert_eq!(run.all(), (0, "", ""), "{now}");
        let page = read(&fs::read_to_string(world.path("fleet.html")).unwrap());
        assert_eq!(page.only("header").named("p")[0].text(), headline, "{now}");
    }
}

/// What is no document, of another version, or not there: the others are told all the same.
#[test]
fn what_cannot_be_read_is_named() {
    let world = one();
    let mut document = well(&world);
    save(&world, "good", &document);
    document["schema_version"] = json!(2);
    save(&world, "later", &document);
    fs::write(world.path("hosts/empty.json"), "").unwrap();
    fs::create_dir(world.path("hosts/folder.json")).unwrap();
    let line = "report hosts/empty.json hosts/folder.json hosts/good.json hosts/later.json \
        hosts/missing.json --html fleet.html --now";
    let run = world.run(&[&words(line)[..], &[SOON]].concat());
    assert_eq!((run.code, &*run.stdout), (3, ""), "{run:?}");
    let lines: Vec<&str> = run.stderr.lines().collect();
    assert_eq!(lines.len(), 4, "{run:?}");
    for (line, name) in lines.iter().zip(words("empty folder later missing")) {
        assert!(
            line.starts_with(&format!("bkscan: hosts/{name}.json ")),
            "{line}"
        );
    }
    let page = read(&fs::read_to_string(world.path("fleet.html")).unwrap());
    assert_eq!(machines(&page, "look"), words("empty folder later missing"));
    assert_eq!(machines(&page, "fine"), ["good"]);
    let later = told(&page, "later");
    assert!(
        later.contains("was written by another bkscan (schema version 2"),
        "{later}"
    );
    // And to stdout, with one of them on standard input.
    let mut command = world.command();
    command.args(words("report - hosts/empty.json --html - --now"));
    let run = fed(
        command.arg(SOON),
        &fs::read(world.path("hosts/good.json")).unwrap(),
    );
    assert_eq!((run.code, run.stderr.lines().count()), (3, 1), "{run:?}");
    assert_eq!(machines(&read(&run.stdout), "fine"), ["standard input"]);
}

/// Everything in a document is text, whoever wrote it, and no document is too much for a page.
#[test]
fn one_hostile_document() {
    const SCRIPT: &str = "\"'><script>alert(1)</script></style></title>\u{202e}\u{0}&#60;";
    fn fill(value: &mut Value) {
        match value {
            Value::Object(members) => members.values_mut().for_each(fill),
            Value::Array(members) => members.iter_mut().for_each(fill),
            Value::String(text) if text.parse::<jiff::Timestamp>().is_err() => {
                text.push_str(SCRIPT);
            }
            _ => {}
        }
    }
    let (world, mut document) = damaged();
    save(&world, "good", &well(&one()));
    fill(&mut document);
    let device = document["devices"][0].clone();
    let problem = json!({ "path": "x", "message": SCRIPT.repeat(1000) });
    document["devices"] = json!(vec![device; 20_000]);
    document["problems"] = json!(vec![problem; 300]);
    let finding = document["backups"][0]["findings"][0].clone();
    document["backups"][0]["findings"] = json!(vec![finding; 500]);
    for backup in 0..2 {
        document["backups"][backup]["verdict"] = json!("corrupt");
    }
    save(&world, "<script>alert(2)<", &document);
    let (run, html) = page_of_all(&world, &[]);
    assert_eq!(run.all(), (0, "", ""));
    assert!(!html.contains("<script"), "a script");
    let page = read(&html);
    assert_eq!(machines(&page, "look"), ["<script>alert(2)<"]);
    assert_eq!(machines(&page, "fine"), ["good"]);
    assert!(html.len() < 400_000, "{}", html.len());
}

#[test]
fn names_are_left_out_where_that_is_asked_for() {
    let world = one();
    save(&world, "annas-mac", &well(&world));
    let run = world.run(&words(&format!(
        "Backup --json --no-state --redact --now {NOW}"
    )));
    save(
        &world,
        "bens-mac",
        &serde_json::from_str(&run.stdout).unwrap(),
    );
    let (run, html) = page_of_all(&world, &["--redact"]);
    assert_eq!((run.code, &*run.stdout), (3, ""), "{run:?}");
    assert_eq!(
        run.stderr,
        "bkscan: the document has names in it, and they cannot be taken out afterwards: save it with \
         bkscan --json --redact\n"
    );
    let page = read(&html);
    assert_eq!(machines(&page, "look"), ["machine-1"]);
    assert_eq!(machines(&page, "fine"), ["machine-2"]);
    let told = told(&page, "machine-1");
    assert!(
        told.contains("its document has names in it: save it with"),
        "{told}"
    );
    for name in ["anna", "Anna", "ben", "0008"] {
        assert!(!html.contains(name), "{name}");
    }
}

/// Whatever is wrong with the call, an earlier page stays as it is.
#[test]
fn places_and_calls_that_are_refused() {
    let world = one();
    for name in ["a", "b"] {
        save(&world, name, &well(&world));
    }
    fs::create_dir(world.path("folder")).unwrap();
    symlink("hosts/a.json", world.path("link.json")).unwrap();
    symlink("hosts", world.path("link")).unwrap();
    let inside = format!("Backup/{}/page.html", crate::cli::configured::PHONE);
    for (line, code, told) in [
        (
            "hosts/a.json hosts/b.json --html hosts/b.json",
            64,
            "hosts/b.json",
        ),
        (
            "hosts/a.json ./hosts/a.json --html out.html",
            64,
            "named twice",
        ),
        ("- - --html out.html", 64, "standard input is named twice"),
        (
            "hosts/a.json folder/../hosts/a.json --html out.html",
            64,
            "folder/../hosts/a.json is named twice (as hosts/a.json, too); name each",
        ),
        (
            "hosts/a.json hosts/b.json link.json --html out.html",
            64,
            "link.json is named twice (as hosts/a.json, too); name each",
        ),
        (
            "link/b.json hosts/b.json --html out.html",
            64,
            "hosts/b.json is named twice (as link/b.json, too); name each",
        ),
        (
            "missing.json ./missing.json --html out.html",
            64,
            "missing.json is named twice",
        ),
        ("hosts/a.json hosts/b.json", 64, "--html"),
        (
            &format!("hosts/a.json hosts/b.json --html {inside}"),
            3,
            "page.html",
        ),
        (
            "hosts/a.json hosts/b.json --html nowhere/x.html",
            3,
            "nowhere/x.html",
        ),
    ] {
        let before = tree_digest(world.folder.path());
        let run = world.run(&words(&format!("report {line}")));
        assert_eq!((run.code, &*run.stdout), (code, ""), "{line}: {run:?}");
        assert_eq!(run.stderr.lines().count(), 1, "{line}: {run:?}");
        assert!(run.stderr.contains(told), "{line}: {run:?}");
        assert!(tree_digest(world.folder.path()) == before, "{line}");
    }
}

/// Documents of other computers say nothing about places here; this computer's own does, and where backups
/// are kept can be seen without any.
#[test]
fn no_page_among_the_backups_of_this_computer() {
    let world = one();
    let own = well(&world);
    let mut other = own.clone();
    other["roots"][0]["path"] = json!(".");
    other["backups"][0]["path"] = json!("/Users/nobody/Backup/one");
    let mut none = other.clone();
    none["backups"] = json!([]);
    for (name, document) in [("own", &own), ("other", &other), ("none", &none)] {
        save(&world, name, document);
    }
    for folder in ["Backup/folder", "MobileSync/Backup/new"] {
        fs::create_dir_all(world.path(folder)).unwrap();
    }
    for (files, place, is_refused) in [
        ("none other own", "Backup/folder/page.html", true),
        ("other none", "Backup/page.html", true),
        ("other", "Backup/page.html", true),
        ("other none", "MobileSync/Backup/page.html", true),
        ("other none", "MobileSync/Backup/new/page.html", true),
        ("other", "MobileSync/Backup/page.html", true),
        ("other none own", "MobileSync/page.html", false),
        ("other none", "hosts/page.html", false),
        ("other", "hosts/page.html", false),
    ] {
        let before = tree_digest(world.folder.path());
        let files = words(files).into_iter();
        let files: Vec<String> = files.map(|file| format!("hosts/{file}.json")).collect();
        let line = format!("report {} --no-state --html {place}", files.join(" "));
        let run = world.run(&words(&line));
        if is_refused {
            let told = format!(
                "bkscan: the page was not written: {place} lies among the backups; name a file elsewhere\n"
            );
            assert_eq!(run.all(), (3, "", &*told), "{line}");
            assert!(tree_digest(world.folder.path()) == before, "{line}");
        } else {
            assert_eq!(run.all(), (0, "", ""), "{line}");
            fs::remove_file(world.path(place)).unwrap();
        }
    }
}

/// More than there is memory for: one is read after the other.
#[cfg(target_os = "linux")]
#[test]
fn documents_need_no_more_memory_than_the_largest() {
    let world = one();
    let mut document = well(&world);
    // In memory each of these takes several times the room that it takes in a file.
    let beside = json!({ "path": "x", "kind": "link", "bytes": 1 });
    document["beside"] = json!(vec![beside; 50_000]);
    save(&world, "host000", &document);
    for number in 1..40 {
        let other = world.path("hosts").join(format!("host{number:03}.json"));
        fs::copy(world.path("hosts/host000.json"), other).unwrap();
    }
    let mut limited = Command::new("/bin/sh");
    limited.args([
        "-c",
        "ulimit -v 300000; exec \"$0\" report hosts/*.json \"$@\"",
    ]);
    limited.arg(world.command().get_program());
    limited.current_dir(world.folder.path());
    limited.args(["--html", "fleet.html", "--now", SOON]);
    let run = world.output(&mut limited);
    assert_eq!(run.all(), (0, "", ""));
    let page = read(&fs::read_to_string(world.path("fleet.html")).unwrap());
    assert_eq!(machines(&page, "fine").len(), 40);
}
