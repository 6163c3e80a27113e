//! How much of a plan would go.

use crate::clean::{CleanPlan, What};
use crate::words::numbers;

/// How many backups would go.
pub fn of_backups(plan: &CleanPlan) -> usize {
    let items = plan.items.iter();
    items
        .filter(|item| matches!(item.what, What::Backup(_)))
        .count()
}

/// How many backups and unfinished removals would go.
pub fn counted(plan: &CleanPlan) -> String {
    let backups = of_backups(plan);
    let leftovers = plan.items.len() - backups;
    let backups = numbers::counted(backups as u64, "backup", "backups");
    let removals = numbers::counted(
        leftovers as u64,
        "unfinished removal",
        "unfinished removals",
    );
    match (of_backups(plan), leftovers) {
        (_, 0) => backups,
        (0, _) => removals,
        _ => format!("{backups} and {removals}"),
    }
}
