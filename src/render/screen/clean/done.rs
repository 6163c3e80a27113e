//! What was done, and what was not.

use std::io::{self, Write};

use crate::clean::{self, CleanPlan, Done, Outcome};
use crate::model::{BackupIndex, RUNNING_WITHIN, Report, Why};
use crate::render::printable;
use crate::render::screen::device::{day, title};
use crate::render::screen::layout;
use crate::render::screen::style::Style;
use crate::system::System;
use crate::words::numbers;

use super::called::called;
use super::why::why;

/// How a removal went, as the disk sees it.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    /// How long it took, in seconds.
    pub seconds: f64,
    /// Bytes that were free before, and that are free now, where the system tells.
    pub free: Option<(u64, u64)>,
}

/// Writes what was done.
///
/// # Errors
/// When writing fails.
pub fn write_done(
    report: &Report,
    plan: &CleanPlan,
    done: &[Done],
    measured: Measured,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let removed = done.iter().filter(|done| done.outcome == Outcome::Removed);
    let freed = done
        .iter()
        .map(|done| done.freed)
        .fold(0, u64::saturating_add);
    let mut text = format!(
        "Deleted {} of {}: {} in {:.0} s.",
        removed.count(),
        plan.items.len(),
        numbers::size(freed),
        measured.seconds
    );
    if done
        .iter()
        .all(|done| matches!(done.outcome, Outcome::Refused { .. }))
    {
        let why = match done.iter().any(Done::is_declined) {
            true => format!(": {}", clean::DECLINED),
            false => String::new(),
        };
        writeln!(out, "Nothing was deleted{why}.")?;
        return write_undone(report, plan, done, style, out);
    }
    if let Some((before, now)) = measured.free {
        text += &format!(
            " Free now {}, before {}",
            numbers::size(now),
            numbers::size(before)
        );
        text += match style.system {
            // Other programs write meanwhile: a little says nothing.
            _ if freed < 100_000_000 || now.saturating_sub(before) >= freed / 2 => ".",
            System::Mac => {
                ": macOS holds the rest in local Time Machine snapshots, usually for a day \
                 (tmutil listlocalsnapshots /)."
            }
            _ => ": snapshots of the disk, or copies that share blocks, may hold the rest.",
        };
    }
    for line in layout::paragraph("", &text, style.width) {
        writeln!(out, "{line}")?;
    }
    write_undone(report, plan, done, style, out)
}

/// Writes what was refused and what failed, a paragraph each.
///
/// # Errors
/// When writing fails.
pub fn write_undone(
    report: &Report,
    plan: &CleanPlan,
    done: &[Done],
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    for done in done {
        if done.is_declined() {
            continue;
        }
        let called = called(&plan.items[done.item], report, style);
        let why = printable::clean(done.outcome.why().unwrap_or_default());
        let text = match &done.outcome {
            Outcome::Removed => continue,
            Outcome::Refused { again, .. } => {
                let again = again.map(|again| {
                    let again = numbers::moment(numbers::whole_minute(again), &style.zone);
                    format!(" Try again after {again}.")
                });
                format!("Kept {called}: {why}.{}", again.unwrap_or_default())
            }
            Outcome::Failed { .. } => format!("Not all of {called} is gone: {why}."),
        };
        for line in layout::paragraph("", &text, style.width) {
            writeln!(out, "{line}")?;
        }
    }
    let kept = |index: BackupIndex, why: &str| {
        let backup = &report.backups[index];
        let text = format!(
            "Kept {}, {}: {why}",
            title(backup, style),
            day(backup, style)
        );
        layout::paragraph("", &text, style.width)
    };
    for (index, option) in &plan.left_out {
        for line in kept(*index, &format!("{option} leaves it out.")) {
            writeln!(out, "{line}")?;
        }
    }
    for index in &plan.refused {
        let why = just_changed(*index, report, style).unwrap_or_else(|| {
            let why = why(
                &report.plan.decisions[*index].reasons,
                *index,
                report,
                style,
            );
            why + "."
        });
        for line in kept(*index, &why) {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

/// Of a backup that stays because it changed too short a time ago: how long, and when to try again.
fn just_changed(index: BackupIndex, report: &Report, style: &Style) -> Option<String> {
    let backup = &report.backups[index];
    let reasons = &report.plan.decisions[index].reasons;
    let is_at_work = reasons.iter().any(|reason| reason.why == Why::InProgress);
    let change = backup.newest_change.filter(|_| is_at_work)?;
    let ago = report.started_at.duration_since(change);
    let again = change.checked_add(RUNNING_WITHIN).ok()?;
    (ago < RUNNING_WITHIN).then(|| {
        format!(
            "it changed {} ago, a backup may be running. Try again after {}.",
            numbers::counted(ago.as_mins().max(0).unsigned_abs(), "minute", "minutes"),
            numbers::moment(numbers::whole_minute(again), &style.zone)
        )
    })
}
