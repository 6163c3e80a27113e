//! What a scan is asked to do, without the command line.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::model::Level;

/// How many examples a finding keeps, unless all are asked for.
pub const EXAMPLES: usize = 10;

/// The options of a scan.
#[derive(Clone, Debug)]
pub struct ScanConfig {
    /// Where to look.
    pub roots: Vec<PathBuf>,
    /// How deep to look.
    pub level: Level,
    /// The time that counts as now; the clock is asked nowhere else.
    pub now: Timestamp,
    /// How many threads work; at least 1.
    pub threads: usize,
    /// How many examples a finding keeps.
    pub examples: usize,
}

impl ScanConfig {
    /// A scan of `roots` at level `standard` on one thread.
    pub fn new(roots: Vec<PathBuf>, now: Timestamp) -> ScanConfig {
        ScanConfig {
            roots,
            level: Level::Standard,
            now,
            threads: 1,
            examples: EXAMPLES,
        }
    }
}

/// Which findings make the exit code non-zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FailOn {
    /// Only errors.
    #[default]
    Error,
    /// Warnings too.
    Warning,
}
