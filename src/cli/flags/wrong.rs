//! What is wrong with a command line, in one sentence.

use clap::error::{ContextKind, ErrorKind};

/// What clap has to say, and what may have been meant. It may quote whatever was typed.
pub fn in_words(error: &clap::Error) -> String {
    let of = |kind| error.get(kind).map(ToString::to_string);
    let usage = || of(ContextKind::Usage).unwrap_or_default();
    // `Usage: bkscan show [OPTIONS] BACKUP`
    let usage = || usage().trim_start_matches("Usage:").trim().to_owned();
    let argument = of(ContextKind::InvalidArg).unwrap_or_default();
    match error.kind() {
        ErrorKind::MissingRequiredArgument if argument.contains("SCHEDULER") => KINDS.to_owned(),
        ErrorKind::MissingRequiredArgument => {
            let missing = argument.replace(['<', '>'], "").replace("...", "");
            format!("{missing} is missing, as in {}", usage())
        }
        // What it has to say then is the help of the command.
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => NO_PART.to_owned(),
        ErrorKind::UnknownArgument => {
            let meant = of(ContextKind::SuggestedArg);
            let meant = meant.map_or_else(
                || "bkscan help options lists all".to_owned(),
                |meant| format!("did you mean {meant}?"),
            );
            format!("there is no option {argument} here; {meant}")
        }
        _ => first(&error.to_string()),
    }
}

/// Whether behind a command's word the version was asked for, which is that of the whole program.
pub fn asks_for_version(error: &clap::Error) -> bool {
    let argument = error.get(ContextKind::InvalidArg).map(ToString::to_string);
    error.kind() == ErrorKind::UnknownArgument
        && argument.is_some_and(|argument| ["--version", "-V"].contains(&argument.as_str()))
}

/// What `schedule` is to be told first.
const KINDS: &str = "what is to start the job: cron (a line for crontab), systemd (Linux), launchd (a Mac) or \
                     windows (its Task Scheduler)? Such as bkscan schedule cron";

/// What a command is to be told that has parts; only one has.
const NO_PART: &str = "show or schema is missing, as in bkscan config show";

/// The first paragraph of what clap says, in one line.
fn first(text: &str) -> String {
    let first = text.split("\n\n").next().unwrap_or_default();
    let words: Vec<_> = first.split_whitespace().collect();
    let what = words.join(" ");
    what.strip_prefix("error: ").unwrap_or(&what).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::flags::line;

    #[test]
    fn what_is_wrong_is_one_sentence() {
        for (typed, expected) in [
            (
                "show",
                "BACKUP is missing, as in bkscan show [OPTIONS] BACKUP",
            ),
            (
                "diff",
                "OLD NEW is missing, as in bkscan diff [OPTIONS] OLD NEW",
            ),
            ("schedule", KINDS),
            ("config", NO_PART),
            (
                "--jsn",
                "there is no option --jsn here; did you mean --json?",
            ),
            (
                "clean --nonsense",
                "there is no option --nonsense here; bkscan help options lists all",
            ),
            (
                "--may-lose 101",
                "invalid value '101' for '--may-lose <SHARE>': \"101\" is more than all: write a share \
                 from 0 to 100, such as 2% or 0.5%",
            ),
            (
                "--level deep",
                "invalid value 'deep' for '--level <LEVEL>' [possible values: quick, standard, contents]",
            ),
            (
                "--level",
                "a value is required for '--level <LEVEL>' but none was supplied [possible values: quick, standard, contents]",
            ),
        ] {
            let words = std::iter::once("bkscan").chain(typed.split(' '));
            let error = line::command().try_get_matches_from(words).unwrap_err();
            assert_eq!(in_words(&error), expected);
        }
    }
}
