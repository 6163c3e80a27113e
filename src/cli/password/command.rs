//! A command that prints the password of a device: a key ring, a password manager.

use std::collections::BTreeMap;
use std::io;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::model::Udid;
use crate::model::secret::Password;
use crate::system;

use super::line::{Flaw, read_from};
use super::ways::VARIABLE;

/// The variable that tells the command which device it is about.
const DEVICE: &str = "BKSCAN_UDID";

/// How long it is waited for the rest of the output when the command has ended.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often it is looked whether the program is to end.
const PAUSE: Duration = Duration::from_millis(10);

/// A command line, and what it answered for each device; one without a UDID counts as a device.
pub struct PasswordCommand {
    line: String,
    stop: Arc<AtomicUsize>,
    answers: Mutex<BTreeMap<Option<Udid>, Result<Password, String>>>,
}

impl PasswordCommand {
    /// A command that the shell runs; it ends early once `stop` is not 0.
    pub fn new(line: String, stop: Arc<AtomicUsize>) -> PasswordCommand {
        PasswordCommand {
            line,
            stop,
            answers: Mutex::default(),
        }
    }

    /// What the command answers for this device. It is run once, and never twice at the same time: it
    /// may ask somebody.
    ///
    /// # Errors
    /// Why there is no answer, without anything that the command printed.
    pub fn password(&self, udid: Option<&Udid>) -> Result<Password, String> {
        let answers = self.answers.lock();
        let mut answers = answers.unwrap_or_else(PoisonError::into_inner);
        let answer = answers.entry(udid.cloned());
        answer.or_insert_with(|| self.run(udid)).clone()
    }

    /// Its stderr is ours: it may have something to tell to whoever looks on.
    fn command(&self, udid: Option<&Udid>) -> Command {
        let mut command = system::shell(&self.line);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .env_remove(VARIABLE);
        match udid {
            Some(udid) => command.env(DEVICE, udid.as_str()),
            None => command.env_remove(DEVICE),
        };
        command
    }

    fn run(&self, udid: Option<&Udid>) -> Result<Password, String> {
        let mut child = self.command(udid).spawn().map_err(|error| {
            let why = system::in_words(&error);
            format!("the password command could not be started: {why}")
        })?;
        let ended = self.wait(&mut child);
        if ended.is_err() {
            // Nobody reads what it has to say any more.
            let _ = child.kill().and_then(|()| child.wait());
        }
        ended
    }

    fn wait(&self, child: &mut Child) -> Result<Password, String> {
        let failed =
            |error: io::Error| format!("the password command failed: {}", system::in_words(&error));
        let printed = printed(child).map_err(failed)?;
        let stopped = || "the password command was stopped".to_owned();
        let mut patience = PATIENCE;
        let password = loop {
            match printed.recv_timeout(PAUSE) {
                Ok(read) => break read,
                Err(RecvTimeoutError::Timeout) if patience.is_zero() => {
                    return Err(
                        "the password command left a program behind that keeps its output \
                                open"
                            .to_owned(),
                    );
                }
                Err(RecvTimeoutError::Timeout) if child.try_wait().map_err(failed)?.is_some() => {
                    patience = patience.saturating_sub(PAUSE);
                }
                Err(RecvTimeoutError::Timeout) if self.is_stopped() => return Err(stopped()),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(stopped()),
            }
        };
        if let Err(Flaw::TooLarge) = password {
            return Err("the password command printed more than 64 KiB".to_owned());
        }
        let status = loop {
            match child.try_wait().map_err(failed)? {
                Some(status) => break status,
                None if self.is_stopped() => return Err(stopped()),
                None => thread::sleep(PAUSE),
            }
        };
        if !status.success() {
            return Err(format!(
                "the password command {}",
                system::how_it_ended(status)
            ));
        }
        password.map_err(|flaw| match flaw {
            Flaw::Unreadable(error) => failed(error),
            Flaw::Utf16 => "the password command printed UTF-16, and not UTF-8".to_owned(),
            Flaw::Empty | Flaw::TooLarge => {
                "the password command printed no password in its first line".to_owned()
            }
        })
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed) != 0
    }
}

/// What the command prints, as soon as it is all there.
fn printed(child: &mut Child) -> io::Result<Receiver<Result<Password, Flaw>>> {
    let (sender, receiver) = mpsc::channel();
    let stdout = child.stdout.take();
    // By a thread of its own: what the command started may keep the pipe open for ever.
    thread::Builder::new().spawn(move || {
        if let Some(mut stdout) = stdout {
            let _ = sender.send(read_from(&mut stdout));
        }
    })?;
    Ok(receiver)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_knows_the_device_and_not_the_password_of_the_environment() {
        let command = PasswordCommand::new("x".to_owned(), Arc::default());
        let udid = Udid::parse("00008130-000A1C2E3F40801E");
        for (udid, expected) in [
            (udid.as_ref(), Some("00008130-000A1C2E3F40801E")),
            (None, None),
        ] {
            let command = command.command(udid);
            let env: Vec<_> = command.get_envs().collect();
            let expected = [
                ("BKSCAN_PASSWORD".as_ref(), None),
                ("BKSCAN_UDID".as_ref(), expected.map(AsRef::as_ref)),
            ];
            assert_eq!(env, expected);
        }
    }
}
