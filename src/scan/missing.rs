//! In which folders of the device files are missing, and how many each of them is listed to hold.

use std::collections::HashMap;

use crate::facts::telephone;
use crate::model::{Example, Metadata, MissingFolder};
use crate::read;
use crate::read::database::Database;
use crate::read::file_names::shortened;

/// How many files are missing in a folder, and how many it should hold.
type Counts = (u64, u64);

/// The folders that these missing files belong to, those that miss most first. Reads the rows once more.
pub fn folders(
    metadata: &Metadata,
    opened: Option<&Database>,
    missing: &[Example],
) -> Vec<MissingFolder> {
    let mut domains: HashMap<&str, HashMap<String, Counts>> = HashMap::new();
    let mut nameless = 0;
    for example in missing {
        let Some((domain, path)) = example.domain.as_ref().zip(example.path.as_ref()) else {
            nameless += 1;
            continue;
        };
        let folders = domains.entry(domain).or_default();
        folders.entry(folder_of(path).to_owned()).or_default().0 += 1;
    }
    count_all(metadata, opened, &mut domains);
    let mut folders: Vec<MissingFolder> = domains
        .into_iter()
        .flat_map(|(domain, folders)| {
            let named = move |(path, (missing, all)): (String, Counts)| MissingFolder {
                domain: Some(domain.to_owned()),
                path: Some(path),
                missing,
                // A row that is not found again counts at least as what it was.
                all: all.max(missing),
            };
            folders.into_iter().map(named)
        })
        .collect();
    folders.extend((nameless > 0).then_some(MissingFolder {
        domain: None,
        path: None,
        missing: nameless,
        all: nameless,
    }));
    folders.sort_by(|one, other| {
        let most_first = other.missing.cmp(&one.missing);
        most_first.then_with(|| (&one.domain, &one.path).cmp(&(&other.domain, &other.path)))
    });
    folders
}

/// Counts the files that each of these folders should hold.
fn count_all(
    metadata: &Metadata,
    opened: Option<&Database>,
    domains: &mut HashMap<&str, HashMap<String, Counts>>,
) {
    if domains.is_empty() {
        return;
    }
    read::manifest::each(metadata, opened, &mut |row| {
        let names = row.domain.zip(row.path).filter(|_| row.required);
        let Some((domain, path)) = names.map(|(domain, path)| (shortened(domain), path)) else {
            return;
        };
        if let Some(folders) = domains.get_mut(domain.as_str()) {
            let path = telephone::without_numbers(&shortened(path));
            if let Some((_, all)) = folders.get_mut(folder_of(&path)) {
                *all += 1;
            }
        }
    });
}

/// The folder that somebody may know: not those that apps make to spread files over, such as `3f/15` or a
/// number of 32 hex digits.
fn folder_of(path: &str) -> &str {
    let mut folder = parent(path);
    while is_made_up(folder.rsplit('/').next().unwrap_or_default()) {
        folder = parent(folder);
    }
    folder
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn is_made_up(name: &str) -> bool {
    let mut characters = name.chars();
    let is_hex = characters.all(|c| c.is_ascii_hexdigit() || c == '-');
    is_hex && ((1..=2).contains(&name.len()) || name.len() >= 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_those_that_somebody_may_know() {
        for (path, folder) in [
            ("Media/DCIM/100APPLE/IMG_0001.JPG", "Media/DCIM/100APPLE"),
            (
                "Library/SMS/Attachments/3f/15/0A6C1B0E-9A51-4A4E-8F0B-2B9B2E0C9A11/IMG_1.JPG",
                "Library/SMS/Attachments",
            ),
            (
                "Message/Media/…78@s.whatsapp.net/a/0/a7f.jpg",
                "Message/Media/…78@s.whatsapp.net",
            ),
            ("Library/SMS/sms.db", "Library/SMS"),
            ("top.txt", ""),
            ("", ""),
            ("3f/15/x", ""),
            ("cafe/x", "cafe"),
        ] {
            assert_eq!(folder_of(path), folder, "{path}");
        }
    }
}
