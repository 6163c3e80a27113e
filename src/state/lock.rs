//! A lock in the state folder, for a folder that cannot be locked itself.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

use sha1::{Digest, Sha1};

use crate::system;

use super::folder::StateFolder;
use super::own_file::{in_time, own_file};

/// Whether a lock could be had.
#[derive(Debug)]
pub enum StateLock {
    /// It is held for as long as the file is open.
    Held(File),
    /// Another process has it.
    Taken,
}

impl StateFolder {
    /// Locks a file that stands for `folder`.
    ///
    /// # Errors
    /// When there can be no such file, or it cannot be locked.
    pub fn lock(&self, folder: &Path) -> io::Result<StateLock> {
        let (state, name) = (self.clone(), lock_name(folder));
        in_time(move || {
            let file = own_file(&state.made()?.join(name))?;
            match file.try_lock() {
                Ok(()) => Ok(StateLock::Held(file)),
                Err(TryLockError::WouldBlock) => Ok(StateLock::Taken),
                Err(TryLockError::Error(error)) => Err(error),
            }
        })
    }
}

/// The file that stands for a folder; the same one in every build, or two would not keep each other out.
pub(super) fn lock_name(folder: &Path) -> String {
    let digest = Sha1::digest(system::path_bytes(folder.as_os_str()));
    let digits: String = digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("cleaning-{digits}.lock")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_locked_once() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateFolder::new(folder.path().to_owned());
        let first = state.lock(Path::new("/b")).unwrap();
        assert!(matches!(first, StateLock::Held(_)));
        assert!(matches!(
            state.lock(Path::new("/b")).unwrap(),
            StateLock::Taken
        ));
        let other = state.lock(Path::new("/c")).unwrap();
        assert!(matches!(other, StateLock::Held(_)));
        drop(first);
        let again = state.lock(Path::new("/b")).unwrap();
        assert!(matches!(again, StateLock::Held(_)));
    }

    #[test]
    #[cfg_attr(windows, ignore = "paths have other bytes there")]
    fn every_build_locks_the_same_file_for_a_folder() {
        let name = lock_name(Path::new("/Users/anna/Backup"));
        assert_eq!(name, "cleaning-3dfa34441ffecf65.lock");
    }
}
