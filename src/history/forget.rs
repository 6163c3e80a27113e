//! Which backups the history can speak of, for whoever wants one of them forgotten. Pure.

use crate::model::{PastBackup, PastRun, Remembered};

use super::again::is_same;

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
            match found.and_then(|at| known.get_mut(at)) {
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

/// Which of those that are known a backup is that a run saw: the one in its folder, else the one that was
/// it and is not in its own folder any more.
fn position(known: &[Remembered], run: &PastRun, backup: &PastBackup) -> Option<usize> {
    let is_at =
        |at: &PastBackup, other: &PastBackup| at.path == other.path && at.udid == other.udid;
    let has_left = |known: &PastBackup| !run.backups.iter().any(|seen| is_at(seen, known));
    let here = known.iter().position(|known| is_at(&known.backup, backup));
    here.or_else(|| {
        let mut known = known.iter();
        known.position(|known| has_left(&known.backup) && is_same(&known.backup, backup))
    })
}
