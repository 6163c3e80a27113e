//! The page (`--html`, `bkscan report`): a document of `--json` for people, as one HTML file that needs
//! nothing else. It runs no script and loads nothing, and its Content-Security-Policy forbids both.
//!
//! Every number that stands in the document is a `data` element: `value` is the exact number, and
//! `data-json` points to it in the document (RFC 6901).

mod backup;
mod bars;
mod checked;
mod devices;
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
mod todo;
mod treemap;
mod verdict;

use std::io;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::tz::TimeZone;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use crate::render::format::{Format, Told};
use crate::render::printable::clean;
use crate::report::document::Document;

use page::{Page, Section};

pub use histories::{DeviceRuns, histories};

/// The only style there is: no element has one of its own.
const STYLE: &str = include_str!("style.css");

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
    // Of several with the same path, which only a document of somebody else has, the first counts.
    let backups = document.backups.iter().enumerate().rev();
    let page = Page {
        document,
        places: backups
            .map(|(index, backup)| (&*backup.place.path, index))
            .collect(),
        histories,
        zone,
    };
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
    // Browsers take the digest of what they have read, and read every line end as one character.
    let style = STYLE.replace("\r\n", "\n");
    let digest = BASE64_STANDARD.encode(Sha256::digest(&style));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    );
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content={ "bkscan " (clean(&document.bkscan_version)) };
                title { (summary::title(&page)) }
                style { (PreEscaped(style)) }
            }
            body {
                header {
                    (summary::header(&page))
                    nav aria-label="On this page" {
                        ul {
                            @for section in &sections {
                                li { a href={ "#" (section.id) } { (section.title) } }
                            }
                        }
                    }
                }
                main {
                    @for section in &sections { (told(section)) }
                }
                footer { (summary::footer(&page, &sections)) }
            }
        }
    };
    page.into_string()
}

fn told(section: &Section) -> Markup {
    let heading = html! { h2 id=(section.id) { (section.title) } };
    html! {
        @if section.is_folded {
            section.folded aria-labelledby=(section.id) {
                details { summary { (heading) } (section.content) }
            }
        } @else {
            section aria-labelledby=(section.id) { (heading) (section.content) }
        }
    }
}

#[cfg(test)]
mod tests;
