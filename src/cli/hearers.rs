//! Who hears how a scan ended, beside whoever reads it: a plugin of Nagios on stdout, and the command of
//! `--on-problem`.

use std::io::{self, Write as _};

use crate::render::nagios;

use super::console::{Signals, to_stderr};
use super::exit_code::Exit;
use super::on_problem::OnProblem;

/// Who is to hear.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hearers {
    /// Whether a plugin of Nagios is to speak.
    pub nagios: bool,
    /// The command that is to be told, where this is a scan.
    pub on_problem: Option<String>,
}

impl Hearers {
    /// How the program ends.
    pub fn exit(&self, exit: Exit) -> Exit {
        match self.nagios {
            true => exit.of_plugin(),
            false => exit,
        }
    }

    /// Tells on stdout, where plugins are heard, why there is no report; whether it was.
    pub fn is_told_to_plugins(&self, lines: &[String]) -> bool {
        if !self.nagios {
            return false;
        }
        let mut stdout = io::stdout();
        let text = nagios::unknown(lines);
        let written = stdout.write_all(text.as_bytes());
        written.and_then(|()| stdout.flush()).is_ok()
    }

    /// Has the command hear the text, unless all is well; whether nobody who was to hear it is without it.
    pub fn hear(&self, exit: Exit, text: &str, signals: &Signals) -> bool {
        let Some(line) = &self.on_problem else {
            return true;
        };
        let heard = OnProblem::new(line, signals).hear(exit, text);
        if let Err(why) = &heard {
            to_stderr(why);
        }
        heard.is_ok()
    }
}
