//! Judges a backup from what was read and measured. Pure: no disk, no clock.
//!
//! A check is a row of data and a function. To add one, add a row and its function to the file of
//! its theme: `state`, `plists`, `manifest`, `encryption`, `files`, `places`, `contents`, or
//! `device` for what all backups of a device tell together.

mod check;
pub(crate) mod contents;
pub mod dates;
pub(crate) mod device;
pub(crate) mod encryption;
mod evidence;
pub(crate) mod files;
pub mod group;
mod judge;
pub(crate) mod manifest;
pub mod next_backup;
mod outcome;
pub(crate) mod places;
pub(crate) mod plists;
mod registry;
mod remedy;
pub mod standing;
pub(crate) mod state;
#[cfg(test)]
mod tests;
mod verdicts;

pub use check::{Check, Explanation, Likely, Run, ToldOfDevice};
pub use evidence::{DeviceEvidence, Evidence};
pub use judge::{Verification, verdict, verdict_of, verify};
pub use outcome::{Details, Outcome};
pub use registry::{all, first, remedy, with_id};
pub use remedy::{First, Remedy};
pub use state::{BACKUP_STATES, SNAPSHOT_STATES};
pub use verdicts::explain;
