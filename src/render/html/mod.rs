//! The page (`--html`, `bkscan report`): a document of `--json` for people, as one HTML file that needs
//! nothing else. It runs no script and loads nothing, and its Content-Security-Policy forbids both.
//!
//! Every number that stands in the document is a `data` element: `value` is the exact number, and
//! `data-json` points to it in the document (RFC 6901).

mod backup;
mod bars;
mod checked;
mod devices;
pub mod fleet;
mod frame;
mod freed;
mod histories;
mod labels;
mod lay_out;
mod marks;
mod meaning;
mod names;
mod number;
mod only;
mod page;
mod parts;
mod runs;
mod squarify;
mod summary;
mod svg;
mod table;
mod timeline;
mod times;
mod todo;
mod treemap;
mod verdict;

use std::io;

use jiff::tz::TimeZone;

use crate::render::format::{Format, Told};
use crate::report::document::Document;

use frame::{Frame, framed};
use page::{Page, Section};

pub use histories::{DeviceRuns, histories};

/// A page to look at in a browser.
pub struct Html<'a> {
    /// How the devices developed.
    pub histories: &'a [DeviceRuns],
    /// The time zone in which dates are told.
    pub zone: &'a TimeZone,
}

impl Format for Html<'_> {
    fn write(&self, told: &Told<'_>, out: &mut dyn io::Write) -> io::Result<()> {
        let document = Document::of(told.report, told.exit_code);
        let page = page(&document, self.histories, self.zone);
        out.write_all(page.as_bytes())
    }
}

/// The page of a document, as HTML.
pub fn page(document: &Document<'_>, histories: &[DeviceRuns], zone: &TimeZone) -> String {
    let page = Page::new(document, histories, zone);
    let sections: Vec<Section> = [
        summary::not_looked_at(&page),
        devices::section(&page),
        todo::section(&page),
        treemap::section(&page),
        runs::section(&page),
        backup::section(&page),
        freed::section(&page),
        meaning::section(&page),
        checked::section(&page),
        summary::beside(&page),
    ]
    .into_iter()
    .flatten()
    .collect();
    framed(&Frame {
        title: summary::title(&page),
        version: &document.bkscan_version,
        header: summary::header(&page),
        footer: summary::only_on_the_screen(&sections),
        sections: &sections,
    })
}

#[cfg(test)]
mod tests;
