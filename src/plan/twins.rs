//! Backups of one device that are the same: copies of one folder. One of them stays.

use crate::facts::names;
use crate::model::{BackupIndex, BackupReport};

use crate::verify::standing::is_good;

use super::scene::Scene;

/// The backup that is the same as this one and stays instead of it, if there is one.
pub fn kept_instead(scene: &Scene<'_>, index: BackupIndex) -> Option<BackupIndex> {
    let own = &scene.backups[index];
    let is_twin = |other: &BackupIndex| is_same(own, &scene.backups[*other]) && is_good(own);
    let twins = scene.staying_others(index).filter(is_twin);
    let first = twins
        .chain([index])
        .min_by_key(|index| rank(&scene.backups[*index], *index));
    first.filter(|first| *first != index)
}

/// Whether both have the same date, and the same rows and payloads by ids and lengths.
fn is_same(one: &BackupReport, other: &BackupReport) -> bool {
    let known = |backup: &BackupReport| {
        let digest = backup.holdings.payload_digest;
        (digest != 0).then_some((digest, backup.manifest, backup.locked, backup.payloads))
    };
    let date = |backup: &BackupReport| backup.last_backup.map(|last| last.at);
    is_good(other)
        && known(one).is_some()
        && known(one) == known(other)
        && date(one).is_some()
        && date(one) == date(other)
        && one.encrypted == other.encrypted
}

/// The smallest stays: in a place where the system's software looks for it, else the first.
fn rank(backup: &BackupReport, index: BackupIndex) -> (bool, bool, BackupIndex) {
    let mut above = backup.path.components().rev();
    let mut name = || above.next().and_then(|part| part.as_os_str().to_str());
    let is_own_name = backup.udid.as_ref().map(|udid| udid.as_str()) == name();
    let is_in_place = name().is_some_and(|name| names::is_backups_folder(name.as_ref()));
    let is_platforms = name().is_some_and(|name| name.eq_ignore_ascii_case("MobileSync"));
    let is_home = is_own_name && is_in_place;
    (!is_home, !(is_home && is_platforms), index)
}
