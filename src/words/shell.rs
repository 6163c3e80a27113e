//! Commands to copy, quoted for the shell that they are meant for. Pure.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::model::{BackupIndex, BackupReport, Report, Udid};
use crate::system::System;

use super::unseen::is_unseen;

/// A call of bkscan with these words, over the same paths as the scan. Paths that the system keeps
/// backups in by itself are left out, as they were when the scan was started. What said how to look and
/// what may go is said again: the call is about what this scan tells.
pub fn command(system: System, words: &[impl AsRef<OsStr>], report: &Report) -> String {
    let words: Vec<&OsStr> = words.iter().map(AsRef::as_ref).collect();
    let paths = report.roots.iter().filter(|root| !root.is_default);
    let paths: Vec<OsString> = paths.map(|root| operand(root.path.as_os_str())).collect();
    // The paths stand behind the command word: an option may take everything that follows it.
    let has_command = words.first().is_some_and(|word| !is_like_option(word));
    let (command, options) = words.split_at(usize::from(has_command));
    // What may go is a matter of scans and cleanings.
    let plans = command.iter().all(|word| *word == "clean");
    let planned_with = report.planned_with.iter().filter(|_| plans);
    let all = [OsStr::new("bkscan")].into_iter();
    let all = all
        .chain(command.iter().copied())
        .chain(paths.iter().map(OsString::as_os_str))
        .chain(report.looked_with.iter().map(OsStr::new))
        .chain(planned_with.map(OsStr::new))
        .chain(options.iter().copied());
    let quoted: Vec<String> = all.map(|word| quote(system, word)).collect();
    quoted.join(" ")
}

/// A call that plans exactly these backups.
pub fn only_command(system: System, report: &Report, backups: &[BackupIndex]) -> String {
    let paths = backups.iter().map(|index| &report.backups[*index].path);
    let folders = paths.map(|path| word_for(report, path));
    let words = ["clean", "--only"].map(OsString::from).into_iter();
    let words: Vec<OsString> = words.chain(folders).collect();
    command(system, &words, report)
}

/// What names the backup at `path` on the command line, which ignores case, and no other: its folder's
/// name, else its path.
pub fn word_for(report: &Report, path: &Path) -> OsString {
    let is = |name: &str, other: &str| other.eq_ignore_ascii_case(name);
    let fits = |other: &BackupReport, name: &str| {
        let udid = other.udid.as_ref().map(Udid::as_str);
        is(name, &other.folder_name()) || udid.is_some_and(|udid| is(name, udid))
    };
    name_or_path(report, path, fits)
}

/// The exact name of a backup's folder, which wins over whatever else the word may mean; its path, where
/// another one's folder has the same name.
pub fn exact_word_for(report: &Report, path: &Path) -> OsString {
    let is_same = |other: &BackupReport, name: &str| other.folder_name().eq_ignore_ascii_case(name);
    name_or_path(report, path, is_same)
}

/// What names the backup at `path` for a call that looks for it by itself: its folder's name, as
/// [`word_for`] has it, where the system keeps backups; elsewhere its path.
pub fn word_or_path(report: &Report, path: &Path) -> OsString {
    match is_in_place(report) {
        true => word_for(report, path),
        false => path.as_os_str().to_owned(),
    }
}

/// Whether all that was scanned is where the system keeps backups by itself.
pub fn is_in_place(report: &Report) -> bool {
    report.roots.iter().all(|root| root.is_default)
}

/// The name of a backup's folder where it is text, no option, and fits no other one; else its path.
fn name_or_path(
    report: &Report,
    path: &Path,
    fits: impl Fn(&BackupReport, &str) -> bool,
) -> OsString {
    let mut others = report.backups.iter().filter(|other| other.path != path);
    let name = path.file_name().unwrap_or(path.as_os_str());
    let is_its_own = |text: &str| {
        let is_odd = is_like_option(name) || text.ends_with('\n');
        !is_odd && !others.any(|other| fits(other, text))
    };
    match name.to_str().is_some_and(is_its_own) {
        true => name.to_owned(),
        false => operand(path.as_os_str()),
    }
}

/// The word by which a person knows a backup, for a command about it. Where the system keeps it: its device's
/// name if that finds it and no other, else its folder's name. Elsewhere its path.
pub fn word_to_show(report: &Report, backup: &BackupReport) -> OsString {
    match &backup.device.name {
        _ if !is_in_place(report) => backup.path.clone().into_os_string(),
        Some(name) if finds_one(name, report) => name.into(),
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
pub fn show_command(system: System, backup: impl AsRef<OsStr>, looked_with: &[String]) -> String {
    call(system, "show", &[backup], looked_with)
}

/// A call that plans a mended copy of a backup. Where that is to lie is for its reader to say.
pub fn mend_command(system: System, backup: impl AsRef<OsStr>, looked_with: &[String]) -> String {
    call(system, "mend", &[backup], looked_with) + " --to DIR --plan"
}

/// A call of one of bkscan's commands about these backups, with the words that say how to look.
pub fn call(
    system: System,
    command: &str,
    backups: &[impl AsRef<OsStr>],
    looked_with: &[String],
) -> String {
    let backups = backups.iter().map(|word| operand(word.as_ref()));
    let words = backups.chain(looked_with.iter().map(OsString::from));
    let words: Vec<String> = words.map(|word| quote(system, word)).collect();
    format!("bkscan {command} {}", words.join(" "))
}

/// One word as the system's shell wants it, so that it is the same word in dash, bash, zsh and fish, and in
/// cmd and PowerShell, also where it is no text. Nothing in what comes of it acts on a terminal, but for line
/// feeds at the very end of a word.
pub fn quote(system: System, word: impl AsRef<OsStr>) -> String {
    let word = word.as_ref();
    match (system, word.to_str()) {
        (System::Mac | System::Other, Some(text)) => quote_for_unix(text),
        (System::Mac | System::Other, None) => spelled_to_its_end(word.as_encoded_bytes()),
        (System::Windows, _) => quote_for_windows(&word.to_string_lossy()),
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
    match word.trim_end_matches('\n').contains(is_unseen) {
        true => spelled_to_its_end(word.as_bytes()),
        false => in_single_quotes(word),
    }
}

/// As [`spelled`]. A substitution loses the line feeds at its end: these stand for themselves.
fn spelled_to_its_end(word: &[u8]) -> String {
    let is_feed = |byte: &&u8| **byte == b'\n';
    let ends = word.iter().rev().take_while(is_feed).count();
    let seen = spelled(&word[..word.len() - ends]);
    match ends {
        0 => seen,
        _ => format!("{seen}'{}'", "\n".repeat(ends)),
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
/// where quotes should do: fish 3.6 looks for substitutions within quotes, too, behind another one. So is what
/// is no text.
fn spelled(word: &[u8]) -> String {
    let mut quoted = String::from("\"$(printf '");
    let is_first = |quoted: &str| quoted.ends_with('\'');
    for chunk in word.utf8_chunks() {
        for character in chunk.valid().chars() {
            let is_letter = !character.is_ascii() && character.is_alphanumeric();
            match character {
                // At the beginning it would be an option of printf.
                '-' if is_first(&quoted) => push_octal(&mut quoted, character),
                _ if is_unseen(character) => push_octal(&mut quoted, character),
                _ if is_plain(character) || is_letter || character == ' ' => quoted.push(character),
                _ => push_octal(&mut quoted, character),
            }
        }
        push_bytes(&mut quoted, chunk.invalid());
    }
    quoted.push_str("')\"");
    quoted
}

/// A character byte by byte, as every printf understands it.
fn push_octal(quoted: &mut String, character: char) {
    push_bytes(quoted, character.encode_utf8(&mut [0; 4]).as_bytes());
}

fn push_bytes(quoted: &mut String, bytes: &[u8]) {
    for byte in bytes {
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

/// A word as a program on Windows takes it apart, where no shell looks at it before: backslashes count only before
/// a quotation mark.
pub fn in_quotes(word: &str) -> String {
    let mut quoted = String::from("\"");
    let mut backslashes = 0;
    for c in word.chars() {
        if c == '"' {
            quoted += &"\\".repeat(backslashes + 1);
        }
        backslashes = if c == '\\' { backslashes + 1 } else { 0 };
        quoted.push(c);
    }
    quoted += &"\\".repeat(backslashes);
    quoted.push('"');
    quoted
}

/// What is no option, even where it begins with a dash. A path of a folder never ends in a line feed, which
/// would have to stand for itself, and be lost where a screen takes it out.
fn operand(word: &OsStr) -> OsString {
    let bytes = word.as_encoded_bytes();
    let mut operand = OsString::new();
    if is_like_option(word) {
        operand.push("./");
    }
    operand.push(word);
    if bytes.contains(&b'/') && bytes.ends_with(b"\n") {
        operand.push("/");
    }
    operand
}

fn is_like_option(word: &OsStr) -> bool {
    word.as_encoded_bytes().starts_with(b"-")
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

    /// Every shell of Unix calls with just these bytes.
    #[cfg(unix)]
    #[test]
    fn what_is_no_text_is_spelled_byte_by_byte() {
        use std::os::unix::ffi::OsStrExt as _;

        for (word, expected) in [
            (&b"/b/a\xff c"[..], r#""$(printf '/b/a\377 c')""#),
            (b"\xc3(", r#""$(printf '\303\050')""#),
            (
                b"-\xe9t\xe9 '$x'",
                r#""$(printf '\055\351t\351 \047\044x\047')""#,
            ),
            (b"\xff\n\n", "\"$(printf '\\377')\"'\n\n'"),
        ] {
            assert_eq!(quote(System::Other, OsStr::from_bytes(word)), expected);
        }
        // There is no way there; what is called then is not found.
        let word = OsStr::from_bytes(b"a\xff");
        assert_eq!(quote(System::Windows, word), "\"a\u{fffd}\"");
    }
}
