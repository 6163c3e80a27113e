//! The ways in which a password may be given, and which of them counts.

use std::ffi::OsString;
use std::path::Path;

use crate::cli::flags::origin::Origin;
use crate::cli::flags::table::Options;

/// The options that say where a password comes from; one of them counts.
pub const OPTIONS: [&str; 3] = ["ask-password", "password-file", "password-command"];

/// The variable that holds a password, which counts where none of the options is given.
pub const VARIABLE: &str = "BKSCAN_PASSWORD";

/// What there is where nobody can be asked.
pub const INSTEAD: &str = "--password-file reads it from a file, --password-command runs a command \
                           that prints it";

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
