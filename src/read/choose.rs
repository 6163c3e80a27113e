//! Which manifest of a backup counts: by what the files are, not by their names alone.

use std::io::Read;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::model::ManifestFormat;
use crate::model::progress::Monitor;
use crate::system;

use super::database::{Database, is_sqlite};
use super::wanted::Wanted;
use super::{manifest_db, manifest_mbdb};

/// The manifest that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Its place, relative to the backup.
    pub name: &'static str,
    /// What it is, whatever its name says.
    pub format: ManifestFormat,
    /// When it was modified.
    pub modified: Option<Timestamp>,
}

/// What lies under the name of a manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Sqlite,
    Mbdb,
    /// Encrypted, broken, or it could not be opened.
    Other,
}

/// A file under the name of a manifest that is not empty.
#[derive(Clone, Copy)]
struct There {
    kind: Kind,
    modified: Option<Timestamp>,
}

/// The manifest that counts, and whether an mbdb lies under the name of the database: in state `moving`
/// what is in `Snapshot/` before what is at the top (contract §4 rule 5); one of 0 bytes counts as absent;
/// of two the database, unless it is an mbdb or nothing that can be read while the mbdb can (rule 1).
/// `encrypted`: what Manifest.plist says. `denied` gets what could not be looked at.
pub fn choose(
    folder: &Path,
    moving: bool,
    encrypted: bool,
    denied: &mut Vec<(PathBuf, String)>,
) -> (Option<Chosen>, bool) {
    let places = [
        ("Snapshot/Manifest.db", "Snapshot/Manifest.mbdb"),
        ("Manifest.db", "Manifest.mbdb"),
    ];
    let mut is_misnamed = false;
    for (database, mbdb) in places.into_iter().skip(usize::from(!moving)) {
        let [own, other] = [database, mbdb].map(|name| there(folder, name, denied));
        let as_mbdb = |name, there: There| Chosen {
            name,
            format: ManifestFormat::Mbdb,
            modified: there.modified,
        };
        let chosen = match (own, other) {
            (None, None) => continue,
            (None, Some(other)) => as_mbdb(mbdb, other),
            (Some(own), other) => {
                is_misnamed = own.kind == Kind::Mbdb;
                let usable = other.filter(|other| other.kind == Kind::Mbdb);
                match usable.filter(|_| is_beside(own.kind, folder, database, mbdb, encrypted)) {
                    Some(other) => as_mbdb(mbdb, other),
                    None if is_misnamed => as_mbdb(database, own),
                    None => Chosen {
                        name: database,
                        format: ManifestFormat::Sqlite,
                        modified: own.modified,
                    },
                }
            }
        };
        return (Some(chosen), is_misnamed);
    }
    (None, false)
}

/// Whether what lies under the database's name stands back behind an mbdb.
fn is_beside(own: Kind, folder: &Path, database: &str, mbdb: &str, encrypted: bool) -> bool {
    let is_whole = |name| {
        let rows = manifest_mbdb::rows(&folder.join(name), Wanted::default(), &Monitor::silent());
        matches!(rows, Ok((_, None)))
    };
    match own {
        Kind::Mbdb => is_whole(mbdb) || !is_whole(database),
        Kind::Other => !encrypted,
        Kind::Sqlite => manifest_db::table(&Database::immutable(&folder.join(database))).is_err(),
    }
}

fn there(folder: &Path, name: &str, denied: &mut Vec<(PathBuf, String)>) -> Option<There> {
    let path = folder.join(name);
    match path.symlink_metadata() {
        Ok(metadata) if metadata.is_file() && metadata.len() == 0 => None,
        Ok(metadata) => {
            // What lies in a cloud would be fetched from there.
            let is_here = metadata.is_file() && !system::is_cloud_only(&metadata);
            Some(There {
                kind: if is_here { kind(&path) } else { Kind::Other },
                modified: metadata
                    .modified()
                    .ok()
                    .and_then(|time| Timestamp::try_from(time).ok()),
            })
        }
        Err(error) if system::is_absence(&error) => None,
        Err(error) => {
            denied.push((PathBuf::from(name), system::in_words(&error)));
            None
        }
    }
}

fn kind(path: &Path) -> Kind {
    let mut magic = Vec::with_capacity(16);
    let read = system::open_regular(path).and_then(|file| file.take(16).read_to_end(&mut magic));
    match read {
        Ok(_) if is_sqlite(&magic) => Kind::Sqlite,
        Ok(_) if magic.starts_with(b"mbdb") => Kind::Mbdb,
        _ => Kind::Other,
    }
}
