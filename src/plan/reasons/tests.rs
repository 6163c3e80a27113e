//! Each reason as a sentence.

use crate::model::{
    DatabaseLoss, KeepsakeGroup, Loss, LossKind, ManifestCounts, OnlyHere, Severity, Subject,
    Subjects,
};
use crate::plan::tests::{backup, finding, report, time};

use super::*;

const MB: u64 = 1_000_000;

/// What is told of the older of two backups of a phone, where `change` made it special.
fn told(why: Why, change: impl Fn(&mut Report)) -> String {
    let mut backups = vec![
        backup("A complete 2025-06-14"),
        backup("A complete 2026-11-20"),
    ];
    for (index, backup) in backups.iter_mut().enumerate() {
        backup.path = format!("Backup/{index}").into();
        backup.manifest = Some(ManifestCounts::default());
        backup.keepsakes = Some(vec![]);
    }
    let mut report = report(backups);
    report.plan.decisions[0].only_here = Some(OnlyHere::default());
    change(&mut report);
    let [own, other] = [0, 1].map(BackupIndex::new);
    let reason = Reason {
        why,
        by: Some(other),
    };
    text(&reason, own, &report, &TimeZone::UTC)
}

fn lost(report: &mut Report, matters: bool) {
    report.plan.decisions[0].only_here = Some(OnlyHere {
        than: Some(BackupIndex::new(1)),
        groups: vec![Loss {
            kind: LossKind::Keepsakes(KeepsakeGroup::Photos),
            name: "Photos".to_owned(),
            files: 12,
            bytes: 3 * MB,
            of_files: 8_000,
            of_bytes: 31_000 * MB,
            matters,
        }],
        databases: vec![DatabaseLoss {
            name: "Messages",
            bytes: 9 * MB,
            other_bytes: 7 * MB,
            matters: false,
        }],
        photos_may_be_in_icloud: true,
        ..OnlyHere::default()
    });
}

#[test]
fn a_newer_one_that_holds_all_of_it_is_named_by_its_day() {
    assert_eq!(
        told(Why::SupersededBy, |_| {}),
        "that of 20 Nov 2026 holds all of it"
    );
    assert_eq!(
        told(Why::SupersededBy, |report| lost(report, false)),
        "that of 20 Nov 2026 holds all of it but for 12 photos and videos (3.0 MB) and 2.0 MB of \
         Messages; photos may be in iCloud: the newer one's device had iCloud Photos on and synced"
    );
    let unknown = |report: &mut Report| report.plan.decisions[0].only_here = None;
    assert_eq!(
        told(Why::SupersededBy, unknown),
        "that of 20 Nov 2026 is newer; what they hold was not compared"
    );
}

#[test]
fn a_date_that_counts_for_nothing_has_the_true_reason() {
    assert_eq!(
        told(Why::NoUsableDate, |report| {
            report.backups[0].last_backup = None;
            report.backups[0].status_date = None;
        }),
        "nothing trustworthy says when it was made"
    );
    assert_eq!(
        told(Why::NoUsableDate, |_| {}),
        "its dates disagree, so that nobody knows which backup is the newer one"
    );
    assert_eq!(
        told(Why::NoUsableDate, |report| report.backups[0].is_disputed =
            true),
        "the places that name its device disagree, so that nobody knows which device it is of"
    );
}

#[test]
fn what_the_newer_one_does_not_hold_is_named() {
    assert_eq!(
        told(Why::HoldsMore, |report| lost(report, true)),
        "12 photos and videos (3.0 MB) are only in it; photos may be in iCloud: the newer one's \
         device had iCloud Photos on and synced"
    );
    let strays = |files: u64| {
        move |report: &mut Report| {
            lost(report, false);
            let only = report.plan.decisions[0].only_here.as_mut().unwrap();
            only.databases = vec![];
            only.groups = vec![Loss {
                kind: LossKind::Strays,
                name: "Not listed".to_owned(),
                files,
                bytes: files * 20 * MB,
                of_files: 9,
                of_bytes: 180 * MB,
                matters: true,
            }];
        }
    };
    for (change, expected) in [
        (
            Box::new(strays(1)) as Box<dyn Fn(&mut Report)>,
            "1 file that no file list names (20.0 MB) is only in it",
        ),
        (
            Box::new(strays(3)),
            "3 files that no file list names (60.0 MB) are only in it",
        ),
        (
            Box::new(|report| {
                let found = finding("index-short", Severity::Warning);
                report.backups[0].findings.push(found);
            }),
            "its file list is not the whole one, so that nobody can tell whether that of 20 Nov 2026 \
             holds all of it",
        ),
        (
            Box::new(|report| {
                let found = finding("payload-in-cloud", Severity::Warning);
                report.backups[0].findings.push(found);
            }),
            "files of it are only in a cloud, so that nobody can tell here whether that of 20 Nov 2026 \
             holds them",
        ),
        (
            Box::new(|report| {
                report.plan.decisions[0].only_here = None;
                report.backups[0].locked = true;
            }),
            "its file list is locked, so that nobody can tell whether that of 20 Nov 2026 holds all of it",
        ),
    ] {
        assert_eq!(told(Why::HoldsMore, change), expected);
    }
}

/// The newest one is not compared with a newer one.
#[test]
fn a_list_that_is_not_whole_is_told_of_the_newest_one_too() {
    let mut newest = backup("A complete 2026-11-20");
    newest
        .findings
        .push(finding("index-short", Severity::Warning));
    let report = report(vec![newest, backup("A complete 2025-06-14")]);
    let reason = report.plan.decisions[0].reasons[0];
    assert_eq!((reason.why, reason.by), (Why::HoldsMore, None));
    assert_eq!(
        text(&reason, BackupIndex::new(0), &report, &TimeZone::UTC),
        "its file list is not the whole one, so that nobody can tell what is in it, and no newer good \
         backup stands in for it"
    );
}

#[test]
fn files_of_others_are_named_and_a_twin_by_its_place() {
    let foreign = |names: &'static [&'static str], count: u64| {
        move |report: &mut Report| {
            let foreign = &mut report.backups[0].foreign;
            *foreign = Subjects::new(10);
            for number in 0..count {
                let place = names.get(number as usize).map(|name| (*name).to_owned());
                let subject = Subject {
                    id: None,
                    place,
                    bytes: MB,
                };
                foreign.add(subject);
            }
        }
    };
    for (names, count, expected) in [
        (
            &["Taxes.zip"][..],
            1,
            "1 file that is no part of a backup lies in it (Taxes.zip; 1.0 MB)",
        ),
        (
            &["a", "b"],
            2,
            "2 files that are no part of a backup lie in it (a, b; 2.0 MB)",
        ),
        (
            &["a", "b", "c", "d"],
            4,
            "4 files that are no part of a backup lie in it (a, b, c, ...; 4.0 MB)",
        ),
        // Names that were left out.
        (
            &[],
            2,
            "2 files that are no part of a backup lie in it (2.0 MB)",
        ),
    ] {
        assert_eq!(told(Why::ForeignContent, foreign(names, count)), expected);
    }
    assert_eq!(
        told(Why::Twin, |_| {}),
        "the same files and lengths as Backup/1"
    );
}

#[test]
fn what_changed_can_be_decided_later() {
    let changed = |at: &'static str| {
        move |report: &mut Report| {
            report.backups[0].newest_change = Some(at.parse().unwrap());
            report.started_at = time("2026-11-22");
        }
    };
    assert_eq!(
        told(Why::InProgress, changed("2026-11-22T11:05:10Z")),
        "changed within the hour: can be decided from 12:06 on"
    );
    assert_eq!(
        told(Why::InProgress, changed("2026-11-22T23:30:00Z")),
        "changed within the hour: can be decided from 23 Nov 2026, 00:30 on"
    );
    let running = |report: &mut Report| report.backups[0].verdict = Verdict::InProgress;
    assert_eq!(
        told(Why::InProgress, running),
        "changed within the hour, a backup may be running"
    );
}

#[test]
fn what_holds_a_backup_back_is_told() {
    for (why, expected) in [
        (
            Why::ClockDisputed,
            "files in it changed more than a day after those of the newer backup of 20 Nov 2026: a clock may have \
             been wrong",
        ),
        (Why::Trash, "lies in a trash or a snapshot"),
        (Why::ToolMade, "made by a tool, not by the device"),
        (Why::Unfinished, "the newest run, which is not whole"),
        (Why::Nested, "another backup lies in it"),
        (
            Why::KeepLast,
            "one of the last ones, which are kept, as asked (keep-last)",
        ),
        (
            Why::KeepWithin,
            "new enough to be kept, as asked (keep-within)",
        ),
    ] {
        assert_eq!(told(why, |_| {}), expected);
    }
    let untold = "the newest run, of which nothing says that it finished";
    for (id, expected) in [
        (STATUS_MISSING.id, untold),
        (STATUS_UNREADABLE.id, untold),
        (NEVER_FINISHED.id, "the newest run, which did not finish"),
    ] {
        let found = finding(id, Severity::Error);
        let with = |report: &mut Report| report.backups[0].findings.push(found.clone());
        assert_eq!(told(Why::Unfinished, with), expected);
    }
}

/// Of a run that did not finish, where the newer backup stays, goes with the same plan, or is none.
#[test]
fn whether_a_newer_good_backup_is_there_is_told_as_it_is() {
    let without = |newer: &'static str, expected: &str| {
        let backups = vec![backup("A incomplete 2025-06-14"), backup(newer)];
        let report = report(backups);
        let why = Why::Incomplete;
        let told = text(
            &Reason { why, by: None },
            BackupIndex::new(0),
            &report,
            &TimeZone::UTC,
        );
        assert_eq!(told, expected, "{newer}");
    };
    let none = "incomplete, and there is no newer good backup";
    without("A corrupt 2026-11-20", none);
    without("A complete 2024-11-20", none);
    without("B complete 2026-11-20", none);
    let goes = "incomplete, and no newer good backup would be left";
    without("A complete 2026-11-20", goes);
}
