//! What happens to the list, and what it asks for.

use std::path::PathBuf;
use std::sync::Arc;

use super::entry::Entry;
use super::keys::Key;
use super::page::Differences;
use super::scanned::Scanned;
use super::target::Target;
use super::weigh::Weighed;

/// Something that happened.
pub enum Event {
    /// A key was pressed.
    Key(Key),
    /// The mouse was pressed at this column and line.
    Click(u16, u16),
    /// The wheel was turned by so many lines, down where it is positive.
    Wheel(isize),
    /// The terminal has this size now, in columns and lines.
    Resize(u16, u16),
    /// Time passed.
    Tick,
    /// How far the scan is.
    Progress(String),
    /// A backup was judged.
    Looked(Box<Entry>),
    /// The scan came to its end: what it found, and the rows.
    Scanned(Arc<Scanned>, Vec<Entry>),
    /// A marked set was added up.
    Weighed(Weighed),
    /// The backup in this folder changed since it was looked at.
    Changing(PathBuf),
    /// Two backups were compared.
    Compared(Arc<Differences>),
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    None,
    /// The marked set is to be added up.
    Weigh(Vec<Target>),
    /// A backup is to be compared with the one that stands in for it.
    Compare(Target),
    /// The marked set is to be deleted: the plan and the question come next.
    Delete,
    /// The list is left; nothing is deleted.
    Leave,
    /// The same after Ctrl-C.
    Interrupt,
    /// The program is to stop for now, as the shell has it.
    Pause,
}
