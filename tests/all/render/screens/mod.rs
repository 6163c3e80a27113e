//! The screens, held literally. The reports are made by hand, so that every number in them is known.

use std::path::PathBuf;

use bkscan::model::options::Policy;
use bkscan::model::{
    Access, BackupReport, DateSource, Described, Effect, Finding, Holdings, Keepsake,
    KeepsakeGroup, Keepsakes, LastBackup, Level, ManifestCounts, ManifestFormat, Report, Root,
    Severity, Udid, Usage, Verdict, Volume,
};
use bkscan::render::screen::style::Style;
use bkscan::render::screen::text::{self, Guide};
use bkscan::system::System;
use bkscan::verify::group;
use bkscan::{advise, plan};
use jiff::Timestamp;
use jiff::tz::TimeZone;

pub const PHONE: &str = "00008130-000A1C2E3F40801E";
pub const OLD_PHONE: &str = "00008030-001122334455667A";
pub const IPAD: &str = "00008103-0012345678901234";

pub const BEN: &str = "00008101-000C3E5A7B9D0F12";

/// A disk with little room.
pub const DISK: Volume = Volume {
    total: 494_400_000_000,
    available: 12_400_000_000,
    shares_blocks: true,
    read_only: false,
};

/// The same with room for another backup.
pub const ROOMY: Volume = Volume {
    available: 112_000_000_000,
    ..DISK
};

fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

pub struct Sample<'a> {
    folder: &'a str,
    udid: &'a str,
    name: &'a str,
    product: &'a str,
    ios: &'a str,
    day: &'a str,
    gigabytes: f64,
    verdict: Verdict,
}

pub fn backup(sample: &Sample<'_>) -> BackupReport {
    let locked = sample.verdict == Verdict::Unverified;
    BackupReport {
        access: Access::NotNeeded,
        contents: None,
        path: PathBuf::from("/b").join(sample.folder),
        udid: Udid::parse(sample.udid),
        archived: false,
        encrypted: Some(locked),
        manifest_format: Some(ManifestFormat::Sqlite),
        snapshot_state: Some("finished".to_owned()),
        backup_state: Some("new".to_owned()),
        device: Described {
            name: Some(sample.name.to_owned()),
            product_type: Some(
                if sample.name == "iPad" {
                    "iPad0,0"
                } else {
                    "iPhone0,0"
                }
                .to_owned(),
            ),
            product_name: Some(sample.product.to_owned()),
            ios_version: Some(sample.ios.to_owned()),
            build_version: None,
            serial_number: None,
        },
        last_backup: Some(LastBackup {
            at: format!("{}T12:00:00Z", sample.day).parse().unwrap(),
            source: DateSource::Manifest,
        }),
        status_date: None,
        status_uuid: None,
        info_date: None,
        newest_change: None,
        fingerprint: 0,
        settled_change: None,
        oldest_change: None,
        holds_backup: false,
        in_trash: false,
        is_disputed: false,
        foreign: Default::default(),
        keepsakes: (!locked).then(Vec::new),
        payloads_anywhere: 0,
        holdings: Holdings {
            keepsakes: (!locked).then(Keepsakes::default),
            ..Holdings::default()
        },
        usage: Usage {
            files: 48_310,
            logical: (sample.gigabytes * 1e9) as u64,
            allocated: (sample.gigabytes * 1e9) as u64,
            folders: 0,
        },
        volume: Some(1),
        inode: None,
        disk: Some(DISK),
        only_info: false,
        links: bkscan::model::Links::default(),
        manifest: (!locked).then(ManifestCounts::default),
        payloads: 212_406,
        databases: vec!["Contacts", "Messages", "Photos", "WhatsApp"],
        locked,
        verdict: sample.verdict,
        checked: vec![],
        not_checked: vec![],
        findings: vec![],
        storage: vec![],
        domains: vec![],
        largest: vec![],
        icloud: None,
    }
}

/// A backup that is like any other but for the device's name.
pub fn plain_backup(name: &str) -> BackupReport {
    let device = (name, "iPhone 15 Pro", "26.1");
    let made = backup(&sample(
        ("folder", "none"),
        device,
        "2026-11-20",
        1.0,
        Verdict::Complete,
    ));
    BackupReport { udid: None, ..made }
}

pub fn report(backups: Vec<BackupReport>) -> Report {
    report_on(DISK, backups)
}

/// A report of backups that all lie on this disk.
pub fn report_on(disk: Volume, mut backups: Vec<BackupReport>) -> Report {
    for backup in &mut backups {
        backup.disk = Some(disk);
    }
    let plan = plan::make(&backups, &Policy::usual(now()), now());
    let mut report = Report {
        started_at: now(),
        finished_at: now() + jiff::SignedDuration::from_millis(4100),
        last_run: None,
        ledger_bytes: None,
        looked_with: Vec::new(),
        planned_with: Vec::new(),
        level: Level::Standard,
        cancelled: false,
        roots: vec![Root {
            path: "/b".into(),
            is_default: true,
            volume: Some(disk),
        }],
        devices: group::group(&backups, now(), |_| None),
        backups,
        plan,
        advice: vec![],
        zone: TimeZone::UTC,
        beside: vec![],
        problems: vec![],
    };
    report.advice = advise::advise(&report, System::Mac);
    report
}

pub fn sample<'a>(
    (folder, udid): (&'a str, &'a str),
    (name, product, ios): (&'a str, &'a str, &'a str),
    day: &'a str,
    gigabytes: f64,
    verdict: Verdict,
) -> Sample<'a> {
    Sample {
        folder,
        udid,
        name,
        product,
        ios,
        day,
        gigabytes,
        verdict,
    }
}

/// What a backup that lost part of its photos is told.
pub fn files_missing() -> Finding {
    Finding {
        id: "file-missing",
        severity: Severity::Error,
        effect: Effect::Corrupt,
        count: 812,
        bytes: 3_100_000_000,
        message:
            "812 of 48,310 files are missing (3.1 GB, nearly all photos); the rest can be read"
                .to_owned(),
        examples: vec![],
        hint: None,
        unnamed: None,
        known: false,
    }
}

pub fn four() -> Report {
    let phone = ("Anna's iPhone", "iPhone 15 Pro");
    let older = format!("{PHONE}.old");
    let samples = [
        sample(
            (PHONE, PHONE),
            (phone.0, phone.1, "26.1"),
            "2026-11-20",
            86.4,
            Verdict::Complete,
        ),
        sample(
            (&older, PHONE),
            (phone.0, phone.1, "18.5"),
            "2025-06-14",
            71.3,
            Verdict::Complete,
        ),
        sample(
            (OLD_PHONE, OLD_PHONE),
            ("Old phone", "iPhone 11", "17.4"),
            "2023-09-22",
            48.8,
            Verdict::Unverified,
        ),
        sample(
            (IPAD, IPAD),
            ("iPad", "iPad Air (5th generation)", "17.1"),
            "2024-03-02",
            21.1,
            Verdict::Corrupt,
        ),
    ];
    let mut backups: Vec<_> = samples.iter().map(backup).collect();
    backups[3].findings.push(files_missing());
    report(backups)
}

/// The four, and Ben's phone: its older backup holds photos that the newer one does not.
pub fn six() -> Report {
    let ben = ("Ben's iPhone", "iPhone 12");
    let older = format!("{BEN}.old");
    let samples = [
        sample(
            (BEN, BEN),
            (ben.0, ben.1, "26.1"),
            "2026-11-18",
            22.4,
            Verdict::Complete,
        ),
        sample(
            (&older, BEN),
            (ben.0, ben.1, "18.4"),
            "2025-05-12",
            31.0,
            Verdict::Complete,
        ),
    ];
    let mut backups = four().backups;
    backups.extend(samples.iter().map(backup));
    let mut keepsakes = Keepsakes::default();
    for number in 0..1_204_u32 {
        let photo = Keepsake::new(number.into(), Some(2_574_750), Some(1_700_000_000), None);
        keepsakes.add(KeepsakeGroup::Photos, photo);
    }
    let older = &mut backups[5].holdings;
    older.keepsakes = Some(keepsakes);
    older.databases.insert("Notes", 22_000_000);
    older.databases.insert("Messages", 495_000_000);
    let newer = &mut backups[4].holdings;
    newer.databases.insert("Notes", 21_000_000);
    newer.databases.insert("Messages", 480_000_000);
    report(backups)
}

pub fn style(width: usize) -> Style {
    Style {
        color: false,
        unicode: true,
        zone: TimeZone::UTC,
        width,
        system: System::Mac,
    }
}

fn screen(report: &Report, style: &Style) -> String {
    guided(report, Guide::Short, style)
}

/// The screen with this much advice.
pub fn guided(report: &Report, guide: Guide, style: &Style) -> String {
    let mut bytes = Vec::new();
    text::write(report, guide, style, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Compares with `tests/all/render/screens/NAME.txt`; `BKSCAN_WRITE_SCREENS=1` writes it anew, to be read
/// as a change of its own.
pub fn hold(name: &str, shown: &str) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/all/render/screens");
    let path = PathBuf::from(folder).join(format!("{name}.txt"));
    if std::env::var_os("BKSCAN_WRITE_SCREENS").is_some() {
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(&path, shown).unwrap();
    }
    let kept = std::fs::read_to_string(&path)
        .unwrap()
        .replace("\r\n", "\n");
    assert!(kept == shown, "{name} is now:\n{shown}");
}

#[test]
fn four_backups_at_every_width() {
    for width in [100, 80, 60, 40] {
        let shown = screen(&four(), &style(width));
        for line in shown.lines() {
            let is_command = line.starts_with("     bkscan");
            assert!(
                is_command || unicode_width::UnicodeWidthStr::width(line) <= width,
                "{line}"
            );
        }
        assert!(width < 80 || shown.lines().count() <= 24, "{shown}");
        hold(&format!("four-{width}"), &shown);
    }
}

/// What is only in an older backup is told with the call that shows it.
#[test]
fn a_newer_backup_that_holds_less_is_told() {
    for width in [100, 80] {
        let shown = screen(&six(), &style(width));
        for line in shown.lines() {
            let is_command = line.starts_with("     bkscan");
            let wide = unicode_width::UnicodeWidthStr::width(line);
            assert!(is_command || wide <= width, "{line}");
        }
        hold(&format!("holds-more-{width}"), &shown);
    }
}

#[test]
fn a_locale_without_unicode_gets_ascii() {
    let mut report = four();
    report.backups[0].device.name = Some("Anna’s 電話".to_owned());
    report.backups[1].device.name = Some("Anna’s 電話".to_owned());
    let shown = screen(
        &report,
        &Style {
            unicode: false,
            ..style(80)
        },
    );
    assert!(shown.is_ascii(), "{shown}");
    hold("four-ascii", &shown);
}

#[test]
fn one_locked_backup_is_no_alarm() {
    let phone = ("Anna's iPhone", "iPhone 15 Pro", "26.1");
    let one = sample(
        (PHONE, PHONE),
        phone,
        "2026-11-20",
        86.4,
        Verdict::Unverified,
    );
    hold(
        "locked-80",
        &screen(&report_on(ROOMY, vec![backup(&one)]), &style(80)),
    );
}

#[test]
fn all_is_well_without_praise() {
    let phone = ("Anna's iPhone", "iPhone 15 Pro", "26.1");
    let one = sample((PHONE, PHONE), phone, "2026-11-20", 86.4, Verdict::Complete);
    let ipad = ("iPad", "iPad Air (5th generation)", "26.1");
    let other = sample((IPAD, IPAD), ipad, "2026-11-19", 21.1, Verdict::Complete);
    let report = report_on(ROOMY, vec![backup(&one), backup(&other)]);
    hold("well-80", &screen(&report, &style(80)));
}

/// `bkscan show` ignores case, looks at the names of folders before those of devices, and takes some
/// words for options and paths.
#[test]
#[cfg_attr(
    windows,
    ignore = "the same everywhere, and words for a shell are quoted otherwise"
)]
fn the_printed_word_finds_that_backup_and_no_other() {
    let word = |folder: &str, name: &str, (other_folder, other_name): (&str, &str)| {
        let of = |place: (&str, &str), name: &str| {
            let device = (name, "iPhone 15 Pro", "26.1");
            backup(&sample(place, device, "2026-11-20", 5.0, Verdict::Complete))
        };
        let mut first = of((folder, PHONE), name);
        first.verdict = Verdict::Corrupt;
        first.findings = vec![files_missing()];
        let report = report(vec![first, of((other_folder, OLD_PHONE), other_name)]);
        let shown = screen(&report, &style(200));
        let word = shown.split("bkscan show ").nth(1).unwrap().lines().next();
        word.unwrap().to_owned()
    };
    let other = (OLD_PHONE, "Old phone");
    for (name, other, expected) in [
        ("iPhone", other, "iPhone"),
        ("iPhone", (OLD_PHONE, "iphone"), PHONE),
        ("iPhone", ("IPHONE", "Old phone"), PHONE),
        ("iPhone", ("iPhone of last year", "Old phone"), "iPhone"),
        ("-h", other, PHONE),
        ("..", other, PHONE),
        ("Anna/Ben", other, PHONE),
        ("", other, PHONE),
        // Shown without what nobody sees, it would find nothing.
        ("An\u{200b}na", other, PHONE),
        // The start of a UDID counts least.
        ("00008030", other, "00008030"),
    ] {
        assert_eq!(word(PHONE, name, other), expected, "{name:?} {other:?}");
    }
    for (folder, other_folder, expected) in [
        ("copy", "other", "copy"),
        ("copy", "COPY", "/b/copy"),
        ("-copy", "other", "/b/-copy"),
        (
            &*OLD_PHONE.to_lowercase(),
            "other",
            "/b/00008030-001122334455667a",
        ),
    ] {
        let shown = word(folder, "iPhone", (other_folder, "iPhone"));
        assert_eq!(shown, expected, "{folder}");
    }
}

#[test]
fn a_running_backup_is_only_said() {
    let phone = ("Anna's iPhone", "iPhone 15 Pro", "26.1");
    let mut one = backup(&sample(
        (PHONE, PHONE),
        phone,
        "2026-11-20",
        86.4,
        Verdict::InProgress,
    ));
    one.findings.push(Finding {
        id: "backup-running",
        severity: Severity::Note,
        effect: Effect::InProgress,
        count: 1,
        bytes: 0,
        message:
            "A backup of Anna's iPhone is running (last change 2 minutes ago); look again when \
                  it is done"
                .to_owned(),
        examples: vec![],
        hint: None,
        unnamed: None,
        known: false,
    });
    hold("running-80", &screen(&report(vec![one]), &style(80)));
}

#[test]
fn names_of_any_script_keep_the_columns() {
    let names = [
        "電".repeat(60),
        "هاتف سارة".to_owned(),
        "📱👩‍👩‍👧 family".to_owned(),
        "red \u{1b}[31m\u{202e}alert".to_owned(),
    ];
    let backups = names
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let udid = format!("{at:040}");
            let device = (name.as_str(), "iPhone 15 Pro", "26.1");
            backup(&sample(
                (&udid, &udid),
                device,
                "2026-11-20",
                8.0,
                Verdict::Complete,
            ))
        })
        .collect();
    let report = report(backups);
    for width in [100, 80, 60, 40] {
        let shown = screen(&report, &style(width));
        for line in shown.lines() {
            assert!(
                unicode_width::UnicodeWidthStr::width(line) <= width,
                "{width}: {line}"
            );
        }
        assert!(
            !shown.contains(['\u{1b}', '\u{202e}', '\u{200d}']),
            "{shown}"
        );
        hold(&format!("names-{width}"), &shown);
    }
}

#[test]
fn colour_adds_nothing_but_colour() {
    let plain = screen(&four(), &style(100));
    let painted = screen(
        &four(),
        &Style {
            color: true,
            ..style(100)
        },
    );
    assert_ne!(plain, painted);
    let mut stripped = String::new();
    for part in painted.split('\u{1b}') {
        stripped += part
            .strip_prefix('[')
            .map_or(part, |rest| rest.split_once('m').unwrap().1);
    }
    assert_eq!(stripped, plain);
}

/// What a device would do is claimed only where it makes the check itself.
#[test]
fn what_damage_means_depends_on_what_it_is() {
    let of = |id: &'static str| {
        let mut report = four();
        report.backups[3].findings[0].id = id;
        screen(&report, &style(120))
    };
    let refused = "The iPad would refuse to restore it. Back it up again while you have it.";
    let lost =
        "A restore may fail or lose what is damaged. Back the iPad up again while you have it.";
    for (id, expected, other) in [
        ("file-missing", refused, lost),
        ("digest-mismatch", refused, lost),
        ("manifest-damaged", refused, lost),
        ("payload-truncated", lost, refused),
        ("content-changed", lost, refused),
    ] {
        let shown = of(id).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(shown.contains(expected), "{id}: {shown}");
        assert!(!shown.contains(other), "{id}: {shown}");
    }
}

/// A warning about a backup that is complete has no tick before it.
#[test]
fn a_warning_is_marked_as_one() {
    let mut report = four();
    report.backups[0].findings = vec![Finding {
        id: "info-missing",
        severity: Severity::Warning,
        effect: Effect::Nothing,
        message: "Info.plist is missing".to_owned(),
        ..files_missing()
    }];
    let shown = screen(&report, &style(100));
    let line = "! Anna's iPhone: Info.plist is missing.";
    assert!(
        shown.lines().any(|shown| shown.starts_with(line)),
        "{shown}"
    );
}

/// A run that never finished lacks its manifest anyway.
#[test]
fn a_run_that_never_finished_is_told_once() {
    let mut report = four();
    let of = |id: &'static str, message: &str| Finding {
        id,
        effect: Effect::Incomplete,
        message: message.to_owned(),
        ..files_missing()
    };
    report.backups[3].verdict = Verdict::Incomplete;
    report.backups[3].findings = vec![
        of("never-finished", "It never finished"),
        of("manifest-plist-missing", "No Manifest.plist"),
        of("manifest-missing", "No Manifest.db"),
    ];
    let shown = screen(&report, &style(100));
    assert!(
        shown.contains("iPad: It never finished. Apple's"),
        "{shown}"
    );
    report.backups[3].findings.remove(0);
    let shown = screen(&report, &style(100));
    let both = "iPad: No Manifest.plist. No Manifest.db. Apple's";
    assert!(shown.contains(both), "{shown}");
}

#[test]
fn stopped_at_once_there_is_a_line_all_the_same() {
    let mut report = report(vec![]);
    report.cancelled = true;
    assert_eq!(
        screen(&report, &style(80)),
        "Stopped before the end: no backup was looked at yet.\n"
    );
}

/// What another day of the week reads is named among what was not checked.
#[test]
fn what_is_left_for_other_days_is_told() {
    let mut report = four();
    report.level = Level::Contents;
    let share = |files, bytes| bkscan::model::Amount { files, bytes };
    report.backups[0].contents = Some(bkscan::model::Contents {
        all: share(8, 400_000),
        read: share(1, 84_000),
        left_out: share(7, 316_000),
        ..bkscan::model::Contents::default()
    });
    let shown = screen(&report, &style(100));
    let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    let told = "; 316 kB that are read on other days of the week (--subset weekly).";
    assert!(shown.contains(told), "{shown}");
}
