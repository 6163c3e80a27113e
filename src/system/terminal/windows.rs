//! The console of Windows.

use std::io;

use super::signals::TerminalSignals;

pub fn terminal_signals() -> Option<TerminalSignals> {
    None
}

pub fn is_terminal_gone() -> bool {
    false
}

/// Its events are told one by one: nothing waits for the rest of one.
pub fn read_without_waiting() -> io::Result<()> {
    Ok(())
}

pub fn can_be_stopped() -> bool {
    false
}

pub fn ask_to_stop() {}

pub fn stop() {}
