//! How many backups there are, what they take, and how much room is left.

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
    let mut volumes: Vec<(String, String)> = Vec::new();
    for root in &report.roots {
        let free = root.volume.as_ref().map(free);
        if let Some(free) = free.filter(|free| !volumes.iter().any(|(known, _)| known == free)) {
            volumes.push((free, style.name(&root.path.display().to_string())));
        }
    }
    match volumes.as_slice() {
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

fn free(volume: &Volume) -> String {
    let [available, total] = [volume.available, volume.total].map(numbers::size);
    format!("{available} free of {total}")
}
