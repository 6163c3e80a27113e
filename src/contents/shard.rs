//! Reads the payloads of a shard, and compares each with what its row and an earlier run say of it.

use std::collections::BTreeSet;
use std::iter::Peekable;
use std::path::PathBuf;
use std::slice;

use crate::crypto;
use crate::model::{
    Contents, Denied, FileId, KNOWN_TROUBLE, Known, ManifestFormat, Payload, PayloadKey, Subject,
};

use super::job::Job;
use super::payload::{Files, NotRead, Reader, Seen};
use super::places::Places;

/// What became of a shard.
pub struct Part {
    pub contents: Contents,
    pub denied: Denied,
    /// What to remember of it, where that is something else than before.
    pub learned: Option<Vec<Known>>,
}

/// Reads a shard, or counts it as left out.
pub fn read<F: Files>(
    job: &Job<'_>,
    files: &F,
    places: &Places,
    hollow: &BTreeSet<FileId>,
    number: u8,
) -> Part {
    let mut part = Part {
        contents: Contents::keeping(job.keep),
        denied: Denied::new(job.keep),
        learned: None,
    };
    if !job.has(number) {
        for payload in job.files(number) {
            part.contents.all.add(payload.size);
            part.contents.left_out.add(payload.size);
        }
        return part;
    }
    let known = match job.ledger {
        Some(ledger) => ledger.known(job.folder, number),
        None => Vec::new(),
    };
    let mut shard = Shard {
        job,
        reader: Reader::new(files, places.open(number), job.monitor),
        part: &mut part,
        hollow,
        known: known.iter().peekable(),
        kept: Vec::with_capacity(known.len()),
    };
    let mut seals = job.seals(number).iter().peekable();
    for payload in job.files(number) {
        if job.monitor.is_stopped() {
            break;
        }
        while seals.next_if(|seal| seal.id < payload.id).is_some() {}
        let seal = seals.peek().filter(|seal| seal.id == payload.id);
        shard.payload(payload, seal.copied());
    }
    let kept = shard.finish();
    if job.ledger.is_some() && kept != known {
        part.learned = Some(kept);
    }
    part
}

/// A shard that is being read.
struct Shard<'a, F> {
    job: &'a Job<'a>,
    reader: Reader<'a, F>,
    part: &'a mut Part,
    /// What is not read, because hardly anything of it is stored.
    hollow: &'a BTreeSet<FileId>,
    /// What is remembered of the payloads that come next.
    known: Peekable<slice::Iter<'a, Known>>,
    /// What will be remembered.
    kept: Vec<Known>,
}

impl<F: Files> Shard<'_, F> {
    fn payload(&mut self, payload: &Payload, seal: Option<&PayloadKey>) {
        self.forget_gone(Some(payload.id));
        let known = self.known.next_if(|known| known.id == payload.id);
        self.part.contents.all.add(payload.size);
        let kept = match self.read(payload, seal, known) {
            Ok(kept) => kept,
            Err(why) => {
                self.not_read(payload, why);
                known.copied()
            }
        };
        self.kept.extend(kept);
    }

    /// Reads a payload and counts it; gives what to remember of it.
    fn read(
        &mut self,
        payload: &Payload,
        seal: Option<&PayloadKey>,
        known: Option<&Known>,
    ) -> Result<Option<Known>, NotRead> {
        if payload.is_cloud_only {
            self.part.contents.cloud.add(payload.size);
            return Ok(known.copied());
        }
        if self.hollow.contains(&payload.id) {
            self.part.contents.hollow.add(payload.size);
            return Ok(known.copied());
        }
        let trusted = seal.filter(|_| payload.id != KNOWN_TROUBLE);
        // An empty file may be stored as nothing, and its digest be that of a block of padding (F§9.2).
        let is_nothing =
            |seal: &&PayloadKey| payload.size == 0 && self.job.encrypted && seal.is_empty;
        let digest = trusted
            .filter(|seal| !is_nothing(seal))
            .and_then(|seal| seal.digest);
        let keys = self.job.keys.filter(|_| self.job.encrypted);
        let sealed = trusted.zip(keys).filter(|_| has_padding(payload));
        let mut seen = self.reader.read(payload)?;
        let mut compared = Compared::new(payload.id, &seen, digest, known);
        if compared.mismatched || compared.changed {
            seen = self.reader.read_again(payload, &seen)?;
            compared = Compared::new(payload.id, &seen, digest, known);
        }
        let contents = &mut self.part.contents;
        let (size, subject) = (payload.size, || Subject::of(payload.id, payload.size));
        contents.read.add(size);
        contents.add_bytes(payload.id, &seen.sha1);
        if digest.is_some() {
            contents.by_digest.add(size);
        } else if compared.is_remembered {
            contents.by_ledger.add(size);
        }
        if compared.mismatched {
            contents.mismatched.add(subject());
        }
        if compared.changed {
            contents.changed.add(subject());
        }
        if let Some((seal, keys)) = sealed {
            match seal.key.as_ref().map(|key| keys.unwrap(key)) {
                // The row says so by itself.
                None => {}
                Some(Err(_)) => contents.without_key.add(size),
                Some(Ok(key)) if crypto::padding(&key, seen.tail.bytes()).is_none() => {
                    contents.padding.add(subject());
                }
                Some(Ok(_)) => {}
            }
        }
        if compared.is_remembered {
            contents.remembered.add(size);
        }
        // Bytes that are wrong are not learned: the next run must find them wrong, too.
        Ok(match compared.mismatched || compared.changed {
            true => known.copied(),
            false => Some(compared.now).filter(|now| !self.is_fresh(now)),
        })
    }

    /// Whether a file was written so lately that it may be written again without another time: some
    /// file systems tell it in steps of one or two seconds.
    fn is_fresh(&self, now: &Known) -> bool {
        const SECOND: i64 = 1_000_000_000;
        let since = i128::from(now.modified) - self.job.now.as_nanosecond();
        let lately = since.unsigned_abs() <= 3 * u128::from(SECOND.unsigned_abs());
        lately && now.modified % SECOND == 0
    }

    fn not_read(&mut self, payload: &Payload, why: NotRead) {
        let Part {
            contents, denied, ..
        } = self.part;
        match why {
            NotRead::Moving => contents.moving.add(payload.size),
            NotRead::Denied(cause) => {
                let name = payload.id.to_string();
                let place = match self.job.format {
                    ManifestFormat::Sqlite => [&name[..2], &name].iter().collect(),
                    ManifestFormat::Mbdb => PathBuf::from(name),
                };
                denied.add(place, cause);
            }
            NotRead::Unreadable => contents
                .unreadable
                .add(Subject::of(payload.id, payload.size)),
            NotRead::Stopped => {}
        }
    }

    /// Goes on to a payload, or to the end. What is remembered of others before it is kept only if they
    /// are still there.
    fn forget_gone(&mut self, up_to: Option<FileId>) {
        let is_before = |known: &&Known| up_to.is_none_or(|id| known.id < id);
        while let Some(known) = self.known.next_if(is_before) {
            if self.reader.folders.is_there(known.id) {
                self.kept.push(*known);
            }
        }
    }

    /// What to remember of the shard.
    fn finish(mut self) -> Vec<Known> {
        self.forget_gone(None);
        self.kept
    }
}

/// Whether a payload can end in padding: another length tells enough (F§11.3).
fn has_padding(payload: &Payload) -> bool {
    payload.size > 0 && payload.size.is_multiple_of(16)
}

/// What a payload's bytes are, beside what they should be.
struct Compared {
    now: Known,
    /// Other bytes than the digest.
    mismatched: bool,
    /// Whether an earlier run read the file as it is, by size, time and inode.
    is_remembered: bool,
    /// And it had other bytes, and no digest says that these ones are right.
    changed: bool,
}

impl Compared {
    fn new(id: FileId, seen: &Seen, digest: Option<[u8; 20]>, known: Option<&Known>) -> Compared {
        let now = Known {
            id,
            size: seen.stamp.size,
            modified: seen.stamp.modified,
            inode: seen.stamp.inode,
            sha1: seen.sha1,
        };
        let same = known.filter(|known| known.is_same_file(&now));
        let is_right = digest == Some(seen.sha1);
        Compared {
            now,
            mismatched: digest.is_some() && !is_right,
            is_remembered: same.is_some(),
            changed: !is_right && same.is_some_and(|known| known.sha1 != now.sha1),
        }
    }
}
