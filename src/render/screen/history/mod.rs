//! `bkscan history`: how size and verdict of each device developed, a line a backup.

mod curve;
mod stretch;

use std::io::{self, Write};

use jiff::Timestamp;
use unicode_width::UnicodeWidthStr;

use crate::model::{DeviceHistory, DeviceRun, FolderHistory, Verdict};
use crate::words::numbers;

use super::layout;
use super::style::Style;
use stretch::{Stretch, stretches};

/// How many columns a curve takes at least where something stands behind it, and at most.
const LEAST_CURVE: usize = 6;
const MOST_CURVE: usize = 24;

/// Writes a block a device.
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
        let Some(last) = stretches.last() else {
            continue;
        };
        let since = told(last, &runs, seen(device), style);
        let more = [
            before(&stretches),
            grown(folder.since_previous, "", style),
            grown(folder.per_month, " a month", style),
        ];
        let more: Vec<String> = more.into_iter().flatten().collect();
        lines.extend(line(last.run, &runs, &since, &more, style));
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

/// What a backup is now, its curve, since when, and as much `more` as there is room for in the line; what does not
/// fit at all stands below.
fn line(
    last: &DeviceRun,
    runs: &[&DeviceRun],
    since: &str,
    more: &[String],
    style: &Style,
) -> Vec<String> {
    let (verdict, symbol) = (last.verdict, style.symbol(last.verdict));
    let mark = if style.unicode { 3 } else { 4 };
    let word = format!("{symbol:mark$}{}", verdict.as_str());
    let padding = " ".repeat((mark + 11).saturating_sub(word.width()));
    let line = format!("{word}{padding}  {:>9}", size(last, style));
    let curve = |room: usize| match curve::curve(runs, room, style.unicode) {
        curve if curve.is_empty() => curve,
        curve => format!("  {curve}"),
    };
    let least = curve(LEAST_CURVE).width();
    let room = style.width.saturating_sub(line.width() + 2);
    let tellings = (0..=more.len()).rev();
    let mut tellings = tellings.map(|some| format!("{since}{}", more[..some].concat()));
    let mut lines = match tellings.find(|told| least + told.width() < room) {
        Some(told) => {
            let beside = room.saturating_sub(told.width() + 3).min(MOST_CURVE);
            vec![format!("{line}{}  {told}", curve(beside))]
        }
        None => {
            let mut lines = vec![line + &curve(room.min(MOST_CURVE))];
            lines.extend(layout::paragraph(&" ".repeat(mark), since, style.width));
            lines
        }
    };
    lines[0] = lines[0].replacen(&word, &style.paint(verdict, &word), 1);
    lines
}

/// What a backup was before it got the verdict that it has; begins with a comma.
fn before(stretches: &[Stretch<'_>]) -> Option<String> {
    let mut verdicts = stretches.iter().rev().map(|stretch| stretch.run.verdict);
    let now = verdicts.next()?;
    let other = verdicts.find(|verdict| *verdict != now)?;
    Some(format!(", before {}", other.as_str()))
}

/// `, +3.5 GB a month`; nothing of what stays as it is.
fn grown(bytes: Option<i64>, span: &str, style: &Style) -> Option<String> {
    let bytes = bytes.filter(|bytes| *bytes != 0)?;
    let sign = match (bytes > 0, style.unicode) {
        (true, _) => "+",
        (false, true) => "−",
        (false, false) => "-",
    };
    let size = numbers::size(bytes.unsigned_abs());
    Some(format!(", {sign}{size}{span}"))
}

fn size(run: &DeviceRun, style: &Style) -> String {
    match run.verdict {
        Verdict::Unreadable => style.dash().to_owned(),
        _ => numbers::size(run.allocated),
    }
}

#[cfg(test)]
pub(crate) mod tests;
