//! For how long something has lasted that grows by itself, and when it is worth telling again. Pure.

use jiff::Timestamp;

use crate::model::{BackupReport, Device, Finding};
use crate::verify::dates;
use crate::verify::device::BACKUP_STALE;

/// For how many seconds what a finding tells has lasted, where it grows by itself as time passes.
pub fn span(
    finding: &Finding,
    device: &Device,
    backups: &[BackupReport],
    now: Timestamp,
) -> Option<u64> {
    if finding.id != BACKUP_STALE.id {
        return None;
    }
    let age = dates::without_backup(device, backups, now)?;
    u64::try_from(age.as_secs()).ok()
}

/// For how long it had lasted when it was last new, where it was new after `before` seconds and has
/// lasted for `now`.
pub fn last_new(before: Option<u64>, now: u64) -> u64 {
    match before {
        Some(before) if !has_doubled(before, now) => before,
        _ => now,
    }
}

/// Whether what grows by itself has grown so much that it is worth telling again.
pub fn has_doubled(before: u64, now: u64) -> bool {
    now >= before.saturating_mul(2)
}
