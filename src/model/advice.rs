//! What a reader can do.

use super::backup_index::BackupIndex;

/// What was seen of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// What a person calls it.
    pub device: String,
    /// What was seen, without an end.
    pub what: String,
}

/// One piece of advice (contract §6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// The step of the guide it belongs to, 1 to 8.
    pub step: u8,
    /// Its id; never renamed or reused.
    pub id: &'static str,
    /// What to do, with the size.
    pub title: String,
    /// What was seen of the devices in trouble that it is about.
    pub seen: Vec<Seen>,
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
    /// What the command does, to be said above it.
    pub remark: Option<&'static str>,
    /// The backups it is about.
    pub backups: Vec<BackupIndex>,
}
