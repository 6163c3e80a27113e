//! The order of the stages.

// The same everywhere; Wine starts programs slowly.
#[cfg(not(windows))]
mod both_ways;
