//! The process: arguments, terminal, exit code. The only place that prints.

pub mod choose;
mod commands;
mod console;
pub mod exit_code;
mod flags;
mod format;
mod hearers;
mod meant;
mod memory;
mod on_problem;
mod password;
mod problems;
mod request;
mod run;
mod session;
mod stop;
#[cfg(test)]
mod tests;
mod topics;
mod zone;

pub use run::run;
