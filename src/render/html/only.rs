//! What is only in one backup: what goes for good with it.

use maud::{Markup, html};

use crate::render::printable::clean;
use crate::report::document::{DatabaseLoss, HeldElsewhere, Loss, OnlyHere};

use super::names::folder_name;
use super::number::{bytes, count, counted};
use super::page::Page;
use super::table::{Numbers, Words, head};

/// What is only in a backup, and who holds it all the same.
pub fn section(page: &Page<'_>, index: usize, only: &OnlyHere<'_>) -> Markup {
    let pointer = format!("/backups/{index}/only_here");
    html! {
        h4 { "Only in this backup" }
        p.quiet { (than(page, only)) }
        @if only.groups.is_empty() && only.databases.is_empty() {
            p { "Nothing that counts." }
        }
        @if !only.groups.is_empty() {
            table.only {
                (head(&[Words("What"), Numbers("Files"), Numbers("Bytes")]))
                tbody {
                    @for (nth, loss) in only.groups.iter().enumerate() {
                        (group(&format!("{pointer}/groups/{nth}"), loss))
                    }
                }
            }
        }
        @if !only.databases.is_empty() {
            table.only {
                (head(&[Words("Database"), Numbers("Here"), Numbers("There")]))
                tbody {
                    @for (nth, loss) in only.databases.iter().enumerate() {
                        (database(&format!("{pointer}/databases/{nth}"), loss))
                    }
                }
            }
        }
        @if let Some(held) = &only.held_elsewhere {
            (elsewhere(page, &format!("{pointer}/held_elsewhere"), held))
        }
    }
}

/// With which backup it was compared.
fn than(page: &Page<'_>, only: &OnlyHere<'_>) -> Markup {
    html! {
        @match only.than.as_deref() {
            Some(path) => { "Compared with " (link(page, path)) "." }
            None => { "There is no newer one of this device: all of it counts." }
        }
    }
}

/// Another backup: its card where it has one, else the name of its folder.
fn link(page: &Page<'_>, path: &str) -> Markup {
    html! {
        @if let Some(index) = page.find(path) {
            @let backup = &page.document.backups[index];
            a href={ "#backup-" (index + 1) } { (page.title(backup)) } " of " (page.made(backup))
        } @else {
            code { (folder_name(path)) }
        }
    }
}

fn group(pointer: &str, loss: &Loss<'_>) -> Markup {
    let number = |name: &str, value| count(&format!("{pointer}/{name}"), value);
    let size = |name: &str, value| bytes(&format!("{pointer}/{name}"), value);
    html! {
        tr {
            th scope="row" { (clean(&loss.group)) }
            td.number { (number("files", loss.files)) " of " (number("of_files", loss.of_files)) }
            td.number { (size("bytes", loss.bytes)) " of " (size("of_bytes", loss.of_bytes)) }
        }
    }
}

fn database(pointer: &str, loss: &DatabaseLoss<'_>) -> Markup {
    let size = |name: &str, value| bytes(&format!("{pointer}/{name}"), value);
    html! {
        tr {
            th scope="row" { (clean(&loss.name)) }
            td.number { (size("bytes", loss.bytes)) }
            td.number { (size("other_bytes", loss.other_bytes)) }
        }
    }
}

fn elsewhere(page: &Page<'_>, pointer: &str, held: &HeldElsewhere<'_>) -> Markup {
    html! {
        p {
            (link(page, &held.path)) " holds " (count(&format!("{pointer}/files"), held.files)) " of its "
            (counted(&format!("{pointer}/of_files"), held.of_files, "file", "files"))
            " that a person would miss."
        }
    }
}
