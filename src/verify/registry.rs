//! All checks there are.

use super::check::{Check, Run};
use super::evidence::Evidence;
use super::outcome::Outcome;
use super::{contents, device, encryption, files, manifest, places, plists, state};

/// All checks, by theme: those of backups, then those of devices.
pub fn all() -> impl Iterator<Item = &'static Check> {
    [
        state::CHECKS,
        plists::CHECKS,
        manifest::CHECKS,
        encryption::CHECKS,
        files::CHECKS,
        places::CHECKS,
        contents::CHECKS,
        device::CHECKS,
    ]
    .into_iter()
    .flatten()
}

/// The check with this id.
pub fn with_id(id: &str) -> Option<&'static Check> {
    all().find(|check| check.id == id)
}

/// Makes a check of a backup.
type OfBackup = fn(&Evidence<'_>) -> Outcome;

/// Those of backups.
pub(super) fn of_backups() -> impl Iterator<Item = (&'static Check, OfBackup)> {
    all().filter_map(|check| match check.run {
        Run::Backup(run) => Some((check, run)),
        Run::Device(_) | Run::Elsewhere => None,
    })
}
