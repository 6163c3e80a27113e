//! The wire types of what was found, in a backup or of a device.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fixed::severities;
use super::place::Text;

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
    /// The path inside the domain, else inside the backup's folder; of telephone numbers in it, two
    /// digits are left.
    pub path: Option<Text<'a>>,
    /// The fileID as the manifest or the disk spells it.
    pub file_id: Option<Text<'a>>,
    /// Recorded bytes where the file is missing, else those on the disk.
    pub bytes: Option<u64>,
}
