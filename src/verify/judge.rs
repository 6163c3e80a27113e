//! Makes the checks of one backup, and tells the verdict.

use crate::model::{Effect, Finding, Level, NotChecked, PlistFile, Severity, Verdict};

use super::encryption::PASSWORD_WRONG;
use super::evidence::{Evidence, only_at};
use super::manifest;
use super::outcome::Outcome;
use super::registry;

/// What became of a backup.
#[derive(Debug)]
pub struct Verification {
    /// The verdict.
    pub verdict: Verdict,
    /// What was found, worst first.
    pub findings: Vec<Finding>,
    /// Ids of the checks that were made.
    pub checked: Vec<&'static str>,
    /// The checks that were not.
    pub not_checked: Vec<NotChecked>,
    /// Whether every further run into the folder fails until it is moved away.
    pub blocks_next_run: bool,
}

/// Makes all checks that the level includes.
pub fn verify(evidence: &Evidence<'_>) -> Verification {
    let mut findings = Vec::new();
    let mut checked = Vec::new();
    let mut not_checked = Vec::new();
    for (check, run) in registry::of_backups() {
        let expected = check.level <= evidence.level;
        let outcome = if expected {
            run(evidence)
        } else {
            Outcome::LeftOut(only_at(check.level))
        };
        let skipped = matches!(outcome, Outcome::Skipped(_));
        match outcome {
            Outcome::Skipped(why) | Outcome::LeftOut(why) => not_checked.push(NotChecked {
                id: check.id,
                why,
                expected: skipped,
            }),
            Outcome::Passed => checked.push(check.id),
            Outcome::Failed(details) => {
                checked.push(check.id);
                let mut finding = check.finding(details);
                finding.examples.truncate(evidence.examples);
                findings.push(finding);
            }
        }
    }
    let seen_all = evidence.level > Level::Quick && not_checked.iter().all(|check| !check.expected);
    let verdict = verdict(&findings, seen_all);
    if findings
        .iter()
        .any(|finding| finding.effect == Effect::InProgress)
    {
        for finding in findings
            .iter_mut()
            .filter(|finding| finding.id != PASSWORD_WRONG.id)
        {
            finding.severity = Severity::Note;
        }
    }
    let blocks_next_run = blocks_next_run(evidence, &findings);
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    Verification {
        verdict,
        findings,
        checked,
        not_checked,
        blocks_next_run,
    }
}

/// Whether the device cannot go on in this folder: it finds a list there that it cannot read.
fn blocks_next_run(evidence: &Evidence<'_>, findings: &[Finding]) -> bool {
    let mut found = findings.iter();
    let blocks = |id| registry::with_id(id).is_some_and(|check| check.blocks_next_run);
    matches!(evidence.metadata.manifest_plist, PlistFile::Empty)
        || manifest::has_empty_list(evidence)
        || found.any(|finding| blocks(finding.id))
}

/// The verdict from the findings alone, by precedence; without any that matters it is `complete` if
/// all could be seen, else `unverified`.
pub fn verdict(findings: &[Finding], seen_all: bool) -> Verdict {
    let otherwise = if seen_all {
        Verdict::Complete
    } else {
        Verdict::Unverified
    };
    // Verdicts are ordered by precedence.
    findings
        .iter()
        .filter_map(|finding| verdict_of(finding.effect))
        .min()
        .unwrap_or(otherwise)
}

/// The verdict that a finding of this effect makes, unless another one of higher precedence does.
pub fn verdict_of(effect: Effect) -> Option<Verdict> {
    match effect {
        Effect::CouldNotCheck => Some(Verdict::Unreadable),
        Effect::InProgress => Some(Verdict::InProgress),
        Effect::Incomplete => Some(Verdict::Incomplete),
        Effect::Corrupt => Some(Verdict::Corrupt),
        Effect::Interrupted => Some(Verdict::Interrupted),
        Effect::Unverified => Some(Verdict::Unverified),
        Effect::NotOpened | Effect::Nothing => None,
    }
}
