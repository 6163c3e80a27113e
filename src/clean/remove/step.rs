//! A change that is about to be made, and who hears of it.

use std::ffi::OsStr;
use std::ops::ControlFlow;
use std::path::Path;

/// A change that is about to be made. Paths are relative to the folder that holds backups.
#[derive(Clone, Copy, Debug)]
pub enum Step<'a> {
    /// A folder gets the name under which it is removed.
    SetAside {
        /// Its name.
        name: &'a OsStr,
        /// Its new name.
        aside: &'a OsStr,
    },
    /// A folder that was set aside gets its name back.
    PutBack {
        /// The name it was given.
        aside: &'a OsStr,
        /// Its name.
        name: &'a OsStr,
    },
    /// A file, link or the like is removed.
    File {
        /// The folder it is in.
        folder: &'a Path,
        /// Its name.
        name: &'a OsStr,
    },
    /// A folder is removed, which is empty.
    Folder {
        /// Which one.
        path: &'a Path,
    },
}

/// Hears of each step before it is done; called from worker threads. With `Break` that step is not
/// done and no other is begun; steps that other threads are in the middle of are finished.
pub type Observer<'a> = dyn Fn(Step<'_>) -> ControlFlow<()> + Sync + 'a;
