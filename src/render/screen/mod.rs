//! What a terminal shows.

pub mod clean;
mod contents;
pub mod device;
pub mod diff;
pub mod explain;
pub mod history;
pub mod layout;
pub mod mend;
pub mod order;
pub mod quiet;
pub mod show;
mod stopped;
pub mod style;
pub mod table;
pub mod text;
pub mod trouble;
