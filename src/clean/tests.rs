//! Cases of what would go, in the words of the cases of `plan`: backups apart by `;`, what is
//! wished, and what must come out, with a reason each. `!` stands before one that was named in
//! vain, `?` before one whose device's name has to be typed.

use super::*;
use crate::model::options::Policy;
use crate::model::{Action, BackupIndex, Frees, Report};
use crate::plan::tests as cases;

fn report(case: &str) -> Report {
    cases::report(case.split(';').map(cases::backup).collect())
}

fn wish(report: &Report, words: &str) -> Wish {
    let mut wish = Wish::default();
    for word in words.split_whitespace() {
        match word.split_once('=') {
            Some(("only", numbers)) => {
                let numbers = numbers.split(',').map(|number| number.parse().unwrap());
                wish.only = Some(numbers.map(BackupIndex::new).collect());
            }
            Some(("device", name)) => {
                let of = |device: &crate::model::Device| {
                    report.backups[device.backups[0]].path.to_str() == Some(name)
                };
                wish.devices = report.devices.iter().position(of).map(|index| vec![index]);
            }
            Some(("before", day)) => wish.older_than = Some(cases::time(day)),
            _ => panic!("{word}"),
        }
    }
    wish
}

fn outcome(case: &str, words: &str) -> String {
    let report = report(case);
    let policy = Policy::usual(report.started_at);
    let plan = select(&report, &policy, &wish(&report, words), vec![]);
    let going = plan.items.iter().map(|item| {
        let What::Backup(index) = item.what else {
            panic!("{item:?}")
        };
        let codes: Vec<_> = item
            .reasons
            .iter()
            .map(|reason| reason.why.as_str())
            .collect();
        let typed = if item.is_only_copy { "?" } else { "" };
        format!("{typed}{} {}", index.position(), codes.join("+"))
    });
    let refused = plan
        .refused
        .iter()
        .map(|index| format!("!{}", index.position()));
    going.chain(refused).collect::<Vec<_>>().join(", ")
}

#[test]
fn what_would_go() {
    const TWO: &str = "A complete 2026-11-20; A complete 2026-01-01";
    const ASKED: &str = "A complete 2026-11-20; A complete 2026-01-01 arch; A corrupt 2026-02-01";
    for (case, words, expected) in [
        (TWO, "", "1 superseded-by"),
        (TWO, "only=1", "1 superseded-by"),
        (TWO, "only=1,1", "1 superseded-by"),
        // The newest good one of several never goes.
        (TWO, "only=0", "!0"),
        // What is named stands in for nothing: both would be gone.
        (
            TWO,
            "only=0,1",
            "?0 named+newest-good+only-copy, ?1 named+newest-good+only-copy",
        ),
        // One that stays stands in for the others, also if it was named in vain.
        (
            "A complete 2026-11-20; A complete 2026-06-01; A complete 2026-01-01",
            "only=1,2",
            "1 superseded-by, 2 superseded-by",
        ),
        (
            "A complete 2026-11-20; A complete 2026-06-01; A complete 2026-01-01",
            "only=0,1",
            "1 superseded-by, !0",
        ),
        (
            "A complete 2026-11-20; A complete 2026-06-01; A complete 2026-01-01",
            "only=0,2",
            "2 superseded-by, !0",
        ),
        // No good one would be left.
        (
            "A complete 2026-11-20; A corrupt 2026-01-01",
            "only=0",
            "?0 named+newest-good",
        ),
        (
            "A complete 2026-11-20; A complete 2026-06-01; A corrupt 2026-01-01",
            "only=0,1",
            "?0 named+newest-good, ?1 named+newest-good",
        ),
        (
            "A complete 2026-11-20 recent; A corrupt 2026-01-01",
            "only=0",
            "!0",
        ),
        (TWO, "before=2026-01-02", "1 superseded-by"),
        (TWO, "before=2026-01-01", ""),
        ("A complete 2026-11-20", "", ""),
        (
            "A complete 2026-11-20",
            "only=0",
            "?0 named+newest-good+only-copy",
        ),
        ("A complete 2020-01-01", "", ""),
        (
            "A complete 2020-01-01",
            "only=0",
            "?0 named+newest-good+only-copy",
        ),
        ("A corrupt 2020-01-01", "only=0", "?0 named+only-copy"),
        (
            "A incomplete 2020-01-01",
            "only=0",
            "?0 named+only-copy+unfinished",
        ),
        // Whoever is at work, cannot be read or disagrees with itself stays, named or not.
        ("A in-progress 2020-01-01", "only=0", "!0"),
        ("A unreadable 2020-01-01", "only=0", "!0"),
        ("A complete 2020-01-01 recent", "only=0", "!0"),
        ("A complete 2020-01-01 disputed", "only=0", "!0"),
        (ASKED, "", ""),
        (ASKED, "only=1,2", "1 named+archived, 2 named+corrupt"),
        (ASKED, "only=2,1", "1 named+archived, 2 named+corrupt"),
        (
            "A unverified 2026-11-20 enc; A complete 2026-01-01 enc",
            "only=1",
            "1 named+newer-not-checked",
        ),
        (
            "A complete 2026-11-20; A complete 2026-01-01 vol2",
            "only=1",
            "1 named+other-volume",
        ),
        // It has more in it than the newer one.
        (
            "A complete 2026-11-20; A complete 2026-01-01 enc",
            "only=1",
            "!1",
        ),
        (
            "A complete 2026-11-20; A complete 2026-01-01; B complete 2026-11-20; \
             B complete 2026-02-01",
            "device=B",
            "3 superseded-by",
        ),
        (
            "A complete 2026-11-20; A incomplete 2026-01-01 info-only",
            "",
            "1 not-a-copy",
        ),
        ("- complete 2020-01-01; - complete 2026-11-20", "", ""),
    ] {
        assert_eq!(outcome(case, words), expected, "{case} | {words}");
    }
}

/// What is decided of all backups where some were named, and which of them only the user can decide about.
fn decided(case: &str, words: &str) -> Vec<String> {
    let report = report(case);
    let policy = Policy::usual(report.started_at);
    let plan = select(&report, &policy, &wish(&report, words), vec![]);
    let judged = plan.judged.as_ref().unwrap();
    let asked =
        BackupIndex::all(report.backups.len()).filter(|index| judged.decisions[*index].on_request);
    assert_eq!(judged.on_request.backups, asked.collect::<Vec<_>>());
    let removed = |index: &BackupIndex| judged.decisions[*index].action == Action::Remove;
    let removable = BackupIndex::all(report.backups.len()).filter(removed);
    assert_eq!(judged.removable.backups, removable.collect::<Vec<_>>());
    BackupIndex::all(report.backups.len())
        .map(|index| cases::outcome(judged, index))
        .collect()
}

/// One that was not named does not go, so that it is no last one that would be gone; and the sums are
/// those of the set.
#[test]
fn what_is_left_stays_for_a_reason_of_its_own() {
    for (case, words, expected) in [
        // Long not seen, which would be the user's own decision were there no other one.
        (
            "A complete 2024-11-20; A complete 2024-01-01 vol2",
            "only=1",
            &["keep newest-good", "keep other-volume by 0 asked"][..],
        ),
        (
            "A complete 2026-11-20; A complete 2026-06-01; A complete 2026-01-01",
            "only=1",
            &[
                "keep newest-good",
                "remove superseded-by by 0",
                "remove superseded-by by 0",
            ],
        ),
        (
            "A complete 2026-11-20; A corrupt 2026-01-01",
            "only=0",
            &["keep newest-good", "keep corrupt"],
        ),
        (
            "A complete 2026-11-20; A incomplete 2026-01-01",
            "only=0",
            &["keep newest-good", "keep incomplete"],
        ),
        (
            "A complete 2026-11-20; A incomplete 2026-11-21",
            "only=0",
            &["keep newest-good", "keep unfinished"],
        ),
        (
            "A complete 2026-11-20; A complete 2026-01-01 by-mtime",
            "only=0",
            &["keep newest-good", "keep no-usable-date"],
        ),
        (
            "A complete 2024-11-20",
            "only=0",
            &["keep newest-good+only-copy asked"],
        ),
    ] {
        assert_eq!(decided(case, words), expected, "{case} | {words}");
    }
}

/// One that was named and that another option leaves out is told with that option.
#[test]
fn what_was_named_and_left_out_is_told_with_the_option() {
    const CASE: &str = "A complete 2026-11-20; A complete 2026-01-01; B complete 2026-01-01";
    for (words, expected) in [
        ("only=1", &[][..]),
        ("only=1 before=2026-01-02", &[]),
        ("only=1 before=2025-01-01", &[(1, "--older-than")]),
        ("only=1,2 device=A", &[(2, "--device")]),
        (
            "only=1,2 device=A before=2025-01-01",
            &[(1, "--older-than"), (2, "--device")],
        ),
        // Nobody named any.
        ("before=2025-01-01", &[]),
    ] {
        let report = report(CASE);
        let policy = Policy::usual(report.started_at);
        let plan = select(&report, &policy, &wish(&report, words), vec![]);
        let expected: Vec<_> = (expected.iter())
            .map(|(position, option)| (BackupIndex::new(*position), *option))
            .collect();
        assert_eq!(plan.left_out, expected, "{words}");
        for (index, option) in expected {
            assert_eq!(plan.leaving_out(index), Some(option), "{words}");
        }
    }
}

#[test]
fn unfinished_removals_are_finished_unless_something_else_is_wished() {
    let report = report("A complete 2026-11-20; A complete 2026-01-01");
    let leftover = || Leftover {
        path: "/b/.bkscan-removing-x".into(),
        frees: Frees {
            bytes: 500,
            exact: true,
        },
        stands_in: None,
        fingerprint: 0,
    };
    let actions = |words: &str| {
        let policy = Policy::usual(report.started_at);
        let plan = select(&report, &policy, &wish(&report, words), vec![leftover()]);
        let actions: Vec<_> = plan.items.iter().map(|item| item.what.action()).collect();
        (actions, plan.frees.bytes)
    };
    assert_eq!(actions(""), (vec!["finish", "remove"], 1524));
    assert_eq!(actions("only=1"), (vec!["remove"], 1024));
    assert_eq!(actions("before=2026-01-02"), (vec!["remove"], 1024));
}
