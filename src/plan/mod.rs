//! Decides what may go, and why (contract §5). Pure: reports, options and `now` are arguments.
//! Unknown means keep.

mod decide;
mod fresh;
pub mod reasons;
mod reclaim;
mod scene;
mod twins;

pub use fresh::is_finished_copy;
pub use reclaim::frees;

use jiff::Timestamp;

use crate::model::options::Policy;
use crate::model::{
    Action, BackupIndex, BackupReport, Decision, Flag, Plan, Removal, Report, Verdict,
};

use scene::Scene;

/// Whether a backup is all that a device has, of a run that did not finish: it is better kept until there is
/// something better.
pub fn is_all_of_first_run(report: &Report, index: BackupIndex) -> bool {
    let flags = &report.plan.decisions[index].flags;
    report.backups[index].verdict == Verdict::Incomplete && flags.contains(&Flag::OnlyCopy)
}

/// Of what only its owner can decide about that which a call should name: without what is better kept, unless
/// there is nothing else.
pub fn to_be_named(report: &Report, backups: &[BackupIndex]) -> Vec<BackupIndex> {
    let may_go = |index: &BackupIndex| !is_all_of_first_run(report, *index);
    let named: Vec<BackupIndex> = backups.iter().copied().filter(may_go).collect();
    if named.is_empty() {
        backups.to_vec()
    } else {
        named
    }
}

/// Decides about all backups together.
pub fn make(backups: &[BackupReport], policy: &Policy, now: Timestamp) -> Plan {
    without(backups, policy, now, &[])
}

/// Decides about all backups, of which those `marked` go whatever is decided: they stand in for nothing.
pub fn without(
    backups: &[BackupReport],
    policy: &Policy,
    now: Timestamp,
    marked: &[BackupIndex],
) -> Plan {
    let decisions = decide::all(&Scene::new(backups, policy, now, marked));
    let removal = |wanted: &dyn Fn(&Decision) -> bool| {
        let members: Vec<BackupIndex> = BackupIndex::all(backups.len())
            .filter(|index| wanted(&decisions[*index]))
            .collect();
        Removal {
            frees: frees(backups, &members),
            backups: members,
        }
    };
    Plan {
        removable: removal(&|decision| decision.action == Action::Remove),
        on_request: removal(&|decision| decision.on_request),
        decisions,
    }
}

#[cfg(test)]
pub(crate) mod tests;
