//! The terminal of Unix.

use std::io;

use nix::unistd::{getppid, getsid};
use rustix::process::{Signal, getpid, kill_current_process_group, kill_process};
use rustix::termios::{OptionalActions, SpecialCodeIndex, tcgetattr, tcsetattr};

use super::signals::TerminalSignals;

pub fn terminal_signals() -> Option<TerminalSignals> {
    Some(TerminalSignals {
        gone: Signal::HUP.as_raw(),
        stop: Signal::TSTP.as_raw(),
        go_on: Signal::CONT.as_raw(),
    })
}

pub fn is_terminal_gone() -> bool {
    tcgetattr(io::stdin()).is_err()
}

pub fn read_without_waiting() -> io::Result<()> {
    let mut modes = tcgetattr(io::stdin())?;
    modes.special_codes[SpecialCodeIndex::VMIN] = 0;
    modes.special_codes[SpecialCodeIndex::VTIME] = 0;
    Ok(tcsetattr(io::stdin(), OptionalActions::Now, &modes)?)
}

/// A shell that looks after its jobs is in the session of its terminal. Where the one that started this
/// program is not, nobody would wake it. In a container a parent or a session from outside of it has the number 0.
pub fn can_be_stopped() -> bool {
    let parent = getppid();
    parent.as_raw() != 0 && getsid(None).is_ok_and(|own| getsid(Some(parent)) == Ok(own))
}

pub fn ask_to_stop() {
    // Where that is not allowed it does not stop.
    let _ = kill_current_process_group(Signal::TSTP);
}

pub fn stop() {
    let _ = kill_process(getpid(), Signal::STOP);
}
