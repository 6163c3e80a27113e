//! What is done on the way through a tree.

use std::ffi::OsStr;
use std::io;
use std::path::Path;

use super::entry::Look;
use super::failures::Failures;
use super::folder::Folder;

/// Hears of all that a walk meets. Paths are relative to the [`super::Holder`].
pub(super) trait Visitor: Sync {
    /// Whether to end as soon as possible.
    fn is_stopped(&self) -> bool;

    /// A folder was opened for the first time. With an error it is not gone through, and fails.
    fn enter(&self, folder: &Folder, path: &Path) -> io::Result<()>;

    /// Something that is not a folder. Returns whether it went away by this.
    fn file(&self, folder: &Folder, path: &Path, name: &OsStr, look: &Look) -> io::Result<bool>;

    /// All in a folder was visited without failure; the folder is closed, and `own` is what the system
    /// told of it when it was first opened. An error
    /// [`io::ErrorKind::DirectoryNotEmpty`] has it visited again if anything in it went away.
    fn leave(&self, above: &Folder, name: &OsStr, path: &Path, own: &Look) -> io::Result<()>;

    /// What failed, once it is certain that it is not tried again.
    fn failed(&self, failures: Failures);
}
