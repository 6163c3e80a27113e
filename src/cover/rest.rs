//! What neither counts as a keepsake nor belongs to an app: the system's own files, music and films. It hinders
//! nothing, but that it shrank is told (contract §5). Payloads that no row names.

use crate::facts::databases::Kind;
use crate::facts::domains::{MEDIA, NOT_LISTED, SYSTEM};
use crate::model::{Amount, BackupReport, KeepsakeGroup, Loss, LossKind, StorageGroup, Strays};

/// A storage group that is no app, and what of it is told by itself.
struct Rest {
    group: &'static str,
    keepsakes: Option<KeepsakeGroup>,
    databases: &'static [Kind],
}

const ALL: [Rest; 4] = [
    Rest {
        group: KeepsakeGroup::Photos.name(),
        keepsakes: Some(KeepsakeGroup::Photos),
        databases: &[Kind::Photos],
    },
    Rest {
        group: KeepsakeGroup::Messages.name(),
        keepsakes: Some(KeepsakeGroup::Messages),
        databases: &[Kind::Messages],
    },
    Rest {
        group: MEDIA,
        keepsakes: None,
        databases: &[],
    },
    Rest {
        group: SYSTEM,
        keepsakes: Some(KeepsakeGroup::Voicemail),
        databases: &[Kind::Contacts, Kind::Calls, Kind::Calendar],
    },
];

impl Rest {
    /// Files and bytes of it in a backup.
    fn of(&self, backup: &BackupReport) -> (u64, u64) {
        let find = |groups: &[StorageGroup], name: &str| {
            let found = groups.iter().find(|group| group.name == name);
            found.map_or((0, 0), |group| (group.files, group.bytes))
        };
        let all = find(&backup.storage, self.group);
        let keepsakes = self.keepsakes.map_or((0, 0), |group| {
            find(
                backup.keepsakes.as_deref().unwrap_or_default(),
                group.name(),
            )
        });
        let databases = self.databases.iter();
        let databases = databases.filter_map(|kind| backup.holdings.databases.get(kind.name()));
        let told = databases.fold(keepsakes.1, |sum, bytes| sum.saturating_add(*bytes));
        (
            all.0.saturating_sub(keepsakes.0),
            all.1.saturating_sub(told),
        )
    }

    fn name(&self) -> String {
        match self.keepsakes {
            Some(group) if group.name() == self.group => other(self.group),
            _ => self.group.to_owned(),
        }
    }
}

/// What belongs to a group and is no keepsake of it.
pub(super) fn other(group: &str) -> String {
    format!("{group}, other")
}

/// What shrank or went.
pub(super) fn losses(old: &BackupReport, new: &BackupReport) -> impl Iterator<Item = Loss> {
    ALL.iter().filter_map(|rest| {
        let ((of_files, of_bytes), (other_files, other_bytes)) = (rest.of(old), rest.of(new));
        let bytes = of_bytes.saturating_sub(other_bytes);
        (bytes > 0).then(|| Loss {
            kind: LossKind::Rest,
            name: rest.name(),
            files: of_files.saturating_sub(other_files),
            bytes,
            of_files,
            of_bytes,
            matters: false,
        })
    })
}

/// The files that are no part of a backup and that the newer one does not have.
pub(super) fn foreign(backup: &BackupReport, missing: Amount) -> Option<Loss> {
    (missing.files > 0).then(|| Loss {
        kind: LossKind::Foreign,
        name: "No part of a backup".to_owned(),
        files: missing.files,
        bytes: missing.bytes,
        of_files: backup.foreign.count,
        of_bytes: backup.foreign.bytes,
        matters: true,
    })
}

/// The payloads that no row names and that the newer one does not have.
pub(super) fn strays(strays: &Strays, missing: Amount) -> Option<Loss> {
    (missing.files > 0).then(|| Loss {
        kind: LossKind::Strays,
        name: NOT_LISTED.to_owned(),
        files: missing.files,
        bytes: missing.bytes,
        of_files: strays.files,
        of_bytes: strays.bytes,
        matters: strays.matter_without(missing),
    })
}
