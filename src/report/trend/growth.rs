//! How each device developed over the runs. Pure.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::model::{DeviceHistory, DeviceRun, FolderHistory, PastBackup, PastRun, Udid, Verdict};

const DAY: i64 = 24 * 60 * 60;

/// How far apart the first and the last run of a folder must be for its growth in a month, in seconds.
const LONG_ENOUGH: i64 = 14 * DAY;

/// 30.44 days in seconds.
const MONTH: i64 = 3044 * DAY / 100;

/// How each device developed, in the order of identifiers; backups whose device is unknown stand
/// alone, after the others by their paths. Where there is a filter, only backups at or below one of
/// its paths count.
pub fn devices(runs: &[PastRun], filter: &[PathBuf]) -> Vec<DeviceHistory> {
    let wanted =
        |path: &Path| filter.is_empty() || filter.iter().any(|place| path.starts_with(place));
    let mut devices: BTreeMap<Who<'_>, DeviceHistory> = BTreeMap::new();
    for run in runs {
        for backup in run.backups.iter().filter(|backup| wanted(&backup.path)) {
            let who = match &backup.udid {
                Some(udid) => Who::Known(udid),
                None => Who::Unknown(&backup.path),
            };
            let device = devices.entry(who).or_insert_with(|| DeviceHistory {
                udid: backup.udid.clone(),
                name: None,
                product: None,
                folders: vec![],
                runs: vec![],
            });
            add(device, run, backup);
        }
    }
    let mut devices: Vec<DeviceHistory> = devices.into_values().collect();
    for DeviceHistory { folders, runs, .. } in &mut devices {
        for (index, folder) in folders.iter_mut().enumerate() {
            folder.per_month = per_month(runs.iter().filter(|run| run.folder == index));
        }
    }
    devices
}

/// Devices with an identifier come first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Who<'a> {
    Known(&'a Udid),
    Unknown(&'a Path),
}

fn add(device: &mut DeviceHistory, run: &PastRun, backup: &PastBackup) {
    let DeviceHistory { folders, runs, .. } = device;
    let known = folders.iter().position(|known| known.path == backup.path);
    let folder = known.unwrap_or_else(|| {
        folders.push(FolderHistory {
            path: backup.path.clone(),
            since_previous: None,
            per_month: None,
        });
        folders.len() - 1
    });
    let mut entry = DeviceRun {
        at: run.at,
        folder,
        verdict: backup.verdict,
        allocated: backup.allocated,
        change: None,
    };
    if is_measured(&entry) {
        let mut before = runs.iter().rev();
        let before = before.find(|before| before.folder == folder && is_measured(before));
        entry.change = before.map(|before| change(before, &entry));
        folders[folder].since_previous = entry.change;
    }
    runs.push(entry);
    device.name = backup.name.clone().or(device.name.take());
    device.product = backup.product.clone().or(device.product.take());
}

fn is_measured(run: &DeviceRun) -> bool {
    run.verdict != Verdict::Unreadable
}

fn change(from: &DeviceRun, to: &DeviceRun) -> i64 {
    saturating(i128::from(to.allocated) - i128::from(from.allocated))
}

fn per_month<'a>(runs: impl Iterator<Item = &'a DeviceRun> + Clone) -> Option<i64> {
    let measured = runs.filter(|run| is_measured(run));
    let first = measured.clone().min_by_key(|run| run.at)?;
    let last = measured.max_by_key(|run| run.at)?;
    let seconds = last.at.duration_since(first.at).as_secs();
    (seconds >= LONG_ENOUGH).then(|| {
        let bytes = i128::from(change(first, last));
        saturating(bytes * i128::from(MONTH) / i128::from(seconds))
    })
}

fn saturating(bytes: i128) -> i64 {
    let limit = if bytes < 0 { i64::MIN } else { i64::MAX };
    i64::try_from(bytes).unwrap_or(limit)
}
