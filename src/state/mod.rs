//! The folder in which bkscan keeps what it remembers for itself: the list of removals, locks where a
//! folder cannot be locked itself, the history of runs, and the ledger of what was read. Nothing here
//! may stop a scan or a removal.

mod begun;
mod database;
mod first_error;
mod folder;
pub mod history;
pub mod ledger;
mod lock;
mod own_file;
mod removals;

pub use first_error::FirstError;
pub use folder::StateFolder;
pub use lock::StateLock;
pub use own_file::in_time;

#[cfg(test)]
mod tests;
