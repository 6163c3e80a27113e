//! Makes the document of a scan from its report.

use crate::model::{self, BackupIndex, Report, Verdict, total_usage};
use crate::plan;

use super::document::{
    Advice, Backup, Beside, Device, Document, Domain, Finding, Largest, Place, Problem, Removal,
    Root, SCHEMA_VERSION, Summary, Text, Verdicts, Volume,
};

impl<'a> Document<'a> {
    /// The document about all backups.
    pub fn of(report: &'a Report, exit_code: u8) -> Document<'a> {
        let all: Vec<BackupIndex> = BackupIndex::all(report.backups.len()).collect();
        Document::about(report, &all, exit_code)
    }

    /// The document about one backup alone, with its domains and largest files.
    pub fn of_one(report: &'a Report, index: BackupIndex, exit_code: u8) -> Document<'a> {
        let backup = &report.backups[index];
        Document {
            domains: Some(backup.domains.iter().map(Domain::new).collect()),
            largest: Some(backup.largest.iter().map(Largest::new).collect()),
            ..Document::about(report, &[index], exit_code)
        }
    }

    /// The document about the backups in `wanted`.
    fn about(report: &'a Report, wanted: &[BackupIndex], exit_code: u8) -> Document<'a> {
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
                    device.backups.is_empty() || members.any(|index| wanted.contains(index))
                })
                .map(|device| Device::new(device, wanted, report))
                .collect(),
            backups: wanted
                .iter()
                .map(|index| Backup::new(*index, report))
                .collect(),
            beside: report.beside.iter().map(Beside::new).collect(),
            advice: report
                .advice
                .iter()
                .filter(|advice| advice.backups.iter().all(|index| wanted.contains(index)))
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
    fn new(report: &'a Report, wanted: &[BackupIndex]) -> Summary<'a> {
        let usage = total_usage(wanted.iter().map(|index| &report.backups[*index]));
        let count = |verdict: Verdict| {
            wanted
                .iter()
                .filter(|index| report.backups[**index].verdict == verdict)
                .count() as u64
        };
        let has =
            |device: &&model::Device| device.backups.iter().any(|index| wanted.contains(index));
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
    fn new(device: &'a model::Device, wanted: &[BackupIndex], report: &'a Report) -> Device<'a> {
        let path = |index: &BackupIndex| report.backups[*index].path.to_string_lossy();
        Device {
            udid: device.udid.as_ref().map(|udid| udid.as_str().into()),
            name: device.name.as_deref().map(Text::from),
            newest_good: device.newest_good.as_ref().map(path),
            last_good_at: (device.newest_good)
                .and_then(|index| report.backups[index].last_backup)
                .map(|last| last.at),
            backups: device
                .backups
                .iter()
                .filter(|index| wanted.contains(index))
                .map(path)
                .collect(),
            findings: device.findings.iter().map(Finding::new).collect(),
        }
    }
}

impl<'a> Removal<'a> {
    /// Those of the removal that are wanted. What part of it frees is another sum than the whole.
    fn new(removal: &model::Removal, wanted: &[BackupIndex], report: &'a Report) -> Removal<'a> {
        let members: Vec<BackupIndex> = removal
            .backups
            .iter()
            .copied()
            .filter(|index| wanted.contains(index))
            .collect();
        let path = |index: &BackupIndex| report.backups[*index].path.to_string_lossy();
        Removal {
            backups: members.iter().map(path).collect(),
            frees: plan::frees(&report.backups, &members).into(),
        }
    }
}

impl<'a> Advice<'a> {
    fn new(advice: &'a model::Advice, report: &'a Report) -> Advice<'a> {
        let path = |index: &BackupIndex| report.backups[*index].path.to_string_lossy();
        Advice {
            step: advice.step,
            id: advice.id.into(),
            title: (&advice.title).into(),
            text: told(advice).into(),
            bytes: advice.bytes,
            command: advice.command.as_deref().map(Text::from),
            backups: advice.backups.iter().map(path).collect(),
        }
    }
}

/// What was seen, and what to do: one sentence or action a line.
fn told(advice: &model::Advice) -> String {
    let seen = advice.seen.iter();
    let seen = seen.map(|seen| format!("{}: {}.", seen.device, seen.what));
    let lines: Vec<String> = seen.chain(advice.text.iter().cloned()).collect();
    lines.join("\n")
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
            blocking: problem.blocking,
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
