//! The command line as it is read and as its help shows it: of each call its own options first, and none
//! that it refuses.

use clap::{Arg, ArgAction, Args as _, Command, CommandFactory};

use super::args::Args;
use super::examples;
use super::flag::{Call, Flag};
use super::table::{Options, PASSWORD, TABLE};

/// Below which heading the options stand that most calls have.
const GENERAL: &str = "General options";

/// The page of a call: what it is about, its examples, its arguments and options.
const PAGE: &str = "{about}\n\n{usage-heading} {usage}\n\n{before-help}{all-args}{after-help}";

/// The whole command line.
pub fn command() -> Command {
    let command = Args::command()
        .disable_help_flag(true)
        .help_template(PAGE)
        .before_help(examples::shown(&examples::SCANS))
        .after_help(examples::MORE)
        .arg(help())
        .mut_args(|arg| match row(&arg) {
            Some(flag) => arg.help_heading(None::<&str>).hide(!flag.common),
            None => arg,
        });
    let all = Options::augment_args(Command::new("options"));
    command.mut_subcommands(|command| match call(&command) {
        Some(call) => of(call, command, &all),
        None => command,
    })
}

/// `-h` and `--help` are one.
pub fn help() -> Arg {
    Arg::new("help")
        .short('h')
        .long("help")
        .help("Print help")
        .action(ArgAction::HelpShort)
        .display_order(usize::MAX)
        .global(true)
}

/// The row of an option, if it has one.
pub fn row(arg: &Arg) -> Option<&'static Flag> {
    TABLE.iter().find(|flag| flag.name == arg.get_id().as_str())
}

/// Which call a command is.
pub fn call(command: &Command) -> Option<Call> {
    let mut commands = Call::COMMANDS.into_iter();
    let (_, call) = commands.find(|(word, _)| *word == command.get_name())?;
    Some(call)
}

/// A command with the options that it has; the others are known and not shown. `all` has them all.
fn of(call: Call, command: Command, all: &Command) -> Command {
    let command = command
        .disable_help_flag(true)
        .help_template(PAGE)
        .before_help(examples::shown(examples::of(call)))
        .after_help(examples::more(call))
        .arg(help().help_heading(GENERAL));
    (1..)
        .zip(all.get_arguments())
        .zip(TABLE)
        .fold(command, |command, ((position, arg), flag)| {
            let arg = arg.clone().hide(!flag.is_shown_by(call));
            command.arg(match flag.used_by == [call] {
                // First those of this call alone.
                true => arg.help_heading(None::<&str>).display_order(position),
                false if flag.is_own(call) => arg
                    .help_heading(None::<&str>)
                    .display_order(TABLE.len() + position),
                false => {
                    let of_passwords = flag.heading.filter(|heading| *heading == PASSWORD);
                    arg.help_heading(of_passwords.unwrap_or(GENERAL))
                        .display_order(position)
                }
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
        let mut known = command();
        known.build();
        let unknown = known.get_subcommands().filter(|one| call(one).is_none());
        let unknown: Vec<&str> = unknown.map(Command::get_name).collect();
        assert_eq!(unknown, [""; 0]);
    }

    /// Of every command, what its help has is what it takes.
    #[test]
    fn help_shows_what_a_call_takes_and_has_two_examples() {
        for (word, call) in Call::COMMANDS {
            let mut command = command();
            let command = command.find_subcommand_mut(word).unwrap();
            let page = command.render_help().to_string();
            for flag in TABLE {
                let is_shown = page
                    .lines()
                    .filter_map(|line| line.trim_start().strip_prefix('-'))
                    .any(|line| {
                        let mut names = line
                            .split("  ")
                            .take(1)
                            .flat_map(|line| line.split([' ', ',']));
                        names.any(|name| name.trim_start_matches('-') == flag.name)
                    });
                assert_eq!(is_shown, flag.is_shown_by(call), "{word} --{}", flag.name);
            }
            let examples = page.lines().filter(|line| line.starts_with("  bkscan "));
            assert!(examples.count() >= 2, "{page}");
        }
    }
}
