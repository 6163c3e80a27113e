//! The rows of a plan: what goes, what is asked about, what stays.

use crate::clean::{self, CleanPlan, Item, What};
use crate::model::Why;
use crate::model::{Action, BackupIndex, BackupReport, Report, Verdict};
use crate::render::screen::device::{day, device_title, folder};
use crate::render::screen::order::in_order;
use crate::render::screen::style::Style;
use crate::render::screen::table::size;
use crate::verify::files::FILE_MISSING;
use crate::words::numbers;

use super::why::{for_good, why};

/// A backup in one of the three lists.
pub struct Row {
    /// Which; nothing of a heading.
    pub what: Option<What>,
    /// The sign before it.
    pub mark: &'static str,
    /// The device.
    pub name: String,
    /// The folder, where it is told.
    pub below: Option<String>,
    /// The day of the backup.
    pub day: String,
    /// What it frees, or takes where it stays.
    pub bytes: String,
    /// Why it goes or stays.
    pub why: String,
    /// What goes for good with it, where `why` does not tell.
    pub for_good: Option<String>,
    /// Whether it is among what can go.
    pub can_go: bool,
}

/// The rows of a plan.
pub struct Rows {
    /// What can go.
    pub going: Vec<Row>,
    /// What only its owner can decide about.
    pub asked: Vec<Row>,
    /// What stays.
    pub staying: Vec<Row>,
}

impl Rows {
    /// The three lists of a plan.
    pub fn of(report: &Report, plan: &CleanPlan, style: &Style) -> Rows {
        let items = plan.items.iter();
        let goes = |index: &BackupIndex| {
            let mut items = plan.items.iter();
            items.any(|item| item.what == What::Backup(*index))
        };
        let rest = in_order(report).into_iter().filter(|index| !goes(index));
        let (asked, staying): (Vec<BackupIndex>, Vec<BackupIndex>) = rest.partition(|index| {
            let decision = &report.plan.decisions[*index];
            let is_open = decision.on_request && decision.action == Action::Keep;
            let is_named = plan.refused.contains(index) || plan.leaving_out(*index).is_some();
            is_open && !is_named && !clean::holds_another(report, *index)
        });
        let staying = staying.into_iter();
        Rows {
            going: items.map(|item| row_of(item, report, style)).collect(),
            asked: (asked
                .into_iter()
                .map(|index| asked_about(index, report, style)))
            .collect(),
            staying: (staying.map(|index| staying_row(index, plan, report, style))).collect(),
        }
    }

    /// All rows, list by list.
    pub fn all(&self) -> impl Iterator<Item = &Row> {
        self.going.iter().chain(&self.asked).chain(&self.staying)
    }
}

fn row_of(item: &Item, report: &Report, style: &Style) -> Row {
    let mark = if style.unicode { "−" } else { "-" };
    let bytes = numbers::freed(item.frees);
    match item.what {
        What::Backup(index) => {
            let backup = &report.backups[index];
            Row {
                what: Some(item.what),
                mark,
                name: device_title(backup, style),
                below: Some(folder(backup, &others(index, report), style)),
                day: day(backup, style),
                bytes,
                why: why(&item.reasons, index, report, style),
                for_good: for_good(&item.reasons, index, report, style),
                can_go: true,
            }
        }
        What::Leftover { .. } => Row {
            what: Some(item.what),
            mark,
            name: style.name(&item.path.file_name().unwrap_or_default().to_string_lossy()),
            below: None,
            day: String::new(),
            bytes,
            why: "left by a removal that was stopped".to_owned(),
            for_good: None,
            can_go: true,
        },
    }
}

/// A backup that only its owner can decide about.
fn asked_about(index: BackupIndex, report: &Report, style: &Style) -> Row {
    let backup = &report.backups[index];
    let decision = &report.plan.decisions[index];
    Row {
        what: Some(What::Backup(index)),
        mark: "?",
        name: device_title(backup, style),
        below: folder_if_alike(index, report, style),
        day: day(backup, style),
        bytes: numbers::freed(decision.frees),
        why: why_kept(index, report, style),
        for_good: for_good(&decision.reasons, index, report, style),
        can_go: false,
    }
}

fn others(index: BackupIndex, report: &Report) -> Vec<&BackupReport> {
    let all = BackupIndex::all(report.backups.len());
    all.filter(|other| *other != index)
        .map(|other| &report.backups[other])
        .collect()
}

/// The folder, where another row looks the same.
fn folder_if_alike(index: BackupIndex, report: &Report, style: &Style) -> Option<String> {
    let look = |backup| (device_title(backup, style), day(backup, style));
    let backup = &report.backups[index];
    let mut alike = others(index, report);
    alike.retain(|other| look(other) == look(backup));
    (!alike.is_empty()).then(|| folder(backup, &alike, style))
}

/// Why a backup stays, and its verdict where that is a reason for care.
fn why_kept(index: BackupIndex, report: &Report, style: &Style) -> String {
    let backup = &report.backups[index];
    let why = why(&report.plan.decisions[index].reasons, index, report, style);
    let verdict = backup.verdict.as_str();
    let mut reasons = report.plan.decisions[index].reasons.iter();
    let is_unfinished = reasons.any(|reason| reason.why == Why::Unfinished);
    let is_told = is_unfinished || why.contains(verdict);
    let missing = backup
        .findings
        .iter()
        .find(|finding| finding.id == FILE_MISSING.id);
    match missing {
        Some(missing) if backup.verdict == Verdict::Corrupt && !is_told => {
            let files = numbers::counted(missing.count, "file", "files");
            format!("{why}; {files} missing")
        }
        _ if !backup.verdict.is_good() && !is_told => format!("{why}; {verdict}"),
        _ => why,
    }
}

fn staying_row(index: BackupIndex, plan: &CleanPlan, report: &Report, style: &Style) -> Row {
    let backup = &report.backups[index];
    let decision = &report.plan.decisions[index];
    let mut why = why_kept(index, report, style);
    if let Some(option) = plan.leaving_out(index) {
        why = format!("you named it, but {option} leaves it out");
    } else if clean::holds_another(report, index) {
        why = "another backup lies in it: move that out first".to_owned();
    } else if plan.refused.contains(&index) {
        why = format!("you named it, but it stays: {why}");
    } else if decision.action == Action::Remove {
        why = "could go, but is not among those you chose".to_owned();
    }
    Row {
        what: Some(What::Backup(index)),
        mark: "",
        name: device_title(backup, style),
        below: folder_if_alike(index, report, style),
        day: day(backup, style),
        bytes: size(backup),
        why,
        for_good: None,
        can_go: false,
    }
}
