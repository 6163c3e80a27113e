//! A nightly scan, or a nightly cleaning, as text for cron, systemd or launchd, ready to paste. Pure: nothing is installed.

mod cron;
mod job;
mod launchd;
mod systemd;

use std::ffi::OsString;

use crate::system::System;
use crate::words::shell;

use job::plain;

pub use job::{Job, Refusal, Task};

/// The options of a nightly scan, unless the user gives others: silent when all is well, warnings
/// count, and so does a device that was not backed up for a month.
pub const OPTIONS: [&str; 5] = ["--quiet", "--fail-on", "warning", "--stale-after", "30d"];

/// Those of a nightly cleaning: nobody is there to be asked.
pub const OPTIONS_OF_CLEAN: [&str; 3] = ["--delete", "--yes", "--quiet"];

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
        Kind::Systemd => systemd::text(program, &arguments, job.task),
        Kind::Launchd => launchd::text(program, &arguments, job),
    }
}

fn words_for_windows(job: &Job) -> String {
    let words = std::iter::once(job.program.as_os_str());
    let words = words.chain(job.arguments.iter().map(OsString::as_os_str));
    words
        .map(|word| as_one_word(&word.to_string_lossy()))
        .collect::<Vec<_>>()
        .join(" ")
}

/// The Task Scheduler starts a program by itself, without a shell.
fn as_one_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:\\/".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => shell::in_quotes(word),
    }
}

#[cfg(test)]
mod tests;
