//! What to do: the three pieces of advice that matter most, or the whole guide.

use crate::advise::{self, STEPS, Step, save};
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

/// Whether the short screen has advice about this backup alone that says what is left of it.
pub fn saves(index: BackupIndex, report: &Report, guide: Guide) -> bool {
    let items = advise::on_screen(report);
    let mut items = items.iter().take(MOST_ADVICE);
    guide == Guide::Short && items.any(|item| item.id == save::ID && item.backups == [index])
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
    let items = advise::on_screen(report);
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
    for item in &items {
        let own = Some(&item.title).filter(|title| *title != step.title);
        let (first, title) = match (lines.is_empty(), own) {
            (true, None) => (&*number, format!("{}. ", step.title)),
            (true, Some(own)) => (&*number, format!("{}. {own}. ", step.title)),
            (false, None) => ("   ", String::new()),
            (false, Some(own)) => ("   ", format!("{own}. ")),
        };
        lines.extend(in_full(first, &title, item, style));
        // Several stand above, each with its call.
        let saving = items.iter().filter(|other| other.id == save::ID);
        if item.id != save::ID || saving.count() == 1 {
            lines.extend(command(item, style));
        }
    }
    if let Some(first) = lines.first_mut() {
        *first = first.replacen(&heading, &style.bold(&heading), 1);
    }
    lines
}

/// A piece of advice without its command: its sentences run on, its blocks stand alone.
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
