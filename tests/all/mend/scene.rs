//! A backup that is made, damaged and mended, and what must be left of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::list::{self, Row};
use crate::builder::sealed::{class_keys, decrypt, manifest_key, unpadded};
use crate::harness::{Ended as _, NOW, Run, program};
use crate::support::{
    BackupBuilder, Padding, empty_folder, encrypted, file_id, flat_payload_path, payload_path,
    tree_digest,
};

pub const UDID: &str = "00008130-000A1C2E3F40801E";
pub const PASSWORD: &str = "Gru\u{df} aus K\u{f6}ln";

/// A domain and a path in it.
pub type Name = (&'static str, &'static str);

/// Files that every scene has, besides the usual ones.
pub const PHOTO: Name = ("CameraRollDomain", "Media/DCIM/100APPLE/IMG_0104.JPG");
pub const VIDEO: Name = ("CameraRollDomain", "Media/DCIM/100APPLE/IMG_0105.MOV");
pub const NOTE: Name = ("AppDomain-net.example.app", "Documents/note.txt");
pub const DRAFT: Name = ("AppDomain-net.example.app", "Documents/draft.txt");
pub const SETTING: Name = ("HomeDomain", "Library/Preferences/net.example.plist");
pub const CHATS: Name = (
    "AppDomainGroup-group.net.whatsapp.WhatsApp.shared",
    "ChatStorage.sqlite",
);
/// Empty on the phone, too.
pub const LOCK: Name = ("HomeDomain", "Library/Calendar/.store.lock");

/// How the backup lists its files, and whether it is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Era {
    Open,
    Sealed,
    /// iOS 9.
    Old,
    OldSealed,
}

pub const ALL: &[Era] = &[Era::Open, Era::Sealed, Era::Old, Era::OldSealed];
pub const NEW: &[Era] = &[Era::Open, Era::Sealed];
pub const OLD: &[Era] = &[Era::Old, Era::OldSealed];
pub const OPEN: &[Era] = &[Era::Open, Era::Old];
pub const SEALED: &[Era] = &[Era::Sealed, Era::OldSealed];

impl Era {
    pub fn is_old(self) -> bool {
        OLD.contains(&self)
    }

    pub fn is_sealed(self) -> bool {
        SEALED.contains(&self)
    }

    pub fn password(self) -> Option<&'static str> {
        self.is_sealed().then_some(PASSWORD)
    }

    /// A builder of this era.
    pub fn of(self, builder: BackupBuilder) -> BackupBuilder {
        match self {
            Era::Open => builder,
            Era::Sealed => builder.encrypted_with(PASSWORD),
            Era::Old => builder.mbdb(),
            Era::OldSealed => builder.mbdb().encrypted_with(PASSWORD),
        }
    }
}

/// The usual rows of a device and the files above. Empty folders are left out for speed alone.
pub fn usual() -> BackupBuilder {
    BackupBuilder::new(UDID)
        .no_empty_shards()
        .file(PHOTO.0, PHOTO.1, &b"\xff\xd8 a photo \xff\xd9".repeat(200))
        .file(VIDEO.0, VIDEO.1, &b"a video ".repeat(500))
        .file(NOTE.0, NOTE.1, b"a note")
        .file(DRAFT.0, DRAFT.1, b"a draft")
        .file(SETTING.0, SETTING.1, b"a setting")
}

/// A backup, and what must be left of it when it is mended.
pub struct Scene {
    pub era: Era,
    folder: TempDir,
    pub backup: PathBuf,
    /// The rows that must be on the new list.
    pub rows: Vec<Row>,
    /// Domain, path and why.
    pub lost: BTreeSet<(String, String, String)>,
    pub repairs: BTreeSet<&'static str>,
    /// More words for the command line.
    pub options: Vec<&'static str>,
    /// What else must hold of the new one.
    pub also: Option<fn(&Path)>,
}

impl Scene {
    pub fn new(era: Era) -> Scene {
        Scene::of(era, usual())
    }

    /// Writes the backup, which must be a healthy one.
    pub fn of(era: Era, builder: BackupBuilder) -> Scene {
        let folder = empty_folder();
        let parent = folder.path().join("Backup");
        let backup = era.of(builder).write(&parent);
        let list = list::read(&backup, era.password()).expect("a healthy backup");
        Scene {
            era,
            folder,
            backup,
            rows: list.rows,
            lost: BTreeSet::new(),
            repairs: BTreeSet::new(),
            options: Vec::new(),
            also: None,
        }
    }

    /// Where the new one is to be.
    pub fn to(&self) -> PathBuf {
        self.folder.path().join("mended")
    }

    /// The folder that all is in.
    pub fn all(&self) -> &Path {
        self.folder.path()
    }

    /// The payload's place.
    pub fn place(&self, (domain, path): Name) -> PathBuf {
        match self.era.is_old() {
            true => flat_payload_path(&self.backup, domain, path),
            false => payload_path(&self.backup, domain, path),
        }
    }

    /// The row goes for this reason, and that is told.
    pub fn loses(&mut self, name: Name, reason: &str) {
        let count = self.rows.len();
        let is_it = |row: &Row| row.domain == name.0 && row.path == name.1;
        self.rows.retain(|row| !is_it(row));
        assert_eq!(self.rows.len() + 1, count, "{name:?}");
        let [domain, path, why] = [name.0, name.1, reason].map(str::to_owned);
        self.lost.insert((domain, path, why));
        self.repairs.insert("rows-removed");
    }

    /// This is told, too.
    pub fn repairs(&mut self, kind: &'static str) {
        self.repairs.insert(kind);
    }

    /// Takes away a file of the backup that is there.
    pub fn remove(&self, name: &str) {
        fs::remove_file(self.backup.join(name)).unwrap();
    }

    /// Puts these bytes there.
    pub fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.backup.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Changes Manifest.db as it is after decryption.
    pub fn edit_list(&self, edit: impl FnOnce(&mut Vec<u8>)) {
        let path = self.backup.join("Manifest.db");
        let mut bytes = fs::read(&path).unwrap();
        let Some(password) = self.era.password() else {
            edit(&mut bytes);
            return fs::write(path, bytes).unwrap();
        };
        let key = manifest_key(&self.backup, &class_keys(&self.backup, password)).unwrap();
        bytes = unpadded(decrypt(&key, &bytes));
        edit(&mut bytes);
        fs::write(path, encrypted(&key, &bytes, Padding::Pkcs7)).unwrap();
    }

    /// Runs `bkscan mend BACKUP --to DIR` with more arguments. Fails where the backup is another one than before.
    pub fn mend(&self, to: &Path, more: &[&str]) -> Run {
        let before = tree_digest(&self.backup);
        let mut command = self.command(to);
        let run: Run = command.args(more).ended().unwrap().into();
        assert_eq!(
            tree_digest(&self.backup),
            before,
            "it was changed: {run:#?}"
        );
        run
    }

    /// What a scan of its folder says.
    pub fn scan(&self, more: &[&str]) -> Value {
        let mut command = program();
        command.arg(&self.backup).args(["--json", "--now", NOW]);
        if let Some(password) = self.era.password() {
            command.env("BKSCAN_PASSWORD", password);
        }
        let run: Run = command.args(more).ended().unwrap().into();
        serde_json::from_str(&run.stdout).unwrap()
    }

    /// The command that mends it, as JSON.
    pub fn command(&self, to: &Path) -> Command {
        let mut command = program();
        command.arg("mend").arg(&self.backup).arg("--to").arg(to);
        command.args(["--json", "--now", NOW]).args(&self.options);
        if let Some(password) = self.era.password() {
            command.env("BKSCAN_PASSWORD", password);
        }
        command
    }
}

/// The id of a file by its name.
pub fn id(name: Name) -> String {
    file_id(name.0, name.1)
}
