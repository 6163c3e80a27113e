//! How much of a property list is read.

/// Most elements that are read; the largest known files have some tens of thousands.
pub const MAX_EVENTS: u32 = 2_000_000;
/// Longest text or data that is read; the crate needs its memory several times over.
pub(super) const MAX_VALUE: usize = 8 << 20;
