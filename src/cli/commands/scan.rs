//! `bkscan [PATH]…`: scans, compares with earlier runs, and tells what was found.

use std::io;
use std::path::PathBuf;

use crate::render::format::Told;
use crate::report::redact;
use crate::system::SYSTEM;

use crate::cli::choose::run::Opening;
use crate::cli::commands::{clean, page};
use crate::cli::exit_code::Exit;
use crate::cli::format;
use crate::cli::memory::runs::Keep;
use crate::cli::request::Done;
use crate::cli::session::Session;
use crate::cli::stop::{Remark, Stop};

/// What is left to do of a scan when its result is out.
#[derive(Default)]
pub struct Rest {
    /// What the command of `--on-problem` is to hear.
    pub heard: String,
    keep: Keep,
    is_silent: bool,
}

impl Rest {
    /// Adds what was told on stderr.
    pub fn hear(&mut self, lines: &[String]) {
        let lines = lines.iter().map(|line| format!("bkscan: {line}\n"));
        self.heard.extend(lines);
    }

    /// Remembers the scan. Where only what is new counts, what was not heard has to be as new to the next one.
    pub fn remember(self, session: &Session, is_heard: bool) {
        let keep = match is_heard || !session.options.fail_on().only_new {
            true => self.keep,
            false => self.keep.without_memory(),
        };
        keep.remember(session, self.is_silent);
    }
}

/// `bkscan [PATH]…`. What is left to do goes into `rest`.
///
/// # Errors
/// Where there is nothing to tell, or it could not be told.
pub fn run(session: &Session, typed: Vec<PathBuf>, rest: &mut Rest) -> Result<Exit, Stop> {
    if session.options.interactive {
        return clean::choose(session, typed, Opening::Nothing);
    }
    if page::is_on_stdout(session) {
        return Err(Stop::usage(Remark::plain(
            "--html - goes with bkscan report, for a scan has its own output there: name a file",
        )));
    }
    let (roots, default_roots) = session.roots(typed)?;
    let mut done = session.scan(roots, default_roots, None)?;
    let keep = Keep::compare(session, &mut done);
    let code = done.exit_code(session.options.fail_on());
    let page = page::OfScan::prepare(session, &done.report, || keep.runs());
    if session.options.redact {
        redact::redact(&mut done.report, SYSTEM);
    }
    let written = page.and_then(|page| match page {
        Some(page) => page.write(session, &done.report, code),
        None => Ok(()),
    });
    // That there is no page does not keep the report from being told.
    let failed = written.err().map(|failed| Failed {
        exit: match session.options.nagios {
            true => failed.exit,
            false => session.tell_stop(&failed),
        },
        lines: session.lines_of(&failed),
    });
    let code = failed
        .as_ref()
        .map_or(code, |failed| code.worse(failed.exit));
    let silent = session.options.quiet && code.is_well();
    let lines = failed.map(|failed| failed.lines).unwrap_or_default();
    let told = Told {
        report: &done.report,
        only: None,
        exit_code: code.number(),
    };
    let written = match silent && !session.options.nagios {
        true => Ok(()),
        false => tell(session, &done, &told, lines.first().cloned()),
    };
    if session.options.on_problem.is_some() {
        let style = session.style().without_color();
        let quiet = format::quiet(&session.options, &style);
        // What a format writes into memory can be written.
        rest.heard = format::text(&quiet, &told).unwrap_or_default();
        rest.hear(&lines);
    }
    // What nobody was told of is as new to the next run.
    rest.keep = match written {
        Ok(()) => keep,
        Err(_) => keep.without_memory(),
    };
    rest.keep.write_metrics(&told);
    rest.is_silent = silent;
    session.ended(code, written)
}

/// What else went wrong, and was told.
struct Failed {
    exit: Exit,
    lines: Vec<String>,
}

/// Prints what a scan found. `failed` is what else went wrong.
fn tell(session: &Session, done: &Done, told: &Told<'_>, failed: Option<String>) -> io::Result<()> {
    // In a quiet run the paragraphs on stdout say it.
    if !session.options.quiet || session.options.json {
        session.tell_problems(&done.report, &done.found);
    }
    let style = session.style();
    let format = format::of_stdout((&session.options, &session.settings), failed, &style);
    session.write_out(|out| format.write(told, out))
}
