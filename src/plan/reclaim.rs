//! What a removal gives back (F§14): allocated bytes whose last hard link goes. Pure.

use std::collections::HashMap;

use crate::model::{BackupReport, Frees};

/// What removing all of `members` together gives back.
pub fn frees(backups: &[BackupReport], members: &[usize]) -> Frees {
    let mut bytes: u64 = 0;
    // For each file with several names: how many there are, how many go, and its blocks.
    let mut linked: HashMap<(u64, u64), (u64, u64, u64)> = HashMap::new();
    for at in members {
        let backup = &backups[*at];
        let shared: u64 = backup.links.iter().map(|link| link.allocated).sum();
        bytes = bytes
            .saturating_add(backup.usage.allocated.saturating_sub(shared))
            .saturating_add(backup.usage.folders);
        for link in &backup.links {
            let entry =
                linked
                    .entry((link.device, link.inode))
                    .or_insert((link.links, 0, link.allocated));
            entry.1 += link.inside;
        }
    }
    for (names, going, allocated) in linked.into_values() {
        if going >= names {
            bytes = bytes.saturating_add(allocated);
        }
    }
    Frees {
        bytes,
        exact: members.iter().all(|at| !backups[*at].shares_blocks()),
    }
}
