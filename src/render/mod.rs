//! Writes a report, one file a format. Speaks; judges nothing.

pub mod clean;
pub mod diff;
pub mod explain;
pub mod history;
pub mod html;
pub mod json;
pub mod metrics;
pub mod show;
pub mod text;
