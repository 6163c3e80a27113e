//! Finds the one backup that a person means: a path or a folder's name, a UDID or the start of one, or
//! a device's name or the start of one that only one has (contract §1).

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use unicode_normalization::UnicodeNormalization as _;

use crate::find::{self, Candidate, Found};
use crate::model::progress::Monitor;
use crate::read::describe;
use crate::render::printable;
use crate::words::numbers;
use crate::{read, system};

use super::closest::closest;
use super::paths;
use crate::cli::exit_code::Exit;
use crate::cli::session::{Session, name_a_path};
use crate::cli::stop::{Remark, Stop};

/// A backup, and where to look so that it is seen beside the others.
pub struct Target {
    /// Its folder.
    pub path: PathBuf,
    /// What to scan.
    pub roots: Vec<PathBuf>,
    /// Whether these are the system's own places.
    pub default_roots: bool,
}

impl Target {
    /// One of those that were found below these roots.
    fn below(roots: &[PathBuf], default_roots: bool, chosen: &Names) -> Target {
        Target {
            path: chosen.path.clone(),
            roots: roots.to_vec(),
            default_roots,
        }
    }
}

/// Where to look for a backup by its name: the roots, and whether they are the system's own places.
pub type Places = (Vec<PathBuf>, bool);

/// Finds the one backup that words mean: a path or a name, which spaces may have taken apart, or a folder of
/// backups and the name of one of them. `verb`: the command that asks.
///
/// # Errors
/// 64 where several fit, 3 where none does.
pub fn target(session: &Session, words: &[PathBuf], verb: &str) -> Result<Target, Stop> {
    let (joined, notes) = paths::meant_by(words);
    let there: Vec<_> = (joined.iter().filter(|path| paths::is_there(path)))
        .map(|path| path.display().to_string())
        .collect();
    if there.len() > 1 {
        let one = format!("{verb} takes one backup at a time");
        let full = format!("{one}: {}", there.join(", "));
        return Err(Stop::usage(Remark::new(one, full)));
    }
    let (word, notes) = match joined.as_slice() {
        [one] => (one.clone(), notes),
        [folder, name @ ..] if !there.is_empty() && holds_backups(folder) => {
            let name = paths::joined(name);
            let roots = std::slice::from_ref(folder);
            return among(session, &name.to_string_lossy(), roots, false);
        }
        // A name with spaces, or a path that begins like another one.
        _ => {
            let whole = paths::joined(words);
            let notes = paths::is_there(&whole).then(|| paths::note(&whole));
            (whole, notes.into_iter().collect())
        }
    };
    session.say_notes(&notes);
    resolve(session, word.as_os_str(), &session.places())
}

/// Whether it is a folder of backups, and none itself.
pub fn holds_backups(path: &Path) -> bool {
    let found = find::find(&[path.to_owned()], &Monitor::silent());
    // One that lies in a backup says nothing of it.
    let is_backup = found.backups.iter().any(|backup| backup.path == path);
    path.is_dir() && !is_backup && !found.backups.is_empty()
}

/// Finds the one backup that a word means: by its path, else by a name among those in `places`.
///
/// # Errors
/// 64 where several fit, 3 where none does.
pub fn resolve(session: &Session, word: &OsStr, places: &Places) -> Result<Target, Stop> {
    let path = Path::new(word);
    match paths::is_there(path) {
        true => by_path(session, path),
        false => by_name(session, &word.to_string_lossy(), places),
    }
}

fn by_path(session: &Session, typed: &Path) -> Result<Target, Stop> {
    let root = [typed.to_owned()];
    let found = find::find(&root, &Monitor::silent());
    let alone = |path: &Path| Target {
        path: path.to_owned(),
        roots: root.to_vec(),
        default_roots: false,
    };
    // What lies in a backup is meant only where it is named.
    let own = found.backups.iter().position(|one| one.path == *typed);
    let meant = own.map_or(&found.backups[..], |index| &found.backups[index..=index]);
    match meant {
        [] => {
            let closed = session.tell_closed(&found);
            let others = found.problems.iter();
            let others = others.filter(|problem| closed != Some(&problem.path));
            let told = "that could not be looked at";
            let remarks = others.map(|problem| Remark::new(told, problem.message.clone()));
            Err(Stop::told(Exit::COULD_NOT_LOOK).and(remarks))
        }
        [one] if one.path == *typed => {
            // Its neighbours decide what may become of it.
            let parent = system::place(typed).0;
            let near = find::find(std::slice::from_ref(&parent), &Monitor::silent());
            let own = near.backups.iter().find(|other| same(&other.path, typed));
            Ok(match own {
                Some(own) => Target {
                    path: own.path.clone(),
                    roots: vec![parent],
                    default_roots: false,
                },
                None => alone(typed),
            })
        }
        [one] => Ok(alone(&one.path)),
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

/// By its name: among the backups in the folder before it, where it is written as the end of a path, else among
/// those in `places`. Where neither system nor settings have any, below the current folder: whoever stands in
/// a folder of backups need not name it.
fn by_name(session: &Session, name: &str, (roots, default_roots): &Places) -> Result<Target, Stop> {
    let path = Path::new(name);
    if let Some((folder, end)) = folder_and_name(path) {
        let folder = [folder];
        let beside = names(session, &find::find(&folder, &Monitor::silent()));
        if let Some(chosen) = one_of(session, &end, &beside)? {
            return Ok(Target::below(&folder, false, chosen));
        }
        if !beside.is_empty() {
            // A device's name may look like a path.
            let known = names(session, &find::find(roots, &Monitor::silent()));
            let chosen = one_of(session, name, &known)?;
            let target = chosen.map(|chosen| Target::below(roots, *default_roots, chosen));
            return target.ok_or_else(|| unknown(session, name, &beside));
        }
    }
    match (roots.as_slice(), path.components().count()) {
        ([], 0 | 1) => among(session, name, &[PathBuf::from(".")], false),
        ([], _) => {
            let meant = paths::meant(path, &[]);
            let message = paths::with_hint(&format!("{name} does not exist"), meant.as_deref());
            let remark = Remark::new("there is no such backup", message);
            Err(Stop::could_not_look(remark))
        }
        (roots, _) => among(session, name, roots, *default_roots),
    }
}

/// The folder that is there, and the name in it that no file has.
fn folder_and_name(path: &Path) -> Option<(PathBuf, String)> {
    let folder = path.parent()?;
    let is_folder = !folder.as_os_str().is_empty() && folder.is_dir();
    is_folder.then_some((folder.to_owned(), path.file_name()?.to_str()?.to_owned()))
}

/// What the backups that were found go by.
fn names(session: &Session, found: &Found) -> Vec<Names> {
    let read = |backup| Names::read(session, backup);
    found.backups.iter().map(read).collect()
}

/// By its name, among the backups below these folders.
fn among(
    session: &Session,
    name: &str,
    roots: &[PathBuf],
    default_roots: bool,
) -> Result<Target, Stop> {
    let found = find::find(roots, &Monitor::silent());
    let known = names(session, &found);
    if known.is_empty() && found.closed.is_empty() && roots == [Path::new(".")] {
        let message = format!("no backup is called {name}, and there is none below this folder");
        let stop = Stop::could_not_look(Remark::new(NOT_CALLED, message));
        return Err(stop.and(name_a_path(&by_its_path(session)).remarks));
    }
    if !default_roots {
        tell_blocking(session, &found);
    }
    if let Some(chosen) = one_of(session, name, &known)? {
        return Ok(Target::below(roots, default_roots, chosen));
    }
    if default_roots {
        tell_blocking(session, &found);
    }
    // Which names there are could not be seen.
    if known.is_empty() && !found.closed.is_empty() {
        return Err(Stop::told(Exit::COULD_NOT_LOOK));
    }
    Err(unknown(session, name, &known))
}

/// The one backup that a name means, if it means any.
///
/// # Errors
/// Where it could be any of several.
fn one_of<'a>(
    session: &Session,
    name: &str,
    known: &'a [Names],
) -> Result<Option<&'a Names>, Stop> {
    match choose(known, name).all.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(&known[*one])),
        several => {
            let several: Vec<&Names> = several.iter().map(|index| &known[*index]).collect();
            Err(ambiguous(session, name, &several))
        }
    }
}

/// The call with a path in place of a name.
fn by_its_path(session: &Session) -> String {
    match session.call.as_str() {
        call @ "bkscan diff" => format!("give the paths of both backups: {call} OLD NEW"),
        call => format!("give the path of the backup: {call} PATH"),
    }
}

/// What is said of a name that is not to be told.
const NOT_CALLED: &str = "no backup is called that";

/// No backup has this name; tells which there are.
pub fn unknown(session: &Session, name: &str, known: &[Names]) -> Stop {
    if known.is_empty() {
        let message = format!("no backup is called {name}, and there is none at all");
        return Stop::could_not_look(Remark::new(NOT_CALLED, message));
    }
    let message = match resembling(name, known) {
        Some(near) => format!("no backup is called {name}; did you mean {near}? There are:"),
        None => format!("no backup is called {name}; there are:"),
    };
    Stop::could_not_look(Remark::new(NOT_CALLED, message)).and(lines(session, known))
}

/// The name, or the path, that a mistyped one resembles most, if it does; else a name that has it in it.
fn resembling(name: &str, known: &[Names]) -> Option<String> {
    let path = Path::new(name);
    if path.components().count() > 1
        && let Some(meant) = paths::meant(path, &[])
    {
        return Some(meant.display().to_string());
    }
    let end = path.file_name().map(|end| end.to_string_lossy());
    let typed = folded(end.as_deref().unwrap_or(name));
    let names = known.iter().flat_map(|known| {
        let others = [&known.device, &known.udid].into_iter().flatten();
        others.chain([&known.folder])
    });
    let names: Vec<(String, &String)> = names.map(|name| (folded(name), name)).collect();
    let near = closest(&typed, names.iter().map(|(folded, _)| folded.as_str()));
    let is_near = |(folded, _): &&(String, &String)| match near {
        Some(near) => folded == near,
        None => typed.chars().count() > 2 && folded.contains(&typed),
    };
    names.iter().find(is_near).map(|(_, name)| (*name).clone())
}

/// Tells of the places that nothing can be said about.
fn tell_blocking(session: &Session, found: &Found) {
    let closed = session.tell_closed(found);
    let others = found.problems.iter().filter(|problem| problem.blocking);
    for problem in others.filter(|problem| closed != Some(&problem.path)) {
        let redacted = "a place could not be looked at";
        session.tell(&Remark::new(redacted, problem.message.clone()));
    }
}

/// A name could mean any of these backups.
pub fn ambiguous(session: &Session, name: &str, several: &[&Names]) -> Stop {
    let message = format!("{name} could be any of these; name one:");
    let redacted = format!("that could be any of {} backups", several.len());
    let lines = lines(session, several.iter().copied());
    Stop::usage(Remark::new(redacted, message)).and(lines)
}

/// What there is to choose by, of each a line.
fn lines<'a>(session: &Session, all: impl IntoIterator<Item = &'a Names>) -> Vec<Remark> {
    let lines = all.into_iter().map(|known| known.line(&session.zone));
    lines.map(Remark::personal).collect()
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
    /// What kind of device it is, such as `iPhone 15 Pro`.
    pub model: Option<String>,
    /// When it was made.
    pub made: Option<Timestamp>,
}

impl Names {
    fn read(session: &Session, candidate: &Candidate) -> Names {
        let metadata = read::metadata::read(&candidate.path, &candidate.name);
        let devices = &session.settings.file.devices;
        let own = metadata.udid.as_ref().and_then(|udid| devices.get(udid));
        let given = own.and_then(|own| own.name.as_deref());
        let device = describe::describe(&metadata);
        Names {
            path: candidate.path.clone(),
            folder: candidate.name.clone(),
            device: given.or(metadata.device_name()).map(str::to_owned),
            model: device.product_name.or(device.product_type),
            made: describe::last_backup(&metadata).map(|last| last.at),
            udid: metadata.udid.map(|udid| udid.to_string()),
        }
    }

    /// Folder, device, model and date, to choose by.
    fn line(&self, zone: &TimeZone) -> String {
        let [device, model] = [(&self.device, "device"), (&self.model, "model")]
            .map(|(known, what)| known.clone().unwrap_or_else(|| format!("unknown {what}")));
        let made = self.made.map(|made| numbers::day(made, zone));
        let made = made.as_deref().unwrap_or("no date");
        format!("  {}  {device}, {model}, {made}", self.path.display())
    }
}

/// The backups, or devices, that a name fits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fitting {
    /// Which ones.
    pub all: Vec<usize>,
    /// Whether it is their whole name, not only the start of one.
    pub is_whole: bool,
}

impl Fitting {
    /// Those of `count` that a name fits, by the first way in which any does; behind the ways for whole
    /// names those for the start of one.
    pub fn by(
        count: usize,
        whole: &[&dyn Fn(usize) -> bool],
        starts: &dyn Fn(usize) -> bool,
    ) -> Fitting {
        let fitting = |fits: &dyn Fn(usize) -> bool| {
            let all: Vec<usize> = (0..count).filter(|index| fits(*index)).collect();
            (!all.is_empty()).then_some(all)
        };
        match whole.iter().find_map(|fits| fitting(fits)) {
            Some(all) => Fitting {
                all,
                is_whole: true,
            },
            None => Fitting {
                all: fitting(starts).unwrap_or_default(),
                is_whole: false,
            },
        }
    }
}

/// A name as it is compared: without what cannot be seen, with straight apostrophes and quotes, with
/// single spaces, and in small letters. Phones write into names what is on no keyboard.
pub fn folded(name: &str) -> String {
    let straight = |c: char| match c {
        '\u{2018}'..='\u{201b}' | '\u{2bc}' => '\'',
        '\u{201c}'..='\u{201f}' => '"',
        c => c,
    };
    // Some systems write letters and their accents apart.
    let name: String = printable::clean(name).nfc().map(straight).collect();
    let words: Vec<&str> = name.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

/// Those that a name fits: a folder's whole name before all else, then a device's or its UDID, then the
/// start of one of these.
pub fn choose(known: &[Names], name: &str) -> Fitting {
    let wanted = folded(name);
    if wanted.is_empty() {
        return Fitting::default();
    }
    let names: Vec<[Option<String>; 2]> = known
        .iter()
        .map(|known| [&known.udid, &known.device].map(|name| name.as_deref().map(folded)))
        .collect();
    let has =
        |index: usize, fits: &dyn Fn(&String) -> bool| names[index].iter().flatten().any(fits);
    Fitting::by(
        known.len(),
        &[
            &|index| known[index].folder == name,
            &|index| folded(&known[index].folder) == wanted,
            &|index| has(index, &|own| *own == wanted),
        ],
        &|index| has(index, &|own| own.starts_with(&wanted)),
    )
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
            model: None,
            made: None,
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
            known("hers", "abcdef", "Zoé’s \u{201c}new\u{201d}\u{a0}phone"),
            known("HERS", "fedcba", "Abc"),
        ];
        for (name, expected, is_whole) in [
            // A folder's whole name wins over all else.
            ("iPad", &["iPad"][..], true),
            ("ipad", &["iPad"], true),
            ("hers", &["hers"], true),
            ("HERS", &["HERS"], true),
            ("Hers", &["hers", "HERS"], true),
            (
                "00008030-001122334455667a",
                &["00008030-001122334455667A"],
                true,
            ),
            ("tablet", &["iPad"], true),
            ("old phone", &["00008030-001122334455667A"], true),
            ("00008103-0012345678905678", &["other", "copy"], true),
            // The start of a UDID, or of a device's name.
            ("00008030", &["00008030-001122334455667A"], false),
            ("00008103", &["iPad", "other", "copy"], false),
            ("Old", &["00008030-001122334455667A"], false),
            ("tab", &["iPad"], false),
            // A whole name wins over the start of another one.
            ("abc", &["HERS"], true),
            ("ab", &["hers", "HERS"], false),
            // Apostrophes, quotes, spaces, accents as a keyboard has them.
            ("zoé's \"new\" phone", &["hers"], true),
            (
                "Zoe\u{301}\u{2019}S \u{201e}NEW\u{201c}  Phone ",
                &["hers"],
                true,
            ),
            ("Zoe\u{301}\u{2018}S \u{201d}NEW\"  Phone ", &["hers"], true),
            ("Zoé's", &["hers"], false),
            ("phone", &[], false),
            ("nobody", &[], false),
            ("", &[], false),
            (" ", &[], false),
            ("\u{200b}", &[], false),
        ] {
            let chosen = choose(&all, name);
            let folders: Vec<_> = (chosen.all.iter())
                .map(|index| all[*index].folder.as_str())
                .collect();
            assert_eq!(
                (folders.as_slice(), chosen.is_whole),
                (expected, is_whole),
                "{name}"
            );
        }
    }

    #[test]
    fn a_line_to_choose_by_has_all_that_tells_backups_apart() {
        let plain = known("/b/older", "x", "Hall iPad");
        let full = Names {
            model: Some("iPad Pro".to_owned()),
            made: Some("2024-06-14T08:00:00Z".parse().unwrap()),
            ..known("/b/older", "x", "Hall iPad")
        };
        let none = Names {
            device: None,
            ..known("/b/older", "x", "")
        };
        for (names, line) in [
            (full, "  /b/older  Hall iPad, iPad Pro, 14 Jun 2024"),
            (plain, "  /b/older  Hall iPad, unknown model, no date"),
            (none, "  /b/older  unknown device, unknown model, no date"),
        ] {
            assert_eq!(names.line(&TimeZone::UTC), line);
        }
    }
}
