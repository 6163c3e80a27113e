//! Puts together what a backup holds, from its rows and what lies on the disk. Pure.

use std::collections::BTreeMap;

use crate::facts::databases;
use crate::model::{
    Comparison, Holdings, KeepsakeGroup, Keepsakes, Manifest, Metadata, StorageGroup, Stored,
};

/// What was asked for when the backup was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Each keepsake.
    pub keepsakes: bool,
    /// Names and lengths of all payloads: all that is known of a locked backup.
    pub names: bool,
}

/// What a backup holds. Takes what it needs out of the manifest and the comparison.
pub fn holdings(
    metadata: &Metadata,
    manifest: &mut Manifest,
    comparison: &mut Comparison,
    asked: Asked,
) -> Holdings {
    let databases_elsewhere = take_elsewhere(comparison);
    let odd = std::mem::take(&mut comparison.odd_keepsakes);
    let mut names = std::mem::take(&mut comparison.names);
    names.sort_unstable();
    // One that was cut does not tell of all files.
    let is_whole = matches!(manifest, Manifest::Listed(_));
    let listing = manifest.listing_mut();
    let icloud_photos = listing.as_ref().map(|listing| listing.icloud_photos);
    let is_plain = is_whole
        && listing
            .as_ref()
            .is_some_and(|listing| listing.shows_no_keys());
    let keepsakes = listing.filter(|_| asked.keepsakes).map(|listing| {
        // Nobody asks for single records any more.
        listing.runs = Vec::new();
        let mut keepsakes = Keepsakes::joined(std::mem::take(&mut listing.keepsakes));
        keepsakes.settle(metadata.encrypted() == Some(true), odd);
        keepsakes
    });
    Holdings {
        keepsakes,
        databases: std::mem::take(&mut comparison.known_databases),
        databases_elsewhere,
        apps: metadata
            .info
            .value()
            .map_or_else(Vec::new, |info| info.apps.clone()),
        icloud_photos: icloud_photos.unwrap_or_default(),
        payload_digest: comparison.digest,
        strays: std::mem::take(&mut comparison.strays),
        is_plain,
        names: asked.names.then_some(names),
    }
}

/// Takes what rows name, and lies elsewhere in the folder (flattened, in a wrong shard, in `Snapshot/`), out of what no
/// row names: mending would put it into its place. Keepsakes among it count as stored there; of the known databases
/// the bytes are told, by kind.
fn take_elsewhere(comparison: &mut Comparison) -> BTreeMap<&'static str, u64> {
    let keepsakes = comparison.odd_keepsakes.iter();
    let keepsakes = keepsakes.filter(|(_, stored)| *stored == Stored::Nothing);
    let keepsakes = keepsakes.map(|(id, _)| *id);
    let databases = comparison.lost_databases.iter().map(|id| id.prefix());
    let wanted = keepsakes.chain(databases).collect();
    let taken = comparison.strays.take(&wanted);
    for (id, stored) in &mut comparison.odd_keepsakes {
        if *stored == Stored::Nothing
            && let Some(length) = taken.get(id)
        {
            *stored = Stored::Elsewhere(*length);
        }
    }
    let mut databases = BTreeMap::new();
    for id in std::mem::take(&mut comparison.lost_databases) {
        if let Some((kind, length)) = databases::kind_of(id).zip(taken.get(&id.prefix())) {
            let sum: &mut u64 = databases.entry(kind.name()).or_default();
            *sum = sum.saturating_add(*length);
        }
    }
    databases
}

/// What a person would miss, by group; nothing where the rows were not read.
pub fn by_group(manifest: &Manifest, comparison: &Comparison) -> Option<Vec<StorageGroup>> {
    manifest.listing()?;
    let groups = KeepsakeGroup::ALL.into_iter().zip(comparison.keepsakes);
    let groups = groups.filter(|(_, (files, _))| *files > 0);
    Some(
        groups
            .map(|(group, (files, bytes))| StorageGroup {
                name: group.name().to_owned(),
                files,
                bytes,
            })
            .collect(),
    )
}
