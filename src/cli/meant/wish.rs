//! What `bkscan clean` is asked for, in terms of a report: the backups and devices that words mean.

use std::path::{Path, PathBuf};

use crate::clean::Wish;
use crate::model::{BackupIndex, Beside, BesideKind, Device, Report};
use crate::system::SYSTEM;
use crate::words::{numbers, shell};

use super::backup::{self, Fitting, Names};
use super::paths;
use crate::cli::flags::values;
use crate::cli::session::Session;
use crate::cli::stop::{Remark, Stop};

/// No name has more words: so many are tried together.
const MOST_WORDS: usize = 32;

/// Of words behind `--only`, the first that is a folder of backups and thus was meant as PATH, if there
/// are others.
pub fn swallowed(only: &[PathBuf]) -> Option<&PathBuf> {
    let mut words = only.iter().filter(|_| only.len() > 1);
    words.find(|path| backup::holds_backups(path))
}

/// The path has to stand before `--only`.
pub fn swallowed_stop(only: &[PathBuf], path: &PathBuf) -> Stop {
    const RULE: &str = "--only takes every word after it: write the path before it, as in";
    let backups = only.iter().filter(|word| *word != path);
    let backups = backups.map(PathBuf::as_path);
    let words = ["bkscan", "clean"].map(Path::new);
    let words = words
        .into_iter()
        .chain([path.as_path(), Path::new("--only")]);
    let words: Vec<String> = words
        .chain(backups)
        .map(|word| shell::quote(SYSTEM, word))
        .collect();
    Stop::usage(Remark::new(
        format!("{RULE} bkscan clean PATH --only BACKUP"),
        format!("{RULE} {}", words.join(" ")),
    ))
}

/// What the options ask for, in terms of the report.
///
/// # Errors
/// Where a word means no backup or device, or several.
pub fn wish(session: &Session, report: &Report) -> Result<Wish, Stop> {
    let wanted = &session.options;
    let only = match wanted.only.as_slice() {
        [] => None,
        words => Some(named(session, words, report)?),
    };
    let devices = match &wanted.device {
        None => None,
        Some(name) => Some(devices(session, name, report)?),
    };
    let older_than = wanted
        .older_than
        .map(|span| values::before(report.started_at, span));
    Ok(Wish {
        only,
        devices,
        older_than,
    })
}

/// The names of all backups, in the order of the report.
fn names(report: &Report) -> Vec<Names> {
    let backups = report.backups.iter();
    backups
        .map(|backup| Names {
            path: backup.path.clone(),
            folder: backup.folder_name(),
            udid: backup.udid.as_ref().map(ToString::to_string),
            device: backup.device.name.clone(),
            model: (backup.device.product_name.clone())
                .or_else(|| backup.device.product_type.clone()),
            made: backup.last_backup.map(|last| last.at),
        })
        .collect()
}

/// The backups that are meant by words, some of which a space may have taken apart.
fn named(session: &Session, words: &[PathBuf], report: &Report) -> Result<Vec<BackupIndex>, Stop> {
    let known = names(report);
    let mut chosen = Vec::new();
    let mut notes = Vec::new();
    let mut rest = words;
    while let [first, ..] = rest {
        let (length, found) = first_run(rest, |run| meant(&known, run));
        let (typed, after) = rest.split_at(length);
        match found.all.as_slice() {
            [] => {
                if let Some(path) = swallowed(words).filter(|path| *path == first) {
                    return Err(swallowed_stop(words, path));
                }
                if let Some(stop) = in_trash(first, report) {
                    return Err(stop);
                }
                let name = first.to_string_lossy();
                return Err(backup::unknown(session, &name, &known));
            }
            [one] => chosen.push(BackupIndex::new(*one)),
            several => {
                let several: Vec<&Names> = several.iter().map(|index| &known[*index]).collect();
                let word = paths::joined(typed);
                return Err(backup::ambiguous(
                    session,
                    &word.to_string_lossy(),
                    &several,
                ));
            }
        }
        if length > 1 {
            notes.push(paths::note(&paths::joined(typed)));
        }
        rest = after;
    }
    session.say_notes(&notes);
    Ok(chosen)
}

/// Of a word that is the path of a backup in a trash or a snapshot: that it is there, and stays.
fn in_trash(path: &Path, report: &Report) -> Option<Stop> {
    let is_it = |beside: &&Beside| {
        let is_place = matches!(beside.kind, BesideKind::Trash | BesideKind::Snapshot);
        is_place && backup::same(&beside.path, path)
    };
    let beside = report
        .beside
        .iter()
        .find(is_it)
        .filter(|_| paths::is_there(path))?;
    let place = match beside.kind {
        BesideKind::Snapshot => "a snapshot",
        _ => "a trash",
    };
    let why = format!("lies in {place}, and bkscan removes nothing there; nothing was done");
    let message = format!("{} {why}", path.display());
    let redacted = format!("what was named {why}");
    Some(Stop::could_not_look(Remark::new(redacted, message)))
}

/// How many words, from the first one on, mean something together, and what. The shortest run that is a
/// whole path or name wins, as with paths; but of one that is only the start of a name the longest does:
/// `Anna's old phone` is not Anna's, and whatever else begins with `old` or `phone`.
pub fn first_run(words: &[PathBuf], meant: impl Fn(&Path) -> Fitting) -> (usize, Fitting) {
    let runs: Vec<(usize, Fitting)> = (1..=words.len().min(MOST_WORDS))
        .map(|length| (length, meant(&paths::joined(&words[..length]))))
        .filter(|(_, found)| !found.all.is_empty())
        .collect();
    let whole = |length: usize| {
        let mut whole = runs.iter().filter(|(_, found)| found.is_whole);
        whole.find(|(own, _)| *own >= length)
    };
    let follows_nothing = || (words.get(1)).is_some_and(|next| meant(next).all.is_empty());
    let found = match whole(1) {
        Some((1, _)) if follows_nothing() => {
            whole(2).filter(|(own, _)| *own == 2).or_else(|| whole(1))
        }
        Some(shortest) => Some(shortest),
        None => runs.last(),
    };
    found.cloned().unwrap_or((1, Fitting::default()))
}

/// The backups that a word means: by its path, else by a name.
fn meant(known: &[Names], path: &Path) -> Fitting {
    if paths::is_there(path) {
        let same =
            |(index, known): (usize, &Names)| backup::same(&known.path, path).then_some(index);
        let all: Vec<usize> = known.iter().enumerate().filter_map(same).collect();
        if !all.is_empty() {
            return Fitting {
                all,
                is_whole: true,
            };
        }
    }
    backup::choose(known, &path.to_string_lossy())
}

/// The one device that is meant.
fn devices(session: &Session, name: &str, report: &Report) -> Result<Vec<usize>, Stop> {
    let fitting = fitting(report, name).all;
    let list = |devices: &[usize], line: &dyn Fn(&Device) -> Option<String>| {
        let lines = devices
            .iter()
            .filter_map(|index| line(&report.devices[*index]));
        lines.map(Remark::personal).collect::<Vec<_>>()
    };
    match fitting.as_slice() {
        [_] => Ok(fitting),
        [] => {
            let message = format!("no device is called {name}; there are:");
            let stop = Stop::could_not_look(Remark::new("no device is called that", message));
            let every: Vec<usize> = (0..report.devices.len()).collect();
            Err(stop.and(list(&every, &device_line)))
        }
        several => {
            let message = format!("{name} could be any of these; name one by its UDID:");
            let redacted = format!("that could be any of {} devices", several.len());
            let stop = Stop::usage(Remark::new(redacted, message));
            let line = |device: &Device| {
                let newest = &report.backups[*device.backups.first()?];
                let model = newest.device.product_name.as_ref();
                let model = model.or(newest.device.product_type.as_ref());
                let model = model.map_or("unknown model", String::as_str);
                let made = newest
                    .last_backup
                    .map(|last| numbers::day(last.at, &session.zone));
                let made = made.as_deref().unwrap_or("no date");
                Some(format!("{}, {model}, {made}", device_line(device)?))
            };
            Err(stop.and(list(several, &line)))
        }
    }
}

/// The devices that a name or a UDID fits, or the start of one.
fn fitting(report: &Report, name: &str) -> Fitting {
    let wanted = backup::folded(name);
    if wanted.is_empty() {
        return Fitting::default();
    }
    let has = |index: usize, fits: &dyn Fn(&str) -> bool| {
        let device = &report.devices[index];
        let udid = device.udid.as_ref().map(|udid| udid.as_str());
        let mut names = [device.name.as_deref(), udid].into_iter().flatten();
        names.any(|own| fits(&backup::folded(own)))
    };
    Fitting::by(
        report.devices.len(),
        &[&|index| has(index, &|own| own == wanted)],
        &|index| has(index, &|own| own.starts_with(&wanted)),
    )
}

/// What a device can be named by; nothing where it cannot be.
fn device_line(device: &Device) -> Option<String> {
    let udid = device.udid.as_ref().map(|udid| udid.as_str());
    match (udid, device.name.as_deref()) {
        (None, None) => None,
        (Some(udid), name) => Some(format!("  {udid}  {}", name.unwrap_or("unknown device"))),
        (None, Some(name)) => Some(format!("  {name}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The runs that words are taken for, where these are whole names, and these the start of one.
    fn runs(words: &[&str], whole: &[&str], starts: &[&str]) -> Vec<String> {
        let words: Vec<PathBuf> = words.iter().map(PathBuf::from).collect();
        let meant = |path: &Path| {
            let is = |all: &[&str]| all.iter().any(|one| Path::new(one) == path);
            let fits = is(whole) || is(starts);
            Fitting {
                all: fits.then_some(0).into_iter().collect(),
                is_whole: is(whole),
            }
        };
        let mut found = Vec::new();
        let mut rest = words.as_slice();
        while !rest.is_empty() {
            let (length, fitting) = first_run(rest, meant);
            let (run, after) = rest.split_at(length);
            let known = if fitting.all.is_empty() { "?" } else { "" };
            found.push(format!("{known}{}", paths::joined(run).display()));
            rest = after;
        }
        found
    }

    /// What is so, the words, whole names, starts of names, and what the words are taken for.
    type Case = (
        &'static str,
        &'static [&'static str],
        &'static [&'static str],
        &'static [&'static str],
        &'static [&'static str],
    );

    const CASES: &[Case] = &[
        (
            "two folders",
            &["older", "oldest"],
            &["older", "oldest"],
            &[],
            &["older", "oldest"],
        ),
        (
            "a name with a space",
            &["Spare", "phone"],
            &["Spare phone"],
            &[],
            &["Spare phone"],
        ),
        (
            "its first word alone is the start of it",
            &["Spare", "phone", "older"],
            &["Spare phone", "older"],
            &["Spare"],
            &["Spare phone", "older"],
        ),
        (
            "the start of a name takes as many words as it can",
            &["Anna's", "old", "iPhone"],
            &[],
            &["Anna's", "Anna's old", "Anna's old iPhone", "iPhone"],
            &["Anna's old iPhone"],
        ),
        (
            "two starts of two names",
            &["Anna", "Ben"],
            &[],
            &["Anna", "Ben"],
            &["Anna", "Ben"],
        ),
        (
            "the shortest whole name wins",
            &["My", "old", "disk"],
            &["My old", "My old disk"],
            &[],
            &["My old", "?disk"],
        ),
        (
            "what is there stands for itself",
            &["a", "b"],
            &["a", "b", "a b"],
            &[],
            &["a", "b"],
        ),
        (
            "unless what follows means nothing, and the two together do",
            &["a", "b"],
            &["a", "a b"],
            &[],
            &["a b"],
        ),
        ("nothing", &["a", "b"], &[], &[], &["?a", "?b"]),
    ];

    #[test]
    fn names_that_a_space_took_apart_are_put_together() {
        for (case, words, whole, starts, expected) in CASES {
            assert_eq!(runs(words, whole, starts), *expected, "{case}");
        }
    }
}
