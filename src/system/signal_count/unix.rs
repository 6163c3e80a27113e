//! On Unix each signal writes a byte to a socket: a handler can hardly do more.

use std::io::{self, Read as _};
use std::os::unix::net::UnixStream;

use signal_hook::SigId;
use signal_hook::low_level::{pipe, unregister};

pub struct SignalCount {
    came: UnixStream,
    id: SigId,
}

impl SignalCount {
    pub fn of(signal: i32) -> io::Result<SignalCount> {
        let (came, told) = UnixStream::pair()?;
        came.set_nonblocking(true)?;
        let id = pipe::register(signal, told)?;
        Ok(SignalCount { came, id })
    }

    pub fn take(&self) -> bool {
        matches!((&self.came).read(&mut [0]), Ok(1))
    }
}

impl Drop for SignalCount {
    fn drop(&mut self) {
        unregister(self.id);
    }
}

#[cfg(test)]
mod tests {
    use rustix::process::Signal;
    use signal_hook::low_level::raise;

    use super::*;

    #[test]
    fn two_at_once_are_two() {
        let signal = Signal::USR2.as_raw();
        let count = SignalCount::of(signal).unwrap();
        assert!(!count.take());
        for _ in 0..2 {
            raise(signal).unwrap();
        }
        assert!(count.take());
        assert!(count.take());
        assert!(!count.take());
        raise(signal).unwrap();
        assert!(count.take());
        assert!(!count.take());
    }
}
