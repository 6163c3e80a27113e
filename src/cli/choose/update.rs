//! What becomes of the state when something happens. Does nothing else: what is to be done is the answer.

use std::path::Path;

use super::entry::{Entry, Part};
use super::event::{Effect, Event};
use super::keys::Key;
use super::layout;
use super::model::{Mode, State};
use super::page::Page;
use super::pages;
use super::target::Target;
use super::weigh::Weighed;

/// So many rows are passed with one turn of the wheel, or of lines in a text.
const WHEEL: isize = 3;

/// Takes up what happened.
pub fn update(state: &mut State, event: Event) -> Effect {
    match event {
        Event::Key(key) => pressed(state, key),
        Event::Click(column, line) => clicked(state, column, line),
        Event::Wheel(lines) => {
            turn(state, lines * WHEEL);
            Effect::None
        }
        Event::Resize(columns, lines) => {
            state.size = (columns, lines);
            turn(state, 0);
            Effect::None
        }
        Event::Tick => {
            state.ticks = state.ticks.wrapping_add(1);
            Effect::None
        }
        Event::Progress(line) => {
            if state.scanned.is_none() {
                state.progress = Some(line);
            }
            Effect::None
        }
        Event::Looked(entry) => {
            if state.scanned.is_none() {
                state.entries.push(*entry);
            }
            Effect::None
        }
        Event::Scanned(scanned, entries) => {
            state.notice.clone_from(&scanned.obstacle);
            state.scanned = Some(scanned);
            state.progress = None;
            replace(state, entries);
            weigh(state)
        }
        Event::Weighed(weighed) => take_up(state, weighed),
        Event::Changing(folder) => change(state, &folder),
        Event::Compared(differences) => {
            state.notice = None;
            state.mode = Mode::Page(Page::Differences(differences), 0);
            Effect::None
        }
    }
}

/// Puts the decided rows in the place of those so far; the cursor stays on its backup, and what changed
/// stays told.
fn replace(state: &mut State, entries: Vec<Entry>) {
    let own = state.current().map(|entry| entry.folder.clone());
    // Nobody moved it: then it begins at the top.
    let own = own.filter(|_| state.cursor > 0);
    let before = std::mem::replace(&mut state.entries, entries);
    for entry in &mut state.entries {
        let was = before.iter().find(|old| old.folder == entry.folder);
        entry.is_changing = was.is_some_and(|old| old.is_changing);
    }
    unmark_hindered(state);
    let shown = state.shown();
    let at = |place: &usize| Some(&state.entries[*place].folder) == own.as_ref();
    state.cursor = shown.iter().position(at).unwrap_or(0);
}

fn pressed(state: &mut State, key: Key) -> Effect {
    match key {
        Key::Interrupt => return Effect::Interrupt,
        Key::Pause => return Effect::Pause,
        _ => state.notice = None,
    }
    match state.mode {
        Mode::List => in_list(state, key),
        Mode::Typing => {
            typed(state, key);
            Effect::None
        }
        Mode::Page(..) => {
            in_page(state, key);
            Effect::None
        }
    }
}

fn in_list(state: &mut State, key: Key) -> Effect {
    let page = usize::from(layout::parts(state.size).list.height).max(2) / 2;
    let page = isize::try_from(page).unwrap_or(1);
    match key {
        Key::Up | Key::Char('k') => turn(state, -1),
        Key::Down | Key::Char('j') => turn(state, 1),
        Key::PageUp => turn(state, -page),
        Key::PageDown => turn(state, page),
        Key::Home | Key::Char('g') => turn(state, isize::MIN),
        Key::End | Key::Char('G') => turn(state, isize::MAX),
        Key::Char(' ') => return toggle(state),
        Key::Char('a') => return mark_all(state, true),
        Key::Char('n') => return mark_all(state, false),
        Key::Enter => return enter(state),
        Key::Char('d') => return compare(state),
        Key::Char('e') => open(state, Page::Explained),
        Key::Tab | Key::Right | Key::Char('l') => open(state, Page::Details),
        Key::Char('/') => state.mode = Mode::Typing,
        Key::Char('?' | 'h') => state.mode = Mode::Page(Page::Help, 0),
        Key::Esc if !state.filter.is_empty() => {
            state.filter.clear();
            turn(state, 0);
        }
        Key::Esc | Key::Char('q') => return Effect::Leave,
        Key::Left | Key::Backspace | Key::Char(_) | Key::Interrupt | Key::Pause => {}
    }
    Effect::None
}

fn in_page(state: &mut State, key: Key) {
    let page = isize::try_from(layout::page_height(state.size)).unwrap_or(1);
    match key {
        Key::Up | Key::Char('k') => turn(state, -1),
        Key::Down | Key::Char('j') | Key::Enter => turn(state, 1),
        Key::PageUp => turn(state, -page),
        Key::PageDown | Key::Char(' ') => turn(state, page),
        Key::Home | Key::Char('g') => turn(state, isize::MIN),
        Key::End | Key::Char('G') => turn(state, isize::MAX),
        Key::Esc | Key::Backspace | Key::Left | Key::Tab | Key::Char('q' | 'h') => {
            state.mode = Mode::List;
        }
        Key::Right | Key::Char(_) | Key::Interrupt | Key::Pause => {}
    }
}

fn typed(state: &mut State, key: Key) {
    match key {
        Key::Char(letter) => state.filter.push(letter),
        Key::Backspace => _ = state.filter.pop(),
        Key::Enter => state.mode = Mode::List,
        Key::Esc => {
            state.filter.clear();
            state.mode = Mode::List;
        }
        _ => {}
    }
    turn(state, 0);
}

/// Moves in what is open, and never out of it.
fn turn(state: &mut State, by: isize) {
    match &mut state.mode {
        Mode::Page(page, above) => {
            let page = page.clone();
            let above = above.saturating_add_signed(by);
            let lines = pages::lines(&page, state, layout::page_width(state.size)).len();
            let most = lines.saturating_sub(layout::page_height(state.size));
            state.mode = Mode::Page(page, above.min(most));
        }
        Mode::List | Mode::Typing => {
            let last = state.shown().len().saturating_sub(1);
            state.cursor = state.cursor.saturating_add_signed(by).min(last);
        }
    }
}

fn clicked(state: &mut State, column: u16, line: u16) -> Effect {
    if !matches!(state.mode, Mode::List) {
        return Effect::None;
    }
    state.notice = None;
    let Some(place) = layout::row_at(state, column, line) else {
        return Effect::None;
    };
    let shown = state.shown();
    let at = shown.iter().position(|other| *other == place);
    state.cursor = at.unwrap_or(state.cursor);
    toggle(state)
}

/// Marks the row under the cursor, or takes its mark away.
fn toggle(state: &mut State) -> Effect {
    let Some(place) = state.place() else {
        return Effect::None;
    };
    let hindrance = match state.scanned {
        None => Some("the scan is not done: nothing can be marked yet".to_owned()),
        Some(_) => hindrance(state, &state.entries[place]),
    };
    if hindrance.is_some() {
        state.notice = hindrance;
        return Effect::None;
    }
    let entry = &mut state.entries[place];
    entry.is_marked = !entry.is_marked;
    weigh(state)
}

/// Marks all that can go and nothing else, or nothing.
fn mark_all(state: &mut State, can_go: bool) -> Effect {
    if state.scanned.is_none() {
        return Effect::None;
    }
    for entry in &mut state.entries {
        entry.is_marked = can_go && entry.part == Part::Goes;
    }
    unmark_hindered(state);
    weigh(state)
}

fn weigh(state: &mut State) -> Effect {
    state.is_awaited = false;
    Effect::Weigh(state.marks())
}

/// Takes up what a set comes to. What may not go loses its mark, and why is told.
fn take_up(state: &mut State, mut weighed: Weighed) -> Effect {
    if weighed.marks != state.marks() {
        return Effect::None;
    }
    let refused = std::mem::take(&mut weighed.refused);
    let is_refused = |target: &Target| refused.iter().any(|(other, _)| other == target);
    let mut told = Vec::new();
    for entry in &mut state.entries {
        let why = (refused.iter()).find(|(target, _)| Some(*target) == entry.target);
        if let Some((_, why)) = why {
            entry.is_marked = false;
            told.push(format!("{} of {} stays: {why}", entry.short, entry.day));
        }
    }
    weighed.marks.retain(|target| !is_refused(target));
    state.weighed = Some(weighed);
    if !told.is_empty() {
        state.is_awaited = false;
        state.notice = Some(told.join("; "));
    }
    match std::mem::take(&mut state.is_awaited) {
        true => enter(state),
        false => Effect::None,
    }
}

/// Goes on to the plan and the question, where there is something to ask about.
fn enter(state: &mut State) -> Effect {
    let Some(scanned) = &state.scanned else {
        state.notice = Some("the scan is not done: nothing can be deleted yet".to_owned());
        return Effect::None;
    };
    if let Some(obstacle) = &scanned.obstacle {
        state.notice = Some(obstacle.clone());
        return Effect::None;
    }
    if state.marks().is_empty() {
        state.notice = Some("nothing is marked: Space marks the row under the cursor".to_owned());
        return Effect::None;
    }
    if state.sum().is_none() {
        state.is_awaited = true;
        return Effect::None;
    }
    Effect::Delete
}

fn compare(state: &mut State) -> Effect {
    let Some(scanned) = &state.scanned else {
        state.notice = Some("the scan is not done: nothing can be compared yet".to_owned());
        return Effect::None;
    };
    let target = state.current().and_then(|entry| entry.target);
    match target {
        Some(Target::Backup(index)) if scanned.stand_in(index).is_some() => {
            state.notice = Some("comparing".to_owned());
            Effect::Compare(Target::Backup(index))
        }
        None => Effect::None,
        Some(_) => {
            let text = "there is no other good backup of this device to compare it with";
            state.notice = Some(text.to_owned());
            Effect::None
        }
    }
}

/// Opens a text about the row under the cursor.
fn open(state: &mut State, page: fn(Target) -> Page) {
    if let Some(target) = state.current().and_then(|entry| entry.target) {
        state.mode = Mode::Page(page(target), 0);
    }
}

/// Why a row cannot be marked now: it changes, or the one that stands in for it does.
fn hindrance(state: &State, entry: &Entry) -> Option<String> {
    let told = |changing: &Entry| {
        let (name, day) = (&changing.short, &changing.day);
        format!("{name} of {day} changes now, a backup may be running")
    };
    if entry.is_changing {
        return Some(format!("{}: it cannot be deleted", told(entry)));
    }
    let by = stand_ins(state, entry);
    let mut others = state.entries.iter().filter(|other| other.is_changing);
    let stand_in = others.find(|other| other.target.is_some_and(|target| by.contains(&target)))?;
    let (told, name) = (told(stand_in), &entry.short);
    Some(format!(
        "{told}: {name} of {}, for which it stands in, cannot be deleted",
        entry.day
    ))
}

/// The backups that a decision rests on.
fn stand_ins(state: &State, entry: &Entry) -> Vec<Target> {
    let (Some(scanned), Some(Target::Backup(index))) = (&state.scanned, entry.target) else {
        return vec![];
    };
    let reasons = scanned.report.plan.decisions[index].reasons.iter();
    let by = reasons.filter_map(|reason| reason.by);
    by.map(Target::Backup).collect()
}

/// Takes the marks from all that cannot be marked now.
fn unmark_hindered(state: &mut State) {
    let hindered: Vec<bool> = (state.entries.iter())
        .map(|entry| hindrance(state, entry).is_some())
        .collect();
    for (entry, is_hindered) in state.entries.iter_mut().zip(hindered) {
        entry.is_marked &= !is_hindered;
    }
}

/// A backup changes: it, and what it stands in for, loses its mark.
fn change(state: &mut State, folder: &Path) -> Effect {
    let mut places = 0..state.entries.len();
    let is_it = |place: &usize| state.entries[*place].folder == folder;
    let Some(place) = places.find(is_it) else {
        return Effect::None;
    };
    if std::mem::replace(&mut state.entries[place].is_changing, true) {
        return Effect::None;
    }
    state.notice = hindrance(state, &state.entries[place]);
    let before = state.marks();
    unmark_hindered(state);
    match before == state.marks() {
        true => Effect::None,
        false => weigh(state),
    }
}
