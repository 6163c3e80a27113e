//! What errors of the system say.

use std::io;

#[cfg(unix)]
use super::unix as imp;
#[cfg(windows)]
use super::windows as imp;

/// Whether an error of a read says that the disk could not give what is on it: anything else, such
/// as a network that went away, says nothing of the file.
pub fn is_damage(error: &io::Error) -> bool {
    let code = error.raw_os_error();
    code.is_some_and(|code| imp::DAMAGE.contains(&code))
}

/// Whether an error says that there is no such file or folder.
pub fn is_absence(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// What an error says to a person: without the number of the system, and without the names of our own
/// files for a moment.
pub fn in_words(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error ") {
        // Windows speaks in whole sentences.
        Some((words, _)) => words.trim_end_matches('.').to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn an_error_is_told_without_its_number() {
        let system = |code| io::Error::from_raw_os_error(code);
        let words = in_words(&system(2));
        assert_eq!(
            system(2).to_string().replace(". ", " "),
            format!("{words} (os error 2)")
        );
        // As tempfile wraps it, with the name of its folder.
        let folder = Path::new("/nowhere at all");
        let wrapped = tempfile::tempdir_in(folder).unwrap_err();
        assert!(wrapped.to_string().contains("nowhere"), "{wrapped}");
        let words = in_words(&wrapped);
        assert!(!words.contains("os error"), "{words}");
        assert!(!words.contains("nowhere"), "{words}");
        let own = io::Error::other("it is longer than any document of bkscan");
        assert_eq!(in_words(&own), own.to_string());
    }
}
