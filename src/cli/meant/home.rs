//! A `~` that was quoted, or stands behind `=`, where no shell puts the home folder in its place: in what
//! options take. Paths that stand alone are seen to where they are resolved ([`super::paths`]).

use std::ffi::{OsStr, OsString};
use std::path::Path;

use clap::ValueHint;

use crate::cli::flags::table::TABLE;

use super::paths;

/// The words of the command line, with the home folder in place of a `~` that begins the path of an option,
/// and notes about them.
pub fn in_options(argv: Vec<OsString>, home: Option<&Path>) -> (Vec<OsString>, Vec<String>) {
    let mut notes = Vec::new();
    // Whether what follows belongs to an option that takes paths.
    let mut is_of_path = false;
    let mut is_over = false;
    let words = argv.into_iter().map(|word| {
        let option = word.to_str().and_then(|word| word.strip_prefix("--"));
        let (path, before) =
            match option.map(|option| option.split_once('=').unwrap_or((option, ""))) {
                _ if is_over => return word,
                Some(("", _)) => {
                    is_over = true;
                    return word;
                }
                Some((name, "")) => {
                    is_of_path = takes_path(name);
                    return word;
                }
                Some((name, value)) if takes_path(name) => (Path::new(value), format!("--{name}=")),
                None if is_of_path => (Path::new(&word), String::new()),
                _ => return word,
            };
        match paths::at_home(path, home) {
            Some(meant) => {
                notes.push(paths::taken_at_home(&meant));
                [OsStr::new(&before), meant.as_os_str()]
                    .into_iter()
                    .collect()
            }
            None => word,
        }
    });
    (words.collect(), notes)
}

/// Whether an option of this name takes paths.
fn takes_path(name: &str) -> bool {
    let hints = [ValueHint::AnyPath, ValueHint::DirPath, ValueHint::FilePath];
    let mut options = TABLE.iter().filter(|flag| flag.name == name);
    options.any(|flag| hints.contains(&flag.value.hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_an_option_may_begin_with_a_quoted_home() {
        let home = if cfg!(windows) {
            "C:\\no\\home"
        } else {
            "/no/home"
        };
        let home = Path::new(home);
        let at = |rest: &str| home.join(rest).into_os_string().into_string().unwrap();
        for (typed, expected, notes) in [
            (
                &["--state-dir=~/s", "x"][..],
                vec![format!("--state-dir={}", at("s")), "x".into()],
                1,
            ),
            (
                &["--html", "~/p.html"],
                vec!["--html".into(), at("p.html")],
                1,
            ),
            (
                &["clean", "--only", "a", "~/b", "~/c"],
                vec![
                    "clean".into(),
                    "--only".into(),
                    "a".into(),
                    at("b"),
                    at("c"),
                ],
                2,
            ),
            // Not the path of an option, or none at all.
            (&["~/b"], vec!["~/b".into()], 0),
            (
                &["--password-command", "~/get"],
                vec!["--password-command".into(), "~/get".into()],
                0,
            ),
            (
                &["--redact", "~/b"],
                vec!["--redact".into(), "~/b".into()],
                0,
            ),
            (
                &["--", "--html=~/b"],
                vec!["--".into(), "--html=~/b".into()],
                0,
            ),
            (&["--html=~b"], vec!["--html=~b".into()], 0),
        ] {
            let argv = typed.iter().map(OsString::from).collect();
            let (words, said) = in_options(argv, Some(home));
            let expected: Vec<OsString> = expected.into_iter().map(OsString::from).collect();
            assert_eq!((words, said.len()), (expected, notes), "{typed:?}");
        }
    }
}
