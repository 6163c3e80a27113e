//! Writes a small file that others read: they see the old one or the new one, never a part of it.

use std::fmt;
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::TempPath;

use super::errors::in_words;
use super::path::place;

/// Why a file was not written: one line that names it, says what is wrong, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub struct NotWritten(String);

impl fmt::Display for NotWritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotWritten {}

/// Replaces the file at `path`, or makes it, with the permissions of any new file. Where a link to a
/// file is there, the file it leads to is replaced.
///
/// Its text is first written to another file in the same folder, `.bkscan-….tmp`, which is gone
/// after an error too.
///
/// # Errors
/// Why it could not be done. Nothing has changed then.
pub fn replace(path: &Path, text: &str) -> Result<(), NotWritten> {
    let target = target(path)?;
    let write = || {
        beside(&target, text, Readers::AsUsual)?.persist(&target)?;
        Ok(())
    };
    write().map_err(|error: io::Error| failed(path, &error))
}

/// A new file that is written, and does not have its name yet; without it, it is gone with the value.
pub struct Unnamed {
    file: TempPath,
    text: String,
    target: PathBuf,
}

/// Writes a new file that is to lie at `path`, without giving it that name.
///
/// # Errors
/// Why it could not be done. Nothing is left then.
pub fn unnamed(path: &Path, text: &str) -> Result<Unnamed, NotWritten> {
    let file = beside(path, text, Readers::AsUsual).map_err(|error| failed(path, &error))?;
    Ok(Unnamed {
        file,
        text: text.to_owned(),
        target: path.to_owned(),
    })
}

impl Unnamed {
    /// Gives the file its name: over what is there only where `replaces`.
    ///
    /// # Errors
    /// Why it could not be done. The file is gone then.
    pub fn name(self, replaces: bool) -> Result<(), NotWritten> {
        if replaces {
            let named = self.file.persist(&self.target);
            return named.map_err(|error| failed(&self.target, &error.error));
        }
        match self.file.persist_noclobber(&self.target) {
            Ok(()) => Ok(()),
            Err(error) if error.error.kind() == ErrorKind::AlreadyExists => {
                Err(failed(&self.target, &error.error))
            }
            // FAT and exFAT have neither second names nor, on some systems, a rename that keeps what is there.
            Err(error) => {
                drop(error);
                make(&self.target, &self.text).map_err(|error| failed(&self.target, &error))
            }
        }
    }
}

/// Makes a new file under its own name, never over another one. Nothing is left of it after an error.
fn make(path: &Path, text: &str) -> io::Result<()> {
    let (folder, name) = place(path);
    let mut file = tempfile::Builder::new()
        .prefix(&name)
        .rand_bytes(0)
        .make_in(folder, |path| File::create_new(path))?;
    file.as_file_mut().write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.keep()?;
    Ok(())
}

/// Who may read a file that is made.
#[derive(Clone, Copy)]
pub(super) enum Readers {
    /// Whoever may read any new file of this user.
    AsUsual,
    /// This user alone.
    Owner,
}

/// A file with this text in the folder of `target`, under another name; without `target`'s it is gone with the
/// value.
pub(super) fn beside(target: &Path, text: &str, readers: Readers) -> io::Result<TempPath> {
    let (folder, _) = place(target);
    let mut builder = tempfile::Builder::new();
    builder.prefix(".bkscan-").suffix(".tmp");
    let mut file = match readers {
        // Tempfile itself would keep others from reading it.
        Readers::AsUsual => builder.make_in(folder, |path| File::create_new(path))?,
        Readers::Owner => builder.tempfile_in(folder)?,
    };
    file.as_file_mut().write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    Ok(file.into_temp_path())
}

/// The file that is to be replaced: the one at `path`, or where a link there leads.
fn target(path: &Path) -> Result<PathBuf, NotWritten> {
    let refused = |what: &str| {
        Err(NotWritten(format!(
            "{} is {what}, and was left as it is; name another file",
            path.display()
        )))
    };
    let found = match path.symlink_metadata() {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(path.to_owned()),
        Err(error) => return Err(failed(path, &error)),
    };
    let (target, found) = if found.is_symlink() {
        // /dev/stdout leads to whatever file the output goes to.
        let around = place(path).0.canonicalize().unwrap_or_default();
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

fn failed(path: &Path, error: &io::Error) -> NotWritten {
    let advice = match error.kind() {
        ErrorKind::NotFound => "make its folder first, or name another file",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "make room there",
        _ => "name a file in a folder that you may write to",
    };
    let (path, why) = (path.display(), in_words(error));
    NotWritten(format!("{path} could not be written: {why}; {advice}"))
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
        assert!(error.0.starts_with(&start), "{error}");
        assert!(
            error
                .0
                .ends_with("; make its folder first, or name another file"),
            "{error}"
        );
        assert_eq!(error.0.lines().count(), 1);
        assert_eq!(names(folder.path()), [""; 0]);
    }

    #[test]
    fn a_folder_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("inner");
        fs::create_dir(&inner).unwrap();
        assert_eq!(
            replace(&inner, "x").unwrap_err().to_string(),
            format!(
                "{} is a folder, and was left as it is; name another file",
                inner.display()
            )
        );
        assert_eq!(names(folder.path()), ["inner"]);
        assert_eq!(names(&inner), [""; 0]);
    }

    #[test]
    fn a_new_file_gets_its_name_and_never_that_of_another() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.json");
        let new = |text| unnamed(&file, text).unwrap();
        new("first").name(false).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "first");
        new("second").name(false).unwrap_err();
        make(&file, "third").unwrap_err();
        assert_eq!(fs::read_to_string(&file).unwrap(), "first");
        new("fourth").name(true).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "fourth");
        assert_eq!(names(folder.path()), ["a.json"]);
        // As where files have neither second names nor such a rename.
        make(&folder.path().join("b.json"), "fifth").unwrap();
        assert_eq!(names(folder.path()), ["a.json", "b.json"]);
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
            let path = |name: &str| folder.path().join(name);
            let fifo = path("fifo");
            let made = std::process::Command::new("mkfifo").arg(&fifo).status();
            assert!(made.unwrap().success());
            let _socket = UnixListener::bind(path("socket")).unwrap();
            symlink(path("gone"), path("dangling")).unwrap();
            symlink(&fifo, path("to-fifo")).unwrap();
            symlink("/", path("to-folder")).unwrap();
            for (path, what) in [
                (fifo.clone(), "no regular file"),
                (path("socket"), "no regular file"),
                (path("to-fifo"), "no regular file"),
                (path("to-folder"), "a folder"),
                (path("dangling"), "a link that leads nowhere"),
                ("/dev/null".into(), "no regular file"),
                ("/dev/stdout".into(), "no regular file"),
            ] {
                assert_eq!(
                    replace(&path, "x").unwrap_err().to_string(),
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
            assert!(error.0.starts_with(&start), "{error}");
            assert_eq!(names(folder.path()), [""; 0]);
        }
    }
}
