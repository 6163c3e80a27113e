//! One file of the old backup into the new one: cloned, as a second name, or copied.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use crate::mendable::Refused;
use crate::model::progress::{Event, Monitor};
use crate::system::making::{self, NewFolder};
use crate::system::{self, Folder};

use super::keeper::{changed, not_read, not_written};

/// A longer file is told of, and can be stopped, after so many bytes.
const AT_ONCE: u64 = 64 << 20;

/// Makes a file of these bytes, and has it on the disk.
///
/// # Errors
/// Why it was not written.
pub fn put(new: &NewFolder, name: &str, bytes: &[u8]) -> Result<(), Refused> {
    let write = || {
        let mut file = new.file(name, None)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|error| not_written(&new.path().join(name), &error))
}

/// Clones or copies a list of the old backup; whether it was cloned.
///
/// # Errors
/// Why it was not written.
pub fn list(new: &NewFolder, name: &str, from: &Path) -> Result<bool, Refused> {
    let source = system::open_regular(from).map_err(|error| not_read(from, &error))?;
    let made = new.clone_of(name, &source);
    match made.map_err(|error| not_written(&new.path().join(name), &error))? {
        Some(file) => fill_list(source, file, new, name, from).map(|()| false),
        None => Ok(true),
    }
}

/// Copies a list that is to be changed: a clone would keep whatever forbids that.
///
/// # Errors
/// Why it was not written.
pub fn list_to_change(new: &NewFolder, name: &str, from: &Path) -> Result<(), Refused> {
    let source = system::open_regular(from).map_err(|error| not_read(from, &error))?;
    let file = new.file(name, making::mode_of(&source));
    let file = file.map_err(|error| not_written(&new.path().join(name), &error))?;
    fill_list(source, file, new, name, from)
}

fn fill_list(
    mut source: File,
    mut file: File,
    new: &NewFolder,
    name: &str,
    from: &Path,
) -> Result<(), Refused> {
    let copied = io::copy(&mut source, &mut file).and_then(|_| file.sync_all());
    // Which of the two is to blame is told by what only a disk that is read says.
    copied.map_err(|error| match system::is_damage(&error) {
        true => not_read(from, &error),
        false => not_written(&new.path().join(name), &error),
    })
}

/// A payload to bring over.
pub struct Payload<'a> {
    /// The folder that it lies in.
    pub from: &'a Folder,
    /// Its name there.
    pub name: &'a str,
    /// Its name in the new one.
    pub new_name: &'a str,
    /// Its length as it was seen.
    pub size: u64,
}

impl Payload<'_> {
    fn path(&self) -> std::path::PathBuf {
        self.from.path().join(self.name)
    }

    fn open(&self) -> Result<File, Refused> {
        let opened = self.from.file(self.name);
        let (file, stamp) = opened.map_err(|error| not_read(&self.path(), &error))?;
        match stamp.size == self.size {
            true => Ok(file),
            false => Err(changed(&self.path())),
        }
    }

    fn failed(&self, new: &NewFolder, error: &io::Error) -> Refused {
        not_written(&new.path().join(self.new_name), error)
    }

    /// Clones it, or copies it where that cannot be.
    ///
    /// # Errors
    /// Why it was not written.
    pub fn clone_into(&self, new: &NewFolder, monitor: &Monitor<'_>) -> Result<(), Refused> {
        let source = self.open()?;
        match new.clone_of(self.new_name, &source) {
            Ok(None) => Ok(()),
            Ok(Some(file)) => self.fill(source, file, new, monitor),
            Err(error) => Err(self.failed(new, &error)),
        }
    }

    /// Gives it a second name, or copies it where it cannot have another one.
    ///
    /// # Errors
    /// Why it was not written.
    pub fn link_into(&self, new: &NewFolder, monitor: &Monitor<'_>) -> Result<(), Refused> {
        match new.link(self.new_name, self.from, self.name) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::TooManyLinks => {
                self.copy_into(new, monitor)
            }
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::Unsupported
                        | io::ErrorKind::PermissionDenied
                        | io::ErrorKind::CrossesDevices
                ) =>
            {
                Err(Refused::new(
                    "nothing was mended: this disk gives no file a second name; leave out --link",
                    format!(
                        "nothing was mended: {} could not get a second name: {}; leave out --link to have the \
                         files copied",
                        self.path().display(),
                        system::in_words(&error)
                    ),
                ))
            }
            Err(error) if system::is_absence(&error) => Err(changed(&self.path())),
            Err(error) => Err(self.failed(new, &error)),
        }
    }

    /// Copies it.
    ///
    /// # Errors
    /// Why it was not written.
    pub fn copy_into(&self, new: &NewFolder, monitor: &Monitor<'_>) -> Result<(), Refused> {
        let source = self.open()?;
        let file = new.file(self.new_name, making::mode_of(&source));
        let file = file.map_err(|error| self.failed(new, &error))?;
        self.fill(source, file, new, monitor)
    }

    fn fill(
        &self,
        mut source: File,
        mut file: File,
        new: &NewFolder,
        monitor: &Monitor<'_>,
    ) -> Result<(), Refused> {
        let mut written = 0;
        loop {
            if monitor.is_stopped() {
                return Err(Refused::stopped());
            }
            let part = io::copy(&mut (&mut source).take(AT_ONCE), &mut file);
            let part = part.map_err(|error| match system::is_damage(&error) {
                true => not_read(&self.path(), &error),
                false => self.failed(new, &error),
            })?;
            written += part;
            if part < AT_ONCE {
                break;
            }
            monitor.tell(Event::Mended {
                files: 0,
                bytes: part,
            });
        }
        match written == self.size {
            true => Ok(()),
            false => Err(changed(&self.path())),
        }
    }
}
