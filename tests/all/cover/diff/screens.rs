//! The screen of `bkscan diff`, held literally. The comparisons are made by hand, so that every number in
//! them is known.

use bkscan::model::KeepsakeGroup::{Messages, Photos, VoiceMemos, WhatsApp};
use bkscan::model::{
    Amount, AppDiff, AppFiles, ContentsDiff, DatabaseDiff, DatabaseLoss, Diff, GroupDiff, Loss,
    LossKind, NotCompared, OnlyHere, SmallerApp, Which,
};
use bkscan::render::screen::diff::{self, Sides};
use bkscan::render::screen::style::Style;
use unicode_width::UnicodeWidthStr as _;

use crate::render::screens::{four, hold, style};

fn sum(files: u64, bytes: u64) -> Amount {
    Amount { files, bytes }
}

/// Ben's two backups: photos, notes and an app are only in the older one.
fn bens() -> Diff {
    // Files and kilobytes, in the older one, in both and in the newer one.
    let group = |group, sums: [(u64, u64); 3]| {
        let [only_old, both, only_new] = sums.map(|(files, kb)| sum(files, kb * 1000));
        GroupDiff {
            group,
            only_old,
            only_new,
            both,
        }
    };
    let database = |name, old_bytes, new_bytes, is_held| DatabaseDiff {
        name,
        old_bytes,
        new_bytes,
        is_held,
    };
    let app = |name: &str, sum, matters| {
        let name = name.to_owned();
        AppFiles { name, sum, matters }
    };
    let photos = [(1204, 3_100_000), (8411, 19_000_000), (96, 300_000)];
    let podcasts = SmallerApp {
        name: "Podcasts".to_owned(),
        old_bytes: 900_000_000,
        new_bytes: 30_000_000,
        is_held: false,
    };
    Diff {
        covers: Some(false),
        identical: Some(false),
        groups: vec![
            group(Photos, photos),
            group(VoiceMemos, [(0, 0), (12, 80_100), (0, 0)]),
            group(Messages, [(34, 12_000), (812, 1_100_000), (71, 100_000)]),
            group(WhatsApp, [(0, 0), (4100, 2_200_000), (1990, 1_000_000)]),
        ],
        databases: vec![
            database("Health", None, Some(3_000_000), true),
            database("Messages", Some(480_000_000), Some(495_000_000), true),
            database("Notes", Some(22_000_000), Some(1_000_000), false),
        ],
        apps: AppDiff {
            only_old: vec![
                app("Komoot\u{202e}", sum(40, 200_000_000), true),
                app("Small", sum(1, 12_000), false),
            ],
            only_new: vec![app("Too Good To Go", sum(9, 12_000_000), true)],
            smaller: vec![podcasts],
        },
        photos_may_be_in_icloud: true,
        only_old: OnlyHere {
            groups: vec![
                loss(
                    LossKind::Keepsakes(Photos),
                    "Photos",
                    [1204, 3_100_000, 22_100_000],
                ),
                loss(
                    LossKind::Keepsakes(Messages),
                    "Messages",
                    [34, 12_000, 1_112_000],
                ),
                loss(LossKind::App, "Podcasts", [0, 870_000, 900_000]),
                loss(LossKind::App, "Komoot\u{202e}", [40, 200_000, 200_000]),
            ],
            databases: vec![DatabaseLoss {
                name: "Notes",
                bytes: 22_000_000,
                other_bytes: 1_000_000,
                matters: true,
            }],
            ..OnlyHere::default()
        },
        ..Diff::default()
    }
}

/// Of kilobytes.
fn loss(kind: LossKind, name: &str, [files, bytes, of_bytes]: [u64; 3]) -> Loss {
    Loss {
        kind,
        name: name.to_owned(),
        files,
        bytes: bytes * 1000,
        of_files: 9_000,
        of_bytes: of_bytes * 1000,
        matters: true,
    }
}

fn screen(diff: &Diff, style: &Style) -> String {
    let report = four();
    let sides = Sides {
        old: &report.backups[1],
        new: &report.backups[0],
        list_command: "bkscan diff --list old new",
        password_command: "bkscan diff --ask-password old new",
        show_commands: &["bkscan show old".to_owned(), "bkscan show new".to_owned()],
    };
    let mut shown = Vec::new();
    diff::write(sides, diff, style, &mut shown).unwrap();
    String::from_utf8(shown).unwrap()
}

#[test]
fn two_backups_at_every_width() {
    for width in [100, 80, 60] {
        let shown = screen(&bens(), &style(width));
        for line in shown.lines() {
            assert!(line.width() <= width, "{line}");
        }
        hold(&format!("diff-{width}"), &shown);
    }
}

#[test]
fn two_backups_where_only_ascii_can_be_shown() {
    let mut plain = style(80);
    plain.unicode = false;
    let shown = screen(&bens(), &plain);
    assert!(shown.is_ascii(), "{shown}");
    hold("diff-plain", &shown);
}

#[test]
fn what_is_read_and_what_is_not_compared() {
    let not_compared = |which, why: &str, needs_password| {
        let why = why.to_owned();
        NotCompared {
            which,
            why,
            needs_password,
        }
    };
    let contents = ContentsDiff {
        same: sum(48_000, 80_000_000_000),
        other: sum(1, 3_000),
        unreadable_old: sum(2, 5_000),
        not_compared: sum(3, 9_000),
        ..ContentsDiff::default()
    };
    let why = "3 files (9 kB) were not compared byte for byte: the key is not at hand, or the content \
               is only in a cloud";
    let read = Diff {
        covers: Some(true),
        only_old: OnlyHere::default(),
        identical: None,
        apps: AppDiff::default(),
        databases: vec![],
        contents: Some(contents),
        not_compared: vec![not_compared(None, why, true)],
        of_unknown_size: 1,
        ..bens()
    };
    hold("diff-read", &screen(&read, &style(80)));
    let (old, new) = (Some(Which::Old), Some(Which::New));
    let closed = "its list of files is encrypted, and it was not opened";
    let damaged = "a part of its list of files cannot be read";
    let both = vec![
        not_compared(old, closed, true),
        not_compared(new, damaged, false),
    ];
    let locked = Diff {
        not_compared: both,
        ..Diff::default()
    };
    hold("diff-locked", &screen(&locked, &style(80)));
}
