//! Files and folders for a moment that nobody else may look into.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use tempfile::TempDir;

/// A folder that is gone with this value.
pub type PrivateFolder = TempDir;

use super::file::keep_private;
#[cfg(unix)]
use super::unix as imp;
#[cfg(windows)]
use super::windows as imp;

/// A new folder in `parent` for this user alone, from its first moment on; it is gone with the value.
///
/// # Errors
/// When it cannot be made.
pub fn private_folder(parent: &Path) -> io::Result<PrivateFolder> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("bkscan-");
    if let Some(permissions) = imp::of_private_folder() {
        builder.permissions(permissions);
    }
    builder.tempdir_in(parent)
}

/// A new file for this user alone, from its first moment on.
///
/// # Errors
/// When it cannot be made, or something is there.
pub fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    keep_private(&mut options);
    options.open(path)
}

#[cfg(test)]
mod tests {
    #[cfg(unix)]
    #[test]
    fn nobody_else_may_look_into_them() {
        use std::os::unix::fs::MetadataExt as _;

        use super::*;

        let around = tempfile::tempdir().unwrap();
        let folder = private_folder(around.path()).unwrap();
        let mode = |path: &Path| path.metadata().unwrap().mode() & 0o777;
        assert_eq!(mode(folder.path()), 0o700);
        let file = folder.path().join("x");
        private_file(&file).unwrap();
        assert_eq!(mode(&file), 0o600);
        assert!(private_file(&file).is_err());
    }
}
