//! One call of the program: its options, its clock, its terminal.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::find::places;
use crate::model::progress::{Monitor, Observer};
use crate::render::printable;
use crate::render::screen::style::Style;
use crate::state::StateFolder;
use crate::system::{self, SYSTEM};

use super::console::{self, Signals, to_stderr};
use super::exit_code::Exit;
use super::flags::settings::Settings;
use super::flags::table::Options;
use super::meant::paths;
use super::password::Source;
use super::stop::{Remark, Stop};

/// Options and what the process knows beside them.
pub struct Session {
    /// The options.
    pub options: Options,
    /// Where they come from, and what else was configured.
    pub settings: Settings,
    /// Whether what is read is remembered: by scans, not by those who only look at one of their results.
    pub remembers: bool,
    /// The call that a path is to be added to, where one is missing.
    pub call: String,
    /// Where passwords come from.
    pub passwords: Option<Source>,
    /// The signals that came.
    pub signals: Signals,
    /// The time zone in which dates are told.
    pub zone: TimeZone,
}

impl Session {
    /// From here on signals are caught.
    pub fn new(options: Options, settings: Settings, zone: TimeZone) -> Session {
        Session {
            options,
            settings,
            remembers: false,
            call: "bkscan".to_owned(),
            passwords: None,
            signals: Signals::catch(),
            zone,
        }
    }

    /// How text is written to stdout.
    pub fn style(&self) -> Style {
        console::style(self.options.color.into(), &self.zone)
    }

    /// Writes a line to stderr. It may quote names of whatever kind, so nothing in it may act on
    /// the terminal.
    pub fn say(&self, message: &str) {
        to_stderr(&printable::clean(message));
    }

    /// Tells why a command ends, and gives its exit code.
    pub fn tell_stop(&self, stop: &Stop) -> Exit {
        stop.remarks.iter().for_each(|remark| self.tell(remark));
        stop.exit
    }

    /// Why a command ends, in lines as they are told.
    pub fn lines_of(&self, stop: &Stop) -> Vec<String> {
        let lines = stop.remarks.iter().filter_map(|remark| {
            let text = self.text_of(remark)?;
            Some(match remark.has_lines {
                true => text.to_owned(),
                false => printable::clean(text),
            })
        });
        lines.collect()
    }

    /// What is told of a remark, if anything.
    fn text_of<'a>(&self, remark: &'a Remark) -> Option<&'a str> {
        match self.options.redact {
            false => Some(&remark.full),
            true => remark.redacted.as_deref(),
        }
    }

    /// Tells something on stderr.
    pub fn tell(&self, remark: &Remark) {
        let Some(text) = self.text_of(remark) else {
            return;
        };
        match remark.has_lines {
            true => to_stderr(text),
            false => self.say(text),
        }
    }

    /// The folder in which bkscan keeps what it remembers.
    pub fn state(&self) -> StateFolder {
        match &self.options.state_dir {
            Some(path) => StateFolder::new(paths::absolute(path)),
            None => StateFolder::usual(SYSTEM, |name| std::env::var_os(name)),
        }
    }

    /// The same for a removal. What root left in another user's folder that user could not write to
    /// any more: then there is only one that was named.
    pub fn state_of_removals(&self) -> StateFolder {
        let named = self.options.state_dir.is_some();
        match system::is_root_for_another_user() && !named {
            true => StateFolder::none(),
            false => self.state(),
        }
    }

    /// The paths to look under: those that were typed, put together where a space was not quoted,
    /// or the system's own places.
    ///
    /// # Errors
    /// Where there is none.
    pub fn roots(&self, typed: Vec<PathBuf>) -> Result<(Vec<PathBuf>, bool), Stop> {
        if !typed.is_empty() {
            return Ok((self.join(&typed), false));
        }
        let (places, default_roots) = self.places();
        if places.is_empty() {
            let wanted = "name the folder that holds the backups";
            return Err(name_a_path(&format!("{wanted}: {} PATH", self.call)));
        }
        if !default_roots {
            return Ok((places, false));
        }
        // All of them if none is there, so that the message names them.
        let there: Vec<_> = places
            .iter()
            .filter(|place| paths::is_there(place))
            .cloned()
            .collect();
        Ok((if there.is_empty() { places } else { there }, true))
    }

    /// Where backups are when nobody types it: the configured paths, or the system's own places,
    /// and whether it is these.
    pub fn places(&self) -> (Vec<PathBuf>, bool) {
        match self.settings.file.paths.as_slice() {
            [] => (system_places(), true),
            configured => (configured.to_vec(), false),
        }
    }

    /// Puts paths together that a space took apart.
    pub fn join(&self, typed: &[PathBuf]) -> Vec<PathBuf> {
        let (paths, notes) = paths::meant_by(typed);
        self.say_notes(&notes);
        paths
    }

    /// Tells which paths were meant.
    pub fn say_notes(&self, notes: &[String]) {
        if !(self.options.quiet || self.options.redact) {
            notes.iter().for_each(|note| self.say(note));
        }
    }

    /// Whether something asked for the program to end, and which signal.
    pub fn signal(&self) -> usize {
        self.signals.received.load(Ordering::Relaxed)
    }

    /// Tells the observer of work that a signal ends.
    pub fn monitor<'a>(&'a self, observer: &'a Observer<'a>) -> Monitor<'a> {
        Monitor::new(observer, &self.signals.received)
    }

    /// What comes of work that no signal can end, such as reading what somebody types. Nothing, where a
    /// signal comes first.
    pub fn wait_for<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let (sender, receiver) = mpsc::channel();
        // Where no thread can be had nobody is asked.
        let started = std::thread::Builder::new().spawn(move || sender.send(work()));
        started.ok()?;
        loop {
            match receiver.recv_timeout(Duration::from_millis(50)) {
                Ok(result) => return Some(result),
                Err(RecvTimeoutError::Timeout) if self.signal() == 0 => {}
                Err(_) => return None,
            }
        }
    }

    /// Asks on stderr, and reads a line from the terminal; nothing where it ends or a signal comes.
    pub fn ask(&self, question: &str) -> Option<String> {
        let mut stderr = io::stderr();
        let _ = write!(stderr, "{question}").and_then(|()| stderr.flush());
        let line = self.wait_for(|| {
            let mut line = String::new();
            let read = io::stdin().read_line(&mut line);
            read.ok().filter(|bytes| *bytes > 0).map(|_| line)
        });
        let line = line.flatten();
        // After Ctrl-D or Ctrl-C the terminal still stands behind the question.
        if !line.as_deref().is_some_and(|line| line.ends_with('\n')) {
            let _ = writeln!(stderr);
        }
        line
    }

    /// The time that counts as now.
    pub fn now(&self) -> Timestamp {
        self.options.now.unwrap_or_else(Timestamp::now)
    }

    /// Prints the result, and ends with this code.
    ///
    /// # Errors
    /// Where it could not be written.
    pub fn print(
        &self,
        exit: Exit,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<Exit, Stop> {
        self.ended(exit, self.write_out(write))
    }

    /// The end where the result was written like this.
    ///
    /// # Errors
    /// Where it could not be.
    pub fn ended(&self, exit: Exit, written: io::Result<()>) -> Result<Exit, Stop> {
        match not_written(written) {
            Some(message) => Err(Stop::could_not_look(Remark::plain(message))),
            None => Ok(exit),
        }
    }

    /// Writes the result to stdout.
    ///
    /// # Errors
    /// When not all of it could be written, or nobody wants to read it.
    pub fn write_out(
        &self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        let stdout = io::stdout().lock();
        // Old consoles of Windows have no escape sequences; there colour is set another way.
        let out: Box<dyn Write> = if self.style().color {
            Box::new(anstream::AutoStream::always(stdout))
        } else {
            Box::new(stdout)
        };
        let mut out = io::BufWriter::new(out);
        write(&mut out).and_then(|()| out.flush())
    }
}

/// What is said where the result could not be written. That nobody wants to read on is no failure: whoever
/// reads it may have seen enough.
pub fn not_written(written: io::Result<()>) -> Option<String> {
    let failed = |error: &io::Error| error.kind() != io::ErrorKind::BrokenPipe;
    let error = written.err().filter(failed)?;
    let why = system::in_words(&error);
    Some(format!("the result could not be written: {why}"))
}

/// The end of a call without a path where the system has no places of its own.
pub fn name_a_path(wanted: &str) -> Stop {
    Stop::usage(Remark::lines(places::name_a_path(wanted)))
}

/// The system's own places for backups.
pub fn system_places() -> Vec<PathBuf> {
    places::default_places(SYSTEM, |name| std::env::var_os(name))
}
