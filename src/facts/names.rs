//! What entries of a folder are, by their names alone (F§2.2).

use std::ffi::OsStr;

use crate::model::{BesideKind, FileId, Udid};

/// How the name of a folder begins that is set aside to be removed (contract §9).
pub const ASIDE: &str = ".bkscan-removing-";

/// What a folder is called, before the device's identifier, in which a mended backup is being made.
pub const MENDING: &str = ".bkscan-mending-";

/// What the record beside a mended backup is called, behind the device's identifier.
pub const MENDED_RECORD: &str = ".mended.json";

/// The files of a backup that tell about it, at its top.
pub const METADATA: [&str; 5] = [
    "Info.plist",
    "Manifest.plist",
    "Status.plist",
    "Manifest.db",
    "Manifest.mbdb",
];

/// How long a fileID is, written out.
pub const FILE_ID_DIGITS: usize = 40;

/// What SQLite writes beside a database, by the end of its name.
const SIDE_FILES: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Clutter that is always called so (contract §4 rule 14).
const CLUTTER: [&str; 8] = [
    ".DS_Store",
    "Thumbs.db",
    "desktop.ini",
    "Icon\r",
    ".localized",
    ".apdisk",
    ".stfolder",
    "@eaDir",
];

/// How the names of other clutter begin: of macOS on foreign disks, and of files that are still open on
/// a network volume although they were removed.
const CLUTTER_BEGINS: [&str; 4] = ["._", ".nfs", ".fuse_hidden", ".smbdelete"];

/// Folders that are clutter with all that is in them; what is in `.AppleDouble` is named as the files
/// beside it.
const CLUTTER_FOLDERS: [&str; 7] = [
    "@eaDir",
    ".AppleDouble",
    ".@__thumb",
    ".AppleDB",
    ".AppleDesktop",
    ".TemporaryItems",
    ".stfolder",
];

/// Whether a file is the record that lies beside a mended backup.
pub fn is_mended_record(name: &str) -> bool {
    let udid = name.strip_suffix(MENDED_RECORD);
    udid.and_then(Udid::parse).is_some()
}

/// Whether a folder is called as that in which the system's software keeps backups (F§2), whatever its case.
pub fn is_backups_folder(name: &OsStr) -> bool {
    name.eq_ignore_ascii_case("Backup")
}

/// Clutter that operating systems, network volumes and programs that copy leave in every folder (F§2.2,
/// contract §4 rule 14). A folder of such a name is clutter only if [`is_clutter_folder`] says so.
pub fn is_clutter(name: &OsStr) -> bool {
    let bytes = name.as_encoded_bytes();
    let is = |known: &&str| bytes == known.as_bytes();
    CLUTTER.iter().chain(&CLUTTER_FOLDERS).any(is)
        || CLUTTER_BEGINS
            .iter()
            .any(|start| bytes.starts_with(start.as_bytes()))
        || is_conflict_copy(bytes)
        || is_unfinished_copy(bytes)
}

/// Whether a folder and all that is in it is clutter.
pub fn is_clutter_folder(name: &OsStr) -> bool {
    CLUTTER_FOLDERS
        .iter()
        .any(|known| name.as_encoded_bytes() == known.as_bytes())
}

/// What Syncthing keeps of a file that changed in two places: `NAME.sync-conflict-…`.
fn is_conflict_copy(name: &[u8]) -> bool {
    const MARK: &[u8] = b".sync-conflict";
    name.windows(MARK.len()).any(|part| part == MARK)
}

/// Whether a file of a backup is called so: a payload, or one that tells about it.
fn is_of_backup(name: &[u8]) -> bool {
    let mut metadata = METADATA.iter().flat_map(|known| {
        let sides = SIDE_FILES.iter().map(move |end| format!("{known}{end}"));
        sides.chain([(*known).to_owned()])
    });
    FileId::parse(name).is_some() || metadata.any(|known| known.as_bytes() == name)
}

/// A copy of a file of a backup that rsync did not finish, `.NAME.` and six letters or digits; the
/// placeholder of a file that is in a cloud looks alike and is none, and so may be a file of its owner.
fn is_unfinished_copy(name: &[u8]) -> bool {
    let Some((rest, end)) = name.split_last_chunk::<6>() else {
        return false;
    };
    let rest = rest
        .strip_prefix(b".")
        .and_then(|rest| rest.strip_suffix(b"."));
    rest.is_some_and(is_of_backup) && end.iter().all(u8::is_ascii_alphanumeric) && end != b"icloud"
}

/// The fileIDs that a file may have had before somebody gave it another name, from its path below the backup:
/// its first 64 bits. An unpacked one lies below its domain under its own path; others kept the fileID and got
/// an ending.
pub fn ids_of_renamed(path: &str) -> impl Iterator<Item = u64> {
    /// Deeper down no tool puts a domain.
    const LEVELS: usize = 3;
    let unpacked = ids_of_unpacked(path).take(LEVELS).map(|id| id.prefix());
    let name = path.rsplit('/').next().unwrap_or_default();
    let ending = name.as_bytes().split_at_checked(FILE_ID_DIGITS);
    let kept = ending.and_then(|(digits, ending)| {
        let is_ending = ending
            .first()
            .is_some_and(|byte| !byte.is_ascii_alphanumeric());
        FileId::parse(digits).filter(|_| is_ending)
    });
    unpacked.chain(kept.map(|id| id.prefix()))
}

/// The fileID of a file that another tool unpacked into a folder of its own, from its path below the backup; nothing
/// at the top.
pub fn id_of_unpacked(path: &str) -> Option<FileId> {
    // Below the tool's folder is the domain's; what lies in the tool's own has none.
    ids_of_unpacked(path).take(2).last()
}

/// The fileID that a file has where each folder on its path, from the top on, is its domain.
fn ids_of_unpacked(path: &str) -> impl Iterator<Item = FileId> {
    let mut below = path;
    std::iter::from_fn(move || {
        let (domain, rest) = below.split_once('/')?;
        below = rest;
        Some(FileId::of(domain.as_bytes(), rest.as_bytes()))
    })
}

/// What iCloud Drive leaves in place of a file that is not here: `.NAME.icloud`.
pub fn is_placeholder(name: &str) -> bool {
    in_place_of(name).is_some()
}

/// The name of the file that is not here, where this is such a placeholder.
pub fn in_place_of(name: &str) -> Option<&str> {
    let name = name.strip_prefix('.')?.strip_suffix(".icloud")?;
    (!name.is_empty()).then_some(name)
}

/// The name of the placeholder that iCloud Drive leaves for a file that is not here.
pub fn placeholder_of(name: &str) -> String {
    format!(".{name}.icloud")
}

/// One of the files that tell about a backup.
pub fn is_metadata(name: &str) -> bool {
    METADATA
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
}

/// A file that belongs at the top of a backup, payloads aside: its metadata with what SQLite writes beside
/// it and what tools write before it (F§3), and the index of iOS 4.
pub fn is_at_top(name: &str) -> bool {
    let of_metadata = |end: &str| name.strip_suffix(end).is_some_and(is_metadata);
    is_metadata(name)
        || SIDE_FILES.into_iter().any(of_metadata)
        || of_metadata(".tmp")
        || name == ".mdwritten"
        || name.eq_ignore_ascii_case("Manifest.mbdx")
}

/// Whether a file is rewritten by whoever looks at a backup or shows it: Info.plist, and what SQLite writes
/// beside a database that is opened.
pub fn is_unsettled(name: &str) -> bool {
    name == "Info.plist" || name.ends_with("-wal") || name.ends_with("-shm")
}

/// Places that hold no backups of their own (contract §1): what lies there was thrown away, or is an
/// earlier state of what lies elsewhere.
const NO_PLACES: [(&str, BesideKind); 19] = [
    (".Trash", BesideKind::Trash),
    (".Trashes", BesideKind::Trash),
    ("$RECYCLE.BIN", BesideKind::Trash),
    ("RECYCLER", BesideKind::Trash),
    ("#recycle", BesideKind::Trash),
    ("@Recycle", BesideKind::Trash),
    (".sync", BesideKind::Trash),
    (".stversions", BesideKind::Trash),
    ("Trash", BesideKind::Trash),
    ("files_trashbin", BesideKind::Trash),
    (".dropbox.cache", BesideKind::Trash),
    ("lost+found", BesideKind::Trash),
    (".snapshot", BesideKind::Snapshot),
    (".snapshots", BesideKind::Snapshot),
    ("#snapshot", BesideKind::Snapshot),
    ("~snapshot", BesideKind::Snapshot),
    (".zfs", BesideKind::Snapshot),
    (".MobileBackups", BesideKind::Snapshot),
    ("Backups.backupdb", BesideKind::Snapshot),
];

/// How the trash of a user on a disk of Linux is called, before the user's number.
const USERS_TRASH: &str = ".Trash-";

/// What backups below a folder of this name are, where it is one that holds none of its own.
pub fn no_place(name: &OsStr) -> Option<BesideKind> {
    let name = name.to_str()?;
    let known = NO_PLACES
        .iter()
        .find(|(known, _)| name.eq_ignore_ascii_case(known));
    let is_users = name
        .get(..USERS_TRASH.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(USERS_TRASH));
    known
        .map(|(_, kind)| *kind)
        .or(is_users.then_some(BesideKind::Trash))
}

/// Whether a folder of a backup is none that another backup is looked for in: it belongs to the backup or is
/// a leftover.
pub fn is_own_folder(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| {
        name == "Snapshot" || companion(name).is_some() || shard_number(name).is_some()
    })
}

/// What the names in a folder within a backup say of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Inside {
    metadata: u32,
    has_manifest: bool,
    has_payloads: bool,
}

impl Inside {
    /// Takes one more name into account.
    pub fn add(&mut self, name: &str) {
        self.metadata += u32::from(is_metadata(name));
        self.has_manifest |= is_manifest(name);
        self.has_payloads |=
            shard_number(name).is_some() || FileId::parse(name.as_bytes()).is_some();
    }

    /// Whether the folder, which is called `name`, is a backup of its own: it has two of the metadata files,
    /// or is named after a device and has anything of a backup.
    pub fn is_backup(self, name: &str) -> bool {
        let has_any = self.metadata > 0 || self.has_payloads;
        self.metadata >= 2 || has_any && Udid::from_folder_name(name).is_some()
    }

    /// Whether a list of files lies in it.
    pub fn has_manifest(self) -> bool {
        self.has_manifest
    }
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
    } else if name.starts_with(MENDING) {
        Some(BesideKind::MendUnfinished)
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
        assert_eq!(
            companion(".bkscan-mending-x"),
            Some(BesideKind::MendUnfinished)
        );
        assert_eq!(companion("Backup.old"), None);
    }

    #[test]
    fn clutter_is_known_by_its_name() {
        for name in [
            ".DS_Store",
            "._0a1b",
            "Thumbs.db",
            "desktop.ini",
            "Icon\r",
            ".localized",
            ".apdisk",
            ".stfolder",
            "@eaDir",
            ".AppleDouble",
            ".@__thumb",
            ".AppleDB",
            ".AppleDesktop",
            ".TemporaryItems",
            ".nfs000000000012ab34",
            ".fuse_hidden0000001200000001",
            ".smbdelete1234",
            "Manifest.sync-conflict-20261101-101112-ABCDEFG.db",
            ".Manifest.db.aB3xY9",
        ] {
            assert!(is_clutter(name.as_ref()), "{name}");
        }
        for name in [
            "Manifest.db",
            "Icon",
            "DS_Store",
            "eaDir",
            ".Manifest.db.icloud",
            ".Manifest.db.aB3xY",
            ".Manifest.db.aB3xY90",
            ".Manifest.db.aB3x-9",
            "..aB3xY9",
            "Manifest.db.aB3xY9",
            ".aB3xY9",
            "nfs0001",
        ] {
            assert!(!is_clutter(name.as_ref()), "{name}");
        }
        assert!(is_clutter_folder("@eaDir".as_ref()));
        assert!(!is_clutter_folder(".DS_Store".as_ref()));
        assert!(!is_clutter_folder(".my.photos".as_ref()));
    }

    #[test]
    fn places_that_hold_no_backups_are_known_in_any_case() {
        use BesideKind::{Snapshot, Trash};
        for (name, kind) in [
            (".Trash", Trash),
            (".trashes", Trash),
            (".Trash-1000", Trash),
            (".TRASH-0", Trash),
            ("$Recycle.Bin", Trash),
            ("Recycler", Trash),
            ("#Recycle", Trash),
            ("@recycle", Trash),
            (".sync", Trash),
            (".stversions", Trash),
            ("trash", Trash),
            ("files_trashbin", Trash),
            (".dropbox.cache", Trash),
            ("lost+found", Trash),
            (".snapshot", Snapshot),
            (".snapshots", Snapshot),
            ("#snapshot", Snapshot),
            ("~SNAPSHOT", Snapshot),
            (".zfs", Snapshot),
            (".MobileBackups", Snapshot),
            ("backups.BackupDB", Snapshot),
        ] {
            assert_eq!(no_place(name.as_ref()), Some(kind), "{name}");
        }
        for name in [
            "Backup",
            "Snapshot",
            "snapshots",
            "recycle",
            ".Trash2",
            "Trash-1",
            "sync",
            "zfs",
            "",
        ] {
            assert_eq!(no_place(name.as_ref()), None, "{name}");
        }
    }

    #[test]
    fn a_backup_inside_another_has_two_metadata_files_or_is_named_after_a_device() {
        const UDID: &str = "00008130-000A1C2E3F40801E";
        let is_backup = |name: &str, names: &[&str]| {
            let mut inside = Inside::default();
            names.iter().for_each(|name| inside.add(name));
            inside.is_backup(name)
        };
        assert!(is_backup("old", &["Info.plist", "Manifest.db"]));
        assert!(!is_backup("old", &["Info.plist", "notes.txt"]));
        assert!(!is_backup("old", &["Manifest.db", "Manifest.db-wal", "0a"]));
        assert!(is_backup(UDID, &["Info.plist"]));
        assert!(is_backup(&format!("{UDID}-20240501-101112"), &["0a"]));
        assert!(!is_backup(UDID, &["notes.txt"]));
        assert!(!is_backup(UDID, &[]));
    }

    #[test]
    fn what_belongs_at_the_top_of_a_backup() {
        for name in [
            "Info.plist",
            "manifest.db",
            "Manifest.db-wal",
            "Manifest.db-journal",
            "Manifest.mbdx",
            "Manifest.plist.tmp",
            ".mdwritten",
        ] {
            assert!(is_at_top(name), "{name}");
        }
        for name in ["readme.txt", "readme.tmp", "x-wal", "Manifest.mbdx-wal"] {
            assert!(!is_at_top(name), "{name}");
        }
        assert!(is_placeholder(".Manifest.db.icloud"));
        for name in ["Manifest.db.icloud", ".icloud", "..icloud"] {
            assert!(!is_placeholder(name), "{name}");
        }
    }
}
