//! What came of a check.

use crate::model::Example;

/// Passed, failed and not checked are three answers.
pub enum Outcome {
    /// Nothing of the kind.
    Passed,
    /// Found.
    Failed(Details),
    /// Could not be checked; says why.
    Skipped(String),
    /// There is nothing to check it by, or it was not asked for; says why. Says nothing against the
    /// backup.
    LeftOut(String),
}

/// What a check found.
#[derive(Debug, Default)]
pub struct Details {
    /// How many files, rows or facts.
    pub count: u64,
    /// How many bytes they have together.
    pub bytes: u64,
    /// One sentence with scale and kind.
    pub message: String,
    /// The same without names, identifiers and paths, where the sentence has any.
    pub unnamed: Option<String>,
    /// The first few.
    pub examples: Vec<Example>,
    /// A command to copy.
    pub hint: Option<String>,
}

impl Outcome {
    /// A single fact.
    pub(super) fn fact(message: impl Into<String>) -> Outcome {
        Outcome::Failed(Details {
            count: 1,
            message: message.into(),
            ..Details::default()
        })
    }

    /// A single fact, as it is told and as it is told without names.
    pub(super) fn named_fact(message: String, unnamed: String) -> Outcome {
        Outcome::Failed(Details {
            count: 1,
            message,
            unnamed: Some(unnamed),
            ..Details::default()
        })
    }

    pub(super) fn fact_if(condition: bool, message: impl FnOnce() -> String) -> Outcome {
        if condition {
            Outcome::fact(message())
        } else {
            Outcome::Passed
        }
    }

    pub(super) fn skipped(why: impl Into<String>) -> Outcome {
        Outcome::Skipped(why.into())
    }
}

/// Lets a check leave with `?` where it cannot be made.
pub(super) fn run(check: impl FnOnce() -> Result<Outcome, Outcome>) -> Outcome {
    check().unwrap_or_else(|outcome| outcome)
}
