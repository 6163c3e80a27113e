//! What is wrong, a paragraph each.

use std::path::Path;

use crate::facts::products;
use crate::model::{BackupIndex, BackupReport, Effect, Finding, Report, Verdict};
use crate::render::consequence::consequence;
use crate::render::printable::clean;
use crate::render::screen::layout;
use crate::render::screen::style::Style;
use crate::render::screen::table::title;
use crate::render::screen::trouble::{name_of, of_devices, sentences, shown_as, told};
use crate::verify::encryption::PASSWORD_WRONG;
use crate::words::shell;

/// The paragraphs.
pub fn lines(report: &Report, order: &[BackupIndex], style: &Style) -> Vec<String> {
    let mut lines = Vec::new();
    for index in order {
        let backup = &report.backups[*index];
        let Some((worst, told)) = told(backup) else {
            if let Some(why) = not_all(backup) {
                let text = format!(
                    "{}: not all of it could be checked: {why}.",
                    title(backup, style)
                );
                let symbol = format!("{} ", style.symbol(backup.verdict));
                lines.extend(layout::paragraph(&symbol, &text, style.width));
            }
            continue;
        };
        let mut text = sentences(&told);
        if backup.verdict != Verdict::InProgress {
            text = format!("{}: {text}", title(backup, style));
        }
        let kind = products::kind(backup.device.product_type.as_deref());
        let ids: Vec<&str> = backup.findings.iter().map(|finding| finding.id).collect();
        text += &consequence(backup.verdict, &ids, kind);
        let shown_as = shown_as(backup, worst);
        let symbol = style.symbol(shown_as);
        let mut block = layout::paragraph(&format!("{symbol} "), &text, style.width);
        if backup.verdict != Verdict::InProgress {
            // To look at it again with the same password would show no more of that.
            let is_of_password = |finding: &&Finding| finding.effect == Effect::NotOpened;
            let command = match told.iter().all(is_of_password) {
                true => format!("bkscan explain {}", PASSWORD_WRONG.id),
                false => show_command(backup, report, style),
            };
            layout::flush_right(&mut block, &command, style.width);
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

/// Why a backup of which nothing is said is not complete, where the table does not tell: it tells of locks, and
/// the last line of what the level leaves out.
fn not_all(backup: &BackupReport) -> Option<String> {
    let is_silent = backup.verdict == Verdict::Unverified && !backup.locked;
    let mut reasons = backup.not_checked.iter().filter(|left| left.expected);
    let reason = reasons.next().filter(|_| is_silent)?;
    Some(clean(&reason.why))
}

/// The call that shows the backup in full. Where the system keeps it, the word by which a person knows
/// it: its device's name if that finds it and no other, else its folder's name. Elsewhere its path.
fn show_command(backup: &BackupReport, report: &Report, style: &Style) -> String {
    let in_place = report.roots.iter().all(|root| root.is_default);
    let word = match &backup.device.name {
        _ if !in_place => backup.path.display().to_string(),
        Some(name) if finds_one(name, report) => name.clone(),
        _ => shell::word_for(report, &backup.path),
    };
    clean(&shell::show_command(
        style.system,
        &word,
        &report.looked_with,
    ))
}

/// Whether this name of a device finds one backup on the command line, which ignores case, looks at the
/// names of folders first, and takes some words for options and paths.
fn finds_one(name: &str, report: &Report) -> bool {
    let is = |other: &str| other.eq_ignore_ascii_case(name);
    let of_devices = report
        .backups
        .iter()
        .filter_map(|backup| backup.device.name.as_deref());
    let is_word = Path::new(name).file_name() == Some(name.as_ref());
    let is_of_folder = report
        .backups
        .iter()
        .any(|backup| is(&backup.folder_name()));
    clean(name) == name
        && is_word
        && !name.starts_with('-')
        && !is_of_folder
        && of_devices.filter(|other| is(other)).count() == 1
}
