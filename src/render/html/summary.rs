//! What the page begins and ends with: the answer in a sentence, all of it in numbers, what could not
//! be looked at, and what lies beside the backups.

use maud::{Markup, html};

use crate::render::printable::clean;
use crate::words::numbers;

use super::freed;
use super::marks::swatch;
use super::number::{bytes, count, counted, freed};
use super::page::{Owner, Page, Section};
use super::table::{Numbers, Words, head};
use super::timeline::can_go;
use super::verdict::verdict;

/// How many devices are named in a sentence.
const MOST_NAMES: usize = 3;

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
        @if let Some(names) = without_a_good_one(page) { p.without { "There is no good backup of " (names) "." } }
        @if summary.backups > 0 { p.going { (going(page)) } }
        p.quiet {
            (counted("/summary/backups", summary.backups, "backup", "backups")) " · "
            (counted("/summary/devices", summary.devices, "device", "devices")) " · "
            (bytes("/summary/allocated_bytes", summary.allocated_bytes)) " on the disk · "
            (counted("/summary/files", summary.files, "file", "files"))
            ". Looked at " (page.moment(document.started_at)) ", level " (clean(&document.level)) ", bkscan "
            (clean(&document.bkscan_version)) ", in"
            @for (index, root) in document.roots.iter().enumerate() {
                @if index > 0 { "," } " " code { (clean(&root.place.path)) }
            }
            "."
        }
    }
}

/// The devices of which no backup is good, by name.
fn without_a_good_one(page: &Page<'_>) -> Option<String> {
    let is_without = |owner: &Owner| {
        let device = owner.device.map(|device| &page.document.devices[device]);
        !owner.backups.is_empty() && device.is_some_and(|device| device.newest_good.is_none())
    };
    let owners = page.owners();
    let names: Vec<String> = owners
        .iter()
        .filter(|owner| is_without(owner))
        .map(|owner| page.name(owner))
        .collect();
    match names.as_slice() {
        [] => None,
        [only] => Some(only.clone()),
        [names @ .., last] if names.len() < MOST_NAMES => {
            Some(format!("{} and {last}", names.join(", ")))
        }
        names => Some(format!("{} devices", numbers::count(names.len() as u64))),
    }
}

/// What can go, in a sentence.
fn going(page: &Page<'_>) -> Markup {
    let summary = &page.document.summary;
    let (goes, asks) = (&summary.removable, &summary.on_request);
    let going = freed("/summary/removable/bytes", &goes.frees);
    let asked = freed("/summary/on_request/bytes", &asks.frees);
    html! {
        @match (goes.backups.is_empty(), asks.backups.is_empty()) {
            (true, true) => "No backup can go.",
            (true, false) => { "Nothing goes without your decision; " (asked) " are for you to decide." },
            (false, true) => { (going) " can go." },
            (false, false) => { (going) " can go, " (asked) " more are for you to decide." },
        }
        @for (index, _, volume) in freed::volumes(page).into_iter().take(1) {
            " " (bytes(&format!("/roots/{index}/volume/available_bytes"), volume.available_bytes)) " are free."
        }
    }
}

/// How many backups have each verdict, with the key to the marks.
pub fn tally(page: &Page<'_>) -> Markup {
    let backups = &page.document.backups;
    html! {
        ul.tally {
            @for (word, number) in verdicts(page) {
                @if number > 0 {
                    li {
                        (swatch(word, false)) (verdict(word)) " "
                        (count(&format!("/summary/verdicts/{word}"), number))
                    }
                }
            }
            @if backups.iter().any(can_go) { li { (swatch("complete", true)) "hatched: can go" } }
            @if !backups.is_empty() { li.quiet { "the larger a mark, the more it takes" } }
        }
    }
}

/// The verdicts with how many backups have each, best first.
fn verdicts(page: &Page<'_>) -> [(&'static str, u64); 7] {
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
        is_folded: false,
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
        is_folded: true,
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

/// On paper: which parts of the page are not there.
pub fn only_on_the_screen(sections: &[Section]) -> Markup {
    let folded = sections.iter().filter(|section| section.is_folded);
    let folded: Vec<&str> = folded.map(|section| section.title.as_str()).collect();
    html! {
        @if !folded.is_empty() {
            p.on-paper { "Only on the screen: " (folded.join("; ")) "." }
        }
    }
}
