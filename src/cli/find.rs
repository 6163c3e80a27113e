//! Finds the one backup that a person means: a path, a folder's name, a UDID or the start of one, or
//! a device's name that only one has.

use std::path::{Path, PathBuf};

use crate::discover::{self, Candidate, Found};
use crate::platform;
use crate::progress::Monitor;
use crate::read;

use super::session::Session;
use super::{exit_code, name_a_path, paths};

/// A backup, and where to look so that it is seen beside the others.
pub struct Target {
    /// Its folder.
    pub path: PathBuf,
    /// What to scan.
    pub roots: Vec<PathBuf>,
    /// Whether these are the system's own places.
    pub default_roots: bool,
}

/// Finds it.
///
/// # Errors
/// The exit code, after the reason was told: 64 where several fit, 3 where none does.
pub fn target(session: &Session, words: &[PathBuf]) -> Result<Target, u8> {
    let joined = session.join(words);
    let there: Vec<_> = (joined.iter().filter(|path| paths::is_there(path)))
        .map(|path| path.display().to_string())
        .collect();
    if there.len() > 1 {
        let one = "show takes one backup at a time";
        session.say_of(one, &format!("{one}: {}", there.join(", ")));
        return Err(exit_code::USAGE);
    }
    let [typed] = joined.as_slice() else {
        // A name with spaces that is no path.
        let name: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
        return by_name(session, &name.join(" "));
    };
    if !paths::is_there(typed) {
        return by_name(session, &typed.to_string_lossy());
    }
    let found = discover::find(std::slice::from_ref(typed), &Monitor::silent());
    // What lies in a backup is meant only where it is named.
    let own = found.backups.iter().position(|one| one.path == *typed);
    let meant = own.map_or(&found.backups[..], |at| &found.backups[at..=at]);
    match meant {
        [] => {
            let closed = session.tell_closed(&found);
            let others = found.problems.iter();
            for problem in others.filter(|problem| closed != Some(&problem.path)) {
                session.say_of("that could not be looked at", &problem.message);
            }
            Err(exit_code::COULD_NOT_LOOK)
        }
        [one] if one.path == *typed => {
            // Its neighbours decide what may become of it.
            let parent = platform::place(typed).0;
            let near = discover::find(std::slice::from_ref(&parent), &Monitor::silent());
            let own = near.backups.iter().find(|other| same(&other.path, typed));
            Ok(match own {
                Some(own) => Target {
                    path: own.path.clone(),
                    roots: vec![parent],
                    default_roots: false,
                },
                None => Target {
                    path: typed.clone(),
                    roots: vec![typed.clone()],
                    default_roots: false,
                },
            })
        }
        [one] => Ok(Target {
            path: one.path.clone(),
            roots: vec![typed.clone()],
            default_roots: false,
        }),
        several => {
            let read = |backup| Names::read(session, backup);
            let several: Vec<Names> = several.iter().map(read).collect();
            let several: Vec<&Names> = several.iter().collect();
            Err(ambiguous(session, &typed.to_string_lossy(), &several))
        }
    }
}

/// Whether two paths lead to one thing, links followed; `false` where one of them leads nowhere.
pub fn same(one: &Path, other: &Path) -> bool {
    one.canonicalize()
        .ok()
        .zip(other.canonicalize().ok())
        .is_some_and(|(one, other)| one == other)
}

fn by_name(session: &Session, name: &str) -> Result<Target, u8> {
    let (roots, default_roots) = session.places();
    if roots.is_empty() {
        session.say_of("there is no such backup", &format!("{name} does not exist"));
        return Err(match Path::new(name).components().count() {
            // A name can only be looked up where the system has places of its own.
            1 => name_a_path(session, "give the path of the backup: bkscan show PATH"),
            _ => exit_code::COULD_NOT_LOOK,
        });
    }
    let found = discover::find(&roots, &Monitor::silent());
    if !default_roots {
        tell_blocking(session, &found);
    }
    let read = |backup| Names::read(session, backup);
    let known: Vec<Names> = found.backups.iter().map(read).collect();
    match choose(&known, name).as_slice() {
        [one] => Ok(Target {
            path: known[*one].path.clone(),
            roots,
            default_roots,
        }),
        [] => {
            if default_roots {
                tell_blocking(session, &found);
            }
            // Which names there are could not be seen.
            if known.is_empty() && !found.closed.is_empty() {
                return Err(exit_code::COULD_NOT_LOOK);
            }
            Err(unknown(session, name, &known))
        }
        several => {
            let several: Vec<&Names> = several.iter().map(|at| &known[*at]).collect();
            Err(ambiguous(session, name, &several))
        }
    }
}

/// Tells that no backup has a name, and which there are.
pub fn unknown(session: &Session, name: &str, known: &[Names]) -> u8 {
    let message = format!("no backup is called {name}; there are:");
    session.say_of("no backup is called that", &message);
    for known in known {
        session.say_of("", &known.line());
    }
    exit_code::COULD_NOT_LOOK
}

/// Tells of the places that nothing can be said about.
fn tell_blocking(session: &Session, found: &Found) {
    let closed = session.tell_closed(found);
    let others = found.problems.iter().filter(|problem| problem.blocking);
    for problem in others.filter(|problem| closed != Some(&problem.path)) {
        session.say_of("a place could not be looked at", &problem.message);
    }
}

/// Tells which backups a name could mean.
pub fn ambiguous(session: &Session, name: &str, several: &[&Names]) -> u8 {
    let message = format!("{name} could be any of these; name one:");
    session.say_of(
        &format!("that could be any of {} backups", several.len()),
        &message,
    );
    for known in several {
        session.say_of("", &known.line());
    }
    exit_code::USAGE
}

/// The names that a backup goes by.
pub struct Names {
    /// Where it is.
    pub path: PathBuf,
    /// Its folder's name.
    pub folder: String,
    /// The device's identifier.
    pub udid: Option<String>,
    /// The device's name.
    pub device: Option<String>,
}

impl Names {
    fn read(session: &Session, candidate: &Candidate) -> Names {
        let metadata = read::metadata::read(&candidate.path, &candidate.name);
        let devices = &session.settings.file.devices;
        let own = metadata.udid.as_ref().and_then(|udid| devices.get(udid));
        let given = own.and_then(|own| own.name.as_deref());
        Names {
            path: candidate.path.clone(),
            folder: candidate.name.clone(),
            device: given.or(metadata.device_name()).map(str::to_owned),
            udid: metadata.udid.map(|udid| udid.to_string()),
        }
    }

    /// Path and device, to choose from.
    pub fn line(&self) -> String {
        let device = self.device.as_deref().unwrap_or("unknown device");
        format!("  {}  {device}", self.path.display())
    }
}

/// Those that a name fits, by the best way in which any does: a folder's name, a device's name, the
/// start of a UDID.
pub fn choose(known: &[Names], name: &str) -> Vec<usize> {
    let equal = |text: Option<&str>| text.is_some_and(|text| text.eq_ignore_ascii_case(name));
    let starts = |known: &Names| {
        let udid = known.udid.as_deref().unwrap_or_default();
        !name.is_empty()
            && udid
                .get(..name.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(name))
    };
    let ways: [&dyn Fn(&Names) -> bool; 3] = [
        &|known| equal(Some(&known.folder)),
        &|known| equal(known.device.as_deref()),
        &starts,
    ];
    ways.iter()
        .map(|fits| {
            let all = known.iter().enumerate();
            let fitting = all.filter(|(_, known)| fits(known));
            fitting.map(|(at, _)| at).collect::<Vec<_>>()
        })
        .find(|fitting| !fitting.is_empty())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(folder: &str, udid: &str, device: &str) -> Names {
        Names {
            path: folder.into(),
            folder: folder.to_owned(),
            udid: Some(udid.to_owned()),
            device: Some(device.to_owned()),
        }
    }

    #[test]
    fn the_best_way_in_which_a_name_fits_counts() {
        let all = [
            known(
                "00008030-001122334455667A",
                "00008030-001122334455667A",
                "Old phone",
            ),
            known("iPad", "00008103-0012345678901234", "Tablet"),
            known("other", "00008103-0012345678905678", "iPad"),
            known("copy", "00008103-0012345678905678", "iPad"),
        ];
        for (name, expected) in [
            ("iPad", &["iPad"][..]),
            ("tablet", &["iPad"]),
            ("old phone", &["00008030-001122334455667A"]),
            ("00008030", &["00008030-001122334455667A"]),
            ("00008103-0012345678905678", &["other", "copy"]),
            ("00008103", &["iPad", "other", "copy"]),
            ("nobody", &[]),
            ("", &[]),
        ] {
            let chosen: Vec<_> = choose(&all, name)
                .iter()
                .map(|at| all[*at].folder.as_str())
                .collect();
            assert_eq!(chosen, expected, "{name}");
        }
    }
}
