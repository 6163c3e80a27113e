//! What is said where a run was stopped before its end.

/// What is said where a signal came before anything was found.
pub const STOPPED_AT_ONCE: &str = "Stopped before the end: no backup was looked at yet.";

/// What is said where a signal came before all was found.
pub const STOPPED_LATER: &str = "Stopped before the end: other backups were not looked at.";
