//! The names of the files that differ: photos by folder, everything else by domain and path.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::model::{Diff, DiffFile, DiffKind, DiffPart, KeepsakeGroup, Which};
use crate::words::numbers;

use crate::render::screen::style::Style;

use super::group::name;

/// A block for each kind of difference and each group.
pub fn blocks(diff: &Diff, words: [&str; 2], style: &Style) -> Vec<Vec<String>> {
    let mut by_title: BTreeMap<(DiffKind, DiffPart), Vec<&DiffFile>> = BTreeMap::new();
    for file in diff.files.iter().flatten() {
        by_title
            .entry((file.kind, file.part))
            .or_default()
            .push(file);
    }
    let blocks = by_title.into_iter().map(|((kind, part), files)| {
        let mut lines = vec![style.bold(&title(kind, part, &files, words))];
        match part {
            DiffPart::Keepsakes(KeepsakeGroup::Photos) => lines.extend(by_folder(&files, style)),
            _ => lines.extend(files.iter().map(|file| {
                let name = full_name(file);
                format!("  {}  {}", facts(file, style), style.name(&name))
            })),
        }
        lines
    });
    blocks.collect()
}

fn title(kind: DiffKind, part: DiffPart, files: &[&DiffFile], [older, newer]: [&str; 2]) -> String {
    let what = match kind {
        DiffKind::Only(Which::Old) => format!("Only in the {older}"),
        DiffKind::Only(Which::New) => format!("Only in the {newer}"),
        DiffKind::OtherBytes => "Other bytes".to_owned(),
        DiffKind::Unreadable(Which::Old) => format!("Unreadable in the {older}"),
        DiffKind::Unreadable(Which::New) => format!("Unreadable in the {newer}"),
    };
    let bytes = files.iter().map(|file| file.bytes);
    let bytes = bytes.fold(0, u64::saturating_add);
    let files = numbers::counted(files.len() as u64, "file", "files");
    let part = match part {
        DiffPart::Keepsakes(group) => name(group),
        DiffPart::Listed => "Everything else",
        DiffPart::NotListed => "Named by no file list",
        DiffPart::Foreign => "No part of a backup",
    };
    format!("{what}: {part}, {files} ({})", numbers::size(bytes))
}

/// Photos below the folders that they lie in.
fn by_folder(files: &[&DiffFile], style: &Style) -> Vec<String> {
    let mut lines = Vec::new();
    let mut last = None;
    for file in files {
        let path = file.path.as_deref().unwrap_or("(not named)");
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        if last != Some(folder) {
            last = Some(folder);
            lines.push(format!("  {}", style.name(folder)));
        }
        lines.push(format!("    {}  {}", facts(file, style), style.name(name)));
    }
    lines
}

fn full_name(file: &DiffFile) -> String {
    match (&file.domain, &file.path) {
        (Some(domain), Some(path)) => format!("{domain}  {path}"),
        (Some(domain), None) => domain.clone(),
        (None, Some(path)) => path.clone(),
        (None, None) => "(not named)".to_owned(),
    }
}

/// Size and date, each in its column.
fn facts(file: &DiffFile, style: &Style) -> String {
    let time = file.birth.or(file.modified);
    let time = time.and_then(|time| Timestamp::from_second(i64::from(time)).ok());
    let day = time.map_or_else(String::new, |time| style.day(time));
    format!("{:>9}  {day:>11}", numbers::size(file.bytes))
}
