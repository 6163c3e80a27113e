//! Writes a report, one file a format. Speaks; judges nothing.

pub mod html;
pub mod json;
pub mod metrics;
pub mod screen;
