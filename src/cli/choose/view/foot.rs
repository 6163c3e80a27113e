//! The last lines: why the row under the cursor goes or stays where no pane tells, what the marked set comes
//! to, and the keys.

use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;

use crate::cli::choose::layout::Parts;
use crate::cli::choose::model::{Mode, State};
use crate::render::screen::layout::{glued, paragraph};
use crate::words::numbers;

use super::painted;

/// How many lines the sum takes.
const SUM: usize = 2;

/// The last lines of the list.
pub fn lines(state: &State, parts: &Parts) -> Vec<Line<'static>> {
    let width = usize::from(parts.foot.width).saturating_sub(1);
    let mut lines = Vec::new();
    if parts.pane.is_none() {
        let why = state.current().map(|entry| entry.why.as_str());
        let why = state.style.fit(why.unwrap_or_default(), width);
        lines.push(painted::line(&state.style.dim(&why)));
    }
    let mut sum = sum(state, width);
    sum.resize(SUM, String::new());
    lines.extend(sum.iter().map(|line| painted::line(line)));
    lines.push(last(state, parts.pane.is_some(), width));
    lines
}

/// What is marked, what that frees, and what goes for good; or what is to be told.
fn sum(state: &State, width: usize) -> Vec<String> {
    let style = &state.style;
    if let Some(notice) = &state.notice {
        let lines = wrapped(state, &style.name(notice), width);
        return lines.iter().map(|line| style.bold(line)).collect();
    }
    if state.scanned.is_none() {
        return vec!["Nothing can be marked before all is looked at.".to_owned()];
    }
    let marks = state.marks();
    let all = state.entries.len() as u64;
    let mut text = format!("marked {} of {}", marks.len(), numbers::count(all));
    let Some(sum) = state.sum() else {
        return vec![text + style.dot() + "adding up"];
    };
    let mut red = None;
    if sum.only_copies > 0 {
        let copies = numbers::counted(sum.only_copies as u64, "only copy", "only copies");
        text += &format!(" ({copies})");
    }
    if !marks.is_empty() {
        text += &format!("{}frees {}", style.dot(), sum.frees);
        text += style.dot();
        match &sum.for_good {
            None => text += "nothing goes for good",
            Some(for_good) => {
                text += "goes for good: ";
                red = Some(text.width());
                text += for_good;
            }
        }
    }
    let lines = wrapped(state, &text, width);
    let mut before = 0;
    let lines = lines.iter().map(|line| {
        let from = red.map(|red| red.saturating_sub(before));
        before += line.width() + 1;
        match from.and_then(|from| line.get(byte_at(line, from)..).map(|rest| (from, rest))) {
            Some((from, rest)) => {
                let first = &line[..byte_at(line, from)];
                format!("{first}{}", style.red(rest))
            }
            None => line.clone(),
        }
    });
    lines.collect()
}

/// Where a column is in a text.
fn byte_at(text: &str, column: usize) -> usize {
    let mut ends = text.char_indices().map(|(at, _)| at);
    let at = ends.find(|at| text[..*at].width() >= column);
    at.unwrap_or(text.len())
}

/// At most as many lines as there are; what does not fit is cut.
fn wrapped(state: &State, text: &str, width: usize) -> Vec<String> {
    let mut lines = paragraph("", &glued(text), width);
    if lines.len() > SUM {
        let rest = lines.split_off(SUM - 1).join(" ");
        lines.push(state.style.fit(&rest, width));
    }
    lines
}

/// The keys, or what is looked for.
fn last(state: &State, has_pane: bool, width: usize) -> Line<'static> {
    let style = &state.style;
    if let Mode::Typing = state.mode {
        let typed = format!("/{}_", style.name(&state.filter));
        let keys = "   Enter keep, Esc all";
        return painted::line(&(style.bold(&style.fit(&typed, width / 2)) + keys));
    }
    let enter = if style.unicode { "⏎" } else { "Enter" };
    let space = if style.unicode { "␣" } else { "Space" };
    let keys = [
        (space, "mark"),
        (enter, "delete"),
        ("d", "diff"),
        ("e", "explain"),
        ("Tab", "all about it"),
        ("/", "filter"),
        ("?", "help"),
        ("q", "leave"),
    ];
    let all: &[usize] = &[0, 1, 2, 3, 4, 5, 6, 7];
    let few: &[usize] = &[0, 1, 2, 3, 5, 6, 7];
    let least: &[usize] = &[0, 1, 2, 6, 7];
    let filter = match state.filter.as_str() {
        "" => String::new(),
        filter => format!("/{}  ", style.fit(&style.name(filter), 12)),
    };
    let told = |choice: &[usize]| {
        let keys = choice
            .iter()
            .map(|at| format!("{} {}", keys[*at].0, keys[*at].1));
        filter.clone() + &keys.collect::<Vec<_>>().join("  ")
    };
    let all = if has_pane { few } else { all };
    let choices = [all, few, least].map(told);
    let fitting = choices.iter().find(|line| line.width() <= width);
    let line = fitting.unwrap_or(&choices[2]);
    painted::line(&style.dim(&style.fit(line, width)))
}

/// The keys below a text, and how much of it is below the screen.
pub fn of_page(state: &State, below: usize, width: usize) -> Line<'static> {
    let style = &state.style;
    let arrow = if style.unicode { "↑↓" } else { "arrows" };
    let mut text = format!("{arrow} move  q back");
    if below > 0 {
        let lines = numbers::counted(below as u64, "more line", "more lines");
        text += &format!("{}{lines} below", style.dot());
    }
    painted::line(&style.dim(&style.fit(&text, width)))
}
