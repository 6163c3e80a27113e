//! All checks there are.

use super::check::{Check, Explanation, Run};
use super::evidence::Evidence;
use super::outcome::Outcome;
use super::remedy::{self, First, Remedy, Step};
use super::{contents, device, encryption, files, manifest, places, plists, state};

/// All checks, by theme: those of backups, then those of devices.
pub fn all() -> impl Iterator<Item = &'static Check> {
    [
        state::CHECKS,
        plists::CHECKS,
        manifest::CHECKS,
        encryption::CHECKS,
        files::CHECKS,
        places::CHECKS,
        contents::CHECKS,
        device::CHECKS,
    ]
    .into_iter()
    .flatten()
}

/// The check with this id.
pub fn with_id(id: &str) -> Option<&'static Check> {
    all().find(|check| check.id == id)
}

/// The remedy that `explain` tells of a check; nothing for what needs none, or a remedy of its own.
pub fn remedy(check: &Check) -> Option<&'static Remedy> {
    remedy::ALL.into_iter().find(told_in(&check.explanation))
}

fn told_in(explanation: &Explanation) -> impl Fn(&&'static Remedy) -> bool {
    |remedy| remedy.explained == explanation.action
}

/// What to do by an explanation, step by step.
pub fn steps(explanation: &Explanation) -> Vec<Step> {
    let mut all = remedy::ALL.into_iter().chain([&remedy::SEE_AND_COPY_IT]);
    match all.find(told_in(explanation)) {
        Some(remedy) => remedy.steps.to_vec(),
        None => explanation.action.lines().map(Step::Do).collect(),
    }
}

/// What comes first where these were found together: what is most careful of what is there, but that a
/// folder in which every run fails has to go, whatever else is wrong.
pub fn first<'a>(ids: impl IntoIterator<Item = &'a str>) -> Option<First> {
    let checks = ids.into_iter().filter_map(with_id);
    let firsts: Vec<First> = checks
        .filter_map(|check| Some(remedy(check)?.first))
        .collect();
    let by_weight = [First::MoveAway, First::CopyFromBadDisk];
    let mut heavy = by_weight.into_iter();
    heavy
        .find(|first| firsts.contains(first))
        .or(firsts.iter().min().copied())
}

/// Makes a check of a backup.
type OfBackup = fn(&Evidence<'_>) -> Outcome;

/// Those of backups.
pub(super) fn of_backups() -> impl Iterator<Item = (&'static Check, OfBackup)> {
    all().filter_map(|check| match check.run {
        Run::Backup(run) => Some((check, run)),
        Run::Device(_) | Run::Elsewhere => None,
    })
}
