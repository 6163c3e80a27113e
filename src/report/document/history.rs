//! The wire types of `bkscan history --json` (contract §7). As in the document of scans, the comments are the
//! descriptions in the schema, and only additions are made.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fixed::{verdicts, version};
use super::place::{Place, Text};

/// What `bkscan history --json` prints: how size and verdict of each device's backups developed. Bytes are integers,
/// times RFC 3339 in UTC, and what is not known is null.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "bkscan history --json")]
pub struct HistoryDocument<'a> {
    /// Always 1: a later version of bkscan may add names, and changes none.
    #[schemars(schema_with = "version")]
    pub schema_version: u32,
    /// The devices of which earlier runs saw backups.
    pub devices: Vec<PastDevice<'a>>,
}

/// A device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PastDevice<'a> {
    /// The identifier of the device.
    pub udid: Option<Text<'a>>,
    /// The name that its owner gave it.
    pub name: Option<Text<'a>>,
    /// What each run saw, oldest first.
    pub runs: Vec<PastSight<'a>>,
    /// How each backup grew.
    pub growth: Vec<Growth<'a>>,
}

/// A backup as one run saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PastSight<'a> {
    /// When that run was.
    pub at: Timestamp,
    /// Where the backup lay.
    #[serde(flatten)]
    pub place: Place<'a>,
    /// The verdict.
    #[schemars(schema_with = "verdicts")]
    pub verdict: Text<'a>,
    /// How many bytes it took on the disk.
    pub allocated_bytes: u64,
}

/// How a backup grew, by the bytes that it takes on the disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Growth<'a> {
    /// Where it lies.
    #[serde(flatten)]
    pub place: Place<'a>,
    /// Since the run before the last one.
    pub since_previous_bytes: Option<i64>,
    /// In a month, by all runs.
    pub per_month_bytes: Option<i64>,
}
