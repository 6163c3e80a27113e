//! Turns a report into what its reader can do (contract §6): the eight steps of the guide, each with
//! what was seen in these backups. Pure. Claims only what the files show.

mod apps;
mod device;
mod group;
mod guide;
mod icloud;
mod ids;
mod mend;
mod naming;
mod next_backup;
mod order;
pub mod save;
mod storage;
mod superseded;
mod support;
mod trouble;
mod undecided;

use crate::model::{Advice, Report};
use crate::system::System;

pub use guide::{STEPS, Step, seen_for};
pub use ids::{is_drastic, is_told_in_short};
pub use order::{on_screen, rank};

/// Everything that there is to advise, in the order of the guide.
pub fn advise(report: &Report, system: System) -> Vec<Advice> {
    let mut advice = storage::advise(report, system);
    advice.extend(device::advise(report, system));
    advice
}

#[cfg(test)]
mod tests;
