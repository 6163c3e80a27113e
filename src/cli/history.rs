//! `bkscan history`: what earlier runs found; and with `--forget` what they are not to speak of any more.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::history;
use crate::human;
use crate::model::Remembered;
use crate::platform;
use crate::redact;
use crate::render;
use crate::render::text;

use super::find::{self, Names};
use super::session::Session;
use super::{exit_code, nightly, paths};

/// Runs the command and tells the exit code.
pub fn run(session: &Session, typed: Vec<PathBuf>) -> u8 {
    // A disk that is away is known by its path as it was.
    let paths = session.join(&typed);
    let as_typed = paths.iter().map(|path| paths::absolute(path));
    let wanted: Vec<PathBuf> = as_typed
        .chain(paths.iter().map(|path| nightly::resolved(path)))
        .collect();
    let runs = match session.state().history().runs() {
        Ok(runs) => runs,
        Err(error) => {
            session.say_of("the history could not be read", &error.to_string());
            return exit_code::COULD_NOT_LOOK;
        }
    };
    let mut devices = history::devices(&runs, &wanted);
    if devices.is_empty() && !typed.is_empty() {
        session.say_of(
            "no earlier run saw a backup there",
            &format!(
                "no earlier run saw a backup at or below {}; bkscan history without a path lists all",
                paths[0].display()
            ),
        );
        return exit_code::COULD_NOT_LOOK;
    }
    if session.options.redact {
        redact::redact_history(&mut devices);
    }
    let style = session.style();
    session.print(0, |out| match session.options.json {
        true => render::history::write_json(&devices, out),
        false => render::history::write(&devices, &style, out),
    })
}

/// An option that has no meaning beside `--forget`, and what it goes with.
pub fn misplaced(session: &Session) -> Option<(&'static str, &'static str)> {
    let is_typed = |name| session.settings.is_typed(name);
    (is_typed("forget") && is_typed("json")).then_some(("json", "history without --forget"))
}

/// Has a backup be forgotten that an earlier run saw, and tells the exit code.
pub fn forget(session: &Session, paths: &[PathBuf]) -> u8 {
    if !paths.is_empty() {
        session.say("--forget takes the backup and no other path; nothing was done");
        return exit_code::USAGE;
    }
    if platform::is_root_for_another_user() {
        session.say("--forget is for the user whose runs are remembered: call it without sudo");
        return exit_code::COULD_NOT_LOOK;
    }
    let history = session.state().history();
    let known = match history.runs() {
        Ok(runs) => history::remembered(&runs),
        Err(error) => {
            session.say_of("the history could not be read", &error.to_string());
            return exit_code::COULD_NOT_LOOK;
        }
    };
    let wanted = match wanted(session, &known) {
        Ok(wanted) => wanted,
        Err(code) => return code,
    };
    if let Err(error) = history.forget(wanted) {
        session.say_of("the backup could not be forgotten", &error.to_string());
        return exit_code::COULD_NOT_LOOK;
    }
    let text = forgotten(session, wanted);
    session.print(0, |out| writeln!(out, "{text}"))
}

/// The one backup that is meant: by its path, which need not be there any more, else by a name.
///
/// # Errors
/// The exit code, after the reason was told.
fn wanted<'a>(session: &Session, known: &'a [Remembered]) -> Result<&'a Remembered, u8> {
    let words = session.options.nightly.forget.iter();
    let words: Vec<_> = words.map(|word| word.as_os_str()).collect();
    // A space that was not quoted took it apart.
    let typed: OsString = words.join(" ".as_ref());
    let name = typed.to_string_lossy();
    if known.is_empty() {
        let none = "no run is remembered here, so that there is nothing to forget";
        session.say(none);
        return Err(exit_code::COULD_NOT_LOOK);
    }
    let names = known.iter().map(|known| Names {
        path: known.backup.path.clone(),
        folder: folder_of(known),
        udid: known.backup.udid.as_ref().map(ToString::to_string),
        device: known.backup.name.clone(),
        model: known.backup.product.clone(),
        made: known.backup.last_backup,
    });
    let names: Vec<Names> = names.collect();
    let path = PathBuf::from(&typed);
    let is_path = |at: &usize| {
        let own = &known[*at].backup.path;
        *own == paths::absolute(&path) || *own == nightly::resolved(&path)
    };
    let by_path: Vec<usize> = (0..known.len()).filter(is_path).collect();
    let fitting = match by_path.is_empty() {
        true => find::choose(&names, &name).all,
        false => by_path,
    };
    match fitting.as_slice() {
        [one] => Ok(&known[*one]),
        [] => Err(find::unknown(session, &name, &names)),
        several => {
            let several: Vec<&Names> = several.iter().map(|at| &names[*at]).collect();
            Err(find::ambiguous(session, &name, &several))
        }
    }
}

fn folder_of(known: &Remembered) -> String {
    let path = &known.backup.path;
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

/// What is not spoken of any more.
fn forgotten(session: &Session, wanted: &Remembered) -> String {
    if session.options.redact {
        return "That backup is forgotten until a scan sees it again.".to_owned();
    }
    let backup = &wanted.backup;
    let day = |at| human::day(at, &session.zone);
    let which = match backup.last_backup {
        Some(at) => format!("The backup of {}", day(at)),
        None => "The backup without a date".to_owned(),
    };
    let name = backup.name.as_deref().unwrap_or("a device without a name");
    let text = format!(
        "{which} of {name} ({}), which was in {} on {}, is forgotten: bkscan will not say any more that \
         it is gone, nor that it held more than a later one. Its runs stay in the history, and a scan \
         that sees it again remembers it again.",
        human::size(backup.allocated),
        backup.path.display(),
        day(wanted.seen),
    );
    text::clean(&text)
}
