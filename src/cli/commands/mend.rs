//! `bkscan mend BACKUP --to DIR`: a consistent backup in a new folder, from what can still be read of a damaged
//! one (contract §11).

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use crate::mend::{self, Kind, MendPlan, Mended, Prepared, Refused, Wish};
use crate::model::Verdict;
use crate::render::json;
use crate::render::screen::mend as screen;
use crate::report::redact;
use crate::report::unnamed::Unnamed;

use crate::cli::console;
use crate::cli::exit_code::Exit;
use crate::cli::meant::backup;
use crate::cli::meant::paths;
use crate::cli::session::Session;
use crate::cli::stop::{Remark, Stop};

/// Runs the command.
///
/// # Errors
/// Where the words do not mean one backup, it cannot be mended, or was not.
pub fn run(session: &Session, words: &[PathBuf]) -> Result<Exit, Stop> {
    let Some(to) = &session.options.to else {
        return Err(Stop::usage(Remark::plain(
            "mend needs a folder for the new backup: bkscan mend BACKUP --to DIR; a backup is never mended in \
             place",
        )));
    };
    let target = backup::target(session, words, "mend")?;
    let wish = Wish {
        to: paths::absolute(to),
        link: session.options.link,
    };
    let (close, keyring) = session.look_closely(&target.path)?;
    was_stopped(session)?;
    let verdict = close.report.verdict;
    let unnamed =
        (session.options.redact).then(|| Unnamed::of(std::slice::from_ref(&close.report)));
    let prepared = session.at_work(|monitor| mend::prepare(close, wish, monitor))?;
    was_stopped(session)?;
    let Some(prepared) = prepared.map_err(stop)? else {
        return nothing(session, verdict);
    };
    if session.options.plan {
        return tell_plan(session, unnamed, &prepared.plan);
    }
    let mut unnamed = unnamed;
    if !agrees(session, unnamed.as_mut(), &prepared)? {
        return Ok(Exit::WELL);
    }
    let record = |mended: &Mended| {
        let mut text = Vec::new();
        // What is written into memory cannot fail to be.
        let _ = json::mend::write(Some(mended), Exit::WELL.number(), &mut text);
        String::from_utf8_lossy(&text).into_owned()
    };
    let config = session.options_for(&target.path);
    let mended = session
        .at_work(|monitor| mend::write(prepared, &config, keyring, monitor, record))?
        .map_err(|refused| match refused.kind {
            Kind::Stopped => Stop::new(Exit::after(session.signal()), remark(refused)),
            _ => stop(refused),
        })?;
    tell_done(session, unnamed, mended)
}

fn remark(refused: Refused) -> Remark {
    Remark::new(refused.redacted, refused.full)
}

fn stop(refused: Refused) -> Stop {
    let exit = match refused.kind {
        Kind::Failed => Exit::FAILED,
        Kind::CouldNotLook => Exit::COULD_NOT_LOOK,
        Kind::Stopped => Exit::INTERRUPTED,
    };
    Stop::new(exit, remark(refused))
}

/// Ends the command where a signal came before anything was written.
fn was_stopped(session: &Session) -> Result<(), Stop> {
    match session.signal() {
        0 => Ok(()),
        signal => {
            let stopped = "stopped before the end: nothing was mended";
            Err(Stop::new(Exit::after(signal), Remark::plain(stopped)))
        }
    }
}

fn nothing(session: &Session, verdict: Verdict) -> Result<Exit, Stop> {
    let exit = Exit::WELL;
    if session.options.quiet && !session.options.json {
        return Ok(exit);
    }
    let style = session.style();
    session.print(exit, |out| match session.options.json {
        true => json::mend::write(None, exit.number(), out),
        false => screen::write_nothing(verdict, &style, out),
    })
}

/// The same, without anything personal where that is asked for.
fn shown(mut mended: Mended, unnamed: Option<&mut Unnamed>) -> Mended {
    if let Some(unnamed) = unnamed {
        redact::redact_mend(&mut mended, unnamed);
    }
    mended
}

fn tell_plan(
    session: &Session,
    mut unnamed: Option<Unnamed>,
    plan: &MendPlan,
) -> Result<Exit, Stop> {
    let exit = Exit::WELL;
    if session.options.quiet && !session.options.json {
        return Ok(exit);
    }
    let planned = Mended {
        plan: plan.clone(),
        verdict: None,
    };
    let planned = shown(planned, unnamed.as_mut());
    let style = session.style();
    let next = "To make it: the same call without --plan.";
    session.print(exit, |out| match session.options.json {
        true => json::mend::write(Some(&planned), exit.number(), out),
        false => screen::write_plan(&planned.plan, Some(next), &style, out),
    })
}

/// Whether whoever sits at the terminal agrees; without one it goes ahead.
fn agrees(
    session: &Session,
    unnamed: Option<&mut Unnamed>,
    prepared: &Prepared,
) -> Result<bool, Stop> {
    if session.options.yes || !io::stdin().is_terminal() {
        return Ok(true);
    }
    let planned = Mended {
        plan: prepared.plan.clone(),
        verdict: None,
    };
    let planned = shown(planned, unnamed);
    let style = session.style();
    let mut told = Vec::new();
    if screen::write_plan(&planned.plan, None, &style, &mut told).is_ok() {
        console::to_terminal(&String::from_utf8_lossy(&told));
    }
    let answer = session.ask(&screen::question(&planned.plan));
    was_stopped(session)?;
    let agrees = answer.as_deref().map(str::trim) == Some("yes");
    if !agrees {
        session.say("nothing was written");
    }
    Ok(agrees)
}

fn tell_done(
    session: &Session,
    mut unnamed: Option<Unnamed>,
    mended: Mended,
) -> Result<Exit, Stop> {
    let exit = Exit::WELL;
    if session.options.quiet && !session.options.json {
        return Ok(exit);
    }
    let mended = shown(mended, unnamed.as_mut());
    let plan = &mended.plan;
    let record = plan.folder.join(mend::record_of(&plan.udid));
    let style = session.style();
    session.print(exit, |out| match session.options.json {
        true => json::mend::write(Some(&mended), exit.number(), out),
        false => screen::write_done(&mended, &shown_path(&record), &style, out),
    })
}

fn shown_path(path: &Path) -> String {
    path.display().to_string()
}
