//! A job in the user's table of cron: read with `crontab -l`, written with `crontab -`.

use crate::words::schedule::Task;
use crate::words::schedule::table;

use super::call::Call;
use super::change::{Change, Failed};

/// A table that has the job, or has it no more.
pub struct Crontab {
    old: Vec<u8>,
    new: Vec<u8>,
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
    Ok(new.map(|new| Crontab { old, new }))
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
            "the table of cron could not be read, and so nothing was changed: {}",
            call.failed(&output)
        )),
    }
}

fn write(table: &[u8]) -> Result<(), String> {
    // Some would keep an empty table.
    if table.is_empty() {
        return Call::of(&["crontab", "-r"]).run();
    }
    let call = Call::of(&["crontab", "-"]);
    let output = call.output(Some(table))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(call.failed(&output)),
    }
}

impl Change for Crontab {
    fn told(&self) -> Vec<String> {
        let call = match self.new.is_empty() {
            true => "crontab -r",
            false => "crontab -",
        };
        vec![format!(
            "the table of cron of this user; all other lines stay as they are: {call}"
        )]
    }

    fn make(&self) -> Result<(), Failed> {
        let untouched = |why: String| Failed {
            why,
            is_put_back: Ok(()),
        };
        if read().map_err(untouched)? != self.old {
            return Err(untouched(
                "the table of cron has changed meanwhile".to_owned(),
            ));
        }
        let written = write(&self.new).and_then(|()| match read()? == self.new {
            true => Ok(()),
            false => Err("the table of cron is not what was written".to_owned()),
        });
        written.map_err(|why| Failed {
            why,
            is_put_back: match read() {
                Ok(now) if now == self.old => Ok(()),
                _ => write(&self.old),
            },
        })
    }
}
