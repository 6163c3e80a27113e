//! `bkscan schedule`: prints a nightly job, one that scans or one that cleans, with this program, these paths and
//! these options; installs or removes it where that is asked for.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::system::{self, SYSTEM};
use crate::words::schedule::{self, Job, Kind, Task};

use crate::cli::commands::install;
use crate::cli::exit_code::Exit;
use crate::cli::flags::config_file::Value;
use crate::cli::flags::flag::{Call, Takes};
use crate::cli::flags::origin::Origin;
use crate::cli::flags::settings::{Setting, Settings};
use crate::cli::flags::table::TABLE;
use crate::cli::meant::paths::{self, absolute};
use crate::cli::password::ways;
use crate::cli::session::Session;
use crate::cli::stop::{Remark, Stop};

/// What a job is to do, by the first word behind its kind. A folder of that name is written `./clean`, as
/// everywhere.
pub fn task(typed: &[PathBuf]) -> Task {
    match typed
        .first()
        .is_some_and(|first| first.as_os_str() == "clean")
    {
        true => Task::Clean,
        false => Task::Scan,
    }
}

/// Runs the command.
///
/// # Errors
/// Where there can be no such job.
pub fn run(session: &Session, kind: Kind, mut typed: Vec<PathBuf>) -> Result<Exit, Stop> {
    let task = task(&typed);
    install::check(session, kind)?;
    if session.options.remove {
        if typed.len() > usize::from(task == Task::Clean) {
            return Err(Stop::usage(Remark::plain(
                "--remove takes no path: there is one job that scans, and one that cleans; nothing was done",
            )));
        }
        return install::remove(session, kind, task);
    }
    if task == Task::Clean {
        may_clean(session)?;
        typed.remove(0);
    }
    if session.options.now.is_some() {
        let now = "--now and a nightly job do not go together: every night is another time";
        return Err(Stop::usage(Remark::plain(now)));
    }
    if asks(&session.settings) {
        return Err(Stop::usage(Remark::plain(format!(
            "--ask-password and a nightly job do not go together, for nobody is there to type a \
             password: {}",
            ways::INSTEAD
        ))));
    }
    let is_in_environment = ways::is_in(|name| std::env::var_os(name));
    if is_in_environment && !ways::is_any(&session.options) {
        session.say(&format!(
            "{} does not go into the job: {}",
            ways::VARIABLE,
            ways::INSTEAD
        ));
    }
    let (roots, _) = session.roots(typed)?;
    for root in roots.iter().filter(|root| !paths::is_there(root)) {
        let message = format!(
            "{} is not there now; it is in the job all the same",
            root.display()
        );
        let redacted = "a path is not there now; it is in the job all the same";
        session.tell(&Remark::new(redacted, message));
    }
    if task == Task::Scan && hears_new_errors_only(&session.settings.options) {
        session.tell(&Remark::plain(
            "with --fail-on new the job tells of new errors only; --fail-on warning,new also of what is gone, \
             shrank or is stale",
        ));
    }
    let program = std::env::current_exe().map_err(|error| {
        let why = system::in_words(&error);
        let message = format!("where this program is could not be found out: {why}");
        Stop::could_not_look(Remark::plain(message))
    })?;
    let mut options = options(&session.settings.options, task);
    if let Some(file) = &session.settings.named {
        options.extend(["--config".into(), absolute(file).into()]);
    }
    let places = roots.iter().map(|root| absolute(root).into());
    let job = Job {
        task,
        program,
        arguments: options.into_iter().chain(places).collect(),
        system: SYSTEM,
        state_folder: session.state().path().map(Path::to_owned),
        home: etcetera::home_dir().ok(),
    };
    let text = schedule::text(kind, &job);
    let text = text.map_err(|refusal| Stop::usage(Remark::lines(refusal.to_string())))?;
    if session.options.install {
        let roots: Vec<PathBuf> = roots.iter().map(|root| absolute(root)).collect();
        return install::install(session, kind, task, &text, &roots);
    }
    session.print(Exit::WELL, |out| out.write_all(text.as_bytes()))
}

/// Whether there can be a job that removes by itself: somebody has said how much is to stay.
///
/// # Errors
/// Where nobody has, or where it is to do what only a person can.
fn may_clean(session: &Session) -> Result<(), Stop> {
    let is_typed = |name: &str| session.settings.is_typed(name);
    let mut others = ["only", "dry-run", "redact"].iter();
    let said = match others.find(|name| is_typed(name)) {
        Some(name) => format!("--{name} and a nightly job that cleans do not go together"),
        None if is_typed("keep-last") || is_typed("may-lose") => return Ok(()),
        None => format!(
            "a job that removes backups while nobody looks needs a rule of yours: --keep-last N says how \
             many good backups of a device stay, --may-lose SHARE how much of an older one may be missing \
             from the newer one, as in {} --keep-last 2 (bkscan clean --keep-last 2 shows what would \
             go)",
            session.call
        ),
    };
    Err(Stop::usage(Remark::plain(said)))
}

/// Whether what is wrong but no error is never told, because only what is new was asked for.
fn hears_new_errors_only(settings: &[Setting]) -> bool {
    let mut asked = settings.iter().filter(|setting| setting.name == "fail-on");
    let words = asked.find_map(|setting| setting.value.as_ref()?.to_str());
    words.is_some_and(|words| words.contains("new") && !words.contains("warning"))
}

/// Whether the job would ask for a password. What the file says counts there unless something else is
/// written into the job.
fn asks(settings: &Settings) -> bool {
    let [ask, others @ ..] = ways::OPTIONS;
    let is_asked = |setting: &Setting| {
        setting.name == ask && setting.value.as_deref() == Some("true".as_ref())
    };
    let in_job = others.iter().any(|name| settings.is_given(name));
    let file = settings.file.options.get(ask);
    let by_file = file.is_some_and(|(value, _)| *value == Value::Switch(true));
    settings.options.iter().any(is_asked) || (by_file && !in_job)
}

/// The usual options of a nightly scan, with what was typed or configured in their place, and what
/// else was typed or is in the environment: the job will not have that one. It will have the file.
fn options(settings: &[Setting], task: Task) -> Vec<OsString> {
    let (call, word, usual) = match task {
        Task::Scan => (Call::Scan, None, &schedule::OPTIONS[..]),
        Task::Clean => (Call::Clean, Some("clean"), &schedule::OPTIONS_OF_CLEAN[..]),
    };
    let mut usual = usual.iter().peekable();
    let mut words: Vec<OsString> = word.into_iter().map(OsString::from).collect();
    let mut told: Vec<&str> = Vec::new();
    while let Some(option) = usual.next() {
        let value = usual.next_if(|word| !word.starts_with("--"));
        let name = option.trim_start_matches('-');
        told.push(name);
        words.push(option.into());
        let set = settings.iter().find(|setting| setting.name == name);
        let set = set.filter(|setting| setting.origin != Origin::Default);
        let own = set.and_then(|setting| setting.value.clone());
        words.extend(value.map(|value| own.unwrap_or_else(|| value.into())));
    }
    let is_used = |setting: &Setting| {
        let mut refusing = TABLE.iter().filter(|option| !option.is_used_by(call));
        // What is removed has to be named.
        let hides = task == Task::Clean && setting.name == "redact";
        !hides && !refusing.any(|option| option.name == setting.name)
    };
    let is_off = |setting: &Setting| {
        setting.takes == Takes::Nothing && setting.value.as_deref() != Some("true".as_ref())
    };
    let given = settings.iter().filter(|setting| match setting.origin {
        Origin::Typed | Origin::Environment(_) => !is_off(setting),
        Origin::File(_) | Origin::Default => false,
    });
    for setting in given.filter(|setting| !told.contains(&setting.name) && is_used(setting)) {
        words.push(format!("--{}", setting.name).into());
        words.extend(match (setting.takes, &setting.value) {
            (Takes::Nothing, _) | (_, None) => None,
            (Takes::Path, Some(path)) => Some(absolute(Path::new(path)).into()),
            (_, Some(value)) => Some(value.clone()),
        });
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(name: &'static str, value: &str, takes: Takes, origin: Origin) -> Setting {
        Setting {
            name,
            value: Some(value.into()),
            takes,
            origin,
        }
    }

    #[test]
    fn what_is_typed_or_configured_stands_in_for_the_usual() {
        let variable = |name: &str| Origin::Environment(format!("BKSCAN_{name}"));
        let settings = [
            setting("quiet", "false", Takes::Nothing, Origin::Default),
            setting("fail-on", "new", Takes::Several, Origin::Typed),
            setting("stale-after", "14d", Takes::One, Origin::File(3)),
            setting("level", "quick", Takes::One, Origin::Typed),
            setting("threads", "4", Takes::One, Origin::File(4)),
            setting("json", "true", Takes::Nothing, Origin::Typed),
            setting("redact", "true", Takes::Nothing, variable("REDACT")),
            setting("no-state", "false", Takes::Nothing, variable("NO_STATE")),
            setting("oversized", "1GB", Takes::One, variable("OVERSIZED")),
            setting("older-than", "1y", Takes::One, variable("OLDER_THAN")),
            setting("ask-password", "false", Takes::Nothing, Origin::Typed),
            setting("password-command", "p", Takes::One, variable("X")),
        ];
        let words = ["--quiet", "--fail-on", "new", "--stale-after", "14d"];
        let others = [
            "--level",
            "quick",
            "--json",
            "--redact",
            "--oversized",
            "1GB",
            "--password-command",
            "p",
        ];
        let expected: Vec<OsString> = words.iter().chain(&others).map(OsString::from).collect();
        assert_eq!(options(&settings, Task::Scan), expected);
        let usual: Vec<OsString> = schedule::OPTIONS.iter().map(OsString::from).collect();
        assert_eq!(options(&settings[..1], Task::Scan), usual);
        let settings = [
            setting("keep-last", "2", Takes::One, Origin::Typed),
            setting("older-than", "1 year", Takes::One, Origin::Typed),
            setting("stale-after", "9d", Takes::One, Origin::Typed),
            setting("redact", "true", Takes::Nothing, variable("REDACT")),
        ];
        let words = [
            "clean",
            "--delete",
            "--yes",
            "--quiet",
            "--keep-last",
            "2",
            "--older-than",
            "1 year",
        ];
        let expected: Vec<OsString> = words.iter().map(OsString::from).collect();
        assert_eq!(options(&settings, Task::Clean), expected);
    }
}
