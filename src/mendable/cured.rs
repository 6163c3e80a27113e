//! Which findings a mended copy would not have (contract §11): the one place that `mend` and advice have it from.

use crate::model::BackupReport;
use crate::verify::contents::{DIGEST_MISMATCH, PAYLOAD_READ_ERROR};
use crate::verify::encryption::KEY_INVALID;
use crate::verify::files::{
    FILE_MISSING, PAYLOAD_EMPTY, PAYLOAD_IN_CLOUD, PAYLOAD_NOT_A_FILE, PAYLOAD_TRUNCATED,
};
use crate::verify::manifest::{INDEX_SHORT, MANIFEST_DAMAGED, MANIFEST_UNREADABLE};
use crate::verify::plists::{
    MANIFEST_PLIST_MISSING, MANIFEST_PLIST_UNREADABLE, STATUS_MISSING, STATUS_UNREADABLE,
};
use crate::verify::state::{
    CLEANUP_INTERRUPTED, MOVE_INTERRUPTED, NEVER_FINISHED, UPDATE_INTERRUPTED,
};

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

/// Whether its list is that of another backup: most of what it requires is not here, and most of what is here is not
/// in it.
pub fn has_list_of_another(backup: &BackupReport, required: u64) -> bool {
    let mut findings = backup.findings.iter();
    let missing = findings.find(|finding| finding.id == FILE_MISSING.id);
    backup.has(INDEX_SHORT.id) && missing.is_some_and(|finding| finding.count > required / 2)
}
