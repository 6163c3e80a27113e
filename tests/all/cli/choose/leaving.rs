//! The list while its terminal goes away, while a shell stops it and has it go on, and with two signals.

use std::fs;

use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{Action, tcflow};

use crate::support::tree_digest;

use super::driven::{Driven, World};

#[test]
fn it_ends_when_its_terminal_goes_away() {
    let world = World::new();
    let before = tree_digest(world.0.path());
    for words in ["clean -i", "-i"] {
        // With a signal that tells of it, with none, and with one that is ignored.
        for setsid in [&["--ctty"][..], &[], &NO_SIGNAL] {
            let opens = || Driven::below(setsid, &world.command(words));
            // While the scan runs.
            let driven = opens();
            driven.sees("bkscan");
            driven.loses_its_terminal(129);
            for keys in ["", "?", "/x", "e", "\u{1b}[<"] {
                let driven = opens();
                driven.sees("of 3").types(keys);
                driven.loses_its_terminal(129);
            }
        }
    }
    assert_eq!(tree_digest(world.0.path()), before);
}

/// A shell that has what it starts not hear that the terminal is gone.
const NO_SIGNAL: [&str; 4] = ["sh", "-c", "trap '' HUP; exec \"$@\"", "sh"];

#[test]
fn nothing_goes_when_its_terminal_goes_away_before_the_answer() {
    let world = World::new();
    let before = tree_digest(&world.0.path().join("Backup"));
    for setsid in [&["--ctty"][..], &[], &NO_SIGNAL] {
        for answer in ["", "yes", "ye\u{4}"] {
            let driven = Driven::below(setsid, &world.command("clean -i"));
            driven.sees("marked 1 of 3").types("\r").sees("Type yes: ");
            driven.types(answer);
            // What it says has no place to go to.
            driven.loses_its_terminal(3);
        }
    }
    assert_eq!(tree_digest(&world.0.path().join("Backup")), before);
}

#[test]
fn the_beginning_of_a_key_holds_up_nothing() {
    let world = World::new();
    // As much of a click as a slow line brings.
    let driven = world.opens("clean -i");
    driven.sees("marked 1 of 3").types("\u{1b}[<0;10");
    driven.resizes(60, 16).sees("that of 20 Nov");
    driven.is_sent(Signal::TERM);
    driven.ends(143);
}

#[test]
fn the_second_signal_ends_it_with_the_terminal_as_it_was() {
    let world = World::new();
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        let driven = world.opens("clean -i");
        driven.sees("of 3").is_sent(signal).has_heard();
        driven.is_sent(signal);
        driven.ends(code);
    }
}

#[test]
fn the_second_signal_ends_it_where_the_terminal_takes_nothing() {
    let world = World::new();
    let driven = world.opens("clean -i");
    driven.sees("marked 1 of 3");
    tcflow(&driven.slave, Action::OOff).unwrap();
    // Whether it draws that or leaves the list, it hangs at its next word.
    driven.types("?");
    driven.is_sent(Signal::TERM).has_heard();
    driven.is_sent(Signal::TERM);
    driven.ends_unseen(143);
}

/// A shell that has a program go on with each line that is typed while it is stopped. It counts the stops:
/// what it said before is still on its screen.
const SHELL: &str = "set -m; stops=0; \"$@\"; while [ $? -eq 147 ]; do stops=$((stops + 1)); \
                     echo \"stop $stops.\"; read -r line; fg; done";

/// The program that the shell started.
fn started_by(shell: &Driven) -> Pid {
    let shell = shell.child.id();
    let children = format!("/proc/{shell}/task/{shell}/children");
    let children = fs::read_to_string(children).unwrap();
    Pid::from_raw(children.trim().parse().unwrap()).unwrap()
}

#[test]
fn a_shell_stops_it_and_has_it_go_on() {
    let world = World::new();
    let before = tree_digest(world.0.path());
    let shell = ["--ctty", "sh", "-c", SHELL, "sh"];
    let driven = Driven::below(&shell, &world.command("clean -i"));
    driven.sees("marked 1 of 3");
    for (number, stop) in [
        (1, None),
        (2, Some(Signal::TSTP)),
        // It is not told of this one.
        (3, Some(Signal::STOP)),
    ] {
        match stop {
            None => _ = driven.types("\u{1a}"),
            Some(signal) => kill_process(started_by(&driven), signal).unwrap(),
        }
        driven.sees(&format!("stop {number}."));
        if stop != Some(Signal::STOP) {
            driven.is_left();
        }
        driven.types("\n").sees("marked 1 of 3");
        driven.types(" ").sees("marked 0 of 3");
        driven.types(" ").sees("marked 1 of 3");
    }
    driven.types("?\u{1a}").sees("stop 4.");
    driven.types("\n").sees("mark nothing");
    driven.types("q").sees("marked 1 of 3");
    // The question is stopped as any program is.
    driven.types("\r").sees("Type yes: ").types("\u{1a}");
    driven.sees("stop 5.");
    driven.types("\nno\n");
    driven.ends(0);
    assert_eq!(tree_digest(world.0.path()), before);
}

#[test]
fn nothing_stops_it_where_nobody_would_have_it_go_on() {
    let world = World::new();
    let driven = world.opens("clean -i");
    driven.sees("marked 1 of 3").types("\u{1a}");
    driven.is_sent(Signal::TSTP);
    driven.types(" ").sees("marked 0 of 3").types("q");
    driven.ends(0);
}

#[test]
fn it_comes_from_the_background_when_it_is_fetched() {
    let world = World::new();
    let background = "set -m; \"$@\" & echo \"it waits\"; read -r line; fg";
    let shell = ["--ctty", "sh", "-c", background, "sh"];
    let driven = Driven::below(&shell, &world.command("clean -i"));
    driven.sees("it waits").is_left();
    driven.types("\n").sees("marked 1 of 3").types("q");
    driven.ends(0);
}
