//! The call from its first word to its exit code.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::CommandFactory as _;

use crate::render::printable;
use crate::system::SYSTEM;
use crate::words::schedule::Task;

use super::choose::check as choose;
use super::commands::scan::Rest;
use super::commands::{
    clean, config, diff, explain, help, history, mend, reference, report, scan, schedule, show,
};
use super::console::{Signals, outlive_limits_of_files, to_stderr};
use super::exit_code::Exit;
use super::flags::args::{Args, Command, ConfigCommand};
use super::flags::flag::Call;
use super::flags::misplaced::misplaced;
use super::flags::settings::{self, Refusal};
use super::flags::understood::{Understood, understood};
use super::flags::words::{FailOnArg, LevelArg};
use super::flags::wrong;
use super::hearers::Hearers;
use super::meant::{home, word};
use super::session::{Session, not_written};
use super::stop::{Remark, Stop};
use super::zone;

/// Runs the program with the arguments of the process, prints its results, and tells how to exit.
pub fn run() -> ExitCode {
    outlive_limits_of_files();
    let home_folder = etcetera::home_dir().ok();
    let (argv, at_home) = home::in_options(typed(std::env::args_os()), home_folder.as_deref());
    let env = |name: &str| std::env::var_os(name);
    let usual = settings::usual_file(SYSTEM, env);
    let understood = || understood(&argv, env, usual.clone());
    let (mut args, settings) = match settings::read(&argv, env, usual.clone()) {
        Ok(read) => read,
        Err(Refusal::Said(message)) => {
            let Understood { hearers, redact } = understood();
            // It names a path, and may quote anything.
            let message = match redact {
                true => "a setting is wrong; leave out --redact to see which".to_owned(),
                false => printable::clean(&message),
            };
            return refused(&message, &hearers).into();
        }
        Err(Refusal::Clap(error)) => {
            // `--help` and `--version` come this way too, and go to stdout.
            let is_version = wrong::asks_for_version(&error);
            if error.use_stderr() && !is_version {
                let Understood { hearers, redact } = understood();
                // It quotes what was typed.
                let message = match redact {
                    true => "the call is wrong; leave out --redact to see where".to_owned(),
                    false => printable::clean(&wrong::in_words(&error)),
                };
                return refused(&message, &hearers).into();
            }
            let printed = match is_version {
                true => io::stdout().write_all(Args::command().render_version().as_bytes()),
                false => error.print(),
            };
            let printed = printed.and_then(|()| io::stdout().flush());
            let failed = not_written(printed);
            if let Some(message) = &failed {
                to_stderr(message);
            }
            return failed.map_or(Exit::WELL, |_| Exit::COULD_NOT_LOOK).into();
        }
    };
    if let Some(Command::Clean { .. } | Command::Diff { .. } | Command::Mend { .. }) = args.command
    {
        args.options.level = args.options.level.max(LevelArg::Standard);
    }
    if args.options.interactive && args.command.is_none() {
        // The list is the same.
        args.options.level = args.options.level.max(LevelArg::Standard);
    }
    if args.options.nagios {
        // What is configured for people is not for it.
        args.options.json = false;
        args.options.quiet = true;
        // Above all it may not hear that all is well because it heard of it before.
        if !settings.is_given("fail-on") {
            args.options.fail_on = vec![FailOnArg::Warning];
        }
    }
    if args.command.is_some() {
        // Whoever asks about one backup, or what may go, wants to know about all of it.
        args.options.subset = None;
    }
    let (zone, no_zone) = zone::of_process(env);
    let mut session = Session::new(args.options, settings, zone);
    session.say_notes(&at_home);
    session.say_notes(no_zone.as_slice());
    let is_scan = args.command.is_none() && !session.options.interactive;
    let hearers = Hearers {
        nagios: session.options.nagios,
        on_problem: session.options.on_problem.clone().filter(|_| is_scan),
    };
    let mut rest = Rest::default();
    let ended = command(&mut session, args.paths, args.command, &mut rest);
    let exit = ended.unwrap_or_else(|stop| {
        let lines = session.lines_of(&stop);
        rest.hear(&lines);
        match hearers.is_told_to_plugins(&lines) {
            true => stop.exit,
            false => session.tell_stop(&stop),
        }
    });
    // Whoever pressed Ctrl-C knows.
    let is_known = exit == Exit::INTERRUPTED;
    let exit = hearers.exit(exit);
    let is_heard = is_known || hearers.hear(exit, &rest.heard, &session.signals);
    rest.remember(&session, is_heard);
    exit.into()
}

/// Ends a call that is wrong, told to whoever is to hear of it.
fn refused(message: &str, hearers: &Hearers) -> Exit {
    // The command is waited for, and is not left behind.
    let signals = Signals::catch();
    if !hearers.is_told_to_plugins(&[message.to_owned()]) {
        to_stderr(message);
    }
    let exit = hearers.exit(Exit::USAGE);
    hearers.hear(exit, &format!("bkscan: {message}\n"), &signals);
    exit
}

/// Runs what was called. What is left to do of a scan goes into `rest`.
fn command(
    session: &mut Session,
    paths: Vec<PathBuf>,
    command: Option<Command>,
    rest: &mut Rest,
) -> Result<Exit, Stop> {
    session.remembers = command.is_none() && !session.options.interactive;
    session.call = spelled(command.as_ref());
    let call = command.as_ref().map_or(Call::Scan, Command::call);
    // A job that cleans has the options of clean.
    let job = match &command {
        Some(Command::Schedule { paths, .. }) if schedule::task(paths) == Task::Clean => {
            Some(Call::Clean)
        }
        _ => None,
    };
    if let Some(message) = misplaced(call, job, &session.options, &session.settings) {
        return Err(Stop::usage(Remark::plain(message)));
    }
    if session.options.interactive {
        choose::check(session)?;
    }
    if let Call::Scan | Call::Show | Call::Clean | Call::Diff | Call::Mend = call {
        session.take_passwords()?;
    }
    match command {
        None => match word::instead_of(&paths) {
            Some(stop) => Err(stop),
            None => scan::run(session, paths, rest),
        },
        Some(Command::Show { backup }) => show::run(session, &backup),
        Some(Command::Diff { backups }) => diff::run(session, &backups),
        Some(Command::Clean { paths }) => clean::run(session, paths),
        Some(Command::Mend { backup }) => mend::run(session, &backup),
        Some(Command::Explain { id, words }) => {
            let typed: Vec<String> = id.into_iter().chain(words).collect();
            explain::run(session, &typed.join(" "))
        }
        Some(Command::Config {
            command: ConfigCommand::Show,
        }) => session.print(Exit::WELL, |out| config::write(session, out)),
        Some(Command::Config {
            command: ConfigCommand::Schema,
        }) => session.print(Exit::WELL, reference::write_config_schema),
        Some(Command::History { paths }) if session.options.forget.is_empty() => {
            history::run(session, paths)
        }
        Some(Command::History { paths }) => history::forget(session, &paths),
        Some(Command::Report { file }) => report::run(session, &file),
        Some(Command::Schedule { kind, paths }) => schedule::run(session, kind.into(), paths),
        Some(Command::Schema { of }) => {
            session.print(Exit::WELL, |out| reference::write_schema(of, out))
        }
        Some(Command::Completions { shell }) => {
            session.print(Exit::WELL, |out| reference::write_completions(shell, out))
        }
        Some(Command::Man { of }) => session.print(Exit::WELL, |out| {
            reference::write_manual(of.as_deref(), out)
        }),
        Some(Command::Help { topic }) => help::run(session, &topic),
    }
}

/// The arguments of the process, in which help may be asked for in any way.
fn typed(argv: impl Iterator<Item = OsString>) -> Vec<OsString> {
    const HELP: [&str; 4] = ["-h", "--help", "-?", "/?"];
    let is_help = |word: &OsString| HELP.iter().any(|help| word == help);
    let argv: Vec<_> = argv.collect();
    match argv.as_slice() {
        [program, first] if is_help(first) => vec![program.clone(), "--help".into()],
        [_, first, ..] if first == "help" => {
            argv.into_iter().filter(|word| !is_help(word)).collect()
        }
        _ => argv,
    }
}

/// The call that a path is to be added to.
fn spelled(command: Option<&Command>) -> String {
    let words = match command {
        Some(Command::Clean { .. }) => "bkscan clean",
        Some(Command::Show { .. }) => "bkscan show",
        Some(Command::Diff { .. }) => "bkscan diff",
        Some(Command::Mend { .. }) => "bkscan mend",
        Some(Command::Schedule { kind, paths }) => {
            let clean = match schedule::task(paths) {
                Task::Clean => " clean",
                Task::Scan => "",
            };
            return format!("bkscan schedule {}{clean}", kind.word());
        }
        _ => "bkscan",
    };
    words.to_owned()
}
