//! Where a page may be written: not in place of what it is made of, nor among backups.

use std::path::Path;

use crate::cli::meant::paths;
use crate::cli::stop::{Remark, Stop};
use crate::report::document::{Document, Place};
use crate::system::inside;

/// Whether a page of this document may be written to `out`.
///
/// # Errors
/// Where it may not.
pub fn check(out: &Path, document: &Document<'_>) -> Result<(), Stop> {
    let roots = document.roots.iter().map(|root| &root.place);
    let backups = document.backups.iter().map(|backup| &backup.place);
    // To ask for a network path that somebody wrote into a document would tell its host who asks.
    let is_here =
        |place: &&Place<'_>| !place.path.starts_with(r"\\") && !place.path.starts_with("//");
    let scanned = roots.chain(backups).filter(is_here);
    let scanned = scanned.map(|place| Path::new(&*place.path));
    if paths::is_among_backups(out, scanned) {
        return Err(among_backups(out));
    }
    Ok(())
}

/// The page would lie where nothing is ever written.
pub fn among_backups(out: &Path) -> Stop {
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
