//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use jiff::Timestamp;

use crate::config::FailOn;
use crate::model::Level;

use super::terminal::ColorChoice;

/// Tells which iPhone and iPad backups on this computer are whole, and which are not.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub struct Args {
    /// MobileSync, its Backup folder, one backup, or a folder that holds any of these up to three
    /// levels down; without it, the places where this system keeps backups
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// Print one JSON document instead of the table
    #[arg(long, global = true)]
    pub json: bool,

    /// How deep to look
    #[arg(long, global = true, value_enum, default_value_t = LevelArg::Standard)]
    pub level: LevelArg,

    /// The time that counts as now
    #[arg(long, global = true, value_name = "RFC3339")]
    pub now: Option<Timestamp>,

    /// How many threads work [default: the number of cores, at most 8]
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
}

impl Args {
    /// More than eight threads were reported to hurt on macOS.
    pub fn threads(&self) -> usize {
        self.threads.map_or_else(
            || {
                std::thread::available_parallelism()
                    .map_or(1, usize::from)
                    .min(8)
            },
            usize::from,
        )
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
    }

    #[test]
    fn options_stand_before_and_after_paths() {
        for line in [
            ["bkscan", "--json", "--level", "quick", "a", "b"],
            ["bkscan", "a", "--json", "b", "--level", "quick"],
            ["bkscan", "a", "b", "--level", "quick", "--json"],
        ] {
            let args = Args::try_parse_from(line).unwrap();
            assert!(args.json);
            assert!(matches!(args.level, LevelArg::Quick));
            assert_eq!(args.paths, [PathBuf::from("a"), PathBuf::from("b")]);
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for line in [
            &["bkscan", "--threads", "0"][..],
            &["bkscan", "--level", "deep"],
            &["bkscan", "--now", "yesterday"],
            &["bkscan", "--fail-on", "note"],
            &["bkscan", "--nonsense"],
        ] {
            assert!(Args::try_parse_from(line).is_err(), "{line:?}");
        }
    }
}
