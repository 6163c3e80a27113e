//! The symbols of verdicts.

use crate::model::Verdict;

/// The symbol of a verdict where everything can be shown; it always stands with the word.
pub fn symbol(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Complete => "✔",
        Verdict::Unverified => "?",
        Verdict::Incomplete | Verdict::Corrupt => "✖",
        Verdict::Interrupted | Verdict::Unreadable => "!",
        Verdict::InProgress => "…",
    }
}
