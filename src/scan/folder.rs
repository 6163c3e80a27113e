//! What lies in a backup's folder, measured and compared with the rows of its manifest.

use std::io::Read;
use std::path::Path;
use std::time::{Duration, SystemTime};

use rayon::prelude::*;

use crate::compare::{self, Rules, Shorter};
use crate::measure::{self, Layout, Shard};
use crate::model::options::LARGEST;
use crate::model::{
    Comparison, Inventory, Level, Listing, Manifest, ManifestFormat, Metadata, Subject,
};
use crate::read;
use crate::system;

use super::look::Look;

/// What lies there, and how it differs from the rows.
pub type Measured = (Inventory, Comparison);

impl Look<'_> {
    /// Whether payloads are compared with these rows, or stand for themselves.
    pub fn compares(&self, manifest: &Manifest) -> bool {
        let locked = matches!(manifest, Manifest::Locked) && self.config().level > Level::Quick;
        manifest.listing().is_some() || locked
    }

    /// Measures the folder, and compares it with the manifest's rows where there are any.
    pub fn measure(&self, manifest: &Manifest) -> Measured {
        let format = self.metadata.manifest_file.map(|(_, format)| format);
        let judge = self.judge(manifest);
        self.walk(format.filter(|_| self.compares(manifest)), |shard| {
            if self.reads_contents() {
                self.kept.keep(&shard);
            }
            judge.compare(&shard)
        })
    }

    /// Compares the payloads that were kept.
    pub fn compare_kept(&self, manifest: &Manifest) -> Comparison {
        if !self.compares(manifest) {
            return Comparison::default();
        }
        let judge = self.judge(manifest);
        let shards: Vec<_> = (0..=u8::MAX)
            .into_par_iter()
            .map(|number| judge.compare(&self.kept.shard(number)))
            .collect();
        let mut all = Comparison::default();
        for shard in shards {
            all.append(shard);
        }
        all
    }

    pub fn walk(
        &self,
        format: Option<ManifestFormat>,
        compare: impl Fn(Shard<'_>) -> Comparison + Sync,
    ) -> Measured {
        let layout = Layout {
            format,
            moving: self.metadata.in_snapshot,
            horizon: SystemTime::from(self.config().now) + Duration::from_secs(24 * 60 * 60),
            keep: self.keep(),
        };
        measure::take(&self.metadata.folder, layout, self.looker.monitor, compare)
    }

    fn judge<'m>(&'m self, manifest: &'m Manifest) -> Judge<'m> {
        let listing = manifest.listing();
        Judge {
            metadata: self.metadata,
            listing,
            rules: Rules {
                listed: listing.is_some(),
                encrypted: self.metadata.encrypted() == Some(true),
                presence_only: listing.is_some_and(|listing| listing.opaque),
                keep: self.keep(),
                largest: if self.is_in_full() { LARGEST } else { 0 },
                keepsakes: self.looker.asked.keepsakes,
                names: self.looker.asked.names,
            },
        }
    }
}

/// Compares shards with the rows of a manifest.
struct Judge<'a> {
    metadata: &'a Metadata,
    listing: Option<&'a Listing>,
    rules: Rules,
}

impl Judge<'_> {
    fn compare(&self, shard: &Shard<'_>) -> Comparison {
        let records = self.listing.map(|listing| listing.shard(shard.number));
        let (mut comparison, shorter) = compare::compare(
            records.as_deref().unwrap_or_default(),
            shard.payloads,
            shard.readable,
            &self.rules,
        );
        for payload in shorter {
            let Shorter { id, size, recorded } = payload;
            if self.is_sqlite(&payload) {
                let subject = Subject::of(id, size);
                comparison.size_differs.add(subject);
            } else {
                let subject = Subject::of(id, recorded - size);
                comparison.shorter.add(subject);
            }
        }
        comparison
    }

    /// Whether a payload begins like a SQLite database, which the device compacts (F§9.3). A file
    /// that is only in a cloud is not opened, and counts as one: then nothing is said of it.
    fn is_sqlite(&self, payload: &Shorter) -> bool {
        let name = payload.id.to_string();
        let shard = &name[..2];
        let relative = match self.metadata.manifest_file {
            Some((_, ManifestFormat::Mbdb)) => name.clone(),
            _ => format!("{shard}/{name}"),
        };
        let folder = &self.metadata.folder;
        let moved = self.metadata.in_snapshot;
        let moved = moved.then(|| folder.join("Snapshot").join(&relative));
        moved
            .into_iter()
            .chain([folder.join(&relative)])
            .find_map(|path| begins_like_sqlite(&path))
            != Some(false)
    }
}

/// `None` where there is no such file or it cannot be opened.
fn begins_like_sqlite(path: &Path) -> Option<bool> {
    if system::is_cloud_only(&path.symlink_metadata().ok()?) {
        return None;
    }
    let mut bytes = [0; 16];
    let mut file = system::open_regular(path).ok()?;
    Some(match file.read_exact(&mut bytes) {
        Ok(()) => read::database::is_sqlite(&bytes),
        // Shorter than any database.
        Err(_) => false,
    })
}
