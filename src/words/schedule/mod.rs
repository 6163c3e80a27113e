//! A nightly scan, or a nightly cleaning, as text for cron, systemd, launchd or the Task Scheduler, ready to
//! paste. Pure: nothing is installed.

mod cron;
mod job;
mod launchd;
mod recipes;
mod systemd;
pub mod table;
pub mod windows;

use crate::system::System;

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
    /// A task of the Task Scheduler.
    Windows,
}

/// The job as `kind` wants it, with comments that say how to install, watch and remove it.
///
/// # Errors
///
/// Says which word cannot be written for `kind`, or what is not known, and what to do.
pub fn text(kind: Kind, job: &Job) -> Result<String, Refusal> {
    if job.system == System::Windows && kind != Kind::Windows {
        return Err(Refusal(format!(
            "Windows has no cron, systemd or launchd, but a Task Scheduler: bkscan schedule windows{}",
            job.task.fill("{command}")
        )));
    }
    let program = plain(job.program.as_os_str())?;
    let is_full = match job.system {
        System::Windows => program.starts_with("\\\\") || program.get(1..3) == Some(":\\"),
        System::Mac | System::Other => program.starts_with('/'),
    };
    if !is_full {
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
        Kind::Windows => windows::text(program, &arguments, job),
    }
}

/// The service and the timer of a text for systemd, each as it stands in its file; nothing where it is another
/// text.
pub fn units(text: &str) -> Option<(&str, &str)> {
    let timer = text
        .match_indices("\n# ~")
        .map(|(at, _)| at + 1)
        .find(|at| {
            text[*at..]
                .lines()
                .next()
                .unwrap_or_default()
                .ends_with("timer")
        })?;
    Some(text.split_at(timer))
}

/// The lines of an old job that a new one does not have: what its user wrote into it is among them.
pub fn gone<'a>(old: &'a str, new: &str) -> Vec<&'a str> {
    let new = without_comments(new);
    let is_kept = |line: &&str| line.trim().is_empty() || new.contains(line);
    let old = without_comments(old).into_iter();
    old.filter(|line| !is_kept(line)).collect()
}

/// The lines that count: in XML those of comments do nothing, as long as nobody takes away what stands around them.
fn without_comments(text: &str) -> Vec<&str> {
    let is_xml = text.trim_start().starts_with("<?xml");
    let mut is_comment = false;
    let counts = |line: &&str| {
        let begins = is_xml && line.trim_start().starts_with("<!--");
        let was = is_comment || begins;
        is_comment = was && !line.contains("-->");
        !was
    };
    text.lines().filter(counts).collect()
}

#[cfg(test)]
mod tests;
