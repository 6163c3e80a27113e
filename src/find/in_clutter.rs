//! Backups that lie in clutter. What systems and network volumes leave there is named as the files beside it, so
//! more is asked of a folder than elsewhere in a backup.

use std::path::Path;

use crate::facts::names;
use crate::model::Udid;
use crate::system::Kind;

use super::listing::list;
use super::payloads_alone::{MANY_PAYLOADS, has_payloads};

/// Whether a folder that lies in clutter is a backup all the same: it has two of the metadata files or many
/// payloads, or is named after a device and has any of them. Only files count: Synology's `@eaDir` has a folder
/// for each file beside it. The folder that is clutter by its own name is never one: `.AppleDouble` has a file
/// for each file beside it.
pub(crate) fn is_backup_in_clutter(dir: &Path) -> bool {
    let name = dir.file_name().unwrap_or_default();
    if names::is_clutter_folder(name) {
        return false;
    }
    let (entries, _) = list(dir);
    let is_metadata = |name: &str| names::is_metadata(names::in_place_of(name).unwrap_or(name));
    let metadata = entries
        .iter()
        .filter(|entry| entry.kind == Kind::File && entry.name.to_str().is_some_and(is_metadata))
        .count();
    let of_device = Udid::from_folder_name(&name.to_string_lossy()).is_some();
    let (files, payloads) = match of_device {
        true => (1, 1),
        false => (2, MANY_PAYLOADS),
    };
    metadata >= files || has_payloads(dir, &entries, payloads, of_device)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const DEVICE: &str = "00008120-001122334455667A";

    fn payload(number: usize) -> String {
        format!("{number:02x}{number:038x}")
    }

    /// Whether a folder with these files is a backup in clutter.
    fn is_backup(at: &str, files: &[String]) -> bool {
        let world = tempfile::tempdir().unwrap();
        let dir = world.path().join(at);
        for file in files {
            let path = dir.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        is_backup_in_clutter(&dir)
    }

    fn shards(count: usize) -> Vec<String> {
        let in_shard = |number| format!("{number:02x}/{}", payload(number));
        (0..count).map(in_shard).collect()
    }

    #[test]
    fn a_backup_in_clutter_has_files_of_its_own() {
        let two = ["Info.plist", "Manifest.db"].map(str::to_owned);
        let flat: Vec<_> = (0..16).map(payload).collect();
        assert!(is_backup("@eaDir/old", &two));
        assert!(is_backup("@eaDir/old", &shards(16)));
        assert!(is_backup(&format!("@eaDir/{DEVICE}"), &two[..1]));
        assert!(is_backup(&format!("@eaDir/{DEVICE}"), &shards(1)));
        assert!(is_backup(&format!("@eaDir/{DEVICE}"), &flat));
    }

    #[test]
    fn what_is_named_as_the_files_beside_is_none() {
        let two = ["Info.plist", "Manifest.db"].map(str::to_owned);
        let flat: Vec<_> = (0..16).map(payload).collect();
        let thumbnails = |name: &String| format!("{name}/SYNOPHOTO_THUMB_S.jpg");
        for at in [".AppleDouble", "@eaDir", ".AppleDouble/x/.AppleDouble"] {
            assert!(!is_backup(at, &two), "{at}");
            assert!(!is_backup(at, &flat), "{at}");
        }
        let device = format!("@eaDir/{DEVICE}");
        for at in ["@eaDir/old", device.as_str()] {
            for files in [&two[..], &flat, &shards(16)] {
                let inside: Vec<_> = files.iter().map(thumbnails).collect();
                assert!(!is_backup(at, &inside), "{at}");
            }
            assert!(!is_backup(at, &["SYNOINDEX_MEDIA_INFO".to_owned()]), "{at}");
        }
        assert!(!is_backup("@eaDir/old", &two[..1]));
        assert!(!is_backup("@eaDir/old", &shards(15)));
        assert!(!is_backup("@eaDir/old", &flat));
    }
}
