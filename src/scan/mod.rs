//! The pipeline: knows the order of the stages, and nothing else.

pub mod acquire;
mod kin;
pub mod pair;
mod sealed;
mod strays;

use crate::compare;
use crate::cover::Asked;
use crate::crypto::keyring::Keyring;
use crate::facts::domains;
use crate::find;
use crate::find::{Candidate, Found};
use crate::model::options::{LARGEST, ScanConfig};
use crate::model::progress::{Event, Monitor};
use crate::model::sources::{Ledger, Means};
use crate::model::{
    Access, BackupReport, Beside, BesideKind, Example, FileId, Manifest, Metadata, Problem, Report,
    Root, Severity,
};
use crate::read::database::Database;
use crate::read::describe::{describe, last_backup};
use crate::scan::acquire::{Look, Looker};
use crate::system::SYSTEM;
use crate::verify;
use crate::verify::Evidence;
use crate::verify::files::ORPHAN_FILE;
use crate::verify::group;
use crate::words::shell;
use crate::{advise, cover, measure, plan, read, system};
use kin::Kin;

/// Scans everything that `config` asks for.
///
/// # Errors
/// When the threads cannot be started.
pub fn scan(
    config: &ScanConfig,
    means: Means<'_>,
    monitor: &Monitor<'_>,
) -> Result<(Report, Found), rayon::ThreadPoolBuildError> {
    let keyring = Keyring::new(means.passwords);
    scan_with(config, &keyring, means.ledger, monitor)
}

/// The same with keys that are needed again afterwards: to derive them takes long.
///
/// # Errors
/// When the threads cannot be started.
pub fn scan_with(
    config: &ScanConfig,
    keyring: &Keyring<'_>,
    ledger: Option<&dyn Ledger>,
    monitor: &Monitor<'_>,
) -> Result<(Report, Found), rayon::ThreadPoolBuildError> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(config.threads)
        .build()?;
    Ok(pool.install(|| run(config, keyring, ledger, monitor)))
}

fn run(
    config: &ScanConfig,
    keyring: &Keyring<'_>,
    ledger: Option<&dyn Ledger>,
    monitor: &Monitor<'_>,
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
    for (at, candidate) in found.backups.iter().enumerate() {
        monitor.tell(Event::Began {
            backup: &candidate.path,
        });
        let looker = Looker {
            asked: kin.asked(at),
            ..looker
        };
        let report = examine(candidate, looker);
        kin.count(&report);
        // A look that was stopped half-way says nothing.
        if monitor.is_stopped() {
            break;
        }
        monitor.tell(Event::Judged {
            backup: &candidate.path,
        });
        problems.extend(locked_out(&report));
        backups.push(report);
    }
    let beside = found
        .beside
        .iter()
        .map(|(path, kind)| Beside {
            path: path.clone(),
            kind: *kind,
            bytes: match kind {
                BesideKind::Link => 0,
                _ if monitor.is_stopped() => 0,
                _ => measure::allocated(path),
            },
        })
        .collect();
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
                volume: system::volume(path),
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

/// Why a password that was asked for could not be tried.
fn locked_out(backup: &BackupReport) -> Option<Problem> {
    let (why, blocking) = match &backup.access {
        Access::Unavailable(why) => (why, true),
        // Our own limit says nothing against the backup, and asks for nothing.
        Access::Refused(why) => (why, false),
        _ => return None,
    };
    Some(Problem {
        path: backup.path.clone(),
        message: format!("{} could not be opened: {why}", backup.path.display()),
        blocking,
        known: false,
    })
}

/// Looks at a backup, a second time if it changed meanwhile, and judges it.
fn examine(candidate: &Candidate, looker: Looker<'_>) -> BackupReport {
    let Looker {
        config, monitor, ..
    } = looker;
    let take = |looker| {
        let look = Look::take(&candidate.path, &candidate.name, looker);
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
    let Look {
        metadata,
        mut manifest,
        inventory,
        mut comparison,
        opened,
        access,
        contents,
    } = look;
    let mut findings = verification.findings;
    let folder = &candidate.path;
    for finding in findings
        .iter_mut()
        .filter(|finding| finding.severity > Severity::Note)
    {
        finding.hint = Some(shell::show_command(
            SYSTEM,
            &folder.to_string_lossy(),
            &config.looked_with,
        ));
    }
    let holdings = cover::holdings(&metadata, &mut manifest, &mut comparison, looker.asked);
    compare::keep_largest(&mut comparison.largest, LARGEST);
    let mut largest: Vec<_> = comparison
        .largest
        .iter()
        .map(|subject| subject.to_example())
        .collect();
    let nameable = findings
        .iter_mut()
        .filter(|finding| finding.id != ORPHAN_FILE.id);
    let nameable = nameable
        .flat_map(|finding| &mut finding.examples)
        .chain(&mut largest);
    name_examples(&metadata, opened.as_ref(), nameable);
    let identity = system::identity(folder).ok().flatten();
    let status = metadata.status.value();
    let apps = metadata.info.value().map_or(&[][..], |info| &info.apps);
    let mut device = describe(&metadata);
    if let Some(name) = config.name_of(metadata.udid.as_ref()) {
        device.name = Some(name.to_owned());
    }
    BackupReport {
        path: folder.clone(),
        archived: metadata.archived,
        encrypted: metadata.encrypted(),
        manifest_format: metadata.manifest_file.map(|(_, format)| format),
        snapshot_state: status.and_then(|status| status.snapshot_state.clone()),
        backup_state: status.and_then(|status| status.backup_state.clone()),
        device,
        last_backup: last_backup(&metadata),
        status_date: status.and_then(|status| status.date),
        status_uuid: status.and_then(|status| status.uuid.clone()),
        info_date: metadata.info.value().and_then(|info| info.last_backup),
        newest_change: inventory.newest_change,
        fingerprint: inventory.fingerprint,
        settled_change: inventory.settled_change,
        oldest_change: inventory.oldest_change,
        holds_backup: inventory.holds_backup,
        in_trash: candidate.in_trash,
        foreign: inventory.foreign,
        keepsakes: cover::by_group(&manifest, &comparison),
        holdings,
        usage: inventory.usage,
        volume: identity.map(|(volume, _)| volume),
        inode: identity.map(|(_, inode)| inode),
        disk: system::volume(folder),
        only_info: inventory.only_info,
        links: inventory.links,
        manifest: manifest.listing().map(|listing| listing.counts),
        payloads_anywhere: inventory.payloads_anywhere,
        payloads: comparison.payloads,
        databases: compare::in_order(&comparison.databases),
        locked: matches!(manifest, Manifest::Locked),
        access,
        contents,
        verdict: verification.verdict,
        checked: verification.checked,
        not_checked: verification.not_checked,
        findings,
        storage: domains::storage(&manifest, &comparison, apps),
        domains: domains::domains(&manifest, &comparison),
        largest,
        icloud: domains::icloud_estimate(&manifest),
        udid: metadata.udid,
    }
}

/// Fills in domain and path of the examples that only have a fileID.
fn name_examples<'a>(
    metadata: &Metadata,
    opened: Option<&Database>,
    examples: impl Iterator<Item = &'a mut Example>,
) {
    let mut examples: Vec<_> = examples
        .filter(|example| example.domain.is_none() && example.path.is_none())
        .filter_map(|example| {
            let id = FileId::parse(example.file_id.as_deref()?.as_bytes())?;
            Some((id, example))
        })
        .collect();
    let ids: Vec<FileId> = examples.iter().map(|(id, _)| *id).collect();
    let names = read::manifest::names(metadata, opened, &ids);
    for (id, example) in &mut examples {
        if let Some((domain, path)) = names.get(id) {
            example.domain = Some(domain.clone());
            example.path = Some(path.clone());
        }
    }
}
