//! What a removal gives back (F§14): allocated bytes whose last hard link goes. Pure.

use crate::model::{BackupIndex, BackupReport, Frees, links};

/// What removing all of `members` together gives back.
pub fn frees(backups: &[BackupReport], members: &[BackupIndex]) -> Frees {
    let mut bytes: u64 = 0;
    for index in members {
        let backup = &backups[*index];
        let alone = backup
            .usage
            .allocated
            .saturating_sub(backup.links.allocated());
        bytes = bytes
            .saturating_add(alone)
            .saturating_add(backup.usage.folders);
    }
    for file in links::merge(members.iter().map(|index| &backups[*index].links)) {
        if file.link.inside >= file.link.links {
            bytes = bytes.saturating_add(file.link.allocated);
        }
    }
    Frees {
        bytes,
        exact: members.iter().all(|index| !backups[*index].shares_blocks()),
    }
}
