//! The scripts of `bkscan help systems`, as they stand there: run by a shell with the program, and with
//! stand-ins for what only a Mac or a network has.

#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use rusqlite::Connection;
use serde_json::{Value, json};

use super::configured::{PHONE, TABLET, World, corrupt, phone};
use crate::harness::{NOW, Run, words};

/// The blocks of this language in the topic.
fn blocks(language: &str) -> Vec<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/topics/systems.md");
    let text = fs::read_to_string(file).unwrap();
    let fence = format!("```{language}\n");
    let blocks = text.split(&fence).skip(1);
    blocks
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
}

/// Runs a script, in which the example's folders are those of `world`. `fakes` are programs that write what
/// they were told into `NAME.log`, a line a word, and then do as it says.
fn script(world: &World, text: &str, fakes: &[(&str, &str)]) -> Run {
    let folder = |name: &str| world.path(name).to_str().unwrap().to_owned();
    let text = text
        .replace("/Users", &folder("Backup"))
        .replace("/srv/MobileSync", &folder("Backup"))
        .replace("/var/lib/bkscan", &folder("metrics"));
    let bin = world.path("bin");
    fs::create_dir_all(&bin).unwrap();
    for (name, does) in fakes {
        let log = folder(&format!("{name}.log"));
        let fake = format!("#!/bin/sh\nprintf '%s\\n' \"$@\" >>{log}\n{does}\n");
        fs::write(bin.join(name), fake).unwrap();
        fs::set_permissions(bin.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut shell = Command::new("sh");
    let like = world.command();
    for (name, value) in like.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    let program = Path::new(like.get_program()).parent().unwrap();
    let usual = std::env::var("PATH").unwrap();
    let path = format!("{}:{}:{usual}", bin.display(), program.display());
    shell
        .args(["-c", &text])
        .env("PATH", path)
        .env("BKSCAN_NOW", NOW);
    world.output(shell.current_dir(world.folder.path()))
}

/// One phone that is well.
fn well() -> World {
    World::of([phone("2026-11-10")])
}

/// The same, and a tablet that lacks a file.
fn damaged() -> World {
    World::of([phone("2026-11-10"), corrupt(TABLET, "2026-11-01")])
}

/// A phone whose last backup is of last year.
fn stale() -> World {
    World::of([phone("2026-09-10")])
}

/// No backup at all.
fn nothing() -> World {
    World::new()
}

#[test]
fn the_extension_attribute_of_jamf() {
    let [attribute, ..] = &blocks("sh")[..] else {
        panic!("no script")
    };
    for (world, begins) in [
        (well(), "<result>well </result>\n"),
        (stale(), "<result>warning bkscan: "),
        (damaged(), "<result>damaged bkscan: "),
        (nothing(), "<result>unknown "),
    ] {
        let run = script(&world, attribute, &[]);
        assert_eq!((run.code, &*run.stderr), (0, ""), "{run:?}");
        assert!(run.stdout.starts_with(begins), "{begins}: {run:?}");
        assert!(run.stdout.ends_with("</result>\n"), "{run:?}");
        assert_eq!(run.stdout.lines().count(), 1, "{run:?}");
    }
    // A device may be called anything, and this is XML.
    let world = World::of([corrupt(TABLET, "2026-11-01").device(
        "<b>&amp;",
        "iPad13,16",
        None,
        "26.1",
        "23B85",
    )]);
    let run = script(&world, attribute, &[]);
    assert!(run.stdout.contains("&lt;b>&amp;amp; is corrupt"), "{run:?}");
}

#[test]
fn the_condition_of_munki() {
    let condition = &blocks("sh")[1];
    for (world, state) in [
        (well(), "well"),
        (stale(), "well"),
        (damaged(), "damaged"),
        (nothing(), "unknown"),
    ] {
        let defaults = "[ \"$1\" = write ] || echo '/Library/Managed Installs'";
        let run = script(&world, condition, &[("defaults", defaults), ("plutil", "")]);
        assert_eq!(run.all(), (0, "", ""), "{state}");
        let log = |name: &str| fs::read_to_string(world.path(name)).unwrap();
        assert_eq!(
            log("defaults.log"),
            format!(
                "read\n/Library/Preferences/ManagedInstalls\nManagedInstallDir\nwrite\n\
                 /Library/Managed Installs/ConditionalItems\nbkscan_state\n-string\n{state}\n"
            )
        );
        assert_eq!(
            log("plutil.log"),
            "-convert\nxml1\n/Library/Managed Installs/ConditionalItems.plist\n"
        );
    }
}

/// What the agent runs for an item, as Zabbix makes it of a line: in a flexible one `$1` is the parameter.
fn item(line: &str, parameter: &str) -> String {
    let (key, command) = line
        .strip_prefix("UserParameter=")
        .unwrap()
        .split_once(',')
        .unwrap();
    match key.ends_with("[*]") {
        true => command.replace("$1", parameter).replace("$$", "$"),
        false => command.to_owned(),
    }
}

#[test]
fn the_items_of_zabbix() {
    let world = World::of([
        phone("2026-09-10"),
        phone("2026-03-01").folder_name("older"),
        corrupt(TABLET, "2026-11-01").device(
            "},verdict=\"complete\"} 1",
            "iPad13,16",
            None,
            "26.1",
            "23B85",
        ),
    ]);
    fs::create_dir(world.path("metrics")).unwrap();
    let scan = "Backup --quiet --no-state --stale-after 30d --metrics metrics/bkscan.prom --now";
    let run = world.run(&[&words(scan)[..], &[NOW]].concat());
    assert_eq!(run.code, 2, "{run:?}");
    let items = blocks("ini").concat();
    let items: Vec<&str> = items.lines().collect();
    let [backups, findings, success, age] = items[..] else {
        panic!("{items:?}")
    };
    for (line, parameter, value) in [
        (backups, "complete", "2\n"),
        (backups, "corrupt", "1\n"),
        (backups, "incomplete", "0\n"),
        (findings, "backup-stale", "1\n"),
        (findings, "backup-gone", "0\n"),
        (success, "", "1\n"),
    ] {
        let run = script(&world, &item(line, parameter), &[]);
        assert_eq!(run.all(), (0, value, ""), "{line} {parameter}");
    }
    let run = script(&world, &item(age, ""), &[("date", "echo 1795349100")]);
    // NOW is 1795348800 seconds after 1970.
    assert_eq!(run.all(), (0, "300\n", ""));
}

#[test]
fn the_ping_of_healthchecks() {
    let ping = &blocks("sh")[2];
    for (world, end, report) in [
        (well(), "0", ""),
        (stale(), "1", "has no recent backup"),
        (damaged(), "2", "is corrupt"),
        (nothing(), "3", "No backup"),
    ] {
        let run = script(&world, ping, &[("curl", "")]);
        assert_eq!(run.all(), (0, "", ""), "{end}");
        let log = fs::read_to_string(world.path("curl.log")).unwrap();
        let address = "https://hc-ping.com/00000000-0000-0000-0000-000000000000";
        let usual = "-fsS\n-m\n10\n--retry\n5\n-o\n/dev/null\n";
        let start = format!("{usual}{address}/start\n{usual}--data-raw\n");
        assert!(log.starts_with(&start), "{log}");
        assert!(log.ends_with(&format!("\n{address}/{end}\n")), "{log}");
        assert!(log.contains(report), "{report}: {log}");
    }
}

/// The definition's query is run as it stands, by another SQLite than the program's own access: what the
/// columns of the table are, and what stands in them.
#[test]
fn the_table_of_osquery() {
    let [definition] = &blocks("json")[..] else {
        panic!("no definition")
    };
    let definition: Value = serde_json::from_str(definition).unwrap();
    let table = &definition["auto_table_construction"]["bkscan_backups"];
    let world = damaged();
    let run = world.run(&words(&format!(
        "Backup --quiet --state-dir state --now {NOW}"
    )));
    assert_eq!(run.code, 2, "{run:?}");
    let connection = Connection::open(world.path("state/history.db")).unwrap();
    let query = table["query"].as_str().unwrap();
    let mut statement = connection.prepare(query).unwrap();
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    assert_eq!(table["columns"], json!(columns));
    // osquery adds this one itself, and refuses another one.
    assert!(!columns.contains(&"path".to_owned()));
    let place = table["path"].as_str().unwrap();
    assert!(
        place.ends_with("/.local/state/bkscan/history.db"),
        "{place}"
    );
    let verdicts = statement.query_map([], |row| Ok((row.get(1)?, row.get(4)?, row.get(9)?)));
    let verdicts: Vec<(String, String, String)> = verdicts.unwrap().map(Result::unwrap).collect();
    let row = |udid: &str, verdict: &str| (udid.to_owned(), verdict.to_owned(), NOW.to_owned());
    assert_eq!(verdicts, [row(TABLET, "corrupt"), row(PHONE, "complete")]);
    // And the question that is asked of it.
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/topics/systems.md"));
    let text = text.unwrap();
    let question = text
        .lines()
        .find_map(|line| line.strip_prefix("    SELECT udid"));
    let question = format!("SELECT udid{}", question.unwrap());
    let asked = question.replace("bkscan_backups", &format!("({query})"));
    let mut statement = connection.prepare(&asked).unwrap();
    let without = statement
        .query_map([], |row| row.get::<_, String>(0))
        .unwrap();
    let without: Vec<String> = without.map(Result::unwrap).collect();
    assert_eq!(without, [TABLET]);
    // One whole backup of an unknown device is none of another unknown device, and what was whole when another
    // scan saw it is not whole any more.
    let rows = "CREATE TEMP TABLE bkscan_backups (folder, folder_hex, udid, name, verdict, seen_at DEFAULT '2026-11-30');
        INSERT INTO bkscan_backups VALUES ('g', NULL, 'three', 'Three', 'complete', '2026-11-01'),
            ('g', NULL, 'three', 'Three', 'incomplete', '2026-11-30'),
            ('h', NULL, 'four', 'Four', 'incomplete', '2026-11-01'),
            ('h', NULL, 'four', 'Four', 'complete', '2026-11-30');
        INSERT INTO bkscan_backups (folder, folder_hex, udid, name, verdict) VALUES ('a', NULL, NULL, NULL, 'complete'),
            ('b', NULL, NULL, NULL, 'corrupt'), (NULL, 'ff', NULL, NULL, 'incomplete'),
            (NULL, 'fe', NULL, NULL, 'corrupt'), ('c', NULL, 'one', 'One', 'corrupt'),
            ('d', NULL, 'one', 'One', 'complete'), ('e', NULL, 'two', 'Two', 'incomplete')";
    connection.execute_batch(rows).unwrap();
    let mut statement = connection
        .prepare(&question.replacen("udid", "coalesce(folder, folder_hex)", 1))
        .unwrap();
    let without = statement
        .query_map([], |row| row.get::<_, String>(0))
        .unwrap();
    let mut without: Vec<String> = without.map(Result::unwrap).collect();
    without.sort();
    assert_eq!(without, ["b", "e", "fe", "ff", "g"]);
}
