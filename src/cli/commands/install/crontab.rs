//! A job in the user's table of cron: read with `crontab -l`, written with `crontab -`.

use crate::words::schedule::{self, Task, table};

use super::call::Call;
use super::change::{Change, Failed};

/// A table that has the job, or has it no more.
pub struct Crontab {
    old: Vec<u8>,
    new: Vec<u8>,
    /// The job that is there.
    job: Option<String>,
    /// The text that takes its place.
    text: Option<String>,
}

/// What is to be done to put `text` into the table, or without one to take the job out of it; nothing where it has
/// none.
///
/// # Errors
/// When the table cannot be read, or it cannot be told which lines are the job's.
pub fn change(task: Task, text: Option<&str>) -> Result<Option<Crontab>, String> {
    let old = read()?;
    let new = match text {
        Some(text) => table::with(&old, text, task).map(Some),
        None => table::without(&old, task),
    };
    let new = new.map_err(|refusal| refusal.to_string())?;
    let job = table::job(&old, task).map_err(|refusal| refusal.to_string())?;
    Ok(new.map(|new| Crontab {
        old,
        new,
        job,
        text: text.map(str::to_owned),
    }))
}

/// The table. Where it cannot be read for certain it is never taken for an empty one.
fn read() -> Result<Vec<u8>, String> {
    let call = Call::of(&["crontab", "-l"]);
    let output = call.output(None)?;
    let said = String::from_utf8_lossy(&output.stderr);
    let is_none = said.contains("no crontab for")
        // The one of busybox.
        || (said.contains("can't open '") && said.contains("': No such file or directory"));
    match output.status.success() {
        true => Ok(output.stdout),
        false if is_none && output.stdout.is_empty() => Ok(Vec::new()),
        false => Err(format!(
            "the table of cron could not be read, and so it was left as it is: {}",
            call.failed(&output)
        )),
    }
}

fn write(table: &[u8]) -> Result<(), String> {
    match table.is_empty() {
        // Some would keep an empty table.
        true => Call::of(&["crontab", "-r"]).run(),
        false => Call::of(&["crontab", "-"]).feed(table),
    }
}

impl Change for Crontab {
    fn told(&self) -> Vec<String> {
        let call = match self.new.is_empty() {
            true => "crontab -r",
            false => "crontab -",
        };
        let head =
            format!("the table of cron of this user; all other lines stay as they are: {call}");
        let Some(job) = &self.job else {
            return vec![head];
        };
        let (there, gone) = match &self.text {
            Some(text) => (
                "in place of the job that is there",
                schedule::gone(job, text),
            ),
            None => (
                "all from its begin to its end goes",
                job.lines().filter(|line| !line.starts_with('#')).collect(),
            ),
        };
        let there = match gone.is_empty() {
            true => there.to_owned(),
            false => format!("{there}; of these lines nothing stays:"),
        };
        let gone = gone.into_iter().map(|line| format!("  {line}"));
        [head, there].into_iter().chain(gone).collect()
    }

    fn make(&self) -> Result<(), Failed> {
        if read().map_err(Failed::untouched)? != self.old {
            return Err(Failed::untouched(
                "the table of cron has changed meanwhile".to_owned(),
            ));
        }
        let written = write(&self.new).and_then(|()| match read()? == self.new {
            true => Ok(()),
            false => Err("the table of cron is not what was written".to_owned()),
        });
        written.map_err(|why| Failed {
            why,
            is_put_back: self.give_back(),
        })
    }
}

impl Crontab {
    /// Puts the old table back, in place of nothing but what was written, or a part of it: another one may be from
    /// somebody who changed it at the same time.
    fn give_back(&self) -> Result<(), String> {
        let now = read()?;
        if now == self.old {
            return Ok(());
        }
        match self.new.starts_with(&now) {
            true => write(&self.old),
            false => Err(
                "somebody else has changed it at the same time, and it was left as it is: look at it with crontab -l"
                    .to_owned(),
            ),
        }
    }
}
