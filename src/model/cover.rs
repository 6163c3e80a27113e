//! What a backup holds that another one does not (contract §5).

use super::backup_index::BackupIndex;
use super::keepsake::KeepsakeGroup;

/// What would go for good with a backup.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OnlyHere {
    /// The backup that it was compared with; nothing where there is none: then all of it counts.
    pub than: Option<BackupIndex>,
    /// What a person would miss, and what apps keep, by group.
    pub groups: Vec<Loss>,
    /// Databases that have less in the other one.
    pub databases: Vec<DatabaseLoss>,
    /// Keepsakes whose size is not known on one side, so that they count as not held.
    pub of_unknown_size: u64,
    /// Keepsakes that are in the newer one under the same fileID, and whose size its list does not tell.
    pub of_unknown_size_there: u64,
    /// Whether photos may be in iCloud: the other one's device had iCloud Photos on and synced.
    pub photos_may_be_in_icloud: bool,
    /// Which newer backup of another device holds most of it.
    pub held_elsewhere: Option<HeldElsewhere>,
}

impl OnlyHere {
    /// Whether nothing is only here.
    pub fn is_nothing(&self) -> bool {
        self.groups.is_empty() && self.databases.is_empty()
    }
}

/// What kind of thing is only in one backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LossKind {
    /// Files that a person would miss.
    Keepsakes(KeepsakeGroup),
    /// What an app, or a part of the system that counts like one, keeps.
    App,
    /// Payloads of a locked backup, of which nothing but names and lengths is known: those that are not
    /// there, or with less than half of their bytes.
    Payloads,
    /// What counts as neither, by storage group: the system's own files, music, what an app keeps besides keepsakes.
    Rest,
    /// Payloads that no row names, wherever they lie.
    Strays,
    /// Files that are no part of a backup: only where two backups are compared.
    Foreign,
    /// Those that are there with fewer bytes, or keepsakes of a group that are: so many bytes less.
    Shorter(Option<KeepsakeGroup>),
}

/// Files of a group that are only in one backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// What they are.
    pub kind: LossKind,
    /// Its name for people: `Photos`, or that of an app.
    pub name: String,
    /// How many are only there.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How many it has in all.
    pub of_files: u64,
    /// Their bytes.
    pub of_bytes: u64,
    /// Whether that alone is more than may be lost.
    pub matters: bool,
}

/// A database, or several of one kind, that has less in the other backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseLoss {
    /// What is in it.
    pub name: &'static str,
    /// Its bytes.
    pub bytes: u64,
    /// Those in the other backup.
    pub other_bytes: u64,
    /// Whether that alone is more than may be lost.
    pub matters: bool,
}

impl DatabaseLoss {
    /// By how many bytes it is less in the other one.
    pub fn less(&self) -> u64 {
        self.bytes.saturating_sub(self.other_bytes)
    }
}

/// A newer backup of another device that holds much of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldElsewhere {
    /// Which.
    pub by: BackupIndex,
    /// How many keepsakes it holds.
    pub files: u64,
    /// Of how many.
    pub of_files: u64,
}
