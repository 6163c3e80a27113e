//! Looks for payloads that no row names in the other backups of the device: only where each is there
//! under the same name in the same length does anything else hold it (contract §5).

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::path::Path;

use walkdir::WalkDir;

use crate::facts::names;
use crate::model::{Amount, BackupIndex, BackupReport, FileId, ManifestFormat, Strays};
use crate::system;

/// Of more it is enough to know that one is missing: they are looked for one by one.
const COUNTED: u64 = 10_000;

/// Notes of each backup how many of its strays the others of its device lack.
pub fn find(backups: &mut [BackupReport]) {
    for index in BackupIndex::all(backups.len()) {
        let strays = &backups[index].holdings.strays;
        if strays.files == 0 {
            continue;
        }
        let is_kin = |other: &BackupIndex| {
            *other != index && is_of_one_device(&backups[index], &backups[*other])
        };
        let others = BackupIndex::all(backups.len()).filter(is_kin);
        let missing = others.map(|other| (other, missing_in(&backups[index], &backups[other])));
        backups[index.position()].holdings.strays.missing_in = missing.collect();
    }
}

/// The strays of a backup that do not lie in another one under their names: all of them where one of another device
/// or one of very many is missing, or not all names are known.
pub fn missing_in(backup: &BackupReport, other: &BackupReport) -> Amount {
    let strays: &Strays = &backup.holdings.strays;
    if !strays.are_named() {
        return strays.all();
    }
    let are_counted = is_of_one_device(backup, other) && strays.files <= COUNTED;
    let mut missing = Amount::default();
    for (_, length) in not_in(strays, other) {
        if !are_counted {
            return strays.all();
        }
        missing.add(length);
    }
    missing
}

/// Those of them that are named and do not lie in this other backup.
pub fn not_in<'a>(
    strays: &'a Strays,
    other: &'a BackupReport,
) -> impl Iterator<Item = (FileId, u64)> + 'a {
    let named = strays.payloads.iter().copied();
    named.filter(|(id, length)| !is_there(other, *id, *length))
}

/// Where those of them lie that a run or another tool left behind under other names, below the backup's folder. No
/// link is followed.
pub fn places_of_unpacked(backup: &Path, ids: &HashSet<FileId>) -> HashMap<FileId, String> {
    let mut places = HashMap::new();
    if ids.is_empty() {
        return places;
    }
    let is_left = |name: &str| name == "Snapshot" || names::is_unpacked(name);
    let folders = system::list_names(backup).into_iter().flatten().flatten();
    let folders = folders.filter(|folder| is_left(&folder.name().to_string_lossy()));
    let files = folders.flat_map(|folder| {
        let folder = WalkDir::new(backup.join(folder.name())).follow_root_links(false);
        folder.into_iter().flatten()
    });
    let is_payload = |name: &OsStr| FileId::parse(name.to_string_lossy().as_bytes()).is_some();
    for file in files.filter(|file| file.file_type().is_file() && !is_payload(file.file_name())) {
        let place = system::place_below(backup, file.path());
        if let Some(id) = names::id_of_unpacked(&place).filter(|id| ids.contains(id)) {
            places.insert(id, place);
        }
    }
    places
}

fn is_of_one_device(one: &BackupReport, other: &BackupReport) -> bool {
    one.udid.is_some() && one.udid == other.udid
}

/// Whether a payload lies in its place there, in this length. Below the backup's own folder no link is followed.
fn is_there(backup: &BackupReport, id: FileId, length: u64) -> bool {
    let name = id.to_string();
    let folder = match backup.manifest_format {
        Some(ManifestFormat::Sqlite) => backup.path.join(&name[..2]),
        Some(ManifestFormat::Mbdb) => backup.path.clone(),
        None => return false,
    };
    let is_linked = folder != backup.path && folder.is_symlink();
    let found = folder.join(name).symlink_metadata();
    !is_linked && found.is_ok_and(|found| found.is_file() && found.len() == length)
}
