//! What is only in an older backup is told wherever the contract asks for it: in the document, the plan,
//! the question, the list of removals, `show` and the page.
#![cfg(not(windows))]

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Ended as _, NOW, Run, program, scan};
use crate::support::{BackupBuilder, empty_folder};

const PHONE: &str = "00008101-0004D5E6F7081920";

/// A phone's backup with nothing in it but these photos, by number; none is as long as another.
fn phone(date: &str, photos: &[u8]) -> BackupBuilder {
    let phone = BackupBuilder::new(PHONE).date(date).bare();
    let (model, name) = ("iPhone13,2", Some("iPhone 12"));
    let phone = phone.device("Ben's iPhone", model, name, "18.5", "22F76");
    photos.iter().fold(phone, |phone, number| {
        let path = format!("Media/DCIM/100APPLE/IMG_{}.JPG", 2000 + u32::from(*number));
        let content = vec![*number; 1000 + usize::from(*number)];
        phone.file("CameraRollDomain", &path, &content)
    })
}

fn newer() -> BackupBuilder {
    phone("2026-05-20T19:04:00Z", &[1, 2])
}

fn older(photos: &[u8]) -> BackupBuilder {
    phone("2025-05-12T08:15:00Z", photos).folder_name("before")
}

fn world_of(backups: impl IntoIterator<Item = BackupBuilder>) -> TempDir {
    let world = empty_folder();
    fs::create_dir(world.path().join("Backup")).unwrap();
    for backup in backups {
        backup.write(&world.path().join("Backup"));
    }
    world
}

/// The older backup has three photos that the newer one has not.
fn world() -> TempDir {
    world_of([newer(), older(&[1, 2, 3, 4, 5])])
}

fn run(world: &TempDir, args: &[&str]) -> Run {
    let mut command = program();
    command.current_dir(world.path()).env("COLUMNS", "100");
    command.args(args).args(["--now", NOW]);
    command.ended().unwrap().into()
}

fn run_json(world: &TempDir, args: &[&str]) -> Value {
    serde_json::from_str(&run(world, &[args, &["--json"]].concat()).stdout).unwrap()
}

/// The backup in the folder of this name.
fn named<'a>(document: &'a Value, name: &str) -> &'a Value {
    let mut backups = document["backups"].as_array().unwrap().iter();
    let is_named = |backup: &&Value| Path::new(backup["path"].as_str().unwrap()).ends_with(name);
    backups.find(is_named).unwrap()
}

fn path(world: &TempDir, name: &str) -> String {
    let path = world.path().join("Backup").join(name);
    path.to_str().unwrap().to_owned()
}

#[test]
fn the_document_and_the_list_of_removals_have_what_is_only_in_the_older_one() {
    let world = world();
    let document = scan(&world.path().join("Backup"), &[]);
    let older = named(&document, "before");
    let photos =
        json!({ "group": "Photos", "files": 3, "bytes": 3012, "of_files": 5, "of_bytes": 5015 });
    let only_here = json!({ "than": path(&world, PHONE), "groups": [photos], "databases": [],
                            "held_elsewhere": null });
    assert_eq!(older["only_here"], only_here);
    let text = "3 photos and videos (3 kB) are only in it";
    let reason = json!({ "code": "holds-more", "text": text, "by": path(&world, PHONE) });
    assert_eq!(
        older["decision"],
        json!({ "action": "keep", "reasons": [reason] })
    );
    // The newest one is not decided about.
    assert_eq!(named(&document, PHONE)["only_here"], Value::Null);
    let asked = &document["summary"]["on_request"]["backups"];
    assert_eq!(*asked, json!([path(&world, "before")]));
    let mut advice = document["advice"].as_array().unwrap().iter();
    let decide = advice.find(|item| item["id"] == "decide-yourself").unwrap();
    assert_eq!(
        decide["text"],
        "Only in it: 3 photos and videos (3 kB); the one of 20 May 2026 is complete but does not hold them."
    );
    let line = removed(&world);
    let photos = &line["only_here"]["groups"][0];
    assert_eq!(photos["group"], "Photos");
    assert_eq!(photos["files"], 3);
    assert_eq!(line["foreign"], Value::Null);
    assert_eq!(line["unlisted"], Value::Null);
}

#[test]
fn nothing_personal_is_left_where_it_is_redacted() {
    let world = world();
    let document = scan(&world.path().join("Backup"), &["--redact"]);
    let backups = document["backups"].as_array().unwrap().iter();
    let mut held = backups.filter_map(|backup| backup["only_here"]["than"].as_str());
    let than = held.next().unwrap();
    assert!(than.starts_with("backup-"), "{than}");
    let text = document.to_string();
    for personal in ["before", PHONE, "Ben", world.path().to_str().unwrap()] {
        assert!(!text.contains(personal), "{personal}: {text}");
    }
}

#[test]
fn the_screen_leads_to_the_comparison_the_plan_says_why_and_show_has_a_section_of_it() {
    let world = world();
    let shown = run(&world, &["Backup"]).stdout;
    let command = format!("     bkscan diff Backup/before Backup/{PHONE}\n");
    assert!(shown.contains(&command), "{shown}");
    let plan = run(&world, &["clean", "Backup"]).stdout;
    let plan = plan.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "you decide last backup frees why ? Ben's iPhone, iPhone 12 12 May 2025",
        "3 photos and videos (3 kB) are only in it stays",
    ] {
        assert!(plan.contains(words), "{words}: {plan}");
    }
    let shown = run(&world, &["show", "Backup/before"]).stdout;
    let is_before = |line: &&str| !line.starts_with("Only in this backup");
    let section = shown.lines().skip_while(is_before);
    let section: Vec<&str> = section.take_while(|line| !line.is_empty()).collect();
    let head = format!("Only in this backup (compared with that of 20 May 2026, Backup/{PHONE})");
    let photos = "  Photos                                   3 of 5 files, 3 kB of 5 kB";
    assert_eq!(section, [&head, photos]);
}

/// The document is read back, and the page has the numbers.
#[test]
fn the_page_of_a_saved_document_has_it() {
    let world = world();
    let saved = run(&world, &["Backup", "--json"]).stdout;
    let document: Value = serde_json::from_str(&saved).unwrap();
    fs::write(world.path().join("saved.json"), saved).unwrap();
    let mut report = program();
    report.current_dir(world.path());
    let args = ["report", "saved.json", "--html", "page.html"];
    let made: Run = report.args(args).ended().unwrap().into();
    assert_eq!(made.code, 0, "{made:?}");
    let page = fs::read_to_string(world.path().join("page.html")).unwrap();
    assert_eq!(page.matches("<h4>Only in this backup</h4>").count(), 1);
    let mut backups = document["backups"].as_array().unwrap().iter();
    let at = backups.position(|backup| !backup["only_here"].is_null());
    let pointer = format!("/backups/{}/only_here/groups/0/files", at.unwrap());
    let number = format!("<data value=\"3\" data-json=\"{pointer}\">3</data>");
    assert!(page.contains(&number), "{page}");
}

/// Removes the older backup; gives what the list of removals says of it.
fn removed(world: &TempDir) -> Value {
    let mut command = program();
    command.env_remove("BKSCAN_NO_STATE").current_dir(world);
    command.env("XDG_STATE_HOME", world.path().join("state"));
    command.args(["clean", "Backup", "--delete", "--yes"]);
    command.args(["--only", "Backup/before"]);
    let run: Run = command.ended().unwrap().into();
    assert_eq!(run.code, 0, "{run:?}");
    assert!(!Path::new(&path(world, "before")).exists());
    let list = world.path().join("state/bkscan/removals.jsonl");
    serde_json::from_str(fs::read_to_string(list).unwrap().trim()).unwrap()
}

/// `show` tells it, too.
#[test]
fn what_no_list_names_goes_for_good_and_is_told() {
    let stray = "ab/ab00000000000000000000000000000000000000";
    let older = older(&[1, 2]).raw("thesis.docx", [1; 700]);
    let world = world_of([newer(), older.raw(stray, vec![1; 11_000_000])]);
    let shown = run(&world, &["show", "Backup/before"]);
    for line in [
        "  No part of a backup                      1 file, 700 bytes\n",
        "  Named by no file list                    1 of 1 file, 11.0 MB of 11.0 MB\n",
    ] {
        assert!(shown.stdout.contains(line), "{}", shown.stdout);
    }
    let line = removed(&world);
    let foreign = json!({ "files": 1, "bytes": 700, "names": ["thesis.docx"] });
    assert_eq!(line["foreign"], foreign);
    assert_eq!(line["unlisted"], json!({ "files": 1, "bytes": 11_000_000 }));
}

/// What an interrupted run left in `Snapshot/`, and nothing else has, goes with the backup: however little it is.
#[test]
fn what_is_left_in_snapshot_is_told_however_little_it_is() {
    let of = |last: u8| format!("Snapshot/ab/ab0000000000000000000000000000000000000{last}");
    let left = |builder: BackupBuilder| builder.raw(&of(1), [7; 9_000]).raw(&of(2), [8; 500]);
    let there = "ab/ab00000000000000000000000000000000000001";
    let newer = newer().raw(there, [7; 9_000]);
    let world = world_of([newer, left(older(&[1, 2]))]);
    let plan = run(&world, &["clean", "Backup"]).stdout;
    for told in [
        "that of 20 May 2026 holds all of it but for 1 file\n",
        " that no file list names (500 bytes)\n",
    ] {
        assert!(plan.contains(told), "{plan}");
    }
    let document = run_json(&world, &["Backup"]);
    let backup = &named(&document, "before");
    assert_eq!(backup["decision"]["action"], "remove");
    let groups = json!([{ "group": "Not listed", "files": 1, "bytes": 500, "of_files": 2, "of_bytes": 9_500 }]);
    assert_eq!(backup["only_here"]["groups"], groups);
    let pair = ["diff", "Backup/before", &path(&world, PHONE)];
    let told = run(&world, &pair);
    assert_eq!(told.code, 0);
    let words: Vec<&str> = told.stdout.split_whitespace().collect();
    let but = "The newer one holds all of it but for 1 file that no file list names (500 bytes).";
    assert!(words.join(" ").contains(but), "{told:?}");
    assert_eq!(run_json(&world, &pair)["identical"], false);
}

/// The command that a scan tells plans what the scan says: what was typed about it is said again.
#[test]
fn a_command_that_is_told_plans_the_same() {
    let earlier = [("2025", &[1, 3][..]), ("2024", &[1]), ("2023", &[4])];
    let earlier = earlier
        .map(|(year, photos)| phone(&format!("{year}-05-12T08:15:00Z"), photos).folder_name(year));
    let world = world_of(earlier.into_iter().chain([newer()]));
    for (options, command, lead) in [
        (
            "--keep-last 2 --may-lose=100%",
            "bkscan clean Backup --keep-last 2 --may-lose 100%",
            "2 backups of Ben's iPhone are not needed: newer ones hold every photo, message and recording \
             in them but for 1 photo or video (1 kB) of 12 May 2023.",
        ),
        (
            "--may-lose 100% --old-after 1y",
            "bkscan clean Backup --old-after 1y --may-lose 100%",
            "3 backups of Ben's iPhone are not needed: newer ones hold every photo, message and recording \
             in them but for 1 photo or video (1 kB) of 12 May 2023; 1 photo or video (1 kB) \
             of 12 May 2025.",
        ),
        (
            "--include-archived",
            "bkscan clean Backup --include-archived",
            "The backup of Ben's iPhone of 20 May 2026 is complete and holds every photo, message and \
             recording that the one of 12 May 2024 does.",
        ),
    ] {
        let args: Vec<&str> = ["Backup"].into_iter().chain(options.split(' ')).collect();
        let document = run_json(&world, &args);
        let advice = &document["advice"][0];
        assert_eq!(advice["id"], "remove-old-backups");
        assert_eq!(advice["text"], lead);
        let told = advice["command"].as_str().unwrap();
        assert_eq!(told.replace('\'', ""), command);
        let words = shell_words::split(told).unwrap();
        let words: Vec<&str> = words[1..].iter().map(String::as_str).collect();
        let plan = &run_json(&world, &words)["summary"]["removable"];
        assert_eq!(*plan, document["summary"]["removable"], "{command}");
    }
}

/// Of what nobody opened, no more is said than names and lengths tell.
#[test]
fn of_locked_ones_only_files_are_spoken_of() {
    let world = world_of([newer().encrypted(), older(&[1, 2]).encrypted()]);
    let document = run_json(&world, &["Backup", "--trust-locked"]);
    let reason = &named(&document, "before")["decision"]["reasons"][0];
    assert_eq!(reason["code"], "superseded-by");
    let text = "that of 20 May 2026 has all of its encrypted files by name";
    assert_eq!(reason["text"], text);
    assert_eq!(
        document["advice"][0]["text"],
        "The backup of Ben's iPhone of 20 May 2026 is unverified and has, by name, every encrypted file that the one \
         of 12 May 2025 does."
    );
    // All of the newer one's payloads are cut to a block.
    for entry in walkdir::WalkDir::new(path(&world, PHONE)) {
        let entry = entry.unwrap();
        if entry.file_name().len() == 40 && entry.file_type().is_file() {
            let modified = entry.metadata().unwrap().modified().unwrap();
            let file = fs::File::options().write(true).open(entry.path()).unwrap();
            file.set_len(16).unwrap();
            file.set_modified(modified).unwrap();
        }
    }
    let document = run_json(&world, &["Backup", "--trust-locked"]);
    let before = named(&document, "before");
    assert_eq!(before["decision"]["action"], "keep");
    assert_eq!(before["decision"]["reasons"][0]["code"], "holds-more");
    assert_eq!(before["only_here"]["groups"][0]["group"], "Encrypted");
}
