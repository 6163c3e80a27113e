//! What an option is: a row of the [table](super::table), and how its value is read.

use std::any::Any;
use std::marker::PhantomData;

use clap::builder::ValueParser;
use clap::{Arg, ArgAction, ArgMatches, ValueHint};

/// What is called: a command, or without one a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    Scan,
    Show,
    Diff,
    Clean,
    Mend,
    Explain,
    History,
    Report,
    Schedule,
    Config,
    Schema,
    Completions,
    Man,
    Help,
}

impl Call {
    /// The commands, each by its word.
    pub const COMMANDS: [(&str, Call); 13] = [
        ("show", Call::Show),
        ("diff", Call::Diff),
        ("clean", Call::Clean),
        ("mend", Call::Mend),
        ("explain", Call::Explain),
        ("history", Call::History),
        ("report", Call::Report),
        ("schedule", Call::Schedule),
        ("config", Call::Config),
        ("schema", Call::Schema),
        ("completions", Call::Completions),
        ("man", Call::Man),
        ("help", Call::Help),
    ];

    /// The words of the commands.
    pub fn words() -> [&'static str; 13] {
        Call::COMMANDS.map(|(word, _)| word)
    }

    /// What it is called.
    pub fn word(self) -> String {
        format!("{self:?}").to_lowercase()
    }
}

/// An option, and all that is known about it.
#[derive(Clone, Copy)]
pub struct Flag {
    /// Its long name.
    pub name: &'static str,
    /// Its letter, if it has one.
    pub short: Option<char>,
    /// Whether it is one of the few that people need: `bkscan --help` has no others.
    pub common: bool,
    /// What `--help`, the manual and completions say of it.
    pub help: &'static str,
    /// What `bkscan help options` says of it.
    pub readme: &'static str,
    /// Below which heading it is listed.
    pub heading: Option<&'static str>,
    /// What it takes; of a switch nothing.
    pub value: Value,
    /// The calls that it means something to; none named: all.
    pub used_by: &'static [Call],
    /// What it goes with, as those are told who type it with a call that does not take it; of one that every
    /// call lets be, nothing.
    pub goes_with: &'static str,
    /// Whether a nightly job cannot have it, though a scan can.
    pub by_day: bool,
    /// Whether it says what one call is to do: then it is typed, and stands nowhere else.
    pub typed_only: bool,
    /// Whether it says what may go, so that commands that are told repeat it.
    pub plans: bool,
    /// Whether its value may be something personal though it is no path.
    pub personal: bool,
    /// How many values it takes; the table sets it by the row's type.
    pub takes: Takes,
}

/// What an option takes.
#[derive(Clone, Copy)]
pub struct Value {
    /// What it is called.
    pub name: &'static str,
    /// Where nothing else is said.
    pub default: Option<&'static str>,
    /// How it is read.
    pub parser: fn() -> ValueParser,
    /// What a shell completes.
    pub hint: ValueHint,
    /// Whether it may begin with a hyphen.
    pub with_hyphen: bool,
    /// Of a number, which begins with 1: the largest.
    pub most: Option<u16>,
    /// Whether it may be `off`.
    pub or_off: bool,
}

impl Value {
    /// Text that `parser` reads.
    pub const fn of(name: &'static str, parser: fn() -> ValueParser) -> Value {
        Value {
            name,
            default: None,
            parser,
            hint: ValueHint::Other,
            with_hyphen: false,
            most: None,
            or_off: false,
        }
    }

    /// A number from 1 to `most`, which `parser` reads.
    pub const fn number(name: &'static str, most: u16, parser: fn() -> ValueParser) -> Value {
        Value {
            most: Some(most),
            ..Value::of(name, parser)
        }
    }

    /// One of a few words.
    pub const fn word(name: &'static str, parser: fn() -> ValueParser) -> Value {
        Value {
            hint: ValueHint::Unknown,
            ..Value::of(name, parser)
        }
    }

    /// A path, completed as `hint` says.
    pub const fn path(name: &'static str, hint: ValueHint) -> Value {
        Value {
            hint,
            ..Value::of(name, ValueParser::path_buf)
        }
    }

    /// The same, where it may be `off`, too.
    pub const fn or_off(self) -> Value {
        Value {
            or_off: true,
            ..self
        }
    }

    /// The same with a default.
    pub const fn or(self, default: &'static str) -> Value {
        Value {
            default: Some(default),
            ..self
        }
    }
}

impl Flag {
    /// What most rows leave as it is.
    pub const USUAL: Flag = Flag {
        name: "",
        short: None,
        common: false,
        help: "",
        readme: "",
        heading: None,
        value: Value::of("", ValueParser::bool),
        used_by: &[],
        goes_with: "",
        by_day: false,
        typed_only: false,
        plans: false,
        personal: false,
        takes: Takes::Nothing,
    };

    /// The same, as it is read by something of this kind.
    pub const fn read_as<K: Kind>(self) -> Flag {
        let takes = match self.value.hint {
            ValueHint::FilePath | ValueHint::DirPath => Takes::Path,
            _ => K::TAKES,
        };
        Flag { takes, ..self }
    }

    /// Whether it means something to this call.
    pub fn is_used_by(&self, call: Call) -> bool {
        self.used_by.is_empty() || self.used_by.contains(&call)
    }

    /// Whether a call refuses it. A job that scans is told what a scan is told, and whoever asks for the
    /// settings may give any of them; but what they print is no document.
    pub fn is_refused_by(&self, call: Call) -> bool {
        let is_taken = match call {
            Call::Schedule => self.is_used_by(Call::Scan) && !self.typed_only,
            Call::Config => !self.typed_only && self.name != "json",
            _ => false,
        };
        !self.goes_with.is_empty() && !is_taken && !self.is_used_by(call)
    }

    /// Whether the help of a call has it. What a scan can be told, a job that scans can be told, too.
    pub fn is_shown_by(&self, call: Call) -> bool {
        let is_of_job = call == Call::Schedule && self.is_used_by(Call::Scan) && !self.by_day;
        (self.is_used_by(call) || is_of_job) && !self.is_refused_by(call)
    }

    /// Whether it is one of the call's own, rather than one that most calls have.
    pub fn is_own(&self, call: Call) -> bool {
        /// So many calls have what is theirs.
        const FEW: usize = 3;
        self.used_by.contains(&call) && self.used_by.len() <= FEW
    }
}

/// How many values an option takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// None: it is on or off.
    Nothing,
    /// One word or number.
    One,
    /// Several words.
    Several,
    /// A path.
    Path,
}

/// How many values an option has: the type of a row in the table.
pub trait Kind {
    /// What is read.
    type Read;

    /// How many values that are; a path is told by its hint.
    const TAKES: Takes;

    /// The option as clap knows it.
    fn arg(flag: &Flag) -> Arg;

    /// Reads it from a command line that clap has checked.
    fn read(matches: &ArgMatches, name: &str) -> Self::Read;
}

/// It is there or it is not.
pub struct Switch;

/// One value, which has a default.
pub struct One<T>(PhantomData<T>);

/// One value or none.
pub struct Maybe<T>(PhantomData<T>);

/// Words with commas between them, which have a default.
pub struct Words<T>(PhantomData<T>);

/// All words that follow.
pub struct Rest<T>(PhantomData<T>);

fn without_value(flag: &Flag) -> Arg {
    Arg::new(flag.name)
        .long(flag.name)
        .short(flag.short)
        .help(flag.help)
        .help_heading(flag.heading)
        .global(true)
}

fn with_value(flag: &Flag) -> Arg {
    let value = &flag.value;
    let arg = without_value(flag)
        .value_name(value.name)
        .value_parser((value.parser)())
        .value_hint(value.hint)
        .allow_hyphen_values(value.with_hyphen);
    match value.default {
        Some(default) => arg.default_value(default),
        None => arg,
    }
}

impl Kind for Switch {
    type Read = bool;

    const TAKES: Takes = Takes::Nothing;

    fn arg(flag: &Flag) -> Arg {
        without_value(flag).action(ArgAction::SetTrue)
    }

    fn read(matches: &ArgMatches, name: &str) -> bool {
        matches.get_flag(name)
    }
}

impl<T: Any + Clone + Send + Sync> Kind for One<T> {
    type Read = T;

    const TAKES: Takes = Takes::One;

    fn arg(flag: &Flag) -> Arg {
        with_value(flag).action(ArgAction::Set)
    }

    fn read(matches: &ArgMatches, name: &str) -> T {
        match matches.get_one::<T>(name) {
            Some(value) => value.clone(),
            None => unreachable!("{name} has a default"),
        }
    }
}

impl<T: Any + Clone + Send + Sync> Kind for Maybe<T> {
    type Read = Option<T>;

    const TAKES: Takes = Takes::One;

    fn arg(flag: &Flag) -> Arg {
        with_value(flag).action(ArgAction::Set)
    }

    fn read(matches: &ArgMatches, name: &str) -> Option<T> {
        matches.get_one(name).cloned()
    }
}

impl<T: Any + Clone + Send + Sync> Kind for Words<T> {
    type Read = Vec<T>;

    const TAKES: Takes = Takes::Several;

    fn arg(flag: &Flag) -> Arg {
        with_value(flag)
            .action(ArgAction::Append)
            .value_delimiter(',')
    }

    fn read(matches: &ArgMatches, name: &str) -> Vec<T> {
        let words = matches.get_many(name).into_iter().flatten();
        words.cloned().collect()
    }
}

impl<T: Any + Clone + Send + Sync> Kind for Rest<T> {
    type Read = Vec<T>;

    const TAKES: Takes = Takes::Several;

    fn arg(flag: &Flag) -> Arg {
        with_value(flag).action(ArgAction::Append).num_args(1..)
    }

    fn read(matches: &ArgMatches, name: &str) -> Vec<T> {
        Words::<T>::read(matches, name)
    }
}
