//! What the rows of a manifest may take in memory.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::model::{Keepsake, PayloadKey, Record};

use super::mbfile::Decoders;
use super::wanted::Wanted;

/// What the rows of one manifest may take in memory, whichever of its parts they are in, and what its parts
/// take in turn.
pub struct Budget {
    /// Bytes that are left.
    bytes: AtomicU64,
    pub(super) decoders: Decoders,
}

impl Budget {
    /// Two million files, each of which takes 32 bytes, and as much again while they are compared if all
    /// are in one shard: twice what bkscan is measured with. Seals come on top.
    pub fn usual(wanted: Wanted<'_>) -> Budget {
        const FILES: u64 = 2_000_000;
        Budget::of(FILES * bytes_a_file(wanted))
    }

    /// So many bytes.
    pub fn of(bytes: u64) -> Budget {
        Budget {
            bytes: AtomicU64::new(bytes),
            decoders: Decoders::default(),
        }
    }

    /// Takes so many bytes.
    pub(super) fn take(&self, bytes: u64) -> Result<(), String> {
        let less = |left: u64| left.checked_sub(bytes);
        match (self.bytes).fetch_update(Ordering::Relaxed, Ordering::Relaxed, less) {
            Ok(_) => Ok(()),
            Err(_) => Err(
                "it lists more files and domains than bkscan keeps in memory, far beyond \
                           what a device has"
                    .to_owned(),
            ),
        }
    }

    pub(super) fn give_back(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// What a file row takes in memory.
pub(super) fn bytes_a_file(wanted: Wanted<'_>) -> u64 {
    let seal = if wanted.seals {
        size_of::<PayloadKey>()
    } else {
        0
    };
    let keepsake = if wanted.keepsakes {
        size_of::<Keepsake>()
    } else {
        0
    };
    (size_of::<Record>() + seal + keepsake) as u64
}
