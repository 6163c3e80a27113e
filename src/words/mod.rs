//! How things are said, whatever they are said of: numbers, commands to copy, nightly jobs. Pure.

pub mod numbers;
pub mod schedule;
pub mod shell;
pub mod unseen;
