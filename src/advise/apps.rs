//! Step 1: the largest apps, which take room on the device and in each backup.

use std::cmp::Reverse;

use crate::facts::domains;
use crate::model::{Advice, BackupIndex, Report, StorageGroup};
use crate::words::{self, numbers};

use super::naming;

/// The id of the advice about what is large on the device.
pub const ID: &str = "largest-apps";

/// How many apps are named.
const MOST_APPS: usize = 5;

/// The same of each of several devices.
const MOST_APPS_OF_EACH: usize = 3;

/// The same of many devices together.
const MOST_APPS_OF_MANY: usize = 3;

/// What there is to advise about the apps of these backups.
pub fn advise(report: &Report, newest: &[BackupIndex]) -> Option<Advice> {
    let apps = |index: BackupIndex| {
        let groups = report.backups[index].storage.iter();
        groups.filter(|group| domains::is_app(&group.name) && group.bytes > 0)
    };
    let with_apps: Vec<BackupIndex> = newest
        .iter()
        .copied()
        .filter(|index| apps(*index).next().is_some())
        .collect();
    let first = *with_apps.first()?;
    let called = |group: &StorageGroup| format!("{} {}", group.name, numbers::size(group.bytes));
    let sentence = |index: BackupIndex, most: usize| {
        let named: Vec<String> = apps(index).take(most).map(called).collect();
        let name = naming::name(report, &report.backups[index]);
        let dated = naming::dated(report, index);
        format!("Largest apps of {name}{dated}: {}.", words::listed(&named))
    };
    let are_many = with_apps.len() >= naming::MANY_DEVICES;
    let (most, most_of_each) = match with_apps.len() {
        _ if are_many => (MOST_APPS_OF_MANY, usize::MAX),
        1 => (MOST_APPS, MOST_APPS),
        _ => (usize::MAX, MOST_APPS_OF_EACH),
    };
    let of_each = |index: BackupIndex| apps(index).take(most_of_each).map(move |app| (index, app));
    let mut named: Vec<(BackupIndex, &StorageGroup)> =
        with_apps.iter().copied().flat_map(of_each).collect();
    named.sort_by_key(|(_, app)| Reverse(app.bytes));
    named.truncate(most);
    let mut text: Vec<String> = match are_many {
        true => vec![largest_of_all(report, &with_apps, &named)],
        false => with_apps
            .iter()
            .map(|index| sentence(*index, most_of_each))
            .collect(),
    };
    text.push(
        "Save first what you need (Settings > General > iPhone Storage, iPad Storage): its data goes with an \
         app, then from backups, too."
            .to_owned(),
    );
    Some(Advice {
        step: 1,
        id: ID,
        title: "Look at the largest apps".to_owned(),
        seen: vec![],
        text,
        lead: format!("{} Deleting an app deletes its data.", sentence(first, 3)),
        short: format!("{} Deleting an app deletes its data.", sentence(first, 2)),
        bytes: Some(
            named
                .iter()
                .map(|(_, app)| app.bytes)
                .fold(0, u64::saturating_add),
        ),
        command: None,
        remark: None,
        backups: with_apps,
    })
}

/// The largest apps of many devices, largest first.
fn largest_of_all(
    report: &Report,
    devices: &[BackupIndex],
    apps: &[(BackupIndex, &StorageGroup)],
) -> String {
    let together = naming::dated_together(report, devices);
    let app = |(index, app): &(BackupIndex, &StorageGroup)| {
        let name = naming::name(report, &report.backups[*index]);
        let dated = match together {
            Some(_) => String::new(),
            None => naming::dated(report, *index),
        };
        let size = numbers::size(app.bytes);
        format!("{} {size} on {name}{dated}", app.name)
    };
    let apps: Vec<String> = apps.iter().map(app).collect();
    let together = together.as_deref().unwrap_or_default();
    format!("The largest{together}: {}.", words::listed(&apps))
}
