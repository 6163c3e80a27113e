//! `bkscan schedule … --install` and `--remove`: says what would change where, asks, and does it. What fails half
//! way is put back.

mod call;
mod change;
mod crontab;
mod files;
mod launchd;
mod systemd;
mod tasks;

use std::io::{self, IsTerminal};
use std::path::PathBuf;

use crate::render::printable;
use crate::system::{self, SYSTEM, System};
use crate::words::schedule::{Kind, Task};

use crate::cli::console;
use crate::cli::exit_code::Exit;
use crate::cli::session::Session;
use crate::cli::stop::{Remark, Stop};

use change::{Change, Failed};

/// Whether there may be a question: it is asked on a terminal, or answered beforehand.
///
/// # Errors
/// Where it can be neither, or where root would do it for somebody else.
pub fn check(session: &Session, kind: Kind) -> Result<(), Stop> {
    let options = &session.options;
    let refused = |text: &str| Err(Stop::usage(Remark::plain(text)));
    match (options.install, options.remove) {
        (true, true) => {
            return refused(
                "--install and --remove do not go together: choose one; nothing was done",
            );
        }
        (false, false) if options.yes => {
            return refused("--yes goes with --install or --remove; nothing was done");
        }
        (false, false) => return Ok(()),
        _ => {}
    }
    if kind == Kind::Windows && SYSTEM != System::Windows {
        return refused(
            "the Task Scheduler is a part of Windows: what bkscan schedule windows prints can be installed there; \
             nothing was done",
        );
    }
    if system::is_root_for_another_user() {
        return refused(
            "with sudo the job would be root's, and not yours: do it without sudo; nothing was done",
        );
    }
    if system::is_home_of_another_user(etcetera::home_dir().ok().as_deref()) {
        return refused(
            "HOME is the folder of another user, and the job would not be theirs: do it as that user, or set HOME; \
             nothing was done",
        );
    }
    if !options.yes && !io::stdin().is_terminal() {
        return refused(
            "there is no terminal to ask on: add --yes, or leave out --install or --remove to see the job; nothing \
             was done",
        );
    }
    Ok(())
}

/// Installs the job that `text` is, in place of the one of before. `roots` are what it scans.
///
/// # Errors
/// Where it was not.
pub fn install(
    session: &Session,
    kind: Kind,
    task: Task,
    text: &str,
    roots: &[PathBuf],
) -> Result<Exit, Stop> {
    let change = change(kind, task, Some((text, roots))).map_err(failed)?;
    let Some(change) = change else {
        return Err(failed("there is nothing to install".to_owned()));
    };
    console::to_terminal(&format!("{text}\nThis job would be installed:\n"));
    let done = format!(
        "The job is installed. To remove it:\n  {} --remove\n{}",
        session.call,
        when(kind)
    );
    carry_out(session, change.as_ref(), "Install it? Type yes: ", &done)
}

/// Removes the job.
///
/// # Errors
/// Where it was not.
pub fn remove(session: &Session, kind: Kind, task: Task) -> Result<Exit, Stop> {
    let Some(change) = change(kind, task, None).map_err(failed)? else {
        return session.print(Exit::WELL, |out| writeln!(out, "There is no such job."));
    };
    console::to_terminal("The job would be removed:\n");
    carry_out(
        session,
        change.as_ref(),
        "Remove it? Type yes: ",
        "The job is removed.\n",
    )
}

/// Tells what would change, asks, and does it.
fn carry_out(
    session: &Session,
    change: &dyn Change,
    question: &str,
    done: &str,
) -> Result<Exit, Stop> {
    for line in change.told() {
        console::to_terminal(&format!("  {}\n", printable::clean(&line)));
    }
    if !session.options.yes {
        let answer = session.ask(question);
        if session.signal() != 0 {
            return Err(Stop::told(Exit::after(session.signal())));
        }
        if answer.as_deref().map(str::trim) != Some("yes") {
            session.say("nothing was changed");
            return Ok(Exit::WELL);
        }
    }
    match change.make() {
        Ok(()) => session.print(Exit::WELL, |out| out.write_all(done.as_bytes())),
        Err(Failed { why, is_put_back }) => {
            let end = match is_put_back {
                Ok(()) => "all is as it was".to_owned(),
                Err(more) => format!("and it could not be put back as it was: {more}"),
            };
            Err(failed(format!("{why}; {end}")))
        }
    }
}

/// What is to be known of when a job of this kind runs.
fn when(kind: Kind) -> &'static str {
    match kind {
        Kind::Cron => "",
        Kind::Systemd => {
            "It runs while you are logged in. So that it always runs:\n  loginctl enable-linger\n"
        }
        Kind::Launchd | Kind::Windows => "It runs while you are logged in.\n",
    }
}

fn failed(why: String) -> Stop {
    Stop::new(
        Exit::FAILED,
        Remark::new("the job could not be changed", why),
    )
}

/// What is to change for a job of this kind; nothing where there is nothing to do.
fn change(
    kind: Kind,
    task: Task,
    job: Option<(&str, &[PathBuf])>,
) -> Result<Option<Box<dyn Change>>, String> {
    let text = job.map(|(text, _)| text);
    let boxed = |change: files::Files| Box::new(change) as Box<dyn Change>;
    match kind {
        Kind::Cron => {
            let change = crontab::change(task, text)?;
            Ok(change.map(|change| Box::new(change) as Box<dyn Change>))
        }
        Kind::Systemd => Ok(systemd::change(task, job)?.map(boxed)),
        Kind::Launchd => Ok(launchd::change(task, job)?.map(boxed)),
        Kind::Windows => {
            let change = tasks::change(task, text)?;
            Ok(Some(Box::new(change) as Box<dyn Change>))
        }
    }
}
