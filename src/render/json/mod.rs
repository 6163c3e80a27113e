//! `--json`: makes the document of contract §7 from a report.

pub mod diff;

use std::io::{self, Write};
use std::path::Path;

use jiff::tz::TimeZone;

use crate::clean;
use crate::clean::{CleanPlan, Item};
use crate::model;
use crate::model::{BackupReport, Report, Verdict, total_usage};
use crate::plan::reasons;
use crate::report::document::{
    Advice, Backup, Beside, Contents, DatabaseLoss, Decision, Described, Device, Document, Domain,
    Done, Example, Finding, Frees, Group, HeldElsewhere, Largest, LastBackup, Loss, Manifest,
    NotChecked, OnlyHere, Place, Planned, Problem, Reason, Removal, Root, SCHEMA_VERSION, Share,
    Size, Summary, Text, Verdicts, Volume,
};
use crate::{plan, system};

/// Writes the report as one JSON document.
///
/// # Errors
/// When writing fails.
pub fn write(report: &Report, exit_code: u8, out: &mut dyn Write) -> io::Result<()> {
    write_document(&Document::of(report, exit_code), out)
}

/// Writes the document with what would go, and after acting with what was done.
///
/// # Errors
/// When writing fails.
pub fn write_clean(
    report: &Report,
    plan: &CleanPlan,
    done: Option<&[clean::Done]>,
    exit_code: u8,
    out: &mut dyn Write,
) -> io::Result<()> {
    let items = plan.items.iter();
    let document = Document {
        plan: Some(items.map(|item| Planned::new(item, report)).collect()),
        done: done.map(|done| {
            let refused = plan.refused.iter();
            let refused = refused.map(|at| Done::named_in_vain(*at, plan, report));
            let done = done.iter().map(|done| Done::new(done, plan));
            done.chain(refused).collect()
        }),
        ..Document::of(report, exit_code)
    };
    write_document(&document, out)
}

/// Writes the document with one backup alone, and with its domains and largest files.
///
/// # Errors
/// When writing fails.
pub fn write_one(report: &Report, at: usize, exit_code: u8, out: &mut dyn Write) -> io::Result<()> {
    let backup = &report.backups[at];
    let document = Document {
        domains: Some(backup.domains.iter().map(Domain::new).collect()),
        largest: Some(backup.largest.iter().map(Largest::new).collect()),
        ..Document::about(report, &[at], exit_code)
    };
    write_document(&document, out)
}

fn write_document(document: &Document<'_>, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, document)?;
    writeln!(out)
}

impl<'a> Planned<'a> {
    fn new(item: &'a Item, report: &'a Report) -> Planned<'a> {
        let of = match item.what {
            clean::What::Backup(at) => Some(at),
            clean::What::Leftover { .. } => None,
        };
        let reasons = item.reasons.iter();
        let reasons = reasons.filter_map(|reason| Some(Reason::new(reason, of?, report)));
        Planned {
            place: Place::new(&item.path),
            action: item.what.action().into(),
            frees: item.frees.into(),
            reasons: reasons.collect(),
        }
    }
}

impl<'a> Done<'a> {
    fn new(done: &'a clean::Done, plan: &'a CleanPlan) -> Done<'a> {
        Done {
            place: Place::new(&plan.items[done.item].path),
            outcome: done.outcome.as_str().into(),
            why: done.outcome.why().map(Text::from),
            freed_bytes: done.freed,
        }
    }

    /// A backup that was named and stays.
    fn named_in_vain(at: usize, plan: &'a CleanPlan, report: &'a Report) -> Done<'a> {
        let reasons = plan.decision(report, at).reasons.iter();
        let why: Vec<String> = reasons
            .map(|reason| reasons::text(reason, at, report, &TimeZone::UTC))
            .collect();
        Done {
            place: Place::new(&report.backups[at].path),
            outcome: "refused".into(),
            why: Some(why.join("; ").into()),
            freed_bytes: 0,
        }
    }
}

impl<'a> Domain<'a> {
    fn new(group: &'a model::StorageGroup) -> Domain<'a> {
        Domain {
            domain: (&group.name).into(),
            files: group.files,
            bytes: group.bytes,
        }
    }
}

impl<'a> Largest<'a> {
    fn new(example: &'a model::Example) -> Largest<'a> {
        Largest {
            domain: example.domain.as_deref().map(Text::from),
            path: example.path.as_deref().map(Text::from),
            bytes: example.bytes,
        }
    }
}

impl<'a> Place<'a> {
    pub(super) fn new(path: &'a Path) -> Place<'a> {
        let path_hex = path.to_str().is_none().then(|| {
            let bytes = system::path_bytes(path.as_os_str());
            bytes.iter().map(|byte| format!("{byte:02x}")).collect()
        });
        Place {
            path: path.to_string_lossy(),
            path_hex,
        }
    }
}

impl Contents {
    fn new(contents: &model::Contents) -> Contents {
        let share = |share: model::Share| Share {
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

impl<'a> Advice<'a> {
    fn new(advice: &'a model::Advice, report: &'a Report) -> Advice<'a> {
        let path = |at: &usize| report.backups[*at].path.to_string_lossy();
        Advice {
            step: advice.step,
            id: advice.id.into(),
            title: (&advice.title).into(),
            text: [&advice.seen[..], &advice.text].concat().join("\n").into(),
            bytes: advice.bytes,
            command: advice.command.as_deref().map(Text::from),
            backups: advice.backups.iter().map(path).collect(),
        }
    }
}

impl<'a> Document<'a> {
    /// The document about all backups.
    pub fn of(report: &'a Report, exit_code: u8) -> Document<'a> {
        let all: Vec<usize> = (0..report.backups.len()).collect();
        Document::about(report, &all, exit_code)
    }

    /// The document about the backups in `wanted`.
    fn about(report: &'a Report, wanted: &[usize], exit_code: u8) -> Document<'a> {
        Document {
            schema_version: SCHEMA_VERSION,
            bkscan_version: env!("CARGO_PKG_VERSION").into(),
            started_at: report.started_at,
            finished_at: report.finished_at,
            level: report.level.as_str().into(),
            cancelled: report.cancelled,
            exit_code,
            roots: report
                .roots
                .iter()
                .map(|root| Root {
                    place: Place::new(&root.path),
                    volume: root.volume.map(|volume| Volume {
                        total_bytes: volume.total,
                        available_bytes: volume.available,
                        shares_blocks: volume.shares_blocks,
                    }),
                })
                .collect(),
            summary: Summary::new(report, wanted),
            devices: report
                .devices
                .iter()
                // One whose backups are all gone has none.
                .filter(|device| {
                    let mut members = device.backups.iter();
                    device.backups.is_empty() || members.any(|at| wanted.contains(at))
                })
                .map(|device| Device::new(device, wanted, report))
                .collect(),
            backups: wanted.iter().map(|at| Backup::new(*at, report)).collect(),
            beside: report.beside.iter().map(Beside::new).collect(),
            advice: report
                .advice
                .iter()
                .filter(|advice| advice.backups.iter().all(|at| wanted.contains(at)))
                .map(|advice| Advice::new(advice, report))
                .collect(),
            problems: report.problems.iter().map(Problem::new).collect(),
            plan: None,
            done: None,
            domains: None,
            largest: None,
        }
    }
}

impl<'a> Summary<'a> {
    fn new(report: &'a Report, wanted: &[usize]) -> Summary<'a> {
        let usage = total_usage(wanted.iter().map(|at| &report.backups[*at]));
        let count = |verdict: Verdict| {
            wanted
                .iter()
                .filter(|at| report.backups[**at].verdict == verdict)
                .count() as u64
        };
        let has = |device: &&model::Device| device.backups.iter().any(|at| wanted.contains(at));
        Summary {
            backups: wanted.len() as u64,
            devices: report.devices.iter().filter(has).count() as u64,
            verdicts: Verdicts {
                complete: count(Verdict::Complete),
                corrupt: count(Verdict::Corrupt),
                in_progress: count(Verdict::InProgress),
                incomplete: count(Verdict::Incomplete),
                interrupted: count(Verdict::Interrupted),
                unreadable: count(Verdict::Unreadable),
                unverified: count(Verdict::Unverified),
            },
            files: usage.files,
            logical_bytes: usage.logical,
            allocated_bytes: usage.allocated,
            removable: Removal::new(&report.plan.removable, wanted, report),
            on_request: Removal::new(&report.plan.on_request, wanted, report),
        }
    }
}

impl<'a> Device<'a> {
    fn new(device: &'a model::Device, wanted: &[usize], report: &'a Report) -> Device<'a> {
        let path = |at: &usize| report.backups[*at].path.to_string_lossy();
        Device {
            udid: device.udid.as_ref().map(|udid| udid.as_str().into()),
            name: device.name.as_deref().map(Text::from),
            newest_good: device.newest_good.as_ref().map(path),
            backups: device
                .backups
                .iter()
                .filter(|at| wanted.contains(at))
                .map(path)
                .collect(),
            findings: device.findings.iter().map(Finding::new).collect(),
        }
    }
}

impl<'a> Removal<'a> {
    /// Those of the removal that are wanted. What part of it frees is another sum than the whole.
    fn new(removal: &model::Removal, wanted: &[usize], report: &'a Report) -> Removal<'a> {
        let members: Vec<usize> = removal
            .backups
            .iter()
            .copied()
            .filter(|at| wanted.contains(at))
            .collect();
        let path = |at: &usize| report.backups[*at].path.to_string_lossy();
        Removal {
            backups: members.iter().map(path).collect(),
            frees: plan::frees(&report.backups, &members).into(),
        }
    }
}

impl From<model::Frees> for Frees {
    fn from(model::Frees { bytes, exact }: model::Frees) -> Frees {
        Frees { bytes, exact }
    }
}

impl<'a> Reason<'a> {
    /// `of` is the backup that it is about; a removal that is finished has no reasons.
    fn new(reason: &model::Reason, of: usize, report: &'a Report) -> Reason<'a> {
        let path = |at: usize| report.backups[at].path.to_string_lossy();
        Reason {
            code: reason.why.as_str().into(),
            text: reasons::text(reason, of, report, &TimeZone::UTC).into(),
            by: reason.by.map(path),
        }
    }
}

impl<'a> Decision<'a> {
    fn new(at: usize, report: &'a Report) -> Decision<'a> {
        let decision = &report.plan.decisions[at];
        let reasons = decision.reasons.iter();
        Decision {
            action: decision.action.as_str().into(),
            reasons: (reasons.map(|reason| Reason::new(reason, at, report))).collect(),
        }
    }
}

impl<'a> OnlyHere<'a> {
    /// What would go for good with a backup, in a form to write.
    pub fn new(only: &'a model::OnlyHere, report: &'a Report) -> OnlyHere<'a> {
        let path = |at: usize| report.backups[at].path.to_string_lossy();
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

impl<'a> Backup<'a> {
    fn new(at: usize, report: &'a Report) -> Backup<'a> {
        let backup: &BackupReport = &report.backups[at];
        let decision = &report.plan.decisions[at];
        let device = &backup.device;
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
                files: backup.usage.files,
                logical_bytes: backup.usage.logical,
                allocated_bytes: backup.usage.allocated,
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
            storage: backup
                .storage
                .iter()
                .map(|model::StorageGroup { name, files, bytes }| Group {
                    group: name.into(),
                    files: *files,
                    bytes: *bytes,
                })
                .collect(),
            flags: decision
                .flags
                .iter()
                .map(|flag| flag.as_str().into())
                .collect(),
            frees: decision.frees.into(),
            decision: Decision::new(at, report),
            only_here: (decision.only_here.as_ref()).map(|only| OnlyHere::new(only, report)),
        }
    }
}

impl<'a> Finding<'a> {
    fn new(finding: &'a model::Finding) -> Finding<'a> {
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

impl<'a> Beside<'a> {
    fn new(beside: &'a model::Beside) -> Beside<'a> {
        Beside {
            place: Place::new(&beside.path),
            kind: beside.kind.as_str().into(),
            bytes: beside.bytes,
        }
    }
}

impl<'a> Problem<'a> {
    fn new(problem: &'a model::Problem) -> Problem<'a> {
        Problem {
            place: Place::new(&problem.path),
            message: (&problem.message).into(),
        }
    }
}
