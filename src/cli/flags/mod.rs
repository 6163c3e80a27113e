//! Options: what is typed, in the environment or in the configuration file. [`table`] has a row for each.

pub mod args;
mod asked;
pub mod config_file;
pub mod config_schema;
mod examples;
pub mod flag;
pub mod line;
pub mod misplaced;
pub mod origin;
pub mod settings;
pub mod table;
pub mod understood;
pub mod values;
pub mod words;
pub mod wrong;
