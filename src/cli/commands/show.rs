//! `bkscan show BACKUP`: all that is known of one backup.

use crate::model::BackupIndex;
use std::path::PathBuf;

use crate::render::format::Told;
use crate::report::redact;
use crate::system::SYSTEM;

use crate::cli::exit_code::Exit;
use crate::cli::format;
use crate::cli::meant::backup;
use crate::cli::session::Session;
use crate::cli::stop::Stop;

/// `bkscan show BACKUP`
///
/// # Errors
/// Where no one backup is meant, or it could not be looked at.
pub fn run(session: &Session, words: &[PathBuf]) -> Result<Exit, Stop> {
    let target = backup::target(session, words, "show")?;
    let only = Some(target.path.clone());
    let mut done = session.scan(target.roots, target.default_roots, only)?;
    let Some(index) = done
        .report
        .backups
        .iter()
        .position(|backup| backup.path == target.path)
        .map(BackupIndex::new)
    else {
        session.tell_problems(&done.report, &done.found);
        if done.report.cancelled {
            session.say("stopped before the end: the backup was not looked at yet");
        }
        let exit = done.exit_code(session.options.fail_on());
        return Ok(exit.worse(Exit::COULD_NOT_LOOK));
    };
    done.keep_only(index);
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
    let told = Told {
        report: &done.report,
        only: Some(index),
        exit_code: code.number(),
    };
    let style = session.style();
    let format = format::of_stdout((&session.options, &session.settings), None, &style);
    session.print(code, |out| format.write(&told, out))
}
