//! `bkscan explain [ID]`: what a finding, a verdict or a reason means.

use crate::render::screen::explain;

use crate::cli::exit_code::Exit;
use crate::cli::meant::explained;
use crate::cli::session::Session;
use crate::cli::stop::{Remark, Stop};

/// `bkscan explain [ID]`
///
/// # Errors
/// Where there is nothing of that name.
pub fn run(session: &Session, typed: &str) -> Result<Exit, Stop> {
    let style = session.style();
    if typed.is_empty() {
        return session.print(Exit::WELL, |out| explain::write_list(&style, out));
    }
    match explained::named(typed) {
        Some(id) => session.print(Exit::WELL, |out| explain::write(id, &style, out).map(drop)),
        None => Err(unknown(typed)),
    }
}

/// There is nothing of that name; tells what may have been meant.
fn unknown(typed: &str) -> Stop {
    let hint = match explained::meant(typed).as_slice() {
        [] => String::new(),
        [one] => format!("; did you mean {one}?"),
        [first, others @ ..] => format!("; did you mean {first}? Or: {}", others.join(", ")),
    };
    Stop::usage(Remark::plain(format!(
        "there is no finding, verdict or reason named {typed}{hint} (bkscan explain lists all)"
    )))
}
