//! Says what would go: what the plan lets go, or what the user names, within the limits of the
//! plan. Pure. Unknown means keep.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::model::{Action, Decision, Frees, Reason, Report, Why};
use crate::plan;

use super::{CleanPlan, Item, Leftover, What};

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

    /// Whether a backup is among those that the wish is about.
    fn covers(&self, report: &Report, at: usize) -> bool {
        let of_device = self.devices.as_ref().is_none_or(|devices| {
            let mut wanted = devices.iter().map(|device| &report.devices[*device]);
            wanted.any(|device| device.backups.contains(&at))
        });
        let old = self.older_than.is_none_or(|before| {
            let last = report.backups[at].last_backup;
            last.is_some_and(|last| last.at < before)
        });
        of_device && old
    }
}

/// What would go of a report.
pub fn select(report: &Report, wish: &Wish, leftovers: Vec<Leftover>) -> CleanPlan {
    let mut items = Vec::new();
    if wish.is_whole() {
        items.extend(leftovers.into_iter().map(finish));
    }
    let mut named = wish.only.clone().unwrap_or_default();
    named.sort_unstable();
    named.dedup();
    let candidates = match wish.only {
        Some(_) => named,
        None => report.plan.removable.backups.clone(),
    };
    let (going, refused): (Vec<usize>, Vec<usize>) = candidates
        .into_iter()
        .filter(|at| wish.covers(report, *at))
        .partition(|at| may_be_named(&report.plan.decisions[*at]) && !holds_another(report, *at));
    let refused = match wish.only {
        Some(_) => refused,
        // Nobody asked for them.
        None => vec![],
    };
    items.extend(going.iter().map(|at| remove(report, *at)));
    CleanPlan {
        frees: frees(report, &items),
        items,
        refused,
    }
}

/// The plan with some of its items, by index.
pub fn part(report: &Report, plan: &CleanPlan, wanted: &[usize]) -> CleanPlan {
    let items: Vec<Item> = wanted.iter().map(|at| plan.items[*at].clone()).collect();
    CleanPlan {
        frees: frees(report, &items),
        items,
        refused: plan.refused.clone(),
    }
}

/// Takes the paths of a report that was redacted.
pub fn redact(plan: &mut CleanPlan, report: &Report) {
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

/// Whether a backup may go if it is named: by itself, or because only the user can know whether it
/// is still needed.
fn may_be_named(decision: &Decision) -> bool {
    decision.action == Action::Remove || decision.on_request || is_only_copy(decision)
}

fn is_only_copy(decision: &Decision) -> bool {
    let mut reasons = decision.reasons.iter();
    decision.action == Action::Keep && reasons.any(|reason| reason.why == Why::OnlyCopy)
}

fn remove(report: &Report, at: usize) -> Item {
    let decision = &report.plan.decisions[at];
    let named = Reason {
        why: Why::Named,
        by: None,
    };
    let named = (decision.action == Action::Keep).then_some(named);
    Item {
        what: What::Backup(at),
        path: report.backups[at].path.clone(),
        frees: decision.frees,
        reasons: named
            .into_iter()
            .chain(decision.reasons.iter().copied())
            .collect(),
        is_only_copy: is_only_copy(decision),
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
