//! `clean --delete` with a password: what opened is looked at again before anything goes, and nothing goes
//! in its stead that did not open (contract §5, §9). By the real clock, on backups of years ago.

use std::io::{Read as _, Write as _};

use super::*;

/// A newest backup and one that it supersedes, both encrypted.
fn pair() -> World {
    let world = world_of([phone("2024-06-14"), older("2023-06-14")]);
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
    each(&document["done"], |item| {
        (last(&item["path"]), text(&item["outcome"]))
    })
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
    let world = world_of([lacking(phone("2024-06-14")), older("2023-06-14")]);
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
    let (mut child, [slave, mut master]) = asked::asking(&world, &["clean", "Backup", "--delete"]);
    drop(slave);
    // What is typed before the terminal is mute is kept, and read then.
    writeln!(master, "{PASSWORD}").unwrap();
    let mut told = String::new();
    let stderr = child.stderr.as_mut().unwrap();
    while !told.contains("Type yes: ") {
        let mut byte = [0];
        assert_eq!(stderr.read(&mut byte).unwrap(), 1, "{told}");
        told.push(char::from(byte[0]));
    }
    assert_eq!(left(&world), [PHONE, "older"]);
    master.write_all(b"yes\n").unwrap();
    let run = Run::from(child.wait_with_output().unwrap());
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(left(&world), [PHONE]);
    assert!(!run.stdout.contains("Zwieback"), "{run:?}");
}
