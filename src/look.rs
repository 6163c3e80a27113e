//! One look at a backup: reads its metadata and its manifest, measures its folder, and compares the
//! two. Judges nothing.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::compare::{self, Rules, Shorter};
use crate::config::{LARGEST, ScanConfig};
use crate::means::Means;
use crate::measure::{self, Layout, Shard};
use crate::model::{
    Comparison, Inventory, Level, Listing, Manifest, ManifestFormat, Metadata, Subject,
};
use crate::platform;
use crate::progress::Monitor;
use crate::read::manifest::Header;
use crate::read::manifest_db::{Database, Trouble};
use crate::read::{self, manifest_mbdb};

/// One look at a backup: all that was read and measured.
pub struct Look {
    /// Its property lists.
    pub metadata: Metadata,
    /// Its manifest.
    pub manifest: Manifest,
    /// What lies in its folder.
    pub inventory: Inventory,
    /// The manifest against the disk.
    pub comparison: Comparison,
    /// The private copy that the rows came from, where they came from one.
    pub copy: Option<Database>,
}

impl Look {
    /// Looks once. Never fails: what could not be looked at is said in the parts.
    pub fn take(
        folder: &Path,
        name: &str,
        config: &ScanConfig,
        means: Means<'_>,
        monitor: &Monitor<'_>,
    ) -> Look {
        let metadata = read::metadata::read(folder, name);
        let looker = Looker {
            config,
            means,
            monitor,
            metadata: &metadata,
        };
        let mut copy = None;
        let (manifest, inventory, comparison) = match read::manifest::look(&metadata) {
            Header::Readable { .. } if config.level == Level::Quick => {
                looker.measure(Manifest::HeaderOnly)
            }
            Header::Readable {
                format: ManifestFormat::Sqlite,
                opaque,
            } => looker.database(opaque, &mut copy),
            Header::Readable {
                format: ManifestFormat::Mbdb,
                ..
            } => looker.mbdb(),
            Header::Settled(manifest) => looker.measure(manifest),
        };
        Look {
            metadata,
            manifest,
            inventory,
            comparison,
            copy,
        }
    }

    /// Whether the metadata files are other ones than before the look.
    pub fn has_changed(&self) -> bool {
        read::metadata::stamps(&self.metadata.folder) != self.metadata.stamps
    }
}

type Looked = (Manifest, Inventory, Comparison);

struct Looker<'a> {
    config: &'a ScanConfig,
    means: Means<'a>,
    monitor: &'a Monitor<'a>,
    metadata: &'a Metadata,
}

impl Looker<'_> {
    fn is_in_full(&self) -> bool {
        self.config.in_full.as_ref() == Some(&self.metadata.folder)
    }

    /// How many examples of each kind to keep.
    fn keep(&self) -> usize {
        self.config.examples_of(&self.metadata.folder)
    }

    fn manifest_path(&self) -> PathBuf {
        let name = self
            .metadata
            .manifest_file
            .map_or("Manifest.db", |(name, _)| name);
        self.metadata.folder.join(name)
    }

    /// Reads a database, and a private copy of it in `copy` where it looks damaged without its -wal.
    fn database(&self, opaque: bool, copy: &mut Option<Database>) -> Looked {
        let path = self.manifest_path();
        let looked = self.look_into(&Database::immutable(&path), opaque);
        if !looks_damaged(&looked.0) {
            return looked;
        }
        // Contract §4 rule 9: rows may still be in the -wal of whoever opened the database last.
        match Database::with_wal(&path, &std::env::temp_dir(), &self.config.roots) {
            Ok(None) => looked,
            Ok(Some(with_wal)) => self.look_into(copy.insert(with_wal), opaque),
            Err(why) => {
                let (manifest, inventory, comparison) = looked;
                (unjudged(manifest, why), inventory, comparison)
            }
        }
    }

    /// Reads the rows, measures the folder beside them, and runs `quick_check` at the same time.
    fn look_into(&self, database: &Database, opaque: bool) -> Looked {
        let (checked, (mut manifest, inventory, comparison)) = rayon::join(
            || database.quick_check(),
            || {
                let rows = database.rows(opaque, self.keep(), self.monitor);
                self.measure(match rows {
                    Ok(listing) => Manifest::Listed(listing),
                    Err(Trouble::NoManifest(why)) => Manifest::Unreadable(why),
                    Err(Trouble::Damage(why)) => Manifest::Listed(Listing {
                        damage: vec![why],
                        opaque,
                        ..Listing::default()
                    }),
                    Err(Trouble::BeyondReader(why)) => Manifest::BeyondReader(why),
                    Err(Trouble::Denied(why)) => Manifest::Denied(why),
                })
            },
        );
        if let Manifest::Listed(listing) = &mut manifest {
            match checked {
                Ok(None) => {}
                Ok(Some(complaint)) => listing.damage.push(complaint),
                Err(Trouble::NoManifest(why) | Trouble::Damage(why)) => listing.damage.push(why),
                Err(Trouble::BeyondReader(why)) => {
                    listing.unjudged.get_or_insert(why);
                }
                Err(Trouble::Denied(why)) => manifest = Manifest::Denied(why),
            }
        }
        (manifest, inventory, comparison)
    }

    fn mbdb(&self) -> Looked {
        let rows = manifest_mbdb::rows(&self.manifest_path(), self.keep(), self.monitor);
        self.measure(match rows {
            Ok((listing, None)) => Manifest::Listed(listing),
            Ok((listing, Some(why))) => Manifest::Cut(listing, why),
            Err(error) => Manifest::Denied(error.to_string()),
        })
    }

    /// Measures the folder, and compares it with the manifest's rows where there are any.
    fn measure(&self, manifest: Manifest) -> Looked {
        let Looker {
            config,
            monitor,
            metadata,
            ..
        } = *self;
        let listing = manifest.listing();
        let locked = matches!(manifest, Manifest::Locked) && config.level > Level::Quick;
        let rules = Rules {
            listed: listing.is_some(),
            encrypted: metadata.encrypted() == Some(true),
            presence_only: listing.is_some_and(|listing| listing.opaque),
            keep: self.keep(),
            largest: if self.is_in_full() { LARGEST } else { 0 },
        };
        let format = metadata.manifest_file.map(|(_, format)| format);
        let layout = Layout {
            format: format.filter(|_| listing.is_some() || locked),
            moving: metadata.in_snapshot,
            horizon: SystemTime::from(config.now) + Duration::from_secs(24 * 60 * 60),
            keep: self.keep(),
        };
        let (inventory, comparison) =
            measure::take(&metadata.folder, layout, monitor, |shard: Shard<'_>| {
                let records = listing.map(|listing| listing.shard(shard.number));
                let (mut comparison, shorter) = compare::compare(
                    records.as_deref().unwrap_or_default(),
                    shard.payloads,
                    shard.readable,
                    &rules,
                );
                for payload in shorter {
                    let Shorter { id, size, recorded } = payload;
                    if self.is_sqlite(&payload, layout) {
                        comparison
                            .size_differs
                            .add(Subject::of(id, size), rules.keep);
                    } else {
                        comparison
                            .shorter
                            .add(Subject::of(id, recorded - size), rules.keep);
                    }
                }
                comparison
            });
        (manifest, inventory, comparison)
    }

    /// Whether a payload begins like a SQLite database, which the device compacts (F§9.3). A file
    /// that is only in a cloud is not opened, and counts as one: then nothing is said of it.
    fn is_sqlite(&self, payload: &Shorter, layout: Layout) -> bool {
        let name = payload.id.to_string();
        let shard = &name[..2];
        let relative = match layout.format {
            Some(ManifestFormat::Mbdb) => name.clone(),
            _ => format!("{shard}/{name}"),
        };
        let folder = &self.metadata.folder;
        let moved = layout
            .moving
            .then(|| folder.join("Snapshot").join(&relative));
        moved
            .into_iter()
            .chain([folder.join(&relative)])
            .find_map(|path| begins_like_sqlite(&path))
            != Some(false)
    }
}

/// `None` where there is no such file or it cannot be opened.
fn begins_like_sqlite(path: &Path) -> Option<bool> {
    if platform::is_cloud_only(&path.symlink_metadata().ok()?) {
        return None;
    }
    let mut bytes = [0; 16];
    let mut file = platform::open_regular(path).ok()?;
    Some(match file.read_exact(&mut bytes) {
        Ok(()) => read::manifest::is_sqlite(&bytes),
        // Shorter than any database.
        Err(_) => false,
    })
}

fn looks_damaged(manifest: &Manifest) -> bool {
    match manifest {
        Manifest::Listed(listing) => !listing.damage.is_empty(),
        Manifest::Unreadable(_) => true,
        _ => false,
    }
}

/// The same manifest, whose damage cannot be judged.
fn unjudged(manifest: Manifest, why: String) -> Manifest {
    match manifest {
        Manifest::Listed(mut listing) => {
            listing.damage.clear();
            listing.unjudged = Some(why);
            Manifest::Listed(listing)
        }
        Manifest::Unreadable(_) => Manifest::BeyondReader(why),
        other => other,
    }
}
