//! Where the new backup is to lie, and whether it may. Looks, and makes nothing.

use std::io;
use std::path::{Path, PathBuf};

use crate::facts::names;
use crate::find;
use crate::mendable::Refused;
use crate::model::Udid;
use crate::system::{self, inside};

/// The folder that the new backup is to lie in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// All links resolved, as far as it is there.
    pub folder: PathBuf,
    /// The part of it that is there.
    pub there: PathBuf,
    /// What an earlier mend left there, if anything has that name.
    pub leftover: Option<PathBuf>,
}

/// The name of a mend that is not done, and of what one leaves that was stopped.
pub fn unfinished(udid: &Udid) -> String {
    format!("{}{udid}", names::MENDING)
}

/// The name of the record beside the new backup.
pub fn record(udid: &Udid) -> String {
    format!("{udid}{}", names::MENDED_RECORD)
}

impl Place {
    /// Looks whether the backup in `source` may be mended into `folder`.
    ///
    /// # Errors
    /// Why not.
    pub fn find(folder: &Path, source: &Path, udid: &Udid) -> Result<Place, Refused> {
        let (there, folder) = resolved(folder)?;
        // The folder that holds it is not that of a link to it.
        let real = system::canonical(source);
        let source = real.as_deref().unwrap_or(source);
        let inside_source = inside::is_within(&folder, [source]);
        if inside_source {
            return Err(refused(
                &folder,
                "lies inside the backup that is to be mended; a backup is never mended in place",
            ));
        }
        let holder = system::place(source).0;
        let is_holder = is_same(&there, &holder) && there == folder;
        if is_holder || is_of_system(&holder) && inside::is_within(&folder, [holder.as_path()]) {
            let verb = if is_holder { "is" } else { "lies in" };
            let what = format!(
                "{verb} the folder that holds the backup that is to be mended; name one outside of it, such as \
                 one on another disk"
            );
            return Err(refused(&folder, &what));
        }
        if let Some(around) = find::backup_around(&folder.join("x")) {
            return Err(refused(
                &folder,
                &format!(
                    "lies inside a backup ({}), in which nothing is written",
                    around.display()
                ),
            ));
        }
        is_free(
            &folder.join(udid.as_str()),
            "mend never writes over anything",
        )?;
        let leftover = folder.join(unfinished(udid));
        let leftover = leftover.symlink_metadata().is_ok().then_some(leftover);
        if leftover.is_none() {
            is_free(
                &folder.join(record(udid)),
                "it is the record of an earlier mend: move it away first, or name another folder",
            )?;
        }
        Ok(Place {
            folder,
            there,
            leftover,
        })
    }

    /// Whether what has the name of a mend that was not done may be removed: it is a folder, and nothing is in it
    /// that mend does not write.
    ///
    /// # Errors
    /// Why not.
    pub fn may_remove_leftover(&self) -> Result<(), Refused> {
        let Some(leftover) = &self.leftover else {
            return Ok(());
        };
        let is_folder = leftover
            .symlink_metadata()
            .is_ok_and(|found| found.is_dir());
        if !is_folder {
            return Err(refused(
                leftover,
                "is no folder that mend made; remove it by hand",
            ));
        }
        let foreign = |error: io::Error| {
            refused(
                leftover,
                &format!("could not be listed: {}", system::in_words(&error)),
            )
        };
        for entry in leftover.read_dir().map_err(foreign)? {
            let entry = entry.map_err(foreign)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let is_own = match is_folder {
                true => names::shard_number(&name).is_some(),
                false => {
                    names::is_at_top(&name)
                        || names::is_clutter(name.as_ref())
                        || crate::model::FileId::parse(name.as_bytes()).is_some()
                }
            };
            if !is_own {
                return Err(refused(
                    leftover,
                    &format!(
                        "is what an earlier mend left, but holds {name}, which mend does not write; remove it by \
                         hand if it is not needed"
                    ),
                ));
            }
        }
        Ok(())
    }
}

/// Whether a folder is called as that in which Finder, iTunes and others keep their backups: nothing else belongs
/// there. Elsewhere backups lie beside all kinds of things.
fn is_of_system(holder: &Path) -> bool {
    holder.file_name().is_some_and(names::is_backups_folder)
}

fn refused(path: &Path, what: &str) -> Refused {
    Refused::new(
        "the folder that --to names cannot take the new backup; leave out --redact to see why",
        format!("{} {what}", path.display()),
    )
}

fn is_free(path: &Path, otherwise: &str) -> Result<(), Refused> {
    match path.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => {
            let why = system::in_words(&error);
            Err(refused(path, &format!("could not be looked at: {why}")))
        }
        Ok(_) => Err(refused(path, &format!("is there already; {otherwise}"))),
    }
}

/// The part of a path that is there, and all of it, links resolved.
fn resolved(folder: &Path) -> Result<(PathBuf, PathBuf), Refused> {
    let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    for ancestor in absolute.ancestors() {
        match ancestor.symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                let why = system::in_words(&error);
                return Err(refused(ancestor, &format!("could not be looked at: {why}")));
            }
            Ok(_) => {
                let real = match system::canonical(ancestor) {
                    Ok(real) => real,
                    Err(_) => return Err(refused(ancestor, "is a link that leads nowhere")),
                };
                if !real.is_dir() {
                    return Err(refused(ancestor, "is no folder"));
                }
                let rest = absolute.strip_prefix(ancestor).unwrap_or(Path::new(""));
                // Behind a folder that is yet to be made it may lead anywhere.
                if rest
                    .components()
                    .any(|part| part == std::path::Component::ParentDir)
                {
                    return Err(refused(
                        folder,
                        "goes up again behind a folder that is not there",
                    ));
                }
                let whole = match rest.as_os_str().is_empty() {
                    true => real.clone(),
                    false => real.join(rest),
                };
                return Ok((real, whole));
            }
        }
    }
    Err(refused(folder, "is not there"))
}

fn is_same(one: &Path, other: &Path) -> bool {
    let identity = |path: &Path| system::identity(path).ok().flatten();
    match (identity(one), identity(other)) {
        (Some(one), Some(other)) => one == other,
        _ => one.canonicalize().ok() == other.canonicalize().ok(),
    }
}
