//! Removes everything that a walk meets, and counts what that frees.

use std::ffi::OsStr;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::system;

use super::entry::{Identity, Kind, Look};
use super::failures::{self, Failures};
use super::folder::Folder;
use super::step::{Observer, Step};
use super::visitor::Visitor;
use super::walk;

/// Without these no program takes the folder for a backup, so they go first, in this order; while the
/// first stays, all stays.
const FIRST: [&str; 2] = ["Status.plist", "Info.plist"];

/// What a removal did.
#[derive(Debug, Default)]
pub struct Removed {
    /// Allocated bytes of the files whose last name was removed, and of the folders.
    pub freed: u64,
    /// How many names of files, links and the like were removed.
    pub files: u64,
    /// How many folders were removed.
    pub folders: u64,
    /// The first few that could not be removed, or not be gone through, sorted; relative to the
    /// folder that holds backups. A folder that stays only for what is in it is not among them.
    pub failures: Vec<(PathBuf, io::Error)>,
    /// How many there are of them.
    pub failed: u64,
    /// Whether the observer ended it.
    pub stopped: bool,
    /// Whether nothing is left.
    pub gone: bool,
}

impl Removed {
    /// Nothing was removed, for this reason.
    pub(super) fn nothing(path: &Path, error: io::Error) -> Removed {
        Removed {
            failures: vec![(path.to_owned(), error)],
            failed: 1,
            ..Removed::default()
        }
    }
}

/// Removes the folder `name` in `parent`, if it is the one that is expected.
pub(super) fn remove(
    parent: &Folder,
    name: &OsStr,
    expected: Identity,
    observer: &Observer<'_>,
) -> Removed {
    let removal = Removal {
        top: Path::new(name),
        expected,
        place: parent.own(),
        observer,
        stopped: AtomicBool::new(false),
        links: Mutex::new(()),
        freed: AtomicU64::new(0),
        files: AtomicU64::new(0),
        folders: AtomicU64::new(0),
        failures: Mutex::new(failures::none()),
    };
    let gone = walk::visit(&removal, parent, name);
    let Failures {
        mut first, count, ..
    } = removal
        .failures
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    first.sort_by(|one, other| one.0.cmp(&other.0));
    Removed {
        freed: removal.freed.into_inner(),
        files: removal.files.into_inner(),
        folders: removal.folders.into_inner(),
        failures: first,
        failed: count,
        stopped: removal.stopped.into_inner(),
        gone,
    }
}

struct Removal<'a> {
    top: &'a Path,
    expected: Identity,
    /// The folder that holds backups: nothing is removed from another device or mount.
    place: Look,
    observer: &'a Observer<'a>,
    stopped: AtomicBool,
    /// Held from looking at a file with several names until one is removed: of two threads that
    /// remove the last two, only one may find that it is the last.
    links: Mutex<()>,
    freed: AtomicU64,
    files: AtomicU64,
    folders: AtomicU64,
    failures: Mutex<Failures>,
}

impl Removal<'_> {
    /// Tells the observer. Returns whether to go on.
    fn announce(&self, step: Step<'_>) -> bool {
        if self.is_stopped() {
            return false;
        }
        let go_on = (self.observer)(step) == ControlFlow::Continue(());
        if !go_on {
            self.stopped.store(true, Ordering::Relaxed);
        }
        go_on
    }
}

impl Visitor for Removal<'_> {
    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    fn enter(&self, folder: &Folder, path: &Path) -> io::Result<()> {
        let own = folder.own();
        if !own.is_at(&self.place) {
            return Err(io::Error::new(
                io::ErrorKind::CrossesDevices,
                "something else is mounted there",
            ));
        }
        if path != self.top {
            return Ok(());
        }
        if own.identity != self.expected {
            return Err(io::Error::other("is not the folder that was to be removed"));
        }
        for name in FIRST.map(OsStr::new) {
            let Ok(look) = folder.look(name) else {
                continue;
            };
            if look.identity.kind == Kind::Folder {
                continue;
            }
            // While the first one stays nothing else goes: the folder would still be taken for a
            // backup. What fails of the other is tried again with the rest, and told then.
            match self.file(folder, path, name, &look) {
                Err(error) if name == FIRST[0] => {
                    let why = system::in_words(&error);
                    let message = format!("its {} could not be removed: {why}", FIRST[0]);
                    return Err(io::Error::new(error.kind(), message));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn file(&self, folder: &Folder, path: &Path, name: &OsStr, look: &Look) -> io::Result<bool> {
        if !self.announce(Step::File { folder: path, name }) {
            return Ok(false);
        }
        let mut look = *look;
        let mut guard: Option<MutexGuard<'_, ()>> = None;
        if look.links > 1 {
            guard = Some(self.links.lock().unwrap_or_else(PoisonError::into_inner));
            look = folder.look(name)?;
        }
        folder.unlink(name, look.identity.kind)?;
        drop(guard);
        self.files.fetch_add(1, Ordering::Relaxed);
        if look.links <= 1 {
            self.freed.fetch_add(look.allocated, Ordering::Relaxed);
        }
        Ok(true)
    }

    fn leave(&self, above: &Folder, name: &OsStr, path: &Path, own: &Look) -> io::Result<()> {
        if !self.announce(Step::Folder { path }) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        above.remove_empty(name)?;
        self.folders.fetch_add(1, Ordering::Relaxed);
        // What it took with all in it, as the plan counts: some file systems give it up bit by bit.
        self.freed.fetch_add(own.allocated, Ordering::Relaxed);
        Ok(())
    }

    fn failed(&self, failures: Failures) {
        if failures.count > 0 {
            self.failures
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .append(failures);
        }
    }
}
