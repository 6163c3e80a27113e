//! `bkscan schedule … --install` and `--remove`: says what would change where, asks, and does it. What fails half
//! way is put back.

mod call;
mod change;
mod crontab;
mod files;
mod tasks;

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use crate::render::printable;
use crate::system::{self, SYSTEM, System};
use crate::words::schedule::{self, Kind, Task};

use crate::cli::console;
use crate::cli::exit_code::Exit;
use crate::cli::meant::paths;
use crate::cli::session::Session;
use crate::cli::stop::{Remark, Stop};

use call::Call;
use change::{Change, Failed};
use files::{Files, OneFile};

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
        return Ok(Exit::WELL);
    };
    console::to_terminal(&format!("{text}\nThis job would be installed:\n"));
    let done = format!(
        "The job is installed. To remove it:\n  {} --remove\n",
        session.call
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
    let boxed = |change: Files| Box::new(change) as Box<dyn Change>;
    match kind {
        Kind::Cron => {
            let change = crontab::change(task, text)?;
            Ok(change.map(|change| Box::new(change) as Box<dyn Change>))
        }
        Kind::Systemd => Ok(of_systemd(task, job)?.map(boxed)),
        Kind::Launchd => Ok(of_launchd(task, job)?.map(boxed)),
        Kind::Windows => {
            let change = tasks::change(task, text)?;
            Ok(change.map(|change| Box::new(change) as Box<dyn Change>))
        }
    }
}

/// The folder of the user, where the text of a job says that it is installed.
fn below_home(place: &str) -> Result<PathBuf, String> {
    let home = etcetera::home_dir();
    home.map(|home| home.join(place))
        .map_err(|_| "where your home folder is is not known. Set HOME".to_owned())
}

/// Files are written nowhere in what is scanned.
fn may_lie(path: &Path, roots: &[PathBuf]) -> Result<(), String> {
    let roots = roots.iter().map(PathBuf::as_path);
    match paths::is_among_backups(path, roots) {
        false => Ok(()),
        true => Err(format!(
            "{} lies in what is to be scanned, where nothing is written",
            path.display()
        )),
    }
}

fn of_systemd(task: Task, job: Option<(&str, &[PathBuf])>) -> Result<Option<Files>, String> {
    let folder = below_home(".config/systemd/user")?;
    let [service, timer] = ["{job}.service", "{job}.timer"].map(|name| task.fill(name));
    let units = job.and_then(|(text, _)| schedule::units(text));
    let file = |name: &str, text: Option<&str>| {
        let path = folder.join(name);
        may_lie(&path, job.map(|(_, roots)| roots).unwrap_or_default())?;
        let mark = format!("# ~/.config/systemd/user/{name}\n");
        OneFile::of(path, text.map(str::to_owned), &mark)
    };
    let files = vec![
        file(&service, units.map(|(service, _)| service))?,
        file(&timer, units.map(|(_, timer)| timer))?,
    ];
    if job.is_none() && !files.iter().any(OneFile::is_there) {
        return Ok(None);
    }
    let reload = Call::of(&["systemctl", "--user", "daemon-reload"]);
    let enable = Call::of(&["systemctl", "--user", "enable", "--now", &timer]);
    let disable = Call::of(&["systemctl", "--user", "disable", "--now", &timer]);
    let had_one = files.iter().all(OneFile::is_there);
    let undo = match had_one {
        true => vec![reload.clone(), enable.clone()],
        false => vec![reload.clone()],
    };
    Ok(Some(match job {
        Some(_) => Files {
            // Where there is no systemd for this user nothing is written.
            before: vec![reload.clone()],
            files,
            after: vec![reload, enable],
            let_go: match had_one {
                true => Vec::new(),
                false => vec![disable],
            },
            undo,
        },
        None => Files {
            before: vec![match had_one {
                true => disable,
                // Of half a job nothing may be known any more.
                false => disable.may_fail(),
            }],
            files,
            after: vec![reload],
            let_go: Vec::new(),
            undo,
        },
    }))
}

fn of_launchd(task: Task, job: Option<(&str, &[PathBuf])>) -> Result<Option<Files>, String> {
    let label = task.fill("{job}.nightly");
    let name = format!("{label}.plist");
    let path = below_home("Library/LaunchAgents")?.join(&name);
    may_lie(&path, job.map(|(_, roots)| roots).unwrap_or_default())?;
    let mark = format!("save this text as ~/Library/LaunchAgents/{name},");
    let file = OneFile::of(path, job.map(|(text, _)| text.to_owned()), &mark)?;
    let (had_one, shown) = (file.is_there(), file.path().to_string_lossy().into_owned());
    if job.is_none() && !had_one {
        return Ok(None);
    }
    let domain = format!("gui/{}", system::user_number());
    let load = Call::of(&["launchctl", "bootstrap", &domain, &shown]);
    let unload = Call::of(&["launchctl", "bootout", &format!("{domain}/{label}")]).may_fail();
    Ok(Some(Files {
        before: vec![unload],
        files: vec![file],
        after: job.map(|_| load.clone()).into_iter().collect(),
        let_go: Vec::new(),
        undo: had_one.then_some(load).into_iter().collect(),
    }))
}
