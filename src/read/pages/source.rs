//! Where the bytes of a database come from.

use std::io::{Read, Seek};

/// A database file, or what an encrypted one decrypts to.
pub struct Input {
    /// Its bytes.
    pub bytes: Box<dyn Source>,
    /// How many there are.
    pub len: u64,
}

/// Bytes that can be read in any order.
pub trait Source: Read + Seek + Send {}

impl<T: Read + Seek + Send> Source for T {}
