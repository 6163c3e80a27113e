//! The page (`--html`, `bkscan report`): a document of `--json` for people, as one HTML file that needs
//! nothing else. It runs no script and loads nothing, and its Content-Security-Policy forbids both.
//!
//! Every number that stands in the document is a `data` element: `value` is the exact number, and
//! `data-json` points to it in the document (RFC 6901).

mod backup;
mod bars;
mod checked;
mod freed;
mod meaning;
mod number;
mod only;
mod runs;
mod summary;
mod table;
mod todo;
mod treemap;

use std::collections::HashMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use crate::model::Verdict;
use crate::report::document::{Backup, Document, Text};
use crate::words::numbers;

use super::screen::text::{clean, symbol};

pub use runs::{DeviceRuns, histories};

/// The only style there is: no element has one of its own.
const STYLE: &str = include_str!("style.css");

/// How many characters of a backup's name are shown.
const LONGEST_TITLE: usize = 400;

/// What a page shows.
struct Page<'a> {
    document: &'a Document<'a>,
    /// The backups by their paths.
    places: HashMap<&'a str, usize>,
    /// How devices developed, where that is known.
    histories: &'a [DeviceRuns],
    /// The time zone in which dates are told.
    zone: &'a TimeZone,
}

/// A part of the page, where it has anything to say.
struct Section {
    id: &'static str,
    title: String,
    content: Markup,
}

/// The page of a document, as HTML.
pub fn page(document: &Document<'_>, histories: &[DeviceRuns], zone: &TimeZone) -> String {
    // Of several with the same path, which only a document of somebody else has, the first counts.
    let backups = document.backups.iter().enumerate().rev();
    let page = Page {
        document,
        places: backups
            .map(|(at, backup)| (&*backup.place.path, at))
            .collect(),
        histories,
        zone,
    };
    let sections: Vec<Section> = [
        summary::not_looked_at(&page),
        todo::section(&page),
        freed::section(&page),
        backup::section(&page),
        treemap::section(&page),
        runs::section(&page),
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
                    @for section in &sections {
                        section aria-labelledby=(section.id) {
                            h2 id=(section.id) { (section.title) }
                            (section.content)
                        }
                    }
                }
                footer { (summary::footer(&page)) }
            }
        }
    };
    page.into_string()
}

impl Page<'_> {
    /// The backups as people look for them: devices by size, newest first within a device.
    fn in_order(&self) -> Vec<usize> {
        let Document {
            devices, backups, ..
        } = self.document;
        let members = |paths: &[Text<'_>]| -> Vec<usize> {
            paths.iter().filter_map(|path| self.find(path)).collect()
        };
        let mut of_devices: Vec<Vec<usize>> = devices
            .iter()
            .map(|device| members(&device.backups))
            .collect();
        of_devices.sort_by_key(|members| {
            let sizes = members.iter().map(|at| backups[*at].size.allocated_bytes);
            std::cmp::Reverse(sizes.fold(0_u64, u64::saturating_add))
        });
        let mut order = of_devices.concat();
        // A document may name any path twice, or none.
        let mut seen = vec![false; backups.len()];
        order.retain(|at| !std::mem::replace(&mut seen[*at], true));
        order.extend((0..backups.len()).filter(|at| !seen[*at]));
        order
    }

    /// The backup at a path.
    fn find(&self, path: &str) -> Option<usize> {
        self.places.get(path).copied()
    }

    /// What a person calls a backup's device; else its identifier, or its folder.
    fn title(&self, backup: &Backup<'_>) -> String {
        let device = &backup.device;
        let given = [device.name.as_deref(), device.product_name.as_deref()];
        let given = given.into_iter().flatten().map(clean);
        let mut names: Vec<String> = given.filter(|name| !is_blank(name)).collect();
        names.dedup();
        if names.is_empty() {
            let udid = backup.udid.as_deref().map(clean);
            let folder = || folder_name(&backup.place.path);
            let other = udid.filter(|udid| !is_blank(udid)).unwrap_or_else(folder);
            names.push(clean_or(&other, "A backup"));
        }
        let title = names.join(", ");
        // It stands wherever the backup is spoken of.
        match title.char_indices().nth(LONGEST_TITLE) {
            Some((end, _)) => format!("{}…", &title[..end]),
            None => title,
        }
    }

    fn day(&self, time: Timestamp) -> Markup {
        html! { time datetime=(time) { (numbers::day(time, self.zone)) } }
    }

    fn moment(&self, time: Timestamp) -> Markup {
        let zone = time.to_zoned(self.zone.clone()).strftime("%Z").to_string();
        html! { time datetime=(time) { (numbers::moment(time, self.zone)) " " (zone) } }
    }

    /// When a backup was made.
    fn made(&self, backup: &Backup<'_>) -> Markup {
        match &backup.last_backup {
            Some(last) => self.day(last.at),
            None => html! { "not known" },
        }
    }
}

/// A name that can be shown, or else what to say instead.
fn clean_or(name: &str, instead: &str) -> String {
    let name = clean(name);
    if is_blank(&name) {
        instead.to_owned()
    } else {
        name
    }
}

fn is_blank(name: &str) -> bool {
    name.trim().is_empty()
}

/// The last part of a path, of whatever system.
fn folder_name(path: &str) -> String {
    let name = path
        .trim_end_matches(['/', '\\'])
        .rsplit(['/', '\\'])
        .next();
    clean(name.unwrap_or(path))
}

/// The verdict of this name.
fn known(word: &str) -> Option<Verdict> {
    let mut all = Verdict::ALL.into_iter();
    all.find(|known| known.as_str() == word)
}

/// A verdict with its symbol; colour says nothing that the word does not.
fn verdict(word: &str) -> Markup {
    let known = known(word);
    let class = known.map_or("open", class);
    let symbol = known.map_or("?", symbol);
    html! {
        span.verdict.(class) { span aria-hidden="true" { (symbol) } " " (clean(word)) }
    }
}

fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Complete => "ok",
        Verdict::Unverified | Verdict::InProgress => "open",
        Verdict::Interrupted | Verdict::Unreadable => "warn",
        Verdict::Incomplete | Verdict::Corrupt => "bad",
    }
}

#[cfg(test)]
mod tests;
