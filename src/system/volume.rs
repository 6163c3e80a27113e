//! The volume that something lies on.

use std::path::Path;

use crate::model::Volume;

use super::file::identity;
#[cfg(unix)]
use super::unix as imp;
#[cfg(windows)]
use super::windows as imp;

/// The volume that `path` is on, by a number that stays the same when it is mounted anew, where the system
/// has one, and is another one for another disk in the same place. `None` where it cannot be told.
pub fn lasting_volume(path: &Path) -> Option<u64> {
    let number = || identity(path).ok().flatten().map(|(volume, _)| volume);
    imp::file_system(path).or_else(number)
}

/// The file system that `path` is on, and the room there; `None` where the system does not tell.
pub fn volume(path: &Path) -> Option<Volume> {
    // Some file systems of user programs answer with zeros for what they do not know.
    let total = fs4::total_space(path).ok().filter(|total| *total > 0)?;
    Some(Volume {
        total,
        available: fs4::available_space(path).ok()?,
        shares_blocks: imp::shares_blocks(path),
        read_only: imp::is_read_only(path),
    })
}
