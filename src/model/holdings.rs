//! What a backup holds, as far as it has to be known to tell whether another one holds it, too (contract
//! §5).

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::mem;

use super::backup::App;
use super::backup_index::BackupIndex;
use super::contents::Amount;
use super::file_id::FileId;
use super::keepsake::Keepsakes;
use super::manifest::IcloudPhotos;

/// What a backup holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Holdings {
    /// What a person would miss; nothing where the rows were not all read, or it was not asked for.
    pub keepsakes: Option<Keepsakes>,
    /// Stored bytes of the known databases, by kind.
    pub databases: BTreeMap<&'static str, u64>,
    /// The same of those that lie elsewhere in the folder, and not in their place.
    pub databases_elsewhere: BTreeMap<&'static str, u64>,
    /// The apps that Info.plist names.
    pub apps: Vec<App>,
    /// What the camera roll says of iCloud Photos.
    pub icloud_photos: IcloudPhotos,
    /// Made of all rows and payloads: their ids, recorded sizes and lengths. Two backups that have all
    /// of them in common have the same.
    pub payload_digest: u64,
    /// Payloads of which no row says what they are, wherever they lie.
    pub strays: Strays,
    /// Whether all rows could be read and show that no payload is encrypted, whatever Manifest.plist says.
    pub is_plain: bool,
    /// Names and lengths of all payloads, where they were asked for: the first 64 bits of each fileID,
    /// in their order.
    pub names: Option<Vec<(u64, u64)>>,
}

impl Holdings {
    /// Stored bytes of the known databases of a kind, wherever they lie in the folder; nothing where there are none.
    pub fn database(&self, kind: &str) -> Option<u64> {
        let bytes = [&self.databases, &self.databases_elsewhere];
        let bytes = bytes.into_iter().filter_map(|of| of.get(kind).copied());
        bytes.reduce(u64::saturating_add)
    }

    /// The kinds of known databases of which something is there, in their order.
    pub fn database_kinds(&self) -> BTreeSet<&'static str> {
        let kinds = self.databases.keys().chain(self.databases_elsewhere.keys());
        kinds.copied().collect()
    }
}

/// Payloads of which no row says what they are, wherever they lie in the folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strays {
    /// How many.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How many more are only in a cloud, so that nobody knows their bytes.
    pub in_cloud: u64,
    /// Names and lengths, unless there are too many to keep.
    pub payloads: Vec<(FileId, u64)>,
    /// How many of them other backups lack: those that have not each under the same name in the same length.
    pub missing_in: Vec<(BackupIndex, Amount)>,
}

impl Strays {
    /// From so many bytes on they matter.
    const MATTER: u64 = 10_000_000;
    /// More names are not kept.
    const MOST: usize = 100_000;
    /// More names of one folder are not kept: there are 256 of them at a time.
    const MOST_OF_FOLDER: usize = 2_000;

    /// Adds one that lies in the folder that this is about.
    pub fn add(&mut self, id: FileId, length: u64) {
        self.files += 1;
        self.bytes = self.bytes.saturating_add(length);
        if self.payloads.len() < Strays::MOST_OF_FOLDER {
            self.payloads.push((id, length));
        }
    }

    /// Adds files and bytes of which no name is kept.
    pub fn add_nameless(&mut self, (files, bytes): (u64, u64)) {
        self.files += files;
        self.bytes = self.bytes.saturating_add(bytes);
    }

    /// Takes out one of each of these names, by their first 64 bits, and tells its length: of several the longest.
    pub fn take(&mut self, wanted: &HashSet<u64>) -> HashMap<u64, u64> {
        let mut taken = HashMap::new();
        self.payloads.retain_mut(|(id, length)| {
            if *length == 0 || !wanted.contains(&id.prefix()) {
                return true;
            }
            match taken.entry(id.prefix()) {
                Entry::Vacant(entry) => {
                    entry.insert(*length);
                    false
                }
                Entry::Occupied(mut entry) => {
                    if entry.get() < length {
                        mem::swap(entry.get_mut(), length);
                    }
                    true
                }
            }
        });
        self.files -= taken.len() as u64;
        self.bytes = taken
            .values()
            .copied()
            .fold(self.bytes, u64::saturating_sub);
        taken
    }

    /// Adds those found elsewhere.
    pub fn append(&mut self, other: Strays) {
        self.files += other.files;
        self.in_cloud += other.in_cloud;
        self.bytes = self.bytes.saturating_add(other.bytes);
        let room = Strays::MOST.saturating_sub(self.payloads.len());
        self.payloads.extend(other.payloads.into_iter().take(room));
    }

    /// All of them whose bytes are known.
    pub fn all(&self) -> Amount {
        Amount {
            files: self.files,
            bytes: self.bytes,
        }
    }

    /// Those that this other backup does not have; all, where that was not looked for.
    pub fn missing_in(&self, other: BackupIndex) -> Amount {
        let mut known = self.missing_in.iter();
        let known = known.find(|(index, _)| *index == other);
        known.map_or(self.all(), |(_, missing)| *missing)
    }

    /// Whether it matters that this other backup does not have each of them.
    pub fn matter_beside(&self, other: BackupIndex) -> bool {
        self.in_cloud > 0 || self.matter_without(self.missing_in(other))
    }

    /// Whether they are so many bytes that it matters that these of them are missing elsewhere.
    pub fn matter_without(&self, missing: Amount) -> bool {
        missing.files > 0 && self.bytes >= Strays::MATTER
    }

    /// Whether all names are known.
    pub fn are_named(&self) -> bool {
        self.payloads.len() as u64 == self.files
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_of_one_name_the_longest_is_taken() {
        let id = |first: u8| FileId::from_bytes([first; 20]);
        let mut strays = Strays::default();
        for (first, length) in [(1, 5), (2, 7), (1, 9), (3, 0), (1, 6)] {
            strays.add(id(first), length);
        }
        let wanted = HashSet::from([id(1).prefix(), id(3).prefix(), id(4).prefix()]);
        assert_eq!(strays.take(&wanted), HashMap::from([(id(1).prefix(), 9)]));
        assert_eq!(
            strays.payloads,
            [(id(2), 7), (id(1), 5), (id(3), 0), (id(1), 6)]
        );
        assert_eq!(
            strays.all(),
            Amount {
                files: 4,
                bytes: 18
            }
        );
    }
}
