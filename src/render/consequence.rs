//! What a verdict means for whoever wants to restore, and what to do about it.

use crate::model::Verdict;
use crate::verify::manifest::MANIFEST_MISSING;
use crate::verify::plists::MANIFEST_PLIST_MISSING;
use crate::verify::{self, First};

/// What a verdict with these findings means for whoever wants to restore; `kind` is what people call the
/// device. What to do about it advice tells.
pub(crate) fn consequence(verdict: Verdict, findings: &[&str], kind: &str) -> String {
    let refuses = |id: &&str| verify::with_id(id).is_some_and(|check| check.device_refuses);
    match verdict {
        Verdict::Corrupt if findings.iter().any(refuses) => {
            format!(" The {kind} would refuse to restore it.")
        }
        Verdict::Corrupt => " A restore may fail or lose what is damaged.".to_owned(),
        Verdict::Incomplete => " Apple's software would not restore it.".to_owned(),
        _ => String::new(),
    }
}

/// What to do about it in a sentence, by what `explain` says; nothing where that depends on more than ids.
pub(crate) fn what_to_do(verdict: Verdict, findings: &[&str], kind: &str) -> String {
    let depends = [MANIFEST_MISSING.id, MANIFEST_PLIST_MISSING.id];
    let first = verify::first(findings.iter().copied());
    let before = match (verdict, first) {
        (Verdict::Interrupted, _) => return format!(" Back the {kind} up again to finish it."),
        (Verdict::Corrupt | Verdict::Incomplete, _)
            if first != Some(First::MoveAway) && findings.iter().any(|id| depends.contains(id)) =>
        {
            return String::new();
        }
        (Verdict::Corrupt | Verdict::Incomplete, Some(First::MoveAway)) => {
            "Rename its folder or move it away"
        }
        (Verdict::Corrupt | Verdict::Incomplete, Some(First::CopyFromBadDisk)) => {
            "Copy what can be read of its folder to another disk"
        }
        (Verdict::Corrupt | Verdict::Incomplete, _) => "Copy its folder to another disk",
        _ => return String::new(),
    };
    format!(" {before}, then back the {kind} up again.")
}
