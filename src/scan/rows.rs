//! The rows of a manifest: read as it is, from a private copy, or behind its lock; and the folder measured
//! meanwhile.

use std::sync::Arc;

use crate::crypto::{ClassKeys, RecordKeys};
use crate::model::{
    Access, Comparison, Inventory, Keybag, Level, Listing, Manifest, ManifestFormat,
};
use crate::read::database::{Database, DatabaseError};
use crate::read::manifest::Header;
use crate::read::{self, Wanted, manifest_db, manifest_mbdb};
use crate::system;

use super::look::Look;

/// What was looked at so far.
pub struct Looked {
    pub manifest: Manifest,
    pub inventory: Inventory,
    pub comparison: Comparison,
    pub opened: Option<Database>,
}

impl Look<'_> {
    /// Derives the keys beside all that needs none. The rows of an encrypted backup wait for them, because
    /// each names a key that must open; before iOS 10 deriving takes a moment only.
    pub fn take(&self) -> (Looked, Access, Option<Arc<ClassKeys>>) {
        let header = read::manifest::look(self.metadata);
        let Some(keybag) = self.keybag() else {
            return (self.as_it_is(header, None), Access::NotNeeded, None);
        };
        if !self.looker.keyring.has_passwords() {
            return (self.as_it_is(header, None), Access::NoPassword, None);
        }
        match header {
            Header::Settled(Manifest::Locked) => self.behind_lock(keybag),
            Header::Readable {
                format: ManifestFormat::Mbdb,
                ..
            } => {
                let (access, keys) = self.open(keybag);
                let of_records = keys.as_deref().map(ClassKeys::for_records);
                (self.as_it_is(header, of_records.as_ref()), access, keys)
            }
            header => {
                let keys = || self.open(keybag);
                let ((access, keys), looked) = rayon::join(keys, || self.as_it_is(header, None));
                (looked, access, keys)
            }
        }
    }

    /// A manifest that is encrypted: its keys are derived while the folder is measured, and the payloads
    /// found there are compared with its rows afterwards.
    fn behind_lock(&self, keybag: &Keybag) -> (Looked, Access, Option<Arc<ClassKeys>>) {
        let ((access, keys), (inventory, mut comparison)) = rayon::join(
            || self.open(keybag),
            || {
                self.walk(Some(ManifestFormat::Sqlite), |shard| {
                    self.kept.keep(&shard);
                    Comparison::default()
                })
            },
        );
        let database = match &keys {
            Some(keys) => read::manifest::decrypted(self.metadata, keybag, keys).map_err(Some),
            None => Err(None),
        };
        let compare = |manifest: Manifest| {
            let compared = self.compare_kept(&manifest);
            (manifest, compared)
        };
        let ((mut manifest, mut compared), opened) = match database {
            Ok(database) => {
                let database = match self.looker.past_the_end {
                    true => database.filled(),
                    false => database,
                };
                let of_records = keys.as_deref().map(ClassKeys::for_records);
                let wanted = self.wanted(false, of_records.as_ref());
                let rows = self.rows(&database, false, wanted, compare);
                // It may be large, and is seldom needed again.
                database.release();
                (rows, Some(database))
            }
            Err(Some(trouble)) => (compare(without_rows(trouble)), None),
            Err(None) => (compare(Manifest::Locked), None),
        };
        let mut access = access;
        if let Manifest::BeyondReader(why) = manifest {
            // What can be told without rows is told all the same.
            access = Access::Refused(why);
            (manifest, compared) = compare(Manifest::Locked);
        }
        comparison.append(compared);
        let looked = Looked {
            manifest,
            inventory,
            comparison,
            opened,
        };
        (looked, access, keys)
    }

    /// Looks at a manifest that needs no key to be read, or cannot be. `keys`: what the keys of its records
    /// are to open with.
    fn as_it_is(&self, header: Header, keys: Option<&RecordKeys>) -> Looked {
        match header {
            Header::Readable { .. } if self.config().level == Level::Quick => {
                self.measured(Manifest::HeaderOnly)
            }
            Header::Readable {
                format: ManifestFormat::Sqlite,
                opaque,
            } => self.database(opaque),
            Header::Readable {
                format: ManifestFormat::Mbdb,
                ..
            } => self.mbdb(keys),
            Header::Settled(manifest) => self.measured(manifest),
        }
    }

    /// Reads a database, or a private copy of it where it looks damaged without its -wal.
    fn database(&self, opaque: bool) -> Looked {
        let path = self.manifest_path();
        let look_into = |database: &Database| {
            let wanted = self.wanted(opaque, None);
            let (manifest, (inventory, comparison)) =
                self.rows(database, opaque, wanted, |manifest| {
                    let measured = self.measure(&manifest);
                    (manifest, measured)
                });
            Looked {
                manifest,
                inventory,
                comparison,
                opened: None,
            }
        };
        let looked = look_into(&Database::immutable(&path));
        if !looks_damaged(&looked.manifest) {
            return looked;
        }
        // Contract §4 rule 9: rows may still be in the -wal of whoever opened the database last.
        let (temp, roots) = (std::env::temp_dir(), &self.config().roots);
        let copy = match Database::with_wal(&path, &temp, roots) {
            Ok(None) if self.looker.past_the_end => Database::filled_copy(&path, &temp, roots),
            copy => copy,
        };
        match copy {
            Ok(None) => looked,
            Ok(Some(copy)) => {
                let mut looked = look_into(&copy);
                looked.opened = Some(copy);
                looked
            }
            Err(why) => Looked {
                manifest: unjudged(looked.manifest, why.to_string()),
                ..looked
            },
        }
    }

    /// A private copy of the database where that looks damaged without its -wal.
    pub fn with_wal(&self) -> Option<Database> {
        let path = self.manifest_path();
        if self.metadata.side_files.is_empty()
            || matches!(Database::immutable(&path).quick_check(), Ok(None))
        {
            return None;
        }
        Database::with_wal(&path, &std::env::temp_dir(), &self.config().roots)
            .ok()
            .flatten()
    }

    /// Reads the rows and goes on with them: in the same pass that shows that the file is sound, or with
    /// `quick_check` at the same time.
    fn rows<T: Send>(
        &self,
        database: &Database,
        opaque: bool,
        wanted: Wanted<'_>,
        go_on: impl FnOnce(Manifest) -> (Manifest, T) + Send,
    ) -> (Manifest, T) {
        let monitor = self.looker.monitor;
        if self.looker.one_pass
            && let Some(listing) = manifest_db::sound_rows(database, opaque, wanted, monitor)
        {
            return go_on(Manifest::Listed(listing));
        }
        // Before the check, which an encrypted database is busy with to its end.
        let table = manifest_db::table(database);
        let (checked, (mut manifest, more)) = rayon::join(
            || database.quick_check(),
            || {
                let rows = table
                    .and_then(|table| manifest_db::rows(database, table, opaque, wanted, monitor));
                go_on(match rows {
                    Ok(listing) => Manifest::Listed(listing),
                    Err(DatabaseError::Damage(why)) => Manifest::Listed(Listing {
                        damage: vec![why],
                        opaque,
                        ..Listing::default()
                    }),
                    Err(trouble) => without_rows(trouble),
                })
            },
        );
        if let Manifest::Listed(listing) = &mut manifest {
            match checked {
                Ok(None) => {}
                Ok(Some(complaint)) => listing.damage.push(complaint),
                Err(DatabaseError::NoManifest(why) | DatabaseError::Damage(why)) => {
                    listing.damage.push(why)
                }
                Err(DatabaseError::BeyondReader(why)) => {
                    listing.unjudged.get_or_insert(why);
                }
                Err(DatabaseError::Denied(why)) => manifest = Manifest::Denied(why),
            }
        }
        (manifest, more)
    }

    fn wanted<'k>(&self, opaque: bool, keys: Option<&'k RecordKeys>) -> Wanted<'k> {
        let encrypted = self.metadata.encrypted() == Some(true) && !opaque;
        Wanted {
            keyless: encrypted && self.looker.keyring.has_passwords(),
            seals: self.reads_contents(),
            keepsakes: self.looker.asked.keepsakes,
            keys,
            ..Wanted::examples(self.keep())
        }
    }

    fn mbdb(&self, keys: Option<&RecordKeys>) -> Looked {
        let (path, wanted) = (self.manifest_path(), self.wanted(false, keys));
        let rows = manifest_mbdb::rows(&path, wanted, self.looker.monitor);
        self.measured(match rows {
            Ok((listing, None)) => Manifest::Listed(listing),
            Ok((listing, Some(why))) => Manifest::Cut(listing, why),
            Err(error) => Manifest::Denied(system::in_words(&error)),
        })
    }

    fn measured(&self, manifest: Manifest) -> Looked {
        let (inventory, comparison) = self.measure(&manifest);
        Looked {
            manifest,
            inventory,
            comparison,
            opened: None,
        }
    }
}

/// A manifest whose rows cannot be had.
fn without_rows(trouble: DatabaseError) -> Manifest {
    match trouble {
        DatabaseError::NoManifest(why) | DatabaseError::Damage(why) => Manifest::Unreadable(why),
        DatabaseError::BeyondReader(why) => Manifest::BeyondReader(why),
        DatabaseError::Denied(why) => Manifest::Denied(why),
    }
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
