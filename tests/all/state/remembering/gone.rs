//! A backup that an earlier run saw and that is not there any more, and one that holds much less.

use serde_json::json;

use super::*;
use crate::harness::finding;
use crate::support::Row;

const DAY: u64 = 24 * 60 * 60;

/// Two devices, so that one that is gone leaves something in the folder. They were seen on 1 Nov 2026.
fn two() -> World {
    let world = World::new();
    ipad().write(&world.root());
    assert_eq!(world.told(1), NOTHING);
    world
}

impl World {
    /// The document of a scan in that night.
    fn scan_at(&self, now: &str, args: &str) -> Value {
        let run = self.at(now, &format!("{args} --json"));
        assert_eq!(run.stderr, "", "{run:?}");
        parsed(&run)
    }

    /// What a scan in that night says of devices: `name id severity`.
    fn told_at(&self, now: &str) -> Vec<String> {
        let document = self.scan_at(now, "backups");
        let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let told = list(&document["devices"]).flat_map(|device| {
            list(&device["findings"]).map(move |finding| {
                let [id, severity] = ["id", "severity"].map(|key| word(&finding[key]));
                format!("{} {id} {severity}", word(&device["name"]))
            })
        });
        told.filter(|told| !told.contains("next-backup")).collect()
    }

    fn told(&self, day: u32) -> Vec<String> {
        self.told_at(&night(day))
    }

    fn away(&self, name: &str) {
        fs::rename(self.root().join(name), self.path(name)).unwrap();
    }

    fn back(&self, name: &str) {
        fs::rename(self.path(name), self.root().join(name)).unwrap();
    }
}

const NOTHING: [&str; 0] = [];
const GONE: [&str; 1] = ["Anna's iPad backup-gone warning"];

#[test]
fn a_backup_that_is_gone_is_told_until_it_is_back_or_for_thirty_days() {
    let world = two();
    world.away(IPAD);
    assert_eq!(world.told(2), GONE);
    assert_eq!(world.told(3), GONE);
    world.back(IPAD);
    assert_eq!(world.told(4), NOTHING);
    world.away(IPAD);
    assert_eq!(world.told(5), GONE);
    // For thirty days after it was seen.
    assert_eq!(world.told_at("2026-12-04T03:30:00Z"), GONE);
    assert_eq!(world.told_at("2026-12-05T03:30:00Z"), NOTHING);
}

/// The device is in the document although nothing of it is left, and so it is wherever a scan tells.
#[cfg(not(windows))]
#[test]
fn a_device_of_which_nothing_is_left_is_told_of_everywhere() {
    let world = two();
    let document = world.scan_at(&night(1), "backups");
    let mut backups = list(&document["backups"]);
    let size = &backups.find(|backup| backup["udid"] == IPAD).unwrap()["size"];
    let (bytes, files) = (&size["allocated_bytes"], &size["files"]);
    world.away(IPAD);
    let document = world.scan_at(&night(2), "backups --metrics out.prom");
    assert_eq!(document["summary"]["devices"], 1);
    assert_eq!(list(&document["devices"]).len(), 2);
    let device = &document["devices"][0];
    assert_eq!(device["udid"], IPAD);
    assert_eq!(device["backups"], json!([]));
    assert_eq!(device["newest_good"], Value::Null);
    let gone = finding(device, "backup-gone");
    assert_eq!(gone["bytes"], *bytes);
    let [message, hint] = ["message", "hint"].map(|key| gone[key].as_str().unwrap());
    let begin = format!("the backup of 1 May 2024 ({files} files, ");
    assert!(message.starts_with(&begin), "{message}");
    let end = "on 1 Nov 2026, is gone, and no good backup of this device is left";
    assert!(message.ends_with(&format!("{IPAD} {end}")), "{message}");
    assert!(hint.starts_with("bkscan history --forget "), "{hint}");
    assert!(hint.contains(IPAD), "{hint}");
    let metrics = fs::read_to_string(world.path("out.prom")).unwrap();
    let sample = format!(
        "bkscan_device_findings{{udid=\"{IPAD}\",device=\"Anna's iPad\",severity=\"warning\",\
         id=\"backup-gone\"}} 1\n"
    );
    assert!(metrics.contains(&sample), "{metrics}");

    let screen = world.at(&night(3), "backups");
    assert_eq!(screen.code, 0, "{screen:?}");
    let words: Vec<&str> = screen.stdout.split_whitespace().collect();
    let words = words.join(" ");
    for told in [
        "1 backup · 1 device · ",
        "! Anna's iPad: the backup of 1 May 2024, which was there on 1 Nov 2026, is gone, and no good backup \
         of this device is left.",
        "! Anna's iPad: the backup of 1 May 2024 (",
    ] {
        assert!(words.contains(told), "{words}");
    }
    let redacted = world.at(&night(4), "backups --json --redact");
    for personal in [IPAD, "Anna", "--forget", "backups/"] {
        let told = redacted.stdout.contains(personal);
        assert!(!told, "{personal}: {redacted:?}");
    }
    let size = bkscan::words::numbers::size(bytes.as_u64().unwrap());
    let message = format!("{begin}{size}), which was there {end}");
    let redacted = parsed(&redacted);
    let gone = finding(&redacted["devices"][0], "backup-gone");
    assert_eq!((&gone["message"], &gone["bytes"]), (&json!(message), bytes));
    assert_code(&world.at(&night(5), "backups --html page.html"), 0);
    let page = fs::read_to_string(world.path("page.html")).unwrap();
    assert!(page.contains("id=\"about-backup-gone\""), "{page}");
}

#[cfg(not(windows))]
#[test]
fn the_mail_says_it_with_what_to_do_first() {
    let world = two();
    world.away(IPAD);
    let mail = |fail_on: &str| world.at(&night(2), &format!("backups --quiet {fail_on}"));
    let run = mail("--fail-on warning,new");
    assert_code(&run, 1);
    let lines: Vec<&str> = run.stdout.lines().collect();
    let [headline, what, explain, purpose] = lines.as_slice() else {
        panic!("{run:?}");
    };
    let said = "bkscan: a backup of Anna's iPad is gone, 1 backup is fine (2 Nov 2026, 03:30)";
    assert_eq!(*headline, said);
    // Nothing is left that the next backup could run over.
    let begin = "! Anna's iPad: the backup of 1 May 2024 (";
    let end = "is gone, and no good backup of this device is left. Look in the trash and on other \
               disks. New since the last run. If it is so on purpose, the last command says so.";
    assert!(what.starts_with(begin) && what.ends_with(end), "{what}");
    assert_eq!(*explain, "  bkscan explain backup-gone");
    let begin = "  bkscan history --forget ";
    assert!(purpose.starts_with(begin), "{purpose}");
    // Known the next night, and still a warning.
    let run = mail("--fail-on warning,new");
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{run:?}");
    assert_eq!(mail("").code, 0);
    let all = world.at(&night(2), "backups --fail-on warning --json");
    assert_eq!(all.code, 1);
}

/// The last backup of all: there is nothing on the screen but that it is gone.
#[test]
fn the_last_backup_of_all_is_told_too() {
    let world = World::new();
    fs::write(world.root().join("note.txt"), b"mine").unwrap();
    assert_eq!(world.told(1), NOTHING);
    world.away(PHONE);
    let run = world.at(&night(2), "backups");
    assert_eq!(run.code, 3, "{run:?}");
    let words: Vec<&str> = run.stdout.split_whitespace().collect();
    let begin = "! Test iPhone: the backup of 1 May 2024 (";
    assert!(words.join(" ").starts_with(begin), "{run:?}");
    let quiet = world.at(&night(3), "backups --quiet");
    let gone = "a backup of Test iPhone is gone";
    assert!(quiet.stdout.contains(gone), "{quiet:?}");
    world.at(&night(4), "backups --html page.html");
    let page = fs::read_to_string(world.path("page.html")).unwrap();
    assert!(page.contains("id=\"about-backup-gone\""), "{page}");
}

#[cfg(not(windows))]
#[test]
fn a_backup_that_moved_or_was_replaced_is_not_gone() {
    let world = two();
    let (root, archived) = (world.root(), format!("{IPAD}-20240501-100000"));
    // As Finder archives it, and then the next run makes a new folder.
    fs::rename(root.join(IPAD), root.join(&archived)).unwrap();
    assert_eq!(world.told(2), NOTHING);
    ipad().date("2026-11-02T10:00:00Z").write(&root);
    assert_eq!(world.told(3), NOTHING);
    fs::create_dir(root.join("old")).unwrap();
    let moved = root.join("old").join(&archived);
    fs::rename(root.join(&archived), &moved).unwrap();
    assert_eq!(world.told(4), NOTHING);
    // The device replaces it in its folder, whatever comes of that run.
    fs::remove_dir_all(root.join(IPAD)).unwrap();
    let running = ipad()
        .date("2026-11-04T10:00:00Z")
        .snapshot_state("uploading");
    let running = running.without("Manifest.plist").without("Manifest.db");
    running.write(&root);
    assert_eq!(world.told(5), NOTHING);
    // Now the archived copy goes, and no good one is left.
    fs::remove_dir_all(&moved).unwrap();
    assert_eq!(world.told(6), GONE);
}

#[cfg(not(windows))]
#[test]
fn an_empty_root_and_one_that_is_away_tell_nothing() {
    let world = World::new();
    assert_eq!(world.told(1), NOTHING);
    world.away(PHONE);
    let run = world.at(&night(2), "backups --json");
    assert_eq!(run.code, 3, "{run:?}");
    assert_eq!(parsed(&run)["devices"], json!([]), "{run:?}");
    world.back(PHONE);
    assert_eq!(world.told(3), NOTHING);
    fs::rename(world.root(), world.path("disk")).unwrap();
    let run = world.at(&night(4), "backups --json");
    assert_eq!(parsed(&run)["devices"], json!([]), "{run:?}");
    fs::rename(world.path("disk"), world.root()).unwrap();
    assert_eq!(world.told(5), NOTHING);
    // Over other paths nothing is known of it.
    world.away(PHONE);
    fs::write(world.root().join("note.txt"), b"mine").unwrap();
    ipad().write(&world.path("other"));
    for (day, roots, is_told) in [
        (6, "other", false),
        (7, "backups other", false),
        (8, "backups", true),
    ] {
        let run = world.at(&night(day), &format!("{roots} --json"));
        let told = run.stdout.contains("backup-gone");
        assert_eq!(told, is_told, "{roots}: {run:?}");
    }
}

/// What lies in it may be there still.
#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_read_tells_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    if is_root(&world) {
        return skip("root reads everything");
    }
    let inner = world.root().join("inner");
    ipad().write(&inner);
    assert_eq!(world.told(1), NOTHING);
    fs::set_permissions(&inner, fs::Permissions::from_mode(0o000)).unwrap();
    let run = world.at(&night(2), "backups --json");
    fs::set_permissions(&inner, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(!run.stdout.contains("backup-gone"), "{run:?}");
}

/// Only scans remember, and only they look for what is gone.
#[cfg(not(windows))]
#[test]
fn other_commands_do_not_look_for_it() {
    let world = two();
    world.away(IPAD);
    for line in [
        "show backups --json",
        "clean backups --json",
        "backups --json --no-state",
    ] {
        let run = world.at(&night(2), line);
        assert_eq!(run.code, 0, "{run:?}");
        assert!(!run.stdout.contains("backup-gone"), "{line}: {run:?}");
    }
    assert_eq!(world.told(2), GONE);
}

/// What is said of it can be set as of any other finding.
#[cfg(not(windows))]
#[test]
fn its_severity_can_be_set() {
    let world = two();
    world.away(IPAD);
    for (severity, mark, code) in [("error", "✖", 2), ("warning", "!", 0), ("note", "–", 0)] {
        let text = format!("[severities]\nbackup-gone = \"{severity}\"\n");
        put(&world.path("config/bkscan/config.toml"), text.as_bytes());
        let told = format!("Anna's iPad backup-gone {severity}");
        assert_eq!(world.told(2), [told]);
        let begin = format!("{mark} Anna's iPad: the backup");
        let starts = |run: &Run| run.stdout.lines().any(|line| line.starts_with(&begin));
        let screen = world.at(&night(3), "backups");
        assert_eq!(screen.code, code, "{screen:?}");
        assert!(starts(&screen), "{screen:?}");
        // Neither a warning nor a note is a reason for a mail.
        let mail = world.at(&night(3), "backups --quiet");
        assert_eq!(starts(&mail), severity == "error", "{mail:?}");
    }
}

#[cfg(not(windows))]
#[test]
fn what_clean_removed_is_not_gone() {
    let world = two();
    let archived = format!("{IPAD}-20230501-100000");
    // What is left does not hold this one, so that its loss would be a warning.
    let photo = Row::file(CAMERA, "Media/DCIM/100APPLE/IMG_9001.HEIC", &[9; 900]);
    let older = ipad().add(photo).date("2023-05-01T10:00:00Z");
    older.folder_name(&archived).write(&world.root());
    // Judged by the real time, at which everything must have stood for an hour.
    let long_ago = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(500 * DAY);
    for entry in walkdir::WalkDir::new(world.root()).contents_first(true) {
        let file = fs::File::open(entry.unwrap().path()).unwrap();
        file.set_modified(long_ago).unwrap();
    }
    assert_eq!(world.told(1), NOTHING);
    let clean = format!("clean backups --only {archived} --delete --yes --json");
    // It changes what the other runs leave as it is.
    let clean = run(world.command().args(words(&clean)).ended().unwrap());
    assert_eq!(clean.code, 0, "{clean:?}");
    assert!(!world.root().join(&archived).exists());
    assert_eq!(world.told(2), NOTHING);
    // Without the list nobody would know.
    fs::remove_file(world.state().join("removals.jsonl")).unwrap();
    assert_eq!(world.told(3), GONE);
}
