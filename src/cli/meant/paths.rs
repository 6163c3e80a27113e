//! Paths as they were typed: one with a space in it arrives as several arguments where it was not
//! quoted, as in `bkscan ~/Library/Application Support/MobileSync`.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::find::{self, places};
use crate::system::inside;
use crate::system::{self, SYSTEM};

use crate::cli::meant::closest::closest;

/// No system opens a path that is longer, in bytes.
const LONGEST: usize = 32 * 1024;

/// What can be seen of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Something is there, if only a link that leads nowhere.
    There,
    /// It lies in a folder that we may not look into.
    Hidden,
    /// Nothing is there.
    Missing,
}

/// Looks what is at `path`.
pub fn presence(path: &Path) -> Presence {
    match path.symlink_metadata() {
        Ok(_) => Presence::There,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Presence::Hidden,
        Err(_) => Presence::Missing,
    }
}

/// Whether something is at `path`, if only a link that leads nowhere or a folder that we may not
/// look into.
pub fn is_there(path: &Path) -> bool {
    presence(path) != Presence::Missing
}

/// The path as it is from any other folder; as it was given, where the working directory is gone. Links
/// stay links.
pub fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Whether a file at `path` would lie in one of `scanned`, or in any backup: there nothing is written.
pub fn is_among_backups<'a>(path: &Path, scanned: impl IntoIterator<Item = &'a Path>) -> bool {
    inside::is_within(path, scanned) || find::backup_around(path).is_some()
}

/// Puts paths together as they are meant: those that a space took apart, and those in the home folder
/// where a `~` was quoted, so that no shell put that in its place. The second part of the answer are notes
/// about them.
pub fn meant_by(typed: &[PathBuf]) -> (Vec<PathBuf>, Vec<String>) {
    let home = etcetera::home_dir().ok();
    let at_home = |path: &Path| at_home(path, home.as_deref());
    let is_there = |path: &Path| presence(at_home(path).as_deref().unwrap_or(path));
    let (joined, mut notes) = join_unquoted(typed, is_there);
    let paths = joined.into_iter().map(|path| {
        let Some(meant) = at_home(&path) else {
            return path;
        };
        notes.retain(|told| *told != note(&path));
        notes.push(taken_at_home(&meant));
        meant
    });
    (paths.collect(), notes)
}

/// The note about a path that began with `~`.
pub fn taken_at_home(meant: &Path) -> String {
    format!(
        "taken as a path in the home folder: {} (a quoted ~ stays as it is)",
        meant.display()
    )
}

/// The path in the home folder that is meant by one that begins with `~`, unless that is there.
pub fn at_home(path: &Path, home: Option<&Path>) -> Option<PathBuf> {
    let rest = path.strip_prefix("~").ok()?;
    let home = home.filter(|home| home.is_absolute() && !is_there(path))?;
    Some(home.join(rest))
}

/// Puts paths together that a space took apart, left to right (contract §1). An argument that is not
/// there is joined with its followers by one space, and the shortest run that is there wins. One that is
/// there stands for itself, unless what follows it is not there, and the two together are. The second
/// part of the answer are notes about the paths that were meant.
pub fn join_unquoted(
    typed: &[PathBuf],
    look: impl Fn(&Path) -> Presence,
) -> (Vec<PathBuf>, Vec<String>) {
    let mut paths = Vec::new();
    let mut notes = Vec::new();
    let mut rest = typed;
    while !rest.is_empty() {
        let (run, after) = rest.split_at(run_length(rest, &look));
        let path = joined(run);
        if run.len() > 1 {
            notes.push(note(&path));
        }
        paths.push(path);
        rest = after;
    }
    (paths, notes)
}

/// How many arguments, from the first one on, are one path.
fn run_length(rest: &[PathBuf], look: impl Fn(&Path) -> Presence) -> usize {
    let is_there = |path: &Path| look(path) != Presence::Missing;
    let mut runs = (2..=rest.len())
        .map(|length| (length, joined(&rest[..length])))
        .take_while(|(_, path)| path.as_os_str().len() <= LONGEST);
    let run = match rest.first().map(|first| look(first)) {
        Some(Presence::Missing) => runs.find(|(_, path)| is_there(path)),
        Some(Presence::There) => runs
            .take_while(|(length, _)| {
                !is_there(&rest[length - 1])
                    && (*length == 2 || !is_there(&joined(&rest[1..*length])))
            })
            .find(|(_, path)| is_there(path)),
        // Together with what follows it would be as hidden.
        Some(Presence::Hidden) | None => None,
    };
    run.map_or(1, |(length, _)| length)
}

/// Words as one path, with a space between them.
pub fn joined(words: &[PathBuf]) -> PathBuf {
    let words: Vec<&OsStr> = words.iter().map(|word| word.as_os_str()).collect();
    words.join(" ".as_ref()).into()
}

/// What to tell of a path that was put together.
pub fn note(path: &Path) -> String {
    format!(
        "taken as one path: {} (quote it to be sure)",
        path.display()
    )
}

/// What a path that is not there may have meant: a run of the paths that it was given with, a space
/// between them, else a path of similar names.
pub fn meant(missing: &Path, given: &[PathBuf]) -> Option<PathBuf> {
    /// No path has so many spaces.
    const MOST: usize = 32;
    let position = given.iter().position(|path| path == missing);
    let runs = (2..=given.len().min(MOST)).flat_map(|length| given.windows(length).enumerate());
    let around = runs.filter(|(start, run)| {
        position.is_some_and(|position| (*start..start + run.len()).contains(&position))
            && run.iter().map(|path| path.as_os_str().len()).sum::<usize>() <= LONGEST
    });
    let mut around = around.map(|(_, run)| joined(run));
    around
        .find(|path| presence(path) == Presence::There)
        .or_else(|| similar(missing))
}

/// The same path with each name that is not there replaced by the one that resembles it most.
fn similar(path: &Path) -> Option<PathBuf> {
    let mut near = PathBuf::new();
    for component in path.components() {
        let as_typed = near.join(component);
        if is_there(&as_typed) {
            near = as_typed;
            continue;
        }
        let Component::Normal(name) = component else {
            return None;
        };
        near.push(neighbour(&near, name.to_str()?)?);
    }
    (near != path).then_some(near)
}

/// The name in a folder that resembles another one most, if it does.
fn neighbour(folder: &Path, name: &str) -> Option<String> {
    /// So many entries are looked at: it is only a hint.
    const MOST: usize = 10_000;
    let folder = match folder.as_os_str().is_empty() {
        true => Path::new("."),
        false => folder,
    };
    let entries = fs::read_dir(folder).ok()?.flatten().take(MOST);
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort_unstable();
    let same = |other: &&String| other.to_lowercase() == name.to_lowercase();
    let same = names.iter().find(same).map(String::as_str);
    same.or_else(|| closest(name, names.iter().map(String::as_str)))
        .map(str::to_owned)
}

/// Why a path cannot be reached, links followed, where nothing is there; else nothing.
pub fn why_missing(path: &Path) -> Option<String> {
    let error = path.metadata().err()?;
    let missing = || {
        let target = |path: &Path| path.read_link().ok();
        let exists = |path: &Path| path.exists();
        places::why_missing(path, SYSTEM, target, exists)
    };
    system::is_absence(&error).then(|| missing().message(path))
}

/// A sentence about a path that is not there, with what may have been meant.
pub fn with_hint(sentence: &str, meant: Option<&Path>) -> String {
    match meant {
        None => sentence.to_owned(),
        Some(meant) if sentence.ends_with(['?', '.']) => {
            format!("{sentence} Did you mean {}?", meant.display())
        }
        Some(meant) => format!("{sentence}; did you mean {}?", meant.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes of `typed` where `there` is there, and `hidden` cannot be seen.
    fn join(typed: &[&str], there: &[&str], hidden: &[&str]) -> (Vec<String>, Vec<String>) {
        let typed: Vec<PathBuf> = typed.iter().map(PathBuf::from).collect();
        let has = |all: &[&str], path: &Path| all.iter().any(|one| Path::new(one) == path);
        let (paths, notes) = join_unquoted(&typed, |path| {
            if has(there, path) {
                Presence::There
            } else if has(hidden, path) {
                Presence::Hidden
            } else {
                Presence::Missing
            }
        });
        let texts = paths.iter().map(|path| path.display().to_string());
        (texts.collect(), notes)
    }

    /// In words: what is so, what is typed, what is there, and what comes of it.
    type Case = (
        &'static str,
        &'static [&'static str],
        &'static [&'static str],
        &'static [&'static str],
    );

    const CASES: &[Case] = &[
        (
            "the user's own command line",
            &["/u/Library/Application", "Support/MobileSync"],
            &["/u/Library/Application Support/MobileSync"],
            &["/u/Library/Application Support/MobileSync"],
        ),
        (
            "the same beside a folder that is called like its beginning",
            &["/u/Library/Application", "Support/MobileSync"],
            &[
                "/u/Library/Application",
                "/u/Library/Application Support/MobileSync",
            ],
            &["/u/Library/Application Support/MobileSync"],
        ),
        (
            "that of Windows, where both folders are usual",
            &[r"C:\Users\a\Roaming\Apple", r"Computer\MobileSync"],
            &[
                r"C:\Users\a\Roaming\Apple",
                r"C:\Users\a\Roaming\Apple Computer\MobileSync",
            ],
            &[r"C:\Users\a\Roaming\Apple Computer\MobileSync"],
        ),
        (
            "both are there: each stands for itself, whatever they are together",
            &["a", "b"],
            &["a", "b", "a b"],
            &["a", "b"],
        ),
        (
            "what follows is not there, nor are the two together",
            &["a", "b"],
            &["a"],
            &["a", "b"],
        ),
        (
            "the shortest run wins, also over a longer one",
            &["a", "b", "c"],
            &["a b", "a b c"],
            &["a b", "c"],
        ),
        (
            "the two together win over three",
            &["a", "b", "c"],
            &["a", "a b", "a b c"],
            &["a b", "c"],
        ),
        (
            "several words that are not there belong to the one before them",
            &["a", "b", "c"],
            &["a", "a b c"],
            &["a b c"],
        ),
        (
            "unless they are something by themselves",
            &["a", "b", "c"],
            &["a", "b c", "a b c"],
            &["a", "b c"],
        ),
        (
            "or one of them is",
            &["a", "b", "c"],
            &["a", "c", "a b c"],
            &["a", "b", "c"],
        ),
        (
            "a run of three, and one more path",
            &["a", "b", "c", "d"],
            &["a b c", "d"],
            &["a b c", "d"],
        ),
        (
            "what is there may be joined to what is not",
            &["a", "b"],
            &["b", "a b"],
            &["a b"],
        ),
        (
            "a path that is missing takes nothing with it",
            &["x", "a", "b"],
            &["a b"],
            &["x", "a b"],
        ),
        (
            "two paths that were taken apart",
            &["a", "b", "c", "d"],
            &["a", "a b", "c d"],
            &["a b", "c d"],
        ),
        ("nothing is there", &["x", "y"], &[], &["x", "y"]),
        ("nothing was typed", &[], &[], &[]),
    ];

    #[test]
    fn what_a_space_took_apart_is_put_together() {
        for (case, typed, there, expected) in CASES {
            let (paths, notes) = join(typed, there, &[]);
            assert_eq!(paths, *expected, "{case}");
            let typed: Vec<String> = typed.iter().map(ToString::to_string).collect();
            let meant = paths.iter().filter(|path| !typed.contains(path));
            let said = meant.map(|path| format!("taken as one path: {path} (quote it to be sure)"));
            assert_eq!(notes, said.collect::<Vec<_>>(), "{case}");
        }
    }

    #[test]
    fn a_tilde_that_is_no_folder_is_the_home_folder() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path();
        for (typed, expected) in [
            ("~/Library/a b", Some(home.join("Library/a b"))),
            ("~/none", Some(home.join("none"))),
            ("~", Some(home.join(""))),
            ("~anna/x", None),
            ("a/~/x", None),
            ("./~/x", None),
            ("x", None),
        ] {
            assert_eq!(at_home(Path::new(typed), Some(home)), expected, "{typed}");
        }
        assert_eq!(at_home(Path::new("~/x"), None), None);
    }

    /// Below a folder that may not be looked into, every path could be there.
    #[test]
    fn what_cannot_be_seen_is_not_put_together() {
        let (paths, notes) = join(&["/c/a", "b"], &[], &["/c/a", "/c/a b"]);
        assert_eq!((paths, notes), (vec!["/c/a".into(), "b".into()], vec![]));
        // Here the joined one is known to begin with something that is there.
        let (paths, _) = join(&["a", "b/c"], &["a"], &["a b/c"]);
        assert_eq!(paths, ["a b/c"]);
    }

    #[test]
    fn a_path_that_is_missing_may_have_meant_another_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["MobileSync/Backup", "My old", "My old big disk", "other"] {
            fs::create_dir_all(path(name)).unwrap();
        }
        for (missing, given, expected) in [
            ("MobilSync", &["MobilSync"][..], Some("MobileSync")),
            ("Mobilesync/BACKUP", &[], Some("MobileSync/Backup")),
            ("MobilSync/Bakup", &[], Some("MobileSync/Backup")),
            ("MobilSync/none", &[], None),
            ("quite different", &[], None),
            // A run that has the one that is missing in it.
            ("big", &["My old", "big", "disk"], Some("My old big disk")),
            ("disk", &["My old", "big", "disk"], Some("My old big disk")),
        ] {
            // Only the first of several paths begins with the folder.
            let given: Vec<PathBuf> = given
                .iter()
                .enumerate()
                .map(|(position, name)| match position {
                    0 => path(name),
                    _ => name.into(),
                })
                .collect();
            let whole = path(missing);
            let missing = given
                .iter()
                .find(|one| one.ends_with(missing))
                .unwrap_or(&whole);
            if missing.exists() {
                // The case of a name is none of this file system's concerns.
                continue;
            }
            let found = meant(missing, &given);
            assert_eq!(found, expected.map(path), "{missing:?}");
        }
    }

    #[test]
    fn a_hint_goes_well_with_its_sentence() {
        let meant = Some(Path::new("/m"));
        assert_eq!(with_hint("a does not exist", None), "a does not exist");
        assert_eq!(
            with_hint("a does not exist", meant),
            "a does not exist; did you mean /m?"
        );
        assert_eq!(
            with_hint("a is not there. Is the disk connected?", meant),
            "a is not there. Is the disk connected? Did you mean /m?"
        );
    }
}
