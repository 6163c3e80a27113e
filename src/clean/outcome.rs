//! What became of a folder that would go.

use std::io;

use jiff::Timestamp;

use crate::system;

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
    /// Which, as an index of [`CleanPlan::items`](super::CleanPlan::items).
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

pub(super) fn refused(why: impl Into<String>) -> Outcome {
    Outcome::Refused {
        why: why.into(),
        again: None,
    }
}

pub(super) fn gone(error: &io::Error) -> Outcome {
    match error.kind() {
        io::ErrorKind::NotFound => refused("it is not there any more"),
        _ => refused(format!(
            "it could not be looked at: {}",
            system::in_words(error)
        )),
    }
}
