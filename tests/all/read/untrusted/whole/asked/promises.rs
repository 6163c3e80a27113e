//! What holds of every report, whatever the folder is: by the contract, from the document alone.

use bkscan::model::{Action, BackupIndex, Report, Verdict, Why};
use serde_json::Value;

use super::Answer;
use crate::read::untrusted::verdict_by_the_contract;

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

/// The verdict follows from the findings, and the exit code from both.
pub fn of_document(document: &Value) -> Answer {
    let backups = list(document, "backups");
    for backup in backups {
        of_verdict(document["level"].as_str(), backup)?;
    }
    let code = document["exit_code"].as_u64();
    match exit_codes(document, backups).contains(&code.unwrap_or(255)) {
        true => Ok(()),
        false => Err(format!("the exit code is {code:?}: {document}")),
    }
}

fn of_verdict(level: Option<&str>, backup: &Value) -> Answer {
    let verdict = backup["verdict"].as_str().unwrap_or_default();
    let is_known = Verdict::ALL.iter().any(|known| known.as_str() == verdict);
    let mut findings = list(backup, "findings").iter();
    let has_error = findings.any(|finding| finding["severity"] == "error");
    // Of a backup that could not be looked at, there may be more.
    let is_bad = matches!(verdict, "incomplete" | "corrupt");
    let fits = match level {
        Some("standard") => verdict == verdict_by_the_contract(&but_for_what_may_be_unseen(backup)),
        Some("quick") => verdict != "complete",
        _ => true,
    };
    match is_known && fits && (is_bad == has_error || verdict == "unreadable") {
        true => Ok(()),
        false => Err(format!(
            "{verdict} by {} without {}",
            backup["findings"], backup["not_checked"]
        )),
    }
}

/// A list that is not encrypted tells all that this level looks at, without the keys of the payloads; and no
/// device reads Info.plist.
fn but_for_what_may_be_unseen(backup: &Value) -> Value {
    let mut backup = backup.clone();
    if let Some(checks) = backup["not_checked"].as_array_mut() {
        let may_be = [
            "key-invalid",
            "password-wrong",
            "info-missing",
            "info-unreadable",
        ];
        // A class whose keys nothing opens is another matter.
        let of_class = |check: &Value| {
            check["why"]
                .as_str()
                .is_some_and(|why| why.contains("class"))
        };
        checks.retain(|check| !may_be.iter().any(|id| check["id"] == *id) || of_class(check));
    }
    backup
}

/// What it may end with (contract §8): the document does not say which problem kept it from looking.
fn exit_codes(document: &Value, backups: &[Value]) -> &'static [u64] {
    let devices = list(document, "devices");
    let findings = || {
        backups
            .iter()
            .chain(devices)
            .flat_map(|of| list(of, "findings"))
    };
    let is_error = |finding: &Value| finding["severity"] == "error";
    let is_closed = |finding: &Value| finding["id"] == "password-wrong";
    let unseen = backups
        .iter()
        .any(|backup| backup["verdict"] == "unreadable");
    match () {
        () if findings().any(is_error) => &[2],
        () if unseen || backups.is_empty() || findings().any(is_closed) => &[3],
        () if !list(document, "problems").is_empty() => &[0, 3],
        () => &[0],
    }
}

/// What can go has a stand-in that is complete and stays, or is no copy of anything.
pub fn of_plan(report: &Report) -> Answer {
    for index in BackupIndex::all(report.backups.len()) {
        let decision = &report.plan.decisions[index];
        if decision.action != Action::Remove {
            continue;
        }
        let is_whole = |by: BackupIndex| {
            let stays = report.plan.decisions[by].action == Action::Keep;
            stays && by != index && report.backups[by].verdict == Verdict::Complete
        };
        let mut reasons = decision.reasons.iter();
        if !reasons.any(|reason| reason.why == Why::NotACopy || reason.by.is_some_and(is_whole)) {
            let path = &report.backups[index].path;
            return Err(format!("{path:?} can go: {:?}", decision.reasons));
        }
    }
    Ok(())
}
