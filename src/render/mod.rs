//! Writes a report, one file a format. Speaks; judges nothing.

pub mod json;
pub mod text;
