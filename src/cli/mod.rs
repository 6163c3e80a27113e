//! The process: arguments, terminal, exit code. The only place that prints.

mod args;
pub mod exit_code;
mod paths;
mod terminal;

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::Ordering;

use clap::Parser;
use jiff::Timestamp;

use crate::config::ScanConfig;
use crate::discover::Found;
use crate::model::Report;
use crate::platform::SYSTEM;
use crate::progress::Monitor;
use crate::render::{json, text};
use crate::{places, scan};

use args::Args;
use terminal::{Progress, Signals};

/// Runs the program with the arguments of the process, prints its results, and tells how to exit.
pub fn run() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
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
    scan_and_tell(args).into()
}

fn scan_and_tell(args: Args) -> u8 {
    let mut roots = args.paths.clone();
    if roots.is_empty() {
        let places = places::default_places(SYSTEM, |name| std::env::var_os(name));
        if places.is_empty() {
            say_lines(&places::name_a_path());
            return exit_code::USAGE;
        }
        roots = existing_or_all(places);
    }
    let signals = Signals::catch();
    let (roots, notes) = paths::join_unquoted(&roots, paths::is_there);
    if !args.quiet {
        notes.iter().for_each(|note| say(note));
    }
    let config = ScanConfig {
        level: args.level.into(),
        threads: args.threads(),
        ..ScanConfig::new(roots, args.now.unwrap_or_else(Timestamp::now))
    };
    let progress = Progress::new(args.quiet);
    let observer = |event: crate::progress::Event<'_>| progress.hear(event);
    let scanned = scan::scan(&config, &Monitor::new(&observer, &signals.received));
    progress.clear();
    let (mut report, found) = match scanned {
        Ok(scanned) => scanned,
        Err(error) => {
            say(&format!(
                "{} threads could not be started: {error}",
                config.threads
            ));
            return exit_code::COULD_NOT_LOOK;
        }
    };
    if args.now.is_none() {
        report.finished_at = Timestamp::now();
    }
    let signal = signals.received.load(Ordering::Relaxed);
    let code = exit_code::of(&report, args.fail_on.into(), signal);
    if args.quiet && code == 0 {
        return code;
    }
    // In a quiet run the paragraphs on stdout say it.
    if !args.quiet || args.json {
        tell_problems(&report, &found);
    }
    match print(&args, &report, code) {
        // Whoever reads us has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => code,
        Err(error) => {
            say(&format!("the result could not be written: {error}"));
            exit_code::COULD_NOT_LOOK
        }
        Ok(()) => code,
    }
}

/// Of the system's own places those that are there; all of them if none is, so that the message
/// names them.
fn existing_or_all(places: Vec<std::path::PathBuf>) -> Vec<std::path::PathBuf> {
    let there: Vec<_> = places
        .iter()
        .filter(|place| paths::is_there(place))
        .cloned()
        .collect();
    if there.is_empty() { places } else { there }
}

fn print(args: &Args, report: &Report, code: u8) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    if args.json {
        json::write(report, code, &mut out)?;
    } else {
        let style = terminal::style(args.color.into());
        if args.quiet {
            text::write_quiet(report, &style, &mut out)?;
        } else {
            text::write(report, &style, &mut out)?;
        }
    }
    out.flush()
}

/// How many things that are merely worth knowing are named.
const MOST_REMARKS: usize = 5;

fn tell_problems(report: &Report, found: &Found) {
    if let Some((path, privacy)) = found.closed.first() {
        let program = std::env::var("TERM_PROGRAM").ok();
        let terminal = places::terminal_name(program.as_deref());
        let shown = text::clean(&path.display().to_string());
        say_lines(&places::not_permitted(SYSTEM, &shown, *privacy, terminal));
    }
    let told = |path: &Path| {
        found
            .closed
            .first()
            .is_some_and(|(closed, _)| closed == path)
    };
    let (blocking, remarks): (Vec<_>, Vec<_>) = report
        .problems
        .iter()
        .filter(|problem| !told(&problem.path))
        .partition(|problem| problem.blocking);
    for problem in blocking.iter().chain(remarks.iter().take(MOST_REMARKS)) {
        say(&problem.message);
    }
    if remarks.len() > MOST_REMARKS {
        say(&format!(
            "{} more places were passed over (--json lists them)",
            remarks.len() - MOST_REMARKS
        ));
    }
}

/// Writes a line to stderr. It may quote names of whatever kind, so nothing in it may act on the
/// terminal.
fn say(message: &str) {
    say_lines(&text::clean(message));
}

/// Writes lines of our own to stderr; nothing can be done where that fails.
fn say_lines(lines: &str) {
    let _ = writeln!(io::stderr(), "bkscan: {lines}");
}
