//! The screen for people: the table, what is wrong, what to do, what was not checked.

mod advice;
mod checked;
mod companions;
mod findings;
mod locked;

use std::io::{self, Write};

use crate::model::{BackupIndex, BesideKind, Flag, Report, Volume, total_usage};
use crate::render::printable::clean;
use crate::words::numbers;
use crate::words::shell;

use super::order::in_order;
use super::stopped::STOPPED_AT_ONCE;
use super::style::Style;
use super::{layout, table};
use crate::render::format::{Format, Told};
use crate::render::screen::show;

pub use advice::Guide;

/// The screen: of one backup all that is known of it.
pub struct Screen<'a> {
    /// How much advice there is.
    pub guide: Guide,
    /// How text is written.
    pub style: &'a Style,
}

impl Format for Screen<'_> {
    fn write(&self, told: &Told<'_>, out: &mut dyn Write) -> io::Result<()> {
        match told.only {
            Some(index) => show::write(told.report, index, self.style, out),
            None => write(told.report, self.guide, self.style, out),
        }
    }
}

/// Writes the screen.
///
/// # Errors
/// When writing fails.
pub fn write(report: &Report, guide: Guide, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    if report.backups.is_empty() {
        let stopped = match report.cancelled {
            true => layout::paragraph("", STOPPED_AT_ONCE, style.width),
            false => vec![],
        };
        let of_devices = findings::lines(report, &[], style);
        let blocks = [of_devices, unfinished(report, style), stopped];
        return layout::write_blocks(&blocks, out);
    }
    let order = in_order(report);
    let blocks = [
        header(report, style),
        table(report, &order, style),
        findings::lines(report, &order, style),
        companions::lines(report, &order, style),
        unfinished(report, style),
        advice::lines(report, guide, style),
        locked::lines(report, style),
        checked::lines(report, style),
    ];
    layout::write_blocks(&blocks, out)
}

fn header(report: &Report, style: &Style) -> Vec<String> {
    let facts = [
        numbers::counted(report.backups.len() as u64, "backup", "backups"),
        numbers::counted(report.devices_there(), "device", "devices"),
        numbers::size(total_usage(&report.backups).allocated),
    ];
    let mut lines = vec![facts.join(style.dot())];
    let free = |volume: &Volume| {
        format!(
            "{} free of {}",
            numbers::size(volume.available),
            numbers::size(volume.total)
        )
    };
    let mut volumes: Vec<(&Volume, String)> = Vec::new();
    for root in &report.roots {
        if let Some(volume) = &root.volume
            && !volumes.iter().any(|(known, _)| free(known) == free(volume))
        {
            volumes.push((volume, style.name(&root.path.display().to_string())));
        }
    }
    match volumes.as_slice() {
        [(volume, _)] => layout::flush_right(&mut lines, &free(volume), style.width),
        volumes => {
            lines.extend(
                volumes
                    .iter()
                    .map(|(volume, path)| format!("{} at {path}", free(volume))),
            );
        }
    }
    lines
}

fn table(report: &Report, order: &[BackupIndex], style: &Style) -> Vec<String> {
    let mut lines = table::lines(report, order, style);
    // Symbol and verdict get their colour after the layout, which counts columns.
    for index in order {
        let verdict = report.backups[*index].verdict;
        let (symbol, word) = (style.symbol(verdict), verdict.as_str());
        let own = lines.iter_mut().find(|line| {
            let rest = line.strip_prefix(symbol).map(str::trim_start);
            rest.is_some_and(|rest| rest.starts_with(word))
        });
        if let (true, Some(line)) = (style.color, own) {
            let end = line.find(word).map_or(0, |start| start + word.len());
            // What is both old and large stands out; date and size say the same without colour.
            let flags = &report.plan.decisions[*index].flags;
            let marked = flags.contains(&Flag::Old) && flags.contains(&Flag::Oversized);
            let rest = if marked {
                style.bold(&line[end..])
            } else {
                line[end..].to_owned()
            };
            *line = style.paint(verdict, &line[..end]) + &rest;
        }
    }
    lines
}

/// What stopped removals left: it may be a whole backup still.
fn unfinished(report: &Report, style: &Style) -> Vec<String> {
    let left = report.beside.iter();
    let left = left.filter(|beside| beside.kind == BesideKind::RemovalUnfinished);
    left.flat_map(|beside| {
        let path = style.name(&beside.path.display().to_string());
        let size = numbers::size(beside.bytes);
        let text = format!(
            "A removal was stopped and left {size} in {path}. The next cleaning finishes it, or says \
             why not."
        );
        let mut block = layout::paragraph("! ", &text, style.width);
        let command = shell::command(style.system, &["clean"], report);
        layout::flush_right(&mut block, &clean(&command), style.width);
        block
    })
    .collect()
}
