//! A job in files of its own: the units of systemd, the agent of launchd.

use std::path::{Path, PathBuf};

use crate::system::{job_file, replace_file};

use super::call::Call;
use super::change::{Change, Failed};

/// A file that is written, or goes.
pub struct OneFile {
    path: PathBuf,
    old: Option<String>,
    new: Option<String>,
}

impl OneFile {
    /// The file at `path`, which is to hold `new`, or is to go. `mark` is in every text that bkscan writes there.
    ///
    /// # Errors
    /// When something else is there.
    pub fn of(path: PathBuf, new: Option<String>, mark: &str) -> Result<OneFile, String> {
        let shown = path.display();
        let old = job_file::read(&path).map_err(|error| {
            format!("{shown} could not be read, and was left as it is: {error}")
        })?;
        match &old {
            Some(old) if !old.contains(mark) => Err(format!(
                "{shown} is not from bkscan, and was left as it is; give it another name, or remove it"
            )),
            _ => Ok(OneFile { path, old, new }),
        }
    }

    /// Whether it is there.
    pub fn is_there(&self) -> bool {
        self.old.is_some()
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Files, and what is called before and after they change.
pub struct Files {
    /// What has to work before anything changes.
    pub before: Vec<Call>,
    /// The files.
    pub files: Vec<OneFile>,
    /// What takes them up.
    pub after: Vec<Call>,
    /// What lets go of them, before they are put back.
    pub let_go: Vec<Call>,
    /// What takes up the old ones again.
    pub undo: Vec<Call>,
}

/// Gives a file this text, or none.
fn put(path: &Path, text: Option<&String>) -> Result<(), String> {
    match text {
        Some(text) => {
            job_file::make_folder_of(path).map_err(|error| {
                format!(
                    "the folder of {} could not be made: {error}",
                    path.display()
                )
            })?;
            replace_file::replace(path, text).map_err(|error| error.to_string())
        }
        None => match job_file::read(path) {
            Ok(None) => Ok(()),
            _ => job_file::remove(path)
                .map_err(|error| format!("{} could not be removed: {error}", path.display())),
        },
    }
}

impl Change for Files {
    fn told(&self) -> Vec<String> {
        let calls = |calls: &[Call]| calls.iter().map(Call::shown).collect::<Vec<_>>();
        let files = self.files.iter().map(|file| {
            let does = match (&file.old, &file.new) {
                (None, _) => "new",
                (Some(_), Some(_)) => "in place of the one that is there",
                (Some(_), None) => "removed",
            };
            format!("{} ({does})", file.path.display())
        });
        let before = calls(&self.before).into_iter();
        before.chain(files).chain(calls(&self.after)).collect()
    }

    fn make(&self) -> Result<(), Failed> {
        for call in &self.before {
            call.run().map_err(|why| Failed {
                why,
                is_put_back: Ok(()),
            })?;
        }
        let mut changes = self.files.iter();
        let changed = changes.try_for_each(|file| put(&file.path, file.new.as_ref()));
        let taken_up = changed.and_then(|()| self.after.iter().try_for_each(Call::run));
        taken_up.map_err(|why| {
            for call in &self.let_go {
                let _ = call.run();
            }
            let mut back = self.files.iter();
            let back = back.try_for_each(|file| put(&file.path, file.old.as_ref()));
            Failed {
                why,
                is_put_back: back.and_then(|()| self.undo.iter().try_for_each(Call::run)),
            }
        })
    }
}
