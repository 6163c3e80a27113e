//! The table for people, and the paragraphs of `--quiet`.

use std::io::{self, Write};

use anstyle::{AnsiColor, Effects};
use jiff::tz::TimeZone;
use unicode_width::UnicodeWidthStr;

use crate::human;
use crate::model::{BackupReport, Effect, Finding, Level, Report, Severity, Verdict};

use super::json::total_usage;

/// How text is written.
#[derive(Clone, Debug)]
pub struct Style {
    /// Whether to use colour. It never carries meaning alone.
    pub color: bool,
    /// Whether symbols beyond ASCII can be shown.
    pub unicode: bool,
    /// The time zone of dates.
    pub zone: TimeZone,
}

impl Style {
    fn symbol(&self, verdict: Verdict) -> &'static str {
        let (symbol, ascii) = match verdict {
            Verdict::Complete => ("✔", "ok"),
            Verdict::Unverified => ("?", "?"),
            Verdict::Incomplete | Verdict::Corrupt => ("✖", "X"),
            Verdict::Interrupted | Verdict::Unreadable => ("!", "!"),
            Verdict::InProgress => ("…", "..."),
        };
        if self.unicode { symbol } else { ascii }
    }

    fn paint(&self, verdict: Verdict, text: &str) -> String {
        let color = match verdict {
            Verdict::Complete => AnsiColor::Green,
            Verdict::Incomplete | Verdict::Corrupt => AnsiColor::Red,
            Verdict::Interrupted | Verdict::Unreadable => AnsiColor::Yellow,
            Verdict::Unverified | Verdict::InProgress => AnsiColor::Cyan,
        };
        if !self.color {
            return text.to_owned();
        }
        let style = color.on_default() | Effects::BOLD;
        format!("{style}{text}{style:#}")
    }

    fn dot(&self) -> &'static str {
        if self.unicode { " · " } else { ", " }
    }
}

/// Takes out of a name what could disturb a terminal or deceive a reader: control characters,
/// direction marks, and characters without width.
pub fn clean(name: &str) -> String {
    name.chars()
        .filter(|character| {
            !character.is_control()
                && !matches!(
                    character,
                    '\u{61c}'
                        | '\u{200b}'..='\u{200f}'
                        | '\u{2028}'..='\u{202e}'
                        | '\u{2060}'..='\u{2069}'
                        | '\u{feff}'
                )
        })
        .collect()
}

/// Writes the table, what is wrong, and what was not checked.
///
/// # Errors
/// When writing fails.
pub fn write(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    if report.backups.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "{}{dot}{}{dot}{}",
        human::counted(report.backups.len() as u64, "backup", "backups"),
        human::counted(report.devices.len() as u64, "device", "devices"),
        human::size(total_usage(report).allocated),
        dot = style.dot()
    )?;
    writeln!(out)?;
    let ordered = in_order(report);
    write_table(&ordered, style, out)?;
    for backup in ordered {
        if let Some((_, what)) = what_is_wrong(backup) {
            let symbol = style.paint(backup.verdict, style.symbol(backup.verdict));
            writeln!(out)?;
            match backup.verdict {
                // That sentence names the device itself.
                Verdict::InProgress => writeln!(out, "{symbol} {what}")?,
                _ => writeln!(out, "{symbol} {}: {what}", title(backup))?,
            }
        }
    }
    writeln!(out)?;
    write_checked(report, out)
}

/// Writes one paragraph a problem, worst first, and nothing else.
///
/// # Errors
/// When writing fails.
pub fn write_quiet(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut paragraphs = Vec::new();
    for backup in in_order(report) {
        if let Some((severity, what)) =
            what_is_wrong(backup).filter(|(severity, _)| *severity > Severity::Note)
        {
            let text = format!(
                "{} {} is {}: {what}\n  {}\n",
                style.symbol(backup.verdict),
                title(backup),
                backup.verdict.as_str(),
                clean(&backup.path.display().to_string())
            );
            paragraphs.push((std::cmp::Reverse(severity), text));
        }
    }
    for problem in report.problems.iter().filter(|problem| problem.blocking) {
        let text = format!("! {}\n", clean(&problem.message));
        paragraphs.push((std::cmp::Reverse(Severity::Warning), text));
    }
    paragraphs.sort_by_key(|(severity, _)| *severity);
    for (_, text) in paragraphs {
        out.write_all(text.as_bytes())?;
    }
    if report.cancelled {
        writeln!(out, "! Stopped before the end")?;
    }
    Ok(())
}

/// What is wrong with a backup in one paragraph, worst first, and how bad that is; nothing where
/// there are only notes. Of a backup that is running, that it is; of one that could not be looked
/// at, why, however small the finding itself.
fn what_is_wrong(backup: &BackupReport) -> Option<(Severity, String)> {
    let wanted = |finding: &&Finding| match backup.verdict {
        Verdict::InProgress => finding.effect == Effect::InProgress,
        Verdict::Unreadable if finding.effect == Effect::CouldNotCheck => true,
        _ => finding.severity > Severity::Note,
    };
    let findings: Vec<&Finding> = backup.findings.iter().filter(wanted).collect();
    let worst = findings.iter().map(|finding| finding.severity).max()?;
    let worst = match backup.verdict {
        Verdict::Unreadable => worst.max(Severity::Warning),
        _ => worst,
    };
    let sentences: Vec<String> = findings
        .iter()
        .map(|finding| clean(&finding.message) + ".")
        .collect();
    Some((worst, sentences.join(" ")))
}

/// Devices by size, newest first within a device.
fn in_order(report: &Report) -> Vec<&BackupReport> {
    let size = |device: &&crate::model::Device| -> u64 {
        device
            .backups
            .iter()
            .map(|at| report.backups[*at].usage.allocated)
            .sum()
    };
    let mut devices: Vec<_> = report.devices.iter().collect();
    devices.sort_by_key(|device| std::cmp::Reverse(size(device)));
    devices
        .iter()
        .flat_map(|device| &device.backups)
        .map(|at| &report.backups[*at])
        .collect()
}

/// What a person would call the backup's device; else the folder's name.
fn title(backup: &BackupReport) -> String {
    let name = backup
        .device
        .name
        .as_deref()
        .map(clean)
        .filter(|name| !name.trim().is_empty());
    name.unwrap_or_else(|| {
        let folder = backup.path.file_name().unwrap_or(backup.path.as_os_str());
        clean(&folder.to_string_lossy())
    })
}

fn device(backup: &BackupReport) -> String {
    let device = &backup.device;
    let product = device
        .product_name
        .as_deref()
        .or(device.product_type.as_deref())
        .map(clean);
    let mut text = title(backup);
    if let Some(product) = product {
        text = format!("{text}, {product}");
    }
    if backup.locked {
        text += " (locked)";
    } else if backup.archived {
        text += " (archived)";
    }
    text
}

fn write_table(backups: &[&BackupReport], style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let header = ["", "verdict", "device", "iOS", "last backup", "size"].map(str::to_owned);
    let rows = backups.iter().map(|backup| {
        [
            style.symbol(backup.verdict).to_owned(),
            backup.verdict.as_str().to_owned(),
            device(backup),
            backup
                .device
                .ios_version
                .as_deref()
                .map(clean)
                .unwrap_or_default(),
            backup.last_backup.map_or_else(
                || "unknown".to_owned(),
                |date| human::day(date.at, &style.zone),
            ),
            human::size(backup.usage.allocated),
        ]
    });
    let table: Vec<_> = std::iter::once(header).chain(rows).collect();
    let widths: Vec<usize> = (0..6)
        .map(|column| {
            table
                .iter()
                .map(|row| row[column].width())
                .max()
                .unwrap_or(0)
        })
        .collect();
    for (at, row) in table.iter().enumerate() {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let padding = " ".repeat(widths[column] - cell.width());
            let painted = match (at.checked_sub(1), column) {
                (Some(backup), 0 | 1) => style.paint(backups[backup].verdict, cell),
                _ => cell.clone(),
            };
            let gap = if column == 0 { "" } else { "  " };
            // Dates and sizes to the right.
            line += &match column {
                4 | 5 => format!("{gap}{padding}{painted}"),
                _ => format!("{gap}{painted}{padding}"),
            };
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

fn write_checked(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let compared = report
        .backups
        .iter()
        .filter(|backup| backup.manifest.is_some())
        .count() as u64;
    let locked = report.backups.iter().filter(|backup| backup.locked).count() as u64;
    let mut not_checked = Vec::new();
    if report.level == Level::Quick {
        write!(out, "Checked: state and sizes. ")?;
        not_checked.push("which files are there (--level standard)".to_owned());
    } else {
        let backups = human::counted(compared, "backup", "backups");
        write!(out, "Checked: every file the index lists, in {backups}. ")?;
        if locked > 0 {
            let locked = human::counted(locked, "locked backup", "locked backups");
            not_checked.push(format!("the file list of {locked}"));
        }
    }
    not_checked.push("what is inside files".to_owned());
    writeln!(out, "Not checked: {}.", not_checked.join("; "))?;
    if report.cancelled {
        writeln!(
            out,
            "Stopped before the end: other backups were not looked at."
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_disturb_the_terminal() {
        assert_eq!(
            clean("a\u{1b}[31mb\nc\u{202e}d\u{200b}e\u{feff}"),
            "a[31mbcde"
        );
        assert_eq!(
            clean("Anna’s iPhone 📱 電話 هاتف"),
            "Anna’s iPhone 📱 電話 هاتف"
        );
    }
}
