//! What to do: the three pieces of advice that matter most, or the whole guide.

use crate::advise::{self, STEPS, Step, save};
use crate::model::{Advice, BackupIndex, Report};
use crate::words::shell;

use crate::render::screen::layout;
use crate::render::screen::style::Style;

use super::findings::show_command;

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

/// From how many devices in trouble on the guide is shorter.
const MANY_DEVICES: usize = 4;

/// How many pieces of advice the short screen shows.
const MOST_ADVICE: usize = 3;

/// The backups of which the short screen says how to save them: with the call that shows each, or, of many,
/// the first.
pub fn saved(report: &Report, guide: Guide) -> Vec<BackupIndex> {
    if guide != Guide::Short {
        return vec![];
    }
    let items = advise::on_screen(report);
    let items: Vec<&Advice> = items.into_iter().take(MOST_ADVICE).collect();
    let all = save::backups(items.iter().copied());
    if all.len() >= save::MANY_BACKUPS {
        return all;
    }
    let alone = items
        .iter()
        .filter(|item| item.id == save::ID && item.backups.len() == 1);
    alone.flat_map(|item| item.backups.clone()).collect()
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
    let shown = &items[..items.len().min(MOST_ADVICE)];
    let to_save = save::backups(shown.iter().copied());
    let many = to_save
        .first()
        .filter(|_| to_save.len() >= save::MANY_BACKUPS);
    let mut lines = vec![style.bold("What to do")];
    for (number, item) in shown.iter().enumerate() {
        let is_of_many = many.is_some() && item.id == save::ID;
        let text = match style.is_wide() && !is_of_many {
            true => &item.lead,
            false => &item.short,
        };
        let first = format!("{}. ", number + 1);
        let text = format!("{}. {text}{}", item.title, remark(item));
        let text = layout::glued(&style.name(&text));
        lines.extend(layout::paragraph(&first, &text, style.width));
        lines.extend(command(item, style).filter(|_| !is_of_many));
    }
    let more = report.advice.len().saturating_sub(shown.len());
    if more > 0 {
        let pieces = if more == 1 { "piece" } else { "pieces" };
        let each = many.map_or("", |_| ", and more about each backup by its name");
        let text = format!("{more} more {pieces} of advice{each}:");
        lines.extend(paragraph("   ", &text, style));
        let call = shell::command(style.system, &["--advice", "all"], report);
        lines.push(layout::command("     ", &call, style));
    }
    lines.extend(many.map(|index| {
        let backup = &report.backups[*index];
        layout::command("     ", &show_command(backup, report, style), style)
    }));
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
    let items = advise::seen_for(step, report, style.system);
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
        // Several stand above, each with its call.
        let saving = items.iter().filter(|other| other.id == save::ID);
        let saved: usize = saving.clone().map(|other| other.seen.len()).sum();
        let is_many = item.seen.len().max(saved) >= MANY_DEVICES;
        let is_short = is_many && advise::is_told_in_short(item.id);
        lines.extend(in_full(first, &title, item, is_short, style));
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
fn in_full(first: &str, title: &str, item: &Advice, is_short: bool, style: &Style) -> Vec<String> {
    let text = match is_short {
        true => std::slice::from_ref(&item.short),
        false => &item.text,
    };
    let (blocks, sentences): (Vec<&String>, Vec<&String>) =
        text.iter().partition(|text| text.starts_with("  "));
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
