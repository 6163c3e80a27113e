//! What `bkscan clean` says, held literally.

use bkscan::clean::{CleanPlan, Done, Outcome, Wish, select};
use bkscan::model::options::Policy;
use bkscan::model::{BackupIndex, Report};
use bkscan::render::screen::clean::{
    Measured, Next, goes_for_good, question, write_done, write_plan, write_undone,
};
use bkscan::render::screen::style::Style;
use bkscan::system::System;

use crate::render::screens::{four, hold, six, style};

/// The call that carries out a plan.
const AGAIN: Next<'_> = Next::Call("bkscan clean --delete");

fn planned(wish: Wish) -> (Report, CleanPlan) {
    planned_for(four(), wish)
}

fn planned_for(mut report: Report, wish: Wish) -> (Report, CleanPlan) {
    report.roots[0].path = "/Users/anna/Library/Application Support/MobileSync/Backup".into();
    let plan = select(&report, &Policy::usual(report.started_at), &wish, vec![]);
    (report, plan)
}

fn plan(wish: Wish, below: Next<'_>, style: &Style) -> String {
    plan_of(four(), wish, below, style)
}

fn plan_of(report: Report, wish: Wish, below: Next<'_>, style: &Style) -> String {
    let (report, plan) = planned_for(report, wish);
    let mut bytes = Vec::new();
    write_plan(&report, &plan, below, style, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn the_plan_at_every_width() {
    for width in [100, 80, 60, 40] {
        let shown = plan_of(six(), Wish::default(), AGAIN, &style(width));
        for line in shown.lines() {
            let is_command = line.starts_with("  bkscan");
            let wide = unicode_width::UnicodeWidthStr::width(line);
            assert!(is_command || wide <= width, "{line}");
        }
        hold(&format!("clean-{width}"), &shown);
    }
    let ascii = Style {
        unicode: false,
        ..style(80)
    };
    let shown = plan_of(six(), Wish::default(), Next::Question, &ascii);
    assert!(shown.is_ascii(), "{shown}");
    hold("clean-ascii", &shown);
}

#[test]
fn a_plan_of_what_was_named() {
    // The old phone, and the newest good backup in vain.
    let wish = Wish {
        only: Some([0, 2].map(BackupIndex::new).to_vec()),
        ..Wish::default()
    };
    hold("clean-named", &plan(wish, AGAIN, &style(80)));
}

#[test]
fn a_plan_of_nothing() {
    let wish = Wish {
        older_than: Some("2000-01-01T00:00:00Z".parse().unwrap()),
        ..Wish::default()
    };
    hold("clean-nothing", &plan(wish, AGAIN, &style(80)));
}

#[test]
fn the_question() {
    let (report, plan) = planned(Wish::default());
    assert_eq!(
        question(&report, &plan, &style(80)),
        "Delete 1 backup for good (Anna's iPhone, 14 Jun 2025, up to 71.3 GB)? Type yes: "
    );
}

/// What goes for good is said above the question.
#[test]
fn the_question_names_what_goes_for_good() {
    let asked = |only: &[usize], report: Report| {
        let wish = Wish {
            only: Some(only.iter().copied().map(BackupIndex::new).collect()),
            ..Wish::default()
        };
        let (report, plan) = planned_for(report, wish);
        question(&report, &plan, &style(80))
    };
    assert_eq!(
        asked(&[5], six()),
        "For good goes with Ben's iPhone, 12 May 2025: 1,204 photos and videos (3.1 GB),\n\
         15.0 MB of Messages and 1.0 MB of Notes.\n\
         Delete 1 backup for good (Ben's iPhone, 12 May 2025, up to 31.0 GB)? Type yes: "
    );
    // What another one holds is not lost; of only copies it was told before.
    assert_eq!(
        asked(&[1, 2, 5], six()),
        "For good goes with Ben's iPhone, 12 May 2025: 1,204 photos and videos (3.1 GB),\n\
         15.0 MB of Messages and 1.0 MB of Notes.\n\
         Delete 3 backups for good (up to 151.1 GB)? Type yes: "
    );
    let (report, plan) = planned_for(
        six(),
        Wish {
            only: Some(vec![BackupIndex::new(2)]),
            ..Wish::default()
        },
    );
    assert_eq!(
        goes_for_good(&plan.items[0], &report, &style(80)),
        [
            "For good goes with Old phone, 22 Sep 2023: what is in it, which is not known",
            "here."
        ]
    );
    let mut report = four();
    report.backups[1].foreign.sample.count = 2;
    report.backups[1].foreign.bytes = 9_000_000;
    assert_eq!(
        asked(&[1], report),
        "For good goes with Anna's iPhone, 14 Jun 2025: 2 files that are no part of a\n\
         backup lie in it (9.0 MB).\n\
         Delete 1 backup for good (Anna's iPhone, 14 Jun 2025, up to 71.3 GB)? Type yes: "
    );
}

#[test]
fn what_was_done() {
    const GB: u64 = 1_000_000_000;
    let (report, plan) = planned(Wish::default());
    let done = |outcome: Outcome, freed: u64, free: (u64, u64), system: System| {
        let done = [Done {
            item: 0,
            outcome,
            freed,
            files: 1,
        }];
        let measured = Measured {
            seconds: 6.2,
            free: Some(free),
        };
        let style = Style {
            system,
            ..style(80)
        };
        let mut bytes = Vec::new();
        write_done(&report, &plan, &done, measured, &style, &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    };
    let freed = 71_300_000_000;
    assert_eq!(
        done(Outcome::Removed, freed, (12 * GB, 83 * GB), System::Mac),
        "Deleted 1 of 1: 71.3 GB in 6 s. Free now 83.0 GB, before 12.0 GB.\n"
    );
    assert_eq!(
        done(Outcome::Removed, freed, (12 * GB, 14 * GB), System::Mac),
        "Deleted 1 of 1: 71.3 GB in 6 s. Free now 14.0 GB, before 12.0 GB: macOS holds\n\
         the rest in local Time Machine snapshots, usually for a day (tmutil\n\
         listlocalsnapshots /).\n"
    );
    assert_eq!(
        done(Outcome::Removed, freed, (12 * GB, 14 * GB), System::Other),
        "Deleted 1 of 1: 71.3 GB in 6 s. Free now 14.0 GB, before 12.0 GB: snapshots of\n\
         the disk, or copies that share blocks, may hold the rest.\n"
    );
    let refused = Outcome::Refused {
        why: "Status.plist changed 12 minutes ago, a backup may be running".to_owned(),
        again: Some("2026-11-22T15:05:00Z".parse().unwrap()),
    };
    assert_eq!(
        done(refused, 0, (12 * GB, 12 * GB), System::Mac),
        "Nothing was deleted.\n\
         Kept Anna's iPhone, 14 Jun 2025: Status.plist changed 12 minutes ago, a backup\n\
         may be running. Try again after 22 Nov 2026, 15:05.\n"
    );
    let failed = Outcome::Failed {
        why: "1 file or folder could not be removed".to_owned(),
    };
    assert_eq!(
        done(failed, freed, (12 * GB, 83 * GB), System::Mac),
        "Deleted 0 of 1: 71.3 GB in 6 s. Free now 83.0 GB, before 12.0 GB.\n\
         Not all of Anna's iPhone, 14 Jun 2025 is gone: 1 file or folder could not be\n\
         removed.\n"
    );
}

fn lines_of(report: &Report, plan: &CleanPlan, below: Next<'_>) -> Vec<String> {
    let mut bytes = Vec::new();
    write_plan(report, plan, below, &style(80), &mut bytes).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// A plan that is not whole is not offered to be carried out.
#[test]
fn a_stopped_plan_says_so_and_offers_nothing() {
    let (mut report, plan) = planned(Wish::default());
    report.cancelled = true;
    let lines = lines_of(&report, &plan, AGAIN);
    assert_eq!(
        lines.last().unwrap(),
        "Stopped before the end: this plan is not whole. Run it again."
    );
    assert!(!lines.iter().any(|line| line.contains("--delete")));
    report.backups.clear();
    report.devices.clear();
    assert_eq!(
        lines_of(&report, &CleanPlan::default(), AGAIN),
        ["Stopped before the end: no backup was looked at yet."]
    );
}

/// Where only decisions are left, the call that names them is.
#[test]
fn a_plan_of_decisions_says_what_shows_them() {
    let (mut report, _) = planned(Wish::default());
    report.plan.removable = bkscan::model::Removal::default();
    let lines = lines_of(&report, &CleanPlan::default(), AGAIN);
    assert_eq!(
        lines[lines.len() - 2..],
        [
            "Nothing can go without your decision. What only you can decide:",
            "  bkscan"
        ]
    );
}

/// Of what lies in a trash, or of which nobody can tell what is in it, nobody said that it is needed.
#[test]
fn that_all_is_needed_is_said_only_where_it_is() {
    use bkscan::model::{Decision, Reason, Why};
    let told = |whys: &[Why]| {
        let mut report = six();
        let decide = |why: &Why| Decision {
            reasons: vec![Reason {
                why: *why,
                by: None,
            }],
            ..report.plan.decisions[0].clone()
        };
        report.plan = bkscan::model::Plan {
            // All others are the newest ones.
            decisions: (whys.iter().chain(&[Why::NewestGood; 6]))
                .take(report.backups.len())
                .map(decide)
                .collect(),
            ..bkscan::model::Plan::default()
        };
        lines_of(&report, &CleanPlan::default(), AGAIN)
            .last()
            .cloned()
    };
    let needed = Some("Nothing can go: every backup here is needed.".to_owned());
    assert_eq!(told(&[Why::NewestGood]), needed);
    assert_eq!(told(&[Why::NewestGood, Why::EncryptedKept]), needed);
    assert_eq!(
        told(&[Why::OnlyCopy, Why::KeepWithin, Why::KeepLast]),
        needed
    );
    let told_above = Some("Nothing can go. Why each backup stays is said beside it.".to_owned());
    for why in [
        Why::Trash,
        Why::ToolMade,
        Why::HoldsMore,
        Why::InProgress,
        Why::Unreadable,
        Why::NoUsableDate,
        Why::Nested,
    ] {
        assert_eq!(told(&[why]), told_above, "{why:?}");
        assert_eq!(told(&[Why::NewestGood, why]), told_above, "{why:?}");
    }
}

/// Screen 6: what changed, and when to try again, also where the plan refuses already.
#[test]
fn what_changed_within_the_hour_is_told_with_the_time_to_try_again() {
    let (mut report, mut plan) = planned(Wish::default());
    report.backups[1].newest_change = Some("2026-11-22T11:48:00Z".parse().unwrap());
    report.plan.decisions[1].reasons[0].why = bkscan::model::Why::InProgress;
    plan.items.clear();
    plan.refused = vec![BackupIndex::new(1)];
    let mut bytes = Vec::new();
    write_undone(&report, &plan, &[], &style(120), &mut bytes).unwrap();
    assert_eq!(
        String::from_utf8(bytes).unwrap(),
        "Kept Anna's iPhone, 14 Jun 2025: it changed 12 minutes ago, a backup may be running. Try again \
         after 22 Nov 2026, 12:48.\n"
    );
    // In the minute that is told it can be done, and the plan tells the same one.
    report.backups[1].newest_change = Some("2026-11-22T11:48:01Z".parse().unwrap());
    let told = |plan: &CleanPlan| {
        let mut bytes = Vec::new();
        write_undone(&report, plan, &[], &style(120), &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    };
    assert!(told(&plan).ends_with("Try again after 22 Nov 2026, 12:49.\n"));
    let shown = lines_of(&report, &plan, AGAIN).join(" ");
    let shown: Vec<&str> = shown.split_whitespace().collect();
    assert!(shown.contains(&"12:49"), "{shown:?}");
}

#[test]
fn another_answer_than_yes_is_named() {
    let (report, plan) = planned(Wish::default());
    let measured = Measured {
        seconds: 0.0,
        free: None,
    };
    let mut bytes = Vec::new();
    let done = [Done::declined(0)];
    write_done(&report, &plan, &done, measured, &style(80), &mut bytes).unwrap();
    assert_eq!(
        String::from_utf8(bytes).unwrap(),
        "Nothing was deleted: the answer was not \"yes\".\n"
    );
}
