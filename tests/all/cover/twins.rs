//! Two backups of one device with the same date, the same rows and the same lengths: one of them stays,
//! and which of them is no accident (contract §5).
#![cfg(not(windows))]

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::scan;
use crate::support::{BackupBuilder, DigestForm, Row, empty_folder};

const PHONE: &str = "00008101-0004D5E6F7081920";

/// The photo of which no digest tells what its bytes should be.
const PHOTO: (&str, &str) = ("CameraRollDomain", "Media/DCIM/100APPLE/IMG_0001.JPG");

/// A backup with one photo.
fn phone() -> BackupBuilder {
    let photo = Row::file(PHOTO.0, PHOTO.1, &[7; 500]).digest(DigestForm::None);
    let phone = BackupBuilder::new(PHONE).bare().add(photo);
    phone.date("2026-05-20T19:04:00Z")
}

/// Writes a backup into a folder of the world, named so.
fn write(world: &TempDir, folder: &str, name: &str, backup: BackupBuilder) {
    let folder = world.path().join(folder);
    fs::create_dir_all(&folder).unwrap();
    backup.folder_name(name).write(&folder);
}

/// What becomes of this backup: each reason's code, the folder that stays and words; whether its owner decides.
fn fate(world: &TempDir, args: &[&str], place: &str) -> (Value, bool) {
    let document = scan(world.path(), args);
    let path = world.path().join(place);
    let path = path.to_str().unwrap();
    let mut backups = document["backups"].as_array().unwrap().iter();
    let backup = backups.find(|backup| backup["path"] == path).unwrap();
    assert_ne!(backup["decision"]["action"], "remove");
    let reasons = backup["decision"]["reasons"].as_array().unwrap();
    let told = reasons.iter().map(|reason| {
        let by = reason["by"].as_str().map(|by| {
            let by = Path::new(by).strip_prefix(world.path()).unwrap();
            by.to_str().unwrap()
        });
        let text = reason["text"].as_str().unwrap();
        let text = text.replace(world.path().to_str().unwrap(), "");
        json!([reason["code"], by, text])
    });
    let asked = &document["summary"]["on_request"]["backups"];
    let mut asked = asked.as_array().unwrap().iter();
    (told.collect(), asked.any(|asked| asked == path))
}

#[test]
fn the_one_in_its_own_place_stays() {
    let stays = (json!([["newest-good", null, "newest good backup"]]), false);
    let [backup, mobile] = ["", "MobileSync/"].map(|place| format!("{place}Backup/{PHONE}"));
    let [in_z, in_a] = ["z/Backup", "a"].map(|place| format!("{place}/{PHONE}"));
    for (own, other) in [
        (backup.as_str(), "Backup/a copy"),
        (&mobile, &backup),
        (&in_z, &in_a),
        ("a/one", "b/one"),
    ] {
        let world = empty_folder();
        for place in [own, other] {
            let (folder, name) = place.rsplit_once('/').unwrap();
            write(&world, folder, name, phone());
        }
        assert_eq!(fate(&world, &[], own), stays, "{own} and {other}");
        let goes = json!([["twin", own, format!("the same files and lengths as /{own}")]]);
        assert_eq!(fate(&world, &[], other), (goes, true), "{own} and {other}");
    }
}

/// Each differs from the other in one thing.
#[test]
fn what_differs_in_anything_is_no_twin() {
    let earlier = phone().date("2026-05-20T19:03:59Z");
    let more = Row::file("HomeDomain", "Library/Preferences/a.plist", &[1; 40]);
    let shorter = phone().payload_length(PHOTO.0, PHOTO.1, 499);
    let missing = phone().remove_payload(PHOTO.0, PHOTO.1);
    for (what, other, code) in [
        ("a second earlier", earlier, "superseded-by"),
        ("a row more", phone().add(more), "newest-good"),
        ("a payload that is shorter", shorter, "newest-good"),
        ("a payload that is missing", missing, "corrupt"),
    ] {
        let world = empty_folder();
        write(&world, "Backup", PHONE, phone());
        write(&world, "Backup", "other", other);
        let document = scan(world.path(), &[]);
        let backups = document["backups"].as_array().unwrap().iter();
        let codes = backups.map(|backup| &backup["decision"]["reasons"][0]["code"]);
        let codes: Vec<&Value> = codes.collect();
        assert_eq!(codes, ["newest-good", code], "{what}");
    }
}

#[test]
fn bytes_are_spoken_of_where_they_were_read() {
    let own = "Backup/00008101-0004D5E6F7081920";
    let same = "the same files and lengths as /Backup/00008101-0004D5E6F7081920";
    let read = "the same, byte for byte, as far as both were read, as \
                /Backup/00008101-0004D5E6F7081920";
    let other = "files of the same names and lengths as /Backup/00008101-0004D5E6F7081920, \
                 but not all of the same bytes";
    let altered = || phone().payload(PHOTO.0, PHOTO.1, vec![8; 500]);
    let contents = ["--level", "contents"];
    for (backup, args, expected) in [
        (phone(), &[][..], same),
        (phone(), &contents, read),
        (altered(), &[], same),
        (altered(), &contents, other),
    ] {
        let world = empty_folder();
        write(&world, "Backup", PHONE, phone());
        write(&world, "Backup", "other", backup);
        let goes = json!([["twin", own, expected]]);
        assert_eq!(fate(&world, args, "Backup/other"), (goes, true));
    }
}
