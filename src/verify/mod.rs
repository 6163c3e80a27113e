//! Judges a backup from what was read and measured. Pure: no disk, no clock.
//!
//! A check is a row of data and a function. To add one:
//!
//! 1. Choose an id that was never used, and the file of its theme: `state`, `plists`, `manifest`,
//!    `encryption`, `files`, `places`, `contents`, or `device` for what all backups of a device tell
//!    together.
//! 2. Add a row, and its name to `CHECKS`: all that is known about a check stands in it ([`Check`] says
//!    what), and its function beside it. Whoever asks for its finding names the row, never the id. What is
//!    not in [`Evidence`] yet is read in `read` or measured in `measure` first.
//! 3. If its message quotes a name, an identifier or a path, give the same without (`unnamed`).
//! 4. Add a line to `FINDINGS` in `tests/all/render/output.rs`, the list of all ids; the test there fails
//!    until you do.
//! 5. Add a backup that has the fault to `tests/all/verify/findings.rs`, with everything that must be said
//!    of it (`contents`: `tests/all/contents`), and to `tests/all/verify/healthy.rs` one that looks like it
//!    and is healthy: no healthy backup may get a warning.
//! 6. `cargo test --test all -- findings healthy output`

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
pub use registry::{all, first, remedy, steps, with_id};
pub use remedy::{First, GOES_ELSEWHERE, MEND_A_COPY, Remedy, Step};
pub use state::{BACKUP_STATES, SNAPSHOT_STATES};
pub use verdicts::{CAN_BE_READ, explain};
