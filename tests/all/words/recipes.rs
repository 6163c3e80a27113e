//! The commands that a job offers to tell somebody by: each is taken as its reader would take it once its comment
//! is gone, and run by the program with programs of a test in place of those that it calls.

use std::fs;

use bkscan::system::System;
use bkscan::words::schedule::{Job, Kind, Task, text};

use crate::cli::configured::{PHONE, World, backup};
use crate::harness::{NOW, set_mode};

const NAME: &str = "a \"b\" $(touch hit) `touch hit` 'c' %n; touch hit \\";

const HEADLINE: &str =
    "bkscan: a \"b\" $(touch hit) `touch hit` 'c' %n; touch hit \\ is corrupt (22 Nov 2026, 12:00)";

/// Writes down its arguments, a line each, and what it reads.
const FAKE: &str = r#"#!/bin/sh
{ echo "${0##*/}"; for word; do echo "[$word]"; done; cat; } >>told
"#;

fn job(kind: Kind, system: System) -> String {
    let job = Job {
        task: Task::Scan,
        program: "/usr/local/bin/bkscan".into(),
        arguments: vec!["/b".into()],
        system,
        state_folder: Some("/s".into()),
        home: Some("/h".into()),
    };
    text(kind, &job).unwrap()
}

/// The commands that a table of cron would set: a line `NAME=value` is taken as it stands.
fn of_cron(system: System) -> Vec<String> {
    let text = job(Kind::Cron, system);
    let lines = text.lines().filter_map(|line| line.strip_prefix('#'));
    let lines = lines.filter_map(|line| line.strip_prefix("BKSCAN_ON_PROBLEM="));
    lines.map(str::to_owned).collect()
}

/// Those that systemd would set: quoted, with `%%` for `%`.
fn of_systemd() -> Vec<String> {
    let text = job(Kind::Systemd, System::Other);
    let lines = text
        .lines()
        .filter_map(|line| line.strip_prefix("#Environment="));
    let set = lines.map(|line| {
        assert!(!line.replace("%%", "").contains('%'), "{line}");
        let words = shell_words::split(&line.replace("%%", "%").replace('$', "\\$")).unwrap();
        let [word] = &words[..] else { panic!("{line}") };
        word.strip_prefix("BKSCAN_ON_PROBLEM=").unwrap().to_owned()
    });
    set.collect()
}

/// Those that launchd would set, each without the two lines of its comment.
fn of_launchd() -> Vec<String> {
    let text = job(Kind::Launchd, System::Mac);
    let begins = text
        .lines()
        .filter(|line| line.starts_with("    <!-- ") && line.ends_with(':'));
    let commands = begins.map(|begin| {
        let (before, rest) = text.split_once(begin).unwrap();
        let (own, after) = rest.split_once("\n    -->").unwrap();
        let list = plist::Value::from_reader_xml([before, own, after].concat().as_bytes()).unwrap();
        let set = list.as_dictionary().unwrap()["EnvironmentVariables"].as_dictionary();
        set.unwrap()["BKSCAN_ON_PROBLEM"]
            .as_string()
            .unwrap()
            .to_owned()
    });
    commands.collect()
}

/// What came of a command while a backup was wrong.
fn told(command: &str) -> String {
    let world = World::of([
        backup(PHONE, NAME, "2026-11-10").remove_payload("HomeDomain", "Library/note.txt")
    ]);
    let programs = world.path("programs");
    fs::create_dir(&programs).unwrap();
    for name in ["osascript", "notify-send", "msmtp", "curl"] {
        fs::write(programs.join(name), FAKE).unwrap();
        set_mode(&programs.join(name), 0o755);
    }
    let mut run = world.typed("Backup --now NOW --quiet --no-state");
    let path = format!("{}:/usr/bin:/bin", programs.display());
    run.env("BKSCAN_ON_PROBLEM", command).env("PATH", path);
    let run = world.output(&mut run);
    assert_eq!((run.code, &*run.stderr), (2, ""), "{command}");
    assert_eq!(run.stdout.lines().next(), Some(HEADLINE), "{NOW}");
    assert!(!world.path("hit").exists(), "{command}");
    let told = fs::read_to_string(world.path("told")).unwrap();
    told.replace(run.stdout.trim_end(), "TEXT")
        .replace(HEADLINE, "HEADLINE")
}

/// What the program reads beside its arguments does not matter but of a mail.
fn without_input(told: &str) -> String {
    told.strip_suffix("TEXT\n").unwrap_or(told).to_owned()
}

#[test]
fn each_tells_what_is_wrong_and_runs_nothing_of_a_name() {
    const NOTIFY_SEND: &str = "notify-send\n[-u]\n[critical]\n[HEADLINE]\n";
    const MSMTP: &str = "msmtp\n[YOU@example.org]\nTo: YOU@example.org\nSubject: bkscan: a backup needs attention\n\
                         MIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n\n";
    const CURL: &str = "curl\n[-fsS]\n[-m]\n[60]\n[-o]\n[/dev/null]\n[-d]\n";
    const OSASCRIPT: &str = "osascript\n[-e]\n[on run argv]\n[-e]\n[display notification (item 1 of argv) with \
                             title \"bkscan\"]\n[-e]\n[end run]\n[HEADLINE]\n";
    let ntfy = format!("{CURL}[HEADLINE]\n[https://ntfy.sh/YOUR-TOPIC]\n");
    let ping = format!("{CURL}[TEXT]\n[https://hc-ping.com/YOUR-UUID/fail]\n");
    let desktop = [NOTIFY_SEND, MSMTP, &ntfy, &ping];
    for (commands, expected) in [
        (of_cron(System::Other), &desktop[..]),
        (of_cron(System::Mac), &desktop[1..]),
        (of_systemd(), &desktop),
        (of_launchd(), &[OSASCRIPT, &*ntfy, &ping]),
    ] {
        assert_eq!(commands.len(), expected.len(), "{commands:?}");
        for (command, expected) in commands.iter().zip(expected) {
            let told = told(command);
            assert_eq!(without_input(&told), *expected, "{command}");
            assert_eq!(
                told.ends_with("TEXT\n"),
                !command.contains("$(head"),
                "{command}"
            );
        }
    }
}
