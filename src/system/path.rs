//! Paths, as people and systems write them.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

#[cfg(unix)]
use super::unix as imp;
#[cfg(windows)]
use super::windows as imp;

/// The folder that something lies in, and what it is called there; of a path that ends in `.` or `..`
/// the real ones. Of the root of a file system the name is empty.
pub fn place(path: &Path) -> (PathBuf, OsString) {
    let split = |path: &Path| {
        let parent = path.parent()?;
        let parent = match parent.as_os_str().is_empty() {
            true => Path::new("."),
            false => parent,
        };
        Some((parent.to_owned(), path.file_name()?.to_owned()))
    };
    split(path)
        .or_else(|| split(&path.canonicalize().ok()?))
        .unwrap_or_else(|| (path.to_owned(), OsString::new()))
}

/// A path below a folder as it is told, with `/` on all systems; lossy where it is not UTF-8.
pub fn place_below(folder: &Path, path: &Path) -> String {
    let path = path.strip_prefix(folder).unwrap_or(path);
    let parts: Vec<_> = path.iter().map(OsStr::to_string_lossy).collect();
    parts.join("/")
}

/// A path with all links resolved, in the form that people write it.
///
/// # Errors
/// When it is not there, or cannot be looked at.
pub fn canonical(path: &Path) -> io::Result<PathBuf> {
    Ok(imp::as_written(path.canonicalize()?))
}

/// An absolute path's bytes as they stand in a `file://` URI, before percent-encoding; `None`
/// where they cannot be spelled there.
pub fn uri_path(path: &Path) -> Option<Vec<u8>> {
    imp::uri_path(path)
}

/// The bytes of a path as the system keeps them, to spell out one that is not UTF-8.
pub fn path_bytes(path: &OsStr) -> Vec<u8> {
    imp::path_bytes(path)
}

/// The path that these bytes spell out; `None` where they are none.
pub fn path_from_bytes(bytes: &[u8]) -> Option<OsString> {
    imp::path_from_bytes(bytes)
}
