//! What does not go together with the list.

use crate::cli::session::Session;
use crate::cli::stop::{Remark, Stop};

use super::terminal;

/// Options that say how something else is told, or done without a question.
const ALONE: [&str; 8] = [
    "json", "quiet", "html", "metrics", "dry-run", "yes", "now", "redact",
];

/// Makes sure that there can be a list, and that nothing else is told but it.
///
/// # Errors
/// Where something else was asked for, too, or there is no terminal.
pub fn check(session: &mut Session) -> Result<(), Stop> {
    let usage = |text: String| Err(Stop::usage(Remark::plain(text)));
    let mut typed = ALONE.iter().filter(|name| session.settings.is_typed(name));
    if let Some(name) = typed.next() {
        return usage(format!(
            "--{name} and --interactive do not go together: choose one; nothing was done"
        ));
    }
    let options = &mut session.options;
    if options.redact {
        let text = "the settings redact, and a list has to name what is marked: \
                    BKSCAN_REDACT=false in the environment shows it";
        return usage(text.to_owned());
    }
    // Settings for jobs at night.
    options.json = false;
    options.quiet = false;
    match terminal::lacking(|name| std::env::var(name).ok()) {
        Some(lacking) => usage(lacking.to_owned()),
        None => Ok(()),
    }
}
