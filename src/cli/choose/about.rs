//! All about the row under the cursor: what it is, what was found, what is only in it, and what takes how
//! much.

use crate::cover::losses;
use crate::facts::products;
use crate::model::{BackupIndex, BackupReport, Decision, Why};
use crate::render::screen::clean::why;
use crate::render::screen::device::{Product, day, fitted, marks};
use crate::render::screen::layout::{glued, paragraph};
use crate::render::screen::show::storage_lines;
use crate::render::screen::style::Style;
use crate::render::screen::table::{age, size};
use crate::words::{self, numbers};

use super::entry::{Entry, Part};
use super::model::State;
use super::scanned::Scanned;
use super::target::Target;

/// So many findings are told; the others are counted.
const MOST_FINDINGS: usize = 3;

/// The lines about a row.
pub fn lines(state: &State, scanned: &Scanned, target: Target, style: &Style) -> Vec<String> {
    let entry = state.entries.iter().find(|one| one.target == Some(target));
    let (Some(entry), Target::Backup(index)) = (entry, target) else {
        return entry.map_or_else(Vec::new, |entry| of_leftover(entry, style));
    };
    let backup = &scanned.report.backups[index];
    // With what is marked now: a backup that is to go stands in for nothing.
    let decision = match state.sum() {
        Some(sum) => sum.plan.decision(&scanned.report, index),
        None => &scanned.report.plan.decisions[index],
    };
    let mut lines = head(scanned, index, style);
    lines.extend(decided(scanned, entry, decision, index, style));
    if entry.is_changing {
        let text =
            "It changes now, a backup may be running: it cannot be deleted. Look again later.";
        lines.extend(painted(paragraph("", text, style.width), |line| {
            style.red(line)
        }));
    }
    for block in [
        findings(backup, style),
        only(scanned, decision, index, style),
        storage_lines("Storage", &backup.storage, style),
    ] {
        if !block.is_empty() {
            lines.push(String::new());
            lines.extend(block);
        }
    }
    lines
}

fn of_leftover(entry: &Entry, style: &Style) -> Vec<String> {
    let mut lines = paragraph("", &entry.name, style.width);
    lines.extend(paragraph("", &entry.why, style.width));
    lines.push(format!("frees {}", entry.deleting));
    lines
}

fn painted(lines: Vec<String>, paint: impl Fn(&str) -> String) -> Vec<String> {
    lines.iter().map(|line| paint(line)).collect()
}

/// Whose it is, when it was made, and how it is.
fn head(scanned: &Scanned, index: BackupIndex, style: &Style) -> Vec<String> {
    let backup = &scanned.report.backups[index];
    let device = &backup.device;
    let mut name = fitted(backup, Product::Long, usize::MAX, style) + &marks(backup, style);
    if let Some(version) = &device.ios_version {
        let system = products::system(device.product_type.as_deref(), Some(version));
        name += &format!("{}{system} {}", style.dot(), style.name(version));
    }
    let mut lines = painted(paragraph("", &name, style.width), |line| style.bold(line));
    let verdict = format!(
        "{} {}",
        style.symbol(backup.verdict),
        backup.verdict.as_str()
    );
    let age = age(&scanned.report, index);
    let age = age.map_or_else(String::new, |age| format!(" ({age})"));
    let facts = [format!("{}{age}", day(backup, style)), size(backup)];
    lines.push(style.paint(backup.verdict, &verdict));
    lines.extend(paragraph("", &glued(&facts.join(style.dot())), style.width));
    lines.push(style.dim(&style.fit(&style.name(&backup.folder_name()), style.width)));
    lines
}

/// Where it stands, and why.
fn decided(
    scanned: &Scanned,
    entry: &Entry,
    decision: &Decision,
    index: BackupIndex,
    style: &Style,
) -> Vec<String> {
    let title = entry.part.title();
    let title = match entry.part {
        Part::Goes => style.green(title),
        _ => style.bold(title),
    };
    let own = why(&decision.reasons, index, &scanned.report, style);
    // What the row says is more where nothing was marked that changes it.
    let why = match decision.reasons == scanned.report.plan.decisions[index].reasons {
        true => &entry.why,
        false => &own,
    };
    let lines = paragraph(
        "",
        &glued(&format!("{}: {why}.", entry.part.title())),
        style.width,
    );
    let mut lines: Vec<String> = lines;
    if let Some(first) = lines.first_mut() {
        *first = first.replacen(entry.part.title(), &title, 1);
    }
    if entry.part != Part::Stays {
        lines.push(format!("deleting frees {}", entry.deleting));
    }
    lines
}

/// What was found, in short.
fn findings(backup: &BackupReport, style: &Style) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for finding in backup.findings.iter().take(MOST_FINDINGS) {
        let first = format!("{} ", style.sign(finding.severity));
        let text = format!("{}.", style.name(&finding.message));
        lines.extend(paragraph(&first, &glued(&text), style.width));
    }
    let more = backup.findings.len().saturating_sub(MOST_FINDINGS) as u64;
    if more > 0 {
        lines.push(numbers::counted(more, "more finding", "more findings"));
    }
    lines
}

/// What goes for good with it, in red where there is any.
fn only(scanned: &Scanned, decision: &Decision, index: BackupIndex, style: &Style) -> Vec<String> {
    let backup = &scanned.report.backups[index];
    let Some(only) = &decision.only_here else {
        // The others are compared with the newest one.
        let is_newest = (decision.reasons.iter()).any(|reason| reason.why == Why::NewestGood);
        return match is_newest || backup.holds_nothing() {
            true => vec![],
            false => paragraph("", "What is only in it is not known.", style.width),
        };
    };
    let phrases = losses::all(only);
    if phrases.is_empty() {
        return paragraph("", "Nothing that counts is only in it.", style.width);
    }
    let text = format!("Only in it: {}.", words::listed(&phrases));
    let lines = paragraph("", &glued(&style.name(&text)), style.width);
    let mut lines = painted(lines, |line| style.red(line));
    let held = only.held_elsewhere;
    let held = held.map(|held| losses::held_elsewhere(only, held, &scanned.report, &style.zone));
    for text in losses::remarks(only, &scanned.report)
        .into_iter()
        .chain(held)
    {
        lines.extend(paragraph("", &glued(&style.name(&text)), style.width));
    }
    lines
}
