//! `bkscan mend --json`, and the record beside a mended backup.

use std::io::{self, Write};

use crate::mend::Mended;
use crate::render::json::escaped;
use crate::report::document::mend::MendDocument;

/// Writes a mend as one JSON document: one that was done, is planned, or is not needed.
///
/// # Errors
/// When writing fails.
pub fn write(mended: Option<&Mended>, exit_code: u8, out: &mut dyn Write) -> io::Result<()> {
    escaped::write(&MendDocument::of(mended, exit_code), out)
}
