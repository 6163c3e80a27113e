//! Writes a report, one file a format. Speaks; judges nothing.

pub mod explain;
pub mod json;
pub mod reasons;
pub mod show;
pub mod text;
