//! `bkscan clean`: shows what would go, asks, and removes.

use std::io::{self, IsTerminal};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Instant;

use crate::clean::remove::Step;
use crate::clean::{self, CleanPlan, Cleaning, Done, NotBegun, Outcome, Proof, What};
use crate::crypto::keyring::Keyring;
use crate::model::options::Policy;
use crate::model::progress::Event;
use crate::model::{BackupIndex, Flag, Report};
use crate::render::json;
use crate::render::printable;
use crate::render::screen::clean::{
    Measured, Next, goes_for_good, question, write_done, write_plan, write_undone,
};
use crate::render::screen::style::Style;
use crate::report::redact;
use crate::state::StateFolder;
use crate::system::{self, SYSTEM};
use crate::words::shell;

use crate::cli::choose::run::{Ended, Opening};
use crate::cli::choose::{self, terminal};
use crate::cli::console::Progress;
use crate::cli::exit_code::{self, Exit};
use crate::cli::meant::backup;
use crate::cli::meant::{paths, wish};
use crate::cli::memory::removals::Notes;
use crate::cli::problems::in_the_dark;
use crate::cli::session::Session;
use crate::cli::stop::{Remark, Stop};

/// Runs the command.
///
/// # Errors
/// Where there is nothing to tell, or it could not be told.
pub fn run(session: &Session, paths: Vec<PathBuf>) -> Result<Exit, Stop> {
    if session.options.interactive {
        return choose(session, paths, Opening::Choice);
    }
    let to_delete = session.options.delete;
    check_options(session).map_err(|message| Stop::usage(Remark::plain(message)))?;
    let (roots, default_roots) = roots(session, paths)?;
    if to_delete && !default_roots {
        all_there(&roots)?;
    }
    let mut done = session.scan(roots, default_roots, None)?;
    if !session.options.quiet || session.options.json {
        session.tell_problems(&done.report, &done.found);
        let troubles = done.take_troubles();
        troubles.iter().for_each(|trouble| session.tell(trouble));
    }
    let found = Found {
        keyring: &done.keyring,
        policy: &done.policy,
    };
    let report = &mut done.report;
    let wish = wish::wish(session, report)?;
    let state = session.state_of_removals();
    let (leftovers, kept) = clean::leftovers(report, report.started_at, &state);
    if !session.options.quiet {
        let remarks = kept.into_iter().map(Remark::personal);
        remarks.for_each(|remark| session.tell(&remark));
    }
    let mut plan = clean::select(report, found.policy, &wish, leftovers);
    // What was named is judged as a set, and so it is told.
    if let Some(judged) = &plan.judged {
        report.plan.clone_from(judged);
    }
    if to_delete && !report.cancelled {
        return match in_the_dark(report) {
            Some((root, problem)) => {
                if session.options.quiet && !session.options.json {
                    session.say(&problem.message);
                }
                session.say(&format!(
                    "nothing was deleted: something is wrong with {}, and --delete needs every path to \
                     be right",
                    root.display()
                ));
                refused(session, report, &plan, &problem.message)
            }
            None => delete(session, report, &plan, &state, found),
        };
    }
    let code = exit_code::of_clean(report, !plan.refused.is_empty(), session.signal());
    let is_dark = in_the_dark(report).is_some();
    let again = |option: &str| again(option).filter(|_| !session.options.redact && !is_dark);
    let (delete, list) = (again("--delete"), again("-i"));
    let list = list.filter(|_| terminal::lacking(|name| std::env::var(name).ok()).is_none());
    let in_words = in_words(session, is_dark);
    let below = match delete.as_deref() {
        Some(call) => Next::Call(call, list.as_deref()),
        None => Next::InWords(&in_words),
    };
    if session.options.redact {
        redact::redact(report, SYSTEM);
        clean::redact(&mut plan, report);
    }
    if session.options.quiet && code.is_well() {
        return Ok(code);
    }
    let style = session.style();
    session.print(code, |out| {
        if session.options.json {
            json::write_clean(report, &plan, None, code.number(), out)
        } else {
            write_plan(report, &plan, below, &style, out)
        }
    })
}

/// Has somebody choose in a list, and deletes that after the same question.
///
/// # Errors
/// As [`run`].
pub fn choose(session: &Session, paths: Vec<PathBuf>, opening: Opening) -> Result<Exit, Stop> {
    let (roots, default_roots) = roots(session, paths)?;
    if !default_roots {
        all_there(&roots)?;
    }
    let title = choose::run::title(&session.call, &roots, &session.style());
    let ready = session.ready(roots, default_roots, None)?;
    let state = session.state_of_removals();
    let (behind, plan) = match choose::run::run(session, ready, opening, title, &state)? {
        Ended::Delete(behind, plan) => (Some(behind), Some(plan)),
        Ended::Left(behind) => (behind, None),
    };
    let Some(behind) = behind else {
        return Ok(nothing_deleted(session, Exit::WELL));
    };
    let (mut report, rest) = (behind.scanned.report, behind.rest);
    // Who stops a scan knows that it told of nothing.
    if !report.cancelled {
        session.tell_problems(&report, &rest.found);
        rest.troubles
            .iter()
            .for_each(|trouble| session.tell(trouble));
        let remarks = behind.kept.into_iter().map(Remark::personal);
        remarks.for_each(|remark| session.tell(&remark));
    }
    let Some(plan) = plan else {
        let code = match report.cancelled && session.signal() == 0 {
            true => Exit::WELL,
            false => exit_code::of_clean(&report, false, session.signal()),
        };
        return Ok(nothing_deleted(session, code));
    };
    // What was marked is judged as a set, and so it is told.
    if let Some(judged) = &plan.judged {
        report.plan.clone_from(judged);
    }
    let found = Found {
        keyring: &rest.keyring,
        policy: &rest.policy,
    };
    delete(session, &report, &plan, &state, found)
}

/// The end of a list that was left.
fn nothing_deleted(session: &Session, code: Exit) -> Exit {
    session.say("nothing was deleted");
    match session.signal() {
        0 => code,
        signal => Exit::after(signal),
    }
}

/// The call that carries out this plan and no other, by the real time: the same one with an option such as
/// `--delete`. Nothing where it cannot be spelled in text.
fn again(option: &str) -> Option<String> {
    let mut words = vec!["bkscan".to_owned()];
    let mut args = std::env::args_os().skip(1);
    let mut is_path = false;
    while let Some(arg) = args.next() {
        let word = arg
            .to_str()
            .filter(|word| printable::clean(word) == *word)?;
        if word == "--now" {
            args.next();
        } else if !word.starts_with("--now=") {
            let kept = match is_path {
                true => Some(word.to_owned()),
                false => without_dry_run(word),
            };
            if let Some(kept) = kept {
                words.push(shell::quote_exactly(SYSTEM, &kept)?);
            }
        }
        is_path |= word == "--";
        // Right behind the command word: an option may take all that follows it.
        if word == "clean" && !words.iter().any(|word| word == option) {
            words.push(option.to_owned());
        }
    }
    Some(words.join(" "))
}

/// A word of the call without what asks for a plan alone; nothing where that was all of it. Letters may
/// stand together, as in `-nq`.
fn without_dry_run(word: &str) -> Option<String> {
    let letters = word.strip_prefix('-').unwrap_or_default();
    if word == "--dry-run" {
        return None;
    }
    if letters.starts_with('-') || !letters.contains('n') {
        return Some(word.to_owned());
    }
    let others = letters.replace('n', "");
    (!others.is_empty()).then(|| format!("-{others}"))
}

/// The same in words: a call put together from stand-ins would be that of another plan.
/// `is_dark`: a path could not be looked at, and with --delete each has to be right.
fn in_words(session: &Session, is_dark: bool) -> String {
    let mut text = "To carry this out: the same call with --delete".to_owned();
    if is_dark {
        text += ", without the path that could not be looked at";
    }
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
    if options.dry_run && options.delete {
        Err("--dry-run and --delete do not go together: choose one; nothing was done")
    } else if !options.delete {
        match options.yes {
            true => Err("--yes goes with --delete; nothing was done"),
            false => Ok(()),
        }
    } else if options.now.is_some() {
        Err("--now and --delete do not go together: what is deleted is judged by the real time")
    } else if options.redact {
        Err("--redact and --delete do not go together: what is deleted has to be named")
    } else if !options.yes && !io::stdin().is_terminal() {
        Err("there is no terminal to ask on: add --yes, or leave out --delete to see the plan")
    } else {
        Ok(())
    }
}

/// Makes sure that every path is there: what was not meant so may be what a removal rests on.
///
/// # Errors
/// Where one is missing.
fn all_there(roots: &[PathBuf]) -> Result<(), Stop> {
    let missing = roots
        .iter()
        .filter_map(|root| Some((root, paths::why_missing(root)?)));
    let said: Vec<String> = missing
        .map(|(root, why)| paths::with_hint(&why, paths::meant(root, roots).as_deref()))
        .collect();
    if said.is_empty() {
        return Ok(());
    }
    let nothing = "nothing was deleted: with --delete every path has to be there";
    let remarks = said.into_iter().map(Remark::plain);
    Err(Stop::told(Exit::COULD_NOT_LOOK).and(remarks.chain([Remark::plain(nothing)])))
}

/// The end of a removal that is not even begun: the document, where one is wanted, says of each why.
fn refused(session: &Session, report: &Report, plan: &CleanPlan, why: &str) -> Result<Exit, Stop> {
    let code = Exit::COULD_NOT_LOOK;
    if !session.options.json {
        return Ok(code);
    }
    let items = 0..plan.items.len();
    let done: Vec<Done> = items
        .map(|item| Done::refused(item, why.to_owned()))
        .collect();
    session.print(code, |out| {
        json::write_clean(report, plan, Some(&done), code.number(), out)
    })
}

/// Where to look: the paths given, else around the backups that are named by a path.
fn roots(session: &Session, paths: Vec<PathBuf>) -> Result<(Vec<PathBuf>, bool), Stop> {
    let only = &session.options.only;
    if paths.is_empty() && !only.is_empty() {
        let (named, _) = paths::join_unquoted(only, paths::presence);
        let all_there = named.iter().all(|path| paths::is_there(path));
        // What is written as a path is no name, and where there is no other place it is a wrong one.
        let is_wrong = |path: &&PathBuf| path.components().count() > 1 && !paths::is_there(path);
        if session.places().0.is_empty()
            && let Some(wrong) = named.iter().find(is_wrong)
        {
            let why = paths::why_missing(wrong);
            let why = why.unwrap_or_else(|| format!("{} does not exist", wrong.display()));
            let meant = paths::meant(wrong, &named);
            let message = paths::with_hint(&why, meant.as_deref());
            let redacted = "a path does not exist; nothing was done";
            return Err(Stop::could_not_look(Remark::new(redacted, message)));
        }
        if (all_there || session.places().0.is_empty())
            && let Some(path) = wish::swallowed(only)
        {
            return Err(wish::swallowed_stop(only, path));
        }
        if all_there {
            let around = named.iter().map(|path| system::place(path).0);
            return Ok((around.collect(), false));
        }
    }
    session.roots(paths)
}

/// What the scan leaves to the removal, besides its report.
#[derive(Clone, Copy)]
struct Found<'a> {
    keyring: &'a Keyring<'a>,
    policy: &'a Policy,
}

/// Asks, removes, and tells what was done.
fn delete(
    session: &Session,
    report: &Report,
    plan: &CleanPlan,
    state: &StateFolder,
    found: Found<'_>,
) -> Result<Exit, Stop> {
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
            return refused(session, report, plan, &why);
        }
    };
    let silent = session.options.quiet || session.options.json;
    if !silent {
        session.print(Exit::WELL, |out| {
            write_plan(report, plan, Next::Question, &style, out)
        })?;
    }
    let (agreed, mut done) = agree(session, report, plan, &style);
    let free = || free_bytes(plan);
    let (before, begun) = (free(), Instant::now());
    let progress = Progress::new(silent || agreed.is_empty());
    let hear = |event: Event<'_>| progress.hear(event);
    let cleaning = cleaning.proving(Proof {
        may_lose: found.policy.may_lose,
        level: report.level,
        keyring: Some(found.keyring),
        monitor: session.monitor(&hear),
    });
    let notes = Notes::new(session, state);
    let observer = |step: Step<'_>| {
        progress.removed(&step);
        match session.signal() {
            0 => ControlFlow::Continue(()),
            _ => ControlFlow::Break(()),
        }
    };
    let cleaned = session.in_pool(|| {
        let clean = |item: &usize| {
            if session.signal() != 0 {
                return Done::refused(*item, "stopped before it was begun".to_owned());
            }
            let done = cleaning.clean(*item, &observer);
            notes.end(plan, report, &done);
            done
        };
        agreed.iter().map(clean).collect::<Vec<Done>>()
    });
    progress.clear();
    done.extend(cleaned?);
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
            json::write_clean(report, plan, Some(&done), code.number(), out)
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
    for (number, item) in plan.items.iter().enumerate() {
        let named = match item.what {
            _ if session.signal() != 0 => Err("stopped before it was begun".to_owned()),
            What::Backup(backup) if item.is_only_copy => {
                let for_good = goes_for_good(item, report, style);
                is_name_typed(session, report, backup, &for_good)
            }
            _ => Ok(()),
        };
        match named {
            Ok(()) => agreed.push(number),
            Err(why) => refused.push(Done::refused(number, why)),
        }
    }
    if session.options.yes || agreed.is_empty() {
        return (agreed, refused);
    }
    let part = clean::part(report, plan, &agreed);
    let answer = session.ask(&question(report, &part, style));
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
    index: BackupIndex,
    for_good: &[String],
) -> Result<(), String> {
    let is_alone = (report.plan.decisions[index].flags).contains(&Flag::OnlyCopy);
    let what_it_is = match is_alone {
        true => "it is the only backup of its device",
        false => "no good backup of its device would be left",
    };
    if !io::stdin().is_terminal() {
        return Err(format!(
            "{what_it_is}, and its name has to be typed on a terminal"
        ));
    }
    let backup = &report.backups[index];
    let shown = |name: &str| printable::clean(name).trim().to_owned();
    let name = backup.device.name.as_deref().map(shown).unwrap_or_default();
    // What cannot be seen cannot be typed.
    let (what, name) = match name.as_str() {
        "" => ("the folder's name", shown(&backup.folder_name())),
        _ => ("the device's name", name),
    };
    let warning = match is_alone {
        true => format!("This is the only backup of \"{name}\"."),
        false => format!("With this, no good backup of \"{name}\" would be left."),
    };
    let mut asked: String = for_good.iter().map(|line| format!("{line}\n")).collect();
    asked += &format!("{warning} To delete it for good, type {what}: ");
    let typed = session.ask(&asked).unwrap_or_default();
    let flaw = match backup::folded(&typed) {
        typed if typed.is_empty() => format!("{what} was not typed"),
        typed if typed == backup::folded(&name) => return Ok(()),
        _ => "the name typed was another one".to_owned(),
    };
    Err(format!("{what_it_is}, and {flaw}"))
}

/// What is free on the disks that something goes from.
fn free_bytes(plan: &CleanPlan) -> Option<u64> {
    let mut seen = Vec::new();
    let mut free: u64 = 0;
    for item in &plan.items {
        let (around, _) = system::place(&item.path);
        let volume = system::identity(&around).ok()??.0;
        if !seen.contains(&volume) {
            seen.push(volume);
            free = free.saturating_add(system::volume(&around)?.available);
        }
    }
    Some(free)
}
