//! What two backups have in common, and what only one of them has (contract §10).

use super::contents::Amount;
use super::cover::OnlyHere;
use super::keepsake::KeepsakeGroup;

/// One of the two backups that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Which {
    /// The one that is named first.
    Old,
    /// The one that is named second.
    New,
}

/// Two backups, one against the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// Whether the new one holds all that the old one does; nothing where that cannot be told.
    pub covers: Option<bool>,
    /// Whether both have the same rows, and payloads of the same lengths, where read of the same bytes;
    /// nothing where that cannot be told.
    pub identical: Option<bool>,
    /// What a person would miss, by group: those of which one of the two has any.
    pub groups: Vec<GroupDiff>,
    /// Databases that one of the two has.
    pub databases: Vec<DatabaseDiff>,
    /// What apps keep.
    pub apps: AppDiff,
    /// Keepsakes of the old one whose size is not known, so that they count as not held.
    pub of_unknown_size: u64,
    /// Whether photos may be in iCloud: the new one's device had iCloud Photos on and synced.
    pub photos_may_be_in_icloud: bool,
    /// The files by name, where that was asked for.
    pub files: Option<Vec<DiffFile>>,
    /// What the payloads of both hold, where they were read.
    pub contents: Option<ContentsDiff>,
    /// What the old one has more of by the measure of what may go, so that both are told in the same words.
    pub only_old: OnlyHere,
    /// What could not be compared, and why.
    pub not_compared: Vec<NotCompared>,
}

/// The keepsakes of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupDiff {
    /// Which.
    pub group: KeepsakeGroup,
    /// Those of the old one that the new one does not hold.
    pub only_old: Amount,
    /// Those of the new one that hold none of the old one.
    pub only_new: Amount,
    /// Those of the old one that the new one holds.
    pub both: Amount,
}

/// A database, or several of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseDiff {
    /// What is in it.
    pub name: &'static str,
    /// Its bytes in the old one, if it has it.
    pub old_bytes: Option<u64>,
    /// Its bytes in the new one, if it has it.
    pub new_bytes: Option<u64>,
    /// Whether the new one has as much of it as has to be there.
    pub is_held: bool,
}

/// What apps keep in one of the two, and what less in the new one; largest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppDiff {
    /// Only in the old one.
    pub only_old: Vec<AppFiles>,
    /// Only in the new one.
    pub only_new: Vec<AppFiles>,
    /// In both, and less in the new one by so much that it is told.
    pub smaller: Vec<SmallerApp>,
}

/// What an app keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppFiles {
    /// Its name for people.
    pub name: String,
    /// How much.
    pub sum: Amount,
    /// Whether it is so much that the new one would have to have it.
    pub matters: bool,
}

/// An app that keeps less in the new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmallerApp {
    /// Its name for people.
    pub name: String,
    /// Its bytes in the old one.
    pub old_bytes: u64,
    /// Its bytes in the new one.
    pub new_bytes: u64,
    /// Whether the new one has as much of it as has to be there.
    pub is_held: bool,
}

/// How a file differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DiffKind {
    /// It is only in one of the two.
    Only(Which),
    /// It is in both, and has other bytes in the new one.
    OtherBytes,
    /// It is in both, and cannot be read in one of them.
    Unreadable(Which),
}

impl DiffKind {
    /// The word for it in `--json`.
    pub const fn as_str(self) -> &'static str {
        match self {
            DiffKind::Only(Which::Old) => "only-old",
            DiffKind::Only(Which::New) => "only-new",
            DiffKind::OtherBytes => "other-bytes",
            DiffKind::Unreadable(Which::Old) => "unreadable-old",
            DiffKind::Unreadable(Which::New) => "unreadable-new",
        }
    }
}

/// What a file is that is told by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DiffPart {
    /// One that a person would miss, of this group.
    Keepsakes(KeepsakeGroup),
    /// One that a list names: what an app keeps, or the system.
    Listed,
    /// A payload that no list names.
    NotListed,
    /// A file that is no part of a backup.
    Foreign,
}

impl DiffPart {
    /// The group of a keepsake.
    pub fn group(self) -> Option<KeepsakeGroup> {
        match self {
            DiffPart::Keepsakes(group) => Some(group),
            DiffPart::Listed | DiffPart::NotListed | DiffPart::Foreign => None,
        }
    }
}

/// A file that is told by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffFile {
    /// How it differs.
    pub kind: DiffKind,
    /// What it is.
    pub part: DiffPart,
    /// Its domain, where the manifest could be read once more and names it.
    pub domain: Option<String>,
    /// Its path in it; of a payload that no list names its fileID, of what is no part of a backup where it lies in
    /// the folder.
    pub path: Option<String>,
    /// Its bytes.
    pub bytes: u64,
    /// When it was born, in Unix seconds, where that is known.
    pub birth: Option<u32>,
    /// When it was changed last, in Unix seconds, where that is known.
    pub modified: Option<u32>,
}

/// What came of reading the payloads that are in both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContentsDiff {
    /// The same bytes.
    pub same: Amount,
    /// Other bytes.
    pub other: Amount,
    /// Those that could not be read in the old one.
    pub unreadable_old: Amount,
    /// Those that could not be read in the new one.
    pub unreadable_new: Amount,
    /// Those that could not be compared, such as without their keys.
    pub not_compared: Amount,
    /// Payloads of the old one that do not lie in the new one, where no list could be read; else the groups
    /// tell it.
    pub missing_new: Amount,
    /// Keepsakes that the new one would hold by their size, and does not by their bytes.
    pub lost: Amount,
    /// The databases of the new one that have faults inside, or cannot be read, while those of the old one are
    /// sound.
    pub faulty: Vec<&'static str>,
}

/// Something that could not be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotCompared {
    /// Which of the two it is about, where it is about one.
    pub which: Option<Which>,
    /// Why, as a sentence without its full stop.
    pub why: String,
    /// Whether a password would help.
    pub needs_password: bool,
}
