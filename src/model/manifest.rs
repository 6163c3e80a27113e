//! The manifest: which files the device says the backup has.

use std::collections::BTreeMap;
use std::fmt;

use sha1::{Digest, Sha1};

use super::{KeepsakeGroup, Keepsakes, WrappedKey};

/// Name of a payload: SHA-1 of `domain-relativePath` (F§8).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileId([u8; 20]);

impl Ord for FileId {
    /// The order of the bytes, as whole numbers: ids are sorted a million at a time.
    fn cmp(&self, other: &FileId) -> std::cmp::Ordering {
        self.numbers().cmp(&other.numbers())
    }
}

impl PartialOrd for FileId {
    fn partial_cmp(&self, other: &FileId) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl FileId {
    /// The id of a file, from the bytes of its domain and relative path.
    pub fn of(domain: &[u8], relative_path: &[u8]) -> FileId {
        let mut hash = Sha1::new();
        hash.update(domain);
        hash.update(b"-");
        hash.update(relative_path);
        FileId(hash.finalize().into())
    }

    /// Reads 40 hex digits, in any case; anything else is no id.
    pub fn parse(text: &[u8]) -> Option<FileId> {
        let text: &[u8; 40] = text.try_into().ok()?;
        let mut id = [0; 20];
        let mut all = 0;
        // No branch a digit: which kind comes next cannot be foretold.
        for (byte, pair) in id.iter_mut().zip(text.chunks_exact(2)) {
            let (high, low) = (DIGITS[usize::from(pair[0])], DIGITS[usize::from(pair[1])]);
            all |= high | low;
            *byte = high << 4 | low & 0x0f;
        }
        (all & NO_DIGIT == 0).then_some(FileId(id))
    }

    /// The shard folder that holds it: its first two hex digits as a number.
    pub const fn shard(self) -> u8 {
        self.0[0]
    }

    fn numbers(&self) -> (u128, u32) {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t] = self.0;
        (
            u128::from_be_bytes([a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]),
            u32::from_be_bytes([q, r, s, t]),
        )
    }

    /// Its first 64 bits.
    pub const fn prefix(self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
    }

    /// Its 20 bytes.
    pub const fn bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// The id from its 20 bytes.
    pub const fn from_bytes(bytes: [u8; 20]) -> FileId {
        FileId(bytes)
    }
}

/// What stands in [`DIGITS`] for a byte that is no hex digit.
const NO_DIGIT: u8 = 0x80;

/// The value of each byte as a hex digit.
const DIGITS: [u8; 256] = {
    let mut digits = [NO_DIGIT; 256];
    let mut value = 0;
    while value < 16 {
        digits[b"0123456789abcdef"[value] as usize] = value as u8;
        digits[b"0123456789ABCDEF"[value] as usize] = value as u8;
        value += 1;
    }
    digits
};

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

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

/// What the checks need to know of a file row, in bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traits(u16);

impl Traits {
    /// The restore demands its payload (F§1.4): a blob, and none of the bits 2, 4 and 16.
    pub const REQUIRED: Traits = Traits(1);
    /// A regular file (contract §4 rule 7); without it the row only explains a payload.
    pub const FILE: Traits = Traits(1 << 1);
    /// `Size` is known and not negative.
    pub const SIZE_KNOWN: Traits = Traits(1 << 2);
    /// Flag 16: changed or removed while it was uploaded.
    pub const CHANGED: Traits = Traits(1 << 3);
    /// `SF_DATALESS`: its content was in iCloud only.
    pub const DATALESS: Traits = Traits(1 << 4);
    /// Has a `Digest` that is not that of nothing.
    pub const DIGEST_OF_CONTENT: Traits = Traits(1 << 5);
    /// In CameraRollDomain or MediaDomain.
    pub const MEDIA: Traits = Traits(1 << 6);
    /// Named `…-wal`, `…-shm` or `…-journal`: rewritten by SQLite at any time.
    pub const SQLITE_SIDE_FILE: Traits = Traits(1 << 7);
    /// Has no domain or no path: it does not say what its payload is.
    pub const NAMELESS: Traits = Traits(1 << 9);
    /// Where the number of the group stands that a keepsake is of.
    const GROUP: u32 = 12;

    /// Those of a keepsake of this group, or of none.
    pub const fn of_group(group: Option<KeepsakeGroup>) -> Traits {
        match group {
            Some(group) => Traits((group as u16 + 1) << Traits::GROUP),
            None => Traits(0),
        }
    }

    /// The group of the keepsake that it is, if it is one.
    pub fn group(self) -> Option<KeepsakeGroup> {
        let number = usize::from(self.0 >> Traits::GROUP);
        KeepsakeGroup::ALL.get(number.checked_sub(1)?).copied()
    }
    /// One of the databases whose places are known.
    pub const KNOWN_DATABASE: Traits = Traits(1 << 8);

    /// Whether all bits of `other` are set.
    pub const fn has(self, other: Traits) -> bool {
        self.0 & other.0 == other.0
    }

    /// Sets the bits of `other` if `condition` holds.
    pub const fn with(self, other: Traits, condition: bool) -> Traits {
        if condition {
            Traits(self.0 | other.0)
        } else {
            self
        }
    }
}

/// `HomeDomain`, `Library/Application Support/FileProvider/backup/backup_manifest.db`: iOS 17 and
/// later fail to read it on the device, and the backup still finishes (F§9.1).
pub const KNOWN_TROUBLE: FileId = FileId::from_bytes([
    0x49, 0x12, 0x8a, 0xb4, 0x70, 0x58, 0x37, 0x69, 0xcf, 0x58, 0xeb, 0x2e, 0x9f, 0xe2, 0xeb, 0x47,
    0x98, 0x3a, 0xfa, 0xc3,
]);

/// One row that may have a payload. 32 bytes, because there can be a million of them; domain and
/// path are looked up again for the few that end in a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// The payload's name.
    pub id: FileId,
    /// Index into [`Listing::domains`].
    pub domain: u16,
    /// What the checks need to know.
    pub traits: Traits,
    /// `Size`: bytes of the original on the device; 0 where unknown.
    pub size: u64,
}

const _: () = assert!(size_of::<Record>() == 32);

/// What only reading a payload to its end needs of its row; none of a row with flag 16. Kept at level
/// `contents` alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seal {
    /// The payload's name.
    pub id: FileId,
    /// `Digest`: SHA-1 of the stored bytes.
    pub digest: Option<[u8; 20]>,
    /// `EncryptionKey`, where it has 44 bytes.
    pub key: Option<WrappedKey>,
    /// Whether `Size` is 0.
    pub is_empty: bool,
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

/// Rows that have something wrong with themselves, whatever is on the disk.
#[derive(Clone, Debug, Default)]
pub struct OddRows {
    /// How many.
    pub count: u64,
    /// Sum of their known `Size`, in bytes.
    pub bytes: u64,
    /// The first few: domain, relative path, fileID as it stands there, `Size`.
    pub examples: Vec<super::Example>,
}

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
    pub seals: Vec<Seal>,
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

/// Records in the order of their shards, and where each shard begins among them.
#[derive(Clone, Debug)]
pub struct Run {
    records: Vec<Record>,
    /// The first record of each shard, and at last their number.
    starts: Box<[u32; 257]>,
}

impl Run {
    /// Sorts records by shard; there may be fewer than 2³² of them.
    pub fn new(records: &[Record]) -> Run {
        let mut starts = Box::new([0; 257]);
        for record in records {
            starts[usize::from(record.id.shard()) + 1] += 1;
        }
        for shard in 0..256 {
            starts[shard + 1] += starts[shard];
        }
        let mut next = starts.clone();
        let mut sorted = records.to_vec();
        for record in records {
            let place = &mut next[usize::from(record.id.shard())];
            sorted[*place as usize] = *record;
            *place += 1;
        }
        Run {
            records: sorted,
            starts,
        }
    }

    /// All of them.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// Changes what domain each belongs to.
    pub fn renumber_domains(&mut self, new: &[u16]) {
        for record in &mut self.records {
            record.domain = new[usize::from(record.domain)];
        }
    }

    fn shard(&self, shard: u8) -> &[Record] {
        let at = usize::from(shard);
        &self.records[self.starts[at] as usize..self.starts[at + 1] as usize]
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
    use super::*;

    #[test]
    fn file_ids_are_the_known_ones() {
        // F§8, handy known ids.
        for (domain, path, id) in [
            (
                "HomeDomain",
                "Library/SMS/sms.db",
                "3d0d7e5fb2ce288813306e4d4636395e047a3d28",
            ),
            (
                "CameraRollDomain",
                "Media/PhotoData/Photos.sqlite",
                "12b144c0bd44f2b3dffd9186d3f9c05b917cee25",
            ),
        ] {
            let computed = FileId::of(domain.as_bytes(), path.as_bytes());
            assert_eq!(computed.to_string(), id);
            assert_eq!(FileId::parse(id.as_bytes()), Some(computed));
            assert_eq!(FileId::parse(id.to_uppercase().as_bytes()), Some(computed));
        }
        let root = FileId::of(b"CameraRollDomain", b"");
        assert!(root.to_string().starts_with("be1f28f4"));
    }

    #[test]
    fn only_forty_hex_digits_are_an_id() {
        for text in [
            &b""[..],
            b"../../../../../../../../../../etc/passwd",
            b"3d0d7e5fb2ce288813306e4d4636395e047a3d2",
            b"3d0d7e5fb2ce288813306e4d4636395e047a3d28a",
            b"zd0d7e5fb2ce288813306e4d4636395e047a3d28",
        ] {
            assert_eq!(FileId::parse(text), None);
        }
    }

    #[test]
    fn a_shard_gathers_its_records_from_all_runs() {
        let record = |first: u8, second: u8| Record {
            id: FileId::from_bytes(std::array::from_fn(|at| match at {
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
