//! What a scan is asked to do, without the command line.

use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::model::Level;

/// How many examples a finding keeps, unless all are asked for.
pub const EXAMPLES: usize = 10;

/// How many of the largest files are named of a backup that is shown in full.
pub const LARGEST: usize = 20;

/// The options of a scan.
#[derive(Clone, Debug)]
pub struct ScanConfig {
    /// Where to look.
    pub roots: Vec<PathBuf>,
    /// Whether these are the system's own places, because no path was given.
    pub default_roots: bool,
    /// The time zone in which dates are told.
    pub zone: TimeZone,
    /// How deep to look.
    pub level: Level,
    /// The time that counts as now; the clock is asked nowhere else.
    pub now: Timestamp,
    /// How many threads work; at least 1.
    pub threads: usize,
    /// How many examples a finding keeps.
    pub examples: usize,
    /// A backup of which all examples and the largest files are kept.
    pub in_full: Option<PathBuf>,
    /// What may be removed.
    pub policy: Policy,
}

impl ScanConfig {
    /// How many examples a finding of this backup keeps.
    pub fn examples_of(&self, backup: &Path) -> usize {
        if self.in_full.as_deref() == Some(backup) {
            usize::MAX
        } else {
            self.examples
        }
    }

    /// A scan of `roots` at level `standard` on one thread.
    pub fn new(roots: Vec<PathBuf>, now: Timestamp) -> ScanConfig {
        ScanConfig {
            roots,
            default_roots: false,
            zone: TimeZone::UTC,
            level: Level::Standard,
            now,
            threads: 1,
            examples: EXAMPLES,
            in_full: None,
            policy: Policy::usual(now),
        }
    }
}

/// What may be removed (contract §5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Backups before this time are old.
    pub old_before: Timestamp,
    /// Backups that take more bytes than this are oversized.
    pub oversized: u64,
    /// How many good backups of a device to keep; at least 1.
    pub keep_last: usize,
    /// Backups since this time are kept.
    pub keep_since: Option<Timestamp>,
    /// Whether archived copies may go.
    pub include_archived: bool,
    /// Whether a later backup that could not be checked without its password may stand in.
    pub trust_locked: bool,
}

impl Policy {
    /// What holds without options: old after 90 days, oversized beyond 50 GB, one good backup kept.
    pub fn usual(now: Timestamp) -> Policy {
        Policy {
            old_before: now
                .saturating_sub(SignedDuration::from_hours(90 * 24))
                .unwrap_or(now),
            oversized: 50_000_000_000,
            keep_last: 1,
            keep_since: None,
            include_archived: false,
            trust_locked: false,
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
