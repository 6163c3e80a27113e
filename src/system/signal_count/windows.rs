//! On Windows a handler can only leave a mark: two that come before anybody looks are one.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::SigId;
use signal_hook::flag;
use signal_hook::low_level::unregister;

pub struct SignalCount {
    came: Arc<AtomicBool>,
    id: SigId,
}

impl SignalCount {
    pub fn of(signal: i32) -> io::Result<SignalCount> {
        let came = Arc::new(AtomicBool::new(false));
        let id = flag::register(signal, Arc::clone(&came))?;
        Ok(SignalCount { came, id })
    }

    pub fn take(&self) -> bool {
        self.came.swap(false, Ordering::SeqCst)
    }
}

impl Drop for SignalCount {
    fn drop(&mut self) {
        unregister(self.id);
    }
}
