//! Names as the page shows them.

use crate::render::printable::clean;

/// A name that can be shown, or else what to say instead.
pub fn clean_or(name: &str, instead: &str) -> String {
    let name = clean(name);
    if is_blank(&name) {
        instead.to_owned()
    } else {
        name
    }
}

pub fn is_blank(name: &str) -> bool {
    name.trim().is_empty()
}

/// The last part of a path, of whatever system.
pub fn folder_name(path: &str) -> String {
    let name = path
        .trim_end_matches(['/', '\\'])
        .rsplit(['/', '\\'])
        .next();
    clean(name.unwrap_or(path))
}
