//! Where backups are kept, and what to say about a place that cannot be looked at. Pure: the system
//! and its answers are arguments, so that each system's words are tested on every other.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::model::BesideKind;
use crate::system::System;

/// The places where the system's own software keeps backups (F§2); none on Linux.
pub fn default_places(system: System, env: impl Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    let below = |variable: &str, rest: &[&str]| {
        let base = env(variable).filter(|value| !value.is_empty())?;
        Some(
            rest.iter()
                .fold(PathBuf::from(base), |path, part| path.join(part)),
        )
    };
    let places = match system {
        System::Mac => vec![below(
            "HOME",
            &["Library", "Application Support", "MobileSync"],
        )],
        System::Windows => vec![
            below("APPDATA", &["Apple Computer", "MobileSync"]),
            below("USERPROFILE", &["Apple", "MobileSync"]),
        ],
        System::Other => vec![],
    };
    places.into_iter().flatten().collect()
}

/// What is known of a path that cannot be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// A link on the way leads nowhere.
    DanglingLink {
        /// The link.
        link: PathBuf,
        /// Where it leads.
        target: PathBuf,
    },
    /// The disk it is on is not there.
    VolumeAway {
        /// Where the disk would be.
        volume: PathBuf,
    },
    /// There is no such path.
    NotThere,
}

/// Finds out why `path` cannot be reached. `link_target` tells where a link leads, `exists` whether
/// something is there, links followed.
pub fn why_missing(
    path: &Path,
    system: System,
    link_target: impl Fn(&Path) -> Option<PathBuf>,
    exists: impl Fn(&Path) -> bool,
) -> Missing {
    for ancestor in path.ancestors() {
        if let Some(target) = link_target(ancestor)
            && !exists(ancestor)
        {
            let target = ancestor
                .parent()
                .map_or(target.clone(), |parent| parent.join(&target));
            return Missing::DanglingLink {
                link: ancestor.to_owned(),
                target,
            };
        }
    }
    match volume_of(path, system) {
        Some(volume) if !exists(&volume) => Missing::VolumeAway { volume },
        _ => Missing::NotThere,
    }
}

/// The folder under which the system shows the removable or second disk that `path` is on.
fn volume_of(path: &Path, system: System) -> Option<PathBuf> {
    let parts: Vec<_> = path.components().collect();
    let name = |level: usize| parts.get(level).and_then(|part| part.as_os_str().to_str());
    let depth = match (system, name(1)) {
        (System::Windows, _) => {
            let text = path.to_str()?;
            let mut letters = text.chars();
            let drive = letters.next()?.is_ascii_alphabetic() && letters.next() == Some(':');
            return drive.then(|| PathBuf::from(format!("{}\\", &text[..2])));
        }
        (System::Mac, Some("Volumes")) => 3,
        (System::Other, Some("mnt")) => 3,
        (System::Other, Some("media")) => 4,
        (System::Other, Some("run")) if name(2) == Some("media") => 5,
        _ => return None,
    };
    (parts.len() >= depth).then(|| parts[..depth].iter().collect())
}

impl Missing {
    /// One sentence that says which it is.
    pub fn message(&self, path: &Path) -> String {
        match self {
            Missing::DanglingLink { link, target } => format!(
                "{} is not there: {} is a link to it. Is the disk connected?",
                target.display(),
                link.display()
            ),
            Missing::VolumeAway { volume } => format!(
                "{} is not there: nothing is at {}. Is the disk connected?",
                path.display(),
                volume.display()
            ),
            Missing::NotThere => format!("{} does not exist", path.display()),
        }
    }
}

/// What to say where no backup was found under a path; `thrown_away`: those that lie in a trash or a snapshot
/// there.
pub fn none_found(path: &Path, system: System, thrown_away: &[&(PathBuf, BesideKind)]) -> String {
    format!(
        "No backup under {} (looked three levels down). {}{}; iCloud backups are not on this computer.",
        path.display(),
        in_a_trash(thrown_away),
        kept_in(system)
    )
}

/// A sentence on backups in a trash or a snapshot, which are not judged; nothing where there are none.
fn in_a_trash(backups: &[&(PathBuf, BesideKind)]) -> String {
    /// How many of them are named.
    const NAMED: usize = 2;
    let [(first, _), rest @ ..] = backups else {
        return String::new();
    };
    let has = |wanted| backups.iter().any(|backup| backup.1 == wanted);
    let place = match (has(BesideKind::Trash), has(BesideKind::Snapshot)) {
        (true, true) => "a trash or a snapshot",
        (false, true) => "a snapshot",
        _ => "a trash",
    };
    if rest.is_empty() {
        let shown = first.display();
        return format!("One lies in {place} there: {shown}; name it to have it judged. ");
    }
    let shown = backups.iter().take(NAMED);
    let shown: Vec<String> = shown.map(|backup| backup.0.display().to_string()).collect();
    let more = match backups.len() - shown.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "{} lie in {place} there: {}{more}; name one to have it judged. ",
        backups.len(),
        shown.join(", ")
    )
}

/// What to say of a file where a folder belongs.
pub fn no_folder(path: &Path) -> String {
    format!(
        "{} is a file and not a folder; if it is an alias that Finder made, bkscan cannot follow it. Name \
         the folder that holds the backups",
        path.display()
    )
}

/// What to say of a folder that is named after a device and has nothing in it.
pub fn empty(path: &Path) -> String {
    format!(
        "{} is named after a device, but is empty: there is no backup in it",
        path.display()
    )
}

/// What to say of a link beside backups; `target`: where it leads, if nothing is there.
pub fn not_followed(link: &Path, target: Option<&Path>) -> String {
    let shown = link.display();
    match target {
        Some(target) => format!(
            "{shown} is a link to {}, which is not there. Is its disk connected?",
            target.display()
        ),
        None => {
            format!("{shown} is a link and was not followed; name its target to have it looked at")
        }
    }
}

fn kept_in(system: System) -> &'static str {
    match system {
        System::Windows => {
            "iTunes keeps them in %APPDATA%\\Apple Computer\\MobileSync\\Backup, the Apple Devices \
             app in %USERPROFILE%\\Apple\\MobileSync\\Backup"
        }
        System::Mac | System::Other => {
            "Finder keeps them in ~/Library/Application Support/MobileSync/Backup"
        }
    }
}

/// What to say where no path was given and the system has no place of its own. `wanted` is what to name,
/// with the call that does.
pub fn name_a_path(wanted: &str) -> String {
    format!(
        "{wanted}\n\
         This system has no place of its own for them; idevicebackup2 and pymobiledevice3 keep them \
         in the folder they are given. On a Mac's disk it is \
         Users/<name>/Library/Application Support/MobileSync/Backup."
    )
}

/// What to say where the system did not let us look. On macOS, "Operation not permitted" is its
/// privacy protection (F§2.3); anything else is the folder's own permissions.
pub fn not_permitted(system: System, path: &str, privacy: bool, terminal: &str) -> String {
    if system == System::Mac && privacy {
        return format!(
            r#"macOS does not let {terminal} look into
        {path}
        (Operation not permitted). This says nothing about your backups.

Allow it once:
  1. open "x-apple.systempreferences:com.apple.preference.security?Privacy_AllFiles"
     (System Settings > Privacy & Security > Full Disk Access)
  2. Switch {terminal} on; if it is not in the list, add it with "+".
  3. Quit {terminal} (Command-Q), open it again, repeat the command.
sudo does not help. A job started by launchd or cron needs this for itself:
see bkscan schedule launchd"#,
        );
    }
    format!(
        "{path} could not be opened: permission denied. This says nothing about your backups; run \
         bkscan as a user who may read that folder."
    )
}

/// The name of the terminal program, as System Settings lists it, from `TERM_PROGRAM`.
pub fn terminal_name(term_program: Option<&str>) -> &str {
    match term_program {
        Some("Apple_Terminal") => "Terminal",
        Some("iTerm.app") => "iTerm",
        Some("vscode") => "Visual Studio Code",
        Some("WezTerm") => "WezTerm",
        Some("ghostty") => "Ghostty",
        _ => "your terminal program",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(name: &str) -> Option<OsString> {
        match name {
            "HOME" => Some("/Users/anna".into()),
            "APPDATA" => Some("A".into()),
            "USERPROFILE" => Some("U".into()),
            _ => None,
        }
    }

    #[test]
    fn each_system_has_its_places() {
        assert_eq!(
            default_places(System::Mac, env),
            [Path::new(
                "/Users/anna/Library/Application Support/MobileSync"
            )]
        );
        assert_eq!(
            default_places(System::Windows, env),
            [
                ["A", "Apple Computer", "MobileSync"]
                    .iter()
                    .collect::<PathBuf>(),
                ["U", "Apple", "MobileSync"].iter().collect::<PathBuf>(),
            ]
        );
        assert!(default_places(System::Other, env).is_empty());
        assert!(default_places(System::Mac, |_| None).is_empty());
    }

    #[test]
    fn a_missing_path_says_which_kind_it_is() {
        let path = Path::new("/Users/anna/MobileSync/Backup/0000");
        let nowhere = why_missing(path, System::Mac, |_| None, |_| false);
        assert_eq!(nowhere, Missing::NotThere);
        assert_eq!(
            nowhere.message(path),
            "/Users/anna/MobileSync/Backup/0000 does not exist"
        );

        let link = Path::new("/Users/anna/MobileSync/Backup");
        let dangling = why_missing(
            path,
            System::Mac,
            |asked| (asked == link).then(|| PathBuf::from("/Volumes/Backup")),
            |_| false,
        );
        assert_eq!(
            dangling.message(path),
            "/Volumes/Backup is not there: /Users/anna/MobileSync/Backup is a link to it. \
             Is the disk connected?"
        );

        for (system, path, volume) in [
            (System::Mac, "/Volumes/Disk/Backup", "/Volumes/Disk"),
            (System::Other, "/mnt/disk/Backup", "/mnt/disk"),
            (System::Other, "/media/anna/disk", "/media/anna/disk"),
            (
                System::Other,
                "/run/media/anna/disk/x",
                "/run/media/anna/disk",
            ),
        ] {
            let away = why_missing(Path::new(path), system, |_| None, |_| false);
            assert_eq!(
                away,
                Missing::VolumeAway {
                    volume: PathBuf::from(volume)
                }
            );
            let there = why_missing(Path::new(path), system, |_| None, |_| true);
            assert_eq!(there, Missing::NotThere);
        }
        let drive = why_missing(
            Path::new("E:\\Backup"),
            System::Windows,
            |_| None,
            |_| false,
        );
        assert_eq!(
            drive,
            Missing::VolumeAway {
                volume: PathBuf::from("E:\\")
            }
        );
    }

    #[test]
    fn only_the_privacy_protection_of_macos_asks_for_full_disk_access() {
        let path = "/Users/anna/MobileSync/Backup";
        let screen = not_permitted(System::Mac, path, true, "Terminal");
        assert!(
            screen.starts_with("macOS does not let Terminal look into\n"),
            "{screen}"
        );
        assert!(screen.contains("Full Disk Access"), "{screen}");
        for (system, privacy) in [(System::Mac, false), (System::Other, true)] {
            let text = not_permitted(system, path, privacy, "Terminal");
            assert!(text.contains("permission denied"), "{text}");
            assert!(!text.contains("Full Disk Access"), "{text}");
        }
    }

    #[test]
    fn backups_in_a_trash_or_a_snapshot_are_told_of_where_there_are_no_others() {
        use BesideKind::{Snapshot, Trash};
        let told = |backups: &[(&str, BesideKind)]| {
            let backups: Vec<_> = (backups.iter())
                .map(|(path, kind)| (PathBuf::from(path), *kind))
                .collect();
            let backups: Vec<_> = backups.iter().collect();
            let text = none_found(Path::new("nas"), System::Mac, &backups);
            let (_, rest) = text.split_once("(looked three levels down). ").unwrap();
            rest.split("Finder keeps them").next().unwrap().to_owned()
        };
        assert_eq!(told(&[]), "");
        assert_eq!(
            told(&[("nas/#recycle/a", Trash)]),
            "One lies in a trash there: nas/#recycle/a; name it to have it judged. "
        );
        assert_eq!(
            told(&[("nas/.zfs/a", Snapshot), ("nas/.zfs/b", Snapshot)]),
            "2 lie in a snapshot there: nas/.zfs/a, nas/.zfs/b; name one to have it judged. "
        );
        let several = ["nas/#recycle/a", "nas/#recycle/b", "nas/#recycle/c"];
        let mut several: Vec<_> = several.iter().map(|path| (*path, Trash)).collect();
        several.push(("nas/.zfs/a", Snapshot));
        assert_eq!(
            told(&several),
            "4 lie in a trash or a snapshot there: nas/#recycle/a, nas/#recycle/b and 2 more; name one \
             to have it judged. "
        );
    }
}
