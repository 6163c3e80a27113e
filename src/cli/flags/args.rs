//! The command line.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Arg, Args as _, Parser, Subcommand, ValueHint};
use clap_complete::Shell;

use super::flag::Call;
use super::table::{Options, TABLE};
use super::words::{ScheduleArg, SchemaArg};

/// Tells which iPhone and iPad backups on this computer are whole, and which are not.
#[derive(Debug, Parser)]
#[command(
    version,
    max_term_width = 100,
    disable_help_subcommand = true,
    override_usage = "bkscan [OPTIONS] [PATH]...\n       bkscan [OPTIONS] COMMAND",
    after_help = EXIT_CODES
)]
pub struct Args {
    /// MobileSync, its Backup folder, one backup, or a folder that holds any of these up to three
    /// levels down; without it, the places where this system keeps backups
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub paths: Vec<PathBuf>,

    #[command(subcommand)]
    pub command: Option<Command>,

    #[command(flatten)]
    pub options: Options,
}

/// What a script wants to know (contract §8).
const EXIT_CODES: &str = "Exit codes: 0 nothing wrong, 1 warnings (with --fail-on warning), 2 an \
                          incomplete or corrupt backup, 3 something could not be looked at, 64 \
                          wrong usage";

/// What `schedule` adds by itself.
const IN_A_JOB: &str = "The job scans with --quiet --fail-on warning --stale-after 30d, and with the \
                        options that are given here.";

/// What `diff` answers, and what with.
const OF_DIFF: &str = "\
Examples:
  bkscan diff 00008130-000A1C2E3F40801E.old 00008130-000A1C2E3F40801E
  bkscan diff --list --ask-password /srv/old /srv/new

Exit codes: 0 NEW holds all that OLD does, 1 it does not, 3 they could not be compared, 64 wrong usage";

/// What to do, other than to scan.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show one backup in full: every finding with all its files, storage by app, largest files
    #[command(override_usage = "bkscan show [OPTIONS] BACKUP")]
    Show {
        /// A path, a folder's name, a UDID or a device's name, or the start of one of these two
        #[arg(value_name = "BACKUP", required = true, value_hint = ValueHint::DirPath)]
        backup: Vec<PathBuf>,
    },
    /// Compare two backups: what OLD holds that NEW does not; --list names the files
    #[command(
        override_usage = "bkscan diff [OPTIONS] OLD NEW",
        after_help = OF_DIFF,
        args = of_diff()
    )]
    Diff {
        /// Two backups of whatever devices, each a path, a folder's name, a UDID or the start of one, or
        /// a device's name
        #[arg(value_name = "OLD NEW", required = true, value_hint = ValueHint::DirPath)]
        backups: Vec<PathBuf>,
    },
    /// Plan what to remove, and why; removes it only with --delete
    Clean {
        /// Where the backups are, as for a scan
        #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
        paths: Vec<PathBuf>,
    },
    /// Explain what a finding or verdict means, how sure it is, what to do
    Explain {
        /// A finding id or a verdict; without it, the list of all
        #[arg(value_name = "ID")]
        id: Option<String>,
    },
    /// Tell how size and verdict of each device developed over earlier runs; --forget: speak no more of
    /// a backup that is gone on purpose
    History {
        /// Only backups at or below these paths, which need not be there any more
        #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
        paths: Vec<PathBuf>,
    },
    /// Make the HTML page of a document that --json printed; --html says where
    #[command(override_usage = "bkscan report [OPTIONS] FILE.json --html OUT")]
    Report {
        /// The saved document; - reads it from standard input
        #[arg(value_name = "FILE.json", required = true, value_hint = ValueHint::FilePath)]
        file: Vec<PathBuf>,
    },
    /// Print a nightly job, ready to paste; installs nothing
    #[command(after_help = IN_A_JOB)]
    Schedule {
        /// What is to start it
        #[arg(value_enum, value_name = "SCHEDULER")]
        kind: ScheduleArg,
        /// Where the backups are, as for a scan
        #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
        paths: Vec<PathBuf>,
    },
    /// Show the settings in effect
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Print the JSON Schema of what --json prints
    Schema {
        /// Of which document
        #[arg(value_enum, value_name = "DOCUMENT", default_value_t = SchemaArg::Scan)]
        of: SchemaArg,
    },
    /// Print what a shell needs to complete bkscan's commands, options and values
    Completions {
        /// The shell
        #[arg(value_enum, value_name = "SHELL")]
        shell: Shell,
    },
    /// Print the manual page of bkscan, or of one of its commands, as man reads it
    Man {
        /// The command; without it, the program itself
        #[arg(value_name = "COMMAND", value_parser = PossibleValuesParser::new(COMMANDS))]
        of: Option<String>,
    },
    /// Help with a topic or a command; without one, the list of both
    Help {
        /// A topic, or a command
        #[arg(value_name = "TOPIC")]
        topic: Vec<String>,
    },
}

impl Command {
    /// Which one it is.
    pub fn call(&self) -> Call {
        match self {
            Command::Show { .. } => Call::Show,
            Command::Diff { .. } => Call::Diff,
            Command::Clean { .. } => Call::Clean,
            Command::Explain { .. } => Call::Explain,
            Command::History { .. } => Call::History,
            Command::Report { .. } => Call::Report,
            Command::Schedule { .. } => Call::Schedule,
            Command::Config { .. } => Call::Config,
            Command::Schema { .. } => Call::Schema,
            Command::Completions { .. } => Call::Completions,
            Command::Man { .. } => Call::Man,
            Command::Help { .. } => Call::Help,
        }
    }
}

/// What to do with the settings.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print the settings in effect and where each came from, as a configuration file
    Show,
}

/// The words that are commands, for whoever mistypes one.
pub const COMMANDS: [&str; 12] = [
    "show",
    "diff",
    "clean",
    "explain",
    "history",
    "report",
    "schedule",
    "config",
    "schema",
    "completions",
    "man",
    "help",
];

/// The options as the help of `diff` shows them: its own first, and none that it refuses.
fn of_diff() -> Vec<Arg> {
    let all = Options::augment_args(clap::Command::new("options"));
    let shown = (1..)
        .zip(all.get_arguments())
        .zip(TABLE)
        .map(
            |((position, arg), flag)| match flag.used_by == [Call::Diff] {
                true => arg.clone().help_heading(None::<&str>).display_order(0),
                false => arg
                    .clone()
                    .display_order(position)
                    .hide(!flag.is_used_by(Call::Diff)),
            },
        );
    shown.collect()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::flags::words::LevelArg;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
        let words: Vec<_> = Args::command()
            .get_subcommands()
            .map(|command| command.get_name().to_owned())
            .collect();
        assert!(
            words.iter().all(|word| COMMANDS.contains(&word.as_str())),
            "{words:?}"
        );
    }

    #[test]
    fn help_names_what_a_job_is_given() {
        let options = crate::words::schedule::OPTIONS.join(" ");
        assert!(IN_A_JOB.contains(&format!(" {options},")), "{options}");
    }

    #[test]
    fn options_stand_before_and_after_paths_and_command_words() {
        for line in [
            &["bkscan", "--json", "--level", "quick", "a", "b"][..],
            &["bkscan", "a", "--json", "b", "--level", "quick"],
            &["bkscan", "a", "b", "--level", "quick", "--json"],
        ] {
            let args = Args::try_parse_from(line).unwrap();
            assert!(args.options.json);
            assert!(matches!(args.options.level, LevelArg::Quick));
            assert_eq!(args.paths, [PathBuf::from("a"), PathBuf::from("b")]);
        }
        for line in [
            &["bkscan", "--json", "show", "a", "b"][..],
            &["bkscan", "show", "--json", "a", "b"],
            &["bkscan", "show", "a", "b", "--json"],
        ] {
            let args = Args::try_parse_from(line).unwrap();
            assert!(args.options.json, "{line:?}");
            let Some(Command::Show { backup }) = args.command else {
                panic!("{line:?}")
            };
            assert_eq!(backup, [PathBuf::from("a"), PathBuf::from("b")]);
        }
    }

    #[test]
    fn a_folder_named_like_a_command_is_written_with_its_path() {
        let args = Args::try_parse_from(["bkscan", "./show"]).unwrap();
        assert!(args.command.is_none());
        assert_eq!(args.paths, [PathBuf::from("./show")]);
    }

    #[test]
    fn nonsense_is_refused() {
        for line in [
            &["bkscan", "--threads", "0"][..],
            &["bkscan", "--level", "deep"],
            &["bkscan", "--now", "yesterday"],
            &["bkscan", "--fail-on", "note"],
            &["bkscan", "--nonsense"],
            &["bkscan", "--keep-last", "0"],
            &["bkscan", "--old-after", "5m"],
            &["bkscan", "--oversized", "big"],
            &["bkscan", "--may-lose", "-1"],
            &["bkscan", "--may-lose", "101%"],
            &["bkscan", "show"],
        ] {
            assert!(Args::try_parse_from(line).is_err(), "{line:?}");
        }
    }
}
