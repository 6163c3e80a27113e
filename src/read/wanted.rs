//! What is wanted of the rows of a manifest.

use crate::crypto::RecordKeys;

/// What is wanted of them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// How many examples of odd rows.
    pub examples: usize,
    /// Rows of files without a key, which all have one where payloads are encrypted (F§11.3).
    pub keyless: bool,
    /// What it takes to read payloads to their end.
    pub seals: bool,
    /// Each file that a person would miss, to look for it in another backup.
    pub keepsakes: bool,
    /// What the keys of files are to open with.
    pub keys: Option<&'a RecordKeys>,
}

impl Wanted<'_> {
    /// What comparing rows with payloads needs, and so many examples.
    pub fn examples(examples: usize) -> Self {
        Wanted {
            examples,
            ..Wanted::default()
        }
    }
}
