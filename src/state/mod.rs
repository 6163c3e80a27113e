//! The folder in which bkscan keeps what it remembers for itself: the list of removals, locks where a
//! folder cannot be locked itself, the history of runs, and the ledger of what was read. Nothing here
//! may stop a scan or a removal.

mod database;
pub mod history;
pub mod ledger;

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Duration;

use sha1::{Digest, Sha1};

use crate::model::{PastRemoval, Udid};
use crate::system;
use crate::system::System;
use history::History;

/// The list of removals.
const REMOVALS: &str = "removals.jsonl";

/// So many bytes of the end of that list are read.
const MOST_OF_REMOVALS: u64 = 16 << 20;

/// The list of folders whose removal was begun.
const BEGUN: &str = "begun.txt";

/// A line of the list of removals, where a backup is no more what it was: also where not all of it could
/// be removed.
fn removal(line: &[u8]) -> Option<PastRemoval> {
    let line: serde_json::Value = serde_json::from_slice(line).ok()?;
    let word = |key: &str| line.get(key).and_then(serde_json::Value::as_str);
    let path = word("path")?;
    ["removed", "failed"]
        .contains(&word("outcome")?)
        .then_some(PastRemoval {
            at: word("at")?.parse().ok()?,
            // As the history writes it.
            path: path.strip_prefix(r"\\?\").unwrap_or(path).into(),
            udid: word("udid").and_then(Udid::parse),
            last_backup: word("last_backup").and_then(|at| at.parse().ok()),
            status_uuid: word("status_uuid").map(str::to_owned),
        })
}

fn note(word: &str, device: u64, inode: u64) -> String {
    format!("{word} {device} {inode}")
}

/// The folder; it is made when something is first kept in it.
#[derive(Clone, Debug)]
pub struct StateFolder {
    path: Option<PathBuf>,
}

/// The first of several errors, of which one is told.
#[derive(Debug, Default)]
pub struct FirstError(Mutex<Option<io::Error>>);

impl FirstError {
    /// Keeps the error, if it is the first one.
    pub fn keep(&self, done: io::Result<()>) {
        if let (Err(error), Ok(mut first)) = (done, self.0.lock()) {
            first.get_or_insert(error);
        }
    }

    /// The error, if there was one.
    pub fn into_inner(self) -> Option<io::Error> {
        self.0.into_inner().ok().flatten()
    }
}

/// Whether a lock could be had.
#[derive(Debug)]
pub enum StateLock {
    /// It is held for as long as the file is open.
    Held(File),
    /// Another process has it.
    Taken,
}

impl StateFolder {
    /// The folder at `path`.
    pub fn at(path: PathBuf) -> StateFolder {
        StateFolder { path: Some(path) }
    }

    /// None at all: nothing is kept.
    pub fn none() -> StateFolder {
        StateFolder { path: None }
    }

    /// The system's place for it: the XDG state folder on every Unix, `%LOCALAPPDATA%` on Windows.
    pub fn usual(system: System, env: impl Fn(&str) -> Option<OsString>) -> StateFolder {
        let base = match system {
            System::Windows => env("LOCALAPPDATA").map(PathBuf::from),
            System::Mac | System::Other => xdg(),
        };
        StateFolder {
            path: base
                .filter(|base| base.is_absolute())
                .map(|base| base.join("bkscan")),
        }
    }

    /// Where it is, if there can be one.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    fn made(&self) -> io::Result<&Path> {
        let path = self.path.as_deref().ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::NotFound,
                "there is no state folder (--state-dir names one)",
            )
        })?;
        fs::create_dir_all(path)?;
        Ok(path)
    }

    /// Adds a line to the list of removals, `removals.jsonl`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn record_removal(&self, line: &str) -> io::Result<()> {
        self.append(REMOVALS, line)
    }

    /// What bkscan removed, in that order. Lines that say nothing of the kind are passed over, and so is a
    /// list that cannot be read.
    pub fn removals(&self) -> Vec<PastRemoval> {
        let list = self.path.as_ref().map(|path| path.join(REMOVALS));
        let read = list.map(|list| in_time(move || tail(&list)));
        let text = read.and_then(Result::ok).unwrap_or_default();
        let lines = text.split(|byte| *byte == b'\n');
        lines.filter_map(removal).collect()
    }

    /// Notes that the removal of a folder, known by device and inode, is about to begin: what is left
    /// of it can then be told from somebody else's folder.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn record_begun(&self, (device, inode): (u64, u64)) -> io::Result<()> {
        self.append(BEGUN, &note("begun", device, inode))
    }

    /// Notes that the folder is gone: its number may be given to another one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn record_gone(&self, (device, inode): (u64, u64)) -> io::Result<()> {
        self.append(BEGUN, &note("gone", device, inode))
    }

    /// Whether it was noted that the removal of this folder began.
    pub fn has_begun(&self, (device, inode): (u64, u64)) -> bool {
        let Some(list) = self.path.as_ref().map(|path| path.join(BEGUN)) else {
            return false;
        };
        let [begun, gone] = ["begun", "gone"].map(|word| note(word, device, inode));
        let read = in_time(move || {
            let file = system::open_regular(&list)?;
            check_own(&file, &list)?;
            let lines = io::BufReader::new(file.take(LONGEST_LIST)).lines();
            Ok(lines.map_while(Result::ok).fold(false, |is_begun, line| {
                (is_begun && line != gone) || line == begun
            }))
        });
        read.unwrap_or(false)
    }

    /// What earlier runs found.
    pub fn history(&self) -> History {
        History::new(self.clone())
    }

    /// Makes an empty file that only this user may read, unless something of that name is there.
    fn make_private(&self, path: &Path) -> io::Result<()> {
        self.made()?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        system::keep_private(&mut options);
        match options.open(path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        }
    }

    fn append(&self, list: &str, line: &str) -> io::Result<()> {
        let (folder, list) = (self.clone(), list.to_owned());
        let line = format!("{line}\n");
        in_time(move || {
            let mut file = own_file(&folder.made()?.join(list))?;
            // In one call, so that two cleanings do not mix their lines.
            file.write_all(line.as_bytes())
        })
    }

    /// Locks a file that stands for `folder`.
    ///
    /// # Errors
    /// When there can be no such file, or it cannot be locked.
    pub fn lock(&self, folder: &Path) -> io::Result<StateLock> {
        let (state, name) = (self.clone(), lock_name(folder));
        in_time(move || {
            let file = own_file(&state.made()?.join(name))?;
            match file.try_lock() {
                Ok(()) => Ok(StateLock::Held(file)),
                Err(TryLockError::WouldBlock) => Ok(StateLock::Taken),
                Err(TryLockError::Error(error)) => Err(error),
            }
        })
    }
}

/// A longer list is not read to its end.
const LONGEST_LIST: u64 = 64 << 20;

/// Opens a file of our own to add to it, or makes it: never through a link, and nothing that is no plain
/// file or has another name elsewhere.
fn own_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    system::keep_private(&mut options);
    system::no_follow(&mut options);
    let file = options.open(path)?;
    check_own(&file, path)?;
    Ok(file)
}

/// The end of the list of removals.
fn tail(list: &Path) -> io::Result<Vec<u8>> {
    let mut file = system::open_regular(list)?;
    check_own(&file, list)?;
    let end = file.metadata()?.len();
    file.seek(SeekFrom::Start(end.saturating_sub(MOST_OF_REMOVALS)))?;
    let mut text = Vec::new();
    file.take(MOST_OF_REMOVALS).read_to_end(&mut text)?;
    Ok(text)
}

fn check_own(file: &File, path: &Path) -> io::Result<()> {
    let found = file.metadata()?;
    match system::facts(&found, || path.to_owned()).links {
        _ if !found.is_file() => Err(io::Error::other("it is not a plain file")),
        0 | 1 => Ok(()),
        _ => Err(io::Error::other(
            "it has another name elsewhere, and is not bkscan's own",
        )),
    }
}

/// Does work with a file, and gives up on it where the file system does not answer: a folder on a network
/// that is away must not hold up anything.
fn in_time<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    const PATIENCE: Duration = Duration::from_secs(10);
    let (sender, receiver) = mpsc::channel();
    thread::Builder::new().spawn(move || sender.send(work()))?;
    let gave_up = |_| io::Error::new(io::ErrorKind::TimedOut, "its disk does not answer");
    receiver.recv_timeout(PATIENCE).map_err(gave_up)?
}

/// The file that stands for a folder; the same one in every build, or two would not keep each other out.
fn lock_name(folder: &Path) -> String {
    let digest = Sha1::digest(system::path_bytes(folder.as_os_str()));
    let digits: String = digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("cleaning-{digits}.lock")
}

/// The XDG state folder, on macOS too.
fn xdg() -> Option<PathBuf> {
    use etcetera::BaseStrategy;
    etcetera::base_strategy::Xdg::new().ok()?.state_dir()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removals_are_listed_line_by_line() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateFolder::at(folder.path().join("a/b"));
        state.record_removal("{1}").unwrap();
        state.record_removal("{2}").unwrap();
        let list = folder.path().join("a/b/removals.jsonl");
        assert_eq!(fs::read_to_string(list).unwrap(), "{1}\n{2}\n");
    }

    #[test]
    fn a_removal_that_was_begun_is_known_by_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateFolder::at(folder.path().to_owned());
        assert!(!state.has_begun((1, 2)));
        state.record_begun((1, 2)).unwrap();
        state.record_begun((11, 22)).unwrap();
        assert!(state.has_begun((1, 2)));
        assert!(state.has_begun((11, 22)));
        assert!(!state.has_begun((1, 22)));
        assert!(!state.has_begun((2, 2)));
        state.record_gone((1, 2)).unwrap();
        assert!(!state.has_begun((1, 2)));
        assert!(state.has_begun((11, 22)));
        state.record_begun((1, 2)).unwrap();
        assert!(state.has_begun((1, 2)));
    }

    /// Puts something in the place of a file.
    #[cfg(unix)]
    type Put<'a> = &'a dyn Fn(&Path);

    #[cfg(unix)]
    #[test]
    fn nothing_but_a_plain_file_of_our_own_is_written_or_read() {
        let folder = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        let target = elsewhere.path().join("target");
        let state = StateFolder::at(folder.path().to_owned());
        let begun = folder.path().join(BEGUN);
        let put: [(&str, Put<'_>); 4] = [
            ("a link", &|file| {
                std::os::unix::fs::symlink(&target, file).unwrap();
            }),
            ("a file with two names", &|file| {
                fs::hard_link(&target, file).unwrap();
            }),
            ("a folder", &|file| fs::create_dir(file).unwrap()),
            ("a FIFO", &|file| {
                let made = std::process::Command::new("mkfifo").arg(file).status();
                assert!(made.unwrap().success());
            }),
        ];
        for (what, put) in put {
            fs::write(&target, "begun 1 2\n").unwrap();
            let lock = folder.path().join(lock_name(Path::new("/b")));
            for file in [&begun, &folder.path().join("removals.jsonl"), &lock] {
                put(file);
            }
            assert!(state.record_begun((3, 4)).is_err(), "{what}");
            assert!(state.record_removal("{}").is_err(), "{what}");
            assert!(state.lock(Path::new("/b")).is_err(), "{what}");
            assert!(!state.has_begun((1, 2)), "{what}");
            assert_eq!(
                fs::read_to_string(&target).unwrap(),
                "begun 1 2\n",
                "{what}"
            );
            for entry in fs::read_dir(folder.path()).unwrap() {
                let path = entry.unwrap().path();
                let is_folder = path.symlink_metadata().unwrap().is_dir();
                match is_folder {
                    true => fs::remove_dir(path).unwrap(),
                    false => fs::remove_file(path).unwrap(),
                }
            }
        }
    }

    #[test]
    fn a_folder_is_locked_once() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateFolder::at(folder.path().to_owned());
        let first = state.lock(Path::new("/b")).unwrap();
        assert!(matches!(first, StateLock::Held(_)));
        assert!(matches!(
            state.lock(Path::new("/b")).unwrap(),
            StateLock::Taken
        ));
        let other = state.lock(Path::new("/c")).unwrap();
        assert!(matches!(other, StateLock::Held(_)));
        drop(first);
        let again = state.lock(Path::new("/b")).unwrap();
        assert!(matches!(again, StateLock::Held(_)));
    }

    #[test]
    #[cfg_attr(windows, ignore = "paths have other bytes there")]
    fn every_build_locks_the_same_file_for_a_folder() {
        let name = lock_name(Path::new("/Users/anna/Backup"));
        assert_eq!(name, "cleaning-3dfa34441ffecf65.lock");
    }

    #[test]
    fn windows_has_a_place_of_its_own() {
        let at = |value: &'static str| {
            let env = move |name: &str| (name == "LOCALAPPDATA").then(|| OsString::from(value));
            StateFolder::usual(System::Windows, env).path
        };
        let base = if cfg!(windows) { "C:\\A" } else { "/A" };
        assert_eq!(at(base), Some(Path::new(base).join("bkscan")));
        assert_eq!(at("relative"), None);
    }
}
