//! The wire types of one backup.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::finding::Finding;
use super::fixed::{actions, manifest_formats, sources, verdicts};
use super::place::{Place, Text};

/// What a removal gives back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Frees {
    /// Bytes on the disk whose last name goes.
    pub bytes: u64,
    /// Whether the number is exact; else it may be less, because blocks may be shared.
    pub exact: bool,
}

/// A backup, judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Backup<'a> {
    /// Where it is.
    #[serde(flatten)]
    pub place: Place<'a>,
    /// The identifier of the device that the backup is of.
    pub udid: Option<Text<'a>>,
    /// Whether the name of the folder is that of an archived copy.
    pub archived: bool,
    /// Whether the backup is encrypted; null where that cannot be seen.
    pub encrypted: Option<bool>,
    /// Which kind of manifest the backup has; null where that is not known.
    #[schemars(schema_with = "manifest_formats")]
    pub manifest_format: Option<Text<'a>>,
    /// What Status.plist says as `SnapshotState`.
    pub snapshot_state: Option<Text<'a>>,
    /// What Status.plist says as `BackupState`.
    pub backup_state: Option<Text<'a>>,
    /// The device as the backup describes it.
    pub device: Described<'a>,
    /// When the backup was made; null where nobody says so.
    pub last_backup: Option<LastBackup<'a>>,
    /// What the folder of the backup takes.
    pub size: Size,
    /// What the manifest lists; null where that was not read.
    pub manifest: Option<Manifest>,
    /// Whether the backup is whole.
    #[schemars(schema_with = "verdicts")]
    pub verdict: Text<'a>,
    /// The ids of the findings that were looked for.
    pub checked: Vec<Text<'a>>,
    /// The findings that were not looked for, and why.
    pub not_checked: Vec<NotChecked<'a>>,
    /// What was found in the backup.
    pub findings: Vec<Finding<'a>>,
    /// Which payloads were read to their end; only with `--level contents`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contents: Option<Contents>,
    /// The payloads by the app whose data they are, largest first.
    pub storage: Vec<Group<'a>>,
    /// What else is worth knowing: `old`, `oversized`, `superseded`, `archived`, `only-copy`.
    pub flags: Vec<Text<'a>>,
    /// What the disk gets back if this backup alone goes.
    pub frees: Frees,
    /// Whether the backup may go, and why.
    pub decision: Decision<'a>,
    /// What would go for good with the backup; null where that is not known, or nothing is to be decided
    /// about it.
    pub only_here: Option<OnlyHere<'a>>,
}

/// The device as a backup describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Described<'a> {
    /// The name that its owner gave it.
    pub name: Option<Text<'a>>,
    /// The model as Apple numbers it, such as `iPhone16,1`.
    pub product_type: Option<Text<'a>>,
    /// The model as people call it, such as `iPhone 15 Pro`.
    pub product_name: Option<Text<'a>>,
    /// The version of iOS or iPadOS.
    pub ios_version: Option<Text<'a>>,
    /// The build of that version.
    pub build_version: Option<Text<'a>>,
    /// The serial number of the device.
    pub serial_number: Option<Text<'a>>,
}

/// When a backup was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LastBackup<'a> {
    /// When the backup was made.
    pub at: Timestamp,
    /// What says so; `mtime` is the newest change of its files.
    #[schemars(schema_with = "sources")]
    pub source: Text<'a>,
}

/// What a folder takes; nothing where it could not be looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Size {
    /// How many regular files there are.
    pub files: Option<u64>,
    /// The sum of the lengths of all regular files.
    pub logical_bytes: Option<u64>,
    /// Bytes on the disk, those of folders included.
    pub allocated_bytes: Option<u64>,
}

/// What a manifest lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Manifest {
    /// How many rows the manifest has.
    pub records: u64,
    /// How many of its rows are regular files.
    pub files: u64,
    /// How many of its rows are folders.
    pub directories: u64,
    /// How many of its rows are links.
    pub symlinks: u64,
    /// The sum of the sizes that the device recorded for regular files.
    pub recorded_bytes: u64,
}

/// A finding that was not looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NotChecked<'a> {
    /// The id; it never changes.
    pub id: Text<'a>,
    /// Why it was not looked for.
    pub why: Text<'a>,
}

/// What was read to its end, and with what it was compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Contents {
    /// All payloads of the backup.
    pub all: Share,
    /// The payloads that were read.
    pub read: Share,
    /// Of the payloads that were read, those with a checksum of the device.
    pub compared_with_digest: Share,
    /// Of the payloads that were read and have no such checksum, those that an earlier run had read too.
    pub compared_with_ledger: Share,
    /// The payloads that are only in a cloud, and were not fetched.
    pub cloud_only: Share,
    /// The payloads that changed or went away while the backup was looked at.
    pub changed_meanwhile: Share,
    /// The payloads that `--subset` leaves to another day.
    pub left_out: Share,
}

/// A part of the payloads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Share {
    /// How many.
    pub files: u64,
    /// The sum of their lengths.
    pub bytes: u64,
}

/// Payloads that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Group<'a> {
    /// Whose data it is, such as `Photos`, `Messages` or the name of an app.
    pub group: Text<'a>,
    /// How many files.
    pub files: u64,
    /// The sum of their lengths.
    pub bytes: u64,
}

/// Whether a backup may go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Decision<'a> {
    /// What is to become of the backup.
    #[schemars(schema_with = "actions")]
    pub action: Text<'a>,
    /// The reasons for that.
    pub reasons: Vec<Reason<'a>>,
}

/// Why a backup stays or may go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reason<'a> {
    /// The reason, such as `newest-good`, `only-copy` or `superseded-by`.
    pub code: Text<'a>,
    /// The same in words, for people.
    pub text: Text<'a>,
    /// The path of the other backup that it is about, if any.
    pub by: Option<Text<'a>>,
}

/// What is in one backup and not in another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OnlyHere<'a> {
    /// The path of the backup that it was compared with; null where there is none, so that all of it counts.
    pub than: Option<Text<'a>>,
    /// What a person would miss, and what apps keep.
    pub groups: Vec<Loss<'a>>,
    /// Databases that have less in the other backup.
    pub databases: Vec<DatabaseLoss<'a>>,
    /// The newer backup of another device that holds most of it; null where there is none.
    pub held_elsewhere: Option<HeldElsewhere<'a>>,
}

/// Files of a group that are only in one backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Loss<'a> {
    /// What they are, such as `Photos`, or the name of an app.
    pub group: Text<'a>,
    /// How many are only there.
    pub files: u64,
    /// How many bytes these have.
    pub bytes: u64,
    /// How many files of the group the backup has in all.
    pub of_files: u64,
    /// How many bytes these have.
    pub of_bytes: u64,
}

/// A database that has less in another backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DatabaseLoss<'a> {
    /// What is in it, such as `Messages`.
    pub name: Text<'a>,
    /// How many bytes it has.
    pub bytes: u64,
    /// How many bytes it has in the other backup.
    pub other_bytes: u64,
}

/// A newer backup of another device that holds much of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HeldElsewhere<'a> {
    /// The path of that backup.
    pub path: Text<'a>,
    /// How many of the files that a person would miss it holds.
    pub files: u64,
    /// How many of them there are.
    pub of_files: u64,
}
