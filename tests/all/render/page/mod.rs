//! The page that `--html` and `bkscan report` make, as its readers meet it (issue "page", contract §1,
//! §7, §8). Through the program, and written from the promises alone.

#![cfg_attr(
    windows,
    allow(dead_code, reason = "most of these tests run elsewhere")
)]

mod asked;
mod hostile;
mod machines;
mod markup;
mod refused;
mod saved;
mod sound;
mod told;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::cli::configured::World;
use crate::harness::{Ended as _, NOW, Run, program};

use self::markup::Element;
use self::sound::sound;

/// Long after the files of a fresh clone were written.
const LATER: &str = "2051-01-01T00:00:00Z";

/// A page with the document of the same run.
struct Made {
    run: Run,
    document: Value,
    html: String,
    page: Element,
}

/// The samples.
pub fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/MobileSync")
}

/// The document and the page of `bkscan ARGS`.
fn made(world: &World, args: &[&str]) -> Made {
    made_by(world, world.command().args(args))
}

fn made_by(world: &World, command: &mut Command) -> Made {
    let run = world.output(command.args(["--json", "--html", "page.html"]));
    let document: Value =
        serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"));
    assert_eq!(document["exit_code"], run.code, "{run:?}");
    let html = fs::read_to_string(world.path("page.html")).unwrap();
    let page = sound(&html, &document);
    Made {
        run,
        document,
        html,
        page,
    }
}

/// The same of the samples, with everything that this computer remembers in `world`.
fn of_samples(world: &World, args: &[&str]) -> Made {
    let mut command = world.command();
    command.arg(samples()).args(["--now", LATER]).args(args);
    made_by(world, &mut command)
}

/// What is asked for at [`NOW`] in `Backup`.
fn scanned(world: &World, args: &[&str]) -> Made {
    made(world, &[&["Backup", "--now", NOW], args].concat())
}

/// Scans of `Backup` on each of the two days before [`NOW`]'s.
fn two_days_before(world: &World, args: &[&str]) {
    for day in ["2026-11-20T12:00:00Z", "2026-11-21T12:00:00Z"] {
        world.run(&[&["Backup", "--now", day], args].concat());
    }
}

/// The page that `bkscan report saved.json ARGS` makes of a document, held against all that a page
/// promises.
fn page_of(world: &World, document: &Value, args: &[&str]) -> Element {
    sound(&silently_reported(world, document, args), document)
}

/// The text of that page; nothing else is said.
fn silently_reported(world: &World, document: &Value, args: &[&str]) -> String {
    let (run, html) = reported(world, document, args);
    assert_eq!(run.all(), (0, "", ""), "{document:#}");
    html
}

/// Saves a document, and gives back what `bkscan report saved.json --html report.html ARGS` made of it.
fn reported(world: &World, document: &Value, args: &[&str]) -> (Run, String) {
    fs::write(world.path("saved.json"), document.to_string()).unwrap();
    let run = world.run(&[&["report", "saved.json", "--html", "report.html"], args].concat());
    let html = fs::read_to_string(world.path("report.html")).unwrap_or_default();
    (run, html)
}

/// Runs a command with this text on its standard input.
fn fed(command: &mut Command, text: &[u8]) -> Run {
    let mut input = tempfile::tempfile().unwrap();
    std::io::Write::write_all(&mut input, text).unwrap();
    std::io::Seek::rewind(&mut input).unwrap();
    command.stdin(Stdio::from(input)).ended().unwrap().into()
}

/// The card of the backup at this place of the document.
fn card(made: &Made, at: usize) -> &Element {
    card_of(&made.page, &made.document["backups"][at])
}

fn card_of<'a>(page: &'a Element, backup: &Value) -> &'a Element {
    let path = backup["path"].as_str().unwrap();
    let cards = page.named("article").into_iter();
    let of_path = |card: &&Element| card.named("code").iter().any(|code| code.text() == path);
    let mut found = cards.filter(of_path);
    let card = found.next().unwrap_or_else(|| panic!("no card of {path}"));
    assert!(found.next().is_none(), "two cards of {path}");
    card
}

/// The members of a list of the document.
fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// The names in a folder, sorted.
fn listing(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// The first sentence of what `bkscan explain` says of a finding or a verdict.
fn explained(id: &str) -> String {
    let run: Run = program().args(["explain", id]).ended().unwrap().into();
    assert_eq!(run.code, 0, "{run:?}");
    let (_, rest) = run.stdout.split_once("What it means\n").unwrap();
    let (meaning, _) = rest.split_once("\n\n").unwrap();
    let words: Vec<&str> = meaning.split_whitespace().collect();
    let meaning = words.join(" ");
    let end = meaning.find(". ").map_or(meaning.len(), |end| end + 1);
    meaning[..end].to_owned()
}
