//! Settings as their users meet them (contract §1, §4; README): typed, from the environment, from the
//! file, of single devices and findings. Written from the promises alone.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

use crate::harness::{Ended as _, NOW, Run, program};
use crate::support::{BackupBuilder, tree_digest};

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
        let world = World {
            folder: tempdir().unwrap(),
        };
        fs::create_dir(world.backups()).unwrap();
        world
    }

    /// Three backups of a phone and an archived one, two locked ones of a spare phone, and one of a
    /// tablet that lacks its Info.plist.
    fn seven() -> World {
        let world = World::new();
        let backups = world.backups();
        phone("2026-11-10").write(&backups);
        phone("2026-03-01").folder_name("older").write(&backups);
        phone("2025-06-01").folder_name("oldest").write(&backups);
        phone("2025-01-01").folder_name(ARCHIVED).write(&backups);
        let spare = |day: &str| backup(SPARE, "Spare", day).encrypted();
        spare("2026-09-01").write(&backups);
        spare("2025-09-01").folder_name("locked").write(&backups);
        tablet().write(&backups);
        world
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn backups(&self) -> PathBuf {
        self.path("Backup")
    }

    /// Where the program looks for settings by itself.
    fn settings(&self) -> PathBuf {
        let base = if cfg!(windows) { "roaming" } else { "config" };
        self.path(base).join("bkscan").join("config.toml")
    }

    pub fn configure(&self, toml: &str) {
        fs::create_dir_all(self.settings().parent().unwrap()).unwrap();
        fs::write(self.settings(), toml).unwrap();
    }

    pub fn command(&self) -> Command {
        let mut command = program();
        command
            .env_remove("BKSCAN_NO_STATE")
            .env("HOME", self.path("home"))
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env("XDG_STATE_HOME", self.path("state"))
            .env("APPDATA", self.path("roaming"))
            .env("LOCALAPPDATA", self.path("local"))
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
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
fn tablet() -> BackupBuilder {
    backup(TABLET, "Tablet", "2026-08-01").without("Info.plist")
}

/// A phone whose backup lacks a file.
pub fn corrupt(udid: &str, day: &str) -> BackupBuilder {
    backup(udid, "Broken", day).remove_payload("HomeDomain", "Library/note.txt")
}

/// The entry of the backup in this folder.
pub fn of<'a>(document: &'a Value, folder: &str) -> &'a Value {
    let backups = document["backups"].as_array().unwrap();
    backups
        .iter()
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

/// The last part of a path.
fn name(path: &Value) -> &str {
    path.as_str().unwrap().rsplit(['/', '\\']).next().unwrap()
}

/// The folders of this list, sorted.
fn names(paths: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = paths.as_array().unwrap().iter().map(name).collect();
    names.sort_unstable();
    names
}

fn planned(run: &Run) -> String {
    let document = document(run);
    let plan = document["plan"].as_array().unwrap();
    let mut names: Vec<&str> = plan.iter().map(|entry| name(&entry["path"])).collect();
    names.sort_unstable();
    names.join(" ")
}

fn field(run: &Run, pointer: &str) -> String {
    document(run).pointer(pointer).unwrap().to_string()
}

/// The folders of the backups with this flag.
fn flagged(run: &Run, flag: &str) -> String {
    let document = document(run);
    let backups = document["backups"].as_array().unwrap().iter();
    let mut names: Vec<&str> = backups
        .filter(|backup| backup["flags"].as_array().unwrap().contains(&json!(flag)))
        .map(|backup| name(&backup["path"]))
        .collect();
    names.sort_unstable();
    names.len().to_string()
}

/// The names of the devices with this finding.
fn with_finding(document: &Value, id: &str) -> Vec<String> {
    let devices = document["devices"].as_array().unwrap().iter();
    let has = |device: &&Value| {
        let mut findings = device["findings"].as_array().unwrap().iter();
        findings.any(|finding| finding["id"] == id)
    };
    devices
        .filter(has)
        .map(|device| device["name"].as_str().unwrap().to_owned())
        .collect()
}

fn stale(document: &Value) -> Vec<String> {
    with_finding(document, "backup-stale")
}

// ---- Where a setting comes from ----

/// One setting with a value from each place, and what can be seen of it.
struct Setting {
    name: &'static str,
    command: &'static [&'static str],
    file: &'static str,
    environment: &'static str,
    typed: &'static [&'static str],
    seen: fn(&Run) -> String,
    /// By default, from the file, from the environment, typed.
    expected: [&'static str; 4],
}

const SCAN: &[&str] = &["Backup", "--now", NOW, "--json"];
const CLEAN: &[&str] = &["clean", "Backup", "--now", NOW, "--json"];
const SCREEN: &[&str] = &["Backup", "--now", NOW];

const SETTINGS: &[Setting] = &[
    Setting {
        name: "json",
        command: SCREEN,
        file: "true",
        environment: "false",
        typed: &["--json"],
        seen: |run| run.stdout.starts_with('{').to_string(),
        expected: ["false", "true", "false", "true"],
    },
    Setting {
        name: "level",
        command: SCAN,
        file: "'quick'",
        environment: "standard",
        typed: &["--level", "quick"],
        seen: |run| field(run, "/level"),
        expected: ["\"standard\"", "\"quick\"", "\"standard\"", "\"quick\""],
    },
    Setting {
        name: "now",
        command: &["Backup", "--json"],
        file: "2026-01-01T00:00:00Z",
        environment: "2026-02-02T00:00:00Z",
        typed: &["--now=2026-03-03T00:00:00Z"],
        seen: |run| {
            let begun = field(run, "/started_at");
            let fixed = ["\"2026-01-01", "\"2026-02-02", "\"2026-03-03"];
            let found = fixed.iter().find(|day| begun.starts_with(**day));
            found.map_or(String::new(), |day| day[1..].to_owned())
        },
        expected: ["", "2026-01-01", "2026-02-02", "2026-03-03"],
    },
    Setting {
        name: "quiet",
        command: SCREEN,
        file: "true",
        environment: "false",
        typed: &["--quiet"],
        seen: |run| run.stdout.is_empty().to_string(),
        expected: ["false", "true", "false", "true"],
    },
    Setting {
        name: "fail-on",
        command: SCREEN,
        file: "'warning'",
        environment: "error",
        typed: &["--fail-on", "warning"],
        seen: |run| run.code.to_string(),
        expected: ["0", "1", "0", "1"],
    },
    Setting {
        name: "color",
        command: SCREEN,
        file: "'always'",
        environment: "never",
        typed: &["--color", "always"],
        seen: |run| run.stdout.contains('\u{1b}').to_string(),
        expected: ["false", "true", "false", "true"],
    },
    Setting {
        name: "old-after",
        command: SCAN,
        file: "'1y'",
        environment: "1d",
        typed: &["--old-after", "100y"],
        seen: |run| flagged(run, "old"),
        expected: ["5", "3", "7", "0"],
    },
    Setting {
        name: "oversized",
        command: SCAN,
        file: "'1B'",
        environment: "1TB",
        typed: &["--oversized", "1kB"],
        seen: |run| flagged(run, "oversized"),
        expected: ["0", "7", "0", "7"],
    },
    Setting {
        name: "keep-last",
        command: CLEAN,
        file: "2",
        environment: "3",
        typed: &["--keep-last=1"],
        seen: planned,
        expected: ["older oldest", "oldest", "", "older oldest"],
    },
    Setting {
        name: "keep-within",
        command: CLEAN,
        file: "'9mo'",
        environment: "2y",
        typed: &["--keep-within", "1mo"],
        seen: planned,
        expected: ["older oldest", "oldest", "", "older oldest"],
    },
    Setting {
        name: "include-archived",
        command: CLEAN,
        file: "true",
        environment: "false",
        typed: &["--include-archived"],
        seen: |run| planned(run).contains(ARCHIVED).to_string(),
        expected: ["false", "true", "false", "true"],
    },
    Setting {
        name: "trust-locked",
        command: CLEAN,
        file: "true",
        environment: "false",
        typed: &["--trust-locked"],
        seen: |run| planned(run).contains("locked").to_string(),
        expected: ["false", "true", "false", "true"],
    },
    Setting {
        name: "advice",
        command: SCREEN,
        file: "'none'",
        environment: "all",
        typed: &["--advice", "short"],
        seen: |run| {
            let steps = ["What to do", "\n8. "];
            format!("{:?}", steps.map(|step| run.stdout.contains(step)))
        },
        expected: [
            "[true, false]",
            "[false, false]",
            "[true, true]",
            "[true, false]",
        ],
    },
    Setting {
        name: "redact",
        command: SCAN,
        file: "true",
        environment: "false",
        typed: &["--redact"],
        seen: |run| run.stdout.contains("Anna").to_string(),
        expected: ["true", "false", "true", "false"],
    },
    Setting {
        name: "device",
        command: CLEAN,
        file: "'Tablet'",
        environment: "00008130-000A1C2E3F40801E",
        typed: &["--device", "Spare"],
        seen: planned,
        expected: ["older oldest", "", "older oldest", ""],
    },
    Setting {
        name: "older-than",
        command: CLEAN,
        file: "'1y'",
        environment: "3y",
        typed: &["--older-than", "1d"],
        seen: planned,
        expected: ["older oldest", "oldest", "", "older oldest"],
    },
    Setting {
        name: "stale-after",
        command: SCAN,
        file: "'95d'",
        environment: "60d",
        typed: &["--stale-after", "off"],
        seen: |run| stale(&document(run)).len().to_string(),
        expected: ["0", "1", "2", "0"],
    },
];

/// A setting as the environment spells it.
fn variable(name: &str) -> String {
    format!("BKSCAN_{}", name.to_uppercase().replace('-', "_"))
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn typed_counts_before_the_environment_and_that_before_the_file() {
    let world = World::seven();
    for setting in SETTINGS {
        let variable = variable(setting.name);
        let command = |args: &[&str]| {
            let mut command = world.command();
            command.args(args);
            command
        };
        let [by_default, from_file, from_environment, typed] = setting.expected;
        let expect = |command: &mut Command, expected: &str| {
            let run = world.output(command);
            let seen = (setting.seen)(&run);
            assert_eq!(seen, expected, "{}: {command:?} {run:?}", setting.name);
        };
        world.configure("");
        expect(&mut command(setting.command), by_default);
        world.configure(&format!("{} = {}\n", setting.name, setting.file));
        expect(&mut command(setting.command), from_file);
        // A variable without a value says nothing.
        expect(command(setting.command).env(&variable, ""), from_file);
        let environment = setting.environment;
        expect(
            command(setting.command).env(&variable, environment),
            from_environment,
        );
        for args in [
            [setting.command, setting.typed].concat(),
            [setting.typed, setting.command].concat(),
        ] {
            expect(command(&args).env(&variable, environment), typed);
        }
        // A switch of the file can be undone by no flag, but the environment counts without a file.
        world.configure("");
        expect(
            command(setting.command).env(&variable, environment),
            if from_environment == typed && environment == "false" {
                by_default
            } else {
                from_environment
            },
        );
    }
}

/// `config show` names every setting with its value and where it comes from.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_settings_in_effect_are_shown_with_their_origin() {
    let world = World::new();
    // The value that a line of the settings gives, and its comment.
    let line = |text: &str, name: &str| {
        let line = text
            .lines()
            .find(|line| line.starts_with(&format!("{name} = ")))
            .unwrap_or_else(|| panic!("no {name} in {text}"));
        let (value, origin) = line.split_once('#').unwrap();
        let (_, value) = value.split_once('=').unwrap();
        (value.trim().to_owned(), origin.trim().to_owned())
    };
    let more: [(&str, &str, &str, &[&str]); 3] = [
        ("threads", "2", "3", &["--threads", "5"]),
        (
            "metrics",
            "'/f/file.prom'",
            "/e/env.prom",
            &["--metrics", "/t/typed.prom"],
        ),
        (
            "state-dir",
            "'/f/state'",
            "/e/state",
            &["--state-dir", "/t/state"],
        ),
    ];
    let settings = SETTINGS
        .iter()
        .map(|setting| {
            (
                setting.name,
                setting.file,
                setting.environment,
                setting.typed,
            )
        })
        .chain(more);
    for (name, file, environment, typed) in settings {
        let variable = variable(name);
        world.configure(&format!("\n{name} = {file}\n"));
        let show = |args: &[&str], environment: Option<&str>| {
            let mut command = world.command();
            command.args(["config", "show"]).args(args);
            if let Some(value) = environment {
                command.env(&variable, value);
            }
            let run = world.output(&mut command);
            assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
            run.stdout
        };
        // Under Windows a path without a drive is completed; the end of it is enough here.
        let value = |typed: &str| typed.trim_matches('\'').trim_matches('"').to_owned();
        let end = |found: &str, expected: &str| {
            let found = value(found).replace("\\\\", "/").replace('\\', "/");
            assert!(
                found.ends_with(&value(expected)),
                "{name}: {found}, {expected}"
            );
        };
        let (found, origin) = line(&show(&[], None), name);
        end(&found, file);
        assert_eq!(origin, "line 2 of the configuration file", "{name}");
        let (found, origin) = line(&show(&[], Some(environment)), name);
        end(&found, environment);
        assert_eq!(origin, variable, "{name}");
        if ["json", "device", "older-than"].contains(&name) {
            // Typed, they go with other commands alone.
            continue;
        }
        let shown = show(typed, Some(environment));
        let (found, origin) = line(&shown, name);
        let words = typed.join("=");
        let (flag, expected) = words.split_once('=').unwrap_or((&words, "true"));
        end(&found, expected);
        assert_eq!(origin, flag, "{name}");
        // Nothing else came from anywhere.
        assert!(!shown.contains("of the configuration file"), "{shown}");
        assert_eq!(shown.matches(flag).count(), 1, "{shown}");
    }
    world.configure("");
    let shown = world.run(&["config", "show"]).stdout;
    for name in ["level", "fail-on", "keep-last", "old-after", "no-state"] {
        assert_eq!(line(&shown, name).1, "default");
    }
    for name in [
        "now",
        "keep-within",
        "device",
        "older-than",
        "metrics",
        "paths",
    ] {
        assert!(shown.contains(&format!("# {name} is not set")), "{shown}");
    }
}

#[test]
fn the_settings_in_effect_are_a_settings_file() {
    let world = World::seven();
    world.configure(&format!(
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
    ));
    let without_origin = |text: &str| -> Vec<String> {
        text.lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| {
                let end = line.rfind("  # ").or_else(|| line.rfind(" # "));
                line[..end.unwrap_or(line.len())].trim_end().to_owned()
            })
            .collect()
    };
    let first = world.run(&["config", "show"]);
    assert_eq!((first.code, first.stderr.as_str()), (0, ""), "{first:?}");
    let settings: toml::Table = first.stdout.parse().unwrap();
    assert_eq!(settings["keep-last"].as_integer(), Some(2));
    assert_eq!(
        settings["device"].as_str(),
        Some(r#"it's "Anna's" \ phone"#)
    );
    let devices = settings["devices"].as_table().unwrap();
    assert_eq!(
        devices[PHONE]["name"].as_str(),
        Some(r#"Phone "in" the car \ #1 'x'"#)
    );
    assert_eq!(devices[PHONE]["keep-last"].as_integer(), Some(3));
    assert_eq!(devices[SPARE]["stale-after"].as_str(), Some("1y"));
    assert_eq!(
        settings["severities"]["info-missing"].as_str(),
        Some("error")
    );
    assert_eq!(settings["paths"].as_array().unwrap().len(), 3);

    // Moved to another place, it still means the same.
    fs::create_dir(world.path("elsewhere")).unwrap();
    let copy = world.path("elsewhere").join("copy.toml");
    fs::write(&copy, &first.stdout).unwrap();
    fs::remove_file(world.settings()).unwrap();
    let second = world.run(&[
        OsStr::new("config"),
        OsStr::new("show"),
        OsStr::new("--config"),
        copy.as_os_str(),
    ]);
    assert_eq!((second.code, second.stderr.as_str()), (0, ""), "{second:?}");
    assert_eq!(
        without_origin(&second.stdout),
        without_origin(&first.stdout)
    );
    assert_eq!(second.stdout.parse::<toml::Table>().unwrap(), settings);
    // What looks like a number is still a name.
    world.configure("device = '007'\n");
    let shown: toml::Table = world.run(&["config", "show"]).stdout.parse().unwrap();
    assert_eq!(shown["device"].as_str(), Some("007"));
}

#[test]
fn redacted_settings_name_nobody() {
    let world = World::new();
    world.configure(&format!(
        "device = \"Anna's iPhone\"\nmetrics = \"/srv/anna/a.prom\"\nstate-dir = \"/srv/anna/state\"\n\
         paths = [\"/srv/anna/MobileSync\"]\nkeep-last = 4\n[devices.{PHONE}]\nname = \"Anna's car\"\nkeep-last = 7\n"
    ));
    let run = world.run(&["config", "show", "--redact"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let folder = world.folder.path().to_str().unwrap();
    for personal in ["Anna", "anna", PHONE, "0000", folder] {
        assert!(!run.stdout.contains(personal), "{personal}: {}", run.stdout);
    }
    assert!(run.stdout.contains("keep-last = 4"), "{}", run.stdout);
}

/// The share is understood wherever settings are, goes into a job, and is refused where nothing is
/// weighed.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_share_that_may_be_lost() {
    let world = World::seven();
    let shown = |command: &mut Command| {
        let run = world.output(command.args(["config", "show"]));
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
        let line = run.stdout.lines().find(|line| line.starts_with("may-lose"));
        let (value, origin) = line.unwrap().split_once('#').unwrap();
        format!("{}, {}", value.trim_end(), origin.trim())
    };
    assert_eq!(shown(&mut world.command()), "may-lose = 0, default");
    world.configure("may-lose = '0.5%'\n");
    assert_eq!(
        shown(&mut world.command()),
        "may-lose = \"0.5%\", line 1 of the configuration file"
    );
    assert_eq!(
        shown(world.command().env("BKSCAN_MAY_LOSE", "3")),
        "may-lose = 3, BKSCAN_MAY_LOSE"
    );
    let both = &mut world.command();
    both.env("BKSCAN_MAY_LOSE", "3").args(["--may-lose", "2%"]);
    assert_eq!(shown(both), "may-lose = \"2%\", --may-lose");
    let folder = format!("Backup/{PHONE}");
    for args in [
        &["Backup", "--may-lose", "2%"][..],
        &["clean", "Backup", "--may-lose=100"],
        &["show", &folder, "--may-lose", "0"],
    ] {
        let run = world.run(args);
        assert_ne!(run.stdout, "", "{args:?} {run:?}");
        assert_ne!(run.code, 64, "{args:?} {run:?}");
    }
    let job = world.run(&["schedule", "cron", "Backup", "--may-lose", "2%"]);
    match cfg!(windows) {
        true => assert_eq!(job.code, 64, "{job:?}"),
        false => assert!(job.stdout.contains(" --may-lose "), "{job:?}"),
    }
    world.configure("");
    let said = "bkscan: --may-lose goes with a scan, show or clean; nothing was done\n";
    for args in [
        &["history", "--may-lose", "2%"][..],
        &["explain", "--may-lose", "2%"],
        &["report", "saved.json", "--html", "x", "--may-lose", "2%"],
        &["schema", "--may-lose", "2%"],
        &["man", "--may-lose", "2%"],
        &["completions", "bash", "--may-lose", "2%"],
    ] {
        let run = world.run(args);
        assert_eq!((run.code, run.stderr.as_str()), (64, said), "{args:?}");
        assert_eq!(run.stdout, "", "{args:?}");
    }
    for (share, what) in [
        ("-1", "\"-1\" is less than nothing"),
        ("-1%", "\"-1%\" is less than nothing"),
        ("101%", "\"101%\" is more than all"),
        ("nan", "\"nan\" is no share"),
        ("--delete", "\"--delete\" is no share"),
    ] {
        let run = world.run(&["clean", "Backup", "--may-lose", share]);
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
         metrics = '{}'\ninclude-archived = true\nadvice = 'all'\npaths = ['{}']\n",
        world.path("out.prom").display(),
        world.backups().display()
    ));
    let folder = format!("Backup/{PHONE}");
    for args in [
        &["show", &folder][..],
        &["clean"],
        &["history"],
        &["explain", "info-missing"],
        &["explain"],
        &["schedule", "cron"],
        &["config", "show"],
    ] {
        if cfg!(windows) && args[0] == "schedule" {
            // There is none of the three on Windows.
            continue;
        }
        let run = world.run(args);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{args:?} {run:?}");
        assert!(!world.path("out.prom").exists(), "{args:?}");
    }
    world.configure("");
    for args in [
        &["--device", PHONE, "Backup"][..],
        &["--older-than", "1y", "Backup"],
        &["--delete", "Backup"],
        &["--yes", "Backup"],
        &["Backup", "--only", PHONE],
        &["show", &folder, "--stale-after", "30d"],
        &["clean", "Backup", "--stale-after", "30d"],
        &["clean", "--metrics", "out.prom", "Backup"],
        &["--metrics", "out.prom", "clean", "Backup"],
        &["schedule", "cron", "Backup", "--delete"],
        &["explain", "--stale-after", "1d"],
    ] {
        let run = world.run(args);
        assert_eq!(
            (run.code, run.stdout.as_str()),
            (64, ""),
            "{args:?} {run:?}"
        );
        assert!(!run.stderr.is_empty());
    }
}

/// Relative paths begin at the file that names them; typed and from the environment, where one is.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_is_written_goes_where_the_strongest_setting_says() {
    let world = World::seven();
    world.configure("metrics = 'file.prom'\nstate-dir = 'file-state'\nno-state = true\n");
    let beside = world.settings().parent().unwrap().to_owned();
    let written = |environment: &[(&str, &str)], typed: &[&str]| {
        let mut command = world.command();
        command.args(["Backup", "--now", NOW]).args(typed);
        command.envs(environment.iter().copied());
        let run = world.output(&mut command);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
        let mut found = Vec::new();
        for name in ["file", "env", "typed"] {
            let folder = if name == "file" {
                beside.clone()
            } else {
                world.folder.path().to_owned()
            };
            if fs::remove_file(folder.join(format!("{name}.prom"))).is_ok() {
                found.push(format!("{name}.prom"));
            }
            if fs::remove_dir_all(folder.join(format!("{name}-state"))).is_ok() {
                found.push(format!("{name}-state"));
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
    let typed = ["--metrics", "typed.prom", "--state-dir", "typed-state"];
    assert_eq!(written(&[], &[]), "file.prom");
    assert_eq!(written(&environment[..1], &[]), "file.prom file-state");
    assert_eq!(written(&environment, &[]), "env.prom env-state");
    assert_eq!(written(&environment, &typed), "typed.prom typed-state");
    let none = [&typed[..], &["--no-state"]].concat();
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
    let folder = format!("Backup/{PHONE}");
    let first = world.run(&["Backup"]);
    assert_eq!(first.code, 64);
    for args in [
        &["--quiet", "Backup"][..],
        &["--json", "Backup"],
        &["show", &folder],
        &["clean", "Backup"],
        &["clean", "Backup", "--delete", "--yes"],
        &["history"],
        &["schedule", "cron", "Backup"],
        &["config", "show"],
    ] {
        let run = world.run(args);
        assert_eq!(
            (run.code, run.stdout.as_str()),
            (64, ""),
            "{args:?} {run:?}"
        );
        assert_eq!(run.stderr, first.stderr, "{args:?}");
    }
}

#[test]
fn unknown_names_are_errors_with_a_suggestion() {
    let world = World::new();
    for (toml, line, words) in [
        ("levle = 'quick'", 1, &["levle", "did you mean level"][..]),
        (
            "\n# x\nstale_after = '1d'",
            3,
            &["did you mean stale-after"],
        ),
        (
            "level = 'quick'\r\nQuiet = true\r\n",
            2,
            &["did you mean quiet"],
        ),
        ("keep-lst = 2", 1, &["did you mean keep-last"]),
        ("path = ['a']", 1, &["did you mean paths"]),
        (
            "[severity]\ninfo-missing = 'note'",
            1,
            &["did you mean severities"],
        ),
        (
            "[severities]\n\ninfo-mising = 'note'",
            3,
            &["did you mean info-missing"],
        ),
        (
            "severities = { info_missing = 'note' }",
            1,
            &["did you mean info-missing"],
        ),
        ("[severities]\ncomplete = 'note'", 2, &["complete"]),
        ("frobnicate = 1", 1, &["frobnicate"]),
        // These are for one command only.
        ("delete = true", 1, &["delete"]),
        ("yes = true", 1, &["yes"]),
        ("only = ['a']", 1, &["only"]),
    ] {
        refused(&world, toml, line, words);
    }
    for (key, meant) in [
        ("nmae = 'x'", "name"),
        ("keep_last = 2", "keep-last"),
        ("keep-withn = '1d'", "keep-within"),
        ("stale = '1d'", "stale-after"),
    ] {
        let toml = format!("level = 'quick'\n\n[devices.{PHONE}]\n{key}\n");
        refused(&world, &toml, 4, &[&format!("did you mean {meant}")]);
    }
    // Known elsewhere, but not of a device.
    let toml = format!("[devices.{PHONE}]\nlevel = 'quick'\n");
    refused(&world, &toml, 2, &["level"]);
    refused(&world, "[devices.Anna]\nname = 'x'\n", 1, &["Anna"]);
    refused(&world, "[devices.'']\nname = 'x'\n", 1, &["UDID"]);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn wrong_values_of_the_file_are_named_with_their_line() {
    let world = World::new();
    for (toml, line, words) in [
        ("level = 'quik'", 1, &["level", "quik"][..]),
        ("level = 3", 1, &["level"]),
        ("\n\njson = 'yes'", 3, &["json", "true or false"]),
        ("quiet = 1", 1, &["quiet"]),
        ("threads = 0", 1, &["threads"]),
        ("threads = -1", 1, &["threads"]),
        ("threads = 1.5", 1, &["threads"]),
        ("fail-on = 'all'", 1, &["fail-on", "all"]),
        ("fail-on = ['warning', 3]", 1, &["fail-on"]),
        ("fail-on = []", 1, &["fail-on"]),
        ("color = 'blue'", 1, &["color", "blue"]),
        ("old-after = '3m'", 1, &["old-after", "mo", "min"]),
        ("old-after = 90", 1, &["old-after"]),
        ("old-after = 'off'", 1, &["old-after"]),
        ("oversized = 'big'", 1, &["oversized", "big"]),
        ("keep-last = 0", 1, &["keep-last", "0"]),
        ("keep-last = 'x'", 1, &["keep-last"]),
        ("keep-within = ''", 1, &["keep-within"]),
        ("include-archived = 'x'", 1, &["include-archived"]),
        ("trust-locked = []", 1, &["trust-locked"]),
        ("may-lose = -1", 1, &["may-lose", "less than nothing"]),
        ("may-lose = 101", 1, &["may-lose", "more than all"]),
        ("may-lose = 0.5", 1, &["may-lose"]),
        ("may-lose = 'nan'", 1, &["may-lose", "from 0 to 100"]),
        ("advice = 'more'", 1, &["advice", "more"]),
        ("redact = 'x'", 1, &["redact"]),
        ("older-than = '1x'", 1, &["older-than", "1x"]),
        ("stale-after = '3m'", 1, &["stale-after", "mo", "min"]),
        ("stale-after = 'never'", 1, &["stale-after", "never"]),
        ("stale-after = false", 1, &["stale-after"]),
        ("now = 'today'", 1, &["now", "today"]),
        ("metrics = true", 1, &["metrics"]),
        ("state-dir = 1", 1, &["state-dir"]),
        ("no-state = 'x'", 1, &["no-state"]),
        ("device = ['a']", 1, &["device"]),
        ("paths = [1]", 1, &["paths"]),
        ("paths = true", 1, &["paths"]),
        // As where it is typed: no path.
        ("metrics = ''", 1, &["metrics"]),
        ("state-dir = ''", 1, &["state-dir"]),
        ("paths = ['']", 1, &["paths"]),
        ("severities = 'x'", 1, &["severities"]),
        (
            "[severities]\ninfo-missing = 'off'",
            2,
            &["info-missing", "note", "warning", "error"],
        ),
        ("[severities]\n\ninfo-missing = true", 3, &["info-missing"]),
        ("devices = 'x'", 1, &["devices"]),
        // No TOML at all.
        ("level = ", 1, &[]),
        ("level = 'quick'\nlevel = 'quick'", 2, &[]),
        ("quiet = true\n\n[severities\n", 3, &[]),
        ("stale-after 30d", 1, &[]),
        ("quiet = true\nlevel = \"quick", 2, &[]),
    ] {
        refused(&world, toml, line, words);
    }
    for (key, words) in [
        ("name = true", &["name"][..]),
        ("stale-after = '3m'", &["stale-after", "mo"]),
        ("stale-after = 'never'", &["never"]),
        ("keep-last = 0", &["keep-last"]),
        ("keep-last = 'x'", &["keep-last"]),
        ("keep-within = 'x'", &["keep-within"]),
        ("keep-within = 9", &["keep-within"]),
    ] {
        refused(&world, &format!("\n[devices.{PHONE}]\n{key}\n"), 3, words);
    }
    refused(&world, &format!("\ndevices.{PHONE} = 3\n"), 2, &[PHONE]);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn wrong_values_of_the_environment_name_the_variable() {
    let world = World::seven();
    for (name, value) in [
        ("BKSCAN_JSON", "maybe"),
        ("BKSCAN_LEVEL", "quik"),
        ("BKSCAN_NOW", "today"),
        ("BKSCAN_THREADS", "0"),
        ("BKSCAN_QUIET", "maybe"),
        ("BKSCAN_FAIL_ON", "warning,nwe"),
        ("BKSCAN_COLOR", "blue"),
        ("BKSCAN_OLD_AFTER", "3m"),
        ("BKSCAN_OVERSIZED", "big"),
        ("BKSCAN_KEEP_LAST", "0"),
        ("BKSCAN_KEEP_WITHIN", "1"),
        ("BKSCAN_INCLUDE_ARCHIVED", "2"),
        ("BKSCAN_TRUST_LOCKED", "x"),
        ("BKSCAN_ADVICE", "more"),
        ("BKSCAN_REDACT", "x"),
        ("BKSCAN_OLDER_THAN", "1x"),
        ("BKSCAN_STALE_AFTER", "3m"),
        ("BKSCAN_NO_STATE", "x"),
    ] {
        for args in [&["Backup"][..], &["clean", "Backup"], &["config", "show"]] {
            let run = world.output(world.command().args(args).env(name, value));
            assert_eq!((run.code, run.stdout.as_str()), (64, ""), "{name} {run:?}");
            assert!(run.stderr.contains(name), "{run:?}");
            assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
        }
        // Without a value it is as if it were not there.
        let run = world.output(world.command().arg("Backup").env(name, ""));
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{name} {run:?}");
    }
    // What asks before it removes cannot be preset.
    for name in ["BKSCAN_DELETE", "BKSCAN_YES", "BKSCAN_ONLY"] {
        let run = world.output(world.command().args(["clean", "Backup"]).env(name, "true"));
        assert_eq!(run.code, 0, "{run:?}");
        assert!(run.stdout.contains("nothing has been deleted"), "{run:?}");
    }
    let mut command = world.command();
    command
        .args(["clean", "Backup", "--delete"])
        .env("BKSCAN_YES", "true");
    assert_eq!(world.output(&mut command).code, 64);
}

#[test]
fn what_is_wrong_with_a_file_names_nobody_when_redacted() {
    let world = World::seven();
    world.configure("annas-phone = 1");
    for run in [
        world.run(&["Backup", "--redact"]),
        world.output(world.command().arg("Backup").env("BKSCAN_REDACT", "1")),
    ] {
        let said = "bkscan: a setting is wrong; leave out --redact to see which\n";
        assert_eq!(
            (run.code, run.stdout.as_str(), run.stderr.as_str()),
            (64, "", said)
        );
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_file_that_is_none_is_refused_by_its_name() {
    let world = World::seven();
    let folder = world.path("folder.toml");
    fs::create_dir(&folder).unwrap();
    let binary = world.path("binary.toml");
    fs::write(&binary, b"level = 'quick'\n\xff\xfe\x00\x01").unwrap();
    let large = world.path("large.toml");
    fs::write(&large, "# nothing\n".repeat(200_000)).unwrap();
    let missing = world.path("missing.toml");
    let below = world.path("large.toml").join("config.toml");
    for file in [&folder, &binary, &large, &missing, &below] {
        let typed = [
            OsStr::new("Backup"),
            OsStr::new("--config"),
            file.as_os_str(),
        ];
        let mut preset = world.command();
        preset.arg("Backup").env("BKSCAN_CONFIG", file);
        for run in [world.run(&typed), world.output(&mut preset)] {
            assert_eq!((run.code, run.stdout.as_str()), (64, ""), "{run:?}");
            assert!(run.stderr.starts_with("bkscan: "), "{run:?}");
            assert!(run.stderr.contains(file.to_str().unwrap()), "{run:?}");
            assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
        }
    }
    // In the usual place none need be, but what is there must be one.
    assert_eq!(world.run(&["Backup"]).code, 0);
    fs::create_dir_all(world.settings()).unwrap();
    let run = world.run(&["Backup"]);
    assert_eq!((run.code, run.stdout.as_str()), (64, ""), "{run:?}");
    assert!(run.stderr.contains("config.toml"), "{run:?}");
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_file_without_a_setting_changes_nothing() {
    let world = World::seven();
    let usual = settled(world.scan(&[]));
    for bytes in [
        &b""[..],
        b"\n\n# nothing\r\n",
        b"\xef\xbb\xbf",
        b"[severities]\n[devices]\n",
    ] {
        let toml = String::from_utf8(bytes.to_vec()).unwrap();
        assert_eq!(settled(world.with_file(&toml, &[])), usual, "{toml:?}");
    }
    // The mark that some editors put first.
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
    let mut command = world.command();
    command
        .args(["Backup", "--json"])
        .env("BKSCAN_CONFIG", &other);
    assert_eq!(document(&world.output(&mut command))["level"], "quick");
    command.args(["--config", "third.toml"]);
    assert_eq!(document(&world.output(&mut command))["level"], "standard");
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
    use std::os::unix::process::CommandExt as _;

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
        let run = world.run(&["Backup"]);
        assert_eq!((run.code, run.stdout.as_str()), (64, ""), "{run:?}");
        assert!(run.stderr.contains("config.toml"), "{run:?}");
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
        let run = world.output(&mut command);
        assert_eq!((run.code, run.stdout.as_str()), (64, ""), "{run:?}");
        let file = world.settings();
        assert!(run.stderr.contains(file.to_str().unwrap()), "{run:?}");
        assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
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
    for backup in document["backups"].as_array_mut().unwrap() {
        for finding in backup["findings"].as_array_mut().unwrap() {
            finding["severity"] = Value::Null;
        }
    }
    for device in document["devices"].as_array_mut().unwrap() {
        for finding in device["findings"].as_array_mut().unwrap() {
            finding["severity"] = Value::Null;
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
        let screen = world.run(&["Backup", "--now", NOW, "--fail-on", "warning"]);
        assert_eq!(screen.code, code_of_warnings, "{severity}");
        let told = screen.stdout.contains(&format!("{TABLET}\n"));
        assert_eq!(told, severity != "note", "{}", screen.stdout);
        let quiet = world.run(&["Backup", "--now", NOW, "--quiet"]);
        assert_eq!(quiet.code, code);
        assert_eq!(quiet.stdout.is_empty(), code == 0, "{quiet:?}");
        // `show` and `clean` too.
        let folder = format!("Backup/{TABLET}");
        assert_eq!(world.run(&["show", &folder, "--now", NOW]).code, code);
        let clean = world.json(&["clean", "Backup", "--now", NOW]);
        let plan: Vec<&str> = clean["plan"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| name(&entry["path"]))
            .collect();
        assert_eq!(plan.len(), 3, "{plan:?}");
    }
}

#[test]
fn a_lowered_error_leaves_the_backup_corrupt() {
    let world = World::new();
    corrupt(PHONE, "2026-11-10").write(&world.backups());
    phone("2025-06-01")
        .folder_name("older")
        .write(&world.backups());
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
    let world = World::new();
    phone("2026-11-22")
        .date("2026-11-22T11:50:00Z")
        .snapshot_state("uploading")
        .without("Info.plist")
        .write(&world.backups());
    let toml = "[severities]\ninfo-missing = 'error'\nbackup-running = 'error'\nnever-finished = 'error'\n";
    let document = world.with_file(toml, &[]);
    let running = of(&document, PHONE);
    assert_eq!(running["verdict"], "in-progress", "{running:#}");
    let findings = running["findings"].as_array().unwrap();
    assert!(
        findings
            .iter()
            .any(|finding| finding["id"] == "info-missing")
    );
    for finding in findings {
        // What the user says of a running backup itself is his own affair.
        assert!(
            finding["severity"] == "note" || finding["id"] == "backup-running",
            "{finding:#}"
        );
    }
}

#[test]
fn findings_of_a_device_have_severities_too() {
    let world = World::new();
    phone("2026-08-01").write(&world.backups());
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

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_device_has_the_name_that_the_settings_give_it() {
    let world = World::seven();
    world.configure(&format!(
        "[devices.{PHONE}]\nname = 'Car phone'\n[devices.{TABLET}]\nname = 'Kitchen'\n"
    ));
    let document = world.scan(&["--advice", "all"]);
    assert!(!document.to_string().contains("Anna"), "{document:#}");
    assert_eq!(of(&document, PHONE)["device"]["name"], "Car phone");
    assert_eq!(of(&document, TABLET)["device"]["name"], "Kitchen");
    assert_eq!(of(&document, SPARE)["device"]["name"], "Spare");
    let devices = document["devices"].as_array().unwrap();
    let named = |udid: &str| {
        let mut found = devices.iter().filter(|device| device["udid"] == udid);
        found.next().unwrap()["name"].as_str().unwrap()
    };
    assert_eq!(named(PHONE), "Car phone");
    assert_eq!(named(TABLET), "Kitchen");

    for args in [
        &["Backup", "--now", NOW, "--advice", "all"][..],
        &["clean", "Backup", "--now", NOW],
        &["show", "Backup/older", "--now", NOW],
        &[
            "Backup",
            "--now",
            NOW,
            "--quiet",
            "--fail-on",
            "warning",
            "--stale-after",
            "1d",
        ],
        &["history"],
    ] {
        let run = world.run(args);
        assert!(!run.stdout.contains("Anna"), "{args:?} {}", run.stdout);
        assert!(run.stdout.contains("Car phone"), "{args:?} {}", run.stdout);
    }
    let metrics = world.path("m.prom");
    let file = metrics.to_str().unwrap();
    world.run(&["Backup", "--now", NOW, "--metrics", file]);
    let text = fs::read_to_string(&metrics).unwrap();
    assert!(
        text.contains("device=\"Car phone\"") && !text.contains("Anna"),
        "{text}"
    );
    let redacted = world.run(&["Backup", "--now", NOW, "--redact"]);
    assert!(
        !redacted.stdout.contains("Car phone"),
        "{}",
        redacted.stdout
    );
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_given_name_is_one_to_type() {
    let world = World::seven();
    world.configure(&format!(
        "paths = ['{}']\n[devices.{PHONE}]\nname = 'Car phone'\n[devices.{TABLET}]\nname = 'Kitchen'\n",
        world.backups().display()
    ));
    for typed in ["Kitchen", "kitchen", "kit", "00008103"] {
        let shown = world.json(&["show", typed, "--now", NOW]);
        assert_eq!(name(&shown["backups"][0]["path"]), TABLET, "{typed}");
    }
    let unknown = world.run(&["show", "kitchne", "--now", NOW]);
    let said = "bkscan: no backup is called kitchne; did you mean Kitchen? There are:\n";
    assert_eq!(unknown.code, 3, "{unknown:?}");
    assert!(unknown.stderr.starts_with(said), "{unknown:?}");
    let one = world.json(&["clean", "--now", NOW, "--only", "Kitchen"]);
    let plan = one["plan"].as_array().unwrap();
    assert_eq!(plan.len(), 1, "{one:#}");
    assert_eq!(name(&plan[0]["path"]), TABLET);
    for device in ["Car phone", PHONE] {
        let run = world.run(&["clean", "--now", NOW, "--json", "--device", device]);
        assert_eq!(planned(&run), "older oldest");
    }
    // Several backups have it: the candidates are named.
    let several = world.run(&["show", "car", "--now", NOW]);
    assert_eq!(
        (several.code, several.stdout.as_str()),
        (64, ""),
        "{several:?}"
    );
    assert!(several.stderr.contains("oldest"), "{several:?}");
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn keep_rules_of_a_device_are_for_its_backups_alone() {
    let world = World::new();
    for (udid, prefix) in [(PHONE, "p"), (SPARE, "s")] {
        backup(udid, prefix, "2026-11-10").write(&world.backups());
        for (suffix, day) in [
            ("1", "2026-08-01"),
            ("2", "2026-03-01"),
            ("3", "2025-06-01"),
        ] {
            let older = backup(udid, prefix, day);
            older
                .folder_name(&format!("{prefix}{suffix}"))
                .write(&world.backups());
        }
    }
    let removable = |toml: &str, args: &[&str]| {
        let document = world.with_file(toml, args);
        names(&document["summary"]["removable"]["backups"]).join(" ")
    };
    assert_eq!(removable("", &[]), "p1 p2 p3 s1 s2 s3");
    let of_phone = |rules: &str| format!("[devices.{PHONE}]\n{rules}\n");
    assert_eq!(removable(&of_phone("keep-last = 3"), &[]), "p3 s1 s2 s3");
    assert_eq!(removable(&of_phone("keep-last = 9"), &[]), "s1 s2 s3");
    assert_eq!(
        removable(&of_phone("keep-within = '6mo'"), &[]),
        "p2 p3 s1 s2 s3"
    );
    assert_eq!(
        removable(&of_phone("keep-last = 2\nkeep-within = '9mo'"), &[]),
        "p3 s1 s2 s3"
    );
    // Also below the general rule.
    let fewer = format!("keep-last = 3\n{}", of_phone("keep-last = 1"));
    assert_eq!(removable(&fewer, &[]), "p1 p2 p3 s3");
    let shorter = format!("keep-within = '2y'\n{}", of_phone("keep-within = '1d'"));
    assert_eq!(removable(&shorter, &[]), "p1 p2 p3");
    // What is typed never keeps less than it says, nor does it take away what a device has of its own.
    let one = of_phone("keep-last = 1");
    assert_eq!(removable(&one, &["--keep-last", "3"]), "p3 s3");
    let three = of_phone("keep-last = 3");
    assert_eq!(removable(&three, &["--keep-last", "1"]), "p3 s1 s2 s3");
    let day = of_phone("keep-within = '1d'");
    assert_eq!(removable(&day, &["--keep-within", "9mo"]), "p3 s3");
    let months = of_phone("keep-within = '9mo'");
    assert_eq!(removable(&months, &["--keep-within", "1d"]), "p3 s1 s2 s3");
    // The plan says why.
    let document = world.with_file(&of_phone("keep-last = 2"), &[]);
    assert_eq!(
        of(&document, "p1")["decision"]["reasons"][0]["code"],
        "keep-last"
    );
    let plan = world.run(&["clean", "Backup", "--now", NOW, "--json"]);
    assert_eq!(planned(&plan), "p2 p3 s1 s2 s3");
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_device_may_be_stale_sooner_later_or_never() {
    let world = World::new();
    for (udid, name) in [(PHONE, "a"), (SPARE, "b"), (TABLET, "c")] {
        backup(udid, name, "2026-09-01").write(&world.backups());
    }
    let found = |toml: &str, args: &[&str]| {
        let mut names = stale(&world.with_file(toml, args));
        names.sort_unstable();
        names.join(" ")
    };
    let of_phone = |span: &str| format!("[devices.{PHONE}]\nstale-after = '{span}'\n");
    assert_eq!(found("stale-after = '30d'", &[]), "a b c");
    let general = |span: &str| format!("stale-after = '30d'\n{}", of_phone(span));
    assert_eq!(found(&general("1y"), &[]), "b c");
    assert_eq!(found(&general("off"), &[]), "b c");
    assert_eq!(found(&general("31d"), &[]), "a b c");
    // Its own rule counts where there is no general one.
    assert_eq!(found(&of_phone("30d"), &[]), "a");
    assert_eq!(found(&of_phone("1y"), &[]), "");
}

// ---- The paths of the file ----

#[test]
fn the_paths_of_the_file_count_where_none_is_typed() {
    let world = World::new();
    fs::create_dir(world.path("other")).unwrap();
    phone("2026-11-10").write(&world.backups());
    phone("2025-06-01")
        .folder_name("older")
        .write(&world.backups());
    backup(SPARE, "Spare", "2026-11-10").write(&world.path("other"));
    world.configure(&format!(
        "paths = ['{}', '{}']\n",
        world.backups().display(),
        world.path("other").display()
    ));
    let both = world.json(&["--now", NOW]);
    assert_eq!(both["summary"]["backups"], 3);
    assert_eq!(both["roots"].as_array().unwrap().len(), 2);
    assert_eq!(world.scan(&[])["summary"]["backups"], 2);
    let shown = world.json(&["show", "Spare", "--now", NOW]);
    assert_eq!(name(&shown["backups"][0]["path"]), SPARE);
    let plan = world.run(&["clean", "--now", NOW, "--json"]);
    assert_eq!(planned(&plan), "older");
    assert_eq!(world.run(&["clean", "other", "--now", NOW]).code, 0);

    // One that is away is told and the others are looked at.
    world.configure(&format!(
        "paths = ['{}', '{}']\n",
        world.path("away").display(),
        world.path("other").display()
    ));
    let run = world.run(&["--now", NOW]);
    assert_eq!(run.code, 3, "{run:?}");
    assert!(
        run.stdout.contains("Spare") && run.stderr.contains("away"),
        "{run:?}"
    );
}

// ---- Stale ----

/// The devices that are stale at this time, with `--stale-after 30d`.
fn stale_at(world: &World, now: &str) -> Vec<String> {
    stale(&world.json(&["Backup", "--now", now, "--stale-after", "30d"]))
}

#[test]
fn stale_is_older_than_the_span_to_the_second() {
    let world = World::new();
    phone("2026-05-01").write(&world.backups());
    let none: [&str; 0] = [];
    assert_eq!(stale_at(&world, "2026-05-31T09:59:59Z"), none);
    assert_eq!(stale_at(&world, "2026-05-31T10:00:00Z"), none);
    assert_eq!(stale_at(&world, "2026-05-31T10:00:01Z"), ["Anna's iPhone"]);
    // A year later it is out of use.
    assert_eq!(stale_at(&world, "2027-05-01T10:00:00Z"), ["Anna's iPhone"]);
    assert_eq!(stale_at(&world, "2027-05-01T10:00:01Z"), none);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_newest_good_backup_of_a_device_counts() {
    let none: [&str; 0] = [];
    let at = "2026-11-22T12:00:00Z";
    // Of several, archived and locked ones too, the newest.
    let world = World::new();
    phone("2026-06-01").write(&world.backups());
    phone("2026-11-10")
        .encrypted()
        .folder_name("newest")
        .write(&world.backups());
    assert_eq!(stale_at(&world, at), none);
    let world = World::new();
    phone("2026-06-01").write(&world.backups());
    phone("2026-11-10")
        .folder_name("00008130-000A1C2E3F40801E-20261110-100000")
        .write(&world.backups());
    assert_eq!(stale_at(&world, at), none);

    // A newer run that failed is none.
    for failed in [
        corrupt(PHONE, "2026-11-20"),
        phone("2026-11-20")
            .snapshot_state("uploading")
            .backup_state("empty"),
    ] {
        let world = World::new();
        phone("2026-06-01")
            .folder_name("good")
            .write(&world.backups());
        failed.write(&world.backups());
        assert_eq!(stale_at(&world, at).len(), 1);
    }
    // But it tells that the device is in use, years later.
    let world = World::new();
    phone("2024-06-01")
        .folder_name("good")
        .write(&world.backups());
    corrupt(PHONE, "2026-11-20").write(&world.backups());
    assert_eq!(stale_at(&world, at).len(), 1);
    // A date of the future is no age.
    let world = World::new();
    phone("2027-06-01").write(&world.backups());
    assert_eq!(stale_at(&world, at), none);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_stale_device_is_a_warning_and_nothing_more() {
    let world = World::seven();
    let usual = settled(world.scan(&["--advice", "all"]));
    let document = settled(world.scan(&["--advice", "all", "--stale-after", "30d"]));
    assert_eq!(document["exit_code"], 0);
    let mut names = stale(&document);
    names.sort_unstable();
    assert_eq!(names, ["Spare", "Tablet"]);
    for device in document["devices"].as_array().unwrap() {
        for finding in device["findings"].as_array().unwrap() {
            assert_eq!(finding["severity"], "warning");
        }
    }
    for key in ["backups", "summary", "roots", "problems", "beside"] {
        assert_eq!(document[key], usual[key], "{key}");
    }
    let fails = world.scan(&["--stale-after", "30d", "--fail-on", "warning"]);
    assert_eq!(fails["exit_code"], 1);

    // The guide's steps for a device that is not backed up any more.
    let advice = document["advice"].as_array().unwrap();
    for (id, step) in [
        ("restart", 4),
        ("reset-network", 5),
        ("icloud-sign-in", 6),
        ("service-status", 7),
    ] {
        let item = advice.iter().find(|item| item["id"] == id).unwrap();
        assert_eq!(item["step"], step);
        let about = item["backups"].to_string();
        assert!(about.contains(SPARE) && about.contains(TABLET), "{item:#}");
        assert!(!about.contains(PHONE), "{item:#}");
    }

    // Told where people look.
    let screen = world.run(&["Backup", "--now", NOW, "--stale-after", "30d"]);
    assert!(
        screen
            .stdout
            .contains("! Tablet: the newest good backup is 113 days old."),
        "{}",
        screen.stdout
    );
    let quiet = ["Backup", "--now", NOW, "--quiet", "--stale-after", "30d"];
    let run = world.run(&quiet);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{run:?}");
    let run = world.run(&[&quiet[..], &["--fail-on", "warning"]].concat());
    assert_eq!(run.code, 1);
    assert!(
        run.stdout.contains("bkscan explain backup-stale"),
        "{run:?}"
    );
    let explained = world.run(&["explain", "backup-stale"]);
    assert_eq!(explained.code, 0);
    assert!(
        explained.stdout.starts_with("backup-stale · warning"),
        "{explained:?}"
    );
}

/// A device that is just being backed up, its newest good backup long ago.
#[test]
fn a_running_backup_is_no_backup_yet_and_no_trouble() {
    let world = World::new();
    phone("2026-08-01")
        .folder_name("good")
        .write(&world.backups());
    phone("2026-11-22")
        .date("2026-11-22T11:50:00Z")
        .snapshot_state("uploading")
        .write(&world.backups());
    let document = world.scan(&["--stale-after", "30d", "--fail-on", "warning"]);
    assert_eq!(document["exit_code"], 0);
    assert_eq!(stale(&document).len(), 0);
    assert_eq!(of(&document, PHONE)["verdict"], "in-progress");
    assert_eq!(of(&document, "good")["verdict"], "complete");
}
