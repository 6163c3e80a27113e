//! The second signal while the list is on the terminal: it ends the program at once, but not before the
//! terminal is as it was.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use signal_hook::low_level::exit;

use crate::cli::console::signals::Held;

use super::terminal;

/// So often it is looked whether one came.
const EVERY: Duration = Duration::from_millis(20);

/// Waits for the second signal, until the other end of `over` is gone. The thread that draws may hang, on a
/// terminal that takes nothing for one: so it is another one that waits.
pub fn guard(held: &Held<'_>, over: &Receiver<()>) {
    let mut is_second = false;
    while let Err(RecvTimeoutError::Timeout) = over.recv_timeout(EVERY) {
        while let Some(signal) = held.came() {
            if std::mem::replace(&mut is_second, true) {
                terminal::leave_at_once();
                exit(128 + signal);
            }
        }
    }
}
