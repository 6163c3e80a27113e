//! The rows in three parts: a box, the verdict, the device, its day, its size, and what deleting it frees.

use ratatui::style::Modifier;
use ratatui::text::Line as Shown;
use unicode_width::UnicodeWidthStr;

use crate::cli::choose::entry::{Entry, Part};
use crate::cli::choose::layout::{self, Line, Parts};
use crate::cli::choose::model::State;
use crate::render::screen::style::Style;

use super::painted;

/// What stands before a row: the cursor and the box.
const BOX: usize = 6;

/// What is to be read of a name.
const LEAST_NAME: usize = 16;

/// How wide the columns are.
struct Columns {
    verdict: usize,
    name: usize,
    day: usize,
    /// Nothing where there is no room.
    size: Option<usize>,
    deleting: usize,
}

/// The lines that are on the screen.
pub fn lines(state: &State, parts: &Parts) -> Vec<Shown<'static>> {
    if state.entries.is_empty() {
        return vec![];
    }
    let lines = layout::lines(state);
    if lines.is_empty() {
        return vec![painted::line("  No row has that word: Esc shows all.")];
    }
    let width = usize::from(parts.list.width).saturating_sub(1);
    let is_broken = layout::is_broken(parts);
    let columns = Columns::of(state, width);
    let above = layout::above(state, &lines);
    let shown = lines
        .iter()
        .skip(above)
        .take(usize::from(parts.list.height));
    let current = state.place();
    let shown = shown.map(|line| match *line {
        Line::Heading(part, is_first) => {
            let titles = is_first && !is_broken && part != Part::Looked;
            painted::line(&heading(part, titles.then_some(&columns), &state.style))
        }
        Line::Row(place) => {
            let entry = &state.entries[place];
            let is_current = current == Some(place);
            let text = match is_broken {
                true => first_half(entry, is_current, width, &state.style),
                false => columns.row(entry, is_current, &state.style),
            };
            marked(&text, is_current, width, &state.style)
        }
        Line::Below(place) => {
            let entry = &state.entries[place];
            let text = second_half(entry, width, &state.style);
            marked(&text, current == Some(place), width, &state.style)
        }
        Line::Folder(place) => {
            let folder = state.entries[place].below.as_deref().unwrap_or_default();
            let indent = " ".repeat(BOX);
            let folder = state.style.fit(folder, width.saturating_sub(BOX));
            marked(
                &(indent + &folder),
                current == Some(place),
                width,
                &state.style,
            )
        }
    });
    shown.collect()
}

/// A line of a row; that under the cursor is shown the other way round.
fn marked(text: &str, is_current: bool, width: usize, style: &Style) -> Shown<'static> {
    let plain = Style {
        color: false,
        ..style.clone()
    };
    let line = painted::line(text);
    if !is_current {
        return line;
    }
    let padding = " ".repeat(width.saturating_sub(line.width()));
    let text: String = line
        .spans
        .iter()
        .map(|span| span.content.as_ref())
        .collect();
    let line = painted::line(&plain.fit(&(text + &padding), width));
    line.patch_style(ratatui::style::Style::new().add_modifier(Modifier::REVERSED))
}

fn heading(part: Part, columns: Option<&Columns>, style: &Style) -> String {
    let title = part.title();
    let painted = match part {
        Part::Goes => style.bold(&style.green(title)),
        _ => style.bold(title),
    };
    let Some(columns) = columns else {
        return format!("   {painted}");
    };
    let first = BOX + columns.verdict + 1 + columns.name;
    let gap = " ".repeat((first + 2).saturating_sub(3 + title.width()));
    let mut titles = format!("{:>width$}", "last backup", width = columns.day);
    if let Some(size) = columns.size {
        titles += &format!("  {:>size$}", "size");
    }
    titles += match columns.deleting {
        0..14 => "  frees",
        _ => "  deleting frees",
    };
    format!("   {painted}{gap}{}", style.dim(&titles))
}

/// The cursor and the box of a row.
fn check(entry: &Entry, is_current: bool, style: &Style) -> String {
    let cursor = match (is_current, style.unicode) {
        (false, _) => " ",
        (true, true) => "▸",
        (true, false) => ">",
    };
    let check = match (entry.part, entry.is_changing, entry.is_marked) {
        (Part::Looked, ..) => "   ",
        (_, true, _) => "[!]",
        (_, _, true) => "[x]",
        (_, _, false) => "[ ]",
    };
    format!("{cursor} {check} ")
}

fn verdict(entry: &Entry, style: &Style) -> String {
    match entry.verdict {
        Some(verdict) => format!("{} {}", style.symbol(verdict), verdict.as_str()),
        None => String::new(),
    }
}

fn deleting(entry: &Entry, style: &Style) -> String {
    match (entry.is_changing, entry.part) {
        (true, _) => "changes now".to_owned(),
        (false, Part::Goes) => style.green(&entry.deleting),
        (false, _) => entry.deleting.clone(),
    }
}

/// The device with as much of its product as there is room for.
fn name(entry: &Entry, room: usize, style: &Style) -> String {
    let names = [&entry.name, &entry.short, &entry.bare];
    let fitting = names.into_iter().find(|name| name.width() <= room);
    fitting.map_or_else(|| style.fit(&entry.bare, room), String::clone)
}

fn padded(text: &str, width: usize) -> String {
    let visible = painted::line(text).width();
    text.to_owned() + &" ".repeat(width.saturating_sub(visible))
}

fn right(text: &str, width: usize) -> String {
    " ".repeat(width.saturating_sub(text.width())) + text
}

impl Columns {
    fn of(state: &State, width: usize) -> Columns {
        let style = &state.style;
        let widest = |of: &dyn Fn(&Entry) -> usize| state.entries.iter().map(of).max().unwrap_or(0);
        let has_parts = state.scanned.is_some();
        let verdict = widest(&|entry| verdict(entry, style).width());
        let day = widest(&|entry| entry.day.width()).max("last backup".width());
        let size = widest(&|entry| entry.size.width()).max("size".width());
        let deleting = match has_parts {
            true => widest(&|entry| entry.deleting.width()).max("changes now".width()),
            false => 0,
        };
        let fixed = BOX + verdict + 1 + 2 + day + 2 + deleting;
        let room = width.saturating_sub(fixed);
        let names = widest(&|entry| entry.bare.width());
        let has_size = room.saturating_sub(size + 2) >= names.min(LEAST_NAME);
        let size = Some(size).filter(|_| has_size);
        Columns {
            verdict,
            name: room.saturating_sub(size.map_or(0, |size| size + 2)),
            day,
            size,
            deleting,
        }
    }

    fn row(&self, entry: &Entry, is_current: bool, style: &Style) -> String {
        let name = name(entry, self.name, style);
        let word = verdict(entry, style);
        let word = match entry.verdict {
            Some(verdict) => style.paint(verdict, &word),
            None => word,
        };
        let mut text = check(entry, is_current, style);
        text += &padded(&word, self.verdict);
        text += &format!(
            " {}  {}",
            padded(&name, self.name),
            right(&entry.day, self.day)
        );
        if let Some(size) = self.size {
            text += &format!("  {}", right(&entry.size, size));
        }
        text += "  ";
        text += &padded(&deleting(entry, style), self.deleting);
        text.trim_end().to_owned()
    }
}

/// The first line of a row that is broken in two: the verdict and the device.
fn first_half(entry: &Entry, is_current: bool, width: usize, style: &Style) -> String {
    let word = verdict(entry, style);
    let before = check(entry, is_current, style);
    let gap = if word.is_empty() { "" } else { "  " };
    let room = width.saturating_sub(before.width() + word.width() + gap.len());
    let name = name(entry, room, style);
    let word = match entry.verdict {
        Some(verdict) => style.paint(verdict, &word),
        None => word,
    };
    format!("{before}{word}{gap}{name}")
}

/// The second one: day, size, and what deleting frees.
fn second_half(entry: &Entry, width: usize, style: &Style) -> String {
    let indent = " ".repeat(BOX);
    let facts = |has_size: bool| {
        let size = Some(&entry.size).filter(|size| has_size && !size.is_empty());
        let day = Some(&entry.day).filter(|day| !day.is_empty());
        let mut facts: Vec<String> = day.into_iter().chain(size).cloned().collect();
        let frees = match entry.part {
            Part::Goes | Part::Asked if !entry.is_changing => "frees ",
            _ => "",
        };
        let deleting = Some(deleting(entry, style)).filter(|text| !text.is_empty());
        facts.extend(deleting.map(|deleting| format!("{frees}{deleting}")));
        format!("{indent}{}", facts.join("  "))
    };
    let full = facts(true);
    match painted::line(&full).width() <= width {
        true => full,
        false => facts(false),
    }
}
