//! What is remembered of a shard, as it is kept: a checksum, then a record of 64 bytes a payload, sorted
//! by id, numbers little-endian. A row of the database for each payload would cost ten times as long.

use sha1::{Digest, Sha1};

use crate::model::{FileId, Known};

const RECORD: usize = 64;

/// The beginning of a SHA-1 over the backup's path, the shard's number and the records: it tells what
/// another run has changed meanwhile, and what is damaged.
pub type Checksum = [u8; 8];

/// A shard of a backup.
#[derive(Clone, Copy)]
pub struct Shard<'a> {
    /// The path of the backup's folder, as it is kept.
    pub folder: &'a [u8],
    pub number: u8,
}

impl Shard<'_> {
    fn checksum(self, records: &[u8]) -> Checksum {
        let mut hash = Sha1::new();
        hash.update(self.folder);
        hash.update([0, self.number]);
        hash.update(records);
        let hash: [u8; 20] = hash.finalize().into();
        std::array::from_fn(|index| hash[index])
    }

    /// Spells out what is to be kept.
    pub fn encode(self, known: &[Known]) -> Vec<u8> {
        let mut bytes = vec![0; size_of::<Checksum>()];
        bytes.reserve_exact(known.len() * RECORD);
        for known in known {
            bytes.extend_from_slice(known.id.bytes());
            bytes.extend_from_slice(&known.size.to_le_bytes());
            bytes.extend_from_slice(&known.modified.to_le_bytes());
            bytes.extend_from_slice(&known.inode.to_le_bytes());
            bytes.extend_from_slice(&known.sha1);
        }
        let (checksum, records) = bytes.split_at_mut(size_of::<Checksum>());
        checksum.copy_from_slice(&self.checksum(records));
        bytes
    }

    /// Reads it again; `None` where it is not what was written.
    pub fn decode(self, bytes: &[u8]) -> Option<(Checksum, Vec<Known>)> {
        let (checksum, records) = bytes.split_first_chunk()?;
        let (records, []) = records.as_chunks::<RECORD>() else {
            return None;
        };
        if self.checksum(records.as_flattened()) != *checksum {
            return None;
        }
        let known: Vec<Known> = records.iter().map(record).collect();
        let ascend = known.windows(2).all(|pair| pair[0].id < pair[1].id);
        let belong = known.iter().all(|known| known.id.shard() == self.number);
        (ascend && belong).then_some((*checksum, known))
    }
}

fn record(bytes: &[u8; RECORD]) -> Known {
    let number = |offset: usize| -> [u8; 8] { std::array::from_fn(|byte| bytes[offset + byte]) };
    let hash = |offset: usize| -> [u8; 20] { std::array::from_fn(|byte| bytes[offset + byte]) };
    Known {
        id: FileId::from_bytes(hash(0)),
        size: u64::from_le_bytes(number(20)),
        modified: i64::from_le_bytes(number(28)),
        inode: u64::from_le_bytes(number(36)),
        sha1: hash(44),
    }
}

/// What to keep where another run has learned meanwhile: what either has learned. Of a file that both
/// read, what was kept first, so that damage never takes the place of what was read before it.
pub fn merge(theirs: Vec<Known>, ours: Vec<Known>) -> Vec<Known> {
    let mut merged = Vec::with_capacity(theirs.len().max(ours.len()));
    let mut theirs = theirs.into_iter().peekable();
    for our in ours {
        while let Some(their) = theirs.next_if(|their| their.id < our.id) {
            merged.push(their);
        }
        let their = theirs.next_if(|their| their.id == our.id);
        merged.push(
            their
                .filter(|their| their.is_same_file(&our))
                .unwrap_or(our),
        );
    }
    merged.extend(theirs);
    merged
}
