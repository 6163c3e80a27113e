//! What would go for good with a backup.

use unicode_width::UnicodeWidthStr;

use crate::cover::losses;
use crate::model::{BackupIndex, BackupReport, Loss, LossKind, Report};
use crate::render::screen::layout;
use crate::render::screen::style::Style;
use crate::words::numbers;

/// What would go for good with the backup, as far as that is known.
pub fn lines(report: &Report, index: BackupIndex, style: &Style) -> Vec<String> {
    let Some(only) = &report.plan.decisions[index].only_here else {
        return vec![];
    };
    let than = match only.than {
        Some(by) => format!(
            "compared with {}, {}",
            losses::that_of(Some(&report.backups[by]), &style.zone),
            report.backups[by].path.display()
        ),
        None => "there is no newer one of this device".to_owned(),
    };
    let text = format!("Only in this backup ({than})");
    let mut lines = layout::paragraph("", &style.name(&text), style.width);
    lines.iter_mut().for_each(|line| *line = style.bold(line));
    let foreign = foreign(&report.backups[index]);
    if only.is_nothing() && foreign.is_none() {
        lines.push("  nothing that counts".to_owned());
    }
    let groups = only.groups.iter().map(|loss| {
        let files = numbers::counted(loss.of_files, "file", "files");
        let files = format!("{} of {files}", numbers::count(loss.files));
        let bytes = (numbers::size(loss.bytes), numbers::size(loss.of_bytes));
        (name(loss), format!("{files}, {} of {}", bytes.0, bytes.1))
    });
    let databases = only.databases.iter().map(|loss| {
        let here = numbers::size(loss.bytes);
        let text = match only.than {
            Some(_) => format!("{here}, there {}", numbers::size(loss.other_bytes)),
            None => here,
        };
        (format!("{}, database", loss.name), text)
    });
    let room = (style.width / 2).saturating_sub(8).clamp(12, 40);
    for (name, text) in groups.chain(databases).chain(foreign) {
        let name = style.fit(&style.name(&name), room);
        let padding = " ".repeat(room.saturating_sub(name.width()));
        lines.extend(layout::paragraph(
            &format!("  {name}{padding} "),
            &text,
            style.width,
        ));
    }
    let held = only.held_elsewhere;
    let held = held.map(|held| losses::held_elsewhere(only, held, report, &style.zone));
    for text in losses::remarks(only, report).into_iter().chain(held) {
        lines.extend(layout::paragraph("  ", &style.name(&text), style.width));
    }
    lines
}

/// What it is called here.
fn name(loss: &Loss) -> String {
    match loss.kind {
        LossKind::Strays => "Named by no file list".to_owned(),
        _ => loss.name.clone(),
    }
}

/// Files that are no part of a backup, with what they are.
fn foreign(backup: &BackupReport) -> Option<(String, String)> {
    let foreign = &backup.foreign;
    let files = numbers::counted(foreign.count, "file", "files");
    (foreign.count > 0).then(|| {
        let told = format!("{files}, {}", numbers::size(foreign.bytes));
        ("No part of a backup".to_owned(), told)
    })
}
