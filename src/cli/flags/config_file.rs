//! The configuration file: options by their long names, what the user says of single devices and
//! findings, and where his backups are.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};

use jiff::Span;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::model::{Severity, Udid};
use crate::system;
use crate::verify;

use super::flag::Takes;
use super::table::TABLE;
use super::values::{self, MaybeSpan};
use crate::cli::meant::closest::closest;

/// A larger file is none that a person wrote.
const LARGEST: u64 = 1 << 20;

/// Tables and the list that are no options.
const OTHERS: [&str; 3] = ["paths", "severities", "devices"];

/// What somebody might write here who has an encrypted backup.
const PASSWORD: &str = "password";

/// What a device's table may hold.
pub const OF_DEVICE: [&str; 4] = ["name", "stale-after", "keep-last", "keep-within"];

/// What an option is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// On or off.
    Switch(bool),
    /// A word, as it would be typed.
    Word(OsString),
}

/// What the file says.
#[derive(Debug, Default)]
pub struct ConfigFile {
    /// Options by their long names, each with its line.
    pub options: BTreeMap<String, (Value, usize)>,
    /// Where to look when no path is typed.
    pub paths: Vec<PathBuf>,
    /// How bad findings are, by their ids.
    pub severities: BTreeMap<&'static str, Severity>,
    /// What holds for single devices.
    pub devices: BTreeMap<Udid, DeviceSettings>,
}

/// What holds for one device.
#[derive(Clone, Debug, Default)]
pub struct DeviceSettings {
    /// What to call it.
    pub name: Option<String>,
    /// When its backup is stale.
    pub stale_after: Option<MaybeSpan>,
    /// How many good backups to keep.
    pub keep_last: Option<u16>,
    /// Of which time to keep all backups.
    pub keep_within: Option<Span>,
}

/// Reads the file at `path`.
///
/// # Errors
/// A line that says which file could not be read, and why.
pub fn load(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    let read =
        system::open_file(path).and_then(|file| file.take(LARGEST + 1).read_to_string(&mut text));
    match read {
        Ok(length) if length as u64 <= LARGEST => Ok(text),
        Ok(_) => Err(format!(
            "{} is larger than 1 MiB: that is no configuration file",
            path.display()
        )),
        Err(error) => Err(format!(
            "the configuration file {} could not be read: {}",
            path.display(),
            system::in_words(&error)
        )),
    }
}

/// Understands the text of the file at `path`. `takes` tells what an option takes, for those that may
/// stand here, and `known` is all their names.
///
/// # Errors
/// A line that names the file, the line and what is wrong there.
pub fn parse(text: &str, path: &Path) -> Result<ConfigFile, String> {
    let parser = Parser { text, path };
    let table = DeTable::parse(text)
        .map_err(|error| parser.wrong(&error.span().unwrap_or(0..0), error.message()))?;
    let mut file = ConfigFile::default();
    for (key, value) in table.get_ref() {
        let name = key.get_ref().as_ref();
        match name {
            "paths" => file.paths = parser.paths(value)?,
            "severities" => file.severities = parser.severities(value)?,
            "devices" => file.devices = parser.devices(value)?,
            name => {
                let known = || TABLE.iter().filter(|option| !option.typed_only);
                let option = known().find(|option| option.name == name);
                let names = known().map(|option| option.name).chain(OTHERS);
                let option = option.ok_or_else(|| parser.unknown(key, "setting", names))?;
                let value = parser.option(name, value, option.takes)?;
                let line = parser.line(&key.span());
                file.options.insert(name.to_owned(), (value, line));
            }
        }
    }
    Ok(file)
}

/// What a file says of who is to hear, whatever else in it is wrong.
#[derive(Debug, Default)]
pub struct Hints {
    /// The command of `on-problem`.
    pub on_problem: Option<String>,
    /// Whether nothing personal may be told.
    pub redact: bool,
}

impl Hints {
    /// Reads what can be read of a text.
    pub fn of(text: &str) -> Hints {
        let (table, _) = DeTable::parse_recoverable(text);
        let value = |name: &str| table.get_ref().get(name).map(Spanned::get_ref);
        Hints {
            on_problem: value("on-problem").and_then(|value| value.as_str().map(str::to_owned)),
            redact: matches!(value("redact"), Some(DeValue::Boolean(true))),
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    path: &'a Path,
}

type Key<'a> = Spanned<std::borrow::Cow<'a, str>>;

impl Parser<'_> {
    fn line(&self, span: &Range<usize>) -> usize {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        before.matches('\n').count() + 1
    }

    fn wrong(&self, span: &Range<usize>, what: &str) -> String {
        let line = self.line(span);
        let what = what.split_whitespace().collect::<Vec<_>>().join(" ");
        format!("{}, line {line}: {what}", self.path.display())
    }

    fn unknown<'a>(
        &self,
        key: &Key<'_>,
        kind: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> String {
        let name = key.get_ref();
        if name == PASSWORD {
            return self.wrong(
                &key.span(),
                "a password does not stand in this file: password-file names a file that holds it, \
                 and password-command a command that prints it",
            );
        }
        let hint = match closest(name, known) {
            Some(near) => format!("; did you mean {near}?"),
            None if kind == "finding" => " (bkscan explain lists all)".to_owned(),
            None => " (bkscan config show lists all settings)".to_owned(),
        };
        self.wrong(&key.span(), &format!("there is no {kind} {name}{hint}"))
    }

    fn option(
        &self,
        name: &str,
        value: &Spanned<DeValue<'_>>,
        takes: Takes,
    ) -> Result<Value, String> {
        let wanted = |what: &str| self.wrong(&value.span(), &format!("{name} takes {what}"));
        Ok(match (takes, value.get_ref()) {
            (Takes::Nothing, DeValue::Boolean(on)) => Value::Switch(*on),
            (Takes::Nothing, _) => return Err(wanted("true or false")),
            (Takes::Path, DeValue::String(text)) if !text.is_empty() => {
                Value::Word(self.resolve(text).into())
            }
            (Takes::Path, _) => return Err(wanted("a path in quotation marks")),
            (Takes::Several, DeValue::Array(list)) => {
                let words: Option<Vec<_>> = list.iter().map(word_of).collect();
                let words = words.ok_or_else(|| wanted("words in quotation marks"))?;
                Value::Word(words.join(",").into())
            }
            (Takes::One | Takes::Several, _) => {
                let word = word_of(value).ok_or_else(|| wanted("text in quotation marks"))?;
                Value::Word(word.into())
            }
        })
    }

    /// A path as it is written here: `~/` is the user's folder, and what is relative lies in the
    /// folder of this file.
    fn resolve(&self, text: &str) -> PathBuf {
        let home = etcetera::home_dir().ok();
        let below_home = text.strip_prefix('~').and_then(|rest| {
            let rest = match rest {
                "" => rest,
                rest => rest.strip_prefix(['/', std::path::MAIN_SEPARATOR])?,
            };
            Some(home?.join(rest))
        });
        let folder = self.path.parent().unwrap_or(Path::new(""));
        below_home.unwrap_or_else(|| folder.join(text))
    }

    fn paths(&self, value: &Spanned<DeValue<'_>>) -> Result<Vec<PathBuf>, String> {
        let list = value
            .get_ref()
            .as_array()
            .into_iter()
            .flat_map(|list| list.iter());
        let texts: Option<Vec<_>> = match value.get_ref() {
            DeValue::Array(_) => list.map(|path| path.get_ref().as_str()).collect(),
            value => value.as_str().map(|text| vec![text]),
        };
        let wrong = || self.wrong(&value.span(), "paths takes a list of paths");
        let texts = texts.filter(|texts| !texts.contains(&""));
        let texts = texts.ok_or_else(wrong)?;
        Ok(texts.into_iter().map(|text| self.resolve(text)).collect())
    }

    fn table<'v, 'i>(
        &self,
        name: &str,
        value: &'v Spanned<DeValue<'i>>,
    ) -> Result<&'v DeTable<'i>, String> {
        let wrong = || self.wrong(&value.span(), &format!("{name} is a table: write [{name}]"));
        value.get_ref().as_table().ok_or_else(wrong)
    }

    fn severities(
        &self,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<BTreeMap<&'static str, Severity>, String> {
        let mut severities = BTreeMap::new();
        for (key, value) in self.table("severities", value)? {
            let ids = || verify::all().map(|check| check.id);
            let id = ids().find(|id| *id == key.get_ref().as_ref());
            let id = id.ok_or_else(|| self.unknown(key, "finding", ids()))?;
            let all = [Severity::Note, Severity::Warning, Severity::Error];
            let mut all = all.into_iter();
            let severity = all.find(|one| value.get_ref().as_str() == Some(one.as_str()));
            let wrong = || {
                let what = format!("{id} is \"note\", \"warning\" or \"error\"");
                self.wrong(&value.span(), &what)
            };
            severities.insert(id, severity.ok_or_else(wrong)?);
        }
        Ok(severities)
    }

    fn devices(
        &self,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<BTreeMap<Udid, DeviceSettings>, String> {
        let mut devices = BTreeMap::new();
        for (key, value) in self.table("devices", value)? {
            let name = key.get_ref();
            let udid = Udid::parse(name).ok_or_else(|| {
                let what = format!(
                    "{name} is no UDID: 40 hex digits, or 8 and 16 with a hyphen (bkscan --json \
                     tells it)"
                );
                self.wrong(&key.span(), &what)
            })?;
            let settings = self.device(&format!("devices.{name}"), value)?;
            if devices.insert(udid, settings).is_some() {
                return Err(self.wrong(&key.span(), &format!("{name} is here twice")));
            }
        }
        Ok(devices)
    }

    fn device(&self, name: &str, value: &Spanned<DeValue<'_>>) -> Result<DeviceSettings, String> {
        let mut device = DeviceSettings::default();
        for (key, value) in self.table(name, value)? {
            let setting = key.get_ref().as_ref();
            if !OF_DEVICE.contains(&setting) {
                return Err(self.unknown(key, "setting of a device", OF_DEVICE));
            }
            let wrong = |what: &str| self.wrong(&value.span(), &format!("{setting}: {what}"));
            let word = word_of(value).ok_or_else(|| wrong("text in quotation marks is wanted"))?;
            let number = || {
                let number = word.parse().ok().filter(|number| *number > 0);
                number.ok_or_else(|| wrong("a number from 1 to 65535 is wanted"))
            };
            match setting {
                "name" => device.name = Some(word),
                "stale-after" => {
                    let span = values::span_or_off(&word).map_err(|why| wrong(&why))?;
                    device.stale_after = Some(span);
                }
                "keep-last" => device.keep_last = Some(number()?),
                _ => device.keep_within = Some(values::span(&word).map_err(|why| wrong(&why))?),
            }
        }
        Ok(device)
    }
}

/// A word, a number or a time, as it would be typed.
fn word_of(value: &Spanned<DeValue<'_>>) -> Option<String> {
    match value.get_ref() {
        DeValue::String(text) => Some(text.clone().into_owned()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .ok()
            .map(|number| number.to_string()),
        DeValue::Datetime(time) => Some(time.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<ConfigFile, String> {
        parse(text, Path::new("/c/config.toml"))
    }

    #[test]
    fn options_are_what_would_be_typed() {
        let text = "level = \"quick\"\n\njson = true\nkeep-last = 0x10\n\
                    fail-on = [\"warning\", \"new\"]\nmetrics = \"a/b.prom\"\n";
        let file = parsed(text).unwrap();
        let word = |word: &str| Value::Word(word.into());
        let metrics = Path::new("/c").join("a/b.prom");
        let expected = [
            ("fail-on", word("warning,new"), 5),
            ("json", Value::Switch(true), 3),
            ("keep-last", word("16"), 4),
            ("level", word("quick"), 1),
            ("metrics", Value::Word(metrics.into()), 6),
        ];
        let found: Vec<_> = file.options.into_iter().collect();
        let expected = expected.map(|(name, value, line)| (name.to_owned(), (value, line)));
        assert_eq!(found, expected);
    }

    #[test]
    fn devices_findings_and_paths_have_settings_of_their_own() {
        let text = "paths = [\"/a b\", \"c\"]\n[severities]\ninfo-missing = \"note\"\n\
                    backup-stale = \"error\"\n[devices.00008130-000a1c2e3f40801e]\n\
                    name = \"Pocket\"\nstale-after = \"14d\"\nkeep-last = 3\nkeep-within = \"1y\"\n";
        let file = parsed(text).unwrap();
        assert_eq!(
            file.paths,
            [PathBuf::from("/a b"), Path::new("/c").join("c")]
        );
        let severities: Vec<_> = file.severities.into_iter().collect();
        assert_eq!(
            severities,
            [
                ("backup-stale", Severity::Error),
                ("info-missing", Severity::Note)
            ]
        );
        let udid = Udid::parse("00008130-000A1C2E3F40801E").unwrap();
        let device = &file.devices[&udid];
        assert_eq!(device.name.as_deref(), Some("Pocket"));
        assert_eq!(device.keep_last, Some(3));
        assert!(device.keep_within.is_some());
        assert!(device.stale_after.unwrap().0.is_some());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, expected) in [
            (
                "level = ",
                "line 1: string values must be quoted, expected literal string",
            ),
            (
                "\nlevle = \"quick\"",
                "line 2: there is no setting levle; did you mean level?",
            ),
            (
                "xyz = 1",
                "line 1: there is no setting xyz (bkscan config show lists all settings)",
            ),
            ("json = 1", "line 1: json takes true or false"),
            ("level = 1.5", "line 1: level takes text in quotation marks"),
            (
                "metrics = 1",
                "line 1: metrics takes a path in quotation marks",
            ),
            (
                "\npassword = \"hunter2\"",
                "line 2: a password does not stand in this file: password-file names a file that \
                 holds it, and password-command a command that prints it",
            ),
            (
                "[devices.00008130-000A1C2E3F40801E]\npassword = \"hunter2\"",
                "line 2: a password does not stand in this file: password-file names a file that \
                 holds it, and password-command a command that prints it",
            ),
            (
                "metrics = \"\"",
                "line 1: metrics takes a path in quotation marks",
            ),
            ("paths = [\"\"]", "line 1: paths takes a list of paths"),
            (
                "[severities]\nxyz = \"note\"",
                "line 2: there is no finding xyz (bkscan explain lists all)",
            ),
            (
                "fail-on = [1.5]",
                "line 1: fail-on takes words in quotation marks",
            ),
            ("paths = 1", "line 1: paths takes a list of paths"),
            (
                "severities = 1",
                "line 1: severities is a table: write [severities]",
            ),
            (
                "[severities]\ninfo-mising = \"note\"",
                "line 2: there is no finding info-mising; did you mean info-missing?",
            ),
            (
                "[severities]\ninfo-missing = \"off\"",
                "line 2: info-missing is \"note\", \"warning\" or \"error\"",
            ),
            (
                "[devices.iPad]",
                "line 1: iPad is no UDID: 40 hex digits, or 8 and 16 with a hyphen (bkscan --json \
                 tells it)",
            ),
            (
                "[devices.00008130-000A1C2E3F40801E]\nstale_after = \"1d\"",
                "line 2: there is no setting of a device stale_after; did you mean stale-after?",
            ),
            (
                "[devices.00008130-000A1C2E3F40801E]\nkeep-last = 0",
                "line 2: keep-last: a number from 1 to 65535 is wanted",
            ),
            (
                "[devices.00008130-000A1C2E3F40801E]\nkeep-within = \"5m\"",
                "line 2: keep-within: \"m\" could be months or minutes: write mo or min",
            ),
            (
                "[devices.00008130-000A1C2E3F40801E]\n[devices.00008130-000a1c2e3f40801e]",
                "line 2: 00008130-000a1c2e3f40801e is here twice",
            ),
        ] {
            let expected = format!("/c/config.toml, {expected}");
            assert_eq!(parsed(text).unwrap_err(), expected, "{text}");
        }
    }
}
