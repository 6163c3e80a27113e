//! The screens, held literally. The reports are made by hand, so that every number in them is known.

use std::path::PathBuf;

use bkscan::model::options::Policy;
use bkscan::model::{
    Access, Amount, BackupReport, Contents, DateSource, Described, Effect, Finding, Holdings,
    Keepsake, KeepsakeGroup, Keepsakes, LastBackup, Level, ManifestCounts, ManifestFormat,
    MendOffer, Report, Root, Severity, StorageGroup, Udid, Usage, Verdict, Volume,
};
use bkscan::render::screen::style::Style;
use bkscan::render::screen::text::{self, Guide};
use bkscan::system::System;
use bkscan::verify::group;
use bkscan::{advise, plan};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use unicode_width::UnicodeWidthStr;

use crate::harness::words;

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

/// A device as its owner knows it: name, product, iOS.
pub type Device<'a> = (&'a str, &'a str, &'a str);

pub const ANNA: Device<'_> = ("Anna's iPhone", "iPhone 15 Pro", "26.1");

/// A backup whose folder has the device's UDID as its name.
pub fn backup(
    udid: &str,
    (name, product, ios): Device<'_>,
    day: &str,
    gigabytes: f64,
    verdict: Verdict,
) -> BackupReport {
    let locked = verdict == Verdict::Unverified;
    let kind = match name {
        "iPad" => "iPad0,0",
        _ => "iPhone0,0",
    };
    let bytes = (gigabytes * 1e9) as u64;
    BackupReport {
        access: Access::NotNeeded,
        contents: None,
        path: PathBuf::from("/b").join(udid),
        udid: Udid::parse(udid),
        archived: false,
        encrypted: Some(locked),
        manifest_format: Some(ManifestFormat::Sqlite),
        snapshot_state: Some("finished".to_owned()),
        backup_state: Some("new".to_owned()),
        device: Described {
            name: Some(name.to_owned()),
            product_type: Some(kind.to_owned()),
            product_name: Some(product.to_owned()),
            ios_version: Some(ios.to_owned()),
            build_version: None,
            serial_number: None,
        },
        last_backup: Some(LastBackup {
            at: format!("{day}T12:00:00Z").parse().unwrap(),
            source: DateSource::Manifest,
        }),
        status_date: None,
        status_uuid: None,
        info_date: None,
        newest_change: None,
        fingerprint: 0,
        settled_change: None,
        oldest_change: None,
        blocks_next_run: false,
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
            logical: bytes,
            allocated: bytes,
            folders: 0,
        },
        volume: Some(1),
        inode: None,
        disk: Some(DISK),
        only_info: false,
        links: bkscan::model::Links::default(),
        clones: bkscan::model::Links::default(),
        manifest: (!locked).then(ManifestCounts::default),
        payloads: 212_406,
        databases: vec!["Contacts", "Messages", "Photos", "WhatsApp"],
        locked,
        verdict,
        checked: vec!["never-finished", "manifest-unreadable", "payload-truncated"],
        not_checked: vec![],
        findings: vec![],
        mending: None,
        storage: vec![],
        domains: vec![],
        largest: vec![],
        missing_folders: vec![],
        icloud: None,
    }
}

/// The same backup in a folder of this name.
fn in_folder(name: &str, backup: BackupReport) -> BackupReport {
    let path = PathBuf::from("/b").join(name);
    BackupReport { path, ..backup }
}

/// A backup that is like any other but for the device's name.
pub fn plain_backup(name: &str) -> BackupReport {
    let device = (name, "iPhone 15 Pro", "26.1");
    let made = backup("folder", device, "2026-11-20", 1.0, Verdict::Complete);
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

/// A finding of this kind.
pub fn found(id: &'static str, severity: Severity, effect: Effect, message: &str) -> Finding {
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

/// A finding that is a warning and nothing else.
pub fn warning(id: &'static str, message: &str) -> Finding {
    found(id, Severity::Warning, Effect::Nothing, message)
}

/// What a backup that lost part of its photos is told.
pub fn files_missing() -> Finding {
    let message =
        "812 of 48,310 files are missing (3.1 GB, nearly all photos); the rest can be read";
    Finding {
        count: 812,
        bytes: 3_100_000_000,
        ..found("file-missing", Severity::Error, Effect::Corrupt, message)
    }
}

pub fn four() -> Report {
    let anna = |ios| (ANNA.0, ANNA.1, ios);
    let (well, locked) = (Verdict::Complete, Verdict::Unverified);
    let older = backup(PHONE, anna("18.5"), "2025-06-14", 71.3, well);
    let old_phone = ("Old phone", "iPhone 11", "17.4");
    let ipad = ("iPad", "iPad Air (5th generation)", "17.1");
    let mut ipad = backup(IPAD, ipad, "2024-03-02", 21.1, Verdict::Corrupt);
    ipad.findings.push(files_missing());
    ipad.mending = Some(MendOffer { elsewhere: 0 });
    ipad.payloads = 47_498;
    report(vec![
        backup(PHONE, anna("26.1"), "2026-11-20", 86.4, well),
        in_folder(&format!("{PHONE}.old"), older),
        backup(OLD_PHONE, old_phone, "2023-09-22", 48.8, locked),
        ipad,
    ])
}

/// The four, and Ben's phone: its older backup holds photos that the newer one does not.
pub fn six() -> Report {
    let ben = |ios| ("Ben's iPhone", "iPhone 12", ios);
    let well = Verdict::Complete;
    let mut newer = backup(BEN, ben("26.1"), "2026-11-18", 22.4, well);
    let older = backup(BEN, ben("18.4"), "2025-05-12", 31.0, well);
    let mut older = in_folder(&format!("{BEN}.old"), older);
    older.holdings.keepsakes = Some(some_photos(1_204));
    older.holdings.databases.insert("Notes", 22_000_000);
    older.holdings.databases.insert("Messages", 495_000_000);
    newer.holdings.databases.insert("Notes", 21_000_000);
    newer.holdings.databases.insert("Messages", 480_000_000);
    let mut backups = four().backups;
    backups.extend([newer, older]);
    report(backups)
}

/// This many photos, each like no other.
pub fn some_photos(count: u32) -> Keepsakes {
    let mut keepsakes = Keepsakes::default();
    for number in 0..count {
        let photo = Keepsake::new(number.into(), Some(2_574_750), Some(1_700_000_000), None);
        keepsakes.add(KeepsakeGroup::Photos, photo);
    }
    keepsakes
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
    let kept = std::fs::read_to_string(&path).unwrap();
    let is_kept = kept.replace("\r\n", "\n") == shown;
    assert!(is_kept, "{name} is now:\n{shown}");
}

/// The same of the screen at each of these widths: `NAME-WIDTH`. Nothing but a command, which stands alone
/// on its line, comes to the last column.
fn hold_widths(name: &str, report: &Report, widths: &[usize]) {
    for &width in widths {
        let shown = screen(report, &style(width));
        for line in shown.lines() {
            let is_command = line.trim_start().starts_with("bkscan ");
            let calls = ["bkscan clean", "bkscan show", "bkscan diff", "bkscan --"];
            let calls = calls.iter().any(|call| line.contains(call));
            assert_eq!(is_command, calls, "{width}: {line}");
            let columns = UnicodeWidthStr::width(line);
            assert!(is_command || columns < width, "{width}: {line}");
        }
        hold(&format!("{name}-{width}"), &shown);
    }
}

#[test]
fn four_backups_at_every_width() {
    hold_widths("four", &four(), &[120, 100, 80, 60, 40]);
    for width in [120, 100, 80] {
        let shown = screen(&four(), &style(width));
        let first = shown.split("What to do").next().unwrap();
        assert!(first.lines().count() <= 16, "{shown}");
    }
}

/// Where nothing is whole there is most to say, and still one screen is enough.
#[test]
fn four_backups_that_are_all_damaged_take_one_screen() {
    let with = |mut backup: BackupReport, finding: Finding| {
        backup.findings.push(finding);
        backup
    };
    let error = |id, effect, message| found(id, Severity::Error, effect, message);
    let all = vec![
        with(
            backup(PHONE, ANNA, "2026-11-20", 86.4, Verdict::Incomplete),
            error(
                "never-finished",
                Effect::Incomplete,
                "A first or full backup never finished: the device had not sent everything when it stopped",
            ),
        ),
        with(
            backup(
                OLD_PHONE,
                ("Old phone", "iPhone 11", "17.4"),
                "2023-09-22",
                48.8,
                Verdict::Corrupt,
            ),
            error(
                "file-missing",
                Effect::Corrupt,
                "2 of 9,000 files are missing (1.0 MB, all of them photos); the rest can be read",
            ),
        ),
        with(
            backup(
                BEN,
                ("Ben's iPhone", "iPhone 12", "26.0"),
                "2026-11-18",
                31.0,
                Verdict::Incomplete,
            ),
            error(
                "status-unreadable",
                Effect::Incomplete,
                "Status.plist cannot be read, so nothing tells whether the backup was finished",
            ),
        ),
        with(
            backup(
                IPAD,
                ("iPad", "iPad Air (5th generation)", "17.1"),
                "2024-03-02",
                21.1,
                Verdict::Corrupt,
            ),
            files_missing(),
        ),
    ];
    let report = report(all);
    hold_widths("damaged", &report, &[120, 100, 80]);
    for width in [120, 100, 80] {
        let shown = screen(&report, &style(width));
        assert!(
            shown.lines().count() <= 24,
            "{}: {shown}",
            shown.lines().count()
        );
    }
}

/// What is only in an older backup is told with the call that shows it.
#[test]
fn a_newer_backup_that_holds_less_is_told() {
    hold_widths("holds-more", &six(), &[100, 80]);
}

#[test]
fn a_locale_without_unicode_gets_ascii() {
    let mut report = four();
    for at in [0, 1] {
        report.backups[at].device.name = Some("Anna’s 電話".to_owned());
    }
    let mut style = style(80);
    style.unicode = false;
    let shown = screen(&report, &style);
    assert!(shown.is_ascii(), "{shown}");
    hold("four-ascii", &shown);
}

#[test]
fn one_locked_backup_is_no_alarm() {
    let one = backup(PHONE, ANNA, "2026-11-20", 86.4, Verdict::Unverified);
    hold_widths("locked", &report_on(ROOMY, vec![one]), &[80]);
}

#[test]
fn all_is_well_without_praise() {
    let one = backup(PHONE, ANNA, "2026-11-20", 86.4, Verdict::Complete);
    let ipad = ("iPad", "iPad Air (5th generation)", "26.1");
    let other = backup(IPAD, ipad, "2026-11-19", 21.1, Verdict::Complete);
    hold_widths("well", &report_on(ROOMY, vec![one, other]), &[80]);
}

/// Of one or two backups there is room to say what they are made of.
#[test]
fn one_backup_says_what_it_is_made_of() {
    let groups = [
        ("Photos", 62.0),
        ("WhatsApp", 14.1),
        ("Messages", 4.2),
        ("Komoot", 3.1),
        ("Signal", 2.0),
        ("System & settings", 1.0),
    ];
    let group = |(name, gigabytes): (&str, f64)| StorageGroup {
        name: name.to_owned(),
        files: 100,
        bytes: (gigabytes * 1e9) as u64,
    };
    let mut one = backup(PHONE, ANNA, "2026-11-20", 86.4, Verdict::Complete);
    one.storage = groups.map(group).into();
    hold_widths("one", &report_on(ROOMY, vec![one.clone()]), &[120, 80, 40]);
    let older = backup(PHONE, ANNA, "2025-06-14", 71.3, Verdict::Complete);
    let mut older = in_folder("older", older);
    older.storage = groups.map(group)[..3].into();
    hold_widths("two", &report_on(ROOMY, vec![one, older]), &[80]);
}

/// Where names are the same the model tells, then the date, then the folder.
#[test]
fn backups_that_look_alike_are_told_apart() {
    let of = |udid: &str, product: &str, day: &str, verdict: Verdict| {
        let mut made = backup(udid, ("iPhone", product, "26.1"), day, 8.0, verdict);
        if verdict == Verdict::Corrupt {
            made.findings.push(files_missing());
        }
        made
    };
    let (well, corrupt) = (Verdict::Complete, Verdict::Corrupt);
    let twelve = of(BEN, "iPhone 12", "2026-11-20", corrupt);
    let first = of(PHONE, "iPhone 15 Pro", "2026-11-20", well);
    let second = of(OLD_PHONE, "iPhone 15 Pro", "2026-11-20", corrupt);
    let copy = in_folder("copy of it", first.clone());
    let mut report = report(vec![twelve, first, second, copy]);
    report.advice.clear();
    hold_widths("alike", &report, &[100, 60, 40]);
}

/// What is wrong with each device is said first, the worst before the rest.
#[test]
fn the_answer_is_by_device() {
    let of = |udid: &str, name: &str, day: &str, verdict: Verdict| {
        backup(udid, (name, "iPhone 15 Pro", "26.1"), day, 8.0, verdict)
    };
    let with = |mut backup: BackupReport, finding: Finding| {
        backup.findings.push(finding);
        backup
    };
    let (well, locked) = (Verdict::Complete, Verdict::Unverified);
    let stopped = found(
        "update-interrupted",
        Severity::Warning,
        Effect::Interrupted,
        "The last backup stopped before the end; the one before it is still there",
    );
    let no_list = found(
        "manifest-missing",
        Severity::Error,
        Effect::Incomplete,
        "Manifest.db is missing: nothing says which files belong to it",
    );
    let older = |backup: BackupReport| in_folder("older", backup);
    let ada = of(PHONE, "Ada", "2026-11-20", well);
    let newest = of(PHONE, "Ada", "2026-11-21", Verdict::Corrupt);
    let asked = of(OLD_PHONE, "Old", "2020-01-01", well);
    let trash = BackupReport {
        in_trash: true,
        ..ada.clone()
    };
    let many = |verdict: Verdict, finding: Option<Finding>| -> Vec<BackupReport> {
        let one = |number: u32| {
            let udid = format!("{number:040}");
            let mut made = of(&udid, &format!("Phone {number}"), "2026-11-20", verdict);
            made.findings.extend(finding.clone());
            made
        };
        (1..=6).map(one).collect()
    };
    let unverified = |id, message| found(id, Severity::Warning, Effect::Unverified, message);
    let in_cloud = unverified(
        "payload-in-cloud",
        "20 files are not here, but in a cloud (49 kB): download them first, then scan again",
    );
    let cut = unverified(
        "index-short",
        "Manifest.db does not seem to be the whole list of this backup: 50 of 51 files are not listed",
    );
    let tool = found(
        "tool-made",
        Severity::Note,
        Effect::Unverified,
        "Made by a tool",
    );
    let newer = |finding: Finding| with(of(PHONE, "Ada", "2026-11-21", locked), finding);
    let interrupted = of(BEN, "Ben", "2026-11-20", Verdict::Interrupted);
    for (backups, expected) in [
        // All is well, or as far as can be seen: the table says it.
        (vec![ada.clone()], ""),
        (vec![of(PHONE, "Ada", "2026-11-20", locked)], ""),
        (
            vec![ada.clone(), asked.clone()],
            "✔ Old (6 years ago) and Ada (2 days ago) are safe. Up to 8.0 GB are for you to decide.",
        ),
        (
            vec![of(PHONE, "Ada", "2026-11-20", locked), asked.clone()],
            "✔ Old is safe (6 years ago). Nothing wrong in what can be seen of Ada (2 days ago). Up to \
             8.0 GB are for you to decide.",
        ),
        (
            vec![with(interrupted.clone(), stopped.clone())],
            "! Ben: the last backup stopped before the end; the one before it is still there. Nothing can \
             go now.",
        ),
        (
            vec![
                with(interrupted, stopped),
                with(of(IPAD, "Eve", "2026-11-20", Verdict::Incomplete), no_list),
            ],
            "✖ Eve has no whole backup: Manifest.db is missing. Ben: the last backup stopped before \
             the end; the one before it is still there. Nothing to free: every backup is the newest of \
             its device.",
        ),
        (
            vec![with(newest, files_missing()), older(ada.clone())],
            "✖ Ada is safe (2 days ago), but its newest backup is corrupt: 812 of 48,310 files are \
             missing. Nothing can go now.",
        ),
        (
            vec![newer(cut), older(ada.clone())],
            "! Ada is safe (2 days ago), but its newest backup is none to rely on: Manifest.db does not \
             seem to be the whole list of this backup. Nothing can go now.",
        ),
        (
            vec![newer(in_cloud)],
            "! Ada (1 day ago): 20 files are not here, but in a cloud. Nothing can go now.",
        ),
        // That it is no backup of the device stands in its row.
        (vec![newer(tool.clone()), older(ada.clone())], ""),
        (
            vec![newer(tool)],
            "? Ada has no backup to rely on: made by a tool. Nothing can go now.",
        ),
        (
            vec![trash],
            "? Ada has no backup to rely on: what there is lies in a trash. Nothing can go now.",
        ),
        (
            many(Verdict::Corrupt, Some(files_missing()))[..5].to_vec(),
            "✖ No device has a whole backup. Phone 1: 812 of 48,310 files are missing. Phone 2: 812 of \
             48,310 files are missing. Phone 3: 812 of 48,310 files are missing. Phone 4: 812 of 48,310 \
             files are missing. Something is wrong with 1 more device. Nothing to free: every backup is \
             the newest of its device.",
        ),
        (
            [many(well, None), vec![asked]].concat(),
            "✔ Phone 1 (2 days ago), Phone 2 (2 days ago), Phone 3 (2 days ago), Phone 4 (2 days ago) \
             and 3 more are safe. Up to 8.0 GB are for you to decide.",
        ),
    ] {
        let shown = screen(&report(backups), &style(80));
        let first = shown.split("\n\n").next().unwrap();
        let answer = match first.contains(" free of ") {
            true => String::new(),
            false => words(first).join(" "),
        };
        assert_eq!(answer, expected);
    }
}

/// `bkscan show` ignores case, looks at the names of folders before those of devices, and takes some
/// words for options and paths.
#[test]
#[cfg_attr(windows, ignore = "words for a shell are quoted otherwise")]
fn the_printed_word_finds_that_backup_and_no_other() {
    let word = |folder: &str, name: &str, (other_folder, other_name): (&str, &str)| {
        let of = |folder: &str, udid: &str, name: &str| {
            let device = (name, "iPhone 15 Pro", "26.1");
            in_folder(
                folder,
                backup(udid, device, "2026-11-20", 5.0, Verdict::Complete),
            )
        };
        let mut first = of(folder, PHONE, name);
        first.verdict = Verdict::Corrupt;
        first.findings = vec![files_missing()];
        let report = report(vec![first, of(other_folder, OLD_PHONE, other_name)]);
        let shown = screen(&report, &style(200));
        let word = shown.split("bkscan show ").nth(1).unwrap().lines().next();
        word.unwrap().to_owned()
    };
    let other = (OLD_PHONE, "Old phone");
    let lower = OLD_PHONE.to_lowercase();
    for (folder, name, other, expected) in [
        (PHONE, "iPhone", other, "iPhone"),
        (PHONE, "iPhone", (OLD_PHONE, "iphone"), PHONE),
        (PHONE, "iPhone", ("IPHONE", "Old phone"), PHONE),
        (
            PHONE,
            "iPhone",
            ("iPhone of last year", "Old phone"),
            "iPhone",
        ),
        (PHONE, "-h", other, PHONE),
        (PHONE, "..", other, PHONE),
        (PHONE, "Anna/Ben", other, PHONE),
        (PHONE, "", other, PHONE),
        // Shown without what nobody sees, it would find nothing.
        (PHONE, "An\u{200b}na", other, PHONE),
        // The start of a UDID counts least.
        (PHONE, "00008030", other, "00008030"),
        ("copy", "iPhone", ("other", "iPhone"), "copy"),
        ("copy", "iPhone", ("COPY", "iPhone"), "/b/copy"),
        ("-copy", "iPhone", ("other", "iPhone"), "/b/-copy"),
        (
            &lower,
            "iPhone",
            ("other", "iPhone"),
            &format!("/b/{lower}"),
        ),
    ] {
        let found = word(folder, name, other);
        assert_eq!(found, expected, "{folder} {name:?} {other:?}");
    }
}

#[test]
fn a_running_backup_is_only_said() {
    let message = "A backup of Anna's iPhone is running (last change 2 minutes ago); look again when \
        it is done";
    let (severity, effect) = (Severity::Note, Effect::InProgress);
    let note = found("backup-running", severity, effect, message);
    let mut one = backup(PHONE, ANNA, "2026-11-20", 86.4, Verdict::InProgress);
    one.findings.push(note);
    hold_widths("running", &report(vec![one]), &[80]);
}

#[test]
fn names_of_any_script_keep_the_columns() {
    let names = [
        &*"電".repeat(60),
        "هاتف سارة",
        "📱👩‍👩‍👧 family",
        "red \u{1b}[31m\u{202e}alert",
        "Anna’s “old” 'one' 👍🏽🇩🇪",
        "e\u{301}te\u{301} 1\u{fe0f}\u{20e3}",
    ];
    let of = |(at, name): (usize, &&str)| {
        let device = (*name, "iPhone 15 Pro", "26.1");
        let udid = format!("{at:040}");
        backup(&udid, device, "2026-11-20", 8.0, Verdict::Complete)
    };
    let report = report(names.iter().enumerate().map(of).collect());
    let widths = [120, 100, 80, 60, 40];
    hold_widths("names", &report, &widths);
    let mut plain = style(80);
    plain.unicode = false;
    let shown = screen(&report, &plain);
    assert!(shown.is_ascii(), "{shown}");
    hold("names-ascii", &shown);
    for width in widths {
        let shown = screen(&report, &style(width));
        let strange = ['\u{1b}', '\u{202e}', '\u{200d}'];
        assert!(!shown.contains(strange), "{shown}");
    }
}

#[test]
fn colour_adds_nothing_but_colour() {
    let uncoloured = |part: &str| match part.strip_prefix('[') {
        Some(rest) => rest.split_once('m').unwrap().1.to_owned(),
        None => part.to_owned(),
    };
    for width in [120, 100, 80, 60, 40] {
        let mut style = style(width);
        let plain = screen(&four(), &style);
        style.color = true;
        let painted = screen(&four(), &style);
        let stripped: String = painted.split('\u{1b}').map(uncoloured).collect();
        assert_eq!(stripped, plain);
        // What can go is green, headings and commands are bold, what was checked is dim.
        for (code, text) in [
            ("32", "up to 71.3 GB"),
            ("1", "What to do"),
            ("1", "bkscan --advice all"),
            ("2", "Checked: every file"),
        ] {
            let at = painted
                .find(text)
                .unwrap_or_else(|| panic!("{text}: {painted}"));
            let before = painted[..at].rsplit('\u{1b}').next().unwrap();
            assert_eq!(before.trim_end(), format!("[{code}m"), "{text}: {painted}");
        }
    }
}

/// What a device would do is claimed only where it makes the check itself.
#[test]
fn what_damage_means_depends_on_what_it_is() {
    let refused = "The iPad would refuse to restore it.";
    let lost = "A restore may fail or lose what is damaged.";
    for (id, expected, other) in [
        ("file-missing", refused, lost),
        ("digest-mismatch", refused, lost),
        ("manifest-damaged", refused, lost),
        ("payload-truncated", lost, refused),
        ("content-changed", lost, refused),
    ] {
        let mut report = four();
        report.backups[3].findings[0].id = id;
        let shown = guided(&report, Guide::Nothing, &style(120));
        let shown = words(&shown).join(" ");
        assert!(shown.contains(expected), "{id}: {shown}");
        assert!(!shown.contains(other), "{id}: {shown}");
    }
}

/// A warning about a backup that is complete has no tick before it.
#[test]
fn a_warning_is_marked_as_one() {
    let mut report = four();
    report.backups[0].findings = vec![warning("info-missing", "Info.plist is missing")];
    let shown = screen(&report, &style(100));
    let line = "\n! Anna's iPhone of 20 Nov 2026: Info.plist is missing. More about it:\n";
    assert!(shown.contains(line), "{shown}");
}

/// A run that never finished lacks its manifest anyway.
#[test]
fn a_run_that_never_finished_is_told_once() {
    let of = |id, message| found(id, Severity::Error, Effect::Incomplete, message);
    let mut report = four();
    report.backups[3].verdict = Verdict::Incomplete;
    report.backups[3].findings = vec![
        of("never-finished", "It never finished"),
        of("manifest-plist-missing", "No Manifest.plist"),
        of("manifest-missing", "No Manifest.db"),
    ];
    let screen = |report: &Report| guided(report, Guide::Nothing, &style(100));
    let once = screen(&report);
    assert!(once.contains("iPad: It never finished. Apple's"), "{once}");
    report.backups[3].findings.remove(0);
    let shown = screen(&report);
    let both = "iPad: No Manifest.plist. No Manifest.db. Apple's";
    assert!(shown.contains(both), "{shown}");
}

#[test]
fn stopped_at_once_there_is_a_line_all_the_same() {
    let mut report = report(vec![]);
    report.cancelled = true;
    let said = "Stopped before the end: no backup was looked at yet.\n";
    assert_eq!(screen(&report, &style(80)), said);
}

/// What another day of the week reads is named among what was not checked.
#[test]
fn what_is_left_for_other_days_is_told() {
    let mut report = four();
    report.level = Level::Contents;
    let share = |files, bytes| Amount { files, bytes };
    report.backups[0].contents = Some(Contents {
        all: share(8, 400_000),
        read: share(1, 84_000),
        left_out: share(7, 316_000),
        ..Contents::default()
    });
    let shown = words(&screen(&report, &style(100))).join(" ");
    let told = "; 316 kB that are read on other days of the week (--subset weekly).";
    assert!(shown.contains(told), "{shown}");
}
