//! Whether a place lies inside what is scanned, where nothing may be written: the one answer to that.

use std::path::{Component, Path};

use crate::model::Report;

use super::file::identity;
use super::mounts::Mounts;

/// Whether `path`, which need not be there yet, is one of `folders` or lies in one, all links
/// resolved. Yes, where that cannot be told.
pub fn is_within<'a>(path: &Path, folders: impl IntoIterator<Item = &'a Path>) -> bool {
    let there = path.ancestors().find_map(|ancestor| {
        let shown = match ancestor.as_os_str().is_empty() {
            true => Path::new("."),
            false => ancestor,
        };
        Some((ancestor, shown.canonicalize().ok()?))
    });
    let Some((ancestor, real)) = there else {
        return true;
    };
    // `..` behind a folder that is yet to be made may lead anywhere.
    let mut rest = path.strip_prefix(ancestor).unwrap_or(path).components();
    let mut folders = folders.into_iter();
    let identity = |folder: &Path| identity(folder).ok().flatten();
    let mounts = Mounts::current();
    let origin = mounts.origin(&real);
    let around: Vec<_> = real.ancestors().filter_map(identity).collect();
    rest.any(|part| part == Component::ParentDir)
        || folders.any(|folder| {
            // One folder may have several names: a bind mount, or another case of its letters.
            identity(folder).is_some_and(|folder| around.contains(&folder))
                || folder.canonicalize().is_ok_and(|folder| {
                    // What is mounted elsewhere, too, has folders around it that are not those of here.
                    let origins = origin.as_ref().zip(mounts.origin(&folder));
                    let is_seen_here = origins.is_some_and(|((volume, path), (other, folder))| {
                        *volume == other && path.starts_with(folder)
                    });
                    is_seen_here || real.starts_with(folder)
                })
        })
}

/// What a scan looked into, for [`is_within`]: the paths that were asked for and, because a `Backup`
/// below them may be a link, every folder on the way to a backup. A redacted report has none of them.
pub fn scanned(report: &Report) -> Vec<&Path> {
    let roots: Vec<&Path> = report
        .roots
        .iter()
        .map(|root| root.path.as_path())
        .collect();
    let backups = report.backups.iter();
    let around = backups
        .flat_map(|backup| backup.path.ancestors())
        .filter(|folder| roots.iter().any(|root| folder.starts_with(root)));
    around.chain(roots.iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn a_place_is_within_a_folder_whether_it_is_there_or_not() {
        let folder = tempfile::tempdir().unwrap();
        let below = |name: &str| folder.path().join(name);
        fs::create_dir_all(below("scanned/inner")).unwrap();
        fs::create_dir_all(below("scanned-not")).unwrap();
        fs::write(below("scanned/a.prom"), "").unwrap();
        let scanned = [below("missing"), below("scanned")];
        for (place, expected) in [
            ("scanned", true),
            ("scanned/a.prom", true),
            ("scanned/b.prom", true),
            ("scanned/inner/x/y/b.prom", true),
            ("scanned-not/../scanned/b.prom", true),
            ("scanned-not/x/../../scanned/b.prom", true),
            ("scanned-not/b.prom", false),
            ("scanned/../b.prom", false),
            ("scanned-not", false),
            ("x/y/b.prom", false),
            ("missing/b.prom", false),
        ] {
            let place = below(place);
            let within = is_within(&place, scanned.iter().map(PathBuf::as_path));
            assert_eq!(within, expected, "{}", place.display());
        }
        assert!(!is_within(Path::new("b.prom"), [scanned[1].as_path()]));
        assert!(is_within(Path::new("b.prom"), [Path::new(".")]));
        assert!(!is_within(&below("b.prom"), []));
    }

    #[cfg(unix)]
    #[test]
    fn links_do_not_hide_what_is_scanned() {
        use std::os::unix::fs::symlink;

        let folder = tempfile::tempdir().unwrap();
        let below = |name: &str| folder.path().join(name);
        fs::create_dir_all(below("disk/Backup/one")).unwrap();
        fs::create_dir(below("root")).unwrap();
        fs::write(below("disk/Backup/a.prom"), "").unwrap();
        symlink(below("disk/Backup"), below("root/Backup")).unwrap();
        symlink(below("disk/Backup/a.prom"), below("link.prom")).unwrap();
        let roots = [below("root/Backup")];
        let within = |path: &str| is_within(&below(path), roots.iter().map(PathBuf::as_path));
        assert!(within("disk/Backup/b.prom"));
        assert!(within("link.prom"));
        assert!(!within("root/b.prom"));
        assert!(!within("disk/b.prom"));
    }
}
