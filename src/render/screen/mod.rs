//! What a terminal shows.

pub mod clean;
pub mod diff;
pub mod explain;
pub mod history;
pub mod show;
pub mod text;
