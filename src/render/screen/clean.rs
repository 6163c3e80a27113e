//! `bkscan clean`: what would go and what stays, and afterwards what was done.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use crate::clean;
use crate::clean::{CleanPlan, Done, Item, Outcome, What};
use crate::cover::losses;
use crate::model::{
    Action, BackupReport, Frees, OnlyHere, RUNNING_WITHIN, Reason, Report, Verdict, Why,
};
use crate::plan::reasons;
use crate::system::System;
use crate::verify::files::FILE_MISSING;
use crate::words::numbers;
use crate::words::shell;

use crate::render::printable;

use super::layout;
use super::order::in_order;
use super::stopped::STOPPED_AT_ONCE;
use super::style::Style;
use super::table::{device_title, title};

/// Reasons in fewer columns cannot be read.
const LEAST_REASONS: usize = 20;
/// Nor can names.
const LEAST_NAMES: usize = 20;

/// A backup in one of the three lists.
struct Row {
    mark: &'static str,
    name: String,
    below: Option<String>,
    day: String,
    bytes: String,
    why: String,
    /// What goes for good with it, where `why` does not tell.
    for_good: Option<String>,
}

/// The rows of a plan.
struct Rows {
    going: Vec<Row>,
    asked: Vec<Row>,
    staying: Vec<Row>,
}

/// What stands below a plan.
#[derive(Clone, Copy, Debug)]
pub enum Next<'a> {
    /// Nothing: the question comes next.
    Question,
    /// The call that carries it out.
    Call(&'a str),
    /// What to call, in words, where it cannot be spelled out.
    InWords(&'a str),
}

/// Writes the plan, and how to carry it out.
///
/// # Errors
/// When writing fails.
pub fn write_plan(
    report: &Report,
    plan: &CleanPlan,
    below: Next<'_>,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let rows = Rows::of(report, plan, style);
    if report.backups.is_empty() && plan.items.is_empty() {
        let stopped = match report.cancelled {
            true => layout::paragraph("", STOPPED_AT_ONCE, style.width),
            false => vec![],
        };
        return layout::write_blocks(&[stopped], out);
    }
    let last = match report.cancelled {
        // What was not looked at might change it.
        true => {
            let text = "Stopped before the end: this plan is not whole. Run it again.";
            layout::paragraph("", text, style.width)
        }
        false => next(plan, below, style),
    };
    let blocks = [
        header(report, matches!(below, Next::Question), style),
        tables(&rows, style),
        total(report, plan, style),
        last,
    ];
    layout::write_blocks(&blocks, out)
}

fn header(report: &Report, removing: bool, style: &Style) -> Vec<String> {
    let roots: Vec<String> = report
        .roots
        .iter()
        .map(|root| style.name(&root.path.display().to_string()))
        .collect();
    let mut text = format!("Plan for {}", roots.join(", "));
    if !removing {
        text += &format!("{}nothing has been deleted", style.dot());
    }
    layout::paragraph("", &text, style.width)
}

fn day(backup: &BackupReport, style: &Style) -> String {
    let last = backup.last_backup;
    last.map_or_else(|| "unknown".to_owned(), |last| style.day(last.at))
}

impl Rows {
    fn of(report: &Report, plan: &CleanPlan, style: &Style) -> Rows {
        let items = plan.items.iter();
        let goes = |at: &usize| {
            let mut items = plan.items.iter();
            items.any(|item| item.what == What::Backup(*at))
        };
        let rest = in_order(report).into_iter().filter(|at| !goes(at));
        let (asked, staying): (Vec<usize>, Vec<usize>) = rest.partition(|at| {
            let decision = &report.plan.decisions[*at];
            let is_open = decision.on_request && decision.action == Action::Keep;
            let is_named = plan.refused.contains(at) || plan.leaving_out(*at).is_some();
            is_open && !is_named && !clean::holds_another(report, *at)
        });
        let staying = staying.into_iter();
        Rows {
            going: items.map(|item| row_of(item, report, style)).collect(),
            asked: (asked.into_iter().map(|at| asked_about(at, report, style))).collect(),
            staying: (staying.map(|at| staying_row(at, plan, report, style))).collect(),
        }
    }

    fn all(&self) -> impl Iterator<Item = &Row> {
        self.going.iter().chain(&self.asked).chain(&self.staying)
    }
}

/// The reasons of the backup at `at` in words.
fn why(reasons: &[Reason], at: usize, report: &Report, style: &Style) -> String {
    let only = reasons.iter().any(|reason| reason.why == Why::OnlyCopy);
    let texts: Vec<String> = reasons
        .iter()
        // The only one is the newest, too.
        .filter(|reason| !(only && reason.why == Why::NewestGood))
        .map(|reason| reasons::text(reason, at, report, &style.zone))
        .collect();
    style.name(&texts.join("; "))
}

/// What goes for good with a backup, as far as its reasons do not tell it.
fn for_good(reasons: &[Reason], at: usize, report: &Report, style: &Style) -> Option<String> {
    let backup = &report.backups[at];
    let only = report.plan.decisions[at].only_here.as_ref();
    let has = |wanted: Why| reasons.iter().any(|reason| reason.why == wanted);
    let all = only.map(losses::all).unwrap_or_default();
    let mattering = only.map(losses::mattering).unwrap_or_default();
    let is_told = has(Why::SupersededBy) || has(Why::HoldsMore);
    let told = match has(Why::HoldsMore) {
        true => mattering,
        false => vec![],
    };
    let rest: Vec<String> = (all.iter().filter(|word| !told.contains(word)).cloned()).collect();
    let mut parts = Vec::new();
    if !rest.is_empty() && !has(Why::SupersededBy) {
        let too = if told.is_empty() { "" } else { ", too" };
        parts.push(format!(
            "goes for good with it{too}: {}",
            losses::listed(&rest)
        ));
    }
    if let Some(only) = only {
        let remarks = losses::remarks(only, report).into_iter();
        // They stand behind what was told.
        parts.extend(remarks.filter(|_| !is_told));
        parts.extend(held_elsewhere(only, report, style));
    }
    if backup.foreign.count > 0 && !has(Why::ForeignContent) {
        parts.push(reasons::foreign(backup));
    }
    (!parts.is_empty()).then(|| style.name(&parts.join("; ")))
}

/// What does not go for good altogether: another device's backup holds it.
fn held_elsewhere(only: &OnlyHere, report: &Report, style: &Style) -> Option<String> {
    let held = only.held_elsewhere?;
    let told = losses::held_elsewhere(only, held, report, &style.zone);
    Some(format!(
        "but some of it is in a backup of another device, too: {told}"
    ))
}

fn row_of(item: &Item, report: &Report, style: &Style) -> Row {
    let folder = item.path.file_name().unwrap_or_default().to_string_lossy();
    let folder = style.name(&folder);
    let mark = if style.unicode { "−" } else { "-" };
    let bytes = numbers::freed(item.frees);
    match item.what {
        What::Backup(at) => {
            let backup = &report.backups[at];
            Row {
                mark,
                name: device_title(backup, style),
                below: Some(folder),
                day: day(backup, style),
                bytes,
                why: why(&item.reasons, at, report, style),
                for_good: for_good(&item.reasons, at, report, style),
            }
        }
        What::Leftover { .. } => Row {
            mark,
            name: folder,
            below: None,
            day: String::new(),
            bytes,
            why: "left by a removal that was stopped".to_owned(),
            for_good: None,
        },
    }
}

/// A backup that only its owner can decide about.
fn asked_about(at: usize, report: &Report, style: &Style) -> Row {
    let backup = &report.backups[at];
    let decision = &report.plan.decisions[at];
    Row {
        mark: "?",
        name: device_title(backup, style),
        below: folder_if_alike(at, report, style),
        day: day(backup, style),
        bytes: numbers::freed(decision.frees),
        why: why_kept(at, report, style),
        for_good: for_good(&decision.reasons, at, report, style),
    }
}

/// The folder's name, where another row looks the same.
fn folder_if_alike(at: usize, report: &Report, style: &Style) -> Option<String> {
    let look = |backup| (device_title(backup, style), day(backup, style));
    let backup = &report.backups[at];
    let alike = report
        .backups
        .iter()
        .filter(|other| look(other) == look(backup));
    (alike.count() > 1).then(|| style.name(&backup.folder_name()))
}

/// Why a backup stays, and its verdict where that is a reason for care.
fn why_kept(at: usize, report: &Report, style: &Style) -> String {
    let backup = &report.backups[at];
    let why = why(&report.plan.decisions[at].reasons, at, report, style);
    let verdict = backup.verdict.as_str();
    let mut reasons = report.plan.decisions[at].reasons.iter();
    let is_unfinished = reasons.any(|reason| reason.why == Why::Unfinished);
    let is_told = is_unfinished || why.contains(verdict);
    let missing = backup
        .findings
        .iter()
        .find(|finding| finding.id == FILE_MISSING.id);
    match missing {
        Some(missing) if backup.verdict == Verdict::Corrupt && !is_told => {
            let files = numbers::counted(missing.count, "file", "files");
            format!("{why}; {files} missing")
        }
        _ if !backup.verdict.is_good() && !is_told => format!("{why}; {verdict}"),
        _ => why,
    }
}

fn staying_row(at: usize, plan: &CleanPlan, report: &Report, style: &Style) -> Row {
    let backup = &report.backups[at];
    let decision = &report.plan.decisions[at];
    let mut why = why_kept(at, report, style);
    if let Some(option) = plan.leaving_out(at) {
        why = format!("you named it, but {option} leaves it out");
    } else if clean::holds_another(report, at) {
        why = "another backup lies in it: move that out first".to_owned();
    } else if plan.refused.contains(&at) {
        why = format!("you named it, but it stays: {why}");
    } else if decision.action == Action::Remove {
        why = "could go, but is not among those you chose".to_owned();
    }
    Row {
        mark: "",
        name: device_title(backup, style),
        below: folder_if_alike(at, report, style),
        day: day(backup, style),
        bytes: numbers::size(backup.usage.allocated),
        why,
        for_good: None,
    }
}

fn tables(rows: &Rows, style: &Style) -> Vec<String> {
    let lists = [
        ("can go", "frees", &rows.going),
        ("you decide", "frees", &rows.asked),
        ("stays", "size", &rows.staying),
    ];
    let lists = lists.iter().filter(|(.., rows)| !rows.is_empty());
    let Some(columns) = columns(rows.all(), style.width) else {
        return lists
            .flat_map(|(title, _, rows)| {
                let rows = rows.iter().flat_map(|row| stacked(row, style));
                [(*title).to_owned()].into_iter().chain(rows)
            })
            .collect();
    };
    let mut above = "";
    let mut lines = Vec::new();
    for (title, bytes, rows) in lists {
        // What the heading above says already is not said again.
        let (is_first, is_same) = (above.is_empty(), above == *bytes);
        let said = |word: &str, is_new: bool| if is_new { word } else { "" }.to_owned();
        let heading = Row {
            mark: "",
            name: (*title).to_owned(),
            below: None,
            day: said("last backup", is_first),
            bytes: said(bytes, !is_same),
            why: said("why", is_first),
            for_good: None,
        };
        above = bytes;
        lines.extend(heading.lines(&columns, style));
        lines.extend(rows.iter().flat_map(|row| row.lines(&columns, style)));
    }
    lines
}

/// How wide the columns are; nothing where the screen has no room for them side by side.
fn columns<'a>(rows: impl Iterator<Item = &'a Row>, width: usize) -> Option<Columns> {
    let mut columns = Columns {
        names: 8,
        days: "last backup".len(),
        bytes: "frees".len(),
        reasons: 0,
    };
    for row in rows {
        let below = row.below.as_ref().map_or(0, |below| below.width());
        columns.names = columns.names.max(row.name.width()).max(below);
        columns.days = columns.days.max(row.day.width());
        columns.bytes = columns.bytes.max(row.bytes.width());
    }
    // The mark, and what stands between columns.
    let room = width.checked_sub(columns.days + columns.bytes + 12)?;
    let natural = columns.names;
    // A long name is cut before the reasons get no room.
    columns.names = columns.names.min(room.checked_sub(LEAST_REASONS)?);
    columns.reasons = room - columns.names;
    (columns.names >= natural.min(LEAST_NAMES)).then_some(columns)
}

struct Columns {
    names: usize,
    days: usize,
    bytes: usize,
    reasons: usize,
}

impl Row {
    fn lines(&self, columns: &Columns, style: &Style) -> Vec<String> {
        let Columns {
            names,
            days,
            bytes,
            reasons,
        } = *columns;
        let why = layout::paragraph("", &self.why, reasons);
        let below = self.below.as_deref().unwrap_or_default();
        let fits = below.width() <= names;
        let rows = why.len().max(1 + usize::from(fits && !below.is_empty()));
        let mut lines: Vec<String> = (0..rows)
            .map(|at| {
                let (mark, name, day, size) = match at {
                    0 => (
                        self.mark,
                        self.name.as_str(),
                        self.day.as_str(),
                        self.bytes.as_str(),
                    ),
                    1 if fits => ("", below, "", ""),
                    _ => ("", "", "", ""),
                };
                let why = why.get(at).map_or("", String::as_str);
                let name = pad_right(&style.fit(name, names), names);
                let line = format!(
                    "{}  {name}   {}   {}   {why}",
                    pad_right(mark, 1),
                    pad_left(day, days),
                    pad_left(size, bytes)
                );
                line.trim_end().to_owned()
            })
            .collect();
        // Cut, it would name nothing.
        if !fits {
            lines.push(format!("   {}", style.fit(below, style.width - 3)));
        }
        lines.extend(self.for_good_lines("   ", style));
        lines
    }

    fn for_good_lines(&self, indent: &str, style: &Style) -> Vec<String> {
        let text = self.for_good.as_deref();
        text.map_or_else(Vec::new, |text| {
            layout::paragraph(indent, text, style.width)
        })
    }
}

fn pad_right(text: &str, width: usize) -> String {
    text.to_owned() + &" ".repeat(width.saturating_sub(text.width()))
}

fn pad_left(text: &str, width: usize) -> String {
    " ".repeat(width.saturating_sub(text.width())) + text
}

/// A row below another, where columns side by side leave no room.
fn stacked(row: &Row, style: &Style) -> Vec<String> {
    let mark = pad_right(row.mark, 1);
    let room = style.width.saturating_sub(2);
    let mut lines = vec![format!("{mark} {}", style.fit(&row.name, room))];
    lines.extend(
        row.below
            .iter()
            .map(|below| format!("  {}", style.fit(below, room))),
    );
    let facts: Vec<&str> = [row.day.as_str(), row.bytes.as_str()]
        .into_iter()
        .filter(|fact| !fact.is_empty())
        .collect();
    lines.push(format!("  {}", facts.join("  ")));
    lines.extend(layout::paragraph("  ", &row.why, style.width));
    lines.extend(row.for_good_lines("  ", style));
    lines
}

fn total(report: &Report, plan: &CleanPlan, style: &Style) -> Vec<String> {
    if plan.items.is_empty() {
        let removable = !report.plan.removable.backups.is_empty();
        let text = match report.plan.on_request.backups.is_empty() {
            _ if report.cancelled => return vec![],
            _ if removable || !plan.refused.is_empty() => "None of the backups you chose can go.",
            true if is_all_needed(report) => "Nothing can go: every backup here is needed.",
            true => "Nothing can go. Why each backup stays is said beside it.",
            false => {
                let text = "Nothing can go without your decision. What only you can decide:";
                let mut lines = layout::paragraph("", text, style.width);
                let command = shell::command(style.system, &[], report);
                lines.push(format!("  {}", printable::clean(&command)));
                return lines;
            }
        };
        return layout::paragraph("", text, style.width);
    }
    let leftovers = plan.items.len() - of_backups(plan);
    let mut what = vec![];
    if of_backups(plan) > 0 {
        what.push(format!("{} of {}", of_backups(plan), report.backups.len()));
    }
    if leftovers > 0 {
        let leftovers = leftovers as u64;
        what.push(numbers::counted(
            leftovers,
            "unfinished removal",
            "unfinished removals",
        ));
    }
    let mut text = format!(
        "{} can go, {}",
        what.join(" and "),
        numbers::freed(plan.frees)
    );
    let mut disks: Vec<(Option<u64>, u64)> = Vec::new();
    for item in &plan.items {
        if let What::Backup(at) = item.what
            && let Some(disk) = report.backups[at].disk
            && !disks
                .iter()
                .any(|(volume, _)| *volume == report.backups[at].volume)
        {
            disks.push((report.backups[at].volume, disk.available));
        }
    }
    if let [(_, free)] = disks.as_slice() {
        let then = Frees {
            bytes: free.saturating_add(plan.frees.bytes),
            ..plan.frees
        };
        text += &format!(
            ": {} free now, {} then.",
            numbers::size(*free),
            numbers::freed(then)
        );
    } else {
        text += ".";
    }
    if !plan.frees.exact {
        text += " \"Up to\": this disk can share blocks between copies. What was really freed is \
                 measured and told afterwards.";
    }
    layout::paragraph("", &text, style.width)
}

/// Whether each backup is kept because it is needed, and not because nobody can tell, or it is none that
/// may be removed here.
fn is_all_needed(report: &Report) -> bool {
    const NEEDED: [Why; 5] = [
        Why::NewestGood,
        Why::OnlyCopy,
        Why::EncryptedKept,
        Why::KeepLast,
        Why::KeepWithin,
    ];
    let mut decisions = report.plan.decisions.iter();
    decisions.all(|decision| {
        let first = decision.reasons.first();
        first.is_some_and(|reason| NEEDED.contains(&reason.why))
    })
}

fn of_backups(plan: &CleanPlan) -> usize {
    let items = plan.items.iter();
    items
        .filter(|item| matches!(item.what, What::Backup(_)))
        .count()
}

fn next(plan: &CleanPlan, below: Next<'_>, style: &Style) -> Vec<String> {
    match below {
        _ if plan.items.is_empty() => vec![],
        Next::Question => vec![],
        Next::InWords(text) => layout::paragraph("", text, style.width),
        Next::Call(call) => {
            let text = "Delete what can go, after one question:";
            let mut lines = layout::paragraph("", text, style.width);
            lines.push(format!("  {}", printable::clean(call)));
            lines
        }
    }
}

/// What an item is called in a sentence: the device and the day, and its folder where that is not
/// enough.
pub fn called(item: &Item, report: &Report, style: &Style) -> String {
    match item.what {
        What::Backup(at) => {
            let of = |backup| format!("{}, {}", title(backup, style), day(backup, style));
            let backup = &report.backups[at];
            let others = report.backups.iter();
            match others.filter(|other| of(other) == of(backup)).count() {
                1 => of(backup),
                _ => format!("{}, {}", of(backup), style.name(&backup.folder_name())),
            }
        }
        What::Leftover { .. } => {
            let name = item.path.file_name().unwrap_or_default().to_string_lossy();
            style.name(&name)
        }
    }
}

/// The question that is asked before anything is removed. Above it, a paragraph each, what goes for good;
/// of only copies that was told when their names were asked for.
pub fn question(report: &Report, plan: &CleanPlan, style: &Style) -> String {
    let (what, frees) = (counted(plan), numbers::freed(plan.frees));
    let which = match plan.items.as_slice() {
        [one] => format!("{}, {frees}", called(one, report, style)),
        _ => frees,
    };
    let mut text = String::new();
    for item in plan.items.iter().filter(|item| !item.is_only_copy) {
        for line in goes_for_good(item, report, style) {
            text += &(line + "\n");
        }
    }
    text + &format!("Delete {what} for good ({which})? Type yes: ")
}

/// What goes for good with an item, as lines; none where something else holds all of it.
pub fn goes_for_good(item: &Item, report: &Report, style: &Style) -> Vec<String> {
    let What::Backup(at) = item.what else {
        return vec![];
    };
    let backup = &report.backups[at];
    let decision = &report.plan.decisions[at];
    let only = decision.only_here.as_ref();
    let mut parts = Vec::new();
    match only.map(losses::all) {
        Some(all) if all.is_empty() => {}
        Some(all) => parts.push(losses::listed(&all)),
        None if backup.holds_nothing() => {}
        None => parts.push("what is in it, which is not known here".to_owned()),
    }
    if let Some(only) = only {
        parts.extend(losses::remarks(only, report));
        parts.extend(held_elsewhere(only, report, style));
    }
    let is_told = only.is_some_and(|only| !losses::mattering(only).is_empty());
    let doubts = decision.reasons.iter().filter(|reason| match reason.why {
        Why::HoldsMore => !is_told,
        why => why == Why::ClockDisputed,
    });
    parts.extend(doubts.map(|doubt| reasons::text(doubt, at, report, &style.zone)));
    if backup.foreign.count > 0 {
        parts.push(reasons::foreign(backup));
    }
    let is_named = |reason: &Reason| reason.why == Why::HoldsMore;
    if !decision.reasons.iter().any(is_named) {
        parts.extend(reasons::unlisted(backup, only.and_then(|only| only.than)));
    }
    if parts.is_empty() {
        return vec![];
    }
    let called = called(item, report, style);
    let text = format!("For good goes with {called}: {}.", parts.join("; "));
    layout::paragraph("", &style.name(&text), style.width)
}

/// How many backups and unfinished removals would go.
fn counted(plan: &CleanPlan) -> String {
    let backups = of_backups(plan);
    let leftovers = plan.items.len() - backups;
    let backups = numbers::counted(backups as u64, "backup", "backups");
    let removals = numbers::counted(
        leftovers as u64,
        "unfinished removal",
        "unfinished removals",
    );
    match (of_backups(plan), leftovers) {
        (_, 0) => backups,
        (0, _) => removals,
        _ => format!("{backups} and {removals}"),
    }
}

/// How a removal went, as the disk sees it.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    /// How long it took, in seconds.
    pub seconds: f64,
    /// Bytes that were free before, and that are free now, where the system tells.
    pub free: Option<(u64, u64)>,
}

/// Writes what was done.
///
/// # Errors
/// When writing fails.
pub fn write_done(
    report: &Report,
    plan: &CleanPlan,
    done: &[Done],
    measured: Measured,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let removed = done.iter().filter(|done| done.outcome == Outcome::Removed);
    let freed = done
        .iter()
        .map(|done| done.freed)
        .fold(0, u64::saturating_add);
    let mut text = format!(
        "Deleted {} of {}: {} in {:.0} s.",
        removed.count(),
        plan.items.len(),
        numbers::size(freed),
        measured.seconds
    );
    if done
        .iter()
        .all(|done| matches!(done.outcome, Outcome::Refused { .. }))
    {
        let why = match done.iter().any(Done::is_declined) {
            true => format!(": {}", clean::DECLINED),
            false => String::new(),
        };
        writeln!(out, "Nothing was deleted{why}.")?;
        return write_undone(report, plan, done, style, out);
    }
    if let Some((before, now)) = measured.free {
        text += &format!(
            " Free now {}, before {}",
            numbers::size(now),
            numbers::size(before)
        );
        text += match style.system {
            // Other programs write meanwhile: a little says nothing.
            _ if freed < 100_000_000 || now.saturating_sub(before) >= freed / 2 => ".",
            System::Mac => {
                ": macOS holds the rest in local Time Machine snapshots, usually for a day \
                 (tmutil listlocalsnapshots /)."
            }
            _ => ": snapshots of the disk, or copies that share blocks, may hold the rest.",
        };
    }
    for line in layout::paragraph("", &text, style.width) {
        writeln!(out, "{line}")?;
    }
    write_undone(report, plan, done, style, out)
}

/// Writes what was refused and what failed, a paragraph each.
///
/// # Errors
/// When writing fails.
pub fn write_undone(
    report: &Report,
    plan: &CleanPlan,
    done: &[Done],
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    for done in done {
        if done.is_declined() {
            continue;
        }
        let called = called(&plan.items[done.item], report, style);
        let why = printable::clean(done.outcome.why().unwrap_or_default());
        let text = match &done.outcome {
            Outcome::Removed => continue,
            Outcome::Refused { again, .. } => {
                let again = again.map(|again| {
                    let again = numbers::moment(numbers::whole_minute(again), &style.zone);
                    format!(" Try again after {again}.")
                });
                format!("Kept {called}: {why}.{}", again.unwrap_or_default())
            }
            Outcome::Failed { .. } => format!("Not all of {called} is gone: {why}."),
        };
        for line in layout::paragraph("", &text, style.width) {
            writeln!(out, "{line}")?;
        }
    }
    let kept = |at: usize, why: &str| {
        let backup = &report.backups[at];
        let text = format!(
            "Kept {}, {}: {why}",
            title(backup, style),
            day(backup, style)
        );
        layout::paragraph("", &text, style.width)
    };
    for (at, option) in &plan.left_out {
        for line in kept(*at, &format!("{option} leaves it out.")) {
            writeln!(out, "{line}")?;
        }
    }
    for at in &plan.refused {
        let why = just_changed(*at, report, style).unwrap_or_else(|| {
            let why = why(&report.plan.decisions[*at].reasons, *at, report, style);
            why + "."
        });
        for line in kept(*at, &why) {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

/// Of a backup that stays because it changed too short a time ago: how long, and when to try again.
fn just_changed(at: usize, report: &Report, style: &Style) -> Option<String> {
    let backup = &report.backups[at];
    let reasons = &report.plan.decisions[at].reasons;
    let is_at_work = reasons.iter().any(|reason| reason.why == Why::InProgress);
    let change = backup.newest_change.filter(|_| is_at_work)?;
    let ago = report.started_at.duration_since(change);
    let again = change.checked_add(RUNNING_WITHIN).ok()?;
    (ago < RUNNING_WITHIN).then(|| {
        format!(
            "it changed {} ago, a backup may be running. Try again after {}.",
            numbers::counted(ago.as_mins().max(0).unsigned_abs(), "minute", "minutes"),
            numbers::moment(numbers::whole_minute(again), &style.zone)
        )
    })
}
