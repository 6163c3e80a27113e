//! What would go for good with a backup.

use unicode_width::UnicodeWidthStr;

use crate::cover::losses;
use crate::model::{BackupIndex, BackupReport, Report};
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
    let others = others(&report.backups[index], only.than);
    if only.is_nothing() && others.is_empty() {
        lines.push("  nothing that counts".to_owned());
    }
    let groups = only.groups.iter().map(|loss| {
        let files = numbers::counted(loss.of_files, "file", "files");
        let files = format!("{} of {files}", numbers::count(loss.files));
        let bytes = (numbers::size(loss.bytes), numbers::size(loss.of_bytes));
        (
            loss.name.clone(),
            format!("{files}, {} of {}", bytes.0, bytes.1),
        )
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
    for (name, text) in groups.chain(databases).chain(others) {
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

/// Files that no list and no group tells of, with what they are.
fn others(backup: &BackupReport, than: Option<BackupIndex>) -> Vec<(String, String)> {
    let told = |what: &str, files: u64, bytes: u64| {
        let files = numbers::counted(files, "file", "files");
        (
            what.to_owned(),
            format!("{files}, {}", numbers::size(bytes)),
        )
    };
    let (foreign, strays) = (&backup.foreign, &backup.holdings.strays);
    let foreign =
        (foreign.count > 0).then(|| told("No part of a backup", foreign.count, foreign.bytes));
    let strays = (strays.are_many_beside(than))
        .then(|| told("Named by no file list", strays.files, strays.bytes));
    foreign.into_iter().chain(strays).collect()
}
