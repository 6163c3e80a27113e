//! Makes what a document tells of one backup.

use jiff::tz::TimeZone;

use crate::model::{self, BackupIndex, BackupReport, Report};
use crate::plan::reasons;

use super::document::{
    Backup, Contents, DatabaseLoss, Decision, Described, Example, Finding, Frees, Group,
    HeldElsewhere, LastBackup, Loss, Manifest, NotChecked, OnlyHere, Place, Reason, Share, Size,
    Text,
};

impl<'a> Backup<'a> {
    /// What is told of the backup at a place of the report.
    pub(super) fn new(index: BackupIndex, report: &'a Report) -> Backup<'a> {
        let backup: &BackupReport = &report.backups[index];
        let decision = &report.plan.decisions[index];
        let device = &backup.device;
        let usage = backup.measured();
        Backup {
            place: Place::new(&backup.path),
            udid: backup.udid.as_ref().map(|udid| udid.as_str().into()),
            archived: backup.archived,
            encrypted: backup.encrypted,
            manifest_format: backup.manifest_format.map(|format| format.as_str().into()),
            snapshot_state: backup.snapshot_state.as_deref().map(Text::from),
            backup_state: backup.backup_state.as_deref().map(Text::from),
            device: Described {
                name: device.name.as_deref().map(Text::from),
                product_type: device.product_type.as_deref().map(Text::from),
                product_name: device.product_name.as_deref().map(Text::from),
                ios_version: device.ios_version.as_deref().map(Text::from),
                build_version: device.build_version.as_deref().map(Text::from),
                serial_number: device.serial_number.as_deref().map(Text::from),
            },
            last_backup: backup
                .last_backup
                .map(|model::LastBackup { at, source }| LastBackup {
                    at,
                    source: source.as_str().into(),
                }),
            size: Size {
                files: usage.map(|usage| usage.files),
                logical_bytes: usage.map(|usage| usage.logical),
                allocated_bytes: usage.map(|usage| usage.allocated),
            },
            manifest: backup.manifest.map(|counts| Manifest {
                records: counts.records,
                files: counts.files,
                directories: counts.directories,
                symlinks: counts.symlinks,
                recorded_bytes: counts.recorded_bytes,
            }),
            verdict: backup.verdict.as_str().into(),
            checked: backup.checked.iter().map(|id| Text::from(*id)).collect(),
            not_checked: backup
                .not_checked
                .iter()
                .map(|check| NotChecked {
                    id: check.id.into(),
                    why: (&check.why).into(),
                })
                .collect(),
            findings: backup.findings.iter().map(Finding::new).collect(),
            contents: backup.contents.as_ref().map(Contents::new),
            storage: backup.storage.iter().map(Group::from).collect(),
            flags: decision
                .flags
                .iter()
                .map(|flag| flag.as_str().into())
                .collect(),
            frees: decision.frees.into(),
            decision: Decision::new(index, report),
            only_here: (decision.only_here.as_ref()).map(|only| OnlyHere::new(only, report)),
        }
    }
}

impl<'a> Finding<'a> {
    /// A finding in a form to write.
    pub(super) fn new(finding: &'a model::Finding) -> Finding<'a> {
        Finding {
            id: finding.id.into(),
            severity: finding.severity.as_str().into(),
            count: finding.count,
            bytes: finding.bytes,
            message: (&finding.message).into(),
            examples: finding.examples.iter().map(Example::new).collect(),
            hint: finding.hint.as_deref().map(Text::from),
        }
    }
}

impl<'a> Example<'a> {
    fn new(example: &'a model::Example) -> Example<'a> {
        Example {
            domain: example.domain.as_deref().map(Text::from),
            path: example.path.as_deref().map(Text::from),
            file_id: example.file_id.as_deref().map(Text::from),
            bytes: example.bytes,
        }
    }
}

impl Contents {
    fn new(contents: &model::Contents) -> Contents {
        let share = |share: model::Amount| Share {
            files: share.files,
            bytes: share.bytes,
        };
        Contents {
            all: share(contents.all),
            read: share(contents.read),
            compared_with_digest: share(contents.by_digest),
            compared_with_ledger: share(contents.by_ledger),
            cloud_only: share(contents.cloud),
            changed_meanwhile: share(contents.moving),
            left_out: share(contents.left_out),
        }
    }
}

impl<'a> Decision<'a> {
    fn new(index: BackupIndex, report: &'a Report) -> Decision<'a> {
        let decision = &report.plan.decisions[index];
        let reasons = decision.reasons.iter();
        Decision {
            action: decision.action.as_str().into(),
            reasons: (reasons.map(|reason| Reason::new(reason, index, report))).collect(),
        }
    }
}

impl<'a> Reason<'a> {
    /// `of` is the backup that it is about; a removal that is finished has no reasons.
    pub(super) fn new(reason: &model::Reason, of: BackupIndex, report: &'a Report) -> Reason<'a> {
        let path = |index: BackupIndex| report.backups[index].path.to_string_lossy();
        Reason {
            code: reason.why.as_str().into(),
            text: reasons::text(reason, of, report, &TimeZone::UTC).into(),
            by: reason.by.map(path),
        }
    }
}

impl From<model::Frees> for Frees {
    fn from(model::Frees { bytes, exact }: model::Frees) -> Frees {
        Frees { bytes, exact }
    }
}

impl<'a> OnlyHere<'a> {
    /// What would go for good with a backup, in a form to write.
    pub fn new(only: &'a model::OnlyHere, report: &'a Report) -> OnlyHere<'a> {
        let path = |index: BackupIndex| report.backups[index].path.to_string_lossy();
        let groups = only.groups.iter().map(|loss| Loss {
            group: (&loss.name).into(),
            files: loss.files,
            bytes: loss.bytes,
            of_files: loss.of_files,
            of_bytes: loss.of_bytes,
        });
        let databases = only.databases.iter().map(|loss| DatabaseLoss {
            name: loss.name.into(),
            bytes: loss.bytes,
            other_bytes: loss.other_bytes,
        });
        OnlyHere {
            than: only.than.map(path),
            groups: groups.collect(),
            databases: databases.collect(),
            held_elsewhere: only.held_elsewhere.map(|held| HeldElsewhere {
                path: path(held.by),
                files: held.files,
                of_files: held.of_files,
            }),
        }
    }
}

impl<'a> From<&'a model::StorageGroup> for Group<'a> {
    fn from(group: &'a model::StorageGroup) -> Group<'a> {
        Group {
            group: (&group.name).into(),
            files: group.files,
            bytes: group.bytes,
        }
    }
}
