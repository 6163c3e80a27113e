//! Which findings a mended copy would not have (contract §11): the one place that `mend` and advice have it from.

use crate::model::{BackupReport, Effect, Finding};

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

/// Whether its list is that of another backup: most of what it requires is not here, and most of what is here is not
/// in it.
pub fn has_list_of_another(backup: &BackupReport, required: u64) -> bool {
    let mut findings = backup.findings.iter();
    let missing = findings.find(|finding| finding.id == FILE_MISSING.id);
    backup.has(INDEX_SHORT.id) && missing.is_some_and(|finding| finding.count > required / 2)
}

/// Whether it seems that a backup can be mended: its rows are known and its own, some of its files would stay, none
/// of them waits in a cloud, nothing was found that no mending makes good, and the keys are not lost with
/// Manifest.plist. `mend --plan` looks more closely.
pub fn seems_mendable(backup: &BackupReport) -> bool {
    let of = |id: &str| backup.findings.iter().find(|finding| finding.id == id);
    let count = |id: &str| of(id).map_or(0, |finding| finding.count);
    let stays = |finding: &&Finding| finding.effect != Effect::Nothing && !is_cured(finding.id);
    let is_cured = !backup.findings.iter().any(|finding| stays(&finding));
    let Some(rows) = backup.manifest else {
        return false;
    };
    let here = OF_ROWS.into_iter().filter(|id| *id != FILE_MISSING.id);
    let goes = here.map(count).fold(0, u64::saturating_add);
    let is_here = of(PAYLOAD_IN_CLOUD.id).is_none_or(|finding| finding.effect == Effect::Nothing);
    let has_plist =
        !backup.has(MANIFEST_PLIST_MISSING.id) && !backup.has(MANIFEST_PLIST_UNREADABLE.id);
    is_cured
        && (has_plist || backup.holdings.is_plain)
        && !has_list_of_another(backup, rows.files)
        && is_here
        && goes < backup.payloads
        && !backup.locked
}

#[cfg(test)]
mod tests {
    use crate::model::{ManifestCounts, Severity};
    use crate::plan::tests as cases;

    use super::*;

    /// A backup with a list of 10 files, of which so many lie in their place.
    fn backup(payloads: u64, found: &[(&'static str, u64)]) -> BackupReport {
        let mut backup = cases::backup("A corrupt 2026-11-20");
        let files = 10;
        backup.manifest = Some(ManifestCounts {
            records: files,
            files,
            ..ManifestCounts::default()
        });
        backup.payloads = payloads;
        for (id, count) in found {
            let finding = cases::finding(id, Severity::Error);
            backup.findings.push(Finding {
                count: *count,
                ..finding
            });
        }
        backup
    }

    #[test]
    fn mending_is_offered_only_where_mend_would_do_it() {
        for (payloads, found, expected) in [
            (9, &[(FILE_MISSING.id, 1)][..], true),
            (1, &[(FILE_MISSING.id, 9)], true),
            (0, &[(FILE_MISSING.id, 10)], false),
            (10, &[(KEY_INVALID.id, 9)], true),
            (10, &[(KEY_INVALID.id, 10)], false),
            (9, &[(PAYLOAD_IN_CLOUD.id, 1)], false),
            (10, &[("state-unsupported", 1)], false),
            // The list of another backup, and one that is only short.
            (12, &[(FILE_MISSING.id, 6), (INDEX_SHORT.id, 8)], false),
            (12, &[(FILE_MISSING.id, 5), (INDEX_SHORT.id, 8)], true),
        ] {
            let offered = seems_mendable(&backup(payloads, found));
            assert_eq!(offered, expected, "{payloads} {found:?}");
        }
        // Manifest.plist has the keys, where there are any.
        for id in [MANIFEST_PLIST_MISSING.id, MANIFEST_PLIST_UNREADABLE.id] {
            let mut without = backup(10, &[(id, 1)]);
            assert!(!seems_mendable(&without), "{id}");
            without.holdings.is_plain = true;
            assert!(seems_mendable(&without), "{id}");
        }
        let locked = |encrypted| BackupReport {
            locked: true,
            encrypted,
            ..backup(9, &[(FILE_MISSING.id, 1)])
        };
        assert!(!seems_mendable(&locked(Some(true))));
        assert!(!seems_mendable(&locked(None)));
        let unread = BackupReport {
            manifest: None,
            ..backup(9, &[(FILE_MISSING.id, 1)])
        };
        assert!(!seems_mendable(&unread));
    }
}
