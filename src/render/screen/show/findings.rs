//! What was found, with the files or folders that it is about.

use unicode_width::UnicodeWidthStr;

use crate::model::{BackupReport, Example, Finding, MissingFolder};
use crate::render::screen::layout;
use crate::render::screen::style::Style;
use crate::verify::files::FILE_MISSING;
use crate::words::numbers;

/// So many files or folders of a finding are named on the screen.
const MOST: usize = 20;

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

/// Files by their names, the first of them.
pub fn files(examples: &[Example], style: &Style) -> Vec<String> {
    let shown = examples.iter().take(MOST);
    let lines = shown.map(|example| format!("  {}", file(example, style)));
    lines.chain(more(examples.len(), "file", "files")).collect()
}

/// The folders that miss files, those that miss most first, then the first of the files.
fn missing(finding: &Finding, folders: &[MissingFolder], style: &Style) -> Vec<String> {
    // Whose folder it is says the path alone, but for those of apps and for one that several have.
    let is_of_several = |folder: &MissingFolder| {
        let same = folders.iter().filter(|other| other.path == folder.path);
        same.take(2).count() > 1
    };
    let shown = folders.iter().take(MOST);
    let mut lines: Vec<String> = shown
        .map(|folder| folder_line(folder, is_of_several(folder), style))
        .collect();
    lines.extend(more(folders.len(), "folder", "folders"));
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

/// How many more there are than are shown.
fn more(all: usize, one: &str, many: &str) -> Option<String> {
    let more = all.checked_sub(MOST).filter(|more| *more > 0)?;
    let more = numbers::counted(more as u64, &format!("more {one}"), &format!("more {many}"));
    Some(format!("  {more} (--json has all)"))
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
