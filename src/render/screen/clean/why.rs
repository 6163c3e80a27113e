//! Why a backup goes or stays, and what goes for good with it.

use crate::cover::losses;
use crate::model::{BackupIndex, OnlyHere, Reason, Report, Why};
use crate::plan::reasons;
use crate::render::screen::style::Style;
use crate::words;

/// The reasons of a backup in words.
pub fn why(reasons: &[Reason], index: BackupIndex, report: &Report, style: &Style) -> String {
    let only = reasons.iter().any(|reason| reason.why == Why::OnlyCopy);
    let texts: Vec<String> = reasons
        .iter()
        // The only one is the newest, too.
        .filter(|reason| !(only && reason.why == Why::NewestGood))
        .map(|reason| reasons::text(reason, index, report, &style.zone))
        .collect();
    style.name(&texts.join("; "))
}

/// What goes for good with a backup, as far as its reasons do not tell it.
pub fn for_good(
    reasons: &[Reason],
    index: BackupIndex,
    report: &Report,
    style: &Style,
) -> Option<String> {
    let backup = &report.backups[index];
    let only = report.plan.decisions[index].only_here.as_ref();
    let has = |wanted: Why| reasons.iter().any(|reason| reason.why == wanted);
    let all = only.map(losses::all).unwrap_or_default();
    let mattering = only.map(losses::mattering).unwrap_or_default();
    // What a newer one holds of it is told with these.
    let tells_all = has(Why::SupersededBy)
        || reasons
            .iter()
            .any(|reason| reason.why == Why::Archived && reason.by.is_some());
    let is_told = tells_all || has(Why::HoldsMore);
    let told = match has(Why::HoldsMore) {
        true => mattering,
        false => vec![],
    };
    let rest: Vec<String> = (all.iter().filter(|word| !told.contains(word)).cloned()).collect();
    let mut parts = Vec::new();
    if !rest.is_empty() && !tells_all {
        let too = if told.is_empty() { "" } else { ", too" };
        parts.push(format!(
            "goes for good with it{too}: {}",
            words::listed(&rest)
        ));
    }
    if let Some(only) = only {
        let remarks = losses::remarks(only, report).into_iter();
        // They stand behind what was told.
        parts.extend(remarks.filter(|_| !is_told));
        parts.extend(held_elsewhere(only, report, style));
    }
    if backup.foreign.count > 0 && !has(Why::ForeignContent) {
        parts.push(reasons::foreign(backup));
    }
    (!parts.is_empty()).then(|| style.name(&parts.join("; ")))
}

/// What does not go for good altogether: another device's backup holds it.
pub fn held_elsewhere(only: &OnlyHere, report: &Report, style: &Style) -> Option<String> {
    let held = only.held_elsewhere?;
    let told = losses::held_elsewhere(only, held, report, &style.zone);
    Some(format!("in a backup of another device, too: {told}"))
}
