//! A card a device: its last good backup and how old it is, what is wrong, what can go, what to do.

use std::collections::HashSet;

use maud::{Markup, html};

use crate::render::printable::clean;
use crate::report::document::{Advice, Backup, Finding};
use crate::words::numbers;

use super::backup::{found, is_wrong, marks, what_follows};
use super::names::is_blank;
use super::number::freed;
use super::page::{Owner, Page, Section, cut};
use super::timeline::{self, can_go};
use super::verdict::verdict;
use super::{summary, todo};

/// How many backups of a device are named for one reason.
const MOST: usize = 2;

/// How many characters of the title of advice stand on a card.
const LONGEST_ADVICE: usize = 70;

/// What the cards are made of, besides their devices.
struct Whole<'a> {
    page: &'a Page<'a>,
    advice: Vec<(usize, &'a Advice<'a>)>,
    /// The backups that only the user can decide about.
    on_request: HashSet<usize>,
    /// The size of the largest backup.
    most: u64,
}

/// The section, with the key to its marks.
pub fn section(page: &Page<'_>) -> Option<Section> {
    let owners = page.owners();
    let backups = page.document.backups.iter();
    let on_request = page.document.summary.on_request.backups.iter();
    let whole = Whole {
        page,
        advice: todo::ranked(page),
        on_request: on_request.filter_map(|path| page.find(path)).collect(),
        most: backups
            .filter_map(|backup| backup.size.allocated_bytes)
            .max()
            .unwrap_or(0),
    };
    let content = html! {
        (summary::tally(page))
        ul.devices { @for owner in &owners { li { (card(&whole, owner)) } } }
    };
    (!owners.is_empty()).then(|| Section {
        id: "devices",
        title: "Your devices".to_owned(),
        is_folded: false,
        content,
    })
}

fn card(whole: &Whole<'_>, owner: &Owner) -> Markup {
    let page = whole.page;
    let name = page.name(owner);
    let lines = [wrong(page, owner), going(whole, owner), to_do(whole, owner)].concat();
    html! {
        h3 {
            (name)
            @if let Some(model) = model(page, owner, &name) { " " span.quiet { (model) } }
        }
        (state(page, owner))
        @if let Some(line) = timeline::line(page, owner, whole.most) { (line) }
        @for line in &lines { (line) }
        @if lines.is_empty() && is_well(page, owner) { p { "Nothing wrong was found." } }
    }
}

/// The model, where the name does not say it.
pub fn model(page: &Page<'_>, owner: &Owner, name: &str) -> Option<String> {
    let device = &page.document.backups[*owner.backups.first()?].device;
    let model = device
        .product_name
        .as_deref()
        .or(device.product_type.as_deref());
    let model = clean(model?);
    (!is_blank(&model) && !name.contains(&model)).then(|| cut(model))
}

/// The verdict of the last good backup and its age; of the last one, where that is another.
fn state(page: &Page<'_>, owner: &Owner) -> Markup {
    let Some(newest) = owner.backups.first() else {
        return html! { p { "No backup of it is here any more." } };
    };
    let device = owner.device.map(|device| &page.document.devices[device]);
    let good = device.and_then(|device| page.find(device.newest_good.as_deref()?));
    html! {
        p.state {
            @match good {
                Some(good) => {
                    (dated(page, good))
                    @if good != *newest { ". The last one: " (dated(page, *newest)) "." }
                },
                None => {
                    (dated(page, *newest))
                    @if owner.backups.len() > 1 { ". " strong { "There is no good one." } }
                },
            }
        }
    }
}

/// A backup's verdict and date.
fn dated(page: &Page<'_>, index: usize) -> Markup {
    let backup = &page.document.backups[index];
    let last = backup.last_backup.as_ref();
    let age = last.and_then(|last| numbers::time_since(last.at, page.document.started_at));
    html! {
        (verdict(&backup.verdict)) ", " (link(page, index))
        @if let Some(age) = age { ", " (age) " ago" }
        (marks(backup))
    }
}

/// A backup by its date, with a link to its card.
fn link(page: &Page<'_>, index: usize) -> Markup {
    let backup = &page.document.backups[index];
    html! { a href={ "#backup-" (index + 1) } { (page.made(backup)) } }
}

/// What is wrong with the device itself, and with its backups.
fn wrong(page: &Page<'_>, owner: &Owner) -> Vec<Markup> {
    let mut lines = Vec::new();
    if let Some(device) = owner.device {
        let findings = page.document.devices[device].findings.iter().enumerate();
        let findings = findings
            .map(|(nth, finding)| found(&format!("/devices/{device}/findings/{nth}"), finding));
        let findings: Vec<Markup> = findings.collect();
        if !findings.is_empty() {
            lines.push(html! { ul.findings { @for finding in findings { (finding) } } });
        }
    }
    let faulty = owner.backups.iter();
    let faulty: Vec<usize> = faulty
        .copied()
        .filter(|index| is_wrong(&page.document.backups[*index]))
        .collect();
    for index in faulty.iter().take(MOST) {
        lines.push(fault(page, owner, *index));
    }
    lines.extend(more(faulty.len(), "more with something wrong."));
    lines
}

/// The worst that was found in a backup, and what follows.
fn fault(page: &Page<'_>, owner: &Owner, index: usize) -> Markup {
    let backup = &page.document.backups[index];
    let of = |severity: &str| -> Vec<&Finding<'_>> {
        let findings = backup.findings.iter();
        findings
            .filter(|finding| finding.severity == severity)
            .collect()
    };
    let mut bad = of("error");
    bad.extend(of("warning"));
    let is_newest = owner.backups.first() == Some(&index);
    html! {
        p {
            @if !is_newest { "That of " (link(page, index)) ": " }
            @if let Some(worst) = bad.first() { (clean(&worst.message)) "." }
            @if is_newest { (what_follows(backup)) }
        }
    }
}

/// What can go, and what only the user can decide about.
fn going(whole: &Whole<'_>, owner: &Owner) -> Vec<Markup> {
    let page = whole.page;
    let pick = |is_meant: &dyn Fn(usize, &Backup<'_>) -> bool| -> Vec<usize> {
        let all = owner.backups.iter().copied();
        all.filter(|index| is_meant(*index, &page.document.backups[*index]))
            .collect()
    };
    let gone = pick(&|_, backup| can_go(backup));
    let asked = pick(&|index, backup| !can_go(backup) && whole.on_request.contains(&index));
    let mut lines = Vec::new();
    for (word, members) in [("Can go: ", gone), ("You decide: ", asked)] {
        for index in members.iter().take(MOST) {
            let frees = &page.document.backups[*index].frees;
            lines.push(html! {
                p {
                    strong { (word) } "the backup of " (link(page, *index)) ", "
                    (freed(&format!("/backups/{index}/frees/bytes"), frees)) "."
                }
            });
        }
        lines.extend(more(members.len(), "more like it."));
    }
    lines
}

/// The most important advice about the device, but for that on what may go.
fn to_do(whole: &Whole<'_>, owner: &Owner) -> Vec<Markup> {
    let page = whole.page;
    let is_about = |item: &Advice<'_>| {
        let found: Vec<usize> = item
            .backups
            .iter()
            .filter_map(|path| page.find(path))
            .collect();
        let is_going = |index: &usize| {
            can_go(&page.document.backups[*index]) || whole.on_request.contains(index)
        };
        found.iter().any(|index| owner.backups.contains(index)) && !found.iter().all(is_going)
    };
    // Where nothing is wrong, only what is important is worth a line.
    let faulty = |index: &usize| is_wrong(&page.document.backups[*index]);
    let most = match owner.backups.iter().any(faulty) {
        true => whole.advice.len(),
        false => todo::FIRST,
    };
    let mut advice = whole.advice.iter().take(most).enumerate();
    let first = advice.find(|(_, (_, item))| is_about(item));
    let line = first.map(|(rank, (_, item))| {
        html! {
            p {
                strong { "To do: " }
                a href={ "#" (todo::id(rank)) } { (shortened(todo::name(item))) } " (" (rank + 1) ")."
            }
        }
    });
    line.into_iter().collect()
}

fn shortened(title: String) -> String {
    match title.char_indices().nth(LONGEST_ADVICE) {
        Some((end, _)) => format!("{}…", &title[..end]),
        None => title,
    }
}

/// How many are not named.
fn more(all: usize, what: &str) -> Option<Markup> {
    let left = all.checked_sub(MOST).filter(|left| *left > 0)?;
    Some(html! { p.quiet { (left) " " (what) } })
}

/// Whether the last backup is whole.
fn is_well(page: &Page<'_>, owner: &Owner) -> bool {
    let newest = owner
        .backups
        .first()
        .map(|index| &page.document.backups[*index]);
    newest.is_some_and(|backup| backup.verdict == "complete")
}
