//! A program of the system that installs a job: `crontab`, `systemctl`, `launchctl`, `schtasks`.

use std::io::{self, Write as _};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use crate::render::printable;
use crate::system::{self, SYSTEM};
use crate::words::shell;

/// A call of it.
#[derive(Clone, Debug)]
pub struct Call {
    words: Vec<String>,
    /// Whether it is no matter that it fails: it ends what may not run at all.
    may_fail: bool,
    /// How often it is called where it says that it is busy.
    tries: u32,
}

/// What launchd ends with while it still lets go of the agent that had the name before ("Input/output error").
const BUSY: i32 = 5;

/// How long it is left alone then.
const PAUSE: Duration = Duration::from_millis(250);

impl Call {
    /// A program and its arguments.
    pub fn of(words: &[&str]) -> Call {
        Call {
            words: words.iter().map(|word| (*word).to_owned()).collect(),
            may_fail: false,
            tries: 1,
        }
    }

    /// The same, of which it is no matter that it fails.
    pub fn may_fail(self) -> Call {
        Call {
            may_fail: true,
            ..self
        }
    }

    /// The same, called again for some seconds where it is told that all is busy.
    pub fn while_busy(self) -> Call {
        Call { tries: 20, ..self }
    }

    /// As it would be typed.
    pub fn shown(&self) -> String {
        let words = self.words.iter().map(|word| shell::quote(SYSTEM, word));
        words.collect::<Vec<_>>().join(" ")
    }

    /// Runs it.
    ///
    /// # Errors
    /// Why it did not do what it should.
    pub fn run(&self) -> Result<(), String> {
        let mut output = self.output(None)?;
        for _ in 1..self.tries {
            if output.status.code() != Some(BUSY) {
                break;
            }
            thread::sleep(PAUSE);
            output = self.output(None)?;
        }
        self.judged(&output)
    }

    /// Runs it with this input.
    ///
    /// # Errors
    /// Why it did not do what it should.
    pub fn feed(&self, input: &[u8]) -> Result<(), String> {
        self.judged(&self.output(Some(input))?)
    }

    fn judged(&self, output: &Output) -> Result<(), String> {
        match output.status.success() || self.may_fail {
            true => Ok(()),
            false => Err(self.failed(output)),
        }
    }

    /// Runs it with this input, and gives what it printed, however it ended. It is to speak English: what it
    /// says is looked at.
    ///
    /// # Errors
    /// Why it could not be run.
    pub fn output(&self, input: Option<&[u8]>) -> Result<Output, String> {
        let could_not = |error: io::Error| {
            let why = system::in_words(&error);
            format!("{} could not be run: {why}", self.shown())
        };
        let (program, arguments) = self.words.split_first().ok_or_else(String::new)?;
        let mut child = Command::new(program)
            .args(arguments)
            .env("LC_ALL", "C")
            .stdin(match input {
                Some(_) => Stdio::piped(),
                None => Stdio::null(),
            })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(could_not)?;
        if let Some((mut pipe, input)) = child.stdin.take().zip(input) {
            // One that does not read ends with an exit code that says so.
            let _ = pipe.write_all(input);
        }
        child.wait_with_output().map_err(could_not)
    }

    /// How it failed, with the first line that it said.
    pub fn failed(&self, output: &Output) -> String {
        let ended = system::how_it_ended(output.status);
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().map(str::trim).find(|line| !line.is_empty());
        let said = said.map(|line| format!(": {}", printable::clean(line)));
        format!("{} {ended}{}", self.shown(), said.unwrap_or_default())
    }
}
