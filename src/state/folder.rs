//! The folder itself: where it is, and what is made in it.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::system::{self, System};

use super::own_file::{in_time, own_file};

/// The folder; it is made when something is first kept in it.
#[derive(Clone, Debug)]
pub struct StateFolder {
    path: Option<PathBuf>,
}

impl StateFolder {
    /// The folder at `path`.
    pub fn new(path: PathBuf) -> StateFolder {
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

    pub(super) fn made(&self) -> io::Result<&Path> {
        let path = self.path.as_deref().ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::NotFound,
                "there is no state folder (--state-dir names one)",
            )
        })?;
        fs::create_dir_all(path)?;
        Ok(path)
    }

    /// Makes an empty file that only this user may read, unless something of that name is there.
    pub(super) fn make_private(&self, path: &Path) -> io::Result<()> {
        self.made()?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        system::keep_private(&mut options);
        match options.open(path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        }
    }

    pub(super) fn append(&self, list: &str, line: &str) -> io::Result<()> {
        let (folder, list) = (self.clone(), list.to_owned());
        let line = format!("{line}\n");
        in_time(move || {
            let mut file = own_file(&folder.made()?.join(list))?;
            // In one call, so that two cleanings do not mix their lines.
            file.write_all(line.as_bytes())
        })
    }
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
    fn windows_has_a_place_of_its_own() {
        let usual = |value: &'static str| {
            let env = move |name: &str| (name == "LOCALAPPDATA").then(|| OsString::from(value));
            StateFolder::usual(System::Windows, env).path
        };
        let base = if cfg!(windows) { "C:\\A" } else { "/A" };
        assert_eq!(usual(base), Some(Path::new(base).join("bkscan")));
        assert_eq!(usual("relative"), None);
    }
}
