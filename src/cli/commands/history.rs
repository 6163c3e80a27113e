//! `bkscan history`: what earlier runs found; and with `--forget` what they are not to speak of any more.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use crate::model::progress::Monitor;
use crate::model::{PastBackup, PastRun, Remembered};
use crate::render::screen::history;
use crate::render::{json, printable};
use crate::report::{redact, trend};
use crate::words::numbers;
use crate::{find, read, system};

use crate::cli::exit_code::Exit;
use crate::cli::meant::backup::{self, Fitting, Names};
use crate::cli::meant::paths;
use crate::cli::meant::wish::first_run;
use crate::cli::memory::runs;
use crate::cli::session::Session;
use crate::cli::stop::{Remark, Stop};

/// Runs the command.
///
/// # Errors
/// Where there is nothing to tell, or it could not be told.
pub fn run(session: &Session, typed: Vec<PathBuf>) -> Result<Exit, Stop> {
    // A disk that is away is known by its path as it was.
    let paths = session.join(&typed);
    let as_typed = paths.iter().map(|path| paths::absolute(path));
    let wanted: Vec<PathBuf> = as_typed
        .chain(paths.iter().map(|path| runs::resolved(path)))
        .collect();
    let runs = session.state().history().runs().map_err(unreadable)?;
    let mut devices = trend::devices(&runs, &wanted);
    if devices.is_empty() && !typed.is_empty() {
        return Err(Stop::could_not_look(Remark::new(
            "no earlier run saw a backup there",
            format!(
                "no earlier run saw a backup at or below {}; bkscan history without a path lists all",
                paths[0].display()
            ),
        )));
    }
    if session.options.redact {
        redact::redact_history(&mut devices);
    }
    let style = session.style();
    session.print(Exit::WELL, |out| match session.options.json {
        true => json::history::write(&devices, out),
        false => history::write(&devices, &style, out),
    })
}

fn unreadable(error: impl ToString) -> Stop {
    let redacted = "the history could not be read";
    Stop::could_not_look(Remark::new(redacted, error.to_string()))
}

/// Has backups be forgotten that earlier runs saw.
///
/// # Errors
/// Where nothing, or not all, was forgotten.
pub fn forget(session: &Session, paths: &[PathBuf]) -> Result<Exit, Stop> {
    if !paths.is_empty() {
        let other = "--forget takes the backup and no other path; nothing was done";
        return Err(Stop::usage(Remark::plain(other)));
    }
    if system::is_root_for_another_user() {
        let own = "--forget is for the user whose runs are remembered: call it without sudo";
        return Err(Stop::could_not_look(Remark::plain(own)));
    }
    let history = session.state().history();
    let runs = history.runs().map_err(unreadable)?;
    let known = Known::of(&runs);
    let wanted = wanted(session, &known)?;
    for index in &wanted {
        let forgotten = history.forget(&known.all[*index], known.is_there(*index));
        forgotten.map_err(|error| {
            let redacted = "the backup could not be forgotten";
            Stop::could_not_look(Remark::new(redacted, error.to_string()))
        })?;
    }
    let texts = wanted.iter().map(|index| match known.is_there(*index) {
        true => still_there(session, &known.all[*index]),
        false => forgotten(session, &known.all[*index]),
    });
    let texts: Vec<String> = texts.collect();
    session.print(Exit::WELL, |out| {
        texts.iter().try_for_each(|text| writeln!(out, "{text}"))
    })
}

/// The backups that the history can speak of.
struct Known<'a> {
    runs: &'a [PastRun],
    all: Vec<Remembered>,
    names: Vec<Names>,
    /// Whether each is there: looked at once, where somebody asks.
    there: Vec<OnceCell<bool>>,
}

impl Known<'_> {
    fn of(runs: &[PastRun]) -> Known<'_> {
        let all = trend::remembered(runs);
        let names = all.iter().map(|known| Names {
            path: known.backup.path.clone(),
            folder: folder_of(known),
            udid: known.backup.udid.as_ref().map(ToString::to_string),
            device: known.backup.name.clone(),
            model: known.backup.product.clone(),
            made: known.backup.last_backup,
        });
        let names = names.collect();
        let there = vec![OnceCell::new(); all.len()];
        Known {
            runs,
            all,
            names,
            there,
        }
    }

    /// Whether it, or what became of it, is in its folder; so is what cannot be looked at.
    fn is_there(&self, index: usize) -> bool {
        *self.there[index].get_or_init(|| is_there(&self.all[index].backup))
    }

    /// Whether there is anything to forget of it.
    fn is_told(&self, index: usize) -> bool {
        !self.is_there(index) || trend::was_more(self.runs, &self.all[index])
    }

    /// Those that a word fits: by their path, which need not be there any more, else by a name. Of several
    /// of one device those are meant that are gone, else those that were more.
    fn meant(&self, path: &Path) -> Fitting {
        let is_path = |index: &usize| {
            let own = &self.all[*index].backup.path;
            *own == paths::absolute(path) || *own == runs::resolved(path)
        };
        let by_path: Vec<usize> = (0..self.all.len()).filter(is_path).collect();
        let found = match by_path.is_empty() {
            true => backup::choose(&self.names, &path.to_string_lossy()),
            false => Fitting {
                all: by_path,
                is_whole: true,
            },
        };
        let only = |wanted: &dyn Fn(usize) -> bool| {
            let all: Vec<usize> = found
                .all
                .iter()
                .copied()
                .filter(|index| wanted(*index))
                .collect();
            (!all.is_empty()).then_some(all)
        };
        let of = |index: usize| &self.all[index].backup.udid;
        let mut pairs = found.all.windows(2);
        if pairs.any(|pair| of(pair[0]) != of(pair[1])) {
            return found;
        }
        let all =
            only(&|index| !self.is_there(index)).or_else(|| only(&|index| self.is_told(index)));
        Fitting {
            all: all.unwrap_or_else(|| found.all.clone()),
            is_whole: found.is_whole,
        }
    }
}

/// Whether a backup, or what became of it, is in its folder; so is what cannot be looked at.
fn is_there(PastBackup { path, udid, .. }: &PastBackup) -> bool {
    let found = find::find(std::slice::from_ref(path), &Monitor::silent());
    let here = found.backups.iter().find(|backup| backup.path == *path);
    let is_own = here.is_some_and(|here| {
        let own = read::metadata::read(path, &here.name).udid;
        own.is_none() || udid.is_none() || own == *udid
    });
    is_own || !found.closed.is_empty()
}

/// The backups that are meant, some of whose names a space may have taken apart.
///
/// # Errors
/// Where a word means none, or several.
fn wanted(session: &Session, known: &Known<'_>) -> Result<Vec<usize>, Stop> {
    if known.all.is_empty() {
        let none = "no run is remembered here, so that there is nothing to forget";
        return Err(Stop::could_not_look(Remark::plain(none)));
    }
    let words = session.options.forget.as_slice();
    let mut chosen: Vec<usize> = Vec::new();
    let mut rest = words;
    while !rest.is_empty() {
        let (length, found) = first_run(rest, |run| known.meant(run));
        let (typed, after) = rest.split_at(length);
        let name = paths::joined(typed);
        let name = name.to_string_lossy();
        match found.all.as_slice() {
            [] => {
                // Of a name that nobody has, its words say no more each alone.
                let name = paths::joined(rest);
                return Err(backup::unknown(
                    session,
                    &name.to_string_lossy(),
                    &known.names,
                ));
            }
            all if !all.iter().any(|index| known.is_told(*index)) => {
                return Err(not_gone(&name));
            }
            [one] => chosen.extend((!chosen.contains(one)).then_some(*one)),
            several => {
                let several: Vec<&Names> =
                    several.iter().map(|index| &known.names[*index]).collect();
                return Err(backup::ambiguous(session, &name, &several));
            }
        }
        rest = after;
    }
    Ok(chosen)
}

/// There is nothing to forget of what is meant.
fn not_gone(name: &str) -> Stop {
    const RULE: &str = "--forget is for what is gone, or holds less than an earlier run saw; nothing \
                        was done";
    Stop::usage(Remark::new(
        format!("that backup is not gone: {RULE}"),
        format!("{name} is not gone: {RULE}"),
    ))
}

fn folder_of(known: &Remembered) -> String {
    let path = &known.backup.path;
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

/// What is not spoken of any more of a backup that is there.
fn still_there(session: &Session, wanted: &Remembered) -> String {
    if session.options.redact {
        return "What earlier runs saw of that backup is forgotten; it is there, and if it goes, that is \
                told."
            .to_owned();
    }
    let name = wanted.backup.name.as_deref();
    let text = format!(
        "What earlier runs saw of the backup of {} in {} is forgotten: bkscan will not say any more that it \
         held more. It is there, and if it goes, that is told.",
        name.unwrap_or("a device without a name"),
        wanted.backup.path.display(),
    );
    printable::clean(&text)
}

/// What is not spoken of any more.
fn forgotten(session: &Session, wanted: &Remembered) -> String {
    if session.options.redact {
        return "That backup is forgotten until a scan sees it again.".to_owned();
    }
    let backup = &wanted.backup;
    let day = |at| numbers::day(at, &session.zone);
    let which = match backup.last_backup {
        Some(at) => format!("The backup of {}", day(at)),
        None => "The backup without a date".to_owned(),
    };
    let name = backup.name.as_deref().unwrap_or("a device without a name");
    let text = format!(
        "{which} of {name} ({}), which was in {} on {}, is forgotten: bkscan will not say any more that \
         it is gone, nor that it held more than a later one. Its runs stay in the history, and a scan \
         that sees it again remembers it again.",
        numbers::size(backup.allocated),
        backup.path.display(),
        day(wanted.seen),
    );
    printable::clean(&text)
}
