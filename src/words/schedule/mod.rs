//! A nightly scan as text for cron, systemd or launchd, ready to paste. Pure: nothing is installed.

mod cron;
mod launchd;
mod systemd;

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;

use crate::system::System;
use crate::words::shell;

/// The options of a nightly scan, unless the user gives others: silent when all is well, warnings
/// count, and so does a device that was not backed up for a month.
pub const OPTIONS: [&str; 5] = ["--quiet", "--fail-on", "warning", "--stale-after", "30d"];

/// What runs the job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A user's table, as `crontab -e` edits it.
    Cron,
    /// A service and its timer.
    Systemd,
    /// An agent of macOS.
    Launchd,
}

/// What is to run every night, and for whom.
#[derive(Clone, Debug)]
pub struct Job {
    /// This binary, by its absolute path.
    pub program: PathBuf,
    /// Everything after the program's name: [`OPTIONS`], then absolute paths.
    pub arguments: Vec<OsString>,
    /// The system that the text is for.
    pub system: System,
    /// Where cron's log and the day of its last run may be kept, an absolute path.
    pub state_folder: Option<PathBuf>,
    /// The user's home folder, an absolute path; launchd's log is below it.
    pub home: Option<PathBuf>,
}

/// Why there is no text for a job, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(String);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}

/// The job as `kind` wants it, with comments that say how to install, watch and remove it.
///
/// # Errors
///
/// Says which word cannot be written for `kind`, or what is not known, and what to do.
pub fn text(kind: Kind, job: &Job) -> Result<String, Refusal> {
    if job.system == System::Windows {
        return Err(Refusal(format!(
            "Windows has no cron, systemd or launchd. Make a daily task in Task Scheduler that starts:\n  {}",
            words_for_windows(job)
        )));
    }
    let program = plain(job.program.as_os_str())?;
    if !program.starts_with('/') {
        return Err(Refusal(format!(
            "where bkscan itself is cannot be told from {program:?}. Start it by its full path"
        )));
    }
    let arguments = job.arguments.iter().map(|argument| plain(argument));
    let arguments: Vec<&str> = arguments.collect::<Result<_, _>>()?;
    match kind {
        Kind::Cron => cron::text(program, &arguments, job),
        Kind::Systemd => systemd::text(program, &arguments),
        Kind::Launchd => launchd::text(program, &arguments, job),
    }
}

fn words_for_windows(job: &Job) -> String {
    let words = std::iter::once(job.program.as_os_str());
    let words = words.chain(job.arguments.iter().map(OsString::as_os_str));
    words
        .map(|word| shell::quote(job.system, &word.to_string_lossy()))
        .collect::<Vec<_>>()
        .join(" ")
}

/// The word, if it may stand in a schedule. Some of the three could write control characters, but
/// whoever reads the text before pasting it could not see them; XML has no U+FFFE and U+FFFF.
fn plain(word: &OsStr) -> Result<&str, Refusal> {
    let refusal = |why: &str| {
        Refusal(format!(
            "{word:?} cannot be written into a schedule: {why}. Rename it, or name a link to it that has a plain name"
        ))
    };
    let text = word
        .to_str()
        .ok_or_else(|| refusal("it is not valid UTF-8"))?;
    if text.contains(|c: char| c.is_control() || c == '\u{fffe}' || c == '\u{ffff}') {
        return Err(refusal(
            "it has a line break or another invisible character",
        ));
    }
    Ok(text)
}

#[cfg(test)]
mod tests;
