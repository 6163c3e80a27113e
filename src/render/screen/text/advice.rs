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
    let items = advise::on_screen(report);
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
        let above = item.remark.map(|remark| format!(" {remark}"));
        let text = format!("{}. {text}{}", item.title, above.unwrap_or_default());
        lines.extend(paragraph(&first, &text, style));
        lines.extend(command("     ", item));
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
    for step in &STEPS {
        lines.extend(one_step(step, report, style));
    }
    lines
}

/// A step with everything that was seen for it, or else with what helps anyone.
fn one_step(step: &Step, report: &Report, style: &Style) -> Vec<String> {
    let number = format!("{}. ", step.number);
    let heading = format!("{number}{}", step.title);
    let items = report.advice.iter();
    let items: Vec<&Advice> = items.filter(|item| item.step == step.number).collect();
    let mut lines = match items.first() {
        None => {
            let text = format!(
                "{}. {} Nothing seen here calls for it.",
                step.title, step.general
            );
            paragraph(&number, &text, style)
        }
        Some(_) => vec![],
    };
    for item in items {
        let own = Some(&item.title).filter(|title| *title != step.title);
        let (first, title) = match (lines.is_empty(), own) {
            (true, None) => (&*number, format!("{}. ", step.title)),
            (true, Some(own)) => (&*number, format!("{}. {own}. ", step.title)),
            (false, None) => ("   ", String::new()),
            (false, Some(own)) => ("   ", format!("{own}. ")),
        };
        lines.extend(in_full(first, &title, item, style));
    }
    if let Some(first) = lines.first_mut() {
        *first = first.replacen(&heading, &style.bold(&heading), 1);
    }
    lines
}

/// A piece of advice: its sentences run on, its blocks stand alone, and so does its command.
fn in_full(first: &str, title: &str, item: &Advice, style: &Style) -> Vec<String> {
    let (blocks, sentences): (Vec<&String>, Vec<&String>) =
        item.text.iter().partition(|text| text.starts_with("  "));
    // What stands below blocks is not said above them.
    let (above, below) = match blocks.is_empty() {
        true => (item.remark, None),
        false => (None, item.remark),
    };
    let sentences = sentences.into_iter().map(String::as_str);
    let text: Vec<&str> = sentences.chain(above).collect();
    let text = format!("{title}{}", text.join(" "));
    let mut lines = paragraph(first, &text, style);
    for block in blocks {
        lines.extend(paragraph("     ", block.trim_start(), style));
    }
    lines.extend(below.map_or_else(Vec::new, |below| paragraph("   ", below, style)));
    lines.extend(command("     ", item));
    lines
}

fn paragraph(first: &str, text: &str, style: &Style) -> Vec<String> {
    layout::paragraph(first, &style.name(text), style.width)
}

/// The command on a line of its own.
fn command(indent: &str, item: &Advice) -> Option<String> {
    let command = item.command.as_deref()?;
    Some(format!("{indent}{}", clean(command)))
}
