//! Says what would go: what the plan lets go, or what the user names, within the limits of the
//! plan. Pure. Unknown means keep. What is named is judged as a set: none of it stands in for another.

use std::cmp::Reverse;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::model::options::Policy;
use crate::model::{Action, BackupReport, Decision, Frees, Plan, Reason, Report, Why};
use crate::plan;
use crate::verify::standing;

use super::clean_plan::{CleanPlan, Item, What};
use super::leftover::Leftover;

/// What the user wants to be cleaned.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// Exactly these backups, by index.
    pub only: Option<Vec<usize>>,
    /// Only backups of these devices, by index.
    pub devices: Option<Vec<usize>>,
    /// Only backups from before this time.
    pub older_than: Option<Timestamp>,
}

impl Wish {
    /// Whether it is about all that can go.
    fn is_whole(&self) -> bool {
        self.only.is_none() && self.devices.is_none() && self.older_than.is_none()
    }

    /// The option that leaves out a backup, if one does.
    fn leaving_out(&self, report: &Report, at: usize) -> Option<&'static str> {
        let of_device = self.devices.as_ref().is_none_or(|devices| {
            let mut wanted = devices.iter().map(|device| &report.devices[*device]);
            wanted.any(|device| device.backups.contains(&at))
        });
        let old = self.older_than.is_none_or(|before| {
            let last = report.backups[at].last_backup;
            last.is_some_and(|last| last.at < before)
        });
        match (of_device, old) {
            (false, _) => Some("--device"),
            (true, false) => Some("--older-than"),
            (true, true) => None,
        }
    }
}

/// What would go of a report.
pub fn select(
    report: &Report,
    policy: &Policy,
    wish: &Wish,
    leftovers: Vec<Leftover>,
) -> CleanPlan {
    let mut items = Vec::new();
    if wish.is_whole() {
        items.extend(leftovers.into_iter().map(finish));
    }
    let mut named = wish.only.clone().unwrap_or_default();
    named.sort_unstable();
    named.dedup();
    let candidates = match wish.only {
        Some(_) => named.clone(),
        None => report.plan.removable.backups.clone(),
    };
    let leaving_out = |at: usize| wish.leaving_out(report, at);
    let left_out = named.iter().filter_map(|at| Some((*at, leaving_out(*at)?)));
    let left_out = left_out.collect();
    let candidates: Vec<usize> = candidates
        .into_iter()
        .filter(|at| leaving_out(*at).is_none())
        .collect();
    let set = match wish.only {
        Some(_) => judge_as_set(report, policy, candidates),
        None => Set {
            marked: candidates,
            judged: None,
            refused: vec![],
        },
    };
    let judged = Judged::of(report, &set);
    // Where nothing was named, nobody asked for those that may not go.
    let going = set.marked.iter().filter(|at| judged.may_go(**at));
    items.extend(going.map(|at| judged.remove(*at)));
    CleanPlan {
        frees: frees(report, &items),
        items,
        refused: set.refused,
        left_out,
        judged: set.judged,
    }
}

/// Backups that go together, what is then decided of all, and those that were named in vain.
struct Set {
    marked: Vec<usize>,
    /// Nothing: what the report says.
    judged: Option<Plan>,
    refused: Vec<usize>,
}

/// Judges backups that were named as a set: none of them stands in for another. One that may not go is
/// none of them, and the others are judged once more: it may stand in for an older one.
fn judge_as_set(report: &Report, policy: &Policy, named: Vec<usize>) -> Set {
    let mut set = Set {
        marked: named,
        judged: None,
        refused: vec![],
    };
    loop {
        let now = report.started_at;
        let judged = plan::without(&report.backups, policy, now, &set.marked);
        set.judged = Some(judged);
        let judged = Judged::of(report, &set);
        let refused = set.marked.iter().copied().filter(|at| !judged.may_go(*at));
        let date = |at: usize| report.backups[at].last_backup.map(|last| last.at);
        let Some(newest) = refused.max_by_key(|at| (date(*at), Reverse(*at))) else {
            set.refused.sort_unstable();
            return set;
        };
        set.marked.retain(|at| *at != newest);
        set.refused.push(newest);
    }
}

/// The plan with some of its items, by index.
pub fn part(report: &Report, plan: &CleanPlan, wanted: &[usize]) -> CleanPlan {
    let items: Vec<Item> = wanted.iter().map(|at| plan.items[*at].clone()).collect();
    CleanPlan {
        frees: frees(report, &items),
        items,
        refused: plan.refused.clone(),
        left_out: plan.left_out.clone(),
        judged: plan.judged.clone(),
    }
}

/// Takes the paths of a report that was redacted, and what it says of all backups.
pub fn redact(plan: &mut CleanPlan, report: &Report) {
    if let Some(judged) = &mut plan.judged {
        judged.clone_from(&report.plan);
    }
    for (number, item) in plan.items.iter_mut().enumerate() {
        item.path = match item.what {
            What::Backup(at) => report.backups[at].path.clone(),
            What::Leftover { .. } => PathBuf::from(format!("unfinished-{}", number + 1)),
        };
    }
}

/// What all of these give back together.
fn frees(report: &Report, items: &[Item]) -> Frees {
    let backup = |item: &Item| match item.what {
        What::Backup(at) => Some(at),
        What::Leftover { .. } => None,
    };
    let members: Vec<usize> = items.iter().filter_map(backup).collect();
    let rest = items.iter().filter(|item| backup(item).is_none());
    rest.fold(plan::frees(&report.backups, &members), |sum, item| Frees {
        bytes: sum.bytes.saturating_add(item.frees.bytes),
        exact: sum.exact && item.frees.exact,
    })
}

/// Whether another backup lies in the folder of this one, or something that was scanned.
pub fn holds_another(report: &Report, at: usize) -> bool {
    let path = &report.backups[at].path;
    let below = |other: &Path| other != path && other.starts_with(path);
    report.backups[at].holds_backup
        || report.backups.iter().any(|other| below(&other.path))
        || report.roots.iter().any(|root| below(&root.path))
}

/// What was decided of all backups, of which some are marked to go together.
struct Judged<'a> {
    report: &'a Report,
    decisions: &'a [Decision],
    marked: &'a [usize],
}

impl<'a> Judged<'a> {
    fn of(report: &'a Report, set: &'a Set) -> Judged<'a> {
        Judged {
            report,
            decisions: &set.judged.as_ref().unwrap_or(&report.plan).decisions,
            marked: &set.marked,
        }
    }

    fn may_go(&self, at: usize) -> bool {
        self.may_be_named(at) && !holds_another(self.report, at)
    }

    /// Whether a backup may go if it is named: by itself, or because only the user can know whether it
    /// is still needed.
    fn may_be_named(&self, at: usize) -> bool {
        let decision = &self.decisions[at];
        decision.action == Action::Remove || decision.on_request || self.is_only_copy(at)
    }

    /// Whether there is no other backup of the device, or no good one would be left of it.
    fn is_only_copy(&self, at: usize) -> bool {
        let decision = &self.decisions[at];
        let has = |why: Why| decision.reasons.iter().any(|reason| reason.why == why);
        let stays = decision.action == Action::Keep;
        stays && (has(Why::OnlyCopy) || has(Why::NewestGood) && self.takes_the_last_good_one(at))
    }

    fn takes_the_last_good_one(&self, at: usize) -> bool {
        let own = self.report.backups[at].udid.as_ref();
        let is_left = |(other, backup): (usize, &BackupReport)| {
            let stays = other != at && !self.marked.contains(&other);
            stays && backup.udid.as_ref() == own && standing::is_good(backup)
        };
        own.is_some() && !self.report.backups.iter().enumerate().any(is_left)
    }

    fn remove(&self, at: usize) -> Item {
        let decision = &self.decisions[at];
        let named = Reason {
            why: Why::Named,
            by: None,
        };
        let named = (decision.action == Action::Keep).then_some(named);
        Item {
            what: What::Backup(at),
            path: self.report.backups[at].path.clone(),
            frees: decision.frees,
            reasons: named
                .into_iter()
                .chain(decision.reasons.iter().copied())
                .collect(),
            is_only_copy: self.is_only_copy(at),
        }
    }
}

fn finish(leftover: Leftover) -> Item {
    Item {
        what: What::Leftover {
            stands_in: leftover.stands_in,
            fingerprint: leftover.fingerprint,
        },
        path: leftover.path,
        frees: leftover.frees,
        reasons: vec![],
        is_only_copy: false,
    }
}
