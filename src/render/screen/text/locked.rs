//! What can be seen of a backup that is locked.

use crate::model::{Access, Level, Report, Severity, Verdict};
use crate::render::printable::clean;
use crate::render::screen::layout;
use crate::render::screen::style::Style;
use crate::words::{numbers, shell};

/// Of a single backup whose file list is locked: what can be seen all the same (F§11.4).
pub fn lines(report: &Report, style: &Style) -> Vec<String> {
    let [backup] = report.backups.as_slice() else {
        return vec![];
    };
    let is_calm = backup
        .findings
        .iter()
        .all(|finding| finding.severity == Severity::Note);
    let is_known = backup.encrypted == Some(true) && is_calm;
    let is_locked = backup.locked && backup.verdict == Verdict::Unverified;
    if !(is_locked && is_known && report.level > Level::Quick) {
        return vec![];
    }
    let text = "Nothing wrong in what can be seen. The backup is encrypted and its file list is \
                locked, so missing files would not be noticed. Seen without the password:";
    let mut lines = layout::paragraph("", text, style.width);
    let finished = backup
        .last_backup
        .map(|last| format!("finished {}", style.day(last.at)));
    let files = numbers::counted(backup.payloads, "file", "files");
    let facts: Vec<String> = finished
        .into_iter()
        .chain([
            match backup.payloads {
                0 => "not one stored file".to_owned(),
                _ => format!("{files}, all of the right shape"),
            },
            "keys readable".to_owned(),
        ])
        .collect();
    lines.extend(layout::paragraph(
        "  ",
        &facts.join(style.dot()),
        style.width,
    ));
    if let Some((last, first)) = backup.databases.split_last() {
        let names = match first {
            [] => (*last).to_owned(),
            first => format!("{} and {last}", first.join(", ")),
        };
        let (word, verb) = if first.is_empty() {
            ("database", "is")
        } else {
            ("databases", "are")
        };
        let text = format!("{names} {word} {verb} there");
        lines.extend(layout::paragraph("  ", &text, style.width));
    }
    match &backup.access {
        Access::Unavailable(why) | Access::Refused(why) => {
            let text = format!("It was not opened: {}.", clean(why));
            lines.extend(layout::paragraph("", &text, style.width));
        }
        _ => {
            let text = "To compare every file (the password never leaves this computer):";
            lines.extend(layout::paragraph("", text, style.width));
            let command = shell::command(style.system, &["--ask-password"], report);
            lines.push(layout::command("  ", &command, style));
        }
    }
    lines
}
