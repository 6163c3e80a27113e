//! Assembles the report of a backup from what was seen of it and how it was judged.

use std::sync::Arc;

use crate::compare;
use crate::cover;
use crate::crypto::ClassKeys;
use crate::facts::domains;
use crate::find::Candidate;
use crate::mendable::{self, Seen};
use crate::model::options::LARGEST;
use crate::model::{
    Access, BackupReport, Example, FileId, Level, Manifest, Metadata, Problem, Severity,
};
use crate::read;
use crate::read::database::Database;
use crate::read::describe::{describe, last_backup};
use crate::system::{self, SYSTEM};
use crate::verify::Verification;
use crate::verify::files::{FILE_MISSING, ORPHAN_FILE};
use crate::words::shell;

use super::acquire::Acquired;
use super::looker::Looker;
use super::missing;

/// What is left of a look when the report is made.
pub struct Rest {
    /// Its property lists.
    pub metadata: Metadata,
    /// Its rows.
    pub manifest: Manifest,
    /// The database that they came from, where it is not the backup's own as it lies there.
    pub opened: Option<Database>,
    /// Its keys, where a password opened them.
    pub keys: Option<Arc<ClassKeys>>,
}

/// The report of a backup, and what is left of the look.
pub fn report(
    candidate: &Candidate,
    looker: Looker<'_>,
    look: Acquired,
    verification: Verification,
) -> (BackupReport, Rest) {
    let config = looker.config;
    let Acquired {
        metadata,
        mut manifest,
        inventory,
        mut comparison,
        opened,
        access,
        contents,
        keys,
    } = look;
    let mut findings = verification.findings;
    let folder = &candidate.path;
    for finding in findings
        .iter_mut()
        .filter(|finding| finding.severity > Severity::Note)
    {
        finding.hint = Some(shell::show_command(SYSTEM, folder, &config.looked_with));
    }
    let elsewhere = mendable::elsewhere(&comparison);
    let mut holdings = cover::holdings(&metadata, &mut manifest, &mut comparison, looker.asked);
    // What no row names may be of use, whatever it is.
    let unnamed = inventory
        .placeholders
        .saturating_sub(comparison.placeholders);
    holdings.strays.in_cloud = unnamed;
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
    let is_in_full = config.in_full.as_ref() == Some(folder);
    let lacking = findings
        .iter()
        .find(|finding| finding.id == FILE_MISSING.id);
    let missing_folders = lacking
        .filter(|_| is_in_full)
        .map(|lacking| missing::folders(&metadata, opened.as_ref(), &lacking.examples));
    let identity = system::identity(folder).ok().flatten();
    let status = metadata.status.value();
    let apps = metadata.info.value().map_or(&[][..], |info| &info.apps);
    let mut device = describe(&metadata);
    if let Some(name) = config.name_of(metadata.udid.as_ref()) {
        device.name = Some(name.to_owned());
    }
    let mut report = BackupReport {
        path: folder.clone(),
        archived: metadata.archived,
        is_disputed: metadata.is_disputed,
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
        blocks_next_run: verification.blocks_next_run,
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
        clones: inventory.clones,
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
        mending: None,
        // At level quick nobody asked what payloads are.
        storage: match config.level {
            Level::Quick => vec![],
            _ => domains::storage(&manifest, &comparison, apps),
        },
        domains: domains::domains(&manifest, &comparison),
        largest,
        missing_folders: missing_folders.unwrap_or_default(),
        icloud: domains::icloud_estimate(&manifest),
        udid: metadata.udid.clone(),
    };
    report.mending = mendable::offer(
        Seen {
            report: &report,
            metadata: &metadata,
            manifest: &manifest,
            opened: opened.is_some(),
        },
        elsewhere,
    );
    let rest = Rest {
        metadata,
        manifest,
        opened,
        keys,
    };
    (report, rest)
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

/// Why a password that was asked for could not be tried.
pub fn locked_out(backup: &BackupReport) -> Option<Problem> {
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
