//! The list of removals: one line of JSON in the state folder for each folder that was to go, with what
//! went for good with it. That it cannot be written stops nothing.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::clean::{CleanPlan, Done, What};
use crate::model::{BackupIndex, BackupReport, LossKind, OnlyHere, Report};
use crate::state::{FirstError, StateFolder};
use crate::system;

use crate::cli::session::Session;

/// Notes in the list of removals what came of each. That this fails changes nothing
/// but for one line on stderr.
pub struct Notes<'a> {
    session: &'a Session,
    state: &'a StateFolder,
    error: FirstError,
}

impl<'a> Notes<'a> {
    /// Notes in this state folder.
    pub fn new(session: &'a Session, state: &'a StateFolder) -> Notes<'a> {
        Notes {
            session,
            state,
            error: FirstError::default(),
        }
    }

    /// Notes what came of an item of the plan.
    pub fn end(&self, plan: &CleanPlan, report: &Report, done: &Done) {
        let line = line(plan, report, done, &self.session.now().to_string());
        self.error.keep(self.state.record_removal(&line));
    }

    /// Says on stderr that the list could not be written, if so.
    pub fn tell(self, not_noted: Option<io::Error>) {
        if let Some(error) = self.error.into_inner().or(not_noted) {
            self.session.say(&format!(
                "what was removed could not be noted in removals.jsonl: {}",
                system::in_words(&error)
            ));
        }
    }
}

/// One line of the list of removals.
fn line(plan: &CleanPlan, report: &Report, done: &Done, at: &str) -> String {
    let item = &plan.items[done.item];
    let backup = match item.what {
        What::Backup(backup) => Some(backup),
        What::Leftover { .. } => None,
    };
    let judged = backup.map(|backup| &report.backups[backup]);
    let only_here = backup.and_then(|backup| plan.decision(report, backup).only_here.as_ref());
    let last = judged.and_then(|judged| judged.last_backup);
    let reasons = item.reasons.iter().map(|reason| reason.why.as_str());
    json!({
        "at": at,
        "path": absolute(&item.path).display().to_string(),
        "udid": judged.and_then(|judged| judged.udid.as_ref()).map(|udid| udid.as_str()),
        "name": judged.and_then(|judged| judged.device.name.as_deref()),
        // With the next one, what a scan tells it by from another backup in the same place.
        "last_backup": last.map(|last| last.at.to_string()),
        "status_uuid": judged.and_then(|judged| judged.status_uuid.as_deref()),
        "action": item.what.action(),
        "outcome": done.outcome.as_str(),
        "why": done.outcome.why(),
        "files": done.files,
        "freed_bytes": done.freed,
        "reasons": reasons.collect::<Vec<_>>(),
        "only_here": only_here.map(|only_here| of_only_here(only_here, report)),
        "foreign": judged.and_then(foreign),
        "unlisted": only_here.and_then(unlisted),
    })
    .to_string()
}

/// Files that are no part of a backup: so many names as are known.
fn foreign(backup: &BackupReport) -> Option<Value> {
    let foreign = &backup.foreign;
    let names = foreign.first.iter().filter_map(|file| file.place.as_ref());
    (foreign.count > 0).then(|| {
        json!({ "files": foreign.count, "bytes": foreign.bytes, "names": names.collect::<Vec<_>>() })
    })
}

/// Payloads that no list names, and that the one it was compared with does not have.
fn unlisted(only_here: &OnlyHere) -> Option<Value> {
    let mut groups = only_here.groups.iter();
    let strays = groups.find(|loss| loss.kind == LossKind::Strays)?;
    Some(json!({ "files": strays.files, "bytes": strays.bytes }))
}

/// What goes for good with a backup.
fn of_only_here(only_here: &OnlyHere, report: &Report) -> Value {
    let path = |index: BackupIndex| report.backups[index].path.display().to_string();
    let groups = only_here.groups.iter().map(|loss| {
        json!({
            "group": loss.name,
            "files": loss.files,
            "bytes": loss.bytes,
            "of_files": loss.of_files,
            "of_bytes": loss.of_bytes,
        })
    });
    let databases = only_here.databases.iter().map(
        |loss| json!({ "name": loss.name, "bytes": loss.bytes, "other_bytes": loss.other_bytes }),
    );
    let elsewhere = only_here.held_elsewhere.map(
        |held| json!({ "path": path(held.by), "files": held.files, "of_files": held.of_files }),
    );
    json!({
        "than": only_here.than.map(path),
        "groups": groups.collect::<Vec<_>>(),
        "databases": databases.collect::<Vec<_>>(),
        "held_elsewhere": elsewhere,
    })
}

/// The path as it is from anywhere; as it was given, where it cannot be told.
fn absolute(path: &Path) -> PathBuf {
    let (around, name) = system::place(path);
    around
        .canonicalize()
        .map_or_else(|_| path.to_owned(), |around| around.join(name))
}
