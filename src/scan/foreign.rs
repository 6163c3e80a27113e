//! Looks for files that are no part of a backup in another backup: only one that lies there in the same place, in the
//! same length, is in both.

use std::collections::HashSet;

use crate::measure;
use crate::model::{BackupReport, Subject, Subjects};

/// So many are looked for by their names; of more, all count as missing, and the first few are named.
const MOST: u64 = 100_000;

/// Those of a backup that another one does not have.
pub fn missing_in(backup: &BackupReport, other: &BackupReport) -> Subjects {
    if backup.foreign.count == 0 || backup.foreign.count > MOST {
        return backup.foreign.clone();
    }
    let own = all(backup);
    // What went since, or cannot be looked into any more, was there.
    if own.count < backup.foreign.count {
        return backup.foreign.clone();
    }
    if other.foreign.count == 0 || other.foreign.count > MOST {
        return own;
    }
    let others = all(other);
    let there: HashSet<_> = others.first.iter().map(key).collect();
    let mut missing = Subjects::new(own.first.len());
    let not_there = own.first.iter().filter(|own| !there.contains(&key(own)));
    not_there.for_each(|subject| missing.add(subject.clone()));
    missing
}

/// All of them by name, which are not too many.
fn all(backup: &BackupReport) -> Subjects {
    measure::foreign(&backup.path, MOST as usize)
}

fn key(subject: &Subject) -> (Option<&str>, u64) {
    (subject.place.as_deref(), subject.bytes)
}
