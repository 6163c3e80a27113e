//! `bkscan diff OLD NEW`: what one backup holds that another one does not (contract §10).

use std::path::{Path, PathBuf};

use crate::model::{BackupReport, Diff, Level, Report};
use crate::render::json;
use crate::render::printable;
use crate::render::screen::diff;
use crate::render::screen::diff::Sides;
use crate::render::screen::style::Style;
use crate::report::redact;
use crate::scan::pair::{Compared, Depth};
use crate::system::SYSTEM;
use crate::words::shell;

use crate::cli::exit_code;
use crate::cli::flags::args::LevelArg;
use crate::cli::meant::backup;
use crate::cli::meant::backup::Target;
use crate::cli::meant::paths;
use crate::cli::request::Session;

/// The options that mean something to it.
pub const OPTIONS: [&str; 12] = [
    "list",
    "json",
    "level",
    "now",
    "threads",
    "color",
    "redact",
    "quiet",
    "ask-password",
    "password-file",
    "password-command",
    "config",
];

/// Where the new one does not hold all of the old one.
const DOES_NOT_HOLD: u8 = 1;

/// Runs the command and tells the exit code.
pub fn run(session: &Session, words: &[PathBuf]) -> u8 {
    match targets(session, words) {
        Ok([old, new]) => compare(session, &old, &new),
        Err(code) => code,
    }
}

/// The two backups that words mean.
///
/// # Errors
/// The exit code, after the reason was told.
fn targets(session: &Session, words: &[PathBuf]) -> Result<[Target; 2], u8> {
    let [old, new] = two(session, words)?;
    let places = session.places();
    let target = |word: PathBuf| backup::resolve(session, word.as_os_str(), &places);
    let (old, new) = (target(old)?, target(new)?);
    if backup::same(&old.path, &new.path) {
        let twice = "both words mean the same backup: name two different ones";
        session.say_of(twice, &format!("{twice} ({})", old.path.display()));
        return Err(exit_code::USAGE);
    }
    Ok([old, new])
}

/// Puts words together that spaces took apart: paths by what is there; beside one path, all others are a
/// name.
///
/// # Errors
/// The exit code, after it was told that these are not two.
fn two(session: &Session, words: &[PathBuf]) -> Result<[PathBuf; 2], u8> {
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
    session.say_of(two, &said);
    Err(exit_code::USAGE)
}

fn compare(session: &Session, old: &Target, new: &Target) -> u8 {
    let depth = Depth {
        list: session.options.diff.list,
        contents: session.options.level == LevelArg::Contents,
    };
    let pair: [&Path; 2] = [&old.path, &new.path];
    let compared = match session.compare(pair, depth) {
        Ok(compared) => compared,
        Err(code) => return code,
    };
    let signal = session.signal();
    if let Some(code) = stopped(session, &compared, signal) {
        return code;
    }
    let mut compared = match compared {
        Ok(compared) => compared,
        Err(report) => return not_there(session, &report),
    };
    let code = match compared.diff.covers {
        Some(true) => 0,
        Some(false) => DOES_NOT_HOLD,
        None => exit_code::COULD_NOT_LOOK,
    };
    let in_place = [old, new].map(|target| target.default_roots);
    if session.options.redact {
        redact::redact(&mut compared.report, SYSTEM);
        redact::redact_diff(&mut compared.diff);
    }
    if session.options.quiet && code == 0 {
        return code;
    }
    tell(session, &compared, in_place, code)
}

/// The exit code where a signal came before the end.
fn stopped(
    session: &Session,
    compared: &Result<Compared, Box<Report>>,
    signal: usize,
) -> Option<u8> {
    let report = match compared {
        Ok(compared) => &compared.report,
        Err(report) => report,
    };
    if signal == 0 && !report.cancelled {
        return None;
    }
    session.say("stopped before the end: the backups were not compared");
    Some(128 + u8::try_from(signal).unwrap_or(2))
}

/// One of the two was there a moment ago.
fn not_there(session: &Session, report: &Report) -> u8 {
    let mut problems = report.problems.clone();
    if session.options.redact {
        redact::redact_problems(&mut problems);
    }
    for problem in &problems {
        session.say(&problem.message);
    }
    session.say("the backups could not be compared: one of them is not there any more");
    exit_code::COULD_NOT_LOOK
}

fn tell(session: &Session, compared: &Compared, in_place: [bool; 2], code: u8) -> u8 {
    let Compared {
        report,
        old,
        new,
        diff,
    } = compared;
    let backups = [&report.backups[*old], &report.backups[*new]];
    let words: Vec<String> = backups
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
            .chain(options.iter().copied());
        let all = all.chain(looked_with);
        let all = all.chain(words.iter().map(String::as_str));
        let quoted: Vec<_> = all.map(|word| shell::quote(SYSTEM, word)).collect();
        printable::clean(&quoted.join(" "))
    };
    let list: &[&str] = match session.options.diff.list {
        true => &["--ask-password", "--list"],
        false => &["--ask-password"],
    };
    let show = |word: &String| shell::show_command(SYSTEM, word, &report.looked_with);
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
    session.print(code, |out| {
        write(session, sides, diff, level, code, &style, out)
    })
}

fn write(
    session: &Session,
    sides: Sides<'_>,
    diff: &Diff,
    level: Level,
    code: u8,
    style: &Style,
    out: &mut dyn std::io::Write,
) -> std::io::Result<()> {
    if session.options.json {
        json::diff::write(sides, diff, level, code, out)
    } else if session.options.quiet {
        diff::write_quiet(sides, diff, style, out)
    } else {
        diff::write(sides, diff, style, out)
    }
}

/// What names a backup on the command line.
fn word(report: &Report, backup: &BackupReport, in_place: bool) -> String {
    match in_place {
        true => shell::word_for(report, &backup.path),
        false => backup.path.display().to_string(),
    }
}
