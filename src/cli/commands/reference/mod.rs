//! `bkscan schema`, `completions` and `man`: what other programs want to know about this one. All of it
//! comes from the types that do the work, so that it cannot differ from them.

mod completions;
mod manual;

use std::io::{self, Write};

use crate::render::json::escaped;
use crate::report::schema;

use crate::cli::flags::config_schema;
use crate::cli::flags::words::SchemaArg;

pub use completions::write as write_completions;
pub use manual::write as write_manual;

/// Writes the JSON Schema of `--json`.
///
/// # Errors
/// When writing fails.
pub fn write_schema(of: SchemaArg, out: &mut dyn Write) -> io::Result<()> {
    let schema = match of {
        SchemaArg::Scan => schema::schema(),
        SchemaArg::Diff => schema::schema_of_diff(),
        SchemaArg::Mend => schema::schema_of_mend(),
        SchemaArg::History => schema::schema_of_history(),
    };
    escaped::write(&schema, out)
}

/// Writes the JSON Schema of the configuration file.
///
/// # Errors
/// When writing fails.
pub fn write_config_schema(out: &mut dyn Write) -> io::Result<()> {
    escaped::write(&config_schema::schema(), out)
}
