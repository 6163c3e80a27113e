//! What a removal gives back (F§14): allocated bytes whose last hard link goes, and of what was cloned the last
//! clone. Pure.

use crate::model::{BackupIndex, BackupReport, Frees, links};

/// What removing all of `members` together gives back.
pub fn frees(backups: &[BackupReport], members: &[BackupIndex]) -> Frees {
    let mut bytes: u64 = 0;
    for index in members {
        let backup = &backups[*index];
        let alone = backup
            .usage
            .allocated
            .saturating_sub(backup.links.allocated())
            .saturating_sub(backup.clones.counted());
        bytes = bytes
            .saturating_add(alone)
            .saturating_add(backup.usage.folders);
    }
    for file in links::merge(members.iter().map(|index| &backups[*index].links)) {
        if file.link.inside >= file.link.links {
            bytes = bytes.saturating_add(file.link.allocated);
        }
    }
    // Where a clone stays, its blocks do. One that nobody looked at may stay, too, and a snapshot of the disk may
    // hold all of it: so this is no more than what may go.
    for content in links::merge(members.iter().map(|index| &backups[*index].clones)) {
        if content.link.inside >= content.link.links {
            bytes = bytes.saturating_add(content.link.allocated);
        }
    }
    let is_known = |index: &BackupIndex| {
        let backup = &backups[*index];
        !backup.shares_blocks() && backup.measured().is_some()
    };
    Frees {
        bytes,
        exact: members.iter().all(is_known),
    }
}
