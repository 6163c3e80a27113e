//! The wire types of a whole scan, and of what `clean` and `show` add to it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::backup::{Backup, Frees, Reason};
use super::finding::Finding;
use super::fixed::{levels, version};
use super::place::{Place, Text};

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

/// A device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Device<'a> {
    /// The identifier of the device.
    pub udid: Option<Text<'a>>,
    /// The name that its owner gave it.
    pub name: Option<Text<'a>>,
    /// The path of the newest good backup of the device; null where there is none.
    pub newest_good: Option<Text<'a>>,
    /// When that was made; null where there is none, or its date is not known.
    pub last_good_at: Option<Timestamp>,
    /// The paths of the backups of the device, newest first.
    pub backups: Vec<Text<'a>>,
    /// What was found about the device itself.
    pub findings: Vec<Finding<'a>>,
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
    /// Whether something that was asked for could not be looked at, also where that was told before and does
    /// not count any more.
    #[serde(default)]
    pub blocking: bool,
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
    /// Its path in the domain; of telephone numbers in it, two digits are left.
    pub path: Option<Text<'a>>,
    /// Its length.
    pub bytes: Option<u64>,
}
