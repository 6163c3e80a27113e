//! The list on the screen, held literally: at three sizes, without colour, without symbols.

use ratatui::style::{Color, Modifier};

use super::*;
use crate::render::screens::hold;

/// A screen of this size, held under this name. Nothing is in its last column.
#[track_caller]
fn held(name: &str, list: &List) {
    let shown = list.shown();
    for line in shown.lines() {
        // A command is not torn.
        let is_command = line.trim_start().starts_with("bkscan ") && !line.contains("clean");
        let is_free = line.width() < usize::from(list.state.size.0);
        assert!(is_command || is_free, "{name}: {line}");
    }
    hold(&format!("choose-{name}"), &shown);
}

const SIZES: [(u16, u16); 3] = [(120, 40), (80, 24), (60, 16)];

#[test]
fn the_list_at_every_size() {
    for size in SIZES {
        let mut list = List::of(report(), size, &style(usize::from(size.0)));
        list.press("j<Space>");
        held(&format!("{}", size.0), &list);
    }
}

#[test]
fn a_terminal_without_symbols_has_none() {
    for size in SIZES {
        let ascii = Style {
            unicode: false,
            ..style(usize::from(size.0))
        };
        let mut list = List::of(report(), size, &ascii);
        "bkscan clean, /b".clone_into(&mut list.state.title);
        list.press("j<Space>");
        let shown = list.shown();
        assert!(shown.is_ascii(), "{shown}");
        if size.0 == 80 {
            held("ascii", &list);
        }
        for keys in ["d", "qe", "q?", "q<Tab>"] {
            list.press(keys);
            let shown = list.shown();
            assert!(shown.is_ascii(), "{keys}: {shown}");
        }
    }
}

#[test]
fn it_fills_while_the_scan_runs() {
    let mut list = List::empty((80, 24), &style(80));
    held("begun", &list);
    for backup in &report().backups[..3] {
        let entry = Entry::looked(backup, &style(80));
        list.happens(Event::Looked(Box::new(entry)));
    }
    let line = "backup 4 of 6 · 12,345 files, 3.0 GB";
    list.happens(Event::Progress(line.to_owned()));
    list.happens(Event::Tick);
    held("filling", &list);
    list.press("<Space>");
    assert!(list.shown().contains("the scan is not done"));
    // A resize while it is open.
    list.happens(Event::Resize(60, 16));
    held("filling-60", &list);
}

#[test]
fn what_changes_is_marked() {
    let mut list = List::six();
    let folder = list.state.entries[0].folder.clone();
    list.happens(Event::Changing(folder));
    held("changing", &list);
}

#[test]
#[cfg_attr(windows, ignore = "what explain says names what this system has")]
fn texts_open_in_the_list() {
    let mut list = List::six();
    list.press("jd");
    held("diff", &list);
    list.press("qGe");
    held("explain", &list);
    list.press("q?");
    held("help", &list);
    list.happens(Event::Resize(60, 16));
    held("help-60", &list);
    list.press("q<Tab>");
    held("details-60", &list);
    list.press("q/ipad");
    held("filter-60", &list);
}

#[test]
fn names_that_are_long_or_wide_fit() {
    for size in SIZES {
        let mut report = report();
        for (index, name) in ["電話".repeat(30), "a".repeat(200)].iter().enumerate() {
            report.backups[index].device.name = Some(name.clone());
            report.backups[index].device.product_name = Some("x".repeat(90));
        }
        let mut list = List::of(report, size, &style(usize::from(size.0)));
        for _ in 0..6 {
            for line in list.shown().lines() {
                assert!(line.width() < usize::from(size.0), "{line}");
            }
            list.press("j");
        }
    }
}

#[test]
fn a_window_of_any_size_is_drawn() {
    for width in [1, 5, 20, 39, 40, 41, 55, 56, 75, 76, 99, 100, 300] {
        for height in [1, 2, 5, 7, 8, 9, 12, 100] {
            let mut list = List::of(report(), (width, height), &style(80));
            list.shown();
            for keys in ["G", "d", "qe", "q?", "q<Tab>", "q/x"] {
                list.press(keys);
                list.shown();
            }
        }
    }
}

/// A letter for how a cell is painted.
fn paint(cell: &ratatui::buffer::Cell) -> String {
    let style = cell.style();
    let is = |modifier| style.add_modifier.contains(modifier);
    let letter = match style.fg.unwrap_or_default() {
        _ if is(Modifier::REVERSED) => '#',
        Color::Red => 'r',
        Color::Green => 'g',
        Color::Yellow => 'y',
        Color::Cyan => 'c',
        Color::Reset if is(Modifier::DIM) => 'd',
        Color::Reset if is(Modifier::BOLD) => 'b',
        Color::Reset if cell.symbol() == " " => ' ',
        Color::Reset => '.',
        color => panic!("{color:?} is none of the sixteen that are used"),
    };
    letter.to_string()
}

#[test]
fn sixteen_colours_are_enough_and_none_are_enough() {
    let colored = Style {
        color: true,
        ..style(80)
    };
    let mut list = List::of(report(), (80, 24), &colored);
    list.press("j<Space>");
    let plain = List::six();
    let cells = list.cells();
    for cell in &cells.content {
        assert_eq!(cell.bg, Color::Reset);
    }
    hold("choose-painted", &lines(&cells, paint));
    // The words are the same without colour, and nothing but the cursor is painted.
    let mut without = plain;
    without.press("j<Space>");
    assert_eq!(list.shown(), without.shown());
    for cell in &without.cells().content {
        assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset));
        assert!(cell.modifier.is_empty() || cell.modifier == Modifier::REVERSED);
    }
}
