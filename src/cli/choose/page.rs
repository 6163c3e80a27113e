//! Which text is open.

use std::sync::Arc;

use crate::model::{BackupIndex, Diff};

use super::target::Target;

/// A text that is open.
#[derive(Clone)]
pub enum Page {
    /// What the keys do.
    Help,
    /// All that the pane says of a row.
    Details(Target),
    /// What its verdict, its findings and its reasons mean.
    Explained(Target),
    /// What a backup holds that the one that stands in for it does not.
    Differences(Arc<Differences>),
}

/// Two backups of a scan, one against the other.
pub struct Differences {
    /// The one that may go.
    pub old: BackupIndex,
    /// The one that it is compared with.
    pub new: BackupIndex,
    /// What differs.
    pub diff: Diff,
}

impl Page {
    /// What stands above it.
    pub fn title(&self) -> &'static str {
        match self {
            Page::Help => "Keys",
            Page::Details(_) => "Details",
            Page::Explained(_) => "Explained",
            Page::Differences(_) => "Differences",
        }
    }
}
