//! What a terminal shows.

pub mod clean;
mod contents;
pub mod diff;
pub mod explain;
pub mod history;
pub mod layout;
mod order;
pub mod quiet;
pub mod show;
mod stopped;
pub mod style;
mod table;
pub mod text;
mod trouble;
