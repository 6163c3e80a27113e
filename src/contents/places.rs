//! Where the payloads of each shard lie (F§8), and by which names they are looked for.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::facts::names;
use crate::model::{FileId, ManifestFormat};
use crate::system::{self, Folder};

/// The folders of a backup that hold payloads, those in `Snapshot/` first where they count.
pub struct Places {
    backup: PathBuf,
    above: Vec<Above>,
}

/// A folder that holds payloads, or the folders of shards.
struct Above {
    /// Its name in the backup's folder; none: it is that folder.
    name: Option<&'static str>,
    /// The names of each shard's folders in it; none: it holds the payloads itself.
    shards: Option<Vec<Vec<OsString>>>,
}

/// The open folders of a shard, and why one of them could not be opened.
#[derive(Default)]
pub struct ShardFolders {
    pub open: Vec<Folder>,
    pub closed: Option<io::Error>,
}

impl Places {
    /// Looks for them. Never fails: what is not there, or cannot be looked into, shows when the folders
    /// of a shard are opened.
    pub fn find(backup: &Path, format: ManifestFormat, moving: bool) -> Places {
        let above = |name: Option<&'static str>| Above {
            name,
            shards: match format {
                ManifestFormat::Mbdb => None,
                ManifestFormat::Sqlite => Some(shard_folders(&backup.join(name.unwrap_or("")))),
            },
        };
        let snapshot = moving.then(|| above(Some("Snapshot")));
        Places {
            backup: backup.to_owned(),
            above: snapshot.into_iter().chain([above(None)]).collect(),
        }
    }

    /// The names of payloads that are wanted, sorted, each once. Never fails: what cannot be listed is
    /// not found.
    pub fn ids(&self, is_wanted: impl Fn(FileId) -> bool + Sync) -> Vec<FileId> {
        self.ids_by(|name| FileId::parse(name.as_bytes()).filter(|id| is_wanted(*id)))
    }

    /// The names of payloads that are only in a cloud, by their placeholders; sorted, each once.
    pub fn ids_in_cloud(&self) -> Vec<FileId> {
        self.ids_by(|name| FileId::parse(names::in_place_of(name)?.as_bytes()))
    }

    fn ids_by(&self, id: impl Fn(&str) -> Option<FileId> + Sync) -> Vec<FileId> {
        let is_flat = self.above.iter().all(|above| above.shards.is_none());
        // A flat folder is that of every shard.
        let shards = if is_flat { 0..=0 } else { 0..=u8::MAX };
        let list = |shard: u8| {
            let mut ids = Vec::new();
            for folder in self.open(shard).open {
                let _ = folder.each_name(|name| {
                    ids.extend(name.to_str().and_then(&id));
                });
            }
            ids
        };
        let mut ids: Vec<FileId> = shards.into_par_iter().flat_map_iter(list).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// Opens the folders of a shard. Below the backup's own folder no link is followed.
    pub fn open(&self, shard: u8) -> ShardFolders {
        let mut folders = ShardFolders::default();
        let mut add = |opened: io::Result<Folder>| match opened {
            Ok(folder) => folders.open.push(folder),
            Err(error) if system::is_absence(&error) => {}
            Err(error) => folders.closed = folders.closed.take().or(Some(error)),
        };
        for above in &self.above {
            let backup = Folder::open(self.backup.clone());
            let own = backup.and_then(|backup| match above.name {
                Some(name) => backup.folder(name.as_ref()),
                None => Ok(backup),
            });
            match (own, &above.shards) {
                (Ok(own), Some(shards)) => {
                    let names = shards[usize::from(shard)].iter();
                    names.for_each(|name| add(own.folder(name)));
                }
                (own, _) => add(own),
            }
        }
        folders
    }
}

impl ShardFolders {
    /// This folder alone.
    pub fn one(folder: PathBuf) -> ShardFolders {
        let (open, closed) = match Folder::open(folder) {
            Ok(folder) => (vec![folder], None),
            Err(error) => (vec![], Some(error)),
        };
        ShardFolders { open, closed }
    }

    /// The paths that a payload may have, in the order in which they are tried.
    fn paths(&self, id: FileId) -> impl Iterator<Item = PathBuf> {
        let names = Letters::ALL.map(|letters| Name::of(id, letters));
        let folders = self.open.iter();
        folders.flat_map(move |folder| names.map(|name| folder.path().join(name.as_str())))
    }

    /// Whether a payload is kept in a cloud, so that it would be fetched if it were opened.
    pub fn is_cloud_only(&self, id: FileId) -> bool {
        let names = Letters::ALL.map(|letters| Name::of(id, letters));
        let is_cloud_only =
            |folder: &Folder| names.iter().any(|name| folder.is_cloud_only(name.as_str()));
        self.open.iter().any(is_cloud_only)
    }

    /// Where a payload lies, if it is a regular file.
    pub fn path(&self, id: FileId) -> Option<PathBuf> {
        self.paths(id).find(|path| {
            let found = path.symlink_metadata();
            found.is_ok_and(|found| found.is_file())
        })
    }

    /// Whether there is something of this name. What cannot be looked at may be there.
    pub fn is_there(&self, id: FileId) -> bool {
        let is_there = |path: PathBuf| match path.symlink_metadata() {
            Ok(_) => true,
            Err(error) => !system::is_absence(&error),
        };
        self.closed.is_some() || self.paths(id).any(is_there)
    }
}

/// The names of shard folders, by shard; on some disks they are in capitals. The usual ones where the
/// folder cannot be listed.
fn shard_folders(folder: &Path) -> Vec<Vec<OsString>> {
    let Ok(listing) = system::list_names(folder) else {
        let usual = (0..=u8::MAX).map(|number| vec![format!("{number:02x}").into()]);
        return usual.collect();
    };
    let mut folders = vec![Vec::new(); 256];
    for entry in listing.map_while(Result::ok) {
        let name = entry.name();
        // What is no folder does not open as one.
        if let Some(number) = name.to_str().and_then(names::shard_number) {
            folders[usize::from(number)].push(name);
        }
    }
    // Small letters first, whatever the order of the listing.
    for names in &mut folders {
        names.sort_unstable_by(|one, other| other.cmp(one));
    }
    folders
}

/// How the name of a payload may be spelled.
#[derive(Clone, Copy)]
pub enum Letters {
    /// As devices write it.
    Small,
    /// As on some disks (F§9.4).
    Capital,
}

impl Letters {
    /// In the order in which they are tried.
    pub const ALL: [Letters; 2] = [Letters::Small, Letters::Capital];
}

/// The name of a payload: forty hex digits.
#[derive(Clone, Copy)]
pub struct Name([u8; 40]);

impl Name {
    pub fn of(id: FileId, letters: Letters) -> Name {
        let digits = match letters {
            Letters::Small => b"0123456789abcdef",
            Letters::Capital => b"0123456789ABCDEF",
        };
        let mut name = [0; 40];
        for (pair, byte) in name.chunks_exact_mut(2).zip(id.bytes()) {
            pair[0] = digits[usize::from(byte >> 4)];
            pair[1] = digits[usize::from(byte & 15)];
        }
        Name(name)
    }

    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}
