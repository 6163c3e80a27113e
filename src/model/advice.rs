//! What a reader can do.

use super::backup_index::BackupIndex;

/// One piece of advice (contract §6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// The step of the guide it belongs to, 1 to 8.
    pub step: u8,
    /// Its id; never renamed or reused.
    pub id: &'static str,
    /// What to do, with the size.
    pub title: String,
    /// What was seen of devices in trouble, one sentence a line.
    pub seen: Vec<String>,
    /// What to do, and what cannot be known from here: one action a line.
    pub text: Vec<String>,
    /// The same in a sentence or two, for the screen.
    pub lead: String,
    /// Shorter, for narrow screens.
    pub short: String,
    /// The bytes it is about: what it frees, what is missing, or what something takes.
    pub bytes: Option<u64>,
    /// A command to copy.
    pub command: Option<String>,
    /// What the command does, in a few words.
    pub remark: Option<&'static str>,
    /// The backups it is about.
    pub backups: Vec<BackupIndex>,
}
