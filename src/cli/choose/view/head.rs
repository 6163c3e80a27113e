//! The first line: what it is, where it looks, and how much is free, or how far the scan is.

use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;

use crate::cli::choose::model::State;
use crate::words::numbers;

use super::painted;

/// The first line.
pub fn line(state: &State, width: u16) -> Line<'static> {
    let style = &state.style;
    let width = usize::from(width).saturating_sub(1);
    let right = match &state.progress {
        Some(progress) => format!("{} {progress}", spinner(state)),
        None => free(state).unwrap_or_default(),
    };
    let right = style.fit(&right, width.saturating_sub(12));
    let room = width.saturating_sub(right.width() + 2);
    let left = style.fit(&state.title, room);
    let gap = " ".repeat(width.saturating_sub(left.width() + right.width()));
    painted::line(&format!("{}{gap}{right}", style.bold(&left)))
}

/// The first line above a text.
pub fn of_page(state: &State, title: &str) -> Line<'static> {
    painted::line(&state.style.bold(title))
}

fn spinner(state: &State) -> &'static str {
    const TURNS: [&str; 4] = ["|", "/", "-", "\\"];
    TURNS[state.ticks / 2 % TURNS.len()]
}

/// How much is free, where all roots are on one disk.
fn free(state: &State) -> Option<String> {
    let roots = &state.scanned.as_ref()?.report.roots;
    let first = roots.first()?.volume?;
    let is_same = roots.iter().all(|root| root.volume == Some(first));
    is_same.then(|| {
        format!(
            "{} free of {}",
            numbers::size(first.available),
            numbers::size(first.total)
        )
    })
}
