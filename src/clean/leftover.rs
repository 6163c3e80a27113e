//! What a stopped removal leaves: a folder under the name that a removal gives (contract §9). The
//! name alone is no proof that it is ours, and one that is still whole is a backup. Unknown means
//! keep.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::{SignedDuration, Timestamp};

use crate::model::{BesideKind, FileId, Frees, Report};
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
}

/// What stands beside the backups and looks as if a removal had been stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Nothing of a backup is in it.
    NotOurs,
    /// Its removal was begun.
    Begun,
    /// Nothing of it is gone.
    Whole,
}

/// What stopped removals left in the folders of this report. The second part are sentences about
/// those that stay.
pub fn leftovers(report: &Report, now: Timestamp) -> (Vec<Leftover>, Vec<String>) {
    let mut found = Vec::new();
    let mut kept = Vec::new();
    for beside in &report.beside {
        if beside.kind != BesideKind::RemovalUnfinished {
            continue;
        }
        let path = &beside.path;
        let shown = path.display();
        let stands_in = match look(path) {
            Kind::NotOurs => {
                kept.push(format!("{shown} stays: it holds nothing of a backup"));
                continue;
            }
            Kind::Begun => None,
            Kind::Whole => match stands_in(report, path, now) {
                Some(by) => Some(by),
                None => {
                    kept.push(format!(
                        "{shown} stays: its removal was not begun, and no newer good backup of the \
                         device was found here. Take {} off its name to have it judged again",
                        names::ASIDE
                    ));
                    continue;
                }
            },
        };
        let exact = platform::volume(path).is_some_and(|volume| !volume.shares_blocks);
        found.push(Leftover {
            path: path.clone(),
            frees: Frees {
                bytes: beside.bytes,
                exact,
            },
            stands_in,
        });
    }
    (found, kept)
}

/// Whether the folder still holds, or no longer holds, what a removal takes away first.
fn look(path: &Path) -> Kind {
    let is_folder = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir());
    let Ok(entries) = fs::read_dir(path) else {
        return Kind::NotOurs;
    };
    let names: Vec<String> = entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !names::is_clutter(name.as_ref()))
        .collect();
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    let of_backup = |name: &String| {
        name.starts_with("Manifest.")
            || ["Status.plist", "Info.plist", "Snapshot"].contains(&name.as_str())
            || names::shard_number(name).is_some()
            || FileId::parse(name.as_bytes()).is_some()
    };
    match () {
        () if !is_folder => Kind::NotOurs,
        // Status.plist goes first: where it is still there, nothing is gone.
        () if has("Status.plist") => Kind::Whole,
        // Folders go last, the outermost at the very end.
        () if names.is_empty() || names.iter().any(of_backup) => Kind::Begun,
        () => Kind::NotOurs,
    }
}

/// Whether a folder is still what it was found to be.
pub(super) fn may_be_finished(path: &Path, stands_in: Option<usize>) -> bool {
    match look(path) {
        Kind::NotOurs => false,
        Kind::Begun => true,
        Kind::Whole => stands_in.is_some(),
    }
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
    let is_newer = newest < plan::newest_date(by, now)?;
    (is_quiet && as_much && is_newer).then_some(good)
}
