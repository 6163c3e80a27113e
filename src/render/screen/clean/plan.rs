//! What would go, and how to carry it out.

use std::io::{self, Write};

use crate::clean::{CleanPlan, What};
use crate::model::{Frees, Report, Why};
use crate::plan;
use crate::render::screen::layout;
use crate::render::screen::stopped::STOPPED_AT_ONCE;
use crate::render::screen::style::Style;
use crate::words::numbers;
use crate::words::shell;

use super::counted::of_backups;
use super::rows::Rows;
use super::table;

/// What stands below a plan.
#[derive(Clone, Copy, Debug)]
pub enum Next<'a> {
    /// Nothing: the question comes next.
    Question,
    /// The call that carries it out, and the one that opens a list to choose in, where there is a terminal.
    Call(&'a str, Option<&'a str>),
    /// What to call, in words, where it cannot be spelled out.
    InWords(&'a str),
}

/// Writes the plan, and how to carry it out.
///
/// # Errors
/// When writing fails.
pub fn write_plan(
    report: &Report,
    plan: &CleanPlan,
    below: Next<'_>,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let style = &style.inside();
    let rows = Rows::of(report, plan, style);
    if report.backups.is_empty() && plan.items.is_empty() {
        let stopped = match report.cancelled {
            true => layout::paragraph("", STOPPED_AT_ONCE, style.width),
            false => vec![],
        };
        return layout::write_blocks(&[stopped], out);
    }
    let last = match report.cancelled {
        // What was not looked at might change it.
        true => {
            let text = "Stopped before the end: this plan is not whole. Run it again.";
            layout::paragraph("", text, style.width)
        }
        false => next(plan, report, below, style),
    };
    let blocks = [
        header(report, matches!(below, Next::Question), style),
        table::lines(&rows, style),
        total(report, plan, style),
        last,
    ];
    layout::write_blocks(&blocks, out)
}

fn header(report: &Report, removing: bool, style: &Style) -> Vec<String> {
    let roots: Vec<String> = report
        .roots
        .iter()
        .map(|root| style.name(&root.path.display().to_string()))
        .collect();
    let mut text = format!("Plan for {}", roots.join(", "));
    if !removing {
        text += &format!("{}nothing has been deleted", style.dot());
    }
    layout::paragraph("", &text, style.width)
}

fn total(report: &Report, plan: &CleanPlan, style: &Style) -> Vec<String> {
    if plan.items.is_empty() {
        let removable = !report.plan.removable.backups.is_empty();
        let text = match report.plan.on_request.backups.is_empty() {
            _ if report.cancelled => return vec![],
            _ if removable || !plan.refused.is_empty() => "None of the backups you chose can go.",
            true if is_all_needed(report) => "Nothing can go: every backup here is needed.",
            true => "Nothing can go. Why each backup stays is said beside it.",
            false => {
                let asked = plan::to_be_named(report, &report.plan.on_request.backups);
                let keep = match asked.len() {
                    1 => "",
                    _ => ", without those that you keep",
                };
                let text = format!("Nothing can go without your decision. To plan it{keep}:");
                let mut lines = layout::paragraph("", &text, style.width);
                let command = shell::only_command(style.system, report, &asked);
                lines.push(layout::command("  ", &command, style));
                return lines;
            }
        };
        return layout::paragraph("", text, style.width);
    }
    let leftovers = plan.items.len() - of_backups(plan);
    let mut what = vec![];
    if of_backups(plan) > 0 {
        what.push(format!("{} of {}", of_backups(plan), report.backups.len()));
    }
    if leftovers > 0 {
        let leftovers = leftovers as u64;
        what.push(numbers::counted(
            leftovers,
            "unfinished removal",
            "unfinished removals",
        ));
    }
    let mut text = format!(
        "{} can go, {}",
        what.join(" and "),
        numbers::freed(plan.frees)
    );
    let mut disks: Vec<(Option<u64>, u64)> = Vec::new();
    for item in &plan.items {
        if let What::Backup(index) = item.what
            && let Some(disk) = report.backups[index].disk
            && !disks
                .iter()
                .any(|(volume, _)| *volume == report.backups[index].volume)
        {
            disks.push((report.backups[index].volume, disk.available));
        }
    }
    if let [(_, free)] = disks.as_slice() {
        let then = Frees {
            bytes: free.saturating_add(plan.frees.bytes),
            ..plan.frees
        };
        text += &format!(
            ": {} free now, {} then.",
            numbers::size(*free),
            numbers::freed(then)
        );
    } else {
        text += ".";
    }
    if !plan.frees.exact {
        text += " \"Up to\": this disk can share blocks between copies. What was really freed is \
                 measured and told afterwards.";
    }
    layout::paragraph("", &layout::glued(&text), style.width)
}

/// Whether each backup is kept because it is needed, and not because nobody can tell, or it is none that
/// may be removed here.
fn is_all_needed(report: &Report) -> bool {
    const NEEDED: [Why; 5] = [
        Why::NewestGood,
        Why::OnlyCopy,
        Why::EncryptedKept,
        Why::KeepLast,
        Why::KeepWithin,
    ];
    let mut decisions = report.plan.decisions.iter();
    decisions.all(|decision| {
        let first = decision.reasons.first();
        first.is_some_and(|reason| NEEDED.contains(&reason.why))
    })
}

fn next(plan: &CleanPlan, report: &Report, below: Next<'_>, style: &Style) -> Vec<String> {
    let list = |list: Option<&str>| {
        list.map_or_else(Vec::new, |list| {
            vec![
                "Choose yourself:".to_owned(),
                layout::command("  ", list, style),
            ]
        })
    };
    match below {
        Next::Call(_, call) if plan.items.is_empty() => {
            let is_open = !report.plan.on_request.backups.is_empty();
            list(call.filter(|_| is_open))
        }
        _ if plan.items.is_empty() => vec![],
        Next::Question => vec![],
        Next::InWords(text) => layout::paragraph("", text, style.width),
        Next::Call(call, choose) => {
            let text = match plan.items.iter().any(|item| item.is_only_copy) {
                true => "Delete what can go, after asking for the names of only copies:",
                false => "Delete what can go, after one question:",
            };
            let mut lines = layout::paragraph("", text, style.width);
            lines.push(layout::command("  ", call, style));
            lines.extend(list(choose));
            lines
        }
    }
}
