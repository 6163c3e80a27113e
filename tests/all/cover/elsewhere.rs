//! What lies in the folder of a backup and not where its list says (contract §5): it counts as what it is, and what
//! another tool unpacked goes no more than anything else.
#![cfg(not(windows))]

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Ended as _, NOW, Run, program};
use crate::support::{BackupBuilder, Row, empty_folder, file_id};

const PHONE: &str = "00008101-0004D5E6F7081920";
const CAMERA: &str = "CameraRollDomain";
const PHOTO: &str = "Media/DCIM/100APPLE/IMG_2003.JPG";
const PASSWORD: &str = "correct horse";
const MESSAGES: (&str, &str) = ("HomeDomain", "Library/SMS/sms.db");

/// A backup with a photo, and whatever else there is.
fn phone(date: &str) -> BackupBuilder {
    let phone = BackupBuilder::new(PHONE).date(date).bare();
    phone.file(CAMERA, "Media/DCIM/100APPLE/IMG_2001.JPG", &[1; 1001])
}

fn newer() -> BackupBuilder {
    phone("2026-05-20T19:04:00Z")
}

fn older() -> BackupBuilder {
    phone("2025-05-12T08:15:00Z").folder_name("before")
}

fn world_of(newer: BackupBuilder, older: BackupBuilder) -> TempDir {
    let world = empty_folder();
    fs::create_dir(world.path().join("Backup")).unwrap();
    for backup in [newer, older] {
        backup.write(&world.path().join("Backup"));
    }
    world
}

fn run(world: &TempDir, args: &[&str]) -> Run {
    let mut command = program();
    command.current_dir(world.path()).env("COLUMNS", "200");
    command.args(args);
    // What is deleted is judged by the real time.
    if !args.contains(&"--delete") {
        command.args(["--now", NOW]);
    }
    command.ended().unwrap().into()
}

fn json_of(world: &TempDir, args: &[&str]) -> Value {
    serde_json::from_str(&run(world, &[args, &["--json"]].concat()).stdout).unwrap()
}

/// What becomes of the older one: its action and the words of its reasons; and what `diff` answers.
fn fate(world: &TempDir) -> Value {
    let document = json_of(world, &["Backup"]);
    let mut backups = document["backups"].as_array().unwrap().iter();
    let is_before =
        |backup: &&Value| Path::new(backup["path"].as_str().unwrap()).ends_with("before");
    let decision = &backups.find(is_before).unwrap()["decision"];
    let reasons = decision["reasons"].as_array().unwrap().iter();
    let reasons: Vec<_> = reasons.map(|reason| reason["text"].clone()).collect();
    let diff = diff(world);
    json!([
        decision["action"],
        reasons,
        diff["exit_code"],
        diff["covers"]
    ])
}

fn diff(world: &TempDir) -> Value {
    diff_with(world, &[])
}

fn diff_with(world: &TempDir, args: &[&str]) -> Value {
    let newer = format!("Backup/{PHONE}");
    json_of(world, &[&["diff", "Backup/before", &newer], args].concat())
}

/// A backup with a payload that lies here; its row is of a kind that need not have one, so that it is complete.
fn astray(domain: &str, path: &str, content: &[u8], place: &str) -> BackupBuilder {
    let row = Row::file(domain, path, content).flags(17).no_payload();
    older().add(row).raw(place, content)
}

/// The places in which a payload can lie, and is not in its own.
fn places(id: &str) -> [String; 4] {
    [
        id.to_owned(),
        format!("00/{id}"),
        format!("Snapshot/{}/{id}", &id[..2]),
        format!("_unback_/{CAMERA}/{PHOTO}"),
    ]
}

#[test]
fn a_photo_that_is_not_in_its_place_is_a_photo() {
    let content = [3; 1003];
    let reason = "1 photo or video (1 kB) is only in it";
    let lost = json!(["keep", [reason], 1, false]);
    let held = json!(["remove", ["that of 20 May 2026 holds all of it"], 0, true]);
    for place in places(&file_id(CAMERA, PHOTO)) {
        let older = || astray(CAMERA, PHOTO, &content, &place);
        assert_eq!(fate(&world_of(newer(), older())), lost, "{place}");
        // It is told as nothing else.
        let told = diff(&world_of(newer(), older()));
        assert_eq!(told["not_compared"], json!([]), "{place}");
        let newer = || newer().file(CAMERA, PHOTO, &content);
        assert_eq!(fate(&world_of(newer(), older())), held, "{place}");
        // Of two in other places the longer one counts.
        let older = older().raw("01/cut", [0; 3]);
        assert_ne!(fate(&world_of(newer(), older)), held, "foreign");
    }
}

#[test]
fn in_the_one_that_stays_it_holds_nothing() {
    let older = || older().file(CAMERA, PHOTO, &[3; 1003]);
    let id = file_id(CAMERA, PHOTO);
    for place in places(&id) {
        let row = Row::file(CAMERA, PHOTO, &[3; 1003]).flags(17).no_payload();
        let newer = newer().add(row).raw(&place, [3; 1003]);
        let reason = "1 photo or video (1 kB) is only in it";
        let expected = json!(["keep", [reason], 1, false]);
        assert_eq!(fate(&world_of(newer, older())), expected, "{place}");
    }
}

/// The door reads it where it lies.
#[test]
fn what_is_not_in_its_place_is_compared_before_it_goes() {
    let id = file_id(CAMERA, PHOTO);
    let clean = ["clean", "Backup", "--delete", "--yes"];
    for place in &places(&id)[..3] {
        for (bytes, goes) in [([3; 1003], true), ([4; 1003], false)] {
            let newer = newer().file(CAMERA, PHOTO, &[3; 1003]);
            let older = astray(CAMERA, PHOTO, &bytes, place);
            let world = world_of(newer, older);
            let cleaned = run(&world, &clean);
            let is_there = world.path().join("Backup/before").exists();
            assert_eq!(is_there, !goes, "{place}: {cleaned:?}");
            let why = format!("{CAMERA} {PHOTO} has other bytes there");
            let said = cleaned.stdout.split_whitespace().collect::<Vec<_>>();
            assert_eq!(said.join(" ").contains(&why), !goes, "{place}: {cleaned:?}");
        }
    }
}

#[test]
fn a_database_that_is_not_in_its_place_is_a_database() {
    let (domain, path) = MESSAGES;
    let id = file_id(domain, path);
    let newer = || newer().file(domain, path, &[7; 16_384]);
    let of = |bytes: usize| astray(domain, path, &vec![7; bytes], &id);
    let lost = fate(&world_of(newer(), of(3_000_000)));
    let reason = "most of Messages is only in it";
    assert_eq!(lost, json!(["keep", [reason], 1, false]));
    let held = fate(&world_of(newer(), of(20_000)));
    assert_eq!(held[0], "remove");
    let told = diff(&world_of(newer(), of(20_000)));
    assert_eq!(
        told["databases"],
        json!([{ "name": "Messages", "held": true, "old_bytes": 20_000, "new_bytes": 16_384 }])
    );
}

/// WhatsApp had its chats in the folder of the app before apps had groups.
#[test]
fn chats_of_whatsapp_count_in_their_old_place_too() {
    let domain = "AppDomain-net.whatsapp.WhatsApp";
    let older = older().file(domain, "Documents/ChatStorage.sqlite", &[7; 900_000]);
    let reason = "WhatsApp is only in it";
    let expected = json!(["keep", [reason], 1, false]);
    assert_eq!(fate(&world_of(newer(), older)), expected);
}

/// It may be the only readable copy of an older state.
#[test]
fn what_another_tool_unpacked_is_looked_for_in_the_one_that_stays() {
    let content = vec![5; 10_000_000];
    let unpacked = format!("_unback_/{CAMERA}/{PHOTO}");
    let few =
        "that of 20 May 2026 holds all of it but for 1 file that no file list names (5 bytes)";
    let many = "1 file that no file list names (10.0 MB) is only in it";
    let holds = "that of 20 May 2026 holds all of it";
    let lost = json!(["keep", [many], 1, false]);
    let gone = |reason: &str| json!(["remove", [reason], 0, true]);
    for (is_there, place, bytes, expected) in [
        (false, unpacked.as_str(), 10_000_000, &lost),
        (false, "Snapshot/My photos/a.jpg", 10_000_000, &lost),
        (false, "Snapshot/a.jpg", 10_000_000, &lost),
        (true, &unpacked, 10_000_000, &gone(holds)),
        (false, &unpacked, 5, &gone(few)),
        (false, "Snapshot/Manifest.db", 10_000_000, &gone(holds)),
        (false, "_unback_/.DS_Store", 10_000_000, &gone(holds)),
    ] {
        let newer = match is_there {
            true => newer().file(CAMERA, PHOTO, &content),
            false => newer(),
        };
        let world = world_of(newer, older().raw(place, vec![5; bytes]));
        assert_eq!(fate(&world), *expected, "{place}");
    }
    // Where nothing else is left of it, too.
    let bare = older().without("Manifest.db").without("Status.plist");
    let world = world_of(newer(), bare.raw(&unpacked, content.clone()));
    assert_eq!(fate(&world)[0], "keep");
    // It is named by its place.
    let world = world_of(newer(), older().raw("Snapshot/My photos/a.jpg", content));
    let list = diff_with(&world, &["--list"]);
    assert_eq!(list["files"][0]["path"], "Snapshot/My photos/a.jpg");
}

/// A payload in a folder of somebody's own is told once, as what lies in that folder.
#[test]
fn a_payload_in_a_folder_of_somebodys_own_is_told_once() {
    let place = format!("Recovered/{}", file_id(CAMERA, PHOTO));
    let world = world_of(newer(), astray(CAMERA, PHOTO, &[3; 1003], &place));
    let names = diff_with(&world, &["--list"]);
    let names: Vec<_> = names["files"].as_array().unwrap().iter().collect();
    assert_eq!(names.len(), 1, "{names:?}");
    assert_eq!(names[0]["path"], place);
}

#[test]
fn lists_that_differ_in_times_alone_are_not_the_same() {
    let with = |phone: BackupBuilder, born: i64| {
        phone.add(
            Row::file(CAMERA, PHOTO, &[3; 1003])
                .born(born)
                .modified(1_700_000_000),
        )
    };
    let (one, other) = (1_600_000_000, 1_600_000_001);
    for (born, expected) in [(one, json!([true, true])), (other, json!([true, false]))] {
        let world = world_of(with(newer(), one), with(older(), born));
        let told = diff(&world);
        assert_eq!(json!([told["covers"], told["identical"]]), expected);
    }
}

/// What is not known is not held, and that is said of either side.
#[test]
fn a_size_that_is_not_known() {
    let known = |phone: BackupBuilder| phone.file(CAMERA, PHOTO, &[3; 1003]);
    let unknown =
        |phone: BackupBuilder| phone.add(Row::file(CAMERA, PHOTO, &[3; 1003]).blob("junk"));
    let there =
        "the size of 1 file in the newer one is not known, so that it may count as not held";
    let here = "the size of 1 file in it is not known, so that it may count as not held";
    let only = "1 photo or video (1 kB) is only in it";
    for (newer, older, remark, identical) in [
        (unknown(newer()), known(older()), there, json!(false)),
        (known(newer()), unknown(older()), here, json!(false)),
        (unknown(newer()), unknown(older()), here, Value::Null),
    ] {
        let world = world_of(newer, older);
        let expected = json!(["keep", [format!("{only}; {remark}")], 1, false]);
        assert_eq!(fate(&world), expected);
        assert_eq!(diff(&world)["identical"], identical);
    }
    let world = world_of(unknown(newer()), known(older()));
    let screen = run(
        &world,
        &["diff", "Backup/before", &format!("Backup/{PHONE}")],
    )
    .stdout;
    let words =
        "Of 1 file in the newer one the list does not tell the size: such counts for nothing.";
    let said = screen.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains(words), "{screen}");
}

/// What no row names, and is only in a cloud, may be anything.
#[test]
fn a_placeholder_that_no_row_names() {
    let placeholder = format!(".{}.icloud", file_id(CAMERA, PHOTO));
    let without = || older().without("Status.plist");
    let world = world_of(newer(), without().raw(&placeholder, [1; 40]));
    let told = diff(&world);
    assert_eq!(json!([told["exit_code"], told["covers"]]), json!([3, null]));
    let why = "1 file that no file list names is only in a cloud, download it first";
    assert_eq!(
        told["not_compared"],
        json!([{ "which": "old", "why": why }])
    );
    let told = diff(&world_of(newer(), without()));
    assert_eq!(json!([told["exit_code"], told["covers"]]), json!([0, true]));
}

/// An empty file is one block of padding where it is encrypted, and nothing that anybody would miss.
#[test]
fn an_empty_photo_is_no_loss() {
    let with = |content: &[u8]| {
        let photo = Row::file(CAMERA, PHOTO, content);
        world_of(
            newer().encrypted_with(PASSWORD),
            older().encrypted_with(PASSWORD).add(photo),
        )
    };
    let answer = |world: &TempDir| {
        let mut command = program();
        command
            .current_dir(world.path())
            .env("BKSCAN_PASSWORD", PASSWORD);
        command.args([
            "diff",
            "Backup/before",
            &format!("Backup/{PHONE}"),
            "--json",
        ]);
        let run: Run = command.ended().unwrap().into();
        serde_json::from_str::<Value>(&run.stdout).unwrap()["covers"].clone()
    };
    assert_eq!(answer(&with(&[])), true);
    assert_eq!(answer(&with(&[1])), false);
}

/// Payloads that nothing lists are told by their bytes, at level quick alone nobody asked.
#[test]
fn payloads_without_a_list_are_summed() {
    let bare = || older().file(CAMERA, PHOTO, &[3; 1003]);
    let storage = |backup: BackupBuilder, level: &str| {
        let world = empty_folder();
        backup.write(world.path());
        json_of(&world, &["before", "--level", level])["backups"][0]["storage"].clone()
    };
    let all = json!([{ "group": "Not listed", "files": 2, "bytes": 2004 }]);
    let photos = json!([{ "group": "Photos", "files": 2, "bytes": 2004 }]);
    for (backup, level, expected) in [
        (bare(), "standard", photos),
        (bare().without("Manifest.db"), "standard", all.clone()),
        (
            bare().without("Manifest.db").raw("Manifest.db", "x"),
            "standard",
            all,
        ),
        (bare().without("Manifest.db"), "quick", json!([])),
    ] {
        assert_eq!(storage(backup, level), expected);
    }
}
