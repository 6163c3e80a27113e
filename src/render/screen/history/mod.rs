//! `bkscan history`: how size and verdict of each device developed.

use std::io::{self, Write};

use crate::model::{DeviceHistory, DeviceRun, FolderHistory, Verdict};
use crate::render::growth::growth;
use crate::words::numbers;

use super::layout;
use super::style::Style;

/// How many runs of a folder the screen shows.
const MOST_ROWS: usize = 12;

/// Writes a block a device: its runs, newest last, because the line about growth belongs to the last
/// row and the end is what a terminal shows.
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
        lines.extend(table(&runs, style));
        lines.extend(
            growth(folder)
                .map(|text| layout::paragraph("", &text, style.width))
                .into_iter()
                .flatten(),
        );
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

/// The last runs. Where there are more than fit, those that changed nothing go first.
fn table(runs: &[&DeviceRun], style: &Style) -> Vec<String> {
    let mut shown: Vec<usize> = (0..runs.len()).collect();
    if shown.len() > MOST_ROWS {
        let is_new = |index: &usize| {
            let run = runs[*index];
            let before = index.checked_sub(1).map(|before| runs[before]);
            let same = |before: &DeviceRun| {
                before.verdict == run.verdict && before.allocated == run.allocated
            };
            *index + 1 == runs.len() || !before.is_some_and(same)
        };
        shown.retain(is_new);
    }
    shown.drain(..shown.len().saturating_sub(MOST_ROWS));
    let mut lines = Vec::new();
    let left_out = (runs.len() - shown.len()) as u64;
    if left_out > 0 {
        let runs = numbers::counted(left_out, "run is", "runs are");
        let text = format!("{runs} left out: older ones, or without a change (--json has all).");
        lines.extend(layout::paragraph("", &text, style.width));
    }
    let mark = if style.unicode { 3 } else { 4 };
    // Narrower screens have no room for it.
    let changes = style.width >= mark + 47 && runs.len() > 1;
    let last = |text: &str| {
        if changes {
            format!("  {text:>10}")
        } else {
            String::new()
        }
    };
    let titles = format!(
        "{:mark$}{:11}  {:>11}  {:>9}{}",
        "",
        "verdict",
        "run",
        "size",
        last("change")
    );
    lines.push(titles.trim_end().to_owned());
    for index in shown {
        let run = runs[index];
        let verdict = format!(
            "{:mark$}{}",
            style.symbol(run.verdict),
            run.verdict.as_str()
        );
        let padding = " ".repeat((mark + 11).saturating_sub(verdict.chars().count()));
        let size = match run.verdict {
            Verdict::Unreadable => style.dash().to_owned(),
            _ => numbers::size(run.allocated),
        };
        let row = format!(
            "{}{padding}  {:>11}  {size:>9}{}",
            style.paint(run.verdict, &verdict),
            style.day(run.at),
            last(&change(run.change, style))
        );
        lines.push(row.trim_end().to_owned());
    }
    lines
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
