//! Writes a small file that others read: they see the old one or the new one, never a part of it.
//! Also tells whether a place is inside what is scanned, where nothing may be written.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::path::{Component, Path, PathBuf};

use crate::model::Report;
use crate::system;

/// Replaces the file at `path`, or makes it, with the permissions of any new file. Where a link to a
/// file is there, the file it leads to is replaced.
///
/// Its text is first written to another file in the same folder, `.bkscan-….tmp`, which is gone
/// after an error too.
///
/// # Errors
/// One line that names the file, says what is wrong, and what to do. Nothing has changed then.
pub fn replace(path: &Path, text: &str) -> Result<(), String> {
    let target = target(path)?;
    let (folder, _) = system::place(&target);
    write(&folder, &target, text).map_err(|error| failed(path, &error))
}

fn write(folder: &Path, target: &Path, text: &str) -> io::Result<()> {
    let mut file = tempfile::Builder::new()
        .prefix(".bkscan-")
        .suffix(".tmp")
        // Tempfile itself would keep others from reading it.
        .make_in(folder, |path| File::create_new(path))?;
    file.as_file_mut().write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.into_temp_path().persist(target)?;
    Ok(())
}

/// The file that is to be replaced: the one at `path`, or where a link there leads.
fn target(path: &Path) -> Result<PathBuf, String> {
    let refused = |what: &str| {
        Err(format!(
            "{} is {what}, and was left as it is; name another file",
            path.display()
        ))
    };
    let found = match path.symlink_metadata() {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(path.to_owned()),
        Err(error) => return Err(failed(path, &error)),
    };
    let (target, found) = if found.is_symlink() {
        // /dev/stdout leads to whatever file the output goes to.
        let around = system::place(path).0.canonicalize().unwrap_or_default();
        if around == Path::new("/dev") || around.starts_with("/proc") {
            return refused("no regular file");
        }
        let real = path.canonicalize();
        match real.and_then(|real| Ok((real.clone(), real.symlink_metadata()?))) {
            Ok(real) => real,
            Err(_) => return refused("a link that leads nowhere"),
        }
    } else {
        (path.to_owned(), found)
    };
    if found.is_dir() {
        refused("a folder")
    } else if found.is_file() {
        Ok(target)
    } else {
        refused("no regular file")
    }
}

fn failed(path: &Path, error: &io::Error) -> String {
    let advice = match error.kind() {
        ErrorKind::NotFound => "make its folder first, or name another file",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "make room there",
        _ => "name a file in a folder that you may write to",
    };
    let (path, why) = (path.display(), system::in_words(error));
    format!("{path} could not be written: {why}; {advice}")
}

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
    let identity = |folder: &Path| system::identity(folder).ok().flatten();
    let around: Vec<_> = real.ancestors().filter_map(identity).collect();
    rest.any(|part| part == Component::ParentDir)
        || folders.any(|folder| {
            // One folder may have several names: a bind mount, or another case of its letters.
            identity(folder).is_some_and(|folder| around.contains(&folder))
                || folder
                    .canonicalize()
                    .is_ok_and(|folder| real.starts_with(folder))
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

    use super::*;

    /// What is in a folder, by name.
    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_made_and_then_replaced_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.prom");
        replace(&file, "first, and longer\n").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "first, and longer\n");
        // Whoever has the old one open goes on reading it.
        let old = folder.path().join("old");
        fs::hard_link(&file, &old).unwrap();
        replace(&file, "second\n").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "second\n");
        assert_eq!(fs::read_to_string(&old).unwrap(), "first, and longer\n");
        assert_eq!(names(folder.path()), ["a.prom", "old"]);
    }

    #[test]
    fn a_folder_that_is_missing_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("missing").join("a.prom");
        let error = replace(&file, "x").unwrap_err();
        let start = format!("{} could not be written: ", file.display());
        assert!(error.starts_with(&start), "{error}");
        assert!(
            error.ends_with("; make its folder first, or name another file"),
            "{error}"
        );
        assert_eq!(error.lines().count(), 1);
        assert_eq!(names(folder.path()), [""; 0]);
    }

    #[test]
    fn a_folder_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("inner");
        fs::create_dir(&inner).unwrap();
        assert_eq!(
            replace(&inner, "x").unwrap_err(),
            format!(
                "{} is a folder, and was left as it is; name another file",
                inner.display()
            )
        );
        assert_eq!(names(folder.path()), ["inner"]);
        assert_eq!(names(&inner), [""; 0]);
    }

    #[test]
    fn a_place_is_within_a_folder_whether_it_is_there_or_not() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("scanned/inner")).unwrap();
        fs::create_dir_all(at("scanned-not")).unwrap();
        fs::write(at("scanned/a.prom"), "").unwrap();
        let scanned = [at("missing"), at("scanned")];
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
            let place = at(place);
            let within = is_within(&place, scanned.iter().map(PathBuf::as_path));
            assert_eq!(within, expected, "{}", place.display());
        }
        assert!(!is_within(Path::new("b.prom"), [scanned[1].as_path()]));
        assert!(is_within(Path::new("b.prom"), [Path::new(".")]));
        assert!(!is_within(&at("b.prom"), []));
    }

    #[cfg(unix)]
    mod on_unix {
        use std::os::unix::fs::{MetadataExt, symlink};
        use std::os::unix::net::UnixListener;

        use super::*;

        #[test]
        fn others_may_read_it_as_any_new_file() {
            let folder = tempfile::tempdir().unwrap();
            let [file, usual] = ["a.prom", "usual"].map(|name| folder.path().join(name));
            replace(&file, "x").unwrap();
            fs::write(&usual, "x").unwrap();
            let mode = |path: &Path| path.metadata().unwrap().mode();
            assert_eq!(mode(&file), mode(&usual));
        }

        #[test]
        fn a_link_stays_and_its_file_is_replaced() {
            let folder = tempfile::tempdir().unwrap();
            let elsewhere = tempfile::tempdir().unwrap();
            let [file, link] = [elsewhere.path().join("file"), folder.path().join("link")];
            fs::write(&file, "old").unwrap();
            symlink(&file, &link).unwrap();
            replace(&link, "new").unwrap();
            assert_eq!(fs::read_link(&link).unwrap(), file);
            assert!(file.symlink_metadata().unwrap().is_file());
            assert_eq!(fs::read_to_string(&file).unwrap(), "new");
            assert_eq!(names(folder.path()), ["link"]);
            assert_eq!(names(elsewhere.path()), ["file"]);
        }

        #[test]
        fn what_is_no_regular_file_is_left_alone() {
            let folder = tempfile::tempdir().unwrap();
            let at = |name: &str| folder.path().join(name);
            let fifo = at("fifo");
            let made = std::process::Command::new("mkfifo").arg(&fifo).status();
            assert!(made.unwrap().success());
            let _socket = UnixListener::bind(at("socket")).unwrap();
            symlink(at("gone"), at("dangling")).unwrap();
            symlink(&fifo, at("to-fifo")).unwrap();
            symlink("/", at("to-folder")).unwrap();
            for (path, what) in [
                (fifo.clone(), "no regular file"),
                (at("socket"), "no regular file"),
                (at("to-fifo"), "no regular file"),
                (at("to-folder"), "a folder"),
                (at("dangling"), "a link that leads nowhere"),
                ("/dev/null".into(), "no regular file"),
                ("/dev/stdout".into(), "no regular file"),
            ] {
                assert_eq!(
                    replace(&path, "x").unwrap_err(),
                    format!(
                        "{} is {what}, and was left as it is; name another file",
                        path.display()
                    )
                );
            }
            let left = ["dangling", "fifo", "socket", "to-fifo", "to-folder"];
            assert_eq!(names(folder.path()), left);
        }

        #[test]
        fn nothing_stays_behind_where_the_last_step_fails() {
            let folder = tempfile::tempdir().unwrap();
            // A file cannot be given a name that ends as a folder's.
            let file = folder.path().join("a.prom/");
            let error = replace(&file, "x").unwrap_err();
            let start = format!("{} could not be written: ", file.display());
            assert!(error.starts_with(&start), "{error}");
            assert_eq!(names(folder.path()), [""; 0]);
        }

        #[test]
        fn links_do_not_hide_what_is_scanned() {
            let folder = tempfile::tempdir().unwrap();
            let at = |name: &str| folder.path().join(name);
            fs::create_dir_all(at("disk/Backup/one")).unwrap();
            fs::create_dir(at("root")).unwrap();
            fs::write(at("disk/Backup/a.prom"), "").unwrap();
            symlink(at("disk/Backup"), at("root/Backup")).unwrap();
            symlink(at("disk/Backup/a.prom"), at("link.prom")).unwrap();
            let roots = [at("root/Backup")];
            let within = |path: &str| is_within(&at(path), roots.iter().map(PathBuf::as_path));
            assert!(within("disk/Backup/b.prom"));
            assert!(within("link.prom"));
            assert!(!within("root/b.prom"));
            assert!(!within("disk/b.prom"));
        }
    }
}
