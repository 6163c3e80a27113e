//! The order in which a screen tells of backups.

use crate::model::{BackupIndex, Report};

/// Devices by size, newest first within a device.
pub fn in_order(report: &Report) -> Vec<BackupIndex> {
    let mut devices: Vec<_> = report.devices.iter().collect();
    devices.sort_by_key(|device| {
        let sizes = device
            .backups
            .iter()
            .map(|index| report.backups[*index].usage.allocated);
        std::cmp::Reverse(sizes.fold(0, u64::saturating_add))
    });
    devices
        .iter()
        .flat_map(|device| &device.backups)
        .copied()
        .collect()
}
