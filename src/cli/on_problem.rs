//! `--on-problem`: the command that hears what is wrong. Whatever comes of it changes neither what is printed
//! nor the exit code.

use std::io::{self, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use crate::render::printable::clean;
use crate::system::{self, SYSTEM, System};

use super::console::Signals;
use super::exit_code::Exit;
use super::password::ways;

/// The variable with the exit code.
const EXIT: &str = "BKSCAN_EXIT";

/// The variable with the headline.
const HEADLINE: &str = "BKSCAN_HEADLINE";

/// How long the command is waited for. The next night comes whether it has ended or not.
const PATIENCE: Duration = Duration::from_secs(300);

/// How often it is looked whether it has ended.
const PAUSE: Duration = Duration::from_millis(20);

/// How many characters of a headline are told at most: a name in a backup may be as long as it likes, and no
/// system starts a program with a variable of any length.
const MOST: usize = 400;

/// A command for the shell.
pub struct OnProblem<'a> {
    line: &'a str,
    signals: &'a Signals,
    patience: Duration,
}

impl<'a> OnProblem<'a> {
    /// The command; it is ended early once another signal comes, and never left behind by one.
    pub fn new(line: &'a str, signals: &'a Signals) -> OnProblem<'a> {
        OnProblem {
            line,
            signals,
            patience: PATIENCE,
        }
    }

    /// Runs it, unless all is well.
    ///
    /// # Errors
    /// Why it did not do what it should, in a line without anything personal.
    pub fn hear(&self, exit: Exit, text: &str) -> Result<(), String> {
        match exit {
            Exit::WELL => Ok(()),
            _ => self.run(exit, text),
        }
    }

    /// What it prints goes to stderr: stdout has the result and nothing else.
    fn command(&self, exit: Exit, text: &str) -> Command {
        let mut command = system::shell(self.line);
        system::set_apart(&mut command);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::from(io::stderr()))
            .env_remove(ways::VARIABLE)
            .env(EXIT, exit.number().to_string())
            .env(HEADLINE, headline(text, SYSTEM));
        command
    }

    fn run(&self, exit: Exit, text: &str) -> Result<(), String> {
        let failed = |what: &str, error: io::Error| {
            let why = system::in_words(&error);
            format!("the command of --on-problem {what}: {why}")
        };
        let held = self.signals.hold();
        let before = self.signals.received.load(Ordering::SeqCst);
        let is_stopped =
            || held.came().is_some() || self.signals.received.load(Ordering::SeqCst) != before;
        let mut child = self
            .command(exit, text)
            .spawn()
            .map_err(|error| failed("could not be started", error))?;
        let ended = tell(&mut child, text).and_then(|()| self.wait(&mut child, is_stopped));
        match ended {
            Ok(Some(status)) if status.success() => Ok(()),
            Ok(Some(status)) => Err(format!(
                "the command of --on-problem {}",
                system::how_it_ended(status)
            )),
            Ok(None) => {
                system::end(&mut child);
                Err("the command of --on-problem did not end, and was stopped".to_owned())
            }
            Err(error) => {
                system::end(&mut child);
                Err(failed("could not be run", error))
            }
        }
    }

    /// How it ended; nothing where it did not in time, or a signal came.
    fn wait(
        &self,
        child: &mut Child,
        is_stopped: impl Fn() -> bool,
    ) -> io::Result<Option<ExitStatus>> {
        let started = Instant::now();
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(Some(status));
            }
            if is_stopped() || started.elapsed() >= self.patience {
                return Ok(None);
            }
            thread::sleep(PAUSE);
        }
    }
}

/// Gives it the text as its input, by a thread of its own: it may read slowly or not at all. One that only
/// wants the headline does nothing wrong.
fn tell(child: &mut Child, text: &str) -> io::Result<()> {
    let input = child.stdin.take();
    let text = text.to_owned();
    thread::Builder::new().spawn(move || {
        if let Some(mut input) = input {
            let _ = input.write_all(text.as_bytes());
        }
    })?;
    Ok(())
}

/// The first line of the text, not too long. `cmd` puts variables into a command before it reads it: there the
/// headline has nothing that is more than text to it.
fn headline(text: &str, system: System) -> String {
    const OF_CMD: [char; 9] = ['&', '|', '<', '>', '^', '%', '"', '(', ')'];
    let line = clean(text.lines().next().unwrap_or_default());
    let line = match system {
        System::Windows => line.replace(OF_CMD, " ").replace('!', " "),
        System::Mac | System::Other => line,
    };
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "bkscan: iPad is corrupt (22 Nov 2026, 03:30)";

    #[test]
    fn a_headline_is_one_line_that_no_shell_takes_for_more() {
        let text = format!("{LINE}\n✖ iPad: 812 files are missing.\n");
        for system in [System::Mac, System::Other] {
            assert_eq!(headline(&text, system), LINE);
        }
        assert_eq!(
            headline(&text, System::Windows),
            "bkscan: iPad is corrupt  22 Nov 2026, 03:30 "
        );
        let name = "a & \"b\" | <c> ^ %PATH% ! $(d) `e` 'f'\u{1b}[31m\u{202e}";
        assert_eq!(
            headline(name, System::Other),
            "a & \"b\" | <c> ^ %PATH% ! $(d) `e` 'f'[31m"
        );
        assert_eq!(
            headline(name, System::Windows),
            "a    b     c     PATH    $ d  `e` 'f'[31m"
        );
        let long = headline(&"ü".repeat(100_000), System::Other);
        assert_eq!(long, "ü".repeat(400) + "…");
        assert_eq!(headline("", System::Other), "");
    }

    #[test]
    fn it_does_not_hear_the_password_of_the_environment() {
        // The same on all systems.
        let line = "bkscan: iPad is corrupt";
        let signals = Signals::catch();
        let command = OnProblem::new("x", &signals).command(Exit::FAILED, line);
        let env: Vec<_> = command.get_envs().collect();
        let expected = [
            ("BKSCAN_EXIT".as_ref(), Some("2".as_ref())),
            ("BKSCAN_HEADLINE".as_ref(), Some(line.as_ref())),
            ("BKSCAN_PASSWORD".as_ref(), None),
        ];
        assert_eq!(env, expected);
    }

    #[test]
    fn all_that_is_not_well_is_told() {
        let signals = Signals::catch();
        let command = OnProblem::new("exit 7", &signals);
        assert_eq!(command.hear(Exit::WELL, LINE), Ok(()));
        for exit in [Exit::WARNED, Exit::FAILED, Exit::USAGE, Exit::after(15)] {
            let told = "the command of --on-problem ended with exit code 7";
            assert_eq!(command.hear(exit, LINE), Err(told.to_owned()));
        }
    }

    #[cfg(unix)]
    #[test]
    fn one_that_never_ends_is_ended_with_all_that_it_started() {
        use std::fs::File;
        use std::io::Read as _;
        use std::sync::{Arc, mpsc};

        let folder = tempfile::tempdir().unwrap();
        let [alive, never] = ["alive", "never"].map(|name| {
            let fifo = folder.path().join(name);
            let made = Command::new("mkfifo").arg(&fifo).status().unwrap();
            assert!(made.success());
            fifo
        });
        // Nobody opens the second one: the inner program waits for ever, and so does the shell.
        let line = format!(
            "sh -c 'exec 3>\"$1\"; cat <\"$2\"' - '{}' '{}' & wait; true",
            alive.display(),
            never.display()
        );
        let signals = Signals::catch();
        let received = Arc::clone(&signals.received);
        let (sender, ended) = mpsc::channel();
        thread::spawn(move || {
            let mut pipe = File::open(alive).unwrap();
            // It has started.
            received.store(15, Ordering::SeqCst);
            sender.send(pipe.read(&mut [0]).unwrap())
        });
        let command = OnProblem::new(&line, &signals);
        let told = "the command of --on-problem did not end, and was stopped";
        assert_eq!(command.hear(Exit::FAILED, LINE), Err(told.to_owned()));
        // Nobody holds the other end any more.
        assert_eq!(ended.recv_timeout(Duration::from_secs(60)), Ok(0));
        let impatient = OnProblem {
            patience: Duration::ZERO,
            ..OnProblem::new("cat; sleep 600", &signals)
        };
        assert_eq!(impatient.hear(Exit::FAILED, LINE), Err(told.to_owned()));
    }

    #[cfg(unix)]
    #[test]
    fn one_that_reads_nothing_does_nothing_wrong() {
        let signals = Signals::catch();
        let command = OnProblem::new("exec <&-; true", &signals);
        let text = LINE.repeat(100_000);
        assert_eq!(command.hear(Exit::FAILED, &text), Ok(()));
    }
}
