//! Whether a folder is as it was judged, and at rest.

use std::path::Path;
use std::time::SystemTime;

use jiff::{SignedDuration, Timestamp};

use crate::measure;
use crate::model::{Inventory, RUNNING_WITHIN};
use crate::words::numbers;

use super::outcome::{Outcome, refused};

pub(super) fn survey(path: &Path, now: Timestamp) -> Inventory {
    let tomorrow = now.saturating_add(SignedDuration::from_hours(24));
    measure::survey(path, SystemTime::from(tomorrow.unwrap_or(now)))
}

/// Whether a folder is as it was judged, and nothing was written to it within the hour, unless that is
/// when all of it was.
pub(super) fn unchanged(
    fingerprint: u64,
    is_fresh_copy: bool,
    seen: &Inventory,
    now: Timestamp,
) -> Result<(), Outcome> {
    let is_same = seen.fingerprint == fingerprint;
    if let Some((path, why)) = seen.denied.places.first.first() {
        let path = path.display();
        return Err(refused(format!("{path} could not be looked at: {why}")));
    }
    let recent = seen
        .newest_change
        .filter(|change| now.duration_since(*change) < RUNNING_WITHIN)
        .filter(|_| !(is_fresh_copy && is_same));
    if let Some(change) = recent {
        let file = seen.newest_file.as_deref().unwrap_or("a file");
        let ago = now.duration_since(change).as_mins().max(0);
        let ago = numbers::counted(ago.unsigned_abs(), "minute", "minutes");
        return Err(Outcome::Refused {
            why: format!("{file} changed {ago} ago, a backup may be running"),
            again: change.checked_add(RUNNING_WITHIN).ok(),
        });
    }
    if !is_same {
        return Err(refused("its files changed since it was looked at"));
    }
    Ok(())
}
