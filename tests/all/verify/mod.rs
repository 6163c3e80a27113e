//! The checks: what is said of a broken backup, and not of a healthy one.

mod field;
pub mod findings;
mod healthy;
mod rules;
