//! What earlier runs found: what is kept of a run, and how the backups of a device developed.

use std::ffi::OsString;
use std::path::PathBuf;

use jiff::Timestamp;

use super::backup::Udid;
use super::finding::{Level, Verdict};
use super::report::StorageGroup;

/// What is kept of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastRun {
    /// When it began.
    pub at: Timestamp,
    /// How deep it looked.
    pub level: Level,
    /// What it looked at: canonical paths.
    pub roots: Vec<PathBuf>,
    /// For each of them the volume that it was on, by a number that lasts; nothing where it could not be
    /// read, was empty, or was not asked for.
    pub volumes: Vec<Option<u64>>,
    /// The backups it judged, in its order.
    pub backups: Vec<PastBackup>,
    /// What was wrong, notes aside.
    pub problems: Vec<PastProblem>,
}

/// What is kept of a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastBackup {
    /// Its folder, below a canonical root.
    pub path: PathBuf,
    /// The device it is of.
    pub udid: Option<Udid>,
    /// The device's name.
    pub name: Option<String>,
    /// The product's name, else its type.
    pub product: Option<String>,
    /// What it was judged to be.
    pub verdict: Verdict,
    /// When it was made.
    pub last_backup: Option<Timestamp>,
    /// Regular files.
    pub files: u64,
    /// Sum of their lengths in bytes.
    pub logical: u64,
    /// Bytes of the blocks they took on the disk.
    pub allocated: u64,
    /// Manifest.plist's `Date`.
    pub manifest_date: Option<Timestamp>,
    /// Status.plist's `UUID`: another one for each run of the device.
    pub status_uuid: Option<String>,
    /// The volume it was on, by a number that lasts.
    pub volume: Option<u64>,
    /// What a person would miss, by group; nothing where that was not known.
    pub keepsakes: Option<Vec<StorageGroup>>,
    /// Whether its user said since that it is not to be spoken of any more.
    pub forgotten: bool,
}

/// A backup that bkscan removed, as its list of removals has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastRemoval {
    /// When.
    pub at: Timestamp,
    /// Where it was.
    pub path: PathBuf,
    /// The device it was of.
    pub udid: Option<Udid>,
    /// When it was made.
    pub last_backup: Option<Timestamp>,
    /// Status.plist's `UUID`.
    pub status_uuid: Option<String>,
}

/// A backup that the history can speak of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// As the last run saw it that saw it at all.
    pub backup: PastBackup,
    /// When that was.
    pub seen: Timestamp,
    /// All folders that it was in, the last one first.
    pub paths: Vec<PathBuf>,
}

/// Something that was wrong; subject and id tell it from others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastProblem {
    /// A backup's path, a device's UDID, or the path that could not be looked at.
    pub subject: OsString,
    /// The finding's id; `blocked` for what could not be looked at.
    pub id: String,
    /// How many files, rows or facts.
    pub count: u64,
    /// Of what grows by itself as time passes: for how many seconds it had lasted when it was last new.
    pub span: Option<u64>,
}

/// How the backups of one device developed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceHistory {
    /// Its identifier.
    pub udid: Option<Udid>,
    /// Its name in the last run that had one.
    pub name: Option<String>,
    /// The product's name or type in the last run that had one.
    pub product: Option<String>,
    /// The folders of its backups, in the order in which they were first seen.
    pub folders: Vec<FolderHistory>,
    /// One entry a run and folder, in the order in which the runs were recorded.
    pub runs: Vec<DeviceRun>,
}

/// How one backup folder grew. A run in which it was `unreadable` measured nothing and is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderHistory {
    /// Where it is.
    pub path: PathBuf,
    /// Allocated bytes in its last run less those in its run before that, in the order in which they
    /// were recorded.
    pub since_previous: Option<i64>,
    /// The same from its earliest run to its latest, by their times, divided by the time between
    /// them and multiplied by 30.44 days; where that time is two weeks or more.
    pub per_month: Option<i64>,
}

/// One backup in one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceRun {
    /// When the run began.
    pub at: Timestamp,
    /// Which backup: an index into [`DeviceHistory::folders`].
    pub folder: usize,
    /// What it was judged to be.
    pub verdict: Verdict,
    /// Bytes of the blocks it took on the disk.
    pub allocated: u64,
    /// Allocated bytes less those in the run before of the same folder.
    pub change: Option<i64>,
}
