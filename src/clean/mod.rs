//! Removes what the plan lets go, safely or not at all (contract §9).
//!
//! `select` says what would go, and why; it is pure. `leftover` knows what a stopped removal leaves
//! behind. `proof` compares what a backup holds with the one that stands in for it. `door` looks at each folder again and lets it through, or refuses with the reason.
//! Renaming and removing itself is the work of [`crate::clean::remove`].

mod door;
mod leftover;
mod proof;
pub mod remove;
mod select;

use std::path::PathBuf;

use jiff::Timestamp;

use crate::model::{Decision, Frees, Plan, Reason, Report};

pub use door::{Cleaning, NotBegun};
pub use leftover::{Leftover, leftovers};
pub use proof::{Proof, Unproven};
pub use select::{Wish, holds_another, part, redact, select};

/// What would go.
#[derive(Clone, Debug, Default)]
pub struct CleanPlan {
    /// Each folder, in the order of the report; what a stopped removal left comes first.
    pub items: Vec<Item>,
    /// Backups that were named although they have to stay, by index.
    pub refused: Vec<usize>,
    /// Backups that were named and that another option leaves out: by index, with that option.
    pub left_out: Vec<(usize, &'static str)>,
    /// What all of it gives back.
    pub frees: Frees,
    /// What was decided of all backups, those that were named judged as a set; nothing where that is what
    /// the report says.
    pub judged: Option<Plan>,
}

impl CleanPlan {
    /// The option that leaves out a backup that was named, if one does.
    pub fn leaving_out(&self, at: usize) -> Option<&'static str> {
        let mut left_out = self.left_out.iter();
        left_out.find_map(|(own, option)| (*own == at).then_some(*option))
    }

    /// What was decided of a backup.
    pub fn decision<'a>(&'a self, report: &'a Report, at: usize) -> &'a Decision {
        let plan = self.judged.as_ref().unwrap_or(&report.plan);
        &plan.decisions[at]
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
    /// A backup, by index.
    Backup(usize),
    /// What a stopped removal left.
    Leftover {
        /// The backup that stands in for it, by index, where it is still whole.
        stands_in: Option<usize>,
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

/// What became of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is gone.
    Removed,
    /// It is as it was; says why, and from when on it may be tried again.
    Refused {
        /// A few words, such as `Status.plist changed 12 minutes ago`.
        why: String,
        /// When to try again.
        again: Option<Timestamp>,
    },
    /// Something of it could not be removed, or has another name now; says what and where.
    Failed {
        /// A sentence.
        why: String,
    },
}

impl Outcome {
    /// The word for it in `--json`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Outcome::Removed => "removed",
            Outcome::Refused { .. } => "refused",
            Outcome::Failed { .. } => "failed",
        }
    }

    /// Why it is not gone.
    pub fn why(&self) -> Option<&str> {
        match self {
            Outcome::Removed => None,
            Outcome::Refused { why, .. } | Outcome::Failed { why } => Some(why),
        }
    }
}

/// What was done with an item.
#[derive(Clone, Debug)]
pub struct Done {
    /// Which, as an index of [`CleanPlan::items`].
    pub item: usize,
    /// What became of it.
    pub outcome: Outcome,
    /// Allocated bytes of the files whose last name was removed, and of the folders.
    pub freed: u64,
    /// How many files were removed.
    pub files: u64,
}

impl Done {
    /// The item stays, and why.
    pub fn refused(item: usize, why: String) -> Done {
        let again = None;
        Done {
            item,
            outcome: Outcome::Refused { why, again },
            freed: 0,
            files: 0,
        }
    }

    /// The item stays, because the question was not answered with yes.
    pub fn declined(item: usize) -> Done {
        Done::refused(item, DECLINED.to_owned())
    }

    /// Whether it stays because the user said so.
    pub fn is_declined(&self) -> bool {
        self.outcome.why() == Some(DECLINED)
    }
}

/// Why a backup stays that was asked about.
pub const DECLINED: &str = "the answer was not \"yes\"";

#[cfg(test)]
mod tests;
