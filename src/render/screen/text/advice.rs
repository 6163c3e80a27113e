//! What to do: the three pieces of advice that matter most, or the whole guide.

use crate::advise::{self, STEPS, Step};
use crate::model::{Advice, BackupIndex, Report};
use crate::words::shell;

use crate::render::screen::layout;
use crate::render::screen::style::Style;

/// How much advice a screen shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Guide {
    /// The three most important pieces.
    #[default]
    Short,
    /// All eight steps, personal where there is evidence.
    All,
    /// None.
    Nothing,
}

/// How many pieces of advice the short screen shows.
const MOST_ADVICE: usize = 3;

/// The id of the advice that says what is left of a backup, and how to save it.
const SAVES: &str = "save-data";

/// Whether the short screen has advice about this backup alone that says what is left of it.
pub fn saves(index: BackupIndex, report: &Report, guide: Guide) -> bool {
    let items = advise::on_screen(&report.advice);
    let mut items = items.iter().take(MOST_ADVICE);
    guide == Guide::Short && items.any(|item| item.id == SAVES && item.backups == [index])
}

/// The advice as lines.
pub fn lines(report: &Report, guide: Guide, style: &Style) -> Vec<String> {
    match guide {
        Guide::Short => short(report, style),
        Guide::All => all(report, style),
        Guide::Nothing => vec![],
    }
}

fn short(report: &Report, style: &Style) -> Vec<String> {
    let items = advise::on_screen(&report.advice);
    if items.is_empty() {
        return vec![];
    }
    let mut lines = vec![style.bold("What to do")];
    for (number, item) in items.iter().take(MOST_ADVICE).enumerate() {
        let text = if style.is_wide() {
            &item.lead
        } else {
            &item.short
        };
        let first = format!("{}. ", number + 1);
        let text = format!("{}. {text}{}", item.title, remark(item));
        let text = layout::glued(&style.name(&text));
        lines.extend(layout::paragraph(&first, &text, style.width));
        lines.extend(command(item, style));
    }
    let more = report
        .advice
        .len()
        .saturating_sub(MOST_ADVICE.min(items.len()));
    if more > 0 {
        let pieces = if more == 1 { "piece" } else { "pieces" };
        let text = format!("{more} more {pieces} of advice:");
        lines.extend(paragraph("   ", &text, style));
        let call = shell::command(style.system, &["--advice", "all"], report);
        lines.push(layout::command("     ", &call, style));
    }
    lines
}

fn all(report: &Report, style: &Style) -> Vec<String> {
    let mut lines = vec![style.bold("What to do, step by step")];
    let mut told = Vec::new();
    for step in &STEPS {
        lines.extend(one_step(step, report, &mut told, style));
    }
    lines
}

/// A step with everything that was seen for it, or else with what helps anyone. What was `told`
/// before is not told again.
fn one_step<'a>(
    step: &Step,
    report: &'a Report,
    told: &mut Vec<&'a String>,
    style: &Style,
) -> Vec<String> {
    let heading = format!("{}. {}", step.number, step.title);
    let mut lines = vec![String::new(), style.bold(&heading)];
    let items = report.advice.iter().filter(|item| item.step == step.number);
    for item in items {
        let mut texts = item.text.clone();
        if item.title != step.title
            && let Some(first) = texts.first_mut()
        {
            *first = format!("{}. {first}", item.title);
        }
        if item.seen.iter().any(|seen| told.contains(&seen)) {
            texts.insert(0, "Seen: as above.".to_owned());
        }
        if let Some(last) = texts.last_mut() {
            *last += &remark(item);
        }
        let new = item.seen.iter().filter(|seen| !told.contains(seen));
        let new: Vec<&String> = new.collect();
        for text in new.iter().copied().chain(&texts) {
            let block = text.strip_prefix("  ");
            let first = if block.is_some() { "     " } else { "   " };
            lines.extend(paragraph(first, block.unwrap_or(text), style));
        }
        lines.extend(command(item, style));
        told.extend(new);
    }
    if lines.len() == 2 {
        let text = format!("{} Nothing seen here calls for it.", step.general);
        lines.extend(paragraph("   ", &text, style));
    }
    lines
}

fn paragraph(first: &str, text: &str, style: &Style) -> Vec<String> {
    layout::paragraph(first, &style.name(text), style.width)
}

/// The command, alone on its line.
fn command(item: &Advice, style: &Style) -> Option<String> {
    let command = item.command.as_deref()?;
    Some(layout::command("     ", command, style))
}

/// What the command below does, behind a text.
fn remark(item: &Advice) -> String {
    let remark = item.remark.filter(|_| item.command.is_some());
    remark.map_or_else(String::new, |remark| format!(" {remark}"))
}
