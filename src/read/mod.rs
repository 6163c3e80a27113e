//! Reads the files that Apple's devices write, one module a file. Reading never fails: each hole
//! becomes a state of [`PlistFile`](crate::model::PlistFile) or [`Manifest`](crate::model::Manifest),
//! and the rest goes on. Nothing here judges, and nothing opens a file for writing.
//!
//! Each reader has property tests, a fuzz target (`tests/fuzz/run`, an hour for all) and its former crashes as
//! tests; `tests/all/read/untrusted` has the folders: FIFOs and links where files belong, databases in circles,
//! a million strays, disks that vanish.

pub mod bplist;
mod budget;
mod choose;
pub mod database;
pub mod describe;
mod domain_list;
pub mod file_names;
pub mod info_plist;
pub mod keybag;
pub mod manifest;
pub mod manifest_db;
pub mod manifest_mbdb;
pub mod manifest_plist;
pub mod mbfile;
pub mod metadata;
mod pages;
pub mod plist;
mod row;
pub mod status_plist;
mod tally;
mod wanted;

pub use wanted::Wanted;
