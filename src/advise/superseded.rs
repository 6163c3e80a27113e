//! Step 1: what newer backups stand in for, and can go from this computer.

use crate::cover::losses;
use crate::model::{Advice, BackupIndex, Report};
use crate::system::System;
use crate::words::{self, numbers, shell};

use super::naming;

/// The id of the advice to let go what is superseded.
pub const ID: &str = "remove-old-backups";

/// How many losses are told of several backups.
const MOST_LOSSES: usize = 3;

/// What is said where whatever is in a backup may be lost.
const NOT_COMPARED: &str = "what they hold could not be compared";

/// What there is to advise about backups that are not needed any more.
pub fn advise(report: &Report, system: System) -> Option<Advice> {
    let removal = &report.plan.removable;
    let first = *removal.backups.first()?;
    let size = numbers::freed(removal.frees);
    let names = naming::names(report, &removal.backups);
    let (lead, short) = match (removal.backups.as_slice(), stand_in(report, first)) {
        ([_], Some(by)) => of_one(report, first, by, &names[0]),
        ([_], None) => (
            format!(
                "A folder of {} holds nothing but its description.",
                names[0]
            ),
            format!("A folder of {} is empty.", names[0]),
        ),
        (members, _) => of_several(report, members, &naming::listed_or_counted(&names)),
    };
    Some(Advice {
        step: 1,
        id: ID,
        title: format!("Free {size}"),
        seen: vec![],
        text: vec![lead.clone()],
        lead,
        short,
        bytes: Some(removal.frees.bytes),
        command: Some(shell::command(system, &["clean"], report)),
        remark: Some("The plan, which deletes nothing:"),
        backups: removal.backups.clone(),
    })
}

/// The newer backup that stands in for one.
fn stand_in(report: &Report, index: BackupIndex) -> Option<BackupIndex> {
    let reasons = &report.plan.decisions[index].reasons;
    reasons.first().and_then(|reason| reason.by)
}

/// Whether names and lengths are all that is known of what the newer one has of it.
fn is_known_by_names(report: &Report, index: BackupIndex) -> bool {
    let by = stand_in(report, index).map(|by| &report.backups[by]);
    report.backups[index].is_known_by_names(by)
}

/// Why one backup is not needed, long and short.
fn of_one(report: &Report, index: BackupIndex, by: BackupIndex, name: &str) -> (String, String) {
    let verdict = report.backups[by].verdict.as_str();
    let newer = format!("{name} has a newer {verdict} backup");
    if is_not_compared(report, index) {
        let text = format!("{newer}; {NOT_COMPARED}.");
        return (text.clone(), text);
    }
    let but = behind(" but for ", lacking(report, &[index]).as_deref());
    let (everything, all) = match is_known_by_names(report, index) {
        true => (
            "has, by name, every encrypted file",
            "has all of its encrypted files by name",
        ),
        false => (
            "holds every photo, message and recording",
            "holds all of it",
        ),
    };
    let lead = match (naming::day(report, by), naming::day(report, index)) {
        (Some(new), Some(old)) => format!(
            "The backup of {name} of {new} is {verdict} and {everything} that the one of {old} does{but}."
        ),
        _ => format!("{newer}; it {everything} that the older one does{but}."),
    };
    (lead, format!("A newer backup of {name} {all}{but}."))
}

/// Why several backups, of the devices of these names, are not needed, long and short.
fn of_several(report: &Report, members: &[BackupIndex], names: &str) -> (String, String) {
    let count = numbers::counted(members.len() as u64, "backup", "backups");
    let needed = format!("{count} of {names} are not needed");
    let is_empty = |index: &BackupIndex| {
        let mut reasons = report.plan.decisions[*index].reasons.iter();
        reasons.any(|reason| reason.by.is_none())
    };
    let all = match members
        .iter()
        .any(|index| is_known_by_names(report, *index))
    {
        true => "newer ones hold what they do, as far as names and lengths tell",
        false => "newer ones hold every photo, message and recording in them",
    };
    let lacking = lacking(report, members);
    let but = behind(" but for ", lacking.as_deref());
    let lead = match (members.iter().all(is_empty), members.iter().any(is_empty)) {
        (true, _) => format!("{needed}: there is nothing in them but a description."),
        _ if members.iter().any(|index| is_not_compared(report, *index)) => {
            format!("{needed}: newer ones exist; {NOT_COMPARED}.")
        }
        (_, true) => format!("{needed}: {all}, or there is nothing in them{but}."),
        _ => format!("{needed}: {all}{but}."),
    };
    let not_there = behind("; not in the newer ones: ", lacking.as_deref());
    (lead, format!("{needed}{not_there}."))
}

/// Whether a backup may go although nobody knows whether the newer one holds all of it.
fn is_not_compared(report: &Report, index: BackupIndex) -> bool {
    let decision = &report.plan.decisions[index];
    let has_newer = decision.reasons.iter().any(|reason| reason.by.is_some());
    has_newer && decision.only_here.is_none() && !report.backups[index].holds_nothing()
}

/// `12 photos and videos (3.1 MB)`, where the newer one lacks some; of several also whose they are.
fn lacking(report: &Report, members: &[BackupIndex]) -> Option<String> {
    let lost = |index: &BackupIndex| {
        let lost = losses::all(report.plan.decisions[*index].only_here.as_ref()?);
        (!lost.is_empty()).then(|| words::listed(&lost))
    };
    if let [one] = members {
        return lost(one);
    }
    let told = members.iter().filter_map(|index| {
        let day = naming::day(report, *index);
        let of = day.map_or_else(String::new, |day| format!(" of {day}"));
        Some(format!("{}{of}", lost(index)?))
    });
    let mut told: Vec<String> = told.collect();
    let more = told.len().saturating_sub(MOST_LOSSES);
    told.truncate(MOST_LOSSES);
    if more > 0 {
        told.push(format!("and what the plan names of {more} more"));
    }
    (!told.is_empty()).then(|| told.join("; "))
}

/// What of them is lacking, behind these words; nothing where nothing is.
fn behind(words: &str, lacking: Option<&str>) -> String {
    lacking.map_or_else(String::new, |lacking| format!("{words}{lacking}"))
}
