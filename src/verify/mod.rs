//! Judges a backup from what was read and measured. Pure: no disk, no clock.
//!
//! A check is a row of data and a function. To add one, add a row and its function to the file of
//! its theme.

mod contents;
mod files;
mod manifest;
mod plists;
mod state;

use jiff::Timestamp;

use crate::model::{
    Comparison, Effect, Example, Finding, Inventory, Level, Listing, Manifest, Metadata,
    NotChecked, Severity, Verdict,
};

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
    /// Whether its metadata changed during two looks.
    pub changing: bool,
    /// How deep the scan looks.
    pub level: Level,
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
        files::CHECKS,
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
            Outcome::Skipped(format!(
                "not looked at below --level {}",
                check.level.as_str()
            ))
        };
        match outcome {
            Outcome::Skipped(why) => not_checked.push(NotChecked {
                id: check.id,
                why,
                expected,
            }),
            Outcome::Passed => checked.push(check.id),
            Outcome::Failed(details) => {
                checked.push(check.id);
                findings.push(finding(check, details));
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

fn finding(check: &Check, details: Details) -> Finding {
    let Details {
        count,
        bytes,
        message,
        examples,
        hint,
    } = details;
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
        examples,
        hint,
    }
}

/// The verdict from the findings alone, by precedence; without any that matters it is `complete` if
/// all could be seen, else `unverified`.
pub fn verdict(findings: &[Finding], seen_all: bool) -> Verdict {
    let of_effect = |effect| match effect {
        Effect::CouldNotCheck => Some(Verdict::Unreadable),
        Effect::InProgress => Some(Verdict::InProgress),
        Effect::Incomplete => Some(Verdict::Incomplete),
        Effect::Corrupt => Some(Verdict::Corrupt),
        Effect::Interrupted => Some(Verdict::Interrupted),
        Effect::Unverified => Some(Verdict::Unverified),
        Effect::Nothing => None,
    };
    let otherwise = if seen_all {
        Verdict::Complete
    } else {
        Verdict::Unverified
    };
    // Verdicts are ordered by precedence.
    findings
        .iter()
        .filter_map(|finding| of_effect(finding.effect))
        .min()
        .unwrap_or(otherwise)
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
            Manifest::Locked => Err(Outcome::skipped(
                "the file list is encrypted and no password was given",
            )),
            Manifest::HeaderOnly => Err(Outcome::skipped("not looked at below --level standard")),
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
