//! Step 1: the largest apps, which take room on the device and in each backup.

use crate::facts::domains;
use crate::model::{Advice, BackupIndex, Report, StorageGroup};
use crate::words::numbers;

use super::naming;

/// The id of the advice about what is large on the device.
pub const ID: &str = "largest-apps";

/// How many apps are named.
const MOST_APPS: usize = 5;

/// The same of each of several devices.
const MOST_APPS_OF_SEVERAL: usize = 3;

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
    let sentence = |index: BackupIndex, most: usize| {
        let named = |group: &StorageGroup| format!("{} {}", group.name, numbers::size(group.bytes));
        let named: Vec<String> = apps(index).take(most).map(named).collect();
        let name = naming::name(report, &report.backups[index]);
        let dated = naming::dated(report, index);
        format!("Largest apps of {name}{dated}: {}.", naming::listed(&named))
    };
    let most = match with_apps.len() {
        1 => MOST_APPS,
        _ => MOST_APPS_OF_SEVERAL,
    };
    let mut text: Vec<String> = with_apps
        .iter()
        .map(|index| sentence(*index, most))
        .collect();
    text.push(
        "Settings > General > iPhone Storage (iPad: iPad Storage); save first what you need of an app: \
         its data goes with it, and with the next backup from the backup."
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
            with_apps
                .iter()
                .flat_map(|index| apps(*index).take(most))
                .map(|group| group.bytes)
                .fold(0, u64::saturating_add),
        ),
        command: None,
        remark: None,
        backups: with_apps,
    })
}
