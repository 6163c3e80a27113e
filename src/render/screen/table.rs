//! One row a backup. Columns go in a fixed order where the screen is narrow: iOS, then the product's
//! name; below 60 columns the row breaks in two.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use unicode_width::UnicodeWidthStr;

use crate::facts::products;
use crate::model::{Action, BackupIndex, BackupReport, Decision, Report, Verdict, Why};
use crate::words::numbers;

use super::style::Style;

/// How much of a row is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Everything.
    Full,
    /// Without iOS; product and decision in short.
    Short,
    /// Without the product, too.
    Narrow,
}

/// The lines of the table, each at most as wide as the screen.
pub fn lines(report: &Report, order: &[BackupIndex], style: &Style) -> Vec<String> {
    for shape in [Shape::Full, Shape::Short] {
        let lines = draw(report, order, style, shape, usize::MAX);
        if widest(&lines) <= style.width {
            return lines;
        }
    }
    if style.width < 60 {
        return broken_in_two(report, order, style);
    }
    let lines = draw(report, order, style, Shape::Narrow, usize::MAX);
    let too_wide = widest(&lines).saturating_sub(style.width);
    if too_wide == 0 {
        return lines;
    }
    // A very long name: cut it to what is left.
    let names = order
        .iter()
        .map(|index| device(&report.backups[*index], style, Shape::Narrow).width());
    let longest = names.max().unwrap_or(0);
    match longest.checked_sub(too_wide).filter(|room| *room >= 8) {
        Some(room) => draw(report, order, style, Shape::Narrow, room),
        None => broken_in_two(report, order, style),
    }
}

fn widest(lines: &[String]) -> usize {
    lines.iter().map(|line| line.width()).max().unwrap_or(0)
}

fn draw(
    report: &Report,
    order: &[BackupIndex],
    style: &Style,
    shape: Shape,
    device_width: usize,
) -> Vec<String> {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled);
    let full = shape == Shape::Full;
    let columns = |cells: [String; 7]| {
        cells
            .into_iter()
            .enumerate()
            .filter(move |(index, _)| full || *index != 3)
            .map(|(_, cell)| cell)
    };
    let titles = [
        "",
        "verdict",
        "device",
        "iOS",
        "last backup",
        "size",
        "deleting frees",
    ];
    table.add_row(columns(titles.map(str::to_owned)));
    for index in order {
        let backup = &report.backups[*index];
        table.add_row(columns([
            style.symbol(backup.verdict).to_owned(),
            backup.verdict.as_str().to_owned(),
            style.fit(&device(backup, style, shape), device_width),
            version(backup, style),
            last_backup(backup, style),
            size(backup),
            deleting(backup, &report.plan.decisions[*index], style, shape),
        ]));
    }
    let right = if full { [4, 5] } else { [3, 4] };
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if right.contains(&index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect()
}

/// The version of its system, which the column's title names but for that of newer iPads.
fn version(backup: &BackupReport, style: &Style) -> String {
    let device = &backup.device;
    let Some(version) = device.ios_version.as_deref() else {
        return String::new();
    };
    match products::system(device.product_type.as_deref(), Some(version)) {
        "iOS" => style.name(version),
        system => format!("{system} {}", style.name(version)),
    }
}

/// What it takes on the disk.
pub fn size(backup: &BackupReport) -> String {
    match backup.measured() {
        Some(usage) => numbers::size(usage.allocated),
        None => "unknown".to_owned(),
    }
}

/// Two lines a backup: who it is of, and below it what there is to know.
fn broken_in_two(report: &Report, order: &[BackupIndex], style: &Style) -> Vec<String> {
    let mut lines = Vec::new();
    for index in order {
        let backup = &report.backups[*index];
        let verdict = format!(
            "{} {}",
            style.symbol(backup.verdict),
            backup.verdict.as_str()
        );
        let room = style.width.saturating_sub(verdict.width() + 2).max(8);
        let device = style.fit(&device(backup, style, Shape::Narrow), room);
        lines.push(format!("{verdict}  {device}"));
        let facts = [
            last_backup(backup, style),
            size(backup),
            deleting(backup, &report.plan.decisions[*index], style, Shape::Short),
        ];
        lines.push(format!("  {}", facts.join("  ")));
    }
    lines
}

fn last_backup(backup: &BackupReport, style: &Style) -> String {
    backup
        .last_backup
        .map_or_else(|| "unknown".to_owned(), |last| style.day(last.at))
}

/// What a person would call the backup's device; else the folder's name.
pub fn title(backup: &BackupReport, style: &Style) -> String {
    let name = backup.device.name.as_deref().map(|name| style.name(name));
    name.filter(|name| !name.trim().is_empty())
        .unwrap_or_else(|| style.name(&backup.folder_name()))
}

/// The same with the product and what is special about the backup, shorter on narrow screens.
pub fn device_title(backup: &BackupReport, style: &Style) -> String {
    let shape = match style.width {
        100.. => Shape::Full,
        _ => Shape::Short,
    };
    device(backup, style, shape)
}

fn device(backup: &BackupReport, style: &Style, shape: Shape) -> String {
    let device = &backup.device;
    let product = device
        .product_name
        .as_deref()
        .or(device.product_type.as_deref());
    let product = product.map(|product| style.name(product).replace(" generation)", " gen)"));
    let mut text = title(backup, style);
    match (product, shape) {
        (Some(product), Shape::Full) => text = format!("{text}, {product}"),
        (Some(product), Shape::Short) => {
            // The family is in the name of nearly every device.
            let short = ["iPhone ", "iPad ", "iPod touch "]
                .iter()
                .find_map(|family| product.strip_prefix(family))
                .unwrap_or(&product);
            text = format!("{text}, {short}");
        }
        (_, Shape::Narrow) | (None, _) => {}
    }
    if backup.locked {
        text += &format!("{}locked", style.dot());
    }
    if backup.archived {
        text += &format!("{}archived", style.dot());
    }
    text
}

/// What deleting a backup would bring, or why not to.
fn deleting(backup: &BackupReport, decision: &Decision, style: &Style, shape: Shape) -> String {
    let size = numbers::size(decision.frees.bytes);
    let full = shape == Shape::Full;
    match decision.action {
        Action::Remove => numbers::freed(decision.frees),
        Action::Keep if decision.on_request && full => format!("you decide: {size}"),
        Action::Keep if decision.on_request => "you decide".to_owned(),
        Action::Keep => {
            let why = why_kept(backup, decision);
            let keep = if full { ", keep" } else { "" };
            format!("{} {why}{keep}", style.dash())
        }
    }
}

fn why_kept(backup: &BackupReport, decision: &Decision) -> &'static str {
    match decision.reasons.first().map(|reason| reason.why) {
        Some(Why::NewestGood) => "newest",
        Some(Why::OnlyCopy) => "only copy",
        Some(Why::Archived) => "archived",
        Some(Why::NewerNotChecked) => "newer not checked",
        Some(Why::OtherVolume) => "newer elsewhere",
        Some(Why::EncryptedKept) if backup.encrypted.is_none() => "may be encrypted",
        Some(Why::EncryptedKept) => "encrypted",
        Some(Why::KeepLast | Why::KeepWithin) => "as asked",
        Some(Why::InProgress) if backup.verdict != Verdict::InProgress => "just changed",
        Some(Why::InProgress) => "running",
        Some(Why::NoUsableDate) => "no date",
        Some(Why::Trash) => "in a trash",
        Some(Why::ToolMade) => "made by a tool",
        Some(Why::Unfinished) => "unfinished",
        Some(Why::Nested) => "holds another",
        _ => backup.verdict.as_str(),
    }
}
