//! Step 1: the largest apps, which take room on the device and in each backup.

use crate::facts::domains;
use crate::model::{Advice, BackupIndex, Report, StorageGroup};
use crate::words::numbers;

use super::naming;

/// The id of the advice about what is large on the device.
pub const ID: &str = "largest-apps";

/// How many apps are named.
const MOST_APPS: usize = 5;

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
        let name = naming::name(&report.backups[index]);
        format!("Largest apps of {name}: {}.", naming::listed(&named))
    };
    let mut text: Vec<String> = with_apps
        .iter()
        .map(|index| sentence(*index, MOST_APPS))
        .collect();
    text.push(
        "On the device: Settings > General > iPhone Storage (iPad: iPad Storage).".to_owned(),
    );
    text.push(
        "Save first what you need of an app: when it is deleted its data goes from the device, and \
         with the next backup from the backup too."
            .to_owned(),
    );
    text.push("Which of them are used cannot be seen from this computer.".to_owned());
    Some(Advice {
        step: 1,
        id: ID,
        title: "See what takes the room on the device".to_owned(),
        seen: vec![],
        text,
        lead: format!("{} Deleting an app deletes its data.", sentence(first, 3)),
        short: format!("{} Deleting an app deletes its data.", sentence(first, 2)),
        bytes: Some(
            with_apps
                .iter()
                .flat_map(|index| apps(*index).take(MOST_APPS))
                .map(|group| group.bytes)
                .fold(0, u64::saturating_add),
        ),
        command: None,
        remark: None,
        backups: with_apps,
    })
}
