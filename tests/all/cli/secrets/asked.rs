//! `--ask-password` in a terminal that somebody types in.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::pty::ptsname;
use serde_json::Value;

use super::{PASSWORD, PHONE, SPARE, World, document, phone, sealed, verdicts};
use crate::clean::command::{terminal, wait_for};
use crate::cli::configured;
use crate::harness::{Ended as _, NOW, Run};
use crate::support::tree_digest;

const PROMPT: &str = "Password of the encrypted backups (not shown): ";

/// Whether a terminal shows what is typed in it.
fn shows(master: &File) -> bool {
    let name = ptsname(master, Vec::new()).unwrap();
    let mut stty = Command::new("stty");
    stty.arg("-F").arg(OsStr::from_bytes(name.as_bytes()));
    let settings: Run = stty.arg("-a").ended().unwrap().into();
    let mut words = settings.stdout.split_whitespace();
    words.any(|word| word == "echo")
}

/// Runs `bkscan WORDS --ask-password`, types this when it is asked, and gives what it said, with all
/// that was to be seen on the terminal after the question.
fn typing(world: &World, words: &[&str], typed: &str) -> (Run, String) {
    let before = tree_digest(&world.backups());
    let (slave, mut master) = terminal();
    let inner = world.command();
    // A session of its own, whose terminal this one is.
    let mut outer = Command::new("setsid");
    outer.arg("--ctty").arg(inner.get_program()).args(words);
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => outer.env(name, value),
            None => outer.env_remove(name),
        };
    }
    let mut child = outer
        .arg("--ask-password")
        .current_dir(world.folder.path())
        .stdin(slave.try_clone().unwrap())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It holds the terminal, too.
    drop(outer);
    wait_for(&master, PROMPT);
    let limit = Instant::now() + Duration::from_secs(60);
    while shows(&master) {
        assert!(Instant::now() < limit, "what is typed is shown");
        std::thread::sleep(Duration::from_millis(2));
    }
    master.write_all(typed.as_bytes()).unwrap();
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let mut run = Run {
        code: 0,
        stdout: String::new(),
        stderr: String::new(),
    };
    stdout.unwrap().read_to_string(&mut run.stdout).unwrap();
    stderr.unwrap().read_to_string(&mut run.stderr).unwrap();
    run.code = child.wait().unwrap().code().unwrap();
    drop(slave);
    let mut seen = Vec::new();
    // The end of a terminal is an error.
    let _ = master.read_to_end(&mut seen);
    assert_eq!(tree_digest(&world.backups()), before, "{run:?}");
    (run, String::from_utf8(seen).unwrap())
}

fn judged(world: &World, typed: &str) -> (Run, Value) {
    let (run, seen) = typing(world, &["Backup", "--json", "--now", NOW], typed);
    assert_eq!(seen.trim(), "", "a second question, or an echo: {run:?}");
    let note = match typed {
        "\n" => "bkscan: no password was typed: encrypted backups stay locked\n",
        _ => "",
    };
    assert_eq!(run.stderr, note);
    let document = document(&run);
    (run, document)
}

#[test]
fn what_is_typed_opens_all_that_it_opens_after_one_question() {
    let world = World::new();
    phone("2026-11-10").write(&world.backups());
    phone("2026-01-10")
        .folder_name("older")
        .write(&world.backups());
    let spare = configured::backup(SPARE, "Spare", "2026-09-01");
    spare
        .encrypted_with(" Gru\u{308}\u{df}e ")
        .write(&world.backups());
    let expect = |typed: &str, code: i32, phones: &str, spare: &str| {
        let (run, document) = judged(&world, typed);
        assert_eq!(run.code, code, "{run:?}");
        let expected = [(PHONE, phones), ("older", phones), (SPARE, spare)];
        let expected = expected.map(|(name, said)| (name, said.to_owned()));
        assert_eq!(verdicts(&document), expected.into(), "{typed:?}");
        for word in ["Zwieback", "quokka", "Gr\u{fc}", "Gru\u{308}"] {
            assert!(!run.stdout.contains(word), "{run:?}");
        }
    };
    let wrong = "unverified: password-wrong";
    expect(&format!("{PASSWORD}\n"), 3, "complete", wrong);
    // Blanks count, and so does each letter however the keyboard spells it.
    expect(" Gr\u{fc}\u{df}e \n", 3, wrong, "complete");
    expect("Gr\u{fc}\u{df}e\n", 3, wrong, wrong);
    // What was taken back does not count.
    expect(&format!("x\u{7f}{PASSWORD}\n"), 3, "complete", wrong);
    expect("\n", 0, "unverified", "unverified");
}

#[test]
fn show_and_clean_ask_as_well() {
    let world = World::new();
    phone("2026-11-10").write(&world.backups());
    phone("2026-01-10")
        .folder_name("older")
        .write(&world.backups());
    sealed(SPARE, "Spare", "2026-09-01").write(&world.backups());
    let path = format!("Backup/{PHONE}");
    let (run, seen) = typing(
        &world,
        &["show", &path, "--now", NOW],
        &format!("{PASSWORD}\n"),
    );
    assert_eq!((run.code, run.stderr.as_str(), seen.trim()), (0, "", ""));
    assert!(run.stdout.starts_with("\u{2714} complete\n"), "{run:?}");
    assert!(run.stdout.contains("Library/note.txt"), "{run:?}");
    let (run, seen) = typing(
        &world,
        &["clean", "Backup", "--now", NOW],
        &format!("{PASSWORD}\n"),
    );
    assert_eq!((run.code, run.stderr.as_str(), seen.trim()), (0, "", ""));
    assert!(run.stdout.contains("1 of 3 can go"), "{run:?}");
    let (run, _) = typing(&world, &["clean", "Backup", "--now", NOW], "wrong\n");
    assert_eq!(run.code, 3);
    assert!(run.stdout.contains("\nNothing can go"), "{run:?}");
}
