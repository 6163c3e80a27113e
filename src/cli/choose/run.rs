//! The list on the terminal: draws it, hears keys and mouse, and has the scan and other long work done by
//! threads of their own.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, Scope};
use std::time::Duration;

use ratatui::crossterm::event::{self as console, Event as Told, MouseButton, MouseEventKind};

use crate::clean::{self, CleanPlan};
use crate::cli::console::signals::HANG_UP;
use crate::cli::meant::wish;
use crate::cli::problems::in_the_dark;
use crate::cli::request::{Ready, Rest};
use crate::cli::session::Session;
use crate::cli::stop::{Remark, Stop};
use crate::render::screen::style::Style;
use crate::scan::pair;
use crate::state::StateFolder;
use crate::system;

use super::entry;
use super::event::{Effect, Event};
use super::guard::guard;
use super::keys;
use super::model::State;
use super::page::Differences;
use super::scanned::Scanned;
use super::shown::{Message, ToList};
use super::target::Target;
use super::terminal::{self, Screen};
use super::update::update;
use super::view;
use super::watch::watch;
use super::weigh::weigh;

/// So long nothing is drawn where nothing happens.
const MOMENT: Duration = Duration::from_millis(50);

/// So long it is waited for what was typed together with something else.
const INSTANT: Duration = Duration::from_millis(1);

/// What is marked when the list opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// What was named, else what can go.
    Choice,
    /// Nothing.
    Nothing,
}

/// What a scan for the list found, besides what is shown.
pub struct Behind {
    /// All of it.
    pub scanned: Scanned,
    /// How it was found, and with which keys.
    pub rest: Rest,
    /// Sentences about what stopped removals left and that stays.
    pub kept: Vec<String>,
}

/// How the list was left.
pub enum Ended {
    /// Nothing is to be deleted; what the scan found, where it came to its end.
    Left(Option<Box<Behind>>),
    /// This is to be deleted.
    Delete(Box<Behind>, CleanPlan),
}

/// Shows the list until somebody leaves it.
///
/// # Errors
/// Where the scan cannot begin, the words of the call mean no backup, or the terminal cannot be used.
pub fn run(
    session: &Session,
    ready: Ready,
    opening: Opening,
    title: String,
    state: &StateFolder,
) -> Result<Ended, Stop> {
    let no_terminal = |error: io::Error| {
        let why = system::in_words(&error);
        Stop::could_not_look(Remark::plain(format!("the terminal cannot be used: {why}")))
    };
    let style = session.style();
    let stop = AtomicUsize::new(0);
    let (list, told) = channel();
    let (folders, watched) = channel();
    let held = session.signals.hold();
    let (guards, over) = channel();
    let mut screen = Screen::enter().map_err(no_terminal)?;
    let size = terminal::size().map_err(no_terminal)?;
    let mut shown = State::new(title, size, style.clone());
    let (left, behind) = thread::scope(|scope| {
        let to_list = ToList::new(list.clone(), folders.clone(), style.clone());
        let scan = scope.spawn({
            let (list, stop) = (list.clone(), &stop);
            move || {
                let behind = scan(session, ready, opening, state, (&to_list, stop), &list);
                if behind.as_ref().map_or(true, Option::is_none) {
                    let _ = list.send(Message::Over);
                }
                behind
            }
        });
        scope.spawn({
            let list = list.clone();
            move || watch(&watched, &list)
        });
        scope.spawn({
            let held = &held;
            move || guard(held, &over)
        });
        let mut table = Table {
            session,
            screen: &mut screen,
            state: &mut shown,
            work: Work {
                scope,
                list: list.clone(),
                is_weighing: false,
                next: None,
            },
            is_stale: true,
        };
        let left = table.look(&told);
        // Whoever waits for the terminal waits no more.
        drop(told);
        drop(screen);
        drop(guards);
        stop.store(1, Ordering::Relaxed);
        drop(folders);
        let scanned = scan.join();
        (left, scanned)
    });
    drop(held);
    let left = match left {
        Err(_) if system::is_terminal_gone() => Ok(gone(session)),
        left => left,
    };
    let behind = match behind {
        Ok(behind) => behind?,
        Err(panicked) => std::panic::resume_unwind(panicked),
    };
    let plan = match left.map_err(no_terminal)? {
        Leaving::Delete => shown.sum().map(|sum| (*sum.plan).clone()),
        Leaving::AsItWas => None,
    };
    drop(shown);
    let behind = behind.and_then(|(scanned, rest, kept)| {
        let scanned = Arc::into_inner(scanned)?;
        Some(Box::new(Behind {
            scanned,
            rest,
            kept,
        }))
    });
    Ok(match (behind, plan) {
        (Some(behind), Some(plan)) => Ended::Delete(behind, plan),
        (behind, _) => Ended::Left(behind),
    })
}

/// What comes of a scan; nothing where there is nothing to show.
type Seen = Option<(Arc<Scanned>, Rest, Vec<String>)>;

/// Scans, and gives the list what was found.
fn scan(
    session: &Session,
    ready: Ready,
    opening: Opening,
    state: &StateFolder,
    (to_list, stop): (&ToList, &AtomicUsize),
    list: &Sender<Message>,
) -> Result<Seen, Stop> {
    let done = session.scan_ready(ready, to_list, stop)?;
    let (report, rest) = done.take_apart();
    let wish = match report.cancelled {
        true => clean::Wish::default(),
        false => wish::wish(session, &report)?,
    };
    let (leftovers, kept) = clean::leftovers(&report, report.started_at, state);
    let obstacle = in_the_dark(&report).map(|(root, problem)| {
        format!(
            "nothing can be deleted: something is wrong with {} ({})",
            root.display(),
            problem.message
        )
    });
    let scanned = Arc::new(Scanned {
        policy: rest.policy.clone(),
        report,
        wish,
        leftovers,
        style: session.style(),
        obstacle,
    });
    let is_empty = scanned.report.backups.is_empty() && scanned.leftovers.is_empty();
    if is_empty || scanned.report.cancelled {
        let _ = list.send(Message::Over);
        return Ok(Some((scanned, rest, kept)));
    }
    let marked = match opening {
        Opening::Choice => scanned.marked_at_first(),
        Opening::Nothing => vec![],
    };
    let entries = entry::entries(&scanned, &scanned.usual(), &marked);
    let event = Event::Scanned(Arc::clone(&scanned), entries);
    let _ = list.send(Message::Event(event));
    Ok(Some((scanned, rest, kept)))
}

/// Why the list is left.
enum Leaving {
    /// All stays as it is.
    AsItWas,
    /// What is marked is to be deleted.
    Delete,
}

/// The terminal is gone: as if a signal had told so, which not everybody gets.
fn gone(session: &Session) -> Leaving {
    let received = &session.signals.received;
    let _ = received.compare_exchange(0, HANG_UP, Ordering::SeqCst, Ordering::SeqCst);
    Leaving::AsItWas
}

/// The list, the terminal that it is on, and what works for it.
struct Table<'run, 'scope, 'env> {
    session: &'run Session,
    screen: &'run mut Screen,
    state: &'run mut State,
    work: Work<'scope, 'env>,
    /// Whether something happened since it was drawn.
    is_stale: bool,
}

impl Table<'_, '_, '_> {
    /// Shows it until somebody leaves it.
    fn look(&mut self, told: &Receiver<Message>) -> io::Result<Leaving> {
        loop {
            self.is_stale |= self.screen.paused()?;
            self.draw()?;
            let mut wait = MOMENT;
            while console::poll(wait)? {
                wait = INSTANT;
                let event = heard(&console::read()?);
                if let Some(leaving) = event.and_then(|event| self.take_up(event)) {
                    return Ok(leaving);
                }
            }
            while let Ok(message) = told.try_recv() {
                match message {
                    Message::Event(event) => {
                        self.work.heard(&event, self.state);
                        if let Some(leaving) = self.take_up(event) {
                            return Ok(leaving);
                        }
                    }
                    Message::Aside(is_aside, back) => {
                        self.is_stale = true;
                        self.screen.aside(|| {
                            let _ = is_aside.send(());
                            let _ = back.recv();
                        })?;
                    }
                    Message::Over => return Ok(Leaving::AsItWas),
                }
            }
            // The spinner turns while something is looked at.
            if self.state.progress.is_some() {
                self.take_up(Event::Tick);
            }
            if system::is_terminal_gone() {
                return Ok(gone(self.session));
            }
            if self.session.signal() != 0 || self.screen.has_panicked() {
                return Ok(Leaving::AsItWas);
            }
        }
    }

    fn draw(&mut self) -> io::Result<()> {
        let (columns, lines) = terminal::size()?;
        if (columns, lines) != self.state.size {
            self.take_up(Event::Resize(columns, lines));
        }
        if !std::mem::take(&mut self.is_stale) {
            return Ok(());
        }
        let state = &*self.state;
        self.screen
            .draw((columns, lines), |frame| view::draw(state, frame))
    }

    fn take_up(&mut self, event: Event) -> Option<Leaving> {
        self.is_stale = true;
        match update(self.state, event) {
            Effect::None => {}
            Effect::Weigh(marks) => self.work.weigh(marks, self.state),
            Effect::Compare(target) => self.work.compare(target, self.state),
            Effect::Delete => return Some(Leaving::Delete),
            Effect::Leave => return Some(Leaving::AsItWas),
            Effect::Pause if system::can_be_stopped() => system::ask_to_stop(),
            Effect::Pause => {}
            Effect::Interrupt => {
                // As the signal that Ctrl-C is elsewhere.
                self.session.signals.received.store(2, Ordering::Relaxed);
                return Some(Leaving::AsItWas);
            }
        }
        None
    }
}

/// What happened on the terminal, where it means something.
fn heard(told: &Told) -> Option<Event> {
    match told {
        Told::Key(key) => keys::key(*key).map(Event::Key),
        Told::Mouse(mouse) => match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => Some(Event::Click(mouse.column, mouse.row)),
            MouseEventKind::ScrollUp => Some(Event::Wheel(-1)),
            MouseEventKind::ScrollDown => Some(Event::Wheel(1)),
            _ => None,
        },
        // The size is looked at whenever it is drawn.
        _ => None,
    }
}

/// Long work, each on a thread of its own.
struct Work<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    list: Sender<Message>,
    is_weighing: bool,
    /// What is to be added up next.
    next: Option<Vec<Target>>,
}

impl Work<'_, '_> {
    /// Goes on when a set was added up.
    fn heard(&mut self, event: &Event, state: &State) {
        if let Event::Weighed(_) = event {
            self.is_weighing = false;
            if let Some(marks) = self.next.take() {
                self.weigh(marks, state);
            }
        }
    }

    /// Adds up what is marked: one set after the other, and of those that wait only the last.
    fn weigh(&mut self, marks: Vec<Target>, state: &State) {
        let Some(scanned) = state.scanned.clone() else {
            return;
        };
        if self.is_weighing {
            self.next = Some(marks);
            return;
        }
        self.is_weighing = true;
        let list = self.list.clone();
        self.scope.spawn(move || {
            let weighed = Event::Weighed(weigh(&scanned, &marks));
            let _ = list.send(Message::Event(weighed));
        });
    }

    /// Compares a backup with the one that stands in for it.
    fn compare(&self, target: Target, state: &State) {
        let (Some(scanned), Target::Backup(old)) = (state.scanned.clone(), target) else {
            return;
        };
        let list = self.list.clone();
        self.scope.spawn(move || {
            let Some(new) = scanned.stand_in(old) else {
                return;
            };
            let backups = &scanned.report.backups;
            let diff = pair::as_scanned([&backups[old], &backups[new]]);
            let differences = Differences { old, new, diff };
            let event = Event::Compared(Arc::new(differences));
            let _ = list.send(Message::Event(event));
        });
    }
}

/// What stands above the list: the command, and where it looks.
pub fn title(command: &str, roots: &[PathBuf], style: &Style) -> String {
    let roots: Vec<String> = roots
        .iter()
        .map(|root| style.name(&root.display().to_string()))
        .collect();
    format!("{command}{}{}", style.dot(), roots.join(", "))
}
