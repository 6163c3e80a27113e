//! Commands to copy, quoted for the shell that they are meant for. Pure.

use std::path::Path;

use crate::model::{BackupReport, Report, Udid};
use crate::system::System;

/// A call of bkscan with these words, over the same paths as the scan. Paths that the system keeps
/// backups in by itself are left out, as they were when the scan was started. What said how to look and
/// what may go is said again: the call is about what this scan tells.
pub fn command(system: System, words: &[&str], report: &Report) -> String {
    let paths = report.roots.iter().filter(|root| !root.is_default);
    let paths: Vec<String> = paths.map(|root| root.path.display().to_string()).collect();
    // The paths stand behind the command word: an option may take everything that follows it.
    let has_command = words.first().is_some_and(|word| !word.starts_with('-'));
    let (command, options) = words.split_at(usize::from(has_command));
    // What may go is a matter of scans and cleanings.
    let plans = matches!(command, [] | ["clean"]);
    let planned_with = report.planned_with.iter().filter(|_| plans);
    let all = ["bkscan"]
        .iter()
        .chain(command)
        .copied()
        .chain(paths.iter().map(String::as_str))
        .chain(report.looked_with.iter().map(String::as_str))
        .chain(planned_with.map(String::as_str))
        .chain(options.iter().copied());
    all.map(|word| quote(system, word))
        .collect::<Vec<_>>()
        .join(" ")
}

/// What names the backup at `path` on the command line, which ignores case, and no other: its folder's
/// name, else its path.
pub fn word_for(report: &Report, path: &Path) -> String {
    let name = path
        .file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy();
    let is = |other: &str| other.eq_ignore_ascii_case(&name);
    let fits = |other: &BackupReport| {
        let udid = other.udid.as_ref().map(Udid::as_str);
        other.path != path && (is(&other.folder_name()) || udid.is_some_and(is))
    };
    if name.starts_with('-') || report.backups.iter().any(fits) {
        return path.display().to_string();
    }
    name.into_owned()
}

/// The exact name of a backup's folder, which wins over whatever else the word may mean; its path, where
/// another one's folder has the same name.
pub fn exact_word_for(report: &Report, path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    let name = name.to_string_lossy();
    let is_same = |other: &BackupReport| {
        other.path != path && other.folder_name().eq_ignore_ascii_case(&name)
    };
    if name.starts_with('-') || report.backups.iter().any(is_same) {
        return path.display().to_string();
    }
    name.into_owned()
}

/// A call that shows one backup in full. `looked_with`: the words that say how it was looked at.
pub fn show_command(system: System, backup: &str, looked_with: &[String]) -> String {
    call(system, "show", &[backup.to_owned()], looked_with)
}

/// A call of one of bkscan's commands about these backups, with the words that say how to look.
pub fn call(system: System, command: &str, backups: &[String], looked_with: &[String]) -> String {
    let words = backups.iter().chain(looked_with);
    let words: Vec<String> = words.map(|word| quote(system, word)).collect();
    format!("bkscan {command} {}", words.join(" "))
}

/// One word as the system's shell wants it: sh on Unix, cmd and PowerShell on Windows.
pub fn quote(system: System, word: &str) -> String {
    match system {
        System::Mac | System::Other if is_plain_option(word) => word.to_owned(),
        System::Mac | System::Other => shell_words::quote(word).into_owned(),
        System::Windows => {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:\\/".contains(c);
            if !word.is_empty() && word.chars().all(plain) {
                word.to_owned()
            } else {
                // A name on Windows holds no quotation mark.
                format!("\"{word}\"")
            }
        }
    }
}

/// Whether it is an option, with a value such as `50%`, in which nothing means anything to sh. At the
/// beginning of a word `=` and `%` may.
fn is_plain_option(word: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.=%".contains(c);
    word.starts_with("--") && word.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_they_must_be() {
        for (system, word, expected) in [
            (System::Mac, "clean", "clean"),
            (
                System::Mac,
                "/Users/a/Application Support",
                "'/Users/a/Application Support'",
            ),
            (System::Mac, "--may-lose=50%", "--may-lose=50%"),
            (System::Other, "--old-after=1y", "--old-after=1y"),
            (System::Other, "--older-than=$(rm)", "'--older-than=$(rm)'"),
            (System::Other, "=ls", "'=ls'"),
            (System::Other, "it's", "'it'\\''s'"),
            (System::Other, "$(rm)", "'$(rm)'"),
            (System::Other, "", "''"),
            (System::Windows, "C:\\Users\\a", "C:\\Users\\a"),
            (
                System::Windows,
                "C:\\Apple Computer",
                "\"C:\\Apple Computer\"",
            ),
            (System::Windows, "a&b", "\"a&b\""),
        ] {
            assert_eq!(quote(system, word), expected);
        }
    }
}
