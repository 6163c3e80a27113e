//! What is only in an older backup is told wherever the contract asks for it: in the document, the plan,
//! the question, the list of removals, `show` and the page.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Ended as _, NOW, Run, program, scan};
use crate::support::BackupBuilder;

const PHONE: &str = "00008101-0004D5E6F7081920";

/// A phone's backup with nothing in it but these photos, by number; none is as long as another.
fn phone(date: &str, photos: &[u8]) -> BackupBuilder {
    let mut phone = BackupBuilder::new(PHONE)
        .device(
            "Ben's iPhone",
            "iPhone13,2",
            Some("iPhone 12"),
            "18.5",
            "22F76",
        )
        .date(date)
        .bare();
    for number in photos {
        let path = format!(
            "Media/DCIM/100APPLE/IMG_{:04}.JPG",
            2000 + u32::from(*number)
        );
        let content = vec![*number; 1000 + usize::from(*number)];
        phone = phone.file("CameraRollDomain", &path, &content);
    }
    phone
}

/// The older backup has three photos that the newer one has not.
fn world() -> TempDir {
    let world = tempfile::tempdir().unwrap();
    let backups = world.path().join("Backup");
    fs::create_dir(&backups).unwrap();
    phone("2026-05-20T19:04:00Z", &[1, 2]).write(&backups);
    phone("2025-05-12T08:15:00Z", &[1, 2, 3, 4, 5])
        .folder_name("before")
        .write(&backups);
    world
}

fn run(world: &TempDir, args: &[&str]) -> Run {
    let mut command = program();
    command.current_dir(world.path()).env("COLUMNS", "100");
    command.args(args).args(["--now", NOW]);
    command.ended().unwrap().into()
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
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_document_has_what_is_only_in_the_older_one() {
    let world = world();
    let document = scan(&world.path().join("Backup"), &[]);
    let older = named(&document, "before");
    assert_eq!(
        older["only_here"],
        json!({
            "than": path(&world, PHONE),
            "groups": [{
                "group": "Photos", "files": 3, "bytes": 3012, "of_files": 5, "of_bytes": 5015
            }],
            "databases": [],
            "held_elsewhere": null,
        })
    );
    assert_eq!(
        older["decision"],
        json!({
            "action": "keep",
            "reasons": [{
                "code": "holds-more",
                "text": "3 photos and videos (3 kB) are only in it",
                "by": path(&world, PHONE),
            }]
        })
    );
    // The newest one is not decided about.
    assert_eq!(named(&document, PHONE)["only_here"], Value::Null);
    assert_eq!(
        document["summary"]["on_request"]["backups"],
        json!([path(&world, "before")])
    );
    let advice = document["advice"].as_array().unwrap();
    let decide = advice
        .iter()
        .find(|item| item["id"] == "decide-yourself")
        .unwrap();
    assert_eq!(
        decide["text"],
        "Only in it: 3 photos and videos (3 kB); the one of 20 May 2026 is complete but does not hold them."
    );
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn nothing_personal_is_left_where_it_is_redacted() {
    let world = world();
    let document = scan(&world.path().join("Backup"), &["--redact"]);
    let backups = document["backups"].as_array().unwrap();
    let mut held = backups
        .iter()
        .filter_map(|backup| backup["only_here"]["than"].as_str());
    let than = held.next().unwrap();
    assert!(than.starts_with("backup-"), "{than}");
    let text = document.to_string();
    for personal in ["before", PHONE, "Ben", world.path().to_str().unwrap()] {
        assert!(!text.contains(personal), "{personal}: {text}");
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_screen_leads_to_the_comparison_and_the_plan_says_why() {
    let world = world();
    let shown = run(&world, &["Backup"]);
    assert!(
        shown
            .stdout
            .contains(&format!("     bkscan diff Backup/before Backup/{PHONE}\n")),
        "{}",
        shown.stdout
    );
    let plan = run(&world, &["clean", "Backup"]);
    let words = plan.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains("you decide last backup frees why ? Ben's iPhone, iPhone 12 12 May 2025"),
        "{words}"
    );
    assert!(
        words.contains("3 photos and videos (3 kB) are only in it stays"),
        "{words}"
    );
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn show_has_a_section_of_it() {
    let world = world();
    let shown = run(&world, &["show", "Backup/before"]);
    let section: Vec<&str> = (shown.stdout.lines())
        .skip_while(|line| !line.starts_with("Only in this backup"))
        .take_while(|line| !line.is_empty())
        .collect();
    assert_eq!(
        section,
        [
            &format!("Only in this backup (compared with that of 20 May 2026, Backup/{PHONE})"),
            "  Photos                                   3 of 5 files, 3 kB of 5 kB",
        ]
    );
}

/// The document is read back, and the page has the numbers.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_page_of_a_saved_document_has_it() {
    let world = world();
    let saved = run(&world, &["Backup", "--json"]);
    fs::write(world.path().join("saved.json"), &saved.stdout).unwrap();
    let mut report = program();
    report.current_dir(world.path());
    let args = ["report", "saved.json", "--html", "page.html"];
    let made: Run = report.args(args).ended().unwrap().into();
    assert_eq!(made.code, 0, "{made:?}");
    let page = fs::read_to_string(world.path().join("page.html")).unwrap();
    assert_eq!(page.matches("<h4>Only in this backup</h4>").count(), 1);
    let document: Value = serde_json::from_str(&saved.stdout).unwrap();
    let backups = document["backups"].as_array().unwrap();
    let at = backups
        .iter()
        .position(|backup| !backup["only_here"].is_null())
        .unwrap();
    let number =
        format!("<data value=\"3\" data-json=\"/backups/{at}/only_here/groups/0/files\">3</data>");
    assert!(page.contains(&number), "{page}");
}

/// Removes the older backup; gives what the list of removals says of it.
fn removed(world: &TempDir) -> Value {
    let mut command = program();
    command
        .current_dir(world.path())
        .env("XDG_STATE_HOME", world.path().join("state"))
        .env_remove("BKSCAN_NO_STATE")
        .args(["clean", "Backup", "--delete", "--yes"])
        .args(["--only", "Backup/before"]);
    let run: Run = command.ended().unwrap().into();
    assert_eq!(run.code, 0, "{run:?}");
    assert!(!Path::new(&path(world, "before")).exists());
    let list = world.path().join("state/bkscan/removals.jsonl");
    serde_json::from_str(fs::read_to_string(list).unwrap().trim()).unwrap()
}

/// The list of removals names what went for good.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_list_of_removals_has_it() {
    let world = world();
    let line = removed(&world);
    assert_eq!(line["only_here"]["groups"][0]["group"], "Photos");
    assert_eq!(line["only_here"]["groups"][0]["files"], 3);
    assert_eq!(line["foreign"], Value::Null);
    assert_eq!(line["unlisted"], Value::Null);
}

/// So it is with what counts for no group; `show` tells it, too.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_no_list_names_goes_for_good_and_is_told() {
    let world = tempfile::tempdir().unwrap();
    let backups = world.path().join("Backup");
    fs::create_dir(&backups).unwrap();
    phone("2026-05-20T19:04:00Z", &[1, 2]).write(&backups);
    let stray = "ab/ab00000000000000000000000000000000000000";
    phone("2025-05-12T08:15:00Z", &[1, 2])
        .folder_name("before")
        .raw("thesis.docx", [1; 700])
        .raw(stray, vec![1; 11_000_000])
        .write(&backups);
    let shown = run(&world, &["show", "Backup/before"]);
    for line in [
        "  No part of a backup                      1 file, 700 bytes\n",
        "  Named by no file list                    1 file, 11.0 MB\n",
    ] {
        assert!(shown.stdout.contains(line), "{}", shown.stdout);
    }
    let line = removed(&world);
    assert_eq!(
        line["foreign"],
        json!({ "files": 1, "bytes": 700, "names": ["thesis.docx"] })
    );
    assert_eq!(line["unlisted"], json!({ "files": 1, "bytes": 11_000_000 }));
}

/// The command that a scan tells plans what the scan says: what was typed about it is said again.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_command_that_is_told_plans_the_same() {
    let world = tempfile::tempdir().unwrap();
    let backups = world.path().join("Backup");
    fs::create_dir(&backups).unwrap();
    phone("2026-05-20T19:04:00Z", &[1, 2]).write(&backups);
    for (date, photos) in [("2025", &[1, 3][..]), ("2024", &[1]), ("2023", &[4])] {
        phone(&format!("{date}-05-12T08:15:00Z"), photos)
            .folder_name(date)
            .write(&backups);
    }
    for (options, lead, command) in [
        (
            &["--keep-last", "2", "--may-lose=100%"][..],
            "2 backups of Ben's iPhone are not needed: newer ones hold every photo, message and recording \
             that the older ones do but for 1 photo or video (1 kB) of 12 May 2023.",
            "bkscan clean Backup --keep-last 2 --may-lose 100%",
        ),
        (
            &["--may-lose", "100%", "--old-after", "1y"],
            "3 backups of Ben's iPhone are not needed: newer ones hold every photo, message and recording \
             that the older ones do but for 1 photo or video (1 kB) of 12 May 2023; 1 photo or video (1 kB) \
             of 12 May 2025.",
            "bkscan clean Backup --old-after 1y --may-lose 100%",
        ),
        (
            &["--include-archived"],
            "The backup of Ben's iPhone of 20 May 2026 is complete and holds every photo, message and \
             recording that the one of 12 May 2024 does.",
            "bkscan clean Backup --include-archived",
        ),
    ] {
        let args = [&["Backup", "--json"], options].concat();
        let document: Value = serde_json::from_str(&run(&world, &args).stdout).unwrap();
        let advice = &document["advice"][0];
        assert_eq!(advice["id"], "remove-old-backups");
        assert_eq!(advice["text"], lead);
        let told = advice["command"].as_str().unwrap();
        assert_eq!(told.replace('\'', ""), command);
        let words = shell_words::split(told).unwrap();
        let words: Vec<&str> = words[1..].iter().map(String::as_str).collect();
        let plan = run(&world, &[&words[..], &["--json"]].concat());
        let plan: Value = serde_json::from_str(&plan.stdout).unwrap();
        assert_eq!(
            plan["summary"]["removable"], document["summary"]["removable"],
            "{command}"
        );
    }
}

/// Of what nobody opened, no more is said than names and lengths tell.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn of_locked_ones_only_files_are_spoken_of() {
    let world = tempfile::tempdir().unwrap();
    let backups = world.path().join("Backup");
    fs::create_dir(&backups).unwrap();
    phone("2026-05-20T19:04:00Z", &[1, 2])
        .encrypted()
        .write(&backups);
    phone("2025-05-12T08:15:00Z", &[1, 2])
        .encrypted()
        .folder_name("before")
        .write(&backups);
    let args = ["Backup", "--json", "--trust-locked"];
    let document: Value = serde_json::from_str(&run(&world, &args).stdout).unwrap();
    let reason = &named(&document, "before")["decision"]["reasons"][0];
    assert_eq!(reason["code"], "superseded-by");
    assert_eq!(
        reason["text"],
        "that of 20 May 2026 has all of its encrypted files"
    );
    assert_eq!(
        document["advice"][0]["text"],
        "The backup of Ben's iPhone of 20 May 2026 is unverified and has every encrypted file that the one \
         of 12 May 2025 does."
    );
    // All of the newer one's payloads are cut to a block.
    for entry in walkdir::WalkDir::new(backups.join(PHONE)) {
        let entry = entry.unwrap();
        if entry.file_name().len() == 40 && entry.file_type().is_file() {
            let modified = entry.metadata().unwrap().modified().unwrap();
            let file = fs::File::options().write(true).open(entry.path()).unwrap();
            file.set_len(16).unwrap();
            file.set_modified(modified).unwrap();
        }
    }
    let document: Value = serde_json::from_str(&run(&world, &args).stdout).unwrap();
    let before = named(&document, "before");
    assert_eq!(before["decision"]["action"], "keep");
    assert_eq!(before["decision"]["reasons"][0]["code"], "holds-more");
    assert_eq!(before["only_here"]["groups"][0]["group"], "Encrypted");
}
