//! What `bkscan clean` says, held literally.

use std::io;

use bkscan::clean::{CleanPlan, Done, Outcome, Wish, select};
use bkscan::model::options::Policy;
use bkscan::model::{BackupIndex, Decision, Plan, Reason, Removal, Report, Why};
use bkscan::render::screen::clean::{
    Measured, Next, goes_for_good, question, write_done, write_plan, write_undone,
};
use bkscan::render::screen::style::Style;
use bkscan::system::System;

use crate::render::screens::{four, hold, six, style};

/// The call that carries out a plan.
const AGAIN: Next<'_> = Next::Call("bkscan clean --delete", None);

fn planned(mut report: Report, wish: Wish) -> (Report, CleanPlan) {
    report.roots[0].path = "/Users/anna/Library/Application Support/MobileSync/Backup".into();
    let plan = select(&report, &Policy::usual(report.started_at), &wish, vec![]);
    (report, plan)
}

/// The plan for four backups, of which nothing was named.
fn usual() -> (Report, CleanPlan) {
    planned(four(), Wish::default())
}

/// Those that were named.
fn only(backups: &[usize]) -> Wish {
    let only = backups.iter().copied().map(BackupIndex::new);
    Wish {
        only: Some(only.collect()),
        ..Wish::default()
    }
}

fn written(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
    let mut bytes = Vec::new();
    write(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn shown((report, plan): &(Report, CleanPlan), below: Next<'_>, style: &Style) -> String {
    written(|out| write_plan(report, plan, below, style, out))
}

#[test]
fn the_plan_at_every_width() {
    let planned = planned(six(), Wish::default());
    for width in [120, 100, 80, 60, 40] {
        let shown = shown(&planned, AGAIN, &style(width));
        for line in shown.lines() {
            let is_command = line.starts_with("  bkscan");
            let wide = unicode_width::UnicodeWidthStr::width(line);
            assert!(is_command || wide < width, "{line}");
        }
        hold(&format!("clean-{width}"), &shown);
    }
    let mut ascii = style(80);
    ascii.unicode = false;
    let shown = shown(&planned, Next::Question, &ascii);
    assert!(shown.is_ascii(), "{shown}");
    hold("clean-ascii", &shown);
}

#[test]
fn plans_of_what_was_named_and_of_nothing() {
    let older = Wish {
        older_than: Some("2000-01-01T00:00:00Z".parse().unwrap()),
        ..Wish::default()
    };
    for (name, wish) in [
        // The old phone, and the newest good backup in vain.
        ("clean-named", only(&[0, 2])),
        ("clean-nothing", older),
    ] {
        hold(name, &shown(&planned(four(), wish), AGAIN, &style(80)));
    }
}

/// What goes for good is said above the question.
#[test]
fn the_question_names_what_goes_for_good() {
    let asked = |report: Report, wish: Wish| {
        let (report, plan) = planned(report, wish);
        question(&report, &plan, &style(80))
    };
    assert_eq!(
        asked(four(), Wish::default()),
        "Delete 1 backup for good (Anna's iPhone, 14 Jun 2025, up to 71.3 GB)? Type yes: "
    );
    assert_eq!(
        asked(six(), only(&[5])),
        "For good goes with Ben's iPhone, 12 May 2025: 1,204 photos and videos (3.1 GB),\n\
         15.0 MB of Messages and 1.0 MB of Notes.\n\
         Delete 1 backup for good (Ben's iPhone, 12 May 2025, up to 31.0 GB)? Type yes: "
    );
    // What another one holds is not lost; of only copies it was told before.
    assert_eq!(
        asked(six(), only(&[1, 2, 5])),
        "For good goes with Ben's iPhone, 12 May 2025: 1,204 photos and videos (3.1 GB),\n\
         15.0 MB of Messages and 1.0 MB of Notes.\n\
         Delete 3 backups for good (up to 151.1 GB)? Type yes: "
    );
    let (report, plan) = planned(six(), only(&[2]));
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
        asked(report, only(&[1])),
        "For good goes with Anna's iPhone, 14 Jun 2025: 2 files that are no part of a\n\
         backup lie in it (9.0 MB).\n\
         Delete 1 backup for good (Anna's iPhone, 14 Jun 2025, up to 71.3 GB)? Type yes: "
    );
}

#[test]
fn what_was_done() {
    const GB: u64 = 1_000_000_000;
    const FREED: u64 = 71_300_000_000;
    let (report, plan) = usual();
    let told = |outcome: Outcome, freed: u64, free_now: u64, system: System| {
        let mut style = style(80);
        style.system = system;
        let mut done = Done::declined(0);
        (done.outcome, done.freed, done.files) = (outcome, freed, 1);
        let (seconds, free) = (6.2, Some((12 * GB, free_now * GB)));
        let measured = Measured { seconds, free };
        written(|out| write_done(&report, &plan, &[done], measured, &style, out))
    };
    assert_eq!(
        told(Outcome::Removed, FREED, 83, System::Mac),
        "Deleted 1 of 1: 71.3 GB in 6 s. Free now 83.0 GB, before 12.0 GB.\n"
    );
    assert_eq!(
        told(Outcome::Removed, FREED, 14, System::Mac),
        "Deleted 1 of 1: 71.3 GB in 6 s. Free now 14.0 GB, before 12.0 GB: macOS holds\n\
         the rest in local Time Machine snapshots, usually for a day (tmutil\n\
         listlocalsnapshots /).\n"
    );
    assert_eq!(
        told(Outcome::Removed, FREED, 14, System::Other),
        "Deleted 1 of 1: 71.3 GB in 6 s. Free now 14.0 GB, before 12.0 GB: snapshots of\n\
         the disk, or copies that share blocks, may hold the rest.\n"
    );
    let refused = Outcome::Refused {
        why: "Status.plist changed 12 minutes ago, a backup may be running".to_owned(),
        again: Some("2026-11-22T15:05:00Z".parse().unwrap()),
    };
    assert_eq!(
        told(refused, 0, 12, System::Mac),
        "Nothing was deleted.\n\
         Kept Anna's iPhone, 14 Jun 2025: Status.plist changed 12 minutes ago, a backup\n\
         may be running. Try again after 22 Nov 2026, 15:05.\n"
    );
    let why = "1 file or folder could not be removed".to_owned();
    assert_eq!(
        told(Outcome::Failed { why }, FREED, 83, System::Mac),
        "Deleted 0 of 1: 71.3 GB in 6 s. Free now 83.0 GB, before 12.0 GB.\n\
         Not all of Anna's iPhone, 14 Jun 2025 is gone: 1 file or folder could not be\n\
         removed.\n"
    );
}

fn lines_of(report: Report, plan: CleanPlan) -> Vec<String> {
    let text = shown(&(report, plan), AGAIN, &style(80));
    text.lines().map(str::to_owned).collect()
}

/// A plan that is not whole is not offered to be carried out.
#[test]
fn a_stopped_plan_says_so_and_offers_nothing() {
    let (mut report, plan) = usual();
    report.cancelled = true;
    let lines = lines_of(report.clone(), plan);
    assert_eq!(
        lines.last().unwrap(),
        "Stopped before the end: this plan is not whole. Run it again."
    );
    assert!(!lines.iter().any(|line| line.contains("--delete")));
    report.backups.clear();
    report.devices.clear();
    let told = ["Stopped before the end: no backup was looked at yet."];
    assert_eq!(lines_of(report, CleanPlan::default()), told);
}

/// Where only decisions are left, the call that names them is.
#[test]
fn a_plan_of_decisions_says_what_shows_them() {
    let (mut report, _) = usual();
    report.plan.removable = Removal::default();
    let lines = lines_of(report, CleanPlan::default());
    let end = "Nothing can go without your decision. To plan it:";
    let call = "  bkscan clean --only 00008030-001122334455667A";
    assert_eq!(lines[lines.len() - 2..], [end, call]);
}

/// Of what lies in a trash, or of which nobody can tell what is in it, nobody said that it is needed.
#[test]
fn that_all_is_needed_is_said_only_where_it_is() {
    let told = |whys: &[Why]| {
        let mut report = six();
        let decide = |why: &Why| Decision {
            reasons: vec![Reason {
                why: *why,
                by: None,
            }],
            ..report.plan.decisions[0].clone()
        };
        // All others are the newest ones.
        let whys = whys.iter().chain(&[Why::NewestGood; 6]);
        report.plan = Plan {
            decisions: whys.take(report.backups.len()).map(decide).collect(),
            ..Plan::default()
        };
        lines_of(report, CleanPlan::default()).pop().unwrap()
    };
    for whys in [
        &[Why::NewestGood][..],
        &[Why::NewestGood, Why::EncryptedKept],
        &[Why::OnlyCopy, Why::KeepWithin, Why::KeepLast],
    ] {
        let needed = "Nothing can go: every backup here is needed.";
        assert_eq!(told(whys), needed, "{whys:?}");
    }
    for why in [
        Why::Trash,
        Why::ToolMade,
        Why::HoldsMore,
        Why::InProgress,
        Why::Unreadable,
        Why::NoUsableDate,
        Why::Nested,
    ] {
        for whys in [&[why][..], &[Why::NewestGood, why]] {
            let told_above = "Nothing can go. Why each backup stays is said beside it.";
            assert_eq!(told(whys), told_above, "{whys:?}");
        }
    }
}

/// Screen 6: what changed, and when to try again, also where the plan refuses already.
#[test]
fn what_changed_within_the_hour_is_told_with_the_time_to_try_again() {
    let (mut report, mut plan) = usual();
    report.backups[1].newest_change = Some("2026-11-22T11:48:00Z".parse().unwrap());
    report.plan.decisions[1].reasons[0].why = Why::InProgress;
    plan.items.clear();
    plan.refused = vec![BackupIndex::new(1)];
    let told = |report: &Report| written(|out| write_undone(report, &plan, &[], &style(120), out));
    assert_eq!(
        told(&report),
        "Kept Anna's iPhone, 14 Jun 2025: it changed 12 minutes ago, a backup may be running. Try again \
         after 22 Nov 2026, 12:48.\n"
    );
    // In the minute that is told it can be done, and the plan tells the same one.
    report.backups[1].newest_change = Some("2026-11-22T11:48:01Z".parse().unwrap());
    assert!(told(&report).ends_with("Try again after 22 Nov 2026, 12:49.\n"));
    let shown = lines_of(report, plan).join(" ");
    assert!(
        shown.split_whitespace().any(|word| word == "12:49"),
        "{shown}"
    );
}

#[test]
fn another_answer_than_yes_is_named() {
    let (report, plan) = usual();
    let (seconds, free) = (0.0, None);
    let measured = Measured { seconds, free };
    let done = [Done::declined(0)];
    let told = written(|out| write_done(&report, &plan, &done, measured, &style(80), out));
    let expected = "Nothing was deleted: the answer was not \"yes\".\n";
    assert_eq!(told, expected);
}
