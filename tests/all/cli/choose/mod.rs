//! `clean -i`: the list that somebody marks in.

#[cfg(target_os = "linux")]
mod driven;
mod keys;
#[cfg(target_os = "linux")]
mod leaving;
mod screens;

use std::sync::Arc;

use bkscan::clean::Wish;
use bkscan::cli::choose::entry::{self, Entry, Part};
use bkscan::cli::choose::event::{Effect, Event};
use bkscan::cli::choose::keys::Key;
use bkscan::cli::choose::model::State;
use bkscan::cli::choose::page::Differences;
use bkscan::cli::choose::scanned::Scanned;
use bkscan::cli::choose::target::Target;
use bkscan::cli::choose::update::update;
use bkscan::cli::choose::view;
use bkscan::cli::choose::weigh::weigh;
use bkscan::model::options::Policy;
use bkscan::model::{Report, StorageGroup};
use bkscan::render::screen::style::Style;
use bkscan::scan::pair;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use unicode_width::UnicodeWidthStr as _;

use crate::render::screens::{six, style};

/// The six, and what takes how much in them.
fn report() -> Report {
    let mut report = six();
    report.roots[0].path = "/Users/anna/Library/Application Support/MobileSync/Backup".into();
    let group = |(name, bytes): (&str, u64)| StorageGroup {
        name: name.to_owned(),
        files: 7,
        bytes,
    };
    for backup in report.backups.iter_mut().filter(|backup| !backup.locked) {
        let groups = [("Photos", 62), ("WhatsApp", 14), ("Messages", 4)];
        let groups = groups.map(|(name, gigabytes)| (name, gigabytes * 1_000_000_000));
        backup.storage = groups.map(group).into();
    }
    report
}

/// A list, and who presses keys in it.
struct List {
    state: State,
}

impl List {
    /// Before anything was looked at.
    fn empty(size: (u16, u16), style: &Style) -> List {
        let title = "bkscan clean · /Users/anna/Library/Application Support/MobileSync/Backup";
        List {
            state: State::new(title.to_owned(), size, style.clone()),
        }
    }

    /// When all is looked at.
    fn of(report: Report, size: (u16, u16), style: &Style) -> List {
        let mut list = List::empty(size, style);
        list.scanned(report);
        list
    }

    /// The six, on a terminal of 80 columns.
    fn six() -> List {
        List::of(report(), (80, 24), &style(80))
    }

    fn scanned(&mut self, report: Report) {
        self.found(Scanned {
            policy: Policy::usual(report.started_at),
            report,
            wish: Wish::default(),
            leftovers: vec![],
            style: self.state.style.clone(),
            obstacle: None,
        });
    }

    fn found(&mut self, scanned: Scanned) {
        let scanned = Arc::new(scanned);
        let entries = entry::entries(&scanned, &scanned.usual(), &scanned.marked_at_first());
        self.happens(Event::Scanned(scanned, entries));
    }

    /// Something happens; what is to be worked out is, at once.
    fn happens(&mut self, event: Event) -> Effect {
        let mut effect = update(&mut self.state, event);
        loop {
            let next = match &effect {
                Effect::Weigh(marks) => {
                    let scanned = self.state.scanned.clone().unwrap();
                    Event::Weighed(weigh(&scanned, marks))
                }
                Effect::Compare(Target::Backup(old)) => {
                    let scanned = self.state.scanned.clone().unwrap();
                    let (old, new) = (*old, scanned.stand_in(*old).unwrap());
                    let backups = &scanned.report.backups;
                    let diff = pair::as_scanned([&backups[old], &backups[new]]);
                    Event::Compared(Arc::new(Differences { old, new, diff }))
                }
                _ => return effect,
            };
            effect = update(&mut self.state, next);
        }
    }

    /// Keys by their letters, and by names in brackets: `jj<Space>`.
    fn press(&mut self, keys: &str) -> Effect {
        let mut effect = Effect::None;
        let mut rest = keys;
        while let Some(first) = rest.chars().next() {
            let (key, after) = match rest.strip_prefix('<').and_then(|name| name.split_once('>')) {
                Some((name, after)) => (named(name), after),
                None => (Key::Char(first), &rest[first.len_utf8()..]),
            };
            effect = self.happens(Event::Key(key));
            rest = after;
        }
        effect
    }

    /// The row under the cursor: its device and day.
    fn current(&self) -> String {
        self.state.current().map_or_else(String::new, called)
    }

    /// The rows that are marked.
    fn marked(&self) -> Vec<String> {
        let entries = self.state.entries.iter();
        let marked = entries.filter(|entry| entry.is_marked);
        marked.map(called).collect()
    }

    /// The rows of a part.
    fn rows(&self, part: Part) -> Vec<String> {
        let entries = self.state.entries.iter();
        let own = entries.filter(|entry| entry.part == part);
        own.map(called).collect()
    }

    /// The cells of its screen.
    fn cells(&self) -> Buffer {
        let (width, height) = self.state.size;
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal
            .draw(|frame| view::draw(&self.state, frame))
            .unwrap();
        terminal.backend().buffer().clone()
    }

    /// Its screen as text.
    fn shown(&self) -> String {
        lines(&self.cells(), |cell| cell.symbol().to_owned())
    }
}

/// The cells of a screen line by line, each as `of` has it.
fn lines(cells: &Buffer, of: impl Fn(&ratatui::buffer::Cell) -> String) -> String {
    let area = cells.area;
    let line = |y: u16| {
        let (mut x, mut line) = (0, String::new());
        while x < area.width {
            let cell = &cells[(x, y)];
            line += &of(cell);
            // The cell behind a wide character is covered by it.
            x += u16::try_from(cell.symbol().width()).unwrap().max(1);
        }
        line.trim_end().to_owned() + "\n"
    };
    (0..area.height).map(line).collect()
}

fn called(entry: &Entry) -> String {
    let name = entry.short.split(',').next().unwrap();
    format!("{name}, {}", entry.day)
}

fn named(name: &str) -> Key {
    match name {
        "Space" => Key::Char(' '),
        "Enter" => Key::Enter,
        "Esc" => Key::Esc,
        "Tab" => Key::Tab,
        "Up" => Key::Up,
        "Down" => Key::Down,
        "PageDown" => Key::PageDown,
        "PageUp" => Key::PageUp,
        "Home" => Key::Home,
        "End" => Key::End,
        "Backspace" => Key::Backspace,
        "C-c" => Key::Interrupt,
        name => panic!("no key is named {name}"),
    }
}
