//! The screen of `bkscan diff`, held literally. The comparisons are made by hand, so that every number in
//! them is known.

use bkscan::model::{
    Amount, AppDiff, AppFiles, ContentsDiff, DatabaseDiff, Diff, GroupDiff, KeepsakeGroup,
    NotCompared, SmallerApp, Which,
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
    let group = |group, only_old, both, only_new| GroupDiff {
        group,
        only_old,
        only_new,
        both,
    };
    let none = Amount::default();
    let database = |name, old_bytes, new_bytes, is_held| DatabaseDiff {
        name,
        old_bytes,
        new_bytes,
        is_held,
    };
    Diff {
        covers: Some(false),
        identical: Some(false),
        groups: vec![
            group(
                KeepsakeGroup::Photos,
                sum(1204, 3_100_000_000),
                sum(8411, 19_000_000_000),
                sum(96, 300_000_000),
            ),
            group(KeepsakeGroup::VoiceMemos, none, sum(12, 80_100_000), none),
            group(
                KeepsakeGroup::Messages,
                sum(34, 12_000_000),
                sum(812, 1_100_000_000),
                sum(71, 100_000_000),
            ),
            group(
                KeepsakeGroup::WhatsApp,
                none,
                sum(4100, 2_200_000_000),
                sum(1990, 1_000_000_000),
            ),
        ],
        databases: vec![
            database("Health", None, Some(3_000_000), true),
            database("Messages", Some(480_000_000), Some(495_000_000), true),
            database("Notes", Some(22_000_000), Some(1_000_000), false),
        ],
        apps: AppDiff {
            only_old: vec![
                AppFiles {
                    name: "Komoot\u{202e}".to_owned(),
                    sum: sum(40, 200_000_000),
                    matters: true,
                },
                AppFiles {
                    name: "Small".to_owned(),
                    sum: sum(1, 12_000),
                    matters: false,
                },
            ],
            only_new: vec![AppFiles {
                name: "Too Good To Go".to_owned(),
                sum: sum(9, 12_000_000),
                matters: true,
            }],
            smaller: vec![SmallerApp {
                name: "Podcasts".to_owned(),
                old_bytes: 900_000_000,
                new_bytes: 30_000_000,
                is_held: false,
            }],
        },
        photos_may_be_in_icloud: true,
        ..Diff::default()
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
    let plain = Style {
        unicode: false,
        ..style(80)
    };
    let shown = screen(&bens(), &plain);
    assert!(shown.is_ascii(), "{shown}");
    hold("diff-plain", &shown);
}

#[test]
fn what_is_read_and_what_is_not_compared() {
    let read = Diff {
        covers: Some(true),
        identical: None,
        apps: AppDiff::default(),
        databases: vec![],
        contents: Some(ContentsDiff {
            same: sum(48_000, 80_000_000_000),
            other: sum(1, 3_000),
            unreadable_old: sum(2, 5_000),
            not_compared: sum(3, 9_000),
            ..ContentsDiff::default()
        }),
        not_compared: vec![NotCompared {
            which: None,
            why: "3 files (9 kB) were not compared byte for byte: the key is not at hand, or the content \
                  is only in a cloud"
                .to_owned(),
            needs_password: true,
        }],
        of_unknown_size: 1,
        ..bens()
    };
    hold("diff-read", &screen(&read, &style(80)));
    let locked = Diff {
        not_compared: vec![
            NotCompared {
                which: Some(Which::Old),
                why: "its list of files is encrypted, and it was not opened".to_owned(),
                needs_password: true,
            },
            NotCompared {
                which: Some(Which::New),
                why: "a part of its list of files cannot be read".to_owned(),
                needs_password: false,
            },
        ],
        ..Diff::default()
    };
    hold("diff-locked", &screen(&locked, &style(80)));
}
