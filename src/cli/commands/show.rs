//! `bkscan show BACKUP`: all that is known of one backup.

use std::path::PathBuf;

use crate::render::json;
use crate::render::screen::{quiet, show};
use crate::report::redact;
use crate::system::SYSTEM;

use crate::cli::exit_code::Exit;
use crate::cli::meant::backup;
use crate::cli::session::Session;
use crate::cli::stop::Stop;

/// `bkscan show BACKUP`
///
/// # Errors
/// Where no one backup is meant, or it could not be looked at.
pub fn run(session: &Session, words: &[PathBuf]) -> Result<Exit, Stop> {
    let target = backup::target(session, words)?;
    let only = Some(target.path.clone());
    let mut done = session.scan(target.roots, target.default_roots, only)?;
    let Some(at) = done
        .report
        .backups
        .iter()
        .position(|backup| backup.path == target.path)
    else {
        session.tell_problems(&done);
        if done.report.cancelled {
            session.say("stopped before the end: the backup was not looked at yet");
        }
        let exit = done.exit_code(session.options.fail_on());
        return Ok(exit.worse(Exit::COULD_NOT_LOOK));
    };
    done.keep_only(at);
    let code = done.exit_code(session.options.fail_on());
    if session.options.redact {
        redact::redact(&mut done.report, SYSTEM);
    }
    if session.options.quiet && code.is_well() {
        return Ok(code);
    }
    done.take_troubles()
        .iter()
        .for_each(|trouble| session.tell(trouble));
    let style = session.style();
    session.print(code, |out| {
        if session.options.json {
            json::write_one(&done.report, at, code.number(), out)
        } else if session.options.quiet {
            quiet::write_one(&done.report, at, &style, out)
        } else {
            show::write(&done.report, at, &style, out)
        }
    })
}
