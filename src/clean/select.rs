//! Says what would go: what the plan lets go, or what the user names, within the limits of the
//! plan. Pure. Unknown means keep. What is named is judged as a set: none of it stands in for another.

use std::cmp::Reverse;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::model::options::Policy;
use crate::model::{Action, BackupIndex, Decision, Frees, Plan, Reason, Report, Why};
use crate::plan;
use crate::verify::standing;

use super::clean_plan::{CleanPlan, Item, What};
use super::leftover::Leftover;

/// What the user wants to be cleaned.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// Exactly these backups.
    pub only: Option<Vec<BackupIndex>>,
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
    fn leaving_out(&self, report: &Report, index: BackupIndex) -> Option<&'static str> {
        let of_device = self.devices.as_ref().is_none_or(|devices| {
            let mut wanted = devices.iter().map(|device| &report.devices[*device]);
            wanted.any(|device| device.backups.contains(&index))
        });
        let old = self.older_than.is_none_or(|before| {
            let last = report.backups[index].last_backup;
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
    let leaving_out = |index: BackupIndex| wish.leaving_out(report, index);
    let left_out = named
        .iter()
        .filter_map(|index| Some((*index, leaving_out(*index)?)));
    let left_out = left_out.collect();
    let candidates: Vec<BackupIndex> = candidates
        .into_iter()
        .filter(|index| leaving_out(*index).is_none())
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
    let going = set.marked.iter().filter(|index| judged.may_go(**index));
    items.extend(going.map(|index| judged.remove(*index)));
    CleanPlan {
        frees: frees(report, &items),
        items,
        refused: set.refused,
        left_out,
        judged: set.judged,
    }
}

/// What would go of a report where exactly these backups and leftovers are chosen. What else `wish` says
/// makes the choice narrower.
pub fn choose(
    report: &Report,
    policy: &Policy,
    wish: &Wish,
    (backups, leftovers): (Vec<BackupIndex>, Vec<Leftover>),
) -> CleanPlan {
    let wish = Wish {
        only: Some(backups),
        ..wish.clone()
    };
    let mut plan = select(report, policy, &wish, vec![]);
    plan.items.splice(..0, leftovers.into_iter().map(finish));
    plan.frees = frees(report, &plan.items);
    plan
}

/// Backups that go together, what is then decided of all, and those that were named in vain.
struct Set {
    marked: Vec<BackupIndex>,
    /// Nothing: what the report says.
    judged: Option<Plan>,
    refused: Vec<BackupIndex>,
}

/// Judges backups that were named as a set: none of them stands in for another. One that may not go is
/// none of them, and the others are judged once more: it may stand in for an older one.
fn judge_as_set(report: &Report, policy: &Policy, named: Vec<BackupIndex>) -> Set {
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
        let refused = set
            .marked
            .iter()
            .copied()
            .filter(|index| !judged.may_go(*index));
        let date = |index: BackupIndex| report.backups[index].last_backup.map(|last| last.at);
        let Some(newest) = refused.max_by_key(|index| (date(*index), Reverse(*index))) else {
            set.refused.sort_unstable();
            return set;
        };
        set.marked.retain(|index| *index != newest);
        set.refused.push(newest);
    }
}

/// The plan with some of its items, by index.
pub fn part(report: &Report, plan: &CleanPlan, wanted: &[usize]) -> CleanPlan {
    let items: Vec<Item> = wanted
        .iter()
        .map(|item| plan.items[*item].clone())
        .collect();
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
            What::Backup(index) => report.backups[index].path.clone(),
            What::Leftover { .. } => PathBuf::from(format!("unfinished-{}", number + 1)),
        };
    }
}

/// What all of these give back together.
fn frees(report: &Report, items: &[Item]) -> Frees {
    let backup = |item: &Item| match item.what {
        What::Backup(index) => Some(index),
        What::Leftover { .. } => None,
    };
    let members: Vec<BackupIndex> = items.iter().filter_map(backup).collect();
    let rest = items.iter().filter(|item| backup(item).is_none());
    rest.fold(plan::frees(&report.backups, &members), |sum, item| Frees {
        bytes: sum.bytes.saturating_add(item.frees.bytes),
        exact: sum.exact && item.frees.exact,
    })
}

/// Whether another backup lies in the folder of this one, or something that was scanned.
pub fn holds_another(report: &Report, index: BackupIndex) -> bool {
    let path = &report.backups[index].path;
    let below = |other: &Path| other != path && other.starts_with(path);
    report.backups[index].holds_backup
        || report.backups.iter().any(|other| below(&other.path))
        || report.roots.iter().any(|root| below(&root.path))
}

/// What was decided of all backups, of which some are marked to go together.
struct Judged<'a> {
    report: &'a Report,
    decisions: &'a [Decision],
    marked: &'a [BackupIndex],
}

impl<'a> Judged<'a> {
    fn of(report: &'a Report, set: &'a Set) -> Judged<'a> {
        Judged {
            report,
            decisions: &set.judged.as_ref().unwrap_or(&report.plan).decisions,
            marked: &set.marked,
        }
    }

    fn may_go(&self, index: BackupIndex) -> bool {
        self.may_be_named(index) && !holds_another(self.report, index)
    }

    /// Whether a backup may go if it is named: by itself, or because only the user can know whether it
    /// is still needed.
    fn may_be_named(&self, index: BackupIndex) -> bool {
        let decision = &self.decisions[index];
        decision.action == Action::Remove || decision.on_request || self.is_only_copy(index)
    }

    /// Whether there is no other backup of the device, or no good one would be left of it.
    fn is_only_copy(&self, index: BackupIndex) -> bool {
        let decision = &self.decisions[index];
        let has = |why: Why| decision.reasons.iter().any(|reason| reason.why == why);
        let stays = decision.action == Action::Keep;
        stays && (has(Why::OnlyCopy) || has(Why::NewestGood) && self.takes_the_last_good_one(index))
    }

    fn takes_the_last_good_one(&self, index: BackupIndex) -> bool {
        let own = self.report.backups[index].udid.as_ref();
        let is_left = |other: BackupIndex| {
            let backup = &self.report.backups[other];
            let stays = other != index && !self.marked.contains(&other);
            stays && backup.udid.as_ref() == own && standing::is_good(backup)
        };
        own.is_some() && !BackupIndex::all(self.report.backups.len()).any(is_left)
    }

    fn remove(&self, index: BackupIndex) -> Item {
        let decision = &self.decisions[index];
        let named = Reason {
            why: Why::Named,
            by: None,
        };
        let named = (decision.action == Action::Keep).then_some(named);
        Item {
            what: What::Backup(index),
            path: self.report.backups[index].path.clone(),
            frees: decision.frees,
            reasons: named
                .into_iter()
                .chain(decision.reasons.iter().copied())
                .collect(),
            is_only_copy: self.is_only_copy(index),
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
