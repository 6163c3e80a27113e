//! What the next backup of a device needs, and whether there is room. Pure.

use jiff::Timestamp;

use crate::model::{BackupIndex, BackupReport, Device, Verdict};

use super::dates;
use super::state::LEFTOVER;

/// What the next backup of a device in use needs, and what there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextBackup {
    /// The device's newest backup.
    pub newest: BackupIndex,
    /// The backup whose size it is estimated from; nothing where no good one is new enough.
    pub index: Option<BackupIndex>,
    /// Bytes that it may need where it only updates that one; else those that the device asks for at least.
    pub update: u64,
    /// Bytes that it takes where all is sent anew, about; 0 where that cannot be known.
    pub full: u64,
    /// Bytes that are free.
    pub free: u64,
}

/// What the next backup of a device needs; nothing where that cannot be known: for a device that is
/// out of use or at work, and for copies that are kept where no new backup goes.
pub fn next_backup(
    device: &Device,
    backups: &[BackupReport],
    now: Timestamp,
) -> Option<NextBackup> {
    let members = || device.backups.iter().map(|index| &backups[*index]);
    if !dates::is_current(device, backups, now)
        || members().any(|backup| backup.verdict == Verdict::InProgress)
    {
        return None;
    }
    let holds_any = |index: &BackupIndex| {
        !backups[*index].only_info && backups[*index].verdict >= Verdict::Incomplete
    };
    let newest = device.backups.iter().copied().find(holds_any)?;
    let index = dates::recent_good(device, backups, now);
    // Where several folders are of one device, nobody knows which one the next run goes to.
    let free = members()
        .filter(|backup| !backup.archived)
        .filter_map(|backup| backup.disk)
        .filter(|disk| disk.total > 0 && !disk.read_only)
        .map(|disk| disk.available)
        .max()?;
    let full = index.map_or(0, |index| full_size(&backups[index]));
    Some(NextBackup {
        newest,
        index,
        update: needed_for_update(full),
        full,
        free,
    })
}

/// What a backup takes without what earlier runs and other tools left in its folder.
fn full_size(backup: &BackupReport) -> u64 {
    let leftovers = backup.findings.iter();
    let leftovers = leftovers.filter(|finding| finding.id == LEFTOVER.id);
    leftovers.fold(backup.usage.allocated, |rest, finding| {
        rest.saturating_sub(finding.bytes)
    })
}

/// Bytes that the next backup of a device may need where it only updates one of `newest` bytes:
/// what the device asks for beside its upload (F§3), and a guess at the upload.
fn needed_for_update(newest: u64) -> u64 {
    const MIB: u64 = 1024 * 1024;
    128 * MIB + (2048 * MIB).max(newest / 20)
}
