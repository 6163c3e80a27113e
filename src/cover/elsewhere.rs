//! What backups of other devices hold of one.

use std::cmp::Reverse;

use crate::model::{BackupIndex, BackupReport, HeldElsewhere, KeepsakeGroup, Verdict};

use super::held;

/// Which newer complete backup of another device holds most keepsakes of this one, if one holds any: of those
/// that stay.
pub fn held_elsewhere(
    backups: &[BackupReport],
    index: BackupIndex,
    stays: impl Fn(BackupIndex) -> bool,
) -> Option<HeldElsewhere> {
    let own = &backups[index];
    let keepsakes = own.holdings.keepsakes.as_ref()?;
    let date = own.last_backup?.at;
    let of_files = keepsakes.count() as u64;
    let others = BackupIndex::all(backups.len()).filter(|other| stays(*other));
    let others = others.filter(|other| {
        let other = &backups[*other];
        let is_newer = other.last_backup.is_some_and(|last| last.at > date);
        other.udid != own.udid && other.verdict == Verdict::Complete && !other.in_trash && is_newer
    });
    let held = others.filter_map(|by| {
        let other = backups[by].holdings.keepsakes.as_ref()?;
        let groups = KeepsakeGroup::ALL.into_iter();
        let files = groups.map(|group| held::pairs(keepsakes, other, group).len() as u64);
        Some(HeldElsewhere {
            by,
            files: files.sum(),
            of_files,
        })
    });
    held.filter(|held| held.files > 0)
        .max_by_key(|held| (held.files, Reverse(held.by)))
}
