//! What a reader is told to do in each situation, held literally: the short screen and the whole
//! guide. The reports are made by hand, so that every number in them is known.

use std::path::{Path, PathBuf};

use bkscan::cli::exit_code::{self, Exit};
use bkscan::model::options::FailOn;
use bkscan::model::{
    BackupReport, Effect, Finding, IcloudEstimate, Report, Severity, StorageGroup, Verdict, Volume,
};
use bkscan::render::json;
use bkscan::render::screen::quiet;
use bkscan::render::screen::text::Guide;
use bkscan::report::redact::redact;
use bkscan::system::System;
use serde_json::{Value, json};

use crate::harness::{Ended as _, NOW, Run, program, scan};
use crate::render::screens::{
    DISK, IPAD, OLD_PHONE, PHONE, ROOMY, backup, files_missing, four, guided, hold, report_on,
    sample, style,
};
use crate::support::{BackupBuilder, Row};

const GB: u64 = 1_000_000_000;

/// A backup of the phone that is in daily use.
fn phone(day: &str, verdict: Verdict) -> BackupReport {
    let device = ("Anna's iPhone", "iPhone 15 Pro", "26.1");
    let mut backup = backup(&sample((PHONE, PHONE), device, day, 86.4, verdict));
    backup.device.build_version = Some("23B85".to_owned());
    backup.device.serial_number = Some("SERIAL1234".to_owned());
    if !backup.locked {
        let groups = [
            ("Photos", 52 * GB),
            ("WhatsApp", 14 * GB),
            ("Messages", 9 * GB),
            ("Telegram", 2 * GB),
            ("System & settings", GB),
        ];
        backup.storage = groups
            .map(|(name, bytes)| StorageGroup {
                name: name.to_owned(),
                files: 1000,
                bytes,
            })
            .into();
        backup.icloud = Some(IcloudEstimate {
            photos: 50 * GB,
            messages: 9 * GB,
            rest: 18 * GB,
            photos_in_icloud: true,
        });
    }
    backup
}

fn found(id: &'static str, severity: Severity, effect: Effect, message: &str) -> Finding {
    Finding {
        id,
        severity,
        effect,
        count: 1,
        bytes: 0,
        message: message.to_owned(),
        examples: vec![],
        hint: None,
        unnamed: None,
        known: false,
    }
}

/// Holds both forms.
fn hold_both(name: &str, report: &Report) {
    let style = style(80);
    for (form, guide) in [("short", Guide::Short), ("all", Guide::All)] {
        let shown = guided(report, guide, &style);
        hold(&format!("advice-{name}-{form}"), &shown);
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn everything_fine() {
    let fine = phone("2026-11-20", Verdict::Complete);
    hold_both("fine", &report_on(ROOMY, vec![fine]));
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn disk_full() {
    let full = Volume {
        available: 1_900_000_000,
        ..DISK
    };
    let fine = phone("2026-11-20", Verdict::Complete);
    hold_both("disk-full", &report_on(full, vec![fine]));
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn first_backup_never_finished() {
    let mut first = phone("2026-11-20", Verdict::Incomplete);
    first.manifest = None;
    first.storage.clear();
    first.icloud = None;
    first.snapshot_state = Some("uploading".to_owned());
    first.findings = vec![found(
        "never-finished",
        Severity::Error,
        Effect::Incomplete,
        "A first or full backup never finished: the device had not sent everything when it stopped",
    )];
    hold_both("never-finished", &report_on(ROOMY, vec![first]));
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn update_interrupted_twice() {
    let broken_off = |mut backup: BackupReport| {
        backup.snapshot_state = Some("uploading".to_owned());
        backup.findings = vec![found(
            "update-interrupted",
            Severity::Warning,
            Effect::Interrupted,
            "The last backup stopped before the end; the one before it is still there",
        )];
        backup
    };
    let ipad = ("iPad", "iPad Air (5th generation)", "26.0.1");
    let ipad = sample((IPAD, IPAD), ipad, "2026-11-18", 21.1, Verdict::Interrupted);
    let both = vec![
        broken_off(phone("2026-11-20", Verdict::Interrupted)),
        broken_off(backup(&ipad)),
    ];
    hold_both("interrupted-twice", &report_on(ROOMY, both));
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn corrupt_only_copy() {
    let ipad = ("iPad", "iPad Air (5th generation)", "14.8.1");
    let ipad = sample((IPAD, IPAD), ipad, "2024-03-02", 21.1, Verdict::Corrupt);
    let mut only = backup(&ipad);
    only.findings.push(files_missing());
    hold_both("corrupt-only-copy", &report_on(ROOMY, vec![only]));
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn phone_not_seen_for_a_year() {
    let device = ("Old phone", "iPhone 11", "17.4");
    let place = (OLD_PHONE, OLD_PHONE);
    let old = backup(&sample(
        place,
        device,
        "2025-11-01",
        48.8,
        Verdict::Complete,
    ));
    hold_both("not-seen-for-a-year", &report_on(DISK, vec![old]));
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn encrypted_and_locked() {
    let locked = phone("2026-11-20", Verdict::Unverified);
    hold_both("locked", &report_on(ROOMY, vec![locked]));
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn four_old_phones() {
    let phones = [
        ("Red phone", "iPhone 6s", "15.8", "2021-05-01", 12.0),
        ("Blue phone", "iPhone 8", "16.1", "2022-06-11", 31.5),
        ("Green phone", "iPhone XR", "16.6", "2023-07-21", 44.4),
        ("Work phone", "iPhone 12", "17.0", "2024-08-30", 60.1),
    ];
    let backups = phones
        .iter()
        .enumerate()
        .map(|(at, (name, product, ios, day, size))| {
            let udid = format!("{at:040}");
            let device = (*name, *product, *ios);
            backup(&sample(
                (&udid, &udid),
                device,
                day,
                *size,
                Verdict::Complete,
            ))
        })
        .collect();
    hold_both("four-old-phones", &report_on(DISK, backups));
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
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

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn no_advice_where_none_is_wanted() {
    let report = report_on(DISK, vec![phone("2026-11-20", Verdict::Complete)]);
    let shown = guided(&report, Guide::Nothing, &style(80));
    assert!(!shown.contains("What to do") && !shown.contains("--advice"));
    assert!(shown.contains("Anna's iPhone"));
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_disk_that_is_too_full_is_a_warning_about_the_device() {
    let full = Volume {
        available: 1_900_000_000,
        ..DISK
    };
    let report = report_on(full, vec![phone("2026-11-20", Verdict::Complete)]);
    let told: Vec<_> = report.devices[0]
        .findings
        .iter()
        .map(|finding| {
            (
                finding.id,
                finding.severity,
                finding.bytes,
                &*finding.message,
            )
        })
        .collect();
    let message = "1.9 GB free on the disk of its newest backup, and the next one may need 4.5 GB";
    // 128 MiB and 5 % of 86.4 GB, less what is free.
    let lacks = 134_217_728 + 4_320_000_000 - 1_900_000_000;
    assert_eq!(
        told,
        [("next-backup-may-not-fit", Severity::Warning, lacks, message)]
    );
    assert_eq!(exit_code::of(&report, FailOn::ERROR, 0), Exit::WELL);
    assert_eq!(exit_code::of(&report, FailOn::WARNING, 0), Exit::WARNED);
    let mut bytes = Vec::new();
    quiet::write(&report, false, &style(80), &mut bytes).unwrap();
    let quiet = String::from_utf8(bytes).unwrap();
    assert_eq!(
        quiet,
        format!(
            "bkscan: the next backup of Anna's iPhone may not fit, 1 backup is fine (22 Nov 2026, 12:00)\n\
             ! Anna's iPhone: {message}.\n\
             \x20 bkscan clean · bkscan explain next-backup-may-not-fit\n"
        )
    );
    let mut bytes = Vec::new();
    json::write(&report, 0, &mut bytes).unwrap();
    let document: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(
        document["devices"][0]["findings"][0],
        json!({
            "id": "next-backup-may-not-fit",
            "severity": "warning",
            "count": 1,
            "bytes": lacks,
            "message": message,
            "examples": [],
            "hint": null,
        })
    );
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn an_update_needs_room_for_two_gib_at_least() {
    const UPDATE: u64 = (128 + 2048) * 1024 * 1024;
    for (available, warned) in [(UPDATE - 1, true), (UPDATE, false)] {
        let disk = Volume { available, ..DISK };
        let mut small = phone("2026-11-20", Verdict::Complete);
        small.usage.allocated = 1000;
        let report = report_on(disk, vec![small]);
        assert_eq!(
            !report.devices[0].findings.is_empty(),
            warned,
            "{available}"
        );
    }
}

/// A backup of a phone in use, of 8 MB of photos, 1 MB of messages and 0.5 MB of an app.
fn in_use(world: &Path) -> PathBuf {
    let file = |row: BackupBuilder, domain: &str, path: &str, size: i64| {
        row.add(Row::file(domain, path, b"x").size(size))
    };
    let mut builder = BackupBuilder::new(PHONE)
        .bare()
        .date("2026-11-20T10:00:00Z");
    for (domain, path, size) in [
        (
            "CameraRollDomain",
            "Media/DCIM/100APPLE/IMG_0001.HEIC",
            6_000_000,
        ),
        (
            "CameraRollDomain",
            "Media/PhotoData/Photos.sqlite",
            2_000_000,
        ),
        (
            "CameraRollDomain",
            "Media/PhotoData/Thumbnails/V2/1.JPG",
            70_000_000,
        ),
        (
            "CameraRollDomain",
            "Media/PhotoData/private/a.plist",
            100_000,
        ),
        ("CameraRollDomain", "Media/PhotoData/cpl_enabled_marker", 0),
        (
            "CameraRollDomain",
            "Media/PhotoData/cpl_download_finished_marker",
            0,
        ),
        ("HomeDomain", "Library/SMS/sms.db", 400_000),
        ("MediaDomain", "Library/SMS/Attachments/00/a.jpg", 600_000),
        ("HomeDomain", "Library/Safari/SafariTabs.db", 70_000_000),
        ("HealthDomain", "Health/healthdb.sqlite", 70_000_000),
        ("AppDomain-org.example.map", "Documents/tiles.db", 500_000),
    ] {
        builder = file(builder, domain, path, size);
    }
    builder.write(&world.join("Backup"))
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_icloud_would_hold_is_told_with_and_without_photos_and_messages() {
    let world = tempfile::tempdir().unwrap();
    in_use(world.path());
    let document = scan(world.path(), &[]);
    let advice = document["advice"].as_array().unwrap();
    let ids: Vec<_> = advice
        .iter()
        .map(|item| item["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["largest-apps", "icloud-plan"]);
    assert_eq!(
        advice[0]["text"],
        "Largest apps of Test iPhone: org.example.map 1 byte.\n\
         On the device: Settings > General > iPhone Storage (iPad: iPad Storage).\n\
         Save first what you need of an app: when it is deleted its data goes from the device, and \
         with the next backup from the backup too.\n\
         Which of them are used cannot be seen from this computer."
    );
    assert_eq!(
        advice[1]["text"],
        "An iCloud backup of Test iPhone would take up to 1.6 MB (5 GB plan), with photos 9.6 MB \
         (5 GB plan).\n\
         iCloud Photos was on, so that photos are not in an iCloud backup.\n\
         Without messages it would be 600 kB (5 GB plan).\n\
         What else the iCloud account holds (photos, files, mail, other devices) takes room in the \
         same plan and cannot be seen from this computer.\n\
         See what is left of the plan: Settings > your name > iCloud."
    );
    assert_eq!(advice[1]["bytes"], 1_600_000);
    assert_eq!(advice[1]["step"], 1);
    assert_eq!(document["devices"][0]["findings"], json!([]));
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_option_decides_how_much_is_told() {
    let world = tempfile::tempdir().unwrap();
    in_use(world.path());
    BackupBuilder::new(IPAD)
        .snapshot_state("uploading")
        .without("Manifest.plist")
        .write(&world.path().join("Backup"));
    let told = |args: &[&str]| {
        let mut command = program();
        command.current_dir(world.path()).args([".", "--now", NOW]);
        Run::from(command.args(args).ended().unwrap())
    };
    let short = told(&[]).stdout;
    assert!(
        short.contains("\nWhat to do\n1. Decide about \"Test iPhone\", ")
            && short.contains("\n2. Use a stable connection. "),
        "{short}"
    );
    assert!(
        short.contains("more pieces of advice: bkscan . --advice all\n"),
        "{short}"
    );
    // Above it the free room stands, which changes by itself.
    let advice = |screen: &str| screen.split("\nWhat to do\n").nth(1).unwrap().to_owned();
    let same = told(&["--advice", "short"]).stdout;
    assert_eq!(advice(&same), advice(&short));
    let all = told(&["--advice", "all"]).stdout;
    let headings: Vec<_> = all
        .lines()
        .filter(|line| line.starts_with(|first: char| first.is_ascii_digit()))
        .skip(1)
        .collect();
    assert_eq!(
        headings,
        [
            "1. Check storage space",
            "2. Use a stable connection",
            "3. Update iOS",
            "4. Restart the device",
            "5. Reset the network settings",
            "6. Sign out of iCloud and in again",
            "7. Check Apple's services",
            "8. Contact Apple Support",
        ]
    );
    let none = told(&["--advice", "none"]).stdout;
    assert!(!none.contains("What to do"), "{none}");
    // The document has everything, whatever the screen shows.
    let json = |how_much| {
        let document = told(&["--advice", how_much, "--json"]).stdout;
        let document: Value = serde_json::from_str(&document).unwrap();
        document["advice"].as_array().unwrap().len()
    };
    assert_eq!((json("none"), json("short"), json("all")), (9, 9, 9));
    let wrong = told(&["--advice", "some"]);
    assert_eq!(wrong.code, 64);
}
