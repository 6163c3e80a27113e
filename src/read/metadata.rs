//! A backup's metadata: its three property lists, and which manifest counts.

use std::path::{Path, PathBuf};

use crate::facts::names;
use crate::model::{FileStamp, ManifestPlist, Metadata, PlistFile, Udid};
use crate::system;

use super::choose::{self, Chosen};
use super::{info_plist, manifest_plist, plist, status_plist};

/// The files whose change means that a backup is running.
const STAMPED: [&str; 8] = [
    "Info.plist",
    "Manifest.plist",
    "Status.plist",
    "Manifest.db",
    "Manifest.mbdb",
    "Snapshot/Manifest.plist",
    "Snapshot/Manifest.db",
    "Snapshot/Manifest.mbdb",
];

/// Size, modification time and inode of each metadata file that is there.
pub fn stamps(folder: &Path) -> Vec<FileStamp> {
    let snapshot = has_snapshot(folder);
    STAMPED
        .iter()
        .filter(|name| snapshot || !name.starts_with("Snapshot/"))
        .filter_map(|name| {
            let path = folder.join(name);
            let metadata = path.symlink_metadata().ok()?;
            let facts = system::facts(&metadata, || path.clone());
            Some(FileStamp {
                name,
                size: metadata.len(),
                modified: metadata.modified().ok(),
                inode: facts.identity.map(|(_, inode)| inode),
            })
        })
        .collect()
}

/// Whether the backup has a folder `Snapshot/`. A link in its place is none: nothing inside a backup
/// is followed.
fn has_snapshot(folder: &Path) -> bool {
    folder
        .join("Snapshot")
        .symlink_metadata()
        .is_ok_and(|metadata| metadata.is_dir())
}

/// Reads the metadata of the backup in `folder`, whose own name is `name`.
pub fn read(folder: &Path, name: &str) -> Metadata {
    let stamps = stamps(folder);
    let mut info = info_plist::read(&folder.join("Info.plist"));
    let mut status = status_plist::read(&folder.join("Status.plist"));
    let in_snapshot = has_snapshot(folder)
        && status
            .value()
            .is_some_and(|status| status.snapshot_state.as_deref() == Some("moving"));
    let mut manifest_plist = PlistFile::Absent;
    if in_snapshot {
        manifest_plist = manifest_plist::read(&folder.join("Snapshot/Manifest.plist"));
    }
    if !manifest_plist.is_there() {
        manifest_plist = manifest_plist::read(&folder.join("Manifest.plist"));
    }
    let mut denied = Vec::new();
    let encrypted = manifest_plist.value().is_some_and(ManifestPlist::encrypted);
    let (mut manifest, is_misnamed) = choose::choose(folder, in_snapshot, encrypted, &mut denied);
    let in_cloud = in_cloud(folder);
    let is_away = |name| in_cloud.contains(&name);
    info = not_here(info, is_away("Info.plist"));
    status = not_here(status, is_away("Status.plist"));
    manifest_plist = not_here(manifest_plist, is_away("Manifest.plist"));
    // On a disk that was pulled out nothing is missing: it cannot be looked at.
    if let Err(error) = folder.metadata() {
        let why = system::in_words(&error);
        info = PlistFile::Denied(why.clone());
        status = PlistFile::Denied(why.clone());
        manifest_plist = PlistFile::Denied(why.clone());
        manifest = None;
        denied = vec![(PathBuf::from("Manifest.db"), why)];
    }
    let from_name = Udid::from_folder_name(name);
    // Info.plist is for display: whether it can be opened changes nothing (contract §4 rule 10).
    for (name, why) in [
        ("Status.plist", cause(&status)),
        ("Manifest.plist", cause(&manifest_plist)),
    ] {
        denied.extend(why.map(|why| (PathBuf::from(name), why)));
    }
    let named = from_name.as_ref().map(|(udid, _)| udid.clone());
    let of_info = info.value().and_then(|info| info.udid.clone());
    let of_device = (manifest_plist.value()).and_then(|plist| plist.lockdown.udid.clone());
    // Where both lists agree, a folder was renamed (contract §4).
    let agreed = of_info.clone().filter(|_| of_info == of_device);
    let differ = {
        let mut told = [&named, &of_info, &of_device].into_iter().flatten();
        let first = told.next();
        told.any(|other| Some(other) != first)
    };
    let is_disputed = differ && agreed.is_none();
    let udid = agreed.or(named).or(of_info).or(of_device);
    Metadata {
        folder: folder.to_owned(),
        in_snapshot,
        archived: from_name.as_ref().is_some_and(|(_, archived)| *archived),
        named_udid: from_name.map(|(udid, _)| udid),
        udid,
        info,
        status,
        manifest_plist,
        is_disputed,
        manifest_modified: manifest.and_then(|chosen| chosen.modified),
        manifest_file: manifest.map(|Chosen { name, format, .. }| (name, format)),
        is_misnamed,
        in_cloud,
        side_files: ["Manifest.db-wal", "Manifest.db-shm"]
            .into_iter()
            .filter(|name| folder.join(name).symlink_metadata().is_ok())
            .collect(),
        denied,
        stamps,
    }
}

fn cause<T>(document: &PlistFile<T>) -> Option<String> {
    match document {
        PlistFile::Denied(why) => Some(why.clone()),
        _ => None,
    }
}

/// A list of which nothing but a placeholder is here is not missing.
fn not_here<T>(list: PlistFile<T>, is_in_cloud: bool) -> PlistFile<T> {
    match list {
        PlistFile::Absent if is_in_cloud => PlistFile::BeyondReader(plist::IN_CLOUD.to_owned()),
        list => list,
    }
}

/// The metadata files that are not here, but kept in a cloud.
fn in_cloud(folder: &Path) -> Vec<&'static str> {
    let is_in_cloud = |name: &str| {
        let is_only_there = |name: &str| {
            let metadata = folder.join(name).symlink_metadata();
            metadata.map(|metadata| metadata.is_file() && system::is_cloud_only(&metadata))
        };
        match is_only_there(name) {
            Ok(is_only_there) => is_only_there,
            Err(_) => is_only_there(&names::placeholder_of(name)).is_ok(),
        }
    };
    let at_top = STAMPED.into_iter().filter(|name| !name.contains('/'));
    at_top.filter(|name| is_in_cloud(name)).collect()
}
