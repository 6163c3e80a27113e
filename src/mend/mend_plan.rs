//! What a mend would do, in plain data: for the screen, the document and the record.

use std::path::PathBuf;

use crate::mendable::LostRow;
use crate::model::{Amount, Described, Example, LastBackup, StorageGroup, Udid, Verdict};

/// What a mend does, or did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MendPlan {
    /// The backup that is read, and stays as it is.
    pub source: PathBuf,
    /// The folder that the new one is to lie in.
    pub folder: PathBuf,
    /// The device.
    pub udid: Udid,
    /// The same in its own words.
    pub device: Described,
    /// When the backup was made.
    pub last_backup: Option<LastBackup>,
    /// How payloads come into the new one.
    pub payloads: Means,
    /// The payloads that it has.
    pub kept: Amount,
    /// What is lost for good.
    pub lost: Lost,
    /// What is mended.
    pub repairs: Vec<Repair>,
    /// The files in the folders of payloads that no row names: the new one does not have them.
    pub left_behind: Amount,
    /// Bytes that the new one takes on its disk.
    pub needs: u64,
    /// Bytes that are free there, where that is known.
    pub available: Option<u64>,
}

impl MendPlan {
    /// Where the new one is to lie.
    pub fn result(&self) -> PathBuf {
        self.folder.join(self.udid.as_str())
    }

    /// Whether it is known that the new one does not fit.
    pub fn lacks_room(&self) -> bool {
        self.available
            .is_some_and(|available| available < self.needs)
    }
}

/// How payloads come into the new backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// They share their blocks with those of the old one until one of them is written to.
    Cloned,
    /// They are the files of the old one, under a second name.
    Linked,
    /// They are copies.
    Copied,
}

impl Means {
    /// The word for it in `--json`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Means::Cloned => "cloned",
            Means::Linked => "linked",
            Means::Copied => "copied",
        }
    }

    /// All of them.
    pub const ALL: [Means; 3] = [Means::Cloned, Means::Linked, Means::Copied];
}

/// What is lost for good.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    /// The rows that go, in the order of their domains and paths.
    pub rows: Vec<LostRow>,
    /// How many, and their bytes as far as they are known.
    pub amount: Amount,
    /// The same by whose data they are, largest first.
    pub by_group: Vec<StorageGroup>,
}

/// Something that is mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    /// What.
    pub kind: RepairKind,
    /// How many files, rows or facts.
    pub count: u64,
    /// The first few of the files.
    pub examples: Vec<Example>,
    /// One sentence, without anything personal in it.
    pub message: String,
}

/// The kinds of what is mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RepairKind {
    /// Rows without a payload that can be used go.
    RowsRemoved,
    /// Payloads come into their place.
    PayloadsMoved,
    /// Status.plist is written anew.
    StatusWritten,
    /// An interrupted run: the state that the device itself would restore.
    StateRestored,
    /// Manifest.plist is made of the other lists.
    ManifestRebuilt,
    /// The list of files is written anew.
    DatabaseRebuilt,
    /// The list of files gets its own name.
    ListRenamed,
    /// Info.plist is made of Manifest.plist.
    InfoRebuilt,
}

impl RepairKind {
    /// All of them, in the order in which they are told.
    pub const ALL: [RepairKind; 8] = [
        RepairKind::RowsRemoved,
        RepairKind::PayloadsMoved,
        RepairKind::StatusWritten,
        RepairKind::StateRestored,
        RepairKind::ManifestRebuilt,
        RepairKind::DatabaseRebuilt,
        RepairKind::ListRenamed,
        RepairKind::InfoRebuilt,
    ];

    /// The word for it in `--json`.
    pub const fn as_str(self) -> &'static str {
        match self {
            RepairKind::RowsRemoved => "rows-removed",
            RepairKind::PayloadsMoved => "payloads-moved",
            RepairKind::StatusWritten => "status-written",
            RepairKind::StateRestored => "state-restored",
            RepairKind::ManifestRebuilt => "manifest-rebuilt",
            RepairKind::DatabaseRebuilt => "database-rebuilt",
            RepairKind::ListRenamed => "list-renamed",
            RepairKind::InfoRebuilt => "info-rebuilt",
        }
    }
}

/// A mend that came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mended {
    /// What was done.
    pub plan: MendPlan,
    /// What the new backup was judged to be; nothing as long as it is only planned.
    pub verdict: Option<Verdict>,
}
