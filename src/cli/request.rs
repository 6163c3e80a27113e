//! One call of the program: its options, its clock, its terminal.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::crypto::keyring::Keyring;
use crate::find::Found;
use crate::find::places;
use crate::model::options::{DeviceRule, FailOn, Policy, ScanConfig};
use crate::model::progress::{Event, Monitor, Observer};
use crate::model::secret::Password;
use crate::model::sources::Passwords;
use crate::model::{Report, Udid};
use crate::render::printable;
use crate::render::screen::style::Style;
use crate::report::redact;
use crate::scan;
use crate::scan::pair;
use crate::scan::pair::{Compared, Depth};
use crate::state::StateFolder;
use crate::system;
use crate::system::SYSTEM;

use super::console;
use super::console::{Progress, Signals};
use super::flags::args::{COMMANDS, LevelArg, Options};
use super::flags::config_file::DeviceSettings;
use super::flags::settings::Settings;
use super::flags::values;
use super::meant::paths;
use super::memory::ledger;
use super::password;
use super::password::Source;
use super::{closest, exit_code, is_closed_pipe, name_a_path, system_places, to_stderr};

/// The options that say what may go.
const PLANNING: [&str; 6] = [
    "old-after",
    "keep-last",
    "keep-within",
    "include-archived",
    "trust-locked",
    "may-lose",
];

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
    passwords: Option<Source>,
    signals: Signals,
    /// The time zone in which dates are told.
    pub zone: TimeZone,
}

/// A scan that came to its end, or was stopped.
pub struct Done {
    /// What it found.
    pub report: Report,
    /// How it found it.
    pub found: Found,
    /// The keys that were opened for it.
    pub keyring: Keyring<'static>,
    /// What it let go.
    pub policy: Policy,
    signal: usize,
    only: Option<usize>,
    troubles: Vec<Trouble>,
}

/// What went wrong with what bkscan keeps for itself.
pub struct Trouble {
    /// Without anything personal.
    pub redacted: &'static str,
    /// In full.
    pub full: String,
}

/// Passwords, with the progress line out of the way of whoever has to be asked for one.
struct Undisturbed<'a> {
    source: &'a Source,
    progress: &'a Progress,
}

impl Passwords for Undisturbed<'_> {
    fn password(&self, udid: Option<&Udid>) -> Result<Option<Password>, String> {
        match self.source {
            Source::Command(_) => self.progress.aside(|| self.source.password(udid)),
            Source::Terminal | Source::Known(_) => self.source.password(udid),
        }
    }
}

impl Done {
    /// The exit code of the scan, or of the one backup that it is about.
    pub fn exit_code(&self, fail_on: FailOn) -> u8 {
        match self.only {
            Some(at) => exit_code::of_one(&self.report, at, fail_on, self.signal),
            None => exit_code::of(&self.report, fail_on, self.signal),
        }
    }

    /// What went wrong meanwhile with what bkscan keeps for itself; afterwards it is told.
    pub fn take_troubles(&mut self) -> Vec<Trouble> {
        std::mem::take(&mut self.troubles)
    }

    /// From here on it is about one backup.
    pub fn keep_only(&mut self, at: usize) {
        self.only = Some(at);
    }
}

impl Session {
    /// From here on signals are caught.
    pub fn new(options: Options, settings: Settings) -> Session {
        Session {
            options,
            settings,
            remembers: false,
            call: "bkscan".to_owned(),
            passwords: None,
            signals: Signals::catch(),
            zone: TimeZone::system(),
        }
    }

    /// Takes up where the passwords of encrypted backups come from.
    ///
    /// # Errors
    /// The exit code, where the file that should hold one cannot be used.
    pub fn take_passwords(&mut self) -> Result<(), u8> {
        let env = |name: &str| std::env::var_os(name);
        let source = Source::of(&self.options.password, env, &self.signals.received);
        self.passwords = source.map_err(|refused| {
            self.say_of(refused.redacted, &refused.message);
            exit_code::USAGE
        })?;
        Ok(())
    }

    /// The password that somebody types, where one is to be asked for.
    ///
    /// # Errors
    /// The exit code, where there is no terminal, or the question was answered with Ctrl-C.
    fn ask_password(&self) -> Result<Option<Source>, u8> {
        let Some(Source::Terminal) = self.passwords else {
            return Ok(None);
        };
        let answer = password::ask();
        // As a shell says it. Windows tells of Ctrl-C a moment later.
        match (answer, u8::try_from(self.signal())) {
            (_, Ok(signal @ 1..)) => Err(128 + signal),
            (Ok(Some(password)), _) => Ok(Some(Source::Known(password))),
            (Ok(None), _) => {
                self.say("no password was typed: encrypted backups stay locked");
                Ok(None)
            }
            (Err(error), _) if error.kind() == io::ErrorKind::Interrupted => Err(130),
            (Err(error), _) => {
                self.say(&format!(
                    "there is no terminal to ask for a password on ({}): {}",
                    system::in_words(&error),
                    password::INSTEAD
                ));
                Err(exit_code::USAGE)
            }
        }
    }

    /// The words that were typed about the password and the level: what is in the environment or in the
    /// settings counts for the next call by itself.
    fn looked_with(&self) -> Vec<String> {
        let is_typed = |name| self.settings.is_typed(name);
        // A command may hold anything; whoever copies a line can be asked.
        let asks = is_typed("ask-password") || is_typed("password-command");
        let mut words: Vec<String> = asks
            .then(|| "--ask-password".to_owned())
            .into_iter()
            .collect();
        words.extend(self.settings.typed_words(&["password-file"]));
        if self.options.level == LevelArg::Contents {
            words.extend(self.settings.typed_words(&["level"]));
        }
        words
    }

    /// How text is written to stdout.
    pub fn style(&self) -> Style {
        console::style(self.options.color.into(), &self.zone)
    }

    /// Writes a line to stderr. It may quote names of whatever kind, so nothing in it may act on
    /// the terminal.
    pub fn say(&self, message: &str) {
        self.say_lines(&printable::clean(message));
    }

    /// Writes a line to stderr that names something personal, or with `--redact` the other one, if it
    /// is not empty.
    pub fn say_of(&self, redacted: &str, message: &str) {
        match (self.options.redact, redacted) {
            (false, _) => self.say(message),
            (true, "") => {}
            (true, redacted) => self.say(redacted),
        }
    }

    /// Tells what went wrong with what bkscan keeps for itself.
    pub fn say_troubles(&self, troubles: &[Trouble]) {
        for trouble in troubles {
            self.say_of(trouble.redacted, &trouble.full);
        }
    }

    /// Writes lines of our own to stderr.
    pub fn say_lines(&self, lines: &str) {
        to_stderr(lines);
    }

    /// The folder in which bkscan keeps what it remembers.
    pub fn state(&self) -> StateFolder {
        match &self.options.nightly.state_dir {
            Some(path) => StateFolder::at(paths::absolute(path)),
            None => StateFolder::usual(SYSTEM, |name| std::env::var_os(name)),
        }
    }

    /// The same for a removal. What root left in another user's folder that user could not write to
    /// any more: then there is only one that was named.
    pub fn state_of_removals(&self) -> StateFolder {
        let named = self.options.nightly.state_dir.is_some();
        match system::is_root_for_another_user() && !named {
            true => StateFolder::none(),
            false => self.state(),
        }
    }

    /// The paths to look under: those that were typed, put together where a space was not quoted,
    /// or the system's own places.
    ///
    /// # Errors
    /// The exit code, where there is none.
    pub fn roots(&self, typed: Vec<PathBuf>) -> Result<(Vec<PathBuf>, bool), u8> {
        if !typed.is_empty() {
            return Ok((self.join(&typed), false));
        }
        let (places, default_roots) = self.places();
        if places.is_empty() {
            let wanted = "name the folder that holds the backups";
            return Err(name_a_path(self, &format!("{wanted}: {} PATH", self.call)));
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
        let (paths, notes) = paths::join_unquoted(typed, paths::presence);
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
        std::thread::spawn(move || sender.send(work()));
        loop {
            match receiver.recv_timeout(Duration::from_millis(50)) {
                Ok(result) => return Some(result),
                Err(RecvTimeoutError::Timeout) if self.signal() == 0 => {}
                Err(_) => return None,
            }
        }
    }

    /// The time that counts as now.
    pub fn now(&self) -> Timestamp {
        self.options.now.unwrap_or_else(Timestamp::now)
    }

    /// Scans `roots`; `in_full` is the one backup of which everything is wanted.
    ///
    /// # Errors
    /// The exit code, where the scan cannot even begin.
    pub fn scan(
        &self,
        roots: Vec<PathBuf>,
        default_roots: bool,
        in_full: Option<PathBuf>,
    ) -> Result<Done, u8> {
        let asked = self.ask_password()?;
        let config = ScanConfig {
            default_roots,
            in_full,
            ..self.config(roots)
        };
        let ledger = ledger::OfRun::open(self, &config);
        let ((mut report, found), keyring) =
            self.look(&config, asked.as_ref(), |keyring, monitor| {
                scan::scan_with(&config, keyring, ledger.means(), monitor)
            })?;
        let (ledger_bytes, trouble) = ledger.close(self, &report);
        report.ledger_bytes = ledger_bytes;
        if self.options.now.is_none() {
            report.finished_at = Timestamp::now();
        }
        Ok(Done {
            report,
            found,
            keyring,
            policy: config.policy,
            signal: self.signal(),
            only: None,
            troubles: trouble.into_iter().collect(),
        })
    }

    /// Looks at two backups and compares them.
    ///
    /// # Errors
    /// The exit code, where that cannot even begin.
    pub fn compare(
        &self,
        pair: [&Path; 2],
        depth: Depth,
    ) -> Result<Result<Compared, Box<Report>>, u8> {
        let asked = self.ask_password()?;
        let config = self.config(Vec::new());
        let (compared, _) = self.look(&config, asked.as_ref(), |keyring, monitor| {
            pair::compare(&config, pair, depth, keyring, monitor)
        })?;
        Ok(compared)
    }

    /// What the options ask of a scan of `roots`.
    fn config(&self, roots: Vec<PathBuf>) -> ScanConfig {
        let now = self.now();
        ScanConfig {
            level: self.options.level.into(),
            subset: self.options.subset(now, &self.zone),
            looked_with: self.looked_with(),
            planned_with: self.settings.typed_words(&PLANNING),
            threads: self.options.threads(),
            zone: self.zone.clone(),
            policy: self.options.policy(now, &self.settings),
            stale_before: self.options.stale_before(now),
            devices: self.rules(now),
            severities: self.settings.file.severities.clone(),
            ..ScanConfig::new(roots, now)
        }
    }

    /// Looks at backups with the passwords that there are, and shows how far it is. What was opened can be
    /// opened again.
    fn look<T>(
        &self,
        config: &ScanConfig,
        asked: Option<&Source>,
        look: impl FnOnce(&Keyring<'_>, &Monitor<'_>) -> Result<T, rayon::ThreadPoolBuildError>,
    ) -> Result<(T, Keyring<'static>), u8> {
        let source = match &self.passwords {
            Some(Source::Terminal) => asked,
            source => source.as_ref(),
        };
        let progress = Progress::new(self.options.quiet);
        let observer = |event: Event<'_>| progress.hear(event);
        let passwords = source.map(|source| Undisturbed {
            source,
            progress: &progress,
        });
        let keyring = Keyring::new(passwords.as_ref().map(|passwords| passwords as _));
        let looked = look(&keyring, &self.monitor(&observer));
        progress.clear();
        let looked = looked.map_err(|error| self.no_threads(config.threads, &error))?;
        Ok((looked, keyring.closed()))
    }

    /// What holds for single devices, seen from `now`.
    fn rules(&self, now: Timestamp) -> BTreeMap<Udid, DeviceRule> {
        let devices = self.settings.file.devices.iter();
        let rule = |own: &DeviceSettings| DeviceRule {
            name: own.name.clone(),
            stale_before: own.stale_after.map(|span| values::before_if(now, span)),
        };
        devices
            .map(|(udid, own)| (udid.clone(), rule(own)))
            .collect()
    }

    /// Runs work on the threads that were asked for.
    ///
    /// # Errors
    /// The exit code, where they cannot be started.
    pub fn in_pool<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T, u8> {
        let threads = self.options.threads();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.map_err(|error| self.no_threads(threads, &error))?;
        Ok(pool.install(work))
    }

    fn no_threads(&self, threads: usize, error: &rayon::ThreadPoolBuildError) -> u8 {
        self.say(&format!("{threads} threads could not be started: {error}"));
        exit_code::COULD_NOT_LOOK
    }

    /// Prints the result, and tells the exit code: `code`, unless it could not be written.
    pub fn print(&self, code: u8, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> u8 {
        self.ended(code, self.write_out(write))
    }

    /// The exit code where the result was written like this: `code`, or that it could not be.
    pub fn ended(&self, code: u8, written: io::Result<()>) -> u8 {
        match written {
            Err(error) if !is_closed_pipe(&error) => {
                let why = system::in_words(&error);
                self.say(&format!("the result could not be written: {why}"));
                exit_code::COULD_NOT_LOOK
            }
            _ => code,
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

    /// Tells on stderr of the first place that was closed, and how to open it; returns which, where it
    /// was told. It is personal.
    pub fn tell_closed<'a>(&self, found: &'a Found) -> Option<&'a Path> {
        let closed = found.closed.first().filter(|_| !self.options.redact);
        let (path, privacy) = closed?;
        let program = std::env::var("TERM_PROGRAM").ok();
        let terminal = places::terminal_name(program.as_deref());
        let shown = printable::clean(&path.display().to_string());
        self.say_lines(&places::not_permitted(SYSTEM, &shown, *privacy, terminal));
        Some(path)
    }

    /// Tells on stderr what could not be looked at, and what was passed over.
    pub fn tell_problems(&self, done: &Done) {
        /// How many things that are merely worth knowing are named.
        const MOST_REMARKS: usize = 5;
        let closed = self.tell_closed(&done.found);
        let told = |path: &Path| closed == Some(path);
        let mut problems = done.report.problems.clone();
        if self.options.redact {
            redact::redact_problems(&mut problems);
        }
        let roots = done.report.roots.iter();
        let roots: Vec<PathBuf> = roots.map(|root| root.path.clone()).collect();
        let (blocking, remarks): (Vec<_>, Vec<_>) = problems
            .iter()
            .filter(|problem| !told(&problem.path))
            .partition(|problem| problem.blocking);
        for problem in blocking.iter().chain(remarks.iter().take(MOST_REMARKS)) {
            let word = problem
                .path
                .to_str()
                .filter(|word| !word.contains(['/', '\\']));
            let command = word
                .filter(|_| problem.blocking)
                .and_then(|word| closest(word, COMMANDS));
            let is_missing = problem.blocking && !self.options.redact;
            let is_missing = is_missing && !paths::is_there(&problem.path);
            self.say(&match command.filter(|_| !problem.path.exists()) {
                Some(command) => format!("{}; did you mean bkscan {command}?", problem.message),
                None if is_missing => {
                    let meant = paths::meant(&problem.path, &roots);
                    paths::with_hint(&problem.message, meant.as_deref())
                }
                None => problem.message.clone(),
            });
        }
        if let Some(more) = remarks
            .len()
            .checked_sub(MOST_REMARKS)
            .filter(|more| *more > 0)
        {
            self.say(&format!(
                "{more} more places were passed over (--json lists them)"
            ));
        }
    }
}
