//! What to do: the three pieces of advice that matter most, or the whole guide.

use unicode_width::UnicodeWidthStr;

use crate::advise::{self, STEPS, Step};
use crate::model::{Advice, Report};
use crate::words::shell;

use crate::render::printable::clean;
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
    let mut lines = vec!["What to do".to_owned()];
    for (number, item) in items.iter().take(MOST_ADVICE).enumerate() {
        let text = if style.width >= 100 {
            &item.lead
        } else {
            &item.short
        };
        let first = format!("{}. ", number + 1);
        lines.extend(paragraph(&first, &format!("{}. {text}", item.title), style));
        lines.extend(command("     ", item, style));
    }
    let more = report
        .advice
        .len()
        .saturating_sub(MOST_ADVICE.min(items.len()));
    if more > 0 {
        let pieces = if more == 1 { "piece" } else { "pieces" };
        let call = shell::command(style.system, &["--advice", "all"], report);
        let line = format!("   {more} more {pieces} of advice: {}", clean(&call));
        let fitting = Some(line).filter(|line| line.width() <= style.width);
        lines.push(fitting.unwrap_or_else(|| format!("   {more} more: {}", clean(&call))));
    }
    lines
}

fn all(report: &Report, style: &Style) -> Vec<String> {
    let mut lines = vec!["What to do, step by step".to_owned()];
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
        let new = item.seen.iter().filter(|seen| !told.contains(seen));
        let new: Vec<&String> = new.collect();
        for text in new.iter().copied().chain(&texts) {
            let block = text.strip_prefix("  ");
            let first = if block.is_some() { "     " } else { "   " };
            lines.extend(paragraph(first, block.unwrap_or(text), style));
        }
        lines.extend(command("     ", item, style));
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

/// The command with its remark behind it, or below it where there is no room.
fn command(indent: &str, item: &Advice, style: &Style) -> Vec<String> {
    let Some(command) = &item.command else {
        return vec![];
    };
    let command = format!("{indent}{}", clean(command));
    let Some(remark) = item.remark else {
        return vec![command];
    };
    let with_remark = format!("{command:<33}  {remark}");
    if with_remark.width() <= style.width {
        return vec![with_remark];
    }
    let below = layout::paragraph(indent, &format!("({remark})"), style.width);
    [command].into_iter().chain(below).collect()
}
