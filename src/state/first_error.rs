//! What went wrong first, of work in several threads.

use std::io;
use std::sync::Mutex;

/// The first of several errors, of which one is told.
#[derive(Debug, Default)]
pub struct FirstError(Mutex<Option<io::Error>>);

impl FirstError {
    /// Keeps the error, if it is the first one.
    pub fn keep(&self, done: io::Result<()>) {
        if let (Err(error), Ok(mut first)) = (done, self.0.lock()) {
            first.get_or_insert(error);
        }
    }

    /// The error, if there was one.
    pub fn into_inner(self) -> Option<io::Error> {
        self.0.into_inner().ok().flatten()
    }
}
