//! The command line.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Parser, Subcommand, ValueHint};
use clap_complete::Shell;

use super::flag::Call;
use super::table::Options;
use super::words::{ScheduleArg, SchemaArg};

/// Tells which iPhone and iPad backups on a computer are whole, and which are not.
#[derive(Debug, Parser)]
#[command(
    version,
    max_term_width = 100,
    disable_help_subcommand = true,
    override_usage = "bkscan [OPTIONS] [PATH]...\n       bkscan [OPTIONS] COMMAND"
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

/// What to do, other than to scan.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show one backup in full: findings, storage by app, largest files
    #[command(override_usage = "bkscan show [OPTIONS] BACKUP")]
    Show {
        /// A path, a folder's name, a UDID or a device's name, or the start of one of these two
        #[arg(value_name = "BACKUP", required = true, value_hint = ValueHint::DirPath)]
        backup: Vec<PathBuf>,
    },
    /// Compare two backups: what OLD holds that NEW does not
    #[command(override_usage = "bkscan diff [OPTIONS] OLD NEW")]
    Diff {
        /// Two backups of whatever devices, each a path, a folder's name, a UDID or the start of one, or
        /// a device's name
        #[arg(value_name = "OLD NEW", required = true, value_hint = ValueHint::DirPath)]
        backups: Vec<PathBuf>,
    },
    /// Say what can go, and why; removes it only with --delete
    Clean {
        /// Where the backups are, as for a scan
        #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
        paths: Vec<PathBuf>,
    },
    /// Make a consistent backup from what can be read of a damaged one
    #[command(override_usage = "bkscan mend [OPTIONS] BACKUP --to DIR")]
    Mend {
        /// A path, a folder's name, a UDID or a device's name, or the start of one of these two
        #[arg(value_name = "BACKUP", required = true, value_hint = ValueHint::DirPath)]
        backup: Vec<PathBuf>,
    },
    /// Explain what a finding or verdict means, and what to do
    Explain {
        /// A finding id, a verdict or a reason; without it, the list of all
        #[arg(value_name = "ID")]
        id: Option<String>,
        /// More words of it, such as `file missing`
        #[arg(hide = true)]
        words: Vec<String>,
    },
    /// Tell how the backups of each device developed over earlier runs
    History {
        /// Only backups at or below these paths, which need not be there any more
        #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
        paths: Vec<PathBuf>,
    },
    /// Make the HTML page of one or many documents that --json printed
    #[command(override_usage = "bkscan report [OPTIONS] FILE.json... --html OUT")]
    Report {
        /// The saved document, or several, one of each machine; - reads it from standard input
        #[arg(value_name = "FILE.json", required = true, value_hint = ValueHint::FilePath)]
        file: Vec<PathBuf>,
    },
    /// Print a nightly job, ready to paste, or install it
    Schedule {
        /// What is to start it
        #[arg(value_enum, value_name = "SCHEDULER")]
        kind: ScheduleArg,
        /// Where the backups are, as for a scan; the word clean before them makes a job that cleans
        #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
        paths: Vec<PathBuf>,
    },
    /// Show the settings in effect, or the JSON Schema of their file
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
    /// Print what a shell needs to complete commands and options
    Completions {
        /// The shell
        #[arg(value_enum, value_name = "SHELL")]
        shell: Shell,
    },
    /// Print the manual page of bkscan, or of one of its commands
    Man {
        /// The command; without it, the program itself
        #[arg(value_name = "COMMAND", value_parser = PossibleValuesParser::new(Call::words()))]
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
            Command::Mend { .. } => Call::Mend,
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
    /// Print the JSON Schema of the configuration file, for editors
    Schema,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::flags::words::LevelArg;

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
