//! Backups of some phones on one disk, by chance, and what is known of each of them.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

use crate::support::{BackupBuilder, Chance, Row};
use crate::support::{file_id, flat_payload_path, payload_path, timestamp};

use super::phone::{APP_FILE, APPS, DATABASES, Keepsake, Phone};

/// What opens the encrypted backups of these tests.
pub const PASSWORD: &str = "correct horse";

const UDIDS: [&str; 3] = [
    "00008130-000A1C2E3F40801E",
    "00008103-0012345678901234",
    "5c0ffee05c0ffee05c0ffee05c0ffee05c0ffee0",
];

/// How a backup is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seal {
    Open,
    /// By [`PASSWORD`].
    Password,
    /// By a password that nobody knows.
    Lost,
}

/// How far the run came that made a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    Finished,
    /// Stopped while it updated an earlier one, which is whole.
    Updating,
    Moving,
    CleaningUp,
    /// A first run that was stopped: without a list.
    NeverFinished,
    /// The same, before any file came.
    Barely,
    NoStatus,
    NoManifestPlist,
    /// Nothing but Info.plist.
    InfoOnly,
}

/// What lies on the disk of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload {
    Whole,
    Missing,
    Emptied,
    /// This many bytes of it.
    Cut(usize),
}

/// A keepsake in a backup.
#[derive(Clone, Debug)]
pub struct Stored {
    pub keepsake: Keepsake,
    pub payload: Payload,
}

/// A backup as it was made.
#[derive(Clone, Debug)]
pub struct Backup {
    pub phone: usize,
    pub udid: &'static str,
    /// Below the root of the world.
    pub folder: String,
    pub date: Timestamp,
    pub seal: Seal,
    pub mbdb: bool,
    pub run: Run,
    pub stored: Vec<Stored>,
    pub databases: Vec<usize>,
    pub apps: Vec<u64>,
    pub linked: bool,
}

impl Backup {
    pub fn is_encrypted(&self) -> bool {
        self.seal != Seal::Open
    }

    /// How long something of this length is on the disk.
    pub fn stored_length(&self, length: usize) -> usize {
        if self.is_encrypted() {
            (length / 16 + 1) * 16
        } else {
            length
        }
    }

    /// Where a payload lies.
    pub fn place(&self, root: &Path, domain: &str, path: &str) -> PathBuf {
        let folder = root.join(&self.folder);
        let place = if self.mbdb {
            flat_payload_path
        } else {
            payload_path
        };
        place(&folder, domain, path)
    }
}

impl Stored {
    pub fn id(&self) -> String {
        file_id(self.keepsake.domain, &self.keepsake.path)
    }

    /// The bytes that can still be had of it; `None` where there are none.
    pub fn bytes(&self) -> Option<&[u8]> {
        let bytes = &self.keepsake.bytes[..];
        match self.payload {
            Payload::Whole => Some(bytes),
            Payload::Cut(length) => Some(&bytes[..length]),
            Payload::Missing | Payload::Emptied => None,
        }
    }

    /// The length of its payload on the disk.
    pub fn length(&self, backup: &Backup) -> usize {
        match self.payload {
            Payload::Whole => backup.stored_length(self.keepsake.bytes.len()),
            Payload::Cut(length) => length,
            Payload::Missing | Payload::Emptied => 0,
        }
    }

    /// Whether it counts as a keepsake (contract §5).
    pub fn counts(&self, backup: &Backup) -> bool {
        let has_block = backup.is_encrypted() && self.keepsake.bytes.len() >= 16;
        self.length(backup) > if has_block { 16 } else { 0 }
    }
}

/// Some phones, each with its backups from the oldest to the newest.
pub fn backups(chance: &mut Chance) -> Vec<Backup> {
    let mut all = Vec::new();
    for phone in 0..*chance.pick(&[1, 1, 1, 2, 2, 3]) {
        of_phone(phone, chance, &mut all);
    }
    all
}

fn of_phone(phone: usize, chance: &mut Chance, all: &mut Vec<Backup>) {
    let udid = UDIDS[phone];
    let mut state = Phone::new(chance);
    let mut date = timestamp("2019-03-01T08:00:00Z") + hours(chance, 8_000);
    let mut seal = *chance.pick(&[Seal::Open, Seal::Open, Seal::Password, Seal::Lost]);
    let mut mbdb = chance.percent(15);
    let count = *chance.pick(&[1, 2, 2, 3, 3, 4, 5]);
    let newest = chance.percent(70).then(|| chance.below(count));
    for number in 0..count {
        let run = match chance.below(30) {
            0 => Run::Updating,
            1 => Run::Moving,
            2 => Run::CleaningUp,
            3 => Run::NeverFinished,
            4 => Run::Barely,
            5 => Run::NoStatus,
            6 => Run::NoManifestPlist,
            7 => Run::InfoOnly,
            _ => Run::Finished,
        };
        // In its usual place, archived, or wherever it was put.
        let other = (newest != Some(number)).then(|| chance.below(6));
        let mut folder = match other {
            None => format!("Backup/{udid}"),
            Some(0) => format!("Backup/{udid}-{}", date.strftime("%Y%m%d-%H%M%S")),
            Some(1 | 2) => format!("Backup/{udid}.{number}"),
            Some(3) => format!("Backup/phone {phone}, {number}"),
            Some(4) => format!("Second/Backup/{udid}_{number}"),
            Some(_) => format!("kept {phone} {number}"),
        };
        // Two of one moment would be archived under one name.
        if all.iter().any(|other| other.folder == folder) {
            folder = format!("{folder}-{number}");
        }
        let mut backup = Backup {
            phone,
            udid,
            folder,
            date,
            seal,
            mbdb,
            run,
            stored: Vec::new(),
            databases: state.databases.clone(),
            apps: state.apps.clone(),
            linked: chance.percent(20),
        };
        backup.stored = stored(&state, &backup, chance);
        all.push(backup);
        state.live(chance);
        // Now and then two of one moment.
        if chance.percent(94) {
            date += hours(chance, 4_000);
        }
        if chance.percent(10) {
            seal = *chance.pick(&[Seal::Open, Seal::Password, Seal::Password, Seal::Lost]);
        }
        mbdb &= chance.percent(60);
    }
}

fn hours(chance: &mut Chance, most: usize) -> SignedDuration {
    SignedDuration::from_hours(i64::try_from(chance.between(1, most)).unwrap())
}

/// What becomes of the keepsakes on the disk: mostly nothing.
fn stored(state: &Phone, backup: &Backup, chance: &mut Chance) -> Vec<Stored> {
    // What happens, and to how many of 100 files.
    let (trouble, share) = match backup.run {
        Run::NoStatus | Run::NoManifestPlist => (Payload::Missing, *chance.pick(&[0, 40, 80, 100])),
        _ => match chance.below(16) {
            0 => (Payload::Missing, 20),
            1 => (Payload::Emptied, 40),
            2..=4 => (Payload::Cut(0), 50),
            _ => (Payload::Whole, 0),
        },
    };
    let of = |keepsake: &Keepsake| {
        let length = backup.stored_length(keepsake.bytes.len());
        let payload = match trouble {
            _ if !chance.percent(share) => Payload::Whole,
            // Never in the middle of a block: that is another matter.
            Payload::Cut(_) if length > 32 => Payload::Cut(length / 32 * 16),
            Payload::Cut(_) => Payload::Whole,
            trouble => trouble,
        };
        let keepsake = keepsake.clone();
        Stored { keepsake, payload }
    };
    state.keepsakes.iter().map(of).collect()
}

/// Puts them on the disk.
pub fn write(root: &Path, backups: &[Backup]) {
    for (at, backup) in backups.iter().enumerate() {
        let folder = root.join(&backup.folder);
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let parent = folder.parent().unwrap();
        builder(backup).folder_name(&name).write(parent);
        if backup.run == Run::InfoOnly {
            only_info(&folder);
        }
        if backup.linked && at > 0 && backups[at - 1].phone == backup.phone {
            link(root, &backups[at - 1], backup);
        }
    }
}

fn builder(backup: &Backup) -> BackupBuilder {
    let date = backup.date.to_string();
    let builder = BackupBuilder::new(backup.udid).bare();
    let mut builder = builder.no_empty_shards().date(&date);
    if backup.mbdb {
        builder = builder.mbdb();
    }
    builder = match backup.seal {
        Seal::Open => builder,
        Seal::Password => builder.encrypted_with(PASSWORD),
        Seal::Lost => builder.encrypted(),
    };
    builder = match backup.run {
        Run::Finished | Run::InfoOnly => builder,
        Run::Updating => builder.snapshot_state("uploading"),
        Run::Moving => builder.snapshot_state("moving"),
        Run::CleaningUp => builder.snapshot_state("removing"),
        Run::NeverFinished | Run::Barely => {
            let builder = builder.snapshot_state("uploading").backup_state("empty");
            let list = if backup.mbdb {
                "Manifest.mbdb"
            } else {
                "Manifest.db"
            };
            builder.without(list).without("Manifest.plist")
        }
        Run::NoStatus => builder.without("Status.plist"),
        Run::NoManifestPlist => builder.without("Manifest.plist"),
    };
    if matches!(backup.run, Run::Barely | Run::InfoOnly) {
        return builder;
    }
    builder = builder.file("HomeDomain", "Library/Preferences/a.plist", b"settings");
    for (length, (domain, path)) in backup.databases.iter().zip(DATABASES) {
        if *length > 0 {
            builder = builder.file(domain, path, &vec![7; *length]);
        }
    }
    for (length, app) in backup.apps.iter().zip(APPS) {
        if *length > 0 {
            let domain = format!("AppDomain-{app}");
            let size = i64::try_from(*length).unwrap();
            let row = Row::file(&domain, APP_FILE, b"data").size(size);
            builder = builder.add(row).payload_length(&domain, APP_FILE, *length);
        }
    }
    for stored in &backup.stored {
        builder = add(builder, stored);
    }
    builder
}

fn add(builder: BackupBuilder, stored: &Stored) -> BackupBuilder {
    let kept = &stored.keepsake;
    let (domain, path) = (kept.domain, &kept.path);
    let row = Row::file(domain, path, &kept.bytes).born(kept.born);
    let builder = builder.add(row.modified(kept.modified));
    match stored.payload {
        Payload::Whole => builder,
        Payload::Missing => builder.remove_payload(domain, path),
        Payload::Emptied => builder.payload_length(domain, path, 0),
        Payload::Cut(length) => builder.payload_length(domain, path, length as u64),
    }
}

fn only_info(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            fs::remove_dir_all(&path).unwrap();
        } else if path.file_name().unwrap() != "Info.plist" {
            fs::remove_file(&path).unwrap();
        }
    }
}

/// Makes one file of two that are the same in both, as some programs do.
fn link(root: &Path, earlier: &Backup, later: &Backup) {
    for stored in &later.stored {
        let (domain, path) = (stored.keepsake.domain, &stored.keepsake.path);
        let [from, to] = [earlier, later].map(|backup| backup.place(root, domain, path));
        let same = matches!((fs::read(&from), fs::read(&to)), (Ok(from), Ok(to)) if from == to);
        if same {
            fs::remove_file(&to).unwrap();
            fs::hard_link(&from, &to).unwrap();
        }
    }
}
