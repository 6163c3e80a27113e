//! Step 1: what only its owner can decide, because it holds more than a newer backup or is the only one.

use std::ffi::OsString;

use crate::cover::losses;
use crate::model::{Advice, BackupIndex, Flag, Removal, Report, Why};
use crate::plan::{self, reasons};
use crate::system::System;
use crate::words::{self, numbers, shell};

use super::naming;

/// The id of the advice about what only the user can decide.
pub const ID: &str = "decide-yourself";

/// Of how many backups it is told that another device's holds much of them; the others are counted.
const MOST_ELSEWHERE: usize = 3;

/// What only its owner can decide: what holds more than a newer backup, by device, and all the rest
/// together.
pub fn advise(report: &Report, system: System) -> Vec<Advice> {
    let asked = report.plan.on_request.backups.iter().copied();
    let (holding, rest): (Vec<BackupIndex>, Vec<BackupIndex>) =
        asked.partition(|index| held_by(report, *index).is_some());
    let of_devices = report.devices.iter().filter_map(|device| {
        let own = |index: &&BackupIndex| device.backups.contains(index);
        let members: Vec<BackupIndex> = holding.iter().filter(own).copied().collect();
        decide_about_more(report, &members, system)
    });
    let mut advice: Vec<Advice> = of_devices.collect();
    advice.extend(decide_about(report, &rest, system));
    advice
}

/// The newer backup that does not hold all that this one does, where it is known what it lacks.
fn held_by(report: &Report, index: BackupIndex) -> Option<BackupIndex> {
    let decision = &report.plan.decisions[index];
    let mut reasons = decision.reasons.iter();
    let reason = reasons.find(|reason| reason.why == Why::HoldsMore)?;
    let only = decision.only_here.as_ref()?;
    reason.by.filter(|_| !losses::mattering(only).is_empty())
}

/// The backups of one device that hold more than a newer one.
fn decide_about_more(report: &Report, members: &[BackupIndex], system: System) -> Option<Advice> {
    let first = *members.first()?;
    let sentence = |index: &BackupIndex| {
        let by = held_by(report, *index)?;
        let only = report.plan.decisions[*index].only_here.as_ref()?;
        let lost = words::listed(&losses::mattering(only));
        let newer = &report.backups[by];
        let the_one = match naming::day(report, by) {
            Some(day) => format!("the one of {day}"),
            None => "the newer one".to_owned(),
        };
        let verdict = newer.verdict.as_str();
        let mut text = match (members, naming::day(report, *index)) {
            // Of several, each other one may hold it, too.
            ([_, _, ..], Some(day)) => format!(
                "That of {day} holds {lost}, which {the_one} does not, though it is {verdict}"
            ),
            _ => {
                let them = if losses::is_one(only) { "it" } else { "them" };
                format!("Only in it: {lost}; {the_one} is {verdict} but does not hold {them}")
            }
        };
        for remark in losses::remarks(only, report) {
            text += &format!("; {remark}");
        }
        Some(text + ".")
    };
    let text: Vec<String> = members.iter().filter_map(sentence).collect();
    let lead = text.first()?.clone();
    let frees = plan::frees(&report.backups, members);
    let only = report.plan.decisions[first].only_here.as_ref()?;
    let short = format!("Only in it: {}.", words::listed(&losses::mattering(only)));
    // Several are told one by one, and compared one by one: the command begins with the newest.
    let words = [first, held_by(report, first)?].map(|index| word(report, index));
    Some(Advice {
        step: 1,
        id: ID,
        title: format!(
            "Decide about {}, {}",
            words::listed(&called(report, members)),
            numbers::freed(frees)
        ),
        seen: vec![],
        short: if members.len() == 1 {
            short
        } else {
            lead.clone()
        },
        lead,
        text,
        bytes: Some(frees.bytes),
        command: Some(shell::call(system, "diff", &words, &report.looked_with)),
        remark: None,
        backups: members.to_vec(),
    })
}

/// Whether this is the advice about backups of one device that hold more than a newer one.
pub fn is_about_more(item: &Advice, report: &Report) -> bool {
    let first = item.backups.first();
    item.id == ID && first.is_some_and(|first| held_by(report, *first).is_some())
}

/// The advice about backups of several devices that hold more than a newer one, in one, with an example.
pub fn in_one(items: &[&Advice], report: &Report, system: System) -> Advice {
    let members: Vec<BackupIndex> = items.iter().flat_map(|item| item.backups.clone()).collect();
    let frees = plan::frees(&report.backups, &members);
    let lead = "The plan tells of each what a newer one of its device does not hold, for example:";
    let example = items.iter().find_map(|item| of_newest(item, report));
    // The advice about what can go has the same call.
    let is_called = !report.plan.removable.backups.is_empty();
    Advice {
        step: 1,
        id: ID,
        title: format!(
            "Decide about {} backups of {} devices, {}",
            members.len(),
            items.len(),
            numbers::freed(frees)
        ),
        seen: vec![],
        text: [lead.to_owned()].into_iter().chain(example).collect(),
        short: lead.to_owned(),
        lead: lead.to_owned(),
        bytes: Some(frees.bytes),
        command: (!is_called).then(|| shell::command(system, &["clean"], report)),
        remark: (!is_called).then_some("The plan, which deletes nothing:"),
        backups: members,
    }
}

/// `  Ada's iPhone of 14 Jun 2025: 33 photos and videos (3.1 MB) and Notes`.
fn of_newest(item: &Advice, report: &Report) -> Option<String> {
    let first = *item.backups.first()?;
    let name = naming::name(report, &report.backups[first]);
    let day = naming::day(report, first).map_or_else(String::new, |day| format!(" of {day}"));
    let only = report.plan.decisions[first].only_here.as_ref()?;
    let lost = words::listed(&losses::mattering(only));
    Some(format!("  {name}{day}: {lost}"))
}

/// What names a backup where the system keeps it: its folder's name; elsewhere its path.
fn word(report: &Report, index: BackupIndex) -> OsString {
    let path = &report.backups[index].path;
    match shell::is_in_place(report) {
        true => shell::exact_word_for(report, path),
        false => path.clone().into_os_string(),
    }
}

fn decide_about(report: &Report, members: &[BackupIndex], system: System) -> Option<Advice> {
    let removal = &Removal {
        frees: plan::frees(&report.backups, members),
        backups: members.to_vec(),
    };
    let first = *removal.backups.first()?;
    let names = called(report, &removal.backups);
    let only = report.plan.decisions[first].flags.contains(&Flag::OnlyCopy);
    let in_place = shell::is_in_place(report);
    let (lead, short) = match removal.backups.as_slice() {
        [_] if only && in_place => (
            "It is the only backup of that device, so bkscan never picks it.".to_owned(),
            "Its only backup, never picked.".to_owned(),
        ),
        [_] if only => (
            "It is the only backup of that device in what was scanned, so bkscan never picks it."
                .to_owned(),
            "Its only backup here, never picked.".to_owned(),
        ),
        [_] => only_you_know(report, first),
        _ => (
            "Only you can know which of them are still needed, so bkscan never picks them."
                .to_owned(),
            "Only you can know; bkscan never picks them.".to_owned(),
        ),
    };
    let until_then = unfinished(report, members);
    let text = [vec![lead], until_then.clone(), elsewhere(report, members)].concat();
    Some(Advice {
        step: 1,
        id: ID,
        title: format!(
            "Decide about {}, {}",
            words::listed(&names),
            numbers::freed(removal.frees)
        ),
        seen: vec![],
        lead: text.join(" "),
        text,
        short: [vec![short], until_then].concat().join(" "),
        bytes: Some(removal.frees.bytes),
        command: Some(shell::only_command(
            system,
            report,
            &plan::to_be_named(report, members),
        )),
        remark: Some(match members.len() {
            1 => "The plan, which deletes nothing:",
            _ => "The plan, which deletes nothing; leave out what you keep:",
        }),
        backups: removal.backups.clone(),
    })
}

/// Why it is for its owner to decide, long and short.
fn only_you_know(report: &Report, index: BackupIndex) -> (String, String) {
    let mut reasons = report.plan.decisions[index].reasons.iter();
    // That it is archived its name says.
    let told = reasons.find(|reason| !matches!(reason.why, Why::Archived | Why::Named));
    match told.map(|reason| reasons::text(reason, index, report, &report.zone)) {
        Some(why) => (
            format!("Only you can know whether it is still needed: {why}."),
            format!("Only you can know: {why}."),
        ),
        None => (
            "Only you can know whether it is still needed, so bkscan never picks it.".to_owned(),
            "Only you can know; bkscan never picks it.".to_owned(),
        ),
    }
}

/// What is to stay until there is something better: all that a device has, of a run that did not finish.
fn unfinished(report: &Report, members: &[BackupIndex]) -> Vec<String> {
    let is_kept = |index: &&BackupIndex| plan::is_all_of_first_run(report, **index);
    let kept: Vec<BackupIndex> = members.iter().filter(is_kept).copied().collect();
    match (kept.as_slice(), members) {
        ([], _) => vec![],
        (_, [_]) => vec!["Keep it until a new one is complete.".to_owned()],
        _ => {
            let names = words::listed(&naming::names(report, &kept));
            vec![format!("Keep that of {names} until a new one is complete.")]
        }
    }
}

/// Which newer backups of other devices hold much of these, a sentence each.
fn elsewhere(report: &Report, members: &[BackupIndex]) -> Vec<String> {
    let sentence = |index: &BackupIndex| {
        let only = report.plan.decisions[*index].only_here.as_ref()?;
        let held = losses::held_elsewhere(only, only.held_elsewhere?, report, &report.zone);
        Some(match members {
            [_] => format!("{held}."),
            _ => format!(
                "Of {}: {held}.",
                naming::name(report, &report.backups[*index])
            ),
        })
    };
    let mut told: Vec<String> = members.iter().filter_map(sentence).collect();
    let more = told.len().saturating_sub(MOST_ELSEWHERE);
    if more > 0 {
        told.truncate(MOST_ELSEWHERE);
        told.push(format!("The plan tells the same of {more} more."));
    }
    told
}

/// What to call these backups: by their devices; where one has other backups, which are not meant, by
/// the day or the number too.
fn called(report: &Report, members: &[BackupIndex]) -> Vec<String> {
    let has_others = |index: BackupIndex| {
        let mut devices = report.devices.iter();
        let own = devices.find(|device| device.backups.contains(&index));
        own.is_some_and(|own| own.backups.iter().any(|other| !members.contains(other)))
    };
    let mut groups: Vec<(String, bool, Vec<BackupIndex>)> = Vec::new();
    for index in members {
        let (name, others) = (
            naming::name(report, &report.backups[*index]),
            has_others(*index),
        );
        let same = |group: &&mut (String, bool, _)| group.0 == name && group.1 == others;
        match groups.iter_mut().find(same) {
            Some((.., group)) => group.push(*index),
            None => groups.push((name, others, vec![*index])),
        }
    }
    let called = groups.iter().map(|(name, others, group)| {
        let day = |index: &BackupIndex| naming::day(report, *index);
        match (others, group.as_slice()) {
            (true, [one]) => match day(one) {
                Some(day) => format!("\"{name}\" of {day}"),
                None => format!("1 backup of \"{name}\""),
            },
            (true, several) => format!("{} backups of \"{name}\"", several.len()),
            (false, _) => format!("\"{name}\""),
        }
    });
    called.collect()
}
