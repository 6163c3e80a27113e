//! `bkscan report FILE.json… --html OUT`: the page of a saved document, or one page of many.

mod machines;
mod many;
mod place;
mod saved;

use std::path::{Path, PathBuf};

use crate::model::DeviceHistory;
use crate::render::html;
use crate::report::redact;
use crate::report::trend;

use crate::cli::commands::page::{self, STANDARD};
use crate::cli::exit_code::Exit;
use crate::cli::session::Session;
use crate::cli::stop::{Remark, Stop};

/// Runs the command.
///
/// # Errors
/// Where there is no document, or no page could be made of it.
pub fn run(session: &Session, typed: &[PathBuf]) -> Result<Exit, Stop> {
    // Where a scan writes its page by the settings is no place for another one.
    let out = session.options.html.as_ref();
    let Some(out) = out.filter(|_| session.settings.is_typed("html")) else {
        return Err(Stop::usage(Remark::plain(
            "report needs --html OUT: the file in which the page is to be, or - for stdout",
        )));
    };
    match session.join(typed).as_slice() {
        [file] => one(session, file, out),
        files => many::run(session, files, out),
    }
}

/// Makes the page of one document.
fn one(session: &Session, file: &Path, out: &Path) -> Result<Exit, Stop> {
    let unread = |unread: saved::Unread| Stop::could_not_look(unread.remark(&saved::name(file)));
    let document = saved::load(session, file)?.map_err(unread)?;
    if session.options.redact && !redact::is_redacted(&document) {
        return Err(Stop::usage(Remark::plain(
            "the document has names in it, and they cannot be taken out afterwards: save it with \
             bkscan --json --redact",
        )));
    }
    let histories = html::histories(&document, &known(session));
    let page = html::page(&document, &histories, &session.zone);
    if out == Path::new(STANDARD) {
        return session.print(Exit::WELL, |out| out.write_all(page.as_bytes()));
    }
    place::is_none_of(out, [file])?;
    place::check(out)?;
    place::check_of(out, &document)?;
    page::write(out, &page)?;
    Ok(Exit::WELL)
}

/// How the devices that this computer remembers developed. Nothing here may keep a page from being made.
fn known(session: &Session) -> Vec<DeviceHistory> {
    if session.options.no_state {
        return vec![];
    }
    match session.state().history().runs() {
        Ok(runs) => trend::devices(&runs, &[]),
        Err(error) => {
            let redacted = "the history could not be read";
            session.tell(&Remark::new(redacted, error.to_string()));
            vec![]
        }
    }
}
