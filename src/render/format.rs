//! What every format is: it gets the report of a scan, and writes it.

use std::io;
use std::io::Write;

use crate::model::{BackupIndex, Report};

/// What is told: the report of a scan, all of it or one backup.
#[derive(Clone, Copy)]
pub struct Told<'a> {
    /// The report.
    pub report: &'a Report,
    /// The one backup that it is about, where it is about one.
    pub only: Option<BackupIndex>,
    /// The exit code that the scan has led to.
    pub exit_code: u8,
}

/// A form in which people or programs read a report. To add one, write it in a file of its own, and name
/// it where formats are chosen (`cli::format`).
pub trait Format {
    /// Writes it.
    ///
    /// # Errors
    /// When writing fails.
    fn write(&self, told: &Told<'_>, out: &mut dyn Write) -> io::Result<()>;
}
