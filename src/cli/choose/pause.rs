//! Stopping for now, as Ctrl-Z asks a shell for, and going on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::flag;

use crate::system;

/// What the signals say that stop a program and have it go on.
pub struct Pause {
    wanted: Arc<AtomicBool>,
    over: Arc<AtomicBool>,
    /// Whether the program stops without more ado, as all programs do.
    is_usual: Arc<AtomicBool>,
}

impl Pause {
    /// From here on the program stops only where it says so.
    pub fn catch() -> Pause {
        let pause = Pause {
            wanted: Arc::default(),
            over: Arc::default(),
            is_usual: Arc::default(),
        };
        if let Some(signals) = system::terminal_signals() {
            // Where a handler cannot be set the program stops with the terminal as it is.
            let is_usual = Arc::clone(&pause.is_usual);
            let _ = flag::register_conditional_default(signals.stop, is_usual);
            let _ = flag::register(signals.stop, Arc::clone(&pause.wanted));
            let _ = flag::register(signals.go_on, Arc::clone(&pause.over));
        }
        pause
    }

    /// Whether the program is to stop, since this was asked last.
    pub fn is_wanted(&self) -> bool {
        self.wanted.swap(false, Ordering::SeqCst) && system::can_be_stopped()
    }

    /// Whether the program goes on again, since this was asked last.
    pub fn is_over(&self) -> bool {
        self.over.swap(false, Ordering::SeqCst)
    }

    /// From here on the program stops as all programs do, or not any more.
    pub fn usual(&self, is_usual: bool) {
        // The handler has no look at shells.
        let is_usual = is_usual && system::can_be_stopped();
        self.is_usual.store(is_usual, Ordering::SeqCst);
        self.wanted.store(false, Ordering::SeqCst);
    }
}
