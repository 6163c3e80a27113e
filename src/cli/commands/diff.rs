//! `bkscan diff OLD NEW`: what one backup holds that another one does not (contract §10).

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::model::{BackupReport, Level, Report};
use crate::render::json;
use crate::render::printable;
use crate::render::screen::diff::{self, Sides};
use crate::report::redact;
use crate::scan::pair::{Compared, Depth};
use crate::system::SYSTEM;
use crate::words::shell;

use crate::cli::exit_code::Exit;
use crate::cli::flags::words::LevelArg;
use crate::cli::meant::backup::{self, Target};
use crate::cli::meant::paths;
use crate::cli::session::Session;
use crate::cli::stop::{Remark, Stop};

/// Runs the command.
///
/// # Errors
/// Where the words do not mean two backups, or these could not be compared.
pub fn run(session: &Session, words: &[PathBuf]) -> Result<Exit, Stop> {
    let [old, new] = targets(session, words)?;
    compare(session, &old, &new)
}

/// The two backups that words mean.
///
/// # Errors
/// Where they do not.
fn targets(session: &Session, words: &[PathBuf]) -> Result<[Target; 2], Stop> {
    let [old, new] = two(session, words)?;
    let places = session.places();
    let target = |word: PathBuf| backup::resolve(session, word.as_os_str(), &places);
    let (old, new) = (target(old)?, target(new)?);
    if backup::same(&old.path, &new.path) {
        let twice = "both words mean the same backup: name two different ones";
        let full = format!("{twice} ({})", old.path.display());
        return Err(Stop::usage(Remark::new(twice, full)));
    }
    Ok([old, new])
}

/// Puts words together that spaces took apart: paths by what is there; beside one path, all others are a
/// name.
///
/// # Errors
/// Where these are not two.
fn two(session: &Session, words: &[PathBuf]) -> Result<[PathBuf; 2], Stop> {
    let joined = session.join(words);
    let there: Vec<_> = joined.iter().filter(|path| paths::is_there(path)).collect();
    match joined.as_slice() {
        [old, new] => return Ok([old.clone(), new.clone()]),
        [old, name @ ..] if there == [old] && !name.is_empty() => {
            return Ok([old.clone(), paths::joined(name)]);
        }
        [name @ .., new] if there == [new] && !name.is_empty() => {
            return Ok([paths::joined(name), new.clone()]);
        }
        _ => {}
    }
    let two = "diff takes two backups, OLD and NEW";
    let said = match (joined.len(), there.as_slice()) {
        (1, _) => format!("{two}; only one is named: {}", joined[0].display()),
        (_, [_, _, ..]) => {
            let there: Vec<_> = there
                .iter()
                .map(|path| path.display().to_string())
                .collect();
            format!("{two}: {}", there.join(", "))
        }
        _ => format!("{two}; put a name with spaces into quotation marks"),
    };
    Err(Stop::usage(Remark::new(two, said)))
}

fn compare(session: &Session, old: &Target, new: &Target) -> Result<Exit, Stop> {
    let depth = Depth {
        list: session.options.list,
        contents: session.options.level == LevelArg::Contents,
    };
    let pair: [&Path; 2] = [&old.path, &new.path];
    let compared = session.compare(pair, depth)?;
    was_stopped(&compared, session.signal())?;
    let mut compared = compared.map_err(|report| not_there(session, &report))?;
    let answer = match compared.diff.covers {
        Some(true) => Exit::WELL,
        Some(false) => Exit::WARNED,
        None => Exit::COULD_NOT_LOOK,
    };
    let mut pair = [compared.old, compared.new].into_iter();
    let exit = match pair.any(|at| compared.report.backups[at].is_not_opened()) {
        true => answer.worse(Exit::COULD_NOT_LOOK),
        false => answer,
    };
    let in_place = [old, new].map(|target| target.default_roots);
    if session.options.redact {
        let mut unnamed = redact::redact(&mut compared.report, SYSTEM);
        redact::redact_diff(&mut compared.diff, &mut unnamed);
    }
    if session.options.quiet && exit.is_well() {
        return Ok(exit);
    }
    tell(session, &compared, in_place, exit)
}

/// Ends the command where a signal came before the end.
fn was_stopped(compared: &Result<Compared, Box<Report>>, signal: usize) -> Result<(), Stop> {
    let report = match compared {
        Ok(compared) => &compared.report,
        Err(report) => report,
    };
    if signal == 0 && !report.cancelled {
        return Ok(());
    }
    let stopped = "stopped before the end: the backups were not compared";
    Err(Stop::new(Exit::after(signal), Remark::plain(stopped)))
}

/// One of the two was there a moment ago.
fn not_there(session: &Session, report: &Report) -> Stop {
    let mut problems = report.problems.clone();
    if session.options.redact {
        redact::redact_problems(&mut problems);
    }
    let remarks = problems
        .into_iter()
        .map(|problem| Remark::plain(problem.message));
    let gone = "the backups could not be compared: one of them is not there any more";
    Stop::told(Exit::COULD_NOT_LOOK).and(remarks.chain([Remark::plain(gone)]))
}

fn tell(
    session: &Session,
    compared: &Compared,
    in_place: [bool; 2],
    exit: Exit,
) -> Result<Exit, Stop> {
    let Compared {
        report,
        old,
        new,
        diff,
    } = compared;
    let backups = [&report.backups[*old], &report.backups[*new]];
    let words: Vec<OsString> = backups
        .iter()
        .zip(in_place)
        .map(|(backup, in_place)| word(report, backup, in_place))
        .collect();
    let command = |options: &[&str]| {
        let asks = options.contains(&"--ask-password");
        let looked_with = report.looked_with.iter().map(String::as_str);
        let looked_with = looked_with.filter(|word| !(asks && *word == "--ask-password"));
        let all = ["bkscan", "diff"]
            .into_iter()
            .chain(options.iter().copied())
            .chain(looked_with);
        let all = all.map(OsStr::new);
        let all = all.chain(words.iter().map(OsString::as_os_str));
        let quoted: Vec<_> = all.map(|word| shell::quote(SYSTEM, word)).collect();
        printable::clean(&quoted.join(" "))
    };
    let list: &[&str] = match session.options.list {
        true => &["--ask-password", "--list"],
        false => &["--ask-password"],
    };
    let show = |word: &OsString| shell::show_command(SYSTEM, word, &report.looked_with);
    let show_commands = [show(&words[0]), show(&words[1])].map(|line| printable::clean(&line));
    let sides = Sides {
        old: backups[0],
        new: backups[1],
        list_command: &command(&["--list"]),
        password_command: &command(list),
        show_commands: &show_commands,
    };
    let style = session.style();
    let level: Level = session.options.level.into();
    session.print(exit, |out| {
        if session.options.json {
            json::diff::write(backups, diff, level, exit.number(), out)
        } else if session.options.quiet {
            diff::write_quiet(sides, diff, &style, out)
        } else {
            diff::write(sides, diff, &style, out)
        }
    })
}

/// What names a backup on the command line.
fn word(report: &Report, backup: &BackupReport, in_place: bool) -> OsString {
    match in_place {
        true => shell::word_for(report, &backup.path),
        false => backup.path.clone().into_os_string(),
    }
}
