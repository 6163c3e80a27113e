//! One look at a backup: reads its metadata and its manifest, measures its folder, compares the two, and
//! reads its payloads where that is asked for. Judges nothing.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use rayon::prelude::*;

use crate::compare;
use crate::compare::{Rules, Shorter};
use crate::contents;
use crate::contents::Job;
use crate::contents::pairs::Side;
use crate::cover::Asked;
use crate::crypto::keyring::Keyring;
use crate::crypto::{ClassKeys, RecordKeys};
use crate::measure;
use crate::measure::{Layout, Shard};
use crate::model::options::{LARGEST, ScanConfig};
use crate::model::progress::{Event, Monitor};
use crate::model::sources::Ledger;
use crate::model::{
    Access, Comparison, Contents, Denied, Inventory, Keybag, Level, Listing, Manifest,
    ManifestFormat, Metadata, Payload, Subject,
};
use crate::read;
use crate::read::database::{Database, Trouble};
use crate::read::manifest::Header;
use crate::read::{Wanted, manifest_db, manifest_mbdb};
use crate::system;

/// What looking at backups takes: the same for all of a scan.
#[derive(Clone, Copy)]
pub struct Looker<'a> {
    /// The options of the scan.
    pub config: &'a ScanConfig,
    /// Who hears of it, and may stop it.
    pub monitor: &'a Monitor<'a>,
    /// The keys of encrypted backups.
    pub keyring: &'a Keyring<'a>,
    /// What earlier runs read.
    pub ledger: Option<&'a dyn Ledger>,
    /// What is to be known of what the backup holds.
    pub asked: Asked,
    /// Whether it is the second look at a backup that changed meanwhile: its payloads are not read.
    pub is_second: bool,
}

/// One look at a backup: all that was read and measured.
pub struct Look {
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
}

impl Look {
    /// Looks once. Never fails: what could not be looked at is said in the parts.
    pub fn take(folder: &Path, name: &str, looker: Looker<'_>) -> Look {
        let metadata = read::metadata::read(folder, name);
        let at = At {
            looker,
            metadata: &metadata,
            kept: Kept::default(),
        };
        let (looked, access, keys) = at.look();
        let at_rest = !looker.is_second && !has_changed(&metadata);
        let keep = at.keep();
        let mut inventory = looked.inventory;
        let contents = match at_rest {
            true => at.contents(&looked.manifest, keys.as_deref()),
            false => None,
        };
        let contents = contents.map(|(contents, denied)| {
            inventory.denied.append(denied, keep);
            contents
        });
        Look {
            access,
            manifest: looked.manifest,
            inventory,
            comparison: looked.comparison,
            contents,
            opened: looked.opened,
            metadata,
        }
    }

    /// Whether the metadata files are other ones than before the look.
    pub fn has_changed(&self) -> bool {
        has_changed(&self.metadata)
    }
}

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
        let at = At {
            looker,
            metadata: &metadata,
            kept: Kept::default(),
        };
        let keybag = at.keybag().filter(|_| looker.keyring.has_passwords());
        let keys = keybag.and_then(|keybag| at.open(keybag).1);
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
            ) => at.with_wal(),
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

fn has_changed(metadata: &Metadata) -> bool {
    read::metadata::stamps(&metadata.folder) != metadata.stamps
}

/// The payloads of each shard, and whether its folder could be listed: kept where they are needed again.
struct Kept(Vec<OnceLock<(Vec<Payload>, bool)>>);

impl Default for Kept {
    fn default() -> Kept {
        Kept((0..=u8::MAX).map(|_| OnceLock::new()).collect())
    }
}

impl Kept {
    fn keep(&self, shard: &Shard<'_>) {
        let _ = self.0[usize::from(shard.number)].set((shard.payloads.to_vec(), shard.readable));
    }

    fn shard(&self, number: u8) -> Shard<'_> {
        let kept = self.0[usize::from(number)].get();
        Shard {
            number,
            payloads: kept.map_or(&[], |(payloads, _)| payloads),
            readable: kept.is_some_and(|(_, readable)| *readable),
        }
    }
}

/// What was looked at so far.
struct Looked {
    manifest: Manifest,
    inventory: Inventory,
    comparison: Comparison,
    opened: Option<Database>,
}

type Measured = (Inventory, Comparison);

/// A look at one backup.
struct At<'a> {
    looker: Looker<'a>,
    metadata: &'a Metadata,
    kept: Kept,
}

impl At<'_> {
    fn config(&self) -> &ScanConfig {
        self.looker.config
    }

    fn is_in_full(&self) -> bool {
        self.config().in_full.as_ref() == Some(&self.metadata.folder)
    }

    /// How many examples of each kind to keep.
    fn keep(&self) -> usize {
        self.config().examples_of(&self.metadata.folder)
    }

    fn reads_contents(&self) -> bool {
        self.config().level_of(&self.metadata.folder) == Level::Contents
    }

    fn manifest_path(&self) -> PathBuf {
        let name = self.metadata.manifest_file;
        let name = name.map_or("Manifest.db", |(name, _)| name);
        self.metadata.folder.join(name)
    }

    /// The keybag, where it is to be opened.
    fn keybag(&self) -> Option<&Keybag> {
        let needed = self.config().level > Level::Quick && self.metadata.encrypted() == Some(true);
        self.metadata.keybag().filter(|_| needed)
    }

    /// Derives the keys beside all that needs none. The rows of an encrypted backup wait for them, because
    /// each names a key that must open; before iOS 10 deriving takes a moment only.
    fn look(&self) -> (Looked, Access, Option<Arc<ClassKeys>>) {
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

    fn open(&self, keybag: &Keybag) -> (Access, Option<Arc<ClassKeys>>) {
        let backup = &self.metadata.folder;
        let Looker {
            monitor, keyring, ..
        } = self.looker;
        monitor.tell(Event::Deriving { backup });
        let opened = keyring.open(self.metadata.udid.as_ref(), keybag);
        monitor.tell(Event::Derived { backup });
        opened
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
        comparison.append(compared, self.keep());
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
        match Database::with_wal(&path, &std::env::temp_dir(), &self.config().roots) {
            Ok(None) => looked,
            Ok(Some(with_wal)) => {
                let mut looked = look_into(&with_wal);
                looked.opened = Some(with_wal);
                looked
            }
            Err(why) => Looked {
                manifest: unjudged(looked.manifest, why),
                ..looked
            },
        }
    }

    /// A private copy of the database where that looks damaged without its -wal.
    fn with_wal(&self) -> Option<Database> {
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

    /// Reads the rows and goes on with them, and runs `quick_check` at the same time.
    fn rows<T: Send>(
        &self,
        database: &Database,
        opaque: bool,
        wanted: Wanted<'_>,
        go_on: impl FnOnce(Manifest) -> (Manifest, T) + Send,
    ) -> (Manifest, T) {
        // Before the check, which an encrypted database is busy with to its end.
        let table = manifest_db::table(database);
        let (checked, (mut manifest, more)) = rayon::join(
            || database.quick_check(),
            || {
                let monitor = self.looker.monitor;
                let rows = table
                    .and_then(|table| manifest_db::rows(database, table, opaque, wanted, monitor));
                go_on(match rows {
                    Ok(listing) => Manifest::Listed(listing),
                    Err(Trouble::Damage(why)) => Manifest::Listed(Listing {
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
                Err(Trouble::NoManifest(why) | Trouble::Damage(why)) => listing.damage.push(why),
                Err(Trouble::BeyondReader(why)) => {
                    listing.unjudged.get_or_insert(why);
                }
                Err(Trouble::Denied(why)) => manifest = Manifest::Denied(why),
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

    /// Whether payloads are compared with these rows, or stand for themselves.
    fn compares(&self, manifest: &Manifest) -> bool {
        let locked = matches!(manifest, Manifest::Locked) && self.config().level > Level::Quick;
        manifest.listing().is_some() || locked
    }

    /// Measures the folder, and compares it with the manifest's rows where there are any.
    fn measure(&self, manifest: &Manifest) -> Measured {
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
    fn compare_kept(&self, manifest: &Manifest) -> Comparison {
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
            all.append(shard, self.keep());
        }
        all
    }

    fn walk(
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
        let kept = self.kept.0.into_iter().map(OnceLock::into_inner);
        let shards: Vec<Vec<Payload>> = kept.map(|kept| kept.unwrap_or_default().0).collect();
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
                comparison.size_differs.add(subject, self.rules.keep);
            } else {
                let subject = Subject::of(id, recorded - size);
                comparison.shorter.add(subject, self.rules.keep);
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

/// A manifest whose rows cannot be had.
fn without_rows(trouble: Trouble) -> Manifest {
    match trouble {
        Trouble::NoManifest(why) | Trouble::Damage(why) => Manifest::Unreadable(why),
        Trouble::BeyondReader(why) => Manifest::BeyondReader(why),
        Trouble::Denied(why) => Manifest::Denied(why),
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
