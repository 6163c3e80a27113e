//! What the next backup of a device needs, and whether there is room. Pure.

use jiff::Timestamp;

use crate::model::{BackupIndex, BackupReport, Device, Verdict};

use super::dates::is_current;
use super::state::LEFTOVER;

/// What the next backup of a device in use needs, and what there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextBackup {
    /// The backup whose size it is estimated from.
    pub index: BackupIndex,
    /// Bytes that it may need where it only updates that one.
    pub update: u64,
    /// Bytes that it takes where all is sent anew, about.
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
    if !is_current(device, backups, now)
        || members().any(|backup| backup.verdict == Verdict::InProgress)
    {
        return None;
    }
    let index = reference(device, backups)?;
    // Where several folders are of one device, nobody knows which one the next run goes to.
    let free = members()
        .filter(|backup| !backup.archived)
        .filter_map(|backup| backup.disk)
        .filter(|disk| disk.total > 0 && !disk.read_only)
        .map(|disk| disk.available)
        .max()?;
    let full = full_size(&backups[index]);
    Some(NextBackup {
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

/// The backup whose size tells how large a full one of the device is: the newest that came to its
/// end, else the newest that holds anything and could be looked at.
fn reference(device: &Device, backups: &[BackupReport]) -> Option<BackupIndex> {
    let newest = |fits: &dyn Fn(Verdict) -> bool| {
        let members = device.backups.iter().copied();
        let mut fitting =
            members.filter(|index| !backups[*index].only_info && fits(backups[*index].verdict));
        fitting.next()
    };
    newest(&|verdict| verdict >= Verdict::Corrupt)
        .or_else(|| newest(&|verdict| verdict == Verdict::Incomplete))
}
