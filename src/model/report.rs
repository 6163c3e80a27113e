//! The result of a scan.

use std::path::PathBuf;

use jiff::Timestamp;

use super::{Finding, Level, Link, ManifestCounts, ManifestFormat, NotChecked, Problem, Udid};
use super::{Usage, Verdict};

/// The device as the backup describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Described {
    /// The name its owner gave it.
    pub name: Option<String>,
    /// Such as `iPhone16,1`.
    pub product_type: Option<String>,
    /// Such as `iPhone 15 Pro`.
    pub product_name: Option<String>,
    /// The iOS or iPadOS version.
    pub ios_version: Option<String>,
    /// Its build.
    pub build_version: Option<String>,
    /// The serial number.
    pub serial_number: Option<String>,
}

/// Where a backup's date comes from, best first (F§4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateSource {
    /// Manifest.plist's `Date`.
    Manifest,
    /// Status.plist's `Date`, of a finished run.
    Status,
    /// Info.plist's `Last Backup Date`.
    Info,
    /// When the manifest file was modified.
    Mtime,
}

impl DateSource {
    /// The word for it in `--json`.
    pub const fn as_str(self) -> &'static str {
        match self {
            DateSource::Manifest => "manifest",
            DateSource::Status => "status",
            DateSource::Info => "info",
            DateSource::Mtime => "mtime",
        }
    }
}

/// When the backup was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastBackup {
    /// The time.
    pub at: Timestamp,
    /// Who says so.
    pub source: DateSource,
}

/// One backup, judged.
#[derive(Clone, Debug)]
pub struct BackupReport {
    /// Its folder, below the path as it was given.
    pub path: PathBuf,
    /// The device it is of.
    pub udid: Option<Udid>,
    /// Whether the folder's name is that of an archived copy.
    pub archived: bool,
    /// Whether it is encrypted, where that is known.
    pub encrypted: Option<bool>,
    /// Which manifest it has.
    pub manifest_format: Option<ManifestFormat>,
    /// Status.plist's `SnapshotState`.
    pub snapshot_state: Option<String>,
    /// Status.plist's `BackupState`.
    pub backup_state: Option<String>,
    /// The device.
    pub device: Described,
    /// When it was made.
    pub last_backup: Option<LastBackup>,
    /// What its folder takes.
    pub usage: Usage,
    /// Its files with several hard links.
    pub links: Vec<Link>,
    /// The manifest's rows, where they were read.
    pub manifest: Option<ManifestCounts>,
    /// Whether its file list is encrypted and no password was given.
    pub locked: bool,
    /// The verdict.
    pub verdict: Verdict,
    /// Ids of the checks that were made.
    pub checked: Vec<&'static str>,
    /// The checks that were not made, and why.
    pub not_checked: Vec<NotChecked>,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// What something beside the backups is (F§2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BesideKind {
    /// iMazing's history, hard-linked to the backups.
    ImazingVersions,
    /// A copy unpacked by another tool.
    Unpacked,
    /// A removal by `bkscan clean` that was stopped.
    RemovalUnfinished,
    /// A link, which is not followed.
    Link,
    /// Anything else in a folder named `Backup`.
    Other,
}

impl BesideKind {
    /// The word for it in `--json`.
    pub const fn as_str(self) -> &'static str {
        match self {
            BesideKind::ImazingVersions => "imazing-versions",
            BesideKind::Unpacked => "unpacked",
            BesideKind::RemovalUnfinished => "removal-unfinished",
            BesideKind::Link => "link",
            BesideKind::Other => "other",
        }
    }
}

/// Something that lies beside backups and is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// Where it is.
    pub path: PathBuf,
    /// What it is.
    pub kind: BesideKind,
    /// Allocated bytes of its files; a file with several hard links counts once.
    pub bytes: u64,
}

/// A path that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// The path as it was given.
    pub path: PathBuf,
}

/// All backups of one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Its identifier; a backup whose device is unknown stands alone.
    pub udid: Option<Udid>,
    /// Its name in the newest backup that has one.
    pub name: Option<String>,
    /// Indices into [`Report::backups`], newest first.
    pub backups: Vec<usize>,
}

/// What a scan found.
#[derive(Clone, Debug)]
pub struct Report {
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// How deep it looked.
    pub level: Level,
    /// Whether it was stopped before the end.
    pub cancelled: bool,
    /// What was asked for.
    pub roots: Vec<Root>,
    /// The devices, by identifier.
    pub devices: Vec<Device>,
    /// The backups, in the order of roots and paths.
    pub backups: Vec<BackupReport>,
    /// What lies beside them.
    pub beside: Vec<Beside>,
    /// What could not be looked at.
    pub problems: Vec<Problem>,
}
