//! Payloads of which hardly anything is stored: holes read as zeros, at the speed of a hash, and a file of a
//! few blocks may be terabytes long.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::model::FileId;

use super::job::Job;
use super::payload::{self, Files};
use super::places::Places;

/// So many bytes of holes are read in one backup, which takes minutes: more than copies of databases have.
const MOST: u64 = 64 << 30;

/// A shorter payload has no holes that count.
const SMALL: u64 = 1 << 20;

/// The payloads that are not read, so that no more than [`MOST`] bytes of holes are: those with the largest
/// ones.
pub fn find<F: Files>(job: &Job<'_>, files: &F, places: &Places) -> BTreeSet<FileId> {
    let today = || (0..=u8::MAX).filter(|shard| job.has(*shard));
    let all = today().flat_map(|shard| job.files(shard));
    let length = all.fold(0_u64, |sum, payload| sum.saturating_add(payload.size));
    if length <= MOST {
        return BTreeSet::new();
    }
    let of_shard = |shard: u8| {
        let folders = places.open(shard);
        let large = job.files(shard);
        let large = large.filter(|payload| payload.size > SMALL && !payload.is_cloud_only);
        let hollow = large.filter_map(|payload| {
            let (file, _) = payload::open(files, &folders, payload.id).ok()?;
            let holes = files.holes(&file);
            (holes > 0).then_some((holes, payload.id))
        });
        hollow.collect::<Vec<_>>()
    };
    let shards: Vec<u8> = today().collect();
    let mut hollow: Vec<_> = shards.into_par_iter().flat_map_iter(of_shard).collect();
    hollow.sort_unstable();
    beyond(hollow, MOST)
}

/// Those, of all sorted by their holes, that are too many.
fn beyond(hollow: Vec<(u64, FileId)>, most: u64) -> BTreeSet<FileId> {
    let mut read = 0_u64;
    let too_many = hollow.into_iter().skip_while(|(holes, _)| {
        read = read.saturating_add(*holes);
        read <= most
    });
    too_many.map(|(_, id)| id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_bytes_of_holes_are_read_and_the_largest_are_not() {
        let [one, two, three] = [1, 2, 3].map(|byte| FileId::from_bytes([byte; 20]));
        let hollow = || vec![(10, two), (10, three), (30, one)];
        assert_eq!(beyond(hollow(), 50), BTreeSet::new());
        assert_eq!(beyond(hollow(), 49), BTreeSet::from([one]));
        assert_eq!(beyond(hollow(), 20), BTreeSet::from([one]));
        assert_eq!(beyond(hollow(), 19), BTreeSet::from([one, three]));
        assert_eq!(beyond(hollow(), 0), BTreeSet::from([one, two, three]));
        let endless = vec![(u64::MAX, one), (u64::MAX, two)];
        assert_eq!(beyond(endless, 5), BTreeSet::from([one, two]));
    }
}
