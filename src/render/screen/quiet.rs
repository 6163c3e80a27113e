//! `--quiet`: a headline, then one short paragraph a problem, worst first, and nothing else.

use std::io::{self, Write};

use crate::model::{BackupIndex, BackupReport, Device, Finding, Report, Severity};
use crate::render::printable::clean;
use crate::verify::{self, ToldOfDevice};
use crate::words::numbers;
use crate::words::shell;

use crate::render::format::{Format, Told};

use super::device;
use super::order::in_order;
use super::stopped::{STOPPED_AT_ONCE, STOPPED_LATER};
use super::style::Style;
use super::trouble::{counts_as_ok, name_of, of_devices, sentences, serious, shown_as};

/// How many problems the headline names.
const NAMED: usize = 3;

/// The headline of what could not be looked at.
const CLOSED: &str = "something could not be looked at";

/// How bad a problem is, worst last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Warning,
    CouldNotLook,
    Error,
}

/// One problem.
struct Problem {
    rank: Rank,
    /// Whether it is one of a backup.
    of_backup: bool,
    /// Whether the run that this one is compared with had it too.
    known: bool,
    /// What the headline says.
    headline: String,
    /// The same of several alike, without their number.
    of_several: Option<String>,
    /// The symbol that its first line begins with.
    symbol: &'static str,
    /// Whom it is about; nothing where `what` says it.
    who: String,
    /// When there was a backup, as the rest of a sentence.
    last: String,
    /// What is wrong, in sentences.
    what: String,
    /// Further lines.
    lines: Vec<String>,
}

/// Paragraphs about what is wrong, and nothing else.
pub struct Quiet<'a> {
    /// Only of what the last run did not have.
    pub only_new: bool,
    /// How text is written.
    pub style: &'a Style,
}

impl Format for Quiet<'_> {
    fn write(&self, told: &Told<'_>, out: &mut dyn Write) -> io::Result<()> {
        match told.only {
            Some(index) => write_one(told.report, index, self.style, out),
            None => write(told.report, self.only_new, self.style, out),
        }
    }
}

/// Writes the paragraphs about one backup.
///
/// # Errors
/// When writing fails.
fn write_one(
    report: &Report,
    index: BackupIndex,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let problems = of_backup(report, index, style).into_iter().collect();
    write_all(report, problems, 0, false, style, out)
}

/// Writes the paragraphs; with `only_new`, of what the last run did not have.
///
/// # Errors
/// When writing fails.
pub fn write(
    report: &Report,
    only_new: bool,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let order = in_order(report);
    let mut fine = 0;
    let mut problems = Vec::new();
    for index in order {
        match of_backup(report, index, style) {
            Some(problem) => problems.push(problem),
            None => fine += usize::from(counts_as_ok(&report.backups[index])),
        }
    }
    let blocking = report.problems.iter().filter(|problem| problem.blocking);
    let closed = blocking.map(|problem| Problem {
        rank: Rank::CouldNotLook,
        of_backup: false,
        known: problem.known,
        headline: CLOSED.to_owned(),
        of_several: None,
        symbol: "!",
        who: String::new(),
        last: String::new(),
        what: clean(&problem.message),
        lines: vec![format!("  {}", command(report, &[], style))],
    });
    let of_devices = of_devices(report);
    let of_devices = of_devices
        .filter(|(_, finding)| finding.severity > Severity::Note)
        .map(|(device, finding)| of_device(report, device, finding, style));
    problems.extend(closed.chain(of_devices));
    write_all(report, problems, fine, only_new, style, out)
}

fn rank(severity: Severity) -> Rank {
    match severity {
        Severity::Error => Rank::Error,
        _ => Rank::Warning,
    }
}

fn of_backup(report: &Report, index: BackupIndex, style: &Style) -> Option<Problem> {
    let backup = &report.backups[index];
    let (severity, findings) = serious(backup).filter(|(worst, _)| *worst > Severity::Note)?;
    let mut title = device::title(backup, style);
    if backup.archived {
        title += " (archived)";
    }
    let last = match backup.last_backup {
        Some(last) => format!(", last backup {}", style.day(last.at)),
        None => String::new(),
    };
    let worst = findings
        .iter()
        .rev()
        .max_by_key(|finding| finding.severity)?;
    let explain = format!("bkscan explain {}", worst.id);
    let commands = [show_command(report, backup, style), explain];
    // A verdict that counts as ok says nothing of the trouble.
    let (has, have) = match severity {
        Severity::Error if !counts_as_ok(backup) => ("", ""),
        Severity::Note | Severity::Warning if backup.is_not_opened() => {
            (" (wrong password)", " (wrong password)")
        }
        _ if !counts_as_ok(backup) => ("", ""),
        Severity::Error => (" but has an error", " but have an error"),
        _ => (" but has a warning", " but have a warning"),
    };
    let verdict = backup.verdict.as_str();
    Some(Problem {
        rank: match rank(severity) {
            Rank::Warning if backup.is_closed() => Rank::CouldNotLook,
            rank => rank,
        },
        of_backup: true,
        known: findings.iter().all(|finding| finding.known),
        headline: format!("{title} is {verdict}{has}"),
        of_several: Some(format!("backups of {title} are {verdict}{have}")),
        symbol: style.symbol(shown_as(backup, severity)),
        who: title,
        last,
        what: sentences(&findings) + &news(report, &findings),
        lines: vec![format!("  {}", clean(&backup.path.display().to_string()))]
            .into_iter()
            .chain(commands.map(|command| format!("  {command}")))
            .collect(),
    })
}

fn of_device(report: &Report, device: &Device, finding: &Finding, style: &Style) -> Problem {
    let name = style.name(name_of(device));
    let told = verify::with_id(finding.id).and_then(|check| check.told_of_device.as_ref());
    let told = told.unwrap_or(&ToldOfDevice::NOTHING);
    let headline = match finding.count {
        0..=1 => told.one,
        _ => told.several,
    };
    let count = numbers::count(finding.count);
    let headline = headline
        .replace("{count}", &count)
        .replace("{device}", &name);
    let first = match device.backups.is_empty() {
        true => told.advice_without_any,
        false => told.advice,
    };
    let own = told.command.map(|word| command(report, &[word], style));
    let on_purpose = finding.hint.as_deref().map(clean);
    let purpose = match on_purpose {
        Some(_) => " If it is so on purpose, the last command says so.",
        None => "",
    };
    let explain = format!("bkscan explain {}", finding.id);
    Problem {
        rank: rank(finding.severity),
        of_backup: false,
        known: finding.known,
        headline,
        of_several: None,
        symbol: style.sign(finding.severity),
        who: name,
        last: String::new(),
        what: sentences(&[finding]) + first + &news(report, &[finding]) + purpose,
        lines: (own.into_iter().chain([explain]).chain(on_purpose))
            .map(|command| format!("  {command}"))
            .collect(),
    }
}

/// What of it the last run did not have, where there is one to compare with.
fn news(report: &Report, findings: &[&Finding]) -> String {
    let new: Vec<&str> = findings
        .iter()
        .filter(|finding| !finding.known)
        .map(|finding| finding.id)
        .collect();
    match new.len() {
        _ if report.last_run.is_none() => String::new(),
        0 => String::new(),
        count if count == findings.len() => " New since the last run.".to_owned(),
        _ => format!(" New since the last run: {}.", new.join(", ")),
    }
}

/// A call over the same paths.
fn command(report: &Report, words: &[&str], style: &Style) -> String {
    clean(&shell::command(style.system, words, report))
}

/// The call that shows the backup in full: where the system keeps it, by its folder's name.
fn show_command(report: &Report, backup: &BackupReport, style: &Style) -> String {
    let word = shell::word_or_path(report, &backup.path);
    clean(&shell::show_command(
        style.system,
        &word,
        &report.looked_with,
    ))
}

fn write_all(
    report: &Report,
    problems: Vec<Problem>,
    fine: usize,
    only_new: bool,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (known, mut told): (Vec<_>, Vec<_>) = problems
        .into_iter()
        .partition(|problem| only_new && problem.known);
    if told.is_empty() && !report.cancelled {
        return Ok(());
    }
    told.sort_by_key(|problem| std::cmp::Reverse(problem.rank));
    let (mut facts, named) = headlines(&told);
    if report.cancelled {
        facts.insert(0, "stopped before the end".to_owned());
    }
    if fine > 0 {
        let is_of_backup = |problem: &Problem| problem.of_backup;
        let other = if told.iter().any(is_of_backup) {
            "other "
        } else {
            ""
        };
        facts.push(match fine {
            1 => format!("1 {other}backup is fine"),
            fine => format!("{} {other}backups are fine", numbers::count(fine as u64)),
        });
    }
    if !known.is_empty() {
        let known = numbers::counted(known.len() as u64, "known problem", "known problems");
        facts.push(format!("{known} as before"));
    }
    let when = numbers::moment(report.started_at, &style.zone);
    writeln!(out, "bkscan: {} ({when})", facts.join(", "))?;
    for problem in &told {
        let who = match problem.who.as_str() {
            "" => String::new(),
            who if named.contains(&problem.headline) => format!("{who}{}: ", problem.last),
            _ => format!("{}{}: ", problem.headline, problem.last),
        };
        writeln!(out, "{} {who}{}", problem.symbol, problem.what)?;
        for line in &problem.lines {
            writeln!(out, "{line}")?;
        }
    }
    if report.cancelled {
        let text = match report.backups.as_slice() {
            [] => STOPPED_AT_ONCE,
            _ => STOPPED_LATER,
        };
        writeln!(out, "! {text}")?;
    }
    Ok(())
}

/// What is wrong, in a few words each, and the headlines that are among them. What is the same of
/// several is said once.
fn headlines(told: &[Problem]) -> (Vec<String>, Vec<String>) {
    let mut alike: Vec<(&Problem, u64)> = Vec::new();
    for problem in told {
        let can_be_one = problem.of_several.is_some() || problem.headline == CLOSED;
        let known = alike
            .iter_mut()
            .find(|(known, _)| can_be_one && known.headline == problem.headline);
        match known {
            Some((_, count)) => *count += 1,
            None => alike.push((problem, 1)),
        }
    }
    let named = alike.iter().take(NAMED);
    let mut facts: Vec<String> = named
        .clone()
        .map(|(problem, count)| match (&problem.of_several, count) {
            (Some(of_several), 2..) => format!("{} {of_several}", numbers::count(*count)),
            _ => problem.headline.clone(),
        })
        .collect();
    let more = alike.iter().skip(NAMED).map(|(_, count)| count).sum();
    if more > 0 {
        facts.push(numbers::counted(more, "more problem", "more problems"));
    }
    let named = named.map(|(problem, _)| problem.headline.clone());
    (facts, named.collect())
}
