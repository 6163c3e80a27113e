//! Where the password of encrypted backups comes from: the terminal, a file, a command, or the
//! environment. It is never an argument and never a setting, no message has anything of it, and it is
//! wiped from memory when it is not needed any more.

mod command;

use std::ffi::OsString;
use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use zeroize::Zeroizing;

use crate::model::Udid;
use crate::model::secret::Password;
use crate::model::sources::Passwords;
use crate::system;
use crate::system::SYSTEM;
use crate::words::shell;

use super::flags::settings::Origin;
use super::flags::table::Options;
use super::stop::Remark;

use command::PasswordCommand;

/// The options that say where a password comes from; one of them counts.
pub const OPTIONS: [&str; 3] = ["ask-password", "password-file", "password-command"];

/// The variable that holds a password, which counts where none of the options is given.
pub const VARIABLE: &str = "BKSCAN_PASSWORD";

/// What there is where nobody can be asked.
pub const INSTEAD: &str = "--password-file reads it from a file, --password-command runs a command \
                           that prints it";

const PROMPT: &str = "Password of the encrypted backups (not shown): ";

/// Whatever is longer is no password: 64 KiB.
const LARGEST: usize = 64 << 10;

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
    /// When the password file is none, or others can read it.
    pub fn of(
        options: &Options,
        env: impl Fn(&str) -> Option<OsString>,
        stop: &Arc<AtomicUsize>,
    ) -> Result<Option<Source>, Remark> {
        let in_environment = env(VARIABLE).filter(|value| !value.is_empty());
        if !is_any(options) && in_environment.is_none() {
            return Ok(None);
        }
        system::forbid_core_dumps();
        // Wiped when it goes, whether it is used or not. The bytes are those of the system, on Windows
        // UTF-8.
        let known = in_environment.map(|value| Password::new(value.into_encoded_bytes()));
        Ok(if options.ask_password {
            Some(Source::Terminal)
        } else if let Some(file) = &options.password_file {
            Some(Source::Known(of_file(file)?))
        } else if let Some(line) = &options.password_command {
            let command = PasswordCommand::new(line.clone(), Arc::clone(stop));
            Some(Source::Command(command))
        } else {
            known.map(Source::Known)
        })
    }
}

impl Passwords for Source {
    fn password(&self, udid: Option<&Udid>) -> Result<Option<Password>, String> {
        match self {
            // Nobody was asked.
            Source::Terminal => Ok(None),
            Source::Known(password) => Ok(Some(password.clone())),
            Source::Command(command) => command.password(udid).map(Some),
        }
    }
}

/// What to say to whoever types a password as an argument.
pub fn no_argument() -> String {
    format!(
        "a password is no argument, because everybody on this computer can see arguments: \
         --ask-password asks for it, {INSTEAD}"
    )
}

/// Whether one of the options is given.
pub fn is_any(options: &Options) -> bool {
    options.ask_password || options.password_file.is_some() || options.password_command.is_some()
}

/// Whether the environment holds a password.
pub fn is_in(env: impl Fn(&str) -> Option<OsString>) -> bool {
    env(VARIABLE).is_some_and(|value| !value.is_empty())
}

/// Of these options, with where each comes from, those that do not count because a stronger place names
/// another one. `config` is the configuration file.
///
/// # Errors
/// When one place names two of them.
pub fn outdone<'a>(
    given: &[(&'a str, Origin)],
    config: Option<&Path>,
) -> Result<Vec<&'a str>, String> {
    let Some(strongest) = given.iter().map(|(_, origin)| strength(origin)).min() else {
        return Ok(Vec::new());
    };
    let (counting, outdone): (Vec<_>, Vec<_>) = given
        .iter()
        .partition(|(_, origin)| strength(origin) == strongest);
    match (counting.as_slice(), config) {
        ([one, other, ..], _) => {
            let place = match (&other.1, config) {
                (Origin::File(line), Some(path)) => format!("{}, line {line}: ", path.display()),
                _ => String::new(),
            };
            let [one, other] = [one, other].map(|(name, origin)| match origin {
                Origin::Typed | Origin::Default => format!("--{name}"),
                Origin::Environment(variable) => variable.clone(),
                Origin::File(_) => (*name).to_owned(),
            });
            Err(format!("{place}{one} and {other} exclude one another"))
        }
        _ => Ok(outdone.into_iter().map(|(name, _)| *name).collect()),
    }
}

/// The smaller the stronger.
fn strength(origin: &Origin) -> u8 {
    match origin {
        Origin::Typed => 0,
        Origin::Environment(_) => 1,
        Origin::File(_) => 2,
        Origin::Default => 3,
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

fn of_file(path: &Path) -> Result<Password, Remark> {
    let shown = path.display();
    let redacted = "the password file cannot be used; leave out --redact to see why";
    let refused = |message: String| Remark::new(redacted, message);
    let unreadable = |error: io::Error| {
        let why = system::in_words(&error);
        refused(format!(
            "the password file {shown} could not be read: {why}; name a file whose first line is the \
             password"
        ))
    };
    // It may be a link, and a pipe without a writer must not keep us waiting.
    let real = system::canonical(path).map_err(unreadable)?;
    let mut file = system::open_regular(&real).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if let Some(mode) = system::open_to_others(&metadata) {
        let name = shell::quote(SYSTEM, &path.to_string_lossy());
        return Err(refused(format!(
            "the password file {shown} was not used, because others can read it (mode {mode:o}); make \
             it yours alone: chmod 600 {name}"
        )));
    }
    read_from(&mut file).map_err(|flaw| match flaw {
        Flaw::Unreadable(error) => unreadable(error),
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

/// Why there is no password in what was read.
#[derive(Debug)]
enum Flaw {
    Unreadable(io::Error),
    Empty,
    TooLarge,
    Utf16,
}

/// Reads to the end and takes the first line.
fn read_from(from: &mut impl Read) -> Result<Password, Flaw> {
    // All the room from the start: a vector that grows leaves copies behind.
    let mut bytes = Zeroizing::new(vec![0; LARGEST + 1]);
    let mut length = 0;
    loop {
        match from.read(&mut bytes[length..]) {
            // Also when there is no more room.
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Flaw::Unreadable(error)),
        }
    }
    if length > LARGEST {
        return Err(Flaw::TooLarge);
    }
    match first_line(&bytes[..length]) {
        b"" => Err(Flaw::Empty),
        // As PowerShell of Windows writes text into a file.
        [0xff, 0xfe, ..] => Err(Flaw::Utf16),
        line => Ok(Password::new(line.to_vec())),
    }
}

/// The first line without its end; blanks belong to it. The mark that some editors of Windows put
/// before all text does not.
fn first_line(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let line = &bytes[..end.unwrap_or(bytes.len())];
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests;
