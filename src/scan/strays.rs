//! Looks for payloads that no row names in the other backups of the device: only where each is there
//! under the same name in the same length does anything else hold it (contract §5).

use std::path::Path;

use crate::model::{BackupIndex, BackupReport, FileId, ManifestFormat, Strays};

/// Notes of each backup which others have all of its strays, where these are enough to matter.
pub fn find(backups: &mut [BackupReport]) {
    for index in BackupIndex::all(backups.len()) {
        if backups[index].holdings.strays.bytes < Strays::MATTER {
            continue;
        }
        let is_kin = |other: &BackupIndex| {
            *other != index
                && backups[index].udid.is_some()
                && backups[*other].udid == backups[index].udid
        };
        let others = BackupIndex::all(backups.len()).filter(is_kin);
        let strays = &backups[index].holdings.strays;
        let held_by = others.filter(|other| are_in(strays, &backups[*other]));
        let held_by = held_by.collect();
        backups[index.position()].holdings.strays.held_by = held_by;
    }
}

/// Whether each of them lies there under its name.
pub fn are_in(strays: &Strays, other: &BackupReport) -> bool {
    let mut payloads = strays.payloads.iter();
    strays.are_named() && payloads.all(|(id, length)| is_there(other, *id, *length))
}

/// Whether a payload lies in its place there, in this length.
fn is_there(backup: &BackupReport, id: FileId, length: u64) -> bool {
    let name = id.to_string();
    let place = match backup.manifest_format {
        Some(ManifestFormat::Sqlite) => Path::new(&name[..2]).join(&name),
        Some(ManifestFormat::Mbdb) => name.into(),
        None => return false,
    };
    let found = backup.path.join(place).symlink_metadata();
    found.is_ok_and(|found| found.is_file() && found.len() == length)
}
