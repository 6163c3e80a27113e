//! `--json`: writes the document of contract §7.

pub mod diff;
pub mod escaped;
pub mod history;
pub mod mend;

use std::io::{self, Write};

use crate::clean::{self, CleanPlan};
use crate::model::Report;
use crate::report::document::Document;

use super::format::{Format, Told};

/// One JSON document.
pub struct Json;

impl Format for Json {
    fn write(&self, told: &Told<'_>, out: &mut dyn Write) -> io::Result<()> {
        let Told {
            report,
            only,
            exit_code,
        } = *told;
        write_document(
            &match only {
                Some(index) => Document::of_one(report, index, exit_code),
                None => Document::of(report, exit_code),
            },
            out,
        )
    }
}

/// Writes the report as one JSON document.
///
/// # Errors
/// When writing fails.
pub fn write(report: &Report, exit_code: u8, out: &mut dyn Write) -> io::Result<()> {
    write_document(&Document::of(report, exit_code), out)
}

/// Writes the document with what would go, and after acting with what was done.
///
/// # Errors
/// When writing fails.
pub fn write_clean(
    report: &Report,
    plan: &CleanPlan,
    done: Option<&[clean::Done]>,
    exit_code: u8,
    out: &mut dyn Write,
) -> io::Result<()> {
    write_document(&Document::of_clean(report, plan, done, exit_code), out)
}

fn write_document(document: &Document<'_>, out: &mut dyn Write) -> io::Result<()> {
    escaped::write(document, out)
}
