//! The result of a scan.

use std::ops::Index;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::advice::Advice;
use super::backup::Udid;
use super::backup_index::BackupIndex;
use super::contents::Contents;
use super::finding::{Effect, Example, Finding, Level, MissingFolder, NotChecked, Verdict};
use super::holdings::Holdings;
use super::inventory::{Inventory, Problem, Usage};
use super::keybag::Access;
use super::links::{self, Links};
use super::manifest::{ManifestCounts, ManifestFormat};
use super::plan::Plan;
use super::subject::Subjects;

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
    /// Status.plist's `Date`, of whatever run.
    pub status_date: Option<Timestamp>,
    /// Status.plist's `UUID`: another one for each run.
    pub status_uuid: Option<String>,
    /// Info.plist's `Last Backup Date`.
    pub info_date: Option<Timestamp>,
    /// When a file in it changed last.
    pub newest_change: Option<Timestamp>,
    /// Another one means that something in it changed ([`Inventory`](super::Inventory)).
    pub fingerprint: u64,
    /// When a file in it changed last, Info.plist and what SQLite writes beside a database aside: those
    /// are rewritten by whoever looks at a backup.
    pub settled_change: Option<Timestamp>,
    /// When the file in it changed that has not changed for longest.
    pub oldest_change: Option<Timestamp>,
    /// Whether every further run into its folder fails until it is moved away.
    pub blocks_next_run: bool,
    /// Whether another backup lies in it.
    pub holds_backup: bool,
    /// Whether it lies in a trash, a recycle bin or a snapshot (contract §1).
    pub in_trash: bool,
    /// Whether the places that name its device disagree, its two lists among them.
    pub is_disputed: bool,
    /// Files in it that are no part of a backup, wherever they lie; bytes are their lengths.
    pub foreign: Subjects,
    /// What a person would miss (contract §5), by group; nothing where its rows were not read.
    pub keepsakes: Option<Vec<StorageGroup>>,
    /// What has to be known of it to tell whether another backup holds it, too.
    pub holdings: Holdings,
    /// What its folder takes.
    pub usage: Usage,
    /// The volume it is on, by the system's number.
    pub volume: Option<u64>,
    /// Its folder's inode or file index there.
    pub inode: Option<u64>,
    /// The room on that volume, where the system tells.
    pub disk: Option<Volume>,
    /// Whether there is nothing but Info.plist in it.
    pub only_info: bool,
    /// Its files with several hard links.
    pub links: Links,
    /// What its files have as clones of each other, or of files in other backups.
    pub clones: Links,
    /// The manifest's rows, where they were read.
    pub manifest: Option<ManifestCounts>,
    /// How many files with a payload's name lie anywhere in the folder.
    pub payloads_anywhere: u64,
    /// How many payloads lie in their place, where they were looked at.
    pub payloads: u64,
    /// Well-known databases that a locked backup has, by what is in them.
    pub databases: Vec<&'static str>,
    /// What came of its password.
    pub access: Access,
    /// What reading its payloads came to, where they were read.
    pub contents: Option<Contents>,
    /// Whether its file list is encrypted and was not opened.
    pub locked: bool,
    /// The verdict.
    pub verdict: Verdict,
    /// Ids of the checks that were made.
    pub checked: Vec<&'static str>,
    /// The checks that were not made, and why.
    pub not_checked: Vec<NotChecked>,
    /// What was found.
    pub findings: Vec<Finding>,
    /// What mending seems to do for it, where it would be done.
    pub mending: Option<MendOffer>,
    /// The payloads by whose data they are, largest first; empty where they were not looked at.
    pub storage: Vec<StorageGroup>,
    /// The payloads by domain, largest first.
    pub domains: Vec<StorageGroup>,
    /// The largest payloads, largest first, where they were asked for.
    pub largest: Vec<Example>,
    /// In which folders files are missing, those that miss most first, where all of them were asked for.
    pub missing_folders: Vec<MissingFolder>,
    /// What an iCloud backup would hold of it; nothing where its rows are not all known.
    pub icloud: Option<IcloudEstimate>,
}

/// What mending seems to do for a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MendOffer {
    /// How many of the payloads that are missing lie elsewhere in its folder.
    pub elsewhere: u64,
}

/// What an iCloud backup of the same device would hold at most, in bytes as the device recorded them
/// (F§17).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IcloudEstimate {
    /// The camera roll, which is left out where iCloud Photos is on.
    pub photos: u64,
    /// Messages with their attachments, left out where Messages in iCloud is on.
    pub messages: u64,
    /// Everything else.
    pub rest: u64,
    /// Whether iCloud Photos was on and had finished its first sync when the backup was made.
    pub photos_in_icloud: bool,
}

/// Payloads that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StorageGroup {
    /// What they are: `Photos`, an app's name, or a domain.
    pub name: String,
    /// How many files.
    pub files: u64,
    /// The sum of their lengths in bytes.
    pub bytes: u64,
}

/// A file system and the room on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Volume {
    /// Its size in bytes.
    pub total: u64,
    /// Bytes that the user can still write.
    pub available: u64,
    /// Whether it can share blocks between files, or it is not known.
    pub shares_blocks: bool,
    /// Whether it is known that nothing can be written to it.
    pub read_only: bool,
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
    /// A copy by `bkscan mend` that was stopped.
    MendUnfinished,
    /// A link, which is not followed.
    Link,
    /// A backup in a trash or a recycle bin.
    Trash,
    /// A backup in a snapshot.
    Snapshot,
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
            BesideKind::MendUnfinished => "mend-unfinished",
            BesideKind::Link => "link",
            BesideKind::Trash => "trash",
            BesideKind::Snapshot => "snapshot",
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
    /// Whether it is one of the system's own places, and no path was given.
    pub is_default: bool,
    /// The volume it is on, where that can be told.
    pub volume: Option<Volume>,
}

/// All backups of one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Its identifier; a backup whose device is unknown stands alone.
    pub udid: Option<Udid>,
    /// Its name in the newest backup that has one.
    pub name: Option<String>,
    /// Which are its, newest first; none where all are gone that earlier runs saw.
    pub backups: Vec<BackupIndex>,
    /// The newest good one of them.
    pub newest_good: Option<BackupIndex>,
    /// What was found about the device itself, whatever its backups are.
    pub findings: Vec<Finding>,
    /// Whether it was looked whether its backup is stale.
    pub asked_if_stale: bool,
    /// On how many days one run of it after the other failed up to now, as far as earlier scans saw it.
    pub failed_days: u32,
}

/// What a scan found.
#[derive(Clone, Debug)]
pub struct Report {
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// When the run was that it is compared with, where there is one.
    pub last_run: Option<Timestamp>,
    /// The words of the command line that said how to look: those about the password and the level.
    pub looked_with: Vec<String>,
    /// Those that said what may go, such as `--keep-last 3`.
    pub planned_with: Vec<String>,
    /// Bytes of what is remembered of payloads that were read, where it is.
    pub ledger_bytes: Option<u64>,
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
    /// What may go and what stays.
    pub plan: Plan,
    /// What can be done.
    pub advice: Vec<Advice>,
    /// The time zone in which dates are told.
    pub zone: TimeZone,
    /// What lies beside them.
    pub beside: Vec<Beside>,
    /// What could not be looked at.
    pub problems: Vec<Problem>,
}

impl Report {
    /// How many devices have a backup in it: one whose backups are all gone may be told of, too.
    pub fn devices_there(&self) -> u64 {
        let devices = self.devices.iter();
        devices.filter(|device| !device.backups.is_empty()).count() as u64
    }
}

impl BackupReport {
    /// Whether its volume can share blocks between files, or it is not known.
    pub fn shares_blocks(&self) -> bool {
        self.disk.is_none_or(|disk| disk.shares_blocks)
    }

    /// What its folder takes, where all of it could be looked at.
    pub fn measured(&self) -> Option<Usage> {
        (self.verdict != Verdict::Unreadable).then_some(self.usage)
    }

    /// Whether it has a finding of this id.
    pub fn has(&self, id: &str) -> bool {
        self.findings.iter().any(|finding| finding.id == id)
    }

    /// Whether it, or what a password was to open of it, could not be looked at although that was asked for.
    pub fn is_closed(&self) -> bool {
        self.verdict == Verdict::Unreadable || self.is_not_opened()
    }

    /// Whether a password was given that does not open it.
    pub fn is_not_opened(&self) -> bool {
        let mut findings = self.findings.iter();
        findings.any(|finding| finding.effect == Effect::NotOpened)
    }

    /// Whether nothing but names and lengths could tell what the other one has of it: nobody opened both.
    pub fn is_known_by_names(&self, other: Option<&BackupReport>) -> bool {
        self.locked || other.is_some_and(|other| other.locked)
    }

    /// Whether there is neither a list of files, readable or locked, nor any payload, nor what another tool unpacked.
    pub fn holds_nothing(&self) -> bool {
        self.manifest.is_none() && !self.locked && !self.has_files()
    }

    /// Whether there is any payload, or its placeholder, or anything that another tool unpacked, wherever in the folder.
    pub fn has_files(&self) -> bool {
        let strays = &self.holdings.strays;
        self.payloads_anywhere + strays.in_cloud + strays.files > 0
    }

    /// Whether its files seem to be encrypted, and their keys were in a Manifest.plist that cannot be read any more.
    pub fn has_lost_its_keys(&self) -> bool {
        self.locked && self.encrypted.is_none()
    }

    /// Whether the next run of the device goes into its folder: that is called as the device identifies itself
    /// (F§2.1), not archived or renamed. Of one without its names (`--redact`) no more is known than that it is not
    /// archived.
    pub fn is_written_again(&self) -> bool {
        let known = self.udid.as_ref().map(Udid::as_str);
        let known = known.filter(|udid| Udid::parse(udid).is_some());
        !self.archived && known.is_none_or(|own| own.eq_ignore_ascii_case(&self.folder_name()))
    }

    /// The name of its folder; lossy where it is not UTF-8.
    pub fn folder_name(&self) -> String {
        let name = self.path.file_name().unwrap_or(self.path.as_os_str());
        name.to_string_lossy().into_owned()
    }
}

impl Index<BackupIndex> for [BackupReport] {
    type Output = BackupReport;

    fn index(&self, index: BackupIndex) -> &BackupReport {
        &self[index.position()]
    }
}

impl Index<BackupIndex> for Vec<BackupReport> {
    type Output = BackupReport;

    fn index(&self, index: BackupIndex) -> &BackupReport {
        &self[index.position()]
    }
}

/// What backups take together; a file that several of them share by hard links counts once, and a backup
/// that lies in another one of them is part of it.
pub fn total_usage<'a>(backups: impl IntoIterator<Item = &'a BackupReport>) -> Usage {
    let mut total = Usage::default();
    let mut linked = Vec::new();
    let backups = backups.into_iter().map(|backup| (&*backup.path, backup));
    for (_, backup) in outermost(backups.collect()) {
        total += backup.usage;
        linked.push(&backup.links);
    }
    for file in links::merge(linked) {
        let counted_again = file.link.allocated.saturating_mul(file.folders - 1);
        total.allocated = total.allocated.saturating_sub(counted_again);
    }
    total
}

/// Counts the names of files, and the clones of contents, that the system did not tell the number of: those in
/// all of the backups and in what lies beside them are all that there are, as far as is known.
pub fn count_names<'a>(
    backups: &mut [BackupReport],
    beside: impl IntoIterator<Item = (&'a Path, &'a Inventory)>,
) {
    let mut all: Vec<(&Path, [&Links; 2])> = Vec::new();
    all.extend((backups.iter()).map(|found| (&*found.path, [&found.links, &found.clones])));
    all.extend((beside.into_iter()).map(|(path, seen)| (path, [&seen.links, &seen.clones])));
    let apart = outermost(all);
    let [names, clones] =
        [0, 1].map(|kind| links::count_names(apart.iter().map(|(_, links)| links[kind])));
    for backup in backups {
        links::complete(&mut backup.links, &names);
        links::complete(&mut backup.clones, &clones);
    }
}

/// Those that lie in no other one of them.
fn outermost<T>(mut folders: Vec<(&Path, T)>) -> Vec<(&Path, T)> {
    // By path, so that what lies in a folder comes right behind it.
    folders.sort_by_key(|(path, _)| *path);
    let mut last: Option<&Path> = None;
    folders.retain(|(path, _)| {
        let is_inside = last.is_some_and(|last| *path != last && path.starts_with(last));
        if !is_inside {
            last = Some(path);
        }
        !is_inside
    });
    folders
}
