//! Which folders are backups.

pub mod discovery;
mod places;
mod remains;
