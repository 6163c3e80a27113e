//! Every option: one row says all about it. What is read, the parser, `--help`, the manual, completions,
//! settings, variables, what a nightly job is given and `bkscan help options` come from here.

use std::path::PathBuf;

use clap::builder::{EnumValueParser, NonEmptyStringValueParser, ValueParser};
use clap::{ArgMatches, Command, FromArgMatches, ValueEnum, ValueHint};
use jiff::{Span, Timestamp};

use crate::model::options::Share;

use super::flag::Call::{Clean, Config, Diff, History, Mend, Report, Scan, Schedule, Show};
use super::flag::{Flag, Kind, Maybe, One, Rest, Switch, Value, Words};
use super::values::{self, MaybeSpan};
use super::words::{AdviceArg, ColorArg, FailOnArg, LevelArg, SubsetArg};

/// The heading of the ways in which a password is given.
pub const PASSWORD: &str = "Password of encrypted backups (else BKSCAN_PASSWORD)";
const CLEAN: &str = "Options of clean";
const DIFF: &str = "Options of diff";
const MEND: &str = "Options of mend";
const SCHEDULE: &str = "Options of schedule";
const NIGHTLY: &str = "Nightly scans and settings";

// What an option goes with, as those are told who type it elsewhere.
const SCANS: &str = "a scan";
const CLEANS: &str = "bkscan clean";
const DIFFS: &str = "bkscan diff";
const MENDS: &str = "bkscan mend";
const HISTORIES: &str = "bkscan history";
const SCHEDULES: &str = "bkscan schedule";
const QUESTIONS: &str = "bkscan clean, mend or schedule";
const LISTS: &str = "a scan or bkscan clean";
const LOOKS: &str = "a scan, show, diff, mend or clean";
const PLANS: &str = "a scan, show or clean";
const DOCUMENTS: &str = "a scan, show, diff, mend, clean or history";

/// The words that a value may be.
fn words<T: ValueEnum + Clone + Send + Sync + 'static>() -> ValueParser {
    EnumValueParser::<T>::new().into()
}

/// Makes of the rows what is read, and the table.
macro_rules! flags {
    ($($field:ident: $kind:ty = $row:expr;)*) => {
        /// What the options say.
        #[derive(Debug)]
        pub struct Options {
            $(pub $field: <$kind as Kind>::Read,)*
        }

        /// All options, in the order of `--help`.
        pub const TABLE: &[Flag] = &[$($row.read_as::<$kind>()),*];

        impl clap::Args for Options {
            fn augment_args(command: Command) -> Command {
                command$(.arg(<$kind as Kind>::arg(&$row)))*
            }

            fn augment_args_for_update(command: Command) -> Command {
                Options::augment_args(command)
            }
        }

        impl FromArgMatches for Options {
            fn from_arg_matches(matches: &ArgMatches) -> Result<Options, clap::Error> {
                Ok(Options {
                    $($field: <$kind as Kind>::read(matches, $row.name),)*
                })
            }

            fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
                *self = Options::from_arg_matches(matches)?;
                Ok(())
            }
        }
    };
}

flags! {
    json: Switch = Flag {
        name: "json",
        common: true,
        help: "Print one JSON document instead of the screen",
        readme: "one JSON document instead of the screen",
        used_by: &[Scan, Show, Diff, Clean, Mend, History],
        goes_with: DOCUMENTS,
        ..Flag::USUAL
    };

    html: Maybe<PathBuf> = Flag {
        name: "html",
        common: true,
        help: "Also write an HTML page to look at in a browser: one file that needs nothing else",
        readme: "also writes an HTML page; with `report` it is the page to write, and `-` is stdout",
        value: Value::path("FILE", ValueHint::FilePath),
        used_by: &[Scan, Report, Schedule],
        goes_with: SCANS,
        ..Flag::USUAL
    };

    level: One<LevelArg> = Flag {
        name: "level",
        common: true,
        help: "How deep to look",
        readme: "`quick`: only property lists, state and sizes, for a first look at a very large disk; \
            `standard`: every file that the file list has; `contents`: also reads every file to its end. \
            `clean`, `diff` and `mend` look at `standard` at least; with `diff` `contents` compares the bytes of \
            what is in both",
        value: Value::word("LEVEL", words::<LevelArg>).or("standard"),
        used_by: &[Scan, Show, Diff, Clean, Mend],
        ..Flag::USUAL
    };

    now: Maybe<Timestamp> = Flag {
        name: "now",
        help: "The time that counts as now, such as 2026-11-20T09:00:00Z",
        readme: "another time instead of now, for tests and reports; not with `--delete`",
        value: Value::of("RFC3339", || ValueParser::new(values::time)),
        used_by: &[Scan, Show, Diff, Clean, Mend, Report],
        by_day: true,
        ..Flag::USUAL
    };

    threads: Maybe<u16> = Flag {
        name: "threads",
        help: "How many threads work [default: 8, and 16 with --level contents; on macOS and Windows 4 to 8, by cores]",
        readme: "how many threads work",
        value: Value::number("N", values::MOST_THREADS, || ValueParser::new(values::threads)),
        used_by: &[Scan, Show, Diff, Clean, Mend],
        ..Flag::USUAL
    };

    quiet: Switch = Flag {
        name: "quiet",
        short: Some('q'),
        common: true,
        help: "Print nothing when all is well, else one short paragraph per problem",
        readme: "no output when the exit code is 0, else one short paragraph for each problem",
        used_by: &[Scan, Show, Diff, Clean, Mend],
        ..Flag::USUAL
    };

    fail_on: Words<FailOnArg> = Flag {
        name: "fail-on",
        common: true,
        help: "What makes the exit code other than 0; both: warning,new",
        readme: "from when on the exit code is not 0: `error`, `warning`, `new` (only what the last scan \
            of the same paths did not have), `warning,new`",
        value: Value::word("WHAT", words::<FailOnArg>).or("error"),
        used_by: &[Scan, Show],
        ..Flag::USUAL
    };

    color: One<ColorArg> = Flag {
        name: "color",
        help: "When to use colour",
        readme: "`auto`: on a terminal, unless `NO_COLOR` is set; `always`; `never`",
        value: Value::word("WHEN", words::<ColorArg>).or("auto"),
        ..Flag::USUAL
    };

    old_after: One<Span> = Flag {
        name: "old-after",
        common: true,
        help: "Age from which a backup counts as old, such as 90d or 1y6mo",
        readme: "the age from which a backup counts as old: the last one of a device is then for you to \
            decide",
        value: Value::of("SPAN", || ValueParser::new(values::span)).or("90d"),
        used_by: &[Scan, Show, Clean],
        plans: true,
        ..Flag::USUAL
    };

    oversized: One<u64> = Flag {
        name: "oversized",
        help: "Size from which a backup counts as oversized, such as 50GB",
        readme: "the size from which it counts as oversized: a mark in the JSON document, and with `old` \
            on the screen",
        value: Value::of("SIZE", || ValueParser::new(values::size)).or("50GB"),
        used_by: &[Scan, Show, Clean],
        ..Flag::USUAL
    };

    keep_last: One<u16> = Flag {
        name: "keep-last",
        common: true,
        help: "How many good backups of a device to keep",
        readme: "how many good backups of a device stay",
        value: Value::number("N", values::MOST_BACKUPS, || ValueParser::new(values::count)).or("1"),
        used_by: &[Scan, Show, Clean],
        plans: true,
        ..Flag::USUAL
    };

    keep_within: Maybe<Span> = Flag {
        name: "keep-within",
        help: "Keep every backup that is younger than this, such as 6mo",
        readme: "every backup that is younger stays",
        value: Value::of("SPAN", || ValueParser::new(values::span)),
        used_by: &[Scan, Show, Clean],
        plans: true,
        ..Flag::USUAL
    };

    include_archived: Switch = Flag {
        name: "include-archived",
        help: "Let archived copies go too",
        readme: "archived copies may go too",
        used_by: &[Scan, Show, Clean],
        plans: true,
        ..Flag::USUAL
    };

    trust_locked: Switch = Flag {
        name: "trust-locked",
        help: "Let an encrypted backup that could not be checked without its password stand in for older \
            ones",
        readme: "an encrypted backup that could not be checked may stand in for older ones, unless a \
            password was given that does not open it",
        used_by: &[Scan, Show, Clean],
        plans: true,
        ..Flag::USUAL
    };

    may_lose: One<Share> = Flag {
        name: "may-lose",
        help: "How much of an older backup may be missing from the newer one that stands in for it, such \
            as 2%: from 0 to 100",
        readme: "how much of an older backup may be missing from the newer one that stands in for it: \
            `0` to `100`, with or without `%`, such as `0.5%`",
        value: Value {
            with_hyphen: true,
            ..Value::of("SHARE", || ValueParser::new(values::share)).or("0")
        },
        used_by: &[Scan, Show, Clean],
        goes_with: PLANS,
        plans: true,
        ..Flag::USUAL
    };

    advice: One<AdviceArg> = Flag {
        name: "advice",
        common: true,
        help: "How much advice the screen shows; the JSON document always has all that applies here",
        readme: "`short`: the three pieces of advice that matter most; `all`: the whole guide in eight \
            steps; `none`",
        value: Value::word("HOW_MUCH", words::<AdviceArg>).or("short"),
        used_by: &[Scan],
        ..Flag::USUAL
    };

    redact: Switch = Flag {
        name: "redact",
        common: true,
        help: "Leave out names, identifiers, serial numbers, paths and personal file names",
        readme: "no names, identifiers, serial numbers, paths or personal file names in the output; not \
            with `--delete`",
        used_by: &[Scan, Show, Diff, Clean, Mend, Report, History, Config],
        ..Flag::USUAL
    };

    ask_password: Switch = Flag {
        name: "ask-password",
        common: true,
        help: "Ask for the password of encrypted backups on the terminal",
        readme: "asks for the password on the terminal; of one that opens no backup up to three times",
        heading: Some(PASSWORD),
        used_by: &[Scan, Show, Diff, Clean, Mend],
        goes_with: LOOKS,
        by_day: true,
        ..Flag::USUAL
    };

    password_file: Maybe<PathBuf> = Flag {
        name: "password-file",
        help: "Take the first line of this file, which nobody else may be able to read",
        readme: "the password is the first line of FILE",
        heading: Some(PASSWORD),
        value: Value::path("FILE", ValueHint::FilePath),
        used_by: &[Scan, Show, Diff, Clean, Mend, Schedule],
        goes_with: LOOKS,
        ..Flag::USUAL
    };

    password_command: Maybe<String> = Flag {
        name: "password-command",
        help: "Take the first line that this command prints; it runs once for each device, with \
            BKSCAN_UDID set",
        readme: "the password is the first line that CMD prints; run once for each device",
        heading: Some(PASSWORD),
        value: Value {
            hint: ValueHint::CommandString,
            ..Value::of("CMD", || ValueParser::new(NonEmptyStringValueParser::new()))
        },
        used_by: &[Scan, Show, Diff, Clean, Mend, Schedule],
        goes_with: LOOKS,
        personal: true,
        ..Flag::USUAL
    };

    interactive: Switch = Flag {
        name: "interactive",
        short: Some('i'),
        help: "Choose on the terminal what goes: a list to look and to mark in",
        readme: "a list on the terminal: to look at what each backup holds, to mark what is to go and to see \
            what that frees; Enter leads to the plan and the question of `--delete`. It needs a terminal",
        heading: Some(CLEAN),
        used_by: &[Scan, Clean],
        goes_with: LISTS,
        by_day: true,
        typed_only: true,
        ..Flag::USUAL
    };

    delete: Switch = Flag {
        name: "delete",
        help: "Remove what the plan says, after a question",
        readme: "removes what the plan says, after a question that is answered with `yes`",
        heading: Some(CLEAN),
        used_by: &[Clean],
        goes_with: CLEANS,
        typed_only: true,
        ..Flag::USUAL
    };

    dry_run: Switch = Flag {
        name: "dry-run",
        short: Some('n'),
        help: "Only say what would go: what clean does anyway without --delete",
        readme: "only says what would go, as without `--delete`; not with it",
        heading: Some(CLEAN),
        used_by: &[Clean],
        goes_with: CLEANS,
        typed_only: true,
        ..Flag::USUAL
    };

    yes: Switch = Flag {
        name: "yes",
        short: Some('y'),
        help: "Ask no question; with clean, for the only backup of a device its name has to be typed all the \
            same",
        readme: "asks no question; with `clean`, for an only copy the name of its device has to be typed all \
            the same",
        heading: Some(CLEAN),
        used_by: &[Clean, Mend, Schedule],
        goes_with: QUESTIONS,
        typed_only: true,
        ..Flag::USUAL
    };

    only: Rest<PathBuf> = Flag {
        name: "only",
        help: "Exactly these, also those that bkscan never picks (takes every word after it, so put it \
            last): paths, folders' names, UDIDs or devices' names, or the start of one of these two",
        readme: "exactly these, also those that bkscan never picks by itself",
        heading: Some(CLEAN),
        value: Value::path("BACKUP", ValueHint::DirPath),
        used_by: &[Clean],
        goes_with: CLEANS,
        typed_only: true,
        ..Flag::USUAL
    };

    device: Maybe<String> = Flag {
        name: "device",
        help: "Only backups of this device",
        readme: "only backups of this device",
        heading: Some(CLEAN),
        value: Value::of("NAME|UDID", ValueParser::string),
        used_by: &[Clean],
        goes_with: CLEANS,
        personal: true,
        ..Flag::USUAL
    };

    older_than: Maybe<Span> = Flag {
        name: "older-than",
        help: "Only backups that are older, such as 1y6mo",
        readme: "only backups that are older",
        heading: Some(CLEAN),
        value: Value::of("SPAN", || ValueParser::new(values::span)),
        used_by: &[Clean],
        goes_with: CLEANS,
        ..Flag::USUAL
    };

    list: Switch = Flag {
        name: "list",
        help: "Name the files: domain and path, size and date, photos by folder",
        readme: "names the files: domain and path, size and date, photos by folder",
        heading: Some(DIFF),
        used_by: &[Diff],
        goes_with: DIFFS,
        typed_only: true,
        ..Flag::USUAL
    };

    to: Maybe<PathBuf> = Flag {
        name: "to",
        help: "The folder that the mended backup is to lie in; made where it is missing",
        readme: "the folder that the mended backup is to lie in; made where it is missing, on any disk",
        heading: Some(MEND),
        value: Value::path("DIR", ValueHint::DirPath),
        used_by: &[Mend],
        goes_with: MENDS,
        typed_only: true,
        ..Flag::USUAL
    };

    link: Switch = Flag {
        name: "link",
        help: "Hard links instead of copies where the disk has no clones: the same disk only",
        readme: "hard links instead of copies where the disk has no clones, on the same disk only: what is \
            written into one of the two backups is then in the other",
        heading: Some(MEND),
        used_by: &[Mend],
        goes_with: MENDS,
        typed_only: true,
        ..Flag::USUAL
    };

    plan: Switch = Flag {
        name: "plan",
        help: "Only say what would be kept, what is lost for good, and what it needs",
        readme: "only says what would be kept, what is lost for good, and what it needs",
        heading: Some(MEND),
        used_by: &[Mend],
        goes_with: MENDS,
        typed_only: true,
        ..Flag::USUAL
    };

    install: Switch = Flag {
        name: "install",
        help: "Install the job for this user, in place of the one of before; says what it would do, and asks",
        readme: "installs the job for this user, in place of the one of before, after saying what it would write and \
            call, and a question",
        heading: Some(SCHEDULE),
        used_by: &[Schedule],
        goes_with: SCHEDULES,
        typed_only: true,
        ..Flag::USUAL
    };

    remove: Switch = Flag {
        name: "remove",
        help: "Remove the job of bkscan, with all that was written into it, and nothing else; says what it would do, and asks",
        readme: "removes the job of bkscan, with all that was written into it, and nothing else, after saying what it \
            would do, and a question",
        heading: Some(SCHEDULE),
        used_by: &[Schedule],
        goes_with: SCHEDULES,
        typed_only: true,
        ..Flag::USUAL
    };

    stale_after: Maybe<MaybeSpan> = Flag {
        name: "stale-after",
        help: "Warn of a device that has had no good backup for this long, such as 30d [default: off]",
        readme: "a device without a good backup for so long gets a warning; a job that `schedule` prints \
            has `30d`",
        heading: Some(NIGHTLY),
        value: Value::of("SPAN", || ValueParser::new(values::span_or_off)).or_off(),
        used_by: &[Scan, Schedule],
        goes_with: SCANS,
        ..Flag::USUAL
    };

    metrics: Maybe<PathBuf> = Flag {
        name: "metrics",
        help: "Write metrics for Prometheus to this file",
        readme: "also writes metrics for Prometheus",
        heading: Some(NIGHTLY),
        value: Value::path("FILE", ValueHint::FilePath),
        used_by: &[Scan, Schedule],
        goes_with: SCANS,
        ..Flag::USUAL
    };

    on_problem: Maybe<String> = Flag {
        name: "on-problem",
        help: "Run this command by the shell when the exit code is not 0: BKSCAN_HEADLINE and BKSCAN_EXIT are \
            set, and what --quiet says is its input",
        readme: "a command for the shell, run once when the exit code of a scan is not 0, unless Ctrl-C stopped \
            it: `BKSCAN_EXIT` and `BKSCAN_HEADLINE` are set for it, and its input is what `--quiet` says",
        heading: Some(NIGHTLY),
        value: Value {
            hint: ValueHint::CommandString,
            ..Value::of("CMD", || ValueParser::new(NonEmptyStringValueParser::new()))
        },
        used_by: &[Scan, Schedule],
        goes_with: SCANS,
        personal: true,
        ..Flag::USUAL
    };

    nagios: Switch = Flag {
        name: "nagios",
        help: "Print a status line as a plugin of Nagios, and end with 0, 1, 2 or 3 by its rules; warnings \
            count unless --fail-on says otherwise",
        readme: "a status line with numbers to draw, as Nagios, Icinga and Checkmk take it from a plugin, and below \
            it what `--quiet` says; ends with 0, 1, 2 or 3 by their rules. Warnings count unless `--fail-on` \
            says otherwise",
        heading: Some(NIGHTLY),
        used_by: &[Scan],
        goes_with: SCANS,
        typed_only: true,
        ..Flag::USUAL
    };

    state_dir: Maybe<PathBuf> = Flag {
        name: "state-dir",
        help: "Where to remember runs [default: bkscan in the user's state folder]",
        readme: "where runs are remembered",
        heading: Some(NIGHTLY),
        value: Value::path("DIR", ValueHint::DirPath),
        used_by: &[Scan, Show, Clean, History, Report, Schedule],
        ..Flag::USUAL
    };

    no_state: Switch = Flag {
        name: "no-state",
        help: "Neither remember this run nor compare it with the last one",
        readme: "neither remembers this run nor compares it with the last one",
        heading: Some(NIGHTLY),
        used_by: &[Scan, Report, Schedule],
        goes_with: SCANS,
        ..Flag::USUAL
    };

    forget: Rest<PathBuf> = Flag {
        name: "forget",
        help: "With history: speak no more of these backups, which are gone or smaller on purpose (takes \
            every word after it): path, folder's name or UDID, or the start of one, or its device's name",
        readme: "of these backups no scan says any more that they are gone or shrank, until they are \
            seen again; of a device with several the one that is gone is meant",
        heading: Some(NIGHTLY),
        value: Value::path("BACKUP", ValueHint::AnyPath),
        used_by: &[History],
        goes_with: HISTORIES,
        typed_only: true,
        ..Flag::USUAL
    };

    subset: Maybe<SubsetArg> = Flag {
        name: "subset",
        help: "With --level contents: read a seventh of the files, another one each day of the week",
        readme: "with `--level contents`: `weekly` reads a seventh of the files, another one each day",
        heading: Some(NIGHTLY),
        value: Value::word("PART", words::<SubsetArg>),
        used_by: &[Scan, Schedule],
        goes_with: SCANS,
        ..Flag::USUAL
    };

    config: Maybe<PathBuf> = Flag {
        name: "config",
        help: "The configuration file [default: bkscan/config.toml in the user's configuration folder]",
        readme: "another configuration file",
        heading: Some(NIGHTLY),
        value: Value::path("FILE", ValueHint::FilePath),
        typed_only: true,
        ..Flag::USUAL
    };
}
