//! What the marked set comes to: what it frees together, and what goes for good with it. Pure; it may take
//! a moment where backups hold very much.

use std::sync::Arc;

use crate::clean::{CleanPlan, What};
use crate::cover::losses::together::together;
use crate::model::BackupIndex;
use crate::plan::reasons;
use crate::render::screen::clean::why;
use crate::words::numbers;

use super::scanned::Scanned;
use super::target::Target;

/// What the marked set comes to.
#[derive(Clone, Debug)]
pub struct Weighed {
    /// What was marked.
    pub marks: Vec<Target>,
    /// What would go, judged as a set.
    pub plan: Arc<CleanPlan>,
    /// Those that were marked and may not go, and why.
    pub refused: Vec<(Target, String)>,
    /// How much it frees together.
    pub frees: String,
    /// What goes for good, in one phrase; nothing where nothing does.
    pub for_good: Option<String>,
    /// How many only copies are among them.
    pub only_copies: usize,
}

/// Adds up what is marked.
pub fn weigh(scanned: &Scanned, marks: &[Target]) -> Weighed {
    let plan = scanned.plan(marks);
    let report = &scanned.report;
    let refused = plan.refused.iter().map(|index| {
        let reasons = &plan.decision(report, *index).reasons;
        let why = match crate::clean::holds_another(report, *index) {
            true => "another backup lies in it: move that out first".to_owned(),
            false => why(reasons, *index, report, &scanned.style),
        };
        (Target::Backup(*index), why)
    });
    let left_out = plan.left_out.iter().map(|(index, option)| {
        let why = format!("{option} leaves it out");
        (Target::Backup(*index), why)
    });
    Weighed {
        marks: marks.to_vec(),
        refused: refused.chain(left_out).collect(),
        frees: numbers::freed(plan.frees),
        for_good: for_good(scanned, &plan),
        only_copies: plan.items.iter().filter(|item| item.is_only_copy).count(),
        plan: Arc::new(plan),
    }
}

/// What goes for good with all of a plan, by group.
fn for_good(scanned: &Scanned, plan: &CleanPlan) -> Option<String> {
    let report = &scanned.report;
    let backups: Vec<BackupIndex> = plan
        .items
        .iter()
        .filter_map(|item| match item.what {
            What::Backup(index) => Some(index),
            What::Leftover { .. } => None,
        })
        .collect();
    let only = |index: BackupIndex| plan.decision(report, index).only_here.as_ref();
    let sum = together(backups.iter().filter_map(|index| only(*index)));
    let mut parts: Vec<String> = sum.told().into_iter().collect();
    let is_unknown =
        |index: &&BackupIndex| only(**index).is_none() && !report.backups[**index].holds_nothing();
    match backups.iter().filter(is_unknown).count() as u64 {
        0 => {}
        1 => parts.push("what is in 1 backup, which is not known here".to_owned()),
        many => parts.push(format!(
            "what is in {} backups, which is not known here",
            numbers::count(many)
        )),
    }
    let foreign = backups.iter().map(|index| &report.backups[*index]);
    let foreign = foreign.filter(|backup| backup.foreign.count > 0);
    parts.extend(foreign.map(reasons::foreign));
    (!parts.is_empty()).then(|| scanned.style.name(&parts.join("; ")))
}
