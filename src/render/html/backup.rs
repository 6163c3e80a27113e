//! The backups: a card for each, folded up below its verdict.

use std::collections::BTreeSet;

use maud::{Markup, html};

use crate::facts::products;
use crate::render::consequence::{consequence, what_to_do};
use crate::render::printable::clean;
use crate::report::document::{Backup, Example, Finding};
use crate::words::numbers;

use super::number::{bytes, counted, freed};
use super::page::{Page, Section};
use super::timeline::can_go;
use super::verdict::{known, verdict};
use super::{bars, meaning, only};

/// How many files of a finding are named.
const MOST_EXAMPLES: usize = 10;

/// The backups one by one.
pub fn section(page: &Page<'_>) -> Option<Section> {
    let order = page.in_order();
    let content = html! { @for index in &order { (card(page, *index)) } };
    (!order.is_empty()).then(|| Section {
        id: "backups",
        title: "The backups, one by one".to_owned(),
        is_folded: false,
        content,
    })
}

/// What tells a backup from others of its device.
pub fn marks(backup: &Backup<'_>) -> &'static str {
    match (backup.archived, is_locked(backup)) {
        (true, true) => " · archived · locked",
        (true, false) => " · archived",
        (false, true) => " · locked",
        (false, false) => "",
    }
}

/// Whether its list of files could not be opened.
fn is_locked(backup: &Backup<'_>) -> bool {
    backup.encrypted == Some(true)
        && backup
            .storage
            .iter()
            .any(|group| group.group == "Encrypted")
}

fn size(index: usize, backup: &Backup<'_>) -> Markup {
    let pointer = format!("/backups/{index}/size/allocated_bytes");
    match backup.size.allocated_bytes {
        Some(size) => bytes(&pointer, size),
        None => html! { "unknown" },
    }
}

/// Whether anything is wrong with a backup: a note is no more than that.
pub fn is_wrong(backup: &Backup<'_>) -> bool {
    backup
        .findings
        .iter()
        .any(|finding| finding.severity != "note")
}

/// The card of a backup. On paper it is open where anything is wrong with it.
fn card(page: &Page<'_>, index: usize) -> Markup {
    let backup = &page.document.backups[index];
    let id = format!("backup-{}", index + 1);
    let class = if is_wrong(backup) {
        "backup wrong"
    } else {
        "backup"
    };
    html! {
        article id=(id) aria-labelledby={ (id) "-name" } {
            details class=(class) {
                summary {
                    h3 id={ (id) "-name" } {
                        (page.title(backup))
                        span.quiet {
                            " · " (page.made(backup)) (marks(backup))
                            @if can_go(backup) { " · can go" }
                        }
                    }
                    (verdict(&backup.verdict))
                    span.size { (size(index, backup)) }
                }
                (inside(page, index))
            }
        }
    }
}

/// All that is known of a backup.
fn inside(page: &Page<'_>, index: usize) -> Markup {
    let backup = &page.document.backups[index];
    let follows = what_follows(backup);
    html! {
        div.inside {
            @if !follows.0.is_empty() { p { (follows) } }
            (facts(page, index))
            @if !backup.findings.is_empty() {
                h4 { "What was found" }
                ul.findings {
                    @for (nth, finding) in backup.findings.iter().enumerate() {
                        (found(&format!("/backups/{index}/findings/{nth}"), finding))
                    }
                }
                (hints(backup))
            }
            div.not-wrong {
                @if let Some(only) = &backup.only_here {
                    (only::section(page, index, only))
                }
                @if !backup.storage.is_empty() {
                    h4 { "What is in it" }
                    (bars::table(index, &backup.storage))
                }
            }
        }
    }
}

/// What a verdict means for whoever wants to restore.
pub fn what_follows(backup: &Backup<'_>) -> Markup {
    let verdict = known(&backup.verdict);
    let kind = products::kind(backup.device.product_type.as_deref());
    let findings = backup.findings.iter();
    let ids: Vec<&str> = findings.map(|finding| &*finding.id).collect();
    let text = verdict
        .map(|verdict| consequence(verdict, &ids, kind) + &what_to_do(verdict, &ids, kind))
        .unwrap_or_default();
    html! { (text) }
}

fn facts(page: &Page<'_>, index: usize) -> Markup {
    let backup = &page.document.backups[index];
    let fact = |name: &str, value: Markup| html! { div { dt { (name) } dd { (value) } } };
    let wide = |name: &str, value: Markup| html! { div.wide { dt { (name) } dd { (value) } } };
    let pointer = |name: &str| format!("/backups/{index}/{name}");
    let decision = match &*backup.decision.action {
        "remove" => "Can go, because",
        _ => "Stays, because",
    };
    html! {
        dl.facts {
            (fact("Last backup", page.made(backup)))
            @if let Some(version) = &backup.device.ios_version {
                (fact("iOS", html! { (clean(version)) }))
            }
            (fact("On the disk", html! {
                (size(index, backup))
                @if let Some(files) = backup.size.files {
                    " in " (counted(&pointer("size/files"), files, "file", "files"))
                }
            }))
            @if let Some(manifest) = &backup.manifest {
                (fact("Listed", counted(&pointer("manifest/files"), manifest.files, "file", "files")))
            }
            (fact("Encrypted", html! { (yes_or_no(backup.encrypted)) }))
            (fact("Deleting it frees", freed(&pointer("frees/bytes"), &backup.frees)))
            (wide(decision, reasons(backup)))
            (wide("Folder", html! { code { (clean(&backup.place.path)) } }))
        }
    }
}

fn yes_or_no(answer: Option<bool>) -> &'static str {
    match answer {
        Some(true) => "yes",
        Some(false) => "no",
        None => "not known",
    }
}

/// Why a backup stays or may go.
pub fn reasons(backup: &Backup<'_>) -> Markup {
    let reasons: Vec<String> = backup
        .decision
        .reasons
        .iter()
        .map(|reason| clean(&reason.text))
        .collect();
    html! { (reasons.join("; ")) }
}

/// A finding; `pointer` is its place in the document.
pub fn found(pointer: &str, finding: &Finding<'_>) -> Markup {
    let class = match &*finding.severity {
        "error" => "bad",
        "warning" => "warn",
        _ => "open",
    };
    let examples = &finding.examples[..finding.examples.len().min(MOST_EXAMPLES)];
    html! {
        li {
            p {
                span.verdict.(class) { (clean(&finding.severity)) } " " (meaning::link(&finding.id))
                @if finding.count > 1 || finding.bytes > 0 {
                    span.quiet {
                        " · " (counted(&format!("{pointer}/count"), finding.count, "case", "cases"))
                        @if finding.bytes > 0 { ", " (bytes(&format!("{pointer}/bytes"), finding.bytes)) }
                    }
                }
            }
            p { (clean(&finding.message)) "." }
            @if !examples.is_empty() {
                details {
                    summary { (which(examples.len(), finding.count)) }
                    ul { @for example in examples { li { (file(example)) } } }
                }
            }
        }
    }
}

/// The commands that say more, each once.
fn hints(backup: &Backup<'_>) -> Markup {
    let hints: BTreeSet<String> = (backup.findings.iter())
        .filter_map(|finding| finding.hint.as_deref().map(clean))
        .collect();
    html! { @for hint in &hints { pre { code { (hint) } } } }
}

fn which(shown: usize, count: u64) -> String {
    let shown = shown as u64;
    match shown < count {
        true => format!("{} of them", numbers::count(shown)),
        false => "Which".to_owned(),
    }
}

fn file(example: &Example<'_>) -> Markup {
    let place = [&example.domain, &example.path];
    let mut place: Vec<String> = place
        .into_iter()
        .flatten()
        .map(|part| clean(part))
        .collect();
    if place.is_empty() {
        place.extend(example.file_id.as_deref().map(clean));
    }
    html! {
        @if place.is_empty() { "a file without a name here" } @else { code { (place.join(" ")) } }
        @if let Some(length) = example.bytes { " " span.quiet { (numbers::size(length)) } }
    }
}
