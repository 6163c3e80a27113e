//! Which of what is only in one backup is worth a word (contract §5), each thing once.

use crate::model::{DatabaseLoss, Loss, LossKind, OnlyHere};

use super::{apps, rest};

/// What shrank by less is not told where it does not matter, and where it is not more together.
pub(super) const TOLD: u64 = 1_000_000;

/// What apps keep besides those of their files that are keepsakes, where some of these are told: WhatsApp's media, or
/// what is in Files; or besides their databases, where it is these that matter. Databases are told by themselves then.
pub(super) fn besides_what_is_told(of_apps: Vec<Loss>, only: &OnlyHere) -> Vec<Loss> {
    let besides = |app: Loss| {
        let is_part = |loss: &&Loss| match loss.kind {
            LossKind::Keepsakes(group) | LossKind::Shorter(Some(group)) => group.name() == app.name,
            _ => false,
        };
        let parts: Vec<&Loss> = only.groups.iter().filter(is_part).collect();
        let databases = only.databases.iter();
        let databases = databases.filter(|database| database.name == app.name);
        let databases: Vec<&DatabaseLoss> = databases.collect();
        let matters_by_itself = databases.iter().any(|database| database.matters) && !app.matters;
        if parts.is_empty() && !matters_by_itself {
            return Some(app);
        }
        let files = parts.iter().map(|part| part.files);
        let bytes = parts.iter().map(|part| part.bytes);
        let bytes = bytes.chain(databases.iter().map(|database| database.less()));
        let files = files.fold(app.files, u64::saturating_sub);
        let bytes = bytes.fold(app.bytes, u64::saturating_sub);
        // That they matter is told with the keepsakes, unless it is the others that do.
        let is_told = parts.first().is_none_or(|part| part.matters);
        let matters = app.matters && (bytes >= apps::MATTERS || !is_told);
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
