//! A job as two units of the user's systemd.

use std::path::PathBuf;

use crate::words::schedule::{self, Task};

use super::call::Call;
use super::files::{Files, OneFile, below_home, may_lie};

/// What is to be done to have the units that a text and its roots say, or without them to remove the units;
/// nothing where there are none.
///
/// # Errors
/// When something else is there, or it cannot be told what is.
pub fn change(task: Task, job: Option<(&str, &[PathBuf])>) -> Result<Option<Files>, String> {
    let folder = below_home(".config/systemd/user")?;
    let [service, timer] = ["{job}.service", "{job}.timer"].map(|name| task.fill(name));
    let file = |name: &str, text: Option<&str>| {
        let path = folder.join(name);
        may_lie(&path, job.map(|(_, roots)| roots).unwrap_or_default())?;
        let mark = format!("# ~/.config/systemd/user/{name}\n");
        OneFile::of(path, text.map(str::to_owned), &mark)
    };
    let units = match job {
        Some((text, _)) => Some(schedule::units(text).ok_or("the text of the job has no timer")?),
        None => None,
    };
    let files = vec![
        file(&service, units.map(|(service, _)| service))?,
        file(&timer, units.map(|(_, timer)| timer))?,
    ];
    if job.is_none() && !files.iter().any(OneFile::is_there) {
        return Ok(None);
    }
    let had_one = files.iter().all(OneFile::is_there);
    let reload = Call::of(&["systemctl", "--user", "daemon-reload"]);
    let enable = Call::of(&["systemctl", "--user", "enable", "--now", &timer]);
    let disable = Call::of(&["systemctl", "--user", "disable", "--now", &timer]);
    // One that its user has put out is not put on again.
    let asked = Call::of(&["systemctl", "--user", "is-enabled", &timer]);
    let was_on = had_one && asked.output(None)?.status.success();
    let undo = match was_on {
        true => vec![reload.clone(), enable.clone()],
        false => vec![reload.clone()],
    };
    Ok(Some(match job {
        Some(_) => Files {
            // Where there is no systemd for this user nothing is written.
            before: vec![reload.clone()],
            files,
            after: vec![reload, enable],
            let_go: match was_on {
                true => Vec::new(),
                false => vec![disable],
            },
            undo,
        },
        None => Files {
            before: vec![match had_one {
                true => disable,
                // Of half a job nothing may be known any more.
                false => disable.may_fail(),
            }],
            files,
            after: vec![reload],
            let_go: Vec::new(),
            undo,
        },
    }))
}
