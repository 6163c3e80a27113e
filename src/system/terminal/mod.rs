//! The terminal that somebody sits at, and the shell that stops programs on it and has them go on.

use std::io;

mod signals;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as imp;
#[cfg(windows)]
use windows as imp;

pub use signals::TerminalSignals;

/// The signals that tell of a terminal; nothing on Windows, which has none.
pub fn terminal_signals() -> Option<TerminalSignals> {
    imp::terminal_signals()
}

/// Whether the terminal that stdin was is there no more: its window was closed, or the line is dead. Windows
/// ends the program by itself then.
pub fn is_terminal_gone() -> bool {
    imp::is_terminal_gone()
}

/// Has a read from the terminal take what is there, and never wait for more of it. It holds until somebody
/// sets the terminal another way.
///
/// # Errors
/// Where the terminal cannot be set so.
pub fn read_without_waiting() -> io::Result<()> {
    imp::read_without_waiting()
}

/// Whether there is a shell that would have this program go on after it was stopped.
pub fn can_be_stopped() -> bool {
    imp::can_be_stopped()
}

/// Asks this program to stop for now, and all that were started with it.
pub fn ask_to_stop() {
    imp::ask_to_stop();
}

/// Stops this program, until somebody has it go on.
pub fn stop() {
    imp::stop();
}
