//! A job as an agent of launchd.

use std::path::PathBuf;

use crate::system;
use crate::words::schedule::Task;

use super::call::Call;
use super::files::{Files, OneFile, below_home, may_lie};

/// What is to be done to have the agent that a text and its roots say, or without them to remove it; nothing
/// where there is none.
///
/// # Errors
/// When something else is there, or it cannot be told what is.
pub fn change(task: Task, job: Option<(&str, &[PathBuf])>) -> Result<Option<Files>, String> {
    let label = task.fill("{job}.nightly");
    let name = format!("{label}.plist");
    let path = below_home("Library/LaunchAgents")?.join(&name);
    may_lie(&path, job.map(|(_, roots)| roots).unwrap_or_default())?;
    let mark = format!("save this text as ~/Library/LaunchAgents/{name},");
    let file = OneFile::of(path, job.map(|(text, _)| text.to_owned()), &mark)?;
    let (had_one, shown) = (file.is_there(), file.path().to_string_lossy().into_owned());
    if job.is_none() && !had_one {
        return Ok(None);
    }
    let domain = format!("gui/{}", system::user_number());
    let service = format!("{domain}/{label}");
    let load = Call::of(&["launchctl", "bootstrap", &domain, &shown]).while_busy();
    let unload = Call::of(&["launchctl", "bootout", &service]).may_fail();
    // One that its user has unloaded is not loaded again.
    let asked = Call::of(&["launchctl", "print", &service]);
    let was_on = had_one && asked.output(None)?.status.success();
    Ok(Some(Files {
        before: vec![unload],
        files: vec![file],
        after: job.map(|_| load.clone()).into_iter().collect(),
        let_go: Vec::new(),
        undo: was_on.then_some(load).into_iter().collect(),
    }))
}
