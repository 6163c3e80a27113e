//! Which backups the history can speak of, for whoever wants one of them forgotten. Pure.

use crate::model::{PastBackup, PastRun, Remembered, StorageGroup};

use super::again::{is_in_its_place, is_same};
use super::shrank;

/// Every backup that a run saw, one a folder and device, in the order in which they were first seen. One
/// that moved stands where it was seen last, with all folders that were its own.
pub fn remembered(runs: &[PastRun]) -> Vec<Remembered> {
    let mut known: Vec<Remembered> = Vec::new();
    for run in runs {
        for backup in &run.backups {
            let found = position(&known, run, backup);
            for other in &mut known {
                let is_own = other.backup.udid == backup.udid;
                other.paths.retain(|path| !is_own || *path != backup.path);
            }
            match found.and_then(|index| known.get_mut(index)) {
                Some(known) => {
                    known.backup = backup.clone();
                    known.seen = run.at;
                    known.paths.insert(0, backup.path.clone());
                }
                None => known.push(Remembered {
                    backup: backup.clone(),
                    seen: run.at,
                    paths: vec![backup.path.clone()],
                }),
            }
        }
    }
    known
}

/// Whether the history can tell of a backup that is there: an earlier run saw another one in its folders,
/// or it was the newest one of its device and held much more than what is the newest now.
pub fn was_more(runs: &[PastRun], known: &Remembered) -> bool {
    let is_own = |backup: &&PastBackup| {
        known.paths.contains(&backup.path) && backup.udid == known.backup.udid
    };
    let before = runs.iter().filter(|run| run.at < known.seen);
    let mut before =
        before.flat_map(|run| run.backups.iter().filter(is_own).map(move |own| (run, own)));
    let now = newest_groups(runs, known);
    before.any(|(run, then)| {
        let is_it = is_same(&known.backup, then) || is_in_its_place(&known.backup, then);
        let newest = then
            .udid
            .as_ref()
            .and_then(|udid| shrank::newest_good(run, udid));
        let groups = then.keepsakes.as_ref().filter(|_| newest == Some(then));
        let lost = groups
            .zip(now)
            .and_then(|(then, now)| shrank::lost(then, now));
        !then.forgotten && (!is_it || lost.is_some())
    })
}

/// What the newest good backup of its device held when that was last known.
fn newest_groups<'a>(runs: &'a [PastRun], known: &Remembered) -> Option<&'a Vec<StorageGroup>> {
    let udid = known.backup.udid.as_ref()?;
    let mut runs = runs.iter().rev();
    runs.find_map(|run| shrank::newest_good(run, udid)?.keepsakes.as_ref())
}

/// Which of those that are known a backup is that a run saw: the one in its folder, else the one that was
/// it and is not in its own folder any more.
fn position(known: &[Remembered], run: &PastRun, backup: &PastBackup) -> Option<usize> {
    let is_it =
        |one: &PastBackup, other: &PastBackup| one.path == other.path && one.udid == other.udid;
    let has_left = |known: &PastBackup| !run.backups.iter().any(|seen| is_it(seen, known));
    let here = known.iter().position(|known| is_it(&known.backup, backup));
    here.or_else(|| {
        let mut known = known.iter();
        known.position(|known| has_left(&known.backup) && is_same(&known.backup, backup))
    })
}
