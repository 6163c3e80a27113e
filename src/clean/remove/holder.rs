//! The folder that holds backups, and what can be asked of it.

use std::ffi::{OsStr, OsString};
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::facts::names::ASIDE;

use super::entry::{Identity, Kind};
use super::folder::Folder;
use super::obstacle::{self, Obstacle};
use super::removal::{self, Removed};
use super::step::{Observer, Step};

/// A name is cut to so many bytes before it is put behind [`ASIDE`]: with it and a number that
/// stays below the 255 that file systems take.
const LONGEST: usize = 200;

/// So many names are tried for a folder that is set aside.
const NUMBERS: u32 = 9999;

/// Whether a folder is locked against a second cleaning.
#[derive(Debug)]
pub enum Lock {
    /// By this [`Holder`], until it is dropped.
    Held,
    /// By another one, in this process or another.
    Taken,
    /// The file system cannot lock a folder: network disks, Windows.
    Impossible(io::Error),
}

/// Why a folder was not set aside. But for the last one nothing has changed.
#[derive(Debug)]
pub enum NotSetAside {
    /// What stands at the name is not what was expected.
    Replaced,
    /// The observer said so.
    Stopped,
    /// The system refused.
    Failed(io::Error),
    /// Something else was put in its place at the last moment, has been renamed to `aside` instead,
    /// and could not get its name back for this reason.
    Misnamed {
        /// The name that it has now.
        aside: OsString,
        /// Why it could not get its own back.
        error: io::Error,
    },
}

impl From<io::Error> for NotSetAside {
    fn from(error: io::Error) -> NotSetAside {
        NotSetAside::Failed(error)
    }
}

/// The folder that holds backups, opened once with all links resolved, and held. What it is asked
/// for by name is looked up directly in it; a name of several components is refused.
#[derive(Debug)]
pub struct Holder {
    path: PathBuf,
    handle: File,
    folder: Folder,
}

impl Holder {
    /// Opens the folder.
    ///
    /// # Errors
    /// When it is not there, is not a folder or may not be read.
    pub fn open(path: &Path) -> io::Result<Holder> {
        let path = path.canonicalize()?;
        let (handle, folder) = Folder::top(&path)?;
        Ok(Holder {
            path,
            handle,
            folder,
        })
    }

    /// Where it is, links resolved; to show, not to open again.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Locks the folder itself, which writes nothing.
    pub fn try_lock(&self) -> Lock {
        match self.handle.try_lock() {
            Ok(()) => Lock::Held,
            Err(TryLockError::WouldBlock) => Lock::Taken,
            Err(TryLockError::Error(error)) => Lock::Impossible(error),
        }
    }

    /// What stands at `name`, a link not followed.
    ///
    /// # Errors
    /// When nothing stands there or it cannot be looked at.
    pub fn identity(&self, name: &OsStr) -> io::Result<Identity> {
        check_name(name)?;
        Ok(self.folder.look(name)?.identity)
    }

    /// Looks through the folder at `name` for what would keep it from being removed. Changes
    /// nothing. What cannot be known before it is tried is not found: on Windows whether we may
    /// write, everywhere a file that somebody holds open or an access list that forbids removal.
    ///
    /// # Errors
    /// When nothing stands there or it cannot be looked at.
    pub fn obstacle(&self, name: &OsStr) -> io::Result<Option<Obstacle>> {
        check_name(name)?;
        obstacle::find(&self.folder, name)
    }

    /// Renames the folder at `name` to [`ASIDE`] and that name, with a number if that is taken, and
    /// returns the new name. Only the folder that is expected, and never over anything.
    ///
    /// # Errors
    /// See [`NotSetAside`].
    pub fn set_aside(
        &self,
        name: &OsStr,
        expected: Identity,
        observer: &Observer<'_>,
    ) -> Result<OsString, NotSetAside> {
        check_name(name)?;
        if expected.kind != Kind::Folder || self.folder.look(name)?.identity != expected {
            return Err(NotSetAside::Replaced);
        }
        for number in 1..=NUMBERS {
            let aside = aside_name(name, number);
            match self.folder.look(&aside) {
                Ok(_) => continue,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
            let step = Step::SetAside {
                name,
                aside: &aside,
            };
            if observer(step).is_break() {
                return Err(NotSetAside::Stopped);
            }
            match self.folder.rename_new(name, &aside) {
                Ok(()) => {
                    self.confirm(name, &aside, expected)?;
                    return Ok(aside);
                }
                Err(error) if is_taken(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(io::Error::from(io::ErrorKind::AlreadyExists).into())
    }

    /// Makes sure that what was renamed is what was looked at before, and not put in its place in
    /// between; that gets its name back.
    fn confirm(&self, name: &OsStr, aside: &OsStr, expected: Identity) -> Result<(), NotSetAside> {
        let moved = self.folder.look(aside);
        if moved.is_ok_and(|look| look.identity == expected) {
            return Ok(());
        }
        match self.folder.rename_new(aside, name) {
            Ok(()) => Err(NotSetAside::Replaced),
            Err(error) => Err(NotSetAside::Misnamed {
                aside: aside.to_owned(),
                error,
            }),
        }
    }

    /// Gives the folder `aside` the name `name`, never over anything. The observer hears of it and
    /// cannot prevent it: a backup must not stay without its name.
    ///
    /// # Errors
    /// When the name is taken or the system refuses.
    pub fn put_back(&self, aside: &OsStr, name: &OsStr, observer: &Observer<'_>) -> io::Result<()> {
        check_name(aside)?;
        check_name(name)?;
        let _ = observer(Step::PutBack { aside, name });
        self.folder.rename_new(aside, name)
    }

    /// Removes the folder `aside` with all in it, `Status.plist` and `Info.plist` first, then the
    /// rest in the current rayon pool. A folder that is half removed is finished; one that is not
    /// there is gone. What cannot be removed is named, and everything else goes.
    pub fn remove(&self, aside: &OsStr, expected: Identity, observer: &Observer<'_>) -> Removed {
        match check_name(aside) {
            Ok(()) => removal::remove(&self.folder, aside, expected, observer),
            Err(error) => Removed::nothing(Path::new(aside), error),
        }
    }
}

/// Refuses what is not the name of an entry: a path that leads elsewhere.
fn check_name(name: &OsStr) -> io::Result<()> {
    let mut components = Path::new(name).components();
    match (components.next(), components.next()) {
        (Some(Component::Normal(only)), None) if only == name => Ok(()),
        _ => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "not the name of a folder",
        )),
    }
}

/// The name under which `name` is removed; from the second on with the number.
pub(super) fn aside_name(name: &OsStr, number: u32) -> OsString {
    let mut aside = OsString::from(ASIDE);
    if name.len() <= LONGEST {
        aside.push(name);
    } else {
        // What is not UTF-8 gets longer by this, so it comes before the cut.
        let text = name.to_string_lossy();
        let whole = text
            .char_indices()
            .map(|(start, char)| start + char.len_utf8());
        let end = whole.take_while(|end| *end <= LONGEST).last();
        aside.push(&text[..end.unwrap_or(0)]);
    }
    if number > 1 {
        aside.push(format!("-{number}"));
    }
    aside
}

/// Whether an error of a rename says that something has the new name.
fn is_taken(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty
    )
}
