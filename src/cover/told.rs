//! Which of what is only in one backup is worth a word (contract §5), each thing once.

use crate::model::{DatabaseLoss, Loss, LossKind, OnlyHere};

use super::{apps, rest};

/// What shrank by less is not told where it does not matter, and where it is not more together.
pub(super) const TOLD: u64 = 1_000_000;

/// What apps keep besides those of their files that are keepsakes, where some of these are told: WhatsApp's media, or
/// what is in Files. Its databases are told by themselves then.
pub(super) fn besides_keepsakes(of_apps: Vec<Loss>, only: &OnlyHere) -> Vec<Loss> {
    let besides = |app: Loss| {
        let is_part = |loss: &&Loss| match loss.kind {
            LossKind::Keepsakes(group) | LossKind::Shorter(Some(group)) => group.name() == app.name,
            _ => false,
        };
        let parts: Vec<&Loss> = only.groups.iter().filter(is_part).collect();
        let [first, ..] = parts.as_slice() else {
            return Some(app);
        };
        let databases = only.databases.iter();
        let databases = databases.filter(|database| database.name == app.name);
        let (mut files, mut bytes) = (app.files, app.bytes);
        for part in &parts {
            files = files.saturating_sub(part.files);
            bytes = bytes.saturating_sub(part.bytes);
        }
        for database in databases {
            bytes = bytes.saturating_sub(database.less());
        }
        // That they matter is told with the keepsakes, unless it is the others that do.
        let matters = app.matters && (bytes >= apps::MATTERS || !first.matters);
        (bytes > 0 || matters).then(|| Loss {
            kind: LossKind::Rest,
            name: rest::other(&app.name),
            files,
            bytes,
            matters,
            ..app
        })
    };
    of_apps.into_iter().filter_map(besides).collect()
}

/// Leaves out what is too little to be told, also together. An app that is gone whole always is told, and whatever
/// somebody may miss.
pub(super) fn leave_out_what_is_too_little(only: &mut OnlyHere) {
    let is_told = |loss: &Loss| {
        let is_gone = loss.kind == LossKind::App && loss.bytes == loss.of_bytes;
        let may_be_missed = matches!(
            loss.kind,
            LossKind::Keepsakes(_) | LossKind::Payloads | LossKind::Strays
        );
        loss.matters || loss.bytes >= TOLD || is_gone || may_be_missed
    };
    let is_database_told = |loss: &DatabaseLoss| loss.matters || loss.less() >= TOLD;
    let groups = only.groups.iter().filter(|loss| !is_told(loss));
    let databases = only.databases.iter();
    let databases = databases.filter(|loss| !is_database_told(loss));
    let small = groups
        .map(|loss| loss.bytes)
        .chain(databases.map(DatabaseLoss::less));
    if small.fold(0, u64::saturating_add) < TOLD {
        only.groups.retain(is_told);
        only.databases.retain(is_database_told);
    }
}
