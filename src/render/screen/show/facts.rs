//! What is known of a backup and of its device, a line a fact.

use crate::facts::products;
use crate::model::{Access, BackupIndex, Report};
use crate::plan::reasons;
use crate::render::screen::contents::read_to_the_end;
use crate::render::screen::layout;
use crate::render::screen::style::Style;
use crate::words::numbers;

/// A line for each fact that is known.
pub fn lines(report: &Report, index: BackupIndex, style: &Style) -> Vec<String> {
    let backup = &report.backups[index];
    let decision = &report.plan.decisions[index];
    let device = &backup.device;
    // A label without a value tells nothing.
    let text = |text: &Option<String>| {
        let text = text.as_deref().map(|text| style.name(text));
        text.filter(|text| !text.trim().is_empty())
    };
    let product = match (text(&device.product_name), text(&device.product_type)) {
        (Some(name), Some(kind)) => Some(format!("{name} ({kind})")),
        (name, kind) => name.or(kind),
    };
    let version = text(&device.ios_version).map(|version| match text(&device.build_version) {
        Some(build) => format!("{version} ({build})"),
        None => version,
    });
    let system = products::system(
        device.product_type.as_deref(),
        device.ios_version.as_deref(),
    );
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
    let rows = [
        ("device", text(&device.name)),
        ("model", product),
        (system, version),
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
            Some(match reasons.as_slice() {
                [] => decision.action.as_str().to_owned(),
                reasons => format!("{}: {}", decision.action.as_str(), reasons.join("; ")),
            }),
        ),
        ("deleting frees", Some(frees)),
    ];
    let mut lines = vec![style.bold("This backup")];
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
