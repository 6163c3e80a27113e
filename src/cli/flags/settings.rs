//! The settings in effect. What was typed counts before the environment (`BKSCAN_LEVEL` for
//! `--level`), and that before the configuration file. Both are put in front of the arguments as if
//! they had been typed, so that every value is checked in one place.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::error::{ContextKind, ErrorKind};
use clap::parser::ValueSource;
use clap::{ArgMatches, FromArgMatches};

use crate::system::System;

use super::args::Args;
use super::config_file::{self, ConfigFile, Value};
use super::flag::{Flag, Takes};
use super::line;
use super::origin::Origin;
use super::table::{Options, TABLE};
use super::wrong;
use crate::cli::meant::paths;
use crate::cli::password::ways;

/// The commands that only tell about the program: a mistake in the settings does not keep a shell from
/// starting.
const NEED_NO_SETTINGS: [&str; 4] = ["schema", "completions", "man", "help"];

/// What was configured, and where each option comes from.
#[derive(Debug)]
pub struct Settings {
    /// What the configuration file says.
    pub file: ConfigFile,
    /// Where it is, or would be.
    pub path: Option<PathBuf>,
    /// The same, where the user named it and it is not in its usual place.
    pub named: Option<PathBuf>,
    /// Every option that may be configured, in the order of `--help`.
    pub options: Vec<Setting>,
    /// The long names of the options that were typed, with those that cannot be configured.
    pub typed: Vec<&'static str>,
}

/// One option.
#[derive(Debug)]
pub struct Setting {
    /// Its long name.
    pub name: &'static str,
    /// Its value as it would be typed; of an option that takes none, `true` or `false`.
    pub value: Option<OsString>,
    /// What it takes.
    pub takes: Takes,
    /// Who says so.
    pub origin: Origin,
}

/// Why there are none.
#[derive(Debug)]
pub enum Refusal {
    /// The command line is wrong, or asks for help.
    Clap(clap::Error),
    /// The environment or the configuration file is wrong, in these words.
    Said(String),
}

/// Reads arguments and settings. `usual` is where the configuration file is, unless another one is
/// named.
///
/// # Errors
/// What is wrong with the command line, the environment or the file.
pub fn read(
    argv: &[OsString],
    env: impl Fn(&str) -> Option<OsString>,
    usual: Option<PathBuf>,
) -> Result<(Args, Settings), Refusal> {
    let typed = line::command()
        .try_get_matches_from(argv)
        .map_err(of_clap)?;
    let needs_none = typed.subcommand().is_some_and(|(command, part)| {
        // That of the settings themselves, too: it helps to mend them.
        let is_schema = command == "config" && part.subcommand_name() == Some("schema");
        is_schema || NEED_NO_SETTINGS.contains(&command)
    });
    let env = |name: &str| env(name).filter(|_| !needs_none);
    let usual = usual.filter(|_| !needs_none);
    let is_typed = |id: &str| typed.value_source(id) == Some(ValueSource::CommandLine);
    let options = Options::from_arg_matches(&typed).map_err(Refusal::Clap)?;
    let named = match options.config {
        Some(path) => Some(path),
        None => env("BKSCAN_CONFIG")
            .filter(|path| !path.is_empty())
            .map(PathBuf::from),
    };
    let file = match (&named, &usual) {
        (Some(path), _) => read_file(path)?,
        (None, Some(path)) if is_there(path) => read_file(path)?,
        _ => ConfigFile::default(),
    };
    let path = named.clone().or(usual);
    // As what is wrong within the file is told.
    let shown = path.as_deref().map(paths::absolute);
    let mut given = BTreeMap::new();
    let mut origins = BTreeMap::new();
    let mut passwords = Vec::new();
    for option in configurable() {
        let name = option.name;
        let (is_on, origin) = if is_typed(name) {
            (true, Origin::Typed)
        } else if let Some((value, origin)) = configured(option, env, &file)? {
            let word = as_typed(name, value);
            if let Some(word) = &word {
                check(word, &origin, shown.as_deref())?;
            }
            let is_on = word.is_some();
            given.extend(word.map(|word| (name, word)));
            (is_on, origin)
        } else {
            continue;
        };
        if is_on && ways::OPTIONS.contains(&name) {
            passwords.push((name, origin.clone()));
        }
        origins.insert(name, origin);
    }
    for name in ways::outdone(&passwords, shown.as_deref()).map_err(Refusal::Said)? {
        given.remove(name);
        origins.remove(name);
    }
    let (program, rest) = argv.split_at(argv.len().min(1));
    let all = program.iter().chain(given.values()).chain(rest);
    let matches = line::command()
        .try_get_matches_from(all)
        .map_err(Refusal::Clap)?;
    let args = Args::from_arg_matches(&matches).map_err(Refusal::Clap)?;
    let options = configurable().map(|option| Setting {
        name: option.name,
        value: value_of(&matches, option),
        takes: option.takes,
        origin: origins.remove(option.name).unwrap_or(Origin::Default),
    });
    let typed = TABLE.iter().map(|option| option.name);
    let typed = typed.filter(|name| is_typed(name));
    let settings = Settings {
        file,
        path,
        named,
        options: options.collect(),
        typed: typed.collect(),
    };
    Ok((args, settings))
}

impl Settings {
    /// Whether an option was typed.
    pub fn is_typed(&self, name: &str) -> bool {
        self.typed.contains(&name)
    }

    /// Those of these options that were typed, as words to be typed again.
    pub fn typed_words(&self, names: &[&str]) -> Vec<String> {
        let is_told =
            |option: &&Setting| names.contains(&option.name) && self.is_typed(option.name);
        let words = self.options.iter().filter(is_told).flat_map(|option| {
            let value = option.value.as_ref();
            let value = value.filter(|_| option.takes != Takes::Nothing);
            let value = value.map(|value| value.to_string_lossy().into_owned());
            [Some(format!("--{}", option.name)), value]
        });
        words.flatten().collect()
    }

    /// Whether nobody said anything of an option that may be configured.
    pub fn is_default(&self, name: &str) -> bool {
        let mut options = self.options.iter().filter(|option| option.name == name);
        options.any(|option| option.origin == Origin::Default)
    }

    /// Whether an option was typed, or is in the environment.
    pub fn is_given(&self, name: &str) -> bool {
        let mut options = self.options.iter().filter(|option| option.name == name);
        options.any(|option| matches!(option.origin, Origin::Typed | Origin::Environment(_)))
    }
}

/// What is wrong with what was typed. Of what may be a password nothing is repeated.
fn of_clap(error: clap::Error) -> Refusal {
    let argument = error.get(ContextKind::InvalidArg);
    let argument = argument.map(ToString::to_string).unwrap_or_default();
    match (error.kind(), argument.as_str()) {
        (ErrorKind::UnknownArgument, "--password") => Refusal::Said(ways::no_argument()),
        (ErrorKind::TooManyValues, "--ask-password") => Refusal::Said(format!(
            "--ask-password takes no value; {}",
            ways::no_argument()
        )),
        _ => Refusal::Clap(error),
    }
}

/// The place of the configuration file: the XDG configuration folder on every Unix, `%APPDATA%` on
/// Windows.
pub fn usual_file(system: System, env: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    use etcetera::BaseStrategy;
    let base = match system {
        System::Windows => env("APPDATA").map(PathBuf::from),
        System::Mac | System::Other => etcetera::base_strategy::Xdg::new()
            .ok()
            .map(|xdg| xdg.config_dir()),
    };
    let base = base.filter(|base| base.is_absolute())?;
    Some(base.join("bkscan").join("config.toml"))
}

/// The options that may be configured.
fn configurable() -> impl Iterator<Item = &'static Flag> {
    TABLE.iter().filter(|option| !option.typed_only)
}

/// The variable that an option may be set in.
pub fn variable(name: &str) -> String {
    format!("BKSCAN_{}", name.to_uppercase().replace('-', "_"))
}

/// What the environment says of an option, else what the file says.
fn configured(
    option: &Flag,
    env: impl Fn(&str) -> Option<OsString>,
    file: &ConfigFile,
) -> Result<Option<(Value, Origin)>, Refusal> {
    let variable = variable(option.name);
    if let Some(value) = env(&variable).filter(|value| !value.is_empty()) {
        let value = of_variable(&variable, value, option.takes)?;
        return Ok(Some((value, Origin::Environment(variable))));
    }
    let said = file.options.get(option.name);
    Ok(said.map(|(value, line)| (value.clone(), Origin::File(*line))))
}

/// A value as it would be typed; nothing for what is off.
fn as_typed(name: &str, value: Value) -> Option<OsString> {
    let mut word = OsString::from(format!("--{name}"));
    match value {
        Value::Switch(on) => on.then_some(word),
        Value::Word(value) => {
            word.push("=");
            word.push(value);
            Some(word)
        }
    }
}

/// Not where the folder may not be looked into: somebody else's home has no settings for us.
fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

fn read_file(path: &Path) -> Result<ConfigFile, Refusal> {
    let path = paths::absolute(path);
    config_file::load(&path)
        .and_then(|text| config_file::parse(&text, &path))
        .map_err(Refusal::Said)
}

/// What an environment variable says.
fn of_variable(variable: &str, value: OsString, takes: Takes) -> Result<Value, Refusal> {
    if takes != Takes::Nothing {
        return Ok(Value::Word(value));
    }
    match as_switch(&value) {
        Some(is_on) => Ok(Value::Switch(is_on)),
        // Somebody may have taken it for the place of the password.
        _ if variable.contains("PASSWORD") => Err(Refusal::Said(format!(
            "{variable} takes true or false; a password stands in {}",
            ways::VARIABLE
        ))),
        _ => Err(Refusal::Said(format!(
            "{variable} is {}: write true or false",
            value.to_string_lossy()
        ))),
    }
}

/// Whether a word of the environment switches something on or off; nothing where it is another word.
pub fn as_switch(value: &OsStr) -> Option<bool> {
    match value.to_str().map(str::to_lowercase).as_deref() {
        Some("1" | "true" | "yes" | "on") => Some(true),
        Some("0" | "false" | "no" | "off") => Some(false),
        _ => None,
    }
}

/// Whether an option that was not typed is one; what is wrong is told with where it comes from.
fn check(word: &OsStr, origin: &Origin, config: Option<&Path>) -> Result<(), Refusal> {
    let Err(error) = line::command().try_get_matches_from([OsStr::new("bkscan"), word]) else {
        return Ok(());
    };
    let what = wrong::in_words(&error);
    Err(Refusal::Said(match (origin, config) {
        (Origin::File(line), Some(path)) => format!("{}, line {line}: {what}", path.display()),
        (Origin::Environment(variable), _) => format!("{variable}: {what}"),
        _ => what,
    }))
}

fn value_of(matches: &ArgMatches, option: &Flag) -> Option<OsString> {
    if option.takes == Takes::Nothing {
        return Some(matches.get_flag(option.name).to_string().into());
    }
    let values: Vec<_> = matches.get_raw(option.name)?.collect();
    Some(values.join(OsStr::new(",")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(
        argv: &[&str],
        env: &[(&str, &str)],
        text: &str,
    ) -> Result<(Args, Settings), Refusal> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, text).unwrap();
        let argv: Vec<OsString> = argv.iter().map(OsString::from).collect();
        let env = |name: &str| {
            let found = env.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        };
        read(&argv, env, Some(path))
    }

    fn of(settings: &Settings, name: &str) -> (Option<String>, Origin) {
        let option = settings.options.iter().find(|option| option.name == name);
        let option = option.unwrap();
        let value = option.value.as_ref();
        (
            value.map(|value| value.to_str().unwrap().to_owned()),
            option.origin.clone(),
        )
    }

    #[test]
    fn what_is_typed_counts_first_then_the_environment_then_the_file() {
        let file = "level = \"quick\"\nquiet = true\nkeep-last = 3\nstale-after = \"20d\"\n";
        let env = [
            ("BKSCAN_LEVEL", "standard"),
            ("BKSCAN_KEEP_LAST", "2"),
            ("BKSCAN_QUIET", "off"),
            ("BKSCAN_METRICS", ""),
        ];
        let from_env = |name: &str| Origin::Environment(name.to_owned());
        let some = |text: &str| Some(text.to_owned());
        for argv in [
            &["bkscan", "--keep-last", "1", "x"][..],
            &["bkscan", "show", "x", "--keep-last=1"],
            &["bkscan", "history", "--keep-last", "1"],
        ] {
            let (args, settings) = settings(argv, &env, file).unwrap();
            for (name, value, origin) in [
                ("keep-last", some("1"), Origin::Typed),
                ("level", some("standard"), from_env("BKSCAN_LEVEL")),
                ("quiet", some("false"), from_env("BKSCAN_QUIET")),
                ("stale-after", some("20d"), Origin::File(4)),
                ("oversized", some("50GB"), Origin::Default),
                ("fail-on", some("error"), Origin::Default),
                ("metrics", None, Origin::Default),
                ("json", some("false"), Origin::Default),
            ] {
                assert_eq!(of(&settings, name), (value, origin), "{argv:?} {name}");
            }
            assert!(!args.options.quiet);
        }
    }

    #[test]
    fn every_option_but_those_of_one_call_may_be_configured() {
        let names: Vec<_> = configurable().map(|option| option.name).collect();
        let expected = [
            "json",
            "html",
            "level",
            "now",
            "threads",
            "quiet",
            "fail-on",
            "color",
            "old-after",
            "oversized",
            "keep-last",
            "keep-within",
            "include-archived",
            "trust-locked",
            "may-lose",
            "advice",
            "redact",
            "ask-password",
            "password-file",
            "password-command",
            "device",
            "older-than",
            "stale-after",
            "metrics",
            "on-problem",
            "state-dir",
            "no-state",
            "subset",
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn what_is_wrong_is_told_with_where_it_comes_from() {
        let said = |env: &[(&str, &str)], text: &str| match settings(&["bkscan"], env, text) {
            Err(Refusal::Said(message)) => message,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            said(&[("BKSCAN_LEVEL", "deep")], ""),
            "BKSCAN_LEVEL: invalid value 'deep' for '--level <LEVEL>' [possible values: quick, \
             standard, contents]"
        );
        assert_eq!(
            said(&[("BKSCAN_JSON", "perhaps")], ""),
            "BKSCAN_JSON is perhaps: write true or false"
        );
        let wrong = said(&[], "\nkeep-last = 0");
        assert!(
            wrong.ends_with(
                "config.toml, line 2: invalid value '0' for '--keep-last <N>': write a number from 1 to \
                 65535"
            ),
            "{wrong}"
        );
        let wrong = said(&[], "delete = true");
        assert!(
            wrong.contains("line 1: there is no setting delete"),
            "{wrong}"
        );
    }

    #[test]
    fn a_file_that_is_named_has_to_be_there() {
        let argv = ["bkscan", "--config", "/nowhere/at all"].map(OsString::from);
        let Err(Refusal::Said(message)) = read(&argv, |_| None, None) else {
            panic!()
        };
        assert!(
            message.starts_with("the configuration file ") && message.contains("could not be read"),
            "{message}"
        );
        let argv = [OsString::from("bkscan")];
        let (_, none) = read(&argv, |_| None, Some("/nowhere/config.toml".into())).unwrap();
        assert_eq!(none.path, Some("/nowhere/config.toml".into()));
    }
}
