//! The folder that the new backup is to lie in, held: what an earlier mend left there goes, and at the end the
//! new one gets its name. All that is removed or renamed is so by `clean::remove`.

use std::ffi::OsStr;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;

use crate::clean::remove::{Holder, Lock, Step};
use crate::mend::mend_plan::MendPlan;
use crate::mend::place::{self, Place};
use crate::mendable::Refused;
use crate::model::Udid;
use crate::system;
use crate::system::making::{self, NewFolder};
use crate::system::replace_file::{self, NotWritten};

/// The folder, held against another mend.
pub struct Keeper {
    folder: NewFolder,
    holder: Holder,
    udid: Udid,
    /// Whether an earlier mend left its folder, so that the record may be that one's, too.
    had_leftover: bool,
}

impl Keeper {
    /// Opens and holds the folder, which is made where it is missing, and removes what an earlier mend left.
    ///
    /// # Errors
    /// Why that cannot be.
    pub fn take(place: &Place, source: &Path, udid: &Udid) -> Result<Keeper, Refused> {
        let path = &place.folder;
        let folder = NewFolder::open_or_make(path).map_err(|error| not_written(path, &error))?;
        let holder = Holder::open(path).map_err(|error| not_written(path, &error))?;
        if let Lock::Taken = holder.try_lock() {
            let busy = "another bkscan is at work in the folder of the new backup";
            let full = format!("another bkscan is at work in {}", path.display());
            return Err(Refused::new(busy, full).unseen());
        }
        // It was not held until now.
        let now = Place::find(path, source, udid)?;
        now.may_remove_leftover()?;
        let keeper = Keeper {
            folder,
            holder,
            udid: udid.clone(),
            had_leftover: now.leftover.is_some(),
        };
        keeper.remove_leftover()?;
        Ok(keeper)
    }

    fn remove_leftover(&self) -> Result<(), Refused> {
        if !self.had_leftover {
            return Ok(());
        }
        let name = place::unfinished(&self.udid);
        let name = OsStr::new(&name);
        let path = self.holder.path().join(name);
        let expected = (self.holder.identity(name)).map_err(|error| not_written(&path, &error))?;
        let removed = self
            .holder
            .remove(name, expected, &|_: Step<'_>| ControlFlow::Continue(()));
        match removed.gone {
            true => Ok(()),
            false => Err(Refused::new(
                "what an earlier mend left could not be removed",
                format!(
                    "{} is what an earlier mend left, and could not be removed; remove it by hand",
                    path.display()
                ),
            )),
        }
    }

    /// Makes the folder that the new backup is written in, under a name that nobody takes for one.
    ///
    /// # Errors
    /// Why it cannot be made.
    pub fn begin(&self, source: &Path) -> Result<NewFolder, Refused> {
        let name = place::unfinished(&self.udid);
        let like = making::mode_of_folder(source);
        (self.folder.folder(&name, like))
            .map_err(|error| not_written(&self.folder.path().join(&name), &error))
    }

    /// Gives the new backup its name, and puts the record beside it.
    ///
    /// # Errors
    /// Why that cannot be: then the new one keeps the name that nobody takes for a backup; or it has its own, and
    /// the words say so.
    pub fn end(&self, plan: &MendPlan, record: &str) -> Result<(), Refused> {
        let path = self.folder.path().join(place::record(&self.udid));
        // What may fail for want of room does so before the new backup has its name.
        let record = replace_file::unnamed(&path, record).map_err(|error| {
            Refused::new(
                "nothing was mended: the record of what was mended could not be written",
                format!("nothing was mended: {error}"),
            )
        })?;
        let from = place::unfinished(&self.udid);
        let renamed = self.holder.put_back(
            OsStr::new(&from),
            OsStr::new(self.udid.as_str()),
            &|_: Step<'_>| ControlFlow::Continue(()),
        );
        renamed.map_err(|error| not_written(&plan.result(), &error))?;
        let synced = self.folder.sync();
        record
            .name(self.had_leftover)
            .map_err(|error| not_recorded(&plan.result(), &error))?;
        synced.map_err(|error| not_settled(&plan.result(), &error))
    }
}

/// The new backup has its name, and only the record is missing.
fn not_recorded(result: &Path, error: &NotWritten) -> Refused {
    let advice = "what is lost is told once more by mend --plan --json with another folder";
    Refused::new(
        format!(
            "the new backup is there and complete, but the record of what was mended could not be written; {advice}"
        ),
        format!(
            "the new backup is there and complete ({}), but the record beside it is missing: {error}; {advice}",
            result.display()
        ),
    )
}

/// The new backup has its name, and it is not known whether the disk keeps that.
fn not_settled(result: &Path, error: &io::Error) -> Refused {
    let why = system::in_words(error);
    let start = "the new backup is there and complete";
    let but = "but the disk does not say that it is written to the end";
    Refused::new(
        format!("{start}, {but} ({why}); look at it with bkscan before you rely on it"),
        format!(
            "{start} ({}), {but}: {why}; look at it with bkscan before you rely on it",
            result.display()
        ),
    )
}

/// Why something could not be written, and what to do.
pub fn not_written(path: &Path, error: &io::Error) -> Refused {
    let advice = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "there is no room left on that disk: make room, or name a folder on another one"
        }
        io::ErrorKind::AlreadyExists => {
            "something is there that was not there before; look what it is"
        }
        io::ErrorKind::ReadOnlyFilesystem => "that disk cannot be written to: name another one",
        _ if making::is_too_large(error) => {
            "that disk cannot hold so large a file (FAT: 4 GB): name a folder on another one"
        }
        _ => "name a folder that you may write to",
    };
    let why = system::in_words(error);
    Refused::new(
        format!("nothing was mended: something could not be written ({why}); {advice}"),
        format!(
            "nothing was mended: {} could not be written: {why}; {advice}",
            path.display()
        ),
    )
}

/// Why something of the old backup could not be read.
pub fn not_read(path: &Path, error: &io::Error) -> Refused {
    let why = system::in_words(error);
    let advice = match system::is_damage(error) {
        true => {
            "; the disk cannot give what is on it. With --level contents, files that cannot be read go from the \
             list"
        }
        false => "",
    };
    Refused::new(
        format!("nothing was mended: a file of the backup could not be read ({why}){advice}"),
        format!(
            "nothing was mended: {} could not be read: {why}{advice}",
            path.display()
        ),
    )
}

/// Because the old backup changes meanwhile.
pub fn changed(path: &Path) -> Refused {
    let advice = "a backup may be running; try again when it is done";
    Refused::new(
        format!("nothing was mended: the backup changed while it was copied; {advice}"),
        format!(
            "nothing was mended: {} changed while it was copied; {advice}",
            path.display()
        ),
    )
}
