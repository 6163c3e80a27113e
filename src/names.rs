//! What entries of a folder are, by their names alone (F§2.2).

use std::ffi::OsStr;

use crate::model::BesideKind;

/// How the name of a folder begins that is set aside to be removed (contract §9).
pub const ASIDE: &str = ".bkscan-removing-";

/// Clutter that operating systems leave in every folder.
pub fn is_clutter(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    let whole: [&[u8]; 3] = [b".DS_Store", b"Thumbs.db", b"desktop.ini"];
    name.starts_with(b"._") || whole.contains(&name)
}

/// Another tool's unpacked copy of a backup, or its undo store.
pub fn is_unpacked(name: &str) -> bool {
    name == "_unback_" || name == "_BackupExplorer" || name.ends_with(".unback")
}

/// A list of files that only a backup has.
pub fn is_manifest(name: &str) -> bool {
    ["Manifest.db", "Manifest.mbdb"].contains(&name)
}

/// Another tool's decrypted or saved copy of the manifest, at the top of a backup.
pub fn is_decrypted_manifest(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("manifest") && (name.contains("decrypted") || name.ends_with("db.bak"))
}

/// A payload of iOS 2 or 3 (F§12).
pub fn is_old_payload(name: &str) -> bool {
    [".mdinfo", ".mddata", ".mdbackup"]
        .iter()
        .any(|end| name.ends_with(end))
}

/// The number of a shard folder: two hex digits (F§8).
pub fn shard_number(name: &str) -> Option<u8> {
    let digits = name.len() == 2 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    digits.then(|| u8::from_str_radix(name, 16).ok()).flatten()
}

/// What lies beside backups, by its name and whatever is in it.
pub fn companion(name: &str) -> Option<BesideKind> {
    if name.starts_with(ASIDE) {
        Some(BesideKind::RemovalUnfinished)
    } else if name == "iMazing.Versions" {
        Some(BesideKind::ImazingVersions)
    } else if is_unpacked(name) {
        Some(BesideKind::Unpacked)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_things_are() {
        for name in [".DS_Store", "._0a1b", "Thumbs.db", "desktop.ini"] {
            assert!(is_clutter(name.as_ref()), "{name}");
        }
        assert!(!is_clutter("Manifest.db".as_ref()));
        for name in [
            "Manifest.db-decrypted",
            "Manifest.db.bak",
            "manifest_decrypted.db",
        ] {
            assert!(is_decrypted_manifest(name), "{name}");
        }
        for name in [
            "Manifest.db",
            "Manifest.db-wal",
            "Manifest.plist",
            "sms-decrypted.db",
        ] {
            assert!(!is_decrypted_manifest(name), "{name}");
        }
        assert_eq!(shard_number("0a"), Some(10));
        assert_eq!(shard_number("FF"), Some(255));
        for name in ["", "a", "+1", "0aa", "zz", "é"] {
            assert_eq!(shard_number(name), None, "{name}");
        }
        assert_eq!(
            companion("iMazing.Versions"),
            Some(BesideKind::ImazingVersions)
        );
        assert_eq!(companion("0000.unback"), Some(BesideKind::Unpacked));
        assert_eq!(
            companion(".bkscan-removing-x"),
            Some(BesideKind::RemovalUnfinished)
        );
        assert_eq!(companion("Backup.old"), None);
    }
}
