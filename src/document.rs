//! The wire types of `--json` (contract §7): what is written, what `bkscan report` reads, and what
//! `bkscan schema` describes. The model may change; these names may not, and only additions are made.
//!
//! The comments here are the descriptions in the schema. Bytes are integers, times RFC 3339 in UTC, and
//! what is not known is `null`.

use std::borrow::Cow;

use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::model::{Level, Severity, Verdict};

/// The version of the format. Another one would be no addition, but a change.
pub const SCHEMA_VERSION: u32 = 1;

/// Text that is borrowed from a report while writing, and owned after reading.
pub type Text<'a> = Cow<'a, str>;

/// What bkscan found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "What bkscan --json prints")]
pub struct Document<'a> {
    /// 1. A later version may add names, and changes none.
    pub schema_version: u32,
    /// The program that wrote it.
    pub bkscan_version: Text<'a>,
    /// When the run began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// How deep it looked.
    #[schemars(schema_with = "levels")]
    pub level: Text<'a>,
    /// Whether it was stopped before the end.
    pub cancelled: bool,
    /// With what the program ended: 0 nothing wrong, 1 warnings that were asked for, 2 an incomplete or
    /// corrupt backup, 3 something could not be looked at, 130 or 143 stopped.
    pub exit_code: u8,
    /// What was asked for.
    pub roots: Vec<Root<'a>>,
    /// All of it in numbers.
    pub summary: Summary<'a>,
    /// The devices whose backups were found.
    pub devices: Vec<Device<'a>>,
    /// The backups.
    pub backups: Vec<Backup<'a>>,
    /// What lies beside them and is none.
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
    /// The path; lossy where it is not UTF-8.
    pub path: Text<'a>,
    /// Its bytes in hex, where it is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_hex: Option<Text<'a>>,
}

/// A path that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Root<'a> {
    /// Where it is.
    #[serde(flatten)]
    pub place: Place<'a>,
    /// The volume it is on.
    pub volume: Option<Volume>,
}

/// A file system and the room on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Volume {
    /// Its size.
    pub total_bytes: u64,
    /// What the user can still write.
    pub available_bytes: u64,
    /// Whether it can share blocks between files, or that is not known.
    pub shares_blocks: bool,
}

/// All backups of the document together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Summary<'a> {
    /// How many backups.
    pub backups: u64,
    /// How many devices they are of.
    pub devices: u64,
    /// How many backups have each verdict.
    pub verdicts: Verdicts,
    /// Regular files in them.
    pub files: u64,
    /// The sum of their lengths.
    pub logical_bytes: u64,
    /// What they take on the disk; a file that several backups share counts once.
    pub allocated_bytes: u64,
    /// What can go.
    pub removable: Removal<'a>,
    /// What only the user can decide about.
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
    /// Their paths.
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
    /// Whether it is exactly so; else it may be less, because blocks may be shared.
    pub exact: bool,
}

/// A device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Device<'a> {
    /// Its identifier.
    pub udid: Option<Text<'a>>,
    /// The name that its owner gave it.
    pub name: Option<Text<'a>>,
    /// The path of its newest good backup.
    pub newest_good: Option<Text<'a>>,
    /// The paths of its backups, newest first.
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
    /// The device it is of.
    pub udid: Option<Text<'a>>,
    /// Whether its folder's name is that of an archived copy.
    pub archived: bool,
    /// Whether it is encrypted.
    pub encrypted: Option<bool>,
    /// Which manifest it has.
    #[schemars(schema_with = "manifest_formats")]
    pub manifest_format: Option<Text<'a>>,
    /// Status.plist's `SnapshotState`.
    pub snapshot_state: Option<Text<'a>>,
    /// Status.plist's `BackupState`.
    pub backup_state: Option<Text<'a>>,
    /// The device as the backup describes it.
    pub device: Described<'a>,
    /// When it was made.
    pub last_backup: Option<LastBackup<'a>>,
    /// What its folder takes.
    pub size: Size,
    /// What its manifest lists, where that was read.
    pub manifest: Option<Manifest>,
    /// The verdict.
    #[schemars(schema_with = "verdicts")]
    pub verdict: Text<'a>,
    /// Ids of the findings that were looked for.
    pub checked: Vec<Text<'a>>,
    /// Those that were not, and why.
    pub not_checked: Vec<NotChecked<'a>>,
    /// What was found.
    pub findings: Vec<Finding<'a>>,
    /// What was read to its end; only with `--level contents`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contents: Option<Contents>,
    /// The payloads by whose data they are, largest first.
    pub storage: Vec<Group<'a>>,
    /// What else is worth knowing, such as `old`, `oversized`, `superseded`, `archived`, `only-copy`.
    pub flags: Vec<Text<'a>>,
    /// What it gives back if it alone goes.
    pub frees: Frees,
    /// Whether it may go.
    pub decision: Decision<'a>,
}

/// The device as a backup describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Described<'a> {
    /// The name that its owner gave it.
    pub name: Option<Text<'a>>,
    /// Such as `iPhone16,1`.
    pub product_type: Option<Text<'a>>,
    /// Such as `iPhone 15 Pro`.
    pub product_name: Option<Text<'a>>,
    /// The iOS or iPadOS version.
    pub ios_version: Option<Text<'a>>,
    /// Its build.
    pub build_version: Option<Text<'a>>,
    /// The serial number.
    pub serial_number: Option<Text<'a>>,
}

/// When a backup was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LastBackup<'a> {
    /// The time.
    pub at: Timestamp,
    /// Who says so.
    #[schemars(schema_with = "sources")]
    pub source: Text<'a>,
}

/// What a folder takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Size {
    /// Regular files.
    pub files: u64,
    /// The sum of their lengths.
    pub logical_bytes: u64,
    /// Bytes on the disk, those of folders included.
    pub allocated_bytes: u64,
}

/// What a manifest lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Manifest {
    /// Rows.
    pub records: u64,
    /// Those of regular files.
    pub files: u64,
    /// Those of folders.
    pub directories: u64,
    /// Those of links.
    pub symlinks: u64,
    /// The sum of the sizes that the device recorded for regular files.
    pub recorded_bytes: u64,
}

/// A finding that was not looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NotChecked<'a> {
    /// Its id.
    pub id: Text<'a>,
    /// Why not.
    pub why: Text<'a>,
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding<'a> {
    /// Its id: never renamed or reused. `bkscan explain` lists all.
    pub id: Text<'a>,
    /// How bad it is here.
    #[schemars(schema_with = "severities")]
    pub severity: Text<'a>,
    /// How many files, rows or facts.
    pub count: u64,
    /// How many bytes they have together.
    pub bytes: u64,
    /// One sentence.
    pub message: Text<'a>,
    /// The first few of them; of `show` all.
    pub examples: Vec<Example<'a>>,
    /// What to do next: a command to copy, where there is one.
    pub hint: Option<Text<'a>>,
}

/// A file or a row that a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Example<'a> {
    /// The domain.
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
    /// All payloads.
    pub all: Share,
    /// Those that were read.
    pub read: Share,
    /// Of these, those with a checksum of the device.
    pub compared_with_digest: Share,
    /// Of these, those that an earlier run had read.
    pub compared_with_ledger: Share,
    /// Those that are only in a cloud, and were not fetched.
    pub cloud_only: Share,
    /// Those that changed while they were read.
    pub changed_meanwhile: Share,
    /// Those that `--subset` leaves to another day.
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
    /// Such as `Photos`, `Messages`, an app's name.
    pub group: Text<'a>,
    /// How many files.
    pub files: u64,
    /// The sum of their lengths.
    pub bytes: u64,
}

/// Whether a backup may go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Decision<'a> {
    /// What is to become of it.
    #[schemars(schema_with = "actions")]
    pub action: Text<'a>,
    /// Why.
    pub reasons: Vec<Reason<'a>>,
}

/// Why a backup stays or may go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reason<'a> {
    /// Such as `newest-good`, `only-copy`, `superseded-by`.
    pub code: Text<'a>,
    /// The same in words.
    pub text: Text<'a>,
    /// The path of the backup it is about.
    pub by: Option<Text<'a>>,
}

/// Something beside the backups that is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Beside<'a> {
    /// Where it is.
    #[serde(flatten)]
    pub place: Place<'a>,
    /// What it is: `imazing-versions`, `unpacked`, `removal-unfinished`, `link`, `other`.
    pub kind: Text<'a>,
    /// Bytes on the disk.
    pub bytes: u64,
}

/// Something that can be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Advice<'a> {
    /// To which of the eight steps it belongs.
    pub step: u8,
    /// Its id.
    pub id: Text<'a>,
    /// A few words.
    pub title: Text<'a>,
    /// All of it; lines are separate sentences, or commands that begin with blanks.
    pub text: Text<'a>,
    /// The bytes it is about.
    pub bytes: Option<u64>,
    /// A command to copy.
    pub command: Option<Text<'a>>,
    /// The paths of the backups it is about.
    pub backups: Vec<Text<'a>>,
}

/// Something that could not be looked at, or was passed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem<'a> {
    /// Where it is.
    #[serde(flatten)]
    pub place: Place<'a>,
    /// One sentence.
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
    /// What that gives back.
    pub frees: Frees,
    /// Why.
    pub reasons: Vec<Reason<'a>>,
}

/// What `clean --delete` did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Done<'a> {
    /// Where it is.
    #[serde(flatten)]
    pub place: Place<'a>,
    /// `removed`, `refused` or `failed`.
    pub outcome: Text<'a>,
    /// Why it was not removed.
    pub why: Option<Text<'a>>,
    /// Bytes of files whose last name went.
    pub freed_bytes: u64,
}

/// The payloads of a domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Domain<'a> {
    /// The domain.
    pub domain: Text<'a>,
    /// How many files.
    pub files: u64,
    /// The sum of their lengths.
    pub bytes: u64,
}

/// A large payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Largest<'a> {
    /// Its domain.
    pub domain: Option<Text<'a>>,
    /// Its path there.
    pub path: Option<Text<'a>>,
    /// Its length.
    pub bytes: Option<u64>,
}

/// The JSON Schema (draft 2020-12) of the document.
pub fn schema() -> Schema {
    schemars::schema_for!(Document<'static>)
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
    one_of(["manifest", "status", "info", "mtime"])
}

fn actions(_: &mut SchemaGenerator) -> Schema {
    one_of(["keep", "remove"])
}

fn manifest_formats(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": ["sqlite", "mbdb", null] })
}

fn one_of<const N: usize>(words: [&str; N]) -> Schema {
    json_schema!({ "type": "string", "enum": words.to_vec() })
}
