//! `bkscan history`: how size and verdict of each device developed. A line a backup, and below it the steps
//! in which it got there; runs that changed nothing are one step.

mod curve;
mod stretch;

use std::io::{self, Write};

use jiff::Timestamp;
use unicode_width::UnicodeWidthStr;

use crate::model::{DeviceHistory, DeviceRun, FolderHistory, Verdict};
use crate::render::growth::growth;
use crate::words::numbers;

use super::layout;
use super::style::Style;
use stretch::{Stretch, stretches};

/// How many steps of a backup the screen shows.
const MOST_STEPS: usize = 6;

/// How many columns a curve takes at least where something stands behind it, and at most.
const LEAST_CURVE: usize = 8;
const MOST_CURVE: usize = 24;

/// Writes a block a device. Steps stand newest last, because the line about growth belongs to the last one.
///
/// # Errors
/// When writing fails.
pub fn write(devices: &[DeviceHistory], style: &Style, out: &mut dyn Write) -> io::Result<()> {
    if devices.is_empty() {
        let text = "No run is recorded here yet. From now on every scan is recorded: run bkscan, or \
                    have it run every night (bkscan schedule).";
        return layout::write_blocks(&[layout::paragraph("", text, style.width)], out);
    }
    let blocks: Vec<_> = devices.iter().map(|device| block(device, style)).collect();
    layout::write_blocks(&blocks, out)
}

fn block(device: &DeviceHistory, style: &Style) -> Vec<String> {
    let mut lines = layout::paragraph("", &title(device, style), style.width);
    for (index, folder) in device.folders.iter().enumerate() {
        if device.folders.len() > 1 {
            lines.push(style.fit(&folder_title(folder, device, style), style.width));
        }
        let runs: Vec<_> = device
            .runs
            .iter()
            .filter(|run| run.folder == index)
            .collect();
        let stretches = stretches(&runs);
        lines.extend(summary(&runs, &stretches, seen(device), style));
        lines.extend(steps(&stretches, style));
        let is_still = folder.since_previous == Some(0) && folder.per_month.unwrap_or(0) == 0;
        let growth = growth(folder).filter(|_| !is_still);
        let growth = growth.map(|text| layout::paragraph("   ", &text, style.width));
        lines.extend(growth.into_iter().flatten());
    }
    lines
}

/// What a person would call the device; else its identifier or its folder.
fn title(device: &DeviceHistory, style: &Style) -> String {
    // A word that is wider than the screen is cut.
    let fit = |word: &str| style.fit(word, style.width.saturating_sub(1));
    let name = device.name.as_deref().map(|name| style.name(name));
    let name = name.map(|name| name.split(' ').map(fit).collect::<Vec<_>>().join(" "));
    let title = name
        .filter(|name| !name.trim().is_empty())
        .or_else(|| device.udid.as_ref().map(ToString::to_string))
        .or_else(|| Some(folder_name(device.folders.first()?, style)))
        .unwrap_or_default();
    match &device.product {
        Some(product) => format!("{title}, {}", style.name(product)),
        None => title,
    }
}

/// The folder's name; its whole path where the device has another one of that name.
fn folder_title(folder: &FolderHistory, device: &DeviceHistory, style: &Style) -> String {
    let name = folder.path.file_name();
    let mut others = device.folders.iter().filter(|other| *other != folder);
    if others.any(|other| other.path.file_name() == name) {
        style.name(&folder.path.display().to_string())
    } else {
        folder_name(folder, style)
    }
}

fn folder_name(folder: &FolderHistory, style: &Style) -> String {
    let name = folder.path.file_name().unwrap_or(folder.path.as_os_str());
    style.name(&name.to_string_lossy())
}

/// When a run saw any backup of the device last.
fn seen(device: &DeviceHistory) -> Option<Timestamp> {
    device.runs.iter().map(|run| run.at).max()
}

/// Since when a backup is what it is, and how long ago that was seen where later runs did not see it.
fn told(last: &Stretch<'_>, runs: &[&DeviceRun], seen: Option<Timestamp>, style: &Style) -> String {
    let own = runs.iter().map(|run| run.at).max();
    let gone = own.filter(|own| Some(*own) < seen);
    let day = style.day(last.run.at);
    match (runs.len(), last.runs, gone) {
        (1, _, None) => format!("first seen {day}"),
        (1, _, Some(_)) => format!("seen once, {day}"),
        (_, 1, None) => format!("since {day}"),
        (_, 1, Some(_)) => format!("last seen {day}"),
        (_, _, None) => last.since(style),
        (_, _, Some(own)) => format!("{}, last seen {}", last.since(style), style.day(own)),
    }
}

/// What a backup is now, its curve, and since when: in one line where there is room.
fn summary(
    runs: &[&DeviceRun],
    stretches: &[Stretch<'_>],
    seen: Option<Timestamp>,
    style: &Style,
) -> Vec<String> {
    let Some(last) = stretches.last() else {
        return vec![];
    };
    let (verdict, symbol) = (last.run.verdict, style.symbol(last.run.verdict));
    let mark = if style.unicode { 3 } else { 4 };
    let word = format!("{symbol:mark$}{}", verdict.as_str());
    let padding = " ".repeat((mark + 11).saturating_sub(word.width()));
    let line = format!("{word}{padding}  {:>9}", size(last.run, style));
    let told = told(last, runs, seen, style);
    let beside = style
        .width
        .saturating_sub(line.width() + 2 + told.width() + 2);
    let curve = |room: usize| match curve::curve(runs, room, style.unicode) {
        curve if curve.is_empty() => curve,
        curve => format!("  {curve}"),
    };
    let mut lines = match beside {
        LEAST_CURVE.. => vec![format!("{line}{}  {told}", curve(beside.min(MOST_CURVE)))],
        _ => {
            let room = style.width.saturating_sub(line.width() + 2).min(MOST_CURVE);
            let mut lines = vec![line.clone() + &curve(room)];
            lines.extend(layout::paragraph(&" ".repeat(mark), &told, style.width));
            lines
        }
    };
    lines[0] = lines[0].replacen(&word, &style.paint(verdict, &word), 1);
    lines
}

/// What it was before, step by step; nothing where it never was anything else.
fn steps(stretches: &[Stretch<'_>], style: &Style) -> Vec<String> {
    let mut lines = Vec::new();
    if stretches.len() < 2 {
        return lines;
    }
    let left_out = stretches.len().saturating_sub(MOST_STEPS);
    if left_out > 0 {
        let changes = numbers::counted(left_out as u64, "earlier change", "earlier changes");
        let text = format!("{changes} left out (--json has all)");
        lines.extend(layout::paragraph("   ", &text, style.width));
    }
    for stretch in &stretches[left_out..] {
        let row = format!(
            "   {:>11}  {:11}  {:>9}  {:>10}",
            style.day(stretch.run.at),
            stretch.run.verdict.as_str(),
            size(stretch.run, style),
            change(stretch.run.change, style),
        );
        let more = match stretch.runs {
            1 => String::new(),
            runs => format!("  {} runs", numbers::count(runs)),
        };
        let full = format!("{row}{more}");
        let full = full.trim_end();
        // Narrower screens have no room for it.
        lines.push(match full.width() <= style.width {
            true => full.to_owned(),
            false => style.fit(row.trim_end(), style.width),
        });
    }
    lines
}

fn size(run: &DeviceRun, style: &Style) -> String {
    match run.verdict {
        Verdict::Unreadable => style.dash().to_owned(),
        _ => numbers::size(run.allocated),
    }
}

fn change(change: Option<i64>, style: &Style) -> String {
    let minus = if style.unicode { "−" } else { "-" };
    match change {
        None => String::new(),
        Some(0) => style.dash().to_owned(),
        Some(bytes) => {
            let sign = if bytes < 0 { minus } else { "+" };
            format!("{sign}{}", numbers::size(bytes.unsigned_abs()))
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
