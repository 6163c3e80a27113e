//! The ways that lead to backups further down than folders are searched (contract §1, F§2).

use std::path::{Path, PathBuf};

/// Where backups lie below the folder of a user.
const OF_USER: [&[&str]; 3] = [
    &["Library", "Application Support", "MobileSync"],
    &["AppData", "Roaming", "Apple Computer", "MobileSync"],
    &["Apple", "MobileSync"],
];

/// The folders that the ways of a user lead to, where there are any.
pub(super) fn of_user(user: &Path) -> impl Iterator<Item = PathBuf> {
    OF_USER.iter().filter_map(|way| below(user, way))
}

/// The folder that a way leads to, where there is one. A link is followed in its last part alone.
fn below(folder: &Path, way: &[&str]) -> Option<PathBuf> {
    let mut place = folder.to_owned();
    for (at, name) in way.iter().enumerate() {
        // The first folder is one that was listed, or the path that was given.
        if at > 0 && place.is_symlink() {
            return None;
        }
        place.push(name);
    }
    place.is_dir().then_some(place)
}
