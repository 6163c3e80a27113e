//! What may be removed, what stays, and why (contract §5).

use std::ops::Index;

use super::backup_index::BackupIndex;
use super::cover::OnlyHere;

/// What a reader should know of a backup's size and age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flag {
    /// The last backup is longer ago than `--old-after`.
    Old,
    /// It takes more than `--oversized`.
    Oversized,
    /// A later backup of the same device on the same volume is complete.
    Superseded,
    /// Its folder's name is that of an archived copy.
    Archived,
    /// There is no other backup of the device.
    OnlyCopy,
}

impl Flag {
    /// The word for it in `--json`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Flag::Old => "old",
            Flag::Oversized => "oversized",
            Flag::Superseded => "superseded",
            Flag::Archived => "archived",
            Flag::OnlyCopy => "only-copy",
        }
    }
}

/// Why a backup stays or may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It is the newest good one of its device.
    NewestGood,
    /// There is no other one of its device.
    OnlyCopy,
    /// It was put aside on purpose.
    Archived,
    /// A later one is complete.
    SupersededBy,
    /// The later one could not be checked.
    NewerNotChecked,
    /// The later one is on another volume.
    OtherVolume,
    /// It is encrypted and the later one is not: it has more in it.
    EncryptedKept,
    /// It is among the last ones that are to be kept.
    KeepLast,
    /// It is of the time from which all are to be kept.
    KeepWithin,
    /// The set is not complete.
    Incomplete,
    /// Parts are missing, but what is there can be read.
    Corrupt,
    /// A backup is running in it, or was within the hour.
    InProgress,
    /// It could not be looked at.
    Unreadable,
    /// Nothing trustworthy says when it was made.
    NoUsableDate,
    /// It holds nothing but a description of the device.
    NotACopy,
    /// It would stay, but the user named it.
    Named,
    /// The newer one does not hold all that it holds.
    HoldsMore,
    /// Files in it changed after those of the newer one: the dates may lie.
    ClockDisputed,
    /// It holds files that are no part of a backup.
    ForeignContent,
    /// Another one is the same, and stays.
    Twin,
    /// It lies in a trash, a recycle bin, or a snapshot.
    Trash,
    /// A tool made it, not the device.
    ToolMade,
    /// The newest run of the device, which did not finish.
    Unfinished,
    /// Another backup lies in it.
    Nested,
}

impl Why {
    /// All of them.
    pub const ALL: [Why; 24] = [
        Why::NewestGood,
        Why::OnlyCopy,
        Why::Archived,
        Why::SupersededBy,
        Why::NewerNotChecked,
        Why::OtherVolume,
        Why::EncryptedKept,
        Why::KeepLast,
        Why::KeepWithin,
        Why::Incomplete,
        Why::Corrupt,
        Why::InProgress,
        Why::Unreadable,
        Why::NoUsableDate,
        Why::NotACopy,
        Why::Named,
        Why::HoldsMore,
        Why::ClockDisputed,
        Why::ForeignContent,
        Why::Twin,
        Why::Trash,
        Why::ToolMade,
        Why::Unfinished,
        Why::Nested,
    ];

    /// The reason's code in `--json`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Why::NewestGood => "newest-good",
            Why::OnlyCopy => "only-copy",
            Why::Archived => "archived",
            Why::SupersededBy => "superseded-by",
            Why::NewerNotChecked => "newer-not-checked",
            Why::OtherVolume => "other-volume",
            Why::EncryptedKept => "encrypted-kept",
            Why::KeepLast => "keep-last",
            Why::KeepWithin => "keep-within",
            Why::Incomplete => "incomplete",
            Why::Corrupt => "corrupt",
            Why::InProgress => "in-progress",
            Why::Unreadable => "unreadable",
            Why::NoUsableDate => "no-usable-date",
            Why::NotACopy => "not-a-copy",
            Why::Named => "named",
            Why::HoldsMore => "holds-more",
            Why::ClockDisputed => "clock-disputed",
            Why::ForeignContent => "foreign-content",
            Why::Twin => "twin",
            Why::Trash => "trash",
            Why::ToolMade => "tool-made",
            Why::Unfinished => "unfinished",
            Why::Nested => "nested",
        }
    }
}

/// A reason, and the other backup that it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The reason.
    pub why: Why,
    /// The other backup.
    pub by: Option<BackupIndex>,
}

/// What becomes of a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It stays.
    Keep,
    /// It may go.
    Remove,
}

impl Action {
    /// The word for it in `--json`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Action::Keep => "keep",
            Action::Remove => "remove",
        }
    }
}

/// Bytes that a removal gives back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Frees {
    /// Allocated bytes whose last hard link goes; of blocks that clones are known to share, once and with the last
    /// clone that was seen.
    pub bytes: u64,
    /// Whether that is all there is to it: not where a file system can share blocks with what nobody looked at.
    pub exact: bool,
}

/// The decision about one backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether it stays.
    pub action: Action,
    /// Why; never empty.
    pub reasons: Vec<Reason>,
    /// Whether the user may well decide otherwise: it stays only because nobody but he can know.
    pub on_request: bool,
    /// What to know of it.
    pub flags: Vec<Flag>,
    /// What removing it alone would give back.
    pub frees: Frees,
    /// What would go for good with it; nothing where that is not known.
    pub only_here: Option<OnlyHere>,
}

/// Backups that could go together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removal {
    /// Which.
    pub backups: Vec<BackupIndex>,
    /// What removing all of them gives back.
    pub frees: Frees,
}

/// The decisions about all backups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// One a backup.
    pub decisions: Vec<Decision>,
    /// Those that may go.
    pub removable: Removal,
    /// Those that only the user can decide about.
    pub on_request: Removal,
}

impl Index<BackupIndex> for [Decision] {
    type Output = Decision;

    fn index(&self, index: BackupIndex) -> &Decision {
        &self[index.position()]
    }
}

impl Index<BackupIndex> for Vec<Decision> {
    type Output = Decision;

    fn index(&self, index: BackupIndex) -> &Decision {
        &self[index.position()]
    }
}
