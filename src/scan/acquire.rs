//! One look at a backup: reads its metadata and its manifest, measures its folder, compares the two, and
//! reads its payloads where that is asked for. Judges nothing.

use std::path::Path;
use std::sync::Arc;

use crate::contents::{self, Job};
use crate::crypto::ClassKeys;
use crate::model::{Access, Comparison, Contents, Denied, Inventory, Manifest, Metadata};
use crate::read;
use crate::read::database::Database;

use super::look::{Kept, Look};
use super::looker::Looker;

/// One look at a backup: all that was read and measured.
pub struct Acquired {
    /// Its property lists.
    pub metadata: Metadata,
    /// What came of its password.
    pub access: Access,
    /// Its manifest.
    pub manifest: Manifest,
    /// What lies in its folder.
    pub inventory: Inventory,
    /// The manifest against the disk.
    pub comparison: Comparison,
    /// What its payloads hold, where they were read.
    pub contents: Option<Contents>,
    /// The database that the rows came from, where it is not the backup's own as it lies there: a private
    /// copy, or a decrypted one.
    pub opened: Option<Database>,
    /// Its keys, where a password opened them.
    pub keys: Option<Arc<ClassKeys>>,
}

impl Acquired {
    /// Looks once. Never fails: what could not be looked at is said in the parts.
    pub fn take(folder: &Path, name: &str, looker: Looker<'_>) -> Acquired {
        let metadata = read::metadata::read(folder, name);
        let look = Look {
            looker,
            metadata: &metadata,
            kept: Kept::default(),
        };
        let (looked, access, keys) = look.take();
        let at_rest = !looker.is_second && !has_changed(&metadata);
        let mut inventory = looked.inventory;
        let contents = match at_rest {
            true => look.contents(&looked.manifest, keys.as_deref()),
            false => None,
        };
        let contents = contents.map(|(contents, denied)| {
            inventory.denied.append(denied);
            contents
        });
        Acquired {
            access,
            manifest: looked.manifest,
            inventory,
            comparison: looked.comparison,
            contents,
            opened: looked.opened,
            keys,
            metadata,
        }
    }

    /// Whether the metadata files are other ones than before the look.
    pub fn has_changed(&self) -> bool {
        has_changed(&self.metadata)
    }
}

impl Look<'_> {
    /// Reads all payloads, where that is asked for and there are any to tell from other files.
    fn contents(self, manifest: &Manifest, keys: Option<&ClassKeys>) -> Option<(Contents, Denied)> {
        let (_, format) = self.metadata.manifest_file?;
        if !self.reads_contents() || !self.compares(manifest) {
            return None;
        }
        let (
            keep,
            Looker {
                config,
                monitor,
                ledger,
                ..
            },
        ) = (self.keep(), self.looker);
        let shards = self.kept.into_payloads();
        let seals = manifest.listing().map(|listing| listing.seals.as_slice());
        Some(contents::read(&Job {
            folder: &self.metadata.folder,
            format,
            moving: self.metadata.in_snapshot,
            shards: &shards,
            seals: seals.unwrap_or_default(),
            // Where nobody knows they may be: then nothing in them is judged.
            encrypted: self.metadata.encrypted() != Some(false),
            keys,
            ledger,
            subset: config.subset,
            now: config.now,
            keep,
            monitor,
        }))
    }
}

fn has_changed(metadata: &Metadata) -> bool {
    read::metadata::stamps(&metadata.folder) != metadata.stamps
}
