//! What machines are called whose documents were saved: a document does not say whose it is, but its file
//! does. Pure.

use std::path::{Component, Path, PathBuf};

use crate::cli::commands::page::STANDARD;

/// The names of the machines whose documents these are: the files' names without `.json`; where several are
/// the same, as `anna/scan.json` and `ben/scan.json`, as many folders before all names as tell them apart; else all
/// as they were typed.
pub fn names(files: &[PathBuf]) -> Vec<String> {
    let parts: Vec<Vec<String>> = files.iter().map(|file| parts(file)).collect();
    let longest = parts.iter().map(Vec::len).max().unwrap_or(1);
    let with = |folders: usize| -> Vec<String> {
        let names = parts.iter().map(|parts| {
            let first = parts.len().saturating_sub(folders + 1);
            parts[first..].join("/")
        });
        names.collect()
    };
    let are_different = |names: &Vec<String>| {
        let mut sorted: Vec<&String> = names.iter().collect();
        sorted.sort();
        sorted.windows(2).all(|pair| pair[0] != pair[1])
    };
    let mut tries = (0..longest).map(with);
    // What even these do not tell apart differs in `..`, in `.json`, or in characters that cannot be shown.
    let as_typed = || files.iter().map(|file| file.to_string_lossy().into_owned());
    tries
        .find(are_different)
        .unwrap_or_else(|| as_typed().collect())
}

/// A path in parts, the last one without `.json`.
fn parts(file: &Path) -> Vec<String> {
    if file == Path::new(STANDARD) {
        return vec!["standard input".to_owned()];
    }
    let parts = file.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        _ => None,
    });
    let mut parts: Vec<String> = parts.collect();
    if let Some(last) = parts.last_mut() {
        let stem = last.strip_suffix(".json").filter(|stem| !stem.is_empty());
        if let Some(stem) = stem.map(str::to_owned) {
            *last = stem;
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_called_after_the_file_of_its_document() {
        for (files, expected) in [
            ("anna.json ben.json", "anna ben"),
            ("/srv/scans/anna.json /srv/scans/ben", "anna ben"),
            ("anna/scan.json ben/scan.json", "anna/scan ben/scan"),
            ("a/x/1.json b/x/1.json c.json", "a/x/1 b/x/1 c"),
            ("x.json ../x.json", "x.json ../x.json"),
            ("anna anna.json", "anna anna.json"),
            (".json host.example.org.json", ".json host.example.org"),
        ] {
            let files: Vec<PathBuf> = files.split(' ').map(PathBuf::from).collect();
            assert_eq!(names(&files).join(" "), expected);
        }
        let files = [PathBuf::from("-"), PathBuf::from("anna.json")];
        assert_eq!(names(&files), ["standard input", "anna"]);
    }
}
