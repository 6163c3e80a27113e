//! Where a page may be written: not in place of what it is made of, nor among backups.

use std::path::{Path, PathBuf};

use crate::cli::meant::paths;
use crate::cli::stop::{Remark, Stop};
use crate::find;
use crate::report::document::{Document, Place};
use crate::system::inside;

/// Whether a page may be written to `out`, whatever it is made of: not into a backup, nor to where backups are
/// kept.
///
/// # Errors
/// Where it may not.
pub fn check(out: &Path) -> Result<(), Stop> {
    match paths::is_among_backups(out, []) || find::is_beside_backups(out) {
        true => Err(among_backups(out)),
        false => Ok(()),
    }
}

/// Whether a page may be written to `out` that is made of this document: not into what it tells of.
///
/// # Errors
/// Where it may not.
pub fn check_of(out: &Path, document: &Document<'_>) -> Result<(), Stop> {
    // To ask for a network path that somebody wrote into a document would tell its host who asks.
    let is_local =
        |place: &&Place<'_>| !place.path.starts_with(r"\\") && !place.path.starts_with("//");
    let path = |place: &Place<'_>| PathBuf::from(&*place.path);
    let backups = document.backups.iter().map(|backup| &backup.place);
    let backups: Vec<PathBuf> = backups.filter(is_local).map(path).collect();
    // A root such as /Users is on every Mac: in the document of another one it says nothing about this one.
    let is_of_here = backups.iter().any(|backup| backup.exists());
    let roots = document.roots.iter().map(|root| &root.place);
    let roots = roots.filter(is_local).filter(|_| is_of_here).map(path);
    let scanned: Vec<PathBuf> = roots.chain(backups).collect();
    match inside::is_within(out, scanned.iter().map(PathBuf::as_path)) {
        true => Err(among_backups(out)),
        false => Ok(()),
    }
}

/// The page would lie where nothing is ever written.
fn among_backups(out: &Path) -> Stop {
    Stop::could_not_look(Remark::new(
        "the page was not written: its file lies among the backups",
        format!(
            "the page was not written: {} lies among the backups; name a file elsewhere",
            out.display()
        ),
    ))
}

/// Whether a page at `out` would not replace one of the documents.
///
/// # Errors
/// Where it would.
pub fn is_none_of<'a>(out: &Path, files: impl IntoIterator<Item = &'a Path>) -> Result<(), Stop> {
    for file in files {
        if inside::is_within(out, [file]) {
            return Err(Stop::usage(Remark::new(
                "the page would stand in place of the document; name another file",
                format!(
                    "the page would stand in place of the document {}; name another file",
                    file.display()
                ),
            )));
        }
    }
    Ok(())
}
