//! What a call asks of the library: a scan, or two backups compared, with its options and passwords.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicUsize;

use jiff::Timestamp;

use crate::crypto::keyring::Keyring;
use crate::find::{self, Found};
use crate::model::options::{DeviceRule, FailOn, Policy, ScanOptions};
use crate::model::progress::{Event, Monitor};
use crate::model::secret::Password;
use crate::model::sources::{NoPassword, Passwords};
use crate::model::{Access, BackupIndex, Report, Udid};
use crate::scan::NoThreads;
use crate::scan::closely::{self, Closely};
use crate::scan::pair::{self, Compared, Depth};
use crate::{read, scan, system};

use super::console::Progress;
use super::exit_code::{self, Exit};
use super::flags::config_file::DeviceSettings;
use super::flags::table::TABLE;
use super::flags::values;
use super::flags::words::LevelArg;
use super::memory::ledger;
use super::password::ways;
use super::password::{self, Source};
use super::session::Session;
use super::stop::{Remark, Stop};

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
    only: Option<BackupIndex>,
    troubles: Vec<Remark>,
}

/// Whoever shows how far a look is.
pub trait Shows: Sync {
    /// Takes up what a scan tells; called from its threads, once a folder.
    fn hear(&self, event: Event<'_>);

    /// Does something with what is shown out of the way.
    fn aside(&self, work: &mut dyn FnMut());
}

impl Shows for Progress {
    fn hear(&self, event: Event<'_>) {
        Progress::hear(self, event);
    }

    fn aside(&self, work: &mut dyn FnMut()) {
        Progress::aside(self, work);
    }
}

/// Passwords, with what is shown out of the way of whoever has to be asked for one.
struct Undisturbed<'a> {
    source: &'a Source,
    shown: &'a dyn Shows,
}

impl Passwords for Undisturbed<'_> {
    fn password(&self, udid: Option<&Udid>) -> Result<Option<Password>, NoPassword> {
        match self.source {
            Source::Command(_) => {
                let mut answer = Ok(None);
                self.shown
                    .aside(&mut || answer = self.source.password(udid));
                answer
            }
            Source::Terminal | Source::Known(_) => self.source.password(udid),
        }
    }
}

/// All that a scan takes: whoever had to be asked for a password was asked.
pub struct Ready {
    config: ScanOptions,
    asked: (Option<Source>, Keyring<'static>),
    ledger: ledger::OfRun,
}

/// How a scan found what it found.
pub struct Rest {
    /// The places that were found.
    pub found: Found,
    /// The keys that were opened for it.
    pub keyring: Keyring<'static>,
    /// What it let go.
    pub policy: Policy,
    /// What went wrong with what bkscan keeps for itself.
    pub troubles: Vec<Remark>,
}

impl Done {
    /// What it found, and how.
    pub fn take_apart(self) -> (Report, Rest) {
        let rest = Rest {
            found: self.found,
            keyring: self.keyring,
            policy: self.policy,
            troubles: self.troubles,
        };
        (self.report, rest)
    }

    /// The exit code of the scan, or of the one backup that it is about.
    pub fn exit_code(&self, fail_on: FailOn) -> Exit {
        match self.only {
            Some(index) => exit_code::of_one(&self.report, index, fail_on, self.signal),
            None => exit_code::of(&self.report, fail_on, self.signal),
        }
    }

    /// What went wrong meanwhile with what bkscan keeps for itself; afterwards it is told.
    pub fn take_troubles(&mut self) -> Vec<Remark> {
        std::mem::take(&mut self.troubles)
    }

    /// From here on it is about one backup.
    pub fn keep_only(&mut self, index: BackupIndex) {
        self.only = Some(index);
    }
}

impl Session {
    /// Takes up where the passwords of encrypted backups come from.
    ///
    /// # Errors
    /// Where the file that should hold one cannot be used.
    pub fn take_passwords(&mut self) -> Result<(), Stop> {
        let env = |name: &str| std::env::var_os(name);
        let source = Source::of(&self.options, env, &self.signals.received);
        self.passwords = source.map_err(Stop::usage)?;
        Ok(())
    }

    /// The password that somebody types, where one is to be asked for.
    ///
    /// # Errors
    /// Where there is no terminal, or the question was answered with Ctrl-C.
    fn ask_password(&self) -> Result<Option<Source>, Stop> {
        let Some(Source::Terminal) = self.passwords else {
            return Ok(None);
        };
        let answer = password::ask();
        // Windows tells of Ctrl-C a moment later.
        match (answer, self.signal()) {
            (_, signal @ 1..) => Err(Stop::told(Exit::after(signal))),
            (Ok(Some(password)), _) => Ok(Some(Source::Known(password))),
            (Ok(None), _) => {
                self.say("no password was typed: encrypted backups stay locked");
                Ok(None)
            }
            (Err(error), _) if error.kind() == io::ErrorKind::Interrupted => {
                Err(Stop::told(Exit::INTERRUPTED))
            }
            (Err(error), _) => Err(Stop::usage(Remark::plain(format!(
                "there is no terminal to ask for a password on ({}): {}",
                system::in_words(&error),
                ways::INSTEAD
            )))),
        }
    }

    /// The password that somebody types and the keys that it opens, where one is to be asked for. One that
    /// opens none of these backups was mistyped, and is asked for again; `backups` are paths and names.
    ///
    /// # Errors
    /// As [`Session::ask_password`].
    fn typed_password(
        &self,
        backups: impl FnOnce() -> Vec<(PathBuf, String)>,
    ) -> Result<(Option<Source>, Keyring<'static>), Stop> {
        /// So often somebody is asked.
        const MOST: usize = 3;
        let mut asked = self.ask_password()?;
        let mut keys = Keyring::new(None);
        if asked.is_none() || self.options.level == LevelArg::Quick {
            return Ok((asked, keys));
        }
        let backups = backups();
        for tries in 1..=MOST {
            let Some(source) = &asked else { break };
            keys = opened(source, &backups);
            if tries == MOST || !keys.is_all_wrong() || self.signal() != 0 {
                break;
            }
            self.say("that is not the password of any encrypted backup here, try again");
            asked = self.ask_password()?;
            keys = Keyring::new(None);
        }
        Ok((asked, keys))
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

    /// Scans `roots`; `in_full` is the one backup of which everything is wanted.
    ///
    /// # Errors
    /// Where the scan cannot even begin.
    pub fn scan(
        &self,
        roots: Vec<PathBuf>,
        default_roots: bool,
        in_full: Option<PathBuf>,
    ) -> Result<Done, Stop> {
        let ready = self.ready(roots, default_roots, in_full)?;
        let progress = Progress::new(self.options.quiet);
        let done = self.scan_ready(ready, &progress, &self.signals.received);
        progress.clear();
        done
    }

    /// All that a scan of `roots` takes, a password that somebody types included.
    ///
    /// # Errors
    /// Where the scan cannot even begin.
    pub fn ready(
        &self,
        roots: Vec<PathBuf>,
        default_roots: bool,
        in_full: Option<PathBuf>,
    ) -> Result<Ready, Stop> {
        let asked = self.typed_password(|| {
            let found = find::find(&roots, &Monitor::silent());
            let backups = found.backups.into_iter();
            backups.map(|backup| (backup.path, backup.name)).collect()
        })?;
        let config = ScanOptions {
            default_roots,
            in_full,
            ..self.config(roots)
        };
        let ledger = ledger::OfRun::open(self, &config);
        Ok(Ready {
            config,
            asked,
            ledger,
        })
    }

    /// Scans, until `stop` is not 0, and tells how far it is.
    ///
    /// # Errors
    /// Where its threads cannot be started.
    pub fn scan_ready(
        &self,
        ready: Ready,
        shown: &dyn Shows,
        stop: &AtomicUsize,
    ) -> Result<Done, Stop> {
        let Ready {
            config,
            asked,
            ledger,
        } = ready;
        let look = |keyring: &Keyring<'_>, monitor: &Monitor<'_>| {
            scan::scan_with(&config, keyring, ledger.means(), monitor)
        };
        let ((mut report, found), keyring) = self.look(&config, asked, (shown, stop), look)?;
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
    /// Where that cannot even begin.
    pub fn compare(
        &self,
        pair: [&Path; 2],
        depth: Depth,
    ) -> Result<Result<Compared, Box<Report>>, Stop> {
        let asked = self.typed_password(|| {
            let name = |path: &Path| {
                path.file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned()
            };
            pair.map(|path| (path.to_owned(), name(path))).into()
        })?;
        let config = self.config(Vec::new());
        let progress = Progress::new(self.options.quiet);
        let shown = (&progress as &dyn Shows, &*self.signals.received);
        let compared = self.look(&config, asked, shown, |keyring, monitor| {
            pair::compare(&config, pair, depth, keyring, monitor)
        });
        progress.clear();
        Ok(compared?.0)
    }

    /// Looks at one backup closely, for whoever mends it.
    ///
    /// # Errors
    /// Where that cannot even begin.
    pub fn look_closely(&self, path: &Path) -> Result<(Closely, Keyring<'static>), Stop> {
        let name = find::real_name(path);
        let asked = self.typed_password(|| vec![(path.to_owned(), name.clone())])?;
        let config = self.options_for(path);
        let progress = Progress::new(self.options.quiet);
        let shown = (&progress as &dyn Shows, &*self.signals.received);
        let looked = self.look(&config, asked, shown, |keyring, monitor| {
            closely::look(path, &name, &config, keyring, monitor)
        });
        progress.clear();
        looked
    }

    /// What the options ask of a look at one backup.
    pub fn options_for(&self, path: &Path) -> ScanOptions {
        self.config(vec![path.to_owned()])
    }

    /// Runs work that tells how far it is on the threads that were asked for.
    ///
    /// # Errors
    /// Where they cannot be started.
    pub fn at_work<T: Send>(&self, work: impl FnOnce(&Monitor<'_>) -> T + Send) -> Result<T, Stop> {
        let progress = Progress::new(self.options.quiet);
        let observer = |event: Event<'_>| progress.hear(event);
        let done = self.in_pool(|| work(&self.monitor(&observer)));
        progress.clear();
        done
    }

    /// What the options ask of a scan of `roots`.
    fn config(&self, roots: Vec<PathBuf>) -> ScanOptions {
        let now = self.now();
        let planning = TABLE.iter().filter(|option| option.plans);
        let planning: Vec<&str> = planning.map(|option| option.name).collect();
        ScanOptions {
            level: self.options.level.into(),
            subset: self.options.subset(now, &self.zone),
            looked_with: self.looked_with(),
            planned_with: self.settings.typed_words(&planning),
            threads: self.options.threads(),
            zone: self.zone.clone(),
            policy: self.options.policy(now, &self.settings),
            // What goes for good with those that are named is told.
            keepsakes_of_all: !self.options.only.is_empty() || self.options.interactive,
            stale_before: self.options.stale_before(now),
            devices: self.rules(now),
            severities: self.settings.file.severities.clone(),
            ..ScanOptions::new(roots, now)
        }
    }

    /// Looks at backups with the passwords that there are, and shows how far it is. What was opened can be
    /// opened again.
    fn look<T>(
        &self,
        config: &ScanOptions,
        (asked, keys): (Option<Source>, Keyring<'static>),
        (shown, stop): (&dyn Shows, &AtomicUsize),
        look: impl FnOnce(&Keyring<'_>, &Monitor<'_>) -> Result<T, NoThreads>,
    ) -> Result<(T, Keyring<'static>), Stop> {
        let source = match &self.passwords {
            Some(Source::Terminal) => asked.as_ref(),
            source => source.as_ref(),
        };
        let observer = |event: Event<'_>| shown.hear(event);
        let passwords = source.map(|source| Undisturbed { source, shown });
        let keyring = keys.with(passwords.as_ref().map(|passwords| passwords as _));
        let looked = look(&keyring, &Monitor::new(&observer, stop));
        let looked = looked.map_err(|error| no_threads(config.threads, &error))?;
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
    /// Where they cannot be started.
    pub fn in_pool<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T, Stop> {
        let threads = self.options.threads();
        scan::on_threads(threads, work).map_err(|error| no_threads(threads, &error))
    }
}

/// What a password opens of these backups; it is enough to know of one.
fn opened(source: &Source, backups: &[(PathBuf, String)]) -> Keyring<'static> {
    let keyring = Keyring::new(Some(source));
    for (path, name) in backups {
        let metadata = read::metadata::read(path, name);
        let keybag = metadata
            .keybag()
            .filter(|_| metadata.encrypted() == Some(true));
        let access = keybag.map(|keybag| keyring.open(metadata.udid.as_ref(), keybag).0);
        if access == Some(Access::Open) {
            break;
        }
    }
    keyring.closed()
}

fn no_threads(threads: usize, error: &NoThreads) -> Stop {
    let message = format!("{threads} threads could not be started: {error}");
    Stop::could_not_look(Remark::plain(message))
}
