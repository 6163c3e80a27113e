//! Options: what is typed, in the environment or in the configuration file.

pub mod args;
pub mod config_file;
pub mod settings;
pub mod values;
