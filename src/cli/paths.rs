//! Paths as they were typed: one with a space in it arrives as several arguments where it was not
//! quoted, as in `bkscan ~/Library/Application Support/MobileSync`.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use crate::{discover, textfile};

/// Whether something is at `path`, if only a link that leads nowhere or a folder that we may not
/// look into.
pub fn is_there(path: &Path) -> bool {
    match path.symlink_metadata() {
        Ok(_) => true,
        Err(error) => error.kind() == io::ErrorKind::PermissionDenied,
    }
}

/// The path as it is from any other folder; as it was given, where the working directory is gone. Links
/// stay links.
pub fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Whether a file at `path` would lie in one of `scanned`, or in any backup: there nothing is written.
pub fn is_among_backups<'a>(path: &Path, scanned: impl IntoIterator<Item = &'a Path>) -> bool {
    textfile::is_within(path, scanned) || discover::backup_around(path).is_some()
}

/// Joins an argument that is not there with its followers by one space; the shortest run that is
/// there wins, and an argument that is there always stands for itself (contract §1). The second
/// part of the answer are notes about the paths that were meant.
pub fn join_unquoted(
    typed: &[PathBuf],
    is_there: impl Fn(&Path) -> bool,
) -> (Vec<PathBuf>, Vec<String>) {
    let mut paths = Vec::new();
    let mut notes = Vec::new();
    let mut rest = typed;
    while let Some((first, followers)) = rest.split_first() {
        let (path, used) = if is_there(first) {
            None
        } else {
            let mut joined = OsString::from(first);
            followers.iter().enumerate().find_map(|(at, follower)| {
                joined.push(" ");
                joined.push(follower);
                is_there(Path::new(&joined)).then(|| (PathBuf::from(&joined), at + 2))
            })
        }
        .unwrap_or_else(|| (first.clone(), 1));
        if used > 1 {
            notes.push(format!(
                "taken as one path: {} (quote it to be sure)",
                path.display()
            ));
        }
        paths.push(path);
        rest = &rest[used..];
    }
    (paths, notes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn join(typed: &[&str], there: &[&str]) -> (Vec<String>, usize) {
        let typed: Vec<PathBuf> = typed.iter().map(PathBuf::from).collect();
        let (paths, notes) = join_unquoted(&typed, |path| {
            there.iter().any(|there| path == Path::new(there))
        });
        (
            paths
                .iter()
                .map(|path| path.display().to_string())
                .collect(),
            notes.len(),
        )
    }

    #[test]
    fn the_shortest_run_that_exists_wins() {
        for (typed, there, expected, notes) in [
            (
                &["/u/Application", "Support/M"][..],
                &["/u/Application Support/M"][..],
                &["/u/Application Support/M"][..],
                1,
            ),
            (&["a", "b"], &["a", "a b"], &["a", "b"], 0),
            (&["a", "b", "c"], &["a b", "a b c"], &["a b", "c"], 1),
            (&["a", "b", "c", "d"], &["a b c", "d"], &["a b c", "d"], 1),
            (&["x", "a", "b"], &["a b"], &["x", "a b"], 1),
            (&["a", "b", "c", "d"], &["a b", "c d"], &["a b", "c d"], 2),
            (&["x", "y"], &[], &["x", "y"], 0),
            (&[], &[], &[], 0),
        ] {
            let (paths, noted) = join(typed, there);
            assert_eq!(
                (paths.as_slice(), noted),
                (
                    &expected.iter().map(ToString::to_string).collect::<Vec<_>>()[..],
                    notes
                ),
                "{typed:?}"
            );
        }
    }
}
