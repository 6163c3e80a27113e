//! How many backups there are, what they take, and how much room is left.

use std::path::Path;

use crate::model::{Report, Volume, total_usage};
use crate::render::screen::layout;
use crate::render::screen::style::Style;
use crate::words::numbers;

/// The lines.
pub fn lines(report: &Report, style: &Style) -> Vec<String> {
    let facts = [
        numbers::counted(report.backups.len() as u64, "backup", "backups"),
        numbers::counted(report.devices_there(), "device", "devices"),
        numbers::size(total_usage(&report.backups).allocated),
    ];
    let mut lines = vec![facts.join(style.dot())];
    match disks(report, style).as_slice() {
        [(free, _)] => {
            let disk = if style.is_wide() { " on this disk" } else { "" };
            layout::flush_right(&mut lines, &format!("{free}{disk}"), style.width);
        }
        volumes => {
            for (free, path) in volumes {
                lines.extend(layout::paragraph(
                    "",
                    &format!("{free} at {path}"),
                    style.width,
                ));
            }
        }
    }
    lines
}

/// The room on each disk that backups lie on, and where that is; without backups on those that were looked at.
fn disks(report: &Report, style: &Style) -> Vec<(String, String)> {
    let told =
        |volume: &Volume, place: &Path| (free(volume), style.name(&place.display().to_string()));
    let mut known = Vec::new();
    let mut disks: Vec<(String, String)> = Vec::new();
    for backup in &report.backups {
        let Some((volume, id)) = backup.disk.as_ref().zip(backup.volume) else {
            continue;
        };
        // The room changes while it is looked at.
        if !known.contains(&id) {
            known.push(id);
            disks.push(told(volume, backup.path.parent().unwrap_or(&backup.path)));
        }
    }
    if !disks.is_empty() {
        return disks;
    }
    let roots = report.roots.iter();
    for (volume, root) in roots.filter_map(|root| Some((root.volume.as_ref()?, &root.path))) {
        let disk = told(volume, root);
        if !disks.iter().any(|(free, _)| *free == disk.0) {
            disks.push(disk);
        }
    }
    disks
}

fn free(volume: &Volume) -> String {
    let [available, total] = [volume.available, volume.total].map(numbers::size);
    format!("{available} free of {total}")
}
