//! A backup that an earlier run saw and that is not there any more, and one that holds much less.

use super::*;
use crate::harness::finding;
use crate::support::Row;

const DAY: u64 = 24 * 60 * 60;

/// A night of November 2026.
fn night(day: u32) -> String {
    format!("2026-11-{day:02}T03:30:00Z")
}

/// Two phones, so that one that is gone leaves something in the folder.
fn two() -> World {
    let world = World::new();
    ipad().write(&world.root());
    world
}

fn ipad() -> BackupBuilder {
    let ipad = BackupBuilder::new(IPAD).device("Anna's iPad", "iPad13,16", None, "17.1", "21B80");
    with_photos(ipad)
}

impl World {
    /// The document of a scan in that night.
    fn scan_at(&self, now: &str, args: &[&str]) -> Value {
        let run = self.run([&["backups", "--json", "--now", now], args].concat());
        assert_eq!(run.stderr, "", "{run:?}");
        parsed(&run)
    }

    /// What a scan in that night says of devices: `name id severity`.
    fn told_at(&self, now: &str) -> Vec<String> {
        let document = self.scan_at(now, &[]);
        let devices = document["devices"].as_array().unwrap();
        let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let told = devices.iter().flat_map(|device| {
            let findings = device["findings"].as_array().unwrap();
            findings.iter().map(move |finding| {
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
fn a_backup_that_is_gone_is_told_until_it_is_back() {
    let world = two();
    assert_eq!(world.told(1), NOTHING);
    world.away(IPAD);
    assert_eq!(world.told(2), GONE);
    assert_eq!(world.told(3), GONE);
    world.back(IPAD);
    assert_eq!(world.told(4), NOTHING);
    world.away(IPAD);
    assert_eq!(world.told(5), GONE);
}

/// The device is in the document although nothing of it is left, and so it is wherever a scan tells.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_device_of_which_nothing_is_left_is_told_of_everywhere() {
    let world = two();
    assert_eq!(world.told(1), NOTHING);
    let document = world.scan_at(&night(1), &[]);
    let backups = document["backups"].as_array().unwrap();
    let ipad = backups
        .iter()
        .find(|backup| backup["udid"] == IPAD)
        .unwrap();
    let bytes = ipad["size"]["allocated_bytes"].clone();
    let files = ipad["size"]["files"].as_u64().unwrap();
    world.away(IPAD);
    let document = world.scan_at(&night(2), &["--metrics", "out.prom"]);
    assert_eq!(document["summary"]["devices"], 1);
    assert_eq!(document["devices"].as_array().unwrap().len(), 2);
    let device = &document["devices"][0];
    assert_eq!(device["udid"], IPAD);
    assert_eq!(device["backups"], serde_json::json!([]));
    assert_eq!(device["newest_good"], Value::Null);
    let gone = finding(device, "backup-gone");
    assert_eq!(gone["bytes"], bytes);
    let message = gone["message"].as_str().unwrap();
    let [begin, end] = [
        format!("the backup of 1 May 2024 ({files} files, "),
        format!("{IPAD} on 1 Nov 2026, is gone, and no good backup of this device is left"),
    ];
    assert!(
        message.starts_with(&begin) && message.ends_with(&end),
        "{message}"
    );
    let hint = gone["hint"].as_str().unwrap();
    assert!(hint.starts_with("bkscan history --forget "), "{hint}");
    assert!(hint.contains(IPAD), "{hint}");
    let metrics = fs::read_to_string(world.path("out.prom")).unwrap();
    let sample = format!(
        "bkscan_device_findings{{udid=\"{IPAD}\",device=\"Anna's iPad\",severity=\"warning\",\
         id=\"backup-gone\"}} 1\n"
    );
    assert!(metrics.contains(&sample), "{metrics}");

    let screen = world.run(["backups", "--now", &night(3)]);
    assert_eq!(screen.code, 0, "{screen:?}");
    let words: Vec<&str> = screen.stdout.split_whitespace().collect();
    let words = words.join(" ");
    assert!(words.contains("1 backup · 1 device · "), "{words}");
    assert!(
        words.contains("! Anna's iPad: the backup of 1 May 2024 ("),
        "{words}"
    );
    let redacted = world.run(["backups", "--now", &night(4), "--json", "--redact"]);
    for personal in [IPAD, "Anna", "--forget", "backups/"] {
        assert!(
            !redacted.stdout.contains(personal),
            "{personal}: {redacted:?}"
        );
    }
    let message = format!(
        "the backup of 1 May 2024 ({files} files, {}), which was there on 1 Nov 2026, is gone, and no good \
         backup of this device is left",
        bkscan::words::numbers::size(bytes.as_u64().unwrap())
    );
    let redacted = parsed(&redacted);
    let gone = finding(&redacted["devices"][0], "backup-gone");
    assert_eq!(gone["message"], message);
    assert_eq!(gone["bytes"], bytes);
    let page = world.run(["backups", "--now", &night(5), "--html", "page.html"]);
    assert_eq!(page.code, 0, "{page:?}");
    let page = fs::read_to_string(world.path("page.html")).unwrap();
    assert!(page.contains("id=\"about-backup-gone\""), "{page}");
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_mail_says_it_with_what_to_do_first() {
    let world = two();
    assert_eq!(world.told(1), NOTHING);
    world.away(IPAD);
    let night = night(2);
    let args = [
        "backups",
        "--quiet",
        "--now",
        &night,
        "--fail-on",
        "warning,new",
    ];
    let run = world.run(args);
    assert_eq!((run.code, run.stderr.as_str()), (1, ""), "{run:?}");
    let lines: Vec<&str> = run.stdout.lines().collect();
    let [headline, what, explain, purpose] = lines.as_slice() else {
        panic!("{run:?}");
    };
    assert_eq!(
        *headline,
        "bkscan: a backup of Anna's iPad is gone, 1 backup is fine (2 Nov 2026, 03:30)"
    );
    // Nothing is left that the next backup could run over.
    let end = "is gone, and no good backup of this device is left. Look in the trash and on other \
               disks. New since the last run.";
    assert!(
        what.starts_with("! Anna's iPad: the backup of 1 May 2024 ("),
        "{what}"
    );
    assert!(what.ends_with(end), "{what}");
    assert_eq!(*explain, "  bkscan explain backup-gone");
    let begin = "  if it is so on purpose: bkscan history --forget ";
    assert!(purpose.starts_with(begin), "{purpose}");
    // Known the next night, and still a warning.
    let run = world.run(args);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{run:?}");
    assert_eq!(world.run(&args[..4]).code, 0);
    let all = ["backups", "--now", &night, "--fail-on", "warning", "--json"];
    assert_eq!(world.run(all).code, 1);
}

/// The last backup of all: there is nothing on the screen but that it is gone.
#[test]
fn the_last_backup_of_all_is_told_too() {
    let world = World::new();
    fs::write(world.root().join("note.txt"), b"mine").unwrap();
    assert_eq!(world.told(1), NOTHING);
    world.away(PHONE);
    let run = world.run(["backups", "--now", &night(2)]);
    assert_eq!(run.code, 3, "{run:?}");
    let words: Vec<&str> = run.stdout.split_whitespace().collect();
    let begin = "! Test iPhone: the backup of 1 May 2024 (";
    assert!(words.join(" ").starts_with(begin), "{run:?}");
    let quiet = world.run(["backups", "--now", &night(3), "--quiet"]);
    assert!(
        quiet.stdout.contains("a backup of Test iPhone is gone"),
        "{quiet:?}"
    );
    let html = ["backups", "--now", &night(4), "--html", "page.html"];
    world.run(html);
    let page = fs::read_to_string(world.path("page.html")).unwrap();
    assert!(page.contains("id=\"about-backup-gone\""), "{page}");
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_backup_that_moved_or_was_replaced_is_not_gone() {
    let world = two();
    assert_eq!(world.told(1), NOTHING);
    // As Finder archives it, and then the next run makes a new folder.
    let archived = format!("{IPAD}-20240501-100000");
    fs::rename(world.root().join(IPAD), world.root().join(&archived)).unwrap();
    assert_eq!(world.told(2), NOTHING);
    ipad().date("2026-11-02T10:00:00Z").write(&world.root());
    assert_eq!(world.told(3), NOTHING);
    fs::create_dir(world.root().join("old")).unwrap();
    let moved = world.root().join("old").join(&archived);
    fs::rename(world.root().join(&archived), &moved).unwrap();
    assert_eq!(world.told(4), NOTHING);
    // The device replaces it in its folder, whatever comes of that run.
    fs::remove_dir_all(world.root().join(IPAD)).unwrap();
    ipad()
        .date("2026-11-04T10:00:00Z")
        .snapshot_state("uploading")
        .without("Manifest.plist")
        .without("Manifest.db")
        .write(&world.root());
    assert_eq!(world.told(5), NOTHING);
    // Now the archived copy goes, and no good one is left.
    fs::remove_dir_all(&moved).unwrap();
    assert_eq!(world.told(6), GONE);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn an_empty_root_and_one_that_is_away_tell_nothing() {
    let world = World::new();
    assert_eq!(world.told(1), NOTHING);
    let nothing_told = |world: &World, day: u32| {
        let run = world.run(["backups", "--json", "--now", &night(day)]);
        assert_eq!(run.code, 3, "{run:?}");
        let document = parsed(&run);
        assert_eq!(document["devices"], serde_json::json!([]), "{document:#}");
    };
    world.away(PHONE);
    nothing_told(&world, 2);
    world.back(PHONE);
    assert_eq!(world.told(3), NOTHING);
    fs::rename(world.root(), world.path("disk")).unwrap();
    let run = world
        .command()
        .args(["backups", "--json", "--now", &night(4)])
        .ended();
    assert_eq!(
        parsed(&Run::from(run.unwrap()))["devices"],
        serde_json::json!([])
    );
    fs::rename(world.path("disk"), world.root()).unwrap();
    assert_eq!(world.told(5), NOTHING);
    // Over other paths nothing is known of it.
    world.away(PHONE);
    fs::write(world.root().join("note.txt"), b"mine").unwrap();
    ipad().write(&world.path("other"));
    let run = world.run(["other", "--json", "--now", &night(6)]);
    assert!(!run.stdout.contains("backup-gone"), "{run:?}");
    let run = world.run(["backups", "other", "--json", "--now", &night(7)]);
    assert!(!run.stdout.contains("backup-gone"), "{run:?}");
    let run = world.run(["backups", "--json", "--now", &night(8)]);
    assert!(run.stdout.contains("backup-gone"), "{run:?}");
}

/// What lies in it may be there still.
#[cfg(unix)]
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_folder_that_cannot_be_read_tells_nothing() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let world = two();
    if fs::metadata(world.folder.path()).unwrap().uid() == 0 {
        return skip("root reads everything");
    }
    let inner = world.root().join("inner");
    fs::create_dir(&inner).unwrap();
    fs::rename(world.root().join(IPAD), inner.join(IPAD)).unwrap();
    assert_eq!(world.told(1), NOTHING);
    fs::set_permissions(&inner, fs::Permissions::from_mode(0o000)).unwrap();
    let run = world
        .command()
        .args(["backups", "--json", "--now", &night(2)])
        .ended();
    fs::set_permissions(&inner, fs::Permissions::from_mode(0o755)).unwrap();
    let run = Run::from(run.unwrap());
    assert!(!run.stdout.contains("backup-gone"), "{run:?}");
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn it_is_told_for_thirty_days() {
    let world = two();
    let at = |day: u64| {
        let first: jiff::Timestamp = night(1).parse().unwrap();
        let seconds = i64::try_from(day * DAY).unwrap();
        let then = first.checked_add(jiff::SignedDuration::from_secs(seconds));
        then.unwrap().to_string()
    };
    assert_eq!(world.told_at(&at(0)), NOTHING);
    world.away(IPAD);
    assert_eq!(world.told_at(&at(1)), GONE);
    assert_eq!(world.told_at(&at(30)), GONE);
    assert_eq!(world.told_at(&at(31)), NOTHING);
}

/// Only scans remember, and only they look for what is gone.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn other_commands_do_not_look_for_it() {
    let world = two();
    assert_eq!(world.told(1), NOTHING);
    world.away(IPAD);
    for args in [
        &["show", "backups", "--json"][..],
        &["clean", "backups", "--json"],
        &["backups", "--json", "--no-state"],
    ] {
        let run = world.run([args, &["--now", &night(2)]].concat());
        assert_eq!(run.code, 0, "{run:?}");
        assert!(!run.stdout.contains("backup-gone"), "{args:?}: {run:?}");
    }
    assert_eq!(world.told(2), GONE);
}

/// What is said of it can be set as of any other finding.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn its_severity_can_be_set() {
    let world = two();
    assert_eq!(world.told(1), NOTHING);
    world.away(IPAD);
    let config = world.path("config/bkscan");
    fs::create_dir_all(&config).unwrap();
    let set = |severity| {
        let text = format!("[severities]\nbackup-gone = \"{severity}\"\n");
        fs::write(config.join("config.toml"), text).unwrap();
    };
    set("error");
    assert_eq!(world.told(2), ["Anna's iPad backup-gone error"]);
    let screen = world.run(["backups", "--now", &night(3)]);
    assert_eq!(screen.code, 2);
    let starts = |run: &Run, start: &str| run.stdout.lines().any(|line| line.starts_with(start));
    assert!(starts(&screen, "✖ Anna's iPad: the backup"), "{screen:?}");
    let mail = world.run(["backups", "--now", &night(3), "--quiet"]);
    assert!(starts(&mail, "✖ Anna's iPad: the backup"), "{mail:?}");
    set("warning");
    let screen = world.run(["backups", "--now", &night(3)]);
    assert!(starts(&screen, "! Anna's iPad: the backup"), "{screen:?}");
    set("note");
    assert_eq!(world.told(4), ["Anna's iPad backup-gone note"]);
    // A note is no warning.
    let screen = world.run(["backups", "--now", &night(4)]);
    assert!(starts(&screen, "– Anna's iPad: the backup"), "{screen:?}");
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_clean_removed_is_not_gone() {
    let world = two();
    let archived = format!("{IPAD}-20230501-100000");
    // What is left does not hold this one, so that its loss would be a warning.
    let photo = Row::file(
        "CameraRollDomain",
        "Media/DCIM/100APPLE/IMG_9001.HEIC",
        &[9; 900],
    );
    ipad()
        .add(photo)
        .folder_name(&archived)
        .date("2023-05-01T10:00:00Z")
        .write(&world.root());
    // Judged by the real time, at which everything must have stood for an hour.
    let long_ago = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(500 * DAY);
    for entry in walkdir::WalkDir::new(world.root()).contents_first(true) {
        let file = fs::File::open(entry.unwrap().path()).unwrap();
        file.set_modified(long_ago).unwrap();
    }
    assert_eq!(world.told(1), NOTHING);
    let clean = [
        "clean", "backups", "--only", &archived, "--delete", "--yes", "--json",
    ];
    // It changes what the other runs leave as it is.
    let clean = run(world.command().args(clean).ended().unwrap());
    assert_eq!(clean.code, 0, "{clean:?}");
    assert!(!world.root().join(&archived).exists());
    assert_eq!(world.told(2), NOTHING);
    // Without the list nobody would know.
    fs::remove_file(world.state().join("removals.jsonl")).unwrap();
    assert_eq!(world.told(3), GONE);
}
