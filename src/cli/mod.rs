//! The process: arguments, terminal, exit code. The only place that prints.

mod commands;
mod console;
pub mod exit_code;
mod flags;
mod meant;
mod memory;
mod password;
mod request;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use crate::find::places;
use crate::render::json;
use crate::render::printable;
use crate::render::screen::{explain, quiet, show, text};
use crate::report::redact;
use crate::system::SYSTEM;

use commands::{clean, config, diff, history, reference, report, schedule};
use flags::args::{Command, ConfigCommand, LevelArg};
use flags::settings;
use flags::settings::Refusal;
use meant::backup;
use memory::runs::Keep;
use request::{Done, Session};

/// What one cleaning is about.
const OF_CLEAN: [&str; 5] = ["delete", "yes", "only", "device", "older-than"];

/// Runs the program with the arguments of the process, prints its results, and tells how to exit.
pub fn run() -> ExitCode {
    let argv = typed(std::env::args_os());
    let env = |name: &str| std::env::var_os(name);
    let (mut args, settings) = match settings::read(&argv, env, settings::usual_file(SYSTEM, env)) {
        Ok(read) => read,
        Err(Refusal::Said(message)) => {
            // It names a path, and may quote anything.
            match settings::asks_to_redact(&argv, env) {
                true => to_stderr("a setting is wrong; leave out --redact to see which"),
                false => to_stderr(&printable::clean(&message)),
            }
            return exit_code::USAGE.into();
        }
        Err(Refusal::Clap(error)) => {
            // `--help` and `--version` come this way too, and go to stdout.
            let _ = error.print();
            return if error.use_stderr() {
                exit_code::USAGE
            } else {
                0
            }
            .into();
        }
    };
    if let Some(Command::Clean { .. } | Command::Diff { .. }) = args.command {
        args.options.level = args.options.level.max(LevelArg::Standard);
    }
    if args.command.is_some() {
        // Whoever asks about one backup, or what may go, wants to know about all of it.
        args.options.nightly.subset = None;
    }
    let mut session = Session::new(args.options, settings);
    session.remembers = args.command.is_none();
    session.call = call(args.command.as_ref());
    if let Some(message) = misplaced(args.command.as_ref(), &session) {
        session.say(&message);
        return exit_code::USAGE.into();
    }
    if let None | Some(Command::Show { .. } | Command::Clean { .. } | Command::Diff { .. }) =
        args.command
        && let Err(code) = session.take_passwords()
    {
        return code.into();
    }
    let code = match args.command {
        None => scan(&session, args.paths),
        Some(Command::Show { backup }) => show_backup(&session, &backup),
        Some(Command::Diff { backups }) => diff::run(&session, &backups),
        Some(Command::Clean { paths }) => clean::run(&session, paths),
        Some(Command::Explain { id }) => explain_id(&session, id.as_deref()),
        Some(Command::Config {
            command: ConfigCommand::Show,
        }) => session.print(0, |out| config::write(&session, out)),
        Some(Command::History { paths }) if session.options.nightly.forget.is_empty() => {
            history::run(&session, paths)
        }
        Some(Command::History { paths }) => history::forget(&session, &paths),
        Some(Command::Report { file }) => report::report(&session, &file),
        Some(Command::Schedule { kind, paths }) => schedule::run(&session, kind.into(), paths),
        Some(Command::Schema { of }) => session.print(0, |out| reference::write_schema(of, out)),
        Some(Command::Completions { shell }) => {
            session.print(0, |out| reference::write_completions(shell, out))
        }
        Some(Command::Man) => session.print(0, reference::write_manual),
    };
    code.into()
}

/// The arguments of the process. `bkscan help -h` is `bkscan help`, which clap does not know.
fn typed(argv: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let argv: Vec<_> = argv.collect();
    match argv.get(1).is_some_and(|word| word == "help") {
        true => (argv.into_iter())
            .filter(|word| word != "-h" && word != "--help")
            .collect(),
        false => argv,
    }
}

/// The call that a path is to be added to.
fn call(command: Option<&Command>) -> String {
    let words = match command {
        Some(Command::Clean { .. }) => "bkscan clean",
        Some(Command::Show { .. }) => "bkscan show",
        Some(Command::Diff { .. }) => "bkscan diff",
        Some(Command::Schedule { kind, .. }) => return format!("bkscan schedule {}", kind.word()),
        _ => "bkscan",
    };
    words.to_owned()
}

/// An option that was typed with a command it has no meaning for.
fn misplaced(command: Option<&Command>, session: &Session) -> Option<String> {
    /// What a scan does beside judging.
    const OF_SCAN: [&str; 5] = ["stale-after", "metrics", "no-state", "subset", "html"];
    /// The same without what a page from a saved document takes.
    const OF_JUDGING: [&str; 3] = ["stale-after", "metrics", "subset"];
    let typed = |names: &[&'static str]| {
        let mut names = names.iter();
        names.find(|name| session.settings.is_typed(name)).copied()
    };
    let of_clean = || typed(&OF_CLEAN).map(|name| (name, "bkscan clean"));
    let of_scan = || typed(&OF_SCAN).map(|name| (name, "a scan"));
    let of_judging = || typed(&OF_JUDGING).map(|name| (name, "a scan"));
    let of_a_look = || typed(&password::OPTIONS).map(|name| (name, "a scan, show, diff or clean"));
    let of_plans = || typed(&["may-lose"]).map(|name| (name, "a scan, show or clean"));
    let of_data = || typed(&["json"]).map(|name| (name, "a scan, show, diff, clean or history"));
    let of_contents = || {
        let reads = session.options.level == LevelArg::Contents;
        let name = typed(&["subset"]).filter(|_| !reads)?;
        Some((name, "--level contents"))
    };
    if let Some(Command::Diff { .. }) = command {
        let typed = session.settings.typed.iter();
        let mut others = typed.filter(|name| !diff::OPTIONS.contains(&name.as_str()));
        let name = others.next()?;
        return Some(format!(
            "--{name} does not go with bkscan diff; nothing was done"
        ));
    }
    if session.options.diff.list {
        return Some("--list goes with bkscan diff; nothing was done".to_owned());
    }
    let of_history = || typed(&["forget"]).map(|name| (name, "bkscan history"));
    let is_history = matches!(command, Some(Command::History { .. }));
    if let Some((name, with)) = of_history().filter(|_| !is_history) {
        return Some(format!("--{name} goes with {with}; nothing was done"));
    }
    let (name, with) = match command {
        Some(Command::Clean { .. } | Command::Diff { .. }) => of_scan(),
        None | Some(Command::Schedule { .. }) => of_clean().or_else(of_contents),
        Some(Command::Config { .. }) => of_clean().or_else(of_data),
        Some(Command::Show { .. }) => of_clean().or_else(of_scan),
        Some(Command::Report { .. }) => (of_clean().or_else(of_judging))
            .or_else(of_a_look)
            .or_else(of_plans)
            .or_else(of_data),
        Some(Command::History { .. }) => (of_clean().or_else(of_scan))
            .or_else(of_a_look)
            .or_else(of_plans)
            .or_else(|| history::misplaced(session)),
        Some(
            Command::Explain { .. }
            | Command::Schema { .. }
            | Command::Completions { .. }
            | Command::Man,
        ) => (of_clean().or_else(of_scan))
            .or_else(of_a_look)
            .or_else(of_plans)
            .or_else(of_data),
    }?;
    Some(format!("--{name} goes with {with}; nothing was done"))
}

/// `bkscan [PATH]…`
fn scan(session: &Session, typed: Vec<PathBuf>) -> u8 {
    if report::is_on_stdout(session) {
        session.say(
            "--html - goes with bkscan report, for a scan has its own output there: name a file",
        );
        return exit_code::USAGE;
    }
    let (roots, default_roots) = match session.roots(typed) {
        Ok(roots) => roots,
        Err(code) => return code,
    };
    let mut done = match session.scan(roots, default_roots, None) {
        Ok(done) => done,
        Err(code) => return code,
    };
    let keep = Keep::compare(session, &mut done);
    let code = done.exit_code(session.options.fail_on());
    let page = report::OfScan::prepare(session, &done.report, || keep.runs());
    if session.options.redact {
        redact::redact(&mut done.report, SYSTEM);
    }
    let written = match page {
        Ok(Some(page)) => page.write(session, &done.report, code),
        Ok(None) => Ok(()),
        Err(code) => Err(code),
    };
    let code = written.map_or_else(|failed| exit_code::worse(code, failed), |()| code);
    let silent = session.options.quiet && code == 0;
    let told = match silent {
        true => Ok(()),
        false => tell(session, &done, code),
    };
    // What nobody was told of is as new to the next run.
    let keep = match told {
        Ok(()) => keep,
        Err(_) => keep.without_memory(),
    };
    let code = session.ended(code, told);
    keep.keep(session, &done.report, silent);
    code
}

/// Prints what a scan found.
fn tell(session: &Session, done: &Done, code: u8) -> io::Result<()> {
    // In a quiet run the paragraphs on stdout say it.
    if !session.options.quiet || session.options.json {
        session.tell_problems(done);
    }
    let only_new = session.options.fail_on().only_new;
    let style = session.style();
    session.write_out(|out| {
        if session.options.json {
            json::write(&done.report, code, out)
        } else if session.options.quiet {
            quiet::write(&done.report, only_new, &style, out)
        } else {
            let guide = session.options.advice.into();
            text::write(&done.report, guide, &style, out)
        }
    })
}

/// `bkscan show BACKUP`
fn show_backup(session: &Session, words: &[PathBuf]) -> u8 {
    let target = match backup::target(session, words) {
        Ok(target) => target,
        Err(code) => return code,
    };
    let mut done = match session.scan(
        target.roots,
        target.default_roots,
        Some(target.path.clone()),
    ) {
        Ok(done) => done,
        Err(code) => return code,
    };
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
        return done
            .exit_code(session.options.fail_on())
            .max(exit_code::COULD_NOT_LOOK);
    };
    done.keep_only(at);
    let code = done.exit_code(session.options.fail_on());
    if session.options.redact {
        redact::redact(&mut done.report, SYSTEM);
    }
    if session.options.quiet && code == 0 {
        return code;
    }
    session.say_troubles(&done.take_troubles());
    let style = session.style();
    session.print(code, |out| {
        if session.options.json {
            json::write_one(&done.report, at, code, out)
        } else if session.options.quiet {
            quiet::write_one(&done.report, at, &style, out)
        } else {
            show::write(&done.report, at, &style, out)
        }
    })
}

/// `bkscan explain [ID]`
fn explain_id(session: &Session, id: Option<&str>) -> u8 {
    let style = session.style();
    let mut known = true;
    let code = session.print(0, |out| match id {
        None => explain::write_list(&style, out),
        Some(id) => {
            known = explain::write(id, &style, out)?;
            Ok(())
        }
    });
    if known {
        return code;
    }
    let id = id.unwrap_or_default();
    let near = closest(id, explain::ids());
    let hint = near
        .map(|near| format!("; did you mean {near}?"))
        .unwrap_or_default();
    session.say(&format!(
        "there is no finding or verdict named {id}{hint} (bkscan explain lists all)"
    ));
    exit_code::USAGE
}

/// The known word that a mistyped one resembles most, if it does.
fn closest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = |word: &&str| (strsim::jaro_winkler(typed, word) * 1000.0) as u32;
    known
        .into_iter()
        .max_by_key(likeness)
        .filter(|word| likeness(word) > 850)
}

/// Says that the system has no places of its own, and what to name.
fn name_a_path(session: &Session, wanted: &str) -> u8 {
    session.say_lines(&places::name_a_path(wanted));
    exit_code::USAGE
}

/// Whether this error says that whoever reads our output has seen enough.
fn is_closed_pipe(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
}

/// Writes a line to stderr; nothing can be done where that fails.
fn to_stderr(lines: &str) {
    let _ = writeln!(io::stderr(), "bkscan: {lines}");
}

/// The system's own places for backups.
fn system_places() -> Vec<PathBuf> {
    places::default_places(SYSTEM, |name| std::env::var_os(name))
}

#[cfg(test)]
mod tests;
