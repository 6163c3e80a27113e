//! What a stopped removal leaves: a folder under the name that a removal gives (contract §9). The
//! name alone is no proof that it is ours, and one that is still whole is a backup. Unknown means
//! keep.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::{SignedDuration, Timestamp};

use crate::model::{BesideKind, FileId, Frees, Report, Verdict};
use crate::state::StateFolder;
use crate::{describe, measure, names, plan, platform, read};

/// A folder that a stopped removal left, and that may be finished.
#[derive(Clone, Debug)]
pub struct Leftover {
    /// Where it is.
    pub path: PathBuf,
    /// What it gives back.
    pub frees: Frees,
    /// The backup that stands in for it, by index, where nothing of it is gone yet.
    pub stands_in: Option<usize>,
    /// Whether its removal was noted, so that it is ours whatever is in it.
    pub is_ours: bool,
}

/// What a folder with the name that a removal gives looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Look {
    /// Something is in it that is of no backup, or it cannot be listed.
    is_foreign: bool,
    /// Nothing of it is gone.
    is_whole: bool,
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
        let identity = platform::identity(path).ok().flatten();
        let is_ours = identity.is_some_and(|identity| state.has_begun(identity));
        let look = look(path);
        if look.is_foreign && !is_ours {
            kept.push(format!(
                "{shown} stays: it holds something that is of no backup"
            ));
            continue;
        }
        let stands_in = stands_in(report, path, now).filter(|_| look.is_whole);
        if look.is_whole && stands_in.is_none() {
            kept.push(format!(
                "{shown} stays: its removal was not begun, and no newer complete backup of the device \
                 was found here. Take {} off its name to have it judged again",
                names::ASIDE
            ));
            continue;
        }
        found.push(Leftover {
            path: path.clone(),
            frees: frees(path),
            stands_in,
            is_ours,
        });
    }
    (found, kept)
}

/// What removing the folder gives back.
fn frees(path: &Path) -> Frees {
    let seen = measure::survey(path, SystemTime::UNIX_EPOCH);
    let kept = seen.links.iter().filter(|link| link.inside < link.links);
    let kept = kept.fold(0, |sum: u64, link| sum.saturating_add(link.allocated));
    let files = seen.usage.allocated.saturating_sub(kept);
    Frees {
        bytes: files.saturating_add(seen.usage.folders),
        exact: platform::volume(path).is_some_and(|volume| !volume.shares_blocks),
    }
}

/// What stands there by its names, two levels down.
fn look(path: &Path) -> Look {
    let is_folder = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir());
    let Some(names) = listed(path).filter(|_| is_folder) else {
        return Look {
            is_foreign: true,
            is_whole: false,
        };
    };
    let of_backup = |name: &String| {
        let below = || listed(&path.join(name)).unwrap_or_default();
        match names::shard_number(name) {
            Some(_) => below().iter().all(|inner| is_payload(inner, name)),
            None if name == "Snapshot" => below()
                .iter()
                .all(|inner| is_metadata(inner) || names::shard_number(inner).is_some()),
            None => is_metadata(name) || is_payload(name, ""),
        }
    };
    Look {
        is_foreign: !names.iter().all(of_backup),
        // It goes first: where it is still there, nothing is gone.
        is_whole: names.iter().any(|name| name == "Status.plist"),
    }
}

/// The names in a folder, clutter aside; nothing where it cannot be listed.
fn listed(path: &Path) -> Option<Vec<String>> {
    let names = fs::read_dir(path).ok()?.flatten();
    let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
    Some(
        names
            .filter(|name| !names::is_clutter(name.as_ref()))
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

/// Whether a folder is still what it was found to be.
pub(super) fn may_be_finished(path: &Path, stands_in: Option<usize>, is_ours: bool) -> bool {
    let look = look(path);
    (is_ours || !look.is_foreign) && (stands_in.is_some() || !look.is_whole)
}

/// The good backup of the same device that is newer than the folder at `path`, if nothing in that
/// changed within the hour.
fn stands_in(report: &Report, path: &Path, now: Timestamp) -> Option<usize> {
    let name = path.file_name()?.to_string_lossy().into_owned();
    let metadata = read::metadata::read(path, name.strip_prefix(names::ASIDE)?);
    let udid = metadata.udid.as_ref()?;
    let device = report
        .devices
        .iter()
        .find(|device| device.udid.as_ref() == Some(udid))?;
    let good = device.newest_good?;
    let date = describe::last_backup(&metadata)?.at;
    let status = metadata.status.value().and_then(|status| status.date);
    let info = metadata.info.value().and_then(|info| info.last_backup);
    let newest = [Some(date), status, info].into_iter().flatten().max()?;
    let hour = SignedDuration::from_hours(1);
    let surveyed = measure::survey(path, SystemTime::from(now));
    let is_quiet = surveyed
        .newest_change
        .is_some_and(|change| now.duration_since(change) >= hour);
    let by = &report.backups[good];
    // An encrypted backup has more in it than a plain one.
    let as_much = metadata.encrypted() == Some(false) || by.encrypted == Some(true);
    let as_much = as_much && by.verdict == Verdict::Complete;
    let is_newer = newest < plan::newest_date(by, now)?;
    (is_quiet && as_much && is_newer).then_some(good)
}
