//! The pipeline: knows the order of the stages, and nothing else.

mod acquire;
mod again;
mod assemble;
pub mod closely;
mod differing;
mod folder;
mod foreign;
mod kin;
mod look;
mod looker;
mod missing;
pub mod pair;
mod rows;
mod sealed;
mod strays;
mod threads;

use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};

use crate::cover::Asked;
use crate::crypto::keyring::Keyring;
use crate::find::{self, Candidate, Found};
use crate::model::options::ScanOptions;
use crate::model::progress::{Event, Monitor};
use crate::model::sources::{Ledger, Sources};
use crate::model::{
    BackupReport, Beside, BesideKind, Inventory, Problem, Report, Root, Volume, count_names,
};
use crate::system::SYSTEM;
use crate::verify::group;
use crate::verify::{self, Evidence};
use crate::{advise, measure, plan, read, system};
use acquire::Acquired;
use assemble::Rest;
use kin::Kin;
use looker::Looker;
pub use threads::NoThreads;
pub use threads::on as on_threads;

/// Looks for backups where the options say, judges each, and decides what may go. Writes nothing.
///
/// # Errors
/// When the threads cannot be started. Whatever else goes wrong is told in the report.
pub fn scan(
    options: &ScanOptions,
    sources: Sources<'_>,
    monitor: &Monitor<'_>,
) -> Result<Report, NoThreads> {
    let keyring = Keyring::new(sources.passwords);
    Ok(scan_with(options, &keyring, sources.ledger, monitor)?.0)
}

/// The same with keys that are needed again afterwards, because to derive them takes long, and with what was
/// found on the way.
///
/// # Errors
/// When the threads cannot be started.
pub fn scan_with(
    config: &ScanOptions,
    keyring: &Keyring<'_>,
    ledger: Option<&dyn Ledger>,
    monitor: &Monitor<'_>,
) -> Result<(Report, Found), NoThreads> {
    threads::on(config.threads, || {
        run(config, keyring, ledger, monitor, true)
    })
}

/// The same, but that SQLite judges every manifest beside the reading of its rows: tests see that both ways
/// say the same.
///
/// # Errors
/// When the threads cannot be started.
pub fn scan_in_two_passes(
    config: &ScanOptions,
    keyring: &Keyring<'_>,
    monitor: &Monitor<'_>,
) -> Result<Report, NoThreads> {
    threads::on(config.threads, || {
        run(config, keyring, None, monitor, false).0
    })
}

fn run(
    config: &ScanOptions,
    keyring: &Keyring<'_>,
    ledger: Option<&dyn Ledger>,
    monitor: &Monitor<'_>,
    one_pass: bool,
) -> (Report, Found) {
    if keyring.has_passwords() {
        read::database::expect_decryption();
    }
    let looker = Looker {
        config,
        monitor,
        keyring,
        ledger,
        asked: Asked::default(),
        one_pass,
        past_the_end: false,
        is_second: false,
    };
    let found = find::find(&config.roots, monitor);
    let mut kin = Kin::find(config, &found.backups);
    monitor.tell(Event::Found {
        backups: found.backups.len(),
    });
    // One after the other: only one manifest is in memory at a time, and each keeps all threads
    // busy by itself.
    let mut backups = Vec::new();
    let mut problems = found.problems.clone();
    for (index, candidate) in found.backups.iter().enumerate() {
        monitor.tell(Event::Began {
            backup: &candidate.path,
        });
        let looker = Looker {
            asked: kin.asked(index),
            ..looker
        };
        let report = examine(candidate, looker);
        kin.count(&report);
        // A look that was stopped half-way says nothing.
        if monitor.is_stopped() {
            break;
        }
        monitor.tell(Event::Judged { backup: &report });
        problems.extend(assemble::locked_out(&report));
        backups.push(report);
    }
    let looked_at = found.beside.iter().map(|(path, kind)| match kind {
        BesideKind::Link => Inventory::default(),
        _ if monitor.is_stopped() => Inventory::default(),
        _ => measure::anything(path),
    });
    let looked_at: Vec<Inventory> = looked_at.collect();
    let beside = found.beside.iter().zip(&looked_at);
    count_names(
        &mut backups,
        beside.clone().map(|((path, _), seen)| (&**path, seen)),
    );
    let beside = beside
        .map(|((path, kind), seen)| Beside {
            path: path.clone(),
            kind: *kind,
            bytes: seen.usage.allocated,
        })
        .collect();
    once_each(&mut problems);
    strays::find(&mut backups);
    let plan = plan::make(&backups, &config.policy, config.now);
    let mut report = Report {
        advice: Vec::new(),
        zone: config.zone.clone(),
        started_at: config.now,
        finished_at: config.now,
        last_run: None,
        ledger_bytes: None,
        looked_with: config.looked_with.clone(),
        planned_with: config.planned_with.clone(),
        level: config.level,
        cancelled: monitor.is_stopped(),
        roots: config
            .roots
            .iter()
            .map(|path| Root {
                path: path.clone(),
                is_default: config.default_roots,
                volume: volume(path, &backups),
            })
            .collect(),
        devices: group::group(&backups, config.now, |udid| config.stale_before(udid)),
        plan,
        backups,
        beside,
        problems,
    };
    config.set_severities(&mut report);
    report.advice = advise::advise(&report, SYSTEM);
    (report, found)
}

/// Leaves out what is said twice of one path, however it was typed.
fn once_each(problems: &mut Vec<Problem>) {
    let mut said = HashSet::new();
    problems.retain(|problem| {
        let shown = problem.path.to_string_lossy();
        let path: PathBuf = (problem.path.components())
            .filter(|part| *part != Component::CurDir)
            .collect();
        said.insert((path, problem.message.replace(&*shown, "")))
    });
}

/// The disk that the backups below a root lie on, which a link may lead to; else that of the root.
fn volume(root: &Path, backups: &[BackupReport]) -> Option<Volume> {
    let mut below = backups
        .iter()
        .filter(|backup| backup.path.starts_with(root));
    below
        .find_map(|backup| backup.disk)
        .or_else(|| system::volume(root))
}

/// Looks at a backup, a second time if it changed meanwhile, and judges it.
fn examine(candidate: &Candidate, looker: Looker<'_>) -> BackupReport {
    examine_closely(candidate, looker).0
}

/// The same, and what is left of the look.
fn examine_closely(candidate: &Candidate, looker: Looker<'_>) -> (BackupReport, Rest) {
    let Looker {
        config, monitor, ..
    } = looker;
    let take = |looker| {
        let look = Acquired::take(&candidate.path, &candidate.name, looker);
        monitor.tell(Event::Looked {
            backup: &candidate.path,
        });
        look
    };
    let mut look = take(looker);
    let mut changing = false;
    if look.has_changed() {
        look = take(Looker {
            is_second: true,
            ..looker
        });
        changing = look.has_changed();
    }
    let verification = verify::verify(&Evidence {
        metadata: &look.metadata,
        manifest: &look.manifest,
        inventory: &look.inventory,
        comparison: &look.comparison,
        changing,
        access: &look.access,
        contents: look.contents.as_ref(),
        level: config.level_of(&candidate.path),
        examples: config.examples_of(&candidate.path),
        now: config.now,
    });
    assemble::report(candidate, looker, look, verification)
}
