//! `--json`: the wire types of contract §7. The model may change; these names may not.

use std::borrow::Cow;
use std::io::{self, Write};
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::reasons;
use crate::clean::{CleanPlan, Done, Item};
use crate::model::{
    Advice, BackupReport, Beside, Contents, Decision, Device, Example, Finding, Frees, LastBackup,
    Problem, Reason, Removal, Report, Share, StorageGroup, Verdict, total_usage,
};
use crate::{plan, platform};

/// Writes the report as one JSON document.
///
/// # Errors
/// When writing fails.
pub fn write(report: &Report, exit_code: u8, out: &mut dyn Write) -> io::Result<()> {
    let all: Vec<usize> = (0..report.backups.len()).collect();
    serde_json::to_writer_pretty(&mut *out, &Document::new(report, &all, exit_code))?;
    writeln!(out)
}

/// Writes the document with what would go, and after acting with what was done.
///
/// # Errors
/// When writing fails.
pub fn write_clean(
    report: &Report,
    plan: &CleanPlan,
    done: Option<&[Done]>,
    exit_code: u8,
    out: &mut dyn Write,
) -> io::Result<()> {
    let all: Vec<usize> = (0..report.backups.len()).collect();
    let items = plan.items.iter();
    let document = Cleaned {
        document: Document::new(report, &all, exit_code),
        plan: items.map(|item| WireItem::new(item, report)).collect(),
        done: done.map(|done| {
            let refused = plan.refused.iter();
            let refused = refused.map(|at| WireDone::named_in_vain(*at, report));
            let done = done.iter().map(|done| WireDone::new(done, plan));
            done.chain(refused).collect()
        }),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

#[derive(Serialize)]
struct Cleaned<'a> {
    #[serde(flatten)]
    document: Document<'a>,
    plan: Vec<WireItem<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    done: Option<Vec<WireDone<'a>>>,
}

#[derive(Serialize)]
struct WireItem<'a> {
    #[serde(flatten)]
    path: WirePath<'a>,
    action: &'static str,
    frees: WireFrees,
    reasons: Vec<WireReason<'a>>,
}

impl<'a> WireItem<'a> {
    fn new(item: &'a Item, report: &'a Report) -> WireItem<'a> {
        let reasons = item.reasons.iter();
        WireItem {
            path: WirePath::new(&item.path),
            action: item.what.action(),
            frees: item.frees.into(),
            reasons: reasons
                .map(|reason| WireReason::new(reason, report))
                .collect(),
        }
    }
}

#[derive(Serialize)]
struct WireDone<'a> {
    #[serde(flatten)]
    path: WirePath<'a>,
    outcome: &'static str,
    why: Option<Cow<'a, str>>,
    freed_bytes: u64,
}

impl<'a> WireDone<'a> {
    fn new(done: &'a Done, plan: &'a CleanPlan) -> WireDone<'a> {
        WireDone {
            path: WirePath::new(&plan.items[done.item].path),
            outcome: done.outcome.as_str(),
            why: done.outcome.why().map(Cow::from),
            freed_bytes: done.freed,
        }
    }

    /// A backup that was named and stays.
    fn named_in_vain(at: usize, report: &'a Report) -> WireDone<'a> {
        let reasons = report.plan.decisions[at].reasons.iter();
        let why: Vec<String> = reasons
            .map(|reason| reasons::text(reason, report, &TimeZone::UTC))
            .collect();
        WireDone {
            path: WirePath::new(&report.backups[at].path),
            outcome: "refused",
            why: Some(why.join("; ").into()),
            freed_bytes: 0,
        }
    }
}

/// Writes the document with one backup alone, and with its domains and largest files.
///
/// # Errors
/// When writing fails.
pub fn write_one(report: &Report, at: usize, exit_code: u8, out: &mut dyn Write) -> io::Result<()> {
    let backup = &report.backups[at];
    let document = InFull {
        document: Document::new(report, &[at], exit_code),
        domains: backup.domains.iter().map(WireDomain::new).collect(),
        largest: backup.largest.iter().map(WireLargest::new).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

#[derive(Serialize)]
struct InFull<'a> {
    #[serde(flatten)]
    document: Document<'a>,
    domains: Vec<WireDomain<'a>>,
    largest: Vec<WireLargest<'a>>,
}

#[derive(Serialize)]
struct WireDomain<'a> {
    domain: &'a str,
    files: u64,
    bytes: u64,
}

impl<'a> WireDomain<'a> {
    fn new(group: &'a StorageGroup) -> WireDomain<'a> {
        WireDomain {
            domain: &group.name,
            files: group.files,
            bytes: group.bytes,
        }
    }
}

#[derive(Serialize)]
struct WireLargest<'a> {
    domain: Option<&'a str>,
    path: Option<&'a str>,
    bytes: Option<u64>,
}

impl<'a> WireLargest<'a> {
    fn new(example: &'a Example) -> WireLargest<'a> {
        WireLargest {
            domain: example.domain.as_deref(),
            path: example.path.as_deref(),
            bytes: example.bytes,
        }
    }
}

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    bkscan_version: &'static str,
    started_at: Timestamp,
    finished_at: Timestamp,
    level: &'static str,
    cancelled: bool,
    exit_code: u8,
    roots: Vec<WireRoot<'a>>,
    summary: Summary<'a>,
    devices: Vec<WireDevice<'a>>,
    backups: Vec<WireBackup<'a>>,
    beside: Vec<WireBeside<'a>>,
    advice: Vec<WireAdvice<'a>>,
    problems: Vec<WireProblem<'a>>,
}

/// A path; spelled out in hex beside it where it is not UTF-8.
#[derive(Serialize)]
pub(super) struct WirePath<'a> {
    path: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_hex: Option<String>,
}

impl<'a> WirePath<'a> {
    pub(super) fn new(path: &'a Path) -> WirePath<'a> {
        let path_hex = path.to_str().is_none().then(|| {
            let bytes = platform::path_bytes(path.as_os_str());
            bytes.iter().map(|byte| format!("{byte:02x}")).collect()
        });
        WirePath {
            path: path.to_string_lossy(),
            path_hex,
        }
    }
}

#[derive(Serialize)]
struct WireRoot<'a> {
    #[serde(flatten)]
    path: WirePath<'a>,
    volume: Option<WireVolume>,
}

#[derive(Serialize)]
struct WireVolume {
    total_bytes: u64,
    available_bytes: u64,
    shares_blocks: bool,
}

#[derive(Serialize)]
struct Summary<'a> {
    backups: usize,
    devices: usize,
    verdicts: serde_json::Map<String, serde_json::Value>,
    files: u64,
    logical_bytes: u64,
    allocated_bytes: u64,
    removable: WireRemoval<'a>,
    on_request: WireRemoval<'a>,
}

#[derive(Serialize)]
struct WireRemoval<'a> {
    backups: Vec<Cow<'a, str>>,
    #[serde(flatten)]
    frees: WireFrees,
}

#[derive(Serialize)]
struct WireFrees {
    bytes: u64,
    exact: bool,
}

#[derive(Serialize)]
struct WireGroup<'a> {
    group: &'a str,
    files: u64,
    bytes: u64,
}

#[derive(Serialize)]
struct WireDecision<'a> {
    action: &'static str,
    reasons: Vec<WireReason<'a>>,
}

#[derive(Serialize)]
struct WireReason<'a> {
    code: &'static str,
    text: String,
    by: Option<Cow<'a, str>>,
}

#[derive(Serialize)]
struct WireDevice<'a> {
    udid: Option<&'a str>,
    name: Option<&'a str>,
    newest_good: Option<Cow<'a, str>>,
    backups: Vec<Cow<'a, str>>,
    findings: Vec<WireFinding<'a>>,
}

#[derive(Serialize)]
struct WireBackup<'a> {
    #[serde(flatten)]
    path: WirePath<'a>,
    udid: Option<&'a str>,
    archived: bool,
    encrypted: Option<bool>,
    manifest_format: Option<&'static str>,
    snapshot_state: Option<&'a str>,
    backup_state: Option<&'a str>,
    device: WireDescribed<'a>,
    last_backup: Option<WireLastBackup>,
    size: WireSize,
    manifest: Option<WireManifest>,
    verdict: &'static str,
    checked: &'a [&'static str],
    not_checked: Vec<WireNotChecked<'a>>,
    findings: Vec<WireFinding<'a>>,
    /// Only at level `contents`.
    #[serde(skip_serializing_if = "Option::is_none")]
    contents: Option<WireContents>,
    storage: Vec<WireGroup<'a>>,
    flags: Vec<&'static str>,
    frees: WireFrees,
    decision: WireDecision<'a>,
}

/// What was read to its end (`--level contents`), and with what it was compared.
#[derive(Serialize)]
struct WireContents {
    all: WireShare,
    read: WireShare,
    compared_with_digest: WireShare,
    compared_with_ledger: WireShare,
    cloud_only: WireShare,
    changed_meanwhile: WireShare,
    left_out: WireShare,
}

#[derive(Serialize)]
struct WireShare {
    files: u64,
    bytes: u64,
}

impl WireContents {
    fn new(contents: &Contents) -> WireContents {
        let share = |Share { files, bytes }: Share| WireShare { files, bytes };
        WireContents {
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

#[derive(Serialize)]
struct WireDescribed<'a> {
    name: Option<&'a str>,
    product_type: Option<&'a str>,
    product_name: Option<&'a str>,
    ios_version: Option<&'a str>,
    build_version: Option<&'a str>,
    serial_number: Option<&'a str>,
}

#[derive(Serialize)]
struct WireLastBackup {
    at: Timestamp,
    source: &'static str,
}

#[derive(Serialize)]
struct WireSize {
    files: u64,
    logical_bytes: u64,
    allocated_bytes: u64,
}

#[derive(Serialize)]
struct WireManifest {
    records: u64,
    files: u64,
    directories: u64,
    symlinks: u64,
    recorded_bytes: u64,
}

#[derive(Serialize)]
struct WireNotChecked<'a> {
    id: &'static str,
    why: &'a str,
}

#[derive(Serialize)]
struct WireFinding<'a> {
    id: &'static str,
    severity: &'static str,
    count: u64,
    bytes: u64,
    message: &'a str,
    examples: Vec<WireExample<'a>>,
    hint: Option<&'a str>,
}

#[derive(Serialize)]
struct WireExample<'a> {
    domain: Option<&'a str>,
    path: Option<&'a str>,
    file_id: Option<&'a str>,
    bytes: Option<u64>,
}

#[derive(Serialize)]
struct WireAdvice<'a> {
    step: u8,
    id: &'static str,
    title: &'a str,
    text: String,
    bytes: Option<u64>,
    command: Option<&'a str>,
    backups: Vec<Cow<'a, str>>,
}

impl<'a> WireAdvice<'a> {
    fn new(advice: &'a Advice, report: &'a Report) -> WireAdvice<'a> {
        let path = |at: &usize| report.backups[*at].path.to_string_lossy();
        WireAdvice {
            step: advice.step,
            id: advice.id,
            title: &advice.title,
            text: [&advice.seen[..], &advice.text].concat().join("\n"),
            bytes: advice.bytes,
            command: advice.command.as_deref(),
            backups: advice.backups.iter().map(path).collect(),
        }
    }
}

#[derive(Serialize)]
struct WireBeside<'a> {
    #[serde(flatten)]
    path: WirePath<'a>,
    kind: &'static str,
    bytes: u64,
}

#[derive(Serialize)]
struct WireProblem<'a> {
    #[serde(flatten)]
    path: WirePath<'a>,
    message: &'a str,
}

impl<'a> Document<'a> {
    /// The document about the backups in `wanted`.
    fn new(report: &'a Report, wanted: &[usize], exit_code: u8) -> Document<'a> {
        Document {
            schema_version: 1,
            bkscan_version: env!("CARGO_PKG_VERSION"),
            started_at: report.started_at,
            finished_at: report.finished_at,
            level: report.level.as_str(),
            cancelled: report.cancelled,
            exit_code,
            roots: report
                .roots
                .iter()
                .map(|root| WireRoot {
                    path: WirePath::new(&root.path),
                    volume: root.volume.map(|volume| WireVolume {
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
                .filter(|device| device.backups.iter().any(|at| wanted.contains(at)))
                .map(|device| WireDevice::new(device, wanted, report))
                .collect(),
            backups: wanted
                .iter()
                .map(|at| WireBackup::new(*at, report))
                .collect(),
            beside: report.beside.iter().map(WireBeside::new).collect(),
            advice: report
                .advice
                .iter()
                .filter(|advice| advice.backups.iter().all(|at| wanted.contains(at)))
                .map(|advice| WireAdvice::new(advice, report))
                .collect(),
            problems: report.problems.iter().map(WireProblem::new).collect(),
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
                .count()
        };
        let has = |device: &&Device| device.backups.iter().any(|at| wanted.contains(at));
        Summary {
            backups: wanted.len(),
            devices: report.devices.iter().filter(has).count(),
            verdicts: Verdict::ALL
                .iter()
                .rev()
                .map(|verdict| (verdict.as_str().to_owned(), count(*verdict).into()))
                .collect(),
            files: usage.files,
            logical_bytes: usage.logical,
            allocated_bytes: usage.allocated,
            removable: WireRemoval::new(&report.plan.removable, wanted, report),
            on_request: WireRemoval::new(&report.plan.on_request, wanted, report),
        }
    }
}

impl<'a> WireDevice<'a> {
    fn new(device: &'a Device, wanted: &[usize], report: &'a Report) -> WireDevice<'a> {
        let path = |at: &usize| report.backups[*at].path.to_string_lossy();
        WireDevice {
            udid: device.udid.as_ref().map(|udid| udid.as_str()),
            name: device.name.as_deref(),
            newest_good: device.newest_good.as_ref().map(path),
            backups: device
                .backups
                .iter()
                .filter(|at| wanted.contains(at))
                .map(path)
                .collect(),
            findings: device.findings.iter().map(WireFinding::new).collect(),
        }
    }
}

impl<'a> WireRemoval<'a> {
    /// Those of the removal that are wanted. What part of it frees is another sum than the whole.
    fn new(removal: &Removal, wanted: &[usize], report: &'a Report) -> WireRemoval<'a> {
        let members: Vec<usize> = removal
            .backups
            .iter()
            .copied()
            .filter(|at| wanted.contains(at))
            .collect();
        let path = |at: &usize| report.backups[*at].path.to_string_lossy();
        WireRemoval {
            backups: members.iter().map(path).collect(),
            frees: plan::frees(&report.backups, &members).into(),
        }
    }
}

impl From<Frees> for WireFrees {
    fn from(Frees { bytes, exact }: Frees) -> WireFrees {
        WireFrees { bytes, exact }
    }
}

impl<'a> WireReason<'a> {
    fn new(reason: &Reason, report: &'a Report) -> WireReason<'a> {
        let path = |at: usize| report.backups[at].path.to_string_lossy();
        WireReason {
            code: reason.why.as_str(),
            text: reasons::text(reason, report, &TimeZone::UTC),
            by: reason.by.map(path),
        }
    }
}

impl<'a> WireDecision<'a> {
    fn new(decision: &'a Decision, report: &'a Report) -> WireDecision<'a> {
        let reasons = decision.reasons.iter();
        WireDecision {
            action: decision.action.as_str(),
            reasons: reasons
                .map(|reason| WireReason::new(reason, report))
                .collect(),
        }
    }
}

impl<'a> WireBackup<'a> {
    fn new(at: usize, report: &'a Report) -> WireBackup<'a> {
        let backup: &BackupReport = &report.backups[at];
        let decision = &report.plan.decisions[at];
        let device = &backup.device;
        WireBackup {
            path: WirePath::new(&backup.path),
            udid: backup.udid.as_ref().map(|udid| udid.as_str()),
            archived: backup.archived,
            encrypted: backup.encrypted,
            manifest_format: backup.manifest_format.map(|format| format.as_str()),
            snapshot_state: backup.snapshot_state.as_deref(),
            backup_state: backup.backup_state.as_deref(),
            device: WireDescribed {
                name: device.name.as_deref(),
                product_type: device.product_type.as_deref(),
                product_name: device.product_name.as_deref(),
                ios_version: device.ios_version.as_deref(),
                build_version: device.build_version.as_deref(),
                serial_number: device.serial_number.as_deref(),
            },
            last_backup: backup
                .last_backup
                .map(|LastBackup { at, source }| WireLastBackup {
                    at,
                    source: source.as_str(),
                }),
            size: WireSize {
                files: backup.usage.files,
                logical_bytes: backup.usage.logical,
                allocated_bytes: backup.usage.allocated,
            },
            manifest: backup.manifest.map(|counts| WireManifest {
                records: counts.records,
                files: counts.files,
                directories: counts.directories,
                symlinks: counts.symlinks,
                recorded_bytes: counts.recorded_bytes,
            }),
            verdict: backup.verdict.as_str(),
            checked: &backup.checked,
            not_checked: backup
                .not_checked
                .iter()
                .map(|check| WireNotChecked {
                    id: check.id,
                    why: &check.why,
                })
                .collect(),
            findings: backup.findings.iter().map(WireFinding::new).collect(),
            contents: backup.contents.as_ref().map(WireContents::new),
            storage: backup
                .storage
                .iter()
                .map(|StorageGroup { name, files, bytes }| WireGroup {
                    group: name,
                    files: *files,
                    bytes: *bytes,
                })
                .collect(),
            flags: decision.flags.iter().map(|flag| flag.as_str()).collect(),
            frees: decision.frees.into(),
            decision: WireDecision::new(decision, report),
        }
    }
}

impl<'a> WireFinding<'a> {
    fn new(finding: &'a Finding) -> WireFinding<'a> {
        WireFinding {
            id: finding.id,
            severity: finding.severity.as_str(),
            count: finding.count,
            bytes: finding.bytes,
            message: &finding.message,
            examples: finding.examples.iter().map(WireExample::new).collect(),
            hint: finding.hint.as_deref(),
        }
    }
}

impl<'a> WireExample<'a> {
    fn new(example: &'a Example) -> WireExample<'a> {
        WireExample {
            domain: example.domain.as_deref(),
            path: example.path.as_deref(),
            file_id: example.file_id.as_deref(),
            bytes: example.bytes,
        }
    }
}

impl<'a> WireBeside<'a> {
    fn new(beside: &'a Beside) -> WireBeside<'a> {
        WireBeside {
            path: WirePath::new(&beside.path),
            kind: beside.kind.as_str(),
            bytes: beside.bytes,
        }
    }
}

impl<'a> WireProblem<'a> {
    fn new(problem: &'a Problem) -> WireProblem<'a> {
        WireProblem {
            path: WirePath::new(&problem.path),
            message: &problem.message,
        }
    }
}
