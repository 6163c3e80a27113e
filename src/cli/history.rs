//! `bkscan history`: what earlier runs found.

use std::path::PathBuf;

use crate::history;
use crate::redact;
use crate::render;

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
