//! `--nagios`: a status line as plugins of Nagios print it, with numbers to draw, and below it what `--quiet`
//! says. The numbers' names may gain company, but never change. No name from a backup stands in the first
//! line, and no `|` before the numbers begin.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::model::options::FailOn;
use crate::model::{BackupReport, Effect, Report, Severity, Verdict};
use crate::verify;
use crate::words::numbers;

use super::format::{Format, Told};
use super::printable::clean;
use super::screen::quiet::Quiet;
use super::screen::style::Style;
use super::screen::trouble::{counts_as_ok, of_devices, serious};

/// A status line, and the paragraphs of `--quiet`.
pub struct Nagios<'a> {
    /// What makes the exit code other than 0.
    pub fail_on: FailOn,
    /// How bad findings are where the user has said so, by their ids.
    pub severities: &'a BTreeMap<&'static str, Severity>,
    /// What else went wrong, in a sentence.
    pub failed: Option<String>,
    /// How text is written.
    pub style: &'a Style,
}

impl Format for Nagios<'_> {
    fn write(&self, told: &Told<'_>, out: &mut dyn Write) -> io::Result<()> {
        let (report, is_well) = (told.report, told.exit_code == 0);
        let facts = facts(report, self.failed.as_deref(), self.fail_on, is_well);
        let status = status(told.exit_code);
        let numbers = self.numbers_of(report);
        writeln!(out, "BKSCAN {status} - {facts} | {numbers}")?;
        if is_well {
            return Ok(());
        }
        let mut text = Vec::new();
        let quiet = Quiet {
            only_new: self.fail_on.only_new,
            style: self.style,
        };
        quiet.write(told, &mut text)?;
        let text = String::from_utf8(text).map_err(io::Error::other)?;
        out.write_all(without_bars(&text).as_bytes())
    }
}

/// What is printed where there is no report: why, in lines.
pub fn unknown(lines: &[String]) -> String {
    let lines = lines.iter().flat_map(|line| line.lines());
    let lines: Vec<String> = lines.map(|line| without_bars(&clean(line))).collect();
    format!("BKSCAN {} - {}\n", status(3), lines.join("\n"))
}

/// The word of a state.
fn status(exit_code: u8) -> &'static str {
    match exit_code {
        0 => "OK",
        1 => "WARNING",
        2 => "CRITICAL",
        _ => "UNKNOWN",
    }
}

/// The text with another character where numbers would begin.
fn without_bars(text: &str) -> String {
    text.replace('|', "¦")
}

/// How many backups have a verdict.
fn having(report: &Report, verdict: Verdict) -> u64 {
    let having = report.backups.iter();
    having.filter(|backup| backup.verdict == verdict).count() as u64
}

/// How many backups a password was given for that does not open them, and whose verdict tells of nothing else.
fn not_opened(report: &Report) -> u64 {
    let backups = report.backups.iter();
    let not_opened = backups.filter(|backup| counts_as_ok(backup) && backup.is_not_opened());
    not_opened.count() as u64
}

/// How many other backups are in trouble that their verdict does not tell.
fn troubled(report: &Report, wanted: Severity) -> u64 {
    let is_troubled = |backup: &&BackupReport| {
        let worst = serious(backup).map(|(worst, _)| worst);
        counts_as_ok(backup) && !backup.is_not_opened() && worst == Some(wanted)
    };
    report.backups.iter().filter(is_troubled).count() as u64
}

/// What is wrong, in numbers: no name is in it, and so nothing that could be taken for the end of the text.
fn facts(report: &Report, failed: Option<&str>, fail_on: FailOn, is_well: bool) -> String {
    let verdicts = [
        Verdict::Corrupt,
        Verdict::Incomplete,
        Verdict::Unreadable,
        Verdict::Interrupted,
    ];
    let verdicts = verdicts.map(|verdict| (having(report, verdict), verdict.as_str()));
    let troubles = [
        (not_opened(report), "with a wrong password"),
        (troubled(report, Severity::Error), "with an error"),
        (troubled(report, Severity::Warning), "with a warning"),
    ];
    let wrong = verdicts.into_iter().chain(troubles);
    let wrong = wrong.filter(|(count, _)| *count > 0);
    let wrong: Vec<String> = wrong
        .map(|(count, what)| format!("{} {what}", numbers::count(count)))
        .collect();
    let all = numbers::counted(report.backups.len() as u64, "backup", "backups");
    let backups = match wrong.as_slice() {
        [] => all,
        wrong => format!("{} of {all}", wrong.join(", ")),
    };
    let of_devices = of_devices(report)
        .filter(|(_, finding)| finding.severity > Severity::Note)
        .count();
    let closed = report.problems.iter().filter(|problem| problem.blocking);
    let closed = closed.count();
    let is_quiet = wrong.is_empty() && of_devices == 0 && closed == 0;
    let more = [
        (of_devices > 0).then(|| {
            let (one, several) = ("problem of a device", "problems of devices");
            numbers::counted(of_devices as u64, one, several)
        }),
        (closed > 0).then(|| {
            let places = numbers::counted(closed as u64, "place", "places");
            format!("{places} could not be looked at")
        }),
        failed.map(|failed| without_bars(&clean(failed))),
        (is_well && is_quiet).then(|| "nothing wrong".to_owned()),
        (is_well && !is_quiet && fail_on.only_new).then(|| "nothing new".to_owned()),
    ];
    let stopped = report
        .cancelled
        .then(|| "stopped before the end".to_owned());
    let facts = stopped.into_iter().chain([backups]);
    let facts: Vec<String> = facts.chain(more.into_iter().flatten()).collect();
    facts.join(", ")
}

impl Nagios<'_> {
    /// Whether all that leads to such a verdict is at least so bad, by what the user has said.
    fn leads_to(&self, effect: Effect, severity: Severity) -> bool {
        let mut causes = verify::all().filter(|check| check.effect == effect);
        causes.all(|check| {
            let said = self.severities.get(check.id);
            *said.unwrap_or(&check.severity) >= severity
        })
    }

    /// Numbers to draw, as `label=value[UOM];[warn];[crit]`. What alone leads to a state has 0 for the most that
    /// is well; where only what is new counts no number says that, nor does that of a verdict where the user
    /// takes what leads to it for less.
    fn numbers_of(&self, report: &Report) -> String {
        let critical = match self.fail_on.only_new {
            true => "",
            false => ";;0",
        };
        let warning = match self.fail_on.warnings && !self.fail_on.only_new {
            true => ";0",
            false => "",
        };
        let most = |effect, severity| match (self.leads_to(effect, severity), severity) {
            (false, _) => "",
            (true, Severity::Error) => critical,
            (true, _) => warning,
        };
        let verdicts = [
            (Verdict::Corrupt, most(Effect::Corrupt, Severity::Error)),
            (
                Verdict::Incomplete,
                most(Effect::Incomplete, Severity::Error),
            ),
            (Verdict::Unreadable, ""),
            (
                Verdict::Interrupted,
                most(Effect::Interrupted, Severity::Warning),
            ),
            (Verdict::Unverified, ""),
            (Verdict::InProgress, ""),
            (Verdict::Complete, ""),
        ];
        let verdicts = verdicts.map(|(verdict, most)| {
            let count = having(report, verdict);
            format!("{}={count}{most}", verdict.as_str())
        });
        let findings = |severity| {
            let of_backups = report.backups.iter().flat_map(|backup| &backup.findings);
            let findings = of_backups.chain(of_devices(report).map(|(_, finding)| finding));
            findings
                .filter(|finding| finding.severity == severity)
                .count()
        };
        let (errors, warnings) = (findings(Severity::Error), findings(Severity::Warning));
        let sizes = report.backups.iter().map(BackupReport::measured);
        let sizes: Option<Vec<u64>> = sizes.map(|usage| Some(usage?.allocated)).collect();
        let size = match sizes {
            Some(sizes) => format!("{}B", sizes.into_iter().fold(0, u64::saturating_add)),
            // What could not be measured.
            None => "U".to_owned(),
        };
        let took = report.finished_at.duration_since(report.started_at);
        let others = [
            format!("backups={}", report.backups.len()),
            format!("devices={}", report.devices.len()),
            format!("errors={errors}{critical}"),
            format!("warnings={warnings}{warning}"),
            format!("size={size}"),
            format!("time={:.3}s", took.as_secs_f64().max(0.0)),
        ];
        verdicts
            .into_iter()
            .chain(others)
            .collect::<Vec<_>>()
            .join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_looked_at_is_unknown_and_begins_no_numbers() {
        let lines = [
            "/a|b is not there\u{7}".to_owned(),
            "one\ntwo | three".to_owned(),
        ];
        assert_eq!(
            unknown(&lines),
            "BKSCAN UNKNOWN - /a¦b is not there\none\ntwo ¦ three\n"
        );
    }
}
