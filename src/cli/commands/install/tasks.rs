//! A job of the Task Scheduler of Windows, by `schtasks`.

use std::io::Write as _;

use crate::system;
use crate::words::schedule::{Task, windows};

use super::call::Call;
use super::change::{Change, Failed};

/// A task that is made, or goes.
pub struct OneTask {
    name: String,
    text: Option<String>,
}

/// What is to be done to make the task, or without a text to delete it; nothing where there is none.
///
/// # Errors
/// When there is another task of that name.
pub fn change(task: Task, text: Option<&str>) -> Result<Option<OneTask>, String> {
    let name = task.fill("{job}");
    let query = Call::of(&["schtasks", "/Query", "/TN", &name, "/XML"]);
    let output = query.output(None)?;
    let is_there = output.status.success();
    // It may be told in any encoding: what is looked for is ASCII.
    let said: Vec<u8> = output
        .stdout
        .into_iter()
        .filter(|byte| *byte != 0)
        .collect();
    let mark = format!("<Source>{}</Source>", task.fill(windows::SOURCE));
    let is_own = said.windows(mark.len()).any(|part| part == mark.as_bytes());
    if is_there && !is_own {
        return Err(format!(
            "there is a task {name} that is not from bkscan: it was left as it is"
        ));
    }
    let text = text.map(str::to_owned);
    Ok((is_there || text.is_some()).then_some(OneTask { name, text }))
}

impl OneTask {
    fn call(&self, file: &str) -> Call {
        match &self.text {
            Some(_) => Call::of(&["schtasks", "/Create", "/TN", &self.name, "/XML", file, "/F"]),
            None => Call::of(&["schtasks", "/Delete", "/TN", &self.name, "/F"]),
        }
    }

    fn run(&self) -> Result<(), String> {
        let Some(text) = &self.text else {
            return self.call("").run();
        };
        let could_not = |error| format!("no file for schtasks could be made: {error}");
        let folder = system::private_folder(&std::env::temp_dir()).map_err(could_not)?;
        let path = folder.path().join("task.xml");
        let mut file = system::private_file(&path).map_err(could_not)?;
        file.write_all(text.as_bytes()).map_err(could_not)?;
        drop(file);
        self.call(&path.to_string_lossy()).run()
    }
}

impl Change for OneTask {
    fn told(&self) -> Vec<String> {
        vec![self.call("FILE").shown()]
    }

    /// The scheduler takes a whole task or leaves the old one.
    fn make(&self) -> Result<(), Failed> {
        self.run().map_err(|why| Failed {
            why,
            is_put_back: Ok(()),
        })
    }
}
