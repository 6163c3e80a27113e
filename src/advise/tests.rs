//! For each piece of advice, cases in which it must be given and cases in which it must not. A case
//! is a line: backups apart by `;`, each in the words of the cases of `plan`, with `key=value` for
//! what matters here.

use super::*;
use crate::model::Verdict;
use crate::model::{
    BackupIndex, BackupReport, IcloudEstimate, Keepsake, KeepsakeGroup, Keepsakes, Loss, LossKind,
    ManifestCounts, OnlyHere, Severity, StorageGroup,
};
use crate::plan::tests as cases;

const GB: u64 = 1_000_000_000;

fn backup(words: &str) -> BackupReport {
    let (pairs, plain): (Vec<&str>, Vec<&str>) = words
        .split_whitespace()
        .partition(|word| word.contains('=') || *word == "read-only");
    let mut backup = cases::backup(&plain.join(" "));
    backup.device.product_type = Some("iPhone14,5".to_owned());
    backup.device.name = Some(format!("Phone {}", plain[0]));
    let folder = backup.udid.as_ref().map(|udid| udid.as_str().to_owned());
    backup.path = folder.map_or(backup.path, std::path::PathBuf::from);
    for pair in pairs {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let number = || value.parse::<u64>().unwrap() * GB;
        match key {
            "ios" => backup.device.ios_version = Some(value.to_owned()),
            "product" => backup.device.product_type = Some(value.to_owned()),
            "size" => backup.usage.allocated = number(),
            "free" => backup.disk.as_mut().unwrap().available = number(),
            "read-only" => backup.disk.as_mut().unwrap().read_only = true,
            "found" => {
                let found: &'static str = verify_id(value);
                backup.findings = vec![cases::finding(found, Severity::Warning)];
            }
            "app" => backup.storage.push(StorageGroup {
                name: value.to_owned(),
                files: 1,
                bytes: GB,
            }),
            "photos" => {
                backup.icloud = Some(IcloudEstimate {
                    photos: number(),
                    messages: GB,
                    rest: GB,
                    photos_in_icloud: false,
                });
            }
            other => panic!("{other}"),
        }
    }
    backup
}

fn verify_id(id: &str) -> &'static str {
    let mut checks = crate::verify::all();
    checks.find(|check| check.id == id).unwrap().id
}

fn report(case: &str) -> Report {
    let mut backups: Vec<BackupReport> = case.split(';').map(backup).collect();
    // Backups on one volume have the same room.
    for index in 0..backups.len() {
        let same = backups
            .iter()
            .filter(|other| other.volume == backups[index].volume);
        let room = same
            .filter_map(|other| other.disk)
            .map(|disk| disk.available);
        let room = room.min().unwrap();
        backups[index].disk.as_mut().unwrap().available = room;
    }
    cases::report(backups)
}

fn ids(case: &str) -> Vec<&'static str> {
    let advice = advise(&report(case), System::Mac);
    advice.iter().map(|item| item.id).collect()
}

/// Id, cases with it, cases without it.
const CASES: &[(&str, &[&str], &[&str])] = &[
    (
        "remove-old-backups",
        &[
            "A complete 2026-11-20; A complete 2026-01-01",
            "A complete 2026-11-20; A incomplete 2026-01-01",
            "A incomplete - info-only; A complete 2026-11-20",
        ],
        &[
            "A complete 2026-11-20",
            "A complete 2026-11-20; B complete 2020-01-01",
            "A unverified 2026-11-20 enc; A complete 2026-01-01 enc",
            "A complete 2026-11-20; A complete 2026-01-01 vol2",
        ],
    ),
    (
        "decide-yourself",
        &[
            "A complete 2025-01-01",
            "A unverified 2026-11-20 enc; A complete 2026-01-01 enc",
            "A complete 2026-11-20; A corrupt 2026-01-01",
            "A complete 2026-11-20; A complete 2026-01-01 arch",
            // A first run's leftovers.
            "A incomplete 2025-01-01",
        ],
        &[
            "A complete 2026-11-20",
            "A corrupt 2025-01-01",
            "A in-progress 2025-01-01",
        ],
    ),
    (
        "next-backup-may-not-fit",
        &[
            "A complete 2026-11-20 size=86 free=12",
            "A complete 2026-11-20 size=86 free=85",
            "A unverified 2026-11-20 size=86 free=12",
            // Small, but not even an update fits.
            "A complete 2026-11-20 size=1 free=2",
            // The least that a device asks for.
            "A incomplete 2026-11-20 size=86 free=2",
            "A complete 2026-05-27 size=86 free=12",
            // Both folders may be the one that the next run goes to.
            "A complete 2026-11-20 vol2 size=86 free=0; A complete 2026-11-19 size=1 free=80",
        ],
        &[
            "A complete 2026-11-20 size=86 free=86",
            "A complete 2026-11-20 vol2 size=86 free=0; A complete 2026-11-19 size=1 free=400",
            "A complete 2026-11-20 arch size=86 free=0",
            "A complete 2026-11-20 size=86 free=0 read-only",
            "A in-progress 2026-11-22 free=1; A complete 2026-11-20 arch size=86 free=1",
            "A incomplete 2026-11-21 info-only size=86 free=12; A complete 2026-11-20 size=9 free=12",
            "A complete 2026-11-20 size=1 free=3",
            // What a full one takes cannot be known from a part of it.
            "A incomplete 2026-11-20 size=86 free=12",
            "A interrupted 2026-11-20 size=86 free=12",
            "A complete 2026-01-01 size=86 free=12; A corrupt 2026-11-20 size=70 free=12",
            // Out of use for longer than 180 days.
            "A complete 2026-05-25 size=86 free=12",
            "A complete - size=86 free=12",
            "A in-progress 2026-11-20 size=86 free=12",
        ],
    ),
    (
        "largest-apps",
        &[
            "A complete 2026-11-20 app=Maps",
            "A complete 2026-11-20 app=Photos app=Maps",
            "A complete 2026-11-20; B complete 2026-11-20 app=Maps",
        ],
        &[
            "A complete 2026-11-20 app=Photos app=Messages app=Health",
            "A complete 2025-11-20 app=Maps",
            "A unverified 2026-11-20 enc",
            "A complete 2026-11-20; A complete 2026-01-01 app=Maps",
            // Too old to tell what is on the device today.
            "A complete 2026-01-01 app=Maps; A corrupt 2026-11-20",
            // What is lost here may be on the device alone.
            "A corrupt 2026-11-20 app=Maps",
            "A interrupted 2026-11-20 app=Maps",
        ],
    ),
    (
        "icloud-plan",
        &[
            "A complete 2026-11-20 photos=40",
            "A complete 2026-11-20; B complete 2026-11-20 photos=40",
        ],
        &[
            "A unverified 2026-11-20 enc",
            "A complete 2025-11-20 photos=40",
            "A complete 2026-11-20; A complete 2026-01-01 photos=40",
            "A complete 2026-01-01 photos=40; A interrupted 2026-11-20",
        ],
    ),
    ("save-data", FAILED, FINE),
    (
        "stable-connection",
        &[
            "A interrupted 2026-11-20 found=update-interrupted",
            "A incomplete 2026-11-20",
            "A complete 2026-11-20 found=later-attempt-failed",
            "A complete 2026-01-01; A incomplete 2026-11-20",
            "A complete 2026-11-20; B interrupted 2026-11-20",
        ],
        &[
            "A complete 2026-11-20",
            "A corrupt 2026-11-20 found=file-missing",
            "A incomplete 2026-11-20 found=status-missing",
            "A in-progress 2026-11-20",
            "A complete 2026-11-20; A incomplete 2026-01-01",
        ],
    ),
    (
        "update-ios",
        &[
            "A corrupt 2026-11-20 ios=17.1; B complete 2026-11-20 ios=17.4",
            "A corrupt 2026-11-20 ios=17.1; B complete 2020-11-20 ios=17.1.1",
            "A corrupt 2026-11-20 ios=17.9; B complete 2026-11-20 ios=17.10",
            "A corrupt 2026-11-20 ios=17; B corrupt 2026-11-20 ios=17.1 product=iPad14,1",
        ],
        &[
            "A corrupt 2026-11-20 ios=17.1; B complete 2026-11-20 ios=18.0",
            "A corrupt 2026-11-20 ios=17.1; B complete 2026-11-20 ios=17.1",
            "A corrupt 2026-11-20 ios=17.1.0; B complete 2026-11-20 ios=17.1",
            "A corrupt 2026-11-20 ios=17.1; B complete 2026-11-20 ios=17.1.0",
            "A corrupt 2026-11-20 ios=17.4; B complete 2026-11-20 ios=17.1",
            "A corrupt 2026-11-20; B complete 2026-11-20 ios=17.1",
            "A corrupt 2026-11-20 ios=17.x; B complete 2026-11-20 ios=17.4",
            // A device that is fine needs no update.
            "A complete 2026-11-20 ios=17.1; B complete 2026-11-20 ios=17.4",
            // It has the newer one already.
            "A corrupt 2026-11-20 ios=17.1; A interrupted 2026-01-01 ios=17.4",
        ],
    ),
    ("restart", FAILED, FINE),
    (
        "reset-network",
        &[
            "A incomplete 2026-11-20",
            "A interrupted 2026-11-20",
            "A complete 2026-11-20 found=later-attempt-failed",
        ],
        &[
            "A corrupt 2026-11-20 found=file-missing",
            "A complete 2026-01-01; A corrupt 2026-11-20",
            "A complete 2026-11-20",
            "A in-progress 2026-11-20",
        ],
    ),
    ("icloud-sign-in", FAILED, FINE),
    ("service-status", FAILED, FINE),
    ("contact-support", FAILED, FINE),
];

/// Devices whose newest backup failed.
const FAILED: &[&str] = &[
    "A incomplete 2026-11-20",
    "A corrupt 2026-11-20",
    "A corrupt -",
    "A interrupted 2026-11-20",
    "A corrupt 2020-01-01",
    "A complete 2026-11-20 found=later-attempt-failed",
    "A complete 2026-01-01; A corrupt 2026-11-20",
    "A complete 2026-11-20; B corrupt 2026-11-20",
];

/// Devices that are fine, whatever else there is.
const FINE: &[&str] = &[
    "A complete 2026-11-20",
    "A unverified 2026-11-20 enc",
    "A complete 2020-01-01",
    "A in-progress 2026-11-20",
    "A unreadable -",
    "A complete 2026-11-20; A corrupt 2026-01-01",
    "A complete 2026-11-20; A incomplete 2026-01-01",
    "A complete 2026-11-20; A interrupted 2026-01-01",
    "A complete 2026-11-20 found=info-missing",
    "A complete 2026-11-20; A corrupt 2026-11-20 vol2",
    "A complete 2026-11-20; A corrupt 2026-11-21 arch",
    "A corrupt -; A complete 2026-11-20",
    "A complete 2026-11-20; A incomplete 2026-11-21 info-only",
    "A complete 2028-11-20; A corrupt 2026-01-01",
    "A in-progress 2026-11-22; A corrupt 2026-01-01 arch",
];

#[test]
fn advice_is_given_where_there_is_evidence_and_nowhere_else() {
    for (id, with, without) in CASES {
        for case in *with {
            assert!(ids(case).contains(id), "{id}: {case}: {:?}", ids(case));
        }
        for case in *without {
            assert!(!ids(case).contains(id), "{id}: {case}: {:?}", ids(case));
        }
    }
}

#[test]
fn a_device_that_is_fine_gets_no_advice_but_what_frees_space() {
    for case in FINE {
        let advice = advise(&report(case), System::Mac);
        assert!(advice.iter().all(|item| item.step == 1), "{case}");
    }
}

#[test]
fn all_comes_in_the_order_of_the_guide() {
    let case = "A incomplete 2026-11-21 ios=17.1; \
                B complete 2026-11-20 ios=17.4 size=86 free=12 app=Maps photos=40; \
                B complete 2026-01-01; C complete 2025-01-01";
    let order: Vec<_> = CASES.iter().map(|(id, ..)| *id).collect();
    assert_eq!(ids(case), order);
    let report = report(case);
    let advice = advise(&report, System::Mac);
    for item in &advice {
        assert!((1..=8).contains(&item.step), "{}", item.id);
        assert!(
            !item.text.is_empty() && !item.backups.is_empty(),
            "{}",
            item.id
        );
        assert!(
            !item.lead.is_empty() && !item.short.is_empty(),
            "{}",
            item.id
        );
    }
}

/// The ids on the short screen, where runs of the devices failed on so many days.
fn on_screen_after(case: &str, failed_days: u32) -> String {
    let mut report = report(case);
    for device in &mut report.devices {
        device.failed_days = failed_days;
    }
    report.advice = advise(&report, System::Mac);
    let ids: Vec<_> = on_screen(&report).iter().map(|item| item.id).collect();
    ids.join(" ")
}

#[test]
fn the_screen_shows_what_saves_data_then_room_then_what_frees_most() {
    for (case, expected) in [
        ("A complete 2026-11-20 app=Maps photos=40", ""),
        (
            "A complete 2026-11-20 app=Maps photos=40 size=86 free=12",
            "next-backup-may-not-fit largest-apps icloud-plan",
        ),
        (
            "A complete 2026-11-20; A complete 2026-01-01 size=1; B complete 2020-01-01 size=2",
            "decide-yourself remove-old-backups",
        ),
        (
            "A complete 2026-11-20 size=86 free=12; A complete 2026-01-01 size=3; \
             B complete 2020-01-01 size=2; C corrupt 2026-11-20 found=file-missing",
            "save-data next-backup-may-not-fit remove-old-backups decide-yourself",
        ),
        (
            "A interrupted 2026-11-20 ios=17.1; B complete 2026-11-20 ios=17.4",
            "save-data update-ios",
        ),
    ] {
        assert_eq!(on_screen_after(case, 1), expected, "{case}");
    }
}

/// No setting of a device brings back what is missing in a finished backup.
#[test]
fn what_is_drastic_is_on_the_screen_only_where_a_device_fails_again_and_again() {
    const DRASTIC: &str =
        "save-data restart reset-network icloud-sign-in service-status contact-support";
    for (case, days, expected) in [
        ("A interrupted 2026-11-20", 0, "save-data"),
        ("A interrupted 2026-11-20", 1, "save-data"),
        ("A interrupted 2026-11-20", 2, DRASTIC),
        (
            "A complete 2026-11-20 found=later-attempt-failed",
            3,
            DRASTIC,
        ),
        ("A corrupt 2026-11-20 found=file-missing", 9, "save-data"),
    ] {
        assert_eq!(on_screen_after(case, days), expected, "{case}: {days}");
    }
}

fn advised(case: &str, id: &str) -> Advice {
    let advice = advise(&report(case), System::Mac);
    advice.into_iter().find(|item| item.id == id).unwrap()
}

#[test]
fn the_shortfall_is_told_with_what_cleaning_brings() {
    // What goes from another disk makes no room on this one.
    let case = "A complete 2026-11-20 size=86 free=12; A complete 2026-01-01 size=71; \
                B complete 2026-11-21 size=3 vol2; B complete 2026-02-01 size=5 vol2";
    let item = advised(case, "next-backup-may-not-fit");
    assert_eq!(item.bytes, Some(74 * GB));
    assert_eq!(
        item.text[..2],
        [
            "A full backup of Phone A takes about 86.0 GB; 12.0 GB are free, 83.0 GB without the \
             old backups.",
            "74.0 GB are missing."
        ]
    );
    assert_eq!(item.backups, [0].map(BackupIndex::new));
    // Where not even an update fits.
    let item = advised(
        "A complete 2026-11-20 size=1 free=2",
        "next-backup-may-not-fit",
    );
    assert_eq!(item.bytes, Some(134_217_728 + 2_147_483_648 - 2 * GB));
    assert_eq!(
        item.lead,
        "The next backup of Phone A may need 2.3 GB; 2.0 GB are free."
    );
    // Only a part of it is here: what the whole takes is not known.
    let item = advised(
        "A incomplete 2026-11-20 size=5 free=2",
        "next-backup-may-not-fit",
    );
    assert_eq!(
        item.lead,
        "The next backup of Phone A may need 2.3 GB; 2.0 GB are free."
    );
    // A figure that is not from the newest row has its day.
    let item = advised(
        "A complete 2026-11-01 size=5 free=3; A corrupt 2026-11-20 size=4",
        "next-backup-may-not-fit",
    );
    assert_eq!(
        item.lead,
        "A full backup of Phone A (backup of 1 Nov 2026) takes about 5.0 GB; 3.0 GB are free."
    );
    // That which lacks most comes first.
    let case = "A complete 2026-11-20 size=5 free=3; B complete 2026-11-20 size=9 free=3";
    let item = advised(case, "next-backup-may-not-fit");
    assert_eq!(
        (item.bytes, item.backups),
        (Some(6 * GB), [1, 0].map(BackupIndex::new).to_vec())
    );
}

#[test]
fn the_apps_of_the_device_with_a_full_disk_come_first() {
    let case = "A complete 2026-11-20 app=Maps; \
                B complete 2026-11-20 size=86 free=12 app=b app=c app=d app=e app=f app=g";
    let item = advised(case, "largest-apps");
    assert_eq!(
        item.text[..2],
        [
            "Largest apps of Phone B: b 1.0 GB, c 1.0 GB and d 1.0 GB.",
            "Largest apps of Phone A: Maps 1.0 GB.",
        ]
    );
    assert_eq!(item.bytes, Some(4 * GB));
}

#[test]
fn a_long_name_is_cut() {
    let mut report = report("A complete 2026-11-20; A complete 2026-01-01");
    let name = "é".repeat(41);
    report.backups[1].device.name = Some(name);
    let advice = advise(&report, System::Mac);
    let cut = format!("A newer backup of {}... holds all of it.", "é".repeat(40));
    assert_eq!(advice[0].short, cut);
}

/// An older backup with photos that the newer one has not; `older` of them of one device.
fn holding_more(case: &str) -> Report {
    let mut report = report(case);
    let count = report.backups.len();
    for backup in &mut report.backups[1..count] {
        let mut keepsakes = Keepsakes::default();
        for number in 0..3 {
            let photo = Keepsake::new(number, Some(2_000_000), Some(1_700_000_000), None);
            keepsakes.add(KeepsakeGroup::Photos, photo);
        }
        backup.holdings.keepsakes = Some(keepsakes);
        backup.manifest = Some(ManifestCounts::default());
    }
    cases::report(report.backups)
}

#[test]
fn what_only_an_older_backup_holds_is_named_with_the_comparison() {
    let mut report =
        holding_more("A complete 2026-11-20; A complete 2026-01-01; B complete 2019-01-01");
    let folders = ["x/new", "x/with space", "x/other"];
    for (backup, path) in report.backups.iter_mut().zip(folders) {
        backup.path = path.into();
    }
    let decide = |report: &Report| -> Vec<Advice> {
        let advice = advise(report, System::Mac).into_iter();
        advice.filter(|item| item.id == undecided::ID).collect()
    };
    let advice = decide(&report);
    assert_eq!(advice.len(), 2, "{advice:#?}");
    assert_eq!(
        advice[0].title,
        "Decide about \"Phone A\" of 1 Jan 2026, 1 kB"
    );
    assert_eq!(
        advice[0].lead,
        "Only in it: 3 photos and videos (6.0 MB); the one of 20 Nov 2026 is complete but does not \
         hold them."
    );
    assert_eq!(advice[0].short, "Only in it: 3 photos and videos (6.0 MB).");
    assert_eq!(advice[0].backups, [1].map(BackupIndex::new));
    assert_eq!(
        advice[0].command.as_deref(),
        Some("bkscan diff 'with space' new")
    );
    // An only copy is another question.
    assert_eq!(advice[1].backups, [2].map(BackupIndex::new));
    // Elsewhere than where the system keeps them their names are not found.
    for root in &mut report.roots {
        root.is_default = false;
    }
    let call = decide(&report)[0].command.clone();
    assert_eq!(call.as_deref(), Some("bkscan diff 'x/with space' x/new"));
}

#[test]
fn of_several_older_backups_each_is_told() {
    let case = "A complete 2026-11-20; A complete 2026-02-01; A complete 2026-01-01";
    let report = holding_more(case);
    // Of two that hold the same, the older one can go.
    assert_eq!(report.plan.removable.backups, [2].map(BackupIndex::new));
    let mut report = report;
    report.backups[2].volume = Some(9);
    report.backups[2]
        .holdings
        .databases
        .insert("Notes", 5_000_000);
    let report = cases::report(report.backups);
    let mut advice = advise(&report, System::Mac).into_iter();
    let item = advice.find(|item| item.id == undecided::ID).unwrap();
    assert_eq!(item.backups, [1, 2].map(BackupIndex::new));
    assert_eq!(
        item.text,
        [
            "That of 1 Feb 2026 holds 3 photos and videos (6.0 MB), which the one of 20 Nov 2026 does \
             not, though it is complete.",
            "That of 1 Jan 2026 holds 3 photos and videos (6.0 MB) and Notes, which the one of 20 Nov \
             2026 does not, though it is complete.",
        ]
    );
}

#[test]
fn what_may_be_lost_is_told_with_what_can_go() {
    let mut report = report("A complete 2026-11-20; A complete 2026-01-01");
    let lead = |report: &Report| advise(report, System::Mac)[0].lead.clone();
    const HOLDS: &str = "The backup of Phone A of 20 Nov 2026 is complete and holds every photo, \
                         message and recording that the one of 1 Jan 2026 does";
    assert_eq!(lead(&report), format!("{HOLDS}."));
    report.backups[1].manifest = Some(ManifestCounts::default());
    report.plan.decisions[1].only_here = Some(OnlyHere {
        than: Some(BackupIndex::new(0)),
        groups: vec![Loss {
            kind: LossKind::Keepsakes(KeepsakeGroup::Photos),
            name: "Photos".to_owned(),
            files: 2,
            bytes: 3_000_000,
            of_files: 900,
            of_bytes: 9_000_000_000,
            matters: false,
        }],
        ..OnlyHere::default()
    });
    assert_eq!(
        lead(&report),
        format!("{HOLDS} but for 2 photos and videos (3.0 MB).")
    );
    report.plan.decisions[1].only_here = None;
    assert_eq!(
        lead(&report),
        "Phone A has a newer complete backup; what they hold could not be compared."
    );
}

#[test]
fn what_apple_has_likely_said_is_named_as_likely() {
    let text = |case: &str, id: &str| advised(case, id).text.join("\n");
    for (case, id, expected) in [
        (
            "A incomplete 2026-11-20",
            "stable-connection",
            "Finder or iTunes has likely said \"the iPhone disconnected\" or \"the backup session \
             failed\" (MBErrorDomain/103, 104 or 202).",
        ),
        (
            "A incomplete 2026-11-20 size=1 free=1",
            "stable-connection",
            "Finder or iTunes has likely said \"not enough free space is available on this \
             computer\" (MBErrorDomain/105).",
        ),
        (
            "A corrupt 2026-11-20 found=file-missing",
            "contact-support",
            "Apple's code is likely MBErrorDomain/205.",
        ),
        // The disk has filled up since: that did not damage it.
        (
            "A corrupt 2026-11-20 found=file-missing size=1 free=1",
            "contact-support",
            "Apple's code is likely MBErrorDomain/205.",
        ),
        (
            "A incomplete 2026-11-20 product=iPad14,1",
            "stable-connection",
            "likely said \"the iPad disconnected\"",
        ),
    ] {
        let text = text(case, id);
        assert!(text.contains(expected), "{case}: {text}");
    }
}

#[test]
fn menus_are_those_of_the_device() {
    let text = |case: &str| advised(case, "reset-network").text.join("\n");
    let new = "Settings > General > Transfer or Reset iPhone > Reset > Reset Network Settings";
    let old = "Settings > General > Reset > Reset Network Settings";
    for (case, has_new, has_old) in [
        ("A interrupted 2026-11-20 ios=15.0", true, false),
        ("A interrupted 2026-11-20 ios=26.1", true, false),
        ("A interrupted 2026-11-20 ios=14.8.1", false, true),
        ("A interrupted 2026-11-20", true, true),
    ] {
        let text = text(case);
        assert_eq!(text.contains(new), has_new, "{text}");
        assert_eq!(text.contains(old), has_old, "{text}");
        assert!(
            text.contains("saved Wi-Fi passwords and VPN settings go"),
            "{text}"
        );
    }
    let ipad = text("A interrupted 2026-11-20 ios=17.0 product=iPad14,1");
    assert!(ipad.contains("Transfer or Reset iPad >"), "{ipad}");
}

/// What lies in a folder that is archived or renamed no run writes over.
#[test]
fn a_folder_of_another_name_is_written_over_by_nobody() {
    for (folder, title) in [
        ("", "Save Phone A"),
        (".old", "Back up Phone A again"),
        ("-20261120-101010", "Back up Phone A again"),
    ] {
        let mut report = report("A corrupt 2026-11-20 found=file-missing");
        let backup = &mut report.backups[0];
        backup.payloads = 5;
        let name = backup.folder_name() + folder;
        backup.path = std::path::PathBuf::from(name);
        let advice = advise(&report, System::Mac);
        let save = advice.iter().find(|item| item.id == "save-data").unwrap();
        assert_eq!(save.title, title);
        let is_copied = save.lead.contains("Copy its folder");
        assert_eq!(is_copied, folder.is_empty(), "{}", save.lead);
    }
}

/// Devices of one name are told apart by their models, else by their folders.
#[test]
fn devices_of_one_name_are_told_apart() {
    let titles = |products: [&str; 2]| {
        let mut report = report("A incomplete 2026-11-20; B incomplete 2026-11-20");
        for (backup, product) in report.backups.iter_mut().zip(products) {
            backup.device.name = Some("iPhone".to_owned());
            backup.device.product_name = Some(product.to_owned());
        }
        let advice = advise(&report, System::Mac);
        let save = advice.iter().find(|item| item.id == "save-data").unwrap();
        save.title.clone()
    };
    assert_eq!(
        titles(["iPhone 15", "iPhone 16"]),
        "Back up iPhone (iPhone 15) and iPhone (iPhone 16) again"
    );
    let [one, other] = ["a", "b"].map(|letter| letter.repeat(40));
    assert_eq!(
        titles(["iPhone 15", "iPhone 15"]),
        format!("Back up iPhone ({one}) and iPhone ({other}) again")
    );
}

/// Steps 4 to 7 are for a stale backup, too; what is about a run that failed is not.
#[test]
fn a_stale_backup_gets_what_helps_a_device_that_does_not_come() {
    let mut report = report("A complete 2026-09-01; B complete 2026-11-20");
    report.devices = crate::verify::group::group(&report.backups, cases::now(), |_| {
        Some(cases::time("2026-10-23"))
    });
    let advice = advise(&report, System::Mac);
    let about_a: Vec<_> = advice
        .iter()
        .filter(|item| item.step > 1)
        .map(|item| (item.id, item.backups.as_slice(), item.seen[0].what.as_str()))
        .collect();
    let of_a = [BackupIndex::new(0)];
    let seen = || "no good backup since 1 Sep 2026 (backup-stale)";
    assert_eq!(
        about_a,
        [
            ("save-data", &of_a[..], seen()),
            ("restart", &of_a, seen()),
            ("reset-network", &of_a, seen()),
            ("icloud-sign-in", &of_a, seen()),
            ("service-status", &of_a, seen()),
        ]
    );
    assert_eq!(
        (advice[0].title.as_str(), advice[0].lead.as_str()),
        ("Back up Phone A", "Connect it by cable and back it up.")
    );
    // A severity of the user's own silences that, too.
    report.devices[0].findings[0].severity = Severity::Note;
    assert!(
        advise(&report, System::Mac)
            .iter()
            .all(|item| item.step == 1)
    );
}

#[test]
fn what_to_decide_about_is_named_so_that_it_can_be_told_from_the_rest() {
    for (case, expected) in [
        (
            "B complete 2020-01-01 size=2",
            "Decide about \"Phone B\", 2.0 GB",
        ),
        (
            "A complete 2026-11-20 size=2; A corrupt 2026-01-03 size=3",
            "Decide about \"Phone A\" of 3 Jan 2026, 3.0 GB",
        ),
        (
            "A complete 2026-11-20; A corrupt 2026-01-03 size=3; A corrupt 2026-01-04 size=3; \
             B complete 2020-01-01 size=2",
            "Decide about 2 backups of \"Phone A\" and \"Phone B\", 8.0 GB",
        ),
    ] {
        assert_eq!(advised(case, "decide-yourself").title, expected, "{case}");
    }
}

/// Lets a backup hold so many payloads, as long together as its folder takes.
fn hold(backup: &mut BackupReport, payloads: u64) {
    backup.payloads = payloads;
    backup.storage = vec![StorageGroup {
        name: "Photos".to_owned(),
        files: payloads,
        bytes: backup.usage.allocated,
    }];
}

/// A backup with these findings and so many files in its folder.
fn damaged(case: &str, files: u64, ids: &[&str]) -> Report {
    let mut report = report(case);
    hold(&mut report.backups[0], files);
    report.backups[0].findings = ids
        .iter()
        .map(|id| cases::finding(verify_id(id), Severity::Warning))
        .collect();
    report
}

fn saved(report: &Report) -> (String, String) {
    let mut advice = advise(report, System::Mac).into_iter();
    let item = advice.find(|item| item.id == save::ID).unwrap();
    (item.title, item.lead)
}

#[test]
fn what_saves_the_data_comes_before_the_next_backup() {
    for (case, files, ids, expected) in [
        (
            "A corrupt 2026-11-20 size=18",
            47_498,
            &["file-missing"][..],
            "Save Phone A: Copy its folder to another disk first, because the next backup may write over \
             what can still be read (47,498 files, 18.0 GB). Then back it up again by cable.",
        ),
        (
            "A corrupt 2024-03-02 size=18; A complete 2023-01-01",
            1,
            &["manifest-damaged", "file-missing"],
            "Save Phone A: Copy its folder to another disk first, because the next backup may write over \
             what can still be read (1 file, 18.0 GB). Then back it up again by cable, if you still have \
             it. The one of 1 Jan 2023 is complete.",
        ),
        (
            "A corrupt 2026-11-20 size=2",
            5,
            &["file-missing", "payload-read-error"],
            "Save Phone A: Copy what can be read of its folder to another disk first (4 files, 2.0 GB), \
             and check the disk it is on (Mac: Disk Utility > First Aid). Then back it up again by cable, \
             to a disk in good order.",
        ),
        (
            "A corrupt 2026-11-20 size=2",
            5,
            &["file-missing", "manifest-unreadable"],
            "Save Phone A: Rename its folder or move it away first, and keep what may still be readable \
             (5 files, 2.0 GB): every further run into it fails (error 205). Then back it up again by \
             cable.",
        ),
        (
            "A incomplete 2026-11-20",
            0,
            &["never-finished"],
            "Back up Phone A again: There is nothing in its folder that the next backup could write over. \
             Back it up again by cable.",
        ),
        (
            "A interrupted 2026-11-20",
            7,
            &["update-interrupted"],
            "Finish the backup of Phone A: Leave its folder as it is: the next run can go on from there. \
             Back it up again by cable, to its end.",
        ),
        (
            "A complete 2026-11-20",
            7,
            &["later-attempt-failed"],
            "Back up Phone A again: Connect it by cable and unlock it. Then back it up again and enter \
             the passcode on the device when it asks.",
        ),
    ] {
        let (title, lead) = saved(&damaged(case, files, ids));
        assert_eq!(format!("{title}: {lead}"), expected, "{case} {ids:?}");
    }
    // A list of 0 bytes, of which the finding alone does not tell.
    let mut empty = damaged("A incomplete 2026-11-20", 3, &["manifest-plist-missing"]);
    assert!(
        saved(&empty).1.starts_with("Copy its folder"),
        "{:?}",
        saved(&empty)
    );
    empty.backups[0].blocks_next_run = true;
    assert!(
        saved(&empty).1.starts_with("Rename its folder"),
        "{:?}",
        saved(&empty)
    );
}

/// What is left is told by its own lengths, whatever else the folder takes, and without what has lost its content.
#[test]
fn what_has_no_content_any_more_cannot_be_read() {
    let mut report = damaged("A corrupt 2026-11-20 size=2", 68, &["payload-empty"]);
    let backup = &mut report.backups[0];
    backup.storage[0].bytes = 290_000;
    backup.findings[0].count = 2;
    backup.findings[0].bytes = 9_000_000;
    let expected = "Copy its folder to another disk first, because the next backup may write over what can still be \
                    read (66 files, 290 kB). Then back it up again by cable.";
    assert_eq!(saved(&report).1, expected);
    // A cut one has bytes, too, of which none can be read.
    let mut report = damaged("A corrupt 2026-11-20 size=2", 68, &["payload-truncated"]);
    let backup = &mut report.backups[0];
    backup.storage[0].bytes = 290_000;
    backup.findings[0].count = 2;
    backup.findings[0].bytes = 90_000;
    assert!(saved(&report).1.contains("(66 files, 200 kB)"));
}

/// Nobody can open what needs keys that are gone: it is not called readable.
#[test]
fn what_has_lost_its_keys_is_not_kept_for_what_may_be_readable() {
    let mut report = damaged(
        "A corrupt 2026-11-20 size=2",
        68,
        &["manifest-plist-unreadable"],
    );
    report.backups[0].locked = true;
    report.backups[0].encrypted = None;
    report.backups[0].storage[0].bytes = 290_000;
    assert_eq!(
        saved(&report).1,
        "Rename its folder or move it away first (68 files, 290 kB, are there, and without the keys nobody can \
         open them): every further run into it fails (error 205). Then back it up again by cable."
    );
    report.backups[0].encrypted = Some(true);
    assert!(saved(&report).1.contains("keep what may still be readable"));
}

#[test]
fn devices_for_which_the_same_has_to_be_done_are_told_of_together() {
    let mut report = report("A corrupt 2026-11-20 size=2; B incomplete 2020-11-20 size=3");
    for (backup, files) in report.backups.iter_mut().zip([5, 1]) {
        hold(backup, files);
    }
    let (title, lead) = saved(&report);
    assert_eq!(title, "Save Phone A and Phone B");
    assert_eq!(
        lead,
        "Copy their folders to another disk first, because the next backup may write over what can still \
         be read (Phone A: 5 files, 2.0 GB; Phone B: 1 file, 3.0 GB). Then back them up again by cable, \
         those that you still have."
    );
}

/// What `explain` tells to do and what advice tells about a backup with nothing but that finding are the
/// same, in the same order.
#[test]
fn advice_never_contradicts_explain() {
    const MARKS: [(&str, &str); 6] = [
        (
            "copy its folder to another disk",
            "copy its folder to another disk",
        ),
        (
            "copy what can be read of its folder",
            "copy what can be read of its folder",
        ),
        (
            "rename the folder, or move it away, first",
            "rename its folder or move it away first",
        ),
        ("leave the folder as it is", "leave its folder as it is"),
        ("by cable and unlock it", "by cable and unlock it"),
        ("back up the device again", "back it up again"),
    ];
    let mut told = 0;
    for check in crate::verify::all() {
        let verdict = crate::verify::verdict_of(check.effect).unwrap_or(Verdict::Complete);
        let case = format!("A {} 2026-11-20 size=2", verdict.as_str());
        let mut report = damaged(&case, 5, &[check.id]);
        report.backups[0].blocks_next_run = check.blocks_next_run;
        let advice = advise(&report, System::Mac);
        let Some(item) = advice.iter().find(|item| item.id == save::ID) else {
            assert!(
                verdict >= Verdict::Unverified || verdict <= Verdict::InProgress,
                "{}",
                check.id
            );
            continue;
        };
        told += 1;
        let explained = check.explanation.action.to_lowercase();
        let advised = item.lead.to_lowercase();
        let places = |of: fn(&(&'static str, &'static str)) -> &'static str, text: &str| {
            let mut found: Vec<(usize, &str)> = MARKS
                .iter()
                .filter_map(|mark| Some((text.find(of(mark))?, mark.1)))
                .collect();
            found.sort_unstable();
            found.into_iter().map(|(_, mark)| mark).collect::<Vec<_>>()
        };
        let (from, to) = (
            places(|mark| mark.0, &explained),
            places(|mark| mark.1, &advised),
        );
        assert_eq!(from, to, "{}: {explained} | {advised}", check.id);
        assert!(to.len() == 2, "{}: {advised}", check.id);
        for words in ["cable", "error 205", "first aid"] {
            // A file of 0 bytes, of which explain speaks too, is told of where it is one.
            let is_case = explained.contains("with 0 bytes") && words == "error 205";
            assert!(
                is_case || explained.contains(words) == advised.contains(words),
                "{}: {words}",
                check.id
            );
        }
    }
    assert!(told >= 20, "{told}");
}
