//! Reads the payloads of a backup to their end (`--level contents`): what cannot be read, what has
//! other bytes than the device's `Digest` (F§10) or than an earlier run read, what does not end in
//! valid padding (F§11.3), and what SQLite says of the databases of well-known apps. Tells what it
//! found, and judges no backup.
//!
//! One task a shard; each holds one buffer, and nothing of a file is kept.

mod databases;
mod holes;
mod hollow;
mod job;
pub mod pairs;
mod payload;
pub mod places;
mod same;
mod shard;

use std::path::PathBuf;

use rayon::prelude::*;

use crate::model::progress::Event;
use crate::model::{Contents, Denied, Known, Subjects};
use crate::system;

pub use job::Job;
pub use same::{Lock, Side, Twin, Unlike, compare};

use payload::{Disk, Files};
use places::Places;
use shard::Part;

/// Reads them, on as many threads as the current pool has, and tells what could not be opened, too.
/// Remembers in the ledger what it read, unless it was stopped: then what it tells is only a part.
pub fn read(job: &Job<'_>) -> (Contents, Denied) {
    read_from(job, &Disk)
}

fn read_from<F: Files>(job: &Job<'_>, files: &F) -> (Contents, Denied) {
    let places = Places::find(job.folder, job.format, job.moving);
    let hollow = hollow::find(job, files, &places);
    let today = (0..=u8::MAX).filter(|shard| job.has(*shard));
    let (mut count, mut bytes) = (0, 0_u64);
    let today = today.flat_map(|shard| job.files(shard));
    for payload in today.filter(|payload| !hollow.contains(&payload.id)) {
        count += 1;
        bytes = bytes.saturating_add(payload.size);
    }
    job.monitor.tell(Event::Reading {
        files: count,
        bytes,
    });
    let parts: Vec<Part> = (0..=u8::MAX)
        .into_par_iter()
        .map(|number| shard::read(job, files, &places, &hollow, number))
        .collect();

    let mut contents = Contents::keeping(job.keep);
    let mut denied = Denied::new(job.keep);
    let mut learned: Vec<(u8, Vec<Known>)> = Vec::new();
    for (number, part) in (0..=u8::MAX).zip(parts) {
        contents.append(part.contents);
        denied.append(part.denied);
        learned.extend(part.learned.map(|known| (number, known)));
    }
    // Of a disk that was pulled out nothing can be read, and nothing is known.
    if contents.unreadable.count > 0
        && let Err(error) = job.folder.metadata()
    {
        contents.unreadable = Subjects::new(job.keep);
        denied.add(PathBuf::new(), system::in_words(&error));
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
