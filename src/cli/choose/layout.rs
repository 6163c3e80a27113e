//! Where things are on the screen, by its size, and which row is on which line. Pure.

use ratatui::layout::Rect;

use super::entry::Part;
use super::model::State;

/// From so many columns on, the pane stands beside the list.
const BESIDE: u16 = 76;

/// A row in fewer columns is broken in two.
const ONE_LINE: u16 = 56;

/// The parts of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// What it is, and how much is free.
    pub head: Rect,
    /// The rows.
    pub list: Rect,
    /// All about the row under the cursor, where there is room.
    pub pane: Option<Rect>,
    /// The sum, and the keys.
    pub foot: Rect,
}

/// A line of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// The heading of a part; the first one has the names of the columns, too.
    Heading(Part, bool),
    /// The first line of a row, by its place among all.
    Row(usize),
    /// Its second line.
    Below(usize),
    /// Its folder, where rows look alike.
    Folder(usize),
}

/// Whether the terminal is large enough for anything.
pub fn is_large_enough((columns, lines): (u16, u16)) -> bool {
    columns >= 40 && lines >= 8
}

/// Divides the screen.
pub fn parts((columns, lines): (u16, u16)) -> Parts {
    let area = |x, y, width, height| Rect::new(x, y, width, height);
    let has_pane = columns >= BESIDE;
    // The reason of the row under the cursor stands above the sum where there is no pane.
    let foot = match has_pane {
        true => 3,
        false => 4,
    };
    let body = lines.saturating_sub(1 + foot);
    let pane = match (has_pane, columns) {
        (false, _) => 0,
        (true, ..100) => 34,
        (true, _) => 40,
    };
    let list = columns - pane;
    Parts {
        head: area(0, 0, columns, 1),
        list: area(0, 1, list, body),
        pane: has_pane.then(|| area(list, 1, pane, body)),
        foot: area(0, 1 + body, columns, foot),
    }
}

/// Whether a row of the list is broken in two.
pub fn is_broken(parts: &Parts) -> bool {
    parts.list.width < ONE_LINE
}

/// All lines of the list.
pub fn lines(state: &State) -> Vec<Line> {
    let is_broken = is_broken(&parts(state.size));
    let mut lines = Vec::new();
    let mut part = None;
    for place in state.shown() {
        let entry = &state.entries[place];
        if part != Some(entry.part) {
            lines.push(Line::Heading(entry.part, part.is_none()));
            part = Some(entry.part);
        }
        lines.push(Line::Row(place));
        if is_broken {
            lines.push(Line::Below(place));
        }
        if entry.below.is_some() {
            lines.push(Line::Folder(place));
        }
    }
    lines
}

/// How many lines of the list are above the screen: the cursor stays near the middle, and no row begins
/// above it.
pub fn above(state: &State, lines: &[Line]) -> usize {
    let height = usize::from(parts(state.size).list.height);
    let place = state.place();
    let at = lines
        .iter()
        .position(|line| Some(*line) == place.map(Line::Row));
    let most = lines.len().saturating_sub(height);
    let above = at.unwrap_or(0).saturating_sub(height / 2).min(most);
    let halves = lines.iter().skip(above);
    let halves = halves.take_while(|line| matches!(line, Line::Below(_) | Line::Folder(_)));
    above + halves.count()
}

/// The row at a column and a line of the screen, by its place among all.
pub fn row_at(state: &State, column: u16, line: u16) -> Option<usize> {
    let list = parts(state.size).list;
    if !list.contains((column, line).into()) {
        return None;
    }
    let lines = lines(state);
    let at = above(state, &lines) + usize::from(line - list.y);
    match lines.get(at)? {
        Line::Row(place) | Line::Below(place) | Line::Folder(place) => Some(*place),
        Line::Heading(..) => None,
    }
}

/// How many lines a text has to be read in.
pub fn page_height((_, lines): (u16, u16)) -> usize {
    usize::from(lines.saturating_sub(2))
}

/// How wide a text is.
pub fn page_width((columns, _): (u16, u16)) -> usize {
    usize::from(columns.saturating_sub(2)).min(100)
}
