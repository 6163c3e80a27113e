//! The page of `--html FILE`.

use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::model::{PastRun, Report};
use crate::render::format::Told;
use crate::render::html::{self, Html};
use crate::report::document::Document;
use crate::report::trend;
use crate::system::{inside, replace_file};

use crate::cli::exit_code::Exit;
use crate::cli::format;
use crate::cli::meant::paths;
use crate::cli::session::Session;
use crate::cli::stop::{Remark, Stop};

/// Stands for standard input and output.
pub const STANDARD: &str = "-";

/// The page of a scan, yet to be written.
pub struct OfScan {
    file: PathBuf,
    histories: Vec<html::DeviceRuns>,
}

impl OfScan {
    /// Notes what the page needs to know of a report before names are taken out of it: where it may go,
    /// and how its devices developed.
    ///
    /// # Errors
    /// Where it may not be written.
    pub fn prepare(
        session: &Session,
        report: &Report,
        runs: impl FnOnce() -> Vec<PastRun>,
    ) -> Result<Option<OfScan>, Stop> {
        let Some(file) = &session.options.html else {
            return Ok(None);
        };
        if paths::is_among_backups(file, inside::scanned(report)) {
            return Err(Stop::could_not_look(Remark::new(
                "the page was not written: its file lies in what was scanned",
                format!(
                    "the page was not written: {} lies in what was scanned; name a file elsewhere",
                    file.display()
                ),
            )));
        }
        Ok(Some(OfScan {
            file: file.clone(),
            histories: html::histories(&Document::of(report, 0), &trend::devices(&runs(), &[])),
        }))
    }

    /// Writes it. The report may have been redacted since.
    ///
    /// # Errors
    /// Where it could not be written.
    pub fn write(self, session: &Session, report: &Report, exit: Exit) -> Result<(), Stop> {
        let told = Told {
            report,
            only: None,
            exit_code: exit.number(),
        };
        let page = Html {
            histories: &self.histories,
            zone: &session.zone,
        };
        let text = format::text(&page, &told).map_err(|error| {
            let message = format!("the page could not be made: {error}");
            Stop::could_not_look(Remark::plain(message))
        })?;
        write(&self.file, &text)
    }
}

/// Whether a scan is asked to write its page where it prints.
pub fn is_on_stdout(session: &Session) -> bool {
    session.options.html.as_deref() == Some(Path::new(STANDARD))
}

/// Writes a page to its file, in place of a page or of nothing.
///
/// # Errors
/// Where it could not be written, or another file is there.
pub fn write(file: &Path, page: &str) -> Result<(), Stop> {
    if is_another_file(file) {
        return Err(Stop::could_not_look(Remark::new(
            "the page was not written: its file is there and is no page",
            format!(
                "the page was not written: {} is there and is no page; name another file, or remove it first",
                file.display()
            ),
        )));
    }
    replace_file::replace(file, page).map_err(|error| {
        let message = format!("the page {error}");
        Stop::could_not_look(Remark::new("the page could not be written", message))
    })
}

/// Whether there is a file that no page may replace: whoever forgot to name one has named a document instead. One
/// that cannot be read is none that is known to be a page.
fn is_another_file(file: &Path) -> bool {
    let is_there = |found: Metadata| found.is_file() && found.len() > 0;
    file.metadata().is_ok_and(is_there) && !begins_as_page(file).unwrap_or(false)
}

fn begins_as_page(file: &Path) -> io::Result<bool> {
    let mut start = Vec::new();
    let mut begins = File::open(file)?.take(PAGE_BEGINS.len() as u64);
    begins.read_to_end(&mut start)?;
    Ok(start.eq_ignore_ascii_case(PAGE_BEGINS))
}

/// How every page begins.
const PAGE_BEGINS: &[u8] = b"<!DOCTYPE";
