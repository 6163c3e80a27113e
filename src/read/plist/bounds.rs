//! How much of a property list is read.

/// Most elements that are read; the largest known files have some tens of thousands.
pub const MAX_EVENTS: u32 = 2_000_000;
/// Longest text or data that is read; the crate needs its memory several times over.
pub(super) const MAX_VALUE: usize = 8 << 20;
/// Deepest nesting that is read; device files have less than 10.
pub(super) const MAX_DEPTH: usize = 128;
/// Deepest nesting that is passed over where a value that is nested too deeply costs that value alone. Each
/// level takes some 100 bytes while it is open.
pub(super) const MAX_SKIPPED_DEPTH: usize = 100_000;
