//! The decoders of one reading of a manifest.

use std::sync::{Mutex, PoisonError};

use super::decoder::Decoder;

/// Decoders that no part of the rows uses now. Parts take them in turn: what one has learned serves the next,
/// and none leaves gaps in the memory when it is done.
#[derive(Default)]
pub struct Decoders(Mutex<Vec<Decoder>>);

impl Decoders {
    /// One for a part; a new one where all are in use.
    pub fn take(&self) -> Decoder {
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        free.pop().unwrap_or_default()
    }

    /// Gives it to whichever part is next.
    pub fn give_back(&self, decoder: Decoder) {
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        free.push(decoder);
    }
}
