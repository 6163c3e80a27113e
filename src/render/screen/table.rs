//! One row a backup. Where the screen is narrow, iOS and age go, then the family of the product, then the
//! product; at last the row breaks in two.

use jiff::Timestamp;
use unicode_width::UnicodeWidthStr;

use crate::facts::products;
use crate::model::{Action, BackupIndex, BackupReport, Flag, Level, Report, Usage, Verdict, Why};
use crate::verify::manifest::INDEX_SHORT;
use crate::words::numbers;

use super::device::{Product, day, fitted, folder, marks, title};
use super::style::Style;

/// How much of a row is shown.
#[derive(Clone, Copy)]
struct Shape {
    has_ios: bool,
    has_age: bool,
    product: Product,
    /// Whether what is to be decided has its size.
    has_sums: bool,
    /// How many columns are between two.
    gap: usize,
    /// How many columns the device may take.
    device: usize,
}

const EVERYTHING: Shape = Shape {
    has_ios: true,
    has_age: true,
    product: Product::Long,
    has_sums: true,
    gap: 3,
    device: usize::MAX,
};
const WITHOUT_IOS: Shape = Shape {
    has_ios: false,
    ..EVERYTHING
};
const WITHOUT_AGE: Shape = Shape {
    has_age: false,
    gap: 2,
    ..WITHOUT_IOS
};
const SHORT: Shape = Shape {
    product: Product::Short,
    ..WITHOUT_AGE
};
const NARROW: Shape = Shape {
    product: Product::Unsaid,
    has_sums: false,
    ..WITHOUT_AGE
};

/// What is tried, most first.
const SHAPES: [Shape; 9] = [
    EVERYTHING,
    Shape {
        gap: 2,
        ..EVERYTHING
    },
    WITHOUT_IOS,
    Shape {
        gap: 2,
        ..WITHOUT_IOS
    },
    Shape {
        gap: 1,
        ..WITHOUT_IOS
    },
    WITHOUT_AGE,
    SHORT,
    Shape {
        has_sums: false,
        ..SHORT
    },
    NARROW,
];

/// Rather than to cut names shorter, rows break in two.
const LEAST_NAMES: usize = 16;

/// The lines of the table, each at most as wide as the screen, with their colours.
pub fn lines(report: &Report, order: &[BackupIndex], style: &Style) -> Vec<String> {
    let rows = |shape: &Shape| Rows::of(report, order, shape, style);
    for shape in &SHAPES {
        let rows = rows(shape);
        if rows.width() <= style.width {
            return rows.lines(style);
        }
    }
    // A very long name: cut it to what is left.
    let rows_narrow = rows(&NARROW);
    let too_wide = rows_narrow.width() - style.width;
    let room = rows_narrow.columns[DEVICE].checked_sub(too_wide);
    match room.filter(|room| *room >= LEAST_NAMES && style.width + 1 >= 60) {
        Some(device) => rows(&Shape { device, ..NARROW }).lines(style),
        None => broken_in_two(report, order, style),
    }
}

/// How a cell is painted.
#[derive(Clone, Copy)]
enum Paint {
    Plain,
    Verdict(Verdict),
    Bold,
    Green,
}

struct Cell {
    text: String,
    /// Whether it stands at the right end of its column.
    is_right: bool,
    paint: Paint,
}

impl Cell {
    fn left(text: impl Into<String>, paint: Paint) -> Cell {
        let (text, is_right) = (text.into(), false);
        Cell {
            text,
            is_right,
            paint,
        }
    }

    fn right(text: impl Into<String>, paint: Paint) -> Cell {
        let is_right = true;
        Cell {
            is_right,
            ..Cell::left(text, paint)
        }
    }

    fn painted(&self, style: &Style) -> String {
        match self.paint {
            Paint::Plain => self.text.clone(),
            Paint::Verdict(verdict) => style.paint(verdict, &self.text),
            Paint::Bold => style.bold(&self.text),
            Paint::Green => style.green(&self.text),
        }
    }
}

/// Where the device stands in a row.
const DEVICE: usize = 2;

struct Row {
    cells: Vec<Cell>,
    /// Which of several alike it is.
    folder: Option<String>,
}

struct Rows {
    rows: Vec<Row>,
    /// How wide the columns are.
    columns: Vec<usize>,
    /// What stands before each.
    gaps: Vec<usize>,
}

impl Rows {
    fn of(report: &Report, order: &[BackupIndex], shape: &Shape, style: &Style) -> Rows {
        let own = |index: &BackupIndex| row(report, *index, shape, style);
        let mut rows = vec![Row {
            cells: heading(shape),
            folder: None,
        }];
        rows.extend(order.iter().map(|index| Row {
            cells: own(index),
            folder: folder_if_alike(*index, order, report, shape, style),
        }));
        let count = rows[0].cells.len();
        let widest = |column: usize| {
            let cells = rows.iter().map(|row| row.cells[column].text.width());
            cells.max().unwrap_or(0)
        };
        Rows {
            columns: (0..count).map(widest).collect(),
            gaps: gaps(shape, count),
            rows,
        }
    }

    fn width(&self) -> usize {
        self.columns.iter().sum::<usize>() + self.gaps.iter().sum::<usize>()
    }

    fn lines(&self, style: &Style) -> Vec<String> {
        let indent = self.columns[..DEVICE].iter().sum::<usize>()
            + self.gaps[..=DEVICE].iter().sum::<usize>();
        let mut lines = Vec::new();
        for row in &self.rows {
            lines.push(self.line(row, style));
            let folder = row.folder.as_deref();
            lines.extend(folder.map(|folder| below(folder, indent, style)));
        }
        lines
    }

    fn line(&self, row: &Row, style: &Style) -> String {
        let mut line = String::new();
        for ((cell, columns), gap) in row.cells.iter().zip(&self.columns).zip(&self.gaps) {
            let padding = " ".repeat(columns.saturating_sub(cell.text.width()));
            let painted = cell.painted(style);
            line += &" ".repeat(*gap);
            line += &match cell.is_right {
                true => padding + &painted,
                false => painted + &padding,
            };
        }
        line.trim_end().to_owned()
    }
}

/// A folder below its row; from the left where it would be cut otherwise.
fn below(folder: &str, indent: usize, style: &Style) -> String {
    let room = style.width.saturating_sub(indent);
    let indent = if folder.width() <= room { indent } else { 2 };
    let room = style.width.saturating_sub(indent);
    " ".repeat(indent) + &style.fit(folder, room)
}

/// What stands before each column: nothing, then the gap; a size is set off a little, and so is the reason
/// where all is tight.
fn gaps(shape: &Shape, count: usize) -> Vec<usize> {
    let mut gaps = vec![shape.gap; count];
    gaps[0] = 0;
    gaps[1] = shape.gap.min(2);
    match shape.gap {
        2 => gaps[count - 2] = 3,
        1 => gaps[count - 1] = 2,
        _ => {}
    }
    gaps
}

fn heading(shape: &Shape) -> Vec<Cell> {
    let left = |text: &str| Cell::left(text, Paint::Bold);
    let mut cells = vec![left(""), left("verdict"), left("device")];
    if shape.has_ios {
        cells.push(left("iOS"));
    }
    cells.push(Cell::right("last backup", Paint::Bold));
    if shape.has_age {
        cells.push(left(""));
    }
    cells.push(Cell::right("size", Paint::Bold));
    cells.push(left("deleting frees"));
    cells
}

fn row(report: &Report, index: BackupIndex, shape: &Shape, style: &Style) -> Vec<Cell> {
    let backup = &report.backups[index];
    let decision = &report.plan.decisions[index];
    // What is both old and large stands out; date and size say the same without it.
    let is_marked = [Flag::Old, Flag::Oversized]
        .iter()
        .all(|flag| decision.flags.contains(flag));
    let fact = if is_marked { Paint::Bold } else { Paint::Plain };
    let verdict = Paint::Verdict(backup.verdict);
    let mut cells = vec![
        Cell::left(style.symbol(backup.verdict), verdict),
        Cell::left(backup.verdict.as_str(), verdict),
        Cell::left(device(report, index, shape, style), Paint::Plain),
    ];
    if shape.has_ios {
        cells.push(Cell::left(version(backup, style), Paint::Plain));
    }
    cells.push(Cell::right(day(backup, style), fact));
    if shape.has_age {
        cells.push(Cell::left(age(report, index).unwrap_or_default(), fact));
    }
    cells.push(Cell::right(size(backup), fact));
    cells.push(deleting(report, index, shape.has_sums, style));
    cells
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

/// The device, with its product where another one of another product has that name. What is special about
/// the backup is not cut off.
fn device(report: &Report, index: BackupIndex, shape: &Shape, style: &Style) -> String {
    let backup = &report.backups[index];
    let own = &backup.device;
    let has_namesake = report.backups.iter().any(|other| {
        let is_other = other.device.product_name != own.product_name;
        is_other && title(other, style) == title(backup, style)
    });
    // Of one backup alone the last lines tell that its list is locked.
    let is_told = report.backups.len() == 1 && report.level > Level::Quick && !backup.archived;
    let marks = match is_told {
        true => String::new(),
        false => marks(backup, style),
    };
    let columns = shape.device.saturating_sub(marks.width());
    let with = |product: Product| fitted(backup, product, columns, style) + &marks;
    let full = fitted(backup, shape.product, usize::MAX, style);
    match shape.product {
        Product::Unsaid if has_namesake => with(Product::Short),
        Product::Short if !has_namesake && full.width() > columns => with(Product::Unsaid),
        product => with(product),
    }
}

/// The folder, where another row looks the same.
fn folder_if_alike(
    index: BackupIndex,
    order: &[BackupIndex],
    report: &Report,
    shape: &Shape,
    style: &Style,
) -> Option<String> {
    let look = |index| {
        let day = day(&report.backups[index], style);
        (device(report, index, shape, style), day)
    };
    let own = look(index);
    let others = order.iter().copied();
    let alike: Vec<&BackupReport> = others
        .filter(|other| *other != index && look(*other) == own)
        .map(|other| &report.backups[other])
        .collect();
    (!alike.is_empty()).then(|| folder(&report.backups[index], &alike, style))
}

/// How long ago a backup was made.
pub fn age(report: &Report, index: BackupIndex) -> Option<String> {
    let last = report.backups[index].last_backup?;
    numbers::time_since(last.at, report.started_at)
}

/// What it takes on the disk.
pub fn size(backup: &BackupReport) -> String {
    let size = |usage: Usage| numbers::size(usage.allocated);
    backup.measured().map_or_else(|| "unknown".to_owned(), size)
}

/// Two lines a backup: who it is of, and below it what there is to know.
fn broken_in_two(report: &Report, order: &[BackupIndex], style: &Style) -> Vec<String> {
    let mut lines = Vec::new();
    for index in order {
        let backup = &report.backups[*index];
        let symbol = style.symbol(backup.verdict);
        let verdict = format!("{symbol} {}", backup.verdict.as_str());
        let device = style.width.saturating_sub(verdict.width() + 2);
        let shape = Shape {
            product: Product::Short,
            device,
            ..NARROW
        };
        let who = self::device(report, *index, &shape, style);
        let verdict = style.paint(backup.verdict, &verdict);
        lines.push(format!("{verdict}  {who}"));
        let folder = folder_if_alike(*index, order, report, &shape, style);
        lines.extend(folder.map(|folder| below(&folder, 2, style)));
        lines.extend(facts(report, *index, style));
    }
    lines
}

/// Date, age, size, and what deleting frees: with all of it if that fits in a line.
fn facts(report: &Report, index: BackupIndex, style: &Style) -> Vec<String> {
    let backup = &report.backups[index];
    let cells = |has_age: bool, has_sums: bool| {
        let age = age(report, index).filter(|_| has_age);
        let facts = [Some(day(backup, style)), age, Some(size(backup))];
        let facts = facts.into_iter().flatten();
        let mut cells: Vec<Cell> = facts.map(|fact| Cell::left(fact, Paint::Plain)).collect();
        cells.push(deleting(report, index, has_sums, style));
        cells
    };
    let width = |cells: &[Cell]| {
        let widths = cells.iter().map(|cell| cell.text.width() + 2);
        widths.sum::<usize>()
    };
    let joined = |cells: &[Cell]| {
        let painted = cells.iter().map(|cell| cell.painted(style));
        format!("  {}", painted.collect::<Vec<_>>().join("  "))
    };
    for (has_age, has_sums) in [(true, true), (false, true), (false, false)] {
        let cells = cells(has_age, has_sums);
        if width(&cells) <= style.width {
            return vec![joined(&cells)];
        }
    }
    let cells = cells(false, false);
    let each = cells.iter();
    each.map(|cell| format!("  {}", cell.painted(style)))
        .collect()
}

/// What deleting a backup would bring, or why not to.
fn deleting(report: &Report, index: BackupIndex, has_sums: bool, style: &Style) -> Cell {
    let decision = &report.plan.decisions[index];
    let freed = numbers::freed(decision.frees);
    match decision.action {
        Action::Remove => Cell::left(freed, Paint::Green),
        Action::Keep if decision.on_request && has_sums => {
            Cell::left(format!("you decide: {freed}"), Paint::Plain)
        }
        Action::Keep if decision.on_request => Cell::left("you decide", Paint::Plain),
        Action::Keep => {
            let why = why_kept(report, index);
            Cell::left(format!("{} {why}", style.dash()), Paint::Plain)
        }
    }
}

/// When a backup was made, as its row has it.
fn date_of(backup: &BackupReport) -> Option<Timestamp> {
    backup.last_backup.map(|last| last.at)
}

/// Why a backup stays, in two or three words.
pub fn why_kept(report: &Report, index: BackupIndex) -> &'static str {
    let (backup, decision) = (&report.backups[index], &report.plan.decisions[index]);
    let is_later =
        |other: &BackupReport| other.udid == backup.udid && date_of(other) > date_of(backup);
    match decision.reasons.first().map(|reason| reason.why) {
        Some(Why::NewestGood) if report.backups.iter().any(is_later) => "newest good",
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
        Some(Why::Incomplete | Why::Corrupt) => "no newer good one",
        Some(Why::Unreadable) => "not looked at",
        Some(Why::NoUsableDate) if backup.is_disputed => "device in doubt",
        Some(Why::NoUsableDate) => "no date",
        Some(Why::HoldsMore) if backup.has(INDEX_SHORT.id) => "list is not whole",
        Some(Why::HoldsMore) => "holds more",
        Some(Why::ClockDisputed) => "dates in doubt",
        Some(Why::ForeignContent) => "other files in it",
        Some(Why::Twin) => "same as another",
        Some(Why::Trash) => "in a trash",
        Some(Why::ToolMade) => "made by a tool",
        Some(Why::Unfinished) => "unfinished",
        Some(Why::Nested) => "holds another",
        Some(Why::SupersededBy | Why::NotACopy | Why::Named) | None => "kept",
    }
}
