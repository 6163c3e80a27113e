//! `--ask-password` in a terminal that somebody types in.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::time::{Duration, Instant};

use rustix::pty::ptsname;

use super::*;
use crate::clean::command::{terminal, wait_for};
use crate::harness::same_environment;
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

/// `bkscan WORDS --ask-password` in a session of its own, up to its question, with both ends of its
/// terminal.
pub fn asking(world: &World, words: &[&str]) -> (Child, [File; 2]) {
    let (slave, master) = terminal();
    let inner = world.command();
    let mut outer = Command::new("setsid");
    outer.arg("--ctty").arg(inner.get_program()).args(words);
    same_environment(&mut outer, &inner);
    outer.arg("--ask-password").current_dir(world.folder.path());
    outer.stdin(slave.try_clone().unwrap());
    let child = piped(&mut outer);
    // It holds the terminal, too.
    drop(outer);
    wait_for(&master, PROMPT);
    (child, [slave, master])
}

/// Runs `bkscan WORDS --ask-password`, types this when it is asked, and gives what it said, with all
/// that was to be seen on the terminal after the question.
fn typing(world: &World, words: &[&str], typed: &str) -> (Run, String) {
    let before = tree_digest(&world.backups());
    let (child, [slave, mut master]) = asking(world, words);
    let limit = Instant::now() + Duration::from_secs(60);
    while shows(&master) {
        assert!(Instant::now() < limit, "what is typed is shown");
        std::thread::sleep(Duration::from_millis(2));
    }
    master.write_all(typed.as_bytes()).unwrap();
    let run = Run::from(child.wait_with_output().unwrap());
    drop(slave);
    let mut seen = Vec::new();
    // The end of a terminal is an error.
    let _ = master.read_to_end(&mut seen);
    assert_eq!(tree_digest(&world.backups()), before, "{run:?}");
    (run, String::from_utf8(seen).unwrap())
}

#[test]
fn what_is_typed_opens_all_that_it_opens() {
    let spare = configured::backup(SPARE, "Spare", "2026-09-01");
    let spare = spare.encrypted_with(" Gru\u{308}\u{df}e ");
    let world = world_of([phone("2026-11-10"), older("2026-01-10"), spare]);
    let (right, wrong, locked) = ("complete", "unverified: password-wrong", "unverified");
    for (typed, code, phones, spare) in [
        (format!("{PASSWORD}\n").as_str(), 3, right, wrong),
        // Blanks count, and so does each letter however the keyboard spells it.
        (" Gr\u{fc}\u{df}e \n", 3, wrong, right),
        ("Gr\u{fc}\u{df}e\n1\n2\n", 3, wrong, wrong),
        // What opens nothing was mistyped.
        (&format!("Gr\u{fc}\u{df}e\n{PASSWORD}\n"), 3, right, wrong),
        ("wrong\n\n", 0, locked, locked),
        // What was taken back does not count.
        (&format!("x\u{7f}{PASSWORD}\n"), 3, right, wrong),
        ("\n", 0, locked, locked),
    ] {
        let (run, seen) = typing(&world, &["Backup", "--json", "--now", NOW], typed);
        let again = typed.lines().count() - 1;
        let seen = seen.replacen(PROMPT, "", again);
        assert_eq!(seen.trim(), "", "one more question, or an echo: {run:?}");
        let mut note = "bkscan: that is not the password of any encrypted backup here, try again\n"
            .repeat(again);
        if code == 0 && phones == locked {
            note += "bkscan: no password was typed: encrypted backups stay locked\n";
        }
        assert_eq!((run.code, &run.stderr), (code, &note), "{run:?}");
        let expected = [(PHONE, phones), ("older", phones), (SPARE, spare)];
        assert_verdicts(&document(&run), &expected, typed);
        for word in ["Zwieback", "quokka", "Gr\u{fc}", "Gru\u{308}"] {
            assert!(!run.stdout.contains(word), "{run:?}");
        }
    }
}

#[test]
fn show_and_clean_ask_as_well() {
    let spare = sealed(SPARE, "Spare", "2026-09-01");
    let world = world_of([phone("2026-11-10"), older("2026-01-10"), spare]);
    let path = format!("Backup/{PHONE}");
    let right = format!("{PASSWORD}\n");
    for (words, typed, code, said) in [
        (["show", &path], right.as_str(), 0, "Library/note.txt"),
        (["clean", "Backup"], &right, 0, "1 of 3 can go"),
        (
            ["clean", "Backup"],
            "wrong\nwrong\nwrong\n",
            3,
            "\nNothing can go",
        ),
    ] {
        let (run, seen) = typing(&world, &[&words[..], &["--now", NOW]].concat(), typed);
        assert_eq!(run.code, code, "{words:?}: {run:?}");
        assert!(run.stdout.contains(said), "{words:?}: {run:?}");
        if words[0] == "show" {
            assert!(run.stdout.starts_with("\u{2714} complete\n"), "{run:?}");
        }
        if code == 0 {
            assert_eq!((run.stderr.as_str(), seen.trim()), ("", ""), "{words:?}");
        }
    }
}
