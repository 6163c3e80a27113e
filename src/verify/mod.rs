//! Judges a backup from what was read and measured. Pure: no disk, no clock.
//!
//! A check is a row of data and a function. To add one, add a row and its function to the file of
//! its theme.

mod contents;
pub mod device;
mod encryption;
mod files;
mod manifest;
mod places;
mod plists;
mod state;
mod verdicts;

use jiff::Timestamp;

use crate::model::{
    Access, Comparison, Contents, Effect, Example, Finding, Inventory, Level, Listing, Manifest,
    Metadata, NotChecked, Severity, Verdict,
};

pub use state::is_plain;
pub use verdicts::explain;

/// What a finding or a verdict is, in words for people. Plain ASCII, whole sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// What it means; the first sentence stands alone in lists.
    pub meaning: &'static str,
    /// How sure it is: fact, judgement or hint, and what it cannot tell.
    pub certainty: &'static str,
    /// What it rests on: the device's own behaviour, Apple's pages, measured backups, public code.
    pub source: &'static str,
    /// What to do, one action a line.
    pub action: &'static str,
}

/// What to do about a backup that has lost something.
const BACK_UP_AGAIN: &str = "Keep this backup first, because a new run may write over it: copy its \
     folder to another disk, or in Finder choose General > Manage Backups, Control-click it, \
     Archive.\n\
     Then back up the device again: connect it by cable, Finder > General > Back Up Now (Windows: \
     Apple Devices or iTunes).\n\
     Keep the old one until bkscan calls the new one complete.";

/// What to do about a run that stopped although an earlier backup is still there.
const FINISH_THE_RUN: &str = "Leave the folder as it is, Snapshot too: the next run can go on from \
     there.\n\
     Make sure that the computer's disk has room.\n\
     Back up the device again and let it run to its end: connect it by cable, Finder > General > \
     Back Up Now (Windows: Apple Devices or iTunes).";

/// One check: its id and what a finding of it means.
pub struct Check {
    /// The id of its finding; never renamed or reused.
    pub id: &'static str,
    /// How bad the finding is.
    pub severity: Severity,
    /// What it does to the verdict.
    pub effect: Effect,
    /// The least level that can make the check.
    pub level: Level,
    /// What a finding of it is, in words for people.
    pub explanation: Explanation,
    /// Makes the check.
    pub run: fn(&Evidence<'_>) -> Outcome,
}

/// Everything that is known of one backup.
pub struct Evidence<'a> {
    /// Its metadata.
    pub metadata: &'a Metadata,
    /// Its manifest.
    pub manifest: &'a Manifest,
    /// What lies in its folder.
    pub inventory: &'a Inventory,
    /// The manifest against the disk.
    pub comparison: &'a Comparison,
    /// What came of its password.
    pub access: &'a Access,
    /// What its payloads hold, where they were read.
    pub contents: Option<&'a Contents>,
    /// Whether its metadata changed during two looks.
    pub changing: bool,
    /// How deep the scan looks.
    pub level: Level,
    /// How many examples a finding keeps.
    pub examples: usize,
    /// The time that counts as now.
    pub now: Timestamp,
}

/// Passed, failed and not checked are three answers.
pub enum Outcome {
    /// Nothing of the kind.
    Passed,
    /// Found.
    Failed(Details),
    /// Could not be checked; says why.
    Skipped(String),
    /// There is nothing to check it by, or it was not asked for; says why. Says nothing against the
    /// backup.
    LeftOut(String),
}

/// What a check found.
#[derive(Debug, Default)]
pub struct Details {
    /// How many files, rows or facts.
    pub count: u64,
    /// How many bytes they have together.
    pub bytes: u64,
    /// One sentence with scale and kind.
    pub message: String,
    /// The same without names, identifiers and paths, where the sentence has any.
    pub unnamed: Option<String>,
    /// The first few.
    pub examples: Vec<Example>,
    /// A command to copy.
    pub hint: Option<String>,
}

impl Outcome {
    /// A single fact.
    fn fact(message: impl Into<String>) -> Outcome {
        Outcome::Failed(Details {
            count: 1,
            message: message.into(),
            ..Details::default()
        })
    }

    /// A single fact, as it is told and as it is told without names.
    fn named_fact(message: String, unnamed: String) -> Outcome {
        Outcome::Failed(Details {
            count: 1,
            message,
            unnamed: Some(unnamed),
            ..Details::default()
        })
    }

    fn fact_if(condition: bool, message: impl FnOnce() -> String) -> Outcome {
        if condition {
            Outcome::fact(message())
        } else {
            Outcome::Passed
        }
    }

    fn skipped(why: impl Into<String>) -> Outcome {
        Outcome::Skipped(why.into())
    }
}

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
}

/// All checks, by theme.
pub fn checks() -> impl Iterator<Item = &'static Check> {
    [
        state::CHECKS,
        plists::CHECKS,
        manifest::CHECKS,
        encryption::CHECKS,
        files::CHECKS,
        places::CHECKS,
        contents::CHECKS,
    ]
    .into_iter()
    .flatten()
}

/// Makes all checks that the level includes.
pub fn verify(evidence: &Evidence<'_>) -> Verification {
    let mut findings = Vec::new();
    let mut checked = Vec::new();
    let mut not_checked = Vec::new();
    for check in checks() {
        let expected = check.level <= evidence.level;
        let outcome = if expected {
            (check.run)(evidence)
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
                findings.push(finding(check, details, evidence.examples));
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
            .filter(|finding| finding.id != "password-wrong")
        {
            finding.severity = Severity::Note;
        }
    }
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    Verification {
        verdict,
        findings,
        checked,
        not_checked,
    }
}

/// Why a check is not made below this level.
fn only_at(level: Level) -> String {
    format!("only at --level {}", level.as_str())
}

fn finding(check: &Check, details: Details, keep: usize) -> Finding {
    let Details {
        count,
        bytes,
        message,
        unnamed,
        examples,
        hint,
    } = details;
    let mut examples = examples;
    examples.truncate(keep);
    let Check {
        id,
        severity,
        effect,
        ..
    } = *check;
    Finding {
        id,
        severity,
        effect,
        count,
        bytes,
        message,
        unnamed,
        examples,
        hint,
        known: false,
    }
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
        Effect::Nothing => None,
    }
}

impl<'a> Evidence<'a> {
    /// Whether the folder is a backup of iOS 2 or 3, which have other files altogether (F§12).
    fn is_too_old(&self) -> bool {
        self.inventory.has_old_payloads && self.metadata.manifest_file.is_none()
    }

    /// The manifest's rows, of which there is at least one if any could be read; else why there are
    /// none.
    fn listing(&self) -> Result<&'a Listing, Outcome> {
        let listing = self.database()?;
        if !listing.damage.is_empty() && listing.counts.records == 0 {
            return Err(Outcome::skipped("no row of the manifest could be read"));
        }
        Ok(listing)
    }

    /// The manifest's rows, if only none of a damaged one.
    fn database(&self) -> Result<&'a Listing, Outcome> {
        match self.manifest {
            Manifest::Listed(listing) | Manifest::Cut(listing, _) => Ok(listing),
            Manifest::Missing => Err(Outcome::skipped("there is no manifest")),
            Manifest::Unreadable(_) => Err(Outcome::skipped("the manifest cannot be read")),
            Manifest::BeyondReader(why) => Err(Outcome::skipped(format!(
                "bkscan cannot read the manifest: {why}"
            ))),
            Manifest::Denied(why) => Err(Outcome::skipped(format!(
                "the manifest could not be opened: {why}"
            ))),
            Manifest::Locked if self.metadata.encrypted().is_none() => Err(Outcome::skipped(
                "the file list seems to be encrypted, and without Manifest.plist nothing opens it",
            )),
            Manifest::Locked => Err(Outcome::skipped(match self.access {
                Access::Wrong => "the file list is encrypted and the password is wrong".to_owned(),
                Access::Unavailable(why) | Access::Refused(why) => {
                    format!("the file list is encrypted and was not opened: {why}")
                }
                Access::NotNeeded | Access::NoPassword | Access::Open => {
                    "the file list is encrypted and no password was given (--ask-password)"
                        .to_owned()
                }
            })),
            Manifest::HeaderOnly => Err(Outcome::skipped(only_at(Level::Standard))),
        }
    }

    /// The manifest's rows where all of them could be read.
    fn whole_listing(&self) -> Result<&'a Listing, Outcome> {
        let listing = self.listing()?;
        let partial = !listing.damage.is_empty() || listing.unjudged.is_some();
        if partial || matches!(self.manifest, Manifest::Cut(..)) {
            return Err(Outcome::skipped("the manifest could not be read in full"));
        }
        Ok(listing)
    }

    /// Whether the keys of an encrypted backup are at hand.
    fn is_open(&self) -> bool {
        *self.access == Access::Open
    }

    /// For what cannot be told without the keys of an encrypted backup.
    fn takes_password(&self) -> Result<(), Outcome> {
        match self.metadata.encrypted() {
            _ if self.is_open() => Ok(()),
            None => Err(Outcome::LeftOut(
                "Manifest.plist does not tell whether it is encrypted".to_owned(),
            )),
            Some(_) => Err(Outcome::LeftOut("it takes the password".to_owned())),
        }
    }

    /// Rows whose sizes and blobs may be judged: not those of contract §4 rule 3.
    fn open_listing(&self) -> Result<&'a Listing, Outcome> {
        let listing = self.listing()?;
        if listing.opaque {
            return Err(Outcome::skipped(
                "the database is readable although the backup is encrypted: only presence is \
                 judged",
            ));
        }
        Ok(listing)
    }
}

/// Lets a check leave with `?` where it cannot be made.
fn run(check: impl FnOnce() -> Result<Outcome, Outcome>) -> Outcome {
    check().unwrap_or_else(|outcome| outcome)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

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
        let of_devices = device::CHECKS
            .iter()
            .map(|check| (check.id, of(&check.explanation)));
        checks()
            .map(|check| (check.id, of(&check.explanation)))
            .chain(of_devices)
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
            assert!(action.lines().count() <= 3, "{id}: {action}");
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
        for check in checks().filter(|check| damage.contains(&check.effect)) {
            let action = check.explanation.action;
            assert!(action.contains("ack up the device again"), "{}", check.id);
            assert!(action.to_lowercase().contains("keep"), "{}", check.id);
        }
    }
}
