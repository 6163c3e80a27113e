//! Cases of what would go, in the words of the cases of `plan`: backups apart by `;`, what is
//! wished, and what must come out, with a reason each. `!` stands before one that was named in
//! vain, `?` before one whose device's name has to be typed.

use super::*;
use crate::config::Policy;
use crate::model::Report;
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
                wish.only = Some(numbers.collect());
            }
            Some(("device", name)) => {
                let of = |device: &crate::model::Device| {
                    report.backups[device.backups[0]].path.to_str() == Some(name)
                };
                wish.devices = report.devices.iter().position(of).map(|at| vec![at]);
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
        let What::Backup(at) = item.what else {
            panic!("{item:?}")
        };
        let codes: Vec<_> = item
            .reasons
            .iter()
            .map(|reason| reason.why.as_str())
            .collect();
        let typed = if item.is_only_copy { "?" } else { "" };
        format!("{typed}{at} {}", codes.join("+"))
    });
    let refused = plan.refused.iter().map(|at| format!("!{at}"));
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
        (TWO, "only=0,1", "1 superseded-by, !0"),
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
