//! Folders on Windows, where safe code can reach what is in one only by its path. Each is held open
//! without letting others delete or rename it, and none above it can be renamed meanwhile: so no
//! link can be put on the way to what is removed.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions, ReadDir};
use std::io;
use std::os::windows::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use winapi_util::file::Information;

use crate::clean::remove::entry::{Identity, Kind, Look, PayloadKey};

const FILE_SHARE_READ: u32 = 1;
const FILE_SHARE_WRITE: u32 = 2;
const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
const FILE_ATTRIBUTE_READONLY: u32 = 0x1;
const FILE_ATTRIBUTE_DIRECTORY: u64 = 0x10;
const FILE_ATTRIBUTE_REPARSE_POINT: u64 = 0x400;

/// An open folder.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    entries: Option<ReadDir>,
    own: Look,
    /// Only held.
    _handle: File,
}

impl Folder {
    /// Opens a folder whose path has no link in it. The file is another handle of it, to lock.
    pub fn top(path: &Path) -> io::Result<(File, Folder)> {
        Ok((open(path)?, Folder::new(path.to_owned())?))
    }

    /// Opens the folder `name` in `above`.
    pub fn open(above: &Folder, name: &OsStr) -> io::Result<Folder> {
        Folder::new(above.path.join(name))
    }

    fn new(path: PathBuf) -> io::Result<Folder> {
        let handle = open(&path)?;
        let information = winapi_util::file::information(&handle)?;
        let attributes = information.file_attributes();
        // Links and junctions, and folders that another program fills when they are entered.
        if attributes & FILE_ATTRIBUTE_REPARSE_POINT != 0
            || attributes & FILE_ATTRIBUTE_DIRECTORY == 0
        {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(Folder {
            path,
            entries: None,
            own: Look {
                identity: identity(&information, Kind::Folder),
                links: 1,
                allocated: 0,
                mount: None,
                seal: None,
            },
            _handle: handle,
        })
    }

    /// What the system told of the folder when it was opened.
    pub fn own(&self) -> Look {
        self.own
    }

    /// What the system tells of the folder now: as long as it is open, nothing that matters changes.
    pub fn look_at_own(&self) -> io::Result<Look> {
        Ok(self.own)
    }

    /// What stands at `name`.
    pub fn look(&self, name: &OsStr) -> io::Result<Look> {
        let path = self.path.join(name);
        let metadata = path.symlink_metadata()?;
        let kind = if metadata.is_symlink() {
            Kind::Link
        } else if metadata.is_dir() {
            Kind::Folder
        } else {
            Kind::File
        };
        // Opened for its attributes only: that needs no right to read and fetches nothing.
        let handle = OpenOptions::new()
            .access_mode(0)
            .custom_flags(FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT)
            .open(&path)?;
        let information = winapi_util::file::information(&handle)?;
        let is_read_only = metadata.file_attributes() & FILE_ATTRIBUTE_READONLY != 0;
        Ok(Look {
            identity: identity(&information, kind),
            links: information.number_of_links(),
            allocated: match kind {
                Kind::File => filesize::file_real_size_fast(&path, &metadata)?,
                Kind::Folder | Kind::Link => 0,
            },
            mount: None,
            // Of a folder the attribute says something else: that it has its own icon.
            seal: (kind == Kind::File && is_read_only).then_some(PayloadKey::Immutable),
        })
    }

    /// The name of the next entry.
    pub fn next_name(&mut self) -> Option<io::Result<OsString>> {
        let entries = match &mut self.entries {
            Some(entries) => entries,
            None => match fs::read_dir(&self.path) {
                Ok(entries) => self.entries.insert(entries),
                Err(error) => return Some(Err(error)),
            },
        };
        Some(entries.next()?.map(|entry| entry.file_name()))
    }

    /// Whether we may write cannot be asked in safe code; it shows when the folder is renamed.
    pub fn check_writable(&self) -> io::Result<()> {
        Ok(())
    }

    /// Removes something that is not a folder; a link to one is removed itself.
    pub fn unlink(&self, name: &OsStr, kind: Kind) -> io::Result<()> {
        let path = self.path.join(name);
        let is_folder_link =
            kind == Kind::Link && path.symlink_metadata()?.file_type().is_symlink_dir();
        if is_folder_link {
            fs::remove_dir(path)
        } else {
            fs::remove_file(path)
        }
    }

    /// Removes an empty folder.
    pub fn remove_empty(&self, name: &OsStr) -> io::Result<()> {
        fs::remove_dir(self.path.join(name))
    }

    /// Renames an entry, never over another. Something that is put there after we looked keeps a
    /// folder from being renamed; but for an empty folder, which would be lost.
    pub fn rename_new(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        let to = self.path.join(to);
        match to.symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::rename(self.path.join(from), &to).map_err(|error| {
                    // Why it failed is said in several ways if something came in between.
                    match to.symlink_metadata() {
                        Ok(_) => io::ErrorKind::AlreadyExists.into(),
                        Err(_) => error,
                    }
                })
            }
            Err(error) => Err(error),
            Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        }
    }
}

/// Opens a folder, or a link in its place, so that nobody can delete or rename it.
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .share_mode(FILE_SHARE_READ | FILE_SHARE_WRITE)
        .custom_flags(FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT)
        .open(path)
}

fn identity(information: &Information, kind: Kind) -> Identity {
    Identity {
        device: information.volume_serial_number(),
        inode: information.file_index(),
        kind,
    }
}
