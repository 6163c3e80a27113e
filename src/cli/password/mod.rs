//! Where the password of encrypted backups comes from: the terminal, a file, a command, or the
//! environment. It is never an argument and never a setting, no message has anything of it, and it is
//! wiped from memory when it is not needed any more.

mod command;
mod line;
pub mod ways;

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use crate::model::Udid;
use crate::model::secret::Password;
use crate::model::sources::{NoPassword, Passwords};
use crate::system::{self, SYSTEM};
use crate::words::shell;

use super::flags::table::Options;
use super::stop::Remark;

use command::PasswordCommand;
use line::{Flaw, read_from};
use ways::{VARIABLE, is_any};

const PROMPT: &str = "Password of the encrypted backups (not shown): ";

/// Where passwords come from in this call.
pub enum Source {
    /// Somebody is to be asked.
    Terminal,
    /// It is known, and the same for all devices.
    Known(Password),
    /// A command tells it for each device.
    Command(PasswordCommand),
}

impl Source {
    /// The source that counts, if there is one; a file is read now. Commands end early once `stop` is
    /// not 0. From here on the system writes no core dumps.
    ///
    /// # Errors
    /// When the password file is none, or others can read or write it.
    pub fn of(
        options: &Options,
        env: impl Fn(&str) -> Option<OsString>,
        stop: &Arc<AtomicUsize>,
    ) -> Result<Option<Source>, Remark> {
        let in_environment = env(VARIABLE).filter(|value| !value.is_empty());
        if !is_any(options) && in_environment.is_none() {
            return Ok(None);
        }
        // A file is opened before: it may be named by /proc, which is closed to us then.
        let file = options
            .password_file
            .as_deref()
            .filter(|_| !options.ask_password);
        let file = file.map(|path| Ok((path, opened(path)?))).transpose();
        system::forbid_core_dumps();
        // Wiped when it goes, whether it is used or not. The bytes are those of the system, on Windows
        // UTF-8.
        let known = in_environment.map(|value| Password::new(value.into_encoded_bytes()));
        Ok(if options.ask_password {
            Some(Source::Terminal)
        } else if let Some((path, file)) = file? {
            Some(Source::Known(first_line_of(path, file)?))
        } else if let Some(line) = &options.password_command {
            let command = PasswordCommand::new(line.clone(), Arc::clone(stop));
            Some(Source::Command(command))
        } else {
            known.map(Source::Known)
        })
    }
}

impl Passwords for Source {
    fn password(&self, udid: Option<&Udid>) -> Result<Option<Password>, NoPassword> {
        match self {
            // Nobody was asked.
            Source::Terminal => Ok(None),
            Source::Known(password) => Ok(Some(password.clone())),
            Source::Command(command) => command.password(udid).map(Some).map_err(NoPassword),
        }
    }
}

/// Asks on the terminal, whatever stdin is; nothing where the answer is empty.
///
/// # Errors
/// [`io::ErrorKind::Interrupted`] after Ctrl-C; another one where there is no terminal.
pub fn ask() -> io::Result<Option<Password>> {
    match rpassword::prompt_password(PROMPT) {
        Ok(typed) if typed.is_empty() => Ok(None),
        Ok(typed) => Ok(Some(Password::new(typed.into_bytes()))),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            // After Ctrl-D the terminal still stands behind the question.
            let mut stderr = io::stderr();
            if stderr.is_terminal() {
                let _ = writeln!(stderr);
            }
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn refused(message: String) -> Remark {
    let redacted = "the password file cannot be used; leave out --redact to see why";
    Remark::new(redacted, message)
}

fn unreadable(path: &Path, error: &io::Error) -> Remark {
    let (shown, why) = (path.display(), system::in_words(error));
    refused(format!(
        "the password file {shown} could not be read: {why}; name a file whose first line is the \
         password"
    ))
}

/// Opens the password file, if nobody else can read it or put another password there.
fn opened(path: &Path) -> Result<File, Remark> {
    let unreadable = |error: io::Error| unreadable(path, &error);
    // It may be a link, and a pipe without a writer must not keep us waiting.
    let real = system::canonical(path).map_err(unreadable)?;
    let file = system::open_regular(&real).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    let shown = path.display();
    if let Some(owner) = system::other_owner(&metadata) {
        return Err(refused(format!(
            "the password file {shown} was not used, because it belongs to another user (number \
             {owner}); name a file of your own"
        )));
    }
    if let Some(mode) = system::open_to_others(&metadata) {
        let name = shell::quote(SYSTEM, path);
        let can = match mode & 0o044 {
            0 => "write",
            _ => "read",
        };
        return Err(refused(format!(
            "the password file {shown} was not used, because others can {can} it (mode {mode:o}); make \
             it yours alone: chmod 600 {name}"
        )));
    }
    Ok(file)
}

fn first_line_of(path: &Path, mut file: File) -> Result<Password, Remark> {
    let shown = path.display();
    read_from(&mut file).map_err(|flaw| match flaw {
        Flaw::Unreadable(error) => unreadable(path, &error),
        Flaw::Empty => refused(format!(
            "the first line of the password file {shown} is empty; write the password there"
        )),
        Flaw::TooLarge => refused(format!(
            "the password file {shown} is larger than 64 KiB; name a file whose first line is the \
             password"
        )),
        Flaw::Utf16 => refused(format!(
            "the password file {shown} is written in UTF-16; write it in UTF-8"
        )),
    })
}

#[cfg(test)]
mod tests;
