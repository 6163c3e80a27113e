//! What is to run every night, and why it may not be written down.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;

use crate::system::System;
use crate::words::unseen::is_unseen;

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// It scans.
    Scan,
    /// It removes what can go.
    Clean,
}

impl Task {
    /// A text about a job, with the words of this one between its braces.
    pub fn fill(self, text: &str) -> String {
        WORDS
            .iter()
            .fold(text.to_owned(), |text, (name, scan, clean)| {
                let word = match self {
                    Task::Scan => scan,
                    Task::Clean => clean,
                };
                text.replace(name, word)
            })
    }
}

/// What the texts say of a job that scans, and of one that cleans.
const WORDS: [(&str, &str, &str); 9] = [
    ("{job}", "bkscan", "bkscan-clean"),
    ("{hour}", "3", "4"),
    (
        "{title}",
        "Are the iPhone and iPad backups whole?",
        "Delete the iPhone and iPad backups that can go.",
    ),
    (
        "{does}",
        "are the iPhone and iPad backups whole?",
        "delete the iPhone and iPad backups that can go.",
    ),
    (
        "{silent}",
        "Silent when they are.",
        "Silent when\n# all goes well: removals.jsonl in bkscan's state folder has a line for each that went.",
    ),
    ("{once}", "scans", "cleans"),
    ("{night}", "nightly", "clean"),
    ("{command}", "", " clean"),
    (
        "{hear}",
        "\nTo hear of it, name a command that is run when something is wrong. One that writes what is wrong to a file:\n  setx BKSCAN_ON_PROBLEM \"more >>\\\"%USERPROFILE%\\bkscan.log\\\"\"\n",
        "",
    ),
];

/// What is to run every night, and for whom.
#[derive(Clone, Debug)]
pub struct Job {
    /// What it does.
    pub task: Task,
    /// This binary, by its absolute path.
    pub program: PathBuf,
    /// Everything after the program's name: a command word if there is one, options, absolute paths.
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

/// The word, if it may stand in a schedule. Some of the formats could write control characters and
/// marks of direction, but whoever reads the text before pasting it could not see them; XML has no U+FFFE and U+FFFF.
pub(super) fn plain(word: &OsStr) -> Result<&str, Refusal> {
    let refusal = |why: &str| {
        Refusal(format!(
            "{word:?} cannot be written into a schedule: {why}. Rename it, or name a link to it that has a plain name"
        ))
    };
    let text = word
        .to_str()
        .ok_or_else(|| refusal("it is not valid UTF-8"))?;
    if text.contains(|c: char| is_unseen(c) || c == '\u{fffe}' || c == '\u{ffff}') {
        return Err(refusal(
            "it has a line break or another invisible character",
        ));
    }
    Ok(text)
}
