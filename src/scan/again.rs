//! A backup's rows and keys once more, after a look.

use std::path::Path;
use std::sync::Arc;

use crate::contents::pairs::Side;
use crate::crypto::ClassKeys;
use crate::model::{Manifest, ManifestFormat, Metadata};
use crate::read;
use crate::read::database::Database;
use crate::read::manifest::Header;

use super::look::{Kept, Look};
use super::looker::Looker;

/// A backup's rows and keys once more, after a look.
pub struct Again {
    /// Its property lists.
    pub metadata: Metadata,
    /// Its keys, where a password opened them.
    pub keys: Option<Arc<ClassKeys>>,
    opened: Option<Database>,
}

impl Again {
    /// Opens them. What the keyring has opened is not opened anew.
    pub fn open(folder: &Path, name: &str, looker: Looker<'_>) -> Again {
        let metadata = read::metadata::read(folder, name);
        let look = Look {
            looker,
            metadata: &metadata,
            kept: Kept::default(),
        };
        let keybag = look.keybag().filter(|_| looker.keyring.has_passwords());
        let keys = keybag.and_then(|keybag| look.open(keybag).1);
        let opened = match (read::manifest::look(&metadata), keybag, &keys) {
            (Header::Settled(Manifest::Locked), Some(keybag), Some(keys)) => {
                read::manifest::decrypted(&metadata, keybag, keys).ok()
            }
            (
                Header::Readable {
                    format: ManifestFormat::Sqlite,
                    ..
                },
                ..,
            ) => look.with_wal(),
            _ => None,
        };
        Again {
            metadata,
            keys,
            opened,
        }
    }

    /// Where its payloads are, and how they are stored; nothing without a manifest.
    pub fn side(&self) -> Option<Side<'_>> {
        let Metadata {
            folder,
            manifest_file,
            in_snapshot,
            ..
        } = &self.metadata;
        Some(Side {
            folder,
            format: manifest_file.map(|(_, format)| format)?,
            moving: *in_snapshot,
            encrypted: self.metadata.encrypted() == Some(true),
            keys: self.keys.as_deref(),
        })
    }

    /// Whether both have the same keys, so that stored bytes may be compared.
    pub fn has_keybag_of(&self, other: &Again) -> bool {
        let [own, other] = [self, other].map(|again| again.metadata.keybag());
        own.is_some() && own == other
    }

    /// The database that its rows come from, where it is not the backup's own as it lies there.
    pub fn opened(&self) -> Option<&Database> {
        self.opened.as_ref()
    }
}
