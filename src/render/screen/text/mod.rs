//! The screen for people: the answer, the table, what is wrong, what to do, what was not checked.

mod advice;
mod answer;
mod checked;
mod companions;
mod counts;
mod findings;
mod locked;
mod made_of;

use std::io::{self, Write};

use crate::model::{BackupIndex, BesideKind, Report};
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
    let style = &style.inside();
    if report.backups.is_empty() {
        let stopped = match report.cancelled {
            true => layout::paragraph("", STOPPED_AT_ONCE, style.width),
            false => vec![],
        };
        let of_devices = findings::lines(report, &[], |_| false, style);
        let blocks = [of_devices, unfinished(report, style), stopped];
        return layout::write_blocks(&blocks, out);
    }
    let order = in_order(report);
    let answer = answer::answer(report, &order, style);
    let mut table = table::lines(report, &order, style);
    table.extend(made_of::lines(report, &order, style));
    let mut first = counts::lines(report, style);
    let mut checked = checked::lines(report, style);
    if answer.lines.is_empty() {
        let nothing = answer::nothing_to_free(report);
        let nothing = nothing.map(|text| layout::paragraph("", text, style.width));
        checked.splice(0..0, nothing.into_iter().flatten());
    } else {
        table.append(&mut first);
        first = answer.lines;
    }
    let saved = advice::saved(report, guide);
    let is_told = |index: BackupIndex| answer.told.contains(&index) && saved.contains(&index);
    let blocks = [
        first,
        table,
        findings::lines(report, &order, is_told, style),
        companions::lines(report, &order, style),
        unfinished(report, style),
        advice::lines(report, guide, style),
        locked::lines(report, style),
        checked,
    ];
    layout::write_blocks(&blocks, out)
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
             why not. The plan, which deletes nothing:"
        );
        let mut block = layout::paragraph("! ", &text, style.width);
        let command = shell::command(style.system, &["clean"], report);
        block.push(layout::command("    ", &command, style));
        block
    })
    .collect()
}
