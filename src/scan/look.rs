//! A look at one backup: what it is to find, and the keys of that backup.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use crate::crypto::ClassKeys;
use crate::measure::Shard;
use crate::model::options::ScanOptions;
use crate::model::progress::Event;
use crate::model::{Access, Keybag, Level, Metadata, Payload};

use super::looker::Looker;

/// A look at one backup.
pub struct Look<'a> {
    pub looker: Looker<'a>,
    pub metadata: &'a Metadata,
    pub kept: Kept,
}

impl Look<'_> {
    pub fn config(&self) -> &ScanOptions {
        self.looker.config
    }

    pub fn is_in_full(&self) -> bool {
        self.config().in_full.as_ref() == Some(&self.metadata.folder)
    }

    /// How many examples of each kind to keep.
    pub fn keep(&self) -> usize {
        self.config().examples_of(&self.metadata.folder)
    }

    pub fn reads_contents(&self) -> bool {
        self.config().level_of(&self.metadata.folder) == Level::Contents
    }

    pub fn manifest_path(&self) -> PathBuf {
        let name = self.metadata.manifest_file;
        let name = name.map_or("Manifest.db", |(name, _)| name);
        self.metadata.folder.join(name)
    }

    /// The keybag, where it is to be opened.
    pub fn keybag(&self) -> Option<&Keybag> {
        let needed = self.config().level > Level::Quick && self.metadata.encrypted() == Some(true);
        self.metadata.keybag().filter(|_| needed)
    }

    pub fn open(&self, keybag: &Keybag) -> (Access, Option<Arc<ClassKeys>>) {
        let backup = &self.metadata.folder;
        let Looker {
            monitor, keyring, ..
        } = self.looker;
        monitor.tell(Event::Deriving { backup });
        let opened = keyring.open(self.metadata.udid.as_ref(), keybag);
        monitor.tell(Event::Derived { backup });
        opened
    }
}

/// The payloads of each shard, and whether its folder could be listed: kept where they are needed again.
pub struct Kept(Vec<OnceLock<(Vec<Payload>, bool)>>);

impl Default for Kept {
    fn default() -> Kept {
        Kept((0..=u8::MAX).map(|_| OnceLock::new()).collect())
    }
}

impl Kept {
    /// Keeps what lies in a shard.
    pub fn keep(&self, shard: &Shard<'_>) {
        let _ = self.0[usize::from(shard.number)].set((shard.payloads.to_vec(), shard.readable));
    }

    /// What was kept of a shard.
    pub fn shard(&self, number: u8) -> Shard<'_> {
        let kept = self.0[usize::from(number)].get();
        Shard {
            number,
            payloads: kept.map_or(&[], |(payloads, _)| payloads),
            readable: kept.is_some_and(|(_, readable)| *readable),
        }
    }

    /// The payloads of each shard.
    pub fn into_payloads(self) -> Vec<Vec<Payload>> {
        let kept = self.0.into_iter().map(OnceLock::into_inner);
        kept.map(|kept| kept.unwrap_or_default().0).collect()
    }
}
