//! What the signals are that tell of a terminal.

/// The numbers of the signals that tell of a terminal.
#[derive(Clone, Copy, Debug)]
pub struct TerminalSignals {
    /// It is gone.
    pub gone: i32,
    /// The program is to stop for now.
    pub stop: i32,
    /// It goes on.
    pub go_on: i32,
}
