//! What a reader is told to do in each situation, held literally: the short screen and the whole
//! guide. The reports are made by hand, so that every number in them is known.

#![cfg(not(windows))]

use std::path::Path;

use bkscan::cli::exit_code::{self, Exit};
use bkscan::model::options::FailOn;
use bkscan::model::{
    BackupReport, Effect, IcloudEstimate, MendOffer, Severity, StorageGroup, Verdict, Volume,
};
use bkscan::render::json;
use bkscan::render::screen::quiet;
use bkscan::render::screen::text::Guide;
use bkscan::report::redact::redact;
use bkscan::system::System;
use serde_json::{Value, json};

use crate::harness::{NOW, run_in, scan, words};
use crate::render::screens::{
    ANNA, BEN, DISK, IPAD, OLD_PHONE, PHONE, ROOMY, backup, files_missing, found, four, guided,
    hold, report_on, some_photos, style,
};
use crate::support::{BackupBuilder, Row, empty_folder};

const GB: u64 = 1_000_000_000;

/// A backup of the phone that is in daily use.
fn phone(verdict: Verdict) -> BackupReport {
    let mut backup = backup(PHONE, ANNA, "2026-11-20", 86.4, verdict);
    backup.device.build_version = Some("23B85".to_owned());
    backup.device.serial_number = Some("SERIAL1234".to_owned());
    if backup.locked {
        return backup;
    }
    let groups = [
        ("Photos", 52),
        ("WhatsApp", 14),
        ("Messages", 9),
        ("Telegram", 2),
        ("System & settings", 1),
    ];
    let group = |(name, gigabytes): (&str, u64)| StorageGroup {
        name: name.to_owned(),
        files: 1000,
        bytes: gigabytes * GB,
    };
    backup.storage = groups.map(group).into();
    backup.icloud = Some(IcloudEstimate {
        photos: 50 * GB,
        messages: 9 * GB,
        rest: 18 * GB,
        photos_in_icloud: true,
    });
    backup
}

/// An iPad with this version.
fn ipad(ios: &str, day: &str, verdict: Verdict) -> BackupReport {
    let device = ("iPad", "iPad Air (5th generation)", ios);
    backup(IPAD, device, day, 21.1, verdict)
}

/// A disk with no room for the next backup.
const FULL: Volume = Volume {
    available: 1_900_000_000,
    ..DISK
};

/// Holds both forms of the advice about these backups.
fn hold_both(name: &str, disk: Volume, backups: Vec<BackupReport>) {
    let report = report_on(disk, backups);
    for (form, guide) in [("short", Guide::Short), ("all", Guide::All)] {
        let shown = guided(&report, guide, &style(80));
        hold(&format!("advice-{name}-{form}"), &shown);
    }
}

#[test]
fn one_phone_whose_backup_is_fine_or_locked_or_has_no_room() {
    for (name, disk, verdict) in [
        ("fine", ROOMY, Verdict::Complete),
        ("disk-full", FULL, Verdict::Complete),
        ("locked", ROOMY, Verdict::Unverified),
    ] {
        hold_both(name, disk, vec![phone(verdict)]);
    }
}

#[test]
fn first_backup_never_finished() {
    let message = "A first or full backup never finished: the device had not sent everything when \
        it stopped";
    let (severity, effect) = (Severity::Error, Effect::Incomplete);
    let finding = found("never-finished", severity, effect, message);
    let mut first = phone(Verdict::Incomplete);
    first.manifest = None;
    first.storage.clear();
    first.icloud = None;
    first.snapshot_state = Some("uploading".to_owned());
    first.findings = vec![finding];
    hold_both("never-finished", ROOMY, vec![first]);
}

#[test]
fn update_interrupted_twice() {
    let message = "The last backup stopped before the end; the one before it is still there";
    let (severity, effect) = (Severity::Warning, Effect::Interrupted);
    let mut both = vec![
        phone(Verdict::Interrupted),
        ipad("26.0.1", "2026-11-18", Verdict::Interrupted),
    ];
    for backup in &mut both {
        backup.snapshot_state = Some("uploading".to_owned());
        backup.findings = vec![found("update-interrupted", severity, effect, message)];
    }
    hold_both("interrupted-twice", ROOMY, both);
}

#[test]
fn corrupt_only_copy() {
    let mut only = ipad("14.8.1", "2024-03-02", Verdict::Corrupt);
    only.findings.push(files_missing());
    only.mending = Some(MendOffer { elsewhere: 0 });
    only.payloads = 47_498;
    hold_both("corrupt-only-copy", ROOMY, vec![only]);
}

#[test]
fn phone_not_seen_for_a_year() {
    let device = ("Old phone", "iPhone 11", "17.4");
    let old = backup(OLD_PHONE, device, "2025-11-01", 48.8, Verdict::Complete);
    hold_both("not-seen-for-a-year", DISK, vec![old]);
}

#[test]
fn four_old_phones() {
    let phones = [
        (("Red phone", "iPhone 6s", "15.8"), "2021-05-01", 12.0),
        (("Blue phone", "iPhone 8", "16.1"), "2022-06-11", 31.5),
        (("Green phone", "iPhone XR", "16.6"), "2023-07-21", 44.4),
        (("Work phone", "iPhone 12", "17.0"), "2024-08-30", 60.1),
    ];
    let backups = phones.iter().enumerate().map(|(at, (device, day, size))| {
        backup(&format!("{at:040}"), *device, day, *size, Verdict::Complete)
    });
    hold_both("four-old-phones", DISK, backups.collect());
}

#[test]
fn the_guide_says_nothing_personal_when_redacted() {
    let mut report = four();
    for backup in &mut report.backups {
        backup.device.serial_number = Some("SERIAL1234".to_owned());
    }
    redact(&mut report, System::Mac);
    let shown = guided(&report, Guide::All, &style(80));
    for personal in ["Anna", "Old phone", "SERIAL", "0000", "/b"] {
        assert!(!shown.contains(personal), "{personal}: {shown}");
    }
    hold("advice-redacted", &shown);
}

/// What holds for several devices is said once.
#[test]
fn the_guide_for_five_devices_fits_on_sixty_lines() {
    let with = |mut backup: BackupReport, state: &str, finding| {
        backup.snapshot_state = Some(state.to_owned());
        backup.findings = vec![finding];
        backup
    };
    let error = |id, effect| found(id, Severity::Error, effect, "It did not finish");
    let warning = |id, effect| found(id, Severity::Warning, effect, "It did not finish");
    let of = |(udid, device, day), verdict| backup(udid, device, day, 31.0, verdict);
    let (well, stopped) = (Verdict::Complete, Verdict::Interrupted);
    let mut older = phone(well);
    older.path = "/b/older".into();
    older.last_backup.as_mut().unwrap().at = "2025-06-14T12:00:00Z".parse().unwrap();
    let ben = (BEN, ("Ben's iPhone", "iPhone 12", "26.0"), "2026-11-19");
    let clara = (
        &*"c".repeat(40),
        ("Clara's iPhone 13 mini", "iPhone 13 mini", "17.1"),
        "2026-11-18",
    );
    let old = (OLD_PHONE, ("Old phone", "iPhone 11", "17.4"), "2023-09-22");
    let backups = vec![
        phone(well),
        older,
        with(
            ipad("17.1", "2026-11-20", Verdict::Corrupt),
            "finished",
            files_missing(),
        ),
        with(
            of(ben, Verdict::Incomplete),
            "uploading",
            error("never-finished", Effect::Incomplete),
        ),
        with(
            of(clara, stopped),
            "uploading",
            warning("update-interrupted", Effect::Interrupted),
        ),
        with(
            of(old, Verdict::Incomplete),
            "finished",
            error("status-unreadable", Effect::Incomplete),
        ),
    ];
    let shown = guided(&report_on(FULL, backups), Guide::All, &style(80));
    hold("advice-five-all", &shown);
    let guide = shown.split("What to do, step by step").nth(1).unwrap();
    let guide = guide.split("\nChecked: ").next().unwrap();
    assert!(guide.lines().count() <= 60, "{}", guide.lines().count());
}

/// Each of five devices has a run that broke off, a good backup, and two older ones that hold more than it:
/// there is as much to say as there can be.
#[test]
fn the_guide_for_five_devices_in_every_trouble_fits_on_sixty_lines() {
    let stopped = [
        ("update-interrupted", Severity::Warning, Effect::Interrupted),
        ("never-finished", Severity::Error, Effect::Incomplete),
        ("status-unreadable", Severity::Error, Effect::Incomplete),
        ("file-missing", Severity::Error, Effect::Corrupt),
        ("never-finished", Severity::Error, Effect::Incomplete),
    ];
    let devices = [
        "Anna's iPhone",
        "Ben's iPhone",
        "Clara's iPhone",
        "Dora's iPhone",
        "Emil's iPhone",
    ];
    let versions = ["17.1", "17.2", "18.3", "18.4", "17.6"];
    let mut backups = Vec::new();
    for (at, (id, severity, effect)) in stopped.into_iter().enumerate() {
        let udid = format!("0000813{at}-000A1C2E3F40801E");
        let device = (devices[at], "iPhone 13 mini", versions[at]);
        let made = |folder: &str, day: &str, verdict| {
            let mut made = backup(&udid, device, day, 31.0 + at as f64, verdict);
            made.path = format!("/b/{udid}{folder}").into();
            made.device.serial_number = Some("SERIAL1234".to_owned());
            made
        };
        let verdict = match effect {
            Effect::Interrupted => Verdict::Interrupted,
            Effect::Corrupt => Verdict::Corrupt,
            _ => Verdict::Incomplete,
        };
        let mut newest = made("", "2026-11-20", verdict);
        newest.findings = vec![found(id, severity, effect, "It did not finish")];
        let like = phone(Verdict::Complete);
        let mut good = made(".good", "2026-10-02", Verdict::Complete);
        (good.storage, good.icloud) = (like.storage, like.icloud);
        good.icloud.as_mut().unwrap().rest += at as u64 * 20 * GB;
        let older = [("2025-06-14", 1_204), ("2024-03-02", 33), ("2023-01-07", 7)];
        backups.extend([newest, good]);
        for (day, photos) in older {
            let mut older = made(&format!(".{day}"), day, Verdict::Complete);
            older.holdings.keepsakes = Some(some_photos(photos));
            older.holdings.databases.insert("Notes", 22_000_000);
            backups.push(older);
        }
    }
    let report = report_on(FULL, backups);
    for width in [80, 100, 120] {
        let shown = guided(&report, Guide::All, &style(width));
        let guide = shown.split("What to do, step by step").nth(1).unwrap();
        let guide = guide.split("\nChecked: ").next().unwrap();
        assert!(
            guide.lines().count() <= 60,
            "{}: {guide}",
            guide.lines().count()
        );
    }
    hold(
        "advice-five-more-all",
        &guided(&report, Guide::All, &style(80)),
    );
}

/// A list of 0 bytes: the next run into the folder fails, whatever is done before.
#[test]
fn a_folder_in_which_every_run_fails_is_to_be_moved_away_first() {
    for (empty, first) in [
        ("Manifest.plist", "Rename its folder or move it away first"),
        ("Manifest.db", "Rename its folder or move it away first"),
        ("Status.plist", "Rename its folder or move it away first"),
        ("Info.plist", ""),
    ] {
        let world = empty_folder();
        BackupBuilder::new(PHONE)
            .raw(empty, Vec::new())
            .write(world.path());
        let document = scan(world.path(), &[]);
        let saves = |item: &&Value| item["id"] == "save-data";
        let text = match document["advice"].as_array().unwrap().iter().find(saves) {
            Some(item) => item["text"].as_str().unwrap().to_owned(),
            None => String::new(),
        };
        assert!(text.contains(first), "{empty}: {text}");
        assert_eq!(text.is_empty(), first.is_empty(), "{empty}: {text}");
    }
}

#[test]
fn no_advice_where_none_is_wanted() {
    let report = report_on(DISK, vec![phone(Verdict::Complete)]);
    let shown = guided(&report, Guide::Nothing, &style(80));
    assert!(!shown.contains("What to do") && !shown.contains("--advice"));
    assert!(shown.contains("Anna's iPhone"));
}

#[test]
fn a_disk_that_is_too_full_is_a_warning_about_the_device() {
    let report = report_on(FULL, vec![phone(Verdict::Complete)]);
    let message = "1.9 GB free on the disk of its newest backup, and the next one may need 4.5 GB";
    // 128 MiB and 5 % of 86.4 GB, less what is free.
    let lacks = 134_217_728_u64 + 4_320_000_000 - 1_900_000_000;
    assert_eq!(exit_code::of(&report, FailOn::ERROR, 0), Exit::WELL);
    assert_eq!(exit_code::of(&report, FailOn::WARNING, 0), Exit::WARNED);
    let mut bytes = Vec::new();
    quiet::write(&report, false, &style(80), &mut bytes).unwrap();
    let expected = format!(
        "bkscan: the next backup of Anna's iPhone may not fit, 1 backup is fine (22 Nov 2026, 12:00)\n\
         ! Anna's iPhone: {message}.\n\
         \x20 bkscan clean\n\
         \x20 bkscan explain next-backup-may-not-fit\n"
    );
    assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    let mut bytes = Vec::new();
    json::write(&report, 0, &mut bytes).unwrap();
    let document: Value = serde_json::from_slice(&bytes).unwrap();
    let expected = json!([{
        "id": "next-backup-may-not-fit", "severity": "warning", "count": 1, "bytes": lacks,
        "message": message, "examples": [], "hint": null,
    }]);
    assert_eq!(document["devices"][0]["findings"], expected);
}

#[test]
fn an_update_needs_room_for_two_gib_at_least() {
    const UPDATE: u64 = (128 + 2048) * 1024 * 1024;
    for (available, warned) in [(UPDATE - 1, true), (UPDATE, false)] {
        let disk = Volume { available, ..DISK };
        let mut small = phone(Verdict::Complete);
        small.usage.allocated = 1000;
        let findings = &report_on(disk, vec![small]).devices[0].findings;
        assert_eq!(!findings.is_empty(), warned, "{available}");
    }
}

/// A backup of a phone in use, of 8 MB of photos, 1 MB of messages and 0.5 MB of an app.
fn in_use(world: &Path) {
    const FILES: &str = "\
CameraRollDomain Media/DCIM/100APPLE/IMG_0001.HEIC 6_000_000
CameraRollDomain Media/PhotoData/Photos.sqlite 2_000_000
CameraRollDomain Media/PhotoData/Thumbnails/V2/1.JPG 70_000_000
CameraRollDomain Media/PhotoData/private/a.plist 100_000
CameraRollDomain Media/PhotoData/cpl_enabled_marker 0
CameraRollDomain Media/PhotoData/cpl_download_finished_marker 0
HomeDomain Library/SMS/sms.db 400_000
MediaDomain Library/SMS/Attachments/00/a.jpg 600_000
HomeDomain Library/Safari/SafariTabs.db 70_000_000
HealthDomain Health/healthdb.sqlite 70_000_000
AppDomain-org.example.map Documents/tiles.db 500_000";
    let mut builder = BackupBuilder::new(PHONE).bare();
    builder = builder.date("2026-11-20T10:00:00Z");
    for file in FILES.lines().map(words) {
        let size = file[2].replace('_', "").parse().unwrap();
        builder = builder.add(Row::file(file[0], file[1], b"x").size(size));
    }
    builder.write(&world.join("Backup"));
}

#[test]
fn what_icloud_would_hold_is_told_with_and_without_photos_and_messages() {
    let world = empty_folder();
    in_use(world.path());
    let document = scan(world.path(), &[]);
    let [apps, plan] = &document["advice"].as_array().unwrap()[..] else {
        panic!("{:#}", document["advice"]);
    };
    assert_eq!([&apps["id"], &plan["id"]], ["largest-apps", "icloud-plan"]);
    assert_eq!(
        apps["text"],
        "Largest apps of Test iPhone: org.example.map 1 byte.\n\
         Save first what you need (Settings > General > iPhone Storage, iPad Storage): its data goes with an \
         app, then from backups, too."
    );
    assert_eq!(
        plan["text"],
        "An iCloud backup of Test iPhone would take up to 1.6 MB (5 GB plan), with photos 9.6 MB \
         (5 GB plan), without messages 8.6 MB (5 GB plan), without photos and messages 600 kB (5 GB plan).\n\
         Not in it: photos that iCloud Photos has, and what else is in iCloud, which cannot be seen from here."
    );
    assert_eq!(plan["bytes"], 1_600_000);
    assert_eq!(plan["step"], 1);
    assert_eq!(document["devices"][0]["findings"], json!([]));
}

#[test]
fn the_option_decides_how_much_is_told() {
    let world = empty_folder();
    in_use(world.path());
    BackupBuilder::new(IPAD)
        .snapshot_state("uploading")
        .without("Manifest.plist")
        .write(&world.path().join("Backup"));
    let told = |args: &str| {
        let args = [&[".", "--now", NOW], &*words(args)].concat();
        run_in(world.path(), &args)
    };
    let short = told("").stdout;
    for words in [
        "\nWhat to do\n1. Save Test iPhone (00008103-0012345678901234). Copy its folder",
        "\n2. Decide about \"Test iPhone (00008103-0012345678901234)\", ",
        "more pieces of advice:\n     bkscan . --advice all\n",
    ] {
        assert!(short.contains(words), "{words}: {short}");
    }
    // Above it the free room stands, which changes by itself.
    let advice = |screen: &str| screen.split("\nWhat to do\n").nth(1).unwrap().to_owned();
    assert_eq!(advice(&told("--advice short").stdout), advice(&short));
    let all = told("--advice all").stdout;
    let is_heading = |line: &&str| line.starts_with(|first: char| first.is_ascii_digit());
    let headings = all.lines().filter(is_heading).skip(1);
    let title = |line: &str| line.split(". ").take(2).collect::<Vec<_>>().join(". ");
    let headings: Vec<String> = headings.map(title).collect();
    let expected = "\
1. Check storage space
2. Use a stable connection
3. Update iOS
4. Restart the device
5. Reset the network settings
6. Sign out of iCloud and in again
7. Check Apple's services
8. Contact Apple Support";
    assert_eq!(headings.join("\n"), expected);
    let none = told("--advice none").stdout;
    assert!(!none.contains("What to do"), "{none}");
    // The document has everything, whatever the screen shows.
    for how_much in ["none", "short", "all"] {
        let document = told(&format!("--json --advice {how_much}")).stdout;
        let document: Value = serde_json::from_str(&document).unwrap();
        let advice = document["advice"].as_array().unwrap();
        assert_eq!(advice.len(), 11, "{how_much}");
    }
    assert_eq!(told("--advice some").code, 64);
}
