//! What can be freed, what only the user can decide about, and the room on the disks.

use std::collections::HashSet;

use maud::{Markup, html};

use crate::render::printable::clean;
use crate::report::document::{Done, Removal, Volume};

use super::backup::{marks, reasons};
use super::names::folder_name;
use super::number::{bytes, freed};
use super::page::{Page, Section};
use super::svg::percent;
use super::table::{Numbers, Words, head};

/// The section; it says so, too, where nothing can go.
pub fn section(page: &Page<'_>) -> Option<Section> {
    let summary = &page.document.summary;
    let content = html! {
        @if let Some(done) = &page.document.done { (cleaned(done)) }
        @for (index, place, volume) in volumes(page) { (disk(page, index, &place, volume)) }
        h3 { "Can go" }
        @if summary.removable.backups.is_empty() {
            p { "Nothing goes without your decision." }
        } @else {
            (table(page, &summary.removable, "/summary/removable/bytes"))
            p.quiet { "bkscan clean shows the plan, and removes only with --delete." }
        }
        h3 { "Only you can decide" }
        @if summary.on_request.backups.is_empty() {
            p { "Nothing." }
        } @else {
            p { "bkscan never picks these by itself." }
            (table(page, &summary.on_request, "/summary/on_request/bytes"))
        }
    };
    (!page.document.backups.is_empty()).then(|| Section {
        id: "freed",
        title: "What can be freed, and why".to_owned(),
        is_folded: page.document.done.is_none(),
        content,
    })
}

/// The backups of a removal with what each gives back alone, and what all give back together.
fn table(page: &Page<'_>, removal: &Removal<'_>, total: &str) -> Markup {
    let mut seen = HashSet::new();
    let known = removal.backups.iter().filter_map(|path| page.find(path));
    let known = known.filter(|index| seen.insert(*index));
    html! {
        table.freed {
            (head(&[Words("Backup"), Words("Why"), Numbers("Frees")]))
            tbody {
                @for index in known {
                    @let backup = &page.document.backups[index];
                    tr {
                        th scope="row" {
                            a href={ "#backup-" (index + 1) } { (page.title(backup)) } br;
                            span.quiet { (page.made(backup)) (marks(backup)) }
                        }
                        td { (reasons(backup)) }
                        td.number { (freed(&format!("/backups/{index}/frees/bytes"), &backup.frees)) }
                    }
                }
            }
            tfoot {
                tr {
                    th scope="row" colspan="2" { "Together" }
                    td.number { (freed(total, &removal.frees)) }
                }
            }
        }
    }
}

/// What a cleaning did, in a document of `clean --delete`: the backups are judged as they were before.
fn cleaned(done: &[Done<'_>]) -> Markup {
    html! {
        h3 { "What was done" }
        p { "This document is of a cleaning. The rest of the page is about how it was before." }
        table.freed {
            (head(&[Words("Folder"), Words("Outcome"), Numbers("Freed")]))
            tbody {
                @for (index, done) in done.iter().enumerate() {
                    tr {
                        th scope="row" { code { (folder_name(&done.place.path)) } }
                        td { (clean(&done.outcome)) @if let Some(why) = &done.why { ": " (clean(why)) } }
                        td.number { (bytes(&format!("/done/{index}/freed_bytes"), done.freed_bytes)) }
                    }
                }
            }
        }
    }
}

/// Each volume once, with the first path on it.
pub fn volumes<'a>(page: &'a Page<'_>) -> Vec<(usize, String, &'a Volume)> {
    let roots = page.document.roots.iter().enumerate();
    let on_volumes = roots.filter_map(|(index, root)| {
        let volume = root.volume.as_ref()?;
        Some((index, clean(&root.place.path), volume))
    });
    let mut seen = HashSet::new();
    on_volumes
        .filter(|(.., volume)| seen.insert(*volume))
        .collect()
}

/// A disk as a bar: what is used, and what is free.
fn disk(page: &Page<'_>, index: usize, place: &str, volume: &Volume) -> Markup {
    let part = |bytes: u64| match volume.total_bytes {
        0 => 0.0,
        total => (bytes as f64 / total as f64 * 100.0).clamp(0.0, 100.0),
    };
    let used = part(volume.total_bytes.saturating_sub(volume.available_bytes));
    let backups = part(page.document.summary.allocated_bytes).min(used);
    let alone = page.document.roots.len() == 1;
    let number = |name: &str, value| bytes(&format!("/roots/{index}/volume/{name}"), value);
    html! {
        p {
            (number("available_bytes", volume.available_bytes)) " free of "
            (number("total_bytes", volume.total_bytes)) " at " code { (place) }
        }
        svg.disk aria-hidden="true" {
            rect.track width="100%" height="100%" {}
            rect.used width={ (percent(used)) } height="100%" {}
            // With several disks it is not known how much of the backups is on which.
            @if alone { rect.removable width={ (percent(backups)) } height="100%" {} }
        }
        ul.key {
            @if alone {
                li { (swatch("removable")) "these backups" }
                li { (swatch("used")) "everything else" }
            } @else {
                li { (swatch("used")) "used" }
            }
            li { (swatch("track")) "free" }
        }
    }
}

fn swatch(class: &str) -> Markup {
    html! { svg.disk aria-hidden="true" { rect.(class) width="100%" height="100%" {} } }
}
