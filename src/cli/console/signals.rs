//! The signals that ask the program to end.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use signal_hook::SigId;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::{flag, low_level};

use crate::system::{self, SignalCount};

/// The signals that ask the program to end, with their numbers.
const ENDING: [(i32, usize); 2] = [(SIGINT, 2), (SIGTERM, 15)];

/// The terminal is gone, as it is told where signals are told by number.
pub const HANG_UP: usize = 1;

/// The signals that ask the program to end. The first one lets it finish what it is at and tell
/// what it has; the second one ends it at once.
pub struct Signals {
    /// The number of the signal that came, or 0.
    pub received: Arc<AtomicUsize>,
    /// What has the second one end it.
    ending: Mutex<Vec<SigId>>,
}

impl Signals {
    /// From here on signals are caught.
    pub fn catch() -> Signals {
        let received = Arc::new(AtomicUsize::new(0));
        for (signal, number) in ENDING {
            // Where a handler cannot be set the signal simply ends the program, as it does by itself.
            let _ = flag::register_usize(signal, Arc::clone(&received), number);
        }
        let signals = Signals {
            received,
            ending: Mutex::default(),
        };
        signals.end_at_second();
        signals
    }

    fn end_at_second(&self) {
        // One may have come already.
        let again = Arc::new(AtomicBool::new(self.received.load(Ordering::SeqCst) != 0));
        let ids = ENDING.iter().flat_map(|(signal, _)| {
            // In this order: the first one only remembers that it came.
            let shutdown =
                flag::register_conditional_shutdown(*signal, 128 + signal, Arc::clone(&again));
            [shutdown, flag::register(*signal, Arc::clone(&again))]
        });
        let mut ending = self.ending.lock().unwrap_or_else(PoisonError::into_inner);
        ending.extend(ids.filter_map(Result::ok));
    }

    /// From here on the second one does not end the program: whoever holds them has something to do before,
    /// and ends it. That the terminal is gone is a signal like others from here on, also afterwards.
    pub fn hold(&self) -> Held<'_> {
        let mut ending = self.ending.lock().unwrap_or_else(PoisonError::into_inner);
        for id in ending.drain(..) {
            low_level::unregister(id);
        }
        drop(ending);
        if let Some(signals) = system::terminal_signals() {
            let _ = flag::register_usize(signals.gone, Arc::clone(&self.received), HANG_UP);
        }
        // Where one cannot be counted, only the first one of it is heard.
        let counted = ENDING.iter().filter_map(|(signal, _)| {
            let count = SignalCount::of(*signal).ok()?;
            Some((*signal, count))
        });
        Held {
            signals: self,
            counted: counted.collect(),
        }
    }
}

/// Signals while the second one does not end the program by itself.
pub struct Held<'a> {
    signals: &'a Signals,
    counted: Vec<(i32, SignalCount)>,
}

impl Held<'_> {
    /// A signal that came and was not told yet: each is told once.
    pub fn came(&self) -> Option<i32> {
        let mut counted = self.counted.iter();
        let came = counted.find(|(_, count)| count.take())?;
        Some(came.0)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.counted.clear();
        self.signals.end_at_second();
    }
}
