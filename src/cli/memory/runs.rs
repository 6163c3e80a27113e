//! What a scan has to do with the runs before and after it: it is compared with earlier ones and
//! remembered, and its metrics are written. Nothing here may fail a scan: it becomes a line on stderr.

use std::fs;
use std::iter;
use std::path::{Path, PathBuf};

use crate::advise;
use crate::model::{PastRun, Report, Severity};
use crate::render::format::Told;
use crate::render::metrics::Metrics;
use crate::render::printable;
use crate::report::trend::{self, Ground};
use crate::state::history::History;
use crate::state::in_time;
use crate::system::{self, SYSTEM};
use crate::system::{inside, replace_file};
use crate::verify::device::{BACKUP_GONE, BACKUP_SHRANK};
use crate::words::shell;

use crate::cli::format;
use crate::cli::meant::paths;
use crate::cli::request::Done;
use crate::cli::session::Session;
use crate::cli::stop::Remark;

/// What is to be kept of a run when its result is out.
#[derive(Default)]
pub struct Keep {
    run: Option<(History, PastRun)>,
    metrics: Option<PathBuf>,
    troubles: Vec<Remark>,
    /// Whether one of them is about the ledger.
    has_ledger_trouble: bool,
}

impl Keep {
    /// Marks what the last run over the same paths had too, and notes what to keep of this one: nothing
    /// of one that was stopped.
    pub fn compare(session: &Session, done: &mut Done) -> Keep {
        let troubles = done.take_troubles();
        let mut keep = Keep {
            has_ledger_trouble: !troubles.is_empty(),
            troubles,
            ..Keep::default()
        };
        let report = &mut done.report;
        if report.cancelled {
            return keep;
        }
        let nightly = &session.options;
        if let Some(file) = &nightly.metrics {
            if paths::is_among_backups(file, inside::scanned(report)) {
                keep.trouble(
                    "the metrics were not written",
                    format!(
                        "the metrics were not written: {} lies in what was scanned; name a file \
                         elsewhere",
                        file.display()
                    ),
                );
            } else {
                keep.metrics = Some(file.clone());
            }
        }
        if nightly.no_state || system::is_root_for_another_user() {
            return keep;
        }
        match session.state().path() {
            Some(folder) => keep.compare_with_last(session, folder, report),
            None => {
                let none = "this run is not remembered: this user has no state folder; --state-dir \
                            names one, --no-state does without";
                keep.trouble_of_state(none, none.to_owned());
            }
        }
        keep
    }

    fn compare_with_last(&mut self, session: &Session, folder: &Path, report: &mut Report) {
        let history = session.state().history();
        let file = history.path();
        // The file may be a link to somewhere else than its folder.
        let mut places = iter::once(folder).chain(file.as_deref());
        let scanned = inside::scanned(report);
        if places.any(|place| inside::is_within(place, scanned.iter().copied())) {
            self.trouble_of_state(
                "this run is not remembered",
                format!(
                    "this run is not remembered: the state folder {} lies in what was scanned; \
                     --state-dir names another one, --no-state does without",
                    folder.display()
                ),
            );
            return;
        }
        let runs = match history.runs() {
            Ok(runs) => runs,
            Err(error) => {
                let text = error.to_string();
                return self.trouble_of_state("the history could not be read", text);
            }
        };
        let roots: Vec<PathBuf> = report
            .roots
            .iter()
            .map(|root| resolved(&root.path))
            .collect();
        let last = match history.last_run(&roots, report.level) {
            Ok(last) => last,
            Err(error) => {
                let text = error.to_string();
                return self.trouble_of_state("the history could not be read", text);
            }
        };
        let volumes: Vec<Option<u64>> = roots.iter().map(|root| volume_of_root(root)).collect();
        let ground = Ground {
            roots: &roots,
            volumes: &volumes,
            volume_of: &volume_around,
            removals: &session.state().removals(),
            forget: &|paths| forget_command(session, paths),
        };
        if trend::tell_missing(report, &runs, &ground) {
            set_severities(session, report);
        }
        trend::count_failed_days(report, &runs, &ground);
        report.advice = advise::advise(report, SYSTEM);
        trend::mark_known(report, &roots, last.as_ref());
        let run = trend::run_of(report, &ground, last.as_ref());
        self.run = run.map(|run| (history, run));
    }

    fn trouble(&mut self, redacted: &'static str, full: String) {
        self.troubles.push(Remark::new(redacted, full));
    }

    /// The ledger lies beside the history: what is wrong with the folder is said once.
    fn trouble_of_state(&mut self, redacted: &'static str, full: String) {
        if !self.has_ledger_trouble {
            self.trouble(redacted, full);
        }
    }

    /// All runs that are remembered, and this one; none where this one is not.
    pub fn runs(&self) -> Vec<PastRun> {
        let Some((history, run)) = &self.run else {
            return vec![];
        };
        // A history that cannot be read was told of when it was compared with.
        let mut runs = history.runs().unwrap_or_default();
        runs.push(run.clone());
        runs
    }

    /// The same, but that the next run is not to know of this one.
    pub fn without_memory(self) -> Keep {
        Keep { run: None, ..self }
    }

    /// Writes the metrics. The report may have been redacted since.
    pub fn write_metrics(&mut self, told: &Told<'_>) {
        if let Some(file) = self.metrics.take() {
            let written = match format::text(&Metrics, told) {
                Ok(text) => {
                    let target = file.clone();
                    in_time(move || Ok(replace_file::replace(&target, &text)))
                        .map_err(|error| {
                            let why = system::in_words(&error);
                            format!("{} could not be written: {why}", file.display())
                        })
                        .and_then(|written| written.map_err(|error| error.to_string()))
                }
                Err(error) => Err(format!("could not be made: {error}")),
            };
            if let Err(why) = written {
                let full = format!("the metrics file {why}");
                self.trouble("the metrics could not be written", full);
            }
        }
    }

    /// Remembers the run; troubles are told unless it is to be silent.
    pub fn remember(mut self, session: &Session, silent: bool) {
        if let Some((history, run)) = self.run.take()
            && let Err(error) = history.record(&run)
        {
            self.trouble_of_state("this run could not be remembered", error.to_string());
        }
        if !silent {
            self.troubles
                .iter()
                .for_each(|trouble| session.tell(trouble));
        }
    }
}

/// The settings for what is only found here. That a backup is gone whose place another one fills is worth no
/// more than a note, whatever is said of one that is missed.
fn set_severities(session: &Session, report: &mut Report) {
    let findings = report.devices.iter_mut();
    let findings = findings.flat_map(|device| &mut device.findings);
    let missed =
        findings.filter(|finding| [BACKUP_GONE.id, BACKUP_SHRANK.id].contains(&finding.id));
    for finding in missed.filter(|finding| finding.severity > Severity::Note) {
        if let Some(severity) = session.settings.file.severities.get(finding.id) {
            finding.severity = *severity;
        }
    }
}

/// The volume of a root; nothing where it cannot be read or is empty, as the place of a disk that is away.
fn volume_of_root(root: &Path) -> Option<u64> {
    fs::read_dir(root).ok()?.next()?.ok()?;
    system::lasting_volume(root)
}

/// The volume of what is at a path, else of the nearest folder around it; nothing where that cannot be
/// looked into.
fn volume_around(path: &Path) -> Option<u64> {
    for place in path.ancestors() {
        match fs::read_dir(place) {
            Ok(_) => return system::lasting_volume(place),
            Err(error) if system::is_absence(&error) => {}
            Err(_) => return None,
        }
    }
    None
}

/// The call that has backups be forgotten; nothing where the path of one cannot be spelled in text.
fn forget_command(session: &Session, paths: &[&Path]) -> Option<String> {
    let mut words = vec!["bkscan", "history"];
    let folder = session.options.state_dir.as_ref();
    if let Some(folder) = folder.filter(|_| session.settings.is_typed("state-dir")) {
        words.extend(["--state-dir", folder.to_str()?]);
    }
    words.push("--forget");
    for path in paths {
        words.push(path.to_str()?);
    }
    let words = words.iter().map(|word| shell::quote_exactly(SYSTEM, word));
    let words: Vec<String> = words.collect::<Option<_>>()?;
    let call = words.join(" ");
    (printable::clean(&call) == call).then_some(call)
}

/// A path with all links resolved; where it is not there, as it would be: the same as when it was.
pub fn resolved(path: &Path) -> PathBuf {
    // As many links as systems follow; one more leads in circles.
    follow(&paths::absolute(path), 40)
}

fn follow(path: &Path, links: u32) -> PathBuf {
    if let Ok(found) = system::canonical(path) {
        return found;
    }
    let (Some(parent), Some(name)) = (path.parent(), path.components().next_back()) else {
        return path.to_owned();
    };
    match fs::read_link(path) {
        Ok(target) if links > 0 => follow(&parent.join(target), links - 1),
        _ => follow(parent, links).join(name),
    }
}
