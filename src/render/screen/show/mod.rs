//! `bkscan show`: one backup in full. First the answer: what it is, what that means, and what to do.

mod answer;
mod facts;
mod findings;
mod only;
mod storage;

use std::io::{self, Write};

use crate::model::{BackupIndex, BackupReport, Report};

use super::layout;
use super::style::Style;

pub use storage::lines as storage_lines;

/// Writes everything that is known of a backup.
///
/// # Errors
/// When writing fails.
pub fn write(
    report: &Report,
    index: BackupIndex,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let backup = &report.backups[index];
    let blocks = [
        answer::meaning(report, index, style),
        answer::to_do(report, index, style),
        facts::lines(report, index, style),
        findings::lines(backup, style),
        only::lines(report, index, style),
        storage::lines("Storage", &backup.storage, style),
        storage::lines("By domain", &backup.domains, style),
        largest(backup, style),
        not_checked(backup, style),
    ];
    layout::write_blocks(&blocks, out)
}

fn largest(backup: &BackupReport, style: &Style) -> Vec<String> {
    let mut lines = findings::files(&backup.largest, style);
    if !lines.is_empty() {
        lines.insert(0, style.bold("Largest files"));
    }
    lines
}

/// What was not checked, by the reasons for it.
fn not_checked(backup: &BackupReport, style: &Style) -> Vec<String> {
    let mut by_reason: Vec<(&str, Vec<&str>)> = Vec::new();
    for check in &backup.not_checked {
        let known = by_reason.iter_mut().find(|(why, _)| *why == check.why);
        match known {
            Some((_, ids)) => ids.push(check.id),
            None => by_reason.push((&check.why, vec![check.id])),
        }
    }
    let mut lines = Vec::new();
    for (why, ids) in by_reason {
        let why = format!("{}:", style.name(why));
        lines.extend(layout::paragraph("  ", &why, style.width));
        lines.extend(layout::paragraph("    ", &ids.join(", "), style.width));
    }
    if !lines.is_empty() {
        lines.insert(0, style.bold("Not checked"));
    }
    lines
}
