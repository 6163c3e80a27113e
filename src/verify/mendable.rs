//! Which findings a mended copy would not have (contract §11): the one place that `mend` and advice have it from.

use crate::model::{BackupReport, Effect};

use super::contents::{DIGEST_MISMATCH, PAYLOAD_READ_ERROR};
use super::encryption::KEY_INVALID;
use super::files::{
    FILE_MISSING, PAYLOAD_EMPTY, PAYLOAD_IN_CLOUD, PAYLOAD_NOT_A_FILE, PAYLOAD_TRUNCATED,
};
use super::manifest::{INDEX_SHORT, MANIFEST_DAMAGED, MANIFEST_UNREADABLE};
use super::plists::{
    MANIFEST_PLIST_MISSING, MANIFEST_PLIST_UNREADABLE, STATUS_MISSING, STATUS_UNREADABLE,
};
use super::state::{CLEANUP_INTERRUPTED, MOVE_INTERRUPTED, NEVER_FINISHED, UPDATE_INTERRUPTED};

/// Those that are cured by taking rows out of the list, in the order in which they count.
pub const OF_ROWS: [&str; 8] = [
    FILE_MISSING.id,
    PAYLOAD_NOT_A_FILE.id,
    PAYLOAD_IN_CLOUD.id,
    PAYLOAD_TRUNCATED.id,
    PAYLOAD_EMPTY.id,
    KEY_INVALID.id,
    DIGEST_MISMATCH.id,
    PAYLOAD_READ_ERROR.id,
];

/// The others. That a list is short is looked at where it matters.
const OF_THE_REST: [&str; 11] = [
    NEVER_FINISHED.id,
    UPDATE_INTERRUPTED.id,
    MOVE_INTERRUPTED.id,
    CLEANUP_INTERRUPTED.id,
    STATUS_MISSING.id,
    STATUS_UNREADABLE.id,
    MANIFEST_PLIST_MISSING.id,
    MANIFEST_PLIST_UNREADABLE.id,
    MANIFEST_DAMAGED.id,
    MANIFEST_UNREADABLE.id,
    INDEX_SHORT.id,
];

/// Whether a mended copy would not have a finding.
pub fn is_cured(id: &str) -> bool {
    OF_ROWS.contains(&id) || OF_THE_REST.contains(&id)
}

/// Whether it seems that a backup can be mended: its rows are known, some of its files are there, and nothing was
/// found that no mending makes good. `mend --plan` looks more closely.
pub fn seems_mendable(backup: &BackupReport) -> bool {
    let stays = |effect: Effect, id: &str| effect != Effect::Nothing && !is_cured(id);
    let mut findings = backup.findings.iter();
    let is_lost = findings.any(|finding| stays(finding.effect, finding.id));
    // Without Manifest.plist nobody can decrypt it.
    let keys_are_gone = backup.encrypted.is_none() && backup.locked;
    backup.manifest.is_some() && backup.payloads > 0 && !backup.locked && !keys_are_gone && !is_lost
}
