//! What a terminal shows.

pub mod clean;
mod contents;
mod device;
pub mod diff;
pub mod explain;
pub mod history;
pub mod layout;
pub mod mend;
mod order;
pub mod quiet;
pub mod show;
mod stopped;
pub mod style;
mod table;
pub mod text;
mod trouble;
