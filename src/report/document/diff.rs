//! The wire types of `bkscan diff --json` (contract §10). As in the document of scans, the comments are
//! the descriptions in the schema, and only additions are made.

use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::model::{DiffKind, KeepsakeGroup, Which};

use super::fixed::{levels, one_of, verdicts, version};
use super::place::{Place, Text};

/// What `bkscan diff --json` prints: what one backup holds that another one does not. Bytes are integers,
/// times are in UTC, and what is not known is null.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "bkscan diff --json")]
pub struct Comparison<'a> {
    /// Always 1: a later version of bkscan may add names, and changes none.
    #[schemars(schema_with = "version")]
    pub schema_version: u32,
    /// The version of the program that wrote the document.
    pub bkscan_version: Text<'a>,
    /// How deep the run looked: with `contents` the payloads that are in both were read.
    #[schemars(schema_with = "levels")]
    pub level: Text<'a>,
    /// With what the program ended: 0 the new one holds all that the old one does, 1 it does not, 3 it
    /// could not be told.
    pub exit_code: u8,
    /// The backup that was named first.
    pub old: Side<'a>,
    /// The backup that was named second.
    pub new: Side<'a>,
    /// Whether the new one holds all that the old one does; null where that could not be told.
    pub covers: Option<bool>,
    /// Whether both have the same rows, and payloads of the same lengths, at level `contents` of the same
    /// bytes; null where that could not be told.
    pub identical: Option<bool>,
    /// What a person would miss, by group; only groups that one of the two has.
    pub groups: Vec<Group<'a>>,
    /// Databases that one of the two has, by name.
    pub databases: Vec<Database<'a>>,
    /// What apps keep in one of the two alone.
    pub apps: Apps<'a>,
    /// Keepsakes of the old one whose size is not known, so that they count as not held.
    pub of_unknown_size: u64,
    /// Whether photos may be in iCloud, because the device of the new one had iCloud Photos on and synced.
    pub photos_may_be_in_icloud: bool,
    /// The files by name; only with `--list`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<Vec<File<'a>>>,
    /// What came of reading the payloads that are in both; only with `--level contents`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contents: Option<Contents>,
    /// What could not be compared, and why.
    pub not_compared: Vec<NotCompared<'a>>,
}

/// One of the two backups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Side<'a> {
    /// Where it is.
    #[serde(flatten)]
    pub place: Place<'a>,
    /// The identifier of the device that the backup is of.
    pub udid: Option<Text<'a>>,
    /// The name that its owner gave the device.
    pub name: Option<Text<'a>>,
    /// When the backup was made; null where nobody says so.
    pub at: Option<Timestamp>,
    /// Whether the backup is whole.
    #[schemars(schema_with = "verdicts")]
    pub verdict: Text<'a>,
    /// Whether the backup is encrypted; null where that cannot be seen.
    pub encrypted: Option<bool>,
    /// Bytes on the disk, those of folders included.
    pub allocated_bytes: u64,
}

/// Files and their bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Files {
    /// How many.
    pub files: u64,
    /// The sum of their lengths.
    pub bytes: u64,
}

/// What a person would miss of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Group<'a> {
    /// Which kind, such as `Photos`.
    #[schemars(schema_with = "groups")]
    pub group: Text<'a>,
    /// Those of the old one that the new one does not hold.
    pub only_old: Files,
    /// Those of the new one that hold none of the old one.
    pub only_new: Files,
    /// Those of the old one that the new one holds.
    pub both: Files,
}

/// A well-known database, or several of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Database<'a> {
    /// What is in it.
    pub name: Text<'a>,
    /// Its stored bytes in the old one; null where it has none.
    pub old_bytes: Option<u64>,
    /// Its stored bytes in the new one; null where it has none.
    pub new_bytes: Option<u64>,
    /// Whether the new one has at least half of it.
    pub held: bool,
}

/// What apps keep, largest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Apps<'a> {
    /// Apps that have files only in the old one.
    pub only_old: Vec<App<'a>>,
    /// Apps that have files only in the new one.
    pub only_new: Vec<App<'a>>,
    /// Apps that have at least a megabyte less in the new one.
    pub smaller: Vec<SmallerApp<'a>>,
}

/// An app in one of the two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct App<'a> {
    /// Its name.
    pub name: Text<'a>,
    /// How many files.
    pub files: u64,
    /// The sum of their lengths.
    pub bytes: u64,
}

/// An app that has less in the new one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SmallerApp<'a> {
    /// Its name.
    pub name: Text<'a>,
    /// Its stored bytes in the old one.
    pub old_bytes: u64,
    /// Its stored bytes in the new one.
    pub new_bytes: u64,
    /// Whether the new one has at least half of it.
    pub held: bool,
}

/// A file that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct File<'a> {
    /// How it differs.
    #[schemars(schema_with = "kinds")]
    pub kind: Text<'a>,
    /// Its group; null for what is none of a person's files: what an app keeps, and what no list names.
    pub group: Option<Text<'a>>,
    /// The domain, such as `CameraRollDomain`; null for what no list names.
    pub domain: Option<Text<'a>>,
    /// The path inside the domain; of telephone numbers in it, two digits are left. Of a payload that no list names
    /// its fileID, of a file that is no part of a backup its path in the folder.
    pub path: Option<Text<'a>>,
    /// The length of the file.
    pub bytes: u64,
    /// When the file was born.
    pub birth: Option<Timestamp>,
    /// When the file was changed last.
    pub modified: Option<Timestamp>,
}

/// What came of reading payloads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Contents {
    /// The same bytes in both.
    pub same: Files,
    /// Other bytes in the new one.
    pub other: Files,
    /// Those that could not be read in the old one.
    pub unreadable_old: Files,
    /// Those that could not be read in the new one.
    pub unreadable_new: Files,
    /// Those that could not be compared, such as without their keys.
    pub not_compared: Files,
    /// Payloads of the old one that do not lie in the new one, where no list could be read; else `groups` tell
    /// it.
    pub missing_new: Files,
    /// Files of a person that have other bytes in the new one although size and time are the same, or that
    /// cannot be read there.
    pub lost: Files,
}

/// Something that could not be compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NotCompared<'a> {
    /// Which of the two it is about: `old` or `new`; null where it is about both.
    #[schemars(schema_with = "sides")]
    pub which: Option<Text<'a>>,
    /// Why.
    pub why: Text<'a>,
}

fn groups(_: &mut SchemaGenerator) -> Schema {
    one_of(KeepsakeGroup::ALL.map(KeepsakeGroup::name))
}

fn kinds(_: &mut SchemaGenerator) -> Schema {
    let kinds = [
        DiffKind::Only(Which::Old),
        DiffKind::Only(Which::New),
        DiffKind::OtherBytes,
        DiffKind::Unreadable(Which::Old),
        DiffKind::Unreadable(Which::New),
    ];
    one_of(kinds.map(DiffKind::as_str))
}

fn sides(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": ["old", "new", null] })
}
