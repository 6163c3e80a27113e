//! The state of the list: all that is shown comes from it.

use std::sync::Arc;

use crate::render::screen::style::Style;

use super::entry::{Entry, Part};
use super::page::Page;
use super::scanned::Scanned;
use super::target::Target;
use super::weigh::Weighed;

/// The state of the list.
pub struct State {
    /// The command, and where it looks.
    pub title: String,
    /// How far the scan is; nothing when it is done.
    pub progress: Option<String>,
    /// What the scan found, when it is done.
    pub scanned: Option<Arc<Scanned>>,
    /// All rows, part by part.
    pub entries: Vec<Entry>,
    /// The row under the cursor, among those that are shown.
    pub cursor: usize,
    /// What somebody looks for; rows without it are not shown.
    pub filter: String,
    /// What the keys do.
    pub mode: Mode,
    /// What is told until the next key.
    pub notice: Option<String>,
    /// What a set of marked rows comes to: that of now, or of a moment ago.
    pub weighed: Option<Weighed>,
    /// Whether Enter was pressed while the set was added up.
    pub is_awaited: bool,
    /// How often time passed: the spinner turns by it.
    pub ticks: usize,
    /// The terminal, in columns and lines.
    pub size: (u16, u16),
    /// How text is written.
    pub style: Style,
}

/// What the keys do.
#[derive(Clone)]
pub enum Mode {
    /// They move in the list and mark in it.
    List,
    /// They write what is looked for.
    Typing,
    /// They move in a text, of which so many lines are above the screen.
    Page(Page, usize),
}

impl State {
    /// The list before anything was looked at.
    pub fn new(title: String, size: (u16, u16), style: Style) -> State {
        State {
            title,
            progress: Some("looking for backups".to_owned()),
            scanned: None,
            entries: Vec::new(),
            cursor: 0,
            filter: String::new(),
            mode: Mode::List,
            notice: None,
            weighed: None,
            is_awaited: false,
            ticks: 0,
            size,
            style,
        }
    }

    /// The rows that are shown, by their places among all.
    pub fn shown(&self) -> Vec<usize> {
        let word = self.filter.to_lowercase();
        let has = |(place, entry): (usize, &Entry)| entry.has(&word).then_some(place);
        self.entries.iter().enumerate().filter_map(has).collect()
    }

    /// The row under the cursor, by its place among all.
    pub fn place(&self) -> Option<usize> {
        self.shown().get(self.cursor).copied()
    }

    /// The row under the cursor.
    pub fn current(&self) -> Option<&Entry> {
        self.place().map(|place| &self.entries[place])
    }

    /// What is marked.
    pub fn marks(&self) -> Vec<Target> {
        let marked = self.entries.iter().filter(|entry| entry.is_marked);
        marked.filter_map(|entry| entry.target).collect()
    }

    /// What the marked set comes to, where it was added up.
    pub fn sum(&self) -> Option<&Weighed> {
        let marks = self.marks();
        self.weighed.as_ref().filter(|sum| sum.marks == marks)
    }

    /// How many rows are in a part.
    pub fn count(&self, part: Part) -> usize {
        let entries = self.entries.iter();
        entries.filter(|entry| entry.part == part).count()
    }
}
