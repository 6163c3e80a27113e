//! A backup's metadata: its three property lists, and which manifest counts.

use std::fs::Metadata as FileMetadata;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::model::{FileStamp, ManifestFormat, Metadata, PlistFile, Udid};
use crate::system;

use super::{info_plist, manifest_plist, status_plist};

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
    let mut manifest = choose_manifest(folder, in_snapshot, &mut denied);
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
    for (name, why) in [
        ("Info.plist", cause(&info)),
        ("Status.plist", cause(&status)),
        ("Manifest.plist", cause(&manifest_plist)),
    ] {
        denied.extend(why.map(|why| (PathBuf::from(name), why)));
    }
    let udid = from_name
        .as_ref()
        .map(|(udid, _)| udid.clone())
        .or_else(|| info.value()?.udid.clone())
        .or_else(|| manifest_plist.value()?.lockdown.udid.clone());
    Metadata {
        folder: folder.to_owned(),
        in_snapshot,
        archived: from_name.as_ref().is_some_and(|(_, archived)| *archived),
        named_udid: from_name.map(|(udid, _)| udid),
        udid,
        info,
        status,
        manifest_plist,
        manifest_modified: manifest.as_ref().and_then(|(_, _, modified)| *modified),
        manifest_file: manifest.map(|(name, format, _)| (name, format)),
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

type Chosen = (&'static str, ManifestFormat, Option<Timestamp>);

/// The manifest that counts: in state `moving` the one in `Snapshot/` before the one at the top
/// (contract §4 rule 5); the database before the mbdb; one of 0 bytes counts as absent (rule 1).
fn choose_manifest(
    folder: &Path,
    moving: bool,
    denied: &mut Vec<(PathBuf, String)>,
) -> Option<Chosen> {
    let in_snapshot = [
        ("Snapshot/Manifest.db", ManifestFormat::Sqlite),
        ("Snapshot/Manifest.mbdb", ManifestFormat::Mbdb),
    ];
    let at_top = [
        ("Manifest.db", ManifestFormat::Sqlite),
        ("Manifest.mbdb", ManifestFormat::Mbdb),
    ];
    let candidates = in_snapshot.into_iter().filter(|_| moving).chain(at_top);
    for (name, format) in candidates {
        match folder.join(name).symlink_metadata() {
            Ok(metadata) if metadata.is_file() && metadata.len() == 0 => {}
            Ok(metadata) => return Some((name, format, modified(&metadata))),
            Err(error) if system::is_absence(&error) => {}
            Err(error) => denied.push((PathBuf::from(name), system::in_words(&error))),
        }
    }
    None
}

fn modified(metadata: &FileMetadata) -> Option<Timestamp> {
    Timestamp::try_from(metadata.modified().ok()?).ok()
}
