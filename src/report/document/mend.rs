//! The wire types of `bkscan mend --json`, and of the record beside a mended backup (contract §11). As in the
//! document of scans, the comments are the descriptions in the schema, and only additions are made.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::mend::{Means, RepairKind};
use crate::model::Verdict;

use super::backup::Group;
use super::diff::Files;
use super::finding::Example;
use super::fixed::{one_of, version};
use super::place::Text;

/// What `bkscan mend --json` prints, and what lies beside a mended backup as `UDID.mended.json`: what is kept, what
/// is lost for good, and what was mended. Bytes are integers, and what is not known is null.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "bkscan mend --json")]
pub struct MendDocument<'a> {
    /// Always 1: a later version of bkscan may add names, and changes none.
    #[schemars(schema_with = "version")]
    pub schema_version: u32,
    /// The version of the program that wrote the document.
    pub bkscan_version: Text<'a>,
    /// With what the program ended.
    pub exit_code: u8,
    /// The mended backup, or the one that is planned; null where there is nothing to mend.
    pub mended: Option<Mending<'a>>,
}

/// A mended backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Mending<'a> {
    /// Where the backup lies that was read; it stays as it is.
    pub source: Text<'a>,
    /// The bytes of that path in hex; only where it is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_hex: Option<Text<'a>>,
    /// Where the mended one lies; null as long as it is only planned.
    pub result: Option<Text<'a>>,
    /// The bytes of that path in hex; only where it is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_hex: Option<Text<'a>>,
    /// The identifier of the device.
    pub udid: Text<'a>,
    /// What the mended one was judged to be; null as long as it is only planned.
    #[schemars(schema_with = "verdict")]
    pub verdict: Option<Text<'a>>,
    /// How payloads come into it: as clones, as second names of the same files, or as copies.
    #[schemars(schema_with = "means")]
    pub payloads: Text<'a>,
    /// The payloads that it has.
    pub kept: Files,
    /// What is lost for good.
    pub lost: Lost<'a>,
    /// What is mended.
    pub repairs: Vec<Repair<'a>>,
    /// Files in the folders of payloads that no row names: the mended one does not have them.
    pub left_behind: Files,
    /// Bytes that the mended one takes on its disk, about.
    pub needs_bytes: u64,
    /// Bytes that were free there; null where that is not known.
    pub available_bytes: Option<u64>,
}

/// What is lost for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lost<'a> {
    /// How many files.
    pub files: u64,
    /// Their bytes, as far as they are known.
    pub bytes: u64,
    /// The same by whose data they are, largest first.
    pub by_group: Vec<Group<'a>>,
    /// Each of them: the rows that go from the list.
    pub rows: Vec<LostRow<'a>>,
}

/// A row that goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LostRow<'a> {
    /// The domain, such as `CameraRollDomain`.
    pub domain: Option<Text<'a>>,
    /// The path inside the domain; of telephone numbers in it, two digits are left.
    pub path: Option<Text<'a>>,
    /// The fileID, as it stands in the list.
    pub file_id: Option<Text<'a>>,
    /// Bytes as the device recorded them, or of what is stored.
    pub bytes: Option<u64>,
    /// The finding that is the reason, such as `file-missing`; `bkscan explain` has them all.
    pub reason: Text<'a>,
}

/// Something that is mended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Repair<'a> {
    /// What it is.
    #[schemars(schema_with = "kinds")]
    pub kind: Text<'a>,
    /// How many files, rows or facts.
    pub count: u64,
    /// The first few of the files.
    pub examples: Vec<Example<'a>>,
    /// One sentence.
    pub message: Text<'a>,
}

fn verdict(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": [Verdict::Complete.as_str(), null] })
}

fn means(_: &mut SchemaGenerator) -> Schema {
    one_of(Means::ALL.map(Means::as_str))
}

fn kinds(_: &mut SchemaGenerator) -> Schema {
    one_of(RepairKind::ALL.map(RepairKind::as_str))
}
