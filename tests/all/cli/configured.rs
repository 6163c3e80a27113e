//! Settings as their users meet them (contract §1, §4; `bkscan help settings`): typed, from the environment, from the
//! file, of single devices and findings. Written from the promises alone.

use std::borrow::BorrowMut;
use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Ended as _, NOW, Run, at_home};
use crate::support::{BackupBuilder, empty_folder, tree_digest};

pub const PHONE: &str = "00008130-000A1C2E3F40801E";
pub const TABLET: &str = "00008103-0012345678901234";
pub const SPARE: &str = "00008030-001122334455667A";
const ARCHIVED: &str = "00008130-000A1C2E3F40801E-20250101-080000";

/// A user's home with a folder `Backup`, and the program as that user runs it.
pub struct World {
    pub folder: TempDir,
}

impl World {
    pub fn new() -> World {
        let folder = empty_folder();
        fs::create_dir(folder.path().join("Backup")).unwrap();
        World { folder }
    }

    /// With these backups.
    pub fn of(backups: impl IntoIterator<Item = BackupBuilder>) -> World {
        let world = World::new();
        for backup in backups {
            backup.write(&world.backups());
        }
        world
    }

    /// Three backups of a phone and an archived one, two locked ones of a spare phone, and one of a
    /// tablet that lacks its Info.plist.
    fn seven() -> World {
        let spare = |day: &str| backup(SPARE, "Spare", day).encrypted();
        World::of([
            phone("2026-11-10"),
            phone("2026-03-01").folder_name("older"),
            phone("2025-06-01").folder_name("oldest"),
            phone("2025-01-01").folder_name(ARCHIVED),
            spare("2026-09-01"),
            spare("2025-09-01").folder_name("locked"),
            tablet(),
        ])
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn backups(&self) -> PathBuf {
        self.path("Backup")
    }

    /// Where the program looks for settings by itself.
    fn settings(&self) -> PathBuf {
        self.path("config").join("bkscan").join("config.toml")
    }

    pub fn configure(&self, toml: &str) {
        fs::create_dir_all(self.settings().parent().unwrap()).unwrap();
        fs::write(self.settings(), toml).unwrap();
    }

    /// The line of the settings that names these folders.
    fn paths(&self, names: &[&str]) -> String {
        let quoted = |name: &&str| format!("'{}'", self.path(name).display());
        let paths: Vec<_> = names.iter().map(quoted).collect();
        format!("paths = [{}]\n", paths.join(", "))
    }

    pub fn command(&self) -> Command {
        let mut command = at_home(self.folder.path());
        command.stdin(Stdio::null());
        command
    }

    /// The program with these words typed, of which NOW and PHONE stand for what they are here.
    pub fn typed(&self, words: &str) -> Command {
        let words = words.replace("NOW", NOW).replace("PHONE", PHONE);
        let mut command = self.command();
        command.args(words.split_whitespace());
        command
    }

    /// Runs it; fails if it changed anything in the folder of the backups.
    pub fn output(&self, command: &mut Command) -> Run {
        let before = tree_digest(&self.backups());
        let run = command.ended().unwrap().into();
        assert_eq!(tree_digest(&self.backups()), before, "{command:?}");
        run
    }

    pub fn run<A: AsRef<OsStr>>(&self, args: &[A]) -> Run {
        self.output(self.command().args(args))
    }

    /// Runs it with these words typed.
    pub fn enter(&self, words: &str) -> Run {
        self.output(&mut self.typed(words))
    }

    /// What it prints, with exit code 0 and nothing on stderr.
    #[track_caller]
    pub fn well(&self, mut command: impl BorrowMut<Command>) -> String {
        let command: &mut Command = command.borrow_mut();
        let run = self.output(command);
        let outcome = (run.code, run.stderr.as_str());
        assert_eq!(outcome, (0, ""), "{command:?} {run:?}");
        run.stdout
    }

    /// The one line with all these words in which it refuses what was typed or set.
    #[track_caller]
    pub fn refuses(&self, mut command: impl BorrowMut<Command>, words: &[&str]) -> String {
        let command: &mut Command = command.borrow_mut();
        let run = self.output(command);
        let outcome = (run.code, run.stdout.as_str(), run.stderr.lines().count());
        assert_eq!(outcome, (64, "", 1), "{command:?} {run:?}");
        assert!(run.stderr.starts_with("bkscan: "), "{command:?} {run:?}");
        for word in words {
            assert!(run.stderr.contains(word), "no {word}: {command:?} {run:?}");
        }
        run.stderr
    }

    /// The lines of `config show` about what has this in its name, without switches that are off.
    pub fn in_effect(&self, name: &str, command: impl BorrowMut<Command>) -> String {
        let shown = self.well(command);
        let lines = shown.lines().filter(|line| !line.starts_with('#'));
        let lines = lines.filter(|line| line.contains(name) && !line.contains("= false"));
        let lines = lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        lines.collect::<Vec<_>>().join("; ")
    }

    /// The document of this run; its exit code is that of the process.
    pub fn json(&self, args: &[&str]) -> Value {
        let run = self.run(&[args, &["--json"]].concat());
        document(&run)
    }

    /// The document of a scan at [`NOW`].
    pub fn scan(&self, args: &[&str]) -> Value {
        self.json(&[&["Backup", "--now", NOW], args].concat())
    }

    fn with_file(&self, toml: &str, args: &[&str]) -> Value {
        self.configure(toml);
        self.scan(args)
    }
}

fn document(run: &Run) -> Value {
    let document: Value =
        serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"));
    assert_eq!(document["exit_code"], run.code, "{run:?}");
    document
}

pub fn backup(udid: &str, name: &str, day: &str) -> BackupBuilder {
    BackupBuilder::new(udid)
        .bare()
        .no_empty_shards()
        .device(name, "iPhone16,1", Some("iPhone 15 Pro"), "26.1", "23B85")
        .file("HomeDomain", "Library/note.txt", b"note")
        .date(&format!("{day}T10:00:00Z"))
}

pub fn phone(day: &str) -> BackupBuilder {
    backup(PHONE, "Anna's iPhone", day)
}

/// Whole, but for a warning: `info-missing`.
pub fn tablet() -> BackupBuilder {
    backup(TABLET, "Tablet", "2026-08-01").without("Info.plist")
}

/// A phone whose backup lacks a file.
pub fn corrupt(udid: &str, day: &str) -> BackupBuilder {
    backup(udid, "Broken", day).remove_payload("HomeDomain", "Library/note.txt")
}

/// One of the phone that is just being made.
fn running() -> BackupBuilder {
    let started = phone("2026-11-22").date("2026-11-22T11:50:00Z");
    started.snapshot_state("uploading")
}

/// The entry of the backup in this folder.
pub fn of<'a>(document: &'a Value, folder: &str) -> &'a Value {
    list(&document["backups"])
        .find(|backup| name(&backup["path"]) == folder)
        .unwrap_or_else(|| panic!("no {folder} in {document:#}"))
}

/// A document without the disk's free space, which others change meanwhile.
fn settled(mut document: Value) -> Value {
    for root in document["roots"].as_array_mut().unwrap() {
        root["volume"]["available_bytes"] = Value::Null;
    }
    document
}

fn list(value: &Value) -> std::slice::Iter<'_, Value> {
    value.as_array().unwrap().iter()
}

/// The last part of a path.
fn name(path: &Value) -> &str {
    path.as_str().unwrap().rsplit(['/', '\\']).next().unwrap()
}

fn sorted<'a>(names: impl Iterator<Item = &'a str>, between: &str) -> String {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names.join(between)
}

fn planned(run: &Run) -> String {
    let document = document(run);
    let plan = list(&document["plan"]);
    sorted(plan.map(|entry| name(&entry["path"])), " ")
}

/// How many backups have this flag.
fn flagged(run: &Run, flag: &str) -> String {
    let document = document(run);
    let backups = list(&document["backups"]);
    let flagged = backups.filter(|backup| list(&backup["flags"]).any(|found| found == flag));
    flagged.count().to_string()
}

/// The names of the devices that are stale.
fn stale(document: &Value) -> String {
    let is_stale =
        |device: &&Value| list(&device["findings"]).any(|found| found["id"] == "backup-stale");
    let devices = list(&document["devices"]).filter(is_stale);
    sorted(devices.map(|device| device["name"].as_str().unwrap()), ", ")
}

/// A device's own rules, in the settings.
fn of_phone(rules: &str) -> String {
    format!("[devices.{PHONE}]\n{rules}\n")
}

// ---- Where a setting comes from ----

/// One setting with a value from each place, and what can be seen of it.
struct Setting {
    name: &'static str,
    command: &'static str,
    seen: fn(&Run) -> String,
    /// In the file, in the environment, typed.
    given: [&'static str; 3],
    /// By default, from the file, from the environment, typed.
    expected: [&'static str; 4],
}

fn setting(name: &'static str, command: &'static str, seen: fn(&Run) -> String) -> Setting {
    Setting {
        name,
        command,
        seen,
        given: [""; 3],
        expected: [""; 4],
    }
}

impl Setting {
    fn given(self, file: &'static str, environment: &'static str, typed: &'static str) -> Self {
        let given = [file, environment, typed];
        Setting { given, ..self }
    }

    fn seen(self, expected: [&'static str; 4]) -> Self {
        Setting { expected, ..self }
    }
}

const SCAN: &str = "Backup --now NOW --json";
const CLEAN: &str = "clean Backup --now NOW --json";
const SCREEN: &str = "Backup --now NOW";

/// The day of a run, if it is one of those that were set.
fn day_set(run: &Run) -> String {
    let begun = document(run)["started_at"].to_string();
    let mut set = ["2026-01-01", "2026-02-02", "2026-03-03"].into_iter();
    let day = set.find(|day| begun.starts_with(&format!("\"{day}")));
    day.unwrap_or_default().to_owned()
}

fn tells(run: &Run, text: &str) -> String {
    run.stdout.contains(text).to_string()
}

fn goes(run: &Run, folder: &str) -> String {
    planned(run).contains(folder).to_string()
}

/// Whether the first thing to do is told, and the last one.
fn steps(run: &Run) -> String {
    format!("{} {}", tells(run, "What to do"), tells(run, "\n8. "))
}

fn settings() -> [Setting; 17] {
    [
        setting("json", SCREEN, |run| {
            run.stdout.starts_with('{').to_string()
        })
        .given("true", "false", "--json")
        .seen(["false", "true", "false", "true"]),
        setting("level", SCAN, |run| document(run)["level"].to_string())
            .given("'quick'", "standard", "--level quick")
            .seen(["\"standard\"", "\"quick\"", "\"standard\"", "\"quick\""]),
        setting("now", "Backup --json", day_set)
            .given(
                "2026-01-01T00:00:00Z",
                "2026-02-02T00:00:00Z",
                "--now=2026-03-03T00:00:00Z",
            )
            .seen(["", "2026-01-01", "2026-02-02", "2026-03-03"]),
        setting("quiet", SCREEN, |run| run.stdout.is_empty().to_string())
            .given("true", "false", "--quiet")
            .seen(["false", "true", "false", "true"]),
        setting("fail-on", SCREEN, |run| run.code.to_string())
            .given("'warning'", "error", "--fail-on warning")
            .seen(["0", "1", "0", "1"]),
        setting("color", SCREEN, |run| tells(run, "\u{1b}"))
            .given("'always'", "never", "--color always")
            .seen(["false", "true", "false", "true"]),
        setting("old-after", SCAN, |run| flagged(run, "old"))
            .given("'1y'", "1d", "--old-after 100y")
            .seen(["5", "3", "7", "0"]),
        setting("oversized", SCAN, |run| flagged(run, "oversized"))
            .given("'1B'", "1TB", "--oversized 1kB")
            .seen(["0", "7", "0", "7"]),
        setting("keep-last", CLEAN, planned)
            .given("2", "3", "--keep-last=1")
            .seen(["older oldest", "oldest", "", "older oldest"]),
        setting("keep-within", CLEAN, planned)
            .given("'9mo'", "2y", "--keep-within 1mo")
            .seen(["older oldest", "oldest", "", "older oldest"]),
        setting("include-archived", CLEAN, |run| goes(run, ARCHIVED))
            .given("true", "false", "--include-archived")
            .seen(["false", "true", "false", "true"]),
        setting("trust-locked", CLEAN, |run| goes(run, "locked"))
            .given("true", "false", "--trust-locked")
            .seen(["false", "true", "false", "true"]),
        setting("advice", SCREEN, steps)
            .given("'none'", "all", "--advice short")
            .seen(["true false", "false false", "true true", "true false"]),
        setting("redact", SCAN, |run| tells(run, "Anna"))
            .given("true", "false", "--redact")
            .seen(["true", "false", "true", "false"]),
        setting("device", CLEAN, planned)
            .given("'Tablet'", PHONE, "--device Spare")
            .seen(["older oldest", "", "older oldest", ""]),
        setting("older-than", CLEAN, planned)
            .given("'1y'", "3y", "--older-than 1d")
            .seen(["older oldest", "oldest", "", "older oldest"]),
        setting("stale-after", SCAN, |run| stale(&document(run)))
            .given("'95d'", "60d", "--stale-after off")
            .seen(["", "Tablet", "Spare, Tablet", ""]),
    ]
}

/// A setting as the environment spells it.
fn variable(name: &str) -> String {
    format!("BKSCAN_{}", name.to_uppercase().replace('-', "_"))
}

in_two_sizes! {
    #[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
    typed_counts_before_the_environment_and_that_before_the_file: 4, 1;
}

/// Over every `step`th setting.
mod over {
    use super::*;

    pub fn typed_counts_before_the_environment_and_that_before_the_file(step: usize) {
        let world = World::seven();
        for setting in settings().into_iter().step_by(step) {
            let (name, command) = (setting.name, setting.command);
            let [file, environment, typed] = setting.given;
            let [by_default, from_file, from_environment, from_words] = setting.expected;
            let expect = |words: &str, value: Option<&str>, expected: &str| {
                let mut command = world.typed(words);
                let run = world.output(command.envs(value.map(|value| (variable(name), value))));
                let seen = (setting.seen)(&run);
                assert_eq!(seen, expected, "{name}: {command:?} {run:?}");
            };
            world.configure("");
            expect(command, None, by_default);
            expect(command, Some(environment), from_environment);
            world.configure(&format!("{name} = {file}\n"));
            expect(command, None, from_file);
            // A variable without a value says nothing.
            expect(command, Some(""), from_file);
            expect(command, Some(environment), from_environment);
            for words in [format!("{command} {typed}"), format!("{typed} {command}")] {
                expect(&words, Some(environment), from_words);
            }
        }
    }
}

/// `config show` names every setting with its value and where it comes from.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_settings_in_effect_are_shown_with_their_origin() {
    let world = World::new();
    // The value that a line of the settings gives, and its comment.
    let line = |text: &str, name: &str| {
        let start = format!("{name} = ");
        let line = text.lines().find_map(|line| line.strip_prefix(&start));
        let line = line.unwrap_or_else(|| panic!("no {name} in {text}"));
        let (value, origin) = line.split_once('#').unwrap();
        (value.trim().to_owned(), origin.trim().to_owned())
    };
    let more = [
        ("threads", ["2", "3", "--threads 5"]),
        ("metrics", ["'/f.prom'", "/e.prom", "--metrics /t.prom"]),
        ("state-dir", ["'/f/state'", "/e/s", "--state-dir /t/s"]),
    ];
    let settings = settings().map(|setting| (setting.name, setting.given));
    for (name, [file, environment, typed]) in settings.into_iter().chain(more) {
        let variable = variable(name);
        world.configure(&format!("\n{name} = {file}\n"));
        let show = |typed: &str, value: Option<&str>| {
            let mut command = world.typed(&format!("config show {typed}"));
            world.well(command.envs(value.map(|value| (&variable, value))))
        };
        // Under Windows a path without a drive is completed; the end of it is enough here.
        let check = |shown: &str, value: &str, origin: &str| {
            let (found, from) = line(shown, name);
            let found = found.replace("\\\\", "/").replace('\\', "/");
            let [found, value] = [&*found, value].map(|text| text.trim_matches(['\'', '"']));
            assert!(found.ends_with(value), "{name}: {found}, {value}");
            assert_eq!(from, origin, "{name}");
        };
        check(&show("", None), file, "line 2 of the configuration file");
        check(&show("", Some(environment)), environment, &variable);
        // Typed, these go with other commands alone.
        if ["json", "device", "older-than"].contains(&name) {
            continue;
        }
        let shown = show(typed, Some(environment));
        let words = typed.replace(' ', "=");
        let (flag, value) = words.split_once('=').unwrap_or((&words, "true"));
        check(&shown, value, flag);
        // Nothing else came from anywhere.
        assert!(!shown.contains("of the configuration file"), "{shown}");
        assert_eq!(shown.matches(flag).count(), 1, "{shown}");
    }
    world.configure("");
    let shown = world.well(world.typed("config show"));
    for name in "level fail-on keep-last old-after no-state".split(' ') {
        assert_eq!(line(&shown, name).1, "default");
    }
    for name in "now keep-within device older-than metrics paths".split(' ') {
        assert!(shown.contains(&format!("# {name} is not set")), "{shown}");
    }
}

#[test]
fn the_settings_in_effect_are_a_settings_file() {
    let world = World::seven();
    let text = format!(
        r#"level = "quick"
fail-on = ["warning", "new"]
old-after = "1y6mo"
oversized = "20GiB"
keep-last = 2
keep-within = "2w3d"
stale-after = "30d"
now = 2026-11-22T12:00:00Z
threads = 2
trust-locked = true
may-lose = "2.5%"
device = "it's \"Anna's\" \\ phone"
older-than = "1w"
metrics = "out/b k.prom"
state-dir = "remembered"
paths = ["~/one", "two", "a b"]

[severities]
info-missing = "error"
wal-present = "warning"
backup-stale = "note"

[devices.{PHONE}]
name = "Phone \"in\" the car \\ #1 'x'"
stale-after = "off"
keep-last = 3
keep-within = "6mo"

[devices."{SPARE}"]
stale-after = "1y"

[devices.{TABLET}]
name = "平板"
"#
    );
    world.configure(&text);
    let given: toml::Table = text.parse().unwrap();
    let first = world.well(world.typed("config show"));
    let settings: toml::Table = first.parse().unwrap();
    for key in ["keep-last", "device", "devices", "severities"] {
        assert_eq!(settings[key], given[key], "{key}");
    }
    assert_eq!(settings["paths"].as_array().unwrap().len(), 3);

    // Moved to another place, it still means the same.
    fs::create_dir(world.path("elsewhere")).unwrap();
    fs::write(world.path("elsewhere/copy.toml"), &first).unwrap();
    fs::remove_file(world.settings()).unwrap();
    let second = world.well(world.typed("config show --config elsewhere/copy.toml"));
    let without_origin = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let lines = lines.map(|line| line.rsplit_once(" # ").map_or(line, |(value, _)| value));
        lines.map(|value| value.trim_end().to_owned()).collect()
    };
    assert_eq!(without_origin(&second), without_origin(&first));
    assert_eq!(second.parse::<toml::Table>().unwrap(), settings);
    // What looks like a number is still a name.
    world.configure("device = '007'\n");
    let shown = world.well(world.typed("config show"));
    let shown: toml::Table = shown.parse().unwrap();
    assert_eq!(shown["device"].as_str(), Some("007"));
}

#[test]
fn redacted_settings_name_nobody() {
    let world = World::new();
    let car = of_phone("name = \"Anna's car\"\nkeep-last = 7");
    world.configure(&format!(
        "device = \"Anna's iPhone\"\nmetrics = \"/srv/anna/a.prom\"\nstate-dir = \"/srv/anna/state\"\n\
         paths = [\"/srv/anna/MobileSync\"]\nkeep-last = 4\n{car}"
    ));
    let shown = world.well(world.typed("config show --redact"));
    let folder = world.folder.path().to_str().unwrap();
    for personal in ["Anna", "anna", PHONE, "0000", folder] {
        assert!(!shown.contains(personal), "{personal}: {shown}");
    }
    assert!(shown.contains("keep-last = 4"), "{shown}");
}

/// The share is understood wherever settings are, goes into a job, and is refused where nothing is
/// weighed.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_share_that_may_be_lost() {
    let world = World::seven();
    let shown = |command: &mut Command| world.in_effect("may-lose", command);
    let mut show = world.typed("config show");
    assert_eq!(shown(&mut show), "may-lose = 0 # default");
    world.configure("may-lose = '0.5%'\n");
    let from_file = "may-lose = \"0.5%\" # line 1 of the configuration file";
    assert_eq!(shown(&mut show), from_file);
    show.env("BKSCAN_MAY_LOSE", "3");
    assert_eq!(shown(&mut show), "may-lose = 3 # BKSCAN_MAY_LOSE");
    show.args(["--may-lose", "2%"]);
    assert_eq!(shown(&mut show), "may-lose = \"2%\" # --may-lose");
    for words in [
        "Backup --may-lose 2%",
        "clean Backup --may-lose=100",
        "show Backup/PHONE --may-lose 0",
    ] {
        let run = world.enter(words);
        assert_ne!(run.stdout, "", "{words} {run:?}");
        assert_ne!(run.code, 64, "{words} {run:?}");
    }
    let job = world.enter("schedule cron Backup --may-lose 2%");
    match cfg!(windows) {
        true => assert_eq!(job.code, 64, "{job:?}"),
        false => assert!(job.stdout.contains(" --may-lose "), "{job:?}"),
    }
    world.configure("");
    let said = "bkscan: --may-lose goes with a scan, show or clean; nothing was done\n";
    for words in [
        "history",
        "explain",
        "report saved.json --html x",
        "schema",
        "man",
        "completions bash",
    ] {
        let words = format!("{words} --may-lose 2%");
        let told = world.refuses(world.typed(&words), &[]);
        assert_eq!(told, said, "{words}");
    }
    for (share, what) in [
        ("-1", "\"-1\" is less than nothing"),
        ("-1%", "\"-1%\" is less than nothing"),
        ("101%", "\"101%\" is more than all"),
        ("nan", "\"nan\" is no share"),
        ("--delete", "\"--delete\" is no share"),
    ] {
        let run = world.enter(&format!("clean Backup --may-lose {share}"));
        assert_eq!((run.code, run.stdout.as_str()), (64, ""), "{share} {run:?}");
        assert!(run.stderr.contains(what), "{run:?}");
        assert!(run.stderr.contains("from 0 to 100, such as 2%"), "{run:?}");
    }
}

/// Settings of other commands do no harm; typed, they are refused.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_setting_counts_for_the_commands_that_know_it() {
    let world = World::seven();
    world.configure(&format!(
        "keep-last = 2\ndevice = '{PHONE}'\nolder-than = '1d'\nstale-after = '30d'\n\
         metrics = '{}'\ninclude-archived = true\nadvice = 'all'\n{}",
        world.path("out.prom").display(),
        world.paths(&["Backup"])
    ));
    for words in [
        "show Backup/PHONE",
        "clean",
        "history",
        "explain info-missing",
        "explain",
        "schedule cron",
        "config show",
    ] {
        // There is none of the three schedulers on Windows.
        if !(cfg!(windows) && words.starts_with("schedule")) {
            world.well(world.typed(words));
            assert!(!world.path("out.prom").exists(), "{words}");
        }
    }
    world.configure("");
    for words in [
        "--device PHONE Backup",
        "--older-than 1y Backup",
        "--delete Backup",
        "--yes Backup",
        "Backup --only PHONE",
        "show Backup/PHONE --stale-after 30d",
        "clean Backup --stale-after 30d",
        "clean --metrics out.prom Backup",
        "--metrics out.prom clean Backup",
        "schedule cron Backup --delete",
        "explain --stale-after 1d",
    ] {
        world.refuses(world.typed(words), &[]);
    }
}

/// Relative paths begin at the file that names them; typed and from the environment, where one is.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_is_written_goes_where_the_strongest_setting_says() {
    let world = World::seven();
    world.configure("metrics = 'file.prom'\nstate-dir = 'file-state'\nno-state = true\n");
    let beside = world.settings().parent().unwrap().to_owned();
    let written = |environment: &[(&str, &str)], typed: &str| {
        let mut command = world.typed(&format!("{SCREEN} {typed}"));
        world.well(command.envs(environment.iter().copied()));
        let here = world.folder.path();
        let mut found = Vec::new();
        for (name, folder) in [("file", &*beside), ("env", here), ("typed", here)] {
            let metrics = format!("{name}.prom");
            let state = format!("{name}-state");
            if fs::remove_file(folder.join(&metrics)).is_ok() {
                found.push(metrics);
            }
            if fs::remove_dir_all(folder.join(&state)).is_ok() {
                found.push(state);
            }
        }
        assert!(!world.path("state").exists() && !world.path("local").exists());
        found.join(" ")
    };
    let environment = [
        ("BKSCAN_NO_STATE", "false"),
        ("BKSCAN_METRICS", "env.prom"),
        ("BKSCAN_STATE_DIR", "env-state"),
    ];
    let typed = "--metrics typed.prom --state-dir typed-state";
    assert_eq!(written(&[], ""), "file.prom");
    assert_eq!(written(&environment[..1], ""), "file.prom file-state");
    assert_eq!(written(&environment, ""), "env.prom env-state");
    assert_eq!(written(&environment, typed), "typed.prom typed-state");
    let none = format!("{typed} --no-state");
    assert_eq!(written(&environment, &none), "typed.prom");
}

// ---- Files and values that are wrong ----

/// The file is refused with one line that names it, this line of it, and these words.
fn refused(world: &World, toml: &str, line: usize, words: &[&str]) {
    world.configure(toml);
    let run = world.run(&["Backup"]);
    assert_eq!((run.code, run.stdout.as_str()), (64, ""), "{toml}: {run:?}");
    let start = format!("bkscan: {}, line {line}: ", world.settings().display());
    assert!(run.stderr.starts_with(&start), "{toml}: {run:?}");
    assert_eq!(run.stderr.lines().count(), 1, "{toml}: {run:?}");
    for word in words {
        assert!(run.stderr.contains(word), "{toml}: no {word} in {run:?}");
    }
}

#[test]
fn every_command_refuses_a_wrong_file() {
    let world = World::seven();
    world.configure("quiet = true\nlevle = 'quick'\n");
    let said = world.refuses(world.typed("Backup"), &[]);
    for words in [
        "--quiet Backup",
        "--json Backup",
        "show Backup/PHONE",
        "clean Backup",
        "clean Backup --delete --yes",
        "history",
        "schedule cron Backup",
        "config show",
    ] {
        assert_eq!(world.refuses(world.typed(words), &[]), said, "{words}");
    }
}

#[test]
fn unknown_names_are_errors_with_a_suggestion() {
    let world = World::new();
    for (toml, line, meant) in [
        ("levle = 'quick'", 1, "level"),
        ("\n# x\nstale_after = '1d'", 3, "stale-after"),
        ("level = 'quick'\r\nQuiet = true\r\n", 2, "quiet"),
        ("keep-lst = 2", 1, "keep-last"),
        ("path = ['a']", 1, "paths"),
        ("[severity]\ninfo-missing = 'note'", 1, "severities"),
        ("[severities]\n\ninfo-mising = 'note'", 3, "info-missing"),
        ("severities = { info_missing='note' }", 1, "info-missing"),
    ] {
        refused(&world, toml, line, &[&format!("did you mean {meant}")]);
    }
    for (key, meant) in [
        ("nmae = 'x'", "name"),
        ("keep_last = 2", "keep-last"),
        ("keep-withn = '1d'", "keep-within"),
        ("stale = '1d'", "stale-after"),
    ] {
        let toml = format!("level = 'quick'\n\n{}", of_phone(key));
        refused(&world, &toml, 4, &[&format!("did you mean {meant}")]);
    }
    for (toml, line, word) in [
        ("levle = 'quick'", 1, "levle"),
        ("[severities]\ncomplete = 'note'", 2, "complete"),
        ("frobnicate = 1", 1, "frobnicate"),
        // These are for one command only.
        ("delete = true", 1, "delete"),
        ("yes = true", 1, "yes"),
        ("only = ['a']", 1, "only"),
        // Known elsewhere, but not of a device.
        (&of_phone("level = 'quick'"), 2, "level"),
        ("[devices.Anna]\nname = 'x'\n", 1, "Anna"),
        ("[devices.'']\nname = 'x'\n", 1, "UDID"),
    ] {
        refused(&world, toml, line, &[word]);
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn wrong_values_of_the_file_are_named_with_their_line() {
    let world = World::new();
    // Each is refused by its name; an empty path is none, as where it is typed.
    let wrong = "level = 3; quiet = 1; threads = 0; threads = -1; threads = 1.5; \
                 fail-on = ['warning', 3]; fail-on = []; old-after = 90; old-after = 'off'; \
                 keep-last = 'x'; keep-within = ''; include-archived = 'x'; trust-locked = []; \
                 may-lose = 0.5; redact = 'x'; stale-after = false; metrics = true; state-dir = 1; \
                 no-state = 'x'; device = ['a']; paths = [1]; paths = true; metrics = ''; \
                 state-dir = ''; paths = ['']; severities = 'x'; devices = 'x'";
    for toml in wrong.split("; ") {
        refused(&world, toml, 1, &[toml.split(' ').next().unwrap()]);
    }
    for (toml, line, words) in [
        ("\n\njson = 'yes'", 3, &["json", "true or false"][..]),
        ("level = 'quik'", 1, &["level", "quik"]),
        ("fail-on = 'all'", 1, &["fail-on", "all"]),
        ("color = 'blue'", 1, &["color", "blue"]),
        ("old-after = '3m'", 1, &["old-after", "mo", "min"]),
        ("oversized = 'big'", 1, &["oversized", "big"]),
        ("keep-last = 0", 1, &["keep-last", "0"]),
        ("advice = 'more'", 1, &["advice", "more"]),
        ("older-than = '1x'", 1, &["older-than", "1x"]),
        ("stale-after = '3m'", 1, &["stale-after", "mo", "min"]),
        ("stale-after = 'never'", 1, &["stale-after", "never"]),
        ("now = 'today'", 1, &["now", "today"]),
        ("may-lose = -1", 1, &["may-lose", "less than nothing"]),
        ("may-lose = 101", 1, &["may-lose", "more than all"]),
        ("may-lose = 'nan'", 1, &["may-lose", "from 0 to 100"]),
        ("[severities]\n\ninfo-missing = true", 3, &["info-missing"]),
        // No TOML at all.
        ("level = ", 1, &[]),
        ("stale-after 30d", 1, &[]),
        ("level = 'quick'\nlevel = 'quick'", 2, &[]),
        ("quiet = true\n\n[severities\n", 3, &[]),
        ("quiet = true\nlevel = \"quick", 2, &[]),
    ] {
        refused(&world, toml, line, words);
    }
    let off = "[severities]\ninfo-missing = 'off'";
    let told = ["info-missing", "note", "warning", "error"];
    refused(&world, off, 2, &told);
    refused(&world, &format!("\ndevices.{PHONE} = 3\n"), 2, &[PHONE]);
    for (key, words) in [
        ("name = true", &["name"][..]),
        ("stale-after = '3m'", &["stale-after", "mo"]),
        ("stale-after = 'never'", &["never"]),
        ("keep-last = 0", &["keep-last"]),
        ("keep-last = 'x'", &["keep-last"]),
        ("keep-within = 'x'", &["keep-within"]),
        ("keep-within = 9", &["keep-within"]),
    ] {
        refused(&world, &format!("\n{}", of_phone(key)), 3, words);
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn wrong_values_of_the_environment_name_the_variable() {
    let world = World::seven();
    let wrong = "JSON=maybe LEVEL=quik NOW=today THREADS=0 QUIET=maybe FAIL_ON=warning,nwe \
                 COLOR=blue OLD_AFTER=3m OVERSIZED=big KEEP_LAST=0 KEEP_WITHIN=1 INCLUDE_ARCHIVED=2 \
                 TRUST_LOCKED=x ADVICE=more REDACT=x OLDER_THAN=1x STALE_AFTER=3m NO_STATE=x";
    for wrong in wrong.split_whitespace() {
        let (name, value) = wrong.split_once('=').unwrap();
        let name = &format!("BKSCAN_{name}");
        for words in ["Backup", "clean Backup", "config show"] {
            world.refuses(world.typed(words).env(name, value), &[name]);
        }
        // Without a value it is as if it were not there.
        world.well(world.typed("Backup").env(name, ""));
    }
    // What asks before it removes cannot be preset.
    for name in ["BKSCAN_DELETE", "BKSCAN_YES", "BKSCAN_ONLY"] {
        let run = world.output(world.typed("clean Backup").env(name, "true"));
        assert_eq!(run.code, 0, "{run:?}");
        assert!(run.stdout.contains("nothing has been deleted"), "{run:?}");
    }
    let mut command = world.typed("clean Backup --delete");
    assert_eq!(world.output(command.env("BKSCAN_YES", "true")).code, 64);
}

#[test]
fn what_is_wrong_with_a_file_names_nobody_when_redacted() {
    let world = World::seven();
    world.configure("annas-phone = 1");
    let mut preset = world.typed("Backup");
    preset.env("BKSCAN_REDACT", "1");
    for command in [world.typed("Backup --redact"), preset] {
        let said = "bkscan: a setting is wrong; leave out --redact to see which\n";
        assert_eq!(world.refuses(command, &[]), said);
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_file_that_is_none_is_refused_by_its_name() {
    let world = World::seven();
    fs::create_dir(world.path("folder.toml")).unwrap();
    let binary = b"level = 'quick'\n\xff\xfe\x00\x01";
    fs::write(world.path("binary.toml"), binary).unwrap();
    fs::write(world.path("large.toml"), "# nothing\n".repeat(200_000)).unwrap();
    let below = world.path("large.toml").join("config.toml");
    let names = ["folder.toml", "binary.toml", "large.toml", "missing.toml"];
    for file in names.iter().map(|name| world.path(name)).chain([below]) {
        let mut typed = world.typed("Backup --config");
        let mut preset = world.typed("Backup");
        for command in [typed.arg(&file), preset.env("BKSCAN_CONFIG", &file)] {
            world.refuses(command, &[file.to_str().unwrap()]);
        }
    }
    // In the usual place none need be, but what is there must be one.
    assert_eq!(world.enter("Backup").code, 0);
    fs::create_dir_all(world.settings()).unwrap();
    world.refuses(world.typed("Backup"), &["config.toml"]);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_file_without_a_setting_changes_nothing() {
    let world = World::seven();
    let usual = settled(world.scan(&[]));
    // The third is the mark that some editors put first.
    let tables = "[severities]\n[devices]\n";
    for toml in ["", "\n\n# nothing\r\n", "\u{feff}", tables] {
        assert_eq!(settled(world.with_file(toml, &[])), usual, "{toml:?}");
    }
    let document = world.with_file("\u{feff}level = 'quick'\n", &[]);
    assert_eq!(document["level"], "quick");
}

/// A file that is named counts instead of the usual one; nothing of that is looked at.
#[test]
fn another_file_takes_the_place_of_the_usual_one() {
    let world = World::seven();
    world.configure("level = 'wrong'");
    let other = world.path("other.toml");
    fs::write(&other, "level = 'quick'\n").unwrap();
    fs::write(world.path("third.toml"), "level = 'standard'\n").unwrap();
    assert_eq!(world.scan(&["--config", "other.toml"])["level"], "quick");
    let mut command = world.typed("Backup --json");
    command.env("BKSCAN_CONFIG", &other);
    assert_eq!(document(&world.output(&mut command))["level"], "quick");
    command.args(["--config", "third.toml"]);
    assert_eq!(document(&world.output(&mut command))["level"], "standard");
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
    use std::os::unix::process::CommandExt as _;
    use std::path::Path;

    use super::*;

    #[test]
    fn the_file_may_be_a_link_or_nothing_but_no_dangling_link() {
        let world = World::seven();
        let other = world.path("other.toml");
        fs::write(&other, "level = 'quick'\n").unwrap();
        fs::create_dir_all(world.settings().parent().unwrap()).unwrap();
        symlink(&other, world.settings()).unwrap();
        assert_eq!(world.scan(&[])["level"], "quick");
        assert_eq!(world.scan(&["--config", "/dev/null"])["level"], "standard");
        fs::remove_file(&other).unwrap();
        world.refuses(world.typed("Backup"), &["config.toml"]);
    }

    /// It may hold what is to be done: half of it is not taken for all.
    #[test]
    fn a_file_that_may_not_be_read_is_an_error() {
        let world = World::seven();
        let open = |path: &Path, mode| {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        };
        open(world.folder.path(), 0o777);
        let program = world.path("bkscan");
        fs::copy(env!("CARGO_BIN_EXE_bkscan"), &program).unwrap();
        world.configure("level = 'quick'\n");
        open(&world.settings(), 0o000);
        let mut command = Command::new(&program);
        command
            .args(["--no-state", "Backup"])
            .env("HOME", world.path("home"))
            .env("XDG_CONFIG_HOME", world.path("config"))
            .current_dir(world.folder.path());
        if fs::metadata(world.folder.path()).unwrap().uid() == 0 {
            command.uid(65_534).gid(65_534);
        }
        world.refuses(&mut command, &[world.settings().to_str().unwrap()]);
    }

    #[test]
    fn a_tilde_is_the_home_and_a_relative_path_begins_at_the_file() {
        let world = World::new();
        fs::create_dir(world.path("home")).unwrap();
        fs::create_dir_all(world.path("config/bkscan/near")).unwrap();
        phone("2026-11-10").write(&world.path("home"));
        backup(SPARE, "Spare", "2026-11-10").write(&world.path("config/bkscan/near"));
        world.configure("paths = ['~', 'near']\n");
        let document = world.json(&["--now", NOW]);
        assert_eq!(document["summary"]["backups"], 2, "{document:#}");
    }
}

// ---- Severities ----

/// A document without what a severity is allowed to change.
fn judged(document: Value) -> Value {
    let mut document = settled(document);
    // It names the findings that are no notes.
    document["advice"] = Value::Null;
    document["exit_code"] = Value::Null;
    for key in ["backups", "devices"] {
        for judged in document[key].as_array_mut().unwrap() {
            for finding in judged["findings"].as_array_mut().unwrap() {
                finding["severity"] = Value::Null;
            }
        }
    }
    document
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_severity_changes_exit_code_and_display_and_nothing_else() {
    let world = World::seven();
    let older = phone("2026-10-01").without("Info.plist");
    older.folder_name("broken-info").write(&world.backups());
    let usual = world.scan(&[]);
    assert_eq!(usual["exit_code"], 0);
    for (severity, code, code_of_warnings) in [("note", 0, 0), ("warning", 0, 1), ("error", 2, 2)] {
        let toml = format!("[severities]\ninfo-missing = '{severity}'\n");
        let document = world.with_file(&toml, &[]);
        assert_eq!(document["exit_code"], code, "{severity}");
        let tablet = of(&document, TABLET);
        assert_eq!(tablet["findings"][0]["severity"], severity);
        assert_eq!(tablet["verdict"], "complete");
        assert_eq!(judged(document), judged(usual.clone()), "{severity}");
        let screen = world.enter("Backup --now NOW --fail-on warning");
        assert_eq!(screen.code, code_of_warnings, "{severity}");
        let told = screen.stdout.contains(&format!("{TABLET}\n"));
        assert_eq!(told, severity != "note", "{}", screen.stdout);
        let quiet = world.enter("Backup --now NOW --quiet");
        assert_eq!(quiet.code, code);
        assert_eq!(quiet.stdout.is_empty(), code == 0, "{quiet:?}");
        // `show` and `clean` too.
        let show = format!("show Backup/{TABLET} --now NOW");
        assert_eq!(world.enter(&show).code, code);
        let clean = world.json(&["clean", "Backup", "--now", NOW]);
        assert_eq!(list(&clean["plan"]).count(), 3, "{clean:#}");
    }
}

#[test]
fn a_lowered_error_leaves_the_backup_corrupt() {
    let older = phone("2025-06-01").folder_name("older");
    let world = World::of([corrupt(PHONE, "2026-11-10"), older]);
    let usual = world.scan(&[]);
    for severity in ["note", "warning"] {
        let toml = format!("[severities]\nfile-missing = '{severity}'\n");
        let document = world.with_file(&toml, &[]);
        let broken = of(&document, PHONE);
        assert_eq!(broken["findings"][0]["severity"], severity);
        assert_eq!(broken["verdict"], "corrupt");
        assert_eq!(document["summary"]["removable"]["backups"], json!([]));
        assert_eq!(judged(document), judged(usual.clone()));
    }
}

#[test]
fn in_a_running_backup_all_stays_a_note() {
    let world = World::of([running().without("Info.plist")]);
    let toml = "[severities]\ninfo-missing = 'error'\nbackup-running = 'error'\nnever-finished = 'error'\n";
    let document = world.with_file(toml, &[]);
    let running = of(&document, PHONE);
    assert_eq!(running["verdict"], "in-progress", "{running:#}");
    let mut findings = list(&running["findings"]);
    assert!(findings.clone().any(|found| found["id"] == "info-missing"));
    // What the user says of a running backup itself is his own affair.
    let is_note = |found: &Value| found["severity"] == "note" || found["id"] == "backup-running";
    assert!(findings.all(is_note), "{running:#}");
}

#[test]
fn findings_of_a_device_have_severities_too() {
    let world = World::of([phone("2026-08-01")]);
    for (severity, codes) in [("note", (0, 0)), ("warning", (0, 1)), ("error", (2, 2))] {
        let toml = format!("stale-after = '30d'\n[severities]\nbackup-stale = '{severity}'\n");
        let document = world.with_file(&toml, &[]);
        let finding = &document["devices"][0]["findings"][0];
        assert_eq!(finding["id"], "backup-stale", "{document:#}");
        assert_eq!(finding["severity"], severity);
        let warned = world.scan(&["--fail-on", "warning"]);
        let found = (&document["exit_code"], &warned["exit_code"]);
        assert_eq!(found, (&json!(codes.0), &json!(codes.1)));
    }
}

// ---- Single devices ----

fn names_of_two() -> String {
    let car = of_phone("name = 'Car phone'");
    format!("{car}[devices.{TABLET}]\nname = 'Kitchen'\n")
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_device_has_the_name_that_the_settings_give_it() {
    let world = World::seven();
    world.configure(&names_of_two());
    let document = world.scan(&["--advice", "all"]);
    assert!(!document.to_string().contains("Anna"), "{document:#}");
    let devices = list(&document["devices"]);
    for (udid, name) in [(PHONE, "Car phone"), (TABLET, "Kitchen"), (SPARE, "Spare")] {
        assert_eq!(of(&document, udid)["device"]["name"], name);
        let device = devices.clone().find(|device| device["udid"] == udid);
        assert_eq!(device.unwrap()["name"], name);
    }
    for words in [
        "Backup --now NOW --advice all",
        "clean Backup --now NOW",
        "show Backup/older --now NOW",
        "Backup --now NOW --quiet --fail-on warning --stale-after 1d",
        "history",
    ] {
        let shown = world.enter(words).stdout;
        assert!(!shown.contains("Anna"), "{words} {shown}");
        assert!(shown.contains("Car phone"), "{words} {shown}");
    }
    world.enter("Backup --now NOW --metrics m.prom");
    let text = fs::read_to_string(world.path("m.prom")).unwrap();
    assert!(text.contains("device=\"Car phone\""), "{text}");
    assert!(!text.contains("Anna"), "{text}");
    let redacted = world.enter("Backup --now NOW --redact").stdout;
    assert!(!redacted.contains("Car phone"), "{redacted}");
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_given_name_is_one_to_type() {
    let world = World::seven();
    world.configure(&[world.paths(&["Backup"]), names_of_two()].concat());
    for typed in ["Kitchen", "kitchen", "kit", "00008103"] {
        let shown = world.json(&["show", typed, "--now", NOW]);
        assert_eq!(name(&shown["backups"][0]["path"]), TABLET, "{typed}");
    }
    let unknown = world.enter("show kitchne --now NOW");
    let said = "bkscan: no backup is called kitchne; did you mean Kitchen? There are:\n";
    assert_eq!(unknown.code, 3, "{unknown:?}");
    assert!(unknown.stderr.starts_with(said), "{unknown:?}");
    let one = world.enter("clean --now NOW --json --only Kitchen");
    assert_eq!(planned(&one), TABLET);
    for device in ["Car phone", PHONE] {
        let run = world.run(&["clean", "--now", NOW, "--json", "--device", device]);
        assert_eq!(planned(&run), "older oldest");
    }
    // Several backups have it: the candidates are named.
    let several = world.enter("show car --now NOW");
    let outcome = (several.code, several.stdout.as_str());
    assert_eq!(outcome, (64, ""), "{several:?}");
    assert!(several.stderr.contains("oldest"), "{several:?}");
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn keep_rules_of_a_device_are_for_its_backups_alone() {
    let world = World::new();
    for (udid, prefix) in [(PHONE, "p"), (SPARE, "s")] {
        backup(udid, prefix, "2026-11-10").write(&world.backups());
        for (number, day) in (1..).zip(["2026-08-01", "2026-03-01", "2025-06-01"]) {
            let older = backup(udid, prefix, day).folder_name(&format!("{prefix}{number}"));
            older.write(&world.backups());
        }
    }
    let removable = |toml: &str, typed: &[&str]| {
        let document = world.with_file(toml, typed);
        let backups = list(&document["summary"]["removable"]["backups"]);
        sorted(backups.map(name), " ")
    };
    assert_eq!(removable("", &[]), "p1 p2 p3 s1 s2 s3");
    for (general, rules, left) in [
        ("", "keep-last = 3", "p3 s1 s2 s3"),
        ("", "keep-last = 9", "s1 s2 s3"),
        ("", "keep-within = '6mo'", "p2 p3 s1 s2 s3"),
        ("", "keep-last = 2\nkeep-within = '9mo'", "p3 s1 s2 s3"),
        // Also below the general rule.
        ("keep-last = 3\n", "keep-last = 1", "p1 p2 p3 s3"),
        ("keep-within = '2y'\n", "keep-within = '1d'", "p1 p2 p3"),
    ] {
        let toml = format!("{general}{}", of_phone(rules));
        assert_eq!(removable(&toml, &[]), left, "{toml}");
    }
    // What is typed never keeps less than it says, nor does it take away what a device has of its own.
    for (rules, typed, left) in [
        ("keep-last = 1", "--keep-last=3", "p3 s3"),
        ("keep-last = 3", "--keep-last=1", "p3 s1 s2 s3"),
        ("keep-within = '1d'", "--keep-within=9mo", "p3 s3"),
        ("keep-within = '9mo'", "--keep-within=1d", "p3 s1 s2 s3"),
    ] {
        let found = removable(&of_phone(rules), &[typed]);
        assert_eq!(found, left, "{rules} {typed}");
    }
    // The plan says why.
    let document = world.with_file(&of_phone("keep-last = 2"), &[]);
    let reasons = &of(&document, "p1")["decision"]["reasons"];
    assert_eq!(reasons[0]["code"], "keep-last");
    assert_eq!(planned(&world.enter(CLEAN)), "p2 p3 s1 s2 s3");
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_device_may_be_stale_sooner_later_or_never() {
    let devices = [(PHONE, "a"), (SPARE, "b"), (TABLET, "c")];
    let world = World::of(devices.map(|(udid, name)| backup(udid, name, "2026-09-01")));
    let found = |toml: &str| stale(&world.with_file(toml, &[]));
    let general = "stale-after = '30d'\n";
    assert_eq!(found(general), "a, b, c");
    for (general, span, names) in [
        (general, "1y", "b, c"),
        (general, "off", "b, c"),
        (general, "31d", "a, b, c"),
        // Its own rule counts where there is no general one.
        ("", "30d", "a"),
        ("", "1y", ""),
    ] {
        let toml = format!("{general}{}", of_phone(&format!("stale-after = '{span}'")));
        assert_eq!(found(&toml), names, "{toml}");
    }
}

// ---- The paths of the file ----

#[test]
fn the_paths_of_the_file_count_where_none_is_typed() {
    let older = phone("2025-06-01").folder_name("older");
    let world = World::of([phone("2026-11-10"), older]);
    fs::create_dir(world.path("other")).unwrap();
    backup(SPARE, "Spare", "2026-11-10").write(&world.path("other"));
    world.configure(&world.paths(&["Backup", "other"]));
    let both = world.json(&["--now", NOW]);
    assert_eq!(both["summary"]["backups"], 3);
    assert_eq!(both["roots"].as_array().unwrap().len(), 2);
    assert_eq!(world.scan(&[])["summary"]["backups"], 2);
    let shown = world.json(&["show", "Spare", "--now", NOW]);
    assert_eq!(name(&shown["backups"][0]["path"]), SPARE);
    assert_eq!(planned(&world.enter("clean --now NOW --json")), "older");
    assert_eq!(world.enter("clean other --now NOW").code, 0);

    // One that is away is told and the others are looked at.
    world.configure(&world.paths(&["away", "other"]));
    let run = world.enter("--now NOW");
    assert_eq!(run.code, 3, "{run:?}");
    assert!(run.stdout.contains("Spare"), "{run:?}");
    assert!(run.stderr.contains("away"), "{run:?}");
}

// ---- Stale ----

/// The devices that are stale at this time, with `--stale-after 30d`.
fn stale_at(world: &World, now: &str) -> String {
    stale(&world.json(&["Backup", "--now", now, "--stale-after", "30d"]))
}

#[test]
fn stale_is_older_than_the_span_to_the_second() {
    let world = World::of([phone("2026-05-01")]);
    for (now, found) in [
        ("2026-05-31T09:59:59Z", ""),
        ("2026-05-31T10:00:00Z", ""),
        ("2026-05-31T10:00:01Z", "Anna's iPhone"),
        // A year later it is out of use.
        ("2027-05-01T10:00:00Z", "Anna's iPhone"),
        ("2027-05-01T10:00:01Z", ""),
    ] {
        assert_eq!(stale_at(&world, now), found, "{now}");
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_newest_good_backup_of_a_device_counts() {
    let good = |day: &str| phone(day).folder_name("good");
    let expect = |newer: &str, backups: [BackupBuilder; 2], found: &str| {
        assert_eq!(stale_at(&World::of(backups), NOW), found, "{newer}");
    };
    // Of several, archived and locked ones too, the newest.
    let locked = phone("2026-11-10").encrypted();
    expect("locked", [good("2026-06-01"), locked], "");
    let archived = phone("2026-11-10").folder_name("00008130-000A1C2E3F40801E-20261110-100000");
    expect("archived", [good("2026-06-01"), archived], "");
    // A newer run that failed is none.
    let failed = || corrupt(PHONE, "2026-11-20");
    expect("corrupt", [good("2026-06-01"), failed()], "Broken");
    let begun = phone("2026-11-20").snapshot_state("uploading");
    let begun = begun.backup_state("empty");
    expect("begun", [good("2026-06-01"), begun], "Anna's iPhone");
    // But it tells that the device is in use, years later.
    expect("years later", [good("2024-06-01"), failed()], "Broken");
    // A date of the future is no age.
    assert_eq!(stale_at(&World::of([phone("2027-06-01")]), NOW), "");
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_stale_device_is_a_warning_and_nothing_more() {
    let world = World::seven();
    let usual = settled(world.scan(&["--advice", "all"]));
    let document = settled(world.scan(&["--advice", "all", "--stale-after", "30d"]));
    assert_eq!(document["exit_code"], 0);
    assert_eq!(stale(&document), "Spare, Tablet");
    for device in list(&document["devices"]) {
        for finding in list(&device["findings"]) {
            assert_eq!(finding["severity"], "warning");
        }
    }
    for key in ["backups", "summary", "roots", "problems", "beside"] {
        assert_eq!(document[key], usual[key], "{key}");
    }
    let fails = world.scan(&["--stale-after", "30d", "--fail-on", "warning"]);
    assert_eq!(fails["exit_code"], 1);

    // The guide's steps for a device that is not backed up any more.
    let steps = "restart reset-network icloud-sign-in service-status".split(' ');
    for (id, step) in steps.zip(4..) {
        let mut advice = list(&document["advice"]);
        let item = advice.find(|item| item["id"] == id).unwrap();
        assert_eq!(item["step"], step);
        let about = item["backups"].to_string();
        assert!(about.contains(SPARE) && about.contains(TABLET), "{item:#}");
        assert!(!about.contains(PHONE), "{item:#}");
    }

    // Told where people look.
    let screen = world.enter("Backup --now NOW --stale-after 30d").stdout;
    let told = "! Tablet: the newest good backup is 113 days old.";
    assert!(screen.contains(told), "{screen}");
    let quiet = "Backup --now NOW --quiet --stale-after 30d";
    let run = world.enter(quiet);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{run:?}");
    let run = world.enter(&format!("{quiet} --fail-on warning"));
    assert_eq!(run.code, 1);
    let told = "bkscan explain backup-stale";
    assert!(run.stdout.contains(told), "{run:?}");
    let run = world.enter("explain backup-stale");
    assert_eq!(run.code, 0);
    let told = "backup-stale · warning";
    assert!(run.stdout.starts_with(told), "{run:?}");
}

/// A device that is just being backed up, its newest good backup long ago.
#[test]
fn a_running_backup_is_no_backup_yet_and_no_trouble() {
    let world = World::of([phone("2026-08-01").folder_name("good"), running()]);
    let document = world.scan(&["--stale-after", "30d", "--fail-on", "warning"]);
    assert_eq!(document["exit_code"], 0);
    assert_eq!(stale(&document), "");
    assert_eq!(of(&document, PHONE)["verdict"], "in-progress");
    assert_eq!(of(&document, "good")["verdict"], "complete");
}
