//! What backups and removals are called in a sentence.

use crate::clean::{Item, What};
use crate::model::{BackupIndex, BackupReport, Report};
use crate::render::screen::device::{day, folder, title};
use crate::render::screen::style::Style;

/// What an item is called in a sentence: the device and the day, and as much more as tells it from others.
pub fn called(item: &Item, report: &Report, style: &Style) -> String {
    let index = match item.what {
        What::Backup(index) => index,
        What::Leftover { .. } => {
            let name = item.path.file_name().unwrap_or_default().to_string_lossy();
            return style.name(&name);
        }
    };
    let backup = &report.backups[index];
    let of = |backup| format!("{}, {}", title(backup, style), day(backup, style));
    let others = BackupIndex::all(report.backups.len()).filter(|other| *other != index);
    let mut alike: Vec<&BackupReport> = others.map(|other| &report.backups[other]).collect();
    alike.retain(|other| of(other) == of(backup));
    match alike.is_empty() {
        true => of(backup),
        false => format!("{}, {}", of(backup), folder(backup, &alike, style)),
    }
}
