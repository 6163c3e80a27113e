//! Writes a report, one file a format. Speaks; judges nothing.

mod consequence;
pub mod format;
mod growth;
pub mod html;
pub mod json;
mod kinds;
pub mod metrics;
#[cfg(feature = "cli")]
pub mod nagios;
pub mod printable;
#[cfg(feature = "cli")]
pub mod screen;
mod symbol;
