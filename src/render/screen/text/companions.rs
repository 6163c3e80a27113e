//! What lies beside backups, and what shares files with them.

use crate::model::{BackupIndex, BackupReport, Beside, BesideKind, Frees, Report};
use crate::render::screen::device::who;
use crate::render::screen::layout;
use crate::render::screen::style::Style;
use crate::words::numbers;

/// From so many bytes on anything beside backups is told of.
const LARGE: u64 = 100_000_000;

/// A line for each companion with its size, and why deleting a backup that shares its files frees little.
pub fn lines(report: &Report, order: &[BackupIndex], style: &Style) -> Vec<String> {
    let mut lines = Vec::new();
    for beside in &report.beside {
        if let Some(what) = what(beside) {
            let path = style.name(&beside.path.display().to_string());
            let size = numbers::size(beside.bytes);
            let text = format!("Beside the backups: {path}, {size}: {what}.");
            lines.extend(layout::paragraph("", &text, style.width));
        }
    }
    for index in order {
        let backup = &report.backups[*index];
        let frees = report.plan.decisions[*index].frees;
        if shares_most(backup, frees) {
            let text = format!(
                "{}: deleting it alone frees {} of {}, because the rest has a second name (a hard link) \
                 elsewhere.",
                who(*index, order, report, style),
                numbers::freed(frees),
                numbers::size(backup.usage.allocated)
            );
            lines.extend(layout::paragraph("", &text, style.width));
        }
    }
    lines
}

/// What a companion is; nothing where it is told of elsewhere, or is not worth a line.
fn what(beside: &Beside) -> Option<&'static str> {
    match beside.kind {
        BesideKind::ImazingVersions => Some("earlier versions that iMazing keeps"),
        BesideKind::Unpacked => Some("a copy that another tool unpacked"),
        BesideKind::Trash => Some("a backup in a trash, which stands in for nothing"),
        BesideKind::Snapshot => Some("a backup in a snapshot, which stands in for nothing"),
        BesideKind::MendUnfinished => Some(
            "what bkscan mend left when it was stopped, and no backup; the next mend of the same device into \
             this folder removes it",
        ),
        BesideKind::Other if beside.bytes >= LARGE => Some("no backup"),
        BesideKind::Other | BesideKind::Link | BesideKind::RemovalUnfinished => None,
    }
}

/// Whether more than half of a backup stays when it is deleted, because other names keep it.
fn shares_most(backup: &BackupReport, frees: Frees) -> bool {
    let is_shared = backup
        .links
        .iter()
        .any(|(_, link)| link.links > link.inside);
    is_shared && frees.bytes < backup.usage.allocated / 2
}
