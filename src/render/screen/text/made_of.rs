//! What one or two backups are made of, a line each.

use unicode_width::UnicodeWidthStr;

use crate::facts::domains;
use crate::model::{BackupIndex, BackupReport, Report};
use crate::render::screen::device::who;
use crate::render::screen::style::Style;
use crate::words::numbers;

/// Of more backups that would be too much.
const MOST_BACKUPS: usize = 2;

/// How many groups are named before the other apps are told together.
const NAMED: usize = 3;

/// What is a smaller part of a backup is not named: a hundredth.
const LEAST_SHARE: u64 = 100;

/// The lines.
pub fn lines(report: &Report, order: &[BackupIndex], style: &Style) -> Vec<String> {
    if order.len() > MOST_BACKUPS {
        return vec![];
    }
    let told = order.iter().flat_map(|index| {
        let parts = parts(&report.backups[*index], style);
        let whose = match order.len() {
            1 => String::new(),
            _ => format!("{}: ", who(*index, order, report, style)),
        };
        packed(whose, &parts, style)
    });
    told.collect()
}

/// As many parts as fit in two lines, the second one set in.
fn packed(mut line: String, parts: &[String], style: &Style) -> Vec<String> {
    let mut lines = Vec::new();
    let mut between = "";
    for part in parts {
        if line.width() + between.width() + part.width() <= style.width {
            line += between;
            line += part;
        } else if lines.is_empty() {
            lines.push(std::mem::replace(&mut line, format!("  {part}")));
        } else {
            break;
        }
        between = style.dot();
    }
    if !parts.is_empty() {
        lines.push(line);
    }
    lines
        .iter()
        .map(|line| style.fit(line, style.width))
        .collect()
}

/// What takes most, and the other apps together. A list that is locked tells nothing.
fn parts(backup: &BackupReport, style: &Style) -> Vec<String> {
    if backup.locked {
        return vec![];
    }
    let all = backup.storage.iter().map(|group| group.bytes);
    let least = all.fold(0, u64::saturating_add) / LEAST_SHARE;
    let groups = backup.storage.iter();
    let groups = groups.filter(|group| group.bytes > 0 && group.bytes >= least);
    let part = |name: &str, bytes: u64| format!("{} {}", style.name(name), numbers::size(bytes));
    let named = groups.clone().take(NAMED);
    let mut parts: Vec<String> = named.map(|group| part(&group.name, group.bytes)).collect();
    let rest: Vec<_> = groups.skip(NAMED).collect();
    let (apps, others): (Vec<_>, Vec<_>) =
        (rest.into_iter()).partition(|group| domains::is_app(&group.name));
    let sum = apps
        .iter()
        .map(|group| group.bytes)
        .fold(0, u64::saturating_add);
    match apps.as_slice() {
        [] => {}
        [one] => parts.push(part(&one.name, one.bytes)),
        apps => parts.push(part(
            &format!("{} apps", numbers::count(apps.len() as u64)),
            sum,
        )),
    }
    parts.extend(others.iter().map(|group| part(&group.name, group.bytes)));
    parts
}
