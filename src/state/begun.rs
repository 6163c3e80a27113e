//! The list of folders whose removal was begun, known by device and inode.

use std::io::{self, BufRead, Read};

use crate::system;

use super::folder::StateFolder;
use super::own_file::{check_own, in_time};

/// The list of folders whose removal was begun.
const BEGUN: &str = "begun.txt";

/// A longer list is not read to its end.
const LONGEST_LIST: u64 = 64 << 20;

impl StateFolder {
    /// Notes that the removal of a folder, known by device and inode, is about to begin: what is left
    /// of it can then be told from somebody else's folder.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn record_begun(&self, (device, inode): (u64, u64)) -> io::Result<()> {
        self.append(BEGUN, &note("begun", device, inode))
    }

    /// Notes that the folder is gone: its number may be given to another one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn record_gone(&self, (device, inode): (u64, u64)) -> io::Result<()> {
        self.append(BEGUN, &note("gone", device, inode))
    }

    /// Whether it was noted that the removal of this folder began.
    pub fn has_begun(&self, (device, inode): (u64, u64)) -> bool {
        let Some(list) = self.path().map(|path| path.join(BEGUN)) else {
            return false;
        };
        let [begun, gone] = ["begun", "gone"].map(|word| note(word, device, inode));
        let read = in_time(move || {
            let file = system::open_regular(&list)?;
            check_own(&file, &list)?;
            let lines = io::BufReader::new(file.take(LONGEST_LIST)).lines();
            Ok(lines.map_while(Result::ok).fold(false, |is_begun, line| {
                (is_begun && line != gone) || line == begun
            }))
        });
        read.unwrap_or(false)
    }
}

fn note(word: &str, device: u64, inode: u64) -> String {
    format!("{word} {device} {inode}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removal_that_was_begun_is_known_by_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateFolder::new(folder.path().to_owned());
        assert!(!state.has_begun((1, 2)));
        state.record_begun((1, 2)).unwrap();
        state.record_begun((11, 22)).unwrap();
        assert!(state.has_begun((1, 2)));
        assert!(state.has_begun((11, 22)));
        assert!(!state.has_begun((1, 22)));
        assert!(!state.has_begun((2, 2)));
        state.record_gone((1, 2)).unwrap();
        assert!(!state.has_begun((1, 2)));
        assert!(state.has_begun((11, 22)));
        state.record_begun((1, 2)).unwrap();
        assert!(state.has_begun((1, 2)));
    }
}
