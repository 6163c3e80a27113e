//! The command line.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use jiff::{Span, Timestamp};

use crate::config::{FailOn, Policy};
use crate::model::Level;
use crate::render::text::Guide;

use super::terminal::ColorChoice;
use super::values;

/// Tells which iPhone and iPad backups on this computer are whole, and which are not.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub struct Args {
    /// MobileSync, its Backup folder, one backup, or a folder that holds any of these up to three
    /// levels down; without it, the places where this system keeps backups
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    #[command(subcommand)]
    pub command: Option<Command>,

    #[command(flatten)]
    pub options: Options,
}

/// What to do, other than to scan.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// One backup in full: every finding with all its files, storage by app, largest files
    Show {
        /// A path, a folder's name, a UDID or the start of one, or a device's name
        #[arg(value_name = "BACKUP", required = true)]
        backup: Vec<PathBuf>,
    },
    /// What could be removed, and why; removes it only with --delete
    Clean {
        /// Where the backups are, as for a scan
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    /// What a finding or verdict means, how sure it is, what to do
    Explain {
        /// A finding id or a verdict; without it, the list of all
        #[arg(value_name = "ID")]
        id: Option<String>,
    },
}

/// The words that are commands, for whoever mistypes one.
pub const COMMANDS: [&str; 4] = ["show", "clean", "explain", "help"];

/// Options of `clean`; like all others they stand before or after the command word.
#[derive(ClapArgs, Debug)]
#[command(next_help_heading = "Options of clean")]
pub struct CleanOptions {
    /// Remove what the plan says, after a question
    #[arg(long, global = true)]
    pub delete: bool,

    /// Ask no question; for the only backup of a device its name has to be typed all the same
    #[arg(long, global = true)]
    pub yes: bool,

    /// Exactly these: paths, folders' names, UDIDs or the start of one, or devices' names
    #[arg(long, global = true, value_name = "BACKUP", num_args = 1..)]
    pub only: Vec<PathBuf>,

    /// Only backups of this device
    #[arg(long, global = true, value_name = "NAME|UDID")]
    pub device: Option<String>,

    /// Only backups that are older, such as 1y6mo
    #[arg(long, global = true, value_name = "SPAN", value_parser = values::span)]
    pub older_than: Option<Span>,
}

impl CleanOptions {
    /// The first of them that was given.
    pub fn first(&self) -> Option<&'static str> {
        [
            (self.delete, "--delete"),
            (self.yes, "--yes"),
            (!self.only.is_empty(), "--only"),
            (self.device.is_some(), "--device"),
            (self.older_than.is_some(), "--older-than"),
        ]
        .into_iter()
        .find_map(|(given, name)| given.then_some(name))
    }
}

/// Options stand before or after the command word.
#[derive(ClapArgs, Debug)]
pub struct Options {
    /// Print one JSON document instead of the screen
    #[arg(long, global = true)]
    pub json: bool,

    /// How deep to look
    #[arg(long, global = true, value_enum, default_value_t = LevelArg::Standard)]
    pub level: LevelArg,

    /// The time that counts as now
    #[arg(long, global = true, value_name = "RFC3339")]
    pub now: Option<Timestamp>,

    /// How many threads work [default: the number of cores, but at least 4 and at most 8]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,

    /// Print nothing when all is well, else one short paragraph a problem
    #[arg(long, global = true)]
    pub quiet: bool,

    /// From which severity on the exit code is not 0
    #[arg(long, global = true, value_enum, default_value_t = FailOnArg::Error, value_name = "SEVERITY")]
    pub fail_on: FailOnArg,

    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = ColorArg::Auto, value_name = "WHEN")]
    pub color: ColorArg,

    /// From which age on a backup is old, such as 90d or 1y6mo [default: 90d]
    #[arg(long, global = true, value_name = "SPAN", value_parser = values::span)]
    old_after: Option<Span>,

    /// From which size on a backup is oversized, such as 50GB
    #[arg(long, global = true, value_name = "SIZE", default_value = "50GB", value_parser = values::size)]
    oversized: u64,

    /// How many good backups of a device to keep
    #[arg(long, global = true, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    keep_last: u16,

    /// Keep all backups of this time, such as 6mo
    #[arg(long, global = true, value_name = "SPAN", value_parser = values::span)]
    keep_within: Option<Span>,

    /// Let archived copies go too
    #[arg(long, global = true)]
    include_archived: bool,

    /// Let an encrypted backup that could not be checked without its password stand in for older ones
    #[arg(long, global = true)]
    trust_locked: bool,

    /// How much advice the screen shows; the JSON document always has all that is personal
    #[arg(long, global = true, value_enum, default_value_t = AdviceArg::Short, value_name = "HOW_MUCH")]
    pub advice: AdviceArg,

    /// Leave out names, identifiers, serial numbers, paths and personal file names
    #[arg(long, global = true)]
    pub redact: bool,

    #[command(flatten)]
    pub clean: CleanOptions,
}

impl Options {
    /// On few cores four threads wait for a cold disk at once, and cost nothing on a warm one; more than
    /// eight were reported to hurt on macOS.
    pub fn threads(&self) -> usize {
        self.threads.map_or_else(
            || {
                std::thread::available_parallelism()
                    .map_or(1, usize::from)
                    .clamp(4, 8)
            },
            usize::from,
        )
    }

    /// What may be removed, seen from `now`.
    pub fn policy(&self, now: Timestamp) -> Policy {
        let old_after = self.old_after.unwrap_or_else(values::ninety_days);
        Policy {
            old_before: values::before(now, old_after),
            oversized: self.oversized,
            keep_last: usize::from(self.keep_last),
            keep_since: self.keep_within.map(|span| values::before(now, span)),
            include_archived: self.include_archived,
            trust_locked: self.trust_locked,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum LevelArg {
    /// Property lists, state and sizes; no file list
    Quick,
    /// Every file that the manifest lists against the disk
    Standard,
}

impl From<LevelArg> for Level {
    fn from(level: LevelArg) -> Level {
        match level {
            LevelArg::Quick => Level::Quick,
            LevelArg::Standard => Level::Standard,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum FailOnArg {
    /// Only incomplete and corrupt backups
    Error,
    /// Warnings too
    Warning,
}

impl From<FailOnArg> for FailOn {
    fn from(fail_on: FailOnArg) -> FailOn {
        match fail_on {
            FailOnArg::Error => FailOn::Error,
            FailOnArg::Warning => FailOn::Warning,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum AdviceArg {
    /// The three most important pieces
    Short,
    /// The whole guide in eight steps
    All,
    /// None
    None,
}

impl From<AdviceArg> for Guide {
    fn from(advice: AdviceArg) -> Guide {
        match advice {
            AdviceArg::Short => Guide::Short,
            AdviceArg::All => Guide::All,
            AdviceArg::None => Guide::Nothing,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ColorArg {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Everywhere
    Always,
    /// Nowhere
    Never,
}

impl From<ColorArg> for ColorChoice {
    fn from(color: ColorArg) -> ColorChoice {
        match color {
            ColorArg::Auto => ColorChoice::Auto,
            ColorArg::Always => ColorChoice::Always,
            ColorArg::Never => ColorChoice::Never,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

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
            &["bkscan", "show"],
        ] {
            assert!(Args::try_parse_from(line).is_err(), "{line:?}");
        }
    }
}
