//! What is known of a call though something in it, in the environment or in the configuration file is wrong: who
//! is to hear of it, and whether nothing personal may be told.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::config_file;
use super::flag::{Call, Takes};
use super::settings::{as_switch, variable};
use super::table::TABLE;
use crate::cli::hearers::Hearers;
use crate::cli::meant::paths;

/// What is known.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Understood {
    /// Who is to hear.
    pub hearers: Hearers,
    /// Whether nothing personal may be told.
    pub redact: bool,
}

/// Looks at words, variables and settings one by one: what is wrong with one of them keeps no other one from
/// being understood. `usual` is where the configuration file is, unless another one is named.
pub fn understood(
    argv: &[OsString],
    env: impl Fn(&str) -> Option<OsString>,
    usual: Option<PathBuf>,
) -> Understood {
    let typed = Typed::of(argv);
    let env = |name: &str| env(&variable(name)).filter(|value| !value.is_empty());
    let named = typed.value("config").map(OsString::from);
    let file = named.or_else(|| env("config")).map(PathBuf::from).or(usual);
    // What is wrong with the file is told by whoever reads it in earnest.
    let text = file.and_then(|file| config_file::load(&paths::absolute(Path::new(&file))).ok());
    let text = text.unwrap_or_default();
    let of_file = config_file::Hints::of(&text);
    let is_off = |line: &String| line.is_empty();
    let on_problem = typed
        .value("on-problem")
        .map(OsStr::to_owned)
        .or_else(|| env("on-problem"))
        .map_or(of_file.on_problem, |line| line.into_string().ok());
    Understood {
        hearers: Hearers {
            nagios: typed.has("nagios"),
            on_problem: on_problem.filter(|line| typed.is_scan() && !is_off(line)),
        },
        redact: typed.has("redact")
            || env("redact").map_or(of_file.redact, |value| as_switch(&value) == Some(true)),
    }
}

/// The words of a call.
struct Typed<'a> {
    /// Its options, each with its value where it takes one.
    options: Vec<(&'a str, Option<&'a OsStr>)>,
    /// What is neither an option nor the value of one.
    others: Vec<&'a OsStr>,
}

impl<'a> Typed<'a> {
    fn of(argv: &'a [OsString]) -> Typed<'a> {
        let mut typed = Typed {
            options: Vec::new(),
            others: Vec::new(),
        };
        let mut words = argv.iter().skip(1).map(OsString::as_os_str);
        while let Some(word) = words.next() {
            let Some(option) = word.to_str().and_then(|word| word.strip_prefix("--")) else {
                typed.others.push(word);
                continue;
            };
            if option.is_empty() {
                typed.others.extend(words);
                break;
            }
            let (name, value) = match option.split_once('=') {
                Some((name, value)) => (name, Some(OsStr::new(value))),
                None => (option, None),
            };
            let mut known = TABLE.iter().filter(|flag| flag.name == name);
            let takes_one = known.any(|flag| flag.takes != Takes::Nothing);
            let value = match value {
                None if takes_one => words.next(),
                value => value,
            };
            typed.options.push((name, value));
        }
        typed
    }

    fn has(&self, name: &str) -> bool {
        self.options.iter().any(|(other, _)| *other == name)
    }

    /// The value of an option, the last one where it has several.
    fn value(&self, name: &str) -> Option<&'a OsStr> {
        let mut options = self.options.iter().rev();
        options.find(|(other, _)| *other == name)?.1
    }

    /// Whether no command stands there.
    fn is_scan(&self) -> bool {
        let is_command = |word: &&OsStr| Call::words().iter().any(|command| *word == *command);
        !self.others.iter().any(is_command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[&str], set: &[(&str, &str)], text: &str) -> (bool, Option<String>, bool) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        std::fs::write(&file, text).unwrap();
        let argv: Vec<OsString> = words.iter().map(OsString::from).collect();
        let env = |name: &str| {
            let found = set.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        };
        let of = understood(&argv, env, Some(file));
        (of.hearers.nagios, of.hearers.on_problem, of.redact)
    }

    #[test]
    fn who_is_to_hear_is_known_whatever_else_is_wrong() {
        let set = [("BKSCAN_ON_PROBLEM", "mail")];
        let file = "keep-last = 0\non-problem = 'file'\n";
        let command = |line: &str| Some(line.to_owned());
        for (words, set, text, expected) in [
            (
                &["bkscan", "--nagios", "--wrong"][..],
                &[][..],
                "",
                (true, None),
            ),
            (
                &["bkscan", "--level", "deep", "--nagios"],
                &[],
                "",
                (true, None),
            ),
            (&["bkscan", "x"], &set, file, (false, command("mail"))),
            (
                &["bkscan", "--on-problem", "tell", "x", "--level"],
                &set,
                file,
                (false, command("tell")),
            ),
            (
                &["bkscan", "--on-problem", "tell", "show", "x"],
                &[],
                file,
                (false, None),
            ),
            (
                &["bkscan", "--level", "deep", "x", "--on-problem=tell"],
                &set,
                "",
                (false, command("tell")),
            ),
            (&["bkscan", "--on-problem"], &[], "", (false, None)),
            // A value is no command, and no option.
            (
                &["bkscan", "--device", "show", "--on-problem", "tell"],
                &[],
                "",
                (false, command("tell")),
            ),
            (
                &["bkscan", "--on-problem", "--nagios", "--level", "x"],
                &[],
                "",
                (false, command("--nagios")),
            ),
            (
                &["bkscan", "--", "--nagios"],
                &[],
                file,
                (false, command("file")),
            ),
            // All that is wrong with a file is no reason not to hear of it.
            (
                &["bkscan"],
                &[],
                "nonsense =\non-problem = 'file'\n",
                (false, command("file")),
            ),
            (&["bkscan"], &[], "on-problem = 7", (false, None)),
            // An option that takes no value has none, whatever stands behind it.
            (
                &[
                    "bkscan",
                    "--quiet",
                    "--nagios",
                    "--wrong",
                    "--on-problem",
                    "tell",
                ],
                &[],
                "",
                (true, command("tell")),
            ),
        ] {
            let (nagios, on_problem, _) = of(words, set, text);
            assert_eq!((nagios, on_problem), expected, "{words:?} {text}");
        }
    }

    #[test]
    fn that_nothing_personal_may_be_told_is_known_too() {
        for (words, set, text, expected) in [
            (&["bkscan"][..], &[][..], "", false),
            (&["bkscan", "--redact"], &[("BKSCAN_REDACT", "0")], "", true),
            (&["bkscan"], &[("BKSCAN_REDACT", "yes")], "", true),
            (
                &["bkscan"],
                &[("BKSCAN_REDACT", "no")],
                "redact = true",
                false,
            ),
            (&["bkscan"], &[], "redact = true\nlevel = 'deep'", true),
            (&["bkscan", "--on-problem", "--redact"], &[], "", false),
        ] {
            let (_, _, redact) = of(words, set, text);
            assert_eq!(redact, expected, "{words:?} {text}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_text_shifts_nothing() {
        use std::os::unix::ffi::OsStrExt as _;

        let odd = OsStr::from_bytes(b"\xff").to_owned();
        let words = ["bkscan", "--on-problem", "tell", "--device", "", "--level"];
        let mut argv = words.map(OsString::from);
        argv[4] = odd.clone();
        let known = || understood(&argv, |_| None, None).hearers.on_problem;
        assert_eq!(known().as_deref(), Some("tell"));
        // A command that is no text is none.
        argv[2] = odd;
        assert_eq!(understood(&argv, |_| None, None).hearers.on_problem, None);
    }
}
