//! The screens of `bkscan history`, literally; its document has the same cases.

use jiff::tz::TimeZone;
use snapbox::{assert_data_eq, str};

use super::*;
use crate::model::{Level, PastBackup, PastRun, Udid};
use crate::render::json::history;
use crate::report::redact;
use crate::report::trend;
use crate::system::System;

const PHONE: &str = "00008130-000A1C2E3F40801E";
const MB: u64 = 1_000_000;

fn style(width: usize, unicode: bool) -> Style {
    Style {
        color: false,
        unicode,
        zone: TimeZone::UTC,
        width,
        system: System::Mac,
    }
}

pub(crate) fn backup(path: &str, verdict: Verdict, megabytes: u64) -> PastBackup {
    PastBackup {
        path: path.into(),
        udid: Udid::parse(PHONE),
        name: Some("Anna's iPhone".to_owned()),
        product: Some("iPhone 15 Pro".to_owned()),
        verdict,
        last_backup: None,
        files: 1,
        logical: 1,
        allocated: megabytes * MB,
        manifest_date: None,
        status_uuid: None,
        volume: None,
        keepsakes: None,
        forgotten: false,
    }
}

pub(crate) fn run(time: &str, backups: Vec<PastBackup>) -> PastRun {
    PastRun {
        at: time.parse().unwrap(),
        level: Level::Standard,
        roots: vec![],
        volumes: vec![],
        backups,
        problems: vec![],
    }
}

fn one_phone() -> Vec<DeviceHistory> {
    let path = "/b/00008130-000A1C2E3F40801E";
    trend::devices(
        &[
            run(
                "2026-11-01T03:30:00Z",
                vec![backup(path, Verdict::Complete, 86_400)],
            ),
            run(
                "2026-11-08T03:30:00Z",
                vec![backup(path, Verdict::InProgress, 85_000)],
            ),
            run(
                "2026-11-15T03:30:00Z",
                vec![backup(path, Verdict::Unreadable, 0)],
            ),
            run(
                "2026-11-22T03:30:00Z",
                vec![backup(path, Verdict::Corrupt, 88_800)],
            ),
        ],
        &[],
    )
}

fn screen(devices: &[DeviceHistory], style: &Style) -> String {
    let mut out = Vec::new();
    write(devices, style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_backup_has_a_line_with_its_curve_and_what_it_was_before() {
    assert_data_eq!(
        screen(&one_phone(), &style(80, true)),
        str![[r#"
Anna's iPhone, iPhone 15 Pro
✖  corrupt        88.8 GB  ▄▂·▇  since 22 Nov 2026, before unreadable, +3.8 GB

"#]]
    );
    assert_data_eq!(
        screen(&one_phone(), &style(60, false)),
        str![[r#"
Anna's iPhone, iPhone 15 Pro
X   corrupt        88.8 GB  =:?#  since 22 Nov 2026

"#]]
    );
}

#[test]
fn runs_without_a_change_are_one_line() {
    let mut runs = Vec::new();
    for day in 20..=31 {
        let phone = backup("/b/X", Verdict::Complete, 86_400);
        let time = format!("2025-12-{day:02}T03:30:00Z");
        runs.push(run(
            &time,
            vec![phone, backup("/b/X.old", Verdict::Complete, 71_300)],
        ));
    }
    for day in 1..=19 {
        let phone = backup("/b/X", Verdict::Complete, 86_400);
        runs.push(run(&format!("2026-01-{day:02}T03:30:00Z"), vec![phone]));
    }
    let devices = trend::devices(&runs, &[]);
    assert_data_eq!(
        screen(&devices, &style(100, true)),
        str![[r#"
Anna's iPhone, iPhone 15 Pro
X
✔  complete       86.4 GB  ▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅  unchanged in 31 runs since 20 Dec 2025
X.old
✔  complete       71.3 GB  ▅▅▅▅▅▅▅▅▅  unchanged in 12 runs since 20 Dec 2025, last seen 31 Dec 2025

"#]]
    );
    assert_data_eq!(
        screen(&devices, &style(60, true)),
        str![[r#"
Anna's iPhone, iPhone 15 Pro
X
✔  complete       86.4 GB  ▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅
   unchanged in 31 runs since 20 Dec 2025
X.old
✔  complete       71.3 GB  ▅▅▅▅▅▅▅▅▅▅▅▅
   unchanged in 12 runs since 20 Dec 2025, last seen 31 Dec
   2025

"#]]
    );
    assert_data_eq!(
        screen(&devices, &style(80, false)),
        str![[r#"
Anna's iPhone, iPhone 15 Pro
X
ok  complete       86.4 GB  +++++++++++  unchanged in 31 runs since 20 Dec 2025
X.old
ok  complete       71.3 GB  ++++++++++++
    unchanged in 12 runs since 20 Dec 2025, last seen 31 Dec 2025

"#]]
    );
}

#[test]
fn no_line_is_wider_than_the_screen() {
    let mut devices = one_phone();
    devices[0].name = Some("電話電話電話電話電話 ".repeat(5));
    let mut folder = devices[0].folders[0].clone();
    folder.path = "/elsewhere/00008130-000A1C2E3F40801E".into();
    devices[0].folders.push(folder);
    for width in 40..=110 {
        for unicode in [true, false] {
            for line in screen(&devices, &style(width, unicode)).lines() {
                let used = line.width();
                assert!(used <= width, "{width}: {line}");
            }
        }
    }
}

#[test]
fn colour_is_on_the_verdict_alone() {
    let colored = Style {
        color: true,
        ..style(80, true)
    };
    let start = "\u{1b}[1m\u{1b}[31m✖  corrupt\u{1b}[0m        88.8 GB  ";
    let drawn = screen(&one_phone(), &colored);
    let line = drawn.lines().nth(1).unwrap_or_default();
    assert!(line.starts_with(start), "{drawn:?}");
    assert_eq!(drawn.matches('\u{1b}').count(), 3, "{drawn:?}");
}

#[test]
fn a_device_with_several_folders_has_a_line_for_each() {
    let [one, archived, other] = ["/b/X", "/b/X-20250614-120000", "/c/X"];
    let complete = |path, megabytes| backup(path, Verdict::Complete, megabytes);
    let devices = trend::devices(
        &[
            run(
                "2026-11-01T03:30:00Z",
                vec![complete(one, 10), complete(archived, 5)],
            ),
            run("2026-11-02T03:30:00Z", vec![complete(one, 10)]),
            run("2026-11-02T03:30:00Z", vec![complete(other, 10)]),
        ],
        &[],
    );
    assert_data_eq!(
        screen(&devices, &style(60, true)),
        str![[r#"
Anna's iPhone, iPhone 15 Pro
/b/X
✔  complete       10.0 MB  ▅▅
   unchanged in 2 runs since 1 Nov 2026
X-20250614-120000
✔  complete        5.0 MB  seen once, 1 Nov 2026
/c/X
✔  complete       10.0 MB  first seen 2 Nov 2026

"#]]
    );
}

/// Nightly runs of November; the size grows by 10 MB every so many days.
fn nightly(days: u64, every: u64) -> Vec<DeviceHistory> {
    let runs: Vec<_> = (1..=days)
        .map(|day| {
            let backup = backup("/b/X", Verdict::Complete, 1000 + day / every * 10);
            run(&format!("2026-11-{day:02}T03:30:00Z"), vec![backup])
        })
        .collect();
    trend::devices(&runs, &[])
}

#[test]
fn a_backup_that_grows_every_night_has_one_line() {
    assert_data_eq!(
        screen(&nightly(30, 7), &style(80, true)),
        str![[r#"
Anna's iPhone, iPhone 15 Pro
✔  complete        1.0 GB  ▂▂▂▃▃▃▅▅▅▆▆▆▇  unchanged in 3 runs since 28 Nov 2026

"#]]
    );
    let many = screen(&nightly(30, 1), &style(60, true));
    assert_data_eq!(
        many,
        str![[r#"
Anna's iPhone, iPhone 15 Pro
✔  complete        1.3 GB  ▁▂▂▃▃▄▅▅▆▆▇▇█  since 30 Nov 2026

"#]]
    );
}

#[test]
fn names_cannot_disturb_the_terminal_and_nameless_devices_have_a_title() {
    let title_of = |name: Option<&str>, udid: bool| {
        let mut devices = one_phone();
        devices[0].name = name.map(str::to_owned);
        devices[0].product = Some("\u{1b}[31mred".to_owned());
        if !udid {
            devices[0].udid = None;
        }
        devices[0].folders[0].path = "/b/\u{202e}folder".into();
        let drawn = screen(&devices, &style(80, true));
        drawn.lines().next().unwrap().to_owned()
    };
    assert_eq!(title_of(Some("a\u{1b}b\n"), true), "ab, [31mred");
    assert_eq!(
        title_of(Some(" \u{200b}"), true),
        format!("{PHONE}, [31mred")
    );
    assert_eq!(title_of(None, false), "folder, [31mred");
}

#[test]
fn without_runs_it_says_how_to_get_some() {
    assert_eq!(
        screen(&[], &style(60, true)),
        "\
No run is recorded here yet. From now on every scan is
recorded: run bkscan, or have it run every night (bkscan
schedule).
"
    );
}

pub(crate) fn json(devices: &[DeviceHistory]) -> String {
    let mut out = Vec::new();
    history::write(devices, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn nothing_personal_is_left_after_redaction() {
    let mut other = backup("/Users/anna/Y", Verdict::Complete, 1);
    other.udid = None;
    other.product = Some("Anna's own make".to_owned());
    let mut devices = trend::devices(
        &[run(
            "2026-11-01T03:30:00Z",
            vec![
                backup("/Users/anna/X", Verdict::Complete, 1),
                backup("/Users/anna/X2", Verdict::Complete, 1),
                other,
            ],
        )],
        &[],
    );
    redact::redact_history(&mut devices);
    assert_data_eq!(
        screen(&devices, &style(60, true)),
        str![[r#"
device-1, iPhone 15 Pro
backup-1
✔  complete        1.0 MB  first seen 1 Nov 2026
backup-2
✔  complete        1.0 MB  first seen 1 Nov 2026

device-2
✔  complete        1.0 MB  first seen 1 Nov 2026

"#]]
    );
    let document = json(&devices);
    assert!(
        !document.contains("nna") && !document.contains(PHONE),
        "{document}"
    );
    assert!(document.contains("\"path\": \"backup-3\""), "{document}");
}
