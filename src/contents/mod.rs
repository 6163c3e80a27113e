//! Reads the payloads of a backup to their end (`--level contents`): what cannot be read, what has
//! other bytes than the device's `Digest` (F§10) or than an earlier run read, what does not end in
//! valid padding (F§11.3), and what SQLite says of the databases of well-known apps. Tells what it
//! found, and judges no backup.
//!
//! One task a shard; each holds one buffer, and nothing of a file is kept.

mod databases;
pub mod pairs;
mod payload;
mod places;
mod same;
mod shard;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rayon::prelude::*;

use crate::crypto::ClassKeys;
use crate::model::options::Subset;
use crate::model::progress::{Event, Monitor};
use crate::model::sources::Ledger;
use crate::model::{
    Contents, Denied, FileId, Known, ManifestFormat, Payload, PayloadKind, Seal, Subjects,
};
use crate::system;

pub use same::{Lock, Side, Twin, Unlike, compare};

use payload::{Disk, Files};
use places::Places;
use shard::Part;

/// What to read, and what to compare it with.
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
    pub seals: &'a [Seal],
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
    fn has(&self, shard: u8) -> bool {
        self.subset.is_none_or(|subset| subset.has(shard))
    }

    /// The regular files of a shard, in the order of their ids.
    fn files(&self, shard: u8) -> impl Iterator<Item = &Payload> {
        let payloads = self.shards.get(usize::from(shard));
        let payloads = payloads.into_iter().flatten();
        payloads.filter(|payload| payload.kind == PayloadKind::File)
    }

    /// The payload of this id, if it is a regular file.
    fn payload(&self, id: FileId) -> Option<&Payload> {
        let shard = self.shards.get(usize::from(id.shard()))?;
        let at = shard.binary_search_by_key(&id, |payload| payload.id).ok()?;
        shard
            .get(at)
            .filter(|found| found.kind == PayloadKind::File)
    }

    /// What rows say of the payloads of a shard.
    fn seals(&self, shard: u8) -> &[Seal] {
        let start = self.seals.partition_point(|seal| seal.id.shard() < shard);
        let end = self.seals.partition_point(|seal| seal.id.shard() <= shard);
        &self.seals[start..end]
    }
}

/// Reads them, on as many threads as the current pool has, and tells what could not be opened, too.
/// Remembers in the ledger what it read, unless it was stopped: then what it tells is only a part.
pub fn read(job: &Job<'_>) -> (Contents, Denied) {
    read_from(job, &Disk)
}

fn read_from<F: Files>(job: &Job<'_>, files: &F) -> (Contents, Denied) {
    let today = (0..=u8::MAX).filter(|shard| job.has(*shard));
    let (mut count, mut bytes) = (0, 0_u64);
    for payload in today.flat_map(|shard| job.files(shard)) {
        count += 1;
        bytes = bytes.saturating_add(payload.size);
    }
    job.monitor.tell(Event::Reading {
        files: count,
        bytes,
    });
    let places = Places::find(job.folder, job.format, job.moving);
    let parts: Vec<Part> = (0..=u8::MAX)
        .into_par_iter()
        .map(|number| shard::read(job, files, &places, number))
        .collect();

    let mut contents = Contents::default();
    let mut denied = Denied::default();
    let mut learned: Vec<(u8, Vec<Known>)> = Vec::new();
    for (number, part) in (0..=u8::MAX).zip(parts) {
        contents.append(part.contents, job.keep);
        denied.append(part.denied, job.keep);
        learned.extend(part.learned.map(|known| (number, known)));
    }
    // Of a disk that was pulled out nothing can be read, and nothing is known.
    if contents.unreadable.count > 0
        && let Err(error) = job.folder.metadata()
    {
        contents.unreadable = Subjects::default();
        denied.add(PathBuf::new(), system::in_words(&error), job.keep);
    }
    contents.databases = databases::check(job, &places);
    if let Some(ledger) = job.ledger
        && !job.monitor.is_stopped()
    {
        ledger.learn(job.folder, learned);
    }
    (contents, denied)
}

#[cfg(test)]
mod tests;
