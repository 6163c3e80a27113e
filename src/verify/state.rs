//! How far the last run came, as Status.plist and the dates tell (F§1.2, F§6).

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::model::{Effect, Example, Level, PlistFile, RUNNING_WITHIN, Severity, Status};
use crate::words::numbers;

use super::check::{Check, Explanation, Likely, Named, Run};
use super::evidence::Evidence;
use super::outcome::{Details, Outcome, run};
use super::remedy::{BEGIN_AGAIN, FINISH_THE_RUN, LEAVE_THE_CLEANUP, UNLOCK_IT};

const DAY: SignedDuration = SignedDuration::from_hours(24);

pub(super) const CHECKS: &[Check] = &[
    BACKUP_RUNNING,
    NEVER_FINISHED,
    UPDATE_INTERRUPTED,
    MOVE_INTERRUPTED,
    CLEANUP_INTERRUPTED,
    LATER_ATTEMPT_FAILED,
    STATE_UNKNOWN,
    STATE_UNSUPPORTED,
    LEFTOVER,
];

/// What a run that failed leaves.
pub(crate) const FAILED_RUNS: [&Check; 5] = [
    &NEVER_FINISHED,
    &UPDATE_INTERRUPTED,
    &MOVE_INTERRUPTED,
    &CLEANUP_INTERRUPTED,
    &LATER_ATTEMPT_FAILED,
];

pub(crate) const BACKUP_RUNNING: Check = Check {
    id: "backup-running",
    severity: Severity::Note,
    effect: Effect::InProgress,
    level: Level::Quick,
    explanation: Explanation {
        meaning: "The device seems to be writing this backup right now. Until it is done, \
                  all else that was found is only a note.",
        certainty: "A judgement: the run is not marked as finished and a file changed within \
                    the last hour, or it finished less than an hour ago and has no Info.plist \
                    yet, or the files changed while bkscan looked at them. A run that stopped \
                    less than an hour ago looks the same.",
        source: "The device marks a run in Status.plist as not finished from its first \
                 upload to the end of its clean-up. Apple's backup format has no known lock \
                 file to ask; the hour is bkscan's own rule.",
        action: "Leave the device connected until the backup is done.\n\
                 Then run bkscan again.\n\
                 If nothing changes for an hour, bkscan judges the backup as it stands.",
    },
    run: Run::Backup(backup_running),
    ..Check::USUAL
};

pub(crate) const NEVER_FINISHED: Check = Check {
    id: "never-finished",
    severity: Severity::Error,
    effect: Effect::Incomplete,
    level: Level::Quick,
    explanation: Explanation {
        meaning: "A first or full backup never came to its end. The device would not restore \
                  it. Files that did arrive may still be there.",
        certainty: "The state on the disk is a fact. It does not tell why the run stopped.",
        source: "The device's own restore code refuses such a backup with error 204; where \
                 there is no file list it says 'Initial backup failed while uploading \
                 files'. A new run can go on from what is there.",
        action: BEGIN_AGAIN.explained,
    },
    likely: Some(Likely::STOPPED),
    run: Run::Backup(never_finished),
    ..Check::USUAL
};

pub(crate) const UPDATE_INTERRUPTED: Check = Check {
    id: "update-interrupted",
    severity: Severity::Warning,
    effect: Effect::Interrupted,
    level: Level::Quick,
    explanation: Explanation {
        meaning: "The last update of this backup stopped before its end. The backup before \
                  it is still here, and its files were not touched.",
        certainty: "The state on the disk is a fact. Whether the earlier backup is whole is \
                    checked file by file, like any other.",
        source: "During an upload the device writes new files only into the folder Snapshot, \
                 and its own restore code would then use the earlier backup. The tool \
                 idevicebackup2 refuses to restore it; what Finder does is not known.",
        action: FINISH_THE_RUN.explained,
    },
    likely: Some(Likely::STOPPED),
    run: Run::Backup(update_interrupted),
    ..Check::USUAL
};

pub(crate) const MOVE_INTERRUPTED: Check = Check {
    id: "move-interrupted",
    severity: Severity::Warning,
    effect: Effect::Interrupted,
    level: Level::Quick,
    explanation: Explanation {
        meaning: "The last backup had arrived and then stopped while its files were put in \
                  place. Some are in their final place, others still in the folder Snapshot.",
        certainty: "The state on the disk is a fact. Every listed file is looked for in both \
                    places, so a file that is in neither is reported as missing.",
        source: "The device's own restore code takes files from Snapshot or from the backup \
                 in this state. The tool idevicebackup2 refuses to restore it; what Finder \
                 does is not known.",
        action: FINISH_THE_RUN.explained,
    },
    likely: Some(Likely::STOPPED),
    run: Run::Backup(move_interrupted),
    ..Check::USUAL
};

pub(crate) const CLEANUP_INTERRUPTED: Check = Check {
    id: "cleanup-interrupted",
    severity: Severity::Warning,
    effect: Effect::Interrupted,
    level: Level::Quick,
    explanation: Explanation {
        meaning: "The last backup is in place, but its run stopped before the clean-up was \
                  done. Some files that are no longer needed may still take space.",
        certainty: "The state on the disk is a fact. Whether all files are there is checked \
                    as usual.",
        source: "The device's own restore code treats this state like a finished one. The \
                 tool idevicebackup2 refuses to restore it; what Finder does is not known.",
        action: LEAVE_THE_CLEANUP.explained,
    },
    run: Run::Backup(cleanup_interrupted),
    ..Check::USUAL
};

pub(crate) const LATER_ATTEMPT_FAILED: Check = Check {
    id: "later-attempt-failed",
    severity: Severity::Warning,
    effect: Effect::Nothing,
    level: Level::Quick,
    explanation: Explanation {
        meaning: "A later backup seems to have been started and not finished. What is here \
                  is the earlier backup.",
        certainty: "A hint from dates alone: Info.plist is more than a day newer than the \
                    rest. It says nothing against the earlier backup.",
        source: "Since iOS 15.7.1 and 16.1 the device asks for its passcode at each start, \
                 and a dismissed prompt leaves a new Info.plist beside an old backup (seen \
                 in public code and a vendor's guide). When Finder writes Info.plist is not \
                 known.",
        action: UNLOCK_IT.explained,
    },
    likely: Some(Likely::NOT_STARTED),
    run: Run::Backup(later_attempt_failed),
    ..Check::USUAL
};

pub(crate) const STATE_UNKNOWN: Check = Check {
    id: "state-unknown",
    severity: Severity::Note,
    effect: Effect::Unverified,
    level: Level::Quick,
    explanation: Explanation {
        meaning: "Status.plist has a value that bkscan does not know, or lacks one that \
                  belongs there. How far the last run came cannot be told.",
        certainty: "What was read is a fact. It is no sign of damage, so the verdict is \
                    unverified at best and never corrupt for this alone.",
        source: "The device's own code knows four run states (uploading, moving, removing, \
                 finished) and three backup states (empty, old, new). A newer iOS may have \
                 more; that is not known.",
        action: "See which value it is: bkscan show BACKUP.\n\
                 If the device has a newer iOS than your bkscan, update bkscan.\n\
                 If you want to be sure, back up the device again.",
    },
    run: Run::Backup(state_unknown),
    ..Check::USUAL
};

pub(crate) const STATE_UNSUPPORTED: Check = Check {
    id: "state-unsupported",
    severity: Severity::Note,
    effect: Effect::Unverified,
    level: Level::Quick,
    explanation: Explanation {
        meaning: "Status.plist says that this backup was written by a version that bkscan \
                  does not know, or by a very old one. How far the last run came is not \
                  judged.",
        certainty: "The version on the disk is a fact. It is no sign of damage; whether some \
                    device still takes the backup cannot be told from here.",
        source: "The device's own code takes versions from 2.4 up to, but not including, \
                 4.0. It answers others, and the backup state 'old', with error 203.",
        action: "If the version is newer than your bkscan, update bkscan.\n\
                 If it is old and you still have the device, make a new backup.\n\
                 Keep this one until then.",
    },
    run: Run::Backup(state_unsupported),
    ..Check::USUAL
};

pub(crate) const LEFTOVER: Check = Check {
    id: "leftover",
    severity: Severity::Note,
    effect: Effect::Nothing,
    level: Level::Quick,
    explanation: Explanation {
        meaning: "Something in this folder is not part of the backup: most often the folder \
                  Snapshot of a failed run, or copies made by another program. It takes \
                  space and does no harm to the backup.",
        certainty: "That it lies in a finished backup is a fact. Who left it there is a \
                    guess from its name.",
        source: "The device removes Snapshot before it marks a run as finished, so one that \
                 remains points to a failed run or to a fault of a program. _unback_ and \
                 names like it belong to idevicebackup2, pymobiledevice3 and other tools \
                 (seen in public code).",
        action: "Back up the device again: a new run deals with Snapshot by itself.\n\
                 Ask yourself whether you still need the copies of another program; a \
                 decrypted copy is not protected by the backup's password.",
    },
    named: Named::IfLarge,
    run: Run::Backup(leftover),
    ..Check::USUAL
};

/// Status.plist; else why it tells nothing.
fn status<'a>(evidence: &Evidence<'a>) -> Result<&'a Status, Outcome> {
    if evidence.is_too_old() {
        return Err(Outcome::skipped("iOS 2 and 3 wrote another kind of status"));
    }
    match &evidence.metadata.status {
        PlistFile::Read(status) => Ok(status),
        PlistFile::Absent => Err(Outcome::skipped("there is no Status.plist")),
        PlistFile::Empty | PlistFile::Unreadable(_) => {
            Err(Outcome::skipped("Status.plist cannot be read"))
        }
        PlistFile::BeyondReader(why) => Err(Outcome::skipped(format!(
            "bkscan cannot read Status.plist: {why}"
        ))),
        PlistFile::Denied(why) => Err(Outcome::skipped(format!(
            "Status.plist could not be opened: {why}"
        ))),
    }
}

/// Whether Manifest.plist and a manifest are there and not empty.
fn has_manifest(evidence: &Evidence<'_>) -> bool {
    let metadata = evidence.metadata;
    let lists = ["Manifest.db", "Manifest.mbdb"];
    let is_in_cloud = lists.iter().any(|name| metadata.in_cloud.contains(name));
    metadata.manifest_plist.is_there() && (metadata.manifest_file.is_some() || is_in_cloud)
}

/// Whether the last run came to its end, and nothing else says that it did not (F§1.2, F§6.4).
///
/// # Errors
/// Where Status.plist tells nothing.
pub(super) fn is_finished(evidence: &Evidence<'_>) -> Result<bool, Outcome> {
    let status = status(evidence)?;
    let is_first = status.backup_state.as_deref() == Some("empty");
    Ok(status.is_finished() && !is_first && has_manifest(evidence))
}

/// A date, unless it is so far ahead that the clock that wrote it was wrong.
fn plausible(date: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    date.filter(|date| date.duration_since(now) <= DAY)
}

/// A single fact about a device, by its name if it has one.
fn fact_of_device(evidence: &Evidence<'_>, tell: impl Fn(&str) -> String) -> Outcome {
    const DEVICE: &str = "this device";
    let name = evidence.metadata.device_name().unwrap_or(DEVICE);
    Outcome::named_fact(tell(name), tell(DEVICE))
}

fn backup_running(evidence: &Evidence<'_>) -> Outcome {
    let Evidence {
        metadata,
        inventory,
        now,
        ..
    } = *evidence;
    if evidence.changing {
        return fact_of_device(evidence, |device| {
            format!(
                "A backup of {device} is running (its files changed while they were looked at); look \
                 again when it is done"
            )
        });
    }
    if evidence.is_too_old() {
        return Outcome::Passed;
    }
    let status = match &metadata.status {
        PlistFile::Absent => None,
        // One that cannot be read says nothing of how far a run came.
        _ => match status(evidence) {
            Ok(status) => Some(status),
            Err(skipped) => return skipped,
        },
    };
    let finished = status.is_some_and(Status::is_finished) && has_manifest(evidence);
    let dates = [
        status.and_then(|status| status.date),
        metadata.info.value().and_then(|info| info.last_backup),
    ];
    let newest = dates
        .into_iter()
        .filter_map(|date| plausible(date, now))
        .max();
    let of_this_week = newest.is_none_or(|date| now.duration_since(date) < DAY * 7);
    if let Some(minutes) = info_is_to_come(evidence, status) {
        let ago = numbers::counted(minutes, "minute", "minutes");
        return fact_of_device(evidence, |device| {
            format!(
                "A backup of {device} was finished {ago} ago and has no Info.plist yet, which is written \
                 last; look again when it is there"
            )
        });
    }
    match inventory.newest_change {
        Some(change)
            if !finished && of_this_week && now.duration_since(change) < RUNNING_WITHIN =>
        {
            let minutes = now.duration_since(change).as_mins().max(0).unsigned_abs();
            let ago = numbers::counted(minutes, "minute", "minutes");
            fact_of_device(evidence, |device| {
                format!(
                    "A backup of {device} is running (last change {ago} ago); look again when it is done"
                )
            })
        }
        _ => Outcome::Passed,
    }
}

/// How many minutes ago the run was finished, where that is less than an hour and Info.plist, which the
/// computer writes minutes later, is still to come (contract §3).
fn info_is_to_come(evidence: &Evidence<'_>, status: Option<&Status>) -> Option<u64> {
    if !matches!(evidence.metadata.info, PlistFile::Absent | PlistFile::Empty) {
        return None;
    }
    let status = status.filter(|status| status.is_finished())?;
    let finished = plausible(status.date, evidence.now)?;
    let ago = evidence.now.duration_since(finished);
    (ago < RUNNING_WITHIN).then(|| ago.as_mins().max(0).unsigned_abs())
}

fn never_finished(evidence: &Evidence<'_>) -> Outcome {
    run(|| {
        let status = status(evidence)?;
        let uploading = status.snapshot_state.as_deref() == Some("uploading");
        let empty = status.backup_state.as_deref() == Some("empty");
        Ok(Outcome::fact_if(
            empty || uploading && !has_manifest(evidence),
            || {
                "A first or full backup never finished: the device had not sent everything when it \
                 stopped"
                    .to_owned()
            },
        ))
    })
}

/// Whether the run stopped in `state`, and what was there before it still counts.
fn stopped_in(evidence: &Evidence<'_>, state: &str, message: &str) -> Outcome {
    run(|| {
        let status = status(evidence)?;
        let stopped = status.snapshot_state.as_deref() == Some(state)
            && !matches!(status.backup_state.as_deref(), Some("empty" | "old"));
        Ok(Outcome::fact_if(stopped, || message.to_owned()))
    })
}

fn update_interrupted(evidence: &Evidence<'_>) -> Outcome {
    let is_new = |status: &Status| status.backup_state.as_deref() == Some("new");
    match status(evidence) {
        Err(skipped) => return skipped,
        // Without a manifest it is `never-finished`, in another state `state-unknown`.
        Ok(status) if !has_manifest(evidence) || !is_new(status) => return Outcome::Passed,
        Ok(_) => {}
    }
    stopped_in(
        evidence,
        "uploading",
        "The last backup stopped before the end; the one before it is still there",
    )
}

fn move_interrupted(evidence: &Evidence<'_>) -> Outcome {
    stopped_in(
        evidence,
        "moving",
        "The last backup stopped while its files were put in place; they are looked for in both \
         places",
    )
}

fn cleanup_interrupted(evidence: &Evidence<'_>) -> Outcome {
    stopped_in(
        evidence,
        "removing",
        "The last backup has all its files, but stopped while it cleaned up",
    )
}

fn later_attempt_failed(evidence: &Evidence<'_>) -> Outcome {
    run(|| {
        let Evidence { metadata, now, .. } = *evidence;
        if metadata.archived {
            return Ok(Outcome::Passed);
        }
        let status = status(evidence)?;
        let info = metadata
            .info
            .value()
            .and_then(|info| plausible(info.last_backup, now));
        let manifest = metadata.manifest_plist.value().and_then(|plist| plist.date);
        let dates = (info, manifest, status.date);
        let (Some(info), Some(manifest), Some(finished)) = dates else {
            return Ok(Outcome::Passed);
        };
        let later = status.is_finished() && info.duration_since(manifest.max(finished)) > DAY;
        Ok(Outcome::fact_if(later, || {
            format!(
                "A later attempt of {} seems not to have finished; what is here is the backup of {}",
                numbers::day(info, &TimeZone::UTC),
                numbers::day(manifest, &TimeZone::UTC)
            )
        }))
    })
}

/// The version of a Status.plist as two numbers, such as `3.3`.
fn version(status: &Status) -> Option<(u32, u32)> {
    let text = status.version.as_deref()?;
    let (major, minor) = text.split_once('.').unwrap_or((text, "0"));
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// The states that a device writes: closed lists there (F§6.1).
pub const SNAPSHOT_STATES: [&str; 4] = ["uploading", "moving", "removing", "finished"];
/// The same of the backup.
pub const BACKUP_STATES: [&str; 3] = ["empty", "old", "new"];

fn state_unknown(evidence: &Evidence<'_>) -> Outcome {
    run(|| {
        let status = status(evidence)?;
        // As it is told, and as it is told without what may be anything.
        let mut unknown: Vec<(String, String)> = Vec::new();
        let mut add = |key: &str, value: Option<&str>| match value {
            None => {
                let missing = format!("{key} is missing or no text");
                unknown.push((missing.clone(), missing));
            }
            Some(value) => {
                let told = format!("{key} is \"{value}\"");
                unknown.push((told, format!("{key} is another word")));
            }
        };
        for (key, value, known) in [
            (
                "SnapshotState",
                &status.snapshot_state,
                &SNAPSHOT_STATES[..],
            ),
            ("BackupState", &status.backup_state, &BACKUP_STATES[..]),
        ] {
            match value.as_deref() {
                Some(value) if known.contains(&value) => {}
                value => add(key, value),
            }
        }
        if version(status).is_none() {
            add("Version", status.version.as_deref());
        }
        if unknown.is_empty() {
            return Ok(Outcome::Passed);
        }
        let (told, unnamed): (Vec<String>, Vec<String>) = unknown.into_iter().unzip();
        let [told, unnamed] = [told, unnamed].map(|all| {
            let all = all.join(", ");
            format!("Status.plist tells no state that is known: {all}")
        });
        Ok(Outcome::named_fact(told, unnamed))
    })
}

fn state_unsupported(evidence: &Evidence<'_>) -> Outcome {
    run(|| {
        let status = status(evidence)?;
        if status.backup_state.as_deref() == Some("old") {
            return Ok(Outcome::fact(
                "Written by a very old version; current ones do not take it",
            ));
        }
        // Devices take 2.4 up to, but not including, 4.0 (F§6.1).
        let age = match version(status) {
            Some(version) if version >= (4, 0) => "a newer version than is known here",
            Some(version) if version < (2, 4) => "an older version than devices take",
            _ => return Ok(Outcome::Passed),
        };
        let written = status.version.as_deref().unwrap_or_default();
        Ok(Outcome::fact(format!(
            "Written by {age} (Status.plist {written})"
        )))
    })
}

/// How many leftovers a message names.
const NAMED: usize = 3;

fn leftover(evidence: &Evidence<'_>) -> Outcome {
    run(|| {
        if !status(evidence)?.is_finished() {
            return Ok(Outcome::Passed);
        }
        let leftovers = &evidence.inventory.leftovers;
        if leftovers.is_empty() {
            return Ok(Outcome::Passed);
        }
        let (count, bytes) = leftovers
            .iter()
            .fold((0_u64, 0_u64), |(files, bytes), leftover| {
                (files + leftover.files, bytes.saturating_add(leftover.bytes))
            });
        // A sentence has room for a few; the examples name more.
        let mut names: Vec<String> = leftovers
            .iter()
            .take(NAMED)
            .map(|leftover| leftover.name.clone())
            .collect();
        let more = leftovers.len().saturating_sub(NAMED) as u64;
        if more > 0 {
            names.push(format!("{} more", numbers::count(more)));
        }
        let (files, size) = (
            numbers::counted(count, "file", "files"),
            numbers::size(bytes),
        );
        let tell = |named: &str| {
            format!(
                "Left over from a failed run or another tool{named} ({files}, {size}); not part of the \
                 backup"
            )
        };
        let examples = leftovers
            .iter()
            .map(|leftover| Example {
                path: Some(leftover.name.clone()),
                bytes: Some(leftover.bytes),
                ..Example::default()
            })
            .collect();
        Ok(Outcome::Failed(Details {
            count,
            bytes,
            message: tell(&format!(": {}", names.join(", "))),
            unnamed: Some(tell("")),
            examples,
            hint: None,
        }))
    })
}
