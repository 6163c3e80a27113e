//! The rows of a plan side by side, or below one another where the screen is narrow.

use unicode_width::UnicodeWidthStr;

use crate::render::screen::layout;
use crate::render::screen::style::Style;

use super::rows::{Row, Rows};

/// Reasons in fewer columns are a ribbon of single words: then they stand below their row.
const LEAST_REASONS: usize = 30;

/// Names in fewer columns cannot be read.
const LEAST_NAMES: usize = 20;

/// Shorter ones are not cut for the sake of reasons beside them.
const USUAL_NAMES: usize = 36;

/// What stands before a row, and before what is told below it.
const INDENT: &str = "   ";

/// The three lists.
pub fn lines(rows: &Rows, style: &Style) -> Vec<String> {
    let lists = [
        ("can go", "frees", &rows.going),
        ("you decide", "frees", &rows.asked),
        ("stays", "size", &rows.staying),
    ];
    let lists = lists.iter().filter(|(.., rows)| !rows.is_empty());
    let title = |title: &str| match title {
        "can go" => style.bold(&style.green(title)),
        title => style.bold(title),
    };
    let Some(columns) = columns(rows.all(), style.width) else {
        return lists
            .flat_map(|(word, _, rows)| {
                let rows = rows.iter().flat_map(|row| stacked(row, style));
                [title(word)].into_iter().chain(rows)
            })
            .collect();
    };
    let mut above = "";
    let mut lines = Vec::new();
    for (word, bytes, rows) in lists {
        // What the heading above says already is not said again.
        let (is_first, is_same) = (above.is_empty(), above == *bytes);
        let said = |word: &str, is_new: bool| if is_new { word } else { "" }.to_owned();
        let has_reasons = columns.reasons.is_some();
        let heading = Row {
            what: None,
            mark: "",
            name: (*word).to_owned(),
            below: None,
            day: said("last backup", is_first),
            bytes: said(bytes, !is_same),
            why: said("why", is_first && has_reasons),
            for_good: None,
            can_go: false,
        };
        above = bytes;
        let heading = heading.lines(&columns, style).concat();
        lines.push(heading.replacen(word, &title(word), 1));
        lines.extend(rows.iter().flat_map(|row| row.lines(&columns, style)));
    }
    lines
}

/// How wide the columns are; nothing where the screen has no room for them side by side.
fn columns<'a>(rows: impl Iterator<Item = &'a Row>, width: usize) -> Option<Columns> {
    let mut columns = Columns {
        names: 10,
        days: "last backup".len(),
        bytes: "frees".len(),
        reasons: None,
    };
    let mut folders = 0;
    for row in rows {
        folders = folders.max(row.below.as_ref().map_or(0, |below| below.width()));
        columns.names = columns.names.max(row.name.width());
        columns.days = columns.days.max(row.day.width());
        columns.bytes = columns.bytes.max(row.bytes.width());
    }
    // The mark, and what stands between columns.
    let room = width.checked_sub(columns.days + columns.bytes + 7)?;
    let natural = columns.names;
    let beside = room.saturating_sub(LEAST_REASONS + 2);
    if beside >= natural.min(USUAL_NAMES) {
        // A folder that is longer stands on a line of its own.
        let with_folders = natural.max(folders);
        columns.names = if with_folders <= beside {
            with_folders
        } else {
            natural.min(beside)
        };
        columns.reasons = Some(room - columns.names - 2);
        return Some(columns);
    }
    columns.names = natural.min(room);
    (columns.names >= natural.min(LEAST_NAMES)).then_some(columns)
}

struct Columns {
    names: usize,
    days: usize,
    bytes: usize,
    /// Nothing where reasons stand below their row.
    reasons: Option<usize>,
}

impl Row {
    fn lines(&self, columns: &Columns, style: &Style) -> Vec<String> {
        let Columns {
            names,
            days,
            bytes,
            reasons,
        } = *columns;
        let why = reasons.map_or_else(Vec::new, |reasons| {
            layout::paragraph("", &layout::glued(&self.why), reasons)
        });
        let below = self.below.as_deref().unwrap_or_default();
        let is_beside = reasons.is_some() && below.width() <= names && !below.is_empty();
        let rows = why.len().max(1 + usize::from(is_beside));
        let mut lines: Vec<String> = (0..rows)
            .map(|line| {
                let (mark, name, day, size) = match line {
                    0 => (
                        self.mark,
                        self.name.as_str(),
                        self.day.as_str(),
                        self.bytes.as_str(),
                    ),
                    1 if is_beside => ("", below, "", ""),
                    _ => ("", "", "", ""),
                };
                let why = why.get(line).map_or("", String::as_str);
                let name = pad_right(&style.fit(name, names), names);
                let size = pad_left(size, bytes);
                let size = if self.can_go {
                    style.green(&size)
                } else {
                    size
                };
                let line = format!(
                    "{}  {name}  {}  {size}  {why}",
                    pad_right(mark, 1),
                    pad_left(day, days),
                );
                line.trim_end().to_owned()
            })
            .collect();
        if reasons.is_none() && !self.why.is_empty() {
            lines.extend(layout::paragraph(
                INDENT,
                &layout::glued(&self.why),
                style.width,
            ));
        }
        if !is_beside && !below.is_empty() {
            lines.push(format!("{INDENT}{}", style.fit(below, style.width - 3)));
        }
        lines.extend(self.for_good_lines(INDENT, style));
        lines
    }

    fn for_good_lines(&self, indent: &str, style: &Style) -> Vec<String> {
        let text = self.for_good.as_deref();
        text.map_or_else(Vec::new, |text| {
            layout::paragraph(indent, &layout::glued(text), style.width)
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
    let bytes = match row.can_go {
        true => style.green(&row.bytes),
        false => row.bytes.clone(),
    };
    let facts: Vec<&str> = [row.day.as_str(), bytes.as_str()]
        .into_iter()
        .filter(|fact| !fact.is_empty())
        .collect();
    lines.push(format!("  {}", facts.join("  ")));
    lines.extend(layout::paragraph(
        "  ",
        &layout::glued(&row.why),
        style.width,
    ));
    lines.extend(row.for_good_lines("  ", style));
    lines
}
