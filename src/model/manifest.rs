//! The manifest: which files the device says the backup has.

use std::collections::BTreeMap;

use super::finding::Example;
use super::keepsake::Keepsakes;
use super::record::{PayloadKey, Record, Run};
use super::sample::Weighed;

/// The two formats of a manifest that we read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ManifestFormat {
    /// `Manifest.db`, iOS 10 and later; payloads in 256 shard folders.
    Sqlite,
    /// `Manifest.mbdb`, iOS 4 to 9; payloads flat in the backup's folder.
    Mbdb,
}

impl ManifestFormat {
    /// The word for it in `--json`.
    pub const fn as_str(self) -> &'static str {
        match self {
            ManifestFormat::Sqlite => "sqlite",
            ManifestFormat::Mbdb => "mbdb",
        }
    }
}

/// The part of a domain that a path belongs to, where one domain holds data of several kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PathClass {
    /// Text messages and their attachments.
    Messages,
    /// Voice memos.
    VoiceMemos,
    /// What an iCloud backup takes of the camera roll even where iCloud Photos is on (F§17).
    PhotoSettings,
    /// What an iCloud backup never takes (F§17).
    LocalOnly,
    /// Whatever the domain itself stands for.
    #[default]
    Rest,
}

/// A domain of the manifest, such as `HomeDomain` or `AppDomain-com.example.app`, or the part of
/// one that has data of its own kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Domain {
    /// Its name; lossy where it is not UTF-8.
    pub name: String,
    /// The part of it.
    pub class: PathClass,
    /// How many of its rows require a payload.
    pub required: u64,
    /// Sum of `Size` over its regular files, in bytes; saturating.
    pub recorded: u64,
}

/// Row counts as `--json` reports them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ManifestCounts {
    /// All rows.
    pub records: u64,
    /// Regular files.
    pub files: u64,
    /// Directories.
    pub directories: u64,
    /// Symbolic links.
    pub symlinks: u64,
    /// Sum of `Size` over regular files, in bytes; saturating.
    pub recorded_bytes: u64,
}

/// Rows that have something wrong with themselves, whatever is on the disk. The first few with domain,
/// relative path, fileID as it stands there and `Size`; what is known of their sizes is added up.
pub type OddRows = Weighed<Example>;

/// The markers of iCloud Photos in the camera roll (F§13.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IcloudPhotos {
    /// It was on.
    pub enabled: bool,
    /// Its first sync was finished.
    pub synced: bool,
}

impl std::ops::BitOrAssign for IcloudPhotos {
    fn bitor_assign(&mut self, other: IcloudPhotos) {
        self.enabled |= other.enabled;
        self.synced |= other.synced;
    }
}

/// The rows of a manifest, as far as they could be read.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Row counts.
    pub counts: ManifestCounts,
    /// The domains that records refer to.
    pub domains: Vec<Domain>,
    /// The records, in runs.
    pub runs: Vec<Run>,
    /// Required rows whose fileID is not 40 hex digits: no payload can exist.
    pub invalid_ids: OddRows,
    /// Rows whose fileID is not the hash of their domain and path.
    pub mismatched_ids: OddRows,
    /// File rows whose blob could not be decoded.
    pub undecodable: OddRows,
    /// Rows of files that have no key of the right length although payloads are encrypted (F§11.3);
    /// only where that was asked for.
    pub keyless: OddRows,
    /// Rows that require a payload and whose key does not open with that of the class it names; only
    /// where the keys are at hand.
    pub invalid_keys: OddRows,
    /// How many rows that require a payload have a key of each class that the keybag gives no key for;
    /// only where the keys are at hand.
    pub keys_without_class: BTreeMap<u32, u64>,
    /// Rows of domains' own folders, whose path is empty.
    pub domain_roots: u64,
    /// Rows of files that could be decoded and have no key. Where payloads are encrypted each has one
    /// (F§11.3).
    pub plain_files: u64,
    /// What it takes to read payloads to their end, sorted by id; only where that was asked for.
    pub seals: Vec<PayloadKey>,
    /// The files that a person would miss, in parts as they were read: to join them takes them twice, for
    /// which there is room when the records are gone. Only where that was asked for.
    pub keepsakes: Vec<Keepsakes>,
    /// What the camera roll says of iCloud Photos.
    pub icloud_photos: IcloudPhotos,
    /// Whether blobs are opaque: encrypted by iOS 10.0/10.1, or the database was decrypted in
    /// place (contract §4 rule 3).
    pub opaque: bool,
    /// What kept rows from being read, or what `quick_check` said: damage.
    pub damage: Vec<String>,
    /// Why damage could not be judged, where it could not (contract §2, reader's limits).
    pub unjudged: Option<String>,
}

impl Listing {
    /// Whether all rows could be read and show that no payload is encrypted.
    pub fn shows_no_keys(&self) -> bool {
        let is_whole = self.damage.is_empty() && self.unjudged.is_none() && !self.opaque;
        is_whole && self.counts.files > 0 && self.plain_files == self.counts.files
    }

    /// The records of one shard, sorted by id.
    pub fn shard(&self, shard: u8) -> Vec<Record> {
        let parts = || self.runs.iter().map(|run| run.shard(shard));
        let mut records = Vec::with_capacity(parts().map(<[Record]>::len).sum());
        parts().for_each(|part| records.extend_from_slice(part));
        records.sort_unstable_by_key(|record| record.id);
        records
    }
}

/// The manifest, as far as it could be read.
#[derive(Clone, Debug)]
pub enum Manifest {
    /// No `Manifest.db` or `.mbdb`, or one of 0 bytes.
    Missing,
    /// Neither readable nor encrypted: damage; says why.
    Unreadable(String),
    /// Beyond what our reader can take; says why. No damage.
    BeyondReader(String),
    /// It could not be opened (permission, I/O); says why.
    Denied(String),
    /// Its file list is encrypted.
    Locked,
    /// Its header is sound; rows were not asked for (level `quick`).
    HeaderOnly,
    /// Its rows.
    Listed(Listing),
    /// The rows of a manifest that ends or breaks off too early, with the reason (mbdb).
    Cut(Listing, String),
}

impl Manifest {
    /// The rows, where there are any, to take something out of them.
    pub fn listing_mut(&mut self) -> Option<&mut Listing> {
        match self {
            Manifest::Listed(listing) | Manifest::Cut(listing, _) => Some(listing),
            _ => None,
        }
    }

    /// The rows, where there are any.
    pub fn listing(&self) -> Option<&Listing> {
        match self {
            Manifest::Listed(listing) | Manifest::Cut(listing, _) => Some(listing),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::file_id::FileId;
    use super::super::record::Traits;
    use super::*;

    #[test]
    fn a_shard_gathers_its_records_from_all_runs() {
        let record = |first: u8, second: u8| Record {
            id: FileId::from_bytes(std::array::from_fn(|index| match index {
                0 => first,
                1 => second,
                _ => 0,
            })),
            domain: 0,
            traits: Traits::default(),
            size: 0,
        };
        let listing = Listing {
            runs: vec![
                Run::new(&[record(255, 0), record(0, 1), record(7, 9)]),
                Run::new(&[record(7, 3), record(8, 0)]),
                Run::new(&[]),
            ],
            ..Listing::default()
        };
        assert_eq!(listing.shard(7), [record(7, 3), record(7, 9)]);
        assert_eq!(listing.shard(255), [record(255, 0)]);
        assert_eq!(listing.shard(1), []);
    }
}
