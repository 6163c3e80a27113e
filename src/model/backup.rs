//! What the three property lists of a backup say, and how far they could be read.

use std::fmt;
use std::path::PathBuf;
use std::time::SystemTime;

use jiff::Timestamp;

use super::keybag::{Keybag, WrappedKey};
use super::manifest::ManifestFormat;

/// A device's unique identifier, in the spelling Apple uses for backup folders: 40 lower-case hex
/// digits, or since the A12 chip 8 and 16 upper-case hex digits with a dash (F§2.1).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Udid(String);

impl Udid {
    /// Reads either form, in any case; anything else is not a UDID.
    pub fn parse(text: &str) -> Option<Udid> {
        let hex = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
        match (text.len(), text.split_once('-')) {
            (40, None) if hex(text) => Some(Udid(text.to_ascii_lowercase())),
            (25, Some((chip, device))) if chip.len() == 8 && hex(chip) && hex(device) => {
                Some(Udid(text.to_ascii_uppercase()))
            }
            _ => None,
        }
    }

    /// What a backup folder's name says: the UDID, and whether the name is that of an archived
    /// copy, `<UDID>-YYYYMMDD-HHMMSS` (F§2.1).
    pub fn from_folder_name(name: &str) -> Option<(Udid, bool)> {
        if let Some(udid) = Udid::parse(name) {
            return Some((udid, false));
        }
        let digits =
            |part: &str, len| part.len() == len && part.bytes().all(|byte| byte.is_ascii_digit());
        let (rest, time) = name.rsplit_once('-')?;
        let (udid, day) = rest.rsplit_once('-')?;
        let udid = Udid::parse(udid)?;
        (digits(day, 8) && digits(time, 6)).then_some((udid, true))
    }

    /// A word that stands for an identifier that must not be shown.
    pub fn stand_in(word: &str) -> Udid {
        Udid(word.to_owned())
    }

    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Udid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A property list as it was found. Reading never fails: each way of not having it is a case here.
#[derive(Clone, Debug)]
pub enum PlistFile<T> {
    /// There is no such file.
    Absent,
    /// The file is there and has 0 bytes.
    Empty,
    /// It is there and is not a property list with a dictionary at its top; says why.
    Unreadable(String),
    /// Beyond what our reader can take, which says nothing about the file; says why.
    BeyondReader(String),
    /// Opening or reading it failed (permission, I/O); says why.
    Denied(String),
    /// It was read.
    Read(T),
}

impl<T> PlistFile<T> {
    /// The contents, where they could be read.
    pub fn value(&self) -> Option<&T> {
        match self {
            PlistFile::Read(value) => Some(value),
            _ => None,
        }
    }

    /// Whether the file is there and not empty, readable or not.
    pub fn is_there(&self) -> bool {
        !matches!(self, PlistFile::Absent | PlistFile::Empty)
    }

    /// The same state with other contents.
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> PlistFile<U> {
        match self {
            PlistFile::Absent => PlistFile::Absent,
            PlistFile::Empty => PlistFile::Empty,
            PlistFile::Unreadable(why) => PlistFile::Unreadable(why),
            PlistFile::BeyondReader(why) => PlistFile::BeyondReader(why),
            PlistFile::Denied(why) => PlistFile::Denied(why),
            PlistFile::Read(value) => PlistFile::Read(convert(value)),
        }
    }
}

/// Info.plist: what the host wrote about the device (F§4). Every key may be absent.
#[derive(Clone, Debug, Default)]
pub struct Info {
    /// Whether the dictionary has no key at all: one of the marks of crafted backups (F§12).
    pub is_empty: bool,
    /// `Device Name`, else `Display Name`.
    pub device_name: Option<String>,
    /// `Product Type`, such as `iPhone16,1`.
    pub product_type: Option<String>,
    /// `Product Name`, such as `iPhone 15 Pro`; some hosts do not write it.
    pub product_name: Option<String>,
    /// `Product Version`: the iOS version.
    pub ios_version: Option<String>,
    /// `Build Version`.
    pub build_version: Option<String>,
    /// `Serial Number`.
    pub serial_number: Option<String>,
    /// `Unique Identifier`.
    pub udid: Option<Udid>,
    /// `Target Type`; `Device` in every backup of a device.
    pub target_type: Option<String>,
    /// The apps that `Installed Applications` and `Applications` name.
    pub apps: Vec<App>,
    /// `Last Backup Date`: when a run began or ended, depending on the host (F§4.3).
    pub last_backup: Option<Timestamp>,
}

/// An app that was installed when the backup was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// Its bundle identifier.
    pub id: String,
    /// Its name in the store, where the host kept it.
    pub name: Option<String>,
}

/// Status.plist: how far the last run came (F§6).
#[derive(Clone, Debug, Default)]
pub struct Status {
    /// `Version`, such as `3.3`.
    pub version: Option<String>,
    /// `BackupState`: `empty`, `old` or `new`.
    pub backup_state: Option<String>,
    /// `SnapshotState`: `uploading`, `moving`, `removing` or `finished`.
    pub snapshot_state: Option<String>,
    /// `UUID`: new for each run (F§6.1).
    pub uuid: Option<String>,
    /// `Date`: when the device wrote the status last.
    pub date: Option<Timestamp>,
}

impl Status {
    /// Whether the device said that the run came to its end.
    pub fn is_finished(&self) -> bool {
        self.snapshot_state.as_deref() == Some("finished")
    }
}

/// Manifest.plist: what the device wrote about the backup as a whole (F§5).
#[derive(Clone, Debug, Default)]
pub struct ManifestPlist {
    /// `Date`: when the snapshot was taken.
    pub date: Option<Timestamp>,
    /// `IsEncrypted`.
    pub is_encrypted: Option<bool>,
    /// `ManifestKey`, where there is one, or its length where it is not 44 bytes; 0 where it is not
    /// data. Only encrypted backups since iOS 10.2 have it.
    pub manifest_key: Option<Result<WrappedKey, usize>>,
    /// `BackupKeyBag`, as far as it can be parsed.
    pub keybag: KeybagState,
    /// `Lockdown`: the device, in its own words.
    pub lockdown: Lockdown,
}

impl ManifestPlist {
    /// The encryption decision of F§5: a `ManifestKey`, or `IsEncrypted`.
    pub fn encrypted(&self) -> bool {
        self.manifest_key.is_some() || self.is_encrypted == Some(true)
    }
}

/// What became of parsing `BackupKeyBag` (F§11.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum KeybagState {
    /// There is none.
    #[default]
    Absent,
    /// A sequence of tags with at least one class key.
    Sound(Keybag),
    /// Not one; says why.
    Malformed(String),
}

/// Manifest.plist's `Lockdown` dictionary.
#[derive(Clone, Debug, Default)]
pub struct Lockdown {
    /// Whether the dictionary is there and has no key: the mark of crafted backups (F§12).
    pub is_empty: bool,
    /// `DeviceName`.
    pub device_name: Option<String>,
    /// `ProductType`.
    pub product_type: Option<String>,
    /// `ProductVersion`.
    pub ios_version: Option<String>,
    /// `BuildVersion`.
    pub build_version: Option<String>,
    /// `SerialNumber`.
    pub serial_number: Option<String>,
    /// `UniqueDeviceID`.
    pub udid: Option<Udid>,
}

/// Size, modification time and inode of a metadata file: what tells that it changed meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileStamp {
    /// The file, relative to the backup.
    pub name: &'static str,
    /// Its size in bytes.
    pub size: u64,
    /// When it was modified, where the system tells.
    pub modified: Option<SystemTime>,
    /// Its inode or file index, where the system tells.
    pub inode: Option<u64>,
}

/// A backup's metadata: the three property lists and which manifest there is.
#[derive(Clone, Debug)]
pub struct Metadata {
    /// The backup's folder.
    pub folder: PathBuf,
    /// The UDID (F§2.1): where Info.plist and Manifest.plist agree, theirs; else from the folder's name,
    /// else Info.plist, else Manifest.plist.
    pub udid: Option<Udid>,
    /// Whether the places that name the device differ, the two lists among them: then nobody knows it.
    pub is_disputed: bool,
    /// The UDID that the folder's name carries.
    pub named_udid: Option<Udid>,
    /// Whether the folder's name is that of an archived copy.
    pub archived: bool,
    /// Whether `Snapshot/` counts before the top folder: a run stopped while files were moved from
    /// there into place (contract §4 rule 5).
    pub in_snapshot: bool,
    /// Info.plist.
    pub info: PlistFile<Info>,
    /// Status.plist.
    pub status: PlistFile<Status>,
    /// Manifest.plist; in state `moving` the one in `Snapshot/` where there is one (contract §4
    /// rule 5).
    pub manifest_plist: PlistFile<ManifestPlist>,
    /// The manifest that counts, relative to the backup, and its format; by rule 1 and rule 5.
    pub manifest_file: Option<(&'static str, ManifestFormat)>,
    /// Whether an mbdb lies under the name `Manifest.db`.
    pub is_misnamed: bool,
    /// The metadata files at the top of the folder that are not here, but kept in a cloud.
    pub in_cloud: Vec<&'static str>,
    /// When the manifest file was modified: the last resort for the backup's date.
    pub manifest_modified: Option<Timestamp>,
    /// Which of `Manifest.db-wal` and `-shm` lie beside the database.
    pub side_files: Vec<&'static str>,
    /// Metadata files that could not be looked at: file and cause.
    pub denied: Vec<(PathBuf, String)>,
    /// The stamps of all metadata files before they were read.
    pub stamps: Vec<FileStamp>,
}

impl Metadata {
    /// The device's name, from Info.plist or else from Manifest.plist.
    pub fn device_name(&self) -> Option<&str> {
        let info = self
            .info
            .value()
            .and_then(|info| info.device_name.as_deref());
        info.or_else(|| self.manifest_plist.value()?.lockdown.device_name.as_deref())
    }

    /// The keybag, where it can be parsed.
    pub fn keybag(&self) -> Option<&Keybag> {
        match &self.manifest_plist.value()?.keybag {
            KeybagState::Sound(keybag) => Some(keybag),
            _ => None,
        }
    }

    /// Whether the backup is encrypted; `None` where Manifest.plist does not tell.
    pub fn encrypted(&self) -> Option<bool> {
        self.manifest_plist.value().map(ManifestPlist::encrypted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn udids_of_both_forms_are_recognised_in_any_case() {
        let old = "1CB128EAFA77C5BE74283E9A3A2130AF36A3C059";
        assert_eq!(Udid::parse(old).unwrap().as_str(), old.to_lowercase());
        let new = "00008030-001122334455667a";
        assert_eq!(Udid::parse(new).unwrap().as_str(), new.to_uppercase());
        for other in [
            "",
            "iPhone",
            "0000803-0001122334455667A",
            "12345678-1234-1234-1234-123456789012",
            "zzzz28eafa77c5be74283e9a3a2130af36a3c059",
        ] {
            assert_eq!(Udid::parse(other), None, "{other}");
        }
    }

    #[test]
    fn archived_names_carry_the_udid() {
        let (udid, archived) =
            Udid::from_folder_name("00008030-001122334455667A-20260108-104514").unwrap();
        assert_eq!(udid.as_str(), "00008030-001122334455667A");
        assert!(archived);
        let (_, archived) = Udid::from_folder_name("00008030-001122334455667A").unwrap();
        assert!(!archived);
        assert_eq!(
            Udid::from_folder_name("00008030-001122334455667A-2026-104514"),
            None
        );
        assert_eq!(Udid::from_folder_name("Backup.old"), None);
    }
}
