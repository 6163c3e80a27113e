//! The commands, one a file.

pub mod clean;
pub mod config;
pub mod diff;
pub mod history;
pub mod reference;
pub mod report;
pub mod schedule;
