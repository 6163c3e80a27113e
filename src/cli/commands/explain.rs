//! `bkscan explain [ID]`: what a finding or a verdict means.

use crate::render::screen::explain;

use crate::cli::exit_code::Exit;
use crate::cli::meant::closest::closest;
use crate::cli::session::Session;
use crate::cli::stop::{Remark, Stop};

/// `bkscan explain [ID]`
///
/// # Errors
/// Where there is nothing of that name.
pub fn run(session: &Session, id: Option<&str>) -> Result<Exit, Stop> {
    let style = session.style();
    let mut known = true;
    let exit = session.print(Exit::WELL, |out| match id {
        None => explain::write_list(&style, out),
        Some(id) => {
            known = explain::write(id, &style, out)?;
            Ok(())
        }
    })?;
    if known {
        return Ok(exit);
    }
    let id = id.unwrap_or_default();
    let near = closest(id, explain::ids());
    let hint = near
        .map(|near| format!("; did you mean {near}?"))
        .unwrap_or_default();
    Err(Stop::usage(Remark::plain(format!(
        "there is no finding or verdict named {id}{hint} (bkscan explain lists all)"
    ))))
}
