//! The wire types of `--json` (contract §7): what is written, what `bkscan report` reads, and what
//! `bkscan schema` describes. The model may change; these names may not, and only additions are made.
//!
//! The comments here are the descriptions in the schema. Bytes are integers, times RFC 3339 in UTC, and
//! what is not known is `null`. A name that is added later is an `Option` or has a default: documents
//! that were saved before do not have it.

pub mod diff;

use std::borrow::Cow;

use jiff::Timestamp;
use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, RestrictFormats};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::model::{Action, DateSource, Level, ManifestFormat, Severity, Verdict};

/// The version of the format. Another one would be no addition, but a change.
pub const SCHEMA_VERSION: u32 = 1;

/// Text that is borrowed from a report while writing, and owned after reading.
pub type Text<'a> = Cow<'a, str>;

/// What `bkscan --json`, `bkscan show --json` and `bkscan clean --json` print; `bkscan history --json`
/// is another document. Bytes are integers, times are in UTC, and what is not known is null. Paths that
/// `--redact` leaves out are `backup-1` and the like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "bkscan --json")]
pub struct Document<'a> {
    /// Always 1: a later version of bkscan may add names, and changes none.
    #[schemars(schema_with = "version")]
    pub schema_version: u32,
    /// The version of the program that wrote the document.
    pub bkscan_version: Text<'a>,
    /// When the run began.
    pub started_at: Timestamp,
    /// When the run ended.
    pub finished_at: Timestamp,
    /// How deep the run looked.
    #[schemars(schema_with = "levels")]
    pub level: Text<'a>,
    /// Whether the run was stopped before its end, so that not everything was found.
    pub cancelled: bool,
    /// With what the program ended: 0 nothing wrong, 1 warnings that were asked for, 2 an incomplete or
    /// corrupt backup, of `clean` something that was not removed, 3 something could not be looked at,
    /// 130 or 143 stopped.
    pub exit_code: u8,
    /// The paths that were asked for, or the places where the system keeps backups.
    pub roots: Vec<Root<'a>>,
    /// All backups together, in numbers.
    pub summary: Summary<'a>,
    /// The devices whose backups were found.
    pub devices: Vec<Device<'a>>,
    /// The backups that were found, each judged.
    pub backups: Vec<Backup<'a>>,
    /// What lies beside the backups and is none.
    pub beside: Vec<Beside<'a>>,
    /// What can be done.
    pub advice: Vec<Advice<'a>>,
    /// What could not be looked at, or was passed over.
    pub problems: Vec<Problem<'a>>,
    /// Of `clean`: what would go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<Vec<Planned<'a>>>,
    /// Of `clean --delete`: what was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done: Option<Vec<Done<'a>>>,
    /// Of `show`: the backup's payloads by domain, largest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domains: Option<Vec<Domain<'a>>>,
    /// Of `show`: its largest payloads, largest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub largest: Option<Vec<Largest<'a>>>,
}

/// A path, below the one that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Place<'a> {
    /// The path as text; what is not UTF-8 in it is replaced.
    pub path: Text<'a>,
    /// The bytes of the path in hex; only where it is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_hex: Option<Text<'a>>,
}

/// A path that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Root<'a> {
    /// Where it is.
    #[serde(flatten)]
    pub place: Place<'a>,
    /// The volume that the path is on; null where that is not known.
    pub volume: Option<Volume>,
}

/// A file system and the room on it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Volume {
    /// The size of the volume.
    pub total_bytes: u64,
    /// How much the user can still write to it.
    pub available_bytes: u64,
    /// Whether files on it may share blocks; true also where that is not known.
    pub shares_blocks: bool,
}

/// All backups of the document together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Summary<'a> {
    /// How many backups.
    pub backups: u64,
    /// How many devices the backups are of.
    pub devices: u64,
    /// How many backups have each verdict.
    pub verdicts: Verdicts,
    /// How many regular files are in the backups.
    pub files: u64,
    /// The sum of the lengths of all regular files.
    pub logical_bytes: u64,
    /// What the backups take on the disk; a file that several of them share counts once.
    pub allocated_bytes: u64,
    /// The backups that are not needed any more: what `clean` plans to remove.
    pub removable: Removal<'a>,
    /// The backups that only the user can decide about; bkscan never chooses them.
    pub on_request: Removal<'a>,
}

/// How many backups have each verdict.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Verdicts {
    /// Finished, and all that the level checks holds.
    pub complete: u64,
    /// Says it finished, but parts are missing, unreadable or altered.
    pub corrupt: u64,
    /// The device is at work on it.
    pub in_progress: u64,
    /// The set is not complete.
    pub incomplete: u64,
    /// The last run did not finish, but the earlier backup is still whole.
    pub interrupted: u64,
    /// Could not be looked at.
    pub unreadable: u64,
    /// Nothing wrong in what can be seen, but not everything could be.
    pub unverified: u64,
}

/// Backups, and what is free once they have gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Removal<'a> {
    /// The paths of the backups.
    pub backups: Vec<Text<'a>>,
    /// What is free once they have gone.
    #[serde(flatten)]
    pub frees: Frees,
}

/// What a removal gives back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Frees {
    /// Bytes on the disk whose last name goes.
    pub bytes: u64,
    /// Whether the number is exact; else it may be less, because blocks may be shared.
    pub exact: bool,
}

/// A device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Device<'a> {
    /// The identifier of the device.
    pub udid: Option<Text<'a>>,
    /// The name that its owner gave it.
    pub name: Option<Text<'a>>,
    /// The path of the newest good backup of the device; null where there is none.
    pub newest_good: Option<Text<'a>>,
    /// The paths of the backups of the device, newest first.
    pub backups: Vec<Text<'a>>,
    /// What was found about the device itself.
    pub findings: Vec<Finding<'a>>,
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

/// What a folder takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Size {
    /// How many regular files there are.
    pub files: u64,
    /// The sum of the lengths of all regular files.
    pub logical_bytes: u64,
    /// Bytes on the disk, those of folders included.
    pub allocated_bytes: u64,
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

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding<'a> {
    /// The id, which is never renamed or reused; `bkscan explain` lists all.
    pub id: Text<'a>,
    /// How bad it is.
    #[schemars(schema_with = "severities")]
    pub severity: Text<'a>,
    /// How many files, rows or facts it is about.
    pub count: u64,
    /// How many bytes these have together.
    pub bytes: u64,
    /// What it is, in one sentence.
    pub message: Text<'a>,
    /// The first few of the files or rows; with `show` all of them.
    pub examples: Vec<Example<'a>>,
    /// What to do next: a command to copy, where there is one.
    pub hint: Option<Text<'a>>,
}

/// A file or a row that a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Example<'a> {
    /// The domain, such as `CameraRollDomain`.
    pub domain: Option<Text<'a>>,
    /// The path inside the domain, else inside the backup's folder.
    pub path: Option<Text<'a>>,
    /// The fileID as the manifest or the disk spells it.
    pub file_id: Option<Text<'a>>,
    /// Recorded bytes where the file is missing, else those on the disk.
    pub bytes: Option<u64>,
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

/// Something beside the backups that is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Beside<'a> {
    /// Where it is.
    #[serde(flatten)]
    pub place: Place<'a>,
    /// What it is, such as `imazing-versions`, `unpacked`, `removal-unfinished`, `link` or `other`.
    pub kind: Text<'a>,
    /// How many bytes it takes on the disk.
    pub bytes: u64,
}

/// Something that can be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Advice<'a> {
    /// To which of the eight steps of the guide it belongs.
    pub step: u8,
    /// The id; it never changes.
    pub id: Text<'a>,
    /// What to do, in a few words.
    pub title: Text<'a>,
    /// What to do, in full; a line that begins with blanks is a command.
    pub text: Text<'a>,
    /// How many bytes it is about; null where it is about none.
    pub bytes: Option<u64>,
    /// A command to copy; null where there is none.
    pub command: Option<Text<'a>>,
    /// The paths of the backups that it is about.
    pub backups: Vec<Text<'a>>,
}

/// Something that could not be looked at, or was passed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem<'a> {
    /// Where it is.
    #[serde(flatten)]
    pub place: Place<'a>,
    /// What it is, in one sentence.
    pub message: Text<'a>,
}

/// What `clean` would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Planned<'a> {
    /// Where it is.
    #[serde(flatten)]
    pub place: Place<'a>,
    /// `remove` a backup, or `finish` a removal that was stopped.
    pub action: Text<'a>,
    /// What the disk gets back by it.
    pub frees: Frees,
    /// The reasons for that.
    pub reasons: Vec<Reason<'a>>,
}

/// What `clean --delete` did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Done<'a> {
    /// Where it is.
    #[serde(flatten)]
    pub place: Place<'a>,
    /// What became of it: `removed`, `refused` or `failed`.
    pub outcome: Text<'a>,
    /// Why it was not removed; null where it was.
    pub why: Option<Text<'a>>,
    /// How many bytes on the disk were freed.
    pub freed_bytes: u64,
}

/// The payloads of a domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Domain<'a> {
    /// The domain, such as `CameraRollDomain`.
    pub domain: Text<'a>,
    /// How many files.
    pub files: u64,
    /// The sum of their lengths.
    pub bytes: u64,
}

/// A large payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Largest<'a> {
    /// The domain that it is in.
    pub domain: Option<Text<'a>>,
    /// Its path in the domain.
    pub path: Option<Text<'a>>,
    /// Its length.
    pub bytes: Option<u64>,
}

/// The JSON Schema (draft 2020-12) of the document as it is written: what is always there is required,
/// also where it may be `null`. Names that a later version adds are allowed.
pub fn schema() -> Schema {
    schema_of::<Document<'static>>()
}

/// The same of what `bkscan diff --json` prints.
pub fn schema_of_diff() -> Schema {
    schema_of::<diff::Comparison<'static>>()
}

fn schema_of<T: JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12()
        .for_serialize()
        // Only formats that the draft knows: strict validators refuse others.
        .with_transform(RestrictFormats::default())
        .with_transform(RecursiveTransform(in_one_line))
        .into_generator()
        .into_root_schema_for::<T>()
}

/// Comments have lines; a description has none.
fn in_one_line(schema: &mut Schema) {
    if let Some(serde_json::Value::String(text)) = schema.get_mut("description") {
        *text = text.replace('\n', " ");
    }
}

fn version(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "integer", "const": SCHEMA_VERSION })
}

// Words of which there will never be others. Those that a later version may add to are not listed.

fn levels(_: &mut SchemaGenerator) -> Schema {
    one_of([Level::Quick, Level::Standard, Level::Contents].map(Level::as_str))
}

fn verdicts(_: &mut SchemaGenerator) -> Schema {
    one_of(Verdict::ALL.map(Verdict::as_str))
}

fn severities(_: &mut SchemaGenerator) -> Schema {
    one_of([Severity::Error, Severity::Warning, Severity::Note].map(Severity::as_str))
}

fn sources(_: &mut SchemaGenerator) -> Schema {
    let sources = [
        DateSource::Manifest,
        DateSource::Status,
        DateSource::Info,
        DateSource::Mtime,
    ];
    one_of(sources.map(DateSource::as_str))
}

fn actions(_: &mut SchemaGenerator) -> Schema {
    one_of([Action::Keep, Action::Remove].map(Action::as_str))
}

fn manifest_formats(_: &mut SchemaGenerator) -> Schema {
    let known = [ManifestFormat::Sqlite, ManifestFormat::Mbdb];
    let [sqlite, mbdb] = known.map(ManifestFormat::as_str);
    json_schema!({ "enum": [sqlite, mbdb, null] })
}

fn one_of<const N: usize>(words: [&str; N]) -> Schema {
    json_schema!({ "type": "string", "enum": words.to_vec() })
}
