//! Which rows go.

use std::collections::HashSet;

use crate::model::FileId;

use crate::mendable::{LostRow, id_of};

/// Which rows go, by their fileIDs; of those that are required and have none that is one, all do.
#[derive(Debug, Default)]
pub struct Gone(HashSet<FileId>);

impl Gone {
    /// Of these rows.
    pub fn of(rows: &[LostRow]) -> Gone {
        Gone(rows.iter().filter_map(|row| id_of(&row.file)).collect())
    }

    /// Whether the row of this id goes.
    pub fn has(&self, id: FileId) -> bool {
        self.0.contains(&id)
    }

    /// Whether a row goes: by its fileID as it stands there, and by whether it requires a payload.
    pub fn takes(&self, id: Option<&[u8]>, required: bool) -> bool {
        match id.and_then(FileId::parse) {
            Some(id) => self.has(id),
            None => required,
        }
    }
}
