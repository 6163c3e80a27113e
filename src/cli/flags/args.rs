//! The command line.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Arg, Args as ClapArgs, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::model::options::{FailOn, Keep, Policy, Share, Subset};
use crate::model::{Level, Udid};
use crate::render::screen::text::Guide;
use crate::words::schedule::Kind;

use super::config_file::DeviceSettings;
use super::settings::Settings;
use super::values;
use super::values::MaybeSpan;
use crate::cli::console::ColorChoice;

/// Tells which iPhone and iPad backups on this computer are whole, and which are not.
#[derive(Debug, Parser)]
#[command(
    version,
    max_term_width = 100,
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
        args = only(&crate::cli::commands::diff::OPTIONS, &["list"])
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
    /// Print the manual page, as man reads it
    Man,
}

/// The documents that have a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaArg {
    /// That of scans, show and clean
    Scan,
    /// That of diff
    Diff,
}

/// What to do with the settings.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print the settings in effect and where each came from, as a configuration file
    Show,
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
}

impl ScheduleArg {
    /// The word that names it.
    pub fn word(self) -> &'static str {
        match self {
            ScheduleArg::Cron => "cron",
            ScheduleArg::Systemd => "systemd",
            ScheduleArg::Launchd => "launchd",
        }
    }
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

    /// Exactly these, also those that bkscan never picks (takes every word after it, so put it last):
    /// paths, folders' names, UDIDs or devices' names, or the start of one of these two
    #[arg(long, global = true, value_name = "BACKUP", num_args = 1.., value_hint = ValueHint::DirPath)]
    pub only: Vec<PathBuf>,

    /// Only backups of this device
    #[arg(long, global = true, value_name = "NAME|UDID", value_hint = ValueHint::Other)]
    pub device: Option<String>,

    /// Only backups that are older, such as 1y6mo
    #[arg(long, global = true, value_name = "SPAN", value_parser = values::span, value_hint = ValueHint::Other)]
    pub older_than: Option<Span>,
}

/// Options of `diff`.
#[derive(ClapArgs, Debug)]
#[command(next_help_heading = "Options of diff")]
pub struct DiffOptions {
    /// Name the files: domain and path, size and date, photos by folder
    #[arg(long, global = true)]
    pub list: bool,
}

/// The options as the help of one command shows them: those that are its own first, and those that it
/// refuses not at all.
fn only(known: &[&str], own: &[&str]) -> Vec<Arg> {
    let all = Options::augment_args(clap::Command::new("options"));
    let is_in =
        |names: &[&str], arg: &Arg| arg.get_long().is_some_and(|long| names.contains(&long));
    let all = all.get_arguments().enumerate();
    let shown = all.map(|(at, arg)| match is_in(own, arg) {
        true => arg.clone().help_heading(None::<&str>).display_order(0),
        false => (arg.clone().display_order(1 + at)).hide(!is_in(known, arg)),
    });
    shown.collect()
}

/// Where the password of encrypted backups comes from; one of them counts. Never a password itself:
/// everybody on the computer can see arguments.
#[derive(ClapArgs, Debug)]
#[command(
    next_help_heading = "Password of encrypted backups (one of these, else BKSCAN_PASSWORD in the environment)"
)]
pub struct PasswordOptions {
    /// Ask for it on the terminal, once, before the scan begins
    #[arg(long, global = true)]
    pub ask_password: bool,

    /// Take the first line of this file, which nobody else may be able to read
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub password_file: Option<PathBuf>,

    /// Take the first line that this command prints; it runs once for each device, with BKSCAN_UDID set
    #[arg(long, global = true, value_name = "CMD", value_parser = NonEmptyStringValueParser::new(), value_hint = ValueHint::CommandString)]
    pub password_command: Option<String>,
}

impl PasswordOptions {
    /// Whether one of them is given.
    pub fn is_any(&self) -> bool {
        self.ask_password || self.password_file.is_some() || self.password_command.is_some()
    }
}

/// Options of a scan that somebody else starts every night.
#[derive(ClapArgs, Debug)]
#[command(next_help_heading = "Nightly scans and settings")]
pub struct NightlyOptions {
    /// Warn of a device that has had no good backup for this long, such as 30d [default: off]
    #[arg(long, global = true, value_name = "SPAN", value_parser = values::span_or_off, value_hint = ValueHint::Other)]
    pub stale_after: Option<MaybeSpan>,

    /// Write metrics for Prometheus to this file
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub metrics: Option<PathBuf>,

    /// Where to remember runs [default: bkscan in the user's state folder]
    #[arg(long, global = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub state_dir: Option<PathBuf>,

    /// Neither remember this run nor compare it with the last one
    #[arg(long, global = true)]
    pub no_state: bool,

    /// With history: speak no more of these backups, which are gone or smaller on purpose (takes every word
    /// after it): path, folder's name or UDID, or the start of one, or its device's name
    #[arg(long, global = true, value_name = "BACKUP", num_args = 1.., value_hint = ValueHint::AnyPath)]
    pub forget: Vec<PathBuf>,

    /// With --level contents: read a seventh of the files, another one each day of the week
    #[arg(long, global = true, value_enum, value_name = "PART")]
    pub subset: Option<SubsetArg>,

    /// The configuration file [default: bkscan/config.toml in the user's configuration folder]
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
}

/// Options stand before or after the command word.
#[derive(ClapArgs, Debug)]
pub struct Options {
    /// Print one JSON document instead of the screen
    #[arg(long, global = true)]
    pub json: bool,

    /// Also write an HTML page to look at in a browser: one file that needs nothing else
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub html: Option<PathBuf>,

    /// How deep to look
    #[arg(long, global = true, value_enum, default_value_t = LevelArg::Standard)]
    pub level: LevelArg,

    /// The time that counts as now, such as 2026-11-20T09:00:00Z
    #[arg(long, global = true, value_name = "RFC3339", value_parser = values::time, value_hint = ValueHint::Other)]
    pub now: Option<Timestamp>,

    /// How many threads work [default: the number of cores, but 4 to 8; with --level contents 8]
    #[arg(long, global = true, value_name = "N", value_parser = values::threads, value_hint = ValueHint::Other)]
    threads: Option<u16>,

    /// Print nothing when all is well, else one short paragraph per problem
    #[arg(long, global = true)]
    pub quiet: bool,

    /// What makes the exit code other than 0: errors, or warnings too; new: only what the last run
    /// over the same paths did not have (both: warning,new)
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "error",
        value_name = "WHAT",
        value_delimiter = ','
    )]
    fail_on: Vec<FailOnArg>,

    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = ColorArg::Auto, value_name = "WHEN")]
    pub color: ColorArg,

    /// Age from which a backup counts as old, such as 90d or 1y6mo
    #[arg(long, global = true, value_name = "SPAN", default_value = "90d", value_parser = values::span, value_hint = ValueHint::Other)]
    old_after: Span,

    /// Size from which a backup counts as oversized, such as 50GB
    #[arg(long, global = true, value_name = "SIZE", default_value = "50GB", value_parser = values::size, value_hint = ValueHint::Other)]
    oversized: u64,

    /// How many good backups of a device to keep
    #[arg(long, global = true, value_name = "N", default_value_t = 1, value_parser = values::count, value_hint = ValueHint::Other)]
    keep_last: u16,

    /// Keep every backup that is younger than this, such as 6mo
    #[arg(long, global = true, value_name = "SPAN", value_parser = values::span, value_hint = ValueHint::Other)]
    keep_within: Option<Span>,

    /// Let archived copies go too
    #[arg(long, global = true)]
    include_archived: bool,

    /// Let an encrypted backup that could not be checked without its password stand in for older ones
    #[arg(long, global = true)]
    trust_locked: bool,

    /// How much of an older backup may be missing from the newer one that stands in for it, such as
    /// 2%: from 0 to 100
    #[arg(
        long,
        global = true,
        value_name = "SHARE",
        default_value = "0",
        allow_hyphen_values = true,
        value_parser = values::share,
        value_hint = ValueHint::Other
    )]
    may_lose: Share,

    /// How much advice the screen shows; the JSON document always has all that applies here
    #[arg(long, global = true, value_enum, default_value_t = AdviceArg::Short, value_name = "HOW_MUCH")]
    pub advice: AdviceArg,

    /// Leave out names, identifiers, serial numbers, paths and personal file names
    #[arg(long, global = true)]
    pub redact: bool,

    #[command(flatten)]
    pub password: PasswordOptions,

    #[command(flatten)]
    pub clean: CleanOptions,

    #[command(flatten)]
    pub diff: DiffOptions,

    #[command(flatten)]
    pub nightly: NightlyOptions,
}

impl Options {
    /// On few cores four threads wait for a cold disk at once, and cost nothing on a warm one; more than
    /// eight were reported to hurt on macOS. Whole files are best read by eight on any cold disk.
    pub fn threads(&self) -> usize {
        let usual = || match self.level {
            LevelArg::Contents => 8,
            LevelArg::Quick | LevelArg::Standard => std::thread::available_parallelism()
                .map_or(1, usize::from)
                .clamp(4, 8),
        };
        self.threads.map_or_else(usual, usize::from)
    }

    /// Which part of the files is read on the day of `now`, where not all.
    pub fn subset(&self, now: Timestamp, zone: &TimeZone) -> Option<Subset> {
        match (self.level, self.nightly.subset?) {
            (LevelArg::Contents, SubsetArg::Weekly) => Some(Subset::weekly(now, zone)),
            (LevelArg::Quick | LevelArg::Standard, SubsetArg::Weekly) => None,
        }
    }

    /// What makes the exit code non-zero.
    pub fn fail_on(&self) -> FailOn {
        let has = |wanted| self.fail_on.contains(&wanted);
        FailOn {
            warnings: has(FailOnArg::Warning),
            only_new: has(FailOnArg::New),
        }
    }

    /// Before which time the newest good backup of a device is stale, if ever.
    pub fn stale_before(&self, now: Timestamp) -> Option<Timestamp> {
        values::before_if(now, self.nightly.stale_after?)
    }

    /// What may be removed, seen from `now`. What the file says of single devices stands in for what it
    /// says of all; beside what was typed or is in the environment, whatever keeps more holds.
    pub fn policy(&self, now: Timestamp, settings: &Settings) -> Policy {
        let since = |span: Option<Span>| span.map(|span| values::before(now, span));
        let keep = Keep {
            last: usize::from(self.keep_last),
            since: since(self.keep_within),
        };
        let [last_is_given, span_is_given] =
            ["keep-last", "keep-within"].map(|name| settings.is_given(name));
        let of = |(udid, own): (&Udid, &DeviceSettings)| {
            let last = own.keep_last.map_or(keep.last, usize::from);
            let earliest = since(own.keep_within).or(keep.since);
            let keep = Keep {
                last: match last_is_given {
                    true => last.max(keep.last),
                    false => last,
                },
                since: match span_is_given {
                    true => earliest.min(keep.since),
                    false => earliest,
                },
            };
            (udid.clone(), keep)
        };
        Policy {
            old_before: values::before(now, self.old_after),
            oversized: self.oversized,
            keep,
            keep_of: settings.file.devices.iter().map(of).collect(),
            include_archived: self.include_archived,
            trust_locked: self.trust_locked,
            may_lose: self.may_lose,
        }
    }
}

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
