//! What a verdict means for whoever wants to restore.

use crate::model::Verdict;
use crate::verify;

/// What a verdict with these findings means for whoever wants to restore; `kind` is what people call
/// the device.
pub(crate) fn consequence(verdict: Verdict, findings: &[&str], kind: &str) -> String {
    let refuses = |id: &&str| verify::with_id(id).is_some_and(|check| check.device_refuses);
    let is_refused = || findings.iter().any(refuses);
    let blocks = |id: &&str| verify::with_id(id).is_some_and(|check| check.blocks_next_run);
    let is_bad = matches!(verdict, Verdict::Corrupt | Verdict::Incomplete);
    if is_bad && findings.iter().any(blocks) {
        return format!(
            " The {kind} would refuse to restore it, and to go on in this folder. Rename it or move it away \
             first, then back the {kind} up again."
        );
    }
    match verdict {
        Verdict::Corrupt if is_refused() => {
            format!(" The {kind} would refuse to restore it. Back it up again while you have it.")
        }
        Verdict::Corrupt => format!(
            " A restore may fail or lose what is damaged. Back the {kind} up again while you have it."
        ),
        Verdict::Incomplete => {
            format!(" Apple's software would not restore it. Back the {kind} up again.")
        }
        Verdict::Interrupted => format!(" Back the {kind} up again to finish it."),
        _ => String::new(),
    }
}
