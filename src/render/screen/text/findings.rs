//! What is wrong, a paragraph each.

use crate::facts::products;
use crate::model::{BackupIndex, BackupReport, Effect, Finding, Report, Verdict};
use crate::render::consequence::consequence;
use crate::render::printable::clean;
use crate::render::screen::device::who;
use crate::render::screen::layout;
use crate::render::screen::style::Style;
use crate::render::screen::trouble::{name_of, not_all, of_devices, sentences, shown_as, told};
use crate::verify::encryption::PASSWORD_WRONG;
use crate::words::shell;

/// The paragraphs. Of a backup that `is_told` of elsewhere, only where more than one thing is to be said.
pub fn lines(
    report: &Report,
    order: &[BackupIndex],
    is_told: impl Fn(BackupIndex) -> bool,
    style: &Style,
) -> Vec<String> {
    let mut lines = Vec::new();
    for index in order {
        let backup = &report.backups[*index];
        let Some((worst, told)) = told(backup) else {
            if let Some(why) = not_all(backup, &[]) {
                let who = who(*index, order, report, style);
                let text = format!("{who}: not all of it could be checked: {}.", clean(why));
                let symbol = format!("{} ", style.symbol(backup.verdict));
                lines.extend(layout::paragraph(&symbol, &text, style.width));
            }
            continue;
        };
        let why = not_all(backup, &told);
        if told.len() == 1 && why.is_none() && is_told(*index) {
            continue;
        }
        let mut text = sentences(&told);
        if let Some(why) = why {
            text += &format!(" Not all of it could be checked: {}.", clean(why));
        }
        if backup.verdict != Verdict::InProgress {
            text = format!("{}: {text}", who(*index, order, report, style));
        }
        let kind = products::kind(backup.device.product_type.as_deref());
        let ids: Vec<&str> = backup.findings.iter().map(|finding| finding.id).collect();
        text += &consequence(backup.verdict, &ids, kind);
        if backup.verdict != Verdict::InProgress {
            text += " More about it:";
        }
        let shown_as = shown_as(backup, worst);
        let symbol = style.symbol(shown_as);
        let mut block =
            layout::paragraph(&format!("{symbol} "), &layout::glued(&text), style.width);
        if backup.verdict != Verdict::InProgress {
            // To look at it again with the same password would show no more of that.
            let is_of_password = |finding: &&Finding| finding.effect == Effect::NotOpened;
            let command = match told.iter().all(is_of_password) {
                true => format!("bkscan explain {}", PASSWORD_WRONG.id),
                false => show_command(backup, report, style),
            };
            block.push(layout::command("    ", &command, style));
        }
        if let Some(first) = block.first_mut() {
            *first = first.replacen(symbol, &style.paint(shown_as, symbol), 1);
        }
        lines.extend(block);
    }
    for (device, finding) in of_devices(report) {
        let name = style.name(name_of(device));
        let text = format!("{name}: {}.", clean(&finding.message));
        let sign = format!("{} ", style.sign(finding.severity));
        lines.extend(layout::paragraph(&sign, &text, style.width));
    }
    lines
}

/// The call that shows the backup in full.
pub fn show_command(backup: &BackupReport, report: &Report, style: &Style) -> String {
    let word = shell::word_to_show(report, backup);
    clean(&shell::show_command(
        style.system,
        &word,
        &report.looked_with,
    ))
}
