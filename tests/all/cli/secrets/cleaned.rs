//! `clean --delete` with a password: what opened is looked at again before anything goes, and nothing goes
//! in its stead that did not open (contract §5, §9). By the real clock, on backups of years ago.

use std::fs;
use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::{PASSWORD, PHONE, World, document, last, phone, private};
use crate::clean::command::{terminal, wait_for};
use crate::harness::{Ended as _, Run};

/// A newest backup and one that it supersedes, both encrypted.
fn pair() -> World {
    let world = World::new();
    phone("2024-06-14").write(&world.backups());
    phone("2023-06-14")
        .folder_name("older")
        .write(&world.backups());
    private(&world, "file", format!("{PASSWORD}\n"));
    private(&world, "wrong", "wrong\n");
    world
}

fn delete(world: &World, args: &[&str]) -> (Run, Value) {
    let mut command = world.command();
    command.args(["clean", "Backup", "--delete", "--yes", "--json"]);
    let run: Run = command.args(args).ended().unwrap().into();
    let document = document(&run);
    (run, document)
}

/// What was done, each with its outcome.
fn done(document: &Value) -> Vec<(&str, &str)> {
    let done = document["done"].as_array().unwrap().iter();
    done.map(|item| (last(&item["path"]), item["outcome"].as_str().unwrap()))
        .collect()
}

fn left(world: &World) -> Vec<String> {
    let entries = fs::read_dir(world.backups()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

#[test]
fn only_a_newer_backup_that_opened_lets_an_older_one_go() {
    let world = pair();
    for (args, code) in [
        (&[][..], 0),
        (&["--password-file", "wrong"], 3),
        (&["--password-file", "wrong", "--trust-locked"], 3),
        (&["--password-command", "exit 1"], 3),
    ] {
        let (run, document) = delete(&world, args);
        assert_eq!(run.code, code, "{run:?}");
        assert_eq!(done(&document), [], "{args:?}");
        assert_eq!(left(&world), [PHONE, "older"], "{args:?}");
    }
    let (run, document) = delete(&world, &["--password-file", "file"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    assert_eq!(done(&document), [("older", "removed")]);
    assert_eq!(left(&world), [PHONE]);
    let noted = fs::read_to_string(world.path("state").join("bkscan").join("removals.jsonl"));
    assert!(!noted.unwrap().contains("Zwieback"));
}

/// It is looked at again, but nobody is asked again.
#[test]
fn a_key_ring_is_asked_once_a_run() {
    let world = pair();
    let command = format!("echo x >>asked; echo '{PASSWORD}'");
    let (run, document) = delete(&world, &["--password-command", &command]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(done(&document), [("older", "removed")]);
    let asked = fs::read_to_string(world.path("asked")).unwrap();
    assert_eq!(asked, "x\n");
}

/// A newer backup that opens and is damaged stands in for nothing, as without encryption.
#[test]
fn a_damaged_newer_backup_keeps_the_older_one() {
    let world = World::new();
    phone("2024-06-14")
        .remove_payload("HomeDomain", "Library/note.txt")
        .write(&world.backups());
    phone("2023-06-14")
        .folder_name("older")
        .write(&world.backups());
    private(&world, "file", PASSWORD);
    let (run, document) = delete(&world, &["--password-file", "file", "--trust-locked"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(done(&document), []);
    assert_eq!(left(&world), [PHONE, "older"]);
}

/// The password first, then `yes`, on the same terminal.
#[test]
fn the_password_is_asked_for_before_the_question() {
    let world = pair();
    let (slave, mut master) = terminal();
    let inner = world.command();
    let mut command = Command::new("setsid");
    command.arg("--ctty").arg(inner.get_program());
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.args(["clean", "Backup", "--delete", "--ask-password"]);
    command.current_dir(world.folder.path());
    command
        .stdin(slave.try_clone().unwrap())
        .stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::piped()).started().unwrap();
    drop((command, slave));
    wait_for(&master, "(not shown): ");
    // What is typed before the terminal is mute is kept, and read then.
    master
        .write_all(format!("{PASSWORD}\n").as_bytes())
        .unwrap();
    let mut told = Vec::new();
    let mut stderr = child.stderr.take().unwrap();
    let question = "Type yes: ";
    while !String::from_utf8_lossy(&told).contains(question) {
        let mut byte = [0];
        assert_eq!(
            stderr.read(&mut byte).unwrap(),
            1,
            "{}",
            String::from_utf8_lossy(&told)
        );
        told.push(byte[0]);
    }
    assert_eq!(left(&world), [PHONE, "older"]);
    master.write_all(b"yes\n").unwrap();
    let mut stdout = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut stdout)
        .unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(0), "{stdout}");
    assert_eq!(left(&world), [PHONE]);
    assert!(!stdout.contains("Zwieback"), "{stdout}");
}
