//! What the page begins and ends with: the answer in a sentence, all of it in numbers, what could not
//! be looked at, and what lies beside the backups.

use maud::{Markup, html};

use crate::render::printable::clean;
use crate::words::numbers;

use super::number::{bytes, count, counted};
use super::page::{Page, Section};
use super::table::{Numbers, Words, head};
use super::verdict::verdict;

/// The title of the window.
pub fn title(page: &Page<'_>) -> String {
    let began = numbers::day(page.document.started_at, page.zone);
    format!("iPhone and iPad backups, {began}")
}

/// The heading, the answer, and all of it in numbers.
pub fn header(page: &Page<'_>) -> Markup {
    let document = page.document;
    let summary = &document.summary;
    let (class, answer) = answer(page);
    html! {
        h1 { "iPhone and iPad backups" }
        p.headline.(class) { (answer) }
        p {
            (counted("/summary/backups", summary.backups, "backup", "backups")) " · "
            (counted("/summary/devices", summary.devices, "device", "devices")) " · "
            (bytes("/summary/allocated_bytes", summary.allocated_bytes)) " on the disk · "
            (counted("/summary/files", summary.files, "file", "files"))
        }
        ul.tally {
            @for (word, number) in tally(page) {
                @if number > 0 {
                    li { (verdict(word)) " " (count(&format!("/summary/verdicts/{word}"), number)) }
                }
            }
        }
        p.quiet {
            "Looked at " (page.moment(document.started_at)) ", level " (clean(&document.level)) ", bkscan "
            (clean(&document.bkscan_version)) ", in"
            @for (index, root) in document.roots.iter().enumerate() {
                @if index > 0 { "," } " " code { (clean(&root.place.path)) }
            }
            "."
        }
    }
}

/// How many backups have each verdict, best first.
fn tally(page: &Page<'_>) -> [(&'static str, u64); 7] {
    let verdicts = &page.document.summary.verdicts;
    [
        ("complete", verdicts.complete),
        ("unverified", verdicts.unverified),
        ("in-progress", verdicts.in_progress),
        ("interrupted", verdicts.interrupted),
        ("incomplete", verdicts.incomplete),
        ("corrupt", verdicts.corrupt),
        ("unreadable", verdicts.unreadable),
    ]
}

/// Whether the backups are any good, in a sentence, and its colour.
fn answer(page: &Page<'_>) -> (&'static str, String) {
    let document = page.document;
    let all = document.summary.backups;
    let of_all = |number: u64, one: &str, many: &str| {
        let verb = if number == 1 { one } else { many };
        match all {
            1 => format!("The backup {one}."),
            2 if number == 2 => format!("Both backups {many}."),
            all if all == number => format!("All {} backups {many}.", numbers::count(all)),
            all => format!(
                "{} of {} backups {verb}.",
                numbers::count(number),
                numbers::count(all)
            ),
        }
    };
    let verdicts = &document.summary.verdicts;
    let bad = verdicts.incomplete.saturating_add(verdicts.corrupt);
    let of_backups = document.backups.iter().flat_map(|backup| &backup.findings);
    let of_devices = document.devices.iter().flat_map(|device| &device.findings);
    let has_warning = of_backups
        .chain(of_devices)
        .any(|finding| finding.severity != "note");
    let (mut class, mut answer) = if all == 0 && document.cancelled {
        let text = "The scan was stopped before any backup was looked at.";
        return ("open", text.to_owned());
    } else if all == 0 {
        ("open", "No backup was found.".to_owned())
    } else if bad > 0 {
        let many = "are damaged or not complete";
        ("bad", of_all(bad, "is damaged or not complete", many))
    } else if verdicts.unreadable > 0 {
        let [one, many] = ["could not be looked at"; 2];
        ("warn", of_all(verdicts.unreadable, one, many))
    } else if verdicts.interrupted > 0 {
        let [one, many] = ["did not finish the last time; what was there before is whole"; 2];
        ("warn", of_all(verdicts.interrupted, one, many))
    } else if has_warning {
        (
            "warn",
            "No backup is damaged, but something needs a look.".to_owned(),
        )
    } else if verdicts.in_progress > 0 {
        let many = "are being made right now";
        (
            "open",
            of_all(verdicts.in_progress, "is being made right now", many),
        )
    } else if verdicts.unverified > 0 {
        let [one, many] = ["could not be checked in full, and nothing wrong was seen"; 2];
        ("open", of_all(verdicts.unverified, one, many))
    } else {
        (
            "ok",
            of_all(verdicts.complete, "is complete", "are complete"),
        )
    };
    // 3: something that was asked for could not be looked at; of a backup that is said already.
    if document.exit_code == 3 && verdicts.unreadable == 0 && !document.problems.is_empty() {
        answer += " Something that was asked for could not be looked at.";
        class = if class == "ok" { "warn" } else { class };
    }
    if document.cancelled {
        class = if class == "ok" { "open" } else { class };
        answer += " The scan was stopped before its end: other backups were not looked at.";
    }
    (class, answer)
}

/// What could not be looked at, or was passed over.
pub fn not_looked_at(page: &Page<'_>) -> Option<Section> {
    let problems = &page.document.problems;
    let content = html! {
        ul {
            @for problem in problems {
                li { (clean(&problem.message)) }
            }
        }
    };
    (!problems.is_empty()).then(|| Section {
        id: "problems",
        title: "What could not be looked at".to_owned(),
        content,
    })
}

/// What lies beside the backups and is none.
pub fn beside(page: &Page<'_>) -> Option<Section> {
    let beside = &page.document.beside;
    let content = html! {
        p { "These are no backups. bkscan counts and removes none of them, but for what is left of a \
             removal that was stopped." }
        table {
            (head(&[Words("What"), Words("Where"), Numbers("On the disk")]))
            tbody {
                @for (index, other) in beside.iter().enumerate() {
                    tr {
                        td { (kind(&other.kind)) }
                        td { code { (clean(&other.place.path)) } }
                        td.number { (bytes(&format!("/beside/{index}/bytes"), other.bytes)) }
                    }
                }
            }
        }
    };
    (!beside.is_empty()).then(|| Section {
        id: "beside",
        title: "Beside the backups".to_owned(),
        content,
    })
}

/// The words of the document as a person says them.
fn kind(word: &str) -> String {
    match word {
        "imazing-versions" => "iMazing's older versions".to_owned(),
        "unpacked" => "Unpacked by another tool".to_owned(),
        "removal-unfinished" => "Left of a removal that was stopped".to_owned(),
        "link" => "Link, not followed".to_owned(),
        "other" => "Something else".to_owned(),
        word => clean(word),
    }
}

/// What no report can promise, and who wrote this one.
pub fn footer(page: &Page<'_>) -> Markup {
    html! {
        p {
            "Complete means: finished, and everything holds that could be checked from the disk. Most of \
             what is in a backup has no checksum, so nobody can promise more; only a restore proves a \
             restore."
        }
        p {
            "Written by bkscan " (clean(&page.document.bkscan_version))
            ". This page loads nothing and sends nothing."
        }
    }
}
