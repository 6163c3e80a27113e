//! A signal that is counted: two that come at once are two.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::io;

#[cfg(unix)]
use unix as imp;
#[cfg(windows)]
use windows as imp;

/// Counts a signal while it is there.
pub struct SignalCount(imp::SignalCount);

impl SignalCount {
    /// From here on the signal of this number is counted.
    ///
    /// # Errors
    /// Where it cannot be.
    pub fn of(signal: i32) -> io::Result<SignalCount> {
        imp::SignalCount::of(signal).map(SignalCount)
    }

    /// Takes one that came, if one did. It never waits.
    pub fn take(&self) -> bool {
        self.0.take()
    }
}
