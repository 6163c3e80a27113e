//! The words that values are chosen from.

use clap::ValueEnum;

use crate::cli::console::ColorChoice;
use crate::model::Level;
use crate::render::screen::text::Guide;
use crate::words::schedule::Kind;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum LevelArg {
    /// Property lists, state and sizes; no file list
    Quick,
    /// Every file of the file list compared with the disk
    Standard,
    /// Also every file read to its end
    Contents,
}

impl From<LevelArg> for Level {
    fn from(level: LevelArg) -> Level {
        match level {
            LevelArg::Quick => Level::Quick,
            LevelArg::Standard => Level::Standard,
            LevelArg::Contents => Level::Contents,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum SubsetArg {
    /// A seventh each day, so that a week reads all
    Weekly,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOnArg {
    /// Only errors: above all incomplete and corrupt backups
    Error,
    /// Warnings too
    Warning,
    /// Only what the last run over the same paths did not have
    New,
}

impl From<ScheduleArg> for Kind {
    fn from(kind: ScheduleArg) -> Kind {
        match kind {
            ScheduleArg::Cron => Kind::Cron,
            ScheduleArg::Systemd => Kind::Systemd,
            ScheduleArg::Launchd => Kind::Launchd,
            ScheduleArg::Windows => Kind::Windows,
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

/// The documents that have a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaArg {
    /// That of scans, show and clean
    Scan,
    /// That of diff
    Diff,
    /// That of mend, and of the record beside a mended backup
    Mend,
    /// That of history
    History,
}

/// What starts a nightly job.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ScheduleArg {
    /// A line for crontab -e
    Cron,
    /// A service and a timer for systemd
    Systemd,
    /// A property list for launchd, on a Mac
    Launchd,
    /// A task for the Task Scheduler of Windows
    Windows,
}

impl ScheduleArg {
    /// The word that names it.
    pub fn word(self) -> &'static str {
        match self {
            ScheduleArg::Cron => "cron",
            ScheduleArg::Systemd => "systemd",
            ScheduleArg::Launchd => "launchd",
            ScheduleArg::Windows => "windows",
        }
    }
}
