//! Looks for files that are no part of a backup in another backup: only one that lies there in the same place, in the
//! same length, is in both.

use std::collections::HashSet;

use crate::measure;
use crate::model::{BackupReport, Subject, Subjects};

/// So many are looked for by their names; of more, all count as missing.
const MOST: usize = 100_000;

/// Those of a backup that another one does not have, the first of them by name.
pub fn missing_in(backup: &BackupReport, other: &BackupReport) -> Subjects {
    if backup.foreign.count == 0 {
        return Subjects::default();
    }
    let own = measure::foreign(&backup.path, MOST);
    // What went since, or cannot be looked into any more, was there.
    if own.count < backup.foreign.count {
        return backup.foreign.clone();
    }
    if other.foreign.count == 0 || own.first.len() as u64 != own.count {
        return own;
    }
    let others = measure::foreign(&other.path, MOST);
    let key = |subject: &Subject| (subject.place.clone(), subject.bytes);
    let there: HashSet<_> = others.first.iter().map(key).collect();
    let mut missing = Subjects::new(MOST);
    let not_there = own.first.iter().filter(|own| !there.contains(&key(own)));
    not_there.for_each(|subject| missing.add(subject.clone()));
    missing
}
