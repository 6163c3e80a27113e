//! What only the system can tell of where a report comes from.

use std::path::{Path, PathBuf};

use crate::model::PastRemoval;

/// What only the system can tell of where a report comes from.
pub struct Ground<'a> {
    /// The roots with all links resolved (absolute where that fails), one for each of
    /// [`Report::roots`](crate::model::Report::roots) in that order.
    pub roots: &'a [PathBuf],
    /// For each of them the volume that it is on, by a number that lasts; nothing where it cannot be
    /// read or is empty.
    pub volumes: &'a [Option<u64>],
    /// The volume of what is at a path, else of the nearest folder around it; nothing where that cannot
    /// be looked into.
    pub volume_of: &'a dyn Fn(&Path) -> Option<u64>,
    /// What bkscan removed.
    pub removals: &'a [PastRemoval],
    /// The call that has backups be forgotten which the history knows by these paths.
    pub forget: &'a dyn Fn(&[&Path]) -> Option<String>,
}
