//! Commands to copy, quoted for the shell that they are meant for. Pure.

use std::path::Path;

use crate::model::{BackupReport, Report, Udid};
use crate::system::System;

use super::unseen::is_unseen;

/// A call of bkscan with these words, over the same paths as the scan. Paths that the system keeps
/// backups in by itself are left out, as they were when the scan was started. What said how to look and
/// what may go is said again: the call is about what this scan tells.
pub fn command(system: System, words: &[&str], report: &Report) -> String {
    let paths = report.roots.iter().filter(|root| !root.is_default);
    let paths: Vec<String> = paths
        .map(|root| operand(&root.path.to_string_lossy()))
        .collect();
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
        return operand(&path.to_string_lossy());
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
        return operand(&path.to_string_lossy());
    }
    name.into_owned()
}

/// The word by which a person knows a backup, for a command about it. Where the system keeps it: its device's
/// name if that finds it and no other, else its folder's name. Elsewhere its path.
pub fn word_to_show(report: &Report, backup: &BackupReport) -> String {
    let in_place = report.roots.iter().all(|root| root.is_default);
    match &backup.device.name {
        _ if !in_place => backup.path.display().to_string(),
        Some(name) if finds_one(name, report) => name.clone(),
        _ => word_for(report, &backup.path),
    }
}

/// Whether this name of a device finds one backup on the command line, which ignores case, looks at the
/// names of folders first, and takes some words for options and paths.
fn finds_one(name: &str, report: &Report) -> bool {
    let is = |other: &str| other.eq_ignore_ascii_case(name);
    let of_devices = report
        .backups
        .iter()
        .filter_map(|backup| backup.device.name.as_deref());
    let is_word = Path::new(name).file_name() == Some(name.as_ref());
    let is_of_folder = report
        .backups
        .iter()
        .any(|backup| is(&backup.folder_name()));
    !name.contains(is_unseen)
        && is_word
        && !name.starts_with('-')
        && !is_of_folder
        && of_devices.filter(|other| is(other)).count() == 1
}

/// A call that shows one backup in full. `looked_with`: the words that say how it was looked at.
pub fn show_command(system: System, backup: &str, looked_with: &[String]) -> String {
    call(system, "show", &[backup.to_owned()], looked_with)
}

/// A call of one of bkscan's commands about these backups, with the words that say how to look.
pub fn call(system: System, command: &str, backups: &[String], looked_with: &[String]) -> String {
    let backups = backups.iter().map(|word| operand(word));
    let words = backups.chain(looked_with.iter().cloned());
    let words: Vec<String> = words.map(|word| quote(system, &word)).collect();
    format!("bkscan {command} {}", words.join(" "))
}

/// One word as the system's shell wants it, so that it is the same word in dash, bash, zsh and fish, and in
/// cmd and PowerShell. Nothing in what comes of it acts on a terminal, but for line feeds at the very end of
/// a word.
pub fn quote(system: System, word: &str) -> String {
    match system {
        System::Mac | System::Other => quote_for_unix(word),
        System::Windows => quote_for_windows(word),
    }
}

/// The same, but nothing where it would not be that word in every shell.
pub fn quote_exactly(system: System, word: &str) -> Option<String> {
    let is_exact = system != System::Windows || harmless(word) == word;
    is_exact.then(|| quote(system, word))
}

/// Quoted for the shells of Unix: whatever no shell is known to leave alone.
fn quote_for_unix(word: &str) -> String {
    if is_plain_option(word) || !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    // A substitution loses the line feeds at its end: these stand for themselves.
    let seen = word.trim_end_matches('\n');
    let ends = &word[seen.len()..];
    match (seen.contains(is_unseen), ends) {
        (true, "") => spelled(seen),
        (true, _) => format!("{}'{ends}'", spelled(seen)),
        (false, _) => in_single_quotes(word),
    }
}

/// What every shell of Unix leaves alone.
fn is_plain(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-_./:,@+".contains(character)
}

/// A backslash stands outside of quotes: within them it quotes for fish, and not for the others.
fn in_single_quotes(word: &str) -> String {
    let mut quoted = String::from("'");
    for character in word.chars() {
        match character {
            '\'' => quoted.push_str(r"'\''"),
            '\\' => quoted.push_str(r"'\\'"),
            _ => quoted.push(character),
        }
    }
    quoted.push('\'');
    quoted
}

/// A word that printf spells, as each shell has it. Whatever means anything to a shell is a number, even
/// where quotes should do: fish 3.6 looks for substitutions within quotes, too, behind another one.
fn spelled(word: &str) -> String {
    let mut quoted = String::from("\"$(printf '");
    for (at, character) in word.char_indices() {
        let is_letter = !character.is_ascii() && character.is_alphanumeric();
        match character {
            // At the beginning it would be an option of printf.
            '-' if at == 0 => push_octal(&mut quoted, character),
            _ if is_unseen(character) => push_octal(&mut quoted, character),
            _ if is_plain(character) || is_letter || character == ' ' => quoted.push(character),
            _ => push_octal(&mut quoted, character),
        }
    }
    quoted.push_str("')\"");
    quoted
}

/// A character byte by byte, as every printf understands it.
fn push_octal(quoted: &mut String, character: char) {
    for byte in character.encode_utf8(&mut [0; 4]).bytes() {
        quoted.push_str(&format!("\\{byte:03o}"));
    }
}

/// Quoted for cmd and PowerShell. There is no way to write for both what one of them takes for its own
/// even within quotes, a variable above all; a question mark, which no name on Windows has, stands for it:
/// what is called then is not found, and nothing else happens.
fn quote_for_windows(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:\\/".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    in_quotes(&harmless(word))
}

/// A word without what it would not be the same with in cmd and PowerShell.
fn harmless(word: &str) -> String {
    // One percent sign names no variable.
    let has_percents = word.matches('%').nth(1).is_some();
    word.chars()
        .map(|c| match c {
            // To PowerShell, curly quotes are as good as straight ones.
            '"' | '$' | '`' | '\u{201c}'..='\u{201e}' => '?',
            '%' if has_percents => '?',
            _ if is_unseen(c) => '?',
            _ => c,
        })
        .collect()
}

/// A word as a program on Windows takes it apart, where no shell looks at it before.
pub fn in_quotes(word: &str) -> String {
    let path = word.trim_end_matches('\\');
    // A backslash would quote the quotation mark.
    let ends = "\\".repeat(2 * (word.len() - path.len()));
    format!("\"{path}{ends}\"")
}

/// What is no option, even where it begins with a dash.
fn operand(word: &str) -> String {
    match word.starts_with('-') {
        true => format!("./{word}"),
        false => word.to_owned(),
    }
}

/// Whether it is an option, with a value such as `50%`, in which nothing means anything to a shell. At the
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
            // fish: the second one of two words in single quotes would run.
            (System::Other, r"a\' ;x '", r"'a'\\''\'' ;x '\'''"),
            (System::Other, "~root", "'~root'"),
            (System::Other, "{a,b}", "'{a,b}'"),
            (System::Other, "a!b^c", "'a!b^c'"),
            (System::Other, "Größe", "'Größe'"),
            (System::Other, "a\u{1b}[1m", r#""$(printf 'a\033\1331m')""#),
            (System::Other, "a\nb\n", "\"$(printf 'a\\012b')\"'\n'"),
            (System::Other, "\u{202e}", r#""$(printf '\342\200\256')""#),
            (System::Windows, "C:\\Users\\a", "C:\\Users\\a"),
            (
                System::Windows,
                "C:\\Apple Computer",
                "\"C:\\Apple Computer\"",
            ),
            (System::Windows, "a&b", "\"a&b\""),
            (System::Windows, "C:\\a b\\", "\"C:\\a b\\\\\""),
            (System::Windows, "Anna’s iPhone", "\"Anna’s iPhone\""),
            (System::Windows, "--may-lose=50%", "\"--may-lose=50%\""),
            (System::Windows, "a%PATH%", "\"a?PATH?\""),
            (System::Windows, "a”; $(x) `\n", "\"a?; ?(x) ??\""),
        ] {
            assert_eq!(quote(system, word), expected);
        }
    }
}
