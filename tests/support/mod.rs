//! Makes iPhone backups for tests, as devices write them.
//!
//! This is on purpose a second implementation of the format that shares no code with `bkscan`,
//! so that a mistake in one is not repeated in the other. `F§n` names a section of the format
//! notes that the facts come from. Where the notes know nothing, a comment says so.
//!
//! The same calls give the same bytes: there is no clock and no randomness in here.

#![allow(
    dead_code,
    unused_imports,
    reason = "several test binaries include this module and none uses all of it"
)]

mod app_database;
mod chance;
mod cipher;
mod empty_folder;
mod keybag;
mod mbdb;
mod mbfile;
mod names;
mod noise;
mod plists;
mod population;
mod row;
mod sealing;
mod setup;
mod sqlite;
mod tree;
mod write;

use std::path::{Path, PathBuf};

use plist::Dictionary;

pub use self::app_database::{DATABASE_LEAF, damaged_database, database, database_needing_wal};
pub use self::chance::Chance;
pub use self::cipher::{Padding, encrypted};
pub use self::empty_folder::empty_folder;
pub use self::names::{file_id, flat_payload_path, payload_path};
pub use self::plists::binary_list;
pub use self::row::{DigestForm, Row};
pub use self::setup::timestamp;
pub use self::sqlite::app_database;
pub use self::tree::tree_digest;

use self::setup::{Device, Encryption, Format, Setup};

type Edit = Box<dyn FnOnce(&mut Dictionary)>;

/// Describes one backup folder; [`write`](Self::write) makes it.
pub struct BackupBuilder {
    setup: Setup,
    folder_name: String,
    bare: bool,
    rows: Vec<Row>,
    stream: Option<Box<dyn Iterator<Item = Row>>>,
    info_edits: Vec<Edit>,
    status_edits: Vec<Edit>,
    manifest_edits: Vec<Edit>,
    statements: Vec<String>,
    payload_changes: Vec<PayloadChange>,
    paddings: Vec<(String, String, Padding)>,
    manifest_flips: Vec<usize>,
    snapshot: Option<Box<BackupBuilder>>,
    without: Vec<String>,
    raw: Vec<(String, Vec<u8>)>,
    empty_shards: bool,
    mtime: Option<jiff::Timestamp>,
}

/// A change to a stored payload that its row does not know of.
struct PayloadChange {
    domain: String,
    path: String,
    change: Change,
}

enum Change {
    Remove,
    /// Other bytes are on disk instead.
    Replace(Vec<u8>),
    /// One bit of the byte at this place is another one.
    Flip(usize),
    /// It is cut to this length, or ends in a hole up to there.
    Length(u64),
}

impl BackupBuilder {
    /// A healthy, finished, unencrypted backup of an iPhone 15 Pro with iOS 17.5.1, made on
    /// 2024-05-01T10:00:00Z, with the rows of F§19.
    pub fn new(udid: &str) -> Self {
        Self {
            setup: Setup::new(udid),
            folder_name: udid.to_owned(),
            bare: false,
            rows: Vec::new(),
            stream: None,
            info_edits: Vec::new(),
            status_edits: Vec::new(),
            manifest_edits: Vec::new(),
            statements: Vec::new(),
            payload_changes: Vec::new(),
            paddings: Vec::new(),
            manifest_flips: Vec::new(),
            snapshot: None,
            without: Vec::new(),
            raw: Vec::new(),
            empty_shards: true,
            mtime: None,
        }
    }

    /// Leaves out the usual rows: only what is added is there, with the domain roots and parent
    /// folders that it needs.
    pub fn bare(mut self) -> Self {
        self.bare = true;
        self
    }

    /// Names the folder, by default the UDID. `Target Identifier` stays the UDID.
    pub fn folder_name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.folder_name);
        self
    }

    /// Sets the device: its own name, product type, marketing name (only some hosts write it,
    /// F§4.1), iOS version and build.
    pub fn device(
        mut self,
        name: &str,
        product_type: &str,
        product_name: Option<&str>,
        ios: &str,
        build: &str,
    ) -> Self {
        self.setup.device = Some(Device {
            name: name.to_owned(),
            product_type: product_type.to_owned(),
            product_name: product_name.map(str::to_owned),
            ios: ios.to_owned(),
            build: build.to_owned(),
        });
        self
    }

    /// Sets the date in Info.plist, Status.plist and Manifest.plist, and with it the default of
    /// [`mtime`](Self::mtime).
    pub fn date(mut self, rfc3339: &str) -> Self {
        self.setup.date = timestamp(rfc3339);
        self
    }

    /// Makes the backup one of iOS 9: Manifest.mbdb and flat payloads (F§12).
    ///
    /// The usual rows then lack the two with flag 16, which this format cannot express.
    pub fn mbdb(mut self) -> Self {
        self.setup.format = Format::Mbdb;
        self
    }

    /// Makes the backup encrypted as iOS 10.2 and later do, or iOS 9 with [`mbdb`](Self::mbdb)
    /// (F§11).
    ///
    /// Key bag, keys and ciphertext have the right shape but are noise: nothing here can be
    /// decrypted, with any password. For one that can see
    /// [`encrypted_with`](Self::encrypted_with).
    pub fn encrypted(mut self) -> Self {
        self.setup.encryption = Encryption::Current;
        self.setup.password = None;
        self
    }

    /// Makes the backup encrypted as iOS 10.0 and 10.1 did: a plain database whose `file` column
    /// is opaque (F§11.5).
    pub fn encrypted_ios10_0(mut self) -> Self {
        self.setup.encryption = Encryption::Ios10_0;
        self.setup.password = None;
        self
    }

    /// Sets `SnapshotState` of Status.plist (F§6), by default `finished`.
    pub fn snapshot_state(mut self, state: &str) -> Self {
        state.clone_into(&mut self.setup.snapshot_state);
        self
    }

    /// Sets `BackupState` of Status.plist (F§6), by default `new`.
    pub fn backup_state(mut self, state: &str) -> Self {
        state.clone_into(&mut self.setup.backup_state);
        self
    }

    /// Changes Info.plist before it is written; edits run in the order they were given.
    pub fn info(mut self, edit: impl FnOnce(&mut Dictionary) + 'static) -> Self {
        self.info_edits.push(Box::new(edit));
        self
    }

    /// Changes Status.plist before it is written.
    pub fn status(mut self, edit: impl FnOnce(&mut Dictionary) + 'static) -> Self {
        self.status_edits.push(Box::new(edit));
        self
    }

    /// Changes Manifest.plist before it is written.
    pub fn manifest_plist(mut self, edit: impl FnOnce(&mut Dictionary) + 'static) -> Self {
        self.manifest_edits.push(Box::new(edit));
        self
    }

    /// Adds a regular file with its payload; short for `add(Row::file(..))`.
    pub fn file(self, domain: &str, path: &str, content: &[u8]) -> Self {
        self.add(Row::file(domain, path, content))
    }

    /// Adds a row and the folders above it; replaces an earlier row of the same domain and path,
    /// also one of the usual rows.
    pub fn add(mut self, row: Row) -> Self {
        self.rows.push(row);
        self
    }

    /// Adds rows to Manifest.db one by one, after all others: a million of them need not be in memory.
    /// They replace nothing, and no rows for the folders above them are added.
    pub fn stream(mut self, rows: impl Iterator<Item = Row> + 'static) -> Self {
        self.stream = Some(Box::new(rows));
        self
    }

    /// Writes the keys of all records in one order, as a device does.
    pub fn keys_in_one_order(mut self) -> Self {
        self.setup.keys_in_one_order = true;
        self
    }

    /// Runs SQL on Manifest.db after all rows are in, before it is closed.
    pub fn sql(mut self, statement: &str) -> Self {
        self.statements.push(statement.to_owned());
        self
    }

    /// Leaves out the shard folders that hold nothing, as copies made by git or zip do.
    pub fn no_empty_shards(mut self) -> Self {
        self.empty_shards = false;
        self
    }

    /// Removes this file or folder, which must be there, after all else but
    /// [`raw`](Self::raw) is written.
    pub fn without(mut self, relative: &str) -> Self {
        self.without.push(relative.to_owned());
        self
    }

    /// Writes a file last, with the folders above it; replaces what is there.
    pub fn raw(mut self, relative: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.raw.push((relative.to_owned(), bytes.into()));
        self
    }

    /// Takes away a payload that is there; its row stays.
    pub fn remove_payload(mut self, domain: &str, path: &str) -> Self {
        self.payload_changes.push(PayloadChange {
            domain: domain.to_owned(),
            path: path.to_owned(),
            change: Change::Remove,
        });
        self
    }

    /// Puts these bytes on disk in place of a payload, as they are; its row stays.
    pub fn payload(mut self, domain: &str, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.payload_changes.push(PayloadChange {
            domain: domain.to_owned(),
            path: path.to_owned(),
            change: Change::Replace(bytes.into()),
        });
        self
    }

    /// Gives a payload this length, without its end or with a hole at its end, which takes no room on
    /// the disk and no time to write; its row stays.
    pub fn payload_length(mut self, domain: &str, path: &str, length: u64) -> Self {
        self.payload_changes.push(PayloadChange {
            domain: domain.to_owned(),
            path: path.to_owned(),
            change: Change::Length(length),
        });
        self
    }

    /// Puts another backup's manifest, Manifest.plist and payloads into `Snapshot/`, where a
    /// device keeps what it has uploaded but not yet moved (F§3).
    ///
    /// The other builder's folder name, Info.plist, Status.plist and mtime do not count.
    pub fn snapshot(mut self, uploaded: BackupBuilder) -> Self {
        self.snapshot = Some(Box::new(uploaded));
        self
    }

    /// Sets the modification time of every file in the folder, by default the backup's date, so
    /// that a backup just made for a test does not look like one that is running. Folders keep
    /// the time at which they were made.
    pub fn mtime(mut self, rfc3339: &str) -> Self {
        self.mtime = Some(timestamp(rfc3339));
        self
    }

    /// Makes the folder below `parent`, where nothing of its name may be yet, and returns its
    /// path.
    pub fn write(self, parent: &Path) -> PathBuf {
        write::write(self, parent)
    }
}
