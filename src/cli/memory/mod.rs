//! What a call remembers for the next ones: its runs, what it read, what it removed.

pub mod ledger;
pub mod removals;
pub mod runs;
