//! What backups and removals are called in a sentence.

use crate::clean::{Item, What};
use crate::model::{BackupReport, Report};
use crate::render::screen::style::Style;
use crate::render::screen::table::title;

/// The day a backup was made.
pub fn day(backup: &BackupReport, style: &Style) -> String {
    let last = backup.last_backup;
    last.map_or_else(|| "unknown".to_owned(), |last| style.day(last.at))
}

/// What an item is called in a sentence: the device and the day, and its folder where that is not
/// enough.
pub fn called(item: &Item, report: &Report, style: &Style) -> String {
    match item.what {
        What::Backup(index) => {
            let of = |backup| format!("{}, {}", title(backup, style), day(backup, style));
            let backup = &report.backups[index];
            let others = report.backups.iter();
            match others.filter(|other| of(other) == of(backup)).count() {
                1 => of(backup),
                _ => format!("{}, {}", of(backup), style.name(&backup.folder_name())),
            }
        }
        What::Leftover { .. } => {
            let name = item.path.file_name().unwrap_or_default().to_string_lossy();
            style.name(&name)
        }
    }
}
