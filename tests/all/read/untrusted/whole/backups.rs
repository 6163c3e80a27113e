//! Backups of every era, as devices make them: what the changes begin with.

use std::path::Path;

use crate::support::{BackupBuilder, Chance, Row, damaged_database, database};

/// Opens those that can be opened.
pub const PASSWORD: &str = "Zwieback quokka 91";

const UDIDS: [&str; 2] = [
    "00008130-000A1C2E3F40801E",
    "9f2c1b7a6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f1a",
];

/// Where backups lie below the folder.
const PLACES: [&str; 4] = ["", "Backup", "MobileSync/Backup", "some where/else"];

const FILES: [(&str, &str); 8] = [
    ("CameraRollDomain", "Media/DCIM/100APPLE/IMG_0001.JPG"),
    ("CameraRollDomain", "Media/DCIM/100APPLE/IMG_0002.MOV"),
    ("CameraRollDomain", "Media/PhotoData/Photos.sqlite"),
    ("HomeDomain", "Library/SMS/sms.db"),
    ("MediaDomain", "Library/SMS/Attachments/0a/10/x/a.jpeg"),
    ("HomeDomain", "Library/Preferences/a.plist"),
    ("AppDomain-com.example.app", "Documents/b.bin"),
    (
        "AppDomainGroup-group.net.whatsapp.WhatsApp.shared",
        "ChatStorage.sqlite",
    ),
];

/// Makes one to three of them, mostly of one device.
pub fn write(chance: &mut Chance, root: &Path, done: &mut Vec<String>) {
    let place = root.join(chance.pick(&PLACES));
    std::fs::create_dir_all(&place).unwrap();
    for number in 0..chance.between(1, 3) {
        let udid = UDIDS[usize::from(chance.percent(20))];
        let folder = match chance.below(4) {
            0 => format!("{udid}-2024010{number}-120000"),
            1 => format!("backup {number}"),
            _ => udid.to_owned(),
        };
        if place.join(&folder).exists() {
            continue;
        }
        let (builder, era) = backup(chance, udid, number);
        let date = format!("2024-0{}-01T10:00:00Z", number + 3);
        done.push(format!("making {folder}: {era}"));
        builder.folder_name(&folder).date(&date).write(&place);
    }
}

fn backup(chance: &mut Chance, udid: &str, number: usize) -> (BackupBuilder, String) {
    let (mut builder, mut era) = sealed(chance, udid);
    if chance.percent(85) {
        builder = builder.no_empty_shards();
    }
    builder = with_files(chance, builder, number);
    if chance.percent(25) {
        let state = *chance.pick(&["moving", "uploading", "removing", "empty", "finished"]);
        let uploaded = with_files(chance, BackupBuilder::new(udid).bare(), number + 1);
        builder = builder.snapshot_state(state).snapshot(uploaded);
        era = format!("{era}, Snapshot in state {state}");
    }
    (builder, era)
}

/// A builder of one era, and how it is called.
fn sealed(chance: &mut Chance, udid: &str) -> (BackupBuilder, String) {
    let mut builder = BackupBuilder::new(udid);
    let usual = chance.percent(15);
    if !usual {
        builder = builder.bare();
    }
    let (builder, era) = match chance.below(9) {
        0 => (builder.mbdb(), "mbdb"),
        1 => (builder.mbdb().encrypted_with(PASSWORD), "mbdb, encrypted"),
        2 | 3 => (builder.encrypted_with(PASSWORD), "encrypted"),
        4 => (
            builder.encrypted_ios10_0_with(PASSWORD),
            "encrypted by iOS 10.0",
        ),
        5 => (builder.encrypted(), "encrypted, and nothing opens it"),
        _ => (builder, "Manifest.db"),
    };
    (builder, era.to_owned())
}

/// Adds files, of which most are the same in all backups.
fn with_files(chance: &mut Chance, mut builder: BackupBuilder, number: usize) -> BackupBuilder {
    for (domain, path) in FILES {
        if chance.percent(35) {
            continue;
        }
        let content = match path.rsplit('.').next() {
            Some("db" | "sqlite") if chance.percent(10) => damaged_database(),
            Some("db" | "sqlite") => database(),
            _ if chance.percent(85) => path.repeat(30).into_bytes(),
            _ => vec![u8::try_from(number).unwrap(); chance.below(5000)],
        };
        builder = builder.add(Row::file(domain, path, &content));
    }
    if chance.percent(20) {
        builder = builder.add(Row::directory("HomeDomain", "Library/folder"));
    }
    builder
}
