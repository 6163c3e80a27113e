//! What a scan tells, on its way to the list.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::cli::console::Seen;
use crate::cli::request::Shows;
use crate::model::progress;
use crate::render::screen::style::Style;

use super::entry::Entry;
use super::event::Event;

/// What other threads tell the one that draws.
pub enum Message {
    /// Something happened.
    Event(Event),
    /// The terminal is wanted as it was before: the first end tells that it is, and the second one waits
    /// until it is not wanted any more.
    Aside(Sender<()>, Receiver<()>),
    /// There is nothing to show.
    Over,
}

/// Tells the list what a scan tells.
pub struct ToList {
    list: Sender<Message>,
    /// Who looks whether backups change.
    watch: Sender<PathBuf>,
    seen: Mutex<Seen>,
    style: Style,
}

impl ToList {
    /// The way to the list, and to whoever watches folders.
    pub fn new(list: Sender<Message>, watch: Sender<PathBuf>, style: Style) -> ToList {
        ToList {
            list,
            watch,
            seen: Mutex::default(),
            style,
        }
    }
}

impl Shows for ToList {
    fn hear(&self, event: progress::Event<'_>) {
        // Where nobody draws any more nobody needs to know.
        if let progress::Event::Judged { backup } = event {
            let _ = self.watch.send(backup.path.clone());
            let entry = Box::new(Entry::looked(backup, &self.style));
            let _ = self.list.send(Message::Event(Event::Looked(entry)));
        }
        let line = {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.take(event, Instant::now()).then(|| seen.line())
        };
        if let Some(line) = line {
            let _ = self.list.send(Message::Event(Event::Progress(line)));
        }
    }

    fn aside(&self, work: &mut dyn FnMut()) {
        let (is_aside, wait) = channel();
        let (done, back) = channel();
        // One that does not draw any more is out of the way.
        if self.list.send(Message::Aside(is_aside, back)).is_ok() {
            let _ = wait.recv();
        }
        work();
        let _ = done.send(());
    }
}
