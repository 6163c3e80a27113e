//! What holds for all checks and verdicts.

use std::collections::BTreeSet;

use crate::model::{Effect, Verdict};

use super::check::Explanation;
use super::registry::all;
use super::verdicts::explain;

/// All texts, each with the id of what it explains.
fn texts() -> Vec<(&'static str, [&'static str; 4])> {
    let of = |explanation: &Explanation| {
        let Explanation {
            meaning,
            certainty,
            source,
            action,
        } = *explanation;
        [meaning, certainty, source, action]
    };
    let verdicts = Verdict::ALL
        .into_iter()
        .map(|verdict| (verdict.as_str(), of(explain(verdict))));
    all()
        .map(|check| (check.id, of(&check.explanation)))
        .chain(verdicts)
        .collect()
}

#[test]
fn every_check_and_verdict_has_an_id_of_its_own() {
    let ids: Vec<_> = texts().into_iter().map(|(id, _)| id).collect();
    let different: BTreeSet<_> = ids.iter().collect();
    assert_eq!(different.len(), ids.len());
}

#[test]
fn every_explanation_is_whole_sentences_in_plain_letters() {
    for (id, texts) in texts() {
        for text in texts {
            assert!(text.is_ascii() && !text.is_empty(), "{id}: {text}");
            for unwanted in ["  ", "\t", "TODO", "\r"] {
                assert!(!text.contains(unwanted), "{id}: {text}");
            }
            for line in text.split('\n') {
                assert!(line.len() <= 400 && line.ends_with('.'), "{id}: {line}");
                assert_eq!(line, line.trim(), "{id}");
            }
        }
        let [meaning, certainty, source, action] = texts;
        for text in [meaning, certainty, source] {
            assert!(
                !text.contains('\n'),
                "{id}: only actions have lines: {text}"
            );
        }
        // The fourth is what is left where there will be no other backup.
        let most = if action.contains("bkscan mend") { 4 } else { 3 };
        assert!(action.lines().count() <= most, "{id}: {action}");
    }
}

#[test]
fn no_explanation_first_tells_to_delete_something() {
    for (id, [.., action]) in texts() {
        let first = action.lines().next().unwrap_or_default().to_lowercase();
        assert!(!first.contains("delete"), "{id}: {first}");
        assert!(!first.starts_with("remove"), "{id}: {first}");
    }
}

#[test]
fn damage_is_answered_by_keeping_what_is_there() {
    let damage = [Effect::Corrupt, Effect::Incomplete];
    for check in all().filter(|check| damage.contains(&check.effect)) {
        let action = check.explanation.action;
        assert!(action.contains("ack up the device again"), "{}", check.id);
        assert!(action.to_lowercase().contains("keep"), "{}", check.id);
    }
}
