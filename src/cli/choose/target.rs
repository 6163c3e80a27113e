//! What a row is about.

use crate::model::BackupIndex;

/// What a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A backup of the report.
    Backup(BackupIndex),
    /// What a stopped removal left, by its place among those that may be finished.
    Leftover(usize),
}
