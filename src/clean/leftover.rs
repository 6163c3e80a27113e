//! What a stopped removal leaves: a folder under the name that a removal gives (contract §9). The
//! name alone is no proof that it is ours, and one that is still whole is a backup. Unknown means
//! keep.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::Timestamp;

use crate::facts::names;
use crate::model::{
    BackupIndex, BackupReport, BesideKind, FileId, Frees, Inventory, Report, Verdict,
};
use crate::read::describe;
use crate::state::StateFolder;
use crate::system::{Kind, Named};
use crate::verify::standing;
use crate::{measure, read, system};

/// A folder that a stopped removal left, and that may be finished.
#[derive(Clone, Debug)]
pub struct Leftover {
    /// Where it is.
    pub path: PathBuf,
    /// What it gives back.
    pub frees: Frees,
    /// The backup that stands in for it, where nothing of it is gone yet.
    pub stands_in: Option<BackupIndex>,
    /// Made of its files; another one means that something changed.
    pub fingerprint: u64,
}

/// What stopped removals left in the folders of this report; `state` knows whose removal was noted.
/// The second part of the answer are sentences about those that stay.
pub fn leftovers(
    report: &Report,
    now: Timestamp,
    state: &StateFolder,
) -> (Vec<Leftover>, Vec<String>) {
    let mut found = Vec::new();
    let mut kept = Vec::new();
    for beside in &report.beside {
        if beside.kind != BesideKind::RemovalUnfinished {
            continue;
        }
        let path = &beside.path;
        let shown = path.display();
        let identity = system::identity(path).ok().flatten();
        let is_ours = identity.is_some_and(|identity| state.has_begun(identity));
        match look(report, path, now, is_ours) {
            Ok(stands_in) => {
                let seen = measure::survey(path, SystemTime::from(now));
                if seen.holds_backup {
                    kept.push(format!("{shown} stays: another backup lies in it"));
                    continue;
                }
                found.push(Leftover {
                    path: path.clone(),
                    frees: frees(path, &seen),
                    stands_in,
                    fingerprint: seen.fingerprint,
                });
            }
            Err(why) => kept.push(format!("{shown} stays: {why}")),
        }
    }
    (found, kept)
}

/// Whether a folder may be finished, and the backup that stands in for it where it is still whole.
///
/// # Errors
/// Why it may not.
fn look(
    report: &Report,
    path: &Path,
    now: Timestamp,
    is_ours: bool,
) -> Result<Option<BackupIndex>, String> {
    let is_folder = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir());
    let Some(names) = listed(path).filter(|_| is_folder) else {
        return Err("it is not a folder that can be listed".to_owned());
    };
    let foreign = names.iter().find(|name| !is_of_backup(path, name));
    if let Some(foreign) = foreign.filter(|_| !is_ours) {
        return Err(format!(
            "it holds {foreign}, which is of no backup; remove it by hand if it is not needed"
        ));
    }
    // It goes first: where it is still there, nothing is gone.
    if !names.iter().any(|name| name == "Status.plist") {
        return Ok(None);
    }
    let stands_in = is_ours.then(|| stands_in(report, path, now)).flatten();
    stands_in.map(Some).ok_or_else(|| {
        format!(
            "nothing of it is gone yet, and it is not known that it may go; take {} off its name to \
             have it judged again",
            names::ASIDE
        )
    })
}

/// What removing the folder gives back.
fn frees(path: &Path, seen: &Inventory) -> Frees {
    let links = seen.links.iter().map(|(_, link)| link);
    let kept = links.filter(|link| link.inside < link.links);
    let kept = kept.fold(0, |sum: u64, link| sum.saturating_add(link.allocated));
    let counted_again = (seen.clones.counted()).saturating_sub(seen.clones.allocated());
    let files = (seen.usage.allocated)
        .saturating_sub(kept)
        .saturating_sub(counted_again);
    Frees {
        bytes: files.saturating_add(seen.usage.folders),
        exact: system::volume(path).is_some_and(|volume| !volume.shares_blocks),
    }
}

/// Whether an entry is what a backup has, by its name and the names in it.
fn is_of_backup(path: &Path, name: &str) -> bool {
    let below = || listed(&path.join(name)).unwrap_or_default();
    match names::shard_number(name) {
        Some(_) => below().iter().all(|inner| is_payload(inner, name)),
        None if name == "Snapshot" => below()
            .iter()
            .all(|inner| is_metadata(inner) || names::shard_number(inner).is_some()),
        None => is_metadata(name) || is_payload(name, ""),
    }
}

/// The names in a folder, clutter aside; nothing where it cannot be listed.
fn listed(path: &Path) -> Option<Vec<String>> {
    let is_clutter = |entry: &Named| match entry.kind() {
        Ok(Kind::Folder) => names::is_clutter_folder(&entry.name()),
        _ => names::is_clutter(&entry.name()),
    };
    let entries = system::list_names(path).ok()?.flatten();
    let entries = entries.filter(|entry| !is_clutter(entry));
    Some(
        entries
            .map(|entry| entry.name().to_string_lossy().into_owned())
            .collect(),
    )
}

fn is_metadata(name: &str) -> bool {
    name.starts_with("Manifest.") || ["Status.plist", "Info.plist", "Snapshot"].contains(&name)
}

fn is_payload(name: &str, shard: &str) -> bool {
    FileId::parse(name.as_bytes()).is_some()
        && name.to_lowercase().starts_with(&shard.to_lowercase())
}

/// A complete backup of the same device, on the same volume, that is newer than the folder at `path`.
fn stands_in(report: &Report, path: &Path, now: Timestamp) -> Option<BackupIndex> {
    let name = path.file_name()?.to_string_lossy().into_owned();
    let metadata = read::metadata::read(path, name.strip_prefix(names::ASIDE)?);
    let udid = metadata.udid.as_ref()?;
    let volume = system::identity(path).ok()??.0;
    let date = describe::last_backup(&metadata)?.at;
    let status = metadata.status.value().and_then(|status| status.date);
    let info = metadata.info.value().and_then(|info| info.last_backup);
    let newest = [Some(date), status, info].into_iter().flatten().max()?;
    let is_plain = metadata.encrypted() == Some(false);
    let fits = |by: &BackupReport| {
        // An encrypted backup has more in it than a plain one.
        by.udid.as_ref() == Some(udid)
            && by.volume == Some(volume)
            && by.verdict == Verdict::Complete
            && !by.is_disputed
            && (is_plain || by.encrypted == Some(true))
            && standing::newest_date(by, now).is_some_and(|date| date > newest)
    };
    report.backups.iter().position(fits).map(BackupIndex::new)
}
