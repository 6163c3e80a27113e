//! A job of the Task Scheduler of Windows, by `schtasks`.

use std::io::Write as _;

use crate::system;
use crate::words::schedule::{Task, windows};

use super::call::Call;
use super::change::{Change, Failed};

/// A task that is made, or goes.
pub struct OneTask {
    name: String,
    /// What the scheduler told of the one that is there, where it told anything.
    old: Option<Vec<u8>>,
    text: Option<String>,
}

/// What is to be done to make the task, or without a text to delete it.
///
/// # Errors
/// When there is another task of that name; and when none can be deleted because the scheduler tells of none,
/// whether there is none or it could not tell.
pub fn change(task: Task, text: Option<&str>) -> Result<OneTask, String> {
    let name = task.fill("{job}");
    let output = query(&name).output(None)?;
    let is_there = output.status.success();
    if !is_there && text.is_none() {
        let why = query(&name).failed(&output);
        return Err(format!("no task {name} was found to remove: {why}"));
    }
    let mark = format!("<Source>{}</Source>", task.fill(windows::SOURCE));
    if is_there && !has(&output.stdout, &mark) {
        return Err(format!(
            "there is a task {name} that is not from bkscan: it was left as it is"
        ));
    }
    Ok(OneTask {
        name,
        old: is_there.then_some(output.stdout),
        text: text.map(str::to_owned),
    })
}

fn query(name: &str) -> Call {
    Call::of(&["schtasks", "/Query", "/TN", name, "/XML"])
}

/// Whether a text has these words. It may be told in any encoding: what is looked for is ASCII.
fn has(told: &[u8], words: &str) -> bool {
    let told: Vec<u8> = told.iter().copied().filter(|byte| *byte != 0).collect();
    told.windows(words.len())
        .any(|part| part == words.as_bytes())
}

impl OneTask {
    /// What is to be called. Only a task that was seen to be bkscan's is replaced: of another one the scheduler
    /// itself refuses to make a second.
    fn call(&self, file: &str) -> Call {
        let create = ["schtasks", "/Create", "/TN", &self.name, "/XML", file, "/F"];
        match (&self.text, &self.old) {
            (Some(_), Some(_)) => Call::of(&create),
            (Some(_), None) => Call::of(&create[..6]),
            (None, _) => Call::of(&["schtasks", "/Delete", "/TN", &self.name, "/F"]),
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
        let call = self.call("FILE").shown();
        vec![match (&self.text, &self.old) {
            (Some(_), Some(_)) => format!("{call} (in place of the one that is there)"),
            _ => call,
        }]
    }

    /// The scheduler takes a whole task or leaves the old one.
    fn make(&self) -> Result<(), Failed> {
        let now = query(&self.name).output(None).map_err(Failed::untouched)?;
        let now = now.status.success().then_some(now.stdout);
        if now != self.old {
            let why = format!("the task {} has changed meanwhile", self.name);
            return Err(Failed::untouched(why));
        }
        self.run().map_err(Failed::untouched)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_seen_is_replaced() {
        let called = |old: Option<&[u8]>, text: Option<&str>| {
            let task = OneTask {
                name: "bkscan".to_owned(),
                old: old.map(<[u8]>::to_vec),
                text: text.map(str::to_owned),
            };
            task.told()
        };
        let create = "schtasks /Create /TN bkscan /XML FILE";
        assert_eq!(called(None, Some("x")), [create]);
        assert_eq!(
            called(Some(b"old"), Some("x")),
            [format!("{create} /F (in place of the one that is there)")]
        );
        assert_eq!(
            called(Some(b"old"), None),
            ["schtasks /Delete /TN bkscan /F"]
        );
    }

    #[test]
    fn words_are_found_in_any_encoding() {
        let mark = "<Source>x</Source>";
        let wide: Vec<u8> = mark.bytes().flat_map(|byte| [byte, 0]).collect();
        assert!(has(mark.as_bytes(), mark) && has(&wide, mark));
        assert!(!has(b"<Source>y</Source>", mark));
    }
}
