//! The list of removals: a line of JSON for each.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use crate::model::{PastRemoval, Udid};
use crate::system;

use super::folder::StateFolder;
use super::own_file::{check_own, in_time};

/// The list of removals.
const REMOVALS: &str = "removals.jsonl";

/// So many bytes of the end of that list are read.
const MOST_OF_REMOVALS: u64 = 16 << 20;

impl StateFolder {
    /// Adds a line to the list of removals, `removals.jsonl`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn record_removal(&self, line: &str) -> io::Result<()> {
        self.append(REMOVALS, line)
    }

    /// What bkscan removed, in that order. Lines that say nothing of the kind are passed over, and so is a
    /// list that cannot be read.
    pub fn removals(&self) -> Vec<PastRemoval> {
        let list = self.path().map(|path| path.join(REMOVALS));
        let read = list.map(|list| in_time(move || tail(&list)));
        let text = read.and_then(Result::ok).unwrap_or_default();
        let lines = text.split(|byte| *byte == b'\n');
        lines.filter_map(removal).collect()
    }
}

/// A line of the list of removals, where a backup is no more what it was: also where not all of it could
/// be removed.
fn removal(line: &[u8]) -> Option<PastRemoval> {
    let line: serde_json::Value = serde_json::from_slice(line).ok()?;
    let word = |key: &str| line.get(key).and_then(serde_json::Value::as_str);
    let path = word("path")?;
    ["removed", "failed"]
        .contains(&word("outcome")?)
        .then_some(PastRemoval {
            at: word("at")?.parse().ok()?,
            // As the history writes it.
            path: path.strip_prefix(r"\\?\").unwrap_or(path).into(),
            udid: word("udid").and_then(Udid::parse),
            last_backup: word("last_backup").and_then(|at| at.parse().ok()),
            status_uuid: word("status_uuid").map(str::to_owned),
        })
}

/// The end of the list of removals.
fn tail(list: &Path) -> io::Result<Vec<u8>> {
    let mut file = system::open_regular(list)?;
    check_own(&file, list)?;
    let end = file.metadata()?.len();
    file.seek(SeekFrom::Start(end.saturating_sub(MOST_OF_REMOVALS)))?;
    let mut text = Vec::new();
    file.take(MOST_OF_REMOVALS).read_to_end(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn removals_are_listed_line_by_line() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateFolder::new(folder.path().join("a/b"));
        state.record_removal("{1}").unwrap();
        state.record_removal("{2}").unwrap();
        let list = folder.path().join("a/b/removals.jsonl");
        assert_eq!(fs::read_to_string(list).unwrap(), "{1}\n{2}\n");
    }
}
