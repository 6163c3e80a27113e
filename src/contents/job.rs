//! What to read of a backup, and what to compare it with.

use std::path::Path;

use jiff::Timestamp;

use crate::crypto::ClassKeys;
use crate::model::options::Subset;
use crate::model::progress::Monitor;
use crate::model::sources::Ledger;
use crate::model::{FileId, ManifestFormat, Payload, PayloadKey, PayloadKind};

/// The payloads to read, and all that is known of them.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// The backup's folder.
    pub folder: &'a Path,
    /// The manifest's format: it tells where payloads are.
    pub format: ManifestFormat,
    /// State `moving`: a payload in `Snapshot/` counts before the one in its final place (contract §4
    /// rule 5).
    pub moving: bool,
    /// The payloads that were measured: 256 shards, each sorted by id.
    pub shards: &'a [Vec<Payload>],
    /// What rows say of payloads, sorted by id; none where the manifest could not be read.
    pub seals: &'a [PayloadKey],
    /// Whether payloads are encrypted.
    pub encrypted: bool,
    /// The keys of an encrypted backup, where a password opened them.
    pub keys: Option<&'a ClassKeys>,
    /// What earlier runs read.
    pub ledger: Option<&'a dyn Ledger>,
    /// The shards to read, where not all.
    pub subset: Option<Subset>,
    /// The time that counts as now.
    pub now: Timestamp,
    /// How many examples of each kind to keep.
    pub keep: usize,
    /// Hears of it, and may stop it.
    pub monitor: &'a Monitor<'a>,
}

impl Job<'_> {
    /// Whether the payloads of this shard are read today.
    pub(super) fn has(&self, shard: u8) -> bool {
        self.subset.is_none_or(|subset| subset.has(shard))
    }

    /// The regular files of a shard, in the order of their ids.
    pub(super) fn files(&self, shard: u8) -> impl Iterator<Item = &Payload> {
        let payloads = self.shards.get(usize::from(shard));
        let payloads = payloads.into_iter().flatten();
        payloads.filter(|payload| payload.kind == PayloadKind::File)
    }

    /// The payload of this id, if it is a regular file.
    pub(super) fn payload(&self, id: FileId) -> Option<&Payload> {
        let shard = self.shards.get(usize::from(id.shard()))?;
        let position = shard.binary_search_by_key(&id, |payload| payload.id).ok()?;
        shard
            .get(position)
            .filter(|found| found.kind == PayloadKind::File)
    }

    /// What rows say of the payloads of a shard.
    pub(super) fn seals(&self, shard: u8) -> &[PayloadKey] {
        let start = self.seals.partition_point(|seal| seal.id.shard() < shard);
        let end = self.seals.partition_point(|seal| seal.id.shard() <= shard);
        &self.seals[start..end]
    }
}
