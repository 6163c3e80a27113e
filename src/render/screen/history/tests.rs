//! The screens of `bkscan history`, literally; its document has the same cases.

use jiff::tz::TimeZone;

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
fn a_device_has_a_table_with_its_newest_run_last() {
    assert_eq!(
        screen(&one_phone(), &style(80, true)),
        "\
Anna's iPhone, iPhone 15 Pro
   verdict              run       size      change
✔  complete      1 Nov 2026    86.4 GB
…  in-progress   8 Nov 2026    85.0 GB     −1.4 GB
!  unreadable   15 Nov 2026          –
✖  corrupt      22 Nov 2026    88.8 GB     +3.8 GB
Grew 3.8 GB since the run before, about 3.5 GB a month.
"
    );
    assert_eq!(
        screen(&one_phone(), &style(80, false)),
        "\
Anna's iPhone, iPhone 15 Pro
    verdict              run       size      change
ok  complete      1 Nov 2026    86.4 GB
... in-progress   8 Nov 2026    85.0 GB     -1.4 GB
!   unreadable   15 Nov 2026          -
X   corrupt      22 Nov 2026    88.8 GB     +3.8 GB
Grew 3.8 GB since the run before, about 3.5 GB a month.
"
    );
}

#[test]
fn a_narrow_screen_has_no_column_for_the_change() {
    assert_eq!(
        screen(&one_phone(), &style(40, false)),
        "\
Anna's iPhone, iPhone 15 Pro
    verdict              run       size
ok  complete      1 Nov 2026    86.4 GB
... in-progress   8 Nov 2026    85.0 GB
!   unreadable   15 Nov 2026          -
X   corrupt      22 Nov 2026    88.8 GB
Grew 3.8 GB since the run before, about
3.5 GB a month.
"
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
                let used = unicode_width::UnicodeWidthStr::width(line);
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
    let line = "\u{1b}[1m\u{1b}[31m✖  corrupt\u{1b}[0m      22 Nov 2026    88.8 GB     +3.8 GB";
    let drawn = screen(&one_phone(), &colored);
    assert!(drawn.lines().any(|drawn| drawn == line), "{drawn:?}");
}

#[test]
fn a_device_with_several_folders_has_a_table_for_each() {
    let [one, archived, other] = ["/b/X", "/b/X-20250614-120000", "/c/X"];
    let devices = trend::devices(
        &[
            run(
                "2026-11-01T03:30:00Z",
                vec![
                    backup(one, Verdict::Complete, 10),
                    backup(archived, Verdict::Complete, 5),
                ],
            ),
            run(
                "2026-11-02T03:30:00Z",
                vec![backup(one, Verdict::Complete, 10)],
            ),
            run(
                "2026-11-02T03:30:00Z",
                vec![backup(other, Verdict::Complete, 10)],
            ),
        ],
        &[],
    );
    assert_eq!(
        screen(&devices, &style(60, true)),
        "\
Anna's iPhone, iPhone 15 Pro
/b/X
   verdict              run       size      change
✔  complete      1 Nov 2026    10.0 MB
✔  complete      2 Nov 2026    10.0 MB           –
Same size as in the run before.
X-20250614-120000
   verdict              run       size
✔  complete      1 Nov 2026     5.0 MB
/c/X
   verdict              run       size
✔  complete      2 Nov 2026    10.0 MB
"
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

fn days(screen: &str) -> Vec<u64> {
    let rows = screen.lines().filter(|line| line.starts_with('✔'));
    let day = |row: &str| row.split_whitespace().nth(2).unwrap().parse().unwrap();
    rows.map(day).collect()
}

#[test]
fn twelve_rows_are_shown_and_those_without_a_change_go_first() {
    let twelve = screen(&nightly(12, 100), &style(80, true));
    assert_eq!(days(&twelve), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    assert!(!twelve.contains("left out"));
    let folded = screen(&nightly(30, 7), &style(80, true));
    assert_eq!(days(&folded), [1, 7, 14, 21, 28, 30]);
    let line = "24 runs are left out: older ones, or without a change (--json has all).";
    assert_eq!(folded.lines().nth(1), Some(line));
    let many = screen(&nightly(30, 1), &style(80, true));
    assert_eq!(
        days(&many),
        [19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30]
    );
    let line = "18 runs are left out: older ones, or without a change (--json has all).";
    assert_eq!(many.lines().nth(1), Some(line));
    let one = screen(&nightly(13, 1), &style(80, true));
    assert!(one.contains("\n1 run is left out: "));
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
    assert_eq!(
        screen(&devices, &style(60, true)),
        "\
device-1, iPhone 15 Pro
backup-1
   verdict              run       size
✔  complete      1 Nov 2026     1.0 MB
backup-2
   verdict              run       size
✔  complete      1 Nov 2026     1.0 MB

device-2
   verdict              run       size
✔  complete      1 Nov 2026     1.0 MB
"
    );
    let document = json(&devices);
    assert!(
        !document.contains("nna") && !document.contains(PHONE),
        "{document}"
    );
    assert!(document.contains("\"path\": \"backup-3\""), "{document}");
}
