//! `bkscan show`: one backup in full.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use crate::cover::losses;
use crate::model::{Access, BackupIndex, BackupReport, Example, Report, StorageGroup};
use crate::plan::reasons;
use crate::words::numbers;

use super::contents::read_to_the_end;
use super::layout;
use super::style::Style;

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
        facts(report, index, style),
        findings(backup, style),
        only_here(report, index, style),
        storage("Storage", &backup.storage, style),
        storage("By domain", &backup.domains, style),
        largest(backup, style),
        not_checked(backup, style),
    ];
    layout::write_blocks(&blocks, out)
}

fn facts(report: &Report, index: BackupIndex, style: &Style) -> Vec<String> {
    let backup = &report.backups[index];
    let decision = &report.plan.decisions[index];
    let device = &backup.device;
    let text = |text: &Option<String>| text.as_deref().map(|text| style.name(text));
    let product = match (text(&device.product_name), text(&device.product_type)) {
        (Some(name), Some(kind)) => Some(format!("{name} ({kind})")),
        (name, kind) => name.or(kind),
    };
    let ios = text(&device.ios_version).map(|ios| match text(&device.build_version) {
        Some(build) => format!("{ios} ({build})"),
        None => ios,
    });
    let encrypted = match (backup.encrypted, backup.locked) {
        (Some(true), true) => match backup.access {
            Access::Wrong => "yes, and the password is wrong",
            Access::Unavailable(_) | Access::Refused(_) => "yes, and it was not opened",
            _ => "yes, and no password was given",
        },
        (Some(true), false) => "yes",
        (Some(false), _) => "no",
        (None, _) => "not known",
    };
    let reasons: Vec<String> = decision
        .reasons
        .iter()
        .map(|reason| style.name(&reasons::text(reason, index, report, &style.zone)))
        .collect();
    let frees = numbers::freed(decision.frees);
    let verdict = backup.verdict;
    let rows = [
        ("device", text(&device.name)),
        ("model", product),
        ("iOS", ios),
        ("serial", text(&device.serial_number)),
        ("UDID", backup.udid.as_ref().map(ToString::to_string)),
        (
            "folder",
            Some(style.name(&backup.path.display().to_string())),
        ),
        (
            "last backup",
            backup.last_backup.map(|last| {
                format!(
                    "{} (from {})",
                    numbers::moment(last.at, &style.zone),
                    last.source.as_str()
                )
            }),
        ),
        ("state", text(&backup.snapshot_state)),
        ("encrypted", Some(encrypted.to_owned())),
        (
            "size",
            Some(match backup.measured() {
                Some(usage) => format!(
                    "{} on disk, {}",
                    numbers::size(usage.allocated),
                    numbers::counted(usage.files, "file", "files")
                ),
                None => "unknown: not all of it could be opened".to_owned(),
            }),
        ),
        (
            "file list",
            backup.manifest.map(|counts| {
                format!(
                    "{}, {} recorded",
                    numbers::counted(counts.files, "file", "files"),
                    numbers::size(counts.recorded_bytes)
                )
            }),
        ),
        ("read", backup.contents.as_ref().map(read_to_the_end)),
        (
            "decision",
            Some(format!(
                "{}: {}",
                decision.action.as_str(),
                reasons.join("; ")
            )),
        ),
        ("deleting frees", Some(frees)),
    ];
    let symbol = style.symbol(verdict);
    let mut lines = vec![style.paint(verdict, &format!("{symbol} {}", verdict.as_str()))];
    for (name, value) in rows {
        if let Some(value) = value {
            lines.extend(layout::paragraph(
                &format!("  {name:<15} "),
                &value,
                style.width,
            ));
        }
    }
    lines
}

fn findings(backup: &BackupReport, style: &Style) -> Vec<String> {
    let mut lines = Vec::new();
    for finding in &backup.findings {
        let first = format!("{} ({}): ", finding.id, finding.severity.as_str());
        let text = format!("{first}{}.", style.name(&finding.message));
        lines.extend(layout::paragraph("", &text, style.width));
        lines.extend(
            finding
                .examples
                .iter()
                .map(|example| format!("  {}", file(example, style))),
        );
    }
    if !lines.is_empty() {
        lines.insert(0, "Findings".to_owned());
    }
    lines
}

/// What would go for good with the backup, as far as that is known.
fn only_here(report: &Report, index: BackupIndex, style: &Style) -> Vec<String> {
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
    let strays = (strays.matter_beside(than))
        .then(|| told("Named by no file list", strays.files, strays.bytes));
    foreign.into_iter().chain(strays).collect()
}

/// A file by domain and path, as far as they are known, with its size.
fn file(example: &Example, style: &Style) -> String {
    let id = || {
        example
            .file_id
            .clone()
            .unwrap_or_else(|| "(not named)".to_owned())
    };
    let name = match (&example.domain, &example.path) {
        (Some(domain), Some(path)) => format!("{domain}  {path}"),
        (Some(domain), None) => domain.clone(),
        (None, Some(path)) => path.clone(),
        (None, None) => id(),
    };
    let bytes = example.bytes.map_or_else(String::new, numbers::size);
    format!("{bytes:>9}  {}", style.name(&name))
}

/// How many columns the longest bar takes.
const BAR: u64 = 20;

/// Groups with bars, largest first.
fn storage(title: &str, groups: &[StorageGroup], style: &Style) -> Vec<String> {
    let largest = groups.first().map_or(0, |group| group.bytes);
    let room = style.width.saturating_sub(40).max(12);
    let block = if style.unicode { "█" } else { "#" };
    let mut lines: Vec<String> = groups
        .iter()
        .map(|group| {
            let share = (group.bytes.saturating_mul(BAR))
                .checked_div(largest)
                .unwrap_or(0);
            let share = share.max(u64::from(group.bytes > 0));
            let bar = block.repeat(usize::try_from(share).unwrap_or(0));
            let name = style.fit(&style.name(&group.name), room);
            let padding = " ".repeat(room.saturating_sub(name.width()));
            let size = numbers::size(group.bytes);
            format!("  {name}{padding} {size:>10}  {bar}")
        })
        .collect();
    if !lines.is_empty() {
        lines.insert(0, title.to_owned());
    }
    lines
}

fn largest(backup: &BackupReport, style: &Style) -> Vec<String> {
    let mut lines: Vec<String> = backup
        .largest
        .iter()
        .map(|example| format!("  {}", file(example, style)))
        .collect();
    if !lines.is_empty() {
        lines.insert(0, "Largest files".to_owned());
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
        lines.insert(0, "Not checked".to_owned());
    }
    lines
}
