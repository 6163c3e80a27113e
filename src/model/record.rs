//! A row of a manifest that may have a payload: what is kept of it, by the million.

use super::file_id::FileId;
use super::keepsake::KeepsakeGroup;
use super::keybag::WrappedKey;

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
    /// Index into [`Listing::domains`](super::Listing::domains).
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
pub struct PayloadKey {
    /// The payload's name.
    pub id: FileId,
    /// `Digest`: SHA-1 of the stored bytes.
    pub digest: Option<[u8; 20]>,
    /// `EncryptionKey`, where it has 44 bytes.
    pub key: Option<WrappedKey>,
    /// Whether `Size` is 0.
    pub is_empty: bool,
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

    pub(super) fn shard(&self, shard: u8) -> &[Record] {
        let index = usize::from(shard);
        &self.records[self.starts[index] as usize..self.starts[index + 1] as usize]
    }
}
