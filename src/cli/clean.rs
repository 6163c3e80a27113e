//! `bkscan clean`: shows what would go, asks, and removes.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::Serialize;

use crate::clean::{self, CleanPlan, Cleaning, Done, Item, NotBegun, Outcome, What, Wish};
use crate::discover;
use crate::document::OnlyHere;
use crate::model::{Device, Report};
use crate::platform::{self, SYSTEM};
use crate::progress::Monitor;
use crate::redact;
use crate::remove::Step;
use crate::render::clean::{
    Measured, Next, goes_for_good, question, write_done, write_plan, write_undone,
};
use crate::render::json;
use crate::render::text::{self, Style};
use crate::shell;
use crate::state::{FirstError, StateFolder};

use super::find::{self, Names};
use super::session::Session;
use super::terminal::Progress;
use super::{exit_code, paths, values};

/// Runs the command and tells the exit code.
pub fn run(session: &Session, paths: Vec<PathBuf>) -> u8 {
    let wanted = &session.options.clean;
    if let Err(message) = check_options(session) {
        session.say(message);
        return exit_code::USAGE;
    }
    let (roots, default_roots) = match roots(session, paths) {
        Ok(roots) => roots,
        Err(code) => return code,
    };
    let mut done = match session.scan(roots, default_roots, None) {
        Ok(done) => done,
        Err(code) => return code,
    };
    if !session.options.quiet || session.options.json {
        session.tell_problems(&done);
        session.say_troubles(&done.take_troubles());
    }
    let report = &mut done.report;
    let wish = match wish(session, report) {
        Ok(wish) => wish,
        Err(code) => return code,
    };
    let state = session.state_of_removals();
    let (leftovers, kept) = clean::leftovers(report, report.started_at, &state);
    if !session.options.quiet {
        let say = |sentence: &String| session.say_of("", sentence);
        kept.iter().for_each(say);
    }
    let mut plan = clean::select(report, &wish, leftovers);
    if wanted.delete && !report.cancelled {
        return delete(session, report, &plan, &state);
    }
    let code = exit_code::of_clean(report, !plan.refused.is_empty(), session.signal());
    let again = again().filter(|_| !session.options.redact);
    let in_words = in_words(session);
    let below = match again.as_deref() {
        Some(call) => Next::Call(call),
        None => Next::InWords(&in_words),
    };
    if session.options.redact {
        redact::redact(report, SYSTEM);
        clean::redact(&mut plan, report);
    }
    if session.options.quiet && code == 0 {
        return code;
    }
    let style = session.style();
    session.print(code, |out| {
        if session.options.json {
            json::write_clean(report, &plan, None, code, out)
        } else {
            write_plan(report, &plan, below, &style, out)
        }
    })
}

/// The call that carries out this plan and no other: the same one with `--delete`, by the real time.
/// Nothing where it cannot be spelled in text.
fn again() -> Option<String> {
    let mut words = vec!["bkscan".to_owned()];
    let mut args = std::env::args_os().skip(1);
    while let Some(arg) = args.next() {
        let word = arg.to_str().filter(|word| text::clean(word) == *word)?;
        if word == "--now" {
            args.next();
        } else if !word.starts_with("--now=") {
            words.push(shell::quote(SYSTEM, word));
        }
        // Right behind the command word: an option may take all that follows it.
        if word == "clean" && !words.iter().any(|word| word == "--delete") {
            words.push("--delete".to_owned());
        }
    }
    Some(words.join(" "))
}

/// The same in words: a call put together from stand-ins would be that of another plan.
fn in_words(session: &Session) -> String {
    let mut text = "To carry this out: the same call with --delete".to_owned();
    match (session.options.redact, session.settings.is_typed("redact")) {
        (true, true) => text += ", without --redact",
        (true, false) => text += ", and with BKSCAN_REDACT=false in the environment",
        (false, _) => {}
    }
    if session.options.now.is_some() {
        text += ", without --now";
    }
    text + "."
}

/// What goes together, and what does not.
fn check_options(session: &Session) -> Result<(), &'static str> {
    let options = &session.options;
    let wanted = &options.clean;
    if !wanted.delete {
        match wanted.yes {
            true => Err("--yes goes with --delete; nothing was done"),
            false => Ok(()),
        }
    } else if options.now.is_some() {
        Err("--now and --delete do not go together: what is deleted is judged by the real time")
    } else if options.redact {
        Err("--redact and --delete do not go together: what is deleted has to be named")
    } else if !wanted.yes && !io::stdin().is_terminal() {
        Err("there is no terminal to ask on: add --yes, or leave out --delete to see the plan")
    } else {
        Ok(())
    }
}

/// Where to look: the paths given, else around the backups that are named by a path.
fn roots(session: &Session, paths: Vec<PathBuf>) -> Result<(Vec<PathBuf>, bool), u8> {
    let only = &session.options.clean.only;
    if paths.is_empty() && !only.is_empty() {
        let named = session.join(only);
        let all_there = named.iter().all(|path| paths::is_there(path));
        if (all_there || session.places().0.is_empty())
            && let Some(path) = swallowed(only)
        {
            return Err(say_swallowed(session, only, path));
        }
        if all_there {
            let around = named.iter().map(|path| platform::place(path).0);
            return Ok((around.collect(), false));
        }
    }
    session.roots(paths)
}

/// Of words behind `--only`, the first that is a folder of backups and thus was meant as PATH, if there
/// are others.
fn swallowed(only: &[PathBuf]) -> Option<&PathBuf> {
    let holds_backups = |path: &&PathBuf| {
        let root = std::slice::from_ref(*path);
        let found = discover::find(root, &Monitor::silent());
        let mut backups = found.backups.iter();
        path.is_dir() && backups.any(|backup| backup.path != **path)
    };
    only.iter().filter(|_| only.len() > 1).find(holds_backups)
}

fn say_swallowed(session: &Session, only: &[PathBuf], path: &PathBuf) -> u8 {
    const RULE: &str = "--only takes every word after it: write the path before it, as in";
    let backups = only.iter().filter(|word| *word != path);
    let backups = backups.map(|word| word.to_string_lossy());
    let words = ["bkscan".into(), "clean".into(), path.to_string_lossy()];
    let words = words.into_iter().chain(["--only".into()]).chain(backups);
    let words: Vec<String> = words.map(|word| shell::quote(SYSTEM, &word)).collect();
    session.say_of(
        &format!("{RULE} bkscan clean PATH --only BACKUP"),
        &format!("{RULE} {}", words.join(" ")),
    );
    exit_code::USAGE
}

/// What the options ask for, in terms of the report.
fn wish(session: &Session, report: &Report) -> Result<Wish, u8> {
    let wanted = &session.options.clean;
    let only = match wanted.only.as_slice() {
        [] => None,
        words => Some(named(session, words, report)?),
    };
    let devices = match &wanted.device {
        None => None,
        Some(name) => Some(devices(session, name, report)?),
    };
    let older_than = wanted
        .older_than
        .map(|span| values::before(report.started_at, span));
    Ok(Wish {
        only,
        devices,
        older_than,
    })
}

/// The names of all backups, in the order of the report.
fn names(report: &Report) -> Vec<Names> {
    let backups = report.backups.iter();
    backups
        .map(|backup| Names {
            path: backup.path.clone(),
            folder: backup.folder_name(),
            udid: backup.udid.as_ref().map(ToString::to_string),
            device: backup.device.name.clone(),
        })
        .collect()
}

/// The backups that are meant by words; a name that a space took apart is put together, the
/// shortest run that means one wins.
fn named(session: &Session, words: &[PathBuf], report: &Report) -> Result<Vec<usize>, u8> {
    let known = names(report);
    let mut chosen = Vec::new();
    let mut rest = words;
    while let [first, ..] = rest {
        let runs = (1..=rest.len()).map(|length| (length, joined(&rest[..length])));
        let found = runs
            .map(|(length, word)| (length, meant(&known, &word)))
            .find(|(_, found)| !found.is_empty());
        match found {
            Some((length, found)) => {
                let [one] = found.as_slice() else {
                    let several: Vec<&Names> = found.iter().map(|at| &known[*at]).collect();
                    let word = joined(&rest[..length]);
                    return Err(find::ambiguous(session, &word.to_string_lossy(), &several));
                };
                chosen.push(*one);
                rest = &rest[length..];
            }
            None => {
                if let Some(path) = swallowed(words).filter(|path| *path == first) {
                    return Err(say_swallowed(session, words, path));
                }
                let name = first.to_string_lossy();
                return Err(find::unknown(session, &name, &known));
            }
        }
    }
    Ok(chosen)
}

fn joined(words: &[PathBuf]) -> OsString {
    let words: Vec<_> = words.iter().map(|word| word.as_os_str()).collect();
    words.join(" ".as_ref())
}

/// The backups that a word means: by its path, else by a name.
fn meant(known: &[Names], word: &OsString) -> Vec<usize> {
    let path = PathBuf::from(word);
    if paths::is_there(&path) {
        let same = |(at, known): (usize, &Names)| find::same(&known.path, &path).then_some(at);
        let by_path: Vec<usize> = known.iter().enumerate().filter_map(same).collect();
        if !by_path.is_empty() {
            return by_path;
        }
    }
    find::choose(known, &word.to_string_lossy())
}

/// The one device that is meant.
fn devices(session: &Session, name: &str, report: &Report) -> Result<Vec<usize>, u8> {
    let equal = |text: Option<&str>| text.is_some_and(|text| text.eq_ignore_ascii_case(name));
    let all = || report.devices.iter().enumerate();
    let fitting: Vec<usize> = all()
        .filter(|(_, device)| {
            equal(device.name.as_deref()) || equal(device.udid.as_ref().map(|udid| udid.as_str()))
        })
        .map(|(at, _)| at)
        .collect();
    let list = |devices: &[usize]| {
        let lines = devices.iter().map(|at| device_line(&report.devices[*at]));
        lines.flatten().for_each(|line| session.say_of("", &line));
    };
    match fitting.as_slice() {
        [_] => Ok(fitting),
        [] => {
            let message = format!("no device is called {name}; there are:");
            session.say_of("no device is called that", &message);
            list(&all().map(|(at, _)| at).collect::<Vec<_>>());
            Err(exit_code::COULD_NOT_LOOK)
        }
        several => {
            let message = format!("{name} could be any of these; name one by its UDID:");
            let count = several.len();
            session.say_of(&format!("that could be any of {count} devices"), &message);
            list(several);
            Err(exit_code::USAGE)
        }
    }
}

/// What a device can be named by; nothing where it cannot be.
fn device_line(device: &Device) -> Option<String> {
    let udid = device.udid.as_ref().map(|udid| udid.as_str());
    match (udid, device.name.as_deref()) {
        (None, None) => None,
        (Some(udid), name) => Some(format!("  {udid}  {}", name.unwrap_or("unknown device"))),
        (None, Some(name)) => Some(format!("  {name}")),
    }
}

/// Asks, removes, and tells what was done.
fn delete(session: &Session, report: &Report, plan: &CleanPlan, state: &StateFolder) -> u8 {
    let style = session.style();
    let cleaning = match Cleaning::begin(report, plan, report.started_at, state) {
        Ok((cleaning, remarks)) => {
            remarks.iter().for_each(|remark| session.say(remark));
            cleaning
        }
        Err(NotBegun::Busy(folder)) => {
            let folder = folder.display();
            let why = format!("another bkscan is cleaning {folder}");
            session.say(&format!("{why}; nothing was deleted"));
            let code = exit_code::COULD_NOT_LOOK;
            if !session.options.json {
                return code;
            }
            let done: Vec<Done> = (0..plan.items.len())
                .map(|item| Done::refused(item, why.clone()))
                .collect();
            return session.print(code, |out| {
                json::write_clean(report, plan, Some(&done), code, out)
            });
        }
    };
    let silent = session.options.quiet || session.options.json;
    if !silent {
        let code = session.print(0, |out| {
            write_plan(report, plan, Next::Question, &style, out)
        });
        if code != 0 {
            return code;
        }
    }
    let (agreed, mut done) = agree(session, report, plan, &style);
    let free = || free_bytes(plan);
    let (before, begun) = (free(), Instant::now());
    let progress = Progress::new(silent || agreed.is_empty());
    let notes = Notes::new(session, state);
    let observer = |step: Step<'_>| {
        progress.removed(&step);
        match session.signal() {
            0 => ControlFlow::Continue(()),
            _ => ControlFlow::Break(()),
        }
    };
    let cleaned = session.in_pool(|| {
        let clean = |at: &usize| {
            if session.signal() != 0 {
                return Done::refused(*at, "stopped before it was begun".to_owned());
            }
            let done = cleaning.clean(*at, &observer);
            notes.end(&plan.items[*at], report, &done);
            done
        };
        agreed.iter().map(clean).collect::<Vec<Done>>()
    });
    progress.clear();
    match cleaned {
        Ok(cleaned) => done.extend(cleaned),
        Err(code) => return code,
    }
    done.sort_by_key(|done| done.item);
    notes.tell(cleaning.not_noted());
    let measured = Measured {
        seconds: begun.elapsed().as_secs_f64(),
        free: before.zip(free()),
    };
    let asked = |done: &Done| done.outcome != Outcome::Removed && !done.is_declined();
    let undone = done.iter().any(asked) || !plan.refused.is_empty();
    let code = exit_code::of_clean(report, undone, session.signal());
    session.print(code, |out| {
        if session.options.json {
            json::write_clean(report, plan, Some(&done), code, out)
        } else if session.options.quiet {
            write_undone(report, plan, &done, &style, out)
        } else {
            write_done(report, plan, &done, measured, &style, out)
        }
    })
}

/// Asks what has to be asked: the items that may go, and those that may not, with the reason.
fn agree(
    session: &Session,
    report: &Report,
    plan: &CleanPlan,
    style: &Style,
) -> (Vec<usize>, Vec<Done>) {
    let mut agreed = Vec::new();
    let mut refused = Vec::new();
    for (at, item) in plan.items.iter().enumerate() {
        let named = match item.what {
            _ if session.signal() != 0 => Err("stopped before it was begun".to_owned()),
            What::Backup(backup) if item.is_only_copy => {
                let for_good = goes_for_good(item, report, style);
                is_name_typed(session, report, backup, &for_good)
            }
            _ => Ok(()),
        };
        match named {
            Ok(()) => agreed.push(at),
            Err(why) => refused.push(Done::refused(at, why)),
        }
    }
    if session.options.clean.yes || agreed.is_empty() {
        return (agreed, refused);
    }
    let part = clean::part(report, plan, &agreed);
    let answer = ask(session, &question(report, &part, style));
    if answer.as_deref().map(str::trim) == Some("yes") {
        return (agreed, refused);
    }
    refused.extend(agreed.into_iter().map(Done::declined));
    (vec![], refused)
}

/// Has the name of a device typed whose only backup would go; `for_good` is told first.
///
/// # Errors
/// Why it stays.
fn is_name_typed(
    session: &Session,
    report: &Report,
    at: usize,
    for_good: &[String],
) -> Result<(), String> {
    if !io::stdin().is_terminal() {
        let why = "it is the only backup of its device, and its name has to be typed on a terminal";
        return Err(why.to_owned());
    }
    let backup = &report.backups[at];
    // The apostrophes that phones put into names are not on keyboards.
    let plain = |text: &str| {
        let clean = text::clean(text).replace(['\u{2018}', '\u{2019}'], "'");
        clean.trim().to_owned()
    };
    let name = backup.device.name.as_deref().map(plain).unwrap_or_default();
    // What cannot be seen cannot be typed.
    let (what, name) = match name.as_str() {
        "" => ("the folder's name", plain(&backup.folder_name())),
        _ => ("the device's name", name),
    };
    let mut asked: String = for_good.iter().map(|line| format!("{line}\n")).collect();
    asked +=
        &format!("This is the only backup of \"{name}\". To delete it for good, type {what}: ");
    let typed = ask(session, &asked).unwrap_or_default();
    let flaw = match plain(&typed) {
        typed if typed.is_empty() => format!("{what} was not typed"),
        typed if typed == name => return Ok(()),
        _ => "the name typed was another one".to_owned(),
    };
    Err(format!("it is the only backup of its device, and {flaw}"))
}

/// Asks on stderr, and reads a line from the terminal; nothing where it ends or a signal comes.
fn ask(session: &Session, question: &str) -> Option<String> {
    let mut stderr = io::stderr();
    let _ = write!(stderr, "{question}").and_then(|()| stderr.flush());
    let line = session.wait_for(|| {
        let mut line = String::new();
        let read = io::stdin().read_line(&mut line);
        read.ok().filter(|bytes| *bytes > 0).map(|_| line)
    });
    let line = line.flatten();
    // After Ctrl-D or Ctrl-C the terminal still stands behind the question.
    if !line.as_deref().is_some_and(|line| line.ends_with('\n')) {
        let _ = writeln!(stderr);
    }
    line
}

/// What is free on the disks that something goes from.
fn free_bytes(plan: &CleanPlan) -> Option<u64> {
    let mut seen = Vec::new();
    let mut free: u64 = 0;
    for item in &plan.items {
        let (around, _) = platform::place(&item.path);
        let volume = platform::identity(&around).ok()??.0;
        if !seen.contains(&volume) {
            seen.push(volume);
            free = free.saturating_add(platform::volume(&around)?.available);
        }
    }
    Some(free)
}

/// The path as it is from anywhere; as it was given, where it cannot be told.
fn absolute(path: &Path) -> PathBuf {
    let (around, name) = platform::place(path);
    around
        .canonicalize()
        .map_or_else(|_| path.to_owned(), |around| around.join(name))
}

/// One line of the list of removals.
#[derive(Serialize)]
struct Removal<'a> {
    at: String,
    path: String,
    udid: Option<&'a str>,
    outcome: &'static str,
    why: Option<&'a str>,
    files: u64,
    freed_bytes: u64,
    only_here: Option<OnlyHere<'a>>,
}

/// Notes in the list of removals what came of each. That this fails changes nothing
/// but for one line on stderr.
struct Notes<'a> {
    session: &'a Session,
    state: &'a StateFolder,
    error: FirstError,
}

impl<'a> Notes<'a> {
    fn new(session: &'a Session, state: &'a StateFolder) -> Notes<'a> {
        Notes {
            session,
            state,
            error: FirstError::default(),
        }
    }

    fn end(&self, item: &Item, report: &Report, done: &Done) {
        let at = match item.what {
            What::Backup(at) => Some(at),
            What::Leftover { .. } => None,
        };
        let udid = at.and_then(|at| report.backups[at].udid.as_ref());
        let only_here = at.and_then(|at| report.plan.decisions[at].only_here.as_ref());
        let removal = Removal {
            at: self.session.now().to_string(),
            path: absolute(&item.path).display().to_string(),
            udid: udid.map(|udid| udid.as_str()),
            outcome: done.outcome.as_str(),
            why: done.outcome.why(),
            files: done.files,
            freed_bytes: done.freed,
            only_here: only_here.map(|only| OnlyHere::new(only, report)),
        };
        let line = serde_json::to_string(&removal).map_err(io::Error::from);
        self.error
            .keep(line.and_then(|line| self.state.record_removal(&line)));
    }

    /// Says on stderr that the list could not be written, if so.
    fn tell(self, not_noted: Option<io::Error>) {
        if let Some(error) = self.error.into_inner().or(not_noted) {
            self.session.say(&format!(
                "what was removed could not be noted in removals.jsonl: {}",
                platform::in_words(&error)
            ));
        }
    }
}
