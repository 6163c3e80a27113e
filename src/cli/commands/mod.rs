//! The commands, one a file.

pub mod clean;
pub mod config;
pub mod diff;
pub mod explain;
pub mod help;
pub mod history;
mod install;
pub mod mend;
mod page;
pub mod reference;
pub mod report;
pub mod scan;
pub mod schedule;
pub mod show;
