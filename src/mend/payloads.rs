//! The payloads that the new backup gets: those that rows name and that lie in their place.

use std::path::PathBuf;

use rayon::prelude::*;

use crate::contents::places::{Letters, Name, Places, ShardFolders};
use crate::model::progress::Monitor;
use crate::model::{Amount, FileId, Listing};
use crate::system;

use super::astray::Found;
use super::gone::Gone;

/// A payload in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InPlace {
    /// Its name.
    pub id: FileId,
    /// Its length in bytes.
    pub size: u64,
    /// Which of the folders of its shard it lies in.
    pub folder: u8,
    /// Whether its name is spelled in capitals.
    pub is_capital: bool,
}

impl InPlace {
    /// Its name as it is spelled there.
    pub fn name(&self) -> Name {
        let letters = match self.is_capital {
            true => Letters::Capital,
            false => Letters::Small,
        };
        Name::of(self.id, letters)
    }
}

/// All payloads that the new backup gets.
#[derive(Debug, Default)]
pub struct Payloads {
    /// Those in their place, by shard.
    pub in_place: Vec<Vec<InPlace>>,
    /// Those that lie elsewhere.
    pub found: Vec<Found>,
}

impl Payloads {
    /// Looks for those that stay. Opens none.
    pub fn find(
        places: &Places,
        listing: &Listing,
        gone: &Gone,
        monitor: &Monitor<'_>,
    ) -> Vec<Vec<InPlace>> {
        let shards = (0..=u8::MAX).into_par_iter();
        shards
            .map(|shard| match monitor.is_stopped() {
                true => Vec::new(),
                false => of_shard(places, listing, gone, shard),
            })
            .collect()
    }

    /// How many, and their bytes.
    pub fn amount(&self) -> Amount {
        let mut amount = Amount::default();
        let sizes = self.in_place.iter().flatten().map(|payload| payload.size);
        let of_found = self.found.iter().map(|found| found.size);
        sizes.chain(of_found).for_each(|size| amount.add(size));
        amount
    }

    /// Bytes that copies of them take on a disk with blocks of 4096 bytes.
    pub fn on_disk(&self) -> u64 {
        const BLOCK: u64 = 4096;
        let sizes = self.in_place.iter().flatten().map(|payload| payload.size);
        let of_found = self.found.iter().map(|found| found.size);
        let blocks = sizes
            .chain(of_found)
            .map(|size| size.div_ceil(BLOCK) * BLOCK);
        blocks.fold(0, u64::saturating_add)
    }
}

fn of_shard(places: &Places, listing: &Listing, gone: &Gone, shard: u8) -> Vec<InPlace> {
    let mut records = listing.shard(shard);
    records.dedup_by_key(|record| record.id);
    let folders = places.open(shard);
    let stays = records.iter().filter(|record| !gone.has(record.id));
    stays
        .filter_map(|record| in_place(&folders, record.id))
        .collect()
}

/// The first place of a payload that has a file which is here.
fn in_place(folders: &ShardFolders, id: FileId) -> Option<InPlace> {
    for (folder, number) in folders.open.iter().zip(0..) {
        for letters in Letters::ALL {
            let path: PathBuf = folder.path().join(Name::of(id, letters).as_str());
            let Ok(found) = path.symlink_metadata() else {
                continue;
            };
            if found.is_file() && !system::is_cloud_only(&found) {
                return Some(InPlace {
                    id,
                    size: found.len(),
                    folder: number,
                    is_capital: matches!(letters, Letters::Capital),
                });
            }
        }
    }
    None
}
