//! How a machine stands: how bad it is, and how new what is known of it.

use jiff::{SignedDuration, Timestamp};

/// For how long after its last run a machine counts as heard of: as long as the alert rule for Prometheus
/// gives it.
const HEARD_FOR: SignedDuration = SignedDuration::from_hours(48);

/// By how much the clocks of two machines may differ.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_hours(24);

/// How a machine stands, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// A backup is damaged or incomplete.
    Damaged,
    /// Its document could not be read.
    Unread,
    /// Its last run was long ago, or has a date yet to come.
    Silent,
    /// Something could not be looked at, the run was stopped, or no backup was found.
    Unseen,
    /// There is a warning.
    Warned,
    /// Nothing wrong was seen, but not everything was looked at.
    Open,
    /// All is well.
    Well,
}

/// How new a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Its run ended within the last two days.
    Fresh,
    /// Nothing has been heard for longer.
    Silent,
    /// Its run is yet to come: a clock is wrong.
    Ahead,
}

impl Freshness {
    /// How new it is at `now`, where its run ended then.
    pub fn of(ended: Timestamp, now: Timestamp) -> Freshness {
        let age = now.duration_since(ended);
        if age > HEARD_FOR {
            Freshness::Silent
        } else if age < -CLOCKS_DIFFER {
            Freshness::Ahead
        } else {
            Freshness::Fresh
        }
    }
}
