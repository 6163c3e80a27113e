//! Looks through a tree for what would keep it from being removed. Changes nothing.

use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::system::{self, SYSTEM, System};

use super::entry::{Kind, Look, PayloadKey};
use super::failures::Failures;
use super::folder::Folder;
use super::visitor::Visitor;
use super::walk;

/// Something that would keep a folder from being removed.
#[derive(Debug)]
pub struct Obstacle {
    /// Where, relative to the folder that holds backups; empty: that folder itself.
    pub path: PathBuf,
    /// What is the matter with it.
    pub hindrance: Hindrance,
}

/// Why a removal would not go through. Displayed as what is said of the path: "is a link".
#[derive(Debug)]
pub enum Hindrance {
    /// What is to be removed is a link.
    Link,
    /// What is to be removed is not a folder.
    NotAFolder,
    /// On another device than the folder that holds backups.
    OtherDevice,
    /// Mounted there, from the same device.
    MountPoint,
    /// Locked against changes by an attribute.
    Immutable,
    /// An attribute lets it grow only.
    AppendOnly,
    /// On a file system that is mounted read-only.
    ReadOnly,
    /// A folder that we may not change.
    NotWritable,
    /// Could not be looked at.
    Unreadable(io::Error),
}

impl fmt::Display for Hindrance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Hindrance::Link => f.write_str("is a link"),
            Hindrance::NotAFolder => f.write_str("is not a folder"),
            Hindrance::OtherDevice => f.write_str("is on another disk"),
            Hindrance::MountPoint => f.write_str("is mounted from elsewhere on the disk"),
            Hindrance::Immutable => f.write_str(match SYSTEM {
                System::Mac => {
                    "is locked against changes (Finder: File > Get Info, switch Locked off)"
                }
                _ => "is locked against changes",
            }),
            Hindrance::AppendOnly => f.write_str("is locked: it may only grow"),
            Hindrance::ReadOnly => f.write_str("is on a disk that can only be read"),
            Hindrance::NotWritable => f.write_str("is a folder that you may not change"),
            Hindrance::Unreadable(error) => {
                write!(f, "cannot be looked at: {}", system::in_words(error))
            }
        }
    }
}

impl From<PayloadKey> for Hindrance {
    fn from(seal: PayloadKey) -> Hindrance {
        match seal {
            PayloadKey::Immutable => Hindrance::Immutable,
            PayloadKey::AppendOnly => Hindrance::AppendOnly,
        }
    }
}

/// The first obstacle to removing the folder `name` in `holder`.
pub(super) fn find(holder: &Folder, name: &OsStr) -> io::Result<Option<Obstacle>> {
    let hindrance = match holder.look(name)?.identity.kind {
        Kind::Link => Some(Hindrance::Link),
        Kind::File => Some(Hindrance::NotAFolder),
        Kind::Folder => None,
    };
    if let Some(hindrance) = hindrance {
        let path = PathBuf::from(name);
        return Ok(Some(Obstacle { path, hindrance }));
    }
    let search = Search {
        place: holder.look_at_own()?,
        found: OnceLock::new(),
    };
    // Renaming and removing the folder changes the one that holds it.
    if search.look_at_folder(holder, &search.place, Path::new("")) {
        walk::visit(&search, holder, name);
    }
    Ok(search.found.into_inner())
}

struct Search {
    place: Look,
    found: OnceLock<Obstacle>,
}

impl Search {
    fn found(&self, path: PathBuf, hindrance: Hindrance) {
        // Another thread may have found one before.
        let _ = self.found.set(Obstacle { path, hindrance });
    }

    /// Looks at the folder itself. Returns whether there is no obstacle.
    fn look_at_folder(&self, folder: &Folder, own: &Look, path: &Path) -> bool {
        let hindrance = if own.identity.device != self.place.identity.device {
            Hindrance::OtherDevice
        } else if !own.is_at(&self.place) {
            Hindrance::MountPoint
        } else if let Some(seal) = own.seal {
            seal.into()
        } else {
            match folder.check_writable() {
                Ok(()) => return true,
                Err(error) => match error.kind() {
                    io::ErrorKind::ReadOnlyFilesystem => Hindrance::ReadOnly,
                    io::ErrorKind::PermissionDenied => Hindrance::NotWritable,
                    _ => Hindrance::Unreadable(error),
                },
            }
        };
        self.found(path.to_owned(), hindrance);
        false
    }
}

impl Visitor for Search {
    fn is_stopped(&self) -> bool {
        self.found.get().is_some()
    }

    fn enter(&self, folder: &Folder, path: &Path) -> io::Result<()> {
        self.look_at_folder(folder, &folder.own(), path);
        Ok(())
    }

    fn file(&self, _folder: &Folder, path: &Path, name: &OsStr, look: &Look) -> io::Result<bool> {
        // Its device is not compared: overlay file systems give files another one than folders.
        if look.mount != self.place.mount {
            self.found(path.join(name), Hindrance::MountPoint);
        } else if let Some(seal) = look.seal {
            self.found(path.join(name), seal.into());
        }
        Ok(false)
    }

    fn leave(&self, _above: &Folder, _name: &OsStr, _path: &Path, _own: &Look) -> io::Result<()> {
        Ok(())
    }

    fn failed(&self, failures: Failures) {
        if let Some((path, error)) = failures.first.into_iter().next() {
            self.found(path, Hindrance::Unreadable(error));
        }
    }
}
