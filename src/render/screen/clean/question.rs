//! The question before anything is removed, and what is told above it.

use crate::clean::{CleanPlan, Item, What};
use crate::cover::losses;
use crate::model::{Report, Why};
use crate::plan::reasons;
use crate::render::screen::layout;
use crate::render::screen::style::Style;
use crate::words::{self, numbers};

use super::called::called;
use super::counted::counted;
use super::why::held_elsewhere;

/// The question that is asked before anything is removed. Above it, a paragraph each, what goes for good;
/// of only copies that was told when their names were asked for.
pub fn question(report: &Report, plan: &CleanPlan, style: &Style) -> String {
    let (what, frees) = (counted(plan), numbers::freed(plan.frees));
    let which = match plan.items.as_slice() {
        [one] => format!("{}, {frees}", called(one, report, style)),
        _ => frees,
    };
    let mut text = String::new();
    for item in plan.items.iter().filter(|item| !item.is_only_copy) {
        for line in goes_for_good(item, report, style) {
            text += &(line + "\n");
        }
    }
    text + &format!("Delete {what} for good ({which})? Type yes: ")
}

/// What goes for good with an item, as lines; none where something else holds all of it.
pub fn goes_for_good(item: &Item, report: &Report, style: &Style) -> Vec<String> {
    let What::Backup(index) = item.what else {
        return vec![];
    };
    let backup = &report.backups[index];
    let decision = &report.plan.decisions[index];
    let only = decision.only_here.as_ref();
    let mut parts = Vec::new();
    match only.map(losses::all) {
        Some(all) if all.is_empty() => {}
        Some(all) => parts.push(words::listed(&all)),
        None if backup.holds_nothing() => {}
        None => parts.push("what is in it, which is not known here".to_owned()),
    }
    if let Some(only) = only {
        parts.extend(losses::remarks(only, report));
        parts.extend(held_elsewhere(only, report, style));
    }
    let is_told = only.is_some_and(|only| !losses::mattering(only).is_empty());
    let doubts = decision.reasons.iter().filter(|reason| match reason.why {
        Why::HoldsMore => !is_told,
        why => why == Why::ClockDisputed,
    });
    parts.extend(doubts.map(|doubt| reasons::text(doubt, index, report, &style.zone)));
    if backup.foreign.count > 0 {
        parts.push(reasons::foreign(backup));
    }
    if parts.is_empty() {
        return vec![];
    }
    let called = called(item, report, style);
    let text = format!("For good goes with {called}: {}.", parts.join("; "));
    layout::paragraph("", &style.name(&text), style.width)
}
