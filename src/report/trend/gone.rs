//! Which backups that earlier runs saw are not there any more, and whether what is left covers them.
//! Pure.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

use crate::facts::names::ASIDE;
use crate::model::{BesideKind, PastBackup, PastRemoval, PastRun, Report, StorageGroup, Verdict};
use crate::verify::standing::is_good;

use super::again::{is_in_its_place, is_same};
use super::ground::Ground;
use super::kept::kept;
use super::subject::Places;

/// For how long after it was last seen a backup is told of.
const TOLD_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A backup that is not there any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gone<'a> {
    /// As it was seen last.
    pub backup: &'a PastBackup,
    /// When the last run was that saw it.
    pub seen: Timestamp,
    /// Whether no run before this one could have missed it.
    pub is_first: bool,
    /// What there is in its stead.
    pub left: Left,
}

/// What good backups of its device are left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Left {
    /// One that holds as much by every group.
    Enough,
    /// None that is known to.
    Less,
    /// None.
    Nothing,
}

/// What a run saw and no later one did.
struct Missing<'a> {
    backup: &'a PastBackup,
    run: &'a PastRun,
    /// Whether a later run could have seen it.
    is_missed: bool,
}

/// The backups that are not there any more and are to be told of, in the order in which they were
/// recorded. `runs` are all that are remembered, in that order.
pub fn find<'a>(report: &Report, runs: &'a [PastRun], ground: &Ground<'_>) -> Vec<Gone<'a>> {
    let now = kept(report, ground);
    let goods = now.iter().zip(&report.backups);
    let goods: Vec<&PastBackup> = goods
        .filter(|(_, backup)| is_good(backup))
        .map(|(kept, _)| kept)
        .collect();
    let begun = begun(report, ground);
    let mut missing = missing(runs, ground.roots);
    missing.retain(|missing| !is_there(&now, missing.backup));
    let volume = |root: &Path| volume_of(ground.roots, ground.volumes, root);
    let told = missing.iter().filter(|missing| {
        let Missing { backup, run, .. } = missing;
        // A folder with nothing but Info.plist is a copy of nothing.
        backup.files > 1
            && could_be_seen(backup, run, volume)
            && !is_behind_trouble(report, backup)
            && !is_at_work(&now, backup)
            && backup.volume.is_some()
            && (ground.volume_of)(&backup.path) == backup.volume
            && !is_removed(backup, run.at, ground.removals)
            && !begun.iter().any(|aside| is_aside_of(aside, &backup.path))
    });
    let told = told.map(|missing| Gone {
        backup: missing.backup,
        seen: missing.run.at,
        is_first: !missing.is_missed,
        left: left(missing.backup, &goods, &now),
    });
    told.filter(|gone| {
        let is_recent = report.started_at.duration_since(gone.seen) <= TOLD_FOR;
        gone.is_first || (is_recent && gone.left > Left::Enough)
    })
    .collect()
}

/// Whether it lay where this run could not look: nobody knows whether it still does.
fn is_behind_trouble(report: &Report, backup: &PastBackup) -> bool {
    let mut blocking = report.problems.iter().filter(|problem| problem.blocking);
    blocking.any(|problem| backup.path.starts_with(&problem.path))
}

/// What runs over the same roots saw, and none of them after it.
fn missing<'a>(runs: &'a [PastRun], roots: &[PathBuf]) -> Vec<Missing<'a>> {
    let wanted: BTreeSet<&PathBuf> = roots.iter().collect();
    let is_of_them = |run: &&PastRun| run.roots.iter().collect::<BTreeSet<_>>() == wanted;
    let mut missing: Vec<Missing<'a>> = Vec::new();
    for run in runs.iter().filter(is_of_them) {
        missing.retain(|missing| !is_there(&run.backups, missing.backup));
        let volume = |root: &Path| volume_of(&run.roots, &run.volumes, root);
        for missing in &mut missing {
            let backup = missing.backup;
            missing.is_missed |=
                could_be_seen(backup, missing.run, volume) && !is_at_work(&run.backups, backup);
        }
        let seen = run.backups.iter().filter(|backup| !backup.forgotten);
        missing.extend(seen.map(|backup| Missing {
            backup,
            run,
            is_missed: false,
        }));
    }
    missing
}

/// The volume that a root was on, where these are those of these roots.
fn volume_of(roots: &[PathBuf], volumes: &[Option<u64>], root: &Path) -> Option<u64> {
    let position = roots.iter().position(|other| other == root)?;
    *volumes.get(position)?
}

/// Whether its device is at work on a backup: what that one will hold is not known yet.
fn is_at_work(backups: &[PastBackup], wanted: &PastBackup) -> bool {
    let own = |backup: &&PastBackup| backup.udid.is_some() && backup.udid == wanted.udid;
    let mut own = backups.iter().filter(own);
    own.any(|backup| backup.verdict == Verdict::InProgress)
}

/// Whether one of these is the backup, or is what became of it in its folder.
fn is_there(backups: &[PastBackup], wanted: &PastBackup) -> bool {
    let mut backups = backups.iter();
    backups.any(|backup| is_same(backup, wanted) || is_in_its_place(backup, wanted))
}

/// Whether a run whose roots are on these volumes would have seen a backup that `run` saw: each root is on
/// the same one as then, above all that in which it was. A root that was away then may be away now.
fn could_be_seen(
    backup: &PastBackup,
    run: &PastRun,
    volume: impl Fn(&Path) -> Option<u64>,
) -> bool {
    let roots = || run.roots.iter().zip(&run.volumes);
    let mut around = roots().filter(|(root, _)| backup.path.starts_with(root));
    let was_known = around.any(|(_, volume)| volume.is_some());
    was_known && roots().all(|(root, then)| then.is_none() || volume(root) == *then)
}

/// Folders that bkscan has begun to remove.
fn begun(report: &Report, ground: &Ground<'_>) -> Vec<PathBuf> {
    let places = Places::new(&report.roots, ground.roots);
    let beside = report.beside.iter();
    beside
        .filter(|beside| beside.kind == BesideKind::RemovalUnfinished)
        .map(|beside| places.canonical(&beside.path))
        .collect()
}

/// Whether bkscan removed it: it, and not another backup in the same place. Of lines that tell no more
/// than the place, those from before it was last seen are about another one.
fn is_removed(backup: &PastBackup, seen: Timestamp, removals: &[PastRemoval]) -> bool {
    removals.iter().any(|removal| {
        let is_told = removal.last_backup.is_some() || removal.status_uuid.is_some();
        let is_it = match is_told {
            true => {
                removal.last_backup == backup.last_backup
                    && removal.status_uuid == backup.status_uuid
                    && removal.udid == backup.udid
            }
            false => removal.at >= seen,
        };
        let is_here = removal.path == backup.path || is_aside_of(&removal.path, &backup.path);
        is_here && is_it
    })
}

/// Whether a folder is what bkscan renamed another one to, to remove it.
fn is_aside_of(aside: &Path, folder: &Path) -> bool {
    let name = |path: &Path| {
        path.file_name()
            .map(|name| name.to_string_lossy().into_owned())
    };
    let (Some(aside_name), Some(own)) = (name(aside), name(folder)) else {
        return false;
    };
    let rest = aside_name.strip_prefix(ASIDE);
    let rest = rest.and_then(|rest| rest.strip_prefix(own.as_str()));
    // Where the name was taken, with a number.
    aside.parent() == folder.parent()
        && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

fn left(gone: &PastBackup, goods: &[&PastBackup], all: &[PastBackup]) -> Left {
    let is_own = |backup: &PastBackup| backup.udid.is_some() && backup.udid == gone.udid;
    let own: Vec<&PastBackup> = goods.iter().copied().filter(|good| is_own(good)).collect();
    let mut closed = all.iter().filter(|backup| is_own(backup));
    let is_closed = closed.any(|backup| backup.verdict == Verdict::Unreadable);
    if own.iter().any(|good| covers(good, gone)) {
        Left::Enough
    } else if own.is_empty() && !is_closed {
        Left::Nothing
    } else {
        Left::Less
    }
}

/// Whether one backup holds at least as much as another one of every group that is known of both.
fn covers(good: &PastBackup, gone: &PastBackup) -> bool {
    let (Some(good), Some(gone)) = (&good.keepsakes, &gone.keepsakes) else {
        return false;
    };
    let holds = |group: &StorageGroup| {
        let same = good.iter().find(|other| other.name == group.name);
        let (files, bytes) = same.map_or((0, 0), |same| (same.files, same.bytes));
        files >= group.files && bytes >= group.bytes
    };
    gone.iter().all(holds)
}
