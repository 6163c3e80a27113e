//! The terminal: colour, symbols, the progress line, signals.

pub mod seen;
pub mod signals;

use std::io::{self, IsTerminal, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::tz::TimeZone;
use signal_hook::flag;
use unicode_width::UnicodeWidthStr as _;

use crate::clean::remove::Step;
use crate::model::progress::Event;
use crate::render::printable;
use crate::render::screen::layout::paragraph;
use crate::render::screen::style::Style;
use crate::system::{self, SYSTEM};
use crate::words::numbers;

pub use seen::Seen;
pub use signals::Signals;

/// Writes a line to stderr, on a terminal as wide as that; nothing can be done where that fails.
pub fn to_stderr(lines: &str) {
    let mut stderr = io::stderr();
    let text = match stderr.is_terminal() {
        true => wrapped(lines, width()),
        false => format!("bkscan: {lines}"),
    };
    let _ = writeln!(stderr, "{text}");
}

/// The same in lines of at most so many columns. What is indented is to be copied, and stays.
fn wrapped(lines: &str, width: usize) -> String {
    let lines = lines.split('\n').enumerate();
    let wrapped = lines.flat_map(|(number, line)| {
        let first = if number == 0 { "bkscan: " } else { "" };
        let is_copied = number > 0 && line.starts_with(' ');
        match first.width() + line.width() <= width || is_copied {
            true => vec![format!("{first}{line}")],
            false => paragraph(first, line, width),
        }
    });
    wrapped.collect::<Vec<_>>().join("\n")
}

/// Writes text that has its lines to stderr as it is; nothing can be done where that fails.
pub fn to_terminal(text: &str) {
    let _ = write!(io::stderr(), "{text}");
}

/// When to use colour.
#[derive(Clone, Copy, Debug)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Everywhere.
    Always,
    /// Nowhere.
    Never,
}

/// How results are written to stdout.
pub fn style(color: ColorChoice, zone: &TimeZone) -> Style {
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    Style {
        color: match color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => io::stdout().is_terminal() && !no_color,
        },
        unicode: is_utf8(|name| std::env::var(name).ok()),
        zone: zone.clone(),
        width: width(),
        system: SYSTEM,
    }
}

/// How many columns there are: those of the terminal, or `COLUMNS`; 80 where nobody tells.
fn width() -> usize {
    let told = std::env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok());
    let terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    told.filter(|columns| *columns > 0)
        .or_else(terminal)
        .unwrap_or(80)
        .clamp(20, 120)
}

/// Whether the locale can show more than ASCII. Where none is set (cron, Windows), mail and
/// terminals take UTF-8.
fn is_utf8(env: impl Fn(&str) -> Option<String>) -> bool {
    let set = |name| env(name).filter(|value| !value.is_empty());
    // The order in which the C library looks.
    match set("LC_ALL")
        .or_else(|| set("LC_CTYPE"))
        .or_else(|| set("LANG"))
    {
        Some(locale) => {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        }
        None => true,
    }
}

/// From here on a file that may not become as large fails to be written, instead of ending the program.
pub fn outlive_limits_of_files() {
    if let Some(signal) = system::signal_of_too_large() {
        let _ = flag::register(signal, Arc::default());
    }
}

/// The progress line on stderr; drawn only on a terminal.
pub struct Progress {
    bar: ProgressBar,
    seen: Mutex<Seen>,
    /// Bytes are read, and so the line tells how many a second, not how many files.
    reading: Arc<AtomicBool>,
}

impl Progress {
    /// A line, or none.
    pub fn new(quiet: bool) -> Progress {
        let target = if quiet {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        let reading = Arc::new(AtomicBool::new(false));
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}{rate}") {
            let reading = Arc::clone(&reading);
            bar.set_style(style.with_key(
                "rate",
                move |state: &indicatif::ProgressState, out: &mut dyn std::fmt::Write| {
                    // A rate of 0 says nothing: it is the first moment, or one large folder.
                    let rate = state.per_sec() as u64;
                    if rate > 0 && !reading.load(Ordering::Relaxed) {
                        let _ = write!(out, " · {} files/s", numbers::count(rate));
                    }
                },
            ));
        }
        // It takes a thread, and ends the program where there is none to be had.
        let has_thread = || std::thread::Builder::new().spawn(|| ()).is_ok();
        if !bar.is_hidden() && has_thread() {
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        Progress {
            bar,
            seen: Mutex::default(),
            reading,
        }
    }

    /// Takes up what a scan tells; called from its threads, once a folder.
    pub fn hear(&self, event: Event<'_>) {
        if self.bar.is_hidden() {
            return;
        }
        if let Event::Measured { files, .. } | Event::Compared { files } = event {
            self.bar.inc(files);
        }
        let line = {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            if !seen.take(event, Instant::now()) {
                return;
            }
            self.reading
                .store(seen.reading.is_some(), Ordering::Relaxed);
            seen.line()
        };
        self.bar.set_message(line);
    }

    /// Does something with the line out of the way; threads that have something to tell wait for it.
    pub fn aside<T>(&self, work: impl FnOnce() -> T) -> T {
        match self.bar.is_hidden() {
            true => work(),
            false => self.bar.suspend(work),
        }
    }

    /// Takes up a step of a removal; called from its threads, once a file.
    pub fn removed(&self, step: &Step<'_>) {
        if self.bar.is_hidden() {
            return;
        }
        match step {
            Step::SetAside { name, .. } => {
                let name = printable::clean(&name.to_string_lossy());
                self.bar.set_message(format!("deleting {name}"));
            }
            Step::File { .. } => self.bar.inc(1),
            Step::PutBack { .. } | Step::Folder { .. } => {}
        }
    }

    /// Takes the line away.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_as_wide_as_the_terminal() {
        assert_eq!(
            wrapped(
                "a path does not exist; did you mean bkscan show? There are:\n\n  sudo bkscan /a/long/path/that/is/to/be/copied\nAnd more words after it.",
                40
            ),
            "bkscan: a path does not exist; did you\n        mean bkscan show? There are:\n\n  sudo bkscan /a/long/path/that/is/to/be/copied\nAnd more words after it."
        );
        assert_eq!(wrapped("short", 40), "bkscan: short");
    }

    #[test]
    fn the_locale_decides_about_symbols() {
        for (variables, expected) in [
            (&[][..], true),
            (&[("LANG", "en_GB.UTF-8")], true),
            (&[("LANG", "C")], false),
            (&[("LANG", "C"), ("LC_ALL", "de_DE.utf8")], true),
            (&[("LANG", "de_DE.UTF-8"), ("LC_ALL", "POSIX")], false),
            (&[("LANG", "de_DE.UTF-8"), ("LC_CTYPE", "C")], false),
        ] {
            let env = |name: &str| {
                variables
                    .iter()
                    .find(|(key, _)| *key == name)
                    .map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(is_utf8(env), expected, "{variables:?}");
        }
    }
}
