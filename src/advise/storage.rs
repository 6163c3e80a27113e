//! Step 1: what can go from this computer and from the device, and whether the next backup fits.

use crate::model::{Advice, BackupIndex, Report};
use crate::system::System;
use crate::verify::dates;

use super::{apps, icloud, naming, next_backup, superseded, undecided};

/// What there is to advise about storage.
pub fn advise(report: &Report, system: System) -> Vec<Advice> {
    let short = next_backup::short_disks(report);
    let mut advice: Vec<Advice> = superseded::advise(report, system).into_iter().collect();
    advice.extend(undecided::advise(report, system));
    advice.extend(next_backup::advise(report, &short));
    // What could go from a device, or to iCloud: only for those that are still in use.
    let mut newest: Vec<BackupIndex> = report
        .devices
        .iter()
        .filter(|device| dates::is_current(device, &report.backups, report.started_at))
        .filter_map(|device| device.newest_good)
        .collect();
    let is_short = |index: BackupIndex| short.iter().any(|short| short.index == index);
    newest.sort_by_key(|index| !is_short(*index));
    advice.extend(apps::advise(report, &newest));
    for index in newest {
        let backup = &report.backups[index];
        if let Some(estimate) = &backup.icloud {
            let advised = icloud::advise(&naming::name(backup), estimate, index, is_short(index));
            advice.push(advised);
        }
    }
    advice
}
