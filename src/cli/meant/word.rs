//! The command that a word means which is none: `bkscan delete`, `bkscan list`, `bkscan shwo`.

use std::path::{Path, PathBuf};

use crate::cli::flags::flag::Call;
use crate::cli::stop::{Remark, Stop};
use crate::system::SYSTEM;
use crate::words::shell;

use super::closest::closest;
use super::paths;

/// Words that people type, and what they mean by them. Nothing here removes anything.
const MEANT: [(&str, &str); 49] = [
    ("all", "bkscan"),
    ("audit", "bkscan"),
    ("check", "bkscan"),
    ("dir", "bkscan"),
    ("list", "bkscan"),
    ("ls", "bkscan"),
    ("run", "bkscan"),
    ("scan", "bkscan"),
    ("start", "bkscan"),
    ("status", "bkscan"),
    ("summary", "bkscan"),
    ("test", "bkscan"),
    ("validate", "bkscan --level contents"),
    ("verify", "bkscan --level contents"),
    ("cleanup", "bkscan clean"),
    ("del", "bkscan clean"),
    ("delete", "bkscan clean"),
    ("erase", "bkscan clean"),
    ("free", "bkscan clean"),
    ("prune", "bkscan clean"),
    ("purge", "bkscan clean"),
    ("remove", "bkscan clean"),
    ("rm", "bkscan clean"),
    ("cat", "bkscan show"),
    ("details", "bkscan show"),
    ("info", "bkscan show"),
    ("inspect", "bkscan show"),
    ("open", "bkscan show"),
    ("view", "bkscan show"),
    ("cmp", "bkscan diff"),
    ("compare", "bkscan diff"),
    ("fix", "bkscan mend"),
    ("rebuild", "bkscan mend"),
    ("recover", "bkscan mend"),
    ("repair", "bkscan mend"),
    ("rescue", "bkscan mend"),
    ("salvage", "bkscan mend"),
    ("describe", "bkscan explain"),
    ("why", "bkscan explain"),
    ("forget", "bkscan history --forget"),
    ("log", "bkscan history"),
    ("cron", "bkscan schedule cron"),
    ("launchd", "bkscan schedule launchd"),
    ("systemd", "bkscan schedule systemd"),
    ("options", "bkscan help options"),
    ("settings", "bkscan config show"),
    ("usage", "bkscan --help"),
    ("version", "bkscan --version"),
    ("commands", "bkscan --help"),
];

/// The call that a word means, if people mean one by it.
fn call(word: &str) -> Option<&'static str> {
    let word = word.to_lowercase();
    let mut meant = MEANT.iter();
    meant
        .find(|(known, _)| *known == word)
        .map(|(_, call)| *call)
}

/// The call that a word resembles or means, which is no command and no path that is there.
pub fn near(word: &str) -> Option<String> {
    let meant = call(word).map(str::to_owned);
    meant.or_else(|| {
        let commands = Call::words();
        let near = closest(word, commands.into_iter().chain(["help"]))?;
        Some(format!("bkscan {near}"))
    })
}

/// Whether it is a single word, and nothing that is there.
fn is_name(path: &Path) -> bool {
    path.file_name() == Some(path.as_os_str()) && !paths::is_there(path)
}

/// What to say where the first of these paths is a word of that kind. A folder of that name wins, also
/// one whose name goes on in the words behind it.
pub fn instead_of(typed: &[PathBuf]) -> Option<Stop> {
    let (joined, _) = paths::join_unquoted(typed, paths::presence);
    let first = joined
        .first()
        .filter(|first| Some(*first) == typed.first())?;
    if paths::is_there(first) {
        return None;
    }
    let word = first.to_str()?;
    let call = match (call(word)?, &typed[1..]) {
        // The name of a backup is no place to scan.
        ("bkscan", [name]) if is_name(name) => "bkscan show",
        ("bkscan --level contents", [name]) if is_name(name) => "bkscan show --level contents",
        (call, _) => call,
    };
    let none = format!("there is no command {word}, and nothing here has that name");
    let rest = typed[1..].iter().map(|path| path.to_string_lossy());
    let rest: Vec<String> = rest.map(|word| shell::quote(SYSTEM, &*word)).collect();
    let whole = [&[call.to_owned()], &rest[..]].concat().join(" ");
    Some(Stop::usage(Remark::new(
        format!("{none}; did you mean {call}?"),
        format!("{none}; did you mean {whole}?"),
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_people_type_lead_to_a_command() {
        for (typed, expected) in [
            (&["list"][..], Some("bkscan")),
            (&["LS"], Some("bkscan")),
            (&["scan", "/no/where"], Some("bkscan /no/where")),
            (
                &["verify", "a b"],
                Some("bkscan show --level contents 'a b'"),
            ),
            (&["check", "Mini"], Some("bkscan show Mini")),
            (&["check", "src"], Some("bkscan src")),
            (&["check", "a", "b"], Some("bkscan a b")),
            (&["rm", "-x"], Some("bkscan clean -x")),
            (&["info", "Anna"], Some("bkscan show Anna")),
            (&["compare", "a", "b"], Some("bkscan diff a b")),
            // Anything else is a path.
            (&["backups"], None),
            (&["./list"], None),
            (&["/no/where", "list"], None),
            // It is there.
            (&["src"], None),
            (&[], None),
        ] {
            let typed: Vec<PathBuf> = typed.iter().map(PathBuf::from).collect();
            let said = instead_of(&typed).map(|stop| stop.remarks[0].full.clone());
            let expected = expected.map(|call| {
                let word = typed[0].display();
                format!(
                    "there is no command {word}, and nothing here has that name; did you mean {call}?"
                )
            });
            assert_eq!(said.map(|said| said.replace('"', "'")), expected);
        }
    }

    #[test]
    fn no_hint_removes_anything_and_all_lead_to_what_there_is() {
        for (word, call) in MEANT {
            assert!(!call.contains("delete"), "{word}");
            let known = |name: &str| Call::COMMANDS.iter().any(|(known, _)| *known == name);
            assert!(!known(word), "{word} is a command");
            let next = call.split(' ').nth(1).unwrap_or("--help");
            let is_known = next.starts_with("--") || next == "help" || known(next);
            assert!(is_known, "{call}");
        }
    }
}
