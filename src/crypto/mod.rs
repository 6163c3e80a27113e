//! Opens what a backup's password protects (F§11.2). Pure: no disk, no clock, no messages with anything
//! secret in them.

mod cbc;
pub mod keyring;
mod keys;

pub use cbc::{Decrypted, Encrypting, padding};
pub use keys::{ClassKeys, KeyError, NotOpened, RecordKeys, open};

/// Length in bytes of a block of ciphertext.
pub const BLOCK: u64 = cbc::BLOCK as u64;

#[cfg(test)]
mod tests;
