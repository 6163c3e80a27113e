//! `--json`: the wire types of contract §7. The model may change; these names may not.

use std::collections::HashSet;
use std::io::{self, Write};
use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;

use crate::model::{
    BackupReport, Beside, Example, Finding, LastBackup, Problem, Report, Usage, Verdict,
};
use crate::platform;

/// Writes the report as one JSON document.
///
/// # Errors
/// When writing fails.
pub fn write(report: &Report, exit_code: u8, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &Document::new(report, exit_code))?;
    writeln!(out)
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
    summary: Summary,
    devices: Vec<WireDevice<'a>>,
    backups: Vec<WireBackup<'a>>,
    beside: Vec<WireBeside<'a>>,
    advice: [(); 0],
    problems: Vec<WireProblem<'a>>,
}

/// A path; spelled out in hex beside it where it is not UTF-8.
#[derive(Serialize)]
struct WirePath<'a> {
    path: std::borrow::Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_hex: Option<String>,
}

impl<'a> WirePath<'a> {
    fn new(path: &'a Path) -> WirePath<'a> {
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
    volume: Option<()>,
}

#[derive(Serialize)]
struct Summary {
    backups: usize,
    devices: usize,
    verdicts: serde_json::Map<String, serde_json::Value>,
    files: u64,
    logical_bytes: u64,
    allocated_bytes: u64,
    removable: Removal,
    on_request: Removal,
}

/// Filled once decisions are made; nothing is proposed without them.
#[derive(Default, Serialize)]
struct Removal {
    backups: [(); 0],
    bytes: u64,
    exact: bool,
}

#[derive(Serialize)]
struct WireDevice<'a> {
    udid: Option<&'a str>,
    name: Option<&'a str>,
    newest_good: Option<std::borrow::Cow<'a, str>>,
    backups: Vec<std::borrow::Cow<'a, str>>,
    findings: [(); 0],
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
    storage: [(); 0],
    flags: [(); 0],
    frees: Option<()>,
    decision: Option<()>,
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
    fn new(report: &'a Report, exit_code: u8) -> Document<'a> {
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
                    volume: None,
                })
                .collect(),
            summary: Summary::new(report),
            devices: report
                .devices
                .iter()
                .map(|device| WireDevice::new(device, report))
                .collect(),
            backups: report.backups.iter().map(WireBackup::new).collect(),
            beside: report.beside.iter().map(WireBeside::new).collect(),
            advice: [],
            problems: report.problems.iter().map(WireProblem::new).collect(),
        }
    }
}

/// What all backups take together; a file that several of them share by hard links counts once.
pub fn total_usage(report: &Report) -> Usage {
    let mut total = Usage::default();
    let mut seen = HashSet::new();
    for backup in &report.backups {
        total += backup.usage;
        for link in &backup.links {
            if !seen.insert((link.device, link.inode)) {
                total.allocated = total.allocated.saturating_sub(link.allocated);
            }
        }
    }
    total
}

impl Summary {
    fn new(report: &Report) -> Summary {
        let usage = total_usage(report);
        let count = |verdict: Verdict| {
            report
                .backups
                .iter()
                .filter(|backup| backup.verdict == verdict)
                .count()
        };
        Summary {
            backups: report.backups.len(),
            devices: report.devices.len(),
            verdicts: Verdict::ALL
                .iter()
                .rev()
                .map(|verdict| (verdict.as_str().to_owned(), count(*verdict).into()))
                .collect(),
            files: usage.files,
            logical_bytes: usage.logical,
            allocated_bytes: usage.allocated,
            removable: Removal::default(),
            on_request: Removal::default(),
        }
    }
}

impl<'a> WireDevice<'a> {
    fn new(device: &'a crate::model::Device, report: &'a Report) -> WireDevice<'a> {
        let path = |at: &usize| report.backups[*at].path.to_string_lossy();
        WireDevice {
            udid: device.udid.as_ref().map(|udid| udid.as_str()),
            name: device.name.as_deref(),
            newest_good: None,
            backups: device.backups.iter().map(path).collect(),
            findings: [],
        }
    }
}

impl<'a> WireBackup<'a> {
    fn new(backup: &'a BackupReport) -> WireBackup<'a> {
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
            storage: [],
            flags: [],
            frees: None,
            decision: None,
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
