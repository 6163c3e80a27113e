//! What was found, with the files or folders that it is about.

use std::collections::HashMap;

use unicode_width::UnicodeWidthStr;

use crate::model::{BackupReport, Example, Finding, MissingFolder};
use crate::render::screen::layout;
use crate::render::screen::style::Style;
use crate::verify::files::FILE_MISSING;
use crate::words::numbers;

/// All findings of a backup, worst first.
pub fn lines(backup: &BackupReport, style: &Style) -> Vec<String> {
    let mut lines = Vec::new();
    for finding in &backup.findings {
        let first = format!("{} ({}): ", finding.id, finding.severity.as_str());
        let text = format!("{first}{}.", style.name(&finding.message));
        lines.extend(layout::paragraph("", &text, style.width));
        lines.extend(match finding.id == FILE_MISSING.id {
            true => missing(finding, &backup.missing_folders, style),
            false => files(&finding.examples, style),
        });
    }
    if !lines.is_empty() {
        lines.insert(0, style.bold("Findings"));
    }
    lines
}

/// Files by their names.
pub fn files(examples: &[Example], style: &Style) -> Vec<String> {
    let lines = examples.iter();
    let lines = lines.map(|example| format!("  {}", file(example, style)));
    lines.collect()
}

/// The folders that miss files, those that miss most first, then the files.
fn missing(finding: &Finding, folders: &[MissingFolder], style: &Style) -> Vec<String> {
    // Whose folder it is says the path alone, but for those of apps and for one that several have.
    let mut of_path: HashMap<Option<&str>, u32> = HashMap::new();
    for folder in folders {
        *of_path.entry(folder.path.as_deref()).or_default() += 1;
    }
    let is_of_several = |folder: &MissingFolder| of_path[&folder.path.as_deref()] > 1;
    let mut lines: Vec<String> = folders
        .iter()
        .map(|folder| folder_line(folder, is_of_several(folder), style))
        .collect();
    let mut by_name = finding.examples.clone();
    by_name.sort_by(|one, other| (&one.domain, &one.path).cmp(&(&other.domain, &other.path)));
    lines.extend(files(&by_name, style));
    lines
}

/// `Media/DCIM/100APPLE: 31 of 80 are missing`
fn folder_line(folder: &MissingFolder, with_domain: bool, style: &Style) -> String {
    let told = match folder.missing {
        1 => format!(": 1 of {} is missing", numbers::count(folder.all)),
        missing => format!(
            ": {} of {} are missing",
            numbers::count(missing),
            numbers::count(folder.all)
        ),
    };
    let name = match (folder.domain.as_deref(), folder.path.as_deref()) {
        (None, None) => "Files without a name".to_owned(),
        (Some(domain), None | Some("")) => style.name(domain),
        (domain, Some(path)) => {
            let domain = domain.filter(|domain| with_domain || domain.starts_with("AppDomain"));
            let name = domain.map_or_else(|| path.to_owned(), |domain| format!("{domain}  {path}"));
            style.name(&name)
        }
    };
    let room = style.width.saturating_sub(2 + told.width());
    format!("  {}{told}", end_of(&name, room, style))
}

/// A path that fits: what stands before its end goes first, up to where a name begins if that is near.
fn end_of(path: &str, room: usize, style: &Style) -> String {
    if path.width() <= room {
        return path.to_owned();
    }
    let mark = if style.unicode { "…" } else { "..." };
    let mut ends = path.char_indices().map(|(at, _)| &path[at..]);
    let fitting = ends.find(|end| end.width() + mark.width() <= room);
    let fitting = fitting.unwrap_or_default();
    let name = fitting.find(['/', '.', ' ']).map(|at| &fitting[at..]);
    let name = name.filter(|name| name.width() * 2 > fitting.width());
    let name = name.unwrap_or(fitting).trim_start_matches(['.', ' ']);
    format!("{mark}{name}")
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
    let name = style.name(&name);
    let room = style.width.saturating_sub(13);
    format!("{bytes:>9}  {}", end_of(&name, room, style))
}
