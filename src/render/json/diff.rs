//! `bkscan diff --json`.

use std::io::{self, Write};

use crate::model::{BackupReport, Diff, Level};
use crate::render::json::escaped;
use crate::report::document::diff::Comparison;

/// Writes a comparison as one JSON document.
///
/// # Errors
/// When writing fails.
pub fn write(
    pair: [&BackupReport; 2],
    diff: &Diff,
    level: Level,
    exit_code: u8,
    out: &mut dyn Write,
) -> io::Result<()> {
    let document = Comparison::of(pair, diff, level, exit_code);
    escaped::write(&document, out)
}
