//! A job in files of its own: the units of systemd, the agent of launchd.

use std::path::{Path, PathBuf};

use crate::cli::meant::paths;
use crate::system::job_file;
use crate::words::schedule;

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

    /// What becomes of it, and the lines of it that go.
    fn told(&self) -> Vec<String> {
        let shown = self.path.display();
        let (old, new) = match (&self.old, &self.new) {
            (None, _) => return vec![format!("{shown} (new)")],
            (Some(_), None) => return vec![format!("{shown} (removed)")],
            (Some(old), Some(new)) => (old, new),
        };
        let gone = schedule::gone(old, new);
        let more = match gone.is_empty() {
            true => "",
            false => ", of which these lines go",
        };
        let head = format!("{shown} (in place of the one that is there{more})");
        let gone = gone.into_iter().map(|line| format!("  {line}"));
        std::iter::once(head).chain(gone).collect()
    }

    /// Whether what is there is still what was there. What came meanwhile may be anybody's.
    fn is_as_before(&self) -> Result<(), String> {
        match job_file::read(&self.path) {
            Ok(now) if now == self.old => Ok(()),
            _ => Err(format!("{} has changed meanwhile", self.path.display())),
        }
    }

    fn change(&self) -> Result<(), String> {
        self.is_as_before()?;
        self.put(self.new.as_deref(), self.old.is_some())
    }

    /// Puts back what was there, in place of nothing but what bkscan itself has put there.
    fn give_back(&self) -> Result<(), String> {
        match job_file::read(&self.path) {
            Ok(now) if now == self.old => Ok(()),
            Ok(now) if now == self.new => self.put(self.old.as_deref(), now.is_some()),
            _ => Err(format!(
                "{} has changed meanwhile, and was left as it is",
                self.path.display()
            )),
        }
    }

    /// Gives it this text, or none.
    fn put(&self, text: Option<&str>, replaces: bool) -> Result<(), String> {
        let shown = self.path.display();
        match text {
            Some(text) => job_file::make_folder_of(&self.path)
                .map_err(|error| format!("the folder of {shown} could not be made: {error}"))
                .and_then(|()| {
                    job_file::write(&self.path, text, replaces)
                        .map_err(|error| format!("{shown} could not be written: {error}"))
                }),
            None if replaces => job_file::remove(&self.path)
                .map_err(|error| format!("{shown} could not be removed: {error}")),
            None => Ok(()),
        }
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

impl Change for Files {
    fn told(&self) -> Vec<String> {
        let calls = |calls: &[Call]| calls.iter().map(Call::shown).collect::<Vec<_>>();
        let files = self.files.iter().flat_map(OneFile::told);
        let before = calls(&self.before).into_iter();
        before.chain(files).chain(calls(&self.after)).collect()
    }

    fn make(&self) -> Result<(), Failed> {
        for file in &self.files {
            file.is_as_before().map_err(Failed::untouched)?;
        }
        for call in &self.before {
            call.run().map_err(Failed::untouched)?;
        }
        let changed = self.files.iter().try_for_each(OneFile::change);
        let taken_up = changed.and_then(|()| self.after.iter().try_for_each(Call::run));
        taken_up.map_err(|why| {
            for call in &self.let_go {
                let _ = call.run();
            }
            // Each of them, whatever becomes of the others.
            let back: Vec<_> = self.files.iter().map(OneFile::give_back).collect();
            let back: Result<(), String> = back.into_iter().collect();
            let undone: Vec<_> = self.undo.iter().map(Call::run).collect();
            let undone: Result<(), String> = undone.into_iter().collect();
            Failed {
                why,
                is_put_back: back.and(undone),
            }
        })
    }
}

/// The folder of the user, where the text of a job says that it is installed.
///
/// # Errors
/// Where it is not known.
pub fn below_home(place: &str) -> Result<PathBuf, String> {
    let home = etcetera::home_dir();
    home.map(|home| home.join(place))
        .map_err(|_| "where your home folder is is not known. Set HOME".to_owned())
}

/// Files are written nowhere in what is scanned.
///
/// # Errors
/// Where one would be.
pub fn may_lie(path: &Path, roots: &[PathBuf]) -> Result<(), String> {
    let roots = roots.iter().map(PathBuf::as_path);
    match paths::is_among_backups(path, roots) {
        false => Ok(()),
        true => Err(format!(
            "{} lies in what is to be scanned, where nothing is written",
            path.display()
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn made(file: OneFile, before: Vec<Call>) -> (String, Result<(), String>) {
        let files = Files {
            before,
            files: vec![file],
            after: vec![],
            let_go: vec![],
            undo: vec![],
        };
        let failed = files.make().err().unwrap();
        (failed.why, failed.is_put_back)
    }

    /// Between the question and the answer anything may happen to a file.
    #[test]
    fn what_came_meanwhile_is_neither_replaced_nor_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("job");
        let told = format!("{} has changed meanwhile", path.display());
        for (old, new) in [
            (None, Some("new mark")),
            (Some("old mark"), Some("new mark")),
            (Some("old mark"), None),
        ] {
            let _ = fs::remove_file(&path);
            if let Some(old) = old {
                fs::write(&path, old).unwrap();
            }
            let file = OneFile::of(path.clone(), new.map(str::to_owned), "mark").unwrap();
            fs::write(&path, "mine").unwrap();
            // What would be called first is not called either.
            let before = vec![Call::of(&["/nowhere/program"])];
            assert_eq!(made(file, before), (told.clone(), Ok(())));
            assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_comes_while_a_program_is_called_stays_too() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};

        let folder = tempfile::tempdir().unwrap();
        let [path, other] = ["job", "other"].map(|name| folder.path().join(name));
        let file =
            |new: Option<&str>| OneFile::of(path.clone(), new.map(str::to_owned), "mark").unwrap();
        let told = format!("{} has changed meanwhile", path.display());
        fs::write(&other, "mine").unwrap();
        let [from, to] = [&other, &path].map(|path| path.to_str().unwrap());
        for call in [["cp", from, to].as_slice(), &["ln", "-s", from, to]] {
            let left = format!("{told}, and was left as it is");
            let ended = made(file(Some("new mark")), vec![Call::of(call)]);
            assert_eq!(ended, (told.clone(), Err(left)));
            assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
            fs::remove_file(&path).unwrap();
        }
        // Nor is a link followed that comes in the last moment.
        symlink(&other, &path).unwrap();
        job_file::write(&path, "new", false).unwrap_err();
        assert_eq!(fs::read_to_string(&other).unwrap(), "mine");
        job_file::write(&path, "new", true).unwrap();
        assert_eq!(fs::read_to_string(&other).unwrap(), "mine");
        // What may hold a secret is for its user alone.
        let mode = path.symlink_metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
