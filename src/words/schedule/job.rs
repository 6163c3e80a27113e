//! What is to run every night, and why it may not be written down.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;

use crate::system::System;

/// What is to run every night, and for whom.
#[derive(Clone, Debug)]
pub struct Job {
    /// This binary, by its absolute path.
    pub program: PathBuf,
    /// Everything after the program's name: [`OPTIONS`](super::OPTIONS), then absolute paths.
    pub arguments: Vec<OsString>,
    /// The system that the text is for.
    pub system: System,
    /// Where cron's log and the day of its last run may be kept, an absolute path.
    pub state_folder: Option<PathBuf>,
    /// The user's home folder, an absolute path; launchd's log is below it.
    pub home: Option<PathBuf>,
}

/// Why there is no text for a job, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(pub(super) String);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}

/// The word, if it may stand in a schedule. Some of the three could write control characters, but
/// whoever reads the text before pasting it could not see them; XML has no U+FFFE and U+FFFF.
pub(super) fn plain(word: &OsStr) -> Result<&str, Refusal> {
    let refusal = |why: &str| {
        Refusal(format!(
            "{word:?} cannot be written into a schedule: {why}. Rename it, or name a link to it that has a plain name"
        ))
    };
    let text = word
        .to_str()
        .ok_or_else(|| refusal("it is not valid UTF-8"))?;
    if text.contains(|c: char| c.is_control() || c == '\u{fffe}' || c == '\u{ffff}') {
        return Err(refusal(
            "it has a line break or another invisible character",
        ));
    }
    Ok(text)
}
