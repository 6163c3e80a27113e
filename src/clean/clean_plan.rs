//! What would go, folder by folder.

use std::path::PathBuf;

use crate::model::{BackupIndex, Decision, Frees, Plan, Reason, Report};

/// All of it, and what stays although it was named.
#[derive(Clone, Debug, Default)]
pub struct CleanPlan {
    /// Each folder, in the order of the report; what a stopped removal left comes first.
    pub items: Vec<Item>,
    /// Backups that were named although they have to stay.
    pub refused: Vec<BackupIndex>,
    /// Backups that were named and that another option leaves out, with that option.
    pub left_out: Vec<(BackupIndex, &'static str)>,
    /// What all of it gives back.
    pub frees: Frees,
    /// What was decided of all backups, those that were named judged as a set; nothing where that is what
    /// the report says.
    pub judged: Option<Plan>,
}

impl CleanPlan {
    /// The option that leaves out a backup that was named, if one does.
    pub fn leaving_out(&self, index: BackupIndex) -> Option<&'static str> {
        let mut left_out = self.left_out.iter();
        left_out.find_map(|(own, option)| (*own == index).then_some(*option))
    }

    /// What was decided of a backup.
    pub fn decision<'a>(&'a self, report: &'a Report, index: BackupIndex) -> &'a Decision {
        let plan = self.judged.as_ref().unwrap_or(&report.plan);
        &plan.decisions[index]
    }
}

/// A folder that would go.
#[derive(Clone, Debug)]
pub struct Item {
    /// Which.
    pub what: What,
    /// Where it is.
    pub path: PathBuf,
    /// What it gives back, if it alone goes.
    pub frees: Frees,
    /// Why it may go; empty for what a stopped removal left.
    pub reasons: Vec<Reason>,
    /// Whether the device's name has to be typed: there is no other backup of it.
    pub is_only_copy: bool,
}

/// What a folder that would go is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A backup.
    Backup(BackupIndex),
    /// What a stopped removal left.
    Leftover {
        /// The backup that stands in for it, where it is still whole.
        stands_in: Option<BackupIndex>,
        /// Made of its files; another one means that something changed.
        fingerprint: u64,
    },
}

impl What {
    /// The word for what is done with it in `--json`.
    pub const fn action(self) -> &'static str {
        match self {
            What::Backup(_) => "remove",
            What::Leftover { .. } => "finish",
        }
    }
}
