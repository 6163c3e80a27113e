//! Step 1: what can go from this computer and from the device, and whether the next backup fits.

use crate::model::{Advice, BackupIndex, Report};
use crate::system::System;
use crate::verify::dates;
use crate::verify::next_backup::NextBackup;

use super::{apps, icloud, next_backup, superseded, undecided};

/// What there is to advise about storage.
pub fn advise(report: &Report, system: System) -> Vec<Advice> {
    let short = next_backup::short_disks(report);
    let mut advice: Vec<Advice> = superseded::advise(report, system).into_iter().collect();
    advice.extend(undecided::advise(report, system));
    advice.extend(next_backup::advise(report, &short));
    // What could go from a device, or to iCloud: only where a good backup tells what it is like today.
    let mut newest: Vec<BackupIndex> = report
        .devices
        .iter()
        .filter_map(|device| dates::recent_good(device, &report.backups, report.started_at))
        .collect();
    let is_short = |next: &NextBackup, index| next.index == Some(index);
    newest.sort_by_key(|index| !short.iter().any(|next| is_short(next, *index)));
    advice.extend(apps::advise(report, &newest));
    advice.extend(icloud::advise(report, &newest));
    advice
}
